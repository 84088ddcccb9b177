//! Who belonged to whom: the structure of the model, and what entries said of it since.

mod names;
mod stays;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::entry::{Content, Entry, JoinDef};
use crate::key::Key;
use crate::space::{Dimension, DimensionDef, HierarchyDef, LinkDef, MemberDef, Space, SpaceError};
use crate::text::Texts;
pub(crate) use names::{Former, Names};
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
    let definitions = model.iter().map(|known| applied(known, &standing));
    Space::new(definitions.collect())
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

/// A dimension of the model as it is by these entries.
fn applied(model: &Dimension, standing: &[&Arc<Entry>]) -> DimensionDef {
    let mut dimension = model.definition().clone();
    let own = standing
        .iter()
        .filter(|entry| about(entry).is_some_and(|(of, _)| of == model.key()));
    let own: Vec<&Arc<Entry>> = own.copied().collect();
    if own.is_empty() {
        return dimension;
    }
    let names = Names::of(model, own.iter().map(AsRef::as_ref));
    let hierarchies = dimension.hierarchies.iter_mut();
    for link in hierarchies.flat_map(|hierarchy| &mut hierarchy.links) {
        for name in [&mut link.member, &mut link.parent] {
            *name = names.key(name).clone();
        }
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
        .map(|(_, member)| names.key(member).clone())
        .collect();
    let mut lines = lines(&dimension.hierarchies, &touched);
    for entry in &own {
        let day = entry.day().num_days_from_ce();
        let mut put = |hierarchy: usize, member: &Key, parent: Option<&Key>| {
            let place = (hierarchy, names.key(member).clone());
            let line = lines.entry(place).or_default();
            line.insert(day, parent.map(|parent| names.key(parent).clone()));
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
    rename(&mut dimension, &names, &own);
    merge(&mut dimension, &names);
    dimension
}

/// Gives members the names under which they are shown by now.
fn rename(dimension: &mut DimensionDef, names: &Names<'_>, said: &[&Arc<Entry>]) {
    // By member, the last that was told of the last day.
    let mut titles: BTreeMap<&Key, (NaiveDate, &Texts)> = BTreeMap::new();
    for entry in said {
        let Content::Rename(rename) = entry.content() else {
            continue;
        };
        let own = (entry.day(), &rename.title);
        let last = titles.entry(names.key(&rename.member)).or_insert(own);
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
fn merge(dimension: &mut DimensionDef, names: &Names<'_>) {
    if names.is_plain() {
        return;
    }
    let mut further: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
    let is_gone = |key: &Key| names.next(key).is_some();
    for member in dimension.members.iter().filter(|own| is_gone(&own.key)) {
        let own = std::iter::once(&member.key).chain(&member.also).cloned();
        let last = names.one(&member.key).clone();
        further.entry(last).or_default().extend(own);
    }
    for hierarchy in &mut dimension.hierarchies {
        hierarchy.links.retain(|link| !is_gone(&link.member));
        for link in &mut hierarchy.links {
            link.parent = names.one(&link.parent).clone();
        }
    }
    dimension.members.retain(|member| !is_gone(&member.key));
    for member in &mut dimension.members {
        let more = further.remove(&member.key);
        member.also.extend(more.unwrap_or_default());
    }
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
