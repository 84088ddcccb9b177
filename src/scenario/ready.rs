//! What a scenario takes from the catalog by name: kinds of records, metrics, and rules with thresholds of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{At, ScenarioCause, ScenarioDef, ScenarioError};
use crate::catalog::packs::{self, Symptom, Watch, figures};
use crate::catalog::{metrics, records};
use crate::key::{Key, unknown};
use crate::ledger::SchemaDef;
use crate::measure::{Currency, Measures};
use crate::metric::{Layout, MetricDef};
use crate::rule::{Exemption, RuleDef};

/// What is taken from the [catalog](crate::catalog).
///
/// ```
/// use quotaflow::scenario::ScenarioDef;
/// use quotaflow::text::Lang;
/// let scenario: ScenarioDef = serde_json::from_str(r#"{
///     "as_of": "2026-05-31",
///     "schema": {
///         "space": [{"key": "dealer", "hierarchies": [{"key": "dealer", "levels": ["dealer"]}],
///                    "members": [{"key": "d1", "level": "dealer"}, {"key": "d2", "level": "dealer"}]}],
///         "measures": [], "kinds": [],
///         "span": {"start": "2026-01-01", "end": "2027-01-01"}
///     },
///     "ready": {
///         "records": {"kinds": ["order", "invoice"], "currency": "EUR"},
///         "metrics": ["orders", "sales"],
///         "rules": [{"pack": "receivables", "watch": "dealer"}]
///     },
///     "records": [
///         {"kind": "order", "day": "2026-03-02", "members": {"dealer": "d1"}, "amounts": {"sales": "900.00"}},
///         {"kind": "invoice", "day": "2026-01-05", "members": {"dealer": "d1"}, "amounts": {"amount": "5000.00"}, "dates": {"due": "2026-01-20"}}
///     ],
///     "subjects": [{"dimension": "dealer", "level": "dealer"}],
///     "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-06-01"}
/// }"#)?;
/// let outcome = scenario.run()?;
/// assert_eq!(serde_json::to_value(&outcome.figures[2])?["values"]["orders"], "1");
/// assert_eq!(outcome.alerts[0].message.get(Lang::EN), "EUR 5,000 owed by d1 is more than 90 days overdue");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadyDef {
    /// Kinds of records, beside those of the schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<ReadyRecords>,
    /// The keys of [ready metrics](crate::catalog::metrics), beside the scenario's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Key>,
    /// [Ready rules](crate::catalog::packs), beside the scenario's own. The figures that they read are folded from the records.
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
/// They come with the measures that they carry, and with those of their dimensions that the scenario's space has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadyRecords {
    /// Their keys.
    pub kinds: Vec<Key>,
    /// The currency of their amounts of money.
    pub currency: Currency,
}

/// The rules of one pack that watch the scenario's subjects.
///
/// Those that read figures which the scenario does not have are left out, and the outcome says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadyRules {
    /// What the pack looks for.
    pub pack: Symptom,
    /// What the scenario's subjects are.
    pub watch: Watch,
    /// Thresholds of one's own: of each rule, its parameters by name, written as in a condition: `60 day`, `80%`, `3`.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::nested_keys_once"
    )]
    pub set: BTreeMap<Key, BTreeMap<Key, String>>,
    /// Subjects that are let off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<Exemption>,
}

impl ScenarioDef {
    /// Returns the schema with the ready kinds and what they need.
    pub(super) fn whole_schema(&self) -> Result<SchemaDef, ScenarioError> {
        let mut schema = self.schema.clone();
        let Some(ready) = &self.ready.records else {
            return Ok(schema);
        };
        let known = records::kinds().at("ready.records")?;
        let ready_measures = records::measures(ready.currency).at("ready.records")?;
        let mut own: Vec<_> = schema.measures.iter().cloned().collect();
        for (index, key) in ready.kinds.iter().enumerate() {
            let Some(kind) = known.iter().find(|kind| kind.key == *key) else {
                let keys = known.iter().map(|kind| kind.key.as_str());
                let (name, nearest, known) = unknown(key.as_str(), keys);
                return Err(ScenarioCause::UnknownReady {
                    what: "kind of record",
                    name,
                    nearest,
                    known,
                })
                .at(format!("ready.records.kinds[{index}]"));
            };
            let mut kind = kind.clone();
            let space = &schema.space;
            kind.dimensions
                .retain(|field| space.dimension(field.dimension().as_str()).is_ok());
            for field in &kind.measures {
                if own.iter().any(|measure| measure.key == field.measure) {
                    continue;
                }
                let found = ready_measures.id(field.measure.as_str());
                own.extend(found.and_then(|id| ready_measures.get(id)).cloned());
            }
            schema.kinds.push(kind);
        }
        schema.measures = Measures::new(own).at("ready.records")?;
        Ok(schema)
    }

    /// Returns the scenario's own metrics and the ready ones.
    pub(super) fn whole_metrics(&self) -> Result<Vec<MetricDef>, ScenarioError> {
        let mut all = self.metrics.clone();
        for (index, key) in self.ready.metrics.iter().enumerate() {
            let place = format!("ready.metrics[{index}]");
            let known = metrics::all().at(place.clone())?;
            let Some(entry) = known.iter().find(|entry| entry.definition.key == *key) else {
                let keys = known.iter().map(|entry| entry.definition.key.as_str());
                let (name, nearest, known) = unknown(key.as_str(), keys);
                return Err(ScenarioCause::UnknownReady {
                    what: "metric",
                    name,
                    nearest,
                    known,
                })
                .at(place);
            };
            all.push(entry.definition.clone());
        }
        Ok(all)
    }

    /// Returns the ready rules, with the scenario's thresholds.
    pub(super) fn ready_rules(&self) -> Result<Vec<RuleDef>, ScenarioError> {
        let mut all = Vec::new();
        for (index, ready) in self.ready.rules.iter().enumerate() {
            let place = format!("ready.rules[{index}]");
            let mut pack = packs::of(ready.pack).at(place.clone())?;
            for (rule, values) in &ready.set {
                for (parameter, number) in values {
                    pack = pack
                        .set_number(rule.as_str(), parameter.as_str(), number)
                        .at(format!("{place}.set"))?;
                }
            }
            for exemption in &ready.except {
                pack = pack.letting_off(ready.watch, exemption);
            }
            all.extend(pack.watching(ready.watch).cloned());
        }
        Ok(all)
    }

    /// Returns the figures of the packs that the records can fill and the scenario does not define itself.
    pub(super) fn pack_figures(&self, frame: &Layout) -> Result<Vec<MetricDef>, ScenarioError> {
        if self.ready.rules.is_empty() {
            return Ok(Vec::new());
        }
        let (mut fitting, _) = figures::fitting(frame).at("ready.rules")?;
        let own = self.whole_metrics()?;
        fitting.retain(|figure| own.iter().all(|metric| metric.key != figure.key));
        Ok(fitting)
    }
}
