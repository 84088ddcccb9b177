//! Traits that every public type has.
//!
//! By hand stand here the types that hosts hold longest. `.ci/api` takes the list of all public types from rustdoc's JSON where a
//! nightly toolchain writes it, and compiles and runs this file with it: every one is `Send`, `Sync` and `Debug`, every document
//! goes both ways, and every document with a default reads back what it wrote of it.

use quotaflow::{
    allocation, assignment, band, calendar, duty, funnel, key, margins, measure, pace, panel, pay,
    process, quantity, rating, scorecard, space,
};

fn shared<T: Send + Sync + std::fmt::Debug>() {}
fn error<T: std::error::Error + Send + Sync + Clone + PartialEq + 'static>() {}
fn document<T: serde::Serialize + serde::de::DeserializeOwned>() {}

#[cfg(every_type)]
mod every_type {
    include!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/target/api/every_type.rs"
    ));
}

/// Reads back what a document writes of its default.
#[cfg(every_type)]
fn round_trip<T>()
where
    T: serde::Serialize + serde::de::DeserializeOwned + Default + PartialEq + std::fmt::Debug,
{
    let (name, value) = (std::any::type_name::<T>(), T::default());
    let text = serde_json::to_string(&value).unwrap();
    let read = serde_json::from_str::<T>(&text);
    let read = read.unwrap_or_else(|error| panic!("{name} does not read back {text}: {error}"));
    assert_eq!(read, value, "{name} reads {text} as something else");
}

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
    shared::<pace::PaceView<'_>>();
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
