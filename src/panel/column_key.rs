//! The identity of a column: a metric and what is said of it.

use crate::key::Key;
use crate::key::KeyError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The identity of a column: a metric and what is said of it.
///
/// The text form is the metric alone for the actual figure, else `target:`, `base:`, `expected:` or `projected:` before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ColumnKey {
    /// The metric.
    pub metric: Key,
    /// What the column says of it.
    pub role: Role,
}

impl fmt::Display for ColumnKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self.role {
            Role::Actual => "",
            Role::Target => "target:",
            Role::Base => "base:",
            Role::Expected => "expected:",
            Role::Projected => "projected:",
        };
        write!(f, "{prefix}{}", self.metric)
    }
}

impl From<ColumnKey> for String {
    fn from(key: ColumnKey) -> Self {
        key.to_string()
    }
}

impl ColumnKey {
    /// Returns the key of the actual figures of a metric.
    ///
    /// # Errors
    /// [`KeyError`] if the name cannot be a key.
    pub fn actual(metric: &str) -> Result<Self, KeyError> {
        Ok(Self {
            metric: Key::new(metric)?,
            role: Role::Actual,
        })
    }

    /// Returns the key of the targets of a metric.
    ///
    /// # Errors
    /// [`KeyError`] if the name cannot be a key.
    pub fn target(metric: &str) -> Result<Self, KeyError> {
        Ok(Self {
            metric: Key::new(metric)?,
            role: Role::Target,
        })
    }

    /// Returns the key of the actual figure `<name>.<what>`: the form in which rooms name the columns that they add for a
    /// duty, a plan, a workflow or a funnel of that name.
    ///
    /// ```
    /// use quotaflow::key::Key;
    /// use quotaflow::panel::ColumnKey;
    /// let late = ColumnKey::of(&Key::new("weekly plan")?, "late")?;
    /// assert_eq!(late.to_string(), "weekly plan.late");
    /// # Ok::<(), quotaflow::key::KeyError>(())
    /// ```
    ///
    /// # Errors
    /// [`KeyError`] if both together cannot be a key.
    pub fn of(name: &Key, what: &str) -> Result<Self, KeyError> {
        Self::actual(&format!("{name}.{what}"))
    }

    /// Returns the same metric in another role.
    #[must_use]
    pub fn with(&self, role: Role) -> Self {
        Self {
            metric: self.metric.clone(),
            role,
        }
    }
}

/// What a column says of its metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Role {
    /// What was: the default.
    #[default]
    Actual,
    /// What should be at the end of the period.
    Target,
    /// What of the target is needed, where managers hand down more than is assigned to them: it adds up over all levels.
    Base,
    /// What should have been reached by now: the pace.
    Expected,
    /// What will be at the end of the period if it goes on like this.
    Projected,
}
