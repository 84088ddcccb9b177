//! A gap that is carried forward: how much of it goes where, and what keeps the rest.

use std::fmt;

use serde::Serialize;

use super::Place;
use crate::key::Key;
use crate::quantity::Quantity;

/// The gap of one place, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CarriedGap {
    /// The place.
    pub at: Place,
    /// What was targeted on the days of which something is known.
    pub target: Quantity,
    /// What was reached on them.
    pub reached: Quantity,
    /// The target less what was reached; what follows is of it.
    pub gap: Quantity,
    /// What the place itself carries.
    pub carried: Quantity,
    /// What others take.
    pub given: Quantity,
    /// What nobody takes. Of a gap that is not asked to be carried nothing is.
    pub left: Quantity,
    /// What kept it from carrying more, where it did not carry all.
    pub limits: Vec<CarryLimit>,
}

/// What keeps a place from carrying more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CarryLimit {
    /// The period of the place; all of it when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Key>,
    /// What it is.
    pub why: WhyLimited,
}

/// Why no more is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhyLimited {
    /// The edit allows no more.
    Capped,
    /// Something there is held.
    Held,
    /// It is closed.
    Closed,
    /// The recipe allows no more, or it would go below zero.
    Bounded,
    /// It has no weight by which it would take part.
    NoWeight,
    /// What is left is no whole lot.
    Lots,
    /// No period is left.
    NothingLeft,
}

impl CarryLimit {
    pub(super) fn new(period: Option<Key>, why: WhyLimited) -> Self {
        Self { period, why }
    }
}

impl fmt::Display for WhyLimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Capped => "capped",
            Self::Held => "held",
            Self::Closed => "closed",
            Self::Bounded => "at its bound",
            Self::NoWeight => "without weight",
            Self::Lots => "no whole lot",
            Self::NothingLeft => "no period is left",
        })
    }
}

impl fmt::Display for CarryLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.period {
            Some(period) => write!(f, "{period} is {}", self.why),
            None => write!(f, "{}", self.why),
        }
    }
}

impl fmt::Display for CarriedGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            at,
            target,
            reached,
            ..
        } = self;
        write!(f, "{at}: {target} targeted, {reached} reached, ")?;
        let quantum = self.gap.quantum();
        let size = |amount: Quantity| quantum.quantity(amount.units().saturating_abs());
        match self.gap.units() {
            0 => return f.write_str("no gap"),
            units if units > 0 => write!(f, "{} short", size(self.gap))?,
            _ => write!(f, "{} beyond", size(self.gap))?,
        }
        let parts = [
            (self.carried, "carried"),
            (self.given, "given to others"),
            (self.left, "left"),
        ];
        let parts = parts.iter().filter(|(amount, _)| amount.units() != 0);
        let parts: Vec<String> = parts
            .map(|(amount, what)| format!("{} {what}", size(*amount)))
            .collect();
        if parts.is_empty() {
            return f.write_str(", which stay");
        }
        write!(f, ": {}", parts.join(", "))?;
        if !self.limits.is_empty() {
            let limits: Vec<String> = self.limits.iter().map(ToString::to_string).collect();
            write!(f, " ({})", limits.join(", "))?;
        }
        Ok(())
    }
}
