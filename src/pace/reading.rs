//! What the pace says of one target: where it should be, where it is, where it will end, and whether that can be.

use serde::Serialize;

use super::{Course, Phase, Progress, Projection};
use crate::measure::Direction;
use crate::panel::{Figure, Found, Reason};
use crate::quantity::{Quantity, Quantum, Ratio, Rounding, divide, mul_divide};

/// A number of whole quanta, or why there is none.
pub(super) type Cell = Result<i64, Reason>;
/// A numerator and a denominator, or why there is no quotient.
pub(super) type Parts = Result<(i64, i64), Reason>;

/// Everything that the pace of one target is told from, in whole quanta.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub quantum: Quantum,
    pub direction: Direction,
    pub course: Course,
    pub rounding: Rounding,
    pub projection: &'a Projection,
    pub progress: Progress,
    pub target: Cell,
    pub actual: Cell,
    /// The level at which a gliding target starts.
    pub opening: Cell,
    /// What the cascaded targets say should have been reached.
    pub cascaded: Option<Cell>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Whether the period has begun and ended.
    pub phase: Phase,
    /// What should be reached at the end.
    pub target: Found,
    /// What was reached.
    pub actual: Found,
    /// What should have been reached by now.
    pub expected: Found,
    /// What was reached minus what should have been; whether more is good is the metric's direction.
    pub gap: Found,
    /// What was reached over what should have been: 1 is exactly on pace.
    pub attainment: Found,
    /// What will be reached at the end.
    pub projected: Found,
    /// What is missing, for each day that is left; negative when the target is passed. Not applicable after the end.
    pub needed_per_day: Found,
    /// Whether the target can still be reached.
    pub reach: Reach,
}

impl Reading {
    pub(super) fn of(facts: &Facts<'_>) -> Self {
        let amount = |cell: Cell| answer(cell, facts.quantum);
        let expected = facts.expected();
        Self {
            phase: facts.progress.phase,
            target: amount(facts.target),
            actual: amount(facts.actual_now()),
            expected: amount(expected),
            gap: amount(facts.gap()),
            attainment: quotient(facts.attainment(), Ratio::ONE),
            projected: amount(facts.projected()),
            needed_per_day: quotient(facts.needed_per_day(), facts.quantum.ratio()),
            reach: facts.reach(),
        }
    }
}

fn answer(cell: Cell, quantum: Quantum) -> Found {
    match cell {
        Ok(units) => Found::Figure(Figure::units(units, quantum)),
        Err(state) => Found::None(state),
    }
}

fn quotient(parts: Parts, scale: Ratio) -> Found {
    match parts {
        Ok((numerator, denominator)) => Found::Figure(Figure::Quotient {
            numerator,
            denominator,
            scale,
        }),
        Err(state) => Found::None(state),
    }
}

fn subtract(left: i64, right: i64) -> Cell {
    left.checked_sub(right).ok_or(Reason::OutOfRange)
}

