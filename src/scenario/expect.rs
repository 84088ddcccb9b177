//! What should come out of a scenario.

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::panel::{ColumnKey, Reason};
use crate::quantity::Ratio;

/// What should come out of a scenario: the test that an analyst writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ExpectDef {
    /// A cell of a view.
    Cell(ExpectedCell),
    /// The alerts of a view.
    Alerts(ExpectedAlerts),
}

/// A cell that should have this value, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedCell {
    /// The view.
    pub view: Key,
    /// The column: `sales`, `target:sales`, `attainment(sales)`, the name of a card.
    pub column: ColumnKey,
    /// The members of the row, one for each axis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subject: Vec<Key>,
    /// The label of the period.
    pub period: Key,
    /// The number, or why there is none: `{"none": "no_base"}`.
    #[serde(with = "crate::panel::written")]
    pub is: Result<Ratio, Reason>,
}

/// The rules of a view that should have found something, and none but these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedAlerts {
    /// The view.
    pub view: Key,
    /// The rules; none where there should be no alerts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Key>,
}

/// Something that should have come out and did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmet {
    /// Which of the expectations, from 0 on.
    pub expect: usize,
    /// What came out instead.
    pub text: String,
}

impl ExpectDef {
    pub(super) fn view(&self) -> &Key {
        match self {
            Self::Cell(own) => &own.view,
            Self::Alerts(own) => &own.view,
        }
    }
}
