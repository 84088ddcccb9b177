//! The written forms: documents are an interface, so their bytes are pinned here.

mod allocation;
mod calendar;
mod duty;
mod funnel;
mod pace;
mod process;
mod margins;
mod rule;
mod scorecard;
mod space;
