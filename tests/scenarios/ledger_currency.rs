//! Records in several currencies: day rates, constant rates, and what happens without any.

use crate::at::{PeriodAt, RowAt};
use chrono::NaiveDate;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::ledger::{
    Bulk, Ledger, LedgerError, Need, Quotation, Rate, RateBasis, RateError, RateTable,
    RateTableDef, Record, RecordKind, Schema,
};
use quotaflow::measure::{Currency, Measure, Measures};
use quotaflow::metric::{Formula, Layout, MetricDef, Program};
use quotaflow::panel::ColumnKey;
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::{Axis, DimensionDef, Space, Unassigned};
use rust_decimal::Decimal;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn money(code: &str) -> Currency {
    Currency::new(code).unwrap()
}

fn table(
    key: &str,
    basis: RateBasis,
    quoted: Quotation,
    rates: &[(&str, &str, &str)],
) -> Result<RateTable, RateError> {
    let rates = rates.iter().map(|(currency, from, rate)| Rate {
        currency: money(currency),
        day: day(from),
        rate: rate.parse().unwrap(),
    });
    RateTable::new(RateTableDef {
        version: quotaflow::document::Version::default(),
        key: key.try_into().unwrap(),
        base: money("EUR"),
        quoted,
        basis,
        rates: rates.collect(),
    })
}

fn daily(rates: &[(&str, &str, &str)]) -> RateTable {
    let basis = RateBasis::Day { carried: 3 };
    table("daily", basis, Quotation::Indirect, rates).unwrap()
}

fn plan() -> RateTable {
    let rates = [("USD", "2026-01-01", "0.9")];
    table("plan", RateBasis::Until, Quotation::Direct, &rates).unwrap()
}

/// Friday 2 January at 1.25 USD for one EUR, Tuesday 6 January at 1.6.
fn published() -> RateTable {
    daily(&[("USD", "2026-01-06", "1.6"), ("USD", "2026-01-02", "1.25")])
}

fn ledger(rates: Vec<RateTable>) -> Result<Ledger, LedgerError> {
    let space = Space::new(vec![
        DimensionDef::flat("person", "person", ["ann"]).unwrap(),
    ])
    .unwrap();
    let flow = |key: &str, unit: &str| Measure::flow(key, unit.parse().unwrap(), Quantum::CENT);
    let measures = Measures::new(vec![
        flow("sales", "money:EUR").unwrap(),
        flow("sales_constant", "money:EUR").unwrap(),
        flow("sales_group", "money:USD").unwrap(),
        flow("fee", "money:EUR").unwrap(),
    ])
    .unwrap();
    let order = RecordKind::new("order")?
        .of("person")?
        .exchanging("sales", Need::Required, "daily")?
        .restating("sales_constant", "sales", "plan")?
        .restating("sales_group", "sales", "daily")?
        .measuring("fee", Need::Optional)?;
    let span = DayRange::new(day("2026-01-01"), day("2027-01-01")).unwrap();
    Ledger::new(
        "erp",
        Schema::with_rates(space, measures, vec![order], span, rates)?,
    )
}

fn order(id: &str, on: &str, amount: i64) -> Record {
    Record::new("order", day(on))
        .id(id)
        .of("person", "ann")
        .amount("sales", Decimal::new(amount, 2))
}

fn sum(ledger: &Ledger, measure: &str) -> Ratio {
    let metric = MetricDef::new("figure", Formula::sum(measure, "order").unwrap()).unwrap();
    let schema = ledger.schema();
    let axis = Axis::new("person", "person").unwrap();
    let people = schema.space().subjects(&axis, Unassigned::Hidden).unwrap();
    let span = schema.span();
    let years = Calendar::gregorian()
        .periods(Grain::Year, span.start(), span.end())
        .unwrap();
    let plan = Program::compile(&[metric], &Layout::new(schema.clone(), people, years)).unwrap();
    let panel = plan.panel(&plan.fold(ledger).unwrap()).unwrap();
    let figure = ColumnKey::actual("figure").unwrap();
    panel
        .answer(&figure, panel.row_at(0), panel.period_at(0))
        .unwrap()
        .ratio()
        .unwrap()
}

