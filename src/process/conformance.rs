//! How well what happened fits the workflow: token replay, and the alignment of least cost.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use serde::{Deserialize, Serialize};

use super::error::ProcessError;
use super::net::{Marking, Net};
use super::step::StepId;
use super::workflow::Workflow;
use crate::key::Key;
use crate::limits::{LimitError, Limits, Size};
use crate::quantity::Ratio;

/// How many states the search for an alignment visits where the host does not say: some hundredths of a second.
const STATES: u64 = 50_000;
/// What a state takes while the search lasts, in bytes.
const STATE_BYTES: u128 = 256;
/// The longest trace that is aligned, whatever the host allows.
const MAX_EVENTS: u64 = 1 << 20;

/// The counts of a token replay: what was taken and put, missing when it was to be taken, and left over at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenReplay {
    /// Tokens that were needed but not there.
    pub missing: u32,
    /// Tokens that were taken, by the steps and at the end.
    pub consumed: u32,
    /// Tokens that were left over.
    pub remaining: u32,
    /// Tokens that were put, at the start and by the steps.
    pub produced: u32,
}

impl TokenReplay {
    /// Returns `1/2 (1 - missing/consumed) + 1/2 (1 - remaining/produced)` (Rozinat and van der Aalst, 2008), or `None`
    /// where nothing was consumed or produced: a fitness of nothing has no base.
    ///
    /// ```
    /// use quotaflow::process::TokenReplay;
    /// use quotaflow::quantity::Ratio;
    /// let replay = TokenReplay { missing: 1, consumed: 4, remaining: 1, produced: 5 };
    /// assert_eq!(replay.fitness(), Some(Ratio::new(31, 40)?));
    /// assert_eq!(TokenReplay::default().fitness(), None);
    /// # Ok::<(), quotaflow::quantity::QuantityError>(())
    /// ```
    #[must_use]
    pub fn fitness(&self) -> Option<Ratio> {
        let (missing, consumed) = (i128::from(self.missing), i128::from(self.consumed));
        let (remaining, produced) = (i128::from(self.remaining), i128::from(self.produced));
        let kept = Ratio::new(consumed - missing, consumed).ok()?;
        let used = Ratio::new(produced - remaining, produced).ok()?;
        kept.checked_add(used)
            .ok()?
            .checked_div(Ratio::from(2))
            .ok()
    }
}

/// What an alignment pairs up (its synchronous, log and model moves). Each event of the trace has one, of [`Pairing::Both`] or
/// [`Pairing::Event`], in the order of the trace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Pairing {
    /// The event did this step as the workflow says.
    Both {
        /// The step.
        step: Key,
    },
    /// The event fits nowhere: unknown, repeated, or out of order.
    Event {
        /// The step that was done; none where the workflow does not know it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<Key>,
    },
    /// This step should have been done here.
    Step {
        /// The step.
        step: Key,
        /// Whether it may be left out, at no cost.
        optional: bool,
    },
}

/// A pairing by the places of the event in the trace and of the step in declared order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Both { event: usize, step: usize },
    Event { event: usize },
    Step { step: usize, optional: bool },
}

/// The moves of an alignment, what they cost, and what the worst explanation costs.
pub(super) struct Explained {
    pub(super) moves: Vec<Move>,
    cost: u64,
    worst: u64,
}

/// What the pairings of an alignment cost. A step that may be left out costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// An event that fits nowhere.
    pub event: u16,
    /// A step that was left out.
    pub step: u16,
}

impl Default for Costs {
    fn default() -> Self {
        Self { event: 1, step: 1 }
    }
}

/// Whether a trace has to reach the end of the workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// It has: the instance is over.
    Whole,
    /// It has not: the instance still runs, and what is not done is not missing.
    Begun,
}

/// The cheapest way to explain a trace by the workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alignment {
    /// Events and steps paired up, in order.
    pub pairings: Vec<Pairing>,
    /// What they cost; no way costs less.
    pub cost: u64,
    /// What the worst explanation costs: every event fits nowhere, and the cheapest whole run is left out.
    pub worst: u64,
}

impl Alignment {
    /// Returns `1 - cost/worst`: 1 when everything fits. `None` where nothing could be wrong.
    #[must_use]
    pub fn fitness(&self) -> Option<Ratio> {
        let (cost, worst) = (i128::from(self.cost), i128::from(self.worst));
        Ratio::new(worst - cost, worst).ok()
    }
}

impl Workflow {
    /// Replays a trace of steps (`None` for an activity that the workflow does not know) by tokens.
    ///
    /// Tokens that are missing are put in. A step that may be left out passes its token on where that is needed. An
    /// unknown activity misses one token and leaves one over. At the end the final tokens are taken; where there is
    /// none, one is missing.
    ///
    /// # Errors
    /// [`ProcessError::ForeignStep`] for a step of another workflow.
    pub fn token_replay(&self, trace: &[Option<StepId>]) -> Result<TokenReplay, ProcessError> {
        Ok(self.replay_tokens(&self.indices(trace)?))
    }

