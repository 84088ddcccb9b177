//! Traffic lights, and the quadrant of process and result.

use serde::{Deserialize, Serialize};

use super::Reading;
use crate::quantity::Ratio;

/// A traffic light (红黄绿灯), from the worst to the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Act now.
    Red,
    /// Watch.
    Yellow,
    /// On course.
    Green,
}

impl Light {
    /// Returns the worst of several lights, if there is any.
    #[must_use]
    pub fn worst(lights: impl IntoIterator<Item = Self>) -> Option<Self> {
        lights.into_iter().min()
    }
}

/// Where process and result meet: because results lag behind the work, both have to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quadrant {
    /// Neither the work nor the result is there.
    Failing,
    /// The work is there, the result not yet.
    Unlucky,
    /// The result is there without the work: it will not last.
    Lucky,
    /// Both are there.
    Earned,
}

/// Returns the quadrant of a process score and a result score, each good from its own mark on; none where one is missing.
///
/// ```
/// use quotaflow::quantity::Ratio;
/// use quotaflow::scorecard::{Quadrant, Reading, quadrant};
/// let score = |points: i64| Reading::Value(Ratio::from(points));
/// let mark = Ratio::from(80);
/// assert_eq!(quadrant(score(60), mark, score(105), mark), Some(Quadrant::Lucky));
/// ```
#[must_use]
pub fn quadrant(
    process: Reading,
    good_process: Ratio,
    result: Reading,
    good_result: Ratio,
) -> Option<Quadrant> {
    Some(
        match (
            process.value()? >= good_process,
            result.value()? >= good_result,
        ) {
            (true, true) => Quadrant::Earned,
            (false, true) => Quadrant::Lucky,
            (true, false) => Quadrant::Unlucky,
            (false, false) => Quadrant::Failing,
        },
    )
}
