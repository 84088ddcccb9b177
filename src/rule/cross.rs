//! Comparisons in whole numbers: nothing is divided, both sides are multiplied.
//!
//! `sales / target < 4/5` becomes `5 x sales < 4 x target` where the target is positive, the other way round where it is
//! negative, and unknown where it is zero. An amount against a number becomes a whole-number bound, so that nothing is
//! multiplied at all.

use std::cmp::Ordering;

use super::term::{Kind, Limit, Slot, Term, View};
use super::{Is, Truth, WhyUnknown};
use crate::panel::{Figures, Reason};
use crate::quantity::{Ratio, Rounding, divide};

/// The largest factor in a product: 2^62, so that the sum of two signed products with 64-bit numbers fits 127 bits.
const MAX_FACTOR: i128 = 1 << 62;

/// Whole numbers of a column, so many periods back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lane {
    pub(super) slot: usize,
    pub(super) part: Part,
    pub(super) back: usize,
}

/// Which whole numbers of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Units,
    Numerators,
    Denominators,
}

/// A comparison in whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cross {
    /// A lane against a whole number.
    Bound { lane: Lane, test: Bound },
    /// `left x by_left` against `right x by_right`, with what stood below the line.
    Products {
        left: Lane,
        by_left: i64,
        is: Is,
        right: Lane,
        by_right: i64,
        base: Base,
    },
}

/// A whole number against a whole number. Both kinds of `no` are needed: what is not below need not be above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    Below(i64),
    Above(i64),
    NotBelow(i64),
    NotAbove(i64),
    Equal(i64),
    NotEqual(i64),
    Always(bool),
}

/// What stood below the line of a quotient before both sides were multiplied with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// Nothing, or what is always positive.
    None,
    /// A number whose sign turns the comparison; where it is zero there is no base.
    Signed(Lane),
    /// A number that must be positive, else there is no base.
    Positive(Lane),
    /// A number whose sign turns the comparison; where it is zero, what is said depends on whether what stands above the line is
    /// below, at or above zero.
    Zero(Lane, Limit, [bool; 3]),
}

/// The place of what is above the line among the answers of [`Base::Zero`].
pub(super) fn by_sign(above: Ordering) -> usize {
    match above {
        Ordering::Less => 0,
        Ordering::Equal => 1,
        Ordering::Greater => 2,
    }
}

/// What a term is, seen as whole numbers.
enum Shape {
    Constant(Ratio),
    /// A lane times a factor.
    Line(Lane, Ratio),
    /// One lane over another, times a factor, plus an offset.
    Over {
        top: Lane,
        bottom: Lane,
        factor: Ratio,
        offset: Ratio,
        base: Base,
    },
}

impl Cross {
    /// Returns the comparison of two terms in whole numbers, if it has that form.
    pub(super) fn of(left: &Term, is: Is, right: &Term, slots: &[Slot]) -> Option<Self> {
        Self::shaped(shape(left, slots)?, is, shape(right, slots)?)
    }

    fn shaped(left: Shape, is: Is, right: Shape) -> Option<Self> {
        match (left, right) {
            (Shape::Constant(_), Shape::Constant(_)) => None,
            (Shape::Constant(value), other) => {
                Self::shaped(other, is.exchanged(), Shape::Constant(value))
            }
            (Shape::Line(lane, factor), Shape::Constant(value)) => bound(lane, factor, is, value),
            (Shape::Line(left, by_left), Shape::Line(right, by_right)) => {
                products(left, by_left, is, right, by_right, Base::None)
            }
            (
                Shape::Over {
                    top,
                    bottom,
                    factor,
                    offset,
                    base,
                },
                Shape::Constant(value),
            ) => {
                let base = match base {
                    Base::Zero(lane, limit, _) => {
                        let signs = [Ordering::Less, Ordering::Equal, Ordering::Greater];
                        let answers = signs.map(|above| {
                            let side = limit.at_zero(above);
                            is.holds(side.then(Ratio::ONE.cmp(&value)))
                        });
                        Base::Zero(lane, limit, answers)
                    }
                    other => other,
                };
                let value = value.checked_sub(offset).ok()?;
                products(top, factor, is, bottom, value, base)
            }
            (
                Shape::Over {
                    top,
                    bottom,
                    factor,
                    offset,
                    base,
                },
                Shape::Over {
                    top: top2,
                    bottom: bottom2,
                    factor: factor2,
                    offset: offset2,
                    base: base2,
                },
            ) if bottom == bottom2
                && base == base2
                && offset == offset2
                && !matches!(base, Base::Zero(..)) =>
            {
                products(top, factor, is, top2, factor2, base)
            }
            (Shape::Over { .. } | Shape::Line(..), Shape::Over { .. } | Shape::Line(..)) => None,
        }
    }
}

