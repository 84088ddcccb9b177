//! The patterns that run rules look for, and which of their points are flagged.

use serde::{Deserialize, Serialize};

/// A pattern of points on a control chart that chance seldom makes.
///
/// Beyond a distance means strictly beyond; a value on the centre is on neither side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Run {
    /// One point beyond three sigma (Western Electric 1, Nelson 1).
    BeyondThree,
    /// Two of three points beyond two sigma on the same side (Western Electric 2, Nelson 5).
    TwoOfThree,
    /// Four of five points beyond one sigma on the same side (Western Electric 3, Nelson 6).
    FourOfFive,
    /// So many points in a row on one side (8 in Western Electric 4, 9 in Nelson 2).
    OneSide(u8),
    /// Six points in a row rising, or falling, each beyond the one before (Nelson 3).
    SixTrending,
    /// Fourteen points in a row going up and down by turns (Nelson 4).
    FourteenAlternating,
    /// Fifteen points in a row within one sigma (Nelson 7). A point on the bound is within, except where every point of a
    /// pattern is flagged ([`Flagging::Every`]).
    FifteenWithin,
    /// Eight points in a row beyond one sigma, on both sides (Nelson 8 as qcc reads it).
    EightBeyondBoth,
    /// Eight points in a row beyond one sigma, on any side (Nelson 8 as most others read it).
    EightBeyondAny,
}

/// Which points of a pattern are flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Flagging {
    /// The last point, which must itself be beyond where the pattern is so many of so many (as qcc does). The default: an
    /// alarm belongs to the point that raises it.
    #[default]
    Last,
    /// The last point of every full window in which the pattern is seen, whatever that point is.
    Window,
    /// Every point that belongs to a pattern.
    Every,
}
