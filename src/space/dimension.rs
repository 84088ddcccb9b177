//! A dimension compiled for look-up: members and placements are dense numbers, roll-ups are tables.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{DimensionDef, HierarchyDef, SpaceError, UNASSIGNED};
use crate::key::{Key, nearest};

/// The number of a member in its [`Dimension`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(u32);

impl MemberId {
    /// The member to which belongs what belongs to nobody.
    pub const UNASSIGNED: Self = Self(0);

    /// Returns the position: 0 is the unassigned member, then the members in declared order.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The number of a level in its [`Dimension`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LevelId(u16);

impl LevelId {
    /// Returns the position in the order of declaration, the hierarchies one after another.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A member during a stretch of time in which none of its ancestors changes, in any hierarchy.
///
/// This dense number is what a record keeps: with the tables of [`Dimension::rollup`] it leads to the ancestor at any
/// level by one look-up, as of the record's own day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Placement(u32);

impl Placement {
    /// The placement of the unassigned member.
    pub const UNASSIGNED: Self = Self(0);

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

/// A compiled dimension.
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

#[derive(Debug, Clone, PartialEq)]
struct Level {
    key: Key,
    // The hierarchy and the depth in it; the leaf level stands in all, and the first counts.
    hierarchy: usize,
    depth: usize,
}

/// A stretch of membership in days since the common era, half open.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: i32,
    to: i32,
    parent: MemberId,
}

impl Dimension {
    /// The most levels in all hierarchies of a dimension.
    pub const MAX_LEVELS: usize = 64;
    /// The most members in a dimension.
    pub const MAX_MEMBERS: usize = 1 << 30;

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
            .ok_or_else(|| SpaceError::UnknownLevel {
                dimension: self.key().clone(),
                level: key.to_owned(),
                nearest: nearest(key, self.levels.iter().map(|level| level.key.as_str()))
                    .map(str::to_owned),
            })
    }

