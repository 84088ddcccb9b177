//! How a figure comes to its target.

use serde::{Deserialize, Serialize};

/// How a figure comes to its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approach {
    /// It starts at nothing and adds up: sales, visits, expense. The default.
    #[default]
    Accumulates,
    /// It is a level that moves from where the period before left it: a receivable balance, the number of active
    /// outlets. Where the period before has no figure there is no expectation.
    Glides,
    /// It is to be kept all the time: a rate, a limit.
    Holds,
}
