//! The days from one record to another: each record of one selection is ended by the next one of another selection that
//! has the same entity.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::evidence::Looked;
use super::explain::{Derivation, Exclusion, Place};
use super::gathered::Gathered;
use super::grid::Grid;
use super::partial::Partial;
use super::parts::WaitingFigure;
use super::program::Program;
use super::sample::{Samples, Step};
use crate::key::Key;
use crate::ledger::{Ledger, NO_DAY};
use crate::metric::metric::Placed;
use crate::panel::Reason;

/// What began, with what ended it.
struct Pair {
    start: Step,
    end: Option<Step>,
}

/// What is waiting at the end of each period, laid out as a panel is.
pub(super) struct Waiting {
    pub(super) counts: Vec<i128>,
    /// For how many days, all together.
    pub(super) days: Vec<i128>,
}

/// Calls `found` with every start, the entities in order, the days of each in order. What lies after the last day that is
/// seen has not happened.
fn each_pair(starts: &[Step], ends: &[Step], seen: i32, mut found: impl FnMut(Pair)) {
    let same = |left: &Step, right: &Step| left.entity == right.entity;
    let mut ends = ends.chunk_by(same).peekable();
    let mut own: Vec<Step> = Vec::new();
    for starts in starts.chunk_by(same) {
        own.clear();
        let entity = starts.first().map_or(0, |step| step.entity);
        while let Some(next) = ends.peek() {
            let number = next.first().map_or(0, |step| step.entity);
            if number > entity {
                break;
            }
            if number == entity {
                own.extend(next.iter().filter(|step| step.day <= seen));
            }
            ends.next();
        }
        own.sort_unstable_by_key(|step| (step.day, step.subject));
        for start in starts.iter().filter(|step| step.day <= seen) {
            let after = own.partition_point(|end| end.day < start.day);
            found(Pair {
                start: *start,
                end: own.get(after).copied(),
            });
        }
    }
}

impl Program {
    pub(super) fn last_seen(&self) -> i32 {
        let as_of = self.layout.as_of();
        as_of.map_or(i32::MAX, |day| day.num_days_from_ce())
    }

    fn pairs(&self, partial: &Partial, pair: usize, found: impl FnMut(Pair)) {
        let part = self.parts.pairs[pair];
        let (starts, ends) = (&partial.trails[part.starts], &partial.trails[part.ends]);
        each_pair(&starts.sorted, &ends.sorted, self.last_seen(), found);
    }

    /// The days of what is over, where they are placed.
    pub(super) fn paired(&self, partial: &Partial, pair: usize) -> (Samples, &Grid) {
        let grid = self.pair_grid(pair);
        let subjects = self.layout.subjects().len();
        let mut samples = Samples::default();
        let placed = self.parts.pairs[pair].placed;
        self.pairs(partial, pair, |found| {
            let Some(end) = found.end else { return };
            let place = match placed {
                Placed::End => end,
                Placed::Start => found.start,
            };
            if place.subject as usize >= subjects {
                return;
            }
            let cell = place.subject * grid.width() + grid.atom(place.day);
            let days = i64::from(end.day) - i64::from(found.start.day);
            for _ in 0..found.start.count {
                samples.add(cell, days);
            }
        });
        samples.settle();
        (samples, grid)
    }

    /// The grid of the records that say where days are placed.
    fn pair_grid(&self, pair: usize) -> &Grid {
        let selection = self.placing(pair);
        &self.grids[self.parts.selections[selection].grid]
    }

    /// The selection of the records that say where days are placed.
    fn placing(&self, pair: usize) -> usize {
        let part = self.parts.pairs[pair];
        let trail = match part.placed {
            Placed::End => part.ends,
            Placed::Start => part.starts,
        };
        self.parts.trails[trail].selection
    }

    pub(super) fn waiting(&self, partial: &Partial, pair: usize) -> Waiting {
        let (subjects, lasts) = (self.layout.subjects().len(), &self.parts.last_days);
        let mut waiting = Waiting {
            counts: vec![0; subjects * lasts.len()],
            days: vec![0; subjects * lasts.len()],
        };
        self.pairs(partial, pair, |found| {
            let (start, subject) = (found.start, found.start.subject as usize);
            if subject >= subjects {
                return;
            }
            let from = lasts.partition_point(|last| *last < start.day);
            let ended = found.end.map_or(i32::MAX, |end| end.day);
            let to = lasts.partition_point(|last| *last < ended);
            for (period, last) in lasts.iter().enumerate().take(to).skip(from) {
                let (cell, count) = (period * subjects + subject, i128::from(start.count));
                let days = i128::from(*last) - i128::from(start.day);
                waiting.counts[cell] += count;
                waiting.days[cell] += count * days;
            }
        });
        waiting
    }
}

