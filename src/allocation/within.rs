//! Minima, maxima, held shares and lots in one solve.

mod divided;
mod rounded;

use super::AllocationError;
use super::fill::{Filled, Level, Vessel, fill};
use super::method::Method;
use super::tally::{Asked, Reach, Room, Tally, contradiction};
use super::tie::Tie;
use super::weights::{Weights, ZeroWeights};
use super::wide::mul_div_rem;
use super::{
    bounds::{Bound, Lots},
    lot::Lot,
};
use crate::quantity::Ratio;
use rounded::{Candidate, Rounded};

/// How a share came to be where bounds and lots apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActiveBound {
    /// The share is held.
    Held,
    /// The share is at its minimum: its own, or zero. It would be no more by weight.
    Minimum,
    /// The share is at its maximum: its own, or zero with a negative total. It would be no less by weight.
    Maximum,
    /// The weight is zero: nothing, or what the bounds ask for.
    ZeroWeight,
    /// The share is by weight among all that are neither held nor at a bound, rounded to lots as the method does: down or
    /// up by all but the divisor methods, the heaviest's spare and the remainder to one member.
    Shared(ProRata),
}

/// The exact share of a member that is neither held nor at a bound: its part by weight of what all such share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProRata {
    shared: i128,
    weight: u128,
    sum: u128,
    lot: Lot,
}

impl ProRata {
    /// Returns the part that a weight has of a change that `sum` of weight shares.
    pub(super) fn of_change(shared: i128, weight: u128, sum: u128) -> Self {
        Self {
            shared,
            weight,
            sum,
            lot: Lot::ONE,
        }
    }

    /// Returns how many quanta all such members of the same lot share; of a draft that is changed, the change.
    #[must_use]
    pub fn shared(&self) -> i128 {
        self.shared
    }

    /// Returns the member's whole weight, and the sum over all such members.
    #[must_use]
    pub fn weight(&self) -> (u128, u128) {
        (self.weight, self.sum)
    }

    /// Returns the lot to which the exact share was rounded.
    #[must_use]
    pub fn lot(&self) -> Lot {
        self.lot
    }

    /// Returns the exact share, or change, in quanta; `None` when its fraction is too fine for 128 bits.
    #[must_use]
    pub fn exact(&self) -> Option<Ratio> {
        let fraction = Ratio::new(self.weight.cast_signed(), self.sum.cast_signed()).ok()?;
        Ratio::new(self.shared, 1).ok()?.checked_mul(fraction).ok()
    }
}

/// An amount shared inside bounds: shares, what stayed unallocated, and how each share came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundedShares {
    shares: Vec<i64>,
    active_bounds: Vec<ActiveBound>,
    ties: Vec<Tie>,
    unallocated: i64,
}

impl BoundedShares {
    /// Returns the shares in declared order.
    #[must_use]
    pub fn shares(&self) -> &[i64] {
        &self.shares
    }

    /// Returns the shares and gives up the rest.
    #[must_use]
    pub fn into_shares(self) -> Vec<i64> {
        self.shares
    }

    /// Returns how each share came to be, in declared order.
    #[must_use]
    pub fn active_bounds(&self) -> &[ActiveBound] {
        &self.active_bounds
    }

    /// Returns what stayed with nobody: zero unless the method keeps something apart, or all weights are zero and the
    /// policy assigns nothing then.
    #[must_use]
    pub fn unallocated(&self) -> i64 {
        self.unallocated
    }

    /// Returns the ties that declared order decided: at most one for each size of lot. Members at a bound or held are in
    /// none.
    #[must_use]
    pub fn ties(&self) -> &[Tie] {
        &self.ties
    }
}

