//! What a monitor asks of a set of rules: for whom a condition holds in a period, and for whom what clears it does.

use super::columns::{Bits, Block, LANES};
use super::set::Rule;
use super::{Judge, Truth, WhenUnknown, WhyUnknown};

/// What a rule says of a block of subjects in a period.
pub(crate) struct Answers {
    /// For whom the condition holds.
    pub(crate) holds: Bits,
    /// For whom what clears it does.
    pub(crate) clear: Bits,
    /// For whom the condition is unknown, where the rule asks to hear of that.
    pub(crate) unknown: Bits,
}

impl Judge<'_> {
    /// Returns for whom a rule's condition holds and for whom what clears it does.
    pub(crate) fn answers(
        &self,
        block: &mut Block<'_, '_>,
        rule: &Rule,
        period: usize,
        present: &Bits,
    ) -> Answers {
        let when = block.mask(&rule.when, period);
        let fires = rule.def.unknown == WhenUnknown::Fire;
        let mut holds: Bits =
            std::array::from_fn(|lane| when.yes[lane] | if fires { when.open[lane] } else { 0 });
        let reports = rule.def.unknown == WhenUnknown::Report;
        // False answers whatever else is unknown.
        let mut unknown: Bits =
            std::array::from_fn(|lane| if reports { when.open[lane] } else { 0 });
        let mut clear: Bits = match &rule.clear {
            Some(clear) => block.mask(clear, period).yes,
            None => std::array::from_fn(|lane| !(when.yes[lane] | when.open[lane])),
        };
        if !rule.def.scope.is_everything() {
            // Whom the rule no longer concerns has nothing to answer for.
            let concerned = block.bits(|subject| self.concerns(rule, subject, period));
            for lane in 0..LANES {
                holds[lane] &= concerned[lane];
                clear[lane] |= !concerned[lane];
                unknown[lane] &= concerned[lane];
            }
            if let Some(provided) = &rule.provided {
                let provided = block.mask(provided, period);
                for lane in 0..LANES {
                    holds[lane] &= provided.yes[lane];
                    let may = provided.yes[lane] | provided.open[lane];
                    clear[lane] |= !may;
                    unknown[lane] &= may;
                    if reports {
                        unknown[lane] |= provided.open[lane] & when.yes[lane] & concerned[lane];
                    }
                }
            }
        }
        for lane in 0..LANES {
            holds[lane] &= present[lane];
            clear[lane] &= present[lane];
            unknown[lane] &= present[lane];
        }
        Answers {
            holds,
            clear,
            unknown,
        }
    }

    /// Returns why a rule cannot say anything of a subject in a period; `None` where it can.
    pub(crate) fn why_unknown(
        &self,
        rule: &Rule,
        subject: usize,
        period: usize,
    ) -> Option<WhyUnknown> {
        match self.answer(rule, subject, period) {
            Truth::Unknown(reason) => Some(reason),
            Truth::True | Truth::False => None,
        }
    }
}
