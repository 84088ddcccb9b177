//! What a panel says, asked by names or by ids.

use super::{Answer, Column, ColumnKey, Panel, PanelError, Role};
use crate::calendar::PeriodId;
use crate::key::unknown;
use crate::space::RowId;

impl Panel {
    /// Returns what a column says of a row in a period, all by name: `panel.get("sales", ["ann"], "2026-03")`,
    /// `panel.get("target:sales", ["ann", "x"], "2026-Q1")`.
    ///
    /// The row is named by one member for each axis; the whole by none.
    ///
    /// # Errors
    /// [`PanelError::ColumnKey`], [`PanelError::UnknownColumn`], [`PanelError::Row`] and [`PanelError::Period`]: what does not
    /// exist is told with the nearest name, or the list where none is near.
    pub fn get<N: AsRef<str>>(
        &self,
        column: &str,
        row: impl IntoIterator<Item = N>,
        period: &str,
    ) -> Result<Answer<'_>, PanelError> {
        let column = self.column(&column.parse()?)?;
        let (row, period) = (self.subjects.row(row)?, self.periods.id(period)?);
        Ok(self.said(column, self.cell(row, period)?, period))
    }

    /// Returns the column of this key, if there is one.
    #[must_use]
    pub fn find(&self, key: &ColumnKey) -> Option<&Column> {
        self.by_key.get(key).map(|index| &self.columns[*index])
    }

    /// Returns the column of this key.
    ///
    /// # Errors
    /// [`PanelError::UnknownColumn`] with the nearest known one and the list.
    pub fn column(&self, key: &ColumnKey) -> Result<&Column, PanelError> {
        self.find(key).ok_or_else(|| {
            let keys: Vec<String> = self.by_key.keys().map(ToString::to_string).collect();
            let (name, nearest, known) = unknown(&key.to_string(), keys.iter().map(String::as_str));
            PanelError::UnknownColumn {
                name,
                nearest,
                known,
            }
        })
    }

    /// Returns what a column says of a row in a period.
    ///
    /// # Errors
    /// [`PanelError::UnknownColumn`]; [`PanelError::Outside`] for a row or period of another panel.
    pub fn answer(
        &self,
        key: &ColumnKey,
        row: RowId,
        period: PeriodId,
    ) -> Result<Answer<'_>, PanelError> {
        let cell = self.cell(row, period)?;
        Ok(self.said(self.column(key)?, cell, period))
    }

    fn said<'a>(&self, column: &'a Column, cell: usize, period: PeriodId) -> Answer<'a> {
        let answer = column.answer(cell);
        if column.key().role == Role::Actual && self.runs(period) {
            answer.so_far()
        } else {
            answer
        }
    }
}
