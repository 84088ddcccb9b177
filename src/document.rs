//! What all documents share: the version of their written form, maps in which no key stands twice, how deeply they nest, and how
//! grave a finding about one is.
//!
//! Start with [`Version`] and [`Gravity`].
//!
//! ```
//! use quotaflow::document::{Gravity, Version};
//! // A document of which this library knows the forms 1 and 2.
//! let read = |text: &str| serde_json::from_str::<Version<2>>(text).map_err(quotaflow::Error::unreadable);
//! assert_eq!(read("1")?.number(), 1);
//! let newer = read("3").unwrap_err().to_string();
//! assert!(newer.starts_with("document version 3 is not known; the newest known is 2"));
//! assert!(Gravity::Note < Gravity::Error);
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod depth;
mod gravity;
mod once;
#[cfg(test)]
mod reads_back;
mod version;

pub(crate) use depth::{MAX_DEPTH, inside};
pub use gravity::Gravity;
pub(crate) use once::{keys_once, nested_keys_once};
#[cfg(test)]
pub(crate) use reads_back::reads_back;
pub use version::Version;
