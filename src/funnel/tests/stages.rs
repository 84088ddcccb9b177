//! Conversion and durations as columns, counted by hand, and rolled up to teams.

use super::*;
use crate::calendar::PeriodId;
use crate::panel::Columns;
use crate::space::{Dimension, DimensionDef, RowId};

type Answers = Vec<Result<Ratio, Reason>>;

fn panel(level: &str, subjects: &[&str]) -> Panel {
    let subjects = subjects.iter().map(|name| key(name)).collect();
    let subjects = Subjects::new(Axis::new("person", level).unwrap(), subjects).unwrap();
    let months = Calendar::gregorian()
        .periods(Grain::Month, day(1, 1), day(5, 1))
        .unwrap();
    Panel::new(subjects, months)
}

/// The answers of one column for one row, month by month.
fn told(columns: &[Column], name: &str, row: usize, panel: &Panel) -> Answers {
    let row = RowId::at(row);
    let column = columns
        .iter()
        .find(|column| column.key().metric == *name)
        .unwrap();
    let answer = |period| column.answer(panel.cell(row, period).unwrap());
    panel
        .periods()
        .ids()
        .map(answer)
        .map(crate::panel::Answer::ratio)
        .collect()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "an answer beside answers without a figure"
)]
fn whole(number: i64) -> Result<Ratio, Reason> {
    Ok(Ratio::from(number))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "an answer beside answers without a figure"
)]
fn share(top: i128, bottom: i128) -> Result<Ratio, Reason> {
    Ok(Ratio::new(top, bottom).unwrap())
}

const LATER: Result<Ratio, Reason> = Err(Reason::NotYetDue);
const NONE: Result<Ratio, Reason> = Err(Reason::NothingRecorded);
const BASE: Result<Ratio, Reason> = Err(Reason::NoBase);

/// The five deals, d owned by Bo, e by nobody; as of the last of March, so that April is still to come.
fn shared() -> Vec<Opportunity> {
    let mut deals = deals();
    deals[3].owner = Some(key("bo"));
    deals[4].owner = None;
    deals
}

/// Ann was in the north until this day and is in the south since, where Bo always was.
fn people(moved: NaiveDate) -> Dimension {
    let people = DimensionDef::new("person", &["company", "team", "person"])
        .and_then(|people| people.member("company", "all"))
        .and_then(|people| people.child("team", "north", "all"))
        .and_then(|people| people.child("team", "south", "all"))
        .and_then(|people| people.child("person", "bo", "south"))
        .and_then(|people| people.member("person", "ann"))
        .and_then(|people| people.link("person", "ann", "north", None, Some(moved)))
        .and_then(|people| people.link("person", "ann", "south", Some(moved), None))
        .unwrap();
    Dimension::new(people).unwrap()
}

#[test]
fn conversion_by_owner_and_month_in_both_views() {
    let (funnel, deals, panel) = (funnel(), shared(), panel("person", &["ann", "bo", "cy"]));
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    let pairs = [
        StagePair::new(key("lead"), key("offer")),
        StagePair {
            from: key("lead"),
            to: key("talk"),
            reached: Reached::Entered,
        },
    ];
    let columns = pipeline
        .conversion_columns(&key("d"), &pairs, RollUp::Person)
        .columns(&panel)
        .unwrap();
    assert_eq!(columns.len(), 14);
    let ann = |what: &str| told(&columns, &format!("d.{what}"), 0, &panel);
    // Ann began a, b and c as leads in January; a came to an offer in February, b in January, c is still talking.
    let started = [whole(3), whole(0), whole(0), LATER];
    assert_eq!(ann("started.lead.offer"), started);
    assert_eq!(
        ann("converted.lead.offer"),
        [whole(2), whole(0), whole(0), LATER]
    );
    assert_eq!(
        ann("undecided.lead.offer"),
        [whole(1), whole(0), whole(0), LATER]
    );
    assert_eq!(ann("cohort.lead.offer"), [share(2, 3), BASE, BASE, LATER]);
    assert_eq!(ann("decided.lead.offer"), [whole(1), BASE, BASE, LATER]);
    assert_eq!(
        ann("reached.lead.offer"),
        [whole(1), whole(1), whole(0), LATER]
    );
    assert_eq!(ann("flow.lead.offer"), [share(1, 3), BASE, BASE, LATER]);
    // To a talk itself: b passed it over and is lost, so nothing is undecided.
    assert_eq!(ann("cohort.lead.talk")[0], share(2, 3));
    assert_eq!(ann("decided.lead.talk")[0], share(2, 3));
    // Bo's deal began with a talk, so it never was a lead, and yet came to an offer in March.
    let bo = |what: &str| told(&columns, &format!("d.{what}"), 1, &panel);
    assert_eq!(bo("started.lead.offer")[2], whole(0));
    assert_eq!(bo("reached.lead.offer")[2], whole(1));
    assert_eq!(bo("flow.lead.offer")[2], BASE);
    // Who has no opportunity has counts of zero and shares without base.
    let cy = |what: &str| told(&columns, &format!("d.{what}"), 2, &panel);
    assert_eq!(
        (cy("started.lead.offer")[0], cy("cohort.lead.offer")[0]),
        (whole(0), BASE)
    );
    let unknown = [StagePair::new(key("lead"), key("ofer"))];
    let refused = pipeline
        .conversion_columns(&key("d"), &unknown, RollUp::Person)
        .columns(&panel);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "there is no stage `ofer`; did you mean `offer`?"
    );
}

