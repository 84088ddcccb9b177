//! Every unit that goes into a plan comes out of it: in a leaf, kept apart, or told; and what is odd is told.

use crate::at::Levels;
use proptest::prelude::*;
use quotaflow::allocation::Method;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BasisDef, BoundDef, Cascade, CascadeDef, Change, Edit, GivenDef, GivenWeight, HoldEdit,
    HoldWhat, Mode, NodeId, OverAssignmentDef, Place, Plan, PlanError, RepeatCells, Sources,
    Spread, StepDef, Verb, Warning,
};
use quotaflow::quantity::{Number, Quantity, Quantum, Ratio};
use quotaflow::space::{Axis, DimensionDef, Space};

fn key(text: impl AsRef<str>) -> Key {
    Key::new(text).unwrap()
}

#[derive(Debug, Clone)]
struct Team {
    weights: Vec<u32>,
    method: Method,
    /// The first day of the plan and the day after its last one, as days of 2026.
    days: (u32, u32),
    by_days: bool,
    lot: i64,
    min: Option<i64>,
    max: Option<i64>,
    pad: Option<i64>,
    total: i64,
}

fn team() -> impl Strategy<Value = Team> {
    let method = prop_oneof![
        4 => Just(Method::LargestRemainder),
        2 => Just(Method::RemainderApart),
        2 => Just(Method::BlocksApart),
        1 => Just(Method::Webster),
        1 => Just(Method::Running),
        1 => Just(Method::SpareToFirst),
    ];
    let limit = || prop::option::weighted(0.3, -30_i64..60);
    let total = prop_oneof![-200_i64..400, -1_000_000_000_000_i64..1_000_000_000_000];
    (
        prop::collection::vec(0_u32..6, 1..5),
        method,
        (0_u32..200, 1_u32..200),
        any::<bool>(),
        prop_oneof![3 => Just(1_i64), 1 => 2_i64..7],
        (limit(), limit()),
        prop::option::weighted(0.3, 0_i64..40),
        total,
    )
        .prop_map(
            |(weights, method, (start, days), by_days, lot, (min, max), pad, total)| Team {
                weights,
                method,
                days: (start, start + days),
                by_days,
                lot,
                min,
                max,
                pad,
                total,
            },
        )
}

impl Team {
    fn plan(&self) -> Result<Plan, PlanError> {
        let pieces = Measure::flow("pieces", "count:piece".parse().unwrap(), Quantum::ONE);
        let measures = Measures::new(vec![pieces.unwrap()]).unwrap();
        let names: Vec<String> = (0..self.weights.len()).map(|p| format!("p{p}")).collect();
        let people = DimensionDef::flat("person", "person", names.iter().map(String::as_str));
        let space = Space::new(vec![people.unwrap()]).unwrap();
        let calendar = Calendar::gregorian();
        let day = |number: u32| {
            let first: chrono::NaiveDate = "2026-01-01".parse().unwrap();
            first + chrono::Days::new(u64::from(number))
        };
        let horizon = DayRange::new(day(self.days.0), day(self.days.1)).unwrap();
        let given = names
            .iter()
            .zip(&self.weights)
            .map(|(name, weight)| GivenWeight {
                at: Place::whole().at("person", name).unwrap(),
                weight: Ratio::from(i64::from(*weight)),
            });
        let given = GivenDef {
            weights: given.collect(),
            otherwise: None,
        };
        let by_person = StepDef::member("person", "person")
            .unwrap()
            .basis(BasisDef::Given(given))
            .method(self.method);
        let mut by_month = StepDef::grain(Grain::Month);
        if self.by_days {
            by_month = by_month.basis(BasisDef::CalendarDays);
        }
        if self.lot > 1 {
            by_month = by_month.lot(Number::from(self.lot));
        }
        let mut def = CascadeDef::new(key("plan"), key("pieces"), horizon)
            .step(by_person)
            .step(by_month);
        if self.min.is_some() || self.max.is_some() {
            def = def.bound(BoundDef {
                step: key("person"),
                at: Place::whole(),
                min: self.min.map(Number::from),
                max: self.max.map(Number::from),
            });
        }
        let factor = self
            .pad
            .map(|percent| Ratio::new(i128::from(100 + percent), 100).unwrap());
        let over = factor.map(|own| OverAssignmentDef::from_leaves("person", vec![own]).unwrap());
        def.over_assignment.extend(over);
        let sources = Sources::new(&measures, &space).calendar(&calendar);
        Cascade::compile(def, &sources)?.run(self.total.into())
    }
}

