//! What a KPI can be compared with, and what shares of a period, missing numbers and limits make of it.

use crate::at::{PeriodAt, RowAt};
use std::collections::BTreeMap;

use quotaflow::band::Interval;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::measure::{Direction, Unit};
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::scorecard::{
    Adding, Attainment, Benchmark, ConditionDef, Consolidation, CurveDef, GateDef, Gated, InputDef,
    KpiDef, Lookback, MissingChild, Observed, PartialUnit, Peers, PerUnit, Phrase, Scorecard,
    ScorecardDef, Shape, Templates, Unknown, UnknownDef, VetoDef, rolled, rolled_by,
};
use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};
use quotaflow::text::Locale;

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands beside readings that have none"
)]
fn value(text: &str) -> Result<Ratio, Reason> {
    Ok(ratio(text))
}

fn key(text: &str) -> ColumnKey {
    text.parse().unwrap()
}

fn named(axis: &str, names: &[&str]) -> Subjects {
    let members = names.iter().map(|name| Key::new(name).unwrap()).collect();
    Subjects::new(Axis::new(axis, axis).unwrap(), members).unwrap()
}

/// A panel of these people over some months of 2026.
fn panel(names: &[&str], months: u32) -> Panel {
    let to = format!("2026-{:02}-01", months + 1).parse().unwrap();
    let from = "2026-01-01".parse().unwrap();
    let months = Calendar::gregorian().periods(Grain::Month, from, to);
    Panel::new(named("person", names), months.unwrap())
}

fn add(panel: &mut Panel, name: &str, units: &[i64]) {
    let column = Column::amounts(key(name), Unit::Point, Quantum::ONE, units.to_vec());
    panel.add(column).unwrap();
}

/// Shares of the period, in hundredths.
fn add_shares(panel: &mut Panel, name: &str, hundredths: &[i64]) {
    let column = Column::amounts(key(name), Unit::Share, Quantum::CENT, hundredths.to_vec());
    panel.add(column).unwrap();
}

fn one(input: InputDef) -> Scorecard {
    let line = CurveDef::line(Ratio::from(100));
    let kpi = KpiDef::new("kpi", input, line).unwrap().weigh(Ratio::ONE);
    let def = ScorecardDef::new("card").unwrap();
    Scorecard::compile(def.group("all", Ratio::ONE, vec![kpi]).unwrap()).unwrap()
}

/// What the only KPI of a card finds for each subject.
fn attained(input: InputDef, panel: &Panel, period: usize) -> Vec<Result<Ratio, Reason>> {
    let card = one(input);
    let scores = card.score(panel, panel.period_at(period)).unwrap();
    (0..scores.len())
        .map(|subject| {
            scores.explain(scores.row_at(subject)).unwrap().groups[0].kpis[0].inputs[0].attained
        })
        .collect()
}

