//! The test vectors on targets, achievement and status, and those of scoring schemes in use, by their ids.

use crate::at::{PeriodAt, RowAt};
use quotaflow::band::{BandDef, BandError, Bands, Interval, Owner};
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::measure::{Direction, Unit};
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::scorecard::{
    Attainment, Benchmark, ConditionDef, Curve, CurveDef, GateDef, Gated, Grid, GridDef, InputDef,
    KpiDef, Light, Lookback, Observed, PartialUnit, PerUnit, Readings, Scorecard, ScorecardDef,
    Shape, attain,
};
use quotaflow::space::{Axis, Subjects};

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn interval(text: &str) -> Interval {
    text.parse().unwrap()
}

fn readings(actual: &str, target: &str, baseline: &str) -> Readings {
    let read = |text: &str| Ok(ratio(text));
    Readings {
        actual: read(actual),
        target: Some(read(target)),
        baseline: Some(read(baseline)),
        prorated: None,
    }
}

fn panel(subjects: &[&str], months: u32) -> Panel {
    let members = subjects
        .iter()
        .map(|name| (*name).try_into().unwrap())
        .collect();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), members).unwrap();
    let (from, to) = (
        "2026-01-01".parse().unwrap(),
        format!("2026-{:02}-01", months + 1).parse().unwrap(),
    );
    Panel::new(
        subjects,
        Calendar::gregorian()
            .periods(Grain::Month, from, to)
            .unwrap(),
    )
}

fn column(key: &str, places: u8, units: &[i64]) -> Column {
    Column::amounts(
        key.parse().unwrap(),
        Unit::Share,
        Quantum::decimals(places).unwrap(),
        units.to_vec(),
    )
}

fn sales() -> ColumnKey {
    ColumnKey::actual("sales").unwrap()
}

fn one_kpi(kpi: KpiDef) -> Scorecard {
    let def = ScorecardDef::new("card")
        .unwrap()
        .group("all", Ratio::ONE, vec![kpi.weigh(Ratio::ONE)])
        .unwrap();
    Scorecard::compile(def).unwrap()
}

#[test]
fn achievement_and_status() {
    use Attainment::{Difference, Progress, Rate};
    use Direction::{Larger, Smaller};
    let cases = [
        ("a difference", Difference, Larger, ["20", "50", "0"], "-30"),
        (
            "a limit that is just kept",
            Rate,
            Smaller,
            ["50", "50", "0"],
            "1",
        ),
        (
            "progress from nothing",
            Progress,
            Larger,
            ["700000", "1000000", "0"],
            "0.7",
        ),
        (
            "progress from a baseline",
            Progress,
            Larger,
            ["480", "500", "220"],
            "13/14",
        ),
        ("45 of 50", Rate, Larger, ["45", "50", "0"], "0.9"),
        ("75 of 50", Rate, Larger, ["75", "50", "0"], "1.5"),
        ("40 of 50", Rate, Larger, ["40", "50", "0"], "0.8"),
        ("35 of 100", Progress, Larger, ["35", "100", "0"], "0.35"),
        ("50 of 200", Progress, Larger, ["50", "200", "0"], "0.25"),
    ];
    for (id, attainment, direction, [actual, target, baseline], expected) in cases {
        let found = attain(attainment, direction, &readings(actual, target, baseline));
        assert_eq!(found, Ok(ratio(expected)), "{id}");
    }
    // Shown as 92.857 %.
    let shown = ratio("13/14").checked_mul(Ratio::from(100)).unwrap();
    assert_eq!(
        shown
            .to_decimal(3, quotaflow::quantity::Rounding::HalfAwayFromZero)
            .unwrap()
            .to_string(),
        "92.857"
    );
}

#[test]
fn a_limit_that_is_just_kept_is_worth_full_points() {
    // Reached and worth nothing at once cannot happen: the rate of a target that is met is 1 in every direction.
    for direction in [Direction::Larger, Direction::Smaller, Direction::Target] {
        let curve = CurveDef::through([("0", "0"), ("1", "100")]).unwrap();
        let kpi = KpiDef::new(
            "expense",
            InputDef::rate(sales(), Benchmark::Plan).better(direction),
            curve,
        )
        .unwrap();
        let mut panel = panel(&["ann"], 1);
        panel.add(column("sales", 0, &[50])).unwrap();
        panel.add(column("target:sales", 0, &[50])).unwrap();
        let card = one_kpi(kpi);
        assert_eq!(
            card.score(&panel, panel.period_at(0))
                .unwrap()
                .total(panel.row_at(0)),
            Ok(Ratio::from(100)),
            "{direction:?}"
        );
    }
}

