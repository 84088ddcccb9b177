//! Control charts as conditions of rules.

use serde::{Deserialize, Serialize};

use super::super::fraction::Fraction;
use super::super::term::{Term, View};
use super::super::{Operand, Reason, RuleError, Truth};
use super::{EwmaLimits, Flagging, RangeConstants, Run, cusum, ewma, xmr};
use crate::quantity::Ratio;

/// A signal in the course of an operand, from the first period of the panel to this one.
///
/// Periods without a value are left out; without a value in this period the signal is unknown. It is unknown too until
/// the baseline is complete, and where the baseline does not vary.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The operand.
    pub of: Operand,
    /// What is normal.
    pub baseline: Baseline,
    /// What is looked for.
    pub signal: Signal,
    /// On which side.
    #[serde(default)]
    pub side: Side,
}

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
pub enum Side {
    /// On both. The default.
    #[default]
    Either,
    /// Above the centre, or rising.
    High,
    /// Below the centre, or falling.
    Low,
}

impl Control {
    /// Checks the parameters.
    pub(in crate::rule) fn check(&self) -> Result<(), RuleError> {
        let must = |fine: bool, what: &'static str, must: &'static str| {
            if fine {
                Ok(())
            } else {
                Err(RuleError::Chart { what, must })
            }
        };
        let positive = |value: Ratio| value > Ratio::ZERO;
        match self.baseline {
            Baseline::First(periods) => must(periods >= 2, "the baseline", "at least two periods")?,
            Baseline::Around(around) => must(positive(around.sigma), "sigma", "positive")?,
        }
        match self.signal {
            Signal::Run(Run::OneSide(points)) => {
                must(points >= 2, "one_side", "at least two points")
            }
            Signal::Run(_) => Ok(()),
            Signal::Ewma(Smoothing { lambda, factor }) => {
                must(
                    positive(lambda) && lambda <= Ratio::ONE,
                    "lambda",
                    "above 0 and at most 1",
                )?;
                must(positive(factor), "the factor", "positive")
            }
            Signal::Cusum(Sums {
                allowance,
                interval,
            }) => {
                must(!allowance.is_negative(), "the allowance", "zero or more")?;
                must(positive(interval), "the interval", "positive")
            }
        }
    }
}

/// A control condition with its names resolved.
#[derive(Debug, Clone)]
pub(in crate::rule) struct Chart {
    of: Term,
    baseline: Baseline,
    signal: Signal,
    side: Side,
}

impl Chart {
    pub(in crate::rule) fn new(of: Term, control: &Control) -> Self {
        Self {
            of,
            baseline: control.baseline,
            signal: control.signal,
            side: control.side,
        }
    }

    pub(in crate::rule) fn of(&self) -> &Term {
        &self.of
    }

    pub(in crate::rule) fn truth(&self, view: &View<'_>, subject: usize, period: usize) -> Truth {
        if let Err(reason) = view.value(&self.of, subject, period) {
            return Truth::Unknown(reason);
        }
        let known = (0..=period).filter_map(|at| view.value(&self.of, subject, at).ok());
        let values: Vec<f64> = known.map(Fraction::float).collect();
        match self.signals(&values) {
            Ok(signal) => Truth::from(signal),
            Err(reason) => Truth::Unknown(reason),
        }
    }

    fn signals(&self, values: &[f64]) -> Result<bool, Reason> {
        let float = |ratio: Ratio| Fraction::from(ratio).float();
        let (centre, sigma, course) = match self.baseline {
            Baseline::Around(around) => (float(around.centre), float(around.sigma), values),
            Baseline::First(periods) => {
                let periods = usize::from(periods);
                if values.len() <= periods {
                    return Err(Reason::TooFew);
                }
                let (normal, course) = values.split_at(periods);
                let constants = RangeConstants::Table;
                let chart = xmr(normal, constants).ok_or(Reason::TooFew)?;
                let d2 = constants.d2(2).ok_or(Reason::TooFew)?;
                (chart.values.centre, chart.mean_range / d2, course)
            }
        };
        if !sigma.is_finite() || sigma <= 0.0 {
            return Err(Reason::NoBase);
        }
        let course: Vec<f64> = course
            .iter()
            .map(|value| (value - centre) / sigma)
            .collect();
        let (Some(last), Some(at)) = (course.last(), course.len().checked_sub(1)) else {
            return Err(Reason::TooFew);
        };
        let on_side = |sign: f64| match self.side {
            Side::Either => true,
            Side::High => sign > 0.0,
            Side::Low => sign < 0.0,
        };
        Ok(match self.signal {
            Signal::Run(run) => {
                let sign = match run {
                    Run::SixTrending => last - course.get(at.saturating_sub(1)).unwrap_or(last),
                    _ => *last,
                };
                run.flags_last(&course, Flagging::Last) && on_side(sign)
            }
            Signal::Ewma(Smoothing { lambda, factor }) => {
                let chart = ewma(
                    &course,
                    0.0,
                    1.0,
                    float(lambda),
                    float(factor),
                    EwmaLimits::Constant,
                );
                chart.flagged.last() == Some(&at) && on_side(chart.averages[at])
            }
            Signal::Cusum(Sums {
                allowance,
                interval,
            }) => {
                let chart = cusum(&course, 0.0, float(allowance), float(interval));
                let over = |sum: f64| sum > float(interval);
                (over(chart.high[at]) && on_side(1.0)) || (over(chart.low[at]) && on_side(-1.0))
            }
        })
    }
}
