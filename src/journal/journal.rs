//! What a journal keeps, and what it says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};

use super::close::Close;
use super::closing::{Books, number};
use super::days::Days;
use super::decision::{Decision, DecisionDef};
use super::entry::{Content, Entry, ExcuseDef, JoinDef};
use super::error::{JournalError, Rejection};
use super::hand_over::{Head, Taken};
use super::id::EntryId;
use super::leaves::{Chunks, Leaf, Leaves};
use super::plans::Plans;
use super::reading::{Compiled, Readings};
use super::report::{Awaited, Waiting};
use super::structure::{Former, Step, about, position};
use crate::alert::AlertError;
use crate::fingerprint::Fingerprint;
use crate::key::{Key, nearest, unknown};
use crate::ledger::{Ledger, Record, Refusal, Sifted};
use crate::limits::Limits;
use crate::model::Model;
use crate::space::{Axis, HierarchyDef, SpaceError, UNASSIGNED, check_tenures};

/// What happened to a company under a [`Model`], entry by entry, append only: kept folded by leaf and day, so that a view reads no
/// record again.
///
/// A leaf is the tuple of members that a record names. Where these stood on a day is asked on reading, so that a transfer that is
/// told later rewrites nothing.
#[derive(Debug, Clone)]
pub struct Journal {
    pub(super) model: Model,
    pub(super) go_live: NaiveDate,
    pub(super) taken: Vec<Taken>,
    pub(super) entries: Vec<Kept>,
    pub(super) by_id: Arc<BTreeMap<EntryId, u32>>,
    /// By what they refer to, reversals and voids in canonical order.
    pub(super) referring: Arc<BTreeMap<EntryId, Vec<u32>>>,
    /// By day, the entries by which duties of past days may be told otherwise on it: of the days that the last hand-over was the first to
    /// reach, and of those that are still to come. A record is under each of its days.
    pub(super) coming: Arc<BTreeMap<NaiveDate, Vec<EntryId>>>,
    /// By dimension and member, in canonical order.
    pub(super) identities: BTreeMap<(usize, Key), Vec<u32>>,
    /// By plan, what was done to it, in canonical order.
    pub(super) deeds: BTreeMap<Key, Vec<u32>>,
    /// What became of the plans.
    pub(super) plans: Arc<Plans>,
    /// The entries that do not stand.
    pub(super) withheld: BTreeMap<u32, Withheld>,
    pub(super) steps: Arc<Vec<Step>>,
    /// Who is excused from duties, in the same manner.
    pub(super) excuses: Arc<Vec<Step>>,
    /// Which targets are written down, in the same manner.
    pub(super) targets: Arc<Vec<Step>>,
    /// Which names were of other members by earlier models, in order.
    pub(super) former: Arc<Vec<Former>>,
    pub(super) compiled: Arc<Compiled>,
    pub(super) readings: Arc<Readings>,
    pub(super) leaves: Arc<Leaves>,
    pub(super) chunks: Chunks,
    /// The day through which the books are closed softly, which changes no figure.
    pub(super) soft: Option<NaiveDate>,
    /// What is closed hard, and what is left of it.
    pub(super) books: Arc<Books>,
    /// What was told of days.
    pub(super) days: Arc<Days>,
    /// What the host was asked for and does not have.
    pub(super) answered: BTreeSet<EntryId>,
    pub(super) records_read: u64,
    /// Those to which entries may move it.
    pub(super) models: Arc<BTreeMap<Fingerprint, Model>>,
    /// Checks records; it holds none.
    pub(super) checker: Arc<Ledger>,
    /// How much plans and tables may need when they are made.
    pub(super) limits: Limits,
}

/// An entry that was taken in.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) entry: Arc<Entry>,
    pub(super) hand_over: u32,
    /// Whether it had been forgotten and was supplied again.
    pub(super) recalled: bool,
}

/// Why an entry does not stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Withheld {
    /// By this void.
    Voided(EntryId),
    Waits(Awaited),
}

