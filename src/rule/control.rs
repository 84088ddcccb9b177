//! Control charts as conditions of rules.

use std::cmp::Ordering;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::fraction::Fraction;
use super::term::{Term, View};
use super::{Operand, RuleError, Truth, WhyUnknown};
use crate::control::{Baseline, ControlError, Course, Flagging, Run, Signal, Tail};
use crate::panel::Reason;

/// A signal in the course of an operand, from the first period of the panel to this one.
///
/// Periods without a value are left out; without a value in this period the signal is unknown. It is unknown too until
/// the baseline is complete, and where the baseline does not vary.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The operand.
    #[serde(deserialize_with = "crate::document::inside")]
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
        let mut one = self.truths(view, subject, period..period + 1);
        one.pop().unwrap_or(Truth::Unknown(WhyUnknown::NoHistory))
    }

    /// Returns the same for each of these periods.
    pub(super) fn truths(
        &self,
        view: &View<'_>,
        subject: usize,
        periods: Range<usize>,
    ) -> Vec<Truth> {
        let mut known: Vec<(i128, i128)> = Vec::with_capacity(periods.end);
        let mut found = Vec::with_capacity(periods.len());
        for (period, value) in view
            .values(&self.of, subject, 0..periods.end)
            .into_iter()
            .enumerate()
        {
            known.extend(value.ok().map(Fraction::parts));
            if period >= periods.start {
                found.push(match value {
                    Ok(_) => self.said(&known),
                    Err(reason) => Truth::Unknown(reason),
                });
            }
        }
        found
    }

    /// Returns what the chart says of the last of these values.
    fn said(&self, values: &[(i128, i128)]) -> Truth {
        match self.signals(values) {
            Ok(signal) => Truth::from(signal),
            Err(ControlError::NoSpread) => Truth::Unknown(WhyUnknown::Missing(Reason::NoBase)),
            Err(_) => Truth::Unknown(WhyUnknown::TooFew),
        }
    }

    fn signals(&self, values: &[(i128, i128)]) -> Result<bool, ControlError> {
        let course = match self.baseline {
            Baseline::Around(around) => {
                // A pattern is in the last points; the sums and averages are of all.
                let start = match self.signal {
                    Signal::Run(run) => values.len().saturating_sub(run.points()),
                    _ => 0,
                };
                Course::of_around(&values[start..], around)?
            }
            Baseline::First(periods) => {
                let first = usize::from(periods);
                match self.signal {
                    // What lies between the baseline and the last points says nothing.
                    Signal::Run(run) if values.len() > first + run.points() => {
                        let last = &values[values.len() - run.points()..];
                        Course::of_after(&[&values[..first], last].concat(), first)?
                    }
                    _ => Course::of_after(values, first)?,
                }
            }
        };
        let on_side = |sign: Ordering| match self.side {
            Tail::Either => true,
            Tail::High => sign.is_gt(),
            Tail::Low => sign.is_lt(),
        };
        Ok(match self.signal {
            Signal::Run(run) => {
                let side = match run {
                    Run::SixTrending => course.last_move(),
                    _ => course.last_side().unwrap_or(Ordering::Equal),
                };
                run.flags_last(&course, Flagging::Last) && on_side(side)
            }
            Signal::Ewma(smoothing) => {
                let outside = course.ewma_last(smoothing);
                outside.is_ne() && on_side(outside)
            }
            Signal::Cusum(sums) => {
                let (high, low) = course.cusum(sums).last().copied().unwrap_or_default();
                (high && on_side(Ordering::Greater)) || (low && on_side(Ordering::Less))
            }
        })
    }
}
