//! Splitting exactly: one amount over members, or a table over several margins at once. Knows nothing of sales.

pub mod margins;
