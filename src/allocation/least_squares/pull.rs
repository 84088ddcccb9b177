//! The pull of a region: how far it moves one unit of weight, an exact fraction.

use std::cmp::Ordering;

use crate::allocation::fill::compare_fractions;
use crate::allocation::wide::{Reciprocal, mul_div_rem};

/// How far one unit of weight moves. The denominator is never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pull {
    pub(super) num: i128,
    pub(super) den: u128,
}

impl Pull {
    pub(super) const NONE: Self = Self { num: 0, den: 1 };

    pub(super) fn compare(self, other: Self) -> Ordering {
        compare_fractions((self.num, self.den), (other.num, other.den))
    }

    /// Compares the move of a weight with an amount.
    pub(super) fn move_of(self, weight: u128, against: i128) -> Ordering {
        if weight == 0 {
            return 0.cmp(&against);
        }
        self.compare(Self {
            num: against,
            den: weight,
        })
    }

    /// Returns one that lies strictly between two others, of which each may be missing.
    pub(super) fn between(below: Option<Self>, above: Option<Self>) -> Self {
        match (below, above) {
            (None, None) => Self::NONE,
            (Some(below), None) => Self {
                num: below.num.saturating_add(below.den.cast_signed()),
                den: below.den,
            },
            (None, Some(above)) => Self {
                num: above.num.saturating_sub(above.den.cast_signed()),
                den: above.den,
            },
            // The mediant.
            (Some(below), Some(above)) => Self {
                num: below.num.saturating_add(above.num),
                den: below.den.saturating_add(above.den),
            },
        }
    }
}

/// What a part of the tree holds at any pull near one: so much, and so much more for each unit of pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Line {
    pub(super) fixed: i128,
    pub(super) weight: u128,
}

impl Line {
    /// Compares what it holds at a pull with an amount.
    pub(super) fn compare(self, pull: Pull, amount: i128) -> Ordering {
        pull.move_of(self.weight, amount - self.fixed)
    }

    /// Returns the pull at which it holds an amount, where it moves at all.
    pub(super) fn pull_to(self, amount: i128) -> Option<Pull> {
        (self.weight > 0).then(|| Pull {
            num: amount - self.fixed,
            den: self.weight,
        })
    }
}

/// A pull made ready to move many weights of which none is more than its denominator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mover {
    whole: i128,
    rest: u128,
    den: u128,
    narrow: Option<(u64, u64, Reciprocal)>,
}

impl Mover {
    pub(super) fn new(pull: Pull) -> Self {
        let den = pull.den.cast_signed();
        let rest = pull.num.rem_euclid(den).unsigned_abs();
        let narrow = match (u64::try_from(rest), u64::try_from(pull.den)) {
            (Ok(rest), Ok(den)) => Some((rest, den, Reciprocal::new(den))),
            _ => None,
        };
        Self {
            whole: pull.num.div_euclid(den),
            rest,
            den: pull.den,
            narrow,
        }
    }

    /// Returns how far a weight moves: in whole quanta, rounded down, and the remainder over the denominator.
    #[inline]
    pub(super) fn of(&self, weight: u128) -> (i128, u128) {
        if weight == 0 || (self.rest == 0 && self.whole == 0) {
            return (0, 0);
        }
        let whole = i128::try_from(weight)
            .ok()
            .and_then(|weight| self.whole.checked_mul(weight))
            .unwrap_or(if self.whole < 0 { i128::MIN } else { i128::MAX });
        let (quotient, rest) = match (self.narrow, u64::try_from(weight)) {
            (Some((rest, den, by)), Ok(weight)) if weight <= den => {
                let (quotient, rest) = by.mul_div_rem(rest, weight);
                (u128::from(quotient), u128::from(rest))
            }
            _ => mul_div_rem(self.rest, weight.min(self.den), self.den),
        };
        (whole.saturating_add(quotient.cast_signed()), rest)
    }
}