#[test]
fn stages_tell_what_was_left_and_what_stands() {
    let (funnel, deals, panel) = (funnel(), shared(), panel("person", &["ann"]));
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    let columns = pipeline
        .stage_columns(&key("d"), RollUp::Person)
        .columns(&panel)
        .unwrap();
    assert_eq!(columns.len(), 3 * 11, "ends are no stages to stay in");
    let ann = |what: &str| told(&columns, &format!("d.{what}"), 0, &panel);
    // Leads in January: a 10 days, b 20, c 10; c again from 1 to 21 February.
    assert_eq!(ann("entries.lead"), [whole(3), whole(1), whole(0), LATER]);
    assert_eq!(
        ann("re_entries.lead"),
        [whole(0), whole(1), whole(0), LATER]
    );
    assert_eq!(ann("finished.lead"), [whole(3), whole(1), whole(0), LATER]);
    assert_eq!(ann("days.lead"), [whole(40), whole(20), whole(0), LATER]);
    assert_eq!(
        ann("mean_days.lead"),
        [share(40, 3), whole(20), NONE, LATER]
    );
    assert_eq!(ann("median_days.lead"), [whole(10), whole(20), NONE, LATER]);
    assert_eq!(ann("standing.lead"), [whole(0), whole(0), whole(0), LATER]);
    assert_eq!(ann("age_days.lead"), [NONE, NONE, NONE, LATER]);
    // Talks: at the end of January a (since the 11th, 20 days) and c (since the 20th, 11 days) stand, norm 20 days.
    assert_eq!(ann("standing.talk"), [whole(2), whole(1), whole(1), LATER]);
    assert_eq!(
        ann("age_days.talk"),
        [share(31, 2), whole(7), whole(38), LATER]
    );
    assert_eq!(
        ann("oldest_days.talk"),
        [whole(20), whole(7), whole(38), LATER]
    );
    assert_eq!(ann("stuck.talk"), [whole(0), whole(0), whole(1), LATER]);
    // In February a (21 days) and c (12 days) left their talks: the middle of both is a half.
    assert_eq!(ann("median_days.talk"), [NONE, share(33, 2), NONE, LATER]);
    // Kaplan and Meier: in January nothing has ended. At the end of February 12 and 21 are over and c's second talk stands
    // for 7 days: at 12 one of two is over. A month later it stands for 38: at 12 two of three last, at 21 one of three.
    assert_eq!(
        ann("lasting_days.talk"),
        [LATER, whole(12), whole(21), LATER]
    );
    assert_eq!(
        ann("stuck.offer")[1],
        Err(Reason::NotApplicable),
        "an offer has no norm"
    );
    assert_eq!(ann("lasting_days.offer")[0], LATER);
}

