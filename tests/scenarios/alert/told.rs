//! Who is told, how often, and who stands for whom.

use crate::at::PeriodAt;
use quotaflow::alert::{
    AlertError, AlertId, Cover, Event, Monitor, What, covered, digest, digest_by_tree, uncovered,
};
use quotaflow::rule::{Grade, Grading, Life, Operand, RuleDef, RuleSet, Rung, Severity};
use quotaflow::space::{Dimension, DimensionDef};

use super::{critical_below_two, day, hours, idle, key, noon, panel, told};

#[test]
fn what_nobody_takes_is_repeated_escalated_and_given_up() {
    let life = Life {
        repeat_days: 2,
        expire_days: 7,
        escalation: vec![
            Rung::new(480, "director").unwrap(),
            Rung::new(24 * 60, "board").unwrap(),
        ],
        ..Life::default()
    };
    // Fired on Monday noon. A working day is eight hours: Tuesday noon is 480 minutes, Thursday noon 24 hours.
    let expected = [
        "1 Fired",
        "2 Escalated",
        "3 Repeated",
        "4 Escalated",
        "5 Repeated",
        "7 Repeated",
        "8 Expired",
    ];
    assert_eq!(told(idle().living(life), &[4; 9]), expected);
}

#[test]
fn what_is_taken_is_left_alone_and_what_sleeps_wakes() {
    let life = Life {
        repeat_days: 1,
        ..Life::default()
    };
    let panel = panel(&[("ann", &[4, 4, 4, 4, 9]), ("bo", &[4, 4, 4, 4, 4])]);
    let rules = RuleSet::compile(vec![idle().living(life)], &panel).unwrap();
    let judge = rules.over(&panel).unwrap();
    let mut monitor = Monitor::new();
    let fired = monitor
        .advance(&judge, judge.period_at(0), noon(1))
        .unwrap();
    let ids: Vec<AlertId> = fired.iter().map(|event| event.id.clone()).collect();
    assert_eq!(ids[0].to_string(), "idle | ann | 2026-06-01");
    assert_eq!(fired[0].to, Some(key("manager")));
    monitor.acknowledge(&ids[0], key("eva"), noon(1)).unwrap();
    monitor.snooze(&ids[1], day(4)).unwrap();
    let mut told = Vec::new();
    for period in 1..5 {
        let at = noon(u32::try_from(period).unwrap() + 1);
        let mut events = monitor
            .advance(&judge, judge.period_at(period), at)
            .unwrap();
        events.extend(monitor.tick(&rules, at, &hours()));
        told.extend(
            events
                .iter()
                .map(|event| format!("{} {} {:?}", period + 1, event.id.subject()[0], event.what)),
        );
    }
    assert_eq!(told, ["4 bo Woken", "5 ann Resolved", "5 bo Repeated"]);
    assert_eq!(
        monitor.acknowledge(&ids[0], key("eva"), noon(5)),
        Err(AlertError::Over { id: ids[0].clone() })
    );
    let nobody = AlertId::new(key("idle"), vec![key("cy")], day(1));
    assert_eq!(
        monitor.snooze(&nobody, day(9)).unwrap_err().to_string(),
        "there is no alert `idle | cy | 2026-06-01`; did you mean `idle | bo | 2026-06-01`?"
    );
    let latest = AlertError::OutOfOrder {
        day: day(5),
        latest: day(5),
    };
    assert_eq!(
        monitor.advance(&judge, judge.period_at(4), noon(5)),
        Err(latest)
    );
}

#[test]
fn only_grave_alerts_climb_the_upper_rungs() {
    let mut rule = idle().severity(Grade::By(Grading {
        of: Operand::metric("visits").unwrap(),
        bands: critical_below_two(Severity::Warning),
        unknown: Severity::Warning,
    }));
    rule.life.escalation = vec![
        Rung::new(60, "manager").unwrap(),
        Rung::new(120, "director")
            .unwrap()
            .for_at_least(Severity::Critical),
    ];
    let panel = panel(&[("ann", &[4, 4, 1])]);
    let rules = RuleSet::compile(vec![rule], &panel).unwrap();
    let judge = rules.over(&panel).unwrap();
    let mut monitor = Monitor::new();
    monitor
        .advance(&judge, judge.period_at(0), noon(5))
        .unwrap();
    let told = |events: Vec<Event>| -> Vec<(What, Option<String>)> {
        let line = |event: Event| (event.what, event.to.map(|to| to.to_string()));
        events.into_iter().map(line).collect()
    };
    // Two working hours later the time of both rungs has come; a warning climbs the first alone.
    let later = noon(5) + chrono::TimeDelta::hours(2);
    assert_eq!(
        told(monitor.tick(&rules, later, &hours())),
        [(What::Escalated, Some("manager".into()))]
    );
    assert!(
        monitor
            .advance(&judge, judge.period_at(1), later)
            .unwrap()
            .is_empty()
    );
    // It becomes critical: what it had passed by it climbs at once, and only once.
    let events = monitor
        .advance(&judge, judge.period_at(2), noon(6))
        .unwrap();
    assert_eq!(
        told(events),
        [
            (What::Graver, Some("manager".into())),
            (What::Escalated, Some("director".into()))
        ]
    );
    assert!(monitor.tick(&rules, noon(6), &hours()).is_empty());
}

