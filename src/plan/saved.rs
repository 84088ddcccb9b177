//! A plan as it is kept: the structure that it was made for, the amounts that were cascaded, and what they have become.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::amounts::Amounts;
use super::version::{CascadeRecord, PlanRecord};
use super::{Cascade, Frame, NodeId, Path, Plan, PlanError, Sheet, Sources};
use crate::allocation::LevelWeights;
use crate::calendar::{Calendar, PeriodSet, WorkingDays, WorkingDaysDef};
use crate::key::Key;
use crate::limits::{Limits, Size};
use crate::margins::Closeness;
use crate::measure::Measures;
use crate::quantity::Quantity;
use crate::space::{DimensionDef, Space, Subjects};

/// What a plan was made from and what it came to, as a part of a [`PlanRecord`]: the dimensions, periods and measures of its
/// structure, and for each recipe its weights and amounts.
///
/// It is what makes a saved plan independent of what dimensions, histories and calendars have become since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    pub(super) origin: Origin,
    pub(super) sheets: Vec<SavedSheet>,
}

/// The sources that decide about the structure of a plan, as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Origin {
    measures: Measures,
    dimensions: Vec<DimensionDef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calendar: Option<Calendar>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sets: Vec<PeriodSet>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    working_days: Option<WorkingDaysDef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    combinations: Option<Subjects>,
}

impl Origin {
    pub(super) fn new(frame: &Frame, sources: &Sources<'_>) -> Result<Self, PlanError> {
        let dimensions = frame.dimensions().map(|key| {
            let dimension = sources.space.dimension(key.as_str())?;
            Ok(dimension.definition().clone())
        });
        Ok(Self {
            measures: sources.measures.clone(),
            dimensions: dimensions.collect::<Result<_, PlanError>>()?,
            calendar: sources.calendar.cloned(),
            sets: sources.sets.values().cloned().collect(),
            working_days: sources.working_days.map(|days| days.definition().clone()),
            combinations: sources.combinations.clone(),
        })
    }

    /// Does something with these sources, within the limits of the structure that they had.
    pub(super) fn with_sources<T>(
        &self,
        limits: Limits,
        with: impl FnOnce(&Sources<'_>) -> Result<T, PlanError>,
    ) -> Result<T, PlanError> {
        let space = Space::new(self.dimensions.clone())?;
        let working_days = self
            .working_days
            .clone()
            .map(WorkingDays::new)
            .transpose()?;
        let mut sources = Sources::new(&self.measures, &space).limits(limits);
        sources.made_before = true;
        if let Some(calendar) = &self.calendar {
            sources = sources.calendar(calendar);
        }
        if let Some(days) = &working_days {
            sources = sources.working_days(days);
        }
        for set in &self.sets {
            sources = sources.set(set.clone());
        }
        if let Some(combinations) = &self.combinations {
            sources = sources.combinations(combinations.clone());
        }
        with(&sources)
    }

    /// Returns the sources with one member more in a dimension, below another from a day on.
    pub(super) fn with_member(
        &self,
        dimension: usize,
        level: &Key,
        member: &Key,
        below: Option<&Key>,
        from: Option<NaiveDate>,
    ) -> Result<Self, PlanError> {
        let mut grown = self.clone();
        let Some(own) = grown.dimensions.get_mut(dimension) else {
            return Ok(grown);
        };
        *own = own.clone().member(level.as_str(), member.as_str())?;
        if let Some(below) = below {
            let above = own.members.iter().find(|own| own.key == *below);
            let above = above.map(|own| own.level.clone());
            let holds = |levels: &[Key]| {
                let place = |wanted: &Key| levels.iter().position(|level| level == wanted);
                above
                    .as_ref()
                    .and_then(place)
                    .is_some_and(|above| Some(above) < place(level))
            };
            let hierarchy = own.hierarchies.iter().find(|own| holds(&own.levels));
            let hierarchy = hierarchy.or(own.hierarchies.first());
            let hierarchy = hierarchy
                .map(|own| own.key.as_str().to_owned())
                .unwrap_or_default();
            *own = own
                .clone()
                .link(&hierarchy, member.as_str(), below.as_str(), from, None)?;
        }
        Ok(grown)
    }
}

/// The weights and amounts of one recipe, level by level in the order of the structure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedSheet {
    /// Step by step, the weight of each node.
    weights: Vec<Numbers<u128>>,
    /// Level by level, the amounts that were cascaded, in quanta.
    cascaded: Vec<Numbers<i64>>,
    /// What stayed with nodes: level, place in it, quanta.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    apart: Vec<(usize, usize, i64)>,
    /// How near fitted tables are to their bases: step of the columns, level and place of the node above the rows, and how many
    /// quanta above its fitted value a cell may be; nothing where it may be anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fits: Vec<(usize, usize, usize, Option<u32>)>,
    /// Level by level, the amounts after all changes, where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changed: Vec<Numbers<i64>>,
}

