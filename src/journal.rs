//! What happened to a company, entry by entry: structure, records, what reverses and settles them (cash applications), plans, and
//! voids, kept folded so that nothing is read twice.
//!
//! Start with [`Entry`] (one thing that happened, by its source's id), [`Journal`] (which takes them in, hand-over by hand-over, and
//! answers the views of its [`Model`](crate::model::Model)) and [`Snapshot`] (what a host stores at night and opens in the
//! morning). Two times are told apart: the day from which something is so, and the time at which the journal knew it. A view is
//! asked as of a day and as known at a time ([`View`](crate::view::View)); what it said once, it says again.
//!
//! A host stores each hand-over with the head after it in one transaction, and a snapshot now and then. After a crash it opens the
//! newest snapshot and replays what lies behind its head. Books are closed by entries ([`Entry::close`]): what was told stays, what
//! comes late stands apart, and what lies behind is forgotten and asked for by a [`Needed`].
//!
//! A plan of the model is cascaded by an entry ([`Entry::cascade`]): its amounts are computed then, and kept. It is changed, agreed
//! and cascaded anew by entries too ([`PlanDeed`]), and views show its targets as they were known and had become.
//!
//! ```
//! use quotaflow::journal::{Entry, EntryId, HandOver, Journal, Snapshot};
//! use quotaflow::ledger::Record;
//! # use quotaflow::model::Model;
//! # let model: Model = serde_json::from_str(include_str!("../examples/models/two_teams.json")).map_err(quotaflow::Error::unreadable)?;
//! let sold = |id: &str, day: &str, euros: i64| {
//!     let record = Record::new("order", day.parse()?).id(id).of("person", "ann");
//!     Entry::record("crm", record.amount("sales", euros.into())).map_err(quotaflow::Error::from)
//! };
//! let mut journal = Journal::new(&model, "2026-01-01".parse()?)?;
//! journal.enter("2026-02-01T06:00:00".parse()?, "2026-01-31".parse()?, &[sold("1", "2026-01-10", 100)?])?;
//! let night = serde_json::to_string(&journal.snapshot()).map_err(quotaflow::Error::other)?;
//!
//! let mut journal = Journal::open(&model, serde_json::from_str::<Snapshot>(&night).map_err(quotaflow::Error::unreadable)?)?;
//! let late = HandOver::new("2026-02-02T06:00:00".parse()?, "2026-02-01".parse()?, vec![sold("2", "2026-01-20", 7)?]);
//! journal.replay([&late])?;
//! let panel = journal.view("by_team_month")?.panel()?;
//! assert_eq!(panel.get("sales", ["north"], "2026-01")?.to_string(), "107.00 EUR");
//! assert_eq!(journal.records_read(), 1);
//!
//! let (id, day) = (EntryId::new("planning", "2026")?, "2026-02-03".parse()?);
//! let agreed = Entry::cascade(id, day, "sales-2026", [("sales", 1_460)])?.by("eva").because("the board agreed");
//! journal.enter("2026-02-04T06:00:00".parse()?, day, &[agreed])?;
//! let panel = journal.view("targets_by_team")?.panel()?;
//! assert_eq!(panel.get("target:sales", ["north"], "2026-01")?.to_string(), "62.00 EUR");
//! assert_eq!(panel.get("attainment(sales)", ["north"], "2026-01")?.to_string(), "172.6%");
//! # Ok::<(), quotaflow::Error>(())
//! ```
#![doc = include_str!("journal/store.md")]

mod checksum;
mod circle;
mod close;
mod closed;
mod closing;
mod day;
mod days;
mod decision;
mod deed;
mod draft;
mod entry;
mod error;
mod hand_over;
mod id;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod journal;
mod leaves;
mod needed;
mod news;
mod pieces;
mod planning;
mod plans;
mod reach;
mod reading;
mod reducer;
mod remodelling;
mod report;
mod settle;
mod singles;
mod snapshot;
mod structure;
mod supply;
mod tally;
mod targets;
mod telling;
mod tenures;
mod thinning;
mod told;

pub use checksum::Checksum;
pub use close::Close;
pub use day::{Amended, Day, DutyNotice, DutyState, Hindsight, Notice, Unwatched};
pub use decision::{Decision, DecisionDef, Stated};
pub use deed::{AgreementDef, CascadingDef, ChangingDef, PlanDeed};
pub use entry::{
    Content, EndDef, Entry, ExcuseDef, JoinDef, MergeDef, ParentDef, RenameDef, ReversalDef,
    TransferDef, VacatingDef,
};
pub use error::{EntryError, JournalError, Misfit, Rejected, Rejection};
pub use hand_over::{HandOver, Head};
pub use id::EntryId;
pub use journal::Journal;
pub use needed::{Needed, Piece};
pub use report::{Awaited, Late, Receipt, Remodelling, Unplanned, Waiting};
pub use snapshot::Snapshot;

pub(crate) use reading::{Asking, Folds, Unread};
