//! Where leaves stand: their members on each day, and so their rows.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::error::ViewError;
use crate::journal::{Chunk, Leaves};
use crate::key::Key;
use crate::metric::{Addend, MetricError, Program, RECORDS, Seats};
use crate::model::Asked;
use crate::space::{Dimension, MemberId, Placement};

/// What of a journal a view sees.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) leaves: &'a Leaves,
    /// Those of the hand-overs that were known by then.
    pub(super) chunks: &'a [Arc<Chunk>],
    pub(super) as_of: NaiveDate,
    /// The day whose structure holds for all days, if one does.
    pub(super) structure: Option<NaiveDate>,
}

/// The seats of all leaves: one for each stretch of days in which no member of a leaf moves.
pub(super) struct Seating {
    seats: Seats,
    /// By leaf.
    leaves: Vec<Seated>,
    /// By seat of a kind, the placement of each field.
    places: Vec<Vec<Vec<Placement>>>,
}

struct Seated {
    kind: usize,
    first: usize,
    /// The day on which each of its stretches begins; the first has held since ever.
    starts: Vec<i32>,
}

impl Seated {
    fn seat(&self, day: i32) -> usize {
        let after = self.starts.partition_point(|start| *start <= day).max(1);
        self.first + after - 1
    }
}

impl Seating {
    pub(super) fn new(seen: Seen<'_>, program: &Program) -> Self {
        let schema = program.layout().schema();
        let space = schema.space();
        let kinds = schema.compiled();
        let ids: Vec<Vec<MemberId>> = space
            .iter()
            .zip(seen.leaves.names())
            .map(|(dimension, names)| ids(dimension, names))
            .collect();
        let mut own = Self {
            seats: Seats::new(program),
            leaves: Vec::with_capacity(seen.leaves.list().len()),
            places: vec![Vec::new(); kinds.len()],
        };
        for leaf in seen.leaves.list() {
            let kind = usize::from(leaf.kind());
            let dimensions = &kinds[kind].dimensions;
            let members: Vec<(&Dimension, MemberId)> = dimensions
                .iter()
                .zip(leaf.members())
                .map(|(dimension, member)| {
                    let id = ids[dimension.index()].get(*member as usize);
                    (
                        space.own(*dimension),
                        id.copied().unwrap_or(MemberId::UNASSIGNED),
                    )
                })
                .collect();
            let starts = match seen.structure {
                Some(day) => vec![day.num_days_from_ce()],
                None => starts(&members),
            };
            let mut first = None;
            for start in &starts {
                let day = NaiveDate::from_num_days_from_ce_opt(*start).unwrap_or(NaiveDate::MIN);
                let places: Vec<Placement> = members
                    .iter()
                    .map(|(dimension, member)| dimension.placement(*member, day))
                    .collect();
                let seat = own.seats.add(kind, places.iter().copied());
                own.places[kind].push(places);
                first.get_or_insert(seat);
            }
            own.leaves.push(Seated {
                kind,
                first: first.unwrap_or(0),
                starts,
            });
        }
        own
    }

    pub(super) fn seats(&self) -> &Seats {
        &self.seats
    }

    /// Calls `with` for everything that is seen: what was known by then and is so by the as-of day.
    pub(super) fn each(
        &self,
        seen: Seen<'_>,
        mut with: impl FnMut(usize, usize, &Addend) -> Result<(), MetricError>,
    ) -> Result<(), ViewError> {
        let as_of = seen.as_of.num_days_from_ce();
        for chunk in seen.chunks {
            for (leaf, addends) in chunk.each() {
                let Some(seated) = self.leaves.get(leaf as usize) else {
                    continue;
                };
                for addend in addends.iter().filter(|addend| addend.from <= as_of) {
                    with(seated.kind, seated.seat(addend.on), addend)?;
                }
            }
        }
        Ok(())
    }

    /// By axis, whether a record that the view counts belongs to nobody there.
    pub(super) fn unassigned(&self, seen: Seen<'_>, program: &Program, asked: &Asked) -> Vec<bool> {
        let end = asked
            .periods
            .end()
            .map_or(i32::MAX, |end| end.num_days_from_ce());
        // How many records stand in each seat, by kind.
        let mut standing: Vec<Vec<i64>> =
            self.places.iter().map(|all| vec![0; all.len()]).collect();
        let counted = self.each(seen, |kind, seat, addend| {
            if addend.lane == RECORDS && addend.day < end {
                standing[kind][seat] += addend.value;
            }
            Ok(())
        });
        debug_assert!(counted.is_ok(), "counting does not fail");
        let space = program.layout().schema().space();
        let of_axis = asked.definition.rows.iter().map(|axis| {
            let Ok(dimension) = space.dimension(axis.dimension.as_str()) else {
                return true;
            };
            let Ok(level) = dimension.level(axis.level.as_str()) else {
                return true;
            };
            let above = dimension.rollup(level);
            program
                .fields(&axis.dimension)
                .into_iter()
                .any(|(kind, field)| {
                    let seats = standing[kind].iter().enumerate();
                    let mut used = seats.filter(|(_, count)| **count > 0);
                    used.any(|(seat, _)| {
                        let place = field.map(|field| self.places[kind][seat][field]);
                        let member = place.and_then(|place| above.get(place.index()));
                        member.is_none_or(|member| *member == MemberId::UNASSIGNED)
                    })
                })
        });
        of_axis.collect()
    }
}

/// The members of a dimension by the numbers of leaves: 0 is nobody, as is whoever is not there.
fn ids(dimension: &Dimension, names: &[Key]) -> Vec<MemberId> {
    let own = names.iter().map(|name| dimension.find(name.as_str()));
    let own = own.map(|id| id.unwrap_or(MemberId::UNASSIGNED));
    std::iter::once(MemberId::UNASSIGNED).chain(own).collect()
}

/// The days on which any of some members moves, since ever at first.
fn starts(members: &[(&Dimension, MemberId)]) -> Vec<i32> {
    let mut all: Vec<i32> = members
        .iter()
        .flat_map(|(dimension, member)| dimension.stretches(*member))
        .map(|(start, _)| start)
        .collect();
    all.push(i32::MIN);
    all.sort_unstable();
    all.dedup();
    all
}
