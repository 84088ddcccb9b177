//! Targets that are written down: which cells of which view they name, and which of them count.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::entry::{Content, MergeDef};
use super::error::Rejection;
use super::journal::Journal;
use super::structure::Step;
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
        let merges = Merges::none(self.model.schema().space());
        let mut cells = BTreeSet::new();
        for (at, cell) in own.cells.iter().enumerate() {
            let fits = self.fits_cell(view, cell, quantum).and_then(|()| {
                let names = merges.named(&view.definition.rows, cell);
                let is_new = cells.insert((names, &cell.period));
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
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'e> {
    /// The hand-over since which it stands, if it does, and the one since which it stood first.
    pub(super) since: Option<u32>,
    pub(super) first: u32,
    pub(super) step: &'e Step,
}

/// The entries of some steps as they are seen after so many hand-overs, by number.
pub(super) fn seen(steps: &[Step], hand_overs: usize) -> BTreeMap<u32, Seen<'_>> {
    let mut all: BTreeMap<u32, Seen<'_>> = BTreeMap::new();
    let is_seen = |step: &&Step| (step.hand_over as usize) < hand_overs;
    for step in steps.iter().take_while(is_seen) {
        let new = Seen {
            since: None,
            first: step.hand_over,
            step,
        };
        let own = all.entry(step.number).or_insert(new);
        own.since = step.stands.then_some(step.hand_over);
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
            since: seen.since?,
            first: seen.first,
        }),
        _ => None,
    });
    let mut all: Vec<Written<'_>> = own.collect();
    all.sort_by_key(|own| own.day);
    all
}

/// Who turned out to be whom: since which day, as it is known since which hand-over.
#[derive(Debug)]
pub(super) struct Merges<'e> {
    /// By the further names of the model, who is the same since ever.
    space: &'e Space,
    all: Vec<(NaiveDate, u32, &'e MergeDef)>,
}

impl<'e> Merges<'e> {
    pub(super) fn none(space: &'e Space) -> Self {
        Self::new(space, Vec::new())
    }

    /// These, in the order of their entries.
    pub(super) fn new(space: &'e Space, all: Vec<(NaiveDate, u32, &'e MergeDef)>) -> Self {
        Self { space, all }
    }

    /// Those that are seen after so many hand-overs and as of a day.
    pub(super) fn seen(
        space: &'e Space,
        steps: &'e [Step],
        (hand_overs, as_of): (usize, NaiveDate),
    ) -> Self {
        let merges = |step: &Step| matches!(step.entry.content(), Content::Merge(_));
        if !steps.iter().any(merges) {
            return Self::none(space);
        }
        let standing = seen(steps, hand_overs).into_values();
        let standing = standing.filter(|seen| seen.since.is_some());
        let all = standing.filter_map(|seen| match seen.step.entry.content() {
            Content::Merge(own) => Some((seen.step.entry.day(), seen.first, own)),
            _ => None,
        });
        Self::new(space, all.filter(|(day, ..)| *day <= as_of).collect())
    }

    /// The members of a row, each under the name that the model gives it.
    pub(super) fn named(&self, rows: &[Axis], cell: &TargetCell) -> Vec<Key> {
        let named = rows.iter().zip(&cell.subject).map(|(axis, name)| {
            let dimension = self.space.dimension(axis.dimension.as_str()).ok();
            let known = dimension.and_then(|own| Some(own.key_of(own.find(name.as_str())?)));
            known.unwrap_or(name).clone()
        });
        named.collect()
    }

    /// Into whom the members of a dimension were merged by a day, as it was known with a hand-over.
    fn into(&self, dimension: &Key, by: (NaiveDate, u32)) -> BTreeMap<&'e Key, &'e Key> {
        let mut into = BTreeMap::new();
        for (day, first, merge) in &self.all {
            let last = last_of(&into, &merge.into);
            if merge.dimension == *dimension
                && (*day <= by.0 && *first <= by.1)
                && *last != merge.member
            {
                into.entry(&merge.member).or_insert(last);
            }
        }
        into
    }

    /// Who stood for the members of each axis by a day, as it was known with a hand-over.
    pub(super) fn by(&self, rows: &[Axis], by: (NaiveDate, u32)) -> Ones<'e> {
        if self.all.is_empty() {
            return Ones(Vec::new());
        }
        let all = rows.iter().map(|axis| self.into(&axis.dimension, by));
        Ones(all.collect())
    }
}

/// By axis of a row, into whom members were merged; nothing where nobody was.
#[derive(Debug)]
pub(super) struct Ones<'e>(Vec<BTreeMap<&'e Key, &'e Key>>);

impl Ones<'_> {
    /// The row under the names of those who stay.
    pub(super) fn of(&self, row: &[Key]) -> Vec<Key> {
        let mut own = row.to_vec();
        for (name, into) in own.iter_mut().zip(&self.0) {
            *name = last_of(into, name).clone();
        }
        own
    }

    /// All other names of the row, one for each way to name its members.
    fn others(&self, row: &[Key]) -> Vec<Vec<Key>> {
        if self.0.iter().all(BTreeMap::is_empty) {
            return Vec::new();
        }
        let mut all: Vec<Vec<Key>> = vec![Vec::new()];
        for (name, into) in row.iter().zip(&self.0) {
            let last = last_of(into, name);
            let merged = into.keys().filter(|other| last_of(into, other) == last);
            let names: Vec<&Key> = std::iter::once(last).chain(merged.copied()).collect();
            let longer = all.iter().flat_map(|begun| {
                names.iter().map(|name| {
                    let mut own = begun.clone();
                    own.push((*name).clone());
                    own
                })
            });
            all = longer.collect();
        }
        all.retain(|own| own != row);
        all
    }
}

/// The cells that count of targets in their order, each with its metric. A cell that is written again counts no more; those of members
/// who were two when they were written, and turned out to be one, all count.
pub(super) fn live<'e>(
    written: &[Written<'e>],
    (rows, merges): (&[Axis], &Merges<'_>),
    counts: impl Fn(u32, NaiveDate, &TargetCell) -> bool,
) -> Vec<(&'e Key, &'e TargetCell)> {
    // By metric, period and row: by which entry.
    let mut found: BTreeMap<(&Key, &Key, Vec<Key>), (usize, &TargetCell)> = BTreeMap::new();
    for (at, written) in written.iter().enumerate() {
        let metric = &written.own.metric;
        let ones = merges.by(rows, (written.day, written.first));
        let cells = written.own.cells.iter();
        for cell in cells.filter(|cell| counts(written.since, written.day, cell)) {
            let row = merges.named(rows, cell);
            for other in ones.others(&row) {
                let place = (metric, &cell.period, other);
                if found.get(&place).is_some_and(|(by, _)| *by < at) {
                    found.remove(&place);
                }
            }
            found.insert((metric, &cell.period, row), (at, cell));
        }
    }
    let all = found.into_iter();
    all.map(|((metric, ..), (_, cell))| (metric, cell))
        .collect()
}

/// Who stays of those that a member was merged into, one after the other.
fn last_of<'k>(into: &BTreeMap<&'k Key, &'k Key>, member: &'k Key) -> &'k Key {
    let mut last = member;
    while let Some(next) = into.get(last) {
        last = next;
    }
    last
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
