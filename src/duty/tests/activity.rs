//! Quotas, needs and routes.

use super::*;
use crate::calendar::PeriodId;
use crate::panel::Columns;
use crate::space::RowId;

#[test]
fn quotas_stand_within_each_other() {
    use QuotaStanding::{Below, Floor, Stretch};
    let text = r#"{"counts":"contacts","floor":20,"of_which":[{"counts":"cooperations","floor":2,"stretch":4}]}"#;
    let quota: Quota = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&quota).unwrap(), text);
    let standing = |contacts, cooperations| {
        let counts = BTreeMap::from([
            (key("contacts"), contacts),
            (key("cooperations"), cooperations),
        ]);
        let lines = quota.standing(&counts)?;
        Ok::<_, DutyError>(
            lines
                .into_iter()
                .map(|line| (line.standing, line.missing_to_stretch))
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(standing(19, 4).unwrap(), [(Below, 1), (Stretch, 0)]);
    assert_eq!(standing(20, 2).unwrap(), [(Stretch, 0), (Floor, 2)]);
    assert_eq!(standing(30, 1).unwrap(), [(Stretch, 0), (Below, 3)]);
    assert!(matches!(
        standing(3, 4),
        Err(DutyError::CountBeyondWhole { .. })
    ));
    for (from, to, wanted) in [
        ("\"stretch\":4", "\"stretch\":1", "as a stretch"),
        ("\"floor\":2,", "\"floor\":21,", "of which it is a part"),
        ("\"stretch\":4", "\"stretch\":21", "of which it is a part"),
        ("cooperations", "contacts", "listed twice"),
    ] {
        let error = serde_json::from_str::<Quota>(&text.replace(from, to))
            .unwrap_err()
            .to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn the_way_back_from_a_target_rounds_once() {
    let step = |activity: &str, brings: &str| Conversion {
        activity: key(activity),
        brings: brings.parse().unwrap(),
    };
    // 10 orders, a third of opportunities, two fifths of visits, a seventh of calls: 30, 75, 525.
    let chain = Chain::new(vec![
        step("opportunities", "1/3"),
        step("visits", "2/5"),
        step("calls", "1/7"),
    ])
    .unwrap();
    let needed = |target| {
        chain
            .needed(target)
            .unwrap()
            .into_iter()
            .map(|(_, count)| count)
            .collect::<Vec<_>>()
    };
    assert_eq!(needed(Ratio::from(10)), [30, 75, 525]);
    assert_eq!(
        needed(Ratio::new(1, 10).unwrap()),
        [1, 1, 6],
        "rounded along the chain it would be 1, 3, 21"
    );
    assert_eq!(needed(Ratio::from(-5)), [0, 0, 0]);
    assert!(matches!(
        Chain::new(vec![step("a", "0")]),
        Err(DutyError::NoConversion { .. })
    ));
    assert!(matches!(
        Chain::new(vec![step("a", "1"), step("a", "1")]),
        Err(DutyError::Duplicate { .. })
    ));
}

#[test]
fn activity_is_spread_over_working_days_and_held_against_them() {
    let weeks = Calendar::gregorian()
        .periods(Grain::Week, day(2), day(23))
        .unwrap();
    // From Wednesday the 4th: three days, five, five. 26 visits: 6, 10, 10.
    let plan = spread(26, &weeks, day(4), &office(), Ratio::from(2)).unwrap();
    assert_eq!(
        (plan.planned.as_slice(), plan.feasible.as_slice()),
        (&[6, 10, 10][..], &[6, 10, 10][..])
    );
    assert_eq!((plan.shortfall(), plan.overfull()), (0, vec![]));
    let plan = spread(27, &weeks, day(4), &office(), Ratio::from(2)).unwrap();
    assert_eq!(plan.needed(), 27);
    assert_eq!(plan.shortfall(), 1);
    // The remainder goes to the longest week before its equal.
    assert_eq!(plan.overfull(), [(weeks.id("2026-W11").unwrap(), 1)]);
    let over = spread(5, &weeks, day(30), &office(), Ratio::from(2));
    assert!(matches!(over, Err(DutyError::NoWorkingDay { .. })));
    assert_eq!(
        spread(0, &weeks, day(30), &office(), Ratio::from(2))
            .unwrap()
            .planned,
        [0, 0, 0]
    );
    assert!(spread(5, &weeks, day(4), &office(), Ratio::from(-1)).is_err());
}

#[test]
fn a_route_visits_each_class_as_often_as_it_should() {
    let stops = [
        ("a", "A", None),
        ("b", "B", Some(Weekday::Tue)),
        ("c", "C", Some(Weekday::Tue)),
        ("d", "D", Some(Weekday::Tue)),
        ("e", "C", Some(Weekday::Tue)),
    ];
    let route = Route::new(route(&stops)).unwrap();
    let weeks = |customer: &str| {
        let own = route.visits().filter(|visit| visit.customer == *customer);
        own.map(|visit| format!("{} {}", visit.week, visit.weekday))
            .collect::<Vec<_>>()
    };
    // Twice a week, as far apart as five days allow.
    assert_eq!(
        weeks("a"),
        [
            "1 Mon", "1 Wed", "2 Mon", "2 Wed", "3 Mon", "3 Wed", "4 Mon", "4 Wed"
        ]
    );
    assert_eq!(weeks("b"), ["1 Tue", "2 Tue", "3 Tue", "4 Tue"]);
    assert_eq!(weeks("c"), ["1 Tue", "3 Tue"]);
    // The next ones go where it is emptier.
    assert_eq!(weeks("d"), ["2 Tue"]);
    assert_eq!(weeks("e"), ["2 Tue", "4 Tue"]);
    assert_eq!(route.overfull(), [(2, Weekday::Tue, 1)]);
    // The second cycle begins on the 30th; a holiday moves Tuesday's visits to Wednesday.
    let def = WorkingDaysDef::monday_to_friday(key("office")).holiday(day(3), "fair");
    let plan = route
        .plan(day(2), day(7), &WorkingDays::new(def).unwrap())
        .unwrap();
    let shown: Vec<(u32, &str)> = plan
        .iter()
        .map(|(on, stop)| (chrono::Datelike::day(on), stop.as_str()))
        .collect();
    assert_eq!(shown, [(2, "a"), (4, "a"), (4, "b"), (4, "c")]);
    assert_eq!(route.plan(day(30), day(31), &office()).unwrap().len(), 1);
}

#[test]
fn a_broken_route_is_refused() {
    let broken = |edit: fn(&mut RouteDef)| {
        let mut definition = route(&[("a", "A", None)]);
        edit(&mut definition);
        Route::new(definition).unwrap_err()
    };
    assert!(matches!(
        broken(|route| route.anchor = day(3)),
        DutyError::RouteAnchor { .. }
    ));
    assert!(matches!(
        broken(|route| route.weeks = 0),
        DutyError::RouteAnchor { .. }
    ));
    assert_eq!(
        broken(|route| route.stops[0].class = key("E")).to_string(),
        "customer `a` is of class `E`, for which the route has no frequency; did you mean `A`?"
    );
    assert!(matches!(
        broken(|route| route.stops[0].weekday = Some(Weekday::Mon)),
        DutyError::TooOften { .. }
    ));
    assert!(matches!(
        broken(|route| route.stops.push(route.stops[0].clone())),
        DutyError::Duplicate { .. }
    ));
}

#[test]
fn what_targets_need_stands_beside_what_the_days_allow() {
    let keys = vec![key("ann"), key("bo"), key("cy")];
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), keys).unwrap();
    let weeks = Calendar::gregorian()
        .periods(Grain::Week, day(2), day(23))
        .unwrap();
    let mut panel = Panel::new(subjects, weeks);
    // In cents; by week, then by person.
    let units = vec![
        1_000_000, 500_000, 1, 1_000_000, 0, 1, 1_000_000, 500_000, 1,
    ];
    let mut states = vec![None; 9];
    states[4] = Some(Reason::NotApplicable);
    let target = crate::panel::Column::amounts(
        ColumnKey::target("sales").unwrap(),
        "money:EUR".parse().unwrap(),
        crate::quantity::Quantum::CENT,
        units,
    )
    .with_reasons(&states)
    .unwrap();
    panel.add(target).unwrap();
    // Ann sells 4,000 an order and visits four times for one; Bo sells 2,000, and nobody counted his visits.
    let ann = Chain::observed(
        Ratio::from(40_000),
        &[(key("orders"), 10), (key("visits"), 40)],
    );
    let bo = Chain::observed(Ratio::from(20_000), &[(key("orders"), 10)]);
    let chains = BTreeMap::from([(key("ann"), ann.unwrap()), (key("bo"), bo.unwrap())]);
    let per_day = BTreeMap::from([(key("visits"), Ratio::from(2))]);
    let columns = need_columns(&key("need"), &key("sales"), &chains, &per_day, &office())
        .columns(&panel)
        .unwrap();
    let told = |name: &str, subject: usize| -> Vec<Result<Ratio, Reason>> {
        let column = columns
            .iter()
            .find(|column| column.key().to_string() == name)
            .unwrap();
        (0..3)
            .map(|period| {
                let answer = column.answer(
                    panel
                        .cell(RowId::at(subject), PeriodId::at(period))
                        .unwrap(),
                );
                answer.ratio()
            })
            .collect()
    };
    let whole = |numbers: [i64; 3]| numbers.map(|number| Ok(Ratio::from(number))).to_vec();
    // Two and a half orders a week: three, two and three, which make the eight that 30,000 need.
    assert_eq!(told("target:need.orders", 0), whole([3, 2, 3]));
    assert_eq!(told("target:need.visits", 0), whole([10, 10, 10]));
    assert_eq!(told("need.feasible.visits", 0), whole([10, 10, 10]));
    assert_eq!(told("need.load.visits", 0), whole([1, 1, 1]));
    assert_eq!(
        told("target:need.orders", 1),
        [
            Ok(Ratio::from(3)),
            Err(Reason::NotApplicable),
            Ok(Ratio::from(2))
        ]
    );
    let none = vec![Err(Reason::NotApplicable); 3];
    assert_eq!(told("target:need.visits", 1), none);
    assert_eq!(told("need.load.visits", 1), none);
    assert_eq!(told("target:need.orders", 2), none);
    let nothing = Chain::observed(Ratio::from(9), &[(key("orders"), 0)]).unwrap_err();
    assert_eq!(
        nothing.to_string(),
        "`orders` was never done: what it brings is not known"
    );
    let no_result = Chain::observed(Ratio::ZERO, &[(key("orders"), 3)]).unwrap_err();
    assert!(matches!(no_result, DutyError::NoConversion { .. }));
}
