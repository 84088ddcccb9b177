//! What can be wrong with a control chart.

use thiserror::Error;

/// What can be wrong with a control chart.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ControlError {
    /// A parameter makes no sense.
    #[error("{what} of a control chart must be {must}")]
    Parameter {
        /// The parameter.
        what: &'static str,
        /// What it must be.
        must: &'static str,
    },
    /// There are fewer values than a chart needs.
    #[error("a chart of {needed} values is asked for, and {known} are known")]
    TooFew {
        /// How many are known.
        known: usize,
        /// How many are needed.
        needed: usize,
    },
    /// What is taken for normal does not vary, so that nothing can be measured against it.
    #[error("the values of the baseline are all equal: there is no spread to measure against")]
    NoSpread,
}

impl ControlError {
    pub(super) fn unless(fine: bool, what: &'static str, must: &'static str) -> Result<(), Self> {
        if fine {
            Ok(())
        } else {
            Err(Self::Parameter { what, must })
        }
    }
}
