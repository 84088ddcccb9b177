use std::collections::BTreeSet;

use super::*;
use crate::band::Interval;
use crate::calendar::{Calendar, Grain, PeriodId};
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::{Column, ColumnKey, Panel};
use crate::quantity::{Quantum, Ratio};
use crate::scorecard::{
    Benchmark, Breakdown, Cliff, ConditionDef, CurveDef, Finding, InputDef, KpiDef, Observed,
    Scorecard, ScorecardDef, VetoDef,
};
use crate::space::{RowId, Subjects};

fn explained() -> (Breakdown, ScorecardDef) {
    let sales = || ColumnKey::actual("sales").unwrap();
    let line = || CurveDef::line(Ratio::from(100));
    let kpis = vec![
        KpiDef::new("sales", InputDef::rate(sales(), Benchmark::Plan), line())
            .unwrap()
            .titled(Lang::ZH, "销售额")
            .weigh(Ratio::percent(60)),
        KpiDef::new(
            "growth",
            InputDef::rate(sales(), Benchmark::Previous(1)),
            line(),
        )
        .unwrap()
        .weigh(Ratio::percent(40)),
    ];
    let mut def = ScorecardDef::new("card")
        .unwrap()
        .group("results", Ratio::ONE, kpis)
        .unwrap()
        .grades("B", [("80", "A")])
        .unwrap();
    let mut late = KpiDef::new(
        "late",
        InputDef::value(ColumnKey::actual("late").unwrap()),
        CurveDef::line(Ratio::from(-2)),
    )
    .unwrap();
    late.title = "late {reports}".into();
    def.items.push(late);
    let late = Observed::Figure(ColumnKey::actual("late").unwrap());
    def.vetoes.push(VetoDef {
        key: Key::new("too late").unwrap(),
        title: crate::text::Texts::default(),
        when: ConditionDef::new(late, Interval::at_least(Ratio::from(3))),
        at_most: Ratio::from(60),
        best_grade: None,
    });
    let month = Calendar::gregorian().periods(
        Grain::Month,
        "2026-01-01".parse().unwrap(),
        "2026-02-01".parse().unwrap(),
    );
    let mut panel = Panel::new(Subjects::whole(), month.unwrap());
    for (key, value) in [("sales", 2), ("target:sales", 3), ("late", 3)] {
        panel
            .add(Column::amounts(
                key.parse().unwrap(),
                Unit::Point,
                Quantum::ONE,
                vec![value],
            ))
            .unwrap();
    }
    let card = Scorecard::compile(def.clone()).unwrap();
    let why = card
        .score(&panel, PeriodId::at(0))
        .unwrap()
        .explain(RowId::at(0))
        .unwrap();
    (why, def)
}

#[test]
fn a_score_is_explained_in_both_languages() {
    let (why, def) = explained();
    let english = "card: all, 2026-01\n\
        results: 66.6667 points × 100% = 66.6667\n  \
        销售额 (weight 100%): actual 2, target 3, attainment 66.7%: 66.6667 points\n  \
        growth: not applicable; weight moved to the other KPIs (-)\n\
        late {reports}: 3: -6 points\n\
        veto “too late” applies: 3\n\
        weighted 66.6667 + bonus 0 - deduction 6 = 60.6667\n\
        total 60, grade B";
    assert_eq!(Templates::new(Locale::EN).render(&why, &def), english);
    let chinese = Templates::new(Locale::ZH).render(&why, &def);
    assert!(
        chinese.contains("  销售额（权重 100%）：实际 2，目标 3，完成率 66.7%，得 66.6667 分"),
        "{chinese}"
    );
    assert!(chinese.ends_with("总分 60，等级 B"), "{chinese}");
}

#[test]
fn wordings_are_checked_and_complete() {
    for templates in [Templates::new(Locale::EN), Templates::new(Locale::ZH)] {
        let text = serde_json::to_string(&templates).unwrap();
        assert_eq!(serde_json::from_str::<Templates>(&text).unwrap(), templates);
    }
    let error = Templates::new(Locale::EN)
        .with(Phrase::Head, "{cart}")
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no `{cart}` to put in; did you mean `card`?"
    );
    // A host adds a language without touching a type; what it does not say is said in English.
    let french = Templates::new(Locale::new(Lang::new("fr").unwrap()))
        .with(Phrase::TotalPlain, "total : {total} points")
        .unwrap();
    assert_eq!(
        french.say(Phrase::TotalPlain, &[("total", "80")]),
        "total : 80 points"
    );
    assert_eq!(
        french.say(Phrase::Kept, &[]),
        "points carried over from an earlier period"
    );
}

