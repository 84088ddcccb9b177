//! Hand-worked cases of readings, projections and columns.

use super::testing::{day, range, weekdays};
use super::*;
use crate::calendar::{Calendar, Grain, PeriodSet};
use crate::measure::Direction;
use crate::panel::{Answer, Column, Figures, Panel, Role, State};
use crate::quantity::{Quantum, Ratio};
use crate::space::{Axis, Subjects};

fn months(from: &str, to: &str) -> PeriodSet {
    Calendar::gregorian()
        .periods(Grain::Month, day(from), day(to))
        .unwrap()
}

fn people(count: usize) -> Subjects {
    let keys = (0..count)
        .map(|n| Key::new(format!("p{n}")).unwrap())
        .collect();
    Subjects::new(Axis::new("person", "person").unwrap(), keys).unwrap()
}

fn money() -> Unit {
    "money:EUR".parse().unwrap()
}

fn column(key: &str, units: &[i64]) -> Column {
    Column::amounts(key.parse().unwrap(), money(), Quantum::CENT, units.to_vec())
}

fn panel(subjects: usize, periods: PeriodSet, columns: &[(&str, &[i64])]) -> Panel {
    let mut panel = Panel::new(people(subjects), periods);
    for (key, units) in columns {
        panel.add(column(key, units)).unwrap();
    }
    panel
}

fn units(answer: Answer) -> Result<i64, State> {
    match answer {
        Answer::Figure(figure) => Ok(figure.amount().unwrap().units()),
        Answer::None(state) => Err(state),
    }
}

fn pace(pacing: impl Into<Pacing>) -> Pace {
    Pace::new("sales", pacing).unwrap()
}

/// Two months for one person: January closed with 310, February running with a target of 280.
fn winter(february: i64) -> Panel {
    panel(
        1,
        months("2026-01-01", "2026-04-01"),
        &[
            ("target:sales", &[300, 280, 500]),
            ("sales", &[310, february, 0]),
        ],
    )
}

#[test]
fn a_running_month_is_read_by_its_days() {
    // After 7 of 28 days a quarter of 280 is expected. 84 in 7 days is 12 a day: 336 at the end.
    let panel = winter(84);
    let pace = pace(Days::Calendar);
    let view = pace.view(&panel, day("2026-02-07")).unwrap();
    let reading = view.reading(0, 1).unwrap();
    assert_eq!(reading.phase, Phase::Running);
    assert_eq!(units(reading.expected), Ok(70));
    assert_eq!(units(reading.gap), Ok(14));
    assert_eq!(reading.attainment.ratio(), Some(Ratio::new(6, 5).unwrap()));
    assert_eq!(units(reading.projected), Ok(336));
    // (280 - 84) cents over 21 days.
    assert_eq!(
        reading.needed_per_day.ratio(),
        Some(Ratio::new(196, 2100).unwrap())
    );
    // January brought 10 a day, 21 days more bring 210 of the 196 that are missing.
    assert_eq!(reading.reach, Reach::Possible);
}

#[test]
fn the_as_of_day_passes_or_is_still_ahead() {
    let panel = winter(84);
    let pace = pace(Days::Calendar).today(Today::Ahead);
    let view = pace.view(&panel, day("2026-02-08")).unwrap();
    assert_eq!(units(view.reading(0, 1).unwrap().expected), Ok(70));
    let view = pace.view(&panel, day("2026-02-01")).unwrap();
    assert_eq!(view.reading(0, 1).unwrap().phase, Phase::NotBegun);
    assert_eq!(view.reading(0, 0).unwrap().phase, Phase::Ended);
}

#[test]
fn closed_periods_end_at_the_target_and_later_ones_are_not_yet_due() {
    let panel = winter(84);
    let pace = pace(Days::Calendar);
    let view = pace.view(&panel, day("2026-02-07")).unwrap();
    let january = view.reading(0, 0).unwrap();
    assert_eq!(units(january.expected), Ok(300));
    assert_eq!(units(january.projected), Ok(310));
    assert_eq!(january.needed_per_day, Answer::None(State::NotApplicable));
    assert_eq!(january.reach, Reach::Reached);
    let march = view.reading(0, 2).unwrap();
    for answer in [
        march.expected,
        march.actual,
        march.gap,
        march.attainment,
        march.projected,
        march.needed_per_day,
    ] {
        assert_eq!(answer, Answer::None(State::NotYetDue));
    }
    assert_eq!(units(march.target), Ok(500));
    assert_eq!(march.reach, Reach::Unknown(State::NotYetDue));
}

