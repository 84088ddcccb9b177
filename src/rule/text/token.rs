//! The words and signs of a text.

use winnow::combinator::{alt, cut_err, delimited, eof, opt, preceded, repeat, terminated};
use winnow::error::{ErrMode, ParserError};
use winnow::stream::Location;
use winnow::token::{any, none_of, one_of, take_while};
use winnow::{LocatingSlice, Parser};

use crate::key::Key;
use crate::quantity::Ratio;
use crate::rule::text::error::{MAX_TEXT, TextError};

/// A word or sign and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Word(String),
    Quoted(String),
    Number(Ratio),
    Percent(Ratio),
    Sign(&'static str),
    /// A sign of other languages, and what it is here.
    Foreign(&'static str, &'static str),
    End,
}

/// All signs; a longer one stands before its beginning.
const SIGNS: [&str; 12] = [
    "<=", ">=", "!=", "<", ">", "=", "(", ")", ",", "/", "-", "$",
];

/// Words that have a meaning of their own and are no names unless quoted.
pub(super) const RESERVED: [&str; 35] = [
    "and",
    "or",
    "not",
    "at",
    "least",
    "of",
    "for",
    "in",
    "between",
    "rising",
    "falling",
    "subject",
    "starting",
    "true",
    "false",
    "missing",
    "state",
    "stale",
    "late",
    "target",
    "expected",
    "projected",
    "attainment",
    "pace",
    "gap",
    "previous",
    "last_year",
    "change",
    "mean",
    "rank",
    "percentile",
    "from_median",
    "score",
    "all",
    "control",
];

/// Returns the word of the language that a text is: also in capitals.
pub(super) fn reserved(text: &str) -> Option<&'static str> {
    let capitals = text
        .chars()
        .all(|letter| letter.is_ascii_uppercase() || letter == '_');
    RESERVED
        .into_iter()
        .find(|word| *word == text || (capitals && word.eq_ignore_ascii_case(text)))
}

pub(super) fn is_word(text: &str) -> bool {
    text.starts_with(starts) && text.chars().all(inside)
}

fn starts(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_'
}

