//! The written form of a number or the reason why there is none: `{"value": "1/2"}` or `{"missing": "no_base"}`, alone, in
//! a list, or left out.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::panel::Reason;
use crate::quantity::Ratio;

/// What documents hold.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Written {
    Value(Ratio),
    Missing(Reason),
}

/// What is written so.
pub(crate) trait Form: Sized {
    type Written: Serialize + DeserializeOwned;

    fn write(&self) -> Self::Written;
    fn read(written: Self::Written) -> Self;
}

impl Form for Result<Ratio, Reason> {
    type Written = Written;

    fn write(&self) -> Written {
        self.map_or_else(Written::Missing, Written::Value)
    }

    fn read(written: Written) -> Self {
        match written {
            Written::Value(value) => Ok(value),
            Written::Missing(reason) => Err(reason),
        }
    }
}

impl<T: Form> Form for Option<T> {
    type Written = Option<T::Written>;

    fn write(&self) -> Self::Written {
        self.as_ref().map(T::write)
    }

    fn read(written: Self::Written) -> Self {
        written.map(T::read)
    }
}

impl<T: Form> Form for Vec<T> {
    type Written = Vec<T::Written>;

    fn write(&self) -> Self::Written {
        self.iter().map(T::write).collect()
    }

    fn read(written: Self::Written) -> Self {
        written.into_iter().map(T::read).collect()
    }
}

pub(crate) fn serialize<T: Form, S: Serializer>(found: &T, to: S) -> Result<S::Ok, S::Error> {
    found.write().serialize(to)
}

pub(crate) fn deserialize<'de, T: Form, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    T::Written::deserialize(from).map(T::read)
}
