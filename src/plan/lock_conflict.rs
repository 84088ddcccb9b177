//! Why locks do not hold together, as data.

use std::fmt;

use serde::Serialize;

use super::{LockDef, Path, Place};
use crate::quantity::Number;

/// Locks that cannot hold together, or not with the parents that are kept. None is named that was found to play no part: they are left out
/// again one by one, and in halves first, as long as the others cannot hold without it, in a hundred tries at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LockConflict {
    /// The locks.
    pub locks: Vec<LockDef>,
    /// What is held and plays a part.
    pub held: Vec<Path>,
    /// The parents, cell by cell, that are kept and play a part.
    pub kept: Vec<Place>,
    /// How much is needed, of what may move.
    pub needed: Number,
    /// How much there is.
    pub available: Number,
}

/// How many places a sentence names.
const NAMED: usize = 5;

impl fmt::Display for LockConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let locks = self.locks.iter().map(ToString::to_string);
        let held = self.held.iter().map(|place| format!("{place} held"));
        let parts: Vec<String> = locks.chain(held).collect();
        let verb = if parts.len() == 1 {
            "cannot be"
        } else {
            "cannot hold together"
        };
        write!(f, "{} {verb}: ", parts.join("; "))?;
        write!(f, "needed {}, available {}", self.needed, self.available)?;
        if self.kept.is_empty() {
            return Ok(());
        }
        let named = self.kept.iter().take(NAMED).map(ToString::to_string);
        let mut kept: Vec<String> = named.collect();
        if self.kept.len() > NAMED {
            kept.push(format!("{} more", self.kept.len() - NAMED));
        }
        write!(f, ", with what is kept at {}", kept.join("; "))
    }
}

impl std::error::Error for LockConflict {}

impl fmt::Display for LockDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: Vec<String> = self.at.iter().map(ToString::to_string).collect();
        write!(f, "{} = {}", places.join(" and "), self.total)
    }
}
