//! What a recipe refers to by name: dimensions, measures, periods, tables of figures.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{BasisError, PlanError};
use crate::calendar::{Calendar, PeriodId, PeriodSet, WorkingDays};
use crate::key::Key;
use crate::limits::Limits;
use crate::measure::Measures;
use crate::panel::{ColumnKey, Figures, Panel};
use crate::quantity::Ratio;
use crate::space::{Axis, RowId, Space, Subjects};

/// What the names in a recipe mean; given by the host when a recipe is compiled.
#[derive(Debug, Clone)]
pub struct Sources<'a> {
    pub(super) measures: &'a Measures,
    pub(super) space: &'a Space,
    pub(super) calendar: Option<&'a Calendar>,
    pub(super) working_days: Option<&'a WorkingDays>,
    pub(super) sets: BTreeMap<Key, PeriodSet>,
    pub(super) tables: BTreeMap<Key, Table>,
    pub(super) columns: BTreeMap<Key, Vec<Decimal>>,
    pub(super) combinations: Option<Subjects>,
    pub(super) limits: Limits,
    /// Whether nodes are counted as they are made alone, and not estimated beforehand: of a structure that was made once.
    pub(super) made_before: bool,
}

impl<'a> Sources<'a> {
    /// Returns sources without periods and tables.
    #[must_use]
    pub fn new(measures: &'a Measures, space: &'a Space) -> Self {
        Self {
            measures,
            space,
            calendar: None,
            working_days: None,
            sets: BTreeMap::new(),
            tables: BTreeMap::new(),
            columns: BTreeMap::new(),
            combinations: None,
            limits: Limits::default(),
            made_before: false,
        }
    }

    /// Returns the sources with these limits, of which the one of nodes holds for the structure of a plan.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Returns the sources with this calendar, by which grains become periods.
    #[must_use]
    pub fn calendar(mut self, calendar: &'a Calendar) -> Self {
        self.calendar = Some(calendar);
        self
    }

    /// Returns the sources with these working days.
    #[must_use]
    pub fn working_days(mut self, days: &'a WorkingDays) -> Self {
        self.working_days = Some(days);
        self
    }

    /// Returns the sources with this set of periods under its key.
    #[must_use]
    pub fn set(mut self, set: PeriodSet) -> Self {
        self.sets.insert(set.key().clone(), set);
        self
    }

    /// Returns the sources with this table under this key.
    #[must_use]
    pub fn table(mut self, key: Key, table: Table) -> Self {
        self.tables.insert(key, table);
        self
    }

    /// Returns the sources with these weights under this key: one for each node of a step, in the order of the plan's
    /// structure.
    #[must_use]
    pub fn column(mut self, key: Key, weights: Vec<Decimal>) -> Self {
        self.columns.insert(key, weights);
        self
    }

    /// Returns the sources with the combinations of members that exist, of which alone a plan has nodes.
    ///
    /// Dimensions that are not among the axes are combined with everything.
    #[must_use]
    pub fn combinations(mut self, combinations: Subjects) -> Self {
        self.combinations = Some(combinations);
        self
    }
}

/// What a cell without a figure means as a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MissingFigure {
    /// It is an error. The default.
    #[default]
    Refuse,
    /// It weighs nothing. What a member weighs that has no figure in any cell, a step says by [`MissingMember`](crate::plan::MissingMember).
    NoWeight,
}

/// Figures of members, over periods or without, that serve as weights.
///
/// ```
/// use quotaflow::plan::Table;
/// use quotaflow::space::Axis;
/// let axis = Axis::new("person", "person")?;
/// let potential = Table::of_members(axis, &[("ann", "12.5".parse()?), ("bo", "7".parse()?)])?;
/// assert_eq!(potential.len(), 2);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    subjects: Subjects,
    periods: Option<PeriodSet>,
    // Period by period, as in a panel; all in one unit.
    figures: Vec<i128>,
    // What a figure of one is worth.
    unit: Ratio,
    // Of each row, whether it has a figure in some period.
    known: Vec<bool>,
}

impl Table {
    /// Returns the table of these figures of the members of one level.
    ///
    /// # Errors
    /// [`PlanError::Key`], [`PlanError::Space`] for a member that is listed twice, [`BasisError::TableTooFine`].
    pub fn of_members(axis: Axis, figures: &[(&str, Decimal)]) -> Result<Self, PlanError> {
        let keys = figures.iter().map(|(member, _)| Key::new(member));
        let subjects = Subjects::new(axis, keys.collect::<Result<_, _>>()?)?;
        let figures: Vec<Decimal> = figures.iter().map(|(_, figure)| *figure).collect();
        Self::new(subjects, None, &figures)
    }

