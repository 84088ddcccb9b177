//! One thing done to a plan: cascaded, changed, agreed or cascaded anew, or refused.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};

use super::blame::moved_before;
use super::{Case, Outcome, Stop, refused};
use crate::document::Version;
use crate::journal::deed::{CascadingDef, ChangingDef, PlanDeed};
use crate::journal::entry::{Content, Entry};
use crate::journal::error::Rejection;
use crate::journal::id::EntryId;
use crate::journal::journal::Journal;
use crate::journal::plans::{Act, Edition, lineage};
use crate::journal::reading::Asking;
use crate::journal::structure::structure;
use crate::journal::told::Fixed;
use crate::key::Key;
use crate::model::PlanDef;
use crate::panel::ColumnKey;
use crate::plan::{
    BasisDef, Cascade, Change, Edit, EditError, MissingFigure, Plan, PlanError, PlanRecord,
    Sources, Table,
};

impl Journal {
    /// Does to a plan what an entry says.
    pub(super) fn make(
        &self,
        own: &mut Outcome,
        case: &Case<'_>,
        entry: &Entry,
    ) -> Result<(), Stop> {
        let definition = case.definition;
        let Content::Plan(deed) = entry.content() else {
            return Ok(());
        };
        let day = entry.day();
        if let Some(last) = own.last().filter(|last| day < last.day) {
            return Err(Stop::Refused(Rejection::Overtaken {
                plan: definition.key.clone(),
                other: last.entry.clone(),
                since: last.day,
                day,
            }));
        }
        let act = |version, agrees| Act {
            entry: entry.id().clone(),
            day,
            hand_over: self.hand_over(),
            version,
            agrees,
        };
        let Some(edition) = own.editions.last() else {
            let PlanDeed::Cascade(cascading) = deed else {
                return Err(refused(PlanError::NoCascade));
            };
            let made = case.done.made(entry.id()).next();
            let plan = match made {
                Some((_, kept)) => kept?,
                None => Arc::new(self.cascaded(definition, cascading, day)?),
            };
            own.editions.push(Edition {
                made: act(0, false),
                acts: Vec::new(),
                plan,
            });
            return Ok(());
        };
        match deed {
            PlanDeed::Cascade(_) => {
                let other = edition.made.entry.clone();
                return Err(Stop::Refused(Rejection::Done { other }));
            }
            PlanDeed::Change(changing) => {
                let change = change(own, case, changing, entry)?;
                // What is returned to is returned to whatever is closed.
                let reverts = |edit: &Edit| matches!(edit, Edit::Revert { .. });
                let is_new = !case.done.ever(entry.id());
                let closed = case.closed;
                let closed = closed.filter(|_| is_new && change.edits.iter().any(reverts));
                let before = closed.map(|closed| (closed, Arc::clone(&edition.plan)));
                if let Some(edition) = own.editions.last_mut() {
                    let plan = Arc::make_mut(&mut edition.plan);
                    let version = plan.apply(change).map_err(refused)?;
                    if let Some((closed, before)) = before
                        && let Some(path) = moved_before(&before, Some(plan), closed)
                    {
                        edition.plan = before;
                        let plan = definition.key.clone();
                        let reason = Rejection::ClosedMoved { plan, path, closed };
                        return Err(Stop::Refused(reason));
                    }
                    edition.acts.push(act(version, false));
                }
                own.closes(changing);
            }
            PlanDeed::Agree(agreement) => {
                let (version, current) = (agreement.version, edition.plan.version());
                names(own, case, entry, version)?;
                if version < edition.made.version || current < version {
                    let error = EditError::NoSuchVersion { version, current };
                    return Err(refused(error.into()));
                }
                if let Some(edition) = own.editions.last_mut() {
                    edition.acts.push(act(version, true));
                }
            }
            PlanDeed::Realign(cascading) => {
                let plan = self.anew(own, case, cascading, entry)?;
                own.editions.push(Edition {
                    made: act(plan.version(), false),
                    acts: Vec::new(),
                    plan,
                });
            }
        }
        Ok(())
    }

