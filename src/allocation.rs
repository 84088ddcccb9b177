//! Exact splitting of an amount: whole shares that add up, in given proportions.
//!
//! Amounts are whole counts of a quantum (`i64`), [`Weights`] are exact, and no share is ever a rounded binary fraction.
//! This room knows nothing of sales: it serves the cascade of targets, seasonal spreads and forced grade quotas alike.
//!
//! | question | answer |
//! |---|---|
//! | one amount, one set of weights | [`allocate`], by a [`Method`] whose laws are stated there |
//! | why is this share what it is; who was tied | [`explain`], [`tie`] |
//! | minima, maxima, held shares, lots | [`allocate_within`]; what is impossible returns its [`Contradiction`] |
//! | all nodes of a level of a hierarchy | [`LevelSplitter`]; [`imbalances`] checks the sums |
//!
//! Equal claims go to the member that was declared first: whoever wants another key declares the members in its order.
//!
//! Start with [`Weights`], [`Method`] and [`Allocation`].
//!
//! ```
//! use quotaflow::allocation::{Method, WeightPolicy, Weights, allocate};
//! let weights = Weights::new(&[1_i64, 1, 1], WeightPolicy::ALLOCATE)?;
//! let shares = allocate(100, &weights, Method::LargestRemainder)?;
//! assert_eq!(shares.shares(), [34, 33, 33]);
//! # Ok::<(), quotaflow::allocation::AllocationError>(())
//! ```

#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod allocation;
mod bounds;
mod column;
mod contradiction;
mod divisor;
mod error;
mod fill;
mod imbalance;
mod lanes;
mod level;
mod lot;
mod method;
mod rationale;
mod remainder;
mod span;
mod tally;
mod tie;
mod weights;
mod wide;
mod within;

pub use allocation::{Allocation, allocate, allocate_into};
pub use bounds::{Bound, Lots};
pub use column::{LevelSlice, LevelWeights, decimal_amounts};
pub use contradiction::{Constraint, Contradiction};
pub use error::AllocationError;
pub use imbalance::{Imbalance, imbalances};
pub use level::{LevelSplitter, Nodes, Unallocated};
pub use lot::Lot;
pub use method::Method;
pub use rationale::{Apportioned, Rationale, explain, tie};
pub use tie::Tie;
pub use weights::{NegativeWeights, WeightPolicy, Weights, ZeroWeights};
pub use within::{ActiveBound, BoundedShares, ProRata, allocate_within};
