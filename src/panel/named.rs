//! Columns that a room gives together, cell by cell: `<name>.<what>`.

use super::{Column, ColumnKey, PanelError, Reason};
use crate::key::{Key, KeyError};
use crate::measure::Unit;
use crate::quantity::{Quantum, Ratio};

/// A whole number, or why there is none.
pub(crate) type Told = Result<i64, Reason>;
/// A numerator and a denominator, or why there is no quotient.
pub(crate) type Parts = Result<(i64, i64), Reason>;

/// What the cells of a panel were counted as, to be told as columns of one name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<'a, T> {
    name: &'a Key,
    cells: &'a [T],
}

impl<'a, T> Named<'a, T> {
    pub(crate) fn new(name: &'a Key, cells: &'a [T]) -> Self {
        Self { name, cells }
    }

    /// Returns whole counts of `quantum`.
    pub(crate) fn amounts<E: From<KeyError> + From<PanelError>>(
        &self,
        what: &str,
        unit: Unit,
        quantum: Quantum,
        of: impl Fn(&T) -> Told,
    ) -> Result<Column, E> {
        let told: Vec<Told> = self.cells.iter().map(of).collect();
        let reasons: Vec<Option<Reason>> = told.iter().map(reason).collect();
        let units = told.into_iter().map(|one| one.unwrap_or(0)).collect();
        let key = ColumnKey::of(self.name, what)?;
        Ok(Column::amounts(key, unit, quantum, units).with_reasons(&reasons)?)
    }

    /// Returns counts of what the name says.
    pub(crate) fn counts<E: From<KeyError> + From<PanelError>>(
        &self,
        what: &str,
        of: impl Fn(&T) -> Told,
    ) -> Result<Column, E> {
        self.amounts(what, Unit::Count(self.name.clone()), Quantum::ONE, of)
    }

    /// Returns quotients; one quantum over one quantum is worth `scale`.
    pub(crate) fn quotients<E: From<KeyError> + From<PanelError>>(
        &self,
        what: &str,
        unit: Unit,
        scale: Ratio,
        of: impl Fn(&T) -> Parts,
    ) -> Result<Column, E> {
        let told: Vec<Parts> = self.cells.iter().map(of).collect();
        // A quotient of nothing has no base unless another reason is told.
        let reasons: Vec<Option<Reason>> = told.iter().map(reason).collect();
        let (tops, bottoms) = told.into_iter().map(|one| one.unwrap_or((0, 1))).unzip();
        let key = ColumnKey::of(self.name, what)?;
        Ok(Column::quotients(key, unit, scale, tops, bottoms)?.with_reasons(&reasons)?)
    }

    /// Returns shares.
    pub(crate) fn shares<E: From<KeyError> + From<PanelError>>(
        &self,
        what: &str,
        of: impl Fn(&T) -> Parts,
    ) -> Result<Column, E> {
        self.quotients(what, Unit::Share, Ratio::ONE, of)
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