#[test]
fn a_figure_is_compared_with_plan_past_peers_or_a_number() {
    let mut panel = panel(&["ann", "bo", "cy"], 2);
    add(&mut panel, "sales", &[80, 100, 120, 90, 100, 150]);
    add(&mut panel, "target:sales", &[100; 6]);
    add(&mut panel, "expected:sales", &[50; 6]);
    add(&mut panel, "last year", &[60, 60, 60, 45, 200, 100]);
    let cases = [
        ("plan", Benchmark::Plan, ["0.9", "1", "1.5"]),
        ("pace", Benchmark::Pace, ["1.8", "2", "3"]),
        ("previous", Benchmark::Previous(1), ["1.125", "1", "1.25"]),
        (
            "column",
            Benchmark::Column(key("last year")),
            ["2", "0.5", "1.5"],
        ),
        // The mean of 90, 100 and 150 is 340 / 3.
        (
            "mean",
            Benchmark::Peers(Peers::Mean),
            ["27/34", "30/34", "45/34"],
        ),
        (
            "median",
            Benchmark::Peers(Peers::Median),
            ["0.9", "1", "1.5"],
        ),
        ("best", Benchmark::Peers(Peers::Best), ["0.6", "2/3", "1"]),
        (
            "constant",
            Benchmark::Constant(ratio("120")),
            ["0.75", "5/6", "1.25"],
        ),
    ];
    for (name, reference, expected) in cases {
        let found = attained(InputDef::rate(key("sales"), reference), &panel, 1);
        assert_eq!(found, expected.map(value), "{name}");
    }
    // The first month has no month before it; nobody is blamed for that.
    let first = attained(
        InputDef::rate(key("sales"), Benchmark::Previous(1)),
        &panel,
        0,
    );
    assert_eq!(first, [Err(Reason::NotApplicable); 3]);
    // Both months together, and closer to the target is better: 10 over is as good as 10 under.
    let to_date = InputDef::rate(key("sales"), Benchmark::Plan).over(Lookback::ToDate);
    assert_eq!(
        attained(to_date, &panel, 1),
        ["0.85", "1", "1.35"].map(value)
    );
    // From 80 in January on the way to 100: 10 of 20; from 100 there is no way; from 120 to 100, 30 the wrong way.
    let way = InputDef::rate(key("sales"), Benchmark::Plan)
        .by(Attainment::Progress)
        .from(Benchmark::Previous(1));
    let found = [value("0.5"), Err(Reason::NoBase), value("-1.5")];
    assert_eq!(attained(way.clone(), &panel, 1), found);
    let card = one(way);
    let why = card
        .score(&panel, panel.period_at(1))
        .unwrap()
        .explain(panel.row_at(0))
        .unwrap();
    let text = Templates::new(Locale::EN).render(&why, card.definition());
    assert!(
        text.contains("actual 90, from 80 to target 100, attainment 50%"),
        "{text}"
    );
    let closer = InputDef::rate(key("sales"), Benchmark::Plan).better(Direction::Target);
    assert_eq!(attained(closer, &panel, 1), ["0.9", "1", "0.5"].map(value));
    let smaller = InputDef::rate(key("sales"), Benchmark::Plan).better(Direction::Smaller);
    assert_eq!(attained(smaller, &panel, 1), ["1.1", "1", "0.5"].map(value));
}

#[test]
fn a_target_holds_for_the_share_of_each_period() {
    let mut panel = panel(&["ann", "bo"], 2);
    // Ann joined in the middle of January.
    add(&mut panel, "sales", &[45, 90, 180, 180]);
    add(&mut panel, "target:sales", &[100, 100, 200, 200]);
    add_shares(&mut panel, "employed", &[50, 100, 100, 100]);
    let input = || InputDef::rate(key("sales"), Benchmark::Plan).prorated(key("employed"));
    assert_eq!(attained(input(), &panel, 0), ["0.9", "0.9"].map(value));
    let card = one(input());
    let why = card
        .score(&panel, panel.period_at(0))
        .unwrap()
        .explain(panel.row_at(0))
        .unwrap();
    let text = Templates::new(Locale::EN).render(&why, card.definition());
    assert!(
        text.contains("actual 45, target 100 × 50%, attainment 90%"),
        "{text}"
    );
    assert_eq!(card.replay(&why).unwrap(), why);
    // To date: 225 of 50 + 200, and 270 of 300.
    let to_date = input().over(Lookback::ToDate);
    assert_eq!(attained(to_date, &panel, 1), ["0.9", "0.9"].map(value));
    // A fixed number holds for the mean share: 225 of 300 x 3/4.
    let fixed = InputDef::rate(key("sales"), Benchmark::Constant(ratio("300")))
        .prorated(key("employed"))
        .over(Lookback::Last(2));
    assert_eq!(attained(fixed, &panel, 1), ["1", "0.9"].map(value));
    let wrong = InputDef::rate(key("sales"), Benchmark::Plan).prorated(key("sales"));
    let card = one(wrong);
    let error = card.check(&panel).unwrap_err().to_string();
    assert!(error.starts_with("KPI `kpi`: sales in point"), "{error}");
    assert!(error.contains("the share of a period"), "{error}");
}

