//! Records that are kept singly: of a kind of which more is asked than counts and sums nothing can be taken back from what was
//! folded, so that each record is kept as it is, with what became of it since.

use std::collections::BTreeSet;

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use super::course::Course;
use super::lanes::Lanes;
use crate::key::Key;
use crate::ledger::{Kind, NO_AMOUNT, Part, PartRow, Row, Table, Timing};
use crate::metric::filter::{Mask, Standings};
use crate::metric::fold::settle;
use crate::metric::open::{Item, Walk};
use crate::metric::partial::Partial;
use crate::metric::pass::Bound;
use crate::metric::program::Program;
use crate::quantity::Ratio;
use crate::space::Placement;

/// What is kept of one record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Single {
    pub(crate) leaf: u32,
    pub(crate) day: i32,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) time: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) sequence: u64,
    pub(crate) amounts: Vec<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) texts: Vec<Option<Key>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) dates: Vec<i32>,
    /// The share that the leaf has of a record that several share, and those of the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) share: Option<(Part, Ratio)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) others: Vec<Sharer>,
    #[serde(default, skip_serializing_if = "Course::is_empty")]
    pub(crate) course: Course,
}

/// A further credit of a record that several share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sharer {
    pub(crate) leaf: u32,
    pub(crate) part: Part,
    pub(crate) share: Ratio,
    pub(crate) amounts: Vec<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Where leaves stand on each day.
pub(crate) trait Standpoint {
    /// The placements of the fields of a leaf, by the day from which on they hold; the first has held since ever.
    fn stretches(&self, leaf: u32) -> impl Iterator<Item = (i32, &[Placement])>;

    /// Those of a day.
    fn on(&self, leaf: u32, day: i32) -> &[Placement];
}

impl Single {
    /// A row of a leaf with what became of it, and nobody else who shares it.
    pub(crate) fn of(row: &Row, leaf: u32, sequence: u64, course: Course) -> Self {
        Self {
            leaf,
            day: row.day,
            time: row.time.into(),
            sequence,
            amounts: row.amounts.clone(),
            texts: row.texts.clone(),
            dates: row.dates.clone(),
            share: row.share,
            others: Vec::new(),
            course,
        }
    }

    /// Whether it is a record of this kind, as far as can be seen.
    pub(crate) fn is_of(&self, kind: &Kind) -> bool {
        let fields = &kind.definition;
        let courses = &self.course.reduced;
        self.amounts.len() == fields.measures.len()
            && self.texts.len() == fields.attributes.len()
            && self.dates.len() == fields.dates.len()
            && self.time < 86_400_000
            && courses
                .iter()
                .all(|(_, units)| units.len() == self.amounts.len())
            && self
                .others
                .iter()
                .all(|other| other.amounts.len() == self.amounts.len())
            && self
                .course
                .left
                .windows(2)
                .all(|pair| pair[0].0 <= pair[1].0)
    }

    /// The leaves of all that share it.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = u32> {
        std::iter::once(self.leaf).chain(self.others.iter().map(|other| other.leaf))
    }

    /// The record as a row, each of its members where they stand. Which of its dates have come is asked where they are read.
    fn row<'p>(&self, kind: &Kind, places: impl Fn(u32) -> &'p [Placement]) -> Row {
        let others = self.others.iter().map(|other| {
            let own = kind.credit.and_then(|field| places(other.leaf).get(field));
            PartRow {
                place: own.copied().unwrap_or(Placement::UNASSIGNED),
                part: other.part,
                share: other.share,
                amounts: other.amounts.clone(),
            }
        });
        Row {
            day: self.day,
            time: u32::try_from(self.time).unwrap_or(0),
            sequence: self.sequence,
            id: None,
            places: places(self.leaf).to_vec(),
            amounts: self.amounts.clone(),
            texts: self.texts.clone(),
            dates: self.dates.clone(),
            reverses: None,
            foreign: None,
            share: self.share,
            others: others.collect(),
        }
    }

    /// Adds it to a table as a row of which nobody asks where it stands, less all that was taken back of it.
    pub(super) fn lay(&self, kind: &Kind, table: &mut Table) {
        let row = self.row(kind, |_| &[]);
        let row = Row {
            places: vec![Placement::UNASSIGNED; kind.dimensions.len()],
            others: Vec::new(),
            ..self.less(row, i32::MAX)
        };
        push(table, kind, row);
    }

    /// Whether nothing of it lies after a day: none of its dates, and nothing of what became of it.
    pub(crate) fn is_over(&self, day: i32) -> bool {
        let course = &self.course;
        let reduced = course.reduced.iter().map(|(day, _)| *day);
        let left = course.left.iter().map(|(day, _)| *day);
        let mut all = reduced
            .chain(left)
            .chain(course.reversed)
            .chain(self.dates.iter().copied());
        self.day <= day && all.all(|own| own <= day)
    }

    /// The same less what was taken back of it by a day.
    fn less(&self, mut row: Row, as_of: i32) -> Row {
        for (_, units) in self.course.reduced.iter().filter(|(day, _)| *day <= as_of) {
            for (own, less) in row.amounts.iter_mut().zip(units) {
                if *own != NO_AMOUNT {
                    *own = own.saturating_sub(*less);
                }
            }
        }
        row
    }
}

impl Program {
    /// Whether it asks what is open of a kind of record.
    pub(crate) fn asks_open(&self, kind: usize) -> bool {
        self.parts
            .opens
            .iter()
            .any(|part| part.kinds.get(kind).is_some_and(Option::is_some))
    }

