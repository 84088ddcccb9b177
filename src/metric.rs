//! Figures from records: definitions as data, folded exactly into a panel.
//!
//! A [`MetricDef`] says what is counted, over which records, in which window, and what an empty base means. Metrics are
//! compiled together into a [`Plan`] for the [`Frame`] of one panel (subjects, periods, as-of day). Folding a ledger gives a
//! [`Partial`]: whole counts and sums and what is needed to tell new from old. Partials merge in any grouping and are
//! documents, so that the same definitions run over parts of the records, on several threads or machines, and go on
//! where they stopped. [`Plan::panel`] makes the figures.
//!
//! ```
//! use quotaflow::calendar::{Calendar, DayRange, Grain};
//! use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
//! use quotaflow::measure::{Measure, Measures};
//! use quotaflow::metric::{Formula, Frame, MetricDef, Plan};
//! use quotaflow::panel::ColumnKey;
//! use quotaflow::quantity::{Quantum, Ratio};
//! use quotaflow::space::{Axis, DimensionDef, Space, Unassigned};
//! use rust_decimal::Decimal;
//!
//! let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo"])?])?;
//! let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
//! let kinds = vec![
//!     RecordKind::new("visit")?.of("person")?,
//!     RecordKind::new("order")?.of("person")?.measuring("sales", Need::Required)?,
//! ];
//! let span = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
//! let mut ledger = Ledger::new("crm", Schema::new(space, measures, kinds, span)?)?;
//! for day in ["2026-01-05", "2026-01-06", "2026-01-07"] {
//!     ledger.enter(&[Record::new("visit", day.parse()?).of("person", "ann")])?;
//! }
//! let sold = Record::new("order", "2026-01-07".parse()?).of("person", "ann").amount("sales", Decimal::new(1999, 2));
//! ledger.enter(&[sold])?;
//!
//! let metrics = [MetricDef::new("strike_rate", Formula::count("order")?.per_100(Formula::count("visit")?))?];
//! let subjects = ledger.schema().space().subjects(&Axis::new("person", "person")?, Unassigned::Hidden)?;
//! let months = Calendar::gregorian().periods(Grain::Month, span.start(), span.end())?;
//! let plan = Plan::compile(&metrics, &Frame::new(ledger.schema().clone(), subjects, months))?;
//! let panel = plan.panel(&plan.fold(&ledger)?)?;
//!
//! let rate = ColumnKey::actual("strike_rate")?;
//! assert_eq!(panel.answer(&rate, 0, 0)?.ratio(), Some(Ratio::new(100, 3)?));
//! assert_eq!(panel.answer(&rate, 1, 0)?.ratio(), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compile;
mod definition;
mod entities;
mod error;
mod evidence;
mod explain;
mod figures;
mod filter;
mod fingerprint;
mod fold;
mod gathered;
mod grid;
mod holding;
mod moment;
mod open;
mod pairs;
mod partial;
mod parts;
mod pass;
mod plan;
mod presence;
mod program;
mod sample;
mod series;
mod spread;
mod store;
mod subject;
mod threads;
mod touch;

pub use definition::{
    Age, Concentration, Condition, CreditUse, Empty, Entities, Entity, First, Formula, MetricDef,
    Placed, QuantileMethod, Relation, SameDay, Scope, Selection, Value, Valued, Window,
};
pub use error::MetricError;
pub use explain::{Derivation, Evidence, Explanation, LeftOut, Reason};
pub use fold::measure;
pub use partial::Partial;
pub use plan::{Frame, Plan};
