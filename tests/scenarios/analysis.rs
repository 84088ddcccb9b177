//! Analyses of records and panels, by hand.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use quotaflow::analysis::{
    AnalysisError, Candidate, CardGap, CardItem, CustomerCard, CustomerCardDef, Execution,
    FindingKind, Goal, LagWindow, OpportunityMatrix, Origin, PriceSeen, Promotion, Shipment,
    Sighting, Streak, Terms, Verification, below_target, below_target_column, crossings,
    inversion_column, lag_columns, lags_by_subject, period_end_columns, streak_columns, streaks,
};
use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodSet};
use quotaflow::key::Key;
use quotaflow::measure::{Direction, Unit};
use quotaflow::panel::{Column, ColumnKey, Panel, Reason, Role};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::{Axis, Subjects};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn rows(names: &[&str]) -> Subjects {
    let axis = Axis::new("person", "person").unwrap();
    Subjects::new(axis, names.iter().map(|name| key(name)).collect()).unwrap()
}

fn periods(grain: Grain, from: &str, to: &str) -> PeriodSet {
    Calendar::gregorian()
        .periods(grain, day(from), day(to))
        .unwrap()
}

/// A panel of one metric; the figures are period by period, and in it subject by subject.
fn panel(names: &[&str], periods: PeriodSet, figures: Vec<i64>) -> Panel {
    let mut panel = Panel::new(rows(names), periods);
    panel.add(counts("orders", figures)).unwrap();
    panel
}

fn counts(metric: &str, figures: Vec<i64>) -> Column {
    let unit: Unit = "count:order".parse().unwrap();
    Column::amounts(
        ColumnKey::actual(metric).unwrap(),
        unit,
        Quantum::ONE,
        figures,
    )
}

fn orders() -> ColumnKey {
    ColumnKey::actual("orders").unwrap()
}

fn ratio(panel: &[Column], column: usize, cell: usize) -> Result<Ratio, Reason> {
    let answer = panel[column].answer(cell);
    answer.ratio()
}

/// A set that dealers get for a fee of 20 and must give away free is sold by one of them at 200 while 400 sets pile up.
#[test]
fn a_gift_that_is_sold_and_piles_up_is_found() {
    let promotion = Promotion {
        key: key("spring-gift"),
        days: DayRange::new(day("2026-03-01"), day("2026-04-01")).unwrap(),
        territories: vec![key("north"), key("south")],
        terms: Terms {
            fee: 2000,
            resale: 0,
            stock: Ratio::percent(20),
            reached: Ratio::percent(80),
        },
    };
    let did = |dealer: &str, territory: &str, received, fee, handed_on, price| Execution {
        dealer: key(dealer),
        territory: key(territory),
        day: day("2026-03-10"),
        received,
        fee,
        handed_on,
        price,
    };
    // d1 got 500 sets for 10,000.00, sold 100 of them at 200.00 each; d2 gave away 450 of 500; d3 is nobody's dealer.
    let all = [
        did("d1", "north", 500, 1_000_000, 0, 0),
        did("d1", "north", 0, 0, 100, 20_000),
        did("d2", "south", 500, 1_000_000, 450, 0),
        did("d3", "west", 10, 10_000, 10, 0),
    ];
    let found = promotion.findings(&all);
    let told: Vec<(&str, FindingKind, i64, i64)> = found
        .iter()
        .map(|one| (one.dealer.as_str(), one.kind, one.found, one.allowed))
        .collect();
    assert_eq!(
        told,
        [
            ("d1", FindingKind::Price, 20_000, 0),
            ("d1", FindingKind::Stock, 400, 100),
            ("d3", FindingKind::Territory, 20, 0),
            ("d3", FindingKind::Fee, 10_000, 20_000),
        ]
    );
    assert_eq!(found[0].executions, [1], "the sale itself is the evidence");
    let months = periods(Grain::Month, "2026-02-01", "2026-04-01");
    let panel = Panel::new(rows(&["north", "south", "west"]), months);
    let columns = promotion.columns(&all, &panel).unwrap();
    assert_eq!(columns[0].key().to_string(), "spring-gift.on_terms");
    assert_eq!(
        ratio(&columns, 0, 0),
        Err(Reason::NoBase),
        "nothing came in February"
    );
    assert_eq!(ratio(&columns, 0, 4), Ok(Ratio::percent(90)));
    assert_eq!(ratio(&columns, 1, 3), Ok(Ratio::from(100)));
    assert_eq!(ratio(&columns, 2, 3), Ok(Ratio::from(400)));
    assert_eq!(ratio(&columns, 2, 5), Err(Reason::NotApplicable));
    let by_territory = promotion.territories(&all);
    assert_eq!(by_territory[0].share(), Some(Ratio::ZERO));
    assert_eq!(
        (by_territory[0].above_price, by_territory[0].stock),
        (100, 400)
    );
    assert_eq!(by_territory[1].share(), Some(Ratio::percent(90)));
    assert_eq!(
        (by_territory[0].reached, by_territory[1].reached),
        (false, true)
    );
}

