//! What a hand-over has done, and what waits.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::close::Close;
use super::error::Rejected;
use super::hand_over::Head;
use super::id::EntryId;
use crate::alert::AlertId;
use crate::key::Key;
use crate::plan::MovedTarget;

/// What a hand-over has done: the head after it, what came late, and what waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// How many entries are new.
    pub added: usize,
    /// How many were there already, with the same content.
    pub repeated: usize,
    /// Which of the new entries wait, and which others wait again.
    pub waiting: Vec<Waiting>,
    /// Which entries that waited before take part now.
    pub resumed: Vec<EntryId>,
    /// Which of the new entries reach into what is closed, softly or hard.
    pub late: Vec<Late>,
    /// Who joined and has no target, plan by plan: nothing is cascaded anew unasked, so that a change of the plan gives one.
    pub unplanned: Vec<Unplanned>,
    /// Which targets moved because a plan was cascaded anew, plan by plan.
    pub realigned: Vec<(Key, Vec<MovedTarget>)>,
    /// What becomes of each view, those that end among them, where the model has changed.
    pub remodelled: BTreeMap<Key, Remodelling>,
    /// Which were refused, where only the good ones were to enter.
    pub rejected: Vec<Rejected>,
    /// How far the journal is now: what the host stores beside the entries.
    pub head: Head,
}

/// What becomes of a view when the model has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Remodelling {
    /// Nothing changed that it reads.
    Stands,
    /// It is refolded from what is kept, and from the records that were supplied where it needed these. Closed figures stay as told.
    Refolds,
    /// It is new.
    Begins,
    /// It is there no more.
    Ends,
}

impl fmt::Display for Remodelling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stands => "stands",
            Self::Refolds => "is refolded",
            Self::Begins => "begins",
            Self::Ends => "ends",
        })
    }
}

/// Somebody who is not in a plan by whose level it is split, since they joined after it was cascaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unplanned {
    /// The plan.
    pub plan: Key,
    /// The dimension.
    pub dimension: Key,
    /// The member.
    pub member: Key,
}

impl fmt::Display for Unplanned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` has no target in the plan `{}`",
            self.member, self.plan
        )
    }
}

/// An entry about a day behind a close, or a merge by which what stands there is of another row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Late {
    /// The entry.
    pub entry: EntryId,
    /// How its day is closed: softly, so that its figure changes, or hard, so that the difference stands in the first period that
    /// is open.
    pub closed: Close,
}

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.closed {
            Close::Soft => write!(f, "`{}` changes what is closed softly", self.entry),
            Close::Hard => write!(f, "`{}` adjusts what is closed hard", self.entry),
        }
    }
}

/// An entry that waits for something, and so is in no figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// The entry.
    pub entry: EntryId,
    /// What it waits for.
    pub awaits: Awaited,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` waits {}", self.entry, self.awaits)
    }
}

/// What an entry waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Awaited {
    /// An entry that is not there, or was voided.
    Entry(EntryId),
    /// A member that has not joined.
    Member {
        /// The dimension.
        dimension: Key,
        /// The member.
        member: String,
        /// The nearest one that is there: perhaps the name is mistyped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nearest: Option<String>,
    },
    /// What it refers to is there and turned out to be of a later day, of another sort or at another level; a void of either
    /// helps.
    Unfit {
        /// What it refers to.
        of: EntryId,
        /// The day of that.
        day: NaiveDate,
    },
    /// A plan that is not cascaded, or whose cascade was voided.
    Plan {
        /// The plan.
        plan: Key,
    },
    /// A plan does not take what was to be done to it, by what it has become since.
    Refused {
        /// The plan.
        plan: Key,
        /// Why.
        why: String,
    },
    /// An alert that was not told, or the day from which it was decided about.
    Alert(AlertId),
    /// A parent that stood above it when it was entered does not any more, or the one that a member is merged into turned out to stand
    /// at another level.
    Parent {
        /// The parent, or the one that stays.
        member: Key,
    },
}

impl fmt::Display for Awaited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(id) => write!(f, "for the entry `{id}`"),
            Self::Alert(id) => write!(f, "for the alert `{id}`"),
            Self::Plan { plan } => write!(f, "for the plan `{plan}` to be cascaded"),
            Self::Refused { plan, why } => {
                write!(f, "because the plan `{plan}` does not take it: {why}")
            }
            Self::Member {
                dimension,
                member,
                nearest,
            } => {
                write!(f, "for `{member}` to join `{dimension}`")?;
                match nearest {
                    Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
                    None => Ok(()),
                }
            }
            Self::Unfit { of, day } => write!(f, "because `{of}` of {day} does not fit it"),
            Self::Parent { member } => write!(
                f,
                "because `{member}` does not stand at the level that it needs"
            ),
        }
    }
}
