//! Whether margins can be met at all; and if not, a smallest set of rows and columns that proves it.

use super::proof::Blocked;

use super::cells::{Blocks, Cells, UNLIMITED};
use super::network::Network;
use super::real::id;
use super::scale::{Scaled, factor_for};
use super::{Marginal, Orientation, Stratum, TwoWay};

impl Blocked {
    /// The same proof for the problem with every sign turned round, whose two sides are these.
    pub(super) fn mirrored(mut self, stated: &TwoWay) -> Self {
        let own = |axis: Orientation, parts: &mut Vec<Stratum>| {
            let all = stated.marginal(axis).strata();
            for part in parts {
                if let Some(same) = all.iter().find(|one| one.node() == part.node()) {
                    *part = same.clone();
                }
            }
        };
        own(self.axis, &mut self.needing);
        own(self.axis.across(), &mut self.offering);
        Self {
            totals_needed: -self.totals_needed,
            minima: -self.minima,
            totals_available: -self.totals_available,
            maxima: -self.maxima,
            ..self
        }
    }
}

/// Meets the totals of all parts within the bounds, or proves that it cannot be done.
///
/// Cells that are the same in every solution are then fixed at it: those that zeros elsewhere force to zero, those on which
/// no cycle of cells leads anywhere else, and those at a bound that the other totals leave no way from.
pub(super) fn settle(stated: &TwoWay, cells: &mut Cells) -> Result<(), Box<Blocked>> {
    let mut block_of = vec![0_u32; cells.cells.len()];
    let blocks = Blocks::of(stated, cells, |cell, block| block_of[cell] = id(block));
    let Routed { network, arc_of } =
        routed(&blocks).map_err(|cut| Box::new(prove(stated, &blocks, cut)))?;
    let component = network.components();
    let bridges = network.bridges(&component);
    // What is left to share by weight in each block whose total is the only one.
    let mut alone: Vec<(usize, i64)> = Vec::new();
    for (block, arc) in arc_of.iter().enumerate() {
        if bridges[*arc] {
            let total = blocks.pairs[block].least + network.flow[*arc];
            alone.push((block, total));
        }
    }
    let mut total_of = vec![None; blocks.pairs.len()];
    for (block, total) in alone {
        total_of[block] = Some(total);
    }
    for (cell, block) in cells.cells.iter_mut().zip(&block_of) {
        let block = super::real::at(*block);
        let arc = arc_of[block];
        if component[network.tail(arc)] == component[network.head(arc)] {
            if let Some(total) = total_of[block] {
                if blocks.pairs[block].cells == 1 {
                    (cell.least, cell.most) = (total, total);
                } else if !cell.is_fixed() {
                    cell.shares = true;
                }
            }
            continue;
        }
        // No cycle of steps passes here, so the block's amount is the only one; at a bound of the block, every cell
        // of it stands at its own.
        if network.flow[arc] == 0 {
            cell.most = cell.least;
        } else if network.flow[arc] == network.room[arc] {
            cell.least = cell.most;
        }
    }
    share_blocks(cells, &blocks, &block_of, &total_of);
    Ok(())
}

/// Shares the only total of a block among its cells by weight, each inside its bounds.
fn share_blocks(cells: &mut Cells, blocks: &Blocks, block_of: &[u32], total_of: &[Option<i64>]) {
    if !cells.cells.iter().any(|cell| cell.shares) {
        return;
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); total_of.len()];
    let mut left = total_of.to_vec();
    for (place, (cell, block)) in cells.cells.iter().zip(block_of).enumerate() {
        let block = super::real::at(*block);
        if cell.shares {
            members[block].push(place);
        } else if let Some(left) = &mut left[block] {
            *left -= cell.least;
        }
    }
    for ((members, left), block) in members.iter().zip(left).zip(&blocks.pairs) {
        let Some(left) = left.filter(|_| !members.is_empty()) else {
            continue;
        };
        let scaled = |place: &usize| {
            let cell = &cells.cells[*place];
            Scaled {
                base: cell.weight,
                least: cell.least,
                most: cell.most,
            }
        };
        let signed = if block.falls { -left } else { left };
        cells.shared.push((block.row, block.column, signed));
        let line: Vec<Scaled> = members.iter().map(scaled).collect();
        let factor = factor_for(&line, super::real::real(left), &mut Vec::new());
        for place in members {
            let cell = &mut cells.cells[*place];
            cell.fitted = cell.size(factor);
        }
    }
}

