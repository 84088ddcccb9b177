//! Duties that all members of a level have.

use std::num::NonZeroU16;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::{Cadence, WorkingDays, WorkingDaysDef};
use crate::duty::Grace;
use crate::key::Key;
use crate::ledger::Schema;
use crate::metric::{Entities, Entity, Formula, Selection};
use crate::panel::{ColumnKey, Role};
use crate::quantity::Ratio;
use crate::space::{Axis, PostsDef, Space};
use crate::text::Texts;

/// A duty that all members of a level have, as data: so many records of a kind by each of its days. It names no list of people, so
/// that whoever joins has it from the first day on, and nobody after the last one.
///
/// What falls to somebody is named by the duty, the member and the day on which it is due. It stands open from the day after the due day
/// before until its last day in time (the due day, or later by the [`grace`](Self::grace)), and then for as long as it may be done late
/// ([`late`](Self::late)). A record counts for the oldest of those that stand open and lack something, so that as few as possible are missing,
/// and no record that comes later changes what was told. One that is taken back counts for nothing from the day of the reversal on: what
/// it was counted for is missing again, and what was done after it may count for that. It falls to those who are there on the due day,
/// as far as that is known on the day asked for; what stood open already when the journal began falls to nobody. Who turns out to be
/// another member ([`Entry::merge`](crate::journal::Entry::merge)) has one duty under both names, on the days on which either was there.
///
/// A duty may hang on posts (`who` is the level of the model's [`PostsDef::posts`](crate::space::PostsDef)): a record counts for the post that it names,
/// else for the one post of its person, and whoever holds the post does it. One person is accountable for what falls to it on a due day: of those who hold the
/// post and are not absent one who acts, else the one with the largest part, of equal ones the first declared. Where there is none [`vacant`](Self::vacant)
/// says who is, and [`absent`](Self::absent) what becomes of it in an absence. Views of people, or of those above them, show what each is
/// accountable for; what nobody is accountable for stands in the row of `unassigned` and is excused, so that these rows add up to those of the posts. A duty of
/// people who hold posts is excused in an absence, or falls to who acts for them beside their own.
///
/// Whoever is excused by an entry ([`Entry::excuse`](crate::journal::Entry::excuse)) misses nothing, and what they do after the due day is done for the next one.
///
/// A view shows `visits.due`, `visits.on_time`, `visits.late`, `visits.missing`, `visits.excused` (counts; what is excused is not due), `visits.punctuality` (the share of
/// those due that were done in time) and `visits.completeness` (the share that was done at all) of the duty `visits`, in the period of
/// the due day and the row of that day. Something is missing from the day after the last one in time. [`Journal::day`](crate::journal::Journal::day) tells
/// what falls due and what becomes of it from day to day.
///
/// A hard close keeps what is closed in pieces that end on each of these days, whatever it is that is recorded: a duty of every day
/// keeps a piece for every day.
///
/// ```
/// use quotaflow::journal::{Entry, Journal};
/// use quotaflow::ledger::Record;
/// use quotaflow::model::Model;
/// let model: Model = serde_json::from_str(r#"{
///     "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
///                     "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
///     "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
///     "span": {"start": "2026-01-01", "end": "2027-01-01"},
///     "duties": [{"key": "visits", "who": {"dimension": "person", "level": "person"}, "evidence": {"kinds": ["visit"]}, "times": 2,
///                 "cadence": {"anchor": "2026-01-01", "rhythm": {"kind": "weekly", "every": 1, "days": ["Fri"]}}}],
///     "views": [{"key": "months", "rows": [{"dimension": "person", "level": "person"}], "show": ["visits.due", "visits.missing"],
///                "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}}]
/// }"#).map_err(quotaflow::Error::unreadable)?;
/// let visit = |id: &str, day: &str| {
///     let record = Record::new("visit", day.parse()?).id(id).of("person", "ann");
///     Entry::record("crm", record).map_err(quotaflow::Error::from)
/// };
/// let mut journal = Journal::new(&model, "2026-01-01".parse()?)?;
/// let entries = [visit("1", "2026-01-05")?, visit("2", "2026-01-09")?, visit("3", "2026-01-12")?];
/// journal.enter("2026-01-11T06:00:00".parse()?, "2026-01-10".parse()?, &entries)?;
/// // Two by Friday the 2nd, and two by the 9th: Ann has done the latter, and Bo none.
/// let panel = journal.view("months")?.panel()?;
/// assert_eq!(panel.get("visits.missing", ["ann"], "2026-01")?.ratio(), Ok(2.into()));
/// assert_eq!(panel.get("visits.missing", ["bo"], "2026-01")?.ratio(), Ok(4.into()));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommonDutyDef {
    /// The name.
    pub key: Key,
    /// What it is shown as.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// The level whose members have it, each for itself: every salesperson, every team, every post.
    pub who: Axis,
    /// A member above them, a team or a class: only those have it who stand below that on the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<Key>,
    /// The records that show that it was done.
    pub evidence: Selection,
    /// On which days it is due.
    pub cadence: Cadence,
    /// How many records are due on each of these days; 1 when left out.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: NonZeroU16,
    /// How long after its due day it is still in time; not at all when left out.
    #[serde(default, skip_serializing_if = "is_none")]
    pub grace: Grace,
    /// How long after the last day in time it may still be done, late; not at all when left out. Where that is longer than from one due
    /// day to the next, whoever is behind stays late until they have caught up.
    #[serde(default, skip_serializing_if = "is_none")]
    pub late: Grace,
    /// What falls to those who are not there all the time from one due day to the next, or not with all of it; all or nothing when left
    /// out.
    #[serde(default, skip_serializing_if = "is_whole")]
    pub stay: StayRule,
    /// To whom it falls while somebody is absent; to who acts for them when left out. Read where those who have it are the posts of the
    /// model, or its people.
    #[serde(default, skip_serializing_if = "is_deputy")]
    pub absent: AbsenceRule,
    /// To whom it falls while nobody holds a post; to who leads its team when left out. Read where those who have it are the posts of the
    /// model.
    #[serde(default, skip_serializing_if = "is_leader")]
    pub vacant: VacancyRule,
    /// What is counted of the evidence: records when left out.
    #[serde(default, skip_serializing_if = "is_records")]
    pub each: CountOf,
}

