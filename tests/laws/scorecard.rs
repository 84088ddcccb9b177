//! Laws of curves, cards and rankings.

use crate::at::{PeriodAt, RowAt};
use proptest::prelude::*;
use quotaflow::band::{Bands, Interval, Owner};
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::measure::{Direction, Unit};
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio, Rounding};
use quotaflow::scorecard::{
    Attainment, Benchmark, ConditionDef, CurveDef, Finding, GateDef, Gated, GridDef, HealthLimits,
    InputDef, Jump, Knot, KpiDef, Lookback, Observed, Outside, PartialUnit, Peers, PerUnit,
    Precision, Scorecard, ScorecardDef, Shape, TieRule, Unknown, UnknownDef, VetoDef, ZeroTarget,
};
use quotaflow::space::{Axis, Subjects};

const METRICS: [&str; 3] = ["sales", "cost", "visits"];
const SUBJECTS: usize = 5;
const PERIODS: usize = 3;

fn whole(range: std::ops::Range<i64>) -> impl Strategy<Value = Ratio> {
    range.prop_map(Ratio::from)
}

fn small() -> impl Strategy<Value = Ratio> {
    (-300_i128..300, 1_i128..8).prop_map(|(top, bottom)| Ratio::new(top, bottom).unwrap())
}

fn shape() -> impl Strategy<Value = Shape> {
    let jump = proptest::option::weighted(0.3, (small(), any::<bool>())).prop_map(|jump| {
        jump.map(|(to, lower)| Jump {
            to,
            owner: if lower { Owner::Lower } else { Owner::Upper },
        })
    });
    let outside = || prop_oneof![Just(Outside::Flat), Just(Outside::Extend)];
    let part = prop_oneof![
        Just(PartialUnit::Share),
        Just(PartialUnit::Nothing),
        Just(PartialUnit::Full)
    ];
    prop_oneof![
        (small(), small()).prop_map(|(slope, intercept)| Shape::Line { slope, intercept }),
        (
            proptest::collection::btree_map(-30_i128..60, (small(), jump), 1..6),
            outside(),
            outside()
        )
            .prop_map(|(knots, below, above)| {
                let knots = knots.into_iter().map(|(at, (points, jump))| Knot {
                    at: Ratio::new(at, 10).unwrap(),
                    points,
                    jump,
                });
                Shape::Knots {
                    knots: knots.collect(),
                    below,
                    above,
                }
            }),
        (
            small(),
            proptest::collection::btree_map(-30_i128..60, small(), 0..6)
        )
            .prop_map(|(first, edges)| {
                let edges = edges
                    .into_iter()
                    .map(|(at, points)| (Ratio::new(at, 10).unwrap(), points))
                    .collect();
                Shape::Bands(
                    Bands::from_edges(first, edges, Owner::Upper)
                        .unwrap()
                        .into(),
                )
            }),
        (small(), small(), 1_i128..20, small(), small(), part).prop_map(
            |(base, from, every, above, below, part)| {
                Shape::PerUnit(PerUnit {
                    base,
                    from,
                    every: Ratio::new(every, 7).unwrap(),
                    above,
                    below,
                    part,
                })
            }
        ),
    ]
}

fn curve() -> impl Strategy<Value = CurveDef> {
    (
        shape(),
        proptest::option::of(whole(-50..20)),
        proptest::option::of(whole(20..200)),
    )
        .prop_map(|(shape, floor, cap)| CurveDef { shape, floor, cap })
        .boxed()
}

fn reference() -> impl Strategy<Value = Benchmark> {
    prop_oneof![
        3 => Just(Benchmark::Plan),
        1 => Just(Benchmark::Previous(1)),
        1 => prop_oneof![Just(Peers::Mean), Just(Peers::Median), Just(Peers::Best)].prop_map(Benchmark::Peers),
        1 => small().prop_map(Benchmark::Constant),
    ]
}

