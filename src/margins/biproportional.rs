//! Biproportional apportionment: few whole units (posts, outlets) over rows and columns at once, in proportion to votes.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::blocked::settle;
use super::cells::Cells;
use super::natural::Fraction;
use super::network::Network;
use super::real::{id, real, whole};
use super::{Marginal, MarginsError, Matrix, Seed, Tolerance, TwoWay};

/// Where a quotient is rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Signpost {
    /// At the half: standard rounding (Webster, Sainte-Lague). The default.
    #[default]
    Webster,
    /// At the next whole number: rounding down (Jefferson, D'Hondt).
    Jefferson,
}

impl Signpost {
    /// Twice the quotient from which on there are `units` units.
    fn twice(self, units: i64) -> i64 {
        match self {
            Self::Webster => 2 * units - 1,
            Self::Jefferson => 2 * units,
        }
    }
}

/// A table of votes, or any other claims, that whole units are given out for.
///
/// ```
/// use quotaflow::margins::{Claims, Signpost};
/// // Three parties in three districts.
/// let claims = Claims::new(3, 3, vec![123, 45, 815, 912, 714, 414, 312, 255, 215])?;
/// let seats = claims.biproportional(Some(&[5, 11, 4]), &[7, 5, 8], Signpost::Webster)?;
/// let party = |row| seats.table().row(row).map(|(_, seats)| seats).collect::<Vec<_>>();
/// assert_eq!([party(0), party(1), party(2)], [[1, 0, 4], [4, 4, 3], [2, 1, 1]]);
/// assert!(seats.ties().is_empty());
/// # Ok::<(), quotaflow::margins::MarginsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    rows: usize,
    columns: usize,
    votes: Vec<i64>,
}

/// Units given out in proportion to rows and columns at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Apportionment {
    table: Matrix,
    ties: Vec<TiedCell>,
}

/// A cell that has another number of units in another table with an equal right to be the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct TiedCell {
    row: usize,
    column: usize,
    may_rise: bool,
    may_fall: bool,
}

impl Apportionment {
    /// Returns the units of each cell.
    #[must_use]
    pub fn table(&self) -> &Matrix {
        &self.table
    }

    /// Returns the cells that a tie leaves undecided, by row and column; empty when the answer is the only one.
    #[must_use]
    pub fn ties(&self) -> &[TiedCell] {
        &self.ties
    }
}

impl TiedCell {
    /// Returns the row of the cell.
    #[must_use]
    pub fn row(&self) -> usize {
        self.row
    }

    /// Returns the column of the cell.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// Says whether another answer has one unit more here.
    #[must_use]
    pub fn may_rise(&self) -> bool {
        self.may_rise
    }

    /// Says whether another answer has one unit less here.
    #[must_use]
    pub fn may_fall(&self) -> bool {
        self.may_fall
    }
}

impl Claims {
    /// The most units that are given out.
    pub const MAX_UNITS: i64 = 10_000_000;

    /// Returns the table of these votes, row by row. A cell without votes gets nothing.
    ///
    /// # Errors
    /// [`MarginsError::CellCount`], [`MarginsError::TooLarge`]; [`MarginsError::Weight`] for negative votes.
    pub fn new(rows: usize, columns: usize, votes: Vec<i64>) -> Result<Self, MarginsError> {
        let table = Matrix::dense(rows, columns, votes)?;
        let votes = table.0.values;
        if let Some(cell) = votes.iter().position(|votes| *votes < 0) {
            return Err(MarginsError::Weight {
                row: cell / columns,
                column: cell % columns,
                weight: votes[cell].to_string(),
            });
        }
        Ok(Self {
            rows,
            columns,
            votes,
        })
    }

