//! Figures as people read them, in two languages.

use super::Language;
use crate::measure::{Currency, Unit};
use crate::quantity::{Ratio, Rounding};

/// How exactly a figure is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    /// As it is written: a number that somebody set.
    Exact,
    /// An amount, to its smallest unit.
    Places(u8),
    /// What was worked out: three digits, and the whole part in full; money to hundredths.
    Rounded,
}

/// Returns a figure in its unit; `None` when it has more digits than can be written.
///
/// Money names its currency, a share is a percentage. Counts, days, hours and points are numbers alone.
pub(super) fn shown(
    value: Ratio,
    unit: Option<&Unit>,
    precision: Precision,
    language: Language,
) -> Option<String> {
    match unit.map(top) {
        Some(Unit::Share) => {
            let percent = value.checked_mul(Ratio::from(100)).ok()?;
            // An amount of percent has no smallest unit of its own.
            let precision = match precision {
                Precision::Exact => Precision::Exact,
                Precision::Places(_) | Precision::Rounded => Precision::Rounded,
            };
            Some(format!("{}%", number(percent, precision, Fraction::Short)?))
        }
        Some(Unit::Money(currency)) => {
            let text = number(value, precision, Fraction::Full)?;
            Some(money(&text, *currency, language))
        }
        Some(
            Unit::Count(_) | Unit::Minute | Unit::Hour | Unit::Day | Unit::Point | Unit::Per(..),
        )
        | None => number(value, precision, Fraction::Short),
    }
}

/// Returns what a figure for each other one is an amount of: money per visit is money.
fn top(unit: &Unit) -> &Unit {
    match unit {
        Unit::Per(above, _) => top(above),
        other => other,
    }
}

/// How places behind the point are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fraction {
    /// Without zeros at the end.
    Short,
    /// All of them, or none where all are zero: 28,284.90 and 9,000.
    Full,
}

fn number(value: Ratio, precision: Precision, fraction: Fraction) -> Option<String> {
    let places = match (precision, fraction) {
        (Precision::Exact, _) => match value.exact_decimal() {
            Some(exact) => u8::try_from(exact.normalize().scale()).ok()?,
            None => three_digits(value)?,
        },
        (Precision::Places(places), _) => places,
        (Precision::Rounded, Fraction::Short) => three_digits(value)?,
        (Precision::Rounded, Fraction::Full) => three_digits(value)?.max(2),
    };
    let rounded = value.to_decimal(places, Rounding::HalfAwayFromZero).ok()?;
    let short = rounded.normalize();
    // Prices have two places, or none, or more where they are finer.
    let text = match fraction {
        Fraction::Full if short.scale() > 0 && places < 2 => format!("{short:.2}"),
        Fraction::Full if short.scale() > 0 => rounded.to_string(),
        Fraction::Full | Fraction::Short => short.to_string(),
    };
    Some(grouped(&text))
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

/// Writes the whole part of a number in groups of three.
fn grouped(number: &str) -> String {
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
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

fn money(number: &str, currency: Currency, language: Language) -> String {
    match language {
        Language::English => format!("{currency} {number}"),
        Language::Chinese => match chinese(currency.code()) {
            Some(name) => format!("{number} {name}"),
            None => format!("{number} {currency}"),
        },
    }
}

/// Returns what a currency is called in Chinese; the code stands for all others.
fn chinese(code: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 10] = [
        ("CNY", "元"),
        ("USD", "美元"),
        ("EUR", "欧元"),
        ("GBP", "英镑"),
        ("JPY", "日元"),
        ("HKD", "港元"),
        ("TWD", "新台币"),
        ("KRW", "韩元"),
        ("SGD", "新加坡元"),
        ("CHF", "瑞士法郎"),
    ];
    let found = NAMES.iter().find(|(known, _)| *known == code);
    found.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(value: &str, unit: &str, precision: Precision) -> [String; 2] {
        let (value, unit) = (value.parse().unwrap(), unit.parse().unwrap());
        [Language::English, Language::Chinese]
            .map(|language| shown(value, Some(&unit), precision, language).unwrap())
    }

    #[test]
    fn money_has_its_currency_and_places_or_none() {
        let cents = Precision::Places(2);
        let each = |value| said(value, "money:CNY", cents);
        assert_eq!(each("28284.9"), ["CNY 28,284.90", "28,284.90 元"]);
        assert_eq!(each("9000"), ["CNY 9,000", "9,000 元"]);
        assert_eq!(
            each("-1234567.05"),
            ["CNY -1,234,567.05", "-1,234,567.05 元"]
        );
        assert_eq!(said("5", "money:SEK", cents), ["SEK 5", "5 SEK"]);
        // A threshold that somebody set.
        let set = |value| said(value, "money:USD", Precision::Exact);
        assert_eq!(set("1500000"), ["USD 1,500,000", "1,500,000 美元"]);
        assert_eq!(set("0.5"), ["USD 0.50", "0.50 美元"]);
    }

    #[test]
    fn money_for_each_is_money() {
        let each = |value| said(value, "money:EUR per count:visit", Precision::Rounded);
        assert_eq!(each("134.088"), ["EUR 134.09", "134.09 欧元"]);
        assert_eq!(each("12356.555"), ["EUR 12,356.56", "12,356.56 欧元"]);
        assert_eq!(each("0.0041234"), ["EUR 0.00412", "0.00412 欧元"]);
        assert_eq!(each("150"), ["EUR 150", "150 欧元"]);
    }

    #[test]
    fn shares_are_percentages_of_three_digits() {
        let each = |value, precision| said(value, "share", precision)[0].clone();
        for (value, text) in [
            ("0.8", "80%"),
            ("0.20267", "20.3%"),
            ("0.0805", "8.05%"),
            ("2.0005", "200%"),
            ("-0.0416", "-4.16%"),
            ("0.000912", "0.0912%"),
            ("0", "0%"),
        ] {
            assert_eq!(each(value, Precision::Rounded), text);
        }
        // What was set is not rounded.
        assert_eq!(each("0.87654", Precision::Exact), "87.654%");
        assert_eq!(each("2/3", Precision::Exact), "66.7%");
    }

    #[test]
    fn counts_and_days_are_numbers_alone() {
        let each = |value, unit, precision| said(value, unit, precision)[1].clone();
        assert_eq!(each("12345", "count:visit", Precision::Places(0)), "12,345");
        assert_eq!(each("17.7143", "day", Precision::Rounded), "17.7");
        assert_eq!(each("100.4568", "day", Precision::Rounded), "100");
        assert_eq!(
            each("1.8065", "count:visit per day", Precision::Rounded),
            "1.81"
        );
        assert_eq!(each("7.5", "hour", Precision::Places(2)), "7.5");
        assert_eq!(each("99.96", "point", Precision::Rounded), "100");
    }
}
