//! Exact figures over all cells of a panel, and how they are taken together.

use super::error::MetricError;
use crate::panel::{Column, ColumnKey, Reason};
use crate::quantity::{QuantityError, Quantum, Ratio, rounded_together};

/// Exact figures for every period and subject, laid out as a panel is: `top / bottom` times `scale`.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) tops: Vec<i128>,
    /// Positive where there is a value; empty for amounts, whose bottoms are 1.
    pub(super) bottoms: Vec<i128>,
    pub(super) states: Vec<Option<Reason>>,
    pub(super) scale: Ratio,
    /// The quantum of amounts.
    pub(super) quantum: Option<Quantum>,
    /// The quantum to which exact amounts are rounded where they are shown.
    pub(super) rounds_to: Option<Quantum>,
}

impl Series {
    pub(super) fn amounts(tops: Vec<i128>, quantum: Quantum) -> Self {
        let states = vec![None; tops.len()];
        Self {
            tops,
            bottoms: Vec::new(),
            states,
            scale: quantum.ratio(),
            quantum: Some(quantum),
            rounds_to: None,
        }
    }

    pub(super) fn parts(&self, cell: usize) -> Result<(i128, i128), Reason> {
        match self.states[cell] {
            None => Ok((
                self.tops[cell],
                self.bottoms.get(cell).copied().unwrap_or(1),
            )),
            Some(reason) => Err(reason),
        }
    }

    /// Takes some cells of another series of the same figure.
    pub(super) fn copy(&mut self, of: &Self, cells: std::ops::Range<usize>) {
        self.tops[cells.clone()].copy_from_slice(&of.tops[cells.clone()]);
        self.states[cells.clone()].copy_from_slice(&of.states[cells.clone()]);
        if let (Some(own), Some(of)) = (self.bottoms.get_mut(cells.clone()), of.bottoms.get(cells))
        {
            own.copy_from_slice(of);
        }
    }

    pub(super) fn set(&mut self, cell: usize, reason: Reason) {
        if self.states[cell].is_none() {
            self.states[cell] = Some(reason);
            self.tops[cell] = 0;
            if let Some(bottom) = self.bottoms.get_mut(cell) {
                *bottom = 0;
            }
        }
    }

    /// A quotient for each cell, from its parts or the reason why there is none.
    pub(super) fn quotients(
        cells: usize,
        scale: Ratio,
        mut figure: impl FnMut(usize) -> Result<(i128, i128), Reason>,
    ) -> Self {
        let mut series = Self {
            tops: Vec::with_capacity(cells),
            bottoms: Vec::with_capacity(cells),
            states: Vec::with_capacity(cells),
            scale,
            quantum: None,
            rounds_to: None,
        };
        for cell in 0..cells {
            let (top, bottom, state) = match figure(cell) {
                Ok((_, 0)) => (0, 0, Some(Reason::NoBase)),
                Ok((top, bottom)) if bottom > 0 => (top, bottom, None),
                Ok((top, bottom)) => match (top.checked_neg(), bottom.checked_neg()) {
                    (Some(top), Some(bottom)) => (top, bottom, None),
                    _ => (0, 0, Some(Reason::OutOfRange)),
                },
                Err(reason) => (0, 0, Some(reason)),
            };
            series.tops.push(top);
            series.bottoms.push(bottom);
            series.states.push(state);
        }
        series
    }
}

pub(super) fn times(left: i128, right: i128) -> Result<i128, Reason> {
    left.checked_mul(right).ok_or(Reason::OutOfRange)
}

