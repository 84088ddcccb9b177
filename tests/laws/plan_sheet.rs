//! A plan that is given away as a table and comes back is what the table says, and nothing else.

use proptest::prelude::*;
use proptest::sample::Index;
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::plan::{Change, Edit, HoldEdit, HoldWhat, NodeId, Place, Plan, SheetDef};
use rust_decimal::Decimal;

use crate::plan::{nodes, world};

fn change(plan: &Plan, edits: Vec<Edit>) -> Change {
    Change {
        version: Version::default(),
        by: Key::new("ann").unwrap(),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: "law".to_owned(),
        based_on: plan.version(),
        edits,
    }
}

fn units(plan: &Plan, node: NodeId) -> i64 {
    plan.amount("sales", node).unwrap().units()
}

fn is_leaf(plan: &Plan, node: NodeId) -> bool {
    plan.frame().children(node).len() == 0
}

fn is_part(place: &Place, of: &Place) -> bool {
    of.iter().all(|named| place.iter().any(|own| own == named))
}

proptest! {
    #![proptest_config(crate::cases(300))]

    #[test]
    fn a_sheet_that_comes_back_makes_the_plan_what_it_says(
        world in world(),
        at in any::<Index>(),
        named in any::<u8>(),
        holds in prop::collection::vec(any::<Index>(), 0..3),
        edits in prop::collection::vec((any::<Index>(), -500_i64..5_000), 0..5),
        lost in prop::option::of(any::<Index>()),
        turned in any::<bool>(),
    ) {
        let Some(mut plan) = world.plan() else { return Ok(()) };
        let all: Vec<NodeId> = nodes(&plan).collect();
        let holds = holds.iter().map(|at| plan.frame().place(all[at.index(all.len())]));
        let hold = Edit::Hold(HoldEdit {
            measure: Key::new("sales").unwrap(),
            at: holds.collect(),
            what: HoldWhat::Total,
        });
        let made = change(&plan, vec![hold]);
        plan.apply(made).unwrap();
        // A part: some of the steps of some node.
        let at = plan.frame().place(all[at.index(all.len())]);
        let at: Place = at.iter().enumerate().filter(|(step, _)| named >> step & 1 == 1).map(|(_, (step, name))| (step.clone(), name.clone())).collect();
        let def = SheetDef { at: at.clone(), ..SheetDef::default() };
        let sheet = plan.as_sheet(&def).unwrap();
        let wanted: Vec<NodeId> = all.iter().copied().filter(|node| is_leaf(&plan, *node) && is_part(&plan.frame().place(*node), &at)).collect();
        let mut shown: Vec<NodeId> = sheet.rows.iter().map(|row| row.node).collect();
        shown.sort_unstable();
        prop_assert_eq!(&shown, &wanted);
        let mut lines: Vec<Vec<String>> = sheet.lines().collect();
        let same = plan.read_sheet(&sheet.def, sheet.based_on, &lines).unwrap();
        prop_assert!(same.edits.is_empty() && same.differences.is_empty() && same.missing.is_empty());
        // What each leaf is to be: the last edit of it counts.
        let mut after: Vec<(NodeId, i64)> = all.iter().filter(|node| is_leaf(&plan, **node)).map(|node| (*node, units(&plan, *node))).collect();
        let amounts = lines[0].len() - 2;
        for (row, amount) in edits {
            if sheet.rows.is_empty() {
                break;
            }
            let row = row.index(sheet.rows.len());
            lines[row + 1][amounts] = Decimal::new(amount, 2).to_string();
            after.iter_mut().find(|(node, _)| *node == sheet.rows[row].node).unwrap().1 = amount;
        }
        let lost = lost.filter(|_| !sheet.rows.is_empty()).map(|lost| lost.index(sheet.rows.len()));
        if let Some(lost) = lost {
            lines.remove(lost + 1);
            let node = sheet.rows[lost].node;
            after.iter_mut().find(|(own, _)| *own == node).unwrap().1 = units(&plan, node);
        }
        if turned {
            lines[1..].reverse();
        }
        let moved: Vec<(NodeId, i64)> = after.iter().copied().filter(|(node, amount)| units(&plan, *node) != *amount).collect();
        // Held leaves do not move, and held totals end as they were.
        let below = |above: NodeId| {
            let above = plan.frame().place(above);
            moved.iter().filter(|(node, _)| is_part(&plan.frame().place(*node), &above)).map(|(node, amount)| amount - units(&plan, *node)).sum::<i64>()
        };
        let held = all.iter().filter(|node| plan.is_held("sales", **node).unwrap());
        let is_refused = held.clone().any(|node| moved.iter().any(|(own, _)| own == node)) || held.clone().any(|node| below(*node) != 0);
        let read = plan.read_sheet(&sheet.def, sheet.based_on, &lines);
        prop_assert_eq!(read.is_err(), is_refused, "{:?}", read);
        let Ok(read) = read else { return Ok(()) };
        prop_assert_eq!(read.edits.len(), moved.len());
        let missing: Vec<Place> = lost.iter().map(|lost| sheet.rows[*lost].place.clone()).collect();
        prop_assert_eq!(&read.missing, &missing);
        let before: Vec<i64> = all.iter().map(|node| units(&plan, *node)).collect();
        plan.apply(read.change(Key::new("eva").unwrap(), "2026-01-06T08:00:00".parse().unwrap(), "back")).unwrap();
        prop_assert_eq!(plan.verify(), vec![]);
        for (node, amount) in after {
            prop_assert_eq!(units(&plan, node), amount);
        }
        // What it told is what moved.
        let told: Vec<(NodeId, i64, i64)> = read.differences.iter().map(|own| (own.node, own.before.units(), own.after.units())).collect();
        let differs = all.iter().zip(&before).map(|(node, before)| (*node, *before, units(&plan, *node)));
        let mut differs: Vec<(NodeId, i64, i64)> = differs.filter(|(_, before, after)| before != after).collect();
        differs.sort_unstable();
        prop_assert_eq!(told, differs);
    }
}
