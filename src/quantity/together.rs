//! Exact amounts as they are shown: in whole quanta that make up the whole.

use super::{Quantum, Ratio, Rounding};

/// Rounds exact amounts of one period to whole quanta that together are as near to the whole as can be: each is cut towards
/// zero, and what is left of their sum goes to the largest remainders, of equal ones to the first.
pub(crate) fn rounded_together(exact: &[Option<(i128, i128)>]) -> Vec<Option<i128>> {
    let whole = |part: &Option<(i128, i128)>| part.map(|(top, bottom)| top / bottom);
    let mut found: Vec<Option<i128>> = exact.iter().map(whole).collect();
    let mut rests: Vec<(Ratio, usize)> = Vec::new();
    for (at, part) in exact.iter().enumerate() {
        if let Some(rest) = part.and_then(|(top, bottom)| Ratio::new(top % bottom, bottom).ok())
            && !rest.is_zero()
        {
            rests.push((rest, at));
        }
    }
    let sum = rests
        .iter()
        .try_fold(Ratio::ZERO, |sum, (rest, _)| sum.checked_add(*rest).ok());
    let nearest = |ratio: Ratio| Quantum::ONE.round(ratio, Rounding::HalfAwayFromZero);
    let Some(left) = sum.and_then(|sum| nearest(sum).ok()) else {
        // Fractions without a common sum are rounded one by one.
        for (rest, at) in rests {
            let step = nearest(rest).map_or(0, i128::from);
            found[at] = found[at].map(|own| own.saturating_add(step));
        }
        return found;
    };
    if left < 0 {
        rests.sort_by_key(|(rest, at)| (*rest, *at));
    } else {
        rests.sort_by_key(|(rest, at)| (std::cmp::Reverse(*rest), *at));
    }
    let count = usize::try_from(left.unsigned_abs()).unwrap_or(usize::MAX);
    for (_, at) in rests.into_iter().take(count) {
        found[at] = found[at].map(|own| own.saturating_add(i128::from(left.signum())));
    }
    found
}