    /// Returns the places of steps in declared order.
    fn indices(&self, trace: &[Option<StepId>]) -> Result<Vec<Option<usize>>, ProcessError> {
        let known = self.net().steps();
        let own = |step: &Option<StepId>| match step.map(StepId::index) {
            Some(step) if step >= known => Err(ProcessError::ForeignStep {
                workflow: self.key().clone(),
                step,
                steps: known,
            }),
            step => Ok(step),
        };
        trace.iter().map(own).collect()
    }

    pub(super) fn replay_tokens(&self, trace: &[Option<usize>]) -> TokenReplay {
        let net = self.net();
        let mut marking = net.start;
        let mut counts = TokenReplay {
            produced: marking.count_ones(),
            ..TokenReplay::default()
        };
        for step in trace {
            let Some(step) = *step else {
                counts.missing += 1;
                counts.consumed += 1;
                counts.remaining += 1;
                counts.produced += 1;
                continue;
            };
            let inputs = &net.inputs[step];
            let wanted: Vec<usize> = if net.any[step] {
                let filled = inputs.iter().find(|place| marking >> **place & 1 == 1);
                filled.or(inputs.first()).copied().into_iter().collect()
            } else {
                inputs.clone()
            };
            for place in wanted {
                fill(net, &mut marking, place, &mut counts, &mut 0);
                counts.consumed += 1;
                if marking >> place & 1 == 0 {
                    counts.missing += 1;
                }
                marking &= !(1 << place);
            }
            for place in &net.outputs[step] {
                // A second token in a place is left over: no sound run needs it.
                counts.produced += 1;
                counts.remaining += u32::from(marking >> place & 1 == 1);
                marking |= 1 << place;
            }
        }
        for place in 0..net.filled_by.len() {
            if net.last >> place & 1 == 1 {
                fill(net, &mut marking, place, &mut counts, &mut 0);
            }
        }
        let ends = (marking & net.last).count_ones();
        counts.consumed += ends.max(1);
        counts.missing += u32::from(ends == 0);
        counts.remaining += (marking & !net.last).count_ones();
        counts
    }

    /// Returns the cheapest explanation of a trace of steps (`None` for an activity that the workflow does not know).
    ///
    /// Found by A* with a lower bound that counts events and steps for which no partner can be left. Of equally cheap
    /// explanations the one in which fewer events fit nowhere, so that a step done too early is told by what it should
    /// have waited for; then in the declared order of the steps.
    ///
    /// A state is a place in the trace with what the workflow has come to there: no fewer than events and one, no more than
    /// that times the ways in which steps can stand side by side. Up to 50,000 of them are visited;
    /// [`align_within`](Self::align_within) takes another limit.
    ///
    /// # Errors
    /// [`ProcessError::AlignmentTooLarge`] when more than 50,000 states would have to be visited,
    /// [`ProcessError::ForeignStep`] for a step of another workflow.
    pub fn align(
        &self,
        trace: &[Option<StepId>],
        extent: Extent,
        costs: Costs,
    ) -> Result<Alignment, ProcessError> {
        self.align_within(trace, extent, costs, usual_limits())
    }

    /// Returns the same, visiting as many states as a host allows steps, each of which takes 256 bytes.
    ///
    /// ```
    /// use quotaflow::limits::{Limits, Size};
    /// use quotaflow::process::{Costs, Extent, TaskDef, Workflow, WorkflowDef};
    /// let step = |name: &str| -> Result<TaskDef, quotaflow::Error> {
    ///     Ok(TaskDef::new(name.try_into()?).owned_by("clerk".try_into()?).within(60, 120).judged_by("complete"))
    /// };
    /// let offer = step("offer")?;
    /// let contract = step("contract")?.after(["offer".try_into()?]);
    /// let workflow = Workflow::new(WorkflowDef::new("order".try_into()?, vec![offer, contract]))?;
    /// let trace = [workflow.step("offer"), workflow.step("contract")];
    /// let most = |steps| Limits::default().with(Size::Steps, steps);
    /// assert_eq!(workflow.align_within(&trace, Extent::Whole, Costs::default(), most(10))?.cost, 0);
    /// // Two events have three states at least: told before the search begins.
    /// let refused = workflow.align_within(&trace, Extent::Whole, Costs::default(), most(2)).unwrap_err();
    /// assert_eq!(refused.to_string(), "aligning 2 events with workflow `order`: this needs 3 steps, more than the limit of 2; ask for fewer, or raise the limit `steps`");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Workflow::align`], with the limits given.
    pub fn align_within(
        &self,
        trace: &[Option<StepId>],
        extent: Extent,
        costs: Costs,
        limits: Limits,
    ) -> Result<Alignment, ProcessError> {
        let indices = self.indices(trace)?;
        let explained = self.explain(&indices, extent, costs, limits)?;
        Ok(self.alignment(&explained, &indices))
    }

