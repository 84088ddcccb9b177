//! Totals prescribed across nodes: what a product totals over all territories, beside what each territory totals.
//!
//! The nodes of one step under a node are the rows of a table, the members of the next step its columns. Rows total what
//! the cascade gives them, columns what is prescribed, and all of it holds exactly, to the quantum.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::bounds::Bounds;
use super::{CascadeDef, Frame, NodeId, PlanError};
use crate::allocation::LevelWeights;
use crate::allocation::margins::{
    Axis, Bound, Closing, MarginsError, Node, Part, Seed, Side, TwoWay,
};
use crate::key::Key;
use crate::measure::Measure;

/// The most cells for which the table of least change is looked for; larger ones are exact all the same.
const LEAST_CHANGE_CELLS: usize = 5_000;

/// The tables of a recipe: by the node above the rows, the total of each column that has one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Prescribed(BTreeMap<NodeId, BTreeMap<u32, i64>>);

impl Prescribed {
    pub(super) fn compile(
        def: &CascadeDef,
        frame: &Frame,
        measure: &Measure,
    ) -> Result<Self, PlanError> {
        let mut tables: BTreeMap<NodeId, BTreeMap<u32, i64>> = BTreeMap::new();
        for total in &def.totals {
            let selection = frame.select(&total.at)?;
            let units = measure.quantum.units(total.total.decimal())?;
            let (node, below) = (selection.node, &selection.below);
            match below[..] {
                // One node: its bounds say so.
                [] if node != NodeId::WHOLE => {}
                [(step, coord)] if step == node.level() + 1 => {
                    if tables
                        .entry(node)
                        .or_default()
                        .insert(coord, units)
                        .is_some()
                    {
                        return Err(PlanError::DuplicatePlace {
                            place: total.at.clone(),
                        });
                    }
                }
                _ => {
                    return Err(PlanError::NotTwoSteps {
                        place: total.at.clone(),
                    });
                }
            }
        }
        Ok(Self(tables))
    }