fn input() -> impl Strategy<Value = InputDef> {
    let attainment = prop_oneof![
        Just(Attainment::Rate),
        Just(Attainment::Value),
        Just(Attainment::Inverse),
        Just(Attainment::Difference),
        Just(Attainment::Growth),
        Just(Attainment::Progress),
    ];
    let direction = prop_oneof![
        2 => Just(Direction::Larger),
        2 => Just(Direction::Smaller),
        1 => Just(Direction::Target)
    ];
    let window = prop_oneof![
        4 => Just(Lookback::Latest),
        1 => Just(Lookback::Last(2)),
        1 => Just(Lookback::ToDate)
    ];
    (
        0..METRICS.len(),
        attainment,
        reference(),
        reference(),
        direction,
        window,
        any::<bool>(),
        proptest::bool::weighted(0.3),
    )
        .prop_map(
            |(metric, attainment, target, baseline, direction, window, rounded, prorated)| {
                let compared = attainment != Attainment::Value;
                let input = InputDef {
                    metric: ColumnKey::actual(METRICS[metric]).unwrap(),
                    attainment,
                    target: compared.then_some(target),
                    baseline: (attainment == Attainment::Progress).then_some(baseline),
                    direction: Some(direction),
                    window,
                    prorated_by: (compared && prorated)
                        .then(|| ColumnKey::actual("employed").unwrap()),
                    precision: rounded.then(Precision::default),
                    zero_target: if rounded {
                        ZeroTarget::NoBase
                    } else {
                        ZeroTarget::MetOrMissed
                    },
                };
                go_together(input)
            },
        )
        // On the heap: nested strategies fill the stack of a test's thread.
        .boxed()
}

/// Leaves out what is refused: figures to date have no month before, and no best where neither more nor less is better.
fn go_together(mut input: InputDef) -> InputDef {
    let references = [input.target.clone(), input.baseline.clone()];
    let has = |wanted: fn(&Benchmark) -> bool| references.iter().flatten().any(wanted);
    if input.window == Lookback::ToDate && has(|found| matches!(found, Benchmark::Previous(_))) {
        input.window = Lookback::Latest;
    }
    if has(|found| matches!(found, Benchmark::Peers(Peers::Best))) {
        input.direction = Some(Direction::Larger);
    }
    input
}

/// A table of two inputs of two by three ranges.
fn grid() -> impl Strategy<Value = (InputDef, GridDef)> {
    let axis = |first: Ratio, rest: Vec<i128>| {
        let edges = rest
            .iter()
            .scan(first, |at, step| {
                *at = at.checked_add(Ratio::new(*step, 5).unwrap()).unwrap();
                Some((*at, ()))
            })
            .collect();
        let bands = Bands::from_edges((), edges, Owner::Upper).unwrap();
        bands.rows().map(|row| row.range).collect::<Vec<_>>()
    };
    let steps = |count: usize| proptest::collection::vec(1_i128..9, count);
    let points = proptest::collection::vec(proptest::collection::vec(whole(-50..150), 3), 2);
    (input(), small(), steps(1), small(), steps(2), points)
        .prop_map(move |(second, rows, more, columns, wider, points)| {
            let table = GridDef {
                rows: axis(rows, more),
                columns: axis(columns, wider),
                points,
            };
            (second, table)
        })
        .boxed()
}

fn unknown() -> impl Strategy<Value = UnknownDef> {
    let one = || {
        prop_oneof![
            Just(Unknown::Redistribute),
            Just(Unknown::Zero),
            Just(Unknown::Neutral),
            whole(0..100).prop_map(Unknown::Points),
            Just(Unknown::Previous),
            Just(Unknown::Unscored),
        ]
    };
    (one(), one(), one(), one(), one()).prop_map(
        |(no_base, nothing_recorded, not_applicable, not_yet_due, out)| UnknownDef {
            no_base,
            nothing_recorded,
            not_applicable,
            not_yet_due,
            out_of_range: out,
        },
    )
}

