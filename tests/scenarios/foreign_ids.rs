//! A row or a period that another panel gave is answered and never a panic.

use quotaflow::alert::Monitor;
use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodId, PeriodSet};
use quotaflow::key::Key;
use quotaflow::pace::{Days, Forecasts, Pace, Pacing};
use quotaflow::panel::{Column, ColumnKey, Panel, PanelError, Reason};
use quotaflow::pay::{Base, PayCurveDef, PayElementDef, PayPlan, PayPlanDef};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::rule::{RuleDef, RuleError, RuleSet};
use quotaflow::scorecard::{CurveDef, InputDef, KpiDef, Scorecard, ScorecardDef};
use quotaflow::space::{Axis, RowId, Subjects};

fn people(names: &[&str]) -> Subjects {
    let keys = names.iter().map(|name| Key::new(name).unwrap()).collect();
    Subjects::new(Axis::new("person", "person").unwrap(), keys).unwrap()
}

fn months(until: &str) -> PeriodSet {
    let (from, to) = ("2026-01-01".parse().unwrap(), until.parse().unwrap());
    Calendar::gregorian()
        .periods(Grain::Month, from, to)
        .unwrap()
}

/// Two people over two months.
fn panel() -> Panel {
    let mut panel = Panel::new(people(&["ann", "bo"]), months("2026-03-01"));
    for key in ["sales", "target:sales"] {
        let unit = "money:EUR".parse().unwrap();
        let units = vec![100, 200, 300, 400];
        let column = Column::amounts(key.parse().unwrap(), unit, Quantum::CENT, units);
        panel.add(column).unwrap();
    }
    panel
}

/// The third person and the third month: the panel has neither.
fn foreign() -> (RowId, PeriodId) {
    let row = people(&["x", "y", "z"]).row(["z"]).unwrap();
    (row, months("2026-06-01").id("2026-03").unwrap())
}

#[test]
fn lists_and_panels_have_nothing_for_a_foreign_row_or_period() {
    let (panel, (row, period)) = (panel(), foreign());
    let (first, january) = (
        panel.subjects().row(["ann"]).unwrap(),
        panel.periods().id("2026-01").unwrap(),
    );
    assert!(panel.subjects().members(row).is_empty());
    let set = panel.periods();
    assert_eq!(
        (set.period(period), set.range(period), set.label(period)),
        (None, None, None)
    );
    assert_eq!(set.previous(period), None);
    assert!(set.slice(january, period).is_err());
    let sales = ColumnKey::actual("sales").unwrap();
    for (row, period) in [(row, january), (first, period), (row, period)] {
        let told = panel.answer(&sales, row, period);
        assert!(
            matches!(told, Err(PanelError::Outside { .. })),
            "{row:?} {period:?}"
        );
    }
}

#[test]
fn scores_and_pay_have_nothing_for_a_foreign_row_or_period() {
    let (panel, (row, period)) = (panel(), foreign());
    let january = panel.periods().id("2026-01").unwrap();
    let sales = || InputDef::value(ColumnKey::actual("sales").unwrap());
    let line = CurveDef::line(Ratio::ONE);
    let kpi = KpiDef::new("sales", sales(), line).unwrap();
    let def = ScorecardDef::new("card").unwrap();
    let def = def.group("all", Ratio::ONE, vec![kpi.weigh(Ratio::ONE)]);
    let card = Scorecard::compile(def.unwrap()).unwrap();
    let scores = card.score(&panel, january).unwrap();
    assert_eq!(scores.total(row), Err(Reason::NotApplicable));
    assert_eq!(
        (scores.grade(row), scores.light(row), scores.rank(row)),
        (None, None, None)
    );
    assert!(scores.explain(row).is_err());
    assert!(card.score(&panel, period).is_err());
    assert!(card.totals_at(&panel, period, Ratio::ONE).is_err());
    let curve = PayCurveDef::Amount(CurveDef::line(Ratio::ONE));
    let element = PayElementDef::new("bonus", sales(), curve).unwrap();
    let element = element.times(Base::Constant(Ratio::ONE));
    let plan = PayPlan::compile(PayPlanDef::new("plan", vec![element]).unwrap()).unwrap();
    assert!(plan.pay(&panel, period).is_err());
    assert!(plan.cost(&panel, period, &[Ratio::ONE]).is_err());
}

