//! The limits of a host.

use serde::{Deserialize, Serialize};

use super::error::LimitError;
use super::size::Size;

/// The most that may be asked for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Rows of a table of subjects; 2,000,000 where nothing is said.
    pub rows: u64,
    /// Cells of a table; 40,000,000 where nothing is said.
    pub cells: u64,
    /// Nodes of a plan; 2,000,000 where nothing is said.
    pub nodes: u64,
    /// Steps of a search, by what it may need at worst; 4,000,000,000 where nothing is said: some seconds.
    pub steps: u64,
    /// Bytes of a result; 1 GiB where nothing is said.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: 2_000_000,
            cells: 40_000_000,
            nodes: 2_000_000,
            steps: 4_000_000_000,
            bytes: 1 << 30,
        }
    }
}

impl Limits {
    /// No limits at all, for a host that has seen to it itself.
    pub const NONE: Self = Self {
        rows: u64::MAX,
        cells: u64::MAX,
        nodes: u64::MAX,
        steps: u64::MAX,
        bytes: u64::MAX,
    };

    /// Returns the limits with another one for this.
    #[must_use]
    pub fn with(mut self, of: Size, most: u64) -> Self {
        *self.place(of) = most;
        self
    }

    /// Returns the most of this.
    #[must_use]
    pub fn most(mut self, of: Size) -> u64 {
        *self.place(of)
    }

    fn place(&mut self, of: Size) -> &mut u64 {
        match of {
            Size::Rows => &mut self.rows,
            Size::Cells => &mut self.cells,
            Size::Nodes => &mut self.nodes,
            Size::Steps => &mut self.steps,
            Size::Bytes => &mut self.bytes,
        }
    }

    /// Says whether so much may be asked for.
    ///
    /// # Errors
    /// [`LimitError`] if it is more than the limit.
    pub fn check(self, of: Size, needed: u128) -> Result<(), LimitError> {
        let most = self.most(of);
        if needed <= u128::from(most) {
            Ok(())
        } else {
            Err(LimitError { of, needed, most })
        }
    }

    /// Returns the product of some counts, or the largest number where it would be larger.
    #[must_use]
    pub fn product(counts: impl IntoIterator<Item = usize>) -> u128 {
        counts.into_iter().fold(1, |product: u128, count| {
            product.saturating_mul(count as u128)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_limit_is_allowed_and_one_more_is_not() {
        for of in [
            Size::Rows,
            Size::Cells,
            Size::Nodes,
            Size::Steps,
            Size::Bytes,
        ] {
            let limits = Limits::NONE.with(of, 10);
            assert_eq!(limits.check(of, 10), Ok(()));
            assert_eq!(
                limits.check(of, 11),
                Err(LimitError {
                    of,
                    needed: 11,
                    most: 10
                })
            );
        }
    }

    #[test]
    fn counts_beyond_all_numbers_are_still_a_count() {
        assert_eq!(Limits::product([usize::MAX; 5]), u128::MAX);
        assert_eq!(Limits::product([]), 1);
        assert_eq!(Limits::product([3, 0, 7]), 0);
    }

    #[test]
    fn a_document_names_only_what_it_changes() {
        let limits: Limits = serde_json::from_str(r#"{"rows": 5}"#).unwrap();
        assert_eq!(
            limits,
            Limits {
                rows: 5,
                ..Limits::default()
            }
        );
        assert!(serde_json::from_str::<Limits>(r#"{"row": 5}"#).is_err());
    }
}
