//! Controlled rounding: from a fitted table to whole quanta, every total exact.

use serde::{Deserialize, Serialize};

use crate::limits::{Limits, Size};

use super::cells::UNLIMITED;
use super::direct::direct;
use super::fractions::{Fractions, NodeValues};
use super::grid::{Grid, Layout};
use super::least_change::least_change;
use super::network::Network;
use super::real::{at, id, real, twenty_bits, whole};
use super::{
    Closeness, Fit, Marginal, MarginsError, Matrix, Orientation, Solved, StoppingRule, TwoWay,
};

/// Which whole table stands for a fitted one.
///
/// Either way every prescribed node is exact, every cell and every node of both hierarchies is its fitted value rounded
/// down or up, and bounds, holds and structural zeros are kept; both are deterministic, the earlier line first among
/// equals.
///
/// **Such a table always exists.** Think of the fitted values as a flow from the root of the rows through their nodes,
/// the cells and the nodes of the columns. A whole flow between the values rounded down and rounded up exists if no cut
/// is violated (Hoffman 1960): if for every set of nodes the rounded-down flow out of it is at most the rounded-up flow
/// into it. The fitted flow lies between the two and balances up to the margin error, so a cut can only be violated by
/// less than one quantum when that error is below one in total; and as both sides are whole numbers, it then is not
/// violated at all. This is why a fit stops on its margin error in quanta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Closing {
    /// The table with the least total squared change from the fitted values: a minimum-cost flow, proven optimal for
    /// fractions of a quantum read to nine places. The default, because it is the answer that depends on nothing but
    /// the question, and no cell can complain that another table would have treated all of them better.
    #[default]
    LeastChange,
    /// The first such table found: line by line, spare quanta to the columns that still lack most, larger fractions
    /// first (read to six places, so that what rounding errors tell apart is equal); repaired by rerouting where that does not
    /// close. Many times faster on large tables, at two to three times the squared change.
    Direct,
}

/// How often each cell is looked at, at worst: by the rounds of the fit.
const CELL_STEPS: usize = 350;

impl TwoWay {
    /// Fits the margins and rounds to whole quanta.
    ///
    /// ```
    /// use quotaflow::margins::{Closing, Seed, Marginal, TwoWay};
    /// // Last year by person and month; this year's totals for both.
    /// let last_year = Seed::counts(2, 3, &[10, 20, 30, 15, 15, 15])?;
    /// let plan = TwoWay::new(last_year, Marginal::flat([70, 50])?, Marginal::flat([30, 40, 50])?)?;
    /// let table = plan.solve(Closing::LeastChange)?.into_table();
    /// assert_eq!(table.row(0).map(|(_, quanta)| quanta).sum::<i64>(), 70);
    /// assert_eq!(table.cell(0, 2) + table.cell(1, 2), 50);
    /// # Ok::<(), quotaflow::margins::MarginsError>(())
    /// ```
    ///
    /// Whatever can be met is met: where the margins have no fit that real numbers show, the table comes from a flow of whole
    /// quanta that starts from the best fit found, and [`Solved::closeness`] says so.
    ///
    /// # Errors
    /// [`MarginsError::Impossible`] and [`MarginsError::Overconstrained`], with their proofs; [`MarginsError::NodeBoundsCross`].
    pub fn solve(&self, closing: Closing) -> Result<Solved, MarginsError> {
        self.solve_to(closing, StoppingRule::default())
    }

