//! Over the periods: improvement (进步情况).

use super::Reading;
use crate::panel::Reason;

/// Returns the change from one score to the next; the first reason where one of them is missing.
#[must_use]
pub fn improvement(before: Reading, after: Reading) -> Reading {
    match (before, after) {
        (Reading::Value(before), Reading::Value(after)) => after
            .checked_sub(before)
            .map_or(Reading::Missing(Reason::OutOfRange), Reading::Value),
        (missing @ Reading::Missing(_), _) | (_, missing) => missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Ratio;

    #[test]
    fn an_improvement_is_the_change_between_two_scores_or_the_reason_why_there_is_none() {
        let value = |score: i64| Reading::Value(Ratio::from(score));
        let missing = Reading::Missing(Reason::NotApplicable);
        assert_eq!(improvement(value(90), value(110)), value(20));
        assert_eq!(improvement(missing, value(110)), missing);
        assert_eq!(improvement(value(110), missing), missing);
    }
}
