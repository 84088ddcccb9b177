//! What is needed from now on in all periods that are left, and whether that can be.

use serde::Serialize;

use super::reading::fit;
use super::{PaceError, PaceView, Phase};
use crate::key::Key;
use crate::measure::Direction;
use crate::panel::{Figure, Reason};
use crate::quantity::{Quantity, Ratio, Rounding, divide};
use crate::space::RowId;

/// What the periods of a panel that are not over ask of a row for each day that is left, beside what it did in a day before.
///
/// Whatever is carried into targets that are left is held against this: the same question to a panel with the targets as they are and
/// to one with them as they would be is what a proposal makes of it.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::pace::{Days, Pace, RateVerdict};
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::space::Subjects;
/// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-05-01".parse()?)?;
/// let mut panel = Panel::new(Subjects::whole(), months);
/// // Two a day in January and one in February; 62 and 45 are targeted for March and April.
/// for (key, units) in [(ColumnKey::target("orders")?, vec![62, 56, 62, 45]), (ColumnKey::actual("orders")?, vec![62, 28, 0, 0])] {
///     panel.add(Column::amounts(key, "count:order".parse()?, Quantum::ONE, units))?;
/// }
/// let pace = Pace::new("orders", Days::Calendar)?;
/// let view = pace.view(&panel, "2026-02-28".parse()?)?;
/// let rate = view.required_rate(panel.subjects().row([""; 0])?)?.ok();
/// // 107 for 61 days are more than the usual 90 for 59 and no more than two a day.
/// let rate = rate.ok_or("nothing is targeted")?;
/// assert_eq!((rate.missing.units(), rate.verdict), (107, RateVerdict::Stretch));
/// assert!(rate.binding.is_empty());
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RequiredRate {
    /// What the periods that are not over target, together.
    pub target: Quantity,
    /// What was reached in them so far.
    pub reached: Quantity,
    /// What is missing to their targets; below zero where more was reached.
    pub missing: Quantity,
    /// What is missing for each day that is left. No base where no day is left.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub needed_per_day: Result<Figure, Reason>,
    /// What was reached in a day of the periods that are over, by all their days.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub usual_per_day: Result<Figure, Reason>,
    /// The best rate ([`BestRate`](super::BestRate)).
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub best_per_day: Result<Figure, Reason>,
    /// Whether it can be.
    pub verdict: RateVerdict,
    /// The periods whose own targets take more than the best rate, in their order.
    pub binding: Vec<Key>,
}

/// Whether what is needed from now on can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RateVerdict {
    /// Nothing is missing.
    Reached,
    /// It takes no more than the usual rate.
    Reachable,
    /// It takes more than the usual rate, and no more than the best one.
    Stretch,
    /// Even at the best rate it is missed.
    Impossible {
        /// By how much.
        by: Quantity,
    },
    /// No best rate is known, and the usual one is not enough or not known.
    Untested,
}

impl PaceView<'_> {
    /// Returns what all periods of the panel that are not over ask of a row. Not applicable to what does not add up, to a limit, and where no
    /// such period has a target; and the reason of a figure that is missing in one that runs.
    ///
    /// # Errors
    /// [`PaceError::NeedsAmounts`] for quotients; [`PaceError::Panel`] outside the panel, [`PaceError::Quantity`] beyond the range.
    pub fn required_rate(&self, subject: RowId) -> Result<Result<RequiredRate, Reason>, PaceError> {
        self.rate_with(subject, 0)
    }

    /// What the periods that are not over ask of a row when so much more is to be reached in them.
    pub(crate) fn rate_with(
        &self,
        subject: RowId,
        more: i64,
    ) -> Result<Result<RequiredRate, Reason>, PaceError> {
        let quantum = self.amounts_of()?;
        if self.direction() != Direction::Larger || !self.pace().accumulates() {
            return Ok(Err(Reason::NotApplicable));
        }
        let best = self.best_rate(subject);
        let (mut done, mut days_done) = (Ratio::ZERO, Ratio::ZERO);
        let (mut target, mut reached) = (quantum.quantity(more), quantum.quantity(0));
        let mut days_left = Ratio::ZERO;
        let (mut binding, mut is_open) = (Vec::new(), false);
        for period in self.panel().periods() {
            let Some(progress) = self.progress(period.id) else {
                continue;
            };
            let reading = self.reading(subject, period.id)?;
            if progress.phase == Phase::Ended {
                if let Ok(actual) = reading.actual.and_then(Figure::value) {
                    done = done.checked_add(actual)?;
                    days_done = days_done.checked_add(progress.days_elapsed)?;
                }
                continue;
            }
            let Some(own) = reading.target.ok().and_then(Figure::amount) else {
                continue;
            };
            let so_far = match (progress.phase, reading.actual) {
                (Phase::NotBegun, _) => quantum.quantity(0),
                (_, Ok(actual)) => actual.amount().unwrap_or(quantum.quantity(0)),
                (_, Err(reason)) => return Ok(Err(reason)),
            };
            is_open = true;
            target = target.checked_add(own)?;
            reached = reached.checked_add(so_far)?;
            days_left = days_left.checked_add(progress.days_left)?;
            let missing = Ratio::from(own.checked_sub(so_far)?.units());
            if let Some(best) = best
                && missing > best.checked_mul(progress.days_left)?
                && missing > Ratio::ZERO
            {
                binding.extend(self.panel().periods().label(period.id).cloned());
            }
        }
        if !is_open {
            return Ok(Err(Reason::NotApplicable));
        }
        let missing = target.checked_sub(reached)?;
        let needed = Ratio::from(missing.units()).checked_div(days_left).ok();
        let usual = done
            .checked_div(days_done.checked_mul(quantum.ratio())?)
            .ok();
        let verdict = match (needed, best) {
            _ if missing.units() <= 0 => RateVerdict::Reached,
            (None, _) => RateVerdict::Impossible { by: missing },
            (Some(needed), Some(best)) if needed > best => {
                let most = best.checked_mul(days_left)?;
                let most = divide(most.numerator(), most.denominator(), Rounding::Floor);
                let most = most.and_then(|most| i64::try_from(most.max(0)).ok());
                let most = quantum.quantity(most.unwrap_or(0));
                let by = missing.checked_sub(most)?;
                RateVerdict::Impossible { by }
            }
            (Some(needed), _) if usual.is_some_and(|usual| needed <= usual) => {
                RateVerdict::Reachable
            }
            (Some(_), Some(_)) => RateVerdict::Stretch,
            (Some(_), None) => RateVerdict::Untested,
        };
        let per_day = |rate: Option<Ratio>, none: Reason| {
            let (numerator, denominator) = fit(rate.ok_or(none)?)?;
            Ok(Figure::Quotient {
                numerator,
                denominator,
                scale: quantum.ratio(),
            })
        };
        Ok(Ok(RequiredRate {
            target,
            reached,
            missing,
            needed_per_day: per_day(needed, Reason::NoBase),
            usual_per_day: per_day(usual, Reason::NothingRecorded),
            best_per_day: per_day(best, Reason::NothingRecorded),
            verdict,
            binding,
        }))
    }
}
