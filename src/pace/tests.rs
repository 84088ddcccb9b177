//! Hand-worked cases of readings, projections and columns.

mod columns;
mod forecast;
mod reading;
mod season;

use super::testing::{day, range, weekdays};
use super::*;
use crate::calendar::{Calendar, Grain, PeriodSet};
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Figure, Figures, Panel, Reason, Role};
use crate::quantity::{Quantum, Ratio, Rounding};
use crate::space::{Axis, Subjects};

fn months(from: &str, to: &str) -> PeriodSet {
    Calendar::gregorian()
        .periods(Grain::Month, day(from), day(to))
        .unwrap()
}

fn people(count: usize) -> Subjects {
    let keys = (0..count)
        .map(|n| Key::new(format!("p{n}")).unwrap())
        .collect();
    Subjects::new(Axis::new("person", "person").unwrap(), keys).unwrap()
}

fn money() -> Unit {
    "money:EUR".parse().unwrap()
}

fn column(key: &str, units: &[i64]) -> Column {
    Column::amounts(key.parse().unwrap(), money(), Quantum::CENT, units.to_vec())
}

fn panel(subjects: usize, periods: PeriodSet, columns: &[(&str, &[i64])]) -> Panel {
    let mut panel = Panel::new(people(subjects), periods);
    for (key, units) in columns {
        panel.add(column(key, units)).unwrap();
    }
    panel
}

/// The answer in whole cents.
fn units(answer: Result<Figure, Reason>) -> Result<i64, Reason> {
    match answer {
        Ok(figure) => Ok(Quantum::CENT
            .round(figure.ratio().unwrap(), Rounding::default())
            .unwrap()),
        Err(state) => Err(state),
    }
}

fn pace(pacing: impl Into<Pacing>) -> Pace {
    Pace::new("sales", pacing).unwrap()
}

/// Two months for one person: January closed with 310, February running with a target of 280.
fn winter(february: i64) -> Panel {
    panel(
        1,
        months("2026-01-01", "2026-04-01"),
        &[
            ("target:sales", &[300, 280, 500]),
            ("sales", &[310, february, 0]),
        ],
    )
}

fn said(person: &str, period: &str, made: &str, amounts: [i64; 3]) -> Forecast {
    let [commit, best_case, pipeline] = amounts;
    let key = |text| Key::new(text).unwrap();
    Forecast {
        person: key(person),
        period: key(period),
        made: day(made),
        commit,
        best_case,
        pipeline,
    }
}

/// Sales of one person over four months, and their targets.
fn four_months(actual: [i64; 4]) -> Panel {
    let subjects = Subjects::new(
        Axis::new("person", "person").unwrap(),
        vec![Key::new("ann").unwrap()],
    );
    let months = Calendar::gregorian()
        .periods(Grain::Month, day("2026-01-01"), day("2026-05-01"))
        .unwrap();
    let mut panel = Panel::new(subjects.unwrap(), months);
    let unit: Unit = "count:order".parse().unwrap();
    for (key, units) in [
        (ColumnKey::target("orders"), [100; 4]),
        (ColumnKey::actual("orders"), actual),
    ] {
        let column = Column::amounts(key.unwrap(), unit.clone(), Quantum::ONE, units.to_vec());
        panel.add(column).unwrap();
    }
    panel
}

fn answers(columns: &[Column], name: &str) -> Vec<Result<Ratio, Reason>> {
    let column = columns
        .iter()
        .find(|column| column.key().metric == *name)
        .unwrap();
    (0..4)
        .map(|cell| {
            let answer = column.answer(cell);
            answer.ratio()
        })
        .collect()
}
