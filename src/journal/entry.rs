//! One thing that happened, as hosts hand it over and store it.

mod excuse;
mod held;
mod member;
mod planned;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize, Serializer};

use super::close::Close;
use super::decision::DecisionDef;
use super::deed::{AgreementDef, CascadingDef, ChangingDef, PlanDeed};
use super::error::EntryError;
use super::id::EntryId;
use crate::fingerprint::Fingerprint;
use crate::key::Key;
use crate::ledger::{ApplicationDef, Credit, Record};
use crate::measure::Currency;
use crate::model::{Model, TargetsDef};
use crate::quantity::Number;
use crate::space::TenureDef;
use crate::text::Texts;

pub use excuse::ExcuseDef;
pub use held::VacatingDef;
pub use member::{EndDef, MergeDef, RenameDef};

/// What an entry says: a record, its reversal or its application, a change of the structure, targets, a decision, a close, or a void.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// A record of what happened. Its day, id and sequence number are those of the entry.
    Record(Record),
    /// A record is taken back on the day of the entry, as a whole or in part, in the rows that had it: sums fall then by that much,
    /// and counts by a whole record only. An application that is taken back is open again from that day on (unapplied).
    Reverse(ReversalDef),
    /// A payment, a credit note or a write-off is applied to an open item (cash application), from the day of the entry on.
    Apply(ApplicationDef<EntryId>),
    /// A member is there, and from the day of the entry under these parents.
    Join(JoinDef),
    /// A member has another parent from the day of the entry on, until the next entry about it or the model says otherwise. A class
    /// (a tier, a size) is a parent in a hierarchy of its own.
    Move(TransferDef),
    /// A member has no parent from the day of the entry on, in any hierarchy, and holds no post any more.
    End(EndDef),
    /// A member is shown under another name from the day of the entry on.
    Rename(RenameDef),
    /// A member turned out to be another one. As of the day of the entry and later there is only that one, under both names: all that
    /// was recorded of either is its own since ever, where it belonged on each day, so that it keeps the first order of both, and nobody
    /// is new or lost by it. What was said of where the other belonged counts no more.
    Merge(MergeDef),
    /// Somebody holds a post from the day of the entry on, acts in it, or is absent from it: until the next entry about both or the
    /// model says otherwise, or until the day that it names, after which it is as it was before.
    Hold(TenureDef),
    /// Somebody, or everybody, holds a post no more from the day of the entry on.
    Vacate(VacatingDef),
    /// Targets are written down for cells of a view, from the day of the entry on.
    Targets(TargetsDef),
    /// A plan is cascaded, changed, agreed or cascaded anew on the day of the entry, which says who did it and why. What is done to
    /// one plan builds on what was done before, so that the days never go back.
    Plan(PlanDeed),
    /// The books are closed through the day of the entry: softly, which warns of what still comes, or hard, which fixes every
    /// figure of what lies behind. What becomes known of it later stands in columns of its own in the first period that is open.
    Close(Close),
    /// What was closed is open again from the day of the entry on. The entry says who wants that and why.
    Reopen,
    /// Somebody decided something about an alert. It holds from the day of the entry on, or from when the alert is there, and no
    /// correction undoes it; a void does.
    Decide(DecisionDef),
    /// The journal goes on by the model of this fingerprint, from its hand-over on. The entry says who wants that and why.
    Model(Fingerprint),
    /// Somebody is excused from a duty, from the day of the entry on: what is not done of it is not missing. A void takes that back.
    Excuse(ExcuseDef),
    /// An entry was a mistake: it is as if it had never been, from now on. What refers to it waits again.
    Void(EntryId),
}

/// What is taken back, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReversalDef {
    /// The record, or the application.
    pub of: EntryId,
    /// How much of a record's amounts, in its own currency; all of the record where there are none.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::keys_once"
    )]
    pub amounts: BTreeMap<String, Number>,
}

/// Who joins the structure, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinDef {
    /// The dimension.
    pub dimension: Key,
    /// The level at which the member stands.
    pub level: Key,
    /// The member, which is not there yet.
    pub member: Key,
    /// What it is shown as; the key where there is none.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// Its parents, one for each hierarchy in which it has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<ParentDef>,
}