#[test]
fn a_ladder_is_climbed_from_below() {
    let mut rule = idle();
    rule.life.escalation = vec![
        Rung::new(120, "manager").unwrap(),
        Rung::new(60, "director").unwrap(),
    ];
    let error = RuleSet::compile(vec![rule], &panel(&[("ann", &[4])])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rule `idle`, life.escalation: rung 1 of the ladder is reached before the one below it"
    );
}

/// Two teams below one company, and each person below a team or right below the company.
fn staff(people: &[(&str, &str)]) -> Dimension {
    let def = DimensionDef::new("person", &["company", "team", "person"])
        .and_then(|def| def.member("company", "all"))
        .and_then(|def| def.child("team", "north", "all"))
        .and_then(|def| def.child("team", "south", "all"));
    let def = people
        .iter()
        .try_fold(def.unwrap(), |def, (person, above)| {
            def.child("person", person, above)
        });
    Dimension::new(def.unwrap()).unwrap()
}

#[test]
fn an_alert_of_the_team_stands_for_its_members_and_each_recipient_gets_one_list() {
    let people = panel(&[("ann", &[4]), ("bo", &[4]), ("cy", &[4])]);
    let teams = panel(&[("north", &[4]), ("south", &[9])]);
    let mut low = RuleDef::new("low", "visits < 4.5".parse().unwrap())
        .unwrap()
        .severity(Severity::Critical);
    low.owner = Some(key("manager"));
    let rules = RuleSet::compile(vec![idle(), low], &people).unwrap();
    let mut below = Monitor::new();
    let events = below
        .advance(
            &rules.over(&people).unwrap(),
            rules.over(&people).unwrap().period_at(0),
            noon(1),
        )
        .unwrap();
    let above_rules = RuleSet::compile(vec![idle()], &teams).unwrap();
    let above = Monitor::replay(&above_rules, &teams, teams.period_at(0), |_| noon(1)).unwrap();
    let staff = staff(&[("ann", "north"), ("bo", "south"), ("cy", "all")]);
    let tree = staff.tree("person").unwrap();
    let cover = Cover {
        rule: key("idle"),
        covers: vec![],
    };
    assert_eq!(
        covered(below.incidents(), above.incidents(), &[cover], tree, day(1)),
        [true, false, false, false, false, false]
    );
    let cover = Cover {
        rule: key("idle"),
        covers: vec![key("low")],
    };
    assert_eq!(
        covered(below.incidents(), above.incidents(), &[cover], tree, day(1)),
        [false, false, false, true, false, false]
    );
    // Bo's and cy's are told; ann's is not, and what she has of the other rule is not what the team's stands for.
    let cover = Cover {
        rule: key("idle"),
        covers: vec![],
    };
    let left = uncovered(events.clone(), above.incidents(), &[cover], tree, day(1));
    let left: Vec<String> = left.iter().map(|event| event.id.to_string()).collect();
    let on = "2026-06-01";
    assert_eq!(
        left,
        [
            "idle | bo",
            "idle | cy",
            "low | ann",
            "low | bo",
            "low | cy"
        ]
        .map(|id| format!("{id} | {on}"))
    );
    let lists = digest(&events);
    assert_eq!(lists.len(), 1);
    let groups: Vec<_> = lists[0]
        .groups
        .iter()
        .map(|group| (group.rule.as_str(), group.events.len()))
        .collect();
    assert_eq!(groups, [("low", 3), ("idle", 3)]);
}

