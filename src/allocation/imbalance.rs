//! Whether the members of each node add up to it.

use super::AllocationError;
use super::level::Nodes;

/// A node whose members do not add up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imbalance {
    node: usize,
    amount: i64,
    sum: i128,
}

impl Imbalance {
    /// Returns the node, by its place in the level.
    #[must_use]
    pub fn node(self) -> usize {
        self.node
    }

    /// Returns the amount of the node, in quanta.
    #[must_use]
    pub fn amount(self) -> i64 {
        self.amount
    }

    /// Returns the sum of its members, which may be of any size.
    #[must_use]
    pub fn sum(self) -> i128 {
        self.sum
    }
}

/// Returns all nodes of a level whose members do not add up to them.
///
/// ```
/// use quotaflow::allocation::{Nodes, imbalances};
/// let off = imbalances(&[100, -5], Nodes::Starts(&[0, 3, 5]), &[34, 33, 34, -4, -1])?;
/// assert_eq!((off.len(), off[0].node(), off[0].sum()), (1, 0, 101));
/// # Ok::<(), quotaflow::allocation::AllocationError>(())
/// ```
///
/// # Errors
/// [`AllocationError::LengthMismatch`] or [`AllocationError::UnorderedStarts`] when the columns do not belong together.
pub fn imbalances(
    amounts: &[i64],
    nodes: Nodes<'_>,
    shares: &[i64],
) -> Result<Vec<Imbalance>, AllocationError> {
    nodes.check(amounts.len(), shares.len())?;
    let mut found = Vec::new();
    for (node, amount) in amounts.iter().enumerate() {
        let sum = sum(&shares[nodes.span(node)]);
        if sum != i128::from(*amount) {
            found.push(Imbalance {
                node,
                amount: *amount,
                sum,
            });
        }
    }
    Ok(found)
}

/// Adds up in two halves of 32 bits, which vector code can do and which up to 2^31 members cannot overflow.
fn sum(shares: &[i64]) -> i128 {
    shares
        .chunks(1 << 31)
        .map(|shares| {
            let (mut high, mut low) = (0_i64, 0_i64);
            for share in shares {
                high += share >> 32;
                low += share & 0xFFFF_FFFF;
            }
            (i128::from(high) << 32) + i128::from(low)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sums_of_any_size_are_exact(shares: Vec<i64>) {
            prop_assert_eq!(sum(&shares), shares.iter().map(|share| i128::from(*share)).sum::<i128>());
        }
    }

    #[test]
    fn sums_beyond_the_range_are_reported_not_wrapped() {
        let off = imbalances(&[-2], Nodes::Even(2), &[i64::MAX, i64::MAX]).unwrap();
        assert_eq!(off[0].sum(), 2 * i128::from(i64::MAX));
        assert_eq!((off[0].node(), off[0].amount()), (0, -2));
        assert!(imbalances(&[1, 2], Nodes::Even(1), &[1]).is_err());
    }
}
