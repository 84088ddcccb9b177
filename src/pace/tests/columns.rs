//! Columns, missing numbers and documents.

use super::*;
use crate::calendar::PeriodId;
use crate::panel::Figure;
use crate::space::RowId;

#[test]
fn the_columns_say_what_the_readings_say() {
    let panel = panel(
        2,
        months("2026-01-01", "2026-04-01"),
        &[
            ("target:sales", &[300, 0, 280, 50, 500, 1]),
            ("sales", &[310, 7, 84, 60, 0, 0]),
        ],
    );
    let pace = pace(Days::Calendar);
    let view = pace.view(&panel, day("2026-02-07")).unwrap();
    let columns = view.told().unwrap();
    let keys: Vec<String> = columns
        .iter()
        .map(|column| column.key().to_string())
        .collect();
    assert_eq!(
        keys,
        [
            "expected:sales",
            "projected:sales",
            "sales.pace_gap",
            "sales.pace_attainment",
            "sales.needed_per_day",
            "sales.sure_shortfall"
        ]
    );
    assert_eq!(columns[4].unit().to_string(), "money:EUR per day");
    for subject in 0..2 {
        for period in 0..3 {
            let cell = panel
                .cell(RowId::at(subject), PeriodId::at(period))
                .unwrap();
            let reading = view
                .reading(RowId::at(subject), PeriodId::at(period))
                .unwrap();
            let told = [
                reading.expected,
                reading.projected,
                reading.gap,
                reading.attainment,
                reading.needed_per_day,
            ];
            for (column, answer) in columns.iter().zip(told) {
                let told = column.answer(cell);
                assert_eq!(
                    told.ratio(),
                    answer.and_then(Figure::value),
                    "{} of {subject} in {period}",
                    column.key()
                );
            }
            let shortfall = match reading.reach {
                Reach::Reached | Reach::Possible => Ok(0),
                Reach::Missed { by } | Reach::BeyondBest { by } => Ok(by.units()),
                Reach::Untested => Err(Reason::NothingRecorded),
                Reach::Unknown(state) => Err(state),
            };
            assert_eq!(units(columns[5].answer(cell).found()), shortfall);
        }
    }
    assert_eq!(
        columns[3].answer(1).found(),
        Err(Reason::NoBase),
        "nothing was expected in January"
    );
}

#[test]
fn a_metric_of_quotients_only_holds() {
    let mut panel = Panel::new(people(1), months("2026-01-01", "2026-03-01"));
    for (key, top) in [("target:rate", [1, 1]), ("rate", [1, 0])] {
        let key = key.parse().unwrap();
        panel
            .add(Column::quotients(key, Unit::Share, Ratio::ONE, top.to_vec(), vec![2, 2]).unwrap())
            .unwrap();
    }
    let rate = Pace::new("rate", Days::Calendar).unwrap();
    assert!(matches!(
        rate.view(&panel, day("2026-01-05")),
        Err(PaceError::NeedsAmounts { .. })
    ));
    let rate = rate.approach(Approach::Holds);
    let columns = rate
        .view(&panel, day("2026-01-05"))
        .unwrap()
        .told()
        .unwrap();
    assert_eq!(columns.len(), 2);
    assert_eq!(columns[0].key().role, Role::Expected);
    assert_eq!(columns[0].answer(0).ratio().ok(), Some(Ratio::percent(50)));
    assert_eq!(columns[1].answer(1).found(), Err(Reason::NotYetDue));
}

