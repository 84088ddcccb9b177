//! Intervals, chances and rolling forecasts.

use super::*;

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
    // Accuracy of nothing has no base. Before the first period it is as far ahead as from the first.
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
    let columns = now
        .outlook_columns(sure, |subject| histories.get(subject))
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
        .columns(&name, &metric, 0, &panel, day("2026-04-10"))
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
