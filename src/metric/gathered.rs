//! Records while they are gathered, and the figures that they make.

use std::collections::BTreeSet;

use super::explain::{Counted, Derivation, Exclusion, Found, LeftOut, unplaced};
use super::metric::Selection;
use super::sample::Sample;
use crate::key::Key;
use crate::panel::Reason;
use crate::quantity::{Quantum, Ratio};

/// Records while they are gathered.
pub(super) struct Gathered {
    pub(super) selection: Selection,
    pub(super) records: Vec<Counted>,
    pub(super) entities: BTreeSet<Key>,
    pub(super) left_out: Vec<LeftOut>,
    /// How many there are; out of range beyond what a ratio can tell.
    pub(super) count: Found,
}

/// What was gathered, in figures.
pub(super) struct Own {
    pub(super) count: Ratio,
    pub(super) sum: Ratio,
    pub(super) values: Vec<Ratio>,
    pub(super) quantum: Ratio,
}

impl Gathered {
    pub(super) fn of(selection: Selection) -> Self {
        let (records, left_out) = (Vec::new(), Vec::new());
        Self {
            selection,
            records,
            entities: BTreeSet::new(),
            left_out,
            count: Ok(Ratio::ZERO),
        }
    }

    pub(super) fn take(&mut self, evidence: Counted) {
        self.weigh(evidence, Ratio::ONE);
    }

    /// Takes a record for as much as it counts.
    pub(super) fn weigh(&mut self, evidence: Counted, weight: Ratio) {
        self.records.push(evidence);
        self.count = self
            .count
            .and_then(|count| count.checked_add(weight).map_err(|_| Reason::OutOfRange));
    }

    pub(super) fn leave(&mut self, reason: Exclusion) {
        match self
            .left_out
            .iter_mut()
            .find(|known| known.reason == reason)
        {
            Some(known) => known.records += 1,
            None => self.left_out.push(LeftOut { reason, records: 1 }),
        }
    }

    pub(super) fn scaled(self, quantum: Quantum) -> Scaled {
        Scaled {
            gathered: self,
            quantum: quantum.ratio(),
        }
    }

    pub(super) fn named(
        self,
        formula: &'static str,
        figure: impl FnOnce(&Own) -> Found,
    ) -> Derivation {
        self.scaled(Quantum::ONE).named(formula, figure)
    }

    pub(super) fn counting(mut self, formula: &'static str) -> Derivation {
        self.records.sort();
        let count = i64::try_from(self.entities.len()).unwrap_or(i64::MAX);
        self.named(formula, |_| Ok(Ratio::from(count)))
    }
}

pub(super) struct Scaled {
    gathered: Gathered,
    pub(super) quantum: Ratio,
}

impl Scaled {
    pub(super) fn named(
        self,
        formula: &'static str,
        figure: impl FnOnce(&Own) -> Found,
    ) -> Derivation {
        let Self {
            mut gathered,
            quantum,
        } = self;
        let mut sum = Ok(Ratio::ZERO);
        let mut values = Vec::new();
        for evidence in &mut gathered.records {
            if let Some(value) = evidence.value {
                values.push(value);
                sum = sum.and_then(|sum: Ratio| sum.checked_add(value));
                evidence.value = value.checked_mul(quantum).ok();
            }
        }
        let sum = sum
            .and_then(|sum| sum.checked_mul(quantum))
            .map_err(|_| Reason::OutOfRange);
        let found = sum.and_then(|sum| {
            figure(&Own {
                count: gathered.count?,
                sum,
                values,
                quantum,
            })
        });
        Derivation {
            metric: None,
            subject: String::new(),
            period: unplaced(),
            runs: false,
            formula,
            value: found,
            selection: Some(gathered.selection),
            records: gathered.records,
            entities: gathered.entities.into_iter().collect(),
            left_out: gathered.left_out,
            parts: Vec::new(),
        }
    }
}

impl Own {
    pub(super) fn scale(&self, value: Ratio) -> Found {
        value
            .checked_mul(self.quantum)
            .map_err(|_| Reason::OutOfRange)
    }

    pub(super) fn extreme(&self, low: bool) -> Found {
        let found = if low {
            self.values.iter().min()
        } else {
            self.values.iter().max()
        };
        found.map_or(Err(Reason::NothingRecorded), |value| self.scale(*value))
    }

    pub(super) fn quantile(
        &self,
        of: impl FnOnce(&[Sample]) -> Result<(i128, i128), Reason>,
    ) -> Found {
        let mut sorted = self.values.clone();
        sorted.sort();
        let samples: Vec<Sample> = sorted
            .iter()
            .filter_map(|value| i64::try_from(value.numerator()).ok())
            .map(|value| Sample {
                cell: 0,
                value,
                count: 1,
            })
            .collect();
        let (top, bottom) = of(&samples)?;
        self.scale(Ratio::new(top, bottom).map_err(|_| Reason::NoBase)?)
    }
}
