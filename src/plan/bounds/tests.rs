use super::super::fixture::{Company, days, given, key, member, recipe};
use super::super::*;
use crate::allocation::{ActiveBound, Apportioned};
use crate::calendar::Grain;
use crate::document::Version;
use crate::quantity::Number;

fn plan(def: CascadeDef, total: i64) -> Result<Plan, PlanError> {
    let company = Company::new();
    let plan = Cascade::compile(def, &company.sources())?.run(total.into())?;
    assert_eq!(plan.verify(), []);
    Ok(plan)
}

fn people() -> CascadeDef {
    let weights = [
        ("ann", "90"),
        ("bo", "0"),
        ("cy", "5"),
        ("di", "3"),
        ("ed", "2"),
    ];
    recipe("pieces")
        .step(member("person", "region").basis(given("region", &[("north", "9"), ("south", "1")])))
        .step(member("person", "person").basis(given("person", &weights)))
}

fn at(step: &str, name: &str) -> Place {
    Place::whole().at(step, name).unwrap()
}

#[test]
fn bounds_below_are_kept_by_the_splits_above() {
    let least = BoundDef::at_least("person", Number::from(8))
        .unwrap()
        .at(at("region", "south"));
    let plan = plan(people().bound(least), 100).unwrap();
    // By weight the south would have 10; three people need 8 each.
    assert_eq!(plan.level_units("pieces", 1).unwrap(), [76, 24]);
    assert_eq!(plan.level_units("pieces", 2).unwrap(), [76, 0, 8, 8, 8]);
    let south = plan.frame().find(&["south"]).unwrap();
    let why = plan.explain("pieces", south).unwrap();
    assert_eq!(why.cascaded(), why.amount);
    assert_eq!(why.splits[0].placement, Some(ActiveBound::Minimum));
    let most = BoundDef::at_most("person", Number::from(50)).unwrap();
    let capped = super::tests::plan(people().bound(most), 100).unwrap();
    // Ann takes 50 and bo weighs nothing, so the south has the rest, 50 by 5 : 3 : 2.
    assert_eq!(
        capped.level_units("pieces", 2).unwrap(),
        [50, 0, 25, 15, 10]
    );
}

#[test]
fn what_shares_by_weight_inside_bounds_is_told_as_rounded_up_or_down() {
    let most = BoundDef::at_most("person", Number::from(50)).unwrap();
    let plan = plan(people().bound(most), 101).unwrap();
    // The south has 51: 25.5, 15.3 and 10.2.
    assert_eq!(plan.level_units("pieces", 2).unwrap(), [50, 0, 26, 15, 10]);
    let told = ["cy", "di", "ed"].map(|person| {
        let node = plan.frame().find(&["south", person]).unwrap();
        plan.explain("pieces", node).unwrap().splits[1].reason
    });
    let (up, down) = (Apportioned::RoundedUp, Apportioned::RoundedDown);
    assert_eq!(told, [up, down, down]);
}

#[test]
fn at_least_one_in_every_period_beside_a_total() {
    let def = CascadeDef {
        horizon: days("2026-01-05", "2026-01-12"),
        ..recipe("pieces")
    }
    .step(StepDef::grain(Grain::Day).basis(BasisDef::WorkingDays))
    .bound(BoundDef::at_least("day", Number::from(1)).unwrap());
    assert_eq!(
        plan(def.clone(), 12)
            .unwrap()
            .level_units("pieces", 1)
            .unwrap(),
        [2, 2, 2, 2, 2, 1, 1]
    );
    let error = plan(def, 6).unwrap_err();
    let PlanError::Constraint(ConstraintError::Impossible {
        needed,
        available,
        limits,
        ..
    }) = &error
    else {
        panic!("{error}")
    };
    assert_eq!(
        (needed.to_string(), available.to_string(), limits.len()),
        ("7".into(), "6".into(), 7)
    );
}