#[test]
fn missing_numbers_stay_missing_with_their_reason() {
    let set = months("2026-02-01", "2026-03-01");
    let mut panel = Panel::new(people(2), set);
    let states = [Some(Reason::NotApplicable), None];
    panel
        .add(
            column("target:sales", &[0, 280])
                .with_reasons(&states)
                .unwrap(),
        )
        .unwrap();
    let states = [None, Some(Reason::NothingRecorded)];
    panel
        .add(column("sales", &[84, 0]).with_reasons(&states).unwrap())
        .unwrap();
    let pace = pace(Days::Calendar);
    let view = pace.view(&panel, day("2026-02-07")).unwrap();
    let joined_later = view.reading(RowId::at(0), PeriodId::at(0)).unwrap();
    assert_eq!(joined_later.expected, Err(Reason::NotApplicable));
    assert_eq!(units(joined_later.projected), Ok(336));
    assert_eq!(joined_later.reach, Reach::Unknown(Reason::NotApplicable));
    let silent = view.reading(RowId::at(1), PeriodId::at(0)).unwrap();
    assert_eq!(units(silent.expected), Ok(70));
    assert_eq!(silent.gap, Err(Reason::NothingRecorded));
}

#[test]
fn columns_that_are_not_counted_alike_do_not_meet() {
    let mut panel = Panel::new(people(1), months("2026-02-01", "2026-03-01"));
    panel.add(column("target:sales", &[1])).unwrap();
    let whole = Column::amounts("sales".parse().unwrap(), money(), Quantum::ONE, vec![1]);
    panel.add(whole).unwrap();
    let error = pace(Days::Calendar)
        .view(&panel, day("2026-02-07"))
        .unwrap_err();
    assert!(matches!(error, PaceError::Axis { .. }));
    assert!(matches!(
        panel.columns()[0].figures(),
        Figures::Amounts { .. }
    ));
}

#[test]
fn numbers_beyond_the_range_are_an_answer() {
    let panel = panel(
        1,
        months("2026-02-01", "2026-03-01"),
        &[("target:sales", &[i64::MAX]), ("sales", &[i64::MAX])],
    );
    let pace = pace(Days::Calendar);
    let view = pace.view(&panel, day("2026-02-07")).unwrap();
    let reading = view.reading(RowId::at(0), PeriodId::at(0)).unwrap();
    assert_eq!(reading.projected, Err(Reason::OutOfRange));
    let quarter = Ratio::new(i128::from(i64::MAX), 400).unwrap();
    assert_eq!(reading.expected.and_then(Figure::value).ok(), Some(quarter));
}

#[test]
fn a_pace_reads_back() {
    let text = r#"{"version":1,"metric":"sales","pacing":{"phasing":{"points":[["0.9","0.7"]],"within":"calendar"}},"approach":"accumulates","today":"passed","rounding":"half_away_from_zero","projection":{"blend":{"trust":"0.5"}},"best":{"per_day":"12.5"}}"#;
    let pace: Pace = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&pace).unwrap(), text);
    let short: Pace = serde_json::from_str(r#"{"metric":"sales"}"#).unwrap();
    assert_eq!(short, tests::pace(Days::Calendar));
    for (from, to) in [
        ("12.5", "-1"),
        ("\"0.5\"", "\"2\""),
        ("0.7", "1.7"),
        ("\"today\"", "\"now\""),
    ] {
        assert!(
            serde_json::from_str::<Pace>(&text.replace(from, to)).is_err(),
            "{to}"
        );
    }
}

