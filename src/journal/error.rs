//! What can be wrong with what is handed to a journal, or read from a snapshot of one.

mod entry;

use chrono::{NaiveDate, NaiveDateTime};
use thiserror::Error;

use super::close::Close;
use super::entry::Entry;
use super::id::EntryId;
use super::needed::{Needed, Piece};
use crate::alert::AlertError;
use crate::duty::DutyError;
use crate::fingerprint::Fingerprint;
use crate::key::{Key, KeyError, Known, hint};
use crate::ledger::Refusal;
use crate::limits::LimitError;
use crate::metric::MetricError;
use crate::model::ModelCause;
use crate::panel::PanelError;
use crate::plan::{Path, PlanError};
use crate::quantity::QuantityError;
use crate::space::{Axis, SpaceError};

pub use entry::EntryError;

/// What can be wrong with a hand-over, an entry or a snapshot. What returns it has changed nothing.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An entry is none.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// A hand-over is not later than the last one.
    #[error(
        "known at {known} is not after {last}, when the last hand-over was taken in; commit times only go forward"
    )]
    NotLater {
        /// The time.
        known: NaiveDateTime,
        /// That of the last hand-over.
        last: NaiveDateTime,
    },
    /// A hand-over is complete through an earlier day than the last one.
    #[error(
        "complete through {day} is before {last}, through which an earlier hand-over was complete"
    )]
    LessComplete {
        /// The day.
        day: NaiveDate,
        /// That of the last hand-over.
        last: NaiveDate,
    },
    /// Some entries are refused, and so all are.
    #[error("{}", refused(rejected))]
    Rejected {
        /// Which, and why; in the order in which they were handed over.
        rejected: Vec<Rejected>,
    },
    /// There are more hand-overs, entries or leaves than can be numbered.
    #[error("a journal holds no more than {limit} {what}")]
    TooMany {
        /// What.
        what: &'static str,
        /// The limit.
        limit: u32,
    },
    /// The structure that the entries make is none.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// A record cannot be folded.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// More rows or cells are to be fixed by a close than a host allows.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The figures that a close fixes cannot be told.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A card or a pay plan cannot judge the figures that a close fixes.
    #[error("`{column}`: {cause}")]
    Column {
        /// The column.
        column: Key,
        /// Why.
        #[source]
        cause: Box<ModelCause>,
    },
    /// The targets of a plan cannot be read.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// What became of a duty cannot be told.
    #[error(transparent)]
    Duty(#[from] DutyError),
    /// No plan of this name is cascaded.
    #[error("no plan `{name}` is cascaded{}", hint(nearest.as_deref(), known))]
    NoPlan {
        /// The name.
        name: String,
        /// The nearest one that is cascaded.
        nearest: Option<String>,
        /// Those that are cascaded.
        known: Known,
    },
    /// Records of what is closed are needed first: supply them and ask again.
    #[error("{needed}")]
    Needed {
        /// Which.
        needed: Box<Needed>,
    },
    /// What was supplied is not what was asked for.
    #[error("{}", unfit(piece.as_deref(), entry.as_ref(), lacks.as_deref(), problem))]
    Supplied {
        /// The piece that it does not fit, if it is of one.
        piece: Option<Box<Piece>>,
        /// The entry that does not fit, if it is one.
        entry: Option<EntryId>,
        /// What that entry refers to, if it does not fit because this is not there.
        lacks: Option<Box<EntryId>>,
        /// What does not agree.
        problem: &'static str,
    },
    /// Entries that are supplied refer to each other in a circle, which none do that were taken in.
    #[error(
        "`{entry}` refers to itself{}; give the entries as they were taken in",
        by_way_of(path)
    )]
    Circle {
        /// One of them.
        entry: EntryId,
        /// By way of which others it refers to itself, in the order in which each refers to the next.
        path: Vec<EntryId>,
    },
    /// Nothing is kept of a day.
    #[error("{day} is no longer held: the reports of days are kept from {from} on")]
    DayNotKept {
        /// The day.
        day: NaiveDate,
        /// The first day of which it is.
        from: NaiveDate,
    },
    /// A snapshot is of another model.
    #[error(
        "the snapshot is of the model {found}, not of {expected}; open it with its own, which the host keeps by this name"
    )]
    OtherModel {
        /// The fingerprint of its model.
        found: Fingerprint,
        /// That of the model at hand.
        expected: Fingerprint,
    },
    /// A part of a snapshot is not what was written.
    #[error("the part `{part}` of the snapshot is damaged: {problem}")]
    Damaged {
        /// The part.
        part: &'static str,
        /// What does not agree.
        problem: String,
    },
    /// What is replayed does not follow the head of the journal.
    #[error(
        "the hand-over known at {known} leads to {found}, where the host has {expected}: entries were changed or left out since"
    )]
    OtherHead {
        /// Its time.
        known: NaiveDateTime,
        /// The head that it leads to.
        found: Fingerprint,
        /// The head that is stored with it.
        expected: Fingerprint,
    },
}

