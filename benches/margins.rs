//! Several margins at once: fitting and controlled rounding, beside hand-written loops for the same work and the obvious
//! way in decimals.
//!
//! The inputs are 1000 x 500 and 100 x 50 x 40 tables of random positive weights of two decimals, with margins that are
//! the sums of a hidden table of whole cents.

use divan::{Bencher, black_box};
use quotaflow::allocation::margins::{Closing, Precision, Seed, Side, TwoWay};

fn main() {
    divan::main();
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

struct Input {
    weights: Vec<f64>,
    margins: Vec<Vec<i64>>,
}

fn input(sizes: &[usize], seed: u64) -> Input {
    let mut random = Random(seed);
    let scales: Vec<Vec<f64>> = sizes
        .iter()
        .map(|size| {
            (0..*size)
                .map(|_| (random.unit() * 4.0 - 2.0).exp())
                .collect()
        })
        .collect();
    let mut margins: Vec<Vec<i64>> = sizes.iter().map(|size| vec![0; *size]).collect();
    let mut weights = Vec::new();
    for cell in 0..sizes.iter().product() {
        // One draw decides about structural zeros, of which these tables have none.
        let _ = random.unit();
        let weight = (1 + random.below(99_999)) as f64 / 100.0;
        let mut factor = 0.5 + random.unit();
        let mut rest: usize = cell;
        let mut place = vec![0; sizes.len()];
        for axis in (0..sizes.len()).rev() {
            place[axis] = rest % sizes[axis];
            rest /= sizes[axis];
            factor *= scales[axis][place[axis]];
        }
        weights.push(weight);
        let quanta = (weight * factor * 100.0).round() as i64;
        for axis in 0..sizes.len() {
            margins[axis][place[axis]] += quanta;
        }
    }
    Input { weights, margins }
}

fn two_way(rows: usize, columns: usize) -> TwoWay {
    let input = input(&[rows, columns], 0x5A1E_2001);
    TwoWay::new(
        Seed::dense(rows, columns, input.weights).unwrap(),
        Side::flat(input.margins[0].clone()).unwrap(),
        Side::flat(input.margins[1].clone()).unwrap(),
    )
    .unwrap()
}

mod dense_1000_by_500 {
    use super::*;

    #[divan::bench]
    fn fit_to_1e9(bencher: Bencher<'_, '_>) {
        let stated = two_way(1000, 500);
        bencher.bench_local(|| {
            black_box(&stated)
                .fit(Precision::Relative(1e-9))
                .unwrap()
                .rounds()
        });
    }

    #[divan::bench]
    fn fit_to_a_hundredth_of_a_cent(bencher: Bencher<'_, '_>) {
        let stated = two_way(1000, 500);
        bencher.bench_local(|| {
            black_box(&stated)
                .fit(Precision::Quanta(0.01))
                .unwrap()
                .rounds()
        });
    }

    #[divan::bench]
    fn fit_and_close_direct(bencher: Bencher<'_, '_>) {
        let stated = two_way(1000, 500);
        bencher.bench_local(|| black_box(&stated).solve(Closing::Direct).unwrap());
    }

    #[divan::bench(sample_count = 10)]
    fn fit_and_close_least_change(bencher: Bencher<'_, '_>) {
        let stated = two_way(1000, 500);
        bencher.bench_local(|| black_box(&stated).solve(Closing::LeastChange).unwrap());
    }
}

#[divan::bench(sample_count = 20)]
fn least_change_200_by_100(bencher: Bencher<'_, '_>) {
    let stated = two_way(200, 100);
    bencher.bench_local(|| black_box(&stated).solve(Closing::LeastChange).unwrap());
}
