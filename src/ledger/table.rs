//! The records of one kind, column by column.

use super::absent::NO_AMOUNT;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::compiled::Kind;
use super::course::Course;
use super::credit::{Part, PartRow};
use super::digest::{Mix, Sums};
use super::later::Told;
use crate::key::Key;
use crate::measure::Currency;
use crate::quantity::{Number, Ratio};
use crate::space::Placement;

/// A checked record: dense numbers and whole counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) day: i32,
    /// Milliseconds since midnight; 0 for kinds placed by their day.
    pub(crate) time: u32,
    pub(crate) sequence: u64,
    pub(crate) id: Option<Key>,
    pub(crate) places: Vec<Placement>,
    pub(crate) amounts: Vec<i64>,
    pub(crate) texts: Vec<Option<Key>>,
    pub(crate) dates: Vec<i32>,
    /// The row of the record that this one takes back.
    pub(crate) reverses: Option<u32>,
    /// The share that the row itself has, and the rows of the other credits; none for a record that is not shared.
    pub(crate) share: Option<(Part, Ratio)>,
    pub(crate) others: Vec<PartRow>,
    /// What it said in a currency of its own.
    pub(crate) foreign: Option<Foreign>,
}

/// What a record said in another currency than its measures'.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Foreign {
    pub(crate) currency: Currency,
    /// The amounts that were converted, by field.
    pub(crate) amounts: Vec<Option<Number>>,
}

/// Whether a record still says that something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Stands,
    Reversed,
    Reversal,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Table {
    pub(crate) days: Vec<i32>,
    /// Empty for kinds placed by their day.
    pub(crate) times: Vec<u32>,
    /// Empty while all are 0.
    pub(crate) sequences: Vec<u64>,
    pub(crate) places: Vec<Vec<Placement>>,
    pub(crate) amounts: Vec<Amounts>,
    pub(crate) texts: Vec<Texts>,
    pub(crate) dates: Vec<Vec<i32>>,
    /// Empty while no record has an id.
    pub(crate) ids: Vec<Option<Key>>,
    /// Empty while nothing is reversed.
    pub(crate) standings: Vec<Standing>,
    /// The original of each reversal.
    pub(crate) reversals: BTreeMap<u32, u32>,
    /// The reversal of each original.
    pub(super) reversed: BTreeMap<u32, u32>,
    /// What became of the records of which something was said, by their first rows.
    pub(crate) told: BTreeMap<u32, Told>,
    /// Empty while no record is shared. A record's first row stands before its others.
    pub(crate) parts: Vec<Part>,
    /// The share of each row of a record that is shared.
    pub(crate) shares: BTreeMap<u32, Ratio>,
    /// What the rows in currencies of their own said.
    pub(crate) foreign: BTreeMap<u32, Foreign>,
    pub(super) sums: Sums,
}

/// Whole counts of a measure's quantum.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Amounts {
    pub(crate) units: Vec<i64>,
    pub(crate) missing: usize,
    /// The largest magnitude, which bounds every sum before it is made.
    pub(crate) peak: u64,
    /// What the whole record has that a row is a part of; empty while no record is shared.
    whole: Vec<i64>,
}

impl Amounts {
    pub(crate) fn of(units: Vec<i64>) -> Self {
        let (mut missing, mut peak) = (0, 0);
        for amount in &units {
            if *amount == NO_AMOUNT {
                missing += 1;
            } else {
                peak = peak.max(amount.unsigned_abs());
            }
        }
        Self {
            units,
            missing,
            peak,
            whole: Vec::new(),
        }
    }

    /// What the records have that the rows are of: where none is shared, what the rows have.
    pub(crate) fn wholes(&self) -> &[i64] {
        if self.whole.is_empty() {
            &self.units
        } else {
            &self.whole
        }
    }

    /// Notes what the record of the row that is added next has, once any is shared.
    fn note(&mut self, whole: Option<i64>, own: i64) {
        if whole.is_none() && self.whole.is_empty() {
            return;
        }
        if self.whole.is_empty() {
            self.whole.clone_from(&self.units);
        }
        let whole = whole.unwrap_or(own);
        if whole != NO_AMOUNT {
            self.peak = self.peak.max(whole.unsigned_abs());
        }
        self.whole.push(whole);
    }

    fn push(&mut self, units: i64) {
        if units == NO_AMOUNT {
            self.missing += 1;
        } else {
            self.peak = self.peak.max(units.unsigned_abs());
        }
        self.units.push(units);
    }
}

/// Texts as numbers: 0 for none, then in the order in which they were first seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Texts {
    pub(crate) codes: Vec<u32>,
    pub(crate) values: Vec<Key>,
    by_value: BTreeMap<Key, u32>,
}

