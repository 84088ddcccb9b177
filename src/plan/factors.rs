//! Factors of over-assignment compiled: one for each node that hands down more or less than is assigned to it.

use super::frame::SKIPPED;
use super::step::Split;
use super::{
    CascadeDef, ConstraintError, Frame, ManagersFrom, NodeId, OverAssignmentDef, PlanError,
};
use crate::quantity::Ratio;

/// By how much more than what is assigned to it each node hands down.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Factors {
    /// Level by level, the factor of each node; nothing where all of a level are one.
    levels: Vec<Vec<Ratio>>,
}

/// Of one dimension, level by level and node by node.
struct Managers {
    dimension: usize,
    /// Whether it hands down to members of the dimension.
    hands_down: Vec<Vec<bool>>,
    /// How many members of the dimension stand above it, itself among them.
    depth: Vec<Vec<u16>>,
    /// How many more stand below it on its longest chain.
    height: Vec<Vec<u16>>,
}

impl Factors {
    /// Compiles the factors of a recipe; none where every node hands down what it has.
    pub(super) fn compile(def: &CascadeDef, frame: &Frame) -> Result<Option<Self>, PlanError> {
        let mut levels: Vec<Vec<Ratio>> = vec![Vec::new(); frame.levels()];
        let mut seen = Vec::new();
        for over in &def.over_assignment {
            let managers = Managers::new(frame, frame.dimension(&over.dimension)?);
            if seen.contains(&managers.dimension) {
                return Err(PlanError::Constraint(ConstraintError::FactorsTwice {
                    dimension: over.dimension.clone(),
                }));
            }
            seen.push(managers.dimension);
            check(over, managers.levels(over.from))?;
            let mut set = |node: NodeId, factor: Ratio| {
                let own = &mut levels[node.level()];
                if own.is_empty() && factor != Ratio::ONE {
                    own.resize(frame.count(node.level()), Ratio::ONE);
                }
                if let Some(own) = own.get_mut(node.index()) {
                    *own = factor;
                }
            };
            for node in managers.nodes() {
                let place = managers.place(over.from, node);
                if let Some(factor) = over.factors.get(place) {
                    set(node, *factor);
                }
            }
            for (node, factor) in managers.at_places(frame, over)? {
                set(node, factor);
            }
        }
        let some = levels.iter().any(|own| !own.is_empty());
        Ok(some.then_some(Self { levels }))
    }

    /// Returns the factor of a node.
    pub(super) fn of(&self, node: NodeId) -> Ratio {
        let own = self.levels.get(node.level());
        let own = own.and_then(|own| own.get(node.index()));
        own.copied().unwrap_or(Ratio::ONE)
    }

    /// Says whether every node of a level hands down what it has.
    pub(super) fn is_plain(&self, level: usize) -> bool {
        self.levels.get(level).is_none_or(Vec::is_empty)
    }

    /// Returns the product of the factors above a node, which is what is assigned to it for each one of its base but for rounding; none
    /// beyond the range.
    pub(super) fn above(&self, frame: &Frame, node: NodeId) -> Option<Ratio> {
        let mut all = Ratio::ONE;
        let mut at = frame.parent(node);
        while let Some(node) = at {
            all = all.checked_mul(self.of(node)).ok()?;
            at = frame.parent(node);
        }
        Some(all)
    }
}

/// Refuses factors that are not above zero, and more of them than there are levels of managers.
fn check(over: &OverAssignmentDef, levels: usize) -> Result<(), PlanError> {
    let places = over.at.iter().map(|own| own.factor);
    let all = over.factors.iter().copied().chain(places);
    if let Some(factor) = all
        .into_iter()
        .find(|own| own.is_negative() || own.is_zero())
    {
        return Err(PlanError::Constraint(ConstraintError::FactorNotAbove {
            dimension: over.dimension.clone(),
            factor,
        }));
    }
    if over.factors.len() > levels {
        return Err(PlanError::Constraint(ConstraintError::FactorsOfNobody {
            dimension: over.dimension.clone(),
            factors: over.factors.len(),
            levels,
        }));
    }
    Ok(())
}

