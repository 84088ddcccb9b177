//! Sales execution management: run sales by its process instead of by its results.

pub mod allocation;
pub mod calendar;
pub mod document;
pub mod key;
pub mod ledger;
pub mod measure;
pub mod metric;
pub mod panel;
pub mod quantity;
pub mod space;
