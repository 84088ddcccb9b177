//! Amounts that move between members, cell by cell: what is decided is worked out first, for all such edits of a change.

mod crossing;
mod domain;
mod held;
mod joint;
mod lock;
mod nest;
mod part;
mod report;
mod resplit;
mod solve;
mod system;
mod transfer;

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::patch::Patch;
use crate::plan::{
    Clash, Edit, EditError, LockDef, NodeId, Place, Plan, PlanError, Reallocation, ReallocationVerb,
};
use domain::{Axis, Cell, Coords, Domain};

/// What the reallocations of a change move, by the place of the edit in the change.
#[derive(Debug, Default)]
pub(super) struct Shifts(BTreeMap<usize, Shifted>);

impl Shifts {
    /// Returns the locks that were dropped.
    pub(super) fn dropped(&self) -> impl Iterator<Item = &LockDef> {
        self.0.values().flat_map(|shifted| &shifted.dropped)
    }
}

/// What one edit moves, or several that are solved together.
#[derive(Debug)]
pub(super) struct Shifted {
    sheet: usize,
    /// The leaves among which amounts move.
    cells: Vec<ShiftedCell>,
    /// Locks that were dropped.
    dropped: Vec<LockDef>,
}

impl Shifted {
    fn none(sheet: usize) -> Self {
        Self {
            sheet,
            cells: Vec::new(),
            dropped: Vec::new(),
        }
    }

    fn add(&mut self, other: Self) {
        self.cells.extend(other.cells);
    }
}

/// A leaf among those among which amounts move.
#[derive(Debug, Clone, Copy)]
struct ShiftedCell {
    leaf: NodeId,
    before: i64,
    after: i64,
    /// Whether the edit names it, so that it is decided even where it stays.
    is_named: bool,
    /// The edit that decides it, by its place in the change.
    edit: usize,
}

impl ShiftedCell {
    fn is_decided(&self) -> bool {
        self.is_named || self.before != self.after
    }
}

/// A lock that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct AskedLock {
    def: LockDef,
    coords: Vec<Coords>,
    is_droppable: bool,
    /// The edit that asks for it, by its place in the change.
    edit: usize,
}

/// Locks of a measure across one axis, which are solved together.
#[derive(Debug, Default)]
struct LockGroup {
    locks: BTreeSet<AskedLock>,
    frozen: Vec<Place>,
}

impl Plan {
    /// Works out what the reallocations among edits move, from one edit on.
    pub(super) fn shifts(&self, edits: &[Edit], from: usize) -> Result<Shifts, PlanError> {
        let mut shifts = Shifts::default();
        let mut groups: BTreeMap<(usize, Axis), (usize, LockGroup)> = BTreeMap::new();
        for (index, edit) in edits.iter().enumerate().skip(from) {
            let Edit::Reallocate(asked) = edit else {
                continue;
            };
            let sheet = self.sheet_index(asked.measure.as_str())?;
            self.check_reallocatable(sheet)?;
            match &asked.verb {
                ReallocationVerb::Lock { totals, clash } => {
                    let locks = self.asked_locks(totals, *clash, index)?;
                    let axis = self.lock_axis(asked, &locks)?;
                    let (_, group) = groups
                        .entry((sheet, axis))
                        .or_insert_with(|| (index, LockGroup::default()));
                    group.locks.extend(locks);
                    group.frozen.extend(asked.frozen.iter().cloned());
                }
                ReallocationVerb::Transfer { from, take, to } => {
                    let shifted = self.transferred((sheet, index), asked, (from, *take, to))?;
                    shifts.0.insert(index, shifted);
                }
                ReallocationVerb::Resplit { at, step, by } => {
                    let shifted = self.split_anew((sheet, index), asked, (at, step, by))?;
                    shifts.0.insert(index, shifted);
                }
            }
        }
        for ((sheet, axis), (index, group)) in groups {
            shifts
                .0
                .insert(index, self.locked(sheet, &axis, group, index)?);
        }
        self.check_apart(&shifts)?;
        Ok(shifts)
    }

    fn check_reallocatable(&self, sheet: usize) -> Result<(), PlanError> {
        self.check_adds_up(sheet, "a reallocation")
    }

