//! What became of records by what was said of them.

use std::collections::BTreeSet;

use super::account::Account;
use super::application::ApplicationDef;
use super::booked::Booked;
use super::entry::Pending;
use super::later::{Later, Said, Spot, Told};
use super::ledger::{Ledger, date};
use super::record::Record;
use super::table::Row;

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
        let account = self.account(spot, &row, None);
        account.told(&self.booked(spot.0, &row), spot.1)
    }

    /// What was said of a record so far, and is about to be taken back.
    pub(super) fn account(&self, spot: Spot, row: &Row, pending: Option<&Pending>) -> Account {
        let booked = self.booked(spot.0, row);
        let mut account = Account::of(&booked);
        if let Some(day) = self.gone_since(spot, pending) {
            account.reverse(day);
        }
        for at in self.later.numbers(spot) {
            let later = &self.later.list[at];
            match &later.said {
                Said::Reduced { amounts, .. } => account.reduce(booked.kind, later.day, amounts),
                Said::Applied(application) => {
                    let ends = self.ends(at, application, pending);
                    let side = application.side_of(&spot);
                    account.apply(at, (application, side), (later.day, ends));
                }
                Said::Unapplied { .. } => {}
            }
        }
        account
    }

    /// The day on which a record is taken back as a whole.
    pub(super) fn reversed_on(&self, (kind, at): Spot) -> Option<i32> {
        self.tables[kind].reversed_on(at)
    }

    /// The day on which a record is or will be taken back as a whole, if it is.
    pub(super) fn gone_since(&self, spot: Spot, pending: Option<&Pending>) -> Option<i32> {
        let now = pending.zip(u32::try_from(spot.1).ok());
        let now = now.and_then(|(pending, row)| pending.reversed.get(&(spot.0, row)).copied());
        now.or_else(|| self.reversed_on(spot))
    }

    /// The day from which an application holds no more: it, or one of the records that it names, was taken back.
    pub(super) fn ends(
        &self,
        at: usize,
        application: &ApplicationDef<Spot>,
        pending: Option<&Pending>,
    ) -> i32 {
        let now = pending.and_then(|pending| pending.unapplied.get(&at).copied());
        let own = now.or_else(|| self.later.unapplied(at).map(|back| back.day));
        let names = application.names();
        let gone = names.filter_map(|spot| self.gone_since(*spot, pending));
        own.into_iter().chain(gone).min().unwrap_or(i32::MAX)
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
