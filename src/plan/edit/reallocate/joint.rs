//! All locks below a depth as one table: scopes by the columns of the parents that are kept.

use std::collections::BTreeMap;

use super::domain::{FREE, share, share_within};
use super::lock::{Failure, Locks};
use super::nest::Nest;
use crate::allocation::Bound;
use crate::margins::{Closing, Marginal, MarginsError, Node, Orientation, Seed, Stratum, TwoWay};

/// The locks below a depth, and what the parents have of which the cells below move.
pub(super) struct Joint<'a> {
    pub(super) locks: &'a Locks<'a>,
    depth: usize,
    to: Vec<i64>,
    /// The parents that are kept: a branch and a column, and what those below it have that may move.
    pub(super) parents: Vec<((usize, usize), i64)>,
    /// Of each cell that may move by its number, the parent in whose column it moves.
    pub(super) parent_of: Vec<Option<usize>>,
    /// The locks that are not settled yet by the steps above.
    pub(super) below: Vec<usize>,
    /// Of each of these, the cells that may move, and what does not.
    pub(super) scopes: Vec<Vec<usize>>,
    pub(super) fixed: Vec<i64>,
}

/// One side of a table.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) nodes: Vec<Node>,
    /// The lock of each node; none for what is not locked.
    pub(super) lock_of: Vec<Option<usize>>,
    /// The line of the cells of each lock that are in no lock inside.
    line_of: Vec<Option<usize>>,
    /// The line of what is not locked.
    rest: Option<usize>,
    pub(super) lines: usize,
}

impl Rows {
    /// Returns the line of a cell that the smallest of these locks holds, or none.
    pub(super) fn line(&self, lock: Option<usize>) -> Option<usize> {
        lock.map_or(self.rest, |lock| self.line_of[lock])
    }
}

impl<'a> Joint<'a> {
    pub(super) fn new(locks: &'a Locks<'a>, depth: usize, to: Vec<i64>) -> Result<Self, Failure> {
        let domain = locks.domain;
        let width = domain.width();
        let below: Vec<usize> = (0..locks.all.len())
            .filter(|lock| locks.all[*lock].depth > depth)
            .collect();
        let mut own = Self {
            locks,
            depth,
            parents: Vec::new(),
            parent_of: vec![None; domain.cells.len()],
            scopes: vec![Vec::new(); below.len()],
            fixed: vec![0; below.len()],
            below,
            to,
        };
        let mut known: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for (number, cell) in domain.cells.iter().enumerate() {
            let moves = |branch: &usize| locks.is_open[branch * width + cell.column];
            let depths = depth..domain.axis.0.len();
            let mut above = depths.map(|depth| domain.above(cell.branch, depth));
            if let Some(parent) = above.find(moves).filter(|_| !cell.is_fixed) {
                let at = (parent, cell.column);
                let next = known.len();
                own.parent_of[number] = Some(*known.entry(at).or_insert(next));
                if known.len() > next {
                    let free =
                        own.to[parent * width + cell.column] - domain.at(parent, cell.column).fixed;
                    own.parents.push((at, free));
                }
            }
            for (place, lock) in own.below.iter().enumerate() {
                let lock = &locks.all[*lock];
                let id = domain.above(cell.branch, lock.depth) * width + cell.column;
                if lock.scope.binary_search(&id).is_ok() {
                    if own.parent_of[number].is_none() {
                        own.fixed[place] += cell.value;
                    } else {
                        own.scopes[place].push(number);
                    }
                }
            }
        }
        own.check_fixed()?;
        Ok(own)
    }

    /// Returns the same with some of its locks alone.
    pub(super) fn with(&self, places: &[usize]) -> Self {
        let pick = || places.iter().copied();
        Self {
            locks: self.locks,
            depth: self.depth,
            to: Vec::new(),
            parents: self.parents.clone(),
            parent_of: self.parent_of.clone(),
            below: pick().map(|at| self.below[at]).collect(),
            scopes: pick().map(|at| self.scopes[at].clone()).collect(),
            fixed: pick().map(|at| self.fixed[at]).collect(),
        }
    }

