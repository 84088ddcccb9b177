//! The versions of a plan: what each change moved, so that any version can be shown, compared and returned to.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::hold::Marks;
use super::{
    Cascade, CascadeDef, Change, Edit, LinkDef, NodeId, Path, Place, Plan, PlanError, Sources,
};
use crate::document::Version;
use crate::key::Key;
use crate::quantity::{Number, Quantity};

/// What a change replaced, in the order in which it did.
#[derive(Debug, Clone)]
pub(super) enum Patch {
    Amounts {
        sheet: usize,
        level: usize,
        start: usize,
        old: Vec<i64>,
    },
    Pad {
        sheet: usize,
        level: usize,
        index: usize,
        old: i64,
    },
    Apart {
        sheet: usize,
        level: usize,
        index: usize,
        old: Option<i64>,
    },
    Hold {
        sheet: usize,
        level: usize,
        index: usize,
        old: Option<i64>,
    },
    PadsChanged {
        sheet: usize,
        old: bool,
    },
    Closed {
        old: Option<NaiveDate>,
        marks: Marks,
    },
}

/// A change that was made, and what it replaced.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) change: Change,
    pub(super) patches: Vec<Patch>,
}

/// A change that was made, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChangeSummary {
    /// The version that it led to.
    pub version: u64,
    /// Who made it.
    pub by: Key,
    /// When.
    pub at: NaiveDateTime,
    /// Why.
    pub reason: String,
    /// The places that it edited.
    pub places: Vec<Place>,
}

/// An amount that differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The measure.
    pub measure: Key,
    /// The node; its path says as much in documents.
    #[serde(skip)]
    pub node: NodeId,
    /// Its path.
    pub path: Path,
    /// The amount in the earlier version.
    pub before: Quantity,
    /// The amount in the later version.
    pub after: Quantity,
    /// The versions that moved it, in order.
    pub versions: Vec<u64>,
}

/// A plan as what was done: recipes with their totals, and all changes. Replaying it gives the same plan to the last quantum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRecord {
    /// The version of this form of document; 1 when left out.
    #[serde(default)]
    pub version: Version<1>,
    /// The recipes and what they split.
    pub cascades: Vec<CascadeRecord>,
    /// The rules by which ratios and their parts stay linked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkDef>,
    /// The changes in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// A recipe and the total that it splits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CascadeRecord {
    /// The recipe.
    pub recipe: CascadeDef,
    /// The total.
    pub total: Number,
}

impl PlanRecord {
    /// Returns the plan that was recorded.
    ///
    /// # Errors
    /// [`PlanError::NoCascade`] without a recipe; the errors of compiling, cascading and changing.
    pub fn replay(&self, sources: &Sources<'_>) -> Result<Plan, PlanError> {
        let mut plan: Option<Plan> = None;
        for part in &self.cascades {
            let recipe = part.recipe.clone();
            let cascade = match &plan {
                Some(plan) => Cascade::beside(&plan.frame, recipe, sources)?,
                None => Cascade::compile(recipe, sources)?,
            };
            let next = cascade.run(part.total.decimal())?;
            match &mut plan {
                Some(plan) => plan.join(next)?,
                None => plan = Some(next),
            }
        }
        let mut plan = plan
            .ok_or(PlanError::NoCascade)?
            .with_ratios(sources.measures)
            .with_links(self.links.clone())?;
        for change in &self.changes {
            plan.apply(change.clone())?;
        }
        Ok(plan)
    }
}

