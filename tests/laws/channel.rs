//! Laws of the channel, against slow and obvious ones.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use quotaflow::channel::{Origin, PriceSeen, Shipment, Sighting, crossings, inversions};
use quotaflow::key::Key;
use quotaflow::quantity::Ratio;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap() + Days::new(offset)
}

const TIERS: [&str; 3] = ["wholesale", "second_tier", "retail"];

proptest! {
    #[test]
    fn a_sighting_is_at_home_where_its_lot_was_sold_before(
        sold in prop::collection::vec((0_usize..4, 0_usize..3, 0_u64..20), 0..12),
        seen in prop::collection::vec((0_usize..4, 0_usize..3, 0_u64..20, 1_i64..9), 0..12),
    ) {
        let (lots, places) = (["l1", "l2", "l3", "l4"], ["north", "south", "west"]);
        let shipments: Vec<Shipment> = sold
            .iter()
            .map(|(lot, place, on)| Shipment { trace: key(lots[*lot]), territory: key(places[*place]), day: day(*on), volume: 9 })
            .collect();
        let sightings: Vec<Sighting> = seen
            .iter()
            .map(|(lot, place, on, volume)| Sighting { trace: key(lots[*lot]), territory: key(places[*place]), day: day(*on), volume: *volume })
            .collect();
        let report = crossings(&shipments, &sightings);
        prop_assert_eq!(report.found.len(), sightings.len());
        for ((found, (lot, place, on, _)), sighting) in report.found.iter().zip(&seen).zip(&sightings) {
            prop_assert_eq!(&found.sighting, sighting);
            let before: BTreeSet<usize> =
                sold.iter().filter(|(own, _, sold_on)| own == lot && sold_on <= on).map(|(_, place, _)| *place).collect();
            let names: Vec<Key> = before.iter().map(|place| key(places[*place])).collect();
            let expected = if before.is_empty() {
                Origin::Untraced
            } else if before.contains(place) {
                Origin::Home
            } else if let [only] = names.as_slice() {
                Origin::Foreign(only.clone())
            } else {
                Origin::ForeignOfSeveral(names)
            };
            prop_assert_eq!(&found.origin, &expected);
            let lot = key(lots[*lot]);
            let behind: Vec<Shipment> = shipments.iter().filter(|sold| sold.trace == lot && sold.day <= day(*on)).cloned().collect();
            prop_assert_eq!(&found.shipments, &behind);
        }
        for place in places {
            let own = |foreign: bool| {
                let all = report.found.iter().zip(&sightings);
                all.filter(|(found, seen)| match &found.origin {
                    Origin::Home => !foreign && seen.territory == *place,
                    Origin::Foreign(seller) => *seller == *place,
                    Origin::ForeignOfSeveral(_) | Origin::Untraced => false,
                })
                .map(|(_, seen)| i128::from(seen.volume))
                .sum::<i128>()
            };
            prop_assert_eq!(report.foreign_share(place), Ratio::new(own(true), own(false)).ok());
        }
    }

    #[test]
    fn an_inversion_is_a_pair_of_tiers_with_prices_upside_down_on_one_day(
        seen in prop::collection::vec((0_usize..2, 0_usize..3, 0_u64..8, 1_i64..30), 0..20),
    ) {
        let tiers = TIERS.map(key);
        let products = ["p1", "p2"];
        let prices: Vec<PriceSeen> = seen
            .iter()
            .map(|(product, tier, on, price)| PriceSeen { product: key(products[*product]), tier: tiers[*tier].clone(), day: day(*on), price: *price })
            .collect();
        // The prices of a tier on a day: those of the latest day up to then on which any was seen.
        let in_force = |product: usize, tier: usize, on: u64| -> Vec<i64> {
            let own = || seen.iter().filter(move |one| one.0 == product && one.1 == tier && one.2 <= on);
            let latest = own().map(|one| one.2).max();
            own().filter(|one| Some(one.2) == latest).map(|one| one.3).collect()
        };
        let mut expected = Vec::new();
        for (product, name) in products.into_iter().enumerate() {
            for above in 0..3 {
                for below in above + 1..3 {
                    let by = |on: u64| Some(in_force(product, above, on).into_iter().max()? - in_force(product, below, on).into_iter().min()?);
                    let worst = (0..8).filter_map(by).max().filter(|by| *by > 0);
                    if let Some(worst) = worst {
                        let first = (0..8).find(|on| by(*on) == Some(worst)).unwrap();
                        expected.push((key(name), tiers[above].clone(), tiers[below].clone(), day(first), worst));
                    }
                }
            }
        }
        let found = inversions(&tiers, &prices).unwrap();
        let told: Vec<_> = found.iter().map(|one| (one.product().clone(), one.above.tier.clone(), one.below.tier.clone(), one.day, one.by)).collect();
        prop_assert_eq!(told, expected);
        for one in &found {
            prop_assert_eq!(one.above.price - one.below.price, one.by);
            prop_assert_eq!(&one.above.product, &one.below.product);
            // Both were in force that day: of the latest day up to then on which any price of the tier was seen.
            for price in [&one.above, &one.below] {
                prop_assert!(prices.contains(price) && price.day <= one.day);
                let later = |other: &&PriceSeen| other.product == price.product && other.tier == price.tier && price.day < other.day && other.day <= one.day;
                prop_assert_eq!(prices.iter().find(later), None);
            }
        }
        let mut reversed = prices.clone();
        reversed.reverse();
        prop_assert_eq!(inversions(&tiers, &reversed).unwrap(), found);
    }
}
