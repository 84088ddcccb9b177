//! Execution, stated: on time, in quality, in quantity; effort where it is worth it; process beside result.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::DutyError;
use crate::key::Key;
use crate::panel::State;
use crate::quantity::Ratio;

/// What was executed, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutionCounts {
    /// Things due.
    pub due: i64,
    /// Of these, done by their time.
    pub on_time: i64,
    /// Things planned, in the measure of quantity.
    pub planned: i64,
    /// Of that quantity, done; more than planned counts as planned.
    pub done: i64,
    /// Things reviewed.
    pub reviewed: i64,
    /// Of these, found good.
    pub good: i64,
}

impl ExecutionCounts {
    /// Returns both counted together: a team from its people, a plan from its duties.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            due: self.due.saturating_add(other.due),
            on_time: self.on_time.saturating_add(other.on_time),
            planned: self.planned.saturating_add(other.planned),
            done: self.done.saturating_add(other.done),
            reviewed: self.reviewed.saturating_add(other.reviewed),
            good: self.good.saturating_add(other.good),
        }
    }
}

/// How much timeliness, quality and quantity count; none below zero, not all zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WeightsDef")]
pub struct ExecutionWeights {
    timeliness: Ratio,
    quality: Ratio,
    quantity: Ratio,
}

impl Default for ExecutionWeights {
    /// All three alike.
    fn default() -> Self {
        Self {
            timeliness: Ratio::ONE,
            quality: Ratio::ONE,
            quantity: Ratio::ONE,
        }
    }
}

impl ExecutionWeights {
    /// Returns these weights.
    ///
    /// # Errors
    /// [`DutyError::Weights`] for one below zero or for none above it.
    pub fn new(timeliness: Ratio, quality: Ratio, quantity: Ratio) -> Result<Self, DutyError> {
        let all = [timeliness, quality, quantity];
        if all.iter().any(|weight| weight.is_negative())
            || all.iter().all(|weight| weight.is_zero())
        {
            return Err(DutyError::Weights {
                weights: all.to_vec(),
            });
        }
        Ok(Self {
            timeliness,
            quality,
            quantity,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightsDef {
    timeliness: Ratio,
    quality: Ratio,
    quantity: Ratio,
}

impl TryFrom<WeightsDef> for ExecutionWeights {
    type Error = DutyError;

    fn try_from(definition: WeightsDef) -> Result<Self, DutyError> {
        Self::new(
            definition.timeliness,
            definition.quality,
            definition.quantity,
        )
    }
}

/// The index of execution with its parts; each part from 0 to 1, or nothing where it has no base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ExecutionIndex {
    /// On time, of those due.
    pub timeliness: Option<Ratio>,
    /// Good, of those reviewed.
    pub quality: Option<Ratio>,
    /// Done, of what was planned.
    pub quantity: Option<Ratio>,
    /// The weighted mean of the parts that have a base.
    pub index: Option<Ratio>,
}

impl ExecutionIndex {
    /// Returns the index of these counts. A part without base is left out and the weights of the others count in full.
    ///
    /// # Errors
    /// [`DutyError::Quantity`] for weights too fine.
    ///
    /// ```
    /// use quotaflow::duty::{ExecutionCounts, ExecutionIndex, ExecutionWeights};
    /// use quotaflow::quantity::Ratio;
    /// let counts = ExecutionCounts { due: 10, on_time: 8, planned: 40, done: 30, reviewed: 0, good: 0 };
    /// let found = ExecutionIndex::of(&counts, ExecutionWeights::default())?;
    /// assert_eq!(found.quality, None);
    /// assert_eq!(found.index, Some(Ratio::new(31, 40)?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(counts: &ExecutionCounts, weights: ExecutionWeights) -> Result<Self, DutyError> {
        let part = |top: i64, bottom: i64| {
            let capped = top.clamp(0, bottom.max(0));
            Ratio::new(i128::from(capped), i128::from(bottom.max(0))).ok()
        };
        let timeliness = part(counts.on_time, counts.due);
        let quality = part(counts.good, counts.reviewed);
        let quantity = part(counts.done, counts.planned);
        let (mut sum, mut weight) = (Ratio::ZERO, Ratio::ZERO);
        let parts = [
            (timeliness, weights.timeliness),
            (quality, weights.quality),
            (quantity, weights.quantity),
        ];
        for (part, own) in parts {
            if let Some(part) = part {
                sum = sum.checked_add(part.checked_mul(own)?)?;
                weight = weight.checked_add(own)?;
            }
        }
        Ok(Self {
            timeliness,
            quality,
            quantity,
            index: sum.checked_div(weight).ok(),
        })
    }
}

/// One class of activity in the mix of effort.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffortShare {
    /// The class: selling, building the base, maintenance, administration; or the value of the customer.
    pub class: Key,
    /// The share of the time that was planned for it.
    pub planned: Ratio,
    /// The share that it took.
    pub actual: Ratio,
}

/// The mix of effort beside the planned mix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffortMix {
    /// All classes that were planned or took time, by key.
    pub classes: Vec<EffortShare>,
    /// The share of the time that went elsewhere than planned: half the sum of the differences.
    pub misplaced: Ratio,
}

