//! On which side of zero a cell is.

/// Whether a cell holds nothing above zero, by what its table and its lines total. The rule, and where it is not the same turned
/// round, stand with the [`TwoWay`](super::TwoWay) table, under "Signs".
pub(super) fn falls(table: i64, mut lines: impl Iterator<Item = i64>) -> bool {
    if table < 0 {
        lines.all(|line| line <= 0)
    } else {
        lines.any(|line| line < 0)
    }
}
