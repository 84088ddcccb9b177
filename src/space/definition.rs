//! Dimensions as documents.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::SpaceError;
use crate::key::{Key, unknown};
use crate::text::Texts;

/// A dimension as data: compile it with [`Dimension::new`](super::Dimension::new) or in a [`Space`](super::Space).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionDef {
    /// The stable name: `person`, `product`, `customer`.
    pub key: Key,
    /// The trees over the members. All end at the same leaf level; the names of the levels above are unique in the
    /// dimension, so that a level's name says which tree is meant.
    pub hierarchies: Vec<HierarchyDef>,
    /// The members in the order in which they are shown; this order decides ties.
    pub members: Vec<MemberDef>,
}

/// One tree over the members of a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HierarchyDef {
    /// The stable name.
    pub key: Key,
    /// The levels from the top to the leaves.
    pub levels: Vec<Key>,
    /// Who belongs to whom, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkDef>,
}

/// One member of a dimension, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberDef {
    /// The stable name, unique in the dimension.
    pub key: Key,
    /// What it is shown as; the key where there is none.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// The level at which it stands.
    pub level: Key,
    /// Further names under which records and links know it: ids that have changed, duplicates that were merged into it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Key>,
}

/// The membership of a member in a parent, from one day to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkDef {
    /// The child.
    pub member: Key,
    /// The member above it; levels in between may be skipped.
    pub parent: Key,
    /// The first day; since ever where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The first day on which it no longer holds; for ever where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

impl DimensionDef {
    /// Returns a dimension of one level without groups.
    ///
    /// # Errors
    /// [`SpaceError::Key`] if a name cannot be a key.
    pub fn flat<'a>(
        key: &str,
        level: &str,
        members: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, SpaceError> {
        let mut definition = Self::new(key, &[level])?;
        for member in members {
            definition = definition.member(level, member)?;
        }
        Ok(definition)
    }

    /// Returns a dimension without members, with one hierarchy of its own name and these levels from the top.
    ///
    /// # Errors
    /// [`SpaceError::Key`] if a name cannot be a key.
    pub fn new(key: &str, levels: &[&str]) -> Result<Self, SpaceError> {
        let key = Key::new(key)?;
        let hierarchy = HierarchyDef {
            key: key.clone(),
            levels: keys(levels)?,
            links: Vec::new(),
        };
        Ok(Self {
            key,
            hierarchies: vec![hierarchy],
            members: Vec::new(),
        })
    }

    /// Adds another hierarchy with these levels from the top.
    ///
    /// # Errors
    /// [`SpaceError::Key`] if a name cannot be a key.
    pub fn hierarchy(mut self, key: &str, levels: &[&str]) -> Result<Self, SpaceError> {
        self.hierarchies.push(HierarchyDef {
            key: Key::new(key)?,
            levels: keys(levels)?,
            links: Vec::new(),
        });
        Ok(self)
    }

    /// Adds a member at a level.
    ///
    /// # Errors
    /// [`SpaceError::Key`] if a name cannot be a key.
    pub fn member(mut self, level: &str, key: &str) -> Result<Self, SpaceError> {
        self.members.push(MemberDef {
            key: Key::new(key)?,
            title: Texts::default(),
            level: Key::new(level)?,
            also: Vec::new(),
        });
        Ok(self)
    }

    /// Adds a member at a level that belongs to a parent at all times in the first hierarchy.
    ///
    /// # Errors
    /// [`SpaceError::Key`] if a name cannot be a key.
    pub fn child(self, level: &str, key: &str, parent: &str) -> Result<Self, SpaceError> {
        let hierarchy = self
            .hierarchies
            .first()
            .map(|first| first.key.as_str().to_owned())
            .unwrap_or_default();
        self.member(level, key)?
            .link(&hierarchy, key, parent, None, None)
    }

    /// Adds the membership of a member in a parent, from a day to the day before another.
    ///
    /// # Errors
    /// [`SpaceError::Key`] if a name cannot be a key; [`SpaceError::UnknownHierarchy`].
    pub fn link(
        mut self,
        hierarchy: &str,
        member: &str,
        parent: &str,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<Self, SpaceError> {
        let link = LinkDef {
            member: Key::new(member)?,
            parent: Key::new(parent)?,
            from,
            to,
        };
        match self
            .hierarchies
            .iter_mut()
            .find(|found| found.key == *hierarchy)
        {
            Some(found) => found.links.push(link),
            None => {
                return Err(self.unknown_hierarchy(hierarchy));
            }
        }
        Ok(self)
    }
}

impl DimensionDef {
    /// The error of a hierarchy that the dimension does not have.
    pub(super) fn unknown_hierarchy(&self, key: &str) -> SpaceError {
        let keys = self.hierarchies.iter().map(|found| found.key.as_str());
        let (name, nearest, known) = unknown(key, keys);
        SpaceError::UnknownHierarchy {
            dimension: self.key.clone(),
            name,
            nearest,
            known,
        }
    }
}

fn keys(names: &[&str]) -> Result<Vec<Key>, SpaceError> {
    names.iter().map(|name| Ok(Key::new(name)?)).collect()
}