fn kpi(key: String) -> impl Strategy<Value = KpiDef> {
    let grid = proptest::option::weighted(0.3, grid());
    (input(), curve(), grid, unknown(), 0_u8..6)
        .prop_map(move |(input, curve, grid, unknown, places)| {
            let precision = Precision::new(places, Rounding::HalfAwayFromZero).unwrap();
            let kpi = KpiDef::new(&key, input, curve)
                .unwrap()
                .unknown(unknown)
                .rounded(precision);
            match grid {
                Some((second, table)) => kpi.grid(second, table),
                None => kpi,
            }
        })
        .boxed()
}

/// Weights that make 1, some of them zero.
fn weights(count: usize) -> impl Strategy<Value = Vec<Ratio>> {
    proptest::collection::vec(0_i128..5, count).prop_map(|parts| {
        let sum: i128 = parts.iter().sum();
        let each = |part: i128| {
            if sum == 0 {
                Ratio::ZERO
            } else {
                Ratio::new(part, sum).unwrap()
            }
        };
        let mut weights: Vec<Ratio> = parts.iter().map(|part| each(*part)).collect();
        if sum == 0 {
            weights[0] = Ratio::ONE;
        }
        weights
    })
}

fn card() -> impl Strategy<Value = ScorecardDef> {
    let group = |group: usize| {
        (1_usize..4).prop_flat_map(move |count| {
            let kpis: Vec<_> = (0..count)
                .map(|place| kpi(format!("k{group}{place}")))
                .collect();
            (kpis, weights(count))
        })
    };
    let condition = || {
        let operand = prop_oneof![
            Just(Observed::Points(Key::new("k00").unwrap())),
            Just(Observed::Attainment(Key::new("k00").unwrap())),
            Just(Observed::Figure(ColumnKey::actual("cost").unwrap())),
        ];
        (operand, small()).prop_map(|(of, at)| ConditionDef::new(of, Interval::at_least(at)))
    };
    let scope = prop_oneof![
        Just(Gated::Card),
        Just(Gated::Group(Key::new("g0").unwrap())),
        Just(Gated::Kpi(Key::new("k00").unwrap())),
    ];
    let gates = proptest::option::of((condition(), scope, whole(0..60)));
    let vetoes = proptest::option::of((condition(), whole(0..60)));
    let item = proptest::option::of((kpi("item".to_owned()), whole(0..20), whole(0..20)));
    let groups = (1_usize..4)
        .prop_flat_map(move |count| ((0..count).map(group).collect::<Vec<_>>(), weights(count)));
    (
        groups,
        gates,
        vetoes,
        item,
        proptest::option::of(whole(-20..50)),
        proptest::option::of(whole(50..150)),
    )
        .prop_map(|((groups, weights), gate, veto, item, floor, cap)| {
            let mut def = ScorecardDef::new("card").unwrap();
            for (place, ((kpis, shares), weight)) in groups.into_iter().zip(weights).enumerate() {
                let kpis = kpis
                    .into_iter()
                    .zip(shares)
                    .map(|(kpi, share)| kpi.weigh(share))
                    .collect();
                def = def.group(&format!("g{place}"), weight, kpis).unwrap();
            }
            if let Some((requires, on, at_most)) = gate {
                def.gates.push(GateDef {
                    key: Key::new("gate").unwrap(),
                    title: quotaflow::text::Texts::default(),
                    requires,
                    on,
                    at_most,
                });
            }
            if let Some((when, at_most)) = veto {
                def.vetoes.push(VetoDef {
                    key: Key::new("veto").unwrap(),
                    title: quotaflow::text::Texts::default(),
                    when,
                    at_most,
                    best_grade: None,
                });
            }
            if let Some((item, bonus, deduction)) = item {
                def.items.push(item);
                def.bonus_limit = Some(bonus);
                def.deduction_limit = Some(deduction);
            }
            def.floor = floor;
            def.cap = cap;
            def.grades("C", [("60", "B"), ("90", "A")]).unwrap()
        })
}