fn units(plan: &Plan, node: NodeId) -> i128 {
    i128::from(plan.amount("pieces", node).unwrap().units())
}

/// Of which layer an amount is.
type Of = fn(&Plan, &str, NodeId) -> Result<Quantity, PlanError>;

/// Adds up the leaves at and below a node.
fn leaves(plan: &Plan, node: NodeId, of: Of) -> i128 {
    let children: Vec<NodeId> = plan.frame().children(node).collect();
    if children.is_empty() {
        return i128::from(of(plan, "pieces", node).unwrap().units());
    }
    children.iter().map(|child| leaves(plan, *child, of)).sum()
}

proptest! {
    #[test]
    fn every_unit_that_goes_in_comes_out(team in team()) {
        // What cannot be placed by the rules is refused with its reason.
        let Ok(plan) = team.plan() else { return Ok(()) };
        prop_assert_eq!(plan.verify(), []);
        let kept: i128 = plan.kept_apart("pieces").unwrap().map(|(_, kept)| i128::from(kept.units())).sum();
        let total = i128::from(team.total);
        prop_assert_eq!(total, leaves(&plan, NodeId::WHOLE, Plan::base_amount) + kept);
        // Rounded to whole lots, a half away from zero.
        let nearest = |top: i128, bottom: i128| {
            let (size, lot) = (top.abs(), i128::from(team.lot));
            (2 * size + bottom * lot) / (2 * bottom * lot) * top.signum() * lot
        };
        let handed = nearest(total * i128::from(100 + team.pad.unwrap_or(0)), 100);
        let stays = if total == 0 { 0 } else { nearest(handed * kept * total.signum(), total.abs()) };
        prop_assert_eq!(handed - stays, leaves(&plan, NodeId::WHOLE, Plan::amount));
        for person in plan.frame().children(NodeId::WHOLE) {
            let own = plan.amount("pieces", person).unwrap().units();
            prop_assert!(team.min.is_none_or(|min| min <= own) && team.max.is_none_or(|max| own <= max));
            prop_assert_eq!(i128::from(own), leaves(&plan, person, Plan::amount));
            for month in plan.frame().children(person) {
                prop_assert_eq!(units(&plan, month) % i128::from(team.lot), 0);
            }
        }
    }

    #[test]
    fn what_lies_outside_the_periods_is_told(team in team(), from in 0_u32..12, months in 1_u32..12) {
        let Ok(plan) = team.plan() else { return Ok(()) };
        let first: chrono::NaiveDate = "2026-01-01".parse().unwrap();
        let (from, to) = (first + chrono::Months::new(from), first + chrono::Months::new(from + months));
        let set = Calendar::gregorian().periods(Grain::Month, from, to).unwrap();
        let rolled = plan.roll_up("pieces", &[Axis::new("person", "person").unwrap()], Some(&set)).unwrap();
        let mut cells = 0;
        for subject in rolled.subjects().ids() {
            for period in set.ids() {
                let Some(cell) = rolled.get(subject, Some(period)) else { continue };
                let path = [rolled.subjects().label(subject), set.label(period).unwrap().to_string()];
                let node = plan.frame().find(&[path[0].as_str(), path[1].as_str()]).unwrap();
                prop_assert_eq!(i128::from(cell.units()), units(&plan, node));
                prop_assert_eq!(plan.get("pieces", [path[0].as_str()], &path[1]).unwrap().figure().unwrap().amount(), Some(cell));
                cells += i128::from(cell.units());
            }
        }
        let outside = rolled.outside().map(|outside| i128::from(outside.units()));
        prop_assert_eq!(outside, Some(leaves(&plan, NodeId::WHOLE, Plan::amount) - cells));
    }
}

/// A grid of rows and cells with some nodes held.
fn held_grid() -> impl Strategy<Value = (Vec<Vec<i64>>, Vec<bool>)> {
    (1_usize..4, 1_usize..4).prop_flat_map(|(rows, cells)| {
        let values = prop::collection::vec(prop::collection::vec(-20_i64..30, cells), rows);
        (
            values,
            prop::collection::vec(prop::bool::weighted(0.3), 1 + rows + rows * cells),
        )
    })
}

fn nodes(plan: &Plan) -> Vec<NodeId> {
    let mut all = vec![NodeId::WHOLE];
    let mut at = 0;
    while at < all.len() {
        all.extend(plan.frame().children(all[at]));
        at += 1;
    }
    all
}

