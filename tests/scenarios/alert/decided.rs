//! What cannot be said, what people decide and how long that holds, and since when something has been so.

use crate::at::PeriodAt;
use quotaflow::alert::{AlertError, Event, Monitor, Status, What};
use quotaflow::panel::{Column, Panel, Reason};
use quotaflow::quantity::Quantum;
use quotaflow::rule::{
    Flapping, Grade, Grading, Life, Persistence, RuleDef, RuleSet, Rung, Severity, WhenUnknown,
    WhyUnknown,
};
use quotaflow::space::{Axis, Subjects};

use super::{critical_below_two, day, hours, idle, key, noon, panel, told};

/// Visits of ann; nothing is recorded where there are none.
fn with_gaps(visits: &[Option<i64>]) -> Panel {
    let units: Vec<i64> = visits.iter().map(|visits| visits.unwrap_or(0)).collect();
    let like = panel(&[("ann", &units)]);
    let mut panel = Panel::new(like.subjects().clone(), like.periods().clone());
    let unit = "count:visit".parse().unwrap();
    let column = Column::amounts("visits".parse().unwrap(), unit, Quantum::ONE, units);
    let none = |visits: &Option<i64>| visits.is_none().then_some(Reason::NothingRecorded);
    let reasons: Vec<Option<Reason>> = visits.iter().map(none).collect();
    panel.add(column.with_reasons(&reasons).unwrap()).unwrap();
    panel
}

fn advanced(rules: &RuleSet, panel: &Panel, monitor: &mut Monitor, period: usize) -> Vec<Event> {
    let judge = rules.over(panel).unwrap();
    let at = noon(u32::try_from(period).unwrap() + 1);
    monitor
        .advance(&judge, judge.period_at(period), at)
        .unwrap()
}

#[test]
fn a_rule_that_reports_what_it_cannot_say_tells_it_once() {
    let rule = idle().when_unknown(WhenUnknown::Report);
    let panel = with_gaps(&[None, None, Some(9), None, Some(4), None, None]);
    let rules = RuleSet::compile([rule], &panel).unwrap();
    let mut monitor = Monitor::new();
    let mut said = Vec::new();
    for period in 0..7 {
        for event in advanced(&rules, &panel, &mut monitor, period) {
            let since = event.id.day().format("%d").to_string();
            said.push(format!("{} {:?} since {since}", period + 1, event.what));
        }
        // Saved and read back it has not forgotten what it told.
        let text = serde_json::to_string(&monitor).unwrap();
        assert_eq!(serde_json::from_str::<Monitor>(&text).unwrap(), monitor);
    }
    let unknown = What::Undecided(WhyUnknown::Missing(Reason::NothingRecorded));
    assert_eq!(
        said,
        [
            format!("1 {unknown:?} since 01"),
            format!("4 {unknown:?} since 04"),
            "5 Fired since 05".to_owned(),
            format!("6 {unknown:?} since 06"),
        ]
    );
    // Nobody else hears of it, and no alert is made of it.
    assert_eq!(monitor.incidents().len(), 1);
    let rules = RuleSet::compile([idle()], &panel).unwrap();
    let mut silent = Monitor::new();
    assert_eq!(advanced(&rules, &panel, &mut silent, 0), []);
}

fn by_size() -> RuleDef {
    let mut rule = idle().severity(Grade::By(Grading {
        of: "visits".parse().unwrap(),
        bands: critical_below_two(Severity::Warning),
        unknown: Severity::Info,
    }));
    rule.life.escalation = vec![Rung::new(60, "director").unwrap()];
    rule
}

