//! What members share by weight alone, rounded to whole lots inside their bounds.

use std::cmp::Reverse;

use crate::allocation::AllocationError;
use crate::allocation::method::Method;
use crate::allocation::remainder::largest_remainders;
use crate::allocation::tie::Tie;
use crate::allocation::wide::mul_div_rem;
use crate::quantity::gcd;

/// A member that shares by weight: its exact share is not above the most that it may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) member: usize,
    pub(super) weight: u128,
    pub(super) most: Option<u128>,
}

impl Candidate {
    fn has_room(&self, share: u128, more: u128) -> bool {
        self.most
            .is_none_or(|most| share.checked_add(more).is_some_and(|sum| sum <= most))
    }
}

/// Whole lots for each candidate, what is left, and the tie that declared order decided.
#[derive(Debug, Default)]
pub(super) struct Rounded {
    pub(super) shares: Vec<u128>,
    pub(super) spare: u128,
    pub(super) tie: Option<Tie>,
}

/// Rounds the shares of an amount by weights that add up to `sum`; divisor methods have their own way.
///
/// A share rounded down is not below a whole minimum, and one rounded up not above a whole maximum. So only what gives a
/// member more than that has to look at its bounds.
pub(super) fn round(
    method: Method,
    amount: u128,
    free: &[Candidate],
    sum: u128,
) -> Result<Rounded, AllocationError> {
    if free.is_empty() || sum == 0 {
        return Ok(Rounded::default());
    }
    let exact = || {
        free.iter()
            .map(|one| mul_div_rem(amount, one.weight, sum))
            .collect::<Vec<_>>()
    };
    let rounded = match method {
        Method::Running => running(amount, free, sum),
        Method::BlocksApart => blocks(amount, free, sum),
        Method::RemainderApart => apart(amount, &exact()),
        Method::RemainderTo(_) | Method::RemainderToLargest => {
            to_one(method, amount, free, &exact())?
        }
        Method::SpareToFirst => {
            let exact = exact();
            let mut rounded = apart(amount, &exact);
            for (share, (_, rest)) in rounded.shares.iter_mut().zip(&exact) {
                if rounded.spare > 0 && *rest > 0 {
                    *share += 1;
                    rounded.spare -= 1;
                }
            }
            rounded
        }
        Method::SpareToHeaviest => to_heaviest(amount, free, &exact()),
        Method::LargestRemainder
        | Method::Webster
        | Method::Jefferson
        | Method::Hill
        | Method::Adams
        | Method::Dean => {
            let weights: Vec<u128> = free.iter().map(|one| one.weight).collect();
            let found = largest_remainders(amount, &weights, sum);
            let tied = found.tied.iter().map(|place| free[*place].member);
            Rounded {
                tie: Tie::among(tied.collect(), found.served),
                shares: found.shares,
                spare: 0,
            }
        }
    };
    Ok(rounded)
}

fn apart(amount: u128, exact: &[(u128, u128)]) -> Rounded {
    let shares: Vec<u128> = exact.iter().map(|(whole, _)| *whole).collect();
    let spare = amount - shares.iter().sum::<u128>();
    Rounded {
        shares,
        spare,
        tie: None,
    }
}

fn running(amount: u128, free: &[Candidate], sum: u128) -> Rounded {
    let (mut before, mut weight) = (0, 0);
    let shares = free.iter().map(|one| {
        weight += one.weight;
        let (whole, rest) = mul_div_rem(amount, weight, sum);
        let so_far = whole + u128::from(rest >= sum - rest);
        let share = so_far - before;
        before = so_far;
        share
    });
    Rounded {
        shares: shares.collect(),
        ..Rounded::default()
    }
}

/// Whole multiples of the smallest whole-number proportions of those that share.
fn blocks(amount: u128, free: &[Candidate], sum: u128) -> Rounded {
    let common = free
        .iter()
        .fold(0, |common, one| gcd(common, one.weight))
        .max(1);
    let blocks = amount / (sum / common);
    let shares: Vec<u128> = free
        .iter()
        .map(|one| blocks * (one.weight / common))
        .collect();
    Rounded {
        spare: amount - shares.iter().sum::<u128>(),
        shares,
        tie: None,
    }
}

fn to_one(
    method: Method,
    amount: u128,
    free: &[Candidate],
    exact: &[(u128, u128)],
) -> Result<Rounded, AllocationError> {
    let mut rounded = apart(amount, exact);
    let spare = std::mem::take(&mut rounded.spare);
    if spare == 0 {
        return Ok(rounded);
    }
    let no_room = |member| AllocationError::NoRoomForRemainder {
        member,
        remainder: spare,
    };
    let fits = |place: usize| free[place].has_room(exact[place].0, spare);
    let taker = if let Method::RemainderTo(member) = method {
        let named = free.iter().position(|one| one.member == member);
        named
            .filter(|place| fits(*place))
            .ok_or_else(|| no_room(member))?
    } else {
        let heaviest = |place: &usize| (free[*place].weight, Reverse(*place));
        let Some(found) = (0..free.len())
            .filter(|place| fits(*place))
            .max_by_key(heaviest)
        else {
            let first = (0..free.len()).max_by_key(heaviest).unwrap_or(0);
            return Err(no_room(free[first].member));
        };
        let equal = |place: &usize| fits(*place) && free[*place].weight == free[found].weight;
        let members = (0..free.len())
            .filter(equal)
            .map(|place| free[place].member);
        rounded.tie = Tie::among(members.collect(), 1);
        found
    };
    rounded.shares[taker] += spare;
    Ok(rounded)
}

/// One each to the heaviest that have room. Those with a remainder have, and there are fewer quanta than these.
fn to_heaviest(amount: u128, free: &[Candidate], exact: &[(u128, u128)]) -> Rounded {
    let mut rounded = apart(amount, exact);
    let spare = usize::try_from(std::mem::take(&mut rounded.spare)).unwrap_or(usize::MAX);
    let mut open: Vec<(Reverse<u128>, usize)> = (0..free.len())
        .filter(|place| free[*place].has_room(exact[*place].0, 1))
        .map(|place| (Reverse(free[place].weight), place))
        .collect();
    if spare == 0 || open.len() <= spare {
        for (_, place) in open.iter().take(spare) {
            rounded.shares[*place] += 1;
        }
        return rounded;
    }
    let (served, first, waiting) = open.select_nth_unstable(spare);
    let last = served.iter().map(|(weight, _)| *weight).max();
    if last == Some(first.0) {
        let equal = |rows: &[(Reverse<u128>, usize)]| -> Vec<usize> {
            let rows = rows.iter().filter(|row| Some(row.0) == last);
            rows.map(|row| free[row.1].member).collect()
        };
        let mut members = equal(served);
        let quanta = members.len();
        members.push(free[first.1].member);
        members.extend(equal(waiting));
        members.sort_unstable();
        rounded.tie = Tie::among(members, quanta);
    }
    for (_, place) in served.iter() {
        rounded.shares[*place] += 1;
    }
    rounded
}
