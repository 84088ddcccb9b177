//! Scores a salesperson, a team and a dealer, and explains one score to the last figure.
//!
//! `cargo run --release --example scorecard`
#![allow(clippy::print_stdout, clippy::inconsistent_digit_grouping)]

use quotaflow::Error;

use quotaflow::band::Interval;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::measure::{Direction, Unit};
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio, Rounding};
use quotaflow::rating::{LevelDef, RaterGroup, RaterWeight, Rating, Rubric, RubricDef};
use quotaflow::scorecard::{
    Attainment, Benchmark, ConditionDef, Consolidation, CurveDef, HealthLimits, InputDef, KpiDef,
    MissingChild, Observed, PartialUnit, PerUnit, Precision, Scorecard, ScorecardDef, Scores,
    Shape, Templates, VetoDef, rolled,
};
use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};
use quotaflow::text::{Lang, Locale};

type Outcome<T> = Result<T, Error>;

fn main() -> Outcome<()> {
    let panel = people()?;
    let card = Scorecard::compile(salesperson()?)?;
    let march = panel.periods().id("2026-03")?;
    let scores = card.score(&panel, march)?;
    println!("Salespeople, March\n");
    table(&scores);

    println!("\nWhy Chen has this score\n");
    let why = scores.explain(scores.row(["Chen"])?)?;
    println!(
        "{}",
        Templates::new(Locale::EN).render(&why, card.definition())
    );
    println!(
        "\n{}",
        Templates::new(Locale::ZH).render(&why, card.definition())
    );
    // The explanation is complete: its figures alone lead to the same numbers.
    assert_eq!(card.replay(&why)?, why);
    let sum = why.groups.iter().try_fold(Ratio::ZERO, |sum, group| {
        sum.checked_add(group.contribution)
    })?;
    assert_eq!(Ok(sum), why.weighted);

    println!(
        "\nTeams, March: scored on what their people did together, beside the mean of their scores\n"
    );
    let teams = Subjects::new(Axis::new("person", "team")?, keys(&["north", "south"])?)?;
    let staff = DimensionDef::new("person", &["team", "person"])?
        .member("team", "north")?
        .member("team", "south")?
        .child("person", "Ann", "north")?
        .child("person", "Bo", "north")?
        .child("person", "Chen", "south")?
        .child("person", "Dai", "south")?;
    let staff = Dimension::new(staff)?;
    let tree = staff.tree("person")?;
    let rows = tree.rows(panel.subjects(), &teams, "2026-03-31".parse()?);
    let together = rolled(&panel, teams, tree)?;
    let team_scores = card.score(&together, together.periods().id("2026-03")?)?;
    let each: Vec<Result<Ratio, Reason>> = panel
        .subjects()
        .ids()
        .map(|subject| scores.total(subject))
        .collect();
    let means = Consolidation::Mean.roll(&each, &rows, None, MissingChild::LeaveOut)?;
    for (team, mean) in together.subjects().ids().zip(&means) {
        let name = together.subjects().label(team);
        println!(
            "{name:<8} {:>8} {:>8}",
            shown(team_scores.total(team)),
            shown(*mean)
        );
    }

    println!("\nDealers, March\n");
    let dealers = dealers()?;
    let card = Scorecard::compile(dealer()?)?;
    let scores = card.score(&dealers, dealers.periods().id("2026-01")?)?;
    table(&scores);
    assert_eq!(
        scores.get(["Far Goods"])?.ratio(),
        Ok(Ratio::ZERO),
        "the veto strikes whatever the rest says"
    );

    println!("\nWhat the owner of the dealer card should know\n");
    for finding in card.health(&HealthLimits::default()) {
        let level = format!("{:?}", finding.level());
        println!(
            "{level:<8} {}",
            Templates::new(Locale::EN).finding(&finding, card.definition())
        );
    }
    Ok(())
}

