//! What can be wrong with a tag of a language or a sentence.

use thiserror::Error;

use crate::key::{Known, hint};

/// Why a text cannot be a [`Lang`](super::Lang).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{tag}` is not the tag of a language; write for example `en`, `zh-Hant` or `pt-BR` (BCP 47)"
)]
pub struct LangError {
    /// The first letters of the text.
    pub tag: String,
}

/// What can be wrong with a sentence that has places for values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// A brace has no partner.
    #[error("the brace at character {at} has no partner; a brace that is meant is written twice")]
    Brace {
        /// Its place, counted in characters from 0.
        at: usize,
    },
    /// The sentence does not have this place.
    #[error("there is no `{{{name}}}` to put in{}", hint(nearest.as_deref(), known))]
    UnknownPlace {
        /// The name in braces.
        name: String,
        /// The nearest one that there is.
        nearest: Option<String>,
        /// Those that there are.
        known: Known,
    },
}
