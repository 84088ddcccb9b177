//! Values by place: of several that hold a node, the one that names most steps counts.

use std::collections::BTreeMap;

use super::{Frame, NodeId};
use crate::plan::{Place, PlanError};

/// Values of the nodes of one step, written down by places that name it and steps above it.
#[derive(Debug)]
pub(in crate::plan) struct ByPlace<T> {
    /// Of each set of steps, the values by the members or periods there; those that name most steps first, and of two that
    /// name as many those whose steps are lower.
    ranked: Vec<(Vec<usize>, BTreeMap<Vec<u32>, T>)>,
}

impl<T: Copy> ByPlace<T> {
    pub(in crate::plan) fn new<'a>(
        frame: &Frame,
        step: usize,
        entries: impl IntoIterator<Item = (&'a Place, T)>,
    ) -> Result<Self, PlanError> {
        let mut by_steps: BTreeMap<Vec<usize>, BTreeMap<Vec<u32>, T>> = BTreeMap::new();
        for (place, value) in entries {
            let (steps, coords): (Vec<usize>, Vec<u32>) =
                frame.coords_of(place)?.into_iter().unzip();
            if steps.last().is_some_and(|last| *last > step) {
                return Err(PlanError::BelowStep {
                    place: place.clone(),
                    step: frame.steps[step].name.clone(),
                });
            }
            let named = by_steps.entry(steps).or_default();
            if named.insert(coords, value).is_some() {
                return Err(PlanError::DuplicatePlace {
                    place: place.clone(),
                });
            }
        }
        let mut ranked: Vec<_> = by_steps.into_iter().collect();
        ranked.sort_by(|(a, _), (b, _)| (b.len(), b).cmp(&(a.len(), a)));
        Ok(Self { ranked })
    }

    /// Returns the value of a node of the step, if some place holds it.
    pub(in crate::plan) fn find(&self, frame: &Frame, node: NodeId) -> Option<T> {
        self.ranked.iter().find_map(|(steps, values)| {
            let at = steps.iter().map(|step| frame.coord_at(node, *step));
            values.get(&at.collect::<Vec<u32>>()).copied()
        })
    }
}
