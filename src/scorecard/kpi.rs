//! A KPI: an input, a curve, a rounding, and what it means that there is no number.

use serde::{Deserialize, Serialize};

use super::{Curve, CurveDef, Grid, GridDef, InputDef, Light, Precision, ScorecardError};
use crate::band::{BandDef, Bands};
use crate::key::Key;
use crate::measure::Direction;
use crate::panel::Reason;
use crate::quantity::Ratio;
use crate::text::{Lang, Texts};

/// A KPI as data: the figure that is looked at, what it is compared with, its curve and its weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KpiDef {
    /// The stable name, unique on the card.
    pub key: Key,
    /// What it is shown as; the key where there is none.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// Its share of the group; the weights of a group make 1. Items have none.
    #[serde(default, skip_serializing_if = "weightless")]
    pub weight: Ratio,
    /// What it looks at.
    pub input: InputDef,
    /// From the input to points.
    pub scale: ScaleDef,
    /// How the points are rounded.
    #[serde(default)]
    pub precision: Precision,
    /// What it means that there is no number.
    #[serde(default)]
    pub unknown: UnknownDef,
    /// The traffic light of each range of the input; no light where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lights: Vec<BandDef<Light>>,
    /// The departments that share this result, so that it binds them together and is not taken for counting twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared_with: Vec<Key>,
    /// How much of the figure the scored person can influence, from 0 to 1; 1 where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub influence: Option<Ratio>,
}

fn weightless(weight: &Ratio) -> bool {
    weight.is_zero()
}

/// From one or two inputs to points, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum ScaleDef {
    /// A curve over the input.
    Curve(CurveDef),
    /// A table over the input and a second one.
    Grid {
        /// The second input.
        second: InputDef,
        /// The points; the KPI's own input runs down the rows.
        table: GridDef,
    },
}

/// What a KPI does when there is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unknown {
    /// Its weight goes to the other KPIs of the group in proportion; an item counts nothing.
    Redistribute,
    /// It gets no points; where nothing was recorded, no more than a recorded zero gets either, so that on a curve that goes
    /// below zero points silence is no better than a zero.
    Zero,
    /// It gets the card's neutral points.
    Neutral,
    /// It gets these points.
    Points(Ratio),
    /// It gets its points of the nearest earlier period in which there is a number (not points that a policy gave for want of
    /// one); where there is none, its weight is redistributed.
    Previous,
    /// The whole card has no total.
    Unscored,
}

/// What a KPI does for each reason for which there can be no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UnknownDef {
    /// There is nothing to compare with. Redistributed by default.
    pub no_base: Unknown,
    /// Nothing was recorded. Zero by default: what is not shown is not scored.
    pub nothing_recorded: Unknown,
    /// The figure makes no sense for this subject. Redistributed by default.
    pub not_applicable: Unknown,
    /// It is not yet known. Redistributed by default.
    pub not_yet_due: Unknown,
    /// It is too large. Unscored by default.
    pub out_of_range: Unknown,
}

impl UnknownDef {
    /// Returns what to do for a reason.
    #[must_use]
    pub fn of(&self, reason: Reason) -> Unknown {
        match reason {
            Reason::NoBase => self.no_base,
            Reason::NothingRecorded => self.nothing_recorded,
            Reason::NotApplicable => self.not_applicable,
            Reason::NotYetDue => self.not_yet_due,
            Reason::OutOfRange => self.out_of_range,
        }
    }

    /// Returns the same for every reason.
    #[must_use]
    pub fn all(unknown: Unknown) -> Self {
        Self {
            no_base: unknown,
            nothing_recorded: unknown,
            not_applicable: unknown,
            not_yet_due: unknown,
            out_of_range: unknown,
        }
    }

    pub(crate) fn each(&self) -> [Unknown; 5] {
        [
            self.no_base,
            self.nothing_recorded,
            self.not_applicable,
            self.not_yet_due,
            self.out_of_range,
        ]
    }
}

impl Default for UnknownDef {
    fn default() -> Self {
        Self {
            no_base: Unknown::Redistribute,
            nothing_recorded: Unknown::Zero,
            not_applicable: Unknown::Redistribute,
            not_yet_due: Unknown::Redistribute,
            out_of_range: Unknown::Unscored,
        }
    }
}

impl KpiDef {
    /// Returns a KPI with this curve, the default rounding and the default policies.
    ///
    /// # Errors
    /// [`ScorecardError::Key`] if `key` cannot be a key.
    pub fn new(key: &str, input: InputDef, curve: CurveDef) -> Result<Self, ScorecardError> {
        Ok(Self {
            key: Key::new(key)?,
            title: Texts::default(),
            weight: Ratio::ZERO,
            input,
            scale: ScaleDef::Curve(curve),
            precision: Precision::default(),
            unknown: UnknownDef::default(),
            lights: Vec::new(),
            shared_with: Vec::new(),
            influence: None,
        })
    }

