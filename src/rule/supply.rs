//! The columns that rules read beside figures: how many of those below, and how long nothing has happened.

use std::collections::BTreeSet;

use super::condition::{Silence, StateTest};
use super::operand::{Quiet, QuietTime};
use super::silence::quiet;
use super::supplied::supplied;
use super::{Condition, Deviation, Elapsed, Grade, Judge, NoEventYet, Operand, RuleDef, RuleError};
use crate::calendar::{WorkingDays, WorkingHours};
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Columns, Panel, Role};
use crate::space::Tree;

/// What the columns of [`Operand::Below`] and [`Operand::Quiet`] are made from.
///
/// A rule reads its own panel and nothing else. What it says of those below (`below(behind) >= 3`) or of the time in which nothing
/// has happened (`quiet(visits, working days) >= 10 day`) is worked out into columns of that panel before it is compiled: they
/// are named after what they say (`below:behind`, `quiet_working_days:visits`), so that the rules themselves say which are needed.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::rule::{RuleDef, RuleSet, Supply};
/// use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};
/// let month = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-02-01".parse()?)?;
/// let of = |level: &str, names: &[&str]| {
///     let names = names.iter().map(|name| (*name).try_into()).collect::<Result<_, _>>()?;
///     Ok::<_, quotaflow::Error>(Panel::new(Subjects::new(Axis::new("person", level)?, names)?, month.clone()))
/// };
/// let mut people = of("person", &["ann", "bo", "cai", "di"])?;
/// people.add(Column::amounts(ColumnKey::actual("visits")?, "count:visit".parse()?, Quantum::ONE, vec![3, 2, 9, 1]))?;
/// let behind = RuleSet::compile([RuleDef::new("behind", "visits < 5".parse()?)?], &people)?;
///
/// let mut teams = of("team", &["north", "south"])?;
/// let staff = DimensionDef::new("person", &["team", "person"])?.member("team", "north")?.member("team", "south")?;
/// let staff = staff.child("person", "ann", "north")?.child("person", "bo", "north")?.child("person", "cai", "south")?;
/// let staff = Dimension::new(staff.child("person", "di", "north")?)?;
/// let tree = staff.tree("person")?;
/// let many = RuleDef::new("many behind", "below(behind) >= 3".parse()?)?;
/// let judge = behind.over(&people)?;
/// teams.extend(Supply::new().below(&judge, tree).columns(std::slice::from_ref(&many)))?;
/// let alerts = RuleSet::compile([many], &teams)?.evaluate(&teams, month.id("2026-01")?)?;
/// assert_eq!((alerts.len(), alerts[0].members()[0].as_str()), (1, "north"));
///
/// let slip = RuleDef::new("slip", "below(behnd) >= 3".parse()?)?;
/// let error = teams.extend(Supply::new().below(&judge, tree).columns(&[slip])).unwrap_err();
/// assert_eq!(error.to_string(), "rule `slip`, below:behnd: there is no rule `behnd`; did you mean `behind`?");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Supply<'a> {
    below: Option<(&'a Judge<'a>, Tree<'a>)>,
    working_days: Option<&'a WorkingDays>,
    working_hours: Option<&'a WorkingHours>,
    no_event_yet: NoEventYet<'a>,
}

impl<'a> Supply<'a> {
    /// Returns a supply of calendar days alone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the rules that watch those below, asked about the panel of these, and who is below whom on the last day of each
    /// period. Subjects without one above count nowhere.
    #[must_use]
    pub fn below(mut self, judge: &'a Judge<'a>, tree: Tree<'a>) -> Self {
        self.below = Some((judge, tree));
        self
    }

    /// Adds the days on which work is done.
    #[must_use]
    pub fn working_days(mut self, days: &'a WorkingDays) -> Self {
        self.working_days = Some(days);
        self
    }

    /// Adds the hours in which work is done.
    #[must_use]
    pub fn working_hours(mut self, hours: &'a WorkingHours) -> Self {
        self.working_hours = Some(hours);
        self
    }