#[test]
fn goods_are_traced_to_the_territory_that_sold_them() {
    let sold = |trace: &str, territory: &str, on: &str| Shipment {
        trace: key(trace),
        territory: key(territory),
        day: day(on),
        volume: 100,
    };
    let seen = |trace: &str, territory: &str, on: &str, volume| Sighting {
        trace: key(trace),
        territory: key(territory),
        day: day(on),
        volume,
    };
    let shipments = [
        sold("l1", "north", "2026-03-01"),
        sold("l2", "north", "2026-03-01"),
        sold("l2", "south", "2026-03-05"),
        sold("l3", "south", "2026-03-25"),
    ];
    let sightings = [
        seen("l1", "south", "2026-03-10", 30),
        seen("l1", "north", "2026-03-10", 10),
        // Both sold this lot: it is at home in the south, and nobody's for certain in the west.
        seen("l2", "south", "2026-03-10", 5),
        seen("l2", "west", "2026-03-10", 7),
        // Seen before it was sold to anybody.
        seen("l3", "north", "2026-03-10", 9),
    ];
    let report = crossings(&shipments, &sightings);
    let origins: Vec<&Origin> = report.found.iter().map(|found| &found.origin).collect();
    assert_eq!(
        origins,
        [
            &Origin::Foreign(key("north")),
            &Origin::Home,
            &Origin::Home,
            &Origin::ForeignOfSeveral(vec![key("north"), key("south")]),
            &Origin::Untraced,
        ]
    );
    assert_eq!(report.foreign_share("north"), Some(Ratio::percent(75)));
    assert_eq!(report.foreign_share("south"), Some(Ratio::ZERO));
    assert_eq!(report.foreign_share("west"), None);
    assert_eq!(report.traced_share(), Ratio::new(52, 61).ok());
    let months = periods(Grain::Month, "2026-03-01", "2026-04-01");
    let panel = Panel::new(rows(&["north", "south", "west"]), months);
    let columns = report.columns(&key("goods"), &panel).unwrap();
    assert_eq!(columns[0].key().to_string(), "goods.cross_territory_share");
    assert_eq!(ratio(&columns, 0, 0), Ok(Ratio::percent(75)));
    // In the south 30 of 35 pieces came from elsewhere; in the west all 7, whoever sold them.
    assert_eq!(ratio(&columns, 1, 1), Ok(Ratio::new(6, 7).unwrap()));
    assert_eq!(ratio(&columns, 1, 2), Ok(Ratio::ONE));
    assert_eq!(ratio(&columns, 0, 2), Err(Reason::NoBase));
}

