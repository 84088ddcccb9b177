//! Three and more margins, met by two-way problems inside one another.

use serde::Serialize;

use super::blocked::settle;
use super::cells::{Cells, UNLIMITED};
use super::direct::fill;
use super::fractions::{nearness, split};
use super::network::Network;
use super::real::{id, real, twenty_bits};
use super::search::{Found, Open, search};
use super::several::{index, place};
use super::shape::{Factors, fit};
use super::{Array, Blocked, Marginal, MarginsError, Seed, Several, TwoWay};
use crate::allocation::Bound;
use crate::limits::{Limits, Size};

/// What becomes of a problem with several margins.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Resolution {
    /// A table that meets every margin and every maximum.
    Solved {
        /// The table.
        table: Array,
        /// How near it is to the fitted values.
        closeness: Closeness,
    },
    /// There is no such table of whole quanta.
    Impossible(Refutation),
    /// None was found, and none was proved not to exist.
    NotFound {
        /// How many partial tables were looked at.
        looked_at: u64,
    },
}

/// How near a table is to its fitted values, without their sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Closeness {
    /// Every cell is at least its fitted value rounded down, and at most its fitted value rounded up and this much more.
    Within {
        /// How many quanta above the value rounded up a cell may be: two less than there are margins, so none for two.
        above: u32,
    },
    /// Structural zeros or bounds pushed cells further from their fitted values, or left no fitted values to be near to. All
    /// totals and bounds hold exactly all the same.
    Anywhere,
}

/// Why there is no table of whole quanta.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refutation {
    /// Two of the margins alone cannot be met, not even with fractions.
    Blocked {
        /// The axes that the proof calls rows.
        rows: Vec<usize>,
        /// The axes that the proof calls columns.
        columns: Vec<usize>,
        /// The proof, for the table summed over all other axes.
        blocked: Box<Blocked>,
    },
    /// Every whole table was looked at, directly or by what its lines could still hold.
    Exhausted {
        /// How many partial tables that took.
        looked_at: u64,
    },
}

/// How many partial tables are looked at where the host does not say.
const TABLES: u64 = 1_000_000;

impl Several {
    /// Fits real values and rounds them to whole quanta.
    ///
    /// **Method.** The table is fitted to all margins. Then the axes are taken in turn: the fitted sums over all axes but
    /// the first two are rounded to the first two margins; what each of these cells got is the total of a row in the next
    /// two-way problem, whose columns are the third axis; and so on. Every margin is exact in the problem that rounds its
    /// axis, and stays so because the later problems only divide what earlier ones decided.
    ///
    /// **With all cells open and no maxima this always works, and with d margins every cell lies between its fitted value
    /// `x` rounded down and `ceil(x) + d - 2`.** Say that in step t (t = 2 .. d) the row totals `M` lie between the fitted
    /// `S` of the row rounded down and `ceil(S) + t - 3`; for t = 2 they are the first margin itself, `M = S`, and for
    /// later t this is what the step before has proved. Allow each cell from `floor(x)` to `ceil(x) + t - 2`. By Hoffman's
    /// theorem whole cells exist if for all rows A and columns B, with A' and B' the others,
    /// `M(A) - c(B) <= (ceil(x) + t - 2)(A, B') + ... - floor(x)(A', B)`. The fitted values balance,
    /// `S(A) - c(B) = x(A, B') - x(A', B)`, so it is enough that `M(A) - S(A)` is at most the room above the fitted values
    /// on A x B'. If B' has a column, that room is at least `t - 2` for each row of A, and for t = 2 nothing is needed; for
    /// later t each row of A needs less than `1 + (t - 3)`. If B' is empty, then as all totals agree the condition says
    /// `M(A') >= floor(x)(A')`, and `M >= floor(S)` is at least the sum of the rounded-down cells. A fit that is off by
    /// less than one quantum in total changes none of this, for both sides of each condition are whole numbers.
    ///
    /// **With structural zeros or maxima whole tables may not exist** where tables with fractions do. The fit takes the
    /// zeros into account and leaves the maxima to the rounding, which cuts cells down to them. Other orders of the
    /// axes are tried, then cells further from their fitted values, then all tables one after another up to a limit. The
    /// answer is then solved, proved impossible, or not found.
    ///
    /// **With totals of both signs** each cell stays on the side of zero that the "Signs" of a [`TwoWay`] table say; each order of the
    /// axes is tried, and what none of them meets is not found.
    ///
    /// ```
    /// use quotaflow::margins::{Margin, Resolution, Refutation, Several};
    /// // Half a unit on each of these four cells makes every margin one; whole numbers cannot.
    /// let open = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0];
    /// let ones = |axis| Margin::of(axis, vec![1, 1]);
    /// let stated = Several::new(vec![2, 2, 2], open.to_vec(), vec![ones(0), ones(1), ones(2)])?;
    /// assert!(matches!(stated.solve()?, Resolution::Impossible(Refutation::Exhausted { .. })));
    /// # Ok::<(), quotaflow::margins::MarginsError>(())
    /// ```
    ///
    /// # Errors
    /// [`MarginsError::NotClosed`] should never be met: it would say that the promise above was broken.
    pub fn solve(&self) -> Result<Resolution, MarginsError> {
        self.solve_within(Limits::default().with(Size::Steps, TABLES))
    }

