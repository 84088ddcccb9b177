//! A draft from below and numbers from above, brought to one with the least change.

use serde::{Deserialize, Serialize};

use super::reference::Reference;
use super::{BoundDef, GivenDef, Place, TotalDef};
use crate::key::{Key, KeyError};
use crate::quantity::Number;

/// Brings a plan to the numbers that are asked of it with the least change: the edit of a [`Change`](super::Change).
///
/// Of all amounts that keep every total, every bound and whatever does not move, it takes those whose sum over the leaves of
/// `(amount - draft)^2 / weight` is the smallest ([`LeastSquares`](crate::allocation::LeastSquares) says more): **the greater the weight
/// of a leaf, the easier it moves**; one of no weight does not. Then all amounts are rounded once, so that every sum is exact and no
/// node is a quantum or more away from the optimum.
///
/// What is held or closed in the plan does not move either, and the bounds of its recipe are kept. What cannot be is refused with the
/// smallest place at which it cannot, and with what is asked below it ([`EditError::Contradicted`](super::EditError::Contradicted)).
///
/// Whole lots, totals that the recipe prescribes across nodes, and what is held of some days are no part of the tree: amounts that
/// break one of them are refused with the place, and asking for amounts there that keep it is the way out. Where the plan has two
/// [layers](super::Layer), amounts are of the base, and what is assigned follows.
///
/// ```
/// # use quotaflow::measure::{Measure, Measures};
/// # use quotaflow::plan::{BoundDef, Cascade, CascadeDef, Place, Reconciling, Sources, StepDef};
/// # use quotaflow::quantity::{Number, Quantum};
/// # use quotaflow::space::{DimensionDef, Space};
/// # use quotaflow::{calendar::DayRange, key::Key};
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::ONE)?])?;
/// # let people = DimensionDef::new("person", &["region", "person"])?.member("region", "north")?.member("region", "south")?
/// #     .child("person", "ann", "north")?.child("person", "bo", "north")?.child("person", "cy", "south")?;
/// # let space = Space::new(vec![people])?;
/// # let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// # let def = CascadeDef::new(Key::new("plan")?, Key::new("sales")?, year)
/// #     .step(StepDef::member("person", "region")?).step(StepDef::member("person", "person")?);
/// # let cascade = Cascade::compile(def, &Sources::new(&measures, &space))?;
/// // The team offers 200, 100 and 100; from above 460 are asked for. The south stays, and nobody takes more than 235.
/// let mut plan = quotaflow::plan::Plan::from_units(&cascade, vec![vec![400], vec![300, 100], vec![200, 100, 100]])?;
/// let asked = Reconciling::new("sales")?
///     .total(Place::whole(), Number::from(460))
///     .still(Place::whole().at("region", "south")?)
///     .bound(BoundDef::at_most("person", Number::from(235))?);
/// let found = plan.least_change(&asked)?;
/// let told: Vec<String> = found.nodes().iter().map(ToString::to_string).collect();
/// assert_eq!(told, [
///     "all: 400 becomes 460, which is asked for",
///     "north: 300 becomes 360, with 1/1 of the 25 that move freely below all",
///     "south: 100 stays 100, which does not move",
///     "north / ann: 200 becomes 235, at most that",
///     "north / bo: 100 becomes 125, with 1/1 of the 25 that move freely below all",
///     "south / cy: 100 stays 100",
/// ]);
/// // It is a proposal: whoever agrees applies it.
/// plan.apply(found.change(Key::new("ann")?, "2025-11-20T09:00:00".parse()?, "what we agreed on in November"))?;
/// assert_eq!(plan.units("sales", "person")?, [235, 125, 100]);
/// assert!(plan.verify().is_empty());
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconciling {
    /// The measure; a flow.
    pub measure: Key,
    /// What single nodes total, at least or at most or exactly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<TotalDef>,
    /// What all nodes of a step are at least or at most: a minimum of zero where nobody may go below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<BoundDef>,
    /// Places that do not move: of a node its total, of a slice each of its leaves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub still: Vec<Place>,
    /// How easily leaves move.
    #[serde(default)]
    pub weights: Easing,
}

/// How easily each leaf moves when a plan is reconciled: of two that share a gap, the one of twice the weight takes twice as much.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Easing {
    /// By the size of its draft: all move by the same percentage of their size, one way, so that drafts of one sign change by the same
    /// percentage, and of -10 and 20 the first becomes 0 where the second becomes 40. What is zero stays zero. The default.
    #[default]
    Draft,
    /// All alike: all change by the same amount.
    Equal,
    /// By the size of the amount of another measure or version of the whole plan, such as what the bases of the recipe gave it:
    /// version 0. A reference to a part of the plan is refused ([`EditError::WeightsOfPart`](super::EditError::WeightsOfPart)).
    Like(Reference),
    /// By weights written down.
    Given(GivenDef),
}

impl Easing {
    /// The version that it names.
    pub(super) fn named_version(&self) -> Option<u64> {
        match self {
            Self::Like(to) => to.version,
            Self::Draft | Self::Equal | Self::Given(_) => None,
        }
    }
}

impl Reconciling {
    /// Returns the edit that asks for nothing yet.
    ///
    /// # Errors
    /// [`KeyError`] if the measure's name cannot be a key.
    pub fn new(measure: &str) -> Result<Self, KeyError> {
        Ok(Self {
            measure: Key::new(measure)?,
            totals: Vec::new(),
            bounds: Vec::new(),
            still: Vec::new(),
            weights: Easing::Draft,
        })
    }

    /// Returns the edit that asks for the total of a place too.
    #[must_use]
    pub fn total(mut self, at: Place, total: Number) -> Self {
        self.totals.push(TotalDef::exactly(at, total));
        self
    }

    /// Returns the edit that keeps a place where it is.
    #[must_use]
    pub fn still(mut self, place: Place) -> Self {
        self.still.push(place);
        self
    }

    /// Returns the edit with a bound of all nodes of a step.
    #[must_use]
    pub fn bound(mut self, bound: BoundDef) -> Self {
        self.bounds.push(bound);
        self
    }

    /// Returns the edit with these weights.
    #[must_use]
    pub fn weights(mut self, weights: Easing) -> Self {
        self.weights = weights;
        self
    }
}
