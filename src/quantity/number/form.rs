//! How numbers are written in rows of text.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::quantity::{error::QuantityError, number::Number};

/// How numbers are written where people and other programs write them: which sign stands before decimals, which one parts thousands, and
/// what signs beside the digits mean.
///
/// Nothing is guessed: `1,200` is one thousand two hundred only where the comma parts thousands, 1.2 where it stands before decimals, and
/// refused where nothing is said of it. What is read is exact.
///
/// ```
/// use quotaflow::quantity::NumberForm;
/// let form: NumberForm = serde_json::from_str(r#"{"thousands": ",", "signs": {"$": "1", "%": "0.01", "k": "1000"}}"#)
///     .map_err(quotaflow::Error::unreadable)?;
/// let read = |text: &str| form.read(text).map(|number| number.map(|number| number.to_string()));
/// assert_eq!(read("1,200")?.as_deref(), Some("1200"));
/// assert_eq!(read(" $500 ")?.as_deref(), Some("500"));
/// assert_eq!(read("12.5%")?.as_deref(), Some("0.125"));
/// assert_eq!(read("-$1.5k")?.as_deref(), Some("-1500"));
/// assert_eq!(read("")?, None);
/// assert_eq!(
///     read("1,20").unwrap_err().to_string(),
///     "`1,20` is not a number as this one is written: `1,234.5`, with `$`, `%`, `k`"
/// );
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberForm {
    /// The sign before decimals; a point when left out.
    #[serde(default = "point", skip_serializing_if = "is_point")]
    pub decimal: char,
    /// The sign between groups of three digits; none when left out. A space is any space, also one that does not break.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thousands: Option<char>,
    /// What may stand before or behind the digits, each once, with what it multiplies the number by: `$` by 1, `%` by 0.01, `万元` by 10000.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::keys_once"
    )]
    pub signs: BTreeMap<String, Number>,
    /// Whether a number in brackets lies below zero, as accountants write: `(1,200)`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub brackets: bool,
}

