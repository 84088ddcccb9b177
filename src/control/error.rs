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
