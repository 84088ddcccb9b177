//! What can be wrong with a name.

use thiserror::Error;

/// The longest key, in bytes.
pub(super) const MAX_LEN: usize = 200;

/// Why a text cannot be a [`Key`](crate::key::Key).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is empty.
    #[error("a key is empty")]
    Empty,
    /// The text is longer than [`Key::MAX_LEN`](crate::key::Key::MAX_LEN) bytes.
    #[error("the key starting `{start}` has {bytes} bytes, more than {}", MAX_LEN)]
    TooLong {
        /// The first letters of the text.
        start: String,
        /// Its length in bytes.
        bytes: usize,
    },
    /// The text starts or ends with white space.
    #[error("the key `{key}` starts or ends with white space")]
    Padded {
        /// The text.
        key: String,
    },
    /// The text holds a control character.
    #[error("the key `{key}` holds a control character")]
    Control {
        /// The text, with the character escaped.
        key: String,
    },
}
