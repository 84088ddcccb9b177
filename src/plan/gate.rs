//! Who is eligible at a step: the weights of the others are taken out.

use std::collections::BTreeMap;

use super::applied::Judged;
use super::basis::Resolver;
use super::{Applied, BasisError, Frame, GatedShare, NodeId, PlanError};
use crate::allocation::LevelWeights;

/// Of each step, the weight of those of a node whose shares stay with it, by node.
pub(super) type KeptWeights = Vec<BTreeMap<usize, u128>>;

/// A node that is not eligible.
struct Gated {
    policy: Applied,
    share: GatedShare,
}

/// Takes the weights of whoever is not eligible out of those of all steps, from the last to the first, and returns those that stay
/// with the nodes above.
pub(super) fn close(
    resolvers: &[Resolver<'_>],
    weights: &mut [LevelWeights],
    applied: &mut [Vec<Judged>],
) -> Result<KeptWeights, PlanError> {
    let mut kept: KeptWeights = vec![BTreeMap::new(); weights.len()];
    // The nodes of the level of which nobody below is eligible, with the step below.
    let mut nobody: Vec<usize> = Vec::new();
    for resolver in resolvers.iter().rev() {
        let (step, frame) = (resolver.step, resolver.frame);
        let mut gated = own(resolver)?;
        let below = frame.steps.get(step + 1).map(|step| &step.name);
        for index in std::mem::take(&mut nobody) {
            if let Some(below) = below {
                gated.entry(index).or_insert_with(|| Gated {
                    policy: Applied::NobodyEligible {
                        step: below.clone(),
                    },
                    share: GatedShare::Elsewhere,
                });
            }
        }
        if gated.is_empty() {
            continue;
        }
        nobody = without_eligible(frame, step, &gated)?;
        take_out(
            frame,
            step,
            gated,
            &mut weights[step],
            &mut applied[step],
            &mut kept[step],
        );
    }
    Ok(kept)
}

/// Returns the nodes of a step that its gates close.
fn own(resolver: &Resolver<'_>) -> Result<BTreeMap<usize, Gated>, PlanError> {
    let (step, frame) = (resolver.step, resolver.frame);
    let mut gated = BTreeMap::new();
    let mut refused = Vec::new();
    for gate in &resolver.def.steps[step].gates {
        for (index, figure) in resolver.outside(gate)? {
            if gate.share == GatedShare::Refused {
                refused.push(frame.path(NodeId::new(step + 1, index)));
                continue;
            }
            gated.entry(index).or_insert_with(|| Gated {
                policy: Applied::Gated {
                    table: gate.figures.table.clone(),
                    figure,
                    within: gate.within,
                    share: gate.share,
                },
                share: gate.share,
            });
        }
    }
    if refused.is_empty() {
        return Ok(gated);
    }
    refused.sort();
    refused.dedup();
    Err(PlanError::Basis(BasisError::NotEligible {
        step: frame.steps[step].name.clone(),
        places: refused,
    }))
}

/// Returns the nodes of which nobody is eligible, and whose share goes elsewhere for that; refused where it has nowhere to go.
fn without_eligible(
    frame: &Frame,
    step: usize,
    gated: &BTreeMap<usize, Gated>,
) -> Result<Vec<usize>, PlanError> {
    let level = &frame.levels[step];
    let mut parents: Vec<usize> = gated.keys().map(|index| level.parent(*index)).collect();
    parents.dedup();
    let (mut nobody, mut refused) = (Vec::new(), Vec::new());
    for parent in parents {
        let mut shares = level
            .children(parent)
            .map(|child| gated.get(&child).map(|own| own.share));
        let mut elsewhere = step > 0;
        let all = shares.all(|share| {
            elsewhere &= share == Some(GatedShare::Elsewhere);
            share.is_some_and(|share| share != GatedShare::Kept)
        });
        if all && elsewhere {
            nobody.push(parent);
        } else if all {
            refused.push(frame.path_at(step, parent));
        }
    }
    if refused.is_empty() {
        return Ok(nobody);
    }
    Err(PlanError::Basis(BasisError::NobodyEligible {
        step: frame.steps[step].name.clone(),
        places: refused,
    }))
}

/// Sets the weights of nodes that are not eligible to zero.
fn take_out(
    frame: &Frame,
    step: usize,
    gated: BTreeMap<usize, Gated>,
    weights: &mut LevelWeights,
    applied: &mut Vec<Judged>,
    kept: &mut BTreeMap<usize, u128>,
) {
    let level = &frame.levels[step];
    let mut all: Vec<u128> = (0..weights.len())
        .map(|index| weights.get(index).unwrap_or(0))
        .collect();
    let sums: BTreeMap<usize, u128> = gated
        .keys()
        .map(|index| level.parent(*index))
        .map(|parent| (parent, all[level.children(parent)].iter().sum()))
        .collect();
    for (index, own) in gated {
        let parent = level.parent(index);
        let weight = std::mem::take(&mut all[index]);
        if own.share == GatedShare::Kept {
            // The weights of a node total at most 126 bits.
            *kept.entry(parent).or_insert(0) += weight;
        }
        applied.push(Judged {
            index,
            policy: own.policy,
            share: Some((weight, sums[&parent])),
        });
    }
    applied.sort_by_key(|own| own.index);
    let narrow = all.iter().map(|weight| u32::try_from(*weight));
    *weights = match narrow.collect() {
        Ok(narrow) => LevelWeights::from_integers(narrow),
        Err(_) => LevelWeights::from_wide(all),
    };
}
