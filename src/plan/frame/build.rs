//! Building a frame: every dimension, or every group of dimensions whose combinations are listed, is a sorted list of
//! rows of members, one column for each step; a node holds a run of rows of each group, and splitting it at a step
//! cuts the run where the step's column changes. Time is a group like the others.

use super::{Frame, Level, Members, SKIPPED, Split, Step, UNASSIGNED};
use std::collections::BTreeMap;

use crate::calendar::PeriodId;
use crate::limits::{Limits, Size};
use crate::plan::days::{ALL_DAYS, DaySet, DaySets, NodeDays};
use crate::plan::step::{Periods, compile};
use crate::plan::{ActivityDef, CascadeDef, EmptyLevel, NodeId, PlanError, Sources};
use crate::space::{RowId, Subjects, Unassigned};

/// What stands in a row below the level at which its member stands.
const BELOW: u32 = u32::MAX;

/// Rows of members over some steps.
struct Group {
    /// The steps, from the top.
    steps: Vec<usize>,
    /// Row by row, the member at each step.
    coords: Vec<u32>,
    /// The numbers of the rows, sorted; runs of it are what nodes hold.
    order: Vec<u32>,
    /// Row by row, the set of its days, where some row does not have all.
    days: Option<Vec<u32>>,
}

/// Members over some steps, and the set of the days on which they are planned.
type Row = (Vec<u32>, u32);

/// Steps, and rows of members over them.
type RowsOver = (Vec<usize>, Vec<Row>);

impl Group {
    fn new(steps: Vec<usize>, mut dated: Vec<Row>, sets: &mut DaySets) -> Result<Self, PlanError> {
        dated.sort_unstable();
        let mut rows: Vec<Vec<u32>> = Vec::with_capacity(dated.len());
        let mut days: Vec<u32> = Vec::with_capacity(dated.len());
        for (row, set) in dated {
            if let Some(last) = days.last_mut().filter(|_| rows.last() == Some(&row)) {
                *last = sets.union(*last, set);
            } else {
                rows.push(row);
                days.push(set);
            }
        }
        let all = days.iter().all(|set| *set == ALL_DAYS);
        let count = u32::try_from(rows.len()).map_err(|_| PlanError::TooManyNodes {
            step: None,
            limit: Frame::MAX_NODES,
        })?;
        Ok(Self {
            steps,
            coords: rows.concat(),
            order: (0..count).collect(),
            days: (!all).then_some(days),
        })
    }

    fn coord(&self, row: u32, column: usize) -> u32 {
        self.coords[row as usize * self.steps.len() + column]
    }

    /// Returns the set of the days on which some row of a run is planned.
    fn days_of(&self, run: Run, sets: &mut DaySets) -> u32 {
        let Some(days) = &self.days else {
            return ALL_DAYS;
        };
        let mut rows = self.order[run.start as usize..run.end as usize]
            .iter()
            .map(|row| days[*row as usize]);
        let first = rows.next().unwrap_or(ALL_DAYS);
        rows.fold(first, |all, own| sets.union(all, own))
    }

    /// Counts the different rows of the first columns.
    fn prefixes(&self, columns: usize) -> usize {
        let width = self.steps.len();
        let prefix = |row: u32| {
            let start = row as usize * width;
            &self.coords[start..start + columns]
        };
        let pairs = self.order.windows(2);
        let changes = pairs
            .filter(|pair| prefix(pair[0]) != prefix(pair[1]))
            .count();
        changes + usize::from(!self.order.is_empty())
    }

    /// Copies the rows of a run, sorted as if the columns up to `column` were not there.
    fn resorted(&mut self, run: Run, column: usize) -> Run {
        let mut rows = self.order[run.start as usize..run.end as usize].to_vec();
        let width = self.steps.len();
        let tail = |row: &u32| {
            let start = *row as usize * width;
            &self.coords[start + column + 1..start + width]
        };
        rows.sort_by(|a, b| tail(a).cmp(tail(b)));
        let start = self.order.len();
        self.order.extend(rows);
        Run::new(start, self.order.len())
    }
}