    /// Returns the key of a level.
    #[must_use]
    pub fn level_key(&self, level: LevelId) -> &Key {
        &self.levels[level.index()].key
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

    /// Returns the number of the member with this key; [`UNASSIGNED`] is known in every dimension.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known key.
    pub fn member(&self, key: &str) -> Result<MemberId, SpaceError> {
        self.by_key
            .get(key)
            .copied()
            .ok_or_else(|| SpaceError::UnknownMember {
                dimension: self.key().clone(),
                member: key.to_owned(),
                nearest: nearest(key, self.keys.iter().take(10_000).map(Key::as_str))
                    .map(str::to_owned),
            })
    }

    /// Returns the key of a member, which must come from this dimension.
    #[must_use]
    pub fn key_of(&self, member: MemberId) -> &Key {
        &self.keys[member.index()]
    }

    /// Returns the level at which a member stands; none for the unassigned member.
    #[must_use]
    pub fn level_of(&self, member: MemberId) -> Option<LevelId> {
        self.member_levels[member.index()]
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

    /// Returns where a member stood on a day.
    #[must_use]
    pub fn placement(&self, member: MemberId, day: NaiveDate) -> Placement {
        let index = member.index();
        let (low, high) = (self.first[index], self.first[index + 1]);
        if high - low == 1 {
            return Placement(low);
        }
        let day = day.num_days_from_ce();
        let own = &self.starts[low as usize..high as usize];
        // The first stretch starts before every day, so at least one start is not after the day.
        let after = own.partition_point(|start| *start <= day).max(1);
        Placement(low + u32::try_from(after - 1).unwrap_or(0))
    }

    /// Returns the member that a placement is a stretch of.
    #[must_use]
    pub fn member_of(&self, placement: Placement) -> MemberId {
        self.members[placement.index()]
    }

    /// Returns the ancestor of a placement at a level: the member itself at its own level, and the unassigned member
    /// where there is no ancestor.
    #[must_use]
    pub fn ancestor(&self, placement: Placement, level: LevelId) -> MemberId {
        self.rollups[level.index()][placement.index()]
    }

    /// Returns the ancestors of all placements at a level, as a table to fold records with.
    #[must_use]
    pub fn rollup(&self, level: LevelId) -> &[MemberId] {
        &self.rollups[level.index()]
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
        let index = self
            .definition
            .hierarchies
            .iter()
            .position(|found| found.key == *hierarchy);
        let index = index.ok_or_else(|| SpaceError::UnknownHierarchy {
            dimension: self.key().clone(),
            hierarchy: hierarchy.to_owned(),
        })?;
        let Some(own) = self.level_of(member) else {
            return Ok(None);
        };
        let Some(depth) = self.depth_in(index, own) else {
            return Ok(None);
        };
        let placement = self.placement(member, day);
        let above = self.definition.hierarchies[index].levels[..depth]
            .iter()
            .rev();
        for key in above {
            let ancestor = self.ancestor(placement, self.level(key.as_str())?);
            if ancestor != MemberId::UNASSIGNED {
                return Ok(Some(ancestor));
            }
        }
        Ok(None)
    }

    fn depth_in(&self, hierarchy: usize, level: LevelId) -> Option<usize> {
        let key = self.level_key(level);
        self.definition.hierarchies[hierarchy]
            .levels
            .iter()
            .position(|found| found == key)
    }

    /// Cuts each member's time where any ancestor changes, and fills the tables.
    fn place(&mut self, parents: &[Vec<Vec<Stretch>>]) -> Result<(), SpaceError> {
        let cuts = self.cuts(parents);
        let total: usize = cuts.iter().map(|own| own.len() + 1).sum();
        if u32::try_from(total).is_err() {
            return Err(SpaceError::TooMany {
                what: "placements",
                count: total,
                limit: u32::MAX as usize,
            });
        }
        self.rollups = vec![Vec::with_capacity(total); self.levels.len()];
        for (id, own) in (0_u32..).zip(&cuts) {
            self.first
                .push(u32::try_from(self.members.len()).unwrap_or(u32::MAX));
            for start in std::iter::once(i32::MIN).chain(own.iter().copied()) {
                self.starts.push(start);
                self.members.push(MemberId(id));
                self.fill(MemberId(id), start, parents);
            }
        }
        self.first
            .push(u32::try_from(self.members.len()).unwrap_or(u32::MAX));
        Ok(())
    }

    /// The days on which some ancestor of a member changes, for every member.
    fn cuts(&self, parents: &[Vec<Vec<Stretch>>]) -> Vec<Vec<i32>> {
        let mut cuts: Vec<BTreeSet<i32>> = vec![BTreeSet::new(); self.keys.len()];
        for (index, stretches) in parents.iter().enumerate() {
            // Parents first: a member's cuts include those of its parent while it belongs to it. Leaves stand in every
            // hierarchy and upper members in one, so one sweep from the top of each hierarchy is enough.
            let mut order: Vec<(usize, usize)> = (1..self.keys.len())
                .filter_map(|member| {
                    Some((self.depth_in(index, self.member_levels[member]?)?, member))
                })
                .collect();
            order.sort_unstable();
            for (_, member) in order {
                let mut own = std::mem::take(&mut cuts[member]);
                for stretch in &stretches[member] {
                    own.extend([stretch.from, stretch.to]);
                    let above = &cuts[stretch.parent.index()];
                    own.extend(above.range(stretch.from..stretch.to));
                }
                own.remove(&i32::MIN);
                own.remove(&i32::MAX);
                cuts[member] = own;
            }
        }
        cuts.into_iter()
            .map(|own| own.into_iter().collect())
            .collect()
    }

    fn fill(&mut self, member: MemberId, day: i32, parents: &[Vec<Vec<Stretch>>]) {
        let mut found = vec![MemberId::UNASSIGNED; self.levels.len()];
        for stretches in parents {
            let mut at = member;
            while let Some(level) = self.member_levels[at.index()] {
                found[level.index()] = at;
                let holding = stretches[at.index()]
                    .iter()
                    .find(|stretch| stretch.from <= day && day < stretch.to);
                match holding {
                    Some(stretch) => at = stretch.parent,
                    None => break,
                }
            }
        }
        for (table, ancestor) in self.rollups.iter_mut().zip(found) {
            table.push(ancestor);
        }
    }
}

fn levels_of(definition: &DimensionDef) -> Result<Vec<Level>, SpaceError> {
    let dimension = &definition.key;
    let Some(first) = definition.hierarchies.first() else {
        return Err(SpaceError::NoLevel {
            what: "dimension",
            name: dimension.clone(),
            dimension: dimension.clone(),
        });
    };
    let mut levels: Vec<Level> = Vec::new();
    let mut names = BTreeSet::new();
    for (index, hierarchy) in definition.hierarchies.iter().enumerate() {
        if !names.insert(&hierarchy.key) {
            return Err(SpaceError::DuplicateHierarchy {
                dimension: dimension.clone(),
                hierarchy: hierarchy.key.clone(),
            });
        }
        let no_level = || SpaceError::NoLevel {
            what: "hierarchy",
            name: hierarchy.key.clone(),
            dimension: dimension.clone(),
        };
        let leaf = hierarchy.levels.last().ok_or_else(no_level)?;
        let first_leaf = first.levels.last().ok_or_else(no_level)?;
        if leaf != first_leaf {
            return Err(SpaceError::LeafLevelsDiffer {
                dimension: dimension.clone(),
                first: first_leaf.clone(),
                other: leaf.clone(),
            });
        }
        for (depth, key) in hierarchy.levels.iter().enumerate() {
            let shared_leaf = index > 0 && depth + 1 == hierarchy.levels.len();
            if levels.iter().any(|level| level.key == *key) {
                if shared_leaf {
                    continue;
                }
                return Err(SpaceError::DuplicateLevel {
                    dimension: dimension.clone(),
                    level: key.clone(),
                });
            }
            levels.push(Level {
                key: key.clone(),
                hierarchy: index,
                depth,
            });
        }
    }
    if levels.len() > Dimension::MAX_LEVELS {
        return Err(SpaceError::TooMany {
            what: "levels",
            count: levels.len(),
            limit: Dimension::MAX_LEVELS,
        });
    }
    Ok(levels)
}

type Members = (Vec<Key>, BTreeMap<Key, MemberId>, Vec<Option<LevelId>>);

fn members_of(definition: &DimensionDef, levels: &[Level]) -> Result<Members, SpaceError> {
    let count = definition.members.len();
    if count > Dimension::MAX_MEMBERS {
        return Err(SpaceError::TooMany {
            what: "members",
            count,
            limit: Dimension::MAX_MEMBERS,
        });
    }
    let unassigned = Key::new(UNASSIGNED)?;
    let mut keys = vec![unassigned.clone()];
    let mut member_levels = vec![None];
    let mut by_key = BTreeMap::from([(unassigned, MemberId::UNASSIGNED)]);
    for (id, member) in (1_u32..).zip(&definition.members) {
        if member.key == *UNASSIGNED {
            return Err(SpaceError::ReservedMember {
                dimension: definition.key.clone(),
            });
        }
        let level = levels.iter().position(|level| level.key == member.level);
        let level = level
            .and_then(|index| u16::try_from(index).ok())
            .ok_or_else(|| SpaceError::UnknownLevel {
                dimension: definition.key.clone(),
                level: member.level.as_str().to_owned(),
                nearest: nearest(
                    member.level.as_str(),
                    levels.iter().map(|level| level.key.as_str()),
                )
                .map(str::to_owned),
            })?;
        if by_key.insert(member.key.clone(), MemberId(id)).is_some() {
            return Err(SpaceError::DuplicateMember {
                dimension: definition.key.clone(),
                member: member.key.clone(),
            });
        }
        keys.push(member.key.clone());
        member_levels.push(Some(LevelId(level)));
    }
    Ok((keys, by_key, member_levels))
}

/// One hierarchy while it is being checked.
struct Site<'a> {
    definition: &'a DimensionDef,
    hierarchy: &'a HierarchyDef,
    index: usize,
}

impl Site<'_> {
    /// Reads the links into one sorted list of stretches for each member.
    fn stretches(
        &self,
        by_key: &BTreeMap<Key, MemberId>,
        levels: &[Level],
        member_levels: &[Option<LevelId>],
        keys: &[Key],
    ) -> Result<Vec<Vec<Stretch>>, SpaceError> {
        let dimension = || self.definition.key.clone();
        let find = |key: &Key| {
            let known = by_key
                .get(key)
                .filter(|id| **id != MemberId::UNASSIGNED)
                .copied();
            known.ok_or_else(|| SpaceError::UnknownMember {
                dimension: dimension(),
                member: key.as_str().to_owned(),
                nearest: nearest(key.as_str(), keys.iter().take(10_000).map(Key::as_str))
                    .map(str::to_owned),
            })
        };
        let mut stretches: Vec<Vec<Stretch>> = vec![Vec::new(); keys.len()];
        for link in &self.hierarchy.links {
            let (member, parent) = (find(&link.member)?, find(&link.parent)?);
            let from = link.from.map_or(i32::MIN, |day| day.num_days_from_ce());
            let to = link.to.map_or(i32::MAX, |day| day.num_days_from_ce());
            if to <= from {
                return Err(SpaceError::EmptyLink {
                    dimension: dimension(),
                    member: link.member.clone(),
                    parent: link.parent.clone(),
                });
            }
            stretches[member.index()].push(Stretch { from, to, parent });
        }
        self.refuse_cycles(&stretches, keys)?;
        let depth = |id: MemberId| {
            let level = levels.get(member_levels[id.index()]?.index())?;
            let own = self
                .hierarchy
                .levels
                .iter()
                .position(|key| *key == level.key);
            own.filter(|_| {
                level.hierarchy == self.index
                    || level.depth + 1 == self.definition.hierarchies[level.hierarchy].levels.len()
            })
        };
        for (index, own) in stretches.iter_mut().enumerate() {
            own.sort_unstable_by_key(|stretch| stretch.from);
            for pair in own.windows(2) {
                if pair[1].from < pair[0].to {
                    return Err(SpaceError::TwoParents {
                        dimension: dimension(),
                        hierarchy: self.hierarchy.key.clone(),
                        member: keys[index].clone(),
                        first: keys[pair[0].parent.index()].clone(),
                        second: keys[pair[1].parent.index()].clone(),
                    });
                }
            }
            for stretch in own.iter() {
                let member = MemberId(u32::try_from(index).unwrap_or(0));
                let ordered = matches!((depth(stretch.parent), depth(member)), (Some(above), Some(below)) if above < below);
                if !ordered {
                    return Err(SpaceError::LevelOrder {
                        dimension: dimension(),
                        hierarchy: self.hierarchy.key.clone(),
                        member: keys[index].clone(),
                        parent: keys[stretch.parent.index()].clone(),
                    });
                }
            }
        }
        Ok(stretches)
    }