#[test]
fn a_target_beyond_the_best_rate_is_told_with_the_shortfall() {
    // On 24 February 4 days are left, worth 40 at January's 10 a day; 280 - 200 = 80 are missing.
    let panel = winter(200);
    let pace = pace(Days::Calendar);
    let view = pace.view(&panel, day("2026-02-24")).unwrap();
    let by = Quantum::CENT.quantity(40);
    assert_eq!(view.reading(0, 1).unwrap().reach, Reach::BeyondBest { by });
    let strong = pace
        .clone()
        .best(BestRate::PerDay(Ratio::percent(20)))
        .unwrap();
    let view = strong.view(&panel, day("2026-02-24")).unwrap();
    assert_eq!(view.reading(0, 1).unwrap().reach, Reach::Possible);
    let none = pace.clone().best(BestRate::Unknown).unwrap();
    let view = none.view(&panel, day("2026-02-24")).unwrap();
    assert_eq!(view.reading(0, 1).unwrap().reach, Reach::Untested);
    assert!(matches!(
        pace.best(BestRate::PerDay(Ratio::from(-1))),
        Err(PaceError::NegativeRate { .. })
    ));
}

#[test]
fn a_limit_is_missed_for_good_once_it_is_passed() {
    let months = months("2026-02-01", "2026-03-01");
    let mut panel = Panel::new(people(3), months);
    let less = |key: &str, units: &[i64]| column(key, units).better(Direction::Smaller);
    panel.add(less("target:sales", &[100, 100, 100])).unwrap();
    panel.add(less("sales", &[101, 100, 30])).unwrap();
    let spend = pace(Days::Calendar);
    let view = spend.view(&panel, day("2026-02-07")).unwrap();
    let reach = |view: &View<'_>, person| view.reading(person, 0).unwrap().reach;
    assert_eq!(
        reach(&view, 0),
        Reach::Missed {
            by: Quantum::CENT.quantity(1)
        }
    );
    assert_eq!(reach(&view, 1), Reach::Possible);
    let ended = spend.view(&panel, day("2026-03-31")).unwrap();
    assert_eq!(reach(&ended, 2), Reach::Reached);
    // A balance above its limit can still come down.
    let balance = pace(Days::Calendar).course(Course::Holds);
    let view = balance.view(&panel, day("2026-02-07")).unwrap();
    assert_eq!(reach(&view, 0), Reach::Untested);
    assert_eq!(units(view.reading(2, 0).unwrap().expected), Ok(100));
}

#[test]
fn a_period_without_a_day_that_counts_has_no_base_until_it_ends() {
    // Only Sundays count, and the period runs from Monday to Saturday.
    let sundays = weekdays([0, 0, 0, 0, 0, 0, 1]);
    let set = PeriodSet::from_starts(
        Key::new("week").unwrap(),
        &[day("2026-03-02")],
        day("2026-03-08"),
        |_, _| "w",
    )
    .unwrap();
    let panel = panel(2, set, &[("target:sales", &[100, 0]), ("sales", &[10, 0])]);
    let pace = pace(sundays);
    let view = pace.view(&panel, day("2026-03-04")).unwrap();
    let reading = view.reading(0, 0).unwrap();
    assert_eq!(reading.expected, Answer::None(State::NoBase));
    assert_eq!(reading.projected, Answer::None(State::NoBase));
    assert_eq!(reading.needed_per_day, Answer::None(State::NoBase));
    assert_eq!(
        reading.reach,
        Reach::BeyondBest {
            by: Quantum::CENT.quantity(90)
        }
    );
    assert_eq!(
        units(view.reading(1, 0).unwrap().expected),
        Ok(0),
        "nothing of nothing"
    );
    let ended = pace.view(&panel, day("2026-03-07")).unwrap();
    assert_eq!(units(ended.reading(0, 0).unwrap().expected), Ok(100));
}

