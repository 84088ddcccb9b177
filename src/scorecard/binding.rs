//! A card bound to the columns of a panel in one period.

use std::ops::RangeInclusive;

use super::input::{Benchmark, InputDef, Lookback, Peers, Readings};
use super::judge::{Facts, KpiFacts};
use super::kpi::direction_of;
use super::{Attainment, Observed, Scorecard, ScorecardError, Unknown};
use crate::measure::{Direction, Unit};
use crate::panel::{Column, Figures, Panel, PanelError, Reason, Role};
use crate::quantity::{QuantityError, Ratio};

/// A card bound to a panel and a period.
#[derive(Debug)]
pub(crate) struct Binding<'p> {
    pub(crate) kpis: Vec<BoundKpi<'p>>,
    pub(crate) figures: Vec<Option<Source<'p>>>,
}

/// A KPI bound to its columns.
#[derive(Debug)]
pub(crate) struct BoundKpi<'p> {
    pub(crate) inputs: Vec<BoundInput<'p>>,
    /// The same inputs in the earlier periods, the nearest first, where the KPI may need them.
    earlier: Vec<Vec<BoundInput<'p>>>,
}

/// An input bound to its columns.
#[derive(Debug)]
pub(crate) struct BoundInput<'p> {
    pub(crate) direction: Direction,
    pub(crate) actual: Source<'p>,
    pub(crate) target: Option<BoundBenchmark<'p>>,
    pub(crate) baseline: Option<BoundBenchmark<'p>>,
    pub(crate) prorated: Option<Source<'p>>,
}

/// Where a reference finds its number.
#[derive(Debug)]
pub(crate) enum BoundBenchmark<'p> {
    /// The same for all subjects.
    Fixed(Result<Ratio, Reason>),
    Read(Source<'p>),
}

/// A column over a run of periods.
#[derive(Debug, Clone)]
pub(crate) struct Source<'p> {
    pub(crate) column: &'p Column,
    subjects: usize,
    pub(crate) periods: RangeInclusive<usize>,
}

impl Scorecard {
    /// Checks that a panel has the columns of the card, in units that can be compared.
    ///
    /// # Errors
    /// [`ScorecardError::Panel`] for an unknown column, [`ScorecardError::UnitMismatch`],
    /// [`ScorecardError::Conflict`] for a metric without a direction, each inside [`ScorecardError::In`].
    pub fn check(&self, panel: &Panel) -> Result<(), ScorecardError> {
        if panel.periods().is_empty() {
            return Ok(());
        }
        self.bind(panel, 0).map(|_| ())
    }

    pub(crate) fn bind<'p>(
        &self,
        panel: &'p Panel,
        period: usize,
    ) -> Result<Binding<'p>, ScorecardError> {
        if period >= panel.periods().len() {
            let (subjects, periods) = (panel.subjects().len(), panel.periods().len());
            return Err(PanelError::Outside {
                subject: 0,
                period,
                subjects,
                periods,
            }
            .into());
        }
        let mut kpis = Vec::with_capacity(self.kpis.len());
        for kpi in &self.kpis {
            let at = |period: usize| -> Result<Vec<BoundInput<'p>>, ScorecardError> {
                kpi.inputs()
                    .map(|input| BoundInput::new(input, panel, period))
                    .collect::<Result<_, _>>()
                    .map_err(|error| error.within(format!("KPI `{}`", kpi.def.key)))
            };
            let looks_back = kpi.def.unknown.each().contains(&Unknown::Previous);
            let earlier = if looks_back {
                (0..period).rev().map(at).collect::<Result<_, _>>()?
            } else {
                Vec::new()
            };
            kpis.push(BoundKpi {
                inputs: at(period)?,
                earlier,
            });
        }
        let gates = self
            .def
            .gates
            .iter()
            .map(|gate| (format!("gate `{}`", gate.key), &gate.requires));
        let vetoes = self
            .def
            .vetoes
            .iter()
            .map(|veto| (format!("veto `{}`", veto.key), &veto.when));
        let mut figures = Vec::new();
        for (place, condition) in gates.chain(vetoes) {
            figures.push(match &condition.of {
                Observed::Figure(key) => {
                    let column = panel
                        .column(key)
                        .map_err(|error| ScorecardError::from(error).within(place))?;
                    Some(Source::new(column, panel, period..=period))
                }
                Observed::Attainment(_) | Observed::Points(_) => None,
            });
        }
        Ok(Binding { kpis, figures })
    }
}