#[test]
fn what_was_taken_or_put_to_sleep_fires_again_when_it_becomes_graver() {
    let panel = panel(&[("ann", &[4, 4, 1, 1])]);
    let rules = RuleSet::compile([by_size()], &panel).unwrap();
    for sleeps in [false, true] {
        let mut monitor = Monitor::new();
        let fired = advanced(&rules, &panel, &mut monitor, 0);
        let id = fired[0].id.clone();
        if sleeps {
            monitor.snooze(&id, day(20)).unwrap();
        } else {
            monitor.acknowledge(&id, key("mara"), noon(1)).unwrap();
        }
        assert_eq!(advanced(&rules, &panel, &mut monitor, 1), []);
        assert_eq!(monitor.tick(&rules, noon(2), &hours()), []);
        let whats = |events: &[Event]| events.iter().map(|event| event.what).collect::<Vec<_>>();
        let graver = advanced(&rules, &panel, &mut monitor, 2);
        assert_eq!(whats(&graver), [What::Graver]);
        assert_eq!(monitor.incidents()[0].status, Status::Firing);
        // From noon on it is an hour's work until the director hears of it.
        assert_eq!(monitor.tick(&rules, noon(3), &hours()), []);
        let climbed = monitor.tick(&rules, noon(4), &hours());
        assert_eq!(whats(&climbed), [What::Escalated]);
        assert_eq!(climbed[0].severity, Severity::Critical);
        monitor.acknowledge(&id, key("sam"), noon(4)).unwrap();
        let taken: Vec<&str> = monitor.incidents()[0]
            .acknowledgements
            .iter()
            .map(|taken| taken.by.as_str())
            .collect();
        assert_eq!(
            taken,
            if sleeps {
                &["sam"][..]
            } else {
                &["mara", "sam"]
            }
        );
    }
}

#[test]
fn an_acknowledgement_ends_after_its_days() {
    let mut rule = idle();
    rule.life = Life {
        acknowledged_days: 3,
        escalation: vec![Rung::new(60, "director").unwrap()],
        ..Life::default()
    };
    let panel = panel(&[("ann", &[4; 9])]);
    let rules = RuleSet::compile([rule], &panel).unwrap();
    let mut monitor = Monitor::new();
    let id = advanced(&rules, &panel, &mut monitor, 0)[0].id.clone();
    monitor.acknowledge(&id, key("mara"), noon(1)).unwrap();
    let mut told = Vec::new();
    for now in 1..9_u32 {
        if now > 1 {
            advanced(&rules, &panel, &mut monitor, now as usize - 1);
        }
        let events = monitor.tick(&rules, noon(now), &hours());
        told.extend(events.iter().map(|event| format!("{now} {:?}", event.what)));
        if now == 5 {
            monitor.acknowledge(&id, key("sam"), noon(5)).unwrap();
        }
    }
    // Taken on the first until the fourth; nobody takes it for a day; taken on the fifth until the eighth.
    assert_eq!(told, ["4 Unattended", "5 Escalated", "8 Unattended"]);
    assert_eq!(monitor.incidents()[0].acknowledgements.len(), 2);
}

#[test]
fn alerts_of_a_rule_that_is_taken_out_expire_and_the_others_go_on() {
    let panel = panel(&[("ann", &[4, 4])]);
    let mut other = idle();
    other.key = key("other");
    other.life.repeat_days = 1;
    let both = RuleSet::compile([idle(), other.clone()], &panel).unwrap();
    let mut monitor = Monitor::new();
    advanced(&both, &panel, &mut monitor, 0);
    let one = RuleSet::compile([other], &panel).unwrap();
    let told: Vec<String> = monitor
        .tick(&one, noon(2), &hours())
        .iter()
        .map(|event| format!("{} {:?}", event.id.rule(), event.what))
        .collect();
    assert_eq!(told, ["idle Expired", "other Repeated"]);
    assert_eq!(monitor.open().count(), 1);
}

