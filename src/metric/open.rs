//! What is open at the end of each period: every record is open on one stretch of days, so that it adds to the periods
//! from one on and stops adding at another; what is settled of it in between, and where it moves, is walked day by day.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::error::MetricError;
use super::filter::{DateColumn, Source};
use super::layout::Layout;
use super::metric::OpenFigure;
use super::parts::{OpenColumns, OpenPart};
use super::residue::{Residues, residue};
use crate::ledger::{NO_AMOUNT, NO_DAY, Table};
use crate::quantity::{Quantum, Ratio, Rounding};

/// What is asked of an open item.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a> {
    pub(super) part: &'a OpenPart,
    pub(super) columns: OpenColumns,
    /// The first and the last day of each period that is seen.
    pub(super) days: (&'a [i32], &'a [i32]),
}

/// A record that is open: its row, the day on which it begins, and by day which share of it is left from then on.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) table: &'a Table,
    pub(super) row: usize,
    pub(super) begun: i32,
    pub(super) left: &'a [(i32, Ratio)],
}

/// From a day on: the value of what is left, and what its exact share is more than that.
#[derive(Clone, Copy)]
struct Step {
    day: i32,
    value: i64,
    more: Option<Ratio>,
}

impl Walk<'_> {
    /// What is left of an item, step by step.
    fn steps(&self, item: &Item<'_>) -> Vec<Step> {
        let read = |source: Source| {
            let mut value = [0];
            source.read(item.table, item.row, &mut value);
            value[0]
        };
        let columns = self.columns;
        let value = columns.source.map_or(1, read);
        if item.begun == NO_DAY || value == NO_AMOUNT {
            return Vec::new();
        }
        let shared = match columns.source {
            Some(source @ Source::Amount(_)) => {
                let share = item.table.share(item.row);
                share.map(|share| (share, read(source.of_record())))
            }
            _ => None,
        };
        let until = columns
            .until
            .map_or(NO_DAY, |until| until.of(item.table)[item.row]);
        let until = if until == NO_DAY { i32::MAX } else { until };
        // What is left since ever is what there is at first.
        let ever = item.left.iter().take_while(|(day, _)| *day == i32::MIN);
        let ever = ever.map(|(_, left)| *left).last();
        let whole = std::iter::once((item.begun, ever.unwrap_or(Ratio::ONE)));
        let later = item.left.iter().filter(|(day, _)| *day != i32::MIN);
        let later = later.map(|(day, left)| ((*day).max(item.begun), *left));
        let ends = (until != i32::MAX).then_some((until.max(item.begun), Ratio::ZERO));
        let open = whole.chain(later).take_while(|(day, _)| *day < until);
        open.chain(ends)
            .map(|(day, left)| self.step(day, value, left, shared))
            .collect()
    }

    fn step(&self, day: i32, value: i64, left: Ratio, shared: Option<(Ratio, i64)>) -> Step {
        // What leaves its range is no number that was checked on entry.
        let rest = |whole: i64| {
            let exact = Ratio::from(whole).checked_mul(left);
            exact
                .and_then(|exact| Quantum::ONE.round(exact, Rounding::HalfEven))
                .unwrap_or(0)
        };
        let zero = Some(Ratio::ZERO);
        if left.is_zero() {
            return Step {
                day,
                value: 0,
                more: zero,
            };
        }
        let amount = matches!(
            self.columns.source,
            Some(Source::Amount(_) | Source::Whole(_))
        );
        if left == Ratio::ONE || !amount {
            let more = shared.map_or(zero, |(share, whole)| residue(share, whole, value));
            return Step { day, value, more };
        }
        let Some((share, whole)) = shared else {
            return Step {
                day,
                value: rest(value),
                more: zero,
            };
        };
        let (whole, value) = (rest(whole), rest(value));
        Step {
            day,
            value,
            more: residue(share, whole, value),
        }
    }

    /// The steps within the days on which it has the age that is asked for.
    fn aged(&self, item: &Item<'_>, steps: Vec<Step>) -> Vec<Step> {
        let (Some(since), Some(age)) = (self.columns.since, &self.part.age) else {
            return steps;
        };
        let since = since.day(item.table, item.row);
        if since == NO_DAY {
            return Vec::new();
        }
        let from = age
            .at_least
            .map_or(i32::MIN, |days| since.saturating_add(days));
        // The day after the last one on which it is young enough.
        let to = age.at_most.map_or(i32::MAX, |days| {
            since.saturating_add(days).saturating_add(1)
        });
        let clipped = |step: Step| Step {
            day: step.day.max(from),
            ..step
        };
        let first = steps
            .partition_point(|step| step.day <= from)
            .saturating_sub(1);
        let mut found: Vec<Step> = steps[first.min(steps.len())..]
            .iter()
            .copied()
            .map(clipped)
            .take_while(|step| step.day < to)
            .collect();
        if !found.is_empty() && to != i32::MAX {
            found.push(Step {
                day: to,
                value: 0,
                more: Some(Ratio::ZERO),
            });
        }
        found
    }
}

