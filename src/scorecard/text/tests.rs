use super::*;
use crate::calendar::{Calendar, Grain};
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::{Column, ColumnKey, Panel};
use crate::quantity::{Quantum, Ratio};
use crate::scorecard::{
    ConditionDef, CurveDef, Explanation, InputDef, Interval, KpiDef, Operand, Reference, Scorecard,
    ScorecardDef, VetoDef,
};
use crate::space::Subjects;

fn explained() -> (Explanation, ScorecardDef) {
    let sales = || ColumnKey::actual("sales").unwrap();
    let line = || CurveDef::line(Ratio::from(100));
    let kpis = vec![
        KpiDef::new("sales", InputDef::rate(sales(), Reference::Plan), line())
            .unwrap()
            .titled("销售额")
            .weigh(Ratio::percent(60)),
        KpiDef::new(
            "growth",
            InputDef::rate(sales(), Reference::Previous(1)),
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
    late.title = Some("late {reports}".to_owned());
    def.items.push(late);
    let late = Operand::Figure(ColumnKey::actual("late").unwrap());
    def.vetoes.push(VetoDef {
        key: Key::new("too late").unwrap(),
        title: None,
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
    let why = card.score(&panel, 0).unwrap().explain(0).unwrap();
    (why, def)
}

#[test]
fn a_score_is_explained_in_both_languages() {
    let (why, def) = explained();
    let english = "card: all, 2026-01\n\
        results: 66.6667 points x 100 % = 66.6667\n  \
        销售额 (100 %): 2 against 3 is ≈ 0.6667 gives 66.6667 points\n  \
        growth: it does not apply; the weight goes to the others (-)\n\
        late {reports}: 3 gives -6 points\n\
        veto `too late` strikes: 3\n\
        weighted 66.6667 + bonus 0 - deduction 6 = 60.6667\n\
        total 60, grade B";
    assert_eq!(Templates::english().render(&why, &def), english);
    let chinese = Templates::chinese().render(&why, &def);
    assert!(
        chinese.contains("  销售额（权重 100 %）：实际 2，目标 3，完成 ≈ 0.6667，得 66.6667 分"),
        "{chinese}"
    );
    assert!(chinese.ends_with("总分 60，等级 B"), "{chinese}");
}

#[test]
fn wordings_are_checked_and_complete() {
    for templates in [Templates::english(), Templates::chinese()] {
        let text = serde_json::to_string(&templates).unwrap();
        assert_eq!(serde_json::from_str::<Templates>(&text).unwrap(), templates);
    }
    let error = Templates::english()
        .with(Phrase::Head, "{cart}")
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Head: there is no value `cart`; did you mean `card`?"
    );
    assert!(Templates::new(BTreeMap::new()).is_err());
}