#[test]
fn rules_alerts_and_paces_have_nothing_for_a_foreign_row_or_period() {
    let (panel, (row, period)) = (panel(), foreign());
    let (ann, january) = (
        panel.subjects().row(["ann"]).unwrap(),
        panel.periods().id("2026-01").unwrap(),
    );
    let rule = RuleDef::new("low", "sales < 2 money:EUR".parse().unwrap()).unwrap();
    let rules = RuleSet::compile([rule], &panel).unwrap();
    let judge = rules.over(&panel).unwrap();
    let low = Key::new("low").unwrap();
    let (no_row, no_period) = (
        Err(RuleError::NoSuchSubject {
            subject: 2,
            subjects: 2,
        }),
        Err(RuleError::NoSuchPeriod {
            period: 2,
            periods: 2,
        }),
    );
    assert_eq!(judge.truth(&low, row, january), no_row);
    assert_eq!(judge.verdict(&low, ann, period), no_period);
    assert_eq!(judge.cleared(&low, row, january), no_row);
    assert!(judge.among_peers(&low, row, january).is_err());
    assert!(judge.account(&low, ann, period).is_err());
    assert!(judge.evaluate(period).is_err());
    let verdicts = judge.scan(january).unwrap();
    assert!(!verdicts.fires("low", row).unwrap());
    let told = verdicts.fires("lo", row).unwrap_err().to_string();
    assert_eq!(told, "there is no rule `lo`; did you mean `low`?");
    let mut monitor = Monitor::new();
    let noon = "2026-04-01T12:00:00".parse().unwrap();
    assert!(monitor.advance(&judge, period, noon).is_err());
    assert!(Monitor::replay(&rules, &panel, period, |_| noon).is_err());
    let pace = Pace::new("sales", Pacing::Even(Days::Calendar)).unwrap();
    let view = pace.view(&panel, "2026-02-10".parse().unwrap()).unwrap();
    assert_eq!(view.progress(period), None);
    assert!(view.reading(row, january).is_err());
    assert!(view.reading(ann, period).is_err());
    let forecasts = Forecasts::new(panel.periods().clone(), Vec::new()).unwrap();
    let ann = Key::new("ann").unwrap();
    assert_eq!(forecasts.versions(&ann, period).count(), 0);
}

#[test]
fn a_roll_up_has_nothing_for_a_foreign_row_or_period() {
    use quotaflow::measure::{Measure, Measures};
    use quotaflow::plan::{Cascade, CascadeDef, Sources, StepDef};
    use quotaflow::space::{DimensionDef, Space};
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let dimension = DimensionDef::flat("person", "person", ["ann", "bo"]).unwrap();
    let measures = Measures::new(vec![sales]).unwrap();
    let space = Space::new(vec![dimension]).unwrap();
    let calendar = Calendar::gregorian();
    let days = DayRange::new("2026-01-01".parse().unwrap(), "2026-03-01".parse().unwrap());
    let recipe = CascadeDef::new(
        "plan".try_into().unwrap(),
        "sales".try_into().unwrap(),
        days.unwrap(),
    );
    let recipe = recipe
        .step(StepDef::member("person", "person").unwrap())
        .step(StepDef::grain(Grain::Month));
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let cascade = Cascade::compile(recipe, &sources).unwrap();
    let plan = cascade.run("100.00".parse().unwrap()).unwrap();
    let set = months("2026-03-01");
    let axes = [Axis::new("person", "person").unwrap()];
    let sums = plan.roll_up("sales", &axes, Some(&set)).unwrap();
    let (row, period) = foreign();
    let (ann, january) = (
        sums.subjects().row(["ann"]).unwrap(),
        set.id("2026-01").unwrap(),
    );
    assert!(sums.get(ann, Some(january)).is_some());
    assert_eq!(sums.get(row, Some(january)), None);
    assert_eq!(sums.get(ann, Some(period)), None);
}

#[test]
fn a_judge_answers_by_names_and_tells_the_nearest() {
    let panel = panel();
    let rule = RuleDef::new("low", "sales < 2 money:EUR".parse().unwrap()).unwrap();
    let rules = RuleSet::compile([rule], &panel).unwrap();
    let judge = rules.over(&panel).unwrap();
    let holds = |row: &str, period: &str| {
        let why = judge.get("low", [row], period).unwrap();
        why.truth().is_true()
    };
    assert!(holds("ann", "2026-01"));
    assert!(!holds("bo", "2026-01"));
    assert!(!holds("ann", "2026-02"));
    let told = |rule: &str, row: &str, period: &str| {
        judge.get(rule, [row], period).unwrap_err().to_string()
    };
    assert_eq!(
        told("lo", "ann", "2026-01"),
        "there is no rule `lo`; did you mean `low`?"
    );
    assert_eq!(
        told("low", "an", "2026-01"),
        "`an` is not among the subjects; did you mean `ann`?"
    );
    assert!(told("low", "ann", "2026-03").contains("2026-0"));
}
