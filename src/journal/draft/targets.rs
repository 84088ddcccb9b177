//! Targets that are written down in a hand-over, and why they are refused because of what stands.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::Draft;
use super::refuse::Flip;
use crate::journal::entry::Content;
use crate::journal::error::Rejection;
use crate::journal::targets::{
    Merges, Seen, Written, at_cell, live, not_a_row, seen, shown, twice,
};
use crate::key::Key;
use crate::model::{Asked, TargetsDef};
use crate::space::UNASSIGNED;

/// A target as a place: the metric, the period and who it is of by now.
type Place = (Key, Key, Vec<Key>);

/// A new entry, and the entry of targets that stands by it from now on or does no more.
#[derive(Debug, Clone, Copy)]
struct Turn {
    /// The new one: of targets itself, or a void.
    by: u32,
    of: u32,
    stands: bool,
}

impl Draft<'_> {
    /// Why targets are of no row: somebody stands at another level, or is not there, where all of them have to be.
    pub(in crate::journal) fn strayed(&self, own: &TargetsDef, all: bool) -> Option<Rejection> {
        let mut views = self.journal.model.asked().iter();
        let view = views.find(|view| view.definition.key == own.view)?;
        let rows = &view.definition.rows;
        own.cells.iter().enumerate().find_map(|(at, cell)| {
            let mut named = rows.iter().zip(&cell.subject);
            let is_astray = named.any(|(axis, member)| {
                let dimension = self.journal.dimension(&axis.dimension);
                let level = dimension.and_then(|of| self.level(of, member.as_str()));
                let is_other = level.map_or(all, |level| level != axis.level);
                *member != *UNASSIGNED && is_other
            });
            is_astray.then(|| at_cell(at, not_a_row(view, cell)))
        })
    }

    /// New targets that name one cell twice, by names of members who are one by then; and new entries and voids by which a target of
    /// closed books would be another one.
    pub(super) fn mistaken_targets(&self, flips: &[Flip]) -> Vec<(u32, Rejection)> {
        let first = self.journal.entries.len();
        let fresh = (first..first + self.fresh.len()).filter_map(|at| u32::try_from(at).ok());
        let new = fresh.filter(|at| self.stands(*at)).map(|at| Turn {
            by: at,
            of: at,
            stands: true,
        });
        let flips = flips.iter().map(|flip| Turn {
            by: flip.void,
            of: flip.of,
            stands: !flip.falls,
        });
        let of_targets = |turn: &Turn| self.targets_of(turn.of).is_some();
        let turns: Vec<Turn> = new.chain(flips).filter(of_targets).collect();
        if turns.is_empty() {
            return Vec::new();
        }
        let merges = self.merges();
        let mut found = self.twice_written(&turns, &merges);
        for (at, view) in self.journal.model.asked().iter().enumerate() {
            let own = |turn: &&Turn| {
                let own = self.targets_of(turn.of);
                own.is_some_and(|own| own.view == view.definition.key)
            };
            let own: Vec<Turn> = turns.iter().filter(own).copied().collect();
            let closed = self.told_periods(at, view);
            if !own.is_empty() && !closed.is_empty() {
                found.extend(self.moving(&own, (view, &closed), &merges));
            }
        }
        found
    }

    fn targets_of(&self, at: u32) -> Option<&TargetsDef> {
        match self.entry(at).content() {
            Content::Targets(own) => Some(own),
            _ => None,
        }
    }

    /// The merges that stand, with those of the hand-over.
    fn merges(&self) -> Merges<'_> {
        let known = seen(&self.journal.steps, usize::MAX);
        let judged = self.status.iter().map(|(at, _)| at);
        let numbers: BTreeSet<u32> = known.keys().copied().chain(judged).collect();
        let all = numbers.into_iter().filter(|at| self.stands(*at));
        let all = all.filter_map(|at| match self.entry(at).content() {
            Content::Merge(own) => {
                let first = known.get(&at).map_or(self.hand_over(), |seen| seen.first);
                Some((self.entry(at).day(), first, own))
            }
            _ => None,
        });
        Merges::new(self.journal.model.schema().space(), all.collect())
    }

    /// The number of the hand-over.
    fn hand_over(&self) -> u32 {
        u32::try_from(self.journal.taken.len()).unwrap_or(u32::MAX)
    }

    fn twice_written(&self, turns: &[Turn], merges: &Merges<'_>) -> Vec<(u32, Rejection)> {
        let new = turns.iter().filter(|turn| turn.by == turn.of);
        let found = new.filter_map(|turn| {
            let own = self.targets_of(turn.of)?;
            let mut views = self.journal.model.asked().iter();
            let view = views.find(|view| view.definition.key == own.view)?;
            let rows = &view.definition.rows;
            let ones = merges.by(rows, (self.entry(turn.of).day(), self.hand_over()));
            let mut cells = BTreeSet::new();
            let mut all = own.cells.iter().enumerate();
            let (at, cell) = all.find(|(_, cell)| {
                let row = ones.of(&merges.named(rows, cell));
                !cells.insert((row, &cell.period))
            })?;
            Some((turn.by, at_cell(at, twice(cell))))
        });
        found.collect()
    }

    /// The periods of a view that are told as closed, but for those that the hand-over reopens.
    fn told_periods(&self, at: usize, view: &Asked) -> BTreeSet<Key> {
        let told = self.journal.books.told.get(at);
        let closed = told.map_or(0, crate::journal::told::Told::closed);
        let since = self.reopened_from();
        let own = view.periods.iter().take(closed);
        let own = own.filter(|period| since.is_none_or(|since| period.end <= since));
        own.map(|period| period.label).collect()
    }

    /// What would move a target of a closed period: alone, or together where none does alone.
    fn moving(
        &self,
        turns: &[Turn],
        (view, closed): (&Asked, &BTreeSet<Key>),
        merges: &Merges<'_>,
    ) -> Vec<(u32, Rejection)> {
        let known = seen(&self.journal.targets, usize::MAX);
        let told = Closed {
            draft: self,
            known: &known,
            view,
            periods: closed,
            merges,
        };
        let before = told.targets(&[]);
        let moved = |turns: &[Turn]| -> BTreeSet<Place> {
            let after = told.targets(turns);
            let all = before.keys().chain(after.keys());
            let other = all.filter(|place| before.get(*place) != after.get(*place));
            other.cloned().collect()
        };
        let together = moved(turns);
        let alone: Vec<BTreeSet<Place>> = turns.iter().map(|turn| moved(&[*turn])).collect();
        let is_any = alone.iter().any(|own| !own.is_empty());
        let blamed = turns.iter().zip(&alone).filter_map(|(turn, alone)| {
            let places = if is_any { alone } else { &together };
            let own = told.places(turn);
            let place = places.iter().find(|place| own.contains(place))?;
            Some((turn.by, told.refusal(turn, place)))
        });
        blamed.collect()
    }
}