    /// Depth-first over all links whatever their dates: a cycle is reported as such, and not as a wrong level.
    fn refuse_cycles(&self, stretches: &[Vec<Stretch>], keys: &[Key]) -> Result<(), SpaceError> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; stretches.len()];
        for root in 0..stretches.len() {
            let mut path: Vec<(usize, usize)> = Vec::new();
            if marks[root] == Mark::New {
                marks[root] = Mark::Open;
                path.push((root, 0));
            }
            while let Some((member, next)) = path.last_mut() {
                let Some(stretch) = stretches[*member].get(*next) else {
                    marks[*member] = Mark::Done;
                    path.pop();
                    continue;
                };
                *next += 1;
                let parent = stretch.parent.index();
                match marks[parent] {
                    Mark::Done => {}
                    Mark::New => {
                        marks[parent] = Mark::Open;
                        path.push((parent, 0));
                    }
                    Mark::Open => {
                        let start = path.iter().position(|(on, _)| *on == parent).unwrap_or(0);
                        let members = path[start..]
                            .iter()
                            .rev()
                            .map(|(on, _)| keys[*on].clone())
                            .collect();
                        return Err(SpaceError::Cycle {
                            dimension: self.definition.key.clone(),
                            hierarchy: self.hierarchy.key.clone(),
                            members,
                        });
                    }
                }
            }
        }
        Ok(())
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
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Two regions, two teams, two people; Ann moves from team a to team b on 1 July, and team b moves from north to
    /// south on 1 October.
    fn people() -> DimensionDef {
        let at = |text| Some(day(text));
        DimensionDef::new("person", &["region", "team", "person"])
            .and_then(|d| d.member("region", "north")?.member("region", "south"))
            .and_then(|d| d.child("team", "a", "north")?.member("team", "b"))
            .and_then(|d| d.link("person", "b", "north", None, at("2026-10-01")))
            .and_then(|d| d.link("person", "b", "south", at("2026-10-01"), None))
            .and_then(|d| d.member("person", "ann")?.child("person", "bo", "a"))
            .and_then(|d| d.link("person", "ann", "a", None, at("2026-07-01")))
            .and_then(|d| d.link("person", "ann", "b", at("2026-07-01"), None))
            .unwrap()
    }

