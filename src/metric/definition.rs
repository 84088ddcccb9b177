//! Metrics as documents.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::MetricError;
use crate::calendar::{Grain, YearComparison};
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::quantity::{Number, Ratio};

/// A metric as data: what it counts, over which records, and what an empty base means.
///
/// Compile it in a [`Plan`](super::Plan).
///
/// ```
/// use quotaflow::metric::MetricDef;
/// let orders_per_100_visits: MetricDef = serde_json::from_str(r#"{
///     "key": "orders_per_100_visits",
///     "formula": { "ratio": {
///         "of": { "count": { "kinds": ["order"] } },
///         "to": { "count": { "kinds": ["visit"] } },
///         "scale": 100
///     } }
/// }"#)?;
/// assert_eq!(orders_per_100_visits.key, "orders_per_100_visits");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricDef {
    /// The stable name.
    pub key: Key,
    /// What it is shown as; the key where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is counted in; what follows from the formula where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// Which way is good.
    #[serde(default)]
    pub direction: Direction,
    /// How it is made.
    pub formula: Formula,
}

impl MetricDef {
    /// Returns the metric of this formula, of which more is better.
    ///
    /// # Errors
    /// [`MetricError::Key`] if the name cannot be a key.
    pub fn new(key: &str, formula: Formula) -> Result<Self, MetricError> {
        Ok(Self {
            key: Key::new(key)?,
            title: None,
            unit: None,
            direction: Direction::Larger,
            formula,
        })
    }

