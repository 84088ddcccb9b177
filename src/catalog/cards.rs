//! Ready scorecards: weights and curves to begin with, to be changed as data.
//!
//! Each card reads columns by the names in [`METRICS`]. Those that are compared with a plan need the target column of the
//! same name; ratings are points out of 100, compliance and shares are shares.

use crate::band::BandDef;
use crate::key::Key;
use crate::measure::Direction;
use crate::panel::ColumnKey;
use crate::quantity::Ratio;
use crate::scorecard::{
    Attainment, Benchmark, ConditionDef, CurveDef, GateDef, Gated, InputDef, KpiDef, Light,
    Observed, PartialUnit, PerUnit, Precision, ScorecardDef, ScorecardError, Shape, Unknown,
    UnknownDef,
};

/// The metrics that the ready cards read, with what each of them is.
pub const METRICS: [(&str, &str); 27] = [
    ("sales", "sales in the period, against plan"),
    ("collections", "money collected, against plan"),
    (
        "market_information",
        "market and competitor reports delivered, against plan",
    ),
    (
        "market_planning",
        "rating of the territory plan, out of 100",
    ),
    (
        "report_punctuality",
        "share of reports due that came on time",
    ),
    ("expense", "selling expense, against budget; less is better"),
    (
        "cooperation_with_management",
        "rating of cooperation with management, out of 100",
    ),
    (
        "new_customers",
        "customers with a first order, against plan",
    ),
    ("staff_turnover", "share of the team that left"),
    ("training_hours", "hours of training held, against plan"),
    ("teamwork", "rating of teamwork, out of 100"),
    ("purchases", "what the dealer bought, against plan"),
    ("sell_out", "what the dealer sold on, against plan"),
    (
        "paid_on_time",
        "share of the amount due that was paid on time",
    ),
    ("price_violations", "prices observed outside their limits"),
    (
        "cross_territory_sightings",
        "sightings of goods outside their territory",
    ),
    (
        "stock_cover",
        "days of stock cover, against the agreed days",
    ),
    ("market_share", "share of the market, against plan"),
    (
        "active_outlets",
        "outlets that ordered, against plan or the month before",
    ),
    ("tasks_on_time", "share of tasks finished on time"),
    (
        "on_time_response_rate",
        "share of requests answered on time",
    ),
    (
        "first_pass_rate",
        "share of work accepted at the first review",
    ),
    ("complaints", "complaints of other departments"),
    ("timeliness", "share of duties done on time"),
    ("work_quality", "share of duties done to standard"),
    ("quantity", "share of the planned work that was done"),
    ("visits", "visits made, against plan"),
];

type Card = Result<ScorecardDef, ScorecardError>;

/// Returns the card of a salesperson: sales and collections, market information as the second result, the reporting
/// system, expense control, cooperation with management, market planning; more outlets that ordered than the month before, or fewer,
/// as a bonus or a deduction.
///
/// # Errors
/// None with the names as shipped; the type says what a changed name could bring up.
///
/// ```
/// use quotaflow::catalog::cards;
/// use quotaflow::scorecard::Scorecard;
/// let card = Scorecard::compile(cards::salesperson()?)?;
/// assert_eq!(card.shares().len(), 7);
/// # Ok::<(), quotaflow::scorecard::ScorecardError>(())
/// ```
pub fn salesperson() -> Card {
    let mut card = card("salesperson", "Salesperson")?
        .group(
            "results",
            percent(55),
            vec![planned("sales", 60)?, planned("collections", 40)?],
        )?
        .group(
            "market",
            percent(15),
            vec![
                planned("market_information", 60)?,
                rated("market_planning", 40)?,
            ],
        )?
        .group(
            "actions",
            percent(20),
            vec![share("report_punctuality", 50)?, budgeted("expense", 50)?],
        )?
        .group(
            "qualities",
            percent(10),
            vec![rated("cooperation_with_management", 100)?],
        )?;
    // Not of sales, which the plan counts already: more outlets than the month before.
    let growth = InputDef::rate(ColumnKey::actual("active_outlets")?, Benchmark::Previous(1))
        .by(Attainment::Growth);
    let curve = CurveDef::new(Shape::PerUnit(PerUnit {
        base: Ratio::ZERO,
        from: Ratio::ZERO,
        every: percent(1),
        above: Ratio::ONE,
        below: Ratio::from(-1),
        part: PartialUnit::Nothing,
    }));
    // Who records no outlet has lost them all.
    let unknown = UnknownDef {
        nothing_recorded: Unknown::Points(Ratio::from(-5)),
        ..UnknownDef::default()
    };
    let curve = curve.floor(Ratio::from(-5)).cap(Ratio::from(5));
    card.items
        .push(KpiDef::new("progress", growth, curve)?.unknown(unknown));
    card.bonus_limit = Some(Ratio::from(5));
    card.deduction_limit = Some(Ratio::from(5));
    let asked = ["expense", "market_planning", "cooperation_with_management"];
    for_results(card, "sales", &asked)
}