fn unfit(
    piece: Option<&Piece>,
    entry: Option<&EntryId>,
    lacks: Option<&EntryId>,
    problem: &str,
) -> String {
    let of = piece.map(|piece| format!(" for {piece}"));
    let told = format!("what is supplied{} {problem}", of.unwrap_or_default());
    match (entry, lacks) {
        (None, _) => told,
        (Some(entry), None) => {
            format!("{told}: `{entry}`; give the entries as they were taken in")
        }
        (Some(entry), Some(lacks)) => {
            format!("{told}: `{entry}` refers to `{lacks}`; supply that too")
        }
    }
}

fn refused(rejected: &[Rejected]) -> String {
    let lines: Vec<String> = rejected.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// An entry that is refused, and why.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("entry {row} (`{id}`): {reason}")]
pub struct Rejected {
    /// Its place in the hand-over, the first being 0.
    pub row: usize,
    /// Its identity.
    pub id: EntryId,
    /// Why.
    #[source]
    pub reason: Rejection,
}

/// Why an entry is refused.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The record is not as its kind has it.
    #[error(transparent)]
    Record(#[from] Refusal),
    /// A dimension, level or hierarchy is not known.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// An entry of this identity says something else.
    #[error(
        "another entry of this identity, with other content, was entered before: {} is there, {} was given",
        shown(there),
        shown(given)
    )]
    OtherContent {
        /// The one that is there.
        there: Box<Entry>,
        /// The one that was given.
        given: Box<Entry>,
    },
    /// A record lies before the day on which the journal begins.
    #[error("{day} is before the journal begins, on {begins}")]
    BeforeGoLive {
        /// Its day.
        day: NaiveDate,
        /// The first day.
        begins: NaiveDate,
    },
    /// The member that is to join is there.
    #[error("`{member}` is a member of `{dimension}` already; move it instead")]
    AlreadyThere {
        /// The dimension.
        dimension: Key,
        /// The member.
        member: Key,
    },
    /// The model has no posts.
    #[error(
        "the model declares no posts: say of `posts` which level they are and which level the people"
    )]
    NoPosts,
    /// Who is said to hold a post is no person, or what they hold no post.
    #[error("`{member}` is no member of `{axis}`")]
    NotAtLevel {
        /// The member.
        member: Key,
        /// The level of posts or of people.
        axis: Axis,
    },
    /// A parent does not stand above its child.
    #[error(
        "`{parent}` cannot be the parent of `{member}` in hierarchy `{hierarchy}`: it does not stand at a level above it"
    )]
    NotAbove {
        /// The hierarchy.
        hierarchy: Key,
        /// The child.
        member: Key,
        /// The parent.
        parent: Key,
    },
    /// A member would be its own parent.
    #[error("`{member}` cannot stand below itself; name its parent")]
    BelowItself {
        /// The member.
        member: Key,
    },
    /// The member that is merged and the one that stays are one already.
    #[error("`{member}` cannot be merged into itself; name the one that stays in `into`")]
    MergedIntoItself {
        /// The member.
        member: Key,
    },
    /// The member that is merged and the one that stays stand at different levels.
    #[error(
        "`{member}` cannot be merged into `{into}`, which stands at another level; merge it into one of its own level"
    )]
    OtherLevel {
        /// The member.
        member: Key,
        /// The one that stays.
        into: Key,
    },
    /// Something is said of a member that was merged into another one by then.
    #[error("`{member}` was merged into `{into}` by `{by}`; say it of `{into}`")]
    Merged {
        /// The member.
        member: Key,
        /// The one that stays.
        into: Key,
        /// The entry that merged them.
        by: EntryId,
    },
    /// A reversal, join or merge stands already where this one would, or would again.
    #[error("`{other}` does that already; void it first")]
    Done {
        /// The entry that does it.
        other: EntryId,
    },
    /// What is to be reversed is no record.
    #[error("`{of}` is not a record and cannot be reversed; void it instead")]
    NotARecord {
        /// The entry.
        of: EntryId,
    },
    /// A reversal or an application is of a day before what it reverses or settles, so that for some days there would be less than
    /// nothing.
    #[error("{day} is before the day of what it refers to, `{of}` of {since}")]
    ReversedBefore {
        /// The day of the reversal.
        day: NaiveDate,
        /// What it reverses.
        of: EntryId,
        /// The day of that.
        since: NaiveDate,
    },
    /// There is nothing left to close up to the day.
    #[error(
        "the books are already closed {how} through {through}; to close them through {day}, reopen them first"
    )]
    Closed {
        /// How.
        how: Close,
        /// The day of the entry.
        day: NaiveDate,
        /// The day through which they are closed.
        through: NaiveDate,
    },
    /// Days would be closed that are not complete.
    #[error(
        "the books cannot be closed through {day}: the hand-over is complete through {through} only"
    )]
    NotComplete {
        /// The day of the entry.
        day: NaiveDate,
        /// The day through which the hand-over is complete.
        through: NaiveDate,
    },
    /// What is to be opened is open.
    #[error("the books are already open from {day} on{}", through.map(|day| format!("; they are closed through {day}")).unwrap_or_default())]
    NotClosed {
        /// The day of the entry.
        day: NaiveDate,
        /// The day through which they are closed, softly or hard.
        through: Option<NaiveDate>,
    },
    /// What has to be signed says not by whom, or not why.
    #[error(
        "reopening the books, changing the model, doing something to a plan or excusing somebody from a duty needs a name and a reason: give `by` and `why`"
    )]
    Unsigned,
    /// There is no such duty.
    #[error("there is no duty `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownDuty {
        /// The name.
        name: String,
        /// The nearest known name, if one is near.
        nearest: Option<String>,
        /// The known names.
        known: Known,
    },
    /// Nobody would be excused.
    #[error(
        "nobody would be excused: `{member}` neither has the duty `{duty}` nor stands above those who have it, at the level `{level}`"
    )]
    OwesNothing {
        /// The duty.
        duty: Key,
        /// The member.
        member: Key,
        /// The level whose members have the duty.
        level: Key,
    },
    /// No rule of the model is the one of the alert that was decided about.
    #[error("there is no rule `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownRule {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// What was decided cannot be done.
    #[error(transparent)]
    Alert(#[from] AlertError),
    /// The model has no plan of this name.
    #[error("there is no plan `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownPlan {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// The model has no view of this name, or the view none for which targets of this name are written down, or no such period.
    #[error("there is no {what} `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownTarget {
        /// `view`, `written target`, or `period`.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A cell in which a target is written down is none of the view.
    #[error("cells[{cell}]: {cause}")]
    Cell {
        /// Which one.
        cell: usize,
        /// Why.
        #[source]
        cause: Box<Rejection>,
    },
    /// A cell is named twice.
    #[error("the target of {} in `{period}` is written down twice", row(subject))]
    WrittenTwice {
        /// The members of its row; none of the whole.
        subject: String,
        /// The period.
        period: Key,
    },
    /// A row has other members.
    #[error("{} is no row of the view `{view}`, {}", row(subject), axes(rows))]
    NotARow {
        /// What was named; nothing of the whole.
        subject: String,
        /// The view.
        view: Key,
        /// The axes of its rows.
        rows: Vec<Axis>,
    },
    /// A target is written down for what is nobody's, which the view hides.
    #[error(
        "the view `{view}` hides what is nobody's, so that no target is written down for `{subject}`; let it show `unassigned`, or leave the cell out"
    )]
    HiddenRow {
        /// What was named.
        subject: String,
        /// The view.
        view: Key,
    },
    /// A target that is written down would be another one in a period that is closed hard.
    #[error(
        "the target of {} in `{period}` would be another one, and the view `{view}` has told that period as closed; write the difference down for an open period, or reopen",
        row(subject)
    )]
    ClosedTarget {
        /// The members of its row; nothing of the whole.
        subject: String,
        /// The period.
        period: Key,
        /// The view.
        view: Key,
    },
    /// A target is no whole count of its quantum or beyond its range.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// A recipe of a plan is given no total.
    #[error("the plan `{plan}` splits `{measure}`, of which no total is given")]
    NoTotal {
        /// The plan.
        plan: Key,
        /// The measure.
        measure: Key,
    },
    /// Who does something to a plan cannot be a name of it.
    #[error("`by` is no name: {0}")]
    Author(KeyError),
    /// Something is done to a plan before what was done to it already.
    #[error(
        "the plan `{plan}` was changed on {since} by `{other}`, so that nothing is done to it on {day} any more; give the entry that day or a later one, whatever day its edits begin on"
    )]
    Overtaken {
        /// The plan.
        plan: Key,
        /// What was done last.
        other: EntryId,
        /// The day of that.
        since: NaiveDate,
        /// The day of the entry.
        day: NaiveDate,
    },
    /// What is voided was built on since.
    #[error(
        "what `{of}` did to the plan `{plan}` was built on by {}; void that in the same hand-over to take it along",
        listed(by)
    )]
    BuiltOn {
        /// The plan.
        plan: Key,
        /// What would be voided.
        of: EntryId,
        /// What was done since to the same cells.
        by: Vec<EntryId>,
    },
    /// What is done to a plan again would make something else that was done since what it was not.
    #[error(
        "what `{of}` did to the plan `{plan}` cannot come back before {}, which was done without it; void that in the same hand-over to take it along",
        listed(by)
    )]
    Unsettled {
        /// The plan.
        plan: Key,
        /// What would come back.
        of: EntryId,
        /// What was done since.
        by: Vec<EntryId>,
    },
    /// A version of a plan that was named is of something else by now.
    #[error(
        "version {version} of the plan `{plan}` is not what it was when it was named{}{}; name another one",
        if without.is_empty() { String::new() } else { format!(": {} is not done any more", listed(without)) },
        if with.is_empty() { String::new() } else { format!(": {} is done before it", listed(with)) }
    )]
    OtherVersion {
        /// The plan.
        plan: Key,
        /// The version.
        version: u64,
        /// What led to it and is not done any more.
        without: Vec<EntryId>,
        /// What is done before it now.
        with: Vec<EntryId>,
    },
    /// Periods of a plan cannot be opened that the books have closed hard.
    #[error(
        "the plan `{plan}` cannot be opened from {from} on: the books are closed hard before {before}; reopen them first"
    )]
    BooksClosed {
        /// The plan.
        plan: Key,
        /// The first day that was to be opened.
        from: NaiveDate,
        /// The day before which everything is closed.
        before: NaiveDate,
    },
    /// A plan would have other targets in periods that are closed hard: it is cascaded anew, returns to an earlier version, or
    /// something that was done to it would be done no more or again.
    #[error(
        "the plan `{plan}` would have another target at {path}, which ended before {closed}, when everything was closed; correct it in an open period, keep it by equal bounds in the recipe, or reopen"
    )]
    ClosedMoved {
        /// The plan.
        plan: Key,
        /// Where.
        path: Path,
        /// The day before which everything is closed.
        closed: NaiveDate,
    },
    /// A plan cannot be cascaded or does not take a change.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// What closes or reopens the books or changes the model is voided.
    #[error(
        "`{of}` closes or reopens the books or changes the model and cannot be voided; enter a reopening, a close or the earlier model instead"
    )]
    Judged {
        /// The entry.
        of: EntryId,
    },
    /// What would be done after all, since the void of it is void or because who it waited for is there, cannot be done by now.
    #[error("`{of}` would then be done after all, and cannot be: {reason}")]
    Returns {
        /// What would be done.
        of: EntryId,
        /// Why it cannot be.
        #[source]
        reason: Box<Rejection>,
    },
    /// What is kept cannot be of another model.
    #[error("the journal cannot go on by the model {model}: {}", misfits(all))]
    Model {
        /// The fingerprint of the model.
        model: Fingerprint,
        /// Everything that is in the way.
        all: Vec<Misfit>,
    },
    /// A member would not have been there that has figures in closed books.
    #[error(
        "`{member}` has figures in the books that were closed through {through}, whose records are no longer held; let it end on a day instead"
    )]
    HasARow {
        /// The member.
        member: Key,
        /// The day through which they are closed.
        through: NaiveDate,
    },
    /// What reverses, applies or voids would refer to itself.
    #[error("it would refer to itself{}", by_way_of(path))]
    Circle {
        /// By way of which others, in the order in which each refers to the next.
        path: Vec<EntryId>,
    },
}

