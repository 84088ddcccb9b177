//! A text, or what is made of one, in several languages.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::Lang;

/// One text in several languages, each under its tag.
///
/// In a document it is a map, `{"en": "Few visits", "zh": "拜访量偏低"}`, or a plain string where its language does not matter.
pub type Texts = ByLang<String>;

/// Something in several languages, with a fallback for all others.
///
/// A language that is asked for finds its own entry, then that of a broader tag (`zh-Hant` before `zh`, as RFC 4647 looks up),
/// then one of the same language (`zh-Hans` for `zh-HK`), then what is in no language, then English, then the first by tag. So an
/// answer is missing only where there is nothing at all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ByLang<T>(BTreeMap<Lang, T>);

impl<T> Default for ByLang<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> ByLang<T> {
    /// Says whether there is nothing in any language.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what is shown in this language: its own, or what stands for it.
    #[must_use]
    pub fn find(&self, lang: Lang) -> Option<&T> {
        self.found(lang).map(|(_, each)| each)
    }

    /// Returns what [`find`](Self::find) finds, with the tag under which it stands.
    #[must_use]
    pub fn found(&self, lang: Lang) -> Option<(Lang, &T)> {
        let own = std::iter::successors(Some(lang), |tag| tag.broader())
            .find(|tag| self.0.contains_key(tag));
        let language = lang.language();
        let near = || {
            self.0
                .keys()
                .copied()
                .find(|tag| tag.language() == language)
        };
        let other = || {
            [Lang::UND, Lang::EN]
                .into_iter()
                .find(|tag| self.0.contains_key(tag))
        };
        let tag = own
            .or_else(near)
            .or_else(other)
            .or_else(|| self.0.keys().next().copied())?;
        self.0.get_key_value(&tag).map(|(tag, each)| (*tag, each))
    }

    /// Returns the languages, by tag.
    pub fn langs(&self) -> impl Iterator<Item = Lang> {
        self.0.keys().copied()
    }

    /// Returns each language with what is in it, by tag.
    pub fn iter(&self) -> impl Iterator<Item = (Lang, &T)> {
        self.0.iter().map(|(tag, each)| (*tag, each))
    }

    /// Makes something else of each.
    ///
    /// # Errors
    /// The first that `make` returns.
    pub fn try_map<U, E>(
        &self,
        mut make: impl FnMut(Lang, &T) -> Result<U, E>,
    ) -> Result<ByLang<U>, E> {
        let made = self
            .0
            .iter()
            .map(|(tag, each)| Ok((*tag, make(*tag, each)?)));
        made.collect::<Result<_, E>>().map(ByLang)
    }

    /// Puts something in place of what is in this language.
    pub fn insert(&mut self, lang: Lang, each: T) {
        self.0.insert(lang, each);
    }
}

impl<T> FromIterator<(Lang, T)> for ByLang<T> {
    fn from_iter<I: IntoIterator<Item = (Lang, T)>>(each: I) -> Self {
        Self(each.into_iter().collect())
    }
}

impl ByLang<String> {
    /// Returns a text in one language.
    #[must_use]
    pub fn new(lang: Lang, text: impl Into<String>) -> Self {
        Self(BTreeMap::from([(lang, text.into())]))
    }

    /// Returns the text with another language, or with another wording in it.
    #[must_use]
    pub fn and(mut self, lang: Lang, text: impl Into<String>) -> Self {
        self.0.insert(lang, text.into());
        self
    }

    /// Returns the text in this language, or what stands for it; nothing where there is no text at all.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        self.find(lang).map_or("", String::as_str)
    }
}

/// A text in no stated language.
impl From<&str> for ByLang<String> {
    fn from(text: &str) -> Self {
        Self::new(Lang::UND, text)
    }
}

impl Serialize for ByLang<String> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.get(&Lang::UND) {
            Some(text) if self.0.len() == 1 => serializer.serialize_str(text),
            _ => serializer.collect_map(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for ByLang<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a text, or texts by language such as {\"en\": \"...\", \"zh\": \"...\"}",
                )
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts::from(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts, A::Error> {
                let mut texts = BTreeMap::new();
                while let Some(lang) = map.next_key::<Lang>()? {
                    if texts.insert(lang, map.next_value::<String>()?).is_some() {
                        return Err(de::Error::custom(format_args!(
                            "the text in `{lang}` is given twice"
                        )));
                    }
                }
                Ok(ByLang(texts))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lang(tag: &str) -> Lang {
        Lang::new(tag).unwrap()
    }

    #[test]
    fn a_language_without_text_has_the_nearest_one() {
        let texts = Texts::new(Lang::EN, "en")
            .and(lang("zh-Hans"), "hans")
            .and(lang("zh-Hant"), "hant")
            .and(lang("de"), "de");
        for (asked, found) in [
            ("en-GB", "en"),
            ("zh-Hant-TW", "hant"),
            ("zh", "hans"),
            ("zh-HK", "hans"),
            ("de-CH", "de"),
            ("fr", "en"),
        ] {
            assert_eq!(texts.get(lang(asked)), found, "{asked}");
        }
        assert_eq!(Texts::new(lang("fr"), "fr").get(Lang::EN), "fr");
        assert_eq!(Texts::from("any").get(Lang::ZH), "any");
        assert_eq!(Texts::default().get(Lang::EN), "");
    }

    #[test]
    fn texts_are_read_from_maps_and_from_plain_text() {
        for (form, back) in [
            (r#"{"zh":"好","en":"good"}"#, r#"{"en":"good","zh":"好"}"#),
            (r#""good""#, r#""good""#),
            (r#"{"und":"good"}"#, r#""good""#),
            ("{}", "{}"),
        ] {
            let texts: Texts = serde_json::from_str(form).unwrap();
            assert_eq!(serde_json::to_string(&texts).unwrap(), back);
        }
        for wrong in [
            r#"{"english":1}"#,
            r#"{"e n":"x"}"#,
            r#"{"en":"a","EN":"b"}"#,
            "3",
        ] {
            assert!(serde_json::from_str::<Texts>(wrong).is_err(), "{wrong}");
        }
    }
}
