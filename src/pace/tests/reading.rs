//! Readings and projections.

use super::*;
use crate::calendar::PeriodId;
use crate::panel::Figure;
use crate::space::RowId;

#[test]
fn a_running_month_is_read_by_its_days() {
    // After 7 of 28 days a quarter of 280 is expected. 84 in 7 days is 12 a day: 336 at the end.
    let panel = winter(84);
    let pace = pace(Days::Calendar);
    let view = pace.view(&panel, day("2026-02-07")).unwrap();
    let reading = view.reading(RowId::at(0), PeriodId::at(1)).unwrap();
    assert_eq!(reading.phase, Phase::Running);
    assert_eq!(units(reading.expected), Ok(70));
    assert_eq!(units(reading.gap), Ok(14));
    assert_eq!(
        reading.attainment.and_then(Figure::value).ok(),
        Some(Ratio::new(6, 5).unwrap())
    );
    assert_eq!(units(reading.projected), Ok(336));
    // (280 - 84) cents over 21 days.
    assert_eq!(
        reading.needed_per_day.and_then(Figure::value).ok(),
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
    assert_eq!(
        units(
            view.reading(RowId::at(0), PeriodId::at(1))
                .unwrap()
                .expected
        ),
        Ok(70)
    );
    let view = pace.view(&panel, day("2026-02-01")).unwrap();
    assert_eq!(
        view.reading(RowId::at(0), PeriodId::at(1)).unwrap().phase,
        Phase::NotBegun
    );
    assert_eq!(
        view.reading(RowId::at(0), PeriodId::at(0)).unwrap().phase,
        Phase::Ended
    );
}

#[test]
fn closed_periods_end_at_the_target_and_later_ones_are_not_yet_due() {
    let panel = winter(84);
    let pace = pace(Days::Calendar);
    let view = pace.view(&panel, day("2026-02-07")).unwrap();
    let january = view.reading(RowId::at(0), PeriodId::at(0)).unwrap();
    assert_eq!(units(january.expected), Ok(300));
    assert_eq!(units(january.projected), Ok(310));
    assert_eq!(january.needed_per_day, Err(Reason::NotApplicable));
    assert_eq!(january.reach, Reach::Reached);
    let march = view.reading(RowId::at(0), PeriodId::at(2)).unwrap();
    for answer in [
        march.expected,
        march.actual,
        march.gap,
        march.attainment,
        march.projected,
        march.needed_per_day,
    ] {
        assert_eq!(answer, Err(Reason::NotYetDue));
    }
    assert_eq!(units(march.target), Ok(500));
    assert_eq!(march.reach, Reach::Unknown(Reason::NotYetDue));
}

#[test]
fn a_target_beyond_the_best_rate_is_told_with_the_shortfall() {
    // On 24 February 4 days are left, worth 40 at January's 10 a day; 280 - 200 = 80 are missing.
    let panel = winter(200);
    let pace = pace(Days::Calendar);
    let view = pace.view(&panel, day("2026-02-24")).unwrap();
    let by = Quantum::CENT.quantity(40);
    assert_eq!(
        view.reading(RowId::at(0), PeriodId::at(1)).unwrap().reach,
        Reach::BeyondBest { by }
    );
    let strong = pace
        .clone()
        .best(BestRate::PerDay(Ratio::percent(20)))
        .unwrap();
    let view = strong.view(&panel, day("2026-02-24")).unwrap();
    assert_eq!(
        view.reading(RowId::at(0), PeriodId::at(1)).unwrap().reach,
        Reach::Possible
    );
    let none = pace.clone().best(BestRate::Unknown).unwrap();
    let view = none.view(&panel, day("2026-02-24")).unwrap();
    assert_eq!(
        view.reading(RowId::at(0), PeriodId::at(1)).unwrap().reach,
        Reach::Untested
    );
    assert!(matches!(
        pace.best(BestRate::PerDay(Ratio::from(-1))),
        Err(PaceError::NegativeRate { .. })
    ));
}

#[test]
fn the_best_rate_is_that_of_the_best_closed_period_of_oneself() {
    // January brought 310 in 31 days, 10 a day; February 560 in 28, 20 a day; March 93, 3 a day. On 20 April 10 days are
    // left of which 200 can be hoped for, not the 30 of the latest month, nor the 600 of the other person's best.
    let panel = panel(
        2,
        months("2026-01-01", "2026-05-01"),
        &[
            ("target:sales", &[300, 300, 300, 300, 300, 300, 300, 300]),
            ("sales", &[310, 1_860, 560, 0, 93, 0, 60, 99]),
        ],
    );
    let pace = pace(Days::Calendar);
    let view = pace.view(&panel, day("2026-04-20")).unwrap();
    let by = Quantum::CENT.quantity(40);
    assert_eq!(
        view.reading(RowId::at(0), PeriodId::at(3)).unwrap().reach,
        Reach::BeyondBest { by }
    );
    assert_eq!(
        view.reading(RowId::at(1), PeriodId::at(3)).unwrap().reach,
        Reach::Possible
    );
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
    let reach = |view: &PaceView<'_>, person| {
        view.reading(RowId::at(person), PeriodId::at(0))
            .unwrap()
            .reach
    };
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
    let balance = pace(Days::Calendar).approach(Approach::Holds);
    let view = balance.view(&panel, day("2026-02-07")).unwrap();
    assert_eq!(reach(&view, 0), Reach::Untested);
    assert_eq!(
        units(
            view.reading(RowId::at(2), PeriodId::at(0))
                .unwrap()
                .expected
        ),
        Ok(100)
    );
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
    let reading = view.reading(RowId::at(0), PeriodId::at(0)).unwrap();
    assert_eq!(reading.expected, Err(Reason::NoBase));
    assert_eq!(reading.projected, Err(Reason::NoBase));
    assert_eq!(reading.needed_per_day, Err(Reason::NoBase));
    assert_eq!(
        reading.reach,
        Reach::BeyondBest {
            by: Quantum::CENT.quantity(90)
        }
    );
    assert_eq!(
        units(
            view.reading(RowId::at(1), PeriodId::at(0))
                .unwrap()
                .expected
        ),
        Ok(0),
        "nothing of nothing"
    );
    let ended = pace.view(&panel, day("2026-03-07")).unwrap();
    assert_eq!(
        units(
            ended
                .reading(RowId::at(0), PeriodId::at(0))
                .unwrap()
                .expected
        ),
        Ok(100)
    );
}

