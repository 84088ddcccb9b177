//! Rules that speak of those below and of time in which nothing has happened, from text to alert.

use crate::at::{PeriodAt, RowAt};
use quotaflow::alert::Monitor;
use quotaflow::calendar::{Calendar, Grain, WorkingDays, WorkingDaysDef, WorkingHours};
use quotaflow::key::Key;
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::quantity::Quantum;
use quotaflow::rule::{Alert, NoEventYet, RuleDef, RuleError, RuleSet, Supply, Truth};
use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};
use quotaflow::text::{Lang, Locale};

const PEOPLE: [&str; 6] = ["ann", "bo", "cai", "di", "ed", "fu"];

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn rule(name: &str, when: &str) -> RuleDef {
    RuleDef::new(name, when.parse().unwrap()).unwrap()
}

fn panel(level: &str, names: &[&str], grain: Grain, from: &str, to: &str) -> Panel {
    let names = names.iter().map(|name| key(name)).collect();
    let subjects = Subjects::new(Axis::new("person", level).unwrap(), names).unwrap();
    let periods = Calendar::gregorian().periods(grain, from.parse().unwrap(), to.parse().unwrap());
    Panel::new(subjects, periods.unwrap())
}

fn add(panel: &mut Panel, name: &str, unit: &str, units: Vec<i64>, missing: &[usize]) {
    let state = |cell: usize| {
        if missing.contains(&cell) {
            Some(Reason::NothingRecorded)
        } else {
            None
        }
    };
    let states: Vec<Option<Reason>> = (0..units.len()).map(state).collect();
    let column = Column::amounts(
        ColumnKey::actual(name).unwrap(),
        unit.parse().unwrap(),
        Quantum::ONE,
        units,
    );
    panel.add(column.with_reasons(&states).unwrap()).unwrap();
}

/// Two months of six people; nobody knows of Ed in January.
fn people() -> Panel {
    let (from, to) = ("2026-01-01", "2026-03-01");
    let mut people = panel("person", &PEOPLE, Grain::Month, from, to);
    let visits = vec![3, 2, 9, 1, 0, 9, 9, 2, 9, 1, 0, 1];
    add(&mut people, "visits", "count:visit", visits, &[4]);
    people
}

/// Four people in the north, two in the south.
fn staff() -> Dimension {
    let def = DimensionDef::new("person", &["team", "person"]).unwrap();
    let def = def
        .member("team", "north")
        .and_then(|def| def.member("team", "south"));
    let team = |person: &str| match person {
        "ed" | "fu" => "south",
        _ => "north",
    };
    let mut people = PEOPLE.iter();
    let def = people.try_fold(def.unwrap(), |def, person| {
        def.child("person", person, team(person))
    });
    Dimension::new(def.unwrap()).unwrap()
}

fn teams() -> Panel {
    let (from, to) = ("2026-01-01", "2026-03-01");
    panel("team", &["north", "south"], Grain::Month, from, to)
}

#[test]
fn at_least_three_people_of_the_team() {
    let people = people();
    let behind = RuleSet::compile([rule("behind", "visits < 5")], &people).unwrap();
    let (judge, staff) = (behind.over(&people).unwrap(), staff());
    let many = rule("many", "below(behind) >= 3")
        .saying(Lang::EN, "in {subject} {below:behind} people are behind")
        .saying(Lang::ZH, "{subject}有{below:behind}人落后");
    let rules = [many, rule("one", "below(behind) >= 1")];
    let mut teams = teams();
    let supply = Supply::new().below(&judge, staff.tree("person").unwrap());
    teams.extend(supply.columns(&rules)).unwrap();
    let column = teams.column(&"below:behind".parse().unwrap()).unwrap();
    assert_eq!(column.unit(), &Unit::count("person").unwrap());
    let set = RuleSet::compile(rules, &teams).unwrap();
    let told = |month: &str| -> Vec<(String, String)> {
        let period = teams.periods().id(month).unwrap();
        let alerts = set.evaluate(&teams, period).unwrap();
        let shown = |alert: &Alert| (alert.rule().to_string(), alert.members()[0].to_string());
        alerts.iter().map(shown).collect()
    };
    let pair = |rule: &str, team: &str| (rule.to_owned(), team.to_owned());
    // January: Ann, Bo and Di. February: Bo and Di in the north, Ed and Fu in the south.
    assert_eq!(
        told("2026-01"),
        [pair("many", "north"), pair("one", "north")]
    );
    assert_eq!(
        told("2026-02"),
        [pair("one", "north"), pair("one", "south")]
    );
    let alerts = set.evaluate(&teams, teams.period_at(0)).unwrap();
    let explained = alerts[0].explain(&set, &teams).unwrap();
    let message = explained.message(&Locale::EN);
    assert_eq!(message, "in north 3 people are behind");
    // Who is missing is not somebody who is not behind: of the south in January nothing can be said.
    let judge = set.over(&teams).unwrap();
    let south = judge
        .verdict(&key("one"), judge.row_at(1), judge.period_at(0))
        .unwrap();
    assert!(matches!(south, Truth::Unknown(_)), "{south:?}");
    // The monitor goes through it like through any other rule.
    let (mut monitor, at) = (Monitor::new(), "2026-03-02T08:00:00".parse().unwrap());
    for period in 0..2 {
        monitor
            .advance(&judge, judge.period_at(period), at)
            .unwrap();
    }
    assert_eq!(monitor.incidents().len(), 3);
}

