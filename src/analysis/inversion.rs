//! Price inversion between tiers (价格倒挂): a lower tier trades below what the tier above it paid.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;

use super::AnalysisError;
use crate::key::{Key, nearest};
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Panel, Reason};
use crate::quantity::Quantum;

/// A price that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceSeen {
    /// What was sold.
    pub product: Key,
    /// The tier that sold it: wholesale, second tier, retail.
    pub tier: Key,
    /// When.
    pub day: NaiveDate,
    /// The price, in the smallest unit of its currency.
    pub price: i64,
}

/// Two prices that are upside down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inversion {
    /// The product.
    pub product: Key,
    /// The tier above.
    pub above: Key,
    /// The tier below, which should be dearer.
    pub below: Key,
    /// The position of the highest price of the tier above.
    pub highest: usize,
    /// The position of the lowest price of the tier below.
    pub lowest: usize,
    /// By how much the one lies below the other: positive.
    pub by: i64,
}

/// Returns, product by product, every pair of tiers of which the lower one was seen below the highest price of the one
/// above, in the order of `tiers` from the top. Of equal prices the earlier one in the list is named.
///
/// ```
/// use quotaflow::analysis::{PriceSeen, inversions};
/// use quotaflow::key::Key;
/// let tiers = ["wholesale", "second_tier", "retail"].map(Key::new).into_iter().collect::<Result<Vec<_>, _>>()?;
/// let seen = |tier: usize, price| PriceSeen { product: tiers[0].clone(), tier: tiers[tier].clone(), day: Default::default(), price };
/// let found = inversions(&tiers, &[seen(0, 900), seen(1, 1000), seen(1, 850), seen(2, 1200)])?;
/// assert_eq!((found.len(), found[0].lowest, found[0].by), (1, 2, 50));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`AnalysisError::Unknown`] for a tier that is not listed, [`AnalysisError::Duplicate`] for one that is listed twice.
pub fn inversions(tiers: &[Key], seen: &[PriceSeen]) -> Result<Vec<Inversion>, AnalysisError> {
    for (at, tier) in tiers.iter().enumerate() {
        if tiers[..at].contains(tier) {
            return Err(AnalysisError::Duplicate {
                what: "tier",
                key: tier.clone(),
            });
        }
    }
    // By product and tier: the positions of the lowest and of the highest price.
    let mut extremes: BTreeMap<&Key, Vec<Option<(usize, usize)>>> = BTreeMap::new();
    for (at, price) in seen.iter().enumerate() {
        let tier = tiers.iter().position(|tier| *tier == price.tier);
        let tier = tier.ok_or_else(|| AnalysisError::Unknown {
            what: "tier",
            name: price.tier.clone(),
            nearest: nearest(price.tier.as_str(), tiers.iter().map(Key::as_str)).map(str::to_owned),
        })?;
        let own = extremes
            .entry(&price.product)
            .or_insert_with(|| vec![None; tiers.len()]);
        let (low, high) = own[tier].unwrap_or((at, at));
        let low = if price.price < seen[low].price {
            at
        } else {
            low
        };
        let high = if price.price > seen[high].price {
            at
        } else {
            high
        };
        own[tier] = Some((low, high));
    }
    let mut found = Vec::new();
    for (product, own) in extremes {
        for above in 0..tiers.len() {
            for below in above + 1..tiers.len() {
                let (Some((_, highest)), Some((lowest, _))) = (own[above], own[below]) else {
                    continue;
                };
                let by = seen[highest].price.saturating_sub(seen[lowest].price);
                if by > 0 {
                    found.push(Inversion {
                        product: product.clone(),
                        above: tiers[above].clone(),
                        below: tiers[below].clone(),
                        highest,
                        lowest,
                        by,
                    });
                }
            }
        }
    }
    Ok(found)
}

/// Returns the column `<name>.inversions` for a panel whose subjects are products: how many pairs of tiers are upside down by the
/// prices of the period. Of a product of which prices of fewer than two tiers were seen: nothing recorded.
///
/// # Errors
/// As [`inversions`]; [`AnalysisError::Key`], [`AnalysisError::Panel`].
pub fn inversion_column(
    name: &Key,
    tiers: &[Key],
    seen: &[PriceSeen],
    panel: &Panel,
) -> Result<Column, AnalysisError> {
    let mut counts = vec![0; panel.cells()];
    let mut states = vec![Some(Reason::NothingRecorded); panel.cells()];
    for period in panel.periods() {
        let within = seen.iter().filter(|price| period.contains(price.day));
        let within: Vec<PriceSeen> = within.cloned().collect();
        let mut seen_in: BTreeMap<&Key, BTreeSet<&Key>> = BTreeMap::new();
        for price in &within {
            seen_in
                .entry(&price.product)
                .or_default()
                .insert(&price.tier);
        }
        for (product, _) in seen_in.iter().filter(|(_, tiers)| tiers.len() > 1) {
            if let Some(subject) = panel.subjects().position(std::slice::from_ref(*product)) {
                states[panel.cell(subject, period.ordinal)?] = None;
            }
        }
        for found in inversions(tiers, &within)? {
            let product = std::slice::from_ref(&found.product);
            if let Some(subject) = panel.subjects().position(product) {
                counts[panel.cell(subject, period.ordinal)?] += 1;
            }
        }
    }
    let key = ColumnKey::actual(&format!("{name}.inversions"))?;
    let unit = Unit::Count(Key::new("inversion")?);
    let column = Column::amounts(key, unit, Quantum::ONE, counts);
    Ok(column.with_reasons(&states)?.better(Direction::Smaller))
}
