//! What many journeys say together: traffic of the stages, conversion, durations, what is open and what is stuck.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::FunnelError;
use super::funnel::{Funnel, StageId, StageKind};
use super::journey::{Journey, MoveKind, Opportunity};
use super::survival::Survival;
use crate::calendar::DayRange;
use crate::key::Key;
use crate::quantity::{Ratio, Sample};

/// When a stage counts as reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// When it was entered itself.
    Entered,
    /// When it, a later open stage or the good end was entered: passing over it is reaching it. The default.
    #[default]
    OrPassed,
}

/// The traffic of one stage within some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageTraffic {
    /// How often it was entered.
    pub entries: u64,
    /// Of these, how often not for the first time.
    pub re_entries: u64,
    /// Of these, how often from a later stage.
    pub backward: u64,
    /// Of these, how often by a move that is not allowed.
    pub not_allowed: u64,
    /// How often it was left.
    pub exits: u64,
    /// How often it was passed over.
    pub skipped: u64,
    /// How many are in it at the end of the days.
    pub open: u64,
}

/// How many of some got from one stage to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageConversion {
    /// How many started.
    pub base: i64,
    /// How many of them got there.
    pub converted: i64,
    /// How many of them may still get there: open, and not yet there.
    pub undecided: i64,
}

impl StageConversion {
    /// Returns the share that got there, of all that started; `None` where none did.
    #[must_use]
    pub fn rate(&self) -> Option<Ratio> {
        Ratio::new(i128::from(self.converted), i128::from(self.base)).ok()
    }

    /// Returns the share that got there, of those for which it is decided.
    #[must_use]
    pub fn decided_rate(&self) -> Option<Ratio> {
        Ratio::new(
            i128::from(self.converted),
            i128::from(self.base.saturating_sub(self.undecided)),
        )
        .ok()
    }
}

/// Something that has been in its stage for longer than its norm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stuck {
    /// The opportunity.
    pub opportunity: Key,
    /// The stage.
    pub stage: Key,
    /// For how many days.
    pub days: i64,
    /// The norm in days.
    pub norm: u32,
}

/// Opportunities with their journeys as of a day, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline<'a> {
    funnel: &'a Funnel,
    as_of: NaiveDate,
    ways: Vec<(&'a Opportunity, Journey)>,
}

impl Funnel {
    /// Returns opportunities with their journeys as of a day.
    ///
    /// # Errors
    /// [`FunnelError::UnknownStage`]; [`FunnelError::Duplicate`] for two opportunities of one name.
    pub fn pipeline<'a>(
        &'a self,
        opportunities: &'a [Opportunity],
        as_of: NaiveDate,
    ) -> Result<Pipeline<'a>, FunnelError> {
        let mut ways = Vec::with_capacity(opportunities.len());
        for opportunity in opportunities {
            ways.push((opportunity, self.journey(opportunity, as_of)?));
        }
        ways.sort_by(|left, right| left.0.key.cmp(&right.0.key));
        for pair in ways.windows(2) {
            if pair[0].0.key == pair[1].0.key {
                return Err(FunnelError::Duplicate {
                    what: "opportunity",
                    key: pair[0].0.key.clone(),
                });
            }
        }
        Ok(Pipeline {
            funnel: self,
            as_of,
            ways,
        })
    }
}

