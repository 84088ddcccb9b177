//! From names to nodes.

use super::{Frame, NodeId, SKIPPED, Split, UNASSIGNED};
use crate::key::{Key, unknown};
use crate::plan::{Path, Place, PlanError};
use crate::space::Axis;

/// What a place means in a frame: the lowest single node that holds all of it, and what is left to be matched below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plan) struct Selection {
    pub(in crate::plan) node: NodeId,
    /// Steps below the node, from the top, and the member or ordinal wanted there; empty for a whole node.
    pub(in crate::plan) below: Vec<(usize, u32)>,
}

impl Frame {
    /// Returns the node at a path.
    ///
    /// ```
    /// # use quotaflow::measure::{Measure, Measures};
    /// # use quotaflow::plan::{CascadeDef, Frame, Sources, StepDef};
    /// # use quotaflow::quantity::Quantum;
    /// # use quotaflow::space::{DimensionDef, Space};
    /// # use quotaflow::{calendar::DayRange, key::Key};
    /// # let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
    /// # let people = DimensionDef::new("person", &["region", "person"])?.member("region", "north")?.child("person", "ann", "north")?;
    /// # let space = Space::new(vec![people])?;
    /// # let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
    /// # let def = CascadeDef::new(Key::new("plan")?, Key::new("sales")?, year)
    /// #     .step(StepDef::member("person", "region")?).step(StepDef::member("person", "person")?);
    /// let frame = Frame::compile(&def, &Sources::new(&measures, &space))?;
    /// let ann = frame.find(&["north", "ann"])?;
    /// assert_eq!(frame.path(ann).to_string(), "north / ann");
    /// let error = frame.find(&["north", "anne"]).unwrap_err();
    /// assert_eq!(error.to_string(), "the plan has no `anne` below north; did you mean `ann`?");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`PlanError::UnknownNode`] with the longest path that exists.
    pub fn find(&self, path: &[&str]) -> Result<NodeId, PlanError> {
        let mut at = NodeId::WHOLE;
        for key in path {
            at = self.below_skips(at);
            let named = |child: &NodeId| self.name(*child).is_some_and(|name| name == key);
            let child = self.children(at).find(named);
            at = child.ok_or_else(|| self.unknown_below(at, key))?;
        }
        Ok(at)
    }

    /// Says that nothing of this name stands below a node.
    fn unknown_below(&self, node: NodeId, name: &str) -> PlanError {
        let names = self.children(node).filter_map(|child| self.name(child));
        let (name, nearest, known) = unknown(name, names.map(Key::as_str));
        PlanError::UnknownNode {
            path: self.path(node),
            name,
            nearest,
            known,
        }
    }

    /// Follows the single child of a node as long as it leaves a step out.
    fn below_skips(&self, mut node: NodeId) -> NodeId {
        loop {
            let range = self.child_range(node);
            let below = self.levels.get(node.level() + 1);
            match below.and_then(|level| level.coords.get(range.start)) {
                Some(&SKIPPED) if range.len() == 1 => {
                    node = NodeId::new(node.level() + 1, range.start);
                }
                _ => return node,
            }
        }
    }

    /// Returns the number of a dimension.
    pub(in crate::plan) fn dimension(&self, name: &Key) -> Result<usize, PlanError> {
        let mut dimensions = self.dimensions.iter();
        let found = dimensions.position(|members| members.dimension == *name);
        found.ok_or_else(|| {
            let (name, nearest, known) = unknown(name.as_str(), self.dimensions().map(Key::as_str));
            PlanError::UnknownDimension {
                name,
                nearest,
                known,
            }
        })
    }

    /// Returns the number of a step.
    pub(in crate::plan) fn step(&self, name: &str) -> Result<usize, PlanError> {
        let found = self.steps.iter().position(|step| step.name == *name);
        found.ok_or_else(|| {
            let (name, nearest, known) = unknown(name, self.steps().map(Key::as_str));
            PlanError::UnknownStep {
                name,
                nearest,
                known,
            }
        })
    }

    /// Returns the level of its dimension that a step by members splits by.
    pub(in crate::plan) fn level_of_step(&self, step: usize) -> usize {
        match self.steps[step].split {
            Split::Member { level, .. } => level,
            Split::Time(_) => 0,
        }
    }

