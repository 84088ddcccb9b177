//! Statistics of panels, by hand.

use quotaflow::calendar::Grain;
use quotaflow::measure::Direction;
use quotaflow::panel::{Column, ColumnKey, Columns, Panel, Reason, Role};
use quotaflow::quantity::Ratio;
use quotaflow::statistics::{
    Goal, LagWindow, Streak, Unanswered, below_target, below_target_columns, lag_columns, lags,
    lags_by_subject, rises, streak_columns, streaks,
};

use crate::orders::{counts, key, orders, panel, periods, ratio, rows};

#[test]
fn an_order_every_day_is_a_streak() {
    let days = periods(Grain::Day, "2026-03-02", "2026-03-08");
    let column = counts("orders", vec![1, 2, 0, 1, 9, 1]);
    let states = [None, None, None, None, Some(Reason::NotYetDue), None];
    let mut panel = Panel::new(rows(&["ann"]), days);
    panel.add(column.with_reasons(&states).unwrap()).unwrap();
    let goal = Goal::AtLeast(Ratio::ONE);
    // Met, met, missed, met, not known, met: what is not known neither ends a streak nor lengthens it.
    assert_eq!(
        streaks(&panel, &orders(), goal, Unanswered::Passes).unwrap(),
        [Streak {
            met: 4,
            missed: 1,
            unknown: 1,
            longest: 2,
            current: 2,
        }]
    );
    let columns = streak_columns(&orders(), goal, Unanswered::Passes)
        .columns(&panel)
        .unwrap();
    let met: Vec<_> = (0..6).map(|cell| ratio(&columns, 0, cell)).collect();
    assert_eq!(met, [1, 2, 2, 3, 3, 4].map(|met| Ok(Ratio::from(met))));
    assert_eq!(ratio(&columns, 1, 3), Ok(Ratio::ONE));
    assert_eq!(ratio(&columns, 1, 4), Err(Reason::NotYetDue));
    assert!(
        streaks(&panel, &orders(), Goal::Target, Unanswered::Passes).is_err(),
        "there is no target"
    );
    // A target is met from its better side.
    for (direction, met) in [
        (Direction::Larger, 2),
        (Direction::Neutral, 2),
        (Direction::Smaller, 5),
        (Direction::Target, 1),
    ] {
        let days = periods(Grain::Day, "2026-03-02", "2026-03-08");
        let mut panel = Panel::new(rows(&["ann"]), days);
        panel
            .add(counts("orders", vec![1, 2, 0, 1, 9, 1]).better(direction))
            .unwrap();
        let target = counts("orders", vec![2; 6]).named(orders().with(Role::Target));
        panel.add(target).unwrap();
        let found = streaks(&panel, &orders(), Goal::Target, Unanswered::Passes).unwrap();
        assert_eq!(found[0].met, met, "{direction:?}");
    }
}

#[test]
fn a_goal_is_met_on_its_bound() {
    let days = periods(Grain::Day, "2026-03-02", "2026-03-07");
    let panel = panel(&["ann"], days, vec![1, 2, 3, 4, 5]);
    let met = |goal| streaks(&panel, &orders(), goal, Unanswered::Passes).unwrap()[0].met;
    let [two, four] = [2, 4].map(Ratio::from);
    assert_eq!(met(Goal::AtLeast(four)), 2);
    assert_eq!(met(Goal::AtMost(two)), 2);
    assert_eq!(met(Goal::Between(two, four)), 3);
}

#[test]
fn only_what_rises_without_a_pause_rises() {
    let found = |figures: &[Option<i64>]| {
        let figures: Vec<_> = figures
            .iter()
            .map(|figure| figure.map(Ratio::from).ok_or(Reason::NotYetDue))
            .collect();
        rises(&figures)
    };
    assert_eq!(found(&[]), 0);
    assert_eq!(found(&[Some(3)]), 0);
    assert_eq!(
        found(&[Some(1), Some(2), Some(2), Some(3)]),
        1,
        "equal is no rise"
    );
    assert_eq!(found(&[Some(1), Some(2), Some(3), Some(4)]), 3);
    assert_eq!(found(&[Some(4), Some(3)]), 0);
    assert_eq!(found(&[Some(1), None, Some(3), Some(4)]), 1);
    assert_eq!(found(&[Some(1), Some(2), None]), 0);
}

#[test]
fn where_all_miss_the_target_is_suspect() {
    let months = periods(Grain::Month, "2026-03-01", "2026-05-01");
    let mut panel = panel(&["ann", "bo", "cy"], months, vec![8, 7, 9, 8, 12, 11]);
    let target = counts("orders", vec![10; 6]).named(orders().with(Role::Target));
    panel.add(target).unwrap();
    let found = below_target(&panel, &orders()).unwrap();
    assert_eq!(found[0].share(), Some(Ratio::ONE));
    assert!(found[0].suspect(3, Ratio::percent(90)));
    assert!(!found[0].suspect(4, Ratio::percent(90)), "too few to tell");
    assert_eq!(found[1].share(), Ratio::new(1, 3).ok());
    assert!(!found[1].suspect(3, Ratio::percent(90)));
    let column = below_target_columns(&orders())
        .columns(&panel)
        .unwrap()
        .remove(0);
    assert_eq!(column.direction(), Direction::Smaller);
    assert_eq!(
        column.answers().nth(5).unwrap().ratio().ok(),
        Ratio::new(1, 3).ok()
    );
}

