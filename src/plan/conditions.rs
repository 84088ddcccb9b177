//! What a recipe asks for beside its steps: bounds, openings, prescribed totals.

use serde::{Deserialize, Serialize};

use super::Place;
use crate::key::Key;
use crate::quantity::Number;

/// A minimum, a maximum, or both, of every node of one step inside a place: at least one order on every day.
///
/// A split keeps them by sharing in proportion as far as they allow. Equal limits fix an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundDef {
    /// The name of the step whose nodes are bounded.
    pub step: Key,
    /// Which of them, by steps no lower; all when left out.
    #[serde(default, skip_serializing_if = "Place::is_whole")]
    pub at: Place,
    /// The least amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// The greatest amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
}

impl BoundDef {
    /// Returns the bound that every node of a step is at least this.
    ///
    /// # Errors
    /// [`KeyError`](crate::key::KeyError) if the name cannot be a key.
    pub fn at_least(step: &str, min: Number) -> Result<Self, crate::key::KeyError> {
        Ok(Self {
            step: Key::new(step)?,
            at: Place::whole(),
            min: Some(min),
            max: None,
        })
    }

    /// Returns the bound that every node of a step is at most this.
    ///
    /// # Errors
    /// [`KeyError`](crate::key::KeyError) if the name cannot be a key.
    pub fn at_most(step: &str, max: Number) -> Result<Self, crate::key::KeyError> {
        Ok(Self {
            step: Key::new(step)?,
            at: Place::whole(),
            min: None,
            max: Some(max),
        })
    }

    /// Returns the bound for the nodes inside a place alone.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.at = place;
        self
    }
}

/// What a stock is before the first period of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningDef {
    /// Where, by members; the whole plan when left out.
    #[serde(default, skip_serializing_if = "Place::is_whole")]
    pub at: Place,
    /// The amount.
    pub amount: Number,
}

/// A prescribed total, or the least and the most that it is: of one node, or of a member of a later step across all nodes in
/// between, such as a product across all territories.
///
/// Where such a member is prescribed, the nodes in between are fitted to it together: every one of them and every
/// prescribed member total exactly what they have to, nearest to what the bases say. Members of several later steps may be
/// prescribed, such as products and channels across all territories: each further step is fitted to the cells of the one
/// before. A member with a total below zero, such as a product of returns, holds nothing
/// above zero. Lots are kept where they are the same for all cells of the step. A stock may
/// have totals across members, and a balance for a period through which its path then goes; across periods balances do not
/// add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TotalDef {
    /// Where.
    pub at: Place,
    /// What it totals, where that is prescribed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Number>,
    /// What it totals at least, where that is bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// What it totals at most, where that is bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
}

impl TotalDef {
    pub(super) fn exactly(at: Place, total: Number) -> Self {
        Self {
            at,
            total: Some(total),
            min: None,
            max: None,
        }
    }
}
