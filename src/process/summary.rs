//! Many instances together: where the time goes, where work waits between hands, who holds it, how often leaders step in.

use std::collections::BTreeMap;

use super::instance::{InstanceReport, Nonconformity, StepState};
use super::step::StepId;
use super::workflow::Workflow;
use crate::key::Key;
use crate::quantity::{Ratio, Sample};

/// What many instances say of one step. Times are in microseconds of working time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepSummary {
    /// The step.
    pub step: Key,
    /// In how many instances it was done.
    pub done: usize,
    /// In how many it can begin or has begun.
    pub open: usize,
    /// In how many its beginning or its end was or is late.
    pub late: usize,
    /// In how many it was done again.
    pub repeated: usize,
    /// In how many it was left out though it may not be.
    pub skipped: usize,
    /// In how many it was done when it was not its turn.
    pub out_of_order: usize,
    /// From ready to begun.
    pub response: Sample,
    /// From begun to done.
    pub service: Sample,
    /// From ready to done.
    pub cycle: Sample,
}

impl StepSummary {
    fn of(step: &Key) -> Self {
        Self {
            step: step.clone(),
            done: 0,
            open: 0,
            late: 0,
            repeated: 0,
            skipped: 0,
            out_of_order: 0,
            response: Sample::default(),
            service: Sample::default(),
            cycle: Sample::default(),
        }
    }
}

/// How long work waited between two posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoffWait {
    /// The post whose step was done.
    pub from: Key,
    /// The post whose step followed.
    pub to: Key,
    /// From ready to begun, in microseconds of working time. A step that waits for several was handed over by the one
    /// that was done last; one that was left out hands on what came to it.
    pub waits: Sample,
}

/// What many instances of one workflow say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowSummary {
    /// How many instances.
    pub instances: usize,
    /// How many have nothing left to be done.
    pub complete: usize,
    /// How many were closed with something left to be done.
    pub abandoned: usize,
    /// How many needed a leader to step in.
    pub with_leader: usize,
    /// How many had rework: a step done again.
    pub with_rework: usize,
    /// The steps in declared order.
    pub steps: Vec<StepSummary>,
    /// The waits between different posts, by their keys.
    pub handovers: Vec<HandoffWait>,
    /// How many open steps each post holds.
    pub held: BTreeMap<Key, usize>,
    /// Working time of the complete instances, in microseconds.
    pub cycle: Sample,
    /// The part of it in which nobody worked on any step.
    pub waiting: Sample,
}

impl WorkflowSummary {
    /// Returns what is said of one step; `None` for a step of another workflow.
    #[must_use]
    pub fn of(&self, step: StepId) -> Option<&StepSummary> {
        self.steps.get(step.index())
    }

    /// Returns the share of the instances in which a leader had to step in, unless there is none.
    #[must_use]
    pub fn leader_rate(&self) -> Option<Ratio> {
        share(self.with_leader, self.instances)
    }

    /// Returns the share of the instances with rework, unless there is none.
    #[must_use]
    pub fn rework_rate(&self) -> Option<Ratio> {
        share(self.with_rework, self.instances)
    }

    /// Returns the steps by the time from ready to done that all instances spent in them, the longest first, each with
    /// its share of the time of all steps. Steps without any time are left out; equal ones stand in declared order.
    #[must_use]
    pub fn bottlenecks(&self) -> Vec<(&StepSummary, Ratio)> {
        let timed = self.steps.iter().map(|step| (step, step.cycle.sum()));
        let total: i128 = timed.clone().map(|(_, time)| time).sum();
        let mut found: Vec<(&StepSummary, Ratio)> = timed
            .filter(|(_, time)| *time > 0)
            .filter_map(|(step, time)| Some((step, Ratio::new(time, total).ok()?)))
            .collect();
        found.sort_by_key(|(_, share)| std::cmp::Reverse(*share));
        found
    }
}

fn share(part: usize, whole: usize) -> Option<Ratio> {
    Ratio::new(i128::try_from(part).ok()?, i128::try_from(whole).ok()?).ok()
}

#[derive(Default)]
struct Times {
    response: Vec<i64>,
    service: Vec<i64>,
    cycle: Vec<i64>,
}

