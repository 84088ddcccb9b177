//! The statement of a problem with three or more margins.

use serde::{Deserialize, Serialize};

use super::grid::check;
use super::side;
use super::{MarginsError, Seed};

/// What a table has to total along some of its axes, in quanta.
///
/// A margin over one axis prescribes a total for each of its lines. A margin over several axes prescribes one for each
/// combination of their lines, the last axis running fastest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Margin {
    axes: Vec<usize>,
    totals: Vec<i64>,
}

impl Margin {
    /// Returns the totals of the lines of one axis.
    #[must_use]
    pub fn of(axis: usize, totals: Vec<i64>) -> Self {
        Self {
            axes: vec![axis],
            totals,
        }
    }

    /// Returns the totals of the combinations of several axes, the last axis running fastest.
    #[must_use]
    pub fn joint(axes: Vec<usize>, totals: Vec<i64>) -> Self {
        Self { axes, totals }
    }

    fn mirrored(&self) -> Self {
        let turned = self.totals.iter().map(|total| total.saturating_neg());
        Self {
            axes: self.axes.clone(),
            totals: turned.collect(),
        }
    }

    /// Returns the axes.
    #[must_use]
    pub fn axes(&self) -> &[usize] {
        &self.axes
    }

    /// Returns the totals, in quanta.
    #[must_use]
    pub fn totals(&self) -> &[i64] {
        &self.totals
    }
}

/// Weights over three or more axes, and what the lines of each have to total.
///
/// A table of totals below zero is that of their opposites, turned round. Where totals are of both signs, as with a product of
/// returns among products of sales, a cell is on the side of zero that the "Signs" of a [`TwoWay`](super::TwoWay) table say, a line
/// being one of any margin.
///
/// Margins may be joint as long as they do not cross: two margins either share no axis, or one has all axes of the other
/// and makes its totals. Crossing margins (one over product and month, one over month and region) are refused: meeting
/// them in whole numbers is in general as hard as any integer programme, and no answer can be promised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawSeveral", into = "RawSeveral")]
pub struct Several {
    pub(super) sizes: Vec<usize>,
    weights: Vec<f64>,
    margins: Vec<Margin>,
    /// The most of each cell, where there is one: by flat index, rising.
    pub(super) most: std::collections::BTreeMap<usize, i64>,
    /// What the whole table totals, without its sign.
    pub(super) whole: i64,
    /// Whether the totals are below zero; groups and maxima are those of the table turned round.
    pub(super) is_mirrored: bool,
    /// Whether totals are on both sides of zero; then nothing is turned round, and maxima are without their sign.
    pub(super) is_mixed: bool,
    /// The axes taken together by joint margins, and what their lines total.
    pub(super) groups: Vec<Group>,
}

/// Axes that one margin binds together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    pub(super) axes: Vec<usize>,
    pub(super) totals: Vec<i64>,
}

impl Several {
    /// The largest total: beyond it, real numbers of 53 bits no longer show a quantum of a whole table.
    pub const MAX_TOTAL: i64 = 1 << 43;
    /// The most axes.
    pub const MAX_AXES: usize = super::bounds::MAX_AXES;

