//! The stream of words and signs, and what every reader is made of.

use winnow::Parser;
use winnow::combinator::{cut_err, opt, separated, terminated};
use winnow::error::{ErrMode, ParserError};
use winnow::stream::{Stateful, TokenSlice};
use winnow::token::any;

use super::super::token::{Fault, Kind, Token};
use crate::key::{Key, nearest};
use crate::rule::Condition;
use crate::rule::text::error::TextError;

pub(super) type Tokens<'t> = Stateful<TokenSlice<'t, Token>, Reading>;
pub(super) type Error = ErrMode<Fault>;
pub(super) type Read<T> = Result<T, Error>;

/// What a reader knows of where it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    /// How deeply what is read now is nested.
    depth: usize,
    /// The metric on the left of the comparison that is being read.
    pub(super) metric: Option<Key>,
}

impl<'t> ParserError<Tokens<'t>> for Fault {
    type Inner = Self;

    fn from_input(input: &Tokens<'t>) -> Self {
        fault(input, "something else", &[])
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// Returns the word or sign that comes after some others; the end stands behind the last one.
pub(super) fn ahead<'t>(input: &Tokens<'t>, by: usize) -> &'t Kind {
    let tokens: &'t [Token] = peeked(input);
    tokens.get(by).map_or(&Kind::End, |token| &token.kind)
}

/// Returns all that is still to be read.
pub(super) fn peeked<'t>(input: &Tokens<'t>) -> &'t [Token] {
    use winnow::stream::Stream;
    input.input.peek_slice(input.input.eof_offset())
}

/// Returns where the next word or sign stands.
pub(super) fn at(input: &Tokens<'_>) -> usize {
    peeked(input).first().map_or(0, |token| token.at)
}

pub(super) fn is_word(kind: &Kind, word: &str) -> bool {
    matches!(kind, Kind::Word(found) if found == word)
}

pub(super) fn is_sign(kind: &Kind, sign: &str) -> bool {
    matches!(kind, Kind::Sign(found) if *found == sign)
}

fn fault(input: &Tokens<'_>, expected: &'static str, known: &[&'static str]) -> Fault {
    let (found, word) = match ahead(input, 0) {
        Kind::Word(word) => (format!("`{word}`"), Some(word.as_str())),
        Kind::Quoted(name) => (format!("\"{name}\""), None),
        Kind::Number(number) => (format!("`{number}`"), None),
        Kind::Percent(share) => (format!("`{share}` as a percentage"), None),
        Kind::Sign(sign) | Kind::Foreign(sign, _) => (format!("`{sign}`"), None),
        Kind::End => ("the end".to_owned(), None),
    };
    let nearest = word
        .filter(|word| !known.contains(word))
        .and_then(|word| nearest(word, known.iter().copied()))
        .map(str::to_owned);
    let nearest = match ahead(input, 0) {
        Kind::Foreign(_, here) => Some((*here).to_owned()),
        _ => nearest,
    };
    Fault(TextError::Unexpected {
        at: at(input),
        expected,
        found,
        nearest,
    })
}

/// Says what was expected instead of the next word or sign. Another reader may still take it.
pub(super) fn unexpected(
    input: &Tokens<'_>,
    expected: &'static str,
    known: &[&'static str],
) -> Error {
    ErrMode::Backtrack(fault(input, expected, known))
}

/// Says that a text is wrong in another way.
pub(super) fn wrong(error: TextError) -> Error {
    ErrMode::Cut(Fault(error))
}

/// Reads nothing: says what was expected where no other reader could go on.
pub(super) fn expecting<'t, T>(
    expected: &'static str,
    known: &'static [&'static str],
) -> impl Parser<Tokens<'t>, T, Error> {
    move |input: &mut Tokens<'t>| Err(unexpected(input, expected, known))
}

/// Reads one word or sign, if it is the right one.
fn one<'t, T>(
    expected: &'static str,
    known: &'static [&'static str],
    take: impl Fn(&'t Kind) -> Option<T>,
) -> impl Parser<Tokens<'t>, T, Error> {
    move |input: &mut Tokens<'t>| {
        let Some(found) = take(ahead(input, 0)) else {
            return Err(unexpected(input, expected, known));
        };
        any.value(()).parse_next(input)?;
        Ok(found)
    }
}

/// Reads a word that has to stand here.
pub(super) fn word<'t>(word: &'static str) -> impl Parser<Tokens<'t>, (), Error> {
    move |input: &mut Tokens<'t>| {
        if !is_word(ahead(input, 0), word) {
            return Err(unexpected(input, word, &[word]));
        }
        any.void().parse_next(input)
    }
}

