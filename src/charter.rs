//! What makes numbers a plan: the ten parts of a sales plan, written down and checked one by one.
//!
//! A plan of sales says where things stand, how much is to be sold and what it may cost, where and by when, how, by whom,
//! through which steps, and how process and results are watched. [`Part`] names the ten; a [`CharterDef`] is the charter of
//! a plan, whose parts name the measures, the dimension and the day that [`CharterDef::lacks`] looks up in the
//! [`Plan`](crate::plan::Plan); a [`WrittenPart`] is one part in somebody's own words, as people hand them in every month,
//! and [`lacks`] reads a list of them.
//!
//! Start with [`Part`], [`CharterDef`] and [`WrittenPart`].
//!
//! ```
//! use quotaflow::charter::{LackOf, Part, WrittenPart, completeness, lacks};
//! use std::collections::BTreeMap;
//! let part = |text: &str| WrittenPart { text: text.to_owned(), ..WrittenPart::default() };
//! let mut plan: BTreeMap<_, _> = Part::ALL.map(|name| (name, part("as agreed"))).into();
//! plan.remove(&Part::Strategy);
//! let lacks = lacks(&plan);
//! assert_eq!((lacks[0].part, &lacks[0].what), (Part::Volume, &LackOf::NoOwner));
//! assert!(lacks.iter().any(|lack| lack.part == Part::Strategy && lack.what == LackOf::Missing));
//! assert_eq!(completeness(&lacks), "0.4".parse()?);
//! # Ok::<(), quotaflow::quantity::QuantityError>(())
//! ```

#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod charter;
mod part;

pub use charter::{ActionDef, CharterDef, PostDef};
pub use part::{Lack, LackOf, Part, WrittenPart, completeness, lacks};
