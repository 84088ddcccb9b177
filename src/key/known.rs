//! What is told of a name that is not known: the nearest one and the list.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::nearest;

/// Among how many of the known names the nearest one is looked for.
const SEARCHED: usize = 10_000;

/// The names that are known, told beside one that is not: the first [`Known::KEPT`] of them and how many there are.
///
/// Its text lists the first [`Known::SHOWN`].
///
/// ```
/// use quotaflow::key::Known;
/// assert_eq!(Known::new(["sales", "visits"]).to_string(), "`sales`, `visits`");
/// let many = Known::new((1..=40).map(|store| format!("s{store}")));
/// assert!(many.to_string().ends_with("`s12` and 28 more"));
/// assert_eq!((many.names().len(), many.count()), (40, 40));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "KnownDef", into = "KnownDef")]
pub struct Known {
    names: Vec<String>,
    count: usize,
}

impl Known {
    /// How many names are kept.
    pub const KEPT: usize = 100;
    /// How many names the text lists.
    pub const SHOWN: usize = 12;

    /// Returns the list of these names, in their order.
    #[must_use]
    pub fn new<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Self {
        let mut known = Self::default();
        for name in names {
            if known.names.len() < Self::KEPT {
                known.names.push(name.as_ref().to_owned());
            }
            known.count += 1;
        }
        known
    }

    /// Returns the list of these names, of which there are so many: where counting them one by one for every error would take too long.
    pub(crate) fn of<'a>(names: impl IntoIterator<Item = &'a str>, count: usize) -> Self {
        let kept = names.into_iter().take(Self::KEPT);
        let names: Vec<String> = kept.map(str::to_owned).collect();
        let count = count.max(names.len());
        Self { names, count }
    }

    /// Returns the names that are kept: all of them, or the first [`Known::KEPT`].
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns how many names are known.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return f.write_str("none");
        }
        for (place, name) in self.names.iter().take(Self::SHOWN).enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}`{name}`")?;
        }
        match self.count.saturating_sub(Self::SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownDef {
    names: Vec<String>,
    count: usize,
}

impl TryFrom<KnownDef> for Known {
    type Error = String;

    fn try_from(def: KnownDef) -> Result<Self, String> {
        let KnownDef { names, count } = def;
        if names.len() == count.min(Self::KEPT) {
            Ok(Self { names, count })
        } else {
            let kept = names.len();
            Err(format!(
                "{kept} of {count} known names are listed, not all or the first {}",
                Self::KEPT
            ))
        }
    }
}

impl From<Known> for KnownDef {
    fn from(known: Known) -> Self {
        let Known { names, count } = known;
        Self { names, count }
    }
}

/// Returns the three things that every error says of an unknown name: the name, the nearest known one, and the known ones.
///
/// ```
/// let (name, nearest, known) = quotaflow::key::unknown("sale", ["sales", "visits"]);
/// assert_eq!((name.as_str(), nearest.as_deref(), known.count()), ("sale", Some("sales"), 2));
/// ```
#[must_use]
pub fn unknown<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> (String, Option<String>, Known) {
    let all: Vec<&str> = known.into_iter().collect();
    // What is known by just this name and yet will not do is no hint.
    let others = all.iter().copied().filter(|known| *known != name);
    let near = nearest(name, others.take(SEARCHED)).map(str::to_owned);
    (name.to_owned(), near, Known::new(all))
}

/// Returns how the sentence about an unknown name ends: with the nearest known one, or with the list where none is near.
///
/// ```
/// use quotaflow::key::{hint, unknown};
/// let (_, nearest, known) = unknown("sale", ["sales", "visits"]);
/// assert_eq!(hint(nearest.as_deref(), &known), "; did you mean `sales`?");
/// assert_eq!(hint(None, &known), "; known: `sales`, `visits`");
/// ```
#[must_use]
pub fn hint(nearest: Option<&str>, known: &Known) -> String {
    if known.count() == 0 {
        return "; there are none".to_owned();
    }
    match nearest {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None => format!("; known: {known}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_names_the_nearest_and_the_list() {
        let hint = |name: &str, names: &[&str]| {
            let (_, nearest, known) = unknown(name, names.iter().copied());
            hint(nearest.as_deref(), &known)
        };
        assert_eq!(
            hint("sale", &["sales", "visits"]),
            "; did you mean `sales`?"
        );
        assert_eq!(hint("sale", &["sales"]), "; did you mean `sales`?");
        assert_eq!(
            hint("q", &["sales", "visits"]),
            "; known: `sales`, `visits`"
        );
        assert_eq!(hint("q", &[]), "; there are none");
    }

    #[test]
    fn no_more_than_a_hundred_names_are_kept() {
        let known = Known::new((0..101).map(|name| name.to_string()));
        assert_eq!((known.names().len(), known.count()), (100, 101));
        let text = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<Known>(&text).unwrap(), known);
        assert!(serde_json::from_str::<Known>(r#"{"names":["a"],"count":2}"#).is_err());
    }
}
