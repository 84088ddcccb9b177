//! Several margins at once: fitting and controlled rounding, beside hand-written loops for the same work and the obvious
//! way in decimals.
//!
//! The inputs are 1000 x 500 and 100 x 50 x 40 tables of random positive weights of two decimals, with margins that are
//! the sums of a hidden table of whole cents. The loops by hand have their buffers made beforehand, know that the table
//! is full, and check nothing.
#![expect(
    clippy::unwrap_used,
    clippy::many_single_char_names,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a bench may stop on a surprise, and its inputs are known"
)]

use divan::{Bencher, black_box};
use quotaflow::margins::{Closing, Margin, Marginal, Seed, Several, Tolerance, TwoWay};
use rust_decimal::Decimal;

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
        Marginal::flat(input.margins[0].clone()).unwrap(),
        Marginal::flat(input.margins[1].clone()).unwrap(),
    )
    .unwrap()
}

fn three_way() -> Several {
    let input = input(&[100, 50, 40], 0x5A1E_2003);
    let margins = input.margins.into_iter().enumerate();
    Several::new(
        vec![100, 50, 40],
        input.weights,
        margins
            .map(|(axis, totals)| Margin::of(axis, totals))
            .collect(),
    )
    .unwrap()
}

/// The same work in plain loops.
mod by_hand {
    use super::{Input, input};

    pub(super) fn reals(totals: &[i64]) -> Vec<f64> {
        totals.iter().map(|total| *total as f64).collect()
    }

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        let mut lanes = [0.0; 8];
        let (a_blocks, a_rest) = a.as_chunks::<8>();
        let (b_blocks, b_rest) = b.as_chunks::<8>();
        for (x, y) in a_blocks.iter().zip(b_blocks) {
            for lane in 0..8 {
                lanes[lane] += x[lane] * y[lane];
            }
        }
        lanes.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f64>()
    }

    /// One sweep a round; stops when a sweep finds the rows of the round before within 1e-9.
    pub(super) fn fit_two(weights: &[f64], rows: &[f64], columns: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let width = columns.len();
        let (mut u, mut v) = (vec![1.0; rows.len()], vec![1.0; width]);
        let mut sums = vec![0.0; width];
        for round in 0.. {
            sums.fill(0.0);
            let mut worst = 0.0_f64;
            for ((row, total), factor) in weights.chunks_exact(width).zip(rows).zip(&mut u) {
                let sum = dot(row, &v);
                worst = worst.max((*factor * sum / total - 1.0).abs());
                *factor = total / sum;
                for (sum, weight) in sums.iter_mut().zip(row) {
                    *sum += *factor * weight;
                }
            }
            if round > 0 && worst < 1e-9 {
                break;
            }
            for ((factor, total), sum) in v.iter_mut().zip(columns).zip(&sums) {
                *factor = total / sum;
            }
        }
        (u, v)
    }

    /// Rounds down, then gives each row's spare quanta to the columns that lack most.
    pub(super) fn close(
        value: impl Fn(usize, usize) -> f64,
        rows: &[i64],
        columns: &[i64],
        cells: &mut [i64],
    ) {
        let width = columns.len();
        let (mut lacking, mut spare) = (columns.to_vec(), rows.to_vec());
        for (row, cells) in cells.chunks_exact_mut(width).enumerate() {
            for (column, cell) in cells.iter_mut().enumerate() {
                *cell = value(row, column).floor() as i64;
                lacking[column] -= *cell;
                spare[row] -= *cell;
            }
        }
        let mut keys = vec![(0_i64, 0_u32, 0_usize); width];
        for (row, cells) in cells.chunks_exact_mut(width).enumerate() {
            let spare = spare[row] as usize;
            if spare == 0 {
                continue;
            }
            for (column, key) in keys.iter_mut().enumerate() {
                let fraction = value(row, column) - cells[column] as f64;
                *key = (lacking[column], (fraction * 1e9) as u32, column);
            }
            if spare < width {
                keys.select_nth_unstable(width - spare);
            }
            for (_, _, column) in &keys[width - spare..] {
                cells[*column] += 1;
                lacking[*column] -= 1;
            }
        }
        assert!(lacking.iter().all(|left| *left == 0));
    }

    pub(super) struct Two {
        pub(super) input: Input,
        pub(super) rows: Vec<f64>,
        pub(super) columns: Vec<f64>,
        pub(super) cells: Vec<i64>,
    }

    pub(super) fn two() -> Two {
        let input = input(&[1000, 500], 0x5A1E_2001);
        Two {
            rows: reals(&input.margins[0]),
            columns: reals(&input.margins[1]),
            cells: vec![0; input.weights.len()],
            input,
        }
    }

    /// Two passes of the table a round: one for its sums over the last axis, one for the last axis itself.
    pub(super) fn fit_three(weights: &[f64], totals: [&[f64]; 3]) -> [Vec<f64>; 3] {
        let [a, b, c] = totals;
        let mut factors = [vec![1.0; a.len()], vec![1.0; b.len()], vec![1.0; c.len()]];
        let mut short = vec![0.0; a.len() * b.len()];
        for round in 0.. {
            let [x, y, z] = &mut factors;
            for (sum, row) in short.iter_mut().zip(weights.chunks_exact(c.len())) {
                *sum = dot(row, z);
            }
            let mut worst = 0.0_f64;
            for (j, (total, factor)) in b.iter().zip(y.iter()).enumerate() {
                let sum: f64 = x
                    .iter()
                    .zip(short.iter().skip(j).step_by(b.len()))
                    .map(|(x, s)| x * s)
                    .sum();
                worst = worst.max((factor * sum / total - 1.0).abs());
            }
            for ((total, factor), row) in
                a.iter().zip(x.iter_mut()).zip(short.chunks_exact(b.len()))
            {
                let sum = dot(row, y);
                worst = worst.max((*factor * sum / total - 1.0).abs());
                *factor = total / sum;
            }
            if round > 0 && worst < 1e-9 {
                break;
            }
            for (j, (total, factor)) in b.iter().zip(y.iter_mut()).enumerate() {
                let sum: f64 = x
                    .iter()
                    .zip(short.iter().skip(j).step_by(b.len()))
                    .map(|(x, s)| x * s)
                    .sum();
                *factor = total / sum;
            }
            let mut sums = vec![0.0; c.len()];
            for (line, row) in weights.chunks_exact(c.len()).enumerate() {
                let factor = x[line / b.len()] * y[line % b.len()];
                for (sum, weight) in sums.iter_mut().zip(row) {
                    *sum += factor * weight;
                }
            }
            for ((factor, total), sum) in z.iter_mut().zip(c).zip(&sums) {
                *factor = total / sum;
            }
        }
        factors
    }
}