    /// The same within the limits of a host: on the cells of the table, told before the work begins, and on steps, each of which
    /// looks at one partial table where all are looked through; beyond them the answer is [`Resolution::NotFound`].
    ///
    /// # Errors
    /// [`MarginsError::Limit`]; as [`Several::solve`].
    pub fn solve_within(&self, limits: Limits) -> Result<Resolution, MarginsError> {
        limits.check(Size::Cells, self.weights().len() as u128)?;
        if self.is_mixed {
            return self.solve_signed();
        }
        let found = self.solve_upright(limits.steps)?;
        Ok(match found {
            Resolution::Solved { table, closeness } if self.is_mirrored => Resolution::Solved {
                table: table.mirrored(),
                closeness,
            },
            other => other,
        })
    }

    /// Solves the table turned round where its totals are below zero.
    fn solve_upright(&self, tables: u64) -> Result<Resolution, MarginsError> {
        let taken = Taken::of(self);
        if let Some(refutation) = taken.refuted_by_two(self)? {
            return Ok(Resolution::Impossible(refutation));
        }
        let factors = fit(taken.weights(self), &taken.sizes, &taken.reals());
        let values = Values::of(&taken, self, &factors);
        for order in orders(taken.sizes.len()) {
            let turned;
            let ordered = if order.is_sorted() {
                &values
            } else {
                turned = values.turned(&order);
                &turned
            };
            if let Some((cells, is_near)) = ordered.nest() {
                let cells = ordered.back(&order, cells);
                let above = id(taken.sizes.len()).saturating_sub(2);
                return Ok(Resolution::Solved {
                    table: taken.given_back(self, cells)?,
                    closeness: if is_near && factors.off < 0.5 {
                        Closeness::Within { above }
                    } else {
                        Closeness::Anywhere
                    },
                });
            }
            if !taken.is_constrained {
                return Err(MarginsError::NotClosed { quanta: 1 });
            }
        }
        self.look_through(&taken, &values, tables)
    }

    fn look_through(
        &self,
        taken: &Taken,
        values: &Values,
        tables: u64,
    ) -> Result<Resolution, MarginsError> {
        let mut open = Vec::new();
        let mut at = Vec::new();
        for (cell, most) in values.most.iter().enumerate() {
            if *most == 0 {
                continue;
            }
            let lines = place(cell, &taken.sizes);
            let totals = lines.iter().zip(&taken.totals).map(|(line, t)| t[*line]);
            open.push(Open {
                most: totals.fold(*most, i64::min),
                near: values.whole[cell].saturating_add(i64::from(values.part[cell] >= 0.5)),
                lines,
            });
            at.push(cell);
        }
        Ok(match search(&open, &taken.totals, tables) {
            Found::Matrix(found) => {
                let mut cells = vec![0; values.most.len()];
                for (cell, value) in at.into_iter().zip(found) {
                    cells[cell] = value;
                }
                Resolution::Solved {
                    table: taken.given_back(self, cells)?,
                    closeness: Closeness::Anywhere,
                }
            }
            Found::Nothing(looked_at) => {
                Resolution::Impossible(Refutation::Exhausted { looked_at })
            }
            Found::CutOff => Resolution::NotFound { looked_at: tables },
        })
    }
}

/// The orders in which the axes are tried: all of them up to four axes, every rotation beyond.
pub(super) fn orders(axes: usize) -> Vec<Vec<usize>> {
    let first: Vec<usize> = (0..axes).collect();
    if axes > 4 {
        return (0..axes)
            .map(|by| {
                let mut turned = first.clone();
                turned.rotate_left(by);
                turned
            })
            .collect();
    }
    let mut orders = vec![Vec::new()];
    for _ in 0..axes {
        orders = orders
            .iter()
            .flat_map(|order: &Vec<usize>| {
                let unused = first.iter().filter(|axis| !order.contains(axis));
                unused.map(|axis| [order.as_slice(), &[*axis]].concat())
            })
            .collect();
    }
    orders
}

