//! What became of records by what was said of them.

use std::collections::BTreeSet;

use super::application::ApplicationDef;
use super::booked::{Applied, Booked, TakenBack, settled};
use super::digest::Mix;
use super::later::{Later, Said, Spot, Told};
use super::ledger::{Ledger, date};
use super::record::Record;
use super::table::Row;
use crate::quantity::Ratio;

impl Ledger {
    /// Keeps what was said, and tells anew what became of all records that it touches and of those that are taken back.
    pub(super) fn say(&mut self, all: Vec<Later>, taken_back: &BTreeSet<Spot>) {
        let mut touched: BTreeSet<Spot> = BTreeSet::new();
        for later in all {
            match &later.said {
                Said::Applied(application) => touched.extend(application.names()),
                Said::Reduced { of, .. } => {
                    touched.insert(*of);
                }
                Said::Unapplied { of } => {
                    let application = self.later.application(*of);
                    touched.extend(application.into_iter().flat_map(ApplicationDef::names));
                }
            }
            self.later.push(later);
        }
        for spot in taken_back.iter().filter(|spot| self.later.names(**spot)) {
            touched.insert(*spot);
            touched.extend(self.later.told_by(*spot));
        }
        self.tell(touched);
    }

    /// Tells anew what became of all records, after amounts were replaced.
    pub(super) fn tell_again(&mut self) {
        self.tell(self.later.records());
    }

    fn tell(&mut self, records: BTreeSet<Spot>) {
        for (kind, at) in records {
            let told = self.told((kind, at));
            // Rows are numbered by 32 bits: `Ledger::MAX_RECORDS`.
            if let Ok(row) = u32::try_from(at) {
                self.tables[kind].told.insert(row, told);
            }
        }
    }

    fn told(&self, spot: Spot) -> Told {
        let row = self.row(spot.0, spot.1);
        let booked = self.booked(spot.0, &row);
        let mut parts: Vec<TakenBack<'_>> = Vec::new();
        let mut applied: Vec<Applied> = Vec::new();
        for at in self.later.numbers(spot) {
            let later = &self.later.list[at];
            match &later.said {
                Said::Reduced { amounts, .. } => parts.push((later.day, amounts)),
                Said::Applied(application) => {
                    let ends = self.ends(at, application).unwrap_or(i32::MAX);
                    let own = self.settled(application, spot);
                    let own = own.filter(|_| later.day < ends);
                    applied.extend(own.map(|own| (later.day, ends, own)));
                }
                Said::Unapplied { .. } => {}
            }
        }
        parts.sort_by_key(|(day, _)| *day);
        let course = booked.course(self.reversed_on(spot), &parts, &applied);
        let (mut taken, mut settles) = (Mix(spot.1 as u64), Mix(spot.1 as u64));
        for (day, units) in &course.reduced {
            taken.add(i64::from(*day).cast_unsigned());
            for units in units {
                taken.add(units.cast_unsigned());
            }
        }
        for (begins, ends, amount) in &applied {
            settles.add(i64::from(*begins).cast_unsigned());
            settles.add(i64::from(*ends).cast_unsigned());
            settles.text(Some(&amount.to_string()));
        }
        let at_once = if parts.is_empty() {
            Vec::new()
        } else {
            let ever: Vec<TakenBack<'_>> = parts.iter().map(|(_, own)| (i32::MIN, *own)).collect();
            booked.left(course.reversed, &ever, &applied)
        };
        let number = |mix: Mix, is_none: bool| if is_none { 0 } else { mix.0 };
        Told {
            digests: (
                number(taken, course.reduced.is_empty()),
                number(settles, applied.is_empty()),
            ),
            at_once,
            course,
        }
    }

    /// The day on which a record is taken back as a whole.
    pub(super) fn reversed_on(&self, (kind, at): Spot) -> Option<i32> {
        self.tables[kind].reversed_on(at)
    }

    /// The day from which an application holds no more: it, or what it applies, was taken back.
    fn ends(&self, at: usize, application: &ApplicationDef<Spot>) -> Option<i32> {
        let own = self.later.unapplied(at).map(|back| back.day);
        let by = application.by.and_then(|by| self.reversed_on(by));
        own.into_iter().chain(by).min()
    }

    /// What an application settles of the item of a record that it names.
    fn settled(&self, application: &ApplicationDef<Spot>, of: Spot) -> Option<Ratio> {
        let item = |(kind, at): Spot| self.booked(kind, &self.row(kind, at)).item();
        let own = item(application.to)?;
        if of == application.to {
            return settled(application, own, None);
        }
        settled(application, own, Some(item(of)?))
    }

    pub(super) fn booked<'a>(&'a self, kind: usize, row: &'a Row) -> Booked<'a> {
        Booked {
            kind: &self.schema.compiled()[kind],
            measures: self.schema.measures(),
            row,
        }
    }

    /// What was said, as records.
    pub(super) fn said(&self) -> impl Iterator<Item = Record> + '_ {
        (0..self.later.list.len()).map(|at| self.said_at(at))
    }

    pub(super) fn said_at(&self, at: usize) -> Record {
        let later = &self.later.list[at];
        let name = |(kind, row): &Spot| {
            let id = self.tables[*kind].id(*row);
            id.map_or_else(String::new, |id| id.as_str().to_owned())
        };
        let mut record = Record::new("", date(later.day));
        record.id = later.id.as_ref().map(|id| id.as_str().to_owned());
        record.sequence = later.sequence;
        match &later.said {
            Said::Applied(application) => record.applies = Some(application.map(name)),
            Said::Reduced { of, amounts } => {
                record.reverses = Some(name(of));
                record.amounts.clone_from(amounts);
            }
            Said::Unapplied { of } => {
                let id = self.later.list[*of].id.as_ref();
                record.reverses = id.map(|id| id.as_str().to_owned());
            }
        }
        record
    }
}
