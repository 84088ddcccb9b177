//! A panel of orders, for scenarios about rows and periods.

use chrono::NaiveDate;
use quotaflow::calendar::{Calendar, Grain, PeriodSet};
use quotaflow::key::Key;
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::{Axis, Subjects};

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

pub fn rows(names: &[&str]) -> Subjects {
    let axis = Axis::new("person", "person").unwrap();
    Subjects::new(axis, names.iter().map(|name| key(name)).collect()).unwrap()
}

pub fn periods(grain: Grain, from: &str, to: &str) -> PeriodSet {
    Calendar::gregorian()
        .periods(grain, day(from), day(to))
        .unwrap()
}

/// A panel of one metric; the figures are period by period, and in it subject by subject.
pub fn panel(names: &[&str], periods: PeriodSet, figures: Vec<i64>) -> Panel {
    let mut panel = Panel::new(rows(names), periods);
    panel.add(counts("orders", figures)).unwrap();
    panel
}

pub fn counts(metric: &str, figures: Vec<i64>) -> Column {
    let unit: Unit = "count:order".parse().unwrap();
    Column::amounts(
        ColumnKey::actual(metric).unwrap(),
        unit,
        Quantum::ONE,
        figures,
    )
}

pub fn orders() -> ColumnKey {
    ColumnKey::actual("orders").unwrap()
}

pub fn ratio(panel: &[Column], column: usize, cell: usize) -> Result<Ratio, Reason> {
    let answer = panel[column].answers().nth(cell).unwrap();
    answer.ratio()
}
