//! Who of one dimension belongs to whom of another: a tree that leads from dealers to salespeople and on to their teams.

use chrono::{Datelike, NaiveDate};

use super::tree::{Bridge, Tree};
use super::{LinkDef, MemberId, SpaceError};
use crate::key::Key;

impl<'a> Bridge<'a> {
    /// Returns the bridge of these links, from members of the lower tree's dimension to members of the upper one's.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known key; [`SpaceError::EmptyLink`]; [`SpaceError::TwoParents`] where two
    /// links of one member share a day; [`SpaceError::DuplicateDimension`] where the upper tree comes back to the lower
    /// dimension.
    pub fn new(below: Tree<'a>, above: Tree<'a>, links: &[LinkDef]) -> Result<Self, SpaceError> {
        let (low, high) = (below.dimension(), above.dimension());
        if let Some(own) = below
            .dimensions()
            .find(|own| above.dimensions().any(|other| other == *own))
        {
            return Err(SpaceError::DuplicateDimension {
                dimension: own.clone(),
            });
        }
        let mut stretches = vec![Vec::new(); low.len() + 1];
        for link in links {
            let member = low.assigned(link.member.as_str())?;
            let parent = high.assigned(link.parent.as_str())?;
            let from = link.from.map_or(i32::MIN, |day| day.num_days_from_ce());
            let to = link.to.map_or(i32::MAX, |day| day.num_days_from_ce());
            if to <= from {
                return Err(SpaceError::EmptyLink {
                    dimension: low.key().clone(),
                    member: link.member.clone(),
                    parent: link.parent.clone(),
                });
            }
            if let Some(own) = stretches.get_mut(member.index()) {
                own.push((from, to, parent));
            }
        }
        for (index, own) in stretches.iter_mut().enumerate() {
            own.sort_by_key(|(from, ..)| *from);
            if let Some(pair) = own.windows(2).find(|pair| pair[1].0 < pair[0].1) {
                let member = low.ids().nth(index).unwrap_or(MemberId::UNASSIGNED);
                return Err(SpaceError::TwoParents {
                    dimension: low.key().clone(),
                    hierarchy: below.hierarchy_key().clone(),
                    member: low.key_of(member).clone(),
                    first: high.key_of(pair[0].2).clone(),
                    second: high.key_of(pair[1].2).clone(),
                });
            }
        }
        Ok(Self {
            below,
            above,
            stretches,
        })
    }

    /// Returns the tree that leads from the lower dimension to the upper one.
    #[must_use]
    pub fn tree(&self) -> Tree<'_> {
        self.below.over(self)
    }
}

impl LinkDef {
    /// Returns the membership of a member in a parent at all times.
    ///
    /// # Errors
    /// [`SpaceError::Key`] if a name cannot be a key.
    pub fn always(member: &str, parent: &str) -> Result<Self, SpaceError> {
        Ok(Self {
            member: Key::new(member)?,
            parent: Key::new(parent)?,
            from: None,
            to: None,
        })
    }

    /// Returns the membership from this day on.
    #[must_use]
    pub fn since(mut self, day: NaiveDate) -> Self {
        self.from = Some(day);
        self
    }

    /// Returns the membership until the day before this one.
    #[must_use]
    pub fn until(mut self, day: NaiveDate) -> Self {
        self.to = Some(day);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Axis, Dimension, DimensionDef, RowId, Subjects};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn people() -> Dimension {
        let def = DimensionDef::new("person", &["team", "person"]).unwrap();
        let def = def.member("team", "north").unwrap();
        let def = def.child("person", "ann", "north").unwrap();
        Dimension::new(def.member("person", "bo").unwrap()).unwrap()
    }

    fn dealers() -> Dimension {
        let def = DimensionDef::new("dealer", &["group", "dealer"]).unwrap();
        let def = def.member("group", "chain").unwrap();
        let def = def.child("dealer", "dx", "chain").unwrap();
        Dimension::new(def.child("dealer", "dy", "chain").unwrap()).unwrap()
    }

    fn subjects(dimension: &str, level: &str, keys: &[&str]) -> Subjects {
        let keys = keys.iter().map(|key| Key::new(key).unwrap()).collect();
        Subjects::new(Axis::new(dimension, level).unwrap(), keys).unwrap()
    }

    #[test]
    fn a_tree_leads_from_one_dimension_to_another_as_of_the_day() {
        let (people, dealers) = (people(), dealers());
        let links = [
            LinkDef::always("dx", "ann")
                .unwrap()
                .until(day("2026-07-01")),
            LinkDef::always("chain", "bo").unwrap(),
        ];
        let (low, high) = (dealers.tree("dealer"), people.tree("person"));
        let bridge = Bridge::new(low.unwrap(), high.unwrap(), &links).unwrap();
        let tree = bridge.tree();
        let chain = |member: &str, on: &str| -> Vec<String> {
            let keys = tree.chain_of(member, day(on));
            keys.map(ToString::to_string).collect()
        };
        assert_eq!(chain("dx", "2026-06-30"), ["ann", "north"]);
        // Without a link of its own it belongs to whom its group belongs to.
        assert_eq!(chain("dx", "2026-07-01"), ["chain", "bo"]);
        assert_eq!(chain("dy", "2026-06-30"), ["chain", "bo"]);
        assert_eq!(chain("ann", "2026-06-30"), ["north"]);
        assert!(chain("nobody", "2026-06-30").is_empty());

        let rows = |above: &Subjects, on: &str| {
            let below = subjects("dealer", "dealer", &["dx", "dy", "dz"]);
            let rows = tree.rows(&below, above, day(on));
            below
                .ids()
                .map(|row| rows.parent(row).map(RowId::index))
                .collect::<Vec<_>>()
        };
        let persons = subjects("person", "person", &["bo", "ann"]);
        assert_eq!(rows(&persons, "2026-06-30"), [Some(1), Some(0), None]);
        assert_eq!(rows(&persons, "2026-07-01"), [Some(0), Some(0), None]);
        let teams = subjects("person", "team", &["north"]);
        assert_eq!(rows(&teams, "2026-06-30"), [Some(0), None, None]);
        // Of the whole all are parts, known or not.
        assert_eq!(rows(&Subjects::whole(), "2026-06-30"), [Some(0); 3]);
    }

    #[test]
    fn links_that_contradict_each_other_are_refused() {
        let (people, dealers) = (people(), dealers());
        let (low, high) = (
            dealers.tree("dealer").unwrap(),
            people.tree("person").unwrap(),
        );
        let refused = |links: &[LinkDef]| Bridge::new(low, high, links).unwrap_err().to_string();
        let link = |member: &str, parent: &str| LinkDef::always(member, parent).unwrap();
        let july = day("2026-07-01");
        assert_eq!(
            refused(&[link("dx", "bo").since(july), link("dx", "ann")]),
            "in hierarchy `dealer` of dimension `dealer`, `dx` has two parents, `ann` and `bo`, on the same day"
        );
        assert_eq!(
            refused(&[link("dx", "bo").since(july).until(july)]),
            "in dimension `dealer`, the link of `dx` to `bo` ends on or before the day it starts"
        );
        assert!(refused(&[link("dx", "an")]).contains("did you mean `ann`?"));
        assert!(refused(&[link("dx", "unassigned")]).contains("no member `unassigned`"));
        let links = [link("dx", "bo").until(july), link("dx", "ann").since(july)];
        assert!(Bridge::new(low, high, &links).is_ok());
        assert!(matches!(
            Bridge::new(low, low, &[]),
            Err(SpaceError::DuplicateDimension { .. })
        ));
    }
}