impl<'a> Pipeline<'a> {
    /// Returns the funnel.
    #[must_use]
    pub fn funnel(&self) -> &'a Funnel {
        self.funnel
    }

    /// Returns the day as of which it is told.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// Returns the opportunities with their journeys, by name.
    #[must_use]
    pub fn ways(&self) -> &[(&'a Opportunity, Journey)] {
        &self.ways
    }

    /// Returns the pipeline of only those opportunities for which `of` holds: of one owner, of one product.
    #[must_use]
    pub fn only(&self, of: impl Fn(&Opportunity) -> bool) -> Self {
        let ways = self
            .ways
            .iter()
            .filter(|(opportunity, _)| of(opportunity))
            .cloned()
            .collect();
        Self {
            funnel: self.funnel,
            as_of: self.as_of,
            ways,
        }
    }

    /// Returns those that are in an open stage.
    pub fn open(&self) -> impl Iterator<Item = (&'a Opportunity, &Journey, StageId)> {
        self.ways.iter().filter_map(|(opportunity, journey)| {
            let stage = journey.current()?.stage;
            let open = self.funnel.kind(stage) == Some(StageKind::Open);
            open.then_some((*opportunity, journey, stage))
        })
    }

    /// Returns the traffic of each stage within some days, in declared order.
    #[must_use]
    pub fn traffic(&self, days: DayRange) -> Vec<StageTraffic> {
        let mut traffic = vec![StageTraffic::default(); self.funnel.stages().len()];
        let opens: Vec<StageId> = self
            .funnel
            .stage_ids()
            .filter(|stage| self.funnel.kind(*stage) == Some(StageKind::Open))
            .collect();
        for (_, journey) in &self.ways {
            let mut before: Option<StageId> = None;
            for visit in &journey.visits {
                let own = &mut traffic[visit.stage.index()];
                if days.contains(visit.entered) {
                    own.entries += 1;
                    own.re_entries += u64::from(visit.again);
                    own.backward += u64::from(visit.by == MoveKind::Backward);
                    own.not_allowed += u64::from(!visit.allowed);
                }
                own.exits += u64::from(visit.left.is_some_and(|left| days.contains(left)));
                let stays = visit.left.is_none_or(|left| left >= days.end());
                own.open += u64::from(visit.entered < days.end() && stays);
                if let MoveKind::Skip { over } = visit.by
                    && days.contains(visit.entered)
                {
                    let first = before
                        .and_then(|stage| self.funnel.depth(stage))
                        .map_or(0, |depth| depth + 1);
                    for stage in opens.iter().skip(first).take(over) {
                        traffic[stage.index()].skipped += 1;
                    }
                }
                before = Some(visit.stage);
            }
        }
        traffic
    }

    /// Returns the conversion of a cohort: of those that entered `from` for the first time within some days, how many have
    /// reached `to` since, whenever that was.
    #[must_use]
    pub fn cohort(
        &self,
        from: StageId,
        to: StageId,
        days: DayRange,
        reached: Reached,
    ) -> StageConversion {
        let mut found = StageConversion::default();
        for (_, journey) in &self.ways {
            let started = journey.first_in(from).is_some_and(|day| days.contains(day));
            if started && let Some(one) = self.conversion_of(journey, from, to, reached) {
                found.base += one.base;
                found.converted += one.converted;
                found.undecided += one.undecided;
            }
        }
        found
    }

    /// Returns what became of one journey since it first entered `from`; nothing if it never did.
    pub(super) fn conversion_of(
        &self,
        journey: &Journey,
        from: StageId,
        to: StageId,
        reached: Reached,
    ) -> Option<StageConversion> {
        let start = journey
            .visits
            .iter()
            .position(|visit| visit.stage == from)?;
        let mut later = journey.visits.iter().skip(start + 1);
        let converted = later.any(|visit| self.counts(visit.stage, to, reached));
        let open = journey
            .current()
            .is_some_and(|last| self.funnel.kind(last.stage) == Some(StageKind::Open));
        Some(StageConversion {
            base: 1,
            converted: i64::from(converted),
            undecided: i64::from(open && !converted),
        })
    }

    /// Returns the conversion of a period: how many reached `to` for the first time within some days, beside how many
    /// entered `from` for the first time within the same days. They need not be the same ones, and the share may exceed one.
    #[must_use]
    pub fn period(
        &self,
        from: StageId,
        to: StageId,
        days: DayRange,
        reached: Reached,
    ) -> StageConversion {
        let mut found = StageConversion::default();
        for (_, journey) in &self.ways {
            found.base += i64::from(journey.first_in(from).is_some_and(|day| days.contains(day)));
            let first = journey
                .visits
                .iter()
                .find(|visit| self.counts(visit.stage, to, reached));
            found.converted += i64::from(first.is_some_and(|visit| days.contains(visit.entered)));
        }
        found
    }

    /// Says whether being in a stage counts as having reached another.
    pub(super) fn counts(&self, stage: StageId, wanted: StageId, reached: Reached) -> bool {
        if stage == wanted {
            return true;
        }
        match (reached, self.funnel.depth(wanted), self.funnel.kind(stage)) {
            (Reached::OrPassed, Some(_), Some(StageKind::Won)) => true,
            (Reached::OrPassed, Some(wanted), Some(StageKind::Open)) => {
                self.funnel.depth(stage).is_some_and(|depth| depth > wanted)
            }
            _ => false,
        }
    }

    /// Returns how many days single visits to a stage last, those that still last kept apart.
    #[must_use]
    pub fn stays(&self, stage: StageId) -> Survival {
        let (mut ended, mut open) = (Vec::new(), Vec::new());
        for (_, journey) in &self.ways {
            for visit in journey.visits.iter().filter(|visit| visit.stage == stage) {
                let days = visit.days(self.as_of);
                if visit.left.is_some() {
                    ended.push(days);
                } else {
                    open.push(days);
                }
            }
        }
        Survival::new(&ended, &open)
    }

    /// Returns how many days opportunities spend in a stage in all visits together, those still in it kept apart.
    #[must_use]
    pub fn totals(&self, stage: StageId) -> Survival {
        let (mut ended, mut open) = (Vec::new(), Vec::new());
        for (_, journey) in &self.ways {
            let Some(days) = journey.days_in(stage) else {
                continue;
            };
            let lasts = journey.current().is_some_and(|visit| visit.stage == stage);
            if lasts {
                open.push(days);
            } else {
                ended.push(days);
            }
        }
        Survival::new(&ended, &open)
    }

    /// Returns how many days it took from the first stage to an end of this kind, for those that are there now.
    #[must_use]
    pub fn cycle(&self, end: StageKind) -> Sample {
        self.ways
            .iter()
            .filter_map(|(_, journey)| {
                let last = journey
                    .current()
                    .filter(|last| self.funnel.kind(last.stage) == Some(end))?;
                Some((last.entered - journey.begun()?).num_days())
            })
            .collect()
    }

    /// Returns what has been in its open stage for longer than the stage's norm, the longest over it first, then by name.
    #[must_use]
    pub fn stuck(&self) -> Vec<Stuck> {
        let mut stuck: Vec<Stuck> = self
            .open()
            .filter_map(|(opportunity, journey, stage)| {
                let stage = self.funnel.stages().get(stage.index())?;
                let norm = stage.norm_days?;
                let days = journey.current()?.days(self.as_of);
                let opportunity = opportunity.key.clone();
                (days > i64::from(norm)).then_some(Stuck {
                    opportunity,
                    stage: stage.key.clone(),
                    days,
                    norm,
                })
            })
            .collect();
        stuck.sort_by_key(|one| std::cmp::Reverse(one.days - i64::from(one.norm)));
        stuck
    }
}