    /// The plan cascaded anew by an entry: as it was if all that came before is as it was then.
    fn anew(
        &self,
        own: &mut Outcome,
        case: &Case<'_>,
        cascading: &CascadingDef,
        entry: &Entry,
    ) -> Result<Arc<Plan>, Stop> {
        let Some(before) = own.editions.last().map(|edition| Arc::clone(&edition.plan)) else {
            return Err(refused(PlanError::NoCascade));
        };
        let mut record = before.record();
        record.saved = None;
        record.changes.clear();
        for part in &mut record.cascades {
            if let Some(total) = cascading.totals.get(part.recipe.measure.as_str()) {
                part.total = *total;
            }
        }
        let mut kept = Vec::new();
        for (account, made) in case.done.made(entry.id()) {
            let made = made?;
            if account.changes_before(entry.id()) == own.changes() {
                return Ok(made);
            }
            kept.push(made);
        }
        // What was closed since it was made first is judged by what the whole comes to.
        let closed = if kept.is_empty() {
            own.closed_with(case.closed)
        } else {
            before.closed_before()
        };
        let mut raw = None;
        for made in kept {
            let made = made.as_of(0).map_err(refused)?;
            if made.record().cascades == record.cascades {
                raw = Some(made);
                break;
            }
        }
        let mut plan = match raw {
            Some(raw) => raw,
            None => self.cascaded_anew(case.definition, &record, entry.day())?,
        };
        for change in before.changes() {
            plan.apply(change.clone()).map_err(refused)?;
        }
        plan.apply(signed(entry, plan.version())?)
            .map_err(refused)?;
        let moved = plan.moved_since(Some(&before));
        if let Some(closed) = closed
            && let Some(path) = moved_before(&before, Some(&plan), closed)
        {
            let plan = case.definition.key.clone();
            let reason = Rejection::ClosedMoved { plan, path, closed };
            return Err(Stop::Refused(reason));
        }
        own.realigned.extend(moved);
        Ok(Arc::new(plan))
    }

    /// The recipes of a record cascaded by what is known now.
    fn cascaded_anew(
        &self,
        definition: &PlanDef,
        record: &PlanRecord,
        day: NaiveDate,
    ) -> Result<Plan, Stop> {
        self.with_sources(definition, day, |sources| {
            Ok(record.replan(sources).map_err(refused)?.plan)
        })
    }

    fn cascaded(
        &self,
        definition: &PlanDef,
        cascading: &CascadingDef,
        day: NaiveDate,
    ) -> Result<Plan, Stop> {
        self.with_sources(definition, day, |sources| {
            let mut plan: Option<Plan> = None;
            let mut frame = None;
            for recipe in &definition.recipes {
                let own = recipe.clone();
                let cascade = match &frame {
                    Some(frame) => Cascade::beside(frame, own, sources),
                    None => Cascade::compile(own, sources),
                };
                let cascade = cascade.map_err(refused)?;
                frame = Some(Arc::clone(cascade.frame()));
                let total = cascading.totals.get(recipe.measure.as_str());
                let total = total.ok_or_else(|| {
                    Stop::Refused(Rejection::NoTotal {
                        plan: definition.key.clone(),
                        measure: recipe.measure.clone(),
                    })
                })?;
                let next = cascade.run(total.decimal()).map_err(refused)?;
                match &mut plan {
                    Some(plan) => plan.join(next).map_err(refused)?,
                    None => plan = Some(next),
                }
            }
            let plan = plan.ok_or_else(|| refused(PlanError::NoCascade))?;
            let measures = self.model.schema().measures();
            plan.with_ratios(measures)
                .with_links(definition.links.clone())
                .map_err(refused)
        })
    }

