//! What a share may be: minima, maxima, held values, and the lots in which it is counted.

use super::lot::Lot;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::AllocationError;

/// The range that one member's share may take, in quanta.
///
/// A member without a minimum is kept from going below zero when the total is positive (above zero when it is negative);
/// a minimum below zero permits that.
///
/// ```
/// use quotaflow::allocation::Bound;
/// let bound: Bound = serde_json::from_str(r#"{"minimum":5,"maximum":9}"#).map_err(quotaflow::Error::unreadable)?;
/// assert_eq!(bound, Bound::between(5, 9)?);
/// assert!(serde_json::from_str::<Bound>(r#"{"minimum":9,"maximum":5}"#).is_err());
/// assert!(serde_json::from_str::<Bound>(r#"{"held":9,"maximum":9}"#).is_err());
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "RawBound", into = "RawBound")]
pub struct Bound(Range);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Range {
    Between {
        minimum: Option<i64>,
        maximum: Option<i64>,
    },
    Held(i64),
}

impl Default for Range {
    fn default() -> Self {
        Self::Between {
            minimum: None,
            maximum: None,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBound {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    minimum: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maximum: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<i64>,
}

impl Bound {
    /// Any share.
    pub const FREE: Self = Self(Range::Between {
        minimum: None,
        maximum: None,
    });

    /// Returns the bound of a share that is at least this.
    #[must_use]
    pub const fn at_least(minimum: i64) -> Self {
        Self(Range::Between {
            minimum: Some(minimum),
            maximum: None,
        })
    }

    /// Returns the bound of a share that is at most this.
    #[must_use]
    pub const fn at_most(maximum: i64) -> Self {
        Self(Range::Between {
            minimum: None,
            maximum: Some(maximum),
        })
    }

    /// Returns the bound of a share in this range, ends included.
    ///
    /// # Errors
    /// [`AllocationError::CrossedBounds`] when the minimum is above the maximum.
    pub const fn between(minimum: i64, maximum: i64) -> Result<Self, AllocationError> {
        if minimum > maximum {
            return Err(AllocationError::CrossedBounds { minimum, maximum });
        }
        Ok(Self(Range::Between {
            minimum: Some(minimum),
            maximum: Some(maximum),
        }))
    }

    /// Returns the bound of a share that does not move. A held share need not be a whole number of lots.
    #[must_use]
    pub const fn held(share: i64) -> Self {
        Self(Range::Held(share))
    }

    /// Returns the minimum; a held share is its own.
    #[must_use]
    pub const fn minimum(self) -> Option<i64> {
        match self.0 {
            Range::Between { minimum, .. } => minimum,
            Range::Held(share) => Some(share),
        }
    }

    /// Returns the maximum; a held share is its own.
    #[must_use]
    pub const fn maximum(self) -> Option<i64> {
        match self.0 {
            Range::Between { maximum, .. } => maximum,
            Range::Held(share) => Some(share),
        }
    }

    /// Returns the share that is held, if one is.
    #[must_use]
    pub const fn hold(self) -> Option<i64> {
        match self.0 {
            Range::Between { .. } => None,
            Range::Held(share) => Some(share),
        }
    }

    /// Says whether a share is inside the bound.
    #[must_use]
    pub fn admits(self, share: i64) -> bool {
        self.minimum().is_none_or(|minimum| minimum <= share)
            && self.maximum().is_none_or(|maximum| share <= maximum)
    }
}

impl TryFrom<RawBound> for Bound {
    type Error = AllocationError;

    fn try_from(raw: RawBound) -> Result<Self, AllocationError> {
        match raw {
            RawBound {
                held: Some(share),
                minimum: None,
                maximum: None,
            } => Ok(Self::held(share)),
            RawBound { held: Some(_), .. } => Err(AllocationError::HeldAndBounded),
            RawBound {
                minimum: Some(minimum),
                maximum: Some(maximum),
                ..
            } => Self::between(minimum, maximum),
            RawBound {
                minimum, maximum, ..
            } => Ok(Self(Range::Between { minimum, maximum })),
        }
    }
}

impl From<Bound> for RawBound {
    fn from(bound: Bound) -> Self {
        match bound.0 {
            Range::Between { minimum, maximum } => Self {
                minimum,
                maximum,
                held: None,
            },
            Range::Held(share) => Self {
                minimum: None,
                maximum: None,
                held: Some(share),
            },
        }
    }
}

impl Lot {
    /// Returns the lot of this many quanta.
    ///
    /// # Errors
    /// [`AllocationError::EmptyLot`] for zero.
    pub fn new(quanta: u32) -> Result<Self, AllocationError> {
        NonZeroU32::new(quanta)
            .map(Self)
            .ok_or(AllocationError::EmptyLot)
    }
}

/// The lots in which the shares of one amount are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lots {
    /// The same for every member.
    Every(Lot),
    /// Each member's own, in declared order. Of any two, one must divide the other.
    Each(Vec<Lot>),
}

impl Lots {
    /// Single quanta for everybody.
    pub const ONE: Self = Self::Every(Lot::ONE);

    /// Returns the lot of a member.
    #[must_use]
    pub fn get(&self, member: usize) -> Option<Lot> {
        match self {
            Self::Every(lot) => Some(*lot),
            Self::Each(lots) => lots.get(member).copied(),
        }
    }
}

impl Default for Lots {
    fn default() -> Self {
        Self::ONE
    }
}
