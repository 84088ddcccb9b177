//! Scenarios worked by hand: the comments show the working.

mod calendar;
//! Cases worked by hand, from the records to the answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod rule;
