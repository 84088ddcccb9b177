//! Two panels become one, row by row and period by period.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{Column, ColumnKey, Figures, Panel, PanelError, Reason};
use crate::calendar::{PeriodId, PeriodSet};
use crate::key::Known;
use crate::space::{Axis, RowId, Subjects, UNASSIGNED};

/// What did not have a counterpart when a panel was joined to another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Joined {
    /// The rows of the panel for which the other one has no row: its figures are not applicable there.
    pub rows: Vec<String>,
    /// The periods of the panel that the other one does not have: its figures are not applicable there.
    pub periods: Vec<String>,
    /// The rows and periods of the other panel that this one does not have; no figure stands in them.
    pub left_out: Vec<String>,
}

/// Returns the earlier of two days, where both are said: nothing counts as over that is not in one of the two.
fn earlier(one: Option<NaiveDate>, other: Option<NaiveDate>) -> Option<NaiveDate> {
    one.into_iter().chain(other).min()
}

impl Panel {
    /// Adds all columns of another panel, row by row and period by period, by their names.
    ///
    /// The other panel may have other rows, and in another order: what it does not have is not applicable there, as the target
    /// of somebody whom a plan does not know. Where it has a figure in a row or period that this panel does not have, nothing
    /// is joined, so that no figure is lost. The figures together are as of the earlier of both days.
    ///
    /// # Errors
    /// [`PanelError::DifferentAxes`], [`PanelError::DifferentPeriod`], [`PanelError::RowsLeftOut`] with the rows,
    /// [`PanelError::DuplicateColumn`]; this panel is then unchanged.
    pub fn join(&mut self, other: Self) -> Result<Joined, PanelError> {
        let as_of = earlier(self.as_of, other.as_of);
        let (columns, joined) = other.laid_onto(self)?;
        self.extend(columns)?;
        self.as_of = as_of;
        Ok(joined)
    }

    /// Returns the columns as they stand over the rows and periods of another panel.
    pub(crate) fn laid_onto(self, panel: &Self) -> Result<(Vec<Column>, Joined), PanelError> {
        if panel.subjects == self.subjects && panel.periods == self.periods {
            return Ok((self.columns, Joined::default()));
        }
        let map = CellMap::between(panel, &self)?;
        for column in &self.columns {
            let lost: Vec<String> = (0..self.cells())
                .filter(|cell| map.to[*cell].is_none() && column.reasons()[*cell].is_none())
                .map(|cell| self.cell_label(cell))
                .collect();
            if !lost.is_empty() {
                return Err(PanelError::RowsLeftOut {
                    rows: Known::new(lost),
                    column: column.key().clone(),
                });
            }
        }
        let columns = self.columns.iter().map(|column| map.moved(column));
        let columns: Result<Vec<Column>, PanelError> = columns.collect();
        Ok((columns?, map.joined))
    }

    /// Whether some figure is of what belongs to nobody on an axis.
    pub(crate) fn has_nobody(&self, axis: usize) -> bool {
        let nobody = self.subjects.ids().filter(|row| {
            let member = self.subjects.members(*row).get(axis);
            member.is_some_and(|member| *member == *UNASSIGNED)
        });
        let nobody: Vec<RowId> = nobody.collect();
        let mut cells = self.periods.ids().flat_map(|period| {
            let of = |row: &RowId| self.cell(*row, period).ok();
            nobody.iter().filter_map(of).collect::<Vec<usize>>()
        });
        cells.any(|cell| {
            let mut all = self.columns.iter();
            all.any(|column| column.reasons()[cell].is_none())
        })
    }

    /// Returns the panel over other rows, which are some of its own or have nothing in them.
    pub(crate) fn among(&self, rows: Subjects) -> Result<Self, PanelError> {
        let mut among = self.like(rows);
        for column in self.over(&among.subjects)? {
            among.add(column)?;
        }
        Ok(among)
    }

    /// Returns the columns over other rows of the same periods: not applicable where this panel has no such row; a row that is not
    /// among them is left out.
    pub(crate) fn over(&self, rows: &Subjects) -> Result<Vec<Column>, PanelError> {
        let cells = rows.len() * self.periods.len();
        let nothing = vec![Some(Reason::NotApplicable); cells];
        let places: Vec<(usize, RowId)> = rows
            .ids()
            .enumerate()
            .filter_map(|(at, row)| Some((at, self.subjects.find(rows.members(row))?)))
            .collect();
        let mut columns = Vec::with_capacity(self.columns.len());
        for own in &self.columns {
            let key = own.key().clone();
            let unit = own.unit().clone();
            let blank = match own.figures() {
                Figures::Amounts { quantum, .. } => {
                    Column::amounts(key, unit, *quantum, vec![0; cells])
                }
                Figures::Quotients { scale, .. } => {
                    Column::quotients(key, unit, *scale, vec![0; cells], vec![1; cells])?
                        .adding_up_like(own)
                }
            };
            let mut column = blank.better(own.direction()).with_reasons(&nothing)?;
            for (ordinal, period) in self.periods.ids().enumerate() {
                for (at, row) in &places {
                    let from = self.cell(*row, period)?;
                    column.put(ordinal * rows.len() + at, Some((own, from)));
                }
            }
            columns.push(column);
        }
        Ok(columns)
    }

