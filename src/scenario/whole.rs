//! The model of a scenario with what it takes from the catalog.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{ScenarioError, Wrong};
use super::{ReadyRules, ScenarioCause, ScenarioDef};
use crate::calendar::Calendar;
use crate::catalog::packs::{self, figures};
use crate::catalog::{metrics, records};
use crate::key::{Key, unknown};
use crate::ledger::{RateTable, Schema};
use crate::limits::Limits;
use crate::measure::Measures;
use crate::metric::{Layout, MetricDef};
use crate::model::{Mistake, ModelDef, ModelError, ViewDef, WatchDef};
use crate::panel::{ColumnKey, Role};
use crate::rule::RuleDef;
use crate::space::{Space, Subjects, Unassigned};

/// A model with what is taken from the catalog, and what of it was taken.
pub(super) struct Whole {
    pub(super) definition: ModelDef,
    /// The watches whose rules are ready ones.
    pub(super) ready: BTreeSet<Key>,
    /// By view, the figures that are there only for ready rules.
    pub(super) figures: BTreeMap<Key, BTreeSet<Key>>,
    /// All of these that no view has but those which name them.
    pub(super) lent: BTreeSet<Key>,
    /// Where what is not the model's own is taken from the catalog, behind what is.
    taken: Taken,
}

/// By kind, metric, watch and shown column behind the model's own ones, the place in the document where it is taken from the catalog.
struct Taken {
    kinds: (usize, Vec<String>),
    metrics: (usize, Vec<String>),
    watches: (usize, Vec<String>),
    /// By view. Where a view shows all metrics, nothing is its own.
    shown: Vec<(usize, Vec<String>)>,
}

impl Taken {
    fn new(definition: &ModelDef) -> Self {
        let views = definition.views.iter();
        Self {
            kinds: (definition.kinds.len(), Vec::new()),
            metrics: (definition.metrics.len(), Vec::new()),
            watches: (definition.watches.len(), Vec::new()),
            shown: views.map(|view| (view.show.len(), Vec::new())).collect(),
        }
    }

    /// The place where what stands in a list of the whole model is taken from the catalog, unless it is the model's own.
    fn place(&self, place: &str) -> Option<&str> {
        let lists = [
            ("kinds[", &self.kinds),
            ("metrics[", &self.metrics),
            ("watches[", &self.watches),
        ];
        for (list, known) in lists {
            if let Some((at, _)) = within(place, list) {
                return behind(known, at);
            }
        }
        let (view, rest) = within(place, "views[")?;
        let known = self.shown.get(view)?;
        let (at, _) = within(rest, ".show[")?;
        behind(known, at)
    }
}

/// The place and the rest behind the number of an element of a list.
fn within<'p>(place: &'p str, list: &str) -> Option<(usize, &'p str)> {
    let (at, rest) = place.strip_prefix(list)?.split_once(']')?;
    Some((at.parse().ok()?, rest))
}

/// What stands behind a list's own elements.
fn behind((own, taken): &(usize, Vec<String>), at: usize) -> Option<&str> {
    let at = at.checked_sub(*own)?;
    taken.get(at).map(String::as_str)
}

impl Whole {
    pub(super) fn new(scenario: &ScenarioDef, limits: Limits, wrong: &mut Wrong) -> Self {
        let definition = scenario.model.clone();
        let taken = Taken::new(&definition);
        let mut whole = Self {
            definition,
            ready: BTreeSet::new(),
            figures: BTreeMap::new(),
            lent: BTreeSet::new(),
            taken,
        };
        whole.records(scenario, wrong);
        whole.metrics(scenario, wrong);
        for (index, ready) in scenario.ready.rules.iter().enumerate() {
            let place = format!("ready.rules[{index}]");
            whole.rules(ready, (scenario, limits), &place, wrong);
        }
        whole
    }

