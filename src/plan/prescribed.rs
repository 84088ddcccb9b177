//! Totals prescribed across nodes: what a product totals over all territories, beside what each territory totals.
//!
//! The nodes at one step below a node are the rows of a table, the members of the next step its columns. Rows total what
//! the cascade gives them, columns what is prescribed, and all of it holds exactly, to the quantum. Totals prescribed over
//! a further step take the cells of that table as their rows, so that three and more margins are nested two by two.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::bounds::Bounds;
use super::lots::{LotCount, LotSize};
use super::stock::period_of_a_path;
use super::{CascadeDef, ConstraintError, Frame, NodeId, PlanError};
use crate::allocation::Bound;
use crate::allocation::LevelWeights;
use crate::key::Key;
use crate::margins::{
    Blocked, Closeness, Closing, Marginal, MarginsError, Node, Orientation, Seed, Stratum, TwoWay,
};
use crate::measure::{Additivity, Measure};
use crate::quantity::Rounding;

/// The most cells for which the table of least change is looked for; larger ones are exact all the same.
const LEAST_CHANGE_CELLS: usize = 5_000;

/// The tables of a recipe: by the step of the columns and the node above the rows, the total of each column that has one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Prescribed(BTreeMap<(usize, NodeId), BTreeMap<u32, i64>>);

impl Prescribed {
    pub(super) fn compile(
        def: &CascadeDef,
        frame: &Frame,
        measure: &Measure,
    ) -> Result<Self, PlanError> {
        let mut tables: BTreeMap<(usize, NodeId), BTreeMap<u32, i64>> = BTreeMap::new();
        let over_time = |step| frame.periods(step).is_some();
        let stock = measure.additivity == Additivity::Stock;
        let not_for = |what| PlanError::NotForKind {
            measure: measure.key.clone(),
            kind: "stock",
            what,
        };
        for total in &def.totals {
            if stock && period_of_a_path(frame, total)?.is_some() {
                // The path goes through it.
                continue;
            }
            let selection = frame.select(&total.at)?;
            let units = measure.quantum.units(total.total.decimal())?;
            let (node, below) = (selection.node, &selection.below);
            match below[..] {
                [] if stock => return Err(not_for("a prescribed total of one member")),
                // One node: its bounds say so.
                [] if node != NodeId::WHOLE => {}
                [(step, _)] if stock && (node.level()..=step).any(over_time) => {
                    return Err(not_for("a prescribed total across periods"));
                }
                [(step, coord)] => {
                    let cells = frame.run_below(node, step + 1);
                    if !frame.levels[step + 1].coords[cells].contains(&coord) {
                        let name = frame.coord_name(step, coord);
                        return Err(PlanError::NoSuchNode {
                            path: frame.path(node),
                            next: name.map(Key::to_string).unwrap_or_default(),
                        });
                    }
                    if tables
                        .entry((step, node))
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
                    return Err(PlanError::Constraint(ConstraintError::NotTwoSteps {
                        place: total.at.clone(),
                    }));
                }
            }
        }
        let tables = Self(tables);
        for (step, node) in tables.0.keys() {
            if let Some(above) = frame
                .parent(*node)
                .and_then(|up| tables.holder(frame, *step, up))
            {
                return Err(PlanError::Constraint(ConstraintError::CrossingTotals {
                    step: frame.steps[*step].name.clone(),
                    place: frame.path(*node),
                    above: frame.path(above),
                }));
            }
        }
        Ok(tables)
    }

