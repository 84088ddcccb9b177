//! What an answer is waiting for.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::checksum::Checksum;
use super::id::EntryId;
use crate::fingerprint::Fingerprint;
use crate::key::Key;

/// What a journal no longer has and needs for an answer: the host reads it from its store, hands it to
/// [`Journal::supply`](super::Journal::supply) and asks again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Needed {
    /// Entries of these identities, as far as the host has stored them in hand-overs up to the journal's
    /// [`head`](super::Journal::head), with the reversals, applications and voids that refer to them and whatever those refer to. One
    /// that is not supplied is not there.
    Entries {
        /// The identities.
        ids: Vec<EntryId>,
    },
    /// All records of these pieces, with the reversals, applications and voids that refer to them and whatever those refer to, of
    /// hand-overs up to the journal's [`head`](super::Journal::head).
    Records {
        /// The pieces.
        pieces: Vec<Piece>,
    },
    /// All records of these pieces, as for [`Records`](Self::Records), since an entry would have the journal go on by another model that
    /// asks more of them than was kept.
    Refold {
        /// The pieces.
        pieces: Vec<Piece>,
    },
    /// The document of a model by which an entry would have the journal go on: the host hands it to
    /// [`Journal::introduce`](super::Journal::introduce) and enters again; there is nothing to supply.
    Model {
        /// Its fingerprint.
        model: Fingerprint,
    },
    /// The journal as it was: the newest snapshot at or before a time, with the hand-overs up to that time replayed behind it.
    /// What the view says there is the answer; there is nothing to supply.
    Journal {
        /// The time.
        known_at: NaiveDateTime,
        /// How many hand-overs had been taken in by then.
        hand_overs: u64,
    },
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entries { ids } => {
                f.write_str(
                    "entries of closed days are no longer held; supply what is stored of ",
                )?;
                list(f, ids)
            }
            Self::Records { pieces } => {
                f.write_str("closed days are no longer held one by one; supply all records of ")?;
                list(f, pieces)
            }
            Self::Refold { pieces } => {
                f.write_str("the model asks more of closed days than is kept of them; supply all records of ")?;
                list(f, pieces)
            }
            Self::Model { model } => write!(
                f,
                "the model {model} is not known to the journal; introduce the document that the host keeps by this name and enter again"
            ),
            Self::Journal {
                known_at,
                hand_overs,
            } => write!(
                f,
                "what was known at {known_at} is no longer held since the books were closed or the model changed; open the newest snapshot of at most {hand_overs} hand-overs, replay up to these, and ask there"
            ),
        }
    }
}

/// As many as a message can name.
const NAMED: usize = 3;

fn list(f: &mut fmt::Formatter<'_>, all: &[impl fmt::Display]) -> fmt::Result {
    for (at, one) in all.iter().take(NAMED).enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        write!(f, "{comma}`{one}`")?;
    }
    match all.len().saturating_sub(NAMED) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

/// The records of one kind and these members over closed days that have been joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    /// The kind of record.
    pub kind: Key,
    /// The members that the records name, by field; a field that is not here names nobody.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<Key, Key>,
    /// The first day; since ever where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The day after the last one.
    pub to: NaiveDate,
    /// What those that are forgotten add up to.
    pub checksum: Checksum,
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        for (field, member) in &self.members {
            write!(f, ", {field} {member}")?;
        }
        if let Some(from) = self.from {
            write!(f, ", from {from}")?;
        }
        write!(f, " up to before {}", self.to)
    }
}
