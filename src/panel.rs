//! The meeting place: subjects x periods x figures, in typed columns.
//!
//! Everything that measures adds columns; everything that judges reads them and nothing else, so that a host can have
//! its own figures judged. A cell is a whole amount, or a numerator and a denominator, with a [`Reason`] beside it: a
//! number may be missing for different reasons, and none of them is zero.
//!
//! Columns are laid out period by period: the cells of one period stand together, in the order of the subjects.
//!
#![doc = include_str!("panel/columns.md")]

mod answer;
mod column;
mod named;
mod rollup;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::calendar::PeriodSet;
use crate::document::Version;
use crate::key::{Known, hint, unknown};
use crate::quantity::QuantityError;
use crate::space::Subjects;

pub use answer::{Answer, Figure, Reason};
pub use column::{Column, ColumnKey, Figures, Role};
pub(crate) use named::{Named, Parts, Told, parts, ratio_parts};
pub use rollup::RollUp;

/// Figures of subjects over periods.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::panel::{Answer, Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::space::Subjects;
/// let (from, to) = ("2026-01-01".parse()?, "2026-04-01".parse()?);
/// let months = Calendar::gregorian().periods(Grain::Month, from, to)?;
/// let mut panel = Panel::new(Subjects::whole(), months);
/// panel.add(Column::amounts(ColumnKey::actual("sales")?, "money:EUR".parse()?, Quantum::CENT, vec![100, 0, 250]))?;
/// let march = panel.answer(&ColumnKey::actual("sales")?, 0, 2)?;
/// assert_eq!(march.figure().and_then(|figure| figure.amount()).map(|sales| sales.to_string()), Some("2.50".to_owned()));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PanelDef", into = "PanelDef")]
pub struct Panel {
    subjects: Subjects,
    periods: PeriodSet,
    columns: Vec<Column>,
    by_key: BTreeMap<ColumnKey, usize>,
}

impl Panel {
    /// Returns a panel without columns.
    #[must_use]
    pub fn new(subjects: Subjects, periods: PeriodSet) -> Self {
        Self {
            subjects,
            periods,
            columns: Vec::new(),
            by_key: BTreeMap::new(),
        }
    }

    /// Adds a column, which must have one cell for each subject and period.
    ///
    /// # Errors
    /// [`PanelError::DuplicateColumn`], [`PanelError::Shape`]; the panel is then unchanged.
    pub fn add(&mut self, column: Column) -> Result<(), PanelError> {
        if self.by_key.contains_key(column.key()) {
            return Err(PanelError::DuplicateColumn {
                column: column.key().clone(),
            });
        }
        if column.len() != self.cells() {
            return Err(PanelError::Shape {
                column: column.key().clone(),
                found: column.len(),
                subjects: self.subjects.len(),
                periods: self.periods.len(),
            });
        }
        self.by_key.insert(column.key().clone(), self.columns.len());
        self.columns.push(column);
        Ok(())
    }

    /// Adds all columns of a panel over the same subjects and periods.
    ///
    /// # Errors
    /// [`PanelError::DifferentAxes`], [`PanelError::DuplicateColumn`]; this panel is then unchanged.
    pub fn join(&mut self, other: Self) -> Result<(), PanelError> {
        if self.subjects != other.subjects || self.periods != other.periods {
            return Err(PanelError::DifferentAxes);
        }
        if let Some(column) = other
            .columns
            .iter()
            .find(|column| self.by_key.contains_key(column.key()))
        {
            return Err(PanelError::DuplicateColumn {
                column: column.key().clone(),
            });
        }
        for column in other.columns {
            self.add(column)?;
        }
        Ok(())
    }

    /// Returns the rows.
    #[must_use]
    pub fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// Returns the periods.
    #[must_use]
    pub fn periods(&self) -> &PeriodSet {
        &self.periods
    }

