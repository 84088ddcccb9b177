//! Who is above whom: one hierarchy of a dimension, on any day.

use std::fmt;

use chrono::{Datelike, NaiveDate};

use super::{Dimension, MemberId, RowId, SpaceError, Subjects};
use crate::key::Key;

/// Who is above whom in one hierarchy of a dimension, on any day: made by [`Dimension::tree`]; or on from there in another
/// dimension: made by [`Bridge::tree`].
///
/// ```
/// use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};
/// let people = DimensionDef::new("person", &["team", "person"])?.member("team", "north")?.child("person", "ann", "north")?;
/// let people = Dimension::new(people)?;
/// let (tree, day) = (people.tree("person")?, "2026-03-02".parse()?);
/// assert_eq!(tree.parent(people.member("ann")?, day), Some(people.member("north")?));
///
/// let row = |level: &str, key: &str| Subjects::new(Axis::new("person", level)?, vec![key.try_into()?]);
/// let (persons, teams) = (row("person", "ann")?, row("team", "north")?);
/// let rows = tree.rows(&persons, &teams, day);
/// assert_eq!(rows.parent(persons.row(["ann"])?), Some(teams.row(["north"])?));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Tree<'a> {
    dimension: &'a Dimension,
    hierarchy: usize,
    bridge: Option<&'a Bridge<'a>>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(dimension: &'a Dimension, hierarchy: usize) -> Self {
        Self {
            dimension,
            hierarchy,
            bridge: None,
        }
    }

    /// The same tree, going on over a bridge.
    pub(super) fn over<'b>(self, bridge: &'b Bridge<'b>) -> Tree<'b>
    where
        'a: 'b,
    {
        Tree {
            dimension: self.dimension,
            hierarchy: self.hierarchy,
            bridge: Some(bridge),
        }
    }

    /// The keys of its dimensions, the lowest first.
    pub(super) fn dimensions(self) -> impl Iterator<Item = &'a Key> {
        let above = |tree: &Self| tree.bridge.map(Bridge::above);
        std::iter::successors(Some(self), above).map(|tree| tree.dimension.key())
    }

    /// The key of its hierarchy.
    pub(super) fn hierarchy_key(self) -> &'a Key {
        let hierarchy = self.dimension.definition().hierarchies.get(self.hierarchy);
        hierarchy.map_or(self.dimension.key(), |hierarchy| &hierarchy.key)
    }

    /// Returns the dimension; the lowest one of a tree that leads over a bridge.
    #[must_use]
    pub fn dimension(self) -> &'a Dimension {
        self.dimension
    }

    /// Returns the member above another in the hierarchy on a day, by way of the nearest level above that has one.
    #[must_use]
    pub fn parent(self, member: MemberId, day: NaiveDate) -> Option<MemberId> {
        self.dimension.parent_in(self.hierarchy, member, day)
    }

    /// Returns all members above another in the hierarchy on a day, the nearest first.
    pub fn chain(self, member: MemberId, day: NaiveDate) -> impl Iterator<Item = MemberId> + 'a {
        // A parent stands at a level above its child, so that there is an end.
        std::iter::successors(self.parent(member, day), move |above| {
            self.parent(*above, day)
        })
    }

    /// Returns all members below another in the hierarchy on a day, of all levels, in declared order.
    pub fn below(self, member: MemberId, day: NaiveDate) -> impl Iterator<Item = MemberId> + 'a {
        self.dimension
            .ids()
            .filter(move |low| self.chain(*low, day).any(|above| above == member))
    }

    /// Returns the key of the member above the one of this key on a day, which may be in another dimension; `None` at the top
    /// and for a member that is not known.
    #[must_use]
    pub fn parent_key(self, member: &str, day: NaiveDate) -> Option<&'a Key> {
        self.chain_of(member, day).next()
    }

    /// Returns the keys of all members above the one of this key on a day, the nearest first, on into other dimensions; none
    /// for a member that is not known. A key that is in two dimensions is that of the lower one.
    pub fn chain_of(self, member: &str, day: NaiveDate) -> impl Iterator<Item = &'a Key> {
        let above = |tree: &Self| tree.bridge.map(Bridge::above);
        let mut trees = std::iter::successors(Some(self), above);
        let own = trees.find_map(|tree| Some((tree, tree.dimension.find(member)?)));
        let up = move |at: &(Self, MemberId)| at.0.up(at.1, day);
        let chain = std::iter::successors(own.and_then(|(tree, id)| tree.up(id, day)), up);
        chain.map(|(tree, id)| tree.dimension.key_of(id))
    }

    /// One step up: over the bridge where it leads from this member, and else in the hierarchy.
    fn up(self, member: MemberId, day: NaiveDate) -> Option<(Self, MemberId)> {
        let owner = self
            .bridge
            .and_then(|bridge| Some((bridge.above(), bridge.owner(member, day)?)));
        owner.or_else(|| Some((self, self.parent(member, day)?)))
    }

    /// Returns who is above whom among rows: for each row of `below` the row of `above` whose member is the nearest above its
    /// own on that day. Members of other dimensions are those of the row itself. Rows above without the tree's dimension are
    /// above all that have their members.
    #[must_use]
    pub fn rows(self, below: &Subjects, above: &Subjects, day: NaiveDate) -> TreeRows {
        let own = self.dimension.key();
        let place = |subjects: &Subjects, dimension: &Key| {
            let axes = subjects.axes().iter();
            axes.clone().position(|axis| axis.dimension == *dimension)
        };
        let from = place(below, own);
        // Where the tree's own axes are above; the last is that of the highest dimension.
        let to: Vec<(&Key, usize)> = self
            .dimensions()
            .filter_map(|dimension| Some((dimension, place(above, dimension)?)))
            .collect();
        let parents = below.ids().map(|row| {
            let members = below.members(row);
            let mut wanted = Vec::with_capacity(above.axes().len());
            for (index, axis) in above.axes().iter().enumerate() {
                let same = below.axes().iter().position(|found| found == axis);
                let climbed = to.iter().any(|(_, at)| *at == index);
                // What stands at the tree's own axes is put there below.
                let known = same.or(from.filter(|_| climbed))?;
                wanted.push(members.get(known)?.clone());
            }
            if to.is_empty() {
                return above.find(&wanted);
            }
            let member = self.dimension.find(members.get(from?)?.as_str())?;
            let up = |(tree, id): &(Self, MemberId)| tree.up(*id, day);
            std::iter::successors(self.up(member, day), up).find_map(|(tree, id)| {
                let (_, at) = to
                    .iter()
                    .find(|(known, _)| *known == tree.dimension.key())?;
                wanted.get_mut(*at)?.clone_from(tree.dimension.key_of(id));
                above.find(&wanted)
            })
        });
        TreeRows {
            parents: parents.collect(),
            below: below.clone(),
            above: above.clone(),
        }
    }
}

