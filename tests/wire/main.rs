//! The written forms: documents are an interface, so their bytes are pinned here.

mod allocation;
mod calendar;
mod margins;
mod rule;
mod scorecard;
mod space;
