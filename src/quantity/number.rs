//! The number of documents: an exact decimal that is never read from a binary float.

mod checked;
mod form;

pub use form::NumberForm;

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An exact decimal as documents carry it.
///
/// Written as a string without trailing zeros, so that equal values are equal bytes; read from a string or a whole
/// number. A JSON number with a point or an exponent is refused, because it has passed through a binary float or may
/// do so in another program.
///
/// ```
/// use quotaflow::quantity::Number;
/// let price: Number = serde_json::from_str("\"12.50\"").map_err(quotaflow::Error::unreadable)?;
/// assert_eq!(serde_json::to_string(&price).map_err(quotaflow::Error::other)?, "\"12.5\"");
/// assert!(serde_json::from_str::<Number>("12.5").is_err());
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Number(Decimal);

impl Number {
    /// Returns the value.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Self {
        Self(value.normalize())
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Decimal::from(value))
    }
}

impl From<Number> for Decimal {
    fn from(number: Number) -> Self {
        number.0
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = [0; SHORT];
        match short(self.0, &mut bytes) {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_str(&self.0),
        }
    }
}

/// The bytes of the longest short text: a sign, a point, and the 20 digits of a `u64` or as many after the point and a zero.
const SHORT: usize = 24;

/// What a number reads where its digits are few, written into these bytes from their end.
fn short(value: Decimal, bytes: &mut [u8; SHORT]) -> Option<&str> {
    let mut left = u64::try_from(value.mantissa().unsigned_abs()).ok()?;
    let (scale, mut at) = (value.scale() as usize, SHORT);
    if scale > 20 {
        return None;
    }
    let mut digits = 0;
    let mut put = |byte| {
        at -= 1;
        bytes[at] = byte;
    };
    while left > 0 || digits <= scale {
        if digits == scale && scale > 0 {
            put(b'.');
        }
        put(b'0' + u8::try_from(left % 10).ok()?);
        left /= 10;
        digits += 1;
    }
    if value.is_sign_negative() {
        put(b'-');
    }
    std::str::from_utf8(&bytes[at..]).ok()
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exact number: a string such as \"12.50\", or a whole number")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Number, E> {
        Ok(Number::from(Decimal::from(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Number, E> {
        Ok(Number::from(Decimal::from(value)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn few_digits_are_written_as_all_are(mantissa in any::<i128>(), cut in 0_u32..128, scale in 0_u32..=28) {
            let value = Decimal::try_from_i128_with_scale(mantissa >> cut, scale);
            prop_assume!(value.is_ok());
            let value = value.unwrap();
            let number = Number::from(value);
            for number in [number, Number(-number.0), Number(value)] {
                let written = serde_json::to_string(&number).unwrap();
                prop_assert_eq!(written, format!("\"{}\"", number.0));
            }
        }
    }

    #[test]
    fn the_longest_short_texts_fit() {
        for text in [
            "-0.00000000000000000001",
            "-1844674407370955161.5",
            "-18446744073709551615",
            "18446744073709551616",
        ] {
            let number: Number = text.parse().unwrap();
            assert_eq!(
                serde_json::to_string(&number).unwrap(),
                format!("\"{text}\"")
            );
        }
    }

    #[test]
    fn a_float_in_a_document_is_refused() {
        let error = serde_json::from_str::<Number>("12.5")
            .unwrap_err()
            .to_string();
        assert!(error.contains("exact number"), "{error}");
        assert!(serde_json::from_str::<Number>("1e3").is_err());
        assert!(serde_json::from_str::<Number>("true").is_err());
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "1e5",
            "+1",
            " 1",
            "1_000",
            "0x1",
            "79228162514264337593543950336",
        ] {
            assert!(text.parse::<Number>().is_err(), "{text}");
        }
        assert!(
            "0.00000000000000000000000000001".parse::<Number>().is_err(),
            "29 decimals are refused, not rounded"
        );
    }

    proptest! {
        #[test]
        fn equal_values_are_equal_bytes(mantissa: i64, scale in 0_u32..=20, zeros in 0_u32..=8) {
            let short = Number::from(Decimal::from_i128_with_scale(i128::from(mantissa), scale));
            let long = Number::from(Decimal::from_i128_with_scale(i128::from(mantissa) * 10_i128.pow(zeros), scale + zeros));
            prop_assert_eq!(serde_json::to_string(&short).unwrap(), serde_json::to_string(&long).unwrap());
            let back: Number = serde_json::from_str(&serde_json::to_string(&short).unwrap()).unwrap();
            prop_assert_eq!(back, short);
        }
    }
}
