//! Whether a plan holds.

/// Fails a test where a [`Plan`](crate::plan::Plan) does not hold, and says at which place, the first of those furthest down: every sum,
/// hold, bound, lot and over-assignment is checked, as [`Plan::verify`](crate::plan::Plan::verify) does.
#[macro_export]
macro_rules! assert_consistent {
    ($plan:expr) => {{
        let plan = &$plan;
        let plan: &$crate::plan::Plan = plan;
        let found = plan.verify().into_iter().rev();
        if let Some(found) = found.max_by_key(|one| one.place.keys().len()) {
            panic!(
                "{}: `{}` is {} and should be {} ({:?})",
                found.place, found.measure, found.found, found.expected, found.law
            );
        }
    }};
}