    /// Gives out whole units so that rows and columns total what they have to, in proportion to the votes both ways:
    /// there are a divisor for each row and each column such that every cell is its votes over both divisors, rounded at
    /// the signpost (Balinski and Demange 1989). Without totals for the rows every column is given out alone.
    ///
    /// The answer minimises the sum, over all units given out, of the logarithm of signpost over votes (Rote and
    /// Zachariasen 2007), which makes it a flow of least cost. Ties are decided and reported exactly, with whole numbers
    /// of any length; the first found of equally good tables is returned, earlier rows and columns looked at first.
    ///
    /// # Errors
    /// [`MarginsError::Impossible`] when cells without votes leave no table, with the proof; those of [`Marginal::flat`] and
    /// [`TwoWay::new`]; [`MarginsError::TotalTooLarge`] beyond [`Claims::MAX_UNITS`].
    pub fn biproportional(
        &self,
        rows: Option<&[i64]>,
        columns: &[i64],
        signpost: Signpost,
    ) -> Result<Apportionment, MarginsError> {
        let row_side = match rows {
            Some(rows) => Marginal::flat(rows.iter().copied())?,
            None => Marginal::free(self.rows)?,
        };
        let seed = Seed::counts(self.rows, self.columns, &self.votes)?;
        let stated = TwoWay::new(seed, row_side, Marginal::flat(columns.iter().copied())?)?;
        if stated.total() > Self::MAX_UNITS {
            return Err(MarginsError::TotalTooLarge {
                total: i128::from(stated.total()),
                limit: Self::MAX_UNITS,
            });
        }
        settle(&stated, &mut Cells::of(&stated))
            .map_err(|blocked| MarginsError::Impossible { blocked })?;
        let mut units = Units::start(self, &stated, signpost);
        if !units.route() {
            return Err(MarginsError::NotClosed { quanta: 1 });
        }
        let ties = units.settle_exactly();
        Ok(Apportionment {
            table: Matrix::dense(self.rows, self.columns, units.given)?,
            ties,
        })
    }
}

/// Units on their way to their totals. Rows send to columns; without totals all rows are one node.
struct Units<'a> {
    claims: &'a Claims,
    signpost: Signpost,
    given: Vec<i64>,
    /// Logarithms of the multipliers of rows, and of the reciprocals of those of columns.
    price: Vec<f64>,
    /// What each node has too much of.
    excess: Vec<i64>,
    row_nodes: usize,
}

/// One unit more or less in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    More(usize),
    Less(usize),
}

/// What a price of "never" is: far beyond any quotient of 64-bit numbers.
const NEVER: f64 = 200.0;
/// Steps that cost less than this are compared exactly.
const TIGHT: f64 = 1e-9;

impl<'a> Units<'a> {
    /// Rounds every cell under the multipliers of a fit: that is the right answer for the totals that it makes.
    fn start(claims: &'a Claims, stated: &TwoWay, signpost: Signpost) -> Self {
        let row_nodes = stated.row_totals.len();
        let nodes = row_nodes + claims.columns;
        let mut price = vec![0.0; nodes];
        if let Ok(fit) = stated.fit(Tolerance::Quanta(0.5)) {
            let log = |factor: &f64| {
                if *factor > 0.0 {
                    factor.ln().clamp(-NEVER, NEVER)
                } else {
                    -NEVER
                }
            };
            for (price, factor) in price.iter_mut().zip(&fit.row_factors) {
                *price = -log(factor);
            }
            for (price, factor) in price[row_nodes..].iter_mut().zip(&fit.column_factors) {
                *price = log(factor);
            }
        }
        let mut start = Self {
            claims,
            signpost,
            given: vec![0; claims.votes.len()],
            price,
            excess: stated.row_totals.clone(),
            row_nodes,
        };
        start
            .excess
            .extend(stated.column_totals.iter().map(|total| -total));
        for cell in 0..start.given.len() {
            if claims.votes[cell] == 0 {
                continue;
            }
            let (row, column) = start.nodes(cell);
            let quotient =
                real(claims.votes[cell]) * (start.price[column] - start.price[row]).exp();
            let shift = match signpost {
                Signpost::Webster => 0.5,
                Signpost::Jefferson => 0.0,
            };
            let total = stated.total();
            let mut units = whole(quotient + shift).clamp(0, total);
            // The very comparison that prices are judged by decides, not the rounding of this quotient.
            while units > 0 && start.length(Change::Less(cell), units) < 0.0 {
                units -= 1;
            }
            while units < total && start.length(Change::More(cell), units) < 0.0 {
                units += 1;
            }
            start.given[cell] = units;
            start.excess[row] -= units;
            start.excess[column] += units;
        }
        start
    }