/// Two sets of lines: those in need and those that offer.
#[derive(Debug, Clone)]
struct Cut {
    axis: Orientation,
    needing: Vec<bool>,
    offering: Vec<bool>,
}

/// A network that meets all totals, and the arc of each block.
struct Routed {
    network: Network,
    arc_of: Vec<usize>,
}

/// A network that meets all totals, or a violated cut.
fn routed(blocks: &Blocks) -> Result<Routed, Cut> {
    let signed = blocks.pairs.iter().any(|block| block.falls);
    for axis in [Orientation::Rows, Orientation::Columns] {
        // The minima of one line alone may be above its total.
        let mut rest: Vec<i128> = blocks.totals(axis).iter().map(|t| i128::from(*t)).collect();
        for block in &blocks.pairs {
            rest[block.line(axis)] -= i128::from(block.least);
        }
        if let Some(line) = rest.iter().position(|rest| *rest < 0).filter(|_| !signed) {
            return Err(Cut {
                axis: axis.across(),
                needing: vec![false; blocks.totals(axis.across()).len()],
                offering: (0..rest.len()).map(|other| other == line).collect(),
            });
        }
    }
    let all = Cut {
        axis: Orientation::Rows,
        needing: vec![true; blocks.row_totals.len()],
        offering: vec![true; blocks.column_totals.len()],
    };
    violated(blocks, &all)
}

/// What a line lacks that takes back whatever comes.
const ANYTHING: i128 = i128::MIN / 4;

/// Asks only the needing lines of `among` to be met, and only its offering lines to bind; all minima hold, and no
/// line has more minima than its total unless there are negative totals.
///
/// A cell flows from its line of the axis across; one that holds nothing above zero flows back.
fn violated(blocks: &Blocks, among: &Cut) -> Result<Routed, Cut> {
    let (axis, across) = (among.axis, among.axis.across());
    let needing = blocks.totals(axis).len();
    let offering = blocks.totals(across).len();
    let own = blocks.totals(axis).iter().map(|total| i128::from(*total));
    let others = blocks
        .totals(across)
        .iter()
        .map(|total| -i128::from(*total));
    let mut excess: Vec<i128> = own.chain(others).collect();
    for block in &blocks.pairs {
        let least = if block.falls {
            -block.least
        } else {
            block.least
        };
        let (own, other) = (block.line(axis), needing + block.line(across));
        excess[own] -= i128::from(least);
        excess[other] += i128::from(least);
    }
    let signed = blocks.pairs.iter().any(|block| block.falls);
    let (demands, supplies) = excess.split_at_mut(needing);
    for (demand, counts) in demands.iter_mut().zip(&among.needing) {
        // With negative cells, whoever is not asked for anything takes back whatever comes.
        let free = if signed { ANYTHING } else { 0 };
        *demand = if *counts { *demand } else { free };
    }
    for (supply, counts) in supplies.iter_mut().zip(&among.offering) {
        *supply = if *counts { *supply } else { ANYTHING };
    }
    let mut arcs: Vec<(u32, u32, i64, usize)> = blocks
        .pairs
        .iter()
        .enumerate()
        .map(|(place, block)| {
            let room = match block.most {
                UNLIMITED => UNLIMITED,
                most => most - block.least,
            };
            let (own, other) = (id(block.line(axis)), id(needing + block.line(across)));
            let (tail, head) = if block.falls {
                (other, own)
            } else {
                (own, other)
            };
            (tail, head, room, place)
        })
        .collect();
    if !arcs.is_sorted_by_key(|arc| arc.0) {
        arcs.sort_by_key(|(tail, head, ..)| (*tail, *head));
    }
    let mut arc_of = vec![0; arcs.len()];
    for (arc, (.., block)) in arcs.iter().enumerate() {
        arc_of[*block] = arc;
    }
    let ends = arcs
        .into_iter()
        .map(|(tail, head, room, _)| (tail, head, room));
    let mut network = Network::new(needing + offering, ends);
    network.excess = excess;
    if network.route() == 0 {
        return Ok(Routed { network, arc_of });
    }
    let reached = network.reached();
    Err(Cut {
        axis,
        needing: (0..needing)
            .map(|line| reached[line] && among.needing[line])
            .collect(),
        offering: reached[needing..].to_vec(),
    })
}

