//! A view with its four questions: as of, known at, by which structure, within which limits.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};

use super::error::ViewError;
use super::seating::{Seating, Seen};
use crate::journal::{Chunks, Journal, Leaves, Step, structure};
use crate::key::unknown;
use crate::limits::{Limits, Size};
use crate::metric::{Layout, Program, Reader};
use crate::model::{Asked, Model};
use crate::panel::Panel;
use crate::space::{Space, Subjects, Unassigned};

/// A view of a journal. It shares what the journal holds and stays as it is, whatever comes in later.
#[derive(Debug, Clone)]
pub struct View {
    model: Model,
    /// The position of the view in the model.
    at: usize,
    leaves: Arc<Leaves>,
    chunks: Chunks,
    steps: Arc<Vec<Step>>,
    /// When each hand-over was known.
    known: Arc<[NaiveDateTime]>,
    as_of: NaiveDate,
    known_at: Option<NaiveDateTime>,
    as_it_is: Option<NaiveDate>,
    limits: Limits,
}

impl Journal {
    /// Returns the view of this name: as of the day through which the journal is complete, by the newest knowledge, by the
    /// structure as it was.
    ///
    /// # Errors
    /// [`ViewError::UnknownView`] with the nearest known name.
    pub fn view(&self, name: &str) -> Result<View, ViewError> {
        let model = self.model();
        let views = model.asked();
        let at = views.iter().position(|view| view.definition.key == *name);
        let at = at.ok_or_else(|| {
            let all = views.iter().map(|view| view.definition.key.as_str());
            let (name, nearest, known) = unknown(name, all);
            ViewError::UnknownView {
                name,
                nearest,
                known,
            }
        })?;
        let (leaves, chunks, steps) = self.folded();
        Ok(View {
            model: model.clone(),
            at,
            leaves,
            chunks,
            steps,
            known: self.known_times().collect(),
            as_of: self.complete_through().unwrap_or(self.go_live()),
            known_at: None,
            as_it_is: None,
            limits: Limits::default(),
        })
    }
}

impl View {
    /// Asks as of a day: what is effective after it is not there, nor a date of a record that lies after it.
    #[must_use]
    pub fn as_of(mut self, day: NaiveDate) -> Self {
        self.as_of = day;
        self
    }

    /// Asks by what was known at a time: what was taken in later is not there.
    #[must_use]
    pub fn known_at(mut self, time: NaiveDateTime) -> Self {
        self.known_at = Some(time);
        self
    }

    /// Asks by the structure of one day, which holds for all days: like for like.
    #[must_use]
    pub fn as_it_is(mut self, day: NaiveDate) -> Self {
        self.as_it_is = Some(day);
        self
    }

    /// Asks within the limits of a host: rows and cells are counted before they are made.
    #[must_use]
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How many hand-overs are seen.
    fn hand_overs(&self) -> usize {
        match self.known_at {
            Some(time) => self.known.partition_point(|known| *known <= time),
            None => self.known.len(),
        }
    }

    /// Returns the structure by which it is answered: who is there, and who belongs to whom. A plan's targets read by it stand
    /// beside its figures.
    ///
    /// # Errors
    /// [`ViewError::Space`].
    pub fn space(&self) -> Result<Space, ViewError> {
        let model = self.model.schema().space();
        let as_of = Some(self.as_of);
        Ok(structure(model, &self.steps, self.hand_overs(), as_of)?)
    }

    /// Returns the answer: the figures by row and period.
    ///
    /// # Errors
    /// [`ViewError::NotYet`], [`ViewError::Limit`]; [`ViewError::Space`] and [`ViewError::Metric`] where the structure or a number
    /// leaves its range.
    pub fn panel(&self) -> Result<Panel, ViewError> {
        if let Some(day) = self.as_it_is.filter(|day| *day > self.as_of) {
            let as_of = self.as_of;
            return Err(ViewError::NotYet { day, as_of });
        }
        let asked = self.asked();
        let schema = self.model.schema().in_space(self.space()?);
        let schema = schema.map_err(|error| ledger_error(&error))?;
        let shown = self.rows(schema.space(), |_| true)?;
        let program = self.program(asked, &schema, shown)?;
        let seen = Seen {
            leaves: &self.leaves,
            chunks: &self.chunks[..self.hand_overs().min(self.chunks.len())],
            as_of: self.as_of,
            structure: self.as_it_is,
        };
        let seating = Seating::new(seen, &program);
        let is_used = seating.unassigned(seen, &program, asked);
        let program = if is_used.iter().all(|used| *used) {
            program
        } else {
            let rows = self.rows(schema.space(), |axis| is_used[axis])?;
            self.program(asked, &schema, rows)?
        };
        let mut reader = Reader::new(&program, self.model.lanes(), seating.seats())?;
        seating.each(seen, |kind, seat, addend| reader.add(kind, seat, addend))?;
        let whole = program.panel(&reader.finish())?;
        let mut panel = Panel::new(whole.subjects().clone(), whole.periods().clone());
        for column in &whole.columns()[..asked.shown.min(whole.columns().len())] {
            panel.add(column.clone())?;
        }
        Ok(panel)
    }

    fn asked(&self) -> &Asked {
        &self.model.asked()[self.at]
    }

    /// The rows, nobody's among them on the axes where that is wanted.
    fn rows(&self, space: &Space, nobody: impl Fn(usize) -> bool) -> Result<Subjects, ViewError> {
        let asked = self.asked();
        let mut lists = Vec::with_capacity(asked.definition.rows.len());
        for (at, axis) in asked.definition.rows.iter().enumerate() {
            let unassigned = match asked.definition.unassigned {
                Unassigned::WhereUsed if nobody(at) => Unassigned::Shown,
                Unassigned::WhereUsed => Unassigned::Hidden,
                stated => stated,
            };
            lists.push(space.subjects(axis, unassigned)?);
        }
        let rows = Limits::product(lists.iter().map(Subjects::len));
        self.limits.check(Size::Rows, rows)?;
        let cells = Limits::product([asked.periods.len(), asked.metrics.len().max(1)]);
        self.limits.check(Size::Cells, rows.saturating_mul(cells))?;
        let mut subjects = Subjects::whole();
        for list in &lists {
            subjects = subjects.cross(list)?;
        }
        Ok(subjects)
    }

    fn program(
        &self,
        asked: &Asked,
        schema: &crate::ledger::Schema,
        rows: Subjects,
    ) -> Result<Program, ViewError> {
        let layout = Layout::new(schema.clone(), rows, asked.periods.clone())
            .with_calendar(self.model.calendar().clone())
            .as_of_day(self.as_of);
        Ok(Program::compile(&asked.metrics, &layout)?)
    }
}

/// A schema that was fine is fine in another version of its space, which has every dimension that it had.
fn ledger_error(error: &crate::ledger::LedgerError) -> ViewError {
    match error {
        crate::ledger::LedgerError::Space(error) => error.clone().into(),
        _ => crate::metric::MetricError::ProgramMismatch.into(),
    }
}
