//! What can be wrong with pay.

use chrono::NaiveDate;
use thiserror::Error;

use crate::allocation::AllocationError;
use crate::band::BandError;
use crate::key::{Key, KeyError, Known, hint};
use crate::panel::PanelError;
use crate::quantity::{QuantityError, Quantum, Ratio};
use crate::scorecard::ScorecardError;

/// What can be wrong with a pay plan, one of its parts, or a panel from which it is to pay.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PayError {
    /// Something is wrong inside a named part of a document.
    #[error("{place}: {source}")]
    In {
        /// The part.
        place: String,
        /// What is wrong there.
        source: Box<Self>,
    },
    /// An input, a curve or a card is wrong, or the panel does not have what it needs.
    #[error(transparent)]
    Scorecard(#[from] ScorecardError),
    /// A table of tiers is wrong.
    #[error(transparent)]
    Band(#[from] BandError),
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The panel does not have what the plan needs.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A number cannot be read or leaves its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// A pool or a credit cannot be split.
    #[error(transparent)]
    Allocation(#[from] AllocationError),
    /// There are more things than a document may hold.
    #[error("{count} {what} are more than {limit}")]
    TooMany {
        /// Which things.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A plan pays for nothing.
    #[error("there is no element")]
    NoElement,
    /// The floor is above the cap.
    #[error("the floor {floor} is above the cap {cap}")]
    FloorAboveCap {
        /// The floor.
        floor: Ratio,
        /// The cap.
        cap: Ratio,
    },
    /// The shares of a deal do not make 100 %.
    #[error("the shares of a deal add up to {}, not 100%", percent(*sum))]
    Shares {
        /// Their sum.
        sum: Ratio,
    },
    /// A share of a deal is below zero.
    #[error("the share {share} of a deal is below zero")]
    NegativeShare {
        /// The share.
        share: Ratio,
    },
    /// A draw or a debt is below zero.
    #[error("a {what} of {units} is below zero")]
    Negative {
        /// What is below zero.
        what: &'static str,
        /// How many quanta.
        units: i64,
    },
    /// More of a sale is unpaid than there is of it, or less than nothing.
    #[error("of `{of}`, a sale of {sale}, {unpaid} cannot be unpaid: write 0 to {sale}")]
    Unpaid {
        /// What was sold.
        of: Key,
        /// What is said to be unpaid, in quanta.
        unpaid: i64,
        /// The sale, in quanta.
        sale: i64,
    },
    /// A plan ends on or before the day on which it begins.
    #[error("a plan from {from} until {until} is in force on no day")]
    NeverInForce {
        /// Its first day.
        from: NaiveDate,
        /// The first day after it.
        until: NaiveDate,
    },
    /// A plan is asked for a period in which it does not hold.
    #[error("plan `{plan}` is not in force at the beginning of `{period}`: it holds {}", span(*from, *until))]
    NotInForce {
        /// The plan.
        plan: Key,
        /// The label of the period.
        period: Key,
        /// The plan's first day; none since ever.
        from: Option<NaiveDate>,
        /// The first day after it; none where it has no end.
        until: Option<NaiveDate>,
    },
    /// A plan whose pay is to stand in a column does not say in which currency it pays.
    #[error(
        "plan `{plan}` does not say in which currency it pays: write `\"currency\": \"EUR\"` or the one that it is"
    )]
    NoCurrency {
        /// The plan.
        plan: Key,
    },
    /// Plans that pay one after the other do not pay in the same currency and smallest amount.
    #[error(
        "plan `{plan}` pays in another currency, or in another smallest amount, than `{before}` did before it"
    )]
    Differ {
        /// The plan.
        plan: Key,
        /// The one before it.
        before: Key,
    },
    /// Two plans of which one follows the other are in force on the same days.
    #[error("plans `{plan}` and `{before}` are both in force{}: write when the earlier one ends (`until`)", from.map(|from| format!(" from {from} on")).unwrap_or_default())]
    BothInForce {
        /// The plan.
        plan: Key,
        /// The one before it.
        before: Key,
        /// The first day on which both are; none since ever.
        from: Option<NaiveDate>,
    },
    /// What is paid to date comes from an input that does not count to date.
    #[error(
        "it pays what is earned to date less what was paid before, but its input does not count to date: write `\"window\": \"to_date\"`"
    )]
    NotToDate,
    /// A payroll that was paid before is not one of an earlier period.
    #[error("the payroll of `{paid}` is not one of an earlier period of the panel")]
    PaidLater {
        /// The label of its period.
        paid: Key,
    },
    /// Two payrolls of one plan are of the same period.
    #[error("plan `{plan}` has two payrolls of `{paid}`: hand over the one that was paid")]
    PayrollTwice {
        /// The plan.
        plan: Key,
        /// The label of the period.
        paid: Key,
    },
    /// A refund names a payment that was not made.
    #[error("nothing was paid on `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownPayment {
        /// What it names.
        name: String,
        /// The nearest known name.
        nearest: Option<String>,
        /// What something was paid on.
        known: Known,
    },
    /// Two payments have one name.
    #[error("`{of}` is paid twice: give each payment a name of its own")]
    PaidTwice {
        /// The name.
        of: Key,
    },
    /// Two plans pay in different quanta.
    #[error(
        "a plan that pays in steps of {old} cannot be compared with one that pays in steps of {new}"
    )]
    Quanta {
        /// The smallest amount of the old plan.
        old: Quantum,
        /// The smallest amount of the new plan.
        new: Quantum,
    },
}

fn span(from: Option<NaiveDate>, until: Option<NaiveDate>) -> String {
    match (from, until) {
        (Some(from), Some(until)) => format!("from {from} until the day before {until}"),
        (Some(from), None) => format!("from {from} on"),
        (None, Some(until)) => format!("until the day before {until}"),
        (None, None) => "on all days".to_owned(),
    }
}

impl PayError {
    /// Names the part of the document in which this went wrong.
    pub(crate) fn within(self, place: impl Into<String>) -> Self {
        Self::In {
            place: place.into(),
            source: Box::new(self),
        }
    }
}

fn percent(share: Ratio) -> String {
    share
        .checked_mul(Ratio::from(100))
        .map_or(share.to_string(), |percent| format!("{percent}%"))
}
