//! Targets that nearly everybody misses.

use super::{ReviewDef, line::PaceStatus, subject::SubjectReview};
use crate::{key::Key, statistics::BelowTarget};
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
        let known = lines().filter(|line| line.standing != PaceStatus::Unknown);
        let behind = lines().filter(|line| line.standing == PaceStatus::Behind);
        let (of, behind) = (known.count(), behind.count());
        let counted = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let missed = BelowTarget {
            known: counted(of),
            below: counted(behind),
        };
        if missed.suspect(2, def.alike) {
            suspicions.push(Suspicion {
                metric: pace.metric().clone(),
                behind,
                of,
            });
        }
    }
    suspicions
}
