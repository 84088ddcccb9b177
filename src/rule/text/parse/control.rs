//! Signals of control charts.

use winnow::Parser;
use winnow::combinator::{alt, cut_err, opt, preceded, terminated};

use super::super::print::run_word;
use super::operand::operand;
use super::stream::{
    Read, Tokens, ahead, expecting, is_word, one_of_words, sign, unexpected, word,
};
use super::term::{count, plain};
use crate::control::{Around, Baseline, Run, Signal, Smoothing, Sums, Tail};
use crate::rule::Control;

const RUNS: [Run; 8] = [
    Run::BeyondThree,
    Run::TwoOfThree,
    Run::FourOfFive,
    Run::SixTrending,
    Run::FourteenAlternating,
    Run::FifteenWithin,
    Run::EightBeyondBoth,
    Run::EightBeyondAny,
];

pub(super) fn control(input: &mut Tokens<'_>) -> Read<Control> {
    let comma = || sign(",", "`,`");
    let sides = one_of_words(
        &[("high", Tail::High), ("low", Tail::Low)],
        "`high` or `low`",
    );
    (
        terminated(operand, comma()),
        terminated(baseline, comma()),
        signal,
        opt(preceded(comma(), cut_err(sides))),
    )
        .map(|(of, baseline, signal, side)| Control {
            of,
            baseline,
            signal,
            side: side.unwrap_or(Tail::Either),
        })
        .parse_next(input)
}

fn baseline(input: &mut Tokens<'_>) -> Read<Baseline> {
    let around = (plain, plain).map(|(centre, sigma)| Around { centre, sigma });
    alt((
        preceded(word("first"), cut_err(count)).map(Baseline::First),
        preceded(word("around"), cut_err(around)).map(Baseline::Around),
        expecting("`first` or `around`", &["first", "around"]),
    ))
    .parse_next(input)
}

fn signal(input: &mut Tokens<'_>) -> Read<Signal> {
    let smoothing = (plain, plain).map(|(lambda, factor)| Smoothing { lambda, factor });
    let sums = (plain, plain).map(|(allowance, interval)| Sums {
        allowance,
        interval,
    });
    alt((
        preceded(word("one_side"), cut_err(points)).map(|points| Signal::Run(Run::OneSide(points))),
        preceded(word("ewma"), cut_err(smoothing)).map(Signal::Ewma),
        preceded(word("cusum"), cut_err(sums)).map(Signal::Cusum),
        run,
    ))
    .parse_next(input)
}

fn points(input: &mut Tokens<'_>) -> Read<u8> {
    let points = count(input)?;
    u8::try_from(points).map_err(|_| unexpected(input, "fewer than 256 points", &[]))
}

fn run(input: &mut Tokens<'_>) -> Read<Signal> {
    let mut runs = RUNS.into_iter();
    if let Some(run) = runs.find(|run| is_word(ahead(input, 0), run_word(*run))) {
        return word(run_word(run))
            .value(Signal::Run(run))
            .parse_next(input);
    }
    let words = RUNS.map(run_word).into_iter();
    let known: Vec<&'static str> = words.chain(["one_side", "ewma", "cusum"]).collect();
    Err(unexpected(
        input,
        "a signal such as `beyond_three`, `ewma 0.2 3` or `cusum 0.5 4`",
        &known,
    ))
}