fn cell() -> impl Strategy<Value = (i64, Option<Reason>)> {
    let units = prop_oneof![8 => -100_i64..1000, 1 => Just(0), 1 => prop_oneof![Just(i64::MIN), Just(i64::MAX)]];
    let state = prop_oneof![6 => Just(0_usize), 1 => 1_usize..Reason::CELLS.len()];
    (units, state).prop_map(|(units, state)| (units, Reason::CELLS[state]))
}

fn empty_panel(subjects: usize) -> Panel {
    let members = (0..subjects)
        .map(|place| Key::new(format!("s{place}")).unwrap())
        .collect();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), members).unwrap();
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-04-01".parse().unwrap());
    Panel::new(
        subjects,
        Calendar::gregorian()
            .periods(Grain::Month, from, to)
            .unwrap(),
    )
}

type Cells = Vec<(i64, Option<Reason>)>;

/// Amounts for the actual figures of two metrics and all targets, quotients for those of the third.
fn cells() -> impl Strategy<Value = Vec<Cells>> {
    proptest::collection::vec(
        proptest::collection::vec(cell(), SUBJECTS * PERIODS),
        2 * METRICS.len() + 2,
    )
}

fn panel(cells: &[Cells], order: &[usize]) -> Panel {
    let mut panel = empty_panel(order.len());
    let arranged = |column: &Cells| -> (Vec<i64>, Vec<Option<Reason>>) {
        let place = |period: usize| order.iter().map(move |subject| period * SUBJECTS + subject);
        (0..PERIODS)
            .flat_map(place)
            .map(|cell| column[cell])
            .unzip()
    };
    for (metric, name) in METRICS.iter().enumerate() {
        for (role, place) in [("", metric), ("target:", METRICS.len() + metric)] {
            let key: ColumnKey = format!("{role}{name}").parse().unwrap();
            let (units, states) = arranged(&cells[place]);
            let column = if metric == 2 && role.is_empty() {
                let (other, _) = arranged(&cells[2 * METRICS.len()]);
                Column::quotients(key, Unit::Share, Ratio::new(1, 3).unwrap(), units, other)
                    .unwrap()
            } else {
                Column::amounts(key, Unit::Share, Quantum::CENT, units)
            };
            panel.add(column.with_reasons(&states).unwrap()).unwrap();
        }
    }
    let (units, states) = arranged(&cells[2 * METRICS.len() + 1]);
    let employed = ColumnKey::actual("employed").unwrap();
    let employed = Column::amounts(employed, Unit::Share, Quantum::CENT, units);
    panel.add(employed.with_reasons(&states).unwrap()).unwrap();
    panel
}

const DECLARED: [usize; SUBJECTS] = [0, 1, 2, 3, 4];

/// A KPI of each metric against a fixed target, with any policies; or, where `plain`, the default policies, more being better
/// on a curve that rises.
fn against_targets(plain: bool) -> impl Strategy<Value = ScorecardDef> {
    let attainment = prop_oneof![
        3 => Just(Attainment::Rate),
        1 => Just(Attainment::Value),
        1 => Just(Attainment::Growth),
        1 => Just(Attainment::Difference),
        1 => Just(Attainment::Inverse),
    ];
    let direction = prop_oneof![
        Just(Direction::Larger),
        Just(Direction::Smaller),
        Just(Direction::Target)
    ];
    let rising = (
        proptest::collection::btree_map(-30_i128..60, 0_i64..40, 1..6),
        -80_i64..40,
        any::<bool>(),
    )
        .prop_map(|(steps, first, extend)| {
            let outside = if extend {
                Outside::Extend
            } else {
                Outside::Flat
            };
            let knots = steps.into_iter().scan(first, |points, (at, more)| {
                *points += more;
                Some(Knot {
                    at: Ratio::new(at, 10).unwrap(),
                    points: Ratio::from(*points),
                    jump: None,
                })
            });
            CurveDef::new(Shape::Knots {
                knots: knots.collect(),
                below: outside,
                above: outside,
            })
        });
    let one = (attainment, 1_i64..40, direction, curve(), rising, unknown());
    (
        proptest::collection::vec(one, METRICS.len()),
        weights(METRICS.len()),
    )
        .prop_map(move |(kpis, weights)| {
            let kpis = kpis.into_iter().zip(weights).zip(METRICS).map(
                |(((attainment, target, direction, any, rising, unknown), weight), metric)| {
                    let (attainment, direction, curve, unknown) = match plain {
                        true if attainment == Attainment::Inverse => (
                            Attainment::Rate,
                            Direction::Larger,
                            rising,
                            UnknownDef::default(),
                        ),
                        true => (attainment, Direction::Larger, rising, UnknownDef::default()),
                        false => (attainment, direction, any, unknown),
                    };
                    let column = ColumnKey::actual(metric).unwrap();
                    let input = match attainment {
                        Attainment::Value => InputDef::value(column),
                        _ => InputDef::rate(column, Benchmark::Constant(Ratio::from(target)))
                            .by(attainment),
                    };
                    KpiDef::new(metric, input.better(direction), curve)
                        .unwrap()
                        .unknown(unknown)
                        .weigh(weight)
                },
            );
            ScorecardDef::new("card")
                .unwrap()
                .group("all", Ratio::ONE, kpis.collect())
                .unwrap()
        })
        .boxed()
}

