//! The written form of partial results: what is folded on one day is merged on another, perhaps by a later version.

use std::collections::BTreeSet;

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Additivity, Measure, Measures};
use quotaflow::metric::{Layout, MetricDef, Partial, Program};
use quotaflow::quantity::Quantum;
use quotaflow::space::{DimensionDef, Space, Subjects};
use serde_json::{Value, json};

/// Two months of a ledger that fill every sort of partial result.
fn folded() -> (Program, Partial) {
    let flat = |key: &'static str, all: [&'static str; 2]| DimensionDef::flat(key, key, all);
    let space = Space::new(vec![
        flat("person", ["ann", "bo"]).unwrap(),
        flat("customer", ["c1", "c2"]).unwrap(),
    ]);
    let stock = Measure::flow("balance", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let measures = Measures::new(vec![
        Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap(),
        stock.adding(Additivity::Stock),
    ]);
    let kind = |key: &str| {
        RecordKind::new(key)
            .unwrap()
            .of("person")
            .unwrap()
            .of("customer")
            .unwrap()
    };
    let kinds = vec![
        kind("order")
            .measuring("sales", Need::Required)
            .unwrap()
            .noting("number", &[])
            .unwrap(),
        kind("level").measuring("balance", Need::Required).unwrap(),
        kind("ticket").dating("closed").unwrap(),
    ];
    let span = DayRange::new("2026-01-01".parse().unwrap(), "2026-03-01".parse().unwrap()).unwrap();
    let schema = Schema::new(space.unwrap(), measures.unwrap(), kinds, span).unwrap();
    let mut ledger = Ledger::new("crm", schema).unwrap();
    let record = |kind: &str, day: &str, customer: &str| {
        Record::new(kind, day.parse().unwrap())
            .of("person", "ann")
            .of("customer", customer)
    };
    let order = |day: &str, customer: &str, cents: i64, number: &str| {
        record("order", day, customer)
            .amount("sales", rust_decimal::Decimal::new(cents, 2))
            .attribute("number", number)
    };
    ledger
        .enter(&[
            order("2026-01-05", "c1", 1999, "n1"),
            order("2026-01-20", "c2", 500, "n2"),
            order("2026-02-03", "c1", 100, "n1"),
            record("level", "2026-01-31", "c1")
                .amount("balance", rust_decimal::Decimal::new(700, 2)),
            record("ticket", "2026-01-10", "c1").date("closed", "2026-02-02".parse().unwrap()),
            record("ticket", "2026-02-10", "c2"),
        ])
        .unwrap();
    let orders = json!({"kinds": ["order"]});
    let customer = json!({"member": {"dimension": "customer"}});
    let metric = |key: &str, formula: Value| -> MetricDef {
        serde_json::from_value(json!({"key": key, "formula": formula})).unwrap()
    };
    let sales = json!({"measure": "sales"});
    let metrics = [
        metric("orders", json!({"count": orders})),
        metric("sales", json!({"sum": {"value": sales, "of": orders}})),
        metric(
            "dormant",
            json!({"dormant": {"entity": customer, "of": orders, "scope": "overall", "periods": 1}}),
        ),
        metric("since", json!({"since": orders})),
        metric(
            "until",
            json!({"mean": {"value": {"until": {"end": {"kinds": ["ticket"]}, "by": customer}}, "of": orders}}),
        ),
        metric(
            "largest",
            json!({"maximum": {"value": sales, "of": orders}}),
        ),
        metric(
            "median",
            json!({"quantile": {"value": sales, "of": orders, "p": "0.5", "method": "type7"}}),
        ),
        metric(
            "buyers",
            json!({"distinct": {"entity": customer, "of": orders}}),
        ),
        metric("new", json!({"new": {"entity": customer, "of": orders}})),
        metric(
            "numbers",
            json!({"distinct": {"entity": {"attribute": "number"}, "of": orders}}),
        ),
        metric(
            "gap",
            json!({"mean": {"value": {"gap": {"entity": customer, "same_day": "once"}}, "of": orders}}),
        ),
        metric(
            "open",
            json!({"open": {"of": {"kinds": ["ticket"]}, "until": "closed"}}),
        ),
        metric(
            "balance",
            json!({"last": {"value": {"measure": "balance"}, "of": {"kinds": ["level"]}, "entity": customer}}),
        ),
        metric(
            "top",
            json!({"concentration": {"value": sales, "of": orders, "entity": customer, "figure": {"top": 1}}}),
        ),
    ];
    let months = Calendar::gregorian()
        .periods(Grain::Month, span.start(), span.end())
        .unwrap();
    let frame = Layout::new(ledger.schema().clone(), Subjects::whole(), months);
    let plan = Program::compile(&metrics, &frame).unwrap();
    let partial = plan.fold(&ledger).unwrap();
    (plan, partial)
}

