//! What a hand-over does to plans, worked out once everything else that it says has been taken in.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};

use super::deed::{CascadingDef, ChangingDef, PlanDeed};
use super::entry::{Content, Entry};
use super::error::{JournalError, Rejected, Rejection};
use super::id::EntryId;
use super::journal::{Journal, Withheld};
use super::plans::{Account, Act, Edition};
use super::reading::Asking;
use super::report::{Awaited, Receipt, Unplanned, Waiting};
use super::structure::structure;
use crate::document::Version;
use crate::key::{Key, unknown};
use crate::limits::Limits;
use crate::model::PlanDef;
use crate::panel::ColumnKey;
use crate::plan::{
    BasisDef, Cascade, Change, Edit, EditError, MissingFigure, MovedTarget, Place, Plan, PlanError,
    Sources, SplitDef, Table,
};

/// What of a hand-over plans are worked out by.
#[derive(Debug, Default)]
pub(super) struct Planning {
    /// The plans of which something stands from now on, or does no more.
    pub(super) plans: BTreeSet<Key>,
    /// Who joins, or is not there any more.
    pub(super) joined: Vec<Arc<Entry>>,
    /// The number of the first new entry, and where each new one stands in the hand-over.
    pub(super) first: u32,
    pub(super) rows: Vec<usize>,
}

impl Planning {
    pub(super) fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }
}

/// Why something cannot be done to a plan.
enum Stop {
    Refused(Rejection),
    Failed(JournalError),
}

impl<E: Into<JournalError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

fn refused(error: PlanError) -> Stop {
    Stop::Refused(error.into())
}

/// What became of one plan.
#[derive(Default)]
struct Outcome {
    editions: Vec<Edition>,
    /// Whether what it was before is a part of it.
    goes_on: bool,
    refused: Vec<(u32, Rejection)>,
    realigned: Vec<MovedTarget>,
    /// Those that were made, by number.
    made: BTreeSet<u32>,
}

impl Outcome {
    fn last(&self) -> Option<&Act> {
        let edition = self.editions.last()?;
        edition.acts.last().or(Some(&edition.made))
    }
}

impl Journal {
    /// Works out what became of the plans of which the hand-over that was just taken in says something. Where that fails the
    /// journal is no more to be used.
    pub(super) fn work_out(
        &mut self,
        planning: &Planning,
        receipt: &mut Receipt,
    ) -> Result<(), JournalError> {
        let mut rejected = Vec::new();
        for name in &planning.plans {
            let Some(definition) = self.plan_definition(name) else {
                continue;
            };
            let outcome = self.outcome(definition, planning)?;
            for at in &outcome.made {
                if let Some(Withheld::Waits(Awaited::Refused { .. })) = self.withheld.get(at) {
                    self.withheld.remove(at);
                    let id = self.entries[*at as usize].entry.id().clone();
                    receipt.resumed.push(id);
                }
            }
            for (at, reason) in outcome.refused {
                let id = self.entries[at as usize].entry.id().clone();
                if let Some(new) = at.checked_sub(planning.first) {
                    let row = planning.rows.get(new as usize).copied().unwrap_or(0);
                    rejected.push(Rejected { row, id, reason });
                    continue;
                }
                let awaits = Awaited::Refused {
                    plan: name.clone(),
                    why: reason.to_string(),
                };
                let waits = Withheld::Waits(awaits.clone());
                if self.withheld.insert(at, waits.clone()) != Some(waits) {
                    receipt.waiting.push(Waiting { entry: id, awaits });
                }
            }
            if !outcome.realigned.is_empty() {
                receipt.realigned.push((name.clone(), outcome.realigned));
            }
            let since = self.hand_over();
            let accounts = Arc::make_mut(&mut self.plans);
            let accounts = accounts.0.entry(name.clone()).or_default();
            match accounts.last_mut() {
                None if outcome.editions.is_empty() => {}
                Some(last) if outcome.goes_on => last.editions = outcome.editions,
                _ => accounts.push(Account {
                    since,
                    editions: outcome.editions,
                }),
            }
        }
        if !rejected.is_empty() {
            rejected.sort_by_key(|rejected| rejected.row);
            return Err(JournalError::Rejected { rejected });
        }
        receipt.unplanned = self.unplanned(&planning.joined);
        Ok(())
    }

