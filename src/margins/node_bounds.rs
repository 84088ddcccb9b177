//! Minima and maxima of nodes: which totals the bounded rows, columns and groups of them get, or why there are none.
//!
//! A table is first fitted as if they were not there. Nodes that are then beyond a bound get it as their total, those on the
//! side that is further off first, and the rest is fitted again, until every node is inside its bounds: the same way in which
//! shares are split inside bounds. Whether the bounds leave a table at all is decided before, by a flow of whole quanta through
//! both hierarchies; where the fit takes a way that leads nowhere, the totals of that flow stand.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::cells::{Cells, UNLIMITED};
use super::network::Network;
use super::proof::{NodeEnd, Overconstrained};
use super::real::{at, id, real, whole};
use super::{Fit, Marginal, MarginsError, Node, Orientation, StoppingRule, TwoWay};

const SIDES: [Orientation; 2] = [Orientation::Rows, Orientation::Columns];
/// Stands for no limit on either side of zero: sums of it stay in range.
const FAR: i64 = 1 << 60;

/// The least and the most of a node, in quanta.
type Ends = (i64, i64);
/// Something for each node of the rows, and for each of the columns.
type BySide<T> = [Vec<T>; 2];
/// Totals given to nodes, by side.
type Pins = [BTreeMap<usize, i64>; 2];

impl TwoWay {
    /// Whether some node has a minimum or a maximum.
    pub(super) fn has_bounded_nodes(&self) -> bool {
        SIDES.iter().any(|axis| self.marginal(*axis).is_bounded())
    }

