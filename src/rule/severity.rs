//! How grave a rule's answer is.

use crate::text::{Locale, Word};
use serde::{Deserialize, Serialize};

/// How grave something is, from the least.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Needs a look. The default.
    #[default]
    Warning,
    /// Needs an answer.
    Serious,
    /// Needs an answer now.
    Critical,
}

impl Severity {
    /// All, from the least grave.
    pub const ALL: [Self; 4] = [Self::Info, Self::Warning, Self::Serious, Self::Critical];

    /// Returns the word that messages share for it.
    #[must_use]
    pub fn word(self) -> Word {
        match self {
            Self::Info => Word::Info,
            Self::Warning => Word::Warning,
            Self::Serious => Word::Serious,
            Self::Critical => Word::Critical,
        }
    }

    /// Returns the name in this language.
    #[must_use]
    pub fn name(self, locale: &Locale) -> &str {
        locale.word(self.word())
    }
}