/// Returns the card of a team and its leader.
///
/// # Errors
/// As [`salesperson`].
pub fn team() -> Card {
    let card = card("team", "Team")?
        .group(
            "results",
            percent(60),
            vec![
                planned("sales", 50)?,
                planned("collections", 30)?,
                planned("new_customers", 20)?,
            ],
        )?
        .group(
            "actions",
            percent(25),
            vec![
                share("report_punctuality", 40)?,
                budgeted("expense", 30)?,
                planned("training_hours", 30)?,
            ],
        )?
        .group(
            "qualities",
            percent(15),
            vec![
                rated("teamwork", 50)?,
                deducted("staff_turnover", 50, "0.05", -20)?,
            ],
        )?;
    for_results(card, "sales", &["expense", "teamwork", "staff_turnover"])
}

/// Returns the card of a dealer.
///
/// # Errors
/// As [`salesperson`].
pub fn dealer() -> Card {
    let cover = InputDef::rate(ColumnKey::actual("stock_cover")?, Benchmark::Plan)
        .better(Direction::Target);
    let cover = KpiDef::new("stock_cover", cover, attainment()?)?.weigh(percent(25));
    let card = card("dealer", "Dealer")?
        .group(
            "results",
            percent(50),
            vec![planned("purchases", 40)?, planned("sell_out", 60)?],
        )?
        .group("money", percent(20), vec![share("paid_on_time", 100)?])?
        .group(
            "discipline",
            percent(30),
            vec![
                deducted("price_violations", 40, "1", -20)?,
                deducted("cross_territory_sightings", 35, "1", -25)?,
                cover,
            ],
        )?;
    let asked = [
        "price_violations",
        "cross_territory_sightings",
        "stock_cover",
    ];
    for_results(card, "purchases", &asked)
}

/// Returns the card of a territory.
///
/// # Errors
/// As [`salesperson`].
pub fn territory() -> Card {
    let card = card("territory", "Territory")?
        .group(
            "results",
            percent(70),
            vec![
                planned("sales", 45)?,
                planned("collections", 30)?,
                planned("market_share", 25)?,
            ],
        )?
        .group(
            "market",
            percent(30),
            vec![
                planned("active_outlets", 40)?,
                planned("visits", 30)?,
                budgeted("expense", 30)?,
            ],
        )?;
    for_results(card, "sales", &["expense"])
}

/// Returns the monthly rating card of a customer (月评卡): what it buys, how it pays, how it keeps prices and territories. Its
/// items are data: change, add or weigh them before use. The form that holds what is known of the customer is
/// [`CustomerCardDef`](crate::channel::CustomerCardDef).
///
/// # Errors
/// As [`salesperson`].
pub fn customer() -> Card {
    let card = card("customer", "Customer, monthly rating")?
        .group(
            "buying",
            percent(45),
            vec![planned("sales", 60)?, planned("purchases", 40)?],
        )?
        .group("paying", percent(35), vec![share("paid_on_time", 100)?])?
        .group(
            "conduct",
            percent(20),
            vec![
                deducted("price_violations", 50, "1", -20)?,
                deducted("cross_territory_sightings", 50, "1", -25)?,
            ],
        )?;
    let asked = ["price_violations", "cross_territory_sightings"];
    for_results(card, "purchases", &asked)
}

/// Returns the card of a department that works for sales: deliveries, service, finance.
///
/// # Errors
/// As [`salesperson`].
pub fn department() -> Card {
    let card = card("department", "Department")?
        .group(
            "work",
            percent(70),
            vec![
                share("tasks_on_time", 40)?,
                share("on_time_response_rate", 30)?,
                share("first_pass_rate", 30)?,
            ],
        )?
        .group(
            "standing",
            percent(30),
            vec![
                deducted("complaints", 60, "1", -10)?,
                budgeted("expense", 40)?,
            ],
        )?;
    for_results(card, "tasks_on_time", &["complaints", "expense"])
}

