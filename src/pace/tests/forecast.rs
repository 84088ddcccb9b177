//! Intervals, chances and rolling forecasts.

use super::*;
use crate::calendar::PeriodId;
use crate::panel::Columns;

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
    let [february, march] = ["2026-02", "2026-03"].map(|label| months.id(label).unwrap());
    assert_eq!(forecasts.versions(&ann, february).count(), 2);
    let commit = |as_of| {
        forecasts
            .standing(&ann, february, day(as_of))
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
    let came = |person: &Key, period: PeriodId| {
        (period < march).then_some(if *person == ann { 100 } else { 0 })
    };
    let scores = forecasts.scores(Category::Commit, day("2026-03-15"), came);
    let of = |person: &str, horizon| {
        scores
            .get(&(Key::new(person).unwrap(), horizon))
            .copied()
            .unwrap_or_default()
    };
    let share = |top, bottom| Ratio::new(top, bottom).ok();
    crate::document::reads_back(&of("ann", 1));
    assert_eq!(
        (of("ann", 1).accuracy(), of("ann", 1).bias()),
        (share(4, 5), share(-1, 5))
    );
    assert_eq!(
        (of("ann", 0).accuracy(), of("ann", 0).bias()),
        (share(9, 10), share(1, 10))
    );
    // Accuracy of nothing has no base. December lies two months ahead of February, though the set begins in January.
    assert_eq!((of("bo", 2).count, of("bo", 2).accuracy()), (1, None));
    assert!(scores.keys().all(|(_, horizon)| *horizon < 3));
    let found = forecasts.calibration(day("2026-03-15"), came);
    assert_eq!(found[&Category::Commit].realised(), share(200, 200));
    assert_eq!(found[&Category::Commit].reached_rate(), share(1, 3));
    assert_eq!(found[&Category::Pipeline].reached, 0);
    for (broken, wanted) in [
        (
            said("ann", "2027-02", "2026-01-10", [1, 2, 3]),
            "is not a period",
        ),
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
    // Nothing projected: the earlier ones were from 3 short to 3 above, and 3 of 9 more than 0 above.
    assert_eq!(
        (history.chance(0, 1), came(&[]).chance(1, 1)),
        (Ratio::new(3, 9).ok(), None)
    );
    // For 50 % three projections are needed; the fourth, 9, lies in 8 to 12, the fifth too, 13 and 7 do not.
    let tested = history.backtest(share(50)).unwrap();
    assert_eq!(
        (tested.tested, tested.held, tested.coverage()),
        (6, 4, Ratio::new(4, 6).ok())
    );
    assert_eq!(came(&[1]).backtest(share(50)).unwrap().coverage(), None);
    assert!(came(&[]).is_empty());
}

#[test]
fn projections_of_nothing_and_below_have_intervals_too() {
    let share = |percent| Trust::new(Ratio::percent(percent)).unwrap();
    let history = |pairs: &[(i64, i64)]| {
        let pair = |(projected, actual): &(i64, i64)| Projected {
            projected: *projected,
            actual: *actual,
        };
        ErrorHistory::new(pairs.iter().map(pair).collect())
    };
    let hundreds: Vec<(i64, i64)> = (0..9).map(|n| (100, 80 + 5 * n)).collect();
    let losses: Vec<(i64, i64)> = (0..9).map(|n| (-100, -80 - 5 * n)).collect();
    let nothing: Vec<(i64, i64)> = (0..9).map(|n| (0, 5 * n - 20)).collect();
    let ends = |pairs: &[(i64, i64)], projected| {
        let found = history(pairs).interval(projected, share(80)).unwrap();
        found.map(|found| (found.low, found.high))
    };
    for (pairs, projected, expected) in [
        (&hundreds, 1_000, Some((800, 1_200))),
        (&hundreds, -1_000, Some((-1_200, -800))),
        (&hundreds, 0, Some((-20, 20))),
        (&losses, -1_000, Some((-1_200, -800))),
        (&losses, 1_000, Some((800, 1_200))),
        (&losses, 0, Some((-20, 20))),
        (&nothing, 0, Some((-20, 20))),
        // Projections of zero say nothing of a proportion.
        (&nothing, 1_000, None),
    ] {
        assert_eq!(
            ends(pairs, projected),
            expected,
            "{projected} after {pairs:?}"
        );
    }
    // The back-test counts each interval that was issued: nine come before the first, whatever was projected then.
    let mut mixed = nothing.clone();
    mixed.extend([(0, 20), (0, 21), (0, -20)]);
    let tested = history(&mixed).backtest(share(80)).unwrap();
    assert_eq!((tested.tested, tested.held), (3, 2));
    let mut down = losses.clone();
    down.extend([(-200, -150), (-200, -200)]);
    let tested = history(&down).backtest(share(80)).unwrap();
    assert_eq!((tested.tested, tested.held), (2, 1));
    // The chance of a target, and that a limit is kept, are told of every projection.
    assert_eq!(
        history(&hundreds).chance(-1_000, -950),
        Ratio::new(4, 9).ok()
    );
    assert_eq!(
        history(&nothing).chance_of_at_most(0, 0),
        Ratio::new(5, 9).ok()
    );
}

#[test]
fn a_forecast_made_before_the_set_begins_is_as_far_ahead_as_its_periods_say() {
    let made = |grain, from: &str, to: &str, label: &str, on: &str| {
        let set = Calendar::gregorian()
            .periods(grain, day(from), day(to))
            .unwrap();
        let forecasts = Forecasts::new(set, vec![said("ann", label, on, [1, 1, 1])]).unwrap();
        let scores = forecasts.scores(Category::Commit, day("2030-01-01"), |_, _| Some(1));
        scores
            .keys()
            .map(|(_, horizon)| *horizon)
            .collect::<Vec<_>>()
    };
    let months = |label, on| made(Grain::Month, "2026-03-01", "2026-06-01", label, on);
    assert_eq!(months("2026-03", "2026-03-01"), [0]);
    assert_eq!(months("2026-03", "2026-02-28"), [1]);
    assert_eq!(months("2026-03", "2026-02-20"), [1]);
    assert_eq!(months("2026-03", "2026-02-01"), [1]);
    assert_eq!(months("2026-03", "2026-01-31"), [2]);
    assert_eq!(months("2026-05", "2026-01-31"), [4]);
    assert_eq!(months("2026-03", "2025-03-01"), [12]);
    let quarters = |on| made(Grain::Quarter, "2026-04-01", "2027-01-01", "2026-Q2", on);
    assert_eq!(
        (quarters("2026-03-31"), quarters("2025-12-31")),
        (vec![1], vec![2])
    );
    let weeks = |on| made(Grain::Week, "2026-03-02", "2026-03-16", "2026-W10", on);
    assert_eq!(
        (weeks("2026-03-01"), weeks("2026-02-22")),
        (vec![1], vec![2])
    );
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
    for told in [&told[..], &[]] {
        assert_eq!(
            chance_calibration(told, 0).unwrap_err().to_string(),
            "`bins` is 0: chances are put into 1 to 10000 bins"
        );
        assert!(matches!(
            chance_calibration(told, u32::MAX),
            Err(PaceError::Bins { most: 10_000, .. })
        ));
        assert!(chance_calibration(told, 10_000).is_ok() && chance_calibration(told, 1).is_ok());
    }
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
    let earlier: Vec<PaceView<'_>> = snapshots
        .iter()
        .map(|(panel, as_of)| pace.view(panel, day(as_of)).unwrap())
        .collect();
    let histories = error_histories(&earlier, &finals, |period| period.index() < 3).unwrap();
    let expected =
        [(31, 62), (28, 28), (31, 31)].map(|(projected, actual)| Projected { projected, actual });
    assert_eq!(histories, [ErrorHistory::new(expected.to_vec())]);
    assert!(!histories[0].is_empty() && ErrorHistory::new(vec![]).is_empty());
    let half = Trust::new(Ratio::percent(50)).unwrap();
    let columns = pace
        .columns(day("2026-04-10"))
        .outlook(half, &histories)
        .columns(&finals)
        .unwrap();
    // 30 are projected; from 1 to 2 times of what was projected came.
    let none = Err(Reason::NotApplicable);
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
        Err(Reason::NoBase),
        "no earlier interval"
    );
    let sure = Trust::new(Ratio::percent(90)).unwrap();
    let columns = pace
        .columns(day("2026-04-10"))
        .outlook(sure, &histories)
        .columns(&finals)
        .unwrap();
    assert_eq!(
        answers(&columns, "orders.projected_low")[3],
        Err(Reason::NothingRecorded)
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
        .columns(&name, &metric, 0, day("2026-04-10"))
        .columns(&panel)
        .unwrap();
    let later = Err(Reason::NotYetDue);
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
        [part(13, 16), part(11, 12), Err(Reason::NoBase), later]
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
    // A period is over on its last day, and not before.
    for (on, accuracy) in [
        ("2026-02-27", later),
        ("2026-02-28", part(11, 12)),
        ("2026-03-01", part(11, 12)),
    ] {
        let columns = forecasts
            .columns(&name, &metric, 0, day(on))
            .columns(&panel)
            .unwrap();
        assert_eq!(answers(&columns, "f.accuracy")[1], accuracy, "{on}");
    }
}

#[test]
fn earlier_views_have_the_rows_and_periods_of_what_came() {
    let pace = pace(Days::Calendar);
    let made = |count: usize, to: &str| {
        let months = months("2026-01-01", to);
        let cells = vec![1; count * months.len()];
        panel(
            count,
            months,
            &[("target:sales", &cells), ("sales", &cells)],
        )
    };
    let finals = made(2, "2026-03-01");
    let told = |earlier: &Panel| {
        let view = pace.view(earlier, day("2026-01-10")).unwrap();
        error_histories(&[view], &finals, |_| true).map_err(|error| error.to_string())
    };
    assert!(told(&made(2, "2026-03-01")).is_ok());
    let other_rows = told(&made(3, "2026-03-01")).unwrap_err();
    let other_periods = told(&made(2, "2026-04-01")).unwrap_err();
    assert!(other_periods.contains("period"), "{other_periods}");
    assert!(!other_rows.contains("period"), "{other_rows}");
}

#[test]
fn a_category_is_reached_by_exactly_what_was_said() {
    let months = months("2026-01-01", "2026-02-01");
    let said = vec![said("ann", "2026-01", "2026-01-05", [100, 101, 200])];
    let forecasts = Forecasts::new(months, said).unwrap();
    let found = forecasts.calibration(day("2026-02-01"), |_, _| Some(100));
    assert_eq!(found[&Category::Commit].reached, 1);
    assert_eq!(found[&Category::BestCase].reached, 0);
}
