//! Rolling up: from persons to teams, territories and departments.
//!
//! Two ways, and they differ: [`Consolidation`] combines the scores of the children; [`rolled`] adds up their figures, so that
//! the same card scores the parent on what its children did together. [`Consolidation::over_periods`] makes the year of its months.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ScorecardError;
use crate::band::Interval;
use crate::calendar::Period;
use crate::panel::{Column, ColumnKey, Figures, Panel, Reason};
use crate::quantity::{QuantityError, Ratio};
use crate::space::{RowId, Subjects, Tree, TreeRows};

/// How the scores of children make the score of their parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Consolidation {
    /// The mean, weighted where weights are given.
    Mean,
    /// The lowest: a chain is as strong as its weakest link.
    Worst,
    /// The highest.
    Best,
    /// How many lie in a range.
    Count(Interval),
    /// The share that lies in a range.
    Share(Interval),
}

/// What a child without a score means for its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingChild {
    /// The others stand for it. The default.
    #[default]
    LeaveOut,
    /// It counts as zero.
    Zero,
    /// The parent has no score either.
    Spreads,
}

impl Consolidation {
    /// Returns the scores of the rows above from those of the rows below: `rows` says who is above whom, and `weights` weigh
    /// those below (equal where there are none).
    ///
    /// A row without one below that counts has no base.
    ///
    /// # Errors
    /// [`ScorecardError::Shape`] when there are not as many scores or weights as rows below;
    /// [`ScorecardError::NegativeWeight`].
    ///
    /// ```
    /// use quotaflow::quantity::Ratio;
    /// use quotaflow::scorecard::{MissingChild, Consolidation};
    /// use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};
    /// let def = DimensionDef::new("person", &["team", "person"])?.member("team", "north")?;
    /// let def = def.child("person", "ann", "north")?.child("person", "bo", "north")?.child("person", "cai", "north")?;
    /// let people = Dimension::new(def)?;
    /// let rows = |level: &str, keys: &[&str]| {
    ///     let keys = keys.iter().map(|key| (*key).try_into()).collect::<Result<_, _>>()?;
    ///     Ok::<_, quotaflow::Error>(Subjects::new(Axis::new("person", level)?, keys)?)
    /// };
    /// let (persons, teams) = (rows("person", &["ann", "bo", "cai"])?, rows("team", &["north"])?);
    /// let tree = people.tree("person")?.rows(&persons, &teams, "2026-03-31".parse()?);
    /// let scores = [34, 50, 75].map(|score| Ok(Ratio::from(score)));
    /// let team = Consolidation::Mean.roll(&scores, &tree, None, MissingChild::LeaveOut)?;
    /// assert_eq!(team, [Ok(Ratio::from(53))]);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    pub fn roll(
        self,
        children: &[Result<Ratio, Reason>],
        rows: &TreeRows,
        weights: Option<&[Ratio]>,
        missing: MissingChild,
    ) -> Result<Vec<Result<Ratio, Reason>>, ScorecardError> {
        let parents = rows.below().ids().map(|row| rows.parent(row));
        let parent_of: Vec<Option<usize>> = parents.map(|row| row.map(RowId::index)).collect();
        self.gathered(children, &parent_of, rows.above().len(), weights, missing)
    }

    /// The scores of `parents` parents from those of their children, each with the position of its parent.
    pub(crate) fn gathered(
        self,
        children: &[Result<Ratio, Reason>],
        parent_of: &[Option<usize>],
        parents: usize,
        weights: Option<&[Ratio]>,
        missing: MissingChild,
    ) -> Result<Vec<Result<Ratio, Reason>>, ScorecardError> {
        check_parents(children.len(), parent_of, parents)?;
        if let Some(weights) = weights {
            same_length("weights", children.len(), weights.len())?;
            if let Some(weight) = weights.iter().find(|weight| weight.is_negative()) {
                return Err(ScorecardError::NegativeWeight { weight: *weight });
            }
        }
        let mut sums = vec![Sum::default(); parents];
        for (child, parent) in parent_of.iter().enumerate() {
            let Some(parent) = parent else { continue };
            let value = match (children[child], missing) {
                (Ok(value), _) => value,
                (Err(_), MissingChild::LeaveOut) => continue,
                (Err(_), MissingChild::Zero) => Ratio::ZERO,
                (Err(state), MissingChild::Spreads) => {
                    sums[*parent].missing.get_or_insert(state);
                    continue;
                }
            };
            let weight = weights.map_or(Ratio::ONE, |weights| weights[child]);
            if self.add(&mut sums[*parent], value, weight).is_err() {
                sums[*parent].missing.get_or_insert(Reason::OutOfRange);
            }
        }
        Ok(sums.iter().map(|sum| self.result(sum)).collect())
    }

    fn add(self, sum: &mut Sum, value: Ratio, weight: Ratio) -> Result<(), QuantityError> {
        sum.children += 1;
        sum.weight = sum.weight.checked_add(weight)?;
        match self {
            Self::Mean => sum.total = sum.total.checked_add(value.checked_mul(weight)?)?,
            Self::Worst => sum.end = Some(sum.end.map_or(value, |end| end.min(value))),
            Self::Best => sum.end = Some(sum.end.map_or(value, |end| end.max(value))),
            Self::Count(range) | Self::Share(range) => {
                if range.contains(value) {
                    sum.total = sum.total.checked_add(Ratio::ONE)?;
                }
            }
        }
        Ok(())
    }

    fn result(self, sum: &Sum) -> Result<Ratio, Reason> {
        if let Some(state) = sum.missing {
            return Err(state);
        }
        if sum.children == 0 {
            return Err(Reason::NoBase);
        }
        let found = match self {
            Self::Mean => sum.total.checked_div(sum.weight),
            Self::Worst | Self::Best => sum.end.ok_or(QuantityError::ZeroDenominator),
            Self::Count(_) => Ok(sum.total),
            Self::Share(_) => Ratio::new(i128::from(sum.children), 1)
                .and_then(|count| sum.total.checked_div(count)),
        };
        match found {
            Ok(value) => Ok(value),
            Err(QuantityError::ZeroDenominator) => Err(Reason::NoBase),
            Err(_) => Err(Reason::OutOfRange),
        }
    }
}