#[test]
fn a_balance_glides_from_where_the_period_before_left_it() {
    // From 400 at the end of January down to 120 at the end of February: a quarter of the way is 330.
    let panel = panel(
        1,
        months("2026-01-01", "2026-03-01"),
        &[("target:sales", &[500, 120]), ("sales", &[400, 350])],
    );
    let pace = pace(Days::Calendar).course(Course::Glides);
    let view = pace.view(&panel, day("2026-02-07")).unwrap();
    let reading = view.reading(0, 1).unwrap();
    assert_eq!(units(reading.expected), Ok(330));
    // Down 50 in a quarter of the month: 200 lower at the end.
    assert_eq!(units(reading.projected), Ok(200));
    let first = pace.view(&panel, day("2026-01-10")).unwrap();
    assert_eq!(
        first.reading(0, 0).unwrap().expected,
        Answer::None(State::NothingRecorded)
    );
}

#[test]
fn projections_differ_as_their_names_say() {
    // 7 of 28 days, 100 reached of 280, 70 expected; the last 7 days brought 100; last year 50 by now and 300 at the end.
    let mut panel = winter(100);
    panel.add(column("recent", &[0, 63, 0])).unwrap();
    panel.add(column("earlier to date", &[310, 50, 0])).unwrap();
    panel.add(column("earlier", &[310, 300, 400])).unwrap();
    let half = Trust::new(Ratio::percent(50)).unwrap();
    let key = |text: &str| ColumnKey::actual(text).unwrap();
    for (projection, expected) in [
        (Projection::RunRate, 400),
        (Projection::RestAsPlanned, 310),
        (Projection::Blend { trust: half }, 355),
        (
            Projection::Recent {
                latest: key("recent"),
                days: 9,
            },
            100 + 63 * 21 / 9,
        ),
        (
            Projection::Growth {
                to_date: key("earlier to date"),
                whole: key("earlier"),
            },
            600,
        ),
    ] {
        let pace = pace(Days::Calendar).projection(projection.clone());
        let view = pace.view(&panel, day("2026-02-07")).unwrap();
        assert_eq!(
            units(view.reading(0, 1).unwrap().projected),
            Ok(expected),
            "{projection:?}"
        );
    }
    assert!(Trust::new(Ratio::percent(101)).is_err());
    let unknown = Projection::Recent {
        latest: key("resent"),
        days: 9,
    };
    let error = pace(Days::Calendar)
        .projection(unknown)
        .view(&panel, day("2026-02-07"))
        .unwrap_err();
    assert!(error.to_string().contains("recent"), "{error}");
}

#[test]
fn a_season_puts_its_weight_on_its_steps() {
    // A quarter whose months count 1, 1 and 2: by 28 February half of it should have come, by 15 March half of the rest
    // less a half day's worth.
    let steps = months("2026-01-01", "2026-04-01");
    let weights = vec![Ratio::from(1), Ratio::from(1), Ratio::from(2)];
    let season = Season::new(steps.clone(), weights.clone(), Days::Calendar).unwrap();
    let quarter = range("2026-01-01", "2026-04-01");
    let pacing = Pacing::Season(season);
    let share = |end: &str| pacing.progress(quarter, day(end)).unwrap().share().unwrap();
    assert_eq!(share("2026-03-01"), Ratio::percent(50));
    assert_eq!(
        share("2026-03-16"),
        Ratio::new(1, 2)
            .unwrap()
            .checked_add(Ratio::new(15, 62).unwrap())
            .unwrap()
    );
    assert_eq!(share("2026-04-01"), Ratio::ONE);
    let gap = pacing.progress(range("2025-12-31", "2026-02-01"), day("2026-01-05"));
    assert_eq!(
        gap,
        Err(PaceError::SeasonGap {
            day: day("2025-12-31")
        })
    );
    let gap = pacing.progress(range("2026-03-31", "2026-04-02"), day("2026-04-01"));
    assert_eq!(
        gap,
        Err(PaceError::SeasonGap {
            day: day("2026-04-01")
        })
    );
    assert!(matches!(
        Season::new(steps.clone(), weights[..2].to_vec(), Days::Calendar),
        Err(PaceError::SeasonShape {
            steps: 3,
            weights: 2
        })
    ));
    let sundays = weekdays([0, 0, 0, 0, 0, 0, 1]);
    let friday = PeriodSet::from_starts(
        Key::new("d").unwrap(),
        &[day("2026-03-06")],
        day("2026-03-07"),
        |_, _| "fri",
    );
    assert!(matches!(
        Season::new(friday.unwrap(), vec![Ratio::ONE], sundays),
        Err(PaceError::SeasonWithoutDays { .. })
    ));
}