/// Turns a violated cut to the side that names no free part, and leaves out of it whatever can be left out.
fn prove(stated: &TwoWay, blocks: &Blocks, cut: Cut) -> Blocked {
    let mut cut = turned(stated, cut);
    let lone_minima = !cut.needing.contains(&true);
    if !lone_minima {
        for line in 0..cut.needing.len() + cut.offering.len() {
            let mut fewer = cut.clone();
            let kept = match line.checked_sub(cut.needing.len()) {
                None => &mut fewer.needing[line],
                Some(line) => &mut fewer.offering[line],
            };
            if std::mem::take(kept)
                && let Err(smaller) = violated(blocks, &fewer)
            {
                cut = smaller;
            }
        }
    }
    stated_as_proof(stated, blocks, &cut)
}

/// A free part has no total of its own to name; seen from the other side, the same cut does without it. And where all
/// lines are in need, the other side says more: those who cannot be held by the bounds of their cells.
fn turned(stated: &TwoWay, cut: Cut) -> Cut {
    let names_free = |side: &Marginal, chosen: &[bool]| {
        let mut parts = side.strata().iter().zip(chosen);
        parts.any(|(part, chosen)| *chosen && part.node().is_none())
    };
    let not = |chosen: &[bool]| chosen.iter().map(|chosen| !chosen).collect();
    let free = |cut: &Cut| {
        names_free(stated.marginal(cut.axis), &cut.needing)
            || names_free(stated.marginal(cut.axis.across()), &cut.offering)
    };
    let other = Cut {
        axis: cut.axis.across(),
        needing: not(&cut.offering),
        offering: not(&cut.needing),
    };
    let whole = !cut.needing.contains(&false) && other.needing.contains(&true);
    if free(&cut) || (whole && !free(&other)) {
        other
    } else {
        cut
    }
}