fn point() -> char {
    '.'
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_point(sign: &char) -> bool {
    *sign == point()
}

/// The form of documents: digits with at most one point.
impl Default for NumberForm {
    fn default() -> Self {
        Self {
            decimal: point(),
            thousands: None,
            signs: BTreeMap::new(),
            brackets: false,
        }
    }
}

impl NumberForm {
    /// Returns the number that a text says; nothing for a blank one. Spaces around it, and between it and a sign, say nothing.
    ///
    /// # Errors
    /// [`QuantityError::OtherForm`] for a text of another form; [`QuantityError::SignClash`] if two parts of the form go by one sign, or a
    /// sign holds a digit; [`QuantityError::NotANumber`] for a number that is too long to be kept exactly.
    pub fn read(&self, text: &str) -> Result<Option<Number>, QuantityError> {
        self.check()?;
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let other = || QuantityError::OtherForm {
            text: text.chars().take(60).collect(),
            form: self.to_string(),
        };
        let (digits, factor) = self.bare(text).ok_or_else(other)?;
        let plain = self.plain(digits).ok_or_else(other)?;
        let long = || QuantityError::NotANumber {
            text: text.chars().take(60).collect(),
        };
        let value = Decimal::from(plain.parse::<Number>().map_err(|_| long())?);
        let mantissa = value.mantissa().checked_mul(factor.mantissa());
        let scale = value.scale() + factor.scale();
        let product =
            mantissa.and_then(|mantissa| Decimal::try_from_i128_with_scale(mantissa, scale).ok());
        product
            .map(|number| Some(Number::from(number)))
            .ok_or_else(long)
    }

    /// Writes a number so that it reads back: digits with the sign before decimals, and nothing else.
    pub(crate) fn write(&self, number: Decimal) -> String {
        number.to_string().replace('.', &self.decimal.to_string())
    }

    /// Refuses a form in which a sign could mean two things.
    fn check(&self) -> Result<(), QuantityError> {
        let clash = |sign: &dyn fmt::Display| {
            let sign = sign.to_string();
            Err(QuantityError::SignClash { sign })
        };
        let taken = |sign: char| {
            sign.is_ascii_digit()
                || matches!(sign, '-' | '\u{2212}')
                || self.brackets && "()".contains(sign)
        };
        for sign in [Some(self.decimal), self.thousands].into_iter().flatten() {
            if taken(sign) {
                return clash(&sign);
            }
        }
        if self.thousands == Some(self.decimal) || self.decimal.is_whitespace() {
            return clash(&self.decimal);
        }
        for sign in self.signs.keys() {
            let is_own =
                |own: char| taken(own) || own == self.decimal || Some(own) == self.thousands;
            if sign.trim() != sign || sign.is_empty() || sign.chars().any(is_own) {
                return clash(sign);
            }
        }
        Ok(())
    }

    /// The digits of a text with the signs between them, and what they are multiplied by.
    fn bare<'t>(&self, text: &'t str) -> Option<(&'t str, Decimal)> {
        let (mut rest, mut is_below) = (text, false);
        if self.brackets
            && let Some(inner) = text
                .strip_prefix('(')
                .and_then(|text| text.strip_suffix(')'))
        {
            (rest, is_below) = (inner.trim(), true);
        }
        let mut factor = Decimal::ONE;
        let mut left: Vec<(&String, &Number)> = self.signs.iter().collect();
        // Of two signs of which one begins with the other the longer one is meant.
        left.sort_by_key(|(sign, _)| std::cmp::Reverse(sign.len()));
        loop {
            if let Some(behind) = rest.strip_prefix(['-', '\u{2212}']) {
                if is_below {
                    return None;
                }
                (rest, is_below) = (behind.trim_start(), true);
                continue;
            }
            let found = left.iter().enumerate().find_map(|(at, (sign, value))| {
                let without = rest
                    .strip_prefix(sign.as_str())
                    .or_else(|| rest.strip_suffix(sign.as_str()));
                without.map(|without| (at, without.trim(), **value))
            });
            let Some((at, without, value)) = found else {
                break;
            };
            left.remove(at);
            rest = without;
            let value = Decimal::from(value);
            let mantissa = factor.mantissa().checked_mul(value.mantissa())?;
            factor =
                Decimal::try_from_i128_with_scale(mantissa, factor.scale() + value.scale()).ok()?;
        }
        Some((rest, if is_below { -factor } else { factor }))
    }

    /// Digits with at most one point, from digits in groups with the sign before decimals.
    fn plain(&self, digits: &str) -> Option<String> {
        let all = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, fraction) = match digits.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let parts = |sign: char| match self.thousands {
            Some(' ') => sign.is_whitespace() && !sign.is_control(),
            own => own == Some(sign),
        };
        let groups: Vec<&str> = whole.split(parts).collect();
        let fits = match groups.as_slice() {
            [one] => all(one),
            [first, others @ ..] => {
                all(first)
                    && first.len() <= 3
                    && !first.starts_with('0')
                    && others.iter().all(|group| all(group) && group.len() == 3)
            }
            [] => false,
        };
        if !fits || fraction.is_some_and(|fraction| !all(fraction)) {
            return None;
        }
        let fraction = fraction
            .map(|fraction| format!(".{fraction}"))
            .unwrap_or_default();
        Some(groups.concat() + &fraction)
    }
}

