//! Laws that hold for every input: properties, each against a slow and obvious reference where there is one.

mod allocation;
mod calendar;
mod margins;
mod pace;
mod plan;
mod plan_edit;
mod rule;
mod space;
