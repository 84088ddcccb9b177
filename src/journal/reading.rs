//! Reading: what has been folded by leaf and day, as rows and periods.

mod compiled;
mod seating;
mod unread;

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};

use super::closing::Books;
use super::leaves::{Chunks, Leaves};
use super::needed::{Needed, Piece};
use super::pieces::Spot;
use super::structure::{Step, structure};
use super::told::{self, Event};
use crate::ledger::{LedgerError, Schema};
use crate::limits::{Limits, Size};
use crate::metric::{Layout, MetricError, Program, Reader};
use crate::model::{Asked, Model};
use crate::panel::Panel;
use crate::space::{Space, SpaceError, Subjects, Unassigned};
pub(super) use compiled::Compiled;
use compiled::Extent;
use seating::{Seating, Seen};
pub(super) use seating::{members_of, starts};
pub(crate) use unread::Unread;

/// What a journal has folded, and the structure by which it is read.
#[derive(Debug, Clone)]
pub(crate) struct Folds {
    pub(super) leaves: Arc<Leaves>,
    pub(super) chunks: Chunks,
    pub(super) steps: Arc<Vec<Step>>,
    pub(super) books: Arc<Books>,
    pub(super) compiled: Arc<Compiled>,
}

/// A view that is asked for, with its options.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) model: &'a Model,
    /// The position of the view in the model.
    pub(crate) at: usize,
    pub(crate) folds: &'a Folds,
    /// How many hand-overs are seen, and as known at which time if that is not now.
    pub(crate) hand_overs: usize,
    pub(crate) known_at: Option<NaiveDateTime>,
    pub(crate) as_of: NaiveDate,
    /// The day whose structure holds for all days, if one does.
    pub(crate) as_it_is: Option<NaiveDate>,
    pub(crate) limits: Limits,
}

impl Asking<'_> {
    /// The structure by which it is answered.
    pub(crate) fn space(&self) -> Result<Space, SpaceError> {
        let model = self.model.schema().space();
        structure(model, &self.folds.steps, self.hand_overs, Some(self.as_of))
    }

    /// The answer: what was told of closed periods, and everything else as it is known.
    pub(crate) fn panel(&self) -> Result<Panel, Unread> {
        if let Some(known_at) = self.known_at
            && self.hand_overs < self.folds.books.settled()
        {
            return Err(Unread::Needed(Box::new(Needed::Journal {
                known_at,
                hand_overs: self.hand_overs as u64,
            })));
        }
        let events = self.events();
        let now = self.plain(&events)?;
        if events.is_empty() {
            return Ok(now);
        }
        Ok(told::laid_over(&now, &events, &self.asked().adding_up)?)
    }

    /// What was closed by the as-of day; the structure of one day restates what was told by that of others.
    fn events(&self) -> Vec<&Event> {
        let told = self.folds.books.told(self.at);
        let told = told.filter(|_| self.as_it_is.is_none());
        told.map(|told| told.until(self.as_of)).unwrap_or_default()
    }

    /// Everything as it is known, as if nothing were closed, with a row for nobody where these events have one.
    pub(super) fn plain(&self, events: &[&Event]) -> Result<Panel, Unread> {
        let asked = self.asked();
        let schema = self.schema()?;
        let shown = self.rows(schema.space(), |_| true)?;
        let program = self.program(asked, &schema, shown)?;
        let seen = Seen {
            leaves: &self.folds.leaves,
            books: &self.folds.books,
            cuts: self.model.cuts(),
            chunks: &self.folds.chunks[..self.hand_overs.min(self.folds.chunks.len())],
            as_of: self.as_of,
            structure: self.as_it_is,
        };
        let seating = Seating::new(seen, &program);
        let missing = seating.missing(seen, &program);
        if !missing.is_empty() {
            let pieces = missing.iter().filter_map(|spot| self.piece(*spot));
            let pieces = pieces.collect();
            return Err(Unread::Needed(Box::new(Needed::Records { pieces })));
        }
        let mut is_used = seating.unassigned(seen, &program, asked)?;
        for (axis, used) in is_used.iter_mut().enumerate() {
            *used |= events.iter().any(|event| event.has_nobody(axis));
        }
        let program = if is_used.iter().all(|used| *used) {
            program
        } else {
            let rows = self.rows(schema.space(), |axis| is_used[axis])?;
            self.program(asked, &schema, rows)?
        };
        let mut reader = Reader::new(&program, self.model.lanes(), seating.seats())?;
        seating.each(seen, |kind, seat, addend| reader.add(kind, seat, addend))?;
        let mut folded = reader.finish();
        let singles = seating.singles(seen).into_iter();
        program.fold_singles(&mut folded, self.model.lanes(), singles, &seating);
        Ok(asked.shown_of(&program.figures(&folded)?)?)
    }

    /// What records may say, over the structure by which it is answered.
    fn schema(&self) -> Result<Schema, Unread> {
        let extent = Extent::new(&self.folds.steps, self.hand_overs, self.as_of);
        if extent.come == 0 {
            return Ok(self.model.schema().clone());
        }
        self.folds.compiled.get(&extent, || {
            let schema = self.model.schema().in_space(self.space()?);
            schema.map_err(|error| ledger_error(&error))
        })
    }

    pub(super) fn asked(&self) -> &Asked {
        &self.model.asked()[self.at]
    }

    /// A piece by name.
    fn piece(&self, spot: Spot) -> Option<Piece> {
        piece(self.model, &self.folds.leaves, &self.folds.books, spot)
    }

    /// The rows, nobody's among them on the axes where that is wanted.
    fn rows(&self, space: &Space, nobody: impl Fn(usize) -> bool) -> Result<Subjects, Unread> {
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
        schema: &Schema,
        rows: Subjects,
    ) -> Result<Program, MetricError> {
        let layout = Layout::new(schema.clone(), rows, asked.periods.clone())
            .with_calendar(self.model.calendar().clone())
            .as_of_day(self.as_of);
        Program::compile(&asked.metrics, &layout)
    }
}

/// A piece by name.
pub(super) fn piece(model: &Model, leaves: &Leaves, books: &Books, spot: Spot) -> Option<Piece> {
    let leaf = leaves.list().get(spot.leaf as usize)?;
    let kind = model.schema().kinds().nth(usize::from(leaf.kind()))?;
    let compiled = model.schema().compiled().get(usize::from(leaf.kind()))?;
    let names: Vec<_> = leaves.names().collect();
    let fields = kind.dimensions.iter().zip(&compiled.dimensions);
    let members = fields
        .zip(leaf.members())
        .filter_map(|((field, dimension), member)| {
            let at = (*member as usize).checked_sub(1)?;
            let member = names.get(dimension.index())?.get(at)?;
            Some((field.field.clone(), member.clone()))
        });
    let day = NaiveDate::from_num_days_from_ce_opt;
    let end = books.pieces(model.cuts()).end(spot.start);
    Some(Piece {
        kind: kind.key.clone(),
        members: members.collect(),
        from: day(spot.start).filter(|_| spot.start != i32::MIN),
        to: day(end)?,
        checksum: books.checksum(spot),
    })
}

/// A schema that was fine is fine in another version of its space, which has every dimension that it had.
fn ledger_error(error: &LedgerError) -> Unread {
    match error {
        LedgerError::Space(error) => error.clone().into(),
        _ => MetricError::ProgramMismatch.into(),
    }
}
