//! Draws on earnings to come, and taking back what was earned on money that never arrived.

use serde::{Deserialize, Serialize};

use super::PayError;
use crate::key::{Key, unknown};
use crate::quantity::{QuantityError, Rounding, mul_divide};

/// What a draw is: a minimum or an advance, owed back or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawKind {
    /// Pay is at least the draw; nothing is owed later.
    Guarantee,
    /// Pay is at least the draw; what was added is owed and comes off later earnings above the draw.
    RecoverableMinimum,
    /// The draw comes on top of earnings; nothing is owed later.
    Stipend,
    /// The draw comes on top of earnings and is owed; it comes off later earnings, which it may use up.
    RecoverableAdvance,
}

/// A draw of so many quanta in each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "DrawDef", into = "DrawDef")]
pub struct Draw {
    kind: DrawKind,
    units: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DrawDef {
    kind: DrawKind,
    units: i64,
}

/// What a period with a draw comes to. `paid = earned + drawn - recovered`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// What is paid.
    pub paid: i64,
    /// What was added to the earnings.
    pub drawn: i64,
    /// What was taken off them for earlier draws.
    pub recovered: i64,
    /// What is owed from now on.
    pub owed: i64,
}

impl Draw {
    /// Returns the draw.
    ///
    /// # Errors
    /// [`PayError::Negative`] below zero.
    pub fn new(kind: DrawKind, units: i64) -> Result<Self, PayError> {
        if units < 0 {
            return Err(PayError::Negative {
                what: "draw",
                units,
            });
        }
        Ok(Self { kind, units })
    }

    /// Settles a period: `earned` was earned, and `owed` is owed from before.
    ///
    /// # Errors
    /// [`PayError::Quantity`] when an amount leaves 64 bits; [`PayError::Negative`] for a debt below zero.
    ///
    /// ```
    /// use quotaflow::pay::{Draw, DrawKind};
    /// let draw = Draw::new(DrawKind::RecoverableMinimum, 3_000)?;
    /// let weak = draw.settle(2_200, 0)?;
    /// assert_eq!((weak.paid, weak.owed), (3_000, 800));
    /// let strong = draw.settle(3_500, weak.owed)?;
    /// assert_eq!((strong.paid, strong.recovered, strong.owed), (3_000, 500, 300));
    /// # Ok::<(), quotaflow::pay::PayError>(())
    /// ```
    pub fn settle(self, earned: i64, owed: i64) -> Result<Settlement, PayError> {
        if owed < 0 {
            return Err(PayError::Negative {
                what: "debt",
                units: owed,
            });
        }
        let settle = || -> Option<Settlement> {
            let short = self.units.checked_sub(earned)?.max(0);
            let above = earned.checked_sub(self.units)?.max(0);
            let (drawn, recovered) = match self.kind {
                DrawKind::Guarantee => (short, 0),
                DrawKind::RecoverableMinimum => (short, above.min(owed)),
                DrawKind::Stipend => (self.units, 0),
                DrawKind::RecoverableAdvance => (self.units, earned.max(0).min(owed)),
            };
            let lent = matches!(
                self.kind,
                DrawKind::RecoverableMinimum | DrawKind::RecoverableAdvance
            );
            let paid = earned.checked_add(drawn)?.checked_sub(recovered)?;
            let owed = owed
                .checked_sub(recovered)?
                .checked_add(if lent { drawn } else { 0 })?;
            Some(Settlement {
                paid,
                drawn,
                recovered,
                owed,
            })
        };
        settle().ok_or_else(|| QuantityError::RatioOverflow.into())
    }
}

impl TryFrom<DrawDef> for Draw {
    type Error = PayError;

    fn try_from(def: DrawDef) -> Result<Self, PayError> {
        Self::new(def.kind, def.units)
    }
}

impl From<Draw> for DrawDef {
    fn from(draw: Draw) -> Self {
        Self {
            kind: draw.kind,
            units: draw.units,
        }
    }
}

/// What was paid on one part of a sale, by its own rate: an order, an instalment, a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaidOn {
    /// The name of the part, by which a refund or a default names it.
    pub of: Key,
    /// The sale, in its own quanta; above zero.
    pub sale: i64,
    /// What was paid out on it, in quanta.
    pub paid: i64,
    /// What of the sale was refunded or never collected.
    #[serde(default)]
    pub unpaid: i64,
    /// What has been taken back already.
    #[serde(default)]
    pub taken: i64,
}

