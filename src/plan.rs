//! Targets over a space: a total cascaded to every member and period, exactly.
//!
//! A [`CascadeDef`] says in which order a total is split (by any levels of any dimensions, and by any periods) and by
//! which basis at each step. Compiled against its [`Sources`] it is a [`Cascade`], which turns totals into [`Plan`]s. A plan
//! is sparse: it has nodes for the combinations that exist, and nothing for the others.
//!
//! Every sum holds exactly: the children of a node add up to what it hands down, and leaves roll up over every hierarchy
//! of every dimension and over every set of periods. [`Plan::verify`] proves it, [`Plan::explain`] says where a number
//! came from.
//!
//! Flows are split over members and over periods. A stock is split over members and follows a path over time, from what it
//! was before the first period to its amount in the last. A rating is set for everybody and rolls up as a weighted mean. A
//! ratio is planned through its two parts; a [`RatioRuleDef`] says which of the three gives way when another is changed.
//!
//! Start with [`CascadeDef`], [`Cascade`] and [`Plan`].
//!
//! ```
//! use quotaflow::calendar::{Calendar, DayRange, Grain};
//! use quotaflow::measure::{Measure, Measures};
//! use quotaflow::plan::{Cascade, CascadeDef, Sources, StepDef};
//! use quotaflow::quantity::Quantum;
//! use quotaflow::space::{DimensionDef, Space};
//! let measures = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
//! let space = Space::new(vec![DimensionDef::flat("person", "person", ["ann", "bo", "cai"])?])?;
//! let calendar = Calendar::gregorian();
//! let year = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
//! let recipe = CascadeDef::new("sales-2026".try_into()?, "sales".try_into()?, year)
//!     .step(StepDef::member("person", "person")?)
//!     .step(StepDef::grain(Grain::Month));
//! let plan = Cascade::compile(recipe, &Sources::new(&measures, &space).calendar(&calendar))?.run(1000000.into())?;
//! assert_eq!(plan.get("sales", ["bo"], "2026-05")?.to_string(), "27777.78 EUR");
//! # Ok::<(), quotaflow::Error>(())
//! ```
//!
//! A [`Reconciliation`] brings a bottom-up draft and a top-down number together; a
//! [`CharterDef`](crate::charter::CharterDef) is what makes numbers a plan.

mod along;
mod amounts;
mod applied;
mod basis;
mod bounds;
mod cap_limit;
mod carried_gap;
mod carry;
mod carry_forward;
mod cascade;
mod change;
mod change_summary;
mod conditions;
mod curve;
mod days;
mod edit;
mod error;
mod explain;
mod factors;
#[cfg(test)]
pub(crate) mod fixture;
mod frame;
mod gate;
mod handovers;
mod hold;
mod least_change;
mod link;
mod loaded;
mod lock_conflict;
mod look_up;
mod lots;
mod moved;
mod node_limit;
mod origin;
mod over_assignment;
mod patch;
mod pattern;
mod place;
#[allow(
    clippy::module_inception,
    reason = "the main type of a room stands in a file of its name"
)]
mod plan;
mod plan_sheet;
mod prescribed;
mod proposed_carry;
mod proposed_reallocation;
mod proration;
mod quotient;
mod rating;
mod ratio;
mod ratio_edit;
mod ratio_rule;
mod reached;
mod reallocation;
mod recipe;
mod reconciliation;
mod reconciling;
mod reference;
mod replaced;
mod respread;
mod rollup;
mod saved;
mod sequence;
mod sheet;
mod source;
mod step;
mod stock;
mod stretch;
mod touched;
mod undo;
mod verbs;
mod verify;
mod version;
mod warning;

pub use applied::{Applied, AppliedPolicy};
pub use cap_limit::CapLimit;
pub use carried_gap::{CarriedGap, CarryLimit, WhyLimited};
pub use carry::Carry;
pub use carry_forward::{CarryForward, CarryRest, GapSides, PastTargets, ReachedAmount, Taker};
pub use cascade::Cascade;
pub use change::{
    Change, Edit, GrowthOf, HoldEdit, HoldWhat, Mode, RepeatCells, Spread, Verb, ZeroBase,
};
pub use change_summary::ChangeSummary;
pub use conditions::{BoundDef, OpeningDef, TotalDef};
pub use curve::{DayCurve, Structure};
pub use error::{AskedAmount, BasisError, ConstraintError, EditError, PlanError};
pub use explain::{AssignedShare, Move, Provenance, SplitReason};
pub use frame::{Frame, NodeId};
pub use least_change::{LeastChange, ProposedAmount, WhyAmount};
pub use loaded::{MovedTarget, Replanned};
pub use lock_conflict::LockConflict;
pub use node_limit::NodeLimit;
pub use over_assignment::{FactorDef, Layer, ManagersFrom, OverAssignmentDef};
pub use pattern::Pattern;
pub use place::{Path, Place};
pub use plan::Plan;
pub use plan_sheet::{
    PlanSheet, SheetCause, SheetChange, SheetDef, SheetError, SheetMistake, SheetRow,
};
pub use proposed_carry::ProposedCarry;
pub use proposed_reallocation::{
    NodeRole, ParentRoom, ProposedReallocation, ReallocatedNode, RoomVerdict,
};
pub use proration::Proration;
pub use ratio_edit::{GivesWay, RatioEdit};
pub use ratio_rule::{RatioRuleDef, Yielding};
pub use reallocation::{Clash, LockDef, Reallocation, ReallocationVerb, Take};
pub use recipe::{
    ActivityDef, BasisDef, BlendPart, CascadeDef, CountedDays, DepthDef, EligibilityGate,
    EmptyLevel, GatedShare, GivenDef, GivenWeight, GrownDef, GrowthDef, LotDef, MissingMember,
    SeasonDef, SplitDef, StepDef, TablePeriods, TableUse,
};
pub use reconciliation::{Gap, MoveDef, Reconciliation, RoundDef, Side};
pub use reconciling::{Easing, Reconciling};
pub use reference::Reference;
pub use rollup::PlanTotals;
pub use saved::SavedPlan;
pub use source::{MissingFigure, Sources, Table};
pub use stretch::{Offset, Stretch, StretchCell, StretchEdit, StretchProvenance};
pub use verbs::{
    Absence, Balance, Goes, Handed, Joining, Leaving, Merging, Moving, NewMember, SplitPart,
    Splitting, Swapping,
};
pub use verify::{Discrepancy, Law};
pub use version::{CascadeRecord, Difference, PlanRecord};
pub use warning::{TableFit, Warning};

use sheet::Sheet;
