//! Addends of leaves read into the rows and windows of a program.

use std::collections::BTreeSet;

use super::lanes::{Lanes, lane_keys};
use super::{Addend, RECORDS, asks, conjuncts};
use crate::key::Key;
use crate::ledger::Table;
use crate::metric::error::MetricError;
use crate::metric::filter::{Site, Test};
use crate::metric::partial::Partial;
use crate::metric::parts::CountLane;
use crate::metric::program::Program;
use crate::space::Placement;

/// Where leaves stand: by kind of record and field, a placement for each stretch of a leaf in which none of its members moves.
#[derive(Debug)]
pub(crate) struct Seats(Vec<Table>);

impl Seats {
    pub(crate) fn new(program: &Program) -> Self {
        let kinds = program.layout.schema().compiled();
        Self(kinds.iter().map(Table::new).collect())
    }

    /// Adds a seat of a kind and returns its number.
    pub(crate) fn add(&mut self, kind: usize, places: impl Iterator<Item = Placement>) -> usize {
        let table = &mut self.0[kind];
        for (column, place) in table.places.iter_mut().zip(places) {
            column.push(place);
        }
        table.days.push(0);
        table.len() - 1
    }
}

/// Where in the program a lane goes.
#[derive(Debug)]
struct Feed {
    bank: usize,
    lane: CountLane,
    grid: usize,
    /// By kind of record: what is asked of a seat, and whether each has it; all have where nothing is asked.
    accepts: Vec<Option<(Test, Vec<bool>)>>,
    /// Which kinds of records are selected.
    kinds: Vec<bool>,
}

/// A partial result while addends are read into it.
#[derive(Debug)]
pub(crate) struct Reader {
    program: Program,
    partial: Partial,
    feeds: Vec<Vec<Feed>>,
    /// By kind of record, then by grid, the subject of each seat.
    subjects: Vec<Vec<Vec<u32>>>,
}

impl Reader {
    /// Finds the rows of all seats.
    pub(crate) fn new(program: Program, lanes: &Lanes, seats: &Seats) -> Result<Self, MetricError> {
        let parts = &program.parts;
        let nothing = || vec![Vec::new(); parts.places.len()];
        let subjects = seats.0.iter().map(|_| nothing()).collect();
        let mut feeds = Vec::new();
        let counted = parts
            .tallies
            .iter()
            .map(|tally| (tally.selection, tally.bank, tally.lane));
        let summed = parts
            .sums
            .iter()
            .map(|sum| (sum.selection, sum.bank, CountLane::Sum(sum.lane)));
        for ((metric, key), (selection, bank, lane)) in
            lane_keys(&program).into_iter().zip(counted.chain(summed))
        {
            // The lanes are those of all programs of the model.
            let at = lanes.find(&key).ok_or(MetricError::ProgramMismatch)?;
            let (accepts, kinds) = asked(&program, &metric, selection)?;
            if feeds.len() <= at {
                feeds.resize_with(at + 1, Vec::new);
            }
            let grid = parts.selections[selection].grid;
            feeds[at].push(Feed {
                bank,
                lane,
                grid,
                accepts,
                kinds,
            });
        }
        let mut own = Self {
            partial: program.nothing(String::new()),
            program,
            feeds,
            subjects,
        };
        own.seat(seats);
        Ok(own)
    }

    /// Finds the rows of the seats that were added since.
    pub(crate) fn seat(&mut self, seats: &Seats) {
        let places = &self.program.parts.places;
        for (kind, (table, own)) in seats.0.iter().zip(&mut self.subjects).enumerate() {
            for (by_kind, found) in places.iter().zip(own) {
                let before = found.len();
                found.resize(table.len(), 0);
                if let Some((lookup, _)) = &by_kind[kind] {
                    lookup.subjects_of(table, before, &mut found[before..]);
                }
            }
        }
        for feed in self.feeds.iter_mut().flatten() {
            for (table, asked) in seats.0.iter().zip(&mut feed.accepts) {
                if let Some((test, found)) = asked {
                    let before = found.len();
                    found.resize(table.len(), false);
                    test.evaluate(table, before, &mut found[before..]);
                }
            }
        }
    }

