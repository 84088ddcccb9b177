//! A flow network in whole units: routes what some nodes have too much of to those that lack it.

use super::real::{at, id};

const UNSEEN: u32 = u32::MAX;

/// Directed arcs with room for whole units, and what every node has too much (or, below zero, too little) of.
///
/// Arcs are numbered in the order of their tails, so that the arcs out of a node are a range.
#[derive(Debug, Clone)]
pub(super) struct Network {
    starts: Vec<u32>,
    tail: Vec<u32>,
    head: Vec<u32>,
    into_starts: Vec<u32>,
    into: Vec<u32>,
    pub(super) room: Vec<i64>,
    pub(super) flow: Vec<i64>,
    /// Wide, since what several arcs must at least carry may be more than any arc can.
    pub(super) excess: Vec<i128>,
}

/// A step along an arc, with it or against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    With(usize),
    Against(usize),
}

impl Network {
    /// Builds the network from arcs (tail, head, room) whose tails rise.
    pub(super) fn new(nodes: usize, arcs: impl IntoIterator<Item = (u32, u32, i64)>) -> Self {
        let arcs = arcs.into_iter();
        let mut starts = vec![0_u32; nodes + 1];
        let mut into_starts = vec![0_u32; nodes + 1];
        let (mut tail, mut head, mut room) = (Vec::new(), Vec::new(), Vec::new());
        tail.reserve(arcs.size_hint().0);
        head.reserve(arcs.size_hint().0);
        room.reserve(arcs.size_hint().0);
        for (from, to, units) in arcs {
            starts[at(from) + 1] += 1;
            into_starts[at(to) + 1] += 1;
            tail.push(from);
            head.push(to);
            room.push(units);
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
            into_starts[node + 1] += into_starts[node];
        }
        let mut next = into_starts.clone();
        let mut into = vec![0_u32; head.len()];
        for (arc, to) in head.iter().enumerate() {
            into[at(next[at(*to)])] = id(arc);
            next[at(*to)] += 1;
        }
        Self {
            flow: vec![0; head.len()],
            excess: vec![0; nodes],
            starts,
            tail,
            head,
            into_starts,
            into,
            room,
        }
    }

    pub(super) fn nodes(&self) -> usize {
        self.excess.len()
    }

    pub(super) fn tail(&self, arc: usize) -> usize {
        at(self.tail[arc])
    }

    pub(super) fn head(&self, arc: usize) -> usize {
        at(self.head[arc])
    }

    /// The arcs out of a node.
    pub(super) fn out(&self, node: usize) -> std::ops::Range<usize> {
        at(self.starts[node])..at(self.starts[node + 1])
    }

    /// The arcs into a node.
    pub(super) fn arcs_into(&self, node: usize) -> &[u32] {
        &self.into[at(self.into_starts[node])..at(self.into_starts[node + 1])]
    }

    /// Moves units along an arc, and the excess with them.
    pub(super) fn push(&mut self, arc: usize, units: i64) {
        self.flow[arc] += units;
        let (tail, head) = (self.tail(arc), self.head(arc));
        self.excess[tail] -= i128::from(units);
        self.excess[head] += i128::from(units);
    }

    /// Where a step leads, and how many units can still take it.
    fn along(&self, step: Step) -> (usize, i64) {
        match step {
            Step::With(arc) => (
                self.head(arc),
                self.room[arc].saturating_sub(self.flow[arc]),
            ),
            Step::Against(arc) => (self.tail(arc), self.flow[arc]),
        }
    }

    pub(super) fn take(&mut self, step: Step, units: i64) {
        match step {
            Step::With(arc) => self.flow[arc] += units,
            Step::Against(arc) => self.flow[arc] -= units,
        }
    }