#[test]
fn amounts_enter_by_the_rate_of_their_day_and_are_said_again_at_constant_rates() {
    let mut ledger = ledger(vec![published(), plan()]).unwrap();
    let usd = money("USD");
    ledger
        .enter(&[
            // Sunday's rate is Friday's: 100 / 1.25 = 80 EUR; at the plan's rate 90.
            order("a", "2026-01-04", 10_000).currency(usd),
            // 100 / 1.6 = 62.50 EUR; at the plan's rate 90 again.
            order("b", "2026-01-06", 10_000).currency(usd),
            // 50 EUR are 50 EUR at every rate, and 62.50 USD.
            order("c", "2026-01-02", 5_000),
        ])
        .unwrap();
    assert_eq!(sum(&ledger, "sales"), Ratio::new(19_250, 100).unwrap());
    assert_eq!(sum(&ledger, "sales_constant"), Ratio::from(230));
    assert_eq!(
        sum(&ledger, "sales_group"),
        Ratio::new(26_250, 100).unwrap()
    );
    // The record keeps its own currency, and what follows from it is not written.
    let kept = ledger.find("a").unwrap();
    assert_eq!(kept, order("a", "2026-01-04", 10_000).currency(usd));
    let text = serde_json::to_string(&ledger).unwrap();
    assert_eq!(serde_json::from_str::<Ledger>(&text).unwrap(), ledger);
    let again = ledger.enter(&[kept]).unwrap();
    assert_eq!((again.added, again.repeated), (0, 1));
}

#[test]
fn a_reversal_takes_back_what_was_booked_and_not_what_its_own_day_says() {
    let mut ledger = ledger(vec![published(), plan()]).unwrap();
    ledger
        .enter(&[order("a", "2026-01-02", 10_000).currency(money("USD"))])
        .unwrap();
    ledger
        .enter(&[Record::reversal("a", day("2026-01-06"))])
        .unwrap();
    for measure in ["sales", "sales_constant", "sales_group"] {
        assert_eq!(sum(&ledger, measure), Ratio::ZERO, "{measure}");
    }
}

#[test]
fn columns_and_records_say_the_same() {
    let (mut rows, mut columns) = (
        ledger(vec![published(), plan()]).unwrap(),
        ledger(vec![published(), plan()]).unwrap(),
    );
    rows.enter(&[
        order("a", "2026-01-02", 10_001).currency(money("USD")),
        order("b", "2026-01-06", 777),
    ])
    .unwrap();
    let ann = rows.schema().space().dimension("person").unwrap();
    let ann = ann.member("ann").unwrap();
    let bulk = Bulk::new("order", vec![day("2026-01-02"), day("2026-01-06")])
        .ids(vec!["a".try_into().unwrap(), "b".try_into().unwrap()])
        .members("person", vec![ann; 2])
        .units("sales", vec![10_001, 777])
        .currencies(vec![Some(money("USD")), None]);
    columns.enter_columns(bulk.clone()).unwrap();
    assert_eq!(rows, columns);
    assert_eq!(columns.enter_columns(bulk).unwrap().repeated, 2);
    let foreign_fee = Bulk::new("order", vec![day("2026-01-02")])
        .units("sales", vec![1])
        .units("fee", vec![500])
        .currencies(vec![Some(money("USD"))]);
    assert_eq!(
        columns.enter_columns(foreign_fee).unwrap_err().to_string(),
        "record 0: fee: 5.00 USD was given, but `fee` is in money:EUR"
    );
}

