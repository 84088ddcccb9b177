//! What of a record is taken, and what it names.

use serde::{Deserialize, Serialize};

use crate::key::Key;

/// What the figure of no record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Empty {
    /// Zero for a sum, because the records are all that happened; for the others what they say themselves.
    #[default]
    Default,
    /// Nothing recorded, because absence of records says nothing: a survey, a count of stock. Also where a reversal takes
    /// back just what there is.
    NothingRecorded,
}

impl Empty {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form that serde asks for"
    )]
    pub(super) fn is_default(&self) -> bool {
        *self == Self::Default
    }
}

/// Where the days between two records are placed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Placed {
    /// In the period and with the subject of the record that ends it: what was over in March. The default.
    #[default]
    End,
    /// In the period and with the subject of the record that begins it: what began in March, as far as it is over.
    Start,
}

/// What several records on one day are to a gap.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum SameDay {
    /// Each is one, zero days after the other. The default.
    #[default]
    Each,
    /// Together they are one.
    Once,
}

/// What is counted once: a member or a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Entity {
    /// A member of a dimension.
    Member {
        /// The dimension, or the field that names a member of it.
        dimension: Key,
        /// The level; the leaves where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<Key>,
    },
    /// A value of an attribute.
    Attribute(Key),
    /// The record's own day: days of visiting, days on which anything was sold.
    Day,
}
