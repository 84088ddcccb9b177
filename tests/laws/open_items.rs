//! What is applied and taken back, told to a ledger and to a journal one by one, against a company that looks at every day.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use quotaflow::journal::{Entry, EntryId, Journal};
use quotaflow::ledger::{ApplicationDef, Ledger, Record};
use rust_decimal::Decimal;

use crate::journal::{model, time};

/// The last day that is looked at.
const LAST: i32 = 9;

/// The worth of the records: two invoices and two payments.
const WORTH: [(&str, i64); 4] = [
    ("invoice", 100),
    ("invoice", 60),
    ("payment", 80),
    ("payment", 50),
];

#[derive(Debug, Clone)]
enum Said {
    /// To an invoice, by a payment.
    Applied(usize, Option<usize>, i64),
    /// The application of a number.
    Unapplied(usize),
    Reduced(usize, i64),
    Reversed(usize),
}

fn said() -> impl Strategy<Value = Vec<(i32, Said)>> {
    let one = prop_oneof![
        6 => (0_usize..2, prop::option::weighted(0.7, 2_usize..4), -2_i64..90)
            .prop_map(|(to, by, units)| Said::Applied(to, by, units)),
        2 => (0_usize..12).prop_map(Said::Unapplied),
        2 => (0_usize..4, 1_i64..60).prop_map(|(of, units)| Said::Reduced(of, units)),
        1 => (0_usize..4).prop_map(Said::Reversed),
    ];
    prop::collection::vec((0..=LAST, one), 0..14)
}

/// What was accepted, by its number.
#[derive(Default)]
struct Books(Vec<(usize, i32, Said)>);

impl Books {
    fn gone(&self, of: usize) -> i32 {
        let all = self
            .0
            .iter()
            .filter(|(.., said)| matches!(said, Said::Reversed(own) if *own == of));
        all.map(|(_, day, _)| *day).min().unwrap_or(i32::MAX)
    }

    fn unapplied(&self, of: usize) -> Option<i32> {
        let mut all = self.0.iter();
        all.find_map(|(_, day, said)| {
            matches!(said, Said::Unapplied(own) if *own == of).then_some(*day)
        })
    }

    fn ends(&self, number: usize, to: usize, by: Option<usize>) -> i32 {
        let by = by.map_or(i32::MAX, |by| self.gone(by));
        let own = self.unapplied(number).unwrap_or(i32::MAX);
        self.gone(to).min(by).min(own)
    }

    /// What is open of a record at the end of a day, but that all of it may be gone.
    fn open(&self, of: usize, on: i32) -> i64 {
        let less = self.0.iter().map(|(number, day, said)| match said {
            Said::Applied(to, by, units) if *to == of || *by == Some(of) => {
                let holds = *day <= on && on < self.ends(*number, *to, *by);
                if holds { *units } else { 0 }
            }
            Said::Reduced(own, units) if *own == of && *day <= on => *units,
            _ => 0,
        });
        WORTH[of].1 - less.sum::<i64>()
    }

    /// Whether something can be said after all that was.
    fn takes(&self, number: usize, day: i32, said: &Said) -> bool {
        let least = |of: usize, until: i32| {
            (day..=LAST)
                .filter(|on| *on < until)
                .map(|on| self.open(of, on))
                .min()
        };
        match said {
            Said::Applied(to, by, units) => {
                let ends = self.ends(number, *to, *by);
                let fits = |of: usize| {
                    day < self.gone(of) && least(of, ends).is_none_or(|least| *units <= least)
                };
                *units > 0 && fits(*to) && by.is_none_or(fits)
            }
            Said::Unapplied(of) => {
                let is_it = |(own, since, said): &(usize, i32, Said)| {
                    own == of && *since <= day && matches!(said, Said::Applied(..))
                };
                self.unapplied(*of).is_none() && self.0.iter().any(is_it)
            }
            Said::Reduced(of, units) => {
                day <= self.gone(*of) && least(*of, i32::MAX).is_none_or(|least| *units <= least)
            }
            Said::Reversed(of) => {
                let later = |(_, on, said): &(usize, i32, Said)| {
                    *on > day && matches!(said, Said::Reduced(own, _) if own == of)
                };
                self.gone(*of) == i32::MAX && !self.0.iter().any(later)
            }
        }
    }
}