/// For how many members that are not there the nearest known name is looked for, which takes a look at all of them.
pub(super) const HINTS: usize = 100;

impl Journal {
    /// Returns a journal that begins on a day: no record lies before it.
    ///
    /// # Errors
    /// [`JournalError::Key`], which no model leads to.
    pub fn new(model: &Model, go_live: NaiveDate) -> Result<Self, JournalError> {
        let checker = Ledger::named(Key::new("journal")?, model.schema().clone());
        Ok(Self {
            go_live,
            taken: Vec::new(),
            entries: Vec::new(),
            by_id: Arc::default(),
            referring: Arc::default(),
            coming: Arc::default(),
            identities: BTreeMap::new(),
            deeds: BTreeMap::new(),
            plans: Arc::default(),
            withheld: BTreeMap::new(),
            steps: Arc::default(),
            excuses: Arc::default(),
            targets: Arc::default(),
            former: Arc::default(),
            compiled: Arc::default(),
            readings: Arc::default(),
            leaves: Arc::new(Leaves::new(model.schema().space().iter().len())),
            chunks: Chunks::new(),
            soft: None,
            books: Arc::default(),
            days: Arc::default(),
            answered: BTreeSet::new(),
            records_read: 0,
            models: Arc::default(),
            checker: Arc::new(checker),
            limits: Limits::default(),
            model: model.clone(),
        })
    }

    /// Takes entries in within the limits of a host: the nodes of plans, and the rows and cells of what is watched, closed and read as
    /// a basis of plans, are counted before they are made. They are no part of a snapshot, so that a journal that is opened is given
    /// them again.
    #[must_use]
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

impl Journal {
    pub(super) fn told(&self, id: &EntryId, awaits: &Awaited, hints: &mut usize) -> Waiting {
        let mut awaits = awaits.clone();
        if let Awaited::Member {
            dimension,
            member,
            nearest: near,
        } = &mut awaits
            && *hints > 0
            && let Ok(known) = self.model.schema().space().dimension(dimension.as_str())
        {
            *hints -= 1;
            let members = known.definition().members.iter().map(|known| &known.key);
            let joined = self.identities.keys().map(|(_, member)| member);
            let names = members.chain(joined).map(Key::as_str);
            *near = nearest(member, names.filter(|name| name != member)).map(str::to_owned);
        }
        Waiting {
            entry: id.clone(),
            awaits,
        }
    }
}

impl Journal {
    /// Checks what an entry says by itself, whatever else is there.
    pub(super) fn checked(&self, entry: &Entry) -> Result<Option<Sifted>, Rejection> {
        let (_, _, _, sequence, _) = entry.order();
        if sequence > Record::MAX_SEQUENCE {
            return Err(Refusal::Sequence { sequence }.into());
        }
        if let Content::Record(record) = entry.content() {
            if entry.day() < self.go_live {
                let (day, begins) = (entry.day(), self.go_live);
                return Err(Rejection::BeforeGoLive { day, begins });
            }
            return Ok(Some(self.checker.sift(record)?));
        }
        if let Content::Decide(decision) = entry.content() {
            self.fits_rules(decision)?;
        }
        if let Content::Plan(deed) = entry.content() {
            self.fits_plans(entry, deed)?;
        }
        if let Content::Excuse(own) = entry.content() {
            self.fits_duties(entry, own)?;
        }
        if let Content::Hold(_) | Content::Vacate(_) = entry.content() {
            self.fits_posts(entry)?;
        }
        if let Content::Targets(own) = entry.content() {
            self.fits_targets(own)?;
        }
        let Some((dimension, member)) = about(entry) else {
            return Ok(None);
        };
        let known = self.model.schema().space().dimension(dimension.as_str())?;
        let named: Vec<Option<&Key>> = match entry.content() {
            Content::Join(join) => {
                known.level(join.level.as_str())?;
                if *member == *UNASSIGNED {
                    let dimension = dimension.clone();
                    return Err(SpaceError::ReservedMember { dimension }.into());
                }
                let mut parents = join.parents.iter();
                if parents.clone().any(|parent| parent.member == *member) {
                    let member = member.clone();
                    return Err(Rejection::BelowItself { member });
                }
                parents
                    .by_ref()
                    .map(|parent| parent.hierarchy.as_ref())
                    .collect()
            }
            Content::Move(to) if to.parent == *member => {
                let member = member.clone();
                return Err(Rejection::BelowItself { member });
            }
            Content::Move(to) => vec![to.hierarchy.as_ref()],
            Content::Merge(merge) => {
                let find = |name: &Key| known.find(name.as_str());
                let is_one = find(member).is_some_and(|own| find(&merge.into) == Some(own));
                if *member == merge.into || is_one {
                    let member = member.clone();
                    return Err(Rejection::MergedIntoItself { member });
                }
                if [member, &merge.into].iter().any(|own| **own == *UNASSIGNED) {
                    let dimension = dimension.clone();
                    return Err(SpaceError::ReservedMember { dimension }.into());
                }
                Vec::new()
            }
            _ => Vec::new(),
        };
        for hierarchy in named.into_iter().flatten() {
            known.tree(hierarchy.as_str())?;
        }
        Ok(None)
    }

