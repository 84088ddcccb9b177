//! Amounts in a row: straight lines and growth, each rounded once to a whole quantum.

use super::GrowthOf;
use super::lots::{LotCount, LotSize};
use crate::quantity::{QuantityError, Quantum, Ratio, Rounding, divide};

/// Returns an amount for each of these lots, from `from` to `to` in equal steps, each the nearest whole number of its lot;
/// the first alone when there is only one.
pub(super) fn straight_line(from: i64, to: i64, lots: &[LotSize]) -> Option<Vec<i64>> {
    let gaps = i128::try_from(lots.len().saturating_sub(1).max(1)).ok()?;
    let span = i128::from(to) - i128::from(from);
    lots.iter()
        .enumerate()
        .map(|(place, lot)| {
            let place = i128::try_from(place).ok()?;
            // One division of the whole expression, so that a half is away from zero of the amount itself.
            let numerator = i128::from(from) * gaps + span.checked_mul(place)?;
            let lots = divide(
                numerator,
                gaps.checked_mul(i128::from(lot.quanta()))?,
                Rounding::HalfAwayFromZero,
            )?;
            LotCount::new(i64::try_from(lots).ok()?).quanta(*lot)
        })
        .collect()
}

/// Returns an amount for each of these lots, which start at `start` and grow by `by` of the first or of the one before,
/// each the nearest whole number of its lot.
pub(super) fn growth(
    start: i64,
    by: Ratio,
    of: GrowthOf,
    lots: &[LotSize],
) -> Result<Vec<i64>, QuantityError> {
    let nearest = |value: Ratio, lot: LotSize| {
        let lots =
            Quantum::ONE.round(value.checked_div(lot.ratio())?, Rounding::HalfAwayFromZero)?;
        LotCount::new(lots)
            .quanta(lot)
            .ok_or(QuantityError::RatioOverflow)
    };
    let mut amounts = Vec::with_capacity(lots.len());
    let first = Ratio::from(start);
    let factor = Ratio::ONE.checked_add(by)?;
    let mut exact = Some(first);
    let mut between = Between::at(start);
    for (place, lot) in lots.iter().enumerate() {
        let amount = match of {
            GrowthOf::First => {
                let steps = i128::try_from(place).map_err(|_| QuantityError::RatioOverflow)?;
                let grown = by
                    .checked_mul(Ratio::new(steps, 1)?)?
                    .checked_add(Ratio::ONE)?;
                nearest(first.checked_mul(grown)?, *lot)?
            }
            GrowthOf::Previous => match exact {
                Some(value) => {
                    exact = value.checked_mul(factor).ok();
                    nearest(value, *lot)?
                }
                None => between.rounded(*lot).ok_or(QuantityError::RatioOverflow)?,
            },
        };
        between = between.times(factor).unwrap_or(Between {
            low: i128::MIN,
            high: i128::MAX,
        });
        amounts.push(amount);
    }
    Ok(amounts)
}

/// A value known to lie between two whole numbers of 2^-48: powers of a growth factor soon leave 128 bits, but the
/// whole number nearest to them is certain as long as both ends agree on it.
#[derive(Debug, Clone, Copy)]
struct Between {
    low: i128,
    high: i128,
}

impl Between {
    const ONE: i128 = 1 << 48;

    fn at(value: i64) -> Self {
        let value = i128::from(value) * Self::ONE;
        Self {
            low: value,
            high: value,
        }
    }

    fn times(self, factor: Ratio) -> Option<Self> {
        let scaled = |value: i128, rounding| {
            divide(
                value.checked_mul(factor.numerator())?,
                factor.denominator(),
                rounding,
            )
        };
        let ends = [self.low, self.high];
        let low = ends.map(|end| scaled(end, Rounding::Floor));
        let high = ends.map(|end| scaled(end, Rounding::Ceiling));
        Some(Self {
            low: low[0]?.min(low[1]?),
            high: high[0]?.max(high[1]?),
        })
    }

    fn rounded(self, lot: LotSize) -> Option<i64> {
        let size = Self::ONE.checked_mul(i128::from(lot.quanta()))?;
        let round = |value| divide(value, size, Rounding::HalfAwayFromZero);
        let (low, high) = (round(self.low)?, round(self.high)?);
        let lots = i64::try_from(low).ok().filter(|_| low == high)?;
        LotCount::new(lots).quanta(lot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_where_it_should() {
        assert_eq!(
            straight_line(100, 200, &[LotSize::ONE; 6]).unwrap(),
            [100, 120, 140, 160, 180, 200]
        );
        assert_eq!(straight_line(0, 1, &[LotSize::ONE; 3]).unwrap(), [0, 1, 1]);
        assert_eq!(
            straight_line(0, -1, &[LotSize::ONE; 3]).unwrap(),
            [0, -1, -1]
        );
        assert_eq!(straight_line(5, 9, &[LotSize::ONE; 1]).unwrap(), [5]);
        assert_eq!(
            straight_line(i64::MIN, i64::MAX, &[LotSize::ONE; 2]).unwrap(),
            [i64::MIN, i64::MAX]
        );
        assert!(straight_line(5, 9, &[LotSize::ONE; 0]).unwrap().is_empty());
    }

    #[test]
    fn growth_is_of_the_first_or_of_the_one_before() {
        let by = Ratio::percent(10);
        assert_eq!(
            growth(1000, by, GrowthOf::First, &[LotSize::ONE; 4]).unwrap(),
            [1000, 1100, 1200, 1300]
        );
        assert_eq!(
            growth(1000, by, GrowthOf::Previous, &[LotSize::ONE; 4]).unwrap(),
            [1000, 1100, 1210, 1331]
        );
        assert_eq!(
            growth(
                100,
                Ratio::percent(-50),
                GrowthOf::Previous,
                &[LotSize::ONE; 4]
            )
            .unwrap(),
            [100, 50, 25, 13]
        );
        assert!(growth(i64::MAX, by, GrowthOf::First, &[LotSize::ONE; 2]).is_err());
    }

    #[test]
    fn long_growth_is_still_exact() {
        // 1,000,000.00 growing by 1.25 % a month for ten years; the last month is 1.0125^119 times as much.
        let amounts = growth(
            100_000_000,
            "0.0125".parse().unwrap(),
            GrowthOf::Previous,
            &[LotSize::ONE; 120],
        )
        .unwrap();
        assert_eq!(amounts[119], 438_539_578);
        assert_eq!(amounts[60], 210_718_135);
    }
}
