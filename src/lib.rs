//! Sales execution management: run sales by its process instead of by its results.

pub mod allocation;
pub mod key;
pub mod quantity;