impl Workflow {
    /// Returns what the reports of many instances of this workflow say together.
    #[must_use]
    pub fn summary(&self, reports: &[InstanceReport]) -> WorkflowSummary {
        let steps = self.steps();
        let named = steps.iter().map(|step| StepSummary::of(&step.key));
        let mut summaries: Vec<StepSummary> = named.collect();
        let mut times: Vec<Times> = steps.iter().map(|_| Times::default()).collect();
        let mut waits: BTreeMap<(&Key, &Key), Vec<i64>> = BTreeMap::new();
        let mut held: BTreeMap<Key, usize> = BTreeMap::new();
        let (mut cycle, mut waiting) = (Vec::new(), Vec::new());
        for report in reports {
            if report.complete {
                cycle.push(report.cycle);
                waiting.push(report.waiting);
            }
            for (place, (found, definition)) in report.steps.iter().zip(steps).enumerate() {
                // A report of another workflow has other steps there.
                if found.step != definition.key {
                    continue;
                }
                let (summary, times) = (&mut summaries[place], &mut times[place]);
                let open = matches!(found.state, StepState::Ready | StepState::Started);
                summary.done += usize::from(found.state == StepState::Done);
                summary.open += usize::from(open);
                let late = |time: Option<i64>| time.is_some_and(|time| time > 0);
                summary.late += usize::from(late(found.response_late) || late(found.late));
                times.response.extend(found.response);
                times.service.extend(found.service);
                times.cycle.extend(found.cycle);
                let Some(owner) = &definition.owner else {
                    continue;
                };
                if open {
                    *held.entry(owner.clone()).or_default() += 1;
                }
                let Some(wait) = found.response else { continue };
                for from in self.released_by(report, place) {
                    if let Some(from) = steps[from].owner.as_ref().filter(|from| *from != owner) {
                        waits.entry((from, owner)).or_default().push(wait);
                    }
                }
            }
            count_nonconformities(report, &mut summaries);
        }
        for (summary, times) in summaries.iter_mut().zip(times) {
            summary.response = Sample::new(times.response);
            summary.service = Sample::new(times.service);
            summary.cycle = Sample::new(times.cycle);
        }
        let count = |of: &dyn Fn(&InstanceReport) -> bool| {
            reports.iter().filter(|report| of(report)).count()
        };
        WorkflowSummary {
            instances: reports.len(),
            complete: count(&|report| report.complete),
            abandoned: count(&|report| report.closed && !report.complete),
            with_leader: count(&|report| report.leader_stepped_in()),
            with_rework: count(&|report| {
                let again = |found: &Nonconformity| matches!(found, Nonconformity::Repeated { .. });
                report.nonconformities.iter().any(again)
            }),
            steps: summaries,
            handovers: waits
                .into_iter()
                .map(|((from, to), waits)| HandoffWait {
                    from: from.clone(),
                    to: to.clone(),
                    waits: Sample::new(waits),
                })
                .collect(),
            held,
            cycle: Sample::new(cycle),
            waiting: Sample::new(waiting),
        }
    }
}

impl Workflow {
    /// Returns the steps whose end made this one ready: the last of those that it waits for, several when they were done
    /// at the same time; through steps that were left out.
    fn released_by(&self, report: &InstanceReport, step: usize) -> Vec<usize> {
        let ready = report.steps.get(step).and_then(|found| found.ready);
        let mut found = Vec::new();
        let mut open = vec![step];
        let mut seen = vec![false; self.steps().len()];
        while let Some(step) = open.pop() {
            let Some(definition) = self.steps().get(step) else {
                continue;
            };
            for before in &definition.after {
                let Some(before) = self.index_of(before.as_str()) else {
                    continue;
                };
                if std::mem::replace(&mut seen[before], true) {
                    continue;
                }
                match report.steps.get(before) {
                    Some(told) if told.state == StepState::Skipped => open.push(before),
                    Some(told) if told.completed.is_some() && told.completed == ready => {
                        found.push(before);
                    }
                    _ => {}
                }
            }
        }
        found.sort_unstable();
        found
    }
}

/// Counts each kind of nonconformity of a step once for each instance.
fn count_nonconformities(report: &InstanceReport, summaries: &mut [StepSummary]) {
    for summary in summaries {
        let (mut skipped, mut repeated, mut out_of_order) = (false, false, false);
        for found in &report.nonconformities {
            match found {
                Nonconformity::Skipped(step) => skipped |= *step == summary.step,
                Nonconformity::Repeated { step, .. } => repeated |= *step == summary.step,
                Nonconformity::OutOfOrder { step, .. } => out_of_order |= *step == summary.step,
                Nonconformity::OtherBranch { .. } | Nonconformity::Unknown { .. } => {}
            }
        }
        summary.skipped += usize::from(skipped);
        summary.repeated += usize::from(repeated);
        summary.out_of_order += usize::from(out_of_order);
    }
}