    /// Returns the nodes under which the rows at a step are fitted together.
    pub(super) fn at_step(&self, step: usize) -> impl Iterator<Item = NodeId> + '_ {
        let tables = self
            .0
            .range((step, NodeId::WHOLE)..(step + 1, NodeId::WHOLE));
        tables.map(|((_, node), _)| *node)
    }

    /// Returns the node at or above a row under which the rows at a step are fitted together, if there is one.
    pub(super) fn holder(&self, frame: &Frame, step: usize, row: NodeId) -> Option<NodeId> {
        let mut at = Some(row).filter(|_| !self.0.is_empty());
        while let Some(node) = at {
            if self.0.contains_key(&(step, node)) {
                return Some(node);
            }
            at = frame.parent(node);
        }
        None
    }

    /// Returns the tables: the step of the columns, the node above the rows, and the columns with their totals.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, NodeId, &BTreeMap<u32, i64>)> {
        self.0
            .iter()
            .map(|((step, node), columns)| (*step, *node, columns))
    }

    /// Returns what each column with a total makes.
    pub(super) fn sums(
        frame: &Frame,
        (step, node): (usize, NodeId),
        columns: &BTreeMap<u32, i64>,
        values: &[Vec<i64>],
    ) -> Vec<(u32, i64, i128)> {
        let cells = frame.run_below(node, step + 1);
        let coords = &frame.levels[step + 1].coords[cells.clone()];
        let below = &values[step + 1][cells];
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

    /// Splits the rows under a node, each of which hands down its amount, among the columns; cell by cell, in lots. Says
    /// how near the cells are to what the bases say.
    pub(super) fn split(
        &self,
        table: &Fitted<'_>,
        handed: &[i64],
    ) -> Result<(Vec<i64>, Closeness), PlanError> {
        let Fitted {
            frame, node, step, ..
        } = *table;
        let level = step;
        let rows = frame.run_below(node, step);
        let cells = frame.levels[level].children_of(rows.clone());
        let coords = &frame.levels[level + 1].coords[cells.clone()];
        let mut columns: Vec<u32> = coords.to_vec();
        columns.sort_unstable();
        columns.dedup();
        let mut places = Vec::with_capacity(coords.len());
        let mut entries = Vec::with_capacity(coords.len());
        let mut bounds = Vec::new();
        // A branch that ends above has no cells, so it is no row.
        let rows = rows.zip(handed);
        let rows: Vec<(usize, &i64)> = rows
            .filter(|(index, _)| !frame.levels[level].children(*index).is_empty())
            .collect();
        for (row, (index, amount)) in rows.iter().copied().enumerate() {
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
                    let (min, max) = (limits.min, limits.max);
                    let min = min.and_then(|min| table.lots(min, Rounding::Ceiling));
                    let max = max.and_then(|max| table.lots(max, Rounding::Floor));
                    bounds.extend(min.map(|min| ((row, column), Bound::at_least(min))));
                    bounds.extend(max.map(|max| ((row, column), Bound::at_most(max))));
                }
            }
        }
        let failed = |error: MarginsError| table.failed(error);
        let seed = Seed::sparse(rows.len(), columns.len(), entries).map_err(failed)?;
        let sum: i128 = rows.iter().map(|(_, amount)| i128::from(**amount)).sum();
        let sum = i64::try_from(sum).map_err(|_| PlanError::OutOfRange {
            place: frame.path(node),
        })?;
        let totals = self.0.get(&(step, node));
        let mut nodes = vec![Node::root().totalling(sum)];
        for column in &columns {
            let under = Node::under(0);
            nodes.push(match totals.and_then(|totals| totals.get(column)) {
                Some(total) if !table.lot.divides(*total) => {
                    return Err(PlanError::Constraint(ConstraintError::NotWholeLots {
                        place: frame.column_path(node, step, *column),
                        amount: table.measure.quantum.amount(*total),
                        lot: table.measure.quantum.amount(table.lot.quanta()),
                    }));
                }
                Some(total) => under.totalling(table.lot.count(*total).get()),
                None => under,
            });
        }
        let row_side = Marginal::flat(rows.iter().map(|(_, amount)| **amount)).map_err(failed)?;
        let column_side = Marginal::tree(nodes).map_err(failed)?;
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
                let lines: Vec<usize> = rows.iter().map(|(index, _)| *index).collect();
                // Another table above might leave a way, so this would prove nothing about all of them together.
                let nested = self.0.keys().any(|(own, top)| *own < step && *top == node);
                table.impossible(&stated, &blocked, nested, (lines, columns.as_slice()))
            }
            error => failed(error),
        })?;
        let cells = places.into_iter();
        let cells = cells.map(|(row, column)| solved.table().cell(row, column));
        Ok((cells.collect(), solved.closeness()))
    }
}

/// A node under which the rows at a step are fitted to the totals of columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fitted<'a> {
    pub(super) frame: &'a Frame,
    pub(super) measure: &'a Measure,
    pub(super) weights: &'a LevelWeights,
    pub(super) bounds: &'a Bounds,
    pub(super) node: NodeId,
    pub(super) step: usize,
    /// The lot in which all of its amounts are counted.
    pub(super) lot: LotSize,
}

impl<'a> Fitted<'a> {
    /// Returns a limit in whole lots.
    fn lots(&self, limit: i64, rounding: Rounding) -> Option<i64> {
        self.lot.rounded(limit, rounding).map(LotCount::get)
    }

