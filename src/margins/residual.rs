//! What can still be done in a flow where every arc has room for one unit: steps with the arcs that are not used, and against
//! those that are.

use std::ops::Range;

use super::network::Network;
use super::real::{at, id};

/// Added to what a step costs while it cannot be taken: more than any way through all nodes.
const SHUT: i64 = 1 << 61;
/// Above all ways, and below every step that is shut.
pub(super) const UNREACHED: i64 = 1 << 60;
/// Costs are counted in so many bits more than they are given in, as far as ways through all nodes stay below that.
const FINER_BITS: u32 = 8;
const FINER_NODES: usize = 1 << 14;

/// The steps of each node side by side: first those with the arcs out of it, then those against the arcs into it. Searches
/// read them in this order and ask for nothing else.
#[derive(Debug, Clone)]
pub(super) struct Residual {
    starts: Vec<u32>,
    to: Vec<u32>,
    cost: Vec<i64>,
    /// The place of the step back.
    back: Vec<u32>,
    /// A step costs its cost plus the price of the node that it leaves less that of the node that it reaches.
    pub(super) price: Vec<i64>,
    pub(super) excess: Vec<i64>,
}

impl Residual {
    /// Returns the steps of a network in which nothing flows yet.
    pub(super) fn new(network: &Network, costs: &[i64]) -> Self {
        let nodes = network.nodes();
        let finer = if nodes <= FINER_NODES { FINER_BITS } else { 0 };
        let steps = 2 * costs.len();
        let mut starts = Vec::with_capacity(nodes + 1);
        let (mut to, mut cost) = (Vec::with_capacity(steps), Vec::with_capacity(steps));
        let mut with = vec![0; costs.len()];
        for node in 0..nodes {
            starts.push(id(to.len()));
            for arc in network.out(node) {
                with[arc] = id(to.len());
                to.push(id(network.head(arc)));
                cost.push(costs[arc] << finer);
            }
            for arc in network.arcs_into(node).iter().map(|arc| at(*arc)) {
                to.push(id(network.tail(arc)));
                cost.push(SHUT - (costs[arc] << finer));
            }
        }
        starts.push(id(to.len()));
        let mut back = vec![0; steps];
        for (node, start) in (0..nodes).zip(&starts) {
            let first = at(*start) + network.out(node).len();
            for (place, arc) in (first..).zip(network.arcs_into(node)) {
                let other = with[at(*arc)];
                back[place] = other;
                back[at(other)] = id(place);
            }
        }
        Self {
            starts,
            to,
            cost,
            back,
            price: vec![0; nodes],
            excess: network.excess.iter().map(|units| narrow(*units)).collect(),
        }
    }

