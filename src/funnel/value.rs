//! What a pipeline is worth: win rates, velocity, coverage, weighted value, expected date.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::FunnelError;
use super::funnel::{StageId, StageKind};
use super::journey::Journey;
use super::pipeline::Pipeline;
use crate::calendar::DayRange;
use crate::key::Key;
use crate::quantity::{QuantityError, Ratio, Rounding, divide};

/// Counts from which a win rate is told, and of what it is a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcomes {
    /// Won.
    pub won: i64,
    /// Lost.
    pub lost: i64,
    /// Open beyond its expected day.
    pub overdue: i64,
    /// Otherwise open.
    pub open: i64,
}

impl Outcomes {
    /// Returns won of won and lost.
    #[must_use]
    pub fn of_closed(&self) -> Option<Ratio> {
        share(self.won, &[self.won, self.lost])
    }

    /// Returns won of won, lost and overdue: what should be closed by now.
    #[must_use]
    pub fn of_due(&self) -> Option<Ratio> {
        share(self.won, &[self.won, self.lost, self.overdue])
    }

    /// Returns won of all.
    ///
    /// ```
    /// use quotaflow::funnel::Outcomes;
    /// use quotaflow::quantity::Ratio;
    /// let found = Outcomes { won: 10, lost: 10, overdue: 5, open: 5 };
    /// assert_eq!((found.of_closed(), found.of_all()), (Ratio::new(1, 2).ok(), Ratio::new(1, 3).ok()));
    /// ```
    #[must_use]
    pub fn of_all(&self) -> Option<Ratio> {
        share(self.won, &[self.won, self.lost, self.overdue, self.open])
    }
}

fn share(part: i64, whole: &[i64]) -> Option<Ratio> {
    let whole = whole.iter().map(|count| i128::from(*count)).sum();
    Ratio::new(i128::from(part), whole).ok()
}

/// How much value a pipeline brings in a day: opportunities x win rate x average value / cycle in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Velocity {
    /// How many opportunities.
    pub opportunities: u32,
    /// The share that is won.
    pub win_rate: Ratio,
    /// What one that is won is worth on average.
    pub value: Ratio,
    /// How many days one takes on average.
    pub cycle: Ratio,
}

impl Velocity {
    /// Returns the value in a day; `None` for a cycle of no days.
    ///
    /// # Errors
    /// [`FunnelError::Quantity`] when the product leaves 128 bits.
    ///
    /// ```
    /// use quotaflow::funnel::Velocity;
    /// use quotaflow::quantity::{Ratio, Rounding};
    /// let found = Velocity { opportunities: 50, win_rate: Ratio::percent(20), value: Ratio::from(10_000), cycle: Ratio::from(30) };
    /// let per_day = found.per_day()?.unwrap_or_default();
    /// assert_eq!(per_day.to_decimal(2, Rounding::HalfAwayFromZero)?.to_string(), "3333.33");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    pub fn per_day(&self) -> Result<Option<Ratio>, FunnelError> {
        if self.cycle.is_zero() {
            return Ok(None);
        }
        let won = Ratio::from(i64::from(self.opportunities)).checked_mul(self.win_rate)?;
        Ok(Some(won.checked_mul(self.value)?.checked_div(self.cycle)?))
    }
}

/// The chance of each stage, with its name and in declared order: that what is in it will be won; none where it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chances(Vec<(Key, Option<Ratio>)>);

impl Chances {
    /// Returns the chance of a stage, where it is known.
    #[must_use]
    pub fn of(&self, stage: StageId) -> Option<Ratio> {
        self.0.get(stage.index()).and_then(|(_, chance)| *chance)
    }
}

/// What is open, valued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenValue {
    /// How many.
    pub count: u64,
    /// What they are worth if all are won, in quanta.
    pub value: i64,
    /// What they are worth by their chances, in quanta, rounded once; those whose stage has no chance are left out.
    pub weighted: i64,
    /// How many were left out of the weighted value.
    pub without_chance: u64,
}