/// One finding of each kind.
fn findings() -> Vec<Finding> {
    let key = |key: &str| Key::new(key).unwrap();
    let metric = || ColumnKey::actual("sales").unwrap();
    let (kpi, other) = (|| key("sales"), || key("growth"));
    let share = Ratio::percent(20);
    let cliff = Cliff {
        at: Ratio::percent(90),
        below: Ratio::from(60),
        on: Ratio::from(80),
        above: Ratio::from(80),
        every: None,
    };
    let left = || (key("sales department"), kpi());
    let right = || (key("finance"), other());
    vec![
        Finding::Jump {
            kpi: kpi(),
            cliff,
            total: Ratio::from(12),
        },
        Finding::GainsByWaiting {
            kpi: kpi(),
            subject: vec![Key::new("ann").unwrap()],
            period: Key::new("2026-02").unwrap(),
            moved: Ratio::from(7),
            gain: Ratio::from(2),
        },
        Finding::RunTogether {
            kpi: kpi(),
            other: other(),
            hundredths: 97,
        },
        Finding::TooManyKpis { count: 14 },
        Finding::NoWeight { kpi: kpi(), share },
        Finding::TableStep {
            kpi: kpi(),
            step: Ratio::from(5),
            total: Ratio::from(3),
        },
        Finding::Perverse { kpi: kpi() },
        Finding::Indifferent { kpi: kpi() },
        Finding::NothingToGainAbove {
            kpi: kpi(),
            at: share,
        },
        Finding::NothingToLoseBelow {
            kpi: kpi(),
            at: share,
        },
        Finding::Uninfluenced {
            share,
            kpis: vec![kpi(), other()],
        },
        Finding::CountedTwice {
            kpi: kpi(),
            other: other(),
            metric: metric(),
        },
        Finding::TargetWithoutKpi {
            metric: key("margin"),
        },
        Finding::NoColumn {
            kpi: kpi(),
            column: metric(),
        },
        Finding::NeverKnown { kpi: kpi() },
        Finding::NeverMoves { kpi: kpi() },
        Finding::SharedNumerator {
            kpi: kpi(),
            other: other(),
        },
        Finding::CountedTwiceAcross {
            metric: metric(),
            left: left(),
            right: right(),
        },
        Finding::SharedAlone {
            owner: key("finance"),
            kpi: kpi(),
            with: key("logistics"),
        },
        Finding::SharedUnequal {
            metric: metric(),
            left: left(),
            right: right(),
        },
        Finding::Unfair {
            lowest: vec![Key::new("north").unwrap()],
            highest: vec![Key::new("south").unwrap()],
            apart: Ratio::from(18),
        },
        Finding::SilencePays { kpi: kpi() },
        Finding::ZeroTarget {
            kpi: kpi(),
            cells: 3,
        },
    ]
}

#[test]
fn every_finding_has_a_line_in_both_languages() {
    let (_, card) = explained();
    let findings = findings();
    // A wording that shows all that a phrase can show: nothing in it stays empty.
    let all = Phrase::ALL
        .iter()
        .fold(Templates::new(Locale::EN), |all, phrase| {
            let places = phrase.places().iter().map(|name| format!("<{{{name}}}>"));
            let text = format!("{phrase:?}{}", places.collect::<String>());
            all.with(*phrase, &text).unwrap()
        });
    let mut said = BTreeSet::new();
    for finding in &findings {
        let line = all.finding(finding, &card);
        assert!(!line.contains("<>"), "{line}");
        said.insert(line.split('<').next().unwrap_or_default().to_owned());
    }
    assert_eq!(said.len(), findings.len(), "each kind has its own phrase");
    let english = |place: usize| Templates::new(Locale::EN).finding(&findings[place], &card);
    assert_eq!(
        english(0),
        "points of 销售额 jump at 0.9: 60 just below, 80 at it, 80 just above; moves the total by 12"
    );
    assert_eq!(
        english(1),
        "ann would have gained 2 points by holding back 7 of 销售额 from 2026-02 to the next period"
    );
    assert_eq!(
        Templates::new(Locale::ZH).finding(&findings[2], &card),
        "销售额 与 growth 同步变动（相关系数 0.97），可能重复考核"
    );
}
