//! A flow of all but least cost by cost scaling, for many costs that are nearly equal.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::real::{at, id};
use super::residual::{Residual, UNREACHED};

/// By how much the error shrinks from one stage to the next, in bits.
const STAGE_BITS: u32 = 3;
/// By how many errors a price falls in a stage at most, nearly always.
const MOST_FALL: i64 = 256;
/// The error that the first stage begins below, in bits: prices are near already.
const FIRST_ERROR_BITS: u32 = 34;

/// Meets all excess, of which it is known that it can be met, at prices that are off by less than one.
///
/// Prices may be off by an error that shrinks from stage to stage; within a stage, units go from nodes that have too much
/// along arcs that cost less than nothing, and a node without such an arc lowers its price (Goldberg and Tarjan 1990).
pub(super) fn scale_costs(residual: &mut Residual) {
    let mut stage = Stage::new(residual.nodes());
    let mut error = 1 << FIRST_ERROR_BITS;
    while error > 1 {
        error = (error >> STAGE_BITS).max(1);
        residual.take_what_pays();
        if !stage.refine_near(residual, error) {
            stage.refine(residual, error, UNREACHED);
        }
    }
}

struct Stage {
    /// The first step of each node that may still cost less than nothing.
    next: Vec<u32>,
    /// Nodes with excess.
    having: VecDeque<u32>,
    distance: Vec<i64>,
    heap: BinaryHeap<Reverse<(i64, u32)>>,
}

impl Stage {
    fn new(nodes: usize) -> Self {
        Self {
            next: vec![0; nodes],
            having: VecDeque::new(),
            distance: vec![0; nodes],
            heap: BinaryHeap::new(),
        }
    }

    /// Does as [`Self::refine`] with those arcs alone that cost little beyond the prices, where these are at most half of all, and
    /// says whether that was enough. Prices only fall: as long as none falls by more than what the other arcs cost, none of
    /// these comes to pay or decides by how much a price falls, so that what comes out is what all arcs together would have led to.
    fn refine_near(&mut self, residual: &mut Residual, error: i64) -> bool {
        let most = MOST_FALL * error;
        let (mut near, places) = residual.near(most);
        let is_enough = 2 * near.len() <= residual.len() && self.refine(&mut near, error, most);
        if is_enough {
            residual.take_over(near, &places);
        }
        is_enough
    }

    /// Makes the flow the cheapest but for this error, as long as no price falls by more than so much; says whether none did.
    /// Nothing pays at first.
    fn refine(&mut self, residual: &mut Residual, error: i64, most: i64) -> bool {
        let lowest = residual.price.iter().map(|price| price - most);
        let lowest: Vec<i64> = lowest.collect();
        self.start_over(residual);
        self.having.clear();
        let having = (0..residual.nodes()).filter(|node| residual.excess[*node] > 0);
        self.having.extend(having.map(id));
        let mut relabels = 0;
        while let Some(node) = self.having.pop_front().map(at) {
            while residual.excess[node] > 0 {
                let places = residual.places(node);
                let rest = at(self.next[node])..places.end;
                if let Some(place) = residual.paying(node, rest) {
                    self.next[node] = id(place);
                    let to = residual.to(place);
                    residual.carry(node, place);
                    if residual.excess[to] == 1 {
                        self.having.push_back(id(to));
                    }
                    continue;
                }
                self.next[node] = id(places.start);
                residual.price[node] = residual.highest(node) - error;
                if residual.price[node] < lowest[node] {
                    return false;
                }
                relabels += 1;
                if relabels == residual.nodes() {
                    relabels = 0;
                    self.update(residual, error);
                }
            }
        }
        let mut prices = residual.price.iter().zip(&lowest);
        prices.all(|(price, lowest)| price >= lowest)
    }

    fn start_over(&mut self, residual: &Residual) {
        for (node, next) in self.next.iter_mut().enumerate() {
            *next = id(residual.places(node).start);
        }
    }

    /// Lowers all prices at once by how far their nodes are from those that lack, in errors: from every node with excess, a
    /// way of steps that cost less than nothing then leads to one that lacks.
    fn update(&mut self, residual: &mut Residual, error: i64) {
        self.distance.fill(i64::MAX);
        self.heap.clear();
        let mut waiting = 0_usize;
        for (node, units) in residual.excess.iter().enumerate() {
            if *units < 0 {
                self.distance[node] = 0;
                self.heap.push(Reverse((0, id(node))));
            }
            waiting += usize::from(*units > 0);
        }
        let mut last = 0;
        while let Some(Reverse((here, node))) = self.heap.pop() {
            let node = at(node);
            if here > self.distance[node] {
                continue;
            }
            last = here;
            if residual.excess[node] > 0 {
                waiting -= 1;
                if waiting == 0 {
                    break;
                }
            }
            for (from, cost) in residual.steps_into(node) {
                if cost >= UNREACHED || self.distance[at(from)] <= here {
                    continue;
                }
                let reduced = residual.price[at(from)] + cost - residual.price[node];
                let length = if reduced < 0 { 0 } else { reduced / error + 1 };
                if here + length < self.distance[at(from)] {
                    self.distance[at(from)] = here + length;
                    self.heap.push(Reverse((here + length, from)));
                }
            }
        }
        for (price, distance) in residual.price.iter_mut().zip(&self.distance) {
            *price -= (*distance).min(last) * error;
        }
        self.start_over(residual);
    }
}

