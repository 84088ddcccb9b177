//! Activity quotas counted from what was done.

use super::*;
use crate::calendar::{PeriodId, PeriodSet};
use crate::measure::Direction;
use crate::panel::Column;
use crate::panel::Columns;
use crate::space::{Dimension, DimensionDef, RowId};

/// Of customers never contacted before two a month, one of them won, better two; and one who had been uninterested.
fn quota(text: &str) -> ActivityQuota {
    serde_json::from_str(text).unwrap()
}

fn never_contacted() -> ActivityQuota {
    quota(
        r#"{"key": "new", "who": ["ann", "bo"], "quota": {"counts": "contacted", "kinds": ["visit", "call"],
            "before": "never_contacted", "floor": 2,
            "of_which": [{"counts": "won", "outcomes": ["cooperates"], "floor": 1, "stretch": 2}]}}"#,
    )
}

fn contact(id: &str, person: &str, customer: &str, on: NaiveDate, outcome: &str) -> DoneItem {
    DoneItem {
        id: key(id),
        person: key(person),
        kind: key("visit"),
        customer: (!customer.is_empty()).then(|| key(customer)),
        place: None,
        day: on,
        minutes: None,
        outcome: (!outcome.is_empty()).then(|| key(outcome)),
    }
}

fn april(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, day).unwrap()
}

fn months() -> PeriodSet {
    let may = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
    Calendar::gregorian()
        .periods(Grain::Month, day(1), may)
        .unwrap()
}

fn contacts() -> Vec<DoneItem> {
    let february = NaiveDate::from_ymd_opt(2026, 2, 10).unwrap();
    let mut mail = contact("m", "ann", "u", day(9), "");
    mail.kind = key("mail");
    vec![
        contact("a", "cy", "old", february, "refused"),
        contact("b", "ann", "old", day(2), "cooperates"),
        // Bo comes first to x; Ann's visit of the same day has the higher id.
        contact("c", "bo", "x", day(3), ""),
        contact("d", "ann", "x", day(3), "cooperates"),
        contact("e", "ann", "y", day(4), ""),
        contact("f", "ann", "y", day(20), "cooperates"),
        contact("g", "ann", "z", day(5), "refused"),
        contact("h", "ann", "", day(6), "cooperates"),
        mail,
        // In April y is new no more.
        contact("i", "ann", "y", april(2), "cooperates"),
        contact("j", "bo", "v", april(3), "cooperates"),
        contact("k", "bo", "w", april(4), ""),
    ]
}

fn counted(report: &QuotaReport) -> Vec<(String, String, Vec<Vec<String>>)> {
    let names = |line: &ContactLine| line.counted.iter().map(ToString::to_string).collect();
    report
        .persons
        .iter()
        .map(|one| {
            let lines = one.lines.iter().map(names).collect();
            (one.person.to_string(), one.period.to_string(), lines)
        })
        .collect()
}

#[test]
fn a_customer_never_contacted_counts_for_whoever_came_first() {
    let report = never_contacted()
        .report(&contacts(), &months(), april(30))
        .unwrap();
    let line = |person: &str, period: &str, contacted: &[&str], won: &[&str]| {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        (
            person.to_owned(),
            period.to_owned(),
            vec![list(contacted), list(won)],
        )
    };
    // A mail is no visit or call, the old customer is not new, and a record without customer is nobody's first.
    assert_eq!(
        counted(&report),
        [
            line("ann", "2026-03", &["y", "z"], &["y"]),
            line("bo", "2026-03", &["x"], &[]),
            line("ann", "2026-04", &[], &[]),
            line("bo", "2026-04", &["v", "w"], &["v"]),
        ]
    );
    let ann = &report.persons[0];
    assert!(ann.ended && ann.meets(QuotaStanding::Floor) && !ann.meets(QuotaStanding::Stretch));
    // April has not ended on its last day.
    assert!(!report.persons[3].ended);
    // Seen on the 5th, nobody has come back to y.
    let early = never_contacted()
        .report(&contacts(), &months(), day(5))
        .unwrap();
    assert_eq!(counted(&early)[0], line("ann", "2026-03", &["y", "z"], &[]));
    assert_eq!(early.persons.len(), 2);
}