#[test]
fn a_balance_glides_from_where_the_period_before_left_it() {
    // From 400 at the end of January down to 120 at the end of February: a quarter of the way is 330.
    let panel = panel(
        1,
        months("2026-01-01", "2026-03-01"),
        &[("target:sales", &[500, 120]), ("sales", &[400, 350])],
    );
    let pace = pace(Days::Calendar).approach(Approach::Glides);
    let view = pace.view(&panel, day("2026-02-07")).unwrap();
    let reading = view.reading(RowId::at(0), PeriodId::at(1)).unwrap();
    assert_eq!(units(reading.expected), Ok(330));
    // Down 50 in a quarter of the month: 200 lower at the end.
    assert_eq!(units(reading.projected), Ok(200));
    let first = pace.view(&panel, day("2026-01-10")).unwrap();
    assert_eq!(
        first
            .reading(RowId::at(0), PeriodId::at(0))
            .unwrap()
            .expected,
        Err(Reason::NothingRecorded)
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
            units(
                view.reading(RowId::at(0), PeriodId::at(1))
                    .unwrap()
                    .projected
            ),
            Ok(expected),
            "{projection:?}"
        );
        // What is over came to what it came to.
        let view = pace.view(&panel, day("2026-03-01")).unwrap();
        let reading = view.reading(RowId::at(0), PeriodId::at(1)).unwrap();
        assert_eq!(units(reading.projected), Ok(100), "{projection:?}");
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
