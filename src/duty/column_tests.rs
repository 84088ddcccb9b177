//! Hand-worked columns of duties, plans, execution and effort.

use super::*;
use crate::calendar::{
    Cadence, Calendar, DayRange, Grain, Rhythm, Roll, WorkingDays, WorkingDaysDef,
};
use crate::document::Version;
use crate::ledger::{Ledger, Need, Record, RecordKind, Schema};
use crate::measure::{Direction, Measure, Measures};
use crate::panel::{Column, Panel, State};
use crate::quantity::Quantum;
use crate::space::{Axis, Dimension, DimensionDef, Space, Subjects};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A day of 2026; 2 March is a Monday.
fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn panel(axis: &str, members: &[&str]) -> Panel {
    let keys = members.iter().map(|member| key(member)).collect();
    let subjects = Subjects::new(Axis::new("person", axis).unwrap(), keys).unwrap();
    let months = Calendar::gregorian()
        .periods(Grain::Month, day(2, 1), day(5, 1))
        .unwrap();
    Panel::new(subjects, months)
}

/// What a column says of a subject, period by period.
fn told(
    columns: &[Column],
    name: &str,
    subject: usize,
    panel: &Panel,
) -> Vec<Result<Ratio, State>> {
    let column = columns
        .iter()
        .find(|column| column.key().to_string() == name)
        .unwrap_or_else(|| panic!("no column {name}"));
    let answers = (0..panel.periods().len())
        .map(|period| column.answer(panel.cell(subject, period).unwrap()));
    answers
        .map(|answer| answer.ratio().ok_or(answer.state()))
        .collect()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "what a cell tells, value or reason"
)]
fn part(top: i128, bottom: i128) -> Result<Ratio, State> {
    Ok(Ratio::new(top, bottom).unwrap())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "what a cell tells, value or reason"
)]
fn whole(number: i64) -> Result<Ratio, State> {
    Ok(Ratio::from(number))
}

fn weekly(name: &str, priority: u8, who: &[&str]) -> Duty {
    let every = 1.try_into().unwrap();
    let rhythm = Rhythm::Weekly {
        every,
        days: vec![chrono::Weekday::Fri],
    };
    Duty::new(DutyDef {
        version: Version::default(),
        key: key(name),
        title: None,
        who: who.iter().map(|person| key(person)).collect(),
        with: Vec::new(),
        times: std::num::NonZeroU16::MIN,
        cadence: Cadence::new(day(2, 2), rhythm, Roll::Keep).unwrap(),
        grace: Grace::None,
        evidence: key("report"),
        reviewer: None,
        priority,
    })
    .unwrap()
}

fn handed_in(id: &str, person: &str, on: NaiveDate) -> Submission {
    Submission {
        day: on,
        person: key(person),
        id: key(id),
        for_day: None,
        with: None,
    }
}

fn people() -> Dimension {
    let people = DimensionDef::new("person", &["team", "person"])
        .unwrap()
        .member("team", "north")
        .and_then(|people| people.member("team", "south"))
        .and_then(|people| people.member("person", "ann"))
        .and_then(|people| people.member("person", "bo"))
        .unwrap();
    let people = people
        .link("person", "ann", "north", None, Some(day(3, 1)))
        .and_then(|people| people.link("person", "ann", "south", Some(day(3, 1)), None))
        .and_then(|people| people.link("person", "bo", "south", None, None))
        .unwrap();
    Dimension::new(people).unwrap()
}

/// Fridays of February: 6, 13, 20, 27; of March: 6, 13, 20, 27; as of 17 March.
fn reported() -> (Duty, DutyReport) {
    let duty = weekly("weekly report", 1, &["ann", "bo"]);
    let office = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("office"))).unwrap();
    let asked = duty.obligations(day(2, 1), day(5, 1), &office).unwrap();
    let records = [
        handed_in("a1", "ann", day(2, 6)),
        handed_in("a2", "ann", day(2, 12)),
        handed_in("a3", "ann", day(2, 21)),
        handed_in("a4", "ann", day(3, 6)),
        handed_in("b1", "bo", day(3, 13)),
        handed_in("c1", "cy", day(3, 2)),
    ];
    let report = duty.report(&asked, &records, day(3, 17)).unwrap();
    (duty, report)
}

