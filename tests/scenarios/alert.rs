//! Alerts that live, worked by hand: days are periods, and each letter of a series is one day.

use crate::at::PeriodAt;
use chrono::{NaiveDate, NaiveDateTime};
use quotaflow::alert::{
    AlertError, AlertId, CorrectiveAction, Effectiveness, Monitor, Status, What,
};
use quotaflow::band::{Bands, Owner};
use quotaflow::calendar::{Calendar, Grain, Shift, WorkingHours, WorkingHoursDef};
use quotaflow::key::Key;
use quotaflow::panel::{Column, Panel, Reason};
use quotaflow::quantity::Quantum;
use quotaflow::rule::{
    Flapping, Grade, Grading, Keep, Life, Persistence, RuleDef, RuleSet, Severity, WhenUnknown,
};
use quotaflow::space::{Axis, Subjects};

mod corrected;
mod decided;
mod told;
mod watched;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, number).unwrap()
}

fn noon(number: u32) -> NaiveDateTime {
    day(number).and_hms_opt(12, 0, 0).unwrap()
}

/// People with visits on the days from 1 June 2026, a Monday.
fn panel(people: &[(&str, &[i64])]) -> Panel {
    let names = people.iter().map(|(name, _)| key(name)).collect();
    let subjects = Subjects::new(Axis::new("person", "person").unwrap(), names).unwrap();
    let days = people[0].1.len();
    let end = day(1) + chrono::Days::new(days as u64);
    let set = Calendar::gregorian()
        .periods(Grain::Day, day(1), end)
        .unwrap();
    let mut panel = Panel::new(subjects, set);
    let units = (0..days)
        .flat_map(|at| people.iter().map(move |(_, visits)| visits[at]))
        .collect();
    let unit = "count:visit".parse().unwrap();
    panel
        .add(Column::amounts(
            "visits".parse().unwrap(),
            unit,
            Quantum::ONE,
            units,
        ))
        .unwrap();
    panel
}

fn critical_below_two(from_two_on: Severity) -> Bands<Severity> {
    let edges = vec![(2.into(), from_two_on)];
    Bands::from_edges(Severity::Critical, edges, Owner::Upper).unwrap()
}

fn idle() -> RuleDef {
    let mut rule = RuleDef::new("idle", "visits < 5".parse().unwrap()).unwrap();
    rule.owner = Some(key("manager"));
    rule
}

fn hours() -> WorkingHours {
    let office = vec![Shift::new("09:00".parse().unwrap(), "17:00".parse().unwrap()).unwrap()];
    let week = [
        office.clone(),
        office.clone(),
        office.clone(),
        office.clone(),
        office,
        vec![],
        vec![],
    ];
    WorkingHours::new(WorkingHoursDef::new(key("office"), week)).unwrap()
}

/// What is told at noon of every day, for ann alone, as `day what`.
fn told(rule: RuleDef, visits: &[i64]) -> Vec<String> {
    let panel = panel(&[("ann", visits)]);
    let rules = RuleSet::compile(vec![rule], &panel).unwrap();
    let judge = rules.over(&panel).unwrap();
    let mut monitor = Monitor::new();
    let mut told = Vec::new();
    for period in 0..visits.len() {
        let at = noon(u32::try_from(period).unwrap() + 1);
        let mut events = monitor
            .advance(&judge, judge.period_at(period), at)
            .unwrap();
        events.extend(monitor.tick(&rules, at, &hours()));
        told.extend(
            events
                .iter()
                .map(|event| format!("{} {:?}", period + 1, event.what)),
        );
    }
    told
}

