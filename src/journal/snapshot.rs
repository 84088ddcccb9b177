//! A journal at rest: what it keeps, part by part, each with its fingerprint.

mod believed;

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::checksum::Checksum;
use super::circle::circle;
use super::closed::Closed;
use super::closing::Books;
use super::days::Days;
use super::entry::{Content, Entry};
use super::error::JournalError;
use super::hand_over::{Head, Taken};
use super::id::EntryId;
use super::journal::{Journal, Kept, Withheld};
use super::leaves::{Chunk, Leaf, Leaves, is_record};
use super::pieces::Spot;
use super::plans::PlansDef;
use super::report::Awaited;
use super::singles::Singles;
use super::structure::{Former, Step, identified, is_step};
use super::told::Told;
use crate::document::Version;
use crate::fingerprint::Fingerprint;
use crate::key::Key;
use crate::metric::{RECORDS, Single, is_day};
use crate::model::Model;

/// A journal as a document: written by [`Journal::snapshot`], opened by [`Journal::open`], whose answers are then the same.
///
/// Each part carries its version and its fingerprint. One that was damaged, that says what the entries did not lead to, that is of another
/// model or of a version that is newer than known is refused by name; nothing is repaired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    version: Version<1>,
    model: Fingerprint,
    go_live: NaiveDate,
    head: Head,
    hand_overs: Part<Vec<Taken>>,
    entries: Part<Vec<KeptDef>>,
    structure: Part<Vec<StepDef>>,
    /// Where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    names: Option<Part<Vec<Former>>>,
    leaves: Part<LeavesDef>,
    folds: Part<Vec<Chunk>>,
    /// Where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plans: Option<Part<PlansDef>>,
    books: Part<BooksDef>,
    days: Part<Days>,
}

impl Snapshot {
    /// Returns the fingerprint of the model under which it was taken, by which the host finds that.
    #[must_use]
    pub fn model(&self) -> Fingerprint {
        self.model
    }

    /// Returns how far the journal was: the hand-overs behind it are replayed.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }
}

/// A part of a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    bound(deserialize = "T: Deserialize<'de> + Named")
)]
struct Part<T> {
    // First, so that it is read before what it is about.
    version: PartVersion<T>,
    fingerprint: Fingerprint,
    content: T,
}

impl<T: Named + Serialize> Part<T> {
    fn new(content: T) -> Self {
        Self {
            version: PartVersion(PhantomData),
            fingerprint: Fingerprint::of(&content),
            content,
        }
    }

    fn open(self) -> Result<T, JournalError> {
        if Fingerprint::of(&self.content) == self.fingerprint {
            return Ok(self.content);
        }
        Err(damaged::<T>("its content does not match its fingerprint"))
    }
}

fn damaged<T: Named>(problem: impl Into<String>) -> JournalError {
    JournalError::Damaged {
        part: T::NAME,
        problem: problem.into(),
    }
}

/// What a part is called in a message.
trait Named {
    const NAME: &'static str;
}

macro_rules! named {
    ($($type:ty = $name:literal;)*) => {
        $(impl Named for $type {
            const NAME: &'static str = $name;
        })*
    };
}

named! {
    Vec<Taken> = "hand_overs";
    Vec<KeptDef> = "entries";
    Vec<StepDef> = "structure";
    Vec<Former> = "names";
    LeavesDef = "leaves";
    Vec<Chunk> = "folds";
    PlansDef = "plans";
    BooksDef = "books";
    Days = "days";
}

/// The version of a part, of which 1 is the newest that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
struct PartVersion<T>(PhantomData<fn() -> T>);

const NEWEST: u16 = 1;

impl<T> Serialize for PartVersion<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(NEWEST)
    }
}

