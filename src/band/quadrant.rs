//! Process beside result: earned, lucky, unlucky, failing.

use serde::{Deserialize, Serialize};

use crate::quantity::Ratio;

/// Where process and result meet: because results lag behind the work, both have to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quadrant {
    /// Neither the work nor the result is there.
    Failing,
    /// The work is there, the result not yet: look at the target, the market or the method.
    Unlucky,
    /// The result is there without the work: it will not last.
    Lucky,
    /// Both are there.
    Earned,
}

impl Quadrant {
    /// All four, from the worst.
    pub const ALL: [Self; 4] = [Self::Failing, Self::Unlucky, Self::Lucky, Self::Earned];

    /// Returns where somebody stands whose process and result are these, each good from its mark on, the mark included.
    ///
    /// # Errors
    /// The reason why one of the two is not known; that of the process where neither is.
    ///
    /// ```
    /// use quotaflow::band::Quadrant;
    /// use quotaflow::quantity::Ratio;
    /// let percent = Ratio::percent;
    /// let known = |percent: i32| Ok::<_, &str>(Ratio::percent(percent));
    /// assert_eq!(Quadrant::of(known(60), percent(80), known(110), percent(100)), Ok(Quadrant::Lucky));
    /// assert_eq!(Quadrant::of(Err("no visits planned"), percent(80), known(110), percent(100)), Err("no visits planned"));
    /// ```
    pub fn of<R>(
        process: Result<Ratio, R>,
        good_process: Ratio,
        result: Result<Ratio, R>,
        good_result: Ratio,
    ) -> Result<Self, R> {
        Ok(match (process? >= good_process, result? >= good_result) {
            (true, true) => Self::Earned,
            (false, true) => Self::Lucky,
            (true, false) => Self::Unlucky,
            (false, false) => Self::Failing,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_that_is_just_met_is_met() {
        let mark = Ratio::percent(80);
        let at = |process, result| {
            Quadrant::of(
                Ok::<_, ()>(Ratio::percent(process)),
                mark,
                Ok(Ratio::percent(result)),
                mark,
            )
        };
        assert_eq!(at(80, 80), Ok(Quadrant::Earned));
        assert_eq!(at(79, 80), Ok(Quadrant::Lucky));
        assert_eq!(at(80, 79), Ok(Quadrant::Unlucky));
        assert_eq!(at(79, 79), Ok(Quadrant::Failing));
        assert_eq!(Quadrant::of(Ok(mark), mark, Err("late"), mark), Err("late"));
        assert_eq!(
            Quadrant::of(Err("early"), mark, Err("late"), mark),
            Err("early")
        );
    }
}