    /// Returns the nodes of a level under which two steps are fitted.
    pub(super) fn at_level(&self, level: usize) -> impl Iterator<Item = NodeId> + '_ {
        let range = NodeId::new(level, 0)..NodeId::new(level + 1, 0);
        self.0.range(range).map(|(node, _)| *node)
    }

    /// Says whether two steps are fitted under a node.
    pub(super) fn contains(&self, node: NodeId) -> bool {
        self.0.contains_key(&node)
    }

    /// Returns the tables: the node above the rows, and the columns with their totals.
    pub(super) fn iter(&self) -> impl Iterator<Item = (NodeId, &BTreeMap<u32, i64>)> {
        self.0.iter().map(|(node, columns)| (*node, columns))
    }

    /// Returns what each column with a total makes.
    pub(super) fn sums(
        frame: &Frame,
        node: NodeId,
        columns: &BTreeMap<u32, i64>,
        values: &[Vec<i64>],
    ) -> Vec<(u32, i64, i128)> {
        let rows = frame.child_range(node);
        let cells = frame.levels[node.level() + 1].children_of(rows);
        let coords = &frame.levels[node.level() + 2].coords[cells.clone()];
        let below = &values[node.level() + 2][cells];
        columns
            .iter()
            .map(|(column, total)| {
                let own = coords
                    .iter()
                    .zip(below)
                    .filter(|(coord, _)| *coord == column);
                (
                    *column,
                    *total,
                    own.map(|(_, value)| i128::from(*value)).sum(),
                )
            })
            .collect()
    }

    /// Splits the rows under a node, each of which hands down its amount, among the columns; cell by cell.
    pub(super) fn split(&self, table: &Fitted<'_>, handed: &[i64]) -> Result<Vec<i64>, PlanError> {
        let Fitted { frame, node, .. } = *table;
        let level = node.level() + 1;
        let rows = frame.child_range(node);
        let cells = frame.levels[level].children_of(rows.clone());
        let coords = &frame.levels[level + 1].coords[cells.clone()];
        let mut columns: Vec<u32> = coords.to_vec();
        columns.sort_unstable();
        columns.dedup();
        let mut places = Vec::with_capacity(coords.len());
        let mut entries = Vec::with_capacity(coords.len());
        let mut bounds = Vec::new();
        for (row, (index, amount)) in rows.zip(handed).enumerate() {
            let children = frame.levels[level].children(index);
            let weight = |child: usize| real(table.weights.get(child).unwrap_or(0));
            let sum: f64 = children.clone().map(weight).sum();
            for child in children {
                let coord = frame.levels[level + 1].coords[child];
                let column = columns.binary_search(&coord).unwrap_or_default();
                places.push((row, column));
                if weight(child) > 0.0 {
                    // What the cascade alone would give, so that the fit is nearest to it.
                    let share =
                        weight(child) / sum * real(u128::from(amount.unsigned_abs()).max(1));
                    entries.push((row, column, share.clamp(Seed::MIN_WEIGHT, Seed::MAX_WEIGHT)));
                }
                let limits = table
                    .bounds
                    .own(level + 1)
                    .and_then(|limits| limits.get(&child));
                if let Some(limits) = limits {
                    bounds.extend(limits.min.map(|min| ((row, column), Bound::AtLeast(min))));
                    bounds.extend(limits.max.map(|max| ((row, column), Bound::AtMost(max))));
                }
            }
        }
        let failed = |error: MarginsError| table.failed(error);
        let seed = Seed::sparse(handed.len(), columns.len(), entries).map_err(failed)?;
        let sum: i128 = handed.iter().map(|amount| i128::from(*amount)).sum();
        let sum = i64::try_from(sum).map_err(|_| PlanError::OutOfRange {
            place: frame.path(node),
        })?;
        let totals = self.0.get(&node);
        let mut nodes = vec![Node::root().totalling(sum)];
        for column in &columns {
            let under = Node::under(0);
            nodes.push(match totals.and_then(|totals| totals.get(column)) {
                Some(total) => under.totalling(*total),
                None => under,
            });
        }
        let row_side = Side::flat(handed.iter().copied()).map_err(failed)?;
        let column_side = Side::tree(nodes).map_err(failed)?;
        let mut stated = TwoWay::new(seed, row_side, column_side).map_err(failed)?;
        for ((row, column), bound) in bounds {
            stated = stated.bounded(row, column, bound).map_err(failed)?;
        }
        let closing = if places.len() <= LEAST_CHANGE_CELLS {
            Closing::LeastChange
        } else {
            Closing::Direct
        };
        let solved = stated.solve(closing).map_err(|error| match error {
            MarginsError::Impossible { blocked } => {
                let rows = table.names(&stated, Axis::Rows, &columns);
                let across = table.names(&stated, Axis::Columns, &columns);
                let (needing, offering) = match blocked.axis() {
                    Axis::Rows => (rows, across),
                    Axis::Columns => (across, rows),
                };
                let decimal = |units: i128| {
                    i64::try_from(units)
                        .map_or(Decimal::MAX, |units| table.measure.quantum.amount(units))
                };
                PlanError::TotalsImpossible {
                    place: frame.path(node),
                    needing: needing(blocked.needing()),
                    offering: offering(blocked.offering()),
                    needed: decimal(blocked.needed()),
                    available: decimal(blocked.available()),
                }
            }
            error => failed(error),
        })?;
        Ok(places
            .into_iter()
            .map(|(row, column)| solved.cell(row, column))
            .collect())
    }
}

/// A node under which two steps are fitted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fitted<'a> {
    pub(super) frame: &'a Frame,
    pub(super) measure: &'a Measure,
    pub(super) weights: &'a LevelWeights,
    pub(super) bounds: &'a Bounds,
    pub(super) node: NodeId,
}

impl<'a> Fitted<'a> {
    fn failed(&self, error: MarginsError) -> PlanError {
        PlanError::Margins {
            place: self.frame.path(self.node),
            error: Box::new(error),
        }
    }