#[test]
fn a_spike_at_the_end_leaves_a_hole_behind() {
    // March: 10 a day for 29 days, 100 on each of the last two; April opens with 2 and 3.
    let days = periods(Grain::Day, "2026-03-01", "2026-04-03");
    let mut flow = vec![10; 29];
    flow.extend([100, 100, 2, 3]);
    let fine = panel(&["d1"], days, flow);
    let months = periods(Grain::Month, "2026-03-01", "2026-05-01");
    let columns = period_end_columns(&fine, &orders(), &months, 2).unwrap();
    assert_eq!(ratio(&columns, 0, 0), Ok(Ratio::from(10)));
    assert_eq!(ratio(&columns, 1, 0), Ok(Ratio::new(1, 4).unwrap()));
    assert_eq!(
        ratio(&columns, 1, 1),
        Err(Reason::NotYetDue),
        "nothing after April yet"
    );
    // The tenth of April is not its end, and May has not begun.
    let part = periods(Grain::Day, "2026-03-01", "2026-04-11");
    let fine = panel(
        &["d1"],
        part,
        [vec![10; 31], vec![10; 7], vec![90; 3]].concat(),
    );
    let months = periods(Grain::Month, "2026-03-01", "2026-06-01");
    let columns = period_end_columns(&fine, &orders(), &months, 2).unwrap();
    for month in [1, 2] {
        assert_eq!(ratio(&columns, 0, month), Err(Reason::NotYetDue));
        assert_eq!(ratio(&columns, 1, month), Err(Reason::NotYetDue));
    }
    let part = periods(Grain::Day, "2026-03-20", "2026-04-04");
    let fine = panel(&["d1"], part, vec![10; 15]);
    let columns = period_end_columns(&fine, &orders(), &months, 2).unwrap();
    assert_eq!(ratio(&columns, 0, 0), Err(Reason::NotApplicable));
    assert!(matches!(
        period_end_columns(&fine, &orders(), &months, 0),
        Err(AnalysisError::Zero { .. })
    ));
    let weeks = panel(
        &["d1"],
        periods(Grain::Week, "2026-03-02", "2026-04-13"),
        vec![1; 6],
    );
    let error = period_end_columns(&weeks, &orders(), &months, 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "period `2026-W14` lies only partly in `2026-03`"
    );
}

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
        streaks(&panel, &orders(), goal).unwrap(),
        [Streak {
            met: 4,
            missed: 1,
            unknown: 1,
            longest: 2,
            current: 2,
        }]
    );
    let columns = streak_columns(&panel, &orders(), goal).unwrap();
    let met: Vec<_> = (0..6).map(|cell| ratio(&columns, 0, cell)).collect();
    assert_eq!(met, [1, 2, 2, 3, 3, 4].map(|met| Ok(Ratio::from(met))));
    assert_eq!(ratio(&columns, 1, 3), Ok(Ratio::ONE));
    assert_eq!(ratio(&columns, 1, 4), Err(Reason::NotYetDue));
    assert!(
        streaks(&panel, &orders(), Goal::Target).is_err(),
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
        let found = streaks(&panel, &orders(), Goal::Target).unwrap();
        assert_eq!(found[0].met, met, "{direction:?}");
    }
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
    let column = below_target_column(&panel, &orders()).unwrap();
    assert_eq!(column.direction(), Direction::Smaller);
    assert_eq!(column.answer(5).ratio().ok(), Ratio::new(1, 3).ok());
}

