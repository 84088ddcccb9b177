//! A flow of least cost where every arc has room for one unit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::cost_scaling::scale_costs;
use super::network::Network;
use super::real::{at, id};
use super::residual::{Residual, UNREACHED};
use super::ties::Ties;

/// Meets all excess at least cost and returns what cannot be met. Nothing flows yet, and every arc has room for one unit.
///
/// Every node has a price. A flow that uses exactly the arcs whose cost is below the difference of the prices at their
/// ends is a flow of least cost for the excess it leaves (complementary slackness). So: prices first, each such that its
/// node balances while the others stay; then the flow that they imply; then the excess that is left, along cheapest paths,
/// with prices kept in step (successive shortest paths; Edmonds and Karp 1972, Tomizawa 1971). One search finds cheapest paths
/// to many nodes that lack; once the prices have moved, all of these cost nothing, and each is taken unless one before it
/// took one of its steps (the primal-dual method of Ford and Fulkerson, 1957). Where a path costs nothing beyond the prices
/// before they move, there are ties, and all that can go along such paths goes at once. The flow that comes out is optimal
/// because its prices prove it.
pub(super) fn least_change(network: &mut Network, costs: &[i64]) -> i64 {
    let mut residual = Residual::new(network, costs);
    set_prices(&mut residual, network);
    residual.take_what_pays();
    let mut search = Search::new(residual.nodes());
    let mut ties = Ties::default();
    let mut patience = Patience::new(residual.left());
    while let Some(distance) = search.route(&mut residual) {
        if distance == 0 {
            ties.route(&mut residual);
        }
        if patience.ends(residual.left()) && ties.all_can_be_met(&residual) {
            scale_costs(&mut residual);
            // What the prices imply is all but balanced now.
            residual.take_what_pays();
        }
    }
    let left = residual.left();
    residual.write(network);
    left
}

/// Whether to go on searching. Where costs are nearly equal, the cheapest paths have steps in common, so that a search meets
/// little of the excess: such costs are better served by scaling, which costs as much as many searches.
struct Patience {
    excess: i64,
    searches: i64,
    is_over: bool,
}

impl Patience {
    /// After so many searches it shows how much one of them meets.
    const FIRST: i64 = 8;
    /// Scaling costs as much as so many searches, more or less.
    const SEARCHES: i64 = 30;

    fn new(excess: i64) -> Self {
        Self {
            excess,
            searches: 0,
            is_over: false,
        }
    }

    /// Says, once, that going on would take too many searches: by what those so far have met, or because there were many.
    fn ends(&mut self, left: i64) -> bool {
        self.searches += 1;
        if self.is_over || left == 0 || self.searches < Self::FIRST {
            return false;
        }
        let met = (self.excess - left).max(1);
        let to_come = i128::from(left) * i128::from(self.searches) / i128::from(met);
        self.is_over = to_come > i128::from(Self::SEARCHES) || self.searches > 2 * Self::SEARCHES;
        self.is_over
    }
}

/// How many times the prices of all nodes are set before the search.
const PRICE_ROUNDS: usize = 6;

/// Gives each node in turn the price at which it balances.
///
/// As its price rises, a node stops using one arc out of it after the other and starts to use those into it, each at
/// its own threshold and each time with one unit more of excess. From none below the price to all of them, the excess
/// goes up by one at every threshold, so the thresholds below the right price are counted.
fn set_prices(residual: &mut Residual, network: &Network) {
    let mut thresholds: Vec<i64> = Vec::new();
    for _ in 0..PRICE_ROUNDS {
        for node in 0..residual.nodes() {
            residual.thresholds(node, &mut thresholds);
            let below = i64::from(id(network.out(node).len())) - residual.excess[node];
            if let Some(price) = between(&mut thresholds, below) {
                residual.price[node] = price;
            }
        }
    }
}

/// The search for cheapest paths from all nodes with excess.
struct Search {
    /// What it costs to reach a node from the price of the start on.
    reached: Vec<i64>,
    /// The place of the step by which a node is reached; `NO_STEP` where there is excess.
    by: Vec<u32>,
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    /// The nodes that lack and were reached, the nearest first.
    ends: Vec<usize>,
}

const NO_STEP: u32 = u32::MAX;

impl Search {
    fn new(nodes: usize) -> Self {
        Self {
            reached: vec![UNREACHED; nodes],
            by: vec![NO_STEP; nodes],
            heap: BinaryHeap::new(),
            ends: Vec::new(),
        }
    }

