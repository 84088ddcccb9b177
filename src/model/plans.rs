//! Plans of a model, checked: every recipe is compiled as far as it says something by itself, whoever joins later and whatever is
//! sold by then.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::definition::ModelDef;
use super::error::ModelCause;
use super::found::Found;
use super::parts::Asked;
use super::periods::PeriodsDef;
use super::plan::PlanDef;
use crate::calendar::{Calendar, PeriodSet, WorkingDays};
use crate::key::Key;
use crate::ledger::Schema;
use crate::limits::Limits;
use crate::measure::{Additivity, Measures};
use crate::plan::{
    BasisError, Cascade, ConstraintError, Plan, PlanError, Sources, SplitDef, Table,
};
use crate::space::{Axis, PostsDef, Subjects, Unassigned};

/// What a model is made from as far as plans ask.
pub(super) struct Ground<'a> {
    pub(super) definition: &'a ModelDef,
    pub(super) schema: &'a Schema,
    pub(super) calendar: &'a Calendar,
    pub(super) working_days: Option<&'a WorkingDays>,
    /// The views, and the tables behind them.
    pub(super) views: &'a [Asked],
    pub(super) limits: Limits,
}

/// The measures whose targets a plan has: those of its recipes, and the ratios of two of them.
fn measures<'d>(plan: &'d PlanDef, all: &'d Measures) -> impl Iterator<Item = &'d Key> {
    let has = |measure: &Key| plan.recipes.iter().any(|recipe| recipe.measure == *measure);
    let ratios = all.iter().filter(move |measure| match &measure.additivity {
        Additivity::Ratio {
            numerator,
            denominator,
        } => has(numerator) && has(denominator),
        _ => false,
    });
    let own = plan.recipes.iter().map(|recipe| &recipe.measure);
    own.chain(ratios.map(|measure| &measure.key))
}

/// The positions of the plans that have targets of a measure.
pub(super) fn plans_of(definition: &ModelDef, all: &Measures, measure: &Key) -> Vec<usize> {
    let has = |plan: &PlanDef| measures(plan, all).any(|own| own == measure);
    let plans = definition.plans.iter().enumerate();
    plans
        .filter(|(_, plan)| has(plan))
        .map(|(at, _)| at)
        .collect()
}

/// All measures that are planned, each once.
pub(super) fn planned<'d>(definition: &'d ModelDef, all: &'d Measures) -> BTreeSet<&'d Key> {
    let plans = definition.plans.iter();
    plans.flat_map(|plan| measures(plan, all)).collect()
}

/// The first of some axes over which plans have no targets of a measure, with the plan. Where a plan splits by posts, people have the
/// parts that they hold.
pub(super) fn unplanned<'a>(
    definition: &'a ModelDef,
    plans: &[usize],
    axes: &'a [Axis],
) -> Option<(&'a PlanDef, &'a Axis)> {
    plans.iter().find_map(|at| {
        let plan = definition.plans.get(*at)?;
        let steps = plan.recipes.iter().flat_map(|recipe| &recipe.steps);
        let split: BTreeSet<&Key> = steps
            .filter_map(|step| match &step.by {
                SplitDef::Member(axis) => Some(&axis.dimension),
                _ => None,
            })
            .collect();
        let has_posts = |own: &&PostsDef| {
            let mut recipes = plan.recipes.iter();
            recipes.all(|recipe| {
                let mut steps = recipe.steps.iter();
                steps.any(|step| matches!(&step.by, SplitDef::Member(axis) if *axis == own.posts))
            })
        };
        let posts = definition.posts.as_ref().filter(has_posts);
        let is_held = |axis: &Axis| posts.is_some_and(|own| own.people.dimension == axis.dimension);
        let mut axes = axes.iter();
        let missing = axes.find(|axis| !split.contains(&axis.dimension) && !is_held(axis))?;
        Some((plan, missing))
    })
}

/// The sets of periods that are written down in a model, by which recipes may split.
pub(super) fn sets(definition: &ModelDef) -> impl Iterator<Item = &PeriodSet> {
    let views = definition.views.iter().map(|view| &view.periods);
    let tables = definition.tables.iter().map(|table| &table.periods);
    views.chain(tables).filter_map(|periods| match periods {
        PeriodsDef::Set(set) => Some(set),
        PeriodsDef::Grain(_) => None,
    })
}

