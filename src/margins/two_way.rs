//! The statement of a two-way problem: weights, two sides with their totals, and bounds of single cells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::side::falls;
use super::{Marginal, MarginsError, Orientation, Seed};
use crate::allocation::Bound;

/// Weights over rows and columns, what the nodes of both hierarchies have to total, and the bounds of single cells.
///
/// Stating the problem checks all that can be said without solving it; totals of rows and columns that disagree are
/// refused here, before any fitting.
///
/// **Signs.** Totals may be negative, as those of returns are. In a table that totals zero or more, a cell of a row or column with a
/// negative total holds nothing above zero, and every other cell nothing below. In a table that totals less than zero, a cell of a row
/// or column with a positive total holds nothing below zero, and every other cell nothing above. So a column of returns stands among
/// columns of sales, and a table with every sign turned round has every cell turned round. A table of exactly zero has no sign to be
/// turned by: either way a cell between a positive and a negative line holds nothing above zero, and one between two lines of zero
/// nothing below. Lines without a total of their own have the sign of what is left for them together, whatever bounds they have.
///
/// ```
/// use quotaflow::margins::{MarginsError, Seed, Marginal, TwoWay};
/// let weights = Seed::counts(2, 2, &[1, 1, 1, 1])?;
/// let refused = TwoWay::new(weights, Marginal::flat([52, 48])?, Marginal::flat([87, 14])?);
/// assert_eq!(refused, Err(MarginsError::TotalsDiffer { rows: 100, columns: 101 }));
/// # Ok::<(), MarginsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawTwoWay", into = "RawTwoWay")]
pub struct TwoWay {
    pub(super) seed: Seed,
    pub(super) rows: Marginal,
    pub(super) columns: Marginal,
    /// Least and most of the size of each bounded cell, by row and column.
    pub(super) bounds: BTreeMap<(usize, usize), (i64, Option<i64>)>,
    pub(super) total: i64,
    /// The total of each part, the free ones completed from the other side.
    pub(super) row_totals: Vec<i64>,
    pub(super) column_totals: Vec<i64>,
    /// What rows and columns totalled, line by line, before bounded nodes were given their totals: that decides the sides of cells.
    pub(super) sides: Option<[Vec<i64>; 2]>,
}

impl TwoWay {
    /// Returns the problem, without bounds.
    ///
    /// # Errors
    /// [`MarginsError::Shape`]; [`MarginsError::TotalsDiffer`], [`MarginsError::PrescribedAboveTotal`] or
    /// [`MarginsError::NoGrandTotal`] when the two sides do not agree on the total of the table.
    pub fn new(seed: Seed, rows: Marginal, columns: Marginal) -> Result<Self, MarginsError> {
        for (axis, side, table) in [
            (Orientation::Rows, &rows, seed.rows()),
            (Orientation::Columns, &columns, seed.columns()),
        ] {
            if side.lines() != table {
                return Err(MarginsError::Shape {
                    axis,
                    lines: side.lines(),
                    table,
                });
            }
        }
        let total = match (rows.total(), columns.total()) {
            (Some(rows), Some(columns)) if rows != columns => {
                return Err(MarginsError::TotalsDiffer { rows, columns });
            }
            (Some(total), _) | (None, Some(total)) => total,
            (None, None) => return Err(MarginsError::NoGrandTotal),
        };
        let row_totals = completed(&rows, Orientation::Rows, total)?;
        let column_totals = completed(&columns, Orientation::Columns, total)?;
        for totals in [&row_totals, &column_totals] {
            // Negative totals beside positive ones may be larger than what they make together.
            let size: u128 = totals.iter().map(|t| u128::from(t.unsigned_abs())).sum();
            if size > u128::from(i64::MAX.unsigned_abs()) {
                return Err(MarginsError::TotalOutOfRange);
            }
        }
        Ok(Self {
            row_totals,
            column_totals,
            seed,
            rows,
            columns,
            bounds: BTreeMap::new(),
            total,
            sides: None,
        })
    }

