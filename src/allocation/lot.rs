//! How many quanta one step of a share is.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// How many quanta one step of a share is: a case of 12 pieces, 5 for steps of 0.05 in cents, 10,000 for whole hundreds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lot(pub(super) NonZeroU32);

impl Default for Lot {
    fn default() -> Self {
        Self::ONE
    }
}

impl Lot {
    /// One quantum.
    pub const ONE: Self = Self(NonZeroU32::MIN);

    /// Returns the number of quanta.
    #[must_use]
    pub const fn quanta(self) -> u32 {
        self.0.get()
    }
}
