//! What a scenario takes from the catalog by name: kinds of records, metrics, and rules with thresholds of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::packs::{Symptom, Watch};
use crate::key::Key;
use crate::measure::Currency;
use crate::rule::Exemption;

/// What is taken from the [catalog](crate::catalog).
///
/// ```
/// use quotaflow::scenario::ScenarioDef;
/// use quotaflow::text::Lang;
/// let scenario: ScenarioDef = serde_json::from_str(r#"{
///     "as_of": "2026-05-31",
///     "model": {
///         "dimensions": [{"key": "dealer", "hierarchies": [{"key": "dealer", "levels": ["dealer"]}],
///                    "members": [{"key": "d1", "level": "dealer"}, {"key": "d2", "level": "dealer"}]}],
///         "kinds": [],
///         "span": {"start": "2026-01-01", "end": "2027-01-01"},
///         "views": [{"key": "by_dealer", "rows": [{"dimension": "dealer", "level": "dealer"}],
///                    "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-06-01"}}]
///     },
///     "ready": {
///         "records": {"kinds": ["order", "invoice"], "currency": "EUR"},
///         "metrics": ["orders", "sales"],
///         "rules": [{"pack": "receivables", "watch": "dealer"}]
///     },
///     "records": [
///         {"kind": "order", "day": "2026-03-02", "members": {"dealer": "d1"}, "amounts": {"sales": "900.00"}},
///         {"kind": "invoice", "day": "2026-01-05", "members": {"dealer": "d1"}, "amounts": {"amount": "5000.00"}, "dates": {"due": "2026-01-20"}}
///     ]
/// }"#).map_err(quotaflow::Error::unreadable)?;
/// let dealers = &scenario.run()?.views[0];
/// assert_eq!(serde_json::to_value(&dealers.figures[2]).map_err(quotaflow::Error::other)?["values"]["orders"], "1");
/// assert_eq!(dealers.alerts[0].message.get(Lang::EN), "EUR 5,000 owed by d1 is more than 90 days overdue");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadyDef {
    /// Kinds of records, beside those of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<ReadyRecords>,
    /// The keys of [ready metrics](crate::catalog::metrics), beside the model's own: a view that names no columns shows them too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Key>,
    /// [Ready rules](crate::catalog::packs), beside the model's own. The figures that they read are made for the view that they watch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<ReadyRules>,
}

impl ReadyDef {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Ready [kinds of records](crate::catalog::records).
///
/// They come with the measures that they carry, and with those of their dimensions that the model has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadyRecords {
    /// Their keys.
    pub kinds: Vec<Key>,
    /// The currency of their amounts of money.
    pub currency: Currency,
}

/// The rules of one pack that watch the rows of a view.
///
/// Those that read figures which the view does not have are left out, and the outcome says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadyRules {
    /// What the pack looks for.
    pub pack: Symptom,
    /// What the rows of the view are.
    pub watch: Watch,
    /// The view; the first one of the model when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<Key>,
    /// Thresholds of one's own: of each rule, its parameters by name, written as in a condition: `60 day`, `80%`, `3`.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::nested_keys_once"
    )]
    pub set: BTreeMap<Key, BTreeMap<Key, String>>,
    /// Rows that are let off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<Exemption>,
}
