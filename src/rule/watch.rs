//! What a monitor asks of a set of rules: for whom a condition holds in a period, and for whom what clears it does.

use super::columns::{Bits, Block, LANES};
use super::set::Rule;
use super::{Judge, WhenUnknown};

impl Judge<'_> {
    /// Returns for whom a rule's condition holds and for whom what clears it does.
    pub(crate) fn answers(
        &self,
        block: &mut Block<'_, '_>,
        rule: &Rule,
        period: usize,
        present: &Bits,
    ) -> (Bits, Bits) {
        let when = block.mask(&rule.when, period);
        let fires = rule.def.unknown == WhenUnknown::Fire;
        let mut holds: Bits =
            std::array::from_fn(|lane| when.yes[lane] | if fires { when.open[lane] } else { 0 });
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
            }
            if let Some(provided) = &rule.provided {
                let provided = block.mask(provided, period);
                for lane in 0..LANES {
                    holds[lane] &= provided.yes[lane];
                    clear[lane] |= !(provided.yes[lane] | provided.open[lane]);
                }
            }
        }
        for lane in 0..LANES {
            holds[lane] &= present[lane];
            clear[lane] &= present[lane];
        }
        (holds, clear)
    }
}
