//! Leaves added up by the structure of each day: a leaf whose member moves is cut where it moves, and one that lies in
//! several periods is cut where they meet.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::calendar::{DayRange, PeriodId, PeriodSet};
use crate::key::Key;
use crate::plan::cascade::Kind;
use crate::plan::days::CellDays;
use crate::plan::frame::SKIPPED;
use crate::plan::rollup::groups::{ASTRIDE, Column32, Cut, Groups, OUTSIDE};
use crate::plan::step::{Split, UNASSIGNED};
use crate::plan::{Frame, NodeId, PlanError, Sheet, Structure};
use crate::space::{Axis, MemberId, SpaceError, Subjects};

/// How leaves find their rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belonging {
    /// Day by day: what adds up over time.
    EachDay,
    /// By the last day of the leaf: balances and ratings.
    LastDay,
}

/// Returns by which days a sheet's leaves find their rows.
pub(super) fn belonging(sheet: &Sheet) -> Belonging {
    match sheet.cascade().kind() {
        Kind::Flow => Belonging::EachDay,
        Kind::Stock(_) | Kind::Rating => Belonging::LastDay,
    }
}

/// The members of one level to which the planned members of one dimension belong, by day.
struct Pieces {
    /// The planned member of every node, level by level.
    members: Column32,
    /// The pieces of planned member `m` are `first[m]..first[m + 1]`.
    first: Vec<usize>,
    /// The day number from which a piece holds, and the member's rank at the level.
    stretches: Vec<(i32, u32)>,
    /// The members of the level by rank, the unassigned one last.
    names: Vec<Key>,
}

impl Pieces {
    fn new(frame: &Frame, axis: &Axis, structure: &Structure<'_>) -> Result<Self, PlanError> {
        let at = frame.dimension(&axis.dimension)?;
        let planned = &frame.dimensions[at];
        let wanted = planned.level(axis.level.as_str())?;
        let members = Column32::inherited(frame, UNASSIGNED, |step, coord| {
            match frame.steps[step].split {
                Split::Member { dimension, level }
                    if dimension == at && planned.reaches(wanted, level) =>
                {
                    Some(coord)
                }
                _ => None,
            }
        });
        let dimension = structure.space.dimension(axis.dimension.as_str())?;
        let level = dimension.level(axis.level.as_str())?;
        let mut names = Vec::new();
        let mut ranks = BTreeMap::new();
        for member in dimension.members(axis.level.as_str())? {
            ranks.insert(member, u32::try_from(names.len()).unwrap_or(ASTRIDE));
            names.push(dimension.key_of(member).clone());
        }
        let nobody = u32::try_from(names.len()).unwrap_or(ASTRIDE);
        names.push(dimension.key_of(MemberId::UNASSIGNED).clone());
        let rank = |member: MemberId| ranks.get(&member).copied().unwrap_or(nobody);
        let mut first = Vec::with_capacity(planned.keys.len() + 1);
        let mut pieces: Vec<(i32, u32)> = Vec::new();
        for key in &planned.keys {
            first.push(pieces.len());
            let Some(member) = dimension.find(key.as_str()) else {
                pieces.push((i32::MIN, nobody));
                continue;
            };
            if let Some(day) = structure.as_of {
                let own = dimension.ancestor(dimension.placement(member, day), level);
                pieces.push((i32::MIN, rank(own)));
                continue;
            }
            let from = pieces.len();
            for (start, placement) in dimension.stretches(member) {
                let own = rank(dimension.ancestor(placement, level));
                let start = counts_from(frame, start, pieces.len() == from);
                // What counts for no day at all gives way to what follows.
                if pieces[from..].last().is_some_and(|last| start <= last.0) {
                    pieces.pop();
                }
                if pieces[from..].last().is_none_or(|last| last.1 != own) {
                    pieces.push((start, own));
                }
            }
        }
        first.push(pieces.len());
        Ok(Self {
            members,
            first,
            stretches: pieces,
            names,
        })
    }

    fn of(&self, level: usize, index: usize) -> &[(i32, u32)] {
        let member = self.members.0[level][index] as usize;
        &self.stretches[self.first[member]..self.first[member + 1]]
    }

    /// Returns the rank on a day.
    fn on(&self, level: usize, index: usize, day: i32) -> u32 {
        let own = self.of(level, index);
        let after = own.partition_point(|(start, _)| *start <= day).max(1);
        own.get(after - 1).map_or(0, |(_, rank)| *rank)
    }
}

