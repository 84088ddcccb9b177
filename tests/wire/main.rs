//! The written forms: documents are an interface, so their bytes are pinned here.

mod calendar;
mod rule;
mod scorecard;
mod space;
//! Wire: the documents that are written are the documents that are read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in the functions that it shares"
)]

mod allocation;
