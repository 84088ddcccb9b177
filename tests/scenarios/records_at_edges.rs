//! Figures of records at their edges: shared, of a stock, of what should be less, of periods that run or have not begun.

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::metric::{Formula, Layout, MetricDef, Program, Valued};
use quotaflow::quantity::Quantum;
use quotaflow::scenario::{Outcome, ScenarioDef};

use crate::one_view::one_view;
use quotaflow::space::{DimensionDef, Space, Subjects};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// One shop of ann and bo, with orders, balances and expenses.
fn shop(as_of: &str, subjects: &Value, metrics: &Value, records: &Value) -> Value {
    let measure = |key: &str, unit: &str, quantum: &str, additivity: &str, direction: &str| json!({"key": key, "unit": unit, "quantum": quantum, "additivity": additivity, "direction": direction});
    json!({
        "as_of": as_of,
        "schema": {
            "space": [
                {"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
                 "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]},
                {"key": "customer", "hierarchies": [{"key": "customer", "levels": ["customer"]}],
                 "members": [{"key": "c1", "level": "customer"}, {"key": "c2", "level": "customer"}, {"key": "c3", "level": "customer"}]}],
            "measures": [
                measure("sales", "money:EUR", "0.01", "flow", "larger"),
                measure("pieces", "count:piece", "1", "flow", "larger"),
                measure("expense", "money:EUR", "0.01", "flow", "smaller"),
                measure("receivables", "money:EUR", "0.01", "stock", "smaller")],
            "kinds": [
                {"key": "order", "dimensions": [{"field": "person"}, {"field": "customer"}],
                 "measures": [{"measure": "sales"}, {"measure": "pieces"}, {"measure": "expense"}],
                 "dates": [{"field": "paid"}], "credit": "person"},
                {"key": "balance", "dimensions": [{"field": "person"}], "measures": [{"measure": "receivables"}]}],
            "span": {"start": "2016-01-01", "end": "2027-01-01"}},
        "records": records,
        "subjects": subjects,
        "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-05-01"},
        "metrics": metrics
    })
}

fn people() -> Value {
    json!([{"dimension": "person", "level": "person"}])
}

fn run(document: &Value) -> Result<Outcome, String> {
    let scenario: ScenarioDef =
        serde_json::from_value(one_view(document)).map_err(|error| error.to_string())?;
    scenario.run().map_err(|error| error.to_string())
}

fn shown(outcome: &Outcome, subject: Option<&str>, period: &str, column: &str) -> Value {
    let row = outcome.views[0].figures.iter().find(|row| {
        row.period == *period && row.subject.first().map(quotaflow::key::Key::as_str) == subject
    });
    serde_json::to_value(row.unwrap()).unwrap()["values"][column].clone()
}

fn orders(more: &Value) -> Value {
    let mut of = json!({"kinds": ["order"]});
    for (key, value) in more.as_object().unwrap() {
        of[key] = value.clone();
    }
    of
}

fn shared(id: &str, amounts: &Value, credits: &[(&str, &str)]) -> Value {
    let credits: Vec<Value> = credits
        .iter()
        .map(|(member, share)| json!({"member": member, "share": share}))
        .collect();
    json!({"kind": "order", "id": id, "day": "2026-01-05", "amounts": amounts, "credits": credits})
}

fn figures_of_sales(of: &Value) -> Value {
    let valued = |formula: &str| json!({"key": formula, "formula": {formula: {"value": {"measure": "sales"}, "of": of}}});
    let mut large = of.clone();
    large["where"] = json!([{"range": {"value": {"measure": "sales"}, "at_least": "900"}}]);
    json!([
        valued("sum"), valued("mean"), valued("maximum"), valued("minimum"),
        {"key": "median", "formula": {"quantile": {"value": {"measure": "sales"}, "of": of, "p": "0.5", "method": "nearest_rank"}}},
        {"key": "orders", "formula": {"count": of}},
        {"key": "large", "formula": {"count": large}},
        {"key": "large_sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": large}}}
    ])
}

