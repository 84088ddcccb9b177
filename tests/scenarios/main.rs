//! Scenarios worked by hand, and the published test vectors.

mod scorecard;
