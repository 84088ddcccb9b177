//! Execution by person, team, duty and plan; initiatives that fade; quadrants; effort.

use super::*;
use crate::band::Quadrant;
use crate::key::KeyError;
use crate::measure::Unit;
use crate::panel::ColumnKey;
use crate::panel::Columns;

#[test]
fn execution_is_told_by_person_team_duty_and_plan_from_the_same_lines() {
    let (duty, report) = reported();
    let plan =
        [("p1", day(3, 3)), ("p2", day(3, 4)), ("p3", day(3, 30))].map(|(id, on)| PlannedItem {
            id: key(id),
            person: key("ann"),
            kind: key("visit"),
            customer: None,
            place: None,
            day: on,
            minutes: None,
        });
    let done = [("v1", day(3, 3)), ("v2", day(3, 6))].map(|(id, on)| DoneItem {
        id: key(id),
        person: key("ann"),
        kind: key("visit"),
        customer: None,
        place: None,
        day: on,
        minutes: None,
        outcome: None,
    });
    let matched = MatchRule::default()
        .match_plan(&plan, &done, &[], day(3, 17))
        .unwrap();
    let review = |record: &str, reviewer: &str, quality| Appraisal {
        record: key(record),
        reviewer: key(reviewer),
        quality,
    };
    let mut all = Performance::default();
    let reviews = [
        review("a1", "cy", Quality::Good),
        review("a3", "cy", Quality::Poor),
    ];
    all.add_duty(&duty, &report, &reviews).unwrap();
    all.add_plan(&key("week plan"), &matched, &[]).unwrap();
    let weights = ExecutionWeights::default();
    let by_source = all.by_source(weights).unwrap();
    // Of twelve reports due, ann's three and bo's one came in time; four and one were handed in; one of two is good.
    let reports = by_source[&key("weekly report")];
    assert_eq!(reports.timeliness, Ratio::new(4, 12).ok());
    assert_eq!(reports.quantity, Ratio::new(5, 12).ok());
    assert_eq!(reports.quality, Ratio::new(1, 2).ok());
    // (1/3 + 1/2 + 5/12) / 3
    assert_eq!(reports.index, Ratio::new(5, 12).ok());
    let visits = by_source[&key("week plan")];
    assert_eq!(
        (visits.timeliness, visits.quantity),
        (Ratio::new(1, 2).ok(), Ratio::new(1, 1).ok())
    );
    let people = people();
    let team = RollUp::Level {
        people: &people,
        level: people.level("team").unwrap(),
    };
    let by_team = all.by(team, weights).unwrap();
    assert_eq!(by_team[&key("north")].timeliness, Ratio::new(2, 4).ok());
    let panel = panel("source", &["weekly report", "week plan"]);
    let columns = all
        .source_columns(&key("e"), weights)
        .columns(&panel)
        .unwrap();
    assert_eq!(
        told(&columns, "e.first_pass_rate", RowId::at(0), &panel)[0],
        part(1, 2)
    );
    assert_eq!(
        told(&columns, "e.index", RowId::at(1), &panel)[1],
        part(3, 4)
    );
    assert_eq!(
        told(&columns, "e.index", RowId::at(1), &panel)[0],
        Err(Reason::NoBase)
    );

    let before = all.clone();
    let own = [review("a1", "ann", Quality::Good)];
    assert!(matches!(
        all.add_duty(&duty, &report, &own),
        Err(DutyError::OwnReviewer { .. })
    ));
    let unknown = [review("a9", "cy", Quality::Good)];
    assert!(matches!(
        all.add_duty(&duty, &report, &unknown),
        Err(DutyError::UnknownRecord { .. })
    ));
    assert_eq!(all, before, "nothing is half added");
}

fn counts(name: &str, role: fn(&str) -> Result<ColumnKey, KeyError>, units: &[i64]) -> Column {
    Column::amounts(
        role(name).unwrap(),
        Unit::Count(key(name)),
        Quantum::ONE,
        units.to_vec(),
    )
}

