//! Running a scenario: each room in its turn.

use std::collections::BTreeMap;

use super::{
    At, Outcome, ScenarioCause, ScenarioDef, ScenarioError, TargetCell, TargetDef, TargetWarning,
    UnaskedRule, outcome,
};
use crate::calendar::{Calendar, PeriodSet, WorkingDays};
use crate::document::Version;
use crate::key::Key;
use crate::ledger::{Ledger, LedgerError, Schema};
use crate::limits::{Limits, Size};
use crate::measure::Unit;
use crate::metric::{Layout, MetricDef, Program};
use crate::model::PeriodsDef;
use crate::panel::{Column, ColumnKey, Figures, Panel, Reason, Role};
use crate::plan::{Cascade, CascadeDef, MissingFigure, Sources, Structure, Table, Warning};
use crate::quantity::Number;
use crate::review::{ReviewSources, review};
use crate::rule::check::check_shares;
use crate::rule::{NoEventYet, RuleError, RuleSet, Severity, Supply};
use crate::scorecard::Scorecard;
use crate::space::{Axis, Dimension, MemberId, Placement, Subjects, UNASSIGNED, Unassigned};

/// What a cell of an outcome takes: its name, its value as text, and its share of the row.
const CELL_BYTES: u128 = 256;

impl ScenarioDef {
    /// Returns what follows from the scenario: a pure function of the document.
    ///
    /// # Errors
    /// [`ScenarioError`] with the place in the document and what is wrong there. Nothing is half done.
    pub fn run(&self) -> Result<Outcome, ScenarioError> {
        self.run_within(Limits::default())
    }

    /// Returns what [`run`](Self::run) returns, within the limits of a host: rows, cells and nodes are counted before they are
    /// made.
    ///
    /// ```
    /// use quotaflow::limits::{Limits, Size};
    /// use quotaflow::scenario::ScenarioDef;
    /// # let text = include_str!("../../examples/scenarios/first_quarter.json");
    /// let scenario: ScenarioDef = serde_json::from_str(text).map_err(quotaflow::Error::unreadable)?;
    /// let error = scenario.run_within(Limits::default().with(Size::Rows, 1)).unwrap_err();
    /// assert!(error.to_string().contains("more than the limit of 1"), "{error}");
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`run`](Self::run), with [`ScenarioCause::Limit`].
    pub fn run_within(&self, limits: Limits) -> Result<Outcome, ScenarioError> {
        let world = World::new(self, limits)?;
        let subjects = world
            .subjects(&self.subjects, self.unassigned)
            .at("subjects")?;
        let metrics = self.whole_metrics()?;
        let mut panel = world
            .fold(&metrics, subjects, &world.periods)
            .at("metrics")?;
        let warnings = world.add_targets(&mut panel)?;
        let current = world.periods.holding(self.as_of).at("as_of")?;
        let period = current.id;
        self.add_paces(&mut panel)?;
        let (rules, left_out) = world.rules(&mut panel)?;
        let card = self
            .card
            .clone()
            .map(Scorecard::compile)
            .transpose()
            .at("card")?;
        let scores = card
            .as_ref()
            .map(|card| card.score(&panel, period))
            .transpose()
            .at("card")?;
        let alerts = rules.evaluate(&panel, period).at("rules")?;
        let evidence = ReviewSources {
            panel: &panel,
            as_of: self.as_of,
            scores: scores.as_ref(),
            alerts: Some((&rules, &alerts)),
        };
        let reviewed = self
            .review
            .as_ref()
            .map(|def| review(def, evidence))
            .transpose()
            .at("review")?;
        let findings = card
            .as_ref()
            .map(|card| outcome::findings(card, &panel, &metrics));
        let is_share = |key: &ColumnKey| {
            let column = panel.find(key);
            column.is_some_and(|column| *column.unit() == Unit::Share)
        };
        Ok(Outcome {
            version: Version::default(),
            title: self.title.clone(),
            as_of: self.as_of,
            period: current.label,
            figures: outcome::figures(&panel, self.exact),
            scores: scores
                .as_ref()
                .map(outcome::scores)
                .transpose()
                .at("card")?
                .unwrap_or_default(),
            alerts: outcome::alerts(&alerts, &rules, &panel).at("rules")?,
            left_out,
            warnings,
            anomalies: check_shares(&self.rules, &BTreeMap::new(), &is_share, limits)
                .into_iter()
                .filter(|anomaly| anomaly.severity() > Severity::Info)
                .collect(),
            findings: findings.transpose().at("card")?.unwrap_or_default(),
            review: reviewed,
        })
    }

    fn add_paces(&self, panel: &mut Panel) -> Result<(), ScenarioError> {
        let Some(def) = &self.review else {
            return Ok(());
        };
        let mut with = panel.clone();
        for (index, pace) in def.paces.iter().enumerate() {
            with.extend(pace.columns(self.as_of))
                .at(format!("review.paces[{index}]"))?;
        }
        *panel = with;
        Ok(())
    }
}

