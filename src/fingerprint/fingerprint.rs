//! The name of a document.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::FingerprintError;
use super::sha::Sha256;
use super::writer::Writer;

/// The fingerprint of a document; written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Returns the fingerprint of a document. One that cannot be written, which no type of this library is, has that of the
    /// reason.
    #[must_use]
    pub fn of<T: Serialize + ?Sized>(document: &T) -> Self {
        let mut sum = Sha256::new();
        if let Err(reason) = document.serialize(Writer(&mut sum)) {
            sum.update(reason.to_string().as_bytes());
        }
        Self(sum.finish())
    }

    /// Returns the fingerprint of what comes after this: a link of a chain, in which nothing before can be changed unseen.
    #[must_use]
    pub fn then<T: Serialize + ?Sized>(self, next: &T) -> Self {
        let mut sum = Sha256::new();
        sum.update(&self.0);
        sum.update(&Self::of(next).0);
        Self(sum.finish())
    }

    /// The first half of it as a number, for sums over many.
    pub(crate) fn half(self) -> u128 {
        self.0
            .iter()
            .take(16)
            .fold(0, |half, byte| half << 8 | u128::from(*byte))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let wrong = || FingerprintError {
            text: text.chars().take(80).collect(),
        };
        let digit = |at: usize| match text.as_bytes().get(at) {
            Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
            Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
            _ => Err(wrong()),
        };
        if text.len() != 64 {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = digit(2 * at)? << 4 | digit(2 * at + 1)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = FingerprintError;

    fn try_from(text: String) -> Result<Self, FingerprintError> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn fields_and_texts_do_not_run_into_one_another() {
        let all = [
            Fingerprint::of(&("ab", "c")),
            Fingerprint::of(&("a", "bc")),
            Fingerprint::of(&["ab", "c"][..]),
            Fingerprint::of(&BTreeMap::from([("ab", "c")])),
            Fingerprint::of(&Some("abc")),
            Fingerprint::of("abc"),
            Fingerprint::of(&None::<u8>),
            Fingerprint::of(&0_u8),
            Fingerprint::of(&0_i8),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one), "{at}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_named_by_why() {
        struct Unwritten(&'static str);
        impl Serialize for Unwritten {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom(self.0))
            }
        }
        let [one, other] = ["no key", "no value"].map(|why| Fingerprint::of(&Unwritten(why)));
        assert_ne!(one, other);
    }

    #[test]
    fn a_text_of_another_length_or_alphabet_is_refused() {
        let fine = Fingerprint::default().to_string();
        assert_eq!(fine.parse(), Ok(Fingerprint::default()));
        for text in [
            "",
            &fine[1..],
            &fine.replace('0', "g"),
            &fine.replace('0', "A"),
            "é",
        ] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
