//! Dates that are excepted from what their day of the week says.

use chrono::NaiveDate;

use super::CalendarError;
use crate::key::Key;

/// The most dates that one definition may except.
const MAX_DATES: usize = 100_000;

/// Puts excepted dates in the order of time.
///
/// # Errors
/// [`CalendarError::TooManyExceptions`]; [`CalendarError::DuplicateException`] for a date that stands twice.
pub(super) fn in_order<T>(
    key: &Key,
    dates: &mut [T],
    date: impl Fn(&T) -> NaiveDate,
) -> Result<(), CalendarError> {
    if dates.len() > MAX_DATES {
        return Err(CalendarError::TooManyExceptions {
            exceptions: dates.len(),
            key: key.clone(),
        });
    }
    dates.sort_by_key(&date);
    let twice = dates
        .windows(2)
        .find(|pair| date(&pair[0]) == date(&pair[1]));
    match twice {
        None => Ok(()),
        Some(pair) => Err(CalendarError::DuplicateException {
            date: date(&pair[0]),
            key: key.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_dates_are_excepted_as_are_allowed_and_each_once() {
        let key = Key::new("days").unwrap();
        let dates = |count: usize| -> Vec<NaiveDate> {
            let first = NaiveDate::MIN;
            first.iter_days().take(count).collect()
        };
        let ordered = |mut dates: Vec<NaiveDate>| in_order(&key, &mut dates, |date| *date);
        assert_eq!(ordered(dates(MAX_DATES)), Ok(()));
        assert!(matches!(
            ordered(dates(MAX_DATES + 1)),
            Err(CalendarError::TooManyExceptions {
                exceptions: 100_001,
                ..
            })
        ));
        let twice = [dates(2), dates(1)].concat();
        assert!(matches!(
            ordered(twice),
            Err(CalendarError::DuplicateException { .. })
        ));
    }
}
