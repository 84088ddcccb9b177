//! What can be wrong with a condition's text.

use crate::measure::suggestion;
use thiserror::Error;

/// Why a text is not a condition or an operand.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextError {
    /// Something else was expected.
    #[error("at character {at}: expected {expected}, found {found}{}", suggestion(nearest.as_deref()))]
    Unexpected {
        /// Where, in characters from 0.
        at: usize,
        /// What may stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
        /// A known word that may be meant.
        nearest: Option<String>,
    },
    /// A quoted name does not end.
    #[error("at character {at}: the quoted name does not end")]
    OpenQuote {
        /// Where it starts, in characters from 0.
        at: usize,
    },
    /// A number cannot be read exactly.
    #[error("at character {at}: `{text}` is not an exact number")]
    Number {
        /// Where, in characters from 0.
        at: usize,
        /// The text.
        text: String,
    },
    /// A name cannot be a key.
    #[error("at character {at}: {problem}")]
    Name {
        /// Where, in characters from 0.
        at: usize,
        /// Why.
        problem: crate::key::KeyError,
    },
    /// `pace` or `target` stands alone where no metric is on the other side.
    #[error("at character {at}: write `{word}(metric)`, since the other side has no metric")]
    Whose {
        /// Where, in characters from 0.
        at: usize,
        /// The word.
        word: &'static str,
    },
    /// It nests too deeply.
    #[error("at character {at}: conditions and operands nest more than {limit} deep")]
    TooDeep {
        /// Where, in characters from 0.
        at: usize,
        /// The limit.
        limit: usize,
    },
    /// The text is too long.
    #[error("the text has {bytes} bytes, more than {limit}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

impl TextError {
    /// Returns the error with its place counted in characters from 0, not in bytes from 0.
    pub(super) fn counted_in_characters(mut self, text: &str) -> Self {
        match &mut self {
            Self::Unexpected { at, .. }
            | Self::OpenQuote { at }
            | Self::Number { at, .. }
            | Self::Name { at, .. }
            | Self::Whose { at, .. }
            | Self::TooDeep { at, .. } => {
                *at = text.get(..*at).map_or(0, |part| part.chars().count());
            }
            Self::TooLong { .. } => {}
        }
        self
    }
}

/// The longest text, in bytes.
pub(super) const MAX_TEXT: usize = 100_000;
