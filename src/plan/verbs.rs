//! What happens to people, posts and products during a plan, and what becomes of their targets.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Path, Place};
use crate::calendar::DayRange;
use crate::key::Key;
use crate::quantity::{Number, Quantity, Ratio};

/// Where an amount comes from that somebody gets, and where it goes that somebody had.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Balance {
    /// Those beside it below the same node: the rest of the team, in proportion to what they have on these days, by the days where
    /// they have nothing. The default.
    #[default]
    Siblings,
    /// A stated place, such as a successor, a leader or a reserve: its cells of the same periods and of the same members of other
    /// dimensions.
    Place(Place),
    /// Nobody: all totals above change by as much.
    Top,
}

/// Somebody joins, or something is launched, and gets a target from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    /// The measure.
    pub measure: Key,
    /// Who, as a place of the plan.
    pub at: Place,
    /// The first day.
    pub from: NaiveDate,
    /// How much for all days from then on; where the plan has two [layers](super::Layer), of the base, as all that changes hands.
    pub amount: Number,
    /// Where it comes from.
    #[serde(default)]
    pub balance: Balance,
    /// Where it stands, for who is not in the plan yet: the one whom the place names at its lowest step by members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<NewMember>,
}

/// Where somebody stands who was not in the plan when it was made. The plan's own structure grows by a node in every cell of the
/// dimension; nothing is cascaded anew, and every amount stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// The member above it, from the first day on; none in a dimension of one level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Key>,
}

/// Somebody leaves, or something ends: what is left of the target from a day on goes elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    /// The measure.
    pub measure: Key,
    /// Who, as a place of the plan.
    pub at: Place,
    /// The first day without a target.
    pub from: NaiveDate,
    /// Where it goes.
    #[serde(default)]
    pub balance: Balance,
}

/// Somebody is absent for some days, or works less on them: that part of the target goes elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// The measure.
    pub measure: Key,
    /// Who, as a place of the plan.
    pub at: Place,
    /// The days.
    pub days: DayRange,
    /// Which part of the target of these days goes, from 0 to 1; all of it when left out.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub share: Ratio,
    /// Where it goes.
    #[serde(default)]
    pub balance: Balance,
}

fn all() -> Ratio {
    Ratio::ONE
}

fn is_all(share: &Ratio) -> bool {
    *share == Ratio::ONE
}

/// Somebody moves to another place of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moving {
    /// The measure.
    pub measure: Key,
    /// From where.
    pub at: Place,
    /// To where.
    pub to: Place,
    /// The first day there.
    pub from: NaiveDate,
    /// What becomes of the target.
    #[serde(default)]
    pub target: Goes,
    /// Who takes over what does not go along.
    #[serde(default)]
    pub balance: Balance,
}

/// What becomes of the target of who moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goes {
    /// It stays where it was, for whoever takes over there. The default.
    #[default]
    Stays,
    /// It goes along.
    Follows,
    /// This much goes along, of the base where the plan has two [layers](super::Layer), and the rest stays.
    Amount(Number),
}

/// Two change places: what is left of each target goes to the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Swapping {
    /// The measure.
    pub measure: Key,
    /// One of them.
    pub at: Place,
    /// The other.
    pub with: Place,
    /// The first day on which they have changed.
    pub from: NaiveDate,
}

/// A territory, post or product is divided: what is left of its target goes to several in stated parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Splitting {
    /// The measure.
    pub measure: Key,
    /// What is divided.
    pub at: Place,
    /// Into what; it may be among them itself.
    pub into: Vec<SplitPart>,
    /// The first day on which it is divided.
    pub from: NaiveDate,
}

/// One part of what is divided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitPart {
    /// Where it goes.
    pub at: Place,
    /// Its weight beside the others.
    pub share: Ratio,
}

/// Territories, posts or products become one: what is left of their targets goes to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merging {
    /// The measure.
    pub measure: Key,
    /// What is merged.
    pub at: Vec<Place>,
    /// Into what, one of them or another.
    pub into: Place,
    /// The first day on which they are one.
    pub from: NaiveDate,
}

/// What a change handed from one cell of a plan to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Handed {
    /// The measure.
    pub measure: Key,
    /// Who gave it; none for what came on top.
    pub from: Option<Path>,
    /// Who got it; none for what nobody took over, by which the totals above fell.
    pub to: Option<Path>,
    /// The days that it is of.
    pub days: DayRange,
    /// How much; of a closed period what would have moved.
    pub amount: Quantity,
    /// Whether it stayed because its period is closed.
    pub closed: bool,
}