#[test]
fn a_team_is_what_its_people_did_together() {
    let moved = people(day(1, 20));
    let (funnel, deals, people) = (funnel(), shared(), people(day(2, 1)));
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    let level = |level: &str| RollUp::Level {
        people: &people,
        level: people.level(level).unwrap(),
    };
    let teams = panel("team", &["north", "south", "unassigned"]);
    let pairs = [StagePair::new(key("talk"), key("offer"))];
    let columns = pipeline
        .conversion_columns(&key("d"), &pairs, level("team"))
        .columns(&teams)
        .unwrap();
    let of = |what: &str, row| told(&columns, &format!("d.{what}.talk.offer"), row, &teams);
    // a and c first talked in January, when Ann was in the north; Bo's d in February in the south.
    assert_eq!(of("cohort", 0)[..2], [share(1, 2), BASE]);
    assert_eq!(of("cohort", 1)[..2], [BASE, whole(1)]);
    // b came to its offer in January in the north, a in February in the south, d in March.
    assert_eq!(of("reached", 0)[..3], [whole(1), whole(0), whole(0)]);
    assert_eq!(of("reached", 1)[..3], [whole(0), whole(1), whole(1)]);
    let company = panel("company", &["all", "unassigned"]);
    let columns = pipeline
        .conversion_columns(&key("d"), &pairs, level("company"))
        .columns(&company)
        .unwrap();
    let found = told(&columns, "d.cohort.talk.offer", 0, &company);
    assert_eq!(found[..3], [share(1, 2), whole(1), BASE]);

    // The lead of nobody counts to the unassigned member and to the whole, and the whole counts every item once.
    let columns = pipeline
        .stage_columns(&key("d"), level("team"))
        .columns(&teams)
        .unwrap();
    let of = |what: &str, row| told(&columns, &format!("d.{what}"), row, &teams);
    assert_eq!(of("entries.lead", 2)[2], whole(1));
    assert_eq!(of("finished.talk", 0)[1], whole(0));
    assert_eq!(
        (of("finished.talk", 1)[1], of("days.talk", 1)[1]),
        (whole(2), whole(33)),
        "Ann left both talks in the south"
    );
    // c of Ann stands for 38 days, d of Bo for 26 in another stage.
    assert_eq!(of("age_days.talk", 1)[2], whole(38));
    let (all, whole_company) = (key("all"), panel("company", &["all"]));
    let columns = pipeline
        .stage_columns(&key("d"), RollUp::Whole(&all))
        .columns(&whole_company)
        .unwrap();
    let found = told(&columns, "d.entries.lead", 0, &whole_company);
    assert_eq!(found[..3], [whole(3), whole(1), whole(1)]);

    let unit: Unit = "money:EUR".parse().unwrap();
    let chances = pipeline.stated_chances();
    let columns = |to, panel: &Panel| {
        pipeline
            .columns(&key("d"), &unit, Quantum::CENT, &chances, to)
            .columns(panel)
            .unwrap()
    };
    let by_team = columns(level("team"), &teams);
    // Won by the south in February (a), lost by it in March (b); the way of a took 41 days.
    let south = |what: &str| told(&by_team, &format!("d.{what}"), 1, &teams);
    assert_eq!(south("win_rate"), [BASE, whole(1), whole(0), BASE]);
    assert_eq!(south("cycle_days")[1], whole(41));
    // At the end of January a, b and c stand in the north; at the end of February b and c of Ann, d of Bo in the south.
    assert_eq!(
        told(&by_team, "d.open", 0, &teams)[..3],
        [whole(3), whole(0), whole(0)]
    );
    assert_eq!(south("open")[..3], [whole(0), whole(3), whole(2)]);
    assert_eq!(told(&by_team, "d.open", 2, &teams)[2], whole(1));
    // Had she moved on 20 January, what stands at its end would stand in the south.
    let team = RollUp::Level {
        people: &moved,
        level: moved.level("team").unwrap(),
    };
    let mut later = columns(team, &teams);
    later.append(
        &mut pipeline
            .stage_columns(&key("d"), team)
            .columns(&teams)
            .unwrap(),
    );
    for (name, wanted) in [("d.open", 3), ("d.standing.talk", 2)] {
        assert_eq!(told(&later, name, 1, &teams)[0], whole(wanted), "{name}");
        assert_eq!(told(&later, name, 0, &teams)[0], whole(0), "{name}");
    }
    // What began or was left before that day stays in the north.
    assert_eq!(told(&later, "d.entered", 0, &teams)[0], whole(3));
    assert_eq!(told(&later, "d.finished.lead", 0, &teams)[0], whole(1));
    assert_eq!(told(&later, "d.finished.lead", 1, &teams)[0], whole(2));
    // What the teams have together is what the company has, item by item.
    let together = columns(RollUp::Whole(&all), &whole_company);
    for what in ["entered", "won", "lost", "open", "stuck"] {
        let whole = told(&together, &format!("d.{what}"), 0, &whole_company);
        for (period, whole) in whole.into_iter().enumerate().take(3) {
            let parts = (0..3).map(|row| told(&by_team, &format!("d.{what}"), row, &teams)[period]);
            let sum = parts
                .map(Result::unwrap)
                .fold(Ratio::ZERO, |sum, part| sum.checked_add(part).unwrap());
            assert_eq!(whole, Ok(sum), "{what} of month {period}");
        }
    }
}

