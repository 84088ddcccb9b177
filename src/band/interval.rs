//! A range of numbers with explicit ends, and what it means for a point to belong to one of two neighbours.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::BandError;
use crate::quantity::Ratio;

/// To which of two neighbouring ranges the point between them belongs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// To the range below: "up to and including".
    Lower,
    /// To the range above: "from". The default.
    #[default]
    Upper,
}

/// A range of numbers, written as in mathematics: `[0.75, 0.9)` holds 0.75 and not 0.9; `(.., 0.75)` has no lower end.
///
/// ```
/// use quotaflow::quantity::Ratio;
/// use quotaflow::band::Interval;
/// let yellow: Interval = "[0.75, 0.9)".parse()?;
/// assert!(yellow.contains(Ratio::percent(75)) && !yellow.contains(Ratio::percent(90)));
/// assert_eq!(yellow.to_string(), "[0.75, 0.9)");
/// # Ok::<(), quotaflow::band::BandError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Interval {
    pub(super) lower: Bound<Ratio>,
    pub(super) upper: Bound<Ratio>,
}

impl Interval {
    /// All numbers.
    pub const ALL: Self = Self {
        lower: Bound::Unbounded,
        upper: Bound::Unbounded,
    };

    /// Returns the range between two ends.
    ///
    /// # Errors
    /// [`BandError::EmptyInterval`] when no number is in it.
    pub fn new(lower: Bound<Ratio>, upper: Bound<Ratio>) -> Result<Self, BandError> {
        let range = Self { lower, upper };
        if range.is_empty() {
            Err(BandError::EmptyInterval {
                text: range.to_string(),
            })
        } else {
            Ok(range)
        }
    }

    /// Says whether no number lies between these ends, which those of an interval never are.
    pub(super) fn is_empty(&self) -> bool {
        match (end(&self.lower), end(&self.upper)) {
            (Some(low), Some(high)) => {
                let ends = (self.lower, self.upper);
                let single = matches!(ends, (Bound::Included(_), Bound::Included(_)));
                low > high || (low == high && !single)
            }
            _ => false,
        }
    }

    /// Returns all numbers from `at` on, `at` included.
    #[must_use]
    pub fn at_least(at: Ratio) -> Self {
        Self {
            lower: Bound::Included(at),
            upper: Bound::Unbounded,
        }
    }

    /// Returns all numbers above `at`, `at` excluded.
    #[must_use]
    pub fn above(at: Ratio) -> Self {
        Self {
            lower: Bound::Excluded(at),
            upper: Bound::Unbounded,
        }
    }

    /// Returns all numbers below `at`, `at` excluded.
    #[must_use]
    pub fn below(at: Ratio) -> Self {
        Self {
            lower: Bound::Unbounded,
            upper: Bound::Excluded(at),
        }
    }

    /// Returns the lower end.
    #[must_use]
    pub fn lower(&self) -> Bound<Ratio> {
        self.lower
    }

    /// Returns the upper end.
    #[must_use]
    pub fn upper(&self) -> Bound<Ratio> {
        self.upper
    }

    /// Says whether `value` is in the range.
    #[must_use]
    pub fn contains(&self, value: Ratio) -> bool {
        let from = match self.lower {
            Bound::Included(low) => low <= value,
            Bound::Excluded(low) => low < value,
            Bound::Unbounded => true,
        };
        let to = match self.upper {
            Bound::Included(high) => value <= high,
            Bound::Excluded(high) => value < high,
            Bound::Unbounded => true,
        };
        from && to
    }

    /// Orders ranges by their lower ends, an open end first.
    pub(crate) fn by_lower_end(&self, other: &Self) -> Ordering {
        match (self.lower, other.lower) {
            (Bound::Unbounded, Bound::Unbounded) => Ordering::Equal,
            (Bound::Unbounded, _) => Ordering::Less,
            (_, Bound::Unbounded) => Ordering::Greater,
            (left, right) => end(&left).cmp(&end(&right)).then_with(|| {
                matches!(left, Bound::Excluded(_)).cmp(&matches!(right, Bound::Excluded(_)))
            }),
        }
    }
}

impl Default for Interval {
    /// Returns [`Interval::ALL`].
    fn default() -> Self {
        Self::ALL
    }
}

fn end(bound: &Bound<Ratio>) -> Option<Ratio> {
    match bound {
        Bound::Included(at) | Bound::Excluded(at) => Some(*at),
        Bound::Unbounded => None,
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lower {
            Bound::Included(at) => write!(f, "[{at}, ")?,
            Bound::Excluded(at) => write!(f, "({at}, ")?,
            Bound::Unbounded => f.write_str("(.., ")?,
        }
        match self.upper {
            Bound::Included(at) => write!(f, "{at}]"),
            Bound::Excluded(at) => write!(f, "{at})"),
            Bound::Unbounded => f.write_str("..)"),
        }
    }
}

impl FromStr for Interval {
    type Err = BandError;

    fn from_str(text: &str) -> Result<Self, BandError> {
        let wrong = || BandError::Interval {
            text: text.chars().take(80).collect(),
        };
        let open = text.chars().next().ok_or_else(wrong)?;
        let close = text.chars().next_back().ok_or_else(wrong)?;
        let inner = text
            .strip_prefix(['[', '('])
            .and_then(|rest| rest.strip_suffix([']', ')']))
            .ok_or_else(wrong)?;
        let (low, high) = inner.split_once(',').ok_or_else(wrong)?;
        let number = |part: &str| part.parse::<Ratio>().map_err(|_| wrong());
        let lower = match (open, low.trim()) {
            ('(', "..") => Bound::Unbounded,
            ('(', part) => Bound::Excluded(number(part)?),
            (_, part) => Bound::Included(number(part)?),
        };
        let upper = match (close, high.trim()) {
            (')', "..") => Bound::Unbounded,
            (')', part) => Bound::Excluded(number(part)?),
            (_, part) => Bound::Included(number(part)?),
        };
        Self::new(lower, upper)
    }
}

impl TryFrom<String> for Interval {
    type Error = BandError;

    fn try_from(text: String) -> Result<Self, BandError> {
        text.parse()
    }
}

impl From<Interval> for String {
    fn from(interval: Interval) -> Self {
        interval.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_read_back_and_know_their_ends() {
        for text in [
            "[0.75, 0.9)",
            "(.., 0.75)",
            "[0.9, ..)",
            "(1/3, 2]",
            "(.., ..)",
            "[1, 1]",
        ] {
            assert_eq!(text.parse::<Interval>().unwrap().to_string(), text);
        }
        let tight: Interval = "(.. ,-1]".parse().unwrap();
        assert!(tight.contains(Ratio::from(-1)) && !tight.contains(Ratio::ZERO));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "", "[", "0.5, 1", "[.., 1)", "[1, ..]", "[a, b)", "[1 2)", "中", "[0.5]",
        ] {
            assert!(
                matches!(text.parse::<Interval>(), Err(BandError::Interval { .. })),
                "{text}"
            );
        }
        for text in ["[2, 1]", "[1, 1)", "(1, 1]"] {
            assert!(
                matches!(
                    text.parse::<Interval>(),
                    Err(BandError::EmptyInterval { .. })
                ),
                "{text}"
            );
        }
    }
}