    /// Returns why the totals of rows and columns cannot be met, or were not where another table above has a say.
    fn impossible(
        &self,
        stated: &TwoWay,
        blocked: &Blocked,
        nested: bool,
        (lines, columns): (Vec<usize>, &[u32]),
    ) -> PlanError {
        let rows = self.names(stated, Orientation::Rows, lines, columns);
        let across = self.names(stated, Orientation::Columns, Vec::new(), columns);
        let (needing, offering) = match blocked.axis() {
            Orientation::Rows => (rows, across),
            Orientation::Columns => (across, rows),
        };
        let decimal = |lots: i128| {
            let units = lots.checked_mul(i128::from(self.lot.quanta()));
            units
                .and_then(|units| i64::try_from(units).ok())
                .map_or(Decimal::MAX, |units| self.measure.quantum.amount(units))
        };
        let place = self.frame.path(self.node);
        let (needing, offering) = (needing(blocked.needing()), offering(blocked.offering()));
        let (needed, available) = (decimal(blocked.needed()), decimal(blocked.available()));
        let (minima, maxima) = (decimal(blocked.minima()), decimal(blocked.maxima()));
        PlanError::Constraint(if nested {
            ConstraintError::TotalsNotFound {
                place,
                needing,
                offering,
                needed,
                minima,
                available,
                maxima,
            }
        } else {
            ConstraintError::TotalsImpossible {
                place,
                needing,
                offering,
                needed,
                minima,
                available,
                maxima,
            }
        })
    }

    fn failed(&self, error: MarginsError) -> PlanError {
        PlanError::Constraint(ConstraintError::Margins {
            place: self.frame.path(self.node),
            error: Box::new(error),
        })
    }