/// A parent, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParentDef {
    /// The hierarchy; the first one of the dimension where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hierarchy: Option<Key>,
    /// The parent.
    pub member: Key,
}

/// Who moves, and where to, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferDef {
    /// The dimension.
    pub dimension: Key,
    /// The hierarchy; the first one of the dimension where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hierarchy: Option<Key>,
    /// The member.
    pub member: Key,
    /// Its new parent.
    pub parent: Key,
}

/// One thing that happened: its identity, the day from which it is so, what it says, and who entered it and why. Cloning is cheap:
/// what it says is shared.
///
/// ```
/// use quotaflow::journal::Entry;
/// use quotaflow::ledger::Record;
/// let won = Record::new("order", "2026-03-14".parse()?).id("SO-1").of("person", "ann");
/// let entry = Entry::record("crm", won)?.by("import").because("nightly hand-over");
/// assert_eq!(entry.id().to_string(), "crm/SO-1");
/// let text = serde_json::to_string(&entry).map_err(quotaflow::Error::other)?;
/// assert_eq!(serde_json::from_str::<Entry>(&text).map_err(quotaflow::Error::unreadable)?, entry);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "EntryDef")]
pub struct Entry {
    id: EntryId,
    day: NaiveDate,
    sequence: u64,
    content: Arc<Content>,
    by: Option<String>,
    why: Option<String>,
    booked: Option<NaiveDateTime>,
}

impl Entry {
    /// Returns the entry of a record, which has an id.
    ///
    /// # Errors
    /// [`EntryError::NoId`], [`EntryError::Reversing`] for a record that takes another one back, [`EntryError::Applying`] for one
    /// that settles an item; [`EntryError::Key`].
    pub fn record(source: &str, mut record: Record) -> Result<Self, EntryError> {
        let Some(id) = record.id.take() else {
            let kind = record.kind;
            return Err(EntryError::NoId { kind });
        };
        if let Some(of) = record.reverses {
            return Err(EntryError::Reversing { id, of });
        }
        if let Some(application) = record.applies {
            let of = application.to;
            return Err(EntryError::Applying { id, of });
        }
        let sequence = std::mem::take(&mut record.sequence);
        let mut entry = Self::new(
            EntryId::new(source, &id)?,
            record.day,
            Content::Record(record),
        );
        entry.sequence = sequence;
        Ok(entry)
    }

    /// Returns the entry that takes a record back as a whole, or an application.
    #[must_use]
    pub fn reverse(id: EntryId, day: NaiveDate, of: EntryId) -> Self {
        let amounts = BTreeMap::new();
        Self::new(id, day, Content::Reverse(ReversalDef { of, amounts }))
    }

    /// Returns the entry of a reversal that takes back only so much of a measure (and of those of further calls).
    ///
    /// # Errors
    /// [`EntryError::NotReversing`] for an entry of something else.
    pub fn only(mut self, measure: &str, amount: impl Into<Number>) -> Result<Self, EntryError> {
        let Content::Reverse(reversal) = Arc::make_mut(&mut self.content) else {
            return Err(EntryError::NotReversing { id: self.id });
        };
        reversal.amounts.insert(measure.to_owned(), amount.into());
        Ok(self)
    }

    /// Returns the entry that settles so much of an item, in the item's own currency.
    ///
    /// ```
    /// use quotaflow::journal::{Entry, EntryId};
    /// let invoice = EntryId::new("erp", "INV-1")?;
    /// let payment = EntryId::new("bank", "P-7")?;
    /// let day = "2026-03-05".parse()?;
    /// let applied = Entry::apply(EntryId::new("erp", "A-1")?, day, invoice, 60).settled_by(payment)?;
    /// // Paid with 66 dollars, of which each was worth 0.9091 euros.
    /// let (dollar, rate) = (quotaflow::measure::Currency::new("USD")?, "0.9091".parse::<quotaflow::quantity::Number>()?);
    /// let dollars = applied.clone().in_currency(dollar, rate)?;
    /// assert_ne!(applied, dollars);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    #[must_use]
    pub fn apply(id: EntryId, day: NaiveDate, to: EntryId, amount: impl Into<Number>) -> Self {
        Self::new(id, day, Content::Apply(ApplicationDef::new(to, amount)))
    }

