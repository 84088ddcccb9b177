//! Leaves added up by any level of any hierarchy and any set of periods.

mod by_day;
mod groups;
mod kind;
mod people;
mod seen;

use super::cascade::Kind;
use super::quotient::Quotient;
use super::step::{Periods, Split, UNASSIGNED};
use super::{CountedDays, Frame, Layer, NodeId, Plan, PlanError, Sheet, Structure};
use crate::calendar::{DayRange, PeriodId, PeriodSet};
use crate::key::Key;
use crate::panel::{Column, ColumnKey, Columns, Panel, Reason, Role};
use crate::plan::rollup::groups::{ASTRIDE, Column32, Groups, OUTSIDE};
use crate::quantity::{Quantity, Quantum, Ratio, Rounding};
use crate::space::{Axis, RowId, SpaceError, Subjects, UNASSIGNED as UNASSIGNED_KEY};
use by_day::{Belonging, ByDay, belonging};
use people::Held;
pub(super) use seen::bends_of;

/// The amounts of one measure by subjects and periods: sums of leaves, exact.
///
/// Subjects are the combinations that the plan has leaves for; what is planned above the level that is asked for
/// belongs to the unassigned member there, so that the total stays whole. Where somebody hands down
/// [more than is assigned to him](super::OverAssignmentDef), rows of managers are what is assigned to them.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanTotals {
    subjects: Subjects,
    periods: Option<PeriodSet>,
    quantum: Quantum,
    cells: Vec<Option<i64>>,
    outside: Option<i64>,
}

impl PlanTotals {
    /// Returns the rows.
    #[must_use]
    pub fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// Returns the periods, if it has any.
    #[must_use]
    pub fn periods(&self) -> Option<&PeriodSet> {
        self.periods.as_ref()
    }

    /// Returns the amount of a subject in a period, `None` for the period of a roll-up without periods; `None` where the plan has no leaf.
    #[must_use]
    pub fn get(&self, subject: RowId, period: Option<PeriodId>) -> Option<Quantity> {
        let (subject, period) = (subject.index(), period.map_or(0, PeriodId::index));
        if subject >= self.subjects.len() {
            return None;
        }
        let first = period.checked_mul(self.subjects.len())?;
        let cell = self.cells.get(first.checked_add(subject)?)?;
        cell.map(|units| self.quantum.quantity(units))
    }

    /// Returns what leaves total that lie outside all periods that were asked for, so that it and the cells together are
    /// what all leaves total; `None` for a balance or a rating, which do not add up over time, and beyond the range.
    #[must_use]
    pub fn outside(&self) -> Option<Quantity> {
        self.outside.map(|units| self.quantum.quantity(units))
    }

    /// Returns the amount of a subject of one axis, without periods.
    ///
    /// # Errors
    /// [`PlanError::Space`] with the nearest known member and the list; [`PlanError::NotPlanned`] where the plan has no leaf.
    pub fn of(&self, member: &str) -> Result<Quantity, PlanError> {
        let row = self.subjects.row([member])?;
        self.get(row, None).ok_or_else(|| {
            let levels = self.subjects.axes().iter().map(|axis| axis.level.clone());
            let members = self.subjects.members(row).iter().cloned();
            let place = levels.zip(members).collect();
            PlanError::NotPlanned { place }
        })
    }

    /// Returns the amounts in quanta: all subjects of the first period, then all of the second.
    #[must_use]
    pub fn cells(&self) -> &[Option<i64>] {
        &self.cells
    }
}

