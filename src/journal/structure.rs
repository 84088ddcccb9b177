//! Who belonged to whom: the structure of the model, and what entries said of it since.

mod stays;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::entry::{Content, Entry, JoinDef};
use crate::key::Key;
use crate::space::{DimensionDef, HierarchyDef, LinkDef, MemberDef, Space, SpaceError};
use crate::text::Texts;
pub(crate) use stays::Stays;

/// An entry that began or ceased to be a part of the structure, of what is excused, or of the targets that are written down.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) hand_over: u32,
    /// The number of the entry, by which it comes before or after others about one day.
    pub(crate) number: u32,
    pub(crate) entry: Arc<Entry>,
    pub(crate) stands: bool,
}

/// Returns the structure after so many hand-overs, without what is effective after a day.
pub(crate) fn structure(
    model: &Space,
    steps: &[Step],
    hand_overs: usize,
    as_of: Option<NaiveDate>,
) -> Result<Space, SpaceError> {
    let standing = standing(steps, hand_overs, as_of);
    if !standing.iter().any(|entry| about(entry).is_some()) {
        return Ok(model.clone());
    }
    let mut definitions: Vec<DimensionDef> = model
        .iter()
        .map(|known| known.definition().clone())
        .collect();
    for definition in &mut definitions {
        apply(definition, &standing);
    }
    Space::new(definitions)
}

/// The entries that stand after so many hand-overs, without what is effective after a day.
pub(crate) fn standing(
    steps: &[Step],
    hand_overs: usize,
    as_of: Option<NaiveDate>,
) -> Vec<&Arc<Entry>> {
    let mut standing: BTreeMap<u32, &Arc<Entry>> = BTreeMap::new();
    let seen = |step: &&Step| (step.hand_over as usize) < hand_overs;
    for step in steps.iter().take_while(seen) {
        if step.stands {
            standing.insert(step.number, &step.entry);
        } else {
            standing.remove(&step.number);
        }
    }
    let standing = standing.into_values();
    let standing = standing.filter(|entry| as_of.is_none_or(|day| entry.day() <= day));
    standing.collect()
}

/// Whether an entry is kept step by step.
pub(crate) fn is_step(entry: &Entry) -> bool {
    let content = entry.content();
    is_structure(entry) || matches!(content, Content::Targets(_) | Content::Excuse(_))
}

/// By hierarchy and member, from which day on it has which parent; since ever at the smallest number.
type Lines = BTreeMap<(usize, Key), BTreeMap<i32, Option<Key>>>;

fn apply(dimension: &mut DimensionDef, standing: &[&Arc<Entry>]) {
    let key = dimension.key.clone();
    let own = standing
        .iter()
        .filter(|entry| about(entry).is_some_and(|(of, _)| *of == key));
    let own: Vec<&Arc<Entry>> = own.copied().collect();
    if own.is_empty() {
        return;
    }
    let places = |entry: &&Arc<Entry>| {
        let content = entry.content();
        !matches!(content, Content::Rename(_) | Content::Merge(_))
    };
    let touched: BTreeSet<Key> = own
        .iter()
        .copied()
        .filter(places)
        .filter_map(|entry| about(entry))
        .map(|(_, member)| member.clone())
        .collect();
    let mut lines = lines(&dimension.hierarchies, &touched);
    for entry in &own {
        let day = entry.day().num_days_from_ce();
        let mut put = |hierarchy: usize, member: &Key, parent: Option<&Key>| {
            let line = lines.entry((hierarchy, member.clone())).or_default();
            line.insert(day, parent.cloned());
        };
        match entry.content() {
            Content::Join(join) => {
                dimension.members.push(MemberDef {
                    key: join.member.clone(),
                    title: join.title.clone(),
                    level: join.level.clone(),
                    also: Vec::new(),
                });
                for parent in &join.parents {
                    if let Some(at) = position(&dimension.hierarchies, parent.hierarchy.as_ref()) {
                        put(at, &join.member, Some(&parent.member));
                    }
                }
            }
            Content::Move(to) => {
                if let Some(at) = position(&dimension.hierarchies, to.hierarchy.as_ref()) {
                    put(at, &to.member, Some(&to.parent));
                }
            }
            Content::End(end) => {
                for at in 0..dimension.hierarchies.len() {
                    put(at, &end.member, None);
                }
            }
            Content::Rename(_)
            | Content::Merge(_)
            | Content::Record(_)
            | Content::Reverse(_)
            | Content::Apply(_)
            | Content::Hold(_)
            | Content::Vacate(_)
            | Content::Targets(_)
            | Content::Plan(_)
            | Content::Close(_)
            | Content::Reopen
            | Content::Model(_)
            | Content::Decide(_)
            | Content::Excuse(_)
            | Content::Void(_) => {}
        }
    }
    // As of a day before a team is there, nobody is in it.
    let members: BTreeSet<&Key> = dimension.members.iter().map(|member| &member.key).collect();
    let is_there =
        |link: &LinkDef| members.contains(&link.member) && members.contains(&link.parent);
    for (at, hierarchy) in dimension.hierarchies.iter_mut().enumerate() {
        hierarchy
            .links
            .retain(|link| !touched.contains(&link.member));
        let own = lines.iter().filter(|((of, _), _)| *of == at);
        let own = own.flat_map(|((_, member), line)| links(member, line));
        hierarchy.links.extend(own.filter(is_there));
    }
    rename(dimension, &own);
    merge(dimension, &own);
}