    fn cell_label(&self, cell: usize) -> String {
        let rows = self.subjects.len().max(1);
        let period = self.periods.label(PeriodId::at(cell / rows));
        let period = period.map(crate::key::Key::as_str).unwrap_or_default();
        format!(
            "{} in {period}",
            self.subjects.label(RowId::at(cell % rows))
        )
    }
}

/// Where the cells of one panel stand in another.
struct CellMap {
    to: Vec<Option<usize>>,
    cells: usize,
    joined: Joined,
}

impl CellMap {
    fn between(here: &Panel, there: &Panel) -> Result<Self, PanelError> {
        if here.subjects.axes() != there.subjects.axes() {
            return Err(different_axes(&here.subjects, &there.subjects));
        }
        let rows: Vec<Option<RowId>> = there
            .subjects
            .ids()
            .map(|row| here.subjects.find(there.subjects.members(row)))
            .collect();
        let mut periods = Vec::with_capacity(there.periods.len());
        for period in &there.periods {
            let found = here.periods.find(period.label.as_str());
            let same = found.and_then(|found| here.periods.period(found));
            if let Some(same) = same
                && (same.start, same.end) != (period.start, period.end)
            {
                return Err(PanelError::DifferentPeriod {
                    period: same.label.clone(),
                    start: same.start,
                    end: same.end,
                });
            }
            periods.push(found);
        }
        let width = here.subjects.len();
        let to = periods.iter().flat_map(|period| {
            rows.iter()
                .map(move |row| Some((*period)?.index() * width + (*row)?.index()))
        });
        let rows_met: BTreeSet<RowId> = rows.iter().flatten().copied().collect();
        let periods_met: BTreeSet<PeriodId> = periods.iter().flatten().copied().collect();
        let rows_here = here.subjects.ids().filter(|row| !rows_met.contains(row));
        let periods_here = here.periods.iter();
        let periods_here = periods_here.filter(|period| !periods_met.contains(&period.id));
        let rows_there = there.subjects.ids().zip(&rows);
        let rows_there = rows_there.filter(|(_, found)| found.is_none());
        let periods_there = there.periods.iter().zip(&periods);
        let periods_there = periods_there.filter(|(_, found)| found.is_none());
        let left_out = rows_there
            .map(|(row, _)| there.subjects.label(row))
            .chain(periods_there.map(|(period, _)| period.label.to_string()));
        Ok(Self {
            to: to.collect(),
            cells: here.cells(),
            joined: Joined {
                rows: rows_here.map(|row| here.subjects.label(row)).collect(),
                periods: periods_here
                    .map(|period| period.label.to_string())
                    .collect(),
                left_out: left_out.collect(),
            },
        })
    }

    fn moved(&self, column: &Column) -> Result<Column, PanelError> {
        let mut reasons = vec![Some(Reason::NotApplicable); self.cells];
        let pairs = || {
            let places = self.to.iter().enumerate();
            places.filter_map(|(from, to)| Some((from, (*to)?)))
        };
        for (from, to) in pairs() {
            reasons[to] = column.reasons()[from];
        }
        let spread = |of: &[i64], empty: i64| {
            let mut all = vec![empty; self.cells];
            pairs().for_each(|(from, to)| all[to] = of[from]);
            all
        };
        let (key, unit): (ColumnKey, _) = (column.key().clone(), column.unit().clone());
        let moved = match column.figures() {
            Figures::Amounts { quantum, units } => {
                Column::amounts(key, unit, *quantum, spread(units, 0))
            }
            Figures::Quotients {
                scale,
                numerators,
                denominators,
            } => {
                let mut below = spread(denominators, 1);
                // A cell without a figure is blanked for its own reason and not for a missing base.
                for (bottom, reason) in below.iter_mut().zip(&reasons) {
                    if reason.is_some() {
                        *bottom = 1;
                    }
                }
                Column::quotients(key, unit, *scale, spread(numerators, 0), below)?
                    .adding_up_like(column)
            }
        };
        moved.better(column.direction()).with_reasons(&reasons)
    }
}

/// The error of other periods than those that are needed.
pub(crate) fn different_periods(here: &PeriodSet, there: &PeriodSet) -> PanelError {
    PanelError::DifferentPeriods {
        here: here.key().clone(),
        here_count: here.len(),
        there: there.key().clone(),
        there_count: there.len(),
    }
}

/// The error of rows of other axes.
pub(crate) fn different_axes(here: &Subjects, there: &Subjects) -> PanelError {
    let told = |subjects: &Subjects| match subjects.axes() {
        [] => "the whole".to_owned(),
        axes => axes
            .iter()
            .map(Axis::to_string)
            .collect::<Vec<_>>()
            .join(" and "),
    };
    PanelError::DifferentAxes {
        here: told(here),
        there: told(there),
    }
}

