//! Whether bounds and lots leave a way to share a total, from sums over members alone; and if not, which of them do not.

use super::contradiction::{Constraint, Contradiction};
use super::{bounds::Bound, lot::Lot};

/// What is asked of one member, for a total that is not negative (others are turned round before).
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) bound: Bound,
    pub(super) lot: Lot,
    pub(super) weightless: bool,
    /// Minimum, maximum and hold after turning; wider than 64 bits because the least number has no opposite.
    minimum: Option<i128>,
    maximum: Option<i128>,
    held: Option<i128>,
    /// Whether the total keeps the shares from going below zero.
    signed: bool,
}

/// Which of the things asked of a member count: a set of bits.
#[derive(Debug, Clone, Copy)]
struct Counts(u8);

/// What a member may have: a fixed share, or whole lots between two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Fixed(i128),
    Lots {
        lot: Lot,
        lowest: Option<i128>,
        highest: Option<i128>,
    },
}

impl Room {
    /// Returns the one share that there is room for as fixed.
    pub(super) fn settled(self) -> Self {
        match self {
            Self::Lots {
                lowest: Some(share),
                highest,
                ..
            } if highest == Some(share) => Self::Fixed(share),
            other => other,
        }
    }
}

impl Asked {
    pub(super) fn new(total: i64, weightless: bool, bound: Bound, lot: Lot) -> Self {
        let turn = |share: i64| {
            if total < 0 {
                -i128::from(share)
            } else {
                i128::from(share)
            }
        };
        let (minimum, maximum) = (bound.minimum().map(turn), bound.maximum().map(turn));
        let (minimum, maximum) = if total < 0 {
            (maximum, minimum)
        } else {
            (minimum, maximum)
        };
        let held = bound.hold().map(turn);
        Self {
            bound,
            lot,
            weightless,
            minimum,
            maximum,
            held,
            signed: total != 0,
        }
    }

    pub(super) fn room(&self) -> Room {
        self.room_under(Counts::ALL)
    }

    /// Says whether the share is held.
    pub(super) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// The room when only some of what was asked is stated, and nothing else is: what a problem of these constraints alone
    /// would leave. Leaving out a limit beyond zero also leaves out the permission to go there, so this may be smaller with
    /// less asked.
    fn room_under(&self, counts: Counts) -> Room {
        if let (Some(share), true) = (self.held, counts.has(Counts::HELD)) {
            return Room::Fixed(share);
        }
        let (lot, step) = self.step(counts);
        let least = self.counted(counts, Counts::MINIMUM, self.minimum);
        let most = self.counted(counts, Counts::MAXIMUM, self.maximum);
        let highest = most.map(|share| multiple_to(share, step));
        // With a signed total, zero is the end of whoever has no minimum, but for what a maximum asks beyond zero.
        let implied = || self.signed.then_some(highest.unwrap_or(0).min(0));
        let lowest = least
            .map(|share| multiple_from(share, step))
            .or_else(implied);
        self.weighted(counts, lot, lowest, highest)
    }

    /// The same where what is asked beyond zero stays permitted even when it does not count, so that leaving something out
    /// never narrows the room.
    fn room_permitting(&self, counts: Counts) -> Room {
        if let (Some(share), true) = (self.held, counts.has(Counts::HELD)) {
            return Room::Fixed(share);
        }
        let (lot, step) = self.step(counts);
        let own = i128::from(self.lot.quanta());
        let least = self.counted(counts, Counts::MINIMUM, self.minimum);
        let most = self.counted(counts, Counts::MAXIMUM, self.maximum);
        let permitted = || {
            let asked = [
                self.minimum,
                self.maximum.map(|most| multiple_to(most, own)),
                self.held,
            ];
            let deepest = asked.into_iter().flatten().min().unwrap_or(0).min(0);
            self.signed.then_some(multiple_from(deepest, step))
        };
        let lowest = least
            .map(|share| multiple_from(share, step))
            .or_else(permitted);
        let highest = most.map(|share| multiple_to(share, step));
        self.weighted(counts, lot, lowest, highest)
    }

    fn step(&self, counts: Counts) -> (Lot, i128) {
        let lot = if counts.has(Counts::LOT) && self.held.is_none() {
            self.lot
        } else {
            Lot::ONE
        };
        (lot, i128::from(lot.quanta()))
    }

    fn counted(&self, counts: Counts, bit: u8, limit: Option<i128>) -> Option<i128> {
        limit.filter(|_| counts.has(bit) && self.held.is_none())
    }