/// Returns the execution index (执行力): work done on time, in quality and in quantity (按时按质按量), out of 100.
///
/// # Errors
/// As [`salesperson`].
pub fn execution_index() -> Card {
    let part = |key: &str, weight: i32| -> Result<KpiDef, ScorecardError> {
        let curve = CurveDef::line(Ratio::from(100))
            .floor(Ratio::ZERO)
            .cap(Ratio::from(100));
        Ok(
            KpiDef::new(key, InputDef::value(ColumnKey::actual(key)?), curve)?
                .weigh(percent(weight)),
        )
    };
    card("execution", "Execution index")?.group(
        "execution",
        Ratio::ONE,
        vec![
            part("timeliness", 40)?,
            part("work_quality", 30)?,
            part("quantity", 30)?,
        ],
    )
}

/// Returns all ready cards.
///
/// # Errors
/// As [`salesperson`].
pub fn all() -> Result<Vec<ScorecardDef>, ScorecardError> {
    [
        salesperson,
        team,
        dealer,
        territory,
        customer,
        department,
        execution_index,
    ]
    .into_iter()
    .map(|card| card())
    .collect()
}

fn percent(percent: i32) -> Ratio {
    Ratio::percent(percent)
}

/// A card with the usual grades and lights, totals to two places, and nothing below zero.
fn card(key: &str, title: &str) -> Card {
    let mut card = ScorecardDef::new(key)?.grades("D", [("60", "C"), ("80", "B"), ("100", "A")])?;
    card.title = super::title(key).unwrap_or_else(|| title.into());
    card.precision = Precision::new(2, card.precision.rounding())?;
    card.floor = Some(Ratio::ZERO);
    card.lights = vec![
        BandDef::new("(.., 60)".parse()?, Light::Red),
        BandDef::new("[60, 80)".parse()?, Light::Yellow),
        BandDef::new("[80, ..)".parse()?, Light::Green),
    ];
    Ok(card)
}

/// Half of the target is worth nothing, the target 100, a fifth more 120 at most.
fn attainment() -> Result<CurveDef, ScorecardError> {
    CurveDef::through([("0.5", "0"), ("0.8", "70"), ("1", "100"), ("1.2", "120")])
}

fn lights() -> Result<Vec<BandDef<Light>>, ScorecardError> {
    Ok(vec![
        BandDef::new("(.., 0.75)".parse()?, Light::Red),
        BandDef::new("[0.75, 0.9)".parse()?, Light::Yellow),
        BandDef::new("[0.9, ..)".parse()?, Light::Green),
    ])
}

fn planned(key: &str, weight: i32) -> Result<KpiDef, ScorecardError> {
    let input = InputDef::rate(ColumnKey::actual(key)?, Benchmark::Plan);
    Ok(KpiDef::new(key, input, attainment()?)?
        .weigh(percent(weight))
        .lights(lights()?))
}

fn budgeted(key: &str, weight: i32) -> Result<KpiDef, ScorecardError> {
    let input = InputDef::rate(ColumnKey::actual(key)?, Benchmark::Plan).better(Direction::Smaller);
    Ok(KpiDef::new(key, input, attainment()?)?
        .weigh(percent(weight))
        .lights(lights()?))
}

fn share(key: &str, weight: i32) -> Result<KpiDef, ScorecardError> {
    let curve = CurveDef::through([("0.5", "0"), ("0.9", "80"), ("1", "100")])?;
    Ok(
        KpiDef::new(key, InputDef::value(ColumnKey::actual(key)?), curve)?
            .weigh(percent(weight))
            .lights(lights()?),
    )
}

/// Nobody is held to account for a rating that nobody gave.
fn rated(key: &str, weight: i32) -> Result<KpiDef, ScorecardError> {
    let curve = CurveDef::line(Ratio::ONE)
        .floor(Ratio::ZERO)
        .cap(Ratio::from(100));
    let unknown = UnknownDef {
        nothing_recorded: Unknown::Redistribute,
        ..UnknownDef::default()
    };
    Ok(
        KpiDef::new(key, InputDef::value(ColumnKey::actual(key)?), curve)?
            .weigh(percent(weight))
            .unknown(unknown),
    )
}

/// Thrift, order and good opinions count only beside results: without any the points of these KPIs are none, so that doing or
/// recording nothing does not pay.
fn for_results(mut card: ScorecardDef, result: &str, kpis: &[&str]) -> Card {
    for kpi in kpis {
        card.gates.push(GateDef {
            key: Key::new(format!("results for {kpi}"))?,
            title: crate::text::Texts::default(),
            requires: ConditionDef::new(
                Observed::Figure(ColumnKey::actual(result)?),
                "(0, ..)".parse()?,
            ),
            on: Gated::Kpi(Key::new(kpi)?),
            at_most: Ratio::ZERO,
        });
    }
    Ok(card)
}

