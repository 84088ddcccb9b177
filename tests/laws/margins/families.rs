//! Tables that hang together loosely, tables of returns, and tables with many ties.

use proptest::prelude::*;
use quotaflow::allocation::Bound;
use quotaflow::margins::{
    Closeness, Closing, Follows, Margin, Marginal, MarginsError, Matrix, Node, Orientation,
    Resolution, Seed, Several, StoppingRule, TwoWay,
};

const BOTH: [Closing; 2] = [Closing::Direct, Closing::LeastChange];

fn stated(width: usize, weights: &[i64], rows: &[i64], columns: &[i64]) -> TwoWay {
    TwoWay::new(
        Seed::counts(weights.len() / width, width, weights).unwrap(),
        Marginal::flat(rows.iter().copied()).unwrap(),
        Marginal::flat(columns.iter().copied()).unwrap(),
    )
    .unwrap()
}

fn sums(width: usize, cells: &[i64]) -> (Vec<i64>, Vec<i64>) {
    let table = Matrix::dense(cells.len() / width, width, cells.to_vec()).unwrap();
    (
        table.line_totals(Orientation::Rows).unwrap(),
        table.line_totals(Orientation::Columns).unwrap(),
    )
}

fn turned(values: &[i64]) -> Vec<i64> {
    values.iter().map(|value| -value).collect()
}

#[test]
fn a_table_of_which_there_is_only_one_comes_out_at_once() {
    // The first row has column 1 only, so all else follows: 5001 - 5000 = 1 and 6647 - 1 = 6646.
    for sign in [1, -1] {
        let by = |values: [i64; 2]| values.map(|value| value * sign);
        let one = stated(2, &[0, 1, 1, 1], &by([5000, 6647]), &by([6646, 5001]));
        let fit = one.fit(StoppingRule::default()).unwrap();
        assert_eq!(fit.explain(1, 1).unwrap().follows, Follows::NoChoice);
        for closing in BOTH {
            let solved = one.solve(closing).unwrap();
            assert_eq!(solved.closeness(), Closeness::Within { above: 0 });
            let cells = [0, 5000, 6646, 1].map(|cell| cell * sign).to_vec();
            assert_eq!(solved.table(), &Matrix::dense(2, 2, cells).unwrap());
        }
    }
}

#[test]
fn cells_of_two_nodes_share_their_only_total_by_weight() {
    // Two people under each region; the second region has no cell in column 0, so all of that is the first region's.
    let regions = Marginal::tree(vec![
        Node::root().totalling(40),
        Node::root().totalling(9),
        Node::under(0),
        Node::under(0),
        Node::under(1),
    ])
    .unwrap();
    let seed = Seed::counts(3, 2, &[3, 1, 1, 1, 0, 5]).unwrap();
    let stated = TwoWay::new(seed, regions, Marginal::flat([20, 29]).unwrap()).unwrap();
    let fit = stated.fit(StoppingRule::default()).unwrap();
    assert_eq!(fit.explain(0, 0).unwrap().follows, Follows::Share);
    assert!((fit.value(0, 0) - 15.0).abs() < 1e-9 && (fit.value(1, 0) - 5.0).abs() < 1e-9);
    let table = stated.solve(Closing::LeastChange).unwrap().into_table();
    assert_eq!(
        table,
        Matrix::dense(3, 2, vec![15, 10, 5, 10, 0, 9]).unwrap()
    );
}

#[test]
fn a_product_of_returns_stands_among_products_of_sales() {
    // Two regions; the third product is taken back.
    let one = stated(3, &[5, 3, 1, 2, 4, 1], &[60, 40], &[70, 50, -20]);
    let fit = one.fit(StoppingRule::default()).unwrap();
    for closing in BOTH {
        let table = fit.close(closing).unwrap();
        assert_eq!(table.line_totals(Orientation::Rows).unwrap(), [60, 40]);
        assert_eq!(
            table.line_totals(Orientation::Columns).unwrap(),
            [70, 50, -20]
        );
        for row in 0..2 {
            assert!(table.cell(row, 0) >= 0 && table.cell(row, 1) >= 0);
            assert!(table.cell(row, 2) <= 0);
        }
    }
    // Both factors multiply what is sold and divide what is taken back.
    for (row, column) in [(0, 0), (1, 1), (0, 2), (1, 2)] {
        let found = fit.explain(row, column).unwrap();
        let factor = found.row_factor * found.column_factor;
        let value = if column == 2 {
            -found.weight / factor
        } else {
            found.weight * factor
        };
        assert!((found.value - value).abs() < 1e-6, "{found:?}");
    }
    let sold = one.clone().bounded(0, 2, Bound::at_least(1));
    assert_eq!(
        sold.unwrap_err().to_string(),
        "row 0, column 2 is bounded by 1 units, but the totals of its row and column leave it nothing above zero"
    );
    let kept = one.bounded(0, 2, Bound::at_least(-3)).unwrap();
    assert!(kept.solve(Closing::LeastChange).unwrap().table().cell(0, 2) >= -3);
}

