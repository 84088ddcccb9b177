//! Every way through a workflow, to find one on which steps wait for ever, are done twice, or never begin.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::key::Key;
use crate::limits::{Limits, Size};
use crate::process::defect::Defect;
use crate::process::definition::{Split, TaskDef, WorkflowDef};
use crate::process::net::Net;

/// What a state takes while the search lasts, in bytes.
const STATE_BYTES: u128 = 256;

/// Follows every combination of decisions to its end.
///
/// Apart from decisions nothing competes for a token: a step that is ready stays ready until it is done, so the order in
/// which ready steps are done does not change where a run ends, and one order for each combination is enough. What was done
/// matters only as far as it can be done again: decisions that are behind do not multiply those ahead.
pub(super) fn check_ways(
    def: &WorkflowDef,
    after: &[Vec<usize>],
    net: &Net,
    limits: Limits,
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
    let mut search = Search::new(def, after, net);
    if search.run(limits).is_none() {
        findings.push(Defect::TooLarge);
        return;
    }
    let begun = search.begun;
    // One witness for each set of waiting steps is enough.
    findings.extend(search.found.into_values());
    for (place, step) in def.steps.iter().enumerate() {
        if begun >> place & 1 == 0 {
            findings.push(Defect::Unreachable(step.key.clone()));
        }
    }
}

/// A set of steps, one bit each: a net has no more places than there are bits, and no step without a place.
type Steps = u128;
/// Which connections hold a token, one bit each.
type Tokens = Box<[u64]>;

/// A step that waits for another, or for nothing.
struct Connection {
    to: usize,
    /// The step and all that can come after it.
    ahead: Steps,
}

struct Search<'a> {
    def: &'a WorkflowDef,
    net: &'a Net,
    connections: Vec<Connection>,
    /// For each step the connections into it, in the order in which it names what it waits for.
    into: Vec<Vec<usize>>,
    /// For each step the connections out of it.
    out: Vec<Vec<usize>>,
    begun: Steps,
    found: BTreeMap<Vec<usize>, Defect>,
}

/// A decision, after others.
struct Decision {
    from: usize,
    to: usize,
    before: Option<Rc<Self>>,
}

/// Where a run has come to, and which decisions led here.
#[derive(Clone)]
struct Run {
    tokens: Tokens,
    done: Steps,
    decisions: Option<Rc<Decision>>,
}

fn has(tokens: &Tokens, connection: usize) -> bool {
    tokens[connection / 64] >> (connection % 64) & 1 == 1
}

fn put(tokens: &mut Tokens, connection: usize) {
    tokens[connection / 64] |= 1 << (connection % 64);
}

fn take(tokens: &mut Tokens, connection: usize) {
    tokens[connection / 64] &= !(1 << (connection % 64));
}

fn all(tokens: &Tokens) -> impl Iterator<Item = usize> + '_ {
    tokens.iter().enumerate().flat_map(|(place, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            let bit = left.trailing_zeros();
            left &= left.checked_sub(1)?;
            Some(place * 64 + bit as usize)
        })
    })
}

impl<'a> Search<'a> {
    fn new(def: &'a WorkflowDef, after: &[Vec<usize>], net: &'a Net) -> Self {
        let steps = after.len();
        let mut ahead: Vec<Steps> = (0..steps).map(|step| 1 << step).collect();
        // Nothing waits for itself, so going over all steps as often as there are some reaches every end.
        for _ in 0..steps {
            for (step, before) in after.iter().enumerate() {
                for from in before {
                    ahead[*from] |= ahead[step];
                }
            }
        }
        let mut search = Self {
            def,
            net,
            connections: Vec::new(),
            into: vec![Vec::new(); steps],
            out: vec![Vec::new(); steps],
            begun: 0,
            found: BTreeMap::new(),
        };
        for (to, before) in after.iter().enumerate() {
            let sources = before.iter().copied().map(Some);
            let start = before.is_empty().then_some(None);
            for from in sources.chain(start) {
                let place = search.connections.len();
                let ahead = ahead[to];
                search.connections.push(Connection { to, ahead });
                search.into[to].push(place);
                if let Some(from) = from {
                    search.out[from].push(place);
                }
            }
        }
        search
    }

