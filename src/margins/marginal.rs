//! One side of a table: a hierarchy with totals prescribed at any of its nodes.

use super::stratum::Stratum;
use serde::{Deserialize, Serialize};

use super::MarginsError;

/// A node of a [`Marginal`]: where it hangs, what it has to total, and what it totals at least and at most.
///
/// Nodes without children are the rows (or columns) of the table, in the order in which they are declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<i64>,
}

impl Node {
    /// Returns a node with no parent and no prescribed total.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Returns a node below the node of this index, with no prescribed total.
    #[must_use]
    pub fn under(parent: usize) -> Self {
        Self {
            parent: Some(parent),
            ..Self::default()
        }
    }

    /// Returns the node with this total prescribed, in quanta.
    #[must_use]
    pub fn totalling(self, total: i64) -> Self {
        Self {
            total: Some(total),
            ..self
        }
    }

    /// Returns the node with this least total, in quanta.
    ///
    /// ```
    /// use quotaflow::margins::{Closing, Marginal, MarginsError, Node, Seed, TwoWay};
    /// // Two regions and three products: of the third product at least 30, of the first at most 40.
    /// let products = vec![Node::root().at_most(40), Node::root(), Node::root().at_least(30)];
    /// let weights = Seed::counts(2, 3, &[5, 2, 1, 5, 2, 1])?;
    /// let stated = TwoWay::new(weights, Marginal::flat([60, 60])?, Marginal::tree(products)?)?;
    /// let table = stated.solve(Closing::default())?.into_table();
    /// let column = |column| table.cell(0, column) + table.cell(1, column);
    /// assert_eq!([column(0), column(1), column(2)], [40, 50, 30]);
    /// # Ok::<(), MarginsError>(())
    /// ```
    #[must_use]
    pub fn at_least(self, min: i64) -> Self {
        Self {
            min: Some(min),
            ..self
        }
    }

    /// Returns the node with this greatest total, in quanta.
    #[must_use]
    pub fn at_most(self, max: i64) -> Self {
        Self {
            max: Some(max),
            ..self
        }
    }

    /// Returns what the node totals at least, in quanta, if that is bounded.
    #[must_use]
    pub fn minimum(&self) -> Option<i64> {
        self.min
    }

    /// Returns what the node totals at most, in quanta, if that is bounded.
    #[must_use]
    pub fn maximum(&self) -> Option<i64> {
        self.max
    }

    pub(super) fn is_bounded(&self) -> bool {
        self.min.is_some() || self.max.is_some()
    }

    pub(super) fn unbounded(self) -> Self {
        Self {
            min: None,
            max: None,
            ..self
        }
    }

    /// Returns the index of the node above, if there is one.
    #[must_use]
    pub fn parent(&self) -> Option<usize> {
        self.parent
    }

    /// Returns the prescribed total in quanta, if there is one.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        self.total
    }
}

/// The rows, or the columns, of a table: a tree (or several) whose leaves are the lines of the table, with totals
/// prescribed at any of its nodes, in quanta.
///
/// Prescribing totals on nested nodes is the same as prescribing disjoint *parts*: every line belongs to the lowest
/// prescribed node above it, and the part of a node is its total less the totals of the prescribed nodes nearest below.
/// Lines below no prescribed node form one last, free part. Nodes may be bounded as well
/// ([`Node::at_least`], [`Node::at_most`]).
///
/// ```
/// use quotaflow::margins::{Node, Marginal};
/// // A region of 100 with three people, one of whom has a total of her own.
/// let people = Marginal::tree(vec![
///     Node::root().totalling(100),
///     Node::under(0).totalling(40),
///     Node::under(0),
///     Node::under(0),
/// ])?;
/// assert_eq!(people.lines(), 3);
/// assert_eq!(people.total(), Some(100));
/// assert_eq!(people.strata()[0].total(), Some(40));
/// assert_eq!(people.strata()[1].total(), Some(60));
/// # Ok::<(), quotaflow::margins::MarginsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawMarginal", into = "RawMarginal")]
pub struct Marginal {
    nodes: Vec<Node>,
    /// The node of each line.
    leaves: Vec<usize>,
    /// The part of each line.
    stratum_of: Vec<usize>,
    parts: Vec<Stratum>,
    total: Option<i64>,
    /// The total of each node as far as prescriptions at and below it decide it.
    known: Vec<Option<i64>>,
}