    /// Returns the columns in the order in which they were added.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Returns the number of cells in a column.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.subjects.len() * self.periods.len()
    }

    /// Returns the position of a cell in every column.
    ///
    /// # Errors
    /// [`PanelError::Outside`] beyond the last subject or period.
    pub fn cell(&self, subject: usize, period: usize) -> Result<usize, PanelError> {
        let (subjects, periods) = (self.subjects.len(), self.periods.len());
        if subject >= subjects || period >= periods {
            return Err(PanelError::Outside {
                subject,
                period,
                subjects,
                periods,
            });
        }
        Ok(period * subjects + subject)
    }

    /// Returns the column of this key, if there is one.
    #[must_use]
    pub fn get(&self, key: &ColumnKey) -> Option<&Column> {
        self.by_key.get(key).map(|index| &self.columns[*index])
    }

    /// Returns the column of this key.
    ///
    /// # Errors
    /// [`PanelError::UnknownColumn`] with the nearest known one.
    pub fn column(&self, key: &ColumnKey) -> Result<&Column, PanelError> {
        self.get(key).ok_or_else(|| {
            let keys: Vec<String> = self.by_key.keys().map(ToString::to_string).collect();
            let (name, nearest, known) = unknown(&key.to_string(), keys.iter().map(String::as_str));
            PanelError::UnknownColumn {
                name,
                nearest,
                known,
            }
        })
    }

    /// Returns what a column says of a subject in a period.
    ///
    /// # Errors
    /// [`PanelError::UnknownColumn`], [`PanelError::Outside`].
    pub fn answer(
        &self,
        key: &ColumnKey,
        subject: usize,
        period: usize,
    ) -> Result<Answer, PanelError> {
        let cell = self.cell(subject, period)?;
        Ok(self.column(key)?.answer(cell))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PanelDef {
    #[serde(default)]
    version: Version<1>,
    subjects: Subjects,
    periods: PeriodSet,
    columns: Vec<Column>,
}

impl TryFrom<PanelDef> for Panel {
    type Error = PanelError;

    fn try_from(definition: PanelDef) -> Result<Self, PanelError> {
        let mut panel = Self::new(definition.subjects, definition.periods);
        for column in definition.columns {
            panel.add(column)?;
        }
        Ok(panel)
    }
}

impl From<Panel> for PanelDef {
    fn from(panel: Panel) -> Self {
        Self {
            version: Version::default(),
            subjects: panel.subjects,
            periods: panel.periods,
            columns: panel.columns,
        }
    }
}

/// What can be wrong with a panel, a column or a look-up in one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PanelError {
    /// The panel has the column already.
    #[error("the panel already has a column `{column}`")]
    DuplicateColumn {
        /// The column.
        column: ColumnKey,
    },
    /// A column does not have one cell for each subject and period.
    #[error("column `{column}` has {found} cells; {subjects} subjects in {periods} periods need {}", subjects * periods)]
    Shape {
        /// The column.
        column: ColumnKey,
        /// How many cells it has.
        found: usize,
        /// The number of subjects.
        subjects: usize,
        /// The number of periods.
        periods: usize,
    },
    /// The parts of a column differ in length.
    #[error("column `{column}` has {figures} figures but {other} {what}")]
    Ragged {
        /// The column.
        column: ColumnKey,
        /// The number of figures.
        figures: usize,
        /// What there is another number of.
        what: &'static str,
        /// How many there are.
        other: usize,
    },
    /// An amount is not a whole count of the column's quantum, or beyond its range.
    #[error("cell {cell} of column `{column}`: {cause}")]
    Amount {
        /// The column.
        column: ColumnKey,
        /// The position of the cell.
        cell: usize,
        /// What is wrong with the amount.
        #[source]
        cause: QuantityError,
    },
    /// Two panels are over different subjects or periods.
    #[error("the panels are over different subjects or periods")]
    DifferentAxes,
    /// The cell is outside the panel.
    #[error(
        "subject {subject} in period {period} is outside a panel of {subjects} subjects in {periods} periods"
    )]
    Outside {
        /// The subject's position.
        subject: usize,
        /// The period's position.
        period: usize,
        /// The number of subjects.
        subjects: usize,
        /// The number of periods.
        periods: usize,
    },
    /// No column has this key.
    #[error("the panel has no column `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownColumn {
        /// The key that was asked for.
        name: String,
        /// The nearest known key.
        nearest: Option<String>,
        /// The known keys.
        known: Known,
    },
    /// The text is not a column's key.
    #[error(
        "`{text}` is not a column: write a metric, or target:, expected: or projected: before one"
    )]
    ColumnKey {
        /// The text.
        text: String,
    },
}
