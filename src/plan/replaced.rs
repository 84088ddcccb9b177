//! What an edit of one measure replaced.

use super::moved::Moved;
use super::stretch::Bend;
use super::{NodeId, Stretch};

/// What was replaced in the amounts of one measure.
#[derive(Debug, Clone)]
pub(super) enum Replaced {
    Amounts {
        level: usize,
        start: usize,
        moved: Moved,
    },
    Pad {
        node: NodeId,
        old: i64,
    },
    Apart {
        node: NodeId,
        old: Option<i64>,
    },
    Hold {
        node: NodeId,
        old: Option<i64>,
    },
    HoldStretch {
        stretch: Stretch,
        old: Option<i64>,
    },
    Bends {
        leaf: NodeId,
        old: Vec<Bend>,
    },
}
