//! Tables whose nodes have minima and maxima, and tables of three axes with returns among sales.

use proptest::prelude::*;
use quotaflow::margins::{
    Closing, Margin, Marginal, MarginsError, Node, NodeEnd, Orientation, Resolution, Seed, Several,
    TwoWay,
};

/// A row of regions: two with lines below them, or lines alone; with bounds of some nodes, and totals of some.
#[derive(Debug, Clone)]
struct Side {
    grouped: bool,
    /// For each node: whether its hidden sum is prescribed, and how far below and above it bounds lie, if at all.
    nodes: Vec<(u8, i64, i64)>,
}

fn side(lines: usize) -> impl Strategy<Value = Side> {
    (
        any::<bool>(),
        prop::collection::vec((0_u8..7, -2_i64..4, -2_i64..4), lines + 2),
    )
        .prop_map(|(grouped, nodes)| Side { grouped, nodes })
}

/// The nodes of a side whose lines make these sums in some table.
fn marginal(side: &Side, sums: &[i64]) -> Option<Marginal> {
    let bounded = |node: Node, place: usize, sum: i64| {
        let (kind, below, above) = side.nodes[place];
        match kind {
            0 => node.totalling(sum),
            1 => node.at_least(sum - below),
            2 => node.at_most(sum + above),
            3 => node.at_least(sum - below.max(-above)).at_most(sum + above),
            // As far as a limit can lie: what several of these make is more than any one can be.
            4 if below > 1 => node.at_least(i64::MAX - above.abs()),
            5 if below > 1 => node.at_most(i64::MAX - above.abs()),
            _ => node,
        }
    };
    let mut nodes = Vec::new();
    let half = sums.len() / 2;
    if side.grouped && half > 0 {
        let (left, right) = sums.split_at(half);
        nodes.push(bounded(Node::root(), 0, left.iter().sum()));
        nodes.push(bounded(Node::root(), 1, right.iter().sum()));
    }
    for (line, sum) in sums.iter().enumerate() {
        let node = if side.grouped && half > 0 {
            Node::under(usize::from(line >= half))
        } else {
            Node::root()
        };
        nodes.push(bounded(node, line + 2, *sum));
    }
    Marginal::tree(nodes).ok()
}

/// Whether any table of whole quanta is inside all bounds, by trying every value of every cell.
fn exists(stated: &TwoWay, total: i64) -> bool {
    let (rows, columns) = (stated.seed().rows(), stated.seed().columns());
    exists_from(stated, &mut vec![0_i64; rows * columns], 0, total, columns)
}

fn exists_from(stated: &TwoWay, cells: &mut [i64], at: usize, left: i64, width: usize) -> bool {
    if at == cells.len() {
        return left == 0 && admits(stated, cells, width);
    }
    let is_open = stated.seed().weight(at / width, at % width) > 0.0;
    let most = if is_open { left } else { 0 };
    (0..=most).any(|value| {
        cells[at] = value;
        exists_from(stated, cells, at + 1, left - value, width)
    })
}

fn sums_of(stated: &TwoWay, axis: Orientation, cells: &[i64], width: usize) -> Vec<i64> {
    let side = stated.marginal(axis);
    let mut sums = vec![0; side.nodes().len()];
    for (cell, value) in cells.iter().enumerate() {
        let line = match axis {
            Orientation::Rows => cell / width,
            Orientation::Columns => cell % width,
        };
        sums[side.leaves()[line]] += value;
    }
    for node in (0..sums.len()).rev() {
        if let Some(parent) = side.nodes()[node].parent() {
            sums[parent] += sums[node];
        }
    }
    sums
}

fn admits(stated: &TwoWay, cells: &[i64], width: usize) -> bool {
    [Orientation::Rows, Orientation::Columns]
        .into_iter()
        .all(|axis| {
            let sums = sums_of(stated, axis, cells, width);
            let nodes = stated.marginal(axis).nodes().iter().zip(sums);
            nodes.into_iter().all(|(node, sum)| {
                node.total().is_none_or(|total| total == sum)
                    && node.minimum().is_none_or(|least| least <= sum)
                    && node.maximum().is_none_or(|most| sum <= most)
            })
        })
}

