//! The words for what a cell can be.

use crate::panel::Reason;

/// Returns the word for what a cell holds: `value`, or why there is none.
pub(in crate::rule) fn state_word(state: Option<Reason>) -> &'static str {
    match state {
        None => "value",
        Some(Reason::NoBase) => "no_base",
        Some(Reason::NothingRecorded) => "nothing_recorded",
        Some(Reason::NotApplicable) => "not_applicable",
        Some(Reason::NotYetDue) => "not_yet_due",
        Some(Reason::OutOfRange) => "out_of_range",
    }
}