fn inside(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

/// Returns a name as a text writes it.
pub(super) fn name(key: &Key) -> String {
    let text = key.as_str();
    if is_word(text) && reserved(text).is_none() && text != "any" {
        return text.to_owned();
    }
    quoted(text)
}

/// Returns a parameter's name as a text writes it behind its sign, where no word is reserved.
pub(super) fn parameter(key: &Key) -> String {
    let text = key.as_str();
    if is_word(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// Returns a text in quotes, as it is read.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

type Text<'t> = LocatingSlice<&'t str>;
type Read<T> = Result<T, ErrMode<Fault>>;

/// What is wrong with a text; the first thing that is.
#[derive(Debug)]
pub(super) struct Fault(pub(super) TextError);

impl<'t> ParserError<Text<'t>> for Fault {
    type Inner = Self;

    fn from_input(input: &Text<'t>) -> Self {
        let found = input.chars().next();
        Self(TextError::Unexpected {
            at: input.current_token_start(),
            expected: "a word, a number or a sign",
            found: found.map_or("the end".to_owned(), |letter| {
                format!("`{}`", letter.escape_debug())
            }),
            nearest: None,
        })
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// Signs as they are written between Chinese letters, as wide as these.
fn narrow(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        other => other,
    }
}

/// Returns the text with its signs and figures narrow, outside of names in quotes; each letter stays one letter.
fn narrowed(text: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let letters = text.chars().map(|letter| {
        if quoted {
            quoted = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            return letter;
        }
        quoted = letter == '"';
        if letter.is_alphabetic() {
            letter
        } else {
            narrow(letter)
        }
    });
    letters.collect()
}

/// Returns the words and signs of a text, and its end.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, TextError> {
    if text.len() > MAX_TEXT {
        return Err(TextError::TooLong {
            bytes: text.len(),
            limit: MAX_TEXT,
        });
    }
    let text = narrowed(text);
    let text = text.as_str();
    let end = Token {
        at: text.len(),
        kind: Kind::End,
    };
    let all = delimited(blank, repeat(0.., terminated(token, blank)), eof);
    let found: Result<Vec<Token>, ErrMode<Fault>> = { all }.parse_next(&mut Text::new(text));
    match found {
        Ok(mut found) => {
            found.push(end);
            // From bytes to characters, which are what people count.
            let (mut bytes, mut letters) = (0, 0);
            for token in &mut found {
                letters += text
                    .get(bytes..token.at)
                    .map_or(0, |part| part.chars().count());
                bytes = token.at;
                token.at = letters;
            }
            Ok(found)
        }
        Err(ErrMode::Backtrack(fault) | ErrMode::Cut(fault)) => {
            Err(fault.0.counted_in_characters(text))
        }
        // Only a text that is still coming in can be incomplete.
        Err(ErrMode::Incomplete(_)) => Err(TextError::OpenQuote { at: end.at }),
    }
}

fn blank(input: &mut Text<'_>) -> Read<()> {
    take_while(0.., char::is_whitespace)
        .void()
        .parse_next(input)
}

fn token(input: &mut Text<'_>) -> Read<Token> {
    let kind = alt((in_quotes, number, word, sign));
    let mut placed = kind.with_span();
    let (kind, span) = placed.parse_next(input)?;
    Ok(Token {
        at: span.start,
        kind,
    })
}

fn in_quotes(input: &mut Text<'_>) -> Read<Kind> {
    let at = input.current_token_start();
    let letter = alt((preceded('\\', any), none_of(['"', '\\'])));
    let name = repeat(0.., letter).fold(String::new, |mut name, letter: char| {
        name.push(letter);
        name
    });
    let rest = cut_err(terminated(name, '"'));
    let mut whole = preceded('"', rest).map(Kind::Quoted);
    let found: Read<Kind> = whole.parse_next(input);
    match found {
        Err(ErrMode::Cut(_)) => Err(ErrMode::Cut(Fault(TextError::OpenQuote { at }))),
        other => other,
    }
}

/// `12`, `0.5`, `80%`, `1/3`: a fraction has no blanks, else it is a division.
fn number(input: &mut Text<'_>) -> Read<Kind> {
    let at = input.current_token_start();
    let digits = || (one_of('0'..='9'), take_while(0.., ('0'..='9', '.')));
    let text: &str = (digits(), opt(('/', digits()))).take().parse_next(input)?;
    let wrong = || {
        ErrMode::Cut(Fault(TextError::Number {
            at,
            text: text.chars().take(60).collect(),
        }))
    };
    let value: Ratio = text.parse().map_err(|_| wrong())?;
    let percent = (take_while(0.., char::is_whitespace), '%').void();
    if opt(percent).parse_next(input)?.is_none() {
        return Ok(Kind::Number(value));
    }
    let share = value.checked_div(Ratio::from(100));
    share.map(Kind::Percent).map_err(|_| wrong())
}

/// A unit such as `money:EUR` is one word.
fn word(input: &mut Text<'_>) -> Read<Kind> {
    let first = one_of(starts);
    let rest = take_while(0.., |letter| inside(letter) || letter == ':');
    let mut whole = (first, rest).take();
    whole
        .parse_next(input)
        .map(|word: &str| Kind::Word(reserved(word).unwrap_or(word).to_owned()))
}

fn sign(input: &mut Text<'_>) -> Read<Kind> {
    let others = [
        ("==", "="),
        ("<>", "!="),
        ("\u{2264}", "<="),
        ("\u{2265}", ">="),
        ("\u{2260}", "!="),
    ];
    let others = others.map(|(other, sign)| other.value(Kind::Sign(sign)));
    let foreign = [("&&", "and"), ("||", "or"), ("=<", "<="), ("=>", ">=")];
    alt((
        alt(others),
        alt(foreign.map(|(other, here)| other.value(Kind::Foreign(other, here)))),
        alt(SIGNS.map(|sign| sign.value(Kind::Sign(sign)))),
        "!".value(Kind::Foreign("!", "not")),
    ))
    .parse_next(input)
}