#[test]
fn what_is_expected_is_exact_and_only_rounded_to_be_shown() {
    // 12 customers a year, one won: on 15 February 46 of 365 days have passed, on 15 January 15 of them.
    let span = Calendar::gregorian().periods(Grain::Year, day("2026-01-01"), day("2027-01-01"));
    let mut panel = Panel::new(people(2), span.unwrap());
    for (key, units) in [("target:won", [12, -12]), ("won", [1, -1])] {
        let unit = "count:customer".parse().unwrap();
        panel
            .add(Column::amounts(
                key.parse().unwrap(),
                unit,
                Quantum::ONE,
                units.to_vec(),
            ))
            .unwrap();
    }
    let pace = Pace::new("won", Days::Calendar).unwrap();
    for (on, passed) in [("2026-02-15", 46), ("2026-01-15", 15), ("2026-01-01", 1)] {
        let view = pace.view(&panel, day(on)).unwrap();
        for (subject, sign) in [(0, 1), (1, -1)] {
            let reading = view.reading(RowId::at(subject), PeriodId::at(0)).unwrap();
            let exact = Ratio::new(sign * 12 * passed, 365).unwrap();
            assert_eq!(
                reading.expected.and_then(Figure::value).ok(),
                Some(exact),
                "{on}"
            );
            assert_eq!(
                reading.attainment.and_then(Figure::value).ok(),
                Ratio::new(365, 12 * passed).ok()
            );
            assert_eq!(
                reading.projected.and_then(Figure::value).ok(),
                Ratio::new(sign * 365, passed).ok()
            );
        }
        let columns = view.told().unwrap();
        let expected = Ratio::new(12 * passed, 365).ok();
        assert_eq!(columns[0].answer(0).ratio().ok(), expected);
        assert_eq!(
            columns[3].answer(0).ratio().ok(),
            Ratio::new(365, 12 * passed).ok()
        );
    }
    // Attainments of several rows add up by their parts: all that came, of all that was expected.
    let mut panel = Panel::new(people(3), panel.periods().clone());
    for (key, units) in [("target:won", [12, 7, 1]), ("won", [1, 2, 3])] {
        let unit = "count:customer".parse().unwrap();
        let column = Column::amounts(key.parse().unwrap(), unit, Quantum::ONE, units.to_vec());
        panel.add(column).unwrap();
    }
    let columns = pace
        .view(&panel, day("2026-02-15"))
        .unwrap()
        .told()
        .unwrap();
    let Figures::Quotients {
        numerators,
        denominators,
        ..
    } = columns[3].figures()
    else {
        panic!("a share")
    };
    let sum = |parts: &[i64]| i128::from(parts.iter().sum::<i64>());
    assert_eq!(
        Ratio::new(sum(numerators), sum(denominators)).ok(),
        Ratio::new(6 * 365, 20 * 46).ok()
    );
    let shown = pace
        .view(&panel, day("2026-02-15"))
        .unwrap()
        .reading(RowId::at(0), PeriodId::at(0))
        .unwrap();
    assert_eq!(shown.rounded(shown.expected).unwrap().to_string(), "2");
    let up = pace.rounding(Rounding::Floor);
    let shown = up
        .view(&panel, day("2026-02-15"))
        .unwrap()
        .reading(RowId::at(0), PeriodId::at(0))
        .unwrap();
    assert_eq!(shown.rounded(shown.expected).unwrap().to_string(), "1");
}

#[test]
fn a_season_too_fine_for_64_bits_is_rounded_far_below_the_quantum() {
    // Weights with so many digits that target times share has no fraction in 64 bits.
    let steps = months("2026-01-01", "2026-03-01");
    let weights = vec![Ratio::new(1, 999_999_999_989).unwrap(), Ratio::ONE];
    let season = Season::new(steps.clone(), weights, Days::Calendar).unwrap();
    let target = 7_000_000_000_001;
    let months = PeriodSet::from_starts(
        Key::new("two").unwrap(),
        &[day("2026-01-01")],
        day("2026-03-01"),
        |_, _| "two",
    );
    let panel = panel(
        1,
        months.unwrap(),
        &[("target:sales", &[target]), ("sales", &[0])],
    );
    let pace = pace(Pacing::Season(season));
    let reading = pace
        .view(&panel, day("2026-01-31"))
        .unwrap()
        .reading(RowId::at(0), PeriodId::at(0))
        .unwrap();
    // 7,000,000,000,001 over 1,000,000,000,001 million-millionths: a trace less than seven cents.
    let off = reading
        .expected
        .and_then(Figure::value)
        .ok()
        .unwrap()
        .checked_sub(Ratio::percent(7))
        .unwrap();
    assert!(off < Ratio::new(1, 10_000_000).unwrap() && off > Ratio::new(-1, 10_000_000).unwrap());
}
