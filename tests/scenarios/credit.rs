//! Credit: one order, several sellers, and every level counts it once.

use crate::at::PeriodAt;
use chrono::NaiveDate;
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::key::Key;
use quotaflow::ledger::{Credit, Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::metric::{Entities, Formula, Layout, MetricDef, Program, Selection, Valued};
use quotaflow::panel::{ColumnKey, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::{Axis, DimensionDef, Space, Subjects, Unassigned};
use rust_decimal::Decimal;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

const PEOPLE: [&str; 4] = ["ann", "bo", "cai", "sam"];

fn schema() -> Schema {
    let person = DimensionDef::new("person", &["team", "person"])
        .and_then(|d| d.member("team", "red")?.member("team", "blue"))
        .and_then(|d| {
            d.child("person", "ann", "red")?
                .child("person", "bo", "red")
        })
        .and_then(|d| {
            d.child("person", "cai", "blue")?
                .child("person", "sam", "blue")
        })
        .unwrap();
    let customer = DimensionDef::flat("customer", "customer", ["c1", "c2"]).unwrap();
    let space = Space::new(vec![person, customer]).unwrap();
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let order = RecordKind::new("order")
        .and_then(|kind| kind.of("person")?.of("customer")?.credited("person"))
        .and_then(|kind| kind.measuring("sales", Need::Required)?.dating("paid"))
        .unwrap();
    let span = DayRange::new(day("2026-01-01"), day("2027-01-01")).unwrap();
    Schema::new(
        space,
        Measures::new(vec![sales]).unwrap(),
        vec![order],
        span,
    )
    .unwrap()
}

fn metrics() -> Vec<MetricDef> {
    let orders = || Selection::of("order").unwrap();
    let sum = |of| Formula::Sum(Valued::measure("sales", of).unwrap());
    [
        ("sales", sum(orders())),
        ("overlay", sum(orders().overlay())),
        ("orders", Formula::count("order").unwrap()),
        (
            "mean",
            Formula::Mean(Valued::measure("sales", orders()).unwrap()),
        ),
        (
            "days_to_pay",
            Formula::Mean(Valued::days("day", "paid", orders()).unwrap()),
        ),
        (
            "unpaid_age",
            Formula::OpenAge {
                of: orders(),
                until: Some(Key::new("paid").unwrap()),
                since: Key::new("day").unwrap(),
            },
        ),
        (
            "customers",
            Formula::Distinct(Entities::members("customer", orders()).unwrap()),
        ),
    ]
    .map(|(key, formula)| MetricDef::new(key, formula).unwrap())
    .to_vec()
}

fn subjects(schema: &Schema, level: Option<&str>) -> Subjects {
    level.map_or_else(Subjects::whole, |level| {
        let axis = Axis::new("person", level).unwrap();
        schema.space().subjects(&axis, Unassigned::Hidden).unwrap()
    })
}

fn panel(ledger: &Ledger, level: Option<&str>) -> Panel {
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2026-01-01"), day("2026-04-01"))
        .unwrap();
    let schema = ledger.schema();
    let frame = Layout::new(schema.clone(), subjects(schema, level), months);
    let plan = Program::compile(&metrics(), &frame).unwrap();
    let panel = plan.panel(&plan.fold(ledger).unwrap()).unwrap();
    // Every figure is what its explanation computes from the records one by one.
    for metric in metrics() {
        for subject in panel.subjects().ids() {
            for period in panel.periods().ids() {
                let key = ColumnKey::actual(metric.key.as_str()).unwrap();
                let answer = panel.answer(&key, subject, period).unwrap();
                let told = plan
                    .explain(ledger, metric.key.as_str(), subject, period)
                    .unwrap();
                assert_eq!(answer.ratio(), told.value, "{}", metric.key);
            }
        }
    }
    panel
}

fn figure(
    panel: &Panel,
    metric: &str,
    subject: Option<&str>,
    period: usize,
) -> Result<Ratio, Reason> {
    let at = panel.subjects().row(subject).unwrap();
    let answer = panel
        .answer(
            &ColumnKey::actual(metric).unwrap(),
            at,
            panel.period_at(period),
        )
        .unwrap();
    answer.ratio()
}

/// 70, 20 and 10 % of ten million are 7, 2 and 1 million and make it up; 25 and 10 % of overlay are 2.5 and 1 million
/// outside it.
#[test]
fn splits_make_the_whole_and_overlay_stands_beside_it() {
    let mut ledger = Ledger::new("crm", schema()).unwrap();
    let deal = Record::new("order", day("2026-01-10"))
        .id("deal-1")
        .of("customer", "c1")
        .amount("sales", Decimal::from(10_000_000))
        .overlay("sam", Ratio::percent(25))
        .credit("ann", Ratio::percent(70))
        .credit("bo", Ratio::percent(20))
        .credit("cai", Ratio::percent(10))
        .overlay("bo", Ratio::percent(10));
    ledger.enter(&[deal]).unwrap();
    let people = panel(&ledger, Some("person"));
    let million = |tenths: i64| Ok(Ratio::from(tenths * 100_000));
    for (person, sales, overlay, orders) in [
        ("ann", 70, 0, 1),
        ("bo", 20, 10, 0),
        ("cai", 10, 0, 0),
        ("sam", 0, 25, 0),
    ] {
        assert_eq!(figure(&people, "sales", Some(person), 0), million(sales));
        assert_eq!(
            figure(&people, "overlay", Some(person), 0),
            million(overlay)
        );
        assert_eq!(
            figure(&people, "orders", Some(person), 0),
            Ok(Ratio::from(orders)),
            "the order is counted with its first sharer"
        );
    }
    let teams = panel(&ledger, Some("team"));
    assert_eq!(figure(&teams, "sales", Some("red"), 0), million(90));
    assert_eq!(figure(&teams, "orders", Some("red"), 0), Ok(Ratio::ONE));
    assert_eq!(figure(&teams, "customers", Some("blue"), 0), Ok(Ratio::ONE));
    let whole = panel(&ledger, None);
    assert_eq!(figure(&whole, "sales", None, 0), million(100));
    assert_eq!(figure(&whole, "orders", None, 0), Ok(Ratio::ONE));
    assert_eq!(figure(&whole, "mean", None, 0), million(100));
    assert_eq!(ledger.len(), 1);
}

#[test]
fn a_shared_record_reads_back_repeats_and_is_reversed_whole() {
    let mut ledger = Ledger::new("crm", schema()).unwrap();
    let deal = Record::new("order", day("2026-01-10"))
        .id("deal-1")
        .of("customer", "c1")
        .amount("sales", Decimal::new(1001, 2))
        .credit("ann", Ratio::new(1, 3).unwrap())
        .credit("bo", Ratio::new(1, 3).unwrap())
        .credit("cai", Ratio::new(1, 3).unwrap())
        .overlay("sam", Ratio::percent(50));
    ledger.enter(std::slice::from_ref(&deal)).unwrap();
    assert_eq!(ledger.find("deal-1").unwrap(), deal);
    assert_eq!(
        ledger.enter(std::slice::from_ref(&deal)).unwrap().repeated,
        1
    );
    let other = deal.clone().amount("sales", Decimal::TEN);
    assert!(
        ledger.enter(&[other]).is_err(),
        "the same id, other content"
    );
    let text = serde_json::to_string(&ledger).unwrap();
    let again: Ledger = serde_json::from_str(&text).unwrap();
    assert_eq!(again, ledger);
    // 10.01 in thirds: 3.34, 3.34, 3.33.
    let people = panel(&ledger, Some("person"));
    let cents = |units: i64| Ok(Ratio::new(i128::from(units), 100).unwrap());
    assert_eq!(figure(&people, "sales", Some("ann"), 0), cents(334));
    assert_eq!(figure(&people, "sales", Some("cai"), 0), cents(333));
    ledger
        .enter(&[Record::reversal("deal-1", day("2026-02-01")).id("R-1")])
        .unwrap();
    let people = panel(&ledger, Some("person"));
    assert_eq!(figure(&people, "sales", Some("bo"), 1), cents(-334));
    assert_eq!(figure(&people, "overlay", Some("sam"), 1), cents(-501));
    let whole = panel(&ledger, None);
    assert_eq!(figure(&whole, "sales", None, 1), cents(-1001));
    assert_eq!(figure(&whole, "orders", None, 1), Ok(Ratio::from(-1)));
    // In January the deal stood; nobody was there in February.
    assert_eq!(figure(&whole, "customers", None, 0), Ok(Ratio::ONE));
    assert_eq!(figure(&whole, "customers", None, 1), Ok(Ratio::ZERO));
    // Erasing one sharer leaves every sum.
    ledger.erase("person", "bo", "former-1").unwrap();
    let people = panel(&ledger, Some("person"));
    assert_eq!(figure(&people, "sales", Some("former-1"), 0), cents(334));
    assert!(
        ledger.find("deal-1").is_err(),
        "the id is gone with the person"
    );
}

#[test]
fn credit_that_is_wrong_says_what_and_how_much() {
    let refused = |credits: Vec<Credit>| {
        let mut deal = Record::new("order", day("2026-01-10")).amount("sales", Decimal::TEN);
        deal.credits = credits;
        let mut ledger = Ledger::new("crm", schema()).unwrap();
        let error = ledger.enter(&[deal]).unwrap_err().to_string();
        assert!(ledger.is_empty());
        error
    };
    let of = |member: &str, percent: i32| Credit::split(member, Ratio::percent(percent));
    for (credits, says) in [
        (
            vec![of("ann", 70), of("bo", 20)],
            "record 0: the shares make 0.9, not 1",
        ),
        (
            vec![of("ann", 50), of("ann", 50)],
            "record 0: `ann` is credited twice",
        ),
        (
            vec![of("ann", 150), of("bo", -50)],
            "record 0: the share 1.5 of `ann` is not above 0 and at most 1",
        ),
        (
            vec![Credit::overlay("ann", Ratio::ONE)],
            "record 0: the shares make 0, not 1",
        ),
        (
            vec![of("anne", 100)],
            "record 0: person: dimension `person` has no member `anne`; did you mean `ann`?",
        ),
    ] {
        assert_eq!(refused(credits), says);
    }
    let both = Record::new("order", day("2026-01-10"))
        .of("person", "ann")
        .amount("sales", Decimal::TEN)
        .credit("ann", Ratio::ONE);
    let error = Ledger::new("crm", schema()).unwrap().enter(&[both]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "record 0: the record names a member as `person` and has credits, which say the same"
    );
    let kind = RecordKind::new("order")
        .and_then(|kind| kind.of("person")?.credited("persn"))
        .unwrap();
    let known = schema();
    let error = Schema::new(
        known.space().clone(),
        Measures::default(),
        vec![kind],
        known.span(),
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "the kind of record `order` is credited by `persn`, which is none of its members; did you mean `person`?"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// What was booked is what every level adds up to, whoever shares it.
    #[test]
    fn credit_conserves_the_booked_amount(
        deals in prop::collection::vec((-5_000_i64..5_000, 1_usize..4, 1_i64..20, 1_i64..20, 0_u64..80), 1..12),
    ) {
        let mut ledger = Ledger::new("crm", schema()).unwrap();
        let mut booked = 0;
        for (units, sharers, first, second, after) in deals {
            booked += units;
            let on = day("2026-01-01") + chrono::Days::new(after);
            let mut deal = Record::new("order", on).amount("sales", Decimal::new(units, 2));
            let parts = [first, second, 7];
            let total: i64 = parts[..sharers].iter().sum();
            for (person, part) in PEOPLE.iter().zip(&parts[..sharers]) {
                deal = deal.credit(*person, Ratio::new(i128::from(*part), i128::from(total)).unwrap());
            }
            ledger.enter(&[deal]).unwrap();
        }
        for level in [None, Some("team"), Some("person")] {
            let panel = panel(&ledger, level);
            let (mut sum, mut orders) = (Ratio::ZERO, Ratio::ZERO);
            for subject in panel.subjects().ids() {
                for period in panel.periods().ids() {
                    let of = |metric: &str| {
                        let key = ColumnKey::actual(metric).unwrap();
                        panel.answer(&key, subject, period).unwrap().ratio().unwrap()
                    };
                    sum = sum.checked_add(of("sales")).unwrap();
                    orders = orders.checked_add(of("orders")).unwrap();
                }
            }
            prop_assert_eq!(sum, Ratio::new(booked.into(), 100).unwrap());
            prop_assert_eq!(orders, Ratio::from(i64::try_from(ledger.len()).unwrap()));
        }
    }
}

/// Order A of 5 units whole and order B of 10 units by half for one person are 10 achieved, not 15.
#[test]
fn v_g1_half_an_order_is_half_achieved() {
    let mut ledger = Ledger::new("crm", schema()).unwrap();
    let whole = Record::new("order", day("2026-01-05"))
        .of("person", "ann")
        .amount("sales", Decimal::from(5));
    let half = Record::new("order", day("2026-01-06"))
        .credit("ann", Ratio::percent(50))
        .credit("bo", Ratio::percent(50))
        .amount("sales", Decimal::from(10));
    ledger.enter(&[whole, half]).unwrap();
    let people = panel(&ledger, Some("person"));
    assert_eq!(
        figure(&people, "sales", Some("ann"), 0),
        Ok(Ratio::from(10))
    );
}

/// The days of a record are not split, and a record with two sellers is not two records of so many days.
#[test]
fn the_days_of_a_shared_record_count_once() {
    let mut ledger = Ledger::new("crm", schema()).unwrap();
    let shared = Record::new("order", day("2026-01-05"))
        .credit("ann", Ratio::percent(50))
        .credit("bo", Ratio::percent(50))
        .amount("sales", Decimal::from(10));
    let paid = shared.clone().date("paid", day("2026-01-15"));
    ledger.enter(&[shared, paid]).unwrap();
    let all = panel(&ledger, None);
    assert_eq!(figure(&all, "days_to_pay", None, 0), Ok(Ratio::from(10)));
    assert_eq!(figure(&all, "unpaid_age", None, 0), Ok(Ratio::from(26)));
    let people = panel(&ledger, Some("person"));
    assert_eq!(
        figure(&people, "days_to_pay", Some("ann"), 0),
        Ok(Ratio::from(10))
    );
    assert_eq!(
        figure(&people, "days_to_pay", Some("bo"), 0),
        Err(Reason::NoBase)
    );
}

#[test]
fn a_shared_record_is_one_change_of_stage_and_one_visit() {
    use quotaflow::duty::ActivityFields;
    use quotaflow::funnel::StageFields;
    let person = DimensionDef::flat("person", "person", ["ann", "bo", "cai"]).unwrap();
    let value = Measure::flow("value", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let change = RecordKind::new("change")
        .and_then(|kind| kind.of("person")?.credited("person"))
        .and_then(|kind| kind.measuring("value", Need::Optional))
        .and_then(|kind| kind.noting("deal", &[])?.noting("stage", &["lead", "won"]))
        .unwrap();
    let span = DayRange::new(day("2026-01-01"), day("2027-01-01")).unwrap();
    let schema = Schema::new(
        Space::new(vec![person]).unwrap(),
        Measures::new(vec![value]).unwrap(),
        vec![change],
        span,
    )
    .unwrap();
    let mut ledger = Ledger::new("crm", schema).unwrap();
    let entered = |on: &str, stage: &str, value: i64| {
        Record::new("change", day(on))
            .attribute("deal", "d1")
            .attribute("stage", stage)
            .amount("value", Decimal::from(value))
            .credit("bo", Ratio::percent(40))
            .credit("ann", Ratio::percent(60))
    };
    // 1000.01 at 40:60 is 400.00 and 600.01; the opportunity is worth 1000.01 and neither of these.
    let mut won = entered("2026-01-09", "won", 1_000);
    won = won.amount("value", Decimal::new(100_001, 2));
    ledger
        .enter(&[entered("2026-01-05", "lead", 900), won])
        .unwrap();
    let fields: StageFields = serde_json::from_value(serde_json::json!({
        "record": "change", "opportunity": "deal", "stage": "stage", "owner": "person", "value": "value"}))
    .unwrap();
    let deals = fields.opportunities(&ledger).unwrap();
    assert_eq!(deals.len(), 1);
    assert_eq!(
        (
            deals[0].entries.len(),
            deals[0].value,
            deals[0].owner.as_ref().map(Key::as_str)
        ),
        (2, 100_001, Some("bo"))
    );
    let visits = ActivityFields::new(Key::new("change").unwrap())
        .done(&ledger)
        .unwrap();
    let who: Vec<&str> = visits.iter().map(|visit| visit.person.as_str()).collect();
    assert_eq!(who, ["bo", "bo"]);
}