#[test]
fn orders_follow_visits_by_a_month() {
    let months = periods(Grain::Month, "2026-01-01", "2026-08-01");
    // ann's orders are half of her visits of the month before; bo's never move.
    let visits = [[10, 1], [4, 1], [8, 1], [12, 1], [2, 1], [6, 1], [9, 1]];
    let orders_made = [[3, 5], [5, 5], [2, 5], [4, 5], [6, 5], [1, 5], [3, 5]];
    let mut panel = panel(&["ann", "bo"], months, orders_made.concat());
    panel.add(counts("visits", visits.concat())).unwrap();
    let visits = ColumnKey::actual("visits").unwrap();
    let found = lags_by_subject(&panel, &visits, &orders(), 2).unwrap();
    assert_eq!(found[0].best, Some(1));
    assert_eq!(found[0].scores[1].signed_square, Some(Ratio::ONE));
    assert_eq!(found[1].best, None);
}

#[test]
fn the_lag_is_told_as_it_was_known_at_the_end_of_each_period() {
    let months = periods(Grain::Month, "2026-01-01", "2026-09-01");
    // ann's orders are half of her visits of the month before; bo's never move; cy's fall as visits rise. August is not over.
    let visits = [
        [10, 1, 1],
        [4, 2, 5],
        [8, 1, 2],
        [12, 2, 4],
        [2, 1, 6],
        [6, 2, 3],
        [9, 1, 1],
    ];
    let orders_made = [
        [3, 5, 9],
        [5, 5, 5],
        [2, 5, 8],
        [4, 5, 6],
        [6, 5, 4],
        [1, 5, 7],
        [3, 5, 9],
    ];
    let fresh = |units: Vec<i64>, states: &[Option<Reason>]| {
        let mut panel = panel(&["ann", "bo", "cy"], months.clone(), vec![0; 24]);
        let column = |of: &Column, name: &str| {
            of.clone()
                .named(ColumnKey::actual(name).unwrap())
                .with_reasons(states)
                .unwrap()
        };
        let visits = counts("visits", [visits.concat(), vec![0; 3]].concat());
        panel.add(column(&visits, "visits")).unwrap();
        panel.add(column(&counts("made", units), "made")).unwrap();
        panel
    };
    let mut states = vec![None; 21];
    states.extend([Some(Reason::NotYetDue); 3]);
    let made = [orders_made.concat(), vec![0; 3]].concat();
    let told_of = |panel: &Panel, window| {
        let key_of = |name: &str| ColumnKey::actual(name).unwrap();
        lag_columns(&key("w"), &key_of("visits"), &key_of("made"), window)
            .columns(panel)
            .unwrap()
    };
    let told = |columns: &[Column], at: usize, row: usize| -> Vec<_> {
        let answers = columns[at].answers().skip(row).step_by(3);
        answers.map(quotaflow::panel::Answer::ratio).collect()
    };
    let window = LagWindow::new(1, 3).unwrap();
    let columns = told_of(&fresh(made.clone(), &states), window);
    let whole = |number: i64| Ok(Ratio::from(number));
    let (later, no_base, never) = (
        Err(Reason::NotYetDue),
        Err(Reason::NoBase),
        Err(Reason::NotApplicable),
    );
    // Four months are needed for three pairs of a lag of one; from then on ann's fit is whole, from one pair more each month.
    assert_eq!(
        told(&columns, 0, 0),
        [
            later,
            later,
            later,
            whole(1),
            whole(1),
            whole(1),
            whole(1),
            later
        ]
    );
    assert_eq!(told(&columns, 1, 0)[3..7], [whole(1); 4]);
    assert_eq!(told(&columns, 2, 0)[3..7], [3, 4, 5, 6].map(whole));
    assert_eq!(told(&columns, 0, 1)[3..7], [no_base; 4]);
    // With no lag at all cy's orders are 10 less the visits: they follow nothing.
    let same_month = told_of(&fresh(made.clone(), &states), LagWindow::new(0, 3).unwrap());
    assert_eq!(told(&same_month, 0, 2)[2..7], [never; 5]);
    // A month of which nothing is known breaks the run, says so, and three months later there are too few yet.
    states[4 * 3] = Some(Reason::NothingRecorded);
    let columns = told_of(&fresh(made, &states), window);
    assert_eq!(
        told(&columns, 0, 0)[3..7],
        [whole(1), Err(Reason::NothingRecorded), later, later]
    );
    assert!(LagWindow::new(5, 2).is_err());
}