#[test]
fn a_team_has_the_targets_of_its_people_for_their_shares() {
    let mut panel = panel(&["ann", "bo", "cy"], 1);
    add(&mut panel, "sales", &[45, 270, 7]);
    add(&mut panel, "target:sales", &[100, 300, 7]);
    add_shares(&mut panel, "employed", &[50, 100, 100]);
    add(&mut panel, "teamwork", &[70, 95, 80]);
    let def = DimensionDef::new("person", &["team", "person"])
        .and_then(|def| def.member("team", "north"))
        .and_then(|def| def.child("person", "ann", "north"))
        .and_then(|def| def.child("person", "bo", "north"))
        .and_then(|def| def.member("person", "cy"));
    let people = Dimension::new(def.unwrap()).unwrap();
    let (tree, north) = (people.tree("person").unwrap(), || {
        Subjects::new(
            Axis::new("person", "team").unwrap(),
            vec![Key::new("north").unwrap()],
        )
        .unwrap()
    });
    let how = BTreeMap::from([
        (key("employed"), Adding::WeightedBy(key("target:sales"))),
        (key("teamwork"), Adding::Mean),
    ]);
    let teams = rolled_by(&panel, north(), tree, &how).unwrap();
    // 100 x 1/2 + 300 are 350 of 400; 315 of them are 90 %.
    assert_eq!(
        teams
            .answer(&key("employed"), teams.row_at(0), teams.period_at(0))
            .unwrap()
            .ratio()
            .ok(),
        Some(ratio("0.875"))
    );
    assert_eq!(
        teams
            .answer(&key("teamwork"), teams.row_at(0), teams.period_at(0))
            .unwrap()
            .ratio()
            .ok(),
        Some(ratio("82.5"))
    );
    let input = InputDef::rate(key("sales"), Benchmark::Plan).prorated(key("employed"));
    assert_eq!(attained(input, &teams, 0), [value("0.9")]);
    // Added up as everything else is, shares and ratings would be 1.5 and 165.
    let sums = rolled(&panel, north(), tree).unwrap();
    assert_eq!(
        sums.answer(&key("teamwork"), sums.row_at(0), sums.period_at(0))
            .unwrap()
            .ratio()
            .ok(),
        Some(ratio("165"))
    );
    let unknown = BTreeMap::from([(key("temwork"), Adding::Mean)]);
    let error = rolled_by(&panel, north(), tree, &unknown).unwrap_err();
    assert!(error.to_string().contains("teamwork"), "{error}");
}

/// Sales worth 80 points for 60 %, and visits for 40 %.
fn two(unknown: Unknown) -> Scorecard {
    let points = |name: &str, weight| {
        let input = InputDef::value(key(name));
        let kpi = KpiDef::new(name, input, CurveDef::line(Ratio::ONE)).unwrap();
        kpi.weigh(Ratio::percent(weight))
    };
    let visits = points("visits", 40).unknown(UnknownDef::all(unknown));
    let def = ScorecardDef::new("card").unwrap();
    let def = def.group("all", Ratio::ONE, vec![points("sales", 60), visits]);
    Scorecard::compile(def.unwrap()).unwrap()
}

