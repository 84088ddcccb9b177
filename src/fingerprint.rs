//! A short name of a document, equal on every machine: two documents with one fingerprint are the same.
//!
//! Start with [`Fingerprint`], the only type: the SHA-256 (FIPS 180-4) of a document's values and field names in the order in which they are
//! written. Models, journals and snapshots are told apart by it, and what was damaged on its way is seen.
//!
//! ```
//! use quotaflow::fingerprint::Fingerprint;
//! let (one, other) = (Fingerprint::of(&("ann", 7)), Fingerprint::of(&("ann", 8)));
//! assert_ne!(one, other);
//! assert_eq!(one.to_string().len(), 64);
//! assert_eq!(one.to_string().parse(), Ok(one));
//! ```

mod error;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod fingerprint;
mod sha;
mod writer;

pub use error::FingerprintError;
pub use fingerprint::Fingerprint;