/// Splits `total` quanta by `weights` as far as bounds and lots allow.
///
/// The exact shares are the water-filling solution: proportional among all members that are not at a bound. With one lot
/// for all, each is then rounded to lots inside its bounds, as the method does among the members not at a bound; so an
/// unbounded call is [`allocate`](super::allocate) exactly. A divisor method works with one divisor for all and cuts to the
/// bounds what it rounds, so that shares inside bounds are still monotone in the total.
///
/// | method | inside bounds |
/// |---|---|
/// | largest remainder, running, spare to first, remainder apart | each share rounded down or up, which no bound can forbid; running totals stay within half a lot |
/// | divisor methods | the highest priorities are served, from the minima up to the maxima |
/// | spare to heaviest | the heaviest of those below their maximum |
/// | remainder to the largest | the heaviest that has room for all of it, else refused |
/// | remainder to a named member | refused when that is held, at a bound or without room |
/// | blocks apart | refused with minima or maxima, which exact proportions cannot keep; holds are taken out first |
///
/// With different lots, those of the largest lot are served first: together they get the whole number of their lots nearest
/// to their exact shares that leaves the others a way, each of them its part of that, rounded down or up by less than one
/// own lot; the others share the rest in the same way. That is defined for largest remainder only.
///
/// `bounds` are one for each member, or none at all.
///
/// ```
/// use quotaflow::allocation::{Bound, Lots, Method, WeightPolicy, Weights, allocate_within};
/// let weights = Weights::new(&[10_i64, 20, 30], WeightPolicy::ALLOCATE)?;
/// let method = Method::LargestRemainder;
/// let bounds = [Bound::FREE, Bound::held(20), Bound::FREE];
/// assert_eq!(allocate_within(100, &weights, method, &bounds, &Lots::ONE)?.shares(), [20, 20, 60]);
/// let impossible = [Bound::at_least(60), Bound::at_least(50), Bound::at_least(1)];
/// let error = allocate_within(100, &weights, method, &impossible, &Lots::ONE).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "a total of 100 cannot be shared: needed 110, available 100 under 2 constraints together, the first on member 0"
/// );
/// # Ok::<(), quotaflow::allocation::AllocationError>(())
/// ```
///
/// # Errors
/// [`AllocationError::Impossible`] with a contradicting set in which nothing can be left out;
/// [`AllocationError::LotsDoNotDivide`]; [`AllocationError::LengthMismatch`]; [`AllocationError::OutOfRange`];
/// [`AllocationError::NoMembers`] and [`AllocationError::ZeroWeights`] as for [`allocate`](super::allocate), where the
/// bounds alone do not make up the total; [`AllocationError::LotsDiffer`], [`AllocationError::BlocksInsideBounds`],
/// [`AllocationError::NoRoomForRemainder`], [`AllocationError::NoSuchMember`] and
/// [`AllocationError::RemainderToZeroWeight`] where a method cannot do what is asked.
pub fn allocate_within(
    total: i64,
    weights: &Weights,
    method: Method,
    bounds: &[Bound],
    lots: &Lots,
) -> Result<BoundedShares, AllocationError> {
    method.check_member(weights)?;
    let asked = read(total, weights, bounds, lots)?;
    let chain = chain(&asked)?;
    check_method(method, &asked, &chain)?;
    let rooms: Vec<Room> = asked.iter().map(|one| one.room().settled()).collect();
    if weights.sum() == 0 {
        return unweighted(total, weights, &asked, &chain, &rooms);
    }
    let tally = Tally::new(&chain, rooms.iter().copied());
    let magnitude = i128::from(total.unsigned_abs());
    let Some(reaches) = tally.reaches(magnitude) else {
        return Err(AllocationError::Impossible(contradiction(
            total, &asked, &chain,
        )));
    };
    let mut placed = Placed::default();
    let mut open = Vec::with_capacity(asked.len());
    for (member, (one, room)) in asked.iter().zip(&rooms).enumerate() {
        let placement = if one.is_held() {
            ActiveBound::Held
        } else if one.weightless {
            ActiveBound::ZeroWeight
        } else {
            ActiveBound::Minimum
        };
        let share = match *room {
            Room::Fixed(share) => share,
            Room::Lots {
                lot,
                lowest,
                highest,
            } => {
                let weight = weights.get(member).unwrap_or(0);
                open.push(Open {
                    member,
                    lot,
                    vessel: Vessel {
                        weight,
                        lowest,
                        highest,
                    },
                });
                0
            }
        };
        placed.shares.push((share, placement));
    }
    let mut rest = tally.rest(magnitude);
    for (lot, reach) in chain.iter().zip(&reaches).rev() {
        let (group, finer): (Vec<_>, Vec<_>) = open.into_iter().partition(|one| one.lot == *lot);
        open = finer;
        if !group.is_empty() {
            let served = part(rest, *lot, *reach, &group, &open);
            match method.signposts() {
                Some(signposts) => divided::serve(signposts, served, *lot, &group, &mut placed),
                None => serve(method, served, *lot, &group, &mut placed)?,
            }
            rest -= served;
        }
    }
    finish(total, placed)
}

/// What has been found, for the magnitude of the total.
#[derive(Debug, Default)]
struct Placed {
    shares: Vec<(i128, ActiveBound)>,
    ties: Vec<Tie>,
    unallocated: i128,
}

/// Refuses what a method has no meaning for.
fn check_method(method: Method, asked: &[Asked], chain: &[Lot]) -> Result<(), AllocationError> {
    if chain.len() > 1 && method != Method::LargestRemainder {
        return Err(AllocationError::LotsDiffer);
    }
    let bounded = |one: &Asked| {
        !one.is_held() && (one.bound.minimum().is_some() || one.bound.maximum().is_some())
    };
    match asked.iter().position(bounded) {
        Some(member) if method == Method::BlocksApart => {
            Err(AllocationError::BlocksInsideBounds { member })
        }
        _ => Ok(()),
    }
}

