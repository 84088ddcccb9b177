//! The parts of a program: each is made once, whichever metrics ask for it.

mod builder;
mod places;
mod presence;
mod samples;
mod stocks;
mod sums;

pub(super) use builder::{
    Builder, Made, at_least_one, at_least_one_error, count_unit, entity_unit, unit_error,
};
pub(super) use stocks::Held;
