//! Printing: as few brackets as read back to the same.

use super::words::state_word;
use std::fmt;

use super::token::{is_word, name, parameter, quoted};
use crate::calendar::Grain;
use crate::control::{Around, Baseline, Run, Signal, Smoothing, Sums, Tail};
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::{ColumnKey, Reason, Role};
use crate::quantity::Ratio;
use crate::rule::Control;
use crate::rule::condition::{
    AtLeast, Between, Comparison, Consecutive, Silence, StateTest, SubjectTest, Trend, Way, Within,
};
use crate::rule::operand::{Constant, Previous, Quiet, QuietTime, Quotient, Scaled, TrailingMean};
use crate::rule::supplied::supplied;
use crate::rule::{Condition, Operand, Span};

/// How tightly something binds: what binds looser than its place asks for stands in brackets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Or,
    And,
    Not,
    Lasting,
    Compared,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare(Comparison { left, is, right }) => {
                write!(f, "{left} {} {right}", is.sign())
            }
            Self::Between(Between { of, from, to }) => write!(f, "{of} between {from} and {to}"),
            Self::State(StateTest { of, is }) if is[..] == [Some(Reason::NothingRecorded)] => {
                write!(f, "missing({})", column(of))
            }
            Self::State(StateTest { of, is }) => {
                let states: Vec<&str> = is.iter().map(|state| state_word(*state)).collect();
                write!(f, "state({}) in ({})", column(of), states.join(", "))
            }
            Self::Stale(Silence { of, span }) => {
                write!(f, "stale({}, {})", column(of), periods(*span))
            }
            Self::Late(Silence { of, span }) => {
                write!(f, "late({}, {})", column(of), periods(*span))
            }
            Self::Subject(SubjectTest {
                members,
                starts_with,
            }) => {
                f.write_str("subject")?;
                if !members.is_empty() || starts_with.is_empty() {
                    write!(f, " in ({})", names(members))?;
                }
                if !starts_with.is_empty() {
                    write!(f, " starting ({})", names(starts_with))?;
                }
                Ok(())
            }
            Self::All(all) if all.is_empty() => f.write_str("true"),
            Self::Any(any) if any.is_empty() => f.write_str("false"),
            Self::All(all) if all.len() == 1 => write!(f, "all({})", all[0]),
            Self::Any(any) if any.len() == 1 => write!(f, "any({})", any[0]),
            Self::All(all) => joined(f, all, " and ", Binding::Not),
            Self::Any(any) => joined(f, any, " or ", Binding::And),
            Self::Not(of) => {
                f.write_str("not ")?;
                bound(f, of, Binding::Not)
            }
            Self::AtLeast(AtLeast { count, of }) => {
                let parts: Vec<String> = of.iter().map(ToString::to_string).collect();
                write!(f, "at least {count} of ({})", parts.join(", "))
            }
            Self::Consecutive(Consecutive { span, of }) => {
                bound(f, of, Binding::Lasting)?;
                write!(f, " for {}", periods(*span))
            }
            Self::Within(Within { count, span, of }) => {
                bound(f, of, Binding::Lasting)?;
                write!(f, " in {count} of {}", periods(*span))
            }
            Self::Control(control) => self::control(f, control),
            Self::Trend(Trend { of, is, span }) => {
                let way = match is {
                    Way::Rising => "rising",
                    Way::Falling => "falling",
                };
                write!(f, "{of} {way} for {}", periods(*span))
            }
        }
    }
}

fn binding(condition: &Condition) -> Binding {
    match condition {
        Condition::Any(any) if any.len() > 1 => Binding::Or,
        Condition::All(all) if all.len() > 1 => Binding::And,
        Condition::Not(_) => Binding::Not,
        Condition::Consecutive(_) | Condition::Within(_) => Binding::Lasting,
        _ => Binding::Compared,
    }
}

fn bound(f: &mut fmt::Formatter<'_>, condition: &Condition, at_least: Binding) -> fmt::Result {
    if binding(condition) < at_least {
        write!(f, "({condition})")
    } else {
        write!(f, "{condition}")
    }
}