/// An example of it: `1,234.5`, and the signs that may stand beside.
impl fmt::Display for NumberForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thousands = self.thousands.map(String::from).unwrap_or_default();
        write!(f, "`1{thousands}234{}5`", self.decimal)?;
        for (at, sign) in self.signs.keys().enumerate() {
            f.write_str(if at == 0 { ", with " } else { ", " })?;
            write!(f, "`{sign}`")?;
        }
        if self.brackets {
            f.write_str(", in brackets where it lies below zero")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form(document: &str) -> NumberForm {
        serde_json::from_str(document).unwrap()
    }

    fn read(form: &NumberForm, text: &str) -> Option<String> {
        form.read(text).unwrap().map(|number| number.to_string())
    }

    #[test]
    fn the_form_of_documents_takes_digits_and_one_point() {
        let own = NumberForm::default();
        assert_eq!(read(&own, "-12.50").as_deref(), Some("-12.5"));
        assert_eq!(read(&own, "\u{2212}7").as_deref(), Some("-7"));
        for text in [
            "1,200", "$500", "12.5%", "1.2.3", ".5", "5.", "--1", "1e3", "(5)", "一",
        ] {
            assert!(
                matches!(own.read(text), Err(QuantityError::OtherForm { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn a_comma_is_what_the_form_says() {
        let (english, german) = (
            form(r#"{"thousands": ","}"#),
            form(r#"{"decimal": ",", "thousands": "."}"#),
        );
        assert_eq!(
            read(&english, "1,234,567.89").as_deref(),
            Some("1234567.89")
        );
        assert_eq!(read(&german, "1.234.567,89").as_deref(), Some("1234567.89"));
        assert_eq!(
            read(&form(r#"{"thousands": " "}"#), "1\u{a0}234\u{202f}567").as_deref(),
            Some("1234567")
        );
        assert!(form(r#"{"thousands": " "}"#).read("100\n200").is_err());
        assert_eq!(read(&english, "0.200").as_deref(), Some("0.2"));
        for text in [
            "0,200",
            "007,200",
            "1,20",
            "12,34,567",
            ",200",
            "1,,200",
            "1,200,",
            "1.234,5",
            "1234,567",
        ] {
            assert!(english.read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn signs_multiply_each_once() {
        let own = form(
            r#"{"thousands": ",", "brackets": true, "signs": {"$": "1", "US$": "1", "%": "0.01", "万": "10000", "万元": "10000"}}"#,
        );
        for (text, wanted) in [
            ("$ 1,200", "1200"),
            ("US$5", "5"),
            ("3.5万元", "35000"),
            ("($500)", "-500"),
            ("$(500)", "none"),
            ("12.5 %", "0.125"),
            ("-$3", "-3"),
            ("$-3", "-3"),
            ("5%%", "none"),
            ("(-5)", "none"),
            ("$", "none"),
            ("0.00%", "0"),
        ] {
            let told = own
                .read(text)
                .map_or("none".to_owned(), |number| number.unwrap().to_string());
            assert_eq!(told, wanted, "{text}");
        }
    }

    #[test]
    fn a_form_in_which_a_sign_means_two_things_reads_nothing() {
        for document in [
            r#"{"thousands": "."}"#,
            r#"{"thousands": "1"}"#,
            r#"{"decimal": "-"}"#,
            r#"{"signs": {"2x": "2"}}"#,
            r#"{"signs": {"": "2"}}"#,
            r#"{"thousands": ",", "signs": {"a,": "2"}}"#,
            r#"{"thousands": "(", "brackets": true}"#,
        ] {
            let told = form(document).read("5");
            assert!(
                matches!(told, Err(QuantityError::SignClash { .. })),
                "{document}"
            );
        }
    }

    #[test]
    fn what_cannot_be_kept_exactly_is_refused() {
        let own = form(r#"{"signs": {"‰": "0.001"}}"#);
        assert!(own.read("0.00000000000000000000000001‰").is_err());
        assert!(own.read("79228162514264337593543950336").is_err());
    }

    proptest! {
        /// Whatever a number is, written in a form it reads back.
        #[test]
        fn what_is_written_in_a_form_reads_back(
            mantissa in -10_000_000_000_000_i64..10_000_000_000_000, scale in 0_u32..8, which in 0..4_usize,
        ) {
            let signs = [(',', '.'), ('.', ','), (' ', ','), ('\'', '.')];
            let (thousands, decimal) = signs[which];
            let number = Number::from(Decimal::new(mantissa, scale));
            let plain = number.to_string();
            let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
            let (whole, fraction) = digits.split_once('.').map_or((digits, String::new()), |(whole, fraction)| (whole, format!("{decimal}{fraction}")));
            let grouped: Vec<String> = whole.as_bytes().rchunks(3).rev().map(|group| String::from_utf8(group.to_vec()).unwrap()).collect();
            let text = format!("{sign}{}{fraction}", grouped.join(&thousands.to_string()));
            let form = NumberForm { decimal, thousands: Some(thousands), ..NumberForm::default() };
            prop_assert_eq!(form.read(&text).unwrap(), Some(number), "{}", text);
        }
    }
}
