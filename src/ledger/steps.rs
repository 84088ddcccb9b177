//! The steps in which amounts are added up: what is whole numbers of one step can be added up in any order.

use super::absent::NO_AMOUNT;
use super::booked::Booked;
use crate::quantity::{Ratio, gcd};

/// How many steps make one: a common denominator of all amounts that are added up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps(i128);

impl Steps {
    /// Whole numbers.
    pub(super) const ONE: Self = Self(1);

    /// So fine that an amount is a whole number of steps too; none where that is too fine.
    pub(super) fn with(self, amount: Ratio) -> Option<Self> {
        let own = amount.denominator();
        let common = i128::try_from(gcd(self.0.unsigned_abs(), own.unsigned_abs())).ok()?;
        self.0.checked_mul(own.checked_div(common)?).map(Self)
    }

    /// Whether any part of an amount of a record can be worked out, with its share of each amount that the record was booked with.
    pub(super) fn hold(self, booked: &Booked<'_>, whole: Ratio) -> bool {
        let steps = self.with(whole).and_then(|own| {
            let each = own.0.checked_div(whole.denominator())?;
            whole.numerator().checked_mul(each)?.checked_abs()
        });
        let Some(steps) = steps else {
            return false;
        };
        // A part of n steps is a share of n / steps.
        let fits = |units: i64| {
            let one = Ratio::new(i128::from(units), steps);
            one.is_ok_and(|one| one.numerator().checked_mul(steps).is_some())
        };
        let row = booked.row;
        let others = row.others.iter().flat_map(|other| &other.amounts);
        let all = row.amounts.iter().chain(others).copied();
        all.chain(booked.units())
            .filter(|units| *units != NO_AMOUNT)
            .all(fits)
    }
}

impl Default for Steps {
    fn default() -> Self {
        Self::ONE
    }
}
