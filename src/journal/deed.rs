//! What is done to plans, as entries say it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::EntryError;
use crate::key::Key;
use crate::plan::Edit;
use crate::quantity::Number;

/// What is done to a plan of the model. The entry says on which day, who did it and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanDeed {
    /// It is cascaded: the amounts are computed then, by the structure that is known and by figures as of the day of the entry, and
    /// kept. Whoever joins later has no target until a change gives one.
    Cascade(CascadingDef),
    /// It is changed: edits, holds and releases, who joins, leaves, is absent, moves, changes places, what is split, merged,
    /// launched or ends, and periods that are closed.
    Change(ChangingDef),
    /// A version of it is agreed.
    Agree(AgreementDef),
    /// It is cascaded anew, and its changes are made again: the targets that this moves are told.
    Realign(CascadingDef),
}

impl PlanDeed {
    /// Returns the name of the plan.
    #[must_use]
    pub fn plan(&self) -> &Key {
        match self {
            Self::Cascade(own) | Self::Realign(own) => &own.plan,
            Self::Change(own) => &own.plan,
            Self::Agree(own) => &own.plan,
        }
    }
}

/// A plan that is cascaded, or cascaded anew, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CascadingDef {
    /// The plan.
    pub plan: Key,
    /// The total of each of its measures; when it is cascaded anew, those that are not given stay.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::keys_once"
    )]
    pub totals: BTreeMap<String, Number>,
}

impl CascadingDef {
    pub(super) fn of<'t>(
        plan: &str,
        totals: impl IntoIterator<Item = (&'t str, impl Into<Number>)>,
    ) -> Result<Self, EntryError> {
        let totals = totals.into_iter();
        let totals = totals.map(|(measure, total)| (measure.to_owned(), total.into()));
        Ok(Self {
            plan: Key::new(plan)?,
            totals: totals.collect(),
        })
    }
}

/// A change to a plan, as data: edits that are made together or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangingDef {
    /// The plan.
    pub plan: Key,
    /// The version of the plan that it was made for; refused when the plan has moved on. When left out it is made for the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub based_on: Option<u64>,
    /// What is edited, in this order.
    pub edits: Vec<Edit>,
}

/// An agreement to a plan, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementDef {
    /// The plan.
    pub plan: Key,
    /// The version that is agreed.
    pub version: u64,
}
