//! The cells among which amounts move: who stands where across a dimension, and in which column of all other steps.

use std::collections::{BTreeMap, BTreeSet};

use crate::allocation::{Bound, Lots, Method, Weights, ZeroWeights, allocate, allocate_within};
use crate::plan::frame::SKIPPED;
use crate::plan::step::Split;
use crate::plan::{EditError, Frame, NodeId, Path, Place, Plan, PlanError};

/// The steps across which amounts move, from the top: all of one dimension, or all of periods.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Axis(pub(super) Vec<usize>);

/// How many members by columns are looked at together.
const MOST: u128 = 50_000_000;

/// Refuses more members by columns than are looked at together: of each one it is kept what stands there, whether anything does or not.
fn check_size(members: usize, columns: usize) -> Result<(), EditError> {
    let (members, columns) = (members as u128, columns as u128);
    if members * columns > MOST {
        return Err(EditError::TooManyAtOnce {
            members,
            columns,
            most: MOST,
        });
    }
    Ok(())
}

/// A place by the numbers of its steps.
pub(super) type Coords = Vec<(usize, u32)>;

/// Which dimension a step is of; none for periods.
fn dimension(frame: &Frame, step: usize) -> Option<usize> {
    match frame.steps[step].split {
        Split::Member { dimension, .. } => Some(dimension),
        Split::Time(_) => None,
    }
}

impl Axis {
    /// Returns the steps of the dimension that one step is of.
    pub(super) fn of(frame: &Frame, step: usize) -> Self {
        let own = dimension(frame, step);
        let steps = 0..frame.steps.len();
        Self(
            steps
                .filter(|step| dimension(frame, *step) == own)
                .collect(),
        )
    }

    /// Returns the axis that places mean: of the dimensions that they name the only one, or the only one that every place names; of those
    /// of a transfer the only one in which they differ; of periods where they name nothing else.
    pub(super) fn meant(frame: &Frame, places: &[Coords], is_transfer: bool) -> Option<Self> {
        let found = |is_meant: &dyn Fn(usize, &BTreeSet<Option<u32>>) -> bool| {
            let mut found: BTreeSet<Self> = BTreeSet::new();
            for step in 0..frame.steps.len() {
                let at = |place: &Coords| place.iter().find(|own| own.0 == step).map(|own| own.1);
                let named: BTreeSet<Option<u32>> = places.iter().map(at).collect();
                if named.iter().any(Option::is_some) && is_meant(step, &named) {
                    found.insert(Self::of(frame, step));
                }
            }
            let mut found = found.into_iter();
            found.next().filter(|_| found.next().is_none())
        };
        let is_member = |step: usize| dimension(frame, step).is_some();
        found(&|step, _| is_member(step))
            .or_else(|| {
                found(&|step, named| {
                    is_member(step)
                        && if is_transfer {
                            named.iter().flatten().count() > 1
                        } else {
                            !named.contains(&None)
                        }
                })
            })
            .or_else(|| found(&|step, _| !is_member(step)))
    }

    /// Writes down the column of a cell: its members and periods at all other steps.
    pub(super) fn column_into(&self, coords: &[u32], column: &mut Vec<u32>) {
        column.clear();
        column.extend_from_slice(coords);
        for step in &self.0 {
            column[*step] = SKIPPED;
        }
    }

    /// Returns how deep a place stands: after how many steps of the axis it names the lowest one; 0 where it names none.
    pub(super) fn depth(&self, place: &Coords) -> usize {
        let named = |step: &usize| place.iter().any(|own| own.0 == *step);
        self.0.iter().rposition(named).map_or(0, |at| at + 1)
    }
}

/// Somebody on the axis.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    pub(super) parent: usize,
    pub(super) depth: usize,
    coord: u32,
    pub(super) children: Vec<usize>,
}

/// A leaf of the plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) leaf: NodeId,
    pub(super) branch: usize,
    pub(super) column: usize,
    /// Its amount, in the lots and with the sign of the domain.
    pub(super) value: i64,
    pub(super) is_fixed: bool,
}

/// What somebody has in one column.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standing {
    /// What may move.
    pub(super) free: i64,
    /// What may not.
    pub(super) fixed: i64,
    /// In how many cells something may move.
    pub(super) cells: u32,
    /// How many cells there are.
    pub(super) all: u32,
}

impl Standing {
    pub(super) fn value(self) -> i64 {
        self.free + self.fixed
    }
}

