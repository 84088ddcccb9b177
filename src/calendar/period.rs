//! Periods, and the named and ordered sets in which they have their identity.

use super::period_def::{MAX_PERIODS, PeriodDef};
mod iter;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::key::{Key, unknown};

use super::day::{self, days_between};
use super::{CalendarError, DayRange};

pub use iter::Iter;

/// Sets over at most this many days look a day up in a table, others search.
const TABLE_DAYS: i32 = 400_000;

/// What the table of days holds where there is no period.
const NO_PERIOD: u32 = u32::MAX;

/// A period of a [`PeriodSet`], and so of every panel over it.
///
/// Only the set gives one: [`PeriodSet::id`] by its label, [`PeriodSet::on`] by a day, [`PeriodSet::ids`] in the order of time. It
/// lives as long as the set does and is never written: what is stored is the set's key and the period's label. A period of another
/// set is no panic: what is not there is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeriodId(u32);

impl PeriodId {
    /// Returns the position in the order of time.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns the period at a position; beyond 2^32 it is none of any set.
    pub(crate) fn at(position: usize) -> Self {
        Self(u32::try_from(position).unwrap_or(u32::MAX))
    }
}

/// One period of a set: an answer, so its fields are open; only a [`PeriodSet`] makes one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Period {
    /// Which period of the set it is.
    pub id: PeriodId,
    /// The name, unique in the set.
    pub label: Key,
    /// The first day.
    pub start: NaiveDate,
    /// The day after the last one.
    pub end: NaiveDate,
}

impl Period {
    /// Returns how many days the period has: at least one.
    #[must_use]
    pub fn days(&self) -> u32 {
        days_between(self.start, self.end)
    }

    /// Says whether `day` lies in the period.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.start <= day && day < self.end
    }
}

/// A named, ordered set of periods: half-open intervals of days that do not overlap and ascend. Gaps are allowed.
///
/// A plan and a panel that hold equal sets speak of the same periods; sets are equal when their keys and all their
/// periods are. Cloning is cheap: the periods are shared. A set has at most 400,000 periods and may have none.
///
/// ```
/// use chrono::NaiveDate;
/// use quotaflow::calendar::PeriodSet;
/// use quotaflow::key::Key;
/// let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap();
/// // Quota periods of a company: they start when the season does.
/// let starts = [day(2, 16), day(5, 4), day(9, 1)];
/// let set = PeriodSet::from_starts(Key::new("quota")?, &starts, day(12, 24), |n, _| format!("Q{}", n + 1))?;
/// assert_eq!(set.on(day(5, 3)), Some(set.id("Q1")?));
/// assert_eq!(set.on(day(12, 24)), None);
/// assert_eq!(set.period(set.id("Q3")?).map(|period| period.days()), Some(114));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "SetDocument", into = "SetDocument")]
pub struct PeriodSet(Arc<Contents>);

struct Contents {
    key: Key,
    periods: Vec<PeriodDef>,
    /// Ordinals in the order of their labels.
    by_label: Vec<u32>,
    /// Ordinals by day from the first period's start; made when first asked for.
    by_day: OnceLock<Vec<u32>>,
}

impl PeriodSet {
    /// Returns the set with these periods, in the order of time.
    ///
    /// # Errors
    /// [`CalendarError::TooManyPeriods`], [`CalendarError::DayOutOfRange`], [`CalendarError::EmptyPeriod`],
    /// [`CalendarError::Overlap`] (also for a list that is not in order) or [`CalendarError::DuplicateLabel`].
    pub fn new(key: Key, periods: Vec<PeriodDef>) -> Result<Self, CalendarError> {
        if periods.len() > MAX_PERIODS {
            return Err(CalendarError::TooManyPeriods {
                periods: periods.len(),
            });
        }
        for period in &periods {
            day::number(period.start)?;
            day::number(period.end)?;
            if period.end <= period.start {
                return Err(CalendarError::EmptyPeriod {
                    label: period.label.clone(),
                    start: period.start,
                    end: period.end,
                });
            }
        }
        for pair in periods.windows(2) {
            if pair[1].start < pair[0].end {
                return Err(CalendarError::Overlap {
                    previous: pair[0].label.clone(),
                    previous_end: pair[0].end,
                    label: pair[1].label.clone(),
                    start: pair[1].start,
                });
            }
        }
        let by_label = order_by_label(&periods)?;
        Ok(Self(Arc::new(Contents {
            key,
            periods,
            by_label,
            by_day: OnceLock::new(),
        })))
    }

