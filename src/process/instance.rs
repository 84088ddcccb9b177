//! One instance of a workflow replayed: where it stands, who holds it, what is due, and how it departed from the plan.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::ProcessError;
use super::conformance::{Alignment, Costs, Extent, Move, TokenReplay};
use super::workflow::{Join, Split, StepId, Workflow};
use crate::calendar::WorkingHours;
use crate::key::Key;
use crate::quantity::Ratio;

/// What an event says of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepEventKind {
    /// It was given to somebody.
    Assigned,
    /// Work on it began.
    Started,
    /// It was done.
    Completed,
}

/// An event of an instance, at a local time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepEvent {
    /// When.
    pub at: NaiveDateTime,
    /// Its place among events of the same time, as the host entered them.
    #[serde(default)]
    pub sequence: u64,
    /// The step; a name that the workflow does not know is a deviation.
    pub step: Key,
    /// What happened.
    pub kind: StepEventKind,
    /// Who did it, or to whom it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Key>,
}

/// One instance: an order, a request, a promotion under way.
///
/// Events are taken in the order (time, sequence, step, kind, person), so that the order of the list means nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// The name.
    pub key: Key,
    /// When it was opened: then its first steps are ready.
    pub opened: NaiveDateTime,
    /// When it was closed, whether or not everything was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<NaiveDateTime>,
    /// What happened.
    pub events: Vec<StepEvent>,
}

/// Where a step of an instance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It waits for other steps.
    Waiting,
    /// It can begin.
    Ready,
    /// It has begun.
    Started,
    /// It is done.
    Done,
    /// It was left out.
    Skipped,
    /// Another branch was taken, or the instance is closed.
    NotTaken,
}

/// What a replay says of one step. Times are in microseconds of working time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// The step.
    pub step: StepId,
    /// Where it stands.
    pub state: StepState,
    /// When what it waits for was done.
    pub ready: Option<NaiveDateTime>,
    /// When work on it began, where that was recorded.
    pub started: Option<NaiveDateTime>,
    /// When it was done.
    pub completed: Option<NaiveDateTime>,
    /// Who did it, or has it: the person last recorded.
    pub person: Option<Key>,
    /// When work on it has to begin.
    pub response_due: Option<NaiveDateTime>,
    /// When it has to be done: its duration after it began, or had to begin.
    pub due: Option<NaiveDateTime>,
    /// From ready to begun.
    pub response: Option<i64>,
    /// From begun to done.
    pub service: Option<i64>,
    /// From ready to done.
    pub cycle: Option<i64>,
    /// By how much the beginning was late, or is by now; 0 in time.
    pub response_late: Option<i64>,
    /// By how much the end was late, or is by now; 0 in time.
    pub late: Option<i64>,
    /// How often it was done.
    pub times: u32,
}

/// A departure from the workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Deviation {
    /// A step was left out that may not be.
    Skipped(StepId),
    /// A step was done again, at this position among the completions.
    Repeated {
        /// The step.
        step: StepId,
        /// The position.
        event: usize,
    },
    /// A step was done, but not when it was its turn.
    OutOfOrder {
        /// The step.
        step: StepId,
        /// The position among the completions.
        event: usize,
    },
    /// A step of a branch that was not taken was done.
    OtherBranch {
        /// The step.
        step: StepId,
        /// The position among the completions.
        event: usize,
    },
    /// Something was done that the workflow does not know.
    Unknown {
        /// The position among the completions.
        event: usize,
    },
}

/// Which of a step's two deadlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// When work has to begin.
    Response,
    /// When it has to be done.
    Completion,
}

/// Somebody to tell of an overdue step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Escalation {
    /// The step.
    pub step: StepId,
    /// Which deadline passed.
    pub deadline: DeadlineKind,
    /// The level, from 0.
    pub level: usize,
    /// Whom to tell.
    pub to: Key,
    /// Whether this is a leader who has to step in.
    pub leader: bool,
    /// When.
    pub at: NaiveDateTime,
}

