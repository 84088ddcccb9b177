//! Witnesses: values of columns for which what a finding says can be seen.
//!
//! A witness is looked for and not derived: cases are made from the numbers that the conditions mention, just below, at and
//! just above them, and the compiled conditions themselves are asked about all of them at once. What is found is therefore
//! so; where nothing is found there may still be something.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::facts::Budget;
use crate::band::Interval;
use crate::calendar::{Calendar, Grain, PeriodSet};
use crate::control::Baseline;
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::{Column, ColumnKey, Figures, Panel, Reason, Role};
use crate::quantity::Ratio;
use crate::rule::Control;
use crate::rule::condition::{
    AtLeast, Between, Comparison, Condition, Consecutive, Silence, StateTest, SubjectTest, Trend,
    Within,
};
use crate::rule::operand::{Operand, Previous, Quotient, Scaled, TrailingMean};
use crate::rule::{RuleDef, RuleSet};
use crate::space::{Axis, Subjects};

/// The most cases that are made.
const CASES: usize = 4_096;
/// The most cells that are made for one finding: long histories of many columns are tried in fewer cases.
const CELLS: usize = 100_000;
/// The longest history that is made.
const LONGEST: usize = 60;
/// The most numbers that are tried for one column.
const NUMBERS: usize = 40;

/// Values of columns for which something holds: a panel of one subject. A period without a value has nothing recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// A member of the subject, where the conditions ask for some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<Key>,
    /// Each column from the earliest period to the one that is judged. All are equally long.
    pub history: BTreeMap<ColumnKey, Vec<Option<Ratio>>>,
}

impl Witness {
    /// Returns a column's value in the period that is judged; `None` where nothing is recorded or the column plays no part.
    #[must_use]
    pub fn latest(&self, column: &ColumnKey) -> Option<Ratio> {
        self.history.get(column)?.last().copied().flatten()
    }

    /// Returns the witness as a panel with the columns, units and periods of this one, to be judged in its last period;
    /// `None` where its values are not whole quanta there, or where it needs a longer history. Columns that play no part, and
    /// earlier periods, have nothing recorded.
    ///
    /// ```
    /// use quotaflow::calendar::{Calendar, Grain};
    /// use quotaflow::panel::{Column, ColumnKey, Panel};
    /// use quotaflow::quantity::Quantum;
    /// use quotaflow::rule::check::Anomaly;
    /// use quotaflow::rule::{RuleDef, RuleSet};
    /// use quotaflow::space::Subjects;
    /// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-04-01".parse()?)?;
    /// let mut panel = Panel::new(Subjects::whole(), months);
    /// panel.add(Column::amounts(ColumnKey::actual("visits")?, "count:visit".parse()?, Quantum::ONE, vec![7, 8, 9]))?;
    /// let rule = |key, text: &str| Ok::<_, quotaflow::Error>(RuleDef::new(key, text.parse()?)?);
    /// let rules = RuleSet::compile([rule("few", "visits < 5")?, rule("fewer", "visits < 3")?], &panel)?;
    /// let found = rules.check(&Default::default());
    /// let Anomaly::Implies { rule, other, witness: Some(witness) } = &found[0] else { panic!("{found:?}") };
    /// assert_eq!((rule.as_str(), other.as_str()), ("fewer", "few"));
    /// // Few, but not fewer.
    /// let case = witness.panel(&panel).ok_or("no panel")?;
    /// let march = case.periods().ids().last().ok_or("no period")?;
    /// let fired = rules.evaluate(&case, march)?;
    /// assert_eq!(fired.len(), 1);
    /// assert_eq!(fired[0].rule().as_str(), "few");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    #[must_use]
    pub fn panel(&self, like: &Panel) -> Option<Panel> {
        let subjects = match &self.member {
            None => Subjects::whole(),
            Some(member) => {
                let axis = Axis::new("subject", "subject").ok()?;
                Subjects::new(axis, vec![member.clone()]).ok()?
            }
        };
        let mut panel = Panel::new(subjects, like.periods().clone());
        let periods = like.periods().len();
        for column in like.columns() {
            let none = Vec::new();
            let history = self.history.get(column.key()).unwrap_or(&none);
            let earlier = periods.checked_sub(history.len())?;
            let values = std::iter::repeat_n(&None, earlier).chain(history);
            let states: Vec<Option<Reason>> = values.clone().copied().map(state).collect();
            let made = match column.figures() {
                Figures::Amounts { quantum, .. } => {
                    let units: Option<Vec<i64>> = values
                        .map(|value| match value {
                            None => Some(0),
                            Some(value) => {
                                let units = value.checked_div(quantum.ratio()).ok()?;
                                let whole = units.denominator() == 1;
                                i64::try_from(units.numerator()).ok().filter(|_| whole)
                            }
                        })
                        .collect();
                    Column::amounts(
                        column.key().clone(),
                        column.unit().clone(),
                        *quantum,
                        units?,
                    )
                }
                Figures::Quotients { scale, .. } => {
                    let scaled: Option<Vec<Option<Ratio>>> = values
                        .map(|value| match value {
                            None => Some(None),
                            Some(value) => value.checked_div(*scale).ok().map(Some),
                        })
                        .collect();
                    quotients(
                        column.key().clone(),
                        column.unit().clone(),
                        *scale,
                        &scaled?,
                    )?
                }
            };
            let made = made.better(column.direction()).with_reasons(&states);
            panel.add(made.ok()?).ok()?;
        }
        Some(panel)
    }
}

