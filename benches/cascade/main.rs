//! One amount cascaded through four levels to 1.2 million leaves: the library, a hand-written program for exactly this
//! shape, and the obvious decimals.
//!
//! 123,456,789,012.34 over 20 regions x 50 people x 100 products x 12 months, random weights of four places at every
//! level, largest remainder at every node, one thread.

#![allow(
    clippy::unwrap_used,
    clippy::wildcard_imports,
    missing_docs,
    reason = "a bench stops where something is wrong"
)]

mod hand;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use quotaflow::allocation::{
    LevelSplitter, LevelWeights, Method, Nodes, ZeroWeights, decimal_amounts, imbalances,
};
use quotaflow::quantity::Quantum;
use rust_decimal::Decimal;

const TOTAL: i64 = 12_345_678_901_234;
const WIDTHS: [usize; 4] = [20, 50, 100, 12];
const LEAVES: usize = 20 * 50 * 100 * 12;

fn main() {
    divan::main();
}

/// The seeded generator of the inputs (a split-mix sequence).
struct Generator(u64);

impl Generator {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        u64::try_from((u128::from(z) * u128::from(bound)) >> 64).unwrap_or(0)
    }
}

fn sizes() -> [usize; 4] {
    let mut nodes = 1;
    WIDTHS.map(|width| {
        nodes *= width;
        nodes
    })
}

/// Whole weights from 1 to 99,999, level by level: 0.0001 to 9.9999.
fn weights() -> [Vec<u32>; 4] {
    let mut generator = Generator(0x5A1E_5001);
    sizes().map(|members| {
        (0..members)
            .map(|_| 1 + u32::try_from(generator.below(99_999)).unwrap_or(0))
            .collect()
    })
}

fn decimals() -> [Vec<Decimal>; 4] {
    weights().map(|level| {
        level
            .iter()
            .map(|whole| Decimal::new(i64::from(*whole), 4))
            .collect()
    })
}

fn columns() -> [Vec<i64>; 4] {
    sizes().map(|members| vec![0; members])
}

fn library(splitter: &mut LevelSplitter, weights: &[LevelWeights; 4], plan: &mut [Vec<i64>; 4]) {
    cascade(TOTAL, splitter, weights, plan);
}

fn cascade(
    total: i64,
    splitter: &mut LevelSplitter,
    weights: &[LevelWeights; 4],
    plan: &mut [Vec<i64>; 4],
) {
    let mut amounts: &[i64] = &[total];
    for ((shares, weights), width) in plan.iter_mut().zip(weights).zip(WIDTHS) {
        splitter
            .split(amounts, Nodes::Even(width), weights, shares)
            .unwrap();
        amounts = shares;
    }
}

fn by_hand(weights: &[Vec<u32>; 4], plan: &mut [Vec<i64>; 4]) {
    let mut keys = Vec::new();
    let [regions, people, products, months] = plan;
    hand::large(TOTAL, &weights[0], regions, &mut keys);
    for ((amount, weights), shares) in regions
        .iter()
        .zip(weights[1].chunks_exact(50))
        .zip(people.chunks_exact_mut(50))
    {
        hand::large(*amount, weights, shares, &mut keys);
    }
    for ((amount, weights), shares) in people
        .iter()
        .zip(weights[2].chunks_exact(100))
        .zip(products.chunks_exact_mut(100))
    {
        hand::large(*amount, weights, shares, &mut keys);
    }
    hand::months(products, &weights[3], months);
}

/// The obvious way: decimal quotas, fractions sorted.
fn obvious_node(amount: Decimal, weights: &[Decimal], shares: &mut [Decimal]) {
    let sum: Decimal = weights.iter().sum();
    let mut left = amount;
    let mut fractions = Vec::with_capacity(weights.len());
    for (member, weight) in weights.iter().enumerate() {
        let exact = amount * *weight / sum;
        shares[member] = exact.trunc_with_scale(2);
        left -= shares[member];
        fractions.push((exact - shares[member], member));
    }
    fractions.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let cent = Decimal::new(1, 2);
    for (_, member) in fractions {
        if left < cent {
            break;
        }
        shares[member] += cent;
        left -= cent;
    }
}

