//! Laws that hold for every input: properties, each against a slow and obvious reference where there is one.

mod allocation;
mod pace;
mod scorecard;
mod space;
