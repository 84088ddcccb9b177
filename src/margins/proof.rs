//! The proof that margins cannot be met.

use super::{Orientation, Stratum};
use serde::Serialize;

/// The proof that margins cannot be met: lines of one axis that need more than the cells open to them can hold.
///
/// What the `needing` lines total, plus the minima that other lines have in the `offering` lines, has to fit into what
/// the `offering` lines of the other axis total, plus the maxima of the needing lines' cells outside of them. It does
/// not: [`needed`](Self::needed) is more than [`available`](Self::available). This is a violated cut of the network in
/// which rows send to columns (Hoffman 1960), so anybody can check it by adding up. Of a table with a negative total all
/// four numbers are turned round: more is needed below zero than there is.
///
/// It is minimal: with any one of the listed totals left out, the other listed totals can be met within all bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocked {
    pub(super) axis: Orientation,
    pub(super) needing: Vec<Stratum>,
    pub(super) offering: Vec<Stratum>,
    pub(super) totals_needed: i128,
    pub(super) minima: i128,
    pub(super) totals_available: i128,
    pub(super) maxima: i128,
}

impl Blocked {
    /// Returns the axis whose lines need more than there is.
    #[must_use]
    pub fn axis(&self) -> Orientation {
        self.axis
    }

    /// Returns the lines in need, as parts of their side; may be empty when minima alone are too much.
    #[must_use]
    pub fn needing(&self) -> &[Stratum] {
        &self.needing
    }

    /// Returns the lines of the other axis into which they have to fit; may be empty when maxima alone are too little.
    #[must_use]
    pub fn offering(&self) -> &[Stratum] {
        &self.offering
    }

    /// Returns what is needed, in quanta: the totals in need, and the [`minima`](Self::minima).
    #[must_use]
    pub fn needed(&self) -> i128 {
        self.totals_needed + self.minima
    }

    /// Returns what there is, in quanta: the totals offered, and the [`maxima`](Self::maxima).
    #[must_use]
    pub fn available(&self) -> i128 {
        self.totals_available + self.maxima
    }

    /// Returns the sum of the minima that lines not in need have in the offering lines, in quanta.
    #[must_use]
    pub fn minima(&self) -> i128 {
        self.minima
    }

    /// Returns the sum of the maxima of the needing lines' cells outside of the offering lines, in quanta.
    #[must_use]
    pub fn maxima(&self) -> i128 {
        self.maxima
    }
}

/// The proof that the minima and maxima of nodes leave no table: what has to go somewhere is more than what fits there.
///
/// What is needed are minima of nodes, the whole total where it plays a part, and minima of cells; what is available are maxima
/// of nodes and of cells. Prescribed totals are both. Anybody can check it by adding up, and with any one of the listed bounds
/// left out there is a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Overconstrained {
    pub(super) least: Vec<NodeEnd>,
    pub(super) most: Vec<NodeEnd>,
    pub(super) cells_least: i128,
    pub(super) cells_most: i128,
}

/// A bound, or a total, of a node that takes part in a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NodeEnd {
    /// The side and the index of the node; none for what the whole table totals.
    pub node: Option<(Orientation, usize)>,
    /// The bound in quanta.
    pub quanta: i64,
}

impl Overconstrained {
    /// Returns the nodes with the least that has to go to them.
    #[must_use]
    pub fn least(&self) -> &[NodeEnd] {
        &self.least
    }

    /// Returns the nodes with the most that they can take.
    #[must_use]
    pub fn most(&self) -> &[NodeEnd] {
        &self.most
    }

    /// Returns what is needed, in quanta: the [`least`](Self::least) of nodes, and the minima of cells.
    #[must_use]
    pub fn needed(&self) -> i128 {
        sum(&self.least) + self.cells_least
    }

    /// Returns what there is room for, in quanta: the [`most`](Self::most) of nodes, and the maxima of cells.
    #[must_use]
    pub fn available(&self) -> i128 {
        sum(&self.most) + self.cells_most
    }

    /// Returns what cells have to hold at least, in quanta, as a part of what is needed.
    #[must_use]
    pub fn cells_least(&self) -> i128 {
        self.cells_least
    }

    /// Returns what cells can hold at most, in quanta, as a part of what is available.
    #[must_use]
    pub fn cells_most(&self) -> i128 {
        self.cells_most
    }

    /// The same with every sign turned round: what is least becomes most.
    pub(super) fn mirrored(self) -> Self {
        let turn = |ends: Vec<NodeEnd>| {
            let ends = ends.into_iter();
            let turned = ends.map(|end| NodeEnd {
                quanta: end.quanta.saturating_neg(),
                ..end
            });
            turned.collect()
        };
        Self {
            least: turn(self.most),
            most: turn(self.least),
            cells_least: -self.cells_most,
            cells_most: -self.cells_least,
        }
    }
}

fn sum(ends: &[NodeEnd]) -> i128 {
    ends.iter().map(|end| i128::from(end.quanta)).sum()
}