/// The error of other rows: of other axes, or of other members.
pub(crate) fn different_rows(here: &Subjects, there: &Subjects) -> PanelError {
    if here.axes() != there.axes() {
        return different_axes(here, there);
    }
    let only = |own: &Subjects, other: &Subjects| {
        let rows = own
            .ids()
            .filter(|row| other.find(own.members(*row)).is_none());
        Known::new(rows.map(|row| own.label(row)))
    };
    PanelError::DifferentRows {
        missing: only(here, there),
        extra: only(there, here),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, Grain};
    use crate::quantity::{Quantum, Ratio};

    fn panel(people: &[&str], from: &str, to: &str, column: &str, units: Vec<i64>) -> Panel {
        let keys = people
            .iter()
            .map(|key| (*key).try_into().unwrap())
            .collect();
        let people = Subjects::new(Axis::new("person", "person").unwrap(), keys).unwrap();
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let months = Calendar::gregorian()
            .periods(Grain::Month, from, to)
            .unwrap();
        let mut panel = Panel::new(people, months);
        let unit = "money:EUR".parse().unwrap();
        let column = Column::amounts(column.parse().unwrap(), unit, Quantum::CENT, units);
        panel.add(column).unwrap();
        panel
    }

    #[test]
    fn panels_join_by_the_names_of_their_rows_and_periods() {
        let (january, march) = ("2026-01-01", "2026-03-01");
        let sales = vec![1, 2, 3, 4, 5, 6];
        let mut sales = panel(&["ann", "bo", "unassigned"], january, march, "sales", sales);
        let targets = panel(
            &["bo", "ann"],
            "2026-02-01",
            march,
            "target:sales",
            vec![10, 20],
        );
        let joined = sales.join(targets).unwrap();
        assert_eq!(
            (joined.rows.as_slice(), joined.periods.as_slice()),
            (&["unassigned".to_owned()][..], &["2026-01".to_owned()][..])
        );
        let target =
            |who: &str, month: &str| sales.get("target:sales", [who], month).unwrap().to_string();
        assert_eq!(target("ann", "2026-02"), "0.20 EUR");
        assert_eq!(target("bo", "2026-02"), "0.10 EUR");
        assert_eq!(target("bo", "2026-01"), "not applicable");
        assert_eq!(target("unassigned", "2026-02"), "not applicable");
    }

    #[test]
    fn joined_exact_amounts_add_up_by_value_as_before() {
        let (january, march) = ("2026-01-01", "2026-03-01");
        let mut sales = panel(&["ann", "bo"], january, march, "sales", vec![1, 2, 3, 4]);
        let mut paced = panel(&["bo"], january, march, "target:sales", vec![2, 4]);
        let unit = "money:EUR".parse().unwrap();
        let halves = [Ok((1, 2)), Ok((3, 2))];
        let key = ColumnKey::actual("exact").unwrap();
        let exact = Column::fractions(key, unit, Quantum::CENT.ratio(), &halves);
        paced.add(exact).unwrap();
        sales.join(paced).unwrap();
        let joined = sales.column(&ColumnKey::actual("exact").unwrap()).unwrap();
        assert!(joined.is_fractions());
        assert_eq!(joined.answer(0).reason(), Some(Reason::NotApplicable));
    }

    #[test]
    fn exact_amounts_add_up_by_value_over_other_rows_too() {
        let mut paced = panel(&["bo"], "2026-01-01", "2026-03-01", "sales", vec![2, 4]);
        let unit = "money:EUR".parse().unwrap();
        let key = ColumnKey::actual("exact").unwrap();
        let halves = [Ok((1, 2)), Ok((3, 2))];
        let exact = Column::fractions(key, unit, Quantum::CENT.ratio(), &halves);
        paced.add(exact).unwrap();
        let keys = ["ann", "bo"].map(|key| key.try_into().unwrap());
        let more = Subjects::new(Axis::new("person", "person").unwrap(), keys.into()).unwrap();
        let more = paced.among(more).unwrap();
        let exact = more.column(&ColumnKey::actual("exact").unwrap()).unwrap();
        assert!(exact.is_fractions());
        assert_eq!(exact.answer(3).ratio(), Ok(Ratio::new(3, 200).unwrap()));
    }

    #[test]
    fn a_figure_without_a_row_to_stand_in_is_told_by_row() {
        let (january, march) = ("2026-01-01", "2026-03-01");
        let mut sales = panel(&["ann"], january, march, "sales", vec![1, 2]);
        let before = sales.clone();
        let more = panel(
            &["ann", "bo"],
            january,
            march,
            "target:sales",
            vec![1, 2, 3, 4],
        );
        assert_eq!(
            sales.join(more).unwrap_err().to_string(),
            "the panel has no row for `bo in 2026-01`, `bo in 2026-02`, where column `target:sales` of the other one has figures"
        );
        assert_eq!(sales, before);
        let mut teams = Panel::new(Subjects::whole(), sales.periods().clone());
        assert_eq!(
            teams.join(sales).unwrap_err().to_string(),
            "the rows of one panel are of the whole, those of the other of person.person"
        );
    }
}
