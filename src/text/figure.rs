//! Figures as people read them.

use super::{Locale, Word};
use crate::measure::{Currency, Unit};
use crate::quantity::{Ratio, Rounding};

/// How exactly a figure is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// As it is written: a number that somebody set.
    Exact,
    /// An amount, to its smallest unit.
    Places(u8),
    /// What was worked out: three digits, and the whole part in full; money to hundredths.
    Rounded,
}

/// How places behind the point are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fraction {
    /// Without zeros at the end.
    Short,
    /// All of them, or none where all are zero: 28,284.90 and 9,000.
    Full,
}

impl Locale {
    /// Returns a figure in its unit; `None` when it has more digits than can be written.
    ///
    /// Money names its currency, a share is a percentage. Counts, days, hours and points are numbers alone: what they count is
    /// said by the message.
    #[must_use]
    pub fn figure(&self, value: Ratio, unit: Option<&Unit>, digits: Digits) -> Option<String> {
        match unit.map(top) {
            Some(Unit::Share) => self.percent(value, digits),
            Some(Unit::Money(currency)) => self.money(value, *currency, digits),
            Some(
                Unit::Count(_)
                | Unit::Minute
                | Unit::Hour
                | Unit::Day
                | Unit::Point
                | Unit::Per(..),
            )
            | None => self.number(value, digits, Fraction::Short),
        }
    }

    /// Returns a share as a percentage; `None` when it has more digits than can be written.
    #[must_use]
    pub fn percent(&self, share: Ratio, digits: Digits) -> Option<String> {
        // An amount of percent has no smallest unit of its own.
        let digits = match digits {
            Digits::Exact => Digits::Exact,
            Digits::Places(_) | Digits::Rounded => Digits::Rounded,
        };
        let percent = share.checked_mul(Ratio::from(100)).ok()?;
        let number = self.number(percent, digits, Fraction::Short)?;
        Some(self.say(Word::Percent, &[("number", &number)]))
    }

    /// Returns an amount of money; `None` when it has more digits than can be written.
    #[must_use]
    pub fn money(&self, value: Ratio, currency: Currency, digits: Digits) -> Option<String> {
        let size = if value.is_negative() {
            Ratio::ZERO.checked_sub(value).ok()?
        } else {
            value
        };
        let (number, scale) = match self.scaled(size, digits) {
            Some(scaled) => scaled,
            None => (self.number(size, digits, Fraction::Full)?, String::new()),
        };
        let sign =
            if value.is_negative() && number.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
                "-"
            } else {
                ""
            };
        let text = match self.currency_text(currency.code()) {
            Some(text) => text.replace("{number}", &number).replace("{scale}", &scale),
            None => self.say(
                Word::Money,
                &[
                    ("currency", currency.code()),
                    ("number", &number),
                    ("scale", &scale),
                ],
            ),
        };
        Some(format!("{sign}{text}"))
    }

    /// Returns a large amount in ten thousands or hundred millions, where that is how the language writes it. A number that
    /// somebody set stays as it is where two places do not hold it.
    fn scaled(&self, size: Ratio, digits: Digits) -> Option<(String, String)> {
        let scale = |word: Word, unit: i64| {
            let name = self.word(word);
            (!name.is_empty() && size >= Ratio::from(unit)).then(|| (name.to_owned(), unit))
        };
        if self.is_in_full() {
            return None;
        }
        let (name, unit) = scale(Word::HundredMillions, 100_000_000)
            .or_else(|| scale(Word::TenThousands, 10_000))?;
        let amount = size.checked_div(Ratio::from(unit)).ok()?;
        let rounded = amount.to_decimal(2, Rounding::HalfAwayFromZero).ok()?;
        if digits == Digits::Exact
            && amount.exact_decimal().map(|exact| exact.normalize()) != Some(rounded.normalize())
        {
            return None;
        }
        let short = rounded.normalize();
        let text = if short.scale() > 0 {
            format!("{short:.2}")
        } else {
            short.to_string()
        };
        Some((self.grouped(&text), name))
    }

    fn number(&self, value: Ratio, digits: Digits, fraction: Fraction) -> Option<String> {
        let places = match (digits, fraction) {
            (Digits::Exact, _) => match value.exact_decimal() {
                Some(exact) => u8::try_from(exact.normalize().scale()).ok()?,
                None => three_digits(value)?,
            },
            (Digits::Places(places), _) => places,
            (Digits::Rounded, Fraction::Short) => three_digits(value)?,
            (Digits::Rounded, Fraction::Full) => three_digits(value)?.max(2),
        };
        let rounded = value.to_decimal(places, Rounding::HalfAwayFromZero).ok()?;
        let short = rounded.normalize();
        // Prices have two places, or none, or more where they are finer.
        let text = match fraction {
            Fraction::Full if short.scale() > 0 && places < 2 => format!("{short:.2}"),
            Fraction::Full if short.scale() > 0 => rounded.to_string(),
            Fraction::Full | Fraction::Short => short.to_string(),
        };
        Some(self.grouped(&text))
    }

    /// Writes the whole part of a number in groups of three.
    fn grouped(&self, number: &str) -> String {
        let (sign, rest) = match number.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", number),
        };
        let (whole, fraction) = match rest.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (rest, None),
        };
        let mut text = sign.to_owned();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push_str(self.word(Word::GroupMark));
            }
            text.push(digit);
        }
        if let Some(fraction) = fraction {
            text.push_str(self.word(Word::DecimalMark));
            text.push_str(fraction);
        }
        text
    }
}