/// What a monitor tells of some people day by day, and the alerts that it ends with; seven visits are not recorded.
fn watched(rule: &RuleDef, people: &[(&str, &[i64])]) -> (Vec<String>, Vec<String>) {
    let whole = panel(people);
    let days = 0..people[0].1.len();
    let units: Vec<i64> = days
        .clone()
        .flat_map(|at| people.iter().map(move |(_, visits)| visits[at]))
        .collect();
    let state = |units: &i64| (*units == 7).then_some(Reason::NothingRecorded);
    let states: Vec<_> = units.iter().map(state).collect();
    let mut known = Panel::new(whole.subjects().clone(), whole.periods().clone());
    let (metric, unit) = ("visits".parse().unwrap(), "count:visit".parse().unwrap());
    let column = Column::amounts(metric, unit, Quantum::ONE, units);
    known.add(column.with_reasons(&states).unwrap()).unwrap();
    let rules = RuleSet::compile(vec![rule.clone()], &known).unwrap();
    let judge = rules.over(&known).unwrap();
    let mut monitor = Monitor::new();
    let mut told = Vec::new();
    for period in days {
        let at = noon(u32::try_from(period).unwrap() + 1);
        let events = monitor.advance(&judge, judge.period_at(period), at);
        told.extend(events.unwrap().iter().map(|event| format!("{event:?}")));
    }
    let alerts = monitor.incidents().iter();
    (told, alerts.map(|one| format!("{one:?}")).collect())
}

#[test]
fn what_is_told_of_many_is_what_is_told_of_each() {
    // More people than are looked at together, busy and quiet in every order.
    let names: Vec<String> = (0..2_060).map(|number| format!("p{number:04}")).collect();
    let visits: Vec<Vec<i64>> = (0..2_060_u64)
        .map(|person| {
            let mix = |day: u64| (person * 7_919 + day * 104_729 + person * day * 31) >> 3;
            (0..5)
                .map(|day| i64::try_from(mix(day) % 12).unwrap())
                .collect()
        })
        .collect();
    let people: Vec<(&str, &[i64])> = names
        .iter()
        .zip(&visits)
        .map(|(name, visits)| (name.as_str(), visits.as_slice()))
        .collect();
    let graded = Grade::By(Grading {
        of: "visits".parse().unwrap(),
        bands: critical_below_two(Severity::Warning),
        unknown: Severity::Warning,
    });
    let graded = idle().severity(graded).when_unknown(WhenUnknown::Report);
    let mut lasting = idle();
    lasting.when = "visits < 5 for 2 days".parse().unwrap();
    let mut all = Vec::new();
    for rule in [graded, lasting] {
        let (mut told, mut alerts) = watched(&rule, &people);
        let (mut each, mut each_alert) = (Vec::new(), Vec::new());
        for some in people.chunks(20) {
            let (told, alerts) = watched(&rule, some);
            each.extend(told);
            each_alert.extend(alerts);
        }
        for list in [&mut told, &mut alerts, &mut each, &mut each_alert] {
            list.sort();
        }
        assert!(
            told == each,
            "{} events, {} in parts",
            told.len(),
            each.len()
        );
        let (count, parts) = (alerts.len(), each_alert.len());
        assert!(alerts == each_alert, "{count} alerts, {parts} in parts");
        all.extend(told);
    }
    for what in ["Fired", "Graver", "Undecided"] {
        assert!(all.iter().any(|event| event.contains(what)), "{what}");
    }
}

#[test]
fn an_alert_ends_where_its_clear_condition_begins() {
    let mut rule = idle();
    rule.clear = Some("visits >= 8".parse().unwrap());
    // Six is neither: the alert goes on, but would not have begun.
    assert_eq!(
        told(rule, &[6, 4, 6, 7, 8, 6, 4]),
        ["2 Fired", "5 Resolved", "7 Fired"]
    );
    assert_eq!(told(idle(), &[6, 4, 6]), ["2 Fired", "3 Resolved"]);
}

#[test]
fn an_alert_goes_on_as_long_as_it_is_kept() {
    let keep = |keep| {
        idle().living(Life {
            keep,
            ..Life::default()
        })
    };
    let visits = [4, 9, 4, 9, 9, 9];
    assert_eq!(
        told(keep(Keep::Periods(2.into())), &visits),
        ["1 Fired", "5 Resolved"]
    );
    assert_eq!(
        told(keep(Keep::Days(2)), &visits),
        ["1 Fired", "6 Resolved"]
    );
}

