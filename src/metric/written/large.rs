//! Numbers of many digits, as texts.

use serde::{Deserialize, Serialize};

/// A number of 64 bits as 16 hexadecimal digits.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[derive(Clone)]
pub(super) struct Digest(pub(super) u64);

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.len() == 16
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = u64::from_str_radix(&text, 16).ok().filter(|_| digits);
        number
            .map(Self)
            .ok_or_else(|| format!("`{text}` is no digest: write 16 hexadecimal digits"))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        format!("{:016x}", digest.0)
    }
}

/// A number of 128 bits as a text.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[derive(Clone)]
pub(super) struct Wide(pub(super) i128);

impl TryFrom<String> for Wide {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl From<Wide> for String {
    fn from(number: Wide) -> Self {
        number.0.to_string()
    }
}

pub(super) fn wide(number: u128) -> Wide {
    // Moments that are written are below 2^127, because days are below 2^22; a bound beyond is as good as the largest.
    Wide(i128::try_from(number).unwrap_or(i128::MAX))
}
