//! Pacings: the share of a period's target that should have been reached by a day.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::days::{check_weights, up_to};
use super::{Days, PaceError};
use crate::calendar::{DayRange, PeriodSet};
use crate::quantity::Ratio;

/// Where a day stands in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The period has not begun.
    NotBegun,
    /// The period has begun and has not ended.
    Running,
    /// The period has ended.
    Ended,
}

/// How far a period has come, in the weights of a pacing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Whether the period has begun and ended.
    pub phase: Phase,
    /// The weight of what has passed.
    pub elapsed: Ratio,
    /// The weight of the whole period.
    pub total: Ratio,
    /// How much the days count that have passed.
    pub days_elapsed: Ratio,
    /// How much the days count that are left.
    pub days_left: Ratio,
}

impl Progress {
    /// Returns the share of the period that has passed: one when it has ended, none while a period without any weight
    /// (no working day in it) runs, and none before it begins.
    #[must_use]
    pub fn share(&self) -> Option<Ratio> {
        match self.phase {
            Phase::NotBegun => None,
            Phase::Ended => Some(Ratio::ONE),
            Phase::Running => self.elapsed.checked_div(self.total).ok(),
        }
    }
}

/// How the expectation grows through a period.
///
/// Every pacing starts at nothing, never falls, and ends at the whole target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Pacing {
    /// By the days that have passed, each counting what `Days` says.
    Even(Days),
    /// By a season: the periods of a finer set count what they are said to.
    Season(Season),
    /// By a curve over the share of the period's days that has passed.
    Phasing(Phasing),
    /// By the cascaded targets of a finer set of periods, which add up to the period's target.
    ///
    /// Only a [`PaceView`](super::PaceView) with a cascade knows them.
    Cascaded(Days),
}

impl Default for Pacing {
    fn default() -> Self {
        Self::Even(Days::Calendar)
    }
}

impl From<Days> for Pacing {
    fn from(days: Days) -> Self {
        Self::Even(days)
    }
}

impl Pacing {
    /// Returns the days by which rates are told: needed each day, left, best so far.
    #[must_use]
    pub fn days(&self) -> &Days {
        match self {
            Self::Even(days) | Self::Cascaded(days) => days,
            Self::Season(season) => &season.within,
            Self::Phasing(curve) => &curve.within,
        }
    }

    /// Returns how far `period` has come when everything before `end` has passed: the day after the last finished one.
    ///
    /// # Errors
    /// [`PaceError::NoCascade`] for a cascaded pacing, [`PaceError::SeasonGap`] and [`PaceError::SeasonWithoutDays`] for
    /// a season, [`PaceError::Quantity`] when weights are too fine to add.
    ///
    /// ```
    /// use quotaflow::calendar::DayRange;
    /// use quotaflow::pace::{Days, Pacing};
    /// use quotaflow::quantity::Ratio;
    /// let quarter = DayRange::new("2026-01-01".parse()?, "2026-04-01".parse()?)?;
    /// let progress = Pacing::Even(Days::Calendar).progress(quarter, "2026-02-01".parse()?)?;
    /// assert_eq!(progress.share(), Some(Ratio::new(31, 90)?));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    pub fn progress(&self, period: DayRange, end: NaiveDate) -> Result<Progress, PaceError> {
        let passed = up_to(period, end)?;
        let days_elapsed = self.days().weight(passed)?;
        let days_total = self.days().weight(period)?;
        let (elapsed, total) = match self {
            Self::Even(_) => (days_elapsed, days_total),
            Self::Season(season) => (season.weight(passed)?, season.weight(period)?),
            Self::Phasing(curve) => {
                let reached = match days_elapsed.checked_div(days_total) {
                    Ok(share) => curve.reached(share)?,
                    Err(_) => Ratio::ZERO,
                };
                let whole = if days_total.is_zero() {
                    Ratio::ZERO
                } else {
                    Ratio::ONE
                };
                (reached, whole)
            }
            Self::Cascaded(_) => return Err(PaceError::NoCascade),
        };
        Ok(Progress {
            phase: phase(period, end),
            elapsed,
            total,
            days_elapsed,
            days_left: days_total.checked_sub(days_elapsed)?,
        })
    }
}

/// Says where a period stands when everything before `end` has passed.
pub(super) fn phase(period: DayRange, end: NaiveDate) -> Phase {
    if end <= period.start() {
        Phase::NotBegun
    } else if end >= period.end() {
        Phase::Ended
    } else {
        Phase::Running
    }
}

/// What each period of a finer set counts: last year's months, the weeks of a quarter.
///
/// The weight of a step is spread over its days as `within` counts them. Only proportions matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SeasonDef", into = "SeasonDef")]
pub struct Season {
    steps: PeriodSet,
    weights: Vec<Ratio>,
    within: Days,
}

impl Season {
    /// Returns the season in which each period of `steps` counts what `weights` says, in their order.
    ///
    /// # Errors
    /// [`PaceError::SeasonShape`], [`PaceError::NegativeWeight`], [`PaceError::NoWeight`], and
    /// [`PaceError::SeasonWithoutDays`] for a step with a weight and no day that counts.
    pub fn new(steps: PeriodSet, weights: Vec<Ratio>, within: Days) -> Result<Self, PaceError> {
        if steps.len() != weights.len() {
            return Err(PaceError::SeasonShape {
                steps: steps.len(),
                weights: weights.len(),
            });
        }
        check_weights("season step", &weights)?;
        for (step, weight) in steps.iter().zip(&weights) {
            let days = within.weight(DayRange::new(step.start, step.end)?)?;
            if days.is_zero() && !weight.is_zero() {
                return Err(PaceError::SeasonWithoutDays { step: step.label });
            }
        }
        Ok(Self {
            steps,
            weights,
            within,
        })
    }

