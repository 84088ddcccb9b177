//! Targets that are written down, cell by cell.

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::quantity::Number;

/// Targets of one metric that are written down for cells of a view, as data: an entry of a
/// [`Journal`](crate::journal::Journal). Where a cell is written again the later day counts; of one day the later hand-over, and of
/// one hand-over what comes later by source, then by `sequence`, then by id, which is a text: `10` comes before `9`.
///
/// The view says for which metrics that is so ([`ViewDef::written`](super::ViewDef::written)). Such a target stands in its cell
/// alone: no other view shows it, and it is shared over no days. What is to add up over levels and periods is a plan
/// ([`PlanDef`](super::PlanDef)).
///
/// Members who turn out to be one have the targets of both, added up. What is written from the day of the merge on, once that is
/// known, is of that one by whichever name, and takes the place of all that was written before.
///
/// A close tells what was written while its periods were open, of whatever day that is. What would move a target of a closed
/// period afterwards is refused, an entry and a void alike: reopen, or write the difference down for an open period. A target that waited
/// until then for somebody who had not joined, and one that goes from row to row by a merge, is an adjustment.
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
