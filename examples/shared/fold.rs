//! Folding a ledger into a panel in one call.

#![allow(dead_code, reason = "each example uses its own part of this")]

use chrono::NaiveDate;
use quotaflow::calendar::PeriodSet;
use quotaflow::ledger::Ledger;
use quotaflow::metric::{Layout, MetricDef, Program};
use quotaflow::panel::Panel;
use quotaflow::space::Subjects;

pub fn fold(
    ledger: &Ledger,
    subjects: &Subjects,
    periods: &PeriodSet,
    metrics: &[MetricDef],
) -> Result<Panel, quotaflow::Error> {
    compiled(
        ledger,
        &Layout::new(ledger.schema().clone(), subjects.clone(), periods.clone()),
        metrics,
    )
}

/// The same with what was known on a day.
pub fn fold_as_of(
    ledger: &Ledger,
    subjects: &Subjects,
    periods: &PeriodSet,
    metrics: &[MetricDef],
    as_of: NaiveDate,
) -> Result<Panel, quotaflow::Error> {
    let frame = Layout::new(ledger.schema().clone(), subjects.clone(), periods.clone());
    compiled(ledger, &frame.as_of_day(as_of), metrics)
}

fn compiled(
    ledger: &Ledger,
    frame: &Layout,
    metrics: &[MetricDef],
) -> Result<Panel, quotaflow::Error> {
    let plan = Program::compile(metrics, frame)?;
    Ok(plan.panel(&plan.fold(ledger)?)?)
}
