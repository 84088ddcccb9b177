//! Records as drawn, and the schema that they are of.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::metric::Layout;
use quotaflow::quantity::Quantum;
use quotaflow::space::{Axis, DimensionDef, Space, Subjects, Unassigned};
use rust_decimal::Decimal;

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn start() -> NaiveDate {
    day("2025-11-20")
}

/// One record, as drawn.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    order: bool,
    offset: u64,
    minute: u32,
    sequence: u64,
    person: Option<usize>,
    customer: Option<usize>,
    units: Option<i64>,
    outcome: Option<usize>,
    due: Option<u64>,
}

pub(crate) const PEOPLE: [&str; 3] = ["ann", "bo", "cy"];
pub(crate) const CUSTOMERS: [&str; 6] = ["c1", "c2", "c3", "c4", "c5", "c6"];
pub(crate) const OUTCOMES: [&str; 3] = ["won", "lost", "postponed"];

pub(crate) fn event() -> impl Strategy<Value = Event> {
    (
        (any::<bool>(), 0_u64..220, 0_u32..1440, 0_u64..3),
        (
            prop::option::weighted(0.9, 0..PEOPLE.len()),
            prop::option::weighted(0.9, 0..CUSTOMERS.len()),
        ),
        (
            prop::option::weighted(0.8, -50_i64..500),
            prop::option::of(0..OUTCOMES.len()),
            prop::option::of(0_u64..60),
        ),
    )
        .prop_map(
            |((order, offset, minute, sequence), (person, customer), (units, outcome, due))| {
                Event {
                    order,
                    offset,
                    minute,
                    sequence,
                    person,
                    customer,
                    units,
                    outcome,
                    due,
                }
            },
        )
}

pub(crate) fn schema() -> Schema {
    let at = |text: &str| Some(day(text));
    let person = DimensionDef::new("person", &["team", "person"])
        .and_then(|d| d.member("team", "red")?.member("team", "blue"))
        .and_then(|d| d.member("person", "ann")?.child("person", "bo", "red"))
        .and_then(|d| d.link("person", "ann", "red", None, at("2026-02-10")))
        .and_then(|d| d.link("person", "ann", "blue", at("2026-02-10"), None))
        .and_then(|d| d.member("person", "cy"))
        .and_then(|d| d.link("person", "cy", "blue", at("2026-01-15"), at("2026-04-01")))
        .unwrap();
    let customer = DimensionDef::flat("customer", "customer", CUSTOMERS).unwrap();
    let space = Space::new(vec![person, customer]).unwrap();
    let money =
        |key: &str| Measure::flow(key, "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let measures = Measures::new(vec![money("sales"), money("floor")]).unwrap();
    let kind = |name: &str| {
        RecordKind::new(name)
            .and_then(|kind| {
                kind.of("person")?
                    .of("customer")?
                    .playing("helper", "person")?
                    .measuring("sales", Need::Optional)?
                    .measuring("floor", Need::Optional)
            })
            .and_then(|kind| kind.noting("outcome", &[])?.dating("due"))
            .unwrap()
    };
    let span = DayRange::new(day("2025-01-01"), day("2026-08-01")).unwrap();
    Schema::new(
        space,
        measures,
        vec![kind("visit").timed(), kind("order")],
        span,
    )
    .unwrap()
}

/// On one day of the week there is no floor.
pub(crate) fn floor(on: NaiveDate) -> Option<i64> {
    let weekday = i64::from(on.weekday().num_days_from_monday());
    (weekday > 0).then_some(weekday * 60)
}

/// On one day of the week nobody helps.
pub(crate) fn helper(on: NaiveDate) -> Option<usize> {
    let weekday = on.weekday().num_days_from_monday() as usize;
    (weekday < 6).then_some(weekday % PEOPLE.len())
}

pub(crate) fn record(number: usize, event: &Event) -> Record {
    let on = start() + Days::new(event.offset);
    let mut record = Record::new(if event.order { "order" } else { "visit" }, on)
        .id(format!("r{number}"))
        .sequence(event.sequence);
    if !event.order {
        record =
            record.at(NaiveTime::from_hms_opt(event.minute / 60, event.minute % 60, 0).unwrap());
    }
    if let Some(person) = event.person {
        record = record.of("person", PEOPLE[person]);
    }
    if let Some(customer) = event.customer {
        record = record.of("customer", CUSTOMERS[customer]);
    }
    if let Some(units) = event.units {
        record = record.amount("sales", Decimal::new(units, 2));
    }
    if let Some(helper) = helper(on) {
        record = record.of("helper", PEOPLE[helper]);
    }
    if let Some(floor) = floor(on) {
        record = record.amount("floor", Decimal::new(floor, 2));
    }
    if let Some(outcome) = event.outcome {
        record = record.attribute("outcome", OUTCOMES[outcome]);
    }
    if let Some(due) = event.due {
        record = record.date("due", on + Days::new(due));
    }
    record
}

pub(crate) fn ledger(key: &str, schema: &Schema, records: &[Record]) -> Ledger {
    let mut ledger = Ledger::new(key, schema.clone()).unwrap();
    ledger.enter(records).unwrap();
    ledger
}

pub(crate) fn frame(schema: &Schema, subjects: Subjects) -> Layout {
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2025-12-01"), day("2026-07-01"))
        .unwrap();
    Layout::new(schema.clone(), subjects, months)
}

pub(crate) fn axis(schema: &Schema, level: &str, unassigned: Unassigned) -> Subjects {
    schema
        .space()
        .subjects(&Axis::new("person", level).unwrap(), unassigned)
        .unwrap()
}

pub(crate) fn every_kind_of_subjects(schema: &Schema) -> Vec<Subjects> {
    let customers = schema
        .space()
        .subjects(
            &Axis::new("customer", "customer").unwrap(),
            Unassigned::Shown,
        )
        .unwrap();
    vec![
        Subjects::whole(),
        axis(schema, "person", Unassigned::Shown),
        axis(schema, "team", Unassigned::Hidden),
        axis(schema, "team", Unassigned::Shown)
            .cross(&customers)
            .unwrap(),
    ]
}
