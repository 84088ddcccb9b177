//! How the alerts of a rule live: when they end, come back, are repeated, and climb.

use serde::{Deserialize, Serialize};

use super::{Severity, Span};
use crate::key::Key;

/// How the alerts of a rule live, as data. Without any of it an alert ends in the first period in which its condition
/// does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Life {
    /// How long an alert goes on after its condition.
    #[serde(default, skip_serializing_if = "Keep::is_none")]
    pub keep: Keep,
    /// For so many days after an alert's end, the rule opens no other one for the subject.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cooldown_days: u32,
    /// Within so many days after its end an alert that fires again is the same one, reopened.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reopen_days: u32,
    /// An alert that nobody acknowledged is told again after so many days; never when it is zero.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub repeat_days: u32,
    /// An acknowledgement ends after so many days: an alert that is still there then fires again, is told, repeated and climbs
    /// anew. It never ends when this is zero.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub acknowledged_days: u32,
    /// An alert expires after so many days, whatever its condition says; never when it is zero.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub expire_days: u32,
    /// When an alert that comes and goes is told only once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flapping: Option<Flapping>,
    /// Who is told when nobody acknowledges an alert.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalation: Vec<Rung>,
}

impl Life {
    /// Says whether everything is as it is without it.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(days: &u32) -> bool {
    *days == 0
}

/// How long an alert goes on after its condition. The two forms differ by one, as those of
/// [`Persistence`](super::Persistence) do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Keep {
    /// Not at all: it ends in the first period that is clear. The default.
    #[default]
    None,
    /// It ends in the n-th period in a row that is clear.
    Periods(Span),
    /// It ends when so many days have passed from the first day of the first clear period to the first day of this one.
    Days(u32),
}

impl Keep {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// When an alert counts as coming and going: the method of Nagios.
///
/// The last 21 periods have 20 places where the alert may have begun or ended. A change in the oldest place weighs 0.75,
/// one in the latest 1.25, evenly between; the sum is taken as a percentage of 20. Flapping starts at or above `start` and
/// ends below `stop`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flapping {
    /// The whole percentage at which it starts.
    pub start: u8,
    /// The whole percentage below which it ends.
    pub stop: u8,
}

impl Default for Flapping {
    fn default() -> Self {
        Self {
            start: 50,
            stop: 25,
        }
    }
}

/// One rung of a ladder: who is told after how much working time without acknowledgement, and of how grave alerts.
///
/// ```
/// use quotaflow::rule::{Rung, Severity};
/// let ladder = vec![Rung::new(8 * 60, "manager")?, Rung::new(16 * 60, "director")?.for_at_least(Severity::Serious)];
/// let text = serde_json::to_string(&ladder).map_err(quotaflow::Error::other)?;
/// assert_eq!(text, r#"[{"after_minutes":480,"to":"manager"},{"after_minutes":960,"to":"director","severity":"serious"}]"#);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Working minutes since the alert was told first.
    pub after_minutes: u32,
    /// The role.
    pub to: Key,
    /// The least grave alert that climbs here; every one where it is left out. An alert that becomes this grave after the
    /// time has passed climbs at once.
    #[serde(default = "least", skip_serializing_if = "is_least")]
    pub severity: Severity,
}

fn least() -> Severity {
    Severity::Info
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_least(severity: &Severity) -> bool {
    *severity == least()
}

impl Rung {
    /// Returns the rung that every alert climbs after so many working minutes.
    ///
    /// # Errors
    /// [`KeyError`](crate::key::KeyError) if `to` cannot be a key.
    pub fn new(after_minutes: u32, to: &str) -> Result<Self, crate::key::KeyError> {
        Ok(Self {
            after_minutes,
            to: Key::new(to)?,
            severity: least(),
        })
    }

    /// Returns the rung that only alerts at least so grave climb.
    #[must_use]
    pub fn for_at_least(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}
