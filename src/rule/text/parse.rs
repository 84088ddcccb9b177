//! Reading: conditions and operands from the words and signs of a text.

mod condition;
mod control;
mod operand;
mod stream;
mod term;

use winnow::error::ErrMode;

use self::stream::{Read, Reading, Tokens, end};
use super::token::tokens;
use crate::rule::text::error::TextError;
use crate::rule::{Condition, Operand};

pub(super) fn condition(text: &str) -> Result<Condition, TextError> {
    whole(text, condition::any)
}

pub(super) fn operand(text: &str) -> Result<Operand, TextError> {
    whole(text, operand::operand)
}

/// Reads a text to its end.
fn whole<T>(text: &str, read: impl for<'t> Fn(&mut Tokens<'t>) -> Read<T>) -> Result<T, TextError> {
    let tokens = tokens(text)?;
    let mut input = Tokens {
        input: winnow::stream::TokenSlice::new(&tokens),
        state: Reading::default(),
    };
    let found = read(&mut input).and_then(|found| end(&mut input).map(|()| found));
    found.map_err(|error| match error {
        ErrMode::Backtrack(fault) | ErrMode::Cut(fault) => fault.0,
        // Only a text that is still coming in can be incomplete.
        ErrMode::Incomplete(_) => TextError::OpenQuote {
            at: text.chars().count(),
        },
    })
}