    /// Narrows a room to nothing, or to what the bounds themselves ask for, where a zero weight counts.
    fn weighted(
        &self,
        counts: Counts,
        lot: Lot,
        lowest: Option<i128>,
        highest: Option<i128>,
    ) -> Room {
        if !(self.weightless && counts.has(Counts::WEIGHT) && self.held.is_none()) {
            return Room::Lots {
                lot,
                lowest,
                highest,
            };
        }
        let own = i128::from(self.lot.quanta());
        let above = self.minimum.map_or(0, |least| multiple_from(least, own));
        let below = self.maximum.map_or(0, |most| multiple_to(most, own));
        let (above, below) = (above.max(0), below.min(0));
        Room::Lots {
            lot,
            lowest: Some(lowest.map_or(below, |lowest| lowest.max(below))),
            highest: Some(highest.map_or(above, |highest| highest.min(above))),
        }
    }

    /// Whether leaving out this constraint may narrow the room: it asks for something beyond zero, or in which steps that
    /// is.
    fn permits(&self, constraint: Constraint) -> bool {
        let below = |share: Option<i128>| share.is_some_and(i128::is_negative);
        match constraint {
            Constraint::ZeroWeight { .. } => false,
            Constraint::Held { .. } => below(self.held),
            Constraint::Lot { .. } => below(self.maximum),
            Constraint::Minimum { .. } | Constraint::Maximum { .. } => {
                below(self.minimum) || below(self.maximum)
            }
        }
    }

    /// What was asked of this member, each with what counts when it alone is left out of `counts`.
    fn constraints(&self, member: usize) -> impl Iterator<Item = Constraint> {
        let held = self.bound.hold();
        let free = held.is_none();
        let minimum = self.bound.minimum().filter(|_| free);
        let maximum = self.bound.maximum().filter(|_| free);
        [
            (self.weightless && free).then_some(Constraint::ZeroWeight { member }),
            (self.lot != Lot::ONE && free).then_some(Constraint::Lot {
                member,
                lot: self.lot,
            }),
            minimum.map(|share| Constraint::Minimum { member, share }),
            maximum.map(|share| Constraint::Maximum { member, share }),
            held.map(|share| Constraint::Held { member, share }),
        ]
        .into_iter()
        .flatten()
    }
}

/// The least multiple of a step that is not below a value.
fn multiple_from(value: i128, step: i128) -> i128 {
    -multiple_to(-value, step)
}

/// The largest multiple of a step that is not above a value.
fn multiple_to(value: i128, step: i128) -> i128 {
    // Most lots are single quanta, and dividing 128 bits is slow.
    if step == 1 {
        value
    } else {
        value.div_euclid(step) * step
    }
}

impl Counts {
    const MINIMUM: u8 = 1;
    const MAXIMUM: u8 = 2;
    const HELD: u8 = 4;
    const LOT: u8 = 8;
    const WEIGHT: u8 = 16;
    const ALL: Self = Self(31);
    const NONE: Self = Self(0);

    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    /// Leaves one constraint out.
    fn without(self, constraint: Constraint, turned: bool) -> Self {
        Self(self.0 & !Self::bit(constraint, turned))
    }

    /// Takes one constraint in.
    fn with(self, constraint: Constraint, turned: bool) -> Self {
        Self(self.0 | Self::bit(constraint, turned))
    }

    /// Minimum and maximum change places when the total is turned round.
    fn bit(constraint: Constraint, turned: bool) -> u8 {
        match constraint {
            Constraint::Minimum { .. } if turned => Self::MAXIMUM,
            Constraint::Maximum { .. } if turned => Self::MINIMUM,
            Constraint::Minimum { .. } => Self::MINIMUM,
            Constraint::Maximum { .. } => Self::MAXIMUM,
            Constraint::Held { .. } => Self::HELD,
            Constraint::Lot { .. } => Self::LOT,
            Constraint::ZeroWeight { .. } => Self::WEIGHT,
        }
    }
}

/// Sums over all members of one lot.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    lowest: i128,
    bottomless: usize,
    highest: i128,
    endless: usize,
}

/// The range of what the members of some lots can have together. `None` is no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) lowest: Option<i128>,
    pub(super) highest: Option<i128>,
}

impl Reach {
    const NOTHING: Self = Self {
        lowest: Some(0),
        highest: Some(0),
    };

    /// Narrows to what leaves whole lots of `step` for the others out of `rest`.
    fn aligned(self, rest: i128, step: i128) -> Self {
        Self {
            lowest: self
                .lowest
                .map(|lowest| lowest + (rest - lowest).rem_euclid(step)),
            highest: self
                .highest
                .map(|highest| highest - (highest - rest).rem_euclid(step)),
        }
    }

    fn is_empty(self) -> bool {
        matches!((self.lowest, self.highest), (Some(lowest), Some(highest)) if lowest > highest)
    }
}

/// Sums of rooms, by lot from the finest: enough to decide whether a total can be shared.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    lots: Vec<Lot>,
    sums: Vec<Sums>,
    fixed: i128,
    /// Members whose own room is empty.
    cramped: usize,
}