impl Plan {
    /// Returns the amounts of a measure added up by these levels, over all time or by periods.
    ///
    /// Every level of every hierarchy of a dimension of the plan will do, and every set of periods within each of which
    /// leaves lie whole; leaves that lie outside all of its periods are left out.
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`], [`PlanError::UnknownDimension`], [`PlanError::Space`] for an unknown level,
    /// [`PlanError::NotInPeriod`], [`PlanError::Quantity`] for a sum beyond the range.
    pub fn roll_up(
        &self,
        measure: &str,
        axes: &[Axis],
        periods: Option<&PeriodSet>,
    ) -> Result<PlanTotals, PlanError> {
        self.rolled_up(measure, Layer::Assigned, axes, periods)
    }

    /// Returns the base of a measure added up, as [`Plan::roll_up`] adds up what is assigned: rows of every level total the whole.
    ///
    /// # Errors
    /// As [`Plan::roll_up`].
    pub fn roll_up_base(
        &self,
        measure: &str,
        axes: &[Axis],
        periods: Option<&PeriodSet>,
    ) -> Result<PlanTotals, PlanError> {
        self.rolled_up(measure, Layer::Base, axes, periods)
    }

    fn rolled_up(
        &self,
        measure: &str,
        layer: Layer,
        axes: &[Axis],
        periods: Option<&PeriodSet>,
    ) -> Result<PlanTotals, PlanError> {
        let sheet = self.sheet(measure)?;
        let groups = groups(&self.frame, axes, periods)?;
        let quantum = sheet.measure().quantum;
        if let Kind::Rating = sheet.cascade().kind() {
            let means = Self::means_by(sheet, &groups)?;
            let nearest = |mean: Option<Ratio>| {
                mean.map(|mean| Quantum::ONE.round(mean, Rounding::HalfAwayFromZero))
                    .transpose()
            };
            let cells = means.into_iter().map(nearest).collect::<Result<_, _>>()?;
            return Ok(PlanTotals {
                subjects: groups.subjects,
                periods: periods.cloned(),
                quantum,
                cells,
                outside: None,
            });
        }
        let seen = self.seen(sheet, layer, axes)?;
        let sums = self.sums_of(sheet, &seen, &groups);
        let outside = match sheet.cascade().kind() {
            Kind::Flow => {
                let inside: i128 = sums.iter().flatten().sum();
                i64::try_from(self.leaf_total(&seen) - inside).ok()
            }
            Kind::Stock(_) | Kind::Rating => None,
        };
        let cells = sums
            .into_iter()
            .map(|sum| match sum {
                None => Ok(None),
                Some(sum) => i64::try_from(sum).map(Some).map_err(|_| {
                    let measure = sheet.measure().key.clone();
                    PlanError::SumOutOfRange { measure }
                }),
            })
            .collect::<Result<_, _>>()?;
        Ok(PlanTotals {
            subjects: groups.subjects,
            periods: periods.cloned(),
            quantum,
            cells,
            outside,
        })
    }

    /// Returns what all leaves total.
    fn leaf_total(&self, values: &[Vec<i64>]) -> i128 {
        let levels = self.frame.levels.iter().zip(values);
        levels
            .map(|(level, amounts)| match level.width {
                // A level whose nodes all have children has no leaf.
                Some(width) if width > 0 => 0,
                _ => {
                    let leaves = amounts.iter().enumerate();
                    let leaves = leaves.filter(|(index, _)| level.children(*index).is_empty());
                    leaves.map(|(_, amount)| i128::from(*amount)).sum()
                }
            })
            .sum()
    }

    /// Gives the targets of all measures, by this structure, to a panel over levels of the plan's dimensions: those of its rows
    /// and periods, by their names. Whom the plan does not know has no target
    /// ([`NotApplicable`](Reason::NotApplicable)).
    ///
    /// ```
    /// use quotaflow::calendar::{Calendar, DayRange, Grain};
    /// use quotaflow::measure::{Measure, Measures};
    /// use quotaflow::panel::Panel;
    /// use quotaflow::plan::{Cascade, CascadeDef, Sources, StepDef, Structure};
    /// use quotaflow::quantity::Quantum;
    /// use quotaflow::space::{Axis, DimensionDef, Space, Subjects};
    /// let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
    /// let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo"])?])?;
    /// let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
    /// let recipe = CascadeDef::new("s".try_into()?, "sales".try_into()?, year).step(StepDef::member("person", "person")?);
    /// let plan = Cascade::compile(recipe, &Sources::new(&measures, &space))?.run(1000.into())?;
    /// let rows = Subjects::new(Axis::new("person", "person")?, vec!["ann".try_into()?, "bo".try_into()?])?;
    /// let years = Calendar::gregorian().periods(Grain::Year, year.start(), year.end())?;
    /// let mut panel = Panel::new(rows, years);
    /// panel.extend(plan.columns(&Structure::as_it_was(&space)))?;
    /// assert_eq!(panel.get("target:sales", ["bo"], "2026")?.to_string(), "500.00 EUR");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Plan::targets`]; [`PlanError::Panel`] where the plan has a target in a row that the panel does not have.
    pub fn columns<'a>(&'a self, structure: &'a Structure<'a>) -> impl Columns<Error = PlanError> {
        move |panel: &Panel| -> Result<Vec<Column>, PlanError> {
            let own = self.targets(structure, panel.subjects().axes(), panel.periods())?;
            Ok(own.laid_onto(panel)?.0)
        }
    }

    /// Returns the targets of all measures as columns of a panel over these levels and periods, by this structure; beside those of which
    /// somebody hands down [more than is assigned to him](super::OverAssignmentDef) their base.
    ///
    /// What adds up over time belongs day by day to whom its member belonged: a cell whose member moves, and a cell that
    /// lies in several periods, is shared by its days ([`DayCurve`](super::DayCurve)). Balances and ratings belong to whom their member belongs
    /// on the last day of their cell. A combination for which the plan has no leaf has no target there: it is
    /// [`NotApplicable`](Reason::NotApplicable). A sum beyond the range is [`OutOfRange`](Reason::OutOfRange).
    ///
    /// Rows of people, where the plan splits by posts and the structure says [who holds them](Structure::posts): of each day of a
    /// post each has the part that is credited to them, exactly. What they have in a period is rounded as shared credit is, all rows of
    /// a period together, so that nothing is lost. Balances are those of who holds the post on the last day of the period, ratings
    /// are nobody's but the post's.
    ///
    /// # Errors
    /// [`PlanError::UnknownDimension`], [`PlanError::Space`] for an unknown level; [`PlanError::NotInPeriod`] for a balance or rating
    /// in no single period; [`PlanError::NoWorkingDays`] where a cell is cut that was split by working days.
    pub fn targets(
        &self,
        structure: &Structure<'_>,
        axes: &[Axis],
        periods: &PeriodSet,
    ) -> Result<Panel, PlanError> {
        let Some(first) = self.sheets.first() else {
            return Ok(Panel::new(Subjects::whole(), periods.clone()));
        };
        if let Some(held) = Held::of(&self.frame, structure, axes) {
            return self.targets_of_people(&held, structure, periods);
        }
        let horizon = first.cascade().definition().horizon;
        let days = ByDay::new(&self.frame, horizon, axes, periods, structure)?;
        let mut ways: Vec<Belonging> = self.sheets.iter().map(belonging).collect();
        ways.sort_unstable_by_key(|way| *way == Belonging::LastDay);
        ways.dedup();
        let (subjects, present) = days.subjects(&ways)?;
        let groups = ways
            .iter()
            .map(|way| Ok((*way, days.groups(*way, &subjects, &present)?)))
            .collect::<Result<Vec<_>, PlanError>>()?;
        let of = |sheet: &Sheet| {
            let way = belonging(sheet);
            let found = groups.iter().find(|(known, _)| *known == way);
            // Every way that a sheet takes is among those that were collected from the sheets.
            &found.unwrap_or(&groups[0]).1
        };
        let mut panel = Panel::new(subjects.clone(), periods.clone());
        for sheet in &self.sheets {
            let measure = sheet.measure();
            if let Kind::Rating = sheet.cascade().kind() {
                panel.add(Self::rating_column(sheet, of(sheet))?)?;
                continue;
            }
            let mut layers = vec![(Layer::Assigned, Role::Target)];
            if sheet.amounts().has_assigned() {
                layers.push((Layer::Base, Role::Base));
            }
            for (layer, role) in layers {
                let mut units = Vec::new();
                let mut states = Vec::new();
                let seen = self.seen(sheet, layer, axes)?;
                for sum in self.sums_by_day(sheet, &seen, of(sheet), structure)? {
                    let (amount, state) = match sum.map(i64::try_from) {
                        None => (0, Some(Reason::NotApplicable)),
                        Some(Ok(amount)) => (amount, None),
                        Some(Err(_)) => (0, Some(Reason::OutOfRange)),
                    };
                    units.push(amount);
                    states.push(state);
                }
                let key = ColumnKey {
                    metric: measure.key.clone(),
                    role,
                };
                let column = Column::amounts(key, measure.unit.clone(), measure.quantum, units)
                    .better(measure.direction)
                    .with_reasons(&states)?;
                panel.add(column)?;
            }
        }
        for quotient in &self.quotients {
            let (top, bottom) = (
                &self.sheets[quotient.numerator],
                &self.sheets[quotient.denominator],
            );
            let part = |sheet| {
                let seen = self.seen(sheet, Layer::Assigned, axes)?;
                self.sums_by_day(sheet, &seen, of(sheet), structure)
            };
            let (tops, bottoms) = (part(top)?, part(bottom)?);
            panel.add(self.quotient_column(quotient, tops, bottoms)?)?;
        }
        Ok(panel)
    }

    /// Returns the sums of the cells, those of stretches among them.
    fn sums_by_day(
        &self,
        sheet: &Sheet,
        values: &[Vec<i64>],
        groups: &Groups<'_>,
        structure: &Structure<'_>,
    ) -> Result<Vec<Option<i128>>, PlanError> {
        let mut sums = self.sums_of(sheet, values, groups);
        if groups.cuts.is_empty() {
            return Ok(sums);
        }
        let days = match sheet.cascade().counted() {
            CountedDays::Calendar => None,
            CountedDays::Working => {
                let own = sheet.cascade().working_days();
                Some(
                    own.or(structure.working_days)
                        .ok_or(PlanError::NoWorkingDays)?,
                )
            }
        };
        for cut in &groups.cuts {
            let (units, leaf) = (
                values[cut.level][cut.index],
                NodeId::new(cut.level, cut.index),
            );
            let bends = bends_of(sheet.bends(leaf), (units, sheet.amounts().at(leaf)))?;
            let part = cut
                .curve(units, days, &bends)
                .between(cut.stretch.start(), cut.stretch.end())?;
            *sums[cut.cell as usize].get_or_insert(0) += i128::from(part);
        }
        Ok(sums)
    }

    /// Returns the targets of a ratio: the sums of its parts, not yet divided.
    fn quotient_column(
        &self,
        quotient: &Quotient,
        tops: Vec<Option<i128>>,
        bottoms: Vec<Option<i128>>,
    ) -> Result<Column, PlanError> {
        let (top, bottom) = (
            &self.sheets[quotient.numerator],
            &self.sheets[quotient.denominator],
        );
        let mut states = Vec::new();
        let (mut numerators, mut denominators) = (Vec::new(), Vec::new());
        for (top, bottom) in tops.into_iter().zip(bottoms) {
            let narrow = |sum: Option<i128>| sum.map(i64::try_from);
            let (top, bottom, state) = match (narrow(top), narrow(bottom)) {
                (Some(Ok(top)), Some(Ok(bottom))) => (top, bottom, None),
                (None, _) | (_, None) => (0, 0, Some(Reason::NotApplicable)),
                _ => (0, 0, Some(Reason::OutOfRange)),
            };
            numerators.push(top);
            denominators.push(if state.is_none() { bottom } else { 1 });
            states.push(state);
        }
        let quanta = (
            top.measure().quantum.ratio(),
            bottom.measure().quantum.ratio(),
        );
        let key = ColumnKey {
            metric: quotient.measure.key.clone(),
            role: Role::Target,
        };
        let scale = quanta.0.checked_div(quanta.1)?;
        let unit = quotient.measure.unit.clone();
        let column = Column::quotients(key, unit, scale, numerators, denominators)?;
        Ok(column
            .better(quotient.measure.direction)
            .with_reasons(&states)?)
    }
}