/// The problem with joint margins taken as one axis each.
pub(super) struct Taken {
    pub(super) sizes: Vec<usize>,
    pub(super) totals: Vec<Vec<i64>>,
    axes: Vec<Vec<usize>>,
    /// The cell of the stated table for each cell, where the two differ.
    stated: Option<Vec<usize>>,
    weights: Option<Vec<f64>>,
    is_constrained: bool,
}

impl Taken {
    pub(super) fn of(several: &Several) -> Self {
        let axes: Vec<Vec<usize>> = several.groups.iter().map(|g| g.axes.clone()).collect();
        let flat: Vec<usize> = axes.concat();
        let sizes = several
            .groups
            .iter()
            .map(|group| group.totals.len())
            .collect();
        let stated = (!flat.is_sorted()).then(|| {
            let inner: Vec<usize> = flat.iter().map(|axis| several.sizes[*axis]).collect();
            let mut stated = Vec::with_capacity(several.weights().len());
            for cell in 0..several.weights().len() {
                let mut at = vec![0; flat.len()];
                for (line, axis) in place(cell, &inner).into_iter().zip(&flat) {
                    at[*axis] = line;
                }
                stated.push(index(&at, &several.sizes).unwrap_or(cell));
            }
            stated
        });
        Self {
            sizes,
            totals: several
                .groups
                .iter()
                .map(|group| group.totals.clone())
                .collect(),
            axes,
            weights: stated
                .as_ref()
                .map(|cells| cells.iter().map(|cell| several.weights()[*cell]).collect()),
            stated,
            is_constrained: !several.most.is_empty() || several.weights().contains(&0.0),
        }
    }

    /// The cell of the stated table for a cell.
    pub(super) fn stated_cell(&self, cell: usize) -> usize {
        self.stated.as_ref().map_or(cell, |stated| stated[cell])
    }

    pub(super) fn weights<'a>(&'a self, several: &'a Several) -> &'a [f64] {
        self.weights.as_deref().unwrap_or(several.weights())
    }

    fn reals(&self) -> Vec<Vec<f64>> {
        let reals = |totals: &Vec<i64>| totals.iter().map(|total| real(*total)).collect();
        self.totals.iter().map(reals).collect()
    }

    /// The most that each cell can hold.
    fn most(&self, several: &Several) -> Vec<i64> {
        let weights = self.weights(several);
        let mut most: Vec<i64> = weights
            .iter()
            .map(|weight| if *weight > 0.0 { UNLIMITED } else { 0 })
            .collect();
        if !several.most.is_empty() {
            for (cell, most) in most.iter_mut().enumerate() {
                let cell = self.stated_cell(cell);
                if let Some(stated) = several.most.get(&cell) {
                    *most = (*most).min(*stated);
                }
            }
        }
        most
    }

    /// Puts cells back into the order of the stated table.
    pub(super) fn given_back(
        &self,
        several: &Several,
        cells: Vec<i64>,
    ) -> Result<Array, MarginsError> {
        let cells = match &self.stated {
            None => cells,
            Some(stated) => {
                let mut back = vec![0; cells.len()];
                for (cell, value) in stated.iter().zip(cells) {
                    back[*cell] = value;
                }
                back
            }
        };
        Array::new(several.sizes.clone(), cells)
    }

    /// Looks at each two margins alone, with all other axes summed up.
    fn refuted_by_two(&self, several: &Several) -> Result<Option<Refutation>, MarginsError> {
        if !self.is_constrained {
            return Ok(None);
        }
        let most = self.most(several);
        for rows in 0..self.sizes.len() {
            for columns in rows + 1..self.sizes.len() {
                let width = self.sizes[columns];
                let mut sums = vec![0_i64; self.sizes[rows] * width];
                for (cell, most) in most.iter().enumerate() {
                    let at = place(cell, &self.sizes);
                    let sum = &mut sums[at[rows] * width + at[columns]];
                    *sum = sum.saturating_add(*most);
                }
                let weights = sums.iter().map(|most| real((*most).min(1))).collect();
                let mut stated = TwoWay::new(
                    Seed::dense(self.sizes[rows], width, weights)?,
                    Marginal::flat(self.totals[rows].iter().copied())?,
                    Marginal::flat(self.totals[columns].iter().copied())?,
                )?;
                for (cell, most) in sums.iter().enumerate() {
                    if *most > 0 && *most < UNLIMITED {
                        stated =
                            stated.bounded(cell / width, cell % width, Bound::at_most(*most))?;
                    }
                }
                if let Err(blocked) = settle(&stated, &mut Cells::of(&stated)) {
                    let blocked = if several.is_mirrored {
                        Box::new(blocked.mirrored(&stated.mirrored()))
                    } else {
                        blocked
                    };
                    return Ok(Some(Refutation::Blocked {
                        rows: self.axes[rows].clone(),
                        columns: self.axes[columns].clone(),
                        blocked,
                    }));
                }
            }
        }
        Ok(None)
    }
}