impl Texts {
    pub(crate) fn code(&self, value: &str) -> Option<u32> {
        self.by_value.get(value).copied()
    }

    pub(crate) fn value(&self, code: u32) -> Option<&Key> {
        self.values.get((code as usize).checked_sub(1)?)
    }

    pub(crate) fn learn(&mut self, value: &Key) -> u32 {
        if let Some(code) = self.code(value.as_str()) {
            return code;
        }
        self.values.push(value.clone());
        // A column has fewer values than rows, and those are numbered by 32 bits.
        let code = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.by_value.insert(value.clone(), code);
        code
    }
}

impl Table {
    pub(crate) fn new(kind: &Kind) -> Self {
        let definition = &kind.definition;
        let texts = definition.attributes.iter().map(|attribute| {
            let mut texts = Texts::default();
            for value in &attribute.values {
                texts.learn(value);
            }
            texts
        });
        Self {
            places: vec![Vec::new(); definition.dimensions.len()],
            amounts: vec![Amounts::default(); definition.measures.len()],
            texts: texts.collect(),
            dates: vec![Vec::new(); definition.dates.len()],
            ..Self::default()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.days.len()
    }

    pub(crate) fn time(&self, row: usize) -> u32 {
        self.times.get(row).copied().unwrap_or(0)
    }

    pub(crate) fn sequence(&self, row: usize) -> u64 {
        self.sequences.get(row).copied().unwrap_or(0)
    }

    pub(crate) fn standing(&self, row: usize) -> Standing {
        self.standings.get(row).copied().unwrap_or(Standing::Stands)
    }

    pub(crate) fn part(&self, row: usize) -> Part {
        self.parts.get(row).copied().unwrap_or_default()
    }

    /// What the record that a row is a part of has of an amount.
    pub(crate) fn booked(&self, amount: usize, row: usize) -> i64 {
        self.amounts[amount].wholes()[row]
    }

    /// The first row of the record that a row is a part of.
    pub(crate) fn first_of(&self, row: usize) -> usize {
        let further = (1..=row).rev().take_while(|at| self.continues(*at));
        row - further.count()
    }

    /// Takes the amounts of a field anew: what each row has, and the whole record that it is a part of.
    pub(crate) fn replace_amounts(&mut self, amount: usize, units: Vec<i64>) {
        let mut own = Amounts::of(units);
        if !self.parts.is_empty() {
            let mut whole = own.units.clone();
            for start in (0..self.len()).filter(|row| !self.continues(*row)) {
                let rows = self.rows_of(start);
                let sum = sum_of_shares(rows.clone().map(|row| (self.part(row), own.units[row])));
                whole[rows].fill(sum);
            }
            own.peak = whole
                .iter()
                .filter(|units| **units != NO_AMOUNT)
                .fold(own.peak, |peak, units| peak.max(units.unsigned_abs()));
            own.whole = whole;
        }
        self.amounts[amount] = own;
        self.renew_sums();
    }

    pub(crate) fn share(&self, row: usize) -> Option<Ratio> {
        let row = u32::try_from(row).ok()?;
        self.shares.get(&row).copied()
    }

    /// The rows of the record that begins at this row.
    pub(crate) fn rows_of(&self, row: usize) -> std::ops::Range<usize> {
        let others = (row + 1..self.parts.len())
            .take_while(|at| self.continues(*at))
            .count();
        row..row + 1 + others
    }

    /// How many records begin before a row.
    pub(super) fn records_before(&self, row: usize) -> usize {
        let further = (0..row.min(self.parts.len())).filter(|at| self.continues(*at));
        row - further.count()
    }

    /// Whether a row is a further one of the record before it.
    pub(crate) fn continues(&self, row: usize) -> bool {
        // The first row of a record is the whole of it or its leading share.
        matches!(self.part(row), Part::Share | Part::Overlay)
    }

    pub(crate) fn id(&self, row: usize) -> Option<&Key> {
        self.ids.get(row)?.as_ref()
    }

    /// Whether a row takes another one back.
    pub(crate) fn reverses(&self, row: usize) -> bool {
        self.standing(row) == Standing::Reversal
    }

    /// The day on which a row is taken back as a whole.
    pub(crate) fn reversed_on(&self, row: usize) -> Option<i32> {
        let reversal = self.reversed.get(&u32::try_from(row).ok()?)?;
        self.days.get(*reversal as usize).copied()
    }

    /// What became of the record that begins at a row.
    pub(crate) fn course(&self, row: usize) -> Cow<'_, Course> {
        let told = u32::try_from(row).ok().and_then(|row| self.told.get(&row));
        match told {
            Some(told) => Cow::Borrowed(&told.course),
            None => Cow::Owned(self.reversed_on(row).map(Course::ended).unwrap_or_default()),
        }
    }

