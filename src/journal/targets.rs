//! Targets that are written down: which cells of which view they name, and which of them count.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::NaiveDate;

use super::entry::{Content, Entry};
use super::error::Rejection;
use super::journal::Journal;
use super::structure::{Former, Names, Step, identified};
use crate::key::{Key, unknown};
use crate::model::{Asked, TargetCell, TargetsDef};
use crate::quantity::Quantum;
use crate::space::{Axis, Space, UNASSIGNED, Unassigned};

impl Journal {
    /// Checks targets by themselves, whoever joins later.
    pub(super) fn fits_targets(&self, own: &TargetsDef) -> Result<(), Rejection> {
        let views = self.model.asked();
        let view = views.iter().find(|view| view.definition.key == own.view);
        let view = view.ok_or_else(|| {
            let all = views.iter().map(|view| view.definition.key.as_str());
            missing("view", &own.view, all)
        })?;
        let written = &view.definition.written;
        if !written.contains(&own.metric) {
            let all = written.iter().map(Key::as_str);
            let what = "written target";
            return Err(missing(what, &own.metric, all));
        }
        let at = written.iter().position(|metric| *metric == own.metric);
        let quantum = at.and_then(|at| view.quanta.get(at)).copied();
        let mut cells = BTreeSet::new();
        for (at, cell) in own.cells.iter().enumerate() {
            let fits = self.fits_cell(view, cell, quantum).and_then(|()| {
                let is_new = cells.insert((&cell.subject, &cell.period));
                is_new.then_some(()).ok_or_else(|| twice(cell))
            });
            fits.map_err(|cause| at_cell(at, cause))?;
        }
        Ok(())
    }

    fn fits_cell(
        &self,
        view: &Asked,
        cell: &TargetCell,
        quantum: Option<Quantum>,
    ) -> Result<(), Rejection> {
        let rows = &view.definition.rows;
        if cell.subject.len() != rows.len() {
            return Err(not_a_row(view, cell));
        }
        for (axis, member) in rows.iter().zip(&cell.subject) {
            let Some(dimension) = self.dimension(&axis.dimension) else {
                continue;
            };
            let is_nobody = *member == *UNASSIGNED;
            if is_nobody && view.definition.unassigned == Unassigned::Hidden {
                return Err(Rejection::HiddenRow {
                    subject: shown(&cell.subject),
                    view: view.definition.key.clone(),
                });
            }
            let level = self.model_level(dimension, member.as_str());
            if !is_nobody && level.is_some_and(|level| *level != axis.level) {
                return Err(not_a_row(view, cell));
            }
        }
        if view.periods.id(cell.period.as_str()).is_err() {
            let all = view.periods.iter().map(|period| period.label);
            let all: Vec<Key> = all.collect();
            let all = all.iter().map(Key::as_str);
            return Err(missing("period", &cell.period, all));
        }
        if let Some(quantum) = quantum {
            quantum.units(cell.amount.decimal())?;
        }
        Ok(())
    }

    /// The members that targets name, each with the number of its dimension and the axis in which it stands.
    pub(super) fn named_by<'t>(
        &'t self,
        own: &'t TargetsDef,
    ) -> impl Iterator<Item = (usize, &'t Axis, &'t Key)> {
        let views = self.model.asked().iter();
        let view = views.filter(|view| view.definition.key == own.view);
        view.flat_map(move |view| {
            let rows = &view.definition.rows;
            own.cells.iter().flat_map(move |cell| {
                let named = rows.iter().zip(&cell.subject);
                named.filter_map(move |(axis, member)| {
                    Some((self.dimension(&axis.dimension)?, axis, member))
                })
            })
        })
    }
}

/// An entry that is kept step by step, as it is seen after some hand-overs.
#[derive(Debug, Clone)]
pub(super) struct Seen<'e> {
    /// With which hand-overs it stood, in order.
    pub(super) stood: Stood,
    pub(super) step: &'e Step,
}

/// From one hand-over on and before another one, which for what still stands is none that there may be.
pub(super) type Stood = Vec<Range<u32>>;

