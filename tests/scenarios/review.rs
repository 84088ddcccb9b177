//! One quarter of two people, reviewed in the middle of its second month.

use crate::at::PeriodAt;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::pace::{Days, Pace, Pacing, RateVerdict};
use quotaflow::panel::{Column, ColumnKey, Figure, Figures, Panel};
use quotaflow::plan::{CarryForward, Cascade, CascadeDef, Plan, Sources, StepDef};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::review::{
    Correction, Focus, PaceStatus, Review, ReviewDef, ReviewError, ReviewSources, review,
};
use quotaflow::rule::{Condition, Operand, RuleDef, RuleSet, Severity};
use quotaflow::space::{Axis, DimensionDef, Space, Subjects};
use quotaflow::text::{Lang, Texts};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// Ann and Bo in April (30 days), May (31) and June (30) of 2026; sales in cents, period by period.
fn panel() -> Panel {
    let (from, to) = ("2026-04-01".parse().unwrap(), "2026-07-01".parse().unwrap());
    let months = Calendar::gregorian()
        .periods(Grain::Month, from, to)
        .unwrap();
    let subjects = Subjects::new(
        Axis::new("person", "person").unwrap(),
        vec![key("ann"), key("bo")],
    )
    .unwrap();
    let mut panel = Panel::new(subjects, months);
    let money: quotaflow::measure::Unit = "money:EUR".parse().unwrap();
    let visits: quotaflow::measure::Unit = "count:visit".parse().unwrap();
    let target = |metric| ColumnKey::target(metric).unwrap();
    let actual = |metric| ColumnKey::actual(metric).unwrap();
    for column in [
        Column::amounts(
            target("sales"),
            money.clone(),
            Quantum::CENT,
            vec![30_000, 30_000, 31_000, 31_000, 30_100, 30_000],
        ),
        Column::amounts(
            actual("sales"),
            money,
            Quantum::CENT,
            vec![28_001, 30_000, 10_000, 16_000, 0, 0],
        ),
        Column::amounts(
            target("visits"),
            visits.clone(),
            Quantum::ONE,
            vec![60, 60, 62, 62, 60, 60],
        ),
        Column::amounts(
            actual("visits"),
            visits,
            Quantum::ONE,
            vec![55, 60, 24, 31, 0, 0],
        ),
    ] {
        panel.add(column).unwrap();
    }
    panel
}

/// What ann's May and June are in a plan of the panel's targets once an edit is made.
fn second_quarter(edit: &CarryForward) -> Vec<i64> {
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let people = DimensionDef::flat("person", "person", ["ann", "bo"]).unwrap();
    let (measures, space) = (
        Measures::new(vec![sales]).unwrap(),
        Space::new(vec![people]).unwrap(),
    );
    let days = DayRange::new("2026-04-01".parse().unwrap(), "2026-07-01".parse().unwrap()).unwrap();
    let def = CascadeDef::new(key("plan"), key("sales"), days)
        .step(StepDef::member("person", "person").unwrap())
        .step(StepDef::grain(Grain::Month));
    let calendar = Calendar::gregorian();
    let cascade =
        Cascade::compile(def, &Sources::new(&measures, &space).calendar(&calendar)).unwrap();
    let months = vec![30_000, 31_000, 30_100, 30_000, 31_000, 30_000];
    let mut plan =
        Plan::from_units(&cascade, vec![vec![182_100], vec![91_100, 91_000], months]).unwrap();
    let told = plan.carry_forward(edit).unwrap();
    plan.apply(told.change(
        key("eva"),
        "2026-05-15T09:00:00".parse().unwrap(),
        "the review of May",
    ))
    .unwrap();
    plan.units("sales", "month").unwrap()[1..3].to_vec()
}

fn definition() -> ReviewDef {
    let pace = |metric| Pace::new(metric, Pacing::Even(Days::Calendar)).unwrap();
    ReviewDef::new(vec![pace("sales"), pace("visits")])
        .driven("sales", "visits")
        .unwrap()
}

fn reviewed(panel: &Panel, as_of: &str) -> Result<Review, ReviewError> {
    let evidence = ReviewSources {
        panel,
        as_of: as_of.parse().unwrap(),
        scores: None,
        alerts: None,
    };
    review(&definition(), evidence)
}

