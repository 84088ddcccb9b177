//! Figures from records: definitions as data, folded exactly into a panel.
//!
//! Start with [`MetricDef`] (what is counted, over which records, in which window, and what an empty base means),
//! [`Layout`] (the subjects, periods and as-of day of one panel) and [`Program`] (metrics compiled for a layout). Folding
//! a ledger gives a [`Partial`]: whole counts and sums and what is needed to tell new from old. Partials merge in any
//! grouping and are documents, so that the same definitions run over parts of the records, on several threads or
//! machines, and go on where they stopped. [`Program::panel`] makes the figures, [`Program::explain`] tells one of them
//! from the records, and [`measure()`] is all of it in one call.
//!
//! ```
//! # use quotaflow::calendar::{Calendar, DayRange, Grain};
//! # use quotaflow::ledger::{Ledger, Record, RecordKind, Schema};
//! # use quotaflow::measure::Measures;
//! use quotaflow::metric::{Formula, Layout, MetricDef, measure};
//! # use quotaflow::panel::Reason;
//! # use quotaflow::quantity::Ratio;
//! # use quotaflow::space::{Axis, DimensionDef, Space, Unassigned};
//! let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo"])?])?;
//! let kinds = vec![RecordKind::new("visit")?.of("person")?, RecordKind::new("order")?.of("person")?];
//! let span = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
//! let mut ledger = Ledger::new("crm", Schema::new(space, Measures::default(), kinds, span)?)?;
//! for (kind, day) in [("visit", "2026-01-05"), ("visit", "2026-01-06"), ("visit", "2026-01-07"), ("order", "2026-01-07")] {
//!     ledger.enter(&[Record::new(kind, day.parse()?).of("person", "ann")])?;
//! }
//!
//! let metrics = [MetricDef::new("strike_rate", Formula::count("order")?.per_100(Formula::count("visit")?))?];
//! let subjects = ledger.schema().space().subjects(&Axis::new("person", "person")?, Unassigned::Hidden)?;
//! let months = Calendar::gregorian().periods(Grain::Month, span.start(), span.end())?;
//! let panel = measure(&metrics, &Layout::new(ledger.schema().clone(), subjects, months), &ledger)?;
//!
//! assert_eq!(panel.get("strike_rate", ["ann"], "2026-01")?.ratio(), Ok(Ratio::new(100, 3)?));
//! assert_eq!(panel.get("strike_rate", ["bo"], "2026-01")?.ratio(), Err(Reason::NoBase));
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod apart;
mod build;
mod compile;
mod entities;
mod error;
mod evidence;
mod explain;
mod figures;
mod filter;
mod fingerprint;
mod fold;
mod followed;
mod gathered;
mod grid;
mod handed;
mod holding;
mod layout;
mod leaf;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod metric;
mod moment;
mod open;
mod pairs;
mod partial;
mod parts;
mod pass;
mod presence;
mod program;
mod residue;
mod sample;
mod series;
mod share;
mod spread;
mod stood;
mod store;
mod subject;
mod taken_on;
mod threads;
mod touch;
mod written;

pub use error::MetricError;
pub use explain::{Counted, Derivation, Exclusion, LeftOut};
pub use figures::Folded;
pub use fold::measure;
pub use layout::{Layout, Reversals};
pub use metric::{
    Age, Concentration, CreditUse, Empty, Entities, Entity, Filter, First, Formula, MetricDef,
    OpenFigure, Placed, QuantileMethod, Relation, SameDay, SeenBy, Selection, Sharing, Timeframe,
    Value, Valued,
};
pub use partial::Partial;
pub use program::Program;

pub(crate) use leaf::{Addend, Lanes, RECORDS, Reader, Seats, Sharer, Single, Standpoint, is_day};
