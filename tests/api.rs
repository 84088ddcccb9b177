//! Traits that every public type has.

use quotaflow::{
    allocation, assignment, band, calendar, duty, funnel, key, margins, measure, pace, panel, pay,
    process, quantity, rating, scorecard, space,
};

fn shared<T: Send + Sync + std::fmt::Debug>() {}
fn error<T: std::error::Error + Send + Sync + Clone + PartialEq + 'static>() {}
fn document<T: serde::Serialize + serde::de::DeserializeOwned + Clone + PartialEq>() {}

#[test]
fn types_cross_threads_and_show_themselves() {
    shared::<key::Key>();
    shared::<quantity::Ratio>();
    shared::<quantity::Quantity>();
    shared::<measure::Measures>();
    shared::<space::Space>();
    shared::<space::Subjects>();
    shared::<calendar::PeriodSet>();
    shared::<calendar::Calendar>();
    shared::<calendar::WorkingDays>();
    shared::<calendar::WorkingHours>();
    shared::<calendar::Cadence>();
    shared::<panel::Panel>();
    shared::<scorecard::Scorecard>();
    shared::<scorecard::Scores<'_>>();
    shared::<pay::PayPlan>();
    shared::<allocation::Weights>();
    shared::<margins::TwoWay>();
    shared::<margins::Fit<'_>>();
    shared::<assignment::Assignment>();
    shared::<pace::Pace>();
    shared::<pace::View<'_>>();
    shared::<pace::Forecasts>();
    shared::<process::EventLog>();
    shared::<process::Workflow>();
    shared::<process::InstanceReport>();
    shared::<duty::Duty>();
    shared::<duty::MatchReport>();
    shared::<funnel::Pipeline<'_>>();
}

#[test]
fn errors_are_values() {
    error::<key::KeyError>();
    error::<quantity::QuantityError>();
    error::<measure::MeasureError>();
    error::<measure::UnitError>();
    error::<space::SpaceError>();
    error::<calendar::CalendarError>();
    error::<panel::PanelError>();
    error::<band::BandError>();
    error::<pay::PayError>();
    error::<rating::RatingError>();
    error::<scorecard::ScorecardError>();
    error::<allocation::AllocationError>();
    error::<margins::MarginsError>();
    error::<assignment::AssignmentError>();
    error::<pace::PaceError>();
    error::<process::ProcessError>();
    error::<duty::DutyError>();
    error::<funnel::FunnelError>();
}

#[test]
fn documents_go_both_ways() {
    document::<key::Key>();
    document::<quantity::Number>();
    document::<quantity::Ratio>();
    document::<quantity::Quantum>();
    document::<quantity::Rounding>();
    document::<measure::Measures>();
    document::<space::Space>();
    document::<space::Subjects>();
    document::<calendar::PeriodSet>();
    document::<calendar::Calendar>();
    document::<calendar::WorkingDays>();
    document::<calendar::WorkingHours>();
    document::<calendar::Window>();
    document::<calendar::Cadence>();
    document::<panel::Panel>();
    document::<scorecard::Scorecard>();
    document::<scorecard::Breakdown>();
    document::<pay::PayPlan>();
    document::<pay::Payroll>();
    document::<scorecard::Consequences>();
    document::<rating::Rubric>();
    document::<scorecard::ForcedDistribution>();
    document::<scorecard::Templates>();
    document::<pace::Pace>();
    document::<pace::ErrorHistory>();
    document::<process::Workflow>();
    document::<process::Instance>();
    document::<duty::Duty>();
    document::<duty::Quota>();
    document::<duty::Route>();
    document::<duty::MatchRule>();
    document::<funnel::Funnel>();
    document::<quantity::Sample>();
    document::<margins::TwoWay>();
    document::<margins::Several>();
}