/// The cells among which amounts move.
#[derive(Debug, Clone)]
pub(super) struct Domain {
    pub(super) axis: Axis,
    /// Whoever stands on the axis; the first one is whoever is above all.
    pub(super) tree: Vec<Branch>,
    /// Of each column the members and periods at the other steps.
    columns: Vec<Vec<u32>>,
    /// In the order of branches and columns.
    pub(super) cells: Vec<Cell>,
    standing: Vec<Standing>,
    /// What may move of everybody in each column at least and at most; empty where no cell has bounds.
    limits: Vec<(i64, i64)>,
    /// By how many quanta one unit of its amounts counts; below zero where all amounts are.
    unit: i64,
}

/// The cells that may be in a domain, with the numbers of all their steps.
#[derive(Debug, Default)]
pub(super) struct Found {
    leaves: Vec<NodeId>,
    coords: Vec<u32>,
    steps: usize,
}

impl Found {
    pub(super) fn iter(&self) -> impl Iterator<Item = (NodeId, &[u32])> {
        self.leaves
            .iter()
            .copied()
            .zip(self.coords.chunks(self.steps.max(1)))
    }

    /// Keeps those whose numbers are as wanted.
    pub(super) fn retain(&mut self, mut is_wanted: impl FnMut(&[u32]) -> bool) {
        let mut kept = Self {
            steps: self.steps,
            ..Self::default()
        };
        for (leaf, coords) in self.iter() {
            if is_wanted(coords) {
                kept.push(leaf, coords);
            }
        }
        *self = kept;
    }

    /// Keeps each leaf once.
    pub(super) fn once(&mut self) {
        let mut seen = BTreeSet::new();
        let leaves = std::mem::take(&mut self.leaves);
        let coords = std::mem::take(&mut self.coords);
        for (leaf, own) in leaves.into_iter().zip(coords.chunks(self.steps.max(1))) {
            if seen.insert(leaf) {
                self.leaves.push(leaf);
                self.coords.extend_from_slice(own);
            }
        }
    }

    /// Adds a leaf with the numbers of its steps.
    pub(super) fn push(&mut self, leaf: NodeId, coords: &[u32]) {
        self.steps = coords.len();
        self.leaves.push(leaf);
        self.coords.extend_from_slice(coords);
    }

    pub(super) fn add(&mut self, other: Self) {
        self.steps = other.steps;
        self.leaves.extend(other.leaves);
        self.coords.extend(other.coords);
    }
}

impl Plan {
    /// Returns the leaves that stand at these members and periods, at the cost of what is looked at to find them.
    pub(super) fn leaves_at(&self, place: &Coords) -> Found {
        let steps = self.frame.steps.len();
        let mut wanted = vec![None; steps];
        for (step, coord) in place {
            wanted[*step] = Some(*coord);
        }
        let mut found = Found {
            steps,
            ..Found::default()
        };
        let mut own = vec![SKIPPED; steps];
        self.find_leaves(NodeId::WHOLE, &wanted, &mut own, &mut found);
        found
    }

    fn find_leaves(
        &self,
        node: NodeId,
        wanted: &[Option<u32>],
        own: &mut [u32],
        found: &mut Found,
    ) {
        let level = node.level();
        let range = self.frame.child_range(node);
        if range.is_empty() {
            if wanted[level.min(wanted.len())..]
                .iter()
                .all(Option::is_none)
            {
                found.leaves.push(node);
                found.coords.extend_from_slice(own);
            }
            return;
        }
        match wanted[level] {
            Some(coord) => {
                if let Some(child) = self.frame.child(node, coord) {
                    own[level] = coord;
                    self.find_leaves(child, wanted, own, found);
                }
            }
            None => {
                for index in range {
                    own[level] = self.frame.levels[level + 1].coords[index];
                    self.find_leaves(NodeId::new(level + 1, index), wanted, own, found);
                }
            }
        }
        own[level] = SKIPPED;
    }

    /// Says whether an amount of a leaf may not move.
    fn is_stuck(&self, sheet: usize, leaf: NodeId) -> bool {
        self.sheets[sheet].is_held(leaf) || self.closed.get(leaf.level(), leaf.index())
    }
}

impl Domain {
    /// Returns the domain of these cells, of which some do not move.
    pub(super) fn new(
        plan: &Plan,
        sheet: usize,
        axis: Axis,
        found: &Found,
        frozen: &BTreeSet<NodeId>,
    ) -> Result<Self, PlanError> {
        Self::laid_out(plan, sheet, axis, found, frozen).counted(plan, sheet)
    }

