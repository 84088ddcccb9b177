//! How activity and later results go together: Pearson's correlation, squared, for each lag.

use serde::{Deserialize, Serialize};

use super::error::StatisticsError;
use crate::quantity::{Ratio, gcd};

/// How activity and result go together when the result comes so many periods later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LagScore {
    /// How many periods later.
    pub lag: usize,
    /// How many pairs of periods there are.
    pub pairs: usize,
    /// The square of the correlation (Pearson) with the sign of the correlation; `None` where one of the two does not
    /// move, or with fewer than three pairs.
    pub signed_square: Option<Ratio>,
}

/// Returns how activity and later results go together, for each lag from 0 to `most` periods, as far as a lag leaves a pair of
/// periods: no list is longer than the shorter one of the two.
///
/// The square of Pearson's correlation is told because it is an exact fraction and ranks the lags as the correlation does.
///
/// # Errors
/// [`StatisticsError::Quantity`] when the numbers are too large for exact squares.
pub fn lags(
    activity: &[i64],
    result: &[i64],
    most: usize,
) -> Result<Vec<LagScore>, StatisticsError> {
    let fewer = activity.len().min(result.len());
    let lags = most.saturating_add(1).min(fewer);
    (0..lags)
        .map(|lag| {
            let later = result.get(lag..).unwrap_or_default();
            let pairs: Vec<(i64, i64)> = activity
                .iter()
                .copied()
                .zip(later.iter().copied())
                .collect();
            Ok(LagScore {
                lag,
                pairs: pairs.len(),
                signed_square: signed_square(&pairs)?,
            })
        })
        .collect()
}

fn signed_square(pairs: &[(i64, i64)]) -> Result<Option<Ratio>, StatisticsError> {
    if pairs.len() < 3 {
        return Ok(None);
    }
    let overflow = || StatisticsError::from(crate::quantity::QuantityError::RatioOverflow);
    let count = i128::try_from(pairs.len()).map_err(|_| overflow())?;
    let sum = |of: &dyn Fn(&(i64, i64)) -> Option<i128>| {
        pairs
            .iter()
            .try_fold(0_i128, |sum, pair| sum.checked_add(of(pair)?))
            .ok_or_else(overflow)
    };
    // A correlation knows neither where numbers begin nor in what steps they are told: without both they are small.
    let (first, steps) = (pairs[0], steps(pairs));
    let left = |pair: &(i64, i64)| (i128::from(pair.0) - i128::from(first.0)) / steps.0;
    let right = |pair: &(i64, i64)| (i128::from(pair.1) - i128::from(first.1)) / steps.1;
    let (sum_x, sum_y) = (
        sum(&|pair| Some(left(pair)))?,
        sum(&|pair| Some(right(pair)))?,
    );
    let moment = |of: &dyn Fn(&(i64, i64)) -> Option<i128>, a: i128, b: i128| {
        let product = count.checked_mul(sum(of)?).ok_or_else(overflow)?;
        product
            .checked_sub(a.checked_mul(b).ok_or_else(overflow)?)
            .ok_or_else(overflow)
    };
    let both = moment(&|pair| left(pair).checked_mul(right(pair)), sum_x, sum_y)?;
    let spread_x = moment(&|pair| left(pair).checked_mul(left(pair)), sum_x, sum_x)?;
    let spread_y = moment(&|pair| right(pair).checked_mul(right(pair)), sum_y, sum_y)?;
    if spread_x == 0 || spread_y == 0 {
        return Ok(None);
    }
    // Dividing twice keeps the numbers small: both parts are in lowest terms before they meet.
    let square = Ratio::new(both, spread_x)?.checked_mul(Ratio::new(both.abs(), spread_y)?)?;
    Ok(Some(square))
}

/// Returns the largest steps in which both sides move from their first number.
fn steps(pairs: &[(i64, i64)]) -> (i128, i128) {
    let first = pairs.first().copied().unwrap_or_default();
    let apart = |one: i64, first: i64| i128::from(one) - i128::from(first);
    // A difference of two numbers of 64 bits fits 65.
    let divisor = |step: i128, apart: i128| {
        i128::try_from(gcd(step.unsigned_abs(), apart.unsigned_abs())).unwrap_or(1)
    };
    let found = pairs.iter().fold((0, 0), |(left, right), pair| {
        (
            divisor(left, apart(pair.0, first.0)),
            divisor(right, apart(pair.1, first.1)),
        )
    });
    (found.0.max(1), found.1.max(1))
}
