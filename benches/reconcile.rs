//! A draft brought to numbers from above with the least change, beside loops by hand for the same arithmetic in floating point.
//!
//! 2,000 series of 40 groups in each of 12 periods, which have nothing to do with each other: 24,000 leaves in three levels. Of each
//! period 7 % more than the draft is asked for, and the weights are the draft. `bounded` asks in addition that every second leaf
//! stays within some percent of its draft, that five groups do not move and that five gain no more than 5 %.
//!
//! The loops by hand keep no sum: each leaf is rounded by itself. `free_by_hand` is what anybody would write;
//! `free_by_hand_vectorized` rounds by a shift of the mantissa, so that the compiler turns it into vector code, and knows that no
//! amount is near 2^51. `bounded_by_hand` takes steps by Newton's method until the pull stands still, and knows of no bounds of groups.
//! Before it is timed, each loop is held to the library's amounts: no leaf is more than one from them.
#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "a bench may stop on a surprise, and its inputs are known"
)]

use divan::{Bencher, black_box};
use quotaflow::allocation::{Bound, LeastSquares, Nodes};

const PERIODS: usize = 12;
const GROUPS: usize = 40;
const SERIES: usize = 50;
const PERIOD: usize = GROUPS * SERIES;

fn main() {
    divan::main();
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        ((u128::from(z) * u128::from(n)) >> 64) as u64
    }
}

struct Input {
    draft: Vec<i64>,
    weights: Vec<u32>,
    totals: Vec<i64>,
    wholes: Vec<Bound>,
    groups: Vec<Bound>,
    leaves: Vec<Bound>,
}

fn input() -> Input {
    let mut random = Random(7);
    let weights: Vec<u32> = (0..PERIODS * PERIOD)
        .map(|_| 1_000 + random.below(1_000_000) as u32)
        .collect();
    let draft: Vec<i64> = weights.iter().copied().map(i64::from).collect();
    let sum = |leaves: &[i64]| leaves.iter().sum::<i64>();
    let totals: Vec<i64> = draft
        .chunks(PERIOD)
        .map(|own| sum(own) * 107 / 100)
        .collect();
    let group = |(number, own): (usize, &[i64])| match number % 8 {
        3 => Bound::held(sum(own)),
        5 => Bound::at_most(sum(own) * 105 / 100),
        _ => Bound::FREE,
    };
    let mut leaf = |(number, own): (usize, &i64)| {
        if number % 2 == 1 {
            return Bound::FREE;
        }
        let (least, most) = (92 + random.below(8), 101 + random.below(9));
        Bound::between(own * (least as i64) / 100, own * (most as i64) / 100).unwrap()
    };
    Input {
        wholes: totals.iter().copied().map(Bound::held).collect(),
        groups: draft.chunks(SERIES).enumerate().map(group).collect(),
        leaves: draft.iter().enumerate().map(&mut leaf).collect(),
        draft,
        weights,
        totals,
    }
}

