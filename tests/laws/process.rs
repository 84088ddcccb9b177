//! Laws of process.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta};
use proptest::prelude::*;
use quotaflow::calendar::{WorkingDays, WorkingDaysDef, WorkingHours, WorkingHoursDef};
use quotaflow::key::Key;
use quotaflow::process::{
    Costs, EventLogBuilder, Extent, Instance, Join, LogEvent, Pairing, Position, Split, StepEvent,
    StepEventKind, StepId, TaskDef, Workflow, WorkflowDef,
};
use quotaflow::quantity::Ratio;

fn key(text: impl AsRef<str>) -> Key {
    Key::new(text).unwrap()
}

/// Random steps that wait for earlier ones; many of them are refused by the check.
fn definition(most: usize) -> impl Strategy<Value = WorkflowDef> {
    let step = (any::<u32>(), 0..4_u8, 0..4_u8, 0..5_u8);
    proptest::collection::vec(step, 1..most).prop_map(|drawn| {
        let steps = drawn
            .iter()
            .enumerate()
            .map(|(index, (before, join, split, optional))| {
                let after = (0..index)
                    .filter(|other| before >> other & 1 == 1)
                    .rev()
                    .take(3);
                let mut step = TaskDef::new(key(format!("s{index}")))
                    .owned_by(key("post"))
                    .within(30, 60)
                    .judged_by("done")
                    .after(after.map(|other| key(format!("s{other}"))));
                step.join = if *join == 0 { Join::Any } else { Join::All };
                step.split = if *split == 0 { Split::One } else { Split::All };
                step.optional = *optional == 0;
                step
            });
        WorkflowDef::new(key("work"), steps.collect())
    })
}

fn accepted(most: usize) -> impl Strategy<Value = Workflow> {
    definition(most).prop_filter_map("accepted", |definition| Workflow::new(definition).ok())
}

fn office() -> WorkingHours {
    let days = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("days"))).unwrap();
    let shifts = [
        "09:00-12:00".parse().unwrap(),
        "13:00-18:00".parse().unwrap(),
    ];
    WorkingHours::new(WorkingHoursDef::on_working_days(
        key("office"),
        &shifts,
        &days,
    ))
    .unwrap()
}

fn monday() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 3, 2)
        .unwrap()
        .and_hms_opt(9, 0, 0)
        .unwrap()
}

/// The cheapest explanation, by trying everything.
fn slow_cost(
    at: &Position<'_>,
    workflow: &Workflow,
    trace: &[Option<StepId>],
    extent: Extent,
) -> u64 {
    let mut best = u64::MAX;
    if trace.is_empty() && (extent == Extent::Begun || at.is_complete()) {
        return 0;
    }
    if let Some((first, rest)) = trace.split_first() {
        if let Some(step) = first {
            let mut next = at.clone();
            if next.complete(*step) {
                best = best.min(slow_cost(&next, workflow, rest, extent));
            }
        }
        best = best.min(slow_cost(at, workflow, rest, extent).saturating_add(1));
    }
    for step in at.ready() {
        let mut next = at.clone();
        assert!(next.complete(step));
        let cost = u64::from(!workflow.steps()[step.index()].optional);
        best = best.min(slow_cost(&next, workflow, trace, extent).saturating_add(cost));
    }
    best
}

/// A token on the way from one step, or from the start, to another.
type Token = (Option<usize>, usize);

