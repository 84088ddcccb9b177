//! Bands: a label for every number, without gap or overlap.

use std::ops::Bound;

use serde::{Deserialize, Serialize};

use super::{BandError, Interval, Owner};
use crate::quantity::Ratio;

/// One row of a table of bands, as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BandDef<T> {
    /// The numbers that it covers.
    pub range: Interval,
    /// What they get.
    pub gives: T,
}

impl<T> BandDef<T> {
    /// Returns the row.
    pub fn new(range: Interval, gives: T) -> Self {
        Self { range, gives }
    }
}

/// A table that gives every number exactly one label: grades, lights, tiers, steps.
///
/// The rows cover all numbers; two rows that leave a gap (75 to 89, then from 90) or that both claim a point cannot be
/// built. Rows may be written in any order and are kept from the lowest to the highest.
///
/// ```
/// use quotaflow::band::{BandDef, Bands};
/// use quotaflow::quantity::Ratio;
/// let rows = |yellow: &str| -> Result<_, quotaflow::band::BandError> {
///     Ok(vec![
///         BandDef::new("(.., 0.75)".parse()?, "red"),
///         BandDef::new(yellow.parse()?, "yellow"),
///         BandDef::new("[0.9, ..)".parse()?, "green"),
///     ])
/// };
/// let lights = Bands::new(rows("[0.75, 0.9)")?)?;
/// assert_eq!(*lights.of(Ratio::new(895, 1000)?), "yellow");
/// let gap = Bands::new(rows("[0.75, 0.89]")?).unwrap_err();
/// assert_eq!(gap.to_string(), "nothing covers the numbers between 0.89 and 0.9");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    try_from = "Vec<BandDef<T>>",
    into = "Vec<BandDef<T>>",
    bound(
        serialize = "T: Serialize + Clone",
        deserialize = "T: Deserialize<'de>"
    )
)]
pub struct Bands<T> {
    // One more label than edges: labels[i] lies below edges[i].
    edges: Vec<(Ratio, Owner)>,
    labels: Vec<T>,
}

impl<T> Bands<T> {
    /// The most rows of a table.
    pub const MAX_ROWS: usize = 1_000;