fn state(value: Option<Ratio>) -> Option<Reason> {
    match value {
        Some(_) => None,
        None => Some(Reason::NothingRecorded),
    }
}

fn quotients(key: ColumnKey, unit: Unit, scale: Ratio, values: &[Option<Ratio>]) -> Option<Column> {
    let part = |of: fn(Ratio) -> i128| {
        let parts = values
            .iter()
            .map(|value| i64::try_from(of(value.unwrap_or(Ratio::ZERO))).ok());
        parts.collect::<Option<Vec<i64>>>()
    };
    let (top, bottom) = (part(Ratio::numerator)?, part(Ratio::denominator)?);
    Column::quotients(key, unit, scale, top, bottom).ok()
}

/// What the conditions of some rules look at.
#[derive(Default)]
struct Looks {
    columns: BTreeSet<ColumnKey>,
    numbers: BTreeSet<Ratio>,
    factors: BTreeSet<Ratio>,
    members: BTreeSet<Key>,
    grain: Option<Grain>,
    /// How many periods before the one that is judged.
    back: usize,
    /// Whether a case would change what is said of the others, or needs more than is made here.
    beyond: bool,
}

/// The cases that are tried: whose subject each is, and which course each column takes in it.
struct Cases {
    members: Vec<Option<Key>>,
    courses: Vec<(ColumnKey, Vec<Vec<Option<Ratio>>>)>,
    /// For each case the course of each column, and then the member.
    picks: Vec<Vec<usize>>,
}

impl Cases {
    /// Makes as many cases as the budget allows: every combination, or some of every kind.
    fn of(
        looks: &Looks,
        ranges: &BTreeMap<ColumnKey, Interval>,
        budget: &Budget,
        conditions: usize,
    ) -> Option<Self> {
        let members: Vec<Option<Key>> = if looks.members.is_empty() {
            vec![None]
        } else {
            let other = Key::new("somebody else").ok()?;
            looks
                .members
                .iter()
                .cloned()
                .chain([other])
                .map(Some)
                .collect()
        };
        let courses: Vec<(ColumnKey, Vec<Vec<Option<Ratio>>>)> = looks
            .columns
            .iter()
            .map(|column| {
                (
                    column.clone(),
                    looks.courses(column.role, ranges.get(column)),
                )
            })
            .collect();
        let all = courses.iter().try_fold(members.len(), |all, (_, courses)| {
            all.checked_mul(courses.len())
        });
        // Where not all combinations fit, steps without a common factor visit some of every kind.
        let each = (courses.len() + conditions) * (looks.back + 1);
        let most = CASES.min(CELLS.min(budget.cells.get()) / each);
        let count = all.map_or(most, |all| all.min(most));
        budget
            .cells
            .set(budget.cells.get().saturating_sub(count * each));
        let every = all == Some(count);
        let choice = |case: usize, place: usize, among: usize, before: usize| {
            if every {
                case / before % among
            } else {
                const STEPS: [usize; 8] = [1, 7, 31, 61, 127, 257, 509, 1_021];
                (case.wrapping_mul(STEPS[place % STEPS.len()]) + case / (11 + place)) % among
            }
        };
        let mut picks: Vec<Vec<usize>> = Vec::with_capacity(count);
        for case in 0..count {
            let mut before = 1;
            let mut pick = Vec::with_capacity(courses.len() + 1);
            let sizes = courses
                .iter()
                .map(|(_, courses)| courses.len())
                .chain([members.len()]);
            for (place, among) in sizes.enumerate() {
                pick.push(choice(case, place, among, before));
                before = before.saturating_mul(among);
            }
            picks.push(pick);
        }
        Some(Self {
            members,
            courses,
            picks,
        })
    }

