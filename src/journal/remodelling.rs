//! A model that takes the place of another one: what of a journal stands, what is refolded from what is kept, and what needs records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::checksum::Checksum;
use super::closed::Closed;
use super::closing::{Books, number};
use super::draft::Draft;
use super::entry::{Content, Entry};
use super::error::{JournalError, Misfit, Rejected, Rejection};
use super::journal::{Journal, Withheld, leaf_of};
use super::leaves::{Chunk, Leaf, Leaves};
use super::needed::Needed;
use super::pieces::{Pieces, Spot};
use super::reading::{Asking, piece};
use super::reducer::fold;
use super::report::Remodelling;
use super::settle::full;
use super::structure::Former;
use super::told::{self, Event, Fixed, Told};
use crate::calendar::Period;
use crate::key::Key;
use crate::ledger::Ledger;
use crate::metric::{Addend, RECORDS, Single};
use crate::model::{Asked, Model, ModelDef};
use crate::panel::Panel;

/// Why the journal cannot go on by a model.
enum Stop {
    Misfits(Vec<Misfit>),
    Failed(JournalError),
}

impl<E: Into<JournalError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What becomes of each view.
type Means = BTreeMap<Key, Remodelling>;

impl Journal {
    /// Makes a model known, by which an entry ([`Entry::model`]) may have the journal go on. By itself this changes nothing; it is no
    /// part of a snapshot, so that a host introduces what the hand-overs behind it name.
    ///
    /// From the hand-over of the entry on, everything is of the new model. What was kept is refolded; what closed days do not have any
    /// more is asked for by [`Needed::Refold`]; closed figures stay as told, and what they would be by the new model adjusts nothing.
    /// What was known before is asked of a journal that was opened then ([`Needed::Journal`]). What was told of days is final, and
    /// new rules begin with the next day.
    ///
    /// ```
    /// use quotaflow::journal::{Entry, EntryId, Journal, Remodelling};
    /// use quotaflow::model::{Model, ModelDef};
    /// # let model: Model = serde_json::from_str(include_str!("../../examples/models/two_teams.json")).map_err(quotaflow::Error::unreadable)?;
    /// let mut journal = Journal::new(&model, "2026-01-01".parse()?)?;
    /// let mut definition: ModelDef = model.definition().clone();
    /// definition.views.truncate(1);
    /// let (changed, day) = (Model::new(definition)?, "2026-02-01".parse()?);
    /// let entry = Entry::model(EntryId::new("office", "M-1")?, day, &changed).by("eva").because("nobody reads the others");
    /// journal.introduce(&changed);
    /// let receipt = journal.enter("2026-02-02T06:00:00".parse()?, day, &[entry])?;
    /// assert_eq!(receipt.remodelled["by_team_month"], Remodelling::Stands);
    /// assert_eq!(journal.model(), &changed);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    pub fn introduce(&mut self, model: &Model) {
        let models = Arc::make_mut(&mut self.models);
        models.insert(model.fingerprint(), model.clone());
    }

    /// The journal by the model by which new entries of a hand-over have it go on; none where none does.
    pub(super) fn moved(
        &self,
        entries: &[Entry],
        left_out: &BTreeSet<usize>,
    ) -> Result<Option<(Self, Means)>, JournalError> {
        let mut new = entries.iter().enumerate().filter(|(row, entry)| {
            matches!(entry.content(), Content::Model(_))
                && !left_out.contains(row)
                && !self.by_id.contains_key(entry.id())
        });
        let Some((row, entry)) = new.next() else {
            return Ok(None);
        };
        let refused = |row: usize, entry: &Entry, reason: Rejection| {
            let id = entry.id().clone();
            let rejected = vec![Rejected { row, id, reason }];
            JournalError::Rejected { rejected }
        };
        if let Some((row, second)) = new.find(|(_, second)| second.id() != entry.id()) {
            let other = entry.id().clone();
            return Err(refused(row, second, Rejection::Done { other }));
        }
        if entry.author().is_none() || entry.reason().is_none() {
            return Err(refused(row, entry, Rejection::Unsigned));
        }
        if self.referring.contains_key(entry.id()) {
            let of = entry.id().clone();
            return Err(refused(row, entry, Rejection::Judged { of }));
        }
        let Content::Model(fingerprint) = entry.content() else {
            return Ok(None);
        };
        if *fingerprint == self.model.fingerprint() {
            return Ok(None);
        }
        let Some(model) = self.models.get(fingerprint) else {
            let needed = Box::new(Needed::Model {
                model: *fingerprint,
            });
            return Err(JournalError::Needed { needed });
        };
        match self.moved_to(model) {
            Ok(moved) => Ok(Some(moved)),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Misfits(all)) => {
                let model = *fingerprint;
                Err(refused(row, entry, Rejection::Model { model, all }))
            }
        }
    }

    fn moved_to(&self, model: &Model) -> Result<(Self, Means), Stop> {
        let mut next = self.clone();
        next.model = model.clone();
        let checker = Ledger::named(Key::new("journal")?, model.schema().clone());
        next.checker = Arc::new(checker);
        (next.compiled, next.readings) = (Arc::default(), Arc::default());
        let identities = std::mem::take(&mut next.identities).into_iter();
        next.identities = identities
            .filter_map(|((of, member), all)| {
                let of = next.dimension(self.dimension_key(of))?;
                Some(((of, member), all))
            })
            .collect();
        let misfits = self.misfits(&next);
        if !misfits.is_empty() {
            return Err(Stop::Misfits(misfits));
        }
        let (leaves, by) = self.leaves_by(model);
        next.leaves = Arc::new(leaves);
        next.days = Arc::new(self.days_by(model));
        let spaces = (self.model.schema().space(), model.schema().space());
        let until = u32::try_from(self.taken.len()).map_err(|_| full("hand-overs"))?;
        let former = self.former.iter().filter_map(|own| own.within(spaces.1));
        next.former = Arc::new(former.chain(Former::before(until, spaces)).collect());
        next.coming = Arc::default();
        next.comes(self.entries.iter().map(|kept| &kept.entry));
        let recalled = self.recalled_records()?;
        let way = Way {
            before: self,
            model,
            by,
            lanes: model.lanes().of_others(self.model.lanes()),
            carried: self.carried(&recalled),
            recalled,
        };
        let pieces = way.lacking();
        if !pieces.is_empty() {
            let pieces = pieces.into_iter();
            let named =
                pieces.filter_map(|spot| piece(&self.model, &self.leaves, &self.books, spot));
            let needed = Box::new(Needed::Refold {
                pieces: named.collect(),
            });
            return Err(Stop::Failed(JournalError::Needed { needed }));
        }
        way.refold(&mut next)?;
        next.rebase(self)?;
        if let Some(forgotten) = next.books.forgotten {
            next.join(forgotten)?;
            next.forget_behind(|kept| kept.recalled)?;
        }
        let remodelled = remodelled(&self.model, model);
        Ok((next, remodelled))
    }

    /// Takes in by how much closed figures are others by this model than by the one before.
    fn rebase(&mut self, before: &Self) -> Result<(), Stop> {
        let old = before.model.asked();
        let mut told = Vec::new();
        for (at, asked) in self.model.asked().iter().enumerate() {
            let was = old
                .iter()
                .position(|old| old.definition.key == asked.definition.key);
            let was = was.and_then(|was| Some((was, before.books.told.get(was)?)));
            let Some((was, own)) = was.filter(|(_, told)| told.closed() > 0) else {
                told.push(was.map(|(_, told)| told.clone()).unwrap_or_default());
                continue;
            };
            let mut own = own.clone();
            let columns = asked
                .adding_up
                .iter()
                .filter(|key| old[was].adding_up.contains(key));
            let columns: Vec<_> = columns.cloned().collect();
            let (then, now) = (before.as_known(was, &own)?, self.as_known(at, &own)?);
            own.rebase(&then, &now, &columns);
            told.push(own);
        }
        if !before.books.told.is_empty() {
            Arc::make_mut(&mut self.books).told = told;
        }
        Ok(())
    }

    /// A view as it is known, as if nothing were closed.
    fn as_known(&self, at: usize, told: &Told) -> Result<Panel, JournalError> {
        let folds = self.folds();
        let asking = Asking {
            model: &self.model,
            at,
            folds: &folds,
            hand_overs: self.taken.len(),
            known_at: None,
            as_of: self.complete_through().unwrap_or(self.go_live),
            as_it_is: None,
            limits: self.limits,
        };
        let events: Vec<&Event> = told.events.iter().collect();
        let now = asking.plain(&events, &Fixed::by(&events), |_| false)?;
        Ok(told::with_rows(now, &events)?)
    }

    /// The leaves by another model, and by number which one each has become.
    fn leaves_by(&self, model: &Model) -> (Leaves, Vec<u32>) {
        let (old, new) = (self.model.schema(), model.schema());
        let mut leaves = Leaves::new(new.space().iter().len());
        let names: Vec<&[Key]> = self.leaves.names().collect();
        let own = self.leaves.list().iter().map(|leaf| {
            let known = old.compiled().get(usize::from(leaf.kind()))?;
            let kind = new.kind_index(known.key().as_str()).ok()?;
            let compiled = &new.compiled()[kind];
            let fields = known.definition.dimensions.iter().zip(&known.dimensions);
            let named: BTreeMap<&Key, &Key> = fields
                .zip(leaf.members())
                .filter_map(|((field, of), member)| {
                    let at = (*member as usize).checked_sub(1)?;
                    Some((&field.field, names.get(of.index())?.get(at)?))
                })
                .collect();
            let fields = compiled
                .definition
                .dimensions
                .iter()
                .zip(&compiled.dimensions);
            let members = fields.map(|(field, of)| match named.get(&field.field) {
                Some(name) => leaves.member(of.index(), name.as_str()),
                None => Some(0),
            });
            let members = members.collect::<Option<Box<[u32]>>>()?;
            leaves.number(Leaf(u16::try_from(kind).ok()?, members))
        });
        let by = own.map(|own| own.unwrap_or(u32::MAX)).collect();
        (leaves, by)
    }

    /// What is here again of what was forgotten.
    fn recalled_records(&self) -> Result<Vec<Recalled>, JournalError> {
        let roots = self.roots();
        let mut leaves = Arc::clone(&self.leaves);
        let mut found = Vec::new();
        for (at, kept) in self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, kept)| kept.recalled)
        {
            let root = &self.entries[roots[at] as usize].entry;
            if let Content::Record(record) = root.content()
                && let Ok(sifted) = self.checker.sift(record)
            {
                found.push(Recalled {
                    leaf: leaf_of(&sifted, &mut leaves).ok_or_else(|| full("leaves"))?,
                    day: number(root.day()),
                    sum: Checksum::of(&kept.entry),
                });
            }
        }
        Ok(found)
    }

    /// The closed pieces of which not all entries are here.
    fn carried(&self, recalled: &[Recalled]) -> BTreeSet<Spot> {
        let pieces = self.books.pieces(self.model.cuts());
        let mut sums: BTreeMap<Spot, Checksum> = BTreeMap::new();
        for own in recalled {
            let all = sums.entry(own.spot(pieces)).or_default();
            *all = all.and(own.sum);
        }
        let all = self.books.checksums.iter();
        let carried = all.filter(|(spot, sum)| sums.get(spot) != Some(sum));
        carried.map(|(spot, _)| *spot).collect()
    }

    /// What of it cannot be of the model of another journal.
    fn misfits(&self, next: &Self) -> Vec<Misfit> {
        let (old, new) = (self.model.definition(), next.model.definition());
        let mut found = Vec::new();
        for own in &old.measures {
            let meant = |own: &crate::measure::Measure| {
                (own.unit.clone(), own.quantum, own.additivity.clone())
            };
            let now = new.measures.iter().find(|now| now.key == own.key);
            if now.is_some_and(|now| meant(now) != meant(own)) {
                let place = format!("measures.{}", own.key);
                found.push(Misfit::Changed { place });
            }
        }
        self.members_misfit(new, &mut found);
        for leaf in self.leaves.list() {
            found.extend(self.leaf_misfit(leaf, new));
        }
        for name in self.plans.0.keys() {
            let plan = |of: &ModelDef| of.plans.iter().find(|plan| plan.key == *name).cloned();
            let place = format!("plans.{name}");
            match plan(new) {
                None => found.push(Misfit::Gone { place }),
                Some(now) if plan(old).as_ref() != Some(&now) => {
                    found.push(Misfit::Changed { place });
                }
                Some(_) => {}
            }
        }
        if let Some(forgotten) = self.books.forgotten {
            for own in &old.rates {
                let of_closed = |own: &crate::ledger::RateTableDef| {
                    let mut own = own.clone();
                    own.rates.retain(|rate| rate.day <= forgotten);
                    own
                };
                let now = new.rates.iter().find(|now| now.key == own.key);
                if now.map(of_closed) != Some(of_closed(own)) {
                    let place = format!("rates.{}", own.key);
                    found.push(Misfit::Changed { place });
                }
            }
        }
        let told = self.model.asked().iter().zip(&self.books.told);
        for (own, told) in told.filter(|(_, told)| told.closed() > 0) {
            let view = own.definition.key.clone();
            let mut all = next.model.asked().iter();
            let now = all.find(|now| now.definition.key == view);
            if now.is_some_and(|now| !same_places(own, now, told.closed())) {
                found.push(Misfit::Told { view });
            }
        }
        found.extend(self.watches_misfit(&next.model));
        self.entries_misfit(next, &mut found);
        let mut seen = Vec::new();
        found.retain(|own| {
            let is_new = !matches!(own, Misfit::Gone { .. }) || !seen.contains(own);
            if is_new && matches!(own, Misfit::Gone { .. }) {
                seen.push(own.clone());
            }
            is_new
        });
        found
    }

    /// The watches that have begun and would begin on another day.
    fn watches_misfit(&self, new: &Model) -> impl Iterator<Item = Misfit> {
        let through = self.complete_through();
        let has_begun = move |first: NaiveDate| through.is_some_and(|through| first <= through);
        self.model.watches().iter().filter_map(move |own| {
            let watch = &own.definition.key;
            let mut all = new.watches().iter();
            let now = all.find(|now| now.definition.key == *watch)?;
            let first = |watched| self.days.first_day(watched, self.go_live);
            let (was, is) = (first(own), first(now));
            (was != is && has_begun(was)).then(|| Misfit::Begun {
                watch: watch.clone(),
                was,
                is,
            })
        })
    }

    /// The entries that the model of another journal refuses, but for those that are void.
    fn entries_misfit(&self, next: &Self, found: &mut Vec<Misfit>) {
        let through = self.complete_through().unwrap_or(self.go_live);
        let draft = Draft::new(next, through, &[], &BTreeSet::new());
        let rows = |of: &Self, view: &Key| {
            let mut views = of.model.asked().iter();
            let own = views.find(|own| own.definition.key == *view);
            own.map(|own| own.definition.rows.clone())
        };
        let mut moved: BTreeSet<&Key> = BTreeSet::new();
        for (at, kept) in (0_u32..).zip(&self.entries) {
            let withheld = self.withheld.get(&at);
            let content = kept.entry.content();
            if matches!(withheld, Some(Withheld::Voided(_)))
                || matches!(content, Content::Decide(_) | Content::Excuse(_))
            {
                continue;
            }
            let mut reason = next.checked(&kept.entry).err();
            if let Content::Targets(own) = content {
                // Names of one axis are those of no other.
                let now = rows(next, &own.view);
                if now.is_some() && now != rows(self, &own.view) {
                    if moved.insert(&own.view) {
                        let place = format!("views.{}.rows", own.view);
                        found.push(Misfit::Changed { place });
                    }
                    continue;
                }
                reason = reason.or_else(|| draft.strayed(own, withheld.is_none()));
            }
            if let Some(reason) = reason {
                let (id, reason) = (kept.entry.id().clone(), Box::new(reason));
                found.push(Misfit::Entry { id, reason });
            }
        }
    }

    fn members_misfit(&self, new: &ModelDef, found: &mut Vec<Misfit>) {
        let dimensions = self.model.definition().dimensions.iter().enumerate();
        for ((of, own), names) in dimensions.zip(self.leaves.names()) {
            let identities = self.identities.iter();
            let joined = identities.filter(|((at, _), _)| *at == of);
            let joined: BTreeMap<&Key, bool> = joined
                .map(|((_, member), all)| {
                    let joins = |at: &&u32| {
                        let content = self.entries[**at as usize].entry.content();
                        matches!(content, Content::Join(_))
                    };
                    let mut all = all.iter().filter(joins);
                    let stands = all.any(|at| !self.withheld.contains_key(at));
                    (member, stands)
                })
                .collect();
            let now = new.dimensions.iter().find(|now| now.key == own.key);
            let Some(now) = now else {
                if !(names.is_empty() && joined.is_empty()) {
                    let place = format!("dimensions.{}", own.key);
                    found.push(Misfit::Gone { place });
                }
                continue;
            };
            let known = now.members.iter();
            let known = known.flat_map(|member| std::iter::once(&member.key).chain(&member.also));
            let known: BTreeSet<&Key> = known.collect();
            let gone = names
                .iter()
                .filter(|name| !known.contains(name) && !joined.contains_key(name));
            found.extend(gone.map(|name| Misfit::Gone {
                place: format!("dimensions.{}.members.{name}", own.key),
            }));
            let twice = joined
                .iter()
                .filter(|(member, stands)| **stands && known.contains(**member));
            found.extend(twice.map(|(member, _)| Misfit::Joined {
                dimension: own.key.clone(),
                member: (*member).clone(),
            }));
        }
    }

    fn leaf_misfit(&self, leaf: &Leaf, new: &ModelDef) -> Option<Misfit> {
        let own = self
            .model
            .schema()
            .compiled()
            .get(usize::from(leaf.kind()))?;
        let now = new.kinds.iter().find(|now| now.key == *own.key());
        let Some(now) = now else {
            let place = format!("kinds.{}", own.key());
            return Some(Misfit::Gone { place });
        };
        let fields = own.definition.dimensions.iter().zip(leaf.members());
        let mut used = fields
            .filter(|(_, member)| **member > 0)
            .map(|(field, _)| field);
        let gone = used.find(|field| !now.dimensions.contains(field))?;
        let place = format!("kinds.{}.dimensions.{}", own.key(), gone.field);
        Some(Misfit::Gone { place })
    }
}

