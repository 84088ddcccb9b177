//! What planners do to targets that stand: lock totals, transfer, split anew, each cell's parents kept.

use serde::{Deserialize, Serialize};

use super::{Easing, Place, SplitPart};
use crate::key::{Key, KeyError};
use crate::quantity::{Number, Ratio};

/// Moves targets between members, cell by cell: the edit of a [`Change`](super::Change) in which planners lock, transfer and
/// split anew.
///
/// Members of one dimension give way to each other, here called those **across** which it moves; all other steps, such as products and
/// quarters, make the **cells**. In every cell the total of whoever stands above is kept, at every step, whatever order the steps of
/// the plan have: what a person gets in a quarter, others of the team lose in that quarter.
///
/// All reallocations of one change read the plan as it stands where the first of them stands in the change, and all locks of a measure
/// across one dimension that reach into the same parents' columns are solved together, as one system: their order never matters, none
/// gives way to another, none changes one that has nothing to do with it, and what can hold together is found. Two edits that decide one cell are refused ([`EditError::DecidedTwice`](super::EditError::DecidedTwice)), and so is
/// what holds, releases, closes, reopens or reverts between two of them
/// ([`EditError::BetweenReallocations`](super::EditError::BetweenReallocations)): before all of them it counts for all, after them it finds what they made.
///
/// What is held or closed does not move; cells without an amount take no part, unless nothing else is there. Where the plan has two
/// [layers](super::Layer), amounts are of the base, and what is assigned follows. Stocks and ratings are refused.
///
/// Locks are solved inside the bounds of cells, unless their scopes cross. Bounds of whoever stands above cells, and lots that differ among
/// cells or are larger further up, are no part of what is solved, nor are bounds of a transfer or a new split: amounts that do not keep
/// them are refused, also where others would
/// ([`ConstraintError::OutsideBounds`](super::ConstraintError::OutsideBounds), [`ConstraintError::NotWholeLots`](super::ConstraintError::NotWholeLots)).
///
/// ```
/// # use quotaflow::calendar::{Calendar, DayRange, Grain};
/// # use quotaflow::measure::{Measure, Measures};
/// # use quotaflow::plan::{Cascade, CascadeDef, Change, Edit, LockDef, Place, Reallocation, Sources, StepDef};
/// # use quotaflow::quantity::{Number, Quantum};
/// # use quotaflow::space::{DimensionDef, Space};
/// # use quotaflow::{document::Version, key::Key};
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::ONE)?])?;
/// # let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo", "cy"])?])?;
/// # let half = DayRange::new("2026-01-01".parse()?, "2026-07-01".parse()?)?;
/// # let def = CascadeDef::new(Key::new("plan")?, Key::new("sales")?, half)
/// #     .step(StepDef::grain(Grain::Quarter)).step(StepDef::member("person", "person")?);
/// # let calendar = Calendar::gregorian();
/// # let mut plan = Cascade::compile(def, &Sources::new(&measures, &space).calendar(&calendar))?.run(600.into())?;
/// // Two quarters of 300, in each of which ann, bo and cy have 100. Over both, ann is to have 120.
/// let ann = LockDef::new(Place::whole().at("person", "ann")?, Number::from(120));
/// let asked = Reallocation::lock("sales", vec![ann])?;
/// plan.apply(Change {
///     version: Version::default(),
///     by: Key::new("ann")?,
///     at: "2025-12-05T09:30:00".parse()?,
///     reason: "a new baby".to_owned(),
///     based_on: plan.version(),
///     edits: vec![Edit::Reallocate(asked)],
/// })?;
/// assert_eq!(plan.units("sales", "person")?, [60, 120, 120, 60, 120, 120]);
/// assert_eq!(plan.units("sales", "quarter")?, [300, 300]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reallocation {
    /// The measure; a flow.
    pub measure: Key,
    /// What is done.
    pub verb: ReallocationVerb,
    /// A step of the dimension whose members give way to each other, or a step of periods where periods do. When left out it is the one
    /// dimension that the places name; where they name several, it has to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub across: Option<Key>,
    /// Places that do not move, beside those that are held or closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frozen: Vec<Place>,
}