    /// Refuses cells that two edits decide.
    fn check_apart(&self, shifts: &Shifts) -> Result<(), PlanError> {
        let mut decided: BTreeMap<(usize, NodeId), usize> = BTreeMap::new();
        for shifted in shifts.0.values() {
            for cell in shifted.cells.iter().filter(|cell| cell.is_decided()) {
                if let Some(one) = decided.insert((shifted.sheet, cell.leaf), cell.edit) {
                    return Err(PlanError::Edit(EditError::DecidedTwice {
                        place: self.frame.path(cell.leaf),
                        one: one.min(cell.edit) + 1,
                        other: Some(one.max(cell.edit) + 1),
                    }));
                }
            }
        }
        Ok(())
    }

    /// Moves what an edit decides.
    pub(super) fn shift(
        &mut self,
        shifts: &Shifts,
        index: usize,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let Some(shifted) = shifts.0.get(&index) else {
            return Ok(());
        };
        let mut moves: Vec<Vec<(usize, i128)>> = vec![Vec::new(); self.frame.levels()];
        for cell in shifted.cells.iter().filter(|cell| cell.is_decided()) {
            if self.value(shifted.sheet, cell.leaf) != cell.before {
                return Err(PlanError::Edit(EditError::DecidedTwice {
                    place: self.frame.path(cell.leaf),
                    one: cell.edit + 1,
                    other: None,
                }));
            }
            let by = i128::from(cell.after) - i128::from(cell.before);
            if by != 0 {
                moves[cell.leaf.level()].push((cell.leaf.index(), by));
            }
        }
        self.move_runs(shifted.sheet, moves, journal)
    }

    /// Refuses holds, releases and closings between reallocations: these read one state, whichever of them comes first.
    pub(super) fn check_between(edits: &[Edit]) -> Result<(), PlanError> {
        let is_one = |edit: &Edit| matches!(edit, Edit::Reallocate(_));
        let last = edits.iter().rposition(is_one).unwrap_or(0);
        let between = edits[..last].iter().enumerate();
        let mut between = between.skip_while(|(_, edit)| !is_one(edit));
        let found = between.find(|(_, edit)| {
            matches!(
                edit,
                Edit::Hold(_)
                    | Edit::Release(_)
                    | Edit::Close { .. }
                    | Edit::Reopen { .. }
                    | Edit::Revert { .. }
            )
        });
        match found {
            Some((index, _)) => Err(PlanError::Edit(EditError::BetweenReallocations {
                edit: index + 1,
            })),
            None => Ok(()),
        }
    }

    /// Moves leaves of a plan in which children make their node, level by level and in runs, and every total above them by what all of
    /// them move together.
    fn move_runs(
        &mut self,
        sheet: usize,
        mut moves: Vec<Vec<(usize, i128)>>,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        for level in (0..moves.len()).rev() {
            let mut own = std::mem::take(&mut moves[level]);
            own.sort_unstable_by_key(|(index, _)| *index);
            let mut run: Vec<i64> = Vec::new();
            let mut start = 0;
            for group in own.chunk_by(|one, other| one.0 == other.0) {
                let index = group[0].0;
                let by: i128 = group.iter().map(|(_, by)| by).sum();
                if by == 0 {
                    continue;
                }
                let node = NodeId::new(level, index);
                self.check_not_held(sheet, node)?;
                let new = i128::from(self.value(sheet, node)) + by;
                let new = i64::try_from(new).map_err(|_| self.too_large(node))?;
                if run.is_empty() || start + run.len() != index {
                    if !run.is_empty() {
                        self.write(sheet, level, start, &run, journal);
                    }
                    run.clear();
                    start = index;
                }
                run.push(new);
                if let Some(above) = self.frame.parent(node) {
                    let above_moves = &mut moves[above.level()];
                    match above_moves.last_mut() {
                        Some((last, sum)) if *last == above.index() => *sum += by,
                        _ => above_moves.push((above.index(), by)),
                    }
                }
            }
            if !run.is_empty() {
                self.write(sheet, level, start, &run, journal);
            }
        }
        Ok(())
    }

