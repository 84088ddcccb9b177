//! Conditions: one reader for each level of binding.

use winnow::Parser;
use winnow::combinator::{alt, cut_err, delimited, opt, preceded, repeat, terminated};

use super::super::token::Kind;
use super::control::control;
use super::operand::{first_metric, operand};
use super::stream::{
    Read, Tokens, ahead, call, deeper, expecting, is_sign, joined, list, peeked, sign, taken,
    unexpected, word,
};
use super::term::{column, count, name, silence, span, state};
use crate::panel::Reason;
use crate::rule::condition::{
    AtLeast, Between, Comparison, Consecutive, StateTest, SubjectTest, Trend, Way, Within,
};
use crate::rule::{Condition, Is, Operand, Span};

/// `a or b or c`.
pub(super) fn any(input: &mut Tokens<'_>) -> Read<Condition> {
    deeper(any_here).parse_next(input)
}

fn any_here(input: &mut Tokens<'_>) -> Read<Condition> {
    let first = all(input)?;
    let mut more = repeat(0.., preceded(word("or"), cut_err(all)));
    Ok(several(first, more.parse_next(input)?, Condition::Any))
}

/// `a and b and c`.
fn all(input: &mut Tokens<'_>) -> Read<Condition> {
    let first = not(input)?;
    let mut more = repeat(0.., preceded(word("and"), cut_err(not)));
    Ok(several(first, more.parse_next(input)?, Condition::All))
}

fn several(
    first: Condition,
    mut more: Vec<Condition>,
    join: fn(Vec<Condition>) -> Condition,
) -> Condition {
    if more.is_empty() {
        return first;
    }
    more.insert(0, first);
    join(more)
}

fn not(input: &mut Tokens<'_>) -> Read<Condition> {
    alt((negated, lasting)).parse_next(input)
}

fn negated(input: &mut Tokens<'_>) -> Read<Condition> {
    preceded(word("not"), cut_err(deeper(not)))
        .map(|condition| Condition::Not(Box::new(condition)))
        .parse_next(input)
}

/// How often or for how long a condition has to hold.
enum Lasts {
    Consecutive(Span),
    Within(u16, Span),
}

/// `a for 3 weeks`, `a in 2 of 3 months`.
fn lasting(input: &mut Tokens<'_>) -> Read<Condition> {
    joined(single, lasts, |of, lasts| {
        let of = Box::new(of);
        match lasts {
            Lasts::Consecutive(span) => Condition::Consecutive(Consecutive { span, of }),
            Lasts::Within(count, span) => Condition::Within(Within { count, span, of }),
        }
    })
    .parse_next(input)
}

fn lasts(input: &mut Tokens<'_>) -> Read<Lasts> {
    let times = (terminated(count, word("of")), span);
    alt((
        preceded(word("for"), cut_err(span)).map(Lasts::Consecutive),
        preceded(word("in"), cut_err(times)).map(|(count, span)| Lasts::Within(count, span)),
    ))
    .parse_next(input)
}

