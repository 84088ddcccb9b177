//! The scenario files that ship with the examples: the good ones run, the broken ones say what is wrong and where.

use std::path::PathBuf;

use quotaflow::quantity::Quantum;
use quotaflow::scenario::{Outcome, ScenarioDef};
use quotaflow::text::Lang;
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/scenarios")
}

fn read(name: &str) -> Result<ScenarioDef, serde_json::Error> {
    serde_json::from_str(&std::fs::read_to_string(folder().join(name)).unwrap())
}

fn outcome(name: &str) -> Outcome {
    read(name).unwrap().run().unwrap()
}

#[test]
fn receivables_are_what_is_billed_and_not_paid() {
    // 河北二: 120,000 due on 14 February, 30,000 of it paid on 2 March; 90,000 more due on the 31st, after the day.
    let outcome = outcome("receivables.json");
    let values = serde_json::to_value(&outcome.views[0].figures[1]).unwrap()["values"].clone();
    assert_eq!(
        values,
        serde_json::json!({"balance": "180000", "due": "90000", "due_share": "0.5"})
    );
    // 山东一 has paid everything: a share of nothing has no base.
    let values = serde_json::to_value(&outcome.views[0].figures[2]).unwrap()["values"].clone();
    assert_eq!(values["due_share"], serde_json::json!({"none": "no_base"}));
    let alerts: Vec<_> = outcome.views[0]
        .alerts
        .iter()
        .map(|alert| alert.message.get(Lang::ZH))
        .collect();
    assert_eq!(alerts, ["河北二 逾期 9 万元"]);
}

#[test]
fn membership_follows_the_day_of_the_record() {
    // Dai moves from south to north on 1 March: her orders before stay in the south.
    let scenario = read("quota_periods.json").unwrap();
    let sold = |people: &[(&str, &str, &str)]| {
        let mut cents = 0;
        for record in scenario
            .records
            .iter()
            .filter(|record| record.kind == "order")
        {
            let day = record.day.to_string();
            let counts = |(person, from, to): &(&str, &str, &str)| {
                record.members["person"] == *person && day.as_str() >= *from && day.as_str() < *to
            };
            if people.iter().any(counts) {
                cents += Quantum::CENT
                    .units(record.amounts["sales"].decimal())
                    .unwrap();
            }
        }
        Quantum::CENT.amount(cents).normalize().to_string()
    };
    let outcome = scenario.run().unwrap();
    // The spring period runs from 9 February to 22 March, known up to 10 March.
    let spring = |row: usize| {
        serde_json::to_value(&outcome.views[0].figures[row]).unwrap()["values"]["sales"].clone()
    };
    let (start, end, move_day) = ("2026-02-09", "2026-03-11", "2026-03-01");
    assert_eq!(
        spring(1),
        sold(&[
            ("ann", start, end),
            ("bo", start, end),
            ("dai", move_day, end)
        ])
    );
    assert_eq!(
        spring(3),
        sold(&[("cai", start, end), ("dai", start, move_day)])
    );
}

#[test]
fn a_target_that_was_cascaded_adds_up() {
    let outcome = outcome("first_quarter.json");
    let scenario = read("first_quarter.json").unwrap();
    assert_eq!(scenario.model.plans.len(), 2);
    assert_eq!(outcome.views[0].figures.len(), 4 * 3);
    assert!(outcome.views[0].review.is_some() && outcome.views[0].scores.len() == 4);
    // Cai makes three visits a month where ten are planned.
    assert!(
        outcome.views[0]
            .alerts
            .iter()
            .any(|alert| alert.rule == *"few visits" && alert.subject[0] == *"cai")
    );
}

#[test]
fn the_same_scenario_gives_the_same_bytes() {
    let written = |name| serde_json::to_string(&outcome(name)).unwrap();
    for name in [
        "first_quarter.json",
        "quota_periods.json",
        "receivables.json",
        "ready.json",
    ] {
        let first = written(name);
        assert_eq!(first, written(name));
        let mut shuffled = read(name).unwrap();
        shuffled.records.reverse();
        assert_eq!(
            first,
            serde_json::to_string(&shuffled.run().unwrap()).unwrap(),
            "the order of entry means nothing"
        );
        let back: ScenarioDef =
            serde_json::from_str(&serde_json::to_string(&shuffled).unwrap()).unwrap();
        assert_eq!(back, shuffled);
    }
}

#[test]
fn a_broken_scenario_says_what_is_wrong_and_where() {
    let said = |name: &str| match read(&format!("broken/{name}")) {
        Ok(scenario) => scenario.run().unwrap_err().to_string(),
        Err(error) => error.to_string(),
    };
    for (name, text) in [
        (
            "unknown_member.json",
            "records[3]: dimension `dealer` has no member `河北三`; did you mean `河北一`?",
        ),
        (
            "finer_than_a_cent.json",
            "records[0]: billed: 80000.005 has more decimals than the smallest unit 0.01 allows",
        ),
        (
            "unknown_metric.json",
            "model.watches[0].rules[0]: rule `overdue`, when.left: the panel has no column `duo`; did you mean `due`?",
        ),
        (
            "as_of_outside.json",
            "as_of: the view `by_dealer` cannot be judged: no period of `gregorian.quarter` holds 2026-07-01: the last one, `2026-Q1`, ends on 2026-03-31; name a day \
             up to then, or add periods up to 2026-07-01",
        ),
        (
            "unknown_ready_metric.json",
            "ready.metrics[1]: there is no ready metric `strike_rat`; did you mean `strike_rate`?",
        ),
    ] {
        assert_eq!(said(name), text);
    }
    assert!(
        said("binary_float.json").contains("floating point `80000.5`, expected an exact number")
    );
    assert!(said("unknown_field.json").starts_with("unknown field `colour`"));
}

#[test]
fn every_broken_file_is_refused() {
    let mut files = 0;
    for file in std::fs::read_dir(folder().join("broken")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        // It is JSON, so what is wrong is the content.
        assert!(serde_json::from_str::<Value>(&text).is_ok());
        let refused = serde_json::from_str::<ScenarioDef>(&text)
            .map_or(true, |scenario| scenario.run().is_err());
        assert!(refused);
        files += 1;
    }
    assert_eq!(files, 7);
}
