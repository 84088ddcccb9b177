use super::*;
use crate::calendar::{Calendar, Grain};
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::Reason;
use crate::quantity::{Quantum, Ratio};
use crate::space::{Axis, Dimension, DimensionDef};

fn scores(values: &[i64]) -> Vec<Result<Ratio, Reason>> {
    // 0 stands for a child without a score.
    values
        .iter()
        .map(|value| match value {
            0 => Err(Reason::NothingRecorded),
            value => Ok(Ratio::from(*value)),
        })
        .collect()
}

#[test]
fn each_way_of_rolling_up_is_worked_by_hand() {
    let children = scores(&[90, 60, 0, 80]);
    let parent_of = [Some(0), Some(0), Some(0), None];
    let weights = [3, 1, 9, 9].map(Ratio::from);
    let roll = |how: Consolidation, missing| {
        how.gathered(&children, &parent_of, 2, Some(&weights), missing)
            .unwrap()
    };
    let value = |text: &str| Ok(text.parse().unwrap());
    let pass = Interval::at_least(Ratio::from(70));
    let cases = [
        (Consolidation::Mean, MissingChild::LeaveOut, value("82.5")),
        (Consolidation::Mean, MissingChild::Zero, value("330/13")),
        (
            Consolidation::Mean,
            MissingChild::Spreads,
            Err(Reason::NothingRecorded),
        ),
        (Consolidation::Worst, MissingChild::LeaveOut, value("60")),
        (Consolidation::Worst, MissingChild::Zero, value("0")),
        (Consolidation::Best, MissingChild::LeaveOut, value("90")),
        (
            Consolidation::Count(pass),
            MissingChild::LeaveOut,
            value("1"),
        ),
        (Consolidation::Share(pass), MissingChild::Zero, value("1/3")),
    ];
    for (how, missing, expected) in cases {
        assert_eq!(
            roll(how, missing),
            [expected, Err(Reason::NoBase)],
            "{how:?} {missing:?}"
        );
    }
    assert!(
        Consolidation::Mean
            .gathered(&children, &[Some(2); 4], 2, None, MissingChild::Zero)
            .is_err()
    );
    assert!(
        Consolidation::Mean
            .gathered(&children, &[Some(0); 3], 2, None, MissingChild::Zero)
            .is_err()
    );
}

#[test]
fn figures_are_added_and_quotients_are_not_averaged() {
    let subjects = |level: &str, names: &[&str]| {
        let keys = names.iter().map(|name| Key::new(name).unwrap()).collect();
        Subjects::new(Axis::new("person", level).unwrap(), keys).unwrap()
    };
    let def = DimensionDef::new("person", &["team", "person"])
        .and_then(|def| def.member("team", "north"))
        .and_then(|def| def.member("team", "south"))
        .and_then(|def| def.child("person", "ann", "north"))
        .and_then(|def| def.child("person", "bo", "north"))
        .and_then(|def| def.child("person", "cy", "south"));
    let people = Dimension::new(def.unwrap()).unwrap();
    let months = Calendar::gregorian()
        .periods(
            Grain::Month,
            "2026-01-01".parse().unwrap(),
            "2026-03-01".parse().unwrap(),
        )
        .unwrap();
    let mut panel = Panel::new(subjects("person", &["ann", "bo", "cy"]), months);
    let key = |text: &str| text.parse::<ColumnKey>().unwrap();
    let states = [
        None,
        None,
        Some(Reason::NotApplicable),
        Some(Reason::NotYetDue),
        None,
        None,
    ];
    let sales = Column::amounts(
        key("sales"),
        Unit::Point,
        Quantum::ONE,
        vec![1, 2, 4, 8, 16, i64::MAX],
    );
    panel.add(sales.with_reasons(&states).unwrap()).unwrap();
    // Who does not take part leaves the others what they have, whoever comes first.
    let mut apart = vec![None; 6];
    apart[1] = Some(Reason::NotApplicable);
    apart[3] = Some(Reason::NotApplicable);
    let visits = Column::amounts(
        key("visits"),
        Unit::Point,
        Quantum::ONE,
        vec![5, 0, 0, 0, 7, 0],
    );
    panel.add(visits.with_reasons(&apart).unwrap()).unwrap();
    let rate = Column::quotients(
        key("rate"),
        Unit::Share,
        Ratio::ONE,
        vec![1, 1, 5, 0, 0, 0],
        vec![2, 4, 0, 1, 1, 1],
    );
    panel.add(rate.unwrap()).unwrap();
    let teams = rolled(
        &panel,
        subjects("team", &["north", "south"]),
        people.tree("person").unwrap(),
    )
    .unwrap();
    let at = |column: &str, cell: usize| teams.column(&key(column)).unwrap().answer(cell).ratio();
    assert_eq!(at("sales", 0), Ok(Ratio::from(3)));
    assert_eq!(at("sales", 1), Err(Reason::NotApplicable));
    assert_eq!(at("sales", 2), Err(Reason::NotYetDue));
    assert_eq!(at("sales", 3), Ok(Ratio::from(i64::MAX)));
    assert_eq!(at("visits", 0), Ok(Ratio::from(5)));
    assert_eq!(at("visits", 2), Ok(Ratio::from(7)));
    // 1 of 2 and 1 of 4 are 2 of 6, not the mean of a half and a quarter.
    assert_eq!(at("rate", 0), Ok("1/3".parse().unwrap()));
    assert_eq!(at("rate", 1), Err(Reason::NoBase));
}

#[test]
fn who_changes_team_counts_in_each_month_where_they_were_at_its_end() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let february = Some(day("2026-02-10"));
    let def = DimensionDef::new("person", &["team", "person"])
        .and_then(|def| def.member("team", "north"))
        .and_then(|def| def.member("team", "south"))
        .and_then(|def| def.member("person", "cy"))
        .and_then(|def| def.link("person", "cy", "north", None, february))
        .and_then(|def| def.link("person", "cy", "south", february, None));
    let people = Dimension::new(def.unwrap()).unwrap();
    let rows = |level: &str, keys: &[&str]| {
        let keys = keys.iter().map(|key| Key::new(key).unwrap()).collect();
        Subjects::new(Axis::new("person", level).unwrap(), keys).unwrap()
    };
    let months = Calendar::gregorian().periods(Grain::Month, day("2026-01-01"), day("2026-04-01"));
    let mut panel = Panel::new(rows("person", &["cy"]), months.unwrap());
    let key = ColumnKey::actual("sales").unwrap();
    let sales = Column::amounts(key, Unit::Point, Quantum::ONE, vec![1, 2, 4]);
    panel.add(sales).unwrap();
    let teams = rows("team", &["north", "south"]);
    let teams = rolled(&panel, teams, people.tree("person").unwrap()).unwrap();
    let told = |team: &str, month: &str| teams.get("sales", [team], month).unwrap().to_string();
    assert_eq!(told("north", "2026-01"), "1 point");
    assert_eq!(told("north", "2026-02"), "not applicable");
    assert_eq!(told("south", "2026-01"), "not applicable");
    assert_eq!(told("south", "2026-02"), "2 points");
    assert_eq!(told("south", "2026-03"), "4 points");
}
