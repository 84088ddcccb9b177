//! From what was folded to figures: formulas over all cells of a panel.

use chrono::Datelike;

use super::MetricError;
use super::definition::{First, QuantileMethod, SameDay, Scope};
use super::explain::Place;
use super::grid::Grid;
use super::holding::concentration;
use super::partial::Partial;
use super::plan::Plan;
use super::program::{
    Concentrated, CountLane, Drawn, End, GapFigure, Node, Question, Trailed, WaitingFigure,
};
use super::sample::{Sample, Samples, runs};
use super::store::Extremes;
use crate::panel::{Column, ColumnKey, Panel, Role, State};
use crate::quantity::{QuantityError, Quantum, Ratio};

/// Exact figures for every period and subject, laid out as a panel is: `top / bottom` times `scale`.
#[derive(Debug, Clone)]
struct Series {
    tops: Vec<i128>,
    /// Positive where there is a value; empty for amounts, whose bottoms are 1.
    bottoms: Vec<i128>,
    states: Vec<State>,
    scale: Ratio,
    /// The quantum of amounts.
    quantum: Option<Quantum>,
}

impl Series {
    fn amounts(tops: Vec<i128>, quantum: Quantum) -> Self {
        let states = vec![State::Value; tops.len()];
        Self {
            tops,
            bottoms: Vec::new(),
            states,
            scale: quantum.ratio(),
            quantum: Some(quantum),
        }
    }

    fn parts(&self, cell: usize) -> Result<(i128, i128), State> {
        match self.states[cell] {
            State::Value => Ok((
                self.tops[cell],
                self.bottoms.get(cell).copied().unwrap_or(1),
            )),
            state => Err(state),
        }
    }

    fn set(&mut self, cell: usize, state: State) {
        if self.states[cell].is_value() {
            self.states[cell] = state;
            self.tops[cell] = 0;
            if let Some(bottom) = self.bottoms.get_mut(cell) {
                *bottom = 0;
            }
        }
    }

    /// A quotient for each cell, from its parts or the reason why there is none.
    fn quotients(
        cells: usize,
        scale: Ratio,
        mut figure: impl FnMut(usize) -> Result<(i128, i128), State>,
    ) -> Self {
        let mut series = Self {
            tops: Vec::with_capacity(cells),
            bottoms: Vec::with_capacity(cells),
            states: Vec::with_capacity(cells),
            scale,
            quantum: None,
        };
        for cell in 0..cells {
            let (top, bottom, state) = match figure(cell) {
                Ok((_, 0)) => (0, 0, State::NoBase),
                Ok((top, bottom)) if bottom > 0 => (top, bottom, State::Value),
                Ok((top, bottom)) => match (top.checked_neg(), bottom.checked_neg()) {
                    (Some(top), Some(bottom)) => (top, bottom, State::Value),
                    _ => (0, 0, State::OutOfRange),
                },
                Err(state) => (0, 0, state),
            };
            series.tops.push(top);
            series.bottoms.push(bottom);
            series.states.push(state);
        }
        series
    }
}

fn times(left: i128, right: i128) -> Result<i128, State> {
    left.checked_mul(right).ok_or(State::OutOfRange)
}

impl Plan {
    /// Makes the figures.
    ///
    /// # Errors
    /// [`MetricError::PlanMismatch`] if the partial result is of another plan; [`MetricError::Quantity`] if a scale
    /// leaves its range.
    pub fn panel(&self, partial: &Partial) -> Result<Panel, MetricError> {
        if partial.plan != self.fingerprint {
            return Err(MetricError::PlanMismatch);
        }
        let mut known: Vec<Option<Series>> = vec![None; self.metrics.len()];
        for at in &self.program.order {
            let series = self.series(partial, &self.metrics[*at].node, &known)?;
            known[*at] = Some(series);
        }
        let mut panel = Panel::new(self.frame.subjects().clone(), self.frame.periods().clone());
        for (metric, series) in self.metrics.iter().zip(known) {
            let Some(series) = series else { continue };
            let key = ColumnKey {
                metric: metric.key.clone(),
                role: Role::Actual,
            };
            panel.add(column(series, key, metric)?)?;
        }
        Ok(panel)
    }

