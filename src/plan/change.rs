//! Changes to a plan as documents: what is edited, who did it, when and why.

use super::carry::Carry;
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::ratio_edit::RatioEdit;
use super::{
    Absence, CarryForward, Joining, Layer, Leaving, Merging, Moving, Place, Reallocation,
    ReallocationVerb, Reconciling, Splitting, StretchEdit, Swapping,
};
use crate::allocation::NegativeWeights;
use crate::calendar::DayRange;
use crate::document::Version;
use crate::key::Key;
use crate::quantity::{Number, Ratio};

use super::pattern::Pattern;
use super::reference::Reference;

/// A change to a plan: edits that are made together or not at all.
///
/// ```
/// use quotaflow::plan::Change;
/// let change: Change = serde_json::from_str(
///     r#"{
///         "by": "ann", "at": "2026-01-05T09:30:00", "reason": "a new key account", "based_on": 0,
///         "edits": [{"spread": {
///             "measure": "sales", "at": {"region": "north"}, "verb": {"proportional": {"amount": "1200"}}, "mode": "add"
///         }}]
///     }"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// assert_eq!(change.edits.len(), 1);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The version of this form of document; 1 when left out.
    #[serde(default)]
    pub version: Version<1>,
    /// Who makes it.
    pub by: Key,
    /// When.
    pub at: NaiveDateTime,
    /// Why.
    pub reason: String,
    /// The version of the plan that it was made for; refused when the plan has moved on.
    pub based_on: u64,
    /// What is edited, in this order.
    pub edits: Vec<Edit>,
}

/// One edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Edit {
    /// Sets the amounts of a place.
    Spread(Spread),
    /// Sets a ratio by way of one of its parts.
    Ratio(RatioEdit),
    /// Brings amounts to what is asked of their totals with the least change.
    Reconcile(Reconciling),
    /// Moves amounts between members, cell by cell: locks, transfers, splits anew.
    Reallocate(Reallocation),
    /// Carries what was missed into the targets that are left.
    CarryForward(CarryForward),
    /// Keeps amounts from being changed by anything but an edit of their own place.
    Hold(HoldEdit),
    /// Lets held amounts go.
    Release(HoldEdit),
    /// Adds to a stretch of days.
    Stretch(StretchEdit),
    /// Somebody joins and gets a target.
    Join(Joining),
    /// Somebody leaves; what is left of the target goes elsewhere.
    Leave(Leaving),
    /// Somebody is absent, or works less, on some days.
    Absent(Absence),
    /// Somebody moves to another place of the plan.
    Move(Moving),
    /// Two change places.
    Swap(Swapping),
    /// A territory, post or product becomes several.
    Split(Splitting),
    /// Several territories, posts or products become one.
    Merge(Merging),
    /// A product or territory is launched and gets a target.
    Launch(Joining),
    /// A product or territory ends; what is left of its target goes elsewhere.
    End(Leaving),
    /// Makes all periods that end on or before a day read-only, for all measures, until they are reopened.
    Close {
        /// The day before which periods are over that are closed; one that runs on that day stays open.
        before: NaiveDate,
    },
    /// Opens all closed periods again that end after a day, as a whole; refused where no closed one does.
    Reopen {
        /// The day from which on all is open; of a period that it lies in, the days before too.
        from: NaiveDate,
    },
    /// Returns to all amounts, holds and closed periods of an earlier version, as a change of its own.
    Revert {
        /// The version.
        to: u64,
    },
}

/// Sets the amounts of a place: a node, or a slice through several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// The measure.
    pub measure: Key,
    /// The place; the whole plan when left out.
    #[serde(default, skip_serializing_if = "Place::is_whole")]
    pub at: Place,
    /// What to do.
    pub verb: Verb,
    /// Whether the result replaces what is there, or is added to or subtracted from it.
    #[serde(default)]
    pub mode: Mode,
    /// What proportional spreading does where there is nothing to be proportional to.
    #[serde(default)]
    pub zero_base: ZeroBase,
    /// What proportional spreading does where some amounts are below zero and some above; refused when left out.
    #[serde(default)]
    pub negative_base: NegativeWeights,
    /// What happens above the place.
    #[serde(default)]
    pub carry: Carry,
    /// Of which layer the amounts are, where the plan has [two](super::OverAssignmentDef). What is shared is shared by the base on both;
    /// what is assigned to the place then totals what is asked, and the nodes beside it take what rounding leaves.
    #[serde(default, skip_serializing_if = "Layer::is_assigned")]
    pub layer: Layer,
}

impl Edit {
    /// The versions that it names.
    pub(crate) fn named_version(&self) -> Option<u64> {
        match self {
            Self::Revert { to } => Some(*to),
            Self::Reconcile(asked) => asked.weights.named_version(),
            Self::CarryForward(asked) => asked.by.named_version(),
            Self::Reallocate(asked) => match &asked.verb {
                ReallocationVerb::Resplit { by, .. } => by.named_version(),
                ReallocationVerb::Lock { .. } | ReallocationVerb::Transfer { .. } => None,
            },
            Self::Spread(spread) => match &spread.verb {
                Verb::Relative { to, .. } => to.version,
                _ => None,
            },
            _ => None,
        }
    }
}

