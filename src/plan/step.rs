//! Steps compiled: the members and periods that nodes are made of, as dense numbers.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{CascadeDef, PlanError, Sources, SplitDef};
use crate::calendar::{DayRange, PeriodSet, refinement};
use crate::key::{Key, unknown};
use crate::space::{Dimension, MemberId, SpaceError};

/// The number of the unassigned member of every dimension.
pub(super) const UNASSIGNED: u32 = 0;

/// A step of the cascade.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) name: Key,
    pub(super) split: Split,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Split {
    /// By members: the number of the dimension among those of the frame, and of the level in it.
    Member { dimension: usize, level: usize },
    /// By periods.
    Time(Periods),
}

/// The periods of a step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Periods {
    pub(super) set: PeriodSet,
    /// The days of each period inside the horizon.
    pub(super) ranges: Vec<DayRange>,
}

impl Periods {
    /// Returns the ordinal of the period whose days inside the horizon hold all of `range`.
    pub(super) fn holding(&self, range: DayRange) -> Option<u32> {
        let at = self
            .ranges
            .partition_point(|own| own.end() <= range.start());
        let own = self.ranges.get(at)?;
        (own.start() <= range.start() && range.end() <= own.end())
            .then(|| u32::try_from(at).ok())
            .flatten()
    }
}

/// A dimension as of one day: every member's ancestor at every level.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Members {
    pub(super) dimension: Key,
    pub(super) keys: Vec<Key>,
    pub(super) levels: Vec<Key>,
    /// The level at which each member stands; none for the unassigned one.
    pub(super) own: Vec<Option<usize>>,
    /// Level by level, the ancestor of each member.
    up: Vec<Vec<u32>>,
    by_key: BTreeMap<Key, u32>,
    /// The levels of each hierarchy from the top.
    hierarchies: Vec<Vec<usize>>,
}

impl Members {
    pub(super) fn new(dimension: &Dimension, day: NaiveDate) -> Result<Self, PlanError> {
        let count = dimension.len();
        let levels: Vec<Key> = dimension.levels().cloned().collect();
        let mut ids = vec![MemberId::UNASSIGNED; count];
        for level in &levels {
            for id in dimension.members(level.as_str())? {
                ids[id.index()] = id;
            }
        }
        let number = |id: MemberId| u32::try_from(id.index()).unwrap_or(UNASSIGNED);
        let mut up = Vec::with_capacity(levels.len());
        for level in &levels {
            let level = dimension.level(level.as_str())?;
            let above =
                |id: &MemberId| number(dimension.ancestor(dimension.placement(*id, day), level));
            up.push(ids.iter().map(above).collect());
        }
        let definition = dimension.definition();
        let place = |key: &Key| levels.iter().position(|level| level == key).unwrap_or(0);
        let own = ids.iter().map(|id| {
            let level = dimension.level_of(*id)?;
            dimension.level_key(level).map(place)
        });
        Ok(Self {
            dimension: dimension.key().clone(),
            keys: ids.iter().map(|id| dimension.key_of(*id).clone()).collect(),
            own: own.collect(),
            up,
            by_key: ids
                .iter()
                .map(|id| (dimension.key_of(*id).clone(), number(*id)))
                .collect(),
            hierarchies: definition
                .hierarchies
                .iter()
                .map(|hierarchy| hierarchy.levels.iter().map(place).collect())
                .collect(),
            levels,
        })
    }

    pub(super) fn level(&self, key: &str) -> Result<usize, PlanError> {
        let found = self.levels.iter().position(|level| level == key);
        found.ok_or_else(|| {
            let (name, nearest, known) = unknown(key, self.levels.iter().map(Key::as_str));
            PlanError::Space(SpaceError::UnknownLevel {
                dimension: self.dimension.clone(),
                name,
                nearest,
                known,
            })
        })
    }

    pub(super) fn member(&self, key: &str) -> Result<u32, PlanError> {
        self.by_key.get(key).copied().ok_or_else(|| {
            let (name, nearest, known) = unknown(key, self.keys.iter().map(Key::as_str));
            PlanError::Space(SpaceError::UnknownMember {
                dimension: self.dimension.clone(),
                name,
                nearest,
                known,
            })
        })
    }

