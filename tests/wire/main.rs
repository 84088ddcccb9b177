//! The written forms: documents are an interface, so their bytes are pinned here.

mod allocation;
mod calendar;
mod columns;
mod duty;
mod funnel;
mod margins;
mod pace;
mod plan;
mod process;
mod rule;
mod scorecard;
mod space;
