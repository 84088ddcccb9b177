//! What can be wrong with pay.

use thiserror::Error;

use crate::allocation::AllocationError;
use crate::band::BandError;
use crate::key::KeyError;
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
    #[error("the shares of a deal make {}, not 100 %", percent(*sum))]
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
    #[error("{unpaid} unpaid of a sale of {sale} cannot be")]
    Unpaid {
        /// What is said to be unpaid, in quanta.
        unpaid: i64,
        /// The sale, in quanta.
        sale: i64,
    },
    /// Two plans pay in different quanta.
    #[error("a plan in {old} and one in {new} cannot be compared")]
    Quanta {
        /// The smallest amount of the old plan.
        old: Quantum,
        /// The smallest amount of the new plan.
        new: Quantum,
    },
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
        .map_or(share.to_string(), |percent| format!("{percent} %"))
}