    /// Returns the cheapest explanation of steps by their places, within the limits where nobody says any.
    pub(super) fn explain_trace(
        &self,
        trace: &[Option<usize>],
        extent: Extent,
    ) -> Result<Explained, ProcessError> {
        self.explain(trace, extent, Costs::default(), usual_limits())
    }

    /// Returns an explanation with the names of the steps.
    pub(super) fn alignment(&self, explained: &Explained, trace: &[Option<usize>]) -> Alignment {
        let key = |step: usize| self.steps()[step].key.clone();
        let named = explained.moves.iter().map(|found| match *found {
            Move::Both { step, .. } => Pairing::Both { step: key(step) },
            Move::Event { event } => Pairing::Event {
                step: trace[event].map(key),
            },
            Move::Step { step, optional } => Pairing::Step {
                step: key(step),
                optional,
            },
        });
        Alignment {
            pairings: named.collect(),
            cost: explained.cost,
            worst: explained.worst,
        }
    }

    fn explain(
        &self,
        trace: &[Option<usize>],
        extent: Extent,
        costs: Costs,
        limits: Limits,
    ) -> Result<Explained, ProcessError> {
        let too_large = |limit| ProcessError::AlignmentTooLarge {
            workflow: self.key().clone(),
            events: trace.len(),
            limit,
        };
        let longest = limits.with(Size::Steps, limits.steps.min(MAX_EVENTS));
        within(longest, trace.len() as u128 + 1).map_err(too_large)?;
        let search = Search::new(self.net(), trace, extent, costs);
        let (moves, cost) = search.run(limits).map_err(too_large)?;
        let whole = Search::new(self.net(), &[], Extent::Whole, costs);
        let run = whole.run(limits).map_err(too_large)?;
        let events = u64::try_from(trace.len()).unwrap_or(u64::MAX);
        let left_out = if extent == Extent::Whole { run.1 } else { 0 };
        let worst = events
            .saturating_mul(u64::from(costs.event))
            .saturating_add(left_out);
        Ok(Explained { moves, cost, worst })
    }
}

fn usual_limits() -> Limits {
    Limits::default().with(Size::Steps, STATES)
}

/// Says whether so many states may be visited.
fn within(limits: Limits, states: u128) -> Result<(), LimitError> {
    limits.check(Size::Steps, states)?;
    limits.check(Size::Bytes, states.saturating_mul(STATE_BYTES))
}

/// Passes tokens on through steps that may be left out, where that fills a place.
fn fill(
    net: &Net,
    marking: &mut Marking,
    place: usize,
    counts: &mut TokenReplay,
    tried: &mut Marking,
) {
    if (*marking | *tried) >> place & 1 == 1 {
        return;
    }
    *tried |= 1 << place;
    let Some(step) = net.filled_by[place].filter(|step| net.optional[*step]) else {
        return;
    };
    let mut trial = (*marking, *counts);
    for input in &net.inputs[step] {
        fill(net, &mut trial.0, *input, &mut trial.1, tried);
    }
    if let Some(next) = net.fire(trial.0, step) {
        let taken = if net.any[step] {
            1
        } else {
            net.inputs[step].len()
        };
        trial.1.consumed += u32::try_from(taken).unwrap_or(u32::MAX);
        trial.1.produced += u32::try_from(net.outputs[step].len()).unwrap_or(u32::MAX);
        (*marking, *counts) = (next, trial.1);
    }
}

/// A set of steps, one bit each.
type Steps = u128;

struct Search<'a> {
    net: &'a Net,
    trace: &'a [Option<usize>],
    extent: Extent,
    costs: Costs,
    /// For each place, the steps that a token in it can come to.
    possible: Vec<Steps>,
    /// For each place, the steps that a token in it always comes to and that may not be left out.
    certain: Vec<Steps>,
    /// For each position in the trace, the steps of the events from there on.
    ahead: Vec<Steps>,
}

/// Costs are told in so many parts; the parts below count the events that fit nowhere, to break ties.
const PARTS: u64 = 1 << 24;

fn scaled(cost: u16) -> u64 {
    u64::from(cost) * PARTS
}

/// A position in the trace and a marking.
type Place = (usize, Marking);

/// What reaching each place cost, and from where it was reached.
type Best = BTreeMap<Place, (u64, Option<(Place, Move)>)>;

