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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) phase: Phase,
    /// Periods in a row: true ones while pending, clear ones while firing.
    pub(super) run: u16,
    /// The first day of the first period of the row of true ones.
    pub(super) since: i32,
    /// The first day of the first period of the row of clear ones.
    pub(super) turned: i32,
    /// The latest alert.
    pub(super) record: u32,
}

impl Default for Cell {
    fn default() -> Self {
        Self {
            phase: Phase::Idle,
            run: 0,
            since: 0,
            turned: 0,
            record: NO_RECORD,
        }
    }
}

/// What a period did to a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    None,
    Fired,
    Cleared,
}

impl Cell {
    /// Goes on by one period that starts on day `now`, in which the condition holds or what clears it does; neither when
    /// it is not known.
    pub(super) fn advance(
        &mut self,
        now: i32,
        (holds, clear): (bool, bool),
        persistence: Persistence,
        keep: Keep,
    ) -> Turn {
        match self.phase {
            Phase::Idle | Phase::Pending if !holds => {
                (self.phase, self.run) = (Phase::Idle, 0);
                Turn::None
            }
            Phase::Idle | Phase::Pending => {
                if self.phase == Phase::Idle {
                    (self.since, self.run) = (now, 0);
                }
                self.run = self.run.saturating_add(1);
                let lasted = match persistence {
                    Persistence::Immediate => true,
                    Persistence::Periods(span) => self.run >= span.count,
                    Persistence::Days(days) => passed(self.since, now, days),
                };
                if lasted {
                    (self.phase, self.run) = (Phase::Firing, 0);
                    Turn::Fired
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
                if self.run == 0 {
                    self.turned = now;
                }
                self.run = self.run.saturating_add(1);
                let over = match keep {
                    Keep::None => true,
                    Keep::Periods(span) => self.run >= span.count,
                    Keep::Days(days) => passed(self.turned, now, days),
                };
                if over {
                    (self.phase, self.run) = (Phase::Idle, 0);
                    Turn::Cleared
                } else {
                    Turn::None
                }
            }
        }
    }
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
        for (now, truth) in (0..).zip(truths.chars()) {
            cell.advance(now, (truth == 'T', truth == 'F'), persistence, keep);
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
    fn what_is_unknown_raises_nothing_and_clears_nothing() {
        let (two, keep) = (Persistence::Periods(2.into()), Keep::Periods(2.into()));
        assert_eq!(
            phases(two, keep, "TUTTFUF"),
            "pending inactive pending firing firing firing inactive"
        );
    }
}
