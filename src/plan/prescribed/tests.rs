//! Tables of a plan whose rows and columns total what they have to.

use crate::margins::Closeness;
use crate::plan::fixture::{Company, given, key, member, recipe};
use crate::plan::*;
use crate::quantity::Number;
use crate::space::Axis;

fn def() -> CascadeDef {
    recipe("pieces")
        .step(member("person", "region").basis(given("region", &[("north", "3"), ("south", "2")])))
        .step(member("product", "product"))
        .step(member("person", "person"))
}

fn at(step: &str, name: &str) -> Place {
    Place::whole().at(step, name).unwrap()
}

fn run(def: CascadeDef) -> Result<Plan, PlanError> {
    let company = Company::new();
    Cascade::compile(def, &company.sources())?.run(100.into())
}

#[test]
fn territories_and_products_total_what_is_prescribed() {
    let def = def()
        .total(at("region", "north"), Number::from(55))
        .total(at("product", "tea"), Number::from(71));
    let plan = run(def).unwrap();
    assert_eq!(plan.verify(), []);
    assert_eq!(plan.level_units("pieces", 1).unwrap(), [55, 45]);
    // 55 x 0.71 = 39.05 and 45 x 0.71 = 31.95.
    assert_eq!(plan.level_units("pieces", 2).unwrap(), [39, 16, 32, 13]);
    let products = [Axis::new("product", "product").unwrap()];
    let sums = plan.roll_up("pieces", &products, None).unwrap();
    assert_eq!(sums.of("tea").unwrap().units(), 71);
    // The one table is within the rounding of its fit, and says so.
    let [fit] = &plan.fits()[..] else {
        panic!("one table");
    };
    assert_eq!(
        (fit.place.to_string().as_str(), fit.step.as_str()),
        ("all", "product")
    );
    assert_eq!(fit.closeness, Closeness::Within { above: 0 });
    assert_eq!(run(self::def()).unwrap().fits(), []);
    let tea = plan.frame().find(&["south", "tea"]).unwrap();
    let why = plan.explain("pieces", tea).unwrap();
    assert_eq!(
        (why.cascaded().units(), why.splits[1].fitted.is_some()),
        (32, true)
    );
    for place in [
        plan.frame().find(&["north", "milk", "bo"]),
        plan.frame().find(&["south"]),
    ] {
        let why = plan.explain("pieces", place.unwrap()).unwrap();
        assert_eq!(why.cascaded(), why.amount);
    }
}

#[test]
fn totals_are_met_in_whole_lots() {
    let cases = |lot: i64| {
        recipe("pieces")
            .step(
                member("person", "region")
                    .basis(given("region", &[("north", "3"), ("south", "2")])),
            )
            .step(member("product", "product").lot(Number::from(lot)))
    };
    let least = BoundDef::at_least("product", Number::from(15))
        .unwrap()
        .at(at("region", "south"));
    let tea = |lot, total: i64| {
        cases(lot)
            .bound(least.clone())
            .total(at("product", "tea"), Number::from(total))
    };
    let plan = run(tea(10, 70)).unwrap();
    assert_eq!(plan.verify(), []);
    assert_eq!(plan.level_units("pieces", 1).unwrap(), [60, 40]);
    // 60 x 0.7 = 42 and 40 x 0.7 = 28; at least 15 of both in the south is at least two lots of each.
    assert_eq!(plan.level_units("pieces", 2).unwrap(), [50, 10, 20, 20]);
    assert_eq!(
        run(tea(10, 71)).unwrap_err().to_string(),
        "71 at tea is not a whole number of lots of 10"
    );
    // Only so much milk is left that the south cannot have two lots of it.
    let error = run(tea(10, 90)).unwrap_err();
    let PlanError::Constraint(ConstraintError::TotalsImpossible {
        needed, available, ..
    }) = &error
    else {
        panic!("{error}")
    };
    assert_eq!((needed - available).to_string(), "10", "{error}");
    let mixed = cases(10).total(at("product", "tea"), Number::from(70));
    let mut mixed = mixed;
    mixed.steps[1] = mixed.steps[1]
        .clone()
        .lot_at(at("product", "milk"), Number::from(5));
    assert_eq!(
        run(mixed).unwrap_err().to_string(),
        "step `product` has lots that differ from node to node, which prescribed totals across it cannot keep"
    );
}

