//! One metric of one subject in a review.

use serde::Serialize;

use super::ReviewError;
use crate::calendar::PeriodId;
use crate::key::Key;
use crate::measure::Direction;
use crate::pace::{PaceView, Trajectory};
use crate::panel::Figure;
use crate::quantity::{Quantity, Ratio};
use crate::space::RowId;

/// How a metric stands against its pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaceStatus {
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
    pub reading: Trajectory,
    /// How it stands.
    pub standing: PaceStatus,
}

impl Line {
    pub(super) fn of(
        view: &PaceView<'_>,
        subject: RowId,
        period: PeriodId,
    ) -> Result<Self, ReviewError> {
        let reading = view.reading(subject, period)?;
        let direction = view.direction();
        let standing = match (
            reading.actual.and_then(Figure::value),
            reading.expected.and_then(Figure::value),
        ) {
            (Ok(actual), Ok(expected)) => {
                let behind = match direction {
                    Direction::Larger => Some(actual < expected),
                    Direction::Smaller => Some(actual > expected),
                    Direction::Target | Direction::Neutral => None,
                };
                match behind {
                    Some(true) => PaceStatus::Behind,
                    Some(false) => PaceStatus::OnPace,
                    None => PaceStatus::Unknown,
                }
            }
            _ => PaceStatus::Unknown,
        };
        Ok(Self {
            metric: view.pace().metric().clone(),
            direction,
            reading,
            standing,
        })
    }

    /// Returns by how much the metric is behind its pace, as a positive amount in whole quanta, if it is.
    #[must_use]
    pub fn shortfall(&self) -> Option<Quantity> {
        let gap = self.reading.rounded(self.reading.gap)?;
        match self.standing {
            PaceStatus::Behind => gap
                .units()
                .checked_abs()
                .map(|units| gap.quantum().quantity(units)),
            PaceStatus::OnPace | PaceStatus::Unknown => None,
        }
    }

    /// Returns the exact shortfall as a share of what was expected, if there is one.
    #[must_use]
    pub fn shortfall_share(&self) -> Option<Ratio> {
        if self.standing != PaceStatus::Behind {
            return None;
        }
        let share = self
            .reading
            .gap
            .and_then(Figure::value)
            .ok()?
            .checked_div(self.reading.expected.and_then(Figure::value).ok()?)
            .ok()?;
        if share.is_negative() {
            Ratio::ZERO.checked_sub(share).ok()
        } else {
            Some(share)
        }
    }
}
