//! Over-assignment as documents: who hands down more than is assigned to him, and by which factor.

use serde::{Deserialize, Serialize};

use super::Place;
use crate::key::{Key, KeyError};
use crate::quantity::Ratio;

/// Over-assignment: the members of one dimension who hand down more than is assigned to them, so that not everybody must reach theirs.
///
/// A plan then has two layers. Its **base** is split as if nobody did: it adds up at every node. What is **assigned** goes down from the
/// top: the children of a node total what is assigned to it times its factor, rounded once (a half away from zero), each by largest
/// remainder over its base. A manager's target is what is assigned to him; what is assigned below him totals more.
///
/// Factors are said by level of managers, counted from the leaves or from the root, and by place. Who is not named hands down what he
/// has. Periods, and members of other dimensions, always total their node.
///
/// ```
/// use quotaflow::measure::{Measure, Measures};
/// use quotaflow::plan::{Cascade, CascadeDef, OverAssignmentDef, Sources, StepDef};
/// use quotaflow::quantity::{Quantum, Ratio};
/// use quotaflow::space::{DimensionDef, Space};
/// # use quotaflow::calendar::DayRange;
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
/// # let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// let people = DimensionDef::new("person", &["team", "person"])?
///     .member("team", "north")?
///     .child("person", "ann", "north")?
///     .child("person", "bo", "north")?;
/// let space = Space::new(vec![people])?;
/// // The last manager of everybody hands down 10 % more, the one above him 5 %.
/// let over = OverAssignmentDef::from_leaves("person", vec![Ratio::percent(110), Ratio::percent(105)])?;
/// let recipe = CascadeDef::new("plan".try_into()?, "sales".try_into()?, year)
///     .step(StepDef::member("person", "team")?)
///     .step(StepDef::member("person", "person")?)
///     .over_assign(over);
/// let plan = Cascade::compile(recipe, &Sources::new(&measures, &space))?.run(1000.into())?;
/// assert_eq!((plan.units("sales", "team")?, plan.base_units("sales", "team")?), (&[105_000][..], &[100_000][..]));
/// assert_eq!((plan.units("sales", "person")?, plan.base_units("sales", "person")?), (&[57_750; 2][..], &[50_000; 2][..]));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverAssignmentDef {
    /// The dimension whose members hand down.
    pub dimension: Key,
    /// From which end levels of managers are counted.
    #[serde(default)]
    pub from: ManagersFrom,
    /// The factors by level of managers, the nearest to that end first: `"1.05"` hands down five percent more, `"0.95"` five percent
    /// less. Managers beyond them hand down what they have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<Ratio>,
    /// The factors of single managers, in place of those of their level.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<FactorDef>,
}

/// From which end of the chain levels of managers are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManagersFrom {
    /// The last manager first: whoever hands down to those at the end of his chain, then the one above. Who stands above chains of
    /// different length counts by the longest. The default.
    #[default]
    Leaves,
    /// The whole first, then who stands right below it.
    Root,
}

/// The factor of the managers at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorDef {
    /// Who hands down: a member of the dimension, maybe in some periods or for members of other dimensions alone; the whole when left
    /// out. Where several places hold a node, the one that names most steps counts.
    #[serde(default, skip_serializing_if = "Place::is_whole")]
    pub at: Place,
    /// What the children total for each one that is assigned to the node; above zero.
    pub factor: Ratio,
}

impl OverAssignmentDef {
    /// Returns factors by level of managers, the last manager first.
    ///
    /// # Errors
    /// [`KeyError`] if the name cannot be a key.
    pub fn from_leaves(dimension: &str, factors: Vec<Ratio>) -> Result<Self, KeyError> {
        Ok(Self {
            dimension: Key::new(dimension)?,
            from: ManagersFrom::Leaves,
            factors,
            at: Vec::new(),
        })
    }

    /// Returns factors by level of managers, the whole first.
    ///
    /// # Errors
    /// [`KeyError`] if the name cannot be a key.
    pub fn from_root(dimension: &str, factors: Vec<Ratio>) -> Result<Self, KeyError> {
        let from = ManagersFrom::Root;
        Ok(Self {
            from,
            ..Self::from_leaves(dimension, factors)?
        })
    }

    /// Adds the factor of the managers at a place.
    #[must_use]
    pub fn at(mut self, place: Place, factor: Ratio) -> Self {
        self.at.push(FactorDef { at: place, factor });
        self
    }
}

/// One of the two layers of a plan with [over-assignment](OverAssignmentDef); without, they are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// What is assigned: the targets that people have. The default.
    #[default]
    Assigned,
    /// What is split before anybody hands down more: it adds up.
    Base,
}

impl Layer {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes fields by reference"
    )]
    pub(super) fn is_assigned(&self) -> bool {
        *self == Self::Assigned
    }
}
