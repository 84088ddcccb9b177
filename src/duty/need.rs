//! From a target back to the activity that it needs, and whether there is time for it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::DutyError;
use crate::allocation::{Method, WeightPolicy, Weights, allocate};
use crate::calendar::{PeriodId, PeriodSet, WorkingDays};
use crate::key::Key;
use crate::quantity::{Quantum, Ratio, Rounding, divide};

/// One step back from a result: how much of it each one of the activity before it brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversion {
    /// The activity or intermediate result.
    pub activity: Key,
    /// What one of it brings on average of the one before in the chain: the value of an order, the share of
    /// opportunities that become orders, of visits that become opportunities.
    pub brings: Ratio,
}

/// The way back from a target to activity, for one person: from orders to opportunities to visits to calls.
///
/// ```
/// use quotaflow::duty::{Chain, Conversion};
/// use quotaflow::key::Key;
/// use quotaflow::quantity::Ratio;
/// let step = |activity: &str, brings: &str| -> Result<Conversion, quotaflow::Error> {
///     Ok(Conversion { activity: Key::new(activity)?, brings: brings.parse()? })
/// };
/// // An order is worth 4,000; one opportunity in four becomes an order; three visits make two opportunities.
/// let chain = Chain::new(vec![step("orders", "4000")?, step("opportunities", "0.25")?, step("visits", "2/3")?])?;
/// let needed = chain.needed(Ratio::from(50_000))?;
/// assert_eq!(needed, [("orders".try_into()?, 13), ("opportunities".try_into()?, 50), ("visits".try_into()?, 75)]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Conversion>", into = "Vec<Conversion>")]
pub struct Chain(Vec<Conversion>);

impl Chain {
    /// Checks the steps, from the target back.
    ///
    /// # Errors
    /// [`DutyError::NoConversion`] for one that brings nothing or less, [`DutyError::Duplicate`].
    pub fn new(steps: Vec<Conversion>) -> Result<Self, DutyError> {
        for (index, step) in steps.iter().enumerate() {
            if step.brings <= Ratio::ZERO {
                let (activity, brings) = (step.activity.clone(), step.brings);
                return Err(DutyError::NoConversion { activity, brings });
            }
            if steps[..index]
                .iter()
                .any(|other| other.activity == step.activity)
            {
                return Err(DutyError::Duplicate {
                    what: "activity",
                    key: step.activity.clone(),
                });
            }
        }
        Ok(Self(steps))
    }

    /// Returns the way back through a person's own conversion: from the result of some time in the past and the counts of
    /// the activity that led to it, the one nearest to the result first.
    ///
    /// ```
    /// use quotaflow::duty::Chain;
    /// use quotaflow::quantity::Ratio;
    /// // 120,000 from 30 orders, of 90 opportunities, of 240 visits: 50,000 need 13 orders (12.5), 38 and 100.
    /// let counts = [("orders".try_into()?, 30), ("opportunities".try_into()?, 90), ("visits".try_into()?, 240)];
    /// let chain = Chain::observed(Ratio::from(120_000), &counts)?;
    /// let needed: Vec<i64> = chain.needed(Ratio::from(50_000))?.into_iter().map(|(_, count)| count).collect();
    /// assert_eq!(needed, [13, 38, 100]);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`DutyError::NoHistory`] for an activity that was never done, and as [`Chain::new`]: where nothing came of an
    /// activity, no number of it is enough.
    pub fn observed(result: Ratio, counts: &[(Key, u32)]) -> Result<Self, DutyError> {
        let mut brought = result;
        let mut steps = Vec::with_capacity(counts.len());
        for (activity, count) in counts {
            if *count == 0 {
                return Err(DutyError::NoHistory {
                    activity: activity.clone(),
                });
            }
            let count = Ratio::from(i64::from(*count));
            steps.push(Conversion {
                activity: activity.clone(),
                brings: brought.checked_div(count)?,
            });
            brought = count;
        }
        Self::new(steps)
    }

    /// Returns how many of each activity each of several periods needs for its own target, in whole numbers that add up
    /// to what all targets together need ([`Chain::needed`]).
    ///
    /// The running total is rounded up, not the single periods: at the end of every period all activity up to then is
    /// enough for all targets up to then, and no more than that. A target below zero takes nothing back.
    ///
    /// ```
    /// use quotaflow::duty::{Chain, Conversion};
    /// use quotaflow::quantity::Ratio;
    /// let orders = Chain::new(vec![Conversion { activity: "orders".try_into()?, brings: "4000".parse()? }])?;
    /// // 2.5 orders a month: 3, then 2, then 3, together 8 for 7.5.
    /// let needed = orders.needed_by_period(&[10_000, 10_000, 10_000].map(Ratio::from))?;
    /// assert_eq!(needed, [("orders".try_into()?, vec![3, 2, 3])]);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`DutyError::Quantity`] when a number leaves its range.
    pub fn needed_by_period(&self, targets: &[Ratio]) -> Result<Vec<(Key, Vec<i64>)>, DutyError> {
        let name = |step: &Conversion| (step.activity.clone(), Vec::with_capacity(targets.len()));
        let mut found: Vec<(Key, Vec<i64>)> = self.0.iter().map(name).collect();
        let mut so_far = vec![0_i64; self.0.len()];
        let mut sum = Ratio::ZERO;
        for target in targets {
            sum = sum.checked_add((*target).max(Ratio::ZERO))?;
            let needed = self.needed(sum)?;
            for ((told, before), (_, now)) in found.iter_mut().zip(&mut so_far).zip(needed) {
                // A running total never falls.
                told.1.push(now.saturating_sub(*before));
                *before = now;
            }
        }
        Ok(found)
    }

