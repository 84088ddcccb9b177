//! Positions in a ranking, with stated tie rules.

use crate::panel::Reason;
use crate::quantity::Ratio;
use serde::{Deserialize, Serialize};

/// Which positions equal scores get. The best is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TieRule {
    /// Equals share the best of their positions, and the next ones are skipped: 1, 1, 3. The default.
    #[default]
    Best,
    /// Equals share a position and none is skipped: 1, 1, 2.
    Dense,
    /// Equals share the worst of their positions: 2, 2, 3.
    Worst,
    /// Equals stand in declared order: 1, 2, 3.
    Declared,
}

/// What a percentile counts of those who stand level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PercentileRule {
    /// Nothing: the share that stands below. The default; the best of n has (n - 1) / n.
    #[default]
    Below,
    /// All of them, oneself included: the share that stands no higher.
    AtOrBelow,
    /// Half of them.
    Middle,
}

/// Returns the position of each score, the largest being first; none where there is no score.
///
/// ```
/// use quotaflow::quantity::Ratio;
/// use quotaflow::scorecard::{TieRule, rank};
/// let scores = [90, 100, 90].map(|score| Ok(Ratio::from(score)));
/// assert_eq!(rank(&scores, TieRule::Best), [Some(2), Some(1), Some(2)]);
/// ```
#[must_use]
pub fn rank(scores: &[Result<Ratio, Reason>], ties: TieRule) -> Vec<Option<u32>> {
    // Positions depend on the order alone: each score is replaced by the place of its value.
    let mut values: Vec<Ratio> = scores.iter().flatten().copied().collect();
    values.sort_unstable();
    values.dedup();
    let place = |value: Ratio| {
        i64::try_from(values.partition_point(|known| *known < value)).unwrap_or(i64::MAX)
    };
    let places: Vec<i64> = scores.iter().map(|score| score.map_or(0, place)).collect();
    let positions = positions(&places, |subject| scores[subject].is_ok(), ties);
    positions
        .into_iter()
        .map(|position| Some(position).filter(|position| *position > 0))
        .collect()
}

/// Returns the exact share of those with a score whom each one leaves behind; none where there is no score.
#[must_use]
pub fn percentiles(scores: &[Result<Ratio, Reason>], rule: PercentileRule) -> Vec<Option<Ratio>> {
    let mut values: Vec<Ratio> = scores.iter().flatten().copied().collect();
    values.sort_unstable();
    let share = |value: Ratio| {
        let below = values.partition_point(|known| *known < value);
        let level = values[below..].partition_point(|known| *known == value);
        let twice = match rule {
            PercentileRule::Below => 2 * below,
            PercentileRule::AtOrBelow => 2 * (below + level),
            PercentileRule::Middle => 2 * below + level,
        };
        Ratio::new(
            i128::try_from(twice).ok()?,
            i128::try_from(2 * values.len()).ok()?,
        )
        .ok()
    };
    scores
        .iter()
        .map(|score| score.ok().and_then(share))
        .collect()
}

// Up to this many different scores for each subject, counting is quicker than sorting.
const COUNTED_SPAN: usize = 4;

/// Returns the position of each score, the largest being first; 0 where there is no score (`has` is false).
pub(crate) fn positions(scores: &[i64], has: impl Fn(usize) -> bool, ties: TieRule) -> Vec<u32> {
    let mut low = i64::MAX;
    let mut high = i64::MIN;
    for (subject, score) in scores.iter().enumerate() {
        if has(subject) {
            low = low.min(*score);
            high = high.max(*score);
        }
    }
    if low > high {
        return vec![0; scores.len()];
    }
    let span = usize::try_from(high.abs_diff(low)).unwrap_or(usize::MAX);
    if span <= scores.len().saturating_mul(COUNTED_SPAN).max(1 << 10) {
        by_counting(scores, &has, ties, (low, span))
    } else {
        by_sorting(scores, &has, ties)
    }
}

