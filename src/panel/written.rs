//! The written form of a number or the reason why there is none: `"1/2"` or `{"none": "no_base"}`, alone, in a list, in a
//! map, or left out.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Figure, Reason};
use crate::quantity::{Number, Ratio};

/// What documents hold.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "neither a number nor the reason why there is none: write \"1/2\" or {\"none\": \"no_base\"}"
)]
pub(crate) enum Written<T> {
    Value(T),
    Missing(Missing),
}

/// Why there is no number.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Missing {
    none: Reason,
}

impl<T> Written<T> {
    fn of(found: Result<T, Reason>) -> Self {
        match found {
            Ok(value) => Self::Value(value),
            Err(none) => Self::Missing(Missing { none }),
        }
    }
}

/// What is written so.
pub(crate) trait Form {
    type Written: Serialize;

    fn write(&self) -> Self::Written;
}

/// What is read back so.
pub(crate) trait Back: Form + Sized
where
    Self::Written: DeserializeOwned,
{
    fn read(written: Self::Written) -> Self;
}

impl Form for Result<Ratio, Reason> {
    type Written = Written<Ratio>;

    fn write(&self) -> Self::Written {
        Written::of(*self)
    }
}

impl Back for Result<Ratio, Reason> {
    fn read(written: Written<Ratio>) -> Self {
        match written {
            Written::Value(value) => Ok(value),
            Written::Missing(Missing { none }) => Err(none),
        }
    }
}

/// A figure is written as its exact value: an amount as a decimal, a quotient as one where it has one, else as a fraction.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Amount(Number),
    Quotient(Ratio),
}

impl Form for Result<Figure, Reason> {
    type Written = Written<Value>;

    fn write(&self) -> Self::Written {
        Written::of(self.and_then(|figure| match figure {
            Figure::Amount(quantity) => Ok(Value::Amount(Number::from(quantity.amount()))),
            Figure::Quotient { .. } => figure.value().map(Value::Quotient),
        }))
    }
}

impl<T: Form> Form for Option<T> {
    type Written = Option<T::Written>;

    fn write(&self) -> Self::Written {
        self.as_ref().map(T::write)
    }
}

impl<T: Back> Back for Option<T>
where
    T::Written: DeserializeOwned,
{
    fn read(written: Self::Written) -> Self {
        written.map(T::read)
    }
}

impl<T: Form> Form for Vec<T> {
    type Written = Vec<T::Written>;

    fn write(&self) -> Self::Written {
        self.iter().map(T::write).collect()
    }
}

impl<T: Back> Back for Vec<T>
where
    T::Written: DeserializeOwned,
{
    fn read(written: Self::Written) -> Self {
        written.into_iter().map(T::read).collect()
    }
}

impl<T: Form> Form for BTreeMap<String, T> {
    type Written = BTreeMap<String, T::Written>;

    fn write(&self) -> Self::Written {
        let all = self.iter();
        all.map(|(name, found)| (name.clone(), found.write()))
            .collect()
    }
}

pub(crate) fn serialize<T: Form, S: Serializer>(found: &T, to: S) -> Result<S::Ok, S::Error> {
    found.write().serialize(to)
}

pub(crate) fn deserialize<'de, T: Back, D: Deserializer<'de>>(from: D) -> Result<T, D::Error>
where
    T::Written: DeserializeOwned,
{
    T::Written::deserialize(from).map(T::read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Quantum;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Held {
        #[serde(with = "super")]
        all: Vec<Result<Ratio, Reason>>,
        #[serde(with = "super")]
        one: Option<Result<Ratio, Reason>>,
    }

    #[test]
    fn a_number_is_bare_and_a_reason_says_that_there_is_none() {
        let third = Ratio::new(1, 3).unwrap();
        let held = Held {
            all: vec![Ok(Ratio::from(75)), Ok(third), Err(Reason::NoBase)],
            one: None,
        };
        let text = serde_json::to_string(&held).unwrap();
        assert_eq!(
            text,
            r#"{"all":["75","1/3",{"none":"no_base"}],"one":null}"#
        );
        assert_eq!(serde_json::from_str::<Held>(&text).unwrap(), held);
        for broken in [r#"{"none": "tired"}"#, r#"{"non": "no_base"}"#, "true"] {
            let text = format!(r#"{{"all": [{broken}], "one": null}}"#);
            let error = serde_json::from_str::<Held>(&text).unwrap_err();
            assert!(error.to_string().starts_with("neither a number"), "{error}");
        }
    }

    #[test]
    fn a_figure_is_written_as_its_exact_value() {
        let quotient = |numerator, denominator| {
            Ok(Figure::Quotient {
                numerator,
                denominator,
                scale: Ratio::ONE,
            })
        };
        let figures: Vec<Result<Figure, Reason>> = vec![
            Ok(Figure::units(1_250, Quantum::CENT)),
            quotient(1, 4),
            quotient(558_000, 13),
            Err(Reason::NotYetDue),
        ];
        let text = serde_json::to_string(&figures.write()).unwrap();
        assert_eq!(
            text,
            r#"["12.5","0.25","558000/13",{"none":"not_yet_due"}]"#
        );
    }
}
