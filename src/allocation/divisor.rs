//! The divisor methods: one divisor for all, and a rounding that each method draws at its own signposts.
//!
//! A member with `k` quanta claims the next one with the priority `weight / d(k)`; quanta go to the highest priorities. The
//! signposts `d(k)` between `k` and `k + 1` are `k` (Adams), `2k(k+1)/(2k+1)` (Dean, harmonic mean), `sqrt(k(k+1))` (Hill,
//! geometric), `k + 1/2` (Webster) and `k + 1` (Jefferson). Source: M. L. Balinski and H. P. Young, *Fair Representation*
//! (1982), appendix A.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::fill::{Level, Vessel, fill};
use super::tie::Tie;
use super::weights::Weights;
use super::wide::{mul_div_rem, product_of_three};

/// Where a divisor method draws the line between `k` and `k + 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signposts {
    Adams,
    Dean,
    Hill,
    Webster,
    Jefferson,
}

/// A claim to one quantum: its priority, exact, as `top / bottom`; the root of that for [`Signposts::Hill`].
#[derive(Debug, Clone, Copy)]
struct Claim {
    top: (u128, u128),
    /// Zero for a claim to a first quantum that goes before all others; among these the weight decides.
    bottom: u128,
    member: usize,
    /// The quanta that the member has without this one.
    has: u64,
}

impl Claim {
    fn compare_priority(&self, other: &Self) -> Ordering {
        match (self.bottom == 0, other.bottom == 0) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (true, true) => self.top.0.cmp(&other.top.0),
            (false, false) => product_of_three(self.top.0, self.top.1, other.bottom)
                .cmp(&product_of_three(other.top.0, other.top.1, self.bottom)),
        }
    }
}

/// Higher priority is greater; of equal priorities the earlier member.
impl Ord for Claim {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare_priority(other)
            .then_with(|| other.member.cmp(&self.member))
            .then_with(|| other.has.cmp(&self.has))
    }
}

impl PartialOrd for Claim {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Claim {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Claim {}

impl Signposts {
    fn claim(self, weight: u128, has: u64, member: usize) -> Claim {
        let k = u128::from(has);
        let (top, bottom) = match self {
            Self::Adams => ((weight, 1), k),
            Self::Dean => ((weight, 2 * k + 1), k * (k + 1)),
            Self::Hill => ((weight, weight), k * (k + 1)),
            Self::Webster => ((weight, 1), 2 * k + 1),
            Self::Jefferson => ((weight, 1), k + 1),
        };
        Claim {
            top,
            bottom,
            member,
            has,
        }
    }

    /// Says whether everybody gets a first quantum before anybody a second one.
    fn gives_all_one(self) -> bool {
        match self {
            Self::Adams | Self::Dean | Self::Hill => true,
            Self::Webster | Self::Jefferson => false,
        }
    }

    /// Splits an amount; the weights must not all be zero.
    pub(crate) fn split(self, amount: u64, weights: &Weights) -> Vec<u64> {
        let none = Limits::default();
        let present = weights.iter().filter(|weight| *weight > 0).count();
        if self.gives_all_one()
            && let Some(few) = usize::try_from(amount).ok().filter(|few| *few < present)
        {
            return heaviest(few, weights);
        }
        let start = self.start(amount, present, weights);
        let mut division = Division::new(self, weights.iter().collect(), none, start);
        division.reach(u128::from(amount));
        division.settle();
        division.shares
    }

    /// Splits an amount among members of these weights, none of them zero, inside limits that leave a way.
    ///
    /// Everybody begins at the least and the highest priorities are served up to the most: so the shares are those of one
    /// divisor, cut to the limits.
    pub(crate) fn split_within(self, amount: u128, weights: &[u128], limits: Limits) -> Divided {
        let start = self.start_within(amount, weights, &limits);
        let mut division = Division::new(self, weights.to_vec(), limits, start);
        division.reach(amount);
        division.settle();
        let (waiting, served) = (division.strongest(), division.weakest());
        let stop = |(member, (share, weight)): (usize, (&u64, &u128))| {
            let (least, most) = division.limits.of(member);
            let claim = |has| self.claim(*weight, has, member);
            let beaten = |has| {
                waiting.is_some_and(|other| claim(has).compare_priority(&other) == Ordering::Less)
            };
            let ahead = |has| {
                served.is_some_and(|other| claim(has).compare_priority(&other) == Ordering::Greater)
            };
            match share.checked_sub(1) {
                Some(has) if *share == least && beaten(has) => Level::Lowest,
                _ if *share == most && ahead(*share) => Level::Highest,
                _ => Level::Free,
            }
        };
        Divided {
            levels: division
                .shares
                .iter()
                .zip(weights)
                .enumerate()
                .map(stop)
                .collect(),
            tie: self.tie_within(&division.shares, weights, &division.limits),
            shares: division.shares,
        }
    }

