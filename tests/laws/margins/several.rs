//! Laws of tables with three and more margins.

use proptest::prelude::*;
use quotaflow::margins::{Array, Closeness, Margin, MarginsError, Refutation, Resolution, Several};

/// A table over three or four axes with a hidden whole table that meets its margins.
fn array(with_zeros: bool) -> impl Strategy<Value = (Vec<usize>, Vec<i64>, Vec<i64>)> {
    prop::collection::vec(1..=4_usize, 3..=4).prop_flat_map(move |sizes| {
        let cells = sizes.iter().product::<usize>();
        let zero = if with_zeros { 4 } else { 0 };
        let weight = prop_oneof![zero => Just(0_i64), 6 => 1_i64..50];
        (
            Just(sizes),
            prop::collection::vec(weight, cells),
            prop::collection::vec(0..7_i64, cells),
        )
    })
}

fn one_way(sizes: &[usize], weights: &[i64], hidden: &[i64]) -> Several {
    let hidden = Array::new(sizes.to_vec(), hidden.to_vec()).unwrap();
    let margins = (0..sizes.len()).map(|axis| Margin::of(axis, hidden.totals(&[axis]).unwrap()));
    let weights = weights.iter().map(|weight| *weight as f64).collect();
    Several::new(sizes.to_vec(), weights, margins.collect()).unwrap()
}

/// The fitted values, by scaling the whole table axis after axis.
fn fitted(stated: &Several) -> Vec<f64> {
    let sizes = stated.sizes();
    let mut values = stated.weights().to_vec();
    let line =
        |cell: usize, axis: usize| cell / sizes[axis + 1..].iter().product::<usize>() % sizes[axis];
    for _ in 0..3000 {
        let mut worst = 0.0_f64;
        for margin in stated.margins() {
            let axis = margin.axes()[0];
            let mut sums = vec![0.0; sizes[axis]];
            for (cell, value) in values.iter().enumerate() {
                sums[line(cell, axis)] += value;
            }
            for (cell, value) in values.iter_mut().enumerate() {
                let sum = sums[line(cell, axis)];
                worst = worst.max((sum - margin.totals()[line(cell, axis)] as f64).abs());
                if sum > 0.0 {
                    *value *= margin.totals()[line(cell, axis)] as f64 / sum;
                }
            }
        }
        if worst < 1e-9 {
            break;
        }
    }
    values
}

fn meets_all(stated: &Several, table: &Array) -> bool {
    stated
        .margins()
        .iter()
        .all(|margin| table.totals(margin.axes()).unwrap() == margin.totals())
        && table
            .cells()
            .iter()
            .zip(stated.weights())
            .all(|(quanta, weight)| *quanta >= 0 && (*weight > 0.0 || *quanta == 0))
}