mod dense_1000_by_500 {
    use super::{Bencher, Closing, Tolerance, black_box, by_hand, obvious, two_way};

    #[divan::bench]
    fn fit_to_1e9(bencher: Bencher<'_, '_>) {
        let stated = two_way(1000, 500);
        bencher.bench_local(|| {
            let fit = black_box(&stated).fit(Tolerance::Relative(1e-9)).unwrap();
            fit.rounds()
        });
    }

    #[divan::bench]
    fn fit_to_1e9_by_hand(bencher: Bencher<'_, '_>) {
        let two = by_hand::two();
        bencher.bench_local(|| {
            by_hand::fit_two(black_box(&two.input.weights), &two.rows, &two.columns)
        });
    }

    #[divan::bench]
    fn fit_and_close_direct(bencher: Bencher<'_, '_>) {
        let stated = two_way(1000, 500);
        bencher.bench_local(|| black_box(&stated).solve(Closing::Direct).unwrap());
    }

    #[divan::bench]
    fn fit_and_close_by_hand(bencher: Bencher<'_, '_>) {
        let mut two = by_hand::two();
        bencher.bench_local(|| {
            let weights = black_box(&two.input.weights);
            let (u, v) = by_hand::fit_two(weights, &two.rows, &two.columns);
            let value =
                |row: usize, column: usize| u[row] * weights[row * 500 + column] * v[column];
            by_hand::close(
                value,
                &two.input.margins[0],
                &two.input.margins[1],
                &mut two.cells,
            );
        });
    }

    #[divan::bench(sample_count = 10)]
    fn fit_and_close_least_change(bencher: Bencher<'_, '_>) {
        let stated = two_way(1000, 500);
        bencher.bench_local(|| black_box(&stated).solve(Closing::LeastChange).unwrap());
    }

