//! Units of measures, with a compact text form.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::UnitError;
use crate::key::Key;

/// A currency by its three-letter code (ISO 4217).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// Returns the currency with this code: three capital letters.
    ///
    /// # Errors
    /// [`UnitError::Currency`].
    pub fn new(code: &str) -> Result<Self, UnitError> {
        match <[u8; 3]>::try_from(code.as_bytes()) {
            Ok(letters) if letters.iter().all(u8::is_ascii_uppercase) => Ok(Self(letters)),
            _ => Err(UnitError::Currency {
                code: code.to_owned(),
            }),
        }
    }

    /// Returns the three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl TryFrom<String> for Currency {
    type Error = UnitError;

    fn try_from(code: String) -> Result<Self, UnitError> {
        Self::new(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

/// What a measure is counted in. Two figures add or compare only when their units are equal.
///
/// The text form is `money:EUR`, `count:visit`, `minute`, `hour`, `day`, `share`, `point`, or two of these joined by
/// ` per `.
///
/// ```
/// use quotaflow::measure::Unit;
/// let unit: Unit = "money:EUR per count:visit".parse()?;
/// assert_eq!(unit.to_string(), "money:EUR per count:visit");
/// # Ok::<(), quotaflow::measure::UnitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Unit {
    /// An amount of money in one currency.
    Money(Currency),
    /// A number of things of one sort: visits, pieces, customers.
    Count(Key),
    /// Working or elapsed minutes.
    Minute,
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// A pure ratio; 1 is a hundred percent.
    Share,
    /// Points of a score or rating.
    Point,
    /// One unit for each other one: money per visit, visits per day.
    Per(Box<Self>, Box<Self>),
}

impl Unit {
    /// Returns the unit of this one divided by `other`; equal units cancel to a share.
    #[must_use]
    pub fn per(self, other: Self) -> Self {
        match (self, other) {
            (left, right) if left == right => Self::Share,
            (left, Self::Share) => left,
            (left, right) => Self::Per(Box::new(left), Box::new(right)),
        }
    }

    /// Returns the unit of a count of things of this sort.
    ///
    /// # Errors
    /// [`UnitError::Unknown`] if `of` cannot be a key or holds ` per `.
    pub fn count(of: &str) -> Result<Self, UnitError> {
        format!("count:{of}").parse()
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money(currency) => write!(f, "money:{currency}"),
            Self::Count(of) => write!(f, "count:{of}"),
            Self::Minute => f.write_str("minute"),
            Self::Hour => f.write_str("hour"),
            Self::Day => f.write_str("day"),
            Self::Share => f.write_str("share"),
            Self::Point => f.write_str("point"),
            Self::Per(top, bottom) => write!(f, "{top} per {bottom}"),
        }
    }
}

impl FromStr for Unit {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        // The last ` per ` divides, so that `a per b per c` is `(a per b) per c`, as it is written.
        if let Some((top, bottom)) = text.rsplit_once(" per ") {
            if text.matches(" per ").count() > 3 {
                return Err(UnitError::Unknown {
                    unit: text.chars().take(80).collect(),
                });
            }
            return Ok(Self::Per(Box::new(top.parse()?), Box::new(bottom.parse()?)));
        }
        match text {
            "minute" => Ok(Self::Minute),
            "hour" => Ok(Self::Hour),
            "day" => Ok(Self::Day),
            "share" => Ok(Self::Share),
            "point" => Ok(Self::Point),
            _ => match text.split_once(':') {
                Some(("money", code)) => Ok(Self::Money(Currency::new(code)?)),
                Some(("count", of)) => match Key::new(of) {
                    Ok(key) => Ok(Self::Count(key)),
                    Err(_) => Err(UnitError::Unknown {
                        unit: text.to_owned(),
                    }),
                },
                _ => Err(UnitError::Unknown {
                    unit: text.chars().take(80).collect(),
                }),
            },
        }
    }
}

impl TryFrom<String> for Unit {
    type Error = UnitError;

    fn try_from(text: String) -> Result<Self, UnitError> {
        text.parse()
    }
}

impl From<Unit> for String {
    fn from(unit: Unit) -> Self {
        unit.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_reads_back() {
        for text in [
            "money:CNY",
            "count:visit",
            "count:新客户",
            "minute",
            "hour",
            "day",
            "share",
            "point",
            "count:visit per day",
            "money:EUR per count:visit per day",
        ] {
            assert_eq!(text.parse::<Unit>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "money:eur",
            "money",
            "count:",
            "euro",
            "a per b",
            "day per ",
        ] {
            assert!(text.parse::<Unit>().is_err(), "{text}");
        }
    }

    #[test]
    fn equal_units_cancel() {
        let money: Unit = "money:EUR".parse().unwrap();
        assert_eq!(money.clone().per(money.clone()), Unit::Share);
        assert_eq!(money.clone().per(Unit::Share), money);
    }
}