fn date(day: i32) -> NaiveDate {
    crate::journal::date(0) + Days::new(u64::try_from(day).unwrap())
}

fn name(said: usize) -> String {
    format!("s{said:02}")
}

fn opening(at: usize) -> Record {
    let (kind, units) = WORTH[at];
    let record = Record::new(kind, date(0))
        .id(format!("r{at}"))
        .of("person", "ann");
    let record = record.amount("amount", Decimal::from(units));
    if kind == "invoice" {
        record.date("due", date(0))
    } else {
        record
    }
}

fn record(number: usize, day: i32, said: &Said) -> Record {
    let of = |at: &usize| format!("r{at}");
    let record = match said {
        Said::Applied(to, by, units) => {
            let mut own = ApplicationDef::new(of(to), *units);
            own.by = by.as_ref().map(of);
            Record::application(own, date(day))
        }
        Said::Unapplied(own) => Record::reversal(name(*own), date(day)),
        Said::Reduced(own, units) => {
            Record::reversal(of(own), date(day)).amount("amount", Decimal::from(*units))
        }
        Said::Reversed(own) => Record::reversal(of(own), date(day)),
    };
    record.id(name(number))
}

fn id(id: &str) -> EntryId {
    EntryId::new("s", id).unwrap()
}

fn entry(number: usize, day: i32, said: &Said) -> Entry {
    let (own, day) = (id(&name(number)), date(day));
    let of = |at: usize| id(&format!("r{at}"));
    match said {
        Said::Applied(to, by, units) => {
            let applied = Entry::apply(own, day, of(*to), *units);
            match by {
                Some(by) => applied.settled_by(of(*by)).unwrap(),
                None => applied,
            }
        }
        Said::Unapplied(back) => Entry::reverse(own, day, id(&name(*back))),
        Said::Reduced(back, units) => Entry::reverse(own, day, of(*back))
            .only("amount", Decimal::from(*units))
            .unwrap(),
        Said::Reversed(back) => Entry::reverse(own, day, of(*back)),
    }
}

proptest! {
    #![proptest_config(crate::cases(256))]

    /// A ledger and a journal refuse what no day has room for and nothing else; what they took can be told at once, written and read.
    #[test]
    fn no_more_is_applied_than_is_open_on_any_day(all in said()) {
        let model = model();
        let mut books = Books::default();
        let mut ledger = Ledger::new("s", model.schema().clone()).unwrap();
        let mut journal = Journal::new(&model, date(0)).unwrap();
        let opening: Vec<Record> = (0..WORTH.len()).map(opening).collect();
        ledger.enter(&opening).unwrap();
        let entries = opening.iter().map(|record| Entry::record("s", record.clone()).unwrap());
        let mut told: Vec<Entry> = entries.collect();
        journal.enter(time(0), time(0).date(), &told).unwrap();
        for (number, (day, said)) in all.iter().enumerate() {
            let takes = books.takes(number, *day, said);
            let entered = ledger.enter(&[record(number, *day, said)]);
            prop_assert_eq!(entered.is_ok(), takes, "{:?} on {}: {:?}", said, day, entered);
            // What refers to nothing waits in a journal.
            let names_nothing = matches!(said, Said::Unapplied(of) if books.0.iter().all(|(own, ..)| own != of));
            if !names_nothing {
                let own = entry(number, *day, said);
                let known = time(number + 1);
                let entered = journal.enter(known, known.date(), std::slice::from_ref(&own));
                prop_assert_eq!(entered.is_ok(), takes, "{:?} on {}: {:?}", said, day, entered.err());
                if takes {
                    told.push(own);
                }
            }
            if takes {
                books.0.push((number, *day, said.clone()));
            }
            let written = serde_json::to_string(&ledger).unwrap();
            prop_assert_eq!(serde_json::from_str::<Ledger>(&written).unwrap(), ledger.clone());
        }
        prop_assert!(journal.waiting().is_empty());
        let mut at_once = Journal::new(&model, date(0)).unwrap();
        at_once.enter(time(0), time(0).date(), &told).unwrap();
        prop_assert!(at_once.waiting().is_empty());
        for of in 0..WORTH.len() {
            for on in 0..=LAST {
                prop_assert!(books.open(of, on) >= 0);
            }
        }
    }
}
