//! The names of the periods that a calendar makes.

use chrono::NaiveDate;

use super::Grain;

/// Returns the label of period `index` (from 1) of a calendar year: `2026`, `2026-H1`, `2026-Q1`, `2026-03`, `2026-W05`.
pub(super) fn calendar_year(grain: Grain, year: i32, index: u32, start: NaiveDate) -> String {
    match grain {
        Grain::Day => start.to_string(),
        Grain::Week => format!("{year:04}-W{index:02}"),
        Grain::Month => format!("{year:04}-{index:02}"),
        Grain::Quarter => format!("{year:04}-Q{index}"),
        Grain::Half => format!("{year:04}-H{index}"),
        Grain::Year => format!("{year:04}"),
    }
}

/// Returns the label of period `index` (from 1) of a fiscal year: `FY2026`, `FY2026-H1`, `FY2026-Q1`, `FY2026-P03`,
/// `FY2026-W05`.
pub(super) fn fiscal_year(grain: Grain, year: i32, index: u32, start: NaiveDate) -> String {
    match grain {
        Grain::Day => start.to_string(),
        Grain::Week => format!("FY{year:04}-W{index:02}"),
        Grain::Month => format!("FY{year:04}-P{index:02}"),
        Grain::Quarter => format!("FY{year:04}-Q{index}"),
        Grain::Half => format!("FY{year:04}-H{index}"),
        Grain::Year => format!("FY{year:04}"),
    }
}