/// The targets of the closed periods of a view.
struct Closed<'a> {
    draft: &'a Draft<'a>,
    known: &'a BTreeMap<u32, Seen<'a>>,
    view: &'a Asked,
    periods: &'a BTreeSet<Key>,
    merges: &'a Merges<'a>,
}

impl Closed<'_> {
    /// What they come to by all that stood, but for what some entries have stand from now on or no more. By whichever day it is written,
    /// and whoever turned out to be whom by now.
    fn targets(&self, turns: &[Turn]) -> BTreeMap<Place, i128> {
        let (draft, rows) = (self.draft, &self.view.definition.rows);
        let stood = self.known.iter().filter(|(_, seen)| seen.since.is_some());
        let mut numbers: BTreeSet<u32> = stood.map(|(at, _)| *at).collect();
        for turn in turns {
            if turn.stands {
                numbers.insert(turn.of);
            } else {
                numbers.remove(&turn.of);
            }
        }
        let all = numbers.into_iter().filter_map(|at| {
            let own = draft.targets_of(at)?;
            let first = self
                .known
                .get(&at)
                .map_or(draft.hand_over(), |seen| seen.first);
            (own.view == self.view.definition.key).then_some(Written {
                own,
                day: draft.entry(at).day(),
                since: first,
                first,
            })
        });
        let mut all: Vec<Written<'_>> = all.collect();
        all.sort_by_key(|own| own.day);
        let counts = |_, _, cell: &crate::model::TargetCell| self.periods.contains(&cell.period);
        let mut found = BTreeMap::new();
        let ones = self.merges.by(rows, (NaiveDate::MAX, u32::MAX));
        for (metric, cell) in live(&all, (rows, self.merges), counts) {
            let mut written = self.view.definition.written.iter();
            let quantum = written.position(|own| own == metric);
            let quantum = quantum.and_then(|at| self.view.quanta.get(at));
            let units = quantum.and_then(|quantum| quantum.units(cell.amount.decimal()).ok());
            let row = ones.of(&self.merges.named(rows, cell));
            let place = (metric.clone(), cell.period.clone(), row);
            *found.entry(place).or_default() += i128::from(units.unwrap_or(0));
        }
        found
    }

    /// The places of an entry, in the order of its cells.
    fn places(&self, turn: &Turn) -> Vec<Place> {
        let rows = &self.view.definition.rows;
        let ones = self.merges.by(rows, (NaiveDate::MAX, u32::MAX));
        let own = self.draft.targets_of(turn.of).into_iter();
        let cells = own.flat_map(|own| own.cells.iter().map(|cell| (&own.metric, cell)));
        let places = cells.map(|(metric, cell)| {
            let row = ones.of(&self.merges.named(rows, cell));
            (metric.clone(), cell.period.clone(), row)
        });
        places.collect()
    }

    fn refusal(&self, turn: &Turn, place: &Place) -> Rejection {
        let reason = Rejection::ClosedTarget {
            subject: shown(&place.2),
            period: place.1.clone(),
            view: self.view.definition.key.clone(),
        };
        let cell = self.places(turn).iter().position(|own| own == place);
        match cell.filter(|_| turn.by == turn.of) {
            Some(cell) => at_cell(cell, reason),
            None => reason,
        }
    }
}
