//! What a view shows of targets that are written down.

use std::collections::BTreeMap;

use super::parts::{Asked, Beside};
use crate::key::Key;
use crate::panel::{Column, ColumnKey, Figures, Panel, PanelError, Reason, Role};
use crate::space::Axis;

impl Asked {
    /// The columns of the targets that are written down; a row that is not there has none. Those of members who were merged are
    /// added up.
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
            let mut sums: BTreeMap<usize, i128> = BTreeMap::new();
            let own = beside.written.iter().filter(|(own, _)| *own == metric);
            for (_, cell) in own {
                let axes = self.definition.rows.iter().zip(&cell.subject);
                let members: Option<Vec<Key>> = axes.map(|(axis, own)| named(axis, own)).collect();
                let row = members.and_then(|own| whole.subjects().find(&own));
                let period = whole.periods().id(cell.period.as_str()).ok();
                let place = row.zip(period);
                let place = place.and_then(|(row, period)| whole.cell(row, period).ok());
                // What is no whole count is refused with its entry.
                let amount = quantum.units(cell.amount.decimal()).ok();
                if let Some((at, amount)) = place.zip(amount) {
                    *sums.entry(at).or_default() += i128::from(amount);
                }
            }
            for (at, sum) in sums {
                let told = i64::try_from(sum).map_err(|_| Reason::OutOfRange);
                (units[at], reasons[at]) = (told.unwrap_or(0), told.err());
            }
            let column = Column::amounts(key.clone(), actual.unit().clone(), *quantum, units);
            let column = column.better(actual.direction()).with_reasons(&reasons);
            columns.push(column.map_err(|cause| (key, cause))?);
        }
        Ok(columns)
    }
}
