//! Laws of the life of alerts.

use crate::at::PeriodAt;
use chrono::NaiveDateTime;
use proptest::prelude::*;
use quotaflow::alert::{Event, Incident, Monitor, Restatement, restatements};
use quotaflow::calendar::{Shift, WorkingHours, WorkingHoursDef};
use quotaflow::key::Key;
use quotaflow::panel::Panel;
use quotaflow::rule::{
    Flapping, Keep, Life, Persistence, RuleDef, RuleSet, Rung, Scope, Severity, WhenUnknown,
};

use super::rule::{PERIODS, cells, condition, panel, panel_ordered};

mod daily;
mod growing;
mod model;

fn keep() -> impl Strategy<Value = Keep> {
    prop_oneof![
        Just(Keep::None),
        (1_u16..3).prop_map(|n| Keep::Periods(n.into())),
        (0_u32..60).prop_map(Keep::Days)
    ]
}

fn persistence() -> impl Strategy<Value = Persistence> {
    prop_oneof![
        Just(Persistence::Immediate),
        (1_u16..3).prop_map(|n| Persistence::Periods(n.into())),
        (0_u32..60).prop_map(Persistence::Days),
    ]
}

fn life() -> impl Strategy<Value = Life> {
    (
        keep(),
        0_u32..60,
        0_u32..60,
        0_u32..40,
        0_u32..100,
        any::<bool>(),
    )
        .prop_map(
            |(keep, cooldown_days, reopen_days, repeat_days, expire_days, flaps)| Life {
                keep,
                acknowledged_days: 0,
                cooldown_days,
                reopen_days,
                repeat_days,
                expire_days,
                flapping: flaps.then_some(Flapping { start: 12, stop: 6 }),
                escalation: vec![
                    Rung::new(3_000, "manager").unwrap(),
                    Rung::new(15_000, "director")
                        .unwrap()
                        .for_at_least(Severity::Serious),
                ],
            },
        )
}

fn hours() -> WorkingHours {
    let day = vec![Shift::new("09:00".parse().unwrap(), "17:00".parse().unwrap()).unwrap()];
    let week = [
        day.clone(),
        day.clone(),
        day.clone(),
        day.clone(),
        day,
        vec![],
        vec![],
    ];
    WorkingHours::new(WorkingHoursDef::new(Key::new("office").unwrap(), week)).unwrap()
}

fn evening(panel: &Panel, period: usize) -> NaiveDateTime {
    panel
        .periods()
        .range(panel.periods().period_at(period))
        .unwrap()
        .end()
        .and_hms_opt(18, 0, 0)
        .unwrap()
}

fn step(monitor: &mut Monitor, rules: &RuleSet, panel: &Panel, period: usize) -> Vec<Event> {
    let at = evening(panel, period);
    let mut events = monitor
        .advance(
            &rules.over(panel).unwrap(),
            rules.over(panel).unwrap().period_at(period),
            at,
        )
        .unwrap();
    events.extend(monitor.tick(rules, at, &hours()));
    events
}

