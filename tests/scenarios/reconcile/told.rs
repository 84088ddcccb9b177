//! What least change says: what cannot be, what does not move and why, and what is refused.

use super::*;

#[test]
fn what_cannot_be_is_proven_at_the_smallest_place() {
    let plan = four([10, 20, 30, 40]);
    let asked = total(100).total(region("r1"), Number::from(50)).bound(
        BoundDef::at_most("person", Number::from(24))
            .unwrap()
            .at(region("r1")),
    );
    assert_eq!(
        refused(&plan, &asked),
        "r1 is 50, but what is below it comes to no more than 48: r1 / a is at most 24, r1 / b is at most 24"
    );
    let asked = total(90).still(region("r1")).bound(
        BoundDef::at_least("person", Number::from(35))
            .unwrap()
            .at(region("r2")),
    );
    assert_eq!(
        refused(&plan, &asked),
        "all is 90, but what is below it needs 100: r1 is 30, r2 / c is at least 35, r2 / d is at least 35"
    );
    // Nobody below r1 has anything by which it could be in proportion.
    let plan = four([0, 0, 30, 40]);
    let asked = sales().total(region("r1"), Number::from(5));
    assert_eq!(
        refused(&plan, &asked),
        "r1 is 5, but what is below it comes to no more than 0: r1 / a stays 0, having no weight, r1 / b stays 0, having no weight"
    );
    let twice = total(90).total(Place::whole(), Number::from(95));
    assert_eq!(
        refused(&plan, &twice),
        "all cannot be 90 and 95 at once: ask for one of them"
    );
    match plan.least_change(&asked) {
        Err(PlanError::Edit(EditError::Contradicted { asked, below, .. })) => {
            assert!(matches!(asked, AskedAmount::Exactly { .. }));
            assert_eq!(below.len(), 2);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_proposal_that_would_not_apply_is_refused_when_it_is_made() {
    let house = House::new(&[2]);
    // 1,212 are 606 each, which are no lots of 12; 1,224 are 612.
    let step = StepDef::member("person", "person").unwrap();
    let def = House::recipe(&[]).step(step.lot(Number::from(12)));
    let plan = house.plan(def, &[&[1_200], &[600, 600]]);
    assert_eq!(
        refused(&plan, &total(1_212)),
        "606 at a is not a whole number of lots of 12"
    );
    assert_eq!(settled(plan, &total(1_224)), [612, 612]);
    // A quarter is prescribed across people.
    let first = Place::whole().at("quarter", "2026-Q1").unwrap();
    let def = House::recipe(&["person", "quarter"]).total(first.clone(), Number::from(30));
    let quarters: [i64; 8] = [10, 10, 10, 10, 20, 20, 20, 20];
    let plan = house.plan(def, &[&[120], &[40, 80], &quarters]);
    let told = refused(&plan, &total(240));
    assert!(told.contains("2026-Q1") && told.contains("30"), "{told}");
    assert_eq!(settled(plan, &total(165).still(first)), [55, 110]);
    // Some days are held.
    let def = House::recipe(&["person", "quarter"]);
    let mut plan = house.plan(def, &[&[120], &[40, 80], &quarters]);
    let days = DayRange::new("2026-02-01".parse().unwrap(), "2026-03-01".parse().unwrap());
    let hold = HoldEdit {
        measure: key("sales"),
        at: vec![person("a")],
        what: HoldWhat::Days(days.unwrap()),
    };
    apply(&mut plan, Edit::Hold(hold)).unwrap();
    let told = refused(&plan, &total(240));
    assert!(told.contains("2026-02-01"), "{told}");
    let asked = total(165).still(person("a"));
    assert_eq!(settled(plan, &asked), [40, 125]);
}

#[test]
fn what_does_not_move_is_told_apart_from_what_is_asked_for() {
    let mut plan = four([10, 20, 30, 40]);
    let hold = HoldEdit {
        measure: key("sales"),
        at: vec![region("r1").at("person", "a").unwrap()],
        what: HoldWhat::Total,
    };
    apply(&mut plan, Edit::Hold(hold)).unwrap();
    let asked = total(130)
        .still(person("d"))
        .total(region("r1"), Number::from(40));
    let told: Vec<String> = plan
        .least_change(&asked)
        .unwrap()
        .nodes()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "all: 100 becomes 130, which is asked for",
            "r1: 30 becomes 40, which is asked for",
            "r2: 70 becomes 90, with 1/1 of the 20 that move freely below all",
            "r1 / a: 10 stays 10, which does not move",
            "r1 / b: 20 becomes 30, with 1/1 of the 10 that move freely below r1",
            "r2 / c: 30 becomes 50, with 1/1 of the 20 that move freely below all",
            "r2 / d: 40 stays 40, which does not move",
        ]
    );
}

#[test]
fn parts_are_told_in_lowest_terms_and_what_nothing_is_left_for_has_none() {
    let found = three([10, 20, 30]).least_change(&total(90)).unwrap();
    let told: Vec<String> = found.nodes().iter().map(ToString::to_string).collect();
    assert_eq!(
        told[1..],
        [
            "a: 10 becomes 15, with 1/6 of the 30 that move freely below all",
            "b: 20 becomes 30, with 1/3 of the 30 that move freely below all",
            "c: 30 becomes 45, with 1/2 of the 30 that move freely below all",
        ]
    );
    let floor = BoundDef::at_least("person", Number::from(0)).unwrap();
    let found = three([-5, 50, 55]).least_change(&sales().bound(floor));
    let why: Vec<(i64, WhyAmount)> = found
        .unwrap()
        .nodes()
        .iter()
        .map(|own| (own.amount.units(), own.why.clone()))
        .collect();
    assert_eq!(
        why,
        [
            (105, WhyAmount::Unshared),
            (0, WhyAmount::AtLeast),
            (50, WhyAmount::Unshared),
            (55, WhyAmount::Unshared),
        ]
    );
}

#[test]
fn what_is_kept_apart_is_told_as_that() {
    let house = House::new(&[3]);
    let step = StepDef::member("person", "person").unwrap();
    let def = House::recipe(&["region"]).step(step.method(Method::RemainderApart));
    let cascade = Cascade::compile(def, &house.sources()).unwrap();
    let plan = cascade.run(100.into()).unwrap();
    assert_eq!(plan.units("sales", "person").unwrap(), [33, 33, 33]);
    let least = BoundDef::at_least("person", Number::from(20)).unwrap();
    assert_eq!(
        refused(&plan, &total(50).bound(least)),
        "all is 50, but what is below it needs 61: r1 / a is at least 20, r1 / b is at least 20, r1 / c is at least 20, 1 is kept apart at r1"
    );
    assert_eq!(settled(plan, &total(70)), [23, 23, 23]);
}

#[test]
fn what_does_not_add_up_is_refused() {
    let house = House::new(&[2]);
    let def = CascadeDef {
        measure: key("open"),
        ..House::recipe(&["person"])
    };
    let plan = house.plan(def, &[&[30], &[10, 20]]);
    let asked = Reconciling::new("open").unwrap();
    assert_eq!(
        refused(&plan, &asked),
        "`open` is a stock, for which the least change has no meaning"
    );
    assert_eq!(
        refused(&plan, &sales()),
        "the plan has no measure `sales`; known: `open`"
    );
}

#[test]
fn who_is_held_or_bounded_by_the_recipe_is_told_so_when_something_else_is_asked() {
    let a = || person("a").at("region", "r1").unwrap();
    let mut plan = four([10, 20, 30, 40]);
    let hold = HoldEdit {
        measure: key("sales"),
        at: vec![a()],
        what: HoldWhat::Total,
    };
    apply(&mut plan, Edit::Hold(hold)).unwrap();
    assert_eq!(
        refused(&plan, &sales().total(a(), Number::from(20))),
        "r1 / a is held: release it first"
    );
}

#[test]
fn a_step_that_a_branch_leaves_out_is_told_once() {
    let house = House::new(&[2, 2]);
    // No people stand between the region r2 and its quarters.
    let depth = DepthDef {
        at: region("r2"),
        steps: vec![key("quarter")],
    };
    let def = House::recipe(&["region", "person", "quarter"]).branch(depth);
    let plan = house.plan(def, &[&[120], &[80, 40], &[40, 40, 40], &[10; 12]]);
    let found = plan.least_change(&total(240)).unwrap();
    let told = found.nodes().iter();
    let told: Vec<String> = told
        .map(|own| format!("{} {}", own.place, own.amount))
        .collect();
    assert_eq!(
        told[..6],
        [
            "all 240",
            "r1 160",
            "r2 80",
            "r1 / a 80",
            "r1 / b 80",
            "r1 / a / 2026-Q1 20"
        ]
    );
    assert_eq!(told.len(), 5 + 12);
    for own in found.nodes() {
        assert_eq!(found.of(own.node), Some(own));
    }
    let second = plan.frame().find(&["r2"]).unwrap();
    let left_out = plan.frame().children(second).next().unwrap();
    assert_eq!(found.of(left_out), None);
    assert_eq!(settled(plan, &total(240)), [80, 80, 80]);
}
