//! Effective-dated membership: people, customers, territories and products move, and each record stays where it was won.

use crate::at::{PeriodAt, RowAt};
use chrono::NaiveDate;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::metric::{Entities, Filter, Formula, Layout, MetricDef, Program, Selection};
use quotaflow::panel::{ColumnKey, Panel, Reason};
use quotaflow::quantity::Quantum;
use quotaflow::space::{Axis, DimensionDef, Space, Unassigned};
use rust_decimal::Decimal;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Two groups, one member that changes from the first to the second on a day, and one that stays in the second.
fn moving(key: &str, level: &str, groups: [&str; 2], members: [&str; 2], on: &str) -> DimensionDef {
    let [mover, stayer] = members;
    DimensionDef::new(key, &[level, key])
        .and_then(|d| d.member(level, groups[0])?.member(level, groups[1]))
        .and_then(|d| d.member(key, mover)?.child(key, stayer, groups[1]))
        .and_then(|d| d.link(key, mover, groups[0], None, Some(day(on))))
        .and_then(|d| d.link(key, mover, groups[1], Some(day(on)), None))
        .unwrap()
}

fn schema() -> Schema {
    let territory = DimensionDef::new("territory", &["region", "territory"])
        .and_then(|d| d.member("region", "east")?.member("region", "west"))
        .and_then(|d| {
            d.member("territory", "t1")?
                .child("territory", "t2", "west")
        })
        .and_then(|d| d.link("territory", "t1", "east", None, Some(day("2026-02-15"))))
        // For two weeks the territory belongs to no region.
        .and_then(|d| d.link("territory", "t1", "west", Some(day("2026-03-01")), None))
        .unwrap();
    let space = Space::new(vec![
        moving(
            "person",
            "team",
            ["red", "blue"],
            ["ann", "bo"],
            "2026-02-01",
        ),
        moving("customer", "class", ["a", "b"], ["c1", "c2"], "2026-02-10"),
        moving(
            "product",
            "category",
            ["tea", "herbs"],
            ["mint", "sage"],
            "2026-03-15",
        ),
        territory,
    ])
    .unwrap();
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let order = RecordKind::new("order")
        .and_then(|kind| {
            kind.of("person")?
                .of("customer")?
                .of("product")?
                .of("territory")
        })
        .and_then(|kind| kind.measuring("sales", Need::Required))
        .unwrap();
    let span = DayRange::new(day("2026-01-01"), day("2026-07-01")).unwrap();
    let measures = Measures::new(vec![sales]).unwrap();
    Schema::new(space, measures, vec![order], span).unwrap()
}

/// The mover of every dimension sells once before and once after each change; each amount is a power of ten of its own,
/// so that a sum shows which records it holds.
fn ledger() -> Ledger {
    let sold = |on: &str, units: i64| {
        Record::new("order", day(on))
            .of("person", "ann")
            .of("customer", "c1")
            .of("product", "mint")
            .of("territory", "t1")
            .amount("sales", Decimal::from(units))
    };
    let stayed = Record::new("order", day("2026-02-20"))
        .of("person", "bo")
        .of("customer", "c2")
        .of("product", "sage")
        .of("territory", "t2")
        .amount("sales", Decimal::from(200_000));
    let mut ledger = Ledger::new("crm", schema()).unwrap();
    ledger
        .enter(&[
            sold("2026-01-31", 1),
            sold("2026-02-01", 10),
            sold("2026-02-10", 100),
            sold("2026-02-20", 1_000),
            sold("2026-03-14", 10_000),
            sold("2026-03-15", 100_000),
            stayed,
        ])
        .unwrap();
    ledger
}

fn metrics() -> Vec<MetricDef> {
    let orders = || Selection::of("order").unwrap();
    let customers = |of| Entities::members("customer", of).unwrap();
    let class_a = orders().only(Filter::member("customer", &["a"]).unwrap());
    vec![
        MetricDef::new("sales", Formula::sum("sales", "order").unwrap()).unwrap(),
        MetricDef::new("customers", Formula::Distinct(customers(orders()))).unwrap(),
        MetricDef::new("orders_of_a", Formula::Count(class_a)).unwrap(),
    ]
}

fn panel(ledger: &Ledger, axis: [&str; 2], grain: Grain) -> Panel {
    let schema = ledger.schema();
    let axis = Axis::new(axis[0], axis[1]).unwrap();
    let subjects = schema.space().subjects(&axis, Unassigned::Shown).unwrap();
    let periods = Calendar::gregorian()
        .periods(grain, day("2026-01-01"), day("2026-07-01"))
        .unwrap();
    let plan =
        Program::compile(&metrics(), &Layout::new(schema.clone(), subjects, periods)).unwrap();
    plan.panel(&plan.fold(ledger).unwrap()).unwrap()
}

/// A figure of the first half-year, by subject.
fn of_half(dimension: &str, level: &str, metric: &str) -> Vec<(String, i64)> {
    let panel = panel(&ledger(), [dimension, level], Grain::Half);
    let key = ColumnKey::actual(metric).unwrap();
    let subjects = panel.subjects();
    subjects
        .ids()
        .map(|subject| {
            let answer = panel
                .answer(&key, subject, panel.period_at(0))
                .unwrap()
                .ratio()
                .ok();
            let whole = answer.unwrap().exact_decimal().unwrap();
            (subjects.label(subject), whole.try_into().unwrap())
        })
        .collect()
}

