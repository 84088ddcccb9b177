//! Targets that are written down, cell by cell.

use serde::{Deserialize, Serialize};

use super::parts::{Asked, Beside};
use crate::key::Key;
use crate::panel::{Column, ColumnKey, Figures, Panel, PanelError, Reason, Role};
use crate::quantity::Number;
use crate::space::Axis;

/// Targets of one metric that are written down for cells of a view, as data: an entry of a
/// [`Journal`](crate::journal::Journal). Where a cell is written again the later day counts, and of one day the later entry.
///
/// The view says for which metrics that is so ([`ViewDef::written`](super::ViewDef::written)). Such a target stands in its cell
/// alone: no other view shows it, and it is shared over no days. What is to add up over levels and periods is a plan
/// ([`PlanDef`](super::PlanDef)).
///
/// ```
/// use quotaflow::journal::{Content, Entry, EntryId, Journal};
/// use quotaflow::model::{Model, TargetsDef};
/// # let document = r#"{
/// #     "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
/// #                     "members": [{"key": "ann", "level": "person"}]}],
/// #     "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
/// #     "span": {"start": "2026-01-01", "end": "2031-01-01"},
/// #     "metrics": [{"key": "visits", "formula": {"count": {"kinds": ["visit"]}}}],
/// #     "views": [{"key": "months", "rows": [{"dimension": "person", "level": "person"}], "written": ["visits"],
/// #                "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}}]
/// # }"#;
/// let model: Model = serde_json::from_str(document).map_err(quotaflow::Error::unreadable)?;
/// let mut journal = Journal::new(&model, "2026-01-01".parse()?)?;
/// let targets: TargetsDef = serde_json::from_str(r#"{
///     "view": "months", "metric": "visits",
///     "cells": [{"subject": ["ann"], "period": "2026-02", "amount": 40}]
/// }"#).map_err(quotaflow::Error::unreadable)?;
/// let day = "2026-01-10".parse()?;
/// let written = Entry::new(EntryId::new("planning", "1")?, day, Content::Targets(targets));
/// journal.enter("2026-01-11T06:00:00".parse()?, day, &[written])?;
/// let panel = journal.view("months")?.panel()?;
/// assert_eq!(panel.get("target:visits", ["ann"], "2026-02")?.to_string(), "40 visit");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetsDef {
    /// The view in whose rows and periods they stand.
    pub view: Key,
    /// The metric.
    pub metric: Key,
    /// The cells; what is not named has no target.
    pub cells: Vec<TargetCell>,
}

/// One target that is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetCell {
    /// The members of the row, one for each axis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subject: Vec<Key>,
    /// The label of the period.
    pub period: Key,
    /// The target.
    pub amount: Number,
}

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
