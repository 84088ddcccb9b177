//! The levels of a dimension, and who stands on none.

use crate::key::{Key, unknown};
use crate::space::SpaceError;

/// The most levels in all hierarchies of a dimension.
pub(super) const MAX_LEVELS: usize = 64;
/// The most members in a dimension.
pub(super) const MAX_MEMBERS: usize = 1 << 30;

/// The key of the member to which belongs what belongs to nobody.
pub const UNASSIGNED: &str = "unassigned";

/// The number of a member in its [`Dimension`](crate::space::Dimension).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(pub(super) u32);

impl MemberId {
    /// The member to which belongs what belongs to nobody.
    pub const UNASSIGNED: Self = Self(0);

    /// Returns the position: 0 is the unassigned member, then the members in declared order.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The number of a level in its [`Dimension`](crate::space::Dimension).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LevelId(pub(super) u16);

impl LevelId {
    /// Returns the position in the order of declaration, the hierarchies one after another.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Level {
    pub(super) key: Key,
    // The hierarchy and the depth in it; the leaf level stands in all, and the first counts.
    pub(super) hierarchy: usize,
    pub(super) depth: usize,
}

/// The error of a level that a dimension does not have.
pub(super) fn unknown_level(dimension: &Key, key: &str, levels: &[Level]) -> SpaceError {
    let (name, nearest, known) = unknown(key, levels.iter().map(|level| level.key.as_str()));
    SpaceError::UnknownLevel {
        dimension: dimension.clone(),
        name,
        nearest,
        known,
    }
}

/// The error of a member that a dimension does not have.
pub(super) fn unknown_member(dimension: &Key, key: &str, keys: &[Key]) -> SpaceError {
    let (name, nearest, known) = unknown(key, keys.iter().map(Key::as_str));
    SpaceError::UnknownMember {
        dimension: dimension.clone(),
        name,
        nearest,
        known,
    }
}