fn assert_half(dimension: &str, level: &str, metric: &str, expected: &[(&str, i64)]) {
    let found = of_half(dimension, level, metric);
    let figure = |name: &str| found.iter().find(|(label, _)| label == name);
    for (name, value) in expected {
        assert_eq!(
            figure(name).map(|(_, value)| *value),
            Some(*value),
            "{name} of {found:?}"
        );
    }
    let shown: i64 = expected.iter().map(|(_, value)| value).sum();
    let all: i64 = found.iter().map(|(_, value)| value).sum();
    assert_eq!(shown, all, "nothing else in {found:?}");
}

#[test]
fn a_person_who_moves_leaves_each_order_with_the_team_of_its_day() {
    assert_half("person", "team", "sales", &[("red", 1), ("blue", 311_110)]);
    assert_half(
        "person",
        "person",
        "sales",
        &[("ann", 111_111), ("bo", 200_000)],
    );
}

#[test]
fn a_customer_counts_in_the_class_that_it_had() {
    // Changed on 10 February: that day's order is the first of the new class.
    assert_half("customer", "class", "sales", &[("a", 11), ("b", 311_100)]);
    // The customer who moved is one of each class, and one of the company.
    assert_half("customer", "class", "customers", &[("a", 1), ("b", 2)]);
    // A filter asks for the class of the day too, whoever is looked at.
    assert_half("person", "team", "orders_of_a", &[("red", 1), ("blue", 1)]);
}

#[test]
fn a_product_counts_in_the_category_that_it_had() {
    assert_half(
        "product",
        "category",
        "sales",
        &[("tea", 11_111), ("herbs", 300_000)],
    );
}

#[test]
fn a_territory_between_two_regions_is_nobodys_for_that_time() {
    let half = [("east", 111), ("west", 310_000), ("unassigned", 1_000)];
    assert_half("territory", "region", "sales", &half);
}

#[test]
fn every_reading_of_the_same_records_adds_up_to_the_same_month() {
    let ledger = ledger();
    let key = ColumnKey::actual("sales").unwrap();
    let months = [1, 201_110, 110_000, 0, 0, 0];
    let readings = [
        ["person", "team"],
        ["customer", "class"],
        ["product", "category"],
        ["territory", "region"],
    ];
    for axis in readings {
        let panel = panel(&ledger, axis, Grain::Month);
        for (month, expected) in months.into_iter().enumerate() {
            let sum = (0..panel.subjects().len())
                .filter_map(|subject| {
                    panel
                        .answer(&key, panel.row_at(subject), panel.period_at(month))
                        .unwrap()
                        .ratio()
                        .ok()
                })
                .map(|ratio| ratio.exact_decimal().unwrap())
                .sum::<Decimal>();
            assert_eq!(sum, Decimal::from(expected), "{axis:?} in {month}");
        }
    }
}

#[test]
fn who_never_ordered_is_silent_since_they_were_taken_on() {
    // d1 has always been there and ordered in March; d2 never ordered; d3 came on 10 March and never ordered.
    let dealer = DimensionDef::new("dealer", &["region", "dealer"])
        .and_then(|d| d.member("region", "east")?.child("dealer", "d1", "east"))
        .and_then(|d| d.child("dealer", "d2", "east")?.member("dealer", "d3"))
        .and_then(|d| d.link("dealer", "d3", "east", Some(day("2026-03-10")), None))
        .unwrap();
    let order = RecordKind::new("order")
        .and_then(|kind| kind.of("dealer"))
        .unwrap();
    let span = DayRange::new(day("2026-01-01"), day("2026-07-01")).unwrap();
    let space = Space::new(vec![dealer]).unwrap();
    let measures = Measures::new(Vec::new()).unwrap();
    let schema = Schema::new(space, measures, vec![order], span).unwrap();
    let mut ledger = Ledger::new("erp", schema.clone()).unwrap();
    let orders = [Record::new("order", day("2026-03-20")).of("dealer", "d1")];
    ledger.enter(&orders).unwrap();
    let silent = Formula::Since(Selection::of("order").unwrap());
    let metrics = vec![MetricDef::new("silent", silent).unwrap()];
    let told = |level: &str| {
        let axis = Axis::new("dealer", level).unwrap();
        let subjects = schema.space().subjects(&axis, Unassigned::Shown).unwrap();
        let months = Calendar::gregorian()
            .periods(Grain::Month, day("2026-02-01"), day("2026-06-01"))
            .unwrap();
        let layout =
            Layout::new(schema.clone(), subjects.clone(), months).as_of_day(day("2026-04-09"));
        let program = Program::compile(&metrics, &layout).unwrap();
        let panel = program.panel(&program.fold(&ledger).unwrap()).unwrap();
        let key = ColumnKey::actual("silent").unwrap();
        let row = |subject| {
            let days = |period| panel.answer(&key, subject, period).unwrap().ratio();
            let found = panel
                .periods()
                .ids()
                .map(days)
                .map(|days| days.map(quotaflow::quantity::Ratio::numerator));
            (subjects.label(subject), found.collect::<Vec<_>>())
        };
        subjects
            .ids()
            .map(row)
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let (later, never) = (Err(Reason::NotYetDue), Err(Reason::NothingRecorded));
    let dealers = told("dealer");
    // Since 1 January 58 days at the end of February; since the order of 20 March 11 and, by 9 April, 20.
    assert_eq!(dealers["d1"], [Ok(58), Ok(11), Ok(20), later]);
    assert_eq!(dealers["d2"], [Ok(58), Ok(89), Ok(98), later]);
    assert_eq!(
        dealers["d3"],
        [Err(Reason::NotApplicable), Ok(21), Ok(30), later]
    );
    assert_eq!(dealers["unassigned"], [never, never, never, later]);
    assert_eq!(told("region")["east"], [Ok(58), Ok(11), Ok(20), later]);
}
