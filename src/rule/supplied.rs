//! The names of the columns that a supply makes: a word and a colon before the rule or the metric of which they tell.

use super::Operand;
use super::operand::{Quiet, QuietTime};
use crate::key::{Key, KeyError};
use crate::panel::{ColumnKey, Role};

const BELOW: &str = "below";

fn word(time: QuietTime) -> &'static str {
    match time {
        QuietTime::Days => "quiet",
        QuietTime::WorkingDays => "quiet_working_days",
        QuietTime::WorkingTime => "quiet_working_time",
    }
}

/// Returns the key of the column of [`Operand::Below`]: `below:<rule>`.
pub(super) fn below_column(rule: &Key) -> Result<ColumnKey, KeyError> {
    ColumnKey::actual(&format!("{BELOW}:{rule}"))
}

/// Returns the key of the column of [`Operand::Quiet`]: `quiet:<metric>`, `quiet_working_days:<metric>` or
/// `quiet_working_time:<metric>`.
pub(super) fn quiet_column(quiet: &Quiet) -> Result<ColumnKey, KeyError> {
    let word = word(quiet.time);
    ColumnKey::actual(&format!("{word}:{}", quiet.of))
}

impl Operand {
    /// Returns the column that this operand is, if it is just one and its name can be a key.
    #[must_use]
    pub fn column(&self) -> Option<ColumnKey> {
        let (metric, role) = match self {
            Self::Metric(metric) => (metric, Role::Actual),
            Self::Target(metric) => (metric, Role::Target),
            Self::Expected(metric) => (metric, Role::Expected),
            Self::Projected(metric) => (metric, Role::Projected),
            Self::Below(rule) => return below_column(rule).ok(),
            Self::Quiet(quiet) => return quiet_column(quiet).ok(),
            _ => return None,
        };
        Some(ColumnKey {
            metric: metric.clone(),
            role,
        })
    }
}

/// Returns what a column says if a supply makes it.
pub(crate) fn supplied(column: &ColumnKey) -> Option<Operand> {
    let (word, of) = match column.role {
        Role::Actual => column.metric.as_str().split_once(':')?,
        _ => return None,
    };
    let of = Key::new(of).ok()?;
    if word == BELOW {
        return Some(Operand::Below(of));
    }
    let times = [
        QuietTime::Days,
        QuietTime::WorkingDays,
        QuietTime::WorkingTime,
    ];
    let time = times.into_iter().find(|time| self::word(*time) == word)?;
    Some(Operand::Quiet(Quiet { of, time }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> ColumnKey {
        text.parse().unwrap()
    }

    #[test]
    fn the_name_of_a_supplied_column_says_what_it_is_made_from() {
        for name in [
            "below:behind",
            "quiet:visits",
            "quiet_working_days:visits",
            "quiet_working_time:new visits",
        ] {
            let operand = supplied(&key(name)).unwrap();
            assert_eq!(operand.column(), Some(key(name)), "{name}");
        }
        for name in [
            "visits",
            "target:visits",
            "below:",
            "quiet: visits",
            "silent:visits",
        ] {
            assert_eq!(supplied(&key(name)), None, "{name}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_to_be_supplied_is_told() {
        let long = Key::new("x".repeat(Key::MAX_LEN)).unwrap();
        assert!(matches!(below_column(&long), Err(KeyError::TooLong { .. })));
        let condition = format!("missing(quiet({long}))").parse::<super::super::Condition>();
        assert!(condition.is_err());
    }
}