/// Whether a node may not move as a whole, and what may not move at or below it.
fn fixed(plan: &Plan, node: NodeId) -> (bool, i128) {
    if plan.is_held("pieces", node).unwrap() {
        return (true, units(plan, node));
    }
    let parts: Vec<(bool, i128)> = plan
        .frame()
        .children(node)
        .map(|child| fixed(plan, child))
        .collect();
    let all = !parts.is_empty() && parts.iter().all(|(shut, _)| *shut);
    (all, parts.iter().map(|(_, amount)| amount).sum())
}

fn below_zero(plan: &Plan, node: NodeId) -> usize {
    let children: Vec<NodeId> = plan.frame().children(node).collect();
    if children.is_empty() {
        return usize::from(units(plan, node) < 0);
    }
    children.iter().map(|child| below_zero(plan, *child)).sum()
}

proptest! {
    #[test]
    fn targets_below_zero_and_amounts_with_nothing_left_are_told((rows, held) in held_grid()) {
        let pieces = Measure::flow("pieces", "count:piece".parse().unwrap(), Quantum::ONE);
        let measures = Measures::new(vec![pieces.unwrap()]).unwrap();
        let flat = |name: &str, count: usize| {
            let members: Vec<String> = (0..count).map(|member| format!("{name}{member}")).collect();
            DimensionDef::flat(name, name, members.iter().map(String::as_str)).unwrap()
        };
        let space = Space::new(vec![flat("r", rows.len()), flat("c", rows[0].len())]).unwrap();
        let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
        let def = CascadeDef::new(key("plan"), key("pieces"), year)
            .step(StepDef::member("r", "r").unwrap())
            .step(StepDef::member("c", "c").unwrap());
        let cascade = Cascade::compile(def, &Sources::new(&measures, &space)).unwrap();
        let sums: Vec<i64> = rows.iter().map(|row| row.iter().sum()).collect();
        let mut plan = Plan::from_units(&cascade, vec![vec![sums.iter().sum()], sums, rows.concat()]).unwrap();
        let all = nodes(&plan);
        let places = all.iter().zip(&held).filter(|(_, held)| **held);
        let hold = HoldEdit {
            measure: key("pieces"),
            at: places.map(|(node, _)| plan.frame().place(*node)).collect(),
            what: HoldWhat::Total,
        };
        plan.apply(Change {
            version: Version::default(),
            by: key("ann"),
            at: "2026-01-05T09:30:00".parse().unwrap(),
            reason: String::new(),
            based_on: 0,
            edits: vec![Edit::Hold(hold)],
        }).unwrap();
        let (mut negative, mut nothing) = (Vec::new(), Vec::new());
        let odd = |node: NodeId| {
            let (shut, held) = fixed(&plan, node);
            !shut && held > 0 && units(&plan, node) < held
        };
        for node in &all {
            let above = plan.frame().parent(*node);
            if units(&plan, *node) < 0 && above.is_none_or(|above| units(&plan, above) >= 0) {
                let leaf = plan.frame().children(*node).len() == 0;
                negative.push((plan.frame().path(*node), if leaf { 0 } else { below_zero(&plan, *node) }));
            }
            if odd(*node) && !above.is_some_and(odd) {
                nothing.push((plan.frame().path(*node), fixed(&plan, *node).1));
            }
        }
        let (mut negative_found, mut nothing_found) = (Vec::new(), Vec::new());
        for warning in plan.warnings() {
            match warning {
                Warning::BelowZero { place, leaves, .. } => negative_found.push((place, leaves)),
                Warning::NothingLeft { place, fixed, .. } => nothing_found.push((place, i128::try_from(fixed).unwrap())),
                other => return Err(TestCaseError::fail(other.to_string())),
            }
        }
        prop_assert_eq!(negative_found, negative);
        prop_assert_eq!(nothing_found, nothing);
    }
}

/// A plan of rows and cells with over-assignments, some of its nodes held, and an edit of one place.
#[derive(Debug, Clone)]
struct Padded {
    rows: usize,
    cells: usize,
    pads: (Option<i64>, Option<i64>),
    total: i64,
    held: Vec<bool>,
    row: Option<usize>,
    cell: Option<usize>,
    verb: u8,
    mode: Mode,
    amount: i64,
}

