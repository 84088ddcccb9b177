//! Which records count, and when they must lie.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Filter;
use crate::calendar::Grain;
use crate::key::Key;
use crate::metric::error::MetricError;

/// Which records count.
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