    /// Returns the problem with these weights, the last axis running fastest.
    ///
    /// # Errors
    /// [`MarginsError::Axes`], [`MarginsError::CellsOfSizes`], [`MarginsError::WeightAt`] for the shape and the weights;
    /// [`MarginsError::MarginShape`], [`MarginsError::AxisWithoutMargin`],
    /// [`MarginsError::CrossingMargins`] for margins that cannot be stated; [`MarginsError::MarginTotals`] or
    /// [`MarginsError::NestedMargins`] for margins that disagree; [`MarginsError::TotalTooLarge`].
    pub fn new(
        sizes: Vec<usize>,
        weights: Vec<f64>,
        margins: Vec<Margin>,
    ) -> Result<Self, MarginsError> {
        if sizes.len() < 2 || sizes.len() > Self::MAX_AXES || sizes.contains(&0) {
            return Err(MarginsError::Axes { sizes });
        }
        let cells = product(&sizes).filter(|cells| *cells == weights.len());
        if cells.is_none_or(|cells| cells > Seed::MAX_CELLS) {
            return Err(MarginsError::CellsOfSizes {
                cells: weights.len(),
                sizes,
            });
        }
        for (cell, weight) in weights.iter().enumerate() {
            if check(0, cell, *weight).is_err() {
                return Err(MarginsError::WeightAt {
                    cell: place(cell, &sizes),
                    weight: weight.to_string(),
                });
            }
        }
        let totals = || margins.iter().flat_map(|margin| &margin.totals);
        let is_mixed = totals().any(|total| *total < 0) && totals().any(|total| *total > 0);
        let is_mirrored = !is_mixed && totals().any(|total| *total < 0);
        let (groups, whole) = if is_mirrored {
            let turned: Vec<Margin> = margins.iter().map(Margin::mirrored).collect();
            agreed(&sizes, &turned).map_err(MarginsError::mirrored)?
        } else {
            agreed(&sizes, &margins)?
        };
        Ok(Self {
            is_mirrored,
            is_mixed,
            sizes,
            weights,
            margins,
            most: std::collections::BTreeMap::new(),
            whole,
            groups,
        })
    }

    /// Returns the problem with the furthest from zero that one cell may be, in quanta: a maximum, or with totals below zero a
    /// minimum.
    ///
    /// # Errors
    /// [`MarginsError::NoSuchPlace`]; [`MarginsError::BoundBeyondZeroAt`] for a bound on the side of zero where the table is
    /// not.
    pub fn at_most(mut self, cell: &[usize], quanta: i64) -> Result<Self, MarginsError> {
        let index = index(cell, &self.sizes).ok_or_else(|| MarginsError::NoSuchPlace {
            cell: cell.to_vec(),
            sizes: self.sizes.clone(),
        })?;
        let bound = quanta;
        let quanta = if self.falls(index) {
            quanta.saturating_neg()
        } else {
            quanta
        };
        if quanta < 0 {
            return Err(MarginsError::BoundBeyondZeroAt {
                cell: cell.to_vec(),
                bound,
            });
        }
        let most = self.most.entry(index).or_insert(quanta);
        *most = quanta.min(*most);
        Ok(self)
    }

    /// Whether a cell holds nothing above zero.
    fn falls(&self, cell: usize) -> bool {
        if !self.is_mixed {
            return self.is_mirrored;
        }
        let at = place(cell, &self.sizes);
        let lines = self.groups.iter().map(|group| {
            let line = group
                .axes
                .iter()
                .fold(0, |line, axis| line * self.sizes[*axis] + at[*axis]);
            group.totals[line]
        });
        side::falls(self.total(), lines)
    }

    /// Returns how many lines each axis has.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Returns the margins as stated.
    #[must_use]
    pub fn margins(&self) -> &[Margin] {
        &self.margins
    }

    /// Returns the weights, the last axis running fastest.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Returns what the whole table totals, in quanta.
    #[must_use]
    pub fn total(&self) -> i64 {
        if self.is_mirrored {
            -self.whole
        } else {
            self.whole
        }
    }
}

