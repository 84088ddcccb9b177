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

    /// Returns what a column says of every row in every period, in the order of [`Panel::each`]: all rows of the first period, then
    /// all of the second.
    ///
    /// ```
    /// use quotaflow::calendar::{Calendar, Grain};
    /// use quotaflow::panel::{Column, ColumnKey, Panel};
    /// use quotaflow::quantity::Quantum;
    /// use quotaflow::space::{Axis, Subjects};
    /// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-03-01".parse()?)?;
    /// let people = Subjects::new(Axis::new("person", "person")?, vec!["ann".try_into()?, "bo".try_into()?])?;
    /// let mut panel = Panel::new(people, months);
    /// let sales = ColumnKey::actual("sales")?;
    /// panel.add(Column::amounts(sales.clone(), "money:EUR".parse()?, Quantum::ONE, vec![5, 8, 7, 0]))?;
    /// let mut told = Vec::new();
    /// for (row, period, answer) in panel.answers(&sales)? {
    ///     let period = panel.periods().label(period).map(ToString::to_string).unwrap_or_default();
    ///     told.push(format!("{} {period}: {answer}", panel.subjects().label(row)));
    /// }
    /// assert_eq!(told[1..3], ["bo 2026-01: 8 EUR", "ann 2026-02: 7 EUR"]);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`PanelError::UnknownColumn`] with the nearest known one and the list.
    pub fn answers<'a>(
        &'a self,
        key: &ColumnKey,
    ) -> Result<impl Iterator<Item = (RowId, PeriodId, Answer<'a>)> + use<'a>, PanelError> {
        let column = self.column(key)?;
        let rows = self.subjects.len();
        let periods = self.periods.ids().enumerate();
        Ok(periods.flat_map(move |(at, period)| {
            let rows = self.subjects.ids().zip(at * rows..);
            rows.map(move |(row, cell)| (row, period, self.said(column, cell, period)))
        }))
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
