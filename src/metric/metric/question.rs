//! What formulas are told beside records: whose presence counts, which figure, how old.

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::metric::error::MetricError;

/// Whose presence counts when presence and absence are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenBy {
    /// The subject's own: a customer that moved to a colleague is lost to the subject. The default.
    #[default]
    Subject,
    /// Everybody's: a customer that moved to a colleague is not lost. Credited to one subject each.
    Overall,
}

/// What the first period of a panel says of who was lost since the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum First {
    /// Who was lost of what the ledger knows of the periods before: zero where it begins with the panel. The default.
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

/// What is told of what is open.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum OpenFigure {
    /// What is open at the end of the period. The default.
    #[default]
    Closing,
    /// What began to be open in the period.
    Entered,
    /// What stopped to be open in the period: applied, taken back, ended.
    Settled,
    /// What was open when it came to the row in the period, because a member moved.
    MovedIn,
    /// What was open when it left the row.
    MovedOut,
}

impl OpenFigure {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form that serde asks for"
    )]
    pub(super) fn is_closing(&self) -> bool {
        *self == Self::Closing
    }
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
