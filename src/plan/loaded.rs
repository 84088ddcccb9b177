//! A saved plan loaded, or cascaded anew from other sources.

use std::collections::BTreeMap;

use serde::Serialize;

use super::amounts::Amounts;
use super::saved::{SavedPlan, SavedSheet};
use super::version::{CascadeRecord, PlanRecord};
use super::{Applied, Cascade, NodeId, Path, Plan, PlanError, Sheet, Sources};
use crate::key::Key;
use crate::limits::{Limits, Size};
use crate::margins::Closeness;
use crate::quantity::Quantity;

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
                cascade.node_weights(step, 0..plan.frame.count(step + 1))
            };
            let steps = 0..plan.frame.levels() - 1;
            if !now.kept_weights().eq(sheet.cascade().kept_weights())
                || steps
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
    pub(crate) fn moved_since(&self, before: Option<&Self>) -> Vec<MovedTarget> {
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
    let levels = sheet.amounts().assigned_levels().iter().enumerate();
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

impl SavedPlan {
    /// Returns the plan with its changes made again.
    fn load(&self, record: &PlanRecord) -> Result<Plan, PlanError> {
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
                let kept = saved.kept().ok_or(damaged(
                    "what stays with a node is not a weight of all weights",
                ))?;
                let weights = (saved.weights(), kept);
                let cascade = Cascade::saved(frame, part.recipe.clone(), sources, weights)?;
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
            let assigned: &[Vec<i64>] = if sheet.amounts().has_assigned() {
                sheet.amounts().assigned_levels()
            } else {
                &[]
            };
            if !assigned
                .iter()
                .eq(saved.assigned.iter().map(|level| &level.0))
            {
                return Err(damaged("its amounts do not lead to what is assigned"));
            }
        }
        Ok(plan)
    }
}

impl SavedSheet {
    fn plan(&self, cascade: Cascade, part: &CascadeRecord) -> Result<Plan, PlanError> {
        let frame = cascade.frame();
        let shape = (0..frame.levels()).map(|level| frame.count(level));
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
        let mut amounts = Amounts::from_levels(values);
        for (level, index, units) in &self.apart {
            if *index >= frame.count(*level) {
                return Err(damaged(
                    "something is kept apart at a node that it does not have",
                ));
            }
            amounts.keep_apart(*level, *index, Some(*units));
        }
        for (step, level, index, above) in &self.fits {
            if *step >= frame.levels() - 1 || *index >= frame.count(*level) {
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
        for applied in &self.applied {
            let steps = frame.levels() - 1;
            let below = usize::from(applied.policy != Applied::NoBranch);
            let is_there = applied.step < steps && applied.level == applied.step + below;
            if !is_there || applied.index >= frame.count(applied.level) {
                return Err(damaged(
                    "a policy decided about a node that it does not have",
                ));
            }
            amounts.add_applied(applied.clone());
        }
        cascade.assign(&mut amounts)?;
        Ok(Plan::from_amounts(cascade, amounts))
    }
}

fn damaged(what: &'static str) -> PlanError {
    PlanError::Damaged { what }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::allocation::Method;
    use crate::plan::fixture::{Company, given, member, recipe};
    use crate::plan::{Cascade, CascadeDef, Place, Plan, PlanRecord};
    use crate::quantity::Number;

    fn run(def: CascadeDef, total: i64) -> Plan {
        let company = Company::new();
        let cascade = Cascade::compile(def, &company.sources()).unwrap();
        cascade.run(total.into()).unwrap()
    }

    /// Loads the record of a plan, with one number of it changed.
    fn loaded(plan: &Plan, place: &str, number: i64) -> Result<Plan, String> {
        let mut document = serde_json::to_value(plan.record()).unwrap();
        *document.pointer_mut(place).unwrap() = json!(number);
        let record: PlanRecord = serde_json::from_value(document).unwrap();
        record.load().map_err(|error| error.to_string())
    }

    fn number(plan: &Plan, place: &str) -> i64 {
        let document: Value = serde_json::to_value(plan.record()).unwrap();
        document.pointer(place).unwrap().as_i64().unwrap()
    }

    #[test]
    fn what_stayed_with_a_node_is_loaded_and_belongs_to_a_node_that_is_there() {
        let apart = member("person", "region").method(Method::RemainderApart);
        let plan = run(recipe("pieces").step(apart), 9);
        let (level, node, left) = (
            "/saved/sheets/0/apart/0/0",
            "/saved/sheets/0/apart/0/1",
            "/saved/sheets/0/apart/0/2",
        );
        assert_eq!(
            [level, node, left].map(|place| number(&plan, place)),
            [0, 0, 1]
        );
        let again = loaded(&plan, left, 1).unwrap();
        assert_eq!((again.record(), again.verify()), (plan.record(), vec![]));
        let wrong =
            "the saved plan is damaged: something is kept apart at a node that it does not have";
        assert_eq!(loaded(&plan, node, 1).unwrap_err(), wrong);
        assert_eq!(loaded(&plan, level, 2).unwrap_err(), wrong);
    }

    #[test]
    fn how_near_tables_are_is_loaded_and_belongs_to_a_step_and_a_node_that_are_there() {
        let regions = given("region", &[("north", "3"), ("south", "2")]);
        let def = recipe("pieces")
            .step(member("person", "region").basis(regions))
            .step(member("product", "product"))
            .total(
                Place::whole().at("product", "tea").unwrap(),
                Number::from(71),
            );
        let plan = run(def, 100);
        let (step, node) = ("/saved/sheets/0/fits/0/0", "/saved/sheets/0/fits/0/2");
        assert_eq!((number(&plan, step), number(&plan, node)), (1, 0));
        let again = loaded(&plan, step, 1).unwrap();
        assert_eq!((again.record(), again.fits()), (plan.record(), plan.fits()));
        let wrong = "the saved plan is damaged: a table was fitted at a node that it does not have";
        assert_eq!(loaded(&plan, step, 2).unwrap_err(), wrong);
        assert_eq!(loaded(&plan, node, 1).unwrap_err(), wrong);
    }
}