    /// Sends units from nodes with excess to the nearer half of those that lack, and returns how far the farthest was; `None`
    /// when there is no excess or no way.
    fn route(&mut self, residual: &mut Residual) -> Option<i64> {
        let wanted = self.start(residual).div_ceil(2);
        let mut farthest = None;
        while let Some(Reverse((distance, node))) = self.heap.pop() {
            let node = at(node);
            if distance > self.reached[node] - residual.price[node] {
                continue;
            }
            if residual.excess[node] < 0 {
                farthest = Some(distance);
                self.ends.push(node);
                if self.ends.len() >= wanted {
                    break;
                }
            }
            self.go_on(residual, node);
        }
        let farthest = farthest?;
        for (price, reached) in residual.price.iter_mut().zip(&self.reached) {
            *price = (*price).min(*reached - farthest);
        }
        for end in &self.ends {
            self.take(residual, *end);
        }
        Some(farthest)
    }

    /// Begins anew at all nodes with excess; returns how many lack.
    fn start(&mut self, residual: &Residual) -> usize {
        self.reached.fill(UNREACHED);
        self.heap.clear();
        self.ends.clear();
        let mut lacking = 0;
        for (node, units) in residual.excess.iter().enumerate() {
            if *units > 0 {
                self.reached[node] = residual.price[node];
                self.by[node] = NO_STEP;
                self.heap.push(Reverse((0, id(node))));
            }
            lacking += usize::from(*units < 0);
        }
        lacking
    }

    /// Reaches the neighbours of a node.
    fn go_on(&mut self, residual: &Residual, node: usize) {
        let (reached, by) = (self.reached.as_mut_slice(), self.by.as_mut_slice());
        let here = reached[node];
        let first = id(residual.places(node).start);
        for (place, (to, cost)) in (first..).zip(residual.steps(node)) {
            let there = here + cost;
            if there < reached[at(to)] {
                reached[at(to)] = there;
                by[at(to)] = place;
                let distance = there - residual.price[at(to)];
                self.heap.push(Reverse((distance, to)));
            }
        }
    }