    /// Returns who stands where, before anything is counted.
    pub(super) fn laid_out(
        plan: &Plan,
        sheet: usize,
        axis: Axis,
        found: &Found,
        frozen: &BTreeSet<NodeId>,
    ) -> Self {
        let mut own = Self {
            axis,
            tree: vec![Branch {
                parent: 0,
                depth: 0,
                coord: SKIPPED,
                children: Vec::new(),
            }],
            columns: Vec::new(),
            cells: Vec::new(),
            standing: Vec::new(),
            limits: Vec::new(),
            unit: 1,
        };
        let mut known: BTreeMap<(usize, u32), usize> = BTreeMap::new();
        let mut columns: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
        let mut rest = Vec::new();
        // Leaves of one branch stand together more often than not.
        let mut last: (Vec<u32>, usize) = (Vec::new(), 0);
        for (leaf, coords) in found.iter() {
            let path = || own.axis.0.iter().map(|step| coords[*step]);
            if !path().eq(last.0.iter().copied()) {
                last = (path().collect(), own.branch(&mut known, coords));
            }
            own.axis.column_into(coords, &mut rest);
            let known_column = columns.get(rest.as_slice()).copied();
            let column = known_column.unwrap_or(columns.len());
            if known_column.is_none() {
                columns.insert(rest.clone(), column);
            }
            own.cells.push(Cell {
                leaf,
                branch: last.1,
                column,
                value: plan.value(sheet, leaf),
                is_fixed: plan.is_stuck(sheet, leaf) || frozen.contains(&leaf),
            });
        }
        own.order(columns);
        own
    }

    /// Counts what everybody has in each column.
    pub(super) fn counted(mut self, plan: &Plan, sheet: usize) -> Result<Self, PlanError> {
        check_size(self.tree.len(), self.width()).map_err(PlanError::Edit)?;
        self.take_units(plan, sheet)?;
        self.count(plan)?;
        Ok(self)
    }

    /// Leaves as they are cells that were found to be free, and counts anew.
    pub(super) fn fixing(
        mut self,
        plan: &Plan,
        is_fixed: impl Fn(&Self, &Cell) -> bool,
    ) -> Result<Self, PlanError> {
        let fixed: Vec<bool> = self
            .cells
            .iter()
            .map(|cell| is_fixed(&self, cell))
            .collect();
        if !fixed.contains(&true) {
            return Ok(self);
        }
        for (cell, is_fixed) in self.cells.iter_mut().zip(fixed) {
            cell.is_fixed |= is_fixed;
        }
        self.count(plan)?;
        Ok(self)
    }

    /// Returns who stands on the axis where a cell does.
    fn branch(&mut self, known: &mut BTreeMap<(usize, u32), usize>, coords: &[u32]) -> usize {
        let mut branch = 0;
        for (depth, step) in self.axis.0.iter().enumerate() {
            let coord = coords[*step];
            let child = known.get(&(branch, coord)).copied();
            let new = self.tree.len();
            if child.is_none() {
                self.tree.push(Branch {
                    parent: branch,
                    depth: depth + 1,
                    coord,
                    children: Vec::new(),
                });
                self.tree[branch].children.push(new);
                known.insert((branch, coord), new);
            }
            branch = child.unwrap_or(new);
        }
        branch
    }

    /// Brings columns, children and cells into the order of the structure.
    fn order(&mut self, columns: BTreeMap<Vec<u32>, usize>) {
        let mut now = vec![0; columns.len()];
        for (place, (coords, column)) in columns.into_iter().enumerate() {
            now[column] = place;
            self.columns.push(coords);
        }
        for cell in &mut self.cells {
            cell.column = now[cell.column];
        }
        let coords: Vec<u32> = self.tree.iter().map(|own| own.coord).collect();
        for own in &mut self.tree {
            own.children.sort_by_key(|child| coords[*child]);
        }
        // Where each branch stands, from left to right.
        let mut places = vec![0; self.tree.len()];
        let mut next = vec![0];
        let mut count = 0;
        while let Some(branch) = next.pop() {
            places[branch] = count;
            count += 1;
            next.extend(self.tree[branch].children.iter().rev());
        }
        self.cells
            .sort_by_key(|cell| (places[cell.branch], cell.column));
    }

