//! Cutting each member's time where an ancestor changes, and the tables from placement to ancestor.

use std::collections::BTreeSet;

use super::membership::Stretch;
use super::{Dimension, MemberId};
use crate::space::SpaceError;

impl Dimension {
    /// Cuts each member's time where any ancestor changes, and fills the tables.
    pub(super) fn place(&mut self, parents: &[Vec<Vec<Stretch>>]) -> Result<(), SpaceError> {
        let cuts = self.cuts(parents);
        let total: usize = cuts.iter().map(|own| own.len() + 1).sum();
        if u32::try_from(total).is_err() {
            return Err(SpaceError::TooMany {
                what: "placements",
                count: total,
                limit: u32::MAX as usize,
            });
        }
        self.rollups = vec![Vec::with_capacity(total); self.levels.len()];
        for (id, own) in (0_u32..).zip(&cuts) {
            self.first
                .push(u32::try_from(self.members.len()).unwrap_or(u32::MAX));
            for start in std::iter::once(i32::MIN).chain(own.iter().copied()) {
                self.starts.push(start);
                self.members.push(MemberId(id));
                self.fill(MemberId(id), start, parents);
            }
        }
        self.first
            .push(u32::try_from(self.members.len()).unwrap_or(u32::MAX));
        Ok(())
    }

    /// The days on which some ancestor of a member changes, for every member.
    fn cuts(&self, parents: &[Vec<Vec<Stretch>>]) -> Vec<Vec<i32>> {
        let mut cuts: Vec<BTreeSet<i32>> = vec![BTreeSet::new(); self.keys.len()];
        for (index, stretches) in parents.iter().enumerate() {
            // Parents first: a member's cuts include those of its parent while it belongs to it. Leaves stand in every
            // hierarchy and upper members in one, so one sweep from the top of each hierarchy is enough.
            let mut order: Vec<(usize, usize)> = (1..self.keys.len())
                .filter_map(|member| {
                    Some((self.depth_in(index, self.member_levels[member]?)?, member))
                })
                .collect();
            order.sort_unstable();
            for (_, member) in order {
                let mut own = std::mem::take(&mut cuts[member]);
                for stretch in &stretches[member] {
                    own.extend([stretch.from, stretch.to]);
                    let above = &cuts[stretch.parent.index()];
                    own.extend(above.range(stretch.from..stretch.to));
                }
                own.remove(&i32::MIN);
                own.remove(&i32::MAX);
                cuts[member] = own;
            }
        }
        cuts.into_iter()
            .map(|own| own.into_iter().collect())
            .collect()
    }

    fn fill(&mut self, member: MemberId, day: i32, parents: &[Vec<Vec<Stretch>>]) {
        let mut found = vec![MemberId::UNASSIGNED; self.levels.len()];
        for stretches in parents {
            let mut at = member;
            while let Some(level) = self.member_levels[at.index()] {
                found[level.index()] = at;
                let holding = stretches[at.index()]
                    .iter()
                    .find(|stretch| stretch.from <= day && day < stretch.to);
                match holding {
                    Some(stretch) => at = stretch.parent,
                    None => break,
                }
            }
        }
        for (table, ancestor) in self.rollups.iter_mut().zip(found) {
            table.push(ancestor);
        }
    }
}