/// An order of 1000 shared by halves and one of 600: for the company, two orders.
#[test]
fn for_the_whole_company_a_shared_order_is_one_order() {
    let records = json!([
        shared(
            "1",
            &json!({"sales": "1000"}),
            &[("ann", "0.5"), ("bo", "0.5")]
        ),
        shared("2", &json!({"sales": "600"}), &[("ann", "1")]),
    ]);
    for choice in ["first", "each", "fraction"] {
        let metrics = figures_of_sales(&orders(&json!({"shared": choice})));
        let outcome = run(&shop("2026-01-31", &json!([]), &metrics, &records)).unwrap();
        for (column, value) in [
            ("sum", "1600"),
            ("mean", "800"),
            ("maximum", "1000"),
            ("minimum", "600"),
            ("median", "600"),
            ("orders", "2"),
            ("large", "1"),
            ("large_sales", "1000"),
        ] {
            assert_eq!(
                shown(&outcome, None, "2026-01", column),
                value,
                "{column} by {choice}"
            );
        }
    }
}

/// Bo has half of an order of 1000, in which ann comes first, and one of 100.
#[test]
fn thresholds_ask_the_whole_order_and_its_number_is_a_choice() {
    let records = json!([
        shared(
            "1",
            &json!({"sales": "1000"}),
            &[("ann", "0.5"), ("bo", "0.5")]
        ),
        shared("2", &json!({"sales": "100"}), &[("bo", "1")]),
    ]);
    for (choice, expected) in [
        ("first", ["600", "100", "100", "1", "0", "500"]),
        ("each", ["600", "550", "1000", "2", "1", "500"]),
        ("fraction", ["600", "400", "1000", "1.5", "0.5", "500"]),
    ] {
        let metrics = figures_of_sales(&orders(&json!({"shared": choice})));
        let outcome = run(&shop("2026-01-31", &people(), &metrics, &records)).unwrap();
        let columns = ["sum", "mean", "maximum", "orders", "large", "large_sales"];
        for (column, value) in columns.iter().zip(expected) {
            assert_eq!(
                shown(&outcome, Some("bo"), "2026-01", column),
                value,
                "{column} by {choice}"
            );
        }
    }
}

/// Twenty orders of one piece: 40 and 60 percent are 8 and 12; halves are 10 and 10, whoever is named first.
#[test]
fn credit_for_single_pieces_is_rounded_where_it_is_summed() {
    let metrics = json!([{"key": "sold", "formula": {"sum": {"value": {"measure": "pieces"}, "of": {"kinds": ["order"]}}}}]);
    for (credits, count, expected) in [
        ([("ann", "0.4"), ("bo", "0.6")], 20, ["8", "12"]),
        ([("bo", "0.6"), ("ann", "0.4")], 20, ["8", "12"]),
        ([("ann", "0.5"), ("bo", "0.5")], 20, ["10", "10"]),
        ([("bo", "0.5"), ("ann", "0.5")], 20, ["10", "10"]),
        // Of 21 halves of a piece one half is left, which goes to who is declared first.
        ([("bo", "0.5"), ("ann", "0.5")], 21, ["11", "10"]),
        ([("ann", "1/3"), ("bo", "2/3")], 2, ["1", "1"]),
    ] {
        let records: Vec<Value> = (0..count)
            .map(|number| shared(&number.to_string(), &json!({"pieces": "1"}), &credits))
            .collect();
        let outcome = run(&shop("2026-01-31", &people(), &metrics, &json!(records))).unwrap();
        for (person, value) in ["ann", "bo"].iter().zip(expected) {
            assert_eq!(
                shown(&outcome, Some(person), "2026-01", "sold"),
                value,
                "{credits:?}"
            );
        }
    }
}

/// An overlay of 40 percent on each of twenty orders of one piece is 8 pieces beside them.
#[test]
fn overlay_credit_for_single_pieces_is_rounded_where_it_is_summed() {
    let of = orders(&json!({"credit": "overlay"}));
    let metrics =
        json!([{"key": "helped", "formula": {"sum": {"value": {"measure": "pieces"}, "of": of}}}]);
    let order = |number: u32| {
        let mut order = shared(
            &number.to_string(),
            &json!({"pieces": "1"}),
            &[("ann", "1")],
        );
        let overlay = json!({"member": "bo", "share": "0.4", "kind": "overlay"});
        order["credits"].as_array_mut().unwrap().push(overlay);
        order
    };
    let records: Vec<Value> = (0..20).map(order).collect();
    let outcome = run(&shop("2026-01-31", &people(), &metrics, &json!(records))).unwrap();
    assert_eq!(shown(&outcome, Some("bo"), "2026-01", "helped"), "8");
}

