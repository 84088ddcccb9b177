//! What a chart takes for normal, and what it looks for.

use serde::{Deserialize, Serialize};

use super::{ControlError, Run};
use crate::quantity::Ratio;

/// What is normal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Baseline {
    /// The first so many known values: their mean, and their mean moving range over 1.128. Signals are looked for after
    /// them.
    First(u16),
    /// These numbers.
    Around(Around),
}

/// A centre and a standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Around {
    /// The centre.
    pub centre: Ratio,
    /// The standard deviation; positive.
    pub sigma: Ratio,
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Signal {
    /// A pattern that ends in this period.
    Run(Run),
    /// A moving average outside its constant limits.
    Ewma(Smoothing),
    /// A cumulative sum above its interval.
    Cusum(Sums),
}

/// The parameters of an exponentially weighted moving average.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smoothing {
    /// The weight of the latest value: above 0, at most 1.
    pub lambda: Ratio,
    /// How many standard deviations of the average the limits are wide.
    pub factor: Ratio,
}

/// The parameters of a cumulative sum, in standard deviations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sums {
    /// How far from the centre counts for nothing.
    pub allowance: Ratio,
    /// The sum above which there is a signal.
    pub interval: Ratio,
}

/// On which side a signal is looked for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Tail {
    /// On both. The default.
    #[default]
    Either,
    /// Above the centre, or rising.
    High,
    /// Below the centre, or falling.
    Low,
}

impl Baseline {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`ControlError::Parameter`].
    pub fn check(self) -> Result<(), ControlError> {
        match self {
            Self::First(periods) => {
                ControlError::unless(periods >= 2, "the baseline", "at least two periods")
            }
            Self::Around(around) => {
                ControlError::unless(positive(around.sigma), "sigma", "positive")
            }
        }
    }
}

impl Signal {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`ControlError::Parameter`].
    pub fn check(self) -> Result<(), ControlError> {
        let must = ControlError::unless;
        match self {
            Self::Run(Run::OneSide(points)) => must(points >= 2, "one_side", "at least two points"),
            Self::Run(_) => Ok(()),
            Self::Ewma(Smoothing { lambda, factor }) => {
                let fine = positive(lambda) && lambda <= Ratio::ONE;
                must(fine, "lambda", "above 0 and at most 1")?;
                must(positive(factor), "the factor", "positive")
            }
            Self::Cusum(Sums {
                allowance,
                interval,
            }) => {
                must(!allowance.is_negative(), "the allowance", "zero or more")?;
                must(positive(interval), "the interval", "positive")
            }
        }
    }
}

fn positive(value: Ratio) -> bool {
    value > Ratio::ZERO
}
