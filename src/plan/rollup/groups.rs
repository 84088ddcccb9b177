//! Which rows of a roll-up the nodes of a plan belong to.

use crate::{
    calendar::{DayRange, WorkingDays},
    plan::{DayCurve, Frame, days::CellDays, frame::SKIPPED, stretch::Bend},
    space::Subjects,
};

/// What a leaf holds that lies outside the periods that are asked for.
pub(super) const OUTSIDE: u32 = u32::MAX;

/// What a leaf holds that lies in no single one of them.
pub(super) const ASTRIDE: u32 = u32::MAX - 1;

/// To which subject and period each leaf belongs; serves every measure of a plan.
pub(super) struct Groups<'a> {
    pub(super) subjects: Subjects,
    pub(super) periods: usize,
    /// Level by level and node by node, the cell of a leaf; [`OUTSIDE`] for nodes with children and for leaves outside.
    pub(super) cells: Vec<Vec<u32>>,
    /// The stretches of leaves that belong to several cells.
    pub(super) cuts: Vec<Cut<'a>>,
}

/// The days of a leaf that belong to a cell.
pub(super) struct Cut<'a> {
    pub(super) level: usize,
    pub(super) index: usize,
    pub(super) stretch: DayRange,
    /// The days of the whole leaf.
    pub(super) of: CellDays<'a>,
    pub(super) cell: u32,
}

impl<'a> Cut<'a> {
    pub(super) fn curve(
        &self,
        units: i64,
        days: Option<&'a WorkingDays>,
        bends: &'a [Bend],
    ) -> DayCurve<'a> {
        DayCurve::over(self.of, units, days).bent(bends)
    }
}

impl Groups<'_> {
    pub(super) fn sums(&self, values: &[Vec<i64>]) -> Vec<Option<i128>> {
        self.sums_where(values, |_, _| true)
    }

    pub(super) fn sums_where(
        &self,
        values: &[Vec<i64>],
        counts: impl Fn(usize, usize) -> bool,
    ) -> Vec<Option<i128>> {
        let mut sums: Vec<Option<i128>> = vec![None; self.subjects.len() * self.periods];
        for (level, (cells, values)) in self.cells.iter().zip(values).enumerate() {
            for (index, (cell, value)) in cells.iter().zip(values).enumerate() {
                if *cell != OUTSIDE && counts(level, index) {
                    *sums[*cell as usize].get_or_insert(0) += i128::from(*value);
                }
            }
        }
        sums
    }
}

/// One number for every node, level by level.
pub(super) struct Column32(pub(super) Vec<Vec<u32>>);

impl Column32 {
    pub(super) fn whole(frame: &Frame, value: u32) -> Self {
        Self(
            frame
                .levels
                .iter()
                .map(|level| vec![value; level.len()])
                .collect(),
        )
    }

    /// Returns the numbers that tell apart what either column tells apart.
    pub(super) fn refined(mut self, other: &Self, size: usize) -> Self {
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            for (own, other) in own.iter_mut().zip(other) {
                *own = *own * size + other;
            }
        }
        self
    }

    /// Returns the column in which each node has what its step says, or what the node above it has.
    pub(super) fn inherited(
        frame: &Frame,
        top: u32,
        own: impl Fn(usize, u32) -> Option<u32>,
    ) -> Self {
        let mut column = Self(vec![vec![top]]);
        for (step, pair) in frame.levels.windows(2).enumerate() {
            let above = &column.0[step];
            let mut values = Vec::with_capacity(pair[1].len());
            for (node, above) in above.iter().enumerate() {
                for coord in &pair[1].coords[pair[0].children(node)] {
                    let own = if *coord == SKIPPED {
                        None
                    } else {
                        own(step, *coord)
                    };
                    values.push(own.unwrap_or(*above));
                }
            }
            column.0.push(values);
        }
        column
    }
}
