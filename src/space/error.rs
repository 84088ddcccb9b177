use chrono::NaiveDate;
use thiserror::Error;

use super::Axis;
use crate::key::{Key, KeyError, Known, hint};
use crate::limits::LimitError;
use crate::quantity::Ratio;

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
    #[error("{}", shape(axes, *found))]
    SubjectShape {
        /// The axes, of each of which it is one member.
        axes: Vec<Axis>,
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
    #[error(
        "`{person}` holds {part} of post `{post}`: write a part above 0 and at most 1, in no smaller parts than millionths"
    )]
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

fn shape(axes: &[Axis], found: usize) -> String {
    let names = match found {
        0 => "no name is".to_owned(),
        1 => "one name is".to_owned(),
        _ => format!("{found} names are"),
    };
    match axes {
        [] => format!("{names} given, where the whole is the only row and has none"),
        [axis] => format!("{names} given, where a row is one member of `{axis}`"),
        axes => {
            let axes: Vec<String> = axes.iter().map(|axis| format!("`{axis}`")).collect();
            format!(
                "{names} given, where a row is a member of each of {}",
                axes.join(", ")
            )
        }
    }
}