/// Follows every run in every order: a step done twice, a token left at the end, or a step that no run does.
fn has_trouble(definition: &WorkflowDef) -> bool {
    let steps = &definition.steps;
    let number = |key: &Key| steps.iter().position(|step| step.key == *key).unwrap();
    let after: Vec<Vec<usize>> = steps
        .iter()
        .map(|step| step.after.iter().map(number).collect())
        .collect();
    let followers = |step: usize| -> Vec<usize> {
        let waits = |other: &usize| after[*other].contains(&step);
        (0..steps.len()).filter(waits).collect()
    };
    let start: BTreeSet<Token> = (0..steps.len())
        .filter(|step| after[*step].is_empty())
        .map(|step| (None, step))
        .collect();
    let mut open = vec![(start, BTreeSet::new())];
    let mut seen: BTreeSet<(BTreeSet<Token>, BTreeSet<usize>)> = open.iter().cloned().collect();
    let mut begun = BTreeSet::new();
    while let Some((tokens, done)) = open.pop() {
        let mut moved = false;
        for step in 0..steps.len() {
            let own: Vec<Token> = tokens
                .iter()
                .copied()
                .filter(|(_, to)| *to == step)
                .collect();
            let takes: Vec<Vec<Token>> = if after[step].is_empty() || steps[step].join == Join::Any
            {
                own.into_iter().map(|token| vec![token]).collect()
            } else if own.len() == after[step].len() {
                vec![own]
            } else {
                Vec::new()
            };
            for taken in takes {
                moved = true;
                begun.insert(step);
                if done.contains(&step) {
                    return true;
                }
                let mut rest = tokens.clone();
                rest.retain(|token| !taken.contains(token));
                let mut done = done.clone();
                done.insert(step);
                let all = followers(step);
                let branches: Vec<Vec<usize>> = if steps[step].split == Split::One && all.len() > 1
                {
                    all.into_iter().map(|one| vec![one]).collect()
                } else {
                    vec![all]
                };
                for branch in branches {
                    let mut next = rest.clone();
                    next.extend(branch.into_iter().map(|to| (Some(step), to)));
                    let state = (next, done.clone());
                    if seen.insert(state.clone()) {
                        open.push(state);
                    }
                }
            }
        }
        if !moved && !tokens.is_empty() {
            return true;
        }
    }
    begun.len() < steps.len()
}

