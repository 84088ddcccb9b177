//! What a KPI looks at: a figure of the panel, what it is compared with, and how.

use serde::{Deserialize, Serialize};

use super::{Precision, ScorecardError};
use crate::measure::Direction;
use crate::panel::{ColumnKey, Reason};
use crate::quantity::{QuantityError, Ratio};

/// What the input of a curve is made of.
///
/// With `a` for the actual figure, `t` for the target and `b` for the baseline; where less is better the difference is
/// `t - a`, and where the target is best it is `-|a - t|`. Whatever the direction, a target that is just met is a rate
/// of 1, a difference of 0 and a growth of 0.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Attainment {
    /// `1 + difference / |t|`: for more is better simply `a / t`, for less is better `2 - a / t` (twice the target is
    /// nothing, nothing is twice). A target of zero has no base where more is better; else see [`ZeroTarget`]. The default.
    #[default]
    Rate,
    /// The figure itself.
    Value,
    /// `t / a`, the other rate in use for less is better; no base unless both are above zero, but see [`ZeroTarget`].
    Inverse,
    /// The difference, in the unit of the figure.
    Difference,
    /// `difference / |t|`, usually against the previous period. A target of zero has no base where more is better; else see
    /// [`ZeroTarget`].
    Growth,
    /// `(a - b) / (t - b)`: the way covered from a baseline. No base when target and baseline are equal.
    Progress,
}

/// What a target of zero means where less is better, or where the target itself is best.
///
/// Nothing can be divided by it, but whether it was met is plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZeroTarget {
    /// It is met or missed: met, it is a rate of 1 and a growth of 0, as any target that is just met; missed, a rate of 0 and a
    /// growth of -1. The default: no complaint was allowed, and one was one too many.
    #[default]
    MetOrMissed,
    /// It is no base: the KPI does what it does without one. Who missed such a target may then fare better than who was
    /// given one.
    NoBase,
}

/// What a figure is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Benchmark {
    /// The target column of the same metric: the plan.
    Plan,
    /// The expected column of the same metric: the pace.
    Pace,
    /// Another column.
    Column(ColumnKey),
    /// The same figure so many periods earlier.
    Previous(u32),
    /// The same figure of all subjects of the panel that have one.
    Peers(Peers),
    /// A fixed number, in the unit of the figure.
    Constant(Ratio),
}

/// What stands for all subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peers {
    /// The mean; of quotients, the quotient of the sums.
    Mean,
    /// The middle one, or half way between the two middle ones.
    Median,
    /// The best in the direction of the KPI.
    Best,
}

/// Which periods count.
///
/// Over several periods amounts are added, and quotients are quotients of the sums. A period in which the figure is not
/// applicable is left out; any other reason for having no figure is the reason for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lookback {
    /// The period alone. The default.
    #[default]
    Latest,
    /// All periods of the panel up to this one.
    ToDate,
    /// So many periods, this one being the last.
    Last(u32),
}

/// What a KPI looks at, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputDef {
    /// The column of the figure.
    pub metric: ColumnKey,
    /// What is made of figure, target and baseline.
    #[serde(default)]
    pub attainment: Attainment,
    /// What the figure is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Benchmark>,
    /// Where progress starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Benchmark>,
    /// Which way is good; where it is left out, the column says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Which periods count.
    #[serde(default)]
    pub window: Lookback,
    /// The column of the share of the period for which the target holds: half for who joined in the middle. The target
    /// is multiplied by it; over several periods each period's target by its own share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prorated_by: Option<ColumnKey>,
    /// How the result is rounded before it enters the curve; exact where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// What a target of zero means where less is better.
    #[serde(default, skip_serializing_if = "met_or_missed")]
    pub zero_target: ZeroTarget,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
fn met_or_missed(policy: &ZeroTarget) -> bool {
    *policy == ZeroTarget::MetOrMissed
}

impl InputDef {
    /// Returns the figure itself, compared with nothing.
    #[must_use]
    pub fn value(metric: ColumnKey) -> Self {
        Self {
            metric,
            attainment: Attainment::Value,
            target: None,
            baseline: None,
            direction: None,
            window: Lookback::Latest,
            prorated_by: None,
            precision: None,
            zero_target: ZeroTarget::MetOrMissed,
        }
    }

    /// Returns the rate of the figure to a target.
    #[must_use]
    pub fn rate(metric: ColumnKey, target: Benchmark) -> Self {
        Self {
            attainment: Attainment::Rate,
            target: Some(target),
            ..Self::value(metric)
        }
    }

