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
    /// A month of the calendar, or a period of four or five weeks.
    Month,
    /// Three months.
    Quarter,
    /// Six months.
    Half,
    /// Twelve months.
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

    /// Returns how many months make one period, for the grains that are made of months.
    pub(crate) fn months(self) -> Option<u32> {
        match self {
            Self::Day | Self::Week => None,
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::Half => Some(6),
            Self::Year => Some(12),
        }
    }
}

impl fmt::Display for Grain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
