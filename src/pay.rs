//! Pay (薪酬): from figures and scores to amounts of money, exact in the smallest unit.
//!
//! Everything here is a proposal with its reason: a [`PaySlip`] shows each slice, base, multiplier, share and limit that
//! led to an amount, and nothing is booked.
//!
//! Start with [`PayPlan`], [`PayCurve`] and [`PaySlip`]:
//!
//! - [`PayPlan`]: elements that each turn a figure, an attainment or a score into money; [`budget`] says what a plan costs.
//! - [`PayCurve`]: on the whole, by slices (marginal rates), or as amounts.
//! - [`pay_columns`]: what plans pay, year after year, as a column of a panel.
//! - [`Draw`], [`Clawback`], [`split_pool`], [`CreditSplit`]: advances, taking back, pools and shared deals.
//!
//! ```
//! use quotaflow::band::BandDef;
//! use quotaflow::pay::{PayCurve, PayCurveDef};
//! use quotaflow::quantity::Ratio;
//! let tiers = vec![
//!     BandDef::new("(.., 10000)".parse()?, Ratio::percent(1)),
//!     BandDef::new("[10000, ..)".parse()?, Ratio::percent(3)),
//! ];
//! let (paid, slices) = PayCurve::new(PayCurveDef::Marginal(tiers))?.at(Ratio::from(15_000))?;
//! // 10,000 at 1 % and 5,000 at 3 %.
//! assert_eq!((paid, slices.len()), (Ratio::from(250), 2));
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod budget;
mod columns;
mod compare;
mod curve;
mod draw;
mod error;
mod pay_plan;
mod pool;
mod slip;

pub use budget::budget;
pub use columns::pay_columns;
pub use compare::{PayCompared, compare_pay};
pub use curve::{PayCurve, PayCurveDef, Slice};
pub use draw::{Clawback, Draw, DrawKind, PaidOn, Settlement};
pub use error::PayError;
pub use pay_plan::{Base, MultiplierDef, PayElementDef, PayPlan, PayPlanDef, PayUnknown};
pub use pool::{CreditSplit, split_pool};
pub use slip::{Cost, PaidElement, PaySlip, Payroll};
