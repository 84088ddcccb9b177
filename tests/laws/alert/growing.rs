//! What is told period by period is what one evaluation of everything tells: however the panel grew, wherever the monitor was
//! saved, and whatever came late.

use std::collections::BTreeSet;

use crate::at::PeriodAt;
use chrono::NaiveDate;
use proptest::prelude::*;
use quotaflow::alert::{CorrectiveAction, Event, Incident, Monitor, What, restatements};
use quotaflow::band::{Bands, Owner};
use quotaflow::key::Key;
use quotaflow::rule::{
    Exemption, Grade, Grading, RuleDef, RuleSet, Scope, Severity, SubjectTest, WhenUnknown,
};

use super::super::rule::{Cells, PERIODS, cells, condition, operand, panel, panel_grown};
use super::model::{Lived, Model};
use super::{evening, life, persistence, step};

const SUBJECTS: usize = 3;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (1_u32..6, prop::sample::select(vec![1_u32, 2, 15]))
        .prop_map(|(month, day)| NaiveDate::from_ymd_opt(2026, month, day).unwrap())
}

fn severity() -> impl Strategy<Value = Severity> {
    prop::sample::select(Severity::ALL.to_vec())
}

fn grade() -> impl Strategy<Value = Grade> {
    let bands = (operand(), -3_i64..3, severity(), severity(), severity());
    prop_oneof![
        severity().prop_map(Grade::Fixed),
        bands.prop_map(|(of, at, low, middle, high)| {
            let edges = vec![(at.into(), middle), ((at + 2).into(), high)];
            let bands = Bands::from_edges(low, edges, Owner::Upper).unwrap();
            Grade::By(Grading {
                of,
                bands,
                unknown: middle,
            })
        }),
    ]
}

pub(super) fn scope() -> impl Strategy<Value = Scope> {
    let exemption = (0..SUBJECTS, prop::option::of(day())).prop_map(|(subject, until)| Exemption {
        subject: key(&format!("s{subject}")),
        reason: "a long leave".into(),
        until,
    });
    let only = Just(SubjectTest {
        members: vec![key("s0"), key("s1")],
        starts_with: vec![],
    });
    let except = prop::collection::vec(exemption, 0..2);
    (
        prop::option::weighted(0.2, only),
        except,
        prop::option::weighted(0.3, day()),
        prop::option::weighted(0.3, day()),
        prop::option::weighted(0.3, condition()),
    )
        .prop_map(|(only, except, from, until, provided)| Scope {
            only,
            level: Some(key("person")),
            provided,
            except,
            from,
            until: until.filter(|until| from.is_none_or(|from| from < *until)),
        })
}

/// A rule with everything that a rule can have.
fn rule(name: &'static str) -> impl Strategy<Value = RuleDef> {
    let unknown = prop::sample::select(vec![
        WhenUnknown::Wait,
        WhenUnknown::Report,
        WhenUnknown::Fire,
    ]);
    let clear = prop::option::weighted(0.3, condition());
    (
        (condition(), clear, persistence(), life()),
        (grade(), unknown, scope()),
    )
        .prop_map(
            move |((when, clear, lasting, life), (grade, unknown, scope))| {
                let mut rule = RuleDef::new(name, when).unwrap();
                rule.clear = clear;
                rule.owner = Some(key("owner"));
                rule.lasting(lasting)
                    .living(life)
                    .severity(grade)
                    .when_unknown(unknown)
                    .within(scope)
            },
        )
}

fn rules() -> impl Strategy<Value = Vec<RuleDef>> {
    (rule("a"), rule("b")).prop_map(|(a, b)| vec![a, b])
}

/// What somebody decides about an open alert after a period: which one, and what.
type Decisions = Vec<Option<(usize, u8)>>;

fn decisions() -> impl Strategy<Value = Decisions> {
    prop::collection::vec(prop::option::of((0_usize..8, 0_u8..4)), PERIODS)
}