    /// Writes the cases as the rows of a panel.
    fn panel(&self, looks: &Looks, periods: PeriodSet) -> Option<Panel> {
        let rows = self.picks.iter().enumerate().map(|(case, pick)| {
            let member = pick.last().and_then(|at| self.members[*at].clone());
            Key::new(format!("\u{2116} {case}"))
                .ok()
                .map(|name| std::iter::once(name).chain(member).collect())
        });
        let axis = |name: &str| Axis::new(name, name).ok();
        let mut axes = vec![axis("case")?];
        if !looks.members.is_empty() {
            axes.push(axis("member")?);
        }
        let subjects = Subjects::rows(axes, rows.collect::<Option<Vec<Vec<Key>>>>()?).ok()?;
        let mut panel = Panel::new(subjects, periods);
        for (place, (key, courses)) in self.courses.iter().enumerate() {
            let cells: Vec<Option<Ratio>> = (0..=looks.back)
                .flat_map(|period| {
                    self.picks
                        .iter()
                        .map(move |pick| courses[pick[place]][period])
                })
                .collect();
            let states: Vec<Option<Reason>> = cells.iter().copied().map(state).collect();
            let column = quotients(key.clone(), Unit::Share, Ratio::ONE, &cells)?;
            panel.add(column.with_reasons(&states).ok()?).ok()?;
        }
        Some(panel)
    }

    /// Returns what a case was: whose, and which figures.
    fn witness(self, case: usize) -> Witness {
        let pick = &self.picks[case];
        let history = self
            .courses
            .iter()
            .zip(pick)
            .map(|((key, courses), at)| (key.clone(), courses[*at].clone()))
            .collect();
        let member = pick.last().and_then(|at| self.members[*at].clone());
        Witness { member, history }
    }
}

/// Returns a case in which each of these conditions is true or false, as it is wanted.
pub(super) fn witness(
    wanted: &[(&RuleDef, &Condition, bool)],
    ranges: &BTreeMap<ColumnKey, Interval>,
    budget: &Budget,
) -> Option<Witness> {
    let mut looks = Looks::default();
    let mut rules = Vec::new();
    for (index, (rule, condition, _)) in wanted.iter().enumerate() {
        condition.check_bounds().ok()?;
        let mut bare = (*condition).clone();
        strip(&mut bare, rule);
        looks.condition(&bare, 0);
        rules.push(RuleDef::new(&format!("rule-{index}"), bare).ok()?);
    }
    if looks.beyond || looks.back >= LONGEST || looks.columns.is_empty() {
        return None;
    }
    let periods = looks.periods()?;
    let cases = Cases::of(&looks, ranges, budget, wanted.len())?;
    let panel = cases.panel(&looks, periods)?;
    let rules = RuleSet::compile(rules, &panel).ok()?;
    let verdicts = rules.over(&panel).ok()?.conditions(looks.back).ok()?;
    let undecided: Vec<BTreeSet<usize>> = (0..wanted.len())
        .map(|rule| verdicts.rows_undecided(rule).collect())
        .collect();
    let case = (0..cases.picks.len()).find(|case| {
        wanted.iter().enumerate().all(|(rule, (_, _, so))| {
            verdicts.fires_at(rule, *case) == *so && !undecided[rule].contains(case)
        })
    })?;
    Some(cases.witness(case))
}

/// Fills in parameters and leaves units out: they were checked, and every column of a case is a share.
fn strip(condition: &mut Condition, rule: &RuleDef) {
    match condition {
        Condition::Compare(Comparison { left, right, .. }) => {
            strip_operand(left, rule);
            strip_operand(right, rule);
        }
        Condition::Between(Between { of, from, to }) => {
            for operand in [of, from, to] {
                strip_operand(operand, rule);
            }
        }
        Condition::Trend(Trend { of, .. }) | Condition::Control(Control { of, .. }) => {
            strip_operand(of, rule);
        }
        Condition::All(list)
        | Condition::Any(list)
        | Condition::AtLeast(AtLeast { of: list, .. }) => {
            for condition in list {
                strip(condition, rule);
            }
        }
        Condition::Not(of)
        | Condition::Consecutive(Consecutive { of, .. })
        | Condition::Within(Within { of, .. }) => strip(of, rule),
        Condition::State(_) | Condition::Stale(_) | Condition::Late(_) | Condition::Subject(_) => {}
    }
}

