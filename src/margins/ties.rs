//! Steps that cost nothing beyond the prices: as much as can goes along them at once.

use super::real::{at, id};
use super::residual::Residual;

/// A largest flow through some of the steps, shortest paths first, all of one length together (Dinitz 1970).
#[derive(Debug, Default)]
pub(super) struct Ties {
    starts: Vec<u32>,
    /// Places of steps, in both directions.
    steps: Vec<u32>,
    level: Vec<u32>,
    next: Vec<u32>,
    queue: Vec<u32>,
}

const UNSEEN: u32 = u32::MAX;

impl Ties {
    /// Sends what can be sent along steps between nodes whose prices differ by just the cost.
    pub(super) fn route(&mut self, residual: &mut Residual) {
        self.send(residual, |residual, node, place| {
            residual.reduced(node, place) == 0
        });
    }

    /// Says whether all excess can be met, whatever it costs.
    pub(super) fn all_can_be_met(&mut self, residual: &Residual) -> bool {
        let mut tried = residual.clone();
        self.send(&mut tried, |_, _, _| true);
        tried.left() == 0
    }

    fn send(&mut self, residual: &mut Residual, is_kept: fn(&Residual, usize, usize) -> bool) {
        self.starts.clear();
        self.steps.clear();
        for node in 0..residual.nodes() {
            self.starts.push(id(self.steps.len()));
            let places = residual.places(node);
            let kept = places.filter(|place| is_kept(residual, node, *place));
            self.steps.extend(kept.map(id));
        }
        self.starts.push(id(self.steps.len()));
        while let Some(last) = self.levels(residual) {
            self.next.clear();
            self.next
                .extend_from_slice(&self.starts[..residual.nodes()]);
            for source in 0..residual.nodes() {
                while residual.excess[source] > 0 && self.advance(residual, source, last) {}
            }
        }
    }

    fn levels(&mut self, residual: &Residual) -> Option<u32> {
        self.level.clear();
        self.level.resize(residual.nodes(), UNSEEN);
        self.queue.clear();
        for node in 0..residual.nodes() {
            if residual.excess[node] > 0 {
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
            for place in &self.steps[at(self.starts[node])..at(self.starts[node + 1])] {
                let to = residual.to(at(*place));
                if self.level[to] == UNSEEN && residual.is_open(at(*place)) {
                    self.level[to] = level + 1;
                    if residual.excess[to] < 0 {
                        last = Some(level + 1);
                    }
                    self.queue.push(id(to));
                }
            }
        }
        last
    }

    /// Sends one unit from `source` along a path of this length, or says that none is left.
    fn advance(&mut self, residual: &mut Residual, source: usize, last: u32) -> bool {
        let mut path: Vec<(usize, usize)> = Vec::new();
        let mut node = source;
        loop {
            if self.level[node] == last && residual.excess[node] < 0 {
                for (place, _) in &path {
                    residual.take(*place);
                }
                residual.excess[source] -= 1;
                residual.excess[node] += 1;
                return true;
            }
            let end = self.starts[node + 1];
            let mut found = None;
            while self.level[node] < last && self.next[node] < end {
                let place = at(self.steps[at(self.next[node])]);
                let to = residual.to(place);
                if self.level[to] == self.level[node] + 1 && residual.is_open(place) {
                    found = Some((place, to));
                    break;
                }
                self.next[node] += 1;
            }
            if let Some((place, to)) = found {
                path.push((place, node));
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

#[cfg(test)]
mod tests {
    use super::super::network::Network;
    use super::*;
    use proptest::prelude::*;

    /// What a largest flow cannot meet of the excess of a network.
    fn left_of(mut network: Network) -> i128 {
        network.route()
    }

    proptest! {
        /// Only arcs whose cost is the difference of the prices at their ends are used, as many as a largest flow through these
        /// can use, and no node that was balanced or is met gets anything.
        #[test]
        fn all_that_can_go_along_steps_without_cost_goes(
            cells in prop::collection::vec((0..4_u8, -1..2_i64), 30),
            prices in prop::collection::vec(-1..2_i64, 11),
            having in prop::collection::vec(0..4_i64, 5),
            lacking in prop::collection::vec(0..4_i64, 6),
        ) {
            let kept = |(_, (chance, _)): &(usize, &(u8, i64))| *chance > 0;
            let arcs: Vec<(u32, u32, i64)> = cells.iter().enumerate().filter(kept)
                .map(|(cell, (_, cost))| (id(cell / 6), id(5 + cell % 6), *cost))
                .collect();
            let excess: Vec<i64> = having.iter().copied().chain(lacking.iter().map(|units| -units)).collect();
            let wide = || excess.iter().copied().map(i128::from).collect();
            let network = |arcs: &[(u32, u32, i64)]| {
                let mut network = Network::new(11, arcs.iter().map(|(tail, head, _)| (*tail, *head, 1)));
                network.excess = wide();
                network
            };
            let costs: Vec<i64> = arcs.iter().map(|(.., cost)| *cost).collect();
            let mut residual = Residual::new(&network(&arcs), &costs);
            prop_assert_eq!(Ties::default().all_can_be_met(&residual), left_of(network(&arcs)) == 0);
            residual.price = prices.iter().map(|price| price << 8).collect();
            let is_free = |(tail, head, cost): &&(u32, u32, i64)| cost + prices[at(*tail)] == prices[at(*head)];
            let free: Vec<(u32, u32, i64)> = arcs.iter().filter(is_free).copied().collect();
            Ties::default().route(&mut residual);
            prop_assert_eq!(i128::from(residual.left()), left_of(network(&free)));
            for (now, before) in residual.excess.iter().zip(&excess) {
                let between = (*before.min(&0)..=*before.max(&0)).contains(now);
                prop_assert!(between, "{now} where there was {before}");
            }
            let mut used = network(&arcs);
            residual.write(&mut used);
            for (arc, flow) in arcs.iter().zip(&used.flow) {
                prop_assert!(*flow == 0 || is_free(&arc), "{arc:?}");
            }
        }
    }
}