/// Why a total cannot be shared: how much is needed where how much is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gap {
    needed: i128,
    available: i128,
}

impl Tally {
    /// Sums the rooms; lots must divide one another in ascending order.
    pub(super) fn new(lots: &[Lot], rooms: impl IntoIterator<Item = Room>) -> Self {
        let sums = vec![Sums::default(); lots.len()];
        let mut tally = Self {
            lots: lots.to_vec(),
            sums,
            fixed: 0,
            cramped: 0,
        };
        for room in rooms {
            tally.add(room);
        }
        tally
    }

    /// Returns what is left of the total after fixed shares.
    pub(super) fn rest(&self, total: i128) -> i128 {
        total - self.fixed
    }

    /// Returns what the members of finer lots can have together, for each lot, so that whole such lots are left; `None`
    /// if the total cannot be shared.
    pub(super) fn reaches(&self, total: i128) -> Option<Vec<Reach>> {
        let rest = self.rest(total);
        let mut reach = Reach::NOTHING;
        let mut reaches = Vec::with_capacity(self.lots.len());
        for (lot, sums) in self.lots.iter().zip(&self.sums) {
            reach = reach.aligned(rest, i128::from(lot.quanta()));
            reaches.push(reach);
            reach = sums.extend(reach);
        }
        self.gap(total).is_none().then_some(reaches)
    }

    fn gap(&self, total: i128) -> Option<Gap> {
        if self.cramped > 0 {
            // Found by whoever knows the member.
            return Some(Gap {
                needed: 0,
                available: 0,
            });
        }
        let rest = self.rest(total);
        let mut reach = Reach::NOTHING;
        for (lot, sums) in self.lots.iter().zip(&self.sums) {
            let step = i128::from(lot.quanta());
            let aligned = reach.aligned(rest, step);
            if aligned.is_empty() {
                let beyond = (rest - reach.highest.unwrap_or(0)).rem_euclid(step);
                return Some(Gap {
                    needed: total,
                    available: total - beyond,
                });
            }
            reach = sums.extend(aligned);
        }
        match reach {
            Reach {
                lowest: Some(lowest),
                ..
            } if lowest > rest => Some(Gap {
                needed: lowest + self.fixed,
                available: total,
            }),
            Reach {
                highest: Some(highest),
                ..
            } if highest < rest => Some(Gap {
                needed: total,
                available: highest + self.fixed,
            }),
            _ => None,
        }
    }

    fn add(&mut self, room: Room) {
        self.count(room, 1, |count| count + 1);
    }

    fn remove(&mut self, room: Room) {
        self.count(room, -1, |count| count.saturating_sub(1));
    }

    fn count(&mut self, room: Room, sign: i128, one: impl Fn(usize) -> usize) {
        match room {
            Room::Fixed(share) => self.fixed += sign * share,
            Room::Lots {
                lowest: Some(lowest),
                highest: Some(highest),
                ..
            } if lowest > highest => {
                self.cramped = one(self.cramped);
            }
            Room::Lots {
                lot,
                lowest,
                highest,
            } => {
                let Ok(place) = self.lots.binary_search(&lot) else {
                    return;
                };
                let sums = &mut self.sums[place];
                match lowest {
                    Some(lowest) => sums.lowest += sign * lowest,
                    None => sums.bottomless = one(sums.bottomless),
                }
                match highest {
                    Some(highest) => sums.highest += sign * highest,
                    None => sums.endless = one(sums.endless),
                }
            }
        }
    }
}

impl Sums {
    fn extend(self, reach: Reach) -> Reach {
        Reach {
            lowest: reach
                .lowest
                .filter(|_| self.bottomless == 0)
                .map(|lowest| lowest + self.lowest),
            highest: reach
                .highest
                .filter(|_| self.endless == 0)
                .map(|highest| highest + self.highest),
        }
    }
}