    /// Returns the problem with one more bound, in quanta. Bounds of the same cell hold together.
    ///
    /// ```
    /// use quotaflow::allocation::Bound;
    /// use quotaflow::margins::{Marginal, MarginsError, Seed, TwoWay};
    /// let stated = TwoWay::new(Seed::counts(1, 2, &[1, 1])?, Marginal::flat([9])?, Marginal::free(2)?)?;
    /// let stated = stated.bounded(0, 1, Bound::at_most(3))?;
    /// assert_eq!(stated.range(0, 1).maximum(), Some(3));
    /// # Ok::<(), MarginsError>(())
    /// ```
    ///
    /// # Errors
    /// [`MarginsError::NoSuchCell`]; [`MarginsError::BoundBeyondZero`] for a bound that asks for the side of zero where the cell
    /// cannot be; [`MarginsError::MinimumOnZero`] for a cell without weight that is to hold something but is not held;
    /// [`MarginsError::BoundsCross`] when no value meets all bounds of the cell.
    pub fn bounded(
        mut self,
        row: usize,
        column: usize,
        bound: Bound,
    ) -> Result<Self, MarginsError> {
        let (rows, columns) = (self.seed.rows(), self.seed.columns());
        if row >= rows || column >= columns {
            return Err(MarginsError::NoSuchCell {
                row,
                column,
                rows,
                columns,
            });
        }
        let falls = self.falls(row, column);
        let beyond = if falls {
            bound.minimum().filter(|least| *least > 0)
        } else {
            bound.maximum().filter(|most| *most < 0)
        };
        if let Some(bound) = beyond {
            return Err(MarginsError::BoundBeyondZero {
                row,
                column,
                bound,
                side: if falls { "above" } else { "below" },
            });
        }
        // A size from zero up; the least number has no opposite, but no total reaches it either.
        let size = |limit: i64| if falls { limit.saturating_neg() } else { limit }.max(0);
        let turn = |limit: i64| if falls { -limit } else { limit };
        let (near, far) = if falls {
            (bound.maximum(), bound.minimum())
        } else {
            (bound.minimum(), bound.maximum())
        };
        let (least, most) = (near.map_or(0, size), far.map(size));
        let empty = self.seed.weight(row, column) == 0.0;
        if empty && least > 0 && bound.hold().is_none() {
            let least = turn(least);
            return Err(MarginsError::MinimumOnZero { row, column, least });
        }
        let known = self.bounds.entry((row, column)).or_insert((0, None));
        let least = least.max(known.0);
        let most = match (most, known.1) {
            (Some(new), Some(old)) => Some(new.min(old)),
            (new, old) => new.or(old),
        };
        if let Some(most) = most.filter(|most| *most < least) {
            let (least, most) = if falls {
                (-most, -least)
            } else {
                (least, most)
            };
            return Err(MarginsError::BoundsCross {
                row,
                column,
                least,
                most,
            });
        }
        *known = (least, most);
        Ok(self)
    }

    /// Returns the weights.
    #[must_use]
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// Returns one of the two sides.
    #[must_use]
    pub fn marginal(&self, axis: Orientation) -> &Marginal {
        match axis {
            Orientation::Rows => &self.rows,
            Orientation::Columns => &self.columns,
        }
    }

    /// Returns what the whole table totals, in quanta.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.total
    }

    /// Returns what a cell may be, in quanta: its own bounds, and zero on the side where its signs end. A cell without weight
    /// that is not held may only be zero.
    #[must_use]
    pub fn range(&self, row: usize, column: usize) -> Bound {
        let known = self.bounds.get(&(row, column)).copied();
        let (least, most) = known.unwrap_or((0, None));
        let most = if least == 0 && self.seed.weight(row, column) == 0.0 {
            Some(0)
        } else {
            most
        };
        let bound = match (self.falls(row, column), most) {
            (false, Some(most)) => Bound::between(least, most).ok(),
            (false, None) => Some(Bound::at_least(least)),
            (true, Some(most)) => Bound::between(-most, -least).ok(),
            (true, None) => Some(Bound::at_most(-least)),
        };
        bound.unwrap_or(Bound::FREE)
    }

    /// Whether a cell holds nothing above zero: see "Signs" at [`TwoWay`].
    pub(super) fn falls(&self, row: usize, column: usize) -> bool {
        let row = self.side_of(Orientation::Rows, row);
        self.falls_between(row, self.side_of(Orientation::Columns, column))
    }

    /// The same of a cell whose row and column have these totals.
    pub(super) fn falls_between(&self, row: i64, column: i64) -> bool {
        falls(self.total, [row, column].into_iter())
    }

    /// The total whose sign decides on which side of zero the cells of a line are.
    pub(super) fn side_of(&self, axis: Orientation, line: usize) -> i64 {
        let (place, totals) = match axis {
            Orientation::Rows => (0, &self.row_totals),
            Orientation::Columns => (1, &self.column_totals),
        };
        let found = match &self.sides {
            Some(sides) => sides[place].get(line),
            None => self
                .marginal(axis)
                .stratum_of(line)
                .and_then(|part| totals.get(part)),
        };
        found.copied().unwrap_or(0)
    }

    /// The totals whose signs decide the sides of cells, for rows and for columns.
    pub(super) fn sides(&self) -> [Vec<i64>; 2] {
        [Orientation::Rows, Orientation::Columns].map(|axis| {
            let lines = 0..self.marginal(axis).lines();
            lines.map(|line| self.side_of(axis, line)).collect()
        })
    }

    /// Whether no total is negative, so that no cell is.
    pub(super) fn is_positive(&self) -> bool {
        let negative = |totals: &[i64]| totals.iter().any(|total| *total < 0);
        !negative(&self.row_totals) && !negative(&self.column_totals)
    }

    /// The same problem with every sign turned round.
    pub(super) fn mirrored(&self) -> Self {
        let turn = |totals: &[i64]| totals.iter().map(|total| -total).collect();
        Self {
            seed: self.seed.clone(),
            rows: self.rows.mirrored(),
            columns: self.columns.mirrored(),
            bounds: self.bounds.clone(),
            total: -self.total,
            row_totals: turn(&self.row_totals),
            column_totals: turn(&self.column_totals),
            sides: self
                .sides
                .as_ref()
                .map(|sides| [turn(&sides[0]), turn(&sides[1])]),
        }
    }
}