    /// Folds records that are kept singly: everything but the counts and sums that leaves have.
    pub(crate) fn fold_singles<'s>(
        &self,
        partial: &mut Partial,
        lanes: &Lanes,
        singles: impl Iterator<Item = (usize, &'s Single)>,
        stands: &impl Standpoint,
    ) {
        let as_of = self.layout.as_of();
        let as_of = as_of.map_or(i32::MAX, |day| day.num_days_from_ce());
        let schema = self.layout.schema();
        let kinds = schema.compiled();
        let mut tables: Vec<Table> = kinds.iter().map(Table::new).collect();
        let mut items: Vec<Vec<&Single>> = vec![Vec::new(); kinds.len()];
        for (kind, single) in singles.filter(|(_, single)| single.day <= as_of) {
            items[kind].push(single);
            let reversed = single.course.reversed.filter(|day| *day <= as_of);
            // Where leaves have no counts and sums, these are taken back here.
            if reversed.is_some() && lanes.sums(kind) {
                continue;
            }
            let (table, compiled) = (&mut tables[kind], &kinds[kind]);
            let row = single.row(compiled, |leaf| stands.on(leaf, single.day));
            let row = single.less(row, as_of);
            let back = reversed.map(|day| reversal(row.clone(), day, table.len()));
            for row in std::iter::once(row).chain(back) {
                push(table, compiled, row);
            }
        }
        let mut bound = self.bind(partial, &tables);
        for (kind, bound) in bound.iter_mut().enumerate() {
            bound.leave_out(lanes.sums(kind));
            let end = u32::try_from(tables[kind].len()).unwrap_or(u32::MAX);
            self.rows(partial, bound, (&tables[kind], None), kind, (0, end));
        }
        for (kind, items) in items.iter().enumerate() {
            self.open_items(partial, kind, items, stands);
        }
        settle(partial);
    }

    /// Folds what is open: in the row to which it belongs on each day.
    fn open_items(
        &self,
        partial: &mut Partial,
        kind: usize,
        items: &[&Single],
        stands: &impl Standpoint,
    ) {
        let parts = &self.parts;
        if items.is_empty() || !self.asks_open(kind) {
            return;
        }
        let compiled = &self.layout.schema().compiled()[kind];
        let mut table = Table::new(compiled);
        // Of each item, the days from which on it is placed anew: a row for each of its sharers by each of them.
        let mut spans: Vec<Vec<i32>> = Vec::with_capacity(items.len());
        for item in items {
            let starts = item.leaves().flat_map(|leaf| stands.stretches(leaf));
            let starts: BTreeSet<i32> = starts.map(|(start, _)| start).collect();
            for start in &starts {
                let row = item.row(compiled, |leaf| stands.on(leaf, *start));
                push(&mut table, compiled, row);
            }
            spans.push(starts.into_iter().collect());
        }
        let nothing = vec![None; parts.entities.len()];
        let bound = Bound::new(parts, kind, &table, nothing, Standings::Take, &[].into());
        let count = table.len();
        let (mut bits, mut flags): (Vec<Mask>, Vec<bool>) = (vec![0; count], vec![false; count]);
        let mut subjects = vec![0; count];
        let none = self.layout.subjects().len();
        for (own, (filter, part)) in partial
            .opens
            .iter_mut()
            .zip(bound.opens.iter().zip(&parts.opens))
        {
            let (Some(filter), Some(columns)) = (filter, part.kinds[kind]) else {
                continue;
            };
            filter.evaluate(&table, 0, &mut bits, &mut flags);
            let grid = parts.selections[part.selection].grid;
            let Some((lookup, date)) = parts.places[grid][kind].as_ref() else {
                continue;
            };
            lookup.subjects_of(&table, 0, &mut subjects);
            let days = date.of(&table);
            let mut first = 0;
            for (item, starts) in items.iter().zip(&spans) {
                let sharers = 1 + item.others.len();
                let seat = |row: usize| {
                    let subject = subjects[row] as usize;
                    (bits[row] == 1 && subject < none).then_some(subject)
                };
                for sharer in 0..sharers {
                    let seats = starts.iter().enumerate().map(|(at, start)| {
                        let row = first + at * sharers;
                        let own = seat(row + sharer);
                        // A row has a record once, however many of its sharers are in it.
                        let again =
                            filter.is_each && (0..sharer).any(|other| seat(row + other) == own);
                        (*start, own.filter(|_| !again))
                    });
                    let seats: Vec<(i32, Option<usize>)> = seats.collect();
                    let row = first + sharer;
                    let own_item = Item {
                        table: &table,
                        row,
                        begun: days[row],
                        left: &item.course.left,
                    };
                    let days = (&*parts.first_days, &*parts.last_days);
                    let walk = Walk {
                        part,
                        columns,
                        days,
                    };
                    own.walk(&walk, &own_item, &seats);
                }
                first += starts.len() * sharers;
            }
        }
    }
}

/// What takes a row back that stands at a place of its table.
fn reversal(row: Row, day: i32, at: usize) -> Row {
    let turn = |amounts: &mut Vec<i64>| {
        for units in amounts.iter_mut().filter(|units| **units != NO_AMOUNT) {
            *units = units.saturating_neg();
        }
    };
    let mut own = row;
    turn(&mut own.amounts);
    own.others
        .iter_mut()
        .for_each(|other| turn(&mut other.amounts));
    Row {
        day,
        reverses: u32::try_from(at).ok(),
        ..own
    }
}

fn push(table: &mut Table, kind: &Kind, row: Row) {
    table.push(row, kind.definition.timing == Timing::Instant, kind.credit);
}
