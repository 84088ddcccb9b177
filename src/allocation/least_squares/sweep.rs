//! The sweep: the pull of every region, found by exact steps along a line that bends at bounds.

use std::cmp::Ordering;
use std::ops::Range;

use super::leaves::{Fast, Leaves, Magnitudes};
use super::levels::Levels;
use super::pull::{Line, Pull};
use crate::allocation::Bound;

/// A node above the leaves: its level and its place there.
pub(super) type Node = (usize, usize);

/// A part of the tree that one pull moves: a node and what is below it down to the next nodes at a bound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pulled {
    pub(super) root: Node,
    pub(super) amount: i128,
    pub(super) pull: Pull,
}

/// Steps along the line before the bends are searched one after the other.
const STEPS: usize = 24;

/// The tree while it is solved.
#[derive(Debug)]
pub(super) struct Sweep<'a, W> {
    pub(super) levels: &'a Levels<'a>,
    pub(super) draft: &'a [i64],
    pub(super) weights: &'a [W],
    /// The limits of leaves, empty where there are none.
    pub(super) lowest: &'a [i64],
    pub(super) highest: &'a [i64],
    pub(super) bounds: &'a [&'a [Bound]],
    pub(super) most: Magnitudes,
    /// What each node adds to the one above it, near the pull that was asked last.
    pub(super) lines: Vec<Vec<Line>>,
    /// The bound at which a node was found.
    bound_at: Vec<Vec<Option<i64>>>,
    /// The region of each node, by its place among them.
    pub(super) region: Vec<Vec<usize>>,
    pub(super) regions: Vec<Pulled>,
    /// Whether anything bends: a leaf with limits, or a node with two bounds that differ.
    bends: bool,
}

