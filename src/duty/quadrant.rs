//! Process beside result: earned, lucky, unlucky, failing.

use serde::{Deserialize, Serialize};

use super::error::DutyError;
use crate::band::Quadrant;
use crate::key::Key;
use crate::measure::Direction;
use crate::panel::{Column, ColumnBuilder, ColumnKey, Columns, Panel, Reason};
use crate::quantity::Ratio;

/// A figure and the bar from which it is good: not below it, or not above it where less is better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bar {
    /// The column.
    pub column: ColumnKey,
    /// The bar.
    pub bar: Ratio,
}

/// Returns where every subject stands in every period, or why that is not known, in the order of the panel's cells.
///
/// # Errors
/// [`DutyError::Panel`] for an unknown column, [`DutyError::Quantity`] for a bar that cannot be turned.
pub fn quadrants(
    process: &Bar,
    result: &Bar,
    panel: &Panel,
) -> Result<Vec<Result<Quadrant, Reason>>, DutyError> {
    let (process_column, result_column) = (
        panel.column(&process.column)?,
        panel.column(&result.column)?,
    );
    let (process_sign, result_sign) = (sign(process_column), sign(result_column));
    let process_bar = process.bar.checked_mul(process_sign)?;
    let result_bar = result.bar.checked_mul(result_sign)?;
    let told = |column: &Column, cell, sign| match column.answer(cell).found() {
        Err(state) => Err(state),
        Ok(figure) => figure
            .ratio()
            .and_then(|found| found.checked_mul(sign))
            .map_err(|_| Reason::OutOfRange),
    };
    let all = (0..panel.cells()).map(|cell| {
        Quadrant::of(
            told(process_column, cell, process_sign),
            process_bar,
            told(result_column, cell, result_sign),
            result_bar,
        )
    });
    Ok(all.collect())
}

/// Gives `<name>.earned`, `<name>.lucky`, `<name>.unlucky` and `<name>.failing`: 1 where the subject stands in that quadrant,
/// else 0, so that they add up over subjects and can be judged. Where process or result is not known, neither are they.
///
/// # Errors
/// As [`quadrants`]; [`DutyError::Key`].
pub fn quadrant_columns(
    name: &Key,
    process: &Bar,
    result: &Bar,
) -> impl Columns<Error = DutyError> {
    move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
        let cells = quadrants(process, result, panel)?;
        let named = ColumnBuilder::new(name, &cells);
        let column = |what: &str, wanted: Quadrant, better: Direction| {
            let column = named.counts(what, |found| found.map(|found| i64::from(found == wanted)));
            column.map(|column| column.better(better))
        };
        Ok(vec![
            column("earned", Quadrant::Earned, Direction::Larger)?,
            column("lucky", Quadrant::Lucky, Direction::Smaller)?,
            column("unlucky", Quadrant::Unlucky, Direction::Smaller)?,
            column("failing", Quadrant::Failing, Direction::Smaller)?,
        ])
    }
}

/// Figures of which less is better are compared with both signs turned.
fn sign(column: &Column) -> Ratio {
    match column.direction() {
        Direction::Smaller => Ratio::from(-1),
        Direction::Larger | Direction::Target | Direction::Neutral => Ratio::ONE,
    }
}