    fn series(
        &self,
        partial: &Partial,
        node: &Node,
        known: &[Option<Series>],
    ) -> Result<Series, MetricError> {
        let inner = |node: &Node| self.series(partial, node, known);
        Ok(match node {
            Node::Count(part) => {
                self.due(Series::amounts(self.counts(partial, *part), Quantum::ONE))
            }
            Node::Sum {
                part,
                quantum,
                count,
            } => {
                let mut series = Series::amounts(self.sums(partial, *part), *quantum);
                if let Some(count) = count {
                    for (cell, count) in self.counts(partial, *count).into_iter().enumerate() {
                        if count == 0 {
                            series.set(cell, State::NothingRecorded);
                        }
                    }
                }
                self.due(series)
            }
            Node::Extreme { part, end, quantum } => {
                self.due(self.extremes(partial, *part, *end, *quantum))
            }
            Node::Since(part) => {
                let mut series = self.extremes(partial, *part, End::High, Quantum::ONE);
                for (cell, day) in series.tops.iter_mut().enumerate() {
                    if series.states[cell].is_value() {
                        let last = self.program.last_days[cell / self.subjects().max(1)];
                        *day = i128::from(last) - *day;
                    }
                }
                self.due(series)
            }
            Node::Quantile {
                from,
                p,
                method,
                quantum,
            } => {
                let (samples, grid) = self.samples(partial, *from);
                self.due(self.quantiles(&samples, grid, *p, *method, *quantum))
            }
            Node::Gaps { from, figure } => {
                let (samples, grid) = self.samples(partial, *from);
                self.due(self.gaps(&samples, grid, *figure))
            }
            Node::Waiting { pair, figure } => {
                let waiting = self.waiting(partial, *pair);
                self.due(match figure {
                    WaitingFigure::Count => Series::amounts(waiting.counts, Quantum::ONE),
                    WaitingFigure::Age => {
                        Series::quotients(waiting.counts.len(), Ratio::ONE, |cell| {
                            Ok((waiting.days[cell], waiting.counts[cell]))
                        })
                    }
                })
            }
            Node::Open { part, quantum } => {
                let figures = partial.opens[*part].figures(self.subjects());
                self.due(Series::amounts(figures, *quantum))
            }
            Node::OpenAge { count, since } => {
                let counts = partial.opens[*count].figures(self.subjects());
                let sums = partial.opens[*since].figures(self.subjects());
                let subjects = self.subjects().max(1);
                self.due(Series::quotients(counts.len(), Ratio::ONE, |cell| {
                    let last = i128::from(self.program.last_days[cell / subjects]);
                    let ages = times(counts[cell], last)?.checked_sub(sums[cell]);
                    Ok((ages.ok_or(State::OutOfRange)?, counts[cell]))
                }))
            }
            Node::Last { part, quantum } => self.due(self.lasts(partial, *part, *quantum)),
            Node::Concentration { part, figure, .. } => {
                self.due(self.concentrations(partial, *part, *figure))
            }
            Node::Distinct(part) => self.due(tallied(&self.distinct(partial, *part).counts)),
            Node::New(part) => self.due(tallied(&self.fresh(partial, *part).counts)),
            Node::Ask {
                part,
                question,
                scope,
                touches,
                first,
            } => self.ask(partial, *part, *question, *scope, *touches, *first),
            Node::Ratio { of, to, scale } => {
                let (of, to) = (inner(of)?, inner(to)?);
                let scale = of.scale.checked_div(to.scale)?.checked_mul(*scale)?;
                Series::quotients(of.tops.len(), scale, |cell| {
                    let ((top, bottom), (other_top, other_bottom)) =
                        (of.parts(cell)?, to.parts(cell)?);
                    Ok((times(top, other_bottom)?, times(bottom, other_top)?))
                })
            }
            Node::Difference { of, minus } => difference(&inner(of)?, &inner(minus)?)?,
            Node::Scaled { of, by } => {
                let of = inner(of)?;
                let scale = of.scale.checked_mul(*by)?;
                Series::quotients(of.tops.len(), scale, |cell| of.parts(cell))
            }
            Node::Earlier { of, base, .. } => {
                let of = inner(of)?;
                let (subjects, cells) = (self.subjects(), of.tops.len());
                let mut series = Series {
                    tops: vec![0; cells],
                    bottoms: vec![0; of.bottoms.len()],
                    states: vec![State::NotApplicable; cells],
                    scale: of.scale,
                    quantum: of.quantum,
                };
                for (period, from) in base.iter().enumerate() {
                    let Some(from) = from else { continue };
                    let (to, from) = (period * subjects, from * subjects);
                    let copy = from..from + subjects;
                    series.tops[to..to + subjects].copy_from_slice(&of.tops[copy.clone()]);
                    series.states[to..to + subjects].copy_from_slice(&of.states[copy.clone()]);
                    if !of.bottoms.is_empty() {
                        series.bottoms[to..to + subjects].copy_from_slice(&of.bottoms[copy]);
                    }
                }
                series
            }
            Node::Growth { of, base, .. } => {
                let of = inner(of)?;
                let subjects = self.subjects().max(1);
                Series::quotients(of.tops.len(), Ratio::ONE, |cell| {
                    let from = base[cell / subjects].ok_or(State::NotApplicable)?;
                    let from = from * subjects + cell % subjects;
                    let ((top, bottom), (old_top, old_bottom)) = (of.parts(cell)?, of.parts(from)?);
                    if old_top <= 0 {
                        return Err(State::NoBase);
                    }
                    let (now, then) = (times(top, old_bottom)?, times(old_top, bottom)?);
                    Ok((now.checked_sub(then).ok_or(State::OutOfRange)?, then))
                })
            }
            Node::Share { of, groups } => self.shares(&inner(of)?, groups),
            Node::Days => self.due(Series::amounts(self.days(), Quantum::ONE)),
            Node::Metric(at) => known[*at].clone().ok_or(MetricError::PlanMismatch)?,
        })
    }

