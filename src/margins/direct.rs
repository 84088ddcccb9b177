//! Controlled rounding of a full table, line by line.

use super::fractions::{nearness, split};
use super::real::{id, twenty_bits};
use super::{Fit, TwoWay};

/// How many bits of a key tell how much a column lacks, how large the fraction is, and which column it is.
const FRACTION_BITS: u32 = 20;
const COLUMN_BITS: u32 = 22;

/// Rounds every cell down, and then up again in each row where the columns lack most; larger fractions first, then
/// earlier columns. Returns nothing when the columns do not close. The general way does the same through a network.
///
/// In a table all of whose cells lie between two whole numbers it always closes: the fractions are then a table of
/// numbers between 0 and 1 with whole margins, so a table of zeros and ones with the same margins exists, and filling
/// row after row into the columns that lack most finds one (Gale 1957).
pub(super) fn direct(fit: &Fit<'_>) -> Option<Vec<i64>> {
    let TwoWay {
        seed,
        row_totals,
        column_totals,
        ..
    } = &*fit.stated;
    let width = seed.columns();
    let weights = &seed.grid.values;
    let near = nearness(weights.len());
    let mut cells = vec![0_i64; weights.len()];
    let mut fractions = vec![0_u32; weights.len()];
    let mut lacking = column_totals.clone();
    let mut spare = row_totals.clone();

    let lines = cells
        .chunks_exact_mut(width)
        .zip(fractions.chunks_exact_mut(width))
        .zip(weights.chunks_exact(width));
    for (((cells, fractions), weights), (factor, spare)) in
        lines.zip(fit.row_factors.iter().zip(&mut spare))
    {
        let mut sum = 0;
        for column in 0..width {
            let value = weights[column] * (factor * fit.column_factors[column]);
            let (whole, part) = split(value, near);
            cells[column] = whole;
            fractions[column] = twenty_bits(part);
            lacking[column] -= whole;
            sum += whole;
        }
        *spare -= sum;
    }

    fill(&mut cells, &fractions, &spare, &mut lacking).then_some(cells)
}

/// Adds one quantum to as many cells of each row as it has to spare, where the columns lack most; larger fractions
/// first, then earlier columns. A fraction of zero closes a cell. Says whether all columns then have what they lack.
pub(super) fn fill(
    cells: &mut [i64],
    fractions: &[u32],
    spare: &[i64],
    lacking: &mut [i64],
) -> bool {
    let width = lacking.len();
    let too_many = |count: &i64| *count >= 1 << (64 - FRACTION_BITS - COLUMN_BITS);
    if width > 1 << COLUMN_BITS || lacking.iter().any(too_many) {
        return false;
    }
    let mut keys = vec![0_u64; width];
    let mut sorted = vec![0_u64; width];
    let lines = cells
        .chunks_exact_mut(width)
        .zip(fractions.chunks_exact(width));
    for ((cells, fractions), spare) in lines.zip(spare) {
        let spare = match usize::try_from(*spare) {
            Ok(0) => continue,
            Ok(spare) if spare <= width => spare,
            _ => return false,
        };
        for (column, key) in keys.iter_mut().enumerate() {
            let Ok(lacks) = u64::try_from(lacking[column]) else {
                return false;
            };
            let fraction = u64::from(fractions[column]);
            // A closed cell takes nothing, and neither does a column that lacks nothing.
            *key = if fraction == 0 || lacks == 0 {
                0
            } else {
                let earlier = u64::from(LAST - id(column));
                (lacks << (FRACTION_BITS + COLUMN_BITS)) | (fraction << COLUMN_BITS) | earlier
            };
        }
        sorted.copy_from_slice(&keys);
        let (_, threshold, _) = sorted.select_nth_unstable(width - spare);
        if *threshold == 0 {
            return false;
        }
        for (column, key) in keys.iter().enumerate() {
            let up = i64::from(*key >= *threshold);
            cells[column] += up;
            lacking[column] -= up;
        }
    }
    lacking.iter().all(|left| *left == 0)
}

/// The last column that a key can tell.
const LAST: u32 = (1 << COLUMN_BITS) - 1;
