use super::*;
use crate::calendar::PeriodId;
use crate::calendar::{Calendar, Grain};
use crate::measure::Unit;
use crate::panel::Column;
use crate::quantity::Quantum;
use crate::scorecard::rollup::in_groups;
use crate::scorecard::{
    ConditionDef, Curve, CurveDef, GateDef, Gated, InputDef, KpiDef, Observed, Presumed,
    ScorecardDef, Unknown, UnknownDef, VetoDef, ZeroTarget, compare_cards,
};
use crate::space::{Axis, Subjects};

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn column(text: &str) -> ColumnKey {
    text.parse().unwrap()
}

fn kpi(key: &str, metric: &str, percent: i32, curve: CurveDef) -> KpiDef {
    let input = InputDef::rate(column(metric), Benchmark::Plan);
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
            "counted_twice",
            "silence_pays"
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
    let scores = [50, 60, 90, 80].map(|score| Ok(Ratio::from(score)));
    let limits = HealthLimits::default();
    let groups = in_groups(&[Some(1), Some(1), Some(0), Some(0)], 2);
    let found = fairness(&scores, &groups, &limits).unwrap();
    assert_eq!(
        found,
        Some(Finding::Unfair {
            lowest: vec![Key::new("group001").unwrap()],
            highest: vec![Key::new("group000").unwrap()],
            apart: Ratio::from(30)
        })
    );
    let alike = in_groups(&[Some(0); 4], 1);
    assert_eq!(fairness(&scores, &alike, &limits).unwrap(), None);
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
    let found = compare_cards(&old, &new, &panel()).unwrap();
    // 50 rises to 60; 90 and 120 fall to 85; 80 stays.
    assert_eq!(
        (found.winners, found.losers, found.regraded, found.one_sided),
        (1, 2, 0, 0)
    );
    assert_eq!(found.lines[2].change, Ok(Ratio::from(-35)));
    assert_eq!(found.lines[2].ranks, (Some(1), Some(1)));
}

#[test]
fn a_figure_that_counts_twice_is_found_whatever_it_is_compared_with() {
    let growth = InputDef::rate(column("sales"), Benchmark::Previous(1)).by(Attainment::Growth);
    let pace = InputDef::rate(
        column("sales.pace_attainment"),
        Benchmark::Constant(Ratio::ONE),
    );
    let peers = InputDef::rate(
        column("sales"),
        Benchmark::Peers(crate::scorecard::Peers::Mean),
    );
    let other = InputDef::rate(column("orders"), Benchmark::Plan);
    for (input, twice) in [(growth, true), (pace, true), (peers, true), (other, false)] {
        let beside = KpiDef::new("beside", input.clone(), line()).unwrap();
        let weighed = beside.clone().weigh(Ratio::percent(40));
        let found =
            card(vec![kpi("sales", "sales", 60, line()), weighed]).health(&HealthLimits::default());
        assert_eq!(names(&found).contains(&"counted_twice"), twice, "{input:?}");
        // An item adds to the same figure as well.
        let mut def = ScorecardDef::new("card").unwrap();
        def.items.push(beside);
        let def = def
            .group("all", Ratio::ONE, vec![kpi("sales", "sales", 100, line())])
            .unwrap();
        let found = Scorecard::compile(def)
            .unwrap()
            .health(&HealthLimits::default());
        assert_eq!(names(&found).contains(&"counted_twice"), twice, "{input:?}");
    }
}

/// A card of one KPI on an expense, of which less is better.
fn expense() -> ScorecardDef {
    let curve = CurveDef::through([("0", "0"), ("2", "120")]).unwrap();
    let mut kpi = kpi("expense", "cost", 100, curve);
    kpi.input.direction = Some(Direction::Smaller);
    ScorecardDef::new("card")
        .unwrap()
        .group("all", Ratio::ONE, vec![kpi])
        .unwrap()
}

