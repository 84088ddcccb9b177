//! Folding a ledger into a panel in one call.

use std::error::Error;

use quotaflow::calendar::PeriodSet;
use quotaflow::ledger::Ledger;
use quotaflow::metric::{Frame, MetricDef, Plan};
use quotaflow::panel::Panel;
use quotaflow::space::Subjects;

pub fn fold(
    ledger: &Ledger,
    subjects: &Subjects,
    periods: &PeriodSet,
    metrics: &[MetricDef],
) -> Result<Panel, Box<dyn Error>> {
    let frame = Frame::new(ledger.schema().clone(), subjects.clone(), periods.clone());
    Ok(Plan::compile(metrics, &frame)?.fold(ledger)?)
}