/// One condition: its first word tells which.
fn single(input: &mut Tokens<'_>) -> Read<Condition> {
    let read: fn(&mut Tokens<'_>) -> Read<Condition> =
        match (ahead(input, 0), is_sign(ahead(input, 1), "(")) {
            (Kind::Sign("("), _) if brackets_hold_a_condition(input) => in_brackets,
            (Kind::Word(word), called) => match (word.as_str(), called) {
                ("true" | "false", false) => truth,
                ("all", true) => all_of,
                ("any", true) => any_of,
                ("at", _) => at_least,
                ("missing", true) => missing,
                ("state", true) => states,
                ("stale", true) => stale,
                ("late", true) => late,
                ("control", true) => signal,
                ("subject", _) => subject,
                _ => comparison,
            },
            _ => comparison,
        };
    read(input)
}

fn all_of(input: &mut Tokens<'_>) -> Read<Condition> {
    let of = call("all", any).parse_next(input)?;
    Ok(Condition::All(vec![of]))
}

fn any_of(input: &mut Tokens<'_>) -> Read<Condition> {
    let of = call("any", any).parse_next(input)?;
    Ok(Condition::Any(vec![of]))
}

fn missing(input: &mut Tokens<'_>) -> Read<Condition> {
    let of = call("missing", column).parse_next(input)?;
    let is = vec![Some(Reason::NothingRecorded)];
    Ok(Condition::State(StateTest { of, is }))
}

fn stale(input: &mut Tokens<'_>) -> Read<Condition> {
    call("stale", silence)
        .map(Condition::Stale)
        .parse_next(input)
}

fn late(input: &mut Tokens<'_>) -> Read<Condition> {
    call("late", silence).map(Condition::Late).parse_next(input)
}

fn signal(input: &mut Tokens<'_>) -> Read<Condition> {
    call("control", control)
        .map(Condition::Control)
        .parse_next(input)
}

/// `true` and `false`, where they are no functions.
fn truth(input: &mut Tokens<'_>) -> Read<Condition> {
    taken("`true` or `false`", |kind| match kind {
        Kind::Word(word) if word == "true" => Some(Condition::All(Vec::new())),
        Kind::Word(word) if word == "false" => Some(Condition::Any(Vec::new())),
        _ => None,
    })
    .parse_next(input)
}

/// A condition in brackets.
fn in_brackets(input: &mut Tokens<'_>) -> Read<Condition> {
    delimited(sign("(", "`(`"), cut_err(any), cut_err(sign(")", "`)`"))).parse_next(input)
}

/// Says whether the brackets that open here are those of a condition: what follows them tells.
fn brackets_hold_a_condition(input: &Tokens<'_>) -> bool {
    let mut open = 0_usize;
    for (by, token) in peeked(input).iter().enumerate() {
        match token.kind {
            Kind::Sign("(") => open += 1,
            Kind::Sign(")") => open = open.saturating_sub(1),
            _ => {}
        }
        if open == 0 {
            return match ahead(input, by + 1) {
                Kind::Sign(sign) => matches!(*sign, ")" | "," | "("),
                Kind::Word(word) => !matches!(word.as_str(), "between" | "rising" | "falling"),
                Kind::Quoted(_)
                | Kind::Number(_)
                | Kind::Percent(_)
                | Kind::Foreign(..)
                | Kind::End => true,
            };
        }
    }
    true
}

/// `at least 2 of (a, b, c)`.
fn at_least(input: &mut Tokens<'_>) -> Read<Condition> {
    let before = (word("at"), word("least"));
    let after = (word("of"), sign("(", "`(`"));
    let count = cut_err(delimited(before, count, after)).parse_next(input)?;
    let of = list(any).parse_next(input)?;
    Ok(Condition::AtLeast(AtLeast {
        count: u32::from(count),
        of,
    }))
}

/// `state(a) in (no_base, nothing_recorded)`.
fn states(input: &mut Tokens<'_>) -> Read<Condition> {
    let listed = preceded((word("in"), sign("(", "`(`")), list(state));
    (call("state", column), cut_err(listed))
        .map(|(of, is)| Condition::State(StateTest { of, is }))
        .parse_next(input)
}

/// `subject in (ann, bo) starting ("n-")`.
fn subject(input: &mut Tokens<'_>) -> Read<Condition> {
    // `in 2 of 3 months` may follow as well, so the bracket counts.
    let members = preceded((word("in"), sign("(", "`(`")), list(name));
    let listed = preceded(word("subject"), opt(members)).parse_next(input)?;
    let prefixes = cut_err(preceded(sign("(", "`(`"), list(name)));
    let starting = opt(preceded(word("starting"), prefixes)).parse_next(input)?;
    if listed.is_none() && starting.is_none() {
        let known = ["in", "starting"];
        return Err(unexpected(input, "`in (` or `starting (`", &known).cut());
    }
    Ok(Condition::Subject(SubjectTest {
        members: listed.unwrap_or_default(),
        starts_with: starting.unwrap_or_default(),
    }))
}

fn comparison(input: &mut Tokens<'_>) -> Read<Condition> {
    let left = operand(input)?;
    let other = || |input: &mut Tokens<'_>| other(input, &left);
    if opt(word("between")).parse_next(input)?.is_some() {
        let ends = (terminated(other(), word("and")), other());
        let (from, to) = cut_err(ends).parse_next(input)?;
        return Ok(Condition::Between(Between { of: left, from, to }));
    }
    let trend = |name, way: Way| {
        preceded(word(name), cut_err(preceded(word("for"), span))).map(move |span| (way, span))
    };
    let trend = alt((trend("rising", Way::Rising), trend("falling", Way::Falling)));
    if let Some((is, span)) = opt(trend).parse_next(input)? {
        return Ok(Condition::Trend(Trend { of: left, is, span }));
    }
    let is = alt((
        is_sign_of,
        expecting(
            "a comparison such as `<`, `between` or `falling`",
            &["between", "rising", "falling"],
        ),
    ))
    .parse_next(input)?;
    let right = cut_err(other()).parse_next(input)?;
    Ok(Condition::Compare(Comparison { left, is, right }))
}

fn is_sign_of(input: &mut Tokens<'_>) -> Read<Is> {
    taken("a comparison", |kind| match kind {
        Kind::Sign("<") => Some(Is::Below),
        Kind::Sign("<=") => Some(Is::AtMost),
        Kind::Sign("=") => Some(Is::Equal),
        Kind::Sign("!=") => Some(Is::NotEqual),
        Kind::Sign(">=") => Some(Is::AtLeast),
        Kind::Sign(">") => Some(Is::Above),
        _ => None,
    })
    .parse_next(input)
}

/// Reads the other side of a comparison, where `pace` alone is that of the first side's metric.
fn other(input: &mut Tokens<'_>, left: &Operand) -> Read<Operand> {
    input.state.metric = first_metric(left);
    let found = operand(input);
    input.state.metric = None;
    found
}
