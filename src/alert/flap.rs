//! Coming and going.

use crate::rule::Flapping;

/// How many places between periods count.
const PLACES: u32 = 20;

/// The last 21 periods, the latest in the lowest bit: set where the alert was firing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct History(pub(super) u32);

impl History {
    /// Returns the history that was written as this number; `None` where it holds more than the last 21 periods.
    pub(super) fn read(number: u32) -> Option<Self> {
        (number >> (PLACES + 1) == 0).then_some(Self(number))
    }

    pub(super) fn push(&mut self, firing: bool) {
        self.0 = (self.0 << 1 | u32::from(firing)) & ((1 << (PLACES + 1)) - 1);
    }

    /// Returns 76 times the weighted number of changes: a change in place x (1 the oldest, 20 the latest) weighs
    /// 0.75 + 0.5 (x - 1) / 19, which is (2 (x - 1) + 57) / 76.
    fn weight(self) -> u32 {
        let changes = (self.0 ^ (self.0 >> 1)) & ((1 << PLACES) - 1);
        // The latest change is in the lowest bit, so that place x is bit 20 - x.
        (1..=PLACES)
            .filter(|place| changes >> (PLACES - place) & 1 == 1)
            .map(|place| 2 * (place - 1) + 57)
            .sum()
    }

    /// Says whether the weighted changes are at least so many percent.
    fn reaches(self, percent: u8) -> bool {
        // weight / 76 / 20 >= percent / 100
        self.weight() * 5 >= u32::from(percent) * 76
    }

    pub(super) fn flaps(self, before: bool, limits: Flapping) -> bool {
        self.reaches(if before { limits.stop } else { limits.start })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_changes_at(places: &[u32]) -> History {
        let mut history = History::default();
        let mut firing = false;
        for place in 1..=PLACES {
            firing ^= places.contains(&place);
            history.push(firing);
        }
        history
    }

    #[test]
    fn a_history_of_the_last_periods_is_read_and_no_longer_one() {
        let all = (1 << (PLACES + 1)) - 1;
        assert_eq!(History::read(all), Some(History(all)));
        assert_eq!(History::read(all + 1), None);
    }

    #[test]
    fn the_percentages_are_those_of_nagios() {
        // Percent times 76: 34.276316, 100, 6.25 and 3.75.
        let percent = |places: &[u32]| f64::from(with_changes_at(places).weight()) / 76.0 * 5.0;
        assert!((percent(&[3, 4, 5, 9, 12, 16, 19]) - 34.276_316).abs() < 1e-6);
        let all: Vec<u32> = (1..=20).collect();
        assert_eq!(with_changes_at(&all).weight() * 5, 100 * 76);
        assert_eq!(with_changes_at(&[20]).weight() * 20, 25 * 76);
        assert_eq!(with_changes_at(&[1]).weight() * 20, 15 * 76);
    }

    #[test]
    fn flapping_starts_at_its_limit_and_goes_on_at_the_one_that_ends_it() {
        // One change in the latest place is 6.25 %, one in the oldest 3.75: both together are 10 % exactly.
        let history = with_changes_at(&[1, 20]);
        assert_eq!(history.weight() * 5, 10 * 76);
        let limits = |start, stop| Flapping { start, stop };
        assert!(history.flaps(false, limits(10, 5)));
        assert!(!history.flaps(false, limits(11, 5)));
        assert!(history.flaps(true, limits(50, 10)));
        assert!(!history.flaps(true, limits(50, 11)));
    }

    #[test]
    fn flapping_ends_lower_than_it_starts() {
        let history = with_changes_at(&[3, 4, 5, 9, 12, 16, 19]);
        let limits = Flapping::default();
        assert!(!history.flaps(false, limits));
        assert!(history.flaps(true, limits));
    }
}