fn obvious(weights: &[Vec<Decimal>; 4]) -> [Vec<Decimal>; 4] {
    let mut plan = sizes().map(|members| vec![Decimal::ZERO; members]);
    let mut amounts = vec![Decimal::new(TOTAL, 2)];
    for ((shares, weights), width) in plan.iter_mut().zip(weights).zip(WIDTHS) {
        for ((amount, weights), shares) in amounts
            .iter()
            .zip(weights.chunks_exact(width))
            .zip(shares.chunks_exact_mut(width))
        {
            obvious_node(*amount, weights, shares);
        }
        amounts.clone_from(shares);
    }
    plan
}

/// All sums of the plan: every node against its members.
fn nodes_off(plan: &[Vec<i64>; 4]) -> usize {
    let mut amounts: &[i64] = &[TOTAL];
    let mut off = 0;
    for (shares, width) in plan.iter().zip(WIDTHS) {
        off += imbalances(amounts, Nodes::Even(width), shares)
            .unwrap()
            .len();
        amounts = shares;
    }
    off
}

fn splitter() -> LevelSplitter {
    LevelSplitter::new(Method::LargestRemainder, ZeroWeights::Refuse)
}

#[divan::bench_group(name = "cents", min_time = 0.5)]
mod cents {
    use super::*;

    #[divan::bench]
    fn library(bencher: Bencher<'_, '_>) {
        let weights = weights().map(LevelWeights::from_integers);
        let (mut splitter, mut plan) = (splitter(), columns());
        bencher.counter(ItemsCount::new(LEAVES)).bench_local(|| {
            super::library(&mut splitter, black_box(&weights), &mut plan);
            black_box(&mut plan);
        });
        assert_eq!(nodes_off(&plan), 0);
    }

    #[divan::bench]
    fn library_with_fresh_output(bencher: Bencher<'_, '_>) {
        let weights = weights().map(LevelWeights::from_integers);
        bencher.counter(ItemsCount::new(LEAVES)).bench_local(|| {
            let (mut splitter, mut plan) = (splitter(), columns());
            super::library(&mut splitter, black_box(&weights), &mut plan);
            plan
        });
    }

    /// A total so large that products leave the range of exact floats.
    #[divan::bench]
    fn library_in_64_bits(bencher: Bencher<'_, '_>) {
        let weights = weights().map(LevelWeights::from_integers);
        let (mut splitter, mut plan) = (splitter(), columns());
        bencher.counter(ItemsCount::new(LEAVES)).bench_local(|| {
            cascade(
                500_000 * TOTAL,
                &mut splitter,
                black_box(&weights),
                &mut plan,
            );
            black_box(&mut plan);
        });
    }

    /// Weights of 16 digits.
    #[divan::bench]
    fn library_in_128_bits(bencher: Bencher<'_, '_>) {
        let fine = |weight: &u32| u128::from(*weight) * 100_000_000_003;
        let weights =
            weights().map(|level| LevelWeights::from_wide(level.iter().map(fine).collect()));
        let (mut splitter, mut plan) = (splitter(), columns());
        bencher.counter(ItemsCount::new(LEAVES)).bench_local(|| {
            cascade(TOTAL, &mut splitter, black_box(&weights), &mut plan);
            black_box(&mut plan);
        });
    }

    #[divan::bench]
    fn by_hand(bencher: Bencher<'_, '_>) {
        let weights = weights();
        let (mut plan, mut expected) = (columns(), columns());
        bencher.counter(ItemsCount::new(LEAVES)).bench_local(|| {
            super::by_hand(black_box(&weights), &mut plan);
            black_box(&mut plan);
        });
        super::library(
            &mut splitter(),
            &weights.map(LevelWeights::from_integers),
            &mut expected,
        );
        assert!(plan == expected, "the limit and the library differ");
    }

    #[divan::bench]
    fn verify_all_sums(bencher: Bencher<'_, '_>) {
        let weights = weights().map(LevelWeights::from_integers);
        let mut plan = columns();
        super::library(&mut splitter(), &weights, &mut plan);
        bencher
            .counter(ItemsCount::new(LEAVES))
            .bench_local(|| assert_eq!(nodes_off(black_box(&plan)), 0));
    }
}

#[divan::bench_group(name = "decimals in and out", min_time = 0.5)]
mod in_and_out {
    use super::*;

    #[divan::bench]
    fn library(bencher: Bencher<'_, '_>) {
        let weights = decimals();
        let (mut splitter, mut plan) = (splitter(), columns());
        let mut amounts = vec![Decimal::ZERO; LEAVES];
        bencher.counter(ItemsCount::new(LEAVES)).bench_local(|| {
            let whole = black_box(&weights)
                .each_ref()
                .map(|level| LevelWeights::from_decimals(level).unwrap());
            super::library(&mut splitter, &whole, &mut plan);
            decimal_amounts(Quantum::CENT, &plan[3], &mut amounts).unwrap();
            black_box(&mut amounts);
        });
    }

