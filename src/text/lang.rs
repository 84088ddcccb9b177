//! Tags of languages.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::LangError;

/// The tag of a language, as BCP 47 (RFC 5646) has them: a language, then maybe a script, a region and variants, such as `en`,
/// `zh-Hant` or `pt-BR`.
///
/// Letters are brought to the case that the standard recommends, so tags that mean the same are the same. Whether a subtag is
/// registered is not asked: a host may use a private one (`x-house`).
///
/// ```
/// use quotaflow::text::Lang;
/// assert_eq!(Lang::new("ZH-hant-tw")?.as_str(), "zh-Hant-TW");
/// assert_eq!(Lang::new("zh-Hant-TW")?.broader(), Some(Lang::new("zh-Hant")?));
/// assert!(Lang::new("chinese (simplified)").is_err());
/// # Ok::<(), quotaflow::text::LangError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lang {
    bytes: [u8; Lang::MAX_LEN],
    len: u8,
}

impl Lang {
    /// The longest tag, in letters (RFC 5646, section 4.4.1).
    pub const MAX_LEN: usize = 35;
    /// English.
    pub const EN: Self = Self::of_static(b"en");
    /// Chinese.
    pub const ZH: Self = Self::of_static(b"zh");
    /// A text that is not said to be in any language (`und`); it stands for all of them.
    pub const UND: Self = Self::of_static(b"und");

    /// Returns the tag that is written so.
    ///
    /// # Errors
    /// [`LangError`] if the text is not well formed.
    pub fn new(tag: &str) -> Result<Self, LangError> {
        let refused = || LangError {
            tag: tag.chars().take(40).collect(),
        };
        if tag.len() > Self::MAX_LEN || !tag.is_ascii() {
            return Err(refused());
        }
        let mut bytes = [0; Self::MAX_LEN];
        let mut at = 0;
        let mut private = false;
        for (place, part) in tag.split('-').enumerate() {
            let letters = part.bytes().all(|letter| letter.is_ascii_alphabetic());
            let fine = match (place, part.len()) {
                (_, 0 | 9..) => false,
                (0, 1) => part.eq_ignore_ascii_case("x"),
                (0, _) => letters,
                _ => part.bytes().all(|letter| letter.is_ascii_alphanumeric()),
            };
            if !fine {
                return Err(refused());
            }
            if place > 0 {
                bytes[at] = b'-';
                at += 1;
            }
            for (letter, byte) in part.bytes().enumerate() {
                let upper = !private
                    && place > 0
                    && letters
                    && (part.len() == 2 || (part.len() == 4 && letter == 0));
                bytes[at] = if upper {
                    byte.to_ascii_uppercase()
                } else {
                    byte.to_ascii_lowercase()
                };
                at += 1;
            }
            // After a single letter come extensions and private parts, which are written small.
            private |= part.len() == 1;
        }
        // A tag does not end in a single letter.
        if tag.rsplit('-').next().is_none_or(|last| last.len() < 2) {
            return Err(refused());
        }
        Ok(Self {
            bytes,
            len: u8::try_from(at).map_err(|_| refused())?,
        })
    }

    const fn of_static(tag: &[u8]) -> Self {
        let mut bytes = [0; Self::MAX_LEN];
        let mut at = 0;
        while at < tag.len() {
            bytes[at] = tag[at];
            at += 1;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the tags above have two or three letters"
        )]
        let len = at as u8;
        Self { bytes, len }
    }

    /// Returns the tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII ever enters.
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    /// Returns the tag without its last part, the way of the look-up of RFC 4647 (section 3.4); `None` for a language alone.
    #[must_use]
    pub fn broader(self) -> Option<Self> {
        let text = self.as_str();
        let (mut shorter, _) = text.rsplit_once('-')?;
        // A single letter leads what follows it and goes with it.
        while let Some((before, last)) = shorter.rsplit_once('-') {
            if last.len() > 1 {
                break;
            }
            shorter = before;
        }
        Self::new(shorter).ok()
    }

    /// Returns the language alone: `zh` of `zh-Hant-TW`.
    #[must_use]
    pub fn language(self) -> Self {
        let mut tag = self;
        while let Some(broader) = tag.broader() {
            tag = broader;
        }
        tag
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl FromStr for Lang {
    type Err = LangError;

    fn from_str(tag: &str) -> Result<Self, LangError> {
        Self::new(tag)
    }
}

impl TryFrom<String> for Lang {
    type Error = LangError;

    fn try_from(tag: String) -> Result<Self, LangError> {
        Self::new(&tag)
    }
}

impl From<Lang> for String {
    fn from(lang: Lang) -> Self {
        lang.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_brought_to_the_recommended_case() {
        for (given, tag) in [
            ("EN", "en"),
            ("zh-hans-cn", "zh-Hans-CN"),
            ("sr-LATN-rs", "sr-Latn-RS"),
            ("es-419", "es-419"),
            ("de-CH-1901", "de-CH-1901"),
            ("X-House", "x-house"),
            ("en-x-US", "en-x-us"),
        ] {
            assert_eq!(Lang::new(given).unwrap().as_str(), tag, "{given}");
        }
        assert_eq!(Lang::new("en").unwrap(), Lang::EN);
        assert_eq!(Lang::new("Und").unwrap(), Lang::UND);
        assert!(format!("{:?}", Lang::EN).contains("en"));
    }

    #[test]
    fn what_is_no_tag_is_refused_with_examples() {
        for tag in [
            "",
            "e",
            "-en",
            "en-",
            "en--US",
            "en_US",
            "中文",
            "123",
            "abcdefghi",
            "en-x",
            "en-abcdefghi",
        ] {
            let error = Lang::new(tag).unwrap_err().to_string();
            assert!(error.contains("zh-Hant"), "{tag}: {error}");
        }
    }

    #[test]
    fn a_tag_is_shortened_from_its_end() {
        let tag = Lang::new("zh-Hant-CN-x-private1").unwrap();
        let all: Vec<String> = std::iter::successors(Some(tag), |tag| tag.broader())
            .map(|tag| tag.to_string())
            .collect();
        assert_eq!(
            all,
            ["zh-Hant-CN-x-private1", "zh-Hant-CN", "zh-Hant", "zh"]
        );
        assert_eq!(tag.language(), Lang::ZH);
    }
}
