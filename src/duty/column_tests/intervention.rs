//! Leaders who step in so that duties are done.

use super::*;
use crate::panel::Columns;

fn stepped_in(person: &str, due: NaiveDate, on: NaiveDate) -> Intervention {
    Intervention {
        duty: key("weekly report"),
        person: key(person),
        with: None,
        due,
        leader: key("cy"),
        day: on,
        reason: key("reminded"),
    }
}

#[test]
fn how_often_a_duty_needs_a_leader_is_a_figure_of_its_own() {
    let (duty, report) = reported();
    let both = [(&duty, &report)];
    // Ann was reminded twice for 13 February and once for 6 March; Bo for 20 March, which is still to come.
    let interventions = [
        stepped_in("ann", day(2, 13), day(2, 12)),
        stepped_in("ann", day(2, 13), day(2, 13)),
        stepped_in("ann", day(3, 6), day(3, 6)),
        stepped_in("bo", day(3, 20), day(3, 16)),
    ];
    let by_person = panel("person", &["ann", "bo", "cy"]);
    let told_of = |to, panel: &Panel| {
        intervention_columns(&key("d"), &both, &interventions, to)
            .columns(panel)
            .unwrap()
    };
    let columns = told_of(RollUp::Person, &by_person);
    let of = |what: &str, row| told(&columns, &format!("d.{what}"), row, &by_person);
    // Four Fridays of February and two of March are due by 17 March.
    assert_eq!(
        of("obligations", RowId::at(0)),
        [whole(4), whole(2), whole(0)]
    );
    assert_eq!(
        of("interventions", RowId::at(0)),
        [whole(2), whole(1), whole(0)]
    );
    assert_eq!(
        of("with_leader", RowId::at(0)),
        [whole(1), whole(1), whole(0)]
    );
    assert_eq!(
        of("leader_rate", RowId::at(0)),
        [part(1, 4), part(1, 2), Err(Reason::NotYetDue)]
    );
    // What is not yet due is an intervention, and no obligation that had to be met by now.
    assert_eq!(
        of("interventions", RowId::at(1)),
        [whole(0), whole(1), whole(0)]
    );
    assert_eq!(of("leader_rate", RowId::at(1))[..2], [whole(0), whole(0)]);
    assert_eq!(
        of("obligations", RowId::at(2)),
        [Err(Reason::NotApplicable); 3]
    );
    // In March the south has both of Ann and both of Bo: one of four, not the mean of a half and none.
    let people = people();
    let team = RollUp::Level {
        people: &people,
        level: people.level("team").unwrap(),
    };
    let by_team = panel("team", &["north", "south"]);
    let columns = told_of(team, &by_team);
    let south = |what: &str| told(&columns, &format!("d.{what}"), RowId::at(1), &by_team);
    assert_eq!(south("leader_rate")[1], part(1, 4));
    assert_eq!(south("interventions")[..2], [whole(0), whole(2)]);
}

#[test]
fn of_equal_obligations_each_intervention_counts_for_another() {
    let mut meetings = weekly("meetings", 1, &["ann"]).definition().clone();
    meetings.times = 3.try_into().unwrap();
    let meetings = Duty::new(meetings).unwrap();
    let office = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("office"))).unwrap();
    let asked = meetings
        .obligations(day(2, 1), day(2, 15), &office)
        .unwrap();
    let report = meetings.report(&asked, &[], day(2, 28)).unwrap();
    let one = Intervention {
        duty: key("meetings"),
        ..stepped_in("ann", day(2, 6), day(2, 6))
    };
    let panel = panel("person", &["ann"]);
    for (times, wanted) in [(2, part(2, 6)), (5, part(3, 6))] {
        let columns = intervention_columns(
            &key("m"),
            &[(&meetings, &report)],
            &vec![one.clone(); times],
            RollUp::Person,
        )
        .columns(&panel)
        .unwrap();
        assert_eq!(
            told(&columns, "m.leader_rate", RowId::at(0), &panel)[0],
            wanted
        );
    }
}

#[test]
fn an_intervention_names_an_obligation_and_another_leader() {
    let (duty, report) = reported();
    let panel = panel("person", &["ann"]);
    let refused = |one: Intervention| {
        intervention_columns(&key("d"), &[(&duty, &report)], &[one], RollUp::Person)
            .columns(&panel)
            .unwrap_err()
    };
    assert_eq!(
        refused(stepped_in("ann", day(2, 12), day(2, 12))).to_string(),
        "`ann` has no obligation of the duty `weekly report` that is due on 2026-02-12; did you mean `2026-02-13`?"
    );
    assert!(matches!(
        refused(stepped_in("di", day(2, 13), day(2, 13))),
        DutyError::UnknownObligation { nearest: None, .. }
    ));
    let mut other = stepped_in("ann", day(2, 13), day(2, 13));
    other.with = Some(key("bo"));
    assert!(matches!(
        refused(other.clone()),
        DutyError::UnknownObligation { .. }
    ));
    other.with = None;
    other.leader = key("ann");
    assert!(matches!(refused(other), DutyError::OwnLeader { .. }));
}