impl Consolidation {
    /// Returns one score for each subject from those of several periods, period by period: the year from its months.
    /// `weights` weigh the periods (equal where there are none); a period without a score is treated as `missing` says. The
    /// latest period alone needs no rolling up, and figures to date are a [`Lookback`](super::Lookback) of the KPI.
    ///
    /// # Errors
    /// [`ScorecardError::Shape`] when periods differ in their number of subjects, or weights in number from the periods;
    /// [`ScorecardError::NegativeWeight`].
    ///
    /// ```
    /// use quotaflow::quantity::Ratio;
    /// use quotaflow::scorecard::{MissingChild, Consolidation};
    /// let months = [80, 90, 100].map(|score| vec![Ok(Ratio::from(score))]);
    /// let weights = [1, 1, 2].map(Ratio::from);
    /// let quarter = Consolidation::Mean.over_periods(&months, Some(&weights), MissingChild::LeaveOut)?;
    /// assert_eq!(quarter, [Ok("92.5".parse()?)]);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    pub fn over_periods(
        self,
        periods: &[Vec<Result<Ratio, Reason>>],
        weights: Option<&[Ratio]>,
        missing: MissingChild,
    ) -> Result<Vec<Result<Ratio, Reason>>, ScorecardError> {
        let subjects = periods.first().map_or(0, Vec::len);
        for period in periods {
            same_length("subjects", subjects, period.len())?;
        }
        if let Some(weights) = weights {
            same_length("weights", periods.len(), weights.len())?;
        }
        let scores = periods.concat();
        let subject_of: Vec<Option<usize>> = (0..periods.len())
            .flat_map(|_| (0..subjects).map(Some))
            .collect();
        let weights: Option<Vec<Ratio>> = weights.map(|weights| {
            weights
                .iter()
                .flat_map(|weight| std::iter::repeat_n(*weight, subjects))
                .collect()
        });
        self.gathered(&scores, &subject_of, subjects, weights.as_deref(), missing)
    }
}