/// A run of the order of a group.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: u32,
    end: u32,
}

impl Run {
    fn new(start: usize, end: usize) -> Self {
        let narrow = |place| u32::try_from(place).unwrap_or(u32::MAX);
        Self {
            start: narrow(start),
            end: narrow(end),
        }
    }
}

/// A branch that leaves steps out.
struct Branch {
    /// The steps and members that it is at, from the top.
    at: Vec<(usize, u32)>,
    keeps: Vec<bool>,
}

pub(super) fn frame(def: &CascadeDef, sources: &Sources<'_>) -> Result<Frame, PlanError> {
    if def.steps.len() > Frame::MAX_STEPS {
        return Err(PlanError::TooManySteps {
            steps: def.steps.len(),
            limit: Frame::MAX_STEPS,
        });
    }
    let (steps, dimensions) = compile(def, sources)?;
    let frame = Frame {
        steps,
        dimensions,
        levels: Vec::new(),
        horizon: def.horizon,
        proration: def.proration,
        planned: None,
        ended: Vec::new(),
    };
    let mut sets = DaySets::new(def.horizon);
    let groups = groups(&frame, def, sources, &mut sets)?;
    let branches = branches(&frame, def)?;
    if branches.is_empty() && !sources.made_before {
        sources
            .limits
            .check(Size::Nodes, most_nodes(&frame, &groups))?;
    }
    Builder {
        limits: sources.limits,
        nodes: 1,
        def,
        frame,
        groups,
        branches,
        sets,
    }
    .build()
}

fn branches(frame: &Frame, def: &CascadeDef) -> Result<Vec<Branch>, PlanError> {
    let mut branches = Vec::new();
    for depth in &def.depth {
        let mut keeps = vec![false; frame.steps.len()];
        for name in &depth.steps {
            keeps[frame.step(name.as_str())?] = true;
        }
        let at = frame.coords_of(&depth.at)?;
        branches.push(Branch { at, keeps });
    }
    Ok(branches)
}

fn groups(
    frame: &Frame,
    def: &CascadeDef,
    sources: &Sources<'_>,
    sets: &mut DaySets,
) -> Result<Vec<Group>, PlanError> {
    let mut groups = Vec::new();
    let mut listed = vec![false; frame.dimensions.len()];
    let activity = Activity::new(frame, def)?;
    let mut spent = vec![false; activity.0.len()];
    if let Some(combinations) = &sources.combinations {
        let found = listed_rows(frame, combinations, def.unassigned, &mut listed, sets)?;
        if let Some((steps, rows)) = found {
            let rows = activity.cut(&steps, rows, sets, &mut spent);
            groups.push(Group::new(steps, rows, sets)?);
        }
    }
    for (dimension, members) in frame.dimensions.iter().enumerate() {
        if !listed[dimension] {
            let steps = steps_of(frame, dimension);
            let rows = member_rows(frame, members, &steps, def.unassigned, sets);
            let rows = activity.cut(&steps, rows, sets, &mut spent);
            groups.push(Group::new(steps, rows, sets)?);
        }
    }
    if let Some(lost) = spent.iter().position(|spent| !spent) {
        return Err(PlanError::ActivityPlace {
            place: def.activity[lost].at.clone(),
        });
    }
    let time: Vec<usize> = (0..frame.steps.len())
        .filter(|step| frame.periods(*step).is_some())
        .collect();
    if !time.is_empty() {
        let dated = groups.iter().any(|group| group.days.is_some());
        let rows = time_rows(frame, &time)?;
        let rows = rows.into_iter().map(|(row, range)| {
            let set = if dated {
                sets.number(DaySet::of(range))
            } else {
                ALL_DAYS
            };
            (row, set)
        });
        let rows = rows.collect();
        groups.push(Group::new(time, rows, sets)?);
    }
    Ok(groups)
}

/// The days on which members are planned, as the recipe states them.
struct Activity(Vec<(Vec<(usize, u32)>, DaySet)>);

