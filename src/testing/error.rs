//! How a law is broken.

use thiserror::Error;

use super::company::{Deed, Did};
use super::planner::Cell;
use crate::panel::Reason;
use crate::quantity::Ratio;

/// A law is broken: the first answer by which it is seen, in the order of levels, rows and periods. With `?` in a `proptest!` it fails the
/// case, which then shrinks.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Broken {
    /// An answer is another one than the law has it.
    #[error("{law}: {cell} is {}, and not {}", shown(*found), shown(*wanted))]
    Answer {
        /// The law.
        law: &'static str,
        /// Where.
        cell: Cell,
        /// What it should be; nothing where there should be no answer.
        wanted: Option<Result<Ratio, Reason>>,
        /// What it is.
        found: Option<Result<Ratio, Reason>>,
    },
    /// No level has anything of a column.
    #[error("{law}: nothing is answered of {column}, which comes to {wanted}")]
    Unanswered {
        /// The law.
        law: &'static str,
        /// The column.
        column: String,
        /// What was planned; what came in, less what was left out.
        wanted: Ratio,
    },
    /// An order of somebody who is there is in no figure, though no deed says that it was a mistake.
    #[error("{law}: order {}{} on {} is in no figure, and no deed says that it was a mistake", deed.number, whose(deed), super::date(deed.day))]
    LeftOut {
        /// The law.
        law: &'static str,
        /// The order.
        deed: Deed,
    },
    /// The rows of a level do not add up to what they should.
    #[error("{law}: {column} over all rows of {level} comes to {}, and should be {wanted}", shown(Some(*found)))]
    Total {
        /// The law.
        law: &'static str,
        /// The level.
        level: String,
        /// The column.
        column: String,
        /// What was planned; what came in, less what was left out.
        wanted: Ratio,
        /// What is placed.
        found: Result<Ratio, Reason>,
    },
    /// The target of a day is another one.
    #[error("{law}: the target of {person} on {day} is {found}, and not {wanted}")]
    Target {
        /// The law.
        law: &'static str,
        /// The person.
        person: String,
        /// The day.
        day: chrono::NaiveDate,
        /// What it should be, in cents.
        wanted: i64,
        /// What it is.
        found: i64,
    },
    /// It was planned, and nothing was decided.
    #[error("{law}: a plan was made, and nothing says that anybody agreed on it")]
    Undecided {
        /// The law.
        law: &'static str,
    },
    /// A decision is gone, or has other numbers.
    #[error("{law}: what was decided as `{decision}` was {wanted}, and is {}", found.as_deref().unwrap_or("gone"))]
    Decision {
        /// The law.
        law: &'static str,
        /// The decision.
        decision: String,
        /// Its numbers when it was made.
        wanted: String,
        /// Its numbers now, if it is there.
        found: Option<String>,
    },
}

fn whose(deed: &Deed) -> String {
    match &deed.what {
        Did::Recorded(own) => format!(" of {}", own.person),
        _ => String::new(),
    }
}

fn shown(answer: Option<Result<Ratio, Reason>>) -> String {
    match answer {
        None => "nothing".to_owned(),
        Some(Ok(number)) => number.to_string(),
        Some(Err(reason)) => reason.to_string(),
    }
}
