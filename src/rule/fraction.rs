//! Exact values on the way through an operand: fractions that nobody has reduced yet.

use crate::panel::Reason;
use std::cmp::Ordering;

use super::WhyUnknown;
use crate::quantity::Ratio;

/// A fraction with a positive denominator, not in lowest terms.
///
/// Reducing costs more than all other steps together, so it waits until a value is shown or a product does not fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fraction {
    numerator: i128,
    denominator: i128,
}

/// What an operand says: a value, or why there is none.
pub(super) type Reading = Result<Fraction, WhyUnknown>;

impl Fraction {
    /// Returns `numerator / denominator`, the latter not zero.
    pub(super) fn new(numerator: i128, denominator: i128) -> Reading {
        match denominator.cmp(&0) {
            Ordering::Greater => Ok(Self {
                numerator,
                denominator,
            }),
            Ordering::Equal => Err(WhyUnknown::Missing(Reason::NoBase)),
            Ordering::Less => match (numerator.checked_neg(), denominator.checked_neg()) {
                (Some(numerator), Some(denominator)) => Ok(Self {
                    numerator,
                    denominator,
                }),
                _ => Err(WhyUnknown::Missing(Reason::OutOfRange)),
            },
        }
    }

    /// Returns the sign: below, at or above zero.
    pub(super) fn sign(self) -> Ordering {
        self.numerator.cmp(&0)
    }

    /// Returns the product.
    pub(super) fn times(self, other: Self) -> Reading {
        let product = self
            .numerator
            .checked_mul(other.numerator)
            .zip(self.denominator.checked_mul(other.denominator));
        match product {
            Some((numerator, denominator)) => Ok(Self {
                numerator,
                denominator,
            }),
            None => self.reduced(other, Ratio::checked_mul),
        }
    }

    /// Returns the quotient; without base where `other` is zero.
    pub(super) fn over(self, other: Self) -> Reading {
        if other.numerator == 0 {
            return Err(WhyUnknown::Missing(Reason::NoBase));
        }
        let quotient = self
            .numerator
            .checked_mul(other.denominator)
            .zip(self.denominator.checked_mul(other.numerator));
        match quotient {
            Some((numerator, denominator)) => Self::new(numerator, denominator),
            None => self.reduced(other, Ratio::checked_div),
        }
    }

    /// Returns the sum.
    pub(super) fn plus(self, other: Self) -> Reading {
        self.combined(other, i128::checked_add, Ratio::checked_add)
    }

    /// Returns the difference.
    pub(super) fn less(self, other: Self) -> Reading {
        self.combined(other, i128::checked_sub, Ratio::checked_sub)
    }

    /// Returns the change against another value as a share of it; without base where that is not positive.
    pub(super) fn change(self, against: Self) -> Reading {
        if against.sign().is_le() {
            return Err(WhyUnknown::Missing(Reason::NoBase));
        }
        self.less(against)?.over(against)
    }

    /// Returns the mean of the values that are known, of which there must be so many; the latest comes first.
    pub(super) fn mean(values: impl Iterator<Item = Reading>, known: usize) -> Reading {
        let (mut sum, mut count, mut first) = (Self::new(0, 1)?, 0_usize, None);
        for value in values {
            match value {
                Ok(value) => (sum, count) = (sum.plus(value)?, count + 1),
                Err(reason) => first = first.or(Some(reason)),
            }
        }
        if count == 0 || count < known {
            // Where some values are there but not enough, that is the reason; where none is, why the latest is not.
            return Err(first.filter(|_| count == 0).unwrap_or(WhyUnknown::TooFew));
        }
        let count = i128::try_from(count).map_err(|_| WhyUnknown::Missing(Reason::OutOfRange))?;
        sum.over(Self::new(count, 1)?)
    }

    fn combined(
        self,
        other: Self,
        whole: impl Fn(i128, i128) -> Option<i128>,
        exact: impl Fn(Ratio, Ratio) -> Result<Ratio, crate::quantity::QuantityError>,
    ) -> Reading {
        // Amounts of one quantum share their denominator: their sums need no product at all.
        let direct = if self.denominator == other.denominator {
            whole(self.numerator, other.numerator).zip(Some(self.denominator))
        } else {
            let left = self.numerator.checked_mul(other.denominator);
            let right = other.numerator.checked_mul(self.denominator);
            let numerator = left.zip(right).and_then(|(left, right)| whole(left, right));
            numerator.zip(self.denominator.checked_mul(other.denominator))
        };
        match direct {
            Some((numerator, denominator)) => Ok(Self {
                numerator,
                denominator,
            }),
            None => self.reduced(other, exact),
        }
    }

    fn reduced(
        self,
        other: Self,
        exact: impl Fn(Ratio, Ratio) -> Result<Ratio, crate::quantity::QuantityError>,
    ) -> Reading {
        exact(self.ratio(), other.ratio())
            .map(Self::from)
            .map_err(|_| WhyUnknown::Missing(Reason::OutOfRange))
    }

    /// Returns the order, exact for any size.
    pub(super) fn order(self, other: Self) -> Ordering {
        let left = self.numerator.checked_mul(other.denominator);
        let right = other.numerator.checked_mul(self.denominator);
        match left.zip(right) {
            Some((left, right)) => left.cmp(&right),
            None => self.ratio().cmp(&other.ratio()),
        }
    }

    /// Returns the value in lowest terms.
    pub(super) fn ratio(self) -> Ratio {
        // The denominator is positive, so that no sign has to be turned.
        Ratio::new(self.numerator, self.denominator).unwrap_or(Ratio::ZERO)
    }

    /// Returns the nearest float, for methods that are real-valued by nature.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nearest float is what is asked for"
    )]
    pub(super) fn float(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// Returns both parts as they are, not in lowest terms; the denominator is positive.
    pub(super) fn parts(self) -> (i128, i128) {
        (self.numerator, self.denominator)
    }
}

impl From<Ratio> for Fraction {
    fn from(ratio: Ratio) -> Self {
        Self {
            numerator: ratio.numerator(),
            denominator: ratio.denominator(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn fractions_agree_with_ratios(a in -99_i128..99, b in 1_i128..99, c in -99_i128..99, d in 1_i128..99, scale in 0_u32..126) {
            // The same value with parts so large that products must be reduced.
            let factor = (1_i128 << scale) / 99;
            let blown = if factor > 0 { factor } else { 1 };
            let x = Fraction::new(a * blown, b * blown).unwrap();
            let y = Fraction::new(c, d).unwrap();
            let (p, q) = (Ratio::new(a, b).unwrap(), Ratio::new(c, d).unwrap());
            prop_assert_eq!(x.times(y).unwrap().ratio(), p.checked_mul(q).unwrap());
            prop_assert_eq!(x.plus(y).unwrap().ratio(), p.checked_add(q).unwrap());
            prop_assert_eq!(x.less(y).unwrap().ratio(), p.checked_sub(q).unwrap());
            prop_assert_eq!(x.over(y).map(Fraction::ratio).ok(), p.checked_div(q).ok());
            prop_assert_eq!(x.order(y), p.cmp(&q));
        }
    }
}