impl Activity {
    fn new(frame: &Frame, def: &CascadeDef) -> Result<Self, PlanError> {
        let read = |own: &ActivityDef| {
            let at = frame.coords_of(&own.at)?;
            if at.is_empty() || at.iter().any(|(step, _)| frame.periods(*step).is_some()) {
                return Err(PlanError::ActivityPlace {
                    place: own.at.clone(),
                });
            }
            let counted = |day: Option<chrono::NaiveDate>| day.map(|day| frame.counts_from(day));
            let from = counted(own.from).unwrap_or(def.horizon.start());
            let until = counted(own.until).unwrap_or(def.horizon.end());
            if let (Some(from), Some(until)) = (own.from, own.until)
                && until <= from
            {
                return Err(PlanError::ActivityReversed {
                    place: own.at.clone(),
                    from,
                    until,
                });
            }
            let days = if from < until {
                DaySet::of(crate::calendar::DayRange::new(from, until)?)
            } else {
                DaySet::default()
            };
            Ok((at, days.intersection(&DaySet::of(def.horizon))))
        };
        def.activity
            .iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Cuts the days of the rows over these steps to those that are stated for them.
    fn cut(
        &self,
        steps: &[usize],
        mut rows: Vec<Row>,
        sets: &mut DaySets,
        spent: &mut [bool],
    ) -> Vec<Row> {
        for ((at, days), spent) in self.0.iter().zip(spent) {
            let columns: Option<Vec<(usize, u32)>> = at
                .iter()
                .map(|(step, coord)| Some((steps.iter().position(|own| own == step)?, *coord)))
                .collect();
            let Some(columns) = columns else { continue };
            *spent = true;
            let days = sets.number(days.clone());
            for (row, set) in &mut rows {
                if columns.iter().all(|(column, coord)| row[*column] == *coord) {
                    *set = sets.intersection(*set, days);
                }
            }
        }
        rows.retain(|(_, set)| !sets.get(*set).is_empty());
        rows
    }
}

fn steps_of(frame: &Frame, wanted: usize) -> Vec<usize> {
    let over = |step: &Step| match step.split {
        Split::Member { dimension, .. } => dimension == wanted,
        Split::Time(_) => false,
    };
    let steps = frame.steps.iter().enumerate();
    steps
        .filter(|(_, step)| over(step))
        .map(|(index, _)| index)
        .collect()
}

/// A step over a dimension whose members are listed in combinations.
struct ListedStep {
    step: usize,
    axis: usize,
    dimension: usize,
    /// The level of the step, and the one of the axis below it.
    level: usize,
    lowest: usize,
}

/// One row for each combination and each time in which its members belong to the same parents, over all steps of the
/// dimensions that are listed; none if there is no such step.
fn listed_rows(
    frame: &Frame,
    combinations: &Subjects,
    unassigned: Unassigned,
    listed: &mut [bool],
    sets: &mut DaySets,
) -> Result<Option<RowsOver>, PlanError> {
    let mut columns = Vec::new();
    for (axis, name) in combinations.axes().iter().enumerate() {
        let mut dimensions = frame.dimensions.iter();
        let known = dimensions.position(|members| members.dimension == name.dimension);
        let Some(dimension) = known else { continue };
        let members = &frame.dimensions[dimension];
        let lowest = members.level(name.level.as_str())?;
        listed[dimension] = true;
        for step in steps_of(frame, dimension) {
            let level = frame.level_of_step(step);
            if !members.reaches(level, lowest) {
                return Err(PlanError::CombinationTooCoarse {
                    axis: name.clone(),
                    step: frame.steps[step].name.clone(),
                });
            }
            columns.push(ListedStep {
                step,
                axis,
                dimension,
                level,
                lowest,
            });
        }
    }
    columns.sort_unstable_by_key(|column| column.step);
    let mut rows = Vec::with_capacity(combinations.len());
    for subject in 0..combinations.len() {
        let keys = combinations.members(RowId::at(subject));
        let mut named: BTreeMap<usize, u32> = BTreeMap::new();
        for column in &columns {
            let members = &frame.dimensions[column.dimension];
            let member = members.member(keys[column.axis].as_str())?;
            if member != UNASSIGNED && members.own[member as usize] != Some(column.lowest) {
                return Err(PlanError::NotAtLevel {
                    member: keys[column.axis].clone(),
                    axis: combinations.axes()[column.axis].clone(),
                });
            }
            named.insert(column.dimension, member);
        }
        for (eras, set) in eras_of(frame, &named, sets) {
            let coord = |column: &ListedStep| {
                let (member, era) = (named[&column.dimension], eras[&column.dimension]);
                frame.dimensions[column.dimension].ancestor_in(column.level, member, era)
            };
            let row: Vec<u32> = columns.iter().map(coord).collect();
            let orphan = row.iter().any(|coord| super::is_orphan(*coord));
            let mut who = named.iter();
            let lost = who.any(|(number, member)| frame.dimensions[*number].is_lost(*member));
            if !(orphan && hides(unassigned, lost)) {
                rows.push((row, set));
            }
        }
    }
    if columns.is_empty() {
        return Ok(None);
    }
    let steps = columns.iter().map(|column| column.step).collect();
    Ok(Some((steps, rows)))
}

/// Returns the eras that members of several dimensions have in common, by dimension, and the days of each; none of no days.
pub(in crate::plan) fn eras_of(
    frame: &Frame,
    named: &BTreeMap<usize, u32>,
    sets: &mut DaySets,
) -> Vec<(BTreeMap<usize, usize>, u32)> {
    let mut found = vec![(BTreeMap::new(), ALL_DAYS)];
    for (dimension, member) in named {
        let members = &frame.dimensions[*dimension];
        let mut finer = Vec::with_capacity(found.len());
        for (eras, set) in &found {
            for era in 0..members.eras(*member) {
                let own = members.era_days(*member, era).cloned();
                let own = own.map_or(ALL_DAYS, |own| sets.number(own));
                let set = sets.intersection(*set, own);
                if !sets.get(set).is_empty() {
                    let mut eras = eras.clone();
                    eras.insert(*dimension, era);
                    finer.push((eras, set));
                }
            }
        }
        found = finer;
    }
    found
}

/// One row for each member of the lowest level and each time in which it belongs to the same parents, and one for each upper
/// member that has nobody below it.
fn member_rows(
    frame: &Frame,
    members: &Members,
    steps: &[usize],
    unassigned: Unassigned,
    sets: &mut DaySets,
) -> Vec<Row> {
    let levels: Vec<usize> = steps
        .iter()
        .map(|step| frame.level_of_step(*step))
        .collect();
    let mut rows: Vec<Row> = Vec::new();
    let mut seen = vec![false; members.keys.len()];
    for own in levels.iter().rev() {
        let level_members: Vec<u32> = members.at_level(*own).collect();
        for member in level_members {
            if seen[member as usize] {
                continue;
            }
            for era in 0..members.eras(member) {
                let coord = |level: &usize| {
                    if members.reaches(*level, *own) {
                        members.ancestor_in(*level, member, era)
                    } else {
                        BELOW
                    }
                };
                let row: Vec<u32> = levels.iter().map(coord).collect();
                let orphan = row.iter().any(|coord| super::is_orphan(*coord));
                // A hidden orphan hides nobody else: its parents still get their own rows.
                if orphan && hides(unassigned, members.is_lost(member)) {
                    continue;
                }
                for coord in row.iter().filter(|coord| **coord != BELOW) {
                    seen[*coord as usize] = true;
                }
                let days = members.era_days(member, era).cloned();
                rows.push((row, days.map_or(ALL_DAYS, |days| sets.number(days))));
            }
        }
    }
    rows
}

/// Says whether who has no parent at some step is left out; `lost` is who has none at all.
fn hides(unassigned: Unassigned, lost: bool) -> bool {
    match unassigned {
        Unassigned::Shown => false,
        Unassigned::WhereUsed => lost,
        Unassigned::Hidden => true,
    }
}

/// One row for each period of the finest set, and one for each period of another that has none of it inside, with its days.
fn time_rows(
    frame: &Frame,
    time: &[usize],
) -> Result<Vec<(Vec<u32>, crate::calendar::DayRange)>, PlanError> {
    let sets: Vec<&Periods> = time
        .iter()
        .filter_map(|step| frame.periods(*step))
        .collect();
    let mut finest_first: Vec<usize> = (0..sets.len()).rev().collect();
    finest_first.sort_by_key(|column| std::cmp::Reverse(sets[*column].ranges.len()));
    let mut rows = Vec::new();
    let mut seen: Vec<Vec<bool>> = sets
        .iter()
        .map(|set| vec![false; set.ranges.len()])
        .collect();
    for (rank, own) in finest_first.iter().enumerate() {
        for (ordinal, range) in (0_u32..).zip(&sets[*own].ranges) {
            if seen[*own][ordinal as usize] {
                continue;
            }
            let mut row = vec![BELOW; sets.len()];
            row[*own] = ordinal;
            for column in &finest_first[rank + 1..] {
                let holding = sets[*column].holding(*range);
                row[*column] = holding.ok_or_else(|| PlanError::NotNested {
                    period: sets[*own]
                        .set
                        .label(PeriodId::at(ordinal as usize))
                        .cloned(),
                    step: frame.steps[time[*own]].name.clone(),
                    above: frame.steps[time[*column]].name.clone(),
                })?;
            }
            for (column, coord) in row.iter().enumerate().filter(|(_, coord)| **coord != BELOW) {
                seen[column][*coord as usize] = true;
            }
            rows.push((row, *range));
        }
    }
    Ok(rows)
}

/// Returns how many nodes there are at most: of every level the ways in which rows of all groups can be combined.
fn most_nodes(frame: &Frame, groups: &[Group]) -> u128 {
    let mut ways = vec![1_usize; groups.len()];
    let mut nodes = 1_u128;
    for step in 0..frame.steps.len() {
        for (group, ways) in groups.iter().zip(&mut ways) {
            if let Some(column) = group.steps.iter().position(|own| *own == step) {
                *ways = group.prefixes(column + 1);
            }
        }
        nodes = nodes.saturating_add(Limits::product(ways.iter().copied()));
    }
    nodes
}

struct Builder<'a> {
    limits: Limits,
    /// How many nodes the levels have that are finished.
    nodes: u128,
    def: &'a CascadeDef,
    frame: Frame,
    groups: Vec<Group>,
    branches: Vec<Branch>,
    sets: DaySets,
}