#[derive(Debug, Clone, Default)]
struct Sum {
    children: u64,
    weight: Ratio,
    total: Ratio,
    end: Option<Ratio>,
    missing: Option<Reason>,
}

/// How the figures of children make the figure of their parent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Adding {
    /// They are added up, quotients part by part: sales, visits, shares of what was due. The default.
    #[default]
    Sum,
    /// Their mean: ratings.
    Mean,
    /// Their mean, each weighted by its figure in another column: the share of a period by the targets, so that a team's
    /// target times its share is what its people's targets come to.
    WeightedBy(ColumnKey),
    /// The parent has no such column.
    LeaveOut,
}

/// Returns the panel of the rows above: every column with the figures of those below added up, quotients part by part. Who is
/// above whom in a period is what the tree says of its last day.
///
/// A row below whose figure is not applicable is left out; any other reason for having no figure is the parent's too, and a
/// parent without children has figures that are not applicable. That is right for what adds up over members; for ratings
/// and shares of a period see [`rolled_by`].
///
/// # Errors
/// [`ScorecardError::Panel`].
pub fn rolled(panel: &Panel, above: Subjects, tree: Tree<'_>) -> Result<Panel, ScorecardError> {
    rolled_by(panel, above, tree, &BTreeMap::new())
}

/// Returns the panel of the rows above, as [`rolled`] does, with some columns made in another way.
///
/// # Errors
/// [`ScorecardError::Panel`] for a column that is not there.
///
/// ```
/// use std::collections::BTreeMap;
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::measure::Unit;
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::scorecard::{Adding, rolled_by};
/// use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};
/// let def = DimensionDef::new("person", &["team", "person"])?.member("team", "north")?;
/// let people = Dimension::new(def.child("person", "ann", "north")?.child("person", "bo", "north")?)?;
/// let persons = Subjects::new(Axis::new("person", "person")?, vec!["ann".try_into()?, "bo".try_into()?])?;
/// let month = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-02-01".parse()?)?;
/// let mut panel = Panel::new(persons, month);
/// let teamwork = ColumnKey::actual("teamwork")?;
/// panel.add(Column::amounts(teamwork.clone(), Unit::Point, Quantum::ONE, vec![70, 95]))?;
/// let team = Subjects::new(Axis::new("person", "team")?, vec!["north".try_into()?])?;
/// let how = BTreeMap::from([(teamwork, Adding::Mean)]);
/// let team = rolled_by(&panel, team, people.tree("person")?, &how)?;
/// assert_eq!(team.get("teamwork", ["north"], "2026-01")?.to_string(), "82.50 points");
/// # Ok::<(), quotaflow::Error>(())
/// ```
pub fn rolled_by(
    panel: &Panel,
    above: Subjects,
    tree: Tree<'_>,
    how: &BTreeMap<ColumnKey, Adding>,
) -> Result<Panel, ScorecardError> {
    for key in how.keys() {
        panel.column(key)?;
    }
    let by_period: Vec<TreeRows> = panel
        .periods()
        .iter()
        .map(|period| tree.rows(panel.subjects(), &above, last_day(&period)))
        .collect();
    let mut result = panel.like(above);
    for column in panel.columns() {
        let rolled = match how.get(column.key()) {
            None | Some(Adding::Sum) => rolled_column(column, &by_period)?,
            Some(Adding::Mean) => mean_column(column, None, &by_period)?,
            Some(Adding::WeightedBy(weights)) => {
                let weights = panel.column(weights)?;
                mean_column(column, Some(weights), &by_period)?
            }
            Some(Adding::LeaveOut) => continue,
        };
        result.add(rolled)?;
    }
    Ok(result)
}

fn last_day(period: &Period) -> NaiveDate {
    period.end.pred_opt().unwrap_or(period.end)
}

