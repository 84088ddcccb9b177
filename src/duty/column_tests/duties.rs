//! What duties say: due, late, missing, by team, and the agenda.

use super::*;
use crate::panel::Columns;

#[test]
fn a_duty_says_who_has_it_what_is_missing_and_what_is_still_to_come() {
    let (duty, report) = reported();
    let panel = panel("person", &["ann", "bo", "cy"]);
    let columns = duty_columns(&key("d"), &[(&duty, &report)], RollUp::Person)
        .columns(&panel)
        .unwrap();
    // Ann handed in on the 6th and the 12th in time, on the 21st a day late for the 20th; nothing for the 27th.
    assert_eq!(
        told(&columns, "d.due", RowId::at(0), &panel),
        [whole(4), whole(2), whole(0)]
    );
    assert_eq!(
        told(&columns, "d.on_time", RowId::at(0), &panel),
        [whole(2), whole(1), whole(0)]
    );
    assert_eq!(told(&columns, "d.late", RowId::at(0), &panel)[0], whole(1));
    assert_eq!(
        told(&columns, "d.days_late", RowId::at(0), &panel)[0],
        whole(1)
    );
    assert_eq!(
        told(&columns, "d.missing", RowId::at(0), &panel),
        [whole(1), whole(1), whole(0)]
    );
    assert_eq!(
        told(&columns, "d.punctuality", RowId::at(0), &panel),
        [part(1, 2), part(1, 2), Err(Reason::NotYetDue)]
    );
    // Cy does not have the duty: that is not the same as nothing missing. The record was unasked all the same.
    assert_eq!(
        told(&columns, "d.missing", RowId::at(2), &panel),
        [Err(Reason::NotApplicable); 3]
    );
    assert_eq!(
        told(&columns, "d.first_missing", RowId::at(1), &panel)[0],
        whole(4)
    );
    let other = weekly("weekly plan", 4, &["bo"]);
    let office = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("office"))).unwrap();
    let asked = other.obligations(day(2, 1), day(2, 15), &office).unwrap();
    let late = other.report(&asked, &[], day(3, 17)).unwrap();
    let both = [(&duty, &report), (&other, &late)];
    let columns = duty_columns(&key("d"), &both, RollUp::Person)
        .columns(&panel)
        .unwrap();
    assert_eq!(
        told(&columns, "d.missing", RowId::at(1), &panel)[0],
        whole(6)
    );
    assert_eq!(
        told(&columns, "d.first_missing", RowId::at(1), &panel)[0],
        whole(4),
        "the plan is of the fourth priority"
    );
}

#[test]
fn a_persons_day_counts_to_the_team_of_that_day() {
    let (duty, report) = reported();
    let people = people();
    let team = RollUp::Level {
        people: &people,
        level: people.level("team").unwrap(),
    };
    let panel = panel("team", &["north", "south"]);
    let columns = duty_columns(&key("d"), &[(&duty, &report)], team)
        .columns(&panel)
        .unwrap();
    // Ann was in the north in February and in the south, with Bo, in March.
    assert_eq!(
        told(&columns, "d.due", RowId::at(0), &panel),
        [whole(4), whole(0), whole(0)]
    );
    assert_eq!(
        told(&columns, "d.due", RowId::at(1), &panel),
        [whole(4), whole(4), whole(0)]
    );
}

#[test]
fn the_agenda_puts_what_matters_before_what_is_overdue() {
    let (duty, report) = reported();
    let other = weekly("weekly plan", 4, &["bo"]);
    let office = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("office"))).unwrap();
    let asked = other.obligations(day(2, 1), day(2, 15), &office).unwrap();
    let late = other.report(&asked, &[], day(3, 17)).unwrap();
    let found = agenda(&[(&other, &late), (&duty, &report)], day(3, 20));
    let short: Vec<(u8, &str, NaiveDate, bool)> = found
        .iter()
        .map(|item| {
            (
                item.priority,
                item.obligation.person.as_str(),
                item.obligation.due,
                item.overdue,
            )
        })
        .collect();
    assert_eq!(short[0], (1, "bo", day(2, 6), true));
    assert_eq!(
        short[short.len() - 2..],
        [(4, "bo", day(2, 6), true), (4, "bo", day(2, 13), true)]
    );
    assert!(short.contains(&(1, "ann", day(3, 20), false)));
    assert!(!short.iter().any(|item| item.2 > day(3, 20)));
    let refused = serde_json::to_string(&duty)
        .unwrap()
        .replace("\"priority\":1", "\"priority\":0");
    let error = serde_json::from_str::<Duty>(&refused)
        .unwrap_err()
        .to_string();
    assert!(error.contains("priority 0: write 1"), "{error}");
}
