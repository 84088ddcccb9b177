//! Targets and years: what opens, resets and runs on; who signs; what is forgiven.

use quotaflow::panel::ColumnKey;
use quotaflow::quantity::Ratio;
use quotaflow::scorecard::{CurveDef, InputDef, KpiDef, ScorecardDef};

use super::*;

#[test]
fn targets_are_provisional_until_they_are_signed_and_a_new_letter_is_signed_again() {
    let mut company = Company::new(sellers(), "2026-01-01");
    let agreed = |id: &str, day: &str, version: u64| {
        said(
            id,
            day,
            json!({"agree": {"plan": "plan", "version": version}}),
        )
    };
    let is_signed = |company: &Company| {
        let plan = company.0.plan("plan").unwrap();
        company
            .0
            .agreed("plan")
            .is_some_and(|(version, _)| version == plan.version())
    };
    company.tell("2026-01-02", json!([cascaded("2026-01-01", "1095")]));
    assert!(!is_signed(&company));
    company.tell("2026-01-11", json!([agreed("letter", "2026-01-10", 0)]));
    assert!(is_signed(&company));
    // From the start of the second quarter ann has two thirds of what she had: 20 of 30 in April.
    let less = json!([4, 5, 6].map(|month| json!({"spread": {"measure": "sales", "at": {"person": "ann", "month": format!("2026-0{month}")},
        "verb": {"percent_change": {"by": "-1/3"}}, "mode": "add"}})));
    company.tell("2026-03-21", json!([changed("less", "2026-03-20", less)]));
    assert!(!is_signed(&company));
    let version = company.0.plan("plan").unwrap().version();
    company.tell(
        "2026-03-26",
        json!([agreed("again", "2026-03-25", version)]),
    );
    assert!(is_signed(&company));
    let target = |month: &str| company.of("people", "2026-12-31", ("target:sales", "ann", month));
    assert_eq!(
        ["2026-03", "2026-04", "2026-07"].map(target),
        ["31.00 EUR", "20.00 EUR", "31.00 EUR"]
    );
}

#[test]
fn relief_is_one_factor_for_all_who_are_affected_decided_once() {
    let mut company = Company::new(sellers(), "2026-01-01");
    let relief = json!([{"spread": {"measure": "sales", "at": {"month": "2026-04"}, "verb": {"percent_change": {"by": "-0.1"}}, "mode": "add"}}]);
    company.tell(
        "2026-04-02",
        json!([
            cascaded("2026-01-01", "1095"),
            changed("relief", "2026-04-01", relief)
        ]),
    );
    for who in ["ann", "bo", "cy"] {
        assert_eq!(
            company.of("people", "2026-12-31", ("target:sales", who, "2026-04")),
            "27.00 EUR"
        );
        assert_eq!(
            company.of("people", "2026-12-31", ("target:sales", who, "2026-05")),
            "31.00 EUR"
        );
    }
    assert_eq!(
        company.of("teams", "2026-12-31", ("target:sales", "north", "2026-04")),
        "54.00 EUR"
    );
}

#[test]
fn a_new_year_opens_with_balances_and_customers_and_what_counts_to_date_begins_anew() {
    let open =
        |kind: &str| json!({"open": {"value": {"measure": "amount"}, "of": {"kinds": [kind]}}});
    let months = months("2026-01-01", "2028-01-01");
    let model = json!({
        "dimensions": [flat("customer", &["acme", "bolt"])],
        "measures": [euros("sales"), euros("amount")],
        "kinds": [{"key": "order", "dimensions": [{"field": "customer"}], "measures": [{"measure": "sales"}]},
            {"key": "invoice", "dimensions": [{"field": "customer"}], "measures": [{"measure": "amount", "need": "required"}], "opens": "amount"},
            {"key": "deal", "dimensions": [{"field": "customer"}], "measures": [{"measure": "amount", "need": "required"}], "opens": "amount"}],
        "span": {"start": "2025-01-01", "end": "2030-01-01"},
        "metrics": [sum("sales", "order", "sales", json!({})), sum("year", "order", "sales", json!({"window": {"to_date": "year"}})),
            sum("three", "order", "sales", json!({"window": {"trailing": 3}})), {"key": "debts", "formula": open("invoice")}, {"key": "pipeline", "formula": open("deal")},
            {"key": "new", "formula": {"new": {"entity": {"member": {"dimension": "customer"}}, "of": {"kinds": ["order"]}}}}],
        "views": [{"key": "company", "periods": months}]
    });
    // The journal goes live with what there was: an invoice, a deal, and that acme ordered before.
    let mut company = Company::new(model, "2025-12-31");
    let there = |id: &str, kind: &str, euros: &str| {
        said(
            id,
            "2025-12-31",
            json!({"record": {"kind": kind, "members": {"customer": "acme"}, "amounts": {"amount": euros}}}),
        )
    };
    company.tell(
        "2026-01-01",
        json!([
            there("INV", "invoice", "400"),
            there("DEAL", "deal", "900"),
            order("0", "2025-12-31", json!({"customer": "acme"}), 0)
        ]),
    );
    let sold = |id: &str, day: &str, customer: &str, euros: i64| {
        order(id, day, json!({"customer": customer}), euros)
    };
    company.tell(
        "2027-02-01",
        json!([
            sold("1", "2026-01-10", "acme", 10),
            sold("2", "2026-11-10", "acme", 20),
            sold("3", "2026-12-10", "bolt", 30),
            sold("4", "2027-01-10", "bolt", 40),
            said(
                "back",
                "2027-01-20",
                json!({"reverse": {"of": {"source": "office", "id": "2"}}})
            )
        ]),
    );
    let view = company.view("company", "2027-01-31");
    let of = |month: &str| {
        figures(
            &view,
            ["sales", "year", "three", "debts", "pipeline", "new"],
            "",
            month,
        )
    };
    assert_eq!(
        of("2026-01"),
        [
            "10.00 EUR",
            "10.00 EUR",
            "10.00 EUR",
            "400.00 EUR",
            "900.00 EUR",
            "0 customer"
        ]
    );
    assert_eq!(
        of("2026-12"),
        [
            "30.00 EUR",
            "60.00 EUR",
            "50.00 EUR",
            "400.00 EUR",
            "900.00 EUR",
            "1 customer"
        ]
    );
    // The year to date begins anew: 40 less the 20 of November that came back. Three months are 20 + 30 + 20, and what is open stays.
    assert_eq!(
        of("2027-01"),
        [
            "20.00 EUR",
            "20.00 EUR",
            "70.00 EUR",
            "400.00 EUR",
            "900.00 EUR",
            "0 customer"
        ]
    );
}