    /// Goes on as of a later day with what was read as of one; nothing where windows were cut otherwise then.
    pub(crate) fn carried(
        &self,
        program: Program,
        lanes: &Lanes,
        (seats, seen): (&Seats, i32),
    ) -> Result<Option<Self>, MetricError> {
        let mut own = Self::new(program, lanes, seats)?;
        let banks = own.program.parts.banks.iter().enumerate();
        for (at, bank) in banks {
            let grids = (
                &self.program.grids[bank.grid],
                &own.program.grids[bank.grid],
            );
            let Some(atoms) = grids.0.carry(grids.1, seen) else {
                return Ok(None);
            };
            let widths = (grids.0.width(), grids.1.width());
            own.partial.cells[at].carry(&self.partial.cells[at], widths, &atoms);
        }
        Ok(Some(own))
    }

    /// The program into whose rows and windows it reads.
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// Adds an addend of a leaf of this kind in this seat.
    pub(crate) fn add(
        &mut self,
        kind: usize,
        seat: usize,
        addend: &Addend,
    ) -> Result<(), MetricError> {
        if addend.lane == RECORDS {
            return Ok(());
        }
        let feeds = self.feeds.get(usize::from(addend.lane));
        for feed in feeds.into_iter().flatten() {
            let is_asked = feed.accepts[kind].as_ref().is_none_or(|(_, all)| all[seat]);
            if !feed.kinds[kind] || !is_asked {
                continue;
            }
            let grid = &self.program.grids[feed.grid];
            let subject = self.subjects[kind][feed.grid][seat];
            let cell = subject * grid.width() + grid.atom(addend.day);
            let cells = &mut self.partial.cells[feed.bank];
            match feed.lane {
                CountLane::Count(lane) => cells.put_count(cell as usize, lane, addend.value)?,
                CountLane::Sum(lane) => cells.put_sum(cell as usize, lane, addend.value),
            }
        }
        Ok(())
    }

    /// Returns what was read so far.
    pub(crate) fn partial(&self) -> &Partial {
        &self.partial
    }
}

/// By kind of record, what a selection asks of a seat, and whether it selects the kind.
#[expect(clippy::type_complexity, reason = "two lists by kind")]
fn asked(
    program: &Program,
    metric: &Key,
    selection: usize,
) -> Result<(Vec<Option<(Test, Vec<bool>)>>, Vec<bool>), MetricError> {
    let selected = &program.parts.selections[selection];
    let mut conditions = Vec::new();
    conjuncts(&selected.definition.conditions, &mut conditions);
    let standing: Vec<_> = conditions
        .into_iter()
        .filter(|condition| asks(condition).0)
        .cloned()
        .collect();
    let schema = program.layout.schema();
    let mut accepts = Vec::with_capacity(selected.kinds.len());
    for (kind, known) in schema.compiled().iter().zip(&selected.kinds) {
        if known.is_none() || standing.is_empty() {
            accepts.push(None);
            continue;
        }
        let site = Site {
            metric,
            schema,
            kind,
            until: i32::MAX,
        };
        accepts.push(Some((Test::All(site.tests(&standing)?), Vec::new())));
    }
    let kinds = selected.kinds.iter().map(Option::is_some).collect();
    Ok((accepts, kinds))
}

impl Program {
    /// The kinds of records that are counted or summed, with the field by which each finds its member of a dimension, if it has
    /// one.
    pub(crate) fn fields(&self, dimension: &Key) -> BTreeSet<(usize, Option<usize>)> {
        let kinds = self.layout.schema().compiled();
        let of_selection = |selected: &super::super::parts::Selected| {
            let via = selected
                .definition
                .via
                .get(dimension)
                .unwrap_or(dimension)
                .clone();
            let asked = selected.kinds.iter().enumerate();
            let asked = asked.filter_map(|(at, tests)| tests.is_some().then_some(at));
            asked
                .map(|at| (at, kinds[at].place(via.as_str())))
                .collect::<Vec<_>>()
        };
        self.parts
            .selections
            .iter()
            .flat_map(of_selection)
            .collect()
    }
}
