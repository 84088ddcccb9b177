//! Proportional as far as bounds allow: the water-filling solution, exact over rationals, in linear time.

use std::cmp::Ordering;

use super::wide::compare_products;

/// A member that shares by weight inside bounds. `None` is no bound. The weight is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vessel {
    pub(crate) weight: u128,
    pub(crate) lowest: Option<i128>,
    pub(crate) highest: Option<i128>,
}

/// Where the common level leaves a vessel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Level {
    #[default]
    Free,
    Lowest,
    Highest,
}

/// The common level: each free vessel holds `shared x weight / weight of all that are free`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filled {
    pub(crate) levels: Vec<Level>,
    pub(crate) shared: i128,
    pub(crate) weight: u128,
}

/// A level at which a vessel starts to fill (its lowest) or is full (its highest): bound over weight.
#[derive(Debug, Clone, Copy)]
struct Breakpoint {
    bound: i128,
    weight: u128,
}

impl Breakpoint {
    fn compare(self, other: Self) -> Ordering {
        compare_fractions((self.bound, self.weight), (other.bound, other.weight))
    }
}

/// Compares `a / b` with `c / d` for positive denominators, or `a * d` with `c * b`.
pub(crate) fn compare_fractions((a, b): (i128, u128), (c, d): (i128, u128)) -> Ordering {
    match (a < 0, c < 0) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => compare_products(a.unsigned_abs(), d, c.unsigned_abs(), b),
        (true, true) => compare_products(c.unsigned_abs(), b, a.unsigned_abs(), d),
    }
}

/// Fills the vessels to one level so that they hold `total`, which must be between the sums of lowest and highest.
///
/// The content at a level `v` is the sum of `v x weight` cut to the bounds: it never falls as `v` rises. So the median of
/// the levels at which something changes is compared with the level that is sought, and half of them are settled: linear
/// in all. (The classical breakpoint search for the continuous quadratic knapsack problem, P. Brucker, *An O(n) algorithm
/// for quadratic knapsack problems*, Operations Research Letters 3, 1984.)
pub(crate) fn fill(total: i128, vessels: &[Vessel]) -> Filled {
    let mut levels = vec![Level::Free; vessels.len()];
    let mut open: Vec<usize> = (0..vessels.len()).collect();
    // What is settled: the content of those at a bound, the weight of those that are free.
    let (mut settled, mut free) = (0_i128, 0_u128);
    let mut breakpoints: Vec<Breakpoint> = Vec::with_capacity(2 * vessels.len());
    for vessel in vessels {
        let bounds = [vessel.lowest, vessel.highest].into_iter().flatten();
        breakpoints.extend(bounds.map(|bound| Breakpoint {
            bound,
            weight: vessel.weight,
        }));
    }
    let (mut above, mut below) = (None, None);
    while !breakpoints.is_empty() {
        let middle = breakpoints.len() / 2;
        let (_, pivot, _) = breakpoints.select_nth_unstable_by(middle, |a, b| a.compare(*b));
        let pivot = *pivot;
        let (mut content, mut weight) = (settled, free);
        for vessel in open.iter().map(|member| vessels[*member]) {
            match vessel.at(pivot) {
                (Level::Free, _) => weight += vessel.weight,
                (_, bound) => content += bound,
            }
        }
        // Content at the pivot against the total; with nobody free there is no fraction to compare.
        let side = if weight == 0 {
            content.cmp(&total)
        } else {
            compare_fractions((pivot.bound, pivot.weight), (total - content, weight))
        };
        match side {
            Ordering::Less => above = Some(pivot),
            Ordering::Greater => below = Some(pivot),
            Ordering::Equal => {}
        }
        breakpoints.retain(|point| match side {
            Ordering::Less => point.compare(pivot) == Ordering::Greater,
            Ordering::Greater => point.compare(pivot) == Ordering::Less,
            Ordering::Equal => false,
        });
        open.retain(|member| {
            let vessel = vessels[*member];
            let settled_level = if side == Ordering::Equal {
                Some(vessel.at(pivot).0)
            } else {
                vessel.settled(above, below)
            };
            let Some(level) = settled_level else {
                return true;
            };
            levels[*member] = level;
            match level {
                Level::Free => free += vessel.weight,
                Level::Lowest => settled += vessel.lowest.unwrap_or(0),
                Level::Highest => settled += vessel.highest.unwrap_or(0),
            }
            false
        });
    }
    free += open
        .iter()
        .map(|member| vessels[*member].weight)
        .sum::<u128>();
    Filled {
        levels,
        shared: total - settled,
        weight: free,
    }
}

impl Vessel {
    fn against(bound: Option<i128>, weight: u128, pivot: Breakpoint) -> Option<Ordering> {
        bound.map(|bound| Breakpoint { bound, weight }.compare(pivot))
    }

    /// Where the pivot's level would leave this vessel, and what it would hold at a bound.
    fn at(self, pivot: Breakpoint) -> (Level, i128) {
        match (self.lowest, self.highest) {
            (Some(lowest), _)
                if Self::against(self.lowest, self.weight, pivot) == Some(Ordering::Greater) =>
            {
                (Level::Lowest, lowest)
            }
            (_, Some(highest))
                if Self::against(self.highest, self.weight, pivot) == Some(Ordering::Less) =>
            {
                (Level::Highest, highest)
            }
            _ => (Level::Free, 0),
        }
    }