#[test]
fn a_gap_is_taken_apart_and_corrected() {
    // As of 15 May, 15 of 31 days have passed: expected sales 310.00 x 15/31 = 150.00, visits 62 x 15/31 = 30.
    // Ann: 100.00 with 24 visits. The gap is -50.00: six visits too few at 5.00 each are -30.00, the rest -20.00 is yield.
    // At her own yield (100.00 / 24 visits) 50.00 are 12 visits.
    // Her April fell short by 300.00 - 280.01 = 19.99, to be carried by May (310.00) and June (301.00):
    // 1999 x 31000/61100 = 1014.23.. and 984.76..: 10.14 and 9.85.
    let panel = panel();
    let review = reviewed(&panel, "2026-05-15").unwrap();
    assert_eq!(review.period, "2026-05");
    let ann = &review.subjects[0];
    assert_eq!(ann.lines[0].standing, PaceStatus::Behind);
    assert_eq!(ann.lines[0].shortfall().unwrap().to_string(), "50.00");
    assert_eq!(ann.lines[0].shortfall_share(), Ratio::new(50, 150).ok());
    let variance = ann.causes[0].variance;
    let parts = [variance.gap, variance.volume, variance.yielded].map(|part| part.to_string());
    assert_eq!(parts, ["-50.00", "-30.00", "-20.00"]);
    let Correction::MoreActivity { activity, by, .. } = &ann.corrections[0] else {
        panic!("{:?}", ann.corrections)
    };
    assert_eq!((activity.as_str(), by.units()), ("visits", 12));
    let Correction::CarryForward {
        shortfall,
        into,
        required: Some(required),
        edit,
        ..
    } = &ann.corrections[1]
    else {
        panic!("{:?}", ann.corrections)
    };
    // With it 310.00 + 301.00 + 19.99 less the 100.00 of May are left for 16 days of May and 30 of June. In a day of April she sold
    // 280.01 / 30, which is the best so far: 46 such days are 429.34, and 101.65 are missing. Both months take more by themselves.
    assert_eq!(required.missing.to_string(), "530.99");
    assert_eq!(
        required.needed_per_day.and_then(Figure::value),
        Ok(Ratio::new(53_099, 4_600).unwrap())
    );
    assert_eq!(required.usual_per_day, required.best_per_day);
    let RateVerdict::Impossible { by } = required.verdict else {
        panic!("{:?}", required.verdict)
    };
    assert_eq!(by.to_string(), "101.65");
    assert_eq!(required.binding, ["2026-05", "2026-06"]);
    // A plan of these targets takes the edit as it stands, and comes to what the review says.
    assert_eq!(
        second_quarter(edit),
        into.iter()
            .map(|part| part.target.units() + part.amount.units())
            .collect::<Vec<_>>()
    );
    assert_eq!(shortfall.to_string(), "19.99");
    let carried: Vec<_> = into
        .iter()
        .map(|part| (part.period.as_str(), part.amount.to_string()))
        .collect();
    assert_eq!(
        carried,
        [
            ("2026-05", "10.14".to_owned()),
            ("2026-06", "9.85".to_owned())
        ]
    );
    // A third of the sales and a fifth of the visits are missing.
    let wanted = [
        Focus::CatchUp {
            metric: key("sales"),
        },
        Focus::CatchUp {
            metric: key("visits"),
        },
    ];
    assert_eq!(ann.focus, wanted);
}

#[test]
fn who_is_on_pace_needs_no_correction() {
    let panel = panel();
    let review = reviewed(&panel, "2026-05-15").unwrap();
    let bo = &review.subjects[1];
    assert!(
        bo.lines
            .iter()
            .all(|line| line.standing == PaceStatus::OnPace)
    );
    assert!(bo.corrections.is_empty() && bo.focus.is_empty());
    assert!(review.suspicions.is_empty());
}

#[test]
fn what_nobody_reaches_is_a_question_to_the_target() {
    // By 31 May Ann has 100.00 and Bo 160.00 of 310.00.
    let panel = panel();
    let review = reviewed(&panel, "2026-05-31").unwrap();
    let suspected: Vec<_> = review
        .suspicions
        .iter()
        .map(|found| (found.metric.as_str(), found.behind, found.of))
        .collect();
    assert_eq!(suspected, [("sales", 2, 2), ("visits", 2, 2)]);
}

