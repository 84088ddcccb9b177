//! What a two-way problem comes to: the table, and how it was come by.

use serde::Serialize;

use super::{Closeness, Matrix};

/// A table of whole quanta that meets every prescribed total exactly, with how near it is to the fitted values and how
/// precise these are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Solved {
    pub(super) table: Matrix,
    pub(super) closeness: Closeness,
    #[serde(skip)]
    pub(super) error: f64,
    #[serde(skip)]
    pub(super) rounds: u32,
}

impl Solved {
    /// Returns the table.
    #[must_use]
    pub fn table(&self) -> &Matrix {
        &self.table
    }

    /// Returns the table and gives up the rest.
    #[must_use]
    pub fn into_table(self) -> Matrix {
        self.table
    }

    /// Returns how near the table is to its fitted values: [`Closeness::Within`] nothing above the value rounded up, or
    /// [`Closeness::Anywhere`] where it comes from a flow of whole quanta, because real numbers did not show the fit.
    #[must_use]
    pub fn closeness(&self) -> Closeness {
        self.closeness
    }

    /// Returns how much all margins of the fitted values together were off, in quanta. Those of the table are exact.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.error
    }

    /// Returns how many rounds of fitting were made.
    #[must_use]
    pub fn rounds(&self) -> u32 {
        self.rounds
    }
}