#[test]
fn opportunities_and_inversions_have_columns() {
    let months = periods(Grain::Month, "2026-03-01", "2026-05-01");
    let matrix = OpportunityMatrix {
        profit: Ratio::from(1000),
        chance: Ratio::percent(50),
        criteria: Vec::new(),
    };
    let offer = |name: &str, owner: &str, profit: i64, chance| Candidate {
        key: key(name),
        owner: Some(key(owner)),
        profit: Ratio::from(profit),
        chance: Ratio::percent(chance),
        fits: BTreeSet::new(),
    };
    let all = [
        offer("o1", "ann", 4000, 60),
        offer("o2", "ann", 100, 20),
        offer("o3", "bo", 2000, 10),
        offer("o4", "nobody here", 2000, 10),
    ];
    let panel = Panel::new(rows(&["ann", "bo"]), months.clone());
    let unit: Unit = "money:EUR".parse().unwrap();
    let columns = matrix
        .columns(&key("deals"), &all, (unit, Quantum::CENT), (&panel, 0))
        .unwrap();
    let told: Vec<_> = columns
        .iter()
        .map(|column| column.key().to_string())
        .collect();
    assert_eq!(
        told,
        [
            "deals.pursue",
            "deals.develop",
            "deals.collect",
            "deals.leave",
            "deals.expected"
        ]
    );
    assert_eq!(ratio(&columns, 0, 0), Ok(Ratio::ONE));
    assert_eq!(ratio(&columns, 1, 1), Ok(Ratio::ONE));
    assert_eq!(ratio(&columns, 3, 0), Ok(Ratio::ONE));
    assert_eq!(ratio(&columns, 4, 0), Ok(Ratio::from(2420)));
    assert_eq!(ratio(&columns, 4, 2), Err(Reason::NotApplicable));
    let twice = [offer("o1", "ann", 4000, 60), offer("o1", "bo", 100, 20)];
    assert_eq!(
        matrix.place(&twice).unwrap_err().to_string(),
        "opportunity `o1` is there twice"
    );
    let again = OpportunityMatrix {
        criteria: vec![(key("need"), Ratio::ONE), (key("need"), Ratio::ONE)],
        ..matrix.clone()
    };
    assert!(matches!(
        again.place(&all),
        Err(AnalysisError::Duplicate { .. })
    ));
    let tiers = [key("wholesale"), key("retail")];
    let price = |product: &str, tier: usize, on: &str, price| PriceSeen {
        product: key(product),
        tier: tiers[tier].clone(),
        day: day(on),
        price,
    };
    // In March retail is dearer; in April p1 is sold below what wholesale asked.
    let seen = [
        price("p1", 0, "2026-03-02", 900),
        price("p1", 1, "2026-03-03", 950),
        price("p1", 0, "2026-04-02", 900),
        price("p1", 1, "2026-04-03", 850),
    ];
    let panel = Panel::new(rows(&["p1", "p2"]), months);
    let column = inversion_column(&key("prices"), &tiers, &seen, &panel).unwrap();
    let counts: Vec<_> = (0..4)
        .map(|cell| column.answer(cell).ratio().ok())
        .collect();
    // Of p2 no price was seen, which is not a price in order.
    assert_eq!(
        counts,
        [Some(0), None, Some(1), None].map(|count| count.map(Ratio::from))
    );
    assert_eq!(column.answer(1).reason(), Some(Reason::NothingRecorded));
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
        lag_columns(&key("w"), &key_of("visits"), &key_of("made"), window, panel).unwrap()
    };
    let told = |columns: &[Column], at: usize, row: usize| -> Vec<_> {
        let answer = |period: usize| columns[at].answer(period * 3 + row);
        (0..8).map(answer).map(|answer| answer.ratio()).collect()
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
        let columns = lag_columns(
            &key("w"),
            &key_of(activity),
            &key_of(result),
            window,
            &panel,
        )
        .unwrap();
        let answer = columns[1].answer(4);
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
fn a_card_that_nobody_verified_lately_is_stale() {
    let item = |name: &str, group: &str| CardItem {
        key: key(name),
        group: key(group),
    };
    let form = CustomerCardDef {
        items: vec![item("warehouse", "capability"), item("limit", "credit")],
        good_for: 365,
    };
    let verified = |on: &str| {
        Some(Verification {
            by: key("ann"),
            day: day(on),
        })
    };
    let mut card = CustomerCard {
        customer: key("c1"),
        known: [(key("limit"), "50000".to_owned())].into(),
        verified: verified("2025-03-30"),
    };
    let on = day("2026-03-31");
    let standing = form.standing(&card, on).unwrap();
    assert_eq!((standing.gap, standing.age), (CardGap::Stale, Some(366)));
    assert_eq!(standing.completeness, Some(Ratio::percent(50)));
    card.verified = verified("2025-03-31");
    assert_eq!(form.standing(&card, on).unwrap().gap, CardGap::Incomplete);
    // A verification of later does not count yet.
    card.verified = verified("2026-04-01");
    assert_eq!(form.standing(&card, on).unwrap().gap, CardGap::Unverified);
    card.known.insert(key("limits"), String::new());
    let error = form.standing(&card, on).unwrap_err().to_string();
    assert!(
        error.contains("`limits`") && error.contains("`limit`"),
        "{error}"
    );
}