    /// Checks and keeps the rows.
    ///
    /// # Errors
    /// [`BandError::NoBands`], [`BandError::Gap`], [`BandError::Overlap`], [`BandError::TooMany`].
    pub fn new(mut rows: Vec<BandDef<T>>) -> Result<Self, BandError> {
        if rows.len() > Self::MAX_ROWS {
            return Err(BandError::TooMany {
                count: rows.len(),
                limit: Self::MAX_ROWS,
            });
        }
        rows.sort_by(|left, right| left.range.by_lower_end(&right.range));
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Err(BandError::NoBands);
        };
        if let Bound::Included(at) | Bound::Excluded(at) = first.range.lower() {
            return Err(BandError::Gap {
                from: None,
                to: Some(at),
            });
        }
        if let Bound::Included(at) | Bound::Excluded(at) = last.range.upper() {
            // A row that ends later but starts earlier is an overlap, found below; only the true end is a gap.
            let open = rows.iter().any(|row| row.range.upper() == Bound::Unbounded);
            if !open {
                return Err(BandError::Gap {
                    from: Some(at),
                    to: None,
                });
            }
        }
        let mut edges = Vec::with_capacity(rows.len() - 1);
        for pair in rows.windows(2) {
            edges.push(edge_between(&pair[0].range, &pair[1].range)?);
        }
        Ok(Self {
            edges,
            labels: rows.into_iter().map(|row| row.gives).collect(),
        })
    }

    /// Returns the table with one label below the first edge and one from each edge on; `owner` says to which side
    /// every edge belongs.
    ///
    /// # Errors
    /// [`BandError::NotRising`] unless the edges rise; [`BandError::TooMany`].
    pub fn from_edges(first: T, edges: Vec<(Ratio, T)>, owner: Owner) -> Result<Self, BandError> {
        if edges.len() >= Self::MAX_ROWS {
            return Err(BandError::TooMany {
                count: edges.len() + 1,
                limit: Self::MAX_ROWS,
            });
        }
        if let Some(pair) = edges.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return Err(BandError::NotRising {
                left: pair[0].0,
                right: pair[1].0,
            });
        }
        let mut labels = vec![first];
        let mut kept = Vec::with_capacity(edges.len());
        for (at, label) in edges {
            kept.push((at, owner));
            labels.push(label);
        }
        Ok(Self {
            edges: kept,
            labels,
        })
    }

    /// Returns the label of a number.
    #[must_use]
    pub fn of(&self, value: Ratio) -> &T {
        &self.labels[self.position(value)]
    }

    /// Returns the row that covers a number: its label with all numbers that get it.
    ///
    /// ```
    /// use quotaflow::band::{Bands, Owner};
    /// use quotaflow::quantity::Ratio;
    /// let grades = Bands::from_edges("C", vec![(Ratio::from(75), "B"), (Ratio::from(90), "A")], Owner::Upper)?;
    /// let row = grades.row(Ratio::from(80));
    /// assert_eq!((*row.gives, row.range.to_string().as_str()), ("B", "[75, 90)"));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    #[must_use]
    pub fn row(&self, value: Ratio) -> BandDef<&T> {
        let position = self.position(value);
        BandDef::new(self.range(position), &self.labels[position])
    }

    /// Returns the rows from the lowest to the highest.
    #[must_use]
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = BandDef<&T>> + ExactSizeIterator {
        let labels = self.labels.iter().enumerate();
        labels.map(|(position, label)| BandDef::new(self.range(position), label))
    }

    /// Returns the place of a number's label, from the lowest, 0.
    pub(crate) fn position(&self, value: Ratio) -> usize {
        self.edges
            .partition_point(|(at, owner)| *at < value || (*at == value && *owner == Owner::Upper))
    }

    /// Returns the labels from the lowest to the highest.
    #[must_use]
    pub fn labels(&self) -> &[T] {
        &self.labels
    }

    /// Returns the edges between the labels, each with the side to which it belongs.
    #[must_use]
    pub fn edges(&self) -> &[(Ratio, Owner)] {
        &self.edges
    }

    /// Returns how many rows there are; at least one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Says whether there is no row, which cannot be.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Returns the numbers that the label in this place covers; all numbers where there is none.
    fn range(&self, position: usize) -> Interval {
        let lower = match position
            .checked_sub(1)
            .and_then(|below| self.edges.get(below))
        {
            None => Bound::Unbounded,
            Some((at, Owner::Upper)) => Bound::Included(*at),
            Some((at, Owner::Lower)) => Bound::Excluded(*at),
        };
        let upper = match self.edges.get(position) {
            None => Bound::Unbounded,
            Some((at, Owner::Upper)) => Bound::Excluded(*at),
            Some((at, Owner::Lower)) => Bound::Included(*at),
        };
        Interval { lower, upper }
    }

    /// Returns the table with other labels over the same ranges.
    #[must_use]
    pub fn map<U>(&self, label: impl FnMut(&T) -> U) -> Bands<U> {
        Bands {
            edges: self.edges.clone(),
            labels: self.labels.iter().map(label).collect(),
        }
    }
}

fn edge_between(low: &Interval, high: &Interval) -> Result<(Ratio, Owner), BandError> {
    let overlap = |at| BandError::Overlap {
        low: low.to_string(),
        high: high.to_string(),
        at,
    };
    let (start, starts_in) = match high.lower() {
        Bound::Included(at) => (at, true),
        Bound::Excluded(at) => (at, false),
        // Two rows without a lower end.
        Bound::Unbounded => return Err(overlap(None)),
    };
    let (stop, stops_in) = match low.upper() {
        Bound::Included(at) => (at, true),
        Bound::Excluded(at) => (at, false),
        Bound::Unbounded => return Err(overlap(Some(start))),
    };
    if stop < start {
        return Err(BandError::Gap {
            from: Some(stop),
            to: Some(start),
        });
    }
    match (stops_in, starts_in) {
        _ if stop > start => Err(overlap(Some(start))),
        (true, true) => Err(overlap(Some(start))),
        (false, false) => Err(BandError::Gap {
            from: Some(stop),
            to: Some(start),
        }),
        (true, false) => Ok((start, Owner::Lower)),
        (false, true) => Ok((start, Owner::Upper)),
    }
}

