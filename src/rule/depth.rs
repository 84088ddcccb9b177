//! How deeply a document nests, counted while it is read: whatever the format, nothing deeper than may be used is built, so
//! that no document exhausts the stack.

use std::cell::Cell;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::Condition;

thread_local! {
    /// How many conditions and operands are being read, one inside the other.
    static DEPTH: Cell<usize> = const { Cell::new(1) };
}

struct Deeper;

impl Deeper {
    fn enter<E: Error>() -> Result<Self, E> {
        let depth = DEPTH.get();
        if depth >= Condition::MAX_DEPTH {
            let limit = Condition::MAX_DEPTH;
            return Err(E::custom(super::RuleError::TooDeep { limit }));
        }
        DEPTH.set(depth + 1);
        Ok(Self)
    }
}

impl Drop for Deeper {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

/// Reads what stands inside a condition or an operand.
pub(super) fn inside<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let _deeper = Deeper::enter()?;
    T::deserialize(deserializer)
}