#[test]
fn an_initiative_fades_when_the_latest_periods_keep_little_of_the_first() {
    let mut panel = panel("person", &["ann"]);
    panel
        .add(counts("promo", ColumnKey::target, &[10, 10, 10]))
        .unwrap();
    panel
        .add(counts("promo", ColumnKey::actual, &[8, 6, 2]))
        .unwrap();
    let (done, plan) = (
        ColumnKey::actual("promo").unwrap(),
        ColumnKey::target("promo").unwrap(),
    );
    let column = fading_columns(&key("promo"), &done, &plan, 1)
        .columns(&panel)
        .unwrap()
        .remove(0);
    assert_eq!(
        told(&[column], "promo.momentum", RowId::at(0), &panel),
        [Err(Reason::NotYetDue), part(3, 4), part(1, 4)]
    );
    let mut small = super::panel("person", &["ann"]);
    small
        .add(counts("promo", ColumnKey::target, &[1, 0, 1]))
        .unwrap();
    small
        .add(counts("promo", ColumnKey::actual, &[1, 5, 0]))
        .unwrap();
    let column = fading_columns(&key("promo"), &done, &plan, 1)
        .columns(&small)
        .unwrap()
        .remove(0);
    // Where nothing was planned there is nothing to keep.
    assert_eq!(
        told(&[column], "promo.momentum", RowId::at(0), &small),
        [Err(Reason::NotYetDue), Err(Reason::NotYetDue), part(0, 1)]
    );
    assert!(matches!(
        fading_columns(&key("promo"), &done, &plan, 0).columns(&panel),
        Err(DutyError::NoWindow)
    ));
}

#[test]
fn quadrants_turn_figures_of_which_less_is_better() {
    let mut panel = panel("person", &["ann"]);
    panel
        .add(counts("visits", ColumnKey::actual, &[20, 5, 20]))
        .unwrap();
    let overdue = counts("overdue", ColumnKey::actual, &[3, 1, 9]).better(Direction::Smaller);
    let states = [None, None, Some(Reason::NotYetDue)];
    panel.add(overdue.with_reasons(&states).unwrap()).unwrap();
    let bar = |name: &str, bar| Bar {
        column: ColumnKey::actual(name).unwrap(),
        bar: Ratio::from(bar),
    };
    let (process, result) = (bar("visits", 10), bar("overdue", 2));
    assert_eq!(
        quadrants(&process, &result, &panel).unwrap(),
        [
            Ok(Quadrant::Unlucky),
            Ok(Quadrant::Lucky),
            Err(Reason::NotYetDue)
        ]
    );
    let columns = quadrant_columns(&key("q"), &process, &result)
        .columns(&panel)
        .unwrap();
    assert_eq!(
        told(&columns, "q.lucky", RowId::at(0), &panel),
        [whole(0), whole(1), Err(Reason::NotYetDue)]
    );
}

#[test]
fn effort_is_told_beside_its_plan() {
    let planned = [
        (key("selling"), Ratio::from(3)),
        (key("administration"), Ratio::ONE),
    ]
    .into();
    let spent = [("selling", 60), ("administration", 60)].map(|(class, minutes)| TimeSpent {
        day: day(3, 3),
        person: key("ann"),
        class: key(class),
        minutes,
    });
    let panel = panel("person", &["ann"]);
    let columns = effort_columns(&key("t"), &planned, &spent, RollUp::Person)
        .columns(&panel)
        .unwrap();
    assert_eq!(
        told(&columns, "t.share.selling", RowId::at(0), &panel),
        [
            Err(Reason::NothingRecorded),
            part(1, 2),
            Err(Reason::NothingRecorded)
        ]
    );
    assert_eq!(
        told(&columns, "target:t.share.selling", RowId::at(0), &panel)[1],
        part(3, 4)
    );
    assert_eq!(
        told(&columns, "t.misplaced", RowId::at(0), &panel)[1],
        part(1, 4)
    );
    let figures = columns[2].figures();
    assert!(
        matches!(figures, crate::panel::Figures::Quotients { numerators, denominators, .. }
            if (numerators[1], denominators[1]) == (60, 120)),
        "the minutes themselves, which add up over people: {figures:?}"
    );
}
