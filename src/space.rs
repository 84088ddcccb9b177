//! Who and where: dimensions, their members, the hierarchies over them, and subjects.
//!
//! A [`Dimension`] is a list of members (people, territories, products, customers), each at one level, with one or more
//! hierarchies over the same leaves. A member's parent may change over time. Every dimension has the explicit member
//! [`UNASSIGNED`], to which belongs whatever belongs to nobody, so that totals never leak.
//!
//! Membership is resolved to a [`Placement`] as of a day: a record that enters with a salesperson and a date carries the
//! place where the person stood on that day, whatever happens later.

mod bridge;
mod definition;
mod dimension;
mod error;
mod post;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod space;
mod subject;
mod tree;

pub use definition::{DimensionDef, HierarchyDef, LinkDef, MemberDef};
pub use dimension::{Dimension, LevelId, MemberId, Placement};
pub use error::SpaceError;
pub use post::{Holder, PostStretch, Posts, PostsDef, Tenure, TenureDef};
pub use space::{DimensionId, Space, Unassigned};
pub use subject::{Axis, RowId, Subjects};
pub use tree::{Bridge, Tree, TreeRows};

/// The key of the member to which belongs what belongs to nobody.
pub const UNASSIGNED: &str = "unassigned";