/// The totals of the parts; the free part takes what the others leave of the table's total, on the same side of zero.
fn completed(side: &Marginal, axis: Orientation, total: i64) -> Result<Vec<i64>, MarginsError> {
    let prescribed: i128 = side
        .strata()
        .iter()
        .map(|part| i128::from(part.total().unwrap_or(0)))
        .sum();
    let rest = i64::try_from(i128::from(total) - prescribed)
        .ok()
        .filter(|rest| *rest == 0 || rest.signum() == total.signum())
        .ok_or(MarginsError::PrescribedAboveTotal {
            axis,
            prescribed,
            total,
        })?;
    Ok(side
        .strata()
        .iter()
        .map(|part| part.total().unwrap_or(rest))
        .collect())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTwoWay {
    seed: Seed,
    rows: Marginal,
    columns: Marginal,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bounds: Vec<RawBound>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBound {
    row: usize,
    column: usize,
    is: Bound,
}

impl TryFrom<RawTwoWay> for TwoWay {
    type Error = MarginsError;

    fn try_from(raw: RawTwoWay) -> Result<Self, MarginsError> {
        let stated = Self::new(raw.seed, raw.rows, raw.columns)?;
        raw.bounds.into_iter().try_fold(stated, |stated, bound| {
            stated.bounded(bound.row, bound.column, bound.is)
        })
    }
}

impl From<TwoWay> for RawTwoWay {
    fn from(stated: TwoWay) -> Self {
        let written = |((row, column), (least, most)): (&(usize, usize), &(i64, Option<i64>))| {
            let falls = stated.falls(*row, *column);
            let turn = |limit: i64| if falls { -limit } else { limit };
            let is = match (*least, *most) {
                (least, Some(most)) if least == most => Bound::held(turn(least)),
                (0, Some(most)) if falls => Bound::at_least(-most),
                (0, Some(most)) => Bound::at_most(most),
                (least, Some(most)) => {
                    let (low, high) = if falls {
                        (-most, -least)
                    } else {
                        (least, most)
                    };
                    Bound::between(low, high).unwrap_or(Bound::FREE)
                }
                (0, None) => Bound::FREE,
                (least, None) if falls => Bound::at_most(-least),
                (least, None) => Bound::at_least(least),
            };
            RawBound {
                row: *row,
                column: *column,
                is,
            }
        };
        Self {
            bounds: stated.bounds.iter().map(written).collect(),
            seed: stated.seed,
            rows: stated.rows,
            columns: stated.columns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::margins::Node;

    fn ones(rows: usize, columns: usize) -> Seed {
        Seed::counts(rows, columns, &vec![1; rows * columns]).unwrap()
    }

    #[test]
    fn totals_that_disagree_are_refused_before_fitting_with_both() {
        let refused = TwoWay::new(
            ones(2, 2),
            Marginal::flat([5, 5]).unwrap(),
            Marginal::flat([7, 4]).unwrap(),
        );
        assert_eq!(
            refused,
            Err(MarginsError::TotalsDiffer {
                rows: 10,
                columns: 11
            })
        );
        let above = Marginal::tree(vec![Node::root().totalling(11), Node::root()]).unwrap();
        let refused = TwoWay::new(ones(2, 2), Marginal::flat([5, 5]).unwrap(), above);
        assert_eq!(
            refused,
            Err(MarginsError::PrescribedAboveTotal {
                axis: Orientation::Columns,
                prescribed: 11,
                total: 10
            })
        );
        let open = TwoWay::new(
            ones(2, 2),
            Marginal::free(2).unwrap(),
            Marginal::free(2).unwrap(),
        );
        assert_eq!(open, Err(MarginsError::NoGrandTotal));
        let shape = TwoWay::new(
            ones(2, 2),
            Marginal::flat([5]).unwrap(),
            Marginal::free(2).unwrap(),
        );
        assert!(matches!(
            shape,
            Err(MarginsError::Shape {
                axis: Orientation::Rows,
                lines: 1,
                table: 2
            })
        ));
    }

    #[test]
    fn bounds_of_a_cell_hold_together_or_are_refused() {
        let weights = Seed::counts(1, 3, &[1, 0, 1]).unwrap();
        let stated = TwoWay::new(
            weights,
            Marginal::flat([9]).unwrap(),
            Marginal::free(3).unwrap(),
        )
        .unwrap();
        let both = stated
            .clone()
            .bounded(0, 0, Bound::at_least(2))
            .unwrap()
            .bounded(0, 0, Bound::at_most(4))
            .unwrap();
        assert_eq!(both.range(0, 0), Bound::between(2, 4).unwrap());
        assert_eq!(both.range(0, 1), Bound::between(0, 0).unwrap());
        assert_eq!(
            both.bounded(0, 0, Bound::held(5)),
            Err(MarginsError::BoundsCross {
                row: 0,
                column: 0,
                least: 5,
                most: 4
            })
        );
        assert_eq!(
            stated.clone().bounded(0, 1, Bound::at_least(1)),
            Err(MarginsError::MinimumOnZero {
                row: 0,
                column: 1,
                least: 1
            })
        );
        assert_eq!(
            stated
                .clone()
                .bounded(0, 1, Bound::held(1))
                .unwrap()
                .range(0, 1),
            Bound::between(1, 1).unwrap()
        );
        assert!(matches!(
            stated.bounded(0, 2, Bound::at_most(-1)),
            Err(MarginsError::BoundBeyondZero { bound: -1, .. })
        ));
    }

    #[test]
    fn a_problem_comes_back_from_its_document() {
        let stated = TwoWay::new(
            ones(2, 2),
            Marginal::flat([5, 5]).unwrap(),
            Marginal::free(2).unwrap(),
        )
        .unwrap()
        .bounded(0, 0, Bound::held(3))
        .unwrap()
        .bounded(1, 1, Bound::at_least(1))
        .unwrap()
        .bounded(1, 1, Bound::at_most(4))
        .unwrap();
        let text = serde_json::to_string(&stated).unwrap();
        assert_eq!(serde_json::from_str::<TwoWay>(&text).unwrap(), stated);
    }

    #[test]
    fn bounds_below_zero_are_told_as_they_were_given() {
        let stated = TwoWay::new(
            ones(2, 3),
            Marginal::flat([-20, 30]).unwrap(),
            Marginal::free(3).unwrap(),
        )
        .unwrap();
        let bounds = [
            Bound::between(-7, -2).unwrap(),
            Bound::at_most(-3),
            Bound::at_least(0),
        ];
        let bounded = (0..3)
            .zip(bounds)
            .fold(stated.clone(), |stated, (column, bound)| {
                stated.bounded(0, column, bound).unwrap()
            });
        assert_eq!(bounded.range(0, 0), bounds[0]);
        assert_eq!(bounded.range(0, 1), bounds[1]);
        assert_eq!(bounded.range(0, 2), Bound::between(0, 0).unwrap());
        let text = serde_json::to_string(&bounded).unwrap();
        assert!(text.contains(r#"{"maximum":-3}"#), "{text}");
        assert_eq!(serde_json::from_str::<TwoWay>(&text).unwrap(), bounded);
        let refused = stated.bounded(0, 0, Bound::at_least(1));
        assert!(matches!(
            refused,
            Err(MarginsError::BoundBeyondZero {
                bound: 1,
                side: "above",
                ..
            })
        ));
    }
}