/// Whether two views have the same rows, and the same first periods.
fn same_places(one: &Asked, other: &Asked, periods: usize) -> bool {
    let first = |own: &Asked| {
        let all = own.periods.iter().take(periods);
        let all = all.map(
            |Period {
                 label, start, end, ..
             }| (label, start, end),
        );
        all.collect::<Vec<_>>()
    };
    one.definition.rows == other.definition.rows && first(one) == first(other)
}

/// What becomes of each view by another model.
fn remodelled(before: &Model, now: &Model) -> Means {
    let base = |model: &Model| {
        let mut own = model.definition().clone();
        own.title = crate::text::Texts::default();
        own.unique_ids.clear();
        own.metrics.clear();
        own.tables.clear();
        own.plans.clear();
        own.cards.clear();
        own.pay.clear();
        own.duties.clear();
        own.views.clear();
        own.watches.clear();
        own
    };
    let is_same = base(before) == base(now);
    let (old, new) = (before.definition(), now.definition());
    let reads_same = |was: &Asked, is: &Asked| {
        is_same
            && was.definition == is.definition
            && was.metrics == is.metrics
            && was.silences == is.silences
            && (is.judged.is_empty() || (&old.cards, &old.pay) == (&new.cards, &new.pay))
            && (is.duties.is_empty() || old.duties == new.duties)
            && (is.targets.is_empty() || old.plans == new.plans)
    };
    let find = |of: &Model, key: &Key| of.asked().iter().position(|own| own.definition.key == *key);
    let own = now.asked().iter().map(|is| {
        let key = &is.definition.key;
        let means = match find(before, key) {
            None => Remodelling::Begins,
            Some(at) if reads_same(&before.asked()[at], is) => Remodelling::Stands,
            Some(_) => Remodelling::Refolds,
        };
        (key.clone(), means)
    });
    let gone = before.asked().iter().map(|was| &was.definition.key);
    let gone = gone.filter(|key| find(now, key).is_none());
    let gone = gone.map(|key| (key.clone(), Remodelling::Ends));
    own.chain(gone).collect()
}