    /// Whether the nodes of a table are inside their bounds.
    pub(super) fn admits(&self, table: &super::Matrix) -> Result<bool, MarginsError> {
        for axis in SIDES {
            let side = self.marginal(axis);
            let sums = table.node_totals(axis, side)?;
            let inside = |(node, sum): (&Node, &i64)| {
                let least = node.minimum().is_none_or(|least| least <= *sum);
                least && node.maximum().is_none_or(|most| *sum <= most)
            };
            if !side.nodes().iter().zip(&sums).all(inside) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The same problem with a total for every node that would be beyond its bounds, and no bounds of nodes.
    pub(super) fn decided(&self, stop: StoppingRule) -> Result<Self, MarginsError> {
        if self.total < 0 {
            let turned = self.mirrored().decided(stop);
            return turned.map(|found| found.mirrored()).map_err(turn_proof);
        }
        let ends = self.ends()?;
        let mut pins = Pins::default();
        let mut stated = self.pinned(&pins)?;
        let mut is_possible = false;
        loop {
            // Without the bounds of nodes it may be impossible already, and then for that reason.
            let (fit, _) = stated.fitted(stop)?;
            let beyond = Beyond::of(&fit.node_sums(), &ends, &pins);
            if beyond.is_empty() {
                return Ok(stated);
            }
            if !is_possible {
                self.totals_within(&ends, Some(&fit))?;
                is_possible = true;
            }
            let mut more = pins.clone();
            beyond.pin(&mut more);
            drop(fit);
            let next = self.pinned(&more).and_then(|next| {
                next.fitted(stop)?;
                Ok(next)
            });
            match next {
                Ok(next) => (pins, stated) = (more, next),
                // Another way was open; the flow has one.
                Err(_) => return self.decided_by_flow(),
            }
        }
    }

    /// The same with totals for all bounded nodes that a flow of whole quanta shows to be possible.
    pub(super) fn decided_by_flow(&self) -> Result<Self, MarginsError> {
        if self.total < 0 {
            let turned = self.mirrored().decided_by_flow();
            return turned.map(|found| found.mirrored()).map_err(turn_proof);
        }
        let totals = self.totals_within(&self.ends()?, None)?;
        let mut pins = Pins::default();
        for (place, axis) in SIDES.into_iter().enumerate() {
            let nodes = self.marginal(axis).nodes().iter().enumerate();
            let bounded = nodes.filter(|(_, node)| node.is_bounded());
            pins[place] = bounded
                .map(|(node, _)| (node, totals[place][node]))
                .collect();
        }
        self.pinned(&pins)
    }

    /// The problem with these totals and without bounds of nodes.
    fn pinned(&self, pins: &Pins) -> Result<Self, MarginsError> {
        let side = |place: usize, side: &Marginal| {
            let nodes = side.nodes().iter().enumerate();
            let nodes = nodes.map(|(at, node)| match pins[place].get(&at) {
                Some(total) => node.unbounded().totalling(*total),
                None => node.unbounded(),
            });
            Marginal::tree(nodes.collect())
        };
        let (rows, columns) = (side(0, &self.rows)?, side(1, &self.columns)?);
        let mut stated = Self::new(self.seed.clone(), rows, columns)?;
        stated.bounds.clone_from(&self.bounds);
        // A total that a bound decided may have another sign than its line had: no cell changes sides for that.
        stated.sides = Some(self.sides());
        Ok(stated)
    }

    /// What each node may be: its total, its bounds, and on one side of zero where no total is negative.
    fn ends(&self) -> Result<BySide<Ends>, MarginsError> {
        let free = if self.is_positive() {
            (0, UNLIMITED)
        } else {
            (-FAR, UNLIMITED)
        };
        let of = |axis: Orientation| {
            let nodes = self.marginal(axis).nodes().iter().enumerate();
            let ends = nodes.map(|(place, node)| {
                let (least, most) = (node.minimum(), node.maximum());
                let least = least
                    .unwrap_or(free.0)
                    .max(free.0)
                    .max(node.total().unwrap_or(free.0));
                let most = most
                    .unwrap_or(free.1)
                    .min(free.1)
                    .min(node.total().unwrap_or(free.1));
                if least > most {
                    return Err(MarginsError::NodeBoundsCross {
                        axis,
                        node: place,
                        least,
                        most,
                    });
                }
                Ok((least, most))
            });
            ends.collect::<Result<Vec<_>, _>>()
        };
        Ok([of(Orientation::Rows)?, of(Orientation::Columns)?])
    }

    /// Totals of all nodes that some table has within these ends, near to a fit; or why there is none.
    fn totals_within(
        &self,
        ends: &BySide<Ends>,
        fit: Option<&Fit<'_>>,
    ) -> Result<BySide<i64>, MarginsError> {
        let cells = match fit.and_then(|fit| fit.cells.as_ref()) {
            Some(cells) => Cow::Borrowed(cells),
            None => Cow::Owned(fit.map_or_else(|| Cells::of(self), Fit::every_cell)),
        };
        let ways = Ways::new(self, &cells);
        match ways.routed(ends) {
            Ok(values) => Ok(ways.node_totals(&values)),
            Err(reached) => Err(ways.proof(ends, reached)),
        }
    }
}

/// Nodes beyond their bounds: those below a minimum and those above a maximum, each with how far.
#[derive(Default)]
struct Beyond {
    below: Vec<(usize, usize, i64)>,
    above: Vec<(usize, usize, i64)>,
    lacking: f64,
    surplus: f64,
}

impl Beyond {
    fn of(sums: &BySide<f64>, ends: &BySide<Ends>, pins: &Pins) -> Self {
        let mut found = Self::default();
        for side in 0..2 {
            for (node, (sum, (least, most))) in sums[side].iter().zip(&ends[side]).enumerate() {
                if pins[side].contains_key(&node) {
                    continue;
                }
                if *sum < real(*least) - NEAR {
                    found.below.push((side, node, *least));
                    found.lacking += real(*least) - sum;
                } else if *most < UNLIMITED && *sum > real(*most) + NEAR {
                    found.above.push((side, node, *most));
                    found.surplus += sum - real(*most);
                }
            }
        }
        found
    }

    fn is_empty(&self) -> bool {
        self.below.is_empty() && self.above.is_empty()
    }

    /// Gives those on the side that is further off their bound as total.
    fn pin(&self, pins: &mut Pins) {
        let further = if self.surplus >= self.lacking {
            &self.above
        } else {
            &self.below
        };
        for (side, node, total) in further {
            pins[*side].insert(*node, *total);
        }
    }
}

/// A part of a quantum that the fit may be off and rounding does not see.
const NEAR: f64 = 1e-6;

impl Fit<'_> {
    /// What the nodes of rows and columns total, of a problem whose total is not negative.
    fn node_sums(&self) -> BySide<f64> {
        let made;
        let cells = if let Some(cells) = &self.cells {
            cells
        } else {
            made = self.every_cell();
            &made
        };
        let sides = [&self.stated.rows, &self.stated.columns];
        let mut sums = sides.map(|side| vec![0.0; side.nodes().len()]);
        for row in 0..cells.rows() {
            for cell in cells.row(row) {
                sums[0][sides[0].leaves()[row]] += cell.value();
                sums[1][sides[1].leaves()[at(cell.column)]] += cell.value();
            }
        }
        for (sums, side) in sums.iter_mut().zip(sides) {
            for node in (0..sums.len()).rev() {
                if let Some(parent) = side.nodes()[node].parent() {
                    sums[parent] += sums[node];
                }
            }
        }
        sums
    }
}

/// What an arc of the ways through a table is.
#[derive(Debug, Clone, Copy)]
enum Way {
    Node(usize, usize),
    Cell,
}

struct Arc {
    tail: u32,
    head: u32,
    way: Way,
    /// The ends of a cell; a node's are asked when it is routed.
    ends: Ends,
    start: i64,
}

impl Arc {
    fn ends_of(&self, ends: &BySide<Ends>) -> Ends {
        match self.way {
            Way::Node(side, node) => ends[side][node],
            Way::Cell => self.ends,
        }
    }
}

/// The ways through a table: from the whole through the rows' hierarchy, the cells and the columns' hierarchy.
struct Ways {
    nodes: [usize; 2],
    total: i64,
    arcs: Vec<Arc>,
}

impl Ways {
    fn new(stated: &TwoWay, cells: &Cells) -> Self {
        let (rows, columns) = (&stated.rows, &stated.columns);
        let nodes = [rows.nodes().len(), columns.nodes().len()];
        let (top, bottom) = (id(nodes[0] + nodes[1]), id(nodes[0] + nodes[1] + 1));
        let column = |node: usize| id(nodes[0] + node);
        let mut arcs = Vec::with_capacity(cells.cells.len() + nodes[0] + nodes[1]);
        let mut starts = nodes.map(|nodes| vec![0_i64; nodes]);
        for row in 0..cells.rows() {
            for cell in cells.row(row) {
                let (tail, head) = (rows.leaves()[row], columns.leaves()[at(cell.column)]);
                let size = whole(cell.fitted).clamp(cell.least, cell.most);
                let most = cell.most.min(FAR);
                let (ends, start) = if cell.falls {
                    ((-most, -cell.least), -size)
                } else {
                    ((cell.least, cell.most), size)
                };
                starts[0][tail] = starts[0][tail].saturating_add(start);
                starts[1][head] = starts[1][head].saturating_add(start);
                let (tail, head) = (id(tail), column(head));
                arcs.push(Arc {
                    tail,
                    head,
                    way: Way::Cell,
                    ends,
                    start,
                });
            }
        }
        for (side, marginal) in [rows, columns].into_iter().enumerate() {
            for node in (0..nodes[side]).rev() {
                let parent = marginal.nodes()[node].parent();
                let start = starts[side][node];
                if let Some(parent) = parent {
                    starts[side][parent] = starts[side][parent].saturating_add(start);
                }
                let (tail, head) = if side == 0 {
                    (parent.map_or(top, id), id(node))
                } else {
                    (column(node), parent.map_or(bottom, column))
                };
                let (way, ends) = (Way::Node(side, node), (0, 0));
                arcs.push(Arc {
                    tail,
                    head,
                    way,
                    ends,
                    start,
                });
            }
        }
        arcs.sort_by_key(|arc| arc.tail);
        Self {
            nodes,
            total: stated.total,
            arcs,
        }
    }