/// The cells of the rows below, each with the cell of the row above.
fn pairs(by_period: &[TreeRows]) -> impl Iterator<Item = (usize, usize)> {
    by_period.iter().enumerate().flat_map(|(period, rows)| {
        (0..rows.len()).filter_map(move |child| {
            let parent = rows.parent(RowId::at(child))?.index();
            Some((
                period * rows.len() + child,
                period * rows.above().len() + parent,
            ))
        })
    })
}

fn cells_above(by_period: &[TreeRows]) -> usize {
    by_period.iter().map(|rows| rows.above().len()).sum()
}

/// Returns the weighted means of the children, as quotients of whole numbers.
fn mean_column(
    column: &Column,
    weights: Option<&Column>,
    by_period: &[TreeRows],
) -> Result<Column, ScorecardError> {
    let mut sums = vec![Sum::default(); cells_above(by_period)];
    for (cell, to) in pairs(by_period) {
        let sum = &mut sums[to];
        let weight = weights.map_or(Ok(Ratio::ONE), |weights| weights.answer(cell).ratio());
        match (column.answer(cell).ratio(), weight) {
            (Err(Reason::NotApplicable), _) | (_, Err(Reason::NotApplicable)) => {}
            (Err(state), _) | (_, Err(state)) => {
                sum.missing.get_or_insert(state);
            }
            (Ok(value), Ok(weight)) => {
                if weight.is_negative() || Consolidation::Mean.add(sum, value, weight).is_err() {
                    sum.missing.get_or_insert(Reason::OutOfRange);
                }
            }
        }
    }
    let mut states = Vec::with_capacity(sums.len());
    let (mut tops, mut bottoms) = (
        Vec::with_capacity(sums.len()),
        Vec::with_capacity(sums.len()),
    );
    for sum in &sums {
        let found = match Consolidation::Mean.result(sum) {
            Ok(value) => i64::try_from(value.numerator())
                .ok()
                .zip(i64::try_from(value.denominator()).ok())
                .ok_or(Reason::OutOfRange),
            // Without children that count there is nothing to speak of.
            Err(_) if sum.children == 0 && sum.missing.is_none() => Err(Reason::NotApplicable),
            Err(state) => Err(state),
        };
        let (top, bottom) = found.unwrap_or((0, 1));
        tops.push(top);
        bottoms.push(bottom);
        states.push(found.err());
    }
    let (key, unit) = (column.key().clone(), column.unit().clone());
    let mean = Column::quotients(key, unit, Ratio::ONE, tops, bottoms)?;
    Ok(mean.better(column.direction()).with_reasons(&states)?)
}

fn rolled_column(column: &Column, by_period: &[TreeRows]) -> Result<Column, ScorecardError> {
    if column.is_fractions() {
        return Ok(rolled_fractions(column, by_period));
    }
    let cells = cells_above(by_period);
    let mut tops = vec![0_i128; cells];
    let mut bottoms = vec![0_i128; cells];
    let mut states = vec![Some(Reason::NotApplicable); cells];
    for (from, to) in pairs(by_period) {
        match column.reasons()[from] {
            Some(Reason::NotApplicable) => {}
            None => {
                if states[to] == Some(Reason::NotApplicable) {
                    states[to] = None;
                }
                match column.figures() {
                    Figures::Amounts { units, .. } => tops[to] += i128::from(units[from]),
                    Figures::Quotients {
                        numerators,
                        denominators,
                        ..
                    } => {
                        tops[to] += i128::from(numerators[from]);
                        bottoms[to] += i128::from(denominators[from]);
                    }
                }
            }
            // The first reason stays.
            state if states[to].is_none() || states[to] == Some(Reason::NotApplicable) => {
                states[to] = state;
            }
            _ => {}
        }
    }
    let mut narrow = |sums: &[i128]| -> Vec<i64> {
        sums.iter()
            .zip(&mut states)
            .map(|(sum, state)| {
                i64::try_from(*sum).unwrap_or_else(|_| {
                    *state = Some(Reason::OutOfRange);
                    0
                })
            })
            .collect()
    };
    let (key, unit) = (column.key().clone(), column.unit().clone());
    let rolled = match column.figures() {
        Figures::Amounts { quantum, .. } => Column::amounts(key, unit, *quantum, narrow(&tops)),
        Figures::Quotients { scale, .. } => {
            Column::quotients(key, unit, *scale, narrow(&tops), narrow(&bottoms))?
        }
    };
    // A quotient without a denominator takes its own reason only where its children give none.
    Ok(rolled.better(column.direction()).with_reasons(&states)?)
}