    /// Names the payment, credit note or write-off of an application.
    ///
    /// # Errors
    /// [`EntryError::NotApplying`] for an entry of something else.
    pub fn settled_by(mut self, by: EntryId) -> Result<Self, EntryError> {
        let Content::Apply(application) = Arc::make_mut(&mut self.content) else {
            return Err(EntryError::NotApplying { id: self.id });
        };
        application.by = Some(by);
        Ok(self)
    }

    /// Says in which currency the amount of an application is, and what one of it is in the item's own.
    ///
    /// # Errors
    /// [`EntryError::NotApplying`] for an entry of something else.
    pub fn in_currency(
        mut self,
        currency: Currency,
        rate: impl Into<Number>,
    ) -> Result<Self, EntryError> {
        let Content::Apply(application) = Arc::make_mut(&mut self.content) else {
            return Err(EntryError::NotApplying { id: self.id });
        };
        (application.currency, application.rate) = (Some(currency), Some(rate.into()));
        Ok(self)
    }

    /// Returns the entry of a member that joins the structure.
    ///
    /// # Errors
    /// [`EntryError::Key`].
    pub fn join(
        id: EntryId,
        day: NaiveDate,
        (dimension, level, member): (&str, &str, &str),
    ) -> Result<Self, EntryError> {
        let content = Content::Join(JoinDef {
            dimension: Key::new(dimension)?,
            level: Key::new(level)?,
            member: Key::new(member)?,
            title: Texts::default(),
            parents: Vec::new(),
        });
        Ok(Self::new(id, day, content))
    }

    /// Returns the entry of a join with this parent in the first hierarchy of the dimension.
    ///
    /// # Errors
    /// [`EntryError::Key`]; [`EntryError::NotJoining`] for an entry of something else.
    pub fn under(mut self, parent: &str) -> Result<Self, EntryError> {
        let member = Key::new(parent)?;
        let Content::Join(join) = Arc::make_mut(&mut self.content) else {
            return Err(EntryError::NotJoining { id: self.id });
        };
        join.parents.push(ParentDef {
            hierarchy: None,
            member,
        });
        Ok(self)
    }

    /// Returns the entry of a member that has another parent in the first hierarchy of its dimension.
    ///
    /// # Errors
    /// [`EntryError::Key`].
    pub fn moving(
        id: EntryId,
        day: NaiveDate,
        (dimension, member, parent): (&str, &str, &str),
    ) -> Result<Self, EntryError> {
        let content = Content::Move(TransferDef {
            dimension: Key::new(dimension)?,
            hierarchy: None,
            member: Key::new(member)?,
            parent: Key::new(parent)?,
        });
        Ok(Self::new(id, day, content))
    }

    /// Returns the entry of a member that leaves.
    ///
    /// # Errors
    /// [`EntryError::Key`].
    pub fn end(
        id: EntryId,
        day: NaiveDate,
        (dimension, member): (&str, &str),
    ) -> Result<Self, EntryError> {
        let content = Content::End(EndDef {
            dimension: Key::new(dimension)?,
            member: Key::new(member)?,
        });
        Ok(Self::new(id, day, content))
    }

    /// Returns the entry that closes the books through a day.
    #[must_use]
    pub fn close(id: EntryId, through: NaiveDate, how: Close) -> Self {
        Self::new(id, through, Content::Close(how))
    }

    /// Returns the entry that opens again what was closed, from a day on. It is refused without [`by`](Self::by) and
    /// [`because`](Self::because).
    #[must_use]
    pub fn reopen(id: EntryId, from: NaiveDate) -> Self {
        Self::new(id, from, Content::Reopen)
    }

