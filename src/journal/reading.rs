//! Reading: what has been folded by leaf and day, as rows and periods.

mod compiled;
mod homes;
mod kept;
mod owed;
mod seating;
mod unread;

use std::ops::Range;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::closing::Books;
use super::leaves::{Chunks, Leaves};
use super::needed::{Needed, Piece};
use super::pieces::Spot;
use super::plans::Plans;
use super::structure::{Former, Step, standing, structure};
use super::targets::{Rows, live, written};
use super::tenures::posts;
use super::told::{self, Event, Fixed};
use crate::calendar::Period;
use crate::key::Key;
use crate::ledger::{LedgerError, Schema};
use crate::limits::{Limits, Size};
use crate::metric::{Layout, MetricError, Program, Reader};
use crate::model::{Asked, Beside, Model, TargetCell};
use crate::panel::Panel;
use crate::plan::{Plan, PlanError, Structure};
use crate::space::{Posts, Space, SpaceError, Subjects, UNASSIGNED, Unassigned};
pub(super) use compiled::Compiled;
use compiled::{Extent, Ground};
pub(super) use homes::Homes;
pub(super) use kept::Readings;
use kept::{Reading, Targets};
use seating::{Seating, Seen};
pub(crate) use unread::Unread;

/// What a journal has folded, and the structure by which it is read.
#[derive(Debug, Clone)]
pub(crate) struct Folds {
    pub(super) leaves: Arc<Leaves>,
    pub(super) chunks: Chunks,
    pub(super) steps: Arc<Vec<Step>>,
    pub(super) excuses: Arc<Vec<Step>>,
    pub(super) targets: Arc<Vec<Step>>,
    pub(super) former: Arc<Vec<Former>>,
    pub(super) books: Arc<Books>,
    pub(super) compiled: Arc<Compiled>,
    pub(super) readings: Arc<Readings>,
    pub(super) plans: Arc<Plans>,
    /// The day on which the journal begins.
    pub(super) go_live: NaiveDate,
}

impl Folds {
    /// A plan as it was known by so many hand-overs and had become by a day.
    pub(crate) fn plan(
        &self,
        name: &str,
        hand_overs: usize,
        as_of: NaiveDate,
    ) -> Result<Option<Arc<Plan>>, PlanError> {
        let seen = self
            .plans
            .seen(name, hand_overs, as_of, std::iter::once(0))?;
        Ok(seen.into_iter().flatten().next())
    }
}