    /// The number of the hand-over that was taken in last.
    fn hand_over(&self) -> u32 {
        u32::try_from(self.taken.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    fn plan_definition(&self, name: &Key) -> Option<&PlanDef> {
        let mut plans = self.model.definition().plans.iter();
        plans.find(|plan| plan.key == *name)
    }

    /// What is done to a plan, in order: what was done already, in the order in which it was; what was done once and is so again,
    /// at its place; what is new; and what the plan did not take before.
    fn deeds_in_order(&self, name: &Key) -> Vec<u32> {
        let number = |id: &EntryId| self.by_id.get(id).copied();
        let all = self.deeds.get(name).map_or(&[][..], Vec::as_slice);
        let stands = |at: &u32| !self.withheld.contains_key(at);
        let is_cascade = |at: &&u32| {
            let content = self.entries[**at as usize].entry.content();
            matches!(content, Content::Plan(PlanDeed::Cascade(_))) && stands(at)
        };
        let cascade = all.iter().find(is_cascade).copied();
        // What waited for the cascade comes after it.
        let place = |at: u32| (Some(at).max(cascade), Some(at) != cascade, at);
        let accounts = self.plans.0.get(name).map_or(&[][..], Vec::as_slice);
        let newest = accounts.last().into_iter().flat_map(Account::acts);
        let mut order: Vec<u32> = newest
            .filter_map(|act| number(&act.entry))
            .filter(stands)
            .collect();
        let earlier: BTreeSet<u32> = accounts
            .iter()
            .flat_map(Account::acts)
            .filter_map(|act| number(&act.entry))
            .collect();
        let (mut new, mut refused) = (Vec::new(), Vec::new());
        for at in all
            .iter()
            .copied()
            .filter(|at| !order.contains(at))
            .collect::<Vec<u32>>()
        {
            match self.withheld.get(&at) {
                None if earlier.contains(&at) => {
                    let before = order.iter().position(|other| place(*other) > place(at));
                    order.insert(before.unwrap_or(order.len()), at);
                }
                None => new.push(at),
                Some(Withheld::Waits(Awaited::Refused { .. })) => refused.push(at),
                Some(_) => {}
            }
        }
        for more in [&mut new, &mut refused] {
            more.sort_by_key(|at| place(*at));
            order.append(more);
        }
        order
    }

    fn outcome(&self, definition: &PlanDef, planning: &Planning) -> Result<Outcome, JournalError> {
        let order = self.deeds_in_order(&definition.key);
        let before = self.plans.newest(definition.key.as_str());
        let entry = |at: u32| &self.entries[at as usize].entry;
        let acts = before.into_iter().flat_map(Account::acts);
        let same = acts
            .zip(&order)
            .take_while(|(act, at)| act.entry == *entry(**at).id())
            .count();
        let mut own = Outcome {
            goes_on: before.is_some_and(|before| before.acts().count() == same),
            ..Outcome::default()
        };
        if let Some(before) = before {
            own.editions = before.first(same)?;
        }
        if !own.goes_on
            && let Some(before) = before
        {
            let built_on = self.built_on(definition, before, planning)?;
            if !built_on.is_empty() {
                own.refused = built_on;
                return Ok(own);
            }
        }
        for at in &order[same..] {
            match self.make(&mut own, definition, entry(*at)) {
                Ok(()) => {
                    own.made.insert(*at);
                }
                Err(Stop::Refused(reason)) => {
                    let stood = before.is_some_and(|before| {
                        before.acts().any(|act| act.entry == *entry(*at).id())
                    });
                    let blamed = self.blamed(definition, planning).filter(|_| stood);
                    own.refused.push(match blamed {
                        Some((void, of)) => {
                            let by = vec![entry(*at).id().clone()];
                            let plan = definition.key.clone();
                            (void, Rejection::BuiltOn { plan, of, by })
                        }
                        None => (*at, reason),
                    });
                }
                Err(Stop::Failed(error)) => return Err(error),
            }
        }
        Ok(own)
    }

    /// The new voids of what was done to a plan, with what each of them voids.
    fn voids(&self, definition: &PlanDef, planning: &Planning) -> Vec<(u32, EntryId)> {
        let end = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let new = planning.first..end;
        let of_plan = |at: u32| match self.entries[at as usize].entry.content() {
            Content::Void(of) => {
                let voided = self.find(of)?;
                let is_own = matches!(voided.content(), Content::Plan(deed) if *deed.plan() == definition.key);
                is_own.then(|| (at, of.clone()))
            }
            _ => None,
        };
        new.filter_map(of_plan).collect()
    }

    /// The void by which something cannot be made again that stood before.
    fn blamed(&self, definition: &PlanDef, planning: &Planning) -> Option<(u32, EntryId)> {
        self.voids(definition, planning).into_iter().next()
    }

    /// New voids of what was built on since.
    fn built_on(
        &self,
        definition: &PlanDef,
        before: &Account,
        planning: &Planning,
    ) -> Result<Vec<(u32, Rejection)>, JournalError> {
        let mut found = Vec::new();
        for (void, of) in self.voids(definition, planning) {
            let mut by = Vec::new();
            for edition in &before.editions {
                let all = || std::iter::once(&edition.made).chain(&edition.acts);
                let later_edition = before
                    .acts()
                    .skip_while(|act| act.entry != of)
                    .any(|act| act.entry == edition.made.entry && act.entry != of);
                let Some(voided) = all().find(|act| act.entry == of) else {
                    if later_edition {
                        by.extend(all().map(|act| act.entry.clone()));
                    }
                    continue;
                };
                let later = all().skip_while(|act| act.entry != of).skip(1);
                for act in later {
                    let is_built = if voided.entry == edition.made.entry {
                        true
                    } else if voided.agrees {
                        false
                    } else if act.agrees {
                        voided.version <= act.version
                    } else {
                        edition.plan.share_cells(voided.version, act.version)?
                    };
                    if is_built {
                        by.push(act.entry.clone());
                    }
                }
            }
            // What waits again because of the void was built on what is voided; what is voided too was not asked to stay.
            by.retain(|id| {
                let at = self.by_id.get(id);
                let withheld = at.and_then(|at| self.withheld.get(at));
                at.is_some() && !matches!(withheld, Some(Withheld::Voided(_)))
            });
            if !by.is_empty() {
                let plan = definition.key.clone();
                found.push((void, Rejection::BuiltOn { plan, of, by }));
            }
        }
        Ok(found)
    }

    /// Does to a plan what an entry says.
    fn make(&self, own: &mut Outcome, definition: &PlanDef, entry: &Entry) -> Result<(), Stop> {
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
        let accounts = self.plans.0.get(&definition.key);
        let accounts = accounts.map_or(&[][..], Vec::as_slice).iter().rev();
        let kept = || {
            accounts
                .clone()
                .find_map(|account| account.made(entry.id()))
        };
        let Some(edition) = own.editions.last_mut() else {
            let PlanDeed::Cascade(cascading) = deed else {
                return Err(refused(PlanError::NoCascade));
            };
            let plan = match kept() {
                Some(kept) => kept?,
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
                let made = accounts
                    .clone()
                    .find_map(|account| account.change(entry.id()));
                let change = match made {
                    Some(made) => Change {
                        based_on: edition.plan.version(),
                        ..made.clone()
                    },
                    None => self.change(&edition.plan, changing, entry)?,
                };
                let plan = Arc::make_mut(&mut edition.plan);
                let version = plan.apply(change).map_err(refused)?;
                edition.acts.push(act(version, false));
            }
            PlanDeed::Agree(agreement) => {
                let (version, current) = (agreement.version, edition.plan.version());
                if version < edition.made.version || current < version {
                    let error = EditError::NoSuchVersion { version, current };
                    return Err(refused(error.into()));
                }
                edition.acts.push(act(version, true));
            }
            PlanDeed::Realign(cascading) => {
                let plan = if let Some(kept) = kept() {
                    kept?
                } else {
                    let before = Arc::clone(&edition.plan);
                    let (plan, moved) = self.realigned(&before, definition, cascading, entry)?;
                    own.realigned.extend(moved);
                    Arc::new(plan)
                };
                own.editions.push(Edition {
                    made: act(plan.version(), false),
                    acts: Vec::new(),
                    plan,
                });
            }
        }
        Ok(())
    }

    /// The change of an entry. What is closed hard by now is closed in the plan too, before anything of it is edited.
    fn change(&self, plan: &Plan, changing: &ChangingDef, entry: &Entry) -> Result<Change, Stop> {
        let mut change = signed(entry, plan.version())?;
        change.based_on = changing.based_on.unwrap_or(change.based_on);
        let closed = self.books.hard.and_then(|hard| hard.succ_opt());
        if let Some(before) = closed.filter(|before| plan.closed_before() < Some(*before)) {
            change.edits.push(Edit::Close { before });
        }
        change.edits.extend(changing.edits.iter().cloned());
        Ok(change)
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

    fn realigned(
        &self,
        before: &Plan,
        definition: &PlanDef,
        cascading: &CascadingDef,
        entry: &Entry,
    ) -> Result<(Plan, Vec<MovedTarget>), Stop> {
        let mut record = before.record();
        record.saved = None;
        for part in &mut record.cascades {
            if let Some(total) = cascading.totals.get(part.recipe.measure.as_str()) {
                part.total = *total;
            }
        }
        let closed = self.books.hard.and_then(|hard| hard.succ_opt());
        let closed = before.closed_before().max(closed);
        self.with_sources(definition, entry.day(), |sources| {
            let mut plan = record.replan(sources).map_err(refused)?.plan;
            let change = signed(entry, plan.version())?;
            plan.apply(change).map_err(refused)?;
            let moved = plan.moved_since(Some(before));
            if let Some(closed) = closed
                && let Some(path) = plan
                    .moved_before(closed, &moved)
                    .or_else(|| before.moved_before(closed, &moved))
            {
                let plan = definition.key.clone();
                let reason = Rejection::ClosedMoved { plan, path, closed };
                return Err(Stop::Refused(reason));
            }
            Ok((plan, moved))
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
        let mut sources = Sources::new(schema.measures(), &space).calendar(self.model.calendar());
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
                limits: Limits::default(),
            };
            let panel = asking.plain(&[], |_| true)?;
            let key = ColumnKey::actual(table.metric.key.as_str())?;
            let figures = Table::from_panel(&panel, &key, MissingFigure::NoWeight);
            sources = sources.table(table.key.clone(), figures.map_err(refused)?);
        }
        with(&sources)
    }

    /// Who of those that joined has no target, though a plan splits by their level.
    fn unplanned(&self, joined: &[Arc<Entry>]) -> Vec<Unplanned> {
        let mut found = Vec::new();
        for entry in joined {
            let Content::Join(join) = entry.content() else {
                continue;
            };
            for definition in &self.model.definition().plans {
                let by_level = definition.recipes.iter().any(|recipe| {
                    let mut steps = recipe.steps.iter();
                    let splits = |by: &SplitDef| matches!(by, SplitDef::Member(axis) if axis.dimension == join.dimension && axis.level == join.level);
                    entry.day() < recipe.horizon.end() && steps.any(|step| splits(&step.by))
                });
                let plan = self.plans.plan(definition.key.as_str());
                let Some(plan) = plan.filter(|_| by_level) else {
                    continue;
                };
                if !plan.plans_for(&join.dimension, &join.member) {
                    found.push(Unplanned {
                        plan: definition.key.clone(),
                        dimension: join.dimension.clone(),
                        member: join.member.clone(),
                    });
                }
            }
        }
        found
    }

    /// Checks what an entry says of a plan by itself.
    pub(super) fn fits_plans(&self, entry: &Entry, deed: &PlanDeed) -> Result<(), Rejection> {
        let name = deed.plan();
        let Some(definition) = self.plan_definition(name) else {
            let plans = self.model.definition().plans.iter();
            let (name, nearest, known) =
                unknown(name.as_str(), plans.map(|plan| plan.key.as_str()));
            return Err(Rejection::UnknownPlan {
                name,
                nearest,
                known,
            });
        };
        let needs_reason = !matches!(deed, PlanDeed::Agree(_));
        let Some(author) = entry.author() else {
            return Err(Rejection::Unsigned);
        };
        if needs_reason && entry.reason().is_none() {
            return Err(Rejection::Unsigned);
        }
        Key::new(author).map_err(Rejection::Author)?;
        let (PlanDeed::Cascade(cascading) | PlanDeed::Realign(cascading)) = deed else {
            return Ok(());
        };
        let split = || definition.recipes.iter().map(|recipe| &recipe.measure);
        for measure in cascading.totals.keys() {
            if !split().any(|own| *own == **measure) {
                let (name, nearest, known) = unknown(measure, split().map(Key::as_str));
                return Err(Rejection::Plan(PlanError::UnknownMeasure {
                    name,
                    nearest,
                    known,
                }));
            }
        }
        let missing = split().find(|own| !cascading.totals.contains_key(own.as_str()));
        match missing {
            Some(measure) if matches!(deed, PlanDeed::Cascade(_)) => Err(Rejection::NoTotal {
                plan: name.clone(),
                measure: measure.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Those whom a change puts into a plan in which they are not, with the number of their dimension.
    pub(super) fn new_members<'d>(
        &'d self,
        deed: &'d PlanDeed,
    ) -> impl Iterator<Item = (usize, &'d Key)> {
        let edits = match deed {
            PlanDeed::Change(own) => own.edits.as_slice(),
            _ => &[],
        };
        let new = edits.iter().filter_map(|edit| match edit {
            Edit::Join(joining) | Edit::Launch(joining) if joining.new.is_some() => {
                Some(&joining.at)
            }
            _ => None,
        });
        let definition = self.plan_definition(deed.plan());
        let recipe = definition.and_then(|definition| definition.recipes.first());
        let steps = recipe.map_or(&[][..], |recipe| recipe.steps.as_slice());
        new.flat_map(Place::iter).filter_map(move |(step, member)| {
            let own = steps.iter().find_map(|own| match &own.by {
                SplitDef::Member(axis) => {
                    let name = own.name.as_ref().unwrap_or(&axis.level);
                    (name == step).then_some(axis)
                }
                _ => None,
            })?;
            Some((self.dimension(&own.dimension)?, member))
        })
    }

    /// Returns a plan as it is by now, with its versions, changes and what they handed over.
    ///
    /// # Errors
    /// [`JournalError::NoPlan`] with the nearest one that is cascaded.
    pub fn plan(&self, name: &str) -> Result<&Plan, JournalError> {
        self.plans.plan(name).map(Arc::as_ref).ok_or_else(|| {
            let cascaded = self.plans.0.keys().map(Key::as_str);
            let cascaded = cascaded.filter(|name| self.plans.plan(name).is_some());
            let (name, nearest, known) = unknown(name, cascaded);
            JournalError::NoPlan {
                name,
                nearest,
                known,
            }
        })
    }

    /// Returns the version of a plan that was agreed last, with the entry by which it was; none where it was cascaded anew since.
    #[must_use]
    pub fn agreed(&self, plan: &str) -> Option<(u64, &EntryId)> {
        let edition = self.plans.newest(plan)?.editions.last()?;
        let mut agreed = edition.acts.iter().rev().filter(|act| act.agrees);
        agreed.next().map(|act| (act.version, &act.entry))
    }
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
    let mut found = BTreeSet::new();
    let mut left: Vec<&BasisDef> = definition
        .recipes
        .iter()
        .flat_map(|recipe| &recipe.steps)
        .map(|step| &step.basis)
        .collect();
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
            BasisDef::Blend(parts) => left.extend(parts.iter().map(|part| &part.basis)),
            _ => {}
        }
    }
    found
}
