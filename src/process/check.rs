//! Checks of a workflow: nothing without an owner, a deadline and a standard, and no state without a way to the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::net::{MAX_PLACES, Net};
use super::workflow::{Split, StepDef, StepId, WorkflowDef};
use crate::key::{Key, nearest};
use crate::measure::suggestion;

/// How many states the search for a way to the end may visit.
const MAX_STATES: usize = 200_000;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Worth knowing.
    Note,
    /// Probably not meant.
    Warning,
    /// The workflow is refused.
    Error,
}

/// What is wrong or doubtful about a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// There is no step.
    NoStep,
    /// Two steps have the same key.
    DuplicateStep(Key),
    /// A step waits for one that does not exist.
    UnknownPredecessor {
        /// The step.
        step: Key,
        /// What it waits for.
        wanted: Key,
        /// The nearest known step.
        nearest: Option<String>,
    },
    /// A step waits for another one twice.
    DuplicatePredecessor {
        /// The step.
        step: Key,
        /// What it waits for.
        wanted: Key,
    },
    /// Steps wait for each other.
    Cycle(Vec<Key>),
    /// There are more connections than the check can hold.
    TooLarge,
    /// Nobody answers for a step.
    NoOwner(Key),
    /// A step has no response time or no duration.
    NoDeadline(Key),
    /// A step has no standard of evaluation.
    NoStandard(Key),
    /// A step neither waits for another nor is waited for, while others do.
    Orphan(Key),
    /// A step can never begin.
    Unreachable(Key),
    /// After these decisions (decision and the step that followed) steps wait for something that never comes.
    Stuck {
        /// The decisions on the way.
        decisions: Vec<(Key, Key)>,
        /// The steps that wait for ever.
        waiting: Vec<Key>,
    },
    /// After these decisions a step is to be done twice, because it joins any of several branches that all run.
    DoneTwice {
        /// The decisions on the way.
        decisions: Vec<(Key, Key)>,
        /// The step.
        step: Key,
    },
    /// A post needs more working time than it has.
    Overloaded {
        /// The post.
        post: Key,
        /// The working minutes that its steps need in the period.
        needed: u64,
        /// The working minutes that it has.
        available: u64,
    },
    /// A post is declared twice.
    DuplicatePost(Key),
    /// An escalation comes no later than the one before it.
    EscalationOrder {
        /// Its position, from 0.
        index: usize,
    },
    /// A decision has only one step, or none, to decide for.
    NothingToDecide(Key),
    /// Departments take part, but none leads.
    NoLead(Key),
    /// A department both leads and takes part.
    LeadAsPartner(Key),
    /// The first escalation passes over the owner of the process.
    EscalationPastOwner {
        /// To whom it goes.
        to: Key,
        /// Who owns the process.
        owner: Key,
    },
    /// A step that is late is told to nobody.
    NoEscalation,
    /// Instances are expected, but a post's hours are not stated, so that its load cannot be checked.
    HoursUnknown {
        /// The post.
        post: Key,
        /// The working minutes that its steps need in the period.
        needed: u64,
    },
    /// Nobody owns the process as a whole, so that no escalation can go there first.
    NoProcessOwner,
    /// No step is marked as key business.
    NoKeyBusiness,
}