    /// Returns the set whose periods start on these days, each ending where the next one starts and the last one on
    /// `end`. `label` gets the ordinal and the first day of each period.
    ///
    /// # Errors
    /// As [`PeriodSet::new`], and [`CalendarError::Label`] if a label is not a key.
    pub fn from_starts<L: AsRef<str>>(
        key: Key,
        starts: &[NaiveDate],
        end: NaiveDate,
        mut label: impl FnMut(usize, NaiveDate) -> L,
    ) -> Result<Self, CalendarError> {
        let ends = starts.iter().skip(1).chain(std::iter::once(&end));
        let periods = starts.iter().zip(ends).enumerate();
        let periods = periods.map(|(ordinal, (&start, &end))| {
            let label = Key::new(label(ordinal, start))
                .map_err(|source| CalendarError::Label { ordinal, source })?;
            Ok(PeriodDef { label, start, end })
        });
        Self::new(key, periods.collect::<Result<_, CalendarError>>()?)
    }

    /// Returns the name of the set.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.0.key
    }

    /// Returns how many periods there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.periods.len()
    }

    /// Says whether there is no period.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.periods.is_empty()
    }

    /// Returns the period with this label.
    ///
    /// # Errors
    /// [`CalendarError::UnknownPeriod`] with the nearest known one and the list.
    pub fn id(&self, label: &str) -> Result<PeriodId, CalendarError> {
        let found = self.find(label);
        found.ok_or_else(|| {
            let labels = self.0.periods.iter().map(|period| period.label.as_str());
            let (name, nearest, known) = unknown(label, labels);
            CalendarError::UnknownPeriod {
                name,
                nearest,
                known,
                set: self.key().clone(),
            }
        })
    }

    /// Returns all periods' numbers in the order of time.
    #[must_use]
    pub fn ids(&self) -> impl ExactSizeIterator<Item = PeriodId> + use<> {
        (0..self.len()).map(PeriodId::at)
    }

    /// Returns a period's label and days; `None` for a period of another set that has no counterpart here.
    #[must_use]
    pub fn period(&self, id: PeriodId) -> Option<Period> {
        let found = self.0.periods.get(id.index());
        found.map(|period| numbered(id, period))
    }

    /// Returns the days of a period, without touching its label.
    #[must_use]
    pub fn range(&self, id: PeriodId) -> Option<DayRange> {
        let period = self.0.periods.get(id.index())?;
        DayRange::new(period.start, period.end).ok()
    }

    /// Says whether the period runs at the end of a day: it has begun and is not over.
    #[must_use]
    pub fn runs(&self, id: PeriodId, day: NaiveDate) -> bool {
        let period = self.0.periods.get(id.index());
        period.is_some_and(|period| {
            period.start <= day && day < period.end && period.end.pred_opt() != Some(day)
        })
    }

    /// Returns the label of a period.
    #[must_use]
    pub fn label(&self, id: PeriodId) -> Option<&Key> {
        let found = self.0.periods.get(id.index());
        found.map(|period| &period.label)
    }

    /// Returns all periods in the order of time.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter {
            periods: self.0.periods.iter().enumerate(),
        }
    }

    /// Returns the first day of the first period, or `None` for a set without periods.
    #[must_use]
    pub fn start(&self) -> Option<NaiveDate> {
        self.0.periods.first().map(|period| period.start)
    }

    /// Returns the day after the last day of the last period, or `None` for a set without periods.
    #[must_use]
    pub fn end(&self) -> Option<NaiveDate> {
        self.0.periods.last().map(|period| period.end)
    }

    /// Returns the period that holds `day`, or `None` in a gap and outside.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<PeriodId> {
        self.on_day_number(day.num_days_from_ce())
    }

    /// Returns the period that holds `day`; where none does, the error says which periods lie around it.
    ///
    /// # Errors
    /// [`CalendarError::NoPeriodHolds`].
    ///
    /// ```
    /// use quotaflow::calendar::{Calendar, Grain};
    /// let january = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-02-01".parse()?)?;
    /// let error = january.holding("2026-02-15".parse()?).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "no period of `gregorian.month` holds 2026-02-15: the last one, `2026-01`, ends on 2026-01-31; name a day up to then, \
    ///      or add periods up to 2026-02-15"
    /// );
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    pub fn holding(&self, day: NaiveDate) -> Result<Period, CalendarError> {
        let found = self.on(day).and_then(|id| self.period(id));
        found.ok_or_else(|| {
            let periods = &self.0.periods;
            let after = periods.partition_point(|period| period.start <= day);
            let before = after.checked_sub(1).and_then(|before| periods.get(before));
            CalendarError::NoPeriodHolds {
                set: self.key().clone(),
                day,
                before: before.cloned(),
                after: periods.get(after).cloned(),
            }
        })
    }

    /// Returns the period that holds the day with this number, counted from 1 for 0001-01-01.
    fn on_day_number(&self, number: i32) -> Option<PeriodId> {
        let first = self.start()?.num_days_from_ce();
        let end = self.end()?.num_days_from_ce();
        if number < first || number >= end {
            return None;
        }
        if end - first <= TABLE_DAYS {
            let index = usize::try_from(number - first).ok()?;
            let ordinal = self.by_day().get(index).copied()?;
            return (ordinal != NO_PERIOD).then_some(PeriodId(ordinal));
        }
        let after = self
            .0
            .periods
            .partition_point(|period| period.start.num_days_from_ce() <= number);
        let ordinal = after.checked_sub(1)?;
        let period = self.0.periods.get(ordinal)?;
        (number < period.end.num_days_from_ce()).then_some(PeriodId::at(ordinal))
    }

    /// Returns the period with this label, if there is one.
    #[must_use]
    pub fn find(&self, label: &str) -> Option<PeriodId> {
        let ordinal = |at: &u32| usize::try_from(*at).unwrap_or(usize::MAX);
        let by_label = &self.0.by_label;
        let found = by_label.binary_search_by(|at| {
            self.0
                .periods
                .get(ordinal(at))
                .map_or("", |period| period.label.as_str())
                .cmp(label)
        });
        found
            .ok()
            .and_then(|at| by_label.get(at))
            .map(|at| PeriodId(*at))
    }

    /// Returns the period before this one in the set, across a gap too, or `None` for the first one and one of another set.
    #[must_use]
    pub fn previous(&self, id: PeriodId) -> Option<PeriodId> {
        let before = id.0.checked_sub(1)?;
        (id.index() < self.len()).then_some(PeriodId(before))
    }

    /// Returns the period that holds the day one year before the middle of this one, if there is one.
    pub(crate) fn year_ago(&self, id: PeriodId) -> Option<PeriodId> {
        let range = self.range(id)?;
        let half = Days::new(u64::from(range.days()) / 2);
        let middle = range.start().checked_add_days(half)?;
        self.on(middle.checked_sub_months(Months::new(12))?)
    }

    /// Returns the periods that have at least one day in `range`, in the order of time.
    #[must_use]
    pub fn overlapping(
        &self,
        range: DayRange,
    ) -> impl ExactSizeIterator<Item = PeriodId> + DoubleEndedIterator + use<> {
        self.touched(range).map(PeriodId::at)
    }

    /// Returns the positions of the periods that have at least one day in `range`.
    pub(crate) fn touched(&self, range: DayRange) -> Range<usize> {
        let periods = &self.0.periods;
        let start = periods.partition_point(|period| period.end <= range.start());
        let end = periods.partition_point(|period| period.start < range.end());
        if range.is_empty() {
            start..start
        } else {
            start..end.max(start)
        }
    }

    /// Returns the set of the periods from `first` to `last`, both included, under the same key. Its ids are its own.
    ///
    /// # Errors
    /// [`CalendarError::NoSuchPeriods`] if `last` comes before `first` or a period is not of this set.
    pub fn slice(&self, first: PeriodId, last: PeriodId) -> Result<Self, CalendarError> {
        let (start, end) = (first.index(), last.index().saturating_add(1));
        let ordered = Some(start..end).filter(|_| first <= last);
        ordered
            .and_then(|positions| self.part(positions))
            .ok_or_else(|| CalendarError::NoSuchPeriods {
                set: self.0.key.clone(),
                len: self.len(),
                start,
                end,
            })
    }

    /// Returns the set of the periods that have at least one day in `range`, under the same key. Its ids are its own.
    #[must_use]
    pub fn within(&self, range: DayRange) -> Self {
        self.part(self.touched(range))
            .unwrap_or_else(|| self.clone())
    }

    /// Returns the set of the periods at these positions: a part of a set ascends, and no label stands in it twice.
    fn part(&self, positions: Range<usize>) -> Option<Self> {
        let periods = self.0.periods.get(positions.clone())?.to_vec();
        let inside = |at: &u32| {
            let at = usize::try_from(*at).ok()?;
            let place = at.checked_sub(positions.start)?;
            (at < positions.end).then(|| u32::try_from(place).ok())?
        };
        Some(Self(Arc::new(Contents {
            key: self.0.key.clone(),
            periods,
            by_label: self.0.by_label.iter().filter_map(inside).collect(),
            by_day: OnceLock::new(),
        })))
    }

    fn by_day(&self) -> &[u32] {
        self.0.by_day.get_or_init(|| {
            let mut table = Vec::new();
            let mut next = self.start();
            for (ordinal, period) in (0_u32..).zip(&self.0.periods) {
                let gap = next.map_or(0, |next| days_between(next, period.start));
                let days = days_between(period.start, period.end);
                for (days, ordinal) in [(gap, NO_PERIOD), (days, ordinal)] {
                    let days = usize::try_from(days).unwrap_or(0);
                    table.resize(table.len() + days, ordinal);
                }
                next = Some(period.end);
            }
            table
        })
    }
}