    /// The first rows among some of the records of which something became.
    pub(crate) fn changed(&self, rows: std::ops::Range<u32>) -> BTreeSet<u32> {
        let ended = self.reversed.range(rows.clone()).map(|(row, _)| *row);
        let all = ended.chain(self.told.range(rows).map(|(row, _)| *row));
        all.filter(|row| !self.continues(*row as usize)).collect()
    }

    pub(crate) fn foreign(&self, row: usize) -> Option<&Foreign> {
        self.foreign.get(&u32::try_from(row).ok()?)
    }

    pub(crate) fn push(&mut self, mut row: Row, timed: bool, credit: Option<usize>) {
        let others = std::mem::take(&mut row.others);
        let first = (!others.is_empty()).then(|| row.clone());
        let whole: Option<Vec<i64>> = row.share.map(|(part, _)| {
            let lead = (part, &row.amounts);
            let shares = std::iter::once(lead)
                .chain(others.iter().map(|other| (other.part, &other.amounts)));
            (0..self.amounts.len())
                .map(|at| sum_of_shares(shares.clone().map(|(part, units)| (part, units[at]))))
                .collect()
        });
        self.push_row(row, timed, whole.as_deref());
        for ((more, other), first) in (1_u32..).zip(others).zip(first.iter().cycle()) {
            let mut row = first.clone();
            row.foreign = None;
            if !other.beside.is_empty() {
                row.places = other.beside;
            }
            if let Some(place) = credit.and_then(|at| row.places.get_mut(at)) {
                *place = other.place;
            }
            row.amounts = other.amounts;
            row.share = Some((other.part, other.share));
            row.reverses = row.reverses.map(|original| original + more);
            self.push_row(row, timed, whole.as_deref());
        }
        self.keep_sums();
    }

    fn push_row(&mut self, row: Row, timed: bool, whole: Option<&[i64]>) {
        let before = self.len();
        if let (Some(foreign), Ok(at)) = (row.foreign, u32::try_from(before)) {
            self.foreign.insert(at, foreign);
        }
        self.days.push(row.day);
        if timed {
            self.times.push(row.time);
        }
        if row.sequence != 0 || !self.sequences.is_empty() {
            self.sequences.resize(before, 0);
            self.sequences.push(row.sequence);
        }
        for (column, place) in self.places.iter_mut().zip(row.places) {
            column.push(place);
        }
        for (at, (column, units)) in self.amounts.iter_mut().zip(row.amounts).enumerate() {
            column.note(whole.map(|whole| whole[at]), units);
            column.push(units);
        }
        for (column, text) in self.texts.iter_mut().zip(row.texts) {
            let code = text.map_or(0, |text| column.learn(&text));
            column.codes.push(code);
        }
        for (column, day) in self.dates.iter_mut().zip(row.dates) {
            column.push(day);
        }
        if row.id.is_some() || !self.ids.is_empty() {
            self.ids.resize(before, None);
            self.ids.push(row.id);
        }
        if let Some(original) = row.reverses {
            self.standings.resize(before, Standing::Stands);
            self.standings.push(Standing::Reversal);
            self.standings[original as usize] = Standing::Reversed;
            // Rows are numbered by 32 bits: `Ledger::MAX_RECORDS`.
            let before = u32::try_from(before).unwrap_or(u32::MAX);
            self.reversals.insert(before, original);
            self.reversed.insert(original, before);
        } else if !self.standings.is_empty() {
            self.standings.push(Standing::Stands);
        }
        if row.share.is_some() || !self.parts.is_empty() {
            self.parts.resize(before, Part::Whole);
            let (part, share) = row.share.unwrap_or((Part::Whole, Ratio::ONE));
            self.parts.push(part);
            if part != Part::Whole {
                self.shares
                    .insert(u32::try_from(before).unwrap_or(u32::MAX), share);
            }
        }
    }

    /// The record that begins at this row; `credit` is the field whose members share it.
    pub(crate) fn row(&self, row: usize, credit: Option<usize>) -> Row {
        let others = self.rows_of(row).skip(1).map(|at| PartRow {
            place: credit
                .and_then(|field| self.places.get(field))
                .map_or(Placement::UNASSIGNED, |column| column[at]),
            beside: Vec::new(),
            part: self.part(at),
            share: self.share(at).unwrap_or(Ratio::ONE),
            amounts: self.amounts.iter().map(|column| column.units[at]).collect(),
        });
        Row {
            share: self.share(row).map(|share| (self.part(row), share)),
            others: others.collect(),
            day: self.days[row],
            time: self.time(row),
            sequence: self.sequence(row),
            id: self.id(row).cloned(),
            places: self.places.iter().map(|column| column[row]).collect(),
            amounts: self
                .amounts
                .iter()
                .map(|column| column.units[row])
                .collect(),
            texts: self
                .texts
                .iter()
                .map(|column| column.value(column.codes[row]).cloned())
                .collect(),
            dates: self.dates.iter().map(|column| column[row]).collect(),
            reverses: u32::try_from(row)
                .ok()
                .and_then(|row| self.reversals.get(&row).copied()),
            foreign: self.foreign(row).cloned(),
        }
    }

