//! Targets that are written down: which cells of which view they name.

use std::collections::BTreeSet;

use super::error::Rejection;
use super::journal::Journal;
use crate::key::{Key, unknown};
use crate::model::{Asked, TargetCell, TargetsDef};
use crate::quantity::Quantum;
use crate::space::UNASSIGNED;

impl Journal {
    /// Checks targets by themselves, whoever joins later.
    pub(super) fn fits_targets(&self, own: &TargetsDef) -> Result<(), Rejection> {
        let views = self.model.asked();
        let view = views.iter().find(|view| view.definition.key == own.view);
        let view = view.ok_or_else(|| {
            let all = views.iter().map(|view| view.definition.key.as_str());
            missing("view", &own.view, all)
        })?;
        let written = &view.definition.written;
        if !written.contains(&own.metric) {
            let all = written.iter().map(Key::as_str);
            let what = "written target";
            return Err(missing(what, &own.metric, all));
        }
        let at = written.iter().position(|metric| *metric == own.metric);
        let quantum = at.and_then(|at| view.quanta.get(at)).copied();
        let mut cells = BTreeSet::new();
        for (at, cell) in own.cells.iter().enumerate() {
            let fits = self.fits_cell(view, cell, quantum).and_then(|()| {
                let is_new = cells.insert((&cell.subject, &cell.period));
                let subject = shown(&cell.subject);
                let period = cell.period.clone();
                is_new
                    .then_some(())
                    .ok_or(Rejection::WrittenTwice { subject, period })
            });
            fits.map_err(|cause| Rejection::Cell {
                cell: at,
                cause: Box::new(cause),
            })?;
        }
        Ok(())
    }

    fn fits_cell(
        &self,
        view: &Asked,
        cell: &TargetCell,
        quantum: Option<Quantum>,
    ) -> Result<(), Rejection> {
        let rows = &view.definition.rows;
        let not_a_row = || Rejection::NotARow {
            subject: shown(&cell.subject),
            view: view.definition.key.clone(),
            rows: rows.clone(),
        };
        if cell.subject.len() != rows.len() {
            return Err(not_a_row());
        }
        for (axis, member) in rows.iter().zip(&cell.subject) {
            let Some(dimension) = self.dimension(&axis.dimension) else {
                continue;
            };
            let level = self.model_level(dimension, member.as_str());
            if *member != *UNASSIGNED && level.is_some_and(|level| *level != axis.level) {
                return Err(not_a_row());
            }
        }
        if view.periods.id(cell.period.as_str()).is_err() {
            let all = view.periods.iter().map(|period| period.label);
            let all: Vec<Key> = all.collect();
            let all = all.iter().map(Key::as_str);
            return Err(missing("period", &cell.period, all));
        }
        if let Some(quantum) = quantum {
            quantum.units(cell.amount.decimal())?;
        }
        Ok(())
    }

    /// The members that targets name, by the number of their dimension.
    pub(super) fn named_by<'t>(
        &'t self,
        own: &'t TargetsDef,
    ) -> impl Iterator<Item = (usize, &'t Key)> {
        let views = self.model.asked().iter();
        let view = views.filter(|view| view.definition.key == own.view);
        view.flat_map(move |view| {
            let rows = &view.definition.rows;
            own.cells.iter().flat_map(move |cell| {
                let named = rows.iter().zip(&cell.subject);
                named.filter_map(move |(axis, member)| {
                    Some((self.dimension(&axis.dimension)?, member))
                })
            })
        })
    }
}

fn shown(subject: &[Key]) -> String {
    let names: Vec<&str> = subject.iter().map(Key::as_str).collect();
    names.join(" / ")
}

fn missing<'n>(
    what: &'static str,
    name: &Key,
    all: impl Iterator<Item = &'n str> + Clone,
) -> Rejection {
    let (name, nearest, known) = unknown(name.as_str(), all);
    Rejection::UnknownTarget {
        what,
        name,
        nearest,
        known,
    }
}