    fn subjects(&self) -> usize {
        self.frame.subjects().len()
    }

    fn panel_cells(&self) -> usize {
        self.subjects() * self.frame.periods().len()
    }

    /// Blanks the periods that have not begun by the as-of day.
    fn due(&self, mut series: Series) -> Series {
        let Some(as_of) = self.frame.as_of() else {
            return series;
        };
        for period in self
            .frame
            .periods()
            .iter()
            .filter(|period| period.start > as_of)
        {
            let from = period.ordinal * self.subjects();
            for cell in from..from + self.subjects() {
                // Nothing can be recorded yet, which says nothing of whether it will be.
                if series.states[cell] == State::NothingRecorded {
                    series.states[cell] = State::Value;
                }
                series.set(cell, State::NotYetDue);
            }
        }
        series
    }

    /// Sums a figure over the atoms of each period's window.
    fn windowed(&self, grid: &Grid, figure: impl Fn(usize) -> i128) -> Vec<i128> {
        let (subjects, width) = (self.subjects(), grid.width() as usize);
        let mut found = vec![0; self.panel_cells()];
        let plain = grid.is_plain();
        let mut sums = vec![0; width + 1];
        for subject in 0..subjects {
            let first = subject * width;
            if plain {
                for period in 0..grid.ranges.len() {
                    found[period * subjects + subject] = figure(first + period);
                }
                continue;
            }
            for atom in 0..width {
                sums[atom + 1] = sums[atom] + figure(first + atom);
            }
            for (period, (from, to)) in grid.ranges.iter().enumerate() {
                found[period * subjects + subject] = sums[*to as usize] - sums[*from as usize];
            }
        }
        found
    }