    /// Returns the periods that have a weight of their own.
    #[must_use]
    pub fn steps(&self) -> &PeriodSet {
        &self.steps
    }

    /// Returns the weights in the order of the periods.
    #[must_use]
    pub fn weights(&self) -> &[Ratio] {
        &self.weights
    }

    /// Returns how the days within a step count.
    #[must_use]
    pub fn within(&self) -> &Days {
        &self.within
    }

    /// Returns how much the days of a range count together.
    ///
    /// # Errors
    /// [`PaceError::SeasonGap`] when a day of the range belongs to no step; [`PaceError::Quantity`].
    pub fn weight(&self, range: DayRange) -> Result<Ratio, PaceError> {
        let mut sum = Ratio::ZERO;
        let mut covered = range.start();
        for id in self.steps.overlapping(range) {
            let Some(step) = self.steps.range(id) else {
                break;
            };
            let Some(part) = step.intersection(range) else {
                continue;
            };
            if part.start() != covered {
                return Err(PaceError::SeasonGap { day: covered });
            }
            covered = part.end();
            let weight = self.weights[id.index()];
            if weight.is_zero() {
                continue;
            }
            let share = self
                .within
                .weight(part)?
                .checked_div(self.within.weight(step)?)?;
            sum = sum.checked_add(weight.checked_mul(share)?)?;
        }
        if covered < range.end() {
            return Err(PaceError::SeasonGap { day: covered });
        }
        Ok(sum)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeasonDef {
    steps: PeriodSet,
    weights: Vec<Ratio>,
    #[serde(default)]
    within: Days,
}

impl TryFrom<SeasonDef> for Season {
    type Error = PaceError;

    fn try_from(definition: SeasonDef) -> Result<Self, PaceError> {
        Self::new(definition.steps, definition.weights, definition.within)
    }
}

impl From<Season> for SeasonDef {
    fn from(season: Season) -> Self {
        Self {
            steps: season.steps,
            weights: season.weights,
            within: season.within,
        }
    }
}

/// A rising line through points (share of the days passed, share of the target reached), from (0, 0) to (1, 1).
///
/// It fits periods of any length: the month in which 30 % of the sales come in the last tenth of the days.
///
/// ```
/// use quotaflow::pace::{Phasing, Days};
/// use quotaflow::quantity::Ratio;
/// let late = Phasing::new(vec![(Ratio::percent(90), Ratio::percent(70))], Days::Calendar)?;
/// assert_eq!(late.reached(Ratio::percent(45))?, Ratio::percent(35));
/// assert_eq!(late.reached(Ratio::percent(95))?, Ratio::percent(85));
/// # Ok::<(), quotaflow::pace::PaceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PhasingDef", into = "PhasingDef")]
pub struct Phasing {
    points: Vec<(Ratio, Ratio)>,
    within: Days,
}

impl Phasing {
    /// Returns the curve through these points; the ends (0, 0) and (1, 1) are understood.
    ///
    /// # Errors
    /// [`PaceError::PhasingPoint`] for a point outside, for days that do not rise, or for a reached share that falls.
    pub fn new(points: Vec<(Ratio, Ratio)>, within: Days) -> Result<Self, PaceError> {
        let mut last = (Ratio::ZERO, Ratio::ZERO);
        for (index, &(days, reached)) in points.iter().enumerate() {
            let rises = days > last.0 && reached >= last.1;
            if !rises || days >= Ratio::ONE || reached > Ratio::ONE {
                return Err(PaceError::PhasingPoint {
                    index,
                    days,
                    reached,
                });
            }
            last = (days, reached);
        }
        Ok(Self { points, within })
    }

    /// Returns the inner points.
    #[must_use]
    pub fn points(&self) -> &[(Ratio, Ratio)] {
        &self.points
    }

    /// Returns the share of the target that should be reached when this share of the days has passed, from 0 to 1.
    ///
    /// # Errors
    /// [`PaceError::Quantity`] when the points are too fine.
    pub fn reached(&self, share: Ratio) -> Result<Ratio, PaceError> {
        let mut from = (Ratio::ZERO, Ratio::ZERO);
        for &to in self
            .points
            .iter()
            .chain(std::iter::once(&(Ratio::ONE, Ratio::ONE)))
        {
            if share <= to.0 {
                let slope =
                    to.1.checked_sub(from.1)?
                        .checked_div(to.0.checked_sub(from.0)?)?;
                let rise = share.checked_sub(from.0)?.checked_mul(slope)?;
                return Ok(from.1.checked_add(rise)?.max(Ratio::ZERO));
            }
            from = to;
        }
        Ok(Ratio::ONE)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PhasingDef {
    points: Vec<(Ratio, Ratio)>,
    #[serde(default)]
    within: Days,
}

impl TryFrom<PhasingDef> for Phasing {
    type Error = PaceError;

    fn try_from(definition: PhasingDef) -> Result<Self, PaceError> {
        Self::new(definition.points, definition.within)
    }
}

impl From<Phasing> for PhasingDef {
    fn from(curve: Phasing) -> Self {
        Self {
            points: curve.points,
            within: curve.within,
        }
    }
}
