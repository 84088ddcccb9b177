//! What the pace says of one target: where it should be, where it is, where it will end, and whether that can be.

use serde::Serialize;

use super::{Approach, Phase, Progress, Projection};
use crate::measure::Direction;
use crate::panel::{Figure, Reason};
use crate::quantity::{Quantity, QuantityError, Quantum, Ratio, Rounding, divide};

/// A number of whole quanta, or why there is none.
pub(super) type Cell = Result<i64, Reason>;
/// An exact number of quanta or of anything else, or why there is none.
pub(super) type Exact = Result<Ratio, Reason>;
/// A numerator and a denominator, or why there is no quotient.
pub(super) type Parts = Result<(i64, i64), Reason>;

/// Everything that the pace of one target is told from, in whole quanta.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub quantum: Quantum,
    pub direction: Direction,
    pub approach: Approach,
    pub rounding: Rounding,
    pub projection: &'a Projection,
    pub progress: Progress,
    pub target: Cell,
    pub actual: Cell,
    /// The level at which a gliding target starts.
    pub opening: Cell,
    /// What the cascaded targets say should have been reached.
    pub cascaded: Option<Exact>,
    /// What the latest days brought, and how much they count.
    pub latest: (Cell, Ratio),
    /// An earlier period up to the same point, and whole.
    pub earlier: (Cell, Cell),
    /// The best rate so far, in quanta for a day that counts one.
    pub best: Option<Ratio>,
}

/// Whether a target can still be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reach {
    /// The target is reached; or it is a limit, the period has ended, and the limit was kept.
    Reached,
    /// The period has ended without reaching the target, or the limit is passed for good.
    Missed {
        /// By how much.
        by: Quantity,
    },
    /// The rest can be reached at the best rate so far; or the limit is kept up to now.
    Possible,
    /// Even at the best rate so far, every day until the end, the target is missed.
    BeyondBest {
        /// By how much it would be missed.
        by: Quantity,
    },
    /// The target is not reached and no best rate is known to hold it against.
    Untested,
    /// There is no answer: the period has not begun, or a number is missing.
    Unknown(Reason),
}

/// What the pace says of one target.
///
/// Expected and projected amounts and the gap are exact fractions of the quantum: nothing is rounded before it is compared.
/// [`Trajectory::rounded`] makes whole quanta of them, to be shown or where something whole has to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Trajectory {
    /// Whether the period has begun and ended.
    pub phase: Phase,
    /// What should be reached at the end.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub target: Result<Figure, Reason>,
    /// What was reached.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub actual: Result<Figure, Reason>,
    /// What should have been reached by now.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub expected: Result<Figure, Reason>,
    /// What was reached minus what should have been; whether more is good is the metric's direction.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub gap: Result<Figure, Reason>,
    /// What was reached over what should have been: 1 is exactly on pace.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub attainment: Result<Figure, Reason>,
    /// What will be reached at the end.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub projected: Result<Figure, Reason>,
    /// What is missing, for each day that is left; negative when the target is passed. Not applicable after the end.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub needed_per_day: Result<Figure, Reason>,
    /// Whether the target can still be reached.
    pub reach: Reach,
    #[serde(skip)]
    quantum: Quantum,
    #[serde(skip)]
    rounding: Rounding,
}

impl Trajectory {
    /// Returns one of its amounts in whole quanta of the target, rounded as the pace says; `None` where there is no figure,
    /// or one beyond 64 bits.
    #[must_use]
    pub fn rounded(&self, amount: Result<Figure, Reason>) -> Option<Quantity> {
        match amount.ok()? {
            Figure::Amount(quantity) => Some(quantity),
            figure @ Figure::Quotient { .. } => {
                let units = self
                    .quantum
                    .round(figure.ratio().ok()?, self.rounding)
                    .ok()?;
                Some(self.quantum.quantity(units))
            }
        }
    }

    pub(super) fn of(facts: &Facts<'_>) -> Self {
        let amount = |cell: Cell| answer(cell, facts.quantum);
        let exact = |value: Exact| quotient(value.and_then(fit), facts.quantum.ratio());
        Self {
            phase: facts.progress.phase,
            target: amount(facts.target),
            actual: amount(facts.actual_now()),
            expected: exact(facts.expected()),
            gap: exact(facts.gap()),
            attainment: quotient(facts.attainment().and_then(fit), Ratio::ONE),
            projected: exact(facts.projected()),
            needed_per_day: quotient(facts.needed_per_day(), facts.quantum.ratio()),
            reach: facts.reach(),
            quantum: facts.quantum,
            rounding: facts.rounding,
        }
    }
}

fn answer(cell: Cell, quantum: Quantum) -> Result<Figure, Reason> {
    match cell {
        Ok(units) => Ok(Figure::units(units, quantum)),
        Err(state) => Err(state),
    }
}

