//! Scorecards (考核): from figures to points, grades and consequences.
//!
//! A card reads a [`Panel`](crate::panel::Panel) and nothing else, so that a host can have its own figures judged. Scores
//! decide pay and careers: they are exact, each can be explained down to the figures, and a scheme with holes cannot be
//! built. Bands that leave 89 to 90 undefined, an edge that belongs to two rows, weights that make 99 %, a limit that is
//! kept and worth nothing at once: all of these are errors of construction ([`ScorecardError`]).
//!
//! - [`Curve`], [`Bands`], [`Grid`]: from an attainment to points; what they do is proven when they are made.
//! - [`KpiDef`]: what is looked at, what it is compared with, the curve, the rounding, and what a missing number means.
//! - [`ScorecardDef`], [`Scorecard`]: groups, weights, items, gates, vetoes, grades; [`Scores`] of a whole panel.
//! - [`Explanation`]: the tree from a total to the figures, as data that can be replayed; [`Templates`] make text of it.
//! - [`RollUp`], [`rolled_by`]: from persons to teams, from months to the year; [`ForcedDistribution`], [`Calibration`].
//! - [`PayPlan`], [`split_pool`], [`Draw`], [`budget`]: what is paid, and what a scheme costs before anything has happened;
//!   [`Consequences`]: what else is proposed, and what became of it.
//! - [`Scorecard::health`], [`Scorecard::alignment`], [`Scorecard::waiting`], [`across`], [`back_test`]: whether the scheme
//!   itself is sound.

mod backtest;
mod band;
mod binding;
mod calibration;
mod card;
mod consequence;
mod curve;
mod distribution;
mod error;
mod explain;
mod grade;
mod grid;
mod health;
mod input;
mod interval;
mod judge;
mod kernel;
mod kpi;
mod level;
mod pay;
mod precision;
mod rank;
mod rollup;
mod rubric;
mod scores;
mod table;
mod text;
mod trend;
mod veto;

pub use backtest::{BackTest, Compared, PayCompared, back_test, compare_pay};
pub use band::{BandDef, Bands};
pub use calibration::{Calibrated, Calibration};
pub use card::{GroupDef, Scorecard, ScorecardDef};
pub use consequence::{
    Act, ConsequenceDef, ConsequenceKind, Consequences, ConsequencesDef, Evidence, FollowUp,
    Proposal, Standing, TestDef,
};
pub use curve::{Cliff, Curve, CurveDef, Jump, Knot, Monotone, Outside, Part, PerUnit, Shape};
pub use distribution::{Boundary, Distributed, ForcedDistribution, QuotaDef};
pub use error::ScorecardError;
pub use explain::{Explanation, GroupPart, InputPart, KpiPart, LimitPart};
pub use grade::{Light, Quadrant, quadrant};
pub use grid::{Grid, GridDef};
pub use health::{
    Finding, FindingLevel, HealthLimits, across, count_findings, fairness, gain_by_waiting,
};
pub use input::{Attainment, InputDef, Peers, Reading, Readings, Reference, Window, attain};
pub use interval::{Interval, Owner};
pub use kpi::{KpiDef, ScaleDef, Unknown, UnknownDef};
pub use pay::{
    Base, Clawback, Cost, CreditSplit, Draw, DrawKind, MultiplierDef, PaidElement, PayCurve,
    PayCurveDef, PayElementDef, PayPlan, PayPlanDef, PaySlip, PayUnknown, Payroll, Settlement,
    Slice, budget, split_pool,
};
pub use precision::Precision;
pub use rank::{PercentileRule, TieRule, percentiles, rank};
pub use rollup::{Adding, MissingChild, RollUp, rolled, rolled_by};
pub use rubric::{LevelDef, Rated, Rating, Relation, RelationDef, Rubric, RubricDef};
pub use scores::Scores;
pub use text::{Phrase, Templates};
pub use trend::improvement;
pub use veto::{ConditionDef, GateDef, Operand, Scope, VetoDef, WhenUnknown};
