//! A dimension compiled for look-up: members and placements are dense numbers, roll-ups are tables.

mod level;
mod membership;
mod placing;

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{DimensionDef, SpaceError};
use crate::key::{Key, Known};
use level::{Level, unknown_level, unknown_member};
use membership::{Site, levels_of, members_of};

pub use level::{LevelId, MemberId, UNASSIGNED};

/// A member during a stretch of time in which none of its ancestors changes, in any hierarchy.
///
/// This dense number is what a record keeps: with the tables of [`Dimension::rollup`] it leads to the ancestor at any
/// level by one look-up, as of the record's own day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Placement(u32);

impl Placement {
    /// The placement of the unassigned member.
    pub const UNASSIGNED: Self = Self(0);

    /// Some placement of somebody, where nothing but that is asked.
    pub(crate) const SOMEBODY: Self = Self(1);

    /// Returns the dense number.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns the dense number as columns store it.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// A compiled dimension: its members, levels and hierarchies, ready for look-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "DimensionDef", into = "DimensionDef")]
pub struct Dimension {
    definition: DimensionDef,
    levels: Vec<Level>,
    keys: Vec<Key>,
    member_levels: Vec<Option<LevelId>>,
    by_key: BTreeMap<Key, MemberId>,
    // The placements of member m are first[m]..first[m + 1]; each starts on its day.
    first: Vec<u32>,
    starts: Vec<i32>,
    members: Vec<MemberId>,
    // One table for each level: placement -> member at that level, unassigned where there is none.
    rollups: Vec<Vec<MemberId>>,
}

impl Dimension {
    /// The most levels in all hierarchies of a dimension.
    pub const MAX_LEVELS: usize = level::MAX_LEVELS;
    /// The most members in a dimension.
    pub const MAX_MEMBERS: usize = level::MAX_MEMBERS;