    /// The same within the limits of a host: on the cells of the table, on the nodes of both sides, and on steps, of which each
    /// cell takes at worst 350, with [`Closing::LeastChange`] one more for each row and column. Told before the work begins.
    ///
    /// ```
    /// use quotaflow::limits::{Limits, Size};
    /// use quotaflow::margins::{Closing, Marginal, Seed, TwoWay};
    /// let even = Marginal::flat([10; 4])?;
    /// let table = TwoWay::new(Seed::counts(4, 4, &[1; 16])?, even.clone(), even)?;
    /// let error = table.solve_within(Closing::Direct, Limits::default().with(Size::Cells, 15)).unwrap_err();
    /// assert_eq!(error.to_string(), "this needs 16 cells (rows times periods times columns), more than the limit of 15; ask for fewer, or raise the limit `cells`");
    /// # Ok::<(), quotaflow::margins::MarginsError>(())
    /// ```
    ///
    /// # Errors
    /// [`MarginsError::Limit`]; as [`TwoWay::solve`].
    pub fn solve_within(&self, closing: Closing, limits: Limits) -> Result<Solved, MarginsError> {
        let (rows, columns) = (self.seed.rows(), self.seed.columns());
        let cells = Limits::product([rows, columns]);
        limits.check(Size::Cells, cells)?;
        let nodes = self.rows.nodes().len() + self.columns.nodes().len();
        limits.check(Size::Nodes, nodes as u128)?;
        let each = match closing {
            Closing::Direct => CELL_STEPS,
            Closing::LeastChange => CELL_STEPS + rows + columns,
        };
        limits.check(Size::Steps, cells.saturating_mul(each as u128))?;
        self.solve(closing)
    }

    /// The same with a stated precision of the fit.
    ///
    /// # Errors
    /// As [`TwoWay::solve`].
    pub fn solve_to(
        &self,
        closing: Closing,
        stop: impl Into<StoppingRule>,
    ) -> Result<Solved, MarginsError> {
        let stop = stop.into();
        if !self.has_bounded_nodes() {
            return self.solve_decided(closing, stop);
        }
        let solved = self.decided(stop)?.solve_decided(closing, stop)?;
        if self.admits(solved.table())? {
            return Ok(solved);
        }
        // Where the fit says nothing, a node without a total may be anywhere.
        self.decided_by_flow()?.solve_decided(closing, stop)
    }

