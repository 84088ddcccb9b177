//! How deeply a document nests, counted while it is read: whatever the format, nothing deeper than may be used is built, so
//! that no document exhausts the stack.

use std::cell::Cell;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// How deeply what a document defines by itself may nest: conditions, operands, formulas, filters, bases.
pub(crate) const MAX_DEPTH: usize = 32;

thread_local! {
    /// How many definitions are being read, one inside the other.
    static DEPTH: Cell<usize> = const { Cell::new(1) };
}

struct Deeper;

impl Deeper {
    fn enter<E: Error>() -> Result<Self, E> {
        let depth = DEPTH.get();
        if depth >= MAX_DEPTH {
            return Err(E::custom(format_args!(
                "definitions nest more than {MAX_DEPTH} deep; give an inner one a name of its own, or take it apart"
            )));
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

/// Reads what stands inside a definition of its own kind.
pub(crate) fn inside<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let _deeper = Deeper::enter()?;
    T::deserialize(deserializer)
}