/// One level of members that leaves are grouped by.
struct By {
    dimension: usize,
    level: usize,
    /// The rank of each member among those of the level, the unassigned one last.
    ranks: Vec<u32>,
    /// The members by rank.
    members: Vec<u32>,
}

fn groups(
    frame: &Frame,
    axes: &[Axis],
    periods: Option<&PeriodSet>,
) -> Result<Groups<'static>, PlanError> {
    let mut by = Vec::with_capacity(axes.len());
    let mut size = 1_usize;
    for axis in axes {
        let dimension = frame.dimension(&axis.dimension)?;
        let level = frame.dimensions[dimension].level(axis.level.as_str())?;
        let mut members: Vec<u32> = frame.dimensions[dimension].at_level(level).collect();
        members.push(UNASSIGNED);
        let mut ranks = vec![0; frame.dimensions[dimension].keys.len()];
        for (rank, member) in (0_u32..).zip(&members) {
            ranks[*member as usize] = rank;
        }
        size = size.saturating_mul(members.len());
        by.push(By {
            dimension,
            level,
            ranks,
            members,
        });
    }
    let count = periods.map_or(1, PeriodSet::len);
    if size.saturating_mul(count.max(1)) >= ASTRIDE as usize {
        return Err(PlanError::Space(SpaceError::TooMany {
            what: "combinations of subjects and periods",
            count: size.saturating_mul(count),
            limit: ASTRIDE as usize,
        }));
    }
    let mut subjects = Column32::whole(frame, 0);
    for by in &by {
        subjects = subjects.refined(&by.column(frame), by.members.len());
    }
    let time = match periods {
        Some(set) => Some(period_column(frame, set)?),
        None => None,
    };
    collect(frame, axes, &by, &subjects, time.as_ref(), count)
}

