//! Laws of duty.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, Grain, WorkingDays, WorkingDaysDef};
use quotaflow::duty::{
    Chain, Conversion, CostMatrix, DoneItem, MatchRule, Outcome, PlannedItem, spread,
};
use quotaflow::key::Key;
use quotaflow::quantity::Ratio;

fn key(text: impl AsRef<str>) -> Key {
    Key::new(text).unwrap()
}

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + chrono::Days::new(offset)
}

/// The least cost, by trying every way.
fn slow(
    costs: &CostMatrix,
    rows: usize,
    alone: &[i64],
    columns: &mut Vec<(bool, i64)>,
    row: usize,
) -> i64 {
    if row == rows {
        return columns
            .iter()
            .filter(|(used, _)| !used)
            .map(|(_, cost)| cost)
            .sum();
    }
    let mut best = alone[row] + slow(costs, rows, alone, columns, row + 1);
    for column in 0..columns.len() {
        if let Some(cost) = costs.cost(row, column).filter(|_| !columns[column].0) {
            columns[column].0 = true;
            best = best.min(cost + slow(costs, rows, alone, columns, row + 1));
            columns[column].0 = false;
        }
    }
    best
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
            })
            .collect()
    })
}

proptest! {
    /// No assignment is cheaper than the one found, and it carries the proof.
    #[test]
    fn an_assignment_costs_least(
        rows in 0_usize..6,
        columns in 0_usize..6,
        cells in proptest::collection::vec(proptest::option::weighted(0.7, -20_i64..50), 36),
        alone in proptest::collection::vec(-10_i64..60, 12),
    ) {
        let mut costs = CostMatrix::new(rows, columns).unwrap();
        for row in 0..rows {
            costs.leave_row(row, alone[row]).unwrap();
            for column in 0..columns {
                if let Some(cost) = cells[row * 6 + column] {
                    costs.pair(row, column, cost).unwrap();
                }
            }
        }
        for column in 0..columns {
            costs.leave_column(column, alone[6 + column]).unwrap();
        }
        let best = costs.assign();
        let mut free: Vec<(bool, i64)> = alone[6..6 + columns].iter().map(|cost| (false, *cost)).collect();
        prop_assert_eq!(best.cost(), slow(&costs, rows, &alone, &mut free, 0));
        prop_assert!(best.proves_least(&costs));
        let used: Vec<usize> = best.columns().iter().flatten().copied().collect();
        prop_assert_eq!(used.iter().collect::<BTreeSet<_>>().len(), used.len());
    }

    /// Matching uses no item twice, and no single swap, pairing or parting makes it cheaper.
    #[test]
    fn a_matching_uses_each_item_once_and_beats_every_swap(plan in planned(), record in done(), short in 0_u32..60) {
        let rule = MatchRule { too_short: Some(short), other_customer: Some(45), ..MatchRule::default() };
        let report = rule.match_plan(&plan, &record, &[], day(40)).unwrap();
        let mut used = BTreeSet::new();
        let mut pairs: Vec<(PlannedItem, Option<DoneItem>)> = Vec::new();
        for (item, outcome) in &report.planned {
            let partner = match outcome {
                Outcome::Done { by, .. } => {
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
