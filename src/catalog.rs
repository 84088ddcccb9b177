//! Ready-made definitions: metrics and the kinds of records that they read, cards to start from with weights and curves as
//! defaults, and rules with thresholds as defaults.
//!
//! What is here is data that the other rooms compile; a host takes it as it is, or changes it before use. [`title`] says what each
//! is called, in English and Chinese.

pub mod cards;
pub mod metrics;
pub mod packs;
pub mod records;
mod titles;

pub use titles::title;