    /// Shares near the result inside limits: the level to which all fill, rounded.
    fn start_within(self, amount: u128, weights: &[u128], limits: &Limits) -> Vec<u64> {
        let half = weights.len() as u128 / 2;
        let aim = match self {
            Self::Adams => amount.saturating_sub(half),
            Self::Jefferson => amount.saturating_add(half),
            Self::Dean | Self::Hill | Self::Webster => amount,
        };
        let ends = || (0..weights.len()).map(|member| limits.of(member));
        let least: u128 = ends().map(|(least, _)| u128::from(least)).sum();
        let most: u128 = ends().map(|(_, most)| u128::from(most)).sum();
        let aim = aim.max(least).min(most).cast_signed();
        let vessels: Vec<Vessel> = weights
            .iter()
            .zip(ends())
            .map(|(weight, (least, most))| Vessel {
                weight: *weight,
                lowest: Some(i128::from(least)),
                highest: Some(i128::from(most)),
            })
            .collect();
        let filled = fill(aim, &vessels);
        let share = |((level, weight), (least, most)): ((&Level, &u128), (u64, u64))| match level {
            Level::Lowest => least,
            Level::Highest => most,
            Level::Free => {
                let (whole, rest) =
                    mul_div_rem(filled.shared.unsigned_abs(), *weight, filled.weight);
                let whole = u64::try_from(whole).unwrap_or(u64::MAX);
                let up = match self {
                    Self::Adams => true,
                    Self::Jefferson => false,
                    Self::Webster | Self::Dean | Self::Hill => rest >= filled.weight - rest,
                };
                whole.saturating_add(u64::from(up)).clamp(least, most)
            }
        };
        filled
            .levels
            .iter()
            .zip(weights)
            .zip(ends())
            .map(share)
            .collect()
    }

    /// Shares that are near the result: rounded at a divisor for which their sum is expected to be the amount. So few
    /// steps are left, however large the amount.
    fn start(self, amount: u64, present: usize, weights: &Weights) -> Vec<u64> {
        let (amount, half) = (u128::from(amount), present as u128 / 2);
        let aim = match self {
            Self::Adams => amount.saturating_sub(half),
            Self::Jefferson => amount + half,
            Self::Dean | Self::Hill | Self::Webster => amount,
        };
        let share = |weight: u128| {
            if weight == 0 {
                return 0;
            }
            let (whole, rest) = mul_div_rem(aim, weight, weights.sum());
            let whole = u64::try_from(whole).unwrap_or(u64::MAX);
            match self {
                Self::Adams => whole.saturating_add(1),
                Self::Jefferson => whole,
                Self::Webster => whole + u64::from(rest >= weights.sum() - rest),
                // Not exact for these two; settling exchanges what is wrong.
                Self::Dean | Self::Hill => (whole + u64::from(rest >= weights.sum() - rest)).max(1),
            }
        };
        weights.iter().map(share).collect()
    }

    /// Returns the tie that declared order decided in the result.
    pub(crate) fn tie(self, shares: &[u64], weights: &Weights) -> Option<Tie> {
        let weights: Vec<u128> = weights.iter().collect();
        self.tie_within(shares, &weights, &Limits::default())
    }

    fn tie_within(self, shares: &[u64], weights: &[u128], limits: &Limits) -> Option<Tie> {
        let claims = || {
            let all = shares.iter().zip(weights.iter().copied()).enumerate();
            all.filter(|(_, (_, weight))| *weight > 0)
        };
        let last = |(member, (share, weight)): (usize, (&u64, u128))| {
            let has = share.checked_sub(1)?;
            (*share > limits.of(member).0).then(|| self.claim(weight, has, member))
        };
        let weakest = claims().filter_map(last).min_by(Claim::compare_priority)?;
        let equal = |claim: &Claim| claim.compare_priority(&weakest) == Ordering::Equal;
        let served: Vec<usize> = claims()
            .filter_map(last)
            .filter(equal)
            .map(|claim| claim.member)
            .collect();
        let waiting = claims()
            .filter(|(member, (share, _))| **share < limits.of(*member).1)
            .map(|(member, (share, weight))| self.claim(weight, *share, member))
            .filter(equal)
            .map(|claim| claim.member);
        let quanta = served.len();
        let mut members: Vec<usize> = served.into_iter().chain(waiting).collect();
        members.sort_unstable();
        Tie::among(members, quanta)
    }
}

/// One each for the heaviest, the earlier of equals.
pub(crate) fn heaviest(few: usize, weights: &Weights) -> Vec<u64> {
    let mut order: Vec<(Reverse<u128>, usize)> = weights
        .iter()
        .enumerate()
        .map(|(member, weight)| (Reverse(weight), member))
        .collect();
    let mut shares = vec![0; order.len()];
    if few < order.len() {
        order.select_nth_unstable(few);
    }
    for (_, member) in order.into_iter().take(few) {
        shares[member] = 1;
    }
    shares
}

/// The least and the most that each member may have; of a member beyond the end, anything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Limits(Vec<(u64, u64)>);

impl Limits {
    pub(crate) fn new(limits: Vec<(u64, u64)>) -> Self {
        Self(limits)
    }

