//! Ready-made definitions: cards and rules to start from, each with its weights, curves and thresholds as defaults.
//!
//! What is here is data that the other rooms compile; a host takes it as it is, or changes it before use.

pub mod cards;
pub mod packs;