impl<'a, W: Copy + Into<u128>> Sweep<'a, W> {
    pub(super) fn new(
        levels: &'a Levels<'a>,
        (draft, weights): (&'a [i64], &'a [W]),
        (lowest, highest): (&'a [i64], &'a [i64]),
        bounds: &'a [&'a [Bound]],
        (most, lines): (Magnitudes, Vec<Vec<Line>>),
    ) -> Self {
        let ranged = |bound: &Bound| *bound != Bound::FREE && fixed(*bound).is_none();
        let inner = bounds.iter().take(levels.leaves());
        let bends = !lowest.is_empty() || inner.flat_map(|level| level.iter()).any(ranged);
        Self {
            levels,
            draft,
            weights,
            lowest,
            highest,
            bounds,
            most,
            lines,
            bound_at: if bends {
                levels.columns(&None)
            } else {
                Vec::new()
            },
            region: levels.columns(&0),
            regions: Vec::new(),
            bends,
        }
    }

    fn bound(&self, (level, node): Node) -> Bound {
        let own = self.bounds.get(level).and_then(|level| level.get(node));
        own.copied().unwrap_or(Bound::FREE)
    }

    /// Finds all regions and their pulls.
    pub(super) fn solve(&mut self) {
        let mut open = self.given_regions();
        while let Some(region) = open.pop() {
            let Pulled { root, amount, .. } = self.regions[region];
            let pull = self.pull_of(root, amount);
            self.regions[region].pull = pull;
            if self.bends {
                open.extend(self.regions_at_bounds(region));
            }
        }
    }

    /// Starts a region at each top node and at each one that can have one amount only, and returns those to be solved.
    fn given_regions(&mut self) -> Vec<usize> {
        let mut open = Vec::new();
        for level in 0..self.levels.leaves() {
            for node in 0..self.levels.count(level) {
                let given = fixed(self.bound((level, node)));
                if given.is_some() || level == 0 {
                    self.region[level][node] = self.regions.len();
                    open.push(self.regions.len());
                    self.regions.push(Pulled {
                        root: (level, node),
                        amount: given.map_or(0, i128::from),
                        pull: Pull::NONE,
                    });
                }
            }
            self.hand_down(level);
        }
        // A top node that nothing is asked of moves only as far as the bounds below it push.
        for node in 0..self.levels.count(0) {
            if fixed(self.bound((0, node))).is_none() {
                let line = self.line((0, node), Pull::NONE);
                let bound = self.bound((0, node));
                let limits = (bound.minimum(), bound.maximum());
                let region = self.region[0][node];
                self.regions[region].amount = match limits {
                    (Some(least), _) if line.fixed < i128::from(least) => least.into(),
                    (_, Some(most)) if line.fixed > i128::from(most) => most.into(),
                    _ => line.fixed,
                };
            }
        }
        open
    }

    /// Gives the members of a level the regions of their nodes, and says what those that start one add.
    fn hand_down(&mut self, level: usize) {
        for node in 0..self.levels.count(level) {
            let region = self.region[level][node];
            let Pulled { root, amount, .. } = self.regions[region];
            if root == (level, node) && level > 0 {
                self.lines[level][node] = Line {
                    fixed: amount,
                    weight: 0,
                };
            }
            if level + 1 < self.levels.leaves() {
                for member in self.levels.members(level, node) {
                    self.region[level + 1][member] = region;
                }
            }
        }
    }

    /// Returns the pull at which the region below a node holds an amount, with the lines at that pull left behind.
    fn pull_of(&mut self, root: Node, amount: i128) -> Pull {
        let (mut below, mut above) = (None, None);
        let mut pull = Pull::NONE;
        for _ in 0..STEPS {
            let line = self.line(root, pull);
            let straight = line.pull_to(amount);
            match line.compare(pull, amount) {
                Ordering::Equal => return straight.unwrap_or(pull),
                _ if !self.bends => return straight.unwrap_or(pull),
                Ordering::Less => below = Some(pull),
                Ordering::Greater => above = Some(pull),
            }
            match straight.filter(|next| inside(*next, below, above)) {
                Some(next) => pull = next,
                None => break,
            }
        }
        self.search(root, amount, (below, above))
    }

    /// Returns what the region below a node holds near a pull, and leaves behind what each node of it adds.
    fn line(&mut self, root: Node, pull: Pull) -> Line {
        let last = self.levels.leaves() - 1;
        let fast = if self.bends {
            Fast::new(pull, self.most)
        } else {
            None
        };
        let runs = self.runs(root);
        let region = self.region[root.0][root.1];
        for level in (root.0 + 1..=last).rev() {
            // Without bends the sums of leaves are the lines already.
            if level == last && !self.bends {
                continue;
            }
            for node in runs[level - root.0].clone() {
                if self.region[level][node] == region {
                    let line = self.own_line((level, node), pull, fast);
                    self.lines[level][node] = self.bent((level, node), line, pull);
                }
            }
        }
        // What a root adds to a node above it is the amount that it was given; one at the top has none above it.
        let own = self.own_line(root, pull, fast);
        if root.0 == 0 {
            self.lines[0][root.1] = own;
        }
        own
    }

    /// Returns the nodes of each level below a node, from its own down to the last above the leaves.
    fn runs(&self, (level, node): Node) -> Vec<Range<usize>> {
        let own = node..node + 1;
        let mut runs = vec![own];
        for level in level..self.levels.leaves() - 1 {
            let below = self.levels.below(level, &runs[runs.len() - 1]);
            runs.push(below);
        }
        runs
    }

    /// Returns what the members of a node hold, from what they were found to add.
    fn own_line(&self, (level, node): Node, pull: Pull, fast: Option<Fast>) -> Line {
        let members = self.levels.members(level, node);
        if level + 1 == self.levels.leaves() {
            let leaves = self.leaves(members);
            return if self.lowest.is_empty() {
                leaves.totals(&mut Magnitudes::default())
            } else {
                leaves.line(pull, fast)
            };
        }
        let mut sum = Line::default();
        for line in &self.lines[level + 1][members] {
            sum.fixed += line.fixed;
            sum.weight += line.weight;
        }
        sum
    }

    pub(super) fn leaves(&self, run: Range<usize>) -> Leaves<'a, W> {
        let limits = |limits: &'a [i64]| limits.get(run.clone()).unwrap_or_default();
        Leaves {
            draft: &self.draft[run.clone()],
            weight: &self.weights[run.clone()],
            lowest: limits(self.lowest),
            highest: limits(self.highest),
        }
    }

    /// Returns what a node adds: its bound where its members would leave it.
    fn bent(&mut self, (level, node): Node, line: Line, pull: Pull) -> Line {
        let bound = self.bound((level, node));
        let passed = |limit: Option<i64>, side| {
            limit.filter(|limit| line.compare(pull, (*limit).into()) == side)
        };
        let at = passed(bound.minimum(), Ordering::Less)
            .or_else(|| passed(bound.maximum(), Ordering::Greater));
        if self.bends {
            self.bound_at[level][node] = at;
        }
        match at {
            Some(limit) => Line {
                fixed: limit.into(),
                weight: 0,
            },
            None => line,
        }
    }

    /// Makes a region of each node of a solved one that was found at a bound, and returns those.
    fn regions_at_bounds(&mut self, region: usize) -> Vec<usize> {
        let root = self.regions[region].root;
        let mut found = Vec::new();
        let runs = self.runs(root);
        for (level, run) in (root.0 + 1..self.levels.leaves()).zip(&runs[1..]) {
            for node in run.clone() {
                // One below a node at a bound belongs to the region of that one by now.
                if self.region[level][node] != region {
                    continue;
                }
                if let Some(bound) = self.bound_at[level][node].take() {
                    self.begin((level, node), region, bound.into());
                    found.push(self.regions.len() - 1);
                }
            }
        }
        found
    }

    /// Begins a region at a node of another one.
    fn begin(&mut self, root: Node, of: usize, amount: i128) {
        let region = self.regions.len();
        for (level, run) in (root.0..self.levels.leaves()).zip(self.runs(root)) {
            for own in &mut self.region[level][run] {
                if *own == of {
                    *own = region;
                }
            }
        }
        self.regions.push(Pulled {
            root,
            amount,
            pull: Pull::NONE,
        });
    }

    /// Finds the pull by halving the bends that are left: those of the leaves first, then level by level of the nodes above,
    /// whose bends are where their members, straight by then, reach a bound.
    fn search(
        &mut self,
        root: Node,
        amount: i128,
        mut bracket: (Option<Pull>, Option<Pull>),
    ) -> Pull {
        let mut level = self.levels.leaves();
        while level > root.0 {
            let mut bends = self.bends_of(root, level, bracket);
            while !bends.is_empty() {
                let middle = bends.len() / 2;
                let pull = *bends.select_nth_unstable_by(middle, |a, b| a.compare(*b)).1;
                let line = self.line(root, pull);
                match line.compare(pull, amount) {
                    Ordering::Equal => return line.pull_to(amount).unwrap_or(pull),
                    Ordering::Less => bracket.0 = Some(pull),
                    Ordering::Greater => bracket.1 = Some(pull),
                }
                bends.retain(|bend| inside(*bend, bracket.0, bracket.1));
            }
            level -= 1;
        }
        let pull = Pull::between(bracket.0, bracket.1);
        self.line(root, pull).pull_to(amount).unwrap_or(pull)
    }

    /// Returns the pulls inside a bracket at which leaves or nodes of one level come to a bound.
    fn bends_of(
        &mut self,
        root: Node,
        level: usize,
        (below, above): (Option<Pull>, Option<Pull>),
    ) -> Vec<Pull> {
        let mut bends = Vec::new();
        let mut keep = |line: Line, limit: i64| {
            bends.extend(
                line.pull_to(limit.into())
                    .filter(|bend| inside(*bend, below, above)),
            );
        };
        let region = self.region[root.0][root.1];
        let runs = self.runs(root);
        if level == self.levels.leaves() {
            let parents = runs[runs.len() - 1].clone();
            for parent in parents.filter(|parent| self.region[level - 1][*parent] == region) {
                let leaves = self.leaves(self.levels.members(level - 1, parent));
                for leaf in 0..leaves.lowest.len() {
                    let line = Line {
                        fixed: leaves.draft[leaf].into(),
                        weight: leaves.weight[leaf].into(),
                    };
                    keep(line, leaves.lowest[leaf]);
                    keep(line, leaves.highest[leaf]);
                }
            }
            return bends;
        }
        let pull = Pull::between(below, above);
        self.line(root, pull);
        for node in runs[level - root.0].clone() {
            let bound = self.bound((level, node));
            if self.region[level][node] != region || (level, node) == root || bound == Bound::FREE {
                continue;
            }
            let line = self.own_line((level, node), pull, None);
            for limit in [bound.minimum(), bound.maximum()].into_iter().flatten() {
                keep(line, limit);
            }
        }
        bends
    }
}

