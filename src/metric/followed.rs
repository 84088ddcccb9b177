//! Open items that are followed day by day: from row to row as their members move, and by what is left of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::filter::{Asked, Bits, Credited, LeftOut, Mask, still_standing};
use super::metric::{Selection, Value};
use super::open::{Change, Item, Walk};
use super::partial::Partial;
use super::parts::HeldPart;
use super::program::Program;
use crate::ledger::{Kind, Row, Table, Timing};
use crate::quantity::Ratio;
use crate::space::{Dimension, MemberId, Placement, Space};

/// Which rows of a table each sort of figure sees where it stands; all of them by default.
#[derive(Debug, Clone, Default)]
pub(super) struct Sight {
    /// For what adds up.
    pub(super) banks: LeftOut,
    /// For what is drawn from single records: without those of which something was taken back.
    pub(super) singles: LeftOut,
    /// For what is open: without those that were settled.
    pub(super) opens: LeftOut,
}

impl Sight {
    /// Those that stand as of a day; what something became of is looked at apart.
    pub(super) fn standing(table: &Table, as_of: Option<NaiveDate>) -> Self {
        let banks = LeftOut {
            reversed: true,
            still: still_standing(table, as_of),
            apart: Arc::from([]),
        };
        let as_of = as_of.map_or(i32::MAX, |day| day.num_days_from_ce());
        let reduced = table.told.iter().filter(|(_, told)| {
            let first = told.course.reduced.first();
            first.is_some_and(|(day, _)| *day <= as_of)
        });
        let settled = table.told.iter();
        let settled = settled.filter(|(_, told)| !told.course.left.is_empty());
        let rows = |row: &u32| {
            let rows = table.rows_of(*row as usize);
            rows.filter_map(|row| u32::try_from(row).ok())
        };
        let (reduced, settled): (Vec<u32>, Vec<u32>) = (
            reduced.flat_map(|(row, _)| rows(row)).collect(),
            settled.flat_map(|(row, _)| rows(row)).collect(),
        );
        Self {
            singles: LeftOut {
                apart: reduced.into(),
                ..banks.clone()
            },
            opens: LeftOut {
                apart: settled.into(),
                ..banks.clone()
            },
            banks,
        }
    }
}

/// By field of a kind of record, which placements are those of members who move; nothing where nobody does.
#[derive(Debug, Clone, Default)]
pub(super) struct Moves(Vec<Option<Vec<bool>>>);

impl Moves {
    pub(super) fn new(kind: &Kind, space: &Space) -> Self {
        let fields = kind.dimensions.iter().map(|dimension| {
            let own = space.own(*dimension);
            let all = own.stretch_counts();
            let moves: Vec<bool> = all.map(|count| count > 1).collect();
            moves.contains(&true).then_some(moves)
        });
        let fields: Vec<Option<Vec<bool>>> = fields.collect();
        if fields.iter().all(Option::is_none) {
            return Self::default();
        }
        Self(fields)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether anybody moves whom the record names that a row is a part of.
    pub(super) fn of(&self, table: &Table, row: usize) -> bool {
        if self.is_empty() {
            return false;
        }
        let moves = |row: usize| {
            let mut fields = table.places.iter().zip(&self.0);
            fields.any(|(column, moves)| {
                let moves = moves.as_ref();
                moves.is_some_and(|moves| moves.get(column[row].index()) == Some(&true))
            })
        };
        if table.parts.is_empty() {
            return moves(row);
        }
        table.rows_of(table.first_of(row)).any(moves)
    }
}

/// An open item: the record as it is placed from a day on, the first since ever, and by day which share of it is left.
pub(super) struct Followed {
    pub(super) stages: Vec<(i32, Row)>,
    pub(super) left: Vec<(i32, Ratio)>,
}

/// A record as it is placed from each day on on which one of its members moves.
pub(super) fn placed(space: &Space, kind: &Kind, row: &Row) -> Vec<(i32, Row)> {
    let named = |(dimension, place): (&crate::space::DimensionId, &Placement)| {
        let own = space.own(*dimension);
        (own, own.member_of(*place))
    };
    let members: Vec<(&Dimension, MemberId)> =
        kind.dimensions.iter().zip(&row.places).map(named).collect();
    let credit = kind.credit.and_then(|field| kind.dimensions.get(field));
    let others: Vec<(&Dimension, MemberId)> = row
        .others
        .iter()
        .filter_map(|other| Some(named((credit?, &other.place))))
        .collect();
    let all = members.iter().chain(&others);
    let mut starts: BTreeSet<i32> = all
        .flat_map(|(dimension, member)| dimension.stretches(*member).skip(1))
        .map(|(start, _)| start)
        .collect();
    starts.insert(i32::MIN);
    let place = |(dimension, member): &(&Dimension, MemberId), day: i32| {
        let mut all = dimension.stretches(*member);
        let first = all.next().map_or(Placement::UNASSIGNED, |(_, place)| place);
        let later = all.take_while(|(start, _)| *start <= day);
        later.map(|(_, place)| place).last().unwrap_or(first)
    };
    let stages = starts.into_iter().map(|day| {
        let mut own = row.clone();
        own.places = members.iter().map(|of| place(of, day)).collect();
        for (other, of) in own.others.iter_mut().zip(&others) {
            other.place = place(of, day);
        }
        (day, own)
    });
    stages.collect()
}

/// Adds a record to a table of its kind.
pub(super) fn push(table: &mut Table, kind: &Kind, row: Row) {
    table.push(row, kind.definition.timing == Timing::Instant, kind.credit);
}

impl Program {
    /// Whether it asks what is open of a kind of record.
    pub(crate) fn asks_open(&self, kind: usize) -> bool {
        self.parts
            .opens
            .iter()
            .any(|part| part.kinds.get(kind).is_some_and(Option::is_some))
    }

