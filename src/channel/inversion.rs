//! Price inversion between tiers (价格倒挂): a lower tier trades below what the tier above it paid.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::ChannelError;
use crate::key::{Key, unknown};
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Columns, Panel, Reason};
use crate::quantity::Quantum;

/// A price that was seen at a tier of the channel on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

/// Two prices that are upside down at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inversion {
    /// The first day on which they stood so.
    pub day: NaiveDate,
    /// The highest price of the tier above in force that day, with the day on which it was seen.
    pub above: PriceSeen,
    /// The lowest price of the tier below in force that day, which should be dearer.
    pub below: PriceSeen,
    /// By how much the lower tier lies below the one above it: positive.
    pub by: i64,
}

impl Inversion {
    /// Returns the product.
    #[must_use]
    pub fn product(&self) -> &Key {
        &self.above.product
    }
}

/// Returns, product by product, every pair of tiers of which the lower one was on some day below the tier above, in the
/// order of `tiers` from the top; of several days the one on which it was so by the most, the earliest of equal ones.
///
/// Prices are compared at one time: those of a tier in force on a day are the ones seen on its latest day up to then, and
/// they hold until the next one of the same product and tier is seen. Where several were seen that day, the highest of
/// the tier above stands against the lowest of the tier below. The order of the list changes nothing.
///
/// ```
/// use quotaflow::channel::{PriceSeen, inversions};
/// use quotaflow::key::Key;
/// let tiers = ["wholesale", "second_tier", "retail"].map(Key::new).into_iter().collect::<Result<Vec<_>, _>>()?;
/// let seen = |tier: usize, day: &str, price| PriceSeen { product: tiers[0].clone(), tier: tiers[tier].clone(), day: day.parse().unwrap(), price };
/// // The second tier sells at 850 while wholesale asks 900; once wholesale is cut to 700, 800 is in order.
/// let prices = [seen(0, "2026-03-02", 900), seen(1, "2026-03-03", 850), seen(0, "2026-03-09", 700), seen(1, "2026-03-10", 800)];
/// let found = inversions(&tiers, &prices)?;
/// assert_eq!((found.len(), found[0].below.price, found[0].by), (1, 850, 50));
/// assert_eq!((found[0].product().as_str(), found[0].above.tier.as_str()), ("wholesale", "wholesale"));
/// # Ok::<(), quotaflow::Error>(())
/// ```
///
/// # Errors
/// [`ChannelError::UnknownTier`] for a tier that is not listed, [`ChannelError::DuplicateTier`] for one that is listed twice.
pub fn inversions(tiers: &[Key], seen: &[PriceSeen]) -> Result<Vec<Inversion>, ChannelError> {
    let mut worst: BTreeMap<(&Key, usize, usize), Moment<'_>> = BTreeMap::new();
    for (product, moments) in by_product(tiers, seen)? {
        for moment in moments.into_iter().filter(|moment| moment.by > 0) {
            let pair = (product, moment.above, moment.below);
            let known = worst.entry(pair).or_insert(moment);
            if moment.by > known.by {
                *known = moment;
            }
        }
    }
    let found = worst.into_values().map(|moment| Inversion {
        day: moment.day,
        above: moment.highest.clone(),
        below: moment.lowest.clone(),
        by: moment.by,
    });
    Ok(found.collect())
}

/// Two tiers beside each other on a day on which a price of one of them was seen.
#[derive(Debug, Clone, Copy)]
struct Moment<'a> {
    day: NaiveDate,
    above: usize,
    below: usize,
    highest: &'a PriceSeen,
    lowest: &'a PriceSeen,
    by: i64,
}

/// Returns for each product the pairs of tiers whose prices are known, day by day on which one of the two was seen.
fn by_product<'a>(
    tiers: &[Key],
    seen: &'a [PriceSeen],
) -> Result<BTreeMap<&'a Key, Vec<Moment<'a>>>, ChannelError> {
    for (at, tier) in tiers.iter().enumerate() {
        if tiers[..at].contains(tier) {
            return Err(ChannelError::DuplicateTier { key: tier.clone() });
        }
    }
    // By product and day: for each tier seen that day, its lowest and its highest price.
    let mut days: BTreeMap<&Key, BTreeMap<NaiveDate, Extremes<'_>>> = BTreeMap::new();
    for price in seen {
        let tier = tiers.iter().position(|tier| *tier == price.tier);
        let tier = tier.ok_or_else(|| {
            let (name, nearest, known) =
                unknown(price.tier.as_str(), tiers.iter().map(Key::as_str));
            ChannelError::UnknownTier {
                name,
                nearest,
                known,
            }
        })?;
        let own = days.entry(&price.product).or_default();
        let of_day = own.entry(price.day).or_default();
        let (low, high) = of_day.entry(tier).or_insert((price, price));
        if price.price < low.price {
            *low = price;
        }
        if price.price > high.price {
            *high = price;
        }
    }
    let told = days.into_iter().map(|(product, days)| {
        let mut in_force: Extremes<'_> = BTreeMap::new();
        let mut moments = Vec::new();
        for (day, changed) in days {
            in_force.extend(changed.iter().map(|(tier, prices)| (*tier, *prices)));
            for (above, (_, highest)) in &in_force {
                for (below, (lowest, _)) in in_force.range(above + 1..) {
                    if changed.contains_key(above) || changed.contains_key(below) {
                        moments.push(Moment {
                            day,
                            above: *above,
                            below: *below,
                            highest,
                            lowest,
                            by: highest.price.saturating_sub(lowest.price),
                        });
                    }
                }
            }
        }
        (product, moments)
    });
    Ok(told.collect())
}

/// Gives `<name>.inversions` to a panel whose subjects are products: how many pairs of tiers were upside down on a day
/// of the period on which a price of one of the two was seen, beside the price of the other in force that day, which may
/// have been seen before the period. Where no two tiers could be compared in the period: nothing recorded.
///
/// # Errors
/// As [`inversions`]; [`ChannelError::Key`], [`ChannelError::Panel`].
pub fn inversion_columns(
    name: &Key,
    tiers: &[Key],
    seen: &[PriceSeen],
) -> impl Columns<Error = ChannelError> {
    move |panel: &Panel| -> Result<Vec<Column>, ChannelError> {
        let mut counts = vec![0; panel.cells()];
        let mut states = vec![Some(Reason::NothingRecorded); panel.cells()];
        for (product, moments) in by_product(tiers, seen)? {
            let Some(subject) = panel.subjects().find(std::slice::from_ref(product)) else {
                continue;
            };
            let mut upside_down = BTreeSet::new();
            for moment in moments {
                let Some(period) = panel.periods().on(moment.day) else {
                    continue;
                };
                let cell = panel.cell(subject, period)?;
                states[cell] = None;
                if moment.by > 0 && upside_down.insert((cell, moment.above, moment.below)) {
                    counts[cell] += 1;
                }
            }
        }
        let key = ColumnKey::actual(&format!("{name}.inversions"))?;
        let unit = Unit::Count(Key::new("inversion")?);
        let column = Column::amounts(key, unit, Quantum::ONE, counts);
        Ok(vec![
            column.with_reasons(&states)?.better(Direction::Smaller),
        ])
    }
}

/// The lowest and the highest price of each tier, by its place in the order of tiers.
type Extremes<'a> = BTreeMap<usize, (&'a PriceSeen, &'a PriceSeen)>;
