//! The columns that the rooms add, held against the table that lists them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use quotaflow::calendar::{Calendar, Grain, WorkingDays, WorkingDaysDef, WorkingHours};
use quotaflow::duty::{
    ActivityQuota, Bar, Chain, Duty, ExecutionWeights, MatchRule, Performance, RollOutPlan,
    compliance_columns, duty_columns, effort_columns, expense_lost_columns, fading_columns,
    intervention_columns, need_columns, quadrant_columns, written_plan_columns,
};
use quotaflow::funnel::{Funnel, FunnelDef, StageDef, StageKind, StagePair};
use quotaflow::key::Key;
use quotaflow::measure::Direction;
use quotaflow::pace::{Forecasts, Pace, Pacing};
use quotaflow::panel::{Column, ColumnKey, Columns, Panel, RollUp};
use quotaflow::process::{CountedTo, TaskDef, Workflow, WorkflowDef};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::rule::{RuleDef, RuleSet, Supply};
use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};
use quotaflow::statistics::{LagWindow, lag_columns};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn panel() -> Panel {
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), vec![key("ann")]).unwrap();
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2026-01-01"), day("2026-03-01"))
        .unwrap();
    let mut panel = Panel::new(subjects, months);
    for role in [ColumnKey::actual("M"), ColumnKey::target("M")] {
        let unit = "money:EUR".parse().unwrap();
        panel
            .add(Column::amounts(
                role.unwrap(),
                unit,
                Quantum::CENT,
                vec![5, 7],
            ))
            .unwrap();
    }
    panel
}

/// Returns the rows of the table: (key, unit, better).
fn listed() -> BTreeSet<(String, String, String)> {
    let page = include_str!("../../src/panel/columns.md");
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let key = cells[1].trim_matches('`');
            let key = key.replace("<metric>", "M").replace("<class>", "C");
            let key = key.replace("<count>", "N").replace("<activity>", "A");
            let key = key
                .replace("<from>.<to>", "lead.won")
                .replace("<stage>", "lead")
                .replace("<rule>", "R");
            let text = |at: usize| cells[at].to_owned();
            (key, text(2), text(3))
        });
    rows.collect()
}

fn row(column: &Column, name: &str) -> (String, String, String) {
    let unit = column.unit().to_string();
    let unit = match unit.as_str() {
        "money:EUR" if name == "values" => "of the values".to_owned(),
        "money:EUR" => "of the metric".to_owned(),
        "money:EUR per day" if name == "values" => "of the values per day".to_owned(),
        "money:EUR per day" => "of the metric per day".to_owned(),
        count if count.starts_with("count:") => "count".to_owned(),
        other => other.to_owned(),
    };
    let better = match column.direction() {
        Direction::Larger => "larger",
        Direction::Smaller => "smaller",
        Direction::Target => "target",
        Direction::Neutral => "neutral",
    };
    (column.key().to_string(), unit, better.to_owned())
}

/// What rules read beside figures.
fn supplied() -> Vec<Column> {
    let mut panel = panel();
    let figures = panel.columns().len();
    let rule = |key: &str, when: &str| RuleDef::new(key, when.parse().unwrap()).unwrap();
    let days = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("office"))).unwrap();
    let week: WorkingHours = serde_json::from_str(
        r#"{"key": "shift", "week": [["09:00-17:00"], [], [], [], [], [], []]}"#,
    )
    .unwrap();
    let below = panel.clone();
    let rules = RuleSet::compile([rule("R", "M > 0")], &below).unwrap();
    let judge = rules.over(&below).unwrap();
    let staff = DimensionDef::flat("person", "person", ["ann"]).unwrap();
    let staff = Dimension::new(staff).unwrap();
    let supply = Supply::new()
        .below(&judge, staff.tree("person").unwrap())
        .working_days(&days)
        .working_hours(&week);
    let read = "below(R) > quiet(M) or quiet(M, working days) > quiet(M, working time)";
    panel.extend(supply.columns(&[rule("all", read)])).unwrap();
    panel.columns()[figures..].to_vec()
}

