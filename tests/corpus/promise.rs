//! What an input may cost: a document of 10 kB that counts under 10,000 cells takes no more than 100 ms of processor time and
//! 64 MiB. The documents are those that cost most of each kind; each is asked through the public interface, with the limits
//! that hold where a host says nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use quotaflow::alert::Monitor;
use quotaflow::allocation::{
    Bound, Lots, Method, WeightPolicy, Weights, allocate, allocate_within, tie,
};
use quotaflow::calendar::{
    Cadence, Calendar, CalendarDef, Grain, PeriodSet, WorkingDays, WorkingDaysDef, WorkingHours,
    WorkingHoursDef, refinement,
};
use quotaflow::duty::{DoneItem, MatchRule, PlannedItem, Route, RouteDef};
use quotaflow::key::Key;
use quotaflow::limits::{Limits, Size};
use quotaflow::margins::{Closing, Marginal, Seed, Several, TwoWay};
use quotaflow::panel::{Column, Panel};
use quotaflow::pay::{PayPlan, PayPlanDef};
use quotaflow::process::{Costs, Extent, Workflow, WorkflowDef};
use quotaflow::quantity::{Number, Quantum, Ratio};
use quotaflow::rule::check::check;
use quotaflow::rule::{Condition, RuleDef, RuleSet};
use quotaflow::scenario::ScenarioDef;
use quotaflow::scorecard::{HealthLimits, Scorecard, ScorecardDef};
use quotaflow::space::{Axis, Subjects};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The most bytes of a document that the promise is about.
const BYTES: usize = 10_240;
const MILLISECONDS: u64 = 100;
const MEMORY_KIB: u64 = 64 * 1024;