/// The compiled parts that the rest of a scenario stands on.
struct World<'a> {
    def: &'a ScenarioDef,
    ledger: Ledger,
    calendar: Calendar,
    working_days: Option<WorkingDays>,
    periods: PeriodSet,
    limits: Limits,
}

impl<'a> World<'a> {
    fn new(def: &'a ScenarioDef, limits: Limits) -> Result<Self, ScenarioError> {
        distinct(&def.subjects, "subjects")?;
        for (index, table) in def.tables.iter().enumerate() {
            distinct(&table.axes, &format!("tables[{index}].axes"))?;
        }
        let calendar = match def.calendar.clone() {
            Some(calendar) => Calendar::new(calendar).at("calendar")?,
            None => Calendar::gregorian(),
        };
        let working_days = def
            .working_days
            .clone()
            .map(WorkingDays::new)
            .transpose()
            .at("working_days")?;
        let schema = Schema::try_from(def.whole_schema()?).at("schema")?;
        let mut ledger = Ledger::new("scenario", schema).at("schema")?;
        if let Err(error) = ledger.enter(&def.records) {
            let place = match &error {
                LedgerError::Refused { row, .. } => format!("records[{row}]"),
                _ => "records".to_owned(),
            };
            return Err(error).at(place);
        }
        let periods = def.periods.set(&calendar).at("periods")?;
        Ok(Self {
            def,
            ledger,
            calendar,
            working_days,
            periods,
            limits,
        })
    }

    fn subjects(&self, axes: &[Axis], unassigned: Unassigned) -> Result<Subjects, ScenarioCause> {
        let mut lists = Vec::with_capacity(axes.len());
        for (at, axis) in axes.iter().enumerate() {
            let unassigned = match unassigned {
                Unassigned::WhereUsed if self.lies_with_nobody(at, axis)? => Unassigned::Shown,
                Unassigned::WhereUsed => Unassigned::Hidden,
                stated => stated,
            };
            let space = self.ledger.schema().space();
            lists.push(space.subjects(axis, unassigned)?);
        }
        let rows = Limits::product(lists.iter().map(Subjects::len));
        self.limits.check(Size::Rows, rows)?;
        let mut subjects = Subjects::whole();
        for list in &lists {
            subjects = subjects.cross_within(list, self.limits)?;
        }
        Ok(subjects)
    }

    /// Says whether something lies with nobody on an axis: a record that names no member there or one without a parent on
    /// its day, or a given target.
    fn lies_with_nobody(&self, at: usize, axis: &Axis) -> Result<bool, ScenarioCause> {
        let space = self.ledger.schema().space();
        let dimension = space.dimension(axis.dimension.as_str())?;
        let above = dimension.rollup(dimension.level(axis.level.as_str())?);
        let nobody = |place: &Placement| above.get(place.index()) == Some(&MemberId::UNASSIGNED);
        let recorded = self
            .ledger
            .places_before(
                self.periods.end().unwrap_or(self.def.as_of),
                &axis.dimension,
            )
            .any(|place| nobody(&place));
        let later = || self.balances_lie(dimension, &nobody);
        let given = self.def.targets.iter().any(|target| match target {
            TargetDef::Given { cells, .. } => cells
                .iter()
                .any(|cell| cell.subject.get(at).is_some_and(|key| *key == *UNASSIGNED)),
            TargetDef::Cascade { .. } => false,
        });
        Ok(recorded || given || later())
    }

    /// Says whether what is open or held lies with nobody since its members left.
    fn balances_lie(&self, dimension: &Dimension, nobody: &dyn Fn(&Placement) -> bool) -> bool {
        let moves = dimension.placements() > dimension.len();
        if !moves {
            return false;
        }
        let Ok(metrics) = self.def.whole_metrics() else {
            return false;
        };
        // What does not compile is told where the figures are folded.
        let frame = self.frame(Subjects::whole(), &self.periods);
        let Ok(program) = Program::compile(&metrics, &frame) else {
            return false;
        };
        let end = self.periods.end().unwrap_or(self.def.as_of);
        let seen = self.def.as_of.succ_opt().map_or(end, |day| day.min(end));
        let mut places = self
            .ledger
            .later_places(seen, dimension, |kind| program.asks_balances(kind));
        places.any(|place| nobody(&place))
    }

