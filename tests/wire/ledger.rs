//! The written form of records, kinds of records, rates and credit.

use quotaflow::calendar::DayRange;
use quotaflow::ledger::{
    Ledger, Need, Quotation, Rate, RateBasis, RateTable, RateTableDef, Record, RecordKind, Schema,
};
use quotaflow::measure::{Currency, Measure, Measures};
use quotaflow::quantity::Quantum;
use quotaflow::space::{DimensionDef, Space};
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn order() -> RecordKind {
    RecordKind::new("order")
        .and_then(|kind| kind.of("person")?.playing("sold_in", "territory"))
        .and_then(|kind| kind.exchanging("sales", Need::Required, "plan"))
        .and_then(|kind| kind.noting("outcome", &["won", "lost"])?.dating("due"))
        .unwrap()
}

fn rates() -> RateTable {
    RateTable::new(RateTableDef {
        version: quotaflow::document::Version::default(),
        key: "plan".try_into().unwrap(),
        base: Currency::new("EUR").unwrap(),
        quoted: Quotation::Indirect,
        basis: RateBasis::Day { carried: 4 },
        rates: vec![Rate {
            currency: Currency::new("USD").unwrap(),
            day: "2026-01-01".parse().unwrap(),
            rate: "1.250".parse().unwrap(),
        }],
    })
    .unwrap()
}

fn ledger() -> Ledger {
    let flat = |key: &str, member: &str| DimensionDef::flat(key, key, [member]).unwrap();
    let space = Space::new(vec![flat("person", "ann"), flat("territory", "north")]).unwrap();
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let measures = Measures::new(vec![sales]).unwrap();
    let span = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
    let schema = Schema::with_rates(space, measures, vec![order()], span, vec![rates()]);
    let mut ledger = Ledger::new("crm", schema.unwrap()).unwrap();
    let record = Record::new("order", "2026-01-03".parse().unwrap())
        .id("SO-1")
        .of("person", "ann")
        .amount("sales", Decimal::new(12_500, 2))
        .currency(Currency::new("USD").unwrap())
        .attribute("outcome", "won")
        .date("due", "2026-02-02".parse().unwrap());
    let back = Record::reversal("SO-1", "2026-03-01".parse().unwrap()).id("SO-1-back");
    ledger.enter(&[record, back]).unwrap();
    ledger
}

#[test]
fn a_kind_of_record_names_its_fields() {
    let written = json!({
        "key": "order",
        "dimensions": [
            {"field": "person", "need": "optional"},
            {"field": "sold_in", "dimension": "territory", "need": "optional"},
        ],
        "measures": [{
            "measure": "sales",
            "need": "required",
            "exchange": {"table": "plan", "rounding": "half_away_from_zero"},
        }],
        "attributes": [{"field": "outcome", "values": ["won", "lost"], "need": "optional"}],
        "dates": [{"field": "due", "need": "optional"}],
        "timing": "day",
    });
    assert_eq!(serde_json::to_value(order()).unwrap(), written);
    let short = json!({"key": "order", "measures": [{"measure": "sales"}]});
    let plain = RecordKind::new("order")
        .and_then(|kind| kind.measuring("sales", Need::Optional))
        .unwrap();
    assert_eq!(serde_json::from_value::<RecordKind>(short).unwrap(), plain);
}

#[test]
fn rates_are_a_document() {
    let written = json!({
        "version": 1,
        "key": "plan",
        "base": "EUR",
        "quoted": "indirect",
        "basis": {"day": {"carried": 4}},
        "rates": [{"currency": "USD", "day": "2026-01-01", "rate": "1.25"}],
    });
    assert_eq!(serde_json::to_value(rates()).unwrap(), written);
    assert_eq!(
        serde_json::from_value::<RateTable>(written.clone()).unwrap(),
        rates()
    );
    let mut float = written.clone();
    float["rates"][0]["rate"] = json!(1.25);
    assert!(serde_json::from_value::<RateTable>(float).is_err());
    let mut unknown = written;
    unknown["colour"] = json!("red");
    let error = serde_json::from_value::<RateTable>(unknown).unwrap_err();
    assert!(error.to_string().contains("colour"), "{error}");
}

#[test]
fn a_ledger_is_its_schema_and_what_its_records_said() {
    let ledger = ledger();
    let written = serde_json::to_value(&ledger).unwrap();
    assert_eq!(written["version"], 1);
    assert_eq!(written["key"], "crm");
    let names: Vec<&String> = written["schema"].as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["kinds", "measures", "rates", "space", "span", "version"]
    );
    let records = json!([
        {
            "kind": "order",
            "day": "2026-01-03",
            "id": "SO-1",
            "members": {"person": "ann"},
            "amounts": {"sales": "125"},
            "currency": "USD",
            "attributes": {"outcome": "won"},
            "dates": {"due": "2026-02-02"},
        },
        {"kind": "order", "day": "2026-03-01", "id": "SO-1-back", "reverses": "SO-1"},
    ]);
    assert_eq!(written["records"], records);
    assert_eq!(
        serde_json::from_value::<Ledger>(written.clone()).unwrap(),
        ledger
    );
    let mut wrong = written;
    wrong["records"][0]["amount"] = Value::Null;
    let error = serde_json::from_value::<Ledger>(wrong).unwrap_err();
    assert!(error.to_string().contains("`amount`"), "{error}");
}