fn joined(
    f: &mut fmt::Formatter<'_>,
    list: &[Condition],
    by: &str,
    at_least: Binding,
) -> fmt::Result {
    for (index, condition) in list.iter().enumerate() {
        if index > 0 {
            f.write_str(by)?;
        }
        bound(f, condition, at_least)?;
    }
    Ok(())
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = |f: &mut fmt::Formatter<'_>, function: &str, metric: &Key| {
            write!(f, "{function}({})", name(metric))
        };
        match self {
            Self::Constant(Constant { value, unit }) => constant(f, *value, unit.as_ref()),
            Self::Parameter(key) => write!(f, "${}", parameter(key)),
            Self::Metric(metric) => f.write_str(&name(metric)),
            Self::Target(metric) => call(f, "target", metric),
            Self::Expected(metric) => call(f, "expected", metric),
            Self::Projected(metric) => call(f, "projected", metric),
            Self::Below(rule) => call(f, "below", rule),
            Self::Quiet(Quiet { of, time }) => f.write_str(&quiet(of, *time)),
            Self::Attainment(metric) => call(f, "attainment", metric),
            Self::Pace(metric) => call(f, "pace", metric),
            Self::Gap(metric) => call(f, "gap", metric),
            Self::Difference { of, less } => {
                write!(f, "{of} - ")?;
                bracketed(f, less, matches!(&**less, Self::Difference { .. }))
            }
            Self::Ratio(Quotient { of, to }) => {
                bracketed(f, of, matches!(&**of, Self::Difference { .. }))?;
                f.write_str(" / ")?;
                bracketed(
                    f,
                    to,
                    matches!(&**to, Self::Difference { .. } | Self::Ratio(_)),
                )
            }
            Self::Scaled(Scaled { factor, of }) => {
                match percent(*factor) {
                    Some(percent) => write!(f, "{percent}% of ")?,
                    None => write!(f, "{factor} of ")?,
                }
                bracketed(
                    f,
                    of,
                    matches!(&**of, Self::Difference { .. } | Self::Ratio(_)),
                )
            }
            Self::Previous(Previous { of, span }) if *span == Span::default() => {
                write!(f, "previous({of})")
            }
            Self::Previous(Previous { of, span }) => {
                write!(f, "previous({of}, {})", periods(*span))
            }
            Self::LastYear(of) => write!(f, "last_year({of})"),
            Self::Change { of, against } => write!(f, "change({of}, {against})"),
            Self::TrailingMean(TrailingMean {
                of,
                span,
                known: None,
            }) => {
                write!(f, "mean({of}, {})", periods(*span))
            }
            Self::TrailingMean(TrailingMean {
                of,
                span,
                known: Some(known),
            }) => {
                write!(f, "mean({of}, {}, {known})", periods(*span))
            }
            Self::Rank(of) => write!(f, "rank({of})"),
            Self::Percentile(of) => write!(f, "percentile({of})"),
            Self::FromMedian(of) => write!(f, "from_median({of})"),
            Self::Score(of) => write!(f, "score({of})"),
        }
    }
}

fn bracketed(f: &mut fmt::Formatter<'_>, operand: &Operand, brackets: bool) -> fmt::Result {
    if brackets {
        write!(f, "({operand})")
    } else {
        write!(f, "{operand}")
    }
}

fn constant(f: &mut fmt::Formatter<'_>, value: Ratio, unit: Option<&Unit>) -> fmt::Result {
    match unit {
        None => write!(f, "{value}"),
        Some(Unit::Share) => match percent(value) {
            Some(percent) => write!(f, "{percent}%"),
            None => write!(f, "{value} share"),
        },
        Some(unit) => {
            let text = unit.to_string();
            // Words joined by `per` read back as they are; a unit of oddly named things does not.
            let plain = text.split(' ').all(|word| {
                let mut parts = word.split(':');
                parts.all(is_word) && word.matches(':').count() < 2
            });
            let inner = text.split(" per ").all(|part| !part.contains(' '));
            if plain && inner {
                write!(f, "{value} {text}")
            } else {
                write!(f, "{value} {}", quoted(&text))
            }
        }
    }
}

fn percent(value: Ratio) -> Option<Ratio> {
    value
        .checked_mul(Ratio::from(100))
        .ok()
        .filter(|percent| percent.exact_decimal().is_some())
}

pub(super) fn periods(span: Span) -> String {
    let word = match (span.grain, span.count == 1) {
        (None, true) => "period",
        (None, false) => "periods",
        (Some(Grain::Half), false) => "halves",
        (Some(grain), true) => grain.name(),
        (Some(grain), false) => return format!("{} {}s", span.count, grain.name()),
    };
    format!("{} {word}", span.count)
}

fn column(key: &ColumnKey) -> String {
    if let Some(supplied) = supplied(key) {
        return supplied.to_string();
    }
    let metric = name(&key.metric);
    match key.role {
        Role::Actual => metric,
        Role::Target => format!("target({metric})"),
        Role::Base => format!("base({metric})"),
        Role::Expected => format!("expected({metric})"),
        Role::Projected => format!("projected({metric})"),
    }
}

fn quiet(of: &Key, time: QuietTime) -> String {
    let of = name(of);
    match time {
        QuietTime::Days => format!("quiet({of})"),
        QuietTime::WorkingDays => format!("quiet({of}, working days)"),
        QuietTime::WorkingTime => format!("quiet({of}, working time)"),
    }
}

fn names(keys: &[Key]) -> String {
    keys.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn control(f: &mut fmt::Formatter<'_>, control: &Control) -> fmt::Result {
    write!(f, "control({}, ", control.of)?;
    match control.baseline {
        Baseline::First(periods) => write!(f, "first {periods}, ")?,
        Baseline::Around(Around { centre, sigma }) => write!(f, "around {centre} {sigma}, ")?,
    }
    match control.signal {
        Signal::Run(Run::OneSide(points)) => write!(f, "one_side {points}")?,
        Signal::Run(run) => f.write_str(run_word(run))?,
        Signal::Ewma(Smoothing { lambda, factor }) => write!(f, "ewma {lambda} {factor}")?,
        Signal::Cusum(Sums {
            allowance,
            interval,
        }) => write!(f, "cusum {allowance} {interval}")?,
    }
    f.write_str(match control.side {
        Tail::Either => ")",
        Tail::High => ", high)",
        Tail::Low => ", low)",
    })
}

pub(super) fn run_word(run: Run) -> &'static str {
    match run {
        Run::BeyondThree => "beyond_three",
        Run::TwoOfThree => "two_of_three",
        Run::FourOfFive => "four_of_five",
        Run::OneSide(_) => "one_side",
        Run::SixTrending => "six_trending",
        Run::FourteenAlternating => "fourteen_alternating",
        Run::FifteenWithin => "fifteen_within",
        Run::EightBeyondBoth => "eight_beyond_both",
        Run::EightBeyondAny => "eight_beyond_any",
    }
}