#[test]
fn the_table_of_columns_lists_what_the_rooms_add() {
    let (panel, as_of) = (panel(), day("2026-02-10"));
    let n = key("<name>");
    let mut found = BTreeSet::new();
    let mut take = |columns: Vec<Column>, name: &str| {
        for column in columns {
            let (key, unit, better) = row(&column, name);
            let of_metric = ["metric", "outlook"].contains(&name) && better == "larger";
            // What is good of the metric's own figures follows the metric.
            let own = of_metric && key != "M.chance";
            let better = if own {
                "as the metric".to_owned()
            } else {
                better
            };
            found.insert((key, unit, better));
        }
    };

    let pace = Pace::new("M", Pacing::default()).unwrap();
    take(pace.columns(as_of).columns(&panel).unwrap(), "metric");
    let coverage = Ratio::percent(80).try_into().unwrap();
    take(
        pace.columns(as_of)
            .outlook(coverage, &[])
            .columns(&panel)
            .unwrap(),
        "outlook",
    );
    let forecasts = Forecasts::new(panel.periods().clone(), Vec::new()).unwrap();
    take(
        forecasts
            .columns(&n, &key("M"), 0, as_of)
            .columns(&panel)
            .unwrap(),
        "forecast",
    );

    let stages = vec![
        StageDef::open(key("lead")),
        StageDef::open(key("won")).ending(StageKind::Won),
    ];
    let funnel = Funnel::new(FunnelDef {
        version: quotaflow::document::Version::default(),
        key: key("sales"),
        stages,
        moves: None,
    });
    let funnel = funnel.unwrap();
    let pipeline = funnel.pipeline(&[], as_of).unwrap();
    let euro = "money:EUR".parse().unwrap();
    let chances = pipeline.stated_chances();
    let person = RollUp::Person;
    let columns = pipeline
        .columns(&n, &euro, Quantum::CENT, &chances, person)
        .columns(&panel);
    take(columns.unwrap(), "values");
    let columns = pipeline
        .closing_columns(&n, &euro, Quantum::CENT, &chances, person)
        .columns(&panel);
    take(columns.unwrap(), "values");
    let coverage = pipeline
        .coverage_columns(&n, &key("M"), Quantum::CENT, person)
        .columns(&panel);
    take(coverage.unwrap(), "values");
    let pairs = [StagePair::new(key("lead"), key("won"))];
    let converted = pipeline
        .conversion_columns(&n, &pairs, person)
        .columns(&panel);
    take(converted.unwrap(), "");
    take(
        pipeline.stage_columns(&n, person).columns(&panel).unwrap(),
        "",
    );

    let duty: Duty = serde_json::from_str(
        r#"{"key": "report", "who": ["ann"], "evidence": "report",
            "cadence": {"anchor": "2026-01-01", "rhythm": {"kind": "working_days", "every": 1}, "roll": "keep"}}"#,
    )
    .unwrap();
    let office = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("office"))).unwrap();
    let asked = duty.obligations(day("2026-01-01"), as_of, &office).unwrap();
    let report = duty.report(&asked, &[], as_of).unwrap();
    take(
        duty_columns(&n, &[(&duty, &report)], person)
            .columns(&panel)
            .unwrap(),
        "",
    );
    let stepped_in = intervention_columns(&n, &[(&duty, &report)], &[], person).columns(&panel);
    take(stepped_in.unwrap(), "");
    let matched = MatchRule::default()
        .match_plan(&[], &[], &[], as_of)
        .unwrap();
    take(
        compliance_columns(&n, &matched, person)
            .columns(&panel)
            .unwrap(),
        "",
    );
    let expense = expense_lost_columns(&n, &matched, &euro, Quantum::CENT, person).columns(&panel);
    take(expense.unwrap(), "values");
    let quota: ActivityQuota = serde_json::from_str(
        r#"{"key": "new", "who": ["ann"], "quota": {"counts": "N", "floor": 1}}"#,
    )
    .unwrap();
    let quota = quota.report(&[], panel.periods(), as_of).unwrap();
    take(quota.columns(&n, person).columns(&panel).unwrap(), "");
    let chain = Chain::observed(Ratio::ONE, &[(key("A"), 1)]).unwrap();
    let (chains, per_day) = (
        [(key("ann"), chain)].into(),
        [(key("A"), Ratio::ONE)].into(),
    );
    let needs = need_columns(&n, &key("M"), &chains, &per_day, &office).columns(&panel);
    take(needs.unwrap(), "");
    take(
        written_plan_columns(&n, &[], person, as_of)
            .columns(&panel)
            .unwrap(),
        "",
    );
    let roll_out: RollOutPlan =
        serde_json::from_str(r#"{"plan": "p", "from": "2026-01-01", "people": ["ann"]}"#).unwrap();
    take(
        roll_out.columns(&n, person, as_of).columns(&panel).unwrap(),
        "",
    );
    let weights = ExecutionWeights::default();
    let performance = Performance::default()
        .columns(&n, person, weights)
        .columns(&panel);
    take(performance.unwrap(), "");
    let (actual, target) = (
        ColumnKey::actual("M").unwrap(),
        ColumnKey::target("M").unwrap(),
    );
    let fading = fading_columns(&n, &actual, &target, 1).columns(&panel);
    take(fading.unwrap(), "");
    let window = LagWindow::new(1, 3).unwrap();
    take(
        lag_columns(&n, &actual, &target, window)
            .columns(&panel)
            .unwrap(),
        "",
    );
    let mix = [(key("C"), Ratio::ONE)].into();
    take(
        effort_columns(&n, &mix, &[], person)
            .columns(&panel)
            .unwrap(),
        "",
    );
    let bar = |column| Bar {
        column,
        bar: Ratio::ONE,
    };
    take(
        quadrant_columns(&n, &bar(actual), &bar(target))
            .columns(&panel)
            .unwrap(),
        "",
    );

    let step = TaskDef::new(key("offer"))
        .owned_by(key("ann"))
        .within(60, 60)
        .judged_by("complete");
    let workflow = Workflow::new(WorkflowDef::new(key("order"), vec![step])).unwrap();
    take(
        workflow
            .columns(&n, &[], CountedTo::Owner)
            .columns(&panel)
            .unwrap(),
        "",
    );
    take(
        workflow
            .instance_columns(&n, &[], |_| None)
            .columns(&panel)
            .unwrap(),
        "",
    );
    take(
        quotaflow::alert::figures(&[], &[]).columns(&panel).unwrap(),
        "",
    );
    take(supplied(), "");

    let listed = listed();
    let missing: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "not listed: {missing:#?}\nlisted, but nobody adds them: {gone:#?}"
    );
}