    /// What flows along each arc, or which nodes of the network are on the side that has too much.
    fn routed(&self, ends: &BySide<Ends>) -> Result<Vec<i64>, Vec<bool>> {
        let count = self.nodes[0] + self.nodes[1] + 2;
        let all = self.arcs.iter().map(|arc| {
            let (least, most) = arc.ends_of(ends);
            let room = if most == UNLIMITED {
                UNLIMITED
            } else {
                most.saturating_sub(least)
            };
            (arc.tail, arc.head, room)
        });
        let mut network = Network::new(count, all);
        network.excess[count - 2] = i128::from(self.total);
        network.excess[count - 1] = -i128::from(self.total);
        for (place, arc) in self.arcs.iter().enumerate() {
            let (least, most) = arc.ends_of(ends);
            let value = arc.start.clamp(least, most);
            network.flow[place] = value - least;
            let (tail, head) = (at(arc.tail), at(arc.head));
            network.excess[tail] -= i128::from(value);
            network.excess[head] += i128::from(value);
        }
        if network.route() > 0 {
            return Err(network.reached());
        }
        let values = self.arcs.iter().zip(&network.flow);
        Ok(values
            .map(|(arc, flow)| arc.ends_of(ends).0 + flow)
            .collect())
    }

    fn node_totals(&self, values: &[i64]) -> BySide<i64> {
        let mut totals = self.nodes.map(|nodes| vec![0; nodes]);
        for (arc, value) in self.arcs.iter().zip(values) {
            if let Way::Node(side, node) = arc.way {
                totals[side][node] = *value;
            }
        }
        totals
    }

