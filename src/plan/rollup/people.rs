//! Targets of people who hold posts: of each day of a post the part that is credited to them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use crate::calendar::{Period, PeriodDef, PeriodSet};
use crate::key::Key;
use crate::measure::Measure;
use crate::panel::{Column, ColumnKey, Panel, Reason, Role};
use crate::plan::cascade::Kind;
use crate::plan::rollup::by_day::{Belonging, ByDay, belonging, counts_from};
use crate::plan::{Frame, Layer, Plan, PlanError, Sheet, Structure};
use crate::quantity::{Ratio, rounded_together};
use crate::space::{Axis, Dimension, LevelId, MemberId, Placement, Posts, Subjects};

/// Rows of people over a plan of posts.
pub(super) struct Held<'a> {
    posts: &'a Posts,
    axes: &'a [Axis],
    /// Which of the axes is of people.
    at: usize,
    /// The axes of the targets of posts that are handed on, and which of them is of posts.
    of_posts: Vec<Axis>,
    post: usize,
}

/// By row, an exact amount in quanta; nothing where it leaves the range.
type Exact = BTreeMap<Vec<u32>, Option<Ratio>>;

impl<'a> Held<'a> {
    /// Nothing where no axis is of people who hold posts of the plan.
    pub(super) fn of(frame: &Frame, structure: &Structure<'a>, axes: &'a [Axis]) -> Option<Self> {
        let posts = structure.posts?;
        let is_planned = |dimension: &Key| frame.dimension(dimension).is_ok();
        let (people, own) = (posts.people(), posts.posts());
        if is_planned(&people.dimension) || !is_planned(&own.dimension) {
            return None;
        }
        let at = axes
            .iter()
            .position(|axis| axis.dimension == people.dimension)?;
        let mut of_posts = axes.to_vec();
        of_posts.remove(at);
        let known = of_posts.iter().position(|axis| axis == own);
        let post = known.unwrap_or_else(|| {
            of_posts.push(own.clone());
            of_posts.len() - 1
        });
        Some(Self {
            posts,
            axes,
            at,
            of_posts,
            post,
        })
    }
}

/// The people as the structure has them.
struct People<'a> {
    dimension: &'a Dimension,
    level: LevelId,
    posts: &'a Dimension,
    /// By axis, the members in declared order, nobody last.
    ranks: Vec<BTreeMap<Key, u32>>,
    members: Vec<Vec<Key>>,
}

impl<'a> People<'a> {
    fn new(held: &Held<'_>, structure: &Structure<'a>) -> Result<Self, PlanError> {
        let space = structure.space;
        let axis = &held.axes[held.at];
        let dimension = space.dimension(axis.dimension.as_str())?;
        let mut members = Vec::with_capacity(held.axes.len());
        for axis in held.axes {
            let own = space.dimension(axis.dimension.as_str())?;
            let keys = own.members(axis.level.as_str())?;
            let keys = keys.chain([MemberId::UNASSIGNED]);
            members.push(keys.map(|id| own.key_of(id).clone()).collect::<Vec<Key>>());
        }
        let ranks = members
            .iter()
            .map(|keys| keys.iter().cloned().zip(0..).collect());
        Ok(Self {
            dimension,
            level: dimension.level(axis.level.as_str())?,
            posts: space.dimension(held.posts.posts().dimension.as_str())?,
            ranks: ranks.collect(),
            members,
        })
    }

    /// To which member of the level a person belongs on a day of a plan.
    fn row_of(&self, person: MemberId, at: At<'_>) -> &Key {
        let own: Vec<(i32, Placement)> = self.dimension.stretches(person).collect();
        let own = at.on(&own).copied().unwrap_or(Placement::UNASSIGNED);
        let member = self.dimension.ancestor(own, self.level);
        self.dimension.key_of(member)
    }

    /// The rank of a member of an axis; nobody for who is not there.
    fn rank(&self, axis: usize, member: &Key) -> u32 {
        let nobody = self.members[axis].len().saturating_sub(1);
        let known = self.ranks[axis].get(member).copied();
        known.unwrap_or(u32::try_from(nobody).unwrap_or(u32::MAX))
    }
}

/// A day of a plan, or the one whose structure holds for all.
#[derive(Clone, Copy)]
struct At<'a> {
    frame: Option<&'a Frame>,
    day: i32,
}

impl At<'_> {
    /// What holds of what holds from a day on, each from where the plan counts that day.
    fn on<T>(self, all: &[(i32, T)]) -> Option<&T> {
        let begins = |start: i32| self.frame.map_or(start, |frame| counted(frame, start));
        let after = all.partition_point(|(start, _)| begins(*start) <= self.day);
        all.get(after.checked_sub(1)?).map(|(_, what)| what)
    }
}

/// The day from which the plan counts what holds from a day on; since ever stays since ever.
fn counted(frame: &Frame, start: i32) -> i32 {
    counts_from(frame, start, start == i32::MIN)
}

