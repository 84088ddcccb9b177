//! What late and corrected records change, and what they leave as it was.

use crate::at::PeriodAt;
use quotaflow::alert::{
    AlertError, CorrectiveAction, Incident, Monitor, Restatement, Status, What,
};
use quotaflow::rule::{Grade, Grading, Life, RuleDef, RuleSet, Rung, Severity};

use super::{critical_below_two, day, hours, idle, key, noon, panel};

#[test]
fn a_correction_that_changes_nothing_keeps_what_was_given_up() {
    let panel = panel(&[("ann", &[4, 4, 9, 4])]);
    let mut rule = idle();
    rule.life.expire_days = 1;
    rule.life.cooldown_days = 1;
    let rules = RuleSet::compile(vec![rule], &panel).unwrap();
    let judge = rules.over(&panel).unwrap();
    let mut monitor = Monitor::new();
    for period in 0..4 {
        monitor
            .advance(&judge, judge.period_at(period), noon(1))
            .unwrap();
        if period == 1 {
            let (_, range) = (
                0,
                panel.periods().range(panel.periods().period_at(1)).unwrap(),
            );
            let evening = range.start().and_hms_opt(18, 0, 0).unwrap();
            let events = monitor.tick(&rules, evening, &hours());
            assert_eq!(events[0].what, What::Expired);
        }
    }
    let before = monitor.incidents().to_vec();
    assert_eq!(monitor.correct(&rules, &panel, noon(9)).unwrap(), vec![]);
    assert_eq!(monitor.incidents(), before);
}

