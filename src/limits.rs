//! Limits that a host sets on the size of what it is asked for: told before the work begins, never by running out of memory.
//!
//! Start with [`Limits`] (given by the host), [`Size`] (what is limited) and [`LimitError`] (what would have been needed).
//! The defaults fit a process of 2 GiB.
//!
//! A document of 10 kB that counts under 10,000 cells, nodes and rows takes no more than 100 ms of a processor and 64 MiB. Searches
//! that could take longer have budgets of their own where the host does not say: 50,000 states of an
//! [alignment](crate::process::Workflow::align) and of the [check of a workflow](crate::process::WorkflowDef::check), 50,000 facts and 150
//! more for each pair of rules in the [checker of rules](crate::rule::check::check), 1,000,000 partial tables of
//! [several margins](crate::margins::Several::solve). Their `_within` takes the limits of the host instead; what is not done within them is
//! refused, or told as not decided or not found.
//!
//! ```
//! use quotaflow::limits::{Limits, Size};
//! let limits = Limits::default().with(Size::Cells, 1_000_000);
//! // 1,000 rows in 3,650 days of one column.
//! let error = limits.check(Size::Cells, Limits::product([1_000, 3_650])).unwrap_err();
//! assert_eq!(error.to_string(), "this needs 3650000 cells (rows times periods times columns), more than the limit of 1000000; ask for fewer, or raise the limit `cells`");
//! ```

mod error;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod limits;
mod size;

pub use error::LimitError;
pub use limits::Limits;
pub use size::Size;