/// The leaves of a frame, the levels that are asked for, and the periods.
pub(super) struct ByDay<'a> {
    frame: &'a Frame,
    axes: &'a [Axis],
    periods: &'a PeriodSet,
    by: Vec<Pieces>,
    ranges: Vec<Vec<DayRange>>,
}

/// A leaf, the stretch of its days that counts, and where.
struct Share<'a> {
    level: usize,
    index: usize,
    range: DayRange,
    /// The days of the whole leaf.
    of: CellDays<'a>,
    whole: bool,
    subject: u64,
    period: usize,
}

impl<'a> ByDay<'a> {
    pub(super) fn new(
        frame: &'a Frame,
        horizon: DayRange,
        axes: &'a [Axis],
        periods: &'a PeriodSet,
        structure: &Structure<'_>,
    ) -> Result<Self, PlanError> {
        let by = axes
            .iter()
            .map(|axis| Pieces::new(frame, axis, structure))
            .collect::<Result<Vec<_>, _>>()?;
        let size = by
            .iter()
            .try_fold(periods.len().max(1) as u64, |size, pieces| {
                size.checked_mul(pieces.names.len() as u64)
            });
        if size.is_none_or(|size| size >= u64::from(ASTRIDE)) {
            return Err(PlanError::Space(SpaceError::TooMany {
                what: "combinations of subjects and periods",
                count: size.map_or(usize::MAX, |size| {
                    usize::try_from(size).unwrap_or(usize::MAX)
                }),
                limit: ASTRIDE as usize,
            }));
        }
        Ok(Self {
            frame,
            axes,
            periods,
            by,
            ranges: ranges(frame, horizon),
        })
    }

