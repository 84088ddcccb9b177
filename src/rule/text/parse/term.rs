//! Names, numbers, units, spans, columns and states.

use winnow::Parser;
use winnow::combinator::{alt, cut_err, opt, preceded};
use winnow::stream::Stream;

use super::super::token::{Kind, reserved};
use super::super::words::state_word;
use super::stream::{
    Error, Read, Tokens, ahead, at, call, is_word, one_of_words, sign, taken, unexpected, word,
    wrong,
};
use crate::calendar::Grain;
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::{ColumnKey, Reason, Role};
use crate::quantity::Ratio;
use crate::rule::Span;
use crate::rule::condition::Silence;
use crate::rule::operand::{Quiet, QuietTime};
use crate::rule::supplied::{below_column, quiet_column};
use crate::rule::text::error::TextError;

/// Reads a name; words of the language are none.
pub(super) fn name(input: &mut Tokens<'_>) -> Read<Key> {
    let at = at(input);
    let text = |kind: &Kind| match kind {
        Kind::Quoted(name) => Some(name.clone()),
        Kind::Word(word) if reserved(word).is_none() && word != "any" => Some(word.clone()),
        _ => None,
    };
    let expected = "a name; one that is a word of the language stands in quotes";
    key(taken(expected, text).parse_next(input)?, at)
}

/// Reads a parameter's name after its sign, where words of the language are names like any other.
pub(super) fn parameter_name(input: &mut Tokens<'_>) -> Read<Key> {
    let at = at(input);
    let text = |kind: &Kind| match kind {
        Kind::Word(name) | Kind::Quoted(name) => Some(name.clone()),
        _ => None,
    };
    key(taken("a parameter's name", text).parse_next(input)?, at)
}

fn key(name: String, at: usize) -> Read<Key> {
    Key::new(name).map_err(|problem| wrong(TextError::Name { at, problem }))
}

/// Reads a number without a unit.
pub(super) fn plain(input: &mut Tokens<'_>) -> Read<Ratio> {
    let at = at(input);
    let negative = minus(input)?;
    let number = |kind: &Kind| match kind {
        Kind::Number(value) => Some(*value),
        _ => None,
    };
    signed(taken("a number", number).parse_next(input)?, negative, at)
}

/// Reads the sign of a number, if it has one.
pub(super) fn minus(input: &mut Tokens<'_>) -> Read<bool> {
    opt(sign("-", "`-`"))
        .map(|found| found.is_some())
        .parse_next(input)
}

pub(super) fn signed(value: Ratio, negative: bool, at: usize) -> Read<Ratio> {
    if !negative {
        return Ok(value);
    }
    Ratio::ZERO.checked_sub(value).map_err(|_| {
        wrong(TextError::Number {
            at,
            text: format!("-{value}"),
        })
    })
}

pub(super) fn count(input: &mut Tokens<'_>) -> Read<u16> {
    let whole = |kind: &Kind| match kind {
        Kind::Number(value) if value.denominator() == 1 => u16::try_from(value.numerator()).ok(),
        _ => None,
    };
    taken("a whole number below 65536", whole).parse_next(input)
}

pub(super) fn span(input: &mut Tokens<'_>) -> Read<Span> {
    const WORDS: [(&str, Option<Grain>); 14] = [
        ("period", None),
        ("periods", None),
        ("day", Some(Grain::Day)),
        ("days", Some(Grain::Day)),
        ("week", Some(Grain::Week)),
        ("weeks", Some(Grain::Week)),
        ("month", Some(Grain::Month)),
        ("months", Some(Grain::Month)),
        ("quarter", Some(Grain::Quarter)),
        ("quarters", Some(Grain::Quarter)),
        ("half", Some(Grain::Half)),
        ("halves", Some(Grain::Half)),
        ("year", Some(Grain::Year)),
        ("years", Some(Grain::Year)),
    ];
    let expected = "`periods`, `days`, `weeks`, `months`, `quarters`, `halves` or `years`";
    (count, one_of_words(&WORDS, expected))
        .map(|(count, grain)| Span { count, grain })
        .parse_next(input)
}