    /// What is known of this vessel once the level sought is known to lie strictly between two breakpoints.
    fn settled(self, above: Option<Breakpoint>, below: Option<Breakpoint>) -> Option<Level> {
        // A bound is passed when the level is above it for certain, and ahead when it is below it for certain.
        let passed = |bound: Option<i128>| {
            above
                .and_then(|above| Self::against(bound, self.weight, above))
                .is_some_and(Ordering::is_le)
        };
        let ahead = |bound: Option<i128>| {
            below
                .and_then(|below| Self::against(bound, self.weight, below))
                .is_some_and(Ordering::is_ge)
        };
        if passed(self.highest) {
            Some(Level::Highest)
        } else if ahead(self.lowest) {
            Some(Level::Lowest)
        } else {
            let filling = self.lowest.is_none() || passed(self.lowest);
            let room = self.highest.is_none() || ahead(self.highest);
            (filling && room).then_some(Level::Free)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Ratio;
    use proptest::prelude::*;

    fn contents(filled: &Filled, vessels: &[Vessel]) -> Vec<Ratio> {
        let whole = |value: i128| Ratio::new(value, 1).unwrap();
        vessels
            .iter()
            .zip(&filled.levels)
            .map(|(vessel, level)| match level {
                Level::Lowest => whole(vessel.lowest.unwrap()),
                Level::Highest => whole(vessel.highest.unwrap()),
                Level::Free => whole(filled.shared)
                    .checked_mul(
                        Ratio::new(vessel.weight.cast_signed(), filled.weight.cast_signed())
                            .unwrap(),
                    )
                    .unwrap(),
            })
            .collect()
    }

    /// The obvious way: try every breakpoint as the level, then solve between the two neighbours.
    fn slow(total: i128, vessels: &[Vessel]) -> Vec<Ratio> {
        let whole = |value: i128| Ratio::new(value, 1).unwrap();
        let at = |level: Ratio| -> Vec<Ratio> {
            let one = |vessel: &Vessel| {
                let open = level
                    .checked_mul(whole(vessel.weight.cast_signed()))
                    .unwrap();
                let open = vessel
                    .highest
                    .map_or(open, |highest| open.min(whole(highest)));
                vessel.lowest.map_or(open, |lowest| open.max(whole(lowest)))
            };
            vessels.iter().map(one).collect()
        };
        let sum = |level: Ratio| {
            at(level)
                .iter()
                .fold(Ratio::ZERO, |sum, part| sum.checked_add(*part).unwrap())
        };
        let mut levels: Vec<Ratio> = vessels
            .iter()
            .flat_map(|vessel| {
                let level = |bound: i128| Ratio::new(bound, vessel.weight.cast_signed()).unwrap();
                [vessel.lowest, vessel.highest]
                    .into_iter()
                    .flatten()
                    .map(level)
            })
            .collect();
        let far = levels
            .iter()
            .map(|level| level.numerator().abs() * 6)
            .sum::<i128>()
            + total.abs()
            + 200;
        levels.extend([whole(-far), whole(far)]);
        levels.sort();
        let upper = levels
            .iter()
            .position(|level| sum(*level) >= whole(total))
            .unwrap();
        if upper == 0 {
            return at(levels[0]);
        }
        let (a, b) = (levels[upper - 1], levels[upper]);
        let (fa, fb) = (sum(a), sum(b));
        let part = whole(total)
            .checked_sub(fa)
            .unwrap()
            .checked_div(fb.checked_sub(fa).unwrap())
            .unwrap();
        at(
            a.checked_add(b.checked_sub(a).unwrap().checked_mul(part).unwrap())
                .unwrap(),
        )
    }

    fn vessel() -> impl Strategy<Value = Vessel> {
        let bound = || prop::option::of(-20_i128..20);
        (1_u128..6, bound(), bound()).prop_map(|(weight, a, b)| {
            let (lowest, highest) = match (a, b) {
                (Some(a), Some(b)) => (Some(a.min(b)), Some(a.max(b))),
                other => other,
            };
            Vessel {
                weight,
                lowest,
                highest,
            }
        })
    }

    proptest! {
        #[test]
        fn the_common_level_is_the_one_found_by_trying(vessels in prop::collection::vec(vessel(), 1..9), part in 0_i128..=20) {
            let lowest = vessels.iter().map(|vessel| vessel.lowest.unwrap_or(-50)).sum::<i128>();
            let highest = vessels.iter().map(|vessel| vessel.highest.unwrap_or(50)).sum::<i128>();
            let total = lowest + (highest - lowest) * part / 20;
            let filled = fill(total, &vessels);
            prop_assert_eq!(contents(&filled, &vessels), slow(total, &vessels));
        }
    }

    #[test]
    fn bounds_and_weights_at_the_end_of_their_range_compare_exactly() {
        let weight = (1_u128 << 124) - 1;
        let vessels = [
            Vessel {
                weight,
                lowest: Some(i128::from(i64::MIN)),
                highest: None,
            },
            Vessel {
                weight: weight - 1,
                lowest: None,
                highest: Some(i128::from(i64::MAX)),
            },
            Vessel {
                weight: 1,
                lowest: Some(5),
                highest: Some(5),
            },
        ];
        let filled = fill(3 * i128::from(i64::MAX), &vessels);
        assert_eq!(filled.levels, [Level::Free, Level::Highest, Level::Lowest]);
        assert_eq!(
            (filled.shared, filled.weight),
            (2 * i128::from(i64::MAX) - 5, weight)
        );
    }
}