    #[test]
    fn membership_is_as_of_the_day() {
        let dimension = Dimension::new(people()).unwrap();
        let ann = dimension.member("ann").unwrap();
        let (team, region) = (
            dimension.level("team").unwrap(),
            dimension.level("region").unwrap(),
        );
        let on = |text| {
            let placement = dimension.placement(ann, day(text));
            let name = |level| {
                dimension
                    .key_of(dimension.ancestor(placement, level))
                    .as_str()
            };
            (name(team), name(region))
        };
        assert_eq!(on("2020-01-01"), ("a", "north"));
        assert_eq!(on("2026-06-30"), ("a", "north"));
        assert_eq!(on("2026-07-01"), ("b", "north"));
        assert_eq!(on("2026-09-30"), ("b", "north"));
        assert_eq!(on("2026-10-01"), ("b", "south"));
        // unassigned, north, south, a and bo have one placement each, b two, ann three.
        assert_eq!(dimension.placements(), 10);
    }

    #[test]
    fn what_has_no_parent_is_unassigned_above_itself() {
        let definition = people().member("person", "new").unwrap();
        let dimension = Dimension::new(definition).unwrap();
        let new = dimension.member("new").unwrap();
        let placement = dimension.placement(new, day("2026-01-01"));
        assert_eq!(
            dimension.ancestor(placement, dimension.level("person").unwrap()),
            new
        );
        assert_eq!(
            dimension.ancestor(placement, dimension.level("team").unwrap()),
            MemberId::UNASSIGNED
        );
        let north = dimension.member("north").unwrap();
        let placement = dimension.placement(north, day("2026-01-01"));
        assert_eq!(
            dimension.ancestor(placement, dimension.level("person").unwrap()),
            MemberId::UNASSIGNED
        );
    }

