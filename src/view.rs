//! A named view of a model, put to a journal: rows, periods and metrics as of a day, as known at a time, by the structure as it was
//! or as it is on a day.
//!
//! Start with [`View`], the only type, made by [`Journal::view`](crate::journal::Journal::view); what it answers is a
//! [`Panel`](crate::panel::Panel). It shares what the journal holds, so that entries may come in while it is read.
//!
//! ```
//! # use quotaflow::journal::{Entry, EntryId, Journal};
//! # use quotaflow::ledger::Record;
//! # use quotaflow::model::Model;
//! # let model: Model = serde_json::from_str(include_str!("../examples/models/two_teams.json")).map_err(quotaflow::Error::unreadable)?;
//! # let mut journal = Journal::new(&model, "2026-01-01".parse()?)?;
//! let sold = |id: &str, day: &str| {
//!     let record = Record::new("order", day.parse()?).id(id).of("person", "ann").amount("sales", 100.into());
//!     Ok::<_, quotaflow::Error>(Entry::record("crm", record)?)
//! };
//! let known = "2026-02-01T06:00:00".parse()?;
//! journal.enter(known, "2026-01-31".parse()?, &[sold("A", "2026-01-05")?, sold("B", "2026-01-20")?])?;
//! let id = EntryId::new("hr", "M-1")?;
//! let moved = Entry::moving(id, "2026-01-15".parse()?, ("person", "ann", "south"))?;
//! journal.enter("2026-02-10T06:00:00".parse()?, "2026-02-09".parse()?, &[moved])?;
//!
//! let view = journal.view("by_team_month")?.as_of("2026-01-31".parse()?);
//! assert_eq!(view.panel()?.get("sales", ["north"], "2026-01")?.to_string(), "100.00 EUR");
//! let then = view.clone().known_at(known).panel()?;
//! assert_eq!(then.get("sales", ["north"], "2026-01")?.to_string(), "200.00 EUR");
//! let now = view.as_it_is("2026-01-31".parse()?).panel()?;
//! assert_eq!(now.get("sales", ["south"], "2026-01")?.to_string(), "200.00 EUR");
//!
//! // A team leader sees the rows of whom she leads by then.
//! let led = journal.view("by_person_month")?.seen_by("person", "south").panel()?;
//! assert_eq!(led.subjects().labels().collect::<Vec<_>>(), ["ann", "bo"]);
//!
//! // Targets go where people go: ann's January is a euro a day.
//! let (id, day) = (EntryId::new("planning", "2026")?, "2026-01-01".parse()?);
//! let agreed = Entry::cascade(id, day, "sales-2026", [("sales", 730)])?.by("eva").because("the board agreed");
//! journal.enter("2026-02-11T06:00:00".parse()?, "2026-02-10".parse()?, &[agreed])?;
//! let panel = journal.view("targets_by_team")?.panel()?;
//! assert_eq!(panel.get("target:sales", ["north"], "2026-01")?.to_string(), "14.00 EUR");
//! assert_eq!(panel.get("target:sales", ["south"], "2026-01")?.to_string(), "48.00 EUR");
//! assert_eq!(panel.get("attainment(sales)", ["north"], "2026-01")?.to_string(), "714.3%");
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod error;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod view;
mod viewer;

pub use error::ViewError;
pub use view::View;