/// Whole numbers in one text, with blanks between them: short, and exact whatever reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[serde(bound = "T: Clone + ToString + std::str::FromStr")]
struct Numbers<T>(Vec<T>);

impl<T: ToString> From<Numbers<T>> for String {
    fn from(numbers: Numbers<T>) -> Self {
        let texts: Vec<String> = numbers.0.iter().map(ToString::to_string).collect();
        texts.join(" ")
    }
}

impl<T: std::str::FromStr> TryFrom<String> for Numbers<T> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = |own: &str| {
            own.parse()
                .map_err(|_| format!("`{own}` is not a whole number in range: write whole numbers with blanks between them"))
        };
        text.split_whitespace()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// A plan cascaded anew from other sources, and what that moved.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Replanned {
    /// The new plan, with all changes of the saved one made again.
    pub plan: Plan,
    /// The targets that differ, by measure, level and order of the saved structure; those of nodes that are new follow.
    pub moved: Vec<MovedTarget>,
}

/// A target that another plan has in another amount, or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MovedTarget {
    /// The measure.
    pub measure: Key,
    /// The node.
    pub path: Path,
    /// What it was; none for a node that was not there.
    pub before: Option<Quantity>,
    /// What it is; none for a node that is not there any more.
    pub after: Option<Quantity>,
}

impl SavedPlan {
    pub(super) fn of(plan: &Plan, start: &Plan) -> Option<Self> {
        let origin = start.sheets.first()?.cascade().origin().clone();
        let sheets = plan.sheets.iter().zip(&start.sheets);
        let sheets = sheets.map(|(now, start)| SavedSheet::of(now, start, plan.version() > 0));
        Some(Self {
            origin,
            sheets: sheets.collect(),
        })
    }

    /// Returns the plan with its changes made again.
    pub(super) fn load(&self, record: &PlanRecord) -> Result<Plan, PlanError> {
        // What was within the host's limits once is loaded whatever they are now; the document itself bounds it.
        let nodes = self.sheets.iter().flat_map(|sheet| &sheet.cascaded);
        let nodes: usize = nodes.map(|level| level.0.len()).sum();
        let limits = Limits::default().with(Size::Nodes, nodes as u64);
        if self.sheets.len() != record.cascades.len() {
            return Err(damaged("it does not have amounts for each recipe"));
        }
        let mut plan = self.origin.with_sources(limits, |sources| {
            let mut plan: Option<Plan> = None;
            for (part, saved) in record.cascades.iter().zip(&self.sheets) {
                let frame = plan.as_ref().map(|plan| &plan.frame);
                let cascade = Cascade::saved(frame, part.recipe.clone(), sources, saved.weights())?;
                let next = saved.plan(cascade, part)?;
                match &mut plan {
                    Some(plan) => plan.join(next)?,
                    None => plan = Some(next),
                }
            }
            plan.ok_or(PlanError::NoCascade)?
                .with_ratios(&self.origin.measures)
                .with_links(record.links.clone())
        })?;
        for change in &record.changes {
            plan.apply(change.clone())?;
        }
        for (sheet, saved) in plan.sheets.iter().zip(&self.sheets) {
            let expected = if saved.changed.is_empty() {
                &saved.cascaded
            } else {
                &saved.changed
            };
            let found = sheet.amounts().levels().iter();
            if !found.eq(expected.iter().map(|level| &level.0)) {
                return Err(damaged("its changes do not lead to its amounts"));
            }
        }
        Ok(plan)
    }
}

