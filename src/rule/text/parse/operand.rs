//! Operands: numbers, figures, and what is made of them.

use winnow::Parser;
use winnow::combinator::{cut_err, delimited, opt, preceded, terminated};

use super::super::token::Kind;
use super::stream::{
    Read, Tokens, ahead, at, call, deeper, is_sign, joined, sign, taken, unexpected, word, wrong,
};
use super::term::{count, minus, name, parameter_name, quiet, signed, span, span_if_given, unit};
use crate::key::Key;
use crate::measure::Unit;
use crate::quantity::Ratio;
use crate::rule::Operand;
use crate::rule::operand::{Constant, Previous, Quotient, Scaled, TrailingMean};
use crate::rule::text::error::TextError;

/// All functions, those of conditions too: for the nearest name.
const FUNCTIONS: [&str; 22] = [
    "target",
    "expected",
    "projected",
    "below",
    "quiet",
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
    "missing",
    "state",
    "stale",
    "late",
    "all",
    "control",
];

/// `a - b - c`.
pub(super) fn operand(input: &mut Tokens<'_>) -> Read<Operand> {
    let less = preceded(sign("-", "`-`"), cut_err(quotient));
    let join = |of, less| Operand::Difference {
        of: Box::new(of),
        less: Box::new(less),
    };
    joined(quotient, less, join).parse_next(input)
}

/// `a / b / c`.
fn quotient(input: &mut Tokens<'_>) -> Read<Operand> {
    let to = preceded(sign("/", "`/`"), cut_err(factor));
    let join = |of, to| {
        Operand::Ratio(Quotient {
            of: Box::new(of),
            to: Box::new(to),
        })
    };
    joined(factor, to, join).parse_next(input)
}

fn factor(input: &mut Tokens<'_>) -> Read<Operand> {
    deeper(factor_here).parse_next(input)
}

