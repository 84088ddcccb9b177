//! Steps compiled: the members and periods that nodes are made of, as dense numbers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::days::DaySet;
use super::{CascadeDef, PlanError, Proration, Sources, SplitDef};
use crate::calendar::{DayRange, PeriodSet, refinement};
use crate::key::{Key, unknown};
use crate::measure::Additivity;
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

/// Returns the finest periods of some steps.
pub(super) fn finest(steps: &[Step]) -> Option<&Periods> {
    let periods = steps.iter().filter_map(|step| match &step.split {
        Split::Time(periods) => Some(periods),
        Split::Member { .. } => None,
    });
    periods.max_by_key(|periods| periods.ranges.len())
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

/// The days on which a member has the same ancestors, and these.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Era {
    pub(super) days: DaySet,
    /// Level by level, the ancestor.
    up: Vec<u32>,
}

/// A dimension over the horizon of a plan: every member's ancestor at every level, by day where it changes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Members {
    pub(super) dimension: Key,
    pub(super) keys: Vec<Key>,
    pub(super) levels: Vec<Key>,
    /// The level at which each member stands; none for the unassigned one.
    pub(super) own: Vec<Option<usize>>,
    /// Level by level, the ancestor of each member on the first day that is known.
    up: Vec<Vec<u32>>,
    /// Those who never belong to anybody in a hierarchy by which the plan splits.
    lost: BTreeSet<u32>,
    /// The eras of those members alone who are not in one place throughout; none for who is not there at all.
    eras: BTreeMap<u32, Vec<Era>>,
    by_key: BTreeMap<Key, u32>,
    /// The levels of each hierarchy from the top.
    hierarchies: Vec<Vec<usize>>,
}