/// One person's figures of one month; none where nothing was recorded.
fn one_month(figures: &[Option<i64>]) -> Panel {
    let month = Calendar::gregorian().periods(
        Grain::Month,
        "2026-01-01".parse().unwrap(),
        "2026-02-01".parse().unwrap(),
    );
    let mut panel = Panel::new(Subjects::whole(), month.unwrap());
    for (metric, figure) in METRICS.iter().zip(figures) {
        let key = ColumnKey::actual(metric).unwrap();
        let reason = figure.is_none().then_some(Reason::NothingRecorded);
        let column = Column::amounts(key, Unit::Point, Quantum::ONE, vec![figure.unwrap_or(0)]);
        panel.add(column.with_reasons(&[reason]).unwrap()).unwrap();
    }
    panel
}

proptest! {
    #![proptest_config(crate::cases(2_000))]

    /// Under the default policies, where more is better, a score never rises by not recording.
    #[test]
    fn by_default_silence_never_pays(def in against_targets(true), figures in proptest::collection::vec(0_i64..60, 3), which in 0_usize..3, left in proptest::option::of(0_i64..60)) {
        let card = Scorecard::compile(def).unwrap();
        let mut less: Vec<Option<i64>> = figures.into_iter().map(Some).collect();
        let all = one_month(&less);
        less[which] = left.map(|left| left.min(less[which].unwrap()));
        let silent = one_month(&less);
        let total = |panel: &Panel| card.score(panel, panel.period_at(0)).unwrap().total(panel.row_at(0)).ok();
        if let (Some(recorded), Some(silent)) = (total(&all), total(&silent)) {
            prop_assert!(silent <= recorded, "{silent} {recorded}");
        }
    }

    /// Wherever a score can rise by not recording, the card has a finding that names the KPI.
    #[test]
    fn silence_that_pays_is_a_finding(def in against_targets(false), figures in proptest::collection::vec(0_i64..60, 3), which in 0_usize..3, left in proptest::option::of(0_i64..60)) {
        let card = Scorecard::compile(def).unwrap();
        let mut less: Vec<Option<i64>> = figures.into_iter().map(Some).collect();
        let all = one_month(&less);
        less[which] = left.map(|left| left.min(less[which].unwrap()));
        let silent = one_month(&less);
        let total = |panel: &Panel| card.score(panel, panel.period_at(0)).unwrap().total(panel.row_at(0)).ok();
        let rises = total(&all).zip(total(&silent)).is_some_and(|(recorded, silent)| silent > recorded);
        if rises {
            let kpi = Key::new(METRICS[which]).unwrap();
            let found = card.health(&HealthLimits::default());
            prop_assert!(found.contains(&Finding::SilencePays { kpi }), "{:?}", found);
        }
    }
}

