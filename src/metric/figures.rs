//! From what was folded to figures: formulas over all cells of a panel.

use chrono::Datelike;

use super::apart::Stage;
use super::error::MetricError;
use super::explain::Place;
use super::grid::Grid;
use super::holding::concentration;
use super::metric::{First, SeenBy};
use super::partial::Partial;
use super::parts::{Concentrated, CountLane, End, Never, Node, Question, WaitingFigure};
use super::program::Program;
use super::series::{Series, column, difference, times};
use super::store::{Extremes, sum_bit};
use crate::calendar::PeriodId;
use crate::panel::{Column, ColumnKey, Columns, Panel, Reason, Role};
use crate::quantity::{Quantum, Ratio};

/// What was folded, as columns for a panel that has the program's rows and periods, in whatever order:
/// `panel.extend(program.folded(&partial))`.
#[derive(Debug, Clone, Copy)]
pub struct Folded<'a> {
    program: &'a Program,
    partial: &'a Partial,
}

impl Columns for Folded<'_> {
    type Error = MetricError;

    fn columns(self, panel: &Panel) -> Result<Vec<Column>, MetricError> {
        Ok(self.program.panel(self.partial)?.laid_onto(panel)?.0)
    }
}

impl Program {
    /// Returns the figures as columns, for a panel that has others already.
    #[must_use]
    pub fn folded<'a>(&'a self, partial: &'a Partial) -> Folded<'a> {
        Folded {
            program: self,
            partial,
        }
    }

    /// Makes the figures.
    ///
    /// # Errors
    /// [`MetricError::ProgramMismatch`] if the partial result is of another program; [`MetricError::Quantity`] if a scale
    /// leaves its range.
    pub fn panel(&self, partial: &Partial) -> Result<Panel, MetricError> {
        if partial.program != self.fingerprint() {
            return Err(MetricError::ProgramMismatch);
        }
        self.figures(partial)
    }

    /// The figures of a partial result that is known to be of this program.
    pub(crate) fn figures(&self, partial: &Partial) -> Result<Panel, MetricError> {
        let mut known: Vec<Option<Series>> = vec![None; self.metrics.len()];
        let stages = self.stages(partial)?;
        let folded = (partial, &*stages);
        for at in &self.parts.order {
            let series = self.series(folded, &self.metrics[*at].node, &known)?;
            known[*at] = Some(series);
        }
        let mut panel = Panel::new(
            self.layout.subjects().clone(),
            self.layout.periods().clone(),
        );
        if let Some(day) = self.layout.as_of() {
            panel = panel.as_of_day(day);
        }
        for (metric, series) in self.metrics.iter().zip(known) {
            let Some(series) = series else { continue };
            let key = ColumnKey {
                metric: metric.key.clone(),
                role: Role::Actual,
            };
            panel.add(column(series, self.subjects(), key, metric)?)?;
        }
        Ok(panel)
    }

