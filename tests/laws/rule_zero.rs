//! Attainment of a target of zero, in every comparison, against what is said of it in words.

use proptest::prelude::*;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::measure::{Direction, Unit};
use quotaflow::panel::{Column, ColumnKey, Panel, Role};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::rule::{Condition, Is, Operand, RuleDef, RuleSet, Truth};
use quotaflow::scorecard::ZeroTarget;
use quotaflow::space::{Axis, Subjects};

const NOTHING_BETTER: [Direction; 4] = [
    Direction::Smaller,
    Direction::Target,
    Direction::Larger,
    Direction::Neutral,
];
const ALL: [Is; 6] = [
    Is::Below,
    Is::AtMost,
    Is::Equal,
    Is::NotEqual,
    Is::AtLeast,
    Is::Above,
];

/// Complaints of one month by person, with the target of each.
fn panel(cells: &[(i64, i64)], direction: Direction) -> Panel {
    panel_of(&[("complaints", cells)], direction)
}

fn panel_of(metrics: &[(&str, &[(i64, i64)])], direction: Direction) -> Panel {
    let cells = metrics[0].1;
    let names = (0..cells.len()).map(|at| Key::new(format!("s{at}")).unwrap());
    let people = Subjects::new(Axis::new("person", "person").unwrap(), names.collect()).unwrap();
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-02-01".parse().unwrap());
    let months = Calendar::gregorian()
        .periods(Grain::Month, from, to)
        .unwrap();
    let mut panel = Panel::new(people, months);
    let roles = [Role::Actual, Role::Target];
    let columns = metrics.iter().flat_map(|own| roles.map(|role| (own, role)));
    for ((metric, cells), role) in columns {
        let key = ColumnKey {
            metric: Key::new(*metric).unwrap(),
            role,
        };
        // The actual is in halves and the target whole, so that both quanta have a say.
        let quantum = match role {
            Role::Actual => Quantum::decimals(1).unwrap(),
            _ => Quantum::ONE,
        };
        let part = |(actual, target): &(i64, i64)| match role {
            Role::Actual => *actual,
            _ => *target,
        };
        let units = cells.iter().map(part).collect();
        let column = Column::amounts(key, Unit::Share, quantum, units).better(direction);
        panel.add(column).unwrap();
    }
    panel
}

/// Returns what attainment is against a number: met is all of it, missed is beyond every number.
fn said((actual, target): (i64, i64), direction: Direction, is: Is, number: Ratio) -> Option<bool> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    if target != 0 {
        let share = Ratio::new(i128::from(actual), i128::from(10 * target)).unwrap();
        return Some(is.holds(share.cmp(&number)));
    }
    let side = match direction {
        Direction::Smaller if actual > 0 => Greater,
        Direction::Smaller => Equal,
        Direction::Target => actual.cmp(&0),
        Direction::Larger | Direction::Neutral => return None,
    };
    Some(is.holds(match side {
        Less => Less,
        Equal => Ratio::ONE.cmp(&number),
        Greater => Greater,
    }))
}

/// Where an attainment stands: at a number, or beyond all numbers on one side.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stand {
    At(Ratio),
    Beyond(std::cmp::Ordering),
}

fn stand((actual, target): (i64, i64), direction: Direction) -> Option<Stand> {
    use std::cmp::Ordering::{Equal, Greater};
    if target != 0 {
        return Ratio::new(i128::from(actual), i128::from(10 * target))
            .ok()
            .map(Stand::At);
    }
    let side = match direction {
        Direction::Smaller if actual > 0 => Greater,
        Direction::Smaller => Equal,
        Direction::Target => actual.cmp(&0),
        Direction::Larger | Direction::Neutral => return None,
    };
    Some(match side {
        Equal => Stand::At(Ratio::ONE),
        side => Stand::Beyond(side),
    })
}

/// Returns what two attainments are to each other: on the same side beyond all numbers nobody knows.
fn said_of_two(left: Option<Stand>, right: Option<Stand>, is: Is) -> Option<bool> {
    let order = match (left?, right?) {
        (Stand::At(left), Stand::At(right)) => left.cmp(&right),
        (Stand::Beyond(side), Stand::At(_)) => side,
        (Stand::At(_), Stand::Beyond(side)) => side.reverse(),
        (Stand::Beyond(one), Stand::Beyond(two)) if one == two => return None,
        (Stand::Beyond(one), Stand::Beyond(_)) => one,
    };
    Some(is.holds(order))
}

