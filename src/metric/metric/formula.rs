//! How a metric is made.

use serde::{Deserialize, Serialize};

use super::{
    Age, Concentration, Entities, Entity, First, OpenFigure, QuantileMethod, SeenBy, Selection,
    Value, Valued,
};
use crate::calendar::YearComparison;
use crate::key::Key;
use crate::metric::error::MetricError;
use crate::quantity::Ratio;

/// How a metric is made from records or from other metrics.
///
/// What is made from records is folded from records at every level: a team's mean is not the mean of its people's means,
/// and a team's customers are not the sum of its people's customers.
///
/// A reversal takes a record back, as a whole or in part. Counts and sums say when: the record counts on its day, and against it
/// on the day of its reversal, so that a closed period keeps its figure. A quantile, an extreme, a last value or a set of
/// customers is of the records as they stood at the end of the period (or on the as-of day, where that lies in it), so that a
/// period that is over keeps it too. A mean is of what stands: as if what is taken back had never been.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Formula {
    /// The number of records. None is 0.
    Count(Selection),
    /// The sum of a value over records. Records without the value add nothing.
    Sum(Valued),
    /// The mean of a value over the records that have it and stand. Of none: no base.
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
    /// The number of entities that were there before the period and are absent in it. Periods before the panel's are looked at
    /// as the ledger knows them: those of the calendar, or stretches as long as the first period.
    Lost {
        /// What is counted once.
        entity: Entity,
        /// Which records.
        of: Selection,
        /// How many periods before this one are looked at: 1 counts the moment of loss (an event), more count the state
        /// of being lost for as long as it is remembered.
        seen_within: u16,
        /// For how many periods, this one included, they must be absent. Until these are over by the as-of day the answer is
        /// "not yet due".
        absent_for: u16,
        /// Whose presence counts.
        #[serde(default)]
        scope: SeenBy,
        /// What the first period of the panel says.
        #[serde(default)]
        first: First,
    },
    /// The number of entities that are back: here in the period and at some time before, however long ago, but not in the
    /// periods just before. After one period, what is here is either new, or retained, or back, or taken over: those four
    /// make up [`Formula::Distinct`] for every subject and period. Under [`SeenBy::Overall`] credited to the subject of their first record in the period.
    Reactivated {
        /// What is counted once.
        entity: Entity,
        /// Which records.
        of: Selection,
        /// How many periods they were away at least.
        after: u16,
        /// Whose presence counts.
        #[serde(default)]
        scope: SeenBy,
    },
    /// The number of entities of the period before that are here again, once the period is over by the as-of day; until then
    /// the answer is "not yet due", because who has not come may still come. Under [`SeenBy::Overall`] credited to the subject
    /// of their last record before.
    Retained {
        /// What is counted once.
        entity: Entity,
        /// Which records.
        of: Selection,
        /// Whose presence counts.
        #[serde(default)]
        scope: SeenBy,
    },
    /// The number of entities of the period before: what [`Formula::Retained`] is a part of.
    Previous {
        /// What is counted once.
        entity: Entity,
        /// Which records.
        of: Selection,
        /// Whose presence counts.
        #[serde(default)]
        scope: SeenBy,
    },
    /// The number of entities that with the subject are here for the first time but that somebody else saw before: neither
    /// [`Formula::New`], nor retained, nor back. For a subject that is everybody there is none.
    TakenOver(Entities),
    /// The number of entities that were seen at some time, but not in the last few periods. Until the period is
    /// over by the as-of day the answer is "not yet due".
    Dormant {
        /// What is counted once.
        entity: Entity,
        /// Which records.
        of: Selection,
        /// How many periods, this one included, they have been silent at least.
        periods: u16,
        /// Whose presence counts.
        #[serde(default)]
        scope: SeenBy,
    },
    /// The number or the value of records that are open at the end of the period (or on the as-of day, where that lies in
    /// it): begun on or before that day, and not ended on or before it. A record without an end is open. Of a kind that
    /// [opens](crate::ledger::RecordKind::opens) items the value is of what is left: less what was applied to it by that day, and
    /// what was taken back of it; what is counted is where anything is left. A balance belongs to whom the members of the record
    /// belong on the day asked for, so that opening + entered + moved in - moved out - settled = closing in every row.
    Open {
        /// What is added up; the records are counted where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Value>,
        /// Which records, and by which date they begin.
        of: Selection,
        /// The date on which they end; what ends on the last day is not open. For kinds that open items there may be none: they
        /// are open as long as anything is left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Key>,
        /// How old they must be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        age: Option<Age>,
        /// The balance, or what changed it in the period.
        #[serde(default, skip_serializing_if = "OpenFigure::is_closing")]
        figure: OpenFigure,
    },
    /// The mean age in days of what is open at the end of the period (or on the as-of day, where that lies in it): from one
    /// of its dates to that day. What has ended is no part of it, so that it stands beside [`Formula::Mean`] over the days
    /// of what has. Of nothing: no base.
    OpenAge {
        /// Which records, and by which date they begin.
        of: Selection,
        /// The date on which they end, as for [`Formula::Open`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Key>,
        /// The date from which their age counts. Records without it are left out.
        since: Key,
    },
    /// The number of records that are waiting at the end of the period (or on the as-of day, where that lies in it): they lie
    /// on or before that day, and no record of another selection with the same entity has followed by then. What
    /// [`Value::Until`] measures once it is over; see there for what ends what. Records that name no entity are left out.
    Waiting {
        /// Which records.
        of: Selection,
        /// What ends the waiting.
        end: Selection,
        /// What both name.
        by: Entity,
    },
    /// The mean number of days that they have been waiting for; see [`Formula::Waiting`]. Of nothing: no base.
    WaitingAge {
        /// Which records.
        of: Selection,
        /// What ends the waiting.
        end: Selection,
        /// What both name.
        by: Entity,
    },
    /// The sum of the last values of all entities by the end of the period: a stock, such as a balance by account or goods by
    /// dealer. Each belongs to whom the members of its last record belong on the last day. Where none has a value yet: nothing
    /// recorded.
    Last {
        /// The value.
        value: Value,
        /// What has a stock each.
        entity: Entity,
        /// Which records.
        of: Selection,
    },
    /// The days from the last record to the end of the period (or to the as-of day, where that lies in it): how long it has
    /// been silent. Where nothing was recorded so far it has been silent since the subject was taken on: since the first day
    /// on which a link of its member holds, or that of the ledger where no link says; before that day it is not
    /// applicable, and of what belongs to nobody nothing recorded. A selection over the period looks at everything up to it.
    Since(Selection),
    /// The days from the last record to the end of the period (or to the as-of day), where there is one: how long it is since
    /// an event such as joining, leaving or an inspection. Where nothing was recorded so far: nothing recorded.
    Elapsed(Selection),
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
        #[serde(deserialize_with = "crate::document::inside")]
        of: Box<Self>,
        /// The part below the line.
        #[serde(deserialize_with = "crate::document::inside")]
        to: Box<Self>,
        /// What one by one is worth: `100` for "per 100". 1 where there is none.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        scale: Ratio,
    },
    /// One figure less another.
    Difference {
        /// The figure.
        #[serde(deserialize_with = "crate::document::inside")]
        of: Box<Self>,
        /// What is taken away.
        #[serde(deserialize_with = "crate::document::inside")]
        minus: Box<Self>,
    },
    /// A figure times a fixed number.
    Scaled {
        /// The figure.
        #[serde(deserialize_with = "crate::document::inside")]
        of: Box<Self>,
        /// The number.
        by: Ratio,
    },
    /// The figure of an earlier period. Before the first one: not applicable.
    Earlier {
        /// The figure.
        #[serde(deserialize_with = "crate::document::inside")]
        of: Box<Self>,
        /// How many periods earlier.
        periods: u16,
    },
    /// The change against an earlier period, as a share of it. Against zero or below: no base.
    Growth {
        /// The figure.
        #[serde(deserialize_with = "crate::document::inside")]
        of: Box<Self>,
        /// How many periods earlier: 1 for the one before, 12 for the same month of last year.
        periods: u16,
    },
    /// The figure of the same period a year earlier, by the layout's calendar: the same month, quarter or week of the year
    /// before, as `comparison` says for leap days and years of 53 weeks. Periods of one's own are compared with the one
    /// that holds the day a year before their middle. Where the panel has none: not applicable.
    LastYear {
        /// The figure.
        #[serde(deserialize_with = "crate::document::inside")]
        of: Box<Self>,
        /// What leap days and years of 53 weeks are compared with.
        #[serde(default, skip_serializing_if = "is_default")]
        comparison: YearComparison,
    },
    /// The change against the same period a year earlier, as a share of it; see [`Formula::LastYear`]. Against zero or
    /// below: no base.
    YearGrowth {
        /// The figure.
        #[serde(deserialize_with = "crate::document::inside")]
        of: Box<Self>,
        /// What leap days and years of 53 weeks are compared with.
        #[serde(default, skip_serializing_if = "is_default")]
        comparison: YearComparison,
    },
    /// The mean of a stock at the beginning and at the end of the period: the figure of the period before and its own,
    /// half each. In the first period: not applicable.
    AverageBalance(#[serde(deserialize_with = "crate::document::inside")] Box<Self>),
    /// The share of the sum over all subjects, or over those that have the same members of the named dimensions. The
    /// figure must add up: a count or a sum.
    Share {
        /// The figure.
        #[serde(deserialize_with = "crate::document::inside")]
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