impl Marginal {
    /// The most nodes of a side.
    pub const MAX_NODES: usize = 1 << 22;

    /// Returns a side without hierarchy: one line for each total, in quanta.
    ///
    /// # Errors
    /// As [`Marginal::tree`].
    pub fn flat(totals: impl IntoIterator<Item = i64>) -> Result<Self, MarginsError> {
        Self::tree(
            totals
                .into_iter()
                .map(|total| Node::root().totalling(total))
                .collect(),
        )
    }

    /// Returns a side of this many lines with nothing prescribed.
    ///
    /// # Errors
    /// As [`Marginal::tree`].
    pub fn free(lines: usize) -> Result<Self, MarginsError> {
        if lines > Self::MAX_NODES {
            return Err(MarginsError::TooLarge {
                size: lines,
                limit: Self::MAX_NODES,
            });
        }
        Self::tree(vec![Node::root(); lines])
    }

    /// Returns the side with these nodes. A parent is declared before its children.
    ///
    /// # Errors
    /// [`MarginsError::NoLines`], [`MarginsError::TooLarge`], [`MarginsError::ParentNotBefore`],
    /// [`MarginsError::NodeDisagrees`] when the totals prescribed below a node cannot make its own: with a positive total,
    /// when they leave less than nothing for the lines that have none (more than nothing with a negative one);
    /// [`MarginsError::TotalOutOfRange`].
    pub fn tree(nodes: Vec<Node>) -> Result<Self, MarginsError> {
        if nodes.is_empty() {
            return Err(MarginsError::NoLines);
        }
        if nodes.len() > Self::MAX_NODES {
            return Err(MarginsError::TooLarge {
                size: nodes.len(),
                limit: Self::MAX_NODES,
            });
        }
        let mut has_children = vec![false; nodes.len()];
        for (index, node) in nodes.iter().enumerate() {
            match node.parent {
                Some(parent) if parent >= index => {
                    return Err(MarginsError::ParentNotBefore {
                        node: index,
                        parent,
                    });
                }
                Some(parent) => has_children[parent] = true,
                None => {}
            }
            if [node.total, node.min, node.max].contains(&Some(i64::MIN)) {
                // It has no opposite.
                return Err(MarginsError::TotalOutOfRange);
            }
        }
        let leaves: Vec<usize> = (0..nodes.len())
            .filter(|node| !has_children[*node])
            .collect();
        let mut side = Self {
            stratum_of: Vec::new(),
            parts: Vec::new(),
            total: None,
            known: known_totals(&nodes, &has_children)?,
            leaves,
            nodes,
        };
        side.divide_into_parts()?;
        Ok(side)
    }

