//! The figures that the ready rules read and that are folded from records, with the kinds of records behind them.
//!
//! | kind of record | it names | amounts | texts | dates |
//! |---|---|---|---|---|
//! | `order` | `person`, `dealer` | `sales`, `list_value` (the same at list prices), `cost_of_sales` | | |
//! | `invoice` | `person`, `dealer` | `amount` | | `due`, `settled` |
//! | `payment` | `person`, `dealer` | `amount` | | |
//! | `credit_limit` | `dealer` | `limit` | | |
//! | `visit` | `person`, `dealer` | `cost` | | |
//! | `expense` | `person` | `expense` | | |
//! | `price_observation` | `person`, `dealer` | `price`, `floor`, `ceiling`, `bought_at` (what the dealer paid) | | |
//! | `rebate` | `person`, `dealer` | `rebate_earned`, `rebate_confirmed` (by the dealer), `rebate_used` | | |
//! | `wallet` | `dealer` | `all_purchases` (from everybody) | | |
//! | `sell_out` | `dealer` | `sales` | | |
//! | `stock` | `dealer` | `stock_value`, at the dealer's purchase prices | `position` (a product at the dealer, or the dealer) | |
//! | `goods_return` | `person`, `dealer` | `sales` | | |
//! | `sighting` (goods seen) | `person` (who saw it), `dealer` (whose it was) | | `lot`, `place`: `own`, `elsewhere` | |
//! | `complaint` (or another problem) | `person`, `dealer` | | `cause` | `noticed`, `closed` |
//! | `task` | `person` | | `responsible` | `due`, `done` |
//! | `plan_change`, `market_observation`, `training` | `person` | | | |
//! | `market_report` | `person` | `market_sales` | | |
//! | `employment` (the day of joining) | `person` | | | `left` |
//! | `vacancy` (the day since which it is open) | `person`: the empty seat | | | `filled` |
//! | `clearance` (goods, money or papers to hand over) | `person` | | | `done` |
//!
//! All amounts are money of one currency. What a company does not record makes figures that [`fitting`] leaves out.
//!
//! They are of the kinds of [`records`](super::super::records), which the [ready metrics](super::super::metrics) read too, with
//! dealers as the customers. Figures over three periods end in
//! `_quarter`, that over twelve in `_year`.

mod customers;
mod dealers;
mod money;
mod people;

use crate::key::Key;
use crate::measure::Direction;
use crate::metric::{
    Age, Entity, Filter, Formula, Layout, MetricDef, MetricError, OpenFigure, Program, Selection,
    Value, Valued,
};

type Made = Result<Formula, MetricError>;

/// Returns all definitions, each complete in itself.
///
/// # Errors
/// None with the names as shipped.
pub fn all() -> Result<Vec<MetricDef>, MetricError> {
    let mut all = Vec::new();
    money::add_to(&mut all)?;
    dealers::add_to(&mut all)?;
    people::add_to(&mut all)?;
    customers::add_to(&mut all)?;
    Ok(all)
}

/// Returns the definitions that records of this frame's schema can fill, and why the others cannot.
///
/// # Errors
/// As [`all`].
pub fn fitting(frame: &Layout) -> Result<(Vec<MetricDef>, Vec<MetricError>), MetricError> {
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    for def in all()? {
        match Program::compile(std::slice::from_ref(&def), frame) {
            Ok(_) => kept.push(def),
            Err(error) => left_out.push(error),
        }
    }
    Ok((kept, left_out))
}

/// Titles a figure and says which way is good.
fn add(
    to: &mut Vec<MetricDef>,
    key: &str,
    title: &str,
    direction: Direction,
    formula: Formula,
) -> Result<(), MetricError> {
    let mut def = MetricDef::new(key, formula)?.better(direction);
    def.title = crate::catalog::title(key).unwrap_or_else(|| title.into());
    to.push(def);
    Ok(())
}

/// Gives the last figure a unit of its own.
fn counted(to: &mut [MetricDef], unit: crate::measure::Unit) {
    if let Some(last) = to.last_mut() {
        last.unit = Some(unit);
    }
}

fn dealer() -> Result<Entity, MetricError> {
    Ok(Entity::Member {
        dimension: Key::new("dealer")?,
        level: None,
    })
}

fn sum(measure: &str, of: Selection) -> Made {
    Ok(Formula::Sum(Valued::measure(measure, of)?))
}

fn less(of: Formula, minus: Formula) -> Formula {
    Formula::Difference {
        of: Box::new(of),
        minus: Box::new(minus),
    }
}

fn has(mut of: Selection, fields: &[&str]) -> Result<Selection, MetricError> {
    for field in fields {
        of = of.only(Filter::Has(Key::new(field)?));
    }
    Ok(of)
}

fn open(kind: &str, until: &str, age: Option<(&str, i32)>) -> Made {
    opened(Selection::of(kind)?, None, until, age)
}

fn opened(of: Selection, value: Option<Value>, until: &str, age: Option<(&str, i32)>) -> Made {
    let age = age
        .map(|(since, days)| Age::since(since, Some(days), None))
        .transpose()?;
    Ok(Formula::Open {
        value,
        of,
        until: Some(Key::new(until)?),
        age,
        figure: OpenFigure::Closing,
    })
}