impl fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree")
            .field("dimension", self.dimension.key())
            .field("hierarchy", self.hierarchy_key())
            .field("above", &self.bridge.map(Bridge::above))
            .finish()
    }
}

/// Who is above whom among the rows of panels on a day: made by [`Tree::rows`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeRows {
    parents: Vec<Option<RowId>>,
    below: Subjects,
    above: Subjects,
}

impl TreeRows {
    /// Returns the row above this one; `None` at the top and for a row of other subjects.
    #[must_use]
    pub fn parent(&self, row: RowId) -> Option<RowId> {
        self.parents.get(row.index()).copied().flatten()
    }

    /// Returns the rows right below this one, in order.
    pub fn children(&self, row: RowId) -> impl Iterator<Item = RowId> {
        let rows = self.parents.iter().enumerate();
        rows.filter(move |(_, parent)| **parent == Some(row))
            .map(|(child, _)| RowId::at(child))
    }

    /// Returns how many rows there are below.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parents.len()
    }

    /// Says whether there is no row below.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parents.is_empty()
    }

    /// Returns the rows below.
    #[must_use]
    pub fn below(&self) -> &Subjects {
        &self.below
    }

    /// Returns the rows above.
    #[must_use]
    pub fn above(&self) -> &Subjects {
        &self.above
    }
}

impl Dimension {
    /// Returns the tree of one hierarchy.
    ///
    /// # Errors
    /// [`SpaceError::UnknownHierarchy`] with the nearest known key.
    pub fn tree(&self, hierarchy: &str) -> Result<Tree<'_>, SpaceError> {
        self.hierarchy(hierarchy)
            .map(|index| Tree::new(self, index))
    }
}

/// To whom the members of one dimension belong in another, and when: a dealer to the salesperson who looks after it.
///
/// Its tree ([`Bridge::tree`]) leads from the lower dimension to the upper one. Where a member has a link on a day, what is
/// above it then is the other end of the link; else it is what its own hierarchy says.
///
/// ```
/// use quotaflow::space::{Bridge, Dimension, DimensionDef, LinkDef};
/// let people = DimensionDef::new("person", &["team", "person"])?.member("team", "north")?.child("person", "ann", "north")?;
/// let people = Dimension::new(people.child("person", "bo", "north")?)?;
/// let dealers = Dimension::new(DimensionDef::flat("dealer", "dealer", ["dx", "dy"])?)?;
/// // Ann looks after dx until the end of June, and then Bo.
/// let july = "2026-07-01".parse()?;
/// let links = [LinkDef::always("dx", "ann")?.until(july), LinkDef::always("dx", "bo")?.since(july)];
/// let bridge = Bridge::new(dealers.tree("dealer")?, people.tree("person")?, &links)?;
/// let above = |day: &str| Ok::<_, quotaflow::Error>(bridge.tree().chain_of("dx", day.parse()?).map(|key| key.as_str()).collect::<Vec<_>>());
/// assert_eq!(above("2026-06-30")?, ["ann", "north"]);
/// assert_eq!(above("2026-07-01")?, ["bo", "north"]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Bridge<'a> {
    pub(super) below: Tree<'a>,
    pub(super) above: Tree<'a>,
    /// For each member below its stretches by their first day, half open, in days since the common era.
    pub(super) stretches: Vec<Vec<(i32, i32, MemberId)>>,
}

