//! One instance of a workflow replayed: where it stands, who holds it, what is due, and how it departed from the plan.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, TimeDelta};

use super::clock::Clock;
use super::conformance::{Explained, Extent, Move};
use super::definition::{Join, Split};
use super::error::ProcessError;
use super::hours::Hours;
use super::instance::{
    DeadlineKind, Escalation, Instance, InstanceReport, Nonconformity, StepEvent, StepEventKind,
    StepReport, StepState,
};
use super::step::StepId;
use super::workflow::Workflow;

impl Workflow {
    /// Replays an instance as of a local time; what happened later is not yet known. The deadlines of a step run in the hours of
    /// whoever holds it, its post or its department, where these have their own ([`Hours`]).
    ///
    /// # Errors
    /// [`ProcessError::Calendar`] for times that the calendar does not know, [`ProcessError::AlignmentTooLarge`], and
    /// [`ProcessError::BeforeOpening`] for an event earlier than the instance.
    pub fn replay<'a>(
        &self,
        instance: &Instance,
        hours: impl Into<Hours<'a>>,
        as_of: NaiveDateTime,
    ) -> Result<InstanceReport, ProcessError> {
        let hours = hours.into();
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
        let trace: Vec<Option<usize>> = completions
            .iter()
            .map(|event| self.index_of(event.step.as_str()))
            .collect();
        let closed = instance.closed.filter(|closed| *closed <= as_of);
        let extent = if closed.is_some() {
            Extent::Whole
        } else {
            Extent::Begun
        };
        let explained = self.explain_trace(&trace, extent)?;
        let mut replay = Replay {
            workflow: self,
            instance,
            hours: &hours,
            as_of,
            now: closed.unwrap_or(as_of),
            closed: closed.is_some(),
            events: &events,
            completions: &completions,
            steps: Vec::with_capacity(self.steps().len()),
            taken: vec![None; self.steps().len()],
            open: Vec::new(),
        };
        replay.follow(&explained);
        replay.report(&explained, &trace)
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
    hours: &'a Hours<'a>,
    as_of: NaiveDateTime,
    /// When it was closed, or as of when it is told.
    now: NaiveDateTime,
    closed: bool,
    events: &'a [&'a StepEvent],
    /// Those that say that a step was done: the trace.
    completions: &'a [&'a StepEvent],
    steps: Vec<StepReport>,
    taken: Vec<Option<Taken>>,
    /// For each step whether its turn can still come.
    open: Vec<bool>,
}

