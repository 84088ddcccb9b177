//! Laws of tables with several margins.

use proptest::prelude::*;
use quotaflow::allocation::margins::{
    Array, Axis, Blocked, Bound, Claims, Closeness, Closing, Fit, Margin, MarginsError, Node,
    Outcome, Part, Precision, Refutation, Seed, Several, Side, Signpost, Table, TwoWay,
};
use quotaflow::quantity::Ratio;

/// Weights (zero now and then), a hidden table that meets everything, and bounds around it.
#[derive(Debug, Clone)]
struct Case {
    rows: usize,
    columns: usize,
    weights: Vec<i64>,
    hidden: Vec<i64>,
}

fn case(most: usize, largest: i64) -> impl Strategy<Value = Case> {
    (1..=most, 1..=most).prop_flat_map(move |(rows, columns)| {
        let cells = rows * columns;
        let weights = prop::collection::vec(prop_oneof![1 => Just(0_i64), 4 => 1_i64..50], cells);
        let hidden = prop::collection::vec(0..=largest, cells);
        (weights, hidden).prop_map(move |(weights, hidden)| Case {
            rows,
            columns,
            hidden: hidden
                .iter()
                .zip(&weights)
                .map(|(value, weight)| if *weight == 0 { 0 } else { *value })
                .collect(),
            weights,
        })
    })
}

impl Case {
    fn totals(&self, axis: Axis) -> Vec<i64> {
        let table = Table::dense(self.rows, self.columns, self.hidden.clone()).unwrap();
        table.line_totals(axis).unwrap()
    }

    fn seed(&self) -> Seed {
        Seed::counts(self.rows, self.columns, &self.weights).unwrap()
    }

    fn flat(&self) -> TwoWay {
        TwoWay::new(
            self.seed(),
            Side::flat(self.totals(Axis::Rows)).unwrap(),
            Side::flat(self.totals(Axis::Columns)).unwrap(),
        )
        .unwrap()
    }
}

/// A tree over lines with these totals: pairs of lines under a node, pairs of those, and so on; each node keeps its total
/// where `keep` says so. The root always does.
fn tree(totals: &[i64], keep: &[bool]) -> Side {
    let mut levels = vec![totals.to_vec()];
    while levels.last().unwrap().len() > 1 {
        let above = levels
            .last()
            .unwrap()
            .chunks(2)
            .map(|pair| pair.iter().sum())
            .collect();
        levels.push(above);
    }
    levels.reverse();
    let mut nodes = Vec::new();
    let mut first = 0;
    for (depth, level) in levels.iter().enumerate() {
        for (index, total) in level.iter().enumerate() {
            let node = match depth {
                0 => Node::root(),
                _ => Node::under(first + index / 2),
            };
            let kept = depth == 0 || keep[nodes.len() % keep.len()];
            nodes.push(if kept { node.totalling(*total) } else { node });
        }
        if depth > 0 {
            first += levels[depth - 1].len();
        }
    }
    Side::tree(nodes).unwrap()
}

/// What a fit to a millionth of a quantum may be off in one value.
const NEAR: f64 = 2e-5;

/// Rounded down or up: less than one quantum off, and not off at all where the value is whole.
fn is_rounded(quanta: i64, value: f64) -> bool {
    let off = (quanta as f64 - value).abs();
    off < 1.0 && ((value - value.round()).abs() > 1e-7 || off <= 1e-7)
}

/// Everything that a closed table promises.
fn check(stated: &TwoWay, fit: &Fit<'_>, table: &Table) -> Result<(), TestCaseError> {
    for axis in [Axis::Rows, Axis::Columns] {
        let side = stated.side(axis);
        let totals = table.node_totals(axis, side).unwrap();
        let lines: Vec<f64> = (0..side.lines())
            .map(|line| match axis {
                Axis::Rows => (0..table.columns())
                    .map(|other| fit.value(line, other))
                    .sum(),
                Axis::Columns => (0..table.rows()).map(|other| fit.value(other, line)).sum(),
            })
            .collect();
        let mut values = vec![0.0; side.nodes().len()];
        for (leaf, value) in side.leaves().iter().zip(lines) {
            values[*leaf] = value;
        }
        for node in (0..values.len()).rev() {
            if let Some(parent) = side.nodes()[node].parent() {
                values[parent] += values[node];
            }
        }
        for (node, stated) in side.nodes().iter().enumerate() {
            if let Some(total) = stated.total() {
                prop_assert_eq!(totals[node], total, "{} node {}", axis, node);
            }
            prop_assert!(
                is_rounded(totals[node], values[node]),
                "{} node {}: {} for {}",
                axis,
                node,
                totals[node],
                values[node]
            );
        }
    }
    for row in 0..table.rows() {
        for column in 0..table.columns() {
            let (quanta, value) = (table.cell(row, column), fit.value(row, column));
            prop_assert!(
                is_rounded(quanta, value),
                "cell {row},{column}: {quanta} for {value}"
            );
            let (least, most) = stated.range(row, column);
            prop_assert!(quanta >= least && most.is_none_or(|most| quanta <= most));
        }
    }
    Ok(())
}

