//! Plans that hand down more than their amounts keep doing so by the same share, and a slice totals what its nodes do.

use super::{apply, at, hold, key, proportional};
use crate::measure::{Measure, Measures};
use crate::plan::fixture::days;
use crate::plan::*;
use crate::quantity::{Number, Quantum, Ratio};
use crate::space::{DimensionDef, Space};
use rust_decimal::Decimal;

/// Two quarters of two people, each of whom hands down ten percent more than it has; 200 in all.
fn padded() -> Plan {
    padded_by(110)
}

fn padded_by(factor: i32) -> Plan {
    let measures = Measure::flow("m", "money:EUR".parse().unwrap(), Quantum::CENT);
    let measures = Measures::new(vec![measures.unwrap()]).unwrap();
    let space = Space::new(vec![
        DimensionDef::flat("fq", "fq", ["q1", "q2"]).unwrap(),
        DimensionDef::flat("rep", "rep", ["a", "b"]).unwrap(),
    ]);
    let over = OverAssignmentDef::from_leaves("rep", vec![Ratio::percent(factor)]).unwrap();
    let def = CascadeDef::new(key("plan"), key("m"), days("2026-01-01", "2027-01-01"))
        .step(StepDef::member("fq", "fq").unwrap())
        .step(StepDef::member("rep", "rep").unwrap())
        .over_assign(over);
    let cascade = Cascade::compile(def, &Sources::new(&measures, &space.unwrap())).unwrap();
    cascade.run(200.into()).unwrap()
}

fn edit(place: &[(&str, &str)], verb: Verb) -> Spread {
    Spread::new("m", at(place), verb).unwrap()
}

fn amounts(plan: &Plan) -> [Vec<i64>; 3] {
    [0, 1, 2].map(|level| plan.level_units("m", level).unwrap().to_vec())
}

#[test]
fn nothing_in_every_leaf_is_nothing_above() {
    let mut plan = padded();
    assert_eq!(
        amounts(&plan),
        [vec![20_000], vec![10_000; 2], vec![5_500; 4]]
    );
    apply(&mut plan, vec![Edit::Spread(edit(&[], Verb::Clear))]).unwrap();
    assert_eq!(amounts(&plan), [vec![0], vec![0; 2], vec![0; 4]]);
    let repeat = Verb::Repeat {
        amount: Number::from(55),
        cells: RepeatCells::All,
    };
    apply(&mut plan, vec![Edit::Spread(edit(&[], repeat))]).unwrap();
    assert_eq!(
        amounts(&plan),
        [vec![20_000], vec![10_000; 2], vec![5_500; 4]]
    );
    apply(
        &mut plan,
        vec![Edit::Spread(edit(&[("rep", "a")], Verb::Clear))],
    )
    .unwrap();
    assert_eq!(
        amounts(&plan),
        [vec![10_000], vec![5_000; 2], vec![0, 5_500, 0, 5_500]]
    );
}

#[test]
fn what_rounding_leaves_of_what_is_asked_goes_to_whoever_is_beside() {
    // What both would be handed of a quarter, in cents, and what the quarter is then: a cent hands down two, and nothing nothing.
    for (handed, own) in [(1, 0), (-1, 0), (2, 1), (-2, -1), (0, 0)] {
        let mut plan = padded_by(229);
        let other = plan.level_units("m", 2).unwrap()[1];
        let amount = Decimal::new(handed - other, 2).into();
        let leaf = edit(&[("fq", "q1"), ("rep", "a")], Verb::Proportional { amount });
        apply(&mut plan, vec![Edit::Spread(leaf)]).unwrap();
        assert_eq!(amounts(&plan)[1][0], own, "of {handed}");
        let asked = amounts(&plan)[2][0];
        assert_eq!(asked, handed - other, "of {handed}");
        assert_eq!(plan.verify(), [], "of {handed}");
    }
}