#[test]
fn what_is_scored_together_is_what_each_breakdown_says() {
    // Counts and exact rates, some of which are not there, for more people than one would score one by one.
    let names: Vec<String> = (0..300).map(|number| format!("p{number:03}")).collect();
    let people: Vec<&str> = names.iter().map(String::as_str).collect();
    let counts: Vec<i64> = (0..300).map(|person| person % 13).collect();
    let states: Vec<_> = (0..300)
        .map(|person| match person % 14 {
            7 => Some(Reason::NothingRecorded),
            9 => Some(Reason::NotApplicable),
            _ => None,
        })
        .collect();
    let mut panel = panel(&people, 1);
    let sales_made = column("sales", 0, &counts).with_reasons(&states);
    panel.add(sales_made.unwrap()).unwrap();
    panel.add(column("target:sales", 0, &[10; 300])).unwrap();
    let curve = || CurveDef::through([("0", "0"), ("10", "100")]).unwrap();
    let share = || CurveDef::through([("0", "0"), ("1", "100")]).unwrap();
    for kpi in [
        KpiDef::new("count", InputDef::value(sales()), curve()),
        KpiDef::new("rate", InputDef::rate(sales(), Benchmark::Plan), share()),
    ] {
        let card = one_kpi(kpi.unwrap());
        let scores = card.score(&panel, panel.period_at(0)).unwrap();
        for subject in 0..300 {
            let row = panel.row_at(subject);
            let alone = scores.explain(row).unwrap().rounded;
            assert_eq!(scores.total(row), alone, "{subject}");
        }
        // Seven were counted, but nobody recorded them.
        assert_eq!(scores.total(panel.row_at(7)), Ok(Ratio::ZERO));
        assert_eq!(scores.total(panel.row_at(6)), Ok(Ratio::from(60)));
    }
}

#[test]
fn a_quarter_counts_and_a_month_without_share_has_no_base() {
    // 50, 30, 20 percent of the target in three months, nothing in a fourth.
    let quarter = InputDef::rate(sales(), Benchmark::Plan).over(Lookback::Last(3));
    let month = InputDef::rate(sales(), Benchmark::Plan);
    let mut panel = panel(&["ann"], 4);
    panel.add(column("sales", 0, &[50, 30, 20, 0])).unwrap();
    let absent = [None, None, None, Some(Reason::NotApplicable)];
    panel
        .add(
            column("target:sales", 0, &[50, 30, 20, 0])
                .with_reasons(&absent)
                .unwrap(),
        )
        .unwrap();
    let percent = || CurveDef::line(Ratio::from(100));
    let quarter = one_kpi(KpiDef::new("sales", quarter, percent()).unwrap());
    assert_eq!(
        quarter
            .score(&panel, panel.period_at(2))
            .unwrap()
            .total(panel.row_at(0)),
        Ok(Ratio::from(100))
    );
    let month = one_kpi(KpiDef::new("sales", month, percent()).unwrap());
    assert_eq!(
        month
            .score(&panel, panel.period_at(3))
            .unwrap()
            .total(panel.row_at(0)),
        Err(Reason::NotApplicable)
    );
}

fn lights() -> Vec<BandDef<Light>> {
    vec![
        BandDef::new(interval("(.., 0.75)"), Light::Red),
        BandDef::new(interval("[0.75, 0.9)"), Light::Yellow),
        BandDef::new(interval("[0.9, ..)"), Light::Green),
    ]
}