#[test]
fn totals_that_cannot_be_met_are_refused_with_the_proof() {
    let most = BoundDef::at_most("product", Number::from(10))
        .unwrap()
        .at(at("region", "south"));
    let tea = |total: i64| {
        def()
            .bound(most.clone())
            .total(at("product", "tea"), Number::from(total))
    };
    // The south cannot sell more than 20, so the north has 80, of which tea could be all, and 10 in the south. The south could have
    // less, which its basis does not give it; with a total of its own it cannot.
    assert_eq!(
        run(tea(95)).unwrap_err().to_string(),
        "the totals below all were not met: with the steps above split as they are, south needs 20, milk has 5 for it, and its other cells hold at most 10"
    );
    let error = run(tea(95).total(at("region", "south"), Number::from(20))).unwrap_err();
    let PlanError::Constraint(ConstraintError::TotalsImpossible {
        needed, available, ..
    }) = &error
    else {
        panic!("{error}")
    };
    assert!(needed > available, "{error}");
    assert_eq!(
        error.to_string(),
        "the totals below all cannot be met together: south needs 20, milk has 5 for it, and its other cells hold at most 10"
    );
    // What others have to have of the five is not there either, and is told apart.
    let others = BoundDef::at_least("product", Number::from(3))
        .unwrap()
        .at(at("region", "north").at("product", "milk").unwrap());
    let less = tea(95)
        .bound(others)
        .total(at("region", "south"), Number::from(20));
    assert_eq!(
        run(less).unwrap_err().to_string(),
        "the totals below all cannot be met together: south needs 20 and the minima of others 3, milk has 5 for it, and its other cells hold at most 10"
    );
    let error = run(def().total(at("product", "tea"), Number::from(101))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the totals below all cannot be met together: at step `product` they make 101, and it has 100"
    );
    let both = at("product", "tea").at("person", "ann").unwrap();
    let error = run(def().total(both, Number::from(1))).unwrap_err();
    assert!(
        matches!(
            error,
            PlanError::Constraint(ConstraintError::NotTwoSteps { .. })
        ),
        "{error}"
    );
}

#[test]
fn three_margins_hold_at_once() {
    let by = |step: StepDef| {
        recipe("pieces")
            .step(
                member("person", "region")
                    .basis(given("region", &[("north", "3"), ("south", "2")])),
            )
            .step(member("product", "product"))
            .step(step)
    };
    let quarters = || by(StepDef::grain(crate::calendar::Grain::Quarter));
    let def = quarters()
        .total(at("region", "north"), Number::from(57))
        .total(at("product", "tea"), Number::from(71))
        .total(at("quarter", "2026-Q1"), Number::from(13))
        .total(at("quarter", "2026-Q4"), Number::from(40));
    let plan = run(def).unwrap();
    assert_eq!(plan.verify(), []);
    assert_eq!(plan.level_units("pieces", 1).unwrap(), [57, 43]);
    let company = Company::new();
    let year = company
        .calendar
        .year_periods(crate::calendar::Grain::Quarter, 2026)
        .unwrap();
    let sums = plan.roll_up("pieces", &[], Some(&year)).unwrap();
    let [Some(first), Some(second), Some(third), Some(40)] = *sums.cells() else {
        panic!("{sums:?}")
    };
    assert_eq!((first, second + third), (13, 47));
    let products = [Axis::new("product", "product").unwrap()];
    let sums = plan.roll_up("pieces", &products, None).unwrap();
    assert_eq!(sums.of("tea").unwrap().units(), 71);
    for level in 0..4 {
        for index in 0..plan.frame().count(level) {
            let why = plan.explain("pieces", NodeId::new(level, index)).unwrap();
            assert_eq!(why.cascaded(), why.amount, "{}", why.place);
        }
    }
    // A quarter alone, across two steps without a margin of their own.
    let plan = run(quarters().total(at("quarter", "2026-Q2"), Number::from(1))).unwrap();
    assert_eq!(plan.verify(), []);
    let crossing = quarters()
        .total(at("quarter", "2026-Q2"), Number::from(1))
        .total(
            at("region", "north").at("quarter", "2026-Q3").unwrap(),
            Number::from(1),
        );
    assert_eq!(
        run(crossing).unwrap_err().to_string(),
        "totals across step `quarter` are prescribed both below all and below north: they cross"
    );
    // Nothing but tea may be sold in the first quarter, and of tea there is too little.
    let most = BoundDef::at_most("quarter", Number::from(0))
        .unwrap()
        .at(at("product", "milk").at("quarter", "2026-Q1").unwrap());
    let def = quarters()
        .bound(most)
        .total(at("product", "tea"), Number::from(10))
        .total(at("quarter", "2026-Q1"), Number::from(11));
    let error = run(def).unwrap_err();
    assert!(
        matches!(
            error,
            PlanError::Constraint(ConstraintError::TotalsNotFound { .. })
        ),
        "{error}"
    );
}