fn strip_operand(operand: &mut Operand, rule: &RuleDef) {
    match operand {
        Operand::Constant(constant) => constant.unit = None,
        Operand::Parameter(name) => {
            if let Some(known) = rule.parameters.get(name) {
                *operand = Operand::number(known.value);
            }
        }
        Operand::Ratio(Quotient { of, to: other })
        | Operand::Difference { of, less: other }
        | Operand::Change { of, against: other } => {
            strip_operand(of, rule);
            strip_operand(other, rule);
        }
        Operand::Scaled(Scaled { of, .. })
        | Operand::Previous(Previous { of, .. })
        | Operand::TrailingMean(TrailingMean { of, .. })
        | Operand::LastYear(of)
        | Operand::Rank(of)
        | Operand::Percentile(of)
        | Operand::FromMedian(of)
        | Operand::Score(of) => strip_operand(of, rule),
        Operand::Metric(_)
        | Operand::Target(_)
        | Operand::Expected(_)
        | Operand::Projected(_)
        | Operand::Below(_)
        | Operand::Quiet(_)
        | Operand::Attainment(_)
        | Operand::Pace(_)
        | Operand::Gap(_) => {}
    }
}

impl Looks {
    fn condition(&mut self, condition: &Condition, back: usize) {
        let mut back = back;
        if let Some(span) = condition.span()
            && !matches!(condition, Condition::Control(_))
        {
            self.grain(span.grain);
            let own = usize::from(span.count);
            back += match condition {
                Condition::Trend(_) => own,
                _ => own.saturating_sub(1),
            };
        }
        self.back = self.back.max(back);
        match condition {
            Condition::State(StateTest { of, .. })
            | Condition::Stale(Silence { of, .. })
            | Condition::Late(Silence { of, .. }) => {
                self.columns.insert(of.clone());
            }
            Condition::Subject(SubjectTest {
                members,
                starts_with,
            }) => self
                .members
                .extend(members.iter().chain(starts_with).cloned()),
            Condition::Control(control) => match control.baseline {
                Baseline::First(_) => self.beyond = true,
                Baseline::Around(around) => {
                    let three = around.sigma.checked_mul(Ratio::from(4));
                    let beyond = three.and_then(|three| around.centre.checked_add(three));
                    self.numbers
                        .extend([around.centre].into_iter().chain(beyond.ok()));
                    back += 9;
                    self.back = self.back.max(back);
                }
            },
            _ => {}
        }
        condition.children(|_, child| self.condition(child, back));
        condition.operands(|_, operand| self.operand(operand, back));
    }

    fn operand(&mut self, operand: &Operand, back: usize) {
        let mut back = back;
        if let Some(span) = operand.span() {
            self.grain(span.grain);
            back += usize::from(span.count);
            self.back = self.back.max(back);
        }
        match operand {
            Operand::Constant(constant) => {
                self.numbers.insert(constant.value);
            }
            Operand::Scaled(scaled) => {
                self.numbers.insert(scaled.factor);
                self.factors.insert(scaled.factor);
            }
            // What is said of one case depends on all others; a year back needs a calendar.
            Operand::Rank(_)
            | Operand::Percentile(_)
            | Operand::FromMedian(_)
            | Operand::Score(_)
            | Operand::LastYear(_) => self.beyond = true,
            Operand::Attainment(metric) | Operand::Gap(metric) => {
                self.roles(metric, &[Role::Actual, Role::Target]);
            }
            Operand::Pace(metric) => self.roles(metric, &[Role::Expected, Role::Target]),
            other => self.columns.extend(other.column()),
        }
        operand.children(|_, child| self.operand(child, back));
    }

    fn roles(&mut self, metric: &Key, roles: &[Role]) {
        self.columns.extend(roles.iter().map(|role| ColumnKey {
            metric: metric.clone(),
            role: *role,
        }));
    }

    fn grain(&mut self, grain: Option<Grain>) {
        match (self.grain, grain) {
            (Some(known), Some(grain)) if known != grain => self.beyond = true,
            (known, grain) => self.grain = known.or(grain),
        }
    }

