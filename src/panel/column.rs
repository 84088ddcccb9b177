//! One column of a panel.

use super::column_key::ColumnKey;
use super::column_key::Role;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Answer, Figure, PanelError, Reason, Told};
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::quantity::{Quantum, Ratio};

impl FromStr for ColumnKey {
    type Err = PanelError;

    fn from_str(text: &str) -> Result<Self, PanelError> {
        let (role, metric) = match text.split_once(':') {
            Some(("target", rest)) => (Role::Target, rest),
            Some(("base", rest)) => (Role::Base, rest),
            Some(("expected", rest)) => (Role::Expected, rest),
            Some(("projected", rest)) => (Role::Projected, rest),
            _ => (Role::Actual, text),
        };
        match Key::new(metric) {
            Ok(metric) => Ok(Self { metric, role }),
            Err(_) => Err(PanelError::ColumnKey {
                text: text.chars().take(80).collect(),
            }),
        }
    }
}

impl TryFrom<String> for ColumnKey {
    type Error = PanelError;

    fn try_from(text: String) -> Result<Self, PanelError> {
        text.parse()
    }
}

/// The numbers of a column: whole amounts, or numerators and denominators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Figures {
    /// Whole counts of a quantum.
    Amounts {
        /// The smallest unit.
        quantum: Quantum,
        /// One count for each cell; 0 where there is no value.
        units: Vec<i64>,
    },
    /// Quotients that have not been divided, so that they roll up part by part.
    Quotients {
        /// What one quantum over one quantum is worth.
        scale: Ratio,
        /// The parts above the line; 0 where there is no value.
        numerators: Vec<i64>,
        /// The parts below the line: positive where there is a value, else 0.
        denominators: Vec<i64>,
    },
}

impl Figures {
    fn len(&self) -> usize {
        match self {
            Self::Amounts { units, .. } => units.len(),
            Self::Quotients { numerators, .. } => numerators.len(),
        }
    }
}

/// A column: figures of one kind for every subject and period, with a state beside each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ColumnDef", into = "ColumnDef")]
pub struct Column {
    key: ColumnKey,
    unit: Unit,
    direction: Direction,
    figures: Figures,
    /// Whether quotients are exact amounts, which add up by value, and not rates, which add up part by part.
    fractions: bool,
    reasons: Vec<Option<Reason>>,
}

impl Column {
    /// Returns a column of whole counts of `quantum`, all of them values, of which more is better.
    #[must_use]
    pub fn amounts(key: ColumnKey, unit: Unit, quantum: Quantum, units: Vec<i64>) -> Self {
        let reasons = vec![None; units.len()];
        Self {
            key,
            unit,
            direction: Direction::Larger,
            figures: Figures::Amounts { quantum, units },
            fractions: false,
            reasons,
        }
    }

    /// Returns a column of amounts that the host has as decimals, all of them values, of which more is better.
    ///
    /// ```
    /// use quotaflow::panel::{Column, ColumnKey};
    /// use quotaflow::quantity::Quantum;
    /// use rust_decimal::Decimal;
    /// let sales = || ColumnKey::actual("sales");
    /// let euro = || "money:EUR".parse();
    /// let column = Column::decimals(sales()?, euro()?, Quantum::CENT, &[Decimal::new(1250, 2), Decimal::TWO])?;
    /// assert_eq!(column.len(), 2);
    /// let finer = Column::decimals(sales()?, euro()?, Quantum::CENT, &[Decimal::TWO, Decimal::new(5, 3)]);
    /// assert!(finer.unwrap_err().to_string().starts_with("cell 1 of column `sales`"));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`PanelError::Amount`] for the first amount that is no whole count of `quantum` or beyond 64 bits of it.
    pub fn decimals(
        key: ColumnKey,
        unit: Unit,
        quantum: Quantum,
        amounts: &[Decimal],
    ) -> Result<Self, PanelError> {
        let mut units = Vec::with_capacity(amounts.len());
        for (cell, amount) in amounts.iter().enumerate() {
            match quantum.units(*amount) {
                Ok(found) => units.push(found),
                Err(cause) => {
                    return Err(PanelError::Amount {
                        column: key,
                        cell,
                        cause,
                    });
                }
            }
        }
        Ok(Self::amounts(key, unit, quantum, units))
    }