impl Finding {
    /// Returns how grave it is.
    #[must_use]
    pub fn grade(&self) -> Grade {
        match self {
            Self::NoStep
            | Self::DuplicateStep(_)
            | Self::UnknownPredecessor { .. }
            | Self::DuplicatePredecessor { .. }
            | Self::Cycle(_)
            | Self::TooLarge
            | Self::NoOwner(_)
            | Self::NoDeadline(_)
            | Self::NoStandard(_)
            | Self::Orphan(_)
            | Self::Unreachable(_)
            | Self::Stuck { .. }
            | Self::DoneTwice { .. }
            | Self::Overloaded { .. }
            | Self::DuplicatePost(_)
            | Self::EscalationOrder { .. } => Grade::Error,
            Self::NothingToDecide(_)
            | Self::NoLead(_)
            | Self::LeadAsPartner(_)
            | Self::EscalationPastOwner { .. }
            | Self::HoursUnknown { .. } => Grade::Warning,
            Self::NoProcessOwner | Self::NoKeyBusiness | Self::NoEscalation => Grade::Note,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStep => f.write_str("there is no step"),
            Self::DuplicateStep(step) => write!(f, "step `{step}` is declared twice"),
            Self::UnknownPredecessor {
                step,
                wanted,
                nearest,
            } => {
                let near = suggestion(nearest.as_deref());
                write!(
                    f,
                    "step `{step}` waits for `{wanted}`, which does not exist{near}"
                )
            }
            Self::DuplicatePredecessor { step, wanted } => {
                write!(f, "step `{step}` waits for `{wanted}` twice")
            }
            Self::Cycle(steps) => {
                write!(
                    f,
                    "steps wait for each other: {}",
                    join(steps.iter().chain(steps.first()))
                )
            }
            Self::TooLarge => {
                write!(
                    f,
                    "the steps have more than {MAX_PLACES} connections or too many decisions to be checked"
                )
            }
            Self::NoOwner(step) => write!(f, "step `{step}` has no owner"),
            Self::NoDeadline(step) => {
                write!(f, "step `{step}` has no response time or no duration")
            }
            Self::NoStandard(step) => write!(f, "step `{step}` has no standard of evaluation"),
            Self::Orphan(step) => write!(f, "step `{step}` is connected to no other step"),
            Self::Unreachable(step) => write!(f, "step `{step}` can never begin"),
            Self::Stuck { decisions, waiting } => {
                write!(
                    f,
                    "{}{} can wait for ever",
                    after(decisions),
                    join(waiting.iter())
                )
            }
            Self::DoneTwice { decisions, step } => {
                write!(f, "{}step `{step}` is to be done twice", after(decisions))
            }
            Self::Overloaded {
                post,
                needed,
                available,
            } => {
                write!(
                    f,
                    "post `{post}` needs {needed} working minutes and has {available}"
                )
            }
            Self::DuplicatePost(post) => write!(f, "post `{post}` is declared twice"),
            Self::EscalationOrder { index } => {
                write!(
                    f,
                    "escalation number {index} does not come later than the one before it"
                )
            }
            Self::NothingToDecide(step) => {
                write!(f, "step `{step}` decides between fewer than two steps")
            }
            Self::NoLead(step) => write!(f, "step `{step}` has partners but no leading department"),
            Self::LeadAsPartner(step) => {
                write!(
                    f,
                    "the leading department of step `{step}` is among its partners"
                )
            }
            Self::EscalationPastOwner { to, owner } => {
                write!(
                    f,
                    "the first escalation goes to `{to}`, past the owner of the process `{owner}`"
                )
            }
            Self::NoEscalation => f.write_str("a step that is late is told to nobody"),
            Self::HoursUnknown { post, needed } => {
                write!(
                    f,
                    "post `{post}` needs {needed} working minutes, and its hours are not stated"
                )
            }
            Self::NoProcessOwner => f.write_str("nobody owns the process as a whole"),
            Self::NoKeyBusiness => f.write_str("no step is marked as key business"),
        }
    }
}

fn join<'a>(keys: impl Iterator<Item = &'a Key>) -> String {
    keys.map(|key| format!("`{key}`"))
        .collect::<Vec<_>>()
        .join(" > ")
}

fn after(decisions: &[(Key, Key)]) -> String {
    if decisions.is_empty() {
        return String::new();
    }
    let taken: Vec<String> = decisions
        .iter()
        .map(|(from, to)| format!("`{from}` > `{to}`"))
        .collect();
    format!("after {}, ", taken.join(", "))
}

/// Checks a definition; the net is there when the connections make one.
pub(super) fn check(def: &WorkflowDef) -> (Vec<Finding>, Option<Net>) {
    let mut findings = Vec::new();
    check_duties(def, &mut findings);
    check_load(def, &mut findings);
    let net = connections(def, &mut findings).and_then(|after| {
        let Some(net) = Net::new(&def.steps, &after) else {
            findings.push(Finding::TooLarge);
            return None;
        };
        check_ways(def, &after, &net, &mut findings);
        Some(net)
    });
    // A stable sort keeps the order of the checks among findings of one grade.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.grade()));
    (findings, net)
}

fn check_duties(def: &WorkflowDef, findings: &mut Vec<Finding>) {
    for step in &def.steps {
        let key = || step.key.clone();
        let blank = |text: Option<&String>| text.is_none_or(|text| text.trim().is_empty());
        if step.owner.is_none() {
            findings.push(Finding::NoOwner(key()));
        }
        if step.response.is_none() || step.duration.is_none() {
            findings.push(Finding::NoDeadline(key()));
        }
        if blank(step.standard.as_ref()) {
            findings.push(Finding::NoStandard(key()));
        }
        match &step.lead {
            None if !step.partners.is_empty() => findings.push(Finding::NoLead(key())),
            Some(lead) if step.partners.contains(lead) => {
                findings.push(Finding::LeadAsPartner(key()));
            }
            _ => {}
        }
    }
    if def.owner.is_none() {
        findings.push(Finding::NoProcessOwner);
    }
    if !def.steps.iter().any(|step| step.key_business) {
        findings.push(Finding::NoKeyBusiness);
    }
    match (def.escalations.first(), &def.owner) {
        (None, _) => findings.push(Finding::NoEscalation),
        (Some(first), Some(owner)) if first.to != *owner => {
            findings.push(Finding::EscalationPastOwner {
                to: first.to.clone(),
                owner: owner.clone(),
            });
        }
        (Some(_), _) => {}
    }
    for (index, pair) in def.escalations.windows(2).enumerate() {
        if pair[1].after <= pair[0].after {
            findings.push(Finding::EscalationOrder { index: index + 1 });
        }
    }
}