    /// Checks that the model has posts, and what is said of one by itself.
    fn fits_posts(&self, entry: &Entry) -> Result<(), Rejection> {
        if self.model.definition().posts.is_none() {
            return Err(Rejection::NoPosts);
        }
        let Content::Hold(tenure) = entry.content() else {
            return Ok(());
        };
        let own = tenure.clone().since(entry.day());
        Ok(check_tenures(&tenure.post, &[own])?)
    }

    /// The post and the person that an entry names, each with the level at which they stand.
    pub(super) fn of_posts<'e>(&'e self, entry: &'e Entry) -> Vec<(&'e Axis, &'e Key)> {
        let Some(definition) = &self.model.definition().posts else {
            return Vec::new();
        };
        let (post, person) = match entry.content() {
            Content::Hold(tenure) => (&tenure.post, Some(&tenure.person)),
            Content::Vacate(own) => (&own.post, own.person.as_ref()),
            _ => return Vec::new(),
        };
        let person = person.map(|person| (&definition.people, person));
        std::iter::once((&definition.posts, post))
            .chain(person)
            .collect()
    }

    /// The members that an entry of structure names, each with its dimension.
    pub(super) fn placed_by<'e>(&'e self, entry: &'e Entry) -> Vec<(usize, &'e Key)> {
        let further: Vec<&Key> = match entry.content() {
            Content::Join(join) => join.parents.iter().map(|own| &own.member).collect(),
            Content::Move(to) => vec![&to.parent],
            Content::Merge(merge) => vec![&merge.into],
            _ => Vec::new(),
        };
        let own = about(entry).into_iter().flat_map(|(of, member)| {
            let named = std::iter::once(member).chain(further.iter().copied());
            named.map(move |name| (of, name))
        });
        let held = self.of_posts(entry).into_iter();
        let held = held.map(|(axis, name)| (&axis.dimension, name));
        let named = own.chain(held);
        named
            .filter_map(|(of, name)| Some((self.dimension(of)?, name)))
            .collect()
    }

    /// The leaves that name a member who joins.
    fn leaves_of(&self, join: &JoinDef) -> BTreeSet<u32> {
        let dimension = self.dimension(&join.dimension);
        let own = dimension.and_then(|dimension| {
            let number = self.leaves.member_number(dimension, join.member.as_str())?;
            Some((dimension, number))
        });
        let Some((dimension, number)) = own else {
            return BTreeSet::new();
        };
        let kinds = self.model.schema().compiled();
        let names = |leaf: &Leaf| {
            let kind = kinds.get(usize::from(leaf.kind()));
            let fields = kind.map_or(&[][..], |kind| &kind.dimensions);
            let mut named = fields.iter().zip(leaf.members());
            named.any(|(of, member)| of.index() == dimension && *member == number)
        };
        let all = (0_u32..).zip(self.leaves.list());
        all.filter(|(_, leaf)| names(leaf))
            .map(|(at, _)| at)
            .collect()
    }

    /// Whether records that name a member who joined are forgotten.
    pub(super) fn is_in_books(&self, join: &JoinDef) -> bool {
        let leaves = self.leaves_of(join);
        let mut spots = self.books.checksums.keys();
        spots.any(|spot| leaves.contains(&spot.leaf))
    }

    /// Whether a member who joins on a day is named by a record of before that, or by one whose day is closed.
    pub(super) fn is_recorded_before(&self, join: &JoinDef, day: NaiveDate) -> bool {
        let leaves = self.leaves_of(join);
        if leaves.is_empty() {
            return false;
        }
        let first = number(day);
        let mut closed = self.books.folds.each();
        let mut open = self.chunks.iter().flat_map(|chunk| chunk.each());
        closed.any(|(leaf, _)| leaves.contains(&leaf))
            || open.any(|(leaf, addends)| {
                let mut on = addends.iter().map(|addend| addend.on);
                leaves.contains(&leaf) && on.any(|on| on < first)
            })
    }

    /// Checks that what is decided is about an alert of the model's rules, and can be done.
    fn fits_rules(&self, decision: &DecisionDef) -> Result<(), Rejection> {
        // Where no day is told, the rules are still those of the document.
        let watches = self.model.definition().watches.iter();
        let rules = watches.flat_map(|watch| &watch.rules);
        let names: Vec<&str> = rules.map(|rule| rule.key.as_str()).collect();
        let rule = decision.alert.rule().as_str();
        if !names.contains(&rule) {
            let (name, nearest, known) = unknown(rule, names);
            return Err(Rejection::UnknownRule {
                name,
                nearest,
                known,
            });
        }
        match &decision.decided {
            Decision::CorrectiveAction(action) if action.check < action.deadline => {
                let (check, deadline) = (action.check, action.deadline);
                Err(AlertError::CheckTooEarly { check, deadline }.into())
            }
            _ => Ok(()),
        }
    }

    /// Checks that an excuse is signed and from a duty of the model.
    fn fits_duties(&self, entry: &Entry, excuse: &ExcuseDef) -> Result<(), Rejection> {
        if entry.author().is_none() || entry.reason().is_none() {
            return Err(Rejection::Unsigned);
        }
        if self.owing_in(&excuse.duty).is_some() {
            return Ok(());
        }
        let duties = self.model.duties().iter();
        let names = duties.map(|owing| owing.definition.key.as_str());
        let (name, nearest, known) = unknown(excuse.duty.as_str(), names);
        Err(Rejection::UnknownDuty {
            name,
            nearest,
            known,
        })
    }

    /// The dimension of those who have a duty of the model.
    pub(super) fn owing_in(&self, duty: &Key) -> Option<usize> {
        let mut duties = self.model.duties().iter();
        let own = duties.find(|owing| owing.definition.key == *duty)?;
        self.dimension(&own.definition.who.dimension)
    }

    pub(super) fn dimension(&self, key: &Key) -> Option<usize> {
        let id = self.model.schema().space().id(key.as_str()).ok()?;
        Some(id.index())
    }

    pub(super) fn dimension_key(&self, dimension: usize) -> &Key {
        &self.model.definition().dimensions[dimension].key
    }

    pub(super) fn hierarchies(&self, dimension: usize) -> &[HierarchyDef] {
        &self.model.definition().dimensions[dimension].hierarchies
    }

    /// The level of a member of the model.
    pub(super) fn model_level(&self, dimension: usize, member: &str) -> Option<&Key> {
        let key = self.dimension_key(dimension);
        let known = self.model.schema().space().dimension(key.as_str()).ok()?;
        known.level_key(known.level_of(known.find(member)?)?)
    }

    /// The name of a member in the model; of whom it does not have, the one that is given.
    pub(super) fn model_key<'n>(&'n self, dimension: usize, name: &'n Key) -> &'n Key {
        let names = self.names_of(dimension, name);
        names.first().copied().unwrap_or(name)
    }

    /// All names of a member in the model, its key first; of whom it does not have, the one that is given.
    pub(super) fn names_of<'n>(&'n self, dimension: usize, name: &'n Key) -> Vec<&'n Key> {
        let key = self.dimension_key(dimension);
        let known = self.model.schema().space().dimension(key.as_str()).ok();
        let own = known.and_then(|known| Some((known, known.find(name.as_str())?)));
        let names = own.into_iter().flat_map(|(known, id)| known.names_of(id));
        let names: Vec<&Key> = names.collect();
        if names.is_empty() { vec![name] } else { names }
    }

    /// Whether one level stands above another in a hierarchy.
    pub(super) fn is_above(
        &self,
        dimension: usize,
        hierarchy: Option<&Key>,
        above: &Key,
        below: &Key,
    ) -> bool {
        let hierarchies = self.hierarchies(dimension);
        let Some(at) = position(hierarchies, hierarchy) else {
            return false;
        };
        let depth = |level: &Key| {
            hierarchies[at]
                .levels
                .iter()
                .position(|known| known == level)
        };
        depth(above)
            .zip(depth(below))
            .is_some_and(|(above, below)| above < below)
    }

    /// The members that a record names, by the number of their dimension.
    pub(super) fn named<'r>(&self, record: &'r Record) -> Vec<(usize, &'r str)> {
        let schema = self.model.schema();
        let Ok(kind) = schema.kind_index(&record.kind) else {
            return Vec::new();
        };
        let kind = &schema.compiled()[kind];
        let fields = kind.definition.dimensions.iter().zip(&kind.dimensions);
        let named = fields.filter_map(|(field, dimension)| {
            let name = record.members.get(field.field.as_str())?;
            (*name != UNASSIGNED).then_some((dimension.index(), name.as_str()))
        });
        let shared = kind.credit.map(|at| kind.dimensions[at].index());
        let credits = record.credits.iter().map(|credit| credit.member.as_str());
        let sharers = shared.into_iter().flat_map(|dimension| {
            let own = credits.clone().filter(|member| *member != UNASSIGNED);
            own.map(move |member| (dimension, member))
        });
        named.chain(sharers).collect()
    }
}