/// A member whose share is still open.
#[derive(Debug, Clone, Copy)]
struct Open {
    member: usize,
    lot: Lot,
    vessel: Vessel,
}

fn read(
    total: i64,
    weights: &Weights,
    bounds: &[Bound],
    lots: &Lots,
) -> Result<Vec<Asked>, AllocationError> {
    let members = weights.len();
    let same = |what, found| {
        if found == members {
            Ok(())
        } else {
            Err(AllocationError::LengthMismatch {
                what,
                expected: members,
                found,
            })
        }
    };
    if !bounds.is_empty() {
        same("the column of bounds", bounds.len())?;
    }
    if let Lots::Each(lots) = lots {
        same("the column of lots", lots.len())?;
    }
    let one = |(member, weight)| {
        let bound = bounds.get(member).copied().unwrap_or_default();
        Asked::new(
            total,
            weight == 0,
            bound,
            lots.get(member).unwrap_or_default(),
        )
    };
    Ok(weights.iter().enumerate().map(one).collect())
}

/// Returns the lots that occur, from the finest, each dividing the next.
fn chain(asked: &[Asked]) -> Result<Vec<Lot>, AllocationError> {
    let mut lots: Vec<Lot> = Vec::new();
    for one in asked.iter().filter(|one| !one.is_held()) {
        if let Err(place) = lots.binary_search(&one.lot) {
            lots.insert(place, one.lot);
            let neighbours = &lots[place.saturating_sub(1)..lots.len().min(place + 2)];
            for pair in neighbours.windows(2) {
                let (smaller, larger) = (pair[0], pair[1]);
                if larger.quanta() % smaller.quanta() != 0 {
                    return Err(AllocationError::LotsDoNotDivide { smaller, larger });
                }
            }
        }
    }
    Ok(lots)
}

/// With no weight at all, everybody has what the bounds ask for; what they leave of the total is nobody's.
fn unweighted(
    total: i64,
    weights: &Weights,
    asked: &[Asked],
    chain: &[Lot],
    rooms: &[Room],
) -> Result<BoundedShares, AllocationError> {
    let mut placed = Placed::default();
    for (one, room) in asked.iter().zip(rooms) {
        let placement = if one.is_held() {
            ActiveBound::Held
        } else {
            ActiveBound::ZeroWeight
        };
        match *room {
            Room::Fixed(share) => placed.shares.push((share, placement)),
            // A member without weight always has one share, unless its own bounds and lot leave none.
            Room::Lots { .. } => {
                return Err(AllocationError::Impossible(contradiction(
                    total, asked, chain,
                )));
            }
        }
    }
    let sum: i128 = placed.shares.iter().map(|(share, _)| share).sum();
    placed.unallocated = i128::from(total.unsigned_abs()) - sum;
    match weights.all_zero() {
        _ if placed.unallocated == 0 => finish(total, placed),
        ZeroWeights::Nothing => finish(total, placed),
        _ if weights.is_empty() => Err(AllocationError::NoMembers { total }),
        ZeroWeights::Refuse | ZeroWeights::Equal => Err(AllocationError::ZeroWeights {
            total,
            members: weights.len(),
        }),
    }
}

/// Returns what the members of the largest lot get together: the whole number of their lots nearest to their exact
/// shares, a half towards zero, as far as that leaves the others a way.
fn part(rest: i128, lot: Lot, reach: Reach, group: &[Open], finer: &[Open]) -> i128 {
    let lowest = sum_of(group, |vessel| vessel.lowest).max(reach.highest.map(|most| rest - most));
    let highest = match (sum_of(group, |vessel| vessel.highest), reach.lowest) {
        (Some(own), Some(least)) => Some(own.min(rest - least)),
        (own, least) => own.or(least.map(|least| rest - least)),
    };
    if let (Some(only), Some(highest)) = (lowest, highest)
        && only >= highest
    {
        return only;
    }
    let vessels: Vec<Vessel> = group.iter().chain(finer).map(|one| one.vessel).collect();
    let filled = fill(rest, &vessels);
    let near = nearest(&filled, &vessels[..group.len()], i128::from(lot.quanta()));
    let near = lowest.map_or(near, |lowest| near.max(lowest));
    highest.map_or(near, |highest| near.min(highest))
}

fn sum_of(group: &[Open], end: impl Fn(Vessel) -> Option<i128>) -> Option<i128> {
    group.iter().map(|one| end(one.vessel)).sum()
}

