//! What is taken in at once, and how far a journal is.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::entry::Entry;
use crate::document::Version;
use crate::fingerprint::Fingerprint;

/// How far a journal is: how many entries it has taken in, and the last link of the chain over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// How many entries.
    pub entries: u64,
    /// The fingerprint of all of them, hand-over by hand-over.
    pub chain: Fingerprint,
}

/// Entries that a host hands over at once, and stores at once: a known time, the day through which they are complete, and the
/// entries in any order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// The version of this form of document.
    #[serde(default)]
    pub version: Version<1>,
    /// The host's commit time; later than that of every hand-over before.
    pub known: NaiveDateTime,
    /// The day through which everything has been handed over that was known by then.
    pub complete_through: NaiveDate,
    /// The entries, in any order.
    pub entries: Vec<Entry>,
    /// The head that the journal had after it, if the host stored it; replaying tells where it does not come out again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
}

impl HandOver {
    /// Returns a hand-over of these entries.
    #[must_use]
    pub fn new(known: NaiveDateTime, complete_through: NaiveDate, entries: Vec<Entry>) -> Self {
        Self {
            version: Version::default(),
            known,
            complete_through,
            entries,
            head: None,
        }
    }
}

/// What the journal remembers of a hand-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Taken {
    pub(super) known: NaiveDateTime,
    pub(super) complete_through: NaiveDate,
    pub(super) head: Head,
}

impl Taken {
    /// Whether times, days and counts of entries go forward only, to a count to which more can be added.
    pub(super) fn are_in_order(all: &[Self]) -> bool {
        let is_after = |pair: &[Self]| {
            let [one, other] = pair else { return true };
            one.known < other.known
                && one.complete_through <= other.complete_through
                && one.head.entries <= other.head.entries
        };
        let last = all.last().map_or(0, |last| last.head.entries);
        all.windows(2).all(is_after) && i64::try_from(last).is_ok()
    }
}
