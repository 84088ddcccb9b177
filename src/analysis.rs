//! Analyses of records and panels that are no folds: where goods were sold before they were seen elsewhere, how promotions
//! were carried out, tiers whose prices are upside down, spikes at the end of periods, streaks, targets that everybody
//! misses, opportunities by profit and chance, and customer cards.
//!
//! Each takes plain facts or a panel, says what it found with the evidence, and has columns to add to a panel where its
//! figures are by subject and period.
//!
//! ```
//! use quotaflow::analysis::{Sighting, Shipment, crossings};
//! use quotaflow::key::Key;
//! let key = Key::new;
//! let sold = Shipment { trace: key("lot-7")?, territory: key("north")?, day: "2026-03-02".parse()?, volume: 100 };
//! let seen = |territory| -> Result<Sighting, Box<dyn std::error::Error>> {
//!     Ok(Sighting { trace: key("lot-7")?, territory: key(territory)?, day: "2026-03-20".parse()?, volume: 10 })
//! };
//! let (sold, seen) = ([sold], [seen("north")?, seen("south")?]);
//! let report = crossings(&sold, &seen);
//! assert_eq!(report.foreign_share("north").map(|share| share.to_string()).as_deref(), Some("0.5"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod card;
mod crossing;
mod inversion;
mod lag;
mod matrix;
mod peers;
mod promotion;
mod spike;
mod streak;

use thiserror::Error;

use crate::duty::DutyError;
use crate::key::{Key, KeyError};
use crate::measure::suggestion;
use crate::panel::{ColumnKey, PanelError};
use crate::quantity::{QuantityError, Ratio};

pub use card::{CardGap, CardItem, CardStanding, CustomerCard, CustomerCardDef, Verification};
pub use crossing::{CrossingReport, Found, Origin, Shipment, Sighting, crossings};
pub use inversion::{Inversion, PriceSeen, inversion_column, inversions};
pub use lag::{LagWindow, SubjectLag, lag_columns, lags_by_subject};
pub use matrix::{Candidate, MatrixCell, OpportunityMatrix, Placed};
pub use peers::{BelowTarget, below_target, below_target_column};
pub use promotion::{Execution, Finding, FindingKind, Promotion, Terms, TerritoryExecution};
pub use spike::{PeriodEnd, period_end_columns};
pub use streak::{Goal, Streak, streak_columns, streaks};

/// What can be wrong with an analysis.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AnalysisError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A column is not in the panel or does not fit it.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A number leaves its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// Numbers are too large for an exact correlation.
    #[error(transparent)]
    Duty(#[from] DutyError),
    /// A number that must be at least one is zero.
    #[error("{what} must be at least 1")]
    Zero {
        /// What it is.
        what: &'static str,
    },
    /// A number lies outside its bounds.
    #[error("{what} of `{of}` is {value}, outside {low} to {high}")]
    Outside {
        /// What it is.
        what: &'static str,
        /// Whose.
        of: Key,
        /// The number.
        value: Ratio,
        /// The least.
        low: Ratio,
        /// The most.
        high: Ratio,
    },
    /// A name is not known.
    #[error("there is no {what} `{name}`{}", suggestion(nearest.as_deref()))]
    Unknown {
        /// What it would be.
        what: &'static str,
        /// The name.
        name: Key,
        /// The nearest known one.
        nearest: Option<String>,
    },
    /// Two things have the same name.
    #[error("{what} `{key}` is there twice")]
    Duplicate {
        /// What they are.
        what: &'static str,
        /// The name.
        key: Key,
    },
    /// A correlation is to be told from too few pairs.
    #[error("{pairs} pairs of periods say nothing of a lag: {fewest} are needed at least")]
    FewPairs {
        /// How many.
        pairs: u16,
        /// How many are needed.
        fewest: u16,
    },
    /// A column has quotients where amounts are needed.
    #[error("column `{column}` has quotients; amounts of activity and result are needed")]
    NotAmounts {
        /// The column.
        column: ColumnKey,
    },
    /// A fine period lies in two coarse ones.
    #[error("period `{period}` lies only partly in `{of}`")]
    Straddles {
        /// The fine period.
        period: Key,
        /// The coarse one.
        of: Key,
    },
}
