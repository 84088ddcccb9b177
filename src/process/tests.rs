//! Hand-worked workflows and instances.

mod check;
mod conformance;
mod replay;
mod summary;

use chrono::{NaiveDateTime, TimeDelta};

use super::*;
use crate::calendar::{
    Calendar, Grain, Shift, WorkingDays, WorkingDaysDef, WorkingHours, WorkingHoursDef,
};
use crate::document::Gravity;
use crate::key::Key;
use crate::panel::{Panel, Reason};
use crate::quantity::Ratio;
use crate::quantity::Sample;
use crate::space::{Axis, Subjects};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn step(name: &str, owner: &str, after: &[&str]) -> TaskDef {
    TaskDef::new(key(name))
        .owned_by(key(owner))
        .within(60, 120)
        .judged_by("complete and correct")
        .after(after.iter().map(|name| key(name)))
}

fn workflow(steps: Vec<TaskDef>) -> Workflow {
    Workflow::new(WorkflowDef::new(key("order"), steps)).unwrap()
}

fn findings(steps: Vec<TaskDef>) -> Vec<String> {
    let definition = WorkflowDef::new(key("order"), steps);
    let errors = definition
        .check()
        .into_iter()
        .filter(|finding| finding.gravity() == Gravity::Error);
    errors.map(|finding| finding.to_string()).collect()
}

/// offer > (credit, stock) > contract > delivery; gift after the offer may be left out.
fn order() -> Workflow {
    let mut gift = step("gift", "marketing", &["offer"]);
    gift.optional = true;
    let steps = vec![
        step("offer", "sales", &[]),
        step("credit", "finance", &["offer"]),
        step("stock", "logistics", &["offer"]),
        gift,
        step("contract", "sales", &["credit", "stock", "gift"]),
        step("delivery", "logistics", &["contract"]),
    ];
    let mut definition = WorkflowDef::new(key("order"), steps);
    definition.owner = Some(key("order desk"));
    let escalation = |after, to, leader| EscalationDef {
        after,
        to: key(to),
        leader,
    };
    definition.escalations = vec![
        escalation(30, "order desk", false),
        escalation(240, "director", true),
    ];
    Workflow::new(definition).unwrap()
}

fn at(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
    chrono::NaiveDate::from_ymd_opt(2026, 3, day)
        .unwrap()
        .and_hms_opt(hour, minute, 0)
        .unwrap()
}

/// Monday to Friday, nine to twelve and one to six; 2 March 2026 is a Monday.
fn office() -> WorkingHours {
    let days = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("days"))).unwrap();
    let shifts: [Shift; 2] = [
        "09:00-12:00".parse().unwrap(),
        "13:00-18:00".parse().unwrap(),
    ];
    WorkingHours::new(WorkingHoursDef::on_working_days(
        key("office"),
        &shifts,
        &days,
    ))
    .unwrap()
}

fn event(step: &str, kind: StepEventKind, at: NaiveDateTime) -> StepEvent {
    StepEvent {
        at,
        sequence: 0,
        step: key(step),
        kind,
        by: None,
    }
}

fn done(step: &str, at: NaiveDateTime) -> StepEvent {
    event(step, StepEventKind::Completed, at)
}

fn instance(events: Vec<StepEvent>) -> Instance {
    Instance {
        key: key("1"),
        opened: at(2, 9, 0),
        closed: None,
        events,
    }
}

const MINUTE: i64 = 60_000_000;