/// An entry that is here again, by the leaf and the day of the record to which it refers in the end.
struct Recalled {
    leaf: u32,
    day: i32,
    sum: Checksum,
}

impl Recalled {
    fn spot(&self, pieces: Pieces<'_>) -> Spot {
        Spot {
            leaf: self.leaf,
            start: pieces.start(self.day),
        }
    }
}

/// From one model to another.
struct Way<'a> {
    before: &'a Journal,
    model: &'a Model,
    /// By leaf, which one it has become.
    by: Vec<u32>,
    /// By count and sum, which one it has become.
    lanes: Vec<Option<u16>>,
    /// The closed pieces of which not all entries are here: what was added stays, by leaf and sum.
    carried: BTreeSet<Spot>,
    recalled: Vec<Recalled>,
}

impl Way<'_> {
    /// The closed pieces of which more is asked than is kept.
    fn lacking(&self) -> BTreeSet<Spot> {
        if self.carried.is_empty() {
            return BTreeSet::new();
        }
        let own = self.before;
        let pieces = own.books.pieces(own.model.cuts());
        let first = number(own.go_live);
        // The joined pieces that are cut otherwise.
        let cuts = self.model.cuts().days.iter().copied();
        let cut: BTreeSet<i32> = cuts
            .filter(|cut| *cut > first && own.model.cuts().days.binary_search(cut).is_err())
            .filter(|cut| pieces.of(*cut).is_some())
            .map(|cut| pieces.start(cut))
            .collect();
        // The sum by which a piece is known again is that of all its days.
        let parts = |spot: &&Spot| {
            let cuts = &self.model.cuts().days;
            let after = cuts.partition_point(|cut| *cut <= self.start(**spot));
            cuts.get(after)
                .is_some_and(|cut| *cut < pieces.end(spot.start))
        };
        let mut found: BTreeSet<Spot> = self.carried.iter().filter(parts).copied().collect();
        for (leaf, addends) in own.books.folds.each() {
            for addend in addends {
                let start = pieces.start(addend.on);
                let spot = Spot { leaf, start };
                let days = [addend.on, addend.day, addend.from];
                let is_cut = days.iter().any(|day| cut.contains(&pieces.start(*day)));
                if is_cut && self.carried.contains(&spot) && !own.books.is_fine(spot) {
                    found.insert(spot);
                }
            }
        }
        let kinds = self.kinds_that_ask_more();
        let of_kind = |spot: &&Spot| {
            let leaf = own.leaves.list().get(spot.leaf as usize);
            leaf.is_some_and(|leaf| kinds.contains(&leaf.kind()))
        };
        found.extend(self.carried.iter().filter(of_kind));
        found
    }

    /// The kinds of records of which the new model asks more, or otherwise.
    fn kinds_that_ask_more(&self) -> BTreeSet<u16> {
        let (old, new) = (self.before.model.schema(), self.model.schema());
        let formulas = |model: &Model| {
            let all = model.questions().iter().flat_map(|asked| &asked.metrics);
            all.map(|metric| metric.formula.clone()).collect::<Vec<_>>()
        };
        let (was, is) = (formulas(&self.before.model), formulas(self.model));
        let is_less = is.iter().all(|formula| was.contains(formula));
        let lanes = (self.model.lanes(), self.before.model.lanes());
        let asks_more = |(at, own): (usize, &crate::ledger::Kind)| {
            let Ok(now) = new.kind_index(own.key().as_str()) else {
                return false;
            };
            let is_changed = new.compiled()[now].definition != own.definition;
            let is_singly = lanes.0.singly(now) && !is_less;
            is_changed || is_singly || lanes.0.asks_more(now, (lanes.1, at))
        };
        let all = old.compiled().iter().enumerate();
        let own = all.filter(|own| asks_more(*own)).map(|(at, _)| at);
        own.filter_map(|at| u16::try_from(at).ok()).collect()
    }

    /// The first day of a piece of which there can be records.
    fn start(&self, spot: Spot) -> i32 {
        spot.start.max(number(self.before.go_live))
    }

    fn leaf(&self, leaf: u32) -> u32 {
        self.by.get(leaf as usize).copied().unwrap_or(u32::MAX)
    }

    fn addend(&self, leaf: u32, addend: Addend) -> Option<(u32, Addend)> {
        let lane = match addend.lane {
            RECORDS => RECORDS,
            lane => self.lanes.get(usize::from(lane)).copied().flatten()?,
        };
        Some((self.leaf(leaf), Addend { lane, ..addend }))
    }

    fn single(&self, single: &Single) -> Single {
        let mut own = single.clone();
        own.leaf = self.leaf(own.leaf);
        for other in &mut own.others {
            other.leaf = self.leaf(other.leaf);
        }
        own
    }

    fn is_carried(&self, leaf: u32, day: i32) -> bool {
        let pieces = self.before.books.pieces(self.before.model.cuts());
        let start = pieces.start(day);
        self.carried.contains(&Spot { leaf, start })
    }

    /// Folds anew what is here, and carries what is not.
    fn refold(&self, next: &mut Journal) -> Result<(), Stop> {
        let before = self.before;
        let through = before.complete_through().unwrap_or(before.go_live);
        let mut known = Arc::clone(&before.leaves);
        let mut records = BTreeSet::new();
        let mut carried: BTreeSet<u32> = BTreeSet::new();
        for (at, kept) in (0_u32..).zip(&before.entries) {
            let Content::Record(record) = kept.entry.content() else {
                continue;
            };
            if before.withheld.contains_key(&at) {
                continue;
            }
            let is_carried = !self.carried.is_empty() && {
                let sifted = before.checker.sift(record).ok();
                let leaf = sifted.and_then(|sifted| leaf_of(&sifted, &mut known));
                leaf.is_some_and(|leaf| self.is_carried(leaf, number(kept.entry.day())))
            };
            if is_carried {
                carried.insert(at);
            } else {
                records.insert(at);
            }
        }
        let mut leaves = Arc::clone(&next.leaves);
        let draft = Draft::new(next, through, &[], &BTreeSet::new());
        let (chunk, read) = fold(next, &draft, &records, &mut leaves, &|_| false)?;
        drop(draft);
        next.leaves = leaves;
        next.records_read += read;
        let mut all: Vec<(u32, Addend)> = Vec::new();
        for (leaf, addends) in chunk.each() {
            all.extend(addends.iter().map(|addend| (leaf, *addend)));
        }
        for (leaf, addends) in before.chunks.iter().flat_map(|chunk| chunk.each()) {
            let own = addends
                .iter()
                .filter(|addend| self.is_carried(leaf, addend.on));
            all.extend(own.filter_map(|addend| self.addend(leaf, *addend)));
        }
        let mut singles = chunk.singles().to_vec();
        let schema = self.model.schema().compiled();
        let singly = |leaf: u32| {
            let kind = next.leaves.list().get(leaf as usize).map(Leaf::kind);
            kind.is_some_and(|kind| {
                usize::from(kind) < schema.len() && self.model.lanes().singly(usize::from(kind))
            })
        };
        for (at, single) in before.latest() {
            if carried.contains(&at) && singly(self.leaf(single.leaf)) {
                singles.push((at, Some(self.single(single))));
            }
        }
        singles.sort_unstable_by_key(|(at, _)| *at);
        let books = self.books(singly)?;
        next.chunks = vec![Arc::default(); before.chunks.len()];
        if let Some(first) = next.chunks.first_mut() {
            *first = Arc::new(Chunk::new(all, singles).ok_or_else(|| full("addends"))?);
        }
        next.books = Arc::new(books);
        Ok(())
    }

    /// The books by the new model.
    fn books(&self, singly: impl Fn(u32) -> bool) -> Result<Books, Stop> {
        let before = self.before;
        let mut own = before.books.as_ref().clone();
        let mut folds = Vec::new();
        for (leaf, addends) in before.books.folds.each() {
            let carried = addends.filter(|addend| self.is_carried(leaf, addend.on));
            folds.extend(carried.filter_map(|addend| self.addend(leaf, addend)));
        }
        let folds = Chunk::new(folds, Vec::new()).and_then(|folds| Closed::new(&folds));
        own.folds = folds.ok_or_else(|| full("addends"))?;
        let hand_overs = u32::try_from(before.taken.len()).map_err(|_| full("hand-overs"))?;
        own.settled = hand_overs.saturating_add(1);
        if own.forgotten.is_some() {
            own.folded = hand_overs;
        }
        let pieces = Pieces {
            cuts: &self.model.cuts().days,
            through: own.joined,
        };
        let spot = |spot: &Spot| Spot {
            leaf: self.leaf(spot.leaf),
            start: pieces.start(self.start(*spot)),
        };
        // Of what is here each entry is of the piece in which it lies now.
        let is_whole = |own: &&Recalled| !self.is_carried(own.leaf, own.day);
        let whole = self.recalled.iter().filter(is_whole).map(|own| {
            let leaf = self.leaf(own.leaf);
            (Recalled { leaf, ..*own }.spot(pieces), own.sum)
        });
        let carried = self.carried.iter();
        let carried = carried.map(|old| (spot(old), before.books.checksum(*old)));
        own.checksums.clear();
        for (spot, sum) in carried.chain(whole) {
            let all = own.checksums.entry(spot).or_default();
            *all = all.and(sum);
        }
        own.cuts.clear();
        for (leaf, days) in &before.books.cuts {
            let all = own.cuts.entry(self.leaf(*leaf)).or_default();
            all.extend(days);
            all.sort_unstable();
            all.dedup();
        }
        let is_carried = |spot: &&Spot| self.carried.contains(spot);
        let each = |all: &BTreeSet<Spot>| all.iter().filter(is_carried).map(spot).collect();
        own.fine = each(&before.books.fine);
        let (old, new) = (&before.books.singles, &mut own.singles);
        (new.thinned, new.unsure) = (each(&old.thinned), each(&old.unsure));
        new.changed.clear();
        for (old, day) in old.changed.iter().filter(|(spot, _)| is_carried(spot)) {
            let last = new.changed.entry(spot(old)).or_insert(*day);
            *last = (*last).max(*day);
        }
        let recalled = old.recalled.iter().filter(|(_, spot)| is_carried(spot));
        new.recalled = recalled.map(|(at, own)| (*at, spot(own))).collect();
        let kept = old
            .kept
            .iter()
            .map(|(id, single)| (id.clone(), self.single(single)));
        new.kept = kept.filter(|(_, single)| singly(single.leaf)).collect();
        Ok(own)
    }
}