fn truth(said: Option<bool>, found: Truth) -> bool {
    match said {
        Some(said) => found == Truth::from(said),
        None => found.is_unknown(),
    }
}

proptest! {
    #[test]
    fn a_target_of_zero_is_met_or_missed_in_every_comparison(
        cells in prop::collection::vec((-12_i64..13, -1_i64..2), 1..40),
        direction in prop::sample::select(&NOTHING_BETTER[..]),
        is in prop::sample::select(&ALL[..]),
        number in -3_i64..4,
        turned: bool,
        scaled: bool,
    ) {
        let panel = panel(&cells, direction);
        let month = panel.periods().id("2026-01").unwrap();
        let (attainment, number) = (Operand::attainment("complaints").unwrap(), Ratio::new(i128::from(number), 2).unwrap());
        let two = Ratio::from(2);
        let (operand, other) = if scaled {
            (attainment.times(two), Operand::number(number.checked_mul(two).unwrap()))
        } else {
            (attainment, Operand::number(number))
        };
        let when: Condition = if turned { other.is(is.exchanged(), operand) } else { operand.is(is, other) };
        let mut rule = RuleDef::new("zero", when).unwrap();
        let rules = RuleSet::compile([rule.clone()], &panel).unwrap();
        let fired: Vec<usize> = rules.evaluate(&panel, month).unwrap().iter().map(|alert| alert.subject().index()).collect();
        let judge = rules.over(&panel).unwrap();
        for (row, cell) in panel.subjects().ids().zip(&cells) {
            let expected = said(*cell, direction, is, number);
            let found = judge.truth(&rule.key, row, month).unwrap();
            prop_assert!(truth(expected, found), "{:?} {:?} {} {:?}: {:?}", cell, is, number, direction, found);
            prop_assert_eq!(fired.contains(&row.index()), expected == Some(true), "blocks say what cells say of {:?}", cell);
        }
        rule.zero_target = ZeroTarget::NoBase;
        let rules = RuleSet::compile([rule.clone()], &panel).unwrap();
        let judge = rules.over(&panel).unwrap();
        for (row, cell) in panel.subjects().ids().zip(&cells) {
            let expected = said(*cell, direction, is, number).filter(|_| cell.1 != 0);
            prop_assert!(truth(expected, judge.truth(&rule.key, row, month).unwrap()));
        }
    }

    #[test]
    fn two_attainments_stand_to_each_other_as_each_of_them_does_to_numbers(
        cells in prop::collection::vec(((-12_i64..13, -1_i64..2), (-12_i64..13, -1_i64..2)), 1..40),
        direction in prop::sample::select(&NOTHING_BETTER[..]),
        is in prop::sample::select(&ALL[..]),
        same: bool,
    ) {
        let (one, two): (Vec<_>, Vec<_>) = cells.iter().copied().unzip();
        let panel = panel_of(&[("complaints", &one), ("returns", &two)], direction);
        let month = panel.periods().id("2026-01").unwrap();
        let other = if same { "complaints" } else { "returns" };
        let when = Operand::attainment("complaints").unwrap().is(is, Operand::attainment(other).unwrap());
        let rule = RuleDef::new("zero", when).unwrap();
        let rules = RuleSet::compile([rule.clone()], &panel).unwrap();
        let fired: Vec<usize> = rules.evaluate(&panel, month).unwrap().iter().map(|alert| alert.subject().index()).collect();
        let judge = rules.over(&panel).unwrap();
        for (row, (left, right)) in panel.subjects().ids().zip(&cells) {
            let right = if same { left } else { right };
            let expected = said_of_two(stand(*left, direction), stand(*right, direction), is);
            let found = judge.truth(&rule.key, row, month).unwrap();
            prop_assert!(truth(expected, found), "{:?} {:?} {:?} {:?}: {:?}", left, is, right, direction, found);
            prop_assert_eq!(fired.contains(&row.index()), expected == Some(true), "{:?} {:?}", left, right);
        }
    }
}