    /// Whether it asks what is open or held of a kind of record, which belongs to whom its members belong on the day.
    pub(crate) fn asks_balances(&self, kind: usize) -> bool {
        let mut lasts = self.parts.lasts.iter();
        let is_last = |part: &HeldPart| part.sources.get(kind).is_some_and(Option::is_some);
        self.asks_open(kind) || lasts.any(is_last)
    }

    /// Folds what is open: in the row to which it belongs on each day.
    pub(super) fn follow(&self, partial: &mut Partial, kind: usize, items: &[Followed]) {
        if items.is_empty() || !self.asks_open(kind) {
            return;
        }
        for (part, own) in partial.opens.iter_mut().enumerate() {
            self.changes(part, kind, items, |_, change| own.take(&change));
        }
    }

    /// Tells what some items of a kind change of what is open, each with its place among them and its sharer.
    pub(super) fn changes(
        &self,
        part: usize,
        kind: usize,
        items: &[Followed],
        mut with: impl FnMut((usize, usize), Change),
    ) {
        let (parts, part) = (&self.parts, &self.parts.opens[part]);
        let selected = &parts.selections[part.selection];
        let (Some(columns), Some(tests), Some((lookup, date))) = (
            part.kinds[kind],
            selected.kinds[kind].as_deref(),
            &parts.places[selected.grid][kind],
        ) else {
            return;
        };
        let compiled = &self.layout.schema().compiled()[kind];
        // A row for each of the sharers of an item by each of its stages.
        let mut table = Table::new(compiled);
        for (_, row) in items.iter().flat_map(|item| &item.stages) {
            push(&mut table, compiled, row.clone());
        }
        let asked = Asked {
            bit: 0,
            tests,
            credited: counting(part.value.as_ref())(&selected.definition),
        };
        let filter = Bits::bind(&[asked], &table, &LeftOut::default());
        let count = table.len();
        let (mut bits, mut flags): (Vec<Mask>, Vec<bool>) = (vec![0; count], vec![false; count]);
        filter.evaluate(&table, 0, &mut bits, &mut flags);
        let (mut subjects, none) = (vec![0; count], self.layout.subjects().len());
        lookup.subjects_of(&table, 0, &mut subjects);
        let seat = |row: usize| {
            let subject = subjects[row] as usize;
            (bits[row] == 1 && subject < none).then_some(subject)
        };
        let walk = Walk {
            part,
            columns,
            days: (&*parts.first_days, &*parts.last_days),
        };
        let (days, mut first) = (date.of(&table), 0);
        for (at, item) in items.iter().enumerate() {
            let sharers = item.stages.first();
            let sharers = sharers.map_or(1, |(_, row)| 1 + row.others.len());
            for sharer in 0..sharers {
                let stages = item.stages.iter().enumerate();
                let seats = stages.map(|(stage, (start, _))| {
                    let row = first + stage * sharers;
                    let own = seat(row + sharer);
                    // A row has a record once, however many of its sharers are in it.
                    let again = filter.is_each && (0..sharer).any(|other| seat(row + other) == own);
                    (*start, own.filter(|_| !again))
                });
                let seats: Vec<(i32, Option<usize>)> = seats.collect();
                let row = first + sharer;
                let own = Item {
                    table: &table,
                    row,
                    begun: days[row],
                    left: &item.left,
                };
                walk.changes(&own, &seats, |change| with((at, sharer), change));
            }
            first += item.stages.len() * sharers;
        }
    }
}

/// How shares of what is open count: without a value it is records that are counted, and days are theirs.
pub(super) fn counting(value: Option<&Value>) -> fn(&Selection) -> Credited {
    match value {
        None | Some(Value::Days { .. }) => Credited::recording,
        Some(_) => Credited::valuing,
    }
}
