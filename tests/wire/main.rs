//! The written forms: documents are an interface, so their bytes are pinned here.

#[path = "../support/at.rs"]
mod at;

mod allocation;
mod calendar;
mod catalog;
mod columns;
mod duty;
mod funnel;
mod journal;
mod ledger;
mod margins;
mod metric;
mod pace;
mod panel;
mod partial;
mod plan;
mod process;
mod rule;
mod scenario;
mod scorecard;
mod space;
mod statistics;
