//! Alerts that live: their identity, what happened to them, and what the monitor says.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::rule::{Deviation, Severity, WhyUnknown};
use crate::space::{RowId, Subjects};

/// The identity of an alert: a rule, a subject, and the first day told: the day on which it fired by the account that first
/// told of it.
///
/// The end of the period, records that come late and restarts do not change it: where a correction moves the day on which it
/// fired, [`Incident::fired`] says so and the identity stays. Cloning is cheap: the parts are shared.
/// The text form is for one key column of a host's table: different identities have different texts, since `|`, `/` and `\`
/// inside keys are escaped by a `\`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "Identity", into = "Identity")]
pub struct AlertId {
    rule: Key,
    subject: Subject,
    day: NaiveDate,
}

/// A subject as a row of a list that many alerts share, or by itself.
///
/// There are as many of them as there were alerts, so that one is as wide as a row of a list.
#[derive(Clone)]
enum Subject {
    Row(Subjects, RowId),
    Own(Arc<Vec<Key>>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    rule: Key,
    subject: Vec<Key>,
    day: NaiveDate,
}

impl AlertId {
    /// Returns the identity of the alert of this rule and subject that was first told on this day.
    #[must_use]
    pub fn new(rule: Key, subject: Vec<Key>, day: NaiveDate) -> Self {
        Self {
            rule,
            subject: Subject::Own(Arc::new(subject)),
            day,
        }
    }

    /// Returns the identity for a row of a list.
    pub(super) fn row(rule: Key, subjects: &Subjects, row: RowId, day: NaiveDate) -> Self {
        Self {
            rule,
            subject: Subject::Row(subjects.clone(), row),
            day,
        }
    }

    /// Returns the same of another day.
    pub(super) fn on(&self, day: NaiveDate) -> Self {
        Self {
            day,
            ..self.clone()
        }
    }

    /// Returns the rule.
    #[must_use]
    pub fn rule(&self) -> &Key {
        &self.rule
    }

    /// Returns the subject's members.
    #[must_use]
    pub fn subject(&self) -> &[Key] {
        match &self.subject {
            Subject::Row(subjects, row) => subjects.members(*row),
            Subject::Own(members) => members,
        }
    }

    /// Returns the first day told.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        self.day
    }

    fn parts(&self) -> (&Key, &[Key], NaiveDate) {
        (&self.rule, self.subject(), self.day)
    }
}

impl PartialEq for AlertId {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for AlertId {}

impl PartialOrd for AlertId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AlertId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl Hash for AlertId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl fmt::Debug for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AlertId({self})")
    }
}

impl From<Identity> for AlertId {
    fn from(identity: Identity) -> Self {
        Self::new(identity.rule, identity.subject, identity.day)
    }
}

impl From<AlertId> for Identity {
    fn from(id: AlertId) -> Self {
        Self {
            subject: id.subject().to_vec(),
            rule: id.rule,
            day: id.day,
        }
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Two identities never have the same text, whatever their keys contain.
        let escaped = |key: &Key| {
            key.as_str()
                .replace('\\', "\\\\")
                .replace('|', "\\|")
                .replace('/', "\\/")
        };
        let members: Vec<String> = self.subject().iter().map(escaped).collect();
        let rule = escaped(self.rule());
        write!(f, "{rule} | {} | {}", members.join(" / "), self.day())
    }
}

/// Where an alert stands: firing, acknowledged, snoozed, resolved, expired or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Status {
    /// It fires and nobody has taken it.
    Firing,
    /// It fires and somebody has taken it.
    Acknowledged {
        /// Who.
        by: Key,
        /// When.
        at: NaiveDateTime,
    },
    /// It fires and is not spoken of until a day.
    Snoozed {
        /// The first day on which it is spoken of again.
        until: NaiveDate,
    },
    /// It is over.
    Resolved {
        /// The day on which it ended.
        on: NaiveDate,
    },
    /// It was not ended but given up: too old, or its subject or rule is gone.
    Expired {
        /// The day on which it expired.
        on: NaiveDate,
    },
    /// Late or corrected records say that it never was. It is kept with what people decided, and comes back with that where
    /// they are corrected again.
    Withdrawn {
        /// The latest day that had been told when it was withdrawn.
        on: NaiveDate,
        /// Where it stood before.
        was: Box<Status>,
    },
}

impl Status {
    /// Says whether the alert is still there.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Self::Firing | Self::Acknowledged { .. } | Self::Snoozed { .. } => true,
            Self::Resolved { .. } | Self::Expired { .. } | Self::Withdrawn { .. } => false,
        }
    }

    /// Says whether it was taken back: it never was.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        matches!(self, Self::Withdrawn { .. })
    }
}

/// The corrective action for an alert: what is done, by whom and by when, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectiveAction {
    /// What is done.
    pub action: String,
    /// Who does it.
    pub owner: Key,
    /// The day by which it is done.
    pub deadline: NaiveDate,
    /// The day on which its effect is looked at: whether the alert is over.
    pub check: NaiveDate,
    /// The day on which it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<NaiveDate>,
    /// What came of it, known from the day of the check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Effectiveness>,
}

