//! Laws that hold for every input: properties, each against a slow and obvious reference where there is one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod allocation;
mod rule;
mod rule_text;
mod space;
