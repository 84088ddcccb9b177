//! Looking through all whole tables of a small problem.

/// A cell that may hold something: the line that it has on each axis, its most, and the value to try first.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) lines: Vec<usize>,
    pub(super) most: i64,
    pub(super) near: i64,
}

/// What a search through all whole tables comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// The value of each cell.
    Matrix(Vec<i64>),
    /// There is none: so many partial tables were looked at, and every one of them led nowhere.
    Nothing(u64),
    /// The search was cut off.
    CutOff,
}

/// Looks for values of the cells that make all totals, nearest values first; looks at no more than `budget` partial
/// tables.
pub(super) fn search(cells: &[Open], totals: &[Vec<i64>], budget: u64) -> Found {
    let mut search = Search {
        cells,
        left: totals.to_vec(),
        room: totals.iter().map(|totals| vec![0; totals.len()]).collect(),
        values: Vec::with_capacity(cells.len()),
        looked_at: 0,
        budget,
    };
    for cell in cells {
        for (axis, line) in cell.lines.iter().enumerate() {
            search.room[axis][*line] += i128::from(cell.most);
        }
    }
    let fits = search.left.iter().zip(&search.room).all(|(left, room)| {
        left.iter()
            .zip(room)
            .all(|(left, room)| i128::from(*left) <= *room)
    });
    if !fits {
        return Found::Nothing(1);
    }
    search.run()
}

struct Search<'a> {
    cells: &'a [Open],
    /// What each line still needs, and what its cells not yet decided can hold.
    left: Vec<Vec<i64>>,
    room: Vec<Vec<i128>>,
    values: Vec<i64>,
    looked_at: u64,
    budget: u64,
}

/// The values of one cell that are still to be tried: a range, walked outwards from the nearest.
struct Choices {
    down: i64,
    least: i64,
    up: i64,
    most: i64,
}

impl Choices {
    fn next(&mut self, near: i64) -> Option<i64> {
        let (below, above) = (self.down >= self.least, self.up <= self.most);
        let take_down = match (below, above) {
            (false, false) => return None,
            (true, true) => near - self.down <= self.up - near,
            (below, _) => below,
        };
        if take_down {
            self.down -= 1;
            Some(self.down + 1)
        } else {
            self.up += 1;
            Some(self.up - 1)
        }
    }
}

impl Search<'_> {
    fn run(&mut self) -> Found {
        let mut choices: Vec<Choices> = Vec::new();
        loop {
            self.looked_at += 1;
            if self.looked_at > self.budget {
                return Found::CutOff;
            }
            if self.values.len() == self.cells.len() {
                // Room ran out with the cells, so nothing is left to make.
                return Found::Matrix(std::mem::take(&mut self.values));
            }
            choices.push(self.open());
            // The next value of the last cell that has one.
            loop {
                let Some(last) = choices.len().checked_sub(1) else {
                    return Found::Nothing(self.looked_at);
                };
                if self.values.len() == choices.len() {
                    self.take_back();
                }
                if let Some(value) = choices[last].next(self.cells[last].near) {
                    self.decide(value);
                    break;
                }
                choices.pop();
            }
        }
    }

    /// The values that the next cell can have, given what its lines need and can still get elsewhere.
    fn open(&self) -> Choices {
        let cell = &self.cells[self.values.len()];
        let (mut least, mut most) = (0_i64, cell.most);
        for (axis, line) in cell.lines.iter().enumerate() {
            let left = self.left[axis][*line];
            let elsewhere = self.room[axis][*line] - i128::from(cell.most);
            most = most.min(left);
            // At most `left`, so it fits.
            least = least.max(i64::try_from(i128::from(left) - elsewhere).unwrap_or(i64::MAX));
        }
        let start = cell.near.clamp(least, most.max(least));
        Choices {
            down: start.min(most),
            least,
            up: start + 1,
            most,
        }
    }

    fn decide(&mut self, value: i64) {
        let cell = &self.cells[self.values.len()];
        for (axis, line) in cell.lines.iter().enumerate() {
            self.left[axis][*line] -= value;
            self.room[axis][*line] -= i128::from(cell.most);
        }
        self.values.push(value);
    }

    fn take_back(&mut self) {
        if let Some(value) = self.values.pop() {
            let cell = &self.cells[self.values.len()];
            for (axis, line) in cell.lines.iter().enumerate() {
                self.left[axis][*line] += value;
                self.room[axis][*line] += i128::from(cell.most);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(lines: &[usize], most: i64, near: i64) -> Open {
        Open {
            lines: lines.to_vec(),
            most,
            near,
        }
    }

    #[test]
    fn the_nearest_table_comes_first_and_none_is_proved() {
        let square: Vec<Open> = [[0, 0], [0, 1], [1, 0], [1, 1]]
            .iter()
            .map(|lines| open(lines, 9, 3))
            .collect();
        let totals = vec![vec![5, 4], vec![6, 3]];
        assert_eq!(
            search(&square, &totals, 1000),
            Found::Matrix(vec![3, 2, 3, 1])
        );
        let diagonal = [open(&[0, 0], 9, 0), open(&[1, 1], 9, 0)];
        assert!(matches!(
            search(&diagonal, &totals, 1000),
            Found::Nothing(_)
        ));
        assert_eq!(search(&square, &totals, 2), Found::CutOff);
    }
}
