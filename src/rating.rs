//! Ratings (评分): qualities that nobody counts, judged by people on a rubric.
//!
//! A rubric has levels that a rater can point to, and says how much the ratings of superiors, peers, subordinates, customers
//! and oneself weigh (multi-source or 360-degree feedback). What comes out is exact and stands in a panel as a column, which
//! scorecards read like any other figure.
//!
//! Start with [`Rubric`], [`Rating`] and [`Rated`]:
//!
//! - [`Rubric`]: levels, weights, trimming of outliers, correction of lenient and strict raters.
//! - [`Rating`]: one rater, one subject, one level.
//! - [`Rated`]: the points of a subject, and how far its raters agree.
//!
//! ```
//! use quotaflow::key::Key;
//! use quotaflow::quantity::Ratio;
//! use quotaflow::space::{Axis, Subjects};
//! use quotaflow::rating::{Rating, RaterGroup, Rubric, RubricDef};
//! let rubric = Rubric::new(
//!     RubricDef::new("teamwork")?
//!         .levels([("poor", "40"), ("fair", "60"), ("good", "80")])?
//!         .weigh(RaterGroup::Superior, Ratio::percent(60))
//!         .weigh(RaterGroup::Peer, Ratio::percent(40)),
//! )?;
//! let people = Subjects::new(Axis::new("person", "person")?, vec![Key::new("ann")?])?;
//! let rating = |rater, relation, level| Rating::new(["ann"], rater, relation, level);
//! let ratings = [rating("boss", RaterGroup::Superior, "good")?, rating("bo", RaterGroup::Peer, "poor")?];
//! let rated = rubric.rate(&people, &ratings)?;
//! // 0.6 x 80 + 0.4 x 40.
//! assert_eq!(rated[0].points, Ok(Ratio::from(64)));
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod error;
mod rater_group;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod rating;
mod rubric;

pub use error::RatingError;
pub use rater_group::RaterGroup;
pub use rating::Rating;
pub use rubric::{LevelDef, Rated, RaterWeight, Rubric, RubricDef};