impl By {
    /// The column of a dimension whose members move: a node belongs to whom its member belongs on the node's first day.
    fn column_by_day(&self, frame: &Frame) -> Column32 {
        let members = &frame.dimensions[self.dimension];
        let unassigned = self.ranks[UNASSIGNED as usize];
        let planned = Column32::inherited(frame, UNASSIGNED, |step, coord| {
            match frame.steps[step].split {
                Split::Member { dimension, level }
                    if dimension == self.dimension && members.reaches(self.level, level) =>
                {
                    Some(coord)
                }
                _ => None,
            }
        });
        let column = planned.0.into_iter().enumerate().map(|(level, nodes)| {
            let rank = |(index, member): (usize, u32)| {
                if member == UNASSIGNED {
                    return unassigned;
                }
                let days = frame.days(NodeId::new(level, index));
                let first = days
                    .first()
                    .map_or(frame.horizon.start(), |days| days.start());
                self.ranks[members.ancestor_on(self.level, member, first) as usize]
            };
            nodes.into_iter().enumerate().map(rank).collect()
        });
        Column32(column.collect())
    }

    fn column(&self, frame: &Frame) -> Column32 {
        let members = &frame.dimensions[self.dimension];
        let unassigned = self.ranks[UNASSIGNED as usize];
        if members.moves() {
            return self.column_by_day(frame);
        }
        Column32::inherited(frame, unassigned, |step, coord| {
            match frame.steps[step].split {
                // A step above the level that is asked for says nothing of it.
                Split::Member { dimension, level }
                    if dimension == self.dimension && members.reaches(self.level, level) =>
                {
                    Some(self.ranks[members.ancestor(self.level, coord) as usize])
                }
                _ => None,
            }
        })
    }
}

