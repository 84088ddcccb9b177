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
use crate::space::Axis;
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
    /// The level whose members have it, each for itself: every salesperson, every team.
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
    /// What falls to those who are not there all the time from one due day to the next; all or nothing when left out.
    #[serde(default, skip_serializing_if = "is_whole")]
    pub stay: StayRule,
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
    /// The days by which it is shared, where it is.
    pub(crate) working: WorkingDays,
    /// What falls to whoever has it, in the order of time; none of its days goes back from one to the next.
    pub(crate) dues: Vec<Due>,
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

/// Whether rows can show a duty: those of its level or of one above, or the whole.
pub(super) fn has_rows(duty: &CommonDutyDef, rows: &[Axis], schema: &Schema) -> bool {
    let [axis] = rows else {
        return rows.is_empty();
    };
    let dimension = schema.space().dimension(duty.who.dimension.as_str());
    let hierarchies = dimension.map(|dimension| &dimension.definition().hierarchies[..]);
    let mut hierarchies = hierarchies.unwrap_or_default().iter();
    axis.dimension == duty.who.dimension
        && hierarchies.any(|own| {
            let depth = |level: &Key| own.levels.iter().position(|known| known == level);
            let both = depth(&axis.level).zip(depth(&duty.who.level));
            both.is_some_and(|(above, below)| above <= below)
        })
}

/// Which days are worked: all, where nothing is said.
pub(super) fn every_day() -> Option<WorkingDays> {
    let all = WorkingDaysDef::new(Key::from_static("every_day"), [Ratio::ONE; 7]);
    WorkingDays::new(all).ok()
}
