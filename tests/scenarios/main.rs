//! Scenarios worked by hand: the comments show the working.

mod calendar;
mod rule;