    /// Returns how many rows (or columns) the side has.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.leaves.len()
    }

    /// Returns the nodes, in declared order.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Returns the index of the node that each line is.
    #[must_use]
    pub fn leaves(&self) -> &[usize] {
        &self.leaves
    }

    /// Returns the disjoint parts that the prescribed totals amount to.
    #[must_use]
    pub fn strata(&self) -> &[Stratum] {
        &self.parts
    }

    /// Returns the index of the part that a line belongs to.
    #[must_use]
    pub fn stratum_of(&self, line: usize) -> Option<usize> {
        self.stratum_of.get(line).copied()
    }

    /// Returns the total of the whole side in quanta, if what is prescribed decides it.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        self.total
    }

    /// The same side with every total turned round.
    pub(super) fn mirrored(&self) -> Self {
        let turn = |total: Option<i64>| total.map(|total| -total);
        let mut side = self.clone();
        for node in &mut side.nodes {
            node.total = turn(node.total);
            (node.min, node.max) = (turn(node.max), turn(node.min));
        }
        for part in &mut side.parts {
            part.total = turn(part.total);
        }
        side.total = turn(side.total);
        for known in &mut side.known {
            *known = turn(*known);
        }
        side
    }

    /// Whether some node has a minimum or a maximum.
    pub(super) fn is_bounded(&self) -> bool {
        self.nodes.iter().any(Node::is_bounded)
    }

    pub(super) fn stratum_ids(&self) -> &[usize] {
        &self.stratum_of
    }

    /// The total of each node where prescriptions at or below it decide it.
    pub(super) fn known(&self) -> &[Option<i64>] {
        &self.known
    }

    /// Whether every line is a part of its own, in order: the plain case of a table with prescribed lines.
    pub(super) fn is_line_by_line(&self) -> bool {
        self.total.is_some()
            && self.parts.len() == self.leaves.len()
            && self
                .stratum_of
                .iter()
                .enumerate()
                .all(|(line, part)| line == *part)
    }

    /// Adds up the lines of each node; the lines' own values stand at their nodes.
    ///
    /// # Errors
    /// [`MarginsError::TotalOutOfRange`].
    pub(super) fn node_sums(&self, lines: &[i64]) -> Result<Vec<i64>, MarginsError> {
        let mut sums = vec![0_i64; self.nodes.len()];
        for (leaf, value) in self.leaves.iter().zip(lines) {
            sums[*leaf] = *value;
        }
        for node in (0..self.nodes.len()).rev() {
            if let Some(parent) = self.nodes[node].parent {
                sums[parent] = sums[parent]
                    .checked_add(sums[node])
                    .ok_or(MarginsError::TotalOutOfRange)?;
            }
        }
        Ok(sums)
    }

    fn divide_into_parts(&mut self) -> Result<(), MarginsError> {
        let count = self.nodes.len();
        // The lowest prescribed node at or above each node.
        let mut binding: Vec<Option<usize>> = vec![None; count];
        let mut below = vec![0_i128; count];
        let mut except: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (index, node) in self.nodes.iter().enumerate() {
            let above = node.parent.and_then(|parent| binding[parent]);
            binding[index] = above;
            if let Some(total) = node.total {
                binding[index] = Some(index);
                if let Some(above) = above {
                    below[above] += i128::from(total);
                    except[above].push(index);
                }
            }
        }
        let mut part_at: Vec<Option<usize>> = vec![None; count];
        let mut free = None;
        for leaf in &self.leaves {
            let slot = match binding[*leaf] {
                Some(node) => &mut part_at[node],
                None => &mut free,
            };
            let part = *slot.get_or_insert_with(|| {
                self.parts.push(Stratum {
                    node: binding[*leaf],
                    except: binding[*leaf].map_or_else(Vec::new, |node| except[node].clone()),
                    total: None,
                });
                self.parts.len() - 1
            });
            self.stratum_of.push(part);
        }
        for (index, node) in self.nodes.iter().enumerate() {
            let Some(total) = node.total else { continue };
            let rest = i128::from(total) - below[index];
            let possible = match part_at[index] {
                Some(_) => rest == 0 || rest.signum() == i128::from(total).signum(),
                None => rest == 0,
            };
            if !possible {
                return Err(MarginsError::NodeDisagrees {
                    node: index,
                    total,
                    below: below[index],
                });
            }
            if let Some(part) = part_at[index] {
                let rest = i64::try_from(rest).map_err(|_| MarginsError::TotalOutOfRange)?;
                self.parts[part].total = Some(rest);
            }
        }
        if free.is_none() {
            let sum: i128 = self
                .parts
                .iter()
                .map(|part| i128::from(part.total.unwrap_or(0)))
                .sum();
            self.total = Some(i64::try_from(sum).map_err(|_| MarginsError::TotalOutOfRange)?);
        }
        Ok(())
    }
}