    fn counts(&self, partial: &Partial, part: usize) -> Vec<i128> {
        let tally = &self.program.tallies[part];
        let grid = &self.grids[self.program.banks[tally.bank].grid];
        let cells = &partial.cells[tally.bank];
        match tally.lane {
            CountLane::Count(lane) => self.windowed(grid, |cell| cells.count(cell, lane)),
            CountLane::Sum(lane) => self.windowed(grid, |cell| cells.sum(cell, lane)),
        }
    }

    fn sums(&self, partial: &Partial, part: usize) -> Vec<i128> {
        let part = &self.program.sums[part];
        let grid = &self.grids[self.program.banks[part.bank].grid];
        let cells = &partial.cells[part.bank];
        self.windowed(grid, |cell| cells.sum(cell, part.lane))
    }

    fn extremes(&self, partial: &Partial, part: usize, end: End, quantum: Quantum) -> Series {
        let grid = &self.grids[self.program.selections[self.program.extremes[part].selection].grid];
        let (subjects, width) = (self.subjects(), grid.width() as usize);
        let extremes = &partial.extremes[part].0;
        let mut series = Series::amounts(vec![0; self.panel_cells()], quantum);
        for (period, (from, to)) in grid.ranges.iter().enumerate() {
            for subject in 0..subjects {
                let first = subject * width;
                let window = &extremes[first + *from as usize..first + *to as usize];
                let found = window.iter().fold(Extremes::NONE, |found, one| {
                    (found.0.min(one.0), found.1.max(one.1))
                });
                let cell = period * subjects + subject;
                if found == Extremes::NONE {
                    series.set(cell, State::NothingRecorded);
                } else {
                    series.tops[cell] = i128::from(if end == End::Low { found.0 } else { found.1 });
                }
            }
        }
        series
    }