    /// Calls `with` for every stretch of every leaf that lies in a period.
    fn each(&self, belonging: Belonging, mut with: impl FnMut(Share<'a>)) -> Result<(), PlanError> {
        let mut cuts: Vec<NaiveDate> = Vec::new();
        for (level, own) in self.frame.levels.iter().enumerate() {
            for index in 0..own.len() {
                if !own.children(index).is_empty() {
                    continue;
                }
                let days = self
                    .frame
                    .cell_days(level, index, self.ranges[level][index]);
                let Some(range) = days.hull() else { continue };
                if belonging == Belonging::LastDay {
                    let touched = self.periods.touched(range);
                    let Some(period) = self.holding(range, touched, level, index)? else {
                        continue;
                    };
                    let last = range.end().num_days_from_ce() - 1;
                    let subject = self.subject(level, index, last);
                    with(Share {
                        level,
                        index,
                        range,
                        of: days,
                        whole: true,
                        subject,
                        period,
                    });
                    continue;
                }
                for own in days.ranges() {
                    self.each_stretch((level, index), days, *own, &mut cuts, &mut with);
                }
            }
        }
        Ok(())
    }

    /// Calls `with` for every piece of one stretch of a leaf.
    fn each_stretch(
        &self,
        (level, index): (usize, usize),
        of: CellDays<'a>,
        range: DayRange,
        cuts: &mut Vec<NaiveDate>,
        with: &mut impl FnMut(Share<'a>),
    ) {
        for period in self.periods.touched(range) {
            let Some(inside) = self
                .periods
                .range(PeriodId::at(period))
                .and_then(|period| period.intersection(range))
            else {
                continue;
            };
            self.cut_days(level, index, inside, cuts);
            for days in cuts.windows(2) {
                let Ok(stretch) = DayRange::new(days[0], days[1]) else {
                    continue;
                };
                let first = stretch.start().num_days_from_ce();
                let subject = self.subject(level, index, first);
                with(Share {
                    level,
                    index,
                    range: stretch,
                    of,
                    whole: of.ranges() == [stretch],
                    subject,
                    period,
                });
            }
        }
    }

    /// Returns the one period that holds all of a leaf, none where it lies outside all of them.
    fn holding(
        &self,
        range: DayRange,
        touched: std::ops::Range<usize>,
        level: usize,
        index: usize,
    ) -> Result<Option<usize>, PlanError> {
        let at = touched.start;
        match touched.len() {
            0 => Ok(None),
            1 if self.periods.range(PeriodId::at(at)).is_some_and(|period| {
                period.start() <= range.start() && range.end() <= period.end()
            }) =>
            {
                Ok(Some(at))
            }
            _ => Err(PlanError::NotInPeriod {
                place: self.frame.path(NodeId::new(level, index)),
                set: self.periods.key().clone(),
            }),
        }
    }

    /// Fills in the days at which the days of a leaf are cut, both ends among them.
    fn cut_days(&self, level: usize, index: usize, inside: DayRange, cuts: &mut Vec<NaiveDate>) {
        cuts.clear();
        cuts.push(inside.start());
        let (first, end) = (
            inside.start().num_days_from_ce(),
            inside.end().num_days_from_ce(),
        );
        for pieces in &self.by {
            for (start, _) in pieces.of(level, index) {
                if first < *start && *start < end {
                    cuts.extend(NaiveDate::from_num_days_from_ce_opt(*start));
                }
            }
        }
        cuts.push(inside.end());
        cuts.sort_unstable();
        cuts.dedup();
    }

    fn subject(&self, level: usize, index: usize, day: i32) -> u64 {
        self.by.iter().fold(0, |key, pieces| {
            key * pieces.names.len() as u64 + u64::from(pieces.on(level, index, day))
        })
    }

    /// Returns the rows that have leaves in any of these ways, in declared order.
    pub(super) fn subjects(&self, ways: &[Belonging]) -> Result<(Subjects, Vec<u64>), PlanError> {
        let mut present = Vec::new();
        for way in ways {
            let mut last = None;
            self.each(*way, |share| {
                if last != Some(share.subject) {
                    last = Some(share.subject);
                    present.push(share.subject);
                }
            })?;
        }
        present.sort_unstable();
        present.dedup();
        if self.axes.is_empty() {
            return Ok((Subjects::whole(), vec![0]));
        }
        let rows = present.iter().map(|key| {
            let mut rest = *key;
            let mut row: Vec<Key> = Vec::with_capacity(self.by.len());
            for pieces in self.by.iter().rev() {
                let count = pieces.names.len() as u64;
                let at = usize::try_from(rest % count).unwrap_or(0);
                row.push(pieces.names[at].clone());
                rest /= count;
            }
            row.reverse();
            row
        });
        Ok((Subjects::rows(self.axes.to_vec(), rows.collect())?, present))
    }

    /// Returns the cells of all leaves over these rows.
    pub(super) fn groups(
        &self,
        belonging: Belonging,
        subjects: &Subjects,
        present: &[u64],
    ) -> Result<Groups<'a>, PlanError> {
        let mut cells: Vec<Vec<u32>> = self
            .frame
            .levels
            .iter()
            .map(|level| vec![OUTSIDE; level.len()])
            .collect();
        let mut cuts = Vec::new();
        let count = subjects.len();
        let mut last = (u64::MAX, 0);
        self.each(belonging, |share| {
            if last.0 != share.subject {
                last = (
                    share.subject,
                    present.binary_search(&share.subject).unwrap_or_default(),
                );
            }
            let cell = u32::try_from(share.period * count + last.1).unwrap_or(OUTSIDE);
            if share.whole {
                cells[share.level][share.index] = cell;
            } else {
                cuts.push(Cut {
                    level: share.level,
                    index: share.index,
                    stretch: share.range,
                    of: share.of,
                    cell,
                });
            }
        })?;
        Ok(Groups {
            subjects: subjects.clone(),
            periods: self.periods.len(),
            cells,
            cuts,
        })
    }
}

/// Returns the day from which a stretch of membership counts; the first one has held since ever.
pub(super) fn counts_from(frame: &Frame, start: i32, first: bool) -> i32 {
    match NaiveDate::from_num_days_from_ce_opt(start).filter(|_| !first) {
        Some(day) => frame.counts_from(day).num_days_from_ce(),
        None => start,
    }
}

/// Returns the days of every node: those of its period, or of the horizon above the first period.
fn ranges(frame: &Frame, horizon: DayRange) -> Vec<Vec<DayRange>> {
    let mut ranges = vec![vec![horizon]];
    for (step, pair) in frame.levels.windows(2).enumerate() {
        let periods = frame.periods(step);
        let above = &ranges[step];
        let mut own = Vec::with_capacity(pair[1].len());
        for (node, above) in above.iter().enumerate() {
            for coord in &pair[1].coords[pair[0].children(node)] {
                let range = periods
                    .filter(|_| *coord != SKIPPED)
                    .and_then(|periods| periods.ranges.get(*coord as usize));
                own.push(range.copied().unwrap_or(*above));
            }
        }
        ranges.push(own);
    }
    ranges
}