    /// Returns the steps.
    #[must_use]
    pub fn steps(&self) -> &[Conversion] {
        &self.0
    }

    /// Returns how many of each activity the target needs: the smallest whole numbers that are enough.
    ///
    /// Each number is rounded up once, from the exact need, so that rounding does not pile up along the chain. A target
    /// already reached needs nothing.
    ///
    /// # Errors
    /// [`DutyError::Quantity`] when a number leaves its range.
    pub fn needed(&self, target: Ratio) -> Result<Vec<(Key, i64)>, DutyError> {
        let mut exact = target.max(Ratio::ZERO);
        let mut needed = Vec::with_capacity(self.0.len());
        for step in &self.0 {
            exact = exact.checked_div(step.brings)?;
            let whole = divide(exact.numerator(), exact.denominator(), Rounding::Ceiling)
                .and_then(|whole| i64::try_from(whole).ok())
                .ok_or(crate::quantity::QuantityError::RatioOverflow)?;
            needed.push((step.activity.clone(), whole));
        }
        Ok(needed)
    }
}

impl TryFrom<Vec<Conversion>> for Chain {
    type Error = DutyError;

    fn try_from(steps: Vec<Conversion>) -> Result<Self, DutyError> {
        Self::new(steps)
    }
}

impl From<Chain> for Vec<Conversion> {
    fn from(chain: Chain) -> Self {
        chain.0
    }
}

/// An activity spread over periods, beside what the days allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityPlan {
    /// How many in each period; they add up to the need.
    pub planned: Vec<i64>,
    /// How many the working days of each period allow.
    pub feasible: Vec<i64>,
}

impl ActivityPlan {
    /// Returns the need.
    #[must_use]
    pub fn needed(&self) -> i64 {
        total(&self.planned)
    }

    /// Returns by how many the need exceeds what all days together allow; 0 when there is time for it.
    #[must_use]
    pub fn shortfall(&self) -> i64 {
        self.needed().saturating_sub(total(&self.feasible)).max(0)
    }

    /// Returns those of the periods over which it was spread in which more is planned than their days allow, with the excess.
    #[must_use]
    pub fn overfull(&self) -> Vec<(PeriodId, i64)> {
        let both = self.planned.iter().zip(&self.feasible).enumerate();
        both.filter(|(_, (planned, feasible))| planned > feasible)
            .map(|(period, (planned, feasible))| {
                (PeriodId::at(period), planned.saturating_sub(*feasible))
            })
            .collect()
    }
}

fn total(counts: &[i64]) -> i64 {
    counts
        .iter()
        .fold(0, |sum, count| sum.saturating_add(*count))
}

/// Spreads a need over the periods from the one that holds `from` on, by their working days (of that one, by those that
/// are left, `from` included), in whole numbers that add up: largest remainder, ties to the earlier period.
///
/// # Errors
/// [`DutyError::NoWorkingDay`] when something is needed and no day is worked, [`DutyError::NegativeRate`],
/// [`DutyError::Allocation`], [`DutyError::Calendar`].
pub fn spread(
    needed: i64,
    periods: &PeriodSet,
    from: NaiveDate,
    working: &WorkingDays,
    per_day: Ratio,
) -> Result<ActivityPlan, DutyError> {
    if per_day.is_negative() {
        return Err(DutyError::NegativeRate { rate: per_day });
    }
    let mut days = Vec::with_capacity(periods.len());
    for period in periods {
        let start = period.start.max(from);
        days.push(if start < period.end {
            working.working_days(start, period.end)?
        } else {
            Ratio::ZERO
        });
    }
    let mut feasible = Vec::with_capacity(days.len());
    for days in &days {
        feasible.push(self::feasible(*days, per_day)?);
    }
    let planned = if needed == 0 {
        vec![0; days.len()]
    } else if days.iter().all(|days| days.is_zero()) {
        return Err(DutyError::NoWorkingDay { from });
    } else {
        let weights = Weights::new(&days, WeightPolicy::ALLOCATE)?;
        allocate(needed, &weights, Method::LargestRemainder)?
            .shares()
            .to_vec()
    };
    Ok(ActivityPlan { planned, feasible })
}

/// Returns how many are feasible on so many days.
pub(super) fn feasible(days: Ratio, per_day: Ratio) -> Result<i64, DutyError> {
    Ok(Quantum::ONE.round(days.checked_mul(per_day)?, Rounding::Floor)?)
}
