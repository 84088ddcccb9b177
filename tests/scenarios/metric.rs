//! Figures of the process, by hand.

use crate::at::{PeriodAt, RowAt};
use chrono::{Days, NaiveDate};
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::metric::{
    Age, Filter, Formula, Layout, MetricDef, MetricError, OpenFigure, Program, Selection,
    Timeframe, Valued, measure,
};
use quotaflow::panel::{ColumnKey, Figure, Reason};
use quotaflow::quantity::{Quantum, Ratio, Rounding};
use quotaflow::space::{Axis, DimensionDef, Space, Subjects, Unassigned};
use rust_decimal::Decimal;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn schema() -> Schema {
    let person = DimensionDef::flat("person", "person", ["ann", "bo"]).unwrap();
    let value = Measure::flow("value", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let deal = RecordKind::new("deal")
        .and_then(|kind| kind.of("person")?.measuring("value", Need::Optional))
        .and_then(|kind| kind.noting("outcome", &["won", "lost", "overdue", "old"]))
        .and_then(|kind| kind.dating("engaged"))
        .unwrap();
    let invoice = RecordKind::new("invoice")
        .and_then(|kind| {
            kind.measuring("value", Need::Required)?
                .dating("due")?
                .dating("settled")
        })
        .unwrap();
    let span = DayRange::new(day("2026-01-01"), day("2027-01-01")).unwrap();
    let measures = Measures::new(vec![value]).unwrap();
    Schema::new(
        Space::new(vec![person]).unwrap(),
        measures,
        vec![deal, invoice],
        span,
    )
    .unwrap()
}

/// So many deals that closed on 30 June.
fn deals(count: usize, outcome: &str, value: i64, days: u64) -> Vec<Record> {
    let closed = day("2026-06-30");
    let deal = Record::new("deal", closed)
        .attribute("outcome", outcome)
        .amount("value", Decimal::from(value))
        .date("engaged", closed - Days::new(days));
    vec![deal; count]
}

fn outcomes(any_of: &[&str]) -> Selection {
    Selection::of("deal")
        .unwrap()
        .only(Filter::attribute("outcome", any_of).unwrap())
}

fn answers(
    records: &[Record],
    metrics: &[MetricDef],
    as_of: Option<&str>,
) -> Vec<Vec<Result<Figure, Reason>>> {
    let mut ledger = Ledger::new("crm", schema()).unwrap();
    ledger.enter(records).unwrap();
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2026-05-01"), day("2026-09-01"))
        .unwrap();
    let frame = Layout::new(schema(), Subjects::whole(), months);
    let frame = as_of.map_or(frame.clone(), |text| frame.as_of_day(day(text)));
    let panel = measure(metrics, &frame, &ledger).unwrap();
    let column = |metric: &MetricDef| {
        let key = ColumnKey::actual(metric.key.as_str()).unwrap();
        (0..4)
            .map(|period| {
                panel
                    .answer(&key, panel.row_at(0), panel.period_at(period))
                    .unwrap()
                    .found()
            })
            .collect()
    };
    metrics.iter().map(column).collect()
}

fn june(records: &[Record], formula: Formula) -> Result<Figure, Reason> {
    let metric = MetricDef::new("figure", formula).unwrap();
    answers(records, &[metric], None)[0][1]
}

/// Opportunities x share won x mean value of the won / mean days: as quotients, (opportunities / (closed / value won)) /
/// days, because the number of the won cancels.
fn velocity() -> Formula {
    let closed = Formula::Count(outcomes(&["won", "lost"]));
    let won = Formula::Sum(Valued::measure("value", outcomes(&["won"])).unwrap());
    let days = Formula::Mean(Valued::days("engaged", "day", outcomes(&["won"])).unwrap());
    Formula::count("deal")
        .unwrap()
        .per(closed.per(won))
        .per(days)
}

#[test]
fn velocity_of_the_pipeline() {
    // 50 opportunities of 10,000, 20 % won, 30 days. 40 of 25,000, 25 % won, 90 days.
    for (id, won, lost, value, days, expected) in [
        ("velocity of many small", 10, 40, 10_000, 30, "3333.33"),
        ("velocity of few large", 10, 30, 25_000, 90, "2777.78"),
    ] {
        let records = [deals(won, "won", value, days), deals(lost, "lost", 0, 5)].concat();
        let found = june(&records, velocity()).and_then(Figure::value).unwrap();
        assert_eq!(
            found
                .to_decimal(2, Rounding::HalfAwayFromZero)
                .unwrap()
                .to_string(),
            expected,
            "{id}"
        );
    }
}

#[test]
fn a_stage_takes_the_mean_of_its_deals() {
    // 100 deals took 1,000 days in all.
    let records = [deals(50, "won", 1, 5), deals(50, "lost", 1, 15)].concat();
    let mean =
        Formula::Mean(Valued::days("engaged", "day", Selection::of("deal").unwrap()).unwrap());
    assert_eq!(
        june(&records, mean).and_then(Figure::value).ok(),
        Some(Ratio::from(10))
    );
}

#[test]
fn a_win_rate_names_its_denominator() {
    // Won 10, lost 10, overdue 5, old 5: 50 % of the won and lost, 33.3 % of all.
    let records = [
        deals(10, "won", 1, 1),
        deals(10, "lost", 1, 1),
        deals(5, "overdue", 1, 1),
        deals(5, "old", 1, 1),
    ];
    let won = || Formula::Count(outcomes(&["won"]));
    let of = |base| {
        june(&records.concat(), won().per(base))
            .and_then(Figure::value)
            .ok()
    };
    assert_eq!(
        of(Formula::Count(outcomes(&["won", "lost"]))),
        Some(Ratio::percent(50))
    );
    assert_eq!(
        of(Formula::count("deal").unwrap()),
        Some(Ratio::new(1, 3).unwrap())
    );
}

/// One euro on each day from April to August, seen from the months of May to August as of Thursday 18 June.
#[test]
fn windows_end_with_the_as_of_day_where_that_lies_in_the_period() {
    let daily: Vec<Record> = (0..150)
        .map(|offset| {
            Record::new("deal", day("2026-04-01") + Days::new(offset)).amount("value", Decimal::ONE)
        })
        .collect();
    let windows = [
        (Timeframe::ToDate(Grain::Week), [7, 4]),
        (Timeframe::ToDate(Grain::Month), [31, 18]),
        (Timeframe::ToDate(Grain::Quarter), [61, 79]),
        (Timeframe::ToDate(Grain::Year), [61, 79]),
        (Timeframe::TrailingDays(30), [30, 30]),
        (Timeframe::TrailingDays(1), [1, 1]),
        (Timeframe::LastDays(5), [5, 0]),
        (Timeframe::LastDays(15), [15, 3]),
        (Timeframe::LastDays(99), [31, 18]),
        (Timeframe::Trailing(2), [31, 49]),
        (Timeframe::AsOf, [61, 79]),
    ];
    for (window, expected) in windows {
        let of = Selection::of("deal").unwrap().in_window(window.clone());
        let metric = MetricDef::new("figure", Formula::Count(of)).unwrap();
        let found = answers(&daily, &[metric], Some("2026-06-18"));
        let told: Vec<_> = found[0][..2]
            .iter()
            .map(|answer| answer.and_then(Figure::value).ok())
            .collect();
        assert_eq!(
            told,
            expected.map(|days| Some(Ratio::from(days))),
            "{window:?}"
        );
        assert_eq!(found[0][2].err(), Some(Reason::NotYetDue));
    }
}

#[test]
fn what_has_no_base_says_so() {
    // A quotient by zero is not a number, and not zero either.
    let rate = Formula::Count(outcomes(&["won"])).per(Formula::Count(outcomes(&["won", "lost"])));
    assert_eq!(june(&[], rate), Err(Reason::NoBase));
    let high = Formula::Maximum(Valued::measure("value", Selection::of("deal").unwrap()).unwrap());
    assert_eq!(june(&[], high), Err(Reason::NothingRecorded));
    assert_eq!(
        june(&[], Formula::count("deal").unwrap())
            .and_then(Figure::value)
            .ok(),
        Some(Ratio::ZERO)
    );
}

#[test]
fn receivables_age_by_days_past_due() {
    let invoice = |on: &str, due: &str, settled: Option<&str>, value: i64| {
        let record = Record::new("invoice", day(on))
            .date("due", day(due))
            .amount("value", Decimal::from(value));
        settled.map_or(record.clone(), |text| record.date("settled", day(text)))
    };
    let records = [
        // Settled on the last day of June: no longer open on it.
        invoice("2026-05-10", "2026-06-09", Some("2026-06-30"), 100),
        // 30 June is 20 days past due.
        invoice("2026-05-11", "2026-06-10", None, 40),
        // Due on 30 June: not past due that day; one day past due on 1 July.
        invoice("2026-05-31", "2026-06-30", Some("2026-07-20"), 7),
        invoice("2026-07-01", "2026-07-31", None, 1),
    ];
    let open = |key: &str, at_least, at_most| {
        let value = Valued::measure("value", Selection::of("invoice").unwrap()).unwrap();
        let until = quotaflow::key::Key::new("settled").unwrap();
        let age = Some(Age::since("due", at_least, at_most).unwrap());
        MetricDef::new(
            key,
            Formula::Open {
                value: Some(value.value),
                of: value.of,
                until: Some(until),
                age,
                figure: OpenFigure::Closing,
            },
        )
        .unwrap()
    };
    let metrics = [
        open("all", None, None),
        open("not_due", None, Some(0)),
        open("1-30", Some(1), Some(30)),
        open("over", Some(31), None),
    ];
    let figures: Vec<Vec<Option<Ratio>>> = answers(&records, &metrics, None)
        .iter()
        .map(|row| {
            row.iter()
                .map(|answer| answer.and_then(Figure::value).ok())
                .collect()
        })
        .collect();
    let amounts = |list: [i64; 4]| list.map(|amount| Some(Ratio::from(amount))).to_vec();
    //                              May  June July August
    assert_eq!(figures[0], amounts([147, 47, 41, 41]));
    assert_eq!(figures[1], amounts([147, 7, 1, 0]));
    assert_eq!(figures[2], amounts([0, 40, 0, 0]));
    // On 31 July the second invoice is 51 days past due; on 31 August the last one is 31 days.
    assert_eq!(figures[3], amounts([0, 0, 40, 41]));
    // Seen on 15 June, nothing of July is known, and June stands as of that day.
    let seen = answers(&records, &metrics, Some("2026-06-15"));
    assert_eq!(
        seen[2][1].and_then(Figure::value).ok(),
        Some(Ratio::from(140))
    );
    assert_eq!(seen[0][2], Err(Reason::NotYetDue));
}

#[test]
fn a_wrong_definition_says_what_and_where() {
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2026-05-01"), day("2026-09-01"))
        .unwrap();
    let frame = Layout::new(schema(), Subjects::whole(), months);
    let refused = |text: &str| {
        let metrics: Vec<MetricDef> = serde_json::from_str(text).unwrap();
        Program::compile(&metrics, &frame).unwrap_err().to_string()
    };
    let one = |formula: &str| refused(&format!("[{{\"key\": \"m\", \"formula\": {formula}}}]"));
    let cases = [
        (
            r#"{"count": {"kinds": ["deel"]}}"#,
            "metric `m`: there is no kind of record `deel`; did you mean `deal`?",
        ),
        (
            r#"{"count": {"kinds": []}}"#,
            "metric `m` selects no kind of record",
        ),
        (
            r#"{"sum": {"value": {"measure": "valu"}, "of": {"kinds": ["deal"]}}}"#,
            "metric `m`: a record of kind `deal` has no measure `valu`; did you mean `value`?",
        ),
        (
            r#"{"count": {"kinds": ["deal"], "where": [{"attribute": {"field": "outcome", "any_of": ["win"]}}]}}"#,
            "metric `m`: `win` is not one of the values of `outcome`; did you mean `won`?",
        ),
        (r#"{"metric": "m"}"#, "metric `m` refers to itself"),
        (
            r#"{"metric": "n"}"#,
            "metric `m`: there is no metric `n`; did you mean `m`?",
        ),
        (
            r#"{"difference": {"of": {"count": {"kinds": ["deal"]}}, "minus": {"sum": {"value": {"measure": "value"}, "of": {"kinds": ["deal"]}}}}}"#,
            "metric `m`: count:deal and money:EUR do not go together",
        ),
        (
            r#"{"quantile": {"value": {"measure": "value"}, "of": {"kinds": ["deal"]}, "p": "1.5", "method": "type7"}}"#,
            "metric `m`: 1.5 is not a share from 0 to 1",
        ),
        (
            r#"{"count": {"kinds": ["deal"], "where": [{"member": {"dimension": "person", "any_of": ["an"]}}]}}"#,
            "metric `m`: dimension `person` has no member `an`; did you mean `ann`?",
        ),
    ];
    for (formula, expected) in cases {
        assert_eq!(one(formula), expected);
    }
    for window in ["trailing", "last_days", "trailing_days"] {
        let of = |number: u32| {
            format!(r#"{{"count": {{"kinds": ["deal"], "window": {{"{window}": {number}}}}}}}"#)
        };
        let error = one(&of(0));
        assert!(error.contains(window), "{error}");
        let text = format!("[{{\"key\": \"m\", \"formula\": {}}}]", of(1));
        let metrics: Vec<MetricDef> = serde_json::from_str(&text).unwrap();
        assert!(Program::compile(&metrics, &frame).is_ok());
    }
    // Of one measure the unit is the measure's; what days are called is for who defines them to say.
    let stated = |value: &str| {
        format!(
            r#"[{{"key": "m", "unit": "count:night", "formula": {{"quantile": {{"value": {value}, "of": {{"kinds": ["deal"]}}, "p": "1/2", "method": "type7"}}}}}}]"#
        )
    };
    assert!(refused(&stated(r#"{"measure": "value"}"#)).contains("count:night"));
    let nights = stated(r#"{"days": {"from": "engaged", "to": "day"}}"#);
    let nights: Vec<MetricDef> = serde_json::from_str(&nights).unwrap();
    assert!(Program::compile(&nights, &frame).is_ok());
    let unknown = serde_json::from_str::<MetricDef>(
        r#"{"key": "m", "formula": {"count": {"kinds": ["deal"], "when": 1}}}"#,
    );
    assert!(unknown.unwrap_err().to_string().contains("when"));
    let plan = Program::compile(
        &[MetricDef::new("m", Formula::count("deal").unwrap()).unwrap()],
        &frame,
    )
    .unwrap();
    let other = Program::compile(
        &[MetricDef::new("n", Formula::count("deal").unwrap()).unwrap()],
        &frame,
    )
    .unwrap();
    assert_eq!(
        plan.panel(&other.empty()),
        Err(MetricError::ProgramMismatch)
    );
}

/// A ledger that is built again by the days of its records, with one that came late: what was folded is not taken for what now
/// stands in its place.
#[test]
fn a_late_record_between_others_is_not_taken_for_one_that_was_folded() {
    let space = Space::new(vec![]).unwrap();
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let order = RecordKind::new("order")
        .and_then(|kind| kind.measuring("sales", Need::Required))
        .unwrap();
    let (first, last) = ("2026-01-01".parse().unwrap(), "2026-04-01".parse().unwrap());
    let span = DayRange::new(first, last).unwrap();
    let measures = Measures::new(vec![sales]).unwrap();
    let schema = Schema::new(space, measures, vec![order], span).unwrap();
    let record = |id: &str, day: &str, euros: i64| {
        Record::new("order", day.parse().unwrap())
            .id(id)
            .amount("sales", Decimal::from(euros))
    };
    let (a, b, c) = (
        record("a", "2026-01-10", 100),
        record("b", "2026-01-20", 7),
        record("c", "2026-03-05", 300),
    );
    let ledger = |records: &[&Record]| {
        let mut ledger = Ledger::new("erp", schema.clone()).unwrap();
        for record in records {
            ledger.enter(std::slice::from_ref(*record)).unwrap();
        }
        ledger
    };
    let months = Calendar::gregorian()
        .periods(Grain::Month, first, last)
        .unwrap();
    let layout = Layout::new(schema.clone(), Subjects::whole(), months);
    let sum = Formula::Sum(Valued::measure("sales", Selection::of("order").unwrap()).unwrap());
    let program = Program::compile(&[MetricDef::new("sales", sum).unwrap()], &layout).unwrap();
    let saved = program.fold(&ledger(&[&a, &c])).unwrap();

    let refused = program.extend(&mut saved.clone(), &ledger(&[&a, &b, &c]));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the 2 records of kind `order` that were folded are not those that the ledger `erp` has in their places (it has 3): enter the same records in the same order and what is new behind them, or fold anew"
    );
    assert!(program.extend(&mut saved.clone(), &ledger(&[&a])).is_err());

    let mut all = saved.clone();
    program.extend(&mut all, &ledger(&[&a, &c, &b])).unwrap();
    let panel = program.panel(&all).unwrap();
    let told = |month: &str| panel.get("sales", [""; 0], month).unwrap().to_string();
    assert_eq!(
        (told("2026-01"), told("2026-03")),
        ("107.00 EUR".to_owned(), "300.00 EUR".to_owned())
    );
}

#[test]
fn a_panel_beyond_the_limits_of_a_host_is_refused_before_it_is_folded() {
    use quotaflow::limits::{Limits, Size};
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2026-01-01"), day("2027-01-01"))
        .unwrap();
    let layout = Layout::new(schema(), Subjects::whole(), months);
    let metrics = [
        MetricDef::new("deals", Formula::count("deal").unwrap()).unwrap(),
        MetricDef::new("invoices", Formula::count("invoice").unwrap()).unwrap(),
    ];
    let compiled = |size, most| {
        let layout = layout.clone().within(Limits::default().with(size, most));
        Program::compile(&metrics, &layout).map(|_| ())
    };
    // One row, twelve months, two metrics: 24 cells are shown.
    assert_eq!(
        compiled(Size::Cells, 23).unwrap_err().to_string(),
        "this needs 24 cells (rows times periods times columns), more than the limit of 23; ask for fewer, or raise the limit `cells`"
    );
    assert!(compiled(Size::Cells, 24).is_ok());
    // What a fold keeps is counted in bytes: the smallest limit that lets it through is the count that an error tells.
    let MetricError::Limit(kept) = compiled(Size::Bytes, 300).unwrap_err() else {
        panic!("what a fold keeps counts too");
    };
    let needed = u64::try_from(kept.needed).unwrap();
    assert!(compiled(Size::Bytes, needed).is_ok());
    assert!(compiled(Size::Bytes, needed - 1).is_err());
    // Days of a thousand years are refused by their number, at once.
    let days = Calendar::gregorian()
        .periods(Grain::Day, day("1500-01-01"), day("2500-01-01"))
        .unwrap();
    let names: Vec<String> = (0..1_000).map(|at| format!("p{at}")).collect();
    let names: Vec<quotaflow::key::Key> = names
        .iter()
        .map(|name| name.as_str().try_into().unwrap())
        .collect();
    let axis = Axis::new("person", "person").unwrap();
    let people = Subjects::new(axis, names).unwrap();
    let layout = Layout::new(schema(), people, days);
    let error = Program::compile(&metrics[..1], &layout)
        .map(|_| ())
        .unwrap_err();
    assert!(
        error.to_string().contains("needs 365243000 cells"),
        "{error}"
    );
}

/// A figure is explained for a row and a period of the panel: each of them alone may be of a larger one.
#[test]
fn a_figure_is_explained_inside_its_panel_alone() {
    let months = |to: &str| {
        Calendar::gregorian()
            .periods(Grain::Month, day("2026-05-01"), day(to))
            .unwrap()
    };
    let people = schema()
        .space()
        .subjects(&Axis::new("person", "person").unwrap(), Unassigned::Hidden)
        .unwrap();
    let (row, period) = (
        people.ids().last().unwrap(),
        months("2026-09-01").ids().last().unwrap(),
    );
    let metrics = [MetricDef::new("deals", Formula::count("deal").unwrap()).unwrap()];
    let mut ledger = Ledger::new("crm", schema()).unwrap();
    ledger.enter(&deals(1, "won", 1, 1)).unwrap();
    let explained = |subjects: Subjects, to: &str| {
        let program =
            Program::compile(&metrics, &Layout::new(schema(), subjects, months(to))).unwrap();
        program.explain(&ledger, "deals", row, period)
    };
    assert!(explained(people.clone(), "2026-09-01").is_ok());
    for (subjects, to) in [
        (Subjects::whole(), "2026-09-01"),
        (people, "2026-08-01"),
        (Subjects::whole(), "2026-08-01"),
    ] {
        let error = explained(subjects, to).unwrap_err();
        assert!(matches!(error, MetricError::Panel(_)), "{error}");
    }
}

/// Wherever days are placed, they count in the window of what is selected.
#[test]
fn days_until_something_ends_are_in_the_window_of_what_is_selected() {
    let until = |placed: &str| -> MetricDef {
        serde_json::from_str(&format!(
            r#"{{"key": "{placed}", "formula": {{"mean": {{"value": {{"until": {{
                "end": {{"kinds": ["deal"], "where": [{{"attribute": {{"field": "outcome", "any_of": ["won"]}}}}]}},
                "by": {{"member": {{"dimension": "person"}}}}, "placed": "{placed}"}}}},
                "of": {{"kinds": ["deal"], "window": {{"trailing": 2}},
                "where": [{{"attribute": {{"field": "outcome", "any_of": ["old"]}}}}]}}}}}}}}"#
        ))
        .unwrap()
    };
    let deal = |on: &str, outcome: &str| {
        Record::new("deal", day(on))
            .of("person", "ann")
            .attribute("outcome", outcome)
    };
    let records = [
        deal("2026-05-05", "old"),
        deal("2026-05-10", "won"),
        deal("2026-06-03", "old"),
        deal("2026-06-10", "won"),
    ];
    // Five days in May, seven in June; what belongs to a month belongs to the next one too.
    let expected = [Some(5), Some(6), Some(7), None];
    let expected = expected.map(|days| days.map(Ratio::from).ok_or(Reason::NoBase));
    // Others that have other windows stand before them.
    let beside = |window: &str| -> MetricDef {
        serde_json::from_str(&format!(
            r#"{{"key": "{window}", "formula": {{"count": {{"kinds": ["deal"], "window": "{window}"}}}}}}"#
        ))
        .unwrap()
    };
    let metrics = [
        beside("as_of"),
        beside("period"),
        until("start"),
        until("end"),
    ];
    for figures in answers(&records, &metrics, None).split_off(2) {
        let days: Vec<Result<Ratio, Reason>> = figures
            .into_iter()
            .map(|figure| figure.and_then(Figure::value))
            .collect();
        assert_eq!(days, expected);
    }
}

/// What is left out of a gap is left out of its own period.
#[test]
fn a_deal_of_nobody_is_left_out_where_it_lies() {
    let metric: MetricDef = serde_json::from_str(
        r#"{"key": "gap", "formula": {"mean": {"value": {"gap": {"entity": {"member": {"dimension": "person"}}}}, "of": {"kinds": ["deal"]}}}}"#,
    )
    .unwrap();
    let mut ledger = Ledger::new("crm", schema()).unwrap();
    ledger
        .enter(&[
            Record::new("deal", day("2026-05-05")),
            Record::new("deal", day("2026-06-05")),
            Record::new("deal", day("2026-06-06")),
        ])
        .unwrap();
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2026-05-01"), day("2026-09-01"))
        .unwrap();
    let program =
        Program::compile(&[metric], &Layout::new(schema(), Subjects::whole(), months)).unwrap();
    let left_out = |month: &str| {
        let told = program
            .explain_named(&ledger, "gap", [""; 0], month)
            .unwrap();
        told.left_out.iter().map(|own| own.records).sum::<usize>()
    };
    assert_eq!(["2026-05", "2026-06", "2026-07"].map(left_out), [1, 2, 0]);
}
