//! Figures of single values: quantiles, and the days between records.

use super::grid::Grid;
use super::metric::{QuantileMethod, SameDay};
use super::partial::Partial;
use super::parts::{Drawn, GapFigure, Trailed};
use super::program::Program;
use super::sample::{Sample, Samples, runs};
use super::series::{Series, times};
use crate::panel::Reason;
use crate::quantity::{Quantum, Ratio};

impl Program {
    /// A sample by cell of its grid.
    pub(super) fn samples<'a>(
        &'a self,
        partial: &'a Partial,
        from: Drawn,
    ) -> (std::borrow::Cow<'a, Samples>, &'a Grid) {
        use std::borrow::Cow;
        match from {
            Drawn::Samples(part) => {
                let selection = self.parts.samples[part].selection;
                let grid = &self.grids[self.parts.selections[selection].grid];
                (Cow::Borrowed(&partial.samples[part]), grid)
            }
            Drawn::Trail(part) => {
                let known = &self.parts.trails[part];
                let grid = &self.grids[self.parts.selections[known.selection].grid];
                let mut gaps = Samples::default();
                let mut zeros = Vec::new();
                for run in runs(&partial.trails[part].sorted) {
                    for (at, step) in run.iter().enumerate() {
                        let cell = step.subject * grid.width() + grid.atom(step.day);
                        if at > 0 {
                            gaps.add(cell, i64::from(step.day) - i64::from(run[at - 1].day));
                        }
                        if known.kept_for == Trailed::Gaps(SameDay::Each) && step.count > 1 {
                            zeros.push(Sample {
                                cell,
                                value: 0,
                                count: step.count - 1,
                            });
                        }
                    }
                }
                gaps.settle();
                gaps.gather(zeros);
                (Cow::Owned(gaps), grid)
            }
            Drawn::Pair(pair) => {
                let (samples, grid) = self.paired(partial, pair);
                (Cow::Owned(samples), grid)
            }
        }
    }

    /// Calls `found` with (panel cell, values in ascending order) for every cell.
    pub(super) fn each_sample(
        &self,
        samples: &Samples,
        grid: &Grid,
        mut found: impl FnMut(usize, &[Sample]),
    ) {
        let mut window = Vec::new();
        for (period, (from, to)) in grid.ranges.iter().enumerate() {
            for subject in 0..self.subjects() {
                let first = u32::try_from(subject).unwrap_or(u32::MAX) * grid.width();
                let cell = period * self.subjects() + subject;
                if to - from == 1 {
                    found(cell, samples.of(first + from));
                    continue;
                }
                window.clear();
                for atom in *from..*to {
                    window.extend_from_slice(samples.of(first + atom));
                }
                window.sort_unstable_by_key(|sample| sample.value);
                found(cell, &window);
            }
        }
    }

    pub(super) fn quantiles(
        &self,
        samples: &Samples,
        grid: &Grid,
        p: Ratio,
        method: QuantileMethod,
        quantum: Quantum,
    ) -> Series {
        let mut figures = vec![Err(Reason::NothingRecorded); self.panel_cells()];
        self.each_sample(samples, grid, |cell, values| {
            figures[cell] = quantile(values, p, method);
        });
        if method == QuantileMethod::NearestRank {
            let mut series = Series::amounts(vec![0; figures.len()], quantum);
            for (cell, figure) in figures.into_iter().enumerate() {
                match figure {
                    Ok((top, _)) => series.tops[cell] = top,
                    Err(state) => series.set(cell, state),
                }
            }
            return series;
        }
        Series::quotients(figures.len(), quantum.ratio(), |cell| figures[cell])
    }

    pub(super) fn gaps(&self, samples: &Samples, grid: &Grid, figure: GapFigure) -> Series {
        let mut found = vec![Err(Reason::NothingRecorded); self.panel_cells()];
        self.each_sample(samples, grid, |cell, values| {
            let count: i128 = values.iter().map(|sample| i128::from(sample.count)).sum();
            let sum: i128 = values
                .iter()
                .map(|sample| i128::from(sample.count) * i128::from(sample.value))
                .sum();
            found[cell] = match figure {
                GapFigure::Sum => Ok((sum, 1)),
                GapFigure::Mean => Ok((sum, count)),
                GapFigure::Low => one_of(values.first()),
                GapFigure::High => one_of(values.last()),
            };
        });
        if figure == GapFigure::Mean {
            return Series::quotients(found.len(), Ratio::ONE, |cell| found[cell]);
        }
        let mut series = Series::amounts(vec![0; found.len()], Quantum::ONE);
        for (cell, figure) in found.into_iter().enumerate() {
            match figure {
                Ok((top, _)) => series.tops[cell] = top,
                Err(state) => series.set(cell, state),
            }
        }
        series
    }
}

fn one_of(sample: Option<&Sample>) -> Result<(i128, i128), Reason> {
    sample.map_or(Err(Reason::NothingRecorded), |sample| {
        Ok((i128::from(sample.value), 1))
    })
}

/// The value at a place in the sorted sample, counted from 0.
fn value_at(values: &[Sample], place: u128) -> Option<i128> {
    let mut passed = 0_u128;
    for sample in values {
        passed += u128::from(sample.count);
        if place < passed {
            return Some(i128::from(sample.value));
        }
    }
    None
}

pub(super) fn quantile(
    values: &[Sample],
    p: Ratio,
    method: QuantileMethod,
) -> Result<(i128, i128), Reason> {
    let count: i128 = values.iter().map(|sample| i128::from(sample.count)).sum();
    if count == 0 {
        return Err(Reason::NothingRecorded);
    }
    let (above, below) = (p.numerator(), p.denominator());
    let at = |place: i128| {
        u128::try_from(place)
            .ok()
            .and_then(|place| value_at(values, place))
            .ok_or(Reason::OutOfRange)
    };
    match method {
        QuantileMethod::Type7 => {
            let place = times(count - 1, above)?;
            let (whole, part) = (place / below, place % below);
            let low = at(whole)?;
            let high = if part == 0 { low } else { at(whole + 1)? };
            let weighted = times(low, below - part)?.checked_add(times(high, part)?);
            Ok((weighted.ok_or(Reason::OutOfRange)?, below))
        }
        QuantileMethod::NearestRank => {
            let place = times(count, above)?;
            let rank = place / below + i128::from(place % below != 0);
            Ok((at(rank.max(1) - 1)?, 1))
        }
    }
}