impl Facts<'_> {
    fn round(&self, exact: Option<Ratio>) -> Cell {
        exact
            .and_then(|value| divide(value.numerator(), value.denominator(), self.rounding))
            .and_then(|units| i64::try_from(units).ok())
            .ok_or(Reason::OutOfRange)
    }

    fn actual_now(&self) -> Cell {
        match self.progress.phase {
            Phase::NotBegun => Err(Reason::NotYetDue),
            Phase::Running | Phase::Ended => self.actual,
        }
    }

    /// Where the way to the target starts: at nothing for what accumulates.
    fn start(&self) -> Cell {
        match self.course {
            Course::Accumulates => Ok(0),
            Course::Glides => self.opening,
            Course::Holds => self.target,
        }
    }

    pub(super) fn expected(&self) -> Cell {
        match self.progress.phase {
            Phase::NotBegun => return Err(Reason::NotYetDue),
            Phase::Ended => return self.target,
            Phase::Running => {}
        }
        let target = self.target?;
        if self.course == Course::Holds {
            return Ok(target);
        }
        if let Some(cascaded) = self.cascaded {
            return cascaded;
        }
        let start = self.start()?;
        let way = subtract(target, start)?;
        let done = match self.progress.share() {
            // Rounding the running total, not the steps, makes the steps add up to the whole.
            Some(share) => mul_divide(way, share.numerator(), share.denominator(), self.rounding)
                .ok_or(Reason::OutOfRange)?,
            None if way == 0 => 0,
            None => return Err(Reason::NoBase),
        };
        start.checked_add(done).ok_or(Reason::OutOfRange)
    }

    pub(super) fn gap(&self) -> Cell {
        subtract(self.actual_now()?, self.expected()?)
    }

    pub(super) fn attainment(&self) -> Parts {
        let (actual, expected) = (self.actual_now()?, self.expected()?);
        let sign = if expected < 0 { -1 } else { 1 };
        let turned = |units: i64| units.checked_mul(sign).ok_or(Reason::OutOfRange);
        if expected == 0 {
            Err(Reason::NoBase)
        } else {
            Ok((turned(actual)?, turned(expected)?))
        }
    }

    pub(super) fn projected(&self) -> Cell {
        let actual = self.actual_now()?;
        if self.progress.phase == Phase::Ended || self.course == Course::Holds {
            return Ok(actual);
        }
        match self.projection {
            Projection::RunRate => self.round(Some(self.run_rate(actual)?)),
            Projection::RestAsPlanned => self.rest_as_planned(actual),
            Projection::Blend { trust } => {
                let rate = self.run_rate(actual)?;
                let plan = Ratio::from(self.rest_as_planned(actual)?);
                let blend = || {
                    let other = Ratio::ONE.checked_sub(trust.share()).ok()?;
                    let rate = rate.checked_mul(trust.share()).ok()?;
                    rate.checked_add(plan.checked_mul(other).ok()?).ok()
                };
                self.round(blend())
            }
            Projection::Recent { .. } => {
                let (latest, weight) = (Ratio::from(self.latest.0?), self.latest.1);
                let Ok(rate) = latest.checked_div(weight) else {
                    return Err(Reason::NoBase);
                };
                let rest = rate.checked_mul(self.progress.days_left);
                self.round(
                    rest.and_then(|rest| rest.checked_add(Ratio::from(actual)))
                        .ok(),
                )
            }
            Projection::Growth { .. } => {
                let (to_date, whole) = (self.earlier.0?, self.earlier.1?);
                if to_date == 0 {
                    return Err(Reason::NoBase);
                }
                mul_divide(
                    whole,
                    i128::from(actual),
                    i128::from(to_date),
                    self.rounding,
                )
                .ok_or(Reason::OutOfRange)
            }
        }
    }

    fn run_rate(&self, actual: i64) -> Result<Ratio, Reason> {
        let share = match self.cascaded {
            None => self.progress.share(),
            Some(cascaded) => Ratio::new(i128::from(cascaded?), i128::from(self.target?)).ok(),
        };
        let share = share
            .filter(|share| !share.is_zero())
            .ok_or(Reason::NoBase)?;
        let start = self.start()?;
        let whole = Ratio::from(subtract(actual, start)?).checked_div(share);
        let end = whole.and_then(|whole| whole.checked_add(Ratio::from(start)));
        end.map_err(|_| Reason::OutOfRange)
    }

    fn rest_as_planned(&self, actual: i64) -> Cell {
        let rest = subtract(self.target?, self.expected()?)?;
        actual.checked_add(rest).ok_or(Reason::OutOfRange)
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
            Direction::Smaller => Ok(match (missing > 0, ended, self.course) {
                (false, true, _) => Reach::Reached,
                (false, false, _) => Reach::Possible,
                (true, true, _) | (true, false, Course::Accumulates) => missed(missing),
                // A balance above its limit can come down again.
                (true, false, Course::Glides | Course::Holds) => Reach::Untested,
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
