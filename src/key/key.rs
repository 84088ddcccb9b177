use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::KeyError;

/// The stable name of a thing: not empty, at most [`Key::MAX_LEN`] bytes, no control characters, and no white space
/// at either end. Any script is allowed. Keys compare and sort by their bytes.
///
/// Cloning is cheap: the text is shared.
///
/// ```
/// use quotaflow::key::Key;
/// let territory = Key::new("north-west")?;
/// assert_eq!(territory.as_str(), "north-west");
/// assert!(Key::new(" padded ").is_err());
/// # Ok::<(), quotaflow::key::KeyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Key(Arc<str>);

impl Key {
    /// The longest key, in bytes.
    pub const MAX_LEN: usize = super::error::MAX_LEN;

    /// Returns the key with this text.
    ///
    /// # Errors
    /// [`KeyError::Empty`], [`KeyError::TooLong`], [`KeyError::Padded`] or [`KeyError::Control`].
    pub fn new(text: impl AsRef<str>) -> Result<Self, KeyError> {
        let text = text.as_ref();
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        if text.len() > Self::MAX_LEN {
            return Err(KeyError::TooLong {
                start: text.chars().take(24).collect(),
                bytes: text.len(),
            });
        }
        if text.trim() != text {
            return Err(KeyError::Padded {
                key: text.to_owned(),
            });
        }
        if text.chars().any(char::is_control) {
            return Err(KeyError::Control {
                key: text.escape_debug().collect(),
            });
        }
        Ok(Self(Arc::from(text)))
    }

    /// Returns the key of a name that this library itself gives, which its tests have seen to be a key.
    pub(crate) fn from_static(text: &'static str) -> Self {
        debug_assert!(Self::new(text).is_ok(), "`{text}` is not a key");
        Self(Arc::from(text))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Key {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Key {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl TryFrom<String> for Key {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Key {
    type Error = KeyError;

    fn try_from(text: &str) -> Result<Self, KeyError> {
        Self::new(text)
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_broken_key_has_its_own_error() {
        assert_eq!(Key::new(""), Err(KeyError::Empty));
        assert!(matches!(
            Key::new("x".repeat(201)),
            Err(KeyError::TooLong { bytes: 201, .. })
        ));
        assert!(matches!(Key::new("a "), Err(KeyError::Padded { .. })));
        assert!(matches!(Key::new("a\u{7}b"), Err(KeyError::Control { .. })));
        assert_eq!(Key::new("华北 区").unwrap().as_str(), "华北 区");
    }
}
