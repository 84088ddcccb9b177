//! The assignment problem: each row to at most one column at the least total cost, with a proof that no assignment costs less.
//!
//! A pair may be forbidden, and a row or column may stay alone at a price of its own. State the costs in a [`CostMatrix`],
//! solve it with [`CostMatrix::assign`], check the [`Assignment`] with [`Assignment::proves_least`] (linear programming
//! duality). This room knows nothing of sales: plans are matched with what was done by it, and obligations with what was handed in.
//!
//! Start with [`CostMatrix`] and [`Assignment`].
//!
//! ```
//! use quotaflow::assignment::CostMatrix;
//! let mut costs = CostMatrix::new(2, 2)?;
//! for (row, column, cost) in [(0, 0, 1), (0, 1, 2), (1, 0, 2), (1, 1, 9)] {
//!     costs.pair(row, column, cost)?;
//! }
//! costs.leave_row(0, 100)?;
//! costs.leave_row(1, 100)?;
//! let best = costs.assign()?;
//! // First come, first served would take 1 and then 9.
//! assert_eq!((best.cost(), best.columns()), (4, &[Some(1), Some(0)][..]));
//! assert!(best.proves_least(&costs));
//! # Ok::<(), quotaflow::assignment::AssignmentError>(())
//! ```

#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod assignment;
mod bounds;
mod cost_matrix;
mod error;
mod search;

pub use assignment::Assignment;
pub use bounds::MAX_COST;
pub use cost_matrix::CostMatrix;
pub use error::AssignmentError;