/// Results 60 %, actions 25 %, teamwork 15 %; up to 5 points for growth, and as many off for a fall.
fn salesperson() -> Outcome<ScorecardDef> {
    let reached = || CurveDef::through([("0.5", "0"), ("0.8", "70"), ("1", "100"), ("1.2", "120")]);
    let planned = |key: &str, [title, chinese]: [&str; 2], weight: i32| -> Outcome<KpiDef> {
        let input = InputDef::rate(ColumnKey::actual(key)?, Benchmark::Plan);
        Ok(KpiDef::new(key, input, reached()?)?
            .titled(Lang::EN, title)
            .titled(Lang::ZH, chinese)
            .weigh(Ratio::percent(weight)))
    };
    let visits = CurveDef::through([("0.6", "0"), ("1", "100")])?;
    let visits = KpiDef::new(
        "visits",
        InputDef::rate(ColumnKey::actual("visits")?, Benchmark::Plan),
        visits,
    )?;
    let expense =
        InputDef::rate(ColumnKey::actual("expense")?, Benchmark::Plan).better(Direction::Smaller);
    let expense = KpiDef::new("expense", expense, reached()?)?;
    let points = CurveDef::line(Ratio::ONE)
        .floor(Ratio::ZERO)
        .cap(Ratio::from(100));
    let teamwork = KpiDef::new(
        "teamwork",
        InputDef::value(ColumnKey::actual("teamwork")?),
        points,
    )?;
    let growth =
        InputDef::rate(ColumnKey::actual("sales")?, Benchmark::Previous(1)).by(Attainment::Growth);
    let percent_by_percent = PerUnit {
        base: Ratio::ZERO,
        from: Ratio::ZERO,
        every: Ratio::percent(1),
        above: Ratio::ONE,
        below: Ratio::from(-1),
        part: PartialUnit::Nothing,
    };
    let progress = CurveDef::new(Shape::PerUnit(percent_by_percent))
        .floor(Ratio::from(-5))
        .cap(Ratio::from(5));
    let mut def = ScorecardDef::new("salesperson")?
        .group(
            "results",
            Ratio::percent(60),
            vec![
                planned("sales", ["sales", "销售额"], 60)?,
                planned("collections", ["collections", "回款"], 40)?,
            ],
        )?
        .group(
            "actions",
            Ratio::percent(25),
            vec![
                visits.weigh(Ratio::percent(60)),
                expense.weigh(Ratio::percent(40)),
            ],
        )?
        .group(
            "qualities",
            Ratio::percent(15),
            vec![teamwork.weigh(Ratio::ONE)],
        )?
        .grades("D", [("60", "C"), ("80", "B"), ("100", "A")])?;
    def.precision = Precision::new(2, Rounding::HalfAwayFromZero)?;
    def.items.push(KpiDef::new("progress", growth, progress)?);
    Ok(def)
}

/// Purchases and sell-out; 20 points off for each sale outside the price rules; selling into other territories twice is
/// the end of all points.
fn dealer() -> Outcome<ScorecardDef> {
    let steps = CurveDef::steps([
        ("(.., 0.8)", "0"),
        ("[0.8, 1)", "60"),
        ("[1, 1.2)", "100"),
        ("[1.2, ..)", "120"),
    ])?;
    let planned = |key: &str, weight: i32| -> Outcome<KpiDef> {
        let input = InputDef::rate(ColumnKey::actual(key)?, Benchmark::Plan);
        Ok(KpiDef::new(key, input, steps.clone())?.weigh(Ratio::percent(weight)))
    };
    let off = PerUnit {
        base: Ratio::from(100),
        from: Ratio::ZERO,
        every: Ratio::ONE,
        above: Ratio::from(-20),
        below: Ratio::ZERO,
        part: PartialUnit::Nothing,
    };
    let prices = CurveDef::new(Shape::PerUnit(off)).floor(Ratio::ZERO);
    let prices = KpiDef::new(
        "price violations",
        InputDef::value(ColumnKey::actual("price violations")?),
        prices,
    )?;
    let mut def = ScorecardDef::new("dealer")?
        .group(
            "results",
            Ratio::percent(70),
            vec![planned("purchases", 40)?, planned("sell-out", 60)?],
        )?
        .group(
            "discipline",
            Ratio::percent(30),
            vec![prices.weigh(Ratio::ONE)],
        )?
        .grades("C", [("60", "B"), ("90", "A")])?;
    def.vetoes.push(VetoDef {
        key: Key::new("cross-territory selling")?,
        title: quotaflow::text::Texts::default(),
        when: ConditionDef::new(
            Observed::Figure(ColumnKey::actual("territory violations")?),
            Interval::at_least(Ratio::from(2)),
        ),
        at_most: Ratio::ZERO,
        best_grade: None,
    });
    Ok(def)
}

fn keys(names: &[&str]) -> Outcome<Vec<Key>> {
    Ok(names.iter().map(Key::new).collect::<Result<_, _>>()?)
}

fn months(count: u32) -> Outcome<quotaflow::calendar::PeriodSet> {
    let (from, to) = (
        "2026-01-01".parse()?,
        format!("2026-{:02}-01", count + 1).parse()?,
    );
    Ok(Calendar::gregorian().periods(Grain::Month, from, to)?)
}

fn add(panel: &mut Panel, key: &str, unit: &str, units: &[i64]) -> Outcome<()> {
    panel.add(Column::amounts(
        key.parse()?,
        unit.parse()?,
        Quantum::ONE,
        units.to_vec(),
    ))?;
    Ok(())
}