    #[test]
    fn a_second_hierarchy_shares_the_leaves() {
        let definition = people()
            .hierarchy("grade", &["grade", "person"])
            .and_then(|d| d.member("grade", "senior"))
            .and_then(|d| d.link("grade", "bo", "senior", Some(day("2026-03-01")), None))
            .unwrap();
        let dimension = Dimension::new(definition).unwrap();
        let bo = dimension.member("bo").unwrap();
        let grade = dimension.level("grade").unwrap();
        let on = |text| {
            dimension
                .key_of(dimension.ancestor(dimension.placement(bo, day(text)), grade))
                .as_str()
        };
        assert_eq!((on("2026-02-28"), on("2026-03-01")), (UNASSIGNED, "senior"));
        let parent = |hierarchy, text| {
            dimension
                .parent(hierarchy, bo, day(text))
                .unwrap()
                .map(|id| dimension.key_of(id).as_str())
        };
        assert_eq!(parent("person", "2026-03-01"), Some("a"));
        assert_eq!(parent("grade", "2026-02-01"), None);
    }

    #[test]
    fn every_broken_definition_has_its_own_error() {
        let base = || DimensionDef::new("d", &["top", "leaf"]).unwrap();
        let refused = |definition: DimensionDef| Dimension::new(definition).unwrap_err();
        let twice = base()
            .member("leaf", "x")
            .unwrap()
            .member("top", "x")
            .unwrap();
        assert!(matches!(refused(twice), SpaceError::DuplicateMember { .. }));
        let reserved = base().member("leaf", UNASSIGNED).unwrap();
        assert!(matches!(
            refused(reserved),
            SpaceError::ReservedMember { .. }
        ));
        let level = base().member("leef", "x").unwrap();
        assert_eq!(
            refused(level).to_string(),
            "dimension `d` has no level `leef`; did you mean `leaf`?"
        );
        let unknown = base().child("leaf", "x", "y").unwrap();
        assert!(matches!(refused(unknown), SpaceError::UnknownMember { .. }));
        let upward = base()
            .member("leaf", "x")
            .unwrap()
            .member("top", "y")
            .unwrap()
            .link("d", "y", "x", None, None);
        assert!(matches!(
            refused(upward.unwrap()),
            SpaceError::LevelOrder { .. }
        ));
        let cycle = base()
            .member("leaf", "x")
            .unwrap()
            .child("leaf", "y", "x")
            .unwrap()
            .link("d", "x", "y", None, None);
        let error = refused(cycle.unwrap());
        assert!(
            matches!(&error, SpaceError::Cycle { members, .. } if members.len() == 2),
            "{error}"
        );
        let own = base().child("leaf", "x", "x").unwrap();
        assert_eq!(
            refused(own).to_string(),
            "hierarchy `d` of dimension `d` has a cycle: x > x"
        );
        let both = base()
            .member("top", "a")
            .unwrap()
            .member("top", "b")
            .unwrap()
            .child("leaf", "x", "a")
            .unwrap();
        assert!(matches!(
            refused(both.link("d", "x", "b", None, None).unwrap()),
            SpaceError::TwoParents { .. }
        ));
        let empty = base()
            .member("top", "a")
            .unwrap()
            .member("leaf", "x")
            .unwrap();
        let same = Some(day("2026-01-01"));
        assert!(matches!(
            refused(empty.link("d", "x", "a", same, same).unwrap()),
            SpaceError::EmptyLink { .. }
        ));
        let levels = DimensionDef::new("d", &["a", "a"]).unwrap();
        assert!(matches!(refused(levels), SpaceError::DuplicateLevel { .. }));
        assert!(matches!(
            refused(DimensionDef::new("d", &[]).unwrap()),
            SpaceError::NoLevel { .. }
        ));
        let leaves = base().hierarchy("other", &["x", "y"]).unwrap();
        assert!(matches!(
            refused(leaves),
            SpaceError::LeafLevelsDiffer { .. }
        ));
        let same_hierarchy = base().hierarchy("d", &["x", "leaf"]).unwrap();
        assert!(matches!(
            refused(same_hierarchy),
            SpaceError::DuplicateHierarchy { .. }
        ));
    }

    #[test]
    fn a_dimension_reads_back() {
        let dimension = Dimension::new(people()).unwrap();
        let text = serde_json::to_string(&dimension).unwrap();
        assert_eq!(serde_json::from_str::<Dimension>(&text).unwrap(), dimension);
    }
}
