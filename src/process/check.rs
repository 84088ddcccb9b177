//! Checks of a workflow: nothing without an owner, a deadline and a standard, and no state without a way to the end.

mod ways;

use std::collections::{BTreeMap, BTreeSet};

use super::defect::Defect;
use super::definition::WorkflowDef;
use super::net::Net;
use crate::key::{Key, unknown};
use crate::limits::{Limits, Size};
use ways::check_ways;

impl WorkflowDef {
    /// Returns everything that is wrong or doubtful, the gravest first.
    ///
    /// Every combination of decisions that stand side by side is followed to its end, through 50,000 states at most: about 15
    /// decisions between two ways each. What is beyond is [`Defect::TooLarge`].
    #[must_use]
    pub fn check(&self) -> Vec<Defect> {
        check(self, Limits::default().with(Size::Steps, STATES)).0
    }

    /// Returns the same with as many states as a host allows steps, each of which takes 256 bytes.
    #[must_use]
    pub fn check_within(&self, limits: Limits) -> Vec<Defect> {
        check(self, limits).0
    }
}

/// How many states the search for a way to the end visits where the host does not say.
pub(super) const STATES: u64 = 50_000;

/// Checks a definition; the net is there when the connections make one.
pub(super) fn check(def: &WorkflowDef, limits: Limits) -> (Vec<Defect>, Option<Net>) {
    let mut findings = Vec::new();
    check_duties(def, &mut findings);
    check_load(def, &mut findings);
    let net = connections(def, &mut findings).and_then(|after| {
        let Some(net) = Net::new(&def.steps, &after) else {
            findings.push(Defect::TooLarge);
            return None;
        };
        check_ways(def, &after, &net, limits, &mut findings);
        Some(net)
    });
    // A stable sort keeps the order of the checks among findings of one grade.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.gravity()));
    (findings, net)
}

fn check_duties(def: &WorkflowDef, findings: &mut Vec<Defect>) {
    for step in &def.steps {
        let key = || step.key.clone();
        let blank = |text: Option<&String>| text.is_none_or(|text| text.trim().is_empty());
        if step.owner.is_none() {
            findings.push(Defect::NoOwner(key()));
        }
        if step.response.is_none() || step.duration.is_none() {
            findings.push(Defect::NoDeadline(key()));
        }
        if blank(step.standard.as_ref()) {
            findings.push(Defect::NoStandard(key()));
        }
        match &step.lead {
            None if !step.partners.is_empty() => findings.push(Defect::NoLead(key())),
            Some(lead) if step.partners.contains(lead) => {
                findings.push(Defect::LeadAsPartner(key()));
            }
            _ => {}
        }
    }
    if def.owner.is_none() {
        findings.push(Defect::NoProcessOwner);
    }
    if !def.steps.iter().any(|step| step.key_business) {
        findings.push(Defect::NoKeyBusiness);
    }
    match (def.escalations.first(), &def.owner) {
        (None, _) => findings.push(Defect::NoEscalation),
        (Some(first), Some(owner)) if first.to != *owner => {
            findings.push(Defect::EscalationPastOwner {
                to: first.to.clone(),
                owner: owner.clone(),
            });
        }
        (Some(_), _) => {}
    }
    for (index, pair) in def.escalations.windows(2).enumerate() {
        if pair[1].after <= pair[0].after {
            findings.push(Defect::EscalationOrder { index: index + 1 });
        }
    }
}

fn check_load(def: &WorkflowDef, findings: &mut Vec<Defect>) {
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
            findings.push(Defect::DuplicatePost(post.key.clone()));
        }
        let needed = needed.remove(&post.key).unwrap_or(0);
        if needed > post.minutes {
            let (post, available) = (post.key.clone(), post.minutes);
            findings.push(Defect::Overloaded {
                post,
                needed,
                available,
            });
        }
    }
    let unknown = needed.into_iter().filter(|(_, needed)| *needed > 0);
    findings.extend(unknown.map(|(post, needed)| Defect::HoursUnknown {
        post: post.clone(),
        needed,
    }));
}

/// Returns for each step the steps it waits for, if all are known and there is no cycle.
fn connections(def: &WorkflowDef, findings: &mut Vec<Defect>) -> Option<Vec<Vec<usize>>> {
    let before = findings.len();
    if def.steps.is_empty() {
        findings.push(Defect::NoStep);
    }
    let mut by_key: BTreeMap<&Key, usize> = BTreeMap::new();
    for (id, step) in def.steps.iter().enumerate() {
        if by_key.insert(&step.key, id).is_some() {
            findings.push(Defect::DuplicateStep(step.key.clone()));
        }
    }
    let mut after: Vec<Vec<usize>> = Vec::with_capacity(def.steps.len());
    for step in &def.steps {
        let mut found = Vec::with_capacity(step.after.len());
        for wanted in &step.after {
            match by_key.get(wanted) {
                Some(id) if found.contains(id) => findings.push(Defect::DuplicatePredecessor {
                    step: step.key.clone(),
                    wanted: wanted.clone(),
                }),
                Some(id) => found.push(*id),
                None => {
                    let steps = def.steps.iter().map(|step| step.key.as_str());
                    let (name, nearest, known) = unknown(wanted.as_str(), steps);
                    findings.push(Defect::UnknownPredecessor {
                        step: step.key.clone(),
                        name,
                        nearest,
                        known,
                    });
                }
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
        findings.push(Defect::Cycle(keys));
        return None;
    }
    Some(after)
}

/// Returns steps each of which waits for the one before it, and the first for the last.
fn cycle(after: &[Vec<usize>]) -> Option<Vec<usize>> {
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
