//! Numbers as they are given.

use crate::quantity::{error::QuantityError, number::Number};
use rust_decimal::Decimal;
use std::str::FromStr;

impl FromStr for Number {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let not_a_number = || QuantityError::NotANumber {
            text: text.chars().take(60).collect(),
        };
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return Err(not_a_number());
        }
        // `from_str_exact` refuses what would have to be rounded.
        Decimal::from_str_exact(text)
            .map(Self::from)
            .map_err(|_| not_a_number())
    }
}
