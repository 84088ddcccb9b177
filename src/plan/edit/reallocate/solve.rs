//! Totals of scopes, solved as one system.
//!
//! From the top of the axis down: of what a parent has in a column (kept, or what the step above has made of it) the scopes right below
//! take their totals in their own mix, and the others what is left in proportion. Where that leaves no room, here or for what is locked
//! further down, all locks from here on down are one table: of the scopes, which lie inside each other, and the parents' columns.

use super::crossing::Crossing;
use super::joint::Joint;
use super::lock::{Failure, Locks};
use super::nest::Nest;

impl Locks<'_> {
    /// Returns what everybody has in every column when all locks hold.
    pub(super) fn solve(&self) -> Result<Vec<i64>, Failure> {
        self.below(0, self.domain.values())
    }

    /// Solves what stands below a depth, of which all amounts are known.
    fn below(&self, depth: usize, to: Vec<i64>) -> Result<Vec<i64>, Failure> {
        if depth == self.domain.axis.0.len() {
            return Ok(to);
        }
        let mut mixed = to.clone();
        if self.keep_mix(depth, &mut mixed)
            && let Ok(found) = self.below(depth + 1, mixed)
        {
            return Ok(found);
        }
        let joint = Joint::new(self, depth, to)?;
        let scopes: Vec<&[usize]> = joint.scopes.iter().map(Vec::as_slice).collect();
        let moved = match Nest::new(&scopes, self.domain.cells.len()) {
            Ok(nest) => joint.nested(&nest)?,
            Err(_) => Crossing::new(&joint, &scopes)?.solve()?,
        };
        self.below(depth + 1, joint.told(&moved))
    }
}
