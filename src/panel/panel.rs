use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::{PeriodId, PeriodSet};
use crate::document::Version;
use crate::space::{RowId, Subjects};

use super::{Column, ColumnKey, PanelError};

/// Figures of subjects over periods.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::space::Subjects;
/// let (from, to) = ("2026-01-01".parse()?, "2026-04-01".parse()?);
/// let months = Calendar::gregorian().periods(Grain::Month, from, to)?;
/// let mut panel = Panel::new(Subjects::whole(), months);
/// panel.add(Column::amounts(ColumnKey::actual("sales")?, "money:EUR".parse()?, Quantum::CENT, vec![100, 0, 250]))?;
/// assert_eq!(panel.get("sales", [""; 0], "2026-03")?.to_string(), "2.50 EUR");
/// let error = panel.get("sale", [""; 0], "2026-03").unwrap_err();
/// assert_eq!(error.to_string(), "the panel has no column `sale`; did you mean `sales`?");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PanelDef", into = "PanelDef")]
pub struct Panel {
    pub(super) subjects: Subjects,
    pub(super) periods: PeriodSet,
    pub(super) columns: Vec<Column>,
    pub(super) by_key: BTreeMap<ColumnKey, usize>,
    pub(super) as_of: Option<NaiveDate>,
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
            as_of: None,
        }
    }

    /// Says that the figures are those of the end of a day: the period that holds it and is not over then still runs, and its
    /// actual figures are what there is so far.
    ///
    /// ```
    /// use quotaflow::calendar::{Calendar, Grain};
    /// use quotaflow::panel::{Column, ColumnKey, Panel};
    /// use quotaflow::quantity::Quantum;
    /// use quotaflow::space::Subjects;
    /// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-03-01".parse()?)?;
    /// let mut panel = Panel::new(Subjects::whole(), months).as_of_day("2026-02-10".parse()?);
    /// panel.add(Column::amounts(ColumnKey::actual("sales")?, "money:EUR".parse()?, Quantum::CENT, vec![100, 50]))?;
    /// assert_eq!(panel.get("sales", [""; 0], "2026-01")?.to_string(), "1.00 EUR");
    /// assert_eq!(panel.get("sales", [""; 0], "2026-02")?.to_string(), "0.50 EUR so far");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    #[must_use]
    pub fn as_of_day(mut self, day: NaiveDate) -> Self {
        self.as_of = Some(day);
        self
    }

    /// Returns the panel without the day of its figures.
    pub(crate) fn of_no_day(mut self) -> Self {
        self.as_of = None;
        self
    }

    /// Returns a panel without columns of these rows, over the same periods as of the same day.
    pub(crate) fn like(&self, subjects: Subjects) -> Self {
        Self {
            as_of: self.as_of,
            ..Self::new(subjects, self.periods.clone())
        }
    }

    /// Returns the day at whose end the figures were, where that is said.
    #[must_use]
    pub fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }

    /// Says whether a period runs: it has begun by the day of [`as_of`](Self::as_of) and is not over at its end, so that its
    /// figures may still change. None runs where no day is said.
    #[must_use]
    pub fn runs(&self, period: PeriodId) -> bool {
        self.as_of.is_some_and(|day| self.periods.runs(period, day))
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
    /// [`PanelError::Outside`] for a row or period of another panel.
    pub(crate) fn cell(&self, row: RowId, period: PeriodId) -> Result<usize, PanelError> {
        let (subject, period) = (row.index(), period.index());
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

    /// Returns something for each cell, in the order in which columns hold them: all rows of the first period, then all of
    /// the second.
    pub fn each<T>(&self, mut of: impl FnMut(RowId, PeriodId) -> T) -> Vec<T> {
        let mut all = Vec::with_capacity(self.cells());
        for period in self.periods.ids() {
            all.extend(self.subjects.ids().map(|row| of(row, period)));
        }
        all
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PanelDef {
    #[serde(default)]
    version: Version<1>,
    subjects: Subjects,
    periods: PeriodSet,
    /// Left out where the figures are those of the end of every period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<NaiveDate>,
    columns: Vec<Column>,
}

impl TryFrom<PanelDef> for Panel {
    type Error = PanelError;

    fn try_from(definition: PanelDef) -> Result<Self, PanelError> {
        let mut panel = Self::new(definition.subjects, definition.periods);
        panel.as_of = definition.as_of;
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
            as_of: panel.as_of,
            columns: panel.columns,
        }
    }
}
