//! Targets that are written down in a hand-over, and why they are refused because of what stands.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::Draft;
use super::refuse::Flip;
use crate::journal::entry::{Content, Entry};
use crate::journal::error::Rejection;
use crate::journal::structure::identified;
use crate::journal::tally::tally;
use crate::journal::targets::{
    Rows, Seen, Stood, at_cell, counting, identities, not_a_row, seen, shown, twice,
};
use crate::key::Key;
use crate::model::{Asked, TargetCell, TargetsDef};
use crate::space::UNASSIGNED;

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
        let fresh: Vec<u32> = fresh.filter(|at| self.targets_of(*at).is_some()).collect();
        let new = fresh.iter().copied().filter(|at| self.stands(*at));
        let new = new.map(|at| Turn {
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
        if turns.is_empty() && fresh.is_empty() {
            return Vec::new();
        }
        let mut found = self.twice_written(&fresh);
        for (at, view) in self.journal.model.asked().iter().enumerate() {
            let closed = self.told_periods(at, view);
            let moves = |turn: &&Turn| {
                let own = self.targets_of(turn.of);
                own.is_some_and(|own| {
                    let mut cells = own.cells.iter();
                    own.view == view.definition.key
                        && cells.any(|cell| closed.contains(&cell.period))
                })
            };
            let own: Vec<Turn> = turns.iter().filter(moves).copied().collect();
            if !own.is_empty() {
                found.extend(self.moving(&own, (view, &closed)));
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

    /// Who is who in the rows of a view, by what stands with the hand-over and is so by a day.
    fn rows(&self, view: &Asked, as_of: NaiveDate) -> Rows<'_> {
        let judged = self.status.iter().map(|(at, _)| at);
        let judged = judged.filter(|at| identified(self.entry(*at)).is_some());
        let mut numbers: BTreeSet<u32> = judged.collect();
        let merges = |at: &u32| matches!(self.entry(*at).content(), Content::Merge(_));
        let steps = &self.journal.steps;
        let known = seen(identities(steps, numbers.iter().any(merges)), usize::MAX);
        numbers.extend(known.keys());
        let standing = numbers
            .into_iter()
            .filter(|at| self.stands(*at) && self.entry(*at).day() <= as_of);
        let entries: Vec<(&Entry, Stood)> = standing
            .map(|at| {
                let mut stood = known.get(&at).map(|seen| seen.stood.clone());
                let own = stood.get_or_insert_default();
                if own.last().is_none_or(|last| last.end != u32::MAX) {
                    own.push(self.hand_over()..u32::MAX);
                }
                (self.entry(at), stood.unwrap_or_default())
            })
            .collect();
        let known = (self.journal.model.schema().space(), &**self.journal.former);
        Rows::new(known, &view.definition.rows, &entries)
    }

    /// The number of the hand-over.
    fn hand_over(&self) -> u32 {
        u32::try_from(self.journal.taken.len()).unwrap_or(u32::MAX)
    }

    fn twice_written(&self, fresh: &[u32]) -> Vec<(u32, Rejection)> {
        let mut by_view: BTreeMap<&Key, Rows<'_>> = BTreeMap::new();
        let mut found = Vec::new();
        for new in fresh {
            let mut views = self.journal.model.asked().iter();
            let own = self.targets_of(*new);
            let view = own.and_then(|own| views.find(|view| view.definition.key == own.view));
            let Some((own, view)) = own.zip(view) else {
                continue;
            };
            let rows = by_view
                .entry(&own.view)
                .or_insert_with(|| self.rows(view, NaiveDate::MAX));
            let by = (self.entry(*new).day(), self.hand_over());
            let mut cells = BTreeSet::new();
            let mut all = own.cells.iter().enumerate();
            let second = all.find(|(_, cell)| !cells.insert((rows.by(cell, by), &cell.period)));
            found.extend(second.map(|(at, cell)| (*new, at_cell(at, twice(cell)))));
        }
        found
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
    ) -> Vec<(u32, Rejection)> {
        let told = Closed {
            draft: self,
            view,
            periods: closed,
            rows: self.rows(view, self.complete_through),
        };
        let own: Vec<Vec<Place<'_>>> = turns
            .iter()
            .map(|turn| told.places(turn).collect())
            .collect();
        let cells = told.cells(own.iter().flatten());
        let moved = |turned: &Turned, place: &Place<'_>| {
            let all = cells.get(place).map_or(&[][..], Vec::as_slice);
            told.sum(place.0, all, turned) != told.sum(place.0, all, &Turned::new())
        };
        let turned = |turns: &[Turn]| -> Turned {
            let turns = turns.iter();
            turns.map(|turn| (turn.of, turn.stands)).collect()
        };
        let alone = turns.iter().zip(&own).map(|(turn, own)| {
            let turned = turned(&[*turn]);
            own.iter().find(|place| moved(&turned, place))
        });
        let alone: Vec<Option<&Place<'_>>> = alone.collect();
        let is_any = alone.iter().any(Option::is_some);
        let together = turned(turns);
        let all = turns.iter().zip(&own).zip(alone);
        let blamed = all.filter_map(|((turn, own), alone)| {
            let place = if is_any {
                alone
            } else {
                own.iter().find(|place| moved(&together, place))
            };
            Some((turn.by, told.refusal(turn, place?)))
        });
        blamed.collect()
    }
}

/// By number, the entries that stand from now on, or do no more.
type Turned = BTreeMap<u32, bool>;

/// A target as a place: the metric, the period and who it is of by now.
type Place<'a> = (&'a Key, &'a Key, Vec<&'a Key>);

