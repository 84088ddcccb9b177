//! Calibration: making the scores of teams with strict and lenient leaders comparable.

use serde::{Deserialize, Serialize};

use super::rollup::same_length;
use super::{Precision, ScorecardError};
use crate::panel::Reason;
use crate::quantity::{QuantityError, Ratio};
use crate::space::TreeRows;

/// How the scores of a team are moved to the mean of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Calibration {
    /// Everybody gets the difference between the mean of all and the mean of the team.
    Shift,
    /// Everybody is multiplied by the mean of all over the mean of the team; a team whose mean is zero has no base.
    Scale,
}

/// Scores after calibration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibrated {
    /// The calibrated scores.
    #[serde(with = "crate::panel::written")]
    pub scores: Vec<Result<Ratio, Reason>>,
    /// The mean of all before.
    #[serde(with = "crate::panel::written")]
    pub mean: Result<Ratio, Reason>,
    /// The mean of each team before, in the order of the rows above; no base where nobody has a score.
    #[serde(with = "crate::panel::written")]
    pub teams: Vec<Result<Ratio, Reason>>,
}

impl Calibration {
    /// Calibrates the scores of rows: `teams` says which row above is each one's team ([`Tree::rows`](crate::space::Tree::rows)); a row
    /// without team keeps its score and is not counted.
    ///
    /// Each result is rounded once; the order within a team does not change, except that rounding may make equals.
    ///
    /// # Errors
    /// [`ScorecardError::Shape`] unless there is one score for each row.
    ///
    /// ```
    /// use quotaflow::quantity::Ratio;
    /// use quotaflow::scorecard::{Calibration, Precision};
    /// use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};
    /// let def = DimensionDef::new("person", &["team", "person"])?.member("team", "north")?.member("team", "south")?;
    /// let def = def.child("person", "ann", "north")?.child("person", "bo", "north")?;
    /// let people = Dimension::new(def.child("person", "cai", "south")?.child("person", "di", "south")?)?;
    /// let rows = |level: &str, keys: &[&str]| {
    ///     let keys = keys.iter().map(|key| (*key).try_into()).collect::<Result<_, _>>()?;
    ///     Ok::<_, quotaflow::Error>(Subjects::new(Axis::new("person", level)?, keys)?)
    /// };
    /// let (persons, leaders) = (rows("person", &["ann", "bo", "cai", "di"])?, rows("team", &["north", "south"])?);
    /// let teams = people.tree("person")?.rows(&persons, &leaders, "2026-03-31".parse()?);
    /// let scores = [60, 80, 90, 110].map(|score| Ok(Ratio::from(score)));
    /// let even = Calibration::Shift.calibrate(&scores, &teams, Precision::default())?;
    /// assert_eq!(even.scores, [75, 95, 75, 95].map(|score| Ok(Ratio::from(score))));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    pub fn calibrate(
        self,
        scores: &[Result<Ratio, Reason>],
        teams: &TreeRows,
        precision: Precision,
    ) -> Result<Calibrated, ScorecardError> {
        same_length("rows", teams.len(), scores.len())?;
        let team_of = || teams.below().ids().map(|row| teams.parent(row));
        let mut within: Vec<Vec<Ratio>> = vec![Vec::new(); teams.above().len()];
        let mut counted = Vec::new();
        for (score, team) in scores.iter().zip(team_of()) {
            if let (Ok(score), Some(team)) = (score, team) {
                within[team.index()].push(*score);
                counted.push(*score);
            }
        }
        let mean = mean(&counted);
        let means: Vec<Result<Ratio, Reason>> =
            within.iter().map(|scores| self::mean(scores)).collect();
        let moved = |score: Ratio, of: Ratio, all: Ratio| match self {
            Self::Shift => score.checked_add(all.checked_sub(of)?),
            Self::Scale => score.checked_mul(all)?.checked_div(of),
        };
        let calibrated = scores.iter().zip(team_of()).map(|(score, team)| {
            let (Ok(value), Some(team)) = (score, team) else {
                return *score;
            };
            match (means[team.index()], mean) {
                (Ok(of), Ok(all)) => match moved(*value, of, all) {
                    Ok(value) => precision.round(value).ok_or(Reason::OutOfRange),
                    Err(QuantityError::ZeroDenominator) => Err(Reason::NoBase),
                    Err(_) => Err(Reason::OutOfRange),
                },
                (missing @ Err(_), _) | (_, missing) => missing,
            }
        });
        Ok(Calibrated {
            scores: calibrated.collect(),
            mean,
            teams: means,
        })
    }
}

/// Returns the exact mean, or that there is no base.
pub(crate) fn mean(values: &[Ratio]) -> Result<Ratio, Reason> {
    let count = i128::try_from(values.len()).unwrap_or(i128::MAX);
    let sum = values
        .iter()
        .try_fold(Ratio::ZERO, |sum, value| sum.checked_add(*value));
    match sum.and_then(|sum| sum.checked_div(Ratio::new(count, 1)?)) {
        Ok(mean) => Ok(mean),
        Err(QuantityError::ZeroDenominator) => Err(Reason::NoBase),
        Err(_) => Err(Reason::OutOfRange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scorecard::rollup::in_groups;

    #[test]
    fn scaling_needs_a_mean_and_strangers_keep_their_score() {
        let value = |score: i64| Ok(Ratio::from(score));
        let late = Err(Reason::NotYetDue);
        let scores = [value(40), value(60), value(0), value(7), late];
        let teams = in_groups(&[Some(0), Some(0), Some(1), None, Some(0)], 3);
        let found = Calibration::Scale
            .calibrate(&scores, &teams, Precision::default())
            .unwrap();
        // The mean of all is 100 / 3, of the first team 50.
        let rounded = |text: &str| Ok(text.parse().unwrap());
        assert_eq!(
            found.scores,
            [
                rounded("26.6667"),
                value(40),
                Err(Reason::NoBase),
                value(7),
                late
            ]
        );
        assert_eq!(found.teams, [value(50), value(0), Err(Reason::NoBase)]);
        assert!(
            Calibration::Shift
                .calibrate(&scores[1..], &teams, Precision::default())
                .is_err()
        );
    }
}