/// Reads a span after a comma, or the shortest one.
pub(super) fn span_if_given(input: &mut Tokens<'_>) -> Read<Span> {
    match opt(sign(",", "`,`")).parse_next(input)? {
        Some(()) => span(input),
        None => Ok(Span::default()),
    }
}

/// Whether a word after a number is the code of a currency: `5000 EUR` says `5000 money:EUR`.
fn is_currency(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// Reads a unit, if one stands here.
pub(super) fn unit(input: &mut Tokens<'_>) -> Read<Option<Unit>> {
    const PLAIN: [&str; 5] = ["minute", "hour", "day", "share", "point"];
    let one = |word: &str| {
        let single = word.strip_suffix('s').unwrap_or(word);
        PLAIN.into_iter().find(|plain| *plain == single)
    };
    let start = input.checkpoint();
    let first = taken("a unit", |kind| match kind {
        Kind::Quoted(text) => Some(text.clone()),
        Kind::Word(word) if word.contains(':') => Some(word.clone()),
        Kind::Word(word) if is_currency(word) => Some(format!("money:{word}")),
        Kind::Word(word) => one(word).map(str::to_owned),
        _ => None,
    });
    let Some(mut text) = opt(first).parse_next(input)? else {
        return Ok(None);
    };
    while is_word(ahead(input, 0), "per") && matches!(ahead(input, 1), Kind::Word(_)) {
        let per = preceded(
            word("per"),
            taken("a unit", |kind| match kind {
                Kind::Word(word) => Some(word.as_str()),
                _ => None,
            }),
        );
        text = format!("{text} per {}", { per }.parse_next(input)?);
    }
    if let Ok(unit) = text.parse() {
        return Ok(Some(unit));
    }
    input.reset(&start);
    Err(unexpected(
        input,
        "a unit such as EUR, count:visit or share",
        &[],
    ))
}

/// Reads the name of a column: a metric, or what it should be.
pub(super) fn column(input: &mut Tokens<'_>) -> Read<ColumnKey> {
    let of = |word: &'static str, role: Role| {
        call(word, name).map(move |metric| ColumnKey { metric, role })
    };
    alt((
        of("target", Role::Target),
        of("base", Role::Base),
        of("expected", Role::Expected),
        of("projected", Role::Projected),
        supplied,
        name.map(|metric| ColumnKey {
            metric,
            role: Role::Actual,
        }),
    ))
    .parse_next(input)
}

/// Reads the name of a column that a supply makes.
fn supplied(input: &mut Tokens<'_>) -> Read<ColumnKey> {
    let at = at(input);
    let below = call("below", name).map(|rule| below_column(&rule));
    let quiet = call("quiet", quiet).map(|quiet| quiet_column(&quiet));
    let named = alt((below, quiet)).parse_next(input)?;
    named.map_err(|problem| wrong(TextError::Name { at, problem }))
}

/// Reads what happens, and in which time it is measured how long it has not.
pub(super) fn quiet(input: &mut Tokens<'_>) -> Read<Quiet> {
    let of = name(input)?;
    let times = one_of_words(
        &[
            ("days", QuietTime::WorkingDays),
            ("time", QuietTime::WorkingTime),
        ],
        "`days` or `time`",
    );
    let time = cut_err(preceded(word("working"), times));
    let time = opt(preceded(sign(",", "`,`"), time)).parse_next(input)?;
    Ok(Quiet {
        of,
        time: time.unwrap_or_default(),
    })
}

/// Reads a column and how long nothing has come in it.
pub(super) fn silence<'t>(input: &mut Tokens<'t>) -> Read<Silence> {
    let both = (column, span_if_given);
    let mut silence = both.map(|(of, span)| Silence { of, span });
    Parser::<Tokens<'t>, Silence, Error>::parse_next(&mut silence, input)
}

pub(super) fn state(input: &mut Tokens<'_>) -> Read<Option<Reason>> {
    let known = Reason::CELLS.map(state_word);
    let mut named = Reason::CELLS.into_iter();
    let Some(state) = named.find(|state| is_word(ahead(input, 0), state_word(*state))) else {
        return Err(unexpected(input, "a state", &known));
    };
    word(state_word(state)).value(state).parse_next(input)
}
