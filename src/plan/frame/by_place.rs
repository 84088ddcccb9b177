//! Values by place: of several that hold a node, the one that names most steps counts.

use std::collections::BTreeMap;

use super::{Frame, NodeId};
use crate::plan::{Place, PlanError};

/// The values of the places that name the same steps, by the members or periods that they name.
#[derive(Debug)]
struct ColumnBuilder<T> {
    steps: Vec<usize>,
    values: BTreeMap<Vec<u32>, T>,
}

/// Values of the nodes of one step, written down by places that name it and steps above it.
#[derive(Debug)]
pub(in crate::plan) struct ByPlace<T> {
    /// Those that name most steps first, and of two that name as many those whose steps are lower.
    ranked: Vec<ColumnBuilder<T>>,
}

impl<T: Copy> ByPlace<T> {
    /// Reads values by place. Of each place something at the step must be planned, or what ends above it.
    pub(in crate::plan) fn new<'a>(
        frame: &Frame,
        step: usize,
        entries: impl IntoIterator<Item = (&'a Place, T)>,
    ) -> Result<Self, PlanError> {
        let mut by_steps: BTreeMap<Vec<usize>, BTreeMap<Vec<u32>, T>> = BTreeMap::new();
        let mut places: BTreeMap<Vec<usize>, BTreeMap<Vec<u32>, &'a Place>> = BTreeMap::new();
        for (place, value) in entries {
            let (steps, coords): (Vec<usize>, Vec<u32>) =
                frame.coords_of(place)?.into_iter().unzip();
            if steps.last().is_some_and(|last| *last > step) {
                return Err(PlanError::BelowStep {
                    place: place.clone(),
                    step: frame.steps[step].name.clone(),
                });
            }
            let named = places.entry(steps.clone()).or_default();
            named.insert(coords.clone(), place);
            let named = by_steps.entry(steps).or_default();
            if named.insert(coords, value).is_some() {
                return Err(PlanError::DuplicatePlace {
                    place: place.clone(),
                });
            }
        }
        // What is said of nobody would be lost.
        for (steps, mut unheld) in places {
            // A branch that ends above the step ends with what is planned of it.
            let deepest = steps.iter().max().map_or(0, |last| last + 1);
            for level in (deepest..=step + 1).rev() {
                for index in 0..frame.count(level) {
                    if unheld.is_empty() {
                        break;
                    }
                    let node = NodeId::new(level, index);
                    if level <= step && frame.children(node).len() > 0 {
                        continue;
                    }
                    let at = steps.iter().map(|step| frame.coord_at(node, *step));
                    unheld.remove(&at.collect::<Vec<u32>>());
                }
            }
            if let Some((_, place)) = unheld.pop_first() {
                return Err(PlanError::NotPlanned {
                    place: place.clone(),
                });
            }
        }
        let named = by_steps.into_iter();
        let mut ranked: Vec<ColumnBuilder<T>> = named
            .map(|(steps, values)| ColumnBuilder { steps, values })
            .collect();
        ranked.sort_by(|a, b| (b.steps.len(), &b.steps).cmp(&(a.steps.len(), &a.steps)));
        Ok(Self { ranked })
    }

    /// Returns the value of a node of the step, if some place holds it.
    pub(in crate::plan) fn find(&self, frame: &Frame, node: NodeId) -> Option<T> {
        self.ranked.iter().find_map(|named| {
            let at = named.steps.iter().map(|step| frame.coord_at(node, *step));
            named.values.get(&at.collect::<Vec<u32>>()).copied()
        })
    }
}
