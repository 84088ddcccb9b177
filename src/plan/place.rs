//! Where in a plan: the path of a node, and places as documents name them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::key::{Key, KeyError};

/// The members and periods from the top of a plan down to one node; empty for the whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Path(Vec<Key>);

impl Path {
    /// Returns the path through these members and periods.
    #[must_use]
    pub fn new(keys: Vec<Key>) -> Self {
        Self(keys)
    }

    /// Returns the members and periods from the top.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("all");
        }
        for (index, key) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" / ")?;
            }
            fmt::Display::fmt(key, f)?;
        }
        Ok(())
    }
}

/// A part of a plan, named by the members or periods at some of its steps: `{"region": "north", "month": "2026-01"}`.
///
/// Where the named steps are the first ones of the plan it is one node; else it is a slice through several, such as
/// January of all people of a region. The empty place is the whole plan.
///
/// ```
/// use quotaflow::plan::Place;
/// let place = Place::whole().at("region", "north")?.at("month", "2026-01")?;
/// assert_eq!(serde_json::to_string(&place).map_err(quotaflow::Error::other)?, r#"{"month":"2026-01","region":"north"}"#);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(#[serde(deserialize_with = "crate::document::keys_once")] BTreeMap<Key, Key>);

impl Place {
    /// Returns the whole plan.
    #[must_use]
    pub fn whole() -> Self {
        Self::default()
    }

    /// Returns the part of this place that belongs to a member or period at a step.
    ///
    /// # Errors
    /// [`KeyError`] if a name cannot be a key.
    pub fn at(mut self, step: &str, member: &str) -> Result<Self, KeyError> {
        self.0.insert(Key::new(step)?, Key::new(member)?);
        Ok(self)
    }

    /// Returns the steps and the members named at them, in the order of the steps' names.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Key)> {
        self.0.iter()
    }

    /// Says whether it is the whole plan.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Key, Key)> for Place {
    fn from_iter<I: IntoIterator<Item = (Key, Key)>>(fixed: I) -> Self {
        Self(fixed.into_iter().collect())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("all");
        }
        for (index, (step, member)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{step} {member}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_paths_read_as_people_write_them() {
        let place = Place::whole()
            .at("region", "north")
            .and_then(|place| place.at("month", "2026-01"))
            .unwrap();
        assert_eq!(place.to_string(), "month 2026-01, region north");
        let text = serde_json::to_string(&place).unwrap();
        assert_eq!(serde_json::from_str::<Place>(&text).unwrap(), place);
        assert!(serde_json::from_str::<Place>(r#"{"": "x"}"#).is_err());
        let keys = ["north", "ann"].map(|key| Key::new(key).unwrap());
        assert_eq!(Path::new(keys.to_vec()).to_string(), "north / ann");
        assert_eq!(Path::default().to_string(), "all");
    }
}