pub(super) fn difference(of: &Series, minus: &Series) -> Result<Series, QuantityError> {
    if let (Some(left), Some(right)) = (of.quantum, minus.quantum)
        && left == right
    {
        let mut series = Series::amounts(vec![0; of.tops.len()], left);
        for cell in 0..of.tops.len() {
            let parts = of.parts(cell).and_then(|(top, _)| {
                let (other, _) = minus.parts(cell)?;
                top.checked_sub(other).ok_or(Reason::OutOfRange)
            });
            match parts {
                Ok(top) => series.tops[cell] = top,
                Err(state) => series.set(cell, state),
            }
        }
        return Ok(series);
    }
    let shown = |series: &Series| series.quantum.or(series.rounds_to);
    let rounds_to = shown(of).filter(|quantum| shown(minus) == Some(*quantum));
    // Both on the scale of the first: the second is `factor` times as coarse.
    let factor = minus.scale.checked_div(of.scale)?;
    let mut series = Series::quotients(of.tops.len(), of.scale, |cell| {
        let ((top, bottom), (other_top, other_bottom)) = (of.parts(cell)?, minus.parts(cell)?);
        let left = times(times(top, other_bottom)?, factor.denominator())?;
        let right = times(times(other_top, bottom)?, factor.numerator())?;
        let top = left.checked_sub(right).ok_or(Reason::OutOfRange)?;
        Ok((
            top,
            times(times(bottom, other_bottom)?, factor.denominator())?,
        ))
    });
    series.rounds_to = rounds_to;
    Ok(series)
}

/// Exact amounts as they are shown: whole quanta, period by period.
fn shown(series: Series, subjects: usize) -> Series {
    let Some(quantum) = series.rounds_to else {
        return series;
    };
    let mut found = Series::amounts(vec![0; series.tops.len()], quantum);
    for first in (0..series.tops.len()).step_by(subjects.max(1)) {
        let cells = first..first + subjects;
        let exact: Vec<_> = cells.clone().map(|cell| series.parts(cell).ok()).collect();
        for (cell, whole) in cells.zip(rounded_together(&exact)) {
            match (whole, series.states[cell]) {
                (Some(whole), _) => found.tops[cell] = whole,
                (None, reason) => found.set(cell, reason.unwrap_or(Reason::OutOfRange)),
            }
        }
    }
    found
}

pub(super) fn column(
    series: Series,
    subjects: usize,
    key: ColumnKey,
    metric: &super::parts::Compiled,
) -> Result<Column, MetricError> {
    let Series {
        tops,
        bottoms,
        mut states,
        scale,
        quantum,
        rounds_to: _,
    } = shown(series, subjects);
    let unit = metric.unit.clone();
    let column = if let Some(quantum) = quantum {
        let mut units = Vec::with_capacity(tops.len());
        for (top, state) in tops.into_iter().zip(&mut states) {
            units.push(i64::try_from(top).unwrap_or_else(|_| {
                *state = Some(Reason::OutOfRange);
                0
            }));
        }
        Column::amounts(key, unit, quantum, units)
    } else {
        let (mut above, mut below) = (
            Vec::with_capacity(tops.len()),
            Vec::with_capacity(tops.len()),
        );
        for ((top, bottom), state) in tops.into_iter().zip(bottoms).zip(&mut states) {
            // A cell without a value is blanked below, for its own reason and not for a missing base.
            let (top, bottom) = match narrowed(top, bottom) {
                Some(parts) if state.is_none() => parts,
                Some(_) => (0, 1),
                None => {
                    *state = Some(Reason::OutOfRange);
                    (0, 1)
                }
            };
            above.push(top);
            below.push(bottom);
        }
        Column::quotients(key, unit, scale, above, below)?
    };
    Ok(column
        .with_reasons(&states)?
        .better(metric.direction.unwrap_or_default()))
}

/// The parts of a quotient in 64 bits, in lowest terms where they do not fit as they are.
fn narrowed(top: i128, bottom: i128) -> Option<(i64, i64)> {
    if let (Ok(top), Ok(bottom)) = (i64::try_from(top), i64::try_from(bottom)) {
        return Some((top, bottom));
    }
    let ratio = Ratio::new(top, bottom).ok()?;
    Some((
        i64::try_from(ratio.numerator()).ok()?,
        i64::try_from(ratio.denominator()).ok()?,
    ))
}
