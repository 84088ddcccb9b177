//! Every way through a workflow, to find one on which steps wait for ever, are done twice, or never begin.

use std::collections::{BTreeMap, BTreeSet};

use crate::key::Key;
use crate::process::defect::Defect;
use crate::process::definition::{Split, TaskDef, WorkflowDef};
use crate::process::net::Net;

/// How many states the search for a way to the end may visit.
const MAX_STATES: usize = 200_000;

/// Follows every combination of decisions to its end.
///
/// Apart from decisions nothing competes for a token: a step that is ready stays ready until it is done, so the order in
/// which ready steps are done does not change where a run ends, and one order for each combination is enough.
pub(super) fn check_ways(
    def: &WorkflowDef,
    after: &[Vec<usize>],
    net: &Net,
    findings: &mut Vec<Defect>,
) {
    let alone =
        |step: usize| after[step].is_empty() && !after.iter().any(|others| others.contains(&step));
    for (id, step) in def.steps.iter().enumerate() {
        if def.steps.len() > 1 && alone(id) {
            findings.push(Defect::Orphan(step.key.clone()));
        }
        let waiting = after.iter().filter(|others| others.contains(&id)).count();
        if step.split == Split::One && waiting < 2 {
            findings.push(Defect::NothingToDecide(step.key.clone()));
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
        findings.push(Defect::TooLarge);
        return;
    }
    let begun = std::mem::take(&mut search.begun);
    // One witness for each set of waiting steps is enough.
    findings.extend(search.found.into_values());
    for (step, begun) in def.steps.iter().zip(begun) {
        if !begun {
            findings.push(Defect::Unreachable(step.key.clone()));
        }
    }
}

struct Search<'a> {
    def: &'a WorkflowDef,
    net: &'a Net,
    begun: Vec<bool>,
    found: BTreeMap<Vec<usize>, Defect>,
    states: usize,
}

/// Which connections (from, to) hold a token, and which decisions led here.
#[derive(Clone)]
struct Run {
    tokens: BTreeSet<(Option<usize>, usize)>,
    done: BTreeSet<usize>,
    decisions: Vec<(usize, usize)>,
}

impl Search<'_> {
    fn run(&mut self, after: &[Vec<usize>]) -> Option<()> {
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
                let twice = Defect::DoneTwice {
                    decisions: self.named(&run.decisions),
                    step: self.def.steps[step].key.clone(),
                };
                self.found.entry(vec![step, step]).or_insert(twice);
                continue;
            }
            self.take(&mut run, step, after);
            let followers: Vec<usize> = (0..after.len())
                .filter(|other| after[*other].contains(&step))
                .collect();
            let branches: Vec<Vec<usize>> = match self.def.steps[step].split {
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

    fn next_ready(&self, run: &Run, after: &[Vec<usize>]) -> Option<usize> {
        (0..after.len()).find(|step| {
            let has = |from: Option<usize>| run.tokens.contains(&(from, *step));
            if after[*step].is_empty() {
                has(None)
            } else if self.net.any[*step] {
                after[*step].iter().any(|from| has(Some(*from)))
            } else {
                after[*step].iter().all(|from| has(Some(*from)))
            }
        })
    }

    fn take(&self, run: &mut Run, step: usize, after: &[Vec<usize>]) {
        run.tokens.remove(&(None, step));
        for from in &after[step] {
            if run.tokens.remove(&(Some(*from), step)) && self.net.any[step] {
                break;
            }
        }
    }

    fn ended(&mut self, run: &Run) {
        let waiting: BTreeSet<usize> = run.tokens.iter().map(|(_, step)| *step).collect();
        if waiting.is_empty() {
            return;
        }
        let waiting: Vec<usize> = waiting.into_iter().collect();
        let keys = waiting
            .iter()
            .map(|step| self.def.steps[*step].key.clone())
            .collect();
        let stuck = Defect::Stuck {
            decisions: self.named(&run.decisions),
            waiting: keys,
        };
        self.found.entry(waiting).or_insert(stuck);
    }

    fn named(&self, decisions: &[(usize, usize)]) -> Vec<(Key, Key)> {
        let key = |step: usize| TaskDef::key(&self.def.steps[step]);
        decisions
            .iter()
            .map(|(from, to)| (key(*from), key(*to)))
            .collect()
    }
}

impl TaskDef {
    fn key(&self) -> Key {
        self.key.clone()
    }
}
