//! A scenario with what it takes from the catalog.

use super::{At, ScenarioCause, ScenarioDef, ScenarioError};
use crate::catalog::packs::{self, figures};
use crate::catalog::{metrics, records};
use crate::key::unknown;
use crate::ledger::SchemaDef;
use crate::measure::Measures;
use crate::metric::{Layout, MetricDef};
use crate::rule::RuleDef;

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