impl Binding<'_> {
    /// Returns the figures of a subject.
    pub(crate) fn facts(&self, card: &Scorecard, subject: usize) -> Facts {
        let kpis = self
            .kpis
            .iter()
            .enumerate()
            .map(|(place, kpi)| kpi.facts(card, place, subject))
            .collect();
        let figures = self.figures.iter().map(|figure| match figure {
            Some(source) => source.read(subject),
            None => Err(Reason::NotApplicable),
        });
        Facts {
            kpis,
            figures: figures.collect(),
        }
    }
}

impl BoundKpi<'_> {
    pub(crate) fn facts(&self, card: &Scorecard, place: usize, subject: usize) -> KpiFacts {
        let read = |inputs: &[BoundInput<'_>]| -> KpiFacts {
            let inputs = inputs
                .iter()
                .map(|input| (input.direction, input.read(subject)))
                .collect();
            KpiFacts {
                inputs,
                previous: None,
            }
        };
        let mut facts = read(&self.inputs);
        if !self.earlier.is_empty()
            && card.judge_kpi(place, &facts).unknown == Some(Unknown::Previous)
        {
            let mut earlier = self
                .earlier
                .iter()
                .map(|inputs| card.judge_kpi(place, &read(inputs)));
            facts.previous = earlier
                // Points that a policy gives for want of a number are no number.
                .find(|judged| judged.unknown.is_none())
                .map(|judged| judged.scored);
        }
        facts
    }
}

impl<'p> BoundInput<'p> {
    pub(crate) fn new(
        input: &InputDef,
        panel: &'p Panel,
        period: usize,
    ) -> Result<Self, ScorecardError> {
        Self::since(input, panel, 0, period)
    }

    /// The same, where what is counted to date begins with a period.
    pub(crate) fn since(
        input: &InputDef,
        panel: &'p Panel,
        first: usize,
        period: usize,
    ) -> Result<Self, ScorecardError> {
        let column = panel.column(&input.metric)?;
        let direction = direction_of(input, column.direction());
        let compares = !matches!(input.attainment, Attainment::Value | Attainment::Progress);
        if compares && direction == Direction::Neutral {
            let what = format!(
                "`{}` has no good direction: the KPI has to name one",
                input.metric
            );
            return Err(ScorecardError::Conflict { what });
        }
        let periods = window(input.window, first, period);
        let actual = Source::new(column, panel, periods.clone());
        let bind = |reference: &Benchmark| -> Result<BoundBenchmark<'p>, ScorecardError> {
            Ok(match reference {
                Benchmark::Plan => {
                    BoundBenchmark::Read(actual.beside(panel, &input.metric.with(Role::Target))?)
                }
                Benchmark::Pace => {
                    BoundBenchmark::Read(actual.beside(panel, &input.metric.with(Role::Expected))?)
                }
                Benchmark::Column(key) => BoundBenchmark::Read(actual.beside(panel, key)?),
                Benchmark::Constant(value) => BoundBenchmark::Fixed(Ok(*value)),
                Benchmark::Peers(peers) => BoundBenchmark::Fixed(actual.peers(*peers, direction)?),
                Benchmark::Previous(back) => {
                    let back = usize::try_from(*back).unwrap_or(usize::MAX);
                    match periods.start().checked_sub(back) {
                        Some(start) => BoundBenchmark::Read(Source::new(
                            column,
                            panel,
                            start..=periods.end() - back,
                        )),
                        // The panel does not reach back so far.
                        None => BoundBenchmark::Fixed(Err(Reason::NotApplicable)),
                    }
                }
            })
        };
        let target = input.target.as_ref().map(bind).transpose()?;
        let baseline = input.baseline.as_ref().map(bind).transpose()?;
        Ok(Self {
            direction,
            actual,
            target,
            baseline,
            prorated: prorated_by(input, panel, periods)?,
        })
    }

    pub(crate) fn read(&self, subject: usize) -> Readings {
        let of = |reference: &BoundBenchmark<'_>| match reference {
            BoundBenchmark::Fixed(reading) => *reading,
            BoundBenchmark::Read(source) => source.read(subject),
        };
        Readings {
            actual: self.actual.read(subject),
            target: self.target.as_ref().map(of),
            baseline: self.baseline.as_ref().map(of),
            prorated: self
                .prorated
                .as_ref()
                .map(|share| self.share(share, subject)),
        }
    }

    /// Returns the share of the target that holds. Over several periods it is what makes the targets of the periods, each
    /// times its own share, out of their sum; of a target that is the same whatever the periods it is the mean.
    fn share(&self, share: &Source<'p>, subject: usize) -> Result<Ratio, Reason> {
        if share.single().is_some() {
            return share.read(subject);
        }
        let targets = match &self.target {
            Some(BoundBenchmark::Read(targets)) => Some(targets),
            Some(BoundBenchmark::Fixed(_)) | None => None,
        };
        let mut sum = Ratio::ZERO;
        let mut whole = Ratio::ZERO;
        for (step, period) in share.periods.clone().enumerate() {
            let weight = match targets {
                None => Some(Ratio::ONE),
                Some(targets) => targets.weight(targets.periods.start() + step, subject),
            };
            // A period without a target weighs nothing.
            let Some(weight) = weight else { continue };
            let of = match share.at(period, subject) {
                Ok(of) => of,
                missing @ Err(_) => return missing,
            };
            let added = of
                .checked_mul(weight)
                .and_then(|part| sum.checked_add(part))
                .and_then(|sum| Ok((sum, whole.checked_add(weight)?)));
            let Ok(added) = added else {
                return Err(Reason::OutOfRange);
            };
            (sum, whole) = added;
        }
        match sum.checked_div(whole) {
            Ok(of) => Ok(of),
            // Targets of zero stay zero whatever the share.
            Err(QuantityError::ZeroDenominator) if sum.is_zero() => Ok(Ratio::ONE),
            Err(QuantityError::ZeroDenominator) => Err(Reason::NoBase),
            Err(_) => Err(Reason::OutOfRange),
        }
    }
}