    fn fold(
        &self,
        metrics: &[MetricDef],
        subjects: Subjects,
        periods: &PeriodSet,
    ) -> Result<Panel, ScenarioCause> {
        let cells = [subjects.len(), periods.len(), metrics.len().max(1)];
        let bytes = Limits::product(cells).saturating_mul(CELL_BYTES);
        self.limits.check(Size::Bytes, bytes)?;
        let metrics = Program::compile(metrics, &self.frame(subjects, periods))?;
        Ok(metrics.panel(&metrics.fold(&self.ledger)?)?)
    }

    fn frame(&self, subjects: Subjects, periods: &PeriodSet) -> Layout {
        Layout::new(self.ledger.schema().clone(), subjects, periods.clone())
            .within(self.limits)
            .with_calendar(self.calendar.clone())
            .as_of_day(self.def.as_of)
            .with_reversals(self.def.reversals)
    }

    /// Returns the scenario's own rules and the ready ones that can be asked, with the reasons why others cannot; the
    /// figures of the packs that they read become columns.
    fn rules(&self, panel: &mut Panel) -> Result<(RuleSet, Vec<UnaskedRule>), ScenarioError> {
        let own = &self.def.rules;
        let frame = self.frame(panel.subjects().clone(), &self.periods);
        if self.def.ready.rules.is_empty() {
            self.supply(panel, &frame).at("rules")?;
            let (rules, gone) = RuleSet::applicable(own.clone(), panel).at("rules")?;
            return Ok((rules, gone.into_iter().filter_map(left_out).collect()));
        }
        let figures = self.def.pack_figures(&frame)?;
        let mut watched = panel.clone();
        let folded = self.fold(&figures, panel.subjects().clone(), &self.periods);
        watched.join(folded.at("ready.rules")?).at("ready.rules")?;
        self.supply(&mut watched, &frame).at("rules")?;
        let (own, mut errors) = RuleSet::applicable(own.clone(), &watched).at("rules")?;
        let (fitting, unfit) =
            RuleSet::fitting(self.def.ready_rules()?, &watched).at("ready.rules")?;
        errors.extend(unfit);
        let all = own.rules().chain(fitting.rules()).cloned();
        let rules = RuleSet::compile(all, &watched).at("ready.rules")?;
        for key in rules.columns() {
            if panel.find(key).is_none() {
                panel
                    .add(watched.column(key).at("ready.rules")?.clone())
                    .at("ready.rules")?;
            }
        }
        Ok((rules, errors.into_iter().filter_map(left_out).collect()))
    }

    /// Adds the columns of silence that the scenario's own rules ask for; who never had an event is silent since being taken on.
    fn supply(&self, panel: &mut Panel, frame: &Layout) -> Result<(), RuleError> {
        let taken_on = frame.taken_on();
        let mut supply = Supply::new().no_event_yet(NoEventYet::Since(&taken_on));
        if let Some(days) = &self.working_days {
            supply = supply.working_days(days);
        }
        panel.extend(supply.columns(&self.def.rules))
    }

    /// Adds the targets; returns what is odd about those that are cascaded.
    fn add_targets(&self, panel: &mut Panel) -> Result<Vec<TargetWarning>, ScenarioError> {
        let mut tables = Vec::new();
        for (index, table) in self.def.tables.iter().enumerate() {
            tables.push((
                table.key.clone(),
                self.table(index).at(format!("tables[{index}]"))?,
            ));
        }
        let schema = self.ledger.schema();
        let mut sources = Sources::new(schema.measures(), schema.space())
            .calendar(&self.calendar)
            .limits(self.limits);
        if let Some(days) = &self.working_days {
            sources = sources.working_days(days);
        }
        if let PeriodsDef::Set(set) = &self.def.periods {
            sources = sources.set(set.clone());
        }
        for (key, table) in tables {
            sources = sources.table(key, table);
        }
        let mut warnings = Vec::new();
        for (index, target) in self.def.targets.iter().enumerate() {
            let place = format!("targets[{index}]");
            match target {
                TargetDef::Cascade { total, recipe } => {
                    let odd = self
                        .cascade(*total, recipe, &sources, panel)
                        .at(place.clone())?;
                    warnings.extend(odd.into_iter().map(|warning| TargetWarning {
                        recipe: recipe.key.clone(),
                        text: warning.to_string(),
                        warning,
                    }));
                }
                TargetDef::Given { metric, cells } => {
                    let column = self.given(panel, metric, cells, &place)?;
                    panel.add(column).at(place)?;
                }
            }
        }
        Ok(warnings)
    }

