//! The values that a column can have.

use crate::quantity::Ratio;

/// The values that a column can have; no end where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    /// The lowest.
    pub from: Option<Ratio>,
    /// The highest.
    pub to: Option<Ratio>,
}
