//! What a recipe says that has no meaning for its measure, or no sense.

use crate::allocation::Method;
use crate::measure::{Additivity, Measure};
use crate::plan::{CascadeDef, Frame, PlanError};

/// Refuses what a recipe says that has no meaning for its kind of measure.
pub(super) fn kind(def: &CascadeDef, frame: &Frame, measure: &Measure) -> Result<(), PlanError> {
    let kind = match measure.additivity {
        Additivity::Stock => "stock",
        Additivity::Rating => "rating",
        Additivity::Flow | Additivity::Ratio { .. } => "flow",
    };
    let stock = measure.additivity == Additivity::Stock;
    let refuse = |what| {
        Err(PlanError::NotForKind {
            measure: measure.key.clone(),
            kind,
            what,
        })
    };
    if !stock && !def.openings.is_empty() {
        return refuse("an opening");
    }
    for (step, own) in def.steps.iter().enumerate() {
        let along = kind == "stock" && frame.periods(step).is_some();
        if !own.gates.is_empty() && (kind == "rating" || along) {
            return refuse("a gate");
        }
    }
    if kind == "flow" {
        return Ok(());
    }
    if !stock && !def.totals.is_empty() {
        return refuse("a prescribed total");
    }
    if !def.over_assignment.is_empty() {
        return refuse("an over-assignment");
    }
    for (step, own) in def.steps.iter().enumerate() {
        if !stock && (own.lot.is_some() || !own.lots.is_empty()) {
            return refuse("a lot");
        }
        let plain = matches!(own.method, Method::LargestRemainder | Method::Running);
        if !plain && (!stock || frame.periods(step).is_some()) {
            return refuse("this method of rounding");
        }
    }
    Ok(())
}