fn by_counting(
    scores: &[i64],
    has: &impl Fn(usize) -> bool,
    ties: TieRule,
    (low, span): (i64, usize),
) -> Vec<u32> {
    // Differences inside the span fit: it was computed from the same scores.
    let slot = |score: i64| {
        usize::try_from(score.abs_diff(low))
            .unwrap_or(span)
            .min(span)
    };
    let mut count = vec![0_u32; span + 1];
    for (subject, score) in scores.iter().enumerate() {
        if has(subject) {
            count[slot(*score)] += 1;
        }
    }
    let mut above = 0_u32;
    for cell in count.iter_mut().rev() {
        let here = *cell;
        if here == 0 {
            continue;
        }
        *cell = match ties {
            TieRule::Best | TieRule::Declared | TieRule::Dense => above + 1,
            TieRule::Worst => above + here,
        };
        above += if ties == TieRule::Dense { 1 } else { here };
    }
    let mut positions = vec![0; scores.len()];
    for (subject, (score, position)) in scores.iter().zip(&mut positions).enumerate() {
        if has(subject) {
            let cell = &mut count[slot(*score)];
            *position = *cell;
            if ties == TieRule::Declared {
                *cell += 1;
            }
        }
    }
    positions
}

fn by_sorting(scores: &[i64], has: &impl Fn(usize) -> bool, ties: TieRule) -> Vec<u32> {
    let mut order: Vec<usize> = (0..scores.len()).filter(|subject| has(*subject)).collect();
    order.sort_unstable_by_key(|subject| (std::cmp::Reverse(scores[*subject]), *subject));
    let mut positions = vec![0; scores.len()];
    let (mut start, mut groups) = (0, 0_u32);
    while start < order.len() {
        let same = order[start..]
            .iter()
            .take_while(|subject| scores[**subject] == scores[order[start]])
            .count();
        groups += 1;
        for (place, subject) in order[start..start + same].iter().enumerate() {
            let position = match ties {
                TieRule::Best => start + 1,
                TieRule::Worst => start + same,
                TieRule::Declared => start + place + 1,
                TieRule::Dense => groups as usize,
            };
            positions[*subject] = u32::try_from(position).unwrap_or(u32::MAX);
        }
        start += same;
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ties_get_the_positions_of_their_rule() {
        let scores = [90, 100, 90, 70, 100];
        let found = |ties| positions(&scores, |subject| subject != 3, ties);
        assert_eq!(found(TieRule::Best), [3, 1, 3, 0, 1]);
        assert_eq!(found(TieRule::Dense), [2, 1, 2, 0, 1]);
        assert_eq!(found(TieRule::Worst), [4, 2, 4, 0, 2]);
        assert_eq!(found(TieRule::Declared), [3, 1, 4, 0, 2]);
        assert_eq!(positions(&scores, |_| false, TieRule::Best), [0; 5]);
        let wide = [i64::MIN, i64::MAX, 0];
        assert_eq!(positions(&wide, |_| true, TieRule::Best), [3, 1, 2]);
    }

    #[test]
    fn percentiles_count_those_left_behind() {
        let scores = [50, 70, 70, 90].map(|score| Ok(Ratio::from(score)));
        let shown = |rule| {
            percentiles(&scores, rule)
                .into_iter()
                .map(|share| share.unwrap().to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(PercentileRule::Below), ["0", "0.25", "0.25", "0.75"]);
        assert_eq!(
            shown(PercentileRule::AtOrBelow),
            ["0.25", "0.75", "0.75", "1"]
        );
        assert_eq!(
            shown(PercentileRule::Middle),
            ["0.125", "0.5", "0.5", "0.875"]
        );
        let missing = [Err(Reason::NotYetDue)];
        assert_eq!(
            (
                percentiles(&missing, PercentileRule::Below),
                rank(&missing, TieRule::Best)
            ),
            (vec![None], vec![None])
        );
    }

    proptest! {
        #[test]
        fn counting_and_sorting_agree(scores in proptest::collection::vec(-20_i64..20, 0..60), mask: u64) {
            let has = |subject: usize| mask >> (subject % 64) & 1 == 1;
            let low = (0..scores.len()).filter(|s| has(*s)).map(|s| scores[s]).min();
            let high = (0..scores.len()).filter(|s| has(*s)).map(|s| scores[s]).max();
            if let (Some(low), Some(high)) = (low, high) {
                for ties in [TieRule::Best, TieRule::Dense, TieRule::Worst, TieRule::Declared] {
                    let counted = by_counting(&scores, &has, ties, (low, usize::try_from(high - low).unwrap()));
                    prop_assert_eq!(counted, by_sorting(&scores, &has, ties));
                }
            }
        }
    }
}
