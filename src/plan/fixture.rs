//! A small company for tests: two regions, one of which has two people and one three, and two products.

use crate::calendar::{Calendar, DayRange, WorkingDays, WorkingDaysDef};
use crate::key::Key;
use crate::measure::{Measure, Measures};
use crate::plan::{
    BasisDef, CascadeDef, GivenDef, GivenWeight, Place, Plan, PlanError, Sources, StepDef,
};
use crate::quantity::Quantum;
use crate::space::{DimensionDef, Space};

pub(crate) struct Company {
    pub(crate) measures: Measures,
    pub(crate) space: Space,
    pub(crate) calendar: Calendar,
    pub(crate) working_days: WorkingDays,
}

pub(crate) fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

pub(crate) fn days(start: &str, end: &str) -> DayRange {
    DayRange::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
}

impl Plan {
    /// Returns the amounts of a level: 0 is the whole, and one for each step.
    pub(crate) fn level_units(&self, measure: &str, level: usize) -> Result<&[i64], PlanError> {
        Ok(&self.sheet(measure)?.amounts().assigned_levels()[level])
    }
}

impl Company {
    pub(crate) fn new() -> Self {
        let measures = Measures::new(vec![
            Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap(),
            Measure::flow("pieces", "count:piece".parse().unwrap(), Quantum::ONE).unwrap(),
            Measure::flow("expense", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap(),
        ])
        .unwrap();
        let people = DimensionDef::new("person", &["region", "person"])
            .and_then(|d| d.hierarchy("grade", &["grade", "person"]))
            .and_then(|d| d.member("region", "north"))
            .and_then(|d| d.member("region", "south"))
            .and_then(|d| d.member("grade", "junior"))
            .and_then(|d| d.member("grade", "senior"))
            .and_then(|d| d.child("person", "ann", "north"))
            .and_then(|d| d.child("person", "bo", "north"))
            .and_then(|d| d.child("person", "cy", "south"))
            .and_then(|d| d.child("person", "di", "south"))
            .and_then(|d| d.child("person", "ed", "south"))
            .and_then(|d| d.link("grade", "ann", "senior", None, None))
            .and_then(|d| d.link("grade", "bo", "junior", None, None))
            .and_then(|d| d.link("grade", "cy", "senior", None, None))
            .and_then(|d| d.link("grade", "di", "junior", None, None))
            .unwrap();
        let products = DimensionDef::flat("product", "product", ["tea", "milk"]).unwrap();
        let definition = WorkingDaysDef::monday_to_friday(key("office"));
        Self {
            measures,
            space: Space::new(vec![people, products]).unwrap(),
            calendar: Calendar::gregorian(),
            working_days: WorkingDays::new(definition).unwrap(),
        }
    }

    pub(crate) fn sources(&self) -> Sources<'_> {
        Sources::new(&self.measures, &self.space)
            .calendar(&self.calendar)
            .working_days(&self.working_days)
    }
}

pub(crate) fn recipe(measure: &str) -> CascadeDef {
    CascadeDef::new(key("plan"), key(measure), days("2026-01-01", "2027-01-01"))
}

pub(crate) fn member(dimension: &str, level: &str) -> StepDef {
    StepDef::member(dimension, level).unwrap()
}

/// Weights by member of one step.
pub(crate) fn given(step: &str, weights: &[(&str, &str)]) -> BasisDef {
    let weights = weights.iter().map(|(member, weight)| GivenWeight {
        at: Place::whole().at(step, member).unwrap(),
        weight: weight.parse().unwrap(),
    });
    BasisDef::Given(GivenDef {
        weights: weights.collect(),
        otherwise: None,
    })
}