/// Returns the multiple of `step` nearest to what these of the filled vessels hold together.
fn nearest(filled: &Filled, vessels: &[Vessel], step: i128) -> i128 {
    let (mut whole, mut weight) = (0_i128, 0_u128);
    for (vessel, level) in vessels.iter().zip(&filled.levels) {
        match level {
            Level::Free => weight += vessel.weight,
            Level::Lowest => whole += vessel.lowest.unwrap_or(0),
            Level::Highest => whole += vessel.highest.unwrap_or(0),
        }
    }
    // The content is whole + rest / filled.weight, with the rest at least zero.
    let mut rest = 0;
    if weight > 0 {
        let (quotient, remainder) =
            mul_div_rem(filled.shared.unsigned_abs(), weight, filled.weight);
        let quotient = quotient.cast_signed();
        if filled.shared >= 0 {
            (whole, rest) = (whole + quotient, remainder);
        } else if remainder == 0 {
            whole -= quotient;
        } else {
            (whole, rest) = (whole - quotient - 1, filled.weight - remainder);
        }
    }
    // Below zero as its mirror above, so that a half goes towards zero on both sides.
    let turned = whole < 0;
    if turned {
        let fraction = if rest > 0 { filled.weight - rest } else { 0 };
        (whole, rest) = (-whole - i128::from(rest > 0), fraction);
    }
    let down = whole / step * step;
    let beyond = whole - down;
    // Compares beyond + rest / weight with half a step.
    let up = match (2 * beyond).cmp(&step) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => rest > 0,
        std::cmp::Ordering::Less => 2 * beyond + 1 == step && rest > filled.weight - rest,
    };
    let near = if up { down + step } else { down };
    if turned { -near } else { near }
}

/// Shares what the members of one lot get together among them.
fn serve(
    method: Method,
    total: i128,
    lot: Lot,
    group: &[Open],
    placed: &mut Placed,
) -> Result<(), AllocationError> {
    let step = i128::from(lot.quanta());
    let vessels: Vec<Vessel> = group.iter().map(|one| one.vessel).collect();
    let filled = fill(total, &vessels);
    let side = filled.shared.signum();
    let free: Vec<Candidate> = group
        .iter()
        .zip(&filled.levels)
        .filter(|(_, level)| **level == Level::Free)
        .map(|(one, _)| Candidate {
            member: one.member,
            weight: one.vessel.weight,
            most: if side < 0 {
                one.vessel.lowest
            } else {
                one.vessel.highest
            }
            .map(|end| (end / step).unsigned_abs()),
        })
        .collect();
    // Total and bounds are whole lots, so what is shared is too.
    let amount = (filled.shared / step).unsigned_abs();
    let Rounded { shares, spare, tie } = rounded::round(method, amount, &free, filled.weight)?;
    let mut lots = shares.into_iter();
    for (one, level) in group.iter().zip(&filled.levels) {
        placed.shares[one.member] = match level {
            Level::Lowest => (one.vessel.lowest.unwrap_or(0), ActiveBound::Minimum),
            Level::Highest => (one.vessel.highest.unwrap_or(0), ActiveBound::Maximum),
            Level::Free => {
                let share = lots.next().unwrap_or(0).cast_signed() * step * side;
                let (weight, sum) = (one.vessel.weight, filled.weight);
                (
                    share,
                    ActiveBound::Shared(ProRata {
                        shared: filled.shared,
                        weight,
                        sum,
                        lot,
                    }),
                )
            }
        };
    }
    placed.unallocated += spare.cast_signed() * step * side;
    placed.ties.extend(tie);
    Ok(())
}

/// Turns shares of the magnitude into shares of the total.
fn finish(total: i64, placed: Placed) -> Result<BoundedShares, AllocationError> {
    let turned = total < 0;
    let turn = |value: i128| if turned { -value } else { value };
    let mut shares = Vec::with_capacity(placed.shares.len());
    let mut active_bounds = Vec::with_capacity(placed.shares.len());
    for (member, (share, placement)) in placed.shares.iter().enumerate() {
        let share =
            i64::try_from(turn(*share)).map_err(|_| AllocationError::OutOfRange { member })?;
        shares.push(share);
        active_bounds.push(match *placement {
            ActiveBound::Shared(portion) if turned => ActiveBound::Shared(ProRata {
                shared: -portion.shared,
                ..portion
            }),
            // Turned round, the least magnitude is the maximum.
            ActiveBound::Minimum if turned => ActiveBound::Maximum,
            ActiveBound::Maximum if turned => ActiveBound::Minimum,
            other => other,
        });
    }
    Ok(BoundedShares {
        shares,
        active_bounds,
        ties: placed.ties,
        unallocated: i64::try_from(turn(placed.unallocated))
            .map_err(|_| AllocationError::OutOfRange { member: 0 })?,
    })
}