    /// A sample by cell of its grid.
    fn samples<'a>(
        &'a self,
        partial: &'a Partial,
        from: Drawn,
    ) -> (std::borrow::Cow<'a, Samples>, &'a Grid) {
        use std::borrow::Cow;
        match from {
            Drawn::Samples(part) => {
                let selection = self.program.samples[part].selection;
                let grid = &self.grids[self.program.selections[selection].grid];
                (Cow::Borrowed(&partial.samples[part]), grid)
            }
            Drawn::Trail(part) => {
                let known = &self.program.trails[part];
                let grid = &self.grids[self.program.selections[known.selection].grid];
                let mut gaps = Samples::default();
                for run in runs(&partial.trails[part].sorted) {
                    for (at, step) in run.iter().enumerate() {
                        let cell = step.subject * grid.width() + grid.atom(step.day);
                        if at > 0 {
                            gaps.add(cell, i64::from(step.day) - i64::from(run[at - 1].day));
                        }
                        if known.kept_for == Trailed::Gaps(SameDay::Each) {
                            for _ in 1..step.count {
                                gaps.add(cell, 0);
                            }
                        }
                    }
                }
                gaps.settle();
                (Cow::Owned(gaps), grid)
            }
            Drawn::Pair(pair) => {
                let (samples, grid) = self.paired(partial, pair);
                (Cow::Owned(samples), grid)
            }
        }
    }

    /// Calls `found` with (panel cell, values in ascending order) for every cell.
    fn each_sample(&self, samples: &Samples, grid: &Grid, mut found: impl FnMut(usize, &[Sample])) {
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

    fn quantiles(
        &self,
        samples: &Samples,
        grid: &Grid,
        p: Ratio,
        method: QuantileMethod,
        quantum: Quantum,
    ) -> Series {
        let mut figures = vec![Err(State::NothingRecorded); self.panel_cells()];
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

    fn gaps(&self, samples: &Samples, grid: &Grid, figure: GapFigure) -> Series {
        let mut found = vec![Err(State::NothingRecorded); self.panel_cells()];
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

    fn ask(
        &self,
        partial: &Partial,
        part: usize,
        question: Question,
        scope: Scope,
        touches: usize,
        first: First,
    ) -> Series {
        let mut series = tallied(&self.asked(partial, part, question, scope, touches).counts);
        let subjects = self.subjects();
        for period in 0..self.frame.periods().len() {
            let at = Place { subject: 0, period };
            if let Some(state) = self.asked_state(question, first, at) {
                for cell in period * subjects..(period + 1) * subjects {
                    series.set(cell, state);
                }
            }
        }
        self.due(series)
    }

    /// Why a question has no answer in a period, if so.
    pub(super) fn asked_state(&self, question: Question, first: First, at: Place) -> Option<State> {
        if at.period == 0 && first == First::NotApplicable {
            // Nothing precedes the first period, whatever will follow.
            return Some(State::NotApplicable);
        }
        let ahead = question.ahead();
        (!self.is_over(at.period + ahead, ahead)).then_some(State::NotYetDue)
    }

    /// Whether the periods that a question looks ahead to are in the panel and over.
    fn is_over(&self, last: usize, ahead: usize) -> bool {
        let Some(period) = self.frame.periods().period(last) else {
            return false;
        };
        match self.frame.as_of() {
            Some(as_of) if ahead > 0 => period.end.pred_opt().is_some_and(|end| end <= as_of),
            _ => true,
        }
    }

    fn shares(&self, of: &Series, groups: &[u32]) -> Series {
        let subjects = self.subjects();
        let count = groups.iter().max().map_or(0, |last| *last as usize + 1);
        let mut totals = vec![Some(0_i128); count * self.frame.periods().len()];
        let place = |cell: usize| (cell / subjects) * count + groups[cell % subjects] as usize;
        for cell in 0..of.tops.len() {
            if of.states[cell].is_value() {
                let total = &mut totals[place(cell)];
                *total = total.and_then(|total| total.checked_add(of.tops[cell]));
            }
        }
        Series::quotients(of.tops.len(), Ratio::ONE, |cell| {
            // Amounts of one metric have one quantum; it cancels, as do equal bottoms.
            let (top, _) = of.parts(cell)?;
            Ok((top, totals[place(cell)].ok_or(State::OutOfRange)?))
        })
    }

    fn lasts(&self, partial: &Partial, part: usize, quantum: Quantum) -> Series {
        let grid = &self.grids[self.program.selections[self.program.lasts[part].selection].grid];
        let subjects = self.subjects();
        let mut found: Vec<Option<i128>> = vec![None; self.panel_cells()];
        for (period, (_, end)) in grid.ranges.iter().enumerate() {
            partial.lasts[part].before(*end, |subject, value| {
                if (subject as usize) < subjects {
                    let sum = &mut found[period * subjects + subject as usize];
                    *sum = Some(sum.unwrap_or(0) + i128::from(value));
                }
            });
        }
        let mut series = Series::amounts(vec![0; found.len()], quantum);
        for (cell, found) in found.into_iter().enumerate() {
            match found {
                Some(sum) => series.tops[cell] = sum,
                None => series.set(cell, State::NothingRecorded),
            }
        }
        series
    }

    fn concentrations(&self, partial: &Partial, part: usize, figure: Concentrated) -> Series {
        let selection = self.program.holdings[part].selection;
        let grid = &self.grids[self.program.selections[selection].grid];
        let subjects = self.subjects();
        Series::quotients(self.panel_cells(), Ratio::ONE, |cell| {
            let (from, to) = grid.ranges[cell / subjects];
            let first = u32::try_from(cell % subjects).unwrap_or(u32::MAX) * grid.width();
            concentration(
                partial.holdings[part].over(first + from..first + to),
                figure,
            )
        })
    }

    fn days(&self) -> Vec<i128> {
        let cut = self
            .frame
            .as_of()
            .map_or(i32::MAX, |day| day.num_days_from_ce() + 1);
        let mut days = Vec::with_capacity(self.panel_cells());
        for period in self.frame.periods() {
            let end = period.end.num_days_from_ce().min(cut);
            let count = (end - period.start.num_days_from_ce()).max(0);
            days.resize(days.len() + self.subjects(), i128::from(count));
        }
        days
    }
}

fn tallied(counts: &[i64]) -> Series {
    Series::amounts(
        counts.iter().copied().map(i128::from).collect(),
        Quantum::ONE,
    )
}

fn one_of(sample: Option<&Sample>) -> Result<(i128, i128), State> {
    sample.map_or(Err(State::NothingRecorded), |sample| {
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
) -> Result<(i128, i128), State> {
    let count: i128 = values.iter().map(|sample| i128::from(sample.count)).sum();
    if count == 0 {
        return Err(State::NothingRecorded);
    }
    let (above, below) = (p.numerator(), p.denominator());
    let at = |place: i128| {
        u128::try_from(place)
            .ok()
            .and_then(|place| value_at(values, place))
            .ok_or(State::OutOfRange)
    };
    match method {
        QuantileMethod::Type7 => {
            let place = times(count - 1, above)?;
            let (whole, part) = (place / below, place % below);
            let low = at(whole)?;
            let high = if part == 0 { low } else { at(whole + 1)? };
            let weighted = times(low, below - part)?.checked_add(times(high, part)?);
            Ok((weighted.ok_or(State::OutOfRange)?, below))
        }
        QuantileMethod::NearestRank => {
            let place = times(count, above)?;
            let rank = place / below + i128::from(place % below != 0);
            Ok((at(rank.max(1) - 1)?, 1))
        }
    }
}

fn difference(of: &Series, minus: &Series) -> Result<Series, QuantityError> {
    if let (Some(left), Some(right)) = (of.quantum, minus.quantum)
        && left == right
    {
        let mut series = Series::amounts(vec![0; of.tops.len()], left);
        for cell in 0..of.tops.len() {
            let parts = of.parts(cell).and_then(|(top, _)| {
                let (other, _) = minus.parts(cell)?;
                top.checked_sub(other).ok_or(State::OutOfRange)
            });
            match parts {
                Ok(top) => series.tops[cell] = top,
                Err(state) => series.set(cell, state),
            }
        }
        return Ok(series);
    }
    // Both on the scale of the first: the second is `factor` times as coarse.
    let factor = minus.scale.checked_div(of.scale)?;
    Ok(Series::quotients(of.tops.len(), of.scale, |cell| {
        let ((top, bottom), (other_top, other_bottom)) = (of.parts(cell)?, minus.parts(cell)?);
        let left = times(times(top, other_bottom)?, factor.denominator())?;
        let right = times(times(other_top, bottom)?, factor.numerator())?;
        let top = left.checked_sub(right).ok_or(State::OutOfRange)?;
        Ok((
            top,
            times(times(bottom, other_bottom)?, factor.denominator())?,
        ))
    }))
}

fn column(
    series: Series,
    key: ColumnKey,
    metric: &super::program::Compiled,
) -> Result<Column, MetricError> {
    let Series {
        tops,
        bottoms,
        mut states,
        scale,
        quantum,
    } = series;
    let unit = metric.unit.clone();
    let column = if let Some(quantum) = quantum {
        let mut units = Vec::with_capacity(tops.len());
        for (top, state) in tops.into_iter().zip(&mut states) {
            units.push(i64::try_from(top).unwrap_or_else(|_| {
                *state = State::OutOfRange;
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
                Some(parts) if state.is_value() => parts,
                Some(_) => (0, 1),
                None => {
                    *state = State::OutOfRange;
                    (0, 1)
                }
            };
            above.push(top);
            below.push(bottom);
        }
        Column::quotients(key, unit, scale, above, below)?
    };
    Ok(column.with_states(&states)?.better(metric.direction))
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