    /// Sends a unit along the path that ends here, unless one before took a step of it or all excess of its start.
    fn take(&self, residual: &mut Residual, end: usize) {
        let step = |node: usize| Some(at(self.by[node])).filter(|_| self.by[node] != NO_STEP);
        let mut start = end;
        while let Some(place) = step(start) {
            if !residual.is_open(place) {
                return;
            }
            start = residual.from(place);
        }
        if residual.excess[start] <= 0 {
            return;
        }
        let mut here = end;
        while let Some(place) = step(here) {
            here = residual.from(place);
            residual.take(place);
        }
        residual.excess[start] -= 1;
        residual.excess[end] += 1;
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn searches_are_given_up_once_where_too_many_would_follow() {
        // A search in eight meets 10 of 1000: some 800 more would be needed.
        let mut patience = Patience::new(1000);
        let ends: Vec<bool> = (0..10).map(|_| patience.ends(990)).collect();
        assert_eq!(ends.iter().position(|ends| *ends), Some(7));
        assert_eq!(ends.iter().filter(|ends| **ends).count(), 1);
        // Nearly all is met, but after twice as many searches as scaling costs there is still some left.
        let mut patience = Patience::new(1000);
        let ends: Vec<bool> = (0..70).map(|_| patience.ends(10)).collect();
        assert_eq!(ends.iter().position(|ends| *ends), Some(60));
        // A tenth is left after eight searches that met the rest: one more will do.
        let mut patience = Patience::new(1000);
        assert!((0..9).all(|_| !patience.ends(100)));
        // Nothing is left to be met.
        let mut patience = Patience::new(1000);
        assert!((0..70).all(|_| !patience.ends(0)));
    }

    /// A node with two units and four arcs that nobody else asks for: its price lets just two of them pay, the cheapest.
    #[test]
    fn a_node_has_the_price_at_which_it_balances() {
        let mut network = Network::new(5, [(0, 1, 1), (0, 2, 1), (0, 3, 1), (0, 4, 1)]);
        network.excess = vec![2, 0, -1, 0, -1];
        let mut residual = Residual::new(&network, &[3, 1, 4, 2]);
        let mut thresholds = Vec::new();
        residual.thresholds(0, &mut thresholds);
        assert_eq!(thresholds, [3, 1, 4, 2].map(|cost: i64| -cost << 8));
        set_prices(&mut residual, &network);
        residual.take_what_pays();
        assert_eq!(residual.excess, [0; 5]);
    }

    /// A node with four units, four that lack one at rising costs, and some that have and lack nothing.
    #[test]
    fn a_search_serves_the_nearer_half_of_those_that_lack() {
        let mut network = Network::new(9, [(0, 1, 1), (0, 2, 1), (0, 3, 1), (0, 4, 1)]);
        network.excess = vec![4, -1, -1, -1, -1, 0, 0, 0, 0];
        let mut residual = Residual::new(&network, &[3, 1, 4, 2]);
        let mut search = Search::new(residual.nodes());
        assert_eq!(search.route(&mut residual), Some(2 << 8));
        assert_eq!(residual.excess, [2, -1, 0, -1, 0, 0, 0, 0, 0]);
        assert_eq!(search.route(&mut residual), Some(1 << 8));
        assert_eq!(residual.excess, [1, 0, 0, -1, 0, 0, 0, 0, 0]);
    }

    proptest! {
        #[test]
        fn a_price_lies_in_the_middle_above_just_so_many(
            values in prop::collection::vec(-9..9_i64, 1..9),
            count in -3..12_i64,
        ) {
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let price = between(&mut values.clone(), count).unwrap();
            let wanted = usize::try_from(count.max(0)).unwrap().min(values.len());
            let below = values.iter().filter(|value| **value < price).count();
            let (last, next) = (wanted.checked_sub(1).map(|last| sorted[last]), sorted.get(wanted));
            match (last, next) {
                (Some(last), Some(next)) => {
                    prop_assert!(last == *next || below == wanted, "{below} below {price}");
                    prop_assert!(((price - last) - (next - price)).abs() <= 1, "{price}");
                }
                _ => prop_assert!(below == wanted, "{below} below {price}"),
            }
        }

        /// As long as no step costs less than nothing, what flows costs the least for what is met: the prices prove it.
        #[test]
        fn prices_prove_what_flows_after_every_search(
            cells in prop::collection::vec((0_u8..4, -40_i64..40, any::<bool>()), 42),
        ) {
            let kept = |cell: u32| (cells[at(cell)].0 > 0).then_some(cell);
            let arcs: Vec<u32> = (0..42).filter_map(kept).collect();
            let mut network = Network::new(13, arcs.iter().map(|cell| (cell / 7, 6 + cell % 7, 1)));
            let costs: Vec<i64> = arcs.iter().map(|cell| cells[at(*cell)].1).collect();
            for cell in arcs.iter().filter(|cell| cells[at(**cell)].2) {
                network.excess[at(cell / 7)] += 1;
                network.excess[at(6 + cell % 7)] -= 1;
            }
            let mut residual = Residual::new(&network, &costs);
            set_prices(&mut residual, &network);
            residual.take_what_pays();
            let mut search = Search::new(residual.nodes());
            while search.route(&mut residual).is_some() {
                for node in 0..residual.nodes() {
                    let paying = residual.paying(node, residual.places(node));
                    prop_assert_eq!(paying, None, "at {}", node);
                }
            }
            prop_assert_eq!(residual.left(), 0);
        }

        /// Costs that are equal, nearly equal and far apart: nothing that is left open or used could be changed for less, which
        /// a cycle of steps that costs less than nothing would (Bellman and Ford).
        #[test]
        fn no_change_of_the_flow_costs_less(
            height in 2_u32..13,
            width in 2_u32..13,
            cells in prop::collection::vec((0_u8..4, 0_i64..6, any::<bool>()), 144),
            far in prop::sample::select(vec![0, 1, 1 << 12, 1 << 30]),
        ) {
            let kept = |cell: u32| (cells[at(cell)].0 > 0).then_some(cell);
            let arcs: Vec<u32> = (0..height * width).filter_map(kept).collect();
            let ends = arcs.iter().map(|cell| (cell / width, height + cell % width, 1));
            let mut network = Network::new(at(height + width), ends);
            let costs: Vec<i64> = arcs.iter().map(|cell| (cells[at(*cell)].1 - 3) * far + i64::from(*cell % 3) - 1).collect();
            for cell in arcs.iter().filter(|cell| cells[at(**cell)].2) {
                network.excess[at(cell / width)] += 1;
                network.excess[at(height + cell % width)] -= 1;
            }
            prop_assert_eq!(least_change(&mut network, &costs), 0);
            let mut price = vec![0; network.nodes()];
            for round in 0..=network.nodes() {
                let mut moved = false;
                for (arc, cost) in costs.iter().enumerate() {
                    let (tail, head) = (network.tail(arc), network.head(arc));
                    let (from, to, cost) = if network.flow[arc] == 0 { (tail, head, *cost) } else { (head, tail, -cost) };
                    if price[from] + cost < price[to] {
                        (price[to], moved) = (price[from] + cost, true);
                    }
                }
                if !moved {
                    break;
                }
                prop_assert!(round < network.nodes(), "a cycle costs less than nothing");
            }
        }
    }
}
