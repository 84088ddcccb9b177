//! Whether what is recorded finds its way to rows of posts and of the people who hold them.

use super::error::ModelCause;
use super::found::Found;
use crate::key::Key;
use crate::ledger::Schema;
use crate::metric::Program;
use crate::space::{Axis, PostsDef};

/// Refuses rows of posts and of people to which what is recorded cannot find its way, each at its place.
pub(super) fn finds_rows(
    own: &PostsDef,
    (rows, program): (&[Axis], &Program),
    schema: &Schema,
    place: impl Fn(usize) -> String,
    found: &mut Found,
) {
    let (posts, people) = (&own.posts.dimension, &own.people.dimension);
    for (number, axis) in rows.iter().enumerate() {
        for (kind, field) in program.fields(&axis.dimension) {
            let known = &schema.compiled()[kind];
            let has = |dimension: &Key| known.place(dimension.as_str()).is_some();
            let (kind, other) = (known.definition.key.clone(), people.clone());
            let cause = if axis.dimension == *people && has(posts) {
                let is_credited = field.is_some() && known.credit == field;
                (!is_credited).then_some(ModelCause::NotCredited {
                    kind,
                    people: other,
                })
            } else if axis.dimension == *posts && field.is_none() && has(people) {
                let post = posts.clone();
                Some(ModelCause::NoPostField {
                    kind,
                    post,
                    people: other,
                })
            } else {
                None
            };
            if let Some(cause) = cause {
                found.add(place(number), cause);
            }
        }
    }
}