/// What of a duty falls to those who join, leave, or come under whom a duty names, between two of its due days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StayRule {
    /// All of it to those who are there on the due day, and nothing to others. The default.
    #[default]
    DueDay,
    /// As much of it as they are there of the working days since the last due day (of all days, where none of these is worked), to the
    /// nearest whole number, halves up. Of those who leave it stands in the row in which they were last, and is due when it is for all.
    ByDays,
    /// As by days, and each day counts by the part of full time that is held on it: part-time and absence scale what is asked. A
    /// person has the sum of the parts of the posts that they hold and are not absent from (of those in which they act only where
    /// [`absent`](CommonDutyDef::absent) is [`Deputy`](AbsenceRule::Deputy)), and nothing on days on which they hold none. A post has what those
    /// hold of it who are not absent; all of it where what nobody holds falls to its [`Leader`](VacancyRule::Leader), and nothing on days of an
    /// absence that is [`Excused`](AbsenceRule::Excused). What is asked stands in the row, and with the holder, of the last day that counts.
    /// Read where those who have the duty are the posts of the model, or its people.
    ByParts,
}

/// To whom a duty falls on whose due day somebody is absent ([`Tenure::Absent`](crate::space::Tenure::Absent)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AbsenceRule {
    /// To who acts in the post: so much more falls to them. Where nobody does, a duty of posts falls where it does while the post is
    /// vacant, and one of people is excused. The default.
    #[default]
    Deputy,
    /// To nobody, whoever acts: it is excused.
    Excused,
}

/// To whom a duty of posts falls on whose due day nobody holds the post, or only somebody who is absent and for whom nobody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum VacancyRule {
    /// To who decides for it: who holds the post that leads its team, or the one above that. Where that ends nowhere it falls to nobody.
    /// The default.
    #[default]
    Leader,
    /// To nobody: it is excused, and in rows of people it stands in that of `unassigned`.
    Nobody,
}

/// What of a duty is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum CountOf {
    /// Records. The default.
    #[default]
    Records,
    /// Different ones: customers, however often each of them was visited.
    Distinct(Entity),
    /// Those that were never recorded before, by anybody: customers who were never contacted.
    New(Entity),
}

impl CountOf {
    /// How that is counted.
    pub(super) fn formula(&self, of: &Selection) -> Formula {
        let entities = |entity: &Entity| Entities {
            entity: entity.clone(),
            of: of.clone(),
        };
        match self {
            Self::Records => Formula::Count(of.clone()),
            Self::Distinct(entity) => Formula::Distinct(entities(entity)),
            Self::New(entity) => Formula::New(entities(entity)),
        }
    }
}

