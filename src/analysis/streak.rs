//! Streaks: how often and how long in a row something was met, such as an order every day.

use serde::{Deserialize, Serialize};

use super::AnalysisError;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Panel, Reason, Role};
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
    /// The target of the same metric: at least so much, or at most where less is better, or just that where the metric
    /// should meet its target.
    Target,
}

/// How a subject has met its goal, over all periods of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Streak {
    /// Periods in which it was met.
    pub met: i64,
    /// Periods in which it was missed.
    pub missed: i64,
    /// Periods of which it is not known: they neither lengthen a streak nor end it.
    pub unknown: i64,
    /// The longest streak.
    pub longest: i64,
    /// The streak that still lasts at the end.
    pub current: i64,
}

/// What is known of one period.
type Met = Result<bool, Reason>;

/// Returns the streaks of every subject.
///
/// # Errors
/// [`AnalysisError::Panel`] where the metric, or the target that the goal asks for, is not in the panel.
pub fn streaks(
    panel: &Panel,
    metric: &ColumnKey,
    goal: Goal,
) -> Result<Vec<Streak>, AnalysisError> {
    (0..panel.subjects().len())
        .map(|subject| {
            let mut streak = Streak::default();
            for period in 0..panel.periods().len() {
                streak.add(met(panel, metric, goal, panel.cell(subject, period)?)?);
            }
            Ok(streak)
        })
        .collect()
}

/// Returns two columns: `<metric>.days_met`, the number of periods so far in which the goal was met, and `<metric>.streak`, how many in
/// a row up to this one. A period of which it is not known says why in the second.
///
/// # Errors
/// As [`streaks`]; [`AnalysisError::Key`].
pub fn streak_columns(
    panel: &Panel,
    metric: &ColumnKey,
    goal: Goal,
) -> Result<Vec<Column>, AnalysisError> {
    let cells = panel.cells();
    let (mut met_so_far, mut current, mut states) =
        (vec![0; cells], vec![0; cells], vec![None; cells]);
    for subject in 0..panel.subjects().len() {
        let mut streak = Streak::default();
        for period in 0..panel.periods().len() {
            let cell = panel.cell(subject, period)?;
            let here = met(panel, metric, goal, cell)?;
            streak.add(here);
            (met_so_far[cell], current[cell]) = (streak.met, streak.current);
            states[cell] = here.err();
        }
    }
    let key = |what: &str| ColumnKey::actual(&format!("{}.{what}", metric.metric));
    let unit = Unit::Count(Key::new("period")?);
    Ok(vec![
        Column::amounts(key("days_met")?, unit.clone(), Quantum::ONE, met_so_far),
        Column::amounts(key("streak")?, unit, Quantum::ONE, current).with_reasons(&states)?,
    ])
}

impl Streak {
    fn add(&mut self, met: Met) {
        match met {
            Ok(true) => {
                self.met += 1;
                self.current += 1;
                self.longest = self.longest.max(self.current);
            }
            Ok(false) => {
                self.missed += 1;
                self.current = 0;
            }
            Err(_) => self.unknown += 1,
        }
    }
}

fn met(panel: &Panel, metric: &ColumnKey, goal: Goal, cell: usize) -> Result<Met, AnalysisError> {
    let answer = panel.column(metric)?.answer(cell);
    let found = answer.ratio();
    Ok(match goal {
        Goal::AtLeast(bar) => found.map(|found| found >= bar),
        Goal::AtMost(bar) => found.map(|found| found <= bar),
        Goal::Target => {
            let target = panel.column(&metric.with(Role::Target))?.answer(cell);
            let bar = target.ratio();
            let direction = panel.column(metric)?.direction();
            found.and_then(|found| {
                bar.map(|bar| match direction {
                    Direction::Larger | Direction::Neutral => found >= bar,
                    Direction::Smaller => found <= bar,
                    Direction::Target => found == bar,
                })
            })
        }
    })
}