#[test]
fn balances_of_different_days_are_not_added_up() {
    let balance = |day: &str, amount: &str| json!({"kind": "balance", "day": day, "members": {"person": "ann"}, "amounts": {"receivables": amount}});
    let records = json!([balance("2026-01-10", "700"), balance("2026-01-20", "650")]);
    let of = json!({"kinds": ["balance"]});
    let value = json!({"measure": "receivables"});
    let summed = json!([{"key": "owed", "formula": {"sum": {"value": value, "of": of}}}]);
    let error = run(&shop("2026-02-15", &people(), &summed, &records)).unwrap_err();
    assert!(error.contains("`receivables` is a stock, whose balances of different days are not added up; take the `last` value"), "{error}");
    let held = json!([{"key": "top", "formula": {"concentration": {"value": value, "of": of, "entity": {"member": {"dimension": "person"}}, "figure": {"top": 1}}}}]);
    assert!(run(&shop("2026-02-15", &people(), &held, &records)).is_err());
    let last = json!([
        {"key": "owed", "formula": {"last": {"value": value, "of": of, "entity": {"member": {"dimension": "person"}}}}},
        {"key": "mean", "formula": {"mean": {"value": value, "of": of}}}]);
    let outcome = run(&shop("2026-02-15", &people(), &last, &records)).unwrap();
    assert_eq!(shown(&outcome, Some("ann"), "2026-01", "owed"), "650");
    assert_eq!(shown(&outcome, Some("ann"), "2026-01", "mean"), "675");
}

#[test]
fn a_figure_of_one_measure_inherits_its_direction_and_a_contradiction_is_refused() {
    let of = orders(&json!({}));
    let figure = |formula: &str| json!({formula: {"value": {"measure": "expense"}, "of": of}});
    let records = json!([]);
    let told = |metric: Value| run(&shop("2026-01-31", &people(), &json!([metric]), &records));
    for formula in ["sum", "mean", "maximum"] {
        let stated = json!({"key": "spent", "formula": figure(formula), "direction": "larger"});
        let error = told(stated).unwrap_err();
        assert!(error.contains("metric `spent` is better the larger it is, but what it is made from is better the smaller it is"), "{error}");
        assert!(
            told(json!({"key": "spent", "formula": figure(formula), "direction": "smaller"}))
                .is_ok()
        );
        let unit = json!({"key": "spent", "formula": figure(formula), "unit": "day"});
        assert!(told(unit).is_err(), "money is not counted in days");
    }
    let growth = json!({"key": "g", "formula": {"growth": {"of": figure("sum"), "periods": 1}}, "direction": "larger"});
    assert!(told(growth).is_err());
    // What is taken away from something is better the larger it is.
    let turned = json!({"key": "t", "formula": {"scaled": {"of": figure("sum"), "by": "-1"}}, "direction": "larger"});
    assert!(told(turned).is_ok());
    // A measure that says nothing leaves it to the metric.
    let sales = json!({"key": "s", "formula": {"sum": {"value": {"measure": "sales"}, "of": of}}, "direction": "smaller"});
    assert!(told(sales).is_ok());
}

/// Expense of 200 against 100 is behind, though the metric does not say which way is good.
#[test]
fn the_column_of_a_metric_has_the_direction_of_its_measure() {
    let schema: Schema = serde_json::from_value(
        shop("2026-01-31", &json!([]), &json!([]), &json!([]))["schema"].clone(),
    )
    .unwrap();
    let months = Calendar::gregorian()
        .periods(
            Grain::Month,
            "2026-01-01".parse().unwrap(),
            "2026-03-01".parse().unwrap(),
        )
        .unwrap();
    let named = |key: &str| Formula::metric(key).unwrap();
    let sum = Formula::Sum(
        Valued::measure(
            "expense",
            quotaflow::metric::Selection::of("order").unwrap(),
        )
        .unwrap(),
    );
    let metrics = [
        MetricDef::new("spent", sum).unwrap(),
        MetricDef::new("again", Formula::metric("spent").unwrap()).unwrap(),
        MetricDef::new("orders", Formula::count("order").unwrap()).unwrap(),
        MetricDef::new("per_order", named("spent").per(named("orders"))).unwrap(),
        MetricDef::new("orders_per_euro", named("orders").per(named("spent"))).unwrap(),
        MetricDef::new("more", named("spent").less(named("spent").earlier(1))).unwrap(),
        MetricDef::new("left", named("spent").less(named("again"))).unwrap(),
    ];
    let program = Program::compile(
        &metrics,
        &Layout::new(schema.clone(), Subjects::whole(), months),
    )
    .unwrap();
    let panel = program.panel(&program.empty()).unwrap();
    let direction = |key: &str| {
        let key = quotaflow::panel::ColumnKey::actual(key).unwrap();
        panel.column(&key).unwrap().direction()
    };
    assert_eq!(direction("spent"), quotaflow::measure::Direction::Smaller);
    assert_eq!(direction("again"), quotaflow::measure::Direction::Smaller);
    assert_eq!(direction("orders"), quotaflow::measure::Direction::Larger);
    // What is spent for each order should be less too, and less than before; of two such figures neither is said to be.
    for (key, expected) in [
        ("per_order", quotaflow::measure::Direction::Smaller),
        ("orders_per_euro", quotaflow::measure::Direction::Larger),
        ("more", quotaflow::measure::Direction::Smaller),
        ("left", quotaflow::measure::Direction::Larger),
    ] {
        assert_eq!(direction(key), expected, "{key}");
    }
}