/// Fitted values with what each cell may hold at most.
struct Values {
    sizes: Vec<usize>,
    totals: Vec<Vec<i64>>,
    whole: Vec<i64>,
    part: Vec<f64>,
    /// `UNLIMITED` everywhere for an unconstrained table, and then not stored.
    most: Vec<i64>,
    is_constrained: bool,
    /// Whether no maximum lies below a fitted value.
    is_fitted: bool,
}

impl Values {
    fn of(taken: &Taken, several: &Several, factors: &Factors) -> Self {
        let weights = taken.weights(several);
        let near = nearness(weights.len());
        let (mut whole, mut part) = (Vec::new(), Vec::new());
        whole.reserve_exact(weights.len());
        part.reserve_exact(weights.len());
        let most = if taken.is_constrained {
            taken.most(several)
        } else {
            Vec::new()
        };
        if let Some((last, before)) = factors.factors.split_last() {
            let before = super::shape::products(before);
            for (row, factor) in weights.chunks_exact(last.len()).zip(before) {
                for (weight, by) in row.iter().zip(last) {
                    let (down, rest) = split(weight * (factor * by), near);
                    whole.push(down);
                    part.push(rest);
                }
            }
        }
        let mut is_fitted = true;
        for (cell, most) in most.iter().enumerate() {
            if whole[cell] > *most || (whole[cell] == *most && part[cell] > 0.0) {
                (whole[cell], part[cell]) = (*most, 0.0);
                is_fitted = false;
            }
        }
        Self {
            sizes: taken.sizes.clone(),
            totals: taken.totals.clone(),
            whole,
            part,
            most,
            is_constrained: taken.is_constrained,
            is_fitted,
        }
    }

    /// The same values with the axes in another order.
    fn turned(&self, order: &[usize]) -> Self {
        let sizes: Vec<usize> = order.iter().map(|axis| self.sizes[*axis]).collect();
        let from: Vec<usize> = (0..self.whole.len())
            .map(|cell| self.before(order, &place(cell, &sizes)))
            .collect();
        Self {
            totals: order
                .iter()
                .map(|axis| self.totals[*axis].clone())
                .collect(),
            whole: from.iter().map(|cell| self.whole[*cell]).collect(),
            part: from.iter().map(|cell| self.part[*cell]).collect(),
            most: from
                .iter()
                .filter_map(|cell| self.most.get(*cell).copied())
                .collect(),
            is_constrained: self.is_constrained,
            is_fitted: self.is_fitted,
            sizes,
        }
    }

    /// The cell before turning, from its place after; `self` is the table before.
    fn before(&self, order: &[usize], after: &[usize]) -> usize {
        let mut at = vec![0; order.len()];
        for (line, axis) in after.iter().zip(order) {
            at[*axis] = *line;
        }
        index(&at, &self.sizes).unwrap_or(0)
    }

    /// Puts cells of a turned table (this one) back into the order before turning.
    fn back(&self, order: &[usize], cells: Vec<i64>) -> Vec<i64> {
        if order.is_sorted() {
            return cells;
        }
        let mut sizes = vec![0; order.len()];
        for (axis, size) in order.iter().zip(&self.sizes) {
            sizes[*axis] = *size;
        }
        let mut back = vec![0; cells.len()];
        for (cell, value) in cells.into_iter().enumerate() {
            let mut at = vec![0; order.len()];
            for (line, axis) in place(cell, &self.sizes).iter().zip(order) {
                at[*axis] = *line;
            }
            back[index(&at, &sizes).unwrap_or(0)] = value;
        }
        back
    }

