//! Bands of graded rules: holes, overlaps, and whether they grow graver as it gets worse.

use super::Anomaly;
use crate::quantity::Ratio;
use crate::rule::condition::{AtLeast, Between, Comparison, Consecutive, Trend, Way, Within};
use crate::rule::{Band, Condition, Grading, Is, Operand, RuleDef};

/// Finds holes between bands, and bands that overlap.
pub(super) fn shape(rule: &RuleDef, bands: &Grading, anomalies: &mut Vec<Anomaly>) {
    let list = &bands.bands;
    for (first, left) in list.iter().enumerate() {
        for (second, right) in list.iter().enumerate().skip(first + 1) {
            if left.severity == right.severity {
                continue;
            }
            let from = [left.from, right.from].into_iter().flatten().max();
            let to = [left.to, right.to].into_iter().flatten().min();
            let witness = match (from, to) {
                (Some(from), Some(to)) if from >= to => continue,
                (Some(from), _) => from,
                (None, Some(to)) => to.checked_sub(Ratio::ONE).unwrap_or(to),
                (None, None) => Ratio::ZERO,
            };
            anomalies.push(Anomaly::Overlap {
                rule: rule.key.clone(),
                first,
                second,
                witness,
            });
        }
    }
    // From the lowest band up: where the next one starts above all that came before, there is a gap.
    let mut order: Vec<(Option<Ratio>, Option<Ratio>)> =
        list.iter().map(|band| (band.from, band.to)).collect();
    order.sort();
    let mut reached = order.first().map(|band| band.1);
    for (from, to) in order.into_iter().skip(1) {
        let Some(Some(end)) = reached else { break };
        if let Some(from) = from
            && from > end
        {
            anomalies.push(Anomaly::Gap {
                rule: rule.key.clone(),
                from: end,
                to: from,
            });
        }
        reached = Some(to.map(|to| to.max(end)));
    }
}

/// Finds bands that are milder than others although their values are worse.
pub(super) fn order(rule: &RuleDef, bands: &Grading, anomalies: &mut Vec<Anomaly>) {
    let mut sides = Sides::default();
    sides.look(&rule.when, &bands.of, true);
    // Where a condition is on both sides of a number, neither is the worse one.
    let downward = match (sides.below, sides.above) {
        (true, false) => true,
        (false, true) => false,
        (true, true) | (false, false) => return,
    };
    for (better, good) in bands.bands.iter().enumerate() {
        for (worse, bad) in bands.bands.iter().enumerate() {
            let lies = if downward {
                lies_below(bad, good)
            } else {
                lies_below(good, bad)
            };
            if lies && bad.severity < good.severity {
                anomalies.push(Anomaly::Milder {
                    rule: rule.key.clone(),
                    better,
                    worse,
                });
            }
        }
    }
}

/// Says whether all values of one band lie below all of the other.
fn lies_below(lower: &Band, upper: &Band) -> bool {
    lower
        .to
        .zip(upper.from)
        .is_some_and(|(end, start)| end <= start)
}

/// On which side of something an operand is where a condition is true.
#[derive(Default)]
struct Sides {
    below: bool,
    above: bool,
}

impl Sides {
    fn look(&mut self, condition: &Condition, of: &Operand, so: bool) {
        match condition {
            Condition::Compare(Comparison { left, is, right }) => {
                let is = if so { *is } else { is.opposite() };
                if left == of {
                    self.note(is);
                } else if right == of {
                    self.note(is.exchanged());
                }
            }
            Condition::Between(Between { of: own, .. }) if own == of => {
                (self.below, self.above) = (true, true);
            }
            Condition::Trend(Trend { of: own, is, .. }) if own == of => match is {
                Way::Rising => self.above = true,
                Way::Falling => self.below = true,
            },
            Condition::Not(inner) => self.look(inner, of, !so),
            Condition::All(list)
            | Condition::Any(list)
            | Condition::AtLeast(AtLeast { of: list, .. }) => {
                for part in list {
                    self.look(part, of, so);
                }
            }
            Condition::Consecutive(Consecutive { of: inner, .. })
            | Condition::Within(Within { of: inner, .. }) => self.look(inner, of, so),
            Condition::Between(_)
            | Condition::Trend(_)
            | Condition::State(_)
            | Condition::Stale(_)
            | Condition::Late(_)
            | Condition::Subject(_)
            | Condition::Control(_) => {}
        }
    }

    fn note(&mut self, is: Is) {
        match is {
            Is::Below | Is::AtMost => self.below = true,
            Is::Above | Is::AtLeast => self.above = true,
            Is::Equal | Is::NotEqual => (self.below, self.above) = (true, true),
        }
    }
}