fn quotient(parts: Parts, scale: Ratio) -> Result<Figure, Reason> {
    match parts {
        Ok((numerator, denominator)) => Ok(Figure::Quotient {
            numerator,
            denominator,
            scale,
        }),
        Err(state) => Err(state),
    }
}

/// Returns a number as a fraction in 64 bits. One that is too fine for that (a season of weights with many digits, say)
/// is rounded to the millionth, the thousandth or the whole, whichever is the finest that fits.
pub(super) fn fit(value: Ratio) -> Parts {
    let narrow = |top: i128, bottom: i128| i64::try_from(top).ok().zip(i64::try_from(bottom).ok());
    if let Some(parts) = narrow(value.numerator(), value.denominator()) {
        return Ok(parts);
    }
    let rounded = |steps: i128| {
        let top = value.numerator().checked_mul(steps)?;
        narrow(
            divide(top, value.denominator(), Rounding::default())?,
            steps,
        )
    };
    [1_000_000, 1_000, 1]
        .into_iter()
        .find_map(rounded)
        .ok_or(Reason::OutOfRange)
}

fn beyond<T>(value: Result<T, QuantityError>) -> Result<T, Reason> {
    value.map_err(|_| Reason::OutOfRange)
}

fn subtract(left: i64, right: i64) -> Cell {
    left.checked_sub(right).ok_or(Reason::OutOfRange)
}