/// A kind of document: the folder, and what is asked.
type Asked = (&'static str, fn(&[u8]));

const KINDS: [Asked; 15] = [
    ("allocations", allocations),
    ("calendars", calendars),
    ("conditions", conditions),
    ("margins", margins),
    ("margins_of_several_axes", margins_of_several_axes),
    ("matching", matching),
    ("numbers", numbers),
    ("rules", rules),
    ("scenarios", scenarios),
    ("workflows", workflows),
    ("working_time", working_time),
    ("monitors", monitors),
    ("pay_plans", pay_plans),
    ("routes", routes),
    ("scorecards", scorecards),
];

/// The document that a process of its own asks: memory is told of a process, and what it gave back stays with it.
const ALONE: &str = "QUOTAFLOW_DOCUMENT";

/// Says whether this process is one that asks a single document.
pub fn is_alone() -> bool {
    std::env::var(ALONE).is_ok()
}

/// Where this is set, documents are measured in a build without debug assertions; elsewhere they are only asked, since what a
/// machine is busy with gates nothing.
const MEASURED: &str = "QUOTAFLOW_PROMISE";

/// The total of a line by its place and a drawn number.
type Total = fn(usize, u64) -> i64;

/// Asks every document; where it is measured, none takes more than was promised.
pub fn every_document_keeps_it() {
    if let Ok(one) = std::env::var(ALONE) {
        return alone(&one);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/worst");
    let mut over = Vec::new();
    for (kind, ask) in KINDS {
        let mut files: Vec<_> = fs::read_dir(folder.join(kind))
            .unwrap_or_else(|error| panic!("{kind}: {error}"))
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "{kind} has no documents");
        for file in files {
            let data = fs::read(&file).unwrap();
            let name = format!("{kind}/{}", file.file_name().unwrap().display());
            assert!(data.len() <= BYTES, "{name} has {} bytes", data.len());
            if cfg!(debug_assertions) || std::env::var(MEASURED).is_err() {
                ask(&data);
                continue;
            }
            // What else the machine does shows in processor time too; the least of a few attempts is the document's own.
            let attempts = (0..4).map(|_| measured(&name));
            let within = |(took, grew): &(u64, u64)| *took <= MILLISECONDS && *grew <= MEMORY_KIB;
            let mut last = (0, 0);
            for attempt in attempts {
                last = attempt;
                if within(&last) {
                    break;
                }
            }
            let (took, grew) = last;
            eprintln!("{took:6} ms {grew:6} KiB {:6} bytes  {name}", data.len());
            if took > MILLISECONDS || grew > MEMORY_KIB {
                over.push(format!("{name}: {took} ms, {grew} KiB"));
            }
        }
    }
    assert!(over.is_empty(), "{over:#?}");
}

/// Asks one document in a process of its own, and returns the milliseconds and the KiB that it took.
fn measured(name: &str) -> (u64, u64) {
    let own = std::env::current_exe().unwrap();
    let done = Command::new(own)
        .args(["--nocapture", "--test-threads=1"])
        .env(ALONE, name)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{name}: {}", cut(&text));
    for line in text.lines().filter(|line| line.starts_with("    ")) {
        eprintln!("{line}");
    }
    let told = text.lines().find_map(|line| line.strip_prefix("took "));
    let mut numbers = told
        .unwrap_or_default()
        .split(' ')
        .map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

fn alone(name: &str) {
    let (kind, _) = name.split_once('/').unwrap();
    let (_, ask) = KINDS.iter().find(|(each, _)| *each == kind).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/worst");
    let data = fs::read(folder.join(name)).unwrap();
    // Whatever is set up once is not a part of what a document costs.
    ask(b"null");
    let (before, floor) = (processor_time(), memory());
    ask(&data);
    let took = (processor_time() - before) / 1_000_000;
    eprintln!("took {took} {}", memory().saturating_sub(floor));
}

/// Nanoseconds that this thread has had a processor, where the system tells; waiting does not count.
fn processor_time() -> u64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ')
        .next()
        .and_then(|first| first.parse().ok())
        .unwrap_or(0)
}

/// The most memory that was ever resident, in KiB, where the system tells.
fn memory() -> u64 {
    let told = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

fn read<T: DeserializeOwned>(data: &[u8]) -> Option<T> {
    match serde_json::from_slice(data) {
        Ok(read) => Some(read),
        Err(error) => {
            if data != b"null" {
                eprintln!("    not read: {}", cut(&error.to_string()));
            }
            None
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(160).collect()
}

fn told<T, E: std::fmt::Display>(result: Result<T, E>) -> Option<T> {
    match result {
        Ok(found) => Some(found),
        Err(error) => {
            eprintln!("    refused: {}", cut(&error.to_string()));
            None
        }
    }
}

#[derive(Deserialize)]
struct Split {
    amount: i64,
    weights: Vec<Ratio>,
    #[serde(default)]
    bounds: Vec<Bound>,
    #[serde(default)]
    lots: Option<Lots>,
}

const METHODS: [Method; 9] = [
    Method::LargestRemainder,
    Method::Webster,
    Method::Hill,
    Method::Dean,
    Method::Jefferson,
    Method::Adams,
    Method::Running,
    Method::SpareToHeaviest,
    Method::RemainderToLargest,
];

fn allocations(data: &[u8]) {
    let Some(split) = read::<Split>(data) else {
        return;
    };
    let Some(weights) = told(Weights::new(&split.weights, WeightPolicy::ALLOCATE)) else {
        return;
    };
    let lots = split.lots.unwrap_or_default();
    for method in METHODS {
        drop(allocate(split.amount, &weights, method));
        drop(tie(split.amount, &weights, method));
        drop(allocate_within(
            split.amount,
            &weights,
            method,
            &split.bounds,
            &lots,
        ));
    }
}

#[derive(Deserialize)]
struct Years {
    calendar: CalendarDef,
    from: NaiveDate,
    to: NaiveDate,
    set: Option<PeriodSet>,
}

fn calendars(data: &[u8]) {
    let Some(years) = read::<Years>(data) else {
        return;
    };
    let Some(calendar) = told(Calendar::new(years.calendar)) else {
        return;
    };
    for grain in [Grain::Year, Grain::Quarter, Grain::Month, Grain::Week] {
        let Some(set) = told(calendar.periods(grain, years.from, years.to)) else {
            continue;
        };
        if let Some(own) = &years.set {
            let _ = told(refinement(&set, own));
        }
    }
}

fn conditions(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if text == "null" {
        return;
    }
    if let Some(condition) = told(text.parse::<Condition>()) {
        let rule = RuleDef::new("rule", condition).unwrap();
        drop(check(&[rule], &BTreeMap::new()));
    }
}

fn margins(data: &[u8]) {
    if let Some(problem) = read::<TwoWay>(data) {
        let _ = told(problem.solve(Closing::default()));
    }
}

fn margins_of_several_axes(data: &[u8]) {
    if let Some(problem) = read::<Several>(data) {
        let _ = told(problem.solve());
    }
}

#[derive(Deserialize)]
struct Matching {
    rule: MatchRule,
    planned: Vec<PlannedItem>,
    done: Vec<DoneItem>,
    as_of: NaiveDate,
}

fn matching(data: &[u8]) {
    if let Some(all) = read::<Matching>(data) {
        drop(told(all.rule.match_plan(
            &all.planned,
            &all.done,
            &[],
            all.as_of,
        )));
    }
}

fn numbers(data: &[u8]) {
    let Some(texts) = read::<Vec<String>>(data) else {
        return;
    };
    for text in texts {
        drop(text.parse::<Number>());
        drop(text.parse::<Ratio>());
    }
}

#[derive(Deserialize)]
struct Judged {
    rows: usize,
    periods: u64,
    /// What each cell is: the row and the period, times so much.
    #[serde(default)]
    rise: i64,
    rules: Vec<RuleDef>,
}

impl Judged {
    fn panel(&self) -> Panel {
        let names = (0..self.rows).map(|row| Key::new(format!("p{row}")).unwrap());
        let axis = Axis::new("person", "person").unwrap();
        let subjects = Subjects::new(axis, names.collect()).unwrap();
        let start = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        let end = start + chrono::Days::new(self.periods);
        let days = Calendar::gregorian()
            .periods(Grain::Day, start, end)
            .unwrap();
        let mut panel = Panel::new(subjects, days);
        for name in ["sales", "visits"] {
            let unit = "count:visit".parse().unwrap();
            let cells = panel.each(|row, period| {
                i64::try_from(row.index() + period.index()).unwrap() * self.rise
            });
            panel
                .add(Column::amounts(
                    name.parse().unwrap(),
                    unit,
                    Quantum::ONE,
                    cells,
                ))
                .unwrap();
        }
        panel
    }
}

fn rules(data: &[u8]) {
    let Some(judged) = read::<Judged>(data) else {
        return;
    };
    drop(check(&judged.rules, &BTreeMap::new()));
    let panel = judged.panel();
    let Some(rules) = told(RuleSet::compile(judged.rules, &panel)) else {
        return;
    };
    let Some(judge) = told(rules.over(&panel)) else {
        return;
    };
    let Some(last) = panel.periods().ids().last() else {
        return;
    };
    if let Some(alerts) = told(judge.evaluate(last)) {
        for alert in alerts.iter().take(1) {
            let why = alert.explain(&rules, &panel).unwrap();
            drop(serde_json::to_string(&why).unwrap());
        }
    }
}

fn monitors(data: &[u8]) {
    let Some(judged) = read::<Judged>(data) else {
        return;
    };
    let panel = judged.panel();
    let Some(rules) = told(RuleSet::compile(judged.rules, &panel)) else {
        return;
    };
    let Some(judge) = told(rules.over(&panel)) else {
        return;
    };
    let mut monitor = Monitor::new();
    let last: Vec<_> = panel.periods().ids().collect();
    for period in last.iter().rev().take(2).rev() {
        let day = panel.periods().range(*period).unwrap().end();
        if told(monitor.advance(&judge, *period, day.and_time(NaiveTime::MIN))).is_none() {
            return;
        }
    }
    drop(serde_json::to_string(&monitor).unwrap());
}

fn scenarios(data: &[u8]) {
    let Some(scenario) = read::<ScenarioDef>(data) else {
        return;
    };
    // What counts more is told so before the work begins.
    let limits = [Size::Rows, Size::Cells, Size::Nodes].into_iter();
    let limits = limits.fold(Limits::default(), |limits, of| limits.with(of, 10_000));
    if let Some(outcome) = told(scenario.run_within(limits)) {
        drop(serde_json::to_string(&outcome).unwrap());
    }
}

#[derive(Deserialize)]
struct Work {
    workflow: WorkflowDef,
    trace: Vec<String>,
}

fn workflows(data: &[u8]) {
    let Some(work) = read::<Work>(data) else {
        return;
    };
    let Some(workflow) = told(Workflow::new(work.workflow)) else {
        return;
    };
    let trace: Vec<_> = work.trace.iter().map(|step| workflow.step(step)).collect();
    let _ = told(workflow.token_replay(&trace));
    for extent in [Extent::Whole, Extent::Begun] {
        let _ = told(workflow.align(&trace, extent, Costs::default()));
    }
}

#[derive(Deserialize)]
struct Timed {
    working: WorkingDaysDef,
    hours: WorkingHoursDef,
    #[serde(default)]
    cadences: Vec<Cadence>,
    from: NaiveDateTime,
    to: NaiveDateTime,
    steps: i32,
}

fn working_time(data: &[u8]) {
    let Some(all) = read::<Timed>(data) else {
        return;
    };
    let (from, to) = (all.from.date(), all.to.date());
    if let Some(working) = told(WorkingDays::new(all.working)) {
        let _ = told(working.count(from, to));
        let _ = told(working.add_working_days(from, all.steps));
        let _ = (working.roll_forward(from), working.roll_back(to));
        for cadence in &all.cadences {
            let _ = told(cadence.occurrences(from, to, &working));
        }
    }
    if let Some(hours) = told(WorkingHours::new(all.hours)) {
        let _ = told(hours.worked_between(all.from, all.to));
        let wanted = TimeDelta::minutes(i64::from(all.steps));
        let _ = told(hours.add_working_time(all.from, wanted));
        let _ = told(hours.subtract_working_time(all.to, wanted));
    }
}

fn year() -> Panel {
    let rules = Vec::new();
    Judged {
        rows: 100,
        periods: 50,
        rise: 1,
        rules,
    }
    .panel()
}

fn scorecards(data: &[u8]) {
    let Some(def) = read::<ScorecardDef>(data) else {
        return;
    };
    let Some(card) = told(Scorecard::compile(def)) else {
        return;
    };
    drop(card.health(&HealthLimits::default()));
    let panel = year();
    let _ = told(card.alignment(&panel, &HealthLimits::default()));
    let Some(last) = panel.periods().ids().last() else {
        return;
    };
    let _ = told(card.score(&panel, last));
}

fn pay_plans(data: &[u8]) {
    let Some(def) = read::<PayPlanDef>(data) else {
        return;
    };
    let Some(plan) = told(PayPlan::compile(def)) else {
        return;
    };
    let panel = year();
    let Some(last) = panel.periods().ids().last() else {
        return;
    };
    let _ = told(plan.pay(&panel, last));
}

fn routes(data: &[u8]) {
    let Some(def) = read::<RouteDef>(data) else {
        return;
    };
    let Some(route) = told(Route::new(def)) else {
        return;
    };
    drop(route.overfull());
    let week = WorkingDaysDef::monday_to_friday(Key::new("office").unwrap());
    let week = WorkingDays::new(week).unwrap();
    let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
    let _ = told(route.plan(day(2026), day(2027), &week));
}

/// Weights that are equal, few, or all different, at totals that are even, uneven, small and large: prints what the table of least
/// change of 400 by 400 takes, and asserts nothing, since a time gates nothing.
#[test]
#[ignore = "prints what a build that is measured takes, for some seconds"]
#[expect(
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "the numbers are small"
)]
fn what_ties_cost_beside_other_weights_is_printed() {
    let side = 400_usize;
    let mut state = 7_u64;
    let mut draw = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let totals: [(&str, Total); 8] = [
        ("half", |_, _| 200),
        ("one", |_, _| 1),
        ("three", |_, _| 3),
        ("1.5 each", |_, _| 600),
        ("100.25 each", |_, _| 40_100),
        ("rising", |line, _| 100 + line as i64),
        ("drawn", |_, drawn| 100 + (drawn % 900) as i64),
        ("two sorts", |line, _| if line % 2 == 0 { 200 } else { 601 }),
    ];
    for (name, total) in totals {
        let drawn: Vec<u64> = (0..side).map(|_| draw(1 << 20)).collect();
        let rows: Vec<i64> = (0..side).map(|line| total(line, drawn[line])).collect();
        let mut columns = rows.clone();
        columns.rotate_left(side / 3);
        let mut took = Vec::new();
        for distinct in [1, 2, 3, 5, 20, 1_000_000] {
            let weights: Vec<i64> = (0..side * side)
                .map(|_| 1 + draw(distinct) as i64 * 7)
                .collect();
            let stated = TwoWay::new(
                Seed::counts(side, side, &weights).unwrap(),
                Marginal::flat(rows.iter().copied()).unwrap(),
                Marginal::flat(columns.iter().copied()).unwrap(),
            )
            .unwrap();
            let before = processor_time();
            stated.solve(Closing::LeastChange).unwrap();
            took.push((processor_time() - before) / 100_000);
        }
        let shown: Vec<String> = took
            .iter()
            .map(|tenths| format!("{:.1}", *tenths as f64 / 10.0))
            .collect();
        eprintln!(
            "{name:12} ms for 1, 2, 3, 5, 20, many weights: {}",
            shown.join(" ")
        );
    }
}
