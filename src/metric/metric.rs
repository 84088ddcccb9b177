//! Metrics as documents.

mod filter;
mod formula;
mod question;
mod selection;
mod value;

use serde::{Deserialize, Serialize};

use super::error::MetricError;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::text::Texts;

pub use filter::Relation;
pub use formula::Formula;
pub use question::{Age, Concentration, First, OpenFigure, QuantileMethod, SeenBy};
pub use selection::Entities;
pub use selection::Filter;
pub use selection::{CreditUse, Selection, Sharing, Timeframe};
pub use selection::{Value, Valued};
pub use value::{Empty, Entity, Placed, SameDay};

/// A metric as data: what it counts, over which records, and what an empty base means.
///
/// Compile it in a [`Program`](super::Program).
///
/// ```
/// use quotaflow::metric::MetricDef;
/// let orders_per_100_visits: MetricDef = serde_json::from_str(r#"{
///     "key": "orders_per_100_visits",
///     "formula": { "ratio": {
///         "of": { "count": { "kinds": ["order"] } },
///         "to": { "count": { "kinds": ["visit"] } },
///         "scale": 100
///     } }
/// }"#).map_err(quotaflow::Error::unreadable)?;
/// assert_eq!(orders_per_100_visits.key, "orders_per_100_visits");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricDef {
    /// The stable name.
    pub key: Key,
    /// What it is shown as; the key where there is none.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// What it is counted in; what follows from the formula where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// Which way is good; that of the measure where the figure is a sum, a mean, an extreme, a quantile or a last value of
    /// one, or of another metric where it is one. Where less of something is better, less is better for each of something else, as a
    /// share and against an earlier figure too; else more is. What says otherwise than a measure whose direction is
    /// not [`Direction::Larger`], which is also what a measure has that says nothing, is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// How it is made.
    pub formula: Formula,
}

impl MetricDef {
    /// Returns the metric of this formula. Which way is good follows from it, or else more is better.
    ///
    /// # Errors
    /// [`MetricError::Key`] if the name cannot be a key.
    pub fn new(key: &str, formula: Formula) -> Result<Self, MetricError> {
        Ok(Self {
            key: Key::new(key)?,
            title: Texts::default(),
            unit: None,
            direction: None,
            formula,
        })
    }

    /// Returns the metric with this direction.
    #[must_use]
    pub fn better(mut self, direction: Direction) -> Self {
        self.direction = Some(direction);
        self
    }

    /// Returns the metric counted in this unit.
    #[must_use]
    pub fn counted_in(mut self, unit: Unit) -> Self {
        self.unit = Some(unit);
        self
    }

    /// Returns what a metric of a list is a view of: of growth, of an earlier figure, of a multiple and of a share what they are made
    /// of. Two metrics with the same one look at one thing; nothing for a name that the list does not have.
    pub(crate) fn looks_at<'a>(name: &str, list: &'a [Self]) -> Option<&'a Formula> {
        let find = |name: &str| list.iter().find(|def| def.key == *name);
        let mut formula = &find(name)?.formula;
        // Names lead on no more often than there are metrics.
        let mut names = list.len();
        loop {
            formula = match formula {
                Formula::Growth { of, .. }
                | Formula::YearGrowth { of, .. }
                | Formula::Earlier { of, .. }
                | Formula::LastYear { of, .. }
                | Formula::Scaled { of, .. }
                | Formula::Share { of, .. }
                | Formula::AverageBalance(of) => of,
                Formula::Metric(key) => match find(key.as_str()).filter(|_| names > 0) {
                    Some(def) => {
                        names -= 1;
                        &def.formula
                    }
                    None => return Some(formula),
                },
                _ => return Some(formula),
            }
        }
    }
}
