//! The parts of a plan: each is made once, whichever metrics ask for it.

mod places;
mod presence;
mod samples;
mod stocks;
mod sums;

pub(super) use stocks::Held;