/// What is to be taken back of what was paid on sales that are refunded or not collected: each part at the rate at which it was
/// paid.
///
/// ```
/// use quotaflow::pay::Clawback;
/// use quotaflow::quantity::Rounding;
/// // An order of 1,000, of which half was paid at 10 % and half at 15 %; the first half is refunded.
/// let clawback = Clawback::new()
///     .paid("first half", 500_00, 50_00)?
///     .paid("second half", 500_00, 75_00)?
///     .unpaid("first half", 500_00)?;
/// assert_eq!(clawback.due(Rounding::default())?, 50_00);
/// let error = clawback.unpaid("frist half", 1).unwrap_err();
/// assert_eq!(error.to_string(), "nothing was paid on `frist half`; did you mean `first half`?");
/// # Ok::<(), quotaflow::pay::PayError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<PaidOn>", into = "Vec<PaidOn>")]
pub struct Clawback(Vec<PaidOn>);

impl Clawback {
    /// Returns one of nothing that was paid.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what was paid on a sale.
    ///
    /// # Errors
    /// [`PayError::Key`], [`PayError::PaidTwice`] for a name that is there already, [`PayError::Unpaid`] unless the sale is above
    /// zero.
    pub fn paid(self, of: &str, sale: i64, paid: i64) -> Result<Self, PayError> {
        let mut all = self.0;
        all.push(PaidOn {
            of: Key::new(of)?,
            sale,
            paid,
            unpaid: 0,
            taken: 0,
        });
        Self::try_from(all)
    }

    /// Says how much of a sale is refunded or not collected by now, instead of what was said of it before.
    ///
    /// # Errors
    /// [`PayError::UnknownPayment`] with the nearest name and the list, [`PayError::Unpaid`] when it is not between nothing and
    /// the whole sale.
    pub fn unpaid(mut self, of: &str, units: i64) -> Result<Self, PayError> {
        let named = self.0.iter_mut().find(|payment| payment.of == *of);
        let Some(payment) = named else {
            let all = self.0.iter().map(|payment| payment.of.as_str());
            let (name, nearest, known) = unknown(of, all);
            return Err(PayError::UnknownPayment {
                name,
                nearest,
                known,
            });
        };
        payment.unpaid = units;
        Self::try_from(self.0)
    }

    /// Returns what was paid, in the order in which it was named.
    #[must_use]
    pub fn payments(&self) -> &[PaidOn] {
        &self.0
    }

    /// Returns what is to be taken back now: of each payment the part that stands on money that is not there, rounded, less what
    /// has been taken. Below zero when late payments mean that something has to be given back.
    ///
    /// # Errors
    /// [`PayError::Quantity`] beyond 64 bits.
    pub fn due(&self, rounding: Rounding) -> Result<i64, PayError> {
        self.0.iter().try_fold(0, |sum: i64, payment| {
            payment
                .due(rounding)
                .and_then(|due| sum.checked_add(due))
                .ok_or_else(|| QuantityError::RatioOverflow.into())
        })
    }

    /// Returns it with everything that is due taken back.
    ///
    /// # Errors
    /// As [`Clawback::due`].
    pub fn taken(mut self, rounding: Rounding) -> Result<Self, PayError> {
        for payment in &mut self.0 {
            let due = payment.due(rounding);
            let taken = due.and_then(|due| payment.taken.checked_add(due));
            payment.taken = taken.ok_or(QuantityError::RatioOverflow)?;
        }
        Ok(self)
    }
}

impl PaidOn {
    fn due(&self, rounding: Rounding) -> Option<i64> {
        let (unpaid, sale) = (i128::from(self.unpaid), i128::from(self.sale));
        mul_divide(self.paid, unpaid, sale, rounding)?.checked_sub(self.taken)
    }
}

impl TryFrom<Vec<PaidOn>> for Clawback {
    type Error = PayError;

    fn try_from(payments: Vec<PaidOn>) -> Result<Self, PayError> {
        for (place, payment) in payments.iter().enumerate() {
            let PaidOn {
                of, sale, unpaid, ..
            } = payment;
            if payments[..place].iter().any(|other| other.of == *of) {
                return Err(PayError::PaidTwice { of: of.clone() });
            }
            if *sale <= 0 || *unpaid < 0 || unpaid > sale {
                return Err(PayError::Unpaid {
                    of: of.clone(),
                    unpaid: *unpaid,
                    sale: *sale,
                });
            }
        }
        Ok(Self(payments))
    }
}