    /// Returns the entry by which the journal goes on by another model, which [`Journal::introduce`](super::Journal::introduce) makes
    /// known to it. It is refused without [`by`](Self::by) and [`because`](Self::because), and where what is kept cannot be
    /// of that model.
    #[must_use]
    pub fn model(id: EntryId, day: NaiveDate, model: &Model) -> Self {
        Self::new(id, day, Content::Model(model.fingerprint()))
    }

    /// Returns the entry of what somebody decided about an alert.
    #[must_use]
    pub fn decide(id: EntryId, day: NaiveDate, decision: DecisionDef) -> Self {
        Self::new(id, day, Content::Decide(decision))
    }

    /// Returns the entry that says of another one that it was a mistake.
    #[must_use]
    pub fn void(id: EntryId, day: NaiveDate, of: EntryId) -> Self {
        Self::new(id, day, Content::Void(of))
    }

    /// Returns an entry of this content.
    #[must_use]
    pub fn new(id: EntryId, day: NaiveDate, content: Content) -> Self {
        let content = match content {
            Content::Record(mut record) => {
                (record.id, record.day, record.sequence) = (None, day, 0);
                (record.reverses, record.applies) = (None, None);
                Content::Record(record)
            }
            Content::Hold(mut tenure) => {
                tenure.from = None;
                Content::Hold(tenure)
            }
            other => other,
        };
        Self {
            id,
            day,
            sequence: 0,
            content: Arc::new(content),
            by: None,
            why: None,
            booked: None,
        }
    }

    /// Says who entered it.
    #[must_use]
    pub fn by(mut self, who: impl Into<String>) -> Self {
        self.by = Some(who.into());
        self
    }

    /// Says why.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Says when its source booked it, which orders nothing.
    #[must_use]
    pub fn booked(mut self, when: NaiveDateTime) -> Self {
        self.booked = Some(when);
        self
    }

    /// Gives the order among entries of one source in one hand-over.
    #[must_use]
    pub fn sequence(mut self, sequence: u64) -> Self {
        self.sequence = sequence;
        self
    }

    /// Returns its identity.
    #[must_use]
    pub fn id(&self) -> &EntryId {
        &self.id
    }

    /// Returns the day from which it is so.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        self.day
    }

    /// The first day of which it says something.
    pub(super) fn first_day(&self) -> NaiveDate {
        match self.content() {
            Content::Excuse(own) => own.days.start().min(self.day),
            _ => self.day,
        }
    }

    /// Returns what it says.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Returns who entered it, if it is said.
    #[must_use]
    pub fn author(&self) -> Option<&str> {
        self.by.as_deref()
    }

    /// Returns why, if it is said.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.why.as_deref()
    }

    /// Returns when its source booked it, if it is said.
    #[must_use]
    pub fn booked_at(&self) -> Option<NaiveDateTime> {
        self.booked
    }

    /// The entries to which this one refers, each once.
    pub(super) fn refers_to(&self) -> impl Iterator<Item = &EntryId> {
        let (first, second) = match &*self.content {
            Content::Reverse(ReversalDef { of, .. }) | Content::Void(of) => (Some(of), None),
            Content::Apply(ApplicationDef { to, by, .. }) => {
                (Some(to), by.as_ref().filter(|by| *by != to))
            }
            Content::Record(_)
            | Content::Join(_)
            | Content::Move(_)
            | Content::End(_)
            | Content::Rename(_)
            | Content::Merge(_)
            | Content::Hold(_)
            | Content::Vacate(_)
            | Content::Targets(_)
            | Content::Plan(_)
            | Content::Close(_)
            | Content::Reopen
            | Content::Model(_)
            | Content::Decide(_)
            | Content::Excuse(_) => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// Its place in the order within one hand-over. What is done to plans goes by days first, since it builds on what was done
    /// before.
    pub(super) fn order(&self) -> (Stage, Option<NaiveDate>, &Key, u64, &Key) {
        let stage = match &*self.content {
            Content::Model(_) => Stage::Model,
            Content::Join(_)
            | Content::Move(_)
            | Content::End(_)
            | Content::Rename(_)
            | Content::Merge(_)
            | Content::Hold(_)
            | Content::Vacate(_) => Stage::Structure,
            Content::Record(_) => Stage::Record,
            Content::Reverse(_) | Content::Apply(_) => Stage::Settlement,
            Content::Plan(_) | Content::Targets(_) => Stage::Plan,
            Content::Decide(_) | Content::Excuse(_) => Stage::Decision,
            Content::Reopen => Stage::Reopening,
            Content::Close(_) => Stage::Closing,
            Content::Void(_) => Stage::Void,
        };
        let day = (stage == Stage::Plan).then_some(self.day);
        (stage, day, &self.id.source, self.sequence, &self.id.id)
    }
}

/// The stages of a hand-over, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Model,
    Structure,
    Record,
    Settlement,
    Plan,
    Decision,
    Reopening,
    Closing,
    Void,
}

