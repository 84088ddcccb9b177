//! What stands below one parent, shared by other weights in every cell.

use std::collections::{BTreeMap, BTreeSet};

use super::Shifted;
use super::domain::{Axis, Domain, share};
use crate::key::Key;
use crate::plan::edit::whole_parts;
use crate::plan::frame::ByPlace;
use crate::plan::{
    BasisError, Easing, EditError, GivenDef, NodeId, Place, Plan, PlanError, Reallocation,
};
use crate::quantity::Ratio;

impl Plan {
    /// Works out a place that is split anew at a step.
    pub(super) fn split_anew(
        &self,
        (sheet, edit): (usize, usize),
        asked: &Reallocation,
        (at, step, by): (&Place, &Key, &Easing),
    ) -> Result<Shifted, PlanError> {
        let coords = self.frame.coords_of(at)?;
        let step = self.frame.step(step.as_str())?;
        let axis = Axis::of(&self.frame, step);
        let depth = axis
            .0
            .iter()
            .position(|own| *own == step)
            .map_or(0, |at| at + 1);
        let found = self.leaves_at(&coords);
        if found.iter().next().is_none() {
            return Err(PlanError::Edit(EditError::NoCells { place: at.clone() }));
        }
        let frozen = self.frozen(&asked.frozen)?;
        let domain = Domain::new(self, sheet, axis, &found, &frozen)?;
        let domain = self.keeping_held(sheet, domain, |_, _| Some(depth))?;
        let weights = self.split_weights(sheet, &domain, (step, depth), by)?;
        let width = domain.width();
        let mut to = domain.values();
        let mut split = BTreeSet::new();
        for parent in domain.of_depth(depth - 1) {
            for column in 0..width {
                let children = &domain.tree[parent].children;
                let id = |child: &usize| child * width + column;
                let free: Vec<usize> = children
                    .iter()
                    .filter(|child| domain.at(**child, column).cells > 0)
                    .map(id)
                    .collect();
                let amount: i64 = free
                    .iter()
                    .map(|id| domain.at(id / width, column).free)
                    .sum();
                let own: Vec<i64> = free
                    .iter()
                    .map(|id| weights.get(id).copied().unwrap_or(0))
                    .collect();
                let given = share(amount, &own).ok_or_else(|| {
                    PlanError::Basis(BasisError::ZeroWeights {
                        place: domain.path(&self.frame, parent, column),
                        step: self.frame.steps[step].name.clone(),
                        amount: self.decimal(sheet, domain.quanta(amount.into())),
                    })
                })?;
                for (id, given) in free.into_iter().zip(given) {
                    to[id] = domain.at(id / width, column).fixed + given;
                    split.insert(id);
                }
            }
        }
        self.poured(sheet, &domain, &split, &mut to)?;
        self.told(sheet, &domain, &to, |_| (true, edit))
    }

    /// Returns the weight of everybody at a step in each column.
    fn split_weights(
        &self,
        sheet: usize,
        domain: &Domain,
        (step, depth): (usize, usize),
        by: &Easing,
    ) -> Result<BTreeMap<usize, i64>, PlanError> {
        let width = domain.width();
        let id_of =
            |cell: &super::domain::Cell| domain.above(cell.branch, depth) * width + cell.column;
        let mut weights: BTreeMap<usize, i64> = BTreeMap::new();
        match by {
            Easing::Draft => {
                for cell in &domain.cells {
                    *weights.entry(id_of(cell)).or_default() += cell.value;
                }
            }
            Easing::Equal => {
                weights.extend(domain.cells.iter().map(|cell| (id_of(cell), 1)));
            }
            Easing::Like(to) => {
                let like = self.amounts_like(sheet, to)?;
                for cell in &domain.cells {
                    let own = like.get(&cell.leaf).map_or(0, |own| own.unsigned_abs());
                    let sum = weights.entry(id_of(cell)).or_default();
                    *sum = i64::try_from(own)
                        .ok()
                        .and_then(|own| sum.checked_add(own))
                        .ok_or_else(|| self.too_large(cell.leaf))?;
                }
            }
            Easing::Given(given) => {
                let mut nodes: BTreeMap<usize, NodeId> = BTreeMap::new();
                for cell in &domain.cells {
                    let mut node = cell.leaf;
                    while node.level() > step + 1 {
                        node = self.frame.parent(node).unwrap_or(NodeId::WHOLE);
                    }
                    nodes.insert(id_of(cell), node);
                }
                let given = self.given_at(given, step, nodes.values().copied())?;
                weights.extend(nodes.keys().copied().zip(given));
            }
        }
        Ok(weights)
    }

    /// Returns weights that were written down for nodes of a step, as whole numbers.
    fn given_at(
        &self,
        given: &GivenDef,
        step: usize,
        nodes: impl Iterator<Item = NodeId>,
    ) -> Result<Vec<i64>, PlanError> {
        let entries = given.weights.iter().map(|given| (&given.at, given.weight));
        let by_place = ByPlace::new(&self.frame, step, entries)?;
        let mut ratios: Vec<Ratio> = Vec::new();
        for node in nodes {
            let place = self.frame.path(node);
            let step = self.frame.steps[step].name.clone();
            match by_place.find(&self.frame, node).or(given.otherwise) {
                None => return Err(PlanError::Basis(BasisError::MissingWeight { place, step })),
                Some(weight) if weight.is_negative() => {
                    return Err(PlanError::Basis(BasisError::NegativeWeight { place, step }));
                }
                Some(weight) => ratios.push(weight),
            }
        }
        let whole = whole_parts(&ratios).and_then(|whole| {
            let whole = whole.into_iter().map(i64::try_from);
            whole.collect::<Result<Vec<_>, _>>().ok()
        });
        whole.ok_or_else(|| {
            PlanError::Basis(BasisError::WeightTooFine {
                place: self.frame.path(NodeId::WHOLE),
            })
        })
    }
}