    /// Checks and compiles a definition.
    ///
    /// # Errors
    /// Any [`SpaceError`] about a dimension.
    pub fn new(definition: DimensionDef) -> Result<Self, SpaceError> {
        let levels = levels_of(&definition)?;
        let (keys, by_key, member_levels) = members_of(&definition, &levels)?;
        let parents = definition
            .hierarchies
            .iter()
            .enumerate()
            .map(|(index, hierarchy)| {
                let site = Site {
                    definition: &definition,
                    hierarchy,
                    index,
                };
                site.stretches(&by_key, &levels, &member_levels, &keys)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut dimension = Self {
            definition,
            levels,
            keys,
            member_levels,
            by_key,
            first: Vec::new(),
            starts: Vec::new(),
            members: Vec::new(),
            rollups: Vec::new(),
        };
        dimension.place(&parents)?;
        Ok(dimension)
    }

    /// Returns the stable name.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.definition.key
    }

    /// Returns the definition that this was compiled from.
    #[must_use]
    pub fn definition(&self) -> &DimensionDef {
        &self.definition
    }

    /// Returns the number of the level with this key.
    ///
    /// # Errors
    /// [`SpaceError::UnknownLevel`] with the nearest known key.
    pub fn level(&self, key: &str) -> Result<LevelId, SpaceError> {
        let known = self.levels.iter().position(|level| level.key == *key);
        known
            .and_then(|index| u16::try_from(index).ok())
            .map(LevelId)
            .ok_or_else(|| unknown_level(self.key(), key, &self.levels))
    }

    /// Returns the key of a level, or `None` for a number that this dimension did not give.
    #[must_use]
    pub fn level_key(&self, level: LevelId) -> Option<&Key> {
        self.levels.get(level.index()).map(|level| &level.key)
    }

    /// Returns the keys of all levels, the hierarchies one after another, the leaf level once.
    #[must_use]
    pub fn levels(&self) -> impl ExactSizeIterator<Item = &Key> {
        self.levels.iter().map(|level| &level.key)
    }

    /// Returns the level at which all hierarchies end.
    #[must_use]
    pub fn leaf_level(&self) -> &Key {
        let last = self
            .definition
            .hierarchies
            .first()
            .and_then(|hierarchy| hierarchy.levels.last());
        // A dimension without a level is refused at construction.
        last.unwrap_or(&self.definition.key)
    }

    /// Returns the number of the member with this key, or with this further name ([`MemberDef::also`](super::MemberDef));
    /// [`UNASSIGNED`](super::UNASSIGNED) is known in every dimension.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known key.
    pub fn member(&self, key: &str) -> Result<MemberId, SpaceError> {
        self.find(key)
            .ok_or_else(|| unknown_member(self.key(), key, &self.keys))
    }

    /// The number of a declared member with this key.
    pub(super) fn assigned(&self, key: &str) -> Result<MemberId, SpaceError> {
        let declared = self.find(key).filter(|id| *id != MemberId::UNASSIGNED);
        declared.ok_or_else(|| unknown_member(self.key(), key, &self.keys))
    }

    /// The members that are known, for an error message.
    pub(crate) fn known(&self) -> Known {
        Known::new(&self.keys)
    }

    /// The number of the member with this key, without a search for a name that may be meant.
    pub(crate) fn find(&self, key: &str) -> Option<MemberId> {
        self.by_key.get(key).copied()
    }

    /// Returns the key of a member; for a number beyond the last member, which another dimension gave, that of the
    /// unassigned member.
    #[must_use]
    pub fn key_of(&self, member: MemberId) -> &Key {
        self.keys.get(member.index()).unwrap_or(&self.keys[0])
    }

    /// The key of a member and its further names.
    pub(crate) fn names_of(&self, member: MemberId) -> impl Iterator<Item = &Key> {
        let place = member.index().checked_sub(1);
        let own = place.and_then(|place| self.definition.members.get(place));
        own.into_iter()
            .flat_map(|own| std::iter::once(&own.key).chain(&own.also))
    }

    /// Returns the level at which a member stands; none for the unassigned member and beyond the last one.
    #[must_use]
    pub fn level_of(&self, member: MemberId) -> Option<LevelId> {
        self.member_levels.get(member.index()).copied().flatten()
    }

    /// Returns the members of a level in declared order, without the unassigned one.
    ///
    /// # Errors
    /// [`SpaceError::UnknownLevel`].
    pub fn members(&self, level: &str) -> Result<impl Iterator<Item = MemberId>, SpaceError> {
        let level = self.level(level)?;
        Ok((0_u32..)
            .zip(&self.member_levels)
            .filter(move |(_, at)| **at == Some(level))
            .map(|(id, _)| MemberId(id)))
    }

    /// Returns how many members there are, the unassigned one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Says whether only the unassigned member is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.len() == 1
    }

    /// Returns how many placements there are: at least one for each member.
    #[must_use]
    pub fn placements(&self) -> usize {
        self.members.len()
    }

    /// Returns where a member stood on a day; the unassigned placement beyond the last member.
    #[must_use]
    pub fn placement(&self, member: MemberId, day: NaiveDate) -> Placement {
        let index = member.index();
        let (Some(low), Some(high)) = (self.first.get(index), self.first.get(index + 1)) else {
            return Placement::UNASSIGNED;
        };
        let (low, high) = (*low, *high);
        if high - low == 1 {
            return Placement(low);
        }
        let day = day.num_days_from_ce();
        let own = &self.starts[low as usize..high as usize];
        // The first stretch starts before every day, so at least one start is not after the day.
        let after = own.partition_point(|start| *start <= day).max(1);
        Placement(low + u32::try_from(after - 1).unwrap_or(0))
    }