    /// Returns a column of quotients of which more is better. Where the denominator is zero there is no base; a negative
    /// denominator turns both signs, or is out of range where they cannot be turned.
    ///
    /// # Errors
    /// [`PanelError::Ragged`] when there are not as many numerators as denominators.
    pub fn quotients(
        key: ColumnKey,
        unit: Unit,
        scale: Ratio,
        mut numerators: Vec<i64>,
        mut denominators: Vec<i64>,
    ) -> Result<Self, PanelError> {
        if numerators.len() != denominators.len() {
            let (figures, other) = (numerators.len(), denominators.len());
            return Err(PanelError::Ragged {
                column: key,
                figures,
                what: "denominators",
                other,
            });
        }
        let mut reasons = vec![None; numerators.len()];
        for ((top, bottom), reason) in numerators
            .iter_mut()
            .zip(&mut denominators)
            .zip(&mut reasons)
        {
            if *bottom > 0 {
                continue;
            }
            let turned = if *bottom == 0 {
                None
            } else {
                top.checked_neg().zip(bottom.checked_neg())
            };
            if let Some((new_top, new_bottom)) = turned {
                (*top, *bottom) = (new_top, new_bottom);
            } else {
                *reason = Some(if *bottom == 0 {
                    Reason::NoBase
                } else {
                    Reason::OutOfRange
                });
                (*top, *bottom) = (0, 0);
            }
        }
        let figures = Figures::Quotients {
            scale,
            numerators,
            denominators,
        };
        Ok(Self {
            key,
            unit,
            direction: Direction::Larger,
            figures,
            fractions: false,
            reasons,
        })
    }

    /// Returns a column of exact amounts that need not be whole counts of a quantum: each is `numerator / denominator x
    /// scale`, more is better. Unlike [`Column::quotients`] they add up by value: over members and over periods the sum is the
    /// sum of the amounts. A denominator below one has no base.
    #[must_use]
    pub fn fractions(
        key: ColumnKey,
        unit: Unit,
        scale: Ratio,
        parts: &[Result<(i64, i64), Reason>],
    ) -> Self {
        let whole = |part: &Result<(i64, i64), Reason>| match part {
            Ok((_, bottom)) if *bottom < 1 => Err(Reason::NoBase),
            part => *part,
        };
        let told: Vec<_> = parts.iter().map(whole).collect();
        let (numerators, denominators) = told.iter().map(|part| part.unwrap_or((0, 0))).unzip();
        Self {
            key,
            unit,
            direction: Direction::Larger,
            figures: Figures::Quotients {
                scale,
                numerators,
                denominators,
            },
            fractions: true,
            reasons: told.iter().map(|part| part.err()).collect(),
        }
    }

    /// Returns the column of quotients as one that adds up by value where the other one does.
    pub(super) fn adding_up_like(mut self, other: &Self) -> Self {
        self.fractions = other.fractions;
        self
    }

    /// Says whether the column holds exact amounts as fractions, which add up by value ([`Column::fractions`]).
    #[must_use]
    pub fn is_fractions(&self) -> bool {
        self.fractions
    }

    /// Returns the column with these reasons; where there is one the figure is blanked, and a cell that already had no
    /// value keeps its own reason.
    ///
    /// # Errors
    /// [`PanelError::Ragged`] when there are not as many as figures.
    pub fn with_reasons(mut self, reasons: &[Option<Reason>]) -> Result<Self, PanelError> {
        if reasons.len() != self.len() {
            let (figures, other) = (self.len(), reasons.len());
            return Err(PanelError::Ragged {
                column: self.key,
                figures,
                what: "reasons",
                other,
            });
        }
        for (cell, reason) in reasons.iter().enumerate() {
            if reason.is_some() && self.reasons[cell].is_none() {
                self.reasons[cell] = *reason;
                match &mut self.figures {
                    Figures::Amounts { units, .. } => units[cell] = 0,
                    Figures::Quotients {
                        numerators,
                        denominators,
                        ..
                    } => {
                        numerators[cell] = 0;
                        denominators[cell] = 0;
                    }
                }
            }
        }
        Ok(self)
    }

