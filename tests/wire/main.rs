//! The written forms: documents are an interface, so their bytes are pinned here.

mod calendar;
mod rule;
mod space;