    #[inline]
    pub(super) fn nodes(&self) -> usize {
        self.excess.len()
    }

    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.to.len()
    }

    /// All that some nodes have too much.
    pub(super) fn left(&self) -> i64 {
        self.excess.iter().filter(|units| **units > 0).sum()
    }

    /// The places of a node's steps.
    #[inline]
    pub(super) fn places(&self, node: usize) -> Range<usize> {
        at(self.starts[node])..at(self.starts[node + 1])
    }

    /// Where a node's steps lead, and what they cost; those that are shut cost more than any way.
    #[inline]
    pub(super) fn steps(&self, node: usize) -> impl Iterator<Item = (u32, i64)> + '_ {
        let own = self.places(node);
        let costs = self.cost[own.clone()].iter().copied();
        self.to[own].iter().copied().zip(costs)
    }

    /// Where the steps into a node come from, and what they cost; those that are shut cost more than any way.
    #[inline]
    pub(super) fn steps_into(&self, node: usize) -> impl Iterator<Item = (u32, i64)> + '_ {
        self.steps(node).map(|(from, cost)| (from, SHUT - cost))
    }

    #[inline]
    pub(super) fn to(&self, place: usize) -> usize {
        at(self.to[place])
    }

    /// The node that a step leaves.
    #[inline]
    pub(super) fn from(&self, place: usize) -> usize {
        self.to(at(self.back[place]))
    }

    #[inline]
    pub(super) fn is_open(&self, place: usize) -> bool {
        self.cost[place] < UNREACHED
    }

    /// What a step of a node costs beyond the prices, whether it can be taken or not.
    #[inline]
    pub(super) fn reduced(&self, node: usize, place: usize) -> i64 {
        whether_open_or_not(self.cost[place]) + self.price[node] - self.price[self.to(place)]
    }

    /// The first of these steps of a node that can be taken and costs less than nothing.
    #[inline]
    pub(super) fn paying(&self, node: usize, places: Range<usize>) -> Option<usize> {
        let own = self.price[node];
        let steps = self.to[places.clone()]
            .iter()
            .zip(&self.cost[places.clone()]);
        let mut pays = steps.map(|(to, cost)| cost + own < self.price[at(*to)]);
        Some(places.start + pays.position(|pays| pays)?)
    }

    /// The highest price of a node at which one of its steps costs nothing.
    #[inline]
    pub(super) fn highest(&self, node: usize) -> i64 {
        let prices = self.steps(node).map(|(to, cost)| self.price[at(to)] - cost);
        prices.max().unwrap_or(-UNREACHED)
    }

    /// The prices of a node at which its arcs cost nothing.
    pub(super) fn thresholds(&self, node: usize, found: &mut Vec<i64>) {
        found.clear();
        let steps = self.steps(node);
        found.extend(steps.map(|(to, cost)| self.price[at(to)] - whether_open_or_not(cost)));
    }

    /// Takes a step, so that only the one back can be taken.
    #[inline]
    pub(super) fn take(&mut self, place: usize) {
        self.cost[place] += SHUT;
        self.cost[at(self.back[place])] -= SHUT;
    }

    /// Takes a step of a node, and with it a unit of excess.
    #[inline]
    pub(super) fn carry(&mut self, node: usize, place: usize) {
        let to = self.to(place);
        self.take(place);
        self.excess[node] -= 1;
        self.excess[to] += 1;
    }

    /// Takes every step that costs less than nothing at these prices.
    pub(super) fn take_what_pays(&mut self) {
        for node in 0..self.nodes() {
            let mut rest = self.places(node);
            while let Some(place) = self.paying(node, rest.clone()) {
                self.carry(node, place);
                rest.start = place + 1;
            }
        }
    }

    /// The arcs alone that cost at most so much beyond the prices, in the same order, and the place of each of their steps.
    pub(super) fn near(&self, most: i64) -> (Self, Vec<u32>) {
        let mut near = Self {
            starts: Vec::with_capacity(self.starts.len()),
            to: Vec::new(),
            cost: Vec::new(),
            back: Vec::new(),
            price: self.price.clone(),
            excess: self.excess.clone(),
        };
        let mut places = Vec::new();
        let mut place_there = vec![0; self.to.len()];
        for node in 0..self.nodes() {
            near.starts.push(id(places.len()));
            for place in self.places(node) {
                if self.reduced(node, place).abs() <= most {
                    place_there[place] = id(places.len());
                    places.push(id(place));
                    near.to.push(self.to[place]);
                    near.cost.push(self.cost[place]);
                }
            }
        }
        near.starts.push(id(places.len()));
        let back = |place: &u32| place_there[at(self.back[at(*place)])];
        near.back = places.iter().map(back).collect();
        (near, places)
    }

    /// Takes over what became of the arcs whose steps are at these places.
    pub(super) fn take_over(&mut self, near: Self, places: &[u32]) {
        for (place, cost) in places.iter().zip(near.cost) {
            self.cost[at(*place)] = cost;
        }
        (self.price, self.excess) = (near.price, near.excess);
    }

    /// Writes down which arcs are used, and what excess is left.
    pub(super) fn write(self, network: &mut Network) {
        for node in 0..self.nodes() {
            for (arc, place) in network.out(node).zip(self.places(node)) {
                network.flow[arc] = i64::from(!self.is_open(place));
            }
        }
        network.excess = self.excess.into_iter().map(i128::from).collect();
    }
}

/// What one step for each arc could ever meet.
fn narrow(excess: i128) -> i64 {
    i64::try_from(excess).unwrap_or(if excess > 0 { i64::MAX } else { -i64::MAX })
}

#[inline]
fn whether_open_or_not(cost: i64) -> i64 {
    if cost < UNREACHED { cost } else { cost - SHUT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_all_that_nodes_have_too_much() {
        let mut network = Network::new(4, [(0, 2, 1), (1, 3, 1)]);
        network.excess = vec![2, 1, -2, -1];
        assert_eq!(Residual::new(&network, &[0, 0]).left(), 3);
    }

    #[test]
    fn arcs_near_the_prices_are_a_flow_of_their_own_until_it_is_taken_over() {
        let mut network = Network::new(4, [(0, 2, 1), (0, 3, 1), (1, 2, 1), (1, 3, 1)]);
        network.excess = vec![1, 1, -1, -1];
        let mut residual = Residual::new(&network, &[5, -5, 6, -4]);
        residual.take_what_pays();
        assert_eq!(residual.excess, [0, 0, -1, 1]);
        let (mut near, places) = residual.near(5 << 8);
        // All but the arc that costs 6, in both directions.
        assert_eq!(places, [0, 1, 3, 4, 6, 7]);
        for (place, there) in places.iter().zip(0..) {
            assert_eq!(near.to(there), residual.to(at(*place)));
            assert_eq!(near.from(there), residual.from(at(*place)));
            assert_eq!(near.is_open(there), residual.is_open(at(*place)));
        }
        // Back from the last node to the first, and on to the one that lacks.
        near.carry(3, 4);
        near.carry(0, 0);
        near.price[1] = 7;
        residual.take_over(near, &places);
        assert_eq!((residual.excess, residual.price[1]), (vec![0; 4], 7));
    }
}