fn stated_as_proof(stated: &TwoWay, blocks: &Blocks, cut: &Cut) -> Blocked {
    let (axis, across) = (cut.axis, cut.axis.across());
    let parts = |axis: Orientation, chosen: &[bool]| -> Vec<Stratum> {
        let all = stated.marginal(axis).strata().iter().zip(chosen);
        all.filter(|(_, chosen)| **chosen)
            .map(|(part, _)| part.clone())
            .collect()
    };
    let sum = |axis: Orientation, chosen: &[bool]| -> i128 {
        let all = blocks.totals(axis).iter().zip(chosen);
        all.filter(|(_, chosen)| **chosen)
            .map(|(total, _)| i128::from(*total))
            .sum()
    };
    let (mut minima, mut maxima) = (0_i128, 0_i128);
    for block in &blocks.pairs {
        match (
            cut.needing[block.line(axis)],
            cut.offering[block.line(across)],
        ) {
            (false, true) if block.falls => minima -= i128::from(block.most),
            (false, true) => minima += i128::from(block.least),
            (true, false) if block.falls => maxima -= i128::from(block.least),
            (true, false) => maxima += i128::from(block.most),
            _ => {}
        }
    }
    Blocked {
        axis,
        needing: parts(axis, &cut.needing),
        offering: parts(across, &cut.offering),
        totals_needed: sum(axis, &cut.needing),
        minima,
        totals_available: sum(across, &cut.offering),
        maxima,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::Bound;
    use crate::margins::{MarginsError, Node, Seed, Tolerance};

    fn refused(stated: &TwoWay) -> Blocked {
        match stated.fit(Tolerance::Quanta(0.1)) {
            Err(MarginsError::Impossible { blocked }) => *blocked,
            other => panic!("not refused: {other:?}"),
        }
    }

    fn nodes(parts: &[Stratum]) -> Vec<usize> {
        parts.iter().filter_map(Stratum::node).collect()
    }

    #[test]
    fn a_line_that_its_cells_cannot_hold_is_named_and_not_all_the_others() {
        let stated = TwoWay::new(
            Seed::counts(2, 2, &[1, 1, 1, 1]).unwrap(),
            Marginal::flat([3, 3]).unwrap(),
            Marginal::flat([4, 2]).unwrap(),
        );
        let most = |stated: TwoWay, row| stated.bounded(row, 0, Bound::at_most(1)).unwrap();
        let blocked = refused(&most(most(stated.unwrap(), 0), 1));
        assert_eq!(blocked.axis(), Orientation::Columns);
        assert_eq!(
            (nodes(blocked.needing()), nodes(blocked.offering())),
            (vec![0], vec![])
        );
        assert_eq!((blocked.needed(), blocked.available()), (4, 2));
        assert_eq!((blocked.minima(), blocked.maxima()), (0, 2));
    }

    #[test]
    fn published_witnesses_come_out() {
        // (vector, weights, columns, rows, needing rows, offering columns, needed, available)
        type Case<'a> = (
            &'a str,
            &'a [&'a [i64]],
            &'a [i64],
            &'a [i64],
            &'a [usize],
            &'a [usize],
            i128,
            i128,
        );
        let cases: [Case<'_>; 4] = [
            (
                "a row of two with one open cell",
                &[&[1000, 0], &[10, 1]],
                &[1, 1],
                &[2, 0],
                &[0],
                &[0],
                2,
                1,
            ),
            (
                "a row of six with two open columns",
                &[&[4, 0, 1], &[3, 20, 0]],
                &[1, 3, 4],
                &[2, 6],
                &[1],
                &[0, 1],
                6,
                4,
            ),
            (
                "two rows on one column",
                &[&[5, 0], &[0, 15], &[0, 16]],
                &[3, 1],
                &[2, 1, 1],
                &[1, 2],
                &[1],
                2,
                1,
            ),
            (
                "a margin over zeros",
                &[&[0, 5], &[3, 4]],
                &[15, 5],
                &[10, 10],
                &[0],
                &[1],
                10,
                5,
            ),
        ];
        for (name, weights, columns, rows, needing, offering, needed, available) in cases {
            let stated = TwoWay::new(
                Seed::counts(weights.len(), columns.len(), &weights.concat()).unwrap(),
                Marginal::flat(rows.iter().copied()).unwrap(),
                Marginal::flat(columns.iter().copied()).unwrap(),
            )
            .unwrap();
            let blocked = refused(&stated);
            assert_eq!(blocked.axis(), Orientation::Rows, "{name}");
            assert_eq!(nodes(blocked.needing()), needing, "{name}");
            assert_eq!(nodes(blocked.offering()), offering, "{name}");
            assert_eq!(
                (blocked.needed(), blocked.available()),
                (needed, available),
                "{name}"
            );
        }
    }

    fn ones(rows: &[i64], columns: &[i64]) -> TwoWay {
        TwoWay::new(
            Seed::counts(
                rows.len(),
                columns.len(),
                &vec![1; rows.len() * columns.len()],
            )
            .unwrap(),
            Marginal::flat(rows.iter().copied()).unwrap(),
            Marginal::flat(columns.iter().copied()).unwrap(),
        )
        .unwrap()
    }

    #[test]
    fn maxima_and_minima_count_in_the_proof() {
        let capped = (0..3).fold(ones(&[9, 9], &[6, 6, 6]), |stated, column| {
            stated.bounded(0, column, Bound::at_most(2)).unwrap()
        });
        let blocked = refused(&capped);
        assert_eq!(nodes(blocked.needing()), [0]);
        assert!(blocked.offering().is_empty());
        assert_eq!((blocked.needed(), blocked.maxima()), (9, 6));

        let floored = ones(&[9, 9], &[6, 6, 6])
            .bounded(0, 1, Bound::held(4))
            .unwrap()
            .bounded(1, 1, Bound::at_least(3))
            .unwrap();
        let blocked = refused(&floored);
        assert!(blocked.needing().is_empty());
        assert_eq!(nodes(blocked.offering()), [1]);
        assert_eq!((blocked.needed(), blocked.available()), (7, 6));
    }

    #[test]
    fn a_free_part_is_never_named() {
        // Row 0 is prescribed 8 of 10 but holds only column 0, which has 5; row 1 is free.
        let rows = Marginal::tree(vec![Node::root().totalling(8), Node::root()]).unwrap();
        let weights = Seed::counts(2, 2, &[1, 0, 1, 1]).unwrap();
        let stated = TwoWay::new(weights, rows, Marginal::flat([5, 5]).unwrap()).unwrap();
        let blocked = refused(&stated);
        assert_eq!(
            (blocked.axis(), nodes(blocked.needing())),
            (Orientation::Rows, vec![0])
        );
        assert_eq!((blocked.needed(), blocked.available()), (8, 5));
        // Column 0 needs 9 of 10, of which the free row can hold none.
        let rows = Marginal::tree(vec![Node::root().totalling(2), Node::root()]).unwrap();
        let weights = Seed::counts(2, 2, &[1, 1, 0, 1]).unwrap();
        let stated = TwoWay::new(weights, rows, Marginal::flat([9, 1]).unwrap()).unwrap();
        let blocked = refused(&stated);
        assert_eq!(
            (blocked.axis(), nodes(blocked.needing())),
            (Orientation::Columns, vec![0])
        );
        assert_eq!(nodes(blocked.offering()), [0]);
        assert_eq!((blocked.needed(), blocked.available()), (9, 2));
    }
}