    fn solve_decided(&self, closing: Closing, stop: StoppingRule) -> Result<Solved, MarginsError> {
        let (fit, is_near) = self.fitted(stop)?;
        let solved = |table, closeness| Solved {
            table,
            closeness,
            error: fit.error(),
            rounds: fit.rounds(),
        };
        if is_near {
            match fit.close(closing) {
                Ok(table) => return Ok(solved(table, Closeness::Within { above: 0 })),
                Err(MarginsError::NotConverged { .. } | MarginsError::NotClosed { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(solved(fit.flow()?, Closeness::Anywhere))
    }
}

impl Fit<'_> {
    /// Rounds the fitted values to whole quanta: all totals exact, every cell and node rounded down or up.
    ///
    /// A value within a millionth of a quantum (less in tables of more than 100,000 cells) of a whole number counts as
    /// that number. A fit that was stopped with its margins off by more than a quarter of a quantum is balanced first:
    /// what each line is off is spread over its cells in proportion.
    ///
    /// # Errors
    /// [`MarginsError::NotConverged`] or [`MarginsError::NotClosed`] when the fit was stopped so early that balancing
    /// does not make up for it.
    pub fn close(&self, closing: Closing) -> Result<Matrix, MarginsError> {
        let mut table = self.close_upright(closing)?;
        if self.is_mirrored {
            table.mirror();
        }
        Ok(table)
    }

    /// Rounds the fitted values of the problem as it was solved, whose total is not negative.
    fn close_upright(&self, closing: Closing) -> Result<Matrix, MarginsError> {
        let grid = &self.stated.seed.grid;
        let dense = |values| Grid {
            rows: grid.rows,
            columns: grid.columns,
            layout: Layout::Dense,
            values,
        };
        if self.cells.is_none()
            && closing == Closing::Direct
            && let Some(cells) = direct(self)
        {
            return Ok(Matrix(dense(cells)));
        }
        let fractions = Fractions::of(self)?;
        let (rows, columns) = (&self.stated.rows, &self.stated.columns);
        let total = self.stated.total;
        let row_values = fractions.node_values(Orientation::Rows, rows, total);
        let column_values = fractions.node_values(Orientation::Columns, columns, total);
        let cells = close(
            &fractions,
            (rows, &row_values),
            (columns, &column_values),
            Some(total),
            closing,
        )?;
        Ok(self.laid_out(fractions.starts, fractions.columns, cells))
    }

    /// The table of these cells, given by row with their columns, as the weights are laid out.
    fn laid_out(&self, starts: Vec<usize>, columns: Vec<u32>, cells: Vec<i64>) -> Matrix {
        let grid = &self.stated.seed.grid;
        let (layout, values) = match grid.layout {
            Layout::Dense if cells.len() == grid.values.len() => (Layout::Dense, cells),
            Layout::Dense => {
                let mut all = vec![0; grid.values.len()];
                for row in 0..grid.rows {
                    for cell in starts[row]..starts[row + 1] {
                        all[row * grid.columns + at(columns[cell])] = cells[cell];
                    }
                }
                (Layout::Dense, all)
            }
            Layout::Sparse { .. } => (Layout::Sparse { starts, columns }, cells),
        };
        Matrix(Grid {
            rows: grid.rows,
            columns: grid.columns,
            layout,
            values,
        })
    }

    /// A table of whole quanta that meets every prescribed total within all bounds: the fitted values rounded towards zero,
    /// and what is then off sent along the shortest ways that there are.
    ///
    /// # Errors
    /// [`MarginsError::NotClosed`] should never be met: that there is a way was proved before.
    fn flow(&self) -> Result<Matrix, MarginsError> {
        let made;
        let cells = if let Some(cells) = &self.cells {
            cells
        } else {
            made = self.every_cell();
            &made
        };
        let stated = &self.stated;
        let first_column = stated.row_totals.len();
        let rows = stated.row_totals.iter().map(|total| i128::from(*total));
        let columns = stated.column_totals.iter().map(|total| -i128::from(*total));
        let mut excess: Vec<i128> = rows.chain(columns).collect();
        let mut sizes: Vec<i64> = Vec::with_capacity(cells.cells.len());
        let mut arcs: Vec<(u32, u32, i64, usize)> = Vec::new();
        for row in 0..cells.rows() {
            let row_part = stated.rows.stratum_ids()[row];
            for cell in cells.row(row) {
                let column_part = first_column + stated.columns.stratum_ids()[at(cell.column)];
                let size = whole(cell.fitted).clamp(cell.least, cell.most);
                let value = if cell.falls { -size } else { size };
                excess[row_part] -= i128::from(value);
                excess[column_part] += i128::from(value);
                if !cell.is_fixed() {
                    let ends = (id(row_part), id(column_part));
                    let (tail, head) = if cell.falls { (ends.1, ends.0) } else { ends };
                    let room = match cell.most {
                        UNLIMITED => UNLIMITED,
                        most => most - cell.least,
                    };
                    arcs.push((tail, head, room, sizes.len()));
                }
                sizes.push(size);
            }
        }
        arcs.sort_by_key(|(tail, ..)| *tail);
        let ends = arcs
            .iter()
            .map(|(tail, head, room, _)| (*tail, *head, *room));
        let mut network = Network::new(excess.len(), ends);
        network.excess = excess;
        for (arc, (.., place)) in arcs.iter().enumerate() {
            network.flow[arc] = sizes[*place] - cells.cells[*place].least;
        }
        let left = network.route();
        if left > 0 {
            return Err(not_closed(left));
        }
        for (arc, (.., place)) in arcs.iter().enumerate() {
            sizes[*place] = network.flow[arc] + cells.cells[*place].least;
        }
        let signed = cells.cells.iter().zip(sizes);
        let values = signed.map(|(cell, size)| if cell.falls { -size } else { size });
        let columns = cells.cells.iter().map(|cell| cell.column).collect();
        let mut table = self.laid_out(cells.starts.clone(), columns, values.collect());
        if self.is_mirrored {
            table.mirror();
        }
        Ok(table)
    }

    /// Returns the total squared change of a table from the fitted values, in squared quanta.
    ///
    /// # Errors
    /// [`MarginsError::CellCount`] for a table of another shape.
    pub fn squared_change(&self, table: &Matrix) -> Result<f64, MarginsError> {
        let (rows, columns) = (self.stated.seed.rows(), self.stated.seed.columns());
        if table.rows() != rows || table.columns() != columns {
            return Err(MarginsError::CellCount {
                rows,
                columns,
                cells: table.rows().saturating_mul(table.columns()),
            });
        }
        let mut sum = 0.0;
        for row in 0..rows {
            for column in 0..columns {
                let change = real(table.cell(row, column)) - self.value(row, column);
                sum += change * change;
            }
        }
        Ok(sum)
    }
}

/// Rounds a table of fractions so that every node of both sides is its value rounded down or up.
pub(super) fn close(
    fractions: &Fractions,
    rows: (&Marginal, &NodeValues),
    columns: (&Marginal, &NodeValues),
    total: Option<i64>,
    closing: Closing,
) -> Result<Vec<i64>, MarginsError> {
    let mut plan = Plan::new(fractions, rows, columns, total);
    let left = match closing {
        Closing::Direct => {
            let wanted = plan.wanted(fractions, rows, columns);
            plan.start(fractions, rows.0, columns.0, &wanted);
            plan.network.route()
        }
        Closing::LeastChange => {
            let costs = plan.costs(fractions);
            i128::from(least_change(&mut plan.network, &costs))
        }
    };
    if left > 0 {
        return Err(not_closed(left));
    }
    let mut cells = fractions.whole.clone();
    for (arc, cell) in plan.cells() {
        cells[cell] += plan.network.flow[arc];
    }
    Ok(cells)
}

fn not_closed(left: i128) -> MarginsError {
    let quanta = i64::try_from(left).unwrap_or(i64::MAX);
    MarginsError::NotClosed { quanta }
}

/// The network of what may be rounded up: one unit of room wherever a value lies between two whole numbers.
struct Plan {
    network: Network,
    /// The cell of each arc; `NO_CELL` for arcs between a node and the one above it.
    cell: Vec<u32>,
    /// The arc that can raise each node of either side, if it can be raised.
    raising: Vec<Option<usize>>,
    first_column: usize,
}

const NO_CELL: u32 = u32::MAX;

/// What each node is to have: decided from the top down, before any cell.
struct Wanted {
    /// By node of the network: whether it is rounded up.
    raised: Vec<bool>,
    /// By node of the network: quanta that its own cells have to add to their whole parts.
    spare: Vec<i64>,
}

impl Plan {
    fn new(
        fractions: &Fractions,
        rows: (&Marginal, &NodeValues),
        columns: (&Marginal, &NodeValues),
        total: Option<i64>,
    ) -> Self {
        let first_column = rows.0.nodes().len();
        let top = first_column + columns.0.nodes().len();
        let bottom = top + 1;
        let column_node = |column: u32| id(first_column + columns.0.leaves()[at(column)]);
        let mut raising = vec![None; top];
        let mut cell_of = Vec::with_capacity(fractions.part.len());
        let mut arcs: Vec<(u32, u32, i64)> = Vec::with_capacity(fractions.part.len());
        let mut excess = vec![0_i128; bottom + 1];

        // Whole parts flow as they are; what does not balance then is the excess.
        let mut line = 0;
        let below = rows.1.children(rows.0);
        for node in 0..first_column {
            excess[node] += i128::from(rows.1.whole[node]);
            match rows.0.nodes()[node].parent() {
                Some(above) => excess[above] -= i128::from(rows.1.whole[node]),
                None => excess[top] -= i128::from(rows.1.whole[node]),
            }
            for child in &below[node] {
                if rows.1.part[*child] > 0.0 {
                    raising[*child] = Some(arcs.len());
                    arcs.push((id(node), id(*child), 1));
                    cell_of.push(NO_CELL);
                }
            }
            if rows.0.leaves().get(line) == Some(&node) {
                for cell in fractions.starts[line]..fractions.starts[line + 1] {
                    let head = column_node(fractions.columns[cell]);
                    excess[node] -= i128::from(fractions.whole[cell]);
                    excess[at(head)] += i128::from(fractions.whole[cell]);
                    if fractions.part[cell] > 0.0 {
                        arcs.push((id(node), head, 1));
                        cell_of.push(id(cell));
                    }
                }
                line += 1;
            }
        }
        for (node, stated) in columns.0.nodes().iter().enumerate() {
            let above = stated.parent().map_or(bottom, |above| first_column + above);
            excess[first_column + node] -= i128::from(columns.1.whole[node]);
            excess[above] += i128::from(columns.1.whole[node]);
            if columns.1.part[node] > 0.0 {
                raising[first_column + node] = Some(arcs.len());
                arcs.push((id(first_column + node), id(above), 1));
                cell_of.push(NO_CELL);
            }
        }
        for (node, stated) in rows.0.nodes().iter().enumerate() {
            if stated.parent().is_none() && rows.1.part[node] > 0.0 {
                raising[node] = Some(arcs.len());
                arcs.push((id(top), id(node), 1));
                cell_of.push(NO_CELL);
            }
        }
        let all = total.unwrap_or(rows.1.total);
        excess[top] += i128::from(all);
        excess[bottom] -= i128::from(all);
        if total.is_none() {
            arcs.push((id(bottom), id(top), 1));
            cell_of.push(NO_CELL);
        }
        let mut network = Network::new(bottom + 1, arcs);
        network.excess = excess;
        Self {
            network,
            cell: cell_of,
            raising,
            first_column,
        }
    }

    /// Each arc that is a cell, with the cell.
    fn cells(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let arcs = self.cell.iter().enumerate();
        arcs.filter(|(_, cell)| **cell != NO_CELL)
            .map(|(arc, cell)| (arc, at(*cell)))
    }

    /// What rounding a cell up instead of down adds to the squared change: `(1 - f)^2 - f^2`, in 2^-32.
    fn costs(&self, fractions: &Fractions) -> Vec<i64> {
        let mut costs = vec![0; self.cell.len()];
        for (arc, cell) in self.cells() {
            costs[arc] = super::real::scaled(1.0 - 2.0 * fractions.part[cell]);
        }
        costs
    }

    fn wanted(
        &self,
        fractions: &Fractions,
        rows: (&Marginal, &NodeValues),
        columns: (&Marginal, &NodeValues),
    ) -> Wanted {
        let total = self.network.excess.len() - 2;
        let mut wanted = Wanted {
            raised: vec![false; total],
            spare: vec![0; total],
        };
        let all = rows.1.total;
        for (axis, (side, values), first) in [
            (Orientation::Rows, rows, 0),
            (Orientation::Columns, columns, self.first_column),
        ] {
            let raised = values.raise_from_the_top(side, all);
            let sums = fractions.line_sums(axis, side.lines());
            for (leaf, sum) in side.leaves().iter().zip(sums) {
                wanted.spare[first + leaf] = values.whole[*leaf] + i64::from(raised[*leaf]) - sum;
            }
            wanted.raised[first..first + raised.len()].copy_from_slice(&raised);
        }
        wanted
    }

    /// Rounds up the nodes that are to be, and then line by line the cells whose columns lack most.
    fn start(
        &mut self,
        fractions: &Fractions,
        rows: &Marginal,
        columns: &Marginal,
        wanted: &Wanted,
    ) {
        for (node, raised) in wanted.raised.iter().enumerate() {
            if let (true, Some(arc)) = (*raised, self.raising[node]) {
                self.network.push(arc, 1);
            }
        }
        let mut lacking: Vec<i64> = columns
            .leaves()
            .iter()
            .map(|leaf| wanted.spare[self.first_column + leaf])
            .collect();
        let mut keys: Vec<(i64, u32, std::cmp::Reverse<u32>, usize)> = Vec::new();
        for leaf in rows.leaves() {
            let Ok(spare) = usize::try_from(wanted.spare[*leaf]) else {
                continue;
            };
            keys.clear();
            for arc in self.network.out(*leaf) {
                let cell = at(self.cell[arc]);
                let column = fractions.columns[cell];
                let fraction = twenty_bits(fractions.part[cell]);
                let lacks = lacking[at(column)];
                if lacks > 0 {
                    keys.push((lacks, fraction, std::cmp::Reverse(column), arc));
                }
            }
            let spare = spare.min(keys.len());
            if spare == 0 {
                continue;
            }
            let from = keys.len() - spare;
            keys.select_nth_unstable(from);
            for (_, _, column, arc) in &keys[from..] {
                self.network.push(*arc, 1);
                lacking[at(column.0)] -= 1;
            }
        }
    }
}
