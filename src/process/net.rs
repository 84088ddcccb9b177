//! A workflow as a net of places and steps: which steps are ready, and what doing one changes.

use super::definition::{Join, Split, TaskDef};

/// The most places that a net may have.
pub(super) const MAX_PLACES: usize = 128;

/// The places that hold a token, one bit each: no place of a sound workflow ever holds two.
pub(super) type Marking = u128;

/// A net: each step takes a token from its incoming places (from one of them where it joins any) and puts one into each
/// outgoing place. A decision has one outgoing place, from which one of the steps that wait for it takes the token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Net {
    /// For each step: the places that it takes tokens from.
    pub inputs: Vec<Vec<usize>>,
    /// For each step: the places that it puts tokens into; a final place where nothing waits for it.
    pub outputs: Vec<Vec<usize>>,
    /// For each step: whether a token in any one of the inputs is enough.
    pub any: Vec<bool>,
    /// For each step: whether it may be left out.
    pub optional: Vec<bool>,
    /// For each place: the step that fills it; none for the places that are filled at the start.
    pub filled_by: Vec<Option<usize>>,
    /// For each place: the steps that take from it; none for the final places.
    pub taken_by: Vec<Vec<usize>>,
    /// The places that are filled at the start.
    pub start: Marking,
    /// The final places.
    pub last: Marking,
}

impl Net {
    /// Builds the net of steps whose predecessors are given by number; `None` when it has too many places.
    pub(super) fn new(steps: &[TaskDef], after: &[Vec<usize>]) -> Option<Self> {
        let mut net = Self {
            inputs: vec![Vec::new(); steps.len()],
            outputs: vec![Vec::new(); steps.len()],
            any: steps.iter().map(|step| step.join == Join::Any).collect(),
            optional: steps.iter().map(|step| step.optional).collect(),
            ..Self::default()
        };
        for (step, before) in after.iter().enumerate() {
            if before.is_empty() {
                let place = net.place(None, vec![step])?;
                net.start |= 1 << place;
            }
        }
        for (from, definition) in steps.iter().enumerate() {
            let followers: Vec<usize> = (0..steps.len())
                .filter(|step| after[*step].contains(&from))
                .collect();
            match definition.split {
                _ if followers.is_empty() => {
                    let place = net.place(Some(from), Vec::new())?;
                    net.last |= 1 << place;
                }
                Split::One => {
                    net.place(Some(from), followers)?;
                }
                Split::All => {
                    for follower in followers {
                        net.place(Some(from), vec![follower])?;
                    }
                }
            }
        }
        Some(net)
    }

    fn place(&mut self, filled_by: Option<usize>, taken_by: Vec<usize>) -> Option<usize> {
        let place = self.filled_by.len();
        if place >= MAX_PLACES {
            return None;
        }
        for step in &taken_by {
            self.inputs[*step].push(place);
        }
        if let Some(step) = filled_by {
            self.outputs[step].push(place);
        }
        self.filled_by.push(filled_by);
        self.taken_by.push(taken_by);
        Some(place)
    }

    pub(super) fn steps(&self) -> usize {
        self.inputs.len()
    }

    /// Returns what doing a step leaves behind, or `None` when it is not ready. Where it joins any, the first filled
    /// place gives the token.
    pub(super) fn fire(&self, marking: Marking, step: usize) -> Option<Marking> {
        let mut rest = marking;
        if self.any[step] {
            let place = self.inputs[step]
                .iter()
                .find(|place| marking >> **place & 1 == 1)?;
            rest &= !(1 << place);
        } else {
            for place in &self.inputs[step] {
                if rest >> place & 1 == 0 {
                    return None;
                }
                rest &= !(1 << place);
            }
        }
        for place in &self.outputs[step] {
            rest |= 1 << place;
        }
        Some(rest)
    }

    /// Returns whether the workflow is complete: tokens only in final places.
    pub(super) fn is_complete(&self, marking: Marking) -> bool {
        marking & !self.last == 0
    }

    /// Returns the steps that are ready, in declared order.
    pub(super) fn ready(&self, marking: Marking) -> impl Iterator<Item = (usize, Marking)> {
        (0..self.steps()).filter_map(move |step| Some((step, self.fire(marking, step)?)))
    }
}