fn scaled(by: Ratio, of: &Shape) -> Option<Shape> {
    Some(match of {
        Shape::Constant(value) => Shape::Constant(value.checked_mul(by).ok()?),
        Shape::Line(lane, factor) => Shape::Line(*lane, factor.checked_mul(by).ok()?),
        // All of a target of zero is one; a part of that stays with the exact values.
        Shape::Over {
            base: Base::Zero(..),
            ..
        } => return None,
        Shape::Over {
            top,
            bottom,
            factor,
            offset,
            base,
        } => Shape::Over {
            top: *top,
            bottom: *bottom,
            factor: factor.checked_mul(by).ok()?,
            offset: offset.checked_mul(by).ok()?,
            base: *base,
        },
    })
}

fn shape(term: &Term, slots: &[Slot]) -> Option<Shape> {
    match term {
        Term::Constant(value) => Some(Shape::Constant(value.ratio())),
        Term::Cell(slot) => {
            let lane = |part| Lane {
                slot: *slot,
                part,
                back: 0,
            };
            let factor = slots[*slot].factor;
            Some(match slots[*slot].kind {
                Kind::Amounts => Shape::Line(lane(Part::Units), factor),
                Kind::Quotients => Shape::Over {
                    top: lane(Part::Numerators),
                    bottom: lane(Part::Denominators),
                    factor,
                    offset: Ratio::ZERO,
                    base: Base::None,
                },
            })
        }
        Term::Scaled(by, of) => scaled(by.ratio(), &shape(of, slots)?),
        Term::Quotient(of, to) => over(
            shape(of, slots)?,
            shape(to, slots)?,
            Ratio::ZERO,
            Base::Signed,
        ),
        Term::Attained { of, to, limit } => over(
            shape(&Term::Cell(*of), slots)?,
            shape(&Term::Cell(*to), slots)?,
            Ratio::ZERO,
            |lane| Base::Zero(lane, *limit, [false; 3]),
        ),
        Term::Change(of, against) => {
            let (of, against) = (shape(of, slots)?, shape(against, slots)?);
            if matches!(&against, Shape::Line(_, factor) if factor.is_negative()) {
                return None;
            }
            over(of, against, Ratio::from(-1), Base::Positive)
        }
        Term::Back(periods, of) => {
            let earlier = |lane: Lane| {
                Some(Lane {
                    back: lane.back.checked_add(*periods)?,
                    ..lane
                })
            };
            Some(match shape(of, slots)? {
                // A constant has no history to lack, but the term has: it stays with the exact values.
                Shape::Constant(_) => return None,
                Shape::Line(lane, factor) => Shape::Line(earlier(lane)?, factor),
                Shape::Over {
                    top,
                    bottom,
                    factor,
                    offset,
                    base,
                } => Shape::Over {
                    top: earlier(top)?,
                    bottom: earlier(bottom)?,
                    factor,
                    offset,
                    base: match base {
                        Base::None => Base::None,
                        Base::Signed(lane) => Base::Signed(earlier(lane)?),
                        Base::Positive(lane) => Base::Positive(earlier(lane)?),
                        Base::Zero(lane, limit, answers) => {
                            Base::Zero(earlier(lane)?, limit, answers)
                        }
                    },
                },
            })
        }
        Term::Difference(..) | Term::LastYear(_) | Term::Mean { .. } | Term::Peer(_) => None,
    }
}

fn over(of: Shape, to: Shape, offset: Ratio, base: impl FnOnce(Lane) -> Base) -> Option<Shape> {
    match (of, to) {
        (Shape::Line(top, by_top), Shape::Line(bottom, by_bottom)) => Some(Shape::Over {
            top,
            bottom,
            factor: by_top.checked_div(by_bottom).ok()?,
            offset,
            base: base(bottom),
        }),
        _ => None,
    }
}

/// `lane x factor` against `value`: a whole number is below a fraction when it is below the next whole number.
fn bound(lane: Lane, factor: Ratio, is: Is, value: Ratio) -> Option<Cross> {
    let (value, is) = match factor.numerator().cmp(&0) {
        Ordering::Greater => (value.checked_div(factor).ok()?, is),
        Ordering::Less => (value.checked_div(factor).ok()?, is.exchanged()),
        Ordering::Equal => return None,
    };
    let whole = |rounding| divide(value.numerator(), value.denominator(), rounding);
    let (floor, ceiling) = (whole(Rounding::Floor)?, whole(Rounding::Ceiling)?);
    let outside = |whole: i128, if_beyond: bool, test: fn(i64) -> Bound| match i64::try_from(whole)
    {
        Ok(whole) => test(whole),
        Err(_) => Bound::Always(if_beyond == (whole > 0)),
    };
    let test = match is {
        Is::Below => outside(ceiling, true, Bound::Below),
        Is::AtMost => outside(floor, true, Bound::NotAbove),
        Is::AtLeast => outside(ceiling, false, Bound::NotBelow),
        Is::Above => outside(floor, false, Bound::Above),
        Is::Equal | Is::NotEqual => match i64::try_from(floor) {
            Ok(whole) if floor == ceiling => {
                if is == Is::Equal {
                    Bound::Equal(whole)
                } else {
                    Bound::NotEqual(whole)
                }
            }
            _ => Bound::Always(is == Is::NotEqual),
        },
    };
    Some(Cross::Bound { lane, test })
}