pub(super) fn plans(ground: &Ground<'_>, found: &mut Found) {
    let definition = ground.definition;
    for (at, plan) in definition.plans.iter().enumerate() {
        let place = format!("plans[{at}]");
        let before = &definition.plans[..at];
        if before.iter().any(|other| other.key == plan.key) {
            let plan = plan.key.clone();
            found.add(&place, ModelCause::DuplicatePlan { plan });
        }
        for (number, recipe) in plan.recipes.iter().enumerate() {
            let rival = before.iter().find(|other| {
                let recipes = other.recipes.iter();
                let mut same = recipes.filter(|own| own.measure == recipe.measure);
                same.any(|own| own.horizon.intersection(recipe.horizon).is_some())
            });
            if let Some(other) = rival {
                let (measure, other) = (recipe.measure.clone(), other.key.clone());
                let place = format!("{place}.recipes[{number}].horizon");
                found.add(place, ModelCause::PlannedTwice { measure, other });
            }
        }
        one(ground, plan, &place, found);
    }
}

/// Compiles the recipes of one plan over the structure of the model, with tables of nothing.
fn one(ground: &Ground<'_>, plan: &PlanDef, place: &str, found: &mut Found) {
    let schema = ground.schema;
    let mut sources = Sources::new(schema.measures(), schema.space())
        .calendar(ground.calendar)
        .limits(ground.limits);
    if let Some(days) = ground.working_days {
        sources = sources.working_days(days);
    }
    for set in sets(ground.definition) {
        sources = sources.set(set.clone());
    }
    for table in &ground.definition.tables {
        // Tables come after views.
        let mut from_behind = ground.views.iter().rev();
        let asked = from_behind.find(|own| own.definition.key == table.key);
        let nothing = asked.and_then(|asked| empty(ground, asked));
        if let Some(nothing) = nothing {
            sources = sources.table(table.key.clone(), nothing);
        }
    }
    let mut whole: Option<Plan> = None;
    let mut frame = None;
    let mut fits = true;
    for (number, recipe) in plan.recipes.iter().enumerate() {
        // What is wrong with figures by then hides nothing of what is wrong with the recipe.
        let excused = |error: &PlanError| !says_something(error);
        let compiled = Cascade::compile_excusing(frame.as_ref(), recipe.clone(), &sources, excused);
        let next = compiled.and_then(|cascade| {
            frame = Some(Arc::clone(cascade.frame()));
            let next = Plan::of_nothing(&cascade)?;
            match &mut whole {
                Some(plan) => plan.join(next)?,
                None => whole = Some(next),
            }
            Ok(())
        });
        if let Err(error) = next {
            fits = false;
            if says_something(&error) {
                found.add(format!("{place}.recipes[{number}]"), error);
            }
        }
    }
    match whole {
        None if fits => found.add(format!("{place}.recipes"), PlanError::NoCascade),
        Some(whole) if fits => {
            let linked = whole
                .with_ratios(schema.measures())
                .with_links(plan.links.clone());
            found.take(format!("{place}.links"), linked);
        }
        _ => {}
    }
}

/// A table without a figure.
fn empty(ground: &Ground<'_>, asked: &Asked) -> Option<Table> {
    let mut subjects = Subjects::whole();
    for axis in &asked.definition.rows {
        let nobody = match asked.definition.unassigned {
            Unassigned::Shown => Unassigned::Shown,
            Unassigned::Hidden | Unassigned::WhereUsed => Unassigned::Hidden,
        };
        let own = ground.schema.space().subjects(axis, nobody);
        subjects = subjects.cross_within(&own.ok()?, ground.limits).ok()?;
    }
    let cells = subjects.len() * asked.periods.len();
    let nothing = vec![rust_decimal::Decimal::ZERO; cells];
    Table::new(subjects, Some(asked.periods.clone()), &nothing).ok()
}

/// Whether an error is one of the recipe, and not of who is there or of what has been sold by then.
fn says_something(error: &PlanError) -> bool {
    match error {
        PlanError::EmptyLevel { .. }
        | PlanError::UnknownNode { .. }
        | PlanError::NotPlanned { .. }
        | PlanError::Split { .. }
        | PlanError::OpeningDiffers { .. }
        | PlanError::Allocation(_)
        | PlanError::Basis(
            BasisError::ZeroWeights { .. }
            | BasisError::MissingWeight { .. }
            | BasisError::MissingMembers { .. }
            | BasisError::NoInverse { .. }
            | BasisError::NotEligible { .. }
            | BasisError::NobodyEligible { .. }
            | BasisError::ColumnShape { .. },
        ) => false,
        PlanError::Constraint(error) => matches!(
            error,
            ConstraintError::InvalidLot { .. }
                | ConstraintError::FactorNotAbove { .. }
                | ConstraintError::CrossedBounds { .. }
                | ConstraintError::MethodInsideBounds { .. }
                | ConstraintError::NoTotal { .. }
        ),
        _ => true,
    }
}
