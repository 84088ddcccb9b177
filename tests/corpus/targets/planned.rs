//! Scenarios, plan records, and changes to a plan.

use quotaflow::measure::Measures;
use quotaflow::plan::{Change, NodeId, Plan, PlanRecord, Sources};
use quotaflow::scenario::ScenarioDef;

use super::fixture::{COMPANY, small};
use super::{read, read_back, told};

/// A scenario: the same outcome twice, and none beyond the limits.
pub(super) fn scenarios(data: &[u8]) {
    let Some(scenario) = read::<ScenarioDef>(data) else {
        return;
    };
    let outcome = scenario.run_within(small());
    assert_eq!(outcome, scenario.run_within(small()));
    match outcome {
        Ok(outcome) => {
            let rows = outcome.views.iter().map(|view| view.figures.len());
            let rows: usize = rows.max().unwrap_or(0);
            assert!(rows <= 4_000, "{rows} rows of figures");
            drop(serde_json::to_string(&outcome).unwrap());
        }
        Err(error) => told(&error),
    }
}

fn sources<'a>(measures: &'a Measures, company: &'a super::fixture::Company) -> Sources<'a> {
    Sources::new(measures, company.schema.space())
        .calendar(&company.calendar)
        .working_days(&company.working)
        .limits(small())
}

/// Every amount of every level of every measure.
fn amounts(plan: &Plan) -> Vec<Vec<i64>> {
    plan.measures()
        .flat_map(|measure| {
            let measure = measure.key.as_str();
            let whole = plan.amount(measure, NodeId::WHOLE);
            let whole = whole.ok().map(|amount| vec![amount.units()]);
            let steps = plan.frame().steps().filter_map(move |step| {
                let units = plan.units(measure, step.as_str());
                units.ok().map(<[i64]>::to_vec)
            });
            whole.into_iter().chain(steps)
        })
        .collect()
}

/// What holds of every plan: it adds up, and its record makes it again.
fn sound(plan: &Plan, sources: &Sources<'_>) {
    let wrong = plan.verify();
    assert!(wrong.is_empty(), "{wrong:?}");
    let record = plan.record();
    read_back(&record);
    match record.replay(sources) {
        Ok(again) => {
            assert_eq!(amounts(&again), amounts(plan));
            assert_eq!(again.record(), record);
        }
        Err(error) => panic!("the record of a plan cannot be replayed: {error}"),
    }
}

/// A plan's record: what can be replayed is sound at every version.
pub(super) fn plan_records(data: &[u8]) {
    let Some(record) = read::<PlanRecord>(data) else {
        return;
    };
    let company = &*COMPANY;
    let sources = sources(company.schema.measures(), company);
    match record.replay(&sources) {
        Ok(plan) => sound(&plan, &sources),
        Err(error) => told(&error),
    }
}

const BASE: &str = include_str!("../seeds/plan_records/people_by_month.json");

/// Changes to one plan, in turn: each is made whole or not at all.
pub(super) fn changes(data: &[u8]) {
    let Some(changes) = read::<Vec<Change>>(data) else {
        return;
    };
    let company = &*COMPANY;
    let sources = sources(company.schema.measures(), company);
    let record: PlanRecord = serde_json::from_str(BASE).unwrap();
    let mut plan = record.replan(&sources).unwrap().plan;
    let first = amounts(&plan);
    for change in changes.into_iter().take(8) {
        let (before, version) = (amounts(&plan), plan.version());
        match plan.apply(change) {
            Ok(now) => assert_eq!(now, version + 1),
            Err(error) => {
                told(&error);
                assert_eq!(amounts(&plan), before, "a refused change left something");
                assert_eq!(plan.version(), version);
            }
        }
        let wrong = plan.verify();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
    sound(&plan, &sources);
    assert_eq!(amounts(&plan.as_of(0).unwrap()), first);
}