    /// Brings amounts into lots, and above zero.
    fn take_units(&mut self, plan: &Plan, sheet: usize) -> Result<(), PlanError> {
        let lots = plan.sheets[sheet].cascade().lots();
        let lot = self
            .cells
            .first()
            .map_or(1, |cell| lots.at(cell.leaf).quanta());
        let alike = |cell: &Cell| lots.at(cell.leaf).quanta() == lot && cell.value % lot == 0;
        if self.cells.iter().all(alike) {
            self.unit = lot;
        }
        let free = || self.cells.iter().filter(|cell| !cell.is_fixed);
        let below = free().find(|cell| cell.value < 0);
        if let Some(below) = below {
            if free().any(|cell| cell.value > 0) {
                return Err(PlanError::Edit(EditError::MixedSigns {
                    place: plan.frame.path(below.leaf),
                }));
            }
            self.unit = -self.unit;
        }
        for cell in &mut self.cells {
            let value = cell.value.checked_div(self.unit);
            cell.value = value.ok_or_else(|| plan.too_large(cell.leaf))?;
        }
        Ok(())
    }

    fn count(&mut self, plan: &Plan) -> Result<(), PlanError> {
        let width = self.columns.len();
        let mut standing = vec![(0_i128, Standing::default()); self.tree.len() * width];
        for cell in &self.cells {
            let mut branch = cell.branch;
            loop {
                let (sum, own) = &mut standing[branch * width + cell.column];
                *sum += i128::from(cell.value.unsigned_abs());
                if *sum > i128::from(i64::MAX / 4) {
                    return Err(plan.too_large(cell.leaf));
                }
                own.all += 1;
                if cell.is_fixed {
                    own.fixed += cell.value;
                } else {
                    own.free += cell.value;
                    own.cells += 1;
                }
                if branch == 0 {
                    break;
                }
                branch = self.tree[branch].parent;
            }
        }
        self.standing = standing.into_iter().map(|own| own.1).collect();
        Ok(())
    }

    /// Returns the domain with the bounds of its cells.
    pub(super) fn within_bounds(mut self, plan: &Plan, sheet: usize) -> Self {
        let bounds = plan.sheets[sheet].cascade().bounds();
        let of = |cell: &Cell| {
            let own = bounds.own(cell.leaf.level())?.get(&cell.leaf.index());
            own.filter(|_| !cell.is_fixed)
        };
        if !self.cells.iter().any(|cell| of(cell).is_some()) {
            return self;
        }
        let width = self.width();
        let mut limits = vec![(0_i64, 0_i64); self.tree.len() * width];
        for cell in self.cells.iter().filter(|cell| !cell.is_fixed) {
            let own = of(cell).copied().unwrap_or_default();
            let (least, most) = if self.unit < 0 {
                (own.max, own.min)
            } else {
                (own.min, own.max)
            };
            let unit = i128::from(self.unit);
            let whole = |limit: i64, up: bool| {
                let limit = i128::from(limit);
                let (below, rest) = (limit.div_euclid(unit), limit.rem_euclid(unit));
                // Rounded down for a unit above zero, and up for one below.
                let more = i128::from(rest != 0);
                let whole = match (unit > 0, up) {
                    (true, true) => below + more,
                    (false, false) => below - more,
                    _ => below,
                };
                i64::try_from(whole).unwrap_or(FREE).clamp(0, FREE)
            };
            let least = least.map_or(0, |limit| whole(limit, true));
            let most = most.map_or(FREE, |limit| whole(limit, false));
            if least > most {
                return self;
            }
            let mut branch = cell.branch;
            loop {
                let (lower, upper) = &mut limits[branch * width + cell.column];
                // Cells without an amount take no part where others have one.
                let is_apart = cell.value == 0 && self.at(branch, cell.column).free > 0;
                *lower = lower.saturating_add(least).min(FREE);
                *upper = upper
                    .saturating_add(if is_apart { least } else { most })
                    .min(FREE);
                if branch == 0 {
                    break;
                }
                branch = self.tree[branch].parent;
            }
        }
        self.limits = limits;
        self
    }

    /// Returns the domain without the bounds of its cells, if they have any.
    pub(super) fn without_bounds(&self) -> Option<Self> {
        let limits = Vec::new();
        (!self.limits.is_empty()).then(|| Self {
            limits,
            ..self.clone()
        })
    }

    /// Returns what may move of somebody in a column at least and at most, if cells have bounds.
    pub(super) fn limits(&self, id: usize) -> Option<(i64, i64)> {
        self.limits.get(id).copied()
    }

