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
mod post;
mod subject;
mod tree;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::key::{Key, KeyError, Known, hint, unknown};
use crate::limits::LimitError;
use crate::quantity::Ratio;

pub use definition::{DimensionDef, HierarchyDef, LinkDef, MemberDef};
pub use dimension::{Dimension, LevelId, MemberId, Placement};
pub use post::{Holder, PostStretch, Posts, PostsDef, Tenure, TenureDef};
pub use subject::{Axis, RowId, Subjects};
pub use tree::{Bridge, Tree, TreeRows};

/// The key of the member to which belongs what belongs to nobody.
pub const UNASSIGNED: &str = "unassigned";

/// The number of a dimension in its [`Space`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DimensionId(u16);

impl DimensionId {
    /// Returns the position in declared order.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A checked list of dimensions.
///
/// ```
/// use quotaflow::space::{DimensionDef, Space};
/// let person = DimensionDef::flat("person", "person", ["ann", "bo"])?;
/// let space = Space::new(vec![person])?;
/// let dimension = space.dimension("person")?;
/// assert_eq!(dimension.members("person")?.count(), 2);
/// assert!(space.dimension("persons").unwrap_err().to_string().contains("did you mean `person`?"));
/// # Ok::<(), quotaflow::space::SpaceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<DimensionDef>", into = "Vec<DimensionDef>")]
pub struct Space {
    dimensions: Vec<Dimension>,
    by_key: BTreeMap<Key, DimensionId>,
}

impl Space {
    /// The most dimensions in a space.
    pub const MAX_DIMENSIONS: usize = 64;

    /// Checks and compiles the definitions, in their order.
    ///
    /// # Errors
    /// Any [`SpaceError`]; each names the dimension and the place in it.
    pub fn new(definitions: Vec<DimensionDef>) -> Result<Self, SpaceError> {
        if definitions.len() > Self::MAX_DIMENSIONS {
            return Err(SpaceError::TooMany {
                what: "dimensions",
                count: definitions.len(),
                limit: Self::MAX_DIMENSIONS,
            });
        }
        let mut by_key = BTreeMap::new();
        let mut dimensions = Vec::with_capacity(definitions.len());
        for (index, definition) in (0_u16..).zip(definitions) {
            if by_key
                .insert(definition.key.clone(), DimensionId(index))
                .is_some()
            {
                return Err(SpaceError::DuplicateDimension {
                    dimension: definition.key,
                });
            }
            dimensions.push(Dimension::new(definition)?);
        }
        Ok(Self { dimensions, by_key })
    }

    /// Returns the dimension with this key.
    ///
    /// # Errors
    /// [`SpaceError::UnknownDimension`] with the nearest known key.
    pub fn dimension(&self, key: &str) -> Result<&Dimension, SpaceError> {
        Ok(self.own(self.id(key)?))
    }

    /// Returns the number of the dimension with this key.
    ///
    /// # Errors
    /// [`SpaceError::UnknownDimension`] with the nearest known key.
    pub fn id(&self, key: &str) -> Result<DimensionId, SpaceError> {
        self.by_key.get(key).copied().ok_or_else(|| {
            let (name, nearest, known) = unknown(key, self.by_key.keys().map(Key::as_str));
            SpaceError::UnknownDimension {
                name,
                nearest,
                known,
            }
        })
    }

    /// Returns the dimension of this number, or `None` beyond the last one.
    #[must_use]
    pub fn get(&self, id: DimensionId) -> Option<&Dimension> {
        self.dimensions.get(id.index())
    }

    /// The dimension of a number that this space gave.
    pub(crate) fn own(&self, id: DimensionId) -> &Dimension {
        &self.dimensions[id.index()]
    }

    /// Returns the dimensions in declared order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Dimension> {
        self.dimensions.iter()
    }

    /// Returns the subjects of one level of one dimension, in declared order.
    ///
    /// With `unassigned`, the member to which belongs what belongs to nobody comes last, so that the subjects together
    /// hold every record.
    ///
    /// # Errors
    /// [`SpaceError::UnknownDimension`], [`SpaceError::UnknownLevel`].
    pub fn subjects(&self, axis: &Axis, unassigned: Unassigned) -> Result<Subjects, SpaceError> {
        let dimension = self.dimension(axis.dimension.as_str())?;
        let mut keys: Vec<Key> = dimension
            .members(axis.level.as_str())?
            .map(|id| dimension.key_of(id).clone())
            .collect();
        if unassigned != Unassigned::Hidden {
            keys.push(dimension.key_of(MemberId::UNASSIGNED).clone());
        }
        Subjects::new(axis.clone(), keys)
    }
}