/// One operand: its first word or sign tells which.
fn factor_here(input: &mut Tokens<'_>) -> Read<Operand> {
    let read: fn(&mut Tokens<'_>) -> Read<Operand> =
        match (ahead(input, 0), is_sign(ahead(input, 1), "(")) {
            (Kind::Number(_) | Kind::Percent(_) | Kind::Sign("-"), _) => number,
            (Kind::Sign("$"), _) => parameter,
            (Kind::Sign("("), _) => in_brackets,
            (Kind::Word(_), true) => function,
            (Kind::Word(word), false) if alone(word).is_some() => figure_alone,
            (Kind::Word(_) | Kind::Quoted(_), _) => metric,
            (Kind::Sign(_) | Kind::Foreign(..) | Kind::End, _) => {
                let expected = "a metric, a number or a function";
                return Err(unexpected(input, expected, &[]));
            }
        };
    read(input)
}

fn parameter(input: &mut Tokens<'_>) -> Read<Operand> {
    preceded(sign("$", "`$`"), cut_err(parameter_name))
        .map(Operand::Parameter)
        .parse_next(input)
}

fn in_brackets(input: &mut Tokens<'_>) -> Read<Operand> {
    delimited(
        sign("(", "`(`"),
        cut_err(operand),
        cut_err(sign(")", "`)`")),
    )
    .parse_next(input)
}

/// A number with its unit, or a part of another operand: `80%`, `5000 money:EUR`, `80% of a`.
fn number(input: &mut Tokens<'_>) -> Read<Operand> {
    let at = at(input);
    let negative = minus(input)?;
    let value = taken("a number", |kind| match kind {
        Kind::Number(value) => Some((*value, None)),
        Kind::Percent(value) => Some((*value, Some(Unit::Share))),
        _ => None,
    });
    let (value, share): (Ratio, Option<Unit>) = if negative {
        cut_err(value).parse_next(input)?
    } else {
        { value }.parse_next(input)?
    };
    let factor_of = preceded(word("of"), cut_err(factor));
    let value = signed(value, negative, at)?;
    if let Some(of) = opt(factor_of).parse_next(input)? {
        return Ok(Operand::Scaled(Scaled {
            factor: value,
            of: Box::new(of),
        }));
    }
    let unit = match share {
        Some(share) => Some(share),
        None => cut_err(unit).parse_next(input)?,
    };
    Ok(Operand::Constant(Constant { value, unit }))
}

/// A function and what it makes of its argument.
type Made<T> = (&'static str, fn(T) -> Operand);

/// A function of a metric, of another operand, or of other periods.
fn function(input: &mut Tokens<'_>) -> Read<Operand> {
    let Kind::Word(word) = ahead(input, 0) else {
        return Err(unexpected(input, "a function", &FUNCTIONS));
    };
    let of_metric: Option<Made<Key>> = match word.as_str() {
        "target" => Some(("target", Operand::Target)),
        "expected" => Some(("expected", Operand::Expected)),
        "projected" => Some(("projected", Operand::Projected)),
        "below" => Some(("below", Operand::Below)),
        "attainment" => Some(("attainment", Operand::Attainment)),
        "pace" => Some(("pace", Operand::Pace)),
        "gap" => Some(("gap", Operand::Gap)),
        _ => None,
    };
    if let Some((word, made)) = of_metric {
        return call(word, name).map(made).parse_next(input);
    }
    let of_operand: Option<Made<Box<Operand>>> = match word.as_str() {
        "last_year" => Some(("last_year", Operand::LastYear)),
        "rank" => Some(("rank", Operand::Rank)),
        "percentile" => Some(("percentile", Operand::Percentile)),
        "from_median" => Some(("from_median", Operand::FromMedian)),
        "score" => Some(("score", Operand::Score)),
        _ => None,
    };
    if let Some((word, made)) = of_operand {
        return call(word, boxed).map(made).parse_next(input);
    }
    match word.as_str() {
        "previous" => call("previous", previous).parse_next(input),
        "change" => call("change", change).parse_next(input),
        "mean" => call("mean", mean).parse_next(input),
        "quiet" => call("quiet", quiet).map(Operand::Quiet).parse_next(input),
        _ => Err(unexpected(input, "a function", &FUNCTIONS).cut()),
    }
}

fn boxed(input: &mut Tokens<'_>) -> Read<Box<Operand>> {
    operand.map(Box::new).parse_next(input)
}

fn previous(input: &mut Tokens<'_>) -> Read<Operand> {
    (boxed, span_if_given)
        .map(|(of, span)| Operand::Previous(Previous { of, span }))
        .parse_next(input)
}

fn change(input: &mut Tokens<'_>) -> Read<Operand> {
    (terminated(boxed, sign(",", "`,`")), boxed)
        .map(|(of, against)| Operand::Change { of, against })
        .parse_next(input)
}

fn mean(input: &mut Tokens<'_>) -> Read<Operand> {
    let known = opt(preceded(sign(",", "`,`"), cut_err(count)));
    (terminated(boxed, sign(",", "`,`")), span, known)
        .map(|(of, span, known)| Operand::TrailingMean(TrailingMean { of, span, known }))
        .parse_next(input)
}

/// Returns the figure that a word alone is of the metric on the other side.
fn alone(word: &str) -> Option<Made<Key>> {
    match word {
        "pace" => Some(("pace", Operand::Pace)),
        "target" => Some(("target", Operand::Target)),
        "expected" => Some(("expected", Operand::Expected)),
        "projected" => Some(("projected", Operand::Projected)),
        _ => None,
    }
}

/// `pace` or `target` alone: that of the metric on the other side.
fn figure_alone(input: &mut Tokens<'_>) -> Read<Operand> {
    let Kind::Word(found) = ahead(input, 0) else {
        return Err(unexpected(input, "a figure", &FUNCTIONS));
    };
    let Some((name, made)) = alone(found) else {
        return Err(unexpected(input, "a figure", &FUNCTIONS));
    };
    match input.state.metric.clone() {
        Some(metric) => word(name).value(made(metric)).parse_next(input),
        None => Err(wrong(TextError::Whose {
            at: at(input),
            word: name,
        })),
    }
}

fn metric(input: &mut Tokens<'_>) -> Read<Operand> {
    cut_err(name).map(Operand::Metric).parse_next(input)
}

/// Returns the first metric that an operand names.
pub(super) fn first_metric(operand: &Operand) -> Option<Key> {
    match operand {
        Operand::Metric(metric)
        | Operand::Target(metric)
        | Operand::Expected(metric)
        | Operand::Projected(metric)
        | Operand::Attainment(metric)
        | Operand::Pace(metric)
        | Operand::Gap(metric) => Some(metric.clone()),
        // What comes of an event has no pace, and a rule is no metric.
        Operand::Below(_) | Operand::Quiet(_) => None,
        other => {
            let mut found = None;
            other.children(|_, child| found = found.take().or_else(|| first_metric(child)));
            found
        }
    }
}