impl Replay<'_> {
    fn follow(&mut self, explained: &Explained) {
        let completions = self.completions;
        for found in &explained.moves {
            match *found {
                Move::Both { event, step } => {
                    self.taken[step] = Some(Taken::Done(completions[event].at));
                }
                Move::Step { step, .. } => self.taken[step] = Some(Taken::LeftOut),
                Move::Event { .. } => {}
            }
        }
        // A step that was done when it was not its turn was done all the same.
        for found in &explained.moves {
            if let Move::Event { event } = *found
                && let Some(step) = self.workflow.index_of(completions[event].step.as_str())
                && matches!(self.taken[step], Some(Taken::LeftOut))
            {
                self.taken[step] = Some(Taken::Done(completions[event].at));
            }
        }
    }

    fn report(
        mut self,
        explained: &Explained,
        trace: &[Option<usize>],
    ) -> Result<InstanceReport, ProcessError> {
        let mut position = self.workflow.begin();
        for found in &explained.moves {
            if let Move::Both { step, .. } | Move::Step { step, .. } = *found {
                position.complete(StepId::new(step));
            }
        }
        self.open = self.still_open();
        let mut memo = BTreeMap::new();
        for step in 0..self.taken.len() {
            let ready = self.ready_at(step, &mut memo);
            let report = self.step(step, ready, position.is_ready(StepId::new(step)))?;
            self.steps.push(report);
        }
        let nonconformities = self.nonconformities(&explained.moves, trace);
        let escalations = self.escalations()?;
        let complete = position.is_complete();
        let end = if complete {
            self.last_completion().unwrap_or(self.now)
        } else {
            self.now
        };
        let usual = Clock::new(self.hours.usual());
        let cycle = usual.worked(self.instance.opened, end)?;
        let waiting = cycle - self.worked_on(end)?;
        Ok(InstanceReport {
            instance: self.instance.key.clone(),
            opened: self.instance.opened,
            as_of: self.as_of,
            complete,
            closed: self.closed,
            nonconformities,
            tokens: self.workflow.replay_tokens(trace),
            alignment: self.workflow.alignment(explained, trace),
            escalations,
            interventions: self.interventions(),
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

    fn interventions(&self) -> u32 {
        let stepped_in = |event: &&&StepEvent| event.kind == StepEventKind::Intervened;
        let count = self.events.iter().filter(stepped_in).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Returns when what a step waits for was done: passing through what was left out.
    fn ready_at(
        &self,
        step: usize,
        memo: &mut BTreeMap<usize, Option<NaiveDateTime>>,
    ) -> Option<NaiveDateTime> {
        if let Some(known) = memo.get(&step) {
            return *known;
        }
        let definition = &self.workflow.steps()[step];
        let mut times = Vec::new();
        for before in &definition.after {
            let Some(before) = self.workflow.index_of(before.as_str()) else {
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
        memo.insert(step, ready);
        ready
    }

    /// The clock of a step by whoever holds it. Whoever steps in does not hold it thereby.
    fn clock(&self, step: usize) -> Clock<'_> {
        let definition = &self.workflow.steps()[step];
        let own = self.events.iter().copied();
        let own = own.filter(|event| event.step == definition.key);
        self.hours.clock(definition, own)
    }

    fn step(
        &self,
        step: usize,
        ready: Option<NaiveDateTime>,
        can_begin: bool,
    ) -> Result<StepReport, ProcessError> {
        let definition = &self.workflow.steps()[step];
        let clock = self.clock(step);
        // Whoever steps in does not hold the step thereby.
        let own = || {
            self.events.iter().filter(|event| {
                event.step == definition.key && event.kind != StepEventKind::Intervened
            })
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
            (Some(from), Some(minutes)) => clock
                .after(from, TimeDelta::minutes(i64::from(minutes)))
                .map(Some),
            _ => Ok(None),
        };
        let response_due = after(ready, definition.response)?;
        // Work that begins before its turn is not given more time for it.
        let begun = started.map(|at| ready.map_or(at, |ready| at.max(ready)));
        let due = after(begun.or(response_due), definition.duration)?;
        let person = own().rev().find_map(|event| event.by.clone());
        let taken_up = own().filter(|event| event.kind != StepEventKind::Completed);
        let held_since = taken_up.map(|event| event.at).chain(ready).max();
        let between = |from: Option<NaiveDateTime>, to: Option<NaiveDateTime>| match (from, to) {
            (Some(from), Some(to)) => clock.worked(from, to).map(Some),
            _ => Ok(None),
        };
        // Only what was recorded is judged: without a recorded beginning there is no response to be late.
        let responded = match state {
            StepState::Done | StepState::Started => started,
            _ => Some(self.now),
        };
        Ok(StepReport {
            step: definition.key.clone(),
            state,
            ready,
            started,
            completed,
            person,
            held_since: held_since
                .filter(|_| matches!(state, StepState::Ready | StepState::Started)),
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

    fn can_still_come(&self, step: usize, memo: &mut Vec<Option<bool>>) -> bool {
        if let Some(known) = memo[step] {
            return known;
        }
        let definition = &self.workflow.steps()[step];
        let mut ways = Vec::with_capacity(definition.after.len());
        for before in &definition.after {
            let Some(before) = self.workflow.index_of(before.as_str()) else {
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
    fn decided(&self, decision: usize) -> bool {
        let key = &self.workflow.steps()[decision].key;
        let mut steps = self.workflow.steps().iter().zip(&self.taken);
        steps.any(|(step, taken)| taken.is_some() && step.after.contains(key))
    }

    fn nonconformities(&self, moves: &[Move], trace: &[Option<usize>]) -> Vec<Nonconformity> {
        let mut matched: BTreeMap<usize, usize> = BTreeMap::new();
        let mut left_out: BTreeSet<usize> = BTreeSet::new();
        let mut extra: BTreeMap<usize, usize> = BTreeMap::new();
        for found in moves {
            match *found {
                Move::Both { event, step } => {
                    matched.insert(step, event);
                }
                Move::Step { step, .. } => {
                    left_out.insert(step);
                }
                Move::Event { event } => {
                    if let Some(step) = trace[event] {
                        extra.entry(step).or_insert(event);
                    }
                }
            }
        }
        let mut nonconformities = Vec::new();
        for found in moves {
            match *found {
                Move::Both { .. } => {}
                Move::Step { step, optional } => {
                    if !optional && !extra.contains_key(&step) {
                        let key = self.workflow.steps()[step].key.clone();
                        nonconformities.push(Nonconformity::Skipped(key));
                    }
                }
                Move::Event { event } => {
                    let (at, name) = (self.completions[event].at, &self.completions[event].step);
                    let name = name.clone();
                    let told = match trace[event] {
                        None => Nonconformity::Unknown { step: name, at },
                        Some(step) => {
                            let again = extra.get(&step).is_some_and(|first| *first < event);
                            let step_is_open = left_out.contains(&step) || self.open[step];
                            match matched.get(&step) {
                                Some(turn) if *turn < event => {
                                    Nonconformity::Repeated { step: name, at }
                                }
                                Some(_) => Nonconformity::OutOfOrder { step: name, at },
                                None if again => Nonconformity::Repeated { step: name, at },
                                None if step_is_open => {
                                    Nonconformity::OutOfOrder { step: name, at }
                                }
                                None => Nonconformity::OtherBranch { step: name, at },
                            }
                        }
                    };
                    nonconformities.push(told);
                }
            }
        }
        nonconformities
    }

    fn escalations(&self) -> Result<Vec<Escalation>, ProcessError> {
        let mut escalations = Vec::new();
        for (step, report) in self.steps.iter().enumerate() {
            let deadlines = [
                (
                    DeadlineKind::Response,
                    report.response_due,
                    report.started.or(report.completed),
                ),
                (DeadlineKind::Completion, report.due, report.completed),
            ];
            let clock = self.clock(step);
            for (deadline, due, met) in deadlines {
                let (Some(due), Some(from)) = (due, report.ready) else {
                    continue;
                };
                let until = met.unwrap_or(self.now);
                for escalation in &self.workflow.definition().escalations {
                    let at = told_at(&clock, due, escalation.after)?.max(from);
                    if at >= until {
                        break;
                    }
                    escalations.push(Escalation {
                        step: report.step.clone(),
                        deadline,
                        after: escalation.after,
                        to: escalation.to.clone(),
                        leader: escalation.leader,
                        at,
                    });
                }
            }
        }
        escalations.sort_by_key(|escalation| escalation.at);
        Ok(escalations)
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
        let usual = Clock::new(self.hours.usual());
        let mut sum = 0;
        let mut covered = self.instance.opened;
        for (from, to) in spans {
            sum += usual.worked(from.max(covered), to.min(end))?;
            covered = covered.max(to);
        }
        Ok(sum)
    }
}

/// Returns the time so many working minutes after a due time, or before it where they are below zero.
fn told_at(
    clock: &Clock<'_>,
    due: NaiveDateTime,
    minutes: i32,
) -> Result<NaiveDateTime, ProcessError> {
    let delay = TimeDelta::minutes(i64::from(minutes).abs());
    if minutes < 0 {
        clock.before(due, delay)
    } else {
        clock.after(due, delay)
    }
}
