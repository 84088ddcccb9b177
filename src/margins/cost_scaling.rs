//! A flow of least cost by cost scaling, for many costs that are nearly equal.

use std::collections::VecDeque;

use super::network::{Network, Step};
use super::real::{at, id};

/// The most nodes for which costs times nodes stay inside 64 bits.
const MOST_NODES: usize = 1 << 14;
/// By how much the error shrinks from one stage to the next, in bits.
const STAGE_BITS: u32 = 4;
/// The error that the first stage begins below, in bits: prices are near already.
const FIRST_ERROR_BITS: u32 = 26;

/// Meets all excess at least cost, or says that it cannot here and leaves the network as it was. What flows already costs
/// least for its excess under the prices.
///
/// Prices may be off by an error that shrinks from stage to stage; within a stage, units go from nodes that have too much
/// along arcs that cost less than nothing, and a node without such an arc lowers its price (Goldberg and Tarjan 1990). Costs
/// are multiplied by more than there are nodes, so that prices that are off by less than one prove the flow the cheapest.
pub(super) fn cost_scaling(network: &mut Network, costs: &[i64], prices: &[i64]) -> bool {
    let nodes = network.nodes();
    if nodes > MOST_NODES || network.room.iter().any(|room| *room != 1) {
        return false;
    }
    if network.clone().route() > 0 {
        return false;
    }
    let factor = i64::from(id(nodes)) + 1;
    let mut stages = Stages::new(network.clone(), costs, factor);
    for (price, known) in stages.price.iter_mut().zip(prices) {
        *price = known.saturating_mul(factor);
    }
    let mut error = factor << FIRST_ERROR_BITS;
    loop {
        error = (error >> STAGE_BITS).max(1);
        stages.refine(error);
        if error == 1 {
            break;
        }
    }
    network.flow = stages.network.flow;
    network.excess = stages.network.excess;
    true
}

/// The residual steps of each node, side by side, with where they lead and what they cost.
struct Stages {
    network: Network,
    starts: Vec<u32>,
    steps: Vec<Residual>,
    next: Vec<u32>,
    price: Vec<i64>,
}

#[derive(Clone, Copy)]
struct Residual {
    cost: i64,
    arc: u32,
    to: u32,
    with: bool,
}

impl Stages {
    fn new(network: Network, costs: &[i64], factor: i64) -> Self {
        let nodes = network.nodes();
        let mut starts = Vec::with_capacity(nodes + 1);
        let mut steps = Vec::with_capacity(2 * costs.len());
        for node in 0..nodes {
            starts.push(id(steps.len()));
            for arc in network.out(node) {
                steps.push(Residual {
                    cost: costs[arc] * factor,
                    arc: id(arc),
                    to: id(network.head(arc)),
                    with: true,
                });
            }
            for arc in network.arcs_into(node) {
                steps.push(Residual {
                    cost: -costs[at(*arc)] * factor,
                    arc: *arc,
                    to: id(network.tail(at(*arc))),
                    with: false,
                });
            }
        }
        starts.push(id(steps.len()));
        Self {
            price: vec![0; nodes],
            next: vec![0; nodes],
            network,
            starts,
            steps,
        }
    }

    fn is_open(&self, step: &Residual) -> bool {
        (self.network.flow[at(step.arc)] == 0) == step.with
    }

    fn take(&mut self, node: usize, step: Residual) {
        let arc = at(step.arc);
        let step = if step.with {
            Step::With(arc)
        } else {
            Step::Against(arc)
        };
        let to = match step {
            Step::With(arc) => self.network.head(arc),
            Step::Against(arc) => self.network.tail(arc),
        };
        self.network.take(step, 1);
        self.network.excess[node] -= 1;
        self.network.excess[to] += 1;
    }

    /// Makes the flow the cheapest but for this error.
    fn refine(&mut self, error: i64) {
        for node in 0..self.price.len() {
            for place in at(self.starts[node])..at(self.starts[node + 1]) {
                let step = self.steps[place];
                let reduced = step.cost + self.price[node] - self.price[at(step.to)];
                if reduced < 0 && self.is_open(&step) {
                    self.take(node, step);
                }
            }
        }
        self.next.copy_from_slice(&self.starts[..self.price.len()]);
        let having = |node: &usize| self.network.excess[*node] > 0;
        let mut active: VecDeque<usize> = (0..self.price.len()).filter(having).collect();
        let mut relabels = 0_usize;
        while let Some(node) = active.pop_front() {
            while self.network.excess[node] > 0 {
                let end = self.starts[node + 1];
                let price = self.price[node];
                let mut place = self.next[node];
                while place < end {
                    let step = self.steps[at(place)];
                    if step.cost + price < self.price[at(step.to)] && self.is_open(&step) {
                        break;
                    }
                    place += 1;
                }
                self.next[node] = place;
                if place < end {
                    let step = self.steps[at(place)];
                    let to = at(step.to);
                    self.take(node, step);
                    if self.network.excess[to] == 1 {
                        active.push_back(to);
                    }
                    continue;
                }
                self.relabel(node, error);
                relabels += 1;
                if relabels == self.price.len() {
                    relabels = 0;
                    self.update(error);
                }
            }
        }
    }