proptest! {
    #![proptest_config(crate::cases(160))]

    #[test]
    fn an_accepted_card_scores_every_panel_and_explains_every_total(def in card(), cells in cells(), period in 0..PERIODS) {
        let card = Scorecard::compile(def.clone()).unwrap();
        let panel = panel(&cells, &DECLARED);
        let scores = card.score(&panel, panel.period_at(period)).unwrap();
        for subject in 0..SUBJECTS {
            let why = scores.explain(scores.row_at(subject)).unwrap();
            prop_assert_eq!(why.total, scores.total(scores.row_at(subject)));
            prop_assert_eq!(why.grade.as_ref(), scores.grade(scores.row_at(subject)));
            prop_assert_eq!(scores.rank(scores.row_at(subject)).is_some(), scores.total(scores.row_at(subject)).is_ok());
            prop_assert_eq!(&card.replay(&why).unwrap(), &why);
            let text = serde_json::to_string(&why).unwrap();
            prop_assert_eq!(&serde_json::from_str::<quotaflow::scorecard::Breakdown>(&text).unwrap(), &why);
            // What a veto or a gate on the card leaves is a bound, whatever the rest says.
            if let Ok(total) = why.total {
                for (veto, def) in why.vetoes.iter().zip(&def.vetoes) {
                    prop_assert!(!veto.limits || total <= def.at_most);
                }
                for (gate, def) in why.gates.iter().zip(&def.gates) {
                    prop_assert!(!gate.limits || def.on != Gated::Card || total <= def.at_most);
                }
                prop_assert!(def.cap.is_none_or(|cap| total <= cap));
                let item: Ratio = why.bonus;
                prop_assert!(def.bonus_limit.is_none_or(|limit| item <= limit));
                // Contributions add up to the weighted mean, and shares to the whole.
                let sum = why.groups.iter().try_fold(Ratio::ZERO, |sum, group| sum.checked_add(group.contribution)).unwrap();
                prop_assert_eq!(Ok(sum), why.weighted);
                let shares = why.groups.iter().try_fold(Ratio::ZERO, |sum, group| sum.checked_add(group.share)).unwrap();
                prop_assert_eq!(shares, Ratio::ONE);
            }
        }
        let score = ColumnKey::actual("score").unwrap();
        let mut scored = panel.clone();
        scored.extend(card.columns(score.clone())).unwrap();
        for subject in 0..SUBJECTS {
            let answer = scored.answer(&score, scored.row_at(subject), scored.period_at(period)).unwrap();
            prop_assert_eq!(answer.ratio().ok(), scores.total(scores.row_at(subject)).ok());
        }
        let text = serde_json::to_string(&card).unwrap();
        prop_assert_eq!(serde_json::from_str::<Scorecard>(&text).unwrap(), card);
    }

    #[test]
    fn scoring_by_columns_is_scoring_one_by_one(def in card(), cells in cells(), period in 0..PERIODS, places in 0_u8..6, floor in 0_usize..2) {
        let mut def = def;
        let rounding = [Rounding::HalfAwayFromZero, Rounding::HalfEven][floor];
        def.precision = Precision::new(places, rounding).unwrap();
        for kpi in def.groups.iter_mut().flat_map(|group| &mut group.kpis).chain(&mut def.items) {
            // Curves over amounts, most of them flat outside their knots.
            if kpi.input.metric == ColumnKey::actual("visits").unwrap() {
                kpi.input.metric = ColumnKey::actual("sales").unwrap();
            }
        }
        let card = Scorecard::compile(def).unwrap();
        let panel = panel(&cells, &DECLARED);
        let scores = card.score(&panel, panel.period_at(period)).unwrap();
        for subject in 0..SUBJECTS {
            let why = scores.explain(scores.row_at(subject)).unwrap();
            prop_assert_eq!(why.total, scores.total(scores.row_at(subject)));
            prop_assert_eq!(why.grade.as_ref(), scores.grade(scores.row_at(subject)));
        }
    }

    #[test]
    fn the_order_of_subjects_changes_no_score_and_no_position(def in card(), cells in cells(), order in Just(DECLARED.to_vec()).prop_shuffle(), ties in 0_usize..3) {
        let mut def = def;
        def.ties = [TieRule::Best, TieRule::Dense, TieRule::Worst][ties];
        let card = Scorecard::compile(def).unwrap();
        let (declared, shuffled) = (panel(&cells, &DECLARED), panel(&cells, &order));
        let (left, right) = (card.score(&declared, declared.period_at(2)).unwrap(), card.score(&shuffled, shuffled.period_at(2)).unwrap());
        for (place, subject) in order.iter().enumerate() {
            prop_assert_eq!(left.total(left.row_at(*subject)), right.total(right.row_at(place)));
            prop_assert_eq!(left.rank(left.row_at(*subject)), right.rank(right.row_at(place)));
            prop_assert_eq!(left.grade(left.row_at(*subject)), right.grade(right.row_at(place)));
        }
        // A total preorder: the better total never stands behind.
        for a in 0..SUBJECTS {
            for b in 0..SUBJECTS {
                if let (Some(x), Some(y)) = (left.total(left.row_at(a)).ok(), left.total(left.row_at(b)).ok()) {
                    prop_assert_eq!(x.cmp(&y), left.rank(left.row_at(b)).cmp(&left.rank(left.row_at(a))));
                }
            }
        }
    }

    #[test]
    fn more_is_never_worse_on_a_rising_curve(knots in proptest::collection::btree_map(0_i64..30, 0_i64..200, 1..6), low in 0_i64..3000, more in 0_i64..500, other in 0_i64..3000, weight in 0_i32..=100) {
        let mut rising: Vec<i64> = knots.values().copied().collect();
        rising.sort_unstable();
        let knots = knots.keys().zip(rising).map(|(at, points)| Knot { at: Ratio::from(*at), points: Ratio::from(points), jump: None }).collect();
        let curve = CurveDef::new(Shape::Knots { knots, below: Outside::Flat, above: Outside::Flat });
        let kpi = |key: &str, weight| {
            let input = InputDef::value(ColumnKey::actual(key).unwrap());
            KpiDef::new(key, input, curve.clone()).unwrap().weigh(Ratio::percent(weight))
        };
        let def = ScorecardDef::new("card").unwrap().group("all", Ratio::ONE, vec![kpi("sales", weight), kpi("visits", 100 - weight)]).unwrap();
        let card = Scorecard::compile(def).unwrap();
        let mut panel = empty_panel(2);
        for (key, units) in [("sales", [low, low + more]), ("visits", [other, other])] {
            let units = units.repeat(PERIODS);
            panel.add(Column::amounts(ColumnKey::actual(key).unwrap(), Unit::Point, Quantum::CENT, units)).unwrap();
        }
        let scores = card.score(&panel, panel.period_at(0)).unwrap();
        prop_assert!(scores.total(scores.row_at(0)).unwrap() <= scores.total(scores.row_at(1)).unwrap());
    }

    #[test]
    fn splitting_a_weight_over_twins_changes_nothing(kpi in kpi("twin".to_owned()), cells in cells(), share in 1_i32..100) {
        let one = ScorecardDef::new("card").unwrap().group("all", Ratio::ONE, vec![kpi.clone().weigh(Ratio::ONE)]).unwrap();
        let mut other = kpi.clone();
        other.key = Key::new("other").unwrap();
        let twins = vec![kpi.weigh(Ratio::percent(share)), other.weigh(Ratio::percent(100 - share))];
        let two = ScorecardDef::new("card").unwrap().group("all", Ratio::ONE, twins).unwrap();
        let (one, two) = (Scorecard::compile(one).unwrap(), Scorecard::compile(two).unwrap());
        let panel = panel(&cells, &DECLARED);
        let (one, two) = (one.score(&panel, panel.period_at(1)).unwrap(), two.score(&panel, panel.period_at(1)).unwrap());
        prop_assert_eq!(one.units(), two.units());
        prop_assert_eq!(one.reasons(), two.reasons());
    }
}
