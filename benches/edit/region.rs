//! The region spread again by hand: held sums from the leaves up in one sweep, then three levels down.

use crate::hand;
use crate::{LEAVES, MONTHS, PEOPLE, PRODUCTS};

/// Weights, holds and old amounts of one region.
pub(crate) struct Input {
    pub(crate) people: Vec<u32>,
    pub(crate) products: Vec<u32>,
    pub(crate) months: Vec<u32>,
    pub(crate) held: Vec<bool>,
    pub(crate) old: Vec<i64>,
}

/// The products, filled up to whole blocks of sixteen.
const FILLED: usize = (PEOPLE * PRODUCTS).next_multiple_of(16);

/// Columns that are used again.
pub(crate) struct Space {
    masked: Vec<u32>,
    held: Vec<i64>,
    free: Vec<i64>,
    people: Vec<i64>,
    leaves: Vec<i64>,
    keys: Vec<u64>,
}

impl Default for Space {
    fn default() -> Self {
        Self {
            masked: vec![1; FILLED * MONTHS],
            held: vec![0; PEOPLE * PRODUCTS],
            free: vec![0; FILLED],
            people: vec![0; PEOPLE],
            leaves: vec![0; FILLED * MONTHS],
            keys: Vec::new(),
        }
    }
}

pub(crate) fn respread<'a>(input: &Input, total: i64, space: &'a mut Space) -> &'a [i64] {
    let mut all_held = 0;
    let rows = input
        .old
        .chunks_exact(MONTHS)
        .zip(input.held.chunks_exact(MONTHS));
    let columns = input
        .months
        .chunks_exact(MONTHS)
        .zip(space.masked.chunks_exact_mut(MONTHS));
    for ((sum, (old, held)), (weights, masked)) in space.held.iter_mut().zip(rows).zip(columns) {
        *sum = 0;
        for month in 0..MONTHS {
            *sum += old[month] * i64::from(held[month]);
            masked[month] = weights[month] * u32::from(!held[month]);
        }
        all_held += *sum;
    }
    hand::large(
        total - all_held,
        &input.people,
        &mut space.people,
        &mut space.keys,
    );
    let mut weights = [0; PRODUCTS];
    for (person, amount) in space.people.iter().enumerate() {
        let run = person * PRODUCTS..(person + 1) * PRODUCTS;
        for (weight, product) in weights.iter_mut().zip(run.clone()) {
            let months = &space.masked[product * MONTHS..(product + 1) * MONTHS];
            let open = months.iter().fold(0, |all, weight| all | weight) != 0;
            *weight = input.products[product] * u32::from(open);
        }
        hand::large(*amount, &weights, &mut space.free[run], &mut space.keys);
    }
    hand::months(&space.free, &space.masked, &mut space.leaves);
    for ((leaf, old), held) in space.leaves.iter_mut().zip(&input.old).zip(&input.held) {
        *leaf += old * i64::from(*held);
    }
    &space.leaves[..LEAVES]
}