    /// Returns the member at `level` to which `member` belongs.
    pub(super) fn ancestor(&self, level: usize, member: u32) -> u32 {
        self.up[level][member as usize]
    }

    /// Says whether `upper` is `lower` or stands above it in some hierarchy.
    pub(super) fn reaches(&self, upper: usize, lower: usize) -> bool {
        self.hierarchies.iter().any(|levels| {
            let place = |wanted: usize| levels.iter().position(|level| *level == wanted);
            matches!((place(upper), place(lower)), (Some(up), Some(low)) if up <= low)
        })
    }

    /// Returns the members of a level in declared order.
    pub(super) fn at_level(&self, level: usize) -> impl Iterator<Item = u32> + '_ {
        (0_u32..)
            .zip(&self.own)
            .filter(move |(_, own)| **own == Some(level))
            .map(|(member, _)| member)
    }
}

/// Returns the steps of a recipe and the dimensions that they use.
pub(super) fn compile(
    def: &CascadeDef,
    sources: &Sources<'_>,
) -> Result<(Vec<Step>, Vec<Members>), PlanError> {
    let day = def.membership.unwrap_or_else(|| def.horizon.start());
    let mut dimensions: Vec<Members> = Vec::new();
    let mut steps: Vec<Step> = Vec::new();
    for step in &def.steps {
        let (split, name) = match &step.by {
            SplitDef::Member(axis) => {
                let known = dimensions
                    .iter()
                    .position(|members| members.dimension == axis.dimension);
                let dimension = if let Some(known) = known {
                    known
                } else {
                    let found = sources.space.dimension(axis.dimension.as_str())?;
                    dimensions.push(Members::new(found, day)?);
                    dimensions.len() - 1
                };
                let level = dimensions[dimension].level(axis.level.as_str())?;
                (Split::Member { dimension, level }, axis.level.clone())
            }
            periods => {
                let set = period_set(periods, def.horizon, sources)?;
                let name = match periods {
                    SplitDef::Grain(grain) => Key::new(grain.name())?,
                    _ => set.key().clone(),
                };
                (Split::Time(clipped(&set, def.horizon)?), name)
            }
        };
        let name = step.name.clone().unwrap_or(name);
        if steps.iter().any(|other| other.name == name) {
            return Err(PlanError::DuplicateStep { step: name });
        }
        steps.push(Step { name, split });
    }
    Ok((steps, dimensions))
}

/// Returns the periods that a document means, those with a day in the horizon.
pub(super) fn period_set(
    def: &SplitDef,
    horizon: DayRange,
    sources: &Sources<'_>,
) -> Result<PeriodSet, PlanError> {
    match def {
        SplitDef::Member(axis) => Err(PlanError::NotPeriods { axis: axis.clone() }),
        SplitDef::Grain(grain) => {
            let calendar = sources
                .calendar
                .ok_or(PlanError::NoCalendar { grain: *grain })?;
            Ok(calendar.periods(*grain, horizon.start(), horizon.end())?)
        }
        SplitDef::Set(key) => {
            let known = || sources.sets.keys().map(Key::as_str);
            let set = sources.sets.get(key).ok_or_else(|| {
                let (name, nearest, known) = unknown(key.as_str(), known());
                PlanError::UnknownSource {
                    what: "period set",
                    name,
                    nearest,
                    known,
                }
            })?;
            Ok(set.within(horizon))
        }
        SplitDef::Atoms(parts) => {
            let mut sets = parts.iter().map(|part| period_set(part, horizon, sources));
            let first = sets.next().ok_or(PlanError::NoAtoms)??;
            sets.try_fold(first, |atoms, set| {
                Ok(refinement(&atoms, &set?)?.into_parts().0)
            })
        }
    }
}

fn clipped(set: &PeriodSet, horizon: DayRange) -> Result<Periods, PlanError> {
    // Atoms may reach beyond the horizon on both sides; what lies outside it is not planned.
    let set = set.within(horizon);
    let inside = |id| set.range(id).and_then(|range| range.intersection(horizon));
    let ranges = set.ids().filter_map(inside).collect();
    Ok(Periods { set, ranges })
}
