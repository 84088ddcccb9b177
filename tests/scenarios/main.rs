//! Scenarios worked by hand: the comments show the working.

mod allocation;
mod calendar;
mod margins;
mod pay;
mod review;
mod rule;
mod rule_backtest;
mod rule_check;
mod rule_monitor;
mod scenario;
mod scorecard;
