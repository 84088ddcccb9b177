//! Exceptions: rules over a panel, checked before they are used, that explain what they raise.
//!
//! A [`RuleDef`] is data: a [`Condition`] with its scope, severity, persistence and texts. A [`RuleSet`] compiles rules
//! against the columns of a panel and evaluates all its subjects; what it finds are [`Alert`]s, each of which can be
//! explained down to the cells of the panel.
//!
//! Start with [`RuleDef`] (a rule as data), [`RuleSet`] (rules that were compiled for a panel) and [`Alert`] (what one of them
//! found). [`check`](mod@check) looks for what is odd about rules before they are used, [`alert`](crate::alert) follows what they
//! find from day to day.
//!
//! Logic is three-valued ([`Truth`]): a number that is missing makes a comparison unknown, never false, and every rule
//! says what unknown means for it ([`WhenUnknown`]). Comparisons are exact: a quotient is not divided, both sides are
//! multiplied.
//!
//! ```
//! use quotaflow::calendar::{Calendar, Grain};
//! use quotaflow::panel::{Column, ColumnKey, Panel};
//! use quotaflow::quantity::Quantum;
//! use quotaflow::rule::{RuleDef, RuleSet};
//! use quotaflow::space::{Axis, Subjects};
//! use quotaflow::text::{Lang, Locale};
//! let people = Subjects::new(Axis::new("person", "person")?, vec!["ann".try_into()?, "bo".try_into()?])?;
//! let march = Calendar::gregorian().periods(Grain::Month, "2026-03-01".parse()?, "2026-04-01".parse()?)?;
//! let mut panel = Panel::new(people, march);
//! panel.add(Column::amounts(ColumnKey::actual("visits")?, "count:visit".parse()?, Quantum::ONE, vec![48, 31]))?;
//! let few = RuleDef::new("few visits", "visits < 40".parse()?)?.saying(Lang::EN, "{subject} made {visits} visits");
//! let rules = RuleSet::compile([few], &panel)?;
//! let alerts = rules.evaluate(&panel, panel.periods().id("2026-03")?)?;
//! assert_eq!(alerts[0].explain(&rules, &panel)?.message(&Locale::EN), "bo made 31 visits");
//! # Ok::<(), quotaflow::Error>(())
//! ```

pub mod backtest;
mod began;
pub mod check;
mod columns;
mod compile;
mod condition;
mod contributor;
mod control;
mod cross;
mod error;
mod evaluate;
mod explain;
mod fraction;
mod life;
mod message;
mod node;
mod operand;
mod pack;
mod peers;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod rule;
mod scan;
mod scope;
mod set;
mod severity;
mod silence;
mod span;
mod supplied;
mod supply;
mod tally;
mod term;
mod text;
mod truth;
mod unit;
mod watch;
mod windows;

pub(crate) use columns::{BLOCK, Bits, Block, LANES};
pub use condition::{
    AtLeast, Between, Comparison, Condition, Consecutive, Is, Silence, StateTest, SubjectTest,
    Trend, Way, Within,
};
pub use contributor::{AmongPeers, Contribution, SubjectShare};
pub use control::Control;
pub use error::RuleError;
pub use evaluate::{Alert, Judge, Verdict};
pub use explain::{Evaluated, Evidence, Explanation, Input};
pub use life::{Flapping, Keep, Life, Rung};
pub use operand::{Constant, Operand, Previous, Quiet, QuietTime, Quotient, Scaled, TrailingMean};
pub use pack::{Override, OverrideFinding, Overrides, RulePack};
pub use rule::{Contributors, Deviation, Grade, Grading, Persistence, RuleDef, WhenUnknown};
pub use scan::Verdicts;
pub use scope::{Exemption, Scope};
pub(crate) use set::Rule;
pub use set::RuleSet;
pub use severity::Severity;
pub use silence::{Elapsed, NoEventYet, silence};
pub use span::Span;
pub(crate) use supplied::supplied;
pub use supply::Supply;
pub use text::TextError;
pub use truth::{Truth, WhyUnknown};
pub(crate) use watch::Answers;
