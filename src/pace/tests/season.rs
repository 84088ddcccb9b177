//! Seasons, curves and cascaded targets.

use super::*;
use crate::calendar::PeriodId;
use crate::panel::Figure;
use crate::space::RowId;

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
            Phasing::new(points, Days::Calendar),
            Err(PaceError::PhasingPoint { .. })
        ));
    }
}

#[test]
fn the_rows_of_cascaded_targets_meet_those_of_the_panel_by_name() {
    let february = winter(84);
    let label = february.periods().id("2026-02").unwrap();
    let february = february.periods().slice(label, label).unwrap();
    let mut coarse = Panel::new(people(2), february.clone());
    let target = column("target:sales", &[0, 280]);
    let target = target.with_reasons(&[Some(Reason::NotApplicable), None]);
    coarse.add(target.unwrap()).unwrap();
    coarse.add(column("sales", &[1, 84])).unwrap();
    let of = |names: &[&str], units: &[i64]| {
        let keys = names.iter().map(|name| Key::new(*name).unwrap()).collect();
        let rows = Subjects::new(Axis::new("person", "person").unwrap(), keys).unwrap();
        let mut finer = Panel::new(rows, february.clone());
        finer.add(column("target:sales", units)).unwrap();
        finer
    };
    let pace = pace(Pacing::Cascaded(Days::Calendar));
    let view = || pace.view(&coarse, day("2026-02-15")).unwrap();
    let cascaded = view().with_cascade(&of(&["p1"], &[280])).unwrap();
    let reading = cascaded.reading(RowId::at(1), PeriodId::at(0)).unwrap();
    // 15 of 28 days have passed.
    assert_eq!(
        reading.expected.and_then(Figure::value).ok(),
        Ratio::new(150, 100).ok()
    );
    let error = view()
        .with_cascade(&of(&["p1", "p2"], &[280, 7]))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the panel has no row for `p2`, where column `target:sales` of the other one has figures"
    );
    let error = view().with_cascade(&of(&["p0"], &[280])).unwrap_err();
    assert!(error.to_string().contains("p1 in 2026-02"), "{error}");
}

#[test]
fn cascaded_targets_say_what_is_due_by_now() {
    // February's 280 was cascaded to weeks as 10, 20, 50, 200; on the 11th the second week has 3 of 7 days left: 20 * 4/7.
    let panel = winter(84);
    let february = panel.periods().id("2026-02").unwrap();
    let february = panel.periods().slice(february, february).unwrap();
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
    assert_eq!(
        view.reading(RowId::at(0), PeriodId::at(0)),
        Err(PaceError::NoCascade)
    );
    let view = view.with_cascade(&finer(&[10, 20, 50, 200])).unwrap();
    let reading = view.reading(RowId::at(0), PeriodId::at(0)).unwrap();
    // Cents: 10 + 80/7 = 150/7 are due.
    assert_eq!(
        reading.expected.and_then(Figure::value).ok(),
        Ratio::new(150, 700).ok()
    );
    // 84 where 150/7 of 280 were due: 84 * 280 * 7 / 150 = 1097.6.
    assert_eq!(
        reading.projected.and_then(Figure::value).ok(),
        Ratio::new(10_976, 1_000).ok()
    );
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
fn the_cascade_of_each_person_is_that_of_their_own_months() {
    let two = months("2026-01-01", "2026-03-01");
    let coarse = panel(
        2,
        two,
        &[
            ("target:sales", &[30, 300, 40, 400]),
            ("sales", &[0, 0, 0, 0]),
        ],
    );
    let starts = ["2026-01-01", "2026-01-16", "2026-02-01", "2026-02-15"].map(day);
    let name = Key::new("halves").unwrap();
    let halves = PeriodSet::from_starts(name, &starts, day("2026-03-01"), |n, _| format!("h{n}"));
    let finer = panel(
        2,
        halves.unwrap(),
        &[("target:sales", &[10, 100, 20, 200, 15, 150, 25, 250])],
    );
    let pace = pace(Pacing::Cascaded(Days::Calendar));
    let view = pace.view(&coarse, day("2026-02-14")).unwrap();
    let view = view.with_cascade(&finer).unwrap();
    let due = [0, 1].map(|subject| {
        [0, 1].map(|period| {
            let reading = view.reading(RowId::at(subject), PeriodId::at(period));
            units(reading.unwrap().expected)
        })
    });
    assert_eq!(due, [[Ok(30), Ok(15)], [Ok(300), Ok(150)]]);
}

#[test]
fn a_stretch_without_a_day_that_counts_has_reached_a_target_of_nothing() {
    // The 31st of January 2026 is a Saturday: on it a weekend runs of which no day is worked.
    let name = |name: &str| Key::new(name).unwrap();
    let whole = PeriodSet::from_starts(
        name("all"),
        &[day("2026-01-26")],
        day("2026-02-02"),
        |_, _| "all",
    );
    let coarse = panel(
        1,
        whole.unwrap(),
        &[("target:sales", &[70]), ("sales", &[0])],
    );
    let starts = ["2026-01-26", "2026-01-31"].map(day);
    let parts = PeriodSet::from_starts(name("parts"), &starts, day("2026-02-02"), |n, _| {
        format!("p{n}")
    });
    let expected = |targets: [i64; 2]| {
        let finer = panel(1, parts.clone().unwrap(), &[("target:sales", &targets)]);
        let pace = pace(Pacing::Cascaded(weekdays([1, 1, 1, 1, 1, 0, 0])));
        let view = pace.view(&coarse, day("2026-01-31")).unwrap();
        let view = view.with_cascade(&finer).unwrap();
        units(
            view.reading(RowId::at(0), PeriodId::at(0))
                .unwrap()
                .expected,
        )
    };
    assert_eq!(expected([70, 0]), Ok(70));
    assert_eq!(expected([60, 10]), Err(Reason::NoBase));
}