/// Checks the margins against one another, and takes each that is part of no other as one group of axes.
fn agreed(sizes: &[usize], margins: &[Margin]) -> Result<(Vec<Group>, i64), MarginsError> {
    let mut whole: Option<i64> = None;
    for (index, margin) in margins.iter().enumerate() {
        let mut seen = margin.axes.clone();
        seen.sort_unstable();
        seen.dedup();
        let known = margin.axes.iter().all(|axis| *axis < sizes.len());
        let lines = known
            .then(|| {
                product(
                    &margin
                        .axes
                        .iter()
                        .map(|axis| sizes[*axis])
                        .collect::<Vec<_>>(),
                )
            })
            .flatten();
        if seen.is_empty() || seen.len() < margin.axes.len() || lines != Some(margin.totals.len()) {
            return Err(MarginsError::MarginShape {
                margin: index,
                lines: lines.unwrap_or(0),
                totals: margin.totals.len(),
            });
        }
        let sum: i128 = margin.totals.iter().map(|total| i128::from(*total)).sum();
        // Negative totals beside positive ones may be larger than what they make together.
        let size: u128 = margin
            .totals
            .iter()
            .map(|total| u128::from(total.unsigned_abs()))
            .sum();
        let sum = i64::try_from(sum)
            .ok()
            .filter(|_| size <= u128::from(Several::MAX_TOTAL.unsigned_abs()))
            .ok_or(MarginsError::TotalTooLarge {
                total: i128::try_from(size).unwrap_or(i128::MAX) * if sum < 0 { -1 } else { 1 },
                limit: Several::MAX_TOTAL,
            })?;
        match whole {
            Some(first) if first != sum => {
                return Err(MarginsError::MarginTotals {
                    margin: index,
                    total: sum,
                    first,
                });
            }
            _ => whole = Some(sum),
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    for (index, margin) in margins.iter().enumerate() {
        let has =
            |outer: &Margin, inner: &Margin| inner.axes.iter().all(|a| outer.axes.contains(a));
        let mut inside = false;
        for (other_index, other) in margins.iter().enumerate() {
            let shared = margin.axes.iter().any(|axis| other.axes.contains(axis));
            if other_index == index || !shared {
                continue;
            }
            if has(other, margin) {
                // Of two margins over the same axes the first one stands.
                let stands = has(margin, other) && index < other_index;
                inside |= !stands;
                nested(sizes, (index, margin), (other_index, other))?;
            } else if !has(margin, other) {
                return Err(MarginsError::CrossingMargins {
                    first: index.min(other_index),
                    second: index.max(other_index),
                });
            }
        }
        if !inside {
            groups.push(Group {
                axes: margin.axes.clone(),
                totals: margin.totals.clone(),
            });
        }
    }
    for axis in 0..sizes.len() {
        if !groups.iter().any(|group| group.axes.contains(&axis)) {
            return Err(MarginsError::AxisWithoutMargin { axis });
        }
    }
    Ok((groups, whole.unwrap_or(0)))
}

/// Checks that the totals of a margin are what a margin over more axes makes of them.
fn nested(
    sizes: &[usize],
    (index, inner): (usize, &Margin),
    (other_index, outer): (usize, &Margin),
) -> Result<(), MarginsError> {
    let outer_sizes: Vec<usize> = outer.axes.iter().map(|axis| sizes[*axis]).collect();
    let mut sums = vec![0_i64; inner.totals.len()];
    for (line, total) in outer.totals.iter().enumerate() {
        let at = place(line, &outer_sizes);
        let mut inner_line = 0;
        for axis in &inner.axes {
            let found = outer.axes.iter().position(|other| other == axis);
            inner_line = inner_line * sizes[*axis] + found.map_or(0, |found| at[found]);
        }
        // Both margins have the same total, which fits.
        sums[inner_line] += total;
    }
    match (0..sums.len()).find(|line| sums[*line] != inner.totals[*line]) {
        None => Ok(()),
        Some(line) => Err(MarginsError::NestedMargins {
            inner: index,
            outer: other_index,
            line,
            total: inner.totals[line],
            sum: sums[line],
        }),
    }
}

fn product(sizes: &[usize]) -> Option<usize> {
    sizes
        .iter()
        .try_fold(1_usize, |cells, size| cells.checked_mul(*size))
}

/// The place of a cell from its number, the last axis running fastest.
pub(super) fn place(cell: usize, sizes: &[usize]) -> Vec<usize> {
    let mut rest = cell;
    let mut found = vec![0; sizes.len()];
    for (at, size) in found.iter_mut().zip(sizes).rev() {
        *at = rest % size;
        rest /= size;
    }
    found
}

/// The number of the cell at a place.
pub(super) fn index(place: &[usize], sizes: &[usize]) -> Option<usize> {
    if place.len() != sizes.len() || place.iter().zip(sizes).any(|(at, size)| at >= size) {
        return None;
    }
    Some(
        place
            .iter()
            .zip(sizes)
            .fold(0, |cell, (at, size)| cell * size + at),
    )
}

/// A table of whole quanta over several axes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawArray", into = "RawArray")]
pub struct Array {
    sizes: Vec<usize>,
    cells: Vec<i64>,
}

impl Array {
    /// Returns the table of these cells, the last axis running fastest.
    ///
    /// # Errors
    /// [`MarginsError::CellsOfSizes`].
    pub fn new(sizes: Vec<usize>, cells: Vec<i64>) -> Result<Self, MarginsError> {
        if product(&sizes) != Some(cells.len()) {
            return Err(MarginsError::CellsOfSizes {
                cells: cells.len(),
                sizes,
            });
        }
        Ok(Self { sizes, cells })
    }

    /// Returns how many lines each axis has.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Returns the cells in quanta, the last axis running fastest.
    #[must_use]
    pub fn cells(&self) -> &[i64] {
        &self.cells
    }

    pub(super) fn mirrored(self) -> Self {
        Self {
            cells: self.cells.iter().map(|cell| -cell).collect(),
            ..self
        }
    }

    /// Returns one cell in quanta, or `None` outside of the table.
    #[must_use]
    pub fn cell(&self, place: &[usize]) -> Option<i64> {
        index(place, &self.sizes).map(|cell| self.cells[cell])
    }

    /// Returns what the table totals along some axes, the last of them running fastest; `None` for an axis that it does
    /// not have, or totals beyond 64 bits.
    #[must_use]
    pub fn totals(&self, axes: &[usize]) -> Option<Vec<i64>> {
        let mut lines = 1_usize;
        for axis in axes {
            lines = lines.checked_mul(*self.sizes.get(*axis)?)?;
        }
        let mut totals = vec![0_i64; lines];
        for (cell, quanta) in self.cells.iter().enumerate() {
            let at = place(cell, &self.sizes);
            let line = axes
                .iter()
                .fold(0, |line, axis| line * self.sizes[*axis] + at[*axis]);
            totals[line] = totals[line].checked_add(*quanta)?;
        }
        Some(totals)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawArray {
    sizes: Vec<usize>,
    cells: Vec<i64>,
}

impl TryFrom<RawArray> for Array {
    type Error = MarginsError;

    fn try_from(raw: RawArray) -> Result<Self, MarginsError> {
        Self::new(raw.sizes, raw.cells)
    }
}

impl From<Array> for RawArray {
    fn from(array: Array) -> Self {
        Self {
            sizes: array.sizes,
            cells: array.cells,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSeveral {
    sizes: Vec<usize>,
    weights: Vec<crate::quantity::Number>,
    margins: Vec<Margin>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    most: Vec<(Vec<usize>, i64)>,
}

impl TryFrom<RawSeveral> for Several {
    type Error = MarginsError;

    fn try_from(raw: RawSeveral) -> Result<Self, MarginsError> {
        let weights = raw.weights.into_iter().map(super::grid::weight).collect();
        let stated = Self::new(raw.sizes, weights, raw.margins)?;
        raw.most
            .into_iter()
            .try_fold(stated, |stated, (cell, quanta)| {
                stated.at_most(&cell, quanta)
            })
    }
}

impl From<Several> for RawSeveral {
    fn from(stated: Several) -> Self {
        let most = stated.most.iter();
        let turn = |cell: usize, quanta: i64| if stated.falls(cell) { -quanta } else { quanta };
        Self {
            most: most
                .map(|(cell, quanta)| (place(*cell, &stated.sizes), turn(*cell, *quanta)))
                .collect(),
            weights: stated
                .weights
                .iter()
                .map(|w| super::grid::number(*w))
                .collect(),
            sizes: stated.sizes,
            margins: stated.margins,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::margins::{Refutation, Resolution};

    fn stated(margins: Vec<Margin>) -> Result<Several, MarginsError> {
        Several::new(vec![2, 2, 2], vec![1.0; 8], margins)
    }

    #[test]
    fn crossing_margins_are_refused_and_nested_ones_checked() {
        let (ab, bc) = (
            Margin::joint(vec![0, 1], vec![1, 2, 3, 4]),
            Margin::joint(vec![1, 2], vec![4, 0, 2, 4]),
        );
        assert_eq!(
            stated(vec![ab.clone(), bc]),
            Err(MarginsError::CrossingMargins {
                first: 0,
                second: 1
            })
        );
        let nested = stated(vec![
            Margin::of(1, vec![4, 6]),
            ab.clone(),
            Margin::of(2, vec![5, 5]),
        ])
        .unwrap();
        assert_eq!(nested.groups.len(), 2);
        assert_eq!(
            stated(vec![
                Margin::of(1, vec![5, 5]),
                ab.clone(),
                Margin::of(2, vec![5, 5])
            ]),
            Err(MarginsError::NestedMargins {
                inner: 0,
                outer: 1,
                line: 0,
                total: 5,
                sum: 4
            })
        );
        assert_eq!(
            stated(vec![ab]),
            Err(MarginsError::AxisWithoutMargin { axis: 2 })
        );
    }

    #[test]
    fn margins_whose_totals_disagree_are_refused_with_both() {
        let refused = stated(vec![
            Margin::of(0, vec![5, 5]),
            Margin::of(1, vec![5, 5]),
            Margin::of(2, vec![5, 6]),
        ]);
        assert_eq!(
            refused,
            Err(MarginsError::MarginTotals {
                margin: 2,
                total: 11,
                first: 10
            })
        );
    }

    #[test]
    fn a_problem_comes_back_from_its_document() {
        let stated = stated(vec![
            Margin::of(0, vec![5, 5]),
            Margin::joint(vec![2, 1], vec![1, 2, 3, 4]),
        ])
        .unwrap()
        .at_most(&[0, 1, 1], 3)
        .unwrap();
        let text = serde_json::to_string(&stated).unwrap();
        assert_eq!(serde_json::from_str::<Several>(&text).unwrap(), stated);
    }

    #[test]
    fn one_margin_over_all_axes_prescribes_every_cell() {
        let all = Margin::joint(vec![1, 0], vec![1, 2, 3, 4]);
        let open = Several::new(vec![2, 2], vec![1.0; 4], vec![all.clone()]).unwrap();
        let Ok(Resolution::Solved { table, .. }) = open.solve() else {
            panic!("not solved");
        };
        assert_eq!(table.cells(), [1, 3, 2, 4]);
        let closed = Several::new(vec![2, 2], vec![1.0, 0.0, 1.0, 1.0], vec![all]).unwrap();
        assert!(matches!(closed.solve(), Ok(Resolution::Impossible(_))));
        // Of both signs too: the one table that there could be is looked at.
        let both = Margin::joint(vec![1, 0], vec![1, -2, 3, -4]);
        let closed = Several::new(vec![2, 2], vec![1.0, 0.0, 1.0, 1.0], vec![both]).unwrap();
        let exhausted = Refutation::Exhausted { looked_at: 1 };
        assert_eq!(closed.solve(), Ok(Resolution::Impossible(exhausted)));
    }

    #[test]
    fn totals_that_are_too_large_are_told_by_their_size_with_the_sign_of_what_they_make() {
        let told = |totals: [i64; 2]| match stated(vec![Margin::of(0, totals.to_vec())]) {
            Err(MarginsError::TotalTooLarge { total, .. }) => total,
            other => panic!("{other:?}"),
        };
        let most = i128::from(Several::MAX_TOTAL);
        assert_eq!(told([Several::MAX_TOTAL, 3]), most + 3);
        assert_eq!(told([-Several::MAX_TOTAL, 3]), -most - 3);
        // Together they make nothing.
        assert_eq!(told([Several::MAX_TOTAL, -Several::MAX_TOTAL]), 2 * most);
    }
}