    /// Rounds axis after axis; says with the cells whether all stayed near their values.
    fn nest(&self) -> Option<(Vec<i64>, bool)> {
        let mut rows = self.totals.first()?.clone();
        let mut all_near = self.is_fitted;
        let fits =
            |(cell, total): (usize, &i64)| self.most.get(cell).is_none_or(|most| total <= most);
        if self.sizes.len() == 1 && !rows.iter().enumerate().all(fits) {
            // One margin over all axes prescribes every cell, also those that can hold less.
            return None;
        }
        for axes in 2..=self.sizes.len() {
            let width = self.sizes[axes - 1];
            let depth: usize = self.sizes[axes..].iter().product();
            let extra = i64::from(id(axes - 2));
            let summed;
            let level = if depth == 1 {
                Level {
                    whole: &self.whole,
                    part: &self.part,
                    most: &self.most,
                }
            } else {
                summed = self.summed(depth);
                Level {
                    whole: &summed.0,
                    part: &summed.1,
                    most: &summed.2,
                }
            };
            let (cells, near) = level.round(
                width,
                &rows,
                &self.totals[axes - 1],
                extra,
                self.is_constrained,
            )?;
            all_near &= near;
            rows = cells;
        }
        Some((rows, all_near))
    }

    /// The values with so many cells at a time added up.
    fn summed(&self, depth: usize) -> (Vec<i64>, Vec<f64>, Vec<i64>) {
        let near = nearness(self.whole.len());
        let (mut whole, mut part) = (Vec::new(), Vec::new());
        let cells = self
            .whole
            .chunks_exact(depth)
            .zip(self.part.chunks_exact(depth));
        for (wholes, parts) in cells {
            let (more, rest) = split(parts.iter().sum(), near);
            whole.push(wholes.iter().sum::<i64>() + more);
            part.push(rest);
        }
        let most = self
            .most
            .chunks_exact(depth)
            .map(|most| {
                most.iter()
                    .fold(0_i64, |sum, most| sum.saturating_add(*most))
            })
            .collect();
        (whole, part, most)
    }
}

/// One two-way problem among the nested ones.
struct Level<'a> {
    whole: &'a [i64],
    part: &'a [f64],
    /// Empty when nothing is limited.
    most: &'a [i64],
}

impl Level<'_> {
    fn most(&self, cell: usize) -> i64 {
        self.most.get(cell).copied().unwrap_or(UNLIMITED)
    }

    fn round(
        &self,
        width: usize,
        rows: &[i64],
        columns: &[i64],
        extra: i64,
        may_widen: bool,
    ) -> Option<(Vec<i64>, bool)> {
        let mut lacking = columns.to_vec();
        let mut spare = rows.to_vec();
        for (row, spare) in self.whole.chunks_exact(width).zip(&mut spare) {
            for (whole, lacking) in row.iter().zip(&mut lacking) {
                *lacking -= whole;
                *spare -= whole;
            }
        }
        let keys: Vec<u32> = if self.most.is_empty() {
            let least = u32::from(extra > 0);
            self.part
                .iter()
                .map(|part| twenty_bits(*part).max(least))
                .collect()
        } else {
            let key = |(cell, part): (usize, &f64)| {
                if self.whole[cell] < self.most[cell] {
                    twenty_bits(*part).max(u32::from(extra > 0))
                } else {
                    0
                }
            };
            self.part.iter().enumerate().map(key).collect()
        };
        let mut cells = self.whole.to_vec();
        if fill(&mut cells, &keys, &spare, &mut lacking.clone()) {
            return Some((cells, true));
        }
        self.reroute(width, &spare, &lacking, extra, may_widen)
    }

    /// The same by rerouting, first with one step up for each cell, then all that are allowed, and at last, where that
    /// is permitted, anything that a cell can hold.
    fn reroute(
        &self,
        width: usize,
        spare: &[i64],
        lacking: &[i64],
        extra: i64,
        may_widen: bool,
    ) -> Option<(Vec<i64>, bool)> {
        let cells = self.whole.len();
        let arcs = (0..cells).map(|cell| (id(cell / width), id(spare.len() + cell % width), 0));
        let mut network = Network::new(spare.len() + width, arcs);
        network.excess = spare
            .iter()
            .map(|units| i128::from(*units))
            .chain(lacking.iter().map(|units| -i128::from(*units)))
            .collect();
        let mut near = true;
        let mut left = 0;
        for step in 0..=2 {
            for cell in 0..cells {
                let up = i64::from(self.part[cell] > 0.0) + extra;
                let most = self.most(cell);
                network.room[cell] = match step {
                    0 => up.min(1).min(most - self.whole[cell]),
                    1 => up.min(most - self.whole[cell]),
                    _ => most,
                };
                if step == 2 {
                    network.flow[cell] += self.whole[cell];
                }
            }
            near = step < 2;
            left = network.route();
            if left == 0 || (step == 1 && !may_widen) {
                break;
            }
        }
        let base = |cell: usize| if near { self.whole[cell] } else { 0 };
        (left == 0).then(|| {
            let values = (0..cells).map(|cell| base(cell) + network.flow[cell]);
            (values.collect(), near)
        })
    }
}