fn inside(pull: Pull, below: Option<Pull>, above: Option<Pull>) -> bool {
    below.is_none_or(|below| below.compare(pull) == Ordering::Less)
        && above.is_none_or(|above| pull.compare(above) == Ordering::Less)
}

/// Returns the only amount that a bound admits, if there is one.
pub(super) fn fixed(bound: Bound) -> Option<i64> {
    bound
        .minimum()
        .filter(|least| bound.maximum() == Some(*least))
}

#[cfg(test)]
mod tests {
    use super::super::reach::Asked;
    use super::*;
    use crate::allocation::Nodes;
    use proptest::prelude::*;

    fn limits(size: i64) -> impl Strategy<Value = Bound> {
        prop_oneof![
            Just(Bound::FREE),
            (-size..size).prop_map(Bound::at_least),
            (-size..size).prop_map(Bound::at_most),
            (-size..size, 1..size)
                .prop_map(|(least, more)| Bound::between(least, least + more).unwrap()),
        ]
    }

    proptest! {
        #[test]
        fn steps_along_the_line_and_halving_its_bends_meet(
            leaves in prop::collection::vec((-40_i64..40, 0_u32..50, limits(60)), 12),
            groups in prop::collection::vec(limits(90), 4),
            at in -9_i64..9,
            parts in 1_u32..7,
        ) {
            let nodes = [Nodes::Even(2), Nodes::Even(2), Nodes::Even(3)];
            let draft: Vec<i64> = leaves.iter().map(|leaf| leaf.0).collect();
            // In parts, so that a pull of whole parts leads to a whole amount.
            let weights: Vec<u32> = leaves.iter().map(|leaf| leaf.1 * parts).collect();
            let end = |bound: Option<i64>, none: i64| bound.unwrap_or(none);
            let lowest: Vec<i64> = leaves.iter().map(|leaf| end(leaf.2.minimum(), i64::MIN)).collect();
            let highest: Vec<i64> = leaves.iter().map(|leaf| end(leaf.2.maximum(), i64::MAX)).collect();
            let levels = Levels::new(&nodes, draft.len()).unwrap();
            let bounds: [&[Bound]; 4] = [&[], &groups[..2], &groups, &[]];
            let mut most = Magnitudes { amounts: 127, ..Magnitudes::default() };
            let asked = Asked { levels: &levels, draft: &draft, bounds: &bounds };
            let totals = asked.totals(&weights, &mut most);
            let mut sweep = Sweep::new(&levels, (&draft, &weights), (&lowest, &highest), &bounds, (most, totals));
            sweep.given_regions();
            let pull = Pull { num: at.into(), den: parts.into() };
            let line = sweep.line((0, 0), pull);
            let amount = line.fixed + i128::try_from(line.weight).unwrap() * i128::from(at) / i128::from(parts);
            for found in [sweep.pull_of((0, 0), amount), sweep.search((0, 0), amount, (None, None))] {
                let line = sweep.line((0, 0), found);
                prop_assert_eq!(line.compare(found, amount), Ordering::Equal);
            }
        }
    }
}