#[test]
fn a_digest_by_the_tree_gathers_what_is_below_the_same_team() {
    let people = panel(&[("ann", &[4]), ("bo", &[4]), ("cy", &[4])]);
    let rules = RuleSet::compile(vec![idle()], &people).unwrap();
    let events = Monitor::new()
        .advance(
            &rules.over(&people).unwrap(),
            rules.over(&people).unwrap().period_at(0),
            noon(1),
        )
        .unwrap();
    let staff = staff(&[("ann", "north"), ("bo", "south"), ("cy", "north")]);
    let lists = digest_by_tree(&events, staff.tree("person").unwrap(), day(1));
    let groups: Vec<_> = lists[0]
        .groups
        .iter()
        .map(|group| (group.under.clone().unwrap(), group.events.len()))
        .collect();
    assert_eq!(groups, [(vec![key("north")], 2), (vec![key("south")], 1)]);
}

#[test]
fn each_recipient_has_a_list_with_what_concerns_them_alone() {
    let mut rule = idle();
    rule.life.escalation = vec![Rung::new(480, "director").unwrap()];
    let mut unowned = idle();
    (unowned.key, unowned.owner) = (key("unowned"), None);
    let panel = panel(&[("ann", &[4, 4]), ("bo", &[9, 4])]);
    let rules = RuleSet::compile(vec![unowned, rule], &panel).unwrap();
    let judge = rules.over(&panel).unwrap();
    let mut monitor = Monitor::new();
    monitor
        .advance(&judge, judge.period_at(0), noon(1))
        .unwrap();
    let mut events = monitor
        .advance(&judge, judge.period_at(1), noon(2))
        .unwrap();
    events.extend(monitor.tick(&rules, noon(2), &hours()));
    let lists: Vec<String> = digest(&events)
        .iter()
        .flat_map(|list| {
            let to = list.to.as_ref().map_or("nobody", |to| to.as_str());
            let line = |group: &quotaflow::alert::Group| {
                let subjects = group.events.iter();
                let subjects: Vec<&str> = subjects
                    .map(|event| event.id.subject()[0].as_str())
                    .collect();
                format!(
                    "{to}: {} {:?} {}",
                    group.rule,
                    group.what,
                    subjects.join(" ")
                )
            };
            list.groups.iter().map(line).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        lists,
        [
            "nobody: unowned Fired bo",
            "director: idle Escalated ann",
            "manager: idle Fired bo"
        ]
    );
}

#[test]
fn who_is_told_again_is_told_until_somebody_answers() {
    let life = Life {
        repeat_days: 1,
        reopen_days: 9,
        escalation: vec![Rung::new(480, "director").unwrap()],
        ..Life::default()
    };
    let panel = panel(&[("ann", &[4, 4, 4, 9, 4, 4])]);
    let rules = RuleSet::compile(vec![idle().living(life)], &panel).unwrap();
    let judge = rules.over(&panel).unwrap();
    let mut monitor = Monitor::new();
    let mut told = Vec::new();
    for period in 0..6 {
        let at = noon(u32::try_from(period).unwrap() + 1);
        let mut events = monitor
            .advance(&judge, judge.period_at(period), at)
            .unwrap();
        if period == 1 {
            let id = monitor.incidents()[0].id.clone();
            monitor.acknowledge(&id, key("eva"), at).unwrap();
        }
        events.extend(monitor.tick(&rules, at, &hours()));
        told.extend(
            events
                .iter()
                .map(|event| format!("{} {:?}", period + 1, event.what)),
        );
    }
    // Acknowledged on Tuesday before its rung was due; reopened on Friday, when nobody has answered to it any more. From
    // Friday to Saturday noon pass five working hours.
    assert_eq!(told, ["1 Fired", "4 Resolved", "5 Reopened", "6 Repeated"]);
}

/// Alerts of the rule are near, however alike another one is called; of a rule that told nothing all are.
#[test]
fn an_alert_that_is_not_there_is_told_with_those_of_its_rule() {
    let panel = panel(&[("ann", &[4]), ("bo", &[4])]);
    let there = RuleDef::new("there", "visits >= 0".parse().unwrap()).unwrap();
    let rules = RuleSet::compile(vec![idle(), there], &panel).unwrap();
    let mut monitor = Monitor::replay(&rules, &panel, panel.period_at(0), |_| noon(1)).unwrap();
    assert_eq!(monitor.incidents().len(), 4);
    let mut known = |rule: &str| {
        let id = AlertId::new(key(rule), vec![key("cy")], day(1));
        let Err(AlertError::UnknownAlert { known, .. }) = monitor.snooze(&id, day(9)) else {
            panic!("there is no such alert");
        };
        known.to_string()
    };
    assert_eq!(
        known("idle"),
        "`idle | ann | 2026-06-01`, `idle | bo | 2026-06-01`"
    );
    assert_eq!(
        known("there"),
        "`there | ann | 2026-06-01`, `there | bo | 2026-06-01`"
    );
    assert_eq!(known("idler").matches(" | ").count(), 8);
}
