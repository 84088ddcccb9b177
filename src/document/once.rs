//! Maps in which no key stands twice.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

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

#[cfg(test)]
mod tests {
    use super::*;

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
