//! Opportunities in a two-by-two of profit and chance, with their fit and expected value.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::AnalysisError;
use crate::key::{Key, nearest};
use crate::measure::Unit;
use crate::panel::{Column, ColumnKey, Panel, Reason};
use crate::quantity::{Quantum, Ratio, Rounding};

/// The matrix as data: its two bars, and what an opportunity should fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpportunityMatrix {
    /// The profit from which on an opportunity is worth much.
    pub profit: Ratio,
    /// The chance from which on it is likely.
    pub chance: Ratio,
    /// What it should fit, each with its weight; any weights, of which the sum is the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<(Key, Ratio)>,
}

/// An opportunity to be placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The opportunity.
    pub key: Key,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Key>,
    /// The profit that it brings if it is won.
    pub profit: Ratio,
    /// The chance that it is won, from 0 to 1.
    pub chance: Ratio,
    /// The criteria that it fits.
    #[serde(default)]
    pub fits: BTreeSet<Key>,
}

/// Where an opportunity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatrixCell {
    /// Much profit, likely: first of all.
    Pursue,
    /// Much profit, unlikely: raise the chance.
    Develop,
    /// Little profit, likely: take it with little effort.
    Collect,
    /// Little profit, unlikely: leave it.
    Leave,
}

/// An opportunity in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// The opportunity.
    pub key: Key,
    /// Where it stands.
    pub cell: MatrixCell,
    /// The share of the weight of the criteria that it fits; `None` where there are none.
    pub fit: Option<Ratio>,
    /// Profit times chance.
    pub expected: Ratio,
}

impl OpportunityMatrix {
    /// Places opportunities, the largest expected value first; equal ones by fit, then as given.
    ///
    /// ```
    /// use quotaflow::analysis::{Candidate, MatrixCell, OpportunityMatrix};
    /// use quotaflow::key::Key;
    /// use quotaflow::quantity::Ratio;
    /// let matrix = OpportunityMatrix { profit: Ratio::from(1000), chance: Ratio::percent(50), criteria: vec![(Key::new("budget")?, Ratio::from(3)), (Key::new("need")?, Ratio::ONE)] };
    /// let offer = |key: &str, profit: i64, chance, fits: &[&str]| Candidate {
    ///     key: Key::new(key).unwrap(), owner: None, profit: Ratio::from(profit), chance: Ratio::percent(chance), fits: fits.iter().map(|fit| Key::new(fit).unwrap()).collect(),
    /// };
    /// let placed = matrix.place(&[offer("small", 400, 90, &[]), offer("large", 5000, 20, &["budget"])])?;
    /// assert_eq!((placed[0].key.as_str(), placed[0].cell, placed[0].expected), ("large", MatrixCell::Develop, Ratio::from(1000)));
    /// assert_eq!(placed[0].fit, Some(Ratio::percent(75)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`AnalysisError::Outside`] for a chance outside 0 to 1 or a weight below 0, [`AnalysisError::Unknown`] for a criterion
    /// that the matrix does not have, [`AnalysisError::Duplicate`] for a criterion or an opportunity that is there twice,
    /// [`AnalysisError::Quantity`] beyond 128 bits.
    pub fn place(&self, candidates: &[Candidate]) -> Result<Vec<Placed>, AnalysisError> {
        let mut whole = Ratio::ZERO;
        for (at, (key, weight)) in self.criteria.iter().enumerate() {
            if self.criteria[..at].iter().any(|(known, _)| known == key) {
                return Err(AnalysisError::Duplicate {
                    what: "criterion",
                    key: key.clone(),
                });
            }
            if weight.is_negative() {
                return Err(AnalysisError::Outside {
                    what: "the weight",
                    of: key.clone(),
                    value: *weight,
                    low: Ratio::ZERO,
                    high: Ratio::from(i64::MAX),
                });
            }
            whole = whole.checked_add(*weight)?;
        }
        let mut placed = Vec::with_capacity(candidates.len());
        let mut known = BTreeSet::new();
        for candidate in candidates {
            if !known.insert(&candidate.key) {
                return Err(AnalysisError::Duplicate {
                    what: "opportunity",
                    key: candidate.key.clone(),
                });
            }
            placed.push(self.one(candidate, whole)?);
        }
        placed.sort_by(|left: &Placed, right| {
            (right.expected, right.fit).cmp(&(left.expected, left.fit))
        });
        Ok(placed)
    }

