//! Rolling up: from persons to teams, territories and departments.
//!
//! Two ways, and they differ: [`RollUp`] combines the scores of the children; [`rolled`] adds up their figures, so that
//! the same card scores the parent on what its children did together.

use serde::{Deserialize, Serialize};

use super::{Interval, Reading, ScorecardError};
use crate::panel::{Column, Figures, Panel, State};
use crate::quantity::{QuantityError, Ratio};
use crate::space::Subjects;

/// How the scores of children make the score of their parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RollUp {
    /// The mean, weighted where weights are given.
    Mean,
    /// The lowest: a chain is as strong as its weakest link.
    Worst,
    /// The highest.
    Best,
    /// How many lie in a range.
    Count(Interval),
    /// The share that lies in a range.
    Share(Interval),
}

/// What a child without a score means for its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingChild {
    /// The others stand for it. The default.
    #[default]
    LeaveOut,
    /// It counts as zero.
    Zero,
    /// The parent has no score either.
    Spreads,
}

impl RollUp {
    /// Returns the scores of `parents` parents from those of their children: `parent_of` names each child's parent, none
    /// where it has none, and `weights` weigh them (equal where there are none).
    ///
    /// A parent without a child that counts has no base.
    ///
    /// # Errors
    /// [`ScorecardError::Shape`] when the lists differ in length or a parent is beyond the last;
    /// [`ScorecardError::NegativeWeight`].
    ///
    /// ```
    /// use quotaflow::quantity::Ratio;
    /// use quotaflow::scorecard::{MissingChild, Reading, RollUp};
    /// let scores = [34, 50, 75].map(|score| Reading::Value(Ratio::from(score)));
    /// let team = RollUp::Mean.roll(&scores, &[Some(0); 3], 1, None, MissingChild::LeaveOut)?;
    /// assert_eq!(team, [Reading::Value(Ratio::from(53))]);
    /// # Ok::<(), quotaflow::scorecard::ScorecardError>(())
    /// ```
    pub fn roll(
        self,
        children: &[Reading],
        parent_of: &[Option<usize>],
        parents: usize,
        weights: Option<&[Ratio]>,
        missing: MissingChild,
    ) -> Result<Vec<Reading>, ScorecardError> {
        check_parents(children.len(), parent_of, parents)?;
        if let Some(weights) = weights {
            same_length("weights", children.len(), weights.len())?;
            if let Some(weight) = weights.iter().find(|weight| weight.is_negative()) {
                return Err(ScorecardError::NegativeWeight { weight: *weight });
            }
        }
        let mut sums = vec![Sum::default(); parents];
        for (child, parent) in parent_of.iter().enumerate() {
            let Some(parent) = parent else { continue };
            let value = match (children[child], missing) {
                (Reading::Value(value), _) => value,
                (Reading::Missing(_), MissingChild::LeaveOut) => continue,
                (Reading::Missing(_), MissingChild::Zero) => Ratio::ZERO,
                (Reading::Missing(state), MissingChild::Spreads) => {
                    sums[*parent].missing.get_or_insert(state);
                    continue;
                }
            };
            let weight = weights.map_or(Ratio::ONE, |weights| weights[child]);
            if self.add(&mut sums[*parent], value, weight).is_err() {
                sums[*parent].missing.get_or_insert(State::OutOfRange);
            }
        }
        Ok(sums.iter().map(|sum| self.result(sum)).collect())
    }

    fn add(self, sum: &mut Sum, value: Ratio, weight: Ratio) -> Result<(), QuantityError> {
        sum.children += 1;
        sum.weight = sum.weight.checked_add(weight)?;
        match self {
            Self::Mean => sum.total = sum.total.checked_add(value.checked_mul(weight)?)?,
            Self::Worst => sum.end = Some(sum.end.map_or(value, |end| end.min(value))),
            Self::Best => sum.end = Some(sum.end.map_or(value, |end| end.max(value))),
            Self::Count(range) | Self::Share(range) => {
                if range.contains(value) {
                    sum.total = sum.total.checked_add(Ratio::ONE)?;
                }
            }
        }
        Ok(())
    }

