//! Bands of graded rules: whether they grow graver as it gets worse.

use super::Anomaly;
use crate::rule::condition::{AtLeast, Between, Comparison, Consecutive, Trend, Way, Within};
use crate::rule::{Condition, Grading, Is, Operand, RuleDef};

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
    // Bands stand from the lowest to the highest.
    let rows: Vec<_> = bands.bands.rows().collect();
    for (place, better) in rows.iter().enumerate() {
        let all_worse = if downward {
            &rows[..place]
        } else {
            &rows[place + 1..]
        };
        for worse in all_worse.iter().filter(|worse| worse.gives < better.gives) {
            anomalies.push(Anomaly::Milder {
                rule: rule.key.clone(),
                better: better.range,
                worse: worse.range,
            });
        }
    }
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
