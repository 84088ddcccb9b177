//! Laws that hold for every input: properties, each against a slow and obvious reference where there is one.

mod allocation;
mod calendar;
mod pace;
mod rule;
mod space;
//! Laws: properties that hold for every input, each against a slow and obvious reference.

mod margins;
