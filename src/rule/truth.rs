//! Three-valued logic: what is not known is neither true nor false, and says why.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::panel::Reason;
use crate::text::{Locale, Word};

/// Why a value, and with it a condition, is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhyUnknown {
    /// The panel has no number there, or there is none to compute: a change against a base that is not positive.
    Missing(Reason),
    /// The period that is asked about is not in the panel.
    NoHistory,
    /// Fewer values are known than the definition asks for.
    TooFew,
}

impl WhyUnknown {
    /// Returns the word that messages share for it.
    #[must_use]
    pub fn word(self) -> Word {
        match self {
            Self::Missing(reason) => reason.into(),
            Self::NoHistory => Word::NoHistory,
            Self::TooFew => Word::TooFew,
        }
    }

    /// Returns what it is called in this language.
    #[must_use]
    pub fn name(self, locale: &Locale) -> &str {
        locale.word(self.word())
    }
}

impl From<Reason> for WhyUnknown {
    fn from(reason: Reason) -> Self {
        Self::Missing(reason)
    }
}

impl fmt::Display for WhyUnknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name(&Locale::EN))
    }
}

/// What a condition says: true, false, or unknown with the reason.
///
/// The operations are those of Kleene's strong logic (also of DMN): what is unknown decides nothing, and what is
/// decided without it stays decided.
///
/// ```
/// use quotaflow::panel::Reason;
/// use quotaflow::rule::{Truth, WhyUnknown};
/// let unknown = Truth::Unknown(WhyUnknown::Missing(Reason::NothingRecorded));
/// assert_eq!(Truth::False.and(unknown), Truth::False);
/// assert_eq!(Truth::True.and(unknown), unknown);
/// assert_eq!(Truth::True.or(unknown), Truth::True);
/// assert_eq!(unknown.negate(), unknown);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It cannot be said.
    Unknown(WhyUnknown),
}

impl Truth {
    /// Says whether it holds, for certain.
    #[must_use]
    pub fn is_true(self) -> bool {
        self == Self::True
    }

    /// Says whether it does not hold, for certain.
    #[must_use]
    pub fn is_false(self) -> bool {
        self == Self::False
    }

    /// Says whether it cannot be said.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Returns the conjunction. Of two reasons the first stands.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::Unknown(reason), _) | (_, Self::Unknown(reason)) => Self::Unknown(reason),
            (Self::True, Self::True) => Self::True,
        }
    }

    /// Returns the disjunction. Of two reasons the first stands.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::Unknown(reason), _) | (_, Self::Unknown(reason)) => Self::Unknown(reason),
            (Self::False, Self::False) => Self::False,
        }
    }

    /// Returns the negation; what is unknown stays so.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown(reason) => Self::Unknown(reason),
        }
    }

    /// Returns whether at least `count` of the values hold: true as soon as so many are true, false as soon as too few
    /// can still be.
    #[must_use]
    pub fn at_least(count: u32, values: impl IntoIterator<Item = Self>) -> Self {
        let (mut known, mut open, mut first) = (0_u32, 0_u32, None);
        for value in values {
            match value {
                Self::True => known = known.saturating_add(1),
                Self::False => {}
                Self::Unknown(reason) => {
                    open = open.saturating_add(1);
                    first = first.or(Some(reason));
                }
            }
        }
        match first {
            _ if known >= count => Self::True,
            Some(reason) if known.saturating_add(open) >= count => Self::Unknown(reason),
            _ => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::True => f.pad("true"),
            Self::False => f.pad("false"),
            Self::Unknown(reason) => write!(f, "unknown ({reason})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const U: Truth = Truth::Unknown(WhyUnknown::Missing(Reason::NothingRecorded));
    const V: Truth = Truth::Unknown(WhyUnknown::Missing(Reason::NoBase));
    const ALL: [Truth; 4] = [Truth::True, Truth::False, U, V];

    #[test]
    fn d13_the_tables_are_those_of_dmn() {
        assert_eq!(Truth::False.and(U), Truth::False);
        assert_eq!(U.and(Truth::False), Truth::False);
        assert_eq!(Truth::True.and(U), U);
        assert_eq!(U.and(Truth::True), U);
        assert_eq!(U.and(U), U);
        assert_eq!(Truth::True.or(U), Truth::True);
        assert_eq!(U.or(Truth::True), Truth::True);
        assert_eq!(Truth::False.or(U), U);
        assert_eq!(U.or(Truth::False), U);
        assert_eq!(U.negate(), U);
    }

    #[test]
    fn double_negation_and_de_morgan_hold() {
        for a in ALL {
            assert_eq!(a.negate().negate(), a);
            for b in ALL {
                assert_eq!(a.and(b).negate(), a.negate().or(b.negate()), "{a} {b}");
                assert_eq!(a.or(b).negate(), a.negate().and(b.negate()), "{a} {b}");
            }
        }
    }

    #[test]
    fn at_least_generalises_and_and_or() {
        for a in ALL {
            for b in ALL {
                assert_eq!(Truth::at_least(2, [a, b]), a.and(b), "{a} {b}");
                assert_eq!(Truth::at_least(1, [a, b]), a.or(b), "{a} {b}");
                assert_eq!(Truth::at_least(0, [a, b]), Truth::True);
                assert_eq!(Truth::at_least(3, [a, b]), Truth::False);
            }
        }
    }
}
