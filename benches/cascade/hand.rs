//! The limit: largest remainder written by hand for one known shape, in safe Rust. It knows that all amounts are
//! positive, that no product reaches 2^53 where it uses floats, and that a year has twelve months.

const LANES: usize = 16;
const MONTHS: usize = 12;
const SHIFT: f64 = 4_503_599_627_370_496.0;

/// One node of some size: a reciprocal, then a selection on keys that hold remainder and place.
pub(crate) fn large(amount: i64, weights: &[u32], shares: &mut [i64], keys: &mut Vec<u64>) {
    let amount = amount.cast_unsigned();
    let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let inverse = u64::MAX / sum;
    let mut left = amount;
    keys.clear();
    for (place, (weight, share)) in (0_u64..).zip(weights.iter().zip(shares.iter_mut())) {
        let product = amount * u64::from(*weight);
        let mut quotient = high(product, inverse);
        let mut rest = product - quotient * sum;
        if rest >= sum {
            quotient += 1;
            rest -= sum;
        }
        *share = quotient.cast_signed();
        left -= quotient;
        keys.push((rest << 20) | (0xF_FFFF - place));
    }
    let spare = usize::try_from(left).unwrap_or(0);
    if spare > 0 {
        let first = keys.len() - spare;
        keys.select_nth_unstable(first);
        for key in &keys[first..] {
            shares[usize::try_from(0xF_FFFF - (key & 0xF_FFFF)).unwrap_or(0)] += 1;
        }
    }
}

fn high(a: u64, b: u64) -> u64 {
    u64::try_from((u128::from(a) * u128::from(b)) >> 64).unwrap_or(0)
}

/// Sixteen products at a time over their twelve months.
pub(crate) fn months(amounts: &[i64], weights: &[u32], shares: &mut [i64]) {
    let (blocks, rest) = amounts.as_chunks::<LANES>();
    assert!(rest.is_empty());
    let (weights, _) = weights.as_chunks::<{ LANES * MONTHS }>();
    let (shares, _) = shares.as_chunks_mut::<{ LANES * MONTHS }>();
    for ((amounts, weights), shares) in blocks.iter().zip(weights).zip(shares) {
        block(amounts, weights, shares);
    }
}

#[allow(clippy::cast_possible_truncation, clippy::needless_range_loop)]
fn block(
    amounts: &[i64; LANES],
    weights: &[u32; LANES * MONTHS],
    shares: &mut [i64; LANES * MONTHS],
) {
    let mut weight = [[0_u32; LANES]; MONTHS];
    for lane in 0..LANES {
        for month in 0..MONTHS {
            weight[month][lane] = weights[lane * MONTHS + month];
        }
    }
    let mut whole = [0_u32; LANES];
    for month in 0..MONTHS {
        for lane in 0..LANES {
            whole[lane] += weight[month][lane];
        }
    }
    let mut amount = [0.0_f64; LANES];
    let mut sum = [0.0_f64; LANES];
    let mut inverse = [0.0_f64; LANES];
    for lane in 0..LANES {
        assert!(amounts[lane] < 1 << 33);
        amount[lane] = f64::from_bits(SHIFT.to_bits() | amounts[lane].cast_unsigned()) - SHIFT;
        sum[lane] = f64::from(whole[lane].cast_signed());
        inverse[lane] = 1.0 / sum[lane];
    }
    let mut left = amount;
    let mut quotients = [[0.0_f64; LANES]; MONTHS];
    let mut keys = [[0_i32; LANES]; MONTHS];
    for month in 0..MONTHS {
        for lane in 0..LANES {
            let product = amount[lane] * f64::from(weight[month][lane].cast_signed());
            let estimate = (product * inverse[lane] + SHIFT) - SHIFT;
            let rest = product - estimate * sum[lane];
            let over = rest < 0.0;
            let quotient = estimate - if over { 1.0 } else { 0.0 };
            let rest = rest + if over { sum[lane] } else { 0.0 };
            quotients[month][lane] = quotient;
            left[lane] -= quotient;
            keys[month][lane] = (rest + SHIFT).to_bits() as i32;
        }
    }
    let mut ranks = [[0_i32; LANES]; MONTHS];
    for later in 0..MONTHS {
        for earlier in 0..later {
            for lane in 0..LANES {
                let behind = i32::from(keys[earlier][lane] >= keys[later][lane]);
                ranks[later][lane] += behind;
                ranks[earlier][lane] += 1 - behind;
            }
        }
    }
    let mut spare = [0_i32; LANES];
    for lane in 0..LANES {
        spare[lane] = (left[lane] + SHIFT).to_bits() as i32;
    }
    let mut out = [[0_i64; LANES]; MONTHS];
    for month in 0..MONTHS {
        for lane in 0..LANES {
            let quotient = (quotients[month][lane] + SHIFT).to_bits() - SHIFT.to_bits();
            out[month][lane] = quotient.cast_signed() + i64::from(ranks[month][lane] < spare[lane]);
        }
    }
    for lane in 0..LANES {
        for month in 0..MONTHS {
            shares[lane * MONTHS + month] = out[month][lane];
        }
    }
}