    fn periods(&self) -> Option<PeriodSet> {
        let start = NaiveDate::from_ymd_opt(2020, 1, 1)?;
        let count = self.back as u64 + 1;
        let (grain, days) = match self.grain {
            // The first of January 2020 is a Wednesday; whole weeks start on a Monday.
            Some(Grain::Week) => {
                let monday = start.checked_add_days(Days::new(5))?;
                let end = monday.checked_add_days(Days::new(7 * count))?;
                return Calendar::gregorian().periods(Grain::Week, monday, end).ok();
            }
            Some(Grain::Day) => (Grain::Day, 1),
            None | Some(Grain::Month) => {
                let end =
                    start.checked_add_months(chrono::Months::new(u32::try_from(count).ok()?))?;
                return Calendar::gregorian().periods(Grain::Month, start, end).ok();
            }
            Some(Grain::Quarter | Grain::Half | Grain::Year) => {
                let (grain, months) = match self.grain {
                    Some(Grain::Quarter) => (Grain::Quarter, 3),
                    Some(Grain::Half) => (Grain::Half, 6),
                    _ => (Grain::Year, 12),
                };
                let months = u32::try_from(count).ok()?.checked_mul(months)?;
                let end = start.checked_add_months(chrono::Months::new(months))?;
                return Calendar::gregorian().periods(grain, start, end).ok();
            }
        };
        let end = start.checked_add_days(Days::new(days * count))?;
        Calendar::gregorian().periods(grain, start, end).ok()
    }

    /// Returns the courses that are tried for a column, each from the earliest period to the one that is judged.
    fn courses(&self, role: Role, range: Option<&Interval>) -> Vec<Vec<Option<Ratio>>> {
        let fits = |value: &Ratio| range.is_none_or(|range| range.contains(*value));
        let half = Ratio::percent(50);
        let hundred = Ratio::from(100);
        let mut numbers: Vec<Ratio> = Vec::new();
        let mut add = |value: Option<Ratio>| {
            if let Some(value) = value
                && fits(&value)
                && numbers.len() < NUMBERS
                && !numbers.contains(&value)
            {
                numbers.push(value);
            }
        };
        let ends = range
            .into_iter()
            .flat_map(|range| [range.lower(), range.upper()]);
        let common = [hundred, Ratio::ZERO, Ratio::ONE, Ratio::from(-1)].map(Some);
        let around = |value: Ratio, step: Ratio| {
            [
                Some(value),
                value.checked_sub(step).ok(),
                value.checked_add(step).ok(),
            ]
        };
        let without = self.factors.iter().filter(|factor| !factor.is_zero());
        let without = without.flat_map(|factor| {
            let divided = |number: &Ratio| number.checked_div(*factor).ok();
            self.numbers.iter().filter_map(divided)
        });
        // What others are measured against is a round number.
        if role != Role::Actual {
            add(Some(hundred));
        }
        for number in self.numbers.iter().copied().chain(without) {
            around(number, half).into_iter().for_each(&mut add);
        }
        for end in ends {
            match end {
                Bound::Included(at) => add(Some(at)),
                // The end itself is no value; what lies beyond it neither.
                Bound::Excluded(at) => around(at, half).into_iter().for_each(&mut add),
                Bound::Unbounded => {}
            }
        }
        common.into_iter().for_each(&mut add);
        for number in &self.numbers {
            // Against another column at a hundred.
            if Ratio::from(-10) <= *number
                && *number <= Ratio::from(10)
                && let Ok(scaled) = number.checked_mul(hundred)
            {
                around(scaled, Ratio::ONE).into_iter().for_each(&mut add);
            }
        }
        let length = self.back + 1;
        let mut courses: Vec<Vec<Option<Ratio>>> = numbers
            .iter()
            .map(|value| vec![Some(*value); length])
            .collect();
        if self.back > 0 {
            for value in &numbers {
                let course = |step: i64| {
                    (0..length)
                        .rev()
                        .map(|back| {
                            let moved = Ratio::from(i64::try_from(back).ok()?);
                            let moved = moved.checked_mul(Ratio::from(step)).ok()?;
                            value.checked_add(moved).ok().filter(|value| fits(value))
                        })
                        .collect()
                };
                courses.push(course(1));
                courses.push(course(-1));
                let mut jump = vec![Some(hundred).filter(|hundred| fits(hundred)); length];
                jump[length - 1] = Some(*value);
                courses.push(jump);
            }
        }
        courses.push(vec![None; length]);
        courses
    }
}