impl Journal {
    /// When each hand-over was known.
    pub(crate) fn known_times(&self) -> impl Iterator<Item = NaiveDateTime> {
        self.taken.iter().map(|taken| taken.known)
    }

    /// Returns the model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Returns the day on which it begins.
    #[must_use]
    pub fn go_live(&self) -> NaiveDate {
        self.go_live
    }

    /// Returns how far it is.
    #[must_use]
    pub fn head(&self) -> Head {
        self.taken
            .last()
            .map(|taken| taken.head)
            .unwrap_or_default()
    }

    /// Returns the time of the last hand-over.
    #[must_use]
    pub fn known(&self) -> Option<NaiveDateTime> {
        self.taken.last().map(|taken| taken.known)
    }

    /// Returns the day through which it is complete.
    #[must_use]
    pub fn complete_through(&self) -> Option<NaiveDate> {
        self.taken.last().map(|taken| taken.complete_through)
    }

    /// Returns how many records were read so far to be folded: each when it comes, and again when it is reversed, settled or voided or when
    /// what it waited for comes. A view reads none.
    #[must_use]
    pub fn records_read(&self) -> u64 {
        self.records_read
    }

    /// Returns how many cells of leaves, single records, targets and what falls due the views of this journal and of its clones have read so far. What
    /// a view has read once it keeps, as long as the books and the structure stay and it is asked as of no earlier day: it reads then
    /// only what came in since, and records that are kept singly. What became of duties is worked out of that once for all views, as long as nothing comes in and the day is the same. Targets of plans are read anew when their plan or the structure has changed, those that are written down, and those of them that were written again since, at each reading.
    #[must_use]
    pub fn cells_read(&self) -> u64 {
        self.readings.cells()
    }