impl Plan {
    /// Returns the version: 0 for a plan as it was cascaded, and one more for each change since.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.history.len() as u64
    }

    /// Returns the changes that were made, in order; the first led to version 1.
    #[must_use]
    pub fn changes(&self) -> impl ExactSizeIterator<Item = &Change> {
        self.history.iter().map(|entry| &entry.change)
    }

    /// Returns what was done, as a document.
    #[must_use]
    pub fn record(&self) -> PlanRecord {
        let cascades = self.sheets.iter().map(|sheet| CascadeRecord {
            recipe: sheet.cascade.definition().clone(),
            total: Number::from(sheet.measure().quantum.amount(sheet.total)),
        });
        PlanRecord {
            version: Version::default(),
            cascades: cascades.collect(),
            links: self.links().cloned().collect(),
            changes: self.changes().cloned().collect(),
        }
    }

    /// Returns the plan as it was in an earlier version, with the changes up to then.
    ///
    /// # Errors
    /// [`PlanError::UnknownVersion`].
    pub fn as_of(&self, version: u64) -> Result<Self, PlanError> {
        let keep = self.place_of(version)?;
        let mut plan = self.clone();
        while plan.history.len() > keep {
            let patches = plan
                .history
                .pop()
                .map(|entry| entry.patches)
                .unwrap_or_default();
            plan.roll_back(patches);
        }
        Ok(plan)
    }

    fn place_of(&self, version: u64) -> Result<usize, PlanError> {
        usize::try_from(version)
            .ok()
            .filter(|version| *version <= self.history.len())
            .ok_or(PlanError::UnknownVersion {
                version,
                current: self.version(),
            })
    }

    /// Refuses a change that was not made for the present version.
    pub(super) fn check_version(&self, based_on: u64) -> Result<(), PlanError> {
        let place = self.place_of(based_on)?;
        if place == self.history.len() {
            return Ok(());
        }
        let meanwhile = (place..self.history.len()).map(|index| self.summary(index));
        Err(PlanError::Stale {
            based_on,
            current: self.version(),
            meanwhile: meanwhile.collect(),
        })
    }

    pub(super) fn summary(&self, index: usize) -> ChangeSummary {
        let change = &self.history[index].change;
        let places = change.edits.iter().flat_map(|edit| match edit {
            Edit::Spread(spread) => vec![spread.at.clone()],
            Edit::Ratio(ratio) => vec![ratio.at.clone()],
            Edit::Hold(hold) | Edit::Release(hold) => hold.at.clone(),
            Edit::Close { .. } | Edit::Revert { .. } => Vec::new(),
        });
        ChangeSummary {
            version: index as u64 + 1,
            by: change.by.clone(),
            at: change.at,
            reason: change.reason.clone(),
            places: places.collect(),
        }
    }

    /// Returns the amounts that differ between two versions, by measure, level and order of the structure, with the
    /// versions that moved them.
    ///
    /// # Errors
    /// [`PlanError::UnknownVersion`]; [`PlanError::VersionOrder`] when `to` is before `from`.
    pub fn differences(&self, from: u64, to: u64) -> Result<Vec<Difference>, PlanError> {
        let (first, last) = (self.place_of(from)?, self.place_of(to)?);
        if first > last {
            return Err(PlanError::VersionOrder { from, to });
        }
        // Of each cell, what every version replaced.
        let mut replaced: BTreeMap<Cell, Vec<(u64, i64)>> = BTreeMap::new();
        for (version, entry) in (from + 1..).zip(&self.history[first..last]) {
            for (cell, old) in cells(&entry.patches) {
                replaced.entry(cell).or_default().push((version, old));
            }
        }
        // What an amount was at the end is what the next later change replaced, or what it is now.
        let mut later: BTreeMap<Cell, i64> = BTreeMap::new();
        for entry in &self.history[last..] {
            for (cell, old) in cells(&entry.patches) {
                if replaced.contains_key(&cell) {
                    later.entry(cell).or_insert(old);
                }
            }
        }
        let mut differences = Vec::new();
        for (cell, replaced) in replaced {
            let (sheet, level, index) = cell;
            let sheet = &self.sheets[sheet];
            let now = sheet.amounts.values[level][index];
            let after = later.get(&cell).copied().unwrap_or(now);
            let versions = net(&replaced, after);
            let before = replaced.first().map_or(after, |(_, old)| *old);
            if before != after {
                let node = NodeId::new(level, index);
                let quantum = sheet.measure().quantum;
                differences.push(Difference {
                    measure: sheet.measure().key.clone(),
                    node,
                    path: self.frame.path(node),
                    before: quantum.quantity(before),
                    after: quantum.quantity(after),
                    versions: versions
                        .into_iter()
                        .map(|(version, _, _)| version)
                        .collect(),
                });
            }
        }
        Ok(differences)
    }

    /// Returns the versions that moved an amount, in order, with what it was before and after each.
    pub(super) fn moves(&self, sheet: usize, node: NodeId) -> Vec<(u64, i64, i64)> {
        let mut replaced = Vec::new();
        for (version, entry) in (1..).zip(&self.history) {
            let old = entry.patches.iter().find_map(|patch| match patch {
                Patch::Amounts {
                    sheet: own,
                    level,
                    start,
                    old,
                } if *own == sheet && *level == node.level() => {
                    old.get(node.index().checked_sub(*start)?).copied()
                }
                _ => None,
            });
            replaced.extend(old.map(|old| (version, old)));
        }
        let now = self.sheets[sheet].amounts.values[node.level()][node.index()];
        net(&replaced, now)
    }

    /// Puts back what was replaced.
    pub(super) fn roll_back(&mut self, patches: Vec<Patch>) {
        for patch in patches.into_iter().rev() {
            self.swap(patch);
        }
    }

    /// Puts back what one patch replaced, and returns the patch that undoes that.
    pub(super) fn swap(&mut self, patch: Patch) -> Patch {
        match patch {
            Patch::Amounts {
                sheet,
                level,
                start,
                mut old,
            } => {
                let now = &mut self.sheets[sheet].amounts.values[level][start..start + old.len()];
                now.swap_with_slice(&mut old);
                Patch::Amounts {
                    sheet,
                    level,
                    start,
                    old,
                }
            }
            Patch::Pad {
                sheet,
                level,
                index,
                mut old,
            } => {
                if let Some(pads) = &mut self.sheets[sheet].amounts.pads[level] {
                    std::mem::swap(&mut pads[index], &mut old);
                }
                Patch::Pad {
                    sheet,
                    level,
                    index,
                    old,
                }
            }
            Patch::Apart {
                sheet,
                level,
                index,
                old,
            } => {
                let apart = &mut self.sheets[sheet].amounts.apart[level];
                let now = match old {
                    Some(old) => apart.insert(index, old),
                    None => apart.remove(&index),
                };
                Patch::Apart {
                    sheet,
                    level,
                    index,
                    old: now,
                }
            }
            Patch::Hold {
                sheet,
                level,
                index,
                old,
            } => {
                let sheet_now = &mut self.sheets[sheet];
                sheet_now.held.set(level, index, old.is_some());
                let now = match old {
                    Some(old) => sheet_now.held_amounts.insert((level, index), old),
                    None => sheet_now.held_amounts.remove(&(level, index)),
                };
                Patch::Hold {
                    sheet,
                    level,
                    index,
                    old: now,
                }
            }
            Patch::PadsChanged { sheet, old } => {
                let now = std::mem::replace(&mut self.sheets[sheet].pads_changed, old);
                Patch::PadsChanged { sheet, old: now }
            }
            Patch::Closed { old, marks } => {
                let old = std::mem::replace(&mut self.closed_before, old);
                let marks = std::mem::replace(&mut self.closed, marks);
                Patch::Closed { old, marks }
            }
        }
    }

    /// Returns to an earlier version, and records what that replaced.
    pub(super) fn revert(&mut self, to: u64, journal: &mut Vec<Patch>) -> Result<(), PlanError> {
        let keep = self.place_of(to)?;
        for index in (keep..self.history.len()).rev() {
            let patches = self.history[index].patches.clone();
            for patch in patches.into_iter().rev() {
                let undone = self.swap(patch);
                journal.push(undone);
            }
        }
        Ok(())
    }
}

/// A sheet, a level and the place in it.
pub(super) type Cell = (usize, usize, usize);

/// Returns the versions among those that replaced an amount that left another one in its place.
fn net(replaced: &[(u64, i64)], last: i64) -> Vec<(u64, i64, i64)> {
    let after = replaced.iter().skip(1).map(|(_, old)| *old).chain([last]);
    let moves = replaced.iter().zip(after);
    moves
        .filter(|((_, before), after)| before != after)
        .map(|((version, before), after)| (*version, *before, after))
        .collect()
}

/// Returns the amounts that patches replaced, each the first time only.
pub(super) fn cells(patches: &[Patch]) -> BTreeMap<Cell, i64> {
    let mut cells = BTreeMap::new();
    for patch in patches {
        if let Patch::Amounts {
            sheet,
            level,
            start,
            old,
        } = patch
        {
            for (index, old) in (*start..).zip(old) {
                cells.entry((*sheet, *level, index)).or_insert(*old);
            }
        }
    }
    cells
}