    /// Does something with what recipes are compiled from: the structure as it is known, and figures as of a day.
    fn with_sources<T>(
        &self,
        definition: &PlanDef,
        day: NaiveDate,
        with: impl FnOnce(&Sources<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let schema = self.model.schema();
        let space = structure(schema.space(), &self.steps, self.taken.len(), None)?;
        let mut sources = Sources::new(schema.measures(), &space)
            .calendar(self.model.calendar())
            .limits(self.limits);
        if let Some(days) = self.model.working_days() {
            sources = sources.working_days(days);
        }
        for set in self.model.sets() {
            sources = sources.set(set.clone());
        }
        let folds = self.folds();
        let named = tables(definition);
        let known = self.model.definition().tables.iter().enumerate();
        for (at, table) in known.filter(|(_, table)| named.contains(&table.key)) {
            let asking = Asking {
                model: &self.model,
                at: self.model.asked().len() + at,
                folds: &folds,
                hand_overs: self.taken.len(),
                known_at: None,
                as_of: day,
                as_it_is: None,
                limits: self.limits,
            };
            let panel = asking.plain(&[], &Fixed::default(), |_| true)?;
            let key = ColumnKey::actual(table.metric.key.as_str())?;
            let figures = Table::from_panel(&panel, &key, MissingFigure::NoWeight);
            sources = sources.table(table.key.clone(), figures.map_err(refused)?);
        }
        with(&sources)
    }
}

impl Outcome {
    /// The day before which a plan is closed when it is closed as far as the books are and as its own changes say.
    fn closed_with(&self, books: Option<NaiveDate>) -> Option<NaiveDate> {
        let start = self.plan().map(|plan| plan.frame().horizon().start());
        let closed = self.closed.max(books);
        // What ends before the plan begins closes nothing of it.
        closed.filter(|before| Some(*before) > start)
    }
}

/// Refuses a version that something named when it was done before and that is of something else by now: nothing means other numbers
/// than it meant.
fn names(own: &Outcome, case: &Case<'_>, entry: &Entry, version: u64) -> Result<(), Stop> {
    let Some(was) = case.done.until(entry.id()) else {
        return Ok(());
    };
    let (was, now) = (lineage(was, version), lineage(&own.editions, version));
    if was == now {
        return Ok(());
    }
    let but = |all: &[&EntryId], other: &[&EntryId]| {
        let other: BTreeSet<&EntryId> = other.iter().copied().collect();
        let more = all.iter().filter(|id| !other.contains(*id));
        more.map(|id| (*id).clone()).collect::<Vec<EntryId>>()
    };
    Err(Stop::Refused(Rejection::OtherVersion {
        plan: case.definition.key.clone(),
        version,
        without: but(&was, &now),
        with: but(&now, &was),
    }))
}

/// The change of an entry, as it was made if it was. Before anything is edited, what is closed hard by now is closed in the plan
/// too, and what was reopened is opened.
fn change(
    own: &Outcome,
    case: &Case<'_>,
    changing: &ChangingDef,
    entry: &Entry,
) -> Result<Change, Stop> {
    let Some(edition) = own.editions.last() else {
        return Err(refused(PlanError::NoCascade));
    };
    let plan = &edition.plan;
    for version in changing.edits.iter().filter_map(Edit::named_version) {
        names(own, case, entry, version)?;
    }
    // As it was made first.
    if let Some(made) = case.done.change(entry.id()) {
        let (closing, _) = made
            .edits
            .split_at(made.edits.len().saturating_sub(changing.edits.len()));
        let closed = plan.closed_before();
        let is_due = |edit: &&Edit| match edit {
            Edit::Close { before } => closed.is_none_or(|closed| closed < *before),
            Edit::Reopen { from } => closed.is_some_and(|closed| *from < closed),
            _ => true,
        };
        let closing = closing.iter().filter(is_due);
        return Ok(Change {
            based_on: plan.version(),
            edits: closing.chain(&changing.edits).cloned().collect(),
            ..made.clone()
        });
    }
    let mut change = signed(entry, plan.version())?;
    change.based_on = changing.based_on.unwrap_or(change.based_on);
    let is = plan.closed_before();
    let wanted = own.closed_with(case.closed);
    let wanted = wanted.and_then(|before| plan.last_end(before));
    match wanted {
        Some(before) if is < wanted => change.edits.push(Edit::Close { before }),
        _ if wanted < is => {
            let from = wanted.unwrap_or(plan.frame().horizon().start());
            change.edits.push(Edit::Reopen { from });
        }
        _ => {}
    }
    change.edits.extend(changing.edits.iter().cloned());
    let mut open = changing.edits.iter().filter_map(|edit| match edit {
        Edit::Reopen { from } => Some(*from),
        _ => None,
    });
    if let Some(before) = case.closed
        && let Some(from) = open.find(|from| *from < before)
    {
        let plan = case.definition.key.clone();
        return Err(Stop::Refused(Rejection::BooksClosed { plan, from, before }));
    }
    Ok(change)
}

/// A change without edits, by who entered it.
fn signed(entry: &Entry, based_on: u64) -> Result<Change, Stop> {
    let by = Key::new(entry.author().unwrap_or_default());
    let by = by.map_err(|error| Stop::Refused(Rejection::Author(error)))?;
    let at = entry.booked_at();
    Ok(Change {
        version: Version::default(),
        by,
        at: at.unwrap_or_else(|| entry.day().and_time(NaiveTime::MIN)),
        reason: entry.reason().unwrap_or_default().to_owned(),
        based_on,
        edits: Vec::new(),
    })
}

/// The tables that recipes name.
fn tables(definition: &PlanDef) -> BTreeSet<&Key> {
    let steps = || definition.recipes.iter().flat_map(|recipe| &recipe.steps);
    let gates = steps().flat_map(|step| &step.gates);
    let mut found: BTreeSet<&Key> = gates.map(|gate| &gate.figures.table).collect();
    let mut left: Vec<&BasisDef> = steps().map(|step| &step.basis).collect();
    while let Some(basis) = left.pop() {
        match basis {
            BasisDef::History(own)
            | BasisDef::Potential(own)
            | BasisDef::Capacity(own)
            | BasisDef::Reference(own) => {
                found.insert(&own.table);
            }
            BasisDef::GrownHistory(own) => {
                found.insert(&own.history.table);
            }
            BasisDef::Inverse(of) => left.push(of),
            BasisDef::Blend(parts) => left.extend(parts.iter().map(|part| &part.basis)),
            _ => {}
        }
    }
    found
}
