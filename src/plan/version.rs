//! The versions of a plan: what each change moved, so that any version can be shown, compared and returned to.

use super::change_summary::ChangeSummary;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::patch::{Cell, Entry, Patch, shown_cells};
use super::saved::SavedPlan;
use super::{CascadeDef, Change, Edit, EditError, NodeId, Path, Plan, PlanError, RatioRuleDef};
use crate::document::Version;
use crate::key::Key;
use crate::quantity::{Number, Quantity};

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

/// A plan as a document: recipes with their totals, all changes, and the structure and the amounts that they came to.
///
/// [`PlanRecord::load`] gives back what was saved to the last quantum, and cascades nothing; [`PlanRecord::replan`] cascades anew,
/// as an act of its own that says what it moved.
///
/// ```
/// # use quotaflow::measure::{Measure, Measures};
/// # use quotaflow::plan::{Cascade, CascadeDef, PlanRecord, Sources, StepDef};
/// # use quotaflow::quantity::Quantum;
/// # use quotaflow::space::{DimensionDef, Space};
/// # use quotaflow::calendar::DayRange;
/// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::ONE)?])?;
/// # let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
/// # let recipe = CascadeDef::new("plan".try_into()?, "sales".try_into()?, year).step(StepDef::member("person", "person")?);
/// let three = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo", "cy"])?])?;
/// let plan = Cascade::compile(recipe, &Sources::new(&measures, &three))?.run(1_200.into())?;
/// let text = serde_json::to_string(&plan.record()).map_err(quotaflow::Error::other)?;
///
/// // One person more: what was agreed stays what it is.
/// let saved: PlanRecord = serde_json::from_str(&text).map_err(quotaflow::Error::unreadable)?;
/// let four = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo", "cy", "di"])?])?;
/// assert_eq!(saved.load()?.units("sales", "person")?, [400, 400, 400]);
/// assert_eq!(
///     saved.replay(&Sources::new(&measures, &four)).unwrap_err().to_string(),
///     "the sources of `plan` mean other members or periods than those of the saved plan: load it as it was saved, or plan anew",
/// );
/// let anew = saved.replan(&Sources::new(&measures, &four))?;
/// assert_eq!(anew.plan.units("sales", "person")?, [300; 4]);
/// assert_eq!(anew.moved.len(), 4);
/// # Ok::<(), quotaflow::Error>(())
/// ```
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
    pub links: Vec<RatioRuleDef>,
    /// The changes in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// The structure and the amounts; a record that people write of recipes alone has none, and is planned by
    /// [`PlanRecord::replan`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<SavedPlan>,
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

    /// The change that led to a version; none led to the one that was cascaded.
    pub(crate) fn change_to(&self, version: u64) -> Option<&Change> {
        let at = usize::try_from(version.checked_sub(1)?).ok()?;
        self.history.get(at).map(|entry| &entry.change)
    }

    /// Returns the plan as a document: what was done, and what it came to.
    #[must_use]
    pub fn record(&self) -> PlanRecord {
        let start = self.as_cascaded();
        let cascades = start.sheets.iter().map(|sheet| CascadeRecord {
            recipe: sheet.cascade().definition().clone(),
            total: Number::from(sheet.measure().quantum.amount(sheet.cascaded_total())),
        });
        PlanRecord {
            version: Version::default(),
            cascades: cascades.collect(),
            links: self.links().cloned().collect(),
            changes: self.changes().cloned().collect(),
            saved: SavedPlan::of(self, &start),
        }
    }

    /// Returns the plan as it was cascaded.
    fn as_cascaded(&self) -> Self {
        let mut plan = self.clone();
        while let Some(entry) = plan.history.pop() {
            plan.roll_back(entry.patches);
        }
        plan
    }

    /// Returns the plan as it was in an earlier version, with the changes up to then.
    ///
    /// # Errors
    /// [`EditError::NoSuchVersion`].
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

    pub(super) fn place_of(&self, version: u64) -> Result<usize, PlanError> {
        usize::try_from(version)
            .ok()
            .filter(|version| *version <= self.history.len())
            .ok_or(PlanError::Edit(EditError::NoSuchVersion {
                version,
                current: self.version(),
            }))
    }

    /// Refuses a change that was not made for the present version.
    pub(super) fn check_version(&self, based_on: u64) -> Result<(), PlanError> {
        let place = self.place_of(based_on)?;
        if place == self.history.len() {
            return Ok(());
        }
        let meanwhile = (place..self.history.len()).map(|index| self.summary(index));
        Err(PlanError::Edit(EditError::Stale {
            based_on,
            current: self.version(),
            meanwhile: meanwhile.collect(),
        }))
    }

    pub(super) fn summary(&self, index: usize) -> ChangeSummary {
        let change = &self.history[index].change;
        let places = change.edits.iter().flat_map(|edit| match edit {
            Edit::Spread(spread) => vec![spread.at.clone()],
            Edit::Ratio(ratio) => vec![ratio.at.clone()],
            Edit::Reconcile(asked) => asked.totals.iter().map(|total| total.at.clone()).collect(),
            Edit::Reallocate(asked) => asked.places(),
            Edit::CarryForward(asked) => asked.places(),
            Edit::Hold(hold) | Edit::Release(hold) => hold.at.clone(),
            Edit::Stretch(edit) => vec![edit.stretch.at.clone()],
            Edit::Join(edit) | Edit::Launch(edit) => vec![edit.at.clone()],
            Edit::Leave(edit) | Edit::End(edit) => vec![edit.at.clone()],
            Edit::Absent(edit) => vec![edit.at.clone()],
            Edit::Move(edit) => vec![edit.at.clone(), edit.to.clone()],
            Edit::Swap(edit) => vec![edit.at.clone(), edit.with.clone()],
            Edit::Split(edit) => std::iter::once(&edit.at)
                .chain(edit.into.iter().map(|part| &part.at))
                .cloned()
                .collect(),
            Edit::Merge(edit) => edit.at.iter().chain([&edit.into]).cloned().collect(),
            Edit::Close { .. } | Edit::Reopen { .. } | Edit::Revert { .. } => Vec::new(),
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
    /// [`EditError::NoSuchVersion`]; [`EditError::VersionOrder`] when `to` is before `from`.
    pub fn differences(&self, from: u64, to: u64) -> Result<Vec<Difference>, PlanError> {
        let (first, last) = (self.place_of(from)?, self.place_of(to)?);
        if first > last {
            return Err(PlanError::Edit(EditError::VersionOrder { from, to }));
        }
        let grown = |entry: &Entry| {
            entry
                .patches
                .iter()
                .any(|patch| matches!(patch, Patch::Structure(_)))
        };
        if self.history.iter().any(grown) {
            return self.differences_by_path(from, to);
        }
        // By how much every version in between moved each cell, and by how much it has moved since.
        let mut moved: BTreeMap<Cell, (i64, Vec<u64>)> = BTreeMap::new();
        for (version, entry) in (from + 1..).zip(&self.history[first..last]) {
            for (cell, by) in shown_cells(&entry.patches, &self.sheets) {
                let (sum, versions) = moved.entry(cell).or_default();
                *sum = sum.wrapping_add(by);
                versions.push(version);
            }
        }
        let mut since: BTreeMap<Cell, i64> = BTreeMap::new();
        for entry in &self.history[last..] {
            for (cell, by) in shown_cells(&entry.patches, &self.sheets) {
                if moved.contains_key(&cell) {
                    let sum = since.entry(cell).or_default();
                    *sum = sum.wrapping_add(by);
                }
            }
        }
        let mut differences = Vec::new();
        for (cell, (by, versions)) in moved {
            let (sheet, level, index) = cell;
            let node = NodeId::new(level, index);
            let now = self.sheets[sheet].amounts().assigned_at(node);
            let after = now.wrapping_sub(since.get(&cell).copied().unwrap_or(0));
            if by != 0 {
                differences.push(self.difference((sheet, node), after, by, versions));
            }
        }
        Ok(differences)
    }

    /// An amount that was moved by so much, to what it is after that.
    pub(super) fn difference(
        &self,
        (sheet, node): (usize, NodeId),
        after: i64,
        by: i64,
        versions: Vec<u64>,
    ) -> Difference {
        let measure = self.sheets[sheet].measure();
        Difference {
            measure: measure.key.clone(),
            node,
            path: self.frame.path(node),
            before: measure.quantum.quantity(after.wrapping_sub(by)),
            after: measure.quantum.quantity(after),
            versions,
        }
    }

    /// Returns the differences of a plan whose structure has grown: node by node of the same path, of those that it has now.
    fn differences_by_path(&self, from: u64, to: u64) -> Result<Vec<Difference>, PlanError> {
        let mut found: BTreeMap<(usize, NodeId), Difference> = BTreeMap::new();
        let mut earlier = self.as_of(from)?;
        for version in from + 1..=to {
            let later = self.as_of(version)?;
            for moved in later.moved_since(Some(&earlier)) {
                let (Ok(number), Ok(node)) = (
                    self.sheet_index(moved.measure.as_str()),
                    self.frame.find(
                        &moved
                            .path
                            .keys()
                            .iter()
                            .map(Key::as_str)
                            .collect::<Vec<_>>(),
                    ),
                ) else {
                    continue;
                };
                let nothing = self.sheets[number].measure().quantum.quantity(0);
                let (before, after) = (
                    moved.before.unwrap_or(nothing),
                    moved.after.unwrap_or(nothing),
                );
                let own = found.entry((number, node)).or_insert_with(|| Difference {
                    measure: moved.measure.clone(),
                    node,
                    path: moved.path.clone(),
                    before,
                    after,
                    versions: Vec::new(),
                });
                own.after = after;
                if before != after {
                    own.versions.push(version);
                }
            }
            earlier = later;
        }
        Ok(found
            .into_values()
            .filter(|own| own.before != own.after)
            .collect())
    }

    /// Returns the versions that moved an amount, in order, with what it was before and after each.
    pub(super) fn moves(&self, sheet: usize, node: NodeId) -> Vec<(u64, i64, i64)> {
        let mut moves = Vec::new();
        let mut after = self.sheets[sheet].amounts().assigned_at(node);
        let mut node = node;
        let mut frame = &*self.frame;
        for (index, entry) in self.history.iter().enumerate().rev() {
            let by = entry.patches.iter().filter_map(|patch| {
                let (own, level, start, moved) = patch.shown(&self.sheets)?;
                let own = own == sheet && level == node.level();
                Some(moved.by(node.index().checked_sub(start).filter(|_| own)?))
            });
            let before = by.fold(after, i64::wrapping_sub);
            if before != after {
                moves.push((index as u64 + 1, before, after));
            }
            let grown = entry.patches.iter().find_map(|patch| match patch {
                Patch::Structure(old) => Some(&old.0),
                Patch::Sheet { .. } | Patch::Closed { .. } => None,
            });
            if let Some(old) = grown {
                // Before it grew the structure had the node elsewhere, or not at all.
                let path = frame.path(node);
                let keys: Vec<&str> = path.keys().iter().map(Key::as_str).collect();
                match old.find(&keys) {
                    Ok(was) => (node, frame) = (was, &**old),
                    Err(_) => break,
                }
            }
            after = before;
        }
        moves.reverse();
        moves
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