/// An entry as it is written; nothing of it is copied, since every entry is written into the chain of the journal.
#[derive(Serialize)]
struct Written<'a> {
    source: &'a Key,
    id: &'a Key,
    day: NaiveDate,
    #[serde(skip_serializing_if = "is_zero")]
    sequence: u64,
    what: WrittenContent<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    booked: Option<NaiveDateTime>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum WrittenContent<'a> {
    Record(WrittenRecord<'a>),
    Reverse(&'a ReversalDef),
    Apply(&'a ApplicationDef<EntryId>),
    Join(&'a JoinDef),
    Move(&'a TransferDef),
    End(&'a EndDef),
    Rename(&'a RenameDef),
    Merge(&'a MergeDef),
    Hold(&'a TenureDef),
    Vacate(&'a VacatingDef),
    Targets(&'a TargetsDef),
    Cascade(&'a CascadingDef),
    Change(&'a ChangingDef),
    Agree(&'a AgreementDef),
    Realign(&'a CascadingDef),
    Close(Close),
    Reopen,
    Model(Fingerprint),
    Decide(&'a DecisionDef),
    Excuse(&'a ExcuseDef),
    Void(&'a EntryId),
}

/// A record without what the entry says.
#[derive(Serialize)]
struct WrittenRecord<'a> {
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<NaiveTime>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    members: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    amounts: &'a BTreeMap<String, Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: &'a Option<Currency>,
    #[serde(skip_serializing_if = "<[Credit]>::is_empty")]
    credits: &'a [Credit],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    dates: &'a BTreeMap<String, NaiveDate>,
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let what = match &*self.content {
            Content::Record(record) => WrittenContent::Record(WrittenRecord {
                kind: &record.kind,
                time: record.time,
                members: &record.members,
                amounts: &record.amounts,
                currency: &record.currency,
                credits: &record.credits,
                attributes: &record.attributes,
                dates: &record.dates,
            }),
            Content::Reverse(reversal) => WrittenContent::Reverse(reversal),
            Content::Apply(application) => WrittenContent::Apply(application),
            Content::Join(join) => WrittenContent::Join(join),
            Content::Move(to) => WrittenContent::Move(to),
            Content::End(end) => WrittenContent::End(end),
            Content::Rename(rename) => WrittenContent::Rename(rename),
            Content::Merge(merge) => WrittenContent::Merge(merge),
            Content::Hold(tenure) => WrittenContent::Hold(tenure),
            Content::Vacate(own) => WrittenContent::Vacate(own),
            Content::Targets(own) => WrittenContent::Targets(own),
            Content::Plan(PlanDeed::Cascade(own)) => WrittenContent::Cascade(own),
            Content::Plan(PlanDeed::Change(own)) => WrittenContent::Change(own),
            Content::Plan(PlanDeed::Agree(own)) => WrittenContent::Agree(own),
            Content::Plan(PlanDeed::Realign(own)) => WrittenContent::Realign(own),
            Content::Close(how) => WrittenContent::Close(*how),
            Content::Reopen => WrittenContent::Reopen,
            Content::Model(model) => WrittenContent::Model(*model),
            Content::Decide(decision) => WrittenContent::Decide(decision),
            Content::Excuse(own) => WrittenContent::Excuse(own),
            Content::Void(of) => WrittenContent::Void(of),
        };
        let written = Written {
            source: &self.id.source,
            id: &self.id.id,
            day: self.day,
            sequence: self.sequence,
            what,
            by: self.by.as_deref(),
            why: self.why.as_deref(),
            booked: self.booked,
        };
        written.serialize(serializer)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryDef {
    source: Key,
    id: Key,
    day: NaiveDate,
    #[serde(default)]
    sequence: u64,
    what: ContentDef,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    why: Option<String>,
    #[serde(default)]
    booked: Option<NaiveDateTime>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ContentDef {
    Record(Box<RecordDef>),
    Reverse(ReversalDef),
    Apply(ApplicationDef<EntryId>),
    Join(JoinDef),
    Move(TransferDef),
    End(EndDef),
    Rename(RenameDef),
    Merge(MergeDef),
    Hold(TenureDef),
    Vacate(VacatingDef),
    Targets(TargetsDef),
    Cascade(CascadingDef),
    Change(ChangingDef),
    Agree(AgreementDef),
    Realign(CascadingDef),
    Close(Close),
    Reopen,
    Model(Fingerprint),
    Decide(DecisionDef),
    Excuse(ExcuseDef),
    Void(EntryId),
}

/// A record without what the entry says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordDef {
    kind: String,
    #[serde(default)]
    time: Option<NaiveTime>,
    #[serde(default, deserialize_with = "crate::document::keys_once")]
    members: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "crate::document::keys_once")]
    amounts: BTreeMap<String, Number>,
    #[serde(default)]
    currency: Option<Currency>,
    #[serde(default)]
    credits: Vec<Credit>,
    #[serde(default, deserialize_with = "crate::document::keys_once")]
    attributes: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "crate::document::keys_once")]
    dates: BTreeMap<String, NaiveDate>,
}

impl TryFrom<EntryDef> for Entry {
    type Error = EntryError;

    fn try_from(own: EntryDef) -> Result<Self, EntryError> {
        if own.sequence > Record::MAX_SEQUENCE {
            let sequence = own.sequence;
            return Err(EntryError::Sequence { sequence });
        }
        let content = match own.what {
            ContentDef::Record(def) => {
                let mut record = Record::new(def.kind, own.day);
                record.time = def.time;
                record.members = def.members;
                record.amounts = def.amounts;
                record.currency = def.currency;
                record.credits = def.credits;
                record.attributes = def.attributes;
                record.dates = def.dates;
                Content::Record(record)
            }
            ContentDef::Reverse(reversal) => Content::Reverse(reversal),
            ContentDef::Apply(application) => Content::Apply(application),
            ContentDef::Join(join) => Content::Join(join),
            ContentDef::Move(to) => Content::Move(to),
            ContentDef::End(end) => Content::End(end),
            ContentDef::Rename(rename) => Content::Rename(rename),
            ContentDef::Merge(merge) => Content::Merge(merge),
            ContentDef::Hold(tenure) => match tenure.from.filter(|from| *from != own.day) {
                Some(from) => return Err(EntryError::OtherDay { from, day: own.day }),
                None => Content::Hold(tenure),
            },
            ContentDef::Vacate(own) => Content::Vacate(own),
            ContentDef::Targets(own) => Content::Targets(own),
            ContentDef::Cascade(own) => Content::Plan(PlanDeed::Cascade(own)),
            ContentDef::Change(own) => Content::Plan(PlanDeed::Change(own)),
            ContentDef::Agree(own) => Content::Plan(PlanDeed::Agree(own)),
            ContentDef::Realign(own) => Content::Plan(PlanDeed::Realign(own)),
            ContentDef::Close(how) => Content::Close(how),
            ContentDef::Reopen => Content::Reopen,
            ContentDef::Model(model) => Content::Model(model),
            ContentDef::Decide(decision) => Content::Decide(decision),
            ContentDef::Excuse(own) => Content::Excuse(own),
            ContentDef::Void(of) => Content::Void(of),
        };
        let id = EntryId {
            source: own.source,
            id: own.id,
        };
        let mut entry = Self::new(id, own.day, content);
        (entry.sequence, entry.by, entry.why, entry.booked) =
            (own.sequence, own.by, own.why, own.booked);
        Ok(entry)
    }
}
