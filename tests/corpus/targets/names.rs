//! Short texts: numbers, names, units, conditions.

use std::fmt::Display;
use std::str::FromStr;

use quotaflow::band::Interval;
use quotaflow::calendar::{Shift, TimeOfDay};
use quotaflow::key::{Key, nearest};
use quotaflow::measure::{Currency, Unit};
use quotaflow::panel::ColumnKey;
use quotaflow::plan::Pattern;
use quotaflow::quantity::{Number, Quantity, Quantum, Ratio, Rounding, divide, mul_divide};
use quotaflow::rule::{Condition, Operand, RuleDef, RuleSet};
use quotaflow::text::Lang;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fixture::COMPANY;
use super::{read_back, told};

/// Reads a text; what is printed reads as the same.
fn printed<T: FromStr<Err: Display> + Display + PartialEq>(text: &str) -> Option<T> {
    match text.parse::<T>() {
        Ok(value) => {
            let shown = value.to_string();
            match shown.parse::<T>() {
                Ok(back) => assert!(back == value, "{text:?} is printed as {shown:?}"),
                Err(error) => panic!("{text:?} is printed as {shown:?}: {error}"),
            }
            Some(value)
        }
        Err(error) => {
            told(&error);
            None
        }
    }
}

/// The same as a field of a document.
fn written<T: Serialize + DeserializeOwned + PartialEq>(text: &str) -> Option<T> {
    let value: T = serde_json::from_value(text.into()).ok()?;
    read_back(&value);
    Some(value)
}

/// Lines of numbers: each alone, and each with the one before.
pub(super) fn numbers(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let mut before: Option<Ratio> = None;
    for line in text.lines().take(20) {
        let number = printed::<Number>(line);
        let ratio = printed::<Ratio>(line);
        if let Some(number) = number {
            read_back(&number);
            let ratio = ratio.expect("every number is a ratio");
            assert_eq!(ratio.exact_decimal(), Some(number.decimal().normalize()));
        }
        if let Some(interval) = printed::<Interval>(line) {
            read_back(&interval);
        }
        let _ = (printed::<TimeOfDay>(line), printed::<Shift>(line));
        let _ = printed::<Pattern>(line);
        let Some(ratio) = ratio else {
            continue;
        };
        read_back(&ratio);
        if let Ok(quantum) = Quantum::try_from(number.unwrap_or_default()) {
            read_back(&quantum);
            if let Ok(quantity) = Quantity::new(before.unwrap_or(ratio).approximate(), quantum) {
                assert_eq!(quantum.quantity(quantity.units()), quantity);
            }
        }
        if let Some(before) = before {
            pair(before, ratio);
        }
        before = Some(ratio);
    }
}

fn pair(left: Ratio, right: Ratio) {
    let sum = left.checked_add(right).ok();
    assert_eq!(sum, right.checked_add(left).ok());
    if let Some(sum) = sum
        && let Ok(back) = sum.checked_sub(right)
    {
        assert_eq!(back, left);
    }
    let product = left.checked_mul(right).ok();
    assert_eq!(product, right.checked_mul(left).ok());
    if let Some(product) = product
        && let Ok(back) = product.checked_div(right)
    {
        assert_eq!(back, left);
    }
    if let Ok(difference) = left.checked_sub(right) {
        assert_eq!(left.cmp(&right), difference.cmp(&Ratio::ZERO));
    }
    assert_eq!(left.cmp(&right), right.cmp(&left).reverse());
    let (top, bottom) = (left.numerator(), right.numerator());
    for rounding in [Rounding::HalfEven, Rounding::HalfAwayFromZero] {
        let Some(whole) = divide(top, bottom, rounding) else {
            continue;
        };
        // |2 (top - whole bottom)| <= |bottom|
        if let Some(rest) = whole
            .checked_mul(bottom)
            .and_then(|product| top.checked_sub(product))
            .and_then(|rest| rest.checked_mul(2))
        {
            assert!(rest.unsigned_abs() <= bottom.unsigned_abs());
        }
        if let (Ok(value), Ok(whole)) = (i64::try_from(top), i64::try_from(whole)) {
            assert_eq!(mul_divide(value, 1, bottom, rounding), Some(whole));
        }
    }
}

/// Lines of names: keys, units, currencies, languages, columns.
pub(super) fn names(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let lines: Vec<&str> = text.lines().take(12).collect();
    for line in &lines {
        if let Some(key) = written::<Key>(line) {
            assert_eq!(Key::new(line).as_ref(), Ok(&key));
            assert_eq!(key.to_string(), *line);
        }
        if let Some(unit) = printed::<Unit>(line) {
            read_back(&unit);
        }
        if let Ok(currency) = Currency::new(line) {
            read_back(&currency);
            assert_eq!(Currency::new(&currency.to_string()), Ok(currency));
        }
        if let Some(lang) = printed::<Lang>(line) {
            read_back(&lang);
            let mut broader = Some(lang);
            let mut steps = 0;
            while let Some(each) = broader {
                broader = each.broader();
                steps += 1;
                assert!(steps < 50, "{lang} has no end");
            }
        }
        if let Some(column) = printed::<ColumnKey>(line) {
            read_back(&column);
        }
    }
    if let Some((wanted, known)) = lines.split_first() {
        let found = nearest(wanted, known.iter().copied());
        assert!(found.is_none_or(|found| known.contains(&found)));
        if known.contains(wanted) {
            assert_eq!(found, Some(*wanted));
        }
    }
}

/// The text of a condition.
pub(super) fn conditions(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Some(operand) = printed::<Operand>(text) {
        read_back(&operand);
    }
    let Some(condition) = printed::<Condition>(text) else {
        return;
    };
    read_back(&condition);
    let company = &*COMPANY;
    let not = condition.clone().negate();
    let (Ok(plain), Ok(not)) = (RuleDef::new("plain", condition), RuleDef::new("not", not)) else {
        return;
    };
    let rules = match RuleSet::compile(vec![plain, not], &company.panel) {
        Ok(rules) => rules,
        Err(error) => return told(&error),
    };
    let judge = rules.over(&company.panel).unwrap();
    for period in company.months.ids() {
        for subject in company.subjects.ids() {
            let [plain, not] = ["plain", "not"].map(|rule| {
                let rule = Key::new(rule).unwrap();
                judge.truth(&rule, subject, period).unwrap()
            });
            assert_eq!(not, plain.negate());
        }
    }
}