/// Returns the shares of the periods that count.
fn prorated_by<'p>(
    input: &InputDef,
    panel: &'p Panel,
    periods: RangeInclusive<usize>,
) -> Result<Option<Source<'p>>, ScorecardError> {
    let Some(key) = &input.prorated_by else {
        return Ok(None);
    };
    let column = panel.column(key)?;
    if *column.unit() != Unit::Share {
        return Err(ScorecardError::UnitMismatch {
            left: key.to_string(),
            left_unit: column.unit().clone(),
            right: "the share of a period".to_owned(),
            right_unit: Unit::Share,
        });
    }
    Ok(Some(Source::new(column, panel, periods)))
}

fn window(window: Lookback, first: usize, period: usize) -> RangeInclusive<usize> {
    match window {
        Lookback::Latest => period..=period,
        Lookback::ToDate => first..=period,
        Lookback::Last(count) => {
            let before = usize::try_from(count)
                .unwrap_or(usize::MAX)
                .saturating_sub(1);
            period.saturating_sub(before)..=period
        }
    }
}

impl<'p> Source<'p> {
    fn new(column: &'p Column, panel: &Panel, periods: RangeInclusive<usize>) -> Self {
        Self {
            column,
            subjects: panel.subjects().len(),
            periods,
        }
    }

    /// Returns another column over the same periods, in the same unit.
    fn beside(
        &self,
        panel: &'p Panel,
        key: &crate::panel::ColumnKey,
    ) -> Result<Self, ScorecardError> {
        let column = panel.column(key)?;
        if column.unit() != self.column.unit() {
            return Err(ScorecardError::UnitMismatch {
                left: self.column.key().to_string(),
                left_unit: self.column.unit().clone(),
                right: key.to_string(),
                right_unit: column.unit().clone(),
            });
        }
        Ok(Self {
            column,
            subjects: self.subjects,
            periods: self.periods.clone(),
        })
    }

    /// Returns the one period that is read, if it is one.
    pub(crate) fn single(&self) -> Option<usize> {
        (self.periods.start() == self.periods.end()).then_some(*self.periods.start())
    }

    /// Returns the first cell of the one period that is read.
    pub(crate) fn offset(&self, period: usize) -> usize {
        period * self.subjects
    }

    pub(crate) fn read(&self, subject: usize) -> Result<Ratio, Reason> {
        if let Some(period) = self.single() {
            return self.column.answer(self.offset(period) + subject).ratio();
        }
        match self.sums(subject) {
            Ok(sums) => sums.reading(self.column),
            Err(state) => Err(state),
        }
    }

    /// Returns the reading of one period.
    fn at(&self, period: usize, subject: usize) -> Result<Ratio, Reason> {
        self.column.answer(self.offset(period) + subject).ratio()
    }

    /// Returns what a period counts in the sum of all: its units, or those above the line.
    fn weight(&self, period: usize, subject: usize) -> Option<Ratio> {
        let cell = self.offset(period) + subject;
        self.column.reasons().get(cell)?.is_none().then_some(())?;
        match self.column.figures() {
            Figures::Amounts { units, .. } => units.get(cell).copied().map(Ratio::from),
            Figures::Quotients { .. } if self.column.is_fractions() => {
                self.column.answer(cell).ratio().ok()
            }
            Figures::Quotients { numerators, .. } => numerators.get(cell).copied().map(Ratio::from),
        }
    }