/// A panel of some figures takes those of another program; a figure is explained by the names of its place.
#[test]
fn figures_join_a_panel_and_are_explained_by_name() {
    let document = shop("2026-01-31", &json!([]), &json!([]), &json!([]));
    let schema: Schema = serde_json::from_value(document["schema"].clone()).unwrap();
    let mut ledger = Ledger::new("crm", schema.clone()).unwrap();
    let order = Record::new("order", "2026-01-05".parse().unwrap());
    let order = order.of("person", "bo").amount("sales", Decimal::from(70));
    ledger.enter(&[order]).unwrap();
    let axis = quotaflow::space::Axis::new("person", "person").unwrap();
    let subjects = schema
        .space()
        .subjects(&axis, quotaflow::space::Unassigned::Hidden)
        .unwrap();
    let months = Calendar::gregorian()
        .periods(
            Grain::Month,
            "2026-01-01".parse().unwrap(),
            "2026-03-01".parse().unwrap(),
        )
        .unwrap();
    let layout = Layout::new(schema, subjects, months);
    let program = |key: &str, formula| {
        Program::compile(&[MetricDef::new(key, formula).unwrap()], &layout).unwrap()
    };
    let orders = program("orders", Formula::count("order").unwrap());
    let sales = program("sales", Formula::sum("sales", "order").unwrap());
    let mut panel = orders.panel(&orders.fold(&ledger).unwrap()).unwrap();
    let partial = sales.fold(&ledger).unwrap();
    panel.extend(sales.folded(&partial)).unwrap();
    let told = sales
        .explain_named(&ledger, "sales", ["bo"], "2026-01")
        .unwrap();
    assert_eq!(
        panel.get("sales", ["bo"], "2026-01").unwrap().ratio(),
        told.value
    );
    assert_eq!(
        (told.subject.as_str(), told.period.as_str()),
        ("bo", "2026-01")
    );
    let error = sales
        .explain_named(&ledger, "sales", ["boo"], "2026-01")
        .unwrap_err();
    assert!(error.to_string().contains("did you mean `bo`?"), "{error}");
    assert!(
        sales
            .explain_named(&ledger, "sales", ["bo"], "2026-09")
            .is_err()
    );
    assert!(
        panel.extend(sales.folded(&partial)).is_err(),
        "the column is there already"
    );
}

fn visit(person: &str, customer: &str, day: &str) -> Value {
    json!({"kind": "order", "day": day, "members": {"person": person, "customer": customer}, "amounts": {"sales": "10"}})
}

fn asked(key: &str, more: &Value) -> Value {
    let mut formula =
        json!({"entity": {"member": {"dimension": "customer"}}, "of": {"kinds": ["order"]}});
    for (key, value) in more.as_object().unwrap() {
        formula[key] = value.clone();
    }
    json!({"key": key, "formula": {key: formula}})
}

