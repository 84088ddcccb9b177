//! Totals prescribed across nodes: what a product totals over all territories, beside what each territory totals.
//!
//! The nodes at one step below a node are the rows of a table, the members of the next step its columns. Rows total what
//! the cascade gives them, columns what is prescribed, and all of it holds exactly, to the quantum. Totals prescribed over
//! a further step take the cells of that table as their rows, so that three and more margins are nested two by two.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::bounds::{Bounds, Limits};
use super::lots::{LotCount, LotSize};
use super::stock::period_of_a_path;
use super::{CascadeDef, ConstraintError, Frame, NodeId, NodeLimit, Path, PlanError};
use crate::allocation::Bound;
use crate::allocation::LevelWeights;
use crate::key::{Key, unknown};
use crate::margins::{
    Blocked, Closeness, Closing, Marginal, MarginsError, Node, NodeEnd, Orientation,
    Overconstrained, Seed, Stratum, TwoWay,
};
use crate::measure::{Additivity, Measure};
use crate::quantity::Rounding;

/// The most cells for which the table of least change is looked for; larger ones are exact all the same.
const LEAST_CHANGE_CELLS: usize = 5_000;

/// The tables of a recipe: by the step of the columns and the node above the rows, what each column totals at least and at
/// most, where something is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Prescribed(BTreeMap<(usize, NodeId), BTreeMap<u32, Limits>>);

