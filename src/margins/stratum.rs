//! A part of one side of a table.

use serde::Serialize;

/// The lines that one prescribed total binds, once the prescribed nodes below it are taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stratum {
    /// The prescribed node; none for the free part.
    pub(super) node: Option<usize>,
    /// The nearest prescribed nodes below it.
    pub(super) except: Vec<usize>,
    pub(super) total: Option<i64>,
}

impl Stratum {
    /// Returns the node whose total binds these lines, or `None` for the lines below no prescribed node.
    #[must_use]
    pub fn node(&self) -> Option<usize> {
        self.node
    }

    /// Returns the prescribed nodes nearest below, whose lines and totals are taken out.
    #[must_use]
    pub fn except(&self) -> &[usize] {
        &self.except
    }

    /// Returns what these lines total, in quanta: prescribed, less what is taken out; `None` for a free part whose total
    /// follows from nothing on this side.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        self.total
    }
}