impl Managers {
    fn new(frame: &Frame, dimension: usize) -> Self {
        let is_of = |step: usize| matches!(frame.steps[step].split, Split::Member { dimension: own, .. } if own == dimension);
        let steps = frame.steps.len();
        let nothing = |level: &super::frame::Level| vec![0_u16; level.len()];
        let mut own = Self {
            dimension,
            hands_down: frame
                .levels
                .iter()
                .map(|level| vec![false; level.len()])
                .collect(),
            depth: frame.levels.iter().map(nothing).collect(),
            height: frame.levels.iter().map(nothing).collect(),
        };
        for step in 0..steps {
            for index in 0..frame.count(step) {
                let below = is_of(step) && frame.splits_at(step, index);
                own.hands_down[step][index] = below;
                let depth = own.depth[step][index] + u16::from(below);
                own.depth[step + 1][frame.levels[step].children(index)].fill(depth);
            }
        }
        for step in (0..steps).rev() {
            for index in 0..frame.count(step) {
                let below = &own.height[step + 1][frame.levels[step].children(index)];
                let longest = below.iter().copied().max().unwrap_or(0);
                own.height[step][index] = longest + u16::from(own.hands_down[step][index]);
            }
        }
        own
    }

    /// Returns the nodes that hand down to members of the dimension.
    fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let levels = self.hands_down.iter().enumerate();
        levels.flat_map(|(level, own)| {
            let own = own
                .iter()
                .enumerate()
                .filter(|(_, hands_down)| **hands_down);
            own.map(move |(index, _)| NodeId::new(level, index))
        })
    }

    /// Returns the place of the level of a manager, from one end.
    fn place(&self, from: ManagersFrom, node: NodeId) -> usize {
        let (level, index) = (node.level(), node.index());
        usize::from(match from {
            // A manager has at least those below it.
            ManagersFrom::Leaves => self.height[level][index].saturating_sub(1),
            ManagersFrom::Root => self.depth[level][index],
        })
    }

    /// Returns how many levels of managers there are.
    fn levels(&self, from: ManagersFrom) -> usize {
        let places = self.nodes().map(|node| self.place(from, node) + 1);
        places.max().unwrap_or(0)
    }

    /// Returns the factors of single managers; refused where nobody hands down at a place.
    fn at_places(
        &self,
        frame: &Frame,
        over: &OverAssignmentDef,
    ) -> Result<Vec<(NodeId, Ratio)>, PlanError> {
        let mut places = Vec::with_capacity(over.at.len());
        for own in &over.at {
            let at = frame.coords_of(&own.at)?;
            if places.iter().any(|(known, _)| *known == at) {
                return Err(PlanError::DuplicatePlace {
                    place: own.at.clone(),
                });
            }
            places.push((at, own));
        }
        // Who names more steps comes later, and takes the place of the others.
        places.sort_by(|one, other| (one.0.len(), &one.0).cmp(&(other.0.len(), &other.0)));
        let mut found = Vec::new();
        for (at, own) in places {
            let before = found.len();
            for node in self.nodes() {
                let agrees = |(step, coord): &(usize, u32)| frame.coord_at(node, *step) == *coord;
                if self.manager(frame, node) == self.lowest(frame, &at) && at.iter().all(agrees) {
                    found.push((node, own.factor));
                }
            }
            if found.len() == before {
                return Err(PlanError::Constraint(ConstraintError::NobodyHandsDown {
                    place: own.at.clone(),
                }));
            }
        }
        Ok(found)
    }

    fn is_of(&self, frame: &Frame, step: usize) -> bool {
        matches!(frame.steps[step].split, Split::Member { dimension, .. } if dimension == self.dimension)
    }

    /// Returns the step of the lowest member of the dimension at or above a node; none for the whole.
    fn manager(&self, frame: &Frame, node: NodeId) -> Option<usize> {
        let mut steps = (0..node.level()).rev();
        steps.find(|step| self.is_of(frame, *step) && frame.coord_at(node, *step) != SKIPPED)
    }

    /// Returns the lowest step of the dimension that a place names.
    fn lowest(&self, frame: &Frame, at: &[(usize, u32)]) -> Option<usize> {
        let own = at.iter().map(|(step, _)| *step);
        own.filter(|step| self.is_of(frame, *step)).max()
    }
}
