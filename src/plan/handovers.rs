//! What the changes of a plan handed over.

use super::{Handed, Plan, PlanError};

impl Plan {
    /// Returns what the change handed over that led to a version: cell by cell from whom to whom, and what stayed because its period
    /// is closed. Nothing for changes of other kinds.
    ///
    /// # Errors
    /// [`EditError::NoSuchVersion`](super::EditError::NoSuchVersion).
    pub fn handovers(&self, version: u64) -> Result<&[Handed], PlanError> {
        let place = self.place_of(version)?;
        let entry = place
            .checked_sub(1)
            .and_then(|place| self.history.get(place));
        Ok(entry.map_or(&[], |entry| &entry.handed))
    }
}
