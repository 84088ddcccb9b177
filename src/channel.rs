//! The channel: goods, prices, promotions, stock and customers between the company and who uses what it sells.
//!
//! It answers whose goods turned up in another territory (diversion, 窜货), which tier trades below what the tier above it
//! paid (price inversion, 价格倒挂), how a promotion was carried out and what broke its terms, which periods were stuffed at
//! their end (channel stuffing, 压货), and what is not known or not verified of a customer. Each takes plain facts or a
//! panel, says what it found with the evidence, and has columns to add to a panel where its figures are by subject and
//! period.
//!
//! Start with [`crossings`], [`inversions`] and [`Promotion`].
//!
//! ```
//! use quotaflow::channel::{Shipment, Sighting, crossings};
//! use quotaflow::key::Key;
//! let key = Key::new;
//! let sold = Shipment { trace: key("lot-7")?, territory: key("north")?, day: "2026-03-02".parse()?, volume: 100 };
//! let seen = |territory| -> Result<Sighting, quotaflow::Error> {
//!     Ok(Sighting { trace: key("lot-7")?, territory: key(territory)?, day: "2026-03-20".parse()?, volume: 10 })
//! };
//! let (sold, seen) = ([sold], [seen("north")?, seen("south")?]);
//! let report = crossings(&sold, &seen);
//! assert_eq!(report.foreign_share("north").map(|share| share.to_string()).as_deref(), Some("0.5"));
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod card;
mod crossing;
mod error;
mod inversion;
mod promotion;
mod stuffing;

pub use card::{CardGap, CardItem, CardStanding, CustomerCard, CustomerCardDef, Verification};
pub use crossing::{CrossingReport, Origin, Shipment, Sighting, Tracing, crossings};
pub use error::ChannelError;
pub use inversion::{Inversion, PriceSeen, inversion_columns, inversions};
pub use promotion::{Breach, BreachKind, Execution, Promotion, Terms, TerritoryExecution};
pub use stuffing::{PeriodEnd, period_end_columns};
