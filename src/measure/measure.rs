//! One measure, as data.

use serde::{Deserialize, Serialize};

use super::error::MeasureError;
use super::unit::Unit;
use crate::key::Key;
use crate::quantity::Quantum;

/// How a measure adds up over members and over time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Additivity {
    /// Adds up over members and over periods: sales, visits, expense.
    Flow,
    /// Adds up over members; over time the last state counts: receivable balance, number of active outlets.
    Stock,
    /// A quotient of two other measures, which roll up on their own: margin rate, price, market share.
    Ratio {
        /// The measure above the line.
        numerator: Key,
        /// The measure below the line.
        denominator: Key,
    },
    /// A rating on a scale, rolled up as a weighted mean: teamwork, satisfaction.
    Rating,
}

/// Which way a measure should move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better: sales, collections. The default.
    #[default]
    Larger,
    /// Less is better: expense, overdue balance.
    Smaller,
    /// Closest to the target is best: stock cover, share of time.
    Target,
    /// Neither; the measure is context.
    Neutral,
}

/// One measure, as data.
///
/// ```
/// use quotaflow::measure::{Additivity, Measure, Unit};
/// use quotaflow::quantity::Quantum;
/// let sales = Measure::flow("sales", "money:EUR".parse::<Unit>()?, Quantum::CENT)?;
/// assert_eq!(sales.additivity, Additivity::Flow);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// The stable name.
    pub key: Key,
    /// What it is shown as; the key where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is counted in.
    pub unit: Unit,
    /// The smallest amount of that unit.
    #[serde(default)]
    pub quantum: Quantum,
    /// How it adds up.
    pub additivity: Additivity,
    /// Which way is good.
    #[serde(default)]
    pub direction: Direction,
}

impl Measure {
    /// Returns a flow of which more is better.
    ///
    /// # Errors
    /// [`MeasureError::Key`] if `key` cannot be a key.
    pub fn flow(key: &str, unit: Unit, quantum: Quantum) -> Result<Self, MeasureError> {
        Ok(Self {
            key: Key::new(key)?,
            title: None,
            unit,
            quantum,
            additivity: Additivity::Flow,
            direction: Direction::Larger,
        })
    }

    /// Returns the measure with this direction.
    #[must_use]
    pub fn better(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Returns the measure with this additivity.
    #[must_use]
    pub fn adding(mut self, additivity: Additivity) -> Self {
        self.additivity = additivity;
        self
    }
}
