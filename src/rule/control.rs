//! Control charts as conditions of rules.

use serde::{Deserialize, Serialize};

use super::fraction::Fraction;
use super::term::{Term, View};
use super::{Operand, RuleError, Truth, WhyUnknown};
use crate::control::{
    Baseline, EwmaLimits, Flagging, RangeConstants, Run, Signal, Smoothing, Sums, Tail, cusum,
    ewma, xmr,
};
use crate::panel::Reason;
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
    pub side: Tail,
}

impl Control {
    /// Checks the parameters.
    pub(super) fn check(&self) -> Result<(), RuleError> {
        self.baseline.check()?;
        self.signal.check()?;
        Ok(())
    }
}

/// A control condition with its names resolved.
#[derive(Debug, Clone)]
pub(super) struct Chart {
    of: Term,
    baseline: Baseline,
    signal: Signal,
    side: Tail,
}

impl Chart {
    pub(super) fn new(of: Term, control: &Control) -> Self {
        Self {
            of,
            baseline: control.baseline,
            signal: control.signal,
            side: control.side,
        }
    }

    pub(super) fn of(&self) -> &Term {
        &self.of
    }

    pub(super) fn truth(&self, view: &View<'_>, subject: usize, period: usize) -> Truth {
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

    fn signals(&self, values: &[f64]) -> Result<bool, WhyUnknown> {
        let float = |ratio: Ratio| Fraction::from(ratio).float();
        let (centre, sigma, course) = match self.baseline {
            Baseline::Around(around) => (float(around.centre), float(around.sigma), values),
            Baseline::First(periods) => {
                let periods = usize::from(periods);
                if values.len() <= periods {
                    return Err(WhyUnknown::TooFew);
                }
                let (normal, course) = values.split_at(periods);
                let constants = RangeConstants::Table;
                let chart = xmr(normal, constants).ok_or(WhyUnknown::TooFew)?;
                let d2 = constants.d2(2).ok_or(WhyUnknown::TooFew)?;
                (chart.values.centre, chart.mean_range / d2, course)
            }
        };
        if !sigma.is_finite() || sigma <= 0.0 {
            return Err(WhyUnknown::Missing(Reason::NoBase));
        }
        let course: Vec<f64> = course
            .iter()
            .map(|value| (value - centre) / sigma)
            .collect();
        let (Some(last), Some(at)) = (course.last(), course.len().checked_sub(1)) else {
            return Err(WhyUnknown::TooFew);
        };
        let on_side = |sign: f64| match self.side {
            Tail::Either => true,
            Tail::High => sign > 0.0,
            Tail::Low => sign < 0.0,
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
