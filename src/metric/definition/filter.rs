//! What a record must satisfy.

use serde::{Deserialize, Serialize};

use super::Value;
use crate::key::Key;
use crate::metric::error::MetricError;
use crate::quantity::Number;

/// What a record must satisfy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Filter {
    /// Its attribute has one of these values.
    Attribute {
        /// The attribute.
        field: Key,
        /// The values.
        any_of: Vec<Key>,
    },
    /// It names one of these members, or one below them on its day.
    Member {
        /// The dimension, or the field that names a member of it.
        dimension: Key,
        /// The members, of any level.
        any_of: Vec<Key>,
    },
    /// A value of it lies in a range; a record without the value does not.
    Range {
        /// The value.
        value: Value,
        /// The least.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<Number>,
        /// The most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<Number>,
    },
    /// One of its amounts stands so to another one of the same unit and smallest unit: a price below its floor. A record
    /// that lacks either does not satisfy it.
    Compared {
        /// The measure of the first amount.
        of: Key,
        /// How they stand.
        is: Relation,
        /// The measure of the second.
        to: Key,
    },
    /// Two of its members are the same, or lie below the same one, at a level on its day: seen where it was sold. A record
    /// that names only one of the two, or one that has nothing above it there, does not satisfy it.
    SameMember {
        /// One field that names a member.
        of: Key,
        /// The other field, of the same dimension.
        to: Key,
        /// The level; the leaves where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<Key>,
    },
    /// It has this attribute, amount, date or member.
    Has(Key),
    /// It satisfies at least one of these.
    Any(Vec<Self>),
    /// It satisfies all of these.
    All(Vec<Self>),
    /// It does not satisfy this. A record that lacks what is asked about does not satisfy it, and so satisfies this.
    Not(Box<Self>),
}

impl Filter {
    /// Asks how one amount of a record stands to another.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn compared(of: &str, is: Relation, to: &str) -> Result<Self, MetricError> {
        Ok(Self::Compared {
            of: Key::new(of)?,
            is,
            to: Key::new(to)?,
        })
    }

    /// Asks that two members of a record are the same at a level of their dimension.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn same_member(of: &str, to: &str, level: &str) -> Result<Self, MetricError> {
        Ok(Self::SameMember {
            of: Key::new(of)?,
            to: Key::new(to)?,
            level: Some(Key::new(level)?),
        })
    }

    /// Asks that this field is there: an attribute, an amount, a date or a member.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn has(field: &str) -> Result<Self, MetricError> {
        Ok(Self::Has(Key::new(field)?))
    }

    /// Asks for one of some values of an attribute.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn attribute(field: &str, any_of: &[&str]) -> Result<Self, MetricError> {
        let any_of = any_of.iter().map(Key::new).collect::<Result<_, _>>()?;
        Ok(Self::Attribute {
            field: Key::new(field)?,
            any_of,
        })
    }

    /// Asks for one of some members of a dimension, or one below them.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn member(dimension: &str, any_of: &[&str]) -> Result<Self, MetricError> {
        let any_of = any_of.iter().map(Key::new).collect::<Result<_, _>>()?;
        Ok(Self::Member {
            dimension: Key::new(dimension)?,
            any_of,
        })
    }

    /// Asks that a measure has at least this amount.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn at_least(measure: &str, amount: impl Into<Number>) -> Result<Self, MetricError> {
        let value = Value::Measure(Key::new(measure)?);
        Ok(Self::Range {
            value,
            at_least: Some(amount.into()),
            at_most: None,
        })
    }

    /// Asks that the days from one date to another lie in a range.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn days(
        from: &str,
        to: &str,
        at_least: Option<i64>,
        at_most: Option<i64>,
    ) -> Result<Self, MetricError> {
        let value = Value::Days {
            from: Key::new(from)?,
            to: Key::new(to)?,
        };
        let (at_least, at_most) = (at_least.map(Number::from), at_most.map(Number::from));
        Ok(Self::Range {
            value,
            at_least,
            at_most,
        })
    }
}

/// How two amounts of a record stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

impl Relation {
    pub(in crate::metric) fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Below => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::AtLeast => left >= right,
            Self::Above => left > right,
        }
    }
}