fn padded() -> impl Strategy<Value = Padded> {
    let pad = || prop::option::weighted(0.7, 0_i64..150);
    let mode = prop_oneof![Just(Mode::Replace), Just(Mode::Add), Just(Mode::Subtract)];
    (
        (1_usize..4, 1_usize..4),
        (pad(), pad()),
        0_i64..5_000,
        prop::collection::vec(prop::bool::weighted(0.15), 16),
        (prop::option::of(0_usize..3), prop::option::of(0_usize..3)),
        (0_u8..7, mode, -300_i64..4_000),
    )
        .prop_map(
            |((rows, cells), pads, total, held, (row, cell), (verb, mode, amount))| Padded {
                rows,
                cells,
                pads,
                total,
                held,
                row,
                cell,
                verb,
                mode,
                amount,
            },
        )
}

fn by_one(edits: Vec<Edit>, based_on: u64) -> Change {
    Change {
        version: Version::default(),
        by: key("ann"),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: String::new(),
        based_on,
        edits,
    }
}

proptest! {
    #[test]
    fn edits_keep_over_assignments_and_a_slice_totals_what_is_asked(given in padded()) {
        let pieces = Measure::flow("pieces", "count:piece".parse().unwrap(), Quantum::ONE);
        let measures = Measures::new(vec![pieces.unwrap()]).unwrap();
        let flat = |name: &str, count: usize| {
            let members: Vec<String> = (0..count).map(|member| format!("{name}{member}")).collect();
            DimensionDef::flat(name, name, members.iter().map(String::as_str)).unwrap()
        };
        let space = Space::new(vec![flat("r", given.rows), flat("c", given.cells)]).unwrap();
        let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
        let step = |name: &str| StepDef::member(name, name).unwrap();
        let mut def = CascadeDef::new(key("plan"), key("pieces"), year).step(step("r")).step(step("c"));
        for (name, pad) in [("r", given.pads.0), ("c", given.pads.1)] {
            let factor = pad.map(|percent| Ratio::new(i128::from(100 + percent), 100).unwrap());
            let over = factor.map(|factor| OverAssignmentDef::from_leaves(name, vec![factor]).unwrap());
            def.over_assignment.extend(over);
        }
        let mut plan = Cascade::compile(def, &Sources::new(&measures, &space)).unwrap().run(given.total.into()).unwrap();
        let all = nodes(&plan);
        let held = all.iter().zip(&given.held).filter(|(_, held)| **held);
        let hold = HoldEdit {
            measure: key("pieces"),
            at: held.map(|(node, _)| plan.frame().place(*node)).collect(),
            what: HoldWhat::Total,
        };
        plan.apply(by_one(vec![Edit::Hold(hold)], 0)).unwrap();
        let mut place = Place::whole();
        let (row, cell) = (
            given.row.map(|row| row % given.rows),
            given.cell.map(|cell| cell % given.cells),
        );
        if let Some(row) = row {
            place = place.at("r", &format!("r{row}")).unwrap();
        }
        if let Some(cell) = cell {
            place = place.at("c", &format!("c{cell}")).unwrap();
        }
        let amount = Number::from(given.amount);
        let verb = match given.verb {
            0 => Verb::Proportional { amount },
            1 => Verb::Equal { amount },
            2 => Verb::EqualLeaves { amount },
            3 => Verb::Basis { amount },
            4 => Verb::Clear,
            5 => Verb::Repeat { amount, cells: RepeatCells::All },
            _ => Verb::PercentChange { by: Ratio::new(i128::from(given.amount), 100).unwrap() },
        };
        // What a place totals: its node, or the nodes of the slice.
        let total = |plan: &Plan| -> i128 {
            let (rows, cells) = (given.rows, given.cells);
            let own = |level: usize, index: usize| i128::from(plan.levels("pieces")[level][index]);
            match (row, cell) {
                (None, None) => own(0, 0),
                (Some(row), None) => own(1, row),
                (Some(row), Some(cell)) => own(2, row * cells + cell),
                (None, Some(cell)) => (0..rows).map(|row| own(2, row * cells + cell)).sum(),
            }
        };
        let before = total(&plan);
        let edit = Spread::new("pieces", place, verb).unwrap().mode(given.mode);
        if plan.apply(by_one(vec![Edit::Spread(edit)], 1)).is_err() {
            return Ok(());
        }
        prop_assert_eq!(plan.verify(), []);
        let amount = i128::from(given.amount);
        if given.verb < 4 {
            let expected = match given.mode {
                Mode::Replace => amount,
                Mode::Add => before + amount,
                Mode::Subtract => before - amount,
            };
            prop_assert_eq!(total(&plan), expected);
        }
    }
}