    /// Returns the metric with this direction.
    #[must_use]
    pub fn better(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Returns the metric counted in this unit.
    #[must_use]
    pub fn counted_in(mut self, unit: Unit) -> Self {
        self.unit = Some(unit);
        self
    }
}

/// How a metric is made from records or from other metrics.
///
/// What is made from records is folded from records at every level: a team's mean is not the mean of its people's means,
/// and a team's customers are not the sum of its people's customers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Formula {
    /// The number of records. None is 0.
    Count(Selection),
    /// The sum of a value over records. Records without the value add nothing.
    Sum(Valued),
    /// The mean of a value over the records that have it. Of none: no base.
    Mean(Valued),
    /// The smallest value. Of none: nothing recorded.
    Minimum(Valued),
    /// The largest value. Of none: nothing recorded.
    Maximum(Valued),
    /// A quantile of a value. Of none: nothing recorded.
    Quantile {
        /// What of each record.
        value: Value,
        /// Which records.
        of: Selection,
        /// The share below: `0.5` for the median; from 0 to 1.
        p: Ratio,
        /// Which of the definitions in use.
        method: QuantileMethod,
    },
    /// The number of different entities (customers, products, lots) that the records name. Records that name none are
    /// left out.
    Distinct(Entities),
    /// The number of entities whose first record ever lies in the period, credited to that record's subject.
    New(Entities),
    /// The number of entities that were there before the period and are absent in it.
    Lost {
        /// What is counted once.
        entity: Entity,
        /// Which records.
        of: Selection,
        /// How many periods before this one are looked at: 1 counts the moment of loss (an event), more count the state
        /// of being lost for as long as it is remembered.
        seen_within: u16,
        /// For how many periods, this one included, they must be absent. Until they are over the answer is "not yet due".
        absent_for: u16,
        /// Whose presence counts.
        #[serde(default)]
        scope: Scope,
        /// What the first period says, which nothing precedes.
        #[serde(default)]
        first: First,
    },
    /// The number of entities that are back: here in the period and at some time before, but not in the periods just
    /// before. Under [`Scope::Overall`] credited to the subject of their first record in the period.
    Reactivated {
        /// What is counted once.
        entity: Entity,
        /// Which records.
        of: Selection,
        /// How many periods they were away at least.
        after: u16,
        /// Whose presence counts.
        #[serde(default)]
        scope: Scope,
    },
    /// The number of entities of the period before that are here again. Under [`Scope::Overall`] credited to the subject
    /// of their last record before.
    Retained {
        /// What is counted once.
        entity: Entity,
        /// Which records.
        of: Selection,
        /// Whose presence counts.
        #[serde(default)]
        scope: Scope,
    },
    /// The number of entities of the period before: what [`Formula::Retained`] is a part of.
    Previous {
        /// What is counted once.
        entity: Entity,
        /// Which records.
        of: Selection,
        /// Whose presence counts.
        #[serde(default)]
        scope: Scope,
    },
    /// The number of entities that were seen at some time in the panel's periods, but not in the last few.
    Dormant {
        /// What is counted once.
        entity: Entity,
        /// Which records.
        of: Selection,
        /// How many periods, this one included, they have been silent at least.
        periods: u16,
        /// Whose presence counts.
        #[serde(default)]
        scope: Scope,
    },
    /// The number or the value of records that are open at the end of the period (or on the as-of day, where that lies in
    /// it): begun on or before that day, and not ended on or before it. A record without an end is open.
    Open {
        /// What is added up; the records are counted where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Value>,
        /// Which records, and by which date they begin.
        of: Selection,
        /// The date on which they end; what ends on the last day is not open.
        until: Key,
        /// How old they must be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        age: Option<Age>,
    },
    /// The mean age in days of what is open at the end of the period (or on the as-of day, where that lies in it): from one
    /// of its dates to that day. What has ended is no part of it, so that it stands beside [`Formula::Mean`] over the days
    /// of what has. Of nothing: no base.
    OpenAge {
        /// Which records, and by which date they begin.
        of: Selection,
        /// The date on which they end; what ends on the last day is not open.
        until: Key,
        /// The date from which their age counts. Records without it are left out.
        since: Key,
    },
    /// The sum of the last values of all entities by the end of the period, each with the subject of its last record: a
    /// stock, such as a balance by account or goods by dealer. Where none has a value yet: nothing recorded.
    Last {
        /// The value.
        value: Value,
        /// What has a stock each.
        entity: Entity,
        /// Which records.
        of: Selection,
    },
    /// The days from the last record to the end of the period (or to the as-of day, where that lies in it): how long it has
    /// been silent. Of no record so far: nothing recorded. A selection over the period looks at everything up to it.
    Since(Selection),
    /// How far a few entities hold the whole: of a value, or of the number of records. Of a whole of zero or below: no base.
    Concentration {
        /// What is summed by entity; the records are counted where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Value>,
        /// The entities.
        entity: Entity,
        /// Which records; those that name no entity are left out.
        of: Selection,
        /// Which figure.
        figure: Concentration,
    },
    /// One figure for each unit of another. By zero: no base.
    Ratio {
        /// The part above the line.
        of: Box<Self>,
        /// The part below the line.
        to: Box<Self>,
        /// What one by one is worth: `100` for "per 100". 1 where there is none.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        scale: Ratio,
    },
    /// One figure less another.
    Difference {
        /// The figure.
        of: Box<Self>,
        /// What is taken away.
        minus: Box<Self>,
    },
    /// A figure times a fixed number.
    Scaled {
        /// The figure.
        of: Box<Self>,
        /// The number.
        by: Ratio,
    },
    /// The figure of an earlier period. Before the first one: not applicable.
    Earlier {
        /// The figure.
        of: Box<Self>,
        /// How many periods earlier.
        periods: u16,
    },
    /// The change against an earlier period, as a share of it. Against zero: no base.
    Growth {
        /// The figure.
        of: Box<Self>,
        /// How many periods earlier: 1 for the one before, 12 for the same month of last year.
        periods: u16,
    },
    /// The figure of the same period a year earlier, by the frame's calendar: the same month, quarter or week of the year
    /// before, as `comparison` says for leap days and years of 53 weeks. Periods of one's own are compared with the one
    /// that holds the day a year before their middle. Where the panel has none: not applicable.
    LastYear {
        /// The figure.
        of: Box<Self>,
        /// What leap days and years of 53 weeks are compared with.
        #[serde(default, skip_serializing_if = "is_default")]
        comparison: YearComparison,
    },
    /// The change against the same period a year earlier, as a share of it; see [`Formula::LastYear`]. Against zero or
    /// below: no base.
    YearGrowth {
        /// The figure.
        of: Box<Self>,
        /// What leap days and years of 53 weeks are compared with.
        #[serde(default, skip_serializing_if = "is_default")]
        comparison: YearComparison,
    },
    /// The mean of a stock at the beginning and at the end of the period: the figure of the period before and its own,
    /// half each. In the first period: not applicable.
    AverageBalance(Box<Self>),
    /// The share of the sum over all subjects, or over those that have the same members of the named dimensions. The
    /// figure must add up: a count or a sum.
    Share {
        /// The figure.
        of: Box<Self>,
        /// The dimensions whose members the parent shares; none for the whole.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        within: Vec<Key>,
    },
    /// The number of days in the period, up to the as-of day where that lies in it.
    Days,
    /// Another metric of the same list.
    Metric(Key),
}