    fn run(&mut self, limits: Limits) -> Option<()> {
        let mut tokens: Tokens = vec![0; self.connections.len().div_ceil(64)].into();
        for (step, into) in self.into.iter().enumerate() {
            if self.def.steps[step].after.is_empty() {
                for start in into {
                    put(&mut tokens, *start);
                }
            }
        }
        let mut open = vec![Run {
            tokens,
            done: 0,
            decisions: None,
        }];
        let mut seen = BTreeSet::new();
        let mut states = 0_u128;
        while let Some(mut run) = open.pop() {
            states += 1;
            limits.check(Size::Steps, states).ok()?;
            limits.check(Size::Bytes, states * STATE_BYTES).ok()?;
            let Some(step) = self.next_ready(&run.tokens) else {
                self.ended(&run);
                continue;
            };
            self.begun |= 1 << step;
            if run.done >> step & 1 == 1 {
                let twice = Defect::DoneTwice {
                    decisions: self.named(run.decisions.as_deref()),
                    step: self.def.steps[step].key.clone(),
                };
                self.found.entry(vec![step, step]).or_insert(twice);
                continue;
            }
            run.done |= 1 << step;
            for from in &self.into[step] {
                if has(&run.tokens, *from) {
                    take(&mut run.tokens, *from);
                    if self.net.any[step] {
                        break;
                    }
                }
            }
            let out = &self.out[step];
            let decides = self.def.steps[step].split == Split::One && out.len() > 1;
            let branches = if decides {
                out.chunks(1)
            } else {
                out.chunks(out.len().max(1))
            };
            let branches = branches.rev().map(<[usize]>::to_vec);
            // A step that nothing waits for goes on with one branch of nothing.
            let none = out.is_empty().then(Vec::new);
            for branch in branches.chain(none).collect::<Vec<_>>() {
                let mut next = run.clone();
                if decides {
                    next.decisions = Some(Rc::new(Decision {
                        from: step,
                        to: self.connections[branch[0]].to,
                        before: run.decisions.clone(),
                    }));
                }
                for follower in branch {
                    put(&mut next.tokens, follower);
                }
                let ahead =
                    all(&next.tokens).fold(0, |ahead, at| ahead | self.connections[at].ahead);
                if seen.insert((next.tokens.clone(), next.done & ahead)) {
                    open.push(next);
                }
            }
        }
        Some(())
    }

    fn next_ready(&self, tokens: &Tokens) -> Option<usize> {
        let mut waiting: Steps = 0;
        for place in all(tokens) {
            waiting |= 1 << self.connections[place].to;
        }
        (0..self.into.len())
            .filter(|step| waiting >> step & 1 == 1)
            .find(|step| {
                self.net.any[*step] || self.into[*step].iter().all(|from| has(tokens, *from))
            })
    }

    fn ended(&mut self, run: &Run) {
        let waiting: BTreeSet<usize> = all(&run.tokens)
            .map(|place| self.connections[place].to)
            .collect();
        if waiting.is_empty() {
            return;
        }
        let waiting: Vec<usize> = waiting.into_iter().collect();
        let keys = waiting
            .iter()
            .map(|step| self.def.steps[*step].key.clone())
            .collect();
        let stuck = Defect::Stuck {
            decisions: self.named(run.decisions.as_deref()),
            waiting: keys,
        };
        self.found.entry(waiting).or_insert(stuck);
    }

    fn named(&self, last: Option<&Decision>) -> Vec<(Key, Key)> {
        let key = |step: usize| TaskDef::key(&self.def.steps[step]);
        let all = std::iter::successors(last, |decision| decision.before.as_deref());
        let mut named: Vec<_> = all.map(|each| (key(each.from), key(each.to))).collect();
        named.reverse();
        named
    }
}

impl TaskDef {
    fn key(&self) -> Key {
        self.key.clone()
    }
}