    /// Returns the input with another way of comparing.
    #[must_use]
    pub fn by(mut self, attainment: Attainment) -> Self {
        self.attainment = attainment;
        self
    }

    /// Returns the input with a baseline.
    #[must_use]
    pub fn from(mut self, baseline: Benchmark) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Returns the input with a direction of its own.
    #[must_use]
    pub fn better(mut self, direction: Direction) -> Self {
        self.direction = Some(direction);
        self
    }

    /// Returns the input over these periods.
    #[must_use]
    pub fn over(mut self, window: Lookback) -> Self {
        self.window = window;
        self
    }

    /// Returns the input with its target multiplied by the share in this column.
    #[must_use]
    pub fn prorated(mut self, by: ColumnKey) -> Self {
        self.prorated_by = Some(by);
        self
    }

    /// Returns the input, rounded before it enters the curve.
    #[must_use]
    pub fn rounded(mut self, precision: Precision) -> Self {
        self.precision = Some(precision);
        self
    }

    /// Returns the input with this meaning of a target of zero.
    #[must_use]
    pub fn zero_target(mut self, policy: ZeroTarget) -> Self {
        self.zero_target = policy;
        self
    }

    /// Checks that the parts go together.
    pub(crate) fn check(&self) -> Result<(), ScorecardError> {
        let conflict = |what: &str| {
            Err(ScorecardError::Conflict {
                what: what.to_owned(),
            })
        };
        let (target, baseline) = (self.target.is_some(), self.baseline.is_some());
        match self.attainment {
            Attainment::Value if target => {
                return conflict("a plain value is compared with no target");
            }
            Attainment::Value => {}
            _ if !target => return conflict("there is no target to compare the figure with"),
            Attainment::Progress if !baseline => {
                return conflict("progress has no baseline to start from");
            }
            _ => {}
        }
        if baseline && self.attainment != Attainment::Progress {
            return conflict("only progress starts from a baseline");
        }
        if self.prorated_by.is_some() && !target {
            return conflict("there is no target to prorate");
        }
        if self.window == Lookback::Last(0) {
            return conflict("a window of no periods has no figure");
        }
        for reference in [&self.target, &self.baseline].into_iter().flatten() {
            match reference {
                Benchmark::Previous(0) => {
                    return conflict("no periods earlier is the figure itself");
                }
                Benchmark::Previous(_) if self.window == Lookback::ToDate => {
                    return conflict("a figure to date has no figure so many periods earlier");
                }
                Benchmark::Constant(value) => {
                    super::curve::bounded(*value)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Returns the input of the curve, rounded as stated.
    pub(crate) fn attain(
        &self,
        direction: Direction,
        readings: &Readings,
    ) -> Result<Ratio, Reason> {
        let attained = attained(self.attainment, direction, self.zero_target, readings);
        match (attained, self.precision) {
            (Ok(value), Some(precision)) => precision.round(value).ok_or(Reason::OutOfRange),
            (reading, _) => reading,
        }
    }
}

/// The numbers that an input was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Readings {
    /// The figure.
    #[serde(with = "crate::panel::written")]
    pub actual: Result<Ratio, Reason>,
    /// What it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "crate::panel::written")]
    pub target: Option<Result<Ratio, Reason>>,
    /// Where progress starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "crate::panel::written")]
    pub baseline: Option<Result<Ratio, Reason>>,
    /// The share of the period for which the target holds, where it is prorated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "crate::panel::written")]
    pub prorated: Option<Result<Ratio, Reason>>,
}

/// Returns the exact attainment; the first reading that is missing is the reason why there is none. A target of zero where
/// less is better is met or missed ([`ZeroTarget`]).
///
/// ```
/// use quotaflow::measure::Direction;
/// use quotaflow::quantity::Ratio;
/// use quotaflow::scorecard::{Attainment, Readings, attain};
/// let read = |actual: i64, target: i64| Readings {
///     actual: Ok(Ratio::from(actual)),
///     target: Some(Ok(Ratio::from(target))),
///     baseline: None,
///     prorated: None,
/// };
/// assert_eq!(attain(Attainment::Rate, Direction::Larger, &read(45, 50)), Ok(Ratio::percent(90)));
/// // A limit that is just kept is kept in full, whichever way is good.
/// assert_eq!(attain(Attainment::Rate, Direction::Smaller, &read(50, 50)), Ok(Ratio::ONE));
/// ```
///
/// # Errors
/// The reason why nothing can be said.
pub fn attain(
    attainment: Attainment,
    direction: Direction,
    readings: &Readings,
) -> Result<Ratio, Reason> {
    attained(attainment, direction, ZeroTarget::MetOrMissed, readings)
}

fn attained(
    attainment: Attainment,
    direction: Direction,
    zero_target: ZeroTarget,
    readings: &Readings,
) -> Result<Ratio, Reason> {
    let actual = match readings.actual {
        Ok(actual) => actual,
        missing @ Err(_) => return missing,
    };
    if attainment == Attainment::Value {
        return Ok(actual);
    }
    let target = match readings.target {
        Some(Ok(target)) => target,
        Some(missing) => return missing,
        None => return Err(Reason::NotApplicable),
    };
    let counts = readings
        .prorated
        .is_none_or(|share| share.ok().is_none_or(|share| !share.is_zero()));
    if target.is_zero()
        && counts
        && zero_target == ZeroTarget::MetOrMissed
        && let Some(found) = against_zero(attainment, direction, actual)
    {
        return Ok(found);
    }
    let target = match readings.prorated {
        None => Ok(target),
        Some(Ok(share)) => target.checked_mul(share),
        Some(missing) => return missing,
    };
    let Ok(target) = target else {
        return Err(Reason::OutOfRange);
    };
    let baseline = match (attainment, readings.baseline) {
        (Attainment::Progress, Some(Ok(baseline))) => baseline,
        (Attainment::Progress, Some(missing)) => return missing,
        (Attainment::Progress, None) => return Err(Reason::NotApplicable),
        _ => Ratio::ZERO,
    };
    compare(attainment, direction, actual, target, baseline)
        .map_err(|error| Reason::of_error(&error))
}

/// Returns what a figure is against a target of zero that it should not exceed, or should hit: met or missed.
fn against_zero(attainment: Attainment, direction: Direction, actual: Ratio) -> Option<Ratio> {
    let met = match direction {
        Direction::Smaller => actual <= Ratio::ZERO,
        Direction::Target => actual.is_zero(),
        Direction::Larger | Direction::Neutral => return None,
    };
    match attainment {
        Attainment::Rate | Attainment::Inverse if met => Some(Ratio::ONE),
        Attainment::Rate | Attainment::Inverse => Some(Ratio::ZERO),
        Attainment::Growth if met => Some(Ratio::ZERO),
        Attainment::Growth => Some(Ratio::from(-1)),
        Attainment::Value | Attainment::Difference | Attainment::Progress => None,
    }
}

fn compare(
    attainment: Attainment,
    direction: Direction,
    actual: Ratio,
    target: Ratio,
    baseline: Ratio,
) -> Result<Ratio, QuantityError> {
    let difference = || match direction {
        Direction::Larger | Direction::Neutral => actual.checked_sub(target),
        Direction::Smaller => target.checked_sub(actual),
        Direction::Target => actual.min(target).checked_sub(actual.max(target)),
    };
    let size = || {
        if target.is_negative() {
            Ratio::ZERO.checked_sub(target)
        } else {
            Ok(target)
        }
    };
    match attainment {
        Attainment::Value => Ok(actual),
        Attainment::Rate => difference()?.checked_div(size()?)?.checked_add(Ratio::ONE),
        Attainment::Inverse if actual <= Ratio::ZERO || target <= Ratio::ZERO => {
            Err(QuantityError::ZeroDenominator)
        }
        Attainment::Inverse => target.checked_div(actual),
        Attainment::Difference => difference(),
        Attainment::Growth => difference()?.checked_div(size()?),
        Attainment::Progress => actual
            .checked_sub(baseline)?
            .checked_div(target.checked_sub(baseline)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(actual: &str, target: &str, baseline: &str) -> Readings {
        let number = |text: &str| Ok(text.parse().unwrap());
        Readings {
            actual: number(actual),
            target: Some(number(target)),
            baseline: Some(number(baseline)),
            prorated: None,
        }
    }

    #[test]
    fn each_comparison_is_worked_by_hand() {
        use Attainment::{Difference, Growth, Inverse, Progress, Rate, Value};
        use Direction::{Larger, Smaller, Target};
        let cases = [
            (Rate, Larger, "75", "50", "1.5"),
            (Rate, Smaller, "40", "50", "1.2"),
            (Rate, Smaller, "110", "50", "-0.2"),
            (Rate, Target, "40", "50", "0.8"),
            (Rate, Target, "60", "50", "0.8"),
            // A planned loss of 100: losing 50 is better, losing 150 worse.
            (Rate, Larger, "-50", "-100", "1.5"),
            (Rate, Larger, "-150", "-100", "0.5"),
            (Inverse, Smaller, "40", "50", "1.25"),
            (Difference, Smaller, "40", "50", "10"),
            (Difference, Target, "60", "50", "-10"),
            (Growth, Larger, "97", "100", "-0.03"),
            (Growth, Larger, "-5", "-10", "0.5"),
            (Value, Smaller, "7", "1", "7"),
        ];
        for (attainment, direction, actual, target, expected) in cases {
            let found = attain(attainment, direction, &read(actual, target, "0"));
            assert_eq!(
                found,
                Ok(expected.parse().unwrap()),
                "{attainment:?} {direction:?} {actual} {target}"
            );
        }
        let way = attain(Progress, Larger, &read("480", "500", "220"));
        assert_eq!(way, Ok(Ratio::new(260, 280).unwrap()));
        // The way down is progress too.
        assert_eq!(
            attain(Progress, Smaller, &read("30", "20", "60")),
            Ok("0.75".parse().unwrap())
        );
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        let no_base = Err(Reason::NoBase);
        for attainment in [Attainment::Rate, Attainment::Growth, Attainment::Inverse] {
            assert_eq!(
                attain(attainment, Direction::Larger, &read("1", "0", "0")),
                no_base
            );
        }
        assert_eq!(
            attain(
                Attainment::Progress,
                Direction::Larger,
                &read("1", "5", "5")
            ),
            no_base
        );
        // Missing a target of zero is an answer where less is better, or where the target is best.
        for (direction, actual, met) in [
            (Direction::Smaller, "0", true),
            (Direction::Smaller, "-2", true),
            (Direction::Smaller, "0.01", false),
            (Direction::Smaller, "100", false),
            (Direction::Target, "0", true),
            (Direction::Target, "-1", false),
            (Direction::Target, "1", false),
        ] {
            let found = |attainment| attain(attainment, direction, &read(actual, "0", "0"));
            let whole = |value: i64| Ok(Ratio::from(value));
            assert_eq!(
                found(Attainment::Rate),
                whole(i64::from(met)),
                "{direction:?} {actual}"
            );
            assert_eq!(found(Attainment::Inverse), whole(i64::from(met)));
            assert_eq!(found(Attainment::Growth), whole(i64::from(met) - 1));
            let input = InputDef::rate(ColumnKey::actual("complaints").unwrap(), Benchmark::Plan);
            let input = input.zero_target(ZeroTarget::NoBase);
            assert_eq!(input.attain(direction, &read(actual, "0", "0")), no_base);
            // Who has no share of the period has no target either.
            let absent = Readings {
                prorated: Some(Ok(Ratio::ZERO)),
                ..read(actual, "0", "0")
            };
            assert_eq!(attain(Attainment::Rate, direction, &absent), no_base);
        }
        let late = Readings {
            actual: Err(Reason::NotYetDue),
            ..read("1", "1", "1")
        };
        assert_eq!(
            attain(Attainment::Rate, Direction::Larger, &late),
            late.actual
        );
        let huge = Ratio::new(i128::MAX, 1).unwrap();
        let both = Readings {
            actual: Ok(huge),
            target: Some(Ok(Ratio::new(1, i128::MAX).unwrap())),
            baseline: None,
            prorated: None,
        };
        assert_eq!(
            attain(Attainment::Rate, Direction::Larger, &both),
            Err(Reason::OutOfRange)
        );
    }

    #[test]
    fn parts_that_do_not_go_together_are_refused() {
        let sales = || ColumnKey::actual("sales").unwrap();
        let refused = [
            InputDef {
                target: Some(Benchmark::Plan),
                ..InputDef::value(sales())
            },
            InputDef {
                attainment: Attainment::Rate,
                ..InputDef::value(sales())
            },
            InputDef::rate(sales(), Benchmark::Plan).by(Attainment::Progress),
            InputDef::rate(sales(), Benchmark::Plan).from(Benchmark::Plan),
            InputDef::rate(sales(), Benchmark::Previous(0)),
            InputDef::rate(sales(), Benchmark::Previous(1)).over(Lookback::ToDate),
            InputDef::value(sales()).over(Lookback::Last(0)),
        ];
        for input in refused {
            assert!(input.check().is_err(), "{input:?}");
        }
        assert!(
            InputDef::rate(sales(), Benchmark::Previous(1))
                .over(Lookback::Last(3))
                .check()
                .is_ok()
        );
    }
}