/// What a replay says of an instance on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstanceReport {
    /// The instance.
    pub instance: Key,
    /// Whether nothing is left to be done.
    pub complete: bool,
    /// Whether it was closed.
    pub closed: bool,
    /// The steps in declared order.
    pub steps: Vec<StepReport>,
    /// The departures from the workflow, as its cheapest explanation tells them.
    pub deviations: Vec<Deviation>,
    /// That explanation.
    pub alignment: Alignment,
    /// The token replay of the completions.
    pub tokens: TokenReplay,
    /// Everybody who was to be told so far, in the order of time.
    pub escalations: Vec<Escalation>,
    /// Working time since it was opened, until it ended or until now, in microseconds.
    pub cycle: i64,
    /// The part of it in which nobody worked on any step, where beginnings were recorded.
    pub waiting: i64,
}

impl InstanceReport {
    /// Returns the open steps, those due first first.
    #[must_use]
    pub fn open(&self) -> Vec<&StepReport> {
        let mut open: Vec<&StepReport> = self
            .steps
            .iter()
            .filter(|step| matches!(step.state, StepState::Ready | StepState::Started))
            .collect();
        open.sort_by_key(|step| match step.state {
            StepState::Ready => step.response_due,
            _ => step.due,
        });
        open
    }

    /// Returns the share of the deadlines that were kept, among those that were met or have passed; `None` where there is
    /// none.
    #[must_use]
    pub fn time_conformance(&self) -> Option<Ratio> {
        let (mut kept, mut all) = (0, 0);
        for step in &self.steps {
            let met = [step.started.is_some(), step.completed.is_some()];
            for (late, met) in [step.response_late, step.late].into_iter().zip(met) {
                match late {
                    Some(0) if met => (kept, all) = (kept + 1, all + 1),
                    Some(late) if late > 0 => all += 1,
                    _ => {}
                }
            }
        }
        Ratio::new(kept, all).ok()
    }
}

impl Workflow {
    /// Replays an instance as of a local time; what happened later is not yet known.
    ///
    /// # Errors
    /// [`ProcessError::Calendar`] for times that the calendar does not know, [`ProcessError::AlignmentTooLarge`], and
    /// [`ProcessError::BeforeOpening`] for an event earlier than the instance.
    pub fn replay(
        &self,
        instance: &Instance,
        hours: &WorkingHours,
        as_of: NaiveDateTime,
    ) -> Result<InstanceReport, ProcessError> {
        let mut events: Vec<&StepEvent> = instance
            .events
            .iter()
            .filter(|event| event.at <= as_of)
            .collect();
        events.sort();
        if let Some(first) = events.first().filter(|event| event.at < instance.opened) {
            return Err(ProcessError::BeforeOpening {
                instance: instance.key.clone(),
                opened: instance.opened,
                at: first.at,
            });
        }
        let completions: Vec<&StepEvent> = events
            .iter()
            .copied()
            .filter(|event| event.kind == StepEventKind::Completed)
            .collect();
        let trace: Vec<Option<StepId>> = completions
            .iter()
            .map(|event| self.step(event.step.as_str()))
            .collect();
        let closed = instance.closed.filter(|closed| *closed <= as_of);
        let extent = if closed.is_some() {
            Extent::Whole
        } else {
            Extent::Begun
        };
        let alignment = self.align(&trace, extent, Costs::default())?;
        let mut replay = Replay {
            workflow: self,
            instance,
            hours,
            now: closed.unwrap_or(as_of),
            closed: closed.is_some(),
            events: &events,
            steps: Vec::with_capacity(self.steps().len()),
            taken: vec![None; self.steps().len()],
            open: Vec::new(),
        };
        replay.follow(&alignment, &completions);
        replay.report(alignment, &trace)
    }
}

/// How a step was taken on the way that explains the trace.
#[derive(Debug, Clone, Copy)]
enum Taken {
    /// Done at this time.
    Done(NaiveDateTime),
    /// Left out.
    LeftOut,
}

