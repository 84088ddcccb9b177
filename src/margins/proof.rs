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