/// The nodes of the level being split: the runs of all groups, node by node, and the branch that each is in.
struct Front {
    runs: Vec<Run>,
    branch: Vec<Option<usize>>,
    /// The set of days of each node.
    days: Vec<u32>,
}

impl Builder<'_> {
    fn build(mut self) -> Result<Frame, PlanError> {
        let whole = self
            .groups
            .iter()
            .map(|group| Run::new(0, group.order.len()))
            .collect();
        let at_top = self
            .branches
            .iter()
            .rposition(|branch| branch.at.is_empty());
        let dated = self.groups.iter().any(|group| group.days.is_some());
        let mut days = ALL_DAYS;
        for group in &self.groups {
            let all = Run::new(0, group.order.len());
            let own = group.days_of(all, &mut self.sets);
            days = self.sets.intersection(days, own);
        }
        let mut front = Front {
            runs: whole,
            branch: vec![at_top],
            days: if dated { vec![days] } else { Vec::new() },
        };
        self.frame.levels.push(Level {
            coords: vec![SKIPPED],
            ..Level::default()
        });
        let mut planned = vec![front.days.clone()];
        for step in 0..self.frame.steps.len() {
            front = self.split(step, front)?;
            if dated {
                planned.push(front.days.clone());
            }
        }
        self.frame.planned = dated.then_some(NodeDays {
            sets: self.sets,
            levels: planned,
        });
        Ok(self.frame)
    }

    fn split(&mut self, step: usize, front: Front) -> Result<Front, PlanError> {
        let width = self.groups.len();
        let place = self.groups.iter().enumerate().find_map(|(number, group)| {
            let column = group.steps.iter().position(|own| *own == step)?;
            Some((number, column))
        });
        // Every step belongs to a group: its dimension's or time's.
        let Some((number, column)) = place else {
            return Ok(front);
        };
        let last = step + 1 == self.frame.steps.len();
        let mut coords: Vec<u32> = Vec::new();
        let mut starts: Vec<usize> = vec![0];
        let mut next = Front {
            runs: Vec::new(),
            branch: Vec::new(),
            days: Vec::new(),
        };
        let dated = self.groups[number].days.is_some();
        for (node, branch) in front.branch.iter().enumerate() {
            let runs = &front.runs[node * width..(node + 1) * width];
            let run = runs[number];
            let keeps = branch.map(|branch| &self.branches[branch].keeps);
            if keeps.is_some_and(|keeps| !keeps[step]) {
                let more = keeps.is_some_and(|keeps| keeps[step + 1..].contains(&true));
                if more {
                    let run = self.groups[number].resorted(run, column);
                    coords.push(SKIPPED);
                    next.days.extend(front.days.get(node));
                    next.push(runs, number, run, *branch);
                }
            } else {
                let before = coords.len();
                let group = &self.groups[number];
                let mut start = run.start;
                while start < run.end {
                    let coord = group.coord(group.order[start as usize], column);
                    let mut end = start + 1;
                    while end < run.end && group.coord(group.order[end as usize], column) == coord {
                        end += 1;
                    }
                    let mut days = front.days.get(node).copied();
                    if let Some(above) = days.filter(|_| dated) {
                        let own = group.days_of(Run { start, end }, &mut self.sets);
                        days = Some(self.sets.intersection(above, own));
                    }
                    let nobody = days.is_some_and(|days| self.sets.get(days).is_empty());
                    if coord != BELOW && !nobody {
                        coords.push(coord);
                        next.days.extend(days);
                        if !last || !self.branches.is_empty() {
                            let entered = self.enter(step, node, coord).or(*branch);
                            next.push(runs, number, Run { start, end }, entered);
                        }
                    }
                    start = end;
                }
                if coords.len() == before {
                    let node = NodeId::new(step, node);
                    if self.def.steps[step].empty == EmptyLevel::Refuse {
                        return Err(PlanError::EmptyLevel {
                            step: self.frame.steps[step].name.clone(),
                            place: self.frame.path(node),
                        });
                    }
                    self.frame.ended.push(node);
                }
            }
            self.limits
                .check(Size::Nodes, self.nodes + coords.len() as u128)?;
            if coords.len() > Frame::MAX_NODES {
                return Err(PlanError::TooManyNodes {
                    step: Some(self.frame.steps[step].name.clone()),
                    limit: Frame::MAX_NODES,
                });
            }
            starts.push(coords.len());
        }
        self.nodes += coords.len() as u128;
        let above = &mut self.frame.levels[step];
        let first = starts[1..].first().copied().unwrap_or(0);
        let even = first > 0 && starts.windows(2).all(|pair| pair[1] - pair[0] == first);
        above.ragged = starts.windows(2).any(|pair| pair[0] == pair[1]);
        above.width = even.then_some(first);
        above.starts = starts;
        self.frame.levels.push(Level {
            coords,
            ..Level::default()
        });
        Ok(next)
    }

    /// Returns the last branch that a new child of `node` at `step` enters.
    fn enter(&self, step: usize, node: usize, coord: u32) -> Option<usize> {
        self.branches.iter().rposition(|branch| {
            branch.at.last() == Some(&(step, coord))
                && branch.at[..branch.at.len() - 1]
                    .iter()
                    .all(|(above, wanted)| {
                        self.frame.coord_at(NodeId::new(step, node), *above) == *wanted
                    })
        })
    }
}

impl Front {
    fn push(&mut self, runs: &[Run], number: usize, run: Run, branch: Option<usize>) {
        let start = self.runs.len();
        self.runs.extend_from_slice(runs);
        self.runs[start + number] = run;
        self.branch.push(branch);
    }
}
