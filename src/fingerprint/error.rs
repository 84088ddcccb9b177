//! Why a text is no fingerprint.

use thiserror::Error;

/// Why a text is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is no fingerprint, which has 64 digits from 0 to 9 and a to f")]
pub struct FingerprintError {
    /// The text.
    pub text: String,
}
