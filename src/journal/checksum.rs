//! Sums by which forgotten entries are known again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::entry::{Content, Entry, ReversalDef};
use super::id::EntryId;
use crate::fingerprint::Fingerprint;
use crate::ledger::{ApplicationDef, Record};

/// A sum over entries by what each says, whatever order they come in: half of the [`Fingerprint`] of each, added up. Written as
/// 32 hexadecimal digits.
///
/// A journal keeps one for each piece of what it has forgotten, so that a host that supplies the records again is believed only
/// where it supplies them all, and as they were.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Checksum(u128);

/// What an entry says, without who entered it and why.
#[derive(Serialize)]
enum Said<'a> {
    Record(&'a Record),
    Reverse(&'a ReversalDef),
    Void(&'a EntryId),
    Apply(&'a ApplicationDef<EntryId>),
    /// What is never forgotten.
    Kept,
}

impl Checksum {
    /// Returns the sum over one entry.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let said = match entry.content() {
            Content::Record(record) => Said::Record(record),
            Content::Reverse(reversal) => Said::Reverse(reversal),
            Content::Void(of) => Said::Void(of),
            Content::Apply(application) => Said::Apply(application),
            Content::Join(_)
            | Content::Move(_)
            | Content::End(_)
            | Content::Rename(_)
            | Content::Merge(_)
            | Content::Hold(_)
            | Content::Vacate(_)
            | Content::Targets(_)
            | Content::Plan(_)
            | Content::Close(_)
            | Content::Reopen
            | Content::Model(_)
            | Content::Decide(_)
            | Content::Excuse(_) => Said::Kept,
        };
        Self(Fingerprint::of(&(entry.id(), entry.day(), said)).half())
    }

    /// Returns the sum over what either is over.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Checksum {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u128::from_str_radix(text, 16).map(Self)
    }
}

impl TryFrom<String> for Checksum {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Checksum> for String {
    fn from(own: Checksum) -> Self {
        own.to_string()
    }
}
