//! What can be wrong with a pack.

use crate::{
    key::{Key, KeyError},
    panel::PanelError,
    rule::{RuleError, TextError},
};
use thiserror::Error;

/// What can be wrong with a pack or a number for it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PackError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A column does not fit the panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A condition or a number cannot be read.
    #[error("rule `{rule}`: `{text}`: {cause}")]
    Text {
        /// The rule.
        rule: Key,
        /// The text.
        text: String,
        /// What is wrong with it.
        #[source]
        cause: TextError,
    },
    /// A number was expected, and the text is an operand of another sort.
    #[error("rule `{rule}`: `{text}` is not a number; write for example 60, 60 day or 80%")]
    NotANumber {
        /// The rule.
        rule: Key,
        /// The text.
        text: String,
    },
    /// The rules say no.
    #[error(transparent)]
    Rule(#[from] RuleError),
}