#[test]
fn a_curve_must_rise_inside_its_square() {
    let share = |top, bottom| Ratio::new(top, bottom).unwrap();
    for points in [
        vec![(share(1, 2), share(3, 2))],
        vec![(share(1, 1), share(1, 2))],
        vec![(share(0, 1), share(1, 2))],
        vec![(share(1, 2), share(1, 2)), (share(1, 2), share(2, 3))],
        vec![(share(1, 2), share(1, 2)), (share(2, 3), share(1, 3))],
    ] {
        assert!(matches!(
            Curve::new(points, Days::Calendar),
            Err(PaceError::CurvePoint { .. })
        ));
    }
}

#[test]
fn cascaded_targets_say_what_is_due_by_now() {
    // February's 280 was cascaded to weeks as 10, 20, 50, 200; on the 11th the second week has 3 of 7 days left: 20 * 4/7.
    let panel = winter(84);
    let february = panel.periods().slice(1..2).unwrap();
    let mut coarse = Panel::new(people(1), february);
    coarse.add(column("target:sales", &[280])).unwrap();
    coarse.add(column("sales", &[84])).unwrap();
    let starts = ["2026-02-01", "2026-02-08", "2026-02-15", "2026-02-22"].map(day);
    let weeks = PeriodSet::from_starts(
        Key::new("weeks").unwrap(),
        &starts,
        day("2026-03-01"),
        |n, _| format!("w{n}"),
    )
    .unwrap();
    let finer = |units: &[i64]| {
        let mut finer = Panel::new(people(1), weeks.clone());
        finer.add(column("target:sales", units)).unwrap();
        finer
    };
    let pace = pace(Pacing::Cascaded(Days::Calendar));
    let view = pace.view(&coarse, day("2026-02-11")).unwrap();
    assert_eq!(view.reading(0, 0), Err(PaceError::NoCascade));
    let view = view.with_cascade(&finer(&[10, 20, 50, 200])).unwrap();
    let reading = view.reading(0, 0).unwrap();
    assert_eq!(units(reading.expected), Ok(10 + 11));
    // 84 where 21 of 280 were due: 84 * 280 / 21.
    assert_eq!(units(reading.projected), Ok(1120));
    let error = pace
        .view(&coarse, day("2026-02-11"))
        .unwrap()
        .with_cascade(&finer(&[10, 20, 50, 199]))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the cascaded targets of p0 in 2026-02 add up to 2.79, not to the target of 2.80"
    );
}

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
    let columns = view.columns().unwrap();
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
            let cell = panel.cell(subject, period).unwrap();
            let reading = view.reading(subject, period).unwrap();
            let told = [
                reading.expected,
                reading.projected,
                reading.gap,
                reading.attainment,
                reading.needed_per_day,
            ];
            for (column, answer) in columns.iter().zip(told) {
                assert_eq!(
                    column.answer(cell),
                    answer,
                    "{} of {subject} in {period}",
                    column.key()
                );
            }
            let shortfall = match reading.reach {
                Reach::Reached | Reach::Possible => Ok(0),
                Reach::Missed { by } | Reach::BeyondBest { by } => Ok(by.units()),
                Reach::Untested => Err(State::NothingRecorded),
                Reach::Unknown(state) => Err(state),
            };
            assert_eq!(units(columns[5].answer(cell)), shortfall);
        }
    }
    assert_eq!(
        columns[3].answer(1),
        Answer::None(State::NoBase),
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
    let rate = rate.course(Course::Holds);
    let columns = rate
        .view(&panel, day("2026-01-05"))
        .unwrap()
        .columns()
        .unwrap();
    assert_eq!(columns.len(), 2);
    assert_eq!(columns[0].key().role, Role::Expected);
    assert_eq!(columns[0].answer(0).ratio(), Some(Ratio::percent(50)));
    assert_eq!(columns[1].answer(1), Answer::None(State::NotYetDue));
}

