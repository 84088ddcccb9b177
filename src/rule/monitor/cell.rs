//! One rule and one subject: the small part of an alert's life that every period goes through.

use super::super::{Keep, Persistence};

/// Where a rule stands with a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Phase {
    /// The condition does not hold.
    #[default]
    Idle,
    /// It holds, but not yet long enough.
    Pending,
    /// The rule fires.
    Firing,
}

/// No record.
pub(super) const NO_RECORD: u32 = u32::MAX;

/// Small, because there is one for every rule and subject; days are looked up by how long a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cell {
    pub(super) phase: Phase,
    /// Periods in a row: true ones while pending, clear ones while firing.
    pub(super) run: u16,
}

/// What a period did to a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    None,
    /// It fires, after so many periods in a row.
    Fired(u16),
    Cleared,
}

impl Cell {
    /// Goes on by one period, the last of `days`, in which the condition holds or what clears it does; neither when it is
    /// not known. `turned` is where the first day of a row of clear ones is kept, for rules that ask.
    pub(super) fn advance(
        &mut self,
        days: &[i32],
        (holds, clear): (bool, bool),
        (persistence, keep): (Persistence, Keep),
        turned: Option<&mut i32>,
    ) -> Turn {
        match self.phase {
            Phase::Idle | Phase::Pending if !holds => {
                *self = Self::default();
                Turn::None
            }
            Phase::Idle | Phase::Pending => {
                self.run = self.run.saturating_add(1);
                let lasted = match persistence {
                    Persistence::Immediate => true,
                    Persistence::Periods(span) => self.run >= span.count,
                    Persistence::Days(needed) => {
                        passed(start(days, self.run), start(days, 1), needed)
                    }
                };
                if lasted {
                    let run = self.run;
                    *self = Self {
                        phase: Phase::Firing,
                        run: 0,
                    };
                    Turn::Fired(run)
                } else {
                    self.phase = Phase::Pending;
                    Turn::None
                }
            }
            Phase::Firing if holds => {
                self.run = 0;
                Turn::None
            }
            // Unknown, or between the two conditions: it neither goes on nor ends.
            Phase::Firing if !clear => Turn::None,
            Phase::Firing => {
                self.run = self.run.saturating_add(1);
                let now = start(days, 1);
                let over = match (keep, turned) {
                    (Keep::None, _) => true,
                    (Keep::Periods(span), _) => self.run >= span.count,
                    (Keep::Days(needed), Some(turned)) => {
                        if self.run == 1 {
                            *turned = now;
                        }
                        passed(*turned, now, needed)
                    }
                    (Keep::Days(needed), None) => passed(start(days, self.run), now, needed),
                };
                if over {
                    *self = Self::default();
                    Turn::Cleared
                } else {
                    Turn::None
                }
            }
        }
    }
}

/// Returns the first day of a row of so many periods up to the latest; as far as it is remembered.
pub(super) fn start(days: &[i32], run: u16) -> i32 {
    let at = days.len().saturating_sub(usize::from(run));
    days.get(at).copied().unwrap_or_default()
}

/// Says whether so many days lie between two days.
fn passed(from: i32, to: i32, days: u32) -> bool {
    i64::from(to) - i64::from(from) >= i64::from(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phases(persistence: Persistence, keep: Keep, truths: &str) -> String {
        let mut cell = Cell::default();
        let mut shown = Vec::new();
        let (mut days, mut turned) = (Vec::new(), 0);
        for (now, truth) in (0..).zip(truths.chars()) {
            days.push(now);
            cell.advance(
                &days,
                (truth == 'T', truth == 'F'),
                (persistence, keep),
                Some(&mut turned),
            );
            shown.push(match cell.phase {
                Phase::Idle => "inactive",
                Phase::Pending => "pending",
                Phase::Firing => "firing",
            });
        }
        shown.join(" ")
    }

    #[test]
    fn d11_the_life_is_that_of_prometheus() {
        for (after, keep, truths, expected) in [
            (
                2,
                2,
                "TTTFFFT",
                "pending pending firing firing firing inactive pending",
            ),
            (
                2,
                0,
                "TTFTTTF",
                "pending pending inactive pending pending firing inactive",
            ),
            (
                0,
                0,
                "TFTFTF",
                "firing inactive firing inactive firing inactive",
            ),
            (
                2,
                2,
                "TTTFTFFF",
                "pending pending firing firing firing firing firing inactive",
            ),
        ] {
            assert_eq!(
                phases(Persistence::Days(after), Keep::Days(keep), truths),
                expected,
                "{truths}"
            );
        }
    }

    #[test]
    fn periods_count_where_days_measure() {
        let (three, two) = (Persistence::Periods(3.into()), Keep::Periods(2.into()));
        assert_eq!(
            phases(three, two, "TTTFTFFT"),
            "pending pending firing firing firing firing inactive pending"
        );
    }

    #[test]
    fn an_unknown_period_does_not_shorten_how_long_an_alert_is_kept() {
        let (at_once, keep) = (Persistence::Immediate, Keep::Days(3));
        assert_eq!(
            phases(at_once, keep, "TFUFF"),
            "firing firing firing firing inactive"
        );
    }

    #[test]
    fn what_is_unknown_raises_nothing_and_clears_nothing() {
        let (two, keep) = (Persistence::Periods(2.into()), Keep::Periods(2.into()));
        assert_eq!(
            phases(two, keep, "TUTTFUF"),
            "pending inactive pending firing firing firing inactive"
        );
    }
}