impl Facts<'_> {
    fn actual_now(&self) -> Cell {
        match self.progress.phase {
            Phase::NotBegun => Err(Reason::NotYetDue),
            Phase::Running | Phase::Ended => self.actual,
        }
    }

    /// Where the way to the target starts: at nothing for what accumulates.
    fn start(&self) -> Cell {
        match self.approach {
            Approach::Accumulates => Ok(0),
            Approach::Glides => self.opening,
            Approach::Holds => self.target,
        }
    }

    pub(super) fn expected(&self) -> Exact {
        match self.progress.phase {
            Phase::NotBegun => return Err(Reason::NotYetDue),
            Phase::Ended => return self.target.map(Ratio::from),
            Phase::Running => {}
        }
        let target = self.target?;
        if self.approach == Approach::Holds {
            return Ok(Ratio::from(target));
        }
        if let Some(cascaded) = self.cascaded {
            return cascaded;
        }
        let start = self.start()?;
        let way = subtract(target, start)?;
        let done = match self.progress.share() {
            Some(share) => beyond(share.checked_mul(Ratio::from(way)))?,
            None if way == 0 => Ratio::ZERO,
            None => return Err(Reason::NoBase),
        };
        beyond(done.checked_add(Ratio::from(start)))
    }

    pub(super) fn gap(&self) -> Exact {
        beyond(Ratio::from(self.actual_now()?).checked_sub(self.expected()?))
    }

    pub(super) fn attainment(&self) -> Exact {
        let (actual, expected) = (self.actual_now()?, self.expected()?);
        if expected.is_zero() {
            return Err(Reason::NoBase);
        }
        beyond(Ratio::from(actual).checked_div(expected))
    }

    /// Returns the attainment over a common part of the quantum, so that attainments add up part by part.
    pub(super) fn attainment_parts(&self, common: Option<i128>) -> Parts {
        let (actual, expected) = (self.actual_now()?, self.expected()?);
        let parts = common.and_then(|common| {
            let sign = if expected.is_negative() { -1 } else { 1 };
            let top = i128::from(actual).checked_mul(common)?.checked_mul(sign)?;
            let bottom = expected
                .numerator()
                .checked_mul(common / expected.denominator())?;
            let bottom = i64::try_from(bottom.checked_mul(sign)?).ok()?;
            i64::try_from(top)
                .ok()
                .zip(Some(bottom).filter(|bottom| *bottom > 0))
        });
        match parts {
            Some(parts) => Ok(parts),
            None => self.attainment().and_then(fit),
        }
    }

    pub(super) fn projected(&self) -> Exact {
        let actual = self.actual_now()?;
        if self.progress.phase == Phase::Ended || self.approach == Approach::Holds {
            return Ok(Ratio::from(actual));
        }
        match self.projection {
            Projection::RunRate => self.run_rate(actual),
            Projection::RestAsPlanned => self.rest_as_planned(actual),
            Projection::Blend { trust } => {
                let rate = self.run_rate(actual)?;
                let plan = self.rest_as_planned(actual)?;
                let blend = || {
                    let other = Ratio::ONE.checked_sub(trust.share())?;
                    let rate = rate.checked_mul(trust.share())?;
                    rate.checked_add(plan.checked_mul(other)?)
                };
                beyond(blend())
            }
            Projection::Recent { .. } => {
                let (latest, weight) = (Ratio::from(self.latest.0?), self.latest.1);
                let Ok(rate) = latest.checked_div(weight) else {
                    return Err(Reason::NoBase);
                };
                let rest = rate.checked_mul(self.progress.days_left);
                beyond(rest.and_then(|rest| rest.checked_add(Ratio::from(actual))))
            }
            Projection::Growth { .. } => {
                let (to_date, whole) = (self.earlier.0?, self.earlier.1?);
                if to_date == 0 {
                    return Err(Reason::NoBase);
                }
                let grown = Ratio::new(i128::from(actual), i128::from(to_date));
                beyond(grown.and_then(|grown| grown.checked_mul(Ratio::from(whole))))
            }
        }
    }

    fn run_rate(&self, actual: i64) -> Exact {
        let share = match self.cascaded {
            None => self.progress.share(),
            Some(cascaded) => cascaded?.checked_div(Ratio::from(self.target?)).ok(),
        };
        let share = share
            .filter(|share| !share.is_zero())
            .ok_or(Reason::NoBase)?;
        let start = self.start()?;
        let whole = Ratio::from(subtract(actual, start)?).checked_div(share);
        beyond(whole.and_then(|whole| whole.checked_add(Ratio::from(start))))
    }

    fn rest_as_planned(&self, actual: i64) -> Exact {
        let rest = Ratio::from(self.target?).checked_sub(self.expected()?);
        beyond(rest.and_then(|rest| rest.checked_add(Ratio::from(actual))))
    }

    pub(super) fn needed_per_day(&self) -> Parts {
        match self.progress.phase {
            Phase::NotBegun => return Err(Reason::NotYetDue),
            Phase::Ended => return Err(Reason::NotApplicable),
            Phase::Running => {}
        }
        let missing = subtract(self.target?, self.actual?)?;
        if self.progress.days_left.is_zero() {
            return Err(Reason::NoBase);
        }
        let rate = Ratio::from(missing).checked_div(self.progress.days_left);
        let rate = rate.map_err(|_| Reason::OutOfRange)?;
        let parts = (
            i64::try_from(rate.numerator()),
            i64::try_from(rate.denominator()),
        );
        match parts {
            (Ok(numerator), Ok(denominator)) => Ok((numerator, denominator)),
            _ => Err(Reason::OutOfRange),
        }
    }

    /// Returns what is missing at the end even if every day left is as good as the best one, or passes the limit.
    pub(super) fn sure_shortfall(&self) -> Cell {
        match self.reach() {
            Reach::Reached | Reach::Possible => Ok(0),
            Reach::Missed { by } | Reach::BeyondBest { by } => Ok(by.units()),
            Reach::Untested => Err(Reason::NothingRecorded),
            Reach::Unknown(state) => Err(state),
        }
    }

    pub(super) fn reach(&self) -> Reach {
        self.try_reach().unwrap_or_else(Reach::Unknown)
    }

    fn try_reach(&self) -> Result<Reach, Reason> {
        let (actual, target) = (self.actual_now()?, self.target?);
        let missing = match self.direction {
            Direction::Larger => subtract(target, actual)?,
            Direction::Smaller => subtract(actual, target)?,
            Direction::Target | Direction::Neutral => return Err(Reason::NotApplicable),
        };
        let missed = |units: i64| Reach::Missed {
            by: self.quantum.quantity(units),
        };
        let ended = self.progress.phase == Phase::Ended;
        match self.direction {
            Direction::Smaller => Ok(match (missing > 0, ended, self.approach) {
                (false, true, _) => Reach::Reached,
                (false, false, _) => Reach::Possible,
                (true, true, _) | (true, false, Approach::Accumulates) => missed(missing),
                // A balance above its limit can come down again.
                (true, false, Approach::Glides | Approach::Holds) => Reach::Untested,
            }),
            _ if missing <= 0 => Ok(Reach::Reached),
            _ if ended => Ok(missed(missing)),
            _ => self.against_best(missing),
        }
    }

    fn against_best(&self, missing: i64) -> Result<Reach, Reason> {
        if self.progress.days_left.is_zero() {
            return Ok(Reach::BeyondBest {
                by: self.quantum.quantity(missing),
            });
        }
        let Some(best) = self.best else {
            return Ok(Reach::Untested);
        };
        let most = best
            .checked_mul(self.progress.days_left)
            .map_err(|_| Reason::OutOfRange)?;
        let most = divide(most.numerator(), most.denominator(), Rounding::Floor);
        let most = most
            .and_then(|most| i64::try_from(most).ok())
            .ok_or(Reason::OutOfRange)?;
        match subtract(missing, most.max(0))? {
            short if short > 0 => Ok(Reach::BeyondBest {
                by: self.quantum.quantity(short),
            }),
            _ => Ok(Reach::Possible),
        }
    }
}