    #[divan::bench]
    fn by_hand(bencher: Bencher<'_, '_>) {
        let weights = decimals();
        let (mut whole, mut plan) = (
            super::weights().map(|level| vec![0; level.len()]),
            columns(),
        );
        let mut amounts = vec![Decimal::ZERO; LEAVES];
        bencher.counter(ItemsCount::new(LEAVES)).bench_local(|| {
            for (whole, level) in whole.iter_mut().zip(black_box(&weights)) {
                for (whole, weight) in whole.iter_mut().zip(level) {
                    assert!(weight.scale() == 4);
                    *whole = u32::try_from(weight.mantissa()).unwrap();
                }
            }
            super::by_hand(&whole, &mut plan);
            for (amount, units) in amounts.iter_mut().zip(&plan[3]) {
                *amount = Decimal::new(*units, 2);
            }
            black_box(&mut amounts);
        });
    }

    #[divan::bench(sample_count = 5)]
    fn obvious(bencher: Bencher<'_, '_>) {
        let weights = decimals();
        bencher
            .counter(ItemsCount::new(LEAVES))
            .bench_local(|| super::obvious(black_box(&weights)));
    }
}

/// One region's total goes up by a twentieth and is spread again below it; one leaf in ten is held.
#[divan::bench_group(name = "edit of one region", min_time = 0.3)]
mod edit {
    use super::*;

    const REGION: usize = 7;
    const LEAVES: usize = 50 * 100 * 12;

    struct Respread {
        held: Vec<i64>,
        masked: Vec<u32>,
        products: Vec<u32>,
        free: [Vec<i64>; 2],
        leaves: Vec<i64>,
    }

    #[divan::bench]
    fn library(bencher: Bencher<'_, '_>) {
        let weights = weights();
        let (mut splitter, mut plan) = (splitter(), columns());
        super::library(
            &mut splitter,
            &weights.clone().map(LevelWeights::from_integers),
            &mut plan,
        );
        let mut generator = Generator(0x5A1E_6001);
        let locks: Vec<bool> = (0..LEAVES).map(|_| generator.below(10) == 0).collect();
        let people = &weights[1][REGION * 50..][..50];
        let products = &weights[2][REGION * 5000..][..5000];
        let months = &weights[3][REGION * LEAVES..][..LEAVES];
        let old = &plan[3][REGION * LEAVES..][..LEAVES];
        let total = plan[0][REGION] + plan[0][REGION] / 20;
        let mut work = Respread {
            held: vec![0; 5000],
            masked: vec![0; LEAVES],
            products: vec![0; 5000],
            free: [vec![0; 50], vec![0; 5000]],
            leaves: vec![0; LEAVES],
        };
        bencher.counter(ItemsCount::new(LEAVES)).bench_local(|| {
            let work = &mut work;
            for ((held, old), locks) in work
                .held
                .iter_mut()
                .zip(old.chunks_exact(12))
                .zip(locks.chunks_exact(12))
            {
                *held = old
                    .iter()
                    .zip(locks)
                    .map(|(old, held)| old * i64::from(*held))
                    .sum();
            }
            for ((masked, weight), held) in work.masked.iter_mut().zip(months).zip(&locks) {
                *masked = weight * u32::from(!held);
            }
            for ((masked, weight), months) in work
                .products
                .iter_mut()
                .zip(products)
                .zip(work.masked.chunks_exact(12))
            {
                *masked = if months.iter().any(|weight| *weight > 0) {
                    *weight
                } else {
                    0
                };
            }
            let free = total - work.held.iter().sum::<i64>();
            let [rows, cells] = &mut work.free;
            splitter
                .split(&[free], Nodes::Even(50), people, rows)
                .unwrap();
            splitter
                .split(rows, Nodes::Even(100), &work.products[..], cells)
                .unwrap();
            splitter
                .split(cells, Nodes::Even(12), &work.masked[..], &mut work.leaves)
                .unwrap();
            for ((leaf, old), held) in work.leaves.iter_mut().zip(old).zip(&locks) {
                *leaf += old * i64::from(*held);
            }
            black_box(&mut work.leaves);
        });
        assert_eq!(work.leaves.iter().sum::<i64>(), total);
    }
}
