//! Scorecards (考核): from figures to points, grades and consequences.
//!
//! A card reads a [`Panel`](crate::panel::Panel) and nothing else, so that a host can have its own figures judged. Scores
//! decide pay and careers: they are exact, each can be explained down to the figures, and a scheme with holes cannot be
//! built. Bands that leave 89 to 90 undefined, an edge that belongs to two rows, weights that make 99 %, a limit that is
//! kept and worth nothing at once: all of these are errors of construction ([`ScorecardError`]).
//!
//! - [`Curve`], [`Grid`]: from an attainment to points; what they do is proven when they are made.
//! - [`KpiDef`]: what is looked at, what it is compared with, the curve, the rounding, and what a missing number means.
//! - [`ScorecardDef`], [`Scorecard`]: groups, weights, items, gates, vetoes, grades; [`Scores`] of a whole panel.
//! - [`Breakdown`]: the tree from a total to the figures, as data that can be replayed; [`Templates`] make text of it.
//! - [`Consolidation`], [`rolled_by`]: from persons to teams, from months to the year; [`ForcedDistribution`], [`Calibration`].
//! - [`Consequences`]: what is proposed for a score beside pay, and what became of it.
//! - [`Scorecard::health`], [`Scorecard::alignment`], [`Scorecard::waiting`], [`across`], [`compare_cards`]: whether the scheme
//!   itself is sound.
//!
//! Start with [`ScorecardDef`], [`Scorecard`] and [`Scores`].
//!
//! ```
//! use quotaflow::calendar::{Calendar, Grain};
//! use quotaflow::panel::{Column, ColumnKey, Panel};
//! use quotaflow::quantity::{Quantum, Ratio};
//! use quotaflow::scorecard::{Benchmark, CurveDef, InputDef, KpiDef, Scorecard, ScorecardDef};
//! use quotaflow::space::Subjects;
//! let march = Calendar::gregorian().periods(Grain::Month, "2026-03-01".parse()?, "2026-04-01".parse()?)?;
//! let mut panel = Panel::new(Subjects::whole(), march);
//! for (key, units) in [(ColumnKey::target("visits")?, 40), (ColumnKey::actual("visits")?, 36)] {
//!     panel.add(Column::amounts(key, "count:visit".parse()?, Quantum::ONE, vec![units]))?;
//! }
//! let curve = CurveDef::through([("0.6", "0"), ("1", "100")])?;
//! let visits = KpiDef::new("visits", InputDef::rate(ColumnKey::actual("visits")?, Benchmark::Plan), curve)?;
//! let def = ScorecardDef::new("activity")?.group("activity", Ratio::ONE, vec![visits.weigh(Ratio::ONE)])?;
//! panel.extend(Scorecard::compile(def)?.columns(ColumnKey::actual("score")?))?;
//! assert_eq!(panel.get("score", [""; 0], "2026-03")?.ratio(), Ok(Ratio::from(75))); // 90 % attained
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod binding;
pub(crate) mod calibration;
mod compare;
mod consequence;
pub(crate) mod curve;
mod distribution;
mod error;
mod explain;
mod grade;
mod grid;
mod health;
mod input;
mod judge;
mod kernel;
mod kpi;
pub(crate) mod level;
mod precision;
mod rank;
mod rollup;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
pub(crate) mod scorecard;
mod scores;
mod table;
mod text;
mod trend;
mod veto;

pub use calibration::{Calibrated, Calibration};
pub use compare::{CardsCompared, Compared, compare_cards};
pub use consequence::{
    Act, ConsequenceDef, ConsequenceKind, Consequences, ConsequencesDef, FollowUp, Grounds,
    Outstanding, Proposal, TestDef,
};
pub use curve::{
    Cliff, Curve, CurveDef, Jump, Knot, Monotone, Outside, PartialUnit, PerUnit, Shape,
};
pub use distribution::{Boundary, Distributed, ForcedDistribution, GradeCount, GradeQuota};
pub use error::ScorecardError;
pub use explain::{Breakdown, GroupPart, InputPart, KpiPart, LimitPart};
pub use grade::Light;
pub use grid::{Grid, GridDef};
pub use health::{
    Finding, FindingLevel, HealthLimits, across, count_findings, fairness, gain_by_waiting,
};
pub use input::{Attainment, Benchmark, InputDef, Lookback, Peers, Readings, ZeroTarget, attain};
pub use kpi::{KpiDef, ScaleDef, Unknown, UnknownDef};
pub use precision::Precision;
pub use rank::{PercentileRule, TieRule, percentiles, rank};
pub use rollup::{Adding, Consolidation, MissingChild, rolled, rolled_by};
pub use scorecard::{GroupDef, Scorecard, ScorecardDef};
pub use scores::Scores;
pub use text::{Phrase, Templates};
pub use trend::improvement;
pub use veto::{ConditionDef, GateDef, Gated, Observed, Presumed, VetoDef};
