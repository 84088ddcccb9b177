//! Streaks: how often and how long in a row something was met, such as an order every day.

use serde::{Deserialize, Serialize};

use super::error::StatisticsError;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Columns, Panel, Reason, Role};
use crate::quantity::{Quantum, Ratio};

/// What is to be met in each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Goal {
    /// At least so much.
    AtLeast(Ratio),
    /// At most so much.
    AtMost(Ratio),
    /// From the one to the other, both included.
    Between(Ratio, Ratio),
    /// The target of the same metric: at least so much, or at most where less is better, or just that where the metric
    /// should meet its target.
    Target,
}

/// What a period without a number does to a streak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unanswered {
    /// Nothing: it neither lengthens a streak nor ends it, for what is not known is not missed. The default.
    #[default]
    Passes,
    /// It ends the streak: what was not shown was not done.
    Ends,
}

/// How a subject has met its goal, over all periods of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Streak {
    /// Periods in which it was met.
    pub met: i64,
    /// Periods in which it was missed.
    pub missed: i64,
    /// Periods of which it is not known.
    pub unknown: i64,
    /// The longest streak.
    pub longest: i64,
    /// The streak that still lasts at the end.
    pub current: i64,
}

/// What is known of one period.
type Met = Result<bool, Reason>;

impl Streak {
    /// Returns the streak of periods in a row, each met, missed or without an answer.
    ///
    /// ```
    /// use quotaflow::panel::Reason;
    /// use quotaflow::statistics::{Streak, Unanswered};
    /// let days = [Ok(true), Ok(true), Err(Reason::NotYetDue), Ok(true)];
    /// assert_eq!(Streak::of(days, Unanswered::Passes).current, 3);
    /// assert_eq!(Streak::of(days, Unanswered::Ends).current, 1);
    /// ```
    #[must_use]
    pub fn of(
        periods: impl IntoIterator<Item = Result<bool, Reason>>,
        unanswered: Unanswered,
    ) -> Self {
        let mut streak = Self::default();
        for met in periods {
            streak.add(met, unanswered);
        }
        streak
    }

    fn add(&mut self, met: Met, unanswered: Unanswered) {
        match (met, unanswered) {
            (Ok(true), _) => {
                self.met += 1;
                self.current += 1;
                self.longest = self.longest.max(self.current);
            }
            (Ok(false), _) => {
                self.missed += 1;
                self.current = 0;
            }
            (Err(_), Unanswered::Passes) => self.unknown += 1,
            (Err(_), Unanswered::Ends) => {
                self.unknown += 1;
                self.current = 0;
            }
        }
    }
}

/// Returns the streaks of every subject.
///
/// # Errors
/// [`StatisticsError::Panel`] where the metric, or the target that the goal asks for, is not in the panel.
pub fn streaks(
    panel: &Panel,
    metric: &ColumnKey,
    goal: Goal,
    unanswered: Unanswered,
) -> Result<Vec<Streak>, StatisticsError> {
    let judged = Judged::new(panel, metric, goal)?;
    panel
        .subjects()
        .ids()
        .map(|subject| {
            let mut streak = Streak::default();
            for period in panel.periods().ids() {
                streak.add(judged.met(panel.cell(subject, period)?), unanswered);
            }
            Ok(streak)
        })
        .collect()
}

/// Gives two columns: `<metric>.days_met`, the number of periods so far in which the goal was met, and `<metric>.streak`, how many in
/// a row up to this one. A period without a number that is passed over says why in the second; one that ends the streak
/// is 0 there.
///
/// # Errors
/// As [`streaks`]; [`StatisticsError::Key`].
pub fn streak_columns(
    metric: &ColumnKey,
    goal: Goal,
    unanswered: Unanswered,
) -> impl Columns<Error = StatisticsError> {
    move |panel: &Panel| -> Result<Vec<Column>, StatisticsError> {
        let judged = Judged::new(panel, metric, goal)?;
        let cells = panel.cells();
        let (mut met_so_far, mut current, mut states) =
            (vec![0; cells], vec![0; cells], vec![None; cells]);
        for subject in panel.subjects().ids() {
            let mut streak = Streak::default();
            for period in panel.periods().ids() {
                let cell = panel.cell(subject, period)?;
                let here = judged.met(cell);
                streak.add(here, unanswered);
                (met_so_far[cell], current[cell]) = (streak.met, streak.current);
                if let (Err(state), Unanswered::Passes) = (here, unanswered) {
                    states[cell] = Some(state);
                }
            }
        }
        let key = |what: &str| ColumnKey::actual(&format!("{}.{what}", metric.metric));
        let unit = Unit::Count(Key::new("period")?);
        Ok(vec![
            Column::amounts(key("days_met")?, unit.clone(), Quantum::ONE, met_so_far),
            Column::amounts(key("streak")?, unit, Quantum::ONE, current).with_reasons(&states)?,
        ])
    }
}

/// Returns how many periods in a row, the last one included, have risen over the one before. A period without a number is
/// no rise, neither to it nor from it.
///
/// ```
/// use quotaflow::quantity::Ratio;
/// use quotaflow::statistics::rises;
/// let months = [90, 80, 101, 105].map(|score| Ok(Ratio::from(score)));
/// assert_eq!(rises(&months), 2);
/// ```
#[must_use]
pub fn rises(figures: &[Result<Ratio, Reason>]) -> usize {
    figures
        .windows(2)
        .rev()
        .take_while(|pair| matches!((pair[0], pair[1]), (Ok(before), Ok(after)) if before < after))
        .count()
}

/// A metric beside what it is to meet.
struct Judged<'a> {
    column: &'a Column,
    target: Option<&'a Column>,
    goal: Goal,
}

impl<'a> Judged<'a> {
    fn new(panel: &'a Panel, metric: &ColumnKey, goal: Goal) -> Result<Self, StatisticsError> {
        let target = match goal {
            Goal::Target => Some(panel.column(&metric.with(Role::Target))?),
            Goal::AtLeast(_) | Goal::AtMost(_) | Goal::Between(..) => None,
        };
        Ok(Self {
            column: panel.column(metric)?,
            target,
            goal,
        })
    }

    fn met(&self, cell: usize) -> Met {
        let told = |column: &Column| column.answer(cell).ratio();
        let found = told(self.column)?;
        match self.goal {
            Goal::AtLeast(bar) => Ok(found >= bar),
            Goal::AtMost(bar) => Ok(found <= bar),
            Goal::Between(low, high) => Ok(low <= found && found <= high),
            Goal::Target => {
                let bar = self.target.map_or(Err(Reason::NotApplicable), told)?;
                Ok(match self.column.direction() {
                    Direction::Larger | Direction::Neutral => found >= bar,
                    Direction::Smaller => found <= bar,
                    Direction::Target => found == bar,
                })
            }
        }
    }
}