/// A view that is asked for, with its options.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) model: &'a Model,
    /// The position of the view in the model, or behind all views that of a table.
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
        let now = self.plain(&events, &Fixed::by(&events), |_| true)?;
        if events.is_empty() {
            return Ok(now);
        }
        let now = told::with_rows(now, &events)?;
        Ok(told::laid_over(&now, &events, &self.asked().adding_up)?)
    }

    /// What was closed by the as-of day; the structure of one day restates what was told by that of others.
    fn events(&self) -> Vec<&Event> {
        let told = self.folds.books.told(self.at);
        let told = told.filter(|_| self.as_it_is.is_none());
        told.map(|told| told.until(self.as_of)).unwrap_or_default()
    }

    /// Everything as it is known, as if nothing were closed, with a row for nobody where these events have one. Figures that do not
    /// add up are right in the periods that matter and that these events do not have.
    pub(super) fn plain(
        &self,
        events: &[&Event],
        fixed: &Fixed,
        matters: impl Fn(&Period) -> bool,
    ) -> Result<Panel, Unread> {
        let posts = self.posts()?;
        let seen = self.seen(posts.as_deref());
        let extent = Extent::new(&self.folds.steps, self.hand_overs, self.as_of);
        let readings = &self.folds.readings;
        let last = if self.is_kept() {
            readings.take(self.at)
        } else {
            None
        };
        let goes_on = last.as_ref().is_some_and(|last| {
            last.as_of <= self.as_of && last.is_part_of(&extent, &self.folds.books, seen)
        });
        // How large it is, before anything of it is made.
        let shown = match &last {
            Some(last) if goes_on => {
                self.limits.check(Size::Rows, last.size.0)?;
                self.limits.check(Size::Cells, last.size.1)?;
                None
            }
            _ => Some(self.rows(self.schema()?.space(), |_| true)?),
        };
        let targets = self.targets(&extent, fixed)?;
        let duties = self.duties()?;
        let owes_nobody = self.owes_nobody(&duties)?;
        let written = self.written(fixed);
        let is_for_nobody = |axis: usize| {
            written.iter().any(|(_, cell)| {
                cell.subject
                    .get(axis)
                    .is_some_and(|own| *own == *UNASSIGNED)
            })
        };
        let has_nobody = |axis: usize| {
            owes_nobody
                || is_for_nobody(axis)
                || events.iter().any(|event| event.has_nobody(axis))
                || targets.iter().any(|panel| panel.has_nobody(axis))
        };
        let told = told::closed(events);
        // What is paid for a closed period is worked out again, to be adjusted by what is more than was told.
        let pays = !self.asked().judged.is_empty();
        let is_open = |period: &Period| pays || (period.id.index() >= told && matters(period));
        let (advanced, aside) = match last {
            Some(last) if goes_on => (self.advanced(last, &has_nobody, &is_open)?, None),
            other => (None, other),
        };
        let reading = match advanced {
            Some(reading) => reading,
            None => self.fresh(extent, shown, &has_nobody, &is_open)?,
        };
        let program = reading.reader.program();
        let folded = reading.reader.partial();
        let kinds = 0..program.layout().schema().compiled().len();
        let figures = if kinds.clone().any(|kind| program.asks_singly(kind)) {
            let singles = reading.seating.singles(seen);
            readings.count(singles.len());
            let mut folded = folded.clone();
            let singles = singles.into_iter();
            program.fold_singles(&mut folded, self.model.lanes(), singles, &reading.seating);
            program.figures(&folded)?
        } else {
            program.figures(folded)?
        };
        let mut planned = Vec::new();
        for panel in targets.iter() {
            planned.extend(panel.over(figures.subjects())?);
        }
        planned.extend(self.duty_columns(&duties, &figures)?);
        let beside = Beside {
            measures: self.model.schema().measures(),
            planned: &planned,
            space: program.layout().schema().space(),
            written: &written,
            as_of: self.as_of,
            taken_on: &self.there_since(program),
            days: self.model.working_days(),
            hours: self.model.stated_hours(),
        };
        let panel = self.asked().shown_of(figures, beside)?;
        if self.is_kept() {
            // What was read as of a later day goes on from there, as long as it is a part of what is known.
            let may_go_on = |other: &Reading| {
                let extent = Extent::new(&self.folds.steps, self.hand_overs, other.as_of);
                let is_later = other.as_of > reading.as_of;
                is_later && other.is_part_of(&extent, &self.folds.books, seen)
            };
            let aside = aside.filter(may_go_on);
            readings.keep(self.at, aside.unwrap_or(reading));
        }
        Ok(panel)
    }

    /// The targets that are written down in this view by the as-of day, by metric, and those of closed periods that were while these
    /// were open.
    fn written(&self, fixed: &Fixed) -> Vec<(&Key, &TargetCell)> {
        let asked = self.asked();
        if asked.definition.written.is_empty() {
            return Vec::new();
        }
        let known = (self.model.schema().space(), &**self.folds.former);
        let axes = &asked.definition.rows;
        let seen = (self.hand_overs, self.as_of);
        let rows = Rows::seen(known, axes, &self.folds.steps, seen);
        let all = written(&self.folds.targets, self.hand_overs, &asked.definition.key);
        let cells = all.iter().map(|written| written.own.cells.len());
        self.folds.readings.count(cells.sum());
        let counts = |since: u32, day: NaiveDate, cell: &TargetCell| {
            let period = asked.periods.id(cell.period.as_str()).ok();
            let close = period.and_then(|period| fixed.close_of(period.index()));
            day <= self.as_of || close.is_some_and(|close| (since as usize) < close)
        };
        live(&all, &rows, counts)
    }

    /// Whether what it reads is kept for the next reading: it asks what everybody asks, by all that is known.
    fn is_kept(&self) -> bool {
        self.known_at.is_none()
            && self.as_it_is.is_none()
            && self.hand_overs == self.folds.chunks.len()
    }

    fn seen<'s>(&'s self, posts: Option<&'s Posts>) -> Seen<'s> {
        Seen {
            posts,
            leaves: &self.folds.leaves,
            books: &self.folds.books,
            cuts: self.model.cuts(),
            chunks: &self.folds.chunks[..self.hand_overs.min(self.folds.chunks.len())],
            as_of: self.as_of,
            structure: self.as_it_is,
        }
    }

    /// Refuses where more is needed than is kept.
    fn suffices(
        &self,
        seating: &Seating,
        program: &Program,
        is_open: &impl Fn(&Period) -> bool,
    ) -> Result<(), Unread> {
        let missing = seating.missing(self.seen(None), program, is_open);
        if missing.is_empty() {
            return Ok(());
        }
        let pieces = missing.iter().filter_map(|spot| self.piece(*spot));
        let pieces = pieces.collect();
        Err(Unread::Needed(Box::new(Needed::Records { pieces })))
    }

    /// By axis, whether nobody has a row.
    fn nobody(
        &self,
        seating: &Seating,
        program: &Program,
        (standing, has_nobody): (Vec<Vec<i64>>, &impl Fn(usize) -> bool),
    ) -> Vec<bool> {
        let mut is_used = seating.unassigned(self.seen(None), (program, self.asked()), standing);
        for (axis, used) in is_used.iter_mut().enumerate() {
            *used |= has_nobody(axis);
        }
        is_used
    }

    /// Goes on with what was read before; nothing where that cannot be gone on with.
    fn advanced(
        &self,
        mut last: Reading,
        has_nobody: &impl Fn(usize) -> bool,
        is_open: &impl Fn(&Period) -> bool,
    ) -> Result<Option<Reading>, Unread> {
        let posts = self.posts()?;
        let seen = self.seen(posts.as_deref());
        let is_grown = last.seating.len() < seen.leaves.list().len();
        last.seating.add(seen, last.reader.program());
        if last.as_of != self.as_of {
            let rows = last.reader.program().layout().subjects().clone();
            let program = self.program(self.asked(), &self.schema()?, rows)?;
            let before = last.as_of.num_days_from_ce();
            let seats = (last.seating.seats(), before);
            let Some(reader) = last.reader.carried(program, self.model.lanes(), seats)? else {
                return Ok(None);
            };
            last.reader = reader;
        } else if is_grown {
            last.reader.seat(last.seating.seats());
        }
        self.suffices(&last.seating, last.reader.program(), is_open)?;
        for (own, all) in last.standing.iter_mut().zip(last.seating.nobody()) {
            own.resize(all.len(), 0);
        }
        let count = last.go_on(seen)?;
        self.folds.readings.count(count);
        let standing = (last.standing.clone(), has_nobody);
        let is_used = self.nobody(&last.seating, last.reader.program(), standing);
        Ok((is_used == last.is_used).then_some(last))
    }

    /// Reads everything; the rows are those that are shown, nobody's among them, where they were made already.
    fn fresh(
        &self,
        extent: Extent,
        shown: Option<(Subjects, (u128, u128))>,
        has_nobody: &impl Fn(usize) -> bool,
        is_open: &impl Fn(&Period) -> bool,
    ) -> Result<Reading, Unread> {
        let posts = self.posts()?;
        let (asked, seen) = (self.asked(), self.seen(posts.as_deref()));
        let schema = self.schema()?;
        let (shown, size) = match shown {
            Some(shown) => shown,
            None => self.rows(schema.space(), |_| true)?,
        };
        let program = self.program(asked, &schema, shown)?;
        let seating = Seating::new(seen, &program);
        self.suffices(&seating, &program, is_open)?;
        let end = asked.periods.end();
        let end = end.map_or(i32::MAX, |end| end.num_days_from_ce());
        let standing = (seating.standing(seen, end), has_nobody);
        let is_used = self.nobody(&seating, &program, standing);
        let program = if is_used.iter().all(|used| *used) {
            program
        } else {
            let (rows, _) = self.rows(schema.space(), |axis| is_used[axis])?;
            self.program(asked, &schema, rows)?
        };
        let reader = Reader::new(program, self.model.lanes(), seating.seats())?;
        let books = &self.folds.books;
        let own = (reader, seating);
        let (reading, count) = Reading::new((extent, seen), books, own, (is_used, size), end)?;
        self.folds.readings.count(count);
        Ok(reading)
    }

    /// The targets of the plans that it asks for, as they were known and had become by the as-of day: those that were made last
    /// while neither the plans nor the structure have changed. Those of closed periods are as they were known when these were closed.
    fn targets(&self, extent: &Extent, fixed: &Fixed) -> Result<Arc<[Panel]>, Unread> {
        let asked = self.asked();
        if asked.plans.is_empty() {
            return Ok(Arc::new([]));
        }
        let mut plans: Vec<(Arc<Plan>, Range<usize>)> = Vec::with_capacity(asked.plans.len());
        let spans: Vec<_> = fixed.spans(asked.periods.len()).collect();
        for at in &asked.plans {
            let name = self.model.definition().plans[*at].key.as_str();
            let fixed = spans.iter().map(|(_, fixed)| *fixed);
            let seen = self
                .folds
                .plans
                .seen(name, self.hand_overs, self.as_of, fixed)?;
            let first = plans.len();
            for ((periods, _), plan) in spans.iter().zip(seen) {
                let Some(plan) = plan else { continue };
                match plans[first..].last_mut() {
                    Some((last, own)) if Arc::ptr_eq(last, &plan) && own.end == periods.start => {
                        own.end = periods.end;
                    }
                    _ => plans.push((plan, periods.clone())),
                }
            }
        }
        let is_kept = self.is_kept();
        let last = self.folds.readings.targets(self.at).filter(|_| is_kept);
        if let Some(last) = last.filter(|last| last.is_of(extent, &plans)) {
            return Ok(last.panels);
        }
        let schema = self.schema()?;
        let space = schema.space();
        let mut structure = match self.as_it_is {
            Some(day) => Structure::as_it_is(space, day),
            None => Structure::as_it_was(space),
        };
        if let Some(days) = self.model.working_days() {
            structure = structure.working_days(days);
        }
        let posts = self.posts()?;
        if let Some(posts) = posts.as_deref() {
            structure = structure.posts(posts);
        }
        let mut panels = Vec::with_capacity(plans.len());
        for (plan, periods) in &plans {
            let own = plan.targets(&structure, &asked.definition.rows, &asked.periods)?;
            let own = told::only(own, periods)?;
            let columns = own.columns().len();
            self.folds
                .readings
                .count(own.subjects().len() * own.periods().len() * columns);
            panels.push(own);
        }
        let panels: Arc<[Panel]> = panels.into();
        if is_kept {
            let own = Targets {
                extent: extent.clone(),
                plans,
                panels: Arc::clone(&panels),
            };
            self.folds.readings.keep_targets(self.at, own);
        }
        Ok(panels)
    }

    /// What records may say, over the structure by which it is answered.
    pub(crate) fn schema(&self) -> Result<Schema, Unread> {
        Ok(self.ground()?.schema)
    }

    /// Who holds which post by the structure by which it is answered, if the model has posts.
    pub(crate) fn posts(&self) -> Result<Option<Arc<Posts>>, Unread> {
        Ok(self.ground()?.posts)
    }

    fn ground(&self) -> Result<Ground, Unread> {
        let extent = Extent::new(&self.folds.steps, self.hand_overs, self.as_of);
        if extent.come == 0 {
            return Ok(Ground {
                schema: self.model.schema().clone(),
                posts: self.model.posts().cloned(),
            });
        }
        self.folds.compiled.get(&extent, || {
            let schema = self.model.schema().in_space(self.space()?);
            let schema = schema.map_err(|error| ledger_error(&error))?;
            let definition = self.model.definition().posts.as_ref();
            let posts = definition.map(|definition| {
                let steps = standing(&self.folds.steps, self.hand_overs, Some(self.as_of));
                let steps = steps.iter().map(|entry| &***entry);
                let spaces = (self.model.schema().space(), schema.space());
                posts(definition, spaces, steps).map(Arc::new)
            });
            let posts = posts.transpose()?;
            Ok(Ground { schema, posts })
        })
    }

    /// How many cells the answer has at most.
    pub(crate) fn cells(&self) -> Result<u128, Unread> {
        let (_, (_, cells)) = self.rows(self.schema()?.space(), |_| true)?;
        Ok(cells)
    }

    /// Since when each row is there, at the earliest since the journal goes live: of before it takes no records.
    fn there_since(&self, program: &Program) -> Vec<Option<NaiveDate>> {
        let days = self.asked().taken_on(program).into_iter();
        days.map(|day| day.map(|day| day.max(self.folds.go_live)))
            .collect()
    }

    pub(super) fn asked(&self) -> &Asked {
        &self.model.questions()[self.at]
    }

    /// A piece by name.
    fn piece(&self, spot: Spot) -> Option<Piece> {
        piece(self.model, &self.folds.leaves, &self.folds.books, spot)
    }

    /// The rows, nobody's among them on the axes where that is wanted, and how many rows and cells there are.
    fn rows(
        &self,
        space: &Space,
        nobody: impl Fn(usize) -> bool,
    ) -> Result<(Subjects, (u128, u128)), Unread> {
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
        let columns = asked.metrics.len().max(asked.shown.len()) + asked.beside();
        let columns = columns.max(1);
        let cells = Limits::product([asked.periods.len(), columns]);
        let cells = rows.saturating_mul(cells);
        self.limits.check(Size::Cells, cells)?;
        let mut subjects = Subjects::whole();
        for list in &lists {
            subjects = subjects.cross_within(list, self.limits)?;
        }
        Ok((subjects, (rows, cells)))
    }

    fn program(
        &self,
        asked: &Asked,
        schema: &Schema,
        rows: Subjects,
    ) -> Result<Program, MetricError> {
        let layout = Layout::new(schema.clone(), rows, asked.periods.clone())
            .with_calendar(self.model.calendar().clone())
            .with_reversals(asked.definition.reversals)
            .within(self.limits)
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