#[test]
fn each_policy_for_a_missing_number_is_worked_by_hand() {
    let missing = [
        Reason::NoBase,
        Reason::NothingRecorded,
        Reason::NotApplicable,
        Reason::NotYetDue,
        Reason::OutOfRange,
    ];
    for reason in missing {
        let mut panel = panel(&["ann"], 2);
        add(&mut panel, "sales", &[80, 80]);
        let visits = Column::amounts(key("visits"), Unit::Point, Quantum::ONE, vec![70, 0]);
        panel
            .add(visits.with_reasons(&[None, Some(reason)]).unwrap())
            .unwrap();
        let cases = [
            // 80 alone.
            (Unknown::Redistribute, value("80")),
            // 0.6 x 80 + 0.4 x (0, 100, 50, 70).
            (Unknown::Zero, value("48")),
            (Unknown::Neutral, value("88")),
            (Unknown::Points(ratio("50")), value("68")),
            (Unknown::Previous, value("76")),
            (Unknown::Unscored, Err(reason)),
        ];
        for (policy, expected) in cases {
            let card = two(policy);
            let scores = card.score(&panel, panel.period_at(1)).unwrap();
            assert_eq!(
                scores.total(scores.row_at(0)),
                expected,
                "{policy:?} {reason:?}"
            );
            assert_eq!(scores.explain(scores.row_at(0)).unwrap().total, expected);
        }
    }
}

#[test]
fn previous_is_the_nearest_period_with_a_number() {
    // 70 in January; in February visits do not apply, for which the policy gives no points; in March nothing is recorded.
    let mut panel = panel(&["ann"], 3);
    add(&mut panel, "sales", &[80, 80, 80]);
    let visits = Column::amounts(key("visits"), Unit::Point, Quantum::ONE, vec![70, 0, 0]);
    let reasons = [
        None,
        Some(Reason::NotApplicable),
        Some(Reason::NothingRecorded),
    ];
    panel.add(visits.with_reasons(&reasons).unwrap()).unwrap();
    for february in [
        Unknown::Zero,
        Unknown::Neutral,
        Unknown::Points(ratio("50")),
        Unknown::Previous,
        Unknown::Redistribute,
    ] {
        let mut def = two(Unknown::Previous).definition().clone();
        def.groups[0].kpis[1].unknown.not_applicable = february;
        let scores = Scorecard::compile(def).unwrap();
        let scores = scores.score(&panel, panel.period_at(2)).unwrap();
        // 0.6 x 80 + 0.4 x 70.
        assert_eq!(scores.total(scores.row_at(0)), value("76"), "{february:?}");
    }
}

#[test]
fn limits_hold_whatever_the_rest_says() {
    let mut panel = panel(&["ann", "bo", "cy", "di"], 1);
    add(&mut panel, "sales", &[100, 100, 50, 100]);
    add(&mut panel, "visits", &[100, 100, 100, 100]);
    add(&mut panel, "fraud", &[0, 1, 0, 0]);
    add(&mut panel, "extra", &[9, 0, 0, -30]);
    let mut def = two(Unknown::Zero).definition().clone();
    let extra = InputDef::value(key("extra"));
    def.items
        .push(KpiDef::new("extra", extra, CurveDef::line(Ratio::ONE)).unwrap());
    (def.bonus_limit, def.deduction_limit) = (Some(ratio("5")), Some(ratio("8")));
    def = def.grades("C", [("60", "B"), ("90", "A")]).unwrap();
    let condition =
        |of: Observed, within: &str| ConditionDef::new(of, within.parse::<Interval>().unwrap());
    def.gates.push(GateDef {
        key: Key::new("sells").unwrap(),
        title: quotaflow::text::Texts::default(),
        requires: condition(Observed::Points(Key::new("sales").unwrap()), "[60, ..)"),
        on: Gated::Kpi(Key::new("visits").unwrap()),
        at_most: ratio("20"),
    });
    def.vetoes.push(VetoDef {
        key: Key::new("fraud").unwrap(),
        title: "舞弊".into(),
        when: condition(Observed::Figure(key("fraud")), "[1, ..)"),
        at_most: ratio("95"),
        best_grade: Some(Key::new("C").unwrap()),
    });
    let card = Scorecard::compile(def).unwrap();
    let scores = card.score(&panel, panel.period_at(0)).unwrap();
    let found: Vec<_> = (0..4)
        .map(|subject| {
            let total = scores.total(scores.row_at(subject)).unwrap().to_string();
            (
                total,
                scores.grade(scores.row_at(subject)).unwrap().as_str(),
            )
        })
        .collect();
    let expected = [
        // A bonus of 9 counts 5.
        ("105", "A"),
        // The veto leaves 95 points, and of grades the lowest.
        ("95", "C"),
        // 0.6 x 50, and visits are worth 20 at most: 0.4 x 20.
        ("38", "C"),
        // A deduction of 30 takes 8.
        ("92", "A"),
    ];
    assert_eq!(
        found,
        expected.map(|(total, grade)| (total.to_owned(), grade))
    );
    let why = scores.explain(scores.row_at(1)).unwrap();
    let own = Templates::new(Locale::ZH)
        .with(Phrase::TotalPlain, "合计 {total}")
        .unwrap();
    let text = own.render(&why, card.definition());
    assert!(text.contains("触发一票否决“舞弊”：1"), "{text}");
    let english = Templates::new(Locale::EN).render(&why, card.definition());
    assert!(english.ends_with("total 95, grade C"), "{english}");
}

