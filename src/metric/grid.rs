//! Time as a fold sees it: the windows of all periods, cut into atoms that no window divides.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days};

use super::error::MetricError;
use super::layout::Layout;
use super::metric::{Selection, Timeframe};
use crate::calendar::{Calendar, Grain, Period, PeriodId};
use crate::key::Key;
use crate::ledger::{DAY, NO_DAY};

/// What tells two grids apart: records that share these share their cells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GridKey {
    pub(super) window: Timeframe,
    pub(super) date: Option<Key>,
    pub(super) via: BTreeMap<Key, Key>,
}

impl GridKey {
    pub(super) fn of(selection: &Selection) -> Self {
        Self {
            window: selection.window.clone(),
            date: selection.date.clone(),
            via: selection.via.clone(),
        }
    }
}

/// Days to atoms, and periods to ranges of atoms. Days outside every window are in the atom after the last one.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub(super) key: GridKey,
    /// The number of the day of the table's second entry; its first is for all days before, its last for all after.
    first: i32,
    table: Vec<u32>,
    /// The days at which a window begins or ends.
    bounds: Vec<i32>,
    atoms: u32,
    /// The atoms of each period's window.
    pub(super) ranges: Vec<(u32, u32)>,
    /// The days of each period's window, half open; [`NO_DAY`] stands for "since ever".
    windows: Vec<(i32, i32)>,
    /// How many atoms come before the first period's: those of the periods before the panel, after one for all that was
    /// earlier still.
    before: u32,
}

impl Grid {
    /// Cuts time for windows of this sort, with so many periods before the panel's where the windows are the periods.
    pub(super) fn new(key: GridKey, layout: &Layout, lookback: u16) -> Result<Self, MetricError> {
        let windows: Vec<(i32, i32)> = layout
            .periods()
            .iter()
            .map(|period| days_of(&key.window, &period, layout))
            .collect::<Result<_, _>>()?;
        let earlier = earlier(&key, layout, lookback);
        let before = u32::try_from(earlier.len()).unwrap_or(u32::MAX);
        let every = || {
            let all = earlier.iter().chain(&windows);
            all.filter(|(from, to)| from < to)
        };
        let mut bounds = BTreeSet::new();
        for (from, to) in every() {
            bounds.extend([*from, *to]);
        }
        let bounds: Vec<i32> = bounds.into_iter().collect();
        // Atoms that no window covers are not numbered: how many windows are open at each bound?
        let place = |bound: i32| bounds.partition_point(|known| *known < bound);
        let mut open = vec![0_i64; bounds.len() + 1];
        for (from, to) in every() {
            open[place(*from)] += 1;
            open[place(*to)] -= 1;
        }
        let mut numbers = Vec::with_capacity(bounds.len());
        let (mut covering, mut atoms) = (0, 0_u32);
        for change in &open {
            numbers.push(atoms);
            covering += change;
            if covering > 0 {
                atoms += 1;
            }
        }
        let ranges = windows.iter().map(|(from, to)| {
            if from < to {
                (numbers[place(*from)], numbers[place(*to)])
            } else {
                (0, 0)
            }
        });
        let ranges = ranges.collect();
        let covered = |at: usize| numbers.get(at + 1).is_some_and(|next| *next > numbers[at]);
        let finite = bounds
            .iter()
            .position(|bound| *bound != NO_DAY)
            .unwrap_or(bounds.len());
        let first = bounds.get(finite).copied().unwrap_or(1);
        // Before the first finite bound there is the atom that reaches back for ever, if any.
        let mut table = vec![if finite > 0 && covered(0) { 0 } else { atoms }];
        for at in finite..bounds.len().saturating_sub(1) {
            let days = usize::try_from(bounds[at + 1] - bounds[at]).unwrap_or(0);
            let atom = if covered(at) { numbers[at] } else { atoms };
            table.resize(table.len() + days, atom);
        }
        table.push(atoms);
        Ok(Self {
            key,
            first,
            table,
            bounds,
            atoms,
            ranges,
            windows,
            before,
        })
    }

    /// The days at which a window begins or ends, but for "since ever".
    pub(super) fn bounds(&self) -> impl Iterator<Item = i32> {
        self.bounds.iter().copied().filter(|bound| *bound != NO_DAY)
    }

    /// The days of each period's window, half open.
    pub(super) fn windows(&self) -> &[(i32, i32)] {
        &self.windows
    }

    /// By atom, where its days up to one are in a grid of a later day; nothing where they are cut otherwise there.
    pub(super) fn carry(&self, to: &Self, seen: i32) -> Option<Vec<u32>> {
        let mut found: Vec<Option<u32>> = vec![None; self.atoms as usize];
        // All days before are in the atom of this one.
        let first = self.first.min(to.first).saturating_sub(1);
        for day in first.min(seen)..=seen {
            let (own, there) = (self.atom(day), to.atom(day));
            match found.get_mut(own as usize) {
                Some(known) if known.is_none_or(|known| known == there) => *known = Some(there),
                // What was outside has not been kept.
                None if there == to.atoms => {}
                _ => return None,
            }
        }
        let outside = found.into_iter().map(|atom| atom.unwrap_or(to.atoms));
        Some(outside.collect())
    }

    /// The number of atoms; this is also the atom of what lies outside.
    pub(super) fn atoms(&self) -> u32 {
        self.atoms
    }

    /// The number of cells of one subject.
    pub(super) fn width(&self) -> u32 {
        self.atoms + 1
    }

