//! Figures beside those of the same period a year earlier.

use crate::at::RowAt;
use chrono::{Days, NaiveDate};
use quotaflow::calendar::{
    Calendar, DayRange, Grain, LongYear, PeriodDef, PeriodSet, YearComparison,
};
use quotaflow::key::Key;
use quotaflow::ledger::{Ledger, Record, RecordKind, Schema};
use quotaflow::measure::Measures;
use quotaflow::metric::{Formula, Layout, MetricDef, measure};
use quotaflow::panel::{ColumnKey, Panel, Reason};
use quotaflow::quantity::Ratio;
use quotaflow::space::{Space, Subjects};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// One visit on each of these days.
fn panel(days: &[NaiveDate], periods: &PeriodSet, comparison: YearComparison) -> Panel {
    let span = DayRange::new(day("2024-01-01"), day("2028-01-01")).unwrap();
    let kinds = vec![RecordKind::new("visit").unwrap()];
    let space = Space::new(Vec::new()).unwrap();
    let schema = Schema::new(space, Measures::default(), kinds, span).unwrap();
    let mut ledger = Ledger::new("crm", schema.clone()).unwrap();
    let records: Vec<Record> = days.iter().map(|on| Record::new("visit", *on)).collect();
    ledger.enter(&records).unwrap();
    let visits = || Box::new(Formula::count("visit").unwrap());
    let metrics = [
        MetricDef::new(
            "before",
            Formula::LastYear {
                of: visits(),
                comparison,
            },
        ),
        MetricDef::new(
            "growth",
            Formula::YearGrowth {
                of: visits(),
                comparison,
            },
        ),
    ]
    .map(Result::unwrap);
    let frame = Layout::new(schema, Subjects::whole(), periods.clone());
    measure(&metrics, &frame, &ledger).unwrap()
}

fn answer(panel: &Panel, metric: &str, label: &str) -> Result<Ratio, Reason> {
    let period = panel.periods().find(label).unwrap();
    let key = ColumnKey::actual(metric).unwrap();
    let answer = panel.answer(&key, panel.row_at(0), period).unwrap();
    answer.ratio()
}

/// So many visits from a day on, one a day.
fn visits(from: &str, count: u64) -> impl Iterator<Item = NaiveDate> {
    let from = day(from);
    (0..count).map(move |after| from + Days::new(after))
}

#[test]
fn a_month_stands_beside_the_same_month_of_the_year_before() {
    let days: Vec<NaiveDate> = visits("2024-02-10", 20)
        .chain(visits("2025-02-01", 25))
        .collect();
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2024-01-01"), day("2026-01-01"))
        .unwrap();
    let panel = panel(&days, &months, YearComparison::default());
    // February 2024 has the 20 days from the 10th to the 29th.
    assert_eq!(answer(&panel, "before", "2025-02"), Ok(Ratio::from(20)));
    assert_eq!(
        answer(&panel, "growth", "2025-02"),
        Ok(Ratio::percent(25)),
        "25 against 20"
    );
    assert_eq!(
        answer(&panel, "growth", "2025-03"),
        Err(Reason::NoBase),
        "nothing in March 2024"
    );
    assert_eq!(
        answer(&panel, "before", "2024-02"),
        Err(Reason::NotApplicable)
    );
}

/// 2026 has 53 ISO weeks, 2027 has 52 (the first week of the long year is dropped).
#[test]
fn a_week_beside_a_year_of_53_weeks_follows_the_rule() {
    // Week 1 of 2026 starts on 29 December 2025: one visit there, two in week 2, three in week 3.
    let days: Vec<NaiveDate> = visits("2025-12-29", 1)
        .chain(visits("2026-01-05", 2))
        .chain(visits("2026-01-12", 3))
        .collect();
    let weeks = Calendar::gregorian()
        .periods(Grain::Week, day("2025-12-29"), day("2027-03-01"))
        .unwrap();
    let first = panel(&days, &weeks, YearComparison::default());
    assert_eq!(answer(&first, "before", "2027-W01"), Ok(Ratio::from(2)));
    let by_number = YearComparison {
        long_year: LongYear::DropLastWeek,
        ..YearComparison::default()
    };
    let last = panel(&days, &weeks, by_number);
    assert_eq!(answer(&last, "before", "2027-W01"), Ok(Ratio::from(1)));
}

#[test]
fn periods_of_ones_own_meet_by_their_middle() {
    let set = PeriodSet::new(
        Key::new("rounds").unwrap(),
        vec![
            PeriodDef::new(
                Key::new("r1").unwrap(),
                day("2024-01-10"),
                day("2024-04-11"),
            ),
            PeriodDef::new(
                Key::new("r2").unwrap(),
                day("2024-04-11"),
                day("2025-01-13"),
            ),
            PeriodDef::new(
                Key::new("r3").unwrap(),
                day("2025-01-13"),
                day("2025-04-05"),
            ),
        ],
    )
    .unwrap();
    let days: Vec<NaiveDate> = visits("2024-01-20", 4)
        .chain(visits("2025-02-01", 5))
        .collect();
    let panel = panel(&days, &set, YearComparison::default());
    assert_eq!(answer(&panel, "before", "r3"), Ok(Ratio::from(4)));
    assert_eq!(answer(&panel, "growth", "r3"), Ok(Ratio::percent(25)));
    assert_eq!(answer(&panel, "before", "r2"), Err(Reason::NotApplicable));
}
