//! Days on which something is planned: stretches with gaps between them, and the sets of days that the nodes of a frame have.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::PlanError;
use crate::calendar::{DayRange, WorkingDays};
use crate::quantity::Ratio;

/// Days in stretches that neither meet nor overlap, in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct DaySet(Vec<DayRange>);

impl DaySet {
    pub(super) fn of(range: DayRange) -> Self {
        Self(if range.is_empty() {
            Vec::new()
        } else {
            vec![range]
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn ranges(&self) -> &[DayRange] {
        &self.0
    }

    /// Returns the days that are in either.
    pub(super) fn union(&self, other: &Self) -> Self {
        let mut all: Vec<DayRange> = self.0.iter().chain(&other.0).copied().collect();
        all.sort_unstable();
        let mut joined: Vec<DayRange> = Vec::with_capacity(all.len());
        for range in all {
            match joined.last_mut() {
                Some(last) if range.start() <= last.end() => {
                    let end = last.end().max(range.end());
                    *last = DayRange::new(last.start(), end).unwrap_or(*last);
                }
                _ => joined.push(range),
            }
        }
        Self(joined)
    }

    /// Returns the days that are in both.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        let mut both = Vec::new();
        for own in &self.0 {
            both.extend(other.0.iter().filter_map(|other| own.intersection(*other)));
        }
        both.sort_unstable();
        Self(both)
    }
}

/// The days of one cell, as its curve counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellDays<'a> {
    /// All days of a range.
    All(DayRange),
    /// The days of some stretches, in order.
    Stretches(&'a [DayRange]),
}

impl CellDays<'_> {
    pub(super) fn ranges(&self) -> &[DayRange] {
        match self {
            Self::All(range) => std::slice::from_ref(range),
            Self::Stretches(ranges) => ranges,
        }
    }

    /// Returns from the first day to the last one, whatever gaps there are; `None` without days.
    pub(super) fn hull(&self) -> Option<DayRange> {
        let (first, last) = (self.ranges().first()?, self.ranges().last()?);
        DayRange::new(first.start(), last.end()).ok()
    }

    /// Returns how many of the days there are before `end`, as these days count them: each as one, or as it is worked.
    pub(super) fn before(
        &self,
        end: NaiveDate,
        working: Option<&WorkingDays>,
    ) -> Result<Ratio, PlanError> {
        let mut sum = Ratio::ZERO;
        for range in self.ranges() {
            let until = range.end().min(end);
            if until <= range.start() {
                continue;
            }
            let own = match working {
                Some(days) => days.working_days(range.start(), until)?,
                None => Ratio::from((until - range.start()).num_days()),
            };
            sum = sum.checked_add(own)?;
        }
        Ok(sum)
    }

    /// Returns how many of the days there are in a range before `end`.
    pub(super) fn before_in(
        &self,
        range: DayRange,
        end: NaiveDate,
        working: Option<&WorkingDays>,
    ) -> Result<Ratio, PlanError> {
        let own = self.ranges().iter();
        let both: Vec<DayRange> = own.filter_map(|own| own.intersection(range)).collect();
        CellDays::Stretches(&both).before(end, working)
    }

    /// Returns how many days there are.
    pub(super) fn count(&self, working: Option<&WorkingDays>) -> Result<Ratio, PlanError> {
        self.before(NaiveDate::MAX, working)
    }
}

/// Sets of days by number; the same days have the same number. Number 0 are all days of a horizon.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DaySets {
    sets: Vec<DaySet>,
    numbers: BTreeMap<DaySet, u32>,
    unions: BTreeMap<(u32, u32), u32>,
    intersections: BTreeMap<(u32, u32), u32>,
}

/// The number of all days.
pub(super) const ALL_DAYS: u32 = 0;

impl DaySets {
    pub(super) fn new(horizon: DayRange) -> Self {
        let all = DaySet::of(horizon);
        Self {
            sets: vec![all.clone()],
            numbers: BTreeMap::from([(all, ALL_DAYS)]),
            unions: BTreeMap::new(),
            intersections: BTreeMap::new(),
        }
    }

    pub(super) fn get(&self, number: u32) -> &DaySet {
        self.sets.get(number as usize).unwrap_or(&self.sets[0])
    }

    pub(super) fn number(&mut self, days: DaySet) -> u32 {
        if let Some(known) = self.numbers.get(&days) {
            return *known;
        }
        let number = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        self.sets.push(days.clone());
        self.numbers.insert(days, number);
        number
    }

    pub(super) fn union(&mut self, left: u32, right: u32) -> u32 {
        if left == right || left == ALL_DAYS || right == ALL_DAYS {
            return left.min(right);
        }
        let pair = (left.min(right), left.max(right));
        if let Some(known) = self.unions.get(&pair) {
            return *known;
        }
        let days = self.get(left).union(self.get(right));
        let number = self.number(days);
        self.unions.insert(pair, number);
        number
    }

    pub(super) fn intersection(&mut self, left: u32, right: u32) -> u32 {
        if left == right || left == ALL_DAYS || right == ALL_DAYS {
            return left.max(right);
        }
        let pair = (left.min(right), left.max(right));
        if let Some(known) = self.intersections.get(&pair) {
            return *known;
        }
        let days = self.get(left).intersection(self.get(right));
        let number = self.number(days);
        self.intersections.insert(pair, number);
        number
    }
}

/// The days of the nodes of a frame of which some are not planned throughout.
#[derive(Debug, Clone)]
pub(super) struct NodeDays {
    pub(super) sets: DaySets,
    /// Level by level, the set of each node.
    pub(super) levels: Vec<Vec<u32>>,
}

impl PartialEq for NodeDays {
    fn eq(&self, other: &Self) -> bool {
        // Sets that were only met on the way to these do not count.
        let days = |own: &Self| -> Vec<Vec<DaySet>> {
            let level =
                |level: &Vec<u32>| level.iter().map(|set| own.sets.get(*set).clone()).collect();
            own.levels.iter().map(level).collect()
        };
        days(self) == days(other)
    }
}

impl NodeDays {
    pub(super) fn of(&self, level: usize, index: usize) -> &DaySet {
        let number = self.levels.get(level).and_then(|level| level.get(index));
        self.sets.get(number.copied().unwrap_or(ALL_DAYS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u32, end: u32) -> DayRange {
        let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        DayRange::new(day(start), day(end)).unwrap()
    }

    #[test]
    fn days_that_meet_are_one_stretch() {
        let early = DaySet::of(range(1, 5)).union(&DaySet::of(range(20, 25)));
        let late = DaySet::of(range(5, 8));
        let all = early.union(&late);
        assert_eq!(all.ranges(), [range(1, 8), range(20, 25)]);
        assert_eq!(late.union(&early), all);
        assert_eq!(
            all.intersection(&DaySet::of(range(7, 21))).ranges(),
            [range(7, 8), range(20, 21)]
        );
        let days = CellDays::Stretches(all.ranges());
        assert_eq!(days.count(None).unwrap(), Ratio::from(12));
        assert_eq!(
            days.before(range(21, 22).start(), None).unwrap(),
            Ratio::from(8)
        );
        assert!(early.intersection(&late).is_empty());
    }
}