    /// Returns the cells of a range as a column of their own.
    pub(crate) fn slice(&self, cells: std::ops::Range<usize>) -> Self {
        let of = |all: &[i64]| all.get(cells.clone()).unwrap_or_default().to_vec();
        let figures = match &self.figures {
            Figures::Amounts { quantum, units } => Figures::Amounts {
                quantum: *quantum,
                units: of(units),
            },
            Figures::Quotients {
                scale,
                numerators,
                denominators,
            } => Figures::Quotients {
                scale: *scale,
                numerators: of(numerators),
                denominators: of(denominators),
            },
        };
        let reasons = self.reasons.get(cells).unwrap_or_default().to_vec();
        Self {
            key: self.key.clone(),
            unit: self.unit.clone(),
            figures,
            reasons,
            ..*self
        }
    }

    /// Says in a cell what a cell of another column of the same sort says, or that it is not applicable.
    pub(crate) fn put(&mut self, cell: usize, told: Option<(&Self, usize)>) {
        let nothing = (0, 0, Some(Reason::NotApplicable));
        let (top, bottom, reason) = told.map_or(nothing, |(other, at)| {
            let reason = other.reasons.get(at).copied();
            let reason = reason.unwrap_or(Some(Reason::NotApplicable));
            match (&self.figures, &other.figures) {
                (Figures::Amounts { .. }, Figures::Amounts { units, .. }) => {
                    (units.get(at).copied().unwrap_or(0), 0, reason)
                }
                (
                    Figures::Quotients { .. },
                    Figures::Quotients {
                        numerators,
                        denominators,
                        ..
                    },
                ) => {
                    let of = |all: &[i64]| all.get(at).copied().unwrap_or(0);
                    (of(numerators), of(denominators), reason)
                }
                _ => nothing,
            }
        });
        let Some(own) = self.reasons.get_mut(cell) else {
            return;
        };
        *own = reason;
        match &mut self.figures {
            Figures::Amounts { units, .. } => units[cell] = top,
            Figures::Quotients {
                numerators,
                denominators,
                ..
            } => (numerators[cell], denominators[cell]) = (top, bottom),
        }
    }

    /// Returns the column with this direction.
    #[must_use]
    pub fn better(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Returns the column under another key.
    #[must_use]
    pub fn named(mut self, key: ColumnKey) -> Self {
        self.key = key;
        self
    }

    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> &ColumnKey {
        &self.key
    }

    /// Returns the unit.
    #[must_use]
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// Returns which way is good.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Returns the numbers.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Returns why cells hold no number, one for each cell: `None` where there is a number.
    #[must_use]
    pub fn reasons(&self) -> &[Option<Reason>] {
        &self.reasons
    }

    /// Returns the quantum of a column of amounts, and each cell's count of it or why there is none; `None` for quotients.
    pub(crate) fn told(&self) -> Option<(Quantum, Vec<Told>)> {
        let Figures::Amounts { quantum, units } = &self.figures else {
            return None;
        };
        let told = units.iter().zip(&self.reasons);
        let told = told.map(|(units, reason)| reason.map_or(Ok(*units), Err));
        Some((*quantum, told.collect()))
    }

    /// Returns the number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.reasons.len()
    }

    /// Says whether there is no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }

    /// Returns what every cell says, with the unit, in the order of [`Panel::each`](super::Panel::each): all rows of the first period,
    /// then all of the second.
    #[must_use]
    pub fn answers(&self) -> impl ExactSizeIterator<Item = Answer<'_>> {
        (0..self.len()).map(|cell| self.answer(cell))
    }

    /// Returns what a cell says, with the unit; not applicable beyond the end.
    pub(crate) fn answer(&self, cell: usize) -> Answer<'_> {
        let found = match self.reasons.get(cell) {
            Some(None) => Ok(match &self.figures {
                Figures::Amounts { quantum, units } => Figure::units(units[cell], *quantum),
                Figures::Quotients {
                    scale,
                    numerators,
                    denominators,
                } => Figure::Quotient {
                    numerator: numerators[cell],
                    denominator: denominators[cell],
                    scale: *scale,
                },
            }),
            Some(Some(reason)) => Err(*reason),
            None => Err(Reason::NotApplicable),
        };
        Answer::new(found, &self.unit)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnDef {
    key: ColumnKey,
    unit: Unit,
    #[serde(default)]
    direction: Direction,
    figures: Figures,
    /// Whether quotients are exact amounts, which add up by value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    fractions: bool,
    /// Left out when every cell is a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Option<Reason>>,
}