/// What came of a corrective action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effectiveness {
    /// The alert is over.
    Effective,
    /// The alert is still there.
    WithoutEffect,
    /// It was not done by its deadline.
    NotDone,
}

/// An alert with its history: when it fired, who acknowledged it, what was done about it, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Its identity.
    pub id: AlertId,
    /// How grave it is: the gravest so far.
    pub severity: Severity,
    /// Bad or good.
    pub deviation: Deviation,
    /// Where it stands.
    pub status: Status,
    /// Since when it has been so: the first day told of the row in which its condition holds. Of a period that was looked at only
    /// when it was over that is its last day; of one that is watched while it runs, the day as of which it began to hold.
    pub since: NaiveDate,
    /// The day on which it fired first: the last day of the period whose figures it is about, or of one that runs the day as of
    /// which they are. Late records may move it.
    pub fired: NaiveDate,
    /// When it was told: when it fired, or came back, or was spoken of again.
    pub told: NaiveDateTime,
    /// When it was last told.
    pub repeated: NaiveDateTime,
    /// When it was over and came back, each time; the times are one after the other.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub pauses: Box<[Pause]>,
    /// How many alerts of this rule and subject there were before: how often the same cause came back after it had been over
    /// for longer than the rule's reopening time.
    pub recurrence: u32,
    /// How many rungs it has climbed since it was told.
    pub rung: u32,
    /// Who has taken it, and when, each time, in the order in which they did.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub acknowledgements: Box<[Acknowledgement]>,
    /// What is done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrective_action: Option<Box<CorrectiveAction>>,
}

/// The acknowledgement of an alert: who took it, and when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// Who.
    pub by: Key,
    /// When.
    pub at: NaiveDateTime,
}

/// A time in which an alert was over, until it was reopened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// The day on which it ended.
    pub from: NaiveDate,
    /// The day on which it was reopened.
    pub to: NaiveDate,
}

impl Incident {
    /// Returns how often it was reopened.
    #[must_use]
    pub fn reopened(&self) -> usize {
        self.pauses.len()
    }

    /// Returns the day on which it fired, or was last reopened.
    pub(super) fn latest(&self) -> NaiveDate {
        self.pauses.last().map_or(self.fired, |pause| pause.to)
    }

    /// Says whether it was there at the end of a day: fired, and neither over nor given up. One that was withdrawn never was.
    #[must_use]
    pub fn was_open(&self, day: NaiveDate) -> bool {
        !self.status.is_withdrawn()
            && self.fired <= day
            && self.ended().is_none_or(|end| day < end)
            && !self
                .pauses
                .iter()
                .any(|pause| pause.from <= day && day < pause.to)
    }

    /// Returns how many days passed from the day on which it fired first to its end; `None` while it is open. Pauses count:
    /// what was reopened had not been solved.
    #[must_use]
    pub fn days_to_end(&self) -> Option<i64> {
        self.ended().map(|end| (end - self.fired).num_days())
    }

    /// Returns the day on which it ended or was given up; of one that was withdrawn, on which it had, or was withdrawn.
    #[must_use]
    pub fn ended(&self) -> Option<NaiveDate> {
        match &self.status {
            Status::Resolved { on } | Status::Expired { on } => Some(*on),
            Status::Withdrawn { on, was } => match **was {
                Status::Resolved { on } | Status::Expired { on } => Some(on),
                _ => Some(*on),
            },
            Status::Firing | Status::Acknowledged { .. } | Status::Snoozed { .. } => None,
        }
    }
}

/// Something that happened and that somebody may have to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The alert.
    pub id: AlertId,
    /// The day that brought it.
    pub day: NaiveDate,
    /// How grave it is.
    pub severity: Severity,
    /// What happened.
    pub what: What,
    /// The role that is told: the rule's owner, or the one that an escalation reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Key>,
}

/// What happened to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// It fires.
    Fired,
    /// It fires again, within the time in which it counts as the same.
    Reopened,
    /// It has become graver. One that was taken or put to sleep fires again: that was decided of a less grave one.
    Graver,
    /// Its acknowledgement has ended: it fires again.
    Unattended,
    /// The rule cannot say whether it fires, for this reason; told once, until it can say again. The identity names the day
    /// from which on it could not, and is that of no alert.
    Undecided(WhyUnknown),
    /// It still fires and nobody has taken it.
    Repeated,
    /// It climbs to the next rung.
    Escalated,
    /// It has begun to come and go; that is told once.
    FlappingStarted,
    /// It has stopped coming and going.
    FlappingStopped,
    /// It is spoken of again.
    Woken,
    /// It is over.
    Resolved,
    /// It was given up.
    Expired,
    /// The effect of its corrective action was checked.
    Checked(Effectiveness),
}

/// A condition that holds and has not lasted long enough yet to fire, or whose rule still rests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// The rule.
    pub rule: Key,
    /// The subject's members.
    pub subject: Vec<Key>,
    /// Since when it has been so, as [`Incident::since`] will say if it fires.
    pub since: NaiveDate,
}
