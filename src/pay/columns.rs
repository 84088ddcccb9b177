//! What is paid, as a column.

use crate::measure::Unit;
use crate::panel::{Column, ColumnKey, Columns, Panel, Reason};

use super::error::PayError;
use super::pay_plan::PayPlan;
use super::slip::PaySlip;

/// Gives what plans pay every subject in every period to a panel, as a column of money that rules can judge. Plans of several
/// years follow one another: each period is paid by the one that is in force when it begins, and nothing is said of a period
/// without one. What is open is told with the reason of the first element that is.
///
/// What elements to date have paid before is what the panel says of earlier periods today, as [`PayPlan::pay`] has it.
///
/// # Errors
/// As [`PayPlan::pay`]; [`PayError::NoCurrency`] for a plan that does not say in which currency it pays,
/// [`PayError::Differ`] for plans that pay in others or in other quanta, [`PayError::BothInForce`] for two that are in force at once.
pub fn pay_columns(plans: &[PayPlan], key: ColumnKey) -> impl Columns<Error = PayError> {
    move |panel: &Panel| -> Result<Vec<Column>, PayError> {
        let Some(first) = plans.first() else {
            return Ok(Vec::new());
        };
        let unit = unit_of(first)?;
        for (at, plan) in plans.iter().enumerate() {
            let quantum = plan.definition().quantum;
            if unit_of(plan)? != unit || quantum != first.definition().quantum {
                let [plan, before] = [plan, first].map(|plan| plan.definition().key.clone());
                return Err(PayError::Differ { plan, before });
            }
            if let Some(other) = plans[..at].iter().find(|other| other.meets(plan)) {
                let from = [plan, other].map(|plan| plan.definition().from);
                let [plan, before] = [plan, other].map(|plan| plan.definition().key.clone());
                let from = from.into_iter().flatten().max();
                return Err(PayError::BothInForce { plan, before, from });
            }
        }
        let (mut units, mut reasons) = (Vec::new(), Vec::new());
        for period in panel.periods() {
            let Some(plan) = plans.iter().find(|plan| plan.holds(period.start)) else {
                units.extend(panel.subjects().ids().map(|_| 0));
                reasons.extend(panel.subjects().ids().map(|_| Some(Reason::NotApplicable)));
                continue;
            };
            for slip in plan.pay(panel, period.id)?.slips {
                units.push(slip.units.unwrap_or(0));
                reasons.push(slip.units.is_none().then(|| open(&slip)));
            }
        }
        let quantum = first.definition().quantum;
        let column = Column::amounts(key, unit, quantum, units);
        Ok(vec![column.with_reasons(&reasons)?])
    }
}

fn unit_of(plan: &PayPlan) -> Result<Unit, PayError> {
    let definition = plan.definition();
    let currency = definition.currency.map(Unit::Money);
    currency.ok_or_else(|| PayError::NoCurrency {
        plan: definition.key.clone(),
    })
}

/// Why nothing can be paid yet.
fn open(slip: &PaySlip) -> Reason {
    let open = slip.elements.iter().find(|paid| paid.units.is_none());
    open.and_then(|paid| paid.exact.err())
        .unwrap_or(Reason::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;
    use crate::pay::PaidElement;
    use crate::quantity::Ratio;
    use crate::scorecard::Readings;

    #[test]
    fn the_first_element_that_is_open_says_why() {
        let element = |exact: Result<Ratio, Reason>, units: Option<i64>| PaidElement {
            key: Key::from_static("share"),
            readings: Readings {
                actual: exact,
                target: None,
                baseline: None,
                prorated: None,
            },
            position: exact,
            met: true,
            slices: Vec::new(),
            base: Ok(Ratio::ONE),
            multipliers: Vec::new(),
            share: Ok(Ratio::ONE),
            exact,
            paid_before: None,
            units,
        };
        let slip = |elements| PaySlip {
            subject: Vec::new(),
            elements,
            units: None,
        };
        let beyond = element(Ok(Ratio::from(i64::MAX)), None);
        let no_base = element(Err(Reason::NoBase), None);
        let paid = element(Ok(Ratio::ONE), Some(100));
        assert_eq!(
            open(&slip(vec![beyond, no_base.clone()])),
            Reason::OutOfRange
        );
        assert_eq!(open(&slip(vec![paid, no_base])), Reason::NoBase);
    }
}
