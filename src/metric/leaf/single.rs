//! Records that are kept singly: of a kind of which more is asked than counts and sums nothing can be taken back from what was
//! folded, so that each record is kept as it is, with what became of it since.

use std::collections::BTreeSet;

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use super::is_day;
use super::lanes::Lanes;
use super::witness::enough;
use crate::key::Key;
use crate::ledger::{
    Course, Kind, NO_AMOUNT, NO_DAY, Part, PartRow, Row, Schema, Table, Told, parts_of,
};
use crate::measure::Measure;
use crate::metric::apart::less;
use crate::metric::followed::{Followed, Moves, push};
use crate::metric::partial::Partial;
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

    /// Whether they may change from day to day.
    fn is_dated(&self) -> bool;

    /// Those of a day.
    fn on(&self, leaf: u32, day: i32) -> &[Placement];

    /// Among whom a record of a leaf is shared on a day that names nobody of them itself, and with which parts; none where it is not.
    fn shared(&self, leaf: u32, day: i32) -> &[(Placement, Ratio)];
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
            && courses.windows(2).all(|pair| pair[0].0 <= pair[1].0)
            && (0..self.amounts.len()).all(|at| self.can_be_less(at))
            && self.days().all(is_day)
            && self.dates.iter().all(|day| *day == NO_DAY || is_day(*day))
            && self
                .others
                .iter()
                .all(|other| other.amounts.len() == self.amounts.len())
            && [&self.course.left, &self.course.back]
                .iter()
                .all(|shares| shares.windows(2).all(|pair| pair[0].0 <= pair[1].0))
            && self
                .course
                .back
                .iter()
                .all(|(_, share)| !share.is_negative() && *share <= Ratio::ONE)
    }

    /// Whether what was taken back of an amount is a number.
    fn can_be_less(&self, at: usize) -> bool {
        let mut units = self.course.reduced.iter().map(|(_, units)| units.get(at));
        let sum = units.try_fold(0_i64, |sum, units| sum.checked_add(units?.checked_abs()?));
        sum.is_some()
    }

    /// Its own day, and those on which anything became of it.
    fn days(&self) -> impl Iterator<Item = i32> {
        let course = &self.course;
        let reduced = course.reduced.iter().map(|(day, _)| *day);
        let shares = course.left.iter().chain(&course.back);
        std::iter::once(self.day)
            .chain(reduced)
            .chain(shares.map(|(day, _)| *day))
            .chain(course.reversed)
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
                beside: places(other.leaf).to_vec(),
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

    /// The record as a row on a day, shared by those who hold its post where it names nobody else.
    fn row_on(&self, (kind, schema): (&Kind, &Schema), stands: &impl Standpoint, day: i32) -> Row {
        let mut row = self.row(kind, |leaf| stands.on(leaf, day));
        let shared = stands.shared(self.leaf, day);
        if let (Some((_, first)), None) = (shared.first(), self.share) {
            let shares: Vec<Ratio> = shared.iter().map(|(_, share)| *share).collect();
            let measures = kind
                .measures
                .iter()
                .filter_map(|id| schema.measures().get(*id));
            let measures: Vec<&Measure> = measures.collect();
            let mut amounts = parts_of(&shares, &row.amounts, &measures).into_iter();
            row.share = Some((Part::Lead, *first));
            row.amounts = amounts.next().unwrap_or_default();
            let others = shared.iter().skip(1).zip(amounts);
            row.others = others
                .map(|((place, share), amounts)| PartRow {
                    place: *place,
                    beside: Vec::new(),
                    part: Part::Share,
                    share: *share,
                    amounts,
                })
                .collect();
        }
        row
    }

    /// Adds it to a table as a row of which nobody asks where it stands, less all that was taken back of it.
    fn lay(&self, kind: &Kind, table: &mut Table) {
        let row = self.row(kind, |_| &[]);
        let row = Row {
            places: vec![Placement::UNASSIGNED; kind.dimensions.len()],
            others: Vec::new(),
            ..less(row, &self.course, i32::MAX)
        };
        push(table, kind, row);
    }

    /// Whether nothing of it lies after a day: none of its dates, and nothing of what became of it.
    pub(crate) fn is_over(&self, day: i32) -> bool {
        let mut all = self.days().chain(self.dates.iter().copied());
        all.all(|own| own <= day)
    }

    /// The last day on which anything became of it, by which nothing of its item is left; nothing where some is.
    pub(crate) fn settled(&self) -> Option<i32> {
        let left = self.course.left.last().filter(|(_, left)| left.is_zero());
        let end = self.course.reversed.or(left.map(|(day, _)| *day))?;
        Some(end.max(self.day))
    }

    /// The last day on which anything became of it, if anything did.
    pub(crate) fn last_change(&self) -> Option<i32> {
        self.days().skip(1).max()
    }

    /// Its item, in the row to which it belongs on each day.
    fn followed(&self, kind: (&Kind, &Schema), stands: &impl Standpoint) -> Followed {
        let starts = self.leaves().flat_map(|leaf| stands.stretches(leaf));
        let starts: BTreeSet<i32> = starts.map(|(start, _)| start).collect();
        let stages = starts.into_iter().map(|start| {
            let row = self.row_on(kind, stands, start);
            (start, row)
        });
        Followed {
            stages: stages.collect(),
            left: self.course.left.clone(),
        }
    }
}