    pub(super) fn atom(&self, day: i32) -> u32 {
        let mut found = [0];
        self.atoms_of(&[day], &mut found);
        found[0]
    }

    /// Looks up the atoms of days, without a branch for days outside.
    #[expect(
        clippy::cast_sign_loss,
        reason = "the place is not negative after clamping"
    )]
    pub(super) fn atoms_of(&self, days: &[i32], found: &mut [u32]) {
        let last = i32::try_from(self.table.len()).unwrap_or(i32::MAX) - 1;
        for (day, atom) in days.iter().zip(found) {
            let place = day.saturating_sub(self.first - 1).clamp(0, last);
            let known = self.table[place as usize];
            *atom = if *day == NO_DAY { self.atoms } else { known };
        }
    }

    /// The period of an atom, where every period is one atom.
    pub(super) fn period_of(&self, atom: u32) -> Option<usize> {
        let period = atom.checked_sub(self.before)?;
        (atom < self.atoms).then_some(period as usize)
    }

    /// The atom of the first period, where every period is one atom.
    pub(super) fn before(&self) -> usize {
        self.before as usize
    }

    /// Whether every period is one atom, in order.
    pub(super) fn is_plain(&self) -> bool {
        (self.before..)
            .zip(&self.ranges)
            .all(|(period, range)| *range == (period, period + 1))
    }
}

/// The first day that a record can have, and the day after the last one: no window needs to reach beyond them.
const FIRST_DAY: i32 = 1;
const END_DAY: i32 = 3_652_060;

/// The periods before the panel's first one, half open, and before them all that was earlier; none where nothing can have
/// been. They go on as the calendar does whose period the first one is, else in stretches of its length.
fn earlier(key: &GridKey, layout: &Layout, lookback: u16) -> Vec<(i32, i32)> {
    let Some(first) = layout.periods().period(PeriodId::at(0)) else {
        return Vec::new();
    };
    let is_own = key.date.as_ref().is_none_or(|date| *date == *DAY);
    let start = first.start.num_days_from_ce();
    // A record's own day lies in the ledger's span; its other days may be any.
    let since = if is_own {
        layout.schema().span().start().num_days_from_ce()
    } else {
        FIRST_DAY
    };
    if key.window != Timeframe::Period || lookback == 0 || since >= start {
        return Vec::new();
    }
    let calendar = layout.calendar();
    let is_first = |grain: &Grain| {
        calendar
            .containing(*grain, first.start)
            .is_ok_and(|known| (known.start, known.end) == (first.start, first.end))
    };
    let grain = Grain::ALL.iter().copied().find(is_first);
    let length = first.end.num_days_from_ce() - start;
    let mut found = Vec::new();
    let mut next = first.start;
    while found.len() < usize::from(lookback) && next.num_days_from_ce() > since {
        let known = next.pred_opt().and_then(|last| match grain {
            Some(grain) => Some(calendar.containing(grain, last).ok()?.start),
            None => next.checked_sub_days(Days::new(u64::try_from(length).ok()?)),
        });
        let Some(from) = known else { break };
        found.push((from.num_days_from_ce(), next.num_days_from_ce()));
        next = from;
    }
    found.push((NO_DAY, next.num_days_from_ce()));
    found.reverse();
    let cut = cut(layout);
    for (_, to) in &mut found {
        *to = cut.min(*to);
    }
    found
}

/// The day after the last one that is seen.
fn cut(layout: &Layout) -> i32 {
    layout
        .as_of()
        .map_or(i32::MAX, |day| day.num_days_from_ce() + 1)
}

/// The days of a window, half open; [`NO_DAY`] stands for "since ever".
fn days_of(
    window: &Timeframe,
    period: &Period,
    layout: &Layout,
) -> Result<(i32, i32), MetricError> {
    let start = period.start.num_days_from_ce();
    let end = period.end.num_days_from_ce();
    let cut = cut(layout);
    // What has not come is no part of a window that ends with the period.
    let (last, until) = match (layout.as_of(), period.end.pred_opt()) {
        (Some(as_of), _) if period.contains(as_of) => (Some(as_of), cut),
        (_, last) => (last, end),
    };
    let (from, to) = match window {
        Timeframe::Period => (start, end),
        Timeframe::ToDate(grain) => {
            let Some(last) = last else {
                return Ok((0, 0));
            };
            let calendar: &Calendar = layout.calendar();
            (
                calendar.containing(*grain, last)?.start.num_days_from_ce(),
                end,
            )
        }
        Timeframe::Trailing(periods) => {
            let back = usize::from(*periods).saturating_sub(1);
            let first = period.id.index().saturating_sub(back);
            let first = layout.periods().period(PeriodId::at(first));
            (
                first.map_or(start, |first| first.start.num_days_from_ce()),
                end,
            )
        }
        Timeframe::TrailingDays(days) => {
            let days = i32::try_from(*days).unwrap_or(i32::MAX);
            (until.saturating_sub(days).max(FIRST_DAY), end)
        }
        Timeframe::LastDays(days) => {
            let days = i32::try_from(*days).unwrap_or(i32::MAX);
            (end.saturating_sub(days).max(start), end)
        }
        Timeframe::AsOf => (NO_DAY, end),
        Timeframe::Between { from, to } => (
            from.num_days_from_ce().clamp(FIRST_DAY, END_DAY),
            to.num_days_from_ce().clamp(FIRST_DAY, END_DAY),
        ),
    };
    Ok((from, to.min(cut)))
}