    /// Without whole cents: each cell is only scaled in decimals, as often as the fit to 1e-9 takes.
    #[divan::bench(sample_count = 2)]
    fn fit_in_decimals(bencher: Bencher<'_, '_>) {
        let two = by_hand::two();
        let rounds = two_way(1000, 500)
            .fit(Tolerance::Relative(1e-9))
            .unwrap()
            .rounds();
        bencher.bench_local(|| obvious(black_box(&two.input), rounds));
    }
}

/// Scales rows, then columns, in place.
fn obvious(input: &Input, rounds: u32) -> Vec<Decimal> {
    let width = input.margins[1].len();
    let cents = |weight: &f64| Decimal::new((weight * 100.0).round() as i64, 2);
    let mut table: Vec<Decimal> = input.weights.iter().map(cents).collect();
    for _ in 0..rounds {
        for (row, total) in table.chunks_exact_mut(width).zip(&input.margins[0]) {
            let sum: Decimal = row.iter().sum();
            let factor = Decimal::new(*total, 2) / sum;
            for cell in row {
                *cell *= factor;
            }
        }
        for (column, total) in input.margins[1].iter().enumerate() {
            let sum: Decimal = table.iter().skip(column).step_by(width).sum();
            let factor = Decimal::new(*total, 2) / sum;
            for cell in table.iter_mut().skip(column).step_by(width) {
                *cell *= factor;
            }
        }
    }
    table
}

mod dense_100_by_50_by_40 {
    use super::{Bencher, black_box, by_hand, input, three_way};

    #[divan::bench]
    fn solve(bencher: Bencher<'_, '_>) {
        let stated = three_way();
        bencher.bench_local(|| black_box(&stated).solve().unwrap());
    }

    #[divan::bench]
    fn solve_by_hand(bencher: Bencher<'_, '_>) {
        let input = input(&[100, 50, 40], 0x5A1E_2003);
        let [a, b, c] = [0, 1, 2].map(|axis: usize| by_hand::reals(&input.margins[axis]));
        let mut table = vec![0.0; input.weights.len()];
        let mut middle = vec![0; 5000];
        let mut cells = vec![0; input.weights.len()];
        bencher.bench_local(|| {
            let weights = black_box(&input.weights);
            let [x, y, z] = by_hand::fit_three(weights, [&a, &b, &c]);
            for (line, (row, out)) in weights
                .chunks_exact(40)
                .zip(table.chunks_exact_mut(40))
                .enumerate()
            {
                let factor = x[line / 50] * y[line % 50];
                for ((out, weight), last) in out.iter_mut().zip(row).zip(&z) {
                    *out = factor * weight * last;
                }
            }
            let sums: Vec<f64> = table.chunks_exact(40).map(|row| row.iter().sum()).collect();
            let sum = |row: usize, column: usize| sums[row * 50 + column];
            by_hand::close(sum, &input.margins[0], &input.margins[1], &mut middle);
            let value = |row: usize, column: usize| table[row * 40 + column];
            by_hand::close(value, &middle, &input.margins[2], &mut cells);
        });
    }
}

/// Rounding at least change where there are ties: they must cost no more than random weights of the same size.
mod least_change {
    use super::{Bencher, Closing, Marginal, Random, Seed, TwoWay, black_box, two_way};

    /// Weights from one up to so many, margins of half a quantum to spare in each cell.
    fn tied(rows: usize, columns: usize, largest: u64) -> TwoWay {
        let mut random = Random(0x5A1E_2005);
        let weights: Vec<i64> = (0..rows * columns)
            .map(|_| 1 + i64::try_from(random.below(largest)).unwrap())
            .collect();
        let cells = i64::try_from(rows * columns).unwrap();
        let total = 3 * cells / 2;
        let even = |lines: usize| {
            let lines = i64::try_from(lines).unwrap();
            let (each, more) = (total / lines, total % lines);
            (0..lines).map(move |line| each + i64::from(line < more))
        };
        TwoWay::new(
            Seed::counts(rows, columns, &weights).unwrap(),
            Marginal::flat(even(rows)).unwrap(),
            Marginal::flat(even(columns)).unwrap(),
        )
        .unwrap()
    }

    fn bench(bencher: Bencher<'_, '_>, stated: &TwoWay) {
        bencher.bench_local(|| black_box(stated).solve(Closing::LeastChange).unwrap());
    }

