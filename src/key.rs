//! Names of things: the stable keys by which documents and hosts refer to measures, members, metrics and rules.
//!
//! A name that nobody knows is told in one spelling in every room: the name, the nearest known one and the known ones
//! ([`unknown`]), and a sentence that ends with one of the two ([`hint`]).
//!
//! Start with [`Key`], [`Known`] and [`nearest`].
//!
//! ```
//! use quotaflow::key::{Key, hint, nearest, unknown};
//! let region = Key::new("华北-1")?;
//! assert_eq!(region, "华北-1");
//! let error = Key::new(" north").unwrap_err();
//! assert_eq!(error.to_string(), "the key ` north` starts or ends with white space");
//!
//! let measures = ["sales", "visits", "margin"];
//! assert_eq!(nearest("visit", measures), Some("visits"));
//! let (name, near, known) = unknown("stock", measures);
//! let told = format!("there is no measure `{name}`{}", hint(near.as_deref(), &known));
//! assert_eq!(told, "there is no measure `stock`; known: `sales`, `visits`, `margin`");
//! # Ok::<(), quotaflow::Error>(())
//! ```

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