/// The total of each node that its own or its children's prescriptions decide.
fn known_totals(nodes: &[Node], has_children: &[bool]) -> Result<Vec<Option<i64>>, MarginsError> {
    let mut below: Vec<Option<i64>> = has_children
        .iter()
        .map(|parent| parent.then_some(0))
        .collect();
    for (index, node) in nodes.iter().enumerate().rev() {
        if node.total.is_some() {
            below[index] = node.total;
        }
        if let Some(parent) = node.parent {
            below[parent] = match (below[parent], below[index]) {
                (Some(sum), Some(total)) => Some(
                    sum.checked_add(total)
                        .ok_or(MarginsError::TotalOutOfRange)?,
                ),
                _ => None,
            };
        }
    }
    Ok(below)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMarginal {
    nodes: Vec<Node>,
}

impl TryFrom<RawMarginal> for Marginal {
    type Error = MarginsError;

    fn try_from(raw: RawMarginal) -> Result<Self, MarginsError> {
        Self::tree(raw.nodes)
    }
}

impl From<Marginal> for RawMarginal {
    fn from(side: Marginal) -> Self {
        Self { nodes: side.nodes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_totals_become_disjoint_parts() {
        // company 100: north 60 (a 10, b, c), south (d 15, e)
        let side = Marginal::tree(vec![
            Node::root().totalling(100),
            Node::under(0).totalling(60),
            Node::under(0),
            Node::under(1).totalling(10),
            Node::under(1),
            Node::under(1),
            Node::under(2).totalling(15),
            Node::under(2),
        ])
        .unwrap();
        let totals: Vec<_> = side.strata().iter().map(Stratum::total).collect();
        assert_eq!(totals, [Some(10), Some(50), Some(15), Some(25)]);
        assert_eq!(side.stratum_ids(), [0, 1, 1, 2, 3]);
        assert_eq!(side.strata()[3].except(), [1, 6]);
        assert_eq!(side.total(), Some(100));
        assert_eq!(side.known()[2], None);
    }

    #[test]
    fn totals_that_cannot_nest_are_refused_with_both() {
        let over = Marginal::tree(vec![
            Node::root().totalling(10),
            Node::under(0).totalling(11),
            Node::under(0),
        ]);
        assert_eq!(
            over,
            Err(MarginsError::NodeDisagrees {
                node: 0,
                total: 10,
                below: 11
            })
        );
        let under = Marginal::tree(vec![
            Node::root().totalling(10),
            Node::under(0).totalling(9),
        ]);
        assert!(matches!(
            under,
            Err(MarginsError::NodeDisagrees { below: 9, .. })
        ));
    }

    #[test]
    fn shapes_that_are_no_tree_are_refused() {
        assert_eq!(Marginal::tree(vec![]), Err(MarginsError::NoLines));
        assert_eq!(
            Marginal::tree(vec![Node::under(0)]),
            Err(MarginsError::ParentNotBefore { node: 0, parent: 0 })
        );
        assert_eq!(
            Marginal::flat([i64::MAX, 1]),
            Err(MarginsError::TotalOutOfRange)
        );
    }

    #[test]
    fn a_side_without_prescriptions_has_one_free_part() {
        let side = Marginal::free(3).unwrap();
        assert_eq!(side.total(), None);
        assert_eq!(side.strata().len(), 1);
        assert_eq!(side.strata()[0].node(), None);
    }

    #[test]
    fn a_document_goes_through_the_same_door() {
        let side: Marginal =
            serde_json::from_str(r#"{"nodes":[{"total":5},{"parent":0},{"parent":0}]}"#).unwrap();
        assert_eq!(side.lines(), 2);
        let text = serde_json::to_string(&side).unwrap();
        assert_eq!(serde_json::from_str::<Marginal>(&text).unwrap(), side);
        assert!(serde_json::from_str::<Marginal>(r#"{"nodes":[{"total":5,"parent":0}]}"#).is_err());
    }
}