    fn series(
        &self,
        folded: (&Partial, &[Stage]),
        node: &Node,
        known: &[Option<Series>],
    ) -> Result<Series, MetricError> {
        let inner = |node: &Node| self.series(folded, node, known);
        Ok(match node {
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
                    states: vec![Some(Reason::NotApplicable); cells],
                    scale: of.scale,
                    quantum: of.quantum,
                    rounds_to: of.rounds_to,
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
                    let from = base[cell / subjects].ok_or(Reason::NotApplicable)?;
                    let from = from * subjects + cell % subjects;
                    let ((top, bottom), (old_top, old_bottom)) = (of.parts(cell)?, of.parts(from)?);
                    if old_top <= 0 {
                        return Err(Reason::NoBase);
                    }
                    let (now, then) = (times(top, old_bottom)?, times(old_top, bottom)?);
                    Ok((now.checked_sub(then).ok_or(Reason::OutOfRange)?, then))
                })
            }
            Node::Share { of, groups } => self.shares(&inner(of)?, groups),
            Node::Metric(at) => known[*at].clone().ok_or(MetricError::ProgramMismatch)?,
            leaf => self.stood(folded, leaf),
        })
    }

    /// Figures that are made from what was folded: where they are drawn from single records, as these stood at the end of each
    /// period.
    fn stood(&self, (partial, stages): (&Partial, &[Stage]), node: &Node) -> Series {
        let mut series = self.leaf(partial, node);
        let Some(ahead) = node.drawn_ahead() else {
            return series;
        };
        let (subjects, periods) = (self.subjects(), self.layout.periods().len());
        for stage in stages {
            let of = self.leaf(&stage.partial, node);
            let seen = |period: &usize| {
                let at = (period + ahead).min(periods.saturating_sub(1));
                stage.periods.contains(&at)
            };
            for period in (0..periods).filter(seen) {
                let cells = period * subjects..(period + 1) * subjects;
                series.copy(&of, cells);
            }
        }
        series
    }

    /// Figures that are made from what was folded.
    fn leaf(&self, partial: &Partial, node: &Node) -> Series {
        match node {
            Node::Count(part) => {
                let tally = &self.parts.tallies[*part];
                let place = (tally.bank, tally.lane.bit());
                let whole = self.counts(partial, *part);
                let mut series = self.exact(partial, place, whole, Quantum::ONE);
                // A part of a record is shown as what it is.
                series.rounds_to = None;
                self.due(series)
            }
            Node::Sum {
                part,
                quantum,
                count,
            } => {
                let sum = &self.parts.sums[*part];
                let place = (sum.bank, sum_bit(sum.lane));
                let mut series = self.exact(partial, place, self.sums(partial, *part), *quantum);
                if let Some(count) = count {
                    for (cell, count) in self.counts(partial, *count).into_iter().enumerate() {
                        // A reversal may stand against another record.
                        if count == 0 && series.tops[cell] == 0 {
                            series.set(cell, Reason::NothingRecorded);
                        }
                    }
                }
                self.due(series)
            }
            Node::Extreme { part, end, quantum } => {
                self.due(self.extremes(partial, *part, *end, *quantum))
            }
            Node::Since { part, never } => self.due(self.since(partial, *part, *never)),
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
            Node::Open { part, quantum } => self.due(self.open(partial, *part, *quantum)),
            Node::OpenAge { count, since } => self.due(self.open_age(partial, *count, *since)),
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
            Node::Days => self.due(Series::amounts(self.days(), Quantum::ONE)),
            // What is made of other figures is taken together above.
            _ => Series::quotients(self.panel_cells(), Ratio::ONE, |_| {
                Err(Reason::NotApplicable)
            }),
        }
    }

    /// The days since the last record; where there is none, what is said of its silence.
    fn since(&self, partial: &Partial, part: usize, never: Never) -> Series {
        let mut series = self.extremes(partial, part, End::High, Quantum::ONE);
        let subjects = self.subjects().max(1);
        for (cell, day) in series.tops.iter_mut().enumerate() {
            let last = self.parts.last_days[cell / subjects];
            if series.states[cell].is_none() {
                *day = i128::from(last) - *day;
                continue;
            }
            let silent = self
                .parts
                .silent_since_taken_on(never, cell % subjects, last);
            (*day, series.states[cell]) = match silent {
                Ok(days) => (i128::from(days), None),
                Err(reason) => (0, Some(reason)),
            };
        }
        series
    }

    /// The mean days for which what is open has been so.
    fn open_age(&self, partial: &Partial, count: usize, since: usize) -> Series {
        let counts = partial.opens[count].figures(self.subjects());
        let sums = partial.opens[since].figures(self.subjects());
        let subjects = self.subjects().max(1);
        Series::quotients(counts.len(), Ratio::ONE, |cell| {
            let last = i128::from(self.parts.last_days[cell / subjects]);
            let ages = times(counts[cell], last)?.checked_sub(sums[cell]);
            Ok((ages.ok_or(Reason::OutOfRange)?, counts[cell]))
        })
    }

    pub(super) fn subjects(&self) -> usize {
        self.layout.subjects().len()
    }

    pub(super) fn panel_cells(&self) -> usize {
        self.subjects() * self.layout.periods().len()
    }

    /// Blanks the periods that have not begun by the as-of day.
    fn due(&self, mut series: Series) -> Series {
        let Some(as_of) = self.layout.as_of() else {
            return series;
        };
        for period in self
            .layout
            .periods()
            .iter()
            .filter(|period| period.start > as_of)
        {
            let from = period.id.index() * self.subjects();
            for cell in from..from + self.subjects() {
                // Nothing can be recorded yet, which says nothing of whether it will be, nor of what it could be measured by.
                if series.states[cell] != Some(Reason::NotApplicable) {
                    series.states[cell] = None;
                }
                series.set(cell, Reason::NotYetDue);
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
                    let atom = grid.before() + period;
                    found[period * subjects + subject] = figure(first + atom);
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
        let tally = &self.parts.tallies[part];
        let grid = &self.grids[self.parts.banks[tally.bank].grid];
        let cells = &partial.cells[tally.bank];
        match tally.lane {
            CountLane::Count(lane) => self.windowed(grid, |cell| cells.count(cell, lane)),
            CountLane::Sum(lane) => self.windowed(grid, |cell| cells.sum(cell, lane)),
        }
    }

    fn sums(&self, partial: &Partial, part: usize) -> Vec<i128> {
        let part = &self.parts.sums[part];
        let grid = &self.grids[self.parts.banks[part.bank].grid];
        let cells = &partial.cells[part.bank];
        self.windowed(grid, |cell| cells.sum(cell, part.lane))
    }

    fn extremes(&self, partial: &Partial, part: usize, end: End, quantum: Quantum) -> Series {
        let grid = &self.grids[self.parts.selections[self.parts.extremes[part].selection].grid];
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
                    series.set(cell, Reason::NothingRecorded);
                } else {
                    series.tops[cell] = i128::from(if end == End::Low { found.0 } else { found.1 });
                }
            }
        }
        series
    }

    fn ask(
        &self,
        partial: &Partial,
        part: usize,
        question: Question,
        scope: SeenBy,
        touches: usize,
        first: First,
    ) -> Series {
        let mut series = tallied(&self.asked(partial, part, question, scope, touches).counts);
        let subjects = self.subjects();
        for period in 0..self.layout.periods().len() {
            let at = Place { subject: 0, period };
            if let Some(reason) = self.asked_reason(question, first, at) {
                for cell in period * subjects..(period + 1) * subjects {
                    series.set(cell, reason);
                }
            }
        }
        self.due(series)
    }

    /// Why a question has no answer in a period, if so.
    pub(super) fn asked_reason(
        &self,
        question: Question,
        first: First,
        at: Place,
    ) -> Option<Reason> {
        if at.period == 0 && first == First::NotApplicable {
            // Nothing precedes the first period, whatever will follow.
            return Some(Reason::NotApplicable);
        }
        let last = at.period + question.ahead();
        let is_known = if question.asks_for_absence() {
            self.is_over(last)
        } else {
            last < self.layout.periods().len()
        };
        (!is_known).then_some(Reason::NotYetDue)
    }

    /// Whether a period is in the panel and over: who has not come by the as-of day may still come.
    fn is_over(&self, period: usize) -> bool {
        let Some(period) = self.layout.periods().period(PeriodId::at(period)) else {
            return false;
        };
        let as_of = self.layout.as_of();
        as_of.is_none_or(|as_of| period.end.pred_opt().is_some_and(|last| last <= as_of))
    }

    fn shares(&self, of: &Series, groups: &[u32]) -> Series {
        let subjects = self.subjects();
        let count = groups.iter().max().map_or(0, |last| *last as usize + 1);
        let mut totals = vec![Some(0_i128); count * self.layout.periods().len()];
        let place = |cell: usize| (cell / subjects) * count + groups[cell % subjects] as usize;
        for cell in 0..of.tops.len() {
            if of.states[cell].is_none() {
                let total = &mut totals[place(cell)];
                *total = total.and_then(|total| total.checked_add(of.tops[cell]));
            }
        }
        Series::quotients(of.tops.len(), Ratio::ONE, |cell| {
            // Amounts of one metric have one quantum; it cancels, as do equal bottoms.
            let (top, _) = of.parts(cell)?;
            Ok((top, totals[place(cell)].ok_or(Reason::OutOfRange)?))
        })
    }

    fn lasts(&self, partial: &Partial, part: usize, quantum: Quantum) -> Series {
        let grid = &self.grids[self.parts.selections[self.parts.lasts[part].selection].grid];
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
                None => series.set(cell, Reason::NothingRecorded),
            }
        }
        series
    }

    fn concentrations(&self, partial: &Partial, part: usize, figure: Concentrated) -> Series {
        let selection = self.parts.holdings[part].selection;
        let grid = &self.grids[self.parts.selections[selection].grid];
        let subjects = self.subjects();
        Series::quotients(self.panel_cells(), Ratio::ONE, |cell| {
            let (from, to) = grid.ranges[cell / subjects];
            let first = u32::try_from(cell % subjects).unwrap_or(u32::MAX) * grid.width();
            let held = partial.holdings[part].over(first + from..first + to);
            concentration(held.ok_or(Reason::OutOfRange)?, figure)
        })
    }

    fn days(&self) -> Vec<i128> {
        let cut = self
            .layout
            .as_of()
            .map_or(i32::MAX, |day| day.num_days_from_ce() + 1);
        let mut days = Vec::with_capacity(self.panel_cells());
        for period in self.layout.periods() {
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