#[test]
fn lights_and_bands() {
    // 70 % is red.
    assert_eq!(*Bands::new(lights()).unwrap().of(ratio("0.7")), Light::Red);
    // 89.5 % belongs to no band of "from 90", "75 to 89", "below 75": the table cannot be built.
    let mut holed = lights();
    holed[1].range = interval("[0.75, 0.89]");
    let gap = BandError::Gap {
        from: Some(ratio("0.89")),
        to: Some(ratio("0.9")),
    };
    assert_eq!(Bands::new(holed), Err(gap));
    // The worst child wins.
    let children = ["0.9", "0.6"].map(|share| *Bands::new(lights()).unwrap().of(ratio(share)));
    assert_eq!(Light::worst(children), Some(Light::Red));
    // A limit of 8 days, judged by limit - actual; the edges, open there, are owned by yellow.
    let variance = Bands::new(vec![
        BandDef::new(interval("(.., -1)"), Light::Red),
        BandDef::new(interval("[-1, 1]"), Light::Yellow),
        BandDef::new(interval("(1, ..)"), Light::Green),
    ])
    .unwrap();
    for (days, light) in [
        ("10", Light::Red),
        ("9", Light::Yellow),
        ("7", Light::Yellow),
        ("6", Light::Green),
    ] {
        let left = attain(
            Attainment::Difference,
            Direction::Smaller,
            &readings(days, "8", "0"),
        );
        assert_eq!(*variance.of(left.ok().unwrap()), light, "{days} days");
    }
}

#[test]
fn weighted_progress() {
    // 30, 30, 40 percent with weights 40, 20, 40 make 34.
    let kpi = |key: &str, weight: i32| {
        let input = InputDef::value(ColumnKey::actual(key).unwrap());
        KpiDef::new(key, input, CurveDef::line(Ratio::ONE))
            .unwrap()
            .weigh(Ratio::percent(weight))
    };
    let kpis = vec![kpi("a", 40), kpi("b", 20), kpi("c", 40)];
    let card = Scorecard::compile(
        ScorecardDef::new("okr")
            .unwrap()
            .group("all", Ratio::ONE, kpis)
            .unwrap(),
    )
    .unwrap();
    let mut panel = panel(&["ann"], 1);
    for (key, progress) in [("a", 30), ("b", 30), ("c", 40)] {
        panel.add(column(key, 0, &[progress])).unwrap();
    }
    assert_eq!(
        card.score(&panel, panel.period_at(0))
            .unwrap()
            .total(panel.row_at(0)),
        Ok(Ratio::from(34))
    );
}

fn per_unit(
    base: &str,
    from: &str,
    every: &str,
    above: &str,
    below: &str,
    part: PartialUnit,
) -> CurveDef {
    let [base, from, every, above, below] = [base, from, every, above, below].map(ratio);
    CurveDef::new(Shape::PerUnit(PerUnit {
        base,
        from,
        every,
        above,
        below,
        part,
    }))
}

#[test]
fn schemes_in_use() {
    let line = |slope: &str, intercept: &str| {
        CurveDef::new(Shape::Line {
            slope: ratio(slope),
            intercept: ratio(intercept),
        })
    };
    let cases = [
        ("40 points for each whole", line("40", "0"), "1.1", "44"),
        // 1.5 points for each 0.1 %.
        (
            "1.5 points for each 0.1 %",
            line("1500", "20"),
            "0.005",
            "27.5",
        ),
        (
            "a point off for each late report",
            per_unit("5", "0", "1", "-1", "0", PartialUnit::Nothing).floor(Ratio::ZERO),
            "2",
            "3",
        ),
        (
            "20 points for each rank",
            per_unit("0", "0", "1", "20", "-20", PartialUnit::Nothing),
            "2",
            "40",
        ),
        (
            "a point for each percent of growth",
            per_unit("0", "0", "0.01", "1", "-1", PartialUnit::Nothing),
            "-0.03",
            "-3",
        ),
        (
            "full steps",
            per_unit("30", "1", "0.05", "0", "-1", PartialUnit::Nothing),
            "0.88",
            "28",
        ),
        // The source does not say whether a part of a step counts: here it has to be said.
        (
            "begun steps",
            per_unit("30", "1", "0.05", "0", "-1", PartialUnit::Full),
            "0.88",
            "27",
        ),
        (
            "shares of steps",
            per_unit("30", "1", "0.05", "0", "-1", PartialUnit::Share),
            "0.88",
            "27.6",
        ),
    ];
    for (id, def, input, expected) in cases {
        assert_eq!(
            Curve::new(def).unwrap().at(ratio(input)),
            Some(ratio(expected)),
            "{id}"
        );
    }
}

