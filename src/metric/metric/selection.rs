//! Which records count, and when they must lie.

use super::filter::Relation;
use super::value::{Empty, Entity, Placed, SameDay};
use crate::quantity::Number;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::Grain;
use crate::key::Key;
use crate::metric::error::MetricError;

/// Which records count for a figure: their kinds, and what each of them must satisfy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Their kinds, at least one.
    pub kinds: Vec<Key>,
    /// What they must satisfy, all of it.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Filter>,
    /// When they must lie, seen from a period.
    #[serde(default, skip_serializing_if = "Timeframe::is_period")]
    pub window: Timeframe,
    /// The date that places them in time; the record's own day where there is none. Records without it are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Key>,
    /// The field that stands for a dimension of the subjects, where it is not the one of the same name.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::keys_once"
    )]
    pub via: BTreeMap<Key, Key>,
    /// Which credit counts, for records that several members share.
    #[serde(default, skip_serializing_if = "CreditUse::is_booked")]
    pub credit: CreditUse,
    /// In whose rows a record stands that several members share, for figures of single records.
    #[serde(default, skip_serializing_if = "Sharing::is_first")]
    pub shared: Sharing,
}

impl Selection {
    /// Returns all records of one kind.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn of(kind: &str) -> Result<Self, MetricError> {
        Self::of_any(&[kind])
    }

    /// Returns all records of several kinds.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn of_any(kinds: &[&str]) -> Result<Self, MetricError> {
        Ok(Self {
            kinds: kinds.iter().map(Key::new).collect::<Result<_, _>>()?,
            conditions: Vec::new(),
            window: Timeframe::Period,
            date: None,
            via: BTreeMap::new(),
            credit: CreditUse::Booked,
            shared: Sharing::First,
        })
    }

    /// Returns those of the records that satisfy this too.
    #[must_use]
    pub fn only(mut self, condition: Filter) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Returns those of the records whose attribute has this value.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn with(self, attribute: &str, value: &str) -> Result<Self, MetricError> {
        Ok(self.only(Filter::attribute(attribute, &[value])?))
    }

    /// Returns the records of another window.
    #[must_use]
    pub fn in_window(mut self, window: Timeframe) -> Self {
        self.window = window;
        self
    }

    /// Returns the credit beside the shares instead of the shares.
    #[must_use]
    pub fn overlay(mut self) -> Self {
        self.credit = CreditUse::Overlay;
        self
    }

    /// Returns the records with another choice of the rows in which shared ones stand.
    #[must_use]
    pub fn shared(mut self, shared: Sharing) -> Self {
        self.shared = shared;
        self
    }

    /// Returns the records as placed by another of their dates.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn by_date(mut self, date: &str) -> Result<Self, MetricError> {
        self.date = Some(Key::new(date)?);
        Ok(self)
    }
}

/// Which credit of a shared record counts; see [`Credit`](crate::ledger::Credit).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CreditUse {
    /// The shares, which make up the record: a sum takes each sharer's part. The default.
    #[default]
    Booked,
    /// What stands beside the shares, and nothing of them.
    Overlay,
}

impl CreditUse {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form that serde asks for"
    )]
    fn is_booked(&self) -> bool {
        *self == Self::Booked
    }
}

/// In whose rows a record stands that several members share, for all figures of single records: their number, mean,
/// extremes and quantiles, whether they wait or are open. These ask the whole record, as its thresholds do, and a row in
/// which several of its sharers are has it once. Sums add up shares whatever is chosen here.
///
/// Of an order of 1000 that ann and bo share by halves, ann coming first, and one of 100 that is bo's alone, bo has sold 600.
/// His orders are, in number, mean and maximum: 1, 100 and 100 with the first; 2, 550 and 1000 with each; 1.5, 400 and 1000
/// as a fraction.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sharing {
    /// Whole in the row of the first sharer and in no other, so that no level counts it twice. The default.
    #[default]
    First,
    /// Whole in the rows of all sharers.
    Each,
    /// In the rows of all sharers, as much as each one's share of it, so that the rows make up the whole exactly. Where a
    /// figure knows no weights (an extreme, a quantile, what waits or is open), as with each.
    Fraction,
}

impl Sharing {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form that serde asks for"
    )]
    fn is_first(&self) -> bool {
        *self == Self::First
    }
}

/// When records must lie, seen from a period of the panel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Timeframe {
    /// In the period. The default.
    #[default]
    Period,
    /// In the week, month, quarter, half or year of the calendar that holds the period's last day (or the as-of day, where
    /// that lies in it), up to that day.
    ToDate(Grain),
    /// In this period and as many before it as make up the number. Where there are not so many: in those that there are.
    Trailing(u16),
    /// On that many days up to the period's last one, or up to the as-of day, where that lies in it.
    TrailingDays(u32),
    /// On that many days at the end of the period, whether they have come or not: late in the period.
    LastDays(u32),
    /// At any time up to the period's last day.
    AsOf,
    /// On the same days for every period.
    Between {
        /// The first day.
        from: NaiveDate,
        /// The day after the last one.
        to: NaiveDate,
    },
}

impl Timeframe {
    fn is_period(&self) -> bool {
        *self == Self::Period
    }
}

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
        #[serde(deserialize_with = "crate::document::inside")]
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

/// What a record must satisfy to count.
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
    Any(#[serde(deserialize_with = "crate::document::inside")] Vec<Self>),
    /// It satisfies all of these.
    All(#[serde(deserialize_with = "crate::document::inside")] Vec<Self>),
    /// It does not satisfy this. A record that lacks what is asked about does not satisfy it, and so satisfies this.
    Not(#[serde(deserialize_with = "crate::document::inside")] Box<Self>),
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
