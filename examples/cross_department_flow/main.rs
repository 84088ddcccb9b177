//! An order through five departments: who answers for each step, within how many working minutes, where the orders wait,
//! what departed from the plan, and who was told.
//!
//! `cargo run --release --example cross_department_flow`

use quotaflow::Error;

use chrono::{NaiveDate, NaiveDateTime};
use quotaflow::calendar::{Shift, WorkingDays, WorkingDaysDef, WorkingHours, WorkingHoursDef};
use quotaflow::key::Key;
use quotaflow::process::{
    Capacity, DeadlineKind, EscalationDef, Instance, InstanceReport, Nonconformity, StepEvent,
    StepEventKind, StepState, TaskDef, Workflow, WorkflowDef,
};
use quotaflow::quantity::{Quantile, Ratio, Rounding, Sample};

#[path = "../shared/table.rs"]
mod table;

fn main() -> Result<(), Error> {
    // A draft in which nobody answers for the credit check is refused before anybody works by it.
    let mut draft = definition()?;
    draft.steps[1].owner = None;
    let refused = Workflow::new(draft)
        .err()
        .ok_or("a draft without an owner is refused")?;
    println!("A draft is refused before anybody works by it: {refused}");

    let workflow = Workflow::new(definition()?)?;
    print_steps(&workflow);
    let hours = hours()?;
    let as_of = at(5, 12, 0)?;
    let reports: Vec<InstanceReport> = instances()?
        .iter()
        .map(|instance| workflow.replay(instance, &hours, as_of))
        .collect::<Result<_, _>>()?;
    print_orders(&workflow, &reports, as_of);
    print_departures(&reports);
    print_summary(&workflow, &reports)?;
    println!("\nevery sum holds");
    Ok(())
}

fn shown(time: NaiveDateTime) -> String {
    time.format("%a %H:%M").to_string()
}

fn print_steps(workflow: &Workflow) {
    let rows: Vec<Vec<String>> = workflow
        .steps()
        .iter()
        .map(|step| {
            let name = |key: Option<&Key>| key.map_or("-".to_owned(), ToString::to_string);
            let minutes = |minutes: Option<u32>| {
                minutes.map_or("-".to_owned(), |minutes| minutes.to_string())
            };
            let after: Vec<&str> = step.after.iter().map(Key::as_str).collect();
            let key = if step.key_business { "key" } else { "" };
            vec![
                step.key.to_string(),
                name(step.lead.as_ref()),
                name(step.owner.as_ref()),
                after.join(", "),
                minutes(step.response),
                minutes(step.duration),
                key.to_owned(),
            ]
        })
        .collect();
    let head = [
        "step",
        "department",
        "owner",
        "waits for",
        "respond",
        "finish",
        "watched",
    ];
    table::print(
        "An order through five departments (working minutes)",
        &head,
        &rows,
    );
}

fn print_orders(workflow: &Workflow, reports: &[InstanceReport], as_of: NaiveDateTime) {
    let rows: Vec<Vec<String>> = reports
        .iter()
        .map(|report| {
            let open: Vec<String> = report
                .open()
                .iter()
                .map(|step| step.step.to_string())
                .collect();
            let stands = if open.is_empty() {
                "complete".to_owned()
            } else {
                open.join(", ")
            };
            vec![
                report.instance.to_string(),
                stands,
                hours_of(report.cycle),
                hours_of(report.waiting),
                percent(report.alignment.fitness()),
                percent(report.time_conformance()),
            ]
        })
        .collect();
    let head = [
        "order",
        "stands at",
        "working hours",
        "of these waiting",
        "steps as defined",
        "deadlines kept",
    ];
    table::print(&format!("Orders as of {}", shown(as_of)), &head, &rows);
    print_open(workflow, reports);
}

/// Who holds what now, since when, and by when it has to begin or to be done.
fn print_open(workflow: &Workflow, reports: &[InstanceReport]) {
    let mut rows = Vec::new();
    for report in reports {
        for step in report.open() {
            let (to_do, due, late) = if step.state == StepState::Ready {
                ("to begin", step.response_due, step.response_late)
            } else {
                ("to finish", step.due, step.late)
            };
            let task = workflow.steps().iter().find(|task| task.key == step.step);
            let owner = task.and_then(|task| task.owner.as_ref());
            let holder = step.person.as_ref().or(owner);
            let time = |time: Option<NaiveDateTime>| time.map_or("-".to_owned(), shown);
            let late = late.filter(|late| *late > 0);
            rows.push(vec![
                report.instance.to_string(),
                step.step.to_string(),
                holder.map_or("-".to_owned(), ToString::to_string),
                time(step.held_since),
                format!("{to_do} by {}", time(due)),
                late.map_or("in time".to_owned(), |late| {
                    format!("{} hours", hours_of(late))
                }),
            ]);
        }
    }
    let head = ["order", "step", "held by", "since", "due", "late by"];
    table::print("What is open, and with whom (working hours)", &head, &rows);
}

