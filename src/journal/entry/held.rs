//! Who holds which post, as entries: somebody begins, acts, is absent, or leaves it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Content, Entry};
use crate::journal::error::EntryError;
use crate::journal::id::EntryId;
use crate::key::Key;
use crate::space::TenureDef;

/// Who holds a post no more, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VacatingDef {
    /// The post.
    pub post: Key,
    /// Who leaves it; everybody when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Key>,
}

impl Entry {
    /// Returns the entry of somebody who holds a post from a day on: the day of the entry stands for the first day of the tenure.
    ///
    /// ```
    /// use quotaflow::journal::{Entry, EntryId};
    /// use quotaflow::space::{Tenure, TenureDef};
    /// let (away, back) = ("2026-03-09".parse()?, "2026-03-23".parse()?);
    /// let id = |name| EntryId::new("hr", name);
    /// let absent = TenureDef::always("north-1", "ann")?.until(back).as_tenure(Tenure::Absent);
    /// let acting = TenureDef::always("north-1", "bo")?.until(back).as_tenure(Tenure::Acting);
    /// let entries = [Entry::hold(id("A-1")?, away, absent), Entry::hold(id("A-2")?, away, acting)];
    /// // From the 23rd on ann holds it as she did before.
    /// let left = Entry::vacate(id("L-1")?, "2026-06-01".parse()?, "north-1", Some("ann"))?;
    /// # let _ = (entries, left);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    #[must_use]
    pub fn hold(id: EntryId, day: NaiveDate, tenure: TenureDef) -> Self {
        Self::new(id, day, Content::Hold(tenure))
    }

    /// Returns the entry of somebody who holds a post no more from a day on, or of a post that nobody holds any more.
    ///
    /// # Errors
    /// [`EntryError::Key`].
    pub fn vacate(
        id: EntryId,
        day: NaiveDate,
        post: &str,
        person: Option<&str>,
    ) -> Result<Self, EntryError> {
        let (post, person) = (Key::new(post)?, person.map(Key::new).transpose()?);
        Ok(Self::new(
            id,
            day,
            Content::Vacate(VacatingDef { post, person }),
        ))
    }
}