impl Plan {
    /// Returns the targets of rows of people.
    pub(super) fn targets_of_people(
        &self,
        held: &Held<'_>,
        structure: &Structure<'_>,
        periods: &PeriodSet,
    ) -> Result<Panel, PlanError> {
        let people = People::new(held, structure)?;
        let (fine, of) = match structure.as_of {
            Some(_) => (
                periods.clone(),
                periods.iter().map(|own| own.id.index()).collect(),
            ),
            None => cut(periods, &self.cuts(held, &people))?,
        };
        let mut exact: Vec<Vec<Exact>> = Vec::with_capacity(self.sheets.len());
        for sheet in &self.sheets {
            exact.push(match belonging(sheet) {
                Belonging::EachDay => self.of_people(
                    sheet,
                    held,
                    (structure, &people),
                    (&fine, &of, periods.len()),
                )?,
                Belonging::LastDay => {
                    let own: Vec<usize> = (0..periods.len()).collect();
                    self.of_people(
                        sheet,
                        held,
                        (structure, &people),
                        (periods, &own, own.len()),
                    )?
                }
            });
        }
        let rows: BTreeSet<&Vec<u32>> = exact.iter().flatten().flat_map(BTreeMap::keys).collect();
        let rows: Vec<&Vec<u32>> = rows.into_iter().collect();
        let named = rows.iter().map(|row| {
            let own = row.iter().zip(&people.members);
            own.map(|(rank, members)| members[*rank as usize].clone())
                .collect()
        });
        let subjects = Subjects::rows(held.axes.to_vec(), named.collect())?;
        let mut panel = Panel::new(subjects, periods.clone());
        for (sheet, exact) in self.sheets.iter().zip(&exact) {
            panel.add(amounts(sheet.measure(), &rows, exact)?)?;
        }
        for quotient in &self.quotients {
            let parts = [quotient.numerator, quotient.denominator];
            let [top, bottom] = parts.map(|at| (&*exact[at], self.sheets[at].measure()));
            panel.add(quotients(&quotient.measure, &rows, top, bottom)?)?;
        }
        Ok(panel)
    }

    /// The days on which the people of any post change, or where they belong.
    fn cuts(&self, held: &Held<'_>, people: &People<'_>) -> BTreeSet<NaiveDate> {
        let mut days = BTreeSet::new();
        let Ok(planned) = self.frame.dimension(&held.posts.posts().dimension) else {
            return days;
        };
        let own = self.frame.dimensions[planned].keys.iter();
        let known = own.filter_map(|key| people.posts.find(key.as_str()));
        let mut of_whom = BTreeSet::new();
        let mut add = |day: i32| {
            days.extend(NaiveDate::from_num_days_from_ce_opt(counted(
                &self.frame,
                day,
            )));
        };
        for (day, parts) in known.flat_map(|post| held.posts.credited_of(post)) {
            add(*day);
            of_whom.extend(parts.iter().map(|(person, _)| *person));
        }
        for person in of_whom {
            people
                .dimension
                .stretches(person)
                .for_each(|(day, _)| add(day));
        }
        days
    }

    /// By period, what each row has of a measure, from the targets of posts in stretches within each of which nothing changes; `of`
    /// says to which of so many periods each stretch belongs.
    fn of_people(
        &self,
        sheet: &Sheet,
        held: &Held<'_>,
        (structure, people): (&Structure<'_>, &People<'_>),
        (stretches, of, count): (&PeriodSet, &[usize], usize),
    ) -> Result<Vec<Exact>, PlanError> {
        let mut found = vec![Exact::new(); count];
        if let Kind::Rating = sheet.cascade().kind() {
            return Ok(found);
        }
        let way = belonging(sheet);
        let horizon = sheet.cascade().definition().horizon;
        let days = ByDay::new(&self.frame, horizon, &held.of_posts, stretches, structure)?;
        let (subjects, present) = days.subjects(&[way])?;
        let groups = days.groups(way, &subjects, &present)?;
        let seen = self.seen(sheet, Layer::Assigned, &held.of_posts)?;
        let sums = self.sums_by_day(sheet, &seen, &groups, structure)?;
        let (ids, rows) = (subjects.ids().collect::<Vec<_>>(), subjects.len());
        let all: Vec<Period> = stretches.iter().collect();
        for (cell, sum) in sums.into_iter().enumerate() {
            let (Some(sum), Some(stretch)) = (sum, all.get(cell / rows)) else {
                continue;
            };
            let day = match (structure.as_of, way) {
                (Some(day), _) => day,
                (None, Belonging::EachDay) => stretch.start,
                (None, Belonging::LastDay) => stretch.end.pred_opt().unwrap_or(stretch.start),
            };
            let members = subjects.members(ids[cell % rows]);
            let post = people.posts.find(members[held.post].as_str());
            let nobody = [(MemberId::UNASSIGNED, Ratio::ONE)];
            let at = At {
                frame: structure.as_of.is_none().then_some(&*self.frame),
                day: day.num_days_from_ce(),
            };
            let credited = post.and_then(|post| at.on(held.posts.credited_of(post)));
            for (person, part) in credited.map_or(&nobody[..], Vec::as_slice) {
                let person = people.row_of(*person, at);
                let mut others = members.iter();
                let row = (0..held.axes.len()).map(|axis| {
                    if axis == held.at {
                        return people.rank(axis, person);
                    }
                    others.next().map_or(0, |member| people.rank(axis, member))
                });
                let exact = Ratio::new(sum, 1).ok();
                let exact = exact.and_then(|sum| sum.checked_mul(*part).ok());
                let own = found[of[cell / rows]]
                    .entry(row.collect())
                    .or_insert(Some(Ratio::ZERO));
                *own = own
                    .zip(exact)
                    .and_then(|(own, more)| own.checked_add(more).ok());
            }
        }
        Ok(found)
    }
}

