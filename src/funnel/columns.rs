//! What a pipeline adds to a panel of owners.

use super::FunnelError;
use super::definition::StageKind;
use super::report::Pipeline;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Panel, Role, State};
use crate::quantity::{Quantum, Ratio};

impl Pipeline<'_> {
    /// Returns columns for a panel whose subjects are single owners:
    ///
    /// `<name>.entered` (begun), `<name>.won`, `<name>.lost` (counts), `<name>.won_value` (in `unit`), `<name>.win_rate` (won of
    /// won and lost) and `<name>.cycle_days` (mean days from the first stage to the good end). What is won or lost belongs
    /// to the period in which that happened; opportunities without an owner in the panel are left out.
    ///
    /// # Errors
    /// [`FunnelError::Key`], [`FunnelError::Panel`].
    pub fn columns(
        &self,
        name: &Key,
        unit: &Unit,
        quantum: Quantum,
        panel: &Panel,
    ) -> Result<Vec<Column>, FunnelError> {
        let cells = panel.cells();
        let (mut entered, mut won, mut lost) =
            (vec![0_i64; cells], vec![0_i64; cells], vec![0_i64; cells]);
        let (mut value, mut days) = (vec![Some(0_i64); cells], vec![0_i64; cells]);
        for (opportunity, journey) in self.ways() {
            let Some(owner) = &opportunity.owner else {
                continue;
            };
            let Some(subject) = panel.subjects().position(std::slice::from_ref(owner)) else {
                continue;
            };
            let cell = |day| panel.cell(subject, panel.periods().position(day)?).ok();
            let Some((begun, now)) = journey.begun().zip(journey.current()) else {
                continue;
            };
            if let Some(cell) = cell(begun) {
                entered[cell] += 1;
            }
            let Some(cell) = cell(now.entered) else {
                continue;
            };
            match self.funnel().kind(now.stage) {
                Some(StageKind::Won) => {
                    won[cell] += 1;
                    value[cell] = value[cell].and_then(|sum| sum.checked_add(opportunity.value));
                    days[cell] += (now.entered - begun).num_days();
                }
                Some(StageKind::Lost) => lost[cell] += 1,
                Some(StageKind::Open) | None => {}
            }
        }
        let key = |what: &str| {
            let metric = Key::new(format!("{name}.{what}"))?;
            Ok::<_, FunnelError>(ColumnKey {
                metric,
                role: Role::Actual,
            })
        };
        let states: Vec<State> = value
            .iter()
            .map(|sum| {
                if sum.is_some() {
                    State::Value
                } else {
                    State::OutOfRange
                }
            })
            .collect();
        let amounts = value.into_iter().map(|sum| sum.unwrap_or(0)).collect();
        let count = Unit::Count(name.clone());
        let closed = won
            .iter()
            .zip(&lost)
            .map(|(won, lost)| won + lost)
            .collect();
        Ok(vec![
            Column::amounts(key("entered")?, count.clone(), Quantum::ONE, entered),
            Column::amounts(key("won")?, count.clone(), Quantum::ONE, won.clone()),
            Column::amounts(key("lost")?, count, Quantum::ONE, lost).better(Direction::Smaller),
            Column::amounts(key("won_value")?, unit.clone(), quantum, amounts)
                .with_states(&states)?,
            Column::quotients(
                key("win_rate")?,
                Unit::Share,
                Ratio::ONE,
                won.clone(),
                closed,
            )?,
            Column::quotients(key("cycle_days")?, Unit::Day, Ratio::ONE, days, won)?
                .better(Direction::Smaller),
        ])
    }
}