#[test]
fn what_contradicts_is_named() {
    let most = BoundDef::at_most("person", Number::from(10)).unwrap();
    let error = plan(people().bound(most), 100).unwrap_err();
    let PlanError::Constraint(ConstraintError::Impossible {
        needed,
        available,
        limits,
        ..
    }) = &error
    else {
        panic!("{error}")
    };
    // Bo weighs nothing, so the north can have 10 and the south 30.
    assert_eq!(
        (needed.to_string(), available.to_string()),
        ("100".into(), "40".into())
    );
    assert_eq!(limits.len(), 2);
    assert_eq!(
        error.to_string(),
        "100 at all cannot be split at step `region`: needed 100, available 40, with the bounds of north, at least 0, at most 10; south, at least 0, at most 30"
    );
    let crossed = people()
        .bound(BoundDef::at_least("person", Number::from(5)).unwrap())
        .bound(BoundDef::at_most("region", Number::from(9)).unwrap());
    assert_eq!(
        plan(crossed, 100).unwrap_err().to_string(),
        "the bounds of north contradict each other: at least 10, at most 9"
    );
}

#[test]
fn changes_stay_inside_the_bounds() {
    let least = BoundDef::at_least("person", Number::from(2)).unwrap();
    let mut plan = plan(people().bound(least), 100).unwrap();
    assert_eq!(plan.level_units("pieces", 2).unwrap(), [88, 2, 5, 3, 2]);
    let mut apply = |place, amount: i64| {
        let verb = Verb::Proportional {
            amount: Number::from(amount),
        };
        let change = Change {
            version: Version::default(),
            by: key("ann"),
            at: "2026-01-05T09:30:00".parse().unwrap(),
            reason: String::new(),
            based_on: plan.version(),
            edits: vec![Edit::Spread(Spread::new("pieces", place, verb).unwrap())],
        };
        plan.apply(change)
            .map(|_| plan.level_units("pieces", 2).unwrap().to_vec())
    };
    assert_eq!(apply(at("region", "south"), 7).unwrap(), [88, 2, 3, 2, 2]);
    let error = apply(at("region", "south"), 5).unwrap_err();
    assert!(
        matches!(
            error,
            PlanError::Constraint(ConstraintError::Impossible { .. })
        ),
        "{error}"
    );
    let ann = at("region", "north").at("person", "ann").unwrap();
    assert_eq!(
        apply(ann, 1).unwrap_err().to_string(),
        "north / ann would be 1, outside its bounds, at least 2"
    );
}

#[test]
fn a_method_is_kept_inside_bounds_or_refused() {
    let by = |method| {
        let weights = [
            ("ann", "50"),
            ("bo", "30"),
            ("cy", "50"),
            ("di", "30"),
            ("ed", "20"),
        ];
        recipe("pieces")
            .step(member("person", "region"))
            .step(
                member("person", "person")
                    .basis(given("person", &weights))
                    .method(method),
            )
            .bound(
                BoundDef::at_most("person", Number::from(2))
                    .unwrap()
                    .at(at("person", "cy")),
            )
    };
    // The south has 7: cy at the most 2, then 5 by 30 : 20 under the greatest divisors.
    let plan = plan(by(crate::allocation::Method::Jefferson), 14).unwrap();
    assert_eq!(plan.level_units("pieces", 2).unwrap(), [5, 2, 2, 3, 2]);
    let di = plan.frame().find(&["south", "di"]).unwrap();
    let why = plan.explain("pieces", di).unwrap();
    assert_eq!(why.cascaded(), why.amount);
    assert_eq!(why.splits[1].exact, Some(crate::quantity::Ratio::from(3)));
    let error = super::tests::plan(by(crate::allocation::Method::RemainderApart), 14).unwrap_err();
    assert_eq!(
        error.to_string(),
        "step `person` has bounds, which the method `remainder_apart` cannot keep: choose one that assigns everything"
    );
}
