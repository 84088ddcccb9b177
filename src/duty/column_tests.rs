//! Hand-worked columns of duties, plans, execution and effort.

mod duties;
mod execution;
mod intervention;
mod plans;
mod records;

use super::*;
use crate::calendar::{
    Cadence, Calendar, DayRange, Grain, Rhythm, Roll, WorkingDays, WorkingDaysDef,
};
use crate::document::Version;
use crate::key::Key;
use crate::ledger::{Ledger, Need, Record, RecordKind, Schema};
use crate::measure::{Direction, Measure, Measures};
use crate::panel::{Answer, Column, Panel, Reason, RollUp};
use crate::quantity::Quantum;
use crate::quantity::Ratio;
use crate::space::{Axis, Dimension, DimensionDef, RowId, Space, Subjects};
use chrono::NaiveDate;

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
    subject: RowId,
    panel: &Panel,
) -> Vec<Result<Ratio, Reason>> {
    let column = columns
        .iter()
        .find(|column| column.key().to_string() == name)
        .unwrap_or_else(|| panic!("no column {name}"));
    let answers = panel
        .periods()
        .ids()
        .map(|period| column.answer(panel.cell(subject, period).unwrap()));
    answers.map(Answer::ratio).collect()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "what a cell tells, value or reason"
)]
fn part(top: i128, bottom: i128) -> Result<Ratio, Reason> {
    Ok(Ratio::new(top, bottom).unwrap())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "what a cell tells, value or reason"
)]
fn whole(number: i64) -> Result<Ratio, Reason> {
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
        title: crate::text::Texts::default(),
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