/// Gives members the names under which they are shown by now.
fn rename(dimension: &mut DimensionDef, said: &[&Arc<Entry>]) {
    // By member, the last that was told of the last day.
    let mut titles: BTreeMap<&Key, (NaiveDate, &Texts)> = BTreeMap::new();
    for entry in said {
        let Content::Rename(rename) = entry.content() else {
            continue;
        };
        let own = (entry.day(), &rename.title);
        let last = titles.entry(&rename.member).or_insert(own);
        if last.0 <= own.0 {
            *last = own;
        }
    }
    for member in &mut dimension.members {
        if let Some((_, title)) = titles.get(&member.key) {
            member.title.clone_from(title);
        }
    }
}

/// Makes one of members who turned out to be the same: the one that stays goes by all names, and has the children of all.
fn merge(dimension: &mut DimensionDef, said: &[&Arc<Entry>]) {
    let into = merged(&dimension.members, said);
    if into.is_empty() {
        return;
    }
    let gone: BTreeSet<Key> = into.keys().map(|key| (*key).clone()).collect();
    let mut names: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
    for member in &dimension.members {
        if into.contains_key(&member.key) {
            let own = std::iter::once(&member.key).chain(&member.also).cloned();
            let last = last_of(&into, &member.key).clone();
            names.entry(last).or_default().extend(own);
        }
    }
    for hierarchy in &mut dimension.hierarchies {
        hierarchy
            .links
            .retain(|link| !into.contains_key(&link.member));
        for link in &mut hierarchy.links {
            link.parent = last_of(&into, &link.parent).clone();
        }
    }
    dimension
        .members
        .retain(|member| !gone.contains(&member.key));
    for member in &mut dimension.members {
        member
            .also
            .extend(names.remove(&member.key).unwrap_or_default());
    }
}

/// By member that is another one, which one that is, and from which day on.
type Merged<'k> = BTreeMap<&'k Key, (&'k Key, NaiveDate)>;

/// Who of some members turned out to be another one of them.
fn merged<'k>(members: &[MemberDef], said: &[&'k Arc<Entry>]) -> Merged<'k> {
    let there: BTreeSet<&Key> = members.iter().map(|member| &member.key).collect();
    let mut into = Merged::new();
    for entry in said {
        let Content::Merge(merge) = entry.content() else {
            continue;
        };
        let last = last_of(&into, &merge.into);
        if *last != merge.member && there.contains(&merge.member) && there.contains(last) {
            into.entry(&merge.member).or_insert((last, entry.day()));
        }
    }
    into
}

/// Who stays of those that a member was merged into, one after the other.
fn last_of<'k>(into: &Merged<'k>, member: &'k Key) -> &'k Key {
    let mut last = member;
    while let Some((next, _)) = into.get(last) {
        last = next;
    }
    last
}

/// The dimension and the member that an entry of structure is about.
pub(crate) fn about(entry: &Entry) -> Option<(&Key, &Key)> {
    match entry.content() {
        Content::Join(JoinDef {
            dimension, member, ..
        }) => Some((dimension, member)),
        Content::Move(to) => Some((&to.dimension, &to.member)),
        Content::End(end) => Some((&end.dimension, &end.member)),
        Content::Rename(rename) => Some((&rename.dimension, &rename.member)),
        Content::Merge(merge) => Some((&merge.dimension, &merge.member)),
        Content::Record(_)
        | Content::Reverse(_)
        | Content::Apply(_)
        | Content::Hold(_)
        | Content::Vacate(_)
        | Content::Targets(_)
        | Content::Plan(_)
        | Content::Close(_)
        | Content::Reopen
        | Content::Model(_)
        | Content::Decide(_)
        | Content::Excuse(_)
        | Content::Void(_) => None,
    }
}

/// The dimension and the member of an entry that says who a member is: that it is there, or that it is another one.
pub(crate) fn identified(entry: &Entry) -> Option<(&Key, &Key)> {
    let content = entry.content();
    about(entry).filter(|_| matches!(content, Content::Join(_) | Content::Merge(_)))
}

/// Whether an entry is of structure.
pub(crate) fn is_structure(entry: &Entry) -> bool {
    matches!(entry.content(), Content::Hold(_) | Content::Vacate(_)) || about(entry).is_some()
}

/// The position of a hierarchy, the first one where none is named.
pub(crate) fn position(hierarchies: &[HierarchyDef], key: Option<&Key>) -> Option<usize> {
    match key {
        None => (!hierarchies.is_empty()).then_some(0),
        Some(key) => hierarchies.iter().position(|known| known.key == *key),
    }
}

/// What the model says of some members.
fn lines(hierarchies: &[HierarchyDef], touched: &BTreeSet<Key>) -> Lines {
    let mut lines = Lines::new();
    for (at, hierarchy) in hierarchies.iter().enumerate() {
        let own = hierarchy
            .links
            .iter()
            .filter(|link| touched.contains(&link.member));
        for link in own {
            let line = lines.entry((at, link.member.clone())).or_default();
            let from = link.from.map_or(i32::MIN, |day| day.num_days_from_ce());
            line.insert(from, Some(link.parent.clone()));
            if let Some(to) = link.to {
                // Unless the next link begins there.
                line.entry(to.num_days_from_ce()).or_insert(None);
            }
        }
    }
    lines
}

fn links<'a>(
    member: &'a Key,
    line: &'a BTreeMap<i32, Option<Key>>,
) -> impl Iterator<Item = LinkDef> + 'a {
    let day =
        |number: i32| NaiveDate::from_num_days_from_ce_opt(number).filter(|_| number != i32::MIN);
    let ends = line
        .keys()
        .skip(1)
        .map(|number| Some(*number))
        .chain([None]);
    line.iter()
        .zip(ends)
        .filter_map(move |((from, parent), to)| {
            Some(LinkDef {
                member: member.clone(),
                parent: parent.clone()?,
                from: day(*from),
                to: to.and_then(day),
            })
        })
}