#[test]
fn an_event_is_absent_for_a_duration_in_calendar_or_working_time() {
    // Thursday 1 January to Friday 9 January 2026; Ann was visited on the first day, Bo never.
    let (from, to) = ("2026-01-01", "2026-01-10");
    let mut days = panel("person", &["ann", "bo"], Grain::Day, from, to);
    let mut visits = vec![0; 18];
    visits[0] = 2;
    add(&mut days, "visits", "count:visit", visits, &[]);
    let office = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("office"))).unwrap();
    let day = r#"["09:00-17:00"]"#;
    let week = [day, day, day, day, day, "[]", "[]"].join(",");
    let hours = format!(r#"{{"key": "shift", "week": [{week}]}}"#);
    let hours: WorkingHours = serde_json::from_str(&hours).unwrap();
    let rules = [
        rule("a week", "quiet(visits) >= 7 day"),
        rule("five days of work", "quiet(visits, working days) >= 5 day"),
        rule(
            "forty hours of work",
            "quiet(visits, working time) >= 2400 minute",
        ),
        rule("lately", "quiet(visits) < 3 day"),
    ];
    let supply = Supply::new().working_days(&office).working_hours(&hours);
    let holds = |supply: Supply<'_>, name: &str, subject: usize| -> Vec<usize> {
        let mut panel = days.clone();
        panel.extend(supply.columns(&rules)).unwrap();
        let set = RuleSet::compile(rules.to_vec(), &panel).unwrap();
        let judge = set.over(&panel).unwrap();
        let fires = |period: &usize| {
            let verdict = judge
                .verdict(&key(name), judge.row_at(subject), judge.period_at(*period))
                .unwrap();
            verdict.is_true()
        };
        (0..9).filter(fires).collect()
    };
    // Seven days after the first is the eighth of January; five working days are those of 2, 5, 6, 7 and 8 January.
    assert_eq!(holds(supply, "a week", 0), [7, 8]);
    assert_eq!(holds(supply, "five days of work", 0), [7, 8]);
    assert_eq!(holds(supply, "forty hours of work", 0), [7, 8]);
    assert_eq!(holds(supply, "lately", 0), [0, 1, 2]);
    // Bo is silent since the panel's beginning, of which the first day is one too; unless nothing is to be said of him.
    assert_eq!(holds(supply, "a week", 1), [6, 7, 8]);
    assert_eq!(holds(supply, "five days of work", 1), [6, 7, 8]);
    let unsaid = supply.no_event_yet(NoEventYet::Unknown);
    assert_eq!(holds(unsaid, "a week", 1), [0_usize; 0]);
    // He was taken on on the second day: from then on eight days are seen, and a week of them on the eighth.
    let second = days.periods().range(days.period_at(1)).unwrap().start();
    let since = [None, Some(second)];
    let taken_on = supply.no_event_yet(NoEventYet::Since(&since));
    assert_eq!(holds(taken_on, "a week", 1), [7, 8]);
    assert_eq!(holds(taken_on, "lately", 1), [1, 2]);
}

#[test]
fn what_cannot_be_made_is_refused_by_name_and_nothing_is_added() {
    let people = people();
    let behind = RuleSet::compile([rule("behind", "visits < 5")], &people).unwrap();
    let (judge, staff) = (behind.over(&people).unwrap(), staff());
    let supply = Supply::new().below(&judge, staff.tree("person").unwrap());
    let refused = |supply: Supply<'_>, when: &str| {
        let mut teams = teams();
        add(&mut teams, "orders", "count:order", vec![1; 4], &[]);
        let rules = [rule("r", "quiet(orders) > 0"), rule("x", when)];
        let error = teams.extend(supply.columns(&rules)).unwrap_err();
        assert_eq!(teams.columns().len(), 1);
        error.to_string()
    };
    assert_eq!(
        refused(supply, "quiet(order) > 1 day"),
        "rule `x`, quiet:order: the panel has no column `order`; did you mean `orders`?"
    );
    assert_eq!(
        refused(supply, "quiet(orders) > 1 day and below(behin) > 1"),
        "rule `x`, below:behin: there is no rule `behin`; did you mean `behind`?"
    );
    assert_eq!(
        refused(Supply::new(), "not below(behind) > 1 for 2 months"),
        "rule `x`, below:behind: column `below:behind` is made from rules that watch those below, which were not given"
    );
    assert_eq!(
        refused(Supply::new(), "missing(quiet(orders, working days))"),
        "rule `x`, quiet_working_days:orders: column `quiet_working_days:orders` is made from working days, which were not given"
    );
    // Without the supply the compiler says which column is missing; units are checked as everywhere.
    let mut teams = teams();
    let many = rule("many", "below(behind) >= 3 day");
    let error = RuleSet::compile([many.clone()], &teams).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("no column `below:behind`"), "{text}");
    let more = supply.columns(std::slice::from_ref(&many));
    teams.extend(more).unwrap();
    let error = RuleSet::compile([many], &teams).unwrap_err();
    let RuleError::In { problem, .. } = &error else {
        panic!("{error}")
    };
    assert!(matches!(**problem, RuleError::Units { .. }), "{error}");
}