proptest! {
    #![proptest_config(crate::cases(300))]

    #[test]
    fn a_restart_at_any_point_changes_nothing(
        cells in cells(3),
        first in condition(),
        second in condition(),
        clear in prop::option::of(condition()),
        lives in (life(), life()),
        lasting in persistence(),
        unknown in prop::sample::select(vec![WhenUnknown::Wait, WhenUnknown::Fire]),
        stop in 0..PERIODS,
    ) {
        let panel = panel(&cells, 3);
        let mut a = RuleDef::new("a", first).unwrap().living(lives.0).lasting(lasting).when_unknown(unknown);
        a.clear = clear;
        let b = RuleDef::new("b", second).unwrap().living(lives.1);
        let rules = RuleSet::compile(vec![a, b], &panel).unwrap();
        let (mut whole, mut parted) = (Monitor::new(), Monitor::new());
        for period in 0..PERIODS {
            if period == stop {
                let text = serde_json::to_string(&parted).unwrap();
                let back: Monitor = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(&back, &parted);
                parted = back;
            }
            prop_assert_eq!(step(&mut whole, &rules, &panel, period), step(&mut parted, &rules, &panel, period));
            prop_assert_eq!(&whole, &parted);
        }
    }

    #[test]
    fn a_plain_alert_is_open_while_its_rule_fires(
        cells in cells(3),
        condition in condition(),
        lasting in persistence(),
        scope in growing::scope(),
    ) {
        let panel = panel(&cells, 3);
        // What is unknown fires, so that every period is decided.
        let scope = Scope { provided: None, ..scope };
        let rule = RuleDef::new("r", condition).unwrap().lasting(lasting).when_unknown(WhenUnknown::Fire).within(scope);
        let rules = RuleSet::compile(vec![rule], &panel).unwrap();
        let judge = rules.over(&panel).unwrap();
        let mut monitor = Monitor::new();
        for period in 0..PERIODS {
            monitor.advance(&judge, judge.period_at(period), evening(&panel, period)).unwrap();
            let open: Vec<String> = monitor.open().map(|record| record.id.subject()[0].to_string()).collect();
            let mut fired: Vec<String> =
                judge.evaluate(judge.period_at(period)).unwrap().iter().map(|alert| alert.members()[0].to_string()).collect();
            let mut open_sorted = open.clone();
            open_sorted.sort();
            fired.sort();
            prop_assert_eq!(open_sorted, fired);
            for alert in judge.evaluate(judge.period_at(period)).unwrap() {
                let since = panel.periods().range(alert.since()).unwrap().end().pred_opt().unwrap();
                prop_assert!(monitor.open().any(|record| record.id.subject() == alert.members() && record.since == since));
            }
        }
    }

    #[test]
    fn the_order_of_rules_and_subjects_changes_no_alert(
        cells in cells(4),
        first in condition(),
        second in condition(),
        lives in (life(), life()),
        order in Just(vec![0_usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let a = RuleDef::new("a", first).unwrap().living(lives.0);
        let b = RuleDef::new("b", second).unwrap().living(lives.1);
        let straight = panel(&cells, 4);
        let turned = panel_ordered(&cells, &order);
        let rules = RuleSet::compile(vec![a.clone(), b.clone()], &straight).unwrap();
        let exchanged = RuleSet::compile(vec![b, a], &turned).unwrap();
        let (mut left, mut right) = (Monitor::new(), Monitor::new());
        for period in 0..PERIODS {
            let key = |event: &Event| (event.id.clone(), event.what);
            let mut one = step(&mut left, &rules, &straight, period);
            let mut other = step(&mut right, &exchanged, &turned, period);
            one.sort_by_key(key);
            other.sort_by_key(key);
            prop_assert_eq!(one, other);
        }
        // A panel with other subjects half way: what stays, stays.
        prop_assert_eq!(restatements(left.incidents(), right.incidents()), vec![]);
    }

    #[test]
    fn a_correction_that_changes_no_record_changes_no_alert(
        cells in cells(3),
        condition in condition(),
        life in life(),
        lasting in persistence(),
        until in 0..PERIODS,
    ) {
        let panel = panel(&cells, 3);
        let rule = RuleDef::new("r", condition).unwrap().living(life).lasting(lasting);
        let rules = RuleSet::compile(vec![rule], &panel).unwrap();
        let mut monitor = Monitor::new();
        for period in 0..=until {
            step(&mut monitor, &rules, &panel, period);
        }
        let before = monitor.incidents().to_vec();
        prop_assert_eq!(monitor.correct(&rules, &panel, evening(&panel, until)).unwrap(), vec![]);
        prop_assert_eq!(monitor.incidents(), before);
        // And what comes after is told as if nothing had been gone through again.
        let mut straight = Monitor::new();
        for period in 0..=until {
            step(&mut straight, &rules, &panel, period);
        }
        for period in until + 1..PERIODS {
            let told = step(&mut straight, &rules, &panel, period);
            prop_assert_eq!(step(&mut monitor, &rules, &panel, period), told);
        }
    }

    #[test]
    fn corrected_history_is_the_history_of_the_corrected_records(
        before in cells(3),
        after in cells(3),
        condition in condition(),
        life in life(),
        lasting in persistence(),
    ) {
        let (old, new) = (panel(&before, 3), panel(&after, 3));
        let rule = RuleDef::new("r", condition).unwrap().living(life).lasting(lasting);
        let rules = RuleSet::compile(vec![rule], &old).unwrap();
        let at = evening(&old, PERIODS - 1);
        let mut monitor = Monitor::replay(&rules, &old, old.period_at(PERIODS - 1), |_| at).unwrap();
        let told = monitor.incidents().to_vec();
        let changed = monitor.correct(&rules, &new, at).unwrap();
        let fresh = Monitor::replay(&rules, &new, new.period_at(PERIODS - 1), |_| at).unwrap();
        prop_assert_eq!(restatements(monitor.incidents(), fresh.incidents()), vec![]);
        // What never was is withdrawn, and what is there already keeps its identity.
        let facts = |changes: &[Restatement]| {
            let of = |record: &Option<Incident>| {
                let there = record.as_ref().filter(|record| !record.status.is_withdrawn());
                there.map(|record| (record.since, record.fired, record.ended(), record.severity))
            };
            let each = changes.iter().map(|it| (it.id.subject().to_vec(), of(&it.before), of(&it.after)));
            let mut all: Vec<_> = each.collect();
            all.sort();
            all
        };
        prop_assert_eq!(facts(&changed), facts(&restatements(&told, fresh.incidents())));
        prop_assert_eq!(monitor.correct(&rules, &new, at).unwrap(), vec![]);
    }
}