#[test]
fn a_stub_period_before_a_new_fiscal_year_has_the_days_that_it_has() {
    let mut model = sellers();
    let period =
        |label: &str, start: &str, end: &str| json!({"label": label, "start": start, "end": end});
    let fiscal = json!({"key": "fiscal", "periods": [period("stub-2026", "2026-01-01", "2026-04-01"), period("fy-2027", "2026-04-01", "2027-04-01")]});
    model["plans"][0]["recipes"][0]["horizon"] =
        json!({"start": "2026-01-01", "end": "2027-04-01"});
    model["views"] = json!([rows(
        "fiscal",
        ("person", "team"),
        fiscal,
        &["sales", "target:sales", "attainment(sales)"]
    )]);
    let mut company = Company::new(model, "2026-01-01");
    // A euro a day for each of three: 90 days, and 365.
    company.tell(
        "2026-04-10",
        json!([
            cascaded("2026-01-01", "1365"),
            order("1", "2026-03-31", json!({"person": "cy"}), 45),
            order("2", "2026-04-01", json!({"person": "cy"}), 73)
        ]),
    );
    let view = company.view("fiscal", "2027-03-31");
    let columns = ["sales", "target:sales", "attainment(sales)"];
    assert_eq!(
        figures(&view, columns, "west", "stub-2026"),
        ["45.00 EUR", "90.00 EUR", "50.0%"]
    );
    assert_eq!(
        figures(&view, columns, "west", "fy-2027"),
        ["73.00 EUR", "365.00 EUR", "20.0%"]
    );
}

#[test]
fn a_figure_that_is_defined_anew_runs_beside_the_old_one_for_a_period() {
    let mut model = sellers();
    let large = json!({"where": [{"range": {"value": {"measure": "sales"}, "at_least": "50"}}]});
    model["metrics"]
        .as_array_mut()
        .unwrap()
        .push(sum("large_sales", "order", "sales", large));
    let card = |key: &str, of: &str| {
        let curve = CurveDef::through([("0", "0"), ("100", "100")]).unwrap();
        let input = InputDef::value(ColumnKey::actual(of).unwrap());
        let kpi = KpiDef::new("sales", input, curve)
            .unwrap()
            .weigh(Ratio::ONE);
        let card = ScorecardDef::new(key).unwrap();
        serde_json::to_value(card.group("sales", Ratio::ONE, vec![kpi]).unwrap()).unwrap()
    };
    model["cards"] = json!([card("old_card", "sales"), card("new_card", "large_sales")]);
    model["views"] = json!([rows(
        "teams",
        ("person", "team"),
        months("2026-01-01", "2027-01-01"),
        &["sales", "large_sales", "old_card", "new_card"]
    )]);
    let mut company = Company::new(model, "2026-01-01");
    company.tell(
        "2026-02-01",
        json!([
            order("1", "2026-01-10", json!({"person": "cy"}), 30),
            order("2", "2026-01-11", json!({"person": "cy"}), 60)
        ]),
    );
    let view = company.view("teams", "2026-01-31");
    assert_eq!(
        figures(&view, ["old_card", "new_card"], "west", "2026-01"),
        ["90.0000 points", "60.0000 points"]
    );
}

#[test]
fn a_bad_debt_is_written_off_and_the_sale_stays() {
    let open = json!({"open": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}}});
    let model = json!({
        "dimensions": [flat("customer", &["acme"])], "measures": [euros("amount")],
        "kinds": [{"key": "invoice", "dimensions": [{"field": "customer"}], "measures": [{"measure": "amount", "need": "required"}], "opens": "amount"}],
        "span": {"start": "2026-01-01", "end": "2030-01-01"},
        "metrics": [sum("sold", "invoice", "amount", json!({})), {"key": "debts", "formula": open}],
        "views": [{"key": "company", "periods": months("2026-01-01", "2027-01-01")}]
    });
    let mut company = Company::new(model, "2026-01-01");
    let invoice = said(
        "INV",
        "2026-01-10",
        json!({"record": {"kind": "invoice", "members": {"customer": "acme"}, "amounts": {"amount": "400"}}}),
    );
    let off = said(
        "OFF",
        "2026-06-30",
        json!({"apply": {"to": {"source": "office", "id": "INV"}, "amount": "400"}}),
    );
    company.tell("2026-07-01", json!([invoice, off]));
    let view = company.view("company", "2026-06-30");
    assert_eq!(
        figures(&view, ["sold", "debts"], "", "2026-01"),
        ["400.00 EUR", "400.00 EUR"]
    );
    assert_eq!(
        figures(&view, ["sold", "debts"], "", "2026-06"),
        ["0.00 EUR", "0.00 EUR"]
    );
}
