//! Words that the definitions are written in.

use crate::key::Key;
use crate::measure::Unit;
use crate::metric::{
    Age, Entities, Entity, Filter, First, Formula, MetricDef, MetricError, OpenFigure, SeenBy,
    Selection, Value, Valued,
};
use crate::quantity::Ratio;

pub(super) type Made = Result<Formula, MetricError>;

/// States the unit where it is the same for every host; money and what holds it follows from the measures.
pub(super) fn counted(definition: MetricDef, unit: &str) -> MetricDef {
    match unit.parse::<Unit>() {
        Ok(unit) => definition.counted_in(unit),
        Err(_) => definition,
    }
}

pub(super) fn of(kind: &str) -> Result<Selection, MetricError> {
    Selection::of(kind)
}

/// The records of a kind whose attribute has this value.
pub(super) fn with(kind: &str, field: &str, value: &str) -> Result<Selection, MetricError> {
    Selection::of(kind)?.with(field, value)
}

/// The records of a kind as placed by another date.
pub(super) fn by(kind: &str, date: &str) -> Result<Selection, MetricError> {
    Selection::of(kind)?.by_date(date)
}

pub(super) fn sum(measure: &str, of: Selection) -> Made {
    Ok(Formula::Sum(Valued::measure(measure, of)?))
}

pub(super) fn mean_days(from: &str, to: &str, of: Selection) -> Made {
    Ok(Formula::Mean(Valued::days(from, to, of)?))
}

pub(super) fn member(dimension: &str) -> Result<Entity, MetricError> {
    Ok(Entity::Member {
        dimension: Key::new(dimension)?,
        level: None,
    })
}

pub(super) fn distinct(dimension: &str, of: Selection) -> Made {
    Ok(Formula::Distinct(Entities::members(dimension, of)?))
}

/// The sum of a measure over the records whose cost is known: a margin of the others would be all that was sold.
pub(super) fn costed(measure: &str, kind: &str) -> Made {
    sum(measure, of(kind)?.only(Filter::has("cost_of_sales")?))
}

/// The share of one figure in another.
pub(super) fn share(of: Formula, whole: Formula) -> Formula {
    of.per(whole)
}

/// One less a share: what is left.
pub(super) fn rest(part: Formula, whole: Formula) -> Formula {
    whole.clone().less(part).per(whole)
}

/// The number of what is open at the end, or its value.
pub(super) fn open(measure: Option<&str>, of: Selection, until: &str, age: Option<Age>) -> Made {
    let value = measure.map(Key::new).transpose()?.map(Value::Measure);
    let until = Some(Key::new(until)?);
    Ok(Formula::Open {
        value,
        of,
        until,
        age,
        figure: OpenFigure::Closing,
    })
}

/// The value of invoices that are not settled and so many days past due.
pub(super) fn past_due(at_least: Option<i32>, at_most: Option<i32>) -> Made {
    let age = Age::since("due", at_least, at_most)?;
    open(Some("amount"), of("invoice")?, "settled", Some(age))
}

/// Days between two dates that are at most so many.
pub(super) fn within(
    from: &str,
    to: &str,
    at_most: i64,
    of: Selection,
) -> Result<Selection, MetricError> {
    Ok(of.only(Filter::days(from, to, None, Some(at_most))?))
}

pub(super) fn average(stock: Formula) -> Formula {
    Formula::AverageBalance(Box::new(stock))
}

pub(super) fn lost(entity: Entity, of: Selection, seen_within: u16) -> Formula {
    Formula::Lost {
        entity,
        of,
        seen_within,
        absent_for: 1,
        scope: SeenBy::Overall,
        first: First::NotApplicable,
    }
}

/// A minus before a figure.
pub(super) fn negative(of: Formula) -> Formula {
    of.times(Ratio::from(-1))
}