    /// Returns the last day that is closed so, or harder.
    #[must_use]
    pub fn closed_through(&self, how: Close) -> Option<NaiveDate> {
        match how {
            Close::Soft => self.soft.max(self.books.hard),
            Close::Hard => self.books.hard,
        }
    }

    /// How a day is closed.
    pub(super) fn closed(&self, day: NaiveDate) -> Option<Close> {
        let through = |how: &Close| self.closed_through(*how);
        let is_closed = |how: &Close| through(how).is_some_and(|through| day <= through);
        [Close::Hard, Close::Soft].into_iter().find(is_closed)
    }

    /// Returns the entry of this identity, if it was taken in and is not forgotten.
    #[must_use]
    pub fn find(&self, id: &EntryId) -> Option<&Entry> {
        let at = self.by_id.get(id)?;
        self.entries
            .get(*at as usize)
            .map(|kept| kept.entry.as_ref())
    }

    /// Returns the entries that wait, in the order in which they came.
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        let mut hints = HINTS;
        let waiting = self
            .withheld
            .iter()
            .filter_map(|(at, withheld)| match withheld {
                Withheld::Waits(awaits) => {
                    let id = self.entries[*at as usize].entry.id();
                    Some(self.told(id, awaits, &mut hints))
                }
                Withheld::Voided(_) => None,
            });
        let mut waiting: Vec<Waiting> = waiting.collect();
        for id in self.days.waiting() {
            if let Some(Content::Decide(decision)) = self.find(id).map(Entry::content) {
                waiting.push(Waiting {
                    entry: id.clone(),
                    awaits: Awaited::Alert(decision.alert.clone()),
                });
            }
        }
        waiting
    }
}

