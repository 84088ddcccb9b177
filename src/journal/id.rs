//! The identity of an entry.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::key::{Key, KeyError};

/// The identity of an entry: where it comes from, and what it is called there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryId {
    /// The source: `crm`, `hr`, `erp`.
    pub source: Key,
    /// The name that the source gave it.
    pub id: Key,
}

impl EntryId {
    /// Returns the identity of these names.
    ///
    /// # Errors
    /// [`KeyError`] if a name cannot be a key.
    pub fn new(source: &str, id: &str) -> Result<Self, KeyError> {
        let (source, id) = (Key::new(source)?, Key::new(id)?);
        Ok(Self { source, id })
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.source, self.id)
    }
}