fn check_load(def: &WorkflowDef, findings: &mut Vec<Finding>) {
    let mut needed: BTreeMap<&Key, u64> = BTreeMap::new();
    for step in &def.steps {
        if let Some(owner) = &step.owner {
            let minutes = u64::from(step.minutes_of_owner());
            let sum = needed.entry(owner).or_default();
            *sum = sum.saturating_add(minutes.saturating_mul(u64::from(def.instances)));
        }
    }
    let mut seen = BTreeSet::new();
    for post in &def.posts {
        if !seen.insert(&post.key) {
            findings.push(Finding::DuplicatePost(post.key.clone()));
        }
        let needed = needed.remove(&post.key).unwrap_or(0);
        if needed > post.minutes {
            let (post, available) = (post.key.clone(), post.minutes);
            findings.push(Finding::Overloaded {
                post,
                needed,
                available,
            });
        }
    }
    let unknown = needed.into_iter().filter(|(_, needed)| *needed > 0);
    findings.extend(unknown.map(|(post, needed)| Finding::HoursUnknown {
        post: post.clone(),
        needed,
    }));
}

/// Returns for each step the steps it waits for, if all are known and there is no cycle.
fn connections(def: &WorkflowDef, findings: &mut Vec<Finding>) -> Option<Vec<Vec<StepId>>> {
    let before = findings.len();
    if def.steps.is_empty() {
        findings.push(Finding::NoStep);
    }
    let mut by_key: BTreeMap<&Key, StepId> = BTreeMap::new();
    for (id, step) in def.steps.iter().enumerate() {
        if by_key.insert(&step.key, id).is_some() {
            findings.push(Finding::DuplicateStep(step.key.clone()));
        }
    }
    let mut after: Vec<Vec<StepId>> = Vec::with_capacity(def.steps.len());
    for step in &def.steps {
        let mut found = Vec::with_capacity(step.after.len());
        for wanted in &step.after {
            match by_key.get(wanted) {
                Some(id) if found.contains(id) => findings.push(Finding::DuplicatePredecessor {
                    step: step.key.clone(),
                    wanted: wanted.clone(),
                }),
                Some(id) => found.push(*id),
                None => findings.push(Finding::UnknownPredecessor {
                    step: step.key.clone(),
                    wanted: wanted.clone(),
                    nearest: nearest(wanted.as_str(), by_key.keys().map(|key| key.as_str()))
                        .map(str::to_owned),
                }),
            }
        }
        after.push(found);
    }
    if findings.len() > before {
        return None;
    }
    if let Some(cycle) = cycle(&after) {
        let keys = cycle
            .into_iter()
            .map(|id| def.steps[id].key.clone())
            .collect();
        findings.push(Finding::Cycle(keys));
        return None;
    }
    Some(after)
}

/// Returns steps each of which waits for the one before it, and the first for the last.
fn cycle(after: &[Vec<StepId>]) -> Option<Vec<StepId>> {
    // Take away what waits for nothing until nothing more can be taken; what is left holds a cycle.
    let mut left: Vec<bool> = vec![true; after.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for step in 0..after.len() {
            if left[step] && after[step].iter().all(|before| !left[*before]) {
                left[step] = false;
                changed = true;
            }
        }
    }
    let mut path = vec![left.iter().position(|left| *left)?];
    loop {
        let last = *path.last()?;
        let next = after[last].iter().copied().find(|before| left[*before])?;
        if let Some(start) = path.iter().position(|step| *step == next) {
            let mut cycle = path.split_off(start);
            cycle.reverse();
            return Some(cycle);
        }
        path.push(next);
    }
}