impl Prescribed {
    pub(super) fn compile(
        def: &CascadeDef,
        frame: &Frame,
        measure: &Measure,
    ) -> Result<Self, PlanError> {
        let mut tables: BTreeMap<(usize, NodeId), BTreeMap<u32, Limits>> = BTreeMap::new();
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
            let limits = Limits::of_total(total, measure)?;
            let (node, below) = (selection.node, &selection.below);
            match below[..] {
                [] if stock => return Err(not_for("a prescribed total of one member")),
                // One node: its bounds say so.
                [] if node != NodeId::WHOLE => {}
                [(step, _)] if stock && (node.level()..=step).any(over_time) => {
                    return Err(not_for("a prescribed total across periods"));
                }
                [(step, coord)] => {
                    let coords = &frame.levels[step + 1].coords[frame.run_below(node, step + 1)];
                    if !coords.contains(&coord) {
                        let there: BTreeSet<u32> = coords.iter().copied().collect();
                        let names = there.iter().filter_map(|at| frame.coord_name(step, *at));
                        let name = frame.coord_name(step, coord).map_or("", Key::as_str);
                        let (name, nearest, known) = unknown(name, names.map(Key::as_str));
                        return Err(PlanError::UnknownNode {
                            path: frame.path(node),
                            name,
                            nearest,
                            known,
                        });
                    }
                    if let (Some(min), Some(max)) = (limits.min, limits.max)
                        && min > max
                    {
                        return Err(PlanError::Constraint(ConstraintError::CrossedBounds {
                            place: frame.column_path(node, step, coord),
                            min: measure.quantum.amount(min),
                            max: measure.quantum.amount(max),
                        }));
                    }
                    if tables
                        .entry((step, node))
                        .or_default()
                        .insert(coord, limits)
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

    /// Returns what the column of a row's child totals at least and at most, where something is said.
    pub(super) fn across(&self, frame: &Frame, child: NodeId) -> Option<(Path, Limits)> {
        let row = frame.parent(child)?;
        let holder = self.holder(frame, row.level(), row)?;
        let column = frame.levels[child.level()].coords[child.index()];
        let limits = self.0.get(&(row.level(), holder))?.get(&column)?;
        Some((frame.column_path(holder, row.level(), column), *limits))
    }

    /// Returns the tables: the step of the columns, the node above the rows, and the columns with what they total.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, NodeId, &BTreeMap<u32, Limits>)> {
        self.0
            .iter()
            .map(|((step, node), columns)| (*step, *node, columns))
    }

    /// Returns what each column with a total makes.
    pub(super) fn sums(
        frame: &Frame,
        (step, node): (usize, NodeId),
        columns: &BTreeMap<u32, Limits>,
        values: &[Vec<i64>],
    ) -> Vec<(u32, Limits, i128)> {
        let cells = frame.run_below(node, step + 1);
        let coords = &frame.levels[step + 1].coords[cells.clone()];
        let below = &values[step + 1][cells];
        columns
            .iter()
            .map(|(column, limits)| {
                let own = coords
                    .iter()
                    .zip(below)
                    .filter(|(coord, _)| *coord == column);
                (
                    *column,
                    *limits,
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
        let totals = self.0.get(&(step, node));
        let across = |coord: u32| totals.and_then(|totals| totals.get(&coord)).copied();
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
                // What it is below zero follows from the sign of its row and of its column.
                let column_falls = across(coord)
                    .and_then(|limits| limits.max)
                    .is_some_and(|max| max < 0);
                let limits = table.limits(level + 1, child, *amount < 0 || column_falls);
                let min = limits
                    .min
                    .and_then(|min| table.lots(min, Rounding::Ceiling));
                let max = limits.max.and_then(|max| table.lots(max, Rounding::Floor));
                bounds.extend(min.map(|min| ((row, column), child, Bound::at_least(min))));
                bounds.extend(max.map(|max| ((row, column), child, Bound::at_most(max))));
            }
        }
        let failed = |error: MarginsError| table.failed(error);
        let seed = Seed::sparse(rows.len(), columns.len(), entries).map_err(failed)?;
        let sum: i128 = rows.iter().map(|(_, amount)| i128::from(**amount)).sum();
        let sum = i64::try_from(sum).map_err(|_| PlanError::OutOfRange {
            place: frame.path(node),
        })?;
        let mut nodes = vec![Node::root().totalling(sum)];
        for column in &columns {
            nodes.push(table.column(*column, across(*column).unwrap_or_default())?);
        }
        let row_side = Marginal::flat(rows.iter().map(|(_, amount)| **amount)).map_err(failed)?;
        let column_side = Marginal::tree(nodes).map_err(failed)?;
        let mut stated = TwoWay::new(seed, row_side, column_side).map_err(failed)?;
        for ((row, column), child, bound) in bounds {
            let bounded = stated.bounded(row, column, bound);
            stated = bounded.map_err(|error| table.cell_failed(level + 1, child, error))?;
        }
        let closing = if places.len() <= LEAST_CHANGE_CELLS {
            Closing::LeastChange
        } else {
            Closing::Direct
        };
        // Another table above, or other rows inside their bounds, might leave a way: then this proves nothing about all together.
        let as_split = || {
            let nested = self.0.keys().any(|(own, top)| *own < step && *top == node);
            let lines = rows.iter().map(|(index, amount)| (*index, **amount));
            nested || table.leaves_a_way(&stated, sum, lines, &places)
        };
        let solved = stated.solve(closing).map_err(|error| match error {
            MarginsError::Impossible { blocked } => {
                let lines: Vec<usize> = rows.iter().map(|(index, _)| *index).collect();
                table.impossible(&stated, &blocked, as_split(), (lines, columns.as_slice()))
            }
            MarginsError::Overconstrained { proof } => {
                let lines: Vec<usize> = rows.iter().map(|(index, _)| *index).collect();
                table.out_of_bounds(&proof, as_split(), (&lines, &columns))
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

    /// Says whether the columns could be met if rows totalled anything inside their bounds that makes this sum.
    fn leaves_a_way(
        &self,
        stated: &TwoWay,
        sum: i64,
        rows: impl Iterator<Item = (usize, i64)>,
        places: &[(usize, usize)],
    ) -> bool {
        let mut nodes = vec![Node::root().totalling(sum)];
        for (index, amount) in rows {
            let limits = self.limits(self.step, index, amount < 0);
            let min = limits.min.and_then(|min| self.lots(min, Rounding::Ceiling));
            let max = limits.max.and_then(|max| self.lots(max, Rounding::Floor));
            let node = min.map_or(Node::under(0), |min| Node::under(0).at_least(min));
            nodes.push(max.map_or(node, |max| node.at_most(max)));
        }
        let columns = stated.marginal(Orientation::Columns).clone();
        let rows = Marginal::tree(nodes);
        let freer = rows.and_then(|rows| TwoWay::new(stated.seed().clone(), rows, columns));
        let freer = freer.and_then(|freer| {
            places.iter().try_fold(freer, |freer, (row, column)| {
                freer.bounded(*row, *column, stated.range(*row, *column))
            })
        });
        freer.is_ok_and(|freer| freer.solve(Closing::Direct).is_ok())
    }

    /// Returns why the totals of rows and columns cannot be met, or were not as the steps above are split.
    fn impossible(
        &self,
        stated: &TwoWay,
        blocked: &Blocked,
        as_split: bool,
        (lines, columns): (Vec<usize>, &[u32]),
    ) -> PlanError {
        let rows = self.names(stated, Orientation::Rows, lines, columns);
        let across = self.names(stated, Orientation::Columns, Vec::new(), columns);
        let (needing, offering) = match blocked.axis() {
            Orientation::Rows => (rows, across),
            Orientation::Columns => (across, rows),
        };
        let decimal = |lots: i128| self.shown(lots);
        let place = self.frame.path(self.node);
        let (needing, offering) = (needing(blocked.needing()), offering(blocked.offering()));
        let (needed, available) = (decimal(blocked.needed()), decimal(blocked.available()));
        let (minima, maxima) = (decimal(blocked.minima()), decimal(blocked.maxima()));
        PlanError::Constraint(if as_split {
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

    /// Returns what a cell may be: as it is written, and by what is below it.
    fn limits(&self, level: usize, child: usize, falls: bool) -> Limits {
        let of = |levels: Option<&BTreeMap<usize, Limits>>| {
            let found = levels.and_then(|limits| limits.get(&child));
            found.copied().unwrap_or_default()
        };
        of(self.bounds.own(level)).and(of(self.bounds.implied(level, falls)))
    }

    /// Returns a column with what it totals, in lots.
    fn column(&self, column: u32, limits: Limits) -> Result<Node, PlanError> {
        let under = Node::under(0);
        match limits.exact() {
            Some(total) if !self.lot.divides(total) => {
                Err(PlanError::Constraint(ConstraintError::NotWholeLots {
                    place: self.frame.column_path(self.node, self.step, column),
                    amount: self.measure.quantum.amount(total),
                    lot: self.measure.quantum.amount(self.lot.quanta()),
                }))
            }
            Some(total) => Ok(under.totalling(self.lot.count(total).get())),
            None => {
                let min = limits.min.and_then(|min| self.lots(min, Rounding::Ceiling));
                let max = limits.max.and_then(|max| self.lots(max, Rounding::Floor));
                let under = min.map_or(under, |min| under.at_least(min));
                Ok(max.map_or(under, |max| under.at_most(max)))
            }
        }
    }

    /// Returns an amount in lots as it is shown.
    fn shown(&self, lots: i128) -> Decimal {
        let units = lots.checked_mul(i128::from(self.lot.quanta()));
        units
            .and_then(|units| i64::try_from(units).ok())
            .map_or(Decimal::MAX, |units| self.measure.quantum.amount(units))
    }

    fn failed(&self, error: MarginsError) -> PlanError {
        let place = self.frame.path(self.node);
        let disagree = |prescribed: i128, total: i64| ConstraintError::TotalsDisagree {
            place: self.frame.path(self.node),
            step: self.frame.steps[self.step].name.clone(),
            prescribed: self.shown(prescribed),
            total: self.shown(i128::from(total)),
        };
        PlanError::Constraint(match error {
            MarginsError::NodeDisagrees { total, below, .. } => disagree(below, total),
            MarginsError::TotalsDiffer { rows, columns } => disagree(i128::from(columns), rows),
            MarginsError::PrescribedAboveTotal {
                prescribed, total, ..
            } => disagree(prescribed, total),
            error => ConstraintError::Margins {
                place,
                error: Box::new(error),
                unit: self.shown(1),
            },
        })
    }

    /// Returns why a cell cannot be bounded so.
    fn cell_failed(&self, level: usize, child: usize, error: MarginsError) -> PlanError {
        let place = self.frame.path_at(level, child);
        PlanError::Constraint(match error {
            MarginsError::BoundBeyondZero { bound, side, .. } => ConstraintError::BoundBeyondZero {
                place,
                bound: self.shown(i128::from(bound)),
                side,
            },
            MarginsError::MinimumOnZero { least, .. } => ConstraintError::MinimumWithoutWeight {
                place,
                min: self.shown(i128::from(least)),
            },
            MarginsError::BoundsCross { least, most, .. } => ConstraintError::CrossedBounds {
                place,
                min: self.shown(i128::from(least)),
                max: self.shown(i128::from(most)),
            },
            error => return self.failed(error),
        })
    }

    /// Returns why minima and maxima of columns leave no table.
    fn out_of_bounds(
        &self,
        proof: &Overconstrained,
        as_split: bool,
        (lines, columns): (&[usize], &[u32]),
    ) -> PlanError {
        let place = |node: Option<(Orientation, usize)>| match node {
            Some((Orientation::Rows, line)) => {
                let index = lines.get(line).copied().unwrap_or_default();
                self.frame.path(NodeId::new(self.step, index))
            }
            // The first node of the columns is all of them.
            Some((Orientation::Columns, at)) if at > 0 => {
                let column = columns.get(at - 1).copied().unwrap_or_default();
                self.frame.column_path(self.node, self.step, column)
            }
            Some((Orientation::Columns, _)) | None => self.frame.path(self.node),
        };
        let limits = |ends: &[NodeEnd], is_least: bool| {
            let limit = |end: &NodeEnd| {
                let quanta = Some(self.shown(i128::from(end.quanta)));
                // Rows total what they were given, and so does the whole.
                let is_total = !matches!(end.node, Some((Orientation::Columns, at)) if at > 0);
                NodeLimit {
                    place: place(end.node),
                    min: quanta.filter(|_| is_least || is_total),
                    max: quanta.filter(|_| !is_least || is_total),
                }
            };
            ends.iter().map(limit).collect()
        };
        PlanError::Constraint(ConstraintError::TotalsOutOfBounds {
            as_split,
            place: self.frame.path(self.node),
            least: limits(proof.least(), true),
            most: limits(proof.most(), false),
            needed: self.shown(proof.needed()),
            available: self.shown(proof.available()),
            cells_min: self.shown(proof.cells_least()),
            cells_max: self.shown(proof.cells_most()),
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
mod tests;
