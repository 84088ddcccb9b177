use super::*;
use crate::calendar::{Calendar, Grain};
use crate::measure::Unit;
use crate::panel::Column;
use crate::quantity::Quantum;
use crate::scorecard::{Curve, CurveDef, InputDef, KpiDef, ScorecardDef, back_test};
use crate::space::{Axis, Subjects};

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn column(text: &str) -> ColumnKey {
    text.parse().unwrap()
}

fn kpi(key: &str, metric: &str, percent: i32, curve: CurveDef) -> KpiDef {
    let input = InputDef::rate(column(metric), Reference::Plan);
    KpiDef::new(key, input, curve)
        .unwrap()
        .weigh(Ratio::percent(percent))
}

fn line() -> CurveDef {
    CurveDef::line(Ratio::from(100))
}

fn card(kpis: Vec<KpiDef>) -> Scorecard {
    Scorecard::compile(
        ScorecardDef::new("card")
            .unwrap()
            .group("all", Ratio::ONE, kpis)
            .unwrap(),
    )
    .unwrap()
}

fn names(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(Finding::name).collect()
}

#[test]
fn a_straight_card_is_sound_and_each_fault_is_found() {
    let limits = HealthLimits::default();
    assert_eq!(
        card(vec![kpi("sales", "sales", 100, line())]).health(&limits),
        []
    );
    let steps = CurveDef::steps([("(.., 1)", "60"), ("[1, ..)", "100")]).unwrap();
    let falling = CurveDef::line(Ratio::from(-100));
    let flat = CurveDef::through([("1", "60")]).unwrap();
    let mut weather = kpi("weather", "rain", 30, line());
    weather.influence = Some(Ratio::percent(10));
    let faults = card(vec![
        kpi("jumps", "sales", 50, steps),
        kpi("falls", "visits", 10, falling),
        kpi("same", "cost", 8, flat),
        kpi("twin", "sales", 2, line()),
        weather,
    ]);
    let found = faults.health(&HealthLimits {
        most_kpis: 4,
        ..limits.clone()
    });
    assert_eq!(
        names(&found),
        [
            "too_many_kpis",
            "no_weight",
            "jump",
            "nothing_to_gain_above",
            "nothing_to_lose_below",
            "perverse",
            "indifferent",
            "uninfluenced",
            "counted_twice"
        ]
    );
    assert!(matches!(&found[2], Finding::Jump { total, .. } if *total == Ratio::from(20)));
    assert_eq!(
        found
            .iter()
            .filter(|finding| finding.level() == FindingLevel::Error)
            .count(),
        2
    );
    // Declared as shared between departments, the same figure binds them together.
    let shared = |key: &str| KpiDef {
        shared_with: vec![Key::new("delivery").unwrap()],
        ..kpi(key, "sales", 50, line())
    };
    assert_eq!(card(vec![shared("a"), shared("b")]).health(&limits), []);
}

fn panel() -> Panel {
    let members = ["ann", "bo"].map(|name| Key::new(name).unwrap()).to_vec();
    let months = Calendar::gregorian().periods(
        Grain::Month,
        "2026-01-01".parse().unwrap(),
        "2026-03-01".parse().unwrap(),
    );
    let mut panel = Panel::new(
        Subjects::new(Axis::new("person", "person").unwrap(), members).unwrap(),
        months.unwrap(),
    );
    let mut add = |key: &str, units: [i64; 4]| {
        panel
            .add(Column::amounts(
                column(key),
                Unit::Point,
                Quantum::ONE,
                units.to_vec(),
            ))
            .unwrap();
    };
    add("sales", [50, 90, 120, 80]);
    add("target:sales", [100; 4]);
    add("orders", [5, 9, 12, 8]);
    add("target:orders", [10; 4]);
    add("visits", [7; 4]);
    add("target:visits", [7; 4]);
    add("target:margin", [1; 4]);
    add("calls", [1, 2, 3, 4]);
    add("target:calls", [0; 4]);
    panel
}

#[test]
fn alignment_looks_at_plan_and_figures() {
    let limits = HealthLimits::default();
    let kpis = vec![
        kpi("sales", "sales", 40, line()),
        kpi("orders", "orders", 30, line()),
        kpi("visits", "visits", 20, line()),
        kpi("calls", "calls", 10, line()),
    ];
    let found = card(kpis).alignment(&panel(), &limits).unwrap();
    assert_eq!(
        names(&found),
        [
            "target_without_kpi",
            "never_moves",
            "never_known",
            "run_together"
        ]
    );
    assert!(matches!(
        &found[3],
        Finding::RunTogether {
            hundredths: 100,
            ..
        }
    ));
    let missing = card(vec![kpi("profit", "profit", 100, line())])
        .alignment(&panel(), &limits)
        .unwrap();
    assert_eq!(count_findings(&missing)["no_column"], 2);
}

#[test]
fn waiting_pays_beyond_a_cap() {
    let curve = |def: CurveDef| Curve::new(def).unwrap();
    let gain =
        |curve: &Curve| gain_by_waiting(curve, ratio("1.3"), ratio("0.8"), ratio("0.1")).unwrap();
    assert_eq!(gain(&curve(line())), Ratio::ZERO);
    assert_eq!(gain(&curve(line().cap(Ratio::from(120)))), Ratio::from(10));
    assert_eq!(
        gain(&curve(
            CurveDef::through([("1", "100"), ("1.5", "200")]).unwrap()
        )),
        Ratio::from(-20)
    );
}

#[test]
fn groups_whose_means_lie_apart_are_named() {
    let scores = [50, 60, 90, 80].map(|score| Reading::Value(Ratio::from(score)));
    let limits = HealthLimits::default();
    let found = fairness(&scores, &[Some(1), Some(1), Some(0), Some(0)], 2, &limits).unwrap();
    assert_eq!(
        found,
        Some(Finding::Unfair {
            lowest: 1,
            highest: 0,
            apart: Ratio::from(30)
        })
    );
    assert_eq!(fairness(&scores, &[Some(0); 4], 1, &limits).unwrap(), None);
}

#[test]
fn a_new_scheme_shows_who_wins_and_who_loses() {
    let old = card(vec![kpi("sales", "sales", 100, line())]);
    let new = card(vec![kpi(
        "sales",
        "sales",
        100,
        line().cap(Ratio::from(85)).floor(Ratio::from(60)),
    )]);
    let found = back_test(&old, &new, &panel()).unwrap();
    // 50 rises to 60; 90 and 120 fall to 85; 80 stays.
    assert_eq!(
        (found.winners, found.losers, found.regraded, found.one_sided),
        (1, 2, 0, 0)
    );
    assert_eq!(found.lines[2].change, Reading::Value(Ratio::from(-35)));
    assert_eq!(found.lines[2].ranks, (Some(1), Some(1)));
}