const TREE: [Nodes<'static>; 2] = [Nodes::Even(GROUPS), Nodes::Even(SERIES)];

#[divan::bench]
fn free(bencher: Bencher<'_, '_>) {
    let input = input();
    let asked = LeastSquares::new(&TREE, &input.draft).bounds(0, &input.wholes);
    bencher.bench(|| {
        asked
            .solve(black_box(&input.weights[..]))
            .unwrap()
            .into_amounts()
    });
}

#[divan::bench]
fn bounded(bencher: Bencher<'_, '_>) {
    let input = input();
    let asked = LeastSquares::new(&TREE, &input.draft)
        .bounds(0, &input.wholes)
        .bounds(1, &input.groups)
        .bounds(2, &input.leaves);
    bencher.bench(|| {
        asked
            .solve(black_box(&input.weights[..]))
            .unwrap()
            .into_amounts()
    });
}

fn by_hand(input: &Input, round: impl Fn(f64) -> i64) -> (Vec<i64>, Vec<i64>) {
    let mut leaves = vec![0; input.draft.len()];
    let mut groups = vec![0; PERIODS * GROUPS];
    for (period, total) in input.totals.iter().enumerate() {
        let run = period * PERIOD..(period + 1) * PERIOD;
        let (mut sum, mut weight) = (0.0, 0.0);
        for (draft, own) in input.draft[run.clone()]
            .iter()
            .zip(&input.weights[run.clone()])
        {
            sum += *draft as f64;
            weight += f64::from(*own);
        }
        let pull = (*total as f64 - sum) / weight;
        for (group, amount) in groups[period * GROUPS..(period + 1) * GROUPS]
            .iter_mut()
            .enumerate()
        {
            let run = run.start + group * SERIES..run.start + (group + 1) * SERIES;
            let own = input.draft[run.clone()]
                .iter()
                .zip(&input.weights[run.clone()]);
            for ((draft, weight), leaf) in own.zip(&mut leaves[run]) {
                *leaf = round(*draft as f64 + pull * f64::from(*weight));
                *amount += *leaf;
            }
        }
    }
    (leaves, groups)
}

/// Stops where a loop by hand does something else than the library.
fn assert_near(leaves: &[i64], asked: &LeastSquares<'_>, weights: &[u32]) {
    let found = asked.solve(weights).unwrap();
    let mut pairs = leaves.iter().zip(found.amounts(2));
    assert!(pairs.all(|(own, exact)| own.abs_diff(*exact) <= 1));
}

#[divan::bench]
fn free_by_hand(bencher: Bencher<'_, '_>) {
    let input = input();
    let round = |amount: f64| amount.round() as i64;
    let asked = LeastSquares::new(&TREE, &input.draft).bounds(0, &input.wholes);
    assert_near(&by_hand(&input, round).0, &asked, &input.weights);
    bencher.bench(|| by_hand(black_box(&input), round));
}

/// 1.5 times 2^52: adding it leaves the nearest whole number in the low bits.
const SHIFT: f64 = 6_755_399_441_055_744.0;

#[divan::bench]
fn free_by_hand_vectorized(bencher: Bencher<'_, '_>) {
    let input = input();
    let round = |amount: f64| (amount + SHIFT).to_bits().wrapping_sub(SHIFT.to_bits()) as i64;
    let asked = LeastSquares::new(&TREE, &input.draft).bounds(0, &input.wholes);
    assert_near(&by_hand(&input, round).0, &asked, &input.weights);
    bencher.bench(|| by_hand(black_box(&input), round));
}

#[divan::bench]
fn bounded_by_hand(bencher: Bencher<'_, '_>) {
    let input = input();
    let limits: Vec<(f64, f64)> = input
        .leaves
        .iter()
        .map(|bound| {
            let (least, most) = (bound.minimum(), bound.maximum());
            let least = least.map_or(f64::NEG_INFINITY, |least| least as f64);
            (least, most.map_or(f64::INFINITY, |most| most as f64))
        })
        .collect();
    let asked = LeastSquares::new(&TREE, &input.draft)
        .bounds(0, &input.wholes)
        .bounds(2, &input.leaves);
    assert_near(&within_by_hand(&input, &limits), &asked, &input.weights);
    bencher.bench(|| within_by_hand(black_box(&input), &limits));
}

fn within_by_hand(input: &Input, limits: &[(f64, f64)]) -> Vec<i64> {
    let mut leaves = vec![0; input.draft.len()];
    for (period, total) in input.totals.iter().enumerate() {
        let run = period * PERIOD..(period + 1) * PERIOD;
        let own = || {
            let own = input.draft[run.clone()]
                .iter()
                .zip(&input.weights[run.clone()]);
            own.zip(&limits[run.clone()])
        };
        let mut pull = 0.0_f64;
        for _ in 0..32 {
            let (mut sum, mut slope) = (0.0, 0.0);
            for ((draft, weight), (least, most)) in own() {
                let amount = *draft as f64 + pull * f64::from(*weight);
                sum += amount.max(*least).min(*most);
                let free = amount >= *least && amount < *most;
                slope += if free { f64::from(*weight) } else { 0.0 };
            }
            let step = (*total as f64 - sum) / slope;
            pull += step;
            if step.abs() < 1e-12 {
                break;
            }
        }
        for (((draft, weight), (least, most)), leaf) in own().zip(&mut leaves[run.clone()]) {
            let amount = *draft as f64 + pull * f64::from(*weight);
            *leaf = amount.max(*least).min(*most).round() as i64;
        }
    }
    leaves
}