    fn asked_locks(
        &self,
        totals: &[LockDef],
        clash: Clash,
        edit: usize,
    ) -> Result<Vec<AskedLock>, PlanError> {
        let mut locks = Vec::with_capacity(totals.len());
        for def in totals {
            let coords = def.at.iter().map(|place| self.frame.coords_of(place));
            locks.push(AskedLock {
                def: def.clone(),
                coords: coords.collect::<Result<_, _>>()?,
                is_droppable: clash == Clash::NarrowerWins,
                edit,
            });
        }
        Ok(locks)
    }

    /// Returns the axis of some locks.
    fn lock_axis(&self, asked: &Reallocation, locks: &[AskedLock]) -> Result<Axis, PlanError> {
        let places: Vec<Coords> = locks.iter().flat_map(|lock| lock.coords.clone()).collect();
        self.axis(asked, &places, false)
    }

    /// Returns the axis across which an edit moves amounts.
    fn axis(
        &self,
        asked: &Reallocation,
        places: &[Coords],
        is_transfer: bool,
    ) -> Result<Axis, PlanError> {
        if let Some(step) = &asked.across {
            return Ok(Axis::of(&self.frame, self.frame.step(step.as_str())?));
        }
        Axis::meant(&self.frame, places, is_transfer).ok_or_else(|| {
            PlanError::Edit(EditError::AcrossWhat {
                places: asked.places(),
            })
        })
    }

    /// Returns how deep places stand that have to stand alike.
    fn depth(&self, axis: &Axis, places: &[Place], coords: &[Coords]) -> Result<usize, PlanError> {
        let mut depths = coords.iter().map(|place| axis.depth(place));
        let first = depths.next().unwrap_or(0);
        if depths.any(|depth| depth != first) {
            return Err(PlanError::Edit(EditError::StepsDiffer {
                places: places.to_vec(),
            }));
        }
        if first == 0 {
            return Err(PlanError::Edit(EditError::KeptWhole {
                place: places.first().cloned().unwrap_or_default(),
                across: self.across(axis),
            }));
        }
        Ok(first)
    }

    /// Returns the name of an axis: that of its lowest step.
    fn across(&self, axis: &Axis) -> crate::key::Key {
        let step = axis.0.last().copied().unwrap_or(0);
        self.frame.steps[step].name.clone()
    }

    /// Returns the leaves of places that do not move.
    fn frozen(&self, places: &[Place]) -> Result<BTreeSet<NodeId>, PlanError> {
        let mut frozen = BTreeSet::new();
        for place in places {
            let found = self.leaves_at(&self.frame.coords_of(place)?);
            let before = frozen.len();
            frozen.extend(found.iter().map(|(leaf, _)| leaf));
            if frozen.len() == before && found.iter().next().is_none() {
                return Err(PlanError::Edit(EditError::NoCells {
                    place: place.clone(),
                }));
            }
        }
        Ok(frozen)
    }

    /// Returns what the leaves of a domain become, whether an edit names each of them, so that it is decided even where it stays, and
    /// which edit decides it. What stands above all of them in a column is kept, whatever was worked out.
    fn told(
        &self,
        sheet: usize,
        domain: &Domain,
        to: &[i64],
        decided: impl Fn(&Cell) -> (bool, usize),
    ) -> Result<Shifted, PlanError> {
        let mut cells = Vec::with_capacity(domain.cells.len());
        let mut kept = vec![(0_i128, 0_i128); domain.width()];
        for cell in &domain.cells {
            let after = to[cell.branch * domain.width() + cell.column];
            let before = self.value(sheet, cell.leaf);
            let after = if after == cell.value {
                before
            } else {
                let quanta = domain.checked_quanta(after);
                quanta.ok_or_else(|| self.too_large(cell.leaf))?
            };
            let column = &mut kept[cell.column];
            column.0 += i128::from(before);
            column.1 += i128::from(after);
            let (is_named, edit) = decided(cell);
            cells.push(ShiftedCell {
                leaf: cell.leaf,
                before,
                after,
                is_named,
                edit,
            });
        }
        if let Some(column) = kept.iter().position(|(before, after)| before != after) {
            let shown = |sum: i128| self.decimal(sheet, i64::try_from(sum).unwrap_or(i64::MAX));
            return Err(PlanError::Edit(EditError::NotKept {
                place: domain.place(&self.frame, 0, column),
                before: shown(kept[column].0),
                after: shown(kept[column].1),
            }));
        }
        Ok(Shifted {
            cells,
            ..Shifted::none(sheet)
        })
    }
}