    #[divan::bench(sample_count = 20)]
    fn random_200_by_100(bencher: Bencher<'_, '_>) {
        bench(bencher, &two_way(200, 100));
    }

    #[divan::bench(sample_count = 20)]
    fn equal_200_by_100(bencher: Bencher<'_, '_>) {
        bench(bencher, &tied(200, 100, 1));
    }

    #[divan::bench(sample_count = 10)]
    fn of_three_weights_200_by_100(bencher: Bencher<'_, '_>) {
        bench(bencher, &tied(200, 100, 3));
    }

    #[divan::bench(args = [50, 100, 200, 400], sample_count = 5)]
    fn equal(bencher: Bencher<'_, '_>, lines: usize) {
        bench(bencher, &tied(lines, lines, 1));
    }

    #[divan::bench(args = [50, 100, 200, 400], sample_count = 5)]
    fn random(bencher: Bencher<'_, '_>, lines: usize) {
        bench(bencher, &two_way(lines, lines));
    }
}

/// Sixty tables of 5 to 15 lines a side, weights over six orders of magnitude, margins within a tenth of history. Many zeros
/// make them hang together so loosely that scaling by hand, given a hundred rounds, does not fit them.
mod loose_5_to_15 {
    use super::{Bencher, Closing, Marginal, Random, Seed, TwoWay, black_box, by_hand};

    struct Loose {
        width: usize,
        weights: Vec<f64>,
        rows: Vec<i64>,
        columns: Vec<i64>,
    }

    fn family(zeros: f64) -> Vec<Loose> {
        let mut random = Random(0x5A1E_2007);
        let family = (0..60).map(|_| {
            let (height, width) = (5 + random.below(11) as usize, 5 + random.below(11) as usize);
            let (mut rows, mut columns) = (vec![0; height], vec![0; width]);
            let weights = (0..height * width).map(|cell| {
                if random.unit() < zeros {
                    return 0.0;
                }
                let weight = 10_f64.powf(2.0 + 6.0 * random.unit()).floor();
                let quanta = (weight * (0.9 + 0.2 * random.unit())) as i64;
                rows[cell / width] += quanta;
                columns[cell % width] += quanta;
                weight
            });
            Loose {
                width,
                weights: weights.collect(),
                rows,
                columns,
            }
        });
        family.collect()
    }

    #[divan::bench(args = [0.4, 0.6, 0.8])]
    fn solve(bencher: Bencher<'_, '_>, zeros: f64) {
        let stated = |loose: Loose| {
            TwoWay::new(
                Seed::dense(loose.rows.len(), loose.width, loose.weights).unwrap(),
                Marginal::flat(loose.rows).unwrap(),
                Marginal::flat(loose.columns).unwrap(),
            )
            .unwrap()
        };
        let family: Vec<TwoWay> = family(zeros).into_iter().map(stated).collect();
        bencher.bench_local(|| {
            for stated in &family {
                black_box(stated).solve(Closing::LeastChange).unwrap();
            }
        });
    }

    #[divan::bench(args = [0.4, 0.6, 0.8])]
    fn a_hundred_rounds_by_hand(bencher: Bencher<'_, '_>, zeros: f64) {
        let family = family(zeros);
        bencher.bench_local(|| {
            for loose in &family {
                let rows = by_hand::reals(&loose.rows);
                let columns = by_hand::reals(&loose.columns);
                let (mut u, mut v) = (vec![1.0; rows.len()], vec![1.0; columns.len()]);
                for _ in 0..100 {
                    let mut sums = vec![0.0; v.len()];
                    let lines = black_box(&loose.weights).chunks_exact(loose.width);
                    for ((row, total), factor) in lines.zip(&rows).zip(&mut u) {
                        let sum: f64 = row.iter().zip(&v).map(|(w, v)| w * v).sum();
                        *factor = if sum > 0.0 { total / sum } else { 0.0 };
                        for (sum, weight) in sums.iter_mut().zip(row) {
                            *sum += *factor * weight;
                        }
                    }
                    for ((factor, total), sum) in v.iter_mut().zip(&columns).zip(&sums) {
                        *factor = if *sum > 0.0 { total / sum } else { 0.0 };
                    }
                }
                black_box((u, v));
            }
        });
    }
}
