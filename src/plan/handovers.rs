//! What the changes of a plan handed over, and what they dropped.

use super::{Handed, LockDef, Plan, PlanError};

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

    /// Returns the locks that the change dropped that led to a version, where narrower ones won
    /// ([`Clash::NarrowerWins`](super::Clash::NarrowerWins)): they do not hold in the plan.
    ///
    /// # Errors
    /// [`EditError::NoSuchVersion`](super::EditError::NoSuchVersion).
    pub fn dropped_locks(&self, version: u64) -> Result<&[LockDef], PlanError> {
        let place = self.place_of(version)?;
        let entry = place
            .checked_sub(1)
            .and_then(|place| self.history.get(place));
        Ok(entry.map_or(&[], |entry| &entry.dropped))
    }
}
