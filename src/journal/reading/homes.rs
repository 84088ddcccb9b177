//! Where leaves stand by a structure: the members that they name, and beside them the post of a person and the people of a post.

use chrono::NaiveDate;

use crate::journal::leaves::{Leaf, Leaves};
use crate::key::Key;
use crate::ledger::Kind;
use crate::quantity::Ratio;
use crate::space::{Dimension, MemberId, Placement, Posts, Space, on};

/// A structure, with the members that leaves name.
pub(in crate::journal) struct Homes<'s> {
    space: &'s Space,
    posts: Option<&'s Posts>,
    /// By dimension, the members by the numbers of leaves.
    ids: Vec<Vec<MemberId>>,
}

/// To whom a post is credited from a day on.
type Credited = (i32, Vec<(MemberId, Ratio)>);

/// Where one leaf stands from day to day.
pub(in crate::journal) struct Home<'s> {
    /// By field, the member that is named.
    members: Vec<(&'s Dimension, MemberId)>,
    /// The field in which the post of a person counts since none is named, and which post from a day on.
    post: Option<(usize, &'s [(i32, MemberId)])>,
    /// The field to whose members a record of a post is credited, and to whom from a day on.
    people: Option<(usize, &'s [Credited])>,
}

impl<'s> Homes<'s> {
    pub(in crate::journal) fn new(
        space: &'s Space,
        posts: Option<&'s Posts>,
        leaves: &Leaves,
    ) -> Self {
        let ids = space.iter().zip(leaves.names());
        Self {
            space,
            posts,
            ids: ids
                .map(|(dimension, names)| ids_of(dimension, names))
                .collect(),
        }
    }

    pub(in crate::journal) fn of(&self, kind: &Kind, leaf: &Leaf) -> Home<'s> {
        let named = kind.dimensions.iter().zip(leaf.members());
        let members = named.map(|(dimension, member)| {
            let id = self.ids[dimension.index()].get(*member as usize);
            let id = id.copied().unwrap_or(MemberId::UNASSIGNED);
            (self.space.own(*dimension), id)
        });
        let mut home = Home {
            members: members.collect(),
            post: None,
            people: None,
        };
        let fields = self.posts.and_then(|posts| {
            let post = kind.place(posts.posts().dimension.as_str())?;
            let first = kind.place(posts.people().dimension.as_str())?;
            // Of several fields of people it is the one that is credited.
            let people = kind.dimensions.get(first);
            let credited = kind
                .credit
                .filter(|own| kind.dimensions.get(*own) == people);
            Some((posts, post, credited.unwrap_or(first)))
        });
        if let Some((posts, post, person)) = fields {
            let is_named = |field: usize| leaf.members().get(field).is_some_and(|own| *own != 0);
            let member = |field: usize| home.members[field].1;
            match (is_named(post), is_named(person)) {
                (false, true) => home.post = Some((post, posts.own_of(member(person)))),
                (true, false) if kind.credit == Some(person) => {
                    home.people = Some((person, posts.credited_of(member(post))));
                }
                _ => {}
            }
        }
        home
    }
}

impl Home<'_> {
    /// The days on which it moves, since ever at first.
    pub(in crate::journal) fn starts(&self) -> Vec<i32> {
        let mut all = vec![i32::MIN];
        let mut moves = |dimension: &Dimension, member: MemberId| {
            all.extend(dimension.stretches(member).map(|(start, _)| start));
        };
        for (dimension, member) in &self.members {
            moves(dimension, *member);
        }
        if let Some((field, own)) = self.post {
            for (_, post) in own {
                moves(self.members[field].0, *post);
            }
        }
        if let Some((field, credited)) = self.people {
            for (person, _) in credited.iter().flat_map(|(_, parts)| parts) {
                moves(self.members[field].0, *person);
            }
        }
        all.extend(
            self.post
                .iter()
                .flat_map(|(_, own)| *own)
                .map(|(day, _)| *day),
        );
        let credited = self.people.iter().flat_map(|(_, credited)| *credited);
        all.extend(credited.map(|(day, _)| *day));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Where its fields stand on a day, and if several share it where each of them stands, and with which part.
    pub(in crate::journal) fn on(&self, day: i32) -> (Vec<Placement>, Vec<(Placement, Ratio)>) {
        let date = NaiveDate::from_num_days_from_ce_opt(day).unwrap_or(NaiveDate::MIN);
        let own = self.members.iter();
        let mut places: Vec<Placement> = own
            .map(|(dimension, member)| dimension.placement(*member, date))
            .collect();
        if let Some((field, own)) = self.post
            && let Some(post) = on(own, day)
        {
            places[field] = self.members[field].0.placement(*post, date);
        }
        let mut shared = Vec::new();
        if let Some((field, credited)) = self.people
            && let Some(parts) = on(credited, day)
        {
            let dimension = self.members[field].0;
            let parts = parts.iter();
            shared.extend(parts.map(|(person, part)| (dimension.placement(*person, date), *part)));
            if let Some((first, _)) = shared.first() {
                places[field] = *first;
            }
            if shared.len() == 1 {
                shared.clear();
            }
        }
        (places, shared)
    }
}

/// The members of a dimension by the numbers of leaves: 0 is nobody, as is whoever is not there.
fn ids_of(dimension: &Dimension, names: &[Key]) -> Vec<MemberId> {
    let own = names.iter().map(|name| dimension.find(name.as_str()));
    let own = own.map(|id| id.unwrap_or(MemberId::UNASSIGNED));
    std::iter::once(MemberId::UNASSIGNED).chain(own).collect()
}
