//! Targets beside figures: the columns of plans, and what has been reached of them.

use chrono::NaiveDate;

use super::definition::ModelDef;
use super::error::ModelCause;
use super::parts::{Asked, Beside, NotShown};
use crate::calendar::{WorkingDays, WorkingHours};
use crate::duty::duty_columns;
use crate::key::Key;
use crate::ledger::Schema;
use crate::measure::{Additivity, Measures, Unit};
use crate::metric::Program;
use crate::panel::{
    Column, ColumnKey, Columns, Panel, PanelError, Parts, Reason, Role, RollUp, Told,
};
use crate::quantity::Ratio;
use crate::review::ReviewDef;
use crate::rule::{NoEventYet, Supply};

/// How many columns a pace brings.
const COLUMNS_OF_A_PACE: usize = 6;

/// The metric of which a column says what has been reached of its target: `attainment(sales)`.
pub(super) fn attainment(column: &ColumnKey) -> Option<&str> {
    let name = column.metric.as_str().strip_prefix("attainment(")?;
    name.strip_suffix(')')
        .filter(|_| column.role == Role::Actual)
}

impl Asked {
    /// Refuses what would be reached of a target in another unit.
    pub(super) fn same_units(&self, whole: &Panel, all: &Measures) -> Result<(), ModelCause> {
        let written = &self.definition.written;
        let attained = self.shown.iter().filter_map(attainment);
        for metric in attained.filter(|metric| !written.iter().any(|own| *own == **metric)) {
            let target = all.iter().find(|own| own.key == *metric);
            let actual = ColumnKey::actual(metric).ok();
            let actual = actual.and_then(|key| whole.find(&key));
            if let Some((actual, target)) = actual.zip(target)
                && *actual.unit() != target.unit
            {
                return Err(ModelCause::OtherUnit {
                    metric: target.key.clone(),
                    unit: actual.unit().clone(),
                    planned: target.unit.clone(),
                });
            }
        }
        Ok(())
    }

    /// How many columns of paces and silence it has beside what it shows.
    pub(crate) fn beside(&self) -> usize {
        let paces = self.definition.review.as_ref();
        let paces = paces.map_or(0, |review| review.paces.len());
        paces.saturating_mul(COLUMNS_OF_A_PACE) + self.silences.len()
    }

    /// What it shows of a panel of all its metrics without records, plans and duties.
    pub(super) fn of_nothing(
        &self,
        (whole, program): (Panel, &Program),
        definition: &ModelDef,
        (schema, days, hours): (&Schema, Option<&WorkingDays>, Option<&WorkingHours>),
    ) -> Result<Panel, NotShown> {
        let mut planned = Vec::new();
        for at in &self.duties {
            let duty = &definition.duties[*at].key;
            let own = duty_columns(duty, &[], RollUp::Person).columns(&whole);
            planned.extend(own.map_err(|cause| NotShown::new(duty, cause))?);
        }
        let first = self.periods.iter().next();
        let beside = Beside {
            measures: schema.measures(),
            planned: &planned,
            space: schema.space(),
            written: &[],
            as_of: first.map_or(definition.span.start(), |first| first.start),
            taken_on: &self.taken_on(program),
            days,
            hours,
        };
        self.shown_of(whole, beside)
    }

    /// Since when each row is there, as far as rules ask how long nothing has happened.
    pub(crate) fn taken_on(&self, program: &Program) -> Vec<Option<NaiveDate>> {
        if self.silences.is_empty() {
            return Vec::new();
        }
        program.layout().taken_on()
    }

    /// What it shows of a panel of all its metrics, with targets (of each measure the columns that plans have over the rows and
    /// periods of that panel, and those that are written down) and the columns of its duties, and what it says of them beside.
    pub(crate) fn shown_of(&self, whole: Panel, beside: Beside<'_>) -> Result<Panel, NotShown> {
        let mut panel = self
            .with_targets(whole, beside)
            .map_err(|(key, cause)| NotShown::new(&key.metric, cause))?;
        if let Some(review) = &self.definition.review {
            Self::add_paces(review, &mut panel, beside.as_of)?;
        }
        if let Some(first) = self.silences.first() {
            let supply = supply(beside.taken_on, beside.days, beside.hours);
            let added = panel.extend(supply.columns(&self.silences));
            added.map_err(|cause| NotShown::new(&first.key, cause))?;
        }
        for judged in &self.judged {
            judged
                .add_to(&mut panel)
                .map_err(|cause| NotShown::new(judged.key(), cause))?;
        }
        // What is closed stands beside what runs: that a period runs is not told by a view.
        Ok(panel.of_no_day())
    }

    fn add_paces(review: &ReviewDef, panel: &mut Panel, as_of: NaiveDate) -> Result<(), NotShown> {
        let before = panel.clone();
        for (at, pace) in review.paces.iter().enumerate() {
            let columns = pace.columns(as_of).columns(&before);
            let added =
                columns.and_then(|all| all.into_iter().try_for_each(|one| Ok(panel.add(one)?)));
            added.map_err(|cause| {
                NotShown::new(pace.metric(), cause).at(format!("review.paces[{at}]"))
            })?;
        }
        Ok(())
    }