#[test]
fn a_rule_rests_after_an_alert() {
    let life = Life {
        cooldown_days: 3,
        ..Life::default()
    };
    // It ended on the 2nd and would fire on the 3rd; on the 5th three days have passed.
    assert_eq!(
        told(idle().living(life), &[4, 9, 4, 4, 4, 9]),
        ["1 Fired", "2 Resolved", "5 Fired", "6 Resolved"]
    );
}

#[test]
fn an_alert_that_comes_back_soon_is_the_same_one() {
    let life = Life {
        reopen_days: 3,
        ..Life::default()
    };
    let panel = panel(&[("ann", &[4, 9, 9, 4, 9, 9, 9, 9, 4])]);
    let rules = RuleSet::compile(vec![idle().living(life)], &panel).unwrap();
    let monitor = Monitor::replay(&rules, &panel, panel.period_at(8), |_| noon(1)).unwrap();
    let found: Vec<_> = monitor
        .incidents()
        .iter()
        .map(|record| (record.since, record.reopened(), record.recurrence))
        .collect();
    // Ended on the 2nd and back on the 4th; ended on the 5th, and on the 9th another one.
    assert_eq!(found, [(day(1), 1, 0), (day(9), 0, 1)]);
    assert_eq!(monitor.incidents()[0].days_to_end(), Some(4));
}

#[test]
fn a_graver_alert_says_so_once() {
    let edges = vec![(2.into(), Severity::Serious), (4.into(), Severity::Warning)];
    let grade = Grade::By(Grading {
        of: "visits".parse().unwrap(),
        bands: Bands::from_edges(Severity::Critical, edges, Owner::Upper).unwrap(),
        unknown: Severity::Warning,
    });
    assert_eq!(
        told(idle().severity(grade), &[4, 3, 4, 3, 1, 9]),
        ["1 Fired", "2 Graver", "5 Graver", "6 Resolved"]
    );
}

#[test]
fn an_alert_that_comes_and_goes_is_told_once() {
    let life = Life {
        flapping: Some(Flapping {
            start: 20,
            stop: 10,
        }),
        ..Life::default()
    };
    let visits: Vec<i64> = "TFTFTFTFTFTF"
        .chars()
        .map(|letter| if letter == 'T' { 4 } else { 9 })
        .collect();
    // Changes in the latest places 20, 19, 18, 17 weigh 1.25, 1.22, 1.20, 1.17: four are 24 %, three 18 %.
    assert_eq!(
        told(idle().living(life), &visits),
        [
            "1 Fired",
            "2 Resolved",
            "3 Fired",
            "4 Resolved",
            "4 FlappingStarted"
        ]
    );
}

#[test]
fn what_has_stopped_coming_and_going_is_told_again() {
    let life = Life {
        flapping: Some(Flapping { start: 10, stop: 6 }),
        ..Life::default()
    };
    // Two changes weigh 1.25 and 1.22: 12 %. While a change grows older it weighs less; after 20 places it is gone.
    let mut visits = vec![4, 9];
    visits.extend([9; 19]);
    visits.extend([4, 4]);
    let told = told(idle().living(life), &visits);
    assert_eq!(
        told,
        [
            "1 Fired",
            "2 Resolved",
            "2 FlappingStarted",
            "21 FlappingStopped",
            "22 Fired"
        ]
    );
}