#[test]
fn returns_that_cannot_be_met_are_refused_in_true_words() {
    // Row 0 holds the returns only, so it cannot total 5.
    let one = stated(2, &[0, 1, 1, 1], &[5, 45], &[60, -10]);
    let Err(MarginsError::Impossible { blocked }) = one.fit(StoppingRule::default()) else {
        panic!("not refused");
    };
    assert!(blocked.needed() > blocked.available());
    // The same turned round: the numbers are those of the table, not of its mirror.
    let two = stated(2, &[1, 0, 1, 1], &[-10, -10], &[-5, -15]);
    let Err(MarginsError::Impossible { blocked }) = two.fit(StoppingRule::default()) else {
        panic!("not refused");
    };
    assert_eq!((blocked.needed(), blocked.available()), (-10, -5));
    assert_eq!(blocked.needing()[0].total(), Some(-10));
    let below = Marginal::tree(vec![
        Node::root().totalling(10),
        Node::under(0).totalling(12),
        Node::under(0),
    ]);
    assert!(matches!(
        below,
        Err(MarginsError::NodeDisagrees { below: 12, .. })
    ));
}

#[test]
fn equal_weights_are_rounded_as_fast_as_any() {
    // Half a quantum is to spare in each of 14,400 cells: every one of them is a tie.
    let one = stated(120, &vec![1; 120 * 120], &[180; 120], &[180; 120]);
    let fit = one.fit(StoppingRule::default()).unwrap();
    let table = fit.close(Closing::LeastChange).unwrap();
    assert_eq!(table.line_totals(Orientation::Rows).unwrap(), [180; 120]);
    assert_eq!(table.line_totals(Orientation::Columns).unwrap(), [180; 120]);
    assert!((fit.squared_change(&table).unwrap() - 3600.0).abs() < 1e-6);
}

/// Weights over many orders of magnitude with many structural zeros, and margins near to what they make.
fn loose(zeros: u32, digits: u32) -> impl Strategy<Value = (usize, Vec<i64>, Vec<i64>)> {
    (3_usize..12, 3_usize..12).prop_flat_map(move |(rows, width)| {
        let cell = prop_oneof![
            zeros => Just((0_i64, 0_i64)),
            10 - zeros => (2..=digits, 10_i64..100, 900_i64..=1100).prop_map(|(digits, lead, by)| {
                let weight = lead * 10_i64.pow(digits) / 10;
                (weight, weight * by / 1000)
            }),
        ];
        prop::collection::vec(cell, rows * width).prop_map(move |cells| {
            let (weights, hidden) = cells.into_iter().unzip();
            (width, weights, hidden)
        })
    })
}