proptest! {
    /// A workflow that the check accepts can always be completed, whatever is done in whatever order.
    #[test]
    fn an_accepted_workflow_can_always_be_completed(workflow in accepted(9), choices in proptest::collection::vec(any::<usize>(), 12)) {
        let mut at = workflow.begin();
        let mut done = BTreeSet::new();
        for choice in choices {
            let ready = at.ready();
            if ready.is_empty() {
                break;
            }
            let step = ready[choice % ready.len()];
            prop_assert!(at.complete(step));
            prop_assert!(done.insert(step), "a step was done twice");
        }
        prop_assert!(at.is_complete());
    }

    /// The check says of a workflow what following every run in every order says.
    #[test]
    fn a_check_finds_what_every_run_finds(definition in definition(7)) {
        use quotaflow::process::Defect;
        let findings = definition.check();
        let ways = |finding: &&Defect| {
            matches!(finding, Defect::Stuck { .. } | Defect::DoneTwice { .. } | Defect::Unreachable(_))
        };
        let refused = findings.iter().any(|finding| ways(&finding));
        prop_assert_eq!(refused, has_trouble(&definition), "{:?}", findings);
        for finding in findings {
            if let Defect::Stuck { decisions, waiting } = finding {
                prop_assert!(!waiting.is_empty());
                // The witness is a way: every decision was made by a step that decides, for a step that waits for it.
                for (from, to) in decisions {
                    let step = |wanted: &Key| definition.steps.iter().find(|step| step.key == *wanted).unwrap();
                    prop_assert_eq!(step(&from).split, Split::One);
                    prop_assert!(step(&to).after.contains(&from));
                }
            }
        }
    }

    /// No explanation is cheaper than the alignment, and the alignment is one.
    #[test]
    fn an_alignment_costs_least(workflow in accepted(6), picks in proptest::collection::vec(0_usize..7, 0..6), whole: bool) {
        let extent = if whole { Extent::Whole } else { Extent::Begun };
        let steps = workflow.steps().len();
        let trace: Vec<Option<StepId>> = picks.iter().map(|pick| workflow.step(&format!("s{pick}")).filter(|_| *pick < steps)).collect();
        let found = workflow.align(&trace, extent, Costs::default()).unwrap();
        prop_assert_eq!(found.cost, slow_cost(&workflow.begin(), &workflow, &trace, extent));
        let (mut at, mut events, mut cost) = (workflow.begin(), 0, 0);
        for step in &found.pairings {
            match step {
                Pairing::Both { step } => {
                    let step = workflow.require(step.as_str()).unwrap();
                    prop_assert_eq!(trace[events], Some(step));
                    prop_assert!(at.complete(step));
                    events += 1;
                }
                Pairing::Event { step } => {
                    prop_assert_eq!(trace[events].and_then(|step| workflow.key_of(step)), step.as_ref());
                    (events, cost) = (events + 1, cost + 1);
                }
                Pairing::Step { step, optional } => {
                    prop_assert!(at.complete(workflow.require(step.as_str()).unwrap()));
                    cost += u64::from(!optional);
                }
            }
        }
        prop_assert_eq!((events, cost), (trace.len(), found.cost));
        prop_assert!(extent == Extent::Begun || at.is_complete());
        if let Some(fitness) = found.fitness() {
            prop_assert!(!fitness.is_negative() && fitness <= Ratio::ONE);
        }
    }

    /// A step of another workflow is an error with its place, and never a panic; one that both have is the same step.
    #[test]
    fn a_step_of_another_workflow_is_refused(workflow in accepted(5), other in accepted(9), picks in proptest::collection::vec(0_usize..9, 0..5)) {
        let trace: Vec<Option<StepId>> = picks.iter().map(|pick| other.step(&format!("s{pick}"))).collect();
        let foreign = trace.iter().flatten().any(|step| step.index() >= workflow.steps().len());
        prop_assert_eq!(workflow.align(&trace, Extent::Begun, Costs::default()).is_err(), foreign);
        prop_assert_eq!(workflow.token_replay(&trace).is_err(), foreign);
        for step in trace.into_iter().flatten() {
            let known = step.index() < workflow.steps().len();
            prop_assert_eq!(workflow.key_of(step).is_some(), known);
            prop_assert!(known || !workflow.begin().is_ready(step) && !workflow.begin().complete(step));
        }
    }

    /// Whoever does the steps when they are ready fits in every measure, and everything measured adds up.
    #[test]
    fn a_run_as_planned_fits(workflow in accepted(8), choices in proptest::collection::vec((any::<usize>(), 0_i64..200), 10)) {
        let mut at = workflow.begin();
        let (mut time, mut events, mut trace) = (monday(), Vec::new(), Vec::new());
        for (choice, minutes) in choices {
            let ready = at.ready();
            if ready.is_empty() {
                break;
            }
            let step = ready[choice % ready.len()];
            at.complete(step);
            trace.push(Some(step));
            for kind in [StepEventKind::Started, StepEventKind::Completed] {
                let step = workflow.key_of(step).unwrap().clone();
                events.push(StepEvent { at: time, sequence: 0, step, kind, by: None });
                time += TimeDelta::minutes(minutes);
            }
        }
        prop_assert_eq!(workflow.align(&trace, Extent::Whole, Costs::default()).unwrap().cost, 0);
        prop_assert_eq!(workflow.token_replay(&trace).unwrap().fitness(), Some(Ratio::ONE));
        let instance = Instance { key: key("1"), opened: monday(), closed: None, events };
        let report = workflow.replay(&instance, &office(), time).unwrap();
        prop_assert!(report.complete && report.nonconformities.is_empty());
        prop_assert!(report.cycle >= 0 && report.waiting >= 0 && report.waiting <= report.cycle);
        for step in &report.steps {
            if let (Some(response), Some(service), Some(cycle)) = (step.response, step.service, step.cycle) {
                prop_assert!(response >= 0 && service >= 0);
                prop_assert_eq!(response + service, cycle);
            }
        }
    }

    /// The order of the list of events means nothing, also where times are equal.
    #[test]
    fn replay_does_not_depend_on_the_order_of_the_list(
        workflow in accepted(6),
        (events, other) in proptest::collection::vec((0_usize..6, 0_i64..4, 0_u64..2, 0..4_u8, 0..3_u8), 0..8)
            .prop_map(|drawn| drawn.into_iter().map(|(step, hours, sequence, kind, by)| StepEvent {
                at: monday() + TimeDelta::hours(hours),
                sequence,
                step: key(format!("s{step}")),
                kind: [StepEventKind::Assigned, StepEventKind::Started, StepEventKind::Completed, StepEventKind::Intervened]
                    [usize::from(kind)],
                by: (by > 0).then(|| key(format!("person {by}"))),
            }).collect::<Vec<StepEvent>>())
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
    ) {
        let replay = |events: Vec<StepEvent>| {
            let instance = Instance { key: key("1"), opened: monday(), closed: None, events };
            workflow.replay(&instance, &office(), monday() + TimeDelta::days(2)).unwrap()
        };
        prop_assert_eq!(replay(events), replay(other));
    }

    /// A log says the same however its cases are interleaved, and as much as a slow count.
    #[test]
    fn a_log_counts_as_one_by_one(drawn in proptest::collection::vec((0_u8..4, 0_u8..4, 0_i64..6, 0_u8..3), 0..30)) {
        let instant = |hours: i64| DateTime::parse_from_rfc3339("2026-03-28T22:00:00+01:00").unwrap() + TimeDelta::hours(hours);
        let rows: Vec<(String, String, i64, String)> = drawn.iter().map(|(case, activity, hours, who)| {
            let who = if *who == 0 { String::new() } else { who.to_string() };
            (case.to_string(), activity.to_string(), *hours, who)
        }).collect();
        let build = |rows: &[(String, String, i64, String)]| {
            let mut log = EventLogBuilder::new();
            for (case, activity, hours, who) in rows {
                log.push(LogEvent { case, activity, at: instant(*hours), resource: Some(who) }).unwrap();
            }
            log.build()
        };
        let found = build(&rows).statistics();
        let mut by_case = rows.clone();
        by_case.sort_by(|a, b| b.0.cmp(&a.0));
        prop_assert_eq!(&build(&by_case).statistics(), &found);
        // Slow: each case on its own, sorted by instant, then pair by pair.
        let mut cases: BTreeMap<&str, Vec<&(String, String, i64, String)>> = BTreeMap::new();
        for row in &rows {
            cases.entry(&row.0).or_default().push(row);
        }
        let (mut handovers, mut direct, mut rework) = (0, 0, 0);
        for events in cases.values_mut() {
            events.sort_by_key(|row| row.2);
            for pair in events.windows(2) {
                direct += usize::from(pair[0].1 == pair[1].1);
                handovers += usize::from(!pair[0].3.is_empty() && !pair[1].3.is_empty() && pair[0].3 != pair[1].3);
            }
            let distinct: BTreeSet<&str> = events.iter().map(|row| row.1.as_str()).collect();
            rework += usize::from(distinct.len() < events.len());
        }
        prop_assert_eq!(found.handover_total(), handovers);
        prop_assert_eq!(found.activities.values().map(|activity| activity.direct_repeats).sum::<usize>(), direct);
        prop_assert_eq!(found.cases_with_any_repeat, rework);
        prop_assert_eq!(found.events, rows.len());
        prop_assert_eq!(found.variants.iter().map(|variant| variant.count).sum::<usize>(), cases.len());
        prop_assert_eq!(found.directly_follows.iter().map(|pair| pair.waiting.len()).sum::<usize>(), rows.len() - cases.len());
    }
}