/// Returns what a figure for each other one is an amount of: money per visit is money.
fn top(unit: &Unit) -> &Unit {
    match unit {
        Unit::Per(above, _) => top(above),
        other => other,
    }
}

/// Returns how many places show three digits of a value, or its whole part if that is longer.
fn three_digits(value: Ratio) -> Option<u8> {
    let mut size = if value.is_negative() {
        Ratio::ZERO.checked_sub(value).ok()?
    } else {
        value
    };
    if size.is_zero() {
        return Some(0);
    }
    let (ten, hundred) = (Ratio::from(10), Ratio::from(100));
    // What is smaller than all of these places is shown as zero.
    for places in 0..12 {
        if size >= hundred {
            return Some(places);
        }
        size = size.checked_mul(ten).ok()?;
    }
    Some(12)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(value: &str, unit: &str, digits: Digits) -> [String; 2] {
        let (value, unit) = (value.parse().unwrap(), unit.parse().unwrap());
        [Locale::EN, Locale::ZH].map(|locale| locale.figure(value, Some(&unit), digits).unwrap())
    }

    #[test]
    fn money_has_its_currency_and_places_or_none() {
        let cents = Digits::Places(2);
        let each = |value| said(value, "money:CNY", cents);
        assert_eq!(each("8284.9"), ["CNY 8,284.90", "8,284.90 元"]);
        assert_eq!(each("9000"), ["CNY 9,000", "9,000 元"]);
        assert_eq!(each("-4567.05"), ["-CNY 4,567.05", "-4,567.05 元"]);
        assert_eq!(
            said("9000", "money:TWD", cents),
            ["TWD 9,000", "新台币 9,000 元"]
        );
        assert_eq!(said("5", "money:SEK", cents), ["SEK 5", "5 SEK"]);
        assert_eq!(said("-0.001", "money:SEK", cents), ["SEK 0", "0 SEK"]);
        // A threshold that somebody set.
        let set = |value| said(value, "money:USD", Digits::Exact);
        assert_eq!(set("1500000"), ["USD 1,500,000", "150 万美元"]);
        assert_eq!(set("0.5"), ["USD 0.50", "0.50 美元"]);
        assert_eq!(set("10000.5"), ["USD 10,000.50", "10,000.50 美元"]);
    }

    #[test]
    fn large_amounts_are_in_ten_thousands_in_chinese() {
        let each = |value| said(value, "money:CNY", Digits::Places(2))[1].clone();
        for (value, text) in [
            ("9999.99", "9,999.99 元"),
            ("10000", "1 万元"),
            ("15000", "1.50 万元"),
            ("-1234567.8", "-123.46 万元"),
            ("99999999", "10,000 万元"),
            ("100000000", "1 亿元"),
            ("1234567890", "12.35 亿元"),
        ] {
            assert_eq!(each(value), text);
        }
    }

    #[test]
    fn money_for_each_is_money() {
        let each = |value| said(value, "money:EUR per count:visit", Digits::Rounded);
        assert_eq!(each("134.088"), ["EUR 134.09", "134.09 欧元"]);
        assert_eq!(each("2356.555"), ["EUR 2,356.56", "2,356.56 欧元"]);
        assert_eq!(each("0.0041234"), ["EUR 0.00412", "0.00412 欧元"]);
        assert_eq!(each("150"), ["EUR 150", "150 欧元"]);
    }

    #[test]
    fn shares_are_percentages_of_three_digits() {
        let each = |value, digits| said(value, "share", digits)[0].clone();
        for (value, text) in [
            ("0.8", "80%"),
            ("0.20267", "20.3%"),
            ("0.0805", "8.05%"),
            ("2.0005", "200%"),
            ("-0.0416", "-4.16%"),
            ("0.000912", "0.0912%"),
            ("0", "0%"),
        ] {
            assert_eq!(each(value, Digits::Rounded), text);
        }
        // What was set is not rounded.
        assert_eq!(each("0.87654", Digits::Exact), "87.654%");
        assert_eq!(each("2/3", Digits::Exact), "66.7%");
    }

    #[test]
    fn counts_and_days_are_numbers_alone() {
        let each = |value, unit, digits| said(value, unit, digits)[1].clone();
        assert_eq!(each("12345", "count:visit", Digits::Places(0)), "12,345");
        assert_eq!(each("17.7143", "day", Digits::Rounded), "17.7");
        assert_eq!(each("100.4568", "day", Digits::Rounded), "100");
        assert_eq!(
            each("1.8065", "count:visit per day", Digits::Rounded),
            "1.81"
        );
        assert_eq!(each("7.5", "hour", Digits::Places(2)), "7.5");
        assert_eq!(each("99.96", "point", Digits::Rounded), "100");
    }

    #[test]
    fn a_host_writes_figures_as_its_language_does() {
        let danish = Locale::new(super::super::Lang::new("da").unwrap())
            .with(Word::GroupMark, ".")
            .and_then(|locale| locale.with(Word::DecimalMark, ","))
            .and_then(|locale| locale.with(Word::Percent, "{number} %"))
            .unwrap()
            .currency("DKK", "{number} kr.");
        let figure = |value: &str, unit: &str| {
            danish
                .figure(
                    value.parse().unwrap(),
                    Some(&unit.parse().unwrap()),
                    Digits::Places(2),
                )
                .unwrap()
        };
        assert_eq!(figure("-1234567.5", "money:DKK"), "-1.234.567,50 kr.");
        assert_eq!(figure("0.125", "share"), "12,5 %");
        assert!(Locale::EN.with(Word::Percent, "{amount}%").is_err());
    }
}