fn check_met(width: usize, weights: &[i64], hidden: &[i64]) -> Result<(), TestCaseError> {
    let (rows, columns) = sums(width, hidden);
    let one = stated(width, weights, &rows, &columns);
    for closing in BOTH {
        let solved = one.solve(closing);
        prop_assert!(solved.is_ok(), "{:?}", solved.err());
        let solved = solved.unwrap();
        prop_assert_eq!(solved.closeness(), Closeness::Within { above: 0 });
        let table = solved.into_table();
        prop_assert_eq!(table.line_totals(Orientation::Rows).unwrap(), rows.clone());
        prop_assert_eq!(
            table.line_totals(Orientation::Columns).unwrap(),
            columns.clone()
        );
        for (cell, weight) in weights.iter().enumerate() {
            let quanta = table.cell(cell / width, cell % width);
            prop_assert!(quanta >= 0 && (*weight > 0 || quanta == 0));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(crate::cases(150))]

    #[test]
    fn sparse_tables_over_many_orders_of_magnitude_are_met((width, weights, hidden) in loose(8, 8)) {
        check_met(width, &weights, &hidden)?;
    }

    #[test]
    fn denser_tables_over_still_more_orders_are_met((width, weights, hidden) in loose(4, 13)) {
        check_met(width, &weights, &hidden)?;
    }

    #[test]
    fn totals_below_zero_make_the_table_turned_round((width, weights, hidden) in loose(5, 5)) {
        let (rows, columns) = sums(width, &hidden);
        prop_assume!(rows.iter().sum::<i64>() > 0);
        let (up, down) = (
            stated(width, &weights, &rows, &columns),
            stated(width, &weights, &turned(&rows), &turned(&columns)),
        );
        for closing in BOTH {
            let (up, down) = (up.solve(closing).unwrap(), down.solve(closing).unwrap());
            for cell in 0..weights.len() {
                let at = (cell / width, cell % width);
                prop_assert_eq!(up.table().cell(at.0, at.1), -down.table().cell(at.0, at.1));
            }
        }
    }

    #[test]
    fn tables_of_both_signs_are_met_and_no_cell_is_on_the_wrong_side(
        (width, weights, hidden) in loose(3, 4),
        returns in prop::collection::vec(prop::bool::weighted(0.3), 12),
        closing in prop::sample::select(BOTH.to_vec()),
    ) {
        let hidden: Vec<i64> = hidden.iter().enumerate()
            .map(|(cell, value)| if returns[cell % width] { -value } else { *value })
            .collect();
        let (rows, columns) = sums(width, &hidden);
        // A line below zero has no cell above; here only columns are such lines.
        prop_assume!(rows.iter().all(|total| *total >= 0));
        prop_assume!(columns.iter().zip(&returns).all(|(total, falls)| (*total < 0) == *falls));
        let one = stated(width, &weights, &rows, &columns);
        let solved = one.solve(closing).unwrap();
        prop_assert_eq!(solved.table().line_totals(Orientation::Rows).unwrap(), rows);
        prop_assert_eq!(solved.table().line_totals(Orientation::Columns).unwrap(), columns);
        for cell in 0..weights.len() {
            let at = (cell / width, cell % width);
            prop_assert!(one.range(at.0, at.1).admits(solved.table().cell(at.0, at.1)));
        }
    }

    #[test]
    fn several_margins_below_zero_are_turned_round(hidden in prop::collection::vec(0_i64..9, 12)) {
        let total = |axes: &[usize], sign: i64| -> Vec<i64> {
            let mut totals = vec![0; [2, 3, 2][axes[0]]];
            for (cell, value) in hidden.iter().enumerate() {
                totals[[cell / 6, cell / 2 % 3, cell % 2][axes[0]]] += sign * value;
            }
            totals
        };
        let solved = |sign| {
            let margins = (0..3).map(|axis| Margin::of(axis, total(&[axis], sign))).collect();
            let stated = Several::new(vec![2, 3, 2], vec![1.0; 12], margins).unwrap();
            match stated.solve().unwrap() {
                Resolution::Solved { table, .. } => table.cells().to_vec(),
                other => panic!("{other:?}"),
            }
        };
        prop_assert_eq!(turned(&solved(-1)), solved(1));
    }

    /// With every sign turned round, every cell and what it may be are turned round, whatever the signs of the margins.
    #[test]
    fn a_table_turned_round_is_the_same_table_with_its_signs_turned(
        weights in prop::collection::vec(0_u32..4, 6),
        rows in prop::collection::vec(-60_i64..120, 2),
        columns in prop::collection::vec(-60_i64..60, 2),
        stated in any::<bool>(),
        bounds in prop::collection::vec((0_usize..2, 0_usize..3, 0_i64..80, 0_u8..3), 0..4),
        closing in prop::sample::select(BOTH.to_vec()),
    ) {
        let total: i64 = rows.iter().sum();
        let all = [columns[0], columns[1], total - columns.iter().sum::<i64>()];
        let weights: Vec<i64> = weights.into_iter().map(i64::from).collect();
        let problem = |sign: i64| {
            let side = |totals: &[i64]| Marginal::flat(totals.iter().map(|total| sign * total));
            let columns = if stated { side(&all)? } else { Marginal::free(3)? };
            let mut problem = TwoWay::new(Seed::counts(2, 3, &weights)?, side(&rows)?, columns)?;
            for (row, column, size, kind) in &bounds {
                let (line, across) = (sign * rows[*row], sign * if stated { all[*column] } else { total });
                let falls = if sign * total < 0 { line <= 0 && across <= 0 } else { line < 0 || across < 0 };
                let size = if falls { -size } else { *size };
                let bound = match kind {
                    0 if falls => Bound::at_least(size),
                    0 => Bound::at_most(size),
                    1 if falls => Bound::at_most(size),
                    1 => Bound::at_least(size),
                    _ => Bound::held(size),
                };
                problem = problem.bounded(*row, *column, bound)?;
            }
            Ok::<_, MarginsError>(problem)
        };
        let (upright, turned) = (problem(1), problem(-1));
        if total != 0 {
            prop_assert_eq!(upright.is_ok(), turned.is_ok(), "{:?} but {:?}", upright, turned);
        }
        let cells = || (0..2).flat_map(|row| (0..3).map(move |column| (row, column)));
        let solved = |problem: &Result<TwoWay, MarginsError>| {
            let Ok(problem) = problem else { return Ok(None) };
            let Ok(solved) = problem.solve(closing) else { return Ok(None) };
            for (row, column) in cells() {
                let cell = solved.table().cell(row, column);
                prop_assert!(problem.range(row, column).admits(cell), "{} in {}, {} of {}", cell, row, column, problem.total());
            }
            Ok(Some(solved))
        };
        let tables = (solved(&upright)?, solved(&turned)?);
        let (Ok(upright), Ok(turned)) = (upright, turned) else {
            return Ok(());
        };
        if total != 0 {
            for (row, column) in cells() {
                let (own, other) = (upright.range(row, column), turned.range(row, column));
                prop_assert_eq!(own.minimum().map(|least| -least), other.maximum());
                prop_assert_eq!(own.maximum().map(|most| -most), other.minimum());
            }
            let told = |solved: Option<quotaflow::margins::Solved>, sign: i64| solved.map(|solved| {
                let values: Vec<i64> = cells().map(|(row, column)| sign * solved.table().cell(row, column)).collect();
                (values, solved.closeness(), solved.rounds())
            });
            prop_assert_eq!(told(tables.0, 1), told(tables.1, -1));
        }
    }
}