    /// Adds up the periods of a subject.
    fn sums(&self, subject: usize) -> Result<Sums, Reason> {
        let mut sums = Sums::default();
        for period in self.periods.clone() {
            let cell = self.offset(period) + subject;
            match self
                .column
                .reasons()
                .get(cell)
                .copied()
                .unwrap_or(Some(Reason::NotApplicable))
            {
                None => sums.add(self.column, cell),
                Some(Reason::NotApplicable) => {}
                Some(reason) => return Err(reason),
            }
        }
        if sums.cells == 0 {
            Err(Reason::NotApplicable)
        } else {
            Ok(sums)
        }
    }

    /// Returns what stands for all subjects that have a figure.
    fn peers(
        &self,
        peers: Peers,
        direction: Direction,
    ) -> Result<Result<Ratio, Reason>, ScorecardError> {
        let having = || (0..self.subjects).filter_map(|subject| self.sums(subject).ok());
        if peers == Peers::Mean {
            let mut all = Sums::default();
            let mut count = 0_i128;
            for sums in having() {
                all.numerator += sums.numerator;
                all.denominator += sums.denominator;
                all.fractions = add(all.fractions, sums.fractions);
                all.cells += sums.cells;
                count += 1;
            }
            if count == 0 {
                return Ok(Err(Reason::NoBase));
            }
            let each = match self.column.figures() {
                Figures::Quotients { .. } if !self.column.is_fractions() => Ratio::ONE,
                Figures::Amounts { .. } | Figures::Quotients { .. } => Ratio::new(1, count)?,
            };
            return Ok(match all.reading(self.column) {
                Ok(sum) => sum.checked_mul(each).map_err(|_| Reason::OutOfRange),
                missing @ Err(_) => missing,
            });
        }
        let readings = having().map(|sums| sums.reading(self.column));
        let mut values: Vec<Ratio> = readings.flatten().collect();
        values.sort_unstable();
        let (Some(low), Some(high)) = (values.first().copied(), values.last().copied()) else {
            return Ok(Err(Reason::NoBase));
        };
        Ok(match (peers, direction) {
            (Peers::Median, _) => {
                let (left, right) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
                let middle = left
                    .checked_add(right)
                    .and_then(|sum| sum.checked_div(Ratio::from(2)));
                middle.map_err(|_| Reason::OutOfRange)
            }
            (_, Direction::Larger) => Ok(high),
            (_, Direction::Smaller) => Ok(low),
            (_, Direction::Target | Direction::Neutral) => {
                let what = format!(
                    "`{}` has no best among peers: neither more nor less is better",
                    self.column.key()
                );
                return Err(ScorecardError::Conflict { what });
            }
        })
    }
}

/// The sums of some cells of a column. 2^63 cells of 64 bits fit.
#[derive(Debug)]
struct Sums {
    numerator: i128,
    denominator: i128,
    /// The sum of exact amounts, which add up by value; none where it leaves its range.
    fractions: Option<Ratio>,
    cells: u64,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            numerator: 0,
            denominator: 0,
            fractions: Some(Ratio::ZERO),
            cells: 0,
        }
    }
}

fn add(sum: Option<Ratio>, part: Option<Ratio>) -> Option<Ratio> {
    sum?.checked_add(part?).ok()
}

impl Sums {
    fn add(&mut self, column: &Column, cell: usize) {
        self.cells += 1;
        match column.figures() {
            Figures::Amounts { units, .. } => self.numerator += i128::from(units[cell]),
            Figures::Quotients { .. } if column.is_fractions() => {
                self.fractions = add(self.fractions, column.answer(cell).ratio().ok());
            }
            Figures::Quotients {
                numerators,
                denominators,
                ..
            } => {
                self.numerator += i128::from(numerators[cell]);
                self.denominator += i128::from(denominators[cell]);
            }
        }
    }

    fn reading(&self, column: &Column) -> Result<Ratio, Reason> {
        let value = match column.figures() {
            Figures::Amounts { quantum, .. } => {
                Ratio::new(self.numerator, 1).and_then(|sum| sum.checked_mul(quantum.ratio()))
            }
            Figures::Quotients { .. } if column.is_fractions() => {
                self.fractions.ok_or(QuantityError::RatioOverflow)
            }
            Figures::Quotients { scale, .. } => {
                Ratio::new(self.numerator, self.denominator).and_then(|sum| sum.checked_mul(*scale))
            }
        };
        match value {
            Ok(value) => Ok(value),
            Err(QuantityError::ZeroDenominator) => Err(Reason::NoBase),
            Err(_) => Err(Reason::OutOfRange),
        }
    }
}
