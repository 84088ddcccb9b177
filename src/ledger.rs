//! Records of what happened: typed in, columns inside, checked on entry.
//!
//! Start with [`Record`] (one of them, by names), [`Schema`] (what they may say) and [`Ledger`] (which checks and keeps
//! them). A [`Schema`] says which kinds of records there are and what each may say: the members it names, its amounts, texts and
//! further days. A [`Ledger`] holds the records. Nothing in it is ever edited: a mistake is taken back by a reversal, on a
//! day of its own, and recorded anew. A record that carries its source's id may be imported again and again.
//!
//! Membership is resolved when a record enters, as of its day ([`crate::space::Placement`]): an order stays with the team
//! in which its seller stood when it was won. A record that names a territory keeps it beside its person's.
//!
//! What is open of a record whose kind [opens](RecordKind::opens) an item is settled by [`ApplicationDef`]s: cash applications,
//! credit notes, write-offs, in part and in other currencies, taken back where a cheque bounces. What is applied to a record that is
//! taken back as a whole is open money again; more than is open is refused.
//!
//! A record keeps its own currency. Where its kind names a [`RateTable`] its amounts enter their measure's currency by the
//! rates of its day ([`Exchange`]); where it names none, another currency is refused.
//!
//! ```
//! use quotaflow::calendar::DayRange;
//! use quotaflow::ledger::{Ledger, Record, RecordKind, Schema};
//! use quotaflow::measure::Measures;
//! use quotaflow::space::{DimensionDef, Space};
//! let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo"])?])?;
//! let span = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
//! let visit = RecordKind::new("visit")?.of("person")?;
//! let mut ledger = Ledger::new("crm", Schema::new(space, Measures::default(), vec![visit], span)?)?;
//! let seen = Record::new("visit", "2026-03-14".parse()?).id("V-1").of("person", "ann");
//! assert_eq!(ledger.enter(&[seen])?.added, 1);
//! ledger.enter(&[Record::reversal("V-1", "2026-03-20".parse()?)])?;
//! assert_eq!(ledger.len(), 2);
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod absent;
mod account;
mod application;
mod booked;
mod bounds;
mod bulk;
mod compiled;
mod course;
mod credit;
mod digest;
mod entry;
mod error;
mod extract;
mod kind;
mod later;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod ledger;
mod rate;
mod record;
mod restatement;
mod saying;
mod schema;
mod sift;
mod steps;
mod table;
mod told;

pub use application::ApplicationDef;
pub use bulk::Bulk;
pub use credit::{Credit, CreditKind};
pub use entry::{Entered, Refused, Report};
pub use error::{LedgerError, RateError, Refusal};
pub use kind::{
    AttributeField, DateField, DimensionField, MeasureField, Need, Privacy, RecordKind, Timing,
};
pub use ledger::Ledger;
pub use rate::{Exchange, Quotation, Rate, RateBasis, RateTable, RateTableDef};
pub use record::Record;
pub use schema::{Schema, SchemaDef};

pub(crate) use absent::{NO_AMOUNT, NO_DAY};
pub(crate) use account::{Account, Party, unfit};
pub(crate) use booked::{Booked, TakenBack};
pub(crate) use compiled::{DAY, Kind};
pub(crate) use course::Course;
pub(crate) use credit::{Part, PartRow, parts_of};
pub(crate) use extract::{Extract, Found, numbered, ranked};
pub(crate) use later::Told;
pub(crate) use ledger::date;
pub(crate) use sift::Sifted;
pub(crate) use table::{Row, Standing, Table, Texts};

#[cfg(test)]
mod tests;