#[test]
fn a_change_keeps_prescribed_totals_or_is_refused() {
    let mut plan = run(def().total(at("product", "tea"), Number::from(71))).unwrap();
    let verb = Verb::Proportional {
        amount: Number::from(70),
    };
    let mut change = Change {
        version: crate::document::Version::default(),
        by: key("ann"),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: String::new(),
        based_on: 0,
        edits: vec![Edit::Spread(
            Spread::new("pieces", at("region", "north"), verb).unwrap(),
        )],
    };
    let error = plan.apply(change.clone()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "tea would total 78, but 71 is prescribed"
    );
    let ann = at("region", "north")
        .at("product", "tea")
        .and_then(|p| p.at("person", "ann"))
        .unwrap();
    let verb = Verb::Proportional {
        amount: Number::from(40),
    };
    let keep = at("region", "north").at("product", "tea").unwrap();
    change.edits = vec![Edit::Spread(
        Spread::new("pieces", ann, verb).unwrap().keeping(keep),
    )];
    plan.apply(change).unwrap();
    assert_eq!(plan.verify(), []);
}

#[test]
fn what_a_product_totals_over_all_territories_can_be_bounded() {
    let bounded = |min: Option<i64>, max: Option<i64>| {
        let (min, max) = (min.map(Number::from), max.map(Number::from));
        def().bounded_total(at("product", "tea"), min, max)
    };
    let cells = |def| {
        let plan = run(def).unwrap();
        assert_eq!(plan.verify(), []);
        assert_eq!(plan.level_units("pieces", 1).unwrap(), [60, 40]);
        plan.level_units("pieces", 2).unwrap().to_vec()
    };
    assert_eq!(cells(bounded(Some(70), None)), [42, 18, 28, 12]);
    assert_eq!(cells(bounded(None, Some(30))), [18, 42, 12, 28]);
    // Half of all is inside, so nothing binds.
    assert_eq!(cells(bounded(Some(40), Some(60))), [30, 30, 20, 20]);
    assert_eq!(cells(bounded(Some(71), Some(71))), [43, 17, 28, 12]);
    let plan = run(bounded(Some(70), None)).unwrap();
    let tea = plan.frame().find(&["south", "tea"]).unwrap();
    let why = plan.explain("pieces", tea).unwrap();
    let across = why.splits[1].across.clone().unwrap();
    assert_eq!(
        (across.place.to_string().as_str(), across.min, across.max),
        ("tea", Some(70.into()), None)
    );
    let milk = plan.frame().find(&["south", "milk"]).unwrap();
    assert_eq!(plan.explain("pieces", milk).unwrap().splits[1].across, None);
}

#[test]
fn bounds_across_territories_that_leave_nothing_are_refused_with_the_proof() {
    let both = |tea: (Option<i64>, Option<i64>), milk: (Option<i64>, Option<i64>)| {
        let number = |limit: Option<i64>| limit.map(Number::from);
        let def = def().bounded_total(at("product", "tea"), number(tea.0), number(tea.1));
        def.bounded_total(at("product", "milk"), number(milk.0), number(milk.1))
    };
    let text = |def| run(def).unwrap_err().to_string();
    assert_eq!(
        text(both((None, Some(30)), (None, Some(60)))),
        "the totals below all cannot be met together: needed 100 (all totals 100), room for 90 (tea, at most 30; milk, at most 60)"
    );
    assert_eq!(
        text(both((Some(50), None), (Some(60), None))),
        "the totals below all cannot be met together: needed 110 (tea, at least 50; milk, at least 60), room for 100 (all totals 100)"
    );
    assert_eq!(
        text(both((Some(50), Some(40)), (None, None))),
        "the bounds of tea contradict each other: at least 50, at most 40"
    );
    assert_eq!(
        text(def().bounded_total(at("product", "tea"), None, None)),
        "the total of product tea says neither what it is nor what it is at least or at most"
    );
    // At most 5 of tea in each region holds 10, and 20 are asked for.
    let least = BoundDef::at_most("product", Number::from(5))
        .unwrap()
        .at(at("product", "tea"));
    let error = text(def().bound(least).bounded_total(
        at("product", "tea"),
        Some(Number::from(20)),
        None,
    ));
    assert_eq!(
        error,
        "the totals below all cannot be met together: needed 20 (tea, at least 20), room for 10 (maxima of other cells 10)"
    );
}