#[test]
fn three_days_in_a_condition_began_when_three_days_of_persistence_did() {
    let visits = [9, 4, 4, 4, 4, 9, 4, 4, 4];
    let panel = panel(&[("ann", &visits)]);
    let lasting = idle().lasting(Persistence::Periods(3.into()));
    let rule = |text: &str| RuleDef::new("idle", text.parse().unwrap()).unwrap();
    let since = |rule: RuleDef, period: usize| {
        let rules = RuleSet::compile([rule], &panel).unwrap();
        let found = rules.evaluate(&panel, panel.period_at(period)).unwrap();
        let monitor =
            Monitor::replay(&rules, &panel, panel.period_at(period), |_| noon(9)).unwrap();
        let told: Vec<u32> = monitor
            .open()
            .map(|it| chrono::Datelike::day(&it.since) - 1)
            .collect();
        let found: Vec<u32> = found
            .iter()
            .map(|it| u32::try_from(it.since().index()).unwrap())
            .collect();
        assert_eq!(found, told, "an evaluation and a monitor say the same");
        found
    };
    for period in [3, 4, 8] {
        let expected = vec![if period < 5 { 1 } else { 6 }];
        assert_eq!(since(lasting.clone(), period), expected);
        for text in [
            "visits < 5 for 3 days",
            "visits < 5 for 2 days for 2 days",
            "visits < 5 for 3 days and visits >= 0",
            "visits < 5 for 3 days or visits > 100",
            "at least 2 of (visits < 5 for 3 days, visits < 5 for 2 days, visits > 100)",
            "visits < 5 in 3 of 3 days",
        ] {
            assert_eq!(since(rule(text), period), expected, "{text} in {period}");
        }
    }
    // In two of three days: the first of the two.
    assert_eq!(since(rule("visits < 5 in 2 of 3 days"), 2), [1]);
    // A fall began with the first step down.
    assert_eq!(since(rule("visits falling for 1 day"), 1), [1]);
    // What is pending is so since when its alert will be.
    let rule = rule("visits < 5 for 2 days").lasting(Persistence::Periods(2.into()));
    let rules = RuleSet::compile([rule], &panel).unwrap();
    let monitor = Monitor::replay(&rules, &panel, panel.period_at(2), |_| noon(9)).unwrap();
    let text = serde_json::to_string(&monitor).unwrap();
    let mut monitor: Monitor = serde_json::from_str(&text).unwrap();
    let pending = monitor.pending();
    assert_eq!(pending[0].since, day(2));
    let fired = advanced(&rules, &panel, &mut monitor, 3)[0].clone();
    assert_eq!((fired.id.day(), fired.day), (day(4), day(4)));
    assert_eq!(monitor.incidents()[0].since, pending[0].since);
}

#[test]
fn a_reopened_alert_keeps_its_graver_severity() {
    let panel = panel(&[("ann", &[1, 9, 4])]);
    let mut rule = by_size();
    rule.life.reopen_days = 5;
    let rules = RuleSet::compile([rule], &panel).unwrap();
    let mut monitor = Monitor::new();
    for period in 0..3 {
        advanced(&rules, &panel, &mut monitor, period);
    }
    let incident = &monitor.incidents()[0];
    assert_eq!(
        (incident.reopened(), incident.severity),
        (1, Severity::Critical)
    );
}

#[test]
fn an_alert_that_comes_and_goes_exactly_at_the_limit_flaps() {
    // The changes lie in the places 19 and 20: 1.2237 and 1.25 of 20 are 12.37 %.
    let flapping = |start| {
        let life = Life {
            flapping: Some(Flapping { start, stop: 5 }),
            ..Life::default()
        };
        told(idle().living(life), &[4, 9])
    };
    assert!(flapping(12).contains(&"2 FlappingStarted".to_owned()));
    assert!(!flapping(13).contains(&"2 FlappingStarted".to_owned()));
    // One change in the latest place is 6.25 %: at 6 it flaps at once, at 7 not.
    let once = |start| {
        let life = Life {
            flapping: Some(Flapping { start, stop: 1 }),
            ..Life::default()
        };
        told(idle().living(life), &[4])
    };
    assert_eq!(once(6), ["1 Fired", "1 FlappingStarted"]);
    assert_eq!(once(7), ["1 Fired"]);
}

#[test]
fn a_saved_monitor_is_checked_as_a_whole() {
    let panel = panel(&[("ann", &[4, 9, 4]), ("bo", &[9, 9, 9])]);
    let rules = RuleSet::compile([idle()], &panel).unwrap();
    let monitor = Monitor::replay(&rules, &panel, panel.period_at(2), |_| noon(3)).unwrap();
    let text = serde_json::to_string(&monitor).unwrap();
    assert_eq!(serde_json::from_str::<Monitor>(&text).unwrap(), monitor);
    for (from, to, problem) in [
        (
            "\"recurrence\":1",
            "\"recurrence\":4294967295",
            "came back more often",
        ),
        (
            "\"on\":\"2026-06-02\"",
            "\"on\":\"2026-06-30\"",
            "has not seen",
        ),
        (
            "\"fired\":\"2026-06-03\"",
            "\"fired\":\"2026-06-04\"",
            "has not seen",
        ),
        (
            "\"fired\":\"2026-06-03\"",
            "\"fired\":\"2026-06-02\"",
            "before its condition",
        ),
        (
            "\"firing\":true",
            "\"firing\":true,\"row\":9",
            "more days than",
        ),
        ("\"firing\":true,", "", "no cell of its rule"),
        ("\"subject\":0", "\"subject\":1", "another rule or subject"),
        ("\"incident\":1", "\"incident\":0", "no cell of its rule"),
        (",\"incident\":1", "", "without an alert"),
        (
            "\"firing\":true,",
            "\"firing\":true,\"history\":3,",
            "limits no flapping",
        ),
    ] {
        assert!(text.contains(from), "{from}: {text}");
        let broken = text.replacen(from, to, 1);
        let error = serde_json::from_str::<Monitor>(&broken).unwrap_err();
        assert!(error.to_string().contains(problem), "{to}: {error}");
    }
    let twice: AlertError = AlertError::Document {
        what: "rule",
        index: 0,
        problem: "is listed twice",
    };
    assert_eq!(
        twice.to_string(),
        "the saved monitor is broken: rule 0 is listed twice"
    );
}