/// The periods cut at some days, and by each part its period.
fn cut(
    periods: &PeriodSet,
    days: &BTreeSet<NaiveDate>,
) -> Result<(PeriodSet, Vec<usize>), PlanError> {
    let (mut parts, mut of) = (Vec::new(), Vec::new());
    for period in periods {
        let inside = days.range(period.start..period.end).copied();
        let mut from = period.start;
        for to in inside.filter(|day| *day > period.start).chain([period.end]) {
            let label = Key::new(format!("p{}", parts.len()))?;
            parts.push(PeriodDef::new(label, from, to));
            of.push(period.id.index());
            from = to;
        }
    }
    Ok((PeriodSet::new(Key::from_static("stretches"), parts)?, of))
}

/// A column of amounts: exact ones, rounded together in each period.
fn amounts(measure: &Measure, rows: &[&Vec<u32>], exact: &[Exact]) -> Result<Column, PlanError> {
    let (mut units, mut states) = (Vec::new(), Vec::new());
    for period in exact {
        let own = rows.iter().map(|row| period.get(*row).copied());
        let own: Vec<Option<Option<Ratio>>> = own.collect();
        let parts = own.iter().map(|own| {
            let own = (*own)??;
            Some((own.numerator(), own.denominator()))
        });
        let rounded = rounded_together(&parts.collect::<Vec<_>>());
        for (own, rounded) in own.iter().zip(rounded) {
            let told = match (own, rounded.map(i64::try_from)) {
                (None, _) => Err(Reason::NotApplicable),
                (Some(_), Some(Ok(units))) => Ok(units),
                (Some(_), _) => Err(Reason::OutOfRange),
            };
            units.push(told.unwrap_or(0));
            states.push(told.err());
        }
    }
    let column = Column::amounts(key(measure), measure.unit.clone(), measure.quantum, units);
    Ok(column.better(measure.direction).with_reasons(&states)?)
}

/// A column of ratios: the exact parts, divided.
fn quotients(
    measure: &Measure,
    rows: &[&Vec<u32>],
    (tops, top): (&[Exact], &Measure),
    (bottoms, bottom): (&[Exact], &Measure),
) -> Result<Column, PlanError> {
    let (mut numerators, mut denominators, mut states) = (Vec::new(), Vec::new(), Vec::new());
    for (tops, bottoms) in tops.iter().zip(bottoms) {
        for row in rows {
            let told = match (tops.get(*row), bottoms.get(*row)) {
                (Some(Some(top)), Some(Some(bottom))) => divided(*top, *bottom),
                (Some(None), Some(_)) | (Some(_), Some(None)) => Err(Reason::OutOfRange),
                (None, _) | (_, None) => Err(Reason::NotApplicable),
            };
            let (top, bottom) = told.unwrap_or((0, 1));
            numerators.push(top);
            denominators.push(bottom);
            states.push(told.err());
        }
    }
    let scale = top.quantum.ratio().checked_div(bottom.quantum.ratio())?;
    let unit = measure.unit.clone();
    let column = Column::quotients(key(measure), unit, scale, numerators, denominators)?;
    Ok(column.better(measure.direction).with_reasons(&states)?)
}

/// A quotient in whole numbers; a bottom of 0 is kept, of which the column says that there is no base.
fn divided(top: Ratio, bottom: Ratio) -> Result<(i64, i64), Reason> {
    if bottom.is_zero() {
        return Ok((0, 0));
    }
    let quotient = top.checked_div(bottom).map_err(|_| Reason::OutOfRange)?;
    let narrow = |part: i128| i64::try_from(part).map_err(|_| Reason::OutOfRange);
    Ok((
        narrow(quotient.numerator())?,
        narrow(quotient.denominator())?,
    ))
}

fn key(measure: &Measure) -> ColumnKey {
    ColumnKey {
        metric: measure.key.clone(),
        role: Role::Target,
    }
}