    /// Returns the KPI with this share of its group.
    #[must_use]
    pub fn weigh(mut self, weight: Ratio) -> Self {
        self.weight = weight;
        self
    }

    /// Returns the KPI with this title in a language.
    #[must_use]
    pub fn titled(mut self, lang: Lang, title: &str) -> Self {
        self.title = self.title.and(lang, title);
        self
    }

    /// Returns the KPI with another rounding of its points.
    #[must_use]
    pub fn rounded(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// Returns the KPI with other policies for missing numbers.
    #[must_use]
    pub fn unknown(mut self, unknown: UnknownDef) -> Self {
        self.unknown = unknown;
        self
    }

    /// Returns the KPI with a second input and a table in place of the curve.
    #[must_use]
    pub fn grid(mut self, second: InputDef, table: GridDef) -> Self {
        self.scale = ScaleDef::Grid { second, table };
        self
    }

    /// Returns the KPI as one that these departments share: a result that binds them together.
    #[must_use]
    pub fn shared_with(mut self, departments: Vec<Key>) -> Self {
        self.shared_with = departments;
        self
    }

    /// Returns the KPI with traffic lights on its input.
    #[must_use]
    pub fn lights(mut self, lights: Vec<BandDef<Light>>) -> Self {
        self.lights = lights;
        self
    }
}

/// A compiled KPI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kpi {
    pub(crate) def: KpiDef,
    pub(crate) scale: Scale,
    pub(crate) lights: Option<Bands<Light>>,
    never_below_zero: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scale {
    Curve(Curve),
    Grid { second: InputDef, grid: Grid },
}

impl Kpi {
    pub(crate) fn compile(def: KpiDef, neutral: Ratio) -> Result<Self, ScorecardError> {
        def.input.check()?;
        let scale = match &def.scale {
            ScaleDef::Curve(curve) => Scale::Curve(Curve::new(curve.clone())?),
            ScaleDef::Grid { second, table } => {
                second
                    .check()
                    .map_err(|error| error.within("second input"))?;
                Scale::Grid {
                    second: second.clone(),
                    grid: Grid::new(table.clone())?,
                }
            }
        };
        for unknown in def.unknown.each() {
            let points = match unknown {
                Unknown::Points(points) => points,
                Unknown::Neutral => neutral,
                _ => continue,
            };
            on_places(points, def.precision)?;
        }
        if let Some(influence) = def.influence
            && (influence.is_negative() || influence > Ratio::ONE)
        {
            let what = format!("an influence of {influence} is not between 0 and 1");
            return Err(ScorecardError::Conflict { what });
        }
        let lights = if def.lights.is_empty() {
            None
        } else {
            Some(Bands::new(def.lights.clone())?)
        };
        let mut kpi = Self {
            def,
            scale,
            lights,
            never_below_zero: false,
        };
        kpi.never_below_zero = kpi.fewest().is_some_and(|points| !points.is_negative());
        Ok(kpi)
    }

    /// Returns the exact points of one or two inputs.
    pub(crate) fn points(&self, first: Ratio, second: Option<Ratio>) -> Option<Ratio> {
        match &self.scale {
            Scale::Curve(curve) => curve.at(first),
            Scale::Grid { grid, .. } => second.map(|second| grid.at(first, second)),
        }
    }

    /// Returns the fewest points that it can give, or comes as near to as one likes; none where there is no bound.
    pub(crate) fn fewest(&self) -> Option<Ratio> {
        match &self.scale {
            Scale::Curve(curve) => curve.range().0,
            Scale::Grid { grid, .. } => grid.fewest(),
        }
    }

    /// Says whether no input gets fewer than no points.
    pub(crate) fn never_below_zero(&self) -> bool {
        self.never_below_zero
    }

    /// Returns the inputs: one, or two for a table.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &InputDef> {
        let second = match &self.scale {
            Scale::Curve(_) => None,
            Scale::Grid { second, .. } => Some(second),
        };
        std::iter::once(&self.def.input).chain(second)
    }
}

/// Refuses points that the precision cannot hold: they would be rounded silently.
pub(crate) fn on_places(points: Ratio, precision: Precision) -> Result<Ratio, ScorecardError> {
    super::curve::bounded(points)?;
    if precision.round(points) == Some(points) {
        Ok(points)
    } else {
        Err(ScorecardError::Finer {
            points,
            places: precision.places(),
        })
    }
}

/// The direction of an input: its own, or the column's.
pub(crate) fn direction_of(input: &InputDef, column: Direction) -> Direction {
    input.direction.unwrap_or(column)
}