/// Whether the `unassigned` member gets a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unassigned {
    /// It gets the last one. The default of [`Space::subjects`]: the subjects then hold everything.
    #[default]
    Shown,
    /// It gets none; what belongs to nobody is left out.
    Hidden,
    /// It gets the last one wherever something lies there, and none elsewhere: a record without a member, a person without a
    /// team. The default of whoever knows the records; a space alone does not, and shows it.
    WhereUsed,
}

impl TryFrom<Vec<DimensionDef>> for Space {
    type Error = SpaceError;

    fn try_from(definitions: Vec<DimensionDef>) -> Result<Self, SpaceError> {
        Self::new(definitions)
    }
}

impl From<Space> for Vec<DimensionDef> {
    fn from(space: Space) -> Self {
        space
            .dimensions
            .into_iter()
            .map(|dimension| dimension.definition().clone())
            .collect()
    }
}

/// What can be wrong with a space, a dimension or a look-up in one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpaceError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// More rows than the host allows.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// Two dimensions have the same key.
    #[error("dimension `{dimension}` is declared twice")]
    DuplicateDimension {
        /// The key.
        dimension: Key,
    },
    /// Two members of one dimension have the same key.
    #[error("member `{member}` is declared twice in dimension `{dimension}`")]
    DuplicateMember {
        /// The dimension.
        dimension: Key,
        /// The member.
        member: Key,
    },
    /// The reserved member was declared.
    #[error(
        "dimension `{dimension}` declares the member `unassigned`, which every dimension has by itself"
    )]
    ReservedMember {
        /// The dimension.
        dimension: Key,
    },
    /// Two subjects of one panel are the same.
    #[error("subject `{subject}` is listed twice")]
    DuplicateSubject {
        /// Its label.
        subject: String,
    },
    /// No subject has these members.
    #[error("`{name}` is not among the subjects{}", hint(nearest.as_deref(), known))]
    UnknownSubject {
        /// The members that were asked for, joined by ` / `.
        name: String,
        /// The nearest known subject.
        nearest: Option<String>,
        /// The known subjects.
        known: Known,
    },
    /// A subject names more or fewer members than it has axes.
    #[error("a subject has {found} members on {axes} axes")]
    SubjectShape {
        /// The number of axes.
        axes: usize,
        /// The number of members.
        found: usize,
    },
    /// Two levels of one hierarchy, or two upper levels of one dimension, have the same key.
    #[error("level `{level}` is declared twice in dimension `{dimension}`")]
    DuplicateLevel {
        /// The dimension.
        dimension: Key,
        /// The level.
        level: Key,
    },
    /// Two hierarchies of one dimension have the same key.
    #[error("hierarchy `{hierarchy}` is declared twice in dimension `{dimension}`")]
    DuplicateHierarchy {
        /// The dimension.
        dimension: Key,
        /// The hierarchy.
        hierarchy: Key,
    },
    /// A hierarchy has no level, or a dimension no hierarchy.
    #[error("{what} `{name}` of dimension `{dimension}` has no level")]
    NoLevel {
        /// `hierarchy` or `dimension`.
        what: &'static str,
        /// Its key.
        name: Key,
        /// The dimension.
        dimension: Key,
    },
    /// The hierarchies of one dimension do not end at the same level.
    #[error(
        "hierarchies of dimension `{dimension}` end at different levels, `{first}` and `{other}`"
    )]
    LeafLevelsDiffer {
        /// The dimension.
        dimension: Key,
        /// The last level of the first hierarchy.
        first: Key,
        /// The last level of another.
        other: Key,
    },
    /// No member stands at a level that is needed.
    #[error("level `{level}` of dimension `{dimension}` has no member")]
    EmptyLevel {
        /// The dimension.
        dimension: Key,
        /// The level.
        level: Key,
    },
    /// No dimension has this key.
    #[error("there is no dimension `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownDimension {
        /// The key that was asked for.
        name: String,
        /// The nearest known key.
        nearest: Option<String>,
        /// The known keys.
        known: Known,
    },
    /// No level of the dimension has this key.
    #[error("dimension `{dimension}` has no level `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownLevel {
        /// The dimension.
        dimension: Key,
        /// The key that was asked for.
        name: String,
        /// The nearest known key.
        nearest: Option<String>,
        /// The known keys.
        known: Known,
    },
    /// No hierarchy of the dimension has this key.
    #[error("dimension `{dimension}` has no hierarchy `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownHierarchy {
        /// The dimension.
        dimension: Key,
        /// The key that was asked for.
        name: String,
        /// The nearest known key.
        nearest: Option<String>,
        /// The known keys.
        known: Known,
    },
    /// No member of the dimension has this key.
    #[error("dimension `{dimension}` has no member `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownMember {
        /// The dimension.
        dimension: Key,
        /// The key that was asked for.
        name: String,
        /// The nearest known key.
        nearest: Option<String>,
        /// The known keys.
        known: Known,
    },
    /// Following the parents of a member leads back to it.
    #[error(
        "hierarchy `{hierarchy}` of dimension `{dimension}` has a cycle: {}",
        path(members)
    )]
    Cycle {
        /// The dimension.
        dimension: Key,
        /// The hierarchy.
        hierarchy: Key,
        /// The members on the cycle; the first is the parent of the last.
        members: Vec<Key>,
    },
    /// A parent does not stand above its child.
    #[error(
        "in hierarchy `{hierarchy}` of dimension `{dimension}`, `{parent}` is the parent of `{member}` but does not stand at a level above it"
    )]
    LevelOrder {
        /// The dimension.
        dimension: Key,
        /// The hierarchy.
        hierarchy: Key,
        /// The child.
        member: Key,
        /// Its parent.
        parent: Key,
    },
    /// A link's dates are empty or reversed.
    #[error(
        "in dimension `{dimension}`, the link of `{member}` to `{parent}` ends on or before the day it starts"
    )]
    EmptyLink {
        /// The dimension.
        dimension: Key,
        /// The child.
        member: Key,
        /// Its parent.
        parent: Key,
    },
    /// A member has two parents in one hierarchy on the same day.
    #[error(
        "in hierarchy `{hierarchy}` of dimension `{dimension}`, `{member}` has two parents, `{first}` and `{second}`, on the same day"
    )]
    TwoParents {
        /// The dimension.
        dimension: Key,
        /// The hierarchy.
        hierarchy: Key,
        /// The child.
        member: Key,
        /// One parent.
        first: Key,
        /// The other.
        second: Key,
    },
    /// The days for which somebody holds a post are empty or reversed.
    #[error("the tenure of `{person}` in post `{post}` ends on or before the day it starts")]
    EmptyTenure {
        /// The post.
        post: Key,
        /// The person.
        person: Key,
    },
    /// A part of a post is not above 0 and at most 1.
    #[error("`{person}` holds {part} of post `{post}`: write a part above 0 and at most 1")]
    TenurePart {
        /// The post.
        post: Key,
        /// The person.
        person: Key,
        /// The part.
        part: Ratio,
    },
    /// One person holds a post twice on the same day.
    #[error("`{person}` holds post `{post}` twice on the same day: state one tenure with one part")]
    TwoTenures {
        /// The post.
        post: Key,
        /// The person.
        person: Key,
    },
    /// The parts of a post that people hold are more than the whole.
    #[error(
        "post `{post}` is held by {} with more than the whole of it{}: lower a part, or say who is absent",
        named(people),
        day.map(|day| format!(" on {day}")).unwrap_or_default()
    )]
    PostOverfull {
        /// The post.
        post: Key,
        /// The first such day; none where it is so since ever.
        day: Option<NaiveDate>,
        /// Those who hold it, but for who is absent.
        people: Vec<Key>,
    },
    /// More of something than can be numbered or than a stated limit.
    #[error("{count} {what} are more than the limit of {limit}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// The limit.
        limit: usize,
    },
}

fn named(people: &[Key]) -> String {
    let names: Vec<String> = people.iter().map(|key| format!("`{key}`")).collect();
    names.join(", ")
}

fn path(members: &[Key]) -> String {
    let mut text = String::new();
    for member in members.iter().chain(members.first()) {
        if !text.is_empty() {
            text.push_str(" > ");
        }
        text.push_str(member.as_str());
    }
    text
}
