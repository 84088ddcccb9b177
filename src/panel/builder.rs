//! Columns that are made cell by cell: `<name>.<what>`.

use super::{Column, ColumnKey, PanelError, Parts, Reason, Told};
use crate::key::{Key, KeyError};
use crate::measure::Unit;
use crate::quantity::{Quantum, Ratio};

/// Columns of one name, each made cell by cell with a number or the reason why there is none: `<name>.<what>`.
///
/// The cells are those of a panel in its order ([`Panel::each`](super::Panel::each)), of any type; each column says what it
/// reads in one. An empty `what` stands for the name itself.
///
/// ```
/// use quotaflow::key::Key;
/// use quotaflow::panel::{Column, ColumnBuilder, Reason};
/// struct Week { due: i64, done: i64 }
/// let weeks = [Week { due: 4, done: 3 }, Week { due: 0, done: 0 }];
/// let name = Key::new("visits")?;
/// let visits = ColumnBuilder::new(&name, &weeks);
/// let done: Column = visits.counts("done", |week| Ok(week.done))?;
/// let rate: Column = visits.shares("rate", |week| Ok((week.done, week.due)))?;
/// let shown = |column: &Column| column.answers().map(|answer| answer.to_string()).collect::<Vec<_>>();
/// assert_eq!((shown(&done), shown(&rate)), (vec!["3 visits".into(), "0 visits".into()], vec!["75.0%".into(), "no base".into()]));
/// assert_eq!(rate.reasons()[1], Some(Reason::NoBase));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ColumnBuilder<'a, T> {
    name: &'a Key,
    cells: &'a [T],
}

impl<'a, T> ColumnBuilder<'a, T> {
    /// Returns a builder of columns of this name from these cells.
    #[must_use]
    pub fn new(name: &'a Key, cells: &'a [T]) -> Self {
        Self { name, cells }
    }

    /// Returns a column of whole counts of `quantum`.
    ///
    /// # Errors
    /// [`PanelError::Key`] if the name cannot be a key.
    pub fn amounts(
        &self,
        what: &str,
        unit: Unit,
        quantum: Quantum,
        of: impl Fn(&T) -> Result<i64, Reason>,
    ) -> Result<Column, PanelError> {
        let told: Vec<Told> = self.cells.iter().map(of).collect();
        let reasons: Vec<Option<Reason>> = told.iter().map(reason).collect();
        let units = told.into_iter().map(|one| one.unwrap_or(0)).collect();
        let key = self.key(what)?;
        Column::amounts(key, unit, quantum, units).with_reasons(&reasons)
    }

    /// Returns a column of counts of what the name says.
    ///
    /// # Errors
    /// [`PanelError::Key`] if the name cannot be a key.
    pub fn counts(
        &self,
        what: &str,
        of: impl Fn(&T) -> Result<i64, Reason>,
    ) -> Result<Column, PanelError> {
        self.amounts(what, Unit::Count(self.name.clone()), Quantum::ONE, of)
    }

    /// Returns a column of numerators and denominators; one over one is worth `scale`, and over zero there is no base.
    ///
    /// # Errors
    /// [`PanelError::Key`] if the name cannot be a key.
    pub fn quotients(
        &self,
        what: &str,
        unit: Unit,
        scale: Ratio,
        of: impl Fn(&T) -> Result<(i64, i64), Reason>,
    ) -> Result<Column, PanelError> {
        let told: Vec<Parts> = self.cells.iter().map(of).collect();
        // A quotient of nothing has no base unless another reason is told.
        let reasons: Vec<Option<Reason>> = told.iter().map(reason).collect();
        let (tops, bottoms) = told.into_iter().map(|one| one.unwrap_or((0, 1))).unzip();
        let key = self.key(what)?;
        Column::quotients(key, unit, scale, tops, bottoms)?.with_reasons(&reasons)
    }

    /// Returns a column of shares.
    ///
    /// # Errors
    /// [`PanelError::Key`] if the name cannot be a key.
    pub fn shares(
        &self,
        what: &str,
        of: impl Fn(&T) -> Result<(i64, i64), Reason>,
    ) -> Result<Column, PanelError> {
        self.quotients(what, Unit::Share, Ratio::ONE, of)
    }
}

impl<T> ColumnBuilder<'_, T> {
    fn key(&self, what: &str) -> Result<ColumnKey, KeyError> {
        if what.is_empty() {
            return ColumnKey::actual(self.name.as_str());
        }
        ColumnKey::of(self.name, what)
    }
}

fn reason<T>(told: &Result<T, Reason>) -> Option<Reason> {
    told.as_ref().err().copied()
}

/// Returns two wide numbers as the parts of a quotient: without base over zero, out of range beyond 64 bits.
///
/// They stay as they are wherever they fit, so that parts of several cells can be added up; only what does not fit is
/// brought to lowest terms.
pub(crate) fn parts(top: i128, bottom: i128) -> Parts {
    if bottom == 0 {
        return Err(Reason::NoBase);
    }
    if let (Ok(top), Ok(bottom)) = (i64::try_from(top), i64::try_from(bottom)) {
        return Ok((top, bottom));
    }
    let ratio = Ratio::new(top, bottom).map_err(|_| Reason::OutOfRange)?;
    ratio_parts(ratio)
}

/// Returns the parts of a ratio, out of range beyond 64 bits.
pub(crate) fn ratio_parts(ratio: Ratio) -> Parts {
    let small = |part: i128| i64::try_from(part).map_err(|_| Reason::OutOfRange);
    Ok((small(ratio.numerator())?, small(ratio.denominator())?))
}
