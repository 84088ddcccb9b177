//! The region spread again the obvious way: decimals, fractions sorted.

use rust_decimal::Decimal;

use crate::region::Input;
use crate::{LEAVES, MONTHS, PRODUCTS};

fn node(amount: Decimal, weights: &[Decimal]) -> Vec<Decimal> {
    let sum: Decimal = weights.iter().sum();
    let mut shares = vec![Decimal::ZERO; weights.len()];
    if amount.is_zero() || sum.is_zero() {
        return shares;
    }
    let mut left = amount;
    let mut fractions = Vec::with_capacity(weights.len());
    for (member, weight) in weights.iter().enumerate() {
        // Divided last and by whole numbers, so that 28 digits are enough for these fractions.
        let exact = amount * *weight / sum;
        shares[member] = exact.trunc();
        left -= shares[member];
        fractions.push((exact - shares[member], member));
    }
    fractions.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, member) in fractions {
        if left.is_zero() {
            break;
        }
        shares[member] += Decimal::ONE;
        left -= Decimal::ONE;
    }
    shares
}

pub(crate) fn respread(input: &Input, total: i64) -> Vec<i64> {
    let old: Vec<Decimal> = input
        .old
        .iter()
        .map(|cents| Decimal::from(*cents))
        .collect();
    let masked = |leaf: usize| {
        if input.held[leaf] {
            Decimal::ZERO
        } else {
            Decimal::from(input.months[leaf])
        }
    };
    let held: Decimal = old
        .iter()
        .zip(&input.held)
        .filter(|(_, held)| **held)
        .map(|(old, _)| *old)
        .sum();
    let people: Vec<Decimal> = input
        .people
        .iter()
        .map(|weight| Decimal::from(*weight))
        .collect();
    let mut leaves = vec![0; LEAVES];
    let shares = node(Decimal::from(total) - held, &people);
    for (person, share) in shares.iter().enumerate() {
        let run = person * PRODUCTS..(person + 1) * PRODUCTS;
        let open = |product: usize| {
            let months = product * MONTHS..(product + 1) * MONTHS;
            if input.held[months].iter().all(|held| *held) {
                Decimal::ZERO
            } else {
                Decimal::from(input.products[product])
            }
        };
        let weights: Vec<Decimal> = run.clone().map(open).collect();
        for (product, amount) in run.zip(node(*share, &weights)) {
            let months = product * MONTHS..(product + 1) * MONTHS;
            let weights: Vec<Decimal> = months.clone().map(masked).collect();
            for (leaf, share) in months.zip(node(amount, &weights)) {
                let amount = if input.held[leaf] { old[leaf] } else { share };
                leaves[leaf] = i64::try_from(amount).unwrap_or(0);
            }
        }
    }
    leaves
}