/// Follows every combination of decisions to its end.
///
/// Apart from decisions nothing competes for a token: a step that is ready stays ready until it is done, so the order in
/// which ready steps are done does not change where a run ends, and one order for each combination is enough.
fn check_ways(def: &WorkflowDef, after: &[Vec<StepId>], net: &Net, findings: &mut Vec<Finding>) {
    let alone =
        |step: StepId| after[step].is_empty() && !after.iter().any(|others| others.contains(&step));
    for (id, step) in def.steps.iter().enumerate() {
        if def.steps.len() > 1 && alone(id) {
            findings.push(Finding::Orphan(step.key.clone()));
        }
        let waiting = after.iter().filter(|others| others.contains(&id)).count();
        if step.split == Split::One && waiting < 2 {
            findings.push(Finding::NothingToDecide(step.key.clone()));
        }
    }
    let mut search = Search {
        def,
        net,
        begun: vec![false; def.steps.len()],
        found: BTreeMap::new(),
        states: 0,
    };
    if search.run(after).is_none() {
        findings.push(Finding::TooLarge);
        return;
    }
    let begun = std::mem::take(&mut search.begun);
    // One witness for each set of waiting steps is enough.
    findings.extend(search.found.into_values());
    for (step, begun) in def.steps.iter().zip(begun) {
        if !begun {
            findings.push(Finding::Unreachable(step.key.clone()));
        }
    }
}

struct Search<'a> {
    def: &'a WorkflowDef,
    net: &'a Net,
    begun: Vec<bool>,
    found: BTreeMap<Vec<StepId>, Finding>,
    states: usize,
}

/// Which connections (from, to) hold a token, and which decisions led here.
#[derive(Clone)]
struct Run {
    tokens: BTreeSet<(Option<StepId>, StepId)>,
    done: BTreeSet<StepId>,
    decisions: Vec<(StepId, StepId)>,
}

impl Search<'_> {
    fn run(&mut self, after: &[Vec<StepId>]) -> Option<()> {
        let start = (0..after.len()).filter(|step| after[*step].is_empty());
        let tokens = start.map(|step| (None, step)).collect();
        let mut open = vec![Run {
            tokens,
            done: BTreeSet::new(),
            decisions: Vec::new(),
        }];
        let mut seen = BTreeSet::new();
        while let Some(mut run) = open.pop() {
            self.states += 1;
            if self.states > MAX_STATES {
                return None;
            }
            let Some(step) = self.next_ready(&run, after) else {
                self.ended(&run);
                continue;
            };
            self.begun[step] = true;
            if !run.done.insert(step) {
                let twice = Finding::DoneTwice {
                    decisions: self.named(&run.decisions),
                    step: self.def.steps[step].key.clone(),
                };
                self.found.entry(vec![step, step]).or_insert(twice);
                continue;
            }
            self.take(&mut run, step, after);
            let followers: Vec<StepId> = (0..after.len())
                .filter(|other| after[*other].contains(&step))
                .collect();
            let branches: Vec<Vec<StepId>> = match self.def.steps[step].split {
                Split::One if followers.len() > 1 => followers
                    .into_iter()
                    .map(|follower| vec![follower])
                    .collect(),
                Split::One | Split::All => vec![followers],
            };
            let decides = branches.len() > 1;
            for branch in branches.into_iter().rev() {
                let mut next = run.clone();
                if decides {
                    next.decisions.push((step, branch[0]));
                }
                next.tokens
                    .extend(branch.into_iter().map(|follower| (Some(step), follower)));
                if seen.insert((next.tokens.clone(), next.done.clone())) {
                    open.push(next);
                }
            }
        }
        Some(())
    }

    fn next_ready(&self, run: &Run, after: &[Vec<StepId>]) -> Option<StepId> {
        (0..after.len()).find(|step| {
            let has = |from: Option<StepId>| run.tokens.contains(&(from, *step));
            if after[*step].is_empty() {
                has(None)
            } else if self.net.any[*step] {
                after[*step].iter().any(|from| has(Some(*from)))
            } else {
                after[*step].iter().all(|from| has(Some(*from)))
            }
        })
    }

    fn take(&self, run: &mut Run, step: StepId, after: &[Vec<StepId>]) {
        run.tokens.remove(&(None, step));
        for from in &after[step] {
            if run.tokens.remove(&(Some(*from), step)) && self.net.any[step] {
                break;
            }
        }
    }

    fn ended(&mut self, run: &Run) {
        let waiting: BTreeSet<StepId> = run.tokens.iter().map(|(_, step)| *step).collect();
        if waiting.is_empty() {
            return;
        }
        let waiting: Vec<StepId> = waiting.into_iter().collect();
        let keys = waiting
            .iter()
            .map(|step| self.def.steps[*step].key.clone())
            .collect();
        let stuck = Finding::Stuck {
            decisions: self.named(&run.decisions),
            waiting: keys,
        };
        self.found.entry(waiting).or_insert(stuck);
    }

    fn named(&self, decisions: &[(StepId, StepId)]) -> Vec<(Key, Key)> {
        let key = |step: StepId| StepDef::key(&self.def.steps[step]);
        decisions
            .iter()
            .map(|(from, to)| (key(*from), key(*to)))
            .collect()
    }
}

impl StepDef {
    fn key(&self) -> Key {
        self.key.clone()
    }
}
