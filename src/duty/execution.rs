//! Execution, stated: on time, in quality, in quantity.

use serde::{Deserialize, Serialize};

use super::error::DutyError;
use crate::quantity::Ratio;

/// What was executed, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutionCounts {
    /// Things due.
    pub due: i64,
    /// Of these, done by their time.
    pub on_time: i64,
    /// Things planned, in the measure of quantity.
    pub planned: i64,
    /// Of that quantity, done; more than planned counts as planned.
    pub done: i64,
    /// Things reviewed.
    pub reviewed: i64,
    /// Of these, found good.
    pub good: i64,
}

impl ExecutionCounts {
    /// Returns both counted together: a team from its people, a plan from its duties.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            due: self.due.saturating_add(other.due),
            on_time: self.on_time.saturating_add(other.on_time),
            planned: self.planned.saturating_add(other.planned),
            done: self.done.saturating_add(other.done),
            reviewed: self.reviewed.saturating_add(other.reviewed),
            good: self.good.saturating_add(other.good),
        }
    }
}

/// How much timeliness, quality and quantity count; none below zero, not all zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WeightsDef")]
pub struct ExecutionWeights {
    timeliness: Ratio,
    quality: Ratio,
    quantity: Ratio,
}

impl Default for ExecutionWeights {
    /// All three alike.
    fn default() -> Self {
        Self {
            timeliness: Ratio::ONE,
            quality: Ratio::ONE,
            quantity: Ratio::ONE,
        }
    }
}

impl ExecutionWeights {
    /// Returns these weights.
    ///
    /// # Errors
    /// [`DutyError::Weights`] for one below zero or for none above it.
    pub fn new(timeliness: Ratio, quality: Ratio, quantity: Ratio) -> Result<Self, DutyError> {
        let all = [timeliness, quality, quantity];
        if all.iter().any(|weight| weight.is_negative())
            || all.iter().all(|weight| weight.is_zero())
        {
            return Err(DutyError::Weights {
                weights: all.to_vec(),
            });
        }
        Ok(Self {
            timeliness,
            quality,
            quantity,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightsDef {
    timeliness: Ratio,
    quality: Ratio,
    quantity: Ratio,
}

impl TryFrom<WeightsDef> for ExecutionWeights {
    type Error = DutyError;

    fn try_from(definition: WeightsDef) -> Result<Self, DutyError> {
        Self::new(
            definition.timeliness,
            definition.quality,
            definition.quantity,
        )
    }
}

/// The index of execution with its parts; each part from 0 to 1, or nothing where it has no base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutionIndex {
    /// On time, of those due.
    pub timeliness: Option<Ratio>,
    /// Good, of those reviewed.
    pub quality: Option<Ratio>,
    /// Done, of what was planned.
    pub quantity: Option<Ratio>,
    /// The weighted mean of the parts that have a base.
    pub index: Option<Ratio>,
}

impl ExecutionIndex {
    /// Returns the index of these counts. A part without base is left out and the weights of the others count in full.
    ///
    /// # Errors
    /// [`DutyError::Quantity`] for weights too fine.
    ///
    /// ```
    /// use quotaflow::duty::{ExecutionCounts, ExecutionIndex, ExecutionWeights};
    /// use quotaflow::quantity::Ratio;
    /// let counts = ExecutionCounts { due: 10, on_time: 8, planned: 40, done: 30, reviewed: 0, good: 0 };
    /// let found = ExecutionIndex::of(&counts, ExecutionWeights::default())?;
    /// assert_eq!(found.quality, None);
    /// assert_eq!(found.index, Some(Ratio::new(31, 40)?));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    pub fn of(counts: &ExecutionCounts, weights: ExecutionWeights) -> Result<Self, DutyError> {
        let part = |top: i64, bottom: i64| {
            let capped = top.clamp(0, bottom.max(0));
            Ratio::new(i128::from(capped), i128::from(bottom.max(0))).ok()
        };
        let timeliness = part(counts.on_time, counts.due);
        let quality = part(counts.good, counts.reviewed);
        let quantity = part(counts.done, counts.planned);
        let (mut sum, mut weight) = (Ratio::ZERO, Ratio::ZERO);
        let parts = [
            (timeliness, weights.timeliness),
            (quality, weights.quality),
            (quantity, weights.quantity),
        ];
        for (part, own) in parts {
            if let Some(part) = part {
                sum = sum.checked_add(part.checked_mul(own)?)?;
                weight = weight.checked_add(own)?;
            }
        }
        Ok(Self {
            timeliness,
            quality,
            quantity,
            index: sum.checked_div(weight).ok(),
        })
    }
}
