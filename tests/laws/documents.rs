//! Documents that somebody else wrote: whatever is changed in a good one, reading and running it ends with an answer or an
//! error, and what could be read is written and read back the same.

mod change;
mod rooms;

use crate::at::{PeriodAt, RowAt};
use std::panic::resume_unwind;
use std::sync::LazyLock;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use proptest::prelude::*;
use quotaflow::calendar::Calendar;
use quotaflow::ledger::{Ledger, Schema};
use quotaflow::measure::Measures;
use quotaflow::metric::{Layout, Program};
use quotaflow::model::PeriodsDef;
use quotaflow::panel::Panel;
use quotaflow::quantity::Ratio;
use quotaflow::rule::RuleSet;
use quotaflow::scenario::ScenarioDef;
use quotaflow::scorecard::Scorecard;
use quotaflow::space::{Space, Unassigned};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use change::{Change, changes, wholes};
use rooms::Rooms;

const SCENARIO: &str = include_str!("documents/scenario.json");
const ROOMS: &str = include_str!("documents/rooms.json");

/// Far more than any of these small documents needs, even on a slow machine; what takes longer has no bound at all.
const LONG: Duration = Duration::from_secs(30);

/// Reads a document; what could be read is written and read back the same, byte for byte.
fn read<T: Serialize + DeserializeOwned + PartialEq>(text: &str) -> Option<T> {
    let document: T = serde_json::from_str(text).ok()?;
    let written = serde_json::to_string(&document).unwrap();
    let back: T = match serde_json::from_str(&written) {
        Ok(back) => back,
        Err(error) => panic!("what was written cannot be read: {error}\n{written}"),
    };
    assert!(back == document, "what was read back differs: {written}");
    assert_eq!(serde_json::to_string(&back).unwrap(), written);
    Some(document)
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut document: Value = serde_json::from_str(text).unwrap();
    for change in changes {
        change.apply(&mut document);
    }
    document.to_string()
}

/// Runs beside the test, so that what would never end is a failure that shows the document.
fn timed(text: &str, run: fn(&str)) {
    let (done, end) = mpsc::channel();
    let own = text.to_owned();
    let runner = thread::spawn(move || {
        run(&own);
        // Nobody waits any more where it took too long.
        let _ = done.send(());
    });
    match end.recv_timeout(LONG) {
        Err(RecvTimeoutError::Timeout) => panic!("no end within {LONG:?}: {text}"),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {
            if let Err(panic) = runner.join() {
                eprintln!("{text}");
                resume_unwind(panic);
            }
        }
    }
}

/// Says whether a scenario has few periods: time and memory follow their number, and a test of many cases cannot wait.
fn is_short(scenario: &ScenarioDef) -> bool {
    let sets = scenario.model.tables.iter().map(|table| &table.periods);
    sets.chain(scenario.model.views.iter().map(|view| &view.periods))
        .all(|periods| match periods {
            PeriodsDef::Grain(def) => (def.to - def.from).num_days() < 2_000,
            PeriodsDef::Set(_) => true,
        })
}