#[test]
fn the_uninterested_are_those_whose_last_outcome_was_so() {
    let again = quota(
        r#"{"key": "again", "who": ["ann"], "quota": {"counts": "uninterested",
            "before": {"last_outcome": ["refused"]}, "floor": 5}}"#,
    );
    let report = again.report(&contacts(), &months(), april(30)).unwrap();
    // Old had refused in February; in April z is the one that refused last, and nobody went there.
    let names: Vec<_> = counted(&report).into_iter().map(|one| one.2).collect();
    assert_eq!(names, [vec![vec!["old".to_owned()]], vec![vec![]]]);
    assert_eq!(report.persons[0].lines[0].line.missing_to_floor, 4);
    let visits = quota(
        r#"{"key": "visits", "who": ["ann"], "each": "record", "quota": {"counts": "visits", "kinds": ["visit"], "floor": 3,
            "of_which": [{"counts": "won", "outcomes": ["cooperates"], "floor": 1}]}}"#,
    );
    let report = visits.report(&contacts(), &months(), day(31)).unwrap();
    let lines = &counted(&report)[0].2;
    assert_eq!(lines[0], ["b", "d", "e", "g", "h", "f"]);
    assert_eq!(lines[1], ["b", "d", "h", "f"]);
}

#[test]
fn quotas_are_told_person_by_person_and_by_team() {
    let report = never_contacted()
        .report(&contacts(), &months(), april(10))
        .unwrap();
    let panel = |axis: &str, members: &[&str]| {
        let keys = members.iter().map(|member| key(member)).collect();
        Panel::new(
            Subjects::new(Axis::new("person", axis).unwrap(), keys).unwrap(),
            months(),
        )
    };
    let told = |columns: &[Column], panel: &Panel, name: &str, subject, period| {
        let column = columns
            .iter()
            .find(|column| column.key().to_string() == name)
            .unwrap();
        let answer = column.answer(panel.cell(subject, period).unwrap());
        answer.ratio()
    };
    let whole = |number: i64| Ok(Ratio::from(number));
    let people = panel("person", &["ann", "bo", "cy"]);
    let columns = report
        .columns(&key("new"), RollUp::Person)
        .columns(&people)
        .unwrap();
    let person = |name: &str, subject, period| told(&columns, &people, name, subject, period);
    assert_eq!(
        person("new.reached.contacted", RowId::at(0), PeriodId::at(0)),
        whole(2)
    );
    assert_eq!(
        person(
            "target:new.reached.contacted",
            RowId::at(0),
            PeriodId::at(0)
        ),
        whole(2)
    );
    assert_eq!(
        person("new.to_floor.contacted", RowId::at(1), PeriodId::at(0)),
        whole(1)
    );
    assert_eq!(
        person("new.to_stretch.won", RowId::at(0), PeriodId::at(0)),
        whole(1)
    );
    assert_eq!(
        [
            person("new.met", RowId::at(0), PeriodId::at(0)),
            person("new.met", RowId::at(1), PeriodId::at(0))
        ],
        [whole(1), whole(0)]
    );
    assert_eq!(
        person("new.stretched", RowId::at(0), PeriodId::at(0)),
        whole(0)
    );
    // April runs, May has not begun, and Cy has no quota.
    assert_eq!(
        person("new.reached.contacted", RowId::at(1), PeriodId::at(1)),
        whole(2)
    );
    assert_eq!(
        person("new.met", RowId::at(1), PeriodId::at(1)),
        Err(Reason::NotYetDue)
    );
    assert_eq!(
        person("new.reached.won", RowId::at(0), PeriodId::at(2)),
        Err(Reason::NotYetDue)
    );
    assert_eq!(
        person("new.reached.won", RowId::at(2), PeriodId::at(0)),
        Err(Reason::NotApplicable)
    );

    let north = DimensionDef::new("person", &["team", "person"])
        .and_then(|people| people.member("team", "north"))
        .and_then(|people| people.child("person", "ann", "north"))
        .and_then(|people| people.child("person", "bo", "north"))
        .unwrap();
    let north = Dimension::new(north).unwrap();
    let level = north.level("team").unwrap();
    let to = RollUp::Level {
        people: &north,
        level,
    };
    let teams = panel("team", &["north"]);
    let columns = report.columns(&key("new"), to).columns(&teams).unwrap();
    let team = |name: &str| told(&columns, &teams, name, RowId::at(0), PeriodId::at(0));
    assert_eq!(team("new.reached.contacted"), whole(3));
    assert_eq!(team("target:new.reached.contacted"), whole(4));
    assert_eq!(team("new.met"), Ok(Ratio::new(1, 2).unwrap()));
    let missing = columns
        .iter()
        .find(|column| column.key().to_string() == "new.to_floor.won")
        .unwrap();
    assert_eq!(missing.direction(), Direction::Smaller);
    let other = Panel::new(
        Subjects::whole(),
        Calendar::gregorian()
            .periods(Grain::Week, day(2), day(16))
            .unwrap(),
    );
    assert!(matches!(
        report.columns(&key("new"), to).columns(&other),
        Err(DutyError::Panel(_))
    ));
}