impl Walk<'_> {
    /// What an item changes of the figure that is asked, subject by subject and from a period on.
    pub(super) fn changes(
        &self,
        item: &Item<'_>,
        seats: &[(i32, Option<usize>)],
        mut with: impl FnMut(Change),
    ) {
        let steps = self.aged(item, self.steps(item));
        let Some(first) = steps.first() else {
            return;
        };
        let figure = self.part.figure;
        let after = seats
            .partition_point(|(start, _)| *start <= first.day)
            .max(1);
        let mut subject = seats.get(after - 1).and_then(|(_, subject)| *subject);
        let mut moves = seats[after.min(seats.len())..].iter().peekable();
        let mut held = Step {
            day: first.day,
            value: 0,
            more: Some(Ratio::ZERO),
        };
        for (at, step) in steps.iter().enumerate() {
            while let Some((day, next)) = moves.next_if(|(start, _)| *start <= step.day) {
                self.moved((subject, *next), *day, held, &mut with);
                subject = *next;
            }
            let change = Step {
                day: step.day,
                value: step.value.saturating_sub(held.value),
                more: step
                    .more
                    .zip(held.more)
                    .and_then(|(now, then)| now.checked_sub(then).ok()),
            };
            let turned = if at == 0 {
                OpenFigure::Entered
            } else {
                OpenFigure::Settled
            };
            self.turn(subject, step.day, (change, 1), figure == turned, &mut with);
            held = *step;
        }
        for (day, next) in moves {
            self.moved((subject, *next), *day, held, &mut with);
            subject = *next;
        }
    }

    /// Takes what is held from one row to another.
    fn moved(
        &self,
        (from, to): (Option<usize>, Option<usize>),
        day: i32,
        held: Step,
        with: &mut impl FnMut(Change),
    ) {
        let figure = self.part.figure;
        if from != to {
            self.turn(from, day, (held, -1), figure == OpenFigure::MovedOut, with);
            self.turn(to, day, (held, 1), figure == OpenFigure::MovedIn, with);
        }
    }

    /// Tells what changes on a day: to all periods from then on what is open, and to the period of the day alone what is asked of
    /// the change.
    fn turn(
        &self,
        subject: Option<usize>,
        day: i32,
        (step, sign): (Step, i64),
        is_asked: bool,
        with: &mut impl FnMut(Change),
    ) {
        let figure = self.part.figure;
        let (Some(subject), (firsts, lasts)) = (subject, self.days) else {
            return;
        };
        let first = lasts.partition_point(|last| *last < day);
        let closing = figure == OpenFigure::Closing;
        let inside = firsts.get(first).is_some_and(|start| *start <= day);
        if first >= lasts.len() || !(closing || is_asked && inside) {
            return;
        }
        // What is settled and what moves out is told as such, and not as less than nothing.
        let told = match figure {
            OpenFigure::Settled | OpenFigure::MovedOut => -sign,
            OpenFigure::Closing | OpenFigure::Entered | OpenFigure::MovedIn => sign,
        };
        let ends = if closing {
            None
        } else {
            Some((first + 1, -told))
        };
        for (period, sign) in std::iter::once((first, told)).chain(ends) {
            with(Change {
                subject,
                period,
                value: i128::from(step.value) * i128::from(sign),
                more: step
                    .more
                    .and_then(|more| more.checked_mul(Ratio::from(sign)).ok()),
            });
        }
    }
}

/// What begins to add to a subject from a period on, and what its exact share is more than that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) subject: usize,
    pub(super) period: usize,
    pub(super) value: i128,
    pub(super) more: Option<Ratio>,
}

/// By subject and period, what begins to add less what stops.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Opens {
    /// One more than there are periods.
    width: usize,
    pub(super) changes: Vec<i128>,
    /// The same of what exact shares are more than whole quanta, by subject and period.
    pub(super) residues: Residues,
}

/// Where and when a record begins to be open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opened {
    pub(super) subject: usize,
    pub(super) begun: i32,
}

/// The first day of each period.
pub(super) fn first_days(layout: &Layout) -> Vec<i32> {
    let starts = layout
        .periods()
        .iter()
        .map(|period| period.start.num_days_from_ce());
    starts.collect()
}

