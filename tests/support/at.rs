//! The rows, periods and levels of what a test asks, one after the other: an id comes from what owns it.

#![allow(dead_code, reason = "each test asks some of these")]

use quotaflow::calendar::{PeriodId, PeriodSet};
use quotaflow::pace::PaceView;
use quotaflow::panel::Panel;
use quotaflow::plan::{NodeId, Plan};
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

/// Gives the amounts of its levels by their order: the whole, and then one level for each step.
pub trait Levels {
    fn levels(&self, measure: &str) -> Vec<Vec<i64>>;
}

impl Levels for Plan {
    fn levels(&self, measure: &str) -> Vec<Vec<i64>> {
        let whole = self.amount(measure, NodeId::WHOLE).expect("the whole");
        let steps = self.frame().steps().map(|step| {
            let units = self.units(measure, step.as_str());
            units.expect("a step").to_vec()
        });
        std::iter::once(vec![whole.units()]).chain(steps).collect()
    }
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
