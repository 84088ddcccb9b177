//! What is open at the end of each period: every record is open on one stretch of days, so that it adds to the periods
//! from one on and stops adding at another.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::error::MetricError;
use super::filter::Source;
use super::layout::Layout;
use super::parts::{OpenColumns, OpenPart};
use super::residue::{Residues, residue};
use crate::ledger::{NO_AMOUNT, NO_DAY, Table};
use crate::quantity::Ratio;

/// By subject and period, what begins to add less what stops.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Opens {
    /// One more than there are periods.
    width: usize,
    pub(super) changes: Vec<i128>,
    /// The same of what exact shares are more than whole quanta, by subject and period.
    pub(super) residues: Residues,
}

/// Where and when a record begins to be open, and the day on which it is taken back where that is what is added.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opened {
    pub(super) subject: usize,
    pub(super) begun: i32,
    pub(super) reversed: Option<i32>,
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

    /// Adds what is open from a day on, or takes it away from a day on where it is reversed then.
    pub(super) fn add(
        &mut self,
        (part, columns): (&OpenPart, OpenColumns),
        table: &Table,
        row: usize,
        Opened {
            subject,
            begun,
            reversed,
        }: Opened,
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
        let until = columns.until.of(table)[row];
        let (mut from, mut to) = (begun, if until == NO_DAY { i32::MAX } else { until });
        let sign = if let Some(day) = reversed {
            from = from.max(day);
            -1
        } else {
            1
        };
        if let (Some(since), Some(age)) = (columns.since, &part.age) {
            let since = since.of(table)[row];
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
            self.changes[own + first] += i128::from(value) * sign;
            self.changes[own + end] -= i128::from(value) * sign;
            if !table.parts.is_empty()
                && let (Some(source @ Source::Amount(_)), Some(share)) =
                    (columns.source, table.share(row))
            {
                let mut whole = [0];
                source.of_record().read(table, row, &mut whole);
                let opposite =
                    |more: Option<Ratio>| more.and_then(|more| Ratio::ZERO.checked_sub(more).ok());
                let mut more = residue(share, whole[0], value);
                if reversed.is_some() {
                    more = opposite(more);
                }
                let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                self.residues.add(place(subject), place(first), more);
                self.residues
                    .add(place(subject), place(end), opposite(more));
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        for (own, more) in self.changes.iter_mut().zip(&other.changes) {
            *own = own.checked_add(*more).ok_or(MetricError::TooMany {
                what: "quanta in one cell",
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