impl Formula {
    /// Returns the number of records of one kind.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn count(kind: &str) -> Result<Self, MetricError> {
        Ok(Self::Count(Selection::of(kind)?))
    }

    /// Returns the sum of a measure over the records of one kind.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn sum(measure: &str, kind: &str) -> Result<Self, MetricError> {
        Ok(Self::Sum(Valued::measure(measure, Selection::of(kind)?)?))
    }

    /// Returns another metric of the same list.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn metric(key: &str) -> Result<Self, MetricError> {
        Ok(Self::Metric(Key::new(key)?))
    }

    /// Returns the figure of an earlier period.
    #[must_use]
    pub fn earlier(self, periods: u16) -> Self {
        Self::Earlier {
            of: Box::new(self),
            periods,
        }
    }

    /// Returns the change against an earlier period, as a share of it.
    #[must_use]
    pub fn growth(self, periods: u16) -> Self {
        Self::Growth {
            of: Box::new(self),
            periods,
        }
    }

    /// Returns the figure of the same period a year earlier, with the default comparison.
    #[must_use]
    pub fn last_year(self) -> Self {
        Self::LastYear {
            of: Box::new(self),
            comparison: YearComparison::default(),
        }
    }

    /// Returns the change against the same period a year earlier, with the default comparison.
    #[must_use]
    pub fn year_growth(self) -> Self {
        Self::YearGrowth {
            of: Box::new(self),
            comparison: YearComparison::default(),
        }
    }

    /// Returns this figure less another.
    #[must_use]
    pub fn less(self, minus: Self) -> Self {
        Self::Difference {
            of: Box::new(self),
            minus: Box::new(minus),
        }
    }

    /// Returns this figure and another together. What either lacks, the sum lacks.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.less(other.times(Ratio::from(-1)))
    }

    /// Returns this figure times a fixed number.
    #[must_use]
    pub fn times(self, by: Ratio) -> Self {
        Self::Scaled {
            of: Box::new(self),
            by,
        }
    }

    /// Returns this figure for each unit of another.
    #[must_use]
    pub fn per(self, to: Self) -> Self {
        self.per_hundred_or(to, Ratio::ONE)
    }

    /// Returns this figure for each hundred of another.
    #[must_use]
    pub fn per_100(self, to: Self) -> Self {
        self.per_hundred_or(to, Ratio::from(100))
    }

    fn per_hundred_or(self, to: Self, scale: Ratio) -> Self {
        Self::Ratio {
            of: Box::new(self),
            to: Box::new(to),
            scale,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
fn is_default(comparison: &YearComparison) -> bool {
    *comparison == YearComparison::default()
}

fn one() -> Ratio {
    Ratio::ONE
}

fn is_one(scale: &Ratio) -> bool {
    *scale == Ratio::ONE
}

/// Which records count.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Their kinds, at least one.
    pub kinds: Vec<Key>,
    /// What they must satisfy, all of it.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// When they must lie, seen from a period.
    #[serde(default, skip_serializing_if = "Window::is_period")]
    pub window: Window,
    /// The date that places them in time; the record's own day where there is none. Records without it are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Key>,
    /// The field that stands for a dimension of the subjects, where it is not the one of the same name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub via: BTreeMap<Key, Key>,
    /// Which credit counts, for records that several members share.
    #[serde(default, skip_serializing_if = "CreditUse::is_booked")]
    pub credit: CreditUse,
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
            window: Window::Period,
            date: None,
            via: BTreeMap::new(),
            credit: CreditUse::Booked,
        })
    }

    /// Returns those of the records that satisfy this too.
    #[must_use]
    pub fn only(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Returns those of the records whose attribute has this value.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn with(self, attribute: &str, value: &str) -> Result<Self, MetricError> {
        Ok(self.only(Condition::attribute(attribute, &[value])?))
    }

    /// Returns the records of another window.
    #[must_use]
    pub fn in_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Returns the credit beside the shares instead of the shares.
    #[must_use]
    pub fn overlay(mut self) -> Self {
        self.credit = CreditUse::Overlay;
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
    /// The shares, which make up the record. Amounts are each sharer's part; the record itself is counted once, with its
    /// first sharer, so that no level counts it twice. The default.
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
    /// Nothing recorded, because absence of records says nothing: a survey, a count of stock.
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

/// Whose presence counts when presence and absence are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The subject's own: a customer that moved to a colleague is lost to the subject. The default.
    #[default]
    Subject,
    /// Everybody's: a customer that moved to a colleague is not lost. Credited to one subject each.
    Overall,
}

/// What the first period says, which nothing precedes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum First {
    /// Zero. The default.
    #[default]
    Zero,
    /// Not applicable.
    NotApplicable,
}