#[test]
fn cells_are_bounded_by_what_is_below_them() {
    let tea = at("region", "south").at("product", "tea").unwrap();
    let least = BoundDef::at_least("person", Number::from(12))
        .unwrap()
        .at(tea);
    let plan = run(def()
        .bound(least)
        .total(at("product", "tea"), Number::from(71)))
    .unwrap();
    assert_eq!(plan.verify(), []);
    // 40 x 0.71 would be 28, but three people have at least 12 each.
    assert_eq!(plan.level_units("pieces", 2).unwrap(), [35, 25, 36, 4]);
}

#[test]
fn a_product_of_returns_is_bounded_by_what_is_below_it() {
    let least = BoundDef::at_least("person", Number::from(-3))
        .unwrap()
        .at(at("product", "tea"));
    let returns = |total: i64| {
        def()
            .bound(least.clone())
            .total(at("product", "tea"), Number::from(total))
    };
    let plan = run(returns(-10)).unwrap();
    assert_eq!(plan.verify(), []);
    assert_eq!(plan.level_units("pieces", 2).unwrap(), [-6, 66, -4, 44]);
    // Two people in the north and three in the south bring back 15 at most.
    assert_eq!(
        run(returns(-15)).unwrap().level_units("pieces", 2).unwrap(),
        [-6, 66, -9, 49]
    );
    let error = run(returns(-16)).unwrap_err().to_string();
    assert!(
        !error.contains("node") && !error.contains("units"),
        "{error}"
    );
    assert!(error.contains("tea"), "{error}");
}

#[test]
fn three_margins_of_returns_are_those_of_sales_turned_round() {
    let by = |sign: i64| {
        let def = recipe("pieces")
            .step(
                member("person", "region")
                    .basis(given("region", &[("north", "3"), ("south", "2")])),
            )
            .step(member("product", "product"))
            .step(StepDef::grain(crate::calendar::Grain::Quarter))
            .total(at("region", "north"), Number::from(57 * sign))
            .total(at("product", "tea"), Number::from(71 * sign))
            .total(at("quarter", "2026-Q1"), Number::from(13 * sign))
            .bounded_total(
                at("quarter", "2026-Q4"),
                Some(Number::from(40 * sign.max(0) - 60 * (-sign).max(0))),
                Some(Number::from(60 * sign.max(0) - 40 * (-sign).max(0))),
            );
        let company = Company::new();
        let plan = Cascade::compile(def, &company.sources())
            .unwrap()
            .run((100 * sign).into())
            .unwrap();
        assert_eq!(plan.verify(), []);
        (0..4)
            .map(|level| plan.level_units("pieces", level).unwrap().to_vec())
            .collect::<Vec<_>>()
    };
    let turned: Vec<Vec<i64>> = by(-1)
        .iter()
        .map(|level| level.iter().map(|cell| -cell).collect())
        .collect();
    assert_eq!(turned, by(1));
}

#[test]
fn a_change_keeps_bounded_totals_or_is_refused() {
    let mut plan =
        run(def().bounded_total(at("product", "tea"), None, Some(Number::from(50)))).unwrap();
    let verb = Verb::Proportional {
        amount: Number::from(70),
    };
    let change = Change {
        version: crate::document::Version::default(),
        by: key("ann"),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: String::new(),
        based_on: 0,
        edits: vec![Edit::Spread(
            Spread::new("pieces", at("region", "north"), verb).unwrap(),
        )],
    };
    assert_eq!(
        plan.apply(change).unwrap_err().to_string(),
        "tea would be 55, outside its bounds, at most 50"
    );
}