#[test]
fn a_saved_monitor_that_contradicts_itself_is_refused() {
    let panel = panel(&[("ann", &[4])]);
    let rules = RuleSet::compile(vec![idle()], &panel).unwrap();
    let monitor = Monitor::replay(&rules, &panel, panel.period_at(0), |_| noon(1)).unwrap();
    let text = serde_json::to_string(&monitor).unwrap();
    for (from, to, problem) in [
        (
            "\"subject\":0",
            "\"subject\":7",
            "has a cell of a subject that is not there",
        ),
        (
            "\"incident\":0",
            "\"incident\":3",
            "has a cell of an alert that is not there",
        ),
        (
            "\"firing\":true",
            "\"firing\":true,\"row\":1,\"since\":\"2026-06-01\"",
            "has a cell with a first day of nothing that is pending",
        ),
        ("\"version\":1", "\"version\":9", "version 9"),
        ("\"days\"", "\"dyas\"", "dyas"),
        (
            "\"recurrence\"",
            "\"pauses\":[{\"from\":\"2026-06-03\",\"to\":\"2026-06-02\"}],\"recurrence\"",
            "incident 0 has times that do not come one after the other",
        ),
    ] {
        assert!(text.contains(from), "{text}");
        let error = serde_json::from_str::<Monitor>(&text.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        assert!(error.contains(problem), "{error}");
    }
}

/// Each difference as the beginning, the end and the severity, before and after.
fn said(differences: &[Restatement]) -> Vec<String> {
    let account = |record: &Option<Incident>| match record {
        None => "-".to_owned(),
        Some(record) => {
            let end = record.ended().map(|end| end.format("..%d").to_string());
            if record.status.is_withdrawn() {
                return "withdrawn".to_owned();
            }
            let from = record.since.format("%d");
            format!("{from}{} {:?}", end.unwrap_or_default(), record.severity)
        }
    };
    let line = |change: &Restatement| {
        let (before, after) = (account(&change.before), account(&change.after));
        format!("{}: {before} => {after}", change.id.subject()[0])
    };
    differences.iter().map(line).collect()
}

fn graded() -> RuleDef {
    idle().severity(Grade::By(Grading {
        of: "visits".parse().unwrap(),
        bands: critical_below_two(Severity::Warning),
        unknown: Severity::Warning,
    }))
}

#[test]
fn a_correction_says_of_each_alert_what_is_different() {
    let before = panel(&[
        ("ann", &[4, 4, 9]),
        ("bo", &[4, 9, 9]),
        ("cy", &[9, 9, 9]),
        ("di", &[4, 4, 4]),
        ("eva", &[4, 9, 9]),
    ]);
    let after = panel(&[
        ("ann", &[4, 4, 4]),
        ("bo", &[9, 9, 9]),
        ("cy", &[9, 4, 9]),
        ("di", &[4, 1, 4]),
        ("eva", &[4, 9, 9]),
    ]);
    let rules = RuleSet::compile(vec![graded()], &before).unwrap();
    let mut monitor = Monitor::replay(&rules, &before, before.period_at(2), |_| noon(3)).unwrap();
    let changed = monitor.correct(&rules, &after, noon(3)).unwrap();
    assert_eq!(
        said(&changed),
        [
            "ann: 01..03 Warning => 01 Warning",
            "bo: 01..02 Warning => withdrawn",
            "cy: - => 02..03 Warning",
            "di: 01 Warning => 01 Critical",
        ]
    );
}

#[test]
fn an_alert_whose_beginning_moves_keeps_what_was_decided() {
    let before = panel(&[("ann", &[9, 4, 4, 4])]);
    let after = panel(&[("ann", &[4, 4, 4, 4])]);
    let rules = RuleSet::compile(vec![idle()], &before).unwrap();
    let mut monitor = Monitor::replay(&rules, &before, before.period_at(3), |_| noon(2)).unwrap();
    let id = monitor.incidents()[0].id.clone();
    let action = CorrectiveAction {
        action: "ride along".into(),
        owner: key("eva"),
        deadline: day(8),
        check: day(9),
        done: None,
        outcome: None,
    };
    monitor.assign(&id, action.clone()).unwrap();
    monitor.acknowledge(&id, key("eva"), noon(4)).unwrap();
    let changed = monitor.correct(&rules, &after, noon(4)).unwrap();
    assert_eq!(said(&changed), ["ann: 02 Warning => 01 Warning"]);
    let record = &monitor.incidents()[0];
    let acknowledged = Status::Acknowledged {
        by: key("eva"),
        at: noon(4),
    };
    assert_eq!((record.since, &record.status), (day(1), &acknowledged));
    assert_eq!((record.id.day(), record.fired), (day(2), day(1)));
    assert_eq!(
        (record.corrective_action.as_deref(), record.told),
        (Some(&action), noon(2))
    );
}

#[test]
fn an_alert_that_had_not_ended_is_told_from_the_correction_on() {
    let rung = Rung::new(480, "director").unwrap();
    let rule = idle().living(Life {
        escalation: vec![rung],
        ..Life::default()
    });
    let before = panel(&[("ann", &[4, 9, 9, 9, 9])]);
    let after = panel(&[("ann", &[4, 4, 4, 4, 4])]);
    let rules = RuleSet::compile(vec![rule], &before).unwrap();
    let mut monitor = Monitor::replay(&rules, &before, before.period_at(4), |_| noon(1)).unwrap();
    let changed = monitor.correct(&rules, &after, noon(5)).unwrap();
    assert_eq!(said(&changed), ["ann: 01..02 Warning => 01 Warning"]);
    // Nobody has been told of it since Monday; the working day that they have begins now, on Friday noon.
    assert_eq!(monitor.tick(&rules, noon(5), &hours()), []);
    let climbed = monitor.tick(&rules, noon(8), &hours());
    assert_eq!(climbed[0].what, What::Escalated);
}

#[test]
fn what_was_given_up_stays_so_when_its_beginning_moves() {
    let before = panel(&[("ann", &[9, 4, 4, 4])]);
    let after = panel(&[("ann", &[4, 4, 4, 4])]);
    let rule = idle().living(Life {
        expire_days: 1,
        ..Life::default()
    });
    let rules = RuleSet::compile(vec![rule], &before).unwrap();
    let mut monitor = Monitor::replay(&rules, &before, before.period_at(2), |_| noon(3)).unwrap();
    monitor.tick(&rules, noon(3), &hours());
    let changed = monitor.correct(&rules, &after, noon(3)).unwrap();
    assert_eq!(said(&changed), ["ann: 02..03 Warning => 01..03 Warning"]);
    assert_eq!(
        monitor.incidents()[0].status,
        Status::Expired { on: day(3) }
    );
}

#[test]
fn a_correction_knows_nothing_new_of_who_has_left() {
    let both = panel(&[("ann", &[4, 9, 9]), ("bo", &[9, 4, 9])]);
    let (mut later, mut monitor) = (idle(), Monitor::new());
    later.key = key("later");
    let rules = RuleSet::compile(vec![idle(), later], &both).unwrap();
    for period in 0..2 {
        let judge = rules.over(&both).unwrap();
        monitor
            .advance(&judge, judge.period_at(period), noon(2))
            .unwrap();
    }
    // Ann has left, and one of the rules is no longer used.
    let one = panel(&[("bo", &[9, 4, 9]), ("cy", &[4, 9, 9])]);
    let fewer = RuleSet::compile(vec![idle()], &one).unwrap();
    let judge = fewer.over(&one).unwrap();
    monitor
        .advance(&judge, judge.period_at(2), noon(3))
        .unwrap();
    let told = monitor.incidents().to_vec();
    let changed = monitor.correct(&fewer, &one, noon(3)).unwrap();
    assert_eq!(said(&changed), ["cy: - => 01..02 Warning"]);
    let kept: Vec<&Incident> = monitor
        .incidents()
        .iter()
        .filter(|record| record.id.subject() != [key("cy")])
        .collect();
    assert_eq!(kept, told.iter().collect::<Vec<_>>());
    // What comes next finds the right alert: bo's is the second one of its kind.
    let next = panel(&[("bo", &[9, 4, 9, 4]), ("cy", &[4, 9, 9, 9])]);
    let judge = fewer.over(&next).unwrap();
    monitor
        .advance(&judge, judge.period_at(3), noon(4))
        .unwrap();
    let latest = monitor.incidents().last().unwrap();
    assert_eq!((latest.id.day(), latest.recurrence), (day(4), 1));
}

#[test]
fn a_panel_that_lacks_history_corrects_nothing() {
    let whole = panel(&[("ann", &[4, 9, 4])]);
    let rules = RuleSet::compile(vec![idle()], &whole).unwrap();
    let mut monitor = Monitor::replay(&rules, &whole, whole.period_at(2), |_| noon(3)).unwrap();
    let before = monitor.clone();
    let error = monitor
        .correct(&rules, &panel(&[("ann", &[4, 9])]), noon(3))
        .unwrap_err();
    assert_eq!(error, AlertError::HistoryMissing { day: day(3) });
    assert_eq!(
        error.to_string(),
        "the panel has no period that holds 2026-06-03, which was reported; give one that has it, or close history through it first"
    );
    assert_eq!(monitor, before);
}
