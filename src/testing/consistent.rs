//! Whether a plan holds.

use crate::plan::{Discrepancy, Plan};

/// Returns the smallest place of a plan that does not hold: of all sums, holds, bounds, lots and over-assignments that are not what they
/// should be, the first of those furthest down. [`assert_consistent!`](crate::assert_consistent) fails with it.
#[must_use]
pub fn inconsistency(plan: &Plan) -> Option<Discrepancy> {
    let mut found = plan.verify();
    found.sort_by_key(|one| std::cmp::Reverse(one.place.keys().len()));
    found.into_iter().next()
}

/// Fails a test where a plan does not hold, and says at which place: every sum, hold, bound and lot is checked.
#[macro_export]
macro_rules! assert_consistent {
    ($plan:expr) => {{
        let plan = &$plan;
        if let Some(found) = $crate::testing::inconsistency(plan) {
            panic!(
                "{} of the plan should be {} at {} and is {} ({:?})",
                found.measure, found.expected, found.place, found.found, found.law
            );
        }
    }};
}
