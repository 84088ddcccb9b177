//! Ready-made definitions: cards to start from, each with its weights and curves as defaults.
//!
//! What is here is data that the other rooms compile; a host takes it as it is, or changes it before use.

pub mod cards;
