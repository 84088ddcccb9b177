//! Where leaves stand: their members on each day, and so their rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::homes::Homes;
use crate::calendar::Period;
use crate::journal::closing::Books;
use crate::journal::leaves::{Chunk, Leaves};
use crate::journal::pieces::Spot;
use crate::metric::{Addend, Program, RECORDS, Reversals, Seats, Single, Standpoint};
use crate::model::{Asked, Cuts};
use crate::quantity::Ratio;
use crate::space::{MemberId, Placement, Posts};

/// What of a journal a view sees.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    /// Who holds which post; needed where leaves are seated.
    pub(super) posts: Option<&'a Posts>,
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
#[derive(Debug)]
pub(super) struct Seating {
    seats: Seats,
    /// By leaf.
    leaves: Vec<Seated>,
    /// By seat of a kind, the placement of each field.
    places: Vec<Vec<Vec<Placement>>>,
    /// By kind and seat of a post that several hold or nobody does all of, where each of those stands to whom it is credited.
    shared: BTreeMap<(usize, usize), Vec<(Placement, Ratio)>>,
    /// By kind, whether its records are counted one by one and all kept for that, so that no piece of what is closed has to be cut for
    /// them.
    singly: Vec<bool>,
    /// Whether no day's structure holds for all.
    is_dated: bool,
}

