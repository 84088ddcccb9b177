//! What sort of fault an error of a room is, and where.

use std::error::Error as Cause;

/// What sort of fault an error is, for hosts that treat a sort alike: a form that marks a field, a service that answers a
/// status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A name that is not known; the error tells the nearest one and the list.
    Unknown,
    /// Something stands twice where it may stand once.
    Duplicate,
    /// Something that is needed is not there.
    Missing,
    /// A value breaks a rule of its own: a negative weight, an empty period.
    Invalid,
    /// Two things do not fit each other: units, axes, periods, lengths.
    Mismatch,
    /// A number or a day is beyond what can be held exactly.
    OutOfRange,
    /// A row, period or position that is not there.
    Outside,
    /// More than a stated limit.
    Limit,
    /// What is demanded cannot be met, or not together.
    Infeasible,
    /// What is asked contradicts what stands: held, closed, stale, told before, out of order.
    Conflict,
    /// A text that cannot be read.
    Text,
    /// A fault of what stands around the library: a file, a format.
    Other,
}

pub(super) mod sealed {
    pub trait Sealed {}
}

/// An error of a room: what sort of fault it is, and where.
///
/// Implemented by the errors of this library, and by no others: those come in by [`Error::other`](crate::Error::other).
pub trait Fault: Cause + Send + Sync + sealed::Sealed + 'static {
    /// Returns what sort of fault it is.
    fn kind(&self) -> ErrorKind;

    /// Returns where in the input it is, as the input names it: `records[3]`, a node of a plan, a row.
    fn place(&self) -> Option<String> {
        None
    }
}
