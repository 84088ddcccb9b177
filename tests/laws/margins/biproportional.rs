//! Laws of biproportional apportionment.

use std::cmp::Ordering;

use proptest::prelude::*;
use quotaflow::margins::{Claims, Matrix, Orientation, Signpost, TiedCell};

/// Every whole table with these margins in which cells without votes are empty.
fn all_tables(votes: &[i64], rows: Option<&[i64]>, columns: &[i64]) -> Vec<Vec<i64>> {
    let width = columns.len();
    let mut tables = vec![Vec::new()];
    for cell in 0..votes.len() {
        let mut longer = Vec::new();
        for table in tables {
            let used =
                |step: usize, first: usize| -> i64 { table.iter().skip(first).step_by(step).sum() };
            let in_row: i64 = table[cell / width * width..].iter().sum();
            let mut most = columns[cell % width] - used(width, cell % width);
            if let Some(rows) = rows {
                most = most.min(rows[cell / width] - in_row);
            }
            if votes[cell] == 0 {
                most = most.min(0);
            }
            for value in 0..=most {
                longer.push([table.as_slice(), &[value]].concat());
            }
        }
        tables = longer;
    }
    tables.retain(|table| {
        let row = |row: usize| table[row * width..(row + 1) * width].iter().sum::<i64>();
        let column = |column: usize| table.iter().skip(column).step_by(width).sum::<i64>();
        rows.is_none_or(|rows| {
            rows.iter()
                .enumerate()
                .all(|(line, total)| row(line) == *total)
        }) && columns
            .iter()
            .enumerate()
            .all(|(line, total)| column(line) == *total)
    });
    tables
}

/// The product of signposts over votes of all units given out, as the factors above and below the line.
#[derive(Debug, Clone)]
struct Product {
    above: Vec<u64>,
    below: Vec<u64>,
}

fn product_of_signposts(votes: &[i64], table: &[i64], signpost: Signpost) -> Product {
    let (mut above, mut below) = (Vec::new(), Vec::new());
    for (votes, units) in votes.iter().zip(table) {
        for unit in 1..=*units {
            let twice = match signpost {
                Signpost::Webster => 2 * unit - 1,
                _ => 2 * unit,
            };
            above.push(twice.unsigned_abs());
            below.push(votes.unsigned_abs());
        }
    }
    Product { above, below }
}

/// The product of all factors in digits of ten thousand, lowest first, all of one length.
fn digits(factors: &[u64]) -> Vec<u64> {
    let mut digits = vec![0; 120];
    digits[0] = 1;
    for factor in factors {
        let mut carry = 0_u128;
        for digit in &mut digits {
            let product = u128::from(*digit) * u128::from(*factor) + carry;
            *digit = (product % 10_000) as u64;
            carry = product / 10_000;
        }
    }
    digits
}

fn compare(left: &Product, right: &Product) -> Ordering {
    let left_side = digits(&[left.above.as_slice(), right.below.as_slice()].concat());
    let right_side = digits(&[right.above.as_slice(), left.below.as_slice()].concat());
    left_side.iter().rev().cmp(right_side.iter().rev())
}

proptest! {
    #![proptest_config(crate::cases(400))]

    #[test]
    fn biproportional_tables_are_the_best_and_their_ties_complete(
        (height, width) in (1..=3_usize, 1..=3_usize),
        votes in prop::collection::vec(prop_oneof![1 => Just(0_i64), 6 => 1..7_i64, 2 => 1..40_i64], 9),
        hidden in prop::collection::vec(0..2_i64, 9),
        with_rows in any::<bool>(),
        webster in any::<bool>(),
        // Votes so large that floating point cannot tell some of these tables apart.
        shades in prop::option::of(prop::collection::vec(0..3_i64, 9)),
    ) {
        let signpost = if webster { Signpost::Webster } else { Signpost::Jefferson };
        let votes: Vec<i64> = match shades {
            None => votes[..height * width].to_vec(),
            Some(shades) => votes.iter().zip(shades).take(height * width)
                .map(|(votes, shade)| if *votes > 0 { (votes << 50) + shade } else { 0 })
                .collect(),
        };
        let votes = votes.as_slice();
        let hidden: Vec<i64> = hidden.iter().zip(votes).map(|(units, votes)| if *votes > 0 { *units } else { 0 }).collect();
        let hidden = Matrix::dense(height, width, hidden).unwrap();
        let (rows, columns) = (hidden.line_totals(Orientation::Rows).unwrap(), hidden.line_totals(Orientation::Columns).unwrap());
        let rows = with_rows.then_some(rows.as_slice());
        let claims = Claims::new(height, width, votes.to_vec()).unwrap();
        let found = claims.biproportional(rows, &columns, signpost).unwrap();
        let tables = all_tables(votes, rows, &columns);
        let products: Vec<Product> = tables.iter().map(|table| product_of_signposts(votes, table, signpost)).collect();
        let best = products.iter().min_by(|a, b| compare(a, b)).unwrap();
        let cells: Vec<i64> = (0..votes.len()).map(|cell| found.table().cell(cell / width, cell % width)).collect();
        let found_product = product_of_signposts(votes, &cells, signpost);
        prop_assert_eq!(compare(&found_product, best), Ordering::Equal);
        // A cell is tied exactly where another best table differs, and in its direction.
        for cell in 0..votes.len() {
            let others = tables.iter().zip(&products).filter(|(_, product)| compare(product, best) == Ordering::Equal);
            let (mut rise, mut fall) = (false, false);
            for (table, _) in others {
                rise |= table[cell] > cells[cell];
                fall |= table[cell] < cells[cell];
            }
            let tie = found.ties().iter().find(|tie| (tie.row(), tie.column()) == (cell / width, cell % width));
            prop_assert_eq!(tie.is_some_and(TiedCell::may_rise), rise, "cell {} of {:?}", cell, cells);
            prop_assert_eq!(tie.is_some_and(TiedCell::may_fall), fall, "cell {} of {:?}", cell, cells);
        }
    }
}
