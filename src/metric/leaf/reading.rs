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
    /// By kind of record: whether each seat is asked for; all are where there is none.
    accepts: Vec<Option<Vec<bool>>>,
    /// Which kinds of records are selected.
    kinds: Vec<bool>,
}

/// A partial result while addends are read into it.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    program: &'a Program,
    partial: Partial,
    feeds: Vec<Vec<Feed>>,
    /// By kind of record, then by grid, the subject of each seat.
    subjects: Vec<Vec<Vec<u32>>>,
}

impl<'a> Reader<'a> {
    /// Finds the rows of all seats.
    pub(crate) fn new(
        program: &'a Program,
        lanes: &Lanes,
        seats: &Seats,
    ) -> Result<Self, MetricError> {
        let parts = &program.parts;
        let subjects = seats.0.iter().enumerate().map(|(kind, table)| {
            let of_grid = parts.places.iter().map(|by_kind| {
                let mut found = vec![0; table.len()];
                if let Some((lookup, _)) = &by_kind[kind] {
                    lookup.subjects_of(table, 0, &mut found);
                }
                found
            });
            of_grid.collect()
        });
        let subjects = subjects.collect();
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
            lane_keys(program)?.into_iter().zip(counted.chain(summed))
        {
            // The lanes are those of all programs of the model.
            let at = lanes.find(&key).ok_or(MetricError::ProgramMismatch)?;
            let (accepts, kinds) = accepted(program, &metric, selection, seats)?;
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
        Ok(Self {
            program,
            partial: program.nothing(String::new()),
            feeds,
            subjects,
        })
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
            let is_asked = feed.accepts[kind].as_ref().is_none_or(|all| all[seat]);
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

    /// Returns what was read.
    pub(crate) fn finish(self) -> Partial {
        self.partial
    }
}

/// By kind of record, whether a selection asks for a seat, and whether it selects the kind.
#[expect(clippy::type_complexity, reason = "two lists by kind")]
fn accepted(
    program: &Program,
    metric: &Key,
    selection: usize,
    seats: &Seats,
) -> Result<(Vec<Option<Vec<bool>>>, Vec<bool>), MetricError> {
    let selected = &program.parts.selections[selection];
    let mut conditions = Vec::new();
    conjuncts(&selected.definition.conditions, &mut conditions);
    let standing: Vec<_> = conditions
        .into_iter()
        .filter(|condition| asks(condition).0)
        .cloned()
        .collect();
    let schema = program.layout.schema();
    let mut accepts = Vec::with_capacity(seats.0.len());
    for ((kind, table), known) in schema.compiled().iter().zip(&seats.0).zip(&selected.kinds) {
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
        let all = Test::All(site.tests(&standing)?);
        let mut found = vec![false; table.len()];
        all.evaluate(table, 0, &mut found);
        accepts.push(Some(found));
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
