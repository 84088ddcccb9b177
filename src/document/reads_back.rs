//! What a test asks of every document.

use std::fmt;

use serde::{Serialize, de};

/// Reads back what a value writes of itself, and refuses a field that nobody knows.
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