    /// Says what holds of a subject with which nothing has happened since the panel begins; counted from its first day where nothing
    /// is said.
    #[must_use]
    pub fn no_event_yet(mut self, counts: NoEventYet<'a>) -> Self {
        self.no_event_yet = counts;
        self
    }

    /// Gives a panel the columns that the rules read of those below and of time in which nothing has happened, as far as it
    /// does not have them. What nobody asks for costs nothing.
    ///
    /// # Errors
    /// [`RuleError::In`] with the rule and what is wrong: [`RuleError::UnknownRule`] and [`RuleError::UnknownColumn`] with the
    /// nearest name, [`RuleError::NoSource`] where what a column is made from was not given, the errors of
    /// [`Judge::tally`] and [`silence`](super::silence()).
    pub fn columns(self, rules: &'a [RuleDef]) -> impl Columns<Error = RuleError> {
        move |panel: &Panel| -> Result<Vec<Column>, RuleError> {
            let mut columns = Vec::new();
            let mut known: BTreeSet<ColumnKey> = panel
                .columns()
                .iter()
                .map(|column| column.key().clone())
                .collect();
            for rule in rules {
                for key in read(rule) {
                    if !known.insert(key.clone()) {
                        continue;
                    }
                    let column = self.column(&key, panel);
                    let within = |problem: RuleError| problem.within(&rule.key, &key.to_string());
                    columns.extend(column.map_err(within)?);
                }
            }
            Ok(columns)
        }
    }

    fn column(&self, key: &ColumnKey, panel: &Panel) -> Result<Option<Column>, RuleError> {
        let no_source = |what| RuleError::NoSource {
            column: key.clone(),
            what,
        };
        let (of, elapsed) = match supplied(key) {
            Some(Operand::Below(rule)) => {
                let (judge, tree) = self
                    .below
                    .ok_or_else(|| no_source("rules that watch those below"))?;
                let axes = judge.view.panel.subjects().axes();
                let of = axes.last().map(|axis| axis.dimension.clone());
                let unit = of.map_or(Unit::Count(Key::from_static("subject")), Unit::Count);
                let column = judge.tallied(&rule, panel, tree, key.clone(), unit)?;
                let better = match judge.rule(&rule)?.def.deviation {
                    Deviation::Adverse => Direction::Smaller,
                    Deviation::Favourable => Direction::Larger,
                };
                return Ok(Some(column.better(better)));
            }
            Some(Operand::Quiet(Quiet { of, time })) => {
                let days = || self.working_days.ok_or_else(|| no_source("working days"));
                let hours = || self.working_hours.ok_or_else(|| no_source("working hours"));
                let elapsed = match time {
                    QuietTime::Days => Elapsed::Days,
                    QuietTime::WorkingDays => Elapsed::WorkingDays(days()?),
                    QuietTime::WorkingTime => Elapsed::WorkingTime(hours()?),
                };
                (of, elapsed)
            }
            // Figures, which are there or are not.
            _ => return Ok(None),
        };
        let of = ColumnKey {
            metric: of,
            role: Role::Actual,
        };
        quiet(panel, &of, key.clone(), elapsed, self.no_event_yet).map(Some)
    }
}

/// Returns the columns that a rule's conditions and its severity read.
fn read(rule: &RuleDef) -> BTreeSet<ColumnKey> {
    let mut found = BTreeSet::new();
    let mut operands: Vec<&Operand> = Vec::new();
    if let Grade::By(bands) = &rule.severity {
        operands.push(&bands.of);
    }
    let mut conditions: Vec<&Condition> = vec![&rule.when];
    conditions.extend(&rule.clear);
    conditions.extend(&rule.scope.provided);
    while let Some(condition) = conditions.pop() {
        match condition {
            Condition::State(StateTest { of, .. })
            | Condition::Stale(Silence { of, .. })
            | Condition::Late(Silence { of, .. }) => {
                found.insert(of.clone());
            }
            _ => {}
        }
        condition.operands(|_, operand| operands.push(operand));
        condition.children(|_, child| conditions.push(child));
    }
    while let Some(operand) = operands.pop() {
        found.extend(operand.column());
        operand.children(|_, child| operands.push(child));
    }
    found
}
