//! What of a record is taken, and what it names.

use serde::{Deserialize, Serialize};

use super::Selection;
use crate::key::Key;
use crate::metric::error::MetricError;

/// A value of records, and which records.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Valued {
    /// What of each record.
    pub value: Value,
    /// Which records.
    pub of: Selection,
    /// What the figure of no record is; the formula's own default where there is none.
    #[serde(default, skip_serializing_if = "Empty::is_default")]
    pub empty: Empty,
}

impl Valued {
    /// Returns a measure of records.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn measure(measure: &str, of: Selection) -> Result<Self, MetricError> {
        Ok(Self::new(Value::Measure(Key::new(measure)?), of))
    }

    /// Returns the days from one date of each record to another; `day` is the record's own.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn days(from: &str, to: &str, of: Selection) -> Result<Self, MetricError> {
        Ok(Self::new(
            Value::Days {
                from: Key::new(from)?,
                to: Key::new(to)?,
            },
            of,
        ))
    }

    /// Returns the days from each record to the next of `end` that has the same entity; see [`Value::Until`].
    #[must_use]
    pub fn until(of: Selection, end: Selection, by: Entity) -> Self {
        Self::new(Value::until(end, by), of)
    }

    /// Returns this value of records.
    #[must_use]
    pub fn new(value: Value, of: Selection) -> Self {
        Self {
            value,
            of,
            empty: Empty::Default,
        }
    }

    /// Returns the same with this figure of no record.
    #[must_use]
    pub fn when_empty(mut self, empty: Empty) -> Self {
        self.empty = empty;
        self
    }
}

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
    fn is_default(&self) -> bool {
        *self == Self::Default
    }
}

/// What of a record is taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Value {
    /// The amount of a measure.
    Measure(Key),
    /// The days from one of its dates to another; `day` is its own.
    Days {
        /// The earlier date.
        from: Key,
        /// The later date.
        to: Key,
    },
    /// The days since the record before, of the same subject and entity. The first one has none.
    Gap {
        /// Between whose records; those of the subject as a whole where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entity: Option<Entity>,
        /// What several records on one day are.
        #[serde(default)]
        same_day: SameDay,
    },
    /// The days from the record to the next one of another selection that names the same entity: from an order to its
    /// delivery, from a lead to the first visit of the customer. The same day counts, as 0; one record may end several. A
    /// record that nothing has ended by the as-of day has none, and is counted apart by
    /// [`Formula::Waiting`](super::Formula::Waiting). A record that several members share is one, with its first sharer.
    Until {
        /// What ends it. Its window is that of the records that it ends, so that none is stated.
        end: Box<Selection>,
        /// What both name: the number of the order, the customer.
        by: Entity,
        /// Of which of the two the period and the subject are.
        #[serde(default)]
        placed: Placed,
    },
}

impl Value {
    /// Returns the days from a record to the next of these that has the same entity, placed where it ends.
    #[must_use]
    pub fn until(end: Selection, by: Entity) -> Self {
        Self::Until {
            end: Box::new(end),
            by,
            placed: Placed::End,
        }
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

/// Entities that records name, and which records.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entities {
    /// What is counted once.
    pub entity: Entity,
    /// Which records.
    pub of: Selection,
}

impl Entities {
    /// Returns the members of a dimension's leaf level that records name.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn members(dimension: &str, of: Selection) -> Result<Self, MetricError> {
        let entity = Entity::Member {
            dimension: Key::new(dimension)?,
            level: None,
        };
        Ok(Self { entity, of })
    }

    /// Returns the days on which records lie.
    #[must_use]
    pub fn days(of: Selection) -> Self {
        Self {
            entity: Entity::Day,
            of,
        }
    }

    /// Returns the values of an attribute that records carry.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn values(attribute: &str, of: Selection) -> Result<Self, MetricError> {
        Ok(Self {
            entity: Entity::Attribute(Key::new(attribute)?),
            of,
        })
    }
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
