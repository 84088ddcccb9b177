//! Operands: the numbers that conditions compare.

use serde::{Deserialize, Serialize};

use super::condition::{Between, Comparison, Condition, Is, Trend, Way};
use super::span::Span;
use crate::key::Key;
use crate::measure::Unit;
use crate::quantity::Ratio;

/// A number of one subject in one period, as data.
///
/// Every operand is exact: a quotient is never divided, and what cannot be said has a [`WhyUnknown`](super::WhyUnknown).
///
/// ```
/// use quotaflow::rule::Operand;
/// let half: Operand = serde_json::from_str(r#"{"scaled": {"factor": "1/2", "of": {"metric": "sales"}}}"#).map_err(quotaflow::Error::unreadable)?;
/// assert_eq!(half, Operand::metric("sales")?.times("1/2".parse()?));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Operand {
    /// A number.
    Constant(Constant),
    /// A number that the rule names, so that a host can set it without copying the rule.
    Parameter(Key),
    /// What was.
    Metric(Key),
    /// What should be at the end of the period.
    Target(Key),
    /// What should have been reached by now.
    Expected(Key),
    /// What will be at the end of the period if it goes on like this.
    Projected(Key),
    /// For how many of those below a rule fires that watches them; see [`Supply`](super::Supply).
    Below(Key),
    /// How long nothing has happened; see [`Supply`](super::Supply).
    Quiet(Quiet),
    /// What was, as a share of the target. A target of zero that should not be exceeded is met or missed:
    /// [`RuleDef::zero_target`](super::RuleDef::zero_target).
    Attainment(Key),
    /// What should have been reached by now, as a share of the target.
    Pace(Key),
    /// What was, less the target: negative while there is something missing.
    Gap(Key),
    /// One operand for each other: `of / to`.
    Ratio(Quotient),
    /// One operand less another.
    Difference {
        /// From this.
        #[serde(deserialize_with = "crate::document::inside")]
        of: Box<Self>,
        /// This is taken away; of the same unit.
        #[serde(deserialize_with = "crate::document::inside")]
        less: Box<Self>,
    },
    /// An operand times a number.
    Scaled(Scaled),
    /// An operand some periods earlier.
    Previous(Previous),
    /// An operand in the same period of last year: the one that holds the day one year before this period's middle.
    #[serde(deserialize_with = "crate::document::inside")]
    LastYear(Box<Self>),
    /// The change against an earlier or other value as a share of that: `of / against - 1`. There is no base unless
    /// `against` is positive.
    Change {
        /// What changed.
        #[serde(deserialize_with = "crate::document::inside")]
        of: Box<Self>,
        /// What it is measured against.
        #[serde(deserialize_with = "crate::document::inside")]
        against: Box<Self>,
    },
    /// The mean of an operand over the periods before this one.
    TrailingMean(TrailingMean),
    /// The place among the subjects of the panel, from the largest value: 1 for the first; equal values share a place
    /// and the places after them stay empty (1, 2, 2, 4).
    #[serde(deserialize_with = "crate::document::inside")]
    Rank(Box<Self>),
    /// The share of the other subjects with a smaller value: 0 for the smallest, 1 for the largest alone. With fewer
    /// than two known values there is no base.
    #[serde(deserialize_with = "crate::document::inside")]
    Percentile(Box<Self>),
    /// The value less the median of all subjects; of an even number of values the mean of the middle two.
    #[serde(deserialize_with = "crate::document::inside")]
    FromMedian(Box<Self>),
    /// The distance from the mean of all subjects in their standard deviations (of the population), rounded once to six
    /// decimals. With no spread there is no base.
    #[serde(deserialize_with = "crate::document::inside")]
    Score(Box<Self>),
}

/// A number with its unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// The number.
    pub value: Ratio,
    /// Its unit; without one it takes the unit of what it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
}

/// How long nothing has happened: no value but zero was recorded.
///
/// The periods of the panel are its precision: what happened in a period counts as of its end, in one that runs as of the day, so that
/// over months whoever was visited on the first day is silent from the next month on. Ask over days, or compare a metric that counts from
/// the day itself ([`Formula::Since`](crate::metric::Formula::Since)), where that is too coarse. With whom nothing has happened yet is
/// silent since they are there, in a journal at most since it goes live.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// What happens: visits, orders, reports.
    pub of: Key,
    /// In which time it is measured.
    #[serde(default)]
    pub time: QuietTime,
}