fn problem(width: usize, weights: &[i64], sides: &[Side; 2], hidden: &[i64]) -> Option<TwoWay> {
    let height = hidden.len() / width;
    let rows: Vec<i64> = hidden.chunks(width).map(|row| row.iter().sum()).collect();
    let columns: Vec<i64> = (0..width)
        .map(|column| (0..height).map(|row| hidden[row * width + column]).sum())
        .collect();
    let seed = Seed::counts(height, width, weights).unwrap();
    TwoWay::new(
        seed,
        marginal(&sides[0], &rows)?,
        marginal(&sides[1], &columns)?,
    )
    .ok()
}

fn cells(table: &quotaflow::margins::Matrix) -> Vec<i64> {
    (0..table.rows())
        .flat_map(|row| (0..table.columns()).map(move |column| table.cell(row, column)))
        .collect()
}

proptest! {
    #![proptest_config(crate::cases(600))]

    /// Whatever bounds of nodes leave is found, and where they leave nothing the proof adds up.
    #[test]
    fn bounds_of_nodes_bind_or_are_proved_impossible(
        (width, weights, hidden, sides) in (1_usize..=3, 1_usize..=2).prop_flat_map(|(width, height)| (
            Just(width),
            prop::collection::vec(0_i64..5, width * height),
            prop::collection::vec(0_i64..3, width * height),
            (side(height), side(width)),
        )).prop_map(|(width, weights, hidden, (rows, columns))| (width, weights, hidden, [rows, columns])),
        closing in prop::sample::select(vec![Closing::Direct, Closing::LeastChange]),
    ) {
        let Some(stated) = problem(width, &weights, &sides, &hidden) else { return Ok(()) };
        let possible = exists(&stated, stated.total());
        match stated.solve(closing) {
            Ok(solved) => {
                prop_assert!(possible);
                prop_assert!(admits(&stated, &cells(solved.table()), width), "{:?}", solved.table());
            }
            Err(MarginsError::Overconstrained { proof }) => {
                prop_assert!(!possible);
                prop_assert!(proof.needed() > proof.available(), "{:?}", proof);
                let sum = |ends: &[NodeEnd]| ends.iter().map(|end| i128::from(end.quanta)).sum::<i128>();
                prop_assert_eq!(proof.needed(), sum(proof.least()) + proof.cells_least());
                prop_assert_eq!(proof.available(), sum(proof.most()) + proof.cells_most());
            }
            Err(MarginsError::Impossible { .. } | MarginsError::NodeBoundsCross { .. }) => prop_assert!(!possible),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    /// A table below zero with bounds is the table of the opposites, turned round. One of zeros has no sign to be turned by, and is
    /// taken to be above zero: bounds below that are refused at once, where their opposites are refused with a proof.
    #[test]
    fn bounds_of_nodes_are_turned_round_with_the_table(
        weights in prop::collection::vec(1_i64..9, 6), rows in prop::collection::vec(0_i64..50, 2), least in 0_i64..30, most in 0_i64..60,
    ) {
        let is_of_zeros = rows.iter().all(|total| *total == 0);
        let solved = |sign: i64| {
            let turn = |node: Node, limit: i64, is_least: bool| if is_least == (sign > 0) { node.at_least(sign * limit) } else { node.at_most(sign * limit) };
            let columns = vec![turn(Node::root(), least, true), turn(Node::root(), most, false), Node::root()];
            let rows = Marginal::flat(rows.iter().map(|total| sign * total)).unwrap();
            let stated = TwoWay::new(Seed::counts(2, 3, &weights).unwrap(), rows, Marginal::tree(columns).unwrap()).unwrap();
            stated.solve(Closing::LeastChange).map(|solved| cells(solved.table())).map_err(|error| match error {
                MarginsError::Overconstrained { proof } => Some((proof.needed(), proof.available())),
                MarginsError::NodeBoundsCross { .. } if is_of_zeros => None,
                other => panic!("{other}"),
            })
        };
        match (solved(1), solved(-1)) {
            (Ok(up), Ok(down)) => prop_assert_eq!(up, down.iter().map(|cell| -cell).collect::<Vec<_>>()),
            (Err(Some((needed, available))), Err(Some(turned))) => prop_assert_eq!((-available, -needed), turned),
            (Err(Some(_)), Err(None)) | (Err(None), Err(_)) => {}
            (up, down) => prop_assert!(false, "{:?} {:?}", up, down),
        }
    }

    /// With bounds of nodes too a cell stays on the side of zero that the totals of its lines leave it, and a table turned round is
    /// the same table with its signs turned.
    #[test]
    fn bounds_of_nodes_leave_every_cell_on_its_side_of_zero(
        weights in prop::collection::vec(0_i64..5, 6),
        rows in prop::collection::vec(-20_i64..21, 2),
        columns in prop::collection::vec((0_u8..4, -15_i64..16, 0_i64..8), 3),
        closing in prop::sample::select(vec![Closing::Direct, Closing::LeastChange]),
    ) {
        let total: i64 = rows.iter().sum();
        let solved = |sign: i64| {
            let node = |(kind, limit, more): &(u8, i64, i64)| {
                let (limit, further) = (sign * limit, sign * (limit + more));
                match kind {
                    0 => Node::root().totalling(limit),
                    1 => Node::root().at_least(limit.min(further)).at_most(limit.max(further)),
                    2 if sign > 0 => Node::root().at_least(limit),
                    2 => Node::root().at_most(limit),
                    _ => Node::root(),
                }
            };
            let columns = Marginal::tree(columns.iter().map(node).collect()).ok()?;
            let rows = Marginal::flat(rows.iter().map(|total| sign * total)).ok()?;
            let stated = TwoWay::new(Seed::counts(2, 3, &weights).unwrap(), rows, columns).ok()?;
            let table = stated.solve(closing).ok()?.into_table();
            Some((stated, table))
        };
        let (own, turned) = (solved(1), solved(-1));
        for (stated, table) in own.iter().chain(&turned) {
            prop_assert!(admits(stated, &cells(table), 3), "{:?}", table);
            for (at, cell) in cells(table).into_iter().enumerate() {
                let range = stated.range(at / 3, at % 3);
                prop_assert!(range.admits(cell), "{} at {} is not in {:?} of {:?}", cell, at, range, table);
            }
        }
        if total != 0 {
            let back = |(_, table): (TwoWay, quotaflow::margins::Matrix)| cells(&table).into_iter().map(|cell| -cell).collect::<Vec<_>>();
            prop_assert_eq!(own.map(|(_, table)| cells(&table)), turned.map(back));
        }
    }

    /// One line of returns among lines of sales: every margin holds, and no cell is on the wrong side of zero.
    #[test]
    fn a_product_of_returns_stands_among_products_of_sales(
        sales in prop::collection::vec(3_i64..40, 24), returns in prop::collection::vec(-2_i64..=0, 8), axis in 0_usize..3, line in 0_usize..2,
        weights in prop::collection::vec(1_u8..20, 24),
    ) {
        let sizes = vec![2, 3, 4];
        let at = |cell: usize| [cell / (sizes[1] * sizes[2]), cell / sizes[2] % sizes[1], cell % sizes[2]];
        let falls = |cell: usize| at(cell)[axis] == line;
        let mut spare = returns.iter().cycle();
        let hidden: Vec<i64> = (0..24).map(|cell| if falls(cell) { *spare.next().unwrap() } else { sales[cell] }).collect();
        let total = |over: usize| {
            let mut totals = vec![0; sizes[over]];
            for (cell, value) in hidden.iter().enumerate() {
                totals[at(cell)[over]] += value;
            }
            totals
        };
        let margins: Vec<Margin> = (0..3).map(|over| Margin::of(over, total(over))).collect();
        let weights: Vec<f64> = weights.iter().map(|weight| f64::from(*weight)).collect();
        let stated = Several::new(sizes.clone(), weights, margins.clone()).unwrap();
        let written = serde_json::to_string(&stated).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Several>(&written).unwrap(), &stated);
        match stated.solve().unwrap() {
            Resolution::Solved { table, .. } => {
                for margin in &margins {
                    let totals = table.totals(margin.axes());
                    prop_assert_eq!(totals.as_deref(), Some(margin.totals()));
                }
                let negative = margins[axis].totals()[line] < 0;
                for (cell, value) in table.cells().iter().enumerate() {
                    prop_assert!(if negative && falls(cell) { *value <= 0 } else { *value >= 0 }, "{} at {:?}", value, at(cell));
                }
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
