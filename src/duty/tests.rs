//! Hand-worked duties, routes, plans and matchings.

mod activity;
mod contact;
mod execution;
mod matching;
mod obligations;

use std::collections::BTreeMap;

use chrono::Weekday;

use super::*;
use crate::calendar::{
    Cadence, Calendar, DayInPeriod, Grain, Rhythm, Roll, WorkingDays, WorkingDaysDef,
};
use crate::document::Version;
use crate::key::Key;
use crate::panel::ColumnKey;
use crate::panel::{Panel, Reason, RollUp};
use crate::quantity::Ratio;
use crate::space::{Axis, Subjects};
use chrono::NaiveDate;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A day of March 2026, which begins on a Sunday.
fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
}

fn office() -> WorkingDays {
    WorkingDays::new(WorkingDaysDef::monday_to_friday(key("office"))).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "rates are told as options")]
fn share(top: i128, bottom: i128) -> Option<Ratio> {
    Some(Ratio::new(top, bottom).unwrap())
}

fn planned(id: &str, customer: &str, on: u32) -> PlannedItem {
    let customer = Some(key(customer));
    let (person, kind) = (key("ann"), key("visit"));
    PlannedItem {
        id: key(id),
        person,
        kind,
        customer,
        place: None,
        day: day(on),
        minutes: Some(30),
    }
}

fn done(id: &str, customer: &str, on: u32) -> DoneItem {
    let customer = Some(key(customer));
    let (person, kind) = (key("ann"), key("visit"));
    DoneItem {
        id: key(id),
        person,
        kind,
        customer,
        place: None,
        day: day(on),
        minutes: Some(40),
        outcome: None,
    }
}

fn outcomes(report: &MatchReport) -> Vec<(String, String)> {
    let text = |outcome: &Fulfilment| match outcome {
        Fulfilment::Done { by, departures, .. } => format!("{by} {departures:?}"),
        other => format!("{other:?}"),
    };
    report
        .planned
        .iter()
        .map(|(item, outcome)| (item.id.to_string(), text(outcome)))
        .collect()
}

fn weekly_report() -> Duty {
    let rhythm = Rhythm::Weekly {
        every: 1.try_into().unwrap(),
        days: vec![Weekday::Fri],
    };
    Duty::new(DutyDef {
        version: Version::default(),
        key: key("weekly report"),
        title: crate::text::Texts::default(),
        who: vec![key("ann"), key("bo")],
        with: Vec::new(),
        times: std::num::NonZeroU16::MIN,
        cadence: Cadence::new(day(1), rhythm, Roll::Keep).unwrap(),
        grace: Grace::WorkingDays(1),
        evidence: key("report"),
        reviewer: Some(key("cy")),
        priority: 1,
    })
    .unwrap()
}

fn handed_in(id: &str, person: &str, on: u32, for_day: Option<u32>) -> Submission {
    Submission {
        day: day(on),
        person: key(person),
        id: key(id),
        for_day: for_day.map(day),
        with: None,
    }
}

fn route(stops: &[(&str, &str, Option<Weekday>)]) -> RouteDef {
    RouteDef {
        person: key("ann"),
        anchor: day(2),
        weeks: 4,
        frequency: BTreeMap::from([(key("A"), 8), (key("B"), 4), (key("C"), 2), (key("D"), 1)]),
        per_day: 2,
        stops: stops
            .iter()
            .map(|(customer, class, weekday)| Stop {
                customer: key(customer),
                class: key(class),
                weekday: *weekday,
            })
            .collect(),
    }
}