#[test]
fn quotas_of_ended_periods_enter_the_index_as_quantity() {
    let report = never_contacted().report(&contacts(), &months(), april(15));
    let report = report.unwrap();
    crate::document::reads_back(&report);
    let march: Vec<(&str, Vec<u64>)> = report
        .persons
        .iter()
        .filter(|one| one.ended)
        .map(|one| {
            let reached = one.lines.iter().map(|line| line.line.reached).collect();
            (one.person.as_str(), reached)
        })
        .collect();
    // Asked for are two contacts and one of them won. Bo has one contact and nothing won: one of three.
    assert_eq!(march[1], ("bo", vec![1, 0]));
    let mut all = Performance::default();
    all.add_quota(&key("new customers"), &report);
    assert_eq!(all.lines().len(), 2, "April still runs");
    assert_eq!(all.lines()[1].day, day(31));
    let by_person = all.by(RollUp::Person, ExecutionWeights::default()).unwrap();
    let bo = by_person[&key("bo")];
    assert_eq!((bo.quantity, bo.index), (share(1, 3), share(1, 3)));
    assert_eq!((bo.timeliness, bo.quality), (None, None));
    // Three contacts of whom none was won are two of the two asked for, and none of the one.
    let many = [2, 3, 4].map(|on| contact(&format!("n{on}"), "bo", &format!("n{on}"), day(on), ""));
    let report = never_contacted().report(&many, &months(), april(15));
    let mut surplus = Performance::default();
    surplus.add_quota(&key("new customers"), &report.unwrap());
    let found = surplus
        .by(RollUp::Person, ExecutionWeights::default())
        .unwrap();
    assert_eq!(found[&key("bo")].quantity, share(2, 3));
    // What Ann has beyond two contacts does not fill anybody's gap.
    let ann = by_person[&key("ann")];
    let wanted = march[0].1[0].min(2) + march[0].1[1].min(1);
    assert_eq!(ann.quantity, share(i128::from(wanted), 3));
    let together = all.by_source(ExecutionWeights::default()).unwrap();
    assert_eq!(
        together[&key("new customers")].quantity,
        share(i128::from(wanted) + 1, 6)
    );
}

#[test]
fn a_broken_quota_is_refused() {
    let refused = |edit: fn(&mut ActivityQuotaDef)| {
        let mut definition = never_contacted().definition().clone();
        edit(&mut definition);
        ActivityQuota::new(definition).unwrap_err().to_string()
    };
    assert_eq!(
        refused(|quota| quota.who.clear()),
        "nobody has the duty `new`"
    );
    assert_eq!(
        refused(|quota| quota.who.push(key("ann"))),
        "person of a quota `ann` is listed twice"
    );
    assert_eq!(
        refused(|quota| quota.reviewer = Some(key("bo"))),
        "`bo` cannot review the duty `new`, which is their own"
    );
    assert_eq!(
        refused(|quota| quota.quota.of_which[0].stretch = Some(3)),
        "the quota for `won` asks for more than the one for `contacted`, of which it is a part"
    );
    let twice = [contacts(), contacts()].concat();
    assert!(matches!(
        never_contacted().report(&twice, &months(), april(1)),
        Err(DutyError::Duplicate { .. })
    ));
}