/// Compares the time that each class took with the planned mix (shares or any weights).
///
/// # Errors
/// [`DutyError::Weights`] when the plan has no weight or one below zero, [`DutyError::NoEffort`] when no time was taken,
/// [`DutyError::Quantity`] for weights too fine.
pub fn effort_mix(
    planned: &BTreeMap<Key, Ratio>,
    minutes: &BTreeMap<Key, u64>,
) -> Result<EffortMix, DutyError> {
    let mut whole_plan = Ratio::ZERO;
    for weight in planned.values() {
        if weight.is_negative() {
            return Err(DutyError::Weights {
                weights: planned.values().copied().collect(),
            });
        }
        whole_plan = whole_plan.checked_add(*weight)?;
    }
    if whole_plan.is_zero() {
        return Err(DutyError::Weights {
            weights: planned.values().copied().collect(),
        });
    }
    let taken: i128 = minutes.values().map(|minutes| i128::from(*minutes)).sum();
    if taken == 0 {
        return Err(DutyError::NoEffort);
    }
    let keys: std::collections::BTreeSet<&Key> = planned.keys().chain(minutes.keys()).collect();
    let mut classes = Vec::with_capacity(keys.len());
    let mut apart = Ratio::ZERO;
    for class in keys {
        let weight = planned.get(class).copied().unwrap_or(Ratio::ZERO);
        let share = weight.checked_div(whole_plan)?;
        let own = minutes.get(class).copied().unwrap_or(0);
        let actual = Ratio::new(i128::from(own), taken)?;
        let off = actual.checked_sub(share)?;
        let off = if off.is_negative() {
            Ratio::ZERO.checked_sub(off)?
        } else {
            off
        };
        apart = apart.checked_add(off)?;
        classes.push(EffortShare {
            class: class.clone(),
            planned: share,
            actual,
        });
    }
    Ok(EffortMix {
        classes,
        misplaced: apart.checked_div(Ratio::from(2))?,
    })
}

/// Process beside result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quadrant {
    /// Good work, good result.
    Earned,
    /// Poor work, good result: it will not last.
    Lucky,
    /// Good work, poor result: look at the target, the market or the method.
    Unlucky,
    /// Poor work, poor result.
    Failing,
    /// One of the two is not known, for this reason.
    Unknown(State),
}

impl Quadrant {
    /// Returns where somebody stands whose process and result are these, each good from its bar on.
    ///
    /// ```
    /// use quotaflow::duty::Quadrant;
    /// use quotaflow::quantity::Ratio;
    /// let percent = Ratio::percent;
    /// assert_eq!(Quadrant::of(Ok(percent(60)), percent(80), Ok(percent(110)), percent(100)), Quadrant::Lucky);
    /// ```
    #[must_use]
    pub fn of(
        process: Result<Ratio, State>,
        process_bar: Ratio,
        result: Result<Ratio, State>,
        result_bar: Ratio,
    ) -> Self {
        match (process, result) {
            (Err(state), _) | (_, Err(state)) => Self::Unknown(state),
            (Ok(process), Ok(result)) => match (process >= process_bar, result >= result_bar) {
                (true, true) => Self::Earned,
                (false, true) => Self::Lucky,
                (true, false) => Self::Unlucky,
                (false, false) => Self::Failing,
            },
        }
    }
}

/// How an initiative went on: what was done of what was planned at its beginning and now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fading {
    /// The share done in the first periods.
    pub first: Ratio,
    /// The share done in the latest periods.
    pub latest: Ratio,
    /// Whether each of the latest periods stayed below the stated part of the beginning.
    pub fades: bool,
}