    fn with_targets(
        &self,
        mut whole: Panel,
        beside: Beside<'_>,
    ) -> Result<Panel, (ColumnKey, PanelError)> {
        let (measures, planned) = (beside.measures, beside.planned);
        for column in self.written(&whole, beside)? {
            let key = column.key().clone();
            whole.add(column).map_err(|cause| (key, cause))?;
        }
        for measure in &self.targets {
            let key = ColumnKey {
                metric: measure.clone(),
                role: Role::Target,
            };
            let mut own = planned.iter().filter(|column| *column.key() == key);
            let first = own.next().cloned();
            let one = first.map(|first| own.fold(first, |one, next| together(&one, next)));
            let one = one.or_else(|| unplanned_column(measures, measure, whole.cells()));
            if let Some(column) = one {
                whole.add(column).map_err(|cause| (key, cause))?;
            }
        }
        for column in planned {
            if column.key().role == Role::Actual && self.shown.contains(column.key()) {
                let added = whole.add(column.clone());
                added.map_err(|cause| (column.key().clone(), cause))?;
            }
        }
        let mut panel = Panel::new(whole.subjects().clone(), whole.periods().clone());
        if let Some(day) = whole.as_of() {
            panel = panel.as_of_day(day);
        }
        for key in &self.shown {
            let column = match attainment(key) {
                Some(metric) if whole.find(key).is_none() => attained(&whole, metric, key),
                _ => whole.column(key).cloned(),
            };
            let added = column.and_then(|column| panel.add(column));
            added.map_err(|cause| (key.clone(), cause))?;
        }
        Ok(panel)
    }
}

/// What columns of silence are made from: who never had an event is silent since being there.
pub(super) fn supply<'a>(
    taken_on: &'a [Option<NaiveDate>],
    days: Option<&'a WorkingDays>,
    hours: Option<&'a WorkingHours>,
) -> Supply<'a> {
    let mut supply = Supply::new().no_event_yet(NoEventYet::Since(taken_on));
    if let Some(days) = days {
        supply = supply.working_days(days);
    }
    match hours {
        Some(hours) => supply.working_hours(hours),
        None => supply,
    }
}

/// The targets of two plans of one measure, of which no day has two: what lies in one period of a view adds up, and of what does not
/// add up the later one counts.
fn together(first: &Column, second: &Column) -> Column {
    let Some(((quantum, own), (_, other))) = first.told().zip(second.told()) else {
        let mut both = first.clone();
        for cell in 0..both.len() {
            if second.reasons().get(cell) == Some(&None) {
                both.put(cell, Some((second, cell)));
            }
        }
        return both;
    };
    let sum = |(own, other): (Told, Told)| match (own, other) {
        (Ok(own), Ok(other)) => own.checked_add(other).ok_or(Reason::OutOfRange),
        (Err(Reason::NotApplicable), other) => other,
        (own, Err(Reason::NotApplicable)) => own,
        (Err(reason), _) | (_, Err(reason)) => Err(reason),
    };
    let told: Vec<Told> = own.into_iter().zip(other).map(sum).collect();
    let reasons: Vec<Option<Reason>> = told.iter().map(|one| one.err()).collect();
    let units = told.into_iter().map(|one| one.unwrap_or(0)).collect();
    let column = Column::amounts(first.key().clone(), first.unit().clone(), quantum, units);
    let column = column.better(first.direction());
    // There is one reason for each cell.
    column
        .with_reasons(&reasons)
        .unwrap_or_else(|_| first.clone())
}

/// What has been reached of the targets of a metric, as a share.
fn attained(whole: &Panel, metric: &str, key: &ColumnKey) -> Result<Column, PanelError> {
    let actual = whole.column(&ColumnKey::actual(metric)?)?;
    let target = whole.column(&ColumnKey::target(metric)?)?;
    let units = actual.told().zip(target.told());
    let (scale, parts): (Ratio, Vec<Parts>) = if let Some(((above, own), (below, other))) = units {
        let scale = above.ratio().checked_div(below.ratio());
        let both = own.into_iter().zip(other);
        let parts = both.map(|(own, other)| Ok((own?, other?)));
        (scale.unwrap_or(Ratio::ONE), parts.collect())
    } else {
        let quotient = |cell: usize| -> Parts {
            let (own, other) = (actual.answer(cell).ratio()?, target.answer(cell).ratio()?);
            if other.is_zero() {
                return Err(Reason::NoBase);
            }
            let share = own.checked_div(other).map_err(|_| Reason::OutOfRange)?;
            let narrow = |part: i128| i64::try_from(part).map_err(|_| Reason::OutOfRange);
            Ok((narrow(share.numerator())?, narrow(share.denominator())?))
        };
        (Ratio::ONE, (0..whole.cells()).map(quotient).collect())
    };
    let reasons: Vec<Option<Reason>> = parts.iter().map(|part| part.err()).collect();
    let parts = parts.into_iter().map(|part| part.unwrap_or((0, 1)));
    let (tops, bottoms) = parts.unzip();
    let column = Column::quotients(key.clone(), Unit::Share, scale, tops, bottoms)?;
    column.better(actual.direction()).with_reasons(&reasons)
}

/// Whether differences of the targets of a measure are again targets.
pub(super) fn adds_up(all: &Measures, measure: &Key) -> bool {
    let own = all.iter().find(|own| own.key == *measure);
    own.is_some_and(|own| matches!(own.additivity, Additivity::Flow | Additivity::Stock))
}

/// A column of targets as it is before anything is planned.
pub(super) fn unplanned_column(all: &Measures, measure: &Key, cells: usize) -> Option<Column> {
    let own = all.iter().find(|own| own.key == *measure)?;
    let key = ColumnKey {
        metric: measure.clone(),
        role: Role::Target,
    };
    let nothing = vec![Some(Reason::NotApplicable); cells];
    let column = if matches!(own.additivity, Additivity::Flow | Additivity::Stock) {
        Column::amounts(key, own.unit.clone(), own.quantum, vec![0; cells])
    } else {
        let (tops, bottoms) = (vec![0; cells], vec![1; cells]);
        let scale = Ratio::ONE;
        Column::quotients(key, own.unit.clone(), scale, tops, bottoms).ok()?
    };
    column.better(own.direction).with_reasons(&nothing).ok()
}
