//! What a pack says, in the languages that ship.

use crate::text::{Lang, Texts};

/// English and Chinese.
pub(super) type Said = (&'static str, &'static str);

/// Returns a text in both languages that ship.
pub(super) fn both((english, chinese): Said) -> Texts {
    Texts::new(Lang::EN, english).and(Lang::ZH, chinese)
}