impl SavedSheet {
    fn of(now: &Sheet, start: &Sheet, changed: bool) -> Self {
        let levels = |sheet: &Sheet| {
            let levels = sheet.amounts().levels().iter();
            levels.map(|level| Numbers(level.clone())).collect()
        };
        let cascade = start.cascade();
        let steps = 0..cascade.frame().levels() - 1;
        let weights = steps.map(|step| {
            let nodes = 0..cascade.frame().nodes(step + 1);
            Numbers(cascade.node_weights(step, nodes))
        });
        let apart = (0..cascade.frame().levels()).flat_map(|level| {
            let kept = start.amounts().apart(level).iter();
            kept.map(move |(index, units)| (level, *index, *units))
        });
        let fits = start.amounts().fits().map(|(step, node, closeness)| {
            let above = match closeness {
                Closeness::Within { above } => Some(above),
                Closeness::Anywhere => None,
            };
            (step, node.level(), node.index(), above)
        });
        Self {
            weights: weights.collect(),
            cascaded: levels(start),
            apart: apart.collect(),
            fits: fits.collect(),
            changed: if changed { levels(now) } else { Vec::new() },
        }
    }

    fn weights(&self) -> Vec<LevelWeights> {
        let level = |numbers: &Numbers<u128>| {
            let narrow = numbers.0.iter().map(|own| u32::try_from(*own));
            match narrow.collect() {
                Ok(narrow) => LevelWeights::from_integers(narrow),
                Err(_) => LevelWeights::from_wide(numbers.0.clone()),
            }
        };
        self.weights.iter().map(level).collect()
    }

    fn plan(&self, cascade: Cascade, part: &CascadeRecord) -> Result<Plan, PlanError> {
        let frame = cascade.frame();
        let shape = (0..frame.levels()).map(|level| frame.nodes(level));
        if !shape.eq(self.cascaded.iter().map(|level| level.0.len())) {
            return Err(damaged(
                "its amounts are not one for each node of its structure",
            ));
        }
        let values: Vec<Vec<i64>> = self.cascaded.iter().map(|level| level.0.clone()).collect();
        let total = cascade.measure().quantum.units(part.total.decimal())?;
        if values.first().is_none_or(|whole| whole[..] != [total]) {
            return Err(damaged("its amounts do not total what its recipe splits"));
        }
        let mut pads = vec![None; frame.levels()];
        for step in 0..frame.levels() - 1 {
            pads[step] = cascade.pads_of(step, &values[step])?;
        }
        let mut amounts = Amounts::from_levels(values, pads);
        for (level, index, units) in &self.apart {
            if *index >= frame.nodes(*level) {
                return Err(damaged(
                    "something is kept apart at a node that it does not have",
                ));
            }
            amounts.keep_apart(*level, *index, Some(*units));
        }
        for (step, level, index, above) in &self.fits {
            if *step >= frame.levels() - 1 || *index >= frame.nodes(*level) {
                return Err(damaged(
                    "a table was fitted at a node that it does not have",
                ));
            }
            let closeness = match above {
                Some(above) => Closeness::Within { above: *above },
                None => Closeness::Anywhere,
            };
            amounts.add_fit(*step, NodeId::new(*level, *index), closeness);
        }
        Ok(Plan::from_amounts(cascade, amounts))
    }
}

impl PlanRecord {
    /// Returns the plan that was saved: its structure and its amounts, whatever dimensions, histories and calendars have become
    /// since. Nothing is cascaded.
    ///
    /// # Errors
    /// [`PlanError::NothingSaved`] for a record of recipes and changes alone; [`PlanError::Damaged`] where its parts do not
    /// belong together.
    pub fn load(&self) -> Result<Plan, PlanError> {
        self.saved
            .as_ref()
            .ok_or(PlanError::NothingSaved)?
            .load(self)
    }

