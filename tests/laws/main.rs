//! Laws that hold for every input: properties, each against a slow and obvious reference where there is one.

mod space;
//! Laws: what holds for every input, checked against slow and obvious references.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in the functions that it shares"
)]

mod allocation;
