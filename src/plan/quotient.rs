//! A ratio between two measures of a plan, as it is kept.

use super::RatioRuleDef;
use crate::measure::Measure;

/// A ratio of two measures of a plan.
#[derive(Debug, Clone)]
pub(super) struct Quotient {
    pub(super) measure: Measure,
    pub(super) numerator: usize,
    pub(super) denominator: usize,
    pub(super) link: Option<RatioRuleDef>,
}