/// Finds a set that contradicts itself, none of whose proper subsets does.
///
/// First, constraints are left out one after the other as long as the rest contradict each other even where everybody may
/// still go as far beyond zero as their own limits permit. What remains explains the whole problem. Then it is made minimal
/// as a problem of its own, in which a permission that is not in the set is not there either.
pub(super) fn contradiction(total: i64, asked: &[Asked], lots: &[Lot]) -> Contradiction {
    let (magnitude, turned) = (i128::from(total.unsigned_abs()), total < 0);
    let mut lots = lots.to_vec();
    if lots.first() != Some(&Lot::ONE) {
        lots.insert(0, Lot::ONE);
    }
    let mut constraints: Vec<Constraint> = asked
        .iter()
        .enumerate()
        .flat_map(|(member, one)| one.constraints(member))
        .collect();
    // What is least in the way goes first, so that few and large ones remain; of equals the later member.
    constraints.sort_by_key(|constraint| {
        let (kind, size) = match *constraint {
            Constraint::ZeroWeight { .. } => (0, 0),
            Constraint::Lot { .. } => (1, 0),
            Constraint::Maximum { share, .. } if !turned => (2, share.unsigned_abs()),
            Constraint::Minimum { share, .. } if turned => (2, share.unsigned_abs()),
            Constraint::Minimum { share, .. }
            | Constraint::Maximum { share, .. }
            | Constraint::Held { share, .. } => (3, share.unsigned_abs()),
        };
        (kind, size, std::cmp::Reverse(constraint.member()))
    });
    let mut clash = Clash {
        asked,
        magnitude,
        turned,
        counts: vec![Counts::ALL; asked.len()],
        tally: Tally::new(&lots, asked.iter().map(Asked::room)),
    };
    // Where nothing is asked beyond zero, leaving something out only widens rooms: one pass is enough.
    let permits = |one: &Constraint| asked[one.member()].permits(*one);
    let beyond_zero = constraints.iter().any(permits);
    clash.thin(&mut constraints, Asked::room_permitting);
    if beyond_zero {
        clash.recount(&lots, &constraints);
        while clash.thin(&mut constraints, Asked::room_under) {}
        clash.without_permissions(&lots, &mut constraints);
    }
    constraints.sort_by_key(|constraint| constraint.member());
    let gap = clash.gap();
    let sign = if turned { -1 } else { 1 };
    Contradiction {
        total,
        constraints,
        needed: sign * gap.needed,
        available: sign * gap.available,
    }
}

/// The search for a minimal contradicting set: what counts of each member, and the sums of the rooms that leaves.
struct Clash<'a> {
    asked: &'a [Asked],
    magnitude: i128,
    turned: bool,
    counts: Vec<Counts>,
    tally: Tally,
}

impl Clash<'_> {
    /// Leaves out one constraint after the other as long as the rest contradict each other; says whether any was.
    fn thin(
        &mut self,
        constraints: &mut Vec<Constraint>,
        room: impl Fn(&Asked, Counts) -> Room,
    ) -> bool {
        let before = constraints.len();
        constraints.retain(|constraint| {
            let member = constraint.member();
            let (one, counted) = (&self.asked[member], self.counts[member]);
            let fewer = counted.without(*constraint, self.turned);
            self.tally.remove(room(one, counted));
            self.tally.add(room(one, fewer));
            if self.tally.gap(self.magnitude).is_some() {
                self.counts[member] = fewer;
                return false;
            }
            self.tally.remove(room(one, fewer));
            self.tally.add(room(one, counted));
            true
        });
        constraints.len() < before
    }

    /// Makes exactly these constraints count, as a problem of their own; says whether they contradict each other.
    fn recount<'c>(
        &mut self,
        lots: &[Lot],
        constraints: impl IntoIterator<Item = &'c Constraint>,
    ) -> bool {
        self.counts.fill(Counts::NONE);
        for constraint in constraints {
            let counts = &mut self.counts[constraint.member()];
            *counts = counts.with(*constraint, self.turned);
        }
        let rooms = self.asked.iter().zip(&self.counts);
        self.tally = Tally::new(lots, rooms.map(|(one, counts)| one.room_under(*counts)));
        self.tally.gap(self.magnitude).is_some()
    }

    /// What reaches beyond zero can narrow a room by being left out, so that fewer constraints may contradict each other where
    /// all but one of them do not. Fewer of these alone never do, but none of them may: where the others contradict each other,
    /// they are thinned once more, and as they only narrow rooms, no smaller selection does.
    fn without_permissions(&mut self, lots: &[Lot], constraints: &mut Vec<Constraint>) {
        let permits = |one: &Constraint| self.asked[one.member()].permits(*one);
        let mut others: Vec<Constraint> = constraints.clone();
        others.retain(|one| !permits(one));
        if self.recount(lots, &others) {
            self.thin(&mut others, Asked::room_under);
            *constraints = others;
        } else {
            self.recount(lots, &*constraints);
        }
    }

    /// How much is needed where how much is available, by one member alone or by all together.
    fn gap(&self) -> Gap {
        let rooms = self.asked.iter().zip(&self.counts);
        let cramped = rooms
            .into_iter()
            .find_map(|(one, counts)| match one.room_under(*counts) {
                Room::Lots {
                    lowest: Some(needed),
                    highest: Some(available),
                    ..
                } if needed > available => Some(Gap { needed, available }),
                _ => None,
            });
        let together = || self.tally.gap(self.magnitude);
        cramped.or_else(together).unwrap_or(Gap {
            needed: 0,
            available: 0,
        })
    }
}