    fn table(&self, index: usize) -> Result<Table, ScenarioCause> {
        let def = &self.def.tables[index];
        let periods = def.periods.set(&self.calendar)?;
        // A basis is of those who are planned for; what nobody has weighs only where that is said.
        let unassigned = match self.def.unassigned {
            Unassigned::Shown => Unassigned::Shown,
            Unassigned::Hidden | Unassigned::WhereUsed => Unassigned::Hidden,
        };
        let subjects = self.subjects(&def.axes, unassigned)?;
        let panel = self.fold(std::slice::from_ref(&def.metric), subjects, &periods)?;
        let key = ColumnKey {
            metric: def.metric.key.clone(),
            role: Role::Actual,
        };
        Ok(Table::from_panel(&panel, &key, MissingFigure::NoWeight)?)
    }

    fn cascade(
        &self,
        total: Number,
        recipe: &CascadeDef,
        sources: &Sources<'_>,
        panel: &mut Panel,
    ) -> Result<Vec<Warning>, ScenarioCause> {
        let plan = Cascade::compile(recipe.clone(), sources)?.run(total.decimal())?;
        match plan.verify().len() {
            0 => {
                let mut structure = Structure::as_it_was(self.ledger.schema().space());
                if let Some(days) = &self.working_days {
                    structure = structure.working_days(days);
                }
                panel.extend(plan.columns(&structure))?;
                Ok(plan.warnings())
            }
            count => Err(ScenarioCause::Discrepancies { count }),
        }
    }

    fn given(
        &self,
        panel: &Panel,
        metric: &Key,
        cells: &[TargetCell],
        place: &str,
    ) -> Result<Column, ScenarioError> {
        let actual = panel
            .column(&ColumnKey {
                metric: metric.clone(),
                role: Role::Actual,
            })
            .at(place)?;
        let Figures::Amounts { quantum, .. } = actual.figures() else {
            return Err(ScenarioCause::NotAnAmount {
                metric: metric.clone(),
            })
            .at(place);
        };
        let mut units = vec![0; panel.cells()];
        let mut states = vec![Some(Reason::NotApplicable); panel.cells()];
        for (index, cell) in cells.iter().enumerate() {
            let place = format!("{place}.cells[{index}]");
            let shown = || {
                cell.subject
                    .iter()
                    .map(Key::as_str)
                    .collect::<Vec<_>>()
                    .join(" / ")
            };
            let subject = panel.subjects().row(&cell.subject).at(place.clone())?;
            let period = self.periods.id(cell.period.as_str()).at(place.clone())?;
            let at = panel.cell(subject, period).at(place.clone())?;
            if states[at].is_none() {
                return Err(ScenarioCause::GivenTwice {
                    subject: shown(),
                    period: cell.period.clone(),
                })
                .at(place);
            }
            units[at] = quantum.units(cell.amount.decimal()).at(place)?;
            states[at] = None;
        }
        let key = ColumnKey {
            metric: metric.clone(),
            role: Role::Target,
        };
        let column =
            Column::amounts(key, actual.unit().clone(), *quantum, units).better(actual.direction());
        column.with_reasons(&states).at(place)
    }
}

/// Refuses an axis that is asked for twice: its rows would be pairs of members of one level.
fn distinct(axes: &[Axis], place: &str) -> Result<(), ScenarioError> {
    for (index, axis) in axes.iter().enumerate() {
        if axes[..index].contains(axis) {
            let axis = axis.clone();
            return Err(ScenarioCause::DuplicateAxis { axis }).at(format!("{place}[{index}]"));
        }
    }
    Ok(())
}

/// Returns which rule an error leaves out, and why.
fn left_out(error: RuleError) -> Option<UnaskedRule> {
    match error {
        // An exemption of who is gone lets nobody off.
        RuleError::In {
            rule,
            place,
            problem,
        } if place == "scope.except" => Some(UnaskedRule {
            rule,
            reason: format!("{problem}; that exemption is left out, and the rule is asked"),
        }),
        RuleError::In { rule, problem, .. } => Some(UnaskedRule {
            rule,
            reason: problem.to_string(),
        }),
        _ => None,
    }
}