/// The number of the leaf that a record names, learned where it is new.
pub(super) fn leaf_of(sifted: &Sifted, leaves: &mut Arc<Leaves>) -> Option<u32> {
    let names = sifted.members.iter().map(|(_, name)| name.as_deref());
    leaf_named(sifted, names, leaves)
}

/// Those of the others who share it; `credit` is the field that names them.
pub(super) fn leaves_of_others(
    sifted: &Sifted,
    credit: usize,
    leaves: &mut Arc<Leaves>,
) -> Option<Vec<u32>> {
    let others = sifted.sharers.iter().map(|sharer| {
        let names = sifted.members.iter().enumerate();
        let names = names.map(|(at, (_, name))| {
            if at == credit {
                Some(sharer.as_str()).filter(|name| *name != UNASSIGNED)
            } else {
                name.as_deref()
            }
        });
        leaf_named(sifted, names, leaves)
    });
    others.collect()
}

fn leaf_named<'n>(
    sifted: &Sifted,
    names: impl Iterator<Item = Option<&'n str>> + Clone,
    leaves: &mut Arc<Leaves>,
) -> Option<u32> {
    let kind = u16::try_from(sifted.kind).ok()?;
    let fields = sifted.members.iter().zip(names);
    let fields = fields.map(|((dimension, _), name)| (dimension.index(), name));
    let known = fields.clone().map(|(dimension, name)| match name {
        Some(name) => leaves.member_number(dimension, name),
        None => Some(0),
    });
    // Most leaves are known, and what is shared is copied where one is learned.
    let known = known.collect::<Option<Box<[u32]>>>();
    if let Some(number) = known.and_then(|members| leaves.find(Leaf(kind, members))) {
        return Some(number);
    }
    let leaves = Arc::make_mut(leaves);
    let members = fields.map(|(dimension, name)| match name {
        Some(name) => leaves.member(dimension, name),
        None => Some(0),
    });
    let members = members.collect::<Option<Box<[u32]>>>()?;
    leaves.number(Leaf(kind, members))
}
