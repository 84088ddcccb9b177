//! Who and where: dimensions, their members, the hierarchies over them, and subjects.
//!
//! A [`Dimension`] is a list of members (people, territories, products, customers), each at one level, with one or more
//! hierarchies over the same leaves. A member's parent may change over time. Every dimension has the explicit member
//! [`UNASSIGNED`], to which belongs whatever belongs to nobody, so that totals never leak.
//!
//! Membership is resolved to a [`Placement`] as of a day: a record that enters with a salesperson and a date carries the
//! place where the person stood on that day, whatever happens later.
//!
//! Start with [`DimensionDef`], [`Space`] and [`Subjects`]; rows of a sheet become a dimension by [`OutlineDef`].
//!
//! ```
//! use quotaflow::space::{Axis, DimensionDef, Space, Unassigned};
//! // Ann moves from the north to the south on 1 July.
//! let july = Some("2026-07-01".parse()?);
//! let people = DimensionDef::new("person", &["team", "person"])?
//!     .member("team", "north")?
//!     .member("team", "south")?
//!     .member("person", "ann")?
//!     .link("person", "ann", "north", None, july)?
//!     .link("person", "ann", "south", july, None)?;
//! let space = Space::new(vec![people])?;
//! let tree = space.dimension("person")?.tree("person")?;
//! assert_eq!(tree.parent_key("ann", "2026-06-30".parse()?).map(|team| team.as_str()), Some("north"));
//! assert_eq!(tree.parent_key("ann", "2026-07-01".parse()?).map(|team| team.as_str()), Some("south"));
//! let teams = space.subjects(&Axis::new("person", "team")?, Unassigned::Shown)?;
//! assert_eq!(teams.len(), 3); // north, south and unassigned
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod axis;
mod bridge;
mod definition;
mod dimension;
mod error;
mod outline;
mod post;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod space;
mod subject;
mod tree;

pub use axis::Axis;
pub use definition::{DimensionDef, HierarchyDef, LinkDef, MemberDef};
pub use dimension::{Dimension, LevelId, MemberId, Placement, UNASSIGNED};
pub use error::SpaceError;
pub use outline::{
    Altered, Gaps, NumberColumn, Outline, OutlineCause, OutlineDef, OutlineError, OutlineMistake,
    SameName,
};
pub use post::{Posts, PostsDef, Tenure, TenureDef};
pub(crate) use post::{check as check_tenures, on};
pub use space::{DimensionId, Space, Unassigned};
pub use subject::{RowId, Subjects};
pub use tree::{Bridge, Tree, TreeRows};
