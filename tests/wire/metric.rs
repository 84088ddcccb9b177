//! The written form of metrics: every formula, window and condition reads back as it was written.

use quotaflow::metric::MetricDef;
use serde_json::{Value, json};

/// What is written and read back is the same document.
fn pinned(written: &Value) {
    let read: MetricDef = serde_json::from_value(written.clone())
        .unwrap_or_else(|error| panic!("{error} in {written}"));
    assert_eq!(serde_json::to_value(&read).unwrap(), *written);
}

fn metric(formula: &Value) -> Value {
    json!({"key": "m", "direction": "larger", "formula": formula})
}

#[test]
fn every_formula_reads_back() {
    let orders = json!({"kinds": ["order"]});
    let count = json!({"count": orders});
    let customer = json!({"member": {"dimension": "customer"}});
    let sales = json!({"measure": "sales"});
    let entities = json!({"entity": customer, "of": orders});
    let asked = |extra: Value| {
        let mut whole = json!({"entity": customer, "of": orders, "scope": "overall"});
        let fields = whole.as_object_mut().unwrap();
        fields.extend(extra.as_object().unwrap().clone());
        whole
    };
    for formula in [
        count.clone(),
        json!({"sum": {"value": sales, "of": orders}}),
        json!({"mean": {"value": {"days": {"from": "day", "to": "due"}}, "of": orders, "empty": "nothing_recorded"}}),
        json!({"minimum": {"value": {"gap": {"entity": customer, "same_day": "once"}}, "of": orders}}),
        json!({"maximum": {"value": sales, "of": orders}}),
        json!({"quantile": {"value": sales, "of": orders, "p": "0.5", "method": "type7"}}),
        json!({"distinct": entities}),
        json!({"new": entities}),
        json!({"lost": asked(json!({"seen_within": 1, "absent_for": 2, "first": "not_applicable"}))}),
        json!({"reactivated": asked(json!({"after": 1}))}),
        json!({"retained": asked(json!({}))}),
        json!({"previous": asked(json!({}))}),
        json!({"dormant": asked(json!({"periods": 3}))}),
        json!({"open": {"value": sales, "of": orders, "until": "paid", "age": {"since": "due", "at_least": 1, "at_most": 30}}}),
        json!({"open_age": {"of": orders, "until": "paid", "since": "day"}}),
        json!({"waiting": {"of": orders, "end": {"kinds": ["delivery"]}, "by": {"attribute": "order"}}}),
        json!({"waiting_age": {"of": orders, "end": {"kinds": ["visit"]}, "by": customer}}),
        json!({"mean": {"value": {"until": {"end": {"kinds": ["visit"]}, "by": customer, "placed": "start"}}, "of": orders}}),
        json!({"distinct": {"entity": "day", "of": {"kinds": ["visit"], "credit": "overlay"}}}),
        json!({"last_year": {"of": count, "comparison": {"leap_day": "march1", "long_year": "keep_season"}}}),
        json!({"last": {"value": sales, "entity": {"attribute": "lot"}, "of": orders}}),
        json!({"since": orders}),
        json!({"concentration": {"value": sales, "entity": customer, "of": orders, "figure": {"top": 3}}}),
        json!({"concentration": {"entity": customer, "of": orders, "figure": "herfindahl"}}),
        json!({"ratio": {"of": count, "to": count, "scale": "100"}}),
        json!({"difference": {"of": count, "minus": count}}),
        json!({"scaled": {"of": count, "by": "1/3"}}),
        json!({"earlier": {"of": count, "periods": 1}}),
        json!({"growth": {"of": count, "periods": 12}}),
        json!({"last_year": {"of": count}}),
        json!({"year_growth": {"of": count}}),
        json!({"average_balance": count}),
        json!({"share": {"of": count, "within": ["territory"]}}),
        json!("days"),
        json!({"metric": "other"}),
    ] {
        pinned(&metric(&formula));
    }
}

#[test]
fn every_window_and_condition_reads_back() {
    for window in [
        json!({"to_date": "month"}),
        json!({"trailing": 3}),
        json!({"trailing_days": 90}),
        json!({"last_days": 5}),
        json!("as_of"),
        json!({"between": {"from": "2026-01-01", "to": "2026-07-01"}}),
    ] {
        let of = json!({"kinds": ["order"], "window": window, "date": "due", "via": {"territory": "sold_in"}});
        pinned(&metric(&json!({ "count": of })));
    }
    let won = json!({"attribute": {"field": "outcome", "any_of": ["won"]}});
    for condition in [
        won.clone(),
        json!({"member": {"dimension": "person", "any_of": ["ann"]}}),
        json!({"range": {"value": {"measure": "sales"}, "at_least": "0.01", "at_most": "100"}}),
        json!({"compared": {"of": "price", "is": "below", "to": "floor"}}),
        json!({"same_member": {"of": "sold_in", "to": "seen_in", "level": "region"}}),
        json!({"has": "due"}),
        json!({"any": [won, {"has": "due"}]}),
        json!({"all": [won]}),
        json!({"not": won}),
    ] {
        pinned(&metric(
            &json!({"count": {"kinds": ["order"], "where": [condition]}}),
        ));
    }
}

#[test]
fn unknown_words_are_refused_by_name() {
    for (formula, word) in [
        (json!({"median": {"kinds": ["order"]}}), "median"),
        (
            json!({"count": {"kinds": ["order"], "filter": []}}),
            "filter",
        ),
        (
            json!({"count": {"kinds": ["order"], "window": "fortnight"}}),
            "fortnight",
        ),
    ] {
        let error = serde_json::from_value::<MetricDef>(metric(&formula)).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}