/// Four people in three months; the columns stand month by month.
fn people() -> Outcome<Panel> {
    let subjects = Subjects::new(
        Axis::new("person", "person")?,
        keys(&["Ann", "Bo", "Chen", "Dai"])?,
    )?;
    let mut panel = Panel::new(subjects, months(3)?);
    add(
        &mut panel,
        "sales",
        "money:CNY",
        &[90, 110, 70, 100, 95, 100, 80, 105, 104, 99, 86, 130],
    )?;
    add(&mut panel, "target:sales", "money:CNY", &[100; 12])?;
    add(
        &mut panel,
        "collections",
        "money:CNY",
        &[80, 90, 60, 80, 85, 90, 60, 90, 90, 84, 61, 88],
    )?;
    add(&mut panel, "target:collections", "money:CNY", &[90; 12])?;
    add(
        &mut panel,
        "visits",
        "count:visit",
        &[40, 36, 44, 30, 42, 33, 44, 28, 40, 30, 47, 25],
    )?;
    add(&mut panel, "target:visits", "count:visit", &[40; 12])?;
    add(
        &mut panel,
        "expense",
        "money:CNY",
        &[10, 9, 12, 11, 10, 9, 12, 12, 9, 9, 11, 13],
    )?;
    add(&mut panel, "target:expense", "money:CNY", &[10; 12])?;
    rate_teamwork(&mut panel)?;
    Ok(panel)
}

/// Teamwork rated by the leader and by colleagues, the same in every month.
fn rate_teamwork(panel: &mut Panel) -> Outcome<()> {
    let level = |(key, points): (&str, i64)| -> Outcome<LevelDef> {
        Ok(LevelDef {
            key: Key::new(key)?,
            title: quotaflow::text::Texts::default(),
            points: Ratio::from(points),
        })
    };
    let rubric = Rubric::new(RubricDef {
        key: Key::new("teamwork")?,
        title: quotaflow::text::Texts::default(),
        levels: [
            ("for oneself", 40),
            ("helps when asked", 70),
            ("helps unasked", 100),
        ]
        .map(level)
        .into_iter()
        .collect::<Outcome<_>>()?,
        relations: vec![
            RaterWeight {
                relation: RaterGroup::Superior,
                weight: Ratio::percent(60),
            },
            RaterWeight {
                relation: RaterGroup::Peer,
                weight: Ratio::percent(40),
            },
        ],
        trim: 0,
        correct_from: None,
        disagreement: Some(Ratio::from(50)),
    })?;
    let sheet = [
        ("Ann", "leader", RaterGroup::Superior, "helps unasked"),
        ("Bo", "leader", RaterGroup::Superior, "helps when asked"),
        ("Chen", "leader", RaterGroup::Superior, "helps when asked"),
        ("Dai", "leader", RaterGroup::Superior, "for oneself"),
        ("Chen", "Ann", RaterGroup::Peer, "helps unasked"),
        ("Chen", "Bo", RaterGroup::Peer, "helps when asked"),
    ];
    let ratings: Vec<Rating> = sheet
        .into_iter()
        .map(|(subject, rater, relation, level)| Rating::new([subject], rater, relation, level))
        .collect::<Result<_, _>>()?;
    let rated = rubric.rate(panel.subjects(), &ratings)?;
    // The same ratings stand until they are given anew.
    let periods: Vec<_> = panel.periods().ids().collect();
    let all: Vec<_> = periods
        .iter()
        .map(|period| (*period, rated.clone()))
        .collect();
    Ok(panel.extend(Rubric::columns(
        &all,
        ColumnKey::actual("teamwork")?,
        Precision::default(),
    ))?)
}

fn dealers() -> Outcome<Panel> {
    let subjects = Subjects::new(
        Axis::new("dealer", "dealer")?,
        keys(&["East Trade", "Far Goods", "Good Stores"])?,
    )?;
    let mut panel = Panel::new(subjects, months(1)?);
    for (key, units) in [
        ("purchases", [120, 150, 80]),
        ("target:purchases", [100; 3]),
        ("sell-out", [95, 140, 101]),
        ("target:sell-out", [100; 3]),
        ("price violations", [1, 0, 0]),
        ("territory violations", [0, 3, 1]),
    ] {
        let column = Column::amounts(key.parse()?, Unit::Point, Quantum::ONE, units.to_vec());
        panel.add(column)?;
    }
    Ok(panel)
}

fn table(scores: &Scores<'_>) {
    println!("{:<12} {:>8}  {:<5} {:>4}", "", "total", "grade", "rank");
    for subject in scores.best_first() {
        let name = scores.panel().subjects().label(subject);
        let grade = scores
            .grade(subject)
            .map(ToString::to_string)
            .unwrap_or_default();
        let rank = scores
            .rank(subject)
            .map(|rank| rank.to_string())
            .unwrap_or_default();
        println!(
            "{name:<12} {:>8}  {grade:<5} {rank:>4}",
            shown(scores.total(subject))
        );
    }
}

fn shown(reading: Result<Ratio, Reason>) -> String {
    match reading {
        Ok(value) => value
            .to_decimal(2, Rounding::HalfAwayFromZero)
            .map_or_else(|_| value.to_string(), |value| value.to_string()),
        Err(state) => format!("{state:?}"),
    }
}