    /// Returns the table of one figure for each subject and, where there are periods, each period: all subjects of the
    /// first period, then all of the second.
    ///
    /// # Errors
    /// [`BasisError::TableShape`]; [`BasisError::TableTooFine`] when the figures have no common scale in 126 bits.
    pub fn new(
        subjects: Subjects,
        periods: Option<PeriodSet>,
        figures: &[Decimal],
    ) -> Result<Self, PlanError> {
        let cells = subjects.len() * periods.as_ref().map_or(1, PeriodSet::len);
        if figures.len() != cells {
            let found = figures.len();
            return Err(PlanError::Basis(BasisError::TableShape { cells, found }));
        }
        let (figures, scale) = one_scale(figures)?;
        let unit = 10_i128.checked_pow(scale).map(|of| Ratio::new(1, of));
        Ok(Self {
            known: vec![true; subjects.len()],
            subjects,
            periods,
            figures,
            unit: unit.transpose()?.unwrap_or(Ratio::ONE),
        })
    }

    /// Returns the table of the amounts of a column of a panel.
    ///
    /// # Errors
    /// [`PlanError::Panel`] for an unknown column; [`BasisError::NotAmounts`] for a column of quotients;
    /// [`BasisError::MissingFigure`] for a cell without a figure, where that is refused.
    pub fn from_panel(
        panel: &Panel,
        key: &ColumnKey,
        missing: MissingFigure,
    ) -> Result<Self, PlanError> {
        let column = panel.column(key)?;
        let Figures::Amounts { units, quantum, .. } = column.figures() else {
            return Err(PlanError::Basis(BasisError::NotAmounts {
                column: key.clone(),
            }));
        };
        let subjects = panel.subjects().len().max(1);
        let blank = column.reasons().iter().position(|state| !state.is_none());
        if let Some(cell) = blank.filter(|_| missing == MissingFigure::Refuse) {
            let period = panel
                .periods()
                .label(PeriodId::at(cell / subjects))
                .cloned();
            return Err(PlanError::Basis(BasisError::MissingFigure {
                column: key.clone(),
                subject: panel.subjects().label(RowId::at(cell % subjects)),
                period: period.map(String::from).unwrap_or_default(),
            }));
        }
        let cells = units.iter().zip(column.reasons());
        let figures = cells.map(|(units, reason)| match reason {
            None => i128::from(*units),
            Some(_) => 0,
        });
        let mut known = vec![false; panel.subjects().len()];
        for (cell, reason) in column.reasons().iter().enumerate() {
            known[cell % subjects] |= reason.is_none();
        }
        Ok(Self {
            subjects: panel.subjects().clone(),
            periods: Some(panel.periods().clone()),
            figures: figures.collect(),
            unit: quantum.ratio(),
            known,
        })
    }

    /// Says of each row whether it has a figure in some period.
    pub(super) fn known(&self) -> &[bool] {
        &self.known
    }

    /// Returns what a figure of one is worth.
    pub(super) fn unit(&self) -> Ratio {
        self.unit
    }

    /// Returns the rows.
    #[must_use]
    pub fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// Returns the periods, if it has any.
    #[must_use]
    pub fn periods(&self) -> Option<&PeriodSet> {
        self.periods.as_ref()
    }

    /// Returns the subjects with a figure other than zero in some period: the combinations worth planning.
    ///
    /// # Errors
    /// [`PlanError::Space`], which no table gives.
    pub fn combinations(&self) -> Result<Subjects, PlanError> {
        let subjects = self.subjects.len();
        let rows = (0..subjects)
            .filter(|row| {
                (*row..self.figures.len())
                    .step_by(subjects.max(1))
                    .any(|cell| self.figures[cell] != 0)
            })
            .map(|row| self.subjects.members(RowId::at(row)).to_vec())
            .collect();
        Ok(Subjects::rows(self.subjects.axes().to_vec(), rows)?)
    }

    /// Returns the number of figures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.figures.len()
    }

    /// Says whether there is no figure.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.figures.is_empty()
    }

    /// Returns the figures of one period, one for each subject.
    pub(super) fn period(&self, period: usize) -> &[i128] {
        let subjects = self.subjects.len();
        self.figures
            .get(period * subjects..(period + 1) * subjects)
            .unwrap_or_default()
    }
}

/// Returns whole numbers in the proportions of these decimals, and of how many decimal places they are.
pub(super) fn one_scale(figures: &[Decimal]) -> Result<(Vec<i128>, u32), PlanError> {
    let scale = figures
        .iter()
        .map(|figure| figure.normalize().scale())
        .max()
        .unwrap_or(0);
    let whole = |figure: &Decimal| {
        let exact = figure.normalize();
        10_i128
            .checked_pow(scale - exact.scale())
            .and_then(|power| exact.mantissa().checked_mul(power))
            .filter(|whole| whole.unsigned_abs() <= 1 << 126)
            .ok_or(PlanError::Basis(BasisError::TableTooFine {
                figure: *figure,
            }))
    };
    let whole = figures.iter().map(whole).collect::<Result<_, _>>()?;
    Ok((whole, scale))
}