fn once() -> NonZeroU16 {
    NonZeroU16::MIN
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_once(times: &NonZeroU16) -> bool {
    *times == NonZeroU16::MIN
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_none(grace: &Grace) -> bool {
    *grace == Grace::None
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_whole(stay: &StayRule) -> bool {
    *stay == StayRule::DueDay
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_deputy(absent: &AbsenceRule) -> bool {
    *absent == AbsenceRule::Deputy
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_leader(vacant: &VacancyRule) -> bool {
    *vacant == VacancyRule::Leader
}

fn is_records(each: &CountOf) -> bool {
    *each == CountOf::Records
}

/// What a view shows of a duty: the names behind that of the duty, and whether differences of it are again such.
const SHOWN: [(&str, bool); 7] = [
    ("due", true),
    ("on_time", true),
    ("late", true),
    ("missing", true),
    ("excused", true),
    ("punctuality", false),
    ("completeness", false),
];

/// A duty that was checked.
#[derive(Debug, Clone)]
pub(crate) struct Owing {
    pub(crate) definition: CommonDutyDef,
    /// The position of the question that counts its records, by who has it and between the days on which something changes.
    pub(crate) question: usize,
    pub(crate) bearers: Bearers,
    /// The days by which it is shared, where it is.
    pub(crate) working: WorkingDays,
    /// What falls to whoever has it, in the order of time; none of its days goes back from one to the next.
    pub(crate) dues: Vec<Due>,
}

/// Who those are that have a duty, for whoever asks who holds which post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bearers {
    /// Posts: people are accountable for what falls to them.
    Posts,
    /// The people who hold posts.
    People,
    /// Neither.
    Others,
}

impl Bearers {
    pub(super) fn of(duty: &CommonDutyDef, posts: Option<&PostsDef>) -> Self {
        match posts {
            Some(posts) if duty.who == posts.posts => Self::Posts,
            Some(posts) if duty.who == posts.people => Self::People,
            _ => Self::Others,
        }
    }
}

/// What falls to whoever has a duty on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    /// The first day on which something counts for it.
    pub(crate) opens: NaiveDate,
    /// The day on which it is due.
    pub(crate) day: NaiveDate,
    /// The last day in time, and the last one on which it may be done late.
    pub(crate) last: NaiveDate,
    pub(crate) until: NaiveDate,
    /// How many records.
    pub(crate) times: i64,
}

impl Owing {
    /// The due day of the first of those that may still be done on a day, or later.
    pub(crate) fn open_since(&self, day: NaiveDate) -> NaiveDate {
        let first = self.dues.partition_point(|one| one.until < day);
        self.dues.get(first).map_or(NaiveDate::MAX, |one| one.day)
    }

    /// The position of the first that plays a part in what becomes of those that are due from a day on: all before it were closed when
    /// it opened, so that no record could count for either.
    pub(crate) fn apart_before(&self, day: NaiveDate) -> usize {
        let mut first = self.dues.partition_point(|one| one.day < day);
        while let Some(opens) = self.dues.get(first).map(|one| one.opens)
            && let Some(before) = first.checked_sub(1)
            && opens <= self.dues[before].until
        {
            first = before;
        }
        first
    }

    /// Whether anything may become otherwise on a day than it was on the day before, by what happened up to then.
    pub(crate) fn moves_on(&self, day: NaiveDate) -> bool {
        let after = self.dues.partition_point(|one| one.day <= day);
        let last = after.checked_sub(1).map(|at| &self.dues[at]);
        // None of those before stands open for longer.
        last.is_some_and(|one| day <= one.until || one.last.succ_opt() == Some(day))
    }
}

impl CommonDutyDef {
    /// The names of its columns.
    pub(super) fn columns(&self) -> impl Iterator<Item = (String, bool)> + '_ {
        SHOWN
            .map(|(what, adds)| (format!("{}.{what}", self.key), adds))
            .into_iter()
    }
}

/// The duty of which a view shows a column, by its position, and whether differences of that column are again such.
pub(super) fn shown(duties: &[CommonDutyDef], key: &ColumnKey) -> Option<(usize, bool)> {
    if key.role != Role::Actual {
        return None;
    }
    duties.iter().enumerate().find_map(|(at, duty)| {
        let mut own = duty.columns();
        let adds = own.find(|(name, _)| key.metric == *name.as_str());
        adds.map(|(_, adds)| (at, adds))
    })
}

/// The names of all columns of duties.
pub(super) fn names(duties: &[CommonDutyDef]) -> impl Iterator<Item = String> + '_ {
    duties
        .iter()
        .flat_map(CommonDutyDef::columns)
        .map(|(name, _)| name)
}

/// Whether rows can show a duty: those of its level or of one above, of people or of one above them where it is one of posts, or the whole.
pub(super) fn has_rows(
    duty: &CommonDutyDef,
    rows: &[Axis],
    (schema, posts): (&Schema, Option<&PostsDef>),
) -> bool {
    let [axis] = rows else {
        return rows.is_empty();
    };
    let is_of_posts = Bearers::of(duty, posts) == Bearers::Posts;
    let people = posts.filter(|_| is_of_posts).map(|posts| &posts.people);
    std::iter::once(&duty.who)
        .chain(people)
        .any(|who| is_at_or_above(axis, who, schema.space()))
}

/// Whether rows of a level have a place for members of another one: of the same, or of one above it.
pub(crate) fn is_at_or_above(axis: &Axis, who: &Axis, space: &Space) -> bool {
    let dimension = space.dimension(who.dimension.as_str());
    let hierarchies = dimension.map(|dimension| &dimension.definition().hierarchies[..]);
    let mut hierarchies = hierarchies.unwrap_or_default().iter();
    axis.dimension == who.dimension
        && hierarchies.any(|own| {
            let depth = |level: &Key| own.levels.iter().position(|known| known == level);
            let both = depth(&axis.level).zip(depth(&who.level));
            both.is_some_and(|(above, below)| above <= below)
        })
}

/// Which days are worked: all, where nothing is said.
pub(super) fn every_day() -> Option<WorkingDays> {
    let all = WorkingDaysDef::new(Key::from_static("every_day"), [Ratio::ONE; 7]);
    WorkingDays::new(all).ok()
}