/// In which time it is measured how long nothing has happened.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum QuietTime {
    /// Calendar days, in `day`. The default.
    #[default]
    Days,
    /// Days on which work is done, in `day`.
    WorkingDays,
    /// Time in which work is done, in `minute`.
    WorkingTime,
}

/// One operand for each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quotient {
    /// Above the line.
    #[serde(deserialize_with = "crate::document::inside")]
    pub of: Box<Operand>,
    /// Below the line; where it is zero there is no base.
    #[serde(deserialize_with = "crate::document::inside")]
    pub to: Box<Operand>,
}

/// An operand times a number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaled {
    /// The number.
    pub factor: Ratio,
    /// The operand.
    #[serde(deserialize_with = "crate::document::inside")]
    pub of: Box<Operand>,
}

/// An operand in an earlier period.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// The operand.
    #[serde(deserialize_with = "crate::document::inside")]
    pub of: Box<Operand>,
    /// How many periods earlier.
    #[serde(default)]
    pub span: Span,
}

/// The mean over the periods before this one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailingMean {
    /// The operand.
    #[serde(deserialize_with = "crate::document::inside")]
    pub of: Box<Operand>,
    /// Over how many periods.
    pub span: Span,
    /// How many of them must be known: all of them where this is left out. The mean is over the known ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<u16>,
}

impl Operand {
    /// Returns what was.
    ///
    /// # Errors
    /// [`KeyError`](crate::key::KeyError) if the name cannot be a key; so for the other constructors by name.
    pub fn metric(name: &str) -> Result<Self, crate::key::KeyError> {
        Ok(Self::Metric(Key::new(name)?))
    }

    /// Returns the target.
    ///
    /// # Errors
    /// As [`Operand::metric`].
    pub fn target(name: &str) -> Result<Self, crate::key::KeyError> {
        Ok(Self::Target(Key::new(name)?))
    }

    /// Returns what should have been reached by now.
    ///
    /// # Errors
    /// As [`Operand::metric`].
    pub fn expected(name: &str) -> Result<Self, crate::key::KeyError> {
        Ok(Self::Expected(Key::new(name)?))
    }

    /// Returns what was as a share of the target.
    ///
    /// # Errors
    /// As [`Operand::metric`].
    pub fn attainment(name: &str) -> Result<Self, crate::key::KeyError> {
        Ok(Self::Attainment(Key::new(name)?))
    }

    /// Returns what should have been reached by now as a share of the target.
    ///
    /// # Errors
    /// As [`Operand::metric`].
    pub fn pace(name: &str) -> Result<Self, crate::key::KeyError> {
        Ok(Self::Pace(Key::new(name)?))
    }

    /// Returns a number that the rule names.
    ///
    /// # Errors
    /// As [`Operand::metric`].
    pub fn parameter(name: &str) -> Result<Self, crate::key::KeyError> {
        Ok(Self::Parameter(Key::new(name)?))
    }

    /// Returns a number that takes the unit of what it is compared with.
    #[must_use]
    pub fn number(value: impl Into<Ratio>) -> Self {
        Self::Constant(Constant {
            value: value.into(),
            unit: None,
        })
    }

    /// Returns a number with a unit.
    #[must_use]
    pub fn amount(value: impl Into<Ratio>, unit: Unit) -> Self {
        Self::Constant(Constant {
            value: value.into(),
            unit: Some(unit),
        })
    }

    /// Returns a share: 80 is four fifths.
    #[must_use]
    pub fn percent(percent: i32) -> Self {
        Self::amount(Ratio::percent(percent), Unit::Share)
    }

    /// Returns this operand for each `other`.
    #[must_use]
    pub fn per(self, other: Self) -> Self {
        Self::Ratio(Quotient {
            of: Box::new(self),
            to: Box::new(other),
        })
    }

