//! Who is eligible at a step: the weights of the others are taken out.

use std::collections::BTreeMap;

use super::applied::Judged;
use super::basis::Resolver;
use super::{Applied, BasisError, Frame, GatedShare, NodeId, PlanError};
use crate::allocation::{LevelWeights, ZeroWeights};

/// What some weigh of what all of them do.
pub(super) type Part = (u128, u128);

/// Of each step, what those of a node weigh whose shares stay with it, of what all below it would with everybody eligible, by node.
pub(super) type KeptWeights = Vec<BTreeMap<usize, Part>>;

/// Which errors of weights are passed over.
pub(super) type Excused = fn(&PlanError) -> bool;

/// A node that is not eligible.
struct Gated {
    policy: Applied,
    share: GatedShare,
}

/// Takes the weights of whoever is not eligible out of those of all steps, from the last to the first, and returns those that stay
/// with the nodes above. Along paths over periods, a period may not go without, as the path leads through it.
pub(super) fn close(
    (resolvers, along): (&[Resolver<'_>], bool),
    excused: Excused,
    weights: &mut [LevelWeights],
    applied: &mut [Vec<Judged>],
) -> Result<KeptWeights, PlanError> {
    let mut kept: KeptWeights = vec![BTreeMap::new(); weights.len()];
    // The nodes of the level of which nobody below is eligible, with the step below.
    let mut nobody: Vec<usize> = Vec::new();
    for resolver in resolvers.iter().rev() {
        let (step, frame) = (resolver.step, resolver.frame);
        let (mut gated, admitted) = match own(resolver) {
            Err(error) if excused(&error) => (BTreeMap::new(), Vec::new()),
            own => own?,
        };
        let admitted = admitted.into_iter();
        applied[step].extend(admitted.filter(|own| !gated.contains_key(&own.index)));
        applied[step].sort_by_key(|own| own.index);
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
        nobody = match without_eligible(frame, (step, along), &gated) {
            Err(error) if excused(&error) => continue,
            nobody => nobody?,
        };
        let equal = resolver.def.steps[step].weights.all_zero() == ZeroWeights::Equal;
        take_out(
            frame,
            (step, equal),
            gated,
            &mut weights[step],
            &mut applied[step],
            &mut kept[step],
        );
    }
    Ok(kept)
}

/// Returns the nodes of a step that its gates close, and those without a figure that they let in.
fn own(resolver: &Resolver<'_>) -> Result<(BTreeMap<usize, Gated>, Vec<Judged>), PlanError> {
    let (step, frame) = (resolver.step, resolver.frame);
    let (mut gated, mut admitted) = (BTreeMap::new(), Vec::new());
    let mut refused = Vec::new();
    for gate in &resolver.def.steps[step].gates {
        for found in resolver.found_by(gate)? {
            let (index, figure) = (found.index, found.figure);
            if found.passes {
                admitted.push(Judged {
                    index,
                    policy: Applied::Admitted {
                        table: gate.figures.table.clone(),
                        figure,
                        within: gate.within,
                    },
                    share: None,
                });
                continue;
            }
            if gate.share == GatedShare::Refused {
                refused.push(frame.path(NodeId::new(step + 1, index)));
                continue;
            }
            gated.entry(index).or_insert_with(|| Gated {
                policy: Applied::Gated {
                    table: gate.figures.table.clone(),
                    figure,
                    assumed: found.assumed,
                    within: gate.within,
                    share: gate.share,
                },
                share: gate.share,
            });
        }
    }
    if refused.is_empty() {
        return Ok((gated, admitted));
    }
    refused.sort();
    refused.dedup();
    Err(PlanError::Basis(BasisError::NotEligible {
        step: frame.steps[step].name.clone(),
        places: refused,
    }))
}

/// Returns the nodes of which nobody is eligible, and whose share goes elsewhere for that; refused where it has nowhere to go: where a
/// part of it would stay with the node and the rest would be for those who are eligible, too.
fn without_eligible(
    frame: &Frame,
    (step, along): (usize, bool),
    gated: &BTreeMap<usize, Gated>,
) -> Result<Vec<usize>, PlanError> {
    let level = &frame.levels[step];
    let mut parents: Vec<usize> = gated.keys().map(|index| level.parent(*index)).collect();
    parents.dedup();
    let (mut nobody, mut refused) = (Vec::new(), Vec::new());
    for parent in parents {
        let shares: Option<Vec<GatedShare>> = level
            .children(parent)
            .map(|child| gated.get(&child).map(|own| own.share))
            .collect();
        // Whoever is not gated gets what there is.
        let Some(shares) = shares else { continue };
        let all = |wanted: GatedShare| shares.iter().all(|share| *share == wanted);
        let over_time = step
            .checked_sub(1)
            .map(|above| frame.periods(above).is_some());
        let has_others = over_time.is_some_and(|over_time| !(along && over_time));
        if all(GatedShare::Elsewhere) && has_others {
            nobody.push(parent);
        } else if !all(GatedShare::Kept) {
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

/// Sets the weights of nodes that are not eligible to zero. Where those weigh nothing who are left, they weigh the same if `equal` says
/// so.
fn take_out(
    frame: &Frame,
    (step, equal): (usize, bool),
    gated: BTreeMap<usize, Gated>,
    weights: &mut LevelWeights,
    applied: &mut Vec<Judged>,
    kept: &mut BTreeMap<usize, Part>,
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
    let left: Vec<(usize, Vec<usize>)> = sums
        .keys()
        .map(|parent| {
            let left = level
                .children(*parent)
                .filter(|child| !gated.contains_key(child));
            (*parent, left.collect())
        })
        .collect();
    for (index, own) in gated {
        let parent = level.parent(index);
        let weight = std::mem::take(&mut all[index]);
        if own.share == GatedShare::Kept {
            // The weights of a node total at most 126 bits.
            kept.entry(parent).or_insert((0, sums[&parent])).0 += weight;
        }
        applied.push(Judged {
            index,
            policy: own.policy,
            share: Some((weight, sums[&parent])),
        });
    }
    for (parent, left) in left {
        let stays = kept.get(&parent).map_or(0, |own| own.0);
        let nothing = left.iter().all(|child| all[*child] == 0);
        // What stays with the node is its part of all of it, so that nothing may be left for the others.
        if equal && nothing && (stays == 0 || stays < sums[&parent]) {
            for child in left {
                all[child] = 1;
            }
        }
    }
    applied.sort_by_key(|own| own.index);
    let narrow = all.iter().map(|weight| u32::try_from(*weight));
    *weights = match narrow.collect() {
        Ok(narrow) => LevelWeights::from_integers(narrow),
        Err(_) => LevelWeights::from_wide(all),
    };
}
