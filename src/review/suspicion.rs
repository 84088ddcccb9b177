//! Figures that look made up.

use super::{ReviewDef, line::PaceStatus, subject::SubjectReview};
use crate::{key::Key, quantity::Ratio};
use serde::Serialize;

/// A metric that nearly every subject misses: the target is suspected before the people (大家都差不多).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suspicion {
    /// The metric.
    pub metric: Key,
    /// How many subjects are behind their pace.
    pub behind: usize,
    /// How many have a pace.
    pub of: usize,
}

/// The metrics that at least the stated share of subjects misses, where there are at least two subjects.
pub(super) fn suspicions(def: &ReviewDef, subjects: &[SubjectReview]) -> Vec<Suspicion> {
    let mut suspicions = Vec::new();
    for pace in &def.paces {
        let lines = || {
            subjects
                .iter()
                .flat_map(|subject| &subject.lines)
                .filter(|line| line.metric == *pace.metric())
        };
        let of = lines()
            .filter(|line| line.standing != PaceStatus::Unknown)
            .count();
        let behind = lines()
            .filter(|line| line.standing == PaceStatus::Behind)
            .count();
        let share = i128::try_from(behind)
            .ok()
            .zip(i128::try_from(of).ok())
            .and_then(|(top, bottom)| Ratio::new(top, bottom).ok());
        if of >= 2 && share.is_some_and(|share| share >= def.alike) {
            suspicions.push(Suspicion {
                metric: pace.metric().clone(),
                behind,
                of,
            });
        }
    }
    suspicions
}
