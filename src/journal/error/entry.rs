//! Why something is no entry.

use chrono::NaiveDate;
use thiserror::Error;

use crate::journal::id::EntryId;
use crate::key::KeyError;

/// Why something is no entry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EntryError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A record has no id by which it could be told from another.
    #[error(
        "a record of kind `{kind}` has no id: a journal needs one, so that a record that is sent twice counts once"
    )]
    NoId {
        /// The kind.
        kind: String,
    },
    /// A record takes another one back, which is an entry of its own.
    #[error("the record `{id}` reverses `{of}`; use `Entry::reverse` for that")]
    Reversing {
        /// Its id.
        id: String,
        /// The id of what it takes back.
        of: String,
    },
    /// A record settles an item of another one, which is an entry of its own.
    #[error("the record `{id}` settles what is open of `{of}`; hand over `Entry::apply` for that")]
    Applying {
        /// Its id.
        id: String,
        /// The id of what it settles.
        of: String,
    },
    /// A parent was given for an entry that is no join.
    #[error("`{id}` lets no member join, so that it takes no parents")]
    NotJoining {
        /// The entry.
        id: EntryId,
    },
    /// An amount was given for an entry that takes nothing back.
    #[error("`{id}` reverses nothing, so that it takes no amounts to reverse")]
    NotReversing {
        /// The entry.
        id: EntryId,
    },
    /// A payment or a currency was given for an entry that applies nothing.
    #[error("`{id}` applies nothing to an item; use `Entry::apply`")]
    NotApplying {
        /// The entry.
        id: EntryId,
    },
    /// Somebody is said to hold a post from another day on than that of the entry.
    #[error(
        "the tenure begins on {from} and its entry is of {day}: leave `from` out, or give the entry that day"
    )]
    OtherDay {
        /// The first day of the tenure.
        from: NaiveDate,
        /// The day of the entry.
        day: NaiveDate,
    },
    /// The sequence number is beyond the limit.
    #[error(
        "the sequence number {sequence} is more than {}",
        crate::ledger::Record::MAX_SEQUENCE
    )]
    Sequence {
        /// The number.
        sequence: u64,
    },
}
