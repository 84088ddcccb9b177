//! What all documents share: the version of their written form, maps in which no key stands twice, how deeply they nest, and how
//! grave a finding about one is.

mod depth;

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) use depth::{MAX_DEPTH, inside};

/// How grave it is what a check finds about a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// Worth knowing; often intended.
    Note,
    /// Probably not meant.
    Warning,
    /// The definition is refused, or does not say what it is meant to.
    Error,
}

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

/// Reads a map in which no key may stand twice: of two amounts of one measure neither may win silently.
///
/// All maps of all documents are read by it, or by [`nested_keys_once`].
pub(crate) fn keys_once<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + fmt::Debug,
    V: Deserialize<'de>,
{
    Once::deserialize(deserializer).map(|once| once.0)
}

/// Reads a map of maps, as [`keys_once`] reads each of them.
pub(crate) fn nested_keys_once<'de, D, K, L, V>(
    deserializer: D,
) -> Result<BTreeMap<K, BTreeMap<L, V>>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + fmt::Debug,
    L: Deserialize<'de> + Ord + fmt::Debug,
    V: Deserialize<'de>,
{
    let outer: Once<K, Once<L, V>> = Once::deserialize(deserializer)?;
    Ok(outer
        .0
        .into_iter()
        .map(|(key, inner)| (key, inner.0))
        .collect())
}

/// A map whose keys stood once each in the document.
struct Once<K, V>(BTreeMap<K, V>);

impl<'de, K, V> Deserialize<'de> for Once<K, V>
where
    K: Deserialize<'de> + Ord + fmt::Debug,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<K, V>(PhantomData<(K, V)>);
        impl<'de, K, V> Visitor<'de> for Read<K, V>
        where
            K: Deserialize<'de> + Ord + fmt::Debug,
            V: Deserialize<'de>,
        {
            type Value = Once<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Once<K, V>, A::Error> {
                let mut map = BTreeMap::new();
                while let Some(key) = access.next_key::<K>()? {
                    if map.contains_key(&key) {
                        let name = format!("{key:?}");
                        return Err(de::Error::custom(format_args!(
                            "`{}` is given twice",
                            name.trim_matches('"')
                        )));
                    }
                    map.insert(key, access.next_value()?);
                }
                Ok(Once(map))
            }
        }
        deserializer.deserialize_map(Read(PhantomData))
    }
}

/// Reads back what a value writes of itself, and refuses a field that nobody knows.
#[cfg(test)]
#[track_caller]
pub(crate) fn reads_back<T>(value: &T)
where
    T: Serialize + de::DeserializeOwned + PartialEq + fmt::Debug,
{
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    let Some(fields) = text.strip_prefix('{') else {
        return;
    };
    let more = format!("{{\"nobody knows\":1,{fields}");
    assert!(serde_json::from_str::<T>(&more).is_err(), "{more}");
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

    #[test]
    fn a_key_that_stands_twice_is_refused_with_its_place() {
        #[derive(Debug, Deserialize)]
        struct Form {
            #[serde(default, deserialize_with = "keys_once")]
            amounts: BTreeMap<String, u32>,
            #[serde(default, deserialize_with = "nested_keys_once")]
            set: BTreeMap<String, BTreeMap<String, u32>>,
        }
        let read = |text: &str| serde_json::from_str::<Form>(text);
        let fine = read(r#"{"amounts": {"a": 1, "b": 2}, "set": {"x": {"a": 1}, "y": {"a": 2}}}"#)
            .unwrap();
        assert_eq!((fine.amounts["b"], fine.set["y"]["a"]), (2, 2));
        assert!(read("{}").unwrap().amounts.is_empty());
        for (text, error) in [
            (
                r#"{"amounts": {"a": 1, "a": 1}}"#,
                "`a` is given twice at line 1 column 24",
            ),
            (
                r#"{"set": {"x": {}, "x": {}}}"#,
                "`x` is given twice at line 1 column 21",
            ),
            (
                r#"{"set": {"x": {"a": 1, "a": 2}}}"#,
                "`a` is given twice at line 1 column 26",
            ),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), error);
        }
    }
}