/// Three customers ordered in February; on 1 March nobody is lost, since March has thirty days to come.
#[test]
fn nobody_is_lost_while_the_period_runs() {
    let records = json!([
        visit("ann", "c1", "2026-02-03"),
        visit("ann", "c2", "2026-02-10"),
        visit("bo", "c3", "2026-02-20"),
    ]);
    let lost = asked("lost", &json!({"seen_within": 1, "absent_for": 1}));
    let metrics = json!([
        lost,
        asked("retained", &json!({})),
        asked("previous", &json!({})),
        asked("dormant", &json!({"periods": 1})),
        {"key": "churn", "formula": {"ratio": {"of": {"metric": "lost"}, "to": {"metric": "previous"}}}},
        {"key": "retention", "formula": {"ratio": {"of": {"metric": "retained"}, "to": {"metric": "previous"}}}},
    ]);
    let not_yet = json!({"none": "not_yet_due"});
    for as_of in ["2026-03-01", "2026-03-30"] {
        let outcome = run(&shop(as_of, &json!([]), &metrics, &records)).unwrap();
        for column in ["lost", "retained", "dormant", "churn", "retention"] {
            assert_eq!(
                shown(&outcome, None, "2026-03", column),
                not_yet,
                "{column} as of {as_of}"
            );
        }
        assert_eq!(shown(&outcome, None, "2026-03", "previous"), "3");
    }
    let outcome = run(&shop("2026-03-31", &json!([]), &metrics, &records)).unwrap();
    for (column, value) in [
        ("lost", "3"),
        ("retained", "0"),
        ("dormant", "3"),
        ("churn", "1"),
    ] {
        assert_eq!(
            shown(&outcome, None, "2026-03", column),
            value,
            "{column} once March is over"
        );
    }
}

/// C3 ordered in June 2025 and is back in March; c1 is ann's in January and bo's in February.
#[test]
fn who_is_here_is_new_or_was_here_or_is_back_or_was_somebody_elses() {
    let records = json!([
        visit("ann", "c3", "2025-06-01"),
        visit("ann", "c3", "2026-03-01"),
        visit("ann", "c1", "2026-01-05"),
        visit("bo", "c1", "2026-02-05"),
        visit("ann", "c2", "2025-12-20"),
        visit("ann", "c2", "2026-01-20"),
    ]);
    let metrics = json!([
        asked("distinct", &json!({})),
        asked("new", &json!({})),
        asked("retained", &json!({})),
        asked("reactivated", &json!({"after": 1})),
        asked("taken_over", &json!({})),
    ]);
    let columns = ["distinct", "new", "retained", "reactivated", "taken_over"];
    let outcome = run(&shop("2026-03-31", &people(), &metrics, &records)).unwrap();
    for (person, period, expected) in [
        ("ann", "2026-01", ["2", "1", "1", "0", "0"]),
        ("bo", "2026-02", ["1", "0", "0", "0", "1"]),
        ("ann", "2026-03", ["1", "0", "0", "1", "0"]),
    ] {
        for (column, value) in columns.iter().zip(expected) {
            assert_eq!(
                shown(&outcome, Some(person), period, column),
                value,
                "{column} of {person} in {period}"
            );
        }
    }
    let outcome = run(&shop("2026-03-31", &json!([]), &metrics, &records)).unwrap();
    for (period, expected) in [
        ("2026-01", ["2", "1", "1", "0", "0"]),
        ("2026-02", ["1", "0", "1", "0", "0"]),
        ("2026-03", ["1", "0", "0", "1", "0"]),
    ] {
        for (column, value) in columns.iter().zip(expected) {
            assert_eq!(
                shown(&outcome, None, period, column),
                value,
                "{column} in {period}"
            );
        }
    }
}

#[test]
fn figures_of_a_period_that_has_not_begun_are_not_yet_due() {
    let of = orders(&json!({}));
    let entity = json!({"member": {"dimension": "customer"}});
    let gap = json!({"gap": {"entity": entity}});
    let metrics = json!([
        {"key": "top", "formula": {"concentration": {"of": of, "entity": entity, "figure": {"top": 1}}}},
        {"key": "gap", "formula": {"mean": {"value": gap, "of": of}}},
        {"key": "open_age", "formula": {"open_age": {"of": of, "until": "paid", "since": "day"}}},
        {"key": "waiting_age", "formula": {"waiting_age": {"of": of, "end": {"kinds": ["balance"]}, "by": {"member": {"dimension": "person"}}}}},
        {"key": "mean", "formula": {"mean": {"value": {"measure": "sales"}, "of": of}}},
        {"key": "since", "formula": {"since": of}},
        {"key": "orders", "formula": {"count": of}},
    ]);
    for records in [json!([]), json!([visit("ann", "c1", "2026-01-05")])] {
        let outcome = run(&shop("2026-02-10", &people(), &metrics, &records)).unwrap();
        for column in [
            "top",
            "gap",
            "open_age",
            "waiting_age",
            "mean",
            "since",
            "orders",
        ] {
            let found = shown(&outcome, Some("ann"), "2026-03", column);
            assert_eq!(found, json!({"none": "not_yet_due"}), "{column}");
        }
    }
}