#[derive(Debug)]
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
        let kinds = 0..program.layout().schema().compiled().len();
        let mut own = Self {
            seats: Seats::new(program),
            singly: kinds.map(|kind| program.counts_singly(kind)).collect(),
            leaves: Vec::with_capacity(seen.leaves.list().len()),
            places: vec![Vec::new(); program.layout().schema().compiled().len()],
            shared: BTreeMap::new(),
            is_dated: seen.structure.is_none(),
        };
        own.add(seen, program);
        own
    }

    /// Seats the leaves that were learned since.
    pub(super) fn add(&mut self, seen: Seen<'_>, program: &Program) {
        let own = self;
        let schema = program.layout().schema();
        let space = schema.space();
        let kinds = schema.compiled();
        let more = seen
            .leaves
            .list()
            .get(own.leaves.len()..)
            .unwrap_or_default();
        if more.is_empty() {
            return;
        }
        let homes = Homes::new(space, seen.posts, seen.leaves);
        for leaf in more {
            let kind = usize::from(leaf.kind());
            let home = homes.of(&kinds[kind], leaf);
            let starts = match seen.structure {
                Some(day) => vec![day.num_days_from_ce()],
                None => home.starts(),
            };
            let mut first = None;
            for start in &starts {
                let (places, shared) = home.on(*start);
                let at = (kind, own.places[kind].len());
                if !shared.is_empty() {
                    own.shared.insert(at, shared);
                }
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
    }

    /// How many leaves are seated.
    pub(super) fn len(&self) -> usize {
        self.leaves.len()
    }

    /// The kind of a leaf, and its seat on a day.
    pub(super) fn seat(&self, leaf: u32, on: i32) -> Option<(usize, usize)> {
        let seated = self.leaves.get(leaf as usize)?;
        Some((seated.kind, seated.seat(on)))
    }

    /// Whether records of a kind are counted one by one.
    pub(super) fn is_singly(&self, kind: usize) -> bool {
        self.singly.get(kind).is_some_and(|singly| *singly)
    }

    /// By kind and seat, none.
    pub(super) fn nobody(&self) -> Vec<Vec<i64>> {
        self.places.iter().map(|all| vec![0; all.len()]).collect()
    }

    pub(super) fn seats(&self) -> &Seats {
        &self.seats
    }

    /// By kind and seat, how many records of days before one stand: what was known by then and is so by the as-of day.
    pub(super) fn standing(&self, seen: Seen<'_>, end: i32) -> Vec<Vec<i64>> {
        let as_of = seen.as_of.num_days_from_ce();
        let mut found = self.nobody();
        let mut add = |leaf: u32, addend: &Addend| {
            if addend.lane == RECORDS
                && addend.day < end
                && addend.from <= as_of
                && let Some((kind, seat)) = self.seat(leaf, addend.on)
                && !self.is_singly(kind)
            {
                found[kind][seat] += addend.value;
            }
        };
        for (leaf, addends) in seen.books.folds().each() {
            addends.for_each(|addend| add(leaf, &addend));
        }
        for (leaf, addends) in seen.chunks.iter().flat_map(|chunk| chunk.each()) {
            for addend in addends {
                add(leaf, addend);
            }
        }
        found
    }

    /// The records that are kept singly as they are seen, each with its kind, in the order of their entries.
    pub(super) fn singles<'s>(&self, seen: Seen<'s>) -> Vec<(usize, &'s Single)> {
        let mut latest: BTreeMap<u32, Option<&Single>> = BTreeMap::new();
        for (at, single) in seen.chunks.iter().flat_map(|chunk| chunk.singles()) {
            latest.insert(*at, single.as_ref());
        }
        let singles = seen
            .books
            .singles()
            .each()
            .chain(latest.into_values().flatten());
        let with_kind = singles.filter_map(|single| {
            let seated = self.leaves.get(single.leaf as usize)?;
            Some((seated.kind, single))
        });
        with_kind.collect()
    }

    /// By axis, whether a record that the view counts belongs to nobody there; given by kind and seat how many stand.
    pub(super) fn unassigned(
        &self,
        seen: Seen<'_>,
        (program, asked): (&Program, &Asked),
        mut standing: Vec<Vec<i64>>,
    ) -> Vec<bool> {
        let as_of = seen.as_of.num_days_from_ce();
        let singles = self.singles(seen);
        let end = program.layout().periods().end();
        let end = end.map_or(i32::MAX, |end| end.num_days_from_ce());
        // What is taken back lies where it was, but where it was never there.
        let ever = program.layout().reversals() == Reversals::FromTheStart;
        for (kind, single) in singles.iter().filter(|(kind, _)| self.is_singly(*kind)) {
            let back = single.course.reversed.filter(|day| ever && *day <= as_of);
            if single.day < end && single.day <= as_of && back.is_none() {
                let seats = single
                    .leaves()
                    .filter_map(|leaf| self.seat(leaf, single.day));
                seats.for_each(|(_, seat)| standing[*kind][seat] += 1);
            }
        }
        // What is open or held is where its members are on later days too.
        let singles = singles.into_iter();
        for (kind, single) in singles.filter(|(kind, _)| program.asks_balances(*kind)) {
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
                        let credit = program.layout().schema().compiled()[kind].credit;
                        let shared = self.shared.get(&(kind, seat));
                        let shared = shared.filter(|_| field.is_some() && field == credit);
                        let place = field.map(|field| self.places[kind][seat][field]);
                        let nowhere = |place: &Placement| {
                            let member = above.get(place.index());
                            member.is_none_or(|member| *member == MemberId::UNASSIGNED)
                        };
                        place.is_none_or(|place| nowhere(&place))
                            || shared.is_some_and(|all| all.iter().any(|(own, _)| nowhere(own)))
                    })
                })
        });
        of_axis.collect()
    }

    /// The pieces of which more is needed than is kept: days would have to be told apart, or all records known. `is_open` says of
    /// which periods no figure was told.
    pub(super) fn missing(
        &self,
        seen: Seen<'_>,
        program: &Program,
        is_open: impl Fn(&Period) -> bool,
    ) -> BTreeSet<Spot> {
        let mut found = self.cut_up(seen, program);
        found.extend(self.thinned(seen, program, is_open));
        found
    }

    /// The pieces of which records are gone that an answer may depend on.
    fn thinned(
        &self,
        seen: Seen<'_>,
        program: &Program,
        is_open: impl Fn(&Period) -> bool,
    ) -> BTreeSet<Spot> {
        let (books, singles) = (seen.books, seen.books.singles());
        let periods = program.layout().periods();
        let open: Vec<bool> = periods.iter().map(|period| is_open(&period)).collect();
        let mut begun = periods.iter().filter(|period| period.start <= seen.as_of);
        if singles.thinned.is_empty() || !begun.any(|period| open[period.id.index()]) {
            return BTreeSet::new();
        }
        let pieces = books.pieces(seen.cuts);
        // As of a day before the close, what was taken back since would have to be known.
        let is_early = books.is_forgotten(seen.as_of.succ_opt().unwrap_or(seen.as_of));
        let needed = program.needs_all(|period| open[period]);
        let kind = |spot: &Spot| self.leaves.get(spot.leaf as usize).map(|own| own.kind);
        let is_asked = |spot: &Spot| kind(spot).is_some_and(|kind| program.asks_singly(kind));
        // What became of records before a period ends is a part of what is kept, and an item that was settled before one begins is
        // nothing to it.
        let own = || periods.iter().filter(|period| open[period.id.index()]);
        let begins = own().map(|period| period.start.num_days_from_ce()).min();
        let ends = own().map(|period| period.end.num_days_from_ce()).min();
        let is_changed_since = |spot: &Spot| {
            let last = singles.changed.get(spot).copied();
            let is_after = |day: Option<i32>| last.zip(day).is_some_and(|(last, day)| day <= last);
            let asks_open = || kind(spot).is_some_and(|kind| program.asks_open(kind));
            is_after(ends) && is_asked(spot) || is_after(begins) && asks_open()
        };
        let is_needed = |spot: &&Spot| {
            let days = kind(spot).and_then(|kind| needed.get(kind));
            let end = pieces.end(spot.start);
            let mut days = days.into_iter().flatten();
            is_early && is_asked(spot)
                || is_changed_since(spot)
                || days.any(|(from, to)| *from < end && spot.start < *to)
        };
        let needed = singles.thinned.iter().filter(is_needed).copied();
        let shaken = singles.shaken(seen.chunks).filter(|spot| is_asked(spot));
        let all = needed.chain(shaken);
        all.filter(|spot| !books.is_fine(*spot)).collect()
    }

    /// The pieces of which days would have to be told apart: a member moves within one, or a window or the as-of day cuts it.
    fn cut_up(&self, seen: Seen<'_>, program: &Program) -> BTreeSet<Spot> {
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
            let seated = self.leaves.get(leaf as usize);
            let Some(seated) = seated.filter(|own| !self.is_singly(own.kind)) else {
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

impl Standpoint for Seating {
    fn stretches(&self, leaf: u32) -> impl Iterator<Item = (i32, &[Placement])> {
        let seated = self.leaves.get(leaf as usize).into_iter();
        seated.flat_map(|own| {
            own.all()
                .map(|(start, seat)| (start, &*self.places[own.kind][seat]))
        })
    }

    fn is_dated(&self) -> bool {
        self.is_dated
    }

    fn on(&self, leaf: u32, day: i32) -> &[Placement] {
        let seated = self.leaves.get(leaf as usize);
        seated.map_or(&[], |own| &self.places[own.kind][own.seat(day)])
    }

    fn shared(&self, leaf: u32, day: i32) -> &[(Placement, Ratio)] {
        let seated = self.leaves.get(leaf as usize);
        let shared = seated.and_then(|own| self.shared.get(&(own.kind, own.seat(day))));
        shared.map_or(&[], Vec::as_slice)
    }
}
