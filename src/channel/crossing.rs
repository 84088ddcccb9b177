//! Cross-territory selling (窜货): goods traced by lot, serial number or invoice to where they were sold.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::ChannelError;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Columns, Panel, RollUp};
use crate::quantity::Ratio;

/// Goods as they were sold to a dealer of a territory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shipment {
    /// What they can be known by: a lot, a serial number, an invoice.
    pub trace: Key,
    /// The territory of the dealer.
    pub territory: Key,
    /// When.
    pub day: NaiveDate,
    /// How many pieces.
    pub volume: i64,
}

/// Goods as they were seen in a market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sighting {
    /// What they are known by.
    pub trace: Key,
    /// The territory in which they were seen.
    pub territory: Key,
    /// When.
    pub day: NaiveDate,
    /// How many pieces.
    pub volume: i64,
}

/// Where goods that were seen had been sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Goods of this trace had been sold in the territory in which they were seen.
    Home,
    /// They had been sold in another territory.
    Foreign(Key),
    /// They had been sold in several other territories; whose these were is not known.
    ForeignOfSeveral(Vec<Key>),
    /// Nothing of this trace had been sold by that day.
    Untraced,
}

/// One sighting of goods with their origin: sold there, sold in another territory, or not traced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tracing {
    /// The sighting.
    pub sighting: Sighting,
    /// Where the goods had been sold.
    pub origin: Origin,
    /// The shipments of this trace up to that day, in the order in which they were given.
    pub shipments: Vec<Shipment>,
}

/// All sightings of goods with their origins: the report on diversion (窜货).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossingReport {
    /// One for each sighting, in order.
    pub found: Vec<Tracing>,
}

/// Traces every sighting to the shipments of its lot, serial number or invoice up to its day.
///
/// A lot that was sold in several territories is at home in each of them, so that no dealer is blamed for what may be
/// another's.
#[must_use]
pub fn crossings(shipments: &[Shipment], sightings: &[Sighting]) -> CrossingReport {
    let mut by_trace: BTreeMap<&Key, Vec<&Shipment>> = BTreeMap::new();
    for shipment in shipments {
        by_trace.entry(&shipment.trace).or_default().push(shipment);
    }
    let found = sightings.iter().map(|seen| {
        let known = by_trace.get(&seen.trace).map_or(&[][..], Vec::as_slice);
        let before = known.iter().copied();
        let before: Vec<&Shipment> = before.filter(|sold| sold.day <= seen.day).collect();
        let places: BTreeSet<&Key> = before.iter().map(|sold| &sold.territory).collect();
        let origin = match places.len() {
            0 => Origin::Untraced,
            _ if places.contains(&seen.territory) => Origin::Home,
            1 => places
                .first()
                .map_or(Origin::Untraced, |place| Origin::Foreign((*place).clone())),
            _ => Origin::ForeignOfSeveral(places.into_iter().cloned().collect()),
        };
        Tracing {
            sighting: seen.clone(),
            origin,
            shipments: before.into_iter().cloned().collect(),
        }
    });
    CrossingReport {
        found: found.collect(),
    }
}

/// Pieces seen that were sold by a territory: elsewhere, and in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Pieces {
    foreign: i64,
    all: i64,
}

impl CrossingReport {
    /// Returns the share of the pieces sold in a territory and seen anywhere that were seen in another territory; `None`
    /// where none was seen. What is not traced to one territory is left out.
    #[must_use]
    pub fn foreign_share(&self, sold_in: &str) -> Option<Ratio> {
        let mut pieces = Pieces::default();
        for (seller, found, volume) in self.traced() {
            if *seller == *sold_in {
                pieces.all = pieces.all.saturating_add(volume);
                if found.origin != Origin::Home {
                    pieces.foreign = pieces.foreign.saturating_add(volume);
                }
            }
        }
        Ratio::new(i128::from(pieces.foreign), i128::from(pieces.all)).ok()
    }

    /// Returns the share of all pieces seen that are traced at all; `None` where none was seen.
    #[must_use]
    pub fn traced_share(&self) -> Option<Ratio> {
        let volume = |untraced: bool| {
            let found = self.found.iter();
            found
                .filter(|found| untraced || found.origin != Origin::Untraced)
                .map(|found| i128::from(found.sighting.volume))
                .sum::<i128>()
        };
        Ratio::new(volume(false), volume(true)).ok()
    }

    /// The territory that sold the goods, the finding and the pieces, where one territory did.
    fn traced(&self) -> impl Iterator<Item = (&Key, &Tracing, i64)> {
        self.found.iter().filter_map(|found| {
            let seller = match &found.origin {
                Origin::Home => &found.sighting.territory,
                Origin::Foreign(seller) => seller,
                Origin::ForeignOfSeveral(_) | Origin::Untraced => return None,
            };
            Some((seller, found, found.sighting.volume))
        })
    }

    /// Gives two columns for a panel whose subjects are territories: `<name>.cross_territory_share`, of the goods that the
    /// territory sold, the share seen elsewhere; `<name>.diverted_in_share`, of the traced goods seen in it, the share that others sold.
    ///
    /// # Errors
    /// [`ChannelError::Key`], [`ChannelError::Panel`].
    pub fn columns(&self, name: &Key) -> impl Columns<Error = ChannelError> {
        move |panel: &Panel| -> Result<Vec<Column>, ChannelError> {
            let mut sold = vec![Pieces::default(); panel.cells()];
            let mut seen_in = sold.clone();
            let cell = |territory: &Key, day: NaiveDate| RollUp::Person.cell(panel, territory, day);
            for found in &self.found {
                let seen = &found.sighting;
                let foreign = !matches!(found.origin, Origin::Home);
                let add = |pieces: &mut Pieces| {
                    pieces.all = pieces.all.saturating_add(seen.volume);
                    if foreign {
                        pieces.foreign = pieces.foreign.saturating_add(seen.volume);
                    }
                };
                let seller = match &found.origin {
                    Origin::Home => Some(&seen.territory),
                    Origin::Foreign(seller) => Some(seller),
                    Origin::ForeignOfSeveral(_) => None,
                    Origin::Untraced => continue,
                };
                if let Some(cell) = seller.and_then(|seller| cell(seller, seen.day)) {
                    add(&mut sold[cell]);
                }
                if let Some(cell) = cell(&seen.territory, seen.day) {
                    add(&mut seen_in[cell]);
                }
            }
            let column = |what: &str, pieces: &[Pieces]| {
                let key = ColumnKey::actual(&format!("{name}.{what}"))?;
                let (tops, bottoms) = pieces
                    .iter()
                    .map(|pieces| (pieces.foreign, pieces.all))
                    .unzip();
                let column = Column::quotients(key, Unit::Share, Ratio::ONE, tops, bottoms)?;
                Ok::<_, ChannelError>(column.better(Direction::Smaller))
            };
            Ok(vec![
                column("cross_territory_share", &sold)?,
                column("diverted_in_share", &seen_in)?,
            ])
        }
    }
}
