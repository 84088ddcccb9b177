//! A scenario as a document.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ReadyDef;
use super::expect::ExpectDef;
use crate::document::Version;
use crate::journal::Entry;
use crate::ledger::Record;
use crate::model::ModelDef;
use crate::text::Texts;

/// A scenario as a document: a [model](ModelDef), what happened under it, and the day as of which its views are told.
///
/// ```
/// use quotaflow::scenario::ScenarioDef;
/// let scenario: ScenarioDef = serde_json::from_str(r#"{
///     "as_of": "2026-01-20",
///     "model": {
///         "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["team", "person"],
///                             "links": [{"member": "ann", "parent": "north"}]}],
///                         "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
///                                     {"key": "ann", "level": "person"}]}],
///         "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
///         "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
///         "span": {"start": "2026-01-01", "end": "2027-01-01"},
///         "metrics": [{"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}}],
///         "views": [{"key": "by_team", "rows": [{"dimension": "person", "level": "team"}], "written": ["sales"],
///                    "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-02-01"}}]
///     },
///     "records": [{"kind": "order", "day": "2026-01-05", "members": {"person": "ann"}, "amounts": {"sales": "19.99"}},
///                 {"kind": "order", "day": "2026-01-15", "members": {"person": "ann"}, "amounts": {"sales": "5.00"}}],
///     "entries": [
///         {"source": "hr", "id": "1", "day": "2026-01-10", "what": {"move": {"dimension": "person", "member": "ann", "parent": "south"}}},
///         {"source": "planning", "id": "1", "day": "2026-01-01", "what": {"targets": {"view": "by_team", "metric": "sales",
///             "cells": [{"subject": ["north"], "period": "2026-01", "amount": 20}]}}}
///     ],
///     "expect": [
///         {"cell": {"view": "by_team", "column": "sales", "subject": ["south"], "period": "2026-01", "is": 5}},
///         {"cell": {"view": "by_team", "column": "target:sales", "subject": ["south"], "period": "2026-01", "is": {"none": "not_applicable"}}}
///     ]
/// }"#).map_err(quotaflow::Error::unreadable)?;
/// let outcome = scenario.run()?;
/// let north = serde_json::to_value(&outcome.views[0].figures[0]).map_err(quotaflow::Error::other)?;
/// assert_eq!((&north["values"]["sales"], &north["values"]["target:sales"]), (&"19.99".into(), &"20".into()));
/// assert!(outcome.unmet.is_empty());
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioDef {
    /// The version of this form of document.
    #[serde(default)]
    pub version: Version<1>,
    /// What it is about; what its model is about where there is none.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// The day as of which everything is judged; of each view the period that holds it is the one that is scored, watched and
    /// reviewed. A view without such a period is told without that, and says why; where that is so of all, it is a mistake.
    pub as_of: NaiveDate,
    /// Every definition. All its views are told. The rules that watch them are asked once, as of the day; those for who is gone are
    /// left out and told.
    pub model: ModelDef,
    /// The day before which nothing may have happened; the first one of the model's span when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go_live: Option<NaiveDate>,
    /// What is taken from the catalog by name.
    #[serde(default, skip_serializing_if = "ReadyDef::is_empty")]
    pub ready: ReadyDef,
    /// What was recorded: the short form of entries of the source `records`. What has no id is named by nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<Record>,
    /// What else happened: who joined and moved, plans that were cascaded and changed, targets that were written down. All that a
    /// [`Journal`](crate::journal::Journal) takes: decisions about alerts, which days tell, change nothing of the outcome. Of one day
    /// and source they count in the order of their `sequence`, then of their ids as texts, wherever they stand in the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
    /// Whether amounts that are no whole quanta are told exactly too, beside what they round to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
    /// What should come out; the outcome tells where it does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<ExpectDef>,
}