#[test]
fn a_partial_result_has_one_written_form() {
    let (plan, partial) = folded();
    let text = serde_json::to_string(&partial).unwrap();
    assert_eq!(text, include_str!("partial.json").trim_end());
    let read = plan
        .read(&mut serde_json::Deserializer::from_str(&text))
        .unwrap();
    assert_eq!(plan.panel(&read).unwrap(), plan.panel(&partial).unwrap());
    let value: Value = serde_json::from_str(&text).unwrap();
    let empty: BTreeSet<&String> = value
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| value.as_array().is_some_and(Vec::is_empty))
        .map(|(key, _)| key)
        .collect();
    assert!(empty.is_empty(), "not shown here: {empty:?}");
}

/// A document that says more than its records can is no partial result, and is refused before it is worked with.
#[test]
fn a_partial_result_of_no_records_is_refused() {
    let (plan, partial) = folded();
    let written = serde_json::to_value(&partial).unwrap();
    let huge = i128::MAX.to_string();
    for (place, value, wrong) in [
        ("/trails/0/0/3", json!(u64::MAX), "days are of no record"),
        ("/trails/0/0/3", json!(0), "days are of no record"),
        ("/samples/0/0/2", json!(u64::MAX), "values are of no record"),
        (
            "/presences/0/seen/0/2",
            json!(4),
            "an entity was seen outside the periods",
        ),
        (
            "/opens/0/0",
            json!(huge),
            "a change of what is open is beyond",
        ),
        (
            "/holdings/0/0/2",
            json!(huge),
            "a sum is beyond what its records",
        ),
    ] {
        let mut tampered = written.clone();
        *tampered.pointer_mut(place).unwrap() = value;
        let error = plan.read(tampered).unwrap_err().to_string();
        assert!(error.contains(wrong), "{place}: {error}");
    }
    assert!(plan.read(written).is_ok());
}

/// Every bound of a written partial result holds on the number itself: one less is read, the number is refused.
#[test]
fn numbers_beyond_the_parts_of_a_program_are_refused_at_the_bound_itself() {
    let (program, partial) = folded();
    let written = serde_json::to_value(&partial).unwrap();
    // A moment holds its cell or subject in the lowest 32 bits.
    let moment = |place: &str, low: u128| {
        let text = written.pointer(place).unwrap().as_str().unwrap();
        let number: u128 = text.parse().unwrap();
        json!(((number >> 32 << 32) | low).to_string())
    };
    // One subject, two months and what lies outside them; two customers beside nobody.
    for (place, good, bad) in [
        ("/rows/0/kind", json!(0), json!(3)),
        ("/rows/0/ranges/0", json!([0, 3]), json!([3, 3])),
        ("/samples/0/2/0", json!(5), json!(6)),
        ("/holdings/0/2/0", json!(5), json!(6)),
        ("/holdings/0/2/1", json!(2), json!(3)),
        ("/presences/0/seen/1/0", json!(2), json!(3)),
        ("/presences/0/seen/1/1", json!(1), json!(2)),
        ("/presences/0/seen/1/2", json!(3), json!(4)),
        ("/presences/0/firsts/1/0", json!(2), json!(3)),
        (
            "/presences/0/firsts/1/1",
            moment("/presences/0/firsts/1/1", 5),
            moment("/presences/0/firsts/1/1", 6),
        ),
        ("/touches/0/2/0", json!(2), json!(3)),
        ("/touches/0/2/1", json!(1), json!(2)),
        (
            "/touches/0/2/3",
            moment("/touches/0/2/3", 1),
            moment("/touches/0/2/3", 2),
        ),
        ("/trails/0/2/0", json!(2), json!(3)),
        ("/trails/0/2/1", json!(1), json!(2)),
        ("/lasts/0/0/0", json!(2), json!(3)),
        ("/lasts/0/0/1", json!(1), json!(2)),
        (
            "/lasts/0/0/2",
            moment("/lasts/0/0/2", 1),
            moment("/lasts/0/0/2", 2),
        ),
    ] {
        for (value, is_read) in [(good, true), (bad, false)] {
            let mut changed = written.clone();
            *changed.pointer_mut(place).unwrap() = value.clone();
            let read = program.read(changed);
            assert_eq!(
                read.is_ok(),
                is_read,
                "{place} as {value}: {:?}",
                read.err()
            );
        }
    }
}

