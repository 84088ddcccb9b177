//! Laws: properties that hold for every input, each against a slow and obvious reference.

mod margins;