impl Pipeline<'_> {
    /// Returns how many are won, lost and open; overdue is what is open after the day on which its owner expected it to
    /// close.
    #[must_use]
    pub fn outcomes(&self) -> Outcomes {
        let mut found = Outcomes::default();
        for (opportunity, journey) in self.ways() {
            let Some(last) = journey.current() else {
                continue;
            };
            match self.funnel().kind(last.stage) {
                Some(StageKind::Won) => found.won += 1,
                Some(StageKind::Lost) => found.lost += 1,
                _ if opportunity.closes.is_some_and(|day| day < self.as_of()) => found.overdue += 1,
                _ => found.open += 1,
            }
        }
        found
    }

    /// Returns the chances that the stages state: 1 for the good end, 0 for the bad one.
    #[must_use]
    pub fn stated_chances(&self) -> Chances {
        let stages = self.funnel().stages().iter();
        Chances(
            stages
                .map(|stage| {
                    let chance = match stage.kind {
                        StageKind::Open => stage.chance,
                        StageKind::Won => Some(Ratio::ONE),
                        StageKind::Lost => Some(Ratio::ZERO),
                    };
                    (stage.key.clone(), chance)
                })
                .collect(),
        )
    }

    /// Returns the chances that history shows: of those that were ever in a stage and have come to an end, the share won.
    #[must_use]
    pub fn shown_chances(&self) -> Chances {
        let mut counts = vec![(0_i64, 0_i64); self.funnel().stages().len()];
        for (_, journey) in self.ways() {
            let end = journey
                .current()
                .and_then(|last| self.funnel().kind(last.stage));
            let won = match end {
                Some(StageKind::Won) => 1,
                Some(StageKind::Lost) => 0,
                Some(StageKind::Open) | None => continue,
            };
            let mut seen: Vec<StageId> = journey.visits.iter().map(|visit| visit.stage).collect();
            seen.sort_unstable();
            seen.dedup();
            for stage in seen {
                let own = &mut counts[stage.index()];
                *own = (own.0 + won, own.1 + 1);
            }
        }
        Chances(
            self.funnel()
                .stages()
                .iter()
                .zip(counts)
                .map(|(stage, (won, ended))| (stage.key.clone(), share(won, &[ended])))
                .collect(),
        )
    }

    /// Returns what is open, valued by these chances.
    ///
    /// # Errors
    /// [`FunnelError::Quantity`] when the sum leaves its range.
    pub fn open_value(&self, chances: &Chances) -> Result<OpenValue, FunnelError> {
        self.value_where(chances, |_| true)
    }

    /// Returns what is open and expected by its owner to close within some days, valued by these chances.
    ///
    /// # Errors
    /// [`FunnelError::Quantity`] when the sum leaves its range.
    pub fn closing_value(
        &self,
        chances: &Chances,
        days: DayRange,
    ) -> Result<OpenValue, FunnelError> {
        self.value_where(chances, |closes| {
            closes.is_some_and(|day| days.contains(day))
        })
    }

    fn value_where(
        &self,
        chances: &Chances,
        of: impl Fn(Option<NaiveDate>) -> bool,
    ) -> Result<OpenValue, FunnelError> {
        let mut found = OpenValue::default();
        // Values are added up by stage first, so that few fractions meet and nothing is rounded before the end.
        let mut by_stage = vec![0_i64; self.funnel().stages().len()];
        for (opportunity, _, stage) in self.open() {
            if !of(opportunity.closes) {
                continue;
            }
            found.count += 1;
            let sum = found.value.checked_add(opportunity.value);
            found.value = sum.ok_or(QuantityError::RatioOverflow)?;
            let own = &mut by_stage[stage.index()];
            *own = own
                .checked_add(opportunity.value)
                .ok_or(QuantityError::RatioOverflow)?;
            found.without_chance += u64::from(chances.of(stage).is_none());
        }
        let mut weighted = Ratio::ZERO;
        for (stage, value) in self.funnel().stage_ids().zip(by_stage) {
            if let Some(chance) = chances.of(stage) {
                weighted = weighted.checked_add(chance.checked_mul(Ratio::from(value))?)?;
            }
        }
        let units = divide(
            weighted.numerator(),
            weighted.denominator(),
            Rounding::default(),
        );
        found.weighted = units
            .and_then(|units| i64::try_from(units).ok())
            .ok_or(QuantityError::RatioOverflow)?;
        Ok(found)
    }

    /// Returns on which day an open opportunity should be won: the usual days of its stage and of the open stages after it
    /// (means of ended visits), from its entry into the stage on, rounded up; never before today. `None` when a stage has
    /// no ended visit or nothing is open.
    #[must_use]
    pub fn expected_close(&self, journey: &Journey, usual: &[Option<Ratio>]) -> Option<NaiveDate> {
        let current = journey.current()?;
        let depth = self.funnel().depth(current.stage)?;
        let mut days = Ratio::ZERO;
        for stage in self.funnel().stage_ids() {
            if self
                .funnel()
                .depth(stage)
                .is_some_and(|other| other >= depth)
            {
                days = days
                    .checked_add(usual.get(stage.index()).copied().flatten()?)
                    .ok()?;
            }
        }
        let days = divide(days.numerator(), days.denominator(), Rounding::Ceiling)?;
        let day = current
            .entered
            .checked_add_days(chrono::Days::new(u64::try_from(days).ok()?))?;
        Some(day.max(self.as_of()))
    }

    /// Returns the mean days of ended visits of each stage, in declared order.
    #[must_use]
    pub fn usual_days(&self) -> Vec<Option<Ratio>> {
        self.funnel()
            .stage_ids()
            .map(|stage| self.stays(stage).ended().mean())
            .collect()
    }
}

/// Returns how often the value of a pipeline covers what is still missing of a target; `None` when nothing is missing.
///
/// ```
/// use quotaflow::funnel::coverage;
/// use quotaflow::quantity::Ratio;
/// assert_eq!(coverage(900, 1_000, 700), Ratio::new(3, 1).ok());
/// assert_eq!(coverage(900, 1_000, 1_000), None);
/// ```
#[must_use]
pub fn coverage(pipeline: i64, target: i64, reached: i64) -> Option<Ratio> {
    let missing = i128::from(target) - i128::from(reached);
    if missing <= 0 {
        return None;
    }
    Ratio::new(i128::from(pipeline), missing).ok()
}