    /// Returns how to name the lines of one side.
    fn names<'b>(
        &self,
        stated: &'b TwoWay,
        axis: Axis,
        columns: &'b [u32],
    ) -> impl Fn(&[Part]) -> Vec<Key> + use<'a, 'b> {
        let (frame, node) = (self.frame, self.node);
        let side = stated.side(axis);
        let first = frame.child_range(node).start;
        move |parts: &[Part]| {
            let named = |line: usize| match axis {
                Axis::Rows => frame
                    .name(NodeId::new(node.level() + 1, first + line))
                    .cloned(),
                Axis::Columns => {
                    let column = columns.get(line).copied()?;
                    frame.coord_name(node.level() + 1, column).cloned()
                }
            };
            let within = |line: &usize| {
                let part = side.part_of(*line).and_then(|part| side.parts().get(part));
                part.is_some_and(|part| parts.contains(part))
            };
            (0..side.lines()).filter(within).filter_map(named).collect()
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "weights are real numbers in a fit, whose margins are exact whatever they are"
)]
fn real(weight: u128) -> f64 {
    weight as f64
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Company, given, key, member, recipe};
    use super::super::*;
    use crate::quantity::Number;
    use crate::space::Axis;

    fn def() -> CascadeDef {
        recipe("pieces")
            .step(
                member("person", "region")
                    .basis(given("region", &[("north", "3"), ("south", "2")])),
            )
            .step(member("product", "product"))
            .step(member("person", "person"))
    }

    fn at(step: &str, name: &str) -> Place {
        Place::whole().at(step, name).unwrap()
    }

    fn run(def: CascadeDef) -> Result<Plan, PlanError> {
        let company = Company::new();
        Cascade::compile(def, &company.sources())?.run(100.into())
    }

    #[test]
    fn territories_and_products_total_what_is_prescribed() {
        let def = def()
            .total(at("region", "north"), Number::from(55))
            .total(at("product", "tea"), Number::from(71));
        let plan = run(def).unwrap();
        assert_eq!(plan.verify(), []);
        assert_eq!(plan.units("pieces", 1).unwrap(), [55, 45]);
        // 55 x 0.71 = 39.05 and 45 x 0.71 = 31.95.
        assert_eq!(plan.units("pieces", 2).unwrap(), [39, 16, 32, 13]);
        let products = [Axis::new("product", "product").unwrap()];
        let sums = plan.roll_up("pieces", &products, None).unwrap();
        assert_eq!(sums.of("tea").unwrap().units(), 71);
        let tea = plan.frame().find(&["south", "tea"]).unwrap();
        let why = plan.explain("pieces", tea).unwrap();
        assert_eq!((why.cascaded().units(), why.splits[1].fitted), (32, true));
        for place in [
            plan.frame().find(&["north", "milk", "bo"]),
            plan.frame().find(&["south"]),
        ] {
            let why = plan.explain("pieces", place.unwrap()).unwrap();
            assert_eq!(why.cascaded(), why.amount);
        }
    }

    #[test]
    fn totals_that_cannot_be_met_are_refused_with_the_proof() {
        let most = BoundDef::at_most("product", Number::from(10))
            .unwrap()
            .at(at("region", "south"));
        let tea = |total: i64| {
            def()
                .bound(most.clone())
                .total(at("product", "tea"), Number::from(total))
        };
        let error = run(tea(95)).unwrap_err();
        // The south cannot sell more than 20, so the north has 80, of which tea could be all, and 10 in the south.
        let PlanError::TotalsImpossible {
            needed, available, ..
        } = &error
        else {
            panic!("{error}")
        };
        assert!(needed > available, "{error}");
        let error = run(def().total(at("product", "tea"), Number::from(101))).unwrap_err();
        assert!(matches!(error, PlanError::Margins { .. }), "{error}");
        let error = run(def().total(at("person", "ann"), Number::from(1))).unwrap_err();
        assert!(matches!(error, PlanError::NotTwoSteps { .. }), "{error}");
    }

    #[test]
    fn a_change_keeps_prescribed_totals_or_is_refused() {
        let mut plan = run(def().total(at("product", "tea"), Number::from(71))).unwrap();
        let verb = Verb::Proportional {
            amount: Number::from(70),
        };
        let mut change = Change {
            version: crate::document::Version::default(),
            by: key("ann"),
            at: "2026-01-05T09:30:00".parse().unwrap(),
            reason: String::new(),
            based_on: 0,
            edits: vec![Edit::Spread(
                Spread::new("pieces", at("region", "north"), verb).unwrap(),
            )],
        };
        let error = plan.apply(change.clone()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "tea would total 78, but 71 is prescribed"
        );
        let ann = at("region", "north")
            .at("product", "tea")
            .and_then(|p| p.at("person", "ann"))
            .unwrap();
        let verb = Verb::Proportional {
            amount: Number::from(40),
        };
        let keep = at("region", "north").at("product", "tea").unwrap();
        change.edits = vec![Edit::Spread(
            Spread::new("pieces", ann, verb).unwrap().keeping(keep),
        )];
        plan.apply(change).unwrap();
        assert_eq!(plan.verify(), []);
    }
}
