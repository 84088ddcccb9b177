//! Statistics of panels: streaks, how results follow activity, and targets that nearly everybody misses.
//!
//! It answers how often and how long in a row a goal was met ([`streaks`]), how many periods later results follow activity
//! ([`lags_by_subject`], by the exact square of Pearson's correlation), and in which periods so many miss their target that
//! the target is suspect before the people ([`below_target`]). Each reads a panel and has columns to add to it.
//!
//! Start with [`Streak`], [`LagScore`] and [`BelowTarget`].
//!
//! ```
//! use quotaflow::quantity::Ratio;
//! use quotaflow::statistics::lags;
//! // Orders are half of the visits of the month before.
//! let (visits, orders) = ([10, 4, 8, 12, 2, 6], [3, 5, 2, 4, 6, 1]);
//! let found = lags(&visits, &orders, 2)?;
//! assert_eq!(found[1].signed_square, Some(Ratio::ONE));
//! assert!(found[0].signed_square < found[1].signed_square);
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod correlation;
mod error;
mod lag;
mod peers;
mod streak;

pub use correlation::{LagScore, lags};
pub use error::StatisticsError;
pub use lag::{LagWindow, SubjectLag, lag_columns, lags_by_subject};
pub use peers::{BelowTarget, below_target, below_target_columns};
pub use streak::{Goal, Streak, Unanswered, rises, streak_columns, streaks};