    /// Shares what may move among these, by branch and column, in proportion to what may move, or where that is nothing, to the cells in
    /// which something may, and inside their bounds.
    pub(super) fn share_free(&self, amount: i64, ids: &[usize]) -> Option<Vec<i64>> {
        let standing = |id: &usize| self.standing[*id];
        let mut weights: Vec<i64> = ids.iter().map(|id| standing(id).free).collect();
        if weights.iter().all(|weight| *weight == 0) {
            weights.clear();
            weights.extend(ids.iter().map(|id| i64::from(standing(id).cells)));
        }
        if self.limits.is_empty() {
            return share(amount, &weights);
        }
        let limits: Vec<(i64, i64)> = ids.iter().map(|id| self.limits[*id]).collect();
        share_within(amount, &weights, &limits)
    }

    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// Returns what somebody has in a column.
    pub(super) fn at(&self, branch: usize, column: usize) -> Standing {
        self.standing[branch * self.columns.len() + column]
    }

    /// Returns the amounts that stand, by branch and column.
    pub(super) fn values(&self) -> Vec<i64> {
        self.standing.iter().map(|own| own.value()).collect()
    }

    /// Returns whoever stands at a depth at or above somebody.
    pub(super) fn above(&self, mut branch: usize, depth: usize) -> usize {
        while self.tree[branch].depth > depth {
            branch = self.tree[branch].parent;
        }
        branch
    }

    /// Returns the branches of a depth.
    pub(super) fn of_depth(&self, depth: usize) -> impl Iterator<Item = usize> + '_ {
        let own = self.tree.iter().enumerate();
        own.filter(move |(_, branch)| branch.depth == depth)
            .map(|(branch, _)| branch)
    }

    /// Says whether somebody stands at the members that a place names, above those or below.
    pub(super) fn stands_at(&self, mut branch: usize, place: &Coords) -> bool {
        while self.tree[branch].depth > 0 {
            let own = &self.tree[branch];
            let step = self.axis.0[own.depth - 1];
            if place.iter().any(|at| at.0 == step && at.1 != own.coord) {
                return false;
            }
            branch = own.parent;
        }
        true
    }

    /// Says whether a column is of the members and periods that a place names.
    pub(super) fn is_in(&self, column: usize, place: &Coords) -> bool {
        let own = &self.columns[column];
        place
            .iter()
            .all(|(step, coord)| self.axis.0.contains(step) || own[*step] == *coord)
    }

    /// Returns the branches of a depth, and the columns, that stand at any of these places.
    pub(super) fn scope(&self, depth: usize, places: &[Coords]) -> Vec<usize> {
        let width = self.width();
        let mut scope = Vec::new();
        for place in places {
            let columns: Vec<usize> = (0..width)
                .filter(|column| self.is_in(*column, place))
                .collect();
            for branch in self.of_depth(depth) {
                if self.stands_at(branch, place) {
                    let own = columns.iter().copied();
                    let own = own.filter(|column| self.at(branch, *column).all > 0);
                    scope.extend(own.map(|column| branch * width + column));
                }
            }
        }
        scope.sort_unstable();
        scope.dedup();
        scope
    }

    /// Returns how many leaves there are in a scope.
    pub(super) fn cells_of(&self, scope: &[usize]) -> u64 {
        let width = self.width();
        let all = |id: &usize| u64::from(self.at(id / width, id % width).all);
        scope.iter().map(all).sum()
    }

    /// Returns all that stand below the same parents in the same columns.
    pub(super) fn siblings(&self, ids: &BTreeSet<usize>) -> BTreeSet<usize> {
        let width = self.width();
        let mut all = BTreeSet::new();
        for id in ids {
            let parent = self.tree[id / width].parent;
            let children = self.tree[parent].children.iter();
            let column = id % width;
            let there = children.filter(|child| self.at(**child, column).all > 0);
            all.extend(there.map(|child| child * width + column));
        }
        all
    }

    /// Returns an amount in the units of the domain, if it is whole ones.
    pub(super) fn units(&self, quanta: i64) -> Option<i64> {
        let rest = quanta.checked_rem(self.unit)?;
        quanta.checked_div(self.unit).filter(|_| rest == 0)
    }

    /// Returns how many quanta a lot of the domain has.
    pub(super) fn lot(&self) -> i64 {
        self.unit.abs()
    }

    /// Returns an amount in quanta.
    pub(super) fn quanta(&self, units: i128) -> i64 {
        i64::try_from(units * i128::from(self.unit)).unwrap_or(i64::MAX)
    }

    /// Returns an amount in quanta, if it is within the range.
    pub(super) fn checked_quanta(&self, units: i64) -> Option<i64> {
        units.checked_mul(self.unit)
    }

    /// Returns the place of somebody in a column.
    pub(super) fn place(&self, frame: &Frame, branch: usize, column: usize) -> Place {
        let named = self
            .coords(branch, column)
            .into_iter()
            .enumerate()
            .filter_map(|(step, coord)| {
                let name = frame.coord_name(step, coord)?;
                Some((frame.steps[step].name.clone(), name.clone()))
            });
        named.collect()
    }

    /// Returns the path of somebody in a column, in the order of the steps.
    pub(super) fn path(&self, frame: &Frame, branch: usize, column: usize) -> Path {
        let coords = self.coords(branch, column).into_iter().enumerate();
        let names = coords.filter_map(|(step, coord)| frame.coord_name(step, coord).cloned());
        Path::new(names.collect())
    }

    fn coords(&self, mut branch: usize, column: usize) -> Vec<u32> {
        let mut coords = self.columns[column].clone();
        while self.tree[branch].depth > 0 {
            let own = &self.tree[branch];
            coords[self.axis.0[own.depth - 1]] = own.coord;
            branch = own.parent;
        }
        coords
    }

    /// Shares what somebody is to have in a column among those right below, in proportion to what they have that may move; none where
    /// what is left to them is below zero, or nothing there can take it.
    pub(super) fn pour(&self, branch: usize, column: usize, amount: i64, to: &mut [i64]) -> bool {
        let children = &self.tree[branch].children;
        if children.is_empty() {
            return true;
        }
        let width = self.width();
        let own = self.at(branch, column);
        let is_same = amount == own.value();
        let given = if is_same {
            None
        } else {
            let ids = children.iter().map(|child| child * width + column);
            match self.share_free(amount - own.fixed, &ids.collect::<Vec<_>>()) {
                Some(given) => Some(given),
                None => return false,
            }
        };
        for (number, child) in children.iter().enumerate() {
            let standing = self.at(*child, column);
            let given = given.as_ref().map_or(standing.free, |given| given[number]);
            to[child * width + column] = standing.fixed + given;
        }
        true
    }
}