    /// Refuses locks of which nothing may move and that ask for another total.
    fn check_fixed(&self) -> Result<(), Failure> {
        for ((branch, column), free) in &self.parents {
            if *free < 0 {
                let own = self.locks.domain.at(*branch, *column);
                return Err(Failure::Conflict {
                    locks: self.below.clone(),
                    kept: vec![(*branch, *column)],
                    needed: own.fixed.into(),
                    available: i128::from(*free) + i128::from(own.fixed),
                });
            }
        }
        for (place, lock) in self.below.iter().enumerate() {
            let total = self.locks.all[*lock].total;
            if self.scopes[place].is_empty() && total != self.fixed[place] {
                return Err(Failure::Conflict {
                    locks: vec![*lock],
                    kept: Vec::new(),
                    needed: total.into(),
                    available: self.fixed[place].into(),
                });
            }
        }
        Ok(())
    }

    /// Returns the amounts of cells that may move when the scopes lie inside each other.
    pub(super) fn nested(&self, nest: &Nest) -> Result<Vec<i64>, Failure> {
        self.check_inside(nest)?;
        let rows = self.rows(nest);
        // The cells of each line in each parent's column.
        let mut groups: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (number, parent) in self.parent_of.iter().enumerate() {
            if let (Some(line), Some(parent)) = (rows.line(nest.owner(number)), parent) {
                groups.entry((line, *parent)).or_default().push(number);
            }
        }
        let width = self.parents.len();
        let mut weights = vec![0_i64; rows.lines * width];
        for ((line, parent), weight) in self.weights(&groups, |at| at.0) {
            weights[line * width + parent] = weight;
        }
        let limits = self.limits(&groups);
        let mut table = self.table(&rows, &weights, &limits);
        if table.is_err() {
            // Others who have nothing take part where nobody else of the parent does.
            let mut is_open = false;
            let others = groups
                .iter()
                .filter(|((line, _), _)| Some(*line) == rows.rest);
            for ((line, parent), cells) in others {
                let weight = &mut weights[line * width + parent];
                if *weight == 0 {
                    (*weight, is_open) = (i64::try_from(cells.len()).unwrap_or(1), true);
                }
            }
            if is_open {
                table = self.table(&rows, &weights, &limits);
            }
        }
        let table = table?;
        let mut amounts = vec![0; self.locks.domain.cells.len()];
        for ((line, parent), cells) in groups {
            self.share_among(&cells, table[line * width + parent], &mut amounts);
        }
        Ok(amounts)
    }

    /// Returns the bounds of those groups of cells that have any.
    fn limits(
        &self,
        groups: &BTreeMap<(usize, usize), Vec<usize>>,
    ) -> BTreeMap<(usize, usize), (i64, i64)> {
        if self.locks.domain.limits(0).is_none() {
            return BTreeMap::new();
        }
        let has = |cell: &usize| self.locks.domain.cells[*cell].value != 0;
        let own = groups.iter().map(|(at, cells)| {
            let is_empty = !cells.iter().any(has);
            // Cells without an amount take no part where others have one.
            let of = |cell: &usize| {
                let (least, most) = self.cell_limits(*cell).unwrap_or((0, FREE));
                let takes_part = is_empty || has(cell);
                (least, if takes_part { most } else { least })
            };
            let sum = cells.iter().map(of).fold((0, 0), |sum: (i64, i64), own| {
                let add = |one: i64, other: i64| one.saturating_add(other).min(FREE);
                (add(sum.0, own.0), add(sum.1, own.1))
            });
            (*at, sum)
        });
        own.filter(|(_, limits)| *limits != (0, FREE)).collect()
    }

    fn cell_limits(&self, cell: usize) -> Option<(i64, i64)> {
        let domain = self.locks.domain;
        let own = &domain.cells[cell];
        domain.limits(own.branch * domain.width() + own.column)
    }