    fn result(self, sum: &Sum) -> Reading {
        if let Some(state) = sum.missing {
            return Reading::Missing(state);
        }
        if sum.children == 0 {
            return Reading::Missing(State::NoBase);
        }
        let found = match self {
            Self::Mean => sum.total.checked_div(sum.weight),
            Self::Worst | Self::Best => sum.end.ok_or(QuantityError::ZeroDenominator),
            Self::Count(_) => Ok(sum.total),
            Self::Share(_) => Ratio::new(i128::from(sum.children), 1)
                .and_then(|count| sum.total.checked_div(count)),
        };
        match found {
            Ok(value) => Reading::Value(value),
            Err(QuantityError::ZeroDenominator) => Reading::Missing(State::NoBase),
            Err(_) => Reading::Missing(State::OutOfRange),
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Sum {
    children: u64,
    weight: Ratio,
    total: Ratio,
    end: Option<Ratio>,
    missing: Option<State>,
}

/// Returns the panel of the parents: every column with the figures of their children added up, quotients part by part.
///
/// A child whose figure is not applicable is left out; any other reason for having no figure is the parent's too, and a
/// parent without children has figures that are not applicable. The column is meaningful for what adds up over members;
/// a rating has to be rolled up by [`RollUp`].
///
/// # Errors
/// [`ScorecardError::Shape`] when `parent_of` does not name a parent, or none, for each subject.
pub fn rolled(
    panel: &Panel,
    parents: Subjects,
    parent_of: &[Option<usize>],
) -> Result<Panel, ScorecardError> {
    check_parents(panel.subjects().len(), parent_of, parents.len())?;
    let (count, periods) = (parents.len(), panel.periods().len());
    let mut result = Panel::new(parents, panel.periods().clone());
    for column in panel.columns() {
        result.add(rolled_column(column, parent_of, count, periods)?)?;
    }
    Ok(result)
}

fn rolled_column(
    column: &Column,
    parent_of: &[Option<usize>],
    parents: usize,
    periods: usize,
) -> Result<Column, ScorecardError> {
    let mut tops = vec![0_i128; parents * periods];
    let mut bottoms = vec![0_i128; parents * periods];
    let mut states = vec![State::NotApplicable; parents * periods];
    for period in 0..periods {
        for (child, parent) in parent_of.iter().enumerate() {
            let Some(parent) = parent else { continue };
            let (from, to) = (period * parent_of.len() + child, period * parents + parent);
            match column.states()[from] {
                State::NotApplicable => {}
                State::Value => {
                    if states[to] == State::NotApplicable {
                        states[to] = State::Value;
                    }
                    match column.figures() {
                        Figures::Amounts { units, .. } => tops[to] += i128::from(units[from]),
                        Figures::Quotients {
                            numerators,
                            denominators,
                            ..
                        } => {
                            tops[to] += i128::from(numerators[from]);
                            bottoms[to] += i128::from(denominators[from]);
                        }
                    }
                }
                // The first reason stays.
                state if states[to].is_value() || states[to] == State::NotApplicable => {
                    states[to] = state;
                }
                _ => {}
            }
        }
    }
    let mut narrow = |sums: &[i128]| -> Vec<i64> {
        sums.iter()
            .zip(&mut states)
            .map(|(sum, state)| {
                i64::try_from(*sum).unwrap_or_else(|_| {
                    *state = State::OutOfRange;
                    0
                })
            })
            .collect()
    };
    let (key, unit) = (column.key().clone(), column.unit().clone());
    let rolled = match column.figures() {
        Figures::Amounts { quantum, .. } => Column::amounts(key, unit, *quantum, narrow(&tops)),
        Figures::Quotients { scale, .. } => {
            Column::quotients(key, unit, *scale, narrow(&tops), narrow(&bottoms))?
        }
    };
    // A quotient without a denominator takes its own reason only where its children give none.
    Ok(rolled.better(column.direction()).with_states(&states)?)
}

fn check_parents(
    children: usize,
    parent_of: &[Option<usize>],
    parents: usize,
) -> Result<(), ScorecardError> {
    same_length("parents", children, parent_of.len())?;
    match parent_of
        .iter()
        .flatten()
        .find(|parent| **parent >= parents)
    {
        Some(parent) => Err(ScorecardError::Shape {
            what: "parents",
            expected: parents,
            found: parent.saturating_add(1),
        }),
        None => Ok(()),
    }
}

pub(crate) fn same_length(
    what: &'static str,
    expected: usize,
    found: usize,
) -> Result<(), ScorecardError> {
    if expected == found {
        Ok(())
    } else {
        Err(ScorecardError::Shape {
            what,
            expected,
            found,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, Grain};
    use crate::key::Key;
    use crate::measure::Unit;
    use crate::panel::ColumnKey;
    use crate::quantity::Quantum;
    use crate::space::Axis;

    fn scores(values: &[i64]) -> Vec<Reading> {
        // 0 stands for a child without a score.
        values
            .iter()
            .map(|value| match value {
                0 => Reading::Missing(State::NothingRecorded),
                value => Reading::Value(Ratio::from(*value)),
            })
            .collect()
    }

    #[test]
    fn each_way_of_rolling_up_is_worked_by_hand() {
        let children = scores(&[90, 60, 0, 80]);
        let parent_of = [Some(0), Some(0), Some(0), None];
        let weights = [3, 1, 9, 9].map(Ratio::from);
        let roll = |how: RollUp, missing| {
            how.roll(&children, &parent_of, 2, Some(&weights), missing)
                .unwrap()
        };
        let value = |text: &str| Reading::Value(text.parse().unwrap());
        let pass = Interval::at_least(Ratio::from(70));
        let cases = [
            (RollUp::Mean, MissingChild::LeaveOut, value("82.5")),
            (RollUp::Mean, MissingChild::Zero, value("330/13")),
            (
                RollUp::Mean,
                MissingChild::Spreads,
                Reading::Missing(State::NothingRecorded),
            ),
            (RollUp::Worst, MissingChild::LeaveOut, value("60")),
            (RollUp::Worst, MissingChild::Zero, value("0")),
            (RollUp::Best, MissingChild::LeaveOut, value("90")),
            (RollUp::Count(pass), MissingChild::LeaveOut, value("1")),
            (RollUp::Share(pass), MissingChild::Zero, value("1/3")),
        ];
        for (how, missing, expected) in cases {
            assert_eq!(
                roll(how, missing),
                [expected, Reading::Missing(State::NoBase)],
                "{how:?} {missing:?}"
            );
        }
        assert!(
            RollUp::Mean
                .roll(&children, &[Some(2); 4], 2, None, MissingChild::Zero)
                .is_err()
        );
        assert!(
            RollUp::Mean
                .roll(&children, &[Some(0); 3], 2, None, MissingChild::Zero)
                .is_err()
        );
    }

    #[test]
    fn figures_are_added_and_quotients_are_not_averaged() {
        let subjects = |names: &[&str]| {
            let keys = names.iter().map(|name| Key::new(name).unwrap()).collect();
            Subjects::new(Axis::new("person", "person").unwrap(), keys).unwrap()
        };
        let months = Calendar::gregorian()
            .periods(
                Grain::Month,
                "2026-01-01".parse().unwrap(),
                "2026-03-01".parse().unwrap(),
            )
            .unwrap();
        let mut panel = Panel::new(subjects(&["ann", "bo", "cy"]), months);
        let key = |text: &str| text.parse::<ColumnKey>().unwrap();
        let states = [
            State::Value,
            State::Value,
            State::NotApplicable,
            State::NotYetDue,
            State::Value,
            State::Value,
        ];
        let sales = Column::amounts(
            key("sales"),
            Unit::Point,
            Quantum::ONE,
            vec![1, 2, 4, 8, 16, i64::MAX],
        );
        panel.add(sales.with_states(&states).unwrap()).unwrap();
        let rate = Column::quotients(
            key("rate"),
            Unit::Share,
            Ratio::ONE,
            vec![1, 1, 5, 0, 0, 0],
            vec![2, 4, 0, 1, 1, 1],
        );
        panel.add(rate.unwrap()).unwrap();
        let teams = rolled(
            &panel,
            subjects(&["north", "south"]),
            &[Some(0), Some(0), Some(1)],
        )
        .unwrap();
        let at = |column: &str, cell: usize| {
            Reading::from(teams.column(&key(column)).unwrap().answer(cell))
        };
        assert_eq!(at("sales", 0), Reading::Value(Ratio::from(3)));
        assert_eq!(at("sales", 1), Reading::Missing(State::NotApplicable));
        assert_eq!(at("sales", 2), Reading::Missing(State::NotYetDue));
        assert_eq!(at("sales", 3), Reading::Value(Ratio::from(i64::MAX)));
        // 1 of 2 and 1 of 4 are 2 of 6, not the mean of a half and a quarter.
        assert_eq!(at("rate", 0), Reading::Value("1/3".parse().unwrap()));
        assert_eq!(at("rate", 1), Reading::Missing(State::NoBase));
    }
}
