//! The way of one opportunity through the stages.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::FunnelError;
use super::funnel::{Funnel, StageId, StageKind};
use crate::key::Key;

/// A record that an opportunity entered a stage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageEntry {
    /// On which day.
    pub day: NaiveDate,
    /// Its place among entries of the same day, as the host entered them.
    #[serde(default)]
    pub sequence: u64,
    /// Which stage.
    pub stage: Key,
}

/// An opportunity with the stages that it entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opportunity {
    /// The name.
    pub key: Key,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Key>,
    /// What it is worth, in quanta of the host's measure.
    #[serde(default)]
    pub value: i64,
    /// When its owner expects it to close.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<NaiveDate>,
    /// The stages that it entered, in any order.
    pub entries: Vec<StageEntry>,
}

/// One stay of an opportunity in a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Visit {
    /// The stage, by the id that its funnel gives it.
    #[serde(skip)]
    pub stage: StageId,
    /// The stage.
    #[serde(rename = "stage")]
    pub name: Key,
    /// The day of entry.
    pub entered: NaiveDate,
    /// The day on which it was left, unless it still lasts.
    pub left: Option<NaiveDate>,
    /// How it was entered.
    pub by: MoveKind,
    /// Whether the stage had been entered before.
    pub again: bool,
    /// Whether the move was allowed; the first entry is.
    pub allowed: bool,
}

/// How a stage was entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MoveKind {
    /// As the first one.
    Entry,
    /// From the open stage just before it, or into the good end from the last open stage.
    Forward,
    /// From further back: so many open stages were passed over, those before the first entry included.
    Skip {
        /// How many.
        over: usize,
    },
    /// From a later open stage.
    Backward,
    /// Into the bad end.
    Loss,
    /// Out of an end.
    Reopened,
}

/// The way of an opportunity as of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Journey {
    /// The stays, in the order of time.
    pub visits: Vec<Visit>,
    /// The day as of which it is told.
    pub as_of: NaiveDate,
}

impl Funnel {
    /// Returns the way of an opportunity as of a day: entries after that day are not yet known, and entering the stage in
    /// which it is already changes nothing.
    ///
    /// # Errors
    /// [`FunnelError::UnknownStage`].
    pub fn journey(
        &self,
        opportunity: &Opportunity,
        as_of: NaiveDate,
    ) -> Result<Journey, FunnelError> {
        let mut entries: Vec<&StageEntry> = opportunity
            .entries
            .iter()
            .filter(|entry| entry.day <= as_of)
            .collect();
        entries.sort();
        let mut visits: Vec<Visit> = Vec::with_capacity(entries.len());
        for entry in entries {
            let stage = self.require(entry.stage.as_str())?;
            let before = visits.last().map(|visit| visit.stage);
            if before == Some(stage) {
                continue;
            }
            let again = visits.iter().any(|visit| visit.stage == stage);
            if let Some(last) = visits.last_mut() {
                last.left = Some(entry.day);
            }
            visits.push(Visit {
                stage,
                name: entry.stage.clone(),
                entered: entry.day,
                left: None,
                by: self.kind_of_move(before, stage),
                again,
                allowed: before.is_none_or(|before| self.allows(before, stage)),
            });
        }
        Ok(Journey { visits, as_of })
    }

    fn kind_of_move(&self, from: Option<StageId>, to: StageId) -> MoveKind {
        let stages = self
            .stages()
            .iter()
            .filter(|stage| stage.kind == StageKind::Open)
            .count();
        // The good end lies just after the last open stage.
        let depth = match self.kind(to) {
            Some(StageKind::Won) => stages,
            Some(StageKind::Lost) | None => {
                return if from.is_none() {
                    MoveKind::Entry
                } else {
                    MoveKind::Loss
                };
            }
            Some(StageKind::Open) => self.depth(to).unwrap_or(0),
        };
        let Some(from) = from else {
            return if depth == 0 {
                MoveKind::Entry
            } else {
                MoveKind::Skip { over: depth }
            };
        };
        let Some(start) = self.depth(from) else {
            return MoveKind::Reopened;
        };
        if depth == start + 1 {
            MoveKind::Forward
        } else if depth > start {
            MoveKind::Skip {
                over: depth - start - 1,
            }
        } else {
            MoveKind::Backward
        }
    }
}

impl Visit {
    /// Returns how many days the stay lasted, up to `as_of` when it still lasts.
    #[must_use]
    pub fn days(&self, as_of: NaiveDate) -> i64 {
        (self.left.unwrap_or(as_of) - self.entered).num_days()
    }
}

impl Journey {
    /// Returns the stay that still lasts, unless nothing was entered.
    #[must_use]
    pub fn current(&self) -> Option<&Visit> {
        self.visits.last()
    }

    /// Returns the first day in any stage.
    #[must_use]
    pub fn begun(&self) -> Option<NaiveDate> {
        self.visits.first().map(|visit| visit.entered)
    }

    /// Returns the first day in this stage.
    #[must_use]
    pub fn first_in(&self, stage: StageId) -> Option<NaiveDate> {
        self.visits
            .iter()
            .find(|visit| visit.stage == stage)
            .map(|visit| visit.entered)
    }

    /// Returns how many days were spent in this stage in all its visits together; `None` if it was never entered.
    #[must_use]
    pub fn days_in(&self, stage: StageId) -> Option<i64> {
        let own = self.visits.iter().filter(|visit| visit.stage == stage);
        own.map(|visit| visit.days(self.as_of))
            .reduce(|sum, days| sum + days)
    }
}
