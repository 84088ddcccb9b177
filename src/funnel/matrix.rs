//! Opportunities in a two-by-two of profit and chance, with their fit and expected value.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::FunnelError;
use crate::key::{Key, unknown};
use crate::measure::Unit;
use crate::panel::{Column, ColumnKey, Columns, Panel, Reason};
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

/// An opportunity to be placed: what it is worth, how likely it is, what it fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deal {
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

/// An opportunity in its place, with what it is ranked by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankedDeal {
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
    /// use quotaflow::funnel::{Deal, MatrixCell, OpportunityMatrix};
    /// use quotaflow::key::Key;
    /// use quotaflow::quantity::Ratio;
    /// let matrix = OpportunityMatrix { profit: Ratio::from(1000), chance: Ratio::percent(50), criteria: vec![(Key::new("budget")?, Ratio::from(3)), (Key::new("need")?, Ratio::ONE)] };
    /// let offer = |key: &str, profit: i64, chance, fits: &[&str]| Deal {
    ///     key: Key::new(key).unwrap(), owner: None, profit: Ratio::from(profit), chance: Ratio::percent(chance), fits: fits.iter().map(|fit| Key::new(fit).unwrap()).collect(),
    /// };
    /// let placed = matrix.place(&[offer("small", 400, 90, &[]), offer("large", 5000, 20, &["budget"])])?;
    /// assert_eq!((placed[0].key.as_str(), placed[0].cell, placed[0].expected), ("large", MatrixCell::Develop, Ratio::from(1000)));
    /// assert_eq!(placed[0].fit, Some(Ratio::percent(75)));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`FunnelError::DealChance`] for a chance outside 0 to 1, [`FunnelError::NegativeWeight`] for a weight below 0,
    /// [`FunnelError::UnknownCriterion`] for a criterion that the matrix does not have, [`FunnelError::Duplicate`] for a criterion or an opportunity that is there twice,
    /// [`FunnelError::Quantity`] beyond 128 bits.
    pub fn place(&self, deals: &[Deal]) -> Result<Vec<RankedDeal>, FunnelError> {
        let mut whole = Ratio::ZERO;
        for (at, (key, weight)) in self.criteria.iter().enumerate() {
            if self.criteria[..at].iter().any(|(known, _)| known == key) {
                return Err(FunnelError::Duplicate {
                    what: "criterion",
                    key: key.clone(),
                });
            }
            if weight.is_negative() {
                return Err(FunnelError::NegativeWeight {
                    criterion: key.clone(),
                    weight: *weight,
                });
            }
            whole = whole.checked_add(*weight)?;
        }
        let mut placed = Vec::with_capacity(deals.len());
        let mut known = BTreeSet::new();
        for deal in deals {
            if !known.insert(&deal.key) {
                return Err(FunnelError::Duplicate {
                    what: "opportunity",
                    key: deal.key.clone(),
                });
            }
            placed.push(self.one(deal, whole)?);
        }
        placed.sort_by(|left: &RankedDeal, right| {
            (right.expected, right.fit).cmp(&(left.expected, left.fit))
        });
        Ok(placed)
    }

    /// Gives the figures of the period of a day to a panel whose subjects are owners: `<name>.pursue`, `<name>.develop`, `<name>.collect` and
    /// `<name>.leave`, how many stand there, and `<name>.expected`, their expected value, rounded once. Other periods are not applicable.
    ///
    /// # Errors
    /// As [`OpportunityMatrix::place`]; [`FunnelError::Key`], [`FunnelError::Panel`].
    pub fn columns(
        &self,
        name: &Key,
        deals: &[Deal],
        (unit, quantum): (Unit, Quantum),
        day: NaiveDate,
    ) -> impl Columns<Error = FunnelError> {
        move |panel: &Panel| -> Result<Vec<Column>, FunnelError> {
            let period = panel.periods().on(day);
            let mut states = vec![Some(Reason::NotApplicable); panel.cells()];
            if let Some(period) = period {
                for row in panel.subjects().ids() {
                    states[panel.cell(row, period)?] = None;
                }
            }
            let mut counts = [(); 4].map(|()| vec![0; panel.cells()]);
            let mut expected = vec![Ratio::ZERO; panel.cells()];
            for placed in self.place(deals)? {
                let own = deals.iter().find(|deal| deal.key == placed.key);
                let owner = own.and_then(|deal| deal.owner.as_ref());
                let subject =
                    owner.and_then(|owner| panel.subjects().find(std::slice::from_ref(owner)));
                let Some((subject, period)) = subject.zip(period) else {
                    continue;
                };
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
    }

    fn one(&self, deal: &Deal, whole: Ratio) -> Result<RankedDeal, FunnelError> {
        let chance = deal.chance;
        if chance.is_negative() || chance > Ratio::ONE {
            return Err(FunnelError::DealChance {
                deal: deal.key.clone(),
                chance,
            });
        }
        let mut fit = Ratio::ZERO;
        for wanted in &deal.fits {
            let known = self.criteria.iter().find(|(key, _)| key == wanted);
            let (_, weight) = known.ok_or_else(|| {
                let criteria = self.criteria.iter().map(|(key, _)| key.as_str());
                let (name, nearest, known) = unknown(wanted.as_str(), criteria);
                FunnelError::UnknownCriterion {
                    deal: deal.key.clone(),
                    name,
                    nearest,
                    known,
                }
            })?;
            fit = fit.checked_add(*weight)?;
        }
        let cell = match (deal.profit >= self.profit, chance >= self.chance) {
            (true, true) => MatrixCell::Pursue,
            (true, false) => MatrixCell::Develop,
            (false, true) => MatrixCell::Collect,
            (false, false) => MatrixCell::Leave,
        };
        Ok(RankedDeal {
            key: deal.key.clone(),
            cell,
            fit: fit.checked_div(whole).ok().filter(|_| !whole.is_zero()),
            expected: deal.profit.checked_mul(chance)?,
        })
    }
}