/// A planner's verb.
///
/// | planners say | here |
/// |---|---|
/// | lock, pin a total; fit overlapping totals | `lock` |
/// | transfer from one to another, cell by cell | `transfer` with `from` and `to` |
/// | redistribute: give all to the others | `transfer` with `from` alone |
/// | concentrate on one | `transfer` with `to` alone |
/// | reallocate a fraction of several to several | `transfer` with `take: {"share": ..}` |
/// | split again by a table, equally, or like another measure | `resplit` |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum ReallocationVerb {
    /// Totals of scopes of many cells. The cells of a scope keep their mix, and what is not locked absorbs in proportion in every cell of
    /// the parent. Where parents have no room for that mix, the amounts are the whole table nearest to what stands (of least relative
    /// entropy). Scopes may lie inside each other, and may cross where each set of those that do not cross makes one side of a table.
    Lock {
        /// The scopes and their totals.
        totals: Vec<LockDef>,
        /// What becomes of locks that cannot hold together.
        #[serde(default)]
        clash: Clash,
    },
    /// Amounts go from some places to others, in the same cells. The parents of both change by what goes, whoever is above both does
    /// not. Nothing goes between a place and a part of it ([`EditError::PartOf`](super::EditError::PartOf)), and no amount of siblings goes
    /// in stated parts to places of different parents ([`EditError::SeveralParents`](super::EditError::SeveralParents)).
    Transfer {
        /// From where, in the proportions of what is there; all siblings of `to` when left out.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        from: Vec<Place>,
        /// How much; all of it when left out.
        #[serde(default)]
        take: Take,
        /// To where, in which parts of each cell; in the proportions of what they have, to all siblings of `from` when left out.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        to: Vec<SplitPart>,
    },
    /// In every cell, what those at a step have below one parent is shared by other weights; below each, in the proportions of what is
    /// there.
    Resplit {
        /// The place; the whole plan when left out.
        #[serde(default, skip_serializing_if = "Place::is_whole")]
        at: Place,
        /// The step at which it is split.
        step: Key,
        /// By which weights: of places at the step that are written down, equal, or the amounts of another measure or version there.
        by: Easing,
    },
}

/// The total of a scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockDef {
    /// The scope: one place, or several that name the same step of those who give way to each other.
    pub at: Vec<Place>,
    /// What it totals.
    pub total: Number,
}

impl LockDef {
    /// Returns the lock of one place.
    #[must_use]
    pub fn new(at: Place, total: Number) -> Self {
        Self {
            at: vec![at],
            total,
        }
    }
}

/// What becomes of locks that cannot hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clash {
    /// They are refused, all of them named. The default.
    #[default]
    Refuse,
    /// The narrower wins: of those that cannot hold together the one of most cells is dropped, and told
    /// ([`ProposedReallocation::dropped`](super::ProposedReallocation::dropped), [`Plan::dropped_locks`](super::Plan::dropped_locks)).
    NarrowerWins,
}

/// How much a transfer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Take {
    /// A part of what is there that may move, from 0 to 1; the total is rounded once.
    Share(Ratio),
    /// This much.
    Amount(Number),
    /// What is more than this is taken: the places it comes from total this afterwards, over all their cells.
    Leave(Number),
    /// What is missing to this: the places it goes to total this afterwards.
    Reach(Number),
}

impl Default for Take {
    fn default() -> Self {
        Self::Share(Ratio::ONE)
    }
}

impl Reallocation {
    fn new(measure: &str, verb: ReallocationVerb) -> Result<Self, KeyError> {
        Ok(Self {
            measure: Key::new(measure)?,
            verb,
            across: None,
            frozen: Vec::new(),
        })
    }

    /// Returns the edit that locks totals.
    ///
    /// # Errors
    /// [`KeyError`] if the measure's name cannot be a key.
    pub fn lock(measure: &str, totals: Vec<LockDef>) -> Result<Self, KeyError> {
        let clash = Clash::Refuse;
        Self::new(measure, ReallocationVerb::Lock { totals, clash })
    }

    /// Returns the edit that transfers amounts; see [`ReallocationVerb::Transfer`] for what an empty side means.
    ///
    /// # Errors
    /// [`KeyError`] if the measure's name cannot be a key.
    pub fn transfer(
        measure: &str,
        from: Vec<Place>,
        take: Take,
        to: Vec<SplitPart>,
    ) -> Result<Self, KeyError> {
        Self::new(measure, ReallocationVerb::Transfer { from, take, to })
    }

    /// Returns the edit that splits a place again at a step.
    ///
    /// # Errors
    /// [`KeyError`] if a name cannot be a key.
    pub fn resplit(measure: &str, at: Place, step: &str, by: Easing) -> Result<Self, KeyError> {
        let step = Key::new(step)?;
        Self::new(measure, ReallocationVerb::Resplit { at, step, by })
    }

    /// Returns the edit across the dimension of this step.
    ///
    /// # Errors
    /// [`KeyError`] if the step's name cannot be a key.
    pub fn across(mut self, step: &str) -> Result<Self, KeyError> {
        self.across = Some(Key::new(step)?);
        Ok(self)
    }

    /// Returns the edit with one more place that does not move.
    #[must_use]
    pub fn frozen(mut self, place: Place) -> Self {
        self.frozen.push(place);
        self
    }

    /// Returns the edit with the narrower of two locks winning where they cannot hold together.
    #[must_use]
    pub fn narrower_wins(mut self) -> Self {
        if let ReallocationVerb::Lock { clash, .. } = &mut self.verb {
            *clash = Clash::NarrowerWins;
        }
        self
    }

    /// Returns the places that it names.
    pub(super) fn places(&self) -> Vec<Place> {
        match &self.verb {
            ReallocationVerb::Lock { totals, .. } => {
                totals.iter().flat_map(|own| &own.at).cloned().collect()
            }
            ReallocationVerb::Transfer { from, to, .. } => {
                let to = to.iter().map(|part| &part.at);
                from.iter().chain(to).cloned().collect()
            }
            ReallocationVerb::Resplit { at, .. } => vec![at.clone()],
        }
    }
}
