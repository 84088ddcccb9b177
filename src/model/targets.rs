//! Targets beside figures: the columns of plans, and what has been reached of them.

use super::definition::ModelDef;
use super::error::ModelCause;
use super::parts::{Asked, NotShown};
use crate::duty::duty_columns;
use crate::key::Key;
use crate::ledger::Schema;
use crate::measure::{Additivity, Measures, Unit};
use crate::panel::{
    Column, ColumnKey, Columns, Panel, PanelError, Parts, Reason, Role, RollUp, Told,
};
use crate::quantity::Ratio;

/// The metric of which a column says what has been reached of its target: `attainment(sales)`.
pub(super) fn attainment(column: &ColumnKey) -> Option<&str> {
    let name = column.metric.as_str().strip_prefix("attainment(")?;
    name.strip_suffix(')')
        .filter(|_| column.role == Role::Actual)
}

impl Asked {
    /// Refuses what would be reached of a target in another unit.
    pub(super) fn same_units(&self, whole: &Panel, all: &Measures) -> Result<(), ModelCause> {
        for metric in self.shown.iter().filter_map(attainment) {
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

    /// What it shows of a panel without records, plans and duties.
    pub(super) fn of_nothing(
        &self,
        whole: Panel,
        definition: &ModelDef,
        schema: &Schema,
    ) -> Result<Panel, NotShown> {
        let mut beside = Vec::new();
        for at in &self.duties {
            let duty = &definition.duties[*at].key;
            let own = duty_columns(duty, &[], RollUp::Person).columns(&whole);
            beside.extend(own.map_err(|cause| NotShown::new(duty, cause))?);
        }
        self.shown_of(whole, schema.measures(), &beside)
    }

    /// What it shows of a panel of all its metrics, with targets (of each measure the columns that plans have over the rows and
    /// periods of that panel) and the columns of its duties, and what it says of them beside.
    pub(crate) fn shown_of(
        &self,
        whole: Panel,
        measures: &Measures,
        planned: &[Column],
    ) -> Result<Panel, NotShown> {
        let mut panel = self
            .with_targets(whole, measures, planned)
            .map_err(|(key, cause)| NotShown::new(&key.metric, cause))?;
        for judged in &self.judged {
            judged
                .add_to(&mut panel)
                .map_err(|cause| NotShown::new(judged.key(), cause))?;
        }
        Ok(panel)
    }

    fn with_targets(
        &self,
        mut whole: Panel,
        measures: &Measures,
        planned: &[Column],
    ) -> Result<Panel, (ColumnKey, PanelError)> {
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
