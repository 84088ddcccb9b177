//! Laws of duty.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, Grain, WorkingDays, WorkingDaysDef};
use quotaflow::duty::{
    ActivityQuota, Candidacy, Chain, Conversion, Departure, DoneItem, Fulfilment, MatchRule,
    PlannedItem, spread,
};
use quotaflow::key::Key;
use quotaflow::quantity::Ratio;

fn key(text: impl AsRef<str>) -> Key {
    Key::new(text).unwrap()
}

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + chrono::Days::new(offset)
}

fn planned() -> impl Strategy<Value = Vec<PlannedItem>> {
    proptest::collection::vec((0_u8..2, 0_u8..3, 0_u64..12, 0_u32..60), 0..9).prop_map(|drawn| {
        (0..)
            .zip(drawn)
            .map(|(id, (person, customer, on, minutes))| PlannedItem {
                id: key(format!("p{id}")),
                person: key(format!("person {person}")),
                kind: key("visit"),
                customer: Some(key(format!("c{customer}"))),
                place: None,
                day: day(on),
                minutes: Some(minutes),
            })
            .collect()
    })
}

fn done() -> impl Strategy<Value = Vec<DoneItem>> {
    proptest::collection::vec((0_u8..2, 0_u8..3, 0_u64..12, 0_u32..60), 0..9).prop_map(|drawn| {
        (0..)
            .zip(drawn)
            .map(|(id, (person, customer, on, minutes))| DoneItem {
                id: key(format!("d{id}")),
                person: key(format!("person {person}")),
                kind: key("visit"),
                customer: Some(key(format!("c{customer}"))),
                place: None,
                day: day(on),
                minutes: Some(minutes),
                outcome: None,
            })
            .collect()
    })
}