#[test]
fn a_slice_totals_what_is_asked() {
    let amount = |amount: i64| Number::from(amount);
    let verbs: [fn(Number) -> Verb; 4] = [
        |amount| Verb::Proportional { amount },
        |amount| Verb::Equal { amount },
        |amount| Verb::EqualLeaves { amount },
        |amount| Verb::Basis { amount },
    ];
    let slice = [("rep", "a")];
    for verb in verbs {
        for (mode, given, expected) in [
            (Mode::Replace, 120, 6_000),
            (Mode::Add, 10, 6_000),
            (Mode::Subtract, 10, 5_000),
            (Mode::Replace, 0, 0),
            (Mode::Replace, -20, -1_000),
        ] {
            let mut plan = padded();
            let edit = edit(&slice, verb(amount(given))).mode(mode);
            apply(&mut plan, vec![Edit::Spread(edit)]).unwrap();
            let cells = amounts(&plan)[2].clone();
            // The two quarters of the base that is nearest differ by a cent at most.
            assert_eq!(cells[0] + cells[2], 2 * expected, "{mode:?} {given}");
            assert!((cells[0] - cells[2]).abs() <= 2, "{mode:?} {given}");
            assert!((cells[1] - 5_500).abs() <= 1 && (cells[3] - 5_500).abs() <= 1);
            assert_eq!(plan.verify(), [], "{mode:?} {given}");
        }
    }
    let mut plan = padded();
    let by = Verb::PercentChange {
        by: Ratio::percent(10),
    };
    let more = edit(&slice, by).mode(Mode::Add);
    apply(&mut plan, vec![Edit::Spread(more)]).unwrap();
    assert_eq!(amounts(&plan)[2], [6_050, 5_500, 6_050, 5_500]);
    // What is held stays, and the rest of the slice takes what is asked.
    let mut plan = padded();
    let held = hold(vec![at(&[("fq", "q1"), ("rep", "a")])], HoldWhat::Total);
    let rest = edit(&slice, proportional(120));
    apply(&mut plan, vec![held, Edit::Spread(rest)]).unwrap();
    assert_eq!(amounts(&plan)[2], [5_500, 5_500, 6_500, 5_500]);
    let less = edit(&slice, proportional(50));
    assert!(matches!(
        apply(&mut plan, vec![Edit::Spread(less)]),
        Err(PlanError::Edit(EditError::HeldExceeds { .. }))
    ));
}

#[test]
fn what_is_carried_up_keeps_the_over_assignment_of_every_node() {
    let mut plan = padded();
    let cell = [("fq", "q1"), ("rep", "a")];
    apply(&mut plan, vec![Edit::Spread(edit(&cell, proportional(66)))]).unwrap();
    // 66 and 55 are 121, which 110 hand down.
    assert_eq!(
        amounts(&plan),
        [
            vec![21_000],
            vec![11_000, 10_000],
            vec![6_600, 5_500, 5_500, 5_500]
        ]
    );
    let kept = edit(&cell, proportional(88)).keeping(Place::whole());
    apply(&mut plan, vec![Edit::Spread(kept)]).unwrap();
    assert_eq!(amounts(&plan)[0], [21_000]);
    assert_eq!(amounts(&plan)[2][0], 8_800);
    let slice = edit(&[("rep", "b")], proportional(100)).keeping(Place::whole());
    apply(&mut plan, vec![Edit::Spread(slice)]).unwrap();
    assert_eq!(amounts(&plan)[0], [21_000]);
    let line = Verb::StraightLine {
        from: Number::from(60),
        to: Number::from(50),
    };
    apply(&mut plan, vec![Edit::Spread(edit(&[("fq", "q2")], line))]).unwrap();
    assert_eq!(amounts(&plan)[1][1], 10_000);
}

/// Of the north and the south, whose people are `a` and `b`, only the north goes down to months.
#[test]
fn a_slice_where_a_branch_ends_above_it_has_nothing_that_may_move() {
    let measures = Measure::flow("m", "money:EUR".parse().unwrap(), Quantum::CENT);
    let measures = Measures::new(vec![measures.unwrap()]).unwrap();
    let flat = |name, members: [&'static str; 2]| DimensionDef::flat(name, name, members).unwrap();
    let space = Space::new(vec![
        flat("region", ["north", "south"]),
        flat("rep", ["a", "b"]),
        flat("month", ["m1", "m2"]),
    ]);
    let over = OverAssignmentDef::from_leaves("rep", vec![Ratio::percent(110)]).unwrap();
    let step = |name| StepDef::member(name, name).unwrap();
    let mut def = CascadeDef::new(key("plan"), key("m"), days("2026-01-01", "2027-01-01"))
        .step(step("region"))
        .step(step("rep"))
        .step(step("month"))
        .over_assign(over);
    def.depth = vec![DepthDef {
        at: at(&[("region", "south")]),
        steps: vec![key("rep")],
    }];
    let cascade = Cascade::compile(def, &Sources::new(&measures, &space.unwrap())).unwrap();
    let mut plan = cascade.run(200.into()).unwrap();
    let error = apply(
        &mut plan,
        vec![Edit::Spread(edit(
            &[("region", "south"), ("month", "m1")],
            proportional(1),
        ))],
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "1.00 cannot be placed at south: everything below is held or closed"
    );
    let first = edit(&[("month", "m1")], proportional(60));
    apply(&mut plan, vec![Edit::Spread(first)]).unwrap();
    assert_eq!(
        plan.level_units("m", 3).unwrap()[0..3],
        [3_000, 2_751, 3_000]
    );
    assert_eq!(plan.verify(), []);
}