/// Adds exact amounts up by value.
fn rolled_fractions(column: &Column, by_period: &[TreeRows]) -> Column {
    let mut sums: Vec<Result<Ratio, Reason>> =
        vec![Err(Reason::NotApplicable); cells_above(by_period)];
    for (from, to) in pairs(by_period) {
        let sum = &mut sums[to];
        *sum = match (*sum, column.answer(from).ratio()) {
            (sum, Err(Reason::NotApplicable)) => sum,
            (Ok(sum), Ok(part)) => sum.checked_add(part).map_err(|_| Reason::OutOfRange),
            (Err(Reason::NotApplicable), Ok(part)) => Ok(part),
            // The first reason stays.
            (Ok(_) | Err(Reason::NotApplicable), Err(state)) | (Err(state), _) => Err(state),
        };
    }
    let narrow = |value: i128| i64::try_from(value).map_err(|_| Reason::OutOfRange);
    let parts: Vec<_> = sums
        .into_iter()
        .map(|sum| sum.and_then(|sum| Ok((narrow(sum.numerator())?, narrow(sum.denominator())?))))
        .collect();
    let (key, unit) = (column.key().clone(), column.unit().clone());
    Column::fractions(key, unit, Ratio::ONE, &parts).better(column.direction())
}

fn check_parents(
    children: usize,
    parent_of: &[Option<usize>],
    parents: usize,
) -> Result<(), ScorecardError> {
    same_length("parents", children, parent_of.len())?;
    match parent_of
        .iter()
        .flatten()
        .find(|parent| **parent >= parents)
    {
        Some(parent) => Err(ScorecardError::Shape {
            what: "parents",
            expected: parents,
            found: parent.saturating_add(1),
        }),
        None => Ok(()),
    }
}

/// Rows of persons, each in the group of this number or in none.
#[cfg(test)]
pub(crate) fn in_groups(group_of: &[Option<usize>], groups: usize) -> TreeRows {
    use crate::key::Key;
    use crate::space::{Axis, Dimension, DimensionDef};
    let names = |start: &str, count: usize| -> Vec<String> {
        (0..count).map(|at| format!("{start}{at:03}")).collect()
    };
    let (persons, above) = (names("person", group_of.len()), names("group", groups));
    let mut def = DimensionDef::new("person", &["group", "person"]).unwrap();
    for group in &above {
        def = def.member("group", group).unwrap();
    }
    for (person, group) in persons.iter().zip(group_of) {
        def = match group {
            Some(group) => def.child("person", person, &above[*group]).unwrap(),
            None => def.member("person", person).unwrap(),
        };
    }
    let rows = |level: &str, names: &[String]| {
        let keys = names.iter().map(|name| Key::new(name).unwrap()).collect();
        Subjects::new(Axis::new("person", level).unwrap(), keys).unwrap()
    };
    let dimension = Dimension::new(def).unwrap();
    let (persons, above) = (rows("person", &persons), rows("group", &above));
    let day = NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
    dimension
        .tree("person")
        .unwrap()
        .rows(&persons, &above, day)
}

pub(crate) fn same_length(
    what: &'static str,
    expected: usize,
    found: usize,
) -> Result<(), ScorecardError> {
    if expected == found {
        Ok(())
    } else {
        Err(ScorecardError::Shape {
            what,
            expected,
            found,
        })
    }
}

#[cfg(test)]
mod tests;
