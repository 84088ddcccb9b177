//! What a view shows of targets that are written down.

use super::parts::{Asked, Beside};
use crate::key::Key;
use crate::panel::{Column, ColumnKey, Figures, Panel, PanelError, Reason, Role};
use crate::space::Axis;

impl Asked {
    /// The columns of the targets that are written down, the later ones behind; a row that is not there has none.
    pub(super) fn written(
        &self,
        whole: &Panel,
        beside: Beside<'_>,
    ) -> Result<Vec<Column>, (ColumnKey, PanelError)> {
        // Who was merged is another one.
        let named = |axis: &Axis, member: &Key| {
            let dimension = beside.space.dimension(axis.dimension.as_str()).ok()?;
            Some(dimension.key_of(dimension.find(member.as_str())?).clone())
        };
        let mut columns = Vec::with_capacity(self.definition.written.len());
        for metric in &self.definition.written {
            let of = |role| ColumnKey {
                metric: metric.clone(),
                role,
            };
            let key = of(Role::Target);
            let actual = whole.column(&of(Role::Actual));
            let actual = actual.map_err(|cause| (key.clone(), cause))?;
            // Another figure than an amount is refused with the model.
            let Figures::Amounts { quantum, .. } = actual.figures() else {
                continue;
            };
            let mut units = vec![0; whole.cells()];
            let mut reasons = vec![Some(Reason::NotApplicable); whole.cells()];
            let own = beside.written.iter();
            let own = own.filter(|own| own.metric == *metric);
            for cell in own.flat_map(|own| &own.cells) {
                let axes = self.definition.rows.iter().zip(&cell.subject);
                let members: Option<Vec<Key>> = axes.map(|(axis, own)| named(axis, own)).collect();
                let row = members.and_then(|own| whole.subjects().find(&own));
                let period = whole.periods().id(cell.period.as_str()).ok();
                let place = row.zip(period);
                let place = place.and_then(|(row, period)| whole.cell(row, period).ok());
                // What is no whole count is refused with its entry.
                let amount = quantum.units(cell.amount.decimal()).ok();
                if let Some((at, amount)) = place.zip(amount) {
                    (units[at], reasons[at]) = (amount, None);
                }
            }
            let column = Column::amounts(key.clone(), actual.unit().clone(), *quantum, units);
            let column = column.better(actual.direction()).with_reasons(&reasons);
            columns.push(column.map_err(|cause| (key, cause))?);
        }
        Ok(columns)
    }
}