impl Lanes {
    /// Which of some records of a kind are enough, each of its piece: nothing that is asked of them changes where the others go.
    pub(crate) fn witnesses(
        &self,
        kind: usize,
        records: &[(&Single, i32)],
        piece: impl Fn(i32) -> i32,
    ) -> BTreeSet<usize> {
        let Some(compiled) = self.kind(kind) else {
            return BTreeSet::new();
        };
        let mut table = Table::new(compiled);
        for (single, _) in records {
            single.lay(compiled, &mut table);
        }
        let of = records.iter().map(|(single, own)| (single.leaf, *own));
        enough(self.questions(kind), &table, &of.collect::<Vec<_>>(), piece)
    }
}

impl Program {
    /// Whether what is open of a kind of record ends on a date that the record has.
    pub(super) fn ends_by_date(&self, kind: usize) -> bool {
        let parts = self.parts.opens.iter();
        let mut columns = parts.filter_map(|part| part.kinds.get(kind).copied().flatten());
        columns.any(|columns| columns.until.is_some())
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
        let mut items: Vec<Vec<Followed>> = Vec::new();
        items.resize_with(kinds.len(), Vec::new);
        for (kind, single) in singles.filter(|(_, single)| single.day <= as_of) {
            let (table, compiled) = (&mut tables[kind], &kinds[kind]);
            let ever = self.parts.from_the_start;
            let is_gone = single.course.reversed.is_some_and(|day| day <= as_of);
            if self.asks_open(kind) && !(ever && is_gone) {
                let mut own = single.followed((compiled, schema), stands);
                if ever {
                    own.left = single.course.left_since_ever(as_of);
                }
                items[kind].push(own);
            }
            let row = single.row_on((compiled, schema), stands, single.day);
            let at = table.len();
            let reversed = single.course.reversed.filter(|day| *day <= as_of);
            let back = reversed.map(|day| reversal(row.clone(), day, at));
            for row in std::iter::once(row).chain(back) {
                push(table, compiled, row);
            }
            if let (false, Ok(at)) = (single.course.is_empty(), u32::try_from(at)) {
                table.told.insert(at, Told::of(single.course.clone()));
            }
        }
        let mut bound = self.bind(partial, &tables);
        for (kind, bound) in bound.iter_mut().enumerate() {
            bound.leave_out(lanes.sums(kind) && !self.is_by_record());
            if !stands.is_dated() {
                bound.moves = Moves::default();
            }
            let end = u32::try_from(tables[kind].len()).unwrap_or(u32::MAX);
            self.rows(partial, bound, &tables[kind], kind, (0, end));
        }
        for (kind, items) in items.iter().enumerate() {
            self.follow(partial, kind, items);
        }
        partial.settle();
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
