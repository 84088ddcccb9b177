//! How the sentences of a room are worded in one language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Lang, Template, TemplateError};
use crate::key::unknown;

/// A closed set of sentences or words that the library says, with a wording in the languages that ship.
pub trait Sentence: Copy + Ord + 'static {
    /// All of them.
    fn all() -> &'static [Self];

    /// The names that may stand in braces in this one.
    fn places(self) -> &'static [&'static str];

    /// Its wording in a language that ships; `None` for another language.
    fn shipped(self, language: Lang) -> Option<&'static str>;
}

/// The wording of the sentences of one kind, in one language: what ships, and what a host says in its place.
///
/// A sentence that has no wording in the language is said in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    bound(
        serialize = "S: Serialize + Ord",
        deserialize = "S: Deserialize<'de> + Sentence"
    ),
    try_from = "Document<S>"
)]
pub struct Wording<S> {
    /// The language.
    lang: Lang,
    /// What a host says in place of what ships.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    own: BTreeMap<S, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "S: Deserialize<'de> + Ord"))]
struct Document<S> {
    lang: Lang,
    #[serde(default = "BTreeMap::new")]
    own: BTreeMap<S, String>,
}

impl<S: Sentence> TryFrom<Document<S>> for Wording<S> {
    type Error = TemplateError;

    fn try_from(document: Document<S>) -> Result<Self, TemplateError> {
        let mut wording = Self::new(document.lang);
        for (sentence, text) in document.own {
            wording = wording.with(sentence, text)?;
        }
        Ok(wording)
    }
}

impl<S> Wording<S> {
    /// Returns the wording that ships for a language.
    #[must_use]
    pub const fn new(lang: Lang) -> Self {
        Self {
            lang,
            own: BTreeMap::new(),
        }
    }

    /// Returns the language.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.lang
    }
}

impl<S: Sentence> Wording<S> {
    /// Returns the wording with another text for one sentence.
    ///
    /// # Errors
    /// [`TemplateError::Brace`] for a brace without a partner, [`TemplateError::UnknownPlace`] for a name in braces that the
    /// sentence does not have.
    pub fn with(mut self, sentence: S, text: impl Into<String>) -> Result<Self, TemplateError> {
        let text = text.into();
        template(sentence, &text)?;
        self.own.insert(sentence, text);
        Ok(self)
    }

    /// Returns the text of a sentence, its places as they stand.
    #[must_use]
    pub fn text(&self, sentence: S) -> &str {
        let shipped = || {
            sentence
                .shipped(self.lang.language())
                .or_else(|| sentence.shipped(Lang::EN))
        };
        self.own
            .get(&sentence)
            .map(String::as_str)
            .or_else(shipped)
            .unwrap_or_default()
    }

    /// Says a sentence with these values in its places; a place without a value stays empty.
    #[must_use]
    pub fn say(&self, sentence: S, values: &[(&str, &str)]) -> String {
        let mut text = String::new();
        if let Ok(template) = template(sentence, self.text(sentence)) {
            template.write(&mut text, |place, text| {
                let value = values.iter().find(|(name, _)| name == place);
                text.push_str(value.map_or("", |(_, value)| value));
            });
        }
        text
    }
}

fn template<S: Sentence>(sentence: S, text: &str) -> Result<Template<&'static str>, TemplateError> {
    Template::parse(text, |name| {
        let known = sentence.places();
        known
            .iter()
            .copied()
            .find(|place| *place == name)
            .ok_or_else(|| {
                let name: String = name.chars().take(80).collect();
                let (name, nearest, known) = unknown(&name, known.iter().copied());
                TemplateError::UnknownPlace {
                    name,
                    nearest,
                    known,
                }
            })
    })
}