impl<'de, T: Named> Deserialize<'de> for PartVersion<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u16::deserialize(deserializer)?;
        if number == NEWEST {
            return Ok(Self(PhantomData));
        }
        Err(de::Error::custom(format_args!(
            "the part `{}` of the snapshot has version {number}, which is not known; the newest known is {NEWEST}",
            T::NAME
        )))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptDef {
    hand_over: u32,
    entry: Entry,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    voided_by: Option<EntryId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    awaits: Option<Awaited>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    recalled: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepDef {
    hand_over: u32,
    entry: u32,
    stands: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeavesDef {
    members: Vec<Vec<Key>>,
    leaves: Vec<Leaf>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BooksDef {
    soft: Option<NaiveDate>,
    hard: Option<NaiveDate>,
    forgotten: Option<NaiveDate>,
    folded: u32,
    settled: u32,
    joined: i32,
    folds: Closed,
    cuts: Vec<(u32, Vec<i32>)>,
    fine: Vec<Spot>,
    checksums: Vec<(Spot, Checksum)>,
    #[serde(default, skip_serializing_if = "Singles::is_empty")]
    singles: Singles,
    told: Vec<Told>,
}

impl BooksDef {
    fn new(books: &Books, soft: Option<NaiveDate>) -> Self {
        Self {
            soft,
            hard: books.hard,
            forgotten: books.forgotten,
            folded: books.folded,
            settled: books.settled,
            joined: books.joined,
            folds: books.folds.clone(),
            cuts: books.cuts.clone().into_iter().collect(),
            fine: books.fine.iter().copied().collect(),
            checksums: books.checksums.clone().into_iter().collect(),
            singles: books.singles.clone(),
            told: books.told.clone(),
        }
    }

    /// The books of so many hand-overs, leaves, sums and views.
    fn open(self, hand_overs: usize, leaves: usize, lanes: usize, views: usize) -> Option<Books> {
        let in_order = |all: &[i32]| all.windows(2).all(|pair| pair[0] < pair[1]);
        let is_leaf = |leaf: u32| (leaf as usize) < leaves;
        let fits = |(leaf, own): &(u32, Vec<i32>)| {
            is_leaf(*leaf) && in_order(own) && own.iter().all(|day| is_day(*day))
        };
        let cuts = self.cuts.len();
        let checksums = self.checksums.len();
        let is_fine = self.folds.is_of(leaves, lanes)
            && self.folded <= self.settled
            && self.settled as usize <= hand_overs
            && (self.told.is_empty() || self.told.len() == views)
            && self.cuts.iter().all(fits)
            && self.checksums.iter().all(|(spot, _)| is_leaf(spot.leaf))
            && self.fine.iter().all(|spot| is_leaf(spot.leaf))
            && self.hard <= self.forgotten;
        if !is_fine {
            return None;
        }
        let books = Books {
            hard: self.hard,
            forgotten: self.forgotten,
            folded: self.folded,
            settled: self.settled,
            joined: self.joined,
            folds: self.folds,
            cuts: self.cuts.into_iter().collect(),
            fine: self.fine.into_iter().collect::<BTreeSet<_>>(),
            checksums: self.checksums.into_iter().collect(),
            singles: self.singles,
            told: self.told,
        };
        // Each is there once.
        (books.cuts.len() == cuts && books.checksums.len() == checksums).then_some(books)
    }
}

/// How many records were added and taken away; nothing where these are too many to be counted.
fn count_records(books: &Books, chunks: &[Chunk]) -> Option<i64> {
    let folds = books.folds.each().flat_map(|(_, own)| own);
    let chunks = chunks.iter().flat_map(Chunk::each);
    let mut all = folds.chain(chunks.flat_map(|(_, own)| own.iter().copied()));
    all.try_fold(0_i64, |sum, addend| match addend.lane {
        RECORDS => sum.checked_add(addend.value.checked_abs()?),
        _ => Some(sum),
    })
}

impl Journal {
    /// Returns the journal as a document. The limits of the host ([`Journal::within`]) are no part of it: they are given anew to what is
    /// opened.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let entries = (0_u32..).zip(&self.entries).map(|(at, kept)| {
            let (voided_by, awaits) = match self.withheld.get(&at) {
                Some(Withheld::Voided(by)) => (Some(by.clone()), None),
                Some(Withheld::Waits(awaits)) => (None, Some(awaits.clone())),
                None => (None, None),
            };
            KeptDef {
                hand_over: kept.hand_over,
                entry: kept.entry.as_ref().clone(),
                voided_by,
                awaits,
                recalled: kept.recalled,
            }
        });
        let beside = self.excuses.iter().chain(self.targets.iter());
        let mut steps: Vec<&Step> = self.steps.iter().chain(beside).collect();
        steps.sort_by_key(|step| step.hand_over);
        let steps = steps.into_iter().map(|step| StepDef {
            hand_over: step.hand_over,
            entry: step.number,
            stands: step.stands,
        });
        Snapshot {
            version: Version::default(),
            model: self.model.fingerprint(),
            go_live: self.go_live,
            head: self.head(),
            hand_overs: Part::new(self.taken.clone()),
            entries: Part::new(entries.collect()),
            structure: Part::new(steps.collect()),
            names: Some(self.former.as_ref().clone())
                .filter(|former| !former.is_empty())
                .map(Part::new),
            leaves: Part::new(LeavesDef {
                members: self.leaves.names().map(<[Key]>::to_vec).collect(),
                leaves: self.leaves.list().to_vec(),
            }),
            folds: Part::new(
                self.chunks
                    .iter()
                    .map(|chunk| chunk.as_ref().clone())
                    .collect(),
            ),
            plans: Some(PlansDef::new(&self.plans))
                .filter(|plans| !plans.is_empty())
                .map(Part::new),
            books: Part::new(BooksDef::new(&self.books, self.soft)),
            days: Part::new(self.days.as_ref().clone()),
        }
    }

    /// Opens a snapshot under the model under which it was taken, which is the one of [`Snapshot::model`].
    ///
    /// It is believed where it is what its entries lead to: every entry that is kept is judged and folded once to compare. What only
    /// forgotten records could say otherwise, and figures and alerts as they were told, are taken as written; so is whose names were of
    /// other members by an earlier model. What days told of duties is held to what stands, each change to the one before it: not of a duty of
    /// which a day could not tell, and not in a journal that an entry ever gave a model, also the same one. What is opened has the limits
    /// that are there by default: give it those of the host by [`Journal::within`].
    ///
    /// # Errors
    /// [`JournalError::OtherModel`]; [`JournalError::Damaged`] with the part that is not what was written.
    pub fn open(model: &Model, snapshot: Snapshot) -> Result<Self, JournalError> {
        if snapshot.model != model.fingerprint() {
            let (found, expected) = (snapshot.model, model.fingerprint());
            return Err(JournalError::OtherModel { found, expected });
        }
        let mut own = Self::new(model, snapshot.go_live)?;
        own.taken = snapshot.hand_overs.open()?;
        if own.head() != snapshot.head || !Taken::are_in_order(&own.taken) {
            return Err(damaged::<Vec<Taken>>("it does not lead to the head"));
        }
        let hand_overs = own.taken.len();
        own.admit(snapshot.entries.open()?)?;
        let (mut steps, mut excuses, mut targets) = (Vec::new(), Vec::new(), Vec::new());
        let mut last = 0;
        for step in snapshot.structure.open()? {
            let known = own.entries.get(step.entry as usize);
            let is_there =
                |kept: &&Kept| (step.hand_over as usize) < hand_overs && is_step(&kept.entry);
            let Some(kept) = known.filter(is_there) else {
                return Err(damaged::<Vec<StepDef>>(
                    "it names an entry that is not there",
                ));
            };
            if step.hand_over < last {
                return Err(damaged::<Vec<StepDef>>("it is not in order"));
            }
            last = step.hand_over;
            let own = match kept.entry.content() {
                Content::Excuse(_) => &mut excuses,
                Content::Targets(_) => &mut targets,
                _ => &mut steps,
            };
            own.push(Step {
                hand_over: step.hand_over,
                number: step.entry,
                entry: Arc::clone(&kept.entry),
                stands: step.stands,
            });
        }
        (own.steps, own.excuses) = (Arc::new(steps), Arc::new(excuses));
        own.targets = Arc::new(targets);
        let former = snapshot.names.map(Part::open).transpose()?;
        own.former = Arc::new(former.unwrap_or_default());
        if !own.were_named() {
            return Err(damaged::<Vec<Former>>(
                "it is of another dimension, or of a hand-over that changed no model",
            ));
        }
        let LeavesDef { members, leaves } = snapshot.leaves.open()?;
        if !own.fits(&members, &leaves) {
            return Err(damaged::<LeavesDef>(
                "it names a kind, field or member that is not there",
            ));
        }
        let chunks = snapshot.folds.open()?;
        let lanes = model.lanes().len();
        let kinds = model.schema().compiled();
        let entries = own.entries.len();
        let fits = |chunk: &Chunk| chunk.is_of((&leaves, kinds), (lanes, entries));
        if chunks.len() != hand_overs || !chunks.iter().all(fits) {
            return Err(damaged::<Vec<Chunk>>(
                "it names a leaf, sum or field that is not there",
            ));
        }
        let plans = snapshot.plans.map(Part::open).transpose()?;
        let plans = plans.unwrap_or_default().open(&own);
        let plans = plans.ok_or_else(|| {
            damaged::<PlansDef>("it is not what the entries about plans and its changes lead to")
        });
        own.plans = Arc::new(plans?);
        let views = model.asked().len();
        let books = snapshot.books.open()?;
        let is_kept = |single: &Single| is_record(single, (&leaves, kinds));
        if !books.singles.fit((entries, leaves.len()), is_kept) {
            return Err(damaged::<BooksDef>("it keeps a record that cannot be one"));
        }
        own.soft = books.soft;
        let books = books.open(hand_overs, leaves.len(), lanes, views);
        let books = books.ok_or_else(|| {
            damaged::<BooksDef>("it names a hand-over, leaf or view that is not there")
        })?;
        if count_records(&books, &chunks).is_none() {
            return Err(damaged::<Vec<Chunk>>(
                "it counts more records than there can be",
            ));
        }
        own.books = Arc::new(books);
        let days = snapshot.days.open()?;
        if !days.is_of(model.watches().len(), own.complete_through()) {
            return Err(damaged::<Days>("it is of other watches or days"));
        }
        own.days = Arc::new(days);
        own.chunks = chunks.into_iter().map(Arc::new).collect();
        own.leaves = Arc::new(Leaves::of_list(members, leaves));
        let entries = own.entries.iter().map(|kept| Arc::clone(&kept.entry));
        let entries: Vec<Arc<Entry>> = entries.collect();
        own.comes(&entries);
        own.believed()?;
        Ok(own)
    }

    /// Takes in the entries, of which each is as it was once taken in.
    fn admit(&mut self, entries: Vec<KeptDef>) -> Result<(), JournalError> {
        // What was decided by the rules of an earlier model stays, and what is void is of no model.
        let moved = entries
            .iter()
            .any(|kept| matches!(kept.entry.content(), Content::Model(_)));
        for (at, kept) in (0_u32..).zip(entries) {
            let KeptDef {
                hand_over,
                entry,
                voided_by,
                awaits,
                recalled,
            } = kept;
            if hand_over as usize >= self.taken.len() {
                return Err(damaged::<Vec<KeptDef>>(
                    "it names a hand-over that is not there",
                ));
            }
            let is_void = voided_by.is_some();
            let withheld = voided_by.map(Withheld::Voided);
            let withheld = withheld.or(awaits.map(Withheld::Waits));
            self.withheld
                .extend(withheld.map(|withheld| (at, withheld)));
            if Arc::make_mut(&mut self.by_id)
                .insert(entry.id().clone(), at)
                .is_some()
            {
                return Err(damaged::<Vec<KeptDef>>("it has an entry twice"));
            }
            let stays = matches!(entry.content(), Content::Decide(_) | Content::Excuse(_));
            let is_kept = moved && (stays || is_void);
            if !is_kept && self.checked(&entry).is_err() {
                return Err(damaged::<Vec<KeptDef>>(
                    "it has an entry that the model refuses",
                ));
            }
            for of in entry.refers_to() {
                let referring = Arc::make_mut(&mut self.referring);
                referring.entry(of.clone()).or_default().push(at);
            }
            if let Some((dimension, member)) = identified(&entry)
                && let Some(dimension) = self.dimension(dimension)
            {
                let place = (dimension, member.clone());
                self.identities.entry(place).or_default().push(at);
            }
            if let Content::Plan(deed) = entry.content() {
                let deeds = self.deeds.entry(deed.plan().clone());
                deeds.or_default().push(at);
            }
            let entry = Arc::new(entry);
            self.entries.push(Kept {
                entry,
                hand_over,
                recalled,
            });
        }
        if self.entries.len() as u64 > self.head().entries {
            return Err(damaged::<Vec<KeptDef>>(
                "it has more entries than the head counts",
            ));
        }
        let is_voided = |(at, withheld): (&u32, &Withheld)| {
            let Withheld::Voided(by) = withheld else {
                return true;
            };
            let kept = self.entries.get(*at as usize);
            let by = self.find(by).map(Entry::content);
            kept.zip(by)
                .is_some_and(|(kept, by)| matches!(by, Content::Void(of) if of == kept.entry.id()))
        };
        if !self.withheld.iter().all(is_voided) {
            return Err(damaged::<Vec<KeptDef>>("it names a void that is not there"));
        }
        let all = self.entries.iter().map(|kept| kept.entry.as_ref());
        match circle(all, |of| self.find(of)) {
            None => Ok(()),
            Some(circle) => Err(damaged::<Vec<KeptDef>>(circle.to_string())),
        }
    }

    /// Whether names were of other members until the hand-overs with which a model came.
    fn were_named(&self) -> bool {
        let models = self
            .entries
            .iter()
            .filter(|kept| matches!(kept.entry.content(), Content::Model(_)));
        let models: BTreeSet<u32> = models.map(|kept| kept.hand_over).collect();
        let in_order = self.former.windows(2);
        let mut in_order = in_order.map(|pair| pair[0].until < pair[1].until);
        let is_one = |former: &Former| {
            let mut own = former.names.keys();
            models.contains(&former.until) && own.all(|of| self.dimension(of).is_some())
        };
        in_order.all(|own| own) && self.former.iter().all(is_one)
    }

    fn fits(&self, members: &[Vec<Key>], leaves: &[Leaf]) -> bool {
        let schema = self.model.schema();
        let kinds = schema.compiled();
        let fits = |leaf: &Leaf| {
            let Some(kind) = kinds.get(usize::from(leaf.kind())) else {
                return false;
            };
            let named = leaf.members().iter().zip(&kind.dimensions);
            let mut named = named.map(|(member, dimension)| {
                let known = members.get(dimension.index()).map_or(0, Vec::len);
                *member as usize <= known
            });
            leaf.members().len() == kind.dimensions.len() && named.all(|fits| fits)
        };
        let once = leaves.iter().zip(0..).collect::<BTreeMap<&Leaf, u32>>();
        members.len() == schema.space().iter().len()
            && once.len() == leaves.len()
            && leaves.iter().all(fits)
    }
}

#[cfg(test)]
mod tests;
