//! Draws on earnings to come, and taking back what was earned on money that never arrived.

use serde::{Deserialize, Serialize};

use super::PayError;
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

/// What was paid on a sale, to be taken back as far as the sale is not paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clawback {
    /// What was paid out on the sale, in quanta.
    pub paid: i64,
    /// The sale, in its own quanta; above zero.
    pub sale: i64,
    /// What of it was never collected.
    pub unpaid: i64,
    /// What has been taken back already.
    pub taken: i64,
}

impl Clawback {
    /// Returns what is to be taken back now: the part of the pay that stands on unpaid money, less what has been taken. Below
    /// zero when late payments mean that something has to be given back.
    ///
    /// # Errors
    /// [`PayError::Unpaid`] when the unpaid part is not between nothing and the whole sale;
    /// [`PayError::Quantity`] beyond 64 bits.
    pub fn due(self, rounding: Rounding) -> Result<i64, PayError> {
        if self.sale <= 0 || self.unpaid < 0 || self.unpaid > self.sale {
            let Self { unpaid, sale, .. } = self;
            return Err(PayError::Unpaid { unpaid, sale });
        }
        mul_divide(
            self.paid,
            i128::from(self.unpaid),
            i128::from(self.sale),
            rounding,
        )
        .and_then(|whole| whole.checked_sub(self.taken))
        .ok_or_else(|| QuantityError::RatioOverflow.into())
    }
}

#[cfg(test)]
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
        let first = Clawback {
            paid: 1_000,
            sale: 30_000,
            unpaid: 10_000,
            taken: 0,
        };
        assert_eq!(first.due(Rounding::default()).unwrap(), 333);
        assert_eq!(
            Clawback {
                taken: 333,
                ..first
            }
            .due(Rounding::default())
            .unwrap(),
            0
        );
        // The customer pays after all.
        assert_eq!(
            Clawback {
                taken: 333,
                unpaid: 0,
                ..first
            }
            .due(Rounding::default())
            .unwrap(),
            -333
        );
        assert!(
            Clawback {
                unpaid: 30_001,
                ..first
            }
            .due(Rounding::default())
            .is_err()
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
