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
/// ` per `. Of several ` per ` the last divides; where another one does, its unit stands in parentheses: `money:EUR per (day
/// per count:alert)`. A name that holds ` per ` itself is written in quotation marks: `count:"packs per pallet"`.
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
    /// The most units that are joined in one that is read or made.
    pub const MAX_PARTS: usize = 32;

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
    /// [`UnitError::NotAUnit`] if `of` cannot be a key.
    pub fn count(of: &str) -> Result<Self, UnitError> {
        Key::new(of)
            .map(Self::Count)
            .map_err(|_| UnitError::NotAUnit {
                unit: format!("count:{of}").chars().take(80).collect(),
            })
    }

    /// The number of units that are joined in this one.
    pub(crate) fn parts(&self) -> usize {
        match self {
            Self::Per(top, bottom) => top.parts().saturating_add(bottom.parts()),
            _ => 1,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money(currency) => write!(f, "money:{currency}"),
            Self::Count(of) if is_plain(of.as_str()) => write!(f, "count:{of}"),
            Self::Count(of) => {
                let text = of.as_str().replace('\\', "\\\\").replace('"', "\\\"");
                write!(f, "count:\"{text}\"")
            }
            Self::Minute => f.write_str("minute"),
            Self::Hour => f.write_str("hour"),
            Self::Day => f.write_str("day"),
            Self::Share => f.write_str("share"),
            Self::Point => f.write_str("point"),
            Self::Per(top, bottom) => match **bottom {
                Self::Per(..) => write!(f, "{top} per ({bottom})"),
                _ => write!(f, "{top} per {bottom}"),
            },
        }
    }
}

/// Whether the name of what is counted reads back without quotation marks.
fn is_plain(name: &str) -> bool {
    !name.starts_with('"')
        && !name.contains(PER)
        && !name.ends_with(PER.trim_end())
        && end_of_name(name) == name.len()
}

/// Where an unquoted name ends: before a parenthesis that none in it has opened.
fn end_of_name(text: &str) -> usize {
    let mut depth = 0_u32;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 0 => return at,
            ')' => depth -= 1,
            _ if depth == 0 && text[at..].starts_with(PER) => return at,
            _ => {}
        }
    }
    if depth == 0 { text.len() } else { 0 }
}

const PER: &str = " per ";

/// What is left of a text that is being read.
struct Reader<'a> {
    whole: &'a str,
    left: &'a str,
    parts: usize,
}

impl Reader<'_> {
    fn refused(&self) -> UnitError {
        UnitError::NotAUnit {
            unit: self.whole.chars().take(80).collect(),
        }
    }

    /// Units joined by ` per `, of which the last divides.
    fn quotient(&mut self, depth: usize) -> Result<Unit, UnitError> {
        let mut unit = self.single(depth)?;
        while let Some(left) = self.left.strip_prefix(PER) {
            self.left = left;
            let bottom = self.single(depth)?;
            unit = Unit::Per(Box::new(unit), Box::new(bottom));
        }
        Ok(unit)
    }

    fn single(&mut self, depth: usize) -> Result<Unit, UnitError> {
        self.parts += 1;
        if self.parts > Unit::MAX_PARTS {
            return Err(self.refused());
        }
        if let Some(left) = self.left.strip_prefix('(') {
            if depth >= Unit::MAX_PARTS {
                return Err(self.refused());
            }
            self.left = left;
            // What stands in parentheses is no part beside those in it.
            self.parts -= 1;
            let unit = self.quotient(depth + 1)?;
            self.left = self.left.strip_prefix(')').ok_or_else(|| self.refused())?;
            return Ok(unit);
        }
        if let Some(left) = self.left.strip_prefix("count:\"") {
            self.left = left;
            let name = self.quoted()?;
            return Key::new(name).map(Unit::Count).map_err(|_| self.refused());
        }
        let end = end_of_name(self.left);
        let (name, left) = self.left.split_at(end);
        self.left = left;
        match name {
            "minute" => Ok(Unit::Minute),
            "hour" => Ok(Unit::Hour),
            "day" => Ok(Unit::Day),
            "share" => Ok(Unit::Share),
            "point" => Ok(Unit::Point),
            _ => match name.split_once(':') {
                Some(("money", code)) => Ok(Unit::Money(Currency::new(code)?)),
                Some(("count", of)) => Key::new(of).map(Unit::Count).map_err(|_| self.refused()),
                _ => Err(self.refused()),
            },
        }
    }

    fn quoted(&mut self) -> Result<String, UnitError> {
        let mut name = String::new();
        let mut letters = self.left.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.left = &self.left[at + 1..];
                    return Ok(name);
                }
                '\\' => match letters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => name.push(escaped),
                    _ => return Err(self.refused()),
                },
                other => name.push(other),
            }
        }
        Err(self.refused())
    }
}