#[cfg(test)]
mod tests {
    use super::super::network::Network;
    use super::super::ties::Ties;
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
                network.excess[at(*tail)] += i128::from(*used);
                network.excess[at(*head)] -= i128::from(*used);
            }
            let costs: Vec<i64> = arcs.iter().map(|(_, _, cost, _)| cost << 28).collect();
            let best = least(&network, &costs);
            let mut residual = Residual::new(&network, &costs);
            prop_assert!(Ties::default().all_can_be_met(&residual));
            scale_costs(&mut residual);
            let mut scaled = network;
            residual.write(&mut scaled);
            prop_assert!(scaled.excess.iter().all(|excess| *excess == 0));
            let cost: i64 = costs.iter().zip(&scaled.flow).map(|(cost, flow)| cost * flow).sum();
            prop_assert_eq!(Some(cost), best);
        }

        /// What few arcs lead to is what all lead to, or it is not taken.
        #[test]
        fn arcs_that_cost_much_decide_nothing(
            cells in prop::collection::vec((0_u8..4, -9_000_i64..9_000, any::<bool>()), 42),
            error in prop::sample::select(vec![1, 1 << 6, 1 << 12]),
        ) {
            let arcs: Vec<usize> = (0..42).filter(|cell| cells[*cell].0 > 0).collect();
            let mut network = Network::new(13, arcs.iter().map(|cell| (id(cell / 7), id(6 + cell % 7), 1)));
            for cell in arcs.iter().filter(|cell| cells[**cell].2) {
                network.excess[cell / 7] += 1;
                network.excess[6 + cell % 7] -= 1;
            }
            let costs: Vec<i64> = arcs.iter().map(|cell| cells[*cell].1).collect();
            let mut residual = Residual::new(&network, &costs);
            residual.take_what_pays();
            let few = residual.near(MOST_FALL * error).0.len() <= arcs.len();
            let (mut near, mut all) = (residual.clone(), residual.clone());
            let is_enough = Stage::new(13).refine_near(&mut near, error);
            prop_assert!(Stage::new(13).refine(&mut all, error, UNREACHED));
            let falls = residual.price.iter().zip(&all.price).map(|(before, now)| before - now);
            let falls_little = falls.max().is_some_and(|most| most <= MOST_FALL * error);
            prop_assert_eq!(is_enough, few && falls_little);
            let wanted = if is_enough { all } else { residual };
            prop_assert_eq!((&near.price, &near.excess), (&wanted.price, &wanted.excess));
            for place in 0..2 * arcs.len() {
                prop_assert_eq!(near.is_open(place), wanted.is_open(place));
            }
        }

        /// No step then costs less than the error below nothing, a way of paying steps leads from each node with excess to one
        /// that lacks, and no price falls further than that needs.
        #[test]
        fn lower_prices_lead_all_excess_to_those_that_lack(
            cells in prop::collection::vec((0_u8..3, -90_i64..90, any::<bool>()), 42),
            prices in prop::collection::vec(-90_i64..90, 13),
            error in prop::sample::select(vec![1, 7, 256, 5000]),
        ) {
            let arcs: Vec<usize> = (0..42).filter(|cell| cells[*cell].0 > 0).collect();
            let mut network = Network::new(13, arcs.iter().map(|cell| (id(cell / 7), id(6 + cell % 7), 1)));
            for cell in arcs.iter().filter(|cell| cells[**cell].2) {
                network.excess[cell / 7] += 1;
                network.excess[6 + cell % 7] -= 1;
            }
            let costs: Vec<i64> = arcs.iter().map(|cell| cells[*cell].1).collect();
            let mut residual = Residual::new(&network, &costs);
            residual.price = prices.iter().map(|price| price << 8).collect();
            residual.take_what_pays();
            prop_assume!(residual.left() > 0);
            let before = residual.price.clone();
            Stage::new(residual.nodes()).update(&mut residual, error);
            let mut leads: Vec<bool> = residual.excess.iter().map(|units| *units < 0).collect();
            for _ in 0..residual.nodes() {
                for node in 0..residual.nodes() {
                    for place in residual.places(node).filter(|place| residual.is_open(*place)) {
                        let cost = residual.reduced(node, place);
                        prop_assert!(cost >= -error, "{cost} at {node}");
                        leads[node] |= cost < 0 && leads[residual.to(place)];
                    }
                }
            }
            let falls = before.iter().zip(&residual.price).map(|(before, now)| before - now);
            let falls: Vec<i64> = falls.collect();
            let having = (0..residual.nodes()).filter(|node| residual.excess[*node] > 0);
            let mut needed = 0;
            for node in having {
                prop_assert!(leads[node], "no way from {node}");
                needed = needed.max(falls[node]);
            }
            let fallen = falls.iter().all(|fall| (0..=needed).contains(fall));
            prop_assert!(fallen, "{falls:?} where {needed} would do");
        }
    }
}
