//! A program while it is being made, and what all its makers share.

use std::collections::BTreeMap;

use crate::key::Key;
use crate::ledger::Kind;
use crate::measure::Unit;
use crate::metric::error::MetricError;
use crate::metric::grid::Grid;
use crate::metric::layout::Layout;
use crate::metric::metric::{Entity, MetricDef, Selection};
use crate::metric::parts::{Compiled, Node, Parts};

/// A program while it is being made.
pub(in crate::metric) struct Builder<'a> {
    pub(in crate::metric) layout: &'a Layout,
    pub(in crate::metric) metrics: &'a [MetricDef],
    /// How many periods before the panel's questions look at.
    pub(in crate::metric) lookback: u16,
    pub(in crate::metric) by_key: BTreeMap<&'a Key, usize>,
    pub(in crate::metric) grids: Vec<Grid>,
    pub(in crate::metric) parts: Parts,
    pub(in crate::metric) compiled: Vec<Option<Compiled>>,
    pub(in crate::metric) open: Vec<usize>,
}

/// A node and what it is counted in.
pub(in crate::metric) type Made = (Node, Unit);

impl<'a> Builder<'a> {
    pub(in crate::metric) fn kinds(&self) -> &'a [Kind] {
        self.layout.schema().compiled()
    }
}

pub(in crate::metric) fn at_least_one(
    metric: &Key,
    what: &'static str,
    number: u16,
) -> Result<(), MetricError> {
    if number == 0 {
        Err(at_least_one_error(metric, what))
    } else {
        Ok(())
    }
}

pub(in crate::metric) fn at_least_one_error(metric: &Key, what: &'static str) -> MetricError {
    MetricError::ZeroPeriods {
        metric: metric.clone(),
        what,
    }
}

pub(in crate::metric) fn unit_error(_: crate::measure::UnitError) -> MetricError {
    // A key that holds ` per ` cannot be part of a unit; there is none such among the fixed names.
    MetricError::BadPartial { what: "a unit" }
}

pub(in crate::metric) fn count_unit(of: &Selection) -> Result<Unit, MetricError> {
    match of.kinds.as_slice() {
        [kind] => Ok(Unit::Count(kind.clone())),
        _ => Unit::count("record").map_err(unit_error),
    }
}

pub(in crate::metric) fn entity_unit(entity: &Entity) -> Unit {
    match entity {
        Entity::Member {
            dimension: name, ..
        }
        | Entity::Attribute(name) => Unit::Count(name.clone()),
        Entity::Day => Unit::Day,
    }
}