    /// Returns the figures of one period for a panel whose subjects are owners: `<name>.pursue`, `<name>.develop`, `<name>.collect` and
    /// `<name>.leave`, how many stand there, and `<name>.expected`, their expected value, rounded once. Other periods are not applicable.
    ///
    /// # Errors
    /// As [`OpportunityMatrix::place`]; [`AnalysisError::Key`], [`AnalysisError::Panel`].
    pub fn columns(
        &self,
        name: &Key,
        candidates: &[Candidate],
        (unit, quantum): (Unit, Quantum),
        (panel, period): (&Panel, usize),
    ) -> Result<Vec<Column>, AnalysisError> {
        let mut states = vec![Some(Reason::NotApplicable); panel.cells()];
        for subject in 0..panel.subjects().len() {
            states[panel.cell(subject, period)?] = None;
        }
        let mut counts = [(); 4].map(|()| vec![0; panel.cells()]);
        let mut expected = vec![Ratio::ZERO; panel.cells()];
        for placed in self.place(candidates)? {
            let own = candidates
                .iter()
                .find(|candidate| candidate.key == placed.key);
            let owner = own.and_then(|candidate| candidate.owner.as_ref());
            let subject =
                owner.and_then(|owner| panel.subjects().position(std::slice::from_ref(owner)));
            let Some(subject) = subject else { continue };
            let cell = panel.cell(subject, period)?;
            counts[placed.cell as usize][cell] += 1;
            expected[cell] = expected[cell].checked_add(placed.expected)?;
        }
        let key = |what: &str| ColumnKey::actual(&format!("{name}.{what}"));
        let mut columns = Vec::with_capacity(5);
        for (what, counts) in ["pursue", "develop", "collect", "leave"].iter().zip(counts) {
            let column =
                Column::amounts(key(what)?, Unit::Count(name.clone()), Quantum::ONE, counts);
            columns.push(column.with_reasons(&states)?);
        }
        let rounded = expected
            .into_iter()
            .map(|value| quantum.round(value, Rounding::default()));
        let units = rounded.collect::<Result<_, _>>()?;
        let column = Column::amounts(key("expected")?, unit, quantum, units);
        columns.push(column.with_reasons(&states)?);
        Ok(columns)
    }

    fn one(&self, candidate: &Candidate, whole: Ratio) -> Result<Placed, AnalysisError> {
        let chance = candidate.chance;
        if chance.is_negative() || chance > Ratio::ONE {
            return Err(AnalysisError::Outside {
                what: "the chance",
                of: candidate.key.clone(),
                value: chance,
                low: Ratio::ZERO,
                high: Ratio::ONE,
            });
        }
        let mut fit = Ratio::ZERO;
        for wanted in &candidate.fits {
            let known = self.criteria.iter().find(|(key, _)| key == wanted);
            let (_, weight) = known.ok_or_else(|| AnalysisError::Unknown {
                what: "criterion",
                name: wanted.clone(),
                nearest: nearest(
                    wanted.as_str(),
                    self.criteria.iter().map(|(key, _)| key.as_str()),
                )
                .map(str::to_owned),
            })?;
            fit = fit.checked_add(*weight)?;
        }
        let cell = match (candidate.profit >= self.profit, chance >= self.chance) {
            (true, true) => MatrixCell::Pursue,
            (true, false) => MatrixCell::Develop,
            (false, true) => MatrixCell::Collect,
            (false, false) => MatrixCell::Leave,
        };
        Ok(Placed {
            key: candidate.key.clone(),
            cell,
            fit: fit.checked_div(whole).ok().filter(|_| !whole.is_zero()),
            expected: candidate.profit.checked_mul(chance)?,
        })
    }
}