    /// What is wrong with the model, with places in the document of the scenario.
    pub(super) fn misplaced(&self, error: ModelError) -> ScenarioError {
        let mistakes = error.mistakes.into_iter().map(|mistake| Mistake {
            place: match self.taken.place(&mistake.place) {
                Some(place) => place.to_owned(),
                None => format!("model.{}", mistake.place),
            },
            cause: mistake.cause.into(),
        });
        ScenarioError {
            mistakes: mistakes.collect(),
        }
    }

    /// Adds the ready kinds and the measures that they carry.
    fn records(&mut self, scenario: &ScenarioDef, wrong: &mut Wrong) {
        let Some(ready) = &scenario.ready.records else {
            return;
        };
        let place = "ready.records";
        let known = wrong.take(place, records::kinds());
        let measures = wrong.take(place, records::measures(ready.currency));
        let Some((known, measures)) = known.zip(measures) else {
            return;
        };
        for (index, key) in ready.kinds.iter().enumerate() {
            let Some(kind) = known.iter().find(|kind| kind.key == *key) else {
                let keys = known.iter().map(|kind| kind.key.as_str());
                let cause = unknown_ready("kind of record", key, keys);
                wrong.add(format!("{place}.kinds[{index}]"), cause);
                continue;
            };
            let mut kind = kind.clone();
            let dimensions = &self.definition.dimensions;
            kind.dimensions.retain(|field| {
                let mut known = dimensions.iter();
                known.any(|known| known.key == *field.dimension())
            });
            for field in &kind.measures {
                let own = &mut self.definition.measures;
                if own.iter().any(|measure| measure.key == field.measure) {
                    continue;
                }
                let found = measures.id(field.measure.as_str());
                own.extend(found.and_then(|id| measures.get(id)).cloned());
            }
            self.definition.kinds.push(kind);
            self.taken.kinds.1.push(format!("{place}.kinds[{index}]"));
        }
    }

    /// Adds the ready metrics.
    fn metrics(&mut self, scenario: &ScenarioDef, wrong: &mut Wrong) {
        if scenario.ready.metrics.is_empty() {
            return;
        }
        let Some(known) = wrong.take("ready.metrics", metrics::all()) else {
            return;
        };
        for (index, key) in scenario.ready.metrics.iter().enumerate() {
            if let Some(entry) = known.iter().find(|entry| entry.definition.key == *key) {
                self.definition.metrics.push(entry.definition.clone());
                self.taken.metrics.1.push(format!("ready.metrics[{index}]"));
            } else {
                let keys = known.iter().map(|entry| entry.definition.key.as_str());
                let cause = unknown_ready("metric", key, keys);
                wrong.add(format!("ready.metrics[{index}]"), cause);
            }
        }
    }

    /// Adds the rules of a pack that watch a view, with the thresholds of the scenario, and the figures that they may read.
    fn rules(
        &mut self,
        ready: &ReadyRules,
        (scenario, limits): (&ScenarioDef, Limits),
        place: &str,
        wrong: &mut Wrong,
    ) {
        let views = &self.definition.views;
        let at = match &ready.view {
            None => (!views.is_empty()).then_some(0),
            Some(name) => views.iter().position(|view| view.key == *name),
        };
        let Some(at) = at else {
            let name = ready.view.as_ref().map_or("", Key::as_str);
            let (name, nearest, known) = unknown(name, views.iter().map(|view| view.key.as_str()));
            let cause = ScenarioCause::UnknownView {
                name,
                nearest,
                known,
            };
            wrong.add(format!("{place}.view"), cause);
            return;
        };
        let Some(rules) = rules(ready, place, wrong) else {
            return;
        };
        let Some(key) = wrong.take(place, Key::new(place)) else {
            return;
        };
        self.definition.watches.push(WatchDef {
            key: key.clone(),
            view: self.definition.views[at].key.clone(),
            rules,
            from: None,
            open_days: 0,
        });
        self.ready.insert(key);
        self.taken.watches.1.push(place.to_owned());
        let Some(layout) = layout(&self.definition, at, (scenario, limits)) else {
            return;
        };
        let Some((fitting, _)) = wrong.take(place, figures::fitting(&layout)) else {
            return;
        };
        self.show_all(at);
        for figure in fitting {
            self.show(at, figure, place);
        }
    }

