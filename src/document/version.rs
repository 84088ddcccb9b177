//! The version of a written form.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The version of a document's written form, of which `CURRENT` is the newest that this library knows.
///
/// A document that names no version is read as version 1; one that names a newer version than the library knows is
/// refused, because its fields may mean something else. What is written always names the current version.
///
/// ```
/// use quotaflow::document::Version;
/// assert!(serde_json::from_str::<Version<2>>("1").is_ok());
/// let newer = serde_json::from_str::<Version<2>>("3").unwrap_err().to_string();
/// assert!(newer.contains("version 3"), "{newer}");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version<const CURRENT: u16>(u16);

impl<const CURRENT: u16> Version<CURRENT> {
    /// Returns the version of the form that was read.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }
}

impl<const CURRENT: u16> Default for Version<CURRENT> {
    fn default() -> Self {
        Self(1.min(CURRENT))
    }
}

impl<const CURRENT: u16> Serialize for Version<CURRENT> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(CURRENT)
    }
}

impl<'de, const CURRENT: u16> Deserialize<'de> for Version<CURRENT> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u16::deserialize(deserializer)?;
        if number == 0 || number > CURRENT {
            return Err(de::Error::custom(format_args!(
                "document version {number} is not known; the newest known is {CURRENT}"
            )));
        }
        Ok(Self(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_from_one_to_the_current_are_read() {
        for (text, fine) in [
            ("0", false),
            ("1", true),
            ("2", true),
            ("3", false),
            ("-1", false),
        ] {
            assert_eq!(
                serde_json::from_str::<Version<2>>(text).is_ok(),
                fine,
                "{text}"
            );
        }
        assert_eq!(
            serde_json::to_string(&Version::<2>::default()).unwrap(),
            "2"
        );
        assert_eq!(Version::<2>::default().number(), 1);
    }
}
