//! Conditions as text, with the same meaning as the data: what is printed reads back as the same condition.
//!
//! | text | meaning |
//! |---|---|
//! | `attainment(sales) < 80%` | compares; also `<=`, `=`, `!=`, `>=`, `>`, `between 1 and 2` |
//! | `a and b`, `a or b`, `not a`, `at least 2 of (a, b, c)` | joins; `and` binds tighter than `or` |
//! | `a for 3 weeks`, `a in 2 of 3 months` | in a row; in some of the last periods |
//! | `sales falling for 2 periods`, `rising` | trend |
//! | `missing(report)`, `state(sales) in (no_base)`, `stale(sales, 3 days)`, `late(report, 2 weeks)` | states |
//! | `control(sales, first 12, two_of_three)`, `control(sales, around 50 2, ewma 0.2 3, low)` | statistical control |
//! | `subject in (ann, bo)`, `subject starting ("north-")` | subjects |
//! | `below(rule)` | for how many of those below a rule fires |
//! | `quiet(m)`, `quiet(m, working days)`, `quiet(m, working time)` | how long nothing has happened |
//! | `target(m)`, `expected(m)`, `projected(m)`, `attainment(m)`, `pace(m)`, `gap(m)` | operands of a metric |
//! | `a / b`, `a - b`, `80% of a` | arithmetic |
//! | `previous(a, 2 weeks)`, `last_year(a)`, `change(a, b)`, `mean(a, 3 months)` | other periods |
//! | `rank(a)`, `percentile(a)`, `from_median(a)`, `score(a)` | peers |
//! | `5000 money:EUR`, `80%`, `1/3`, `$limit` | numbers and parameters |
//!
//! `quiet(visits) >= 10 day` is the absence of an event for a duration, `quiet(visits, working days) < 3 day` that there was one
//! within it; `below(behind) >= 3` is at least three people of the team for whom the rule `behind` fires. Both read columns that
//! [`Supply`](super::Supply) adds.
//!
//! A name that is not a word, or is a word of the language, stands in double quotes; behind the `$` of a parameter every
//! word is a name. `pace`, `target`, `expected` and `projected` alone are those of the metric on the other side.
//! Words may be written in capitals (`AND`), `=` also `==`, `!=` also `<>`, and units in the plural (`45 days`).

mod error;
mod parse;
mod print;
mod token;
mod words;

pub use self::error::TextError;

pub(super) use words::state_word;

use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Condition, Operand};

impl FromStr for Condition {
    type Err = TextError;

    /// Reads a condition.
    ///
    /// ```
    /// use quotaflow::rule::Condition;
    /// let text = "attainment(sales) < 80% of pace for 3 weeks and visits_per_day < 6";
    /// let condition: Condition = text.parse()?;
    /// let full = "attainment(sales) < 80% of pace(sales) for 3 weeks and visits_per_day < 6";
    /// assert_eq!(condition.to_string(), full);
    ///
    /// let slip = "attainmnt(sales) < 80%".parse::<Condition>().unwrap_err();
    /// assert!(slip.to_string().ends_with("did you mean `attainment`?"), "{slip}");
    /// # Ok::<(), quotaflow::rule::TextError>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, TextError> {
        parse::condition(text)
    }
}

impl FromStr for Operand {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        parse::operand(text)
    }
}

/// Reads a condition of a document, which may be data or text.
pub(super) fn data_or_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Condition, D::Error> {
    deserializer.deserialize_any(DataOrText)
}

/// Reads a condition of a document that may be left out.
pub(super) fn maybe_data_or_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Condition>, D::Error> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Given(#[serde(deserialize_with = "data_or_text")] Condition);
    Ok(Option::<Given>::deserialize(deserializer)?.map(|given| given.0))
}

struct DataOrText;

impl<'de> Visitor<'de> for DataOrText {
    type Value = Condition;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a condition as data or as text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Condition, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Condition, A::Error> {
        Condition::deserialize(MapAccessDeserializer::new(map))
    }
}
