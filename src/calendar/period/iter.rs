//! The periods of a set, one after the other.

use super::{Period, PeriodId, PeriodSet, numbered};
use crate::calendar::period_def::PeriodDef;

/// The periods of a set in the order of time.
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    pub(super) periods: std::iter::Enumerate<std::slice::Iter<'a, PeriodDef>>,
}

impl Iterator for Iter<'_> {
    type Item = Period;

    fn next(&mut self) -> Option<Period> {
        self.periods
            .next()
            .map(|(ordinal, period)| numbered(PeriodId::at(ordinal), period))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.periods.size_hint()
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Period> {
        self.periods
            .next_back()
            .map(|(ordinal, period)| numbered(PeriodId::at(ordinal), period))
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a PeriodSet {
    type Item = Period;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}