impl FromStr for Unit {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let mut reader = Reader {
            whole: text,
            left: text,
            parts: 0,
        };
        let unit = reader.quotient(0)?;
        if reader.left.is_empty() {
            Ok(unit)
        } else {
            Err(reader.refused())
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
    use proptest::prelude::*;

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

    /// Any unit, of up to as many parts as are read.
    fn any_unit() -> impl Strategy<Value = Unit> {
        let name = "[a-z(]( per |[a-z()\" \\\\]){0,12}[a-z)]";
        let count = name.prop_filter_map("a key", |name| Key::new(name).ok().map(Unit::Count));
        let single = prop_oneof![
            Just(Unit::Minute),
            Just(Unit::Day),
            Just(Unit::Share),
            "[A-Z]{3}".prop_map(|code| Unit::Money(Currency::new(&code).unwrap())),
            count,
        ];
        single.prop_recursive(4, 12, 2, |inner| {
            (inner.clone(), inner)
                .prop_map(|(top, bottom)| Unit::Per(Box::new(top), Box::new(bottom)))
        })
    }

    proptest! {
        #[test]
        fn any_unit_reads_back_as_itself(unit in any_unit()) {
            let text = unit.to_string();
            prop_assert_eq!(text.parse::<Unit>(), Ok(unit), "{}", text);
        }

        #[test]
        fn no_text_is_too_much_to_read(text in "(per|\\(|\\)|count:|a|\"| |day){0,80}") {
            if let Ok(unit) = text.parse::<Unit>() {
                prop_assert_eq!(unit.to_string().parse::<Unit>(), Ok(unit));
            }
        }
    }

    #[test]
    fn what_divides_in_the_middle_stands_in_parentheses() {
        let rate = Unit::Day.per(Unit::count("alert").unwrap());
        let unit = Unit::Money(Currency::new("EUR").unwrap()).per(rate);
        assert_eq!(unit.to_string(), "money:EUR per (day per count:alert)");
        assert_eq!(unit.to_string().parse::<Unit>().unwrap(), unit);
        let named = Unit::count("packs per pallet").unwrap().per(Unit::Day);
        assert_eq!(named.to_string(), "count:\"packs per pallet\" per day");
        assert_eq!(named.to_string().parse::<Unit>().unwrap(), named);
        assert!("(".repeat(100_000).parse::<Unit>().is_err());
    }

    #[test]
    fn as_many_units_are_joined_as_are_allowed_and_no_more() {
        let joined = |count: usize| {
            // The last stands in parentheses, which are no part.
            let text = vec!["day"; count - 1].join(" per ");
            format!("{text} per ((day))").parse::<Unit>()
        };
        let most = joined(Unit::MAX_PARTS).unwrap();
        assert_eq!(most.parts(), Unit::MAX_PARTS);
        assert!(joined(Unit::MAX_PARTS + 1).is_err());
    }

    #[test]
    fn a_name_may_hold_parentheses_that_close() {
        let text = "count:call (from (abroad)) per day";
        let calls = Unit::count("call (from (abroad))").unwrap().per(Unit::Day);
        assert_eq!(calls.to_string(), text);
        assert_eq!(text.parse::<Unit>().unwrap(), calls);
        let open = Unit::count("call (from").unwrap();
        assert_eq!(open.to_string(), "count:\"call (from\"");
    }

    #[test]
    fn equal_units_cancel() {
        let money: Unit = "money:EUR".parse().unwrap();
        assert_eq!(money.clone().per(money.clone()), Unit::Share);
        assert_eq!(money.clone().per(Unit::Share), money);
    }
}