proptest! {
    /// Matching uses no item twice, and no single swap, pairing or parting makes it cheaper.
    #[test]
    fn a_matching_uses_each_item_once_and_beats_every_swap(plan in planned(), record in done(), short in 0_u32..60) {
        let rule = MatchRule { too_short: Some(short), other_customer: Some(45), ..MatchRule::default() };
        let report = rule.match_plan(&plan, &record, &[], day(40)).unwrap();
        let mut used = BTreeSet::new();
        let mut pairs: Vec<(PlannedItem, Option<DoneItem>)> = Vec::new();
        for (item, outcome) in &report.planned {
            let partner = match outcome {
                Fulfilment::Done { by, .. } => {
                    prop_assert!(used.insert(by.clone()));
                    Some(record.iter().find(|one| one.id == *by).unwrap().clone())
                }
                _ => None,
            };
            pairs.push((item.clone(), partner));
        }
        prop_assert_eq!(report.planned.len(), plan.len());
        prop_assert_eq!(used.len() + report.unplanned.len(), record.len());
        let cost = |pairs: &[(PlannedItem, Option<DoneItem>)], unplanned: usize| -> Option<i64> {
            let mut sum = i64::from(rule.unplanned) * i64::try_from(unplanned).unwrap();
            for (item, partner) in pairs {
                sum += match partner {
                    Some(partner) => i64::from(rule.departures(item, partner)?.1),
                    None => i64::from(rule.missed),
                };
            }
            Some(sum)
        };
        let free = report.unplanned.len();
        prop_assert_eq!(cost(&pairs, free), Some(report.cost));
        for left in 0..pairs.len() {
            for right in 0..left {
                let mut other = pairs.clone();
                let moved = other[left].1.take();
                other[left].1 = std::mem::replace(&mut other[right].1, moved);
                prop_assert!(cost(&other, free).is_none_or(|cost| cost >= report.cost));
            }
            for one in &report.unplanned {
                let mut other = pairs.clone();
                let freed = other[left].1.replace(one.clone());
                let unplanned = if freed.is_some() { free } else { free - 1 };
                prop_assert!(cost(&other, unplanned).is_none_or(|cost| cost >= report.cost));
            }
            let mut other = pairs.clone();
            if other[left].1.take().is_some() {
                prop_assert!(cost(&other, free + 1).is_none_or(|cost| cost >= report.cost));
            }
        }
    }

    /// Early and late are the working days that a walk from day to day passes, and whoever is within them is matched.
    #[test]
    fn working_days_of_a_matching_are_those_that_a_walk_passes(
        planned in 0_u64..40, held in 0_u64..40, free in proptest::collection::btree_set(0_u64..40, 0..12),
        week in prop::array::uniform7(any::<bool>()), early_days in 0_u32..4, late_days in 0_u32..4,
    ) {
        let weights = week.map(|worked| if worked { Ratio::ONE } else { Ratio::ZERO });
        let def = free.iter().fold(WorkingDaysDef::new(key("office"), weights), |def, at| def.holiday(day(*at), ""));
        let working = WorkingDays::new(def).unwrap();
        let rule = MatchRule { early_days, late_days, working_days: Some(working.clone()), ..MatchRule::default() };
        let item = |id: &str, at| (key(id), day(at));
        let ((id, due), (record_id, on)) = (item("p", planned), item("d", held));
        let item = PlannedItem { id, person: key("a"), kind: key("v"), customer: None, place: None, day: due, minutes: None };
        let record = DoneItem { id: record_id, person: key("a"), kind: key("v"), customer: None, place: None, day: on, minutes: None, outcome: None };
        let passed = |from: u64, to: u64| u32::try_from((from..to).filter(|at| working.is_working(day(*at))).count()).unwrap();
        let (early, late) = (passed(held, planned), passed(planned + 1, held + 1));
        let counts = early <= early_days && late <= late_days;
        let told = rule.departures(&item, &record);
        prop_assert_eq!(told.is_some(), counts);
        if let Some((departures, cost)) = told {
            let expected: Vec<Departure> = [(held < planned).then_some(Departure::Early(early)), (held > planned).then_some(Departure::Late(late))]
                .into_iter().flatten().collect();
            prop_assert_eq!((departures, cost), (expected, 10 * (early + late)));
        }
        let report = rule.match_plan(std::slice::from_ref(&item), &[record], &[], day(60)).unwrap();
        prop_assert_eq!(matches!(report.planned[0].1, Fulfilment::Done { .. }), counts);
        // Without a record it is overdue as long as a later one would still count.
        let open = rule.match_plan(&[item], &[], &[], on).unwrap();
        let still = (held + 1..90).any(|at| passed(planned + 1, at + 1) <= late_days);
        match &open.planned[0].1 {
            Fulfilment::NotYetDue => prop_assert!(planned > held),
            Fulfilment::Overdue => prop_assert!(planned <= held && still),
            other => prop_assert!(planned <= held && !still, "{:?}", other),
        }
    }

    /// The explanations of all items name each record that serves once, and their costs make up the whole.
    #[test]
    fn explanations_of_a_matching_add_up_to_its_cost(plan in planned(), record in done(), short in 0_u32..60) {
        let rule = MatchRule { too_short: Some(short), other_customer: Some(45), ..MatchRule::default() };
        let report = rule.match_plan(&plan, &record, &[], day(40)).unwrap();
        let (mut cost, mut used) = (0_i64, BTreeSet::new());
        for (item, outcome) in &report.planned {
            let candidates = rule.candidates(item, &report, &record);
            prop_assert_eq!(candidates.len(), record.iter().filter(|one| one.person == item.person).count());
            let taken: Vec<_> = candidates.iter().filter(|one| one.became == Candidacy::Taken).collect();
            if let Fulfilment::Done { by, departures, cost: told } = outcome {
                prop_assert_eq!(taken.len(), 1);
                prop_assert_eq!((&taken[0].record, &taken[0].departures, taken[0].cost), (by, departures, Some(*told)));
                prop_assert!(used.insert(by.clone()));
                cost += i64::from(*told);
            } else {
                prop_assert!(taken.is_empty());
                cost += i64::from(rule.missed);
                // A record that was left alone and would count costs no less than leaving both alone.
                for one in candidates.iter().filter(|one| one.became == Candidacy::LeftAlone) {
                    prop_assert!(one.cost.unwrap() >= rule.missed + rule.unplanned);
                }
            }
        }
        cost += i64::from(rule.unplanned) * i64::try_from(report.unplanned.len()).unwrap();
        prop_assert_eq!(cost, report.cost);
    }

    /// Activity by period adds up to the need of all targets, and up to every period it is the least that is enough.
    #[test]
    fn activity_by_period_is_always_just_enough(targets in proptest::collection::vec(-50_i64..100_000, 0..13), top in 1_i128..5_000, bottom in 1_i128..50) {
        let brings = Ratio::new(top, bottom).unwrap();
        let chain = Chain::new(vec![Conversion { activity: key("orders"), brings }]).unwrap();
        let exact: Vec<Ratio> = targets.iter().map(|target| Ratio::from(*target)).collect();
        let needed = chain.needed_by_period(&exact).unwrap();
        let (mut count, mut target) = (0, 0);
        for (own, planned) in targets.iter().zip(&needed[0].1) {
            target += (*own).max(0);
            count += planned;
            prop_assert!(*planned >= 0);
            let reached = |count: i64| brings.checked_mul(Ratio::from(count)).unwrap();
            prop_assert!(reached(count) >= Ratio::from(target));
            prop_assert!(count == 0 || reached(count - 1) < Ratio::from(target));
        }
        prop_assert_eq!(needed[0].1.len(), targets.len());
        prop_assert_eq!(count, chain.needed(Ratio::from(target)).unwrap()[0].1);
    }

    /// A quota counts what a look at every record counts, and some of it is never more than the whole.
    #[test]
    fn a_quota_counts_as_one_by_one(
        drawn in proptest::collection::vec((0_u8..2, 0_u8..4, 0_u64..40, 0_u8..3), 0..25),
        until in 0_u64..45,
        uninterested: bool,
    ) {
        let records: Vec<DoneItem> = (10..).zip(&drawn).map(|(id, (person, customer, on, outcome))| DoneItem {
            id: key(format!("d{id}")),
            person: key(format!("p{person}")),
            kind: key("visit"),
            customer: Some(key(format!("c{customer}"))),
            place: None,
            day: day(*on),
            minutes: None,
            outcome: ["no", "yes"].get(usize::from(*outcome)).map(key),
        }).collect();
        let before = if uninterested { r#"{"last_outcome": ["no"]}"# } else { r#""never_contacted""# };
        let quota: ActivityQuota = serde_json::from_str(&format!(
            r#"{{"key": "q", "who": ["p0", "p1"], "quota": {{"counts": "all", "before": {before}, "floor": 2,
                "of_which": [{{"counts": "won", "outcomes": ["yes"], "floor": 1}}]}}}}"#,
        )).unwrap();
        let weeks = Calendar::gregorian().periods(Grain::Week, day(7), day(35)).unwrap();
        let report = quota.report(&records, &weeks, day(until)).unwrap();
        let mut reversed = records.clone();
        reversed.reverse();
        prop_assert_eq!(&quota.report(&reversed, &weeks, day(until)).unwrap(), &report);
        prop_assert_eq!(report.persons.len(), 2 * weeks.iter().filter(|week| week.start <= day(until)).count());
        let mut sorted: Vec<&DoneItem> = records.iter().filter(|one| one.day <= day(until)).collect();
        sorted.sort_by_key(|one| (one.day, one.id.clone()));
        for told in &report.persons {
            let week = weeks.range(weeks.id(told.period.as_str()).unwrap()).unwrap();
            let own = |one: &&&DoneItem| one.person == told.person && week.contains(one.day);
            for (line, won) in told.lines.iter().zip([false, true]) {
                let slow: BTreeSet<&Key> = sorted.iter().filter(own).filter(|one| {
                    let with = sorted.iter().filter(|other| other.customer == one.customer);
                    if uninterested {
                        let mut earlier = with.filter(|other| other.day < week.start() && other.outcome.is_some());
                        earlier.next_back().is_some_and(|last| last.outcome == Some(key("no")))
                    } else {
                        // The very first record with the customer is this person's, in this week.
                        with.clone().next().is_some_and(|first| own(&first))
                    }
                }).filter(|one| !won || one.outcome == Some(key("yes"))).filter_map(|one| one.customer.as_ref()).collect();
                prop_assert_eq!(line.counted.iter().collect::<BTreeSet<_>>(), slow);
                prop_assert_eq!(line.line.reached, u64::try_from(line.counted.len()).unwrap());
            }
            prop_assert!(told.lines[1].line.reached <= told.lines[0].line.reached);
        }
    }

    /// The order of the lists means nothing.
    #[test]
    fn matching_does_not_depend_on_the_order_of_the_lists(plan in planned(), record in done(), by in 0_usize..9) {
        let rule = MatchRule::default();
        let (mut other_plan, mut other_record) = (plan.clone(), record.clone());
        other_plan.reverse();
        let by = by % record.len().max(1);
        other_record.rotate_left(by);
        prop_assert_eq!(
            rule.match_plan(&plan, &record, &[], day(8)),
            rule.match_plan(&other_plan, &other_record, &[], day(8))
        );
    }

    /// Activity adds up to the need, and the need is the smallest that brings the target.
    #[test]
    fn activity_adds_up_to_the_smallest_need(target in 1_i64..1_000_000, tops in proptest::collection::vec((1_i128..50, 1_i128..50), 1..4), from in 0_u64..40, per_day in 0_i64..20) {
        let steps: Vec<Conversion> = (0..).zip(&tops).map(|(index, (top, bottom))| Conversion {
            activity: key(format!("a{index}")),
            brings: Ratio::new(*top, *bottom).unwrap(),
        }).collect();
        let chain = Chain::new(steps).unwrap();
        let needed = chain.needed(Ratio::from(target)).unwrap();
        let mut each = Ratio::ONE;
        for ((_, count), step) in needed.iter().zip(chain.steps()) {
            each = each.checked_mul(step.brings).unwrap();
            let brings = |count: i64| each.checked_mul(Ratio::from(count)).unwrap();
            prop_assert!(brings(*count) >= Ratio::from(target));
            prop_assert!(brings(count - 1) < Ratio::from(target));
        }
        let working = WorkingDays::new(WorkingDaysDef::monday_to_friday(key("office"))).unwrap();
        let weeks = Calendar::gregorian().periods(Grain::Week, day(0), day(56)).unwrap();
        let plan = spread(needed[0].1, &weeks, day(from), &working, Ratio::from(per_day)).unwrap();
        prop_assert_eq!(plan.needed(), needed[0].1);
        for (period, planned) in weeks.iter().zip(&plan.planned) {
            prop_assert!(period.end > day(from) || *planned == 0);
        }
    }
}