#[test]
fn silence_that_pays_is_found_unless_an_activity_opens_the_card() {
    let pays = |def: &ScorecardDef| {
        let found = Scorecard::compile(def.clone())
            .unwrap()
            .health(&HealthLimits::default());
        let expense = Key::new("expense").unwrap();
        found.contains(&Finding::SilencePays { kpi: expense })
    };
    assert!(pays(&expense()));
    let gate = |of: Observed, within: &str, on: Gated, at_most: i64| GateDef {
        key: Key::new("active").unwrap(),
        title: crate::text::Texts::default(),
        requires: ConditionDef::new(of, within.parse().unwrap()),
        on,
        at_most: Ratio::from(at_most),
    };
    let gated = |gate: GateDef| {
        let mut def = expense();
        def.gates.push(gate);
        pays(&def)
    };
    let visits = || Observed::Figure(column("visits"));
    let group = || Gated::Group(Key::new("all").unwrap());
    let itself = || Gated::Kpi(Key::new("expense").unwrap());
    for on in [Gated::Card, group(), itself()] {
        assert!(!gated(gate(visits(), "[1, ..)", on.clone(), 0)));
        assert!(!gated(gate(visits(), "(0, ..)", on.clone(), 0)));
        // A condition that silence meets, or a gate that leaves points, is no guard.
        assert!(gated(gate(visits(), "[0, ..)", on.clone(), 0)));
        assert!(gated(gate(visits(), "(.., 5]", on.clone(), 0)));
        assert!(gated(gate(visits(), "[1, ..)", on, 60)));
    }
    let mut open = gate(visits(), "[1, ..)", Gated::Card, 0);
    open.requires.unknown = Presumed::Holds;
    assert!(gated(open));
    let own = Observed::Points(Key::new("expense").unwrap());
    assert!(
        gated(gate(own, "[1, ..)", Gated::Card, 0)),
        "what silence gives is no guard against it"
    );
    let mut vetoed = expense();
    vetoed.vetoes.push(VetoDef {
        key: Key::new("idle").unwrap(),
        title: crate::text::Texts::default(),
        when: ConditionDef {
            unknown: Presumed::Holds,
            ..ConditionDef::new(visits(), "(.., 0]".parse().unwrap())
        },
        at_most: Ratio::ZERO,
        best_grade: None,
    });
    assert!(!pays(&vetoed));
}

#[test]
fn another_kpi_is_a_guard_where_silence_does_not_pay_there_too() {
    let pays = |other: CurveDef, veto: Option<(Presumed, &str)>| {
        let mut def = expense();
        let mut visits = kpi("visits", "visits", 0, other);
        visits.input.direction = Some(Direction::Larger);
        def.groups[0].kpis.push(visits);
        let points = Observed::Points(Key::new("visits").unwrap());
        match veto {
            None => def.gates.push(GateDef {
                key: Key::new("active").unwrap(),
                title: crate::text::Texts::default(),
                requires: ConditionDef::new(points, "[1, ..)".parse().unwrap()),
                on: Gated::Card,
                at_most: Ratio::ZERO,
            }),
            Some((unknown, within)) => def.vetoes.push(VetoDef {
                key: Key::new("idle").unwrap(),
                title: crate::text::Texts::default(),
                when: ConditionDef {
                    unknown,
                    ..ConditionDef::new(points, within.parse().unwrap())
                },
                at_most: Ratio::ZERO,
                best_grade: None,
            }),
        }
        let found = Scorecard::compile(def)
            .unwrap()
            .health(&HealthLimits::default());
        let expense = Key::new("expense").unwrap();
        found.contains(&Finding::SilencePays { kpi: expense })
    };
    let (rising, falling) = (line(), CurveDef::line(Ratio::from(-100)));
    assert!(!pays(rising.clone(), None), "who visits nobody has no card");
    assert!(
        pays(falling.clone(), None),
        "who visits nobody has the best one"
    );
    // A veto guards where it strikes nothing and what nobody knows, and not where it does one of these.
    assert!(!pays(rising.clone(), Some((Presumed::Holds, "(.., 0]"))));
    assert!(pays(rising.clone(), Some((Presumed::Fails, "(.., 0]"))));
    assert!(pays(rising, Some((Presumed::Holds, "[5, ..)"))));
    assert!(pays(falling, Some((Presumed::Holds, "(.., 0]"))));
}

/// Less is good by the curve alone where the figure itself is asked, and always where the target is divided by it.
#[test]
fn whether_a_lower_figure_pays_is_a_matter_of_what_is_asked() {
    let pays = |attainment: Attainment, direction: Option<Direction>, slope: i64| {
        let mut own = kpi("sales", "sales", 100, CurveDef::line(Ratio::from(slope)));
        own.input = match attainment {
            Attainment::Value => InputDef::value(column("sales")),
            _ => own.input.by(attainment),
        };
        own.input.direction = direction;
        let own = own.unknown(UnknownDef {
            no_base: Unknown::Unscored,
            nothing_recorded: Unknown::Unscored,
            ..UnknownDef::default()
        });
        names(&card(vec![own]).health(&HealthLimits::default())).contains(&"silence_pays")
    };
    let (smaller, larger) = (Some(Direction::Smaller), Some(Direction::Larger));
    for direction in [None, smaller, larger] {
        assert!(!pays(Attainment::Value, direction, 100), "{direction:?}");
        assert!(pays(Attainment::Value, direction, -100), "{direction:?}");
        assert!(pays(Attainment::Inverse, direction, 100), "{direction:?}");
        assert!(pays(Attainment::Inverse, direction, -100), "{direction:?}");
        assert!(!pays(Attainment::Inverse, direction, 0), "flat");
    }
    assert!(!pays(Attainment::Rate, larger, 100) && pays(Attainment::Rate, smaller, 100));
    assert!(pays(Attainment::Rate, larger, -100) && !pays(Attainment::Rate, smaller, -100));
}

