//! Several margins at once: a table of whole quanta whose rows and columns, and every prescribed node of the two
//! hierarchies above them, total exactly what they have to.
//!
//! | Question | Answer |
//! |---|---|
//! | Weights and totals over two hierarchies, with holds, minima and maxima | [`TwoWay`], rounded by a [`Closing`] |
//! | Weights and totals over three and more axes | [`Several`] |
//! | A table of exact fractions, or counts to a base | [`ExactTable`] |
//! | A few posts or outlets, in proportion to rows and columns | [`Claims::biproportional`] |
//!
//! A two-way problem is worked in four steps. Stating it ([`TwoWay::new`]) refuses totals that disagree, with both of
//! them. [`TwoWay::fit`] then decides exactly, by a flow of whole quanta, whether the totals can be met at all; if not,
//! [`MarginsError::Impossible`] carries a smallest set of rows and columns that proves it ([`Blocked`]). If they can, it
//! finds the real-valued table nearest to the weights ([`Fit`]). [`Fit::close`] rounds that to whole quanta.
//!
//! What holds of every table that comes out:
//!
//! - Every prescribed total is exact, at every level of both hierarchies.
//! - Every cell, and every node that is not prescribed, is its fitted value rounded down or up (three and more margins
//!   have their own bound, proved at [`Several::solve`]).
//! - A held cell does not move, a bounded cell or node stays in its bounds, a cell without weight gets nothing.
//! - A whole table that meets its own margins comes back unchanged.
//! - The same input gives the same table. Only ties depend on the order in which lines are declared.
//!
//! Totals are not negative. Fitting is real-valued by nature and works in floating point; the only values that are taken
//! from it are the cells before rounding, and what the floats lose on very large totals is put back in whole numbers
//! before the table is closed, so totals up to the range of 64 bits are exact as well.
//!
//! Start with [`TwoWay`], [`Fit`] and [`Closing`].
//!
//! ```
//! use quotaflow::margins::{Closing, Marginal, Seed, TwoWay};
//! // Last year by team and quarter; this year's totals are prescribed on both sides.
//! let last_year = Seed::counts(2, 2, &[40, 10, 30, 20])?;
//! let table = TwoWay::new(last_year, Marginal::flat([60, 60])?, Marginal::flat([80, 40])?)?;
//! let table = table.solve(Closing::default())?.into_table();
//! assert_eq!((table.cell(0, 0) + table.cell(0, 1), table.cell(0, 1) + table.cell(1, 1)), (60, 40));
//! // The first team sells in the first quarter alone, which has less to give than the team is to get.
//! let sparse = Seed::sparse(2, 2, [(0, 0, 1.0), (1, 0, 1.0), (1, 1, 1.0)])?;
//! let table = TwoWay::new(sparse, Marginal::flat([60, 60])?, Marginal::flat([50, 70])?)?;
//! let error = table.solve(Closing::default()).unwrap_err();
//! assert_eq!(error.to_string(), "1 of the rows need 60 units, and only 50 are free for them");
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod biproportional;
mod blocked;
mod bounds;
mod cells;
mod closing;
mod cost_scaling;
mod direct;
mod error;
mod exact;
mod fit;
mod fractions;
mod grid;
mod laplacian;
mod least_change;
mod marginal;
mod natural;
mod nested;
mod network;
mod newton;
mod node_bounds;
mod orientation;
mod proof;
mod real;
mod residual;
mod scale;
mod search;
mod several;
mod shape;
mod side;
mod signed;
mod solved;
mod stopping;
mod stratum;
mod ties;
mod two_way;

pub use biproportional::{Apportionment, Claims, Signpost, TiedCell};
pub use closing::Closing;
pub use error::MarginsError;
pub use exact::ExactTable;
pub use fit::{CellFit, Fit, Follows};
pub use grid::{Matrix, Seed};
pub use marginal::{Marginal, Node};
pub use nested::{Closeness, Refutation, Resolution};
pub use orientation::Orientation;
pub use proof::{Blocked, NodeEnd, Overconstrained};
pub use several::{Array, Margin, Several};
pub use solved::Solved;
pub use stopping::{StoppingRule, Tolerance};
pub use stratum::Stratum;
pub use two_way::TwoWay;