/// The least total squared change over all tables whose cells and nodes are rounded down or up, by trying them all.
fn best_by_trying(stated: &TwoWay, fit: &Fit<'_>) -> Option<f64> {
    let (rows, columns) = (stated.seed().rows(), stated.seed().columns());
    let open: Vec<(usize, usize)> = (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (row, column)))
        .filter(|(row, column)| {
            let value = fit.value(*row, *column);
            (value - value.round()).abs() > NEAR
        })
        .collect();
    if open.len() > 14 {
        return None;
    }
    let mut best: Option<f64> = None;
    for choice in 0..1_u32 << open.len() {
        let cells: Vec<i64> = (0..rows * columns)
            .map(|cell| {
                let place = (cell / columns, cell % columns);
                let value = fit.value(place.0, place.1);
                match open.iter().position(|found| *found == place) {
                    Some(bit) => value.floor() as i64 + i64::from(choice >> bit & 1),
                    None => value.round() as i64,
                }
            })
            .collect();
        let table = Table::dense(rows, columns, cells).unwrap();
        if check(stated, fit, &table).is_ok() {
            let change = fit.squared_change(&table).unwrap();
            best = Some(best.map_or(change, |best| best.min(change)));
        }
    }
    best
}

/// Adds up a proof from the statement alone, and checks that nothing can be left out of it.
fn verify_blocked(stated: &TwoWay, blocked: &Blocked) -> Result<(), TestCaseError> {
    let (axis, across) = (blocked.axis(), blocked.axis().across());
    let lines = |axis: Axis, parts: &[Part]| -> Vec<bool> {
        let side = stated.side(axis);
        let under = |leaf: usize, wanted: usize| {
            let mut node = Some(leaf);
            while let Some(here) = node {
                if here == wanted {
                    return true;
                }
                node = side.nodes()[here].parent();
            }
            false
        };
        side.leaves()
            .iter()
            .map(|leaf| {
                parts.iter().any(|part| {
                    under(*leaf, part.node().unwrap())
                        && !part.except().iter().any(|below| under(*leaf, *below))
                })
            })
            .collect()
    };
    let total = |axis: Axis, part: &Part| -> i128 {
        let nodes = stated.side(axis).nodes();
        let prescribed = |node: usize| i128::from(nodes[node].total().unwrap());
        prescribed(part.node().unwrap())
            - part
                .except()
                .iter()
                .map(|node| prescribed(*node))
                .sum::<i128>()
    };
    let (needing, offering) = (
        lines(axis, blocked.needing()),
        lines(across, blocked.offering()),
    );
    let mut needed: i128 = blocked.needing().iter().map(|part| total(axis, part)).sum();
    let mut available: i128 = blocked
        .offering()
        .iter()
        .map(|part| total(across, part))
        .sum();
    for row in 0..stated.seed().rows() {
        for column in 0..stated.seed().columns() {
            let (least, most) = stated.range(row, column);
            let (mine, other) = match axis {
                Axis::Rows => (row, column),
                Axis::Columns => (column, row),
            };
            match (needing[mine], offering[other]) {
                (true, false) => {
                    available += i128::from(most.expect("an unlimited cell leads out of the proof"))
                }
                (false, true) => needed += i128::from(least),
                _ => {}
            }
        }
    }
    prop_assert_eq!(needed, blocked.needed());
    prop_assert_eq!(available, blocked.available());
    prop_assert!(needed > available);
    Ok(())
}