#[test]
fn what_no_column_holds_exactly_is_rounded_or_out_of_range() {
    let months = periods(Grain::Month, "2026-01-01", "2026-06-01");
    let large = [9_000_007, 1_000_009, 7_000_033, 3_000_019, 5_000_029];
    let results = [1_000_021, 9_000_011, 2_000_011, 8_000_087, 3_000_037];
    let mut panel = panel(&["ann"], months, vec![0; 5]);
    panel.add(counts("spent", large.to_vec())).unwrap();
    panel.add(counts("made", results.to_vec())).unwrap();
    panel
        .add(counts("edge", vec![i64::MAX, i64::MIN, 0, 1, i64::MAX]))
        .unwrap();
    let key_of = |name: &str| ColumnKey::actual(name).unwrap();
    let fit = |activity: &str, result: &str| {
        let window = LagWindow::new(1, 3).unwrap();
        let columns = lag_columns(&key("w"), &key_of(activity), &key_of(result), window)
            .columns(&panel)
            .unwrap();
        let answer = columns[1].answers().nth(4).unwrap();
        answer.ratio()
    };
    // Results rise a month after spending does; the square has some thirty digits and is told with nine decimals.
    let exact = lags_by_subject(&panel, &key_of("spent"), &key_of("made"), 1).unwrap();
    let exact = exact[0].scores[1].signed_square.unwrap();
    let shown = fit("spent", "made").unwrap();
    assert_ne!(exact, shown);
    assert_eq!(
        Ratio::from(
            exact
                .to_decimal(9, quotaflow::quantity::Rounding::HalfEven)
                .unwrap()
        ),
        shown
    );
    assert_eq!(fit("edge", "edge"), Err(Reason::OutOfRange));
}

#[test]
fn a_result_follows_activity_by_the_lag_that_fits_best() {
    let visits = [5, 9, 3, 7, 8, 2, 6, 4];
    let orders: Vec<i64> = [1, 1]
        .into_iter()
        .chain(visits.iter().map(|visits| visits * 2))
        .take(8)
        .collect();
    let found = lags(&visits, &orders, 6).unwrap();
    assert_eq!(found[2].signed_square, Some(Ratio::ONE));
    let best = found
        .iter()
        .max_by_key(|score| score.signed_square)
        .unwrap();
    assert_eq!((best.lag, best.pairs), (2, 6));
    assert_eq!(found[6].signed_square, None, "two pairs say nothing");
    assert_eq!(lags(&visits, &orders, 7).unwrap().len(), 8);
    let all = lags(&visits, &orders, usize::MAX).unwrap();
    assert_eq!(all.len(), 8, "a lag that leaves no pair is none");
    assert!(lags(&[], &orders, usize::MAX).unwrap().is_empty());
    let falling = lags(&[1, 2, 3, 4], &[8, 6, 4, 2], 0).unwrap();
    assert_eq!(falling[0].signed_square, Some(Ratio::from(-1)));
    assert_eq!(
        lags(&[1, 1, 1], &[1, 2, 3], 0).unwrap()[0].signed_square,
        None
    );
    // Cents of large sales move in steps of a hundred and begin far from zero.
    let sales: Vec<i64> = orders
        .iter()
        .map(|orders| 4_000_000_000_000_000_000 + orders * 12_300)
        .collect();
    assert_eq!(
        lags(&visits, &sales, 2).unwrap()[2].signed_square,
        Some(Ratio::ONE)
    );
    let extreme = [i64::MAX, i64::MIN, 0, 1, i64::MAX];
    assert!(lags(&extreme, &extreme, 0).is_err());
}

#[test]
fn a_month_without_a_number_is_passed_over_or_ends_a_streak() {
    let months = periods(Grain::Month, "2026-01-01", "2026-07-01");
    let states = [0, 0, 3, 0, 0, 0].map(|code| Reason::CELLS[code]);
    let column = counts("orders", vec![100, 90, 0, 100, 101, 102]);
    let mut panel = Panel::new(rows(&["ann"]), months);
    panel.add(column.with_reasons(&states).unwrap()).unwrap();
    let goal = Goal::Between(Ratio::from(90), Ratio::from(101));
    let told = |unanswered| {
        let columns = streak_columns(&orders(), goal, unanswered)
            .columns(&panel)
            .unwrap();
        (0..6)
            .map(|cell| ratio(&columns, 1, cell).ok())
            .collect::<Vec<_>>()
    };
    let lengths = |all: [Option<i64>; 6]| all.map(|length| length.map(Ratio::from));
    assert_eq!(
        told(Unanswered::Passes),
        lengths([Some(1), Some(2), None, Some(3), Some(4), Some(0)])
    );
    assert_eq!(
        told(Unanswered::Ends),
        lengths([Some(1), Some(2), Some(0), Some(1), Some(2), Some(0)])
    );
    let figures = [
        Ok(Ratio::from(1)),
        Err(Reason::NoBase),
        Ok(Ratio::from(2)),
        Ok(Ratio::from(3)),
    ];
    assert_eq!(
        (rises(&figures), rises(&figures[..3]), rises(&[])),
        (1, 0, 0)
    );
}