#[test]
fn a_report_that_does_harm_costs_its_points_and_more() {
    // 5 points, one off for each late or wrong report; if it harms statistics, none and a further 5 off.
    let late = per_unit("5", "0", "1", "-1", "0", PartialUnit::Nothing).floor(Ratio::ZERO);
    let harm = || ColumnKey::actual("harm").unwrap();
    let reports = KpiDef::new(
        "reports",
        InputDef::value(ColumnKey::actual("late").unwrap()),
        late,
    )
    .unwrap();
    let further = KpiDef::new(
        "harm",
        InputDef::value(harm()),
        CurveDef::line(Ratio::from(-5)),
    )
    .unwrap();
    let mut def = ScorecardDef::new("reports").unwrap();
    def = def
        .group("all", Ratio::ONE, vec![reports.weigh(Ratio::ONE)])
        .unwrap();
    def.items.push(further);
    def.gates.push(GateDef {
        key: "no harm".try_into().unwrap(),
        title: quotaflow::text::Texts::default(),
        requires: ConditionDef::new(Observed::Figure(harm()), interval("[0, 0]")),
        on: Gated::Kpi("reports".try_into().unwrap()),
        at_most: Ratio::ZERO,
    });
    let card = Scorecard::compile(def).unwrap();
    let mut panel = panel(&["late", "harmful"], 1);
    panel.add(column("late", 0, &[2, 0])).unwrap();
    panel.add(column("harm", 0, &[0, 1])).unwrap();
    let scores = card.score(&panel, panel.period_at(0)).unwrap();
    assert_eq!(
        [0, 1].map(|subject| scores.total(scores.row_at(subject)).unwrap().to_string()),
        ["3", "-5"]
    );
    // By name it is the same; a name that is not there is told with the nearest one.
    let found = scores.get(["harmful"]).unwrap();
    assert_eq!(found.ratio(), Ok(Ratio::from(-5)));
    let error = scores.get(["harmfull"]).unwrap_err().to_string();
    assert!(error.contains("harmful"), "{error}");
}

#[test]
fn completion_and_collection() {
    // 1.5 at the top left, 0.05 less for each step on either axis down to 1.1, then 1.0, 0.9, 0.8, 0.6, 0.4, 0.2, 0.
    let along = [
        "1.5", "1.45", "1.4", "1.35", "1.3", "1.25", "1.2", "1.15", "1.1", "1.0", "0.9", "0.8",
        "0.6", "0.4", "0.2", "0",
    ];
    let axis = |edges: &[&str]| -> Vec<Interval> {
        let bands = Bands::from_edges(
            (),
            edges.iter().map(|at| (ratio(at), ())).collect(),
            Owner::Upper,
        )
        .unwrap();
        bands.rows().rev().map(|row| row.range).collect()
    };
    let rows = axis(&["0.7", "0.8", "0.9", "0.94", "0.97", "1"]);
    let columns = axis(&["0.75", "0.85", "0.9", "0.95", "1"]);
    let points = (0..rows.len())
        .map(|row| {
            (0..columns.len())
                .map(|column| ratio(along[(row + column).min(along.len() - 1)]))
                .collect()
        })
        .collect();
    let grid = Grid::new(GridDef {
        rows,
        columns,
        points,
    })
    .unwrap();
    for (completion, collection, expected) in [
        ("1", "1", "1.5"),
        ("0.98", "1", "1.45"),
        ("1", "0.96", "1.45"),
        ("0.97", "0.95", "1.4"),
    ] {
        assert_eq!(
            grid.at(ratio(completion), ratio(collection)),
            ratio(expected),
            "{completion} {collection}"
        );
    }
    // As printed the rows share their edges (95-97, 97-100, from 100): that table cannot be built.
    let printed = ["[1, ..)", "[0.97, 1]", "(.., 0.97]"]
        .map(interval)
        .to_vec();
    let error = Grid::new(GridDef {
        rows: printed,
        columns: vec![Interval::ALL],
        points: Vec::new(),
    })
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "rows: `(.., 0.97]` and `[0.97, 1]` both claim 0.97"
    );
}

#[test]
fn an_edge_has_one_owner() {
    // 10,000 belongs to two rows as printed.
    let printed = Bands::new(vec![
        BandDef::new(interval("(.., 10000]"), "1 %"),
        BandDef::new(interval("[10000, ..)"), "2 %"),
    ]);
    assert!(matches!(printed, Err(BandError::Overlap { .. })));
    // The lower tier owns the shared edge where the scheme says so.
    let lower = Bands::from_edges("1 %", vec![(ratio("10000"), "2 %")], Owner::Lower).unwrap();
    assert_eq!(*lower.of(ratio("10000")), "1 %");
}
