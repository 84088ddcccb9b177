//! What is applied and taken back, told to a ledger and to a journal one by one, against a company that looks at every day.

use std::sync::OnceLock;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::journal::{Entry, EntryId, Journal};
use quotaflow::ledger::{ApplicationDef, Ledger, Record};
use quotaflow::measure::Currency;
use quotaflow::metric::{Layout, MetricDef, Program};
use quotaflow::model::Model;
use quotaflow::panel::Panel;
use quotaflow::quantity::Number;
use quotaflow::space::{Axis, Unassigned};
use rust_decimal::Decimal;
use serde_json::json;

use crate::journal::time;

/// The last day that is looked at.
const LAST: i32 = 9;

/// The records: two invoices, two payments and a note, whose kind opens nothing. A dollar is half a euro in the books.
const WORTH: [(&str, &str, i64); 5] = [
    ("invoice", "EUR", 100),
    ("invoice", "USD", 60),
    ("payment", "EUR", 80),
    ("payment", "USD", 50),
    ("note", "EUR", 40),
];

/// The one that opens nothing.
const NOTE: usize = 4;

/// A currency and how many halves of the item's own one of it is.
type Stated = Option<(&'static str, i64)>;

#[derive(Debug, Clone)]
enum Said {
    /// To an invoice, by a payment.
    Applied(usize, Option<usize>, i64, Stated),
    /// The application of a number.
    Unapplied(usize),
    Reduced(usize, i64),
    Reversed(usize),
}

/// What is applied: most of it in the currency in which it must be stated.
fn applied() -> impl Strategy<Value = Said> {
    let by = prop::option::weighted(0.7, 2_usize..5);
    let any = prop::option::of((
        prop::sample::select(vec!["EUR", "USD"]),
        prop::sample::select(vec![0_i64, 1, 2, 4]),
    ));
    let other = prop::option::weighted(0.2, any);
    let stated = (prop::sample::select(vec![1_i64, 2, 4]), other);
    (0_usize..2, by, -2_i64..90, stated).prop_map(|(to, by, units, (halves, other))| {
        let own = by.filter(|by| *by != NOTE).map(|by| WORTH[by].1);
        let foreign = own.filter(|own| *own != WORTH[to].1);
        let stated = other.unwrap_or(foreign.map(|own| (own, halves)));
        Said::Applied(to, by, units, stated)
    })
}

fn said() -> impl Strategy<Value = Vec<(i32, Said)>> {
    let one = prop_oneof![
        6 => applied(),
        2 => (0_usize..12).prop_map(Said::Unapplied),
        2 => (0_usize..5, 1_i64..60).prop_map(|(of, units)| Said::Reduced(of, units)),
        1 => (0_usize..5).prop_map(Said::Reversed),
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

    /// What is open of a record at the end of a day, in hundredths of its own currency, but that all of it may be gone.
    fn open(&self, of: usize, on: i32) -> i64 {
        let less = self.0.iter().map(|(number, day, said)| match said {
            Said::Applied(to, by, units, stated) if *to == of || *by == Some(of) => {
                let holds = *day <= on && on < self.ends(*number, *to, *by);
                if holds {
                    settles(*to == of, *units, *stated)
                } else {
                    0
                }
            }
            Said::Reduced(own, units) if *own == of && *day <= on => *units * 100,
            _ => 0,
        });
        WORTH[of].2 * 100 - less.sum::<i64>()
    }

    /// What a figure of the books says of it: in euros, and nothing of what is gone.
    fn shown(&self, of: usize, on: i32) -> i64 {
        if on >= self.gone(of) || of == NOTE {
            return 0;
        }
        let open = self.open(of, on);
        if WORTH[of].1 == "USD" { open / 2 } else { open }
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
            Said::Applied(to, by, units, stated) => {
                let ends = self.ends(number, *to, *by);
                let fits = |of: usize| {
                    let own = settles(of == *to, *units, *stated);
                    let has_room = || least(of, ends).is_none_or(|least| own <= least);
                    day < self.gone(of) && (of == NOTE || has_room())
                };
                is_stated_well(*to, *by, *stated) && *units > 0 && fits(*to) && by.is_none_or(fits)
            }
            Said::Unapplied(of) => {
                let is_it = |(own, since, said): &(usize, i32, Said)| {
                    own == of && *since <= day && matches!(said, Said::Applied(..))
                };
                self.unapplied(*of).is_none() && self.0.iter().any(is_it)
            }
            Said::Reduced(of, units) => {
                // Of what opens nothing there is no more to take back on one day than on another.
                let least = match *of {
                    NOTE => Some(self.open(NOTE, i32::MAX)),
                    of => least(of, i32::MAX),
                };
                day <= self.gone(*of) && least.is_none_or(|least| *units * 100 <= least)
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

/// What so many units settle, in hundredths: of the item, or of that by which it is settled.
fn settles(is_settled: bool, units: i64, stated: Stated) -> i64 {
    match stated {
        Some((_, halves)) if is_settled => units * 50 * halves,
        _ => units * 100,
    }
}

/// Whether an amount is in the currency of what settles, with a rate where that is not the item's.
fn is_stated_well(to: usize, by: Option<usize>, stated: Stated) -> bool {
    let own = WORTH[to].1;
    let fits_item = stated.is_none_or(|(currency, halves)| currency != own && halves > 0);
    let given = stated.map_or(own, |(currency, _)| currency);
    let payment = by.filter(|by| *by != NOTE);
    fits_item && payment.is_none_or(|by| WORTH[by].1 == given)
}

fn date(day: i32) -> NaiveDate {
    crate::journal::date(0) + Days::new(u64::try_from(day).unwrap())
}

fn name(said: usize) -> String {
    format!("s{said:02}")
}

fn opening(at: usize) -> Record {
    let (kind, currency, units) = WORTH[at];
    let record = Record::new(kind, date(0)).id(format!("r{at}"));
    let record = record.of("item", format!("r{at}"));
    let record = record.amount("amount", Decimal::from(units));
    if currency == "EUR" {
        record
    } else {
        record.currency(Currency::new(currency).unwrap())
    }
}

/// A currency and what one of it is.
fn rated(stated: Stated) -> Option<(Currency, Number)> {
    let (currency, halves) = stated?;
    let rate = Decimal::new(halves * 5, 1);
    Some((Currency::new(currency).unwrap(), Number::from(rate)))
}

fn record(number: usize, day: i32, said: &Said) -> Record {
    let of = |at: &usize| format!("r{at}");
    let record = match said {
        Said::Applied(to, by, units, stated) => {
            let mut own = ApplicationDef::new(of(to), *units);
            own.by = by.as_ref().map(of);
            if let Some((currency, rate)) = rated(*stated) {
                own = own.in_currency(currency, rate);
            }
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
        Said::Applied(to, by, units, stated) => {
            let applied = Entry::apply(own, day, of(*to), *units);
            let applied = match rated(*stated) {
                Some((currency, rate)) => applied.in_currency(currency, rate).unwrap(),
                None => applied,
            };
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

/// A model that shows what is open of each record on each day, and the same of a ledger.
fn asked() -> &'static (Model, Program) {
    static ASKED: OnceLock<(Model, Program)> = OnceLock::new();
    ASKED.get_or_init(|| {
        let items: Vec<_> = (0..WORTH.len())
            .map(|at| json!({"key": format!("r{at}"), "level": "item"}))
            .collect();
        let kind = |key: &str, opens: Option<&str>| {
            let mut kind = json!({"key": key, "dimensions": [{"field": "item"}],
                "measures": [{"measure": "amount", "need": "required", "exchange": {"table": "spot"}}]});
            if let Some(opens) = opens {
                kind["opens"] = json!(opens);
            }
            kind
        };
        let metrics = json!([{"key": "open", "formula": {"open": {"value": {"measure": "amount"},
            "of": {"kinds": ["invoice", "payment"]}}}}]);
        let model = json!({
            "dimensions": [{"key": "item", "hierarchies": [{"key": "item", "levels": ["item"]}], "members": items}],
            "measures": [{"key": "amount", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
            "rates": [{"key": "spot", "base": "EUR", "basis": "until",
                "rates": [{"currency": "USD", "day": "2026-01-01", "rate": "0.5"}]}],
            "kinds": [kind("invoice", Some("amount")), kind("payment", Some("amount")), kind("note", None)],
            "span": {"start": "2026-01-01", "end": "2027-01-01"},
            "metrics": metrics,
            "views": [{"key": "items", "rows": [{"dimension": "item", "level": "item"}],
                "periods": {"grain": "day", "from": date(0), "to": date(LAST + 1)}}],
        });
        let model: Model = serde_json::from_value(model).unwrap();
        let axis = Axis::new("item", "item").unwrap();
        let subjects = model.schema().space().subjects(&axis, Unassigned::Hidden).unwrap();
        let days = Calendar::gregorian().periods(Grain::Day, date(0), date(LAST + 1)).unwrap();
        let layout = Layout::new(model.schema().clone(), subjects, days);
        let metrics: Vec<MetricDef> = serde_json::from_value(metrics).unwrap();
        let program = Program::compile(&metrics, &layout).unwrap();
        (model, program)
    })
}

/// What the books say is open, of each record on each day.
fn same_open(panel: &Panel, books: &Books, who: &str) -> Result<(), TestCaseError> {
    for of in 0..WORTH.len() {
        for on in 0..=LAST {
            let found = panel.get("open", [format!("r{of}").as_str()], &date(on).to_string());
            let wanted = Decimal::new(books.shown(of, on), 2);
            prop_assert_eq!(
                found.unwrap().to_string(),
                format!("{wanted} EUR"),
                "{} of {} on {}",
                who,
                of,
                on
            );
        }
    }
    Ok(())
}

fn same_ledger(ledger: &Ledger, books: &Books, who: &str) -> Result<(), TestCaseError> {
    let program = &asked().1;
    let panel = program.panel(&program.fold(ledger).unwrap()).unwrap();
    same_open(&panel, books, who)
}

fn same_journal(journal: &Journal, books: &Books, who: &str) -> Result<(), TestCaseError> {
    let view = journal.view("items").unwrap().as_of(date(LAST));
    same_open(&view.panel().unwrap(), books, who)
}

proptest! {
    #![proptest_config(crate::cases(256))]

    /// A ledger and a journal refuse what no day has room for and nothing else. What they took is open as a look at every day says,
    /// in whichever steps it was told, and written and read.
    #[test]
    fn no_more_is_applied_than_is_open_on_any_day(all in said()) {
        let model = &asked().0;
        let mut books = Books::default();
        let empty = Ledger::new("s", model.schema().clone()).unwrap();
        let mut ledger = empty.clone();
        let mut journal = Journal::new(model, date(0)).unwrap();
        let mut records: Vec<Record> = (0..WORTH.len()).map(opening).collect();
        ledger.enter(&records).unwrap();
        let entries = records.iter().map(|record| Entry::record("s", record.clone()).unwrap());
        let mut told: Vec<Entry> = entries.collect();
        journal.enter(time(0), time(0).date(), &told).unwrap();
        for (number, (day, said)) in all.iter().enumerate() {
            let takes = books.takes(number, *day, said);
            let own = record(number, *day, said);
            let entered = ledger.enter(std::slice::from_ref(&own));
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
                records.push(own);
            }
            let written = serde_json::to_string(&ledger).unwrap();
            prop_assert_eq!(serde_json::from_str::<Ledger>(&written).unwrap(), ledger.clone());
        }
        prop_assert!(journal.waiting().is_empty());
        same_ledger(&ledger, &books, "step by step")?;
        let mut whole = empty;
        whole.enter(&records).unwrap();
        prop_assert_eq!(&whole, &ledger);
        same_ledger(&whole, &books, "at once")?;
        let written = serde_json::to_string(&whole).unwrap();
        same_ledger(&serde_json::from_str(&written).unwrap(), &books, "read back")?;
        same_journal(&journal, &books, "journal")?;
        let mut at_once = Journal::new(model, date(0)).unwrap();
        at_once.enter(time(0), time(0).date(), &told).unwrap();
        prop_assert!(at_once.waiting().is_empty());
        same_journal(&at_once, &books, "journal at once")?;
    }
}