    fn steps(&self, node: usize) -> impl Iterator<Item = Step> + '_ {
        let with = self.out(node).map(Step::With);
        let against = self
            .arcs_into(node)
            .iter()
            .map(|arc| Step::Against(at(*arc)));
        with.chain(against)
    }

    /// The step of this rank at a node: first the arcs out of it, then the arcs into it.
    fn step(&self, node: usize, rank: usize) -> Option<Step> {
        let out = self.out(node);
        if rank < out.len() {
            return Some(Step::With(out.start + rank));
        }
        self.arcs_into(node)
            .get(rank - out.len())
            .map(|arc| Step::Against(at(*arc)))
    }

    /// Routes as much excess as possible to where it lacks, and returns what could not be routed.
    ///
    /// Shortest paths first, all of one length together (Dinitz 1970).
    pub(super) fn route(&mut self) -> i128 {
        while let Some((levels, last)) = self.levels() {
            let mut rank = vec![0_usize; self.nodes()];
            for source in 0..self.nodes() {
                while self.excess[source] > 0 && levels[source] == 0 {
                    if !self.advance(source, last, &levels, &mut rank) {
                        break;
                    }
                }
            }
        }
        self.excess.iter().filter(|excess| **excess > 0).sum()
    }

    /// The distance of each node from those with excess, and the distance of the nearest that lacks.
    fn levels(&self) -> Option<(Vec<u32>, u32)> {
        let mut levels = vec![UNSEEN; self.nodes()];
        let mut queue: Vec<usize> = (0..self.nodes())
            .filter(|node| self.excess[*node] > 0)
            .collect();
        for source in &queue {
            levels[*source] = 0;
        }
        let mut last = None;
        let mut next = 0;
        while let Some(node) = queue.get(next).copied() {
            next += 1;
            if last.is_some_and(|last| levels[node] >= last) {
                break;
            }
            for step in self.steps(node) {
                let (to, units) = self.along(step);
                if units > 0 && levels[to] == UNSEEN {
                    levels[to] = levels[node] + 1;
                    if self.excess[to] < 0 {
                        last = Some(levels[to]);
                    }
                    queue.push(to);
                }
            }
        }
        last.map(|last| (levels, last))
    }

    /// Sends one path's worth of units from `source`, or says that no path of this length is left.
    fn advance(&mut self, source: usize, last: u32, levels: &[u32], rank: &mut [usize]) -> bool {
        let mut path: Vec<Step> = Vec::new();
        let mut node = source;
        loop {
            if levels[node] == last && self.excess[node] < 0 {
                let wanted = self.excess[source].min(-self.excess[node]);
                let mut units = i64::try_from(wanted).unwrap_or(i64::MAX);
                for step in &path {
                    units = units.min(self.along(*step).1);
                }
                for step in &path {
                    self.take(*step, units);
                }
                self.excess[source] -= i128::from(units);
                self.excess[node] += i128::from(units);
                return true;
            }
            let found = loop {
                if levels[node] >= last {
                    break None;
                }
                let Some(step) = self.step(node, rank[node]) else {
                    break None;
                };
                let (to, units) = self.along(step);
                if units > 0 && levels[to] == levels[node] + 1 {
                    break Some((step, to));
                }
                rank[node] += 1;
            };
            if let Some((step, to)) = found {
                path.push(step);
                node = to;
            } else if let Some(step) = path.pop() {
                node = match step {
                    Step::With(arc) => self.tail(arc),
                    Step::Against(arc) => self.head(arc),
                };
                rank[node] += 1;
            } else {
                return false;
            }
        }
    }

    /// Which nodes can still be reached from those with excess.
    pub(super) fn reached(&self) -> Vec<bool> {
        let mut seen: Vec<bool> = self.excess.iter().map(|excess| *excess > 0).collect();
        let mut stack: Vec<usize> = (0..self.nodes()).filter(|node| seen[*node]).collect();
        while let Some(node) = stack.pop() {
            for step in self.steps(node) {
                let (to, units) = self.along(step);
                if units > 0 && !seen[to] {
                    seen[to] = true;
                    stack.push(to);
                }
            }
        }
        seen
    }

    /// Numbers the nodes by strongly connected component of the steps that can still be taken (Tarjan 1972).
    ///
    /// Only between nodes of one component can a routed amount still change.
    pub(super) fn components(&self) -> Vec<u32> {
        let count = self.nodes();
        let mut component = vec![UNSEEN; count];
        let mut order = vec![UNSEEN; count];
        let mut low = vec![UNSEEN; count];
        let (mut open, mut calls) = (Vec::new(), Vec::new());
        let (mut next, mut components) = (0_u32, 0_u32);
        for root in 0..count {
            if order[root] != UNSEEN {
                continue;
            }
            calls.push((root, 0_usize));
            while let Some((node, rank)) = calls.pop() {
                if rank == 0 {
                    order[node] = next;
                    low[node] = next;
                    next += 1;
                    open.push(node);
                }
                if let Some(step) = self.step(node, rank) {
                    calls.push((node, rank + 1));
                    let (to, units) = self.along(step);
                    if units > 0 && component[to] == UNSEEN {
                        if order[to] == UNSEEN {
                            calls.push((to, 0));
                        } else {
                            low[node] = low[node].min(order[to]);
                        }
                    }
                    continue;
                }
                if low[node] == order[node] {
                    while let Some(member) = open.pop() {
                        component[member] = components;
                        if member == node {
                            break;
                        }
                    }
                    components += 1;
                }
                if let Some((parent, _)) = calls.last() {
                    low[*parent] = low[*parent].min(low[node]);
                }
            }
        }
        component
    }

    /// Which arcs lie on no cycle, seen without direction, of arcs inside one component that can be stepped at all (Tarjan
    /// 1974). Of the arcs inside a component, whose steps lead from anywhere to anywhere, just these cannot change.
    pub(super) fn bridges(&self, component: &[u32]) -> Vec<bool> {
        let count = self.nodes();
        let inside = |arc: usize| {
            self.room[arc] > 0 && component[self.tail(arc)] == component[self.head(arc)]
        };
        let mut bridges = vec![false; self.flow.len()];
        let mut order = vec![UNSEEN; count];
        let mut low = vec![UNSEEN; count];
        let mut calls: Vec<(usize, usize, Option<usize>)> = Vec::new();
        let mut next = 0_u32;
        for root in 0..count {
            if order[root] != UNSEEN {
                continue;
            }
            (order[root], low[root]) = (next, next);
            next += 1;
            calls.push((root, 0, None));
            while let Some((node, rank, by)) = calls.pop() {
                let Some(step) = self.step(node, rank) else {
                    if let (Some(by), Some((parent, ..))) = (by, calls.last()) {
                        low[*parent] = low[*parent].min(low[node]);
                        bridges[by] = low[node] > order[*parent];
                    }
                    continue;
                };
                calls.push((node, rank + 1, by));
                let (arc, to) = match step {
                    Step::With(arc) => (arc, self.head(arc)),
                    Step::Against(arc) => (arc, self.tail(arc)),
                };
                if !inside(arc) || by == Some(arc) {
                    continue;
                }
                if order[to] == UNSEEN {
                    (order[to], low[to]) = (next, next);
                    next += 1;
                    calls.push((to, 0, Some(arc)));
                } else {
                    low[node] = low[node].min(order[to]);
                }
            }
        }
        bridges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greedy_first_choice_is_taken_back() {
        // 0 can serve 2 and 3, 1 only 2: the first choice of 0 has to move.
        let mut network = Network::new(4, [(0, 2, 1), (0, 3, 1), (1, 2, 1)]);
        network.excess = vec![1, 1, -1, -1];
        assert_eq!(network.route(), 0);
        assert_eq!(network.flow, [0, 1, 1]);
    }

    #[test]
    fn what_cannot_be_routed_is_counted_and_its_reach_is_the_cut() {
        let mut network = Network::new(4, [(0, 2, 9), (1, 2, 9), (1, 3, 9)]);
        network.excess = vec![5, 1, -3, -3];
        assert_eq!(network.route(), 2);
        assert_eq!(network.reached(), [true, false, true, false]);
    }

    #[test]
    fn components_are_the_cycles_of_steps_left() {
        // 0 -> 2, 0 -> 3, 1 -> 3 all in use below their room, so flow could shift only along a cycle: there is none,
        // but each used arc can be stepped both ways.
        let mut network = Network::new(4, [(0, 2, 9), (0, 3, 9), (1, 3, 9)]);
        network.excess = vec![4, 2, -3, -3];
        assert_eq!(network.route(), 0);
        let part = network.components();
        assert!(part.iter().all(|found| *found == part[0]));
        // A full arc can be stepped one way only.
        let mut full = Network::new(2, [(0, 1, 2)]);
        full.excess = vec![2, -2];
        full.route();
        let part = full.components();
        assert_ne!(part[0], part[1]);
    }

    #[test]
    fn an_arc_without_room_closes_no_cycle() {
        // Three arcs in use below their room are a tree; a fourth would make a cycle of them, but nothing can flow there.
        let mut network = Network::new(4, [(0, 2, 9), (0, 3, 9), (1, 2, 0), (1, 3, 9)]);
        network.excess = vec![4, 2, -3, -3];
        assert_eq!(network.route(), 0);
        let part = network.components();
        assert!(part.iter().all(|found| *found == part[0]));
        assert_eq!(network.bridges(&part), [true, true, false, true]);
    }
}