fn print_departures(reports: &[InstanceReport]) {
    println!("\nWhat departed from the plan, and who was told");
    for report in reports {
        for deviation in &report.nonconformities {
            let told = match deviation {
                Nonconformity::Skipped(step) => format!("{step} was left out"),
                Nonconformity::Repeated { step, .. } => format!("{step} was done again"),
                Nonconformity::OutOfOrder { step, .. } => {
                    format!("{step} was done before its turn")
                }
                other => format!("{other:?}"),
            };
            println!("  order {}: {told}", report.instance);
        }
        for told in &report.escalations {
            println!(
                "  order {}: {} not {} in time, {} told on {}",
                report.instance,
                told.step,
                match told.deadline {
                    DeadlineKind::Response => "begun",
                    DeadlineKind::Completion => "done",
                },
                told.to,
                shown(told.at)
            );
        }
    }
}

fn print_summary(workflow: &Workflow, reports: &[InstanceReport]) -> Result<(), Error> {
    let summary = workflow.summary(reports);
    let rows: Vec<Vec<String>> = summary
        .bottlenecks()
        .into_iter()
        .map(|(found, share)| {
            vec![
                found.step.to_string(),
                percent(Some(share)),
                median(&found.response),
                median(&found.service),
                found.late.to_string(),
            ]
        })
        .collect();
    let head = [
        "step",
        "share of the time",
        "median response",
        "median work",
        "orders late",
    ];
    table::print("Where the time goes (working minutes)", &head, &rows);
    let rows: Vec<Vec<String>> = summary
        .handovers
        .iter()
        .map(|handover| {
            vec![
                format!("{} > {}", handover.from, handover.to),
                handover.waits.len().to_string(),
                median(&handover.waits),
            ]
        })
        .collect();
    table::print(
        "Waits between posts (working minutes)",
        &["between", "times", "median"],
        &rows,
    );
    println!(
        "  rework in {} of the orders; a leader had to step in for {}",
        percent(summary.rework_rate()),
        percent(summary.leader_rate())
    );

    let shares = summary
        .bottlenecks()
        .into_iter()
        .try_fold(Ratio::ZERO, |sum, (_, share)| sum.checked_add(share))?;
    assert_eq!(
        shares,
        Ratio::ONE,
        "the shares of the steps add up to the whole time"
    );
    assert_eq!(
        summary.complete
            + reports
                .iter()
                .filter(|report| !report.open().is_empty())
                .count(),
        reports.len()
    );
    Ok(())
}

fn definition() -> Result<WorkflowDef, Error> {
    let step = |name: &str,
                department: &str,
                owner: &str,
                after: &[&str],
                within: (u32, u32),
                standard: &str| {
        let mut step = TaskDef::new(Key::new(name)?)
            .owned_by(Key::new(owner)?)
            .led_by(Key::new(department)?)
            .within(within.0, within.1)
            .judged_by(standard);
        for other in after {
            step = step.after([Key::new(other)?]);
        }
        Ok::<_, Error>(step)
    };
    let mut steps = vec![
        step(
            "order",
            "sales",
            "salesperson",
            &[],
            (30, 60),
            "complete, signed, price within the list",
        )?,
        step(
            "credit",
            "finance",
            "credit clerk",
            &["order"],
            (60, 120),
            "limit and overdue checked",
        )?,
        step(
            "stock",
            "logistics",
            "planner",
            &["order"],
            (60, 60),
            "reserved by lot",
        )?,
        step(
            "contract",
            "legal",
            "contract clerk",
            &["credit", "stock"],
            (120, 240),
            "standard terms or approved",
        )?,
        step(
            "delivery",
            "logistics",
            "dispatcher",
            &["contract"],
            (240, 480),
            "on the promised day",
        )?,
        step(
            "invoice",
            "finance",
            "billing clerk",
            &["delivery"],
            (120, 60),
            "equal to the delivery note",
        )?,
        step(
            "call",
            "service",
            "service agent",
            &["delivery"],
            (480, 30),
            "satisfaction asked and noted",
        )?,
    ];
    steps[1].key_business = true;
    steps[4].key_business = true;
    let mut definition = WorkflowDef::new(Key::new("order to cash")?, steps);
    definition.owner = Some(Key::new("order desk")?);
    definition.instances = 20;
    definition.posts = vec![Capacity {
        key: Key::new("credit clerk")?,
        minutes: 9_600,
    }];
    let escalation = |after, to: &str, leader| {
        Ok::<_, Error>(EscalationDef {
            after,
            to: Key::new(to)?,
            leader,
        })
    };
    definition.escalations = vec![
        escalation(60, "order desk", false)?,
        escalation(480, "sales director", true)?,
    ];
    Ok(definition)
}