/// Of a grid of equal points only the policies can give silence more: that for no base where one of its figures may have none.
#[test]
fn a_grid_with_one_figure_that_may_have_no_base_asks_its_policy() {
    let pays = |first: Attainment, second: Attainment, no_base: Unknown| {
        let halves = || {
            ["(.., 1)", "[1, ..)"]
                .map(|range| range.parse().unwrap())
                .to_vec()
        };
        let table = crate::scorecard::GridDef {
            rows: halves(),
            columns: halves(),
            points: vec![vec![Ratio::from(50); 2]; 2],
        };
        let visits = InputDef::rate(column("visits"), Benchmark::Plan).by(second);
        let mut own = kpi("sales", "sales", 100, line()).grid(visits, table);
        own.input = own.input.by(first);
        let own = own.unknown(UnknownDef {
            no_base,
            nothing_recorded: Unknown::Unscored,
            ..UnknownDef::default()
        });
        names(&card(vec![own]).health(&HealthLimits::default())).contains(&"silence_pays")
    };
    let (rate, inverse) = (Attainment::Rate, Attainment::Inverse);
    for (first, second, expected) in [
        (rate, rate, false),
        (inverse, rate, true),
        (rate, inverse, true),
        (inverse, inverse, true),
    ] {
        let more = Unknown::Points(Ratio::from(51));
        assert_eq!(pays(first, second, more), expected, "{first:?} {second:?}");
        let same = Unknown::Points(Ratio::from(50));
        assert!(!pays(first, second, same), "{first:?} {second:?}");
    }
}

#[test]
fn a_policy_that_gives_silence_more_than_a_zero_is_found() {
    let limits = HealthLimits::default();
    let pays = |unknown: Unknown, curve: &CurveDef| {
        let policy = UnknownDef {
            nothing_recorded: unknown,
            ..UnknownDef::default()
        };
        let kpi = kpi("sales", "sales", 100, curve.clone()).unknown(policy);
        names(&card(vec![kpi]).health(&limits)).contains(&"silence_pays")
    };
    let plain = CurveDef::through([("0", "0"), ("1", "100")]).unwrap();
    let below = CurveDef::through([("0", "-50"), ("1", "100")]).unwrap();
    let above = CurveDef::through([("0", "20"), ("1", "100")]).unwrap();
    let points = |points: i64| Unknown::Points(Ratio::from(points));
    for (unknown, curve, expected) in [
        (Unknown::Zero, &plain, false),
        (Unknown::Zero, &below, true),
        (Unknown::Zero, &above, false),
        (points(1), &plain, true),
        (points(20), &above, false),
        (points(21), &above, true),
        (Unknown::Neutral, &plain, true),
        (Unknown::Redistribute, &plain, true),
        (Unknown::Previous, &plain, true),
        (Unknown::Unscored, &below, false),
    ] {
        assert_eq!(pays(unknown, curve), expected, "{unknown:?} {curve:?}");
    }
}

#[test]
fn directions_and_zero_targets_of_the_columns_are_found_too() {
    let mut panel = panel();
    let add = |panel: &mut Panel, key: &str, units: [i64; 4]| {
        let column = Column::amounts(column(key), Unit::Point, Quantum::ONE, units.to_vec());
        panel.add(column.better(Direction::Smaller)).unwrap();
    };
    add(&mut panel, "complaints", [0, 3, 1, 2]);
    add(&mut panel, "target:complaints", [0, 0, 5, 5]);
    let curve = CurveDef::through([("0", "0"), ("1", "100")]).unwrap();
    let card = card(vec![kpi("complaints", "complaints", 100, curve)]);
    assert!(!names(&card.health(&HealthLimits::default())).contains(&"silence_pays"));
    let found = card.alignment(&panel, &HealthLimits::default()).unwrap();
    let key = || Key::new("complaints").unwrap();
    assert!(found.contains(&Finding::SilencePays { kpi: key() }));
    assert!(found.contains(&Finding::ZeroTarget {
        kpi: key(),
        cells: 2
    }));
    // Nobody who misses a target of zero is better off than with the target left out.
    let scores = card.score(&panel, PeriodId::at(0)).unwrap();
    let total = |subject| scores.total(RowId::at(subject)).unwrap();
    assert_eq!((total(0), total(1)), (Ratio::from(100), Ratio::ZERO));
    let policy = card.definition().groups[0].kpis[0].input.zero_target;
    assert_eq!(policy, ZeroTarget::MetOrMissed);
}
