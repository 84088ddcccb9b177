//! The figures of real companies, compared to the last digit with figures that were computed by other programs.
//!
//! Needs the data: set `QUOTAFLOW_DATA` to its folder. Without it each test says that it was skipped.
#![allow(
    dead_code,
    reason = "the examples whose reports are tested here have a `main` of their own"
)]

mod expected;
mod process;
