//! What a review looks at, and from what it is made.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{DriverDef, ReviewError};
use crate::document::Version;
use crate::key::Key;
use crate::pace::Pace;
use crate::panel::Panel;
use crate::quantity::Ratio;
use crate::rule::{Alert, RuleSet};
use crate::scorecard::Scores;

/// What a review looks at, as data.
///
/// ```
/// use quotaflow::review::ReviewDef;
/// let def: ReviewDef = serde_json::from_str(r#"{
///     "paces": [],
///     "drivers": [{"result": "sales", "activity": "visits"}]
/// }"#).map_err(quotaflow::Error::unreadable)?;
/// assert_eq!(def.focus, 3);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewDef {
    /// The version of this form of document.
    #[serde(default)]
    pub version: Version<1>,
    /// The metrics that have targets, each with its pace. The first is the one that matters most.
    pub paces: Vec<Pace>,
    /// Which activity drives which result; both must have a pace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drivers: Vec<DriverDef>,
    /// The share of subjects behind pace from which on the target is suspected and not the people.
    #[serde(default = "four_fifths")]
    pub alike: Ratio,
    /// How many points the focus of the next period names.
    #[serde(default = "three")]
    pub focus: usize,
}

fn four_fifths() -> Ratio {
    Ratio::percent(80)
}

fn three() -> usize {
    3
}

impl ReviewDef {
    /// Returns a review of these metrics with the defaults of everything else.
    #[must_use]
    pub fn new(paces: Vec<Pace>) -> Self {
        Self {
            version: Version::default(),
            paces,
            drivers: Vec::new(),
            alike: four_fifths(),
            focus: three(),
        }
    }

    /// Says that an activity drives a result.
    ///
    /// # Errors
    /// [`ReviewError::Key`] if a name cannot be a key.
    pub fn driven(mut self, result: &str, activity: &str) -> Result<Self, ReviewError> {
        self.drivers.push(DriverDef {
            result: Key::new(result)?,
            activity: Key::new(activity)?,
        });
        Ok(self)
    }

    /// What is wrong with its drivers, each by its place: metrics without a pace.
    pub(crate) fn unpaced(&self) -> impl Iterator<Item = (usize, ReviewError)> {
        let paced = || self.paces.iter().map(Pace::metric);
        let drivers = self.drivers.iter().enumerate();
        drivers.flat_map(move |(at, driver)| {
            let named = [&driver.result, &driver.activity].into_iter();
            let unpaced = named.filter(move |metric| paced().all(|paced| paced != *metric));
            unpaced.map(move |metric| (at, ReviewError::unpaced(driver, metric, paced())))
        })
    }
}

/// What a review is made from besides its definition: all of it of one panel.
#[derive(Debug, Clone, Copy)]
pub struct ReviewSources<'a> {
    /// The panel with actual figures and targets.
    pub panel: &'a Panel,
    /// The day as of which is reviewed; the period that holds it is the reviewed one.
    pub as_of: NaiveDate,
    /// The scores of the same panel and period, if there are any.
    pub scores: Option<&'a Scores<'a>>,
    /// The alerts of the same panel and period, with the rules that raised them, if there are any.
    pub alerts: Option<(&'a RuleSet, &'a [Alert])>,
}
