//! Quanta and lots: two counts that are never mixed.

use crate::quantity::{Ratio, Rounding, divide, gcd, mul_divide};

/// How many quanta one lot has, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) struct LotSize(i64);

/// A count of lots: never an amount, which counts quanta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) struct LotCount(i64);

impl LotSize {
    /// Lots of one quantum.
    pub(in crate::plan) const ONE: Self = Self(1);

    /// Returns lots of so many quanta; none for fewer than one.
    pub(super) fn new(quanta: i64) -> Option<Self> {
        (quanta > 0).then_some(Self(quanta))
    }

    /// Returns how many quanta a lot has.
    pub(in crate::plan) fn quanta(self) -> i64 {
        self.0
    }

    /// Returns the size as a number of quanta.
    pub(in crate::plan) fn ratio(self) -> Ratio {
        Ratio::from(self.0)
    }

    /// Says whether an amount is a whole number of lots.
    pub(in crate::plan) fn divides(self, amount: i64) -> bool {
        amount % self.0 == 0
    }

    /// Returns the amount of the whole lots in an amount, towards zero.
    pub(in crate::plan) fn whole(self, amount: i64) -> i64 {
        amount - amount % self.0
    }

    /// Returns how many whole lots are in an amount, towards zero.
    pub(in crate::plan) fn count(self, amount: i64) -> LotCount {
        LotCount(amount / self.0)
    }

    /// Returns how many lots an amount is, rounded.
    pub(in crate::plan) fn rounded(self, amount: i64, rounding: Rounding) -> Option<LotCount> {
        let lots = divide(i128::from(amount), i128::from(self.0), rounding)?;
        i64::try_from(lots).ok().map(LotCount)
    }

    /// Returns `amount` times a ratio of two whole numbers as a count of lots, rounded once.
    pub(in crate::plan) fn share(
        self,
        amount: i64,
        (numerator, denominator): (i128, i128),
        rounding: Rounding,
    ) -> Option<LotCount> {
        let denominator = denominator.checked_mul(i128::from(self.0))?;
        mul_divide(amount, numerator, denominator, rounding).map(LotCount)
    }

    /// Returns `amount` times a ratio as the nearest whole lots, a half away from zero, in quanta.
    pub(in crate::plan) fn nearest_part(self, amount: i64, of: Ratio) -> Option<i64> {
        let parts = (of.numerator(), of.denominator());
        let lots = self.share(amount, parts, Rounding::HalfAwayFromZero)?;
        lots.quanta(self)
    }

    /// Returns the smallest size of which whole lots of either are multiples.
    pub(in crate::plan) fn common(self, other: Self) -> Option<Self> {
        let wide = |size: Self| u128::from(size.0.unsigned_abs());
        let common = i64::try_from(gcd(wide(self), wide(other))).ok()?;
        (other.0 / common).checked_mul(self.0).map(Self)
    }
}

impl LotCount {
    /// Returns the count that a split or a rounding gave.
    pub(in crate::plan) fn new(lots: i64) -> Self {
        Self(lots)
    }

    /// Returns the count.
    pub(in crate::plan) fn get(self) -> i64 {
        self.0
    }

    /// Returns the amount of so many lots, in quanta; none beyond the range.
    pub(in crate::plan) fn quanta(self, size: LotSize) -> Option<i64> {
        self.0.checked_mul(size.0)
    }

    /// Returns the amount of a part of whole lots in range, which is in range too.
    pub(in crate::plan) fn part(self, size: LotSize) -> i64 {
        self.0.saturating_mul(size.0)
    }
}
