//! What was reached, read off a panel.

use super::step::{Split, Step};
use super::{CarryForward, Place, Plan, PlanError, ReachedAmount};
use crate::calendar::DayRange;
use crate::panel::{ColumnKey, Figure, Panel};
use crate::quantity::Number;

impl CarryForward {
    /// Returns the edit with what the rows of a panel reached, period by period: those that are over by [`from`](Self::from) and lie in the
    /// plan's days. A row stands for its members at the steps of the plan that split by the levels of the panel; a row without a target
    /// on these days, and a cell without a figure, leave no gap.
    ///
    /// # Errors
    /// [`PlanError::Panel`] where the panel has no actual figures of the measure; [`PlanError::UnknownStep`] for an axis by which the plan
    /// does not split; [`PlanError::UnknownMeasure`].
    pub fn reached_in(mut self, plan: &Plan, panel: &Panel) -> Result<Self, PlanError> {
        let sheet = plan.sheet_index(self.measure.as_str())?;
        let key = ColumnKey::actual(self.measure.as_str())?;
        let column = panel.column(&key)?;
        let mut steps = Vec::new();
        for axis in panel.subjects().axes() {
            let splits = |step: &&Step| match step.split {
                Split::Member { dimension, level } => {
                    let members = &plan.frame.dimensions[dimension];
                    members.dimension == axis.dimension && members.levels[level] == axis.level
                }
                Split::Time(_) => false,
            };
            let step = plan.frame.steps.iter().find(splits);
            let step = step.map_or_else(
                || plan.frame.step(axis.level.as_str()),
                |step| plan.frame.step(step.name.as_str()),
            );
            steps.push(plan.frame.steps[step?].name.clone());
        }
        for row in panel.subjects().ids() {
            let members = panel.subjects().members(row).iter().cloned();
            let at: Place = steps.iter().cloned().zip(members).collect();
            for period in panel.periods() {
                let days = DayRange::new(period.start, period.end)?;
                let is_past = days.end() <= self.from && plan.frame.horizon.start() <= days.start();
                let answer = column.answer(panel.cell(row, period.id)?);
                let Some(amount) = answer.figure().and_then(Figure::amount) else {
                    continue;
                };
                if is_past && plan.has_cells(sheet, &at, days) {
                    self.reached.push(ReachedAmount {
                        at: at.clone(),
                        days: Some(days),
                        amount: Number::from(amount.amount()),
                    });
                }
            }
        }
        Ok(self)
    }
}
