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
//! use quotaflow::allocation::{Bound, Lots, Method, WeightPolicy, Weights, allocate, allocate_within, explain};
//! let weights = Weights::new(&[49_i64, 51], WeightPolicy::ALLOCATE)?;
//! let method = Method::LargestRemainder;
//! assert_eq!(allocate(1003, &weights, method)?.shares(), [491, 512]);
//! // 51 % of 1003 is 511.53: the larger of the two remainders gets the one that is left.
//! let second = explain(1003, &weights, method, 1)?;
//! assert_eq!((second.whole(), second.fraction().to_string()), (511, "0.53".to_owned()));
//! // The first is held at 500; what cannot be is refused with the numbers that contradict each other.
//! let held = [Bound::held(500), Bound::FREE];
//! assert_eq!(allocate_within(1003, &weights, method, &held, &Lots::ONE)?.shares(), [500, 503]);
//! let both = [Bound::at_least(600), Bound::at_least(500)];
//! let error = allocate_within(1003, &weights, method, &both, &Lots::ONE).unwrap_err();
//! assert!(error.to_string().starts_with("a total of 1003 cannot be shared: needed 1100, available 1003"));
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
mod least_squares;
mod level;
mod lot;
mod method;
mod rationale;
mod remainder;
mod span;
mod tally;
mod tie;
mod tree_contradiction;
mod weights;
mod wide;
mod within;

pub use allocation::{Allocation, allocate, allocate_into};
pub use bounds::{Bound, Lots};
pub use column::{LevelSlice, LevelWeights, decimal_amounts};
pub use contradiction::{Constraint, Contradiction};
pub use error::AllocationError;
pub use imbalance::{Imbalance, imbalances};
pub use least_squares::{LeastChanged, LeastSquares};
pub use level::{LevelSplitter, Nodes, Unallocated};
pub use lot::Lot;
pub use method::Method;
pub use rationale::{Apportioned, Rationale, explain, tie};
pub use tie::Tie;
pub use tree_contradiction::{NodeConstraint, TreeContradiction};
pub use weights::{NegativeWeights, WeightPolicy, Weights, ZeroWeights};
pub use within::{ActiveBound, BoundedShares, ProRata, allocate_within};

pub(crate) use wide::mul_div_rem;
