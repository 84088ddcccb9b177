//! Explanations: the numbers that were compared, as data; text is made when it is asked for.

mod gather;
mod wording;

use serde::{Serialize, Serializer};

use super::fraction::{Fraction, Reading};
use super::set::Rule;
use super::{Is, Operand, RuleDef, Severity, Truth, WhyUnknown};
use crate::key::Key;
use crate::panel::{ColumnKey, Figure, Reason};
use crate::quantity::Ratio;

/// Why a rule says what it says of a subject in a period.
///
/// Everything in it can be worked out again from the numbers that it holds.
#[derive(Debug, Serialize)]
pub struct Explanation<'a> {
    rule: &'a Key,
    subject: &'a [Key],
    period: Option<&'a Key>,
    since: Option<&'a Key>,
    severity: Severity,
    truth: Truth,
    evidence: Evidence<'a>,
    #[serde(skip)]
    texts: Shown<'a>,
}

#[derive(Debug)]
struct Shown<'a> {
    rule: &'a Rule,
    panel: &'a crate::panel::Panel,
    rules: &'a super::RuleSet,
    subject: usize,
    period: usize,
    since: usize,
}

/// What was looked at, as a tree in the shape of the condition.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence<'a> {
    /// Two sides were compared.
    Compared {
        /// The first.
        left: Evaluated<'a>,
        /// How they should stand.
        is: Is,
        /// The second.
        right: Evaluated<'a>,
        /// Whether they do.
        truth: Truth,
    },
    /// A cell's state was looked at.
    State {
        /// The column.
        of: &'a ColumnKey,
        /// The state.
        reason: Option<Reason>,
        /// Whether it is one of those that hold.
        truth: Truth,
    },
    /// An operand's course was looked at.
    Course {
        /// Its value in this period.
        of: Evaluated<'a>,
        /// Whether the signal is seen.
        truth: Truth,
    },
    /// The subject was looked at.
    Subject {
        /// Whether it is one of those that hold.
        truth: Truth,
    },
    /// Several conditions were looked at.
    Group {
        /// How many of them must hold.
        count: u32,
        /// What each says.
        parts: Vec<Self>,
        /// Whether so many hold.
        truth: Truth,
    },
    /// A condition was turned round.
    Not {
        /// What it says.
        of: Box<Self>,
        /// The opposite.
        truth: Truth,
    },
    /// Several periods were looked at.
    Periods {
        /// In how many of them it must hold.
        count: usize,
        /// What each says, this period first.
        truths: Vec<Truth>,
        /// What this period says.
        now: Box<Self>,
        /// Whether so many hold.
        truth: Truth,
    },
}

/// One side of a comparison.
#[derive(Debug, Serialize)]
pub struct Evaluated<'a> {
    /// The operand.
    pub operand: &'a Operand,
    #[serde(serialize_with = "reading")]
    value: Reading,
    /// The cells that it was worked out from; none for a constant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input<'a>>,
}

/// A cell that an operand was worked out from.
#[derive(Debug, Serialize)]
pub struct Input<'a> {
    /// The column.
    pub column: &'a ColumnKey,
    /// The period's label.
    pub period: &'a Key,
    /// What the cell says.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub answer: Result<Figure, Reason>,
}

impl Evaluated<'_> {
    /// Returns its value, exact and in lowest terms.
    ///
    /// # Errors
    /// The reason why there is none.
    pub fn value(&self) -> Result<Ratio, WhyUnknown> {
        // Alerts are explained by the thousand, and few of their numbers are looked at.
        self.value.map(Fraction::ratio)
    }
}

fn reading<S: Serializer>(value: &Reading, serializer: S) -> Result<S::Ok, S::Error> {
    known_or_unknown(&value.map(Fraction::ratio), serializer)
}

/// Writes a value as `{"known": ...}` and a reason as `{"unknown": ...}`.
pub(super) fn known_or_unknown<S: Serializer>(
    value: &Result<Ratio, WhyUnknown>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Form {
        Known(Ratio),
        Unknown(WhyUnknown),
    }
    match *value {
        Ok(value) => Form::Known(value),
        Err(reason) => Form::Unknown(reason),
    }
    .serialize(serializer)
}

impl Evidence<'_> {
    /// Returns what this part of the condition says.
    #[must_use]
    pub fn truth(&self) -> Truth {
        match self {
            Self::Compared { truth, .. }
            | Self::State { truth, .. }
            | Self::Course { truth, .. }
            | Self::Subject { truth }
            | Self::Group { truth, .. }
            | Self::Not { truth, .. }
            | Self::Periods { truth, .. } => *truth,
        }
    }

    /// Calls `each` for every comparison in the tree, in the order of the document.
    pub fn comparisons<'e>(
        &'e self,
        each: &mut impl FnMut(&'e Evaluated<'e>, Is, &'e Evaluated<'e>, Truth),
    ) {
        match self {
            Self::Compared {
                left,
                is,
                right,
                truth,
            } => each(left, *is, right, *truth),
            Self::State { .. } | Self::Course { .. } | Self::Subject { .. } => {}
            Self::Group { parts, .. } => {
                for part in parts {
                    part.comparisons(each);
                }
            }
            Self::Not { of, .. } | Self::Periods { now: of, .. } => of.comparisons(each),
        }
    }
}

impl<'a> Explanation<'a> {
    /// Returns the rule.
    #[must_use]
    pub fn rule(&self) -> &'a RuleDef {
        &self.texts.rule.def
    }

    /// Returns the subject's members.
    #[must_use]
    pub fn subject(&self) -> &'a [Key] {
        self.subject
    }

    /// Returns the label of the first period of the row in which the condition holds.
    #[must_use]
    pub fn since(&self) -> Option<&'a Key> {
        self.since
    }

    /// Returns what the condition says.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.truth
    }

    /// Returns what was looked at.
    #[must_use]
    pub fn evidence(&self) -> &Evidence<'a> {
        &self.evidence
    }
}