impl Spread {
    /// Returns the edit that replaces the amounts of a place, carried up.
    ///
    /// # Errors
    /// [`KeyError`](crate::key::KeyError) if the measure's name cannot be a key.
    pub fn new(measure: &str, at: Place, verb: Verb) -> Result<Self, crate::key::KeyError> {
        Ok(Self {
            measure: Key::new(measure)?,
            at,
            verb,
            mode: Mode::Replace,
            zero_base: ZeroBase::Equal,
            negative_base: NegativeWeights::Refuse,
            carry: Carry::Up,
            layer: Layer::Assigned,
        })
    }

    /// Returns the edit with amounts of this layer.
    #[must_use]
    pub fn layer(mut self, layer: Layer) -> Self {
        self.layer = layer;
        self
    }

    /// Returns the edit in this mode.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Returns the edit with the total of a place above kept as it is.
    #[must_use]
    pub fn keeping(mut self, above: Place) -> Self {
        self.carry = Carry::Keep(above);
        self
    }

    /// Returns the edit with this answer to an empty base.
    #[must_use]
    pub fn zero_base(mut self, policy: ZeroBase) -> Self {
        self.zero_base = policy;
        self
    }

    /// Returns the edit with this answer to amounts below zero.
    #[must_use]
    pub fn negative_base(mut self, policy: NegativeWeights) -> Self {
        self.negative_base = policy;
        self
    }
}

/// What a spread does below its place. Held and closed cells never move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Verb {
    /// An amount in the proportions of what is there.
    Proportional {
        /// The amount of the place.
        amount: Number,
    },
    /// An amount in equal parts, at every step below the place.
    Equal {
        /// The amount of the place.
        amount: Number,
    },
    /// An amount in equal parts over all leaves of the place.
    EqualLeaves {
        /// The amount of the place.
        amount: Number,
    },
    /// An amount by the bases of the recipe.
    Basis {
        /// The amount of the place.
        amount: Number,
    },
    /// The same amount in every leaf.
    Repeat {
        /// The amount of each leaf.
        amount: Number,
        /// Which leaves.
        #[serde(default)]
        cells: RepeatCells,
    },
    /// Children from a first to a last amount in equal steps, each rounded once (a half away from zero).
    StraightLine {
        /// The amount of the first child.
        from: Number,
        /// The amount of the last child.
        to: Number,
    },
    /// Children that grow from the first one by the same part of the first, or of the one before, each rounded once (a
    /// half away from zero).
    Growth {
        /// The amount of the first child.
        start: Number,
        /// The growth from one child to the next: `"0.05"` is five percent.
        by: Ratio,
        /// Of which amount it is a part.
        of: GrowthOf,
    },
    /// A part of what is there: with [`Mode::Add`] that much more, in its proportions; the total is rounded once.
    PercentChange {
        /// The part: `"0.1"` is ten percent.
        by: Ratio,
    },
    /// An amount in the proportions of another node, measure or version.
    Relative {
        /// The amount of the place.
        amount: Number,
        /// What to be proportional to.
        to: Reference,
    },
    /// An amount over the children in the proportions of a pattern, or the same for each where the pattern is `P`.
    Pattern {
        /// The amount of the place; of each child for `P`.
        amount: Number,
        /// The pattern; it repeats when there are more children.
        pattern: Pattern,
    },
    /// Nothing: zero in every leaf.
    Clear,
}

/// Which leaves an amount is repeated in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatCells {
    /// All. The default.
    #[default]
    All,
    /// Those that are not zero.
    NonZero,
}

/// Of which amount growth is a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrowthOf {
    /// Of the first: linear growth.
    First,
    /// Of the one before: compound growth.
    Previous,
}

/// How the result of a spread meets what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It replaces it: the amount is what the place totals afterwards, held cells included. The default.
    #[default]
    Replace,
    /// It is added to it.
    Add,
    /// It is subtracted from it.
    Subtract,
}

/// What proportional spreading does where all amounts are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZeroBase {
    /// It spreads equally over the leaves. The default.
    #[default]
    Equal,
    /// It goes by the bases of the recipe.
    Basis,
    /// It is an error.
    Refuse,
}

/// Which amounts are held or released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldEdit {
    /// The measure.
    pub measure: Key,
    /// The places.
    pub at: Vec<Place>,
    /// What of them.
    #[serde(default)]
    pub what: HoldWhat,
}

/// What of a place is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldWhat {
    /// The total of the node; what is below it may still move against each other. Of a plan with two [layers](super::Layer) both stay. The
    /// default.
    #[default]
    Total,
    /// The base of the node alone, where the plan has two layers: what is assigned to it may move by what rounding leaves.
    Base,
    /// Every leaf of the place.
    Leaves,
    /// What of the place falls on some days: it is checked after every change, and moves nothing.
    Days(DayRange),
}