/// 100 points, less so many for each full unit above zero.
fn deducted(key: &str, weight: i32, every: &str, points: i64) -> Result<KpiDef, ScorecardError> {
    let curve = CurveDef::new(Shape::PerUnit(PerUnit {
        base: Ratio::from(100),
        from: Ratio::ZERO,
        every: every.parse()?,
        above: Ratio::from(points),
        below: Ratio::ZERO,
        part: PartialUnit::Nothing,
    }));
    let input = InputDef::value(ColumnKey::actual(key)?).better(Direction::Smaller);
    let unknown = UnknownDef {
        nothing_recorded: Unknown::Points(Ratio::from(100)),
        ..UnknownDef::default()
    };
    Ok(KpiDef::new(key, input, curve.floor(Ratio::ZERO))?
        .weigh(percent(weight))
        .unknown(unknown))
}

/// Returns the name under which a card is to be found.
#[must_use]
pub fn named<'a>(cards: &'a [ScorecardDef], key: &Key) -> Option<&'a ScorecardDef> {
    cards.iter().find(|card| card.key == *key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scorecard::{FindingLevel, HealthLimits, Scorecard};
    use crate::space::RowId;

    /// Nothing done and nothing spent: the points for thrift are none, and those of somebody who sells are not touched.
    #[test]
    fn doing_nothing_earns_nothing_for_thrift() {
        use crate::calendar::{Calendar, Grain};
        use crate::measure::Unit;
        use crate::panel::{Column, Panel};
        use crate::quantity::Quantum;
        use crate::space::{Axis, Subjects};

        let day = |text: &str| text.parse().unwrap();
        let month = Calendar::gregorian()
            .periods(Grain::Month, day("2026-01-01"), day("2026-02-01"))
            .unwrap();
        let people = ["idle", "busy"].map(|name| Key::new(name).unwrap());
        let axis = Axis::new("person", "person").unwrap();
        for (card, result) in [
            (salesperson(), "sales"),
            (team(), "sales"),
            (territory(), "sales"),
            (department(), "tasks_on_time"),
        ] {
            let card = Scorecard::compile(card.unwrap()).unwrap();
            let mut panel = Panel::new(
                Subjects::new(axis.clone(), people.to_vec()).unwrap(),
                month.clone(),
            );
            let mut seen = std::collections::BTreeSet::new();
            for (_, kpi) in card.definition().kpis() {
                let metric = kpi.input.metric.metric.as_str();
                let values = match metric {
                    "expense" => vec![0, 80],
                    _ if metric == result => vec![0, 100],
                    _ => vec![0, 0],
                };
                for key in [
                    ColumnKey::actual(metric).unwrap(),
                    ColumnKey::target(metric).unwrap(),
                ] {
                    let target = key != ColumnKey::actual(metric).unwrap();
                    if seen.insert(key.clone()) {
                        let values = if target { vec![100; 2] } else { values.clone() };
                        panel
                            .add(Column::amounts(key, Unit::Point, Quantum::ONE, values))
                            .unwrap();
                    }
                }
            }
            let scores = card
                .score(&panel, panel.periods().ids().next().unwrap())
                .unwrap();
            let points = |subject: usize| {
                let why = scores.explain(RowId::at(subject)).unwrap();
                let mut kpis = why.groups.iter().flat_map(|group| group.kpis.clone());
                kpis.find(|kpi| kpi.key == *"expense")
                    .unwrap()
                    .points
                    .ok()
                    .unwrap()
            };
            let limited = |subject: usize| {
                scores
                    .explain(RowId::at(subject))
                    .unwrap()
                    .gates
                    .iter()
                    .any(|gate| gate.limits)
            };
            assert!(limited(0) && !limited(1), "{}", card.definition().key);
            assert!(points(1) > Ratio::from(100), "{}", card.definition().key);
        }
    }

    #[test]
    fn on_no_ready_card_does_a_figure_count_twice_or_silence_pay() {
        for def in all().unwrap() {
            let key = def.key.clone();
            let card = Scorecard::compile(def).unwrap();
            let findings = card.health(&HealthLimits::default());
            let worst = findings
                .iter()
                .filter(|finding| finding.level() > FindingLevel::Note)
                .collect::<Vec<_>>();
            // Half of the target is where points begin, and that is a bend; nothing else is odd.
            let known = ["jump"];
            assert!(
                worst.iter().all(|finding| known.contains(&finding.name())),
                "{key}: {worst:?}"
            );
            for (_, kpi) in card.definition().kpis() {
                let metric = kpi.input.metric.metric.as_str();
                assert!(
                    METRICS.iter().any(|(name, _)| *name == metric),
                    "{key}: {metric}"
                );
            }
        }
    }
}
