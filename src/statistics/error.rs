//! What can be wrong with a statistic of a panel.

use thiserror::Error;

use crate::key::KeyError;
use crate::panel::{ColumnKey, PanelError};
use crate::quantity::QuantityError;

/// What can be wrong with a statistic of a panel.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StatisticsError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A column is not in the panel or does not fit it.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// Numbers are too large for an exact correlation.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// A correlation is to be told from too few pairs.
    #[error("{pairs} pairs of periods say nothing of a lag: {fewest} are needed at least")]
    FewPairs {
        /// How many.
        pairs: u16,
        /// How many are needed.
        fewest: u16,
    },
    /// A column has quotients where amounts are needed.
    #[error("column `{column}` has quotients; amounts of activity and result are needed")]
    NotAmounts {
        /// The column.
        column: ColumnKey,
    },
}