/// Whether the listed lines can be served, by trying all subsets of the needing ones (flat sides only).
fn can_serve(stated: &TwoWay, axis: Axis, needing: &[usize], offering: &[usize]) -> bool {
    let total =
        |axis: Axis, line: usize| i128::from(stated.side(axis).nodes()[line].total().unwrap());
    let others = stated.side(axis.across()).lines();
    (0..1_u32 << needing.len()).all(|subset| {
        let chosen: Vec<usize> = needing
            .iter()
            .enumerate()
            .filter(|(bit, _)| subset >> bit & 1 == 1)
            .map(|(_, line)| *line)
            .collect();
        let needed: i128 = chosen.iter().map(|line| total(axis, *line)).sum();
        // Each other line offers the smaller of what its cells can hold and what its total leaves.
        let mut offered = Some(0_i128);
        for other in 0..others {
            let (mut cells, mut rest) = (Some(0_i128), None);
            if offering.contains(&other) {
                rest = Some(total(axis.across(), other));
            }
            for line in 0..stated.side(axis).lines() {
                let (row, column) = match axis {
                    Axis::Rows => (line, other),
                    Axis::Columns => (other, line),
                };
                let (least, most) = stated.range(row, column);
                if chosen.contains(&line) {
                    cells = cells.and_then(|sum| Some(sum + i128::from(most?)));
                } else {
                    rest = rest.map(|rest| rest - i128::from(least));
                }
            }
            let here = match (cells, rest) {
                (Some(cells), Some(rest)) => Some(cells.min(rest)),
                (cells, rest) => cells.or(rest),
            };
            offered = offered.and_then(|sum| Some(sum + here?));
        }
        offered.is_none_or(|offered| needed <= offered)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_prescribed_total_is_exact_and_every_cell_rounded_down_or_up(case in case(7, 60)) {
        let stated = case.flat();
        let fit = stated.fit(Precision::Quanta(1e-6)).unwrap();
        for closing in [Closing::Direct, Closing::LeastChange] {
            check(&stated, &fit, &fit.close(closing).unwrap())?;
        }
    }

    #[test]
    fn every_node_of_both_trees_is_rounded_down_or_up(
        case in case(7, 60),
        keep_rows in prop::collection::vec(any::<bool>(), 1..5),
        keep_columns in prop::collection::vec(any::<bool>(), 1..5),
    ) {
        let stated = TwoWay::new(
            case.seed(),
            tree(&case.totals(Axis::Rows), &keep_rows),
            tree(&case.totals(Axis::Columns), &keep_columns),
        ).unwrap();
        let fit = stated.fit(Precision::Quanta(1e-6)).unwrap();
        for closing in [Closing::Direct, Closing::LeastChange] {
            check(&stated, &fit, &fit.close(closing).unwrap())?;
        }
    }

    #[test]
    fn bounds_and_holds_are_kept(
        case in case(6, 60),
        bounds in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, 0..9_i64), 0..9),
    ) {
        let mut stated = case.flat();
        for (cell, kind, slack) in bounds {
            let cell = cell.index(case.hidden.len());
            let (value, place) = (case.hidden[cell], (cell / case.columns, cell % case.columns));
            let bound = match kind {
                0 => Bound::Held(value),
                1 => Bound::AtLeast((value - slack).max(0)),
                2 => Bound::AtMost(value + slack),
                _ => Bound::AtMost(value),
            };
            stated = stated.bounded(place.0, place.1, bound).unwrap();
        }
        let fit = stated.fit(Precision::Quanta(1e-6)).unwrap();
        for closing in [Closing::Direct, Closing::LeastChange] {
            check(&stated, &fit, &fit.close(closing).unwrap())?;
        }
    }

    #[test]
    fn least_change_is_the_best_of_all_tables(case in case(4, 9), keep in prop::collection::vec(any::<bool>(), 1..5)) {
        let stated = TwoWay::new(
            case.seed(),
            tree(&case.totals(Axis::Rows), &keep),
            Side::flat(case.totals(Axis::Columns)).unwrap(),
        ).unwrap();
        let fit = stated.fit(Precision::Quanta(1e-6)).unwrap();
        if let Some(best) = best_by_trying(&stated, &fit) {
            let found = fit.squared_change(&fit.close(Closing::LeastChange).unwrap()).unwrap();
            prop_assert!((found - best).abs() < 1e-5, "found {found}, best {best}");
        }
    }

    #[test]
    fn a_whole_table_that_meets_its_margins_stays(case in case(6, 1000)) {
        // The weights are the table: nothing is to be changed.
        let stated = TwoWay::new(
            Seed::counts(case.rows, case.columns, &case.hidden).unwrap(),
            Side::flat(case.totals(Axis::Rows)).unwrap(),
            Side::flat(case.totals(Axis::Columns)).unwrap(),
        ).unwrap();
        for closing in [Closing::Direct, Closing::LeastChange] {
            let table = stated.solve(closing).unwrap();
            prop_assert_eq!(&table, &Table::dense(case.rows, case.columns, case.hidden.clone()).unwrap());
        }
    }

    #[test]
    fn scaling_the_weights_of_rows_and_columns_changes_no_fitted_value(case in case(5, 60), by in prop::collection::vec(1..9_i64, 10)) {
        let scaled: Vec<i64> = case.weights.iter().enumerate()
            .map(|(cell, weight)| weight * by[cell / case.columns] * by[5 + cell % case.columns])
            .collect();
        let other = TwoWay::new(
            Seed::counts(case.rows, case.columns, &scaled).unwrap(),
            Side::flat(case.totals(Axis::Rows)).unwrap(),
            Side::flat(case.totals(Axis::Columns)).unwrap(),
        ).unwrap();
        let stated = case.flat();
        let (one, two) = (stated.fit(Precision::Quanta(1e-9)).unwrap(), other.fit(Precision::Quanta(1e-9)).unwrap());
        for cell in 0..case.weights.len() {
            let (row, column) = (cell / case.columns, cell % case.columns);
            prop_assert!((one.value(row, column) - two.value(row, column)).abs() < 1e-5);
        }
    }

    #[test]
    fn what_is_refused_is_impossible_and_its_proof_minimal(
        case in case(5, 9),
        moves in prop::collection::vec((0..5_usize, 0..5_usize, 0..12_i64), 1..4),
        caps in prop::collection::vec((0..5_usize, 0..5_usize, 0..6_i64), 0..4),
    ) {
        // Totals moved about between rows, which structural zeros and maxima then may not allow.
        let mut rows = case.totals(Axis::Rows);
        for (from, to, units) in moves {
            let (from, to) = (from % case.rows, to % case.rows);
            let units = units.min(rows[from]);
            rows[from] -= units;
            rows[to] += units;
        }
        let mut stated = TwoWay::new(
            case.seed(),
            Side::flat(rows).unwrap(),
            Side::flat(case.totals(Axis::Columns)).unwrap(),
        ).unwrap();
        for (row, column, most) in caps {
            stated = stated.bounded(row % case.rows, column % case.columns, Bound::AtMost(most)).unwrap();
        }
        let everything: Vec<usize> = (0..case.rows).collect();
        let others: Vec<usize> = (0..case.columns).collect();
        match stated.fit(Precision::Quanta(1e-6)) {
            Ok(fit) => {
                prop_assert!(can_serve(&stated, Axis::Rows, &everything, &others));
                check(&stated, &fit, &fit.close(Closing::LeastChange).unwrap())?;
            }
            Err(MarginsError::Impossible { blocked }) => {
                verify_blocked(&stated, &blocked)?;
                let nodes = |parts: &[Part]| parts.iter().filter_map(Part::node).collect::<Vec<_>>();
                let (needing, offering) = (nodes(blocked.needing()), nodes(blocked.offering()));
                prop_assert!(!can_serve(&stated, blocked.axis(), &needing, &offering));
                for leave in 0..needing.len() {
                    let mut fewer = needing.clone();
                    fewer.remove(leave);
                    prop_assert!(can_serve(&stated, blocked.axis(), &fewer, &offering));
                }
                for leave in 0..offering.len() {
                    let mut fewer = offering.clone();
                    fewer.remove(leave);
                    prop_assert!(can_serve(&stated, blocked.axis(), &needing, &fewer));
                }
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

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
        for margin in stated.margins() {
            let axis = margin.axes()[0];
            let mut sums = vec![0.0; sizes[axis]];
            for (cell, value) in values.iter().enumerate() {
                sums[line(cell, axis)] += value;
            }
            for (cell, value) in values.iter_mut().enumerate() {
                let sum = sums[line(cell, axis)];
                if sum > 0.0 {
                    *value *= margin.totals()[line(cell, axis)] as f64 / sum;
                }
            }
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
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn several_margins_of_an_open_table_are_always_met_nearby((sizes, weights, hidden) in array(false)) {
        let stated = one_way(&sizes, &weights, &hidden);
        let Outcome::Solved { table, closeness } = stated.solve().unwrap() else {
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
            Outcome::Solved { table, .. } => prop_assert!(meets_all(&stated, &table)),
            Outcome::Impossible(_) => {
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

#[test]
fn a_table_that_only_fractions_can_fill_is_proved_impossible() {
    // 000, 011, 101 and 110 are open; half a unit on each makes all six margins one.
    let open = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0];
    let margins = (0..3).map(|axis| Margin::of(axis, vec![1, 1])).collect();
    let stated = Several::new(vec![2, 2, 2], open.to_vec(), margins).unwrap();
    assert!(matches!(
        stated.solve().unwrap(),
        Outcome::Impossible(Refutation::Exhausted { .. })
    ));
    // Twice as much can be filled: one unit on each.
    let margins = (0..3).map(|axis| Margin::of(axis, vec![2, 2])).collect();
    let stated = Several::new(vec![2, 2, 2], open.to_vec(), margins).unwrap();
    let Outcome::Solved { table, .. } = stated.solve().unwrap() else {
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
    let Outcome::Impossible(Refutation::Blocked {
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
    let Outcome::Solved { table, .. } = stated.solve().unwrap() else {
        panic!("not solved");
    };
    assert!(meets_all(&stated, &table));
}

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

/// The product of signposts over votes of all units given out, in lowest terms of small numbers: exact as a fraction.
fn product_of_signposts(votes: &[i64], table: &[i64], signpost: Signpost) -> Ratio {
    let mut product = Ratio::ONE;
    for (votes, units) in votes.iter().zip(table) {
        for unit in 1..=*units {
            let twice = match signpost {
                Signpost::Webster => 2 * unit - 1,
                _ => 2 * unit,
            };
            let factor = Ratio::new(i128::from(twice), i128::from(*votes)).unwrap();
            product = product.checked_mul(factor).unwrap();
        }
    }
    product
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn biproportional_tables_are_the_best_and_their_ties_complete(
        (height, width) in (1..=3_usize, 1..=3_usize),
        votes in prop::collection::vec(prop_oneof![1 => Just(0_i64), 6 => 1..7_i64, 2 => 1..40_i64], 9),
        hidden in prop::collection::vec(0..2_i64, 9),
        with_rows in any::<bool>(),
        webster in any::<bool>(),
    ) {
        let signpost = if webster { Signpost::Webster } else { Signpost::Jefferson };
        let votes = &votes[..height * width];
        let hidden: Vec<i64> = hidden.iter().zip(votes).map(|(units, votes)| if *votes > 0 { *units } else { 0 }).collect();
        let hidden = Table::dense(height, width, hidden).unwrap();
        let (rows, columns) = (hidden.line_totals(Axis::Rows).unwrap(), hidden.line_totals(Axis::Columns).unwrap());
        let rows = with_rows.then_some(rows.as_slice());
        let claims = Claims::new(height, width, votes.to_vec()).unwrap();
        let found = claims.biproportional(rows, &columns, signpost).unwrap();
        let tables = all_tables(votes, rows, &columns);
        let products: Vec<Ratio> = tables.iter().map(|table| product_of_signposts(votes, table, signpost)).collect();
        let best = products.iter().min().unwrap();
        let cells: Vec<i64> = (0..votes.len()).map(|cell| found.table().cell(cell / width, cell % width)).collect();
        prop_assert_eq!(&product_of_signposts(votes, &cells, signpost), best);
        // A cell is tied exactly where another best table differs, and in its direction.
        for cell in 0..votes.len() {
            let others = tables.iter().zip(&products).filter(|(_, product)| *product == best);
            let (mut rise, mut fall) = (false, false);
            for (table, _) in others {
                rise |= table[cell] > cells[cell];
                fall |= table[cell] < cells[cell];
            }
            let tie = found.ties().iter().find(|tie| (tie.row(), tie.column()) == (cell / width, cell % width));
            prop_assert_eq!(tie.is_some_and(|tie| tie.may_rise()), rise, "cell {} of {:?}", cell, cells);
            prop_assert_eq!(tie.is_some_and(|tie| tie.may_fall()), fall, "cell {} of {:?}", cell, cells);
        }
    }
}
