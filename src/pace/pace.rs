//! A pace as data.

use super::approach::Approach;
use serde::{Deserialize, Serialize};

use super::{PaceError, Pacing, Projection};
use crate::document::Version;
use crate::key::Key;
use crate::quantity::{Ratio, Rounding};

/// Whether the as-of day counts among the days that have passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Today {
    /// It does: the figures hold all of it. The default.
    #[default]
    Passed,
    /// It does not: it is still to be worked.
    Ahead,
}

/// The best rate against which it is tested whether a target can still be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum BestRate {
    /// The best mean day of any closed period of the same subject in the same panel. The default; without a closed
    /// period there is none.
    #[default]
    ClosedPeriods,
    /// This much for a day that counts one, in the metric's unit.
    PerDay(Ratio),
    /// None: the question is not asked.
    Unknown,
}

/// How the progress of one metric towards its targets is told.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::pace::{Days, Pace, Pacing};
/// use quotaflow::panel::{Column, ColumnKey, Figure, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::space::Subjects;
/// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-03-01".parse()?)?;
/// let mut panel = Panel::new(Subjects::whole(), months);
/// let unit = "count:order".parse::<quotaflow::measure::Unit>()?;
/// panel.add(Column::amounts(ColumnKey::target("orders")?, unit.clone(), Quantum::ONE, vec![62, 56]))?;
/// panel.add(Column::amounts(ColumnKey::actual("orders")?, unit, Quantum::ONE, vec![31, 7]))?;
/// let pace = Pace::new("orders", Pacing::Even(Days::Calendar))?;
/// let view = pace.view(&panel, "2026-02-07".parse()?)?;
/// let all = panel.subjects().row([""; 0])?;
/// let february = view.reading(all, panel.periods().id("2026-02")?)?;
/// assert_eq!(february.expected.and_then(Figure::value), Ok(14.into()));
/// assert_eq!(february.projected.and_then(Figure::value), Ok(28.into()));
/// // 49 orders are missing for 21 days, and January's best was one a day.
/// assert_eq!(february.needed_per_day.and_then(Figure::value), Ok(quotaflow::quantity::Ratio::new(49, 21)?));
/// let beyond = quotaflow::pace::Reach::BeyondBest { by: Quantum::ONE.quantity(28) };
/// assert_eq!(february.reach, beyond);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PaceDef", into = "PaceDef")]
pub struct Pace {
    pub(super) metric: Key,
    pub(super) pacing: Pacing,
    pub(super) approach: Approach,
    pub(super) today: Today,
    pub(super) rounding: Rounding,
    pub(super) projection: Projection,
    pub(super) best: BestRate,
}

impl Pace {
    /// Returns the pace of a metric that adds up, with the defaults of everything else.
    ///
    /// # Errors
    /// [`PaceError::Key`] if the name cannot be a key.
    pub fn new(metric: &str, pacing: impl Into<Pacing>) -> Result<Self, PaceError> {
        Ok(Self {
            metric: Key::new(metric)?,
            pacing: pacing.into(),
            approach: Approach::default(),
            today: Today::default(),
            rounding: Rounding::default(),
            projection: Projection::default(),
            best: BestRate::default(),
        })
    }

    /// Returns the pace with this approach.
    #[must_use]
    pub fn approach(mut self, approach: Approach) -> Self {
        self.approach = approach;
        self
    }

    /// Returns the pace with the as-of day passed or still ahead.
    #[must_use]
    pub fn today(mut self, today: Today) -> Self {
        self.today = today;
        self
    }

    /// Returns the pace with this rounding of expected and projected amounts where they are shown
    /// ([`Trajectory::rounded`](super::Trajectory::rounded)); comparisons are exact.
    #[must_use]
    pub fn rounding(mut self, rounding: Rounding) -> Self {
        self.rounding = rounding;
        self
    }

    /// Returns the pace with this projection.
    #[must_use]
    pub fn projection(mut self, projection: Projection) -> Self {
        self.projection = projection;
        self
    }

    /// Returns the pace with this best rate.
    ///
    /// # Errors
    /// [`PaceError::NegativeRate`].
    pub fn best(mut self, best: BestRate) -> Result<Self, PaceError> {
        match best {
            BestRate::PerDay(rate) if rate.is_negative() => Err(PaceError::NegativeRate { rate }),
            _ => {
                self.best = best;
                Ok(self)
            }
        }
    }

    /// Says whether the metric adds up over a period, so that what is missing in one can be made up in another.
    #[must_use]
    pub fn accumulates(&self) -> bool {
        self.approach == Approach::Accumulates
    }

    /// Returns the metric.
    #[must_use]
    pub fn metric(&self) -> &Key {
        &self.metric
    }

    /// Returns the pacing.
    #[must_use]
    pub fn pacing(&self) -> &Pacing {
        &self.pacing
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PaceDef {
    #[serde(default)]
    version: Version<1>,
    metric: Key,
    #[serde(default)]
    pacing: Pacing,
    #[serde(default)]
    approach: Approach,
    #[serde(default)]
    today: Today,
    #[serde(default)]
    rounding: Rounding,
    #[serde(default)]
    projection: Projection,
    #[serde(default)]
    best: BestRate,
}

impl TryFrom<PaceDef> for Pace {
    type Error = PaceError;

    fn try_from(definition: PaceDef) -> Result<Self, PaceError> {
        let PaceDef {
            version: _,
            metric,
            pacing,
            approach,
            today,
            rounding,
            projection,
            best,
        } = definition;
        let best_unchecked = BestRate::Unknown;
        Self {
            metric,
            pacing,
            approach,
            today,
            rounding,
            projection,
            best: best_unchecked,
        }
        .best(best)
    }
}

impl From<Pace> for PaceDef {
    fn from(pace: Pace) -> Self {
        let Pace {
            metric,
            pacing,
            approach,
            today,
            rounding,
            projection,
            best,
        } = pace;
        let version = Version::default();
        Self {
            version,
            metric,
            pacing,
            approach,
            today,
            rounding,
            projection,
            best,
        }
    }
}