impl From<Clawback> for Vec<PaidOn> {
    fn from(clawback: Clawback) -> Self {
        clawback.0
    }
}

#[cfg(test)]
#[allow(
    clippy::inconsistent_digit_grouping,
    reason = "cents stand apart: 1_000_00 is 1,000.00"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_four_draws_are_worked_by_hand() {
        let settle = |kind, earned, owed| {
            let found = Draw::new(kind, 1_000)
                .unwrap()
                .settle(earned, owed)
                .unwrap();
            (found.paid, found.owed)
        };
        assert_eq!(settle(DrawKind::Guarantee, 400, 0), (1_000, 0));
        assert_eq!(settle(DrawKind::Guarantee, 1_400, 0), (1_400, 0));
        assert_eq!(settle(DrawKind::RecoverableMinimum, 400, 100), (1_000, 700));
        assert_eq!(
            settle(DrawKind::RecoverableMinimum, 1_400, 700),
            (1_000, 300)
        );
        assert_eq!(settle(DrawKind::RecoverableMinimum, 2_400, 300), (2_100, 0));
        assert_eq!(settle(DrawKind::Stipend, 400, 0), (1_400, 0));
        assert_eq!(settle(DrawKind::RecoverableAdvance, 400, 0), (1_400, 1_000));
        assert_eq!(
            settle(DrawKind::RecoverableAdvance, 400, 1_000),
            (1_000, 1_600)
        );
        assert!(Draw::new(DrawKind::Stipend, -1).is_err());
        assert!(
            Draw::new(DrawKind::Stipend, i64::MAX)
                .unwrap()
                .settle(1, 0)
                .is_err()
        );
    }

    #[test]
    fn what_was_earned_on_unpaid_money_goes_back_once() {
        let rounding = Rounding::default();
        let paid = Clawback::new().paid("sale", 30_000, 1_000).unwrap();
        let first = paid.unpaid("sale", 10_000).unwrap();
        assert_eq!(first.due(rounding).unwrap(), 333);
        let taken = first.clone().taken(rounding).unwrap();
        assert_eq!(taken.due(rounding).unwrap(), 0);
        // The customer pays after all.
        let settled = taken.unpaid("sale", 0).unwrap();
        assert_eq!(settled.due(rounding).unwrap(), -333);
        assert!(first.unpaid("sale", 30_001).is_err());
        assert!(Clawback::new().paid("gift", 0, 10).is_err());
    }

    #[test]
    fn a_refund_takes_back_what_was_paid_for_what_it_names() {
        let halves = || {
            let first = Clawback::new().paid("first", 500_00, 50_00).unwrap();
            first.paid("second", 500_00, 75_00).unwrap()
        };
        let due = |first, second| {
            let refunded = halves().unpaid("first", first).unwrap();
            let refunded = refunded.unpaid("second", second).unwrap();
            refunded.due(Rounding::default()).unwrap()
        };
        assert_eq!(due(500_00, 0), 50_00);
        assert_eq!(due(0, 500_00), 75_00);
        assert_eq!(due(250_00, 100_00), 40_00);
        assert_eq!(due(500_00, 500_00), 125_00);
        let twice = halves().paid("first", 1, 1).unwrap_err();
        assert_eq!(
            twice.to_string(),
            "`first` is paid twice: give each payment a name of its own"
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost_between_pay_and_debt(kind in 0_usize..4, units in 0_i64..5_000, earnings in proptest::collection::vec(-500_i64..9_000, 1..12)) {
            let kind = [DrawKind::Guarantee, DrawKind::RecoverableMinimum, DrawKind::Stipend, DrawKind::RecoverableAdvance][kind];
            let draw = Draw::new(kind, units).unwrap();
            let mut owed = 0;
            for earned in earnings {
                let settled = draw.settle(earned, owed).unwrap();
                prop_assert_eq!(settled.paid, earned + settled.drawn - settled.recovered);
                let added = if matches!(kind, DrawKind::Guarantee | DrawKind::Stipend) { 0 } else { settled.drawn };
                prop_assert_eq!(settled.owed, owed + added - settled.recovered);
                prop_assert!(settled.owed >= 0 && settled.drawn >= 0 && settled.recovered >= 0);
                if matches!(kind, DrawKind::Guarantee | DrawKind::RecoverableMinimum) {
                    prop_assert!(settled.paid >= units);
                }
                owed = settled.owed;
            }
        }
    }
}