#[test]
fn a_year_is_made_of_its_months() {
    let months: Vec<Vec<Result<Ratio, Reason>>> = [["80", "60"], ["90", "70"], ["100", "20"]]
        .map(|month| month.map(value).to_vec())
        .to_vec();
    let mut gap = months.clone();
    gap[1][1] = Err(Reason::NotYetDue);
    let over = |how: Consolidation, months: &[Vec<Result<Ratio, Reason>>], missing| {
        how.over_periods(months, None, missing).unwrap()
    };
    let (out, zero, spreads) = (
        MissingChild::LeaveOut,
        MissingChild::Zero,
        MissingChild::Spreads,
    );
    assert_eq!(
        over(Consolidation::Mean, &months, out),
        ["90", "50"].map(value)
    );
    assert_eq!(
        over(Consolidation::Worst, &months, out),
        ["80", "20"].map(value)
    );
    assert_eq!(
        over(Consolidation::Mean, &gap, out),
        ["90", "40"].map(value)
    );
    assert_eq!(
        over(Consolidation::Mean, &gap, zero),
        ["90", "80/3"].map(value)
    );
    let late = Err(Reason::NotYetDue);
    assert_eq!(
        over(Consolidation::Mean, &gap, spreads),
        [value("90"), late]
    );
    let passed = Consolidation::Count(Interval::at_least(ratio("60")));
    assert_eq!(over(passed, &months, out), ["3", "2"].map(value));
    gap[2].pop();
    assert!(Consolidation::Mean.over_periods(&gap, None, out).is_err());
    assert_eq!(
        Consolidation::Mean.over_periods(&[], None, out).unwrap(),
        []
    );
}

#[test]
fn half_a_point_for_each_day_late_and_parts_of_a_day_as_stated() {
    let late = |part| {
        CurveDef::new(Shape::PerUnit(PerUnit {
            base: ratio("10"),
            from: Ratio::ZERO,
            every: Ratio::ONE,
            above: ratio("-0.5"),
            below: Ratio::ZERO,
            part,
        }))
        .floor(Ratio::ZERO)
    };
    let mut panel = panel(&["ann"], 1);
    let days = Column::amounts(key("days"), Unit::Point, Quantum::CENT, vec![3_50]);
    panel.add(days).unwrap();
    for (part, expected) in [
        (PartialUnit::Share, "8.25"),
        (PartialUnit::Nothing, "8.5"),
        (PartialUnit::Full, "8"),
    ] {
        let kpi = KpiDef::new("days", InputDef::value(key("days")), late(part)).unwrap();
        let def = ScorecardDef::new("card").unwrap();
        let def = def.group("all", Ratio::ONE, vec![kpi.weigh(Ratio::ONE)]);
        let card = Scorecard::compile(def.unwrap()).unwrap();
        assert_eq!(
            card.score(&panel, panel.period_at(0))
                .unwrap()
                .total(panel.row_at(0)),
            value(expected),
            "{part:?}"
        );
    }
}