    /// Returns the stretches of time in which none of a member's ancestors changes: the number of the day on which each
    /// begins (counted from 1 for 0001-01-01; the first one has held since ever), and its placement.
    pub(crate) fn stretches(&self, member: MemberId) -> impl Iterator<Item = (i32, Placement)> {
        let index = member.index();
        let bounds = self.first.get(index).zip(self.first.get(index + 1));
        let (low, high) = bounds.map_or((0, 1), |(low, high)| (*low, *high));
        (low..high).map(move |at| (self.starts[at as usize], Placement(at)))
    }

    /// By placement, how many stretches its member has.
    pub(crate) fn stretch_counts(&self) -> impl Iterator<Item = usize> {
        (0..self.placements()).map(|at| {
            let member = self.members.get(at).copied();
            member.map_or(1, |member| self.stretches(member).count())
        })
    }

    /// Returns the member that a placement is a stretch of; the unassigned member beyond the last placement.
    #[must_use]
    pub fn member_of(&self, placement: Placement) -> MemberId {
        self.members
            .get(placement.index())
            .copied()
            .unwrap_or(MemberId::UNASSIGNED)
    }

    /// Returns the ancestor of a placement at a level: the member itself at its own level, and the unassigned member
    /// where there is no ancestor, no such level or no such placement.
    #[must_use]
    pub fn ancestor(&self, placement: Placement, level: LevelId) -> MemberId {
        self.rollup(level)
            .get(placement.index())
            .copied()
            .unwrap_or(MemberId::UNASSIGNED)
    }

    /// Returns the ancestors of all placements at a level, as a table to fold records with; empty for a number that is
    /// no level of this dimension.
    #[must_use]
    pub fn rollup(&self, level: LevelId) -> &[MemberId] {
        self.rollups.get(level.index()).map_or(&[], Vec::as_slice)
    }

    /// Returns the parent of a member in a hierarchy on a day, by way of the nearest level above that has one.
    ///
    /// # Errors
    /// [`SpaceError::UnknownHierarchy`].
    pub fn parent(
        &self,
        hierarchy: &str,
        member: MemberId,
        day: NaiveDate,
    ) -> Result<Option<MemberId>, SpaceError> {
        Ok(self.parent_in(self.hierarchy(hierarchy)?, member, day))
    }

    /// The position of the hierarchy with this key.
    pub(super) fn hierarchy(&self, key: &str) -> Result<usize, SpaceError> {
        let mut hierarchies = self.definition.hierarchies.iter();
        let index = hierarchies.position(|found| found.key == *key);
        index.ok_or_else(|| self.definition.unknown_hierarchy(key))
    }

    /// The members in declared order, the unassigned one first.
    pub(super) fn ids(&self) -> impl Iterator<Item = MemberId> {
        (0_u32..).take(self.keys.len()).map(MemberId)
    }

    /// The parent of a member in a hierarchy of this dimension on a day.
    pub(super) fn parent_in(
        &self,
        hierarchy: usize,
        member: MemberId,
        day: NaiveDate,
    ) -> Option<MemberId> {
        let depth = self.depth_in(hierarchy, self.level_of(member)?)?;
        let placement = self.placement(member, day);
        let levels = self
            .definition
            .hierarchies
            .get(hierarchy)?
            .levels
            .get(..depth)?;
        let above = levels.iter().rev();
        above
            .filter_map(|key| Some(self.ancestor(placement, self.level(key.as_str()).ok()?)))
            .find(|ancestor| *ancestor != MemberId::UNASSIGNED)
    }

    fn depth_in(&self, hierarchy: usize, level: LevelId) -> Option<usize> {
        let key = self.level_key(level)?;
        self.definition
            .hierarchies
            .get(hierarchy)?
            .levels
            .iter()
            .position(|found| found == key)
    }
}

impl TryFrom<DimensionDef> for Dimension {
    type Error = SpaceError;

    fn try_from(definition: DimensionDef) -> Result<Self, SpaceError> {
        Self::new(definition)
    }
}

impl From<Dimension> for DimensionDef {
    fn from(dimension: Dimension) -> Self {
        dimension.definition
    }
}

#[cfg(test)]
mod tests;