    /// Names the columns of a view that shows all metrics, before it shows figures of packs too.
    fn show_all(&mut self, at: usize) {
        let own = self.definition.metrics.iter();
        let own = own.filter(|metric| !self.lent.contains(&metric.key));
        let view = &mut self.definition.views[at];
        if view.show.is_empty() {
            view.show = own.map(actual).collect();
            let all = vec![format!("model.views[{at}]"); view.show.len()];
            self.taken.shown[at].1 = all;
        }
    }

    /// Lets a view show a figure of packs: the model's own, where it has one of its name.
    fn show(&mut self, at: usize, figure: MetricDef, place: &str) {
        let metrics = &mut self.definition.metrics;
        let is_new = !metrics.iter().any(|metric| metric.key == figure.key);
        let column = actual(&figure);
        let view = &mut self.definition.views[at];
        if !view.show.contains(&column) {
            let own = self.figures.entry(view.key.clone()).or_default();
            own.insert(figure.key.clone());
            view.show.push(column);
            self.taken.shown[at].1.push(place.to_owned());
        }
        if is_new {
            self.lent.insert(figure.key.clone());
            self.taken.metrics.1.push(place.to_owned());
            metrics.push(figure);
        }
    }
}

fn actual(metric: &MetricDef) -> ColumnKey {
    ColumnKey {
        metric: metric.key.clone(),
        role: Role::Actual,
    }
}

/// The rules of a pack, with thresholds of one's own.
fn rules(ready: &ReadyRules, place: &str, wrong: &mut Wrong) -> Option<Vec<RuleDef>> {
    let mut pack = wrong.take(place, packs::of(ready.pack))?;
    for (rule, values) in &ready.set {
        for (parameter, number) in values {
            let set = pack.set_number(rule.as_str(), parameter.as_str(), number);
            pack = wrong.take(format!("{place}.set"), set)?;
        }
    }
    for exemption in &ready.except {
        pack = pack.letting_off(ready.watch, exemption);
    }
    Some(pack.watching(ready.watch).cloned().collect())
}

/// The rows and periods of a view; nothing where the model is wrong, which is told where it is.
fn layout(
    definition: &ModelDef,
    view: usize,
    (scenario, limits): (&ScenarioDef, Limits),
) -> Option<Layout> {
    let calendar = match definition.calendar.clone() {
        Some(calendar) => Calendar::new(calendar).ok()?,
        None => Calendar::gregorian(),
    };
    let rates = definition.rates.iter().cloned().map(RateTable::new);
    let schema = Schema::with_rates(
        Space::new(definition.dimensions.clone()).ok()?,
        Measures::new(definition.measures.clone()).ok()?,
        definition.kinds.clone(),
        definition.span,
        rates.collect::<Result<_, _>>().ok()?,
    );
    let schema = schema.ok()?;
    let ViewDef { rows, periods, .. } = &definition.views[view];
    let mut subjects = Subjects::whole();
    for axis in rows {
        let own = schema.space().subjects(axis, Unassigned::Shown).ok()?;
        subjects = subjects.cross_within(&own, limits).ok()?;
    }
    let periods = periods.set(&calendar).ok()?;
    let layout = Layout::new(schema, subjects, periods).with_calendar(calendar);
    Some(layout.within(limits).as_of_day(scenario.as_of))
}

fn unknown_ready<'k>(
    what: &'static str,
    key: &Key,
    keys: impl Iterator<Item = &'k str>,
) -> ScenarioCause {
    let (name, nearest, known) = unknown(key.as_str(), keys);
    ScenarioCause::UnknownReady {
        what,
        name,
        nearest,
        known,
    }
}
