//! Versions, replays, and changes that come too late.

use super::*;

#[test]
fn a_stale_change_is_refused_with_what_changed_meanwhile() {
    let mut plan = grid("1", &[&[10, 20, 30]]);
    let edit = || vec![Edit::Spread(spread(cell("c1"), proportional(11)))];
    let (first, second) = (change(&plan, edit()), change(&plan, edit()));
    assert_eq!(plan.apply(first).unwrap(), 1);
    let error = plan.apply(second).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the change is based on version 0, but the plan is at 1: 1 by ann (test)"
    );
    let PlanError::Edit(EditError::Stale { meanwhile, .. }) = error else {
        panic!("stale")
    };
    assert_eq!(meanwhile[0].places, [cell("c1")]);
    let future = Change {
        based_on: 9,
        ..change(&plan, edit())
    };
    assert!(matches!(
        plan.apply(future),
        Err(PlanError::Edit(EditError::NoSuchVersion {
            version: 9,
            current: 1
        }))
    ));
}

#[test]
fn versions_can_be_shown_compared_and_returned_to() {
    let mut plan = grid("1", &[&[10, 20, 30]]);
    apply(
        &mut plan,
        vec![Edit::Spread(spread(Place::whole(), proportional(120)))],
    )
    .unwrap();
    apply(
        &mut plan,
        vec![Edit::Spread(
            spread(cell("c1"), proportional(10)).keeping(Place::whole()),
        )],
    )
    .unwrap();
    assert_eq!(cells(&plan), [10, 44, 66]);
    assert_eq!(cells(&plan.as_of(1).unwrap()), [20, 40, 60]);
    let differences = plan.differences(0, 2).unwrap();
    let found: Vec<(String, i64, i64, Vec<u64>)> = differences
        .iter()
        .map(|d| {
            (
                d.path.to_string(),
                d.before.units(),
                d.after.units(),
                d.versions.clone(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("all".to_owned(), 60, 120, vec![1]),
            ("r1".to_owned(), 60, 120, vec![1]),
            ("r1 / c2".to_owned(), 20, 44, vec![1, 2]),
            ("r1 / c3".to_owned(), 30, 66, vec![1, 2]),
        ]
    );
    apply(&mut plan, vec![Edit::Revert { to: 1 }]).unwrap();
    assert_eq!((cells(&plan), plan.version()), (vec![20, 40, 60], 3));
    assert_eq!(plan.differences(1, 3).unwrap(), []);
    let why = plan
        .explain("m", plan.frame().find(&["r1", "c1"]).unwrap())
        .unwrap();
    let moves: Vec<(u64, i64, i64)> = why
        .moves
        .iter()
        .map(|m| (m.change.version, m.before.units(), m.after.units()))
        .collect();
    assert_eq!(moves, [(1, 10, 20), (2, 20, 10), (3, 10, 20)]);
}

#[test]
fn a_record_replays_to_the_same_plan() {
    let company = Company::new();
    let def = |measure| {
        recipe(measure)
            .step(member("person", "person"))
            .step(StepDef::grain(Grain::Month))
    };
    let sources = company.sources();
    let cascade = Cascade::compile(def("sales"), &sources).unwrap();
    let mut plan = cascade.run("1000".parse().unwrap()).unwrap();
    let expense = Cascade::beside(cascade.frame(), def("expense"), &sources).unwrap();
    plan.join(expense.run("80".parse().unwrap()).unwrap())
        .unwrap();
    let ann = Place::whole().at("person", "ann").unwrap();
    let hold = HoldEdit {
        measure: key("sales"),
        at: vec![ann.clone()],
        what: HoldWhat::Leaves,
    };
    let to = Reference {
        measure: Some(key("sales")),
        ..Reference::default()
    };
    let like = Verb::Relative {
        amount: number("99.99"),
        to,
    };
    apply(
        &mut plan,
        vec![
            Edit::Hold(hold),
            Edit::Spread(Spread::new("sales", Place::whole(), proportional(777)).unwrap()),
            Edit::Spread(Spread::new("expense", Place::whole(), like).unwrap()),
        ],
    )
    .unwrap();
    let text = serde_json::to_string(&plan.record()).unwrap();
    let record: PlanRecord = serde_json::from_str(&text).unwrap();
    let again = record.replay(&sources).unwrap();
    for measure in ["sales", "expense"] {
        for level in 0..3 {
            assert_eq!(
                again.level_units(measure, level).unwrap(),
                plan.level_units(measure, level).unwrap()
            );
        }
    }
    assert_eq!(serde_json::to_string(&again.record()).unwrap(), text);
    assert_eq!(plan.level_units("expense", 0).unwrap(), [9_999]);
}

/// Plans are joined before anything is changed, so that every version is one of all measures.
#[test]
fn a_plan_that_was_changed_joins_no_other() {
    let plan = |measure: &str| {
        let company = Company::new();
        let def = recipe(measure).step(member("person", "region"));
        let cascade = Cascade::compile(def, &company.sources()).unwrap();
        cascade.run(100.into()).unwrap()
    };
    let changed = |mut plan: Plan| {
        let edit = Spread::new("pieces", Place::whole(), proportional(120)).unwrap();
        let made = change(&plan, vec![Edit::Spread(edit)]);
        plan.apply(made).unwrap();
        plan
    };
    let refused =
        |joined: Result<(), PlanError>| matches!(joined, Err(PlanError::Edit(EditError::Changed)));
    assert!(refused(plan("sales").join(changed(plan("pieces")))));
    assert!(refused(changed(plan("pieces")).join(plan("sales"))));
    assert!(plan("sales").join(plan("pieces")).is_ok());
}