#[test]
fn what_is_done_about_an_alert_is_looked_at() {
    let panel = panel(&[
        ("ann", &[4, 4, 9, 9]),
        ("bo", &[4, 4, 4, 4]),
        ("cy", &[4, 4, 4, 4]),
    ]);
    let rules = RuleSet::compile(vec![idle()], &panel).unwrap();
    let judge = rules.over(&panel).unwrap();
    let mut monitor = Monitor::new();
    let ids: Vec<AlertId> = monitor
        .advance(&judge, judge.period_at(0), noon(1))
        .unwrap()
        .into_iter()
        .map(|event| event.id)
        .collect();
    let action = CorrectiveAction {
        action: "ride along".into(),
        owner: key("eva"),
        deadline: day(2),
        check: day(4),
        done: None,
        outcome: None,
    };
    let early = CorrectiveAction {
        check: day(1),
        ..action.clone()
    };
    assert_eq!(
        monitor.assign(&ids[0], early),
        Err(AlertError::CheckTooEarly {
            check: day(1),
            deadline: day(2)
        })
    );
    for id in &ids {
        monitor.assign(id, action.clone()).unwrap();
    }
    monitor.carried_out(&ids[0], day(2)).unwrap();
    monitor.carried_out(&ids[1], day(2)).unwrap();
    monitor.carried_out(&ids[2], day(3)).unwrap();
    for period in 1..4 {
        monitor
            .advance(&judge, judge.period_at(period), noon(4))
            .unwrap();
    }
    let outcomes: Vec<What> = monitor
        .tick(&rules, noon(4), &hours())
        .into_iter()
        .map(|event| event.what)
        .collect();
    let expected = [
        Effectiveness::Effective,
        Effectiveness::WithoutEffect,
        Effectiveness::NotDone,
    ]
    .map(What::Checked);
    assert_eq!(outcomes, expected);
    assert_eq!(monitor.tick(&rules, noon(4), &hours()), []);
}

#[test]
fn who_leaves_takes_the_alert_along() {
    let both = panel(&[("ann", &[4, 4, 4]), ("bo", &[9, 4, 4])]);
    let one = panel(&[("cy", &[4, 4, 4]), ("bo", &[9, 4, 4])]);
    let rules =
        RuleSet::compile(vec![idle().lasting(Persistence::Periods(2.into()))], &both).unwrap();
    let mut monitor = Monitor::replay(&rules, &both, both.period_at(1), |_| noon(2)).unwrap();
    let events = monitor
        .advance(
            &rules.over(&one).unwrap(),
            rules.over(&one).unwrap().period_at(2),
            noon(3),
        )
        .unwrap();
    let told: Vec<String> = events
        .iter()
        .map(|event| format!("{} {:?}", event.id.subject()[0], event.what))
        .collect();
    // Bo's row goes on over the change of subjects; cy's begins.
    assert_eq!(told, ["ann Expired", "bo Fired"]);
    assert_eq!(
        monitor.incidents()[0].status,
        Status::Expired { on: day(3) }
    );
}

#[test]
fn what_is_pending_has_been_so_since_its_alert_will_be() {
    let panel = panel(&[("ann", &[9, 4, 4]), ("bo", &[9, 9, 4])]);
    let rule = idle().lasting(Persistence::Periods(2.into()));
    let rules = RuleSet::compile(vec![rule], &panel).unwrap();
    let monitor = Monitor::replay(&rules, &panel, panel.period_at(1), |_| noon(1)).unwrap();
    let pending = monitor.pending();
    assert_eq!(pending.len(), 1);
    let fired = Monitor::replay(&rules, &panel, panel.period_at(2), |_| noon(1)).unwrap();
    assert_eq!(fired.incidents()[0].since, pending[0].since);
    assert_eq!(fired.pending()[0].subject, [key("bo")]);
}

#[test]
fn identities_that_differ_have_texts_that_differ() {
    let text = |rule: &str, subject: &[&str]| {
        let subject = subject.iter().map(|member| key(member)).collect();
        AlertId::new(key(rule), subject, day(1)).to_string()
    };
    assert_eq!(text("idle", &["ann"]), format!("idle | ann | {}", day(1)));
    assert_ne!(text("r", &["a / b"]), text("r", &["a", "b"]));
    assert_ne!(text("r | a", &["b"]), text("r", &["a | b"]));
    assert_ne!(text("r", &["a\\", "b"]), text("r", &["a\\ / b"]));
}
