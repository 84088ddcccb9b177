//! The rows and periods of what a test asks, one after the other: an id comes from what owns it.

#![allow(dead_code, reason = "each test asks some of these")]

use quotaflow::calendar::{PeriodId, PeriodSet};
use quotaflow::pace::PaceView;
use quotaflow::panel::Panel;
use quotaflow::rule::Judge;
use quotaflow::scorecard::Scores;
use quotaflow::space::{RowId, Subjects};

/// Gives its rows by their order.
pub trait RowAt {
    fn row_at(&self, place: usize) -> RowId;
}

/// Gives its periods by their order.
pub trait PeriodAt {
    fn period_at(&self, place: usize) -> PeriodId;
}

impl RowAt for Subjects {
    fn row_at(&self, place: usize) -> RowId {
        self.ids().nth(place).expect("a row")
    }
}

impl PeriodAt for PeriodSet {
    fn period_at(&self, place: usize) -> PeriodId {
        self.ids().nth(place).expect("a period")
    }
}

impl RowAt for Panel {
    fn row_at(&self, place: usize) -> RowId {
        self.subjects().row_at(place)
    }
}

impl PeriodAt for Panel {
    fn period_at(&self, place: usize) -> PeriodId {
        self.periods().period_at(place)
    }
}

impl RowAt for Scores<'_> {
    fn row_at(&self, place: usize) -> RowId {
        self.panel().row_at(place)
    }
}

impl RowAt for Judge<'_> {
    fn row_at(&self, place: usize) -> RowId {
        self.panel().row_at(place)
    }
}

impl PeriodAt for Judge<'_> {
    fn period_at(&self, place: usize) -> PeriodId {
        self.panel().period_at(place)
    }
}

impl RowAt for PaceView<'_> {
    fn row_at(&self, place: usize) -> RowId {
        self.panel().row_at(place)
    }
}

impl PeriodAt for PaceView<'_> {
    fn period_at(&self, place: usize) -> PeriodId {
        self.panel().period_at(place)
    }
}