    /// Returns the plan that was saved, and makes sure that its recipes still mean the same from these sources.
    ///
    /// # Errors
    /// As [`PlanRecord::load`]; [`PlanError::OtherSources`] where the recipes mean another structure or other weights now: the
    /// plan can still be loaded as it was, or cascaded anew by [`PlanRecord::replan`].
    pub fn replay(&self, sources: &Sources<'_>) -> Result<Plan, PlanError> {
        let plan = self.load()?;
        let mut frame = None;
        for (part, sheet) in self.cascades.iter().zip(&plan.sheets) {
            let recipe = || part.recipe.key.clone();
            let now = match &frame {
                Some(frame) => Cascade::beside(frame, part.recipe.clone(), sources)?,
                None => Cascade::compile(part.recipe.clone(), sources)?,
            };
            if **now.frame() != *plan.frame {
                return Err(PlanError::OtherSources {
                    recipe: recipe(),
                    what: "members or periods",
                });
            }
            let weights = |cascade: &Cascade, step: usize| {
                cascade.node_weights(step, 0..plan.frame.nodes(step + 1))
            };
            let steps = 0..plan.frame.levels() - 1;
            if steps
                .clone()
                .any(|step| weights(&now, step) != weights(sheet.cascade(), step))
            {
                return Err(PlanError::OtherSources {
                    recipe: recipe(),
                    what: "weights",
                });
            }
            frame = Some(std::sync::Arc::clone(now.frame()));
        }
        Ok(plan)
    }

    /// Cascades the recipes anew from these sources, makes all changes again, and returns what that moved against the plan that
    /// was saved. Of a record without a saved plan all targets are new.
    ///
    /// # Errors
    /// [`PlanError::NoCascade`] without a recipe; the errors of compiling, cascading and changing, such as that of a change to
    /// somebody who is not there any more.
    pub fn replan(&self, sources: &Sources<'_>) -> Result<Replanned, PlanError> {
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
        let saved = self
            .saved
            .as_ref()
            .map(|saved| saved.load(self))
            .transpose()?;
        let moved = plan.moved_since(saved.as_ref());
        Ok(Replanned { plan, moved })
    }
}

impl Plan {
    /// Returns the targets that differ from those of another plan, node by node of the same path.
    pub(super) fn moved_since(&self, before: Option<&Self>) -> Vec<MovedTarget> {
        let mut moved = Vec::new();
        for sheet in &self.sheets {
            let measure = &sheet.measure().key;
            let old = before.and_then(|plan| Some((plan, plan.sheet(measure.as_str()).ok()?)));
            let quantum = sheet.measure().quantum;
            let mut now: BTreeMap<Path, i64> = BTreeMap::new();
            let mut order = Vec::new();
            for (path, units) in paths(self, sheet) {
                order.push(path.clone());
                now.insert(path, units);
            }
            let mut tell = |path: Path, before: Option<i64>, after: Option<i64>| {
                if before != after {
                    moved.push(MovedTarget {
                        measure: measure.clone(),
                        path,
                        before: before.map(|units| quantum.quantity(units)),
                        after: after.map(|units| quantum.quantity(units)),
                    });
                }
            };
            if let Some((plan, old)) = old {
                for (path, units) in paths(plan, old) {
                    let after = now.remove(&path);
                    tell(path, Some(units), after);
                }
            }
            for path in order {
                if let Some(units) = now.remove(&path) {
                    tell(path, None, Some(units));
                }
            }
        }
        moved
    }
}

/// Returns the amount of every node that a path means, those left out where a branch leaves a step out.
fn paths<'a>(plan: &'a Plan, sheet: &'a Sheet) -> impl Iterator<Item = (Path, i64)> + 'a {
    let levels = sheet.amounts().levels().iter().enumerate();
    levels.flat_map(move |(level, amounts)| {
        amounts
            .iter()
            .enumerate()
            .filter_map(move |(index, units)| {
                let node = NodeId::new(level, index);
                let own = level == 0 || plan.frame.name(node).is_some();
                own.then(|| (plan.frame.path(node), *units))
            })
    })
}

fn damaged(what: &'static str) -> PlanError {
    PlanError::Damaged { what }
}