#[test]
fn missing_numbers_stay_missing_with_their_reason() {
    let set = months("2026-02-01", "2026-03-01");
    let mut panel = Panel::new(people(2), set);
    let states = [State::NotApplicable, State::Value];
    panel
        .add(
            column("target:sales", &[0, 280])
                .with_states(&states)
                .unwrap(),
        )
        .unwrap();
    let states = [State::Value, State::NothingRecorded];
    panel
        .add(column("sales", &[84, 0]).with_states(&states).unwrap())
        .unwrap();
    let pace = pace(Days::Calendar);
    let view = pace.view(&panel, day("2026-02-07")).unwrap();
    let joined_later = view.reading(0, 0).unwrap();
    assert_eq!(joined_later.expected, Answer::None(State::NotApplicable));
    assert_eq!(units(joined_later.projected), Ok(336));
    assert_eq!(joined_later.reach, Reach::Unknown(State::NotApplicable));
    let silent = view.reading(1, 0).unwrap();
    assert_eq!(units(silent.expected), Ok(70));
    assert_eq!(silent.gap, Answer::None(State::NothingRecorded));
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
    let reading = view.reading(0, 0).unwrap();
    assert_eq!(reading.projected, Answer::None(State::OutOfRange));
    assert_eq!(units(reading.expected), Ok(i64::MAX / 4 + 1));
}