fn decide(monitor: &mut Monitor, today: NaiveDate, decision: Option<(usize, u8)>) {
    let open: Vec<_> = monitor.open().map(|record| record.id.clone()).collect();
    let Some((which, what)) = decision else {
        return;
    };
    let Some(id) = open.get(which % open.len().max(1)) else {
        return;
    };
    let later = |days| today + chrono::Days::new(days);
    match what {
        0 => monitor
            .acknowledge(id, key("eva"), today.and_hms_opt(19, 0, 0).unwrap())
            .unwrap(),
        1 => monitor.snooze(id, later(40)).unwrap(),
        _ => {
            let action = CorrectiveAction {
                action: "a visit together".into(),
                owner: key("eva"),
                deadline: later(10),
                check: later(20),
                done: None,
                outcome: None,
            };
            monitor.assign(id, action).unwrap();
            if what == 3 {
                monitor.carried_out(id, later(5)).unwrap();
            }
        }
    }
}

fn saved(monitor: &Monitor) -> Monitor {
    let back: Monitor = serde_json::from_str(&serde_json::to_string(monitor).unwrap()).unwrap();
    assert_eq!(&back, monitor);
    back
}

fn lived(record: &Incident) -> Lived {
    Lived {
        id: record.id.clone(),
        severity: record.severity,
        since: record.since,
        fired: record.fired,
        ended: (!record.status.is_open()).then(|| record.status.clone()),
        pauses: record.pauses.to_vec(),
        recurrence: record.recurrence,
    }
}