/// A figure of concentration, from 0 to 1 where no entity's sum is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Concentration {
    /// The share of the so many largest.
    Top(u32),
    /// The sum of the squared shares (Herfindahl and Hirschman): 1 for a single entity, 1/n for n equal ones.
    Herfindahl,
}

/// How old an open record is: the days from one of its dates to the last day of the period. The buckets of an ageing are
/// ranges that touch, such as 1 to 30 and 31 to 60 days past due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Age {
    /// The date from which it is counted: `day` for the age, `due` for the days past due. Records without it are left out.
    pub since: Key,
    /// The least number of days, which may be negative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<i32>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<i32>,
}

impl Age {
    /// Counts from this date.
    ///
    /// # Errors
    /// [`MetricError::Key`].
    pub fn since(
        date: &str,
        at_least: Option<i32>,
        at_most: Option<i32>,
    ) -> Result<Self, MetricError> {
        Ok(Self {
            since: Key::new(date)?,
            at_least,
            at_most,
        })
    }
}

/// Which of the definitions of a quantile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum QuantileMethod {
    /// Linear interpolation at the place (n - 1) p of the sorted values, counted from 0 (type 7 of Hyndman and Fan).
    Type7,
    /// The smallest value with at least the share p of all at or below it: the one at the place of n p rounded up, counted
    /// from 1.
    NearestRank,
}

/// When records must lie, seen from a period of the panel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Window {
    /// In the period. The default.
    #[default]
    Period,
    /// In the week, month, quarter, half or year of the calendar that holds the period's last day, up to that day.
    ToDate(Grain),
    /// In this period and as many before it as make up the number. Where there are not so many: in those that there are.
    Trailing(u16),
    /// On that many days up to the period's last one.
    TrailingDays(u32),
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

impl Window {
    fn is_period(&self) -> bool {
        *self == Self::Period
    }
}

/// What a record must satisfy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Condition {
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
    pub(super) fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Below => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::AtLeast => left >= right,
            Self::Above => left > right,
        }
    }
}

impl Condition {
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