#[test]
fn other_rates_restate_everything_or_nothing() {
    let mut ledger = ledger(vec![published(), plan()]).unwrap();
    ledger
        .enter(&[
            order("a", "2026-01-02", 10_000).currency(money("USD")),
            order("b", "2026-01-06", 10_000).currency(money("USD")),
        ])
        .unwrap();
    ledger
        .enter(&[Record::reversal("b", day("2026-02-01"))])
        .unwrap();
    let before = ledger.clone();
    let gone = daily(&[("USD", "2026-01-02", "2")]);
    assert_eq!(
        ledger.restate(vec![gone, plan()]).unwrap_err().to_string(),
        "record 1 (`b`): sales: rate table `daily` has no rate of USD against EUR that holds on 2026-01-06"
    );
    assert_eq!(ledger, before);
    let other = daily(&[("USD", "2026-01-02", "2"), ("USD", "2026-01-06", "4")]);
    ledger.restate(vec![other, plan()]).unwrap();
    // 100 / 2, and 25 less 25.
    assert_eq!(sum(&ledger, "sales"), Ratio::from(50));
    assert_eq!(sum(&ledger, "sales_constant"), Ratio::from(90));
}

#[test]
fn what_has_no_rate_is_refused_by_name() {
    let mut good = ledger(vec![published(), plan()]).unwrap();
    let late = order("a", "2026-01-10", 1).currency(money("USD"));
    let strange = order("a", "2026-01-02", 1).currency(money("GBP"));
    let given = order("a", "2026-01-02", 1).amount("sales_constant", Decimal::ONE);
    let fee = order("a", "2026-01-02", 1)
        .amount("fee", Decimal::ONE)
        .currency(money("USD"));
    for (record, expected) in [
        (
            late,
            "sales: rate table `daily` has no rate of USD against EUR that holds on 2026-01-10",
        ),
        (
            strange,
            "sales: rate table `daily` has no rates of `GBP` against EUR; known: `USD`",
        ),
        (
            given,
            "`sales_constant` is restated from `sales` and cannot be given",
        ),
        (fee, "fee: 1 USD was given, but `fee` is in money:EUR"),
    ] {
        let error = good.enter(&[record]).unwrap_err().to_string();
        assert_eq!(error, format!("record 0 (`a`): {expected}"));
    }
    assert_eq!(
        ledger(vec![published()]).unwrap_err().to_string(),
        "there is no rate table `plan`; known: `daily`"
    );
    let wrong = |basis, rates: &[_]| {
        let made = table("month", basis, Quotation::Direct, rates);
        made.unwrap_err().to_string()
    };
    let twice = [("USD", "2026-01-01", "1"), ("USD", "2026-01-31", "1")];
    assert_eq!(
        wrong(RateBasis::Month, &twice),
        "rate table `month`: USD has two rates that hold on 2026-01-31"
    );
    assert_eq!(
        wrong(RateBasis::Until, &[("USD", "2026-01-01", "0")]),
        "rate table `month`: the rate 0 of USD on 2026-01-01 is not above zero"
    );
    assert_eq!(
        wrong(RateBasis::Until, &[("EUR", "2026-01-01", "1")]),
        "rate table `month`: EUR is the base and has no rate of its own"
    );
}

#[test]
fn a_rate_of_a_month_holds_in_that_month_alone() {
    let rates = [("USD", "2026-01-15", "0.5"), ("USD", "2026-03-01", "0.25")];
    let months = table("month", RateBasis::Month, Quotation::Direct, &rates).unwrap();
    let worth = |on: &str| months.convert(Ratio::ONE, money("USD"), money("EUR"), day(on));
    assert_eq!(worth("2026-01-01").unwrap(), Ratio::new(1, 2).unwrap());
    assert_eq!(worth("2026-01-31").unwrap(), Ratio::new(1, 2).unwrap());
    assert!(matches!(worth("2026-02-10"), Err(RateError::NoRate { .. })));
    assert_eq!(worth("2026-03-31").unwrap(), Ratio::new(1, 4).unwrap());
}

