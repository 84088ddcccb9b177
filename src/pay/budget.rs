//! What a scheme that pays by score costs before anything has happened.

use super::PayError;
use super::pay_plan::PayPlan;
use super::slip::Cost;
use crate::calendar::PeriodId;
use crate::measure::Unit;
use crate::panel::{Answer, Column, ColumnKey, Columns, Panel, Reason};
use crate::quantity::{Quantum, Ratio};
use crate::scorecard::Scorecard;

/// Returns what a plan that pays by the score of a card would cost if everybody attained exactly so much of their targets.
///
/// At each level the card scores everybody ([`Scorecard::totals_at`]), the totals stand in the column `score` of the panel,
/// and the plan pays ([`PayPlan::cost`]). In other periods the column holds the scores of the figures as they are.
///
/// # Errors
/// As [`Scorecard::score`] and [`PayPlan::cost`].
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::{Quantum, Ratio};
/// use quotaflow::pay::{Base, PayCurveDef, PayElementDef, PayPlan, PayPlanDef, budget};
/// use quotaflow::scorecard::{CurveDef, InputDef, KpiDef, Benchmark, Scorecard, ScorecardDef};
/// use quotaflow::space::Subjects;
/// let month = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-02-01".parse()?)?;
/// let mut panel = Panel::new(Subjects::whole(), month);
/// let sales = ColumnKey::actual("sales")?;
/// for (key, units) in [(sales.clone(), 0), (ColumnKey::target("sales")?, 100_000_00)] {
///     panel.add(Column::amounts(key, "money:EUR".parse()?, Quantum::CENT, vec![units]))?;
/// }
/// // Points: twice the attainment above 50 %. Pay: 1,000 for 100 points.
/// let kpi = KpiDef::new("sales", InputDef::rate(sales, Benchmark::Plan), CurveDef::through([("0.5", "0"), ("1.5", "200")])?)?;
/// let card = Scorecard::compile(ScorecardDef::new("card")?.group("all", Ratio::ONE, vec![kpi.weigh(Ratio::ONE)])?)?;
/// let score = ColumnKey::actual("score")?;
/// let pay = PayElementDef::new("bonus", InputDef::value(score.clone()), PayCurveDef::Amount(CurveDef::line(Ratio::percent(1))))?;
/// let plan = PayPlan::compile(PayPlanDef::new("by score", vec![pay.times(Base::Constant(Ratio::from(1_000)))])?)?;
/// let costs = budget(&card, &plan, &score, &panel, panel.periods().id("2026-01")?, &[80, 100, 120].map(Ratio::percent))?;
/// assert_eq!(costs.iter().map(|cost| cost.units).collect::<Vec<_>>(), [600_00, 1_000_00, 1_400_00]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
pub fn budget(
    card: &Scorecard,
    plan: &PayPlan,
    score: &ColumnKey,
    panel: &Panel,
    period: PeriodId,
    levels: &[Ratio],
) -> Result<Vec<Cost>, PayError> {
    // A column of that name would be the scores of the figures as they are.
    let mut without = panel.like(panel.subjects().clone());
    for column in panel
        .columns()
        .iter()
        .filter(|column| column.key() != score)
    {
        without.add(column.clone())?;
    }
    let quantum = Quantum::decimals(card.precision().places())?;
    let known: Vec<Result<Ratio, Reason>> = {
        let columns = card.columns(score.clone()).columns(&without)?;
        let answers = columns
            .iter()
            .flat_map(|column| (0..column.len()).map(|cell| column.answer(cell)));
        answers.map(Answer::ratio).collect()
    };
    let mut costs = Vec::with_capacity(levels.len());
    for level in levels {
        let mut readings = known.clone();
        let totals = card.totals_at(&without, period, *level)?;
        for (subject, total) in panel.subjects().ids().zip(totals) {
            let cell = without.cell(subject, period)?;
            if let Some(reading) = readings.get_mut(cell) {
                *reading = total;
            }
        }
        let mut units = Vec::with_capacity(readings.len());
        let mut states = Vec::with_capacity(readings.len());
        for reading in readings {
            let counted = match reading {
                Ok(total) => card
                    .precision()
                    .units_of(total.numerator(), total.denominator())
                    .ok_or(Reason::OutOfRange),
                Err(state) => Err(state),
            };
            units.push(counted.unwrap_or(0));
            states.push(counted.err());
        }
        let mut scored = without.clone();
        let column = Column::amounts(score.clone(), Unit::Point, quantum, units);
        scored.add(column.with_reasons(&states)?)?;
        let payroll = plan.pay_at(&scored, period.index(), Some(*level), None)?;
        costs.push(Cost {
            level: *level,
            units: payroll.units(),
            open: payroll.open(),
        });
    }
    Ok(costs)
}