impl Seen<'_> {
    /// The hand-over since which it stands, if it does.
    pub(super) fn since(&self) -> Option<u32> {
        let last = self.stood.last()?;
        (last.end == u32::MAX).then_some(last.start)
    }

    /// The hand-over since which it stood first.
    pub(super) fn first(&self) -> u32 {
        self.stood.first().map_or(u32::MAX, |first| first.start)
    }
}

/// The entries of some steps as they are seen after so many hand-overs, by number.
pub(super) fn seen<'e>(
    steps: impl IntoIterator<Item = &'e Step>,
    hand_overs: usize,
) -> BTreeMap<u32, Seen<'e>> {
    let mut all: BTreeMap<u32, Seen<'_>> = BTreeMap::new();
    let is_seen = |step: &&Step| (step.hand_over as usize) < hand_overs;
    for step in steps.into_iter().take_while(is_seen) {
        let new = Seen {
            stood: Vec::new(),
            step,
        };
        let own = &mut all.entry(step.number).or_insert(new).stood;
        if step.stands {
            own.push(step.hand_over..u32::MAX);
        } else if let Some(last) = own.last_mut() {
            last.end = step.hand_over;
        }
    }
    all
}

/// Targets that an entry writes down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'e> {
    pub(super) own: &'e TargetsDef,
    pub(super) day: NaiveDate,
    /// The hand-over since which they stand, and the one with which they were there first.
    pub(super) since: u32,
    pub(super) first: u32,
}

/// The targets that are written down in a view, as seen after so many hand-overs; the later ones behind.
pub(super) fn written<'e>(steps: &'e [Step], hand_overs: usize, view: &Key) -> Vec<Written<'e>> {
    let standing = seen(steps, hand_overs).into_values();
    let own = standing.filter_map(|seen| match seen.step.entry.content() {
        Content::Targets(own) if own.view == *view => Some(Written {
            own,
            day: seen.step.entry.day(),
            since: seen.since()?,
            first: seen.first(),
        }),
        _ => None,
    });
    let mut all: Vec<Written<'_>> = own.collect();
    all.sort_by_key(|own| own.day);
    all
}

/// Who is who on each axis of the rows of a view.
#[derive(Debug)]
pub(super) struct Rows<'e>(Vec<Option<Names<'e>>>);

impl<'e> Rows<'e> {
    /// By the entries that stand and say who is there and who is another one, each with the hand-overs with which it stood.
    pub(super) fn new(
        (space, former): (&'e Space, &'e [Former]),
        axes: &[Axis],
        entries: &[(&'e Entry, Stood)],
    ) -> Self {
        let names = |axis: &Axis| {
            let dimension = space.dimension(axis.dimension.as_str()).ok()?;
            Some(Names::known((dimension, former), entries.iter().cloned()))
        };
        Self(axes.iter().map(names).collect())
    }

    /// As it is seen after so many hand-overs and as of a day.
    pub(super) fn seen(
        known: (&'e Space, &'e [Former]),
        axes: &[Axis],
        steps: &'e [Step],
        (hand_overs, as_of): (usize, NaiveDate),
    ) -> Self {
        let own = seen(identities(steps, false), hand_overs).into_values();
        let own = own.filter(|seen| seen.since().is_some() && seen.step.entry.day() <= as_of);
        let entries: Vec<_> = own
            .map(|seen| (seen.step.entry.as_ref(), seen.stood))
            .collect();
        Self::new(known, axes, &entries)
    }

    fn each<'k>(
        &self,
        cell: &'k TargetCell,
        name: impl Fn(&Names<'e>, &'k Key) -> &'k Key,
    ) -> Vec<&'k Key>
    where
        'e: 'k,
    {
        let named = self.0.iter().zip(&cell.subject);
        let named = named.map(|(names, own)| names.as_ref().map_or(own, |names| name(names, own)));
        named.collect()
    }

    /// The row of a cell under the names of those who stay after all.
    pub(super) fn one<'k>(&self, cell: &'k TargetCell) -> Vec<&'k Key>
    where
        'e: 'k,
    {
        self.each(cell, Names::one)
    }