/// Lists that stand in order are read in that order alone, and nothing in them twice.
#[test]
fn what_stands_in_order_is_refused_where_it_does_not() {
    let (program, partial) = folded();
    let written = serde_json::to_value(&partial).unwrap();
    let sample = written.pointer("/samples/0/0").unwrap().clone();
    let last = written.pointer("/samples/0/2").unwrap().clone();
    for (place, good, bad) in [
        ("/rows/0/left_out", json!([1, 2]), json!([2, 1])),
        ("/rows/0/left_out", json!([0, 2]), json!([2, 2])),
        ("/rows/0/left_out", json!([2]), json!([3])),
        ("/rows/0/reversing", json!([1, 7]), json!([7, 1])),
        ("/rows/0/reversing", json!([7]), json!([7, 7])),
        ("/samples/0", json!([sample, last]), json!([last, sample])),
        ("/samples/0", json!([sample]), json!([sample, sample])),
    ] {
        for (value, is_read) in [(good, true), (bad, false)] {
            let mut changed = written.clone();
            let (above, field) = place.rsplit_once('/').unwrap();
            match changed.pointer_mut(above).unwrap() {
                Value::Array(list) => list[field.parse::<usize>().unwrap()] = value.clone(),
                above => above[field] = value.clone(),
            }
            let read = program.read(changed);
            assert_eq!(
                read.is_ok(),
                is_read,
                "{place} as {value}: {:?}",
                read.err()
            );
        }
    }
}

/// What exact shares are more than whole quanta is not nothing, no more than the records can hold, and of a place that is
/// there.
#[test]
fn what_shares_are_more_lies_in_a_place_of_the_program() {
    let (program, partial) = folded();
    let written = serde_json::to_value(&partial).unwrap();
    let parts = |of: &str| written[of].as_array().unwrap().len();
    // One subject, two months and what lies outside them; two customers beside nobody.
    for (list, of, first, good, bad) in [
        ("held_residues", "holdings", json!("-1/3"), [5, 2], [6, 2]),
        ("held_residues", "holdings", json!("1/3"), [5, 2], [5, 3]),
        ("open_residues", "opens", json!("1/3"), [0, 2], [0, 3]),
        ("open_residues", "opens", json!("1/3"), [0, 0], [1, 0]),
    ] {
        let read = |place: [u32; 2], more: &Value| {
            let mut changed = written.clone();
            let mut all = vec![json!([]); parts(of)];
            all[0] = json!([[place[0], place[1], more]]);
            changed[list] = json!(all);
            program.read(changed).is_ok()
        };
        assert!(read(good, &first), "{list} {good:?}");
        assert!(!read(bad, &first), "{list} {bad:?}");
        assert!(read(good, &json!(null)), "{list}: beyond the range");
        assert!(!read(good, &json!("0")), "{list}: nothing");
        assert!(
            !read(good, &json!(i128::MAX.to_string())),
            "{list}: too much"
        );
    }
}

#[test]
fn a_partial_result_names_nothing_twice() {
    let (program, partial) = folded();
    let text = serde_json::to_string(&partial).unwrap();
    let version = text.replacen("\"version\":1", "\"version\":1,\"version\":1", 1);
    let range = text.replacen("\"kind\":0,", "\"kind\":0,\"kind\":0,", 1);
    let rows = text.replacen(
        "\"rows\":[",
        "\"rows\":[{\"ledger\":\"crm\",\"kind\":0,\"ranges\":[[0,3]]},",
        1,
    );
    for twice in [version, range, rows] {
        assert_ne!(twice, text);
        let read = program.read(&mut serde_json::Deserializer::from_str(&twice));
        assert!(read.is_err());
    }
}
