//! Over the periods: improvement (进步情况).
use crate::panel::Reason;
use crate::quantity::Ratio;

/// Returns the change from one score to the next; the first reason where one of them is missing.
///
/// # Errors
/// The first reason.
pub fn improvement(
    before: Result<Ratio, Reason>,
    after: Result<Ratio, Reason>,
) -> Result<Ratio, Reason> {
    match (before, after) {
        (Ok(before), Ok(after)) => after.checked_sub(before).map_err(|_| Reason::OutOfRange),
        (missing @ Err(_), _) | (_, missing) => missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Ratio;

    #[test]
    fn an_improvement_is_the_change_between_two_scores_or_the_reason_why_there_is_none() {
        let value = |score: i64| Ok(Ratio::from(score));
        let missing = Err(Reason::NotApplicable);
        assert_eq!(improvement(value(90), value(110)), value(20));
        assert_eq!(improvement(missing, value(110)), missing);
        assert_eq!(improvement(value(110), missing), missing);
    }
}