#[test]
fn a_document_says_what_rates_alone_have_done() {
    let text = include_str!("../../examples/scenarios/currencies.json");
    let scenario: quotaflow::scenario::ScenarioDef = serde_json::from_str(text).unwrap();
    let outcome = serde_json::to_value(scenario.run().unwrap()).unwrap();
    let [ann, bo] = [0, 1].map(|row| &outcome["views"][0]["figures"][row]["values"]);
    // 1000 / 1.25 + 1000 / 1.6 = 1425, the pounds taken back as booked; the plan says 900 for either.
    assert_eq!(ann["sales"], "1425");
    assert_eq!(ann["at_constant_rates"], "1800");
    assert_eq!(ann["by_rates_alone"], "-375");
    assert_eq!(bo["sales"], "250.5");
    let mut mixed = serde_json::from_str::<serde_json::Value>(text).unwrap();
    mixed["model"]["kinds"][0]["measures"] = serde_json::json!([{"measure": "sales"}]);
    mixed["model"]["metrics"] = serde_json::json!([]);
    let scenario: quotaflow::scenario::ScenarioDef = serde_json::from_value(mixed).unwrap();
    let error = scenario.run().unwrap_err().to_string();
    assert!(
        error.contains("1000 USD was given, but `sales` is in money:EUR"),
        "{error}"
    );
}

#[test]
fn shares_of_an_amount_in_a_foreign_currency_make_it_up_at_every_rate() {
    let rates = || vec![published(), plan()];
    let base = ledger(rates()).unwrap();
    let order_kind = base.schema().kinds().next().unwrap().clone();
    let schema = base.schema();
    let shared = Schema::with_rates(
        schema.space().clone(),
        schema.measures().clone(),
        vec![order_kind.credited("person").unwrap()],
        schema.span(),
        rates(),
    );
    let mut ledger = Ledger::new("erp", shared.unwrap()).unwrap();
    let mut deal = order("a", "2026-01-02", 10_001).currency(money("USD"));
    deal.members.clear();
    let deal = deal
        .credit("ann", Ratio::percent(50))
        .credit("unassigned", Ratio::percent(50));
    ledger.enter(std::slice::from_ref(&deal)).unwrap();
    assert_eq!(ledger.find("a").unwrap(), deal);
    // 100.01 / 1.25 is 80.01; of two equal shares the earlier has the odd cent.
    assert_eq!(sum(&ledger, "sales"), Ratio::new(4_001, 100).unwrap());
    let other = daily(&[("USD", "2026-01-02", "2")]);
    ledger.restate(vec![other, plan()]).unwrap();
    // 100.01 / 2 is 50.005, to the cent 50.01.
    assert_eq!(sum(&ledger, "sales"), Ratio::new(2_501, 100).unwrap());
    assert_eq!(ledger.find("a").unwrap(), deal);
    ledger
        .enter(&[Record::reversal("a", day("2026-01-06"))])
        .unwrap();
    ledger.restate(rates()).unwrap();
    assert_eq!(sum(&ledger, "sales"), Ratio::ZERO);
}

#[test]
fn a_refused_restatement_names_the_record_however_many_share_those_before() {
    let people = DimensionDef::flat("person", "person", ["ann", "bo"]).unwrap();
    let space = Space::new(vec![people]).unwrap();
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let order = RecordKind::new("order")
        .and_then(|kind| kind.of("person")?.credited("person"))
        .and_then(|kind| kind.exchanging("sales", Need::Required, "daily"))
        .unwrap();
    let span = DayRange::new(day("2026-01-01"), day("2027-01-01")).unwrap();
    let measures = Measures::new(vec![sales]).unwrap();
    let schema = Schema::with_rates(space, measures, vec![order], span, vec![published()]).unwrap();
    let mut ledger = Ledger::new("crm", schema).unwrap();
    let own = |id: &str, on: &str| {
        let order = Record::new("order", day(on)).id(id);
        order.amount("sales", Decimal::TEN)
    };
    let half = Ratio::percent(50);
    let shared = own("a", "2026-01-02")
        .credit("ann", half)
        .credit("bo", half);
    let foreign = own("b", "2026-01-06")
        .of("person", "ann")
        .currency(money("USD"));
    ledger.enter(&[shared, foreign]).unwrap();
    let before = ledger.clone();
    let error = ledger.restate(vec![daily(&[("USD", "2026-01-02", "1.25")])]);
    let Err(LedgerError::Refused { row, id, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!((row, id.as_deref()), (1, Some("b")));
    assert_eq!(before, ledger);
}
