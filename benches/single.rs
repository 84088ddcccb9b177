//! One amount under one node of 100,000 members: plain, by divisor, inside bounds, and refused with a proof.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stops where something is wrong"
)]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use quotaflow::allocation::{
    Bound, Lot, Lots, Method, WeightPolicy, Weights, allocate, allocate_within,
};

const MEMBERS: i64 = 100_000;
const TOTAL: i64 = 8_000_000;

fn main() {
    divan::main();
}

fn weights() -> Weights {
    let weights: Vec<i64> = (0..MEMBERS)
        .map(|member| 1 + member * 7919 % 99_991)
        .collect();
    Weights::new(&weights, WeightPolicy::ALLOCATE).unwrap()
}

fn bounds() -> Vec<Bound> {
    (0..MEMBERS)
        .map(|member| Bound::between(member % 50, 100 + member % 70).unwrap())
        .collect()
}

#[divan::bench(args = [
    Method::LargestRemainder,
    Method::Running,
    Method::Webster,
    Method::Jefferson,
    Method::Hill,
    Method::Adams,
])]
fn method(bencher: Bencher<'_, '_>, method: Method) {
    let weights = weights();
    bencher
        .counter(ItemsCount::new(MEMBERS.unsigned_abs()))
        .bench(|| allocate(black_box(TOTAL), &weights, method).unwrap());
}

#[divan::bench]
fn inside_bounds(bencher: Bencher<'_, '_>) {
    let (weights, bounds) = (weights(), bounds());
    bencher
        .counter(ItemsCount::new(MEMBERS.unsigned_abs()))
        .bench(|| {
            allocate_within(
                black_box(TOTAL),
                &weights,
                Method::LargestRemainder,
                &bounds,
                &Lots::ONE,
            )
            .unwrap()
        });
}

#[divan::bench]
fn inside_bounds_by_lots_of_three_sizes(bencher: Bencher<'_, '_>) {
    let (weights, bounds) = (weights(), bounds());
    let lots = [1, 2, 12].map(|quanta| Lot::new(quanta).unwrap());
    let lots = Lots::Each(lots.into_iter().cycle().take(bounds.len()).collect());
    bencher
        .counter(ItemsCount::new(MEMBERS.unsigned_abs()))
        .bench(|| {
            allocate_within(
                black_box(TOTAL),
                &weights,
                Method::LargestRemainder,
                &bounds,
                &lots,
            )
            .unwrap()
        });
}

#[divan::bench]
fn proof_of_what_is_impossible(bencher: Bencher<'_, '_>) {
    let (weights, bounds) = (weights(), bounds());
    bencher
        .counter(ItemsCount::new(MEMBERS.unsigned_abs()))
        .bench(|| {
            allocate_within(
                black_box(TOTAL / 4),
                &weights,
                Method::LargestRemainder,
                &bounds,
                &Lots::ONE,
            )
            .unwrap_err()
        });
}