    /// Adds the columns of whole records to these, field by field; `added` has the same fields and no reversal.
    pub(crate) fn append(&mut self, added: Self) {
        let (before, after) = (self.len(), self.len() + added.len());
        for (row, foreign) in added.foreign {
            if let Ok(at) = u32::try_from(before + row as usize) {
                self.foreign.insert(at, foreign);
            }
        }
        self.days.extend(added.days);
        self.times.extend(added.times);
        if !added.sequences.is_empty() || !self.sequences.is_empty() {
            self.sequences.resize(before, 0);
            self.sequences.extend(added.sequences);
            self.sequences.resize(after, 0);
        }
        for (column, more) in self.places.iter_mut().zip(added.places) {
            column.extend(more);
        }
        for (column, more) in self.amounts.iter_mut().zip(added.amounts) {
            if !column.whole.is_empty() {
                column.whole.extend(&more.units);
            }
            column.units.extend(more.units);
            column.missing += more.missing;
            column.peak = column.peak.max(more.peak);
        }
        for (column, more) in self.texts.iter_mut().zip(added.texts) {
            let known: Vec<u32> = std::iter::once(0)
                .chain(more.values.iter().map(|value| column.learn(value)))
                .collect();
            column
                .codes
                .extend(more.codes.iter().map(|code| known[*code as usize]));
        }
        for (column, more) in self.dates.iter_mut().zip(added.dates) {
            column.extend(more);
        }
        if !added.ids.is_empty() || !self.ids.is_empty() {
            self.ids.resize(before, None);
            self.ids.extend(added.ids);
            self.ids.resize(after, None);
        }
        if !self.standings.is_empty() {
            self.standings.resize(after, Standing::Stands);
        }
        if !self.parts.is_empty() {
            self.parts.resize(after, Part::Whole);
        }
        self.keep_sums();
    }
}

impl Table {
    /// Returns by what these rows are known again: the sum of their numbers.
    pub(crate) fn digest(&self, rows: std::ops::Range<usize>) -> u64 {
        let before = |row: usize| {
            self.sums
                .before(row.min(self.len()), |row| self.number(row))
        };
        before(rows.end).wrapping_sub(before(rows.start))
    }

    /// Keeps the sums of the steps that are full.
    fn keep_sums(&mut self) {
        let mut sums = std::mem::take(&mut self.sums);
        sums.keep(self.len(), |row| self.number(row));
        self.sums = sums;
    }

    /// Makes all sums anew, after amounts were replaced.
    fn renew_sums(&mut self) {
        self.sums = Sums::default();
        self.keep_sums();
    }

    /// A number for what a row says. Whether it was reversed since is no part of it; what it reverses is.
    fn number(&self, row: usize) -> u64 {
        let mut own = Mix(row as u64);
        own.add(i64::from(self.days[row]).cast_unsigned());
        own.add(u64::from(self.time(row)));
        own.add(self.sequence(row));
        for column in &self.places {
            own.add(column[row].index() as u64);
        }
        for column in &self.amounts {
            own.add(column.units[row].cast_unsigned());
        }
        for column in &self.texts {
            own.text(column.value(column.codes[row]).map(Key::as_str));
        }
        for column in &self.dates {
            own.add(i64::from(column[row]).cast_unsigned());
        }
        own.text(self.id(row).map(Key::as_str));
        own.add(self.part(row) as u64);
        if self.standing(row) == Standing::Reversal {
            let original = u32::try_from(row)
                .ok()
                .and_then(|row| self.reversals.get(&row));
            own.add(original.map_or(u64::MAX, |original| u64::from(*original)));
        }
        own.0
    }
}

/// What the shares of an amount make up again; where no share has any, none.
fn sum_of_shares(parts: impl Iterator<Item = (Part, i64)>) -> i64 {
    let shares = parts.filter(|(part, units)| *part != Part::Overlay && *units != NO_AMOUNT);
    shares
        .map(|(_, units)| units)
        .reduce(i64::saturating_add)
        .unwrap_or(NO_AMOUNT)
}