    /// The same by a day, as it was known with a hand-over.
    pub(super) fn by<'k>(&self, cell: &'k TargetCell, by: (NaiveDate, u32)) -> Vec<&'k Key>
    where
        'e: 'k,
    {
        self.each(cell, |names, own| names.by(own, by))
    }
}

/// The steps by which somebody joins or turns out to be another one; nothing where nobody does the latter, by them or by others.
pub(super) fn identities(steps: &[Step], has_others: bool) -> impl Iterator<Item = &Step> {
    let merges = |step: &Step| matches!(step.entry.content(), Content::Merge(_));
    let matters = has_others || steps.iter().any(merges);
    let steps = if matters { steps } else { &[] };
    let own = steps.iter();
    own.filter(|step| identified(&step.entry).is_some())
}

/// A cell of an entry, with the number of this, its day and the hand-over with which it was there first.
pub(super) type CellOf<'e> = (usize, (NaiveDate, u32), &'e TargetCell);

/// Of cells of one row in their order those that count: one that is written again counts no more; those of members who were two when
/// they were written, and turned out to be one, all count.
pub(super) fn counting<'e>(
    rows: &Rows<'_>,
    all: impl Iterator<Item = CellOf<'e>>,
) -> Vec<&'e TargetCell> {
    let mut found: Vec<(usize, &TargetCell)> = Vec::new();
    for (at, by, cell) in all {
        let row = rows.by(cell, by);
        found.retain(|(own, other)| *own == at || rows.by(other, by) != row);
        found.push((at, cell));
    }
    found.into_iter().map(|(_, cell)| cell).collect()
}

/// The cells that count of targets in their order, each with its metric.
pub(super) fn live<'e>(
    written: &[Written<'e>],
    rows: &Rows<'e>,
    counts: impl Fn(u32, NaiveDate, &TargetCell) -> bool,
) -> Vec<(&'e Key, &'e TargetCell)> {
    // By metric, period and row.
    type Place<'e> = (&'e Key, &'e Key, Vec<&'e Key>);
    let mut all: BTreeMap<Place<'e>, Vec<CellOf<'e>>> = BTreeMap::new();
    for (at, written) in written.iter().enumerate() {
        let by = (written.day, written.first);
        let cells = written.own.cells.iter();
        for cell in cells.filter(|cell| counts(written.since, written.day, cell)) {
            let place = (&written.own.metric, &cell.period, rows.one(cell));
            all.entry(place).or_default().push((at, by, cell));
        }
    }
    let live = all.into_iter().flat_map(|((metric, ..), cells)| {
        let own = counting(rows, cells.into_iter()).into_iter();
        own.map(move |cell| (metric, cell))
    });
    live.collect()
}

pub(super) fn shown(subject: &[Key]) -> String {
    let names: Vec<&str> = subject.iter().map(Key::as_str).collect();
    names.join(" / ")
}

pub(super) fn at_cell(cell: usize, cause: Rejection) -> Rejection {
    let cause = Box::new(cause);
    Rejection::Cell { cell, cause }
}

pub(super) fn twice(cell: &TargetCell) -> Rejection {
    Rejection::WrittenTwice {
        subject: shown(&cell.subject),
        period: cell.period.clone(),
    }
}

pub(super) fn not_a_row(view: &Asked, cell: &TargetCell) -> Rejection {
    Rejection::NotARow {
        subject: shown(&cell.subject),
        view: view.definition.key.clone(),
        rows: view.definition.rows.clone(),
    }
}

fn missing<'n>(
    what: &'static str,
    name: &Key,
    all: impl Iterator<Item = &'n str> + Clone,
) -> Rejection {
    let (name, nearest, known) = unknown(name.as_str(), all);
    Rejection::UnknownTarget {
        what,
        name,
        nearest,
        known,
    }
}

#[cfg(test)]
mod tests;