/// The last day of each period, or the as-of day where that comes first.
pub(super) fn last_days(layout: &Layout) -> Vec<i32> {
    let cut = layout
        .as_of()
        .map_or(i32::MAX, |day| day.num_days_from_ce());
    layout
        .periods()
        .iter()
        .map(|period| (period.end.num_days_from_ce() - 1).min(cut))
        .collect()
}

impl Opens {
    pub(super) fn new(subjects: usize, periods: usize) -> Self {
        Self {
            width: periods + 1,
            changes: vec![0; subjects * (periods + 1)],
            residues: Residues::default(),
        }
    }

    /// Adds what is open from a day on, in one row as long as it is.
    pub(super) fn add(
        &mut self,
        (part, columns): (&OpenPart, OpenColumns),
        table: &Table,
        row: usize,
        Opened { subject, begun }: Opened,
        last_days: &[i32],
    ) {
        let value = columns.source.map_or(1, |source| {
            let mut value = [0];
            source.read(table, row, &mut value);
            value[0]
        });
        if begun == NO_DAY || value == NO_AMOUNT {
            return;
        }
        let until = columns
            .until
            .map_or(NO_DAY, |until: DateColumn| until.of(table)[row]);
        let (mut from, mut to) = (begun, if until == NO_DAY { i32::MAX } else { until });
        if let (Some(since), Some(age)) = (columns.since, &part.age) {
            let since = since.day(table, row);
            if since == NO_DAY {
                return;
            }
            from = from.max(
                age.at_least
                    .map_or(i32::MIN, |days| since.saturating_add(days)),
            );
            // The day after the last one on which it is young enough.
            to = to.min(age.at_most.map_or(i32::MAX, |days| {
                since.saturating_add(days).saturating_add(1)
            }));
        }
        let place = |bound: i32| last_days.partition_point(|day| *day < bound);
        let (first, end) = (place(from), place(to));
        if first < end {
            let own = subject * self.width;
            self.changes[own + first] += i128::from(value);
            self.changes[own + end] -= i128::from(value);
            if !table.parts.is_empty()
                && let (Some(source @ Source::Amount(_)), Some(share)) =
                    (columns.source, table.share(row))
            {
                let mut whole = [0];
                source.of_record().read(table, row, &mut whole);
                let opposite =
                    |more: Option<Ratio>| more.and_then(|more| Ratio::ZERO.checked_sub(more).ok());
                let more = residue(share, whole[0], value);
                let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                self.residues.add(place(subject), place(first), more);
                self.residues
                    .add(place(subject), place(end), opposite(more));
            }
        }
    }

    /// Follows an item from row to row: `seats` are the subjects to which it belongs, each from a day on, the first since ever.
    pub(super) fn walk(&mut self, of: &Walk<'_>, item: &Item<'_>, seats: &[(i32, Option<usize>)]) {
        of.changes(item, seats, |change| self.take(&change));
    }

    /// Adds what begins to add to a subject from a period on.
    pub(super) fn take(&mut self, change: &Change) {
        self.changes[change.subject * self.width + change.period] += change.value;
        if change.more != Some(Ratio::ZERO) {
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            self.residues
                .add(place(change.subject), place(change.period), change.more);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        for (own, more) in self.changes.iter_mut().zip(&other.changes) {
            *own = own.checked_add(*more).ok_or(MetricError::TooMany {
                what: "units in one cell",
                count: u64::MAX,
                limit: i64::MAX as u64,
            })?;
        }
        self.residues.merge(&other.residues);
        Ok(())
    }

    /// What exact shares are more than the whole quanta that are open, by cell of the panel, where that is not 0.
    pub(super) fn open_residues(&self, subjects: usize) -> BTreeMap<usize, Option<Ratio>> {
        let periods = self.width - 1;
        let mut found = BTreeMap::new();
        for ((subject, from), more) in &self.residues.0 {
            for period in *from as usize..periods {
                let cell = period * subjects + *subject as usize;
                let own = found.entry(cell).or_insert(Some(Ratio::ZERO));
                *own = own
                    .zip(*more)
                    .and_then(|(own, more)| own.checked_add(more).ok());
            }
        }
        found.retain(|_, residue| *residue != Some(Ratio::ZERO));
        found
    }

    /// What is open, laid out as a panel is.
    pub(super) fn figures(&self, subjects: usize) -> Vec<i128> {
        let periods = self.width - 1;
        let mut figures = vec![0; subjects * periods];
        for subject in 0..subjects {
            let mut open = 0_i128;
            for period in 0..periods {
                open = open.saturating_add(self.changes[subject * self.width + period]);
                figures[period * subjects + subject] = open;
            }
        }
        figures
    }
}