fn products(
    left: Lane,
    by_left: Ratio,
    is: Is,
    right: Lane,
    by_right: Ratio,
    base: Base,
) -> Option<Cross> {
    // Both factors times the product of their denominators, then without what they have in common.
    let (a, b) = (
        by_left.numerator().checked_mul(by_right.denominator())?,
        by_right.numerator().checked_mul(by_left.denominator())?,
    );
    let common = if a == 0 || b == 0 {
        a.checked_abs()?.max(b.checked_abs()?).max(1)
    } else {
        // The ratio of two whole numbers in lowest terms shows what they have in common.
        let reduced = Ratio::new(a, b).ok()?;
        a.checked_abs()? / reduced.numerator().checked_abs()?
    };
    let fit = |factor: i128| {
        let factor = factor / common;
        if factor.abs() <= MAX_FACTOR {
            i64::try_from(factor).ok()
        } else {
            None
        }
    };
    Some(Cross::Products {
        left,
        by_left: fit(a)?,
        is,
        right,
        by_right: fit(b)?,
        base,
    })
}

impl Bound {
    pub(super) fn holds(self, value: i64) -> bool {
        match self {
            Self::Below(bound) => value < bound,
            Self::Above(bound) => value > bound,
            Self::NotBelow(bound) => value >= bound,
            Self::NotAbove(bound) => value <= bound,
            Self::Equal(bound) => value == bound,
            Self::NotEqual(bound) => value != bound,
            Self::Always(answer) => answer,
        }
    }
}

impl View<'_> {
    /// Returns what a comparison in whole numbers says of one cell.
    pub(super) fn crossed(&self, cross: &Cross, subject: usize, period: usize) -> Truth {
        let truth = match cross {
            Cross::Bound { lane, test } => self
                .whole(*lane, subject, period)
                .map(|value| test.holds(value)),
            Cross::Products {
                left,
                by_left,
                is,
                right,
                by_right,
                base,
            } => self.products_stand(
                *left, *by_left, *is, *right, *by_right, *base, subject, period,
            ),
        };
        truth.map_or_else(Truth::Unknown, Truth::from)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one comparison and one cell"
    )]
    fn products_stand(
        &self,
        left: Lane,
        by_left: i64,
        is: Is,
        right: Lane,
        by_right: i64,
        base: Base,
        subject: usize,
        period: usize,
    ) -> Result<bool, WhyUnknown> {
        let above = i128::from(self.whole(left, subject, period)?) * i128::from(by_left);
        let turned = match base {
            Base::None => false,
            Base::Zero(lane, _, answers) => {
                let below = self.whole(lane, subject, period)?;
                if below == 0 {
                    let own = self.whole(left, subject, period)?;
                    return Ok(answers[by_sign(own.cmp(&0))]);
                }
                below < 0
            }
            Base::Signed(lane) | Base::Positive(lane) => {
                let below = self.whole(lane, subject, period)?;
                if below == 0 || (below < 0 && matches!(base, Base::Positive(_))) {
                    return Err(WhyUnknown::Missing(Reason::NoBase));
                }
                below < 0
            }
        };
        let other = i128::from(self.whole(right, subject, period)?) * i128::from(by_right);
        let order = above.cmp(&other);
        Ok(is.holds(if turned { order.reverse() } else { order }))
    }

    fn whole(&self, lane: Lane, subject: usize, period: usize) -> Result<i64, WhyUnknown> {
        let earlier = period.checked_sub(lane.back).ok_or(WhyUnknown::NoHistory)?;
        let cell = earlier * self.subjects() + subject;
        let column = self.columns[lane.slot];
        match column.reasons()[cell].map(WhyUnknown::Missing) {
            Some(reason) => Err(reason),
            None => Ok(wholes(column.figures(), lane.part)[cell]),
        }
    }
}

/// Returns the whole numbers of a column; none where the column is of another kind.
pub(super) fn wholes(figures: &Figures, part: Part) -> &[i64] {
    match (figures, part) {
        (Figures::Amounts { units, .. }, Part::Units) => units,
        (Figures::Quotients { numerators, .. }, Part::Numerators) => numerators,
        (Figures::Quotients { denominators, .. }, Part::Denominators) => denominators,
        (Figures::Amounts { .. }, Part::Numerators | Part::Denominators)
        | (Figures::Quotients { .. }, Part::Units) => &[],
    }
}
