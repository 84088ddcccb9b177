//! The sources of a plan as they were.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Frame, PlanError, Sources};
use crate::calendar::{Calendar, PeriodSet, WorkingDays, WorkingDaysDef};
use crate::key::Key;
use crate::limits::Limits;
use crate::measure::Measures;
use crate::space::{DimensionDef, Space, Subjects};

/// The sources that decide about the structure of a plan, as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Origin {
    pub(super) measures: Measures,
    dimensions: Vec<DimensionDef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calendar: Option<Calendar>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sets: Vec<PeriodSet>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    working_days: Option<WorkingDaysDef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    combinations: Option<Subjects>,
}

impl Origin {
    pub(super) fn new(frame: &Frame, sources: &Sources<'_>) -> Result<Self, PlanError> {
        let dimensions = frame.dimensions().map(|key| {
            let dimension = sources.space.dimension(key.as_str())?;
            Ok(dimension.definition().clone())
        });
        Ok(Self {
            measures: sources.measures.clone(),
            dimensions: dimensions.collect::<Result<_, PlanError>>()?,
            calendar: sources.calendar.cloned(),
            sets: sources.sets.values().cloned().collect(),
            working_days: sources.working_days.map(|days| days.definition().clone()),
            combinations: sources.combinations.clone(),
        })
    }

    /// Does something with these sources, within the limits of the structure that they had.
    pub(super) fn with_sources<T>(
        &self,
        limits: Limits,
        with: impl FnOnce(&Sources<'_>) -> Result<T, PlanError>,
    ) -> Result<T, PlanError> {
        let space = Space::new(self.dimensions.clone())?;
        let working_days = self
            .working_days
            .clone()
            .map(WorkingDays::new)
            .transpose()?;
        let mut sources = Sources::new(&self.measures, &space).limits(limits);
        sources.made_before = true;
        if let Some(calendar) = &self.calendar {
            sources = sources.calendar(calendar);
        }
        if let Some(days) = &working_days {
            sources = sources.working_days(days);
        }
        for set in &self.sets {
            sources = sources.set(set.clone());
        }
        if let Some(combinations) = &self.combinations {
            sources = sources.combinations(combinations.clone());
        }
        with(&sources)
    }

    /// Returns the sources with one member more in a dimension, below another from a day on.
    pub(super) fn with_member(
        &self,
        dimension: usize,
        level: &Key,
        member: &Key,
        below: Option<&Key>,
        from: Option<NaiveDate>,
    ) -> Result<Self, PlanError> {
        let mut grown = self.clone();
        let Some(own) = grown.dimensions.get_mut(dimension) else {
            return Ok(grown);
        };
        *own = own.clone().member(level.as_str(), member.as_str())?;
        if let Some(below) = below {
            let above = own.members.iter().find(|own| own.key == *below);
            let above = above.map(|own| own.level.clone());
            let holds = |levels: &[Key]| {
                let place = |wanted: &Key| levels.iter().position(|level| level == wanted);
                above
                    .as_ref()
                    .and_then(place)
                    .is_some_and(|above| Some(above) < place(level))
            };
            let hierarchy = own.hierarchies.iter().find(|own| holds(&own.levels));
            let hierarchy = hierarchy.or(own.hierarchies.first());
            let hierarchy = hierarchy
                .map(|own| own.key.as_str().to_owned())
                .unwrap_or_default();
            *own = own
                .clone()
                .link(&hierarchy, member.as_str(), below.as_str(), from, None)?;
        }
        Ok(grown)
    }
}