#[test]
fn a_member_can_be_required_as_an_amount_can() {
    let space = Space::new(vec![
        DimensionDef::flat("salesperson", "person", ["ann"]).unwrap(),
    ])
    .unwrap();
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let order = RecordKind::new("order")
        .and_then(|kind| kind.of("salesperson")?.noting("channel", &[]))
        .and_then(|kind| kind.measuring("sales", Need::Optional)?.dating("paid"))
        .and_then(|kind| kind.requiring("salesperson")?.requiring("paid"))
        .unwrap();
    let span = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
    let schema = Schema::new(
        space,
        Measures::new(vec![sales]).unwrap(),
        vec![order],
        span,
    )
    .unwrap();
    let mut ledger = Ledger::new("crm", schema).unwrap();
    let day = "2026-01-05".parse().unwrap();
    let without = Record::new("order", day)
        .amount("sales", Decimal::TEN)
        .date("paid", day);
    let error = ledger
        .enter(std::slice::from_ref(&without))
        .unwrap_err()
        .to_string();
    assert!(error.contains("salesperson"), "{error}");
    assert!(
        ledger
            .enter(&[without.clone().of("salesperson", "unassigned")])
            .is_err()
    );
    assert!(
        ledger
            .enter(&[Record::new("order", day).of("salesperson", "ann")])
            .is_err()
    );
    assert_eq!(
        ledger
            .enter(&[without.of("salesperson", "ann")])
            .unwrap()
            .added,
        1
    );
}

/// A part of the rows may hold a reversal without what it reverses: nothing was folded before, so nothing is wrong.
#[test]
fn rows_with_a_reversal_alone_are_folded_and_only_stale_parts_are_refused() {
    let schema: Schema = serde_json::from_value(
        shop("2026-01-31", &json!([]), &json!([]), &json!([]))["schema"].clone(),
    )
    .unwrap();
    let mut ledger = Ledger::new("crm", schema.clone()).unwrap();
    let order = |id: &str, sales: i64| {
        Record::new("order", "2026-01-05".parse().unwrap())
            .id(id)
            .of("person", "ann")
            .amount("sales", Decimal::from(sales))
    };
    ledger.enter(&[order("1", 100), order("2", 50)]).unwrap();
    let months = Calendar::gregorian()
        .periods(
            Grain::Month,
            "2026-01-01".parse().unwrap(),
            "2026-03-01".parse().unwrap(),
        )
        .unwrap();
    let of = quotaflow::metric::Selection::of("order").unwrap();
    let metrics = [
        MetricDef::new(
            "largest",
            Formula::Maximum(Valued::measure("sales", of).unwrap()),
        )
        .unwrap(),
        MetricDef::new("sales", Formula::sum("sales", "order").unwrap()).unwrap(),
    ];
    let program =
        Program::compile(&metrics, &Layout::new(schema, Subjects::whole(), months)).unwrap();
    let stale = program.fold_rows(&ledger, "order", 0..2).unwrap();
    ledger
        .enter(&[Record::reversal("1", "2026-02-01".parse().unwrap())])
        .unwrap();
    let reversal = program.fold_rows(&ledger, "order", 2..3).unwrap();
    // What was folded as standing before the reversal entered is refused beside it, in either order, and after being saved.
    assert!(program.merge(stale.clone(), &reversal).is_err());
    assert!(program.merge(reversal.clone(), &stale).is_err());
    let text = serde_json::to_string(&reversal).unwrap();
    let read = program
        .read(&mut serde_json::Deserializer::from_str(&text))
        .unwrap();
    assert!(program.merge(stale.clone(), &read).is_err());
    let mut grown = stale;
    assert!(program.extend(&mut grown, &ledger).is_err());
    // Both parts of one ledger as it is.
    let originals = program.fold_rows(&ledger, "order", 0..2).unwrap();
    let whole = program.panel(&program.fold(&ledger).unwrap()).unwrap();
    for merged in [
        program.merge(originals.clone(), &read),
        program.merge(reversal, &originals),
    ] {
        assert_eq!(program.panel(&merged.unwrap()).unwrap(), whole);
    }
}
