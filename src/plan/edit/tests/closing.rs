//! Periods that are closed, and opened again.

use chrono::NaiveDate;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn close(before: &str) -> Vec<Edit> {
    vec![Edit::Close {
        before: day(before),
    }]
}

fn reopen(from: &str) -> Vec<Edit> {
    vec![Edit::Reopen { from: day(from) }]
}

/// The year by quarter and month.
fn year() -> Plan {
    let company = Company::new();
    let def = recipe("sales")
        .step(StepDef::grain(Grain::Quarter))
        .step(StepDef::grain(Grain::Month));
    let cascade = Cascade::compile(def, &company.sources()).unwrap();
    cascade.run(1200.into()).unwrap()
}

/// The day before which all is closed, and the nodes that are.
fn closed(plan: &Plan) -> (Option<String>, Vec<String>) {
    let nodes = plan.frame().steps().flat_map(|step| {
        let nodes = plan.frame().nodes(step.as_str()).unwrap();
        nodes.filter(move |node| plan.explain("sales", *node).unwrap().closed)
    });
    let paths = nodes.map(|node| plan.frame().path(node).keys().last().unwrap().to_string());
    let before = plan.closed_before().map(|day| day.to_string());
    (before, paths.collect())
}

fn told(before: &str, paths: &[&str]) -> (Option<String>, Vec<String>) {
    let paths = paths.iter().map(|path| (*path).to_owned());
    (Some(before.to_owned()), paths.collect())
}

#[test]
fn a_reopening_within_a_period_opens_all_of_it_and_the_plan_says_so() {
    let mut plan = year();
    apply(&mut plan, close("2026-02-01")).unwrap();
    assert_eq!(closed(&plan), told("2026-02-01", &["2026-01"]));
    apply(&mut plan, reopen("2026-01-31")).unwrap();
    assert_eq!(closed(&plan), (None, vec![]));
    // No month is closed, so that nothing is opened by this.
    apply(&mut plan, close("2026-01-30")).unwrap();
    assert_eq!(closed(&plan), (None, vec![]));
    // Of four months the one that the day lies in opens, and with it its quarter.
    apply(&mut plan, close("2026-05-01")).unwrap();
    let quarter = ["2026-Q1", "2026-01", "2026-02", "2026-03"];
    assert_eq!(
        closed(&plan),
        told("2026-05-01", &[&quarter[..], &["2026-04"]].concat())
    );
    apply(&mut plan, reopen("2026-04-30")).unwrap();
    assert_eq!(closed(&plan), told("2026-04-01", &quarter));
    apply(&mut plan, reopen("2026-03-15")).unwrap();
    assert_eq!(closed(&plan), told("2026-03-01", &quarter[1..3]));
    // From a first day on as from any other one.
    apply(&mut plan, reopen("2026-02-01")).unwrap();
    assert_eq!(closed(&plan), told("2026-02-01", &["2026-01"]));
    apply(&mut plan, reopen("2020-01-01")).unwrap();
    assert_eq!(closed(&plan), (None, vec![]));
}

#[test]
fn a_close_within_a_period_closes_what_is_over_and_the_plan_says_so() {
    let mut plan = year();
    apply(&mut plan, close("2026-02-15")).unwrap();
    assert_eq!(closed(&plan), told("2026-02-01", &["2026-01"]));
    let january = Place::whole().at("month", "2026-01").unwrap();
    let edit = Edit::Spread(Spread::new("sales", january, proportional(1)).unwrap());
    assert_eq!(
        apply(&mut plan, vec![edit]).unwrap_err().to_string(),
        "2026-Q1 / 2026-01 is closed: all before 2026-02-01 is read-only"
    );
    let earlier = apply(&mut plan, close("2026-01-15")).unwrap_err();
    assert_eq!(
        earlier.to_string(),
        "everything before 2026-02-01 is closed already: reopen it from 2026-01-15 instead"
    );
    apply(&mut plan, close("2030-01-01")).unwrap();
    assert_eq!(closed(&plan).0.as_deref(), Some("2027-01-01"));
}

#[test]
fn a_reopening_that_opens_nothing_is_refused_with_what_is_closed() {
    let mut plan = year();
    let refused = |plan: &mut Plan, from: &str| {
        let (version, before) = (plan.version(), closed(plan));
        let error = apply(plan, reopen(from)).unwrap_err();
        assert!(matches!(error, PlanError::Edit(EditError::Open { .. })));
        assert_eq!((plan.version(), closed(plan)), (version, before));
        error.to_string()
    };
    assert_eq!(
        refused(&mut plan, "2026-02-10"),
        "2026-02-10 is open already"
    );
    apply(&mut plan, close("2026-02-15")).unwrap();
    for from in ["2026-02-10", "2026-02-01"] {
        assert_eq!(
            refused(&mut plan, from),
            format!("{from} is open already: closed is what ends before 2026-02-01")
        );
    }
    // A plan without periods has none to close or to open.
    let mut rows = grid("1", &[&[1, 2]]);
    apply(&mut rows, close("2026-06-01")).unwrap();
    assert_eq!(rows.closed_before(), None);
    let error = apply(&mut rows, reopen("2026-01-01")).unwrap_err();
    assert_eq!(error.to_string(), "2026-01-01 is open already");
}

#[test]
fn a_reopening_is_walked_back_undone_and_returned_to() {
    let mut plan = year();
    let states = [
        closed(&plan),
        told("2026-03-01", &["2026-01", "2026-02"]),
        told("2026-02-01", &["2026-01"]),
    ];
    apply(&mut plan, close("2026-03-01")).unwrap();
    apply(&mut plan, reopen("2026-02-14")).unwrap();
    for (version, state) in (0..).zip(&states) {
        assert_eq!(closed(&plan.as_of(version).unwrap()), *state);
    }
    // What opens and then fails opens nothing.
    let january = Place::whole().at("month", "2026-01").unwrap();
    let edit = Edit::Spread(Spread::new("sales", january, proportional(1)).unwrap());
    let both = [reopen("2026-02-01"), vec![edit.clone()]].concat();
    apply(&mut plan, both).unwrap_err();
    let fails = Edit::Revert { to: 99 };
    apply(
        &mut plan,
        [reopen("2026-01-05"), vec![edit.clone(), fails]].concat(),
    )
    .unwrap_err();
    assert_eq!(closed(&plan), states[2]);
    apply(&mut plan, [reopen("2026-01-05"), vec![edit]].concat()).unwrap();
    assert_eq!(closed(&plan), states[0]);
    let saved = plan.record();
    for (version, state) in (0..).zip(&states) {
        let mut plan = plan.clone();
        apply(&mut plan, vec![Edit::Revert { to: version }]).unwrap();
        assert_eq!(closed(&plan), *state);
        assert_eq!(closed(&plan.as_of(3).unwrap()), states[0]);
    }
    let company = Company::new();
    let again = saved.replay(&company.sources()).unwrap();
    assert_eq!(closed(&again), states[0]);
    assert_eq!(closed(&again.as_of(1).unwrap()), states[1]);
}