impl TryFrom<ColumnDef> for Column {
    type Error = PanelError;

    fn try_from(definition: ColumnDef) -> Result<Self, PanelError> {
        let ColumnDef {
            key,
            unit,
            direction,
            figures,
            fractions,
            reasons,
        } = definition;
        let reasons = if reasons.is_empty() {
            vec![None; figures.len()]
        } else {
            reasons
        };
        let column = match figures {
            Figures::Amounts { quantum, units } => Self::amounts(key, unit, quantum, units),
            Figures::Quotients {
                scale,
                numerators,
                denominators,
            } => Self::quotients(key, unit, scale, numerators, denominators)?,
        };
        // The stated reasons count: a quotient of nothing may be not applicable rather than without base.
        let mut column = column.better(direction).with_reasons(&reasons)?;
        column.fractions = fractions && matches!(column.figures, Figures::Quotients { .. });
        for (own, stated) in column.reasons.iter_mut().zip(&reasons) {
            if own.is_some() && stated.is_some() {
                *own = *stated;
            }
        }
        Ok(column)
    }
}

impl From<Column> for ColumnDef {
    fn from(column: Column) -> Self {
        let reasons = if column.reasons.iter().all(Option::is_none) {
            Vec::new()
        } else {
            column.reasons
        };
        Self {
            key: column.key,
            unit: column.unit,
            direction: column.direction,
            figures: column.figures,
            fractions: column.fractions,
            reasons,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(numerators: Vec<i64>, denominators: Vec<i64>) -> Column {
        let key = ColumnKey::actual("rate").unwrap();
        Column::quotients(key, Unit::Share, Ratio::ONE, numerators, denominators).unwrap()
    }

    #[test]
    fn a_quotient_of_nothing_has_no_base() {
        let column = share(vec![1, 5, -2, i64::MIN], vec![2, 0, -4, -1]);
        assert_eq!(
            column.reasons(),
            [None, Some(Reason::NoBase), None, Some(Reason::OutOfRange)]
        );
        assert_eq!(
            column.answer(2).ratio().ok(),
            Some(Ratio::new(1, 2).unwrap())
        );
        assert_eq!(column.answer(9).found(), Err(Reason::NotApplicable));
    }

    #[test]
    fn a_fraction_of_nothing_or_less_has_no_base() {
        let key = ColumnKey::actual("rate").unwrap();
        let parts = [Ok((1, 1)), Ok((1, 0)), Ok((1, -1)), Err(Reason::NotYetDue)];
        let column = Column::fractions(key, Unit::Share, Ratio::ONE, &parts);
        let [base, due] = [Reason::NoBase, Reason::NotYetDue].map(Some);
        assert_eq!(column.reasons(), [None, base, base, due]);
    }

    #[test]
    fn a_column_reads_back_with_its_reasons() {
        let reasons = [None, Some(Reason::NotApplicable), Some(Reason::NotYetDue)];
        let column = share(vec![1, 5, 3], vec![2, 0, 4])
            .better(Direction::Smaller)
            .with_reasons(&reasons)
            .unwrap();
        assert_eq!(
            column.reasons(),
            [None, Some(Reason::NoBase), Some(Reason::NotYetDue)]
        );
        let text = serde_json::to_string(&column).unwrap();
        assert_eq!(serde_json::from_str::<Column>(&text).unwrap(), column);
        assert!(share(vec![1], vec![1]).with_reasons(&[]).is_err());
    }

    #[test]
    fn column_keys_read_back() {
        for text in [
            "sales",
            "target:sales",
            "expected:sales",
            "projected:new customers",
            "other:sales",
            "below:behind",
            "target:quiet:visits",
        ] {
            assert_eq!(text.parse::<ColumnKey>().unwrap().to_string(), text);
        }
        assert!("target:".parse::<ColumnKey>().is_err());
        assert_eq!(
            "target:sales"
                .parse::<ColumnKey>()
                .unwrap()
                .with(Role::Actual),
            ColumnKey::actual("sales").unwrap()
        );
    }
}
