//! One metric of one subject in a review.

use serde::Serialize;

use super::ReviewError;
use crate::key::Key;
use crate::measure::Direction;
use crate::pace::{Reading, View};
use crate::panel::Figure;
use crate::quantity::{Quantity, Ratio};

/// How a metric stands against its pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Standing {
    /// At the pace or better.
    OnPace,
    /// Worse than the pace.
    Behind,
    /// There is no figure, no target, no pace yet, or no direction that is good.
    Unknown,
}

/// Target, actual, pace and projection of one metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The metric.
    pub metric: Key,
    /// Which way is good.
    pub direction: Direction,
    /// What the pace says.
    pub reading: Reading,
    /// How it stands.
    pub standing: Standing,
}

impl Line {
    pub(super) fn of(view: &View<'_>, subject: usize, period: usize) -> Result<Self, ReviewError> {
        let reading = view.reading(subject, period)?;
        let direction = view.direction();
        let standing = match (reading.actual.ratio(), reading.expected.ratio()) {
            (Ok(actual), Ok(expected)) => {
                let behind = match direction {
                    Direction::Larger => Some(actual < expected),
                    Direction::Smaller => Some(actual > expected),
                    Direction::Target | Direction::Neutral => None,
                };
                match behind {
                    Some(true) => Standing::Behind,
                    Some(false) => Standing::OnPace,
                    None => Standing::Unknown,
                }
            }
            _ => Standing::Unknown,
        };
        Ok(Self {
            metric: view.pace().metric().clone(),
            direction,
            reading,
            standing,
        })
    }

    /// Returns by how much the metric is behind its pace, as a positive amount, if it is.
    #[must_use]
    pub fn shortfall(&self) -> Option<Quantity> {
        let gap = self.reading.gap.figure().and_then(Figure::amount)?;
        match self.standing {
            Standing::Behind => gap
                .units()
                .checked_abs()
                .map(|units| gap.quantum().quantity(units)),
            Standing::OnPace | Standing::Unknown => None,
        }
    }

    /// Returns the shortfall as a share of what was expected, if there is one.
    #[must_use]
    pub fn shortfall_share(&self) -> Option<Ratio> {
        let shortfall = self.shortfall()?;
        let expected = self.reading.expected.figure()?.amount()?;
        Ratio::new(
            i128::from(shortfall.units()),
            i128::from(expected.units()).abs(),
        )
        .ok()
    }
}