/// The records of one entity.
#[derive(Default)]
struct Own {
    starts: Vec<Looked>,
    ends: Vec<Looked>,
}

impl Program {
    /// The records of both selections that pass and are seen, by entity, in the order of their days.
    fn pair_records(
        &self,
        ledger: &Ledger,
        pair: usize,
        through: i32,
        mut left: impl FnMut(usize, &Looked, Exclusion),
    ) -> BTreeMap<Key, Own> {
        let part = self.parts.pairs[pair];
        let mut all: BTreeMap<Key, Own> = BTreeMap::new();
        for trail in [part.starts, part.ends] {
            let known = &self.parts.trails[trail];
            for row in self.rows_of(ledger, known.selection, known.kept_for.credited()) {
                if row.day == NO_DAY || row.day > self.last_seen() {
                    continue;
                }
                if let Some(reason) = self.fails(ledger, known.selection, &row, through) {
                    left(trail, &row, reason);
                    continue;
                }
                let entity = known.entity;
                let Some(entity) = entity.and_then(|entity| self.entity_of(ledger, entity, &row))
                else {
                    left(trail, &row, Exclusion::NoEntity);
                    continue;
                };
                let own = all.entry(entity).or_default();
                if trail == part.starts {
                    own.starts.push(row);
                } else {
                    own.ends.push(row);
                }
            }
        }
        for own in all.values_mut() {
            own.starts.sort_by_key(|row| (row.day, row.subject));
            own.ends.sort_by_key(|row| (row.day, row.subject));
        }
        all
    }

    /// The days of what is over and placed here. The records are those that began, with their days, and those that ended
    /// them; what matches nothing is left out.
    pub(super) fn pair_values(&self, ledger: &Ledger, pair: usize, at: Place) -> Gathered {
        let part = self.parts.pairs[pair];
        let placing = self.placing(pair);
        let definition = self.parts.selections[self.parts.trails[part.starts].selection]
            .definition
            .clone();
        let placed_by = match part.placed {
            Placed::End => part.ends,
            Placed::Start => part.starts,
        };
        let mut found = Gathered::of(definition);
        let through = self.parts.last_days[at.period];
        let records = self.pair_records(ledger, pair, through, |trail, row, reason| {
            if trail == placed_by && self.in_window(placing, row, at) {
                found.leave(reason);
            }
        });
        for (entity, own) in records {
            let mut used = vec![false; own.ends.len()];
            let mut any = false;
            for start in &own.starts {
                let end = own.ends.iter().position(|end| end.day >= start.day);
                let place = match (part.placed, end) {
                    (Placed::Start, _) => start,
                    (Placed::End, Some(end)) => &own.ends[end],
                    (Placed::End, None) => continue,
                };
                if !self.in_window(placing, place, at) {
                    continue;
                }
                let Some(end) = end else {
                    found.leave(Exclusion::Unmatched);
                    continue;
                };
                let days = i64::from(own.ends[end].day) - i64::from(start.day);
                found.take(self.evidence(ledger, start, Some(days)));
                used[end] = true;
                any = true;
            }
            if any {
                found.entities.insert(entity);
            }
            for (end, used) in own.ends.iter().zip(used) {
                if used {
                    let evidence = self.evidence(ledger, end, None);
                    found.records.push(evidence);
                } else if part.placed == Placed::End && self.in_window(placing, end, at) {
                    found.leave(Exclusion::Unmatched);
                }
            }
        }
        found
    }

    /// What is waiting at the end of a period, with its days.
    pub(super) fn waiting_records(
        &self,
        ledger: &Ledger,
        pair: usize,
        figure: WaitingFigure,
        at: Place,
    ) -> Derivation {
        let part = self.parts.pairs[pair];
        let last = self.parts.last_days[at.period];
        let here = |row: &Looked| row.subject == at.subject && row.day <= last;
        let selection = self.parts.trails[part.starts].selection;
        let mut found = Gathered::of(self.parts.selections[selection].definition.clone());
        let records = self.pair_records(ledger, pair, last, |trail, row, reason| {
            if trail == part.starts && here(row) {
                found.leave(reason);
            }
        });
        for (entity, own) in records {
            for start in own.starts.iter().filter(|start| here(start)) {
                let over = |end: &Looked| (start.day..=last).contains(&end.day);
                if own.ends.iter().any(over) {
                    continue;
                }
                let days = i64::from(last) - i64::from(start.day);
                found.take(self.evidence(ledger, start, Some(days)));
                found.entities.insert(entity.clone());
            }
        }
        match figure {
            WaitingFigure::Count => found.named("waiting", |own| Ok(own.count)),
            WaitingFigure::Age => found.named("waiting_age", |own| {
                own.sum.checked_div(own.count).map_err(|_| Reason::NoBase)
            }),
        }
    }
}
