//! Tables at the ends of what can be stated.

use quotaflow::allocation::Bound;
use quotaflow::margins::{
    Closing, Marginal, MarginsError, Matrix, Node, Orientation, Seed, TwoWay,
};

const BOTH: [Closing; 2] = [Closing::Direct, Closing::LeastChange];

fn check_totals(stated: &TwoWay, table: &Matrix) {
    for axis in [Orientation::Rows, Orientation::Columns] {
        let totals = table.node_totals(axis, stated.marginal(axis)).unwrap();
        for (node, total) in stated.marginal(axis).nodes().iter().zip(totals) {
            assert!(node.total().is_none_or(|wanted| wanted == total));
        }
    }
}

fn plain(weights: &[i64], rows: &[i64], columns: &[i64]) -> TwoWay {
    TwoWay::new(
        Seed::counts(rows.len(), columns.len(), weights).unwrap(),
        Marginal::flat(rows.iter().copied()).unwrap(),
        Marginal::flat(columns.iter().copied()).unwrap(),
    )
    .unwrap()
}

#[test]
fn totals_near_the_range_are_exact() {
    for (height, width) in [(2_usize, 2_usize), (3, 5), (40, 25)] {
        let lines = |count: usize| -> Vec<i64> {
            // Unequal lines that together are the largest total.
            let count = i64::try_from(count).unwrap();
            let share = i64::MAX / (count * 2);
            let mut lines: Vec<i64> = (0..count).map(|line| share + line * 1_000_003).collect();
            lines[0] += i64::MAX - lines.iter().sum::<i64>();
            lines
        };
        let weights: Vec<i64> = (0..height * width)
            .map(|cell| 1 + (cell as i64 * 7919) % 1000)
            .collect();
        let stated = plain(&weights, &lines(height), &lines(width));
        assert_eq!(stated.total(), i64::MAX);
        let bounded = stated
            .clone()
            .bounded(height - 1, width - 1, Bound::held(12_345))
            .unwrap();
        for stated in [stated, bounded] {
            for closing in BOTH {
                check_totals(&stated, stated.solve(closing).unwrap().table());
            }
        }
    }
}

#[test]
fn every_size_of_total_around_the_change_of_method_is_exact() {
    for exponent in 40..62 {
        let total = (1_i64 << exponent) + 12_345;
        let rows = [total / 3, total - total / 3];
        let columns = [total / 7, total / 5, total - total / 7 - total / 5];
        let stated = plain(&[3, 1, 4, 1, 5, 9], &rows, &columns);
        let fit = stated
            .fit(quotaflow::margins::StoppingRule::default())
            .unwrap();
        for closing in BOTH {
            let table = fit.close(closing).unwrap();
            check_totals(&stated, &table);
            for cell in 0..6 {
                let (quanta, value) = (
                    table.cell(cell / 3, cell % 3),
                    fit.value(cell / 3, cell % 3),
                );
                assert!(
                    (quanta as f64 - value).abs() <= 1.0 + value * 1e-12,
                    "2^{exponent}"
                );
            }
        }
    }
}

#[test]
fn one_line_and_nothing_to_give() {
    for closing in BOTH {
        assert_eq!(
            plain(&[5], &[7], &[7])
                .solve(closing)
                .unwrap()
                .table()
                .cell(0, 0),
            7
        );
        let none = plain(&[1, 2, 3, 4], &[0, 0], &[0, 0])
            .solve(closing)
            .unwrap()
            .into_table();
        assert_eq!(none.line_totals(Orientation::Rows).unwrap(), [0, 0]);
        let some = plain(&[1, 2, 3, 4], &[0, 9], &[4, 5])
            .solve(closing)
            .unwrap()
            .into_table();
        assert_eq!(some, Matrix::dense(2, 2, vec![0, 0, 4, 5]).unwrap());
        // Weights that are all zero can hold nothing.
        let empty = plain(&[0, 0], &[0], &[0, 0])
            .solve(closing)
            .unwrap()
            .into_table();
        assert_eq!(empty.cell(0, 1), 0);
        let refused = plain(&[0, 0], &[1], &[1, 0]).solve(closing);
        assert!(matches!(refused, Err(MarginsError::Impossible { .. })));
    }
}

#[test]
fn fewer_quanta_than_lines() {
    let weights = vec![1; 30 * 40];
    let mut rows = vec![0; 30];
    let mut columns = vec![0; 40];
    (rows[4], rows[20]) = (3, 4);
    for column in 0..7 {
        columns[column * 5] = 1;
    }
    let stated = plain(&weights, &rows, &columns);
    for closing in BOTH {
        let table = stated.solve(closing).unwrap().into_table();
        check_totals(&stated, &table);
        assert!((0..30).all(|row| table.row(row).all(|(_, quanta)| (0..=1).contains(&quanta))));
    }
}

#[test]
fn a_hundred_thousand_lines_under_one_node() {
    let lines = 100_000;
    let mut nodes = vec![Node::root().totalling(1_234_567)];
    nodes.resize(lines + 1, Node::under(0));
    let weights: Vec<i64> = (0..lines * 2)
        .map(|cell| 1 + (cell as i64 * 31) % 97)
        .collect();
    let stated = TwoWay::new(
        Seed::counts(lines, 2, &weights).unwrap(),
        Marginal::tree(nodes).unwrap(),
        Marginal::flat([1_000_000, 234_567]).unwrap(),
    )
    .unwrap();
    check_totals(&stated, stated.solve(Closing::Direct).unwrap().table());
}

#[test]
fn twelve_levels_and_totals_on_every_other_one() {
    // A chain of levels with two children each but for one that goes on.
    let mut nodes = vec![Node::root().totalling(1 << 20)];
    let mut parent = 0;
    for level in 1..12 {
        let going_on = Node::under(parent);
        nodes.push(Node::under(parent));
        parent = nodes.len();
        nodes.push(if level % 2 == 0 {
            going_on.totalling((1 << 20) >> level)
        } else {
            going_on
        });
    }
    let side = Marginal::tree(nodes).unwrap();
    let weights: Vec<i64> = (0..side.lines() * 3)
        .map(|cell| 1 + (cell as i64 * 17) % 11)
        .collect();
    let stated = TwoWay::new(
        Seed::counts(side.lines(), 3, &weights).unwrap(),
        side,
        Marginal::flat([500_000, 48_576, 500_000]).unwrap(),
    )
    .unwrap();
    for closing in BOTH {
        check_totals(&stated, stated.solve(closing).unwrap().table());
    }
}
