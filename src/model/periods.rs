//! Periods as documents: those of a grain, or a table of one's own.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, CalendarError, Grain, PeriodDef, PeriodSet};
use crate::key::Key;

use super::error::PeriodsError;

/// Periods: those of the calendar, or a table of one's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PeriodsDocument", into = "PeriodsDocument")]
pub enum PeriodsDef {
    /// The periods of a grain that touch a range of days.
    Grain(GrainDef),
    /// A set that is written down.
    Set(PeriodSet),
}

/// Both forms in one, so that a mistyped field is named and not merely fits neither form.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PeriodsDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    grain: Option<Grain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    periods: Option<Vec<PeriodDef>>,
}

impl TryFrom<PeriodsDocument> for PeriodsDef {
    type Error = PeriodsError;

    fn try_from(document: PeriodsDocument) -> Result<Self, PeriodsError> {
        let PeriodsDocument {
            grain,
            from,
            to,
            key,
            periods,
        } = document;
        match (grain, from, to, key, periods) {
            (Some(grain), Some(from), Some(to), None, None) => {
                Ok(Self::Grain(GrainDef { grain, from, to }))
            }
            (None, None, None, Some(key), Some(periods)) => {
                Ok(Self::Set(PeriodSet::new(key, periods)?))
            }
            _ => Err(PeriodsError::Form),
        }
    }
}

impl From<PeriodsDef> for PeriodsDocument {
    fn from(periods: PeriodsDef) -> Self {
        match periods {
            PeriodsDef::Grain(GrainDef { grain, from, to }) => Self {
                grain: Some(grain),
                from: Some(from),
                to: Some(to),
                ..Self::default()
            },
            PeriodsDef::Set(set) => Self {
                key: Some(set.key().clone()),
                periods: Some(
                    set.iter()
                        .map(|period| PeriodDef::new(period.label, period.start, period.end))
                        .collect(),
                ),
                ..Self::default()
            },
        }
    }
}

/// The periods of a grain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrainDef {
    /// The grain.
    pub grain: Grain,
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last one.
    pub to: NaiveDate,
}

impl PeriodsDef {
    /// Returns the periods by a calendar.
    ///
    /// # Errors
    /// [`CalendarError`] for days that leave the calendar.
    pub fn set(&self, calendar: &Calendar) -> Result<PeriodSet, CalendarError> {
        match self {
            Self::Grain(grain) => calendar.periods(grain.grain, grain.from, grain.to),
            Self::Set(set) => Ok(set.clone()),
        }
    }
}