/// Whether any whole table meets the margins, by trying every value of every cell.
fn exists(left: &mut [Vec<i64>], sizes: &[usize], weights: &[f64], cell: usize) -> bool {
    if cell == weights.len() {
        return left.iter().flatten().all(|left| *left == 0);
    }
    let lines: Vec<usize> = (0..sizes.len())
        .map(|axis| cell / sizes[axis + 1..].iter().product::<usize>() % sizes[axis])
        .collect();
    let most = if weights[cell] > 0.0 {
        lines
            .iter()
            .enumerate()
            .map(|(axis, line)| left[axis][*line])
            .min()
            .unwrap()
    } else {
        0
    };
    (0..=most).any(|value| {
        for (axis, line) in lines.iter().enumerate() {
            left[axis][*line] -= value;
        }
        let found = exists(left, sizes, weights, cell + 1);
        for (axis, line) in lines.iter().enumerate() {
            left[axis][*line] += value;
        }
        found
    })
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn several_margins_of_an_open_table_are_always_met_nearby((sizes, weights, hidden) in array(false)) {
        let stated = one_way(&sizes, &weights, &hidden);
        let Resolution::Solved { table, closeness } = stated.solve().unwrap() else {
            return Err(TestCaseError::fail("not solved"));
        };
        let above = sizes.len() - 2;
        prop_assert_eq!(closeness, Closeness::Within { above: above as u32 });
        prop_assert!(meets_all(&stated, &table));
        for (quanta, value) in table.cells().iter().zip(fitted(&stated)) {
            let quanta = *quanta as f64;
            prop_assert!(quanta >= (value - 0.02).floor(), "{quanta} for {value}");
            prop_assert!(quanta <= (value + 0.02).ceil() + above as f64, "{quanta} for {value}");
        }
    }

    #[test]
    fn several_margins_with_structural_zeros_get_an_honest_answer(
        (sizes, weights, hidden) in array(true),
        fits in any::<bool>(),
        moves in prop::collection::vec((0..4_usize, 0..4_usize), 0..3),
    ) {
        // A hidden table on the open cells always exists; where it is moved about, it may not.
        let hidden: Vec<i64> = hidden.iter().zip(&weights)
            .map(|(value, weight)| if *weight == 0 && fits { 0 } else { *value / 2 }).collect();
        let mut totals = Array::new(sizes.clone(), hidden.clone()).unwrap().totals(&[0]).unwrap();
        for (from, to) in moves {
            let (from, to) = (from % totals.len(), to % totals.len());
            if !fits && totals[from] > 0 {
                totals[from] -= 1;
                totals[to] += 1;
            }
        }
        let first = one_way(&sizes, &weights, &hidden);
        let mut margins = first.margins().to_vec();
        margins[0] = Margin::of(0, totals);
        let stated = Several::new(sizes.clone(), first.weights().to_vec(), margins).unwrap();
        match stated.solve().unwrap() {
            Resolution::Solved { table, .. } => prop_assert!(meets_all(&stated, &table)),
            Resolution::Impossible(_) => {
                prop_assert!(!fits);
                if sizes.iter().product::<usize>() <= 12 {
                    let mut left: Vec<Vec<i64>> = stated.margins().iter().map(|m| m.totals().to_vec()).collect();
                    prop_assert!(!exists(&mut left, &sizes, stated.weights(), 0));
                }
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn maxima_that_leave_a_table_are_kept(
        (sizes, weights, hidden) in array(false),
        slack in prop::collection::vec((any::<prop::sample::Index>(), 0..2_i64), 1..6),
    ) {
        let mut stated = one_way(&sizes, &weights, &hidden);
        let mut most = vec![i64::MAX; hidden.len()];
        for (cell, slack) in slack {
            let cell = cell.index(hidden.len());
            let mut rest = cell;
            let mut place = vec![0; sizes.len()];
            for axis in (0..sizes.len()).rev() {
                place[axis] = rest % sizes[axis];
                rest /= sizes[axis];
            }
            most[cell] = most[cell].min(hidden[cell] + slack);
            stated = stated.at_most(&place, hidden[cell] + slack).unwrap();
        }
        match stated.solve().unwrap() {
            Resolution::Solved { table, closeness } => {
                prop_assert!(meets_all(&stated, &table));
                prop_assert!(table.cells().iter().zip(&most).all(|(quanta, most)| quanta <= most));
                if let Closeness::Within { above } = closeness {
                    for (quanta, value) in table.cells().iter().zip(fitted(&stated)) {
                        let quanta = *quanta as f64;
                        prop_assert!(quanta >= (value - 0.02).floor(), "{quanta} for {value}");
                        prop_assert!(quanta <= (value + 0.02).ceil() + f64::from(above), "{quanta} for {value}");
                    }
                }
            }
            // A table exists.
            Resolution::Impossible(refutation) => prop_assert!(false, "{:?}", refutation),
            _ => {}
        }
    }
}

#[test]
fn a_table_that_only_fractions_can_fill_is_proved_impossible() {
    // 000, 011, 101 and 110 are open; half a unit on each makes all six margins one.
    let open = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0];
    let margins = (0..3).map(|axis| Margin::of(axis, vec![1, 1])).collect();
    let stated = Several::new(vec![2, 2, 2], open.to_vec(), margins).unwrap();
    assert!(matches!(
        stated.solve().unwrap(),
        Resolution::Impossible(Refutation::Exhausted { .. })
    ));
    // Twice as much can be filled: one unit on each.
    let margins = (0..3).map(|axis| Margin::of(axis, vec![2, 2])).collect();
    let stated = Several::new(vec![2, 2, 2], open.to_vec(), margins).unwrap();
    let Resolution::Solved { table, .. } = stated.solve().unwrap() else {
        panic!("not solved");
    };
    assert_eq!(table.cells(), [1, 0, 0, 1, 0, 1, 1, 0]);
}

#[test]
fn two_of_several_margins_that_contradict_each_other_are_named() {
    // Line 0 of axis 0 is open only on line 0 of axis 2.
    let open = [1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    let margins = vec![
        Margin::of(0, vec![6, 4]),
        Margin::of(1, vec![5, 5]),
        Margin::of(2, vec![5, 5]),
    ];
    let stated = Several::new(vec![2, 2, 2], open.to_vec(), margins).unwrap();
    let Resolution::Impossible(Refutation::Blocked {
        rows,
        columns,
        blocked,
    }) = stated.solve().unwrap()
    else {
        panic!("not refuted");
    };
    assert_eq!((rows, columns), (vec![0], vec![2]));
    assert_eq!((blocked.needed(), blocked.available()), (6, 5));
}

#[test]
fn joint_margins_that_do_not_cross_are_met() {
    // Axes 0 and 2 are bound together, axis 1 alone.
    let weights: Vec<f64> = (1..=12).map(f64::from).collect();
    let margins = vec![
        Margin::joint(vec![2, 0], vec![3, 4, 5, 6]),
        Margin::of(1, vec![7, 7, 4]),
        Margin::of(0, vec![8, 10]),
    ];
    let stated = Several::new(vec![2, 3, 2], weights, margins).unwrap();
    let Resolution::Solved { table, .. } = stated.solve().unwrap() else {
        panic!("not solved");
    };
    assert!(meets_all(&stated, &table));
}

#[test]
fn margins_that_disagree_below_zero_are_told_with_the_figures_as_given() {
    let new = |margins| Several::new(vec![2, 1, 1], vec![1.0, 1.0], margins).unwrap_err();
    let of = |totals: [i64; 2], other| {
        let totals = totals.to_vec();
        new(vec![
            Margin::of(0, totals),
            Margin::of(1, vec![other]),
            Margin::of(2, vec![-5]),
        ])
    };
    assert_eq!(
        of([-2, -3], -7),
        MarginsError::MarginTotals {
            margin: 1,
            total: -7,
            first: -5
        }
    );
    assert_eq!(
        of([-Several::MAX_TOTAL, -3], -5),
        MarginsError::TotalTooLarge {
            total: i128::from(-Several::MAX_TOTAL - 3),
            limit: Several::MAX_TOTAL
        }
    );
    let nested = new(vec![
        Margin::joint(vec![0, 1], vec![-1, -4]),
        Margin::of(0, vec![-2, -3]),
        Margin::of(2, vec![-5]),
    ]);
    assert_eq!(
        nested,
        MarginsError::NestedMargins {
            inner: 1,
            outer: 0,
            line: 0,
            total: -2,
            sum: -1
        }
    );
}

/// Margins of any sign over two or three lines each, all of one total.
fn of_both_signs() -> impl Strategy<Value = (Vec<usize>, Vec<Vec<i64>>)> {
    let axes = prop::collection::vec(prop::collection::vec(-12_i64..13, 1..=2), 2..=3);
    (axes, -15_i64..16).prop_map(|(mut axes, total)| {
        for lines in &mut axes {
            lines.push(total - lines.iter().sum::<i64>());
        }
        (axes.iter().map(Vec::len).collect(), axes)
    })
}

fn lines_of(cell: usize, sizes: &[usize]) -> Vec<usize> {
    let below = |axis: usize| sizes[axis + 1..].iter().product::<usize>();
    let line = |axis: usize| cell / below(axis) % sizes[axis];
    (0..sizes.len()).map(line).collect()
}

/// Whether a cell of lines with these totals holds nothing above zero, in a table of this total.
fn falls(total: i64, lines: &[i64]) -> bool {
    if total < 0 {
        lines.iter().all(|line| *line <= 0)
    } else {
        lines.iter().any(|line| *line < 0)
    }
}

#[test]
fn a_cell_of_a_positive_line_of_a_table_below_zero_holds_nothing_below() {
    let margins = [vec![2, -12], vec![-10, 0], vec![5, -15]];
    let solved = |sign: i64, most: Option<i64>| {
        let side = |totals: &Vec<i64>| totals.iter().map(|total| sign * total).collect();
        let margins = margins.iter().enumerate();
        let margins = margins.map(|(axis, totals)| Margin::of(axis, side(totals)));
        let mut stated = Several::new(vec![2, 2, 2], vec![1.0; 8], margins.collect()).unwrap();
        if let Some(most) = most {
            stated = stated.at_most(&[0, 0, 1], sign * most).unwrap();
        }
        match stated.solve().unwrap() {
            Resolution::Solved { table, .. } => Some(table),
            _ => None,
        }
    };
    for most in [None, Some(0), Some(1), Some(9)] {
        let (own, turned) = (solved(1, most), solved(-1, most));
        let back = |table: &Array| table.cells().iter().map(|cell| -cell).collect::<Vec<_>>();
        assert_eq!(
            own.as_ref().map(|own| own.cells().to_vec()),
            turned.as_ref().map(back),
            "{most:?}"
        );
        let Some(own) = own else {
            continue;
        };
        for (cell, value) in own.cells().iter().enumerate() {
            let lines = lines_of(cell, &[2, 2, 2]);
            let totals: Vec<i64> = (0..3).map(|axis| margins[axis][lines[axis]]).collect();
            let is_there = if falls(-10, &totals) {
                *value <= 0
            } else {
                *value >= 0
            };
            assert!(is_there, "{value} at {lines:?} with {most:?}");
        }
        let most = most.unwrap_or(i64::MAX);
        assert!(own.cell(&[0, 0, 1]).unwrap() <= most, "{most}");
    }
}

proptest! {
    #![proptest_config(crate::cases(600))]

    /// Whatever the signs of the margins, every cell is on its side of zero and within its maximum; with every sign turned round
    /// the table is turned round, unless it makes zero and so has no sign.
    #[test]
    fn cells_of_both_signs_keep_their_side_and_maximum_however_the_table_is_turned(
        (sizes, margins) in of_both_signs(),
        weights in prop::collection::vec(prop_oneof![1 => Just(0_u32), 8 => 1_u32..9], 27),
        maxima in prop::collection::vec((any::<prop::sample::Index>(), 0_i64..12), 0..4),
    ) {
        let cells = sizes.iter().product::<usize>();
        let total: i64 = margins[0].iter().sum();
        let totals = |cell: usize| -> Vec<i64> {
            lines_of(cell, &sizes).iter().zip(&margins).map(|(line, totals)| totals[*line]).collect()
        };
        let solved = |sign: i64| {
            let side = |totals: &Vec<i64>| totals.iter().map(|total| sign * total).collect();
            let stated = margins.iter().enumerate().map(|(axis, totals)| Margin::of(axis, side(totals)));
            let seed = weights[..cells].iter().map(|weight| f64::from(*weight)).collect();
            let mut stated = Several::new(sizes.clone(), seed, stated.collect()).unwrap();
            let is_below = |cell: usize| {
                let turned: Vec<i64> = totals(cell).iter().map(|total| sign * total).collect();
                falls(sign * total, &turned)
            };
            for (cell, most) in &maxima {
                let cell = cell.index(cells);
                let most = if is_below(cell) { -most } else { *most };
                stated = stated.at_most(&lines_of(cell, &sizes), most).unwrap();
            }
            let written = serde_json::to_string(&stated).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Several>(&written).unwrap(), &stated);
            let Resolution::Solved { table, .. } = stated.solve().unwrap() else {
                return Ok(None);
            };
            for margin in stated.margins() {
                let found = table.totals(margin.axes());
                prop_assert_eq!(found.as_deref(), Some(margin.totals()));
            }
            for (cell, value) in table.cells().iter().enumerate() {
                let size = if is_below(cell) { -value } else { *value };
                prop_assert!(size >= 0, "{} at {:?}", value, lines_of(cell, &sizes));
                prop_assert!(size == 0 || weights[cell] > 0, "{} at {:?}", value, lines_of(cell, &sizes));
                for (_, most) in maxima.iter().filter(|(at, _)| at.index(cells) == cell) {
                    prop_assert!(size <= *most, "{} at {:?}", value, lines_of(cell, &sizes));
                }
            }
            Ok(Some(table.cells().to_vec()))
        };
        let (own, turned) = (solved(1)?, solved(-1)?);
        if total != 0 {
            let back = |cells: Vec<i64>| cells.into_iter().map(|cell| -cell).collect::<Vec<_>>();
            prop_assert_eq!(own, turned.map(back));
        }
    }
}
