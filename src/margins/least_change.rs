//! A flow of least cost where every arc has room for one unit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::cost_scaling::cost_scaling;
use super::network::{Network, Step};
use super::real::{at, id};

/// Meets all excess at least cost and returns what cannot be met.
///
/// Every node has a price. A flow that uses exactly the arcs whose cost is below the difference of the prices at their
/// ends is a flow of least cost for the excess it leaves (complementary slackness). So: prices first, each such that its
/// node balances while the others stay; then the flow that they imply; then, one unit at a time along a cheapest path,
/// the excess that is left, with prices kept in step (successive shortest paths; Edmonds and Karp 1972, Tomizawa 1971).
/// Where a path costs nothing beyond the prices, there are ties, and all that can go along such paths goes at once, as a
/// largest flow through them (the primal-dual method of Ford and Fulkerson, 1957). The flow that comes out is optimal because
/// its prices prove it.
pub(super) fn least_change(network: &mut Network, costs: &[i64]) -> i64 {
    let mut search = Search::new(network.nodes());
    search.set_prices(network, costs);
    for (arc, cost) in costs.iter().enumerate() {
        if search.reduced(network, *cost, arc) < 0 {
            network.push(arc, network.room[arc]);
        }
    }
    let mut ties = Ties::default();
    let patience = PATIENCE.max(costs.len().saturating_mul(PATIENCE_BY_ARC));
    let mut is_patient = true;
    while let Some(distance) = search.route_one(network, costs) {
        if distance == 0 {
            ties.route(&search.price, network, costs);
        }
        if is_patient && search.looked_at > patience {
            is_patient = false;
            if cost_scaling(network, costs, &search.price) {
                return 0;
            }
        }
    }
    network.excess.iter().filter(|units| **units > 0).sum()
}

/// How many steps are looked at, at least and for each arc, before the costs are taken for nearly equal ones, among which
/// cheapest paths are long: these are better served by cost scaling.
const PATIENCE: usize = 100_000;
const PATIENCE_BY_ARC: usize = 32;

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
    looked_at: usize,
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
            looked_at: 0,
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

    /// Sends one unit from a node with excess to the nearest that lacks, and returns how far that was.
    fn route_one(&mut self, network: &mut Network, costs: &[i64]) -> Option<i64> {
        self.sources.clear();
        self.sources
            .extend((0..network.nodes()).filter(|node| network.excess[*node] > 0));
        if self.sources.is_empty() {
            return None;
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
                return Some(distance);
            }
            self.looked_at += network.out(node).len() + network.arcs_into(node).len();
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
        None
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

/// The steps that cost nothing beyond the prices: as much as can goes along them, shortest paths first, all of one length
/// together (Dinitz 1970).
#[derive(Debug, Default)]
struct Ties {
    starts: Vec<u32>,
    steps: Vec<(Step, u32)>,
    level: Vec<u32>,
    next: Vec<u32>,
    queue: Vec<u32>,
}

const UNSEEN: u32 = u32::MAX;

impl Ties {
    fn route(&mut self, price: &[i64], network: &mut Network, costs: &[i64]) {
        self.collect(price, network, costs);
        while let Some(last) = self.levels(network) {
            self.next.clear();
            self.next.extend_from_slice(&self.starts[..network.nodes()]);
            for source in 0..network.nodes() {
                while network.excess[source] > 0 && self.advance(network, source, last) {}
            }
        }
    }

    /// Keeps the steps between nodes whose prices differ by just the cost, in both directions.
    fn collect(&mut self, price: &[i64], network: &Network, costs: &[i64]) {
        self.starts.clear();
        self.steps.clear();
        for node in 0..network.nodes() {
            self.starts.push(id(self.steps.len()));
            for arc in network.out(node) {
                let head = network.head(arc);
                if costs[arc] + price[node] == price[head] {
                    self.steps.push((Step::With(arc), id(head)));
                }
            }
            for arc in network.arcs_into(node).iter().map(|arc| at(*arc)) {
                let tail = network.tail(arc);
                if costs[arc] + price[tail] == price[node] {
                    self.steps.push((Step::Against(arc), id(tail)));
                }
            }
        }
        self.starts.push(id(self.steps.len()));
    }

    fn is_open(network: &Network, step: Step) -> bool {
        match step {
            Step::With(arc) => network.flow[arc] < network.room[arc],
            Step::Against(arc) => network.flow[arc] > 0,
        }
    }

    fn levels(&mut self, network: &Network) -> Option<u32> {
        self.level.clear();
        self.level.resize(network.nodes(), UNSEEN);
        self.queue.clear();
        for node in 0..network.nodes() {
            if network.excess[node] > 0 {
                self.level[node] = 0;
                self.queue.push(id(node));
            }
        }
        let mut head = 0;
        let mut last = None;
        while let Some(node) = self.queue.get(head).map(|node| at(*node)) {
            head += 1;
            let level = self.level[node];
            if last.is_some_and(|last| level >= last) {
                break;
            }
            for (step, to) in &self.steps[at(self.starts[node])..at(self.starts[node + 1])] {
                if self.level[at(*to)] == UNSEEN && Self::is_open(network, *step) {
                    self.level[at(*to)] = level + 1;
                    if network.excess[at(*to)] < 0 {
                        last = Some(level + 1);
                    }
                    self.queue.push(*to);
                }
            }
        }
        last
    }

    /// Sends one unit from `source` along a path of this length, or says that none is left.
    fn advance(&mut self, network: &mut Network, source: usize, last: u32) -> bool {
        let mut path: Vec<(Step, usize)> = Vec::new();
        let mut node = source;
        loop {
            if self.level[node] == last && network.excess[node] < 0 {
                for (step, _) in &path {
                    network.take(*step, 1);
                }
                network.excess[source] -= 1;
                network.excess[node] += 1;
                return true;
            }
            let end = self.starts[node + 1];
            let mut found = None;
            while self.level[node] < last && self.next[node] < end {
                let (step, to) = self.steps[at(self.next[node])];
                if self.level[at(to)] == self.level[node] + 1 && Self::is_open(network, step) {
                    found = Some((step, at(to)));
                    break;
                }
                self.next[node] += 1;
            }
            if let Some((step, to)) = found {
                path.push((step, node));
                node = to;
            } else if let Some((_, before)) = path.pop() {
                node = before;
                self.next[node] += 1;
            } else {
                return false;
            }
        }
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