#[test]
fn a_duty_says_who_has_it_what_is_missing_and_what_is_still_to_come() {
    let (duty, report) = reported();
    let panel = panel("person", &["ann", "bo", "cy"]);
    let columns = duty_columns(&key("d"), &duty, &report, RollUp::Person, &panel).unwrap();
    // Ann handed in on the 6th and the 12th in time, on the 21st a day late for the 20th; nothing for the 27th.
    assert_eq!(
        told(&columns, "d.due", 0, &panel),
        [whole(4), whole(2), whole(0)]
    );
    assert_eq!(
        told(&columns, "d.on_time", 0, &panel),
        [whole(2), whole(1), whole(0)]
    );
    assert_eq!(told(&columns, "d.late", 0, &panel)[0], whole(1));
    assert_eq!(told(&columns, "d.days_late", 0, &panel)[0], whole(1));
    assert_eq!(
        told(&columns, "d.missing", 0, &panel),
        [whole(1), whole(1), whole(0)]
    );
    assert_eq!(
        told(&columns, "d.punctuality", 0, &panel),
        [part(1, 2), part(1, 2), Err(State::NotYetDue)]
    );
    // Cy does not have the duty: that is not the same as nothing missing. The record was unasked all the same.
    assert_eq!(
        told(&columns, "d.missing", 2, &panel),
        [Err(State::NotApplicable); 3]
    );
    assert_eq!(told(&columns, "d.first_missing", 1, &panel)[0], whole(4));
    let other = weekly("weekly plan", 4, &["bo"]);
    let office = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("office"))).unwrap();
    let asked = other.obligations(day(2, 1), day(2, 15), &office).unwrap();
    let late = other.report(&asked, &[], day(3, 17)).unwrap();
    let both = [(&duty, &report), (&other, &late)];
    let columns = duties_columns(&key("d"), &both, RollUp::Person, &panel).unwrap();
    assert_eq!(told(&columns, "d.missing", 1, &panel)[0], whole(6));
    assert_eq!(
        told(&columns, "d.first_missing", 1, &panel)[0],
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
    let columns = duty_columns(&key("d"), &duty, &report, team, &panel).unwrap();
    // Ann was in the north in February and in the south, with Bo, in March.
    assert_eq!(
        told(&columns, "d.due", 0, &panel),
        [whole(4), whole(0), whole(0)]
    );
    assert_eq!(
        told(&columns, "d.due", 1, &panel),
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

#[test]
fn execution_is_told_by_person_team_duty_and_plan_from_the_same_lines() {
    let (duty, report) = reported();
    let plan =
        [("p1", day(3, 3)), ("p2", day(3, 4)), ("p3", day(3, 30))].map(|(id, on)| PlannedItem {
            id: key(id),
            person: key("ann"),
            kind: key("visit"),
            customer: None,
            place: None,
            day: on,
            minutes: None,
        });
    let done = [("v1", day(3, 3)), ("v2", day(3, 6))].map(|(id, on)| DoneItem {
        id: key(id),
        person: key("ann"),
        kind: key("visit"),
        customer: None,
        place: None,
        day: on,
        minutes: None,
        outcome: None,
    });
    let matched = MatchRule::default()
        .match_plan(&plan, &done, &[], day(3, 17))
        .unwrap();
    let review = |record: &str, reviewer: &str, verdict| Review {
        record: key(record),
        reviewer: key(reviewer),
        verdict,
    };
    let mut all = Performance::default();
    let reviews = [
        review("a1", "cy", Verdict::Good),
        review("a3", "cy", Verdict::Poor),
    ];
    all.add_duty(&duty, &report, &reviews).unwrap();
    all.add_plan(&key("week plan"), &matched, &[]).unwrap();
    let weights = ExecutionWeights::default();
    let by_source = all.by_source(weights).unwrap();
    // Of twelve reports due, ann's three and bo's one came in time; four and one were handed in; one of two is good.
    let reports = by_source[&key("weekly report")];
    assert_eq!(reports.timeliness, Ratio::new(4, 12).ok());
    assert_eq!(reports.quantity, Ratio::new(5, 12).ok());
    assert_eq!(reports.quality, Ratio::new(1, 2).ok());
    // (1/3 + 1/2 + 5/12) / 3
    assert_eq!(reports.index, Ratio::new(5, 12).ok());
    let visits = by_source[&key("week plan")];
    assert_eq!(
        (visits.timeliness, visits.quantity),
        (Ratio::new(1, 2).ok(), Ratio::new(1, 1).ok())
    );
    let people = people();
    let team = RollUp::Level {
        people: &people,
        level: people.level("team").unwrap(),
    };
    let by_team = all.rolled_up(team, weights).unwrap();
    assert_eq!(by_team[&key("north")].timeliness, Ratio::new(2, 4).ok());
    let panel = panel("source", &["weekly report", "week plan"]);
    let columns = all.source_columns(&key("e"), weights, &panel).unwrap();
    assert_eq!(told(&columns, "e.quality", 0, &panel)[0], part(1, 2));
    assert_eq!(told(&columns, "e.index", 1, &panel)[1], part(3, 4));
    assert_eq!(told(&columns, "e.index", 1, &panel)[0], Err(State::NoBase));

    let before = all.clone();
    let own = [review("a1", "ann", Verdict::Good)];
    assert!(matches!(
        all.add_duty(&duty, &report, &own),
        Err(DutyError::OwnReviewer { .. })
    ));
    let unknown = [review("a9", "cy", Verdict::Good)];
    assert!(matches!(
        all.add_duty(&duty, &report, &unknown),
        Err(DutyError::UnknownRecord { .. })
    ));
    assert_eq!(all, before, "nothing is half added");
}

fn counts(name: &str, role: fn(&str) -> Result<ColumnKey, KeyError>, units: &[i64]) -> Column {
    Column::amounts(
        role(name).unwrap(),
        Unit::Count(key(name)),
        Quantum::ONE,
        units.to_vec(),
    )
}

#[test]
fn an_initiative_fades_when_the_latest_periods_keep_little_of_the_first() {
    let mut panel = panel("person", &["ann"]);
    panel
        .add(counts("promo", ColumnKey::target, &[10, 10, 10]))
        .unwrap();
    panel
        .add(counts("promo", ColumnKey::actual, &[8, 6, 2]))
        .unwrap();
    let (done, plan) = (
        ColumnKey::actual("promo").unwrap(),
        ColumnKey::target("promo").unwrap(),
    );
    let column = fading_column(&key("promo"), &done, &plan, 1, &panel).unwrap();
    assert_eq!(
        told(&[column], "promo.kept", 0, &panel),
        [Err(State::NotYetDue), part(3, 4), part(1, 4)]
    );
    assert!(matches!(
        fading_column(&key("promo"), &done, &plan, 0, &panel),
        Err(DutyError::NoWindow)
    ));
}

#[test]
fn quadrants_turn_figures_of_which_less_is_better() {
    let mut panel = panel("person", &["ann"]);
    panel
        .add(counts("visits", ColumnKey::actual, &[20, 5, 20]))
        .unwrap();
    let overdue = counts("overdue", ColumnKey::actual, &[3, 1, 9]).better(Direction::Smaller);
    let states = [State::Value, State::Value, State::NotYetDue];
    panel.add(overdue.with_states(&states).unwrap()).unwrap();
    let bar = |name: &str, bar| Bar {
        column: ColumnKey::actual(name).unwrap(),
        bar: Ratio::from(bar),
    };
    let (process, result) = (bar("visits", 10), bar("overdue", 2));
    assert_eq!(
        quadrants(&process, &result, &panel).unwrap(),
        [
            Quadrant::Unlucky,
            Quadrant::Lucky,
            Quadrant::Unknown(State::NotYetDue)
        ]
    );
    let columns = quadrant_columns(&key("q"), &process, &result, &panel).unwrap();
    assert_eq!(
        told(&columns, "q.lucky", 0, &panel),
        [whole(0), whole(1), Err(State::NotYetDue)]
    );
}

#[test]
fn a_roll_out_counts_from_its_day_and_includes_the_steps_before() {
    let plan: RollOutPlan = serde_json::from_str(
        r#"{"plan": "spring", "from": "2026-03-02", "people": ["ann", "bo"], "steps": [
            {"day": "2026-03-09", "person": "ann", "reached": "accepted"},
            {"day": "2026-03-20", "person": "bo", "reached": "briefed"}]}"#,
    )
    .unwrap();
    let panel = panel("team", &["all"]);
    let all = key("all");
    let columns = plan
        .columns(&key("s"), RollUp::Whole(&all), &panel, day(3, 15))
        .unwrap();
    assert_eq!(
        told(&columns, "s.accepted", 0, &panel),
        [Err(State::NotApplicable), part(1, 2), Err(State::NotYetDue)]
    );
    assert_eq!(
        told(&columns, "s.took_part", 0, &panel)[1],
        part(1, 2),
        "bo is briefed later"
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
    let part_of = |owner: Option<&str>| PartDef {
        text: "as agreed".to_owned(),
        owner: owner.map(key),
        by: Some(day(3, 31)),
    };
    let written = |made, owner, parts: usize| WrittenPlan {
        person: key("ann"),
        for_day: day(3, 1),
        made,
        parts: PlanPart::ALL
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
    let columns =
        written_plan_columns(&key("p"), &plans, RollUp::Person, &panel, day(3, 15)).unwrap();
    assert_eq!(
        told(&columns, "p.versions", 0, &panel),
        [whole(0), whole(2), whole(0)]
    );
    assert_eq!(told(&columns, "p.rewrites", 0, &panel)[1], whole(1));
    assert_eq!(
        told(&columns, "p.parts", 0, &panel),
        [Err(State::NoBase), part(9, 10), Err(State::NoBase)].map(|told| match told {
            Err(_) => Err(State::NothingRecorded),
            told => told,
        })
    );
    assert_eq!(told(&columns, "p.gaps", 0, &panel)[1], whole(1));
    assert_eq!(told(&columns, "p.without_owner", 0, &panel)[1], whole(0));
}

#[test]
fn effort_is_told_beside_its_plan() {
    let planned = [
        (key("selling"), Ratio::from(3)),
        (key("administration"), Ratio::ONE),
    ]
    .into();
    let spent = [("selling", 60), ("administration", 60)].map(|(class, minutes)| TimeSpent {
        day: day(3, 3),
        person: key("ann"),
        class: key(class),
        minutes,
    });
    let panel = panel("person", &["ann"]);
    let columns = effort_columns(&key("t"), &planned, &spent, RollUp::Person, &panel).unwrap();
    assert_eq!(
        told(&columns, "t.share.selling", 0, &panel),
        [
            Err(State::NothingRecorded),
            part(1, 2),
            Err(State::NothingRecorded)
        ]
    );
    assert_eq!(
        told(&columns, "target:t.share.selling", 0, &panel)[1],
        part(3, 4)
    );
    assert_eq!(told(&columns, "t.misplaced", 0, &panel)[1], part(1, 4));
}

#[test]
fn a_ledger_shows_what_was_planned_done_and_broken() {
    let space = Space::new(vec![
        DimensionDef::flat("person", "person", ["ann"]).unwrap(),
        DimensionDef::flat("customer", "customer", ["x", "y"]).unwrap(),
    ]);
    let hours = Measure::flow("time", "hour".parse().unwrap(), Quantum::CENT).unwrap();
    let visit = |name: &str| {
        let visit = RecordKind::new(name).and_then(|kind| kind.of("person")?.of("customer"));
        visit
            .and_then(|kind| kind.measuring("time", Need::Optional))
            .unwrap()
    };
    let broken = RecordKind::new("broken")
        .and_then(|kind| kind.noting("planned", &[])?.noting("by", &[]))
        .unwrap();
    let year = DayRange::new(day(1, 1), day(12, 31)).unwrap();
    let kinds = vec![visit("visit plan"), visit("visit"), broken];
    let schema = Schema::new(
        space.unwrap(),
        Measures::new(vec![hours]).unwrap(),
        kinds,
        year,
    );
    let mut ledger = Ledger::new("crm", schema.unwrap()).unwrap();
    let record = |kind: &str, id: &str, customer: &str, hundredths: i64, on| {
        Record::new(kind, on)
            .id(id)
            .of("person", "ann")
            .of("customer", customer)
            .amount("time", rust_decimal::Decimal::new(hundredths, 2))
    };
    let broke = Record::new("broken", day(3, 5))
        .attribute("planned", "p2")
        .attribute("by", "customer_out");
    let entered = ledger.enter(&[
        record("visit plan", "p1", "x", 50, day(3, 3)),
        record("visit plan", "p2", "y", 50, day(3, 4)),
        record("visit", "v1", "x", 75, day(3, 3)),
        record("visit", "v2", "y", 75, day(3, 4)),
        Record::reversal("v2", day(3, 6)),
        broke,
    ]);
    assert!(entered.is_ok());
    let fields = |record: &str| ActivityFields {
        sort_is: Some(key("visit")),
        customer: Some(key("customer")),
        duration: Some(key("time")),
        ..ActivityFields::new(key(record))
    };
    let planned = fields("visit plan").planned(&ledger).unwrap();
    let done = fields("visit").done(&ledger).unwrap();
    assert_eq!((planned.len(), planned[0].minutes), (2, Some(30)));
    assert_eq!(
        (done.len(), done[0].minutes),
        (1, Some(45)),
        "what was taken back did not happen"
    );
    let broken = BrokenFields {
        record: key("broken"),
        planned: key("planned"),
        by: key("by"),
        time_lost: None,
        expense_lost: None,
    };
    let broken = broken.broken(&ledger).unwrap();
    let report = MatchRule::default()
        .match_plan(&planned, &done, &broken, day(3, 31))
        .unwrap();
    let counts = report.compliance(|_, _| true);
    assert_eq!((counts.done, counts.excused, counts.missed), (1, 1, 0));
    let mut wrong = fields("visit");
    wrong.customer = Some(key("costumer"));
    let error = wrong.done(&ledger).unwrap_err().to_string();
    assert_eq!(
        error,
        "the kind of record `visit` has no member or attribute `costumer`; did you mean `customer`?"
    );
}
