//! Laws of the analyses, against slow and obvious ones.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use quotaflow::analysis::{
    Candidate, Goal, MatrixCell, OpportunityMatrix, Origin, PriceSeen, Shipment, Sighting,
    crossings, inversions, streaks,
};
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::panel::{Column, ColumnKey, Panel};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::{Axis, Subjects};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap() + Days::new(offset)
}

fn count(found: usize) -> i64 {
    i64::try_from(found).unwrap()
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
        for (found, (lot, place, on, _)) in report.found.iter().zip(&seen) {
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
            prop_assert_eq!(found.shipments.is_empty(), expected == Origin::Untraced);
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
    fn an_inversion_is_a_pair_of_tiers_with_a_pair_of_prices_upside_down(
        seen in prop::collection::vec((0_usize..2, 0_usize..3, 1_i64..30), 0..20),
    ) {
        let tiers = TIERS.map(key);
        let products = ["p1", "p2"];
        let prices: Vec<PriceSeen> = seen
            .iter()
            .map(|(product, tier, price)| PriceSeen { product: key(products[*product]), tier: tiers[*tier].clone(), day: day(0), price: *price })
            .collect();
        let found = inversions(&tiers, &prices).unwrap();
        let mut expected = BTreeSet::new();
        for (above, high) in seen.iter().enumerate() {
            for low in &seen {
                if high.0 == low.0 && high.1 < low.1 && high.2 > low.2 {
                    expected.insert((prices[above].product.clone(), high.1, low.1));
                }
            }
        }
        let told: BTreeSet<_> = found
            .iter()
            .map(|one| {
                let place = |tier: &Key| tiers.iter().position(|known| known == tier).unwrap();
                (one.product.clone(), place(&one.above), place(&one.below))
            })
            .collect();
        prop_assert_eq!(told.len(), found.len());
        prop_assert_eq!(told, expected);
        for one in &found {
            let own = |tier: &Key| prices.iter().filter(|price| price.product == one.product && price.tier == *tier).map(|price| price.price).collect::<Vec<_>>();
            let by = own(&one.above).iter().max().unwrap() - own(&one.below).iter().min().unwrap();
            prop_assert_eq!(one.by, by);
            prop_assert_eq!(prices[one.highest].price - prices[one.lowest].price, by);
        }
    }

    #[test]
    fn streaks_say_what_counting_runs_says(figures in prop::collection::vec(0_i64..4, 1..40), bar in 0_i64..4) {
        let days = Calendar::gregorian()
            .periods(Grain::Day, day(0), day(count(figures.len()).unsigned_abs()))
            .unwrap();
        let subjects = Subjects::new(Axis::new("person", "person").unwrap(), vec![key("ann")]).unwrap();
        let mut panel = Panel::new(subjects, days);
        let orders = ColumnKey::actual("orders").unwrap();
        panel.add(Column::amounts(orders.clone(), "count:order".parse().unwrap(), Quantum::ONE, figures.clone())).unwrap();
        let found = streaks(&panel, &orders, Goal::AtLeast(Ratio::from(bar))).unwrap()[0];
        let runs: Vec<usize> = figures.split(|figure| *figure < bar).map(<[i64]>::len).collect();
        let met: usize = runs.iter().sum();
        prop_assert_eq!(found.met, count(met));
        prop_assert_eq!(found.missed, count(figures.len() - met));
        prop_assert_eq!(found.longest, count(*runs.iter().max().unwrap()));
        prop_assert_eq!(found.current, count(*runs.last().unwrap()));
        prop_assert_eq!(found.unknown, 0);
    }

    #[test]
    fn a_matrix_places_by_its_bars_and_sorts_by_expected_value(
        all in prop::collection::vec((0_i64..100, 0_i32..=100), 0..20),
    ) {
        let matrix = OpportunityMatrix { profit: Ratio::from(50), chance: Ratio::percent(50), criteria: Vec::new() };
        let candidates: Vec<Candidate> = all
            .iter()
            .enumerate()
            .map(|(at, (profit, chance))| Candidate { key: key(&format!("o{at}")), profit: Ratio::from(*profit), chance: Ratio::percent(*chance), owner: None,
                fits: BTreeSet::new() })
            .collect();
        let placed = matrix.place(&candidates).unwrap();
        prop_assert_eq!(placed.len(), all.len());
        prop_assert!(placed.windows(2).all(|pair| pair[0].expected >= pair[1].expected));
        for one in placed {
            let at: usize = one.key.as_str()[1..].parse().unwrap();
            let (profit, chance) = all[at];
            prop_assert_eq!(one.expected, Ratio::new(i128::from(profit) * i128::from(chance), 100).unwrap());
            let much = matches!(one.cell, MatrixCell::Pursue | MatrixCell::Develop);
            let likely = matches!(one.cell, MatrixCell::Pursue | MatrixCell::Collect);
            prop_assert_eq!((much, likely), (profit >= 50, chance >= 50));
            prop_assert_eq!(one.fit, None);
        }
    }
}
