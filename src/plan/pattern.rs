//! Patterns such as `4-4-5` and `1 2 1`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{EditError, PlanError};
use crate::quantity::{Number, Ratio};

/// Proportions of children, written as numbers joined by spaces or hyphens; or `P` for the same amount in each.
///
/// ```
/// use quotaflow::plan::Pattern;
/// assert!("4-4-5".parse::<Pattern>().is_ok());
/// assert!("1 2 1".parse::<Pattern>().is_ok());
/// assert!("0 0".parse::<Pattern>().is_err());
/// # Ok::<(), quotaflow::plan::PlanError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    text: String,
    parts: Vec<Ratio>,
}

impl Pattern {
    /// Returns the proportions; none for `P`.
    #[must_use]
    pub fn parts(&self) -> &[Ratio] {
        &self.parts
    }
}

impl FromStr for Pattern {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        let broken = || {
            PlanError::Edit(EditError::Pattern {
                text: text.chars().take(80).collect(),
            })
        };
        if text.len() > 1000 {
            return Err(broken());
        }
        let text = text.to_owned();
        if text == "P" {
            let parts = Vec::new();
            return Ok(Self { text, parts });
        }
        let parts: Vec<Ratio> = text
            .split([' ', '-'])
            .map(|part| {
                part.parse::<Number>()
                    .map(|part| Ratio::from(part.decimal()))
            })
            .collect::<Result<_, _>>()
            .map_err(|_| broken())?;
        if parts.iter().all(|part| part.is_zero()) {
            return Err(broken());
        }
        Ok(Self { text, parts })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl TryFrom<String> for Pattern {
    type Error = PlanError;

    fn try_from(text: String) -> Result<Self, PlanError> {
        text.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_numbers_or_p() {
        for text in ["4-4-5", "1 2 1", "0 1 0", "1", "P", "0.5 1.5"] {
            assert_eq!(text.parse::<Pattern>().unwrap().to_string(), text);
        }
        for text in ["", "0", "0-0", "a b", "1  2", "1 -2", "-1", "p"] {
            assert!(text.parse::<Pattern>().is_err(), "{text}");
        }
    }
}
