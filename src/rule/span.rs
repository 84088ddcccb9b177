//! Spans: how many periods.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::calendar::{Grain, PeriodId, PeriodSet};

/// A number of periods of the panel.
///
/// Documents write the number alone (`3`), or the number with the grain that the panel's periods are expected to have
/// (`{"count": 3, "grain": "week"}`): three weeks are then never taken for three months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "SpanDocument")]
pub struct Span {
    /// How many.
    pub count: u16,
    /// Of what length; any where there is none.
    pub grain: Option<Grain>,
}

impl Span {
    /// The longest span that a rule may look back.
    pub const MAX: u16 = 400;

    /// Returns so many periods of any length.
    #[must_use]
    pub fn periods(count: u16) -> Self {
        Self { count, grain: None }
    }

    /// Returns so many periods of this length.
    #[must_use]
    pub fn of(count: u16, grain: Grain) -> Self {
        Self {
            count,
            grain: Some(grain),
        }
    }

    /// Says whether all periods of the set are as long as this span's grain.
    ///
    /// A month is 28 to 35 days long, so that retail months are months; a quarter, half and year three, six and twelve
    /// times that, within the usual leap days and weeks.
    #[must_use]
    pub fn fits(self, periods: &PeriodSet) -> bool {
        let Some(grain) = self.grain else { return true };
        let days = match grain {
            Grain::Day => 1..=1,
            Grain::Week => 7..=7,
            Grain::Month => 28..=35,
            Grain::Quarter => 84..=98,
            Grain::Half => 175..=190,
            Grain::Year => 350..=378,
        };
        (0..periods.len()).all(|at| {
            periods
                .range(PeriodId::at(at))
                .is_some_and(|range| days.contains(&range.days()))
        })
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::periods(1)
    }
}

impl From<u16> for Span {
    fn from(count: u16) -> Self {
        Self::periods(count)
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum SpanDocument {
    Count(u16),
    Grained(Grained),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Grained {
    count: u16,
    grain: Grain,
}

// By hand, so that an error says what is wrong with the form that was meant and not that it is neither.
impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpanVisitor)
    }
}

struct SpanVisitor;

impl<'de> Visitor<'de> for SpanVisitor {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of periods such as 3, or one with a grain such as {\"count\": 3, \"grain\": \"week\"}")
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<Span, E> {
        u16::try_from(count)
            .map(Span::periods)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(count), &self))
    }

    fn visit_i64<E: de::Error>(self, count: i64) -> Result<Span, E> {
        u16::try_from(count)
            .map(Span::periods)
            .map_err(|_| E::invalid_value(Unexpected::Signed(count), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Span, A::Error> {
        let Grained { count, grain } = Grained::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Span::of(count, grain))
    }
}

impl From<Span> for SpanDocument {
    fn from(span: Span) -> Self {
        match span.grain {
            None => Self::Count(span.count),
            Some(grain) => Self::Grained(Grained {
                count: span.count,
                grain,
            }),
        }
    }
}
