//! Counts, sums and means.

use crate::key::Key;
use crate::ledger::Need;
use crate::measure::{Additivity, Unit};
use crate::metric::build::builder::{Builder, Made};
use crate::metric::error::MetricError;
use crate::metric::metric::{Empty, Filter, Selection, Sharing, Value, Valued};
use crate::metric::parts::{Bank, CountLane, GapFigure, Node, Summed, TakenBack, Tally, ValuePart};
use crate::metric::store::{COUNTS, SUMS};
use crate::quantity::{Quantum, Ratio};

impl Builder<'_> {
    pub(in crate::metric) fn tally(
        &mut self,
        metric: &Key,
        of: &Selection,
        taken_back: TakenBack,
    ) -> Result<usize, MetricError> {
        let selection = self.selection(metric, of)?;
        let tallies = &mut self.parts.tallies;
        if let Some(known) = tallies
            .iter()
            .position(|known| known.selection == selection && known.taken_back == taken_back)
        {
            return Ok(known);
        }
        let grid = self.parts.selections[selection].grid;
        let part = tallies.len();
        let (bank, lane) = place_count(&mut self.parts.banks, grid, part);
        tallies.push(Tally {
            selection,
            taken_back,
            bank,
            lane,
        });
        Ok(part)
    }

    pub(in crate::metric) fn sum(
        &mut self,
        metric: &Key,
        of: &Valued,
    ) -> Result<Made, MetricError> {
        if let Some(from) = self.drawn(metric, &of.value, &of.of)? {
            let figure = GapFigure::Sum;
            return Ok((Node::Gaps { from, figure }, Unit::Day));
        }
        self.refuse_stock(metric, &of.value)?;
        let count = match of.empty {
            Empty::Default => None,
            Empty::NothingRecorded => Some(self.having(metric, of, TakenBack::Then)?),
        };
        let (part, quantum, unit) = self.summed(metric, of, TakenBack::Then)?;
        Ok((
            Node::Sum {
                part,
                quantum,
                count,
            },
            unit,
        ))
    }

    /// Balances of different days are not added up.
    pub(in crate::metric) fn refuse_stock(
        &self,
        metric: &Key,
        value: &Value,
    ) -> Result<(), MetricError> {
        let Value::Measure(key) = value else {
            return Ok(());
        };
        let measures = self.layout.schema().measures();
        let known = measures.id(key.as_str()).and_then(|id| measures.get(id));
        if known.is_some_and(|known| known.additivity == Additivity::Stock) {
            return Err(MetricError::StockSummed {
                metric: metric.clone(),
                measure: key.clone(),
            });
        }
        Ok(())
    }

    pub(in crate::metric) fn summed(
        &mut self,
        metric: &Key,
        of: &Valued,
        taken_back: TakenBack,
    ) -> Result<(usize, Quantum, Unit), MetricError> {
        let selection = self.selection(metric, &of.of)?;
        let (mut sources, quantum, unit) = self.sources(metric, &of.value, &of.of)?;
        // A mean is of whole records, but for one that weighs them by their shares.
        if taken_back == TakenBack::There && of.of.shared != Sharing::Fraction {
            sources = self.wholes(sources, &of.of);
        }
        let sums = &mut self.parts.sums;
        let known = sums.iter().position(|known| {
            known.selection == selection
                && known.value == of.value
                && known.taken_back == taken_back
        });
        if let Some(known) = known {
            return Ok((known, quantum, unit));
        }
        let grid = self.parts.selections[selection].grid;
        let part = sums.len();
        let (bank, lane) = place_sum(&mut self.parts.banks, grid, Summed::Value(part));
        sums.push(ValuePart {
            selection,
            value: of.value.clone(),
            sources,
            taken_back,
            bank,
            lane,
        });
        Ok((part, quantum, unit))
    }

    /// The number of records that have the value.
    pub(in crate::metric) fn having(
        &mut self,
        metric: &Key,
        of: &Valued,
        taken_back: TakenBack,
    ) -> Result<usize, MetricError> {
        let mut always = true;
        for at in self.selected(metric, &of.of)? {
            let kind = &self.kinds()[at].definition;
            always &= match &of.value {
                Value::Measure(measure) => kind
                    .measures
                    .iter()
                    .any(|field| field.measure == *measure && field.need == Need::Required),
                Value::Days { .. } | Value::Gap { .. } | Value::Until { .. } => false,
            };
        }
        let mut selection = of.of.clone();
        if !always {
            let value = of.value.clone();
            selection.conditions.push(Filter::Range {
                value,
                at_least: None,
                at_most: None,
            });
        }
        self.tally(metric, &selection, taken_back)
    }

    pub(in crate::metric) fn mean(
        &mut self,
        metric: &Key,
        of: &Valued,
    ) -> Result<Made, MetricError> {
        if let Some(from) = self.drawn(metric, &of.value, &of.of)? {
            let figure = GapFigure::Mean;
            return Ok((Node::Gaps { from, figure }, Unit::Day));
        }
        let to = Node::Count(self.having(metric, of, TakenBack::There)?);
        let (part, quantum, unit) = self.summed(metric, of, TakenBack::There)?;
        let of = Box::new(Node::Sum {
            part,
            quantum,
            count: None,
        });
        Ok((
            Node::Ratio {
                of,
                to: Box::new(to),
                scale: Ratio::ONE,
            },
            unit,
        ))
    }
}

/// Finds a free lane for a count in a bank of the grid, or else among the places for sums that a record touches anyway, or
/// opens a bank.
pub(in crate::metric) fn place_count(
    banks: &mut Vec<Bank>,
    grid: usize,
    part: usize,
) -> (usize, CountLane) {
    let own = |bank: &Bank| bank.grid == grid;
    if let Some(at) = banks
        .iter()
        .position(|bank| own(bank) && bank.counts.len() < COUNTS)
    {
        banks[at].counts.push(part);
        return (at, CountLane::Count(banks[at].counts.len() - 1));
    }
    if let Some(at) = banks
        .iter()
        .position(|bank| own(bank) && (1..SUMS).contains(&bank.sums.len()))
    {
        banks[at].sums.push(Summed::Tally(part));
        return (at, CountLane::Sum(banks[at].sums.len() - 1));
    }
    banks.push(Bank {
        grid,
        counts: vec![part],
        sums: Vec::new(),
    });
    (banks.len() - 1, CountLane::Count(0))
}

/// Finds a free lane for a sum in a bank of the grid, or opens a bank.
pub(in crate::metric) fn place_sum(
    banks: &mut Vec<Bank>,
    grid: usize,
    part: Summed,
) -> (usize, usize) {
    let free = banks
        .iter()
        .position(|bank| bank.grid == grid && bank.sums.len() < SUMS);
    let at = free.unwrap_or_else(|| {
        banks.push(Bank {
            grid,
            counts: Vec::new(),
            sums: Vec::new(),
        });
        banks.len() - 1
    });
    banks[at].sums.push(part);
    (at, banks[at].sums.len() - 1)
}
