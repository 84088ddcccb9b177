//! How a law is broken.

use thiserror::Error;

use super::company::Deed;
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
    /// An order of somebody who is there is in no figure, though no deed says that it was a mistake.
    #[error("{law}: order {} of {person} on {} is in no figure, and no deed says that it was a mistake", deed.number, super::date(deed.day))]
    Unanswered {
        /// The law.
        law: &'static str,
        /// Whose it is.
        person: String,
        /// The order.
        deed: Deed,
    },
    /// The rows of a level do not add up to what they should.
    #[error("{law}: {column} of all rows of level {level} are {}, and should be {wanted}", shown(Some(*found)))]
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

fn shown(answer: Option<Result<Ratio, Reason>>) -> String {
    match answer {
        None => "nothing".to_owned(),
        Some(Ok(number)) => number.to_string(),
        Some(Err(reason)) => reason.to_string(),
    }
}