fn order_by_label(periods: &[PeriodDef]) -> Result<Vec<u32>, CalendarError> {
    let mut order: Vec<(&Key, u32)> = periods
        .iter()
        .map(|period| &period.label)
        .zip(0_u32..)
        .collect();
    order.sort_unstable();
    let ordinal = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    for pair in order.windows(2) {
        if pair[0].0 == pair[1].0 {
            return Err(CalendarError::DuplicateLabel {
                label: pair[0].0.clone(),
                first: ordinal(pair[0].1),
                second: ordinal(pair[1].1),
            });
        }
    }
    Ok(order.into_iter().map(|(_, at)| at).collect())
}

fn numbered(id: PeriodId, period: &PeriodDef) -> Period {
    Period {
        id,
        label: period.label.clone(),
        start: period.start,
        end: period.end,
    }
}

impl PartialEq for PeriodSet {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.key == other.0.key && self.0.periods == other.0.periods)
    }
}

impl Eq for PeriodSet {}

impl Hash for PeriodSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
        self.0.periods.hash(state);
    }
}

impl fmt::Debug for PeriodSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeriodSet")
            .field("key", &self.0.key)
            .field("periods", &self.0.periods)
            .finish()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetDocument {
    key: Key,
    periods: Vec<PeriodDef>,
}

impl TryFrom<SetDocument> for PeriodSet {
    type Error = CalendarError;

    fn try_from(document: SetDocument) -> Result<Self, CalendarError> {
        Self::new(document.key, document.periods)
    }
}

impl From<PeriodSet> for SetDocument {
    fn from(set: PeriodSet) -> Self {
        Self {
            key: set.0.key.clone(),
            periods: set.0.periods.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