fn period_column(frame: &Frame, set: &PeriodSet) -> Result<Column32, PlanError> {
    let mut maps: Vec<Vec<u32>> = Vec::with_capacity(frame.steps.len());
    for step in 0..frame.steps.len() {
        maps.push(
            frame
                .periods(step)
                .map(|periods| ordinals(periods, set))
                .unwrap_or_default(),
        );
    }
    // What no step by periods says is the whole horizon.
    let whole = ordinal_of(frame.horizon, set).filter(|_| !frame.horizon.is_empty());
    let column = Column32::inherited(frame, whole.unwrap_or(ASTRIDE), |step, coord| {
        let own = maps[step].get(coord as usize).copied();
        own.filter(|ordinal| *ordinal != ASTRIDE)
    });
    // Only where a leaf itself lies astride does it matter.
    for (level, own) in frame.levels.iter().enumerate() {
        for (index, ordinal) in column.0[level].iter().enumerate() {
            if *ordinal == ASTRIDE && own.children(index).is_empty() {
                return Err(PlanError::NotInPeriod {
                    place: frame.path(NodeId::new(level, index)),
                    set: set.key().clone(),
                });
            }
        }
    }
    Ok(column)
}

fn ordinals(periods: &Periods, set: &PeriodSet) -> Vec<u32> {
    let ordinal = |range: &DayRange| ordinal_of(*range, set).unwrap_or(ASTRIDE);
    periods.ranges.iter().map(ordinal).collect()
}

