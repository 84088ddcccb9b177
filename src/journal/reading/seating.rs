//! Where leaves stand: their members on each day, and so their rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use crate::journal::closing::Books;
use crate::journal::leaves::{Chunk, Leaf, Leaves};
use crate::journal::pieces::Spot;
use crate::key::Key;
use crate::metric::{Addend, MetricError, Program, RECORDS, Seats, Single, Standpoint};
use crate::model::{Asked, Cuts};
use crate::space::{Dimension, DimensionId, MemberId, Placement, Space};

/// What of a journal a view sees.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) leaves: &'a Leaves,
    pub(super) books: &'a Books,
    pub(super) cuts: &'a Cuts,
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

    /// Its seats, each from a day on, the first since ever.
    fn all(&self) -> impl Iterator<Item = (i32, usize)> {
        let days = std::iter::once(i32::MIN).chain(self.starts.iter().skip(1).copied());
        days.zip(self.first..)
    }
}

impl Seating {
    pub(super) fn new(seen: Seen<'_>, program: &Program) -> Self {
        let schema = program.layout().schema();
        let space = schema.space();
        let kinds = schema.compiled();
        let members = members_of(space, seen.leaves);
        let mut own = Self {
            seats: Seats::new(program),
            leaves: Vec::with_capacity(seen.leaves.list().len()),
            places: vec![Vec::new(); kinds.len()],
        };
        for leaf in seen.leaves.list() {
            let kind = usize::from(leaf.kind());
            let dimensions = &kinds[kind].dimensions;
            let members = members(dimensions, leaf);
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
    ) -> Result<(), MetricError> {
        let as_of = seen.as_of.num_days_from_ce();
        let mut with = |leaf: u32, addend: &Addend| match self.leaves.get(leaf as usize) {
            Some(seated) if addend.from <= as_of => {
                with(seated.kind, seated.seat(addend.on), addend)
            }
            _ => Ok(()),
        };
        for (leaf, addends) in seen.books.folds().each() {
            for addend in addends {
                with(leaf, &addend)?;
            }
        }
        for (leaf, addends) in seen.chunks.iter().flat_map(|chunk| chunk.each()) {
            for addend in addends {
                with(leaf, addend)?;
            }
        }
        Ok(())
    }

    /// The records that are kept singly as they are seen, each with its kind, in the order of their entries.
    pub(super) fn singles<'s>(&self, seen: Seen<'s>) -> Vec<(usize, &'s Single)> {
        let mut latest: BTreeMap<u32, Option<&Single>> = BTreeMap::new();
        for (at, single) in seen.chunks.iter().flat_map(|chunk| chunk.singles()) {
            latest.insert(*at, single.as_ref());
        }
        let singles = latest.into_values().flatten();
        let with_kind = singles.filter_map(|single| {
            let seated = self.leaves.get(single.leaf as usize)?;
            Some((seated.kind, single))
        });
        with_kind.collect()
    }

    /// By axis, whether a record that the view counts belongs to nobody there.
    pub(super) fn unassigned(
        &self,
        seen: Seen<'_>,
        program: &Program,
        asked: &Asked,
    ) -> Result<Vec<bool>, MetricError> {
        let end = asked
            .periods
            .end()
            .map_or(i32::MAX, |end| end.num_days_from_ce());
        // How many records stand in each seat, by kind.
        let mut standing: Vec<Vec<i64>> =
            self.places.iter().map(|all| vec![0; all.len()]).collect();
        self.each(seen, |kind, seat, addend| {
            if addend.lane == RECORDS && addend.day < end {
                standing[kind][seat] += addend.value;
            }
            Ok(())
        })?;
        // What is open is where its members are on later days too.
        let as_of = seen.as_of.num_days_from_ce();
        let singles = self.singles(seen).into_iter();
        for (kind, single) in singles.filter(|(kind, _)| program.asks_open(*kind)) {
            let settled = single.course.left.last().filter(|(_, left)| left.is_zero());
            let last = settled.map_or(as_of, |(day, _)| (day - 1).min(as_of));
            for leaf in single
                .leaves()
                .filter_map(|leaf| self.leaves.get(leaf as usize))
            {
                let later = leaf
                    .all()
                    .filter(|(start, _)| (single.day + 1..=last).contains(start));
                for (_, seat) in later {
                    standing[kind][seat] += 1;
                }
            }
        }
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
        Ok(of_axis.collect())
    }

