//! Projections: what will be reached at the end of the period if it goes on in a stated way.

use serde::{Deserialize, Serialize};

use super::PaceError;
use crate::panel::ColumnKey;
use crate::quantity::{QuantityError, Ratio};

/// How what was reached is carried to the end of the period.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Projection {
    /// What was reached, divided by the share of the period that has passed under the pace's own pacing: by calendar
    /// days, by working days, by season. The default. No base until something of the period has passed.
    #[default]
    RunRate,
    /// What was reached, and the rest exactly as planned.
    RestAsPlanned,
    /// A mean of the two: this much trust, from 0 to 1, in the run rate, the rest in the plan; rounded once.
    Blend {
        /// The weight of [`Projection::RunRate`].
        trust: Trust,
    },
    /// What was reached, and every remaining day like the mean of the latest ones.
    Recent {
        /// The column with what the latest days brought (a trailing window of the metric).
        latest: ColumnKey,
        /// How many calendar days, back from the as-of day, that window has.
        days: u32,
    },
    /// The whole of an earlier period (last year's), grown as much as the period so far has.
    Growth {
        /// The column with the earlier period up to the same point.
        to_date: ColumnKey,
        /// The column with the whole earlier period.
        whole: ColumnKey,
    },
}

/// A share from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Ratio", into = "Ratio")]
pub struct Trust(Ratio);

impl Trust {
    /// Returns this share as a trust.
    ///
    /// # Errors
    /// [`PaceError::Quantity`] outside 0 to 1.
    pub fn new(share: Ratio) -> Result<Self, PaceError> {
        if share.is_negative() || share > Ratio::ONE {
            return Err(QuantityError::NotAShare { share }.into());
        }
        Ok(Self(share))
    }

    /// Returns the share.
    #[must_use]
    pub fn share(self) -> Ratio {
        self.0
    }
}

impl TryFrom<Ratio> for Trust {
    type Error = PaceError;

    fn try_from(share: Ratio) -> Result<Self, PaceError> {
        Self::new(share)
    }
}

impl From<Trust> for Ratio {
    fn from(trust: Trust) -> Self {
        trust.0
    }
}