    /// Returns what stands in each group of cells; where nothing stands in a whole line of groups, its cells are alike.
    pub(super) fn weights(
        &self,
        groups: &BTreeMap<(usize, usize), Vec<usize>>,
        line: impl Fn(&(usize, usize)) -> usize,
    ) -> BTreeMap<(usize, usize), i64> {
        let value = |cell: &usize| self.locks.domain.cells[*cell].value;
        let stands = |cells: &Vec<usize>| cells.iter().map(value).sum::<i64>();
        let mut lines: BTreeMap<usize, i64> = BTreeMap::new();
        for (at, cells) in groups {
            *lines.entry(line(at)).or_default() += stands(cells);
        }
        let weights = groups.iter().map(|(at, cells)| {
            let is_empty = lines.get(&line(at)).is_none_or(|sum| *sum == 0);
            let alike = i64::try_from(cells.len()).unwrap_or(1);
            (*at, if is_empty { alike } else { stands(cells) })
        });
        weights.collect()
    }

    /// Shares an amount among cells in proportion to what they have, inside their bounds where that can be.
    pub(super) fn share_among(&self, cells: &[usize], amount: i64, amounts: &mut [i64]) {
        let value = |cell: &usize| self.locks.domain.cells[*cell].value;
        let mut weights: Vec<i64> = cells.iter().map(value).collect();
        if weights.iter().all(|weight| *weight == 0) {
            weights.fill(1);
        }
        let limits: Option<Vec<_>> = cells.iter().map(|cell| self.cell_limits(*cell)).collect();
        let within = limits.and_then(|limits| share_within(amount, &weights, &limits));
        let given = within
            .or_else(|| share(amount, &weights))
            .unwrap_or_default();
        for (cell, given) in cells.iter().zip(given) {
            amounts[*cell] = given;
        }
    }

    /// Refuses scopes whose parts do not make them.
    fn check_inside(&self, nest: &Nest) -> Result<(), Failure> {
        for place in 0..self.below.len() {
            if self.scopes[place].is_empty() {
                continue;
            }
            let total = |place: usize| i128::from(self.locks.all[self.below[place]].total);
            let mut locks = vec![self.below[place]];
            let (mut inside, mut fixed) = (0, i128::from(self.fixed[place]));
            for inner in nest.inside(place) {
                locks.push(self.below[inner]);
                inside += total(inner);
                fixed -= i128::from(self.fixed[inner]);
            }
            let taken = inside + fixed;
            let mut cells = self.scopes[place].iter();
            let has_own = cells.any(|cell| nest.owner(*cell) == Some(place));
            if taken > total(place) || (taken < total(place) && !has_own) {
                locks.sort_unstable();
                let is_short = taken < total(place);
                let (needed, available) = if is_short {
                    (total(place), taken)
                } else {
                    (taken, total(place))
                };
                return Err(Failure::Conflict {
                    locks,
                    kept: Vec::new(),
                    needed,
                    available,
                });
            }
        }
        Ok(())
    }

    pub(super) fn rows(&self, nest: &Nest) -> Rows {
        let mut rows = Rows {
            nodes: Vec::new(),
            lock_of: Vec::new(),
            line_of: vec![None; self.below.len()],
            rest: None,
            lines: 0,
        };
        let mut node_of = vec![None; self.below.len()];
        let mut own = vec![false; self.below.len()];
        let mut has_rest = false;
        for (number, parent) in self.parent_of.iter().enumerate() {
            match nest.owner(number) {
                Some(lock) => own[lock] = true,
                None => has_rest |= parent.is_some(),
            }
        }
        for place in &nest.order {
            if self.scopes[*place].is_empty() {
                continue;
            }
            let above = nest.parent[*place].and_then(|above| node_of[above]);
            let free = self.locks.all[self.below[*place]].total - self.fixed[*place];
            let node = above.map_or(Node::root(), Node::under).totalling(free);
            let at = rows.nodes.len();
            node_of[*place] = Some(at);
            rows.nodes.push(node);
            rows.lock_of.push(Some(*place));
            if own[*place] {
                rows.line_of[*place] = Some(rows.lines);
                rows.lines += 1;
                if nest.inside(*place).next().is_some() {
                    rows.nodes.push(Node::under(at));
                    rows.lock_of.push(None);
                }
            }
        }
        if has_rest {
            rows.rest = Some(rows.lines);
            rows.lines += 1;
            rows.nodes.push(Node::root());
            rows.lock_of.push(None);
        }
        rows
    }