/// The part of what is told that follows from the records and not from who was told before.
fn of_records(events: &[Event]) -> Vec<(quotaflow::alert::AlertId, What)> {
    let mut told: Vec<_> = events
        .iter()
        .filter(|event| {
            !matches!(
                event.what,
                What::Repeated | What::Escalated | What::Woken | What::Checked(_)
            )
        })
        .map(|event| (event.id.clone(), event.what))
        .collect();
    told.sort();
    told
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn a_panel_that_grows_tells_what_the_whole_one_tells(
        cells in cells(SUBJECTS),
        rules in rules(),
        decisions in decisions(),
        saves in prop::collection::vec(any::<bool>(), PERIODS),
    ) {
        let order: Vec<usize> = (0..SUBJECTS).collect();
        let whole_panel = panel(&cells, SUBJECTS);
        let rules = RuleSet::compile(rules, &whole_panel).unwrap();
        let (mut whole, mut grown) = (Monitor::new(), Monitor::new());
        for period in 0..PERIODS {
            let panel = panel_grown(&cells, &order, period + 1);
            // A restart compiles the rules again, over the panel as it is by then.
            let again = RuleSet::compile(rules.rules().cloned(), &panel).unwrap();
            let told = step(&mut whole, &rules, &whole_panel, period);
            prop_assert_eq!(step(&mut grown, &again, &panel, period), told);
            let today = evening(&panel, period).date();
            for monitor in [&mut whole, &mut grown] {
                decide(monitor, today, decisions[period]);
            }
            if saves[period] {
                grown = saved(&grown);
            }
            prop_assert_eq!(&grown, &whole);
            prop_assert_eq!(grown.pending(), whole.pending());
        }
    }

    #[test]
    fn alerts_live_as_the_documentation_says(cells in cells(SUBJECTS), rules in rules(), decisions in decisions()) {
        let panel = panel(&cells, SUBJECTS);
        let rules = RuleSet::compile(rules, &panel).unwrap();
        let judge = rules.over(&panel).unwrap();
        let (mut monitor, mut model) = (Monitor::new(), Model::default());
        for (period, decision) in decisions.into_iter().enumerate() {
            let today = evening(&panel, period).date();
            let mut expected = model.go_on(&judge, period);
            expected.extend(model.give_up(&judge, today));
            expected.sort();
            let told = step(&mut monitor, &rules, &panel, period);
            prop_assert_eq!(of_records(&told), expected);
            decide(&mut monitor, today, decision);
            let mut alerts: Vec<Lived> = monitor.incidents().iter().map(lived).collect();
            alerts.sort_by(|left, right| left.id.cmp(&right.id));
            let mut known = model.alerts.clone();
            known.sort_by(|left, right| left.id.cmp(&right.id));
            prop_assert_eq!(alerts, known);
        }
    }

    #[test]
    fn records_that_come_late_leave_the_history_of_the_final_panel(
        before in cells(SUBJECTS),
        after in cells(SUBJECTS),
        rules in rules(),
        late in prop::collection::vec((0..PERIODS, 0..PERIODS, 0..SUBJECTS, 0_usize..9), 0..6),
        decisions in decisions(),
        saves in prop::collection::vec(any::<bool>(), PERIODS),
    ) {
        let order: Vec<usize> = (0..SUBJECTS).collect();
        let mut cells: Vec<Cells> = before;
        let rules = RuleSet::compile(rules, &panel(&cells, SUBJECTS)).unwrap();
        let mut known = BTreeSet::new();
        let mut monitor = Monitor::new();
        for period in 0..PERIODS {
            let at = evening(&panel(&cells, SUBJECTS), period);
            let current = panel_grown(&cells, &order, period + 1);
            monitor.advance(&rules.over(&current).unwrap(), rules.over(&current).unwrap().period_at(period), at).unwrap();
            known.extend(monitor.incidents().iter().map(|record| record.id.clone()));
            decide(&mut monitor, at.date(), decisions[period]);
            let corrected: Vec<_> = late.iter().filter(|(when, of, ..)| *when == period && *of <= period).collect();
            for (_, of, subject, column) in &corrected {
                cells[*column][of * SUBJECTS + subject] = after[*column][of * SUBJECTS + subject];
            }
            if !corrected.is_empty() {
                let told = monitor.incidents().to_vec();
                let current = panel_grown(&cells, &order, period + 1);
                let changed = monitor.correct(&rules, &current, at).unwrap();
                prop_assert_eq!(&changed, &restatements(&told, monitor.incidents()));
                for record in monitor.incidents() {
                    let moved = changed.iter().find(|change| change.id == record.id);
                    let old = match moved {
                        Some(change) => change.before.as_ref(),
                        None => told.iter().find(|old| old.id == record.id),
                    };
                    let Some(old) = old else {
                        prop_assert_eq!((record.told, record.rung, &record.corrective_action), (at, 0, &None));
                        continue;
                    };
                    prop_assert_eq!(&record.corrective_action, &old.corrective_action);
                    if old.status.is_open() && record.status.is_open() {
                        prop_assert_eq!((&record.status, record.told), (&old.status, old.told));
                    }
                }
            }
            if saves[period] {
                monitor = saved(&monitor);
            }
            let current = panel_grown(&cells, &order, period + 1);
            let fresh = Monitor::replay(&rules, &current, current.period_at(period), |_| at).unwrap();
            prop_assert_eq!(restatements(monitor.incidents(), fresh.incidents()), vec![]);
            prop_assert_eq!(monitor.pending(), fresh.pending());
            // The same alerts are open; one whose first day was moved by a correction keeps the identity under which it was told.
            let open = |monitor: &Monitor| -> Vec<_> {
                let open = monitor.open();
                open.map(|record| (record.id.rule().clone(), record.id.subject().to_vec(), record.fired)).collect()
            };
            prop_assert_eq!(open(&monitor), open(&fresh));
            for (own, other) in monitor.open().zip(fresh.open()) {
                prop_assert!(own.id == other.id || known.contains(&own.id), "{:?} for {:?}", own.id, other.id);
                prop_assert!(own.id.day() == own.fired || known.contains(&own.id), "{:?}", own.id);
            }
            known.extend(monitor.incidents().iter().map(|record| record.id.clone()));
        }
    }
}
