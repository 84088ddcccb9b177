//! Scenarios worked by hand: the comments show the working.

mod calendar;
mod review;
mod rule;
//! Scenarios: numbers worked by hand or published elsewhere.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in the functions that it shares"
)]

mod allocation;
//! Scenarios worked by hand, and the published test vectors.

mod scorecard;
