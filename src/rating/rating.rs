//! What a rater says of a subject.

use serde::{Deserialize, Serialize};

use super::rater_group::RaterGroup;
use crate::key::{Key, KeyError};

/// One rating: who rates whom, in which relation, and the level given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// Who is rated: one member for each axis of the subjects.
    pub subject: Vec<Key>,
    /// Who rates.
    pub rater: Key,
    /// What the rater is to the one who is rated.
    pub relation: RaterGroup,
    /// The level.
    pub level: Key,
}

impl Rating {
    /// Returns the rating of the subject with these members by a rater: `Rating::new(["ann"], "boss", RaterGroup::Superior, "good")`.
    ///
    /// # Errors
    /// [`KeyError`] if a member, `rater` or `level` cannot be a key.
    pub fn new<N: AsRef<str>>(
        subject: impl IntoIterator<Item = N>,
        rater: &str,
        relation: RaterGroup,
        level: &str,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            subject: subject
                .into_iter()
                .map(|member| Key::new(member.as_ref()))
                .collect::<Result<_, _>>()?,
            rater: Key::new(rater)?,
            relation,
            level: Key::new(level)?,
        })
    }
}
