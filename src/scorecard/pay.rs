//! Pay: from figures and scores to amounts of money, exact in the smallest unit.
//!
//! Everything here is a proposal with its reason: a [`PaySlip`] shows each slice, base, multiplier, share and limit that
//! led to an amount, and nothing is booked.

mod budget;
mod curve;
mod draw;
mod plan;
mod pool;
mod slip;

pub use budget::budget;
pub use curve::{PayCurve, PayCurveDef, Slice};
pub use draw::{Clawback, Draw, DrawKind, Settlement};
pub use plan::{Base, MultiplierDef, PayElementDef, PayPlan, PayPlanDef, PayUnknown};
pub use pool::{CreditSplit, split_pool};
pub use slip::{Cost, PaidElement, PaySlip, Payroll};