fn run_scenario(text: &str) {
    if let Some(scenario) = read::<ScenarioDef>(text).filter(is_short) {
        let outcome = scenario.run();
        assert_eq!(outcome, scenario.run());
        match outcome {
            Ok(outcome) => drop(serde_json::to_string(&outcome).unwrap()),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

fn scenario() -> ScenarioDef {
    serde_json::from_str(SCENARIO).unwrap()
}

/// The metrics of the scenario over its records.
static METRICS: LazyLock<(Program, Ledger)> = LazyLock::new(|| {
    let scenario = scenario();
    let model = scenario.model;
    let schema = Schema::new(
        Space::new(model.dimensions).unwrap(),
        Measures::new(model.measures).unwrap(),
        model.kinds,
        model.span,
    );
    let schema = schema.unwrap();
    let view = &model.views[0];
    let subjects = schema.space().subjects(&view.rows[0], Unassigned::Shown);
    let PeriodsDef::Grain(def) = &view.periods else {
        panic!("a grain")
    };
    let months = Calendar::gregorian()
        .periods(def.grain, def.from, def.to)
        .unwrap();
    let frame = Layout::new(schema.clone(), subjects.unwrap(), months).as_of_day(scenario.as_of);
    let mut ledger = Ledger::new("test", schema).unwrap();
    ledger.enter(&scenario.records).unwrap();
    (Program::compile(&model.metrics, &frame).unwrap(), ledger)
});

fn partial() -> String {
    let (metrics, ledger) = &*METRICS;
    serde_json::to_string(&metrics.fold(ledger).unwrap()).unwrap()
}

fn run_partial(text: &str) {
    let (metrics, _) = &*METRICS;
    if let Ok(partial) = metrics.read(&mut serde_json::Deserializer::from_str(text)) {
        let _ = metrics.panel(&partial);
        if let Ok(merged) = metrics.merge(partial.clone(), &partial) {
            let _ = metrics.panel(&merged);
        }
    }
}

fn panel() -> String {
    let (metrics, ledger) = &*METRICS;
    serde_json::to_string(&metrics.panel(&metrics.fold(ledger).unwrap()).unwrap()).unwrap()
}

fn judge_panel(text: &str) {
    let Some(panel) = read::<Panel>(text) else {
        return;
    };
    let scenario = scenario();
    if let Ok(rules) = RuleSet::compile(scenario.model.watches[0].rules[1..].to_vec(), &panel) {
        for alert in rules
            .evaluate(&panel, panel.period_at(3))
            .unwrap_or_default()
        {
            drop(alert.explain(&rules, &panel));
        }
    }
    let mut card = scenario.model.cards[0].clone();
    card.groups[0].kpis.remove(0);
    card.groups[0].kpis[0].weight = Ratio::ONE;
    card.gates.clear();
    if let Ok(scores) = Scorecard::compile(card)
        .unwrap()
        .score(&panel, panel.period_at(3))
    {
        for subject in 0..scores.len() {
            drop(scores.explain(scores.row_at(subject)));
        }
    }
}

fn ask_rooms(text: &str) {
    if let Some(rooms) = read::<Rooms>(text) {
        rooms.ask();
    }
}

#[test]
fn the_documents_are_good_before_they_are_changed() {
    let scenario: ScenarioDef = read(SCENARIO).unwrap();
    if let Err(error) = scenario.run() {
        panic!("{error}");
    }
    match serde_json::from_str::<Rooms>(ROOMS) {
        Ok(rooms) => rooms.ask(),
        Err(error) => panic!("{error}"),
    }
}

/// What is wrong with a document, if anything is.
fn refusal(name: &str, document: &Value) -> Option<String> {
    let text = document.to_string();
    if name == "scenario" {
        serde_json::from_str::<ScenarioDef>(&text)
            .err()
            .map(|error| error.to_string())
    } else {
        serde_json::from_str::<Rooms>(&text)
            .err()
            .map(|error| error.to_string())
    }
}

/// Fields whose own fields are names that a user gives.
const MAPS: [&str; 12] = [
    // Texts by language.
    "title",
    "message",
    "action",
    "members",
    "amounts",
    "attributes",
    "dates",
    "via",
    "at",
    "parameters",
    "frequency",
    "totals",
];

#[test]
fn partial_results_and_panels_are_good_before_they_are_changed() {
    let (metrics, _) = &*METRICS;
    let back = metrics.read(&mut serde_json::Deserializer::from_str(&partial()));
    assert_eq!(serde_json::to_string(&back.unwrap()).unwrap(), partial());
    assert!(read::<Panel>(&panel()).is_some());
    judge_panel(&panel());
}

#[test]
fn a_field_that_is_not_known_is_refused_by_name_everywhere() {
    let mut silent = Vec::new();
    for (name, text) in [("scenario", SCENARIO), ("rooms", ROOMS)] {
        let document: Value = serde_json::from_str(text).unwrap();
        for (pointer, field) in wholes(&document) {
            if MAPS.contains(&field.as_str()) {
                continue;
            }
            let mut changed = document.clone();
            changed.pointer_mut(&pointer).unwrap()["colour"] = Value::from(1);
            let error = refusal(name, &changed).unwrap_or_default();
            // A variant with its contents is an object of one field, where the reader of JSON does not name a second one.
            let variant = document
                .pointer(&pointer)
                .and_then(Value::as_object)
                .is_some_and(|fields| fields.len() == 1);
            let named = error.contains("colour") || (variant && !error.is_empty());
            if !named {
                silent.push(format!("{name}{pointer}: {error:?}"));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn a_newer_version_is_refused_everywhere() {
    for (name, text) in [("scenario", SCENARIO), ("rooms", ROOMS)] {
        let document: Value = serde_json::from_str(text).unwrap();
        let mut versions = 0;
        for (pointer, _) in wholes(&document) {
            let mut changed = document.clone();
            let whole = changed.pointer_mut(&pointer).unwrap();
            if whole.get("version").is_some() {
                versions += 1;
                whole["version"] = Value::from(99);
                let error = refusal(name, &changed).unwrap_or_default();
                assert!(error.contains("version 99"), "{name}{pointer}: {error:?}");
            }
        }
        assert!(versions > 5, "{versions}");
    }
}

proptest! {
    #[test]
    fn a_changed_scenario_ends_with_an_outcome_or_an_error(changes in changes()) {
        timed(&changed(SCENARIO, &changes), run_scenario);
    }
    #[test]
    fn changed_documents_of_the_other_rooms_end_with_an_answer_or_an_error(changes in changes()) {
        timed(&changed(ROOMS, &changes), ask_rooms);
    }
    #[test]
    fn a_changed_partial_result_ends_with_figures_or_an_error(changes in changes()) {
        timed(&changed(&partial(), &changes), run_partial);
    }

    #[test]
    fn a_changed_panel_is_judged_or_refused(changes in changes()) {
        timed(&changed(&panel(), &changes), judge_panel);
    }
}
