//! What a KPI looks at as a fraction of whole numbers, subject by subject, without bringing it to lowest terms.

use crate::measure::Direction;
use crate::panel::{Figures, Reason};
use crate::quantity::Ratio;
use crate::scorecard::binding::{BoundBenchmark, BoundInput, Source};
use crate::scorecard::{Attainment, InputDef, Precision};

/// An input of a curve or a table, bound to columns.
pub(super) struct Fraction<'p> {
    actual: Number<'p>,
    target: Option<Number<'p>>,
    baseline: Option<Number<'p>>,
    prorated: Option<Number<'p>>,
    attainment: Attainment,
    direction: Direction,
    precision: Option<Precision>,
}

/// A number of each subject: `top / bottom` with a positive bottom.
enum Number<'p> {
    Fixed(i128, i128),
    Amounts {
        states: &'p [Option<Reason>],
        units: &'p [i64],
        /// Value of a unit.
        quantum: (i128, i128),
    },
    Quotients {
        states: &'p [Option<Reason>],
        tops: &'p [i64],
        bottoms: &'p [i64],
        scale: (i128, i128),
    },
    /// Several periods added up.
    Sums(Source<'p>),
}

impl<'p> Fraction<'p> {
    /// Returns the fraction, or `None` where an input is the same missing reading for all subjects, or where the share of
    /// the period is one of several periods.
    pub(super) fn new(input: &InputDef, bound: &BoundInput<'p>, subjects: usize) -> Option<Self> {
        let number = |source: &Source<'p>| Number::new(source, subjects);
        let reference = |reference: &Option<BoundBenchmark<'p>>| match reference {
            None => Some(None),
            Some(BoundBenchmark::Fixed(Ok(value))) => {
                Some(Some(Number::Fixed(value.numerator(), value.denominator())))
            }
            Some(BoundBenchmark::Fixed(Err(_))) => None,
            Some(BoundBenchmark::Read(source)) => number(source).map(Some),
        };
        let prorated = match &bound.prorated {
            None => None,
            Some(share) => {
                share.single()?;
                Some(number(share)?)
            }
        };
        let target = reference(&bound.target)?;
        if target.is_none() && input.attainment != Attainment::Value {
            return None;
        }
        Some(Self {
            actual: number(&bound.actual)?,
            target,
            baseline: reference(&bound.baseline)?,
            prorated,
            attainment: input.attainment,
            direction: bound.direction,
            precision: input.precision,
        })
    }

    /// Returns how the input is rounded.
    pub(super) fn precision(&self) -> Option<Precision> {
        self.precision
    }

    /// Returns the input of a subject as a fraction with a positive denominator, rounded as stated; `None` where there is
    /// none, or none in 128 bits.
    pub(super) fn at(&self, subject: usize) -> Option<(i128, i128)> {
        let (top, bottom) = self.exact(subject)?;
        match self.precision {
            None => Some((top, bottom)),
            Some(precision) => {
                let units = precision.units_of(top, bottom)?;
                Some((i128::from(units), precision.power()))
            }
        }
    }

    /// Returns the input before it is rounded.
    pub(super) fn exact(&self, subject: usize) -> Option<(i128, i128)> {
        let actual = self.actual.get(subject)?;
        let Some(target) = &self.target else {
            return Some(actual);
        };
        let target = target.get(subject)?;
        let target = match &self.prorated {
            None => target,
            Some(share) => {
                let share = share.get(subject)?;
                (
                    target.0.checked_mul(share.0)?,
                    target.1.checked_mul(share.1)?,
                )
            }
        };
        // Over one denominator. Where both are counts of one quantum it is there already.
        let common = |left: (i128, i128), right: (i128, i128)| {
            if left.1 == right.1 {
                return Some((left.0, right.0, left.1));
            }
            Some((
                left.0.checked_mul(right.1)?,
                right.0.checked_mul(left.1)?,
                left.1.checked_mul(right.1)?,
            ))
        };
        let (a, t, over) = common(actual, target)?;
        let difference = || match self.direction {
            Direction::Larger | Direction::Neutral => a.checked_sub(t),
            Direction::Smaller => t.checked_sub(a),
            Direction::Target => a.min(t).checked_sub(a.max(t)),
        };
        let size = t.checked_abs()?;
        match self.attainment {
            Attainment::Value => Some(actual),
            Attainment::Rate if size > 0 => Some((difference()?.checked_add(size)?, size)),
            Attainment::Growth if size > 0 => Some((difference()?, size)),
            Attainment::Difference => Some((difference()?, over)),
            Attainment::Inverse if a > 0 && t > 0 => Some((t, a)),
            Attainment::Progress => {
                let baseline = self.baseline.as_ref()?.get(subject)?;
                let (a, b, over) = common(actual, baseline)?;
                let (t, from, other) = common(target, baseline)?;
                let covered = a.checked_sub(b)?.checked_mul(other)?;
                let way = t.checked_sub(from)?.checked_mul(over)?;
                let (covered, way) = if way < 0 {
                    (covered.checked_neg()?, way.checked_neg()?)
                } else {
                    (covered, way)
                };
                (way > 0).then_some((covered, way))
            }
            Attainment::Rate | Attainment::Growth | Attainment::Inverse => None,
        }
    }
}

impl<'p> Number<'p> {
    fn new(source: &Source<'p>, subjects: usize) -> Option<Self> {
        let Some(period) = source.single() else {
            return Some(Self::Sums(source.clone()));
        };
        let start = source.offset(period);
        let all = start..start.checked_add(subjects)?;
        let parts = |value: Ratio| (value.numerator(), value.denominator());
        let states = source.column.reasons().get(all.clone())?;
        Some(match source.column.figures() {
            Figures::Amounts { quantum, units } => Self::Amounts {
                states,
                units: units.get(all)?,
                quantum: parts(quantum.ratio()),
            },
            Figures::Quotients {
                scale,
                numerators,
                denominators,
            } => Self::Quotients {
                states,
                tops: numerators.get(all.clone())?,
                bottoms: denominators.get(all)?,
                scale: parts(*scale),
            },
        })
    }

    #[inline]
    fn get(&self, subject: usize) -> Option<(i128, i128)> {
        match self {
            Self::Fixed(top, bottom) => Some((*top, *bottom)),
            Self::Amounts {
                states,
                units,
                quantum,
            } => {
                states[subject].is_none().then_some(())?;
                Some((
                    i128::from(units[subject]).checked_mul(quantum.0)?,
                    quantum.1,
                ))
            }
            Self::Quotients {
                states,
                tops,
                bottoms,
                scale,
            } => {
                states[subject].is_none().then_some(())?;
                Some((
                    i128::from(tops[subject]).checked_mul(scale.0)?,
                    i128::from(bottoms[subject]).checked_mul(scale.1)?,
                ))
            }
            Self::Sums(source) => {
                let value = source.read(subject).ok()?;
                Some((value.numerator(), value.denominator()))
            }
        }
    }
}
