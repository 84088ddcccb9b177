//! Forced distribution (强制分布): so many of each grade, in whole persons.

use crate::panel::Reason;
use serde::{Deserialize, Serialize};

use super::ScorecardError;
use super::curve::bounded;
use super::scorecard::unique;
use crate::allocation::{Method, WeightPolicy, Weights, allocate};
use crate::key::Key;
use crate::quantity::Ratio;

/// The share of each grade, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeQuota {
    /// The grade.
    pub grade: Key,
    /// Its share of all who have a score; the shares make 1.
    pub share: Ratio,
}

/// What happens to equals where the line between two grades runs through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// All of them get the better grade; it may then have more than its quota, and the next ones fewer. The default.
    #[default]
    Better,
    /// All of them get the worse grade.
    Worse,
    /// The quota decides, in declared order: exact, and to be used only where the order is no accident.
    Declared,
}

/// Shares of grades, the best first, with whole-number quotas.
///
/// ```
/// use quotaflow::key::Key;
/// use quotaflow::quantity::Ratio;
/// use quotaflow::scorecard::{Boundary, ForcedDistribution, GradeQuota};
/// let quota = |grade: &str, percent| -> Result<_, quotaflow::key::KeyError> {
///     Ok(GradeQuota { grade: Key::new(grade)?, share: Ratio::percent(percent) })
/// };
/// let forced = ForcedDistribution::new(vec![quota("A", 20)?, quota("B", 70)?, quota("C", 10)?], Boundary::Better)?;
/// // Of 14: 2.8, 9.8 and 1.4.
/// assert_eq!(forced.quotas(14)?, [3, 10, 1]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "DistributionDef", into = "DistributionDef")]
pub struct ForcedDistribution {
    quotas: Vec<GradeQuota>,
    boundary: Boundary,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DistributionDef {
    quotas: Vec<GradeQuota>,
    #[serde(default)]
    boundary: Boundary,
}

/// Who got which grade in a forced distribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distributed {
    /// The grade of each score, in the order in which they were given; none where there is no score.
    pub grades: Vec<Option<Key>>,
    /// How many should have each grade and how many have it, the best first.
    pub counts: Vec<GradeCount>,
}

/// How often a grade should be given and is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeCount {
    /// The grade.
    pub grade: Key,
    /// How many should have it.
    pub quota: usize,
    /// How many have it.
    pub given: usize,
}

impl ForcedDistribution {
    /// Checks and keeps the shares, the best grade first.
    ///
    /// # Errors
    /// [`ScorecardError::Empty`], [`ScorecardError::Duplicate`], [`ScorecardError::NegativeWeight`],
    /// [`ScorecardError::Weights`] unless the shares make 1.
    pub fn new(quotas: Vec<GradeQuota>, boundary: Boundary) -> Result<Self, ScorecardError> {
        if quotas.is_empty() {
            return Err(ScorecardError::Empty { what: "grade" });
        }
        unique("grade", quotas.iter().map(|quota| &quota.grade))?;
        let mut sum = Ratio::ZERO;
        for quota in &quotas {
            if bounded(quota.share)?.is_negative() {
                return Err(ScorecardError::NegativeWeight {
                    weight: quota.share,
                });
            }
            sum = sum
                .checked_add(quota.share)
                .map_err(|_| ScorecardError::TooFine)?;
        }
        if sum != Ratio::ONE {
            return Err(ScorecardError::Weights {
                of: "the grades".to_owned(),
                sum,
            });
        }
        Ok(Self { quotas, boundary })
    }

    /// Returns the shares.
    #[must_use]
    pub fn shares(&self) -> &[GradeQuota] {
        &self.quotas
    }

    /// Returns how many of `count` get each grade, by largest remainder.
    ///
    /// # Errors
    /// [`ScorecardError::Allocation`].
    pub fn quotas(&self, count: usize) -> Result<Vec<usize>, ScorecardError> {
        let shares: Vec<Ratio> = self.quotas.iter().map(|quota| quota.share).collect();
        let weights = Weights::new(&shares, WeightPolicy::ALLOCATE)?;
        let total = i64::try_from(count).unwrap_or(i64::MAX);
        let split = allocate(total, &weights, Method::LargestRemainder)?;
        Ok(split
            .shares()
            .iter()
            .map(|quota| usize::try_from(*quota).unwrap_or(0))
            .collect())
    }

