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
    /// What is assigned to a run of nodes.
    Assigned {
        level: usize,
        start: usize,
        moved: Moved,
    },
    /// What was assigned outright.
    Told {
        node: NodeId,
        old: Option<i64>,
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
