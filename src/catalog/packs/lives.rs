//! How the alerts of the ready rules live: told once, told again while nobody answers, and never in a flood.

use crate::alert::Cover;
use crate::catalog::error::PackError;
use crate::key::Key;
use crate::rule::{Flapping, Life, Rung, Severity};

/// What a rule watches, from which the life of its alerts follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Something that stands until somebody ends it: debts, an empty seat, silence.
    Standing,
    /// Something that happened in the month, and may be otherwise in the next.
    Happening,
    /// Something good that passes if nobody takes it.
    Chance,
}

/// Days within which what begins again is the same: one clear month between.
const SAME: u32 = 45;
/// An opportunity that nobody took within a quarter has passed.
const QUARTER: u32 = 92;
/// A working day of eight hours.
const DAY: u32 = 8 * 60;
/// In months, three alerts within twenty-one periods: six changes of twenty, which weigh thirty percent.
const FLAPPING: Flapping = Flapping {
    start: 30,
    stop: 20,
};

impl Sort {
    /// Returns the life of alerts this grave, of which this role is told first.
    pub(super) fn life(self, severity: Severity, owner: &str) -> Result<Life, PackError> {
        let mut life = Life {
            flapping: Some(FLAPPING),
            ..Life::default()
        };
        match self {
            Self::Standing => {
                life.reopen_days = SAME;
                life.repeat_days = repeat(severity);
            }
            Self::Happening => life.cooldown_days = SAME,
            Self::Chance => {
                life.cooldown_days = SAME;
                life.expire_days = QUARTER;
                return Ok(life);
            }
        }
        life.escalation = ladder(severity, owner)?;
        Ok(life)
    }
}

/// Returns after how many days what nobody acknowledged is told again; never where it is zero.
fn repeat(severity: Severity) -> u32 {
    match severity {
        Severity::Critical => 7,
        Severity::Serious => 31,
        Severity::Warning => QUARTER,
        Severity::Info => 0,
    }
}

/// Returns who is told when the owner does not answer: the role above after a day, three days or a week of working time,
/// and the one above that after three days or two weeks.
fn ladder(severity: Severity, owner: &str) -> Result<Vec<Rung>, PackError> {
    let days: &[u32] = match severity {
        Severity::Critical => &[1, 3],
        Severity::Serious => &[3, 10],
        Severity::Warning => &[5],
        Severity::Info => &[],
    };
    let above: &[&str] = match owner {
        "salesperson" => &["manager", "director"],
        "manager" | "finance" => &["director", "general_manager"],
        _ => &["general_manager"],
    };
    let rungs = days.iter().zip(above);
    let rung = |(days, to): (&u32, &&str)| Ok(Rung::new(days * DAY, to)?);
    rungs.map(rung).collect()
}

/// Returns which alerts stand for which further down, as [`covered`](crate::alert::covered) takes them: what is said
/// of a team or a person is not said again of each of their people and dealers.
///
/// | the alert above | stands for |
/// |---|---|
/// | `leaver_customer_loss`, of the one who left | `no_recent_order`, `single_order`, `never_ordered` and `dealer_sales_decline` of the customers |
/// | `sales_decline`, of a person | `dealer_sales_decline` of the customers |
/// | `month_end_habit`, of a team | `period_end_spike` of its people |
/// | `no_visits`, of a team | `low_visit_rate` of its people |
/// | `rising_dormancy`, of a team | `no_recent_order` and `single_order` of its customers |
/// | `widespread_target_miss`, of a team | `sales_decline` and `steep_sales_decline` of its people: the target is looked at first |
///
/// # Errors
/// None with the names as shipped.
pub fn covers() -> Result<Vec<Cover>, PackError> {
    const COVERS: [(&str, &[&str]); 6] = [
        (
            "leaver_customer_loss",
            &[
                "no_recent_order",
                "single_order",
                "never_ordered",
                "dealer_sales_decline",
            ],
        ),
        ("sales_decline", &["dealer_sales_decline"]),
        ("month_end_habit", &["period_end_spike"]),
        ("no_visits", &["low_visit_rate"]),
        ("rising_dormancy", &["no_recent_order", "single_order"]),
        (
            "widespread_target_miss",
            &["sales_decline", "steep_sales_decline"],
        ),
    ];
    let cover = |(rule, below): (&str, &[&str])| {
        let covers = below.iter().map(Key::new).collect::<Result<_, _>>()?;
        Ok(Cover {
            rule: Key::new(rule)?,
            covers,
        })
    };
    COVERS.into_iter().map(cover).collect()
}