    /// The pieces of which days would have to be told apart: a member moves within one, or a window or the as-of day cuts it.
    pub(super) fn missing(&self, seen: Seen<'_>, program: &Program) -> BTreeSet<Spot> {
        let books = seen.books;
        let pieces = books.pieces(seen.cuts);
        let as_of = seen.as_of.num_days_from_ce();
        // The last days of the pieces that are cut.
        let cut: BTreeSet<i32> = program
            .cuts()
            .into_iter()
            .chain(as_of.checked_add(1))
            .filter_map(|bound| {
                let (start, end) = pieces.of(bound)?;
                (start < bound).then_some(end - 1)
            })
            .collect();
        let mut found = BTreeSet::new();
        for (leaf, addends) in books.folds().each() {
            let Some(seated) = self.leaves.get(leaf as usize) else {
                continue;
            };
            let own = books.own_cuts(leaf);
            let moves: BTreeSet<i32> = seated
                .starts
                .iter()
                .skip(1)
                .filter(|start| {
                    let piece = pieces.of(**start);
                    let is_inside = piece.is_some_and(|(first, _)| first < **start);
                    is_inside && own.binary_search(start).is_err()
                })
                .map(|start| pieces.own_day(own, *start))
                .collect();
            if moves.is_empty() && cut.is_empty() {
                continue;
            }
            for addend in addends {
                let is_seen = addend.from <= as_of || cut.contains(&addend.from);
                let is_cut = cut.contains(&addend.from)
                    || cut.contains(&addend.day)
                    || moves.contains(&addend.on);
                let spot = Spot {
                    leaf,
                    start: pieces.start(addend.on),
                };
                if is_seen && is_cut && !books.is_fine(spot) {
                    found.insert(spot);
                }
            }
        }
        found
    }
}

/// What gives the members that a leaf names, by its fields.
pub(in crate::journal) fn members_of<'s>(
    space: &'s Space,
    leaves: &Leaves,
) -> impl Fn(&[DimensionId], &Leaf) -> Vec<(&'s Dimension, MemberId)> + use<'s> {
    let ids: Vec<Vec<MemberId>> = space
        .iter()
        .zip(leaves.names())
        .map(|(dimension, names)| ids(dimension, names))
        .collect();
    move |dimensions, leaf| {
        let named = dimensions.iter().zip(leaf.members());
        let named = named.map(|(dimension, member)| {
            let id = ids[dimension.index()].get(*member as usize);
            (
                space.own(*dimension),
                id.copied().unwrap_or(MemberId::UNASSIGNED),
            )
        });
        named.collect()
    }
}

impl Standpoint for Seating {
    fn stretches(&self, leaf: u32) -> impl Iterator<Item = (i32, &[Placement])> {
        let seated = self.leaves.get(leaf as usize).into_iter();
        seated.flat_map(|own| {
            own.all()
                .map(|(start, seat)| (start, &*self.places[own.kind][seat]))
        })
    }

    fn on(&self, leaf: u32, day: i32) -> &[Placement] {
        let seated = self.leaves.get(leaf as usize);
        seated.map_or(&[], |own| &self.places[own.kind][own.seat(day)])
    }
}

/// The members of a dimension by the numbers of leaves: 0 is nobody, as is whoever is not there.
fn ids(dimension: &Dimension, names: &[Key]) -> Vec<MemberId> {
    let own = names.iter().map(|name| dimension.find(name.as_str()));
    let own = own.map(|id| id.unwrap_or(MemberId::UNASSIGNED));
    std::iter::once(MemberId::UNASSIGNED).chain(own).collect()
}

/// The days on which any of some members moves, since ever at first.
pub(in crate::journal) fn starts(members: &[(&Dimension, MemberId)]) -> Vec<i32> {
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