    /// Returns this operand less `other`.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self::Difference {
            of: Box::new(self),
            less: Box::new(other),
        }
    }

    /// Returns this operand times a number.
    #[must_use]
    pub fn times(self, factor: Ratio) -> Self {
        Self::Scaled(Scaled {
            factor,
            of: Box::new(self),
        })
    }

    /// Returns this operand some periods earlier.
    #[must_use]
    pub fn previous(self, span: impl Into<Span>) -> Self {
        Self::Previous(Previous {
            of: Box::new(self),
            span: span.into(),
        })
    }

    /// Returns this operand in the same period of last year.
    #[must_use]
    pub fn last_year(self) -> Self {
        Self::LastYear(Box::new(self))
    }

    /// Returns the change of this operand against `other`.
    #[must_use]
    pub fn change(self, against: Self) -> Self {
        Self::Change {
            of: Box::new(self),
            against: Box::new(against),
        }
    }

    /// Returns the mean of this operand over the periods before, all of which must be known.
    #[must_use]
    pub fn trailing_mean(self, span: impl Into<Span>) -> Self {
        Self::TrailingMean(TrailingMean {
            of: Box::new(self),
            span: span.into(),
            known: None,
        })
    }

    /// Returns the condition that this operand stands so to `other`.
    #[must_use]
    pub fn is(self, is: Is, other: Self) -> Condition {
        Condition::Compare(Comparison {
            left: self,
            is,
            right: other,
        })
    }

    /// Returns the condition `self < other`.
    #[must_use]
    pub fn below(self, other: Self) -> Condition {
        self.is(Is::Below, other)
    }

    /// Returns the condition `self <= other`.
    #[must_use]
    pub fn at_most(self, other: Self) -> Condition {
        self.is(Is::AtMost, other)
    }

    /// Returns the condition `self >= other`.
    #[must_use]
    pub fn at_least(self, other: Self) -> Condition {
        self.is(Is::AtLeast, other)
    }

    /// Returns the condition `self > other`.
    #[must_use]
    pub fn above(self, other: Self) -> Condition {
        self.is(Is::Above, other)
    }

    /// Returns the condition `from <= self <= to`.
    #[must_use]
    pub fn between(self, from: Self, to: Self) -> Condition {
        Condition::Between(Between { of: self, from, to })
    }

    /// Returns the condition that this operand was lower in each of the periods than in the one before it.
    #[must_use]
    pub fn falling(self, span: impl Into<Span>) -> Condition {
        Condition::Trend(Trend {
            of: self,
            is: Way::Falling,
            span: span.into(),
        })
    }

    /// Returns the condition that this operand was higher in each of the periods than in the one before it.
    #[must_use]
    pub fn rising(self, span: impl Into<Span>) -> Condition {
        Condition::Trend(Trend {
            of: self,
            is: Way::Rising,
            span: span.into(),
        })
    }

    /// Calls `each` with the name and value of every operand directly inside.
    pub(crate) fn children<'a>(&'a self, mut each: impl FnMut(&'static str, &'a Self)) {
        match self {
            Self::Constant(_)
            | Self::Parameter(_)
            | Self::Metric(_)
            | Self::Target(_)
            | Self::Expected(_)
            | Self::Projected(_)
            | Self::Below(_)
            | Self::Quiet(_)
            | Self::Attainment(_)
            | Self::Pace(_)
            | Self::Gap(_) => {}
            Self::Ratio(Quotient { of, to }) => {
                each("of", of);
                each("to", to);
            }
            Self::Difference { of, less } => {
                each("of", of);
                each("less", less);
            }
            Self::Change { of, against } => {
                each("of", of);
                each("against", against);
            }
            Self::Scaled(Scaled { of, .. })
            | Self::Previous(Previous { of, .. })
            | Self::TrailingMean(TrailingMean { of, .. })
            | Self::LastYear(of)
            | Self::Rank(of)
            | Self::Percentile(of)
            | Self::FromMedian(of)
            | Self::Score(of) => each("of", of),
        }
    }

    /// Returns the span of periods that this operand looks back by itself, if it does.
    pub(crate) fn span(&self) -> Option<Span> {
        match self {
            Self::Previous(Previous { span, .. })
            | Self::TrailingMean(TrailingMean { span, .. }) => Some(*span),
            _ => None,
        }
    }
}
