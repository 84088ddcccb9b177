//! Scenarios worked by hand.

mod margins;
