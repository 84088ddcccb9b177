//! Scenarios worked by hand: the comments show the working.

mod allocation;
mod calendar;
mod metric;
mod review;
mod rule;
mod scorecard;