    /// Returns the whole table of lines by parents.
    fn table(
        &self,
        rows: &Rows,
        weights: &[i64],
        limits: &BTreeMap<(usize, usize), (i64, i64)>,
    ) -> Result<Vec<i64>, Failure> {
        let width = self.parents.len();
        let solved = || {
            let seed = Seed::counts(rows.lines, width, weights)?;
            let sides = (
                Marginal::tree(rows.nodes.clone())?,
                Marginal::flat(self.parents.iter().map(|parent| parent.1))?,
            );
            let mut stated = TwoWay::new(seed, sides.0, sides.1)?;
            for ((line, parent), (least, most)) in limits {
                if let Ok(bound) = Bound::between(*least, *most) {
                    stated = stated.bounded(*line, *parent, bound)?;
                }
            }
            stated.solve(Closing::LeastChange)
        };
        match solved() {
            Ok(solved) => {
                let table = solved.table();
                let cells = 0..rows.lines * width;
                Ok(cells.map(|at| table.cell(at / width, at % width)).collect())
            }
            Err(error) => Err(self.refused(rows, &error)),
        }
    }

    /// Says in locks and parents why there is no table.
    fn refused(&self, rows: &Rows, error: &MarginsError) -> Failure {
        let top = || {
            let nodes = rows.nodes.iter().zip(&rows.lock_of);
            let top = nodes.filter(|(node, _)| node.parent().is_none());
            top.filter_map(|(_, lock)| lock.map(|lock| self.below[lock]))
                .collect::<Vec<_>>()
        };
        let all = || self.parents.iter().map(|parent| parent.0).collect();
        let (mut locks, kept, needed, available) = match error {
            MarginsError::Impossible { blocked } => {
                let (mut locks, mut kept) = (Vec::new(), Vec::new());
                for (strata, is_row) in [
                    (blocked.needing(), blocked.axis() == Orientation::Rows),
                    (blocked.offering(), blocked.axis() != Orientation::Rows),
                ] {
                    for stratum in strata {
                        if is_row {
                            locks.extend(self.locks_of(rows, stratum));
                        } else {
                            let parent = stratum.node().and_then(|node| self.parents.get(node));
                            kept.extend(parent.map(|parent| parent.0));
                        }
                    }
                }
                (locks, kept, blocked.needed(), blocked.available())
            }
            MarginsError::TotalsDiffer { rows, columns } => {
                let (rows, columns) = (i128::from(*rows), i128::from(*columns));
                (top(), all(), rows.max(columns), rows.min(columns))
            }
            MarginsError::PrescribedAboveTotal {
                prescribed, total, ..
            } => (top(), all(), *prescribed, i128::from(*total)),
            _ => return Failure::Undecided(self.below.clone()),
        };
        locks.sort_unstable();
        locks.dedup();
        Failure::Conflict {
            locks,
            kept,
            needed,
            available,
        }
    }

    /// Returns the locks that make what a part of the rows totals.
    pub(super) fn locks_of(&self, rows: &Rows, stratum: &Stratum) -> Vec<usize> {
        let nodes = stratum.node().into_iter();
        let nodes = nodes.chain(stratum.except().iter().copied());
        nodes
            .filter_map(|node| rows.lock_of[node].map(|lock| self.below[lock]))
            .collect()
    }

    /// Returns all amounts with those right below the depth made of cells.
    pub(super) fn told(&self, amounts: &[i64]) -> Vec<i64> {
        let domain = self.locks.domain;
        let width = domain.width();
        let mut to = self.to.clone();
        let mut by: BTreeMap<usize, i64> = BTreeMap::new();
        for (number, cell) in domain.cells.iter().enumerate() {
            let id = domain.above(cell.branch, self.depth + 1) * width + cell.column;
            let moves = self.parent_of[number].is_some();
            let amount = if moves { amounts[number] } else { cell.value };
            *by.entry(id).or_default() += amount;
        }
        for (id, amount) in by {
            to[id] = amount;
        }
        to
    }
}