#[test]
fn a_pace_reads_back() {
    let text = r#"{"version":1,"metric":"sales","pacing":{"curve":{"points":[["0.9","0.7"]],"within":"calendar"}},"course":"accumulates","today":"passed","rounding":"half_away_from_zero","projection":{"blend":{"trust":"0.5"}},"best":{"per_day":"12.5"}}"#;
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

fn said(person: &str, period: &str, made: &str, amounts: [i64; 3]) -> Forecast {
    let [commit, best_case, pipeline] = amounts;
    let key = |text| Key::new(text).unwrap();
    Forecast {
        person: key(person),
        period: key(period),
        made: day(made),
        commit,
        best_case,
        pipeline,
    }
}

#[test]
fn forecasts_are_kept_by_version_and_judged_by_horizon() {
    let months = months("2026-01-01", "2026-04-01");
    let submitted = vec![
        said("ann", "2026-02", "2026-01-10", [80, 100, 200]),
        said("ann", "2026-02", "2026-02-10", [110, 120, 150]),
        said("ann", "2026-03", "2026-01-20", [50, 60, 70]),
        said("bo", "2026-02", "2025-12-01", [10, 10, 10]),
    ];
    let forecasts = Forecasts::new(months.clone(), submitted.clone()).unwrap();
    let ann = Key::new("ann").unwrap();
    assert_eq!(forecasts.versions(&ann, 1).count(), 2);
    let commit = |as_of| {
        forecasts
            .standing(&ann, 1, day(as_of))
            .map(|forecast| forecast.commit)
    };
    assert_eq!(
        (
            commit("2026-01-09"),
            commit("2026-02-09"),
            commit("2026-02-10")
        ),
        (None, Some(80), Some(110))
    );
    // In February came 100 from ann and nothing from bo; March has not ended.
    let came =
        |person: &Key, period: usize| (period < 2).then_some(if *person == ann { 100 } else { 0 });
    let scores = forecasts.scores(Category::Commit, day("2026-03-15"), came);
    let of = |person: &str, horizon| {
        scores
            .get(&(Key::new(person).unwrap(), horizon))
            .copied()
            .unwrap_or_default()
    };
    let share = |top, bottom| Ratio::new(top, bottom).ok();
    assert_eq!(
        (of("ann", 1).accuracy(), of("ann", 1).bias()),
        (share(4, 5), share(-1, 5))
    );
    assert_eq!(
        (of("ann", 0).accuracy(), of("ann", 0).bias()),
        (share(9, 10), share(1, 10))
    );
    // V-PR9: accuracy of nothing has no base. Before the first period it is as far ahead as from the first.
    assert_eq!((of("bo", 1).count, of("bo", 1).accuracy()), (1, None));
    assert!(scores.keys().all(|(_, horizon)| *horizon < 2));
    let found = forecasts.calibration(day("2026-03-15"), came);
    assert_eq!(found[&Category::Commit].realised(), share(200, 200));
    assert_eq!(found[&Category::Commit].reached_rate(), share(1, 3));
    assert_eq!(found[&Category::Pipeline].reached, 0);
    for (broken, wanted) in [
        (said("ann", "2027-02", "2026-01-10", [1, 2, 3]), "no period"),
        (said("ann", "2026-02", "2026-01-11", [3, 2, 3]), "must rise"),
        (
            said("ann", "2026-02", "2026-03-01", [1, 2, 3]),
            "after the period",
        ),
        (
            said("ann", "2026-02", "2026-01-10", [1, 2, 3]),
            "two forecasts",
        ),
    ] {
        let mut with = submitted.clone();
        with.push(broken);
        let error = Forecasts::new(months.clone(), with)
            .unwrap_err()
            .to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn intervals_come_from_earlier_errors_and_are_back_tested() {
    let share = |percent| Trust::new(Ratio::percent(percent)).unwrap();
    let came = |actuals: &[i64]| {
        ErrorHistory::new(
            actuals
                .iter()
                .map(|actual| Projected {
                    projected: 10,
                    actual: *actual,
                })
                .collect(),
        )
    };
    let history = came(&[12, 8, 11, 9, 10, 13, 7, 10, 10]);
    // Ranks 1 and 9 of 9 for 80 %; ranks 2 (floor 2.5) and 8 (ceiling 7.5) for 50 %.
    let ends = |coverage| {
        history
            .interval(200, share(coverage))
            .unwrap()
            .map(|found| (found.low, found.high))
    };
    assert_eq!(
        (ends(80), ends(50), ends(90)),
        (Some((140, 260)), Some((160, 240)), None)
    );
    assert_eq!(history.chance(200, 220), Ratio::new(3, 9).ok());
    assert_eq!((history.chance(0, 5), came(&[]).chance(1, 1)), (None, None));
    // For 50 % three projections are needed; the fourth, 9, lies in 8 to 12, the fifth too, 13 and 7 do not.
    let tested = history.back_test(share(50)).unwrap();
    assert_eq!(
        (tested.tested, tested.held, tested.coverage()),
        (6, 4, Ratio::new(4, 6).ok())
    );
    assert_eq!(came(&[1]).back_test(share(50)).unwrap().coverage(), None);
    let nothing = ErrorHistory::new(vec![Projected {
        projected: 0,
        actual: 5,
    }]);
    assert!(nothing.is_empty());
}

#[test]
fn told_chances_stand_beside_what_came() {
    let half = Ratio::percent(50);
    let told = [
        (half, true),
        (half, false),
        (Ratio::ONE, true),
        (Ratio::ZERO, false),
        (Ratio::percent(90), false),
    ];
    let (bins, brier) = chance_calibration(&told, 2).unwrap();
    assert_eq!((bins[0].count, bins[0].came), (1, 0));
    assert_eq!(
        (bins[1].count, bins[1].came, bins[1].told),
        (4, 2, "2.9".parse().unwrap())
    );
    // (0.25 + 0.25 + 0 + 0 + 0.81) / 5
    assert_eq!(brier, Some("0.262".parse().unwrap()));
    assert_eq!(chance_calibration(&[], 2).unwrap().1, None);
    assert!(chance_calibration(&[(Ratio::from(2), true)], 2).is_err());
    assert!(chance_calibration(&told, 0).is_err());
}

/// Sales of one person over four months, and their targets.
fn four_months(actual: [i64; 4]) -> Panel {
    let subjects = Subjects::new(
        Axis::new("person", "person").unwrap(),
        vec![Key::new("ann").unwrap()],
    );
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2026-01-01"), day("2026-05-01"))
        .unwrap();
    let mut panel = Panel::new(subjects.unwrap(), months);
    let unit: Unit = "count:order".parse().unwrap();
    for (key, units) in [
        (ColumnKey::target("orders"), [100; 4]),
        (ColumnKey::actual("orders"), actual),
    ] {
        let column = Column::amounts(key.unwrap(), unit.clone(), Quantum::ONE, units.to_vec());
        panel.add(column).unwrap();
    }
    panel
}

fn answers(columns: &[Column], name: &str) -> Vec<Result<Ratio, State>> {
    let column = columns
        .iter()
        .find(|column| column.key().metric == *name)
        .unwrap();
    (0..4)
        .map(|cell| {
            let answer = column.answer(cell);
            answer.ratio().ok_or(answer.state())
        })
        .collect()
}

#[test]
fn the_interval_of_a_projection_comes_from_earlier_projections() {
    let pace = Pace::new("orders", Pacing::default()).unwrap();
    // On the 10th of each month 10 were there, so that 31, 28 and 31 were projected; 62, 28 and 31 came.
    let finals = four_months([62, 28, 31, 10]);
    let snapshots = [
        (four_months([10, 0, 0, 0]), "2026-01-10"),
        (four_months([62, 10, 0, 0]), "2026-02-10"),
        (four_months([62, 28, 10, 0]), "2026-03-10"),
    ];
    let earlier: Vec<View<'_>> = snapshots
        .iter()
        .map(|(panel, as_of)| pace.view(panel, day(as_of)).unwrap())
        .collect();
    let histories = error_histories(&earlier, &finals, |period| period < 3).unwrap();
    let expected =
        [(31, 62), (28, 28), (31, 31)].map(|(projected, actual)| Projected { projected, actual });
    assert_eq!(histories, [ErrorHistory::new(expected.to_vec())]);
    let now = pace.view(&finals, day("2026-04-10")).unwrap();
    let half = Trust::new(Ratio::percent(50)).unwrap();
    let columns = now
        .outlook_columns(half, |subject| histories.get(subject))
        .unwrap();
    // 30 are projected; from 1 to 2 times of what was projected came.
    let none = Err(State::NotApplicable);
    assert_eq!(
        answers(&columns, "orders.projected_low"),
        [none, none, none, Ok(Ratio::from(30))]
    );
    assert_eq!(
        answers(&columns, "orders.projected_high")[3],
        Ok(Ratio::from(60))
    );
    assert_eq!(
        answers(&columns, "orders.chance")[3],
        Ok(Ratio::ZERO),
        "100 would be 3.3 times as much"
    );
    assert_eq!(
        answers(&columns, "orders.interval_held")[3],
        Err(State::NoBase),
        "no earlier interval"
    );
    let sure = Trust::new(Ratio::percent(90)).unwrap();
    let columns = now
        .outlook_columns(sure, |subject| histories.get(subject))
        .unwrap();
    assert_eq!(
        answers(&columns, "orders.projected_low")[3],
        Err(State::NothingRecorded)
    );
}

#[test]
fn forecasts_are_told_as_columns_and_judged_by_their_horizon() {
    let panel = four_months([80, 120, 0, 10]);
    let forecast = |period: &str, made: &str, commit| Forecast {
        person: Key::new("ann").unwrap(),
        period: Key::new(period).unwrap(),
        made: day(made),
        commit,
        best_case: commit + 20,
        pipeline: commit + 50,
    };
    let labels: Vec<String> = panel
        .periods()
        .iter()
        .map(|period| period.label.to_string())
        .collect();
    let submitted = vec![
        forecast(&labels[0], "2026-01-05", 100),
        forecast(&labels[0], "2026-01-20", 90),
        forecast(&labels[1], "2026-01-20", 110),
        forecast(&labels[1], "2026-02-02", 110),
        forecast(&labels[2], "2026-03-02", 10),
        forecast(&labels[3], "2026-04-02", 100),
    ];
    let forecasts = Forecasts::new(panel.periods().clone(), submitted).unwrap();
    let name = Key::new("f").unwrap();
    let metric = Key::new("orders").unwrap();
    let columns = forecasts
        .columns(&name, &metric, 0, &panel, day("2026-04-10"))
        .unwrap();
    let later = Err(State::NotYetDue);
    let whole = |number: i64| Ok(Ratio::from(number));
    assert_eq!(
        answers(&columns, "f.commit"),
        [whole(90), whole(110), whole(10), whole(100)]
    );
    assert_eq!(
        answers(&columns, "f.versions"),
        [whole(2), whole(2), whole(1), whole(1)]
    );
    // Off by 20 and 10 of 80 twice; by 10 of 120; nothing came in March.
    let part = |top, bottom| Ok(Ratio::new(top, bottom).unwrap());
    assert_eq!(
        answers(&columns, "f.accuracy"),
        [part(13, 16), part(11, 12), Err(State::NoBase), later]
    );
    assert_eq!(
        answers(&columns, "f.bias")[..2],
        [part(3, 16), part(-1, 12)]
    );
    assert_eq!(
        answers(&columns, "f.commit_reached")[..3],
        [whole(0), whole(1), whole(0)]
    );
    assert_eq!(answers(&columns, "f.best_case_realised")[1], part(12, 13));
}
