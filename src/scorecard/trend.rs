//! Over the periods: improvement (进步情况) and streaks.

use serde::{Deserialize, Serialize};

use super::{Interval, Reading, ScorecardError};
use crate::measure::Unit;
use crate::panel::{Column, ColumnKey, Panel, Reason};
use crate::quantity::Quantum;

/// What a period without a number means for a streak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// It ends the streak. The default.
    #[default]
    Ends,
    /// It is passed over: it neither counts nor ends.
    Passes,
}

/// Returns how many periods in a row, the last one included, lie in a range.
///
/// ```
/// use quotaflow::quantity::Ratio;
/// use quotaflow::scorecard::{Gap, Interval, Reading, streak};
/// let months = [120, 90, 105, 101].map(|score| Reading::Value(Ratio::from(score)));
/// assert_eq!(streak(&months, &Interval::at_least(Ratio::from(100)), Gap::Ends), 2);
/// ```
#[must_use]
pub fn streak(readings: &[Reading], within: &Interval, gap: Gap) -> usize {
    let mut length = 0;
    for reading in readings.iter().rev() {
        match (reading, gap) {
            (Reading::Value(value), _) if within.contains(*value) => length += 1,
            (Reading::Missing(_), Gap::Passes) => {}
            (Reading::Value(_), _) | (Reading::Missing(_), Gap::Ends) => break,
        }
    }
    length
}

/// Returns how many periods in a row, the last one included, have risen over the one before.
#[must_use]
pub fn rising_streak(readings: &[Reading]) -> usize {
    readings
        .windows(2)
        .rev()
        .take_while(|pair| matches!((pair[0], pair[1]), (Reading::Value(before), Reading::Value(after)) if before < after))
        .count()
}

/// Returns a column of streaks: for each subject and period how many periods in a row, that one included, the figure of
/// a column has been in a range.
///
/// # Errors
/// [`ScorecardError::Panel`] for an unknown column.
pub fn streaks(
    panel: &Panel,
    of: &ColumnKey,
    within: &Interval,
    gap: Gap,
    key: ColumnKey,
) -> Result<Column, ScorecardError> {
    let column = panel.column(of)?;
    let subjects = panel.subjects().len();
    let mut lengths: Vec<i64> = Vec::with_capacity(column.len());
    for cell in 0..column.len() {
        let before = cell
            .checked_sub(subjects)
            .map_or(0, |before| lengths[before]);
        lengths.push(match (Reading::from(column.answer(cell)), gap) {
            (Reading::Value(value), _) if within.contains(value) => before + 1,
            (Reading::Missing(_), Gap::Passes) => before,
            (Reading::Value(_), _) | (Reading::Missing(_), Gap::Ends) => 0,
        });
    }
    Ok(Column::amounts(
        key,
        Unit::count("period").map_err(|_| ScorecardError::Empty { what: "unit" })?,
        Quantum::ONE,
        lengths,
    ))
}

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
    use crate::calendar::{Calendar, Grain};
    use crate::quantity::Ratio;
    use crate::space::Subjects;

    #[test]
    fn streaks_end_or_pass_over_gaps() {
        let value = |score: i64| Reading::Value(Ratio::from(score));
        let gap = Reading::Missing(Reason::NotApplicable);
        let months = [value(90), value(110), value(120), gap, value(100)];
        let hundred = Interval::at_least(Ratio::from(100));
        assert_eq!(
            (
                streak(&months, &hundred, Gap::Ends),
                streak(&months, &hundred, Gap::Passes)
            ),
            (1, 3)
        );
        assert_eq!(
            (rising_streak(&months), rising_streak(&months[..3])),
            (0, 2)
        );
        assert_eq!(improvement(months[0], months[1]), value(20));
        assert_eq!(improvement(gap, months[1]), gap);
    }

    #[test]
    fn a_column_of_streaks_says_what_each_period_would() {
        let span = Calendar::gregorian().periods(
            Grain::Month,
            "2026-01-01".parse().unwrap(),
            "2026-07-01".parse().unwrap(),
        );
        let mut panel = Panel::new(Subjects::whole(), span.unwrap());
        let key = ColumnKey::actual("score").unwrap();
        let states = [0, 0, 3, 0, 0, 0].map(|code| Reason::CELLS[code]);
        let column = Column::amounts(
            key.clone(),
            Unit::Point,
            Quantum::ONE,
            vec![100, 90, 0, 100, 101, 102],
        );
        panel.add(column.with_reasons(&states).unwrap()).unwrap();
        let readings: Vec<Reading> = (0..6)
            .map(|period| panel.answer(&key, 0, period).unwrap().into())
            .collect();
        let within = Interval::at_least(Ratio::from(100));
        for gap in [Gap::Ends, Gap::Passes] {
            let found = streaks(
                &panel,
                &key,
                &within,
                gap,
                ColumnKey::actual("streak").unwrap(),
            )
            .unwrap();
            for period in 0..6 {
                let expected = Ratio::new(
                    i128::try_from(streak(&readings[..=period], &within, gap)).unwrap(),
                    1,
                )
                .unwrap();
                assert_eq!(
                    found.answer(period).ratio().ok(),
                    Some(expected),
                    "{gap:?} {period}"
                );
            }
        }
    }
}
