//! What a definition says, checked: levels, members, and the stretches of time during which each has a parent.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;

use super::level::{
    Level, LevelId, MAX_LEVELS, MAX_MEMBERS, MemberId, UNASSIGNED, unknown_level, unknown_member,
};
use crate::key::Key;
use crate::space::{DimensionDef, HierarchyDef, SpaceError};

/// A stretch of membership in days since the common era, half open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) from: i32,
    pub(super) to: i32,
    pub(super) parent: MemberId,
}

pub(super) fn levels_of(definition: &DimensionDef) -> Result<Vec<Level>, SpaceError> {
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
    if levels.len() > MAX_LEVELS {
        return Err(SpaceError::TooMany {
            what: "levels",
            count: levels.len(),
            limit: MAX_LEVELS,
        });
    }
    Ok(levels)
}

pub(super) type Members = (Vec<Key>, BTreeMap<Key, MemberId>, Vec<Option<LevelId>>);

pub(super) fn members_of(
    definition: &DimensionDef,
    levels: &[Level],
) -> Result<Members, SpaceError> {
    let count = definition.members.len();
    if count > MAX_MEMBERS {
        return Err(SpaceError::TooMany {
            what: "members",
            count,
            limit: MAX_MEMBERS,
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
            .ok_or_else(|| unknown_level(&definition.key, member.level.as_str(), levels))?;
        for name in std::iter::once(&member.key).chain(&member.also) {
            if by_key.insert(name.clone(), MemberId(id)).is_some() {
                return Err(SpaceError::DuplicateMember {
                    dimension: definition.key.clone(),
                    member: name.clone(),
                });
            }
        }
        keys.push(member.key.clone());
        member_levels.push(Some(LevelId(level)));
    }
    Ok((keys, by_key, member_levels))
}

/// One hierarchy while it is being checked.
pub(super) struct Site<'a> {
    pub(super) definition: &'a DimensionDef,
    pub(super) hierarchy: &'a HierarchyDef,
    pub(super) index: usize,
}

impl Site<'_> {
    /// Reads the links into one sorted list of stretches for each member.
    pub(super) fn stretches(
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
            known.ok_or_else(|| unknown_member(&self.definition.key, key.as_str(), keys))
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