/// Returns the ordinal of the one period in which days lie, or [`OUTSIDE`]; `None` where they lie astride.
fn ordinal_of(range: DayRange, set: &PeriodSet) -> Option<u32> {
    let touched = set.touched(range);
    if touched.is_empty() {
        return Some(OUTSIDE);
    }
    let period = set.range(PeriodId::at(touched.start))?;
    let whole =
        touched.len() == 1 && period.start() <= range.start() && range.end() <= period.end();
    whole.then(|| u32::try_from(touched.start).unwrap_or(OUTSIDE))
}

/// Numbers the subjects that have leaves, and gives every leaf its cell.
fn collect(
    frame: &Frame,
    axes: &[Axis],
    by: &[By],
    subjects: &Column32,
    time: Option<&Column32>,
    periods: usize,
) -> Result<Groups<'static>, PlanError> {
    let is_leaf = |level: usize, index: usize| frame.levels[level].children(index).is_empty();
    let inside = |level: usize, index: usize| {
        is_leaf(level, index) && time.is_none_or(|time| time.0[level][index] != OUTSIDE)
    };
    // Only what leaves hold matters, so sort their keys: a table of all combinations could be far larger than the plan.
    let mut present: Vec<u32> = Vec::new();
    for (level, keys) in subjects.0.iter().enumerate() {
        let mut last = None;
        for (index, key) in keys.iter().enumerate() {
            if last != Some(*key) && inside(level, index) {
                last = Some(*key);
                present.push(*key);
            }
        }
    }
    present.sort_unstable();
    present.dedup();
    let rank = |key: u32| present.binary_search(&key).unwrap_or_default();
    let mut rows: Vec<Vec<Key>> = Vec::with_capacity(present.len());
    for key in &present {
        let mut rest = *key as usize;
        let mut row: Vec<Key> = Vec::with_capacity(by.len());
        for by in by.iter().rev() {
            let member = by.members[rest % by.members.len()];
            rest /= by.members.len();
            let name = frame.dimensions[by.dimension].keys.get(member as usize);
            row.push(match name {
                Some(name) => name.clone(),
                None => Key::new(UNASSIGNED_KEY)?,
            });
        }
        row.reverse();
        rows.push(row);
    }
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let cells = (0..frame.levels.len()).map(|level| {
        let own = subjects.0[level].iter().enumerate();
        // Neighbours often belong to the same subject, so the last one found is tried first.
        let mut last = (u32::MAX, 0);
        own.map(|(index, key)| {
            if !inside(level, index) {
                return OUTSIDE;
            }
            if last.0 != *key {
                last = (*key, u32::try_from(rank(*key)).unwrap_or(0));
            }
            time.map_or(0, |time| time.0[level][index]) * count + last.1
        })
        .collect()
    });
    let cells = cells.collect();
    Ok(Groups {
        subjects: if axes.is_empty() {
            Subjects::whole()
        } else {
            Subjects::rows(axes.to_vec(), rows)?
        },
        periods,
        cells,
        cuts: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Company, days, key, member, recipe};
    use super::super::*;

    use crate::calendar::{Grain, PeriodId};
    use crate::panel::ColumnKey;
    use crate::space::{Axis, RowId};

    fn plan() -> Plan {
        let company = Company::new();
        let def = recipe("sales")
            .step(member("person", "region"))
            .step(member("person", "person"))
            .step(StepDef::grain(Grain::Month))
            .branch(DepthDef {
                at: Place::whole().at("region", "north").unwrap(),
                steps: vec![key("month")],
            });
        let cascade = Cascade::compile(def, &company.sources()).unwrap();
        cascade.run("720".parse().unwrap()).unwrap()
    }

    fn sums(level: &str, grain: Option<Grain>) -> (Vec<String>, Vec<Option<i64>>) {
        let company = Company::new();
        let year = days("2026-01-01", "2027-01-01");
        let set = grain.map(|grain| {
            company
                .calendar
                .periods(grain, year.start(), year.end())
                .unwrap()
        });
        let axes = [Axis::new("person", level).unwrap()];
        let sums = plan().roll_up("sales", &axes, set.as_ref()).unwrap();
        (sums.subjects().labels().collect(), sums.cells().to_vec())
    }

    #[test]
    fn leaves_add_up_over_every_hierarchy() {
        let labels = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            sums("region", None),
            (labels(&["north", "south"]), vec![Some(36000); 2])
        );
        let grades = (
            labels(&["junior", "senior", "unassigned"]),
            vec![Some(12000), Some(12000), Some(48000)],
        );
        assert_eq!(
            sums("grade", None),
            grades,
            "ed has no grade, and nobody of the north is planned by name"
        );
        let (names, cells) = sums("person", Some(Grain::Half));
        assert_eq!(names, ["cy", "di", "ed", "unassigned"]);
        assert_eq!(
            cells,
            [6000, 6000, 6000, 18000, 6000, 6000, 6000, 18000].map(Some)
        );
    }

    #[test]
    fn targets_are_columns_of_a_panel() {
        let company = Company::new();
        let plan = plan();
        let spring = days("2026-03-01", "2026-05-01");
        let months = company
            .calendar
            .periods(Grain::Month, spring.start(), spring.end())
            .unwrap();
        let axes = [
            Axis::new("person", "person").unwrap(),
            Axis::new("person", "region").unwrap(),
        ];
        let was = Structure::as_it_was(&company.space);
        let panel = plan.targets(&was, &axes, &months).unwrap();
        let key = ColumnKey::target("sales").unwrap();
        let answer = panel.answer(&key, RowId::at(0), PeriodId::at(1)).unwrap();
        assert_eq!(
            answer.figure().unwrap().amount().unwrap().to_string(),
            "10.00"
        );
        assert_eq!(
            panel.subjects().labels().nth(3).as_deref(),
            Some("unassigned / north")
        );
        assert_eq!(panel.column(&key).unwrap().reasons(), [None; 8]);
        let weeks = company
            .calendar
            .periods(Grain::Week, spring.start(), spring.end())
            .unwrap();
        assert_eq!(
            plan.roll_up("sales", &[], Some(&weeks))
                .unwrap_err()
                .to_string(),
            "north / 2026-02 does not lie within one period of `gregorian.week`"
        );
        let product = Axis::new("product", "product").unwrap();
        assert_eq!(
            plan.roll_up("sales", &[product], None)
                .unwrap_err()
                .to_string(),
            "the plan has no dimension `product`; known: `person`"
        );
    }
    #[test]
    fn what_no_period_splits_lies_where_its_horizon_lies() {
        let company = Company::new();
        let plan = |horizon: (&str, &str)| {
            let def = CascadeDef {
                horizon: days(horizon.0, horizon.1),
                ..recipe("sales").step(member("person", "region"))
            };
            let cascade = Cascade::compile(def, &company.sources()).unwrap();
            cascade.run("100".parse().unwrap()).unwrap()
        };
        let periods = |grain, from: &str, to: &str| {
            let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
            company.calendar.periods(grain, from, to).unwrap()
        };
        let by_region = [Axis::new("person", "region").unwrap()];
        let cells = |plan: &Plan, set: &crate::calendar::PeriodSet| {
            let sums = plan.roll_up("sales", &by_region, Some(set))?;
            Ok::<_, PlanError>(sums.cells().to_vec())
        };
        let (year, years) = (
            periods(Grain::Year, "2026-01-01", "2027-01-01"),
            periods(Grain::Year, "2025-01-01", "2028-01-01"),
        );
        let whole = plan(("2026-01-01", "2027-01-01"));
        assert_eq!(cells(&whole, &year).unwrap(), [Some(5000); 2]);
        assert_eq!(
            cells(&whole, &years).unwrap(),
            [None, None, Some(5000), Some(5000), None, None]
        );
        // A part of a year lies within it too; years that it does not touch have nothing.
        let autumn = plan(("2026-09-01", "2026-12-01"));
        assert_eq!(cells(&autumn, &year).unwrap(), [Some(5000); 2]);
        let later = periods(Grain::Year, "2030-01-01", "2031-01-01");
        assert_eq!(cells(&autumn, &later).unwrap(), []);
        for (plan, set) in [
            (&whole, periods(Grain::Quarter, "2026-01-01", "2027-01-01")),
            (&plan(("2026-01-01", "2027-01-02")), years),
        ] {
            let refused = cells(plan, &set).unwrap_err().to_string();
            let set = set.key();
            assert_eq!(
                refused,
                format!("north does not lie within one period of `{set}`")
            );
        }
    }
}