    /// Returns the number of a member or period at a step.
    pub(in crate::plan) fn coord(&self, step: usize, name: &Key) -> Result<u32, PlanError> {
        match &self.steps[step].split {
            Split::Member { dimension, level } => {
                let members = &self.dimensions[*dimension];
                let member = members.member(name.as_str())?;
                if member != UNASSIGNED && members.own[member as usize] != Some(*level) {
                    return Err(PlanError::NotAtLevel {
                        member: name.clone(),
                        axis: Axis {
                            dimension: members.dimension.clone(),
                            level: members.levels[*level].clone(),
                        },
                    });
                }
                Ok(member)
            }
            Split::Time(periods) => {
                let ordinal = periods.set.find(name.as_str());
                let ordinal = ordinal.and_then(|found| u32::try_from(found.index()).ok());
                ordinal.ok_or_else(|| {
                    let set = &periods.set;
                    let labels = set.ids().filter_map(|id| set.label(id));
                    let (name, nearest, known) = unknown(name.as_str(), labels.map(Key::as_str));
                    PlanError::UnknownPeriod {
                        set: set.key().clone(),
                        name,
                        nearest,
                        known,
                    }
                })
            }
        }
    }

    /// Returns the steps that a place names and the numbers of the members there, from the top.
    pub(in crate::plan) fn coords_of(&self, place: &Place) -> Result<Vec<(usize, u32)>, PlanError> {
        let fixed = place.iter().map(|(step, member)| {
            let step = self.step(step.as_str())?;
            Ok((step, self.coord(step, member)?))
        });
        let mut fixed: Vec<(usize, u32)> = fixed.collect::<Result<_, PlanError>>()?;
        fixed.sort_unstable();
        Ok(fixed)
    }

    /// Returns the child of a node with this member or ordinal.
    pub(in crate::plan) fn child(&self, node: NodeId, coord: u32) -> Option<NodeId> {
        let range = self.child_range(node);
        let coords = &self.levels.get(node.level() + 1)?.coords[range.clone()];
        // Children stand in the order of their numbers.
        let at = coords.binary_search(&coord).ok()?;
        Some(NodeId::new(node.level() + 1, range.start + at))
    }

    /// Returns what a place means.
    pub(in crate::plan) fn select(&self, place: &Place) -> Result<Selection, PlanError> {
        let fixed = self.coords_of(place)?;
        let mut node = NodeId::WHOLE;
        for (number, (step, coord)) in fixed.iter().enumerate() {
            let above = self.below_skips(node);
            let above = if above.level() > *step { node } else { above };
            if above.level() != *step {
                let below = fixed[number..].to_vec();
                return Ok(Selection { node, below });
            }
            node = self.child(above, *coord).ok_or_else(|| {
                let name = self.coord_name(*step, *coord).map_or("", Key::as_str);
                self.unknown_below(above, name)
            })?;
        }
        Ok(Selection {
            node,
            below: Vec::new(),
        })
    }

    /// Returns the one node that a place means.
    ///
    /// # Errors
    /// [`PlanError::UnknownNode`]; [`PlanError::NotANode`] for a slice through several nodes; the errors of unknown names.
    pub fn node(&self, place: &Place) -> Result<NodeId, PlanError> {
        let selection = self.select(place)?;
        if selection.below.is_empty() {
            Ok(selection.node)
        } else {
            Err(PlanError::NotANode {
                place: place.clone(),
            })
        }
    }

    /// Says whether a node is another one or lies below it.
    pub(in crate::plan) fn is_at_or_below(&self, node: NodeId, above: NodeId) -> bool {
        let mut at = Some(node);
        while let Some(own) = at.filter(|own| own.level() > above.level()) {
            at = self.parent(own);
        }
        at == Some(above)
    }

    /// Returns the place of a node.
    #[must_use]
    pub fn place(&self, node: NodeId) -> Place {
        let mut fixed = Vec::new();
        let mut at = Some(node).filter(|node| node.index() < self.count(node.level()));
        while let Some(node) = at {
            if let (Some(step), Some(name)) = (node.level().checked_sub(1), self.name(node)) {
                fixed.push((self.steps[step].name.clone(), name.clone()));
            }
            at = self.parent(node);
        }
        fixed.into_iter().collect()
    }

    pub(in crate::plan) fn path_at(&self, level: usize, index: usize) -> Path {
        self.path(NodeId::new(level, index))
    }

    /// Returns the path of a node, and a member of a later step.
    pub(in crate::plan) fn column_path(&self, node: NodeId, step: usize, column: u32) -> Path {
        let mut keys = self.path(node).keys().to_vec();
        keys.extend(self.coord_name(step, column).cloned());
        Path::new(keys)
    }
}
