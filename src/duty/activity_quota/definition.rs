//! Activity quotas as data: which activity counts, of which customers, and how many.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::document::Version;
use crate::key::Key;

/// What a customer has to have been before a period, to count in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Before {
    /// Anything. The default.
    #[default]
    Anything,
    /// Never contacted by anybody. Such a customer counts for whoever came first.
    NeverContacted,
    /// The last outcome with it, whoever had it, was one of these: `uninterested`.
    LastOutcome(BTreeSet<Key>),
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    /// Each customer once, however often it was contacted. The default.
    #[default]
    Customer,
    /// Each record.
    Record,
}

/// Which activity counts, how many of it at least and better, and the same of some of that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactDef {
    /// What the count is called.
    pub counts: Key,
    /// The sorts of activity that count; all where none is named.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub kinds: BTreeSet<Key>,
    /// What the customer was before the period.
    #[serde(default, skip_serializing_if = "is_anything")]
    pub before: Before,
    /// The outcomes of which one has to come in the period; any, or none recorded, where none is named.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub outcomes: BTreeSet<Key>,
    /// At least so many.
    pub floor: u32,
    /// Better so many; the floor where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stretch: Option<u32>,
    /// Counts of some of those that count here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of_which: Vec<ContactDef>,
}

fn is_anything(before: &Before) -> bool {
    *before == Before::Anything
}

/// An activity quota as data: each of these persons, in every period, so many of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityQuotaDef {
    /// The version of this form of document.
    #[serde(default)]
    pub version: Version<1>,
    /// The stable name.
    pub key: Key,
    /// Whose quota it is: each of these persons for itself.
    pub who: Vec<Key>,
    /// Who reviews it; somebody else than those whose quota it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<Key>,
    /// Whether customers or records are counted.
    #[serde(default)]
    pub each: Each,
    /// What counts, and how many.
    pub quota: ContactDef,
}