#[test]
fn a_target_is_suspect_from_the_stated_share_of_those_who_miss_it_on() {
    // By 15 May Ann is behind with both (100.00 and 24 of 150.00 and 30), Bo with neither (160.00 and 31).
    let panel = panel();
    let suspected = |alike: &str| {
        let mut def = definition();
        def.alike = alike.parse().unwrap();
        let evidence = ReviewSources {
            panel: &panel,
            as_of: "2026-05-15".parse().unwrap(),
            scores: None,
            alerts: None,
        };
        review(&def, evidence).unwrap().suspicions.len()
    };
    assert_eq!((suspected("0.5"), suspected("0.51")), (2, 0));
}

#[test]
fn a_grave_exception_comes_before_a_gap() {
    let panel = panel();
    let low_visit_rate = Operand::metric("visits")
        .unwrap()
        .below(Operand::amount(25, "count:visit".parse().unwrap()));
    let rule = |name, when: Condition, severity| {
        let rule = RuleDef::new(name, when).unwrap().severity(severity);
        rule.saying(Lang::EN, "too few")
            .saying(Lang::ZH, "太少")
            .advising(Lang::EN, "visit more")
            .advising(Lang::ZH, "多拜访")
    };
    let rules = vec![
        rule("few", low_visit_rate.clone(), Severity::Critical),
        rule("note", low_visit_rate, Severity::Info),
    ];
    let rules = RuleSet::compile(rules, &panel).unwrap();
    let alerts = rules.evaluate(&panel, panel.period_at(1)).unwrap();
    let evidence = ReviewSources {
        panel: &panel,
        as_of: "2026-05-15".parse().unwrap(),
        scores: None,
        alerts: Some((&rules, &alerts)),
    };
    // Alerts of another period are not those of the reviewed one.
    let june = rules.evaluate(&panel, panel.period_at(2)).unwrap();
    let mixed: Vec<_> = alerts.iter().chain(&june).cloned().collect();
    assert!(!june.is_empty());
    // Nor are those of other figures of the same people and months, or of other rules of the same names.
    let mut worse = Panel::new(panel.subjects().clone(), panel.periods().clone());
    for column in panel.columns() {
        let Figures::Amounts { quantum, units } = column.figures() else {
            panic!("amounts")
        };
        let (key, unit) = (column.key().clone(), column.unit().clone());
        let none = Column::amounts(key, unit, *quantum, vec![0; units.len()]);
        worse.add(none).unwrap();
    }
    let foreign = rules.evaluate(&worse, worse.period_at(1)).unwrap();
    assert!(foreign.len() > alerts.len());
    let mut turned: Vec<RuleDef> = rules.rules().cloned().collect();
    turned.reverse();
    let turned = RuleSet::compile(turned, &panel).unwrap();
    let turned = turned.evaluate(&panel, panel.period_at(1)).unwrap();
    for other in [&june, &mixed, &foreign, &turned] {
        let evidence = ReviewSources {
            alerts: Some((&rules, other)),
            ..evidence
        };
        let refused = review(&definition(), evidence);
        assert_eq!(refused, Err(ReviewError::OtherSources { what: "alerts" }));
    }
    let review = review(&definition(), evidence).unwrap();
    let ann = &review.subjects[0];
    assert_eq!(ann.focus[0], Focus::Resolve { rule: key("few") });
    assert_eq!(
        ann.focus[1],
        Focus::CatchUp {
            metric: key("sales")
        }
    );
    assert_eq!(
        ann.alerts[0].text,
        Texts::new(Lang::EN, "too few").and(Lang::ZH, "太少")
    );
    assert!(matches!(&ann.corrections[1], Correction::Act { rule, .. } if *rule == *"few"));
    assert!(review.subjects[1].alerts.is_empty());
}

#[test]
fn what_is_missing_is_named() {
    let panel = panel();
    assert_eq!(
        reviewed(&panel, "2026-08-01").unwrap_err().to_string(),
        "2026-08-01 lies in none of the periods under review: the last one, `2026-06`, ends on 2026-06-30; name a day up to then, or add periods up to 2026-08-01"
    );
    let def = definition().driven("profit", "visits").unwrap();
    let evidence = ReviewSources {
        panel: &panel,
        as_of: "2026-05-15".parse().unwrap(),
        scores: None,
        alerts: None,
    };
    let error = review(&def, evidence).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the driver of `profit` by `visits` names `profit`, which has no pace in this review; known: `sales`, `visits`"
    );
}
