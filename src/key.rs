//! Names of things: the stable keys by which documents and hosts refer to measures, members, metrics and rules.

mod error;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod key;
mod known;
mod nearest;

pub use error::KeyError;
pub use key::Key;
pub use known::{Known, hint, unknown};
pub use nearest::nearest;
