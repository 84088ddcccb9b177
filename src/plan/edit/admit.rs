//! Who was not planned before gets a node: the structure grows, and every amount stays where it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::allocation::LevelWeights;
use crate::key::Key;
use crate::limits::Limits;
use crate::plan::amounts::Amounts;
use crate::plan::applied::AppliedAt;
use crate::plan::cascade::Kind;
use crate::plan::patch::Patch;
use crate::plan::sheet::Sheet;
use crate::plan::step::Split;
use crate::plan::verbs::{Joining, NewMember};
use crate::plan::{ActivityDef, Cascade, EditError, Frame, NodeId, Place, Plan, PlanError};

/// Where each node of a grown structure was before, level by level; nowhere for a new one.
struct Grown(Vec<Vec<Option<usize>>>);

impl Grown {
    fn new(old: &Frame, new: &Frame) -> Self {
        let mut levels = vec![vec![Some(0)]];
        for level in 0..new.levels() - 1 {
            let mut own = Vec::with_capacity(new.count(level + 1));
            for (index, was) in levels[level].iter().enumerate() {
                for child in new.children(NodeId::new(level, index)) {
                    let name = new.name(child);
                    let same = was.and_then(|was| {
                        let mut children = old.children(NodeId::new(level, was));
                        children.find(|other| old.name(*other) == name)
                    });
                    own.push(same.map(NodeId::index));
                }
            }
            levels.push(own);
        }
        Self(levels)
    }

    fn column<T: Copy>(&self, level: usize, old: &[T], fresh: T) -> Vec<T> {
        let was = self.0[level].iter();
        was.map(|was| was.and_then(|was| old.get(was)).copied().unwrap_or(fresh))
            .collect()
    }

    /// Returns where old nodes are now.
    fn now(&self) -> BTreeMap<NodeId, NodeId> {
        let mut now = BTreeMap::new();
        for (level, nodes) in self.0.iter().enumerate() {
            for (index, was) in nodes.iter().enumerate() {
                if let Some(was) = was {
                    now.insert(NodeId::new(level, *was), NodeId::new(level, index));
                }
            }
        }
        now
    }
}

impl Plan {
    /// Gives a node to who joins and was not planned before, without any amount.
    pub(super) fn admit(
        &mut self,
        joining: &Joining,
        new: &NewMember,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let (step, member) = self.newcomer(&joining.at)?;
        let first = self.sheets[0].cascade();
        let (number, level) = match self.frame.steps[step].split {
            Split::Member { dimension, level } => (dimension, level),
            Split::Time(_) => (0, 0),
        };
        let members = &self.frame.dimensions[number];
        if members.member(member.as_str()).is_ok() {
            return Err(PlanError::Edit(EditError::PlannedAlready { member }));
        }
        let level = members.levels[level].clone();
        let from = (joining.from > self.frame.horizon.start()).then_some(joining.from);
        let origin =
            first
                .origin()
                .with_member(number, &level, &member, new.below.as_ref(), from)?;
        let activity = from.filter(|_| new.below.is_none()).map(|from| {
            let at = [(self.frame.steps[step].name.clone(), member.clone())];
            ActivityDef::from(at.into_iter().collect::<Place>(), from)
        });
        // One member more is within any limit that the structure was within, but for its own nodes.
        let sheets = origin.with_sources(Limits::NONE, |sources| {
            let mut sheets: Vec<Sheet> = Vec::with_capacity(self.sheets.len());
            for sheet in &self.sheets {
                let mut def = sheet.cascade().definition().clone();
                def.activity.extend(activity.clone());
                let frame = match sheets.first() {
                    Some(first) => Arc::clone(first.cascade().frame()),
                    None => Arc::new(Frame::compile(&def, sources)?),
                };
                sheets.push(self.grown(sheet, &frame, def, sources)?);
            }
            Ok(sheets)
        })?;
        let Some(frame) = sheets
            .first()
            .map(|sheet| Arc::clone(sheet.cascade().frame()))
        else {
            return Ok(());
        };
        let undo = self.swap(Patch::Structure(Box::new((frame, sheets))));
        journal.push(undo);
        if let Some(before) = self.closed_before {
            self.close(before, journal)?;
        }
        if self.leaves_of(&self.frame.select(&joining.at)?).is_empty() {
            return Err(PlanError::Edit(EditError::NoPlaceFor { member }));
        }
        Ok(())
    }

