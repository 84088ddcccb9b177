//! What entries say of members who are there: another name, another class, or that two were one.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Content, Entry};
use crate::journal::error::EntryError;
use crate::journal::id::EntryId;
use crate::key::Key;
use crate::text::Texts;

/// Who leaves, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndDef {
    /// The dimension.
    pub dimension: Key,
    /// The member.
    pub member: Key,
}

/// Who is shown under another name, as data. The key stays: where that has changed, the member has joined under the new one, and the
/// old one is merged into it ([`MergeDef`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenameDef {
    /// The dimension.
    pub dimension: Key,
    /// The member.
    pub member: Key,
    /// What it is shown as from now on, in place of every text that it had.
    pub title: Texts,
}

/// Which member turned out to be another one, as data: a duplicate, or an id that has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeDef {
    /// The dimension.
    pub dimension: Key,
    /// The member that is none of its own any more.
    pub member: Key,
    /// The one that stays (the survivor), at the same level.
    pub into: Key,
}

impl Entry {
    /// Returns the entry of a member that is shown under another name. Its key stays.
    ///
    /// # Errors
    /// [`EntryError::Key`].
    pub fn rename(
        id: EntryId,
        day: NaiveDate,
        (dimension, member): (&str, &str),
        title: impl Into<Texts>,
    ) -> Result<Self, EntryError> {
        let content = Content::Rename(RenameDef {
            dimension: Key::new(dimension)?,
            member: Key::new(member)?,
            title: title.into(),
        });
        Ok(Self::new(id, day, content))
    }

    /// Returns the entry by which a duplicate is merged into the one that stays, or an old id into the new one.
    ///
    /// ```
    /// use quotaflow::journal::{Entry, EntryId};
    /// let (id, day) = (EntryId::new("crm", "M-1")?, "2026-03-01".parse()?);
    /// let merged = Entry::merge(id, day, ("customer", "acme-2", "acme"))?;
    /// let text = serde_json::to_string(&merged).map_err(quotaflow::Error::other)?;
    /// assert!(text.contains(r#""what":{"merge":{"dimension":"customer","member":"acme-2","into":"acme"}}"#));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`EntryError::Key`].
    pub fn merge(
        id: EntryId,
        day: NaiveDate,
        (dimension, member, into): (&str, &str, &str),
    ) -> Result<Self, EntryError> {
        let content = Content::Merge(MergeDef {
            dimension: Key::new(dimension)?,
            member: Key::new(member)?,
            into: Key::new(into)?,
        });
        Ok(Self::new(id, day, content))
    }

    /// Says in which hierarchy a move is, or the last parent of a join, if it is not the first one: a territory beside a team, or a
    /// class (a tier, a size) that is a hierarchy of its own.
    ///
    /// ```
    /// use quotaflow::journal::{Entry, EntryId};
    /// let (id, day) = (EntryId::new("crm", "C-1")?, "2026-04-01".parse()?);
    /// let classed = Entry::moving(id, day, ("customer", "acme", "key-account"))?.within("class")?;
    /// let text = serde_json::to_string(&classed).map_err(quotaflow::Error::other)?;
    /// assert!(text.contains(r#""hierarchy":"class","member":"acme","parent":"key-account""#));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`EntryError::Key`]; [`EntryError::NotJoining`] for an entry that gives no parent.
    pub fn within(mut self, hierarchy: &str) -> Result<Self, EntryError> {
        let hierarchy = Some(Key::new(hierarchy)?);
        let given = match Arc::make_mut(&mut self.content) {
            Content::Move(to) => Some(&mut to.hierarchy),
            Content::Join(join) => join.parents.last_mut().map(|parent| &mut parent.hierarchy),
            _ => None,
        };
        match given {
            Some(given) => *given = hierarchy,
            None => return Err(EntryError::NotJoining { id: self.id }),
        }
        Ok(self)
    }
}
