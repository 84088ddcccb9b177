//! The words and signs of a text.

use super::{MAX_TEXT, TextError};
use crate::key::Key;
use crate::quantity::Ratio;

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

pub(super) fn is_word(text: &str) -> bool {
    let start = |letter: char| letter.is_alphabetic() || letter == '_';
    text.starts_with(start) && text.chars().all(|letter| start(letter) || inside(letter))
}

fn inside(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

/// Returns a name as a text writes it.
pub(super) fn name(key: &Key) -> String {
    let text = key.as_str();
    if is_word(text) && !RESERVED.contains(&text) && text != "any" {
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

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, TextError> {
    if text.len() > MAX_TEXT {
        return Err(TextError::TooLong {
            bytes: text.len(),
            limit: MAX_TEXT,
        });
    }
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at..];
        let (length, kind) = if letter.is_whitespace() {
            at += letter.len_utf8();
            continue;
        } else if letter == '"' {
            in_quotes(rest, at)?
        } else if letter.is_ascii_digit() {
            number(rest, at)?
        } else if letter.is_alphabetic() || letter == '_' {
            // A unit such as `money:EUR` is one word.
            let length = rest
                .find(|letter| !inside(letter) && letter != ':')
                .unwrap_or(rest.len());
            (length, Kind::Word(rest[..length].to_owned()))
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            (sign.len(), Kind::Sign(sign))
        } else {
            return Err(TextError::Unexpected {
                at,
                expected: "a word, a number or a sign",
                found: format!("`{}`", letter.escape_debug()),
                nearest: None,
            });
        };
        found.push(Token { at, kind });
        at += length;
    }
    found.push(Token {
        at: text.len(),
        kind: Kind::End,
    });
    Ok(found)
}

fn in_quotes(rest: &str, at: usize) -> Result<(usize, Kind), TextError> {
    let mut name = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((index, letter)) = letters.next() {
        match letter {
            '"' => return Ok((index + 1, Kind::Quoted(name))),
            '\\' => name.push(letters.next().ok_or(TextError::OpenQuote { at })?.1),
            _ => name.push(letter),
        }
    }
    Err(TextError::OpenQuote { at })
}

/// `12`, `0.5`, `80%`, `1/3`: a fraction has no blanks, else it is a division.
fn number(rest: &str, at: usize) -> Result<(usize, Kind), TextError> {
    let digits = |from: usize| {
        let end = rest[from..].find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        end.map_or(rest.len(), |end| from + end)
    };
    let mut end = digits(0);
    if rest[end..].starts_with('/')
        && rest[end + 1..].starts_with(|letter: char| letter.is_ascii_digit())
    {
        end = digits(end + 1);
    }
    let wrong = || TextError::Number {
        at,
        text: rest[..end].chars().take(60).collect(),
    };
    let value: Ratio = rest[..end].parse().map_err(|_| wrong())?;
    if rest[end..].starts_with('%') {
        let share = value.checked_div(Ratio::from(100)).map_err(|_| wrong())?;
        return Ok((end + 1, Kind::Percent(share)));
    }
    Ok((end, Kind::Number(value)))
}