/// What is as good as no maximum.
pub(super) const FREE: i64 = i64::MAX / 4;

/// Shares an amount by largest remainder inside limits; none where it is below zero, or they do not allow it.
pub(super) fn share_within(
    amount: i64,
    weights: &[i64],
    limits: &[(i64, i64)],
) -> Option<Vec<i64>> {
    if limits.iter().all(|limits| *limits == (0, FREE)) {
        return share(amount, weights);
    }
    if amount < 0 {
        return None;
    }
    let is_empty = weights.iter().all(|weight| *weight == 0);
    let bounds = limits.iter().zip(weights).map(|((least, most), weight)| {
        let is_apart = *weight == 0 && !is_empty;
        Bound::between(*least, if is_apart { *least } else { *most })
    });
    let bounds = bounds.collect::<Result<Vec<_>, _>>().ok()?;
    let weights: Vec<u64> = weights
        .iter()
        .map(|weight| u64::try_from(*weight).unwrap_or(0))
        .collect();
    let weights = Weights::from_integers(&weights, ZeroWeights::Equal).ok()?;
    let method = Method::LargestRemainder;
    let shared = allocate_within(amount, &weights, method, &bounds, &Lots::ONE).ok()?;
    Some(shared.shares().to_vec())
}

/// Shares an amount by largest remainder; none where it is below zero, or there is nothing to share it by.
pub(super) fn share(amount: i64, weights: &[i64]) -> Option<Vec<i64>> {
    if amount == 0 {
        return Some(vec![0; weights.len()]);
    }
    if amount < 0 {
        return None;
    }
    let weights: Vec<u64> = weights
        .iter()
        .map(|weight| u64::try_from(*weight).unwrap_or(0))
        .collect();
    let weights = Weights::from_integers(&weights, ZeroWeights::Refuse).ok()?;
    let shares = allocate(amount, &weights, Method::LargestRemainder).ok()?;
    Some(shares.into_shares())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_are_looked_at_together_is_refused_with_both_numbers() {
        assert_eq!(check_size(5_000, 10_000), Ok(()));
        let error = check_size(5_001, 20_000).unwrap_err();
        assert_eq!(
            error.to_string(),
            "5001 members by 20000 combinations of the other steps are looked at together, and at most 50000000 can be: name a narrower place"
        );
    }
}