    /// Returns how to name the lines of one side.
    fn names<'b>(
        &self,
        stated: &'b TwoWay,
        axis: Orientation,
        lines: Vec<usize>,
        columns: &'b [u32],
    ) -> impl Fn(&[Stratum]) -> Vec<Key> + use<'a, 'b> {
        let (frame, step) = (self.frame, self.step);
        let side = stated.marginal(axis);
        move |parts: &[Stratum]| {
            let named = |line: usize| match axis {
                Orientation::Rows => frame.name(NodeId::new(step, *lines.get(line)?)).cloned(),
                Orientation::Columns => {
                    let column = columns.get(line).copied()?;
                    frame.coord_name(step, column).cloned()
                }
            };
            let within = |line: &usize| {
                let part = side
                    .stratum_of(*line)
                    .and_then(|part| side.strata().get(part));
                part.is_some_and(|part| parts.contains(part))
            };
            let mut names: Vec<Key> = (0..side.lines()).filter(within).filter_map(named).collect();
            names.dedup();
            names
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
    use crate::margins::Closeness;
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
        // The one table is within the rounding of its fit, and says so.
        let [fit] = &plan.fits()[..] else {
            panic!("one table");
        };
        assert_eq!(
            (fit.place.to_string().as_str(), fit.step.as_str()),
            ("all", "product")
        );
        assert_eq!(fit.closeness, Closeness::Within { above: 0 });
        assert_eq!(run(super::tests::def()).unwrap().fits(), []);
        let tea = plan.frame().find(&["south", "tea"]).unwrap();
        let why = plan.explain("pieces", tea).unwrap();
        assert_eq!(
            (why.cascaded().units(), why.splits[1].fitted.is_some()),
            (32, true)
        );
        for place in [
            plan.frame().find(&["north", "milk", "bo"]),
            plan.frame().find(&["south"]),
        ] {
            let why = plan.explain("pieces", place.unwrap()).unwrap();
            assert_eq!(why.cascaded(), why.amount);
        }
    }

    #[test]
    fn totals_are_met_in_whole_lots() {
        let cases = |lot: i64| {
            recipe("pieces")
                .step(
                    member("person", "region")
                        .basis(given("region", &[("north", "3"), ("south", "2")])),
                )
                .step(member("product", "product").lot(Number::from(lot)))
        };
        let least = BoundDef::at_least("product", Number::from(15))
            .unwrap()
            .at(at("region", "south"));
        let tea = |lot, total: i64| {
            cases(lot)
                .bound(least.clone())
                .total(at("product", "tea"), Number::from(total))
        };
        let plan = run(tea(10, 70)).unwrap();
        assert_eq!(plan.verify(), []);
        assert_eq!(plan.units("pieces", 1).unwrap(), [60, 40]);
        // 60 x 0.7 = 42 and 40 x 0.7 = 28; at least 15 of both in the south is at least two lots of each.
        assert_eq!(plan.units("pieces", 2).unwrap(), [50, 10, 20, 20]);
        assert_eq!(
            run(tea(10, 71)).unwrap_err().to_string(),
            "71 at tea is not a whole number of lots of 10"
        );
        // Only so much milk is left that the south cannot have two lots of it.
        let error = run(tea(10, 90)).unwrap_err();
        let PlanError::Constraint(ConstraintError::TotalsImpossible {
            needed, available, ..
        }) = &error
        else {
            panic!("{error}")
        };
        assert_eq!((needed - available).to_string(), "10", "{error}");
        let mixed = cases(10).total(at("product", "tea"), Number::from(70));
        let mut mixed = mixed;
        mixed.steps[1] = mixed.steps[1]
            .clone()
            .lot_at(at("product", "milk"), Number::from(5));
        assert_eq!(
            run(mixed).unwrap_err().to_string(),
            "step `product` has lots that differ from node to node, which prescribed totals across it cannot keep"
        );
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
        let PlanError::Constraint(ConstraintError::TotalsImpossible {
            needed, available, ..
        }) = &error
        else {
            panic!("{error}")
        };
        assert!(needed > available, "{error}");
        assert_eq!(
            error.to_string(),
            "the totals below all cannot be met together: south needs 20, milk has 5 for it, and its other cells hold at most 10"
        );
        let error = run(def().total(at("product", "tea"), Number::from(101))).unwrap_err();
        assert!(
            matches!(
                error,
                PlanError::Constraint(ConstraintError::Margins { .. })
            ),
            "{error}"
        );
        let both = at("product", "tea").at("person", "ann").unwrap();
        let error = run(def().total(both, Number::from(1))).unwrap_err();
        assert!(
            matches!(
                error,
                PlanError::Constraint(ConstraintError::NotTwoSteps { .. })
            ),
            "{error}"
        );
    }

    #[test]
    fn three_margins_hold_at_once() {
        let by = |step: StepDef| {
            recipe("pieces")
                .step(
                    member("person", "region")
                        .basis(given("region", &[("north", "3"), ("south", "2")])),
                )
                .step(member("product", "product"))
                .step(step)
        };
        let quarters = || by(StepDef::grain(crate::calendar::Grain::Quarter));
        let def = quarters()
            .total(at("region", "north"), Number::from(57))
            .total(at("product", "tea"), Number::from(71))
            .total(at("quarter", "2026-Q1"), Number::from(13))
            .total(at("quarter", "2026-Q4"), Number::from(40));
        let plan = run(def).unwrap();
        assert_eq!(plan.verify(), []);
        assert_eq!(plan.units("pieces", 1).unwrap(), [57, 43]);
        let company = Company::new();
        let year = company
            .calendar
            .year_periods(crate::calendar::Grain::Quarter, 2026)
            .unwrap();
        let sums = plan.roll_up("pieces", &[], Some(&year)).unwrap();
        let [Some(first), Some(second), Some(third), Some(40)] = *sums.cells() else {
            panic!("{sums:?}")
        };
        assert_eq!((first, second + third), (13, 47));
        let products = [Axis::new("product", "product").unwrap()];
        let sums = plan.roll_up("pieces", &products, None).unwrap();
        assert_eq!(sums.of("tea").unwrap().units(), 71);
        for level in 0..4 {
            for index in 0..plan.frame().nodes(level) {
                let why = plan.explain("pieces", NodeId::new(level, index)).unwrap();
                assert_eq!(why.cascaded(), why.amount, "{}", why.place);
            }
        }
        // A quarter alone, across two steps without a margin of their own.
        let plan = run(quarters().total(at("quarter", "2026-Q2"), Number::from(1))).unwrap();
        assert_eq!(plan.verify(), []);
        let crossing = quarters()
            .total(at("quarter", "2026-Q2"), Number::from(1))
            .total(
                at("region", "north").at("quarter", "2026-Q3").unwrap(),
                Number::from(1),
            );
        assert_eq!(
            run(crossing).unwrap_err().to_string(),
            "totals across step `quarter` are prescribed both below all and below north: they cross"
        );
        // Nothing but tea may be sold in the first quarter, and of tea there is too little.
        let most = BoundDef::at_most("quarter", Number::from(0))
            .unwrap()
            .at(at("product", "milk").at("quarter", "2026-Q1").unwrap());
        let def = quarters()
            .bound(most)
            .total(at("product", "tea"), Number::from(10))
            .total(at("quarter", "2026-Q1"), Number::from(11));
        let error = run(def).unwrap_err();
        assert!(
            matches!(
                error,
                PlanError::Constraint(ConstraintError::TotalsNotFound { .. })
            ),
            "{error}"
        );
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