    /// Leaves out of the bounds whatever can be left out, and adds up what is then left.
    fn proof(&self, ends: &BySide<Ends>, mut reached: Vec<bool>) -> MarginsError {
        let mut ends = ends.clone();
        for side in 0..2 {
            for node in 0..self.nodes[side] {
                for is_most in [false, true] {
                    let mut fewer = ends.clone();
                    let (least, most) = &mut fewer[side][node];
                    let limit = if is_most { most } else { least };
                    let none = if is_most { UNLIMITED } else { (*limit).min(0) };
                    if *limit == none {
                        continue;
                    }
                    *limit = none;
                    if let Err(still) = self.routed(&fewer) {
                        (ends, reached) = (fewer, still);
                    }
                }
            }
        }
        let mut proof = Overconstrained::default();
        let whole = self.nodes[0] + self.nodes[1];
        match (reached[whole], reached[whole + 1]) {
            (true, false) => proof.least.push(NodeEnd {
                node: None,
                quanta: self.total,
            }),
            (false, true) => proof.most.push(NodeEnd {
                node: None,
                quanta: self.total,
            }),
            _ => {}
        }
        for arc in &self.arcs {
            let (least, most) = arc.ends_of(&ends);
            let goes_in = match (reached[at(arc.tail)], reached[at(arc.head)]) {
                (false, true) => true,
                (true, false) => false,
                _ => continue,
            };
            let quanta = if goes_in { least } else { most };
            match arc.way {
                Way::Cell if goes_in => proof.cells_least += i128::from(quanta),
                Way::Cell => proof.cells_most += i128::from(quanta),
                Way::Node(side, node) => {
                    let node = Some((SIDES[side], node));
                    let list = if goes_in {
                        &mut proof.least
                    } else {
                        &mut proof.most
                    };
                    if quanta != 0 || !goes_in {
                        list.push(NodeEnd { node, quanta });
                    }
                }
            }
        }
        MarginsError::Overconstrained {
            proof: Box::new(proof),
        }
    }
}

/// The same proof for the problem with every sign turned round.
fn turn_proof(error: MarginsError) -> MarginsError {
    match error {
        MarginsError::Overconstrained { proof } => MarginsError::Overconstrained {
            proof: Box::new(proof.mirrored()),
        },
        MarginsError::NodeBoundsCross {
            axis,
            node,
            least,
            most,
        } => MarginsError::NodeBoundsCross {
            axis,
            node,
            least: -most,
            most: -least,
        },
        other => other,
    }
}
