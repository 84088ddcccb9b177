//! Statistics of panels: streaks, how results follow activity, targets that nearly everybody misses, and targets held against history.
//!
//! It answers how often and how long in a row a goal was met ([`streaks`]), how many periods later results follow activity
//! ([`lags_by_subject`], by the exact square of Pearson's correlation), and in which periods so many miss their target that
//! the target is suspect before the people ([`below_target`]), and what the own history says of a target before its period begins
//! ([`target_history_columns`]). Each reads a panel and has columns to add to it.
//!
//! Start with [`Streak`], [`LagScore`] and [`BelowTarget`].
//!
//! ```
//! use quotaflow::calendar::{Calendar, Grain};
//! use quotaflow::panel::{Column, ColumnKey, Panel};
//! use quotaflow::quantity::{Quantum, Ratio};
//! use quotaflow::space::Subjects;
//! use quotaflow::statistics::{Goal, Unanswered, below_target, lags, streaks};
//! let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-06-01".parse()?)?;
//! let mut panel = Panel::new(Subjects::whole(), months);
//! let visits = ColumnKey::actual("visits")?;
//! for (key, counts) in [(visits.clone(), vec![9, 10, 12, 7, 11]), (ColumnKey::target("visits")?, vec![10; 5])] {
//!     panel.add(Column::amounts(key, "count:visit".parse()?, Quantum::ONE, counts))?;
//! }
//! // Met in February, March and May.
//! let streak = streaks(&panel, &visits, Goal::Target, Unanswered::Passes)?[0];
//! assert_eq!((streak.met, streak.longest, streak.current), (3, 2, 1));
//! assert_eq!(below_target(&panel, &visits)?[0].below, 1);
//! // Orders are half of the visits of the month before.
//! let found = lags(&[10, 4, 8, 12, 2, 6], &[3, 5, 2, 4, 6, 1], 2)?;
//! assert_eq!(found[1].signed_square, Some(Ratio::ONE));
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod below_target;
mod correlation;
mod error;
mod lag;
mod streak;
mod target_history;

pub use below_target::{BelowTarget, below_target, below_target_columns};
pub use correlation::{LagScore, lags};
pub use error::StatisticsError;
pub use lag::{LagWindow, SubjectLag, lag_columns, lags_by_subject};
pub use streak::{Goal, Streak, Unanswered, rises, streak_columns, streaks};
pub use target_history::target_history_columns;