/// The targets of the closed periods of a view.
struct Closed<'a> {
    draft: &'a Draft<'a>,
    view: &'a Asked,
    periods: &'a BTreeSet<Key>,
    rows: Rows<'a>,
}

/// A cell of an entry about a place, and whether that stood.
struct Said<'a> {
    at: u32,
    stood: bool,
    by: (NaiveDate, u32),
    cell: &'a TargetCell,
}

impl<'a> Closed<'a> {
    /// By place, of some of them, all that entries say of it which stood or may from now on, the later ones behind.
    fn cells<'p>(
        &self,
        places: impl Iterator<Item = &'p Place<'a>>,
    ) -> BTreeMap<Place<'a>, Vec<Said<'a>>>
    where
        'a: 'p,
    {
        let draft = self.draft;
        let mut found: BTreeMap<Place<'a>, Vec<Said<'a>>> =
            places.map(|place| (place.clone(), Vec::new())).collect();
        let known = seen(draft.journal.targets.iter(), usize::MAX);
        let judged = draft.status.iter().map(|(at, _)| at);
        let numbers: BTreeSet<u32> = known.keys().copied().chain(judged).collect();
        for at in numbers {
            let own = draft.targets_of(at);
            let Some(own) = own.filter(|own| own.view == self.view.definition.key) else {
                continue;
            };
            let seen = known.get(&at);
            let first = seen.map_or(draft.hand_over(), Seen::first);
            for (place, cell) in self.each(own) {
                if let Some(all) = found.get_mut(&place) {
                    all.push(Said {
                        at,
                        stood: seen.is_some_and(|seen| seen.since().is_some()),
                        by: (draft.entry(at).day(), first),
                        cell,
                    });
                }
            }
        }
        for all in found.values_mut() {
            all.sort_by_key(|own| own.by.0);
        }
        found
    }

    /// What the target of a place comes to by all that stood, but for what some entries have stand from now on or no more: by whichever
    /// day it is written, and whoever turned out to be whom by now. Nothing where none is written.
    fn sum(&self, metric: &Key, all: &[Said<'a>], turned: &Turned) -> Option<i128> {
        let stands = |own: &&Said<'a>| turned.get(&own.at).copied().unwrap_or(own.stood);
        let own = all.iter().filter(stands);
        let own = own.map(|own| (own.at as usize, own.by, own.cell));
        let live = counting(&self.rows, own);
        let mut written = self.view.definition.written.iter();
        let quantum = written.position(|written| written == metric);
        let quantum = quantum.and_then(|at| self.view.quanta.get(at));
        let units = |cell: &TargetCell| {
            let units = quantum.and_then(|quantum| quantum.units(cell.amount.decimal()).ok());
            i128::from(units.unwrap_or(0))
        };
        (!live.is_empty()).then(|| live.into_iter().map(units).sum())
    }

    /// The places of targets in closed periods, in the order of their cells.
    fn each(&self, own: &'a TargetsDef) -> impl Iterator<Item = (Place<'a>, &'a TargetCell)> {
        let cells = own.cells.iter();
        let cells = cells.filter(|cell| self.periods.contains(&cell.period));
        cells.map(|cell| {
            tally("target");
            let place = (&own.metric, &cell.period, self.rows.one(cell));
            (place, cell)
        })
    }

    fn places(&self, turn: &Turn) -> impl Iterator<Item = Place<'a>> {
        let own = self.draft.targets_of(turn.of).into_iter();
        own.flat_map(|own| self.each(own)).map(|(place, _)| place)
    }

    fn refusal(&self, turn: &Turn, place: &Place<'a>) -> Rejection {
        let subject: Vec<Key> = place.2.iter().map(|own| (*own).clone()).collect();
        let reason = Rejection::ClosedTarget {
            subject: shown(&subject),
            period: place.1.clone(),
            view: self.view.definition.key.clone(),
        };
        let own = self.draft.targets_of(turn.of);
        let mut cells = own.into_iter().flat_map(|own| &own.cells);
        let is_own = |cell: &TargetCell| cell.period == *place.1 && self.rows.one(cell) == place.2;
        match cells.position(is_own).filter(|_| turn.by == turn.of) {
            Some(cell) => at_cell(cell, reason),
            None => reason,
        }
    }
}