#[test]
fn a_clock_that_is_behind_the_periods_gives_nothing_up_before_it_began() {
    let panel = panel(&[("ann", &[4, 9, 4])]);
    let mut rule = idle();
    rule.life.reopen_days = 5;
    let rules = RuleSet::compile([rule.clone()], &panel).unwrap();
    let monitor = Monitor::replay(&rules, &panel, panel.period_at(2), |_| noon(3)).unwrap();

    let none = RuleSet::compile([], &panel).unwrap();
    for (rules, day) in [(&none, 1), (&none, 2), (&none, 9)] {
        let mut monitor = monitor.clone();
        let told = monitor.tick(rules, noon(day), &hours());
        assert_eq!(told[0].what, What::Expired);
        let text = serde_json::to_string(&monitor).unwrap();
        assert_eq!(serde_json::from_str::<Monitor>(&text).unwrap(), monitor);
    }
}

#[test]
fn what_a_rule_noted_while_it_looked_back_is_forgotten_with_it() {
    let panel = panel(&[("ann", &[4, 4, 4, 9, 4, 9, 4])]);
    let rule = |text: &str| {
        let mut rule = RuleDef::new("idle", text.parse().unwrap()).unwrap();
        rule.persistence = Persistence::Periods(2.into());
        RuleSet::compile([rule], &panel).unwrap()
    };
    let (back, plain) = (rule("visits < 5 for 2 days"), rule("visits < 5"));
    let mut monitor = Monitor::new();
    for (period, rules) in [&back, &back, &back, &back, &plain, &plain, &plain]
        .into_iter()
        .enumerate()
    {
        advanced(rules, &panel, &mut monitor, period);
        let text = serde_json::to_string(&monitor).unwrap();
        assert_eq!(serde_json::from_str::<Monitor>(&text).unwrap(), monitor);
    }
    // The same with the change while something is pending.
    let mut monitor = Monitor::new();
    for (period, rules) in [&back, &back, &plain, &plain, &plain]
        .into_iter()
        .enumerate()
    {
        advanced(rules, &panel, &mut monitor, period);
        let text = serde_json::to_string(&monitor).unwrap();
        assert_eq!(serde_json::from_str::<Monitor>(&text).unwrap(), monitor);
    }
}

#[test]
fn a_monitor_of_many_rules_and_people_holds_what_is_there() {
    // Ten thousand rules over ten thousand people are a hundred million pairs, of which one is not at rest.
    let names = (0..10_000).map(|at| key(&format!("p{at}"))).collect();
    let people = Subjects::new(Axis::new("person", "person").unwrap(), names).unwrap();
    let days: Vec<_> = (1..=2)
        .map(|day| serde_json::json!({"day": format!("2026-06-{day:02}")}))
        .collect();
    let rules: Vec<String> = (0..10_000)
        .map(|at| match at {
            7 => r#"{"rule":"r7","cells":[{"subject":42,"row":1}]}"#.to_owned(),
            at => format!(r#"{{"rule":"r{at}"}}"#),
        })
        .collect();
    let text = format!(
        r#"{{"version":1,"told":"2026-06-02","days":{},"subjects":{},"rules":[{}],"incidents":[]}}"#,
        serde_json::to_string(&days).unwrap(),
        serde_json::to_string(&people).unwrap(),
        rules.join(","),
    );
    let monitor: Monitor = serde_json::from_str(&text).unwrap();
    let pending = monitor.pending();
    assert_eq!(pending.len(), 1);
    let only = &pending[0];
    assert_eq!(
        (only.rule.as_str(), only.subject[0].as_str(), only.since),
        ("r7", "p42", day(2))
    );
    assert_eq!(serde_json::to_string(&monitor).unwrap(), text);
}
