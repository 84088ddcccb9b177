//! Scenarios worked by hand: the comments show the working.

mod allocation;
mod calendar;
mod review;
mod rule;
mod rule_check;
mod rule_monitor;
mod scorecard;
