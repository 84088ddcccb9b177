//! Undoing what steps of a change replaced.

use super::{Plan, patch::Patch};

impl Plan {
    /// Puts back what was replaced.
    pub(super) fn roll_back(&mut self, patches: Vec<Patch>) {
        for patch in patches.into_iter().rev() {
            self.swap(patch);
        }
    }

    /// Puts back what one patch replaced, and returns the patch that undoes that.
    pub(super) fn swap(&mut self, patch: Patch) -> Patch {
        match patch {
            Patch::Sheet { sheet, replaced } => Patch::Sheet {
                sheet,
                replaced: self.sheets[sheet].swap(replaced),
            },
            Patch::Closed { old, marks } => {
                let old = std::mem::replace(&mut self.closed_before, old);
                let marks = std::mem::replace(&mut self.closed, marks);
                Patch::Closed { old, marks }
            }
            Patch::Structure(other) => {
                let (frame, sheets) = *other;
                let frame = std::mem::replace(&mut self.frame, frame);
                let sheets = std::mem::replace(&mut self.sheets, sheets);
                Patch::Structure(Box::new((frame, sheets)))
            }
        }
    }
}
