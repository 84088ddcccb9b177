//! Sales execution management: run sales by its process instead of by its results.

#![warn(unreachable_pub)]
#![warn(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable
)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod allocation;
pub mod calendar;
pub mod document;
pub mod duty;
pub mod funnel;
pub mod key;
pub mod ledger;
pub mod measure;
pub mod metric;
pub mod pace;
pub mod panel;
pub mod plan;
pub mod process;
pub mod quantity;
pub mod review;
pub mod rule;
pub mod scenario;
pub mod scorecard;
pub mod space;
