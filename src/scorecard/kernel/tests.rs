use super::*;
use crate::calendar::{Calendar, Grain, PeriodId};
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::{Column, ColumnKey, Panel};
use crate::quantity::Quantum;
use crate::scorecard::{
    Benchmark, ConditionDef, CurveDef, GateDef, Gated, InputDef, KpiDef, Observed, ScorecardDef,
    VetoDef,
};
use crate::space::{Axis, Subjects};

fn figure(name: &str, within: &str) -> ConditionDef {
    ConditionDef::new(
        Observed::Figure(name.parse().unwrap()),
        within.parse().unwrap(),
    )
}

#[test]
fn only_what_a_limit_strikes_is_left_to_the_tree() {
    let column = |name: &str| name.parse::<ColumnKey>().unwrap();
    let rate = InputDef::rate(column("sales"), Benchmark::Plan);
    let sales = KpiDef::new("sales", rate, CurveDef::line(Ratio::from(100)))
        .unwrap()
        .weigh(Ratio::ONE);
    let mut def = ScorecardDef::new("card")
        .unwrap()
        .group("all", Ratio::ONE, vec![sales])
        .unwrap();
    def.items.push(
        KpiDef::new(
            "late",
            InputDef::value(column("late")),
            CurveDef::line(Ratio::from(-2)),
        )
        .unwrap(),
    );
    def.deduction_limit = Some(Ratio::from(5));
    def.gates.push(GateDef {
        key: Key::new("gate").unwrap(),
        title: crate::text::Texts::default(),
        requires: figure("sales", "[40, ..)"),
        on: Gated::Card,
        at_most: Ratio::from(10),
    });
    def.vetoes.push(VetoDef {
        key: Key::new("veto").unwrap(),
        title: crate::text::Texts::default(),
        when: figure("late", "(4, ..)"),
        at_most: Ratio::ZERO,
        best_grade: None,
    });
    let card = Scorecard::compile(def).unwrap();
    let names = ["ann", "bo", "cy", "di", "ed"]
        .map(|name| Key::new(name).unwrap())
        .to_vec();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), names).unwrap();
    let day = |text: &str| text.parse().unwrap();
    let month = Calendar::gregorian()
        .periods(Grain::Month, day("2026-01-01"), day("2026-02-01"))
        .unwrap();
    let mut panel = Panel::new(subjects, month);
    for (key, units) in [
        ("sales", [90, 80, 39, 70, 66]),
        ("target:sales", [100, 100, 100, 100, 99]),
        ("late", [1, 4, 0, 5, 0]),
    ] {
        panel
            .add(Column::amounts(
                column(key),
                Unit::Point,
                Quantum::ONE,
                units.to_vec(),
            ))
            .unwrap();
    }
    let binding = card.bind(&panel, 0).unwrap();
    let kernels = Kernels::new(&card, &binding, 5).expect("a plain card");
    let mut totals = [0; 5];
    assert_eq!(kernels.totals(&mut totals, &mut []), [2, 3]);
    // 90 - 2, 80 - 5 for the limit, and two thirds.
    assert_eq!(
        [totals[0], totals[1], totals[4]],
        [880_000, 750_000, 666_667]
    );
    let scores = card.score(&panel, PeriodId::at(0)).unwrap();
    assert_eq!(scores.units(), [880_000, 750_000, 100_000, 0, 666_667]);
}