/// Says whether an initiative fades out before its end (虎头蛇尾): in each of its latest `window` periods less was done, of
/// what was planned, than `part` of the share done in its first `window` periods.
///
/// `periods` are (done, planned), the first one first; periods without a plan are left out. `None` while there are fewer
/// than twice `window` periods with a plan, or when nothing was done at the beginning: what never began cannot fade.
///
/// ```
/// use quotaflow::duty::fading;
/// use quotaflow::quantity::Ratio;
/// let weeks = [(9, 10), (10, 10), (7, 10), (0, 0), (4, 10), (3, 10)];
/// assert!(fading(&weeks, 2, Ratio::percent(50)).is_some_and(|found| found.fades));
/// ```
#[must_use]
pub fn fading(periods: &[(i64, i64)], window: usize, part: Ratio) -> Option<Fading> {
    let planned: Vec<(i64, i64)> = periods
        .iter()
        .copied()
        .filter(|(_, plan)| *plan > 0)
        .collect();
    if window == 0 || planned.len() < window.checked_mul(2)? {
        return None;
    }
    let share = |some: &[(i64, i64)]| {
        let sum = |of: fn(&(i64, i64)) -> i64| some.iter().map(|one| i128::from(of(one))).sum();
        Ratio::new(sum(|one| one.0), sum(|one| one.1)).ok()
    };
    let first = share(&planned[..window])?;
    let last = &planned[planned.len() - window..];
    let bar = first.checked_mul(part).ok()?;
    if first <= Ratio::ZERO {
        return None;
    }
    let fades = last
        .iter()
        .all(|one| share(std::slice::from_ref(one)).is_some_and(|share| share < bar));
    Some(Fading {
        first,
        latest: share(last)?,
        fades,
    })
}

/// How activity and result go together when the result comes so many periods later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LagScore {
    /// How many periods later.
    pub lag: usize,
    /// How many pairs of periods there are.
    pub pairs: usize,
    /// The square of the correlation (Pearson) with the sign of the correlation; `None` where one of the two does not
    /// move, or with fewer than three pairs.
    pub signed_square: Option<Ratio>,
}

/// Returns how activity and later results go together, for each lag from 0 to `most` periods.
///
/// The square is told because it is an exact fraction and ranks the lags as the correlation does.
///
/// # Errors
/// [`DutyError::Quantity`] when the numbers are too large for exact squares.
pub fn lags(activity: &[i64], result: &[i64], most: usize) -> Result<Vec<LagScore>, DutyError> {
    (0..=most)
        .map(|lag| {
            let later = result.get(lag..).unwrap_or_default();
            let pairs: Vec<(i64, i64)> = activity
                .iter()
                .copied()
                .zip(later.iter().copied())
                .collect();
            Ok(LagScore {
                lag,
                pairs: pairs.len(),
                signed_square: signed_square(&pairs)?,
            })
        })
        .collect()
}

fn signed_square(pairs: &[(i64, i64)]) -> Result<Option<Ratio>, DutyError> {
    if pairs.len() < 3 {
        return Ok(None);
    }
    let overflow = || DutyError::from(crate::quantity::QuantityError::RatioOverflow);
    let count = i128::try_from(pairs.len()).map_err(|_| overflow())?;
    let sum = |of: &dyn Fn(&(i64, i64)) -> i128| {
        pairs
            .iter()
            .try_fold(0_i128, |sum, pair| sum.checked_add(of(pair)))
            .ok_or_else(overflow)
    };
    let left = |pair: &(i64, i64)| i128::from(pair.0);
    let right = |pair: &(i64, i64)| i128::from(pair.1);
    let (sum_x, sum_y) = (sum(&left)?, sum(&right)?);
    let moment = |of: &dyn Fn(&(i64, i64)) -> i128, a: i128, b: i128| {
        let product = count.checked_mul(sum(of)?).ok_or_else(overflow)?;
        product
            .checked_sub(a.checked_mul(b).ok_or_else(overflow)?)
            .ok_or_else(overflow)
    };
    let both = moment(&|pair| left(pair) * right(pair), sum_x, sum_y)?;
    let spread_x = moment(&|pair| left(pair) * left(pair), sum_x, sum_x)?;
    let spread_y = moment(&|pair| right(pair) * right(pair), sum_y, sum_y)?;
    if spread_x == 0 || spread_y == 0 {
        return Ok(None);
    }
    // Dividing twice keeps the numbers small: both parts are in lowest terms before they meet.
    let square = Ratio::new(both, spread_x)?.checked_mul(Ratio::new(both.abs(), spread_y)?)?;
    Ok(Some(square))
}