#[test]
fn coverage_of_a_team_adds_up_what_closes() {
    let (funnel, mut deals, people) = (funnel(), shared(), people(day(2, 1)));
    for (deal, closes) in [(2, day(4, 10)), (3, day(4, 20)), (4, day(4, 30))] {
        deals[deal].closes = Some(closes);
    }
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    let mut teams = panel("team", &["north", "south"]);
    let unit: Unit = "money:EUR".parse().unwrap();
    for role in [ColumnKey::target("sales"), ColumnKey::actual("sales")] {
        let role = role.unwrap();
        let units = vec![
            if role == ColumnKey::actual("sales").unwrap() {
                0
            } else {
                701
            };
            8
        ];
        let column = Column::amounts(role, unit.clone(), Quantum::CENT, units);
        teams.add(column).unwrap();
    }
    let team = RollUp::Level {
        people: &people,
        level: people.level("team").unwrap(),
    };
    let coverage = pipeline
        .coverage_columns(&key("d"), &key("sales"), Quantum::CENT, team)
        .columns(&teams)
        .unwrap()
        .remove(0);
    // c of 300 and d of 401 close in the south in April; e is nobody's.
    let at = |row| {
        let cell = teams.cell(RowId::at(row), PeriodId::at(3)).unwrap();
        coverage.answer(cell).ratio().ok()
    };
    assert_eq!((at(0), at(1)), (Some(Ratio::ZERO), Some(Ratio::ONE)));
}

#[test]
fn what_is_open_is_told_by_the_period_in_which_it_should_close() {
    let (funnel, mut deals, people) = (funnel(), shared(), people(day(2, 1)));
    // Open on the last of March: c talks (Ann's, 300), d is offered (Bo's, 401), e is a lead (nobody's, 500).
    for (deal, closes) in [(2, day(4, 10)), (3, day(2, 20)), (4, day(4, 30))] {
        deals[deal].closes = Some(closes);
    }
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    let chances = pipeline.stated_chances();
    let unit: Unit = "money:EUR".parse().unwrap();
    let columns = |to, panel: &Panel| {
        pipeline
            .closing_columns(&key("d"), &unit, Quantum::CENT, &chances, to)
            .columns(panel)
            .unwrap()
    };
    let teams = panel("team", &["south", "unassigned"]);
    let team = RollUp::Level {
        people: &people,
        level: people.level("team").unwrap(),
    };
    let by_team = columns(team, &teams);
    let of = |what: &str, row: usize| told(&by_team, &format!("d.{what}"), row, &teams);
    let over = Err(Reason::NotApplicable);
    let cents = |units: i128| share(units, 100);
    // d should have closed in February, so its owner expects it in no period that is left; c is worth a quarter of 300.
    assert_eq!(of("closing", 0), [over, over, whole(0), whole(1)]);
    assert_eq!(of("closing_value", 0)[3], cents(300));
    assert_eq!(of("closing_weighted", 0)[3], cents(75));
    assert_eq!(of("closing_weighted", 1)[3], cents(50));
    // As stages usually last: talks 61/3 and offers 22.5 days. c, talking since 21 February, should close on the 5th of April; d,
    // offered since the 5th of March, should have on the 28th, so on the last; e after 57.83 days on 28 April.
    assert_eq!(of("expected", 0), [over, over, whole(1), whole(1)]);
    // Half of 401 is 200.5, rounded away from zero.
    assert_eq!(of("expected_value", 0)[2], cents(201));
    assert_eq!(of("expected_value", 0)[3], cents(75));
    assert_eq!(of("expected_value", 1)[3], cents(50));
    let (all, company) = (key("all"), panel("company", &["all"]));
    let whole_of = columns(RollUp::Whole(&all), &company);
    let found = told(&whole_of, "d.expected", 0, &company);
    assert_eq!(found, [over, over, whole(1), whole(2)]);
    // On the first of April March is over.
    let april = funnel.pipeline(&deals, day(4, 1)).unwrap();
    let to = RollUp::Whole(&all);
    let found = april
        .closing_columns(&key("d"), &unit, Quantum::CENT, &chances, to)
        .columns(&company);
    let found = told(&found.unwrap(), "d.closing", 0, &company);
    assert_eq!(found[..3], [over, over, over]);
}

#[test]
fn parts_stay_whole_so_that_they_add_up() {
    let (funnel, deals, panel) = (funnel(), deals(), panel("person", &["ann"]));
    let pipeline = funnel.pipeline(&deals, day(3, 31)).unwrap();
    let pipeline = pipeline.only(|deal| deal.key != *"b");
    let columns = pipeline
        .stage_columns(&key("d"), RollUp::Person)
        .columns(&panel)
        .unwrap();
    let mean = columns
        .iter()
        .find(|column| column.key().metric == *"d.mean_days.lead");
    let Some(crate::panel::Figures::Quotients {
        numerators,
        denominators,
        ..
    }) = mean.map(Column::figures)
    else {
        panic!("a mean is a quotient");
    };
    // a and c were leads for 10 days each. As 10 over 1 the two would count as one in a sum over months or people.
    assert_eq!((numerators[0], denominators[0]), (20, 2));
}