/// Reads a sign that has to stand here.
pub(super) fn sign<'t>(
    sign: &'static str,
    expected: &'static str,
) -> impl Parser<Tokens<'t>, (), Error> {
    one(expected, &[], move |kind| is_sign(kind, sign).then_some(()))
}

/// Reads one of some words, and returns what it stands for.
pub(super) fn one_of_words<'t, T: Copy>(
    words: &'static [(&'static str, T)],
    expected: &'static str,
) -> impl Parser<Tokens<'t>, T, Error> {
    move |input: &mut Tokens<'t>| {
        let kind = ahead(input, 0);
        let Some((_, found)) = words.iter().find(|(word, _)| is_word(kind, word)) else {
            let known: Vec<&'static str> = words.iter().map(|(word, _)| *word).collect();
            return Err(unexpected(input, expected, &known));
        };
        any.value(*found).parse_next(input)
    }
}

/// Reads a word, name, number or sign that is taken for something.
pub(super) fn taken<'t, T>(
    expected: &'static str,
    take: impl Fn(&'t Kind) -> Option<T>,
) -> impl Parser<Tokens<'t>, T, Error> {
    one(expected, &[], take)
}

/// Reads the end.
pub(super) fn end(input: &mut Tokens<'_>) -> Read<()> {
    // What comes next tells which words can be meant.
    let known: &'static [&'static str] = match ahead(input, 1) {
        Kind::Number(_) => &["for", "in"],
        _ => &["and", "or"],
    };
    let is_end = |kind: &Kind| matches!(kind, Kind::End).then_some(());
    one("`and`, `or`, `for` or the end", known, is_end).parse_next(input)
}

/// Reads the name of a function and its opening bracket; from there on nothing else can be meant.
pub(super) fn call<'t, T>(
    name: &'static str,
    argument: impl Parser<Tokens<'t>, T, Error>,
) -> impl Parser<Tokens<'t>, T, Error> {
    let mut inside = cut_err(terminated(argument, sign(")", "`,` or `)`")));
    move |input: &mut Tokens<'t>| {
        if !is_word(ahead(input, 0), name) || !is_sign(ahead(input, 1), "(") {
            return Err(unexpected(input, name, &[name]));
        }
        (any, any).void().parse_next(input)?;
        inside.parse_next(input)
    }
}

/// Reads a list after its opening bracket, up to the closing one.
pub(super) fn list<'t, T>(
    element: impl Parser<Tokens<'t>, T, Error>,
) -> impl Parser<Tokens<'t>, Vec<T>, Error> {
    let mut element = cut_err(element);
    move |input: &mut Tokens<'t>| {
        if opt(sign(")", "`)`")).parse_next(input)?.is_some() {
            return Ok(Vec::new());
        }
        let elements = separated(1.., element.by_ref(), sign(",", "`,`"));
        terminated(elements, cut_err(sign(")", "`,` or `)`"))).parse_next(input)
    }
}

/// Reads something and then more of it, as far as it goes; each joins what stands before it one level deeper.
pub(super) fn joined<'t, T, M>(
    first: impl Parser<Tokens<'t>, T, Error>,
    more: impl Parser<Tokens<'t>, M, Error>,
    join: impl Fn(T, M) -> T,
) -> impl Parser<Tokens<'t>, T, Error> {
    let (mut first, mut more) = (first, opt(more));
    move |input: &mut Tokens<'t>| {
        let mut found = first.parse_next(input)?;
        for _ in 0..Condition::MAX_DEPTH {
            match more.parse_next(input)? {
                Some(next) => found = join(found, next),
                None => return Ok(found),
            }
        }
        Err(wrong(TextError::TooDeep {
            at: at(input),
            limit: Condition::MAX_DEPTH,
        }))
    }
}

/// Reads something one level deeper.
pub(super) fn deeper<'t, T>(
    read: impl Parser<Tokens<'t>, T, Error>,
) -> impl Parser<Tokens<'t>, T, Error> {
    // Each level of the data takes a few levels of reading.
    const LIMIT: usize = 2 * Condition::MAX_DEPTH;
    let mut read = read;
    move |input: &mut Tokens<'t>| {
        if input.state.depth == LIMIT {
            return Err(wrong(TextError::TooDeep {
                at: at(input),
                limit: LIMIT,
            }));
        }
        input.state.depth += 1;
        let found = read.parse_next(input);
        input.state.depth -= 1;
        found
    }
}
