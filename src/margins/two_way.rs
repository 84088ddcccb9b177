//! The statement of a two-way problem: weights, two sides with their totals, and bounds of single cells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{MarginsError, Seed, Side, Way};

/// What a single cell has to keep to, in quanta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Exactly this much: the cell does not move.
    Held(i64),
    /// This much or more.
    AtLeast(i64),
    /// This much or less.
    AtMost(i64),
}

/// Weights over rows and columns, what the nodes of both hierarchies have to total, and the bounds of single cells.
///
/// Stating the problem checks all that can be said without solving it; totals of rows and columns that disagree are
/// refused here, before any fitting.
///
/// ```
/// use quotaflow::margins::{MarginsError, Seed, Side, TwoWay};
/// let weights = Seed::counts(2, 2, &[1, 1, 1, 1])?;
/// let refused = TwoWay::new(weights, Side::flat([52, 48])?, Side::flat([87, 14])?);
/// assert_eq!(refused, Err(MarginsError::TotalsDiffer { rows: 100, columns: 101 }));
/// # Ok::<(), MarginsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawTwoWay", into = "RawTwoWay")]
pub struct TwoWay {
    pub(super) seed: Seed,
    pub(super) rows: Side,
    pub(super) columns: Side,
    /// Least and most of each bounded cell, by row and column.
    pub(super) bounds: BTreeMap<(usize, usize), (i64, Option<i64>)>,
    pub(super) total: i64,
    /// The total of each part, the free ones completed from the other side.
    pub(super) row_totals: Vec<i64>,
    pub(super) column_totals: Vec<i64>,
}

