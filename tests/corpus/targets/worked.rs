//! Workflows and event logs.

use chrono::{DateTime, FixedOffset};
use quotaflow::process::{
    Costs, EventLogBuilder, Extent, LogEvent, Pairing, Workflow, WorkflowDef,
};
use quotaflow::quantity::Ratio;
use serde::{Deserialize, Serialize};

use super::{read, told};

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Work {
    workflow: WorkflowDef,
    trace: Vec<String>,
}

fn is_share(fitness: Option<Ratio>) -> bool {
    fitness.is_none_or(|fitness| Ratio::ZERO <= fitness && fitness <= Ratio::ONE)
}

/// A workflow and what happened: an alignment names every event once, in order, and costs what its pairs cost.
pub(super) fn workflows(data: &[u8]) {
    let Some(work) = read::<Work>(data) else {
        return;
    };
    if work.workflow.steps.len() > 12 || work.trace.len() > 12 {
        return;
    }
    let defects = work.workflow.check();
    let workflow = match Workflow::new(work.workflow) {
        Ok(workflow) => workflow,
        Err(error) => return told(&error),
    };
    assert_eq!(workflow.findings().len(), defects.len());
    let trace: Vec<_> = work.trace.iter().map(|step| workflow.step(step)).collect();
    match workflow.token_replay(&trace) {
        Ok(replay) => assert!(is_share(replay.fitness()), "{replay:?}"),
        Err(error) => told(&error),
    }
    let costs = Costs { event: 3, step: 2 };
    for extent in [Extent::Whole, Extent::Begun] {
        let aligned = match workflow.align(&trace, extent, costs) {
            Ok(aligned) => aligned,
            Err(error) => {
                told(&error);
                continue;
            }
        };
        let (mut cost, mut next) = (0, 0);
        for pairing in &aligned.pairings {
            match pairing {
                Pairing::Both { step } => {
                    assert_eq!(workflow.step(step.as_str()), trace[next]);
                    next += 1;
                }
                Pairing::Event { step } => {
                    let step = step.as_ref().and_then(|step| workflow.step(step.as_str()));
                    assert_eq!(step, trace[next]);
                    (next, cost) = (next + 1, cost + u64::from(costs.event));
                }
                Pairing::Step { optional, .. } => {
                    cost += if *optional { 0 } else { u64::from(costs.step) };
                }
            }
        }
        assert_eq!((next, cost), (trace.len(), aligned.cost));
        assert!(aligned.cost <= aligned.worst && is_share(aligned.fitness()));
    }
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    case: String,
    activity: String,
    at: DateTime<FixedOffset>,
    #[serde(default)]
    resource: Option<String>,
}

/// An event log: its statistics count every event and every case once.
pub(super) fn event_logs(data: &[u8]) {
    let Some(events) = read::<Vec<Event>>(data) else {
        return;
    };
    let mut builder = EventLogBuilder::new();
    let mut kept = 0;
    for event in events.iter().take(60) {
        let pushed = builder.push(LogEvent {
            case: &event.case,
            activity: &event.activity,
            at: event.at,
            resource: event.resource.as_deref(),
        });
        match pushed {
            Ok(()) => kept += 1,
            Err(error) => told(&error),
        }
    }
    let log = builder.build();
    assert_eq!(log.len(), kept);
    let cases = log.cases().len();
    assert_eq!(
        log.cases()
            .map(|case| log.trace(case).count())
            .sum::<usize>(),
        kept
    );
    let all = log.statistics();
    assert_eq!((all.events, all.cases), (kept, cases));
    let activities = all.activities.values();
    let count = |of: fn(&quotaflow::process::ActivityStatistics) -> usize| {
        all.activities.values().map(of).sum::<usize>()
    };
    assert_eq!(activities.map(|each| each.events).sum::<usize>(), kept);
    assert_eq!(
        (count(|each| each.start), count(|each| each.end)),
        (cases, cases)
    );
    let steps = all.directly_follows.iter().map(|each| each.waiting.len());
    assert_eq!(steps.sum::<usize>(), kept - cases);
    let variants = all.variants.iter().map(|each| each.count);
    assert_eq!(variants.sum::<usize>(), cases);
    assert_eq!(all.throughput.len(), cases);
    assert_eq!(all.events_per_local_day.values().sum::<usize>(), kept);
    assert_eq!(all.events_per_local_weekday.iter().sum::<usize>(), kept);
    let done = all.resources.values().map(|each| each.events);
    assert_eq!(done.sum::<usize>() + all.events_without_resource, kept);
    assert!(is_share(all.rework_rate()));
}