    /// Returns the lowest step by members that a place names, and who is named there.
    fn newcomer(&self, at: &Place) -> Result<(usize, Key), PlanError> {
        let mut lowest = None;
        for (step, member) in at.iter() {
            let step = self.frame.step(step.as_str())?;
            if self.frame.periods(step).is_none()
                && lowest.as_ref().is_none_or(|(own, _)| *own < step)
            {
                lowest = Some((step, member.clone()));
            }
        }
        lowest.ok_or_else(|| PlanError::ActivityPlace { place: at.clone() })
    }

    /// Returns a measure on a structure that has grown.
    fn grown(
        &self,
        sheet: &Sheet,
        frame: &Arc<Frame>,
        def: crate::plan::CascadeDef,
        sources: &crate::plan::Sources<'_>,
    ) -> Result<Sheet, PlanError> {
        let cascade = sheet.cascade();
        if !matches!(cascade.kind(), Kind::Flow) {
            return Err(PlanError::NotForKind {
                measure: sheet.measure().key.clone(),
                kind: cascade.kind().name(),
                what: "a member that joins",
            });
        }
        let grown = Grown::new(&self.frame, frame);
        let now = grown.now();
        if now.len()
            != (0..self.frame.levels())
                .map(|level| self.frame.count(level))
                .sum::<usize>()
        {
            return Err(PlanError::DifferentFrames {
                what: "somebody who is planned would lose a node",
            });
        }
        let weights = (0..frame.levels() - 1).map(|step| {
            let old = cascade.node_weights(step, 0..self.frame.count(step + 1));
            LevelWeights::from_wide(grown.column(step + 1, &old, 0))
        });
        let kept = cascade.kept_weights().filter_map(|(step, index, weight)| {
            let node = now.get(&NodeId::new(step, index))?;
            Some((step, node.index(), weight))
        });
        let weights = (weights.collect(), kept.collect());
        let cascade = Cascade::saved(Some(frame), def, sources, weights)?;
        let own = sheet.amounts();
        let column = |levels: &[Vec<i64>]| {
            let levels = levels.iter().enumerate();
            let levels = levels.map(|(level, own)| grown.column(level, own, 0));
            levels.collect::<Vec<_>>()
        };
        let assigned = own.has_assigned().then(|| column(own.assigned_levels()));
        let told = own.told().iter();
        let told = told.filter_map(|(node, amount)| Some((*now.get(node)?, *amount)));
        let amounts = Amounts::from_levels(column(own.levels()));
        let mut amounts = amounts.with_assigned(assigned, told.collect());
        for level in 0..self.frame.levels() {
            for (index, units) in own.apart(level) {
                if let Some(node) = now.get(&NodeId::new(level, *index)) {
                    amounts.keep_apart(level, node.index(), Some(*units));
                }
            }
        }
        self.keep_what_ended(sheet, frame, &now, &mut amounts);
        for (step, node, closeness) in own.fits() {
            if let Some(node) = now.get(&node) {
                amounts.add_fit(step, *node, closeness);
            }
        }
        for applied in own.applied() {
            if let Some(node) = now.get(&NodeId::new(applied.level, applied.index)) {
                let index = node.index();
                amounts.add_applied(AppliedAt {
                    index,
                    ..applied.clone()
                });
            }
        }
        Ok(sheet.moved_to(cascade, amounts, &now))
    }

    /// Keeps apart what nodes have that ended where they now have somebody below: it is not for whoever joins until somebody says so.
    fn keep_what_ended(
        &self,
        sheet: &Sheet,
        frame: &Frame,
        now: &BTreeMap<NodeId, NodeId>,
        amounts: &mut Amounts,
    ) {
        for (was, node) in now {
            let (level, index) = (node.level(), node.index());
            let began =
                self.frame.child_range(*was).is_empty() && !frame.child_range(*node).is_empty();
            let own = sheet.amounts().at(*was);
            if began && own != 0 {
                amounts.keep_apart(level, index, Some(own));
            }
        }
    }
}