pub(super) fn by_way_of(path: &[EntryId]) -> String {
    match path {
        [] => String::new(),
        path => format!(", by way of {}", listed(path)),
    }
}

/// The members of a row, as people say it.
fn row(subject: &str) -> String {
    match subject {
        "" => "the whole".to_owned(),
        subject => format!("`{subject}`"),
    }
}

/// What the rows of a view are.
fn axes(all: &[Axis]) -> String {
    let names: Vec<String> = all.iter().map(|axis| format!("`{axis}`")).collect();
    if names.is_empty() {
        return "whose only row is the whole: leave the members out".to_owned();
    }
    format!("which has one member of each of: {}", names.join(", "))
}

fn listed(all: &[EntryId]) -> String {
    let names: Vec<String> = all.iter().map(|id| format!("`{id}`")).collect();
    names.join(", ")
}

/// What of a journal cannot be of another model.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Misfit {
    /// Something that is in use is not in it.
    #[error("`{place}` is gone, and what is kept uses it; keep it")]
    Gone {
        /// Its place in the document of the model that is left: `kinds.order`.
        place: String,
    },
    /// Something that is in use means something else in it.
    #[error(
        "`{place}` is another one, and what is kept uses it; give what is changed a name of its own"
    )]
    Changed {
        /// Its place in both documents: `measures.sales`.
        place: String,
    },
    /// A member is in it who joined by an entry.
    #[error("`{member}` of `{dimension}` is in it, and joined by an entry; leave it out")]
    Joined {
        /// The dimension.
        dimension: Key,
        /// The member.
        member: Key,
    },
    /// A view has other rows or periods than those of which it told closed figures.
    #[error(
        "the view `{view}` has told closed figures of other rows or periods; give the changed view a name of its own"
    )]
    Told {
        /// The view.
        view: Key,
    },
    /// A watch that has begun would begin on another day than it did: what was told of days is final.
    #[error(
        "the watch `{watch}` began on {was} and would begin on {is}; keep that day, or give the changed watch a name of its own"
    )]
    Begun {
        /// The watch.
        watch: Key,
        /// The day on which it began.
        was: NaiveDate,
        /// The day on which it would begin.
        is: NaiveDate,
    },
    /// More than the whole of a post would be held by it and by the entries that stand.
    #[error(transparent)]
    Space(SpaceError),
    /// It refuses an entry.
    #[error("it refuses `{id}`: {reason}")]
    Entry {
        /// The entry.
        id: EntryId,
        /// Why.
        #[source]
        reason: Box<Rejection>,
    },
}

fn misfits(all: &[Misfit]) -> String {
    let lines: Vec<String> = all.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

/// An entry as one line.
fn shown(entry: &Entry) -> String {
    format!("{} {:?}", entry.day(), entry.content())
}
