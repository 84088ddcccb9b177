//! What entries say of duties that somebody need not do.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Content, Entry};
use crate::calendar::DayRange;
use crate::journal::error::EntryError;
use crate::journal::id::EntryId;
use crate::key::Key;

/// Who is excused from a duty, and when, as data. The entry says who decided that and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExcuseDef {
    /// The duty of the model.
    pub duty: Key,
    /// Who is excused: somebody who has it, or a member above them (a team, a region): then all who stand below that on the due day.
    pub member: Key,
    /// The due days on which they are.
    pub days: DayRange,
}

impl Entry {
    /// Returns the entry by which somebody is excused from a duty on the due days of a range. It is refused without
    /// [`by`](Self::by) and [`because`](Self::because).
    ///
    /// ```
    /// use quotaflow::calendar::DayRange;
    /// use quotaflow::journal::{Entry, EntryId};
    /// let (id, day) = (EntryId::new("hr", "L-1")?, "2026-03-09".parse()?);
    /// let week = DayRange::new("2026-03-09".parse()?, "2026-03-16".parse()?)?;
    /// let excused = Entry::excuse(id, day, ("visits", "ann"), week)?.by("eva").because("a training");
    /// let text = serde_json::to_string(&excused).map_err(quotaflow::Error::other)?;
    /// assert!(text.contains(r#"{"excuse":{"duty":"visits","member":"ann","days":{"start":"2026-03-09","end":"2026-03-16"}}}"#));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`EntryError::Key`].
    pub fn excuse(
        id: EntryId,
        day: NaiveDate,
        (duty, member): (&str, &str),
        days: DayRange,
    ) -> Result<Self, EntryError> {
        let content = Content::Excuse(ExcuseDef {
            duty: Key::new(duty)?,
            member: Key::new(member)?,
            days,
        });
        Ok(Self::new(id, day, content))
    }
}