    fn nodes(&self, cell: usize) -> (usize, usize) {
        let row = if self.row_nodes == 1 {
            0
        } else {
            cell / self.claims.columns
        };
        (row, self.row_nodes + cell % self.claims.columns)
    }

    fn ends(&self, change: Change) -> (usize, usize) {
        match change {
            Change::More(cell) => self.nodes(cell),
            Change::Less(cell) => {
                let (row, column) = self.nodes(cell);
                (column, row)
            }
        }
    }

    /// What a change would cost in a cell of so many units, under the prices.
    fn length(&self, change: Change, units: i64) -> f64 {
        let cost = |cell: usize, unit: i64| {
            let (row, column) = self.nodes(cell);
            let quotient = real(self.signpost.twice(unit)) / (2.0 * real(self.claims.votes[cell]));
            quotient.ln() + self.price[row] - self.price[column]
        };
        match change {
            Change::More(cell) => cost(cell, units + 1),
            Change::Less(cell) => -cost(cell, units),
        }
    }

    /// The changes that are possible at all.
    fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        let open = (0..self.given.len()).filter(|cell| self.claims.votes[*cell] > 0);
        open.flat_map(|cell| {
            let less = (self.given[cell] > 0).then_some(Change::Less(cell));
            std::iter::once(Change::More(cell)).chain(less)
        })
    }

    fn make(&mut self, change: Change) {
        match change {
            Change::More(cell) => self.given[cell] += 1,
            Change::Less(cell) => self.given[cell] -= 1,
        }
    }

    fn units_of(&self, change: Change) -> i64 {
        let (Change::More(cell) | Change::Less(cell)) = change;
        self.given[cell]
    }

    /// Sends units from nodes with excess to those that lack, along cheapest paths.
    fn route(&mut self) -> bool {
        while self.excess.iter().any(|excess| *excess > 0) {
            if !self.route_one() {
                return false;
            }
        }
        true
    }

    fn route_one(&mut self) -> bool {
        let nodes = self.excess.len();
        let mut distance: Vec<f64> = (0..nodes)
            .map(|node| {
                if self.excess[node] > 0 {
                    0.0
                } else {
                    f64::INFINITY
                }
            })
            .collect();
        let mut by: Vec<Option<Change>> = vec![None; nodes];
        let mut done = vec![false; nodes];
        let columns = self.claims.columns;
        loop {
            let nearest = (0..nodes)
                .filter(|node| !done[*node] && distance[*node].is_finite())
                .min_by(|a, b| distance[*a].total_cmp(&distance[*b]).then(a.cmp(b)));
            let Some(node) = nearest else { return false };
            done[node] = true;
            if self.excess[node] < 0 {
                self.finish(node, &distance, &by);
                return true;
            }
            let cells: Vec<usize> = if node >= self.row_nodes {
                (node - self.row_nodes..self.given.len())
                    .step_by(columns)
                    .collect()
            } else if self.row_nodes == 1 {
                (0..self.given.len()).collect()
            } else {
                (node * columns..(node + 1) * columns).collect()
            };
            for cell in cells {
                if self.claims.votes[cell] == 0 {
                    continue;
                }
                let change = match node >= self.row_nodes {
                    true if self.given[cell] == 0 => continue,
                    true => Change::Less(cell),
                    false => Change::More(cell),
                };
                // Rounding may leave a step a shade below zero.
                let length = self.length(change, self.given[cell]).max(0.0);
                let (_, to) = self.ends(change);
                if !done[to] && distance[node] + length < distance[to] {
                    distance[to] = distance[node] + length;
                    by[to] = Some(change);
                }
            }
        }
    }

    fn finish(&mut self, node: usize, distance: &[f64], by: &[Option<Change>]) {
        let reached = distance[node];
        for (price, distance) in self.price.iter_mut().zip(distance) {
            *price += distance.min(reached) - reached;
        }
        self.excess[node] += 1;
        let mut here = node;
        while let Some(change) = by[here] {
            self.make(change);
            here = self.ends(change).0;
        }
        self.excess[here] -= 1;
    }

    /// Compares what floating point cannot: improves the table along every cycle of changes that is better by however
    /// little, and reports the cells on cycles that are exactly as good.
    fn settle_exactly(&mut self) -> Vec<TiedCell> {
        loop {
            // Every other change costs more than all of rounding could hide.
            let tight: Vec<Change> = self
                .changes()
                .filter(|change| self.length(*change, self.units_of(*change)) < TIGHT)
                .collect();
            match self.exact_prices(&tight) {
                Ok(prices) => return self.ties(&tight, &prices),
                Err(cycle) => {
                    for change in cycle {
                        self.make(change);
                    }
                }
            }
        }
    }

    /// The factor by which a change multiplies the product of signposts over votes.
    fn factor(&self, change: Change) -> (u64, u64) {
        let natural = |value: i64| value.unsigned_abs();
        match change {
            Change::More(cell) => (
                natural(self.signpost.twice(self.given[cell] + 1)),
                natural(self.claims.votes[cell]),
            ),
            Change::Less(cell) => (
                natural(self.claims.votes[cell]),
                natural(self.signpost.twice(self.given[cell])),
            ),
        }
    }

    /// Exact prices under which no tight change is an improvement, or a cycle of changes that is one (Bellman and Ford).
    fn exact_prices(&self, tight: &[Change]) -> Result<Vec<Fraction>, Vec<Change>> {
        let nodes = self.excess.len();
        let mut prices = vec![Fraction::one(); nodes];
        let mut by: Vec<Option<Change>> = vec![None; nodes];
        for round in 0..=nodes {
            let mut last = None;
            for change in tight {
                let (from, to) = self.ends(*change);
                let (above, below) = self.factor(*change);
                let reached = prices[from].times(above, below);
                if reached.compare(&prices[to]) == Ordering::Less {
                    prices[to] = reached;
                    by[to] = Some(*change);
                    last = Some(to);
                }
            }
            match last {
                None => break,
                Some(node) if round == nodes => return Err(self.cycle(&by, node)),
                Some(_) => {}
            }
        }
        Ok(prices)
    }

    fn cycle(&self, by: &[Option<Change>], from: usize) -> Vec<Change> {
        // As many steps back as there are nodes end on the cycle.
        let back = |node: usize| by[node].map_or(node, |change| self.ends(change).0);
        let start = (0..by.len()).fold(from, |node, _| back(node));
        let mut changes = Vec::new();
        let mut here = start;
        while let Some(change) = by[here] {
            changes.push(change);
            here = self.ends(change).0;
            if here == start {
                break;
            }
        }
        changes
    }

    /// The cells of changes that lie on a cycle which costs exactly nothing.
    fn ties(&self, tight: &[Change], prices: &[Fraction]) -> Vec<TiedCell> {
        let mut free: Vec<(u32, u32, Change)> = Vec::new();
        for change in tight {
            let (from, to) = self.ends(*change);
            let (above, below) = self.factor(*change);
            if prices[from].times(above, below).compare(&prices[to]) == Ordering::Equal {
                free.push((id(from), id(to), *change));
            }
        }
        free.sort_by_key(|(from, to, _)| (*from, *to));
        let arcs = free.iter().map(|(from, to, _)| (*from, *to, 1));
        let component = Network::new(self.excess.len(), arcs).components();
        let mut ties: Vec<TiedCell> = Vec::new();
        for (_, _, change) in free {
            let (from, to) = self.ends(change);
            if component[from] != component[to] {
                continue;
            }
            let (Change::More(cell) | Change::Less(cell)) = change;
            let rises = matches!(change, Change::More(_));
            let (row, column) = (cell / self.claims.columns, cell % self.claims.columns);
            match ties
                .iter_mut()
                .find(|tie| (tie.row, tie.column) == (row, column))
            {
                Some(tie) if rises => tie.may_rise = true,
                Some(tie) => tie.may_fall = true,
                None => ties.push(TiedCell {
                    row,
                    column,
                    may_rise: rises,
                    may_fall: !rises,
                }),
            }
        }
        ties.sort_by_key(|tie| (tie.row, tie.column));
        ties
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(apportionment: &Apportionment) -> Vec<Vec<i64>> {
        let table = apportionment.table();
        (0..table.rows())
            .map(|row| table.row(row).map(|(_, units)| units).collect())
            .collect()
    }

    #[test]
    fn v_bp1_is_met() {
        let claims = Claims::new(3, 3, vec![123, 45, 815, 912, 714, 414, 312, 255, 215]).unwrap();
        let found = claims
            .biproportional(Some(&[5, 11, 4]), &[7, 5, 8], Signpost::Webster)
            .unwrap();
        assert_eq!(rows(&found), [[1, 0, 4], [4, 4, 3], [2, 1, 1]]);
        assert_eq!(found.ties(), []);
    }

    #[test]
    fn v_bp4_has_several_answers_and_says_so() {
        let claims = Claims::new(2, 2, vec![10; 4]).unwrap();
        let found = claims
            .biproportional(Some(&[2, 2]), &[3, 1], Signpost::Webster)
            .unwrap();
        // [2, 0] [1, 1] and [1, 1] [2, 0] are as good as each other, so every cell is undecided.
        assert_eq!(found.ties().len(), 4);
        for tie in found.ties() {
            assert_ne!(tie.may_rise(), tie.may_fall());
        }
        let alone = claims
            .biproportional(None, &[3, 1], Signpost::Webster)
            .unwrap();
        assert_eq!(alone.ties().len(), 4);
    }

    #[test]
    fn v_bp5_a_single_column_is_plain_apportionment() {
        let claims = Claims::new(2, 1, vec![1500, 4500]).unwrap();
        for (seats, wanted) in [(5, [[1], [4]]), (7, [[2], [5]])] {
            let found = claims
                .biproportional(None, &[seats], Signpost::Webster)
                .unwrap();
            assert_eq!(rows(&found), wanted);
            assert_eq!(found.ties(), []);
        }
    }

    #[test]
    fn what_cells_without_votes_block_is_refused_with_its_proof() {
        let claims = Claims::new(2, 2, vec![1000, 0, 10, 1]).unwrap();
        let refused = claims.biproportional(Some(&[2, 0]), &[1, 1], Signpost::Webster);
        let Err(MarginsError::Impossible { blocked }) = refused else {
            panic!("not refused");
        };
        assert_eq!((blocked.needed(), blocked.available()), (2, 1));
    }

    #[test]
    fn near_ties_beyond_floating_point_are_decided() {
        // 3 (2^60 + 1) against 3 x 2^60: for one unit the larger claim wins, though both logarithms read the same.
        let claims = Claims::new(2, 1, vec![1 << 60, (1 << 60) + 1]).unwrap();
        let found = claims
            .biproportional(None, &[1], Signpost::Webster)
            .unwrap();
        assert_eq!(rows(&found), [[0], [1]]);
        assert_eq!(found.ties(), []);
    }
}