impl<'a> Bridge<'a> {
    /// The tree of the upper dimension.
    pub(super) fn above(&self) -> Tree<'a> {
        self.above
    }

    /// The member of the upper dimension to which one of the lower belongs on a day.
    pub(super) fn owner(&self, member: MemberId, day: NaiveDate) -> Option<MemberId> {
        let (own, day) = (self.stretches.get(member.index())?, day.num_days_from_ce());
        let after = own.partition_point(|(from, ..)| *from <= day);
        let (_, to, parent) = own.get(after.checked_sub(1)?)?;
        (day < *to).then_some(*parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Axis, DimensionDef};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Cy moves from north to south on 1 July; di is right below the country, without a team.
    fn people() -> Dimension {
        let july = Some(day("2026-07-01"));
        let def = DimensionDef::new("person", &["country", "team", "person"]).unwrap();
        let def = def
            .member("country", "land")
            .and_then(|def| def.child("team", "north", "land"))
            .and_then(|def| def.child("team", "south", "land"))
            .and_then(|def| def.child("person", "ann", "north"))
            .and_then(|def| def.member("person", "cy"))
            .and_then(|def| def.link("person", "cy", "north", None, july))
            .and_then(|def| def.link("person", "cy", "south", july, None))
            .and_then(|def| def.child("person", "di", "land"));
        Dimension::new(def.unwrap()).unwrap()
    }

    fn names(people: &Dimension, ids: impl Iterator<Item = MemberId>) -> Vec<&str> {
        ids.map(|id| people.key_of(id).as_str()).collect()
    }

    #[test]
    fn the_tree_is_that_of_the_day() {
        let people = people();
        let tree = people.tree("person").unwrap();
        let id = |key: &str| people.member(key).unwrap();
        let (june, july) = (day("2026-06-30"), day("2026-07-01"));
        assert_eq!(
            names(&people, tree.chain(id("cy"), june)),
            ["north", "land"]
        );
        assert_eq!(
            names(&people, tree.chain(id("cy"), july)),
            ["south", "land"]
        );
        assert_eq!(names(&people, tree.chain(id("di"), june)), ["land"]);
        assert_eq!(names(&people, tree.below(id("north"), june)), ["ann", "cy"]);
        assert_eq!(names(&people, tree.below(id("north"), july)), ["ann"]);
        assert_eq!(
            names(&people, tree.below(id("land"), july)),
            ["north", "south", "ann", "cy", "di"]
        );
        assert_eq!(tree.parent(MemberId::UNASSIGNED, june), None);
        assert_eq!(tree.parent_key("land", june), None);
        let unknown = people.tree("persn").unwrap_err().to_string();
        assert!(unknown.ends_with("did you mean `person`?"), "{unknown}");
    }

    #[test]
    fn rows_are_below_the_nearest_row_above_that_is_there() {
        let people = people();
        let tree = people.tree("person").unwrap();
        let rows = |level: &str, keys: &[&str]| {
            let keys = keys.iter().map(|key| Key::new(key).unwrap()).collect();
            Subjects::new(Axis::new("person", level).unwrap(), keys).unwrap()
        };
        let persons = rows("person", &["ann", "cy", "di", "unassigned"]);
        let teams = rows("team", &["south", "north"]);
        let parents = |below: &Subjects, above: &Subjects, on: &str| {
            let rows = tree.rows(below, above, day(on));
            let parent = |row| rows.parent(row).map(RowId::index);
            below.ids().map(parent).collect::<Vec<_>>()
        };
        assert_eq!(
            parents(&persons, &teams, "2026-06-30"),
            [Some(1), Some(1), None, None]
        );
        assert_eq!(
            parents(&persons, &teams, "2026-07-01"),
            [Some(1), Some(0), None, None]
        );
        let products = Subjects::new(
            Axis::new("product", "product").unwrap(),
            vec![Key::new("x").unwrap(), Key::new("y").unwrap()],
        );
        let products = products.unwrap();
        let (persons, teams) = (
            persons.cross(&products).unwrap(),
            teams.cross(&products).unwrap(),
        );
        let found = tree.rows(&persons, &teams, day("2026-07-01"));
        let label = |row: [&str; 2]| {
            let parent = found.parent(persons.row(row).unwrap());
            parent.map(|row| teams.label(row))
        };
        assert_eq!(label(["ann", "x"]).as_deref(), Some("north / x"));
        assert_eq!(label(["cy", "y"]).as_deref(), Some("south / y"));
        assert_eq!(
            found.children(teams.row(["south", "y"]).unwrap()).count(),
            1
        );
        let last = persons.ids().last().unwrap();
        let of_teams = tree.rows(&teams, &teams, day("2026-07-01"));
        assert_eq!(of_teams.parent(last), None);
        assert_eq!(of_teams.children(last).count(), 0);
    }
}