impl<T> TryFrom<Vec<BandDef<T>>> for Bands<T> {
    type Error = BandError;

    fn try_from(rows: Vec<BandDef<T>>) -> Result<Self, BandError> {
        Self::new(rows)
    }
}

impl<T> From<Bands<T>> for Vec<BandDef<T>> {
    fn from(bands: Bands<T>) -> Self {
        let ranges: Vec<Interval> = bands.rows().map(|row| row.range).collect();
        ranges
            .into_iter()
            .zip(bands.labels)
            .map(|(range, gives)| BandDef { range, gives })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bands(rows: &[&str]) -> Result<Bands<usize>, BandError> {
        Bands::new(
            rows.iter()
                .enumerate()
                .map(|(place, range)| BandDef::new(range.parse().unwrap(), place))
                .collect(),
        )
    }

    #[test]
    fn every_hole_and_every_double_claim_is_refused() {
        let cases = [
            (
                &["(.., 0.75)", "[0.75, 0.89]", "[0.9, ..)"][..],
                "nothing covers the numbers between 0.89 and 0.9",
            ),
            (&["(.., 1)", "(1, ..)"], "nothing covers the number 1"),
            (
                &["(.., 1]", "[1, ..)"],
                "`(.., 1]` and `[1, ..)` both claim 1",
            ),
            (
                &["(.., 2)", "[1, ..)"],
                "`(.., 2)` and `[1, ..)` both claim 1",
            ),
            (
                &["(.., ..)", "[1, 2)"],
                "`(.., ..)` and `[1, 2)` both claim 1",
            ),
            (
                &["(.., 1)", "(.., 2)", "[2, ..)"],
                "`(.., 1)` and `(.., 2)` overlap",
            ),
            (&["[0, ..)"], "nothing covers the numbers below 0"),
            (&["(.., 5]"], "nothing covers the numbers above 5"),
            (&[], "there are no bands"),
        ];
        for (rows, message) in cases {
            assert_eq!(bands(rows).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn edges_belong_where_they_are_written() {
        let table = bands(&["[10, ..)", "(.., 5]", "(5, 10)"]).unwrap();
        let at = |value: i64| *table.of(Ratio::from(value));
        assert_eq!([at(5), at(6), at(10)], [1, 2, 0]);
        assert_eq!(
            table.edges(),
            [
                (Ratio::from(5), Owner::Lower),
                (Ratio::from(10), Owner::Upper)
            ]
        );
        let point = bands(&["(.., 0)", "[0, 0]", "(0, ..)"]).unwrap();
        assert_eq!(
            [-1, 0, 1].map(|value| *point.of(Ratio::from(value))),
            [0, 1, 2]
        );
    }

    #[test]
    fn a_table_reads_back() {
        let table = bands(&["(.., 5]", "(5, 10)", "[10, ..)"]).unwrap();
        let text = serde_json::to_string(&table).unwrap();
        assert_eq!(serde_json::from_str::<Bands<usize>>(&text).unwrap(), table);
        assert!(serde_json::from_str::<Bands<usize>>("[]").is_err());
    }

    proptest! {
        #[test]
        fn every_number_is_in_exactly_one_range(edges in proptest::collection::btree_set(-50_i64..50, 0..8), owner: bool, value in -60_i64..60) {
            let owner = if owner { Owner::Lower } else { Owner::Upper };
            let labelled = edges.iter().zip(1_usize..).map(|(at, label)| (Ratio::from(*at), label)).collect();
            let table = Bands::from_edges(0, labelled, owner).unwrap();
            let value = Ratio::new(i128::from(value), 1).unwrap();
            let holders: Vec<usize> = table.rows().filter(|row| row.range.contains(value)).map(|row| *row.gives).collect();
            prop_assert_eq!(&holders, &vec![*table.of(value)]);
            let rows: Vec<BandDef<usize>> = table.clone().into();
            prop_assert_eq!(Bands::new(rows.into_iter().rev().collect()).unwrap(), table);
        }
    }
}