impl<'a> Search<'a> {
    fn new(net: &'a Net, trace: &'a [Option<usize>], extent: Extent, costs: Costs) -> Self {
        let places = net.filled_by.len();
        let mut search = Self {
            net,
            trace,
            extent,
            costs,
            possible: vec![0; places],
            certain: vec![0; places],
            ahead: vec![0; trace.len() + 1],
        };
        for (position, step) in trace.iter().enumerate().rev() {
            let own: Steps = step.map_or(0, |step| 1 << step);
            search.ahead[position] = search.ahead[position + 1] | own;
        }
        // Nothing waits for itself, so following the tokens as often as there are steps reaches every end.
        for _ in 0..=net.steps() {
            for place in 0..places {
                let mut possible = 0;
                let mut certain = Steps::MAX;
                for step in &net.taken_by[place] {
                    let own: Steps = 1 << step;
                    let through = |of: &[Steps]| {
                        net.outputs[*step]
                            .iter()
                            .fold(0, |sum, output| sum | of[*output])
                    };
                    possible |= own | through(&search.possible);
                    let must = if net.optional[*step] { 0 } else { own };
                    certain &= must | through(&search.certain);
                }
                search.possible[place] = possible;
                search.certain[place] = if net.taken_by[place].is_empty() {
                    0
                } else {
                    certain
                };
            }
        }
        search
    }

    /// Returns a cost below which the rest cannot be had.
    fn at_least(&self, (position, marking): Place) -> u64 {
        let (mut possible, mut certain): (Steps, Steps) = (0, 0);
        let mut filled = marking;
        while filled != 0 {
            let place = filled.trailing_zeros() as usize;
            possible |= self.possible[place];
            certain |= self.certain[place];
            filled &= filled - 1;
        }
        // Each step can be done once at most, so of its events one can have a partner.
        let ahead = self.ahead[position];
        let partners = u64::from((possible & ahead).count_ones());
        let events = (self.trace.len() - position) as u64 - partners;
        certain &= !ahead;
        let steps = if self.extent == Extent::Whole {
            u64::from(certain.count_ones())
        } else {
            0
        };
        events * self.event_cost() + steps * scaled(self.costs.step)
    }

    fn event_cost(&self) -> u64 {
        scaled(self.costs.event) + 1
    }

    fn run(&self, limits: Limits) -> Result<(Vec<Move>, u64), LimitError> {
        let start: Place = (0, self.net.start);
        let mut best: Best = BTreeMap::new();
        best.insert(start, (0, None));
        // Of equal bounds the one further along the trace comes first, then the one found last: going deep finds an end
        // where the bound is exact, as it is for steps that run side by side.
        let mut open = BinaryHeap::new();
        let mut entered = 0_u64;
        let bound = self.at_least(start);
        open.push(Reverse((bound, Reverse(0), Reverse(entered), 0_u64, start)));
        while let Some(Reverse((_, _, _, cost, place))) = open.pop() {
            if best.get(&place).is_some_and(|(found, _)| *found < cost) {
                continue;
            }
            let whole = self.extent == Extent::Begun || self.net.is_complete(place.1);
            if place.0 == self.trace.len() && whole {
                return Ok((trace_back(&best, place), cost / PARTS));
            }
            for (next, extra, how) in self.moves(place).into_iter().rev() {
                let sum = cost.saturating_add(extra);
                if best.get(&next).is_none_or(|(found, _)| sum < *found) {
                    best.insert(next, (sum, Some((place, how))));
                    within(limits, best.len() as u128)?;
                    entered += 1;
                    let bound = sum.saturating_add(self.at_least(next));
                    open.push(Reverse((
                        bound,
                        Reverse(next.0),
                        Reverse(entered),
                        sum,
                        next,
                    )));
                }
            }
        }
        // From every state the workflow can be completed, so one that is complete was found.
        within(limits, u128::MAX)?;
        Ok((Vec::new(), 0))
    }

    fn moves(&self, (position, marking): Place) -> Vec<(Place, u64, Move)> {
        let mut moves = Vec::new();
        if let Some(step) = self.trace.get(position) {
            if let Some(step) = step
                && let Some(next) = self.net.fire(marking, *step)
            {
                let both = Move::Both {
                    event: position,
                    step: *step,
                };
                moves.push(((position + 1, next), 0, both));
            }
            let event = Move::Event { event: position };
            moves.push(((position + 1, marking), self.event_cost(), event));
        }
        for (step, next) in self.net.ready(marking) {
            let optional = self.net.optional[step];
            let cost = if optional { 0 } else { scaled(self.costs.step) };
            let left_out = Move::Step { step, optional };
            moves.push(((position, next), cost, left_out));
        }
        moves
    }
}

fn trace_back(best: &Best, end: Place) -> Vec<Move> {
    let mut moves = Vec::new();
    let mut place = end;
    while let Some((_, Some((before, how)))) = best.get(&place) {
        moves.push(*how);
        place = *before;
    }
    moves.reverse();
    moves
}