impl TwoWay {
    /// Returns the problem, without bounds.
    ///
    /// # Errors
    /// [`MarginsError::Shape`]; [`MarginsError::TotalsDiffer`], [`MarginsError::PrescribedAboveTotal`] or
    /// [`MarginsError::NoGrandTotal`] when the two sides do not agree on the total of the table.
    pub fn new(seed: Seed, rows: Side, columns: Side) -> Result<Self, MarginsError> {
        for (axis, side, table) in [
            (Way::Rows, &rows, seed.rows()),
            (Way::Columns, &columns, seed.columns()),
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
        Ok(Self {
            row_totals: completed(&rows, Way::Rows, total)?,
            column_totals: completed(&columns, Way::Columns, total)?,
            seed,
            rows,
            columns,
            bounds: BTreeMap::new(),
            total,
        })
    }

    /// Returns the problem with one more bound. Bounds of the same cell hold together.
    ///
    /// # Errors
    /// [`MarginsError::NoSuchCell`], [`MarginsError::NegativeBound`], [`MarginsError::MinimumOnZero`]; and
    /// [`MarginsError::BoundsCross`] when no value meets all bounds of the cell.
    pub fn bounded(
        mut self,
        row: usize,
        column: usize,
        bound: Bound,
    ) -> Result<Self, MarginsError> {
        if row >= self.seed.rows() || column >= self.seed.columns() {
            return Err(MarginsError::NoSuchCell { row, column });
        }
        let (least, most) = match bound {
            Bound::Held(quanta) => (quanta, Some(quanta)),
            Bound::AtLeast(quanta) => (quanta, None),
            Bound::AtMost(quanta) => (0, Some(quanta)),
        };
        if let Some(bound) = [Some(least), most].into_iter().flatten().find(|b| *b < 0) {
            return Err(MarginsError::NegativeBound { row, column, bound });
        }
        if matches!(bound, Bound::AtLeast(1..)) && self.seed.weight(row, column) == 0.0 {
            return Err(MarginsError::MinimumOnZero { row, column, least });
        }
        let known = self.bounds.entry((row, column)).or_insert((0, None));
        let least = least.max(known.0);
        let most = match (most, known.1) {
            (Some(new), Some(old)) => Some(new.min(old)),
            (new, old) => new.or(old),
        };
        if let Some(most) = most.filter(|most| *most < least) {
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
    pub fn side(&self, axis: Way) -> &Side {
        match axis {
            Way::Rows => &self.rows,
            Way::Columns => &self.columns,
        }
    }

    /// Returns what the whole table totals, in quanta.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.total
    }

    /// Returns the least and the most that a cell may be, in quanta; a cell without weight that is not held may only be
    /// zero.
    #[must_use]
    pub fn range(&self, row: usize, column: usize) -> (i64, Option<i64>) {
        let (least, most) = self
            .bounds
            .get(&(row, column))
            .copied()
            .unwrap_or((0, None));
        if least == 0 && self.seed.weight(row, column) == 0.0 {
            (0, Some(0))
        } else {
            (least, most)
        }
    }
}

/// The totals of the parts; the free part takes what the others leave of the table's total.
fn completed(side: &Side, axis: Way, total: i64) -> Result<Vec<i64>, MarginsError> {
    let prescribed: i128 = side
        .parts()
        .iter()
        .map(|part| i128::from(part.total().unwrap_or(0)))
        .sum();
    let rest = i64::try_from(i128::from(total) - prescribed)
        .ok()
        .filter(|rest| *rest >= 0)
        .ok_or(MarginsError::PrescribedAboveTotal {
            axis,
            prescribed,
            total,
        })?;
    Ok(side
        .parts()
        .iter()
        .map(|part| part.total().unwrap_or(rest))
        .collect())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTwoWay {
    seed: Seed,
    rows: Side,
    columns: Side,
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
        let mut bounds = Vec::new();
        for ((row, column), (least, most)) in stated.bounds {
            let mut state = |is| bounds.push(RawBound { row, column, is });
            if most == Some(least) {
                state(Bound::Held(least));
                continue;
            }
            if least > 0 {
                state(Bound::AtLeast(least));
            }
            if let Some(most) = most {
                state(Bound::AtMost(most));
            }
        }
        Self {
            seed: stated.seed,
            rows: stated.rows,
            columns: stated.columns,
            bounds,
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
            Side::flat([5, 5]).unwrap(),
            Side::flat([7, 4]).unwrap(),
        );
        assert_eq!(
            refused,
            Err(MarginsError::TotalsDiffer {
                rows: 10,
                columns: 11
            })
        );
        let above = Side::tree(vec![Node::root().totalling(11), Node::root()]).unwrap();
        let refused = TwoWay::new(ones(2, 2), Side::flat([5, 5]).unwrap(), above);
        assert_eq!(
            refused,
            Err(MarginsError::PrescribedAboveTotal {
                axis: Way::Columns,
                prescribed: 11,
                total: 10
            })
        );
        let open = TwoWay::new(ones(2, 2), Side::free(2).unwrap(), Side::free(2).unwrap());
        assert_eq!(open, Err(MarginsError::NoGrandTotal));
        let shape = TwoWay::new(ones(2, 2), Side::flat([5]).unwrap(), Side::free(2).unwrap());
        assert!(matches!(
            shape,
            Err(MarginsError::Shape {
                axis: Way::Rows,
                lines: 1,
                table: 2
            })
        ));
    }

    #[test]
    fn bounds_of_a_cell_hold_together_or_are_refused() {
        let weights = Seed::counts(1, 3, &[1, 0, 1]).unwrap();
        let stated =
            TwoWay::new(weights, Side::flat([9]).unwrap(), Side::free(3).unwrap()).unwrap();
        let both = stated
            .clone()
            .bounded(0, 0, Bound::AtLeast(2))
            .unwrap()
            .bounded(0, 0, Bound::AtMost(4))
            .unwrap();
        assert_eq!(both.range(0, 0), (2, Some(4)));
        assert_eq!(both.range(0, 1), (0, Some(0)));
        assert_eq!(
            both.bounded(0, 0, Bound::Held(5)),
            Err(MarginsError::BoundsCross {
                row: 0,
                column: 0,
                least: 5,
                most: 4
            })
        );
        assert_eq!(
            stated.clone().bounded(0, 1, Bound::AtLeast(1)),
            Err(MarginsError::MinimumOnZero {
                row: 0,
                column: 1,
                least: 1
            })
        );
        assert_eq!(
            stated
                .clone()
                .bounded(0, 1, Bound::Held(1))
                .unwrap()
                .range(0, 1),
            (1, Some(1))
        );
        assert!(matches!(
            stated.bounded(0, 2, Bound::AtMost(-1)),
            Err(MarginsError::NegativeBound { bound: -1, .. })
        ));
    }

    #[test]
    fn a_problem_comes_back_from_its_document() {
        let stated = TwoWay::new(
            ones(2, 2),
            Side::flat([5, 5]).unwrap(),
            Side::free(2).unwrap(),
        )
        .unwrap()
        .bounded(0, 0, Bound::Held(3))
        .unwrap()
        .bounded(1, 1, Bound::AtLeast(1))
        .unwrap()
        .bounded(1, 1, Bound::AtMost(4))
        .unwrap();
        let text = serde_json::to_string(&stated).unwrap();
        assert_eq!(serde_json::from_str::<TwoWay>(&text).unwrap(), stated);
    }
}
