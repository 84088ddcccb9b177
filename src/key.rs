//! Names of things: the stable keys by which documents and hosts refer to measures, members, metrics and rules.

mod error;
mod known;

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use error::KeyError;
pub use known::{Known, hint, unknown};

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
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(Arc<str>);

impl Key {
    /// The longest key, in bytes.
    pub const MAX_LEN: usize = 200;

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

/// Returns the known name nearest to `wanted` (by edit distance), if one is near enough to be meant.
///
/// At most a third of the letters, and at least one, may differ. The earlier of two equally near names wins.
#[must_use]
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = wanted.to_lowercase().chars().collect();
    // Only what is nearer than the nearest so far is of interest, which soon leaves next to nothing to compare: a batch may
    // ask for thousands of wrong names among thousands of right ones.
    let mut limit = (wanted.len() / 3).max(1);
    let mut best = None;
    let (mut letters, mut row) = (Vec::new(), Vec::new());
    for name in known {
        letters.clear();
        letters.extend(name.chars().flat_map(char::to_lowercase));
        if let Some(distance) = edit_distance(&wanted, &letters, limit, &mut row) {
            best = Some(name);
            match distance.checked_sub(1) {
                Some(nearer) => limit = nearer,
                None => break,
            }
        }
    }
    best
}

/// Returns the edit distance if it is at most `limit`. Only the cells of the table that are so near its diagonal are worked
/// out (Ukkonen, 1985).
fn edit_distance(a: &[char], b: &[char], limit: usize, row: &mut Vec<usize>) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let beyond = limit + 1;
    row.clear();
    row.extend((0..=b.len()).map(|distance| distance.min(beyond)));
    for (i, x) in a.iter().enumerate() {
        let first = i.saturating_sub(limit);
        let last = (i + limit + 1).min(b.len());
        let mut diagonal = row[first];
        row[first] = if first == 0 {
            (i + 1).min(beyond)
        } else {
            beyond
        };
        let mut least = row[first];
        for (j, y) in b[..last].iter().enumerate().skip(first) {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            // What stands above the band was never worked out in this row's range.
            let above = if j + 1 > i + limit { beyond } else { diagonal };
            row[j + 1] = substituted.min(above + 1).min(row[j] + 1).min(beyond);
            least = least.min(row[j + 1]);
        }
        if least > limit {
            return None;
        }
    }
    row.last().copied().filter(|distance| *distance <= limit)
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

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    #[test]
    fn nearest_finds_a_slip_and_nothing_far() {
        let names = ["visits", "visits_per_day", "sales"];
        assert_eq!(nearest("vists", names), Some("visits"));
        assert_eq!(nearest("Sales", names), Some("sales"));
        assert_eq!(nearest("turnover", names), None);
    }

    /// The whole table, cell by cell.
    fn slow_distance(a: &[char], b: &[char]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let substituted = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    substituted
                        .min(table[i - 1][j] + 1)
                        .min(table[i][j - 1] + 1)
                };
            }
        }
        table[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn the_nearest_name_is_that_of_the_whole_table(wanted in "[abc]{0,12}", names in proptest::collection::vec("[abc]{0,12}", 0..8)) {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            let allowed = (wanted.len() / 3).max(1);
            let distances = names.iter().map(|name| (slow_distance(&letters(&wanted), &letters(name)), name.as_str()));
            // Of equally near ones the first.
            let expected = distances.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance);
            prop_assert_eq!(nearest(&wanted, names.iter().map(String::as_str)), expected.map(|(_, name)| name));
        }
    }
}
