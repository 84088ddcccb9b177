//! A flow of least cost where every arc has room for one unit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::network::{Network, Step};
use super::real::{at, id};

/// Meets all excess at least cost and returns what cannot be met.
///
/// Every node has a price. A flow that uses exactly the arcs whose cost is below the difference of the prices at their
/// ends is a flow of least cost for the excess it leaves (complementary slackness). So: prices first, each such that its
/// node balances while the others stay; then the flow that they imply; then, one unit at a time along a cheapest path,
/// the excess that is left, with prices kept in step (successive shortest paths; Edmonds and Karp 1972, Tomizawa 1971).
/// The flow that comes out is optimal because its prices prove it.
pub(super) fn least_change(network: &mut Network, costs: &[i64]) -> i64 {
    let mut search = Search::new(network.nodes());
    search.set_prices(network, costs);
    for (arc, cost) in costs.iter().enumerate() {
        if search.reduced(network, *cost, arc) < 0 {
            network.push(arc, network.room[arc]);
        }
    }
    while search.route_one(network, costs) {}
    network.excess.iter().filter(|units| **units > 0).sum()
}

/// How many times the prices of all nodes are set before the search.
const PRICE_ROUNDS: usize = 4;

struct Search {
    /// An arc costs its cost plus the price of its tail less that of its head.
    price: Vec<i64>,
    distance: Vec<i64>,
    by: Vec<Step>,
    touched: Vec<usize>,
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    sources: Vec<usize>,
}

impl Search {
    fn new(nodes: usize) -> Self {
        Self {
            price: vec![0; nodes],
            distance: vec![i64::MAX; nodes],
            by: vec![Step::With(0); nodes],
            touched: Vec::new(),
            heap: BinaryHeap::new(),
            sources: Vec::new(),
        }
    }

    fn reduced(&self, network: &Network, cost: i64, arc: usize) -> i64 {
        cost + self.price[network.tail(arc)] - self.price[network.head(arc)]
    }

    /// Gives each node in turn the price at which it balances.
    ///
    /// As its price rises, a node stops using one arc out of it after the other and starts to use those into it, each at
    /// its own threshold and each time with one unit more of excess. From none below the price to all of them, the excess
    /// goes up by one at every threshold, so the thresholds below the right price are counted.
    fn set_prices(&mut self, network: &Network, costs: &[i64]) {
        let mut thresholds: Vec<i64> = Vec::new();
        for _ in 0..PRICE_ROUNDS {
            for node in 0..network.nodes() {
                thresholds.clear();
                let out = network.out(node);
                let arcs_out = out.len();
                thresholds.extend(out.map(|arc| self.price[network.head(arc)] - costs[arc]));
                let into = network.arcs_into(node).iter().map(|arc| at(*arc));
                thresholds.extend(into.map(|arc| self.price[network.tail(arc)] + costs[arc]));
                let below = i64::from(id(arcs_out)) - network.excess[node];
                if let Some(price) = between(&mut thresholds, below) {
                    self.price[node] = price;
                }
            }
        }
    }

    /// Sends one unit from a node with excess to the nearest that lacks.
    fn route_one(&mut self, network: &mut Network, costs: &[i64]) -> bool {
        self.sources.clear();
        self.sources
            .extend((0..network.nodes()).filter(|node| network.excess[*node] > 0));
        if self.sources.is_empty() {
            return false;
        }
        for node in self.touched.drain(..) {
            self.distance[node] = i64::MAX;
        }
        self.heap.clear();
        for source in &self.sources {
            self.distance[*source] = 0;
            self.touched.push(*source);
            self.heap.push(Reverse((0, id(*source))));
        }
        while let Some(Reverse((distance, node))) = self.heap.pop() {
            let node = at(node);
            if distance > self.distance[node] {
                continue;
            }
            if network.excess[node] < 0 {
                self.finish(network, node, distance);
                return true;
            }
            for arc in network.out(node) {
                if network.flow[arc] < network.room[arc] {
                    let length = costs[arc] + self.price[node] - self.price[network.head(arc)];
                    self.reach(network.head(arc), distance + length, Step::With(arc));
                }
            }
            for arc in network.arcs_into(node) {
                let arc = at(*arc);
                if network.flow[arc] > 0 {
                    let length = self.price[node] - costs[arc] - self.price[network.tail(arc)];
                    self.reach(network.tail(arc), distance + length, Step::Against(arc));
                }
            }
        }
        false
    }

    fn reach(&mut self, node: usize, distance: i64, step: Step) {
        if distance < self.distance[node] {
            if self.distance[node] == i64::MAX {
                self.touched.push(node);
            }
            self.distance[node] = distance;
            self.by[node] = step;
            self.heap.push(Reverse((distance, id(node))));
        }
    }

    /// Takes the path that ends at `node`, and moves the prices of all nodes nearer than it.
    fn finish(&mut self, network: &mut Network, node: usize, distance: i64) {
        for near in &self.touched {
            if self.distance[*near] < distance {
                self.price[*near] += self.distance[*near] - distance;
            }
        }
        network.excess[node] += 1;
        let mut here = node;
        // Only nodes with excess start a path, and none of them is passed on the way.
        while network.excess[here] <= 0 {
            let step = self.by[here];
            network.take(step, 1);
            here = match step {
                Step::With(arc) => network.tail(arc),
                Step::Against(arc) => network.head(arc),
            };
        }
        network.excess[here] -= 1;
    }
}

/// A value with exactly `count` of the values below it (or all, or none, where there are not so many), in the middle
/// between its neighbours.
fn between(values: &mut [i64], count: i64) -> Option<i64> {
    let smallest = values.iter().min().copied()?;
    let count = usize::try_from(count).unwrap_or(0);
    if count == 0 {
        return Some(smallest);
    }
    if count >= values.len() {
        return values.iter().max().map(|largest| largest + 1);
    }
    let (below, next, _) = values.select_nth_unstable(count);
    let last = below.iter().max().copied().unwrap_or(*next);
    Some(last + (*next - last + 1) / 2)
}