impl Members {
    pub(super) fn new(
        dimension: &Dimension,
        horizon: DayRange,
        known: Option<NaiveDate>,
    ) -> Result<Self, PlanError> {
        let day = known.map_or(horizon.start(), |known| known.min(horizon.start()));
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
            eras: BTreeMap::new(),
            lost: BTreeSet::new(),
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

    /// Finds the eras of all members who are not in one place throughout the horizon, as far as the structure is known.
    ///
    /// Of the hierarchies above a member those count whose levels are steps of the plan, else all: it is planned on the days on
    /// which it has a parent in each of these in which it ever has one.
    fn date(&mut self, dimension: &Dimension, steps: &[usize], time: &Time<'_>) {
        let levels: Vec<_> = self
            .levels
            .iter()
            .filter_map(|level| dimension.level(level.as_str()).ok())
            .collect();
        let number = |id: MemberId| u32::try_from(id.index()).unwrap_or(UNASSIGNED);
        let mut found = BTreeMap::new();
        for (member, own) in (0_u32..).zip(&self.own) {
            let (Some(own), Some(id)) = (*own, dimension.find(self.keys[member as usize].as_str()))
            else {
                continue;
            };
            let pieces: Vec<(i32, Vec<u32>)> = dimension
                .stretches(id)
                .map(|(start, placement)| {
                    let up = levels
                        .iter()
                        .map(|level| number(dimension.ancestor(placement, *level)));
                    (start, up.collect())
                })
                .collect();
            if pieces.len() < 2 {
                continue;
            }
            let above: Vec<Vec<usize>> = self.above(own, steps);
            let linked =
                |up: &[u32], levels: &[usize]| levels.iter().any(|level| up[*level] != UNASSIGNED);
            let ever: Vec<&Vec<usize>> = above
                .iter()
                .filter(|levels| pieces.iter().any(|(_, up)| linked(up, levels)))
                .collect();
            let mut eras: Vec<Era> = Vec::new();
            for days in stretches(&pieces, time) {
                let (range, up) = days;
                if range.is_empty() || !ever.iter().all(|levels| linked(up, levels)) {
                    continue;
                }
                let days = DaySet::of(range);
                match eras.iter_mut().find(|era| era.up == *up) {
                    Some(era) => era.days = era.days.union(&days),
                    None => eras.push(Era {
                        days,
                        up: up.clone(),
                    }),
                }
            }
            let all = DaySet::of(time.horizon);
            let still = matches!(&eras[..], [era] if era.days == all);
            if !still {
                found.insert(member, eras);
            }
        }
        self.eras = found;
    }

    /// Finds those who never belong to anybody, or not on the one day that is known, in a hierarchy with a level above them by
    /// which the plan splits.
    fn find_lost(&mut self, dimension: &Dimension, steps: &[usize], moving: bool) {
        let levels: Vec<_> = self
            .levels
            .iter()
            .filter_map(|level| dimension.level(level.as_str()).ok())
            .collect();
        let mut lost = BTreeSet::new();
        for (member, own) in (0_u32..).zip(&self.own) {
            let (Some(own), Some(id)) = (*own, dimension.find(self.keys[member as usize].as_str()))
            else {
                lost.insert(member);
                continue;
            };
            let belongs = |above: &Vec<usize>| {
                let now = |level: &usize| self.ancestor(*level, member) != UNASSIGNED;
                let ever = |level: &usize| {
                    let mut placements = dimension.stretches(id);
                    placements.any(|(_, placement)| {
                        dimension.ancestor(placement, levels[*level]) != MemberId::UNASSIGNED
                    })
                };
                above
                    .iter()
                    .any(|level| now(level) || (moving && ever(level)))
            };
            if !self.above(own, steps).iter().all(belongs) {
                lost.insert(member);
            }
        }
        self.lost = lost;
    }

    /// Says whether a member never belongs to anybody in a hierarchy by which the plan splits.
    pub(super) fn is_lost(&self, member: u32) -> bool {
        self.lost.contains(&member)
    }

    /// Returns the levels above `own` of each hierarchy that counts for whether a member is planned.
    fn above(&self, own: usize, steps: &[usize]) -> Vec<Vec<usize>> {
        let holding = self.hierarchies.iter().filter_map(|levels| {
            let place = levels.iter().position(|level| *level == own)?;
            (place > 0).then(|| levels[..place].to_vec())
        });
        let all: Vec<Vec<usize>> = holding.collect();
        let stepped: Vec<Vec<usize>> = all
            .iter()
            .filter(|levels| levels.iter().any(|level| steps.contains(level)))
            .cloned()
            .collect();
        if !stepped.is_empty() {
            return stepped;
        }
        // No step splits by a level above: whoever belongs anywhere is there.
        let mut any: Vec<usize> = all.concat();
        any.sort_unstable();
        any.dedup();
        if any.is_empty() {
            Vec::new()
        } else {
            vec![any]
        }
    }

    /// Returns how many eras a member has: one for who is in one place throughout, none for who is not planned.
    pub(super) fn eras(&self, member: u32) -> usize {
        self.eras.get(&member).map_or(1, Vec::len)
    }

    /// Returns the days of an era; `None` are all.
    pub(super) fn era_days(&self, member: u32, era: usize) -> Option<&DaySet> {
        Some(&self.eras.get(&member)?.get(era)?.days)
    }

    /// Returns the ancestor in an era.
    pub(super) fn ancestor_in(&self, level: usize, member: u32, era: usize) -> u32 {
        match self.eras.get(&member).and_then(|eras| eras.get(era)) {
            Some(era) => era.up[level],
            None => self.ancestor(level, member),
        }
    }

    /// Returns the ancestor on a day, of who is not there then the nearest one.
    pub(super) fn ancestor_on(&self, level: usize, member: u32, day: NaiveDate) -> u32 {
        let Some(eras) = self.eras.get(&member) else {
            return self.ancestor(level, member);
        };
        let on = |era: &&Era| era.days.ranges().iter().any(|range| range.contains(day));
        let era = eras.iter().find(on).or_else(|| eras.last());
        era.map_or(UNASSIGNED, |era| era.up[level])
    }

    /// Says whether somebody is not in one place throughout.
    pub(super) fn moves(&self) -> bool {
        !self.eras.is_empty()
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

/// The days of a plan, how far its structure is known, and from which day moves count.
struct Time<'a> {
    horizon: DayRange,
    known: Option<NaiveDate>,
    proration: Proration,
    periods: Option<&'a Periods>,
}

/// Returns the days of the horizon in each piece of a member's time, what begins after the last known day left out.
fn stretches<'a>(
    pieces: &'a [(i32, Vec<u32>)],
    time: &'a Time<'_>,
) -> impl Iterator<Item = (DayRange, &'a Vec<u32>)> {
    let begins = |start: i32| {
        // The first piece has held since ever.
        NaiveDate::from_num_days_from_ce_opt(start).unwrap_or(NaiveDate::MIN)
    };
    let (horizon, known) = (time.horizon, time.known);
    let last = pieces
        .partition_point(|(start, _)| known.is_none_or(|known| begins(*start) <= known))
        .max(1);
    let counts = move |start: i32| {
        time.proration
            .counts_from(begins(start), time.periods.map(|own| own.ranges.as_slice()))
    };
    (0..last).filter_map(move |at| {
        let from = if at == 0 {
            horizon.start()
        } else {
            counts(pieces[at].0).max(horizon.start())
        };
        let to = match pieces[..last].get(at + 1) {
            Some((next, _)) => counts(*next).min(horizon.end()),
            None => horizon.end(),
        };
        Some((DayRange::new(from, to).ok()?, &pieces[at].1))
    })
}

/// Returns the steps of a recipe and the dimensions that they use.
pub(super) fn compile(
    def: &CascadeDef,
    sources: &Sources<'_>,
) -> Result<(Vec<Step>, Vec<Members>), PlanError> {
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
                    dimensions.push(Members::new(found, def.horizon, def.membership)?);
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
                (Split::Time(clipped(&set, def.horizon)), name)
            }
        };
        let name = step.name.clone().unwrap_or(name);
        if steps.iter().any(|other| other.name == name) {
            return Err(PlanError::DuplicateStep { step: name });
        }
        steps.push(Step { name, split });
    }
    let moving = moving(def, sources);
    let time = Time {
        horizon: def.horizon,
        known: def.membership,
        proration: def.proration,
        periods: finest(&steps),
    };
    for (number, members) in dimensions.iter_mut().enumerate() {
        let levels = steps.iter().filter_map(|step| match step.split {
            Split::Member { dimension, level } if dimension == number => Some(level),
            _ => None,
        });
        let levels: Vec<usize> = levels.collect();
        let dimension = sources.space.dimension(members.dimension.as_str())?;
        members.find_lost(dimension, &levels, moving);
        if moving {
            members.date(dimension, &levels, &time);
        }
    }
    Ok((steps, dimensions))
}

/// Says whether a plan follows its members by day. A balance belongs to whom its member belongs on its own day, so a stock is
/// planned for those who are there on the first one.
fn moving(def: &CascadeDef, sources: &Sources<'_>) -> bool {
    let measures = sources.measures;
    let measure = measures.require(def.measure.as_str());
    !measure.is_ok_and(|found| measures.own(found).additivity == Additivity::Stock)
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

fn clipped(set: &PeriodSet, horizon: DayRange) -> Periods {
    // Atoms may reach beyond the horizon on both sides; what lies outside it is not planned.
    let set = set.within(horizon);
    let inside = |id| set.range(id).and_then(|range| range.intersection(horizon));
    let ranges = set.ids().filter_map(inside).collect();
    Periods { set, ranges }
}