    fn of(&self, member: usize) -> (u64, u64) {
        self.0.get(member).copied().unwrap_or((0, u64::MAX))
    }
}

/// Shares inside limits, where each is for the limits, and the tie that declared order decided.
#[derive(Debug)]
pub(crate) struct Divided {
    pub(crate) shares: Vec<u64>,
    pub(crate) levels: Vec<Level>,
    pub(crate) tie: Option<Tie>,
}

/// Shares on their way to the result, with the claims that would change first.
struct Division {
    signposts: Signposts,
    weights: Vec<u128>,
    limits: Limits,
    shares: Vec<u64>,
    sum: u128,
    /// The strongest claims to one more.
    waiting: BinaryHeap<Claim>,
    /// The weakest claims that are served.
    served: BinaryHeap<Reverse<Claim>>,
}

impl Division {
    fn new(signposts: Signposts, weights: Vec<u128>, limits: Limits, shares: Vec<u64>) -> Self {
        let present = || (0..weights.len()).filter(|member| weights[*member] > 0);
        let waiting: Vec<Claim> = present()
            .filter(|member| shares[*member] < limits.of(*member).1)
            .map(|member| signposts.claim(weights[member], shares[member], member))
            .collect();
        let served: Vec<Reverse<Claim>> = present()
            .filter(|member| shares[*member] > limits.of(*member).0)
            .filter_map(|member| {
                let has = shares[member].checked_sub(1)?;
                Some(Reverse(signposts.claim(weights[member], has, member)))
            })
            .collect();
        let sum = shares.iter().map(|share| u128::from(*share)).sum();
        Self {
            signposts,
            waiting: waiting.into(),
            served: served.into(),
            weights,
            limits,
            shares,
            sum,
        }
    }

    /// Serves or takes back claims in their order until the shares add up to the amount.
    fn reach(&mut self, amount: u128) {
        while self.sum < amount {
            let Some(claim) = self.strongest() else {
                return;
            };
            self.serve(claim);
        }
        while self.sum > amount {
            let Some(claim) = self.weakest() else { return };
            self.take_back(claim);
        }
    }

    /// Exchanges claims until none that waits is stronger than one that is served.
    fn settle(&mut self) {
        while let (Some(waiting), Some(served)) = (self.strongest(), self.weakest()) {
            if waiting.member == served.member || waiting < served {
                return;
            }
            self.take_back(served);
            self.serve(waiting);
        }
    }

    /// Returns the strongest claim that waits, forgetting those that are out of date.
    fn strongest(&mut self) -> Option<Claim> {
        while let Some(claim) = self.waiting.peek().copied() {
            if self.shares[claim.member] == claim.has {
                return Some(claim);
            }
            self.waiting.pop();
        }
        None
    }

    fn weakest(&mut self) -> Option<Claim> {
        while let Some(Reverse(claim)) = self.served.peek().copied() {
            if self.shares[claim.member] == claim.has + 1 {
                return Some(claim);
            }
            self.served.pop();
        }
        None
    }

    fn serve(&mut self, claim: Claim) {
        self.change(claim.member, claim.has + 1);
        self.sum += 1;
    }

    fn take_back(&mut self, claim: Claim) {
        self.change(claim.member, claim.has);
        self.sum -= 1;
    }

    fn change(&mut self, member: usize, share: u64) {
        let weight = self.weights[member];
        let (least, most) = self.limits.of(member);
        self.shares[member] = share;
        if share < most {
            self.waiting
                .push(self.signposts.claim(weight, share, member));
        }
        if let Some(has) = share.checked_sub(1)
            && share > least
        {
            self.served
                .push(Reverse(self.signposts.claim(weight, has, member)));
        }
    }
}