struct Replay<'a> {
    workflow: &'a Workflow,
    instance: &'a Instance,
    hours: &'a WorkingHours,
    now: NaiveDateTime,
    closed: bool,
    events: &'a [&'a StepEvent],
    steps: Vec<StepReport>,
    taken: Vec<Option<Taken>>,
    /// For each step whether its turn can still come.
    open: Vec<bool>,
}

impl Replay<'_> {
    fn follow(&mut self, alignment: &Alignment, completions: &[&StepEvent]) {
        for found in &alignment.moves {
            match found {
                Move::Both { event, step } => {
                    self.taken[*step] = Some(Taken::Done(completions[*event].at));
                }
                Move::Step { step, .. } => self.taken[*step] = Some(Taken::LeftOut),
                Move::Event { .. } => {}
            }
        }
        // A step that was done when it was not its turn was done all the same.
        for found in &alignment.moves {
            if let Move::Event { event } = found
                && let Some(step) = self.workflow.step(completions[*event].step.as_str())
                && matches!(self.taken[step], Some(Taken::LeftOut))
            {
                self.taken[step] = Some(Taken::Done(completions[*event].at));
            }
        }
    }

    fn report(
        mut self,
        alignment: Alignment,
        trace: &[Option<StepId>],
    ) -> Result<InstanceReport, ProcessError> {
        let mut position = self.workflow.begin();
        for found in &alignment.moves {
            if let Move::Both { step, .. } | Move::Step { step, .. } = found {
                position.complete(*step);
            }
        }
        self.open = self.still_open();
        let mut memo = vec![None; self.taken.len()];
        for step in 0..self.taken.len() {
            let ready = self.ready_at(step, &mut memo);
            let report = self.step(step, ready, position.is_ready(step))?;
            self.steps.push(report);
        }
        let deviations = self.deviations(&alignment, trace);
        let escalations = self.escalations()?;
        let complete = position.is_complete();
        let end = if complete {
            self.last_completion().unwrap_or(self.now)
        } else {
            self.now
        };
        let cycle = self.worked(self.instance.opened, end)?;
        let waiting = cycle - self.worked_on(end)?;
        Ok(InstanceReport {
            instance: self.instance.key.clone(),
            complete,
            closed: self.closed,
            deviations,
            tokens: self.workflow.token_replay(trace),
            alignment,
            escalations,
            cycle,
            waiting,
            steps: self.steps,
        })
    }

    fn last_completion(&self) -> Option<NaiveDateTime> {
        let completed = |event: &&&StepEvent| event.kind == StepEventKind::Completed;
        self.events
            .iter()
            .filter(completed)
            .map(|event| event.at)
            .max()
    }

    /// Returns when what a step waits for was done: passing through what was left out.
    fn ready_at(
        &self,
        step: StepId,
        memo: &mut Vec<Option<Option<NaiveDateTime>>>,
    ) -> Option<NaiveDateTime> {
        if let Some(known) = memo[step] {
            return known;
        }
        let definition = &self.workflow.steps()[step];
        let mut times = Vec::new();
        for before in &definition.after {
            let Some(before) = self.workflow.step(before.as_str()) else {
                continue;
            };
            let time = match self.taken[before] {
                Some(Taken::Done(at)) => Some(at),
                Some(Taken::LeftOut) => self.ready_at(before, memo),
                None => None,
            };
            times.push(time);
        }
        let ready = match definition.join {
            _ if times.is_empty() => Some(self.instance.opened),
            Join::Any => times.into_iter().flatten().min(),
            Join::All => times
                .into_iter()
                .try_fold(self.instance.opened, |last, time| {
                    time.map(|time| last.max(time))
                }),
        };
        memo[step] = Some(ready);
        ready
    }

    fn step(
        &self,
        step: StepId,
        ready: Option<NaiveDateTime>,
        can_begin: bool,
    ) -> Result<StepReport, ProcessError> {
        let definition = &self.workflow.steps()[step];
        let own = || {
            self.events
                .iter()
                .filter(|event| event.step == definition.key)
        };
        let completions = own().filter(|event| event.kind == StepEventKind::Completed);
        let times = u32::try_from(completions.count()).unwrap_or(u32::MAX);
        let completed = match self.taken[step] {
            Some(Taken::Done(at)) => Some(at),
            Some(Taken::LeftOut) | None => None,
        };
        let started = own()
            .find(|event| event.kind == StepEventKind::Started)
            .map(|event| event.at)
            .filter(|at| completed.is_none_or(|completed| *at <= completed));
        let state = match self.taken[step] {
            Some(Taken::Done(_)) => StepState::Done,
            Some(Taken::LeftOut) => StepState::Skipped,
            None if self.closed => StepState::NotTaken,
            None if can_begin && started.is_some() => StepState::Started,
            None if can_begin => StepState::Ready,
            None if self.open[step] => StepState::Waiting,
            None => StepState::NotTaken,
        };
        let concerned = matches!(
            state,
            StepState::Done | StepState::Started | StepState::Ready
        );
        let ready = ready.filter(|_| concerned);
        let after = |from: Option<NaiveDateTime>, minutes: Option<u32>| match (from, minutes) {
            (Some(from), Some(minutes)) => self
                .hours
                .add_working_time(from, TimeDelta::minutes(i64::from(minutes)))
                .map(Some),
            _ => Ok(None),
        };
        let response_due = after(ready, definition.response)?;
        // Work that begins before its turn is not given more time for it.
        let begun = started.map(|at| ready.map_or(at, |ready| at.max(ready)));
        let due = after(begun.or(response_due), definition.duration)?;
        let person = own().rev().find_map(|event| event.by.clone());
        let between = |from: Option<NaiveDateTime>, to: Option<NaiveDateTime>| match (from, to) {
            (Some(from), Some(to)) => self.worked(from, to).map(Some),
            _ => Ok(None),
        };
        // Only what was recorded is judged: without a recorded beginning there is no response to be late.
        let responded = match state {
            StepState::Done | StepState::Started => started,
            _ => Some(self.now),
        };
        Ok(StepReport {
            step,
            state,
            ready,
            started,
            completed,
            person,
            response_due,
            due,
            response: between(ready, started)?,
            service: between(started, completed)?,
            cycle: between(ready, completed)?,
            response_late: between(response_due, responded)?,
            late: between(due, completed.or(Some(self.now)))?,
            times,
        })
    }

    /// Returns for each step whether its turn can still come.
    fn still_open(&self) -> Vec<bool> {
        let mut open = vec![None; self.taken.len()];
        (0..self.taken.len())
            .map(|step| self.can_still_come(step, &mut open))
            .collect()
    }

    fn can_still_come(&self, step: StepId, memo: &mut Vec<Option<bool>>) -> bool {
        if let Some(known) = memo[step] {
            return known;
        }
        let definition = &self.workflow.steps()[step];
        let mut ways = Vec::with_capacity(definition.after.len());
        for before in &definition.after {
            let Some(before) = self.workflow.step(before.as_str()) else {
                continue;
            };
            // A decision that went another way does not lead here any more.
            ways.push(
                match (self.taken[before], self.workflow.steps()[before].split) {
                    (None, _) => self.can_still_come(before, memo),
                    (Some(_), Split::All) => true,
                    (Some(_), Split::One) => !self.decided(before),
                },
            );
        }
        let open = match definition.join {
            _ if ways.is_empty() => true,
            Join::All => ways.into_iter().all(|way| way),
            Join::Any => ways.into_iter().any(|way| way),
        };
        memo[step] = Some(open);
        open
    }

    /// Says whether a step that follows this decision was taken.
    fn decided(&self, decision: StepId) -> bool {
        let key = &self.workflow.steps()[decision].key;
        let mut steps = self.workflow.steps().iter().zip(&self.taken);
        steps.any(|(step, taken)| taken.is_some() && step.after.contains(key))
    }

    fn deviations(&self, alignment: &Alignment, trace: &[Option<StepId>]) -> Vec<Deviation> {
        let mut matched: BTreeMap<StepId, usize> = BTreeMap::new();
        let mut left_out: BTreeMap<StepId, bool> = BTreeMap::new();
        let mut extra: BTreeMap<StepId, usize> = BTreeMap::new();
        for found in &alignment.moves {
            match found {
                Move::Both { event, step } => {
                    matched.insert(*step, *event);
                }
                Move::Step { step, optional } => {
                    left_out.insert(*step, *optional);
                }
                Move::Event { event } => {
                    if let Some(Some(step)) = trace.get(*event) {
                        extra.entry(*step).or_insert(*event);
                    }
                }
            }
        }
        let mut deviations = Vec::new();
        for found in &alignment.moves {
            match found {
                Move::Both { .. } => {}
                Move::Step { step, optional } => {
                    if !optional && !extra.contains_key(step) {
                        deviations.push(Deviation::Skipped(*step));
                    }
                }
                Move::Event { event } => {
                    deviations.push(match trace.get(*event).copied().flatten() {
                        None => Deviation::Unknown { event: *event },
                        Some(step) => {
                            let event = *event;
                            let again = extra.get(&step).is_some_and(|first| *first < event);
                            match matched.get(&step) {
                                Some(turn) if *turn < event => Deviation::Repeated { step, event },
                                Some(_) => Deviation::OutOfOrder { step, event },
                                None if again => Deviation::Repeated { step, event },
                                None if left_out.contains_key(&step) => {
                                    Deviation::OutOfOrder { step, event }
                                }
                                None if self.open[step] => Deviation::OutOfOrder { step, event },
                                None => Deviation::OtherBranch { step, event },
                            }
                        }
                    })
                }
            }
        }
        deviations
    }

    fn escalations(&self) -> Result<Vec<Escalation>, ProcessError> {
        let mut escalations = Vec::new();
        for report in &self.steps {
            let deadlines = [
                (
                    DeadlineKind::Response,
                    report.response_due,
                    report.started.or(report.completed),
                ),
                (DeadlineKind::Completion, report.due, report.completed),
            ];
            for (deadline, due, met) in deadlines {
                let Some(due) = due else { continue };
                let until = met.unwrap_or(self.now);
                for (level, escalation) in self.workflow.definition().escalations.iter().enumerate()
                {
                    let delay = TimeDelta::minutes(i64::from(escalation.after));
                    let at = self.hours.add_working_time(due, delay)?;
                    if at >= until {
                        break;
                    }
                    let (step, to, leader) =
                        (report.step, escalation.to.clone(), escalation.leader);
                    escalations.push(Escalation {
                        step,
                        deadline,
                        level,
                        to,
                        leader,
                        at,
                    });
                }
            }
        }
        escalations.sort_by_key(|escalation| escalation.at);
        Ok(escalations)
    }

    /// Returns the working time between two local times, none when they are the other way round.
    fn worked(&self, from: NaiveDateTime, to: NaiveDateTime) -> Result<i64, ProcessError> {
        if to <= from {
            return Ok(0);
        }
        let worked = self.hours.worked_between(from, to)?;
        Ok(worked.num_microseconds().unwrap_or(i64::MAX))
    }

    /// Returns the working time in which at least one step was being worked on.
    fn worked_on(&self, end: NaiveDateTime) -> Result<i64, ProcessError> {
        let mut spans: Vec<(NaiveDateTime, NaiveDateTime)> = Vec::new();
        for step in &self.steps {
            if let Some(started) = step.started {
                spans.push((started, step.completed.unwrap_or(end)));
            }
        }
        spans.sort();
        let mut sum = 0;
        let mut covered = self.instance.opened;
        for (from, to) in spans {
            sum += self.worked(from.max(covered), to.min(end))?;
            covered = covered.max(to);
        }
        Ok(sum)
    }
}