    /// Gives every subject with a score its grade, the highest scores first.
    ///
    /// # Errors
    /// [`ScorecardError::Allocation`].
    pub fn assign(&self, scores: &[Result<Ratio, Reason>]) -> Result<Distributed, ScorecardError> {
        let mut order: Vec<(Ratio, usize)> = scores
            .iter()
            .enumerate()
            .filter_map(|(subject, score)| Some((score.ok()?, subject)))
            .collect();
        order.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(&right.1)));
        let quotas = self.quotas(order.len())?;
        // ends[g] is how many have grade g or a better one, were there no equals.
        let ends: Vec<usize> = quotas
            .iter()
            .scan(0, |sum, quota| {
                *sum += quota;
                Some(*sum)
            })
            .collect();
        let grade_at = |position: usize| ends.partition_point(|end| *end <= position);
        let mut grades = vec![None; scores.len()];
        let mut given = vec![0; quotas.len()];
        let mut start = 0;
        while start < order.len() {
            let same = order[start..]
                .iter()
                .take_while(|(score, _)| *score == order[start].0)
                .count();
            for (offset, (_, subject)) in order[start..start + same].iter().enumerate() {
                let grade = grade_at(match self.boundary {
                    Boundary::Better => start,
                    Boundary::Worse => start + same - 1,
                    Boundary::Declared => start + offset,
                });
                grades[*subject] = Some(self.quotas[grade].grade.clone());
                given[grade] += 1;
            }
            start += same;
        }
        let counts = self.quotas.iter().zip(quotas).zip(given);
        let counts = counts.map(|((GradeQuota { grade, .. }, quota), given)| GradeCount {
            grade: grade.clone(),
            quota,
            given,
        });
        Ok(Distributed {
            grades,
            counts: counts.collect(),
        })
    }
}

impl TryFrom<DistributionDef> for ForcedDistribution {
    type Error = ScorecardError;

    fn try_from(def: DistributionDef) -> Result<Self, ScorecardError> {
        Self::new(def.quotas, def.boundary)
    }
}

impl From<ForcedDistribution> for DistributionDef {
    fn from(forced: ForcedDistribution) -> Self {
        Self {
            quotas: forced.quotas,
            boundary: forced.boundary,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::Reason;
    use proptest::prelude::*;

    fn forced(percents: &[i32], boundary: Boundary) -> Result<ForcedDistribution, ScorecardError> {
        let quotas = percents
            .iter()
            .enumerate()
            .map(|(place, percent)| GradeQuota {
                grade: Key::new(format!("g{place}")).unwrap(),
                share: Ratio::percent(*percent),
            });
        ForcedDistribution::new(quotas.collect(), boundary)
    }

    #[test]
    fn equals_on_the_line_get_what_the_rule_says() {
        let scores: Vec<Result<Ratio, Reason>> = [90, 80, 80, 80, 60]
            .map(|score| Ok(Ratio::from(score)))
            .to_vec();
        let grades = |boundary| {
            let found = forced(&[40, 40, 20], boundary)
                .unwrap()
                .assign(&scores)
                .unwrap();
            (
                found
                    .grades
                    .into_iter()
                    .map(|grade| grade.unwrap().to_string())
                    .collect::<Vec<_>>()
                    .join(" "),
                found.counts.iter().map(|count| count.given).collect(),
            )
        };
        assert_eq!(
            grades(Boundary::Better),
            ("g0 g0 g0 g0 g2".to_owned(), vec![4, 0, 1])
        );
        assert_eq!(
            grades(Boundary::Worse),
            ("g0 g1 g1 g1 g2".to_owned(), vec![1, 3, 1])
        );
        assert_eq!(
            grades(Boundary::Declared),
            ("g0 g0 g1 g1 g2".to_owned(), vec![2, 2, 1])
        );
    }

    #[test]
    fn shares_have_to_make_the_whole() {
        assert!(matches!(
            forced(&[20, 70], Boundary::Better),
            Err(ScorecardError::Weights { .. })
        ));
        assert!(matches!(
            forced(&[120, -20], Boundary::Better),
            Err(ScorecardError::NegativeWeight { .. })
        ));
        assert!(forced(&[], Boundary::Better).is_err());
        let one = forced(&[20, 70, 10], Boundary::Worse).unwrap();
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(
            serde_json::from_str::<ForcedDistribution>(&text).unwrap(),
            one
        );
        let nobody = one.assign(&[Err(Reason::NotYetDue)]).unwrap();
        let quotas: Vec<usize> = nobody.counts.iter().map(|count| count.quota).collect();
        assert_eq!((nobody.grades, quotas), (vec![None], vec![0, 0, 0]));
    }

    proptest! {
        #[test]
        fn a_better_score_never_gets_a_worse_grade(values in proptest::collection::vec(0_i64..12, 0..40), cut in 0_i32..=100, boundary in 0_usize..3) {
            let boundary = [Boundary::Better, Boundary::Worse, Boundary::Declared][boundary];
            let scores: Vec<Result<Ratio, Reason>> = values.iter().map(|value| Ok(Ratio::from(*value))).collect();
            let found = forced(&[cut, 100 - cut], boundary).unwrap().assign(&scores).unwrap();
            prop_assert_eq!(found.counts.iter().map(|count| count.given).sum::<usize>(), scores.len());
            prop_assert_eq!(found.counts.iter().map(|count| count.quota).sum::<usize>(), scores.len());
            for (place, count) in found.counts.iter().enumerate() {
                prop_assert_eq!(count.grade.to_string(), format!("g{place}"));
                prop_assert!(boundary != Boundary::Declared || count.given == count.quota);
                let given = found.grades.iter().flatten().filter(|grade| **grade == count.grade);
                prop_assert_eq!(given.count(), count.given);
            }
            for (a, x) in values.iter().enumerate() {
                for (b, y) in values.iter().enumerate() {
                    prop_assert!(x <= y || found.grades[a] <= found.grades[b]);
                    prop_assert!(x != y || boundary == Boundary::Declared || found.grades[a] == found.grades[b]);
                }
            }
        }
    }
}
