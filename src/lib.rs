//! Sales execution management: run sales by its process instead of by its results.
//!
//! Targets are cascaded exactly; activity, stages, duties and workflows are measured; people and teams are scored;
//! exceptions are raised while there is still time; the plan is corrected. The crate computes; the host stores,
//! schedules and displays.
//!
//! # First example
//!
//! A million in cents over three people and twelve months: every sum holds, and any cell says where it came from.
//!
//! ```
//! use quotaflow::calendar::{Calendar, DayRange, Grain};
//! use quotaflow::measure::{Measure, Measures};
//! use quotaflow::plan::{Cascade, CascadeDef, Sources, StepDef};
//! use quotaflow::quantity::Quantum;
//! use quotaflow::space::{DimensionDef, Space};
//!
//! let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
//! let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo", "cai"])?])?;
//! let calendar = Calendar::gregorian();
//! let sources = Sources::new(&measures, &space).calendar(&calendar);
//! let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
//! let recipe = CascadeDef::new("sales-2026".try_into()?, "sales".try_into()?, year)
//!     .step(StepDef::member("person", "person")?)
//!     .step(StepDef::grain(Grain::Month));
//! let plan = Cascade::compile(recipe, &sources)?.run("1000000.00".parse()?)?;
//! assert_eq!(plan.get("sales", ["bo"], "2026-05")?.to_string(), "27777.78 EUR");
//! let may = plan.frame().find(&["bo", "2026-05"])?;
//! assert_eq!(plan.explain("sales", may)?.splits.len(), 2);
//! assert!(plan.verify().is_empty());
//! # Ok::<(), quotaflow::Error>(())
//! ```
//!
//! # The modules, in reading order
//!
//! 1. [`key`], [`document`], [`fingerprint`], [`limits`], [`quantity`]: names, written forms and their versions and short names, how
//!    much a host allows, exact numbers.
//! 2. [`measure`], [`space`], [`calendar`], [`text`]: what is planned or measured; who and where; when; and texts in any language.
//! 3. [`allocation`], [`margins`], [`assignment`]: splitting amounts exactly over one set of shares or over several margins, and
//!    matching at the least cost; they know no sales.
//! 4. [`plan`]: targets, and [`charter`]: what makes them a plan. [`ledger`]: records of what happened. [`metric`]: figures from records.
//! 5. [`panel`]: the meeting place of figures, targets and expectations, in typed columns.
//! 6. [`pace`], [`funnel`], [`duty`], [`process`], [`channel`], [`statistics`]: progress and forecast, stages, obligations,
//!    workflows, goods and prices on their way to the customer, streaks and lags of panels.
//! 7. [`scorecard`], [`rating`], [`pay`], [`rule`], [`alert`] and [`control`]: judging the panel, and nothing but the panel;
//!    [`band`]: a label for every number.
//! 8. [`catalog`], [`review`], [`scenario`]: ready-made definitions, the loop, and one document for all of it.
//! 9. [`model`], [`journal`], [`view`]: a company that moves: its definitions, what happened to it day by day, and what a day said.
//!
//! # Guarantees
//!
//! - **Exact**: amounts are whole counts of a [`quantity::Quantum`], shares are [`quantity::Ratio`]s. Sums hold in every
//!   hierarchy after rounding. What leaves its range is an error or a [`panel::Reason`], never a wrapped number.
//! - **Pure**: no I/O, no clock, no global state; time is an argument. The same input gives the same bytes.
//! - **Total**: no panic on any document, record or id; every error says what, where and which bound.
//! - **Explained**: every number that a person may dispute returns its derivation as data.
//! - **Missing is not zero**: an answer may be a reason instead of a number, and logic over it is three-valued.
//!
//! # Scope and features
//!
//! What is here needs `serde`, `rust_decimal`, `chrono` (without its clock), `thiserror` and `winnow`. Two cargo features are off unless they
//! are asked for: `rayon` folds records on the threads of the host's pool (`metric::Program::fold_in_pool`), and `testing` brings
//! random companies and the laws to which a host's own planner can be held.
//! All public types are `Send + Sync`; nothing needs an operating system.

#![warn(unreachable_pub)]
#![warn(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable
)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod alert;
pub mod allocation;
pub mod assignment;
pub mod band;
pub mod calendar;
pub mod catalog;
pub mod channel;
pub mod charter;
pub mod control;
pub mod document;
pub mod duty;
mod error;
pub mod fingerprint;
pub mod funnel;
pub mod journal;
pub mod key;
pub mod ledger;
pub mod limits;
pub mod margins;
pub mod measure;
pub mod metric;
pub mod model;
pub mod pace;
pub mod panel;
pub mod pay;
pub mod plan;
pub mod process;
pub mod quantity;
pub mod rating;
pub mod review;
pub mod rule;
pub mod scenario;
pub mod scorecard;
pub mod space;
pub mod statistics;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod view;

pub use error::{Error, ErrorKind, Fault};

/// The first example of the README, kept compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
