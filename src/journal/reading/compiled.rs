//! The structure that was compiled last: most questions are about the same one.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;

use super::unread::Unread;
use crate::journal::structure::Step;
use crate::ledger::Schema;
use crate::space::Posts;

/// A structure with what stands on it: what records may say, and who holds which post.
#[derive(Debug, Clone)]
pub(in crate::journal) struct Ground {
    pub(in crate::journal) schema: Schema,
    pub(in crate::journal) posts: Option<Arc<Posts>>,
}

/// What was compiled last. It is shared by all clones of a journal, and says of which steps it is.
#[derive(Debug, Default)]
pub(in crate::journal) struct Compiled(Mutex<Option<(Extent, Ground)>>);

/// Which steps a structure is of.
#[derive(Debug, Clone)]
pub(super) struct Extent {
    steps: Arc<Vec<Step>>,
    /// How many are seen, and how many of these have come by the as-of day.
    seen: usize,
    pub(super) come: usize,
}

impl Extent {
    pub(super) fn new(steps: &Arc<Vec<Step>>, hand_overs: usize, as_of: NaiveDate) -> Self {
        let seen = steps.partition_point(|step| (step.hand_over as usize) < hand_overs);
        let come = steps[..seen]
            .iter()
            .filter(|step| step.entry.day() <= as_of);
        Self {
            steps: Arc::clone(steps),
            seen,
            come: come.count(),
        }
    }

    /// More days only ever add steps, so that as many of the same are the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        let own = (self.seen, self.come);
        own == (other.seen, other.come) && Arc::ptr_eq(&self.steps, &other.steps)
    }
}

impl Compiled {
    /// The ground over these steps, made where it is not the last one.
    pub(super) fn get(
        &self,
        extent: &Extent,
        make: impl FnOnce() -> Result<Ground, Unread>,
    ) -> Result<Ground, Unread> {
        let last = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((own, ground)) = last().as_ref()
            && own.is(extent)
        {
            return Ok(ground.clone());
        }
        let ground = make()?;
        *last() = Some((extent.clone(), ground.clone()));
        Ok(ground)
    }
}
