//! Written plans and their roll-out.

use super::*;
use crate::charter::{Part, WrittenPart};
use crate::panel::Columns;

#[test]
fn a_roll_out_counts_from_its_day_and_includes_the_steps_before() {
    let plan: RollOutPlan = serde_json::from_str(
        r#"{"plan": "spring", "from": "2026-03-02", "people": ["ann", "bo"], "steps": [
            {"day": "2026-03-09", "person": "ann", "reached": "accepted"},
            {"day": "2026-03-20", "person": "bo", "reached": "briefed"},
            {"day": "2026-03-30", "person": "bo", "reached": "accepted"}]}"#,
    )
    .unwrap();
    let panel = panel("team", &["all"]);
    let all = key("all");
    let columns = plan
        .columns(&key("s"), RollUp::Whole(&all), day(3, 15))
        .columns(&panel)
        .unwrap();
    assert_eq!(
        told(&columns, "s.accepted", RowId::at(0), &panel),
        [
            Err(Reason::NotApplicable),
            part(1, 2),
            Err(Reason::NotYetDue)
        ]
    );
    assert_eq!(
        told(&columns, "s.took_part", RowId::at(0), &panel)[1],
        part(1, 2),
        "bo is briefed later"
    );
    let on = |last, names: &[&str]| {
        let (name, panel) = (key("s"), super::panel("team", names));
        let columns = plan.columns(&name, RollUp::Whole(&all), last);
        let columns = columns.columns(&panel).unwrap();
        let row = RowId::at(names.len() - 1);
        ["s.briefed", "s.accepted"].map(|name| told(&columns, name, row, &panel)[1])
    };
    // By the 25th both are briefed and one has accepted, by the end of March both.
    assert_eq!(on(day(3, 25), &["all"]), [part(2, 2), part(1, 2)]);
    assert_eq!(on(day(3, 31), &["all"]), [part(2, 2), part(2, 2)]);
    assert_eq!(on(day(3, 15), &["all"]), [part(1, 2), part(1, 2)]);
    // A row of which nobody has to come to the plan.
    assert_eq!(
        on(day(3, 31), &["all", "south"]),
        [Err(Reason::NotApplicable); 2]
    );
    let stranger = r#"{"plan": "spring", "from": "2026-03-02", "people": ["ann"], "steps": [
        {"day": "2026-03-09", "person": "anna", "reached": "briefed"}]}"#;
    let error = serde_json::from_str::<RollOutPlan>(stranger)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("does not have to come to `anna`; did you mean `ann`?"),
        "{error}"
    );
}

#[test]
fn a_written_plan_is_told_by_its_latest_version() {
    let part_of = |owner: Option<&str>| WrittenPart {
        text: "as agreed".to_owned(),
        owner: owner.map(key),
        by: Some(day(3, 31)),
    };
    let written = |made, owner, parts: usize| WrittenPlan {
        person: key("ann"),
        for_day: day(3, 1),
        made,
        parts: Part::ALL
            .into_iter()
            .take(parts)
            .map(|name| (name, part_of(owner)))
            .collect(),
    };
    let plans = [
        written(day(2, 25), None, 10),
        written(day(2, 27), Some("ann"), 9),
        written(day(3, 28), Some("ann"), 10),
    ];
    let panel = panel("person", &["ann"]);
    let columns = written_plan_columns(&key("p"), &plans, RollUp::Person, day(3, 15))
        .columns(&panel)
        .unwrap();
    assert_eq!(
        told(&columns, "p.versions", RowId::at(0), &panel),
        [whole(0), whole(2), whole(0)]
    );
    assert_eq!(
        told(&columns, "p.rewrites", RowId::at(0), &panel)[1],
        whole(1)
    );
    assert_eq!(
        told(&columns, "p.parts", RowId::at(0), &panel),
        [Err(Reason::NoBase), part(9, 10), Err(Reason::NoBase)].map(|told| match told {
            Err(_) => Err(Reason::NothingRecorded),
            told => told,
        })
    );
    assert_eq!(told(&columns, "p.gaps", RowId::at(0), &panel)[1], whole(1));
    assert_eq!(
        told(&columns, "p.without_owner", RowId::at(0), &panel)[1],
        whole(0)
    );
    // Five parts are to be done by somebody.
    let columns = written_plan_columns(&key("p"), &plans[..1], RollUp::Person, day(3, 15))
        .columns(&panel)
        .unwrap();
    assert_eq!(
        told(&columns, "p.without_owner", RowId::at(0), &panel)[1],
        whole(5)
    );
}