fn hours() -> Result<WorkingHours, Error> {
    let days = WorkingDays::new(WorkingDaysDef::monday_to_friday(Key::new("days")?))?;
    let shifts: [Shift; 2] = ["09:00-12:00".parse()?, "13:00-18:00".parse()?];
    Ok(WorkingHours::new(WorkingHoursDef::on_working_days(
        Key::new("office")?,
        &shifts,
        &days,
    ))?)
}

/// A time in the week of 2 March 2026, a Monday.
fn at(day: u32, hour: u32, minute: u32) -> Result<NaiveDateTime, Error> {
    NaiveDate::from_ymd_opt(2026, 3, day)
        .and_then(|day| day.and_hms_opt(hour, minute, 0))
        .ok_or_else(|| "no such time".into())
}

/// Day, hour and minute in March 2026.
type When = (u32, u32, u32);

fn instances() -> Result<Vec<Instance>, Error> {
    let instance = |name: &str, opened: When, steps: &[(&str, When, Option<When>)]| {
        let mut events = Vec::new();
        for (step, begun, done) in steps {
            let kinds = [
                (StepEventKind::Started, Some(*begun)),
                (StepEventKind::Completed, *done),
            ];
            for (kind, when) in kinds {
                if let Some((day, hour, minute)) = when {
                    let at = at(day, hour, minute)?;
                    events.push(StepEvent {
                        at,
                        sequence: 0,
                        step: Key::new(step)?,
                        kind,
                        by: None,
                    });
                }
            }
        }
        let opened = at(opened.0, opened.1, opened.2)?;
        Ok::<_, Error>(Instance {
            key: Key::new(name)?,
            opened,
            closed: None,
            events,
        })
    };
    Ok(vec![
        instance(
            "A-101",
            (2, 9, 0),
            &[
                ("order", (2, 9, 10), Some((2, 9, 50))),
                ("credit", (2, 10, 20), Some((2, 11, 30))),
                ("stock", (2, 10, 0), Some((2, 10, 40))),
                ("contract", (2, 13, 0), Some((2, 15, 0))),
                ("delivery", (3, 9, 0), Some((3, 16, 0))),
                ("invoice", (3, 16, 30), Some((3, 17, 0))),
                ("call", (4, 10, 0), Some((4, 10, 15))),
            ],
        )?,
        instance(
            "A-102",
            (2, 10, 0),
            &[
                ("order", (2, 10, 10), Some((2, 11, 0))),
                ("stock", (2, 11, 10), Some((2, 11, 40))),
                // The credit check waits until the next day, and is done again after the contract was drawn up.
                ("credit", (3, 11, 0), Some((3, 12, 0))),
                ("contract", (3, 13, 30), Some((3, 16, 0))),
                ("credit", (4, 9, 0), Some((4, 9, 40))),
                ("delivery", (4, 10, 0), Some((5, 9, 30))),
            ],
        )?,
        instance(
            "A-103",
            (3, 9, 0),
            &[
                ("order", (3, 9, 5), Some((3, 9, 45))),
                ("stock", (3, 10, 0), Some((3, 10, 30))),
                // Without a credit check.
                ("contract", (3, 11, 0), Some((3, 14, 0))),
                ("delivery", (3, 15, 0), Some((4, 11, 0))),
                ("invoice", (5, 9, 0), None),
            ],
        )?,
        instance(
            "A-104",
            (4, 16, 0),
            &[
                ("order", (4, 16, 20), Some((4, 17, 30))),
                ("stock", (5, 9, 0), None),
            ],
        )?,
    ])
}

fn decimal(value: Option<Ratio>, places: u8) -> String {
    let shown = value.and_then(|value| value.to_decimal(places, Rounding::default()).ok());
    shown.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn percent(share: Option<Ratio>) -> String {
    match share.and_then(|share| share.checked_mul(Ratio::from(100)).ok()) {
        Some(share) => format!("{} %", decimal(Some(share), 0)),
        None => "-".to_owned(),
    }
}

fn hours_of(micros: i64) -> String {
    decimal(Ratio::new(i128::from(micros), 3_600_000_000).ok(), 1)
}

fn median(sample: &Sample) -> String {
    let minutes = sample
        .median(Quantile::Interpolated)
        .and_then(|micros| micros.checked_div(Ratio::from(60_000_000)).ok());
    decimal(minutes, 0)
}
