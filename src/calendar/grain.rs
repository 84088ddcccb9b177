//! The usual lengths of a period.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The length of the periods that a calendar makes, from short to long.
///
/// Days make up every other grain. Months make up quarters, quarters halves, halves years; weeks straddle months
/// except in a retail calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// A day.
    Day,
    /// Seven days, or what the calendar's week rule says.
    Week,
    /// A month of the calendar, or a period of four, five or six weeks.
    Month,
    /// Three months, or in a year of thirteen periods three of these, once four.
    Quarter,
    /// Six months, or two quarters of a year of thirteen periods.
    Half,
    /// Twelve months, or 52 or 53 weeks.
    Year,
}

impl Grain {
    /// All grains, from short to long.
    pub const ALL: [Self; 6] = [
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Quarter,
        Self::Half,
        Self::Year,
    ];

    /// Returns the grain's name in documents: `day`, `week`, `month`, `quarter`, `half`, `year`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Half => "half",
            Self::Year => "year",
        }
    }

    /// Returns into how many periods a year of this grain is divided, for the grains that divide a year.
    pub(super) fn in_year(self) -> Option<u32> {
        match self {
            Self::Day | Self::Week | Self::Month => None,
            Self::Quarter => Some(4),
            Self::Half => Some(2),
            Self::Year => Some(1),
        }
    }
}

impl fmt::Display for Grain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