    /// Lowers the price of a node until one of its arcs costs less than nothing, and by the error more.
    fn relabel(&mut self, node: usize, error: i64) {
        let own = at(self.starts[node])..at(self.starts[node + 1]);
        let open = self.steps[own].iter().filter(|step| self.is_open(step));
        let best = open.map(|step| self.price[at(step.to)] - step.cost).max();
        self.price[node] = best.unwrap_or(self.price[node]) - error;
        self.next[node] = self.starts[node];
    }

    /// Lowers all prices at once by how far their nodes are from those that lack, in errors.
    fn update(&mut self, error: i64) {
        let nodes = self.price.len();
        let far = i64::from(id(nodes)) * 8;
        let mut distance = vec![i64::MAX; nodes];
        let mut heap = std::collections::BinaryHeap::new();
        for (node, distance) in distance.iter_mut().enumerate() {
            if self.network.excess[node] < 0 {
                *distance = 0;
                heap.push(std::cmp::Reverse((0_i64, id(node))));
            }
        }
        let mut waiting = (0..nodes)
            .filter(|node| self.network.excess[*node] > 0)
            .count();
        let mut last = 0;
        while let Some(std::cmp::Reverse((here, node))) = heap.pop() {
            let node = at(node);
            if here > distance[node] {
                continue;
            }
            last = here;
            if self.network.excess[node] > 0 {
                waiting -= 1;
                if waiting == 0 {
                    break;
                }
            }
            for place in at(self.starts[node])..at(self.starts[node + 1]) {
                // The step back is the arc into this node.
                let step = self.steps[place];
                let from = at(step.to);
                let open = (self.network.flow[at(step.arc)] == 0) != step.with;
                if !open || distance[from] <= here {
                    continue;
                }
                let reduced = self.price[from] - step.cost - self.price[node];
                let length = if reduced < 0 {
                    0
                } else {
                    (reduced / error + 1).min(far)
                };
                if here + length < distance[from] {
                    distance[from] = here + length;
                    heap.push(std::cmp::Reverse((here + length, id(from))));
                }
            }
        }
        for (node, distance) in distance.into_iter().enumerate() {
            let steps = distance.min(last);
            self.price[node] -= steps * error;
            self.next[node] = self.starts[node];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The least cost, by trying every choice of arcs.
    fn least(network: &Network, costs: &[i64]) -> Option<i64> {
        let mut best = None;
        for choice in 0..1_u32 << costs.len() {
            let mut tried = network.clone();
            let mut cost = 0;
            for (arc, own) in costs.iter().enumerate() {
                if choice >> arc & 1 == 1 {
                    tried.push(arc, 1);
                    cost += own;
                }
            }
            if tried.excess.iter().all(|excess| *excess == 0) {
                best = Some(best.map_or(cost, |best: i64| best.min(cost)));
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_choice_of_arcs_costs_less(
            arcs in prop::collection::vec((0_u32..3, 3_u32..6, -9_i64..9, any::<bool>()), 1..11),
        ) {
            let mut arcs = arcs;
            arcs.sort_unstable();
            arcs.dedup_by_key(|(tail, head, ..)| (*tail, *head));
            let mut network = Network::new(6, arcs.iter().map(|(tail, head, ..)| (*tail, *head, 1)));
            // Some choice meets all excess.
            for (tail, head, _, used) in &arcs {
                network.excess[at(*tail)] += i64::from(*used);
                network.excess[at(*head)] -= i64::from(*used);
            }
            let costs: Vec<i64> = arcs.iter().map(|(_, _, cost, _)| cost << 28).collect();
            let best = least(&network, &costs);
            // The flow has to cost least under the prices that it starts from.
            let mut scaled = network.clone();
            for (arc, cost) in costs.iter().enumerate() {
                if *cost < 0 {
                    scaled.push(arc, 1);
                }
            }
            prop_assert!(cost_scaling(&mut scaled, &costs, &[0; 6]));
            let cost: i64 = costs.iter().zip(&scaled.flow).map(|(cost, flow)| cost * flow).sum();
            prop_assert_eq!(Some(cost), best);
        }
    }
}
