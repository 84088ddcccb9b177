//! Who hears of what: an alert above stands for those below it, and each recipient gets one list.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::incident::{AlertId, Event, Incident, What};
use crate::key::Key;
use crate::rule::Severity;
use crate::space::Tree;

/// A rule whose alerts stand for alerts of other rules further down: that of a team for those of its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// The rule above.
    pub rule: Key,
    /// The rules whose alerts it stands for; those of the same key where the list is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<Key>,
}

/// Returns for each open alert below whether an open alert above stands for it.
///
/// A subject lies below another when each of its members is the other's member or, by the tree on this day, below it: by one of
/// a [`Bridge`](crate::space::Bridge) a dealer lies below a salesperson.
#[must_use]
pub fn covered(
    below: &[Incident],
    above: &[Incident],
    covers: &[Cover],
    tree: Tree<'_>,
    day: NaiveDate,
) -> Vec<bool> {
    let standing = standing(above);
    let stands = |record: &Incident| stands_for(&standing, &record.id, covers, tree, day);
    below
        .iter()
        .map(|record| record.status.is_open() && stands(record))
        .collect()
}

/// Returns the events that are to be told: those of alerts for which no open alert above stands, in their order. The others
/// are there in the records for whoever asks.
///
/// The tree is that of [`covered`]. What an alert above stands for is told again, by its repeats and rungs, once that one is
/// over and it is not.
#[must_use]
pub fn uncovered(
    mut events: Vec<Event>,
    above: &[Incident],
    covers: &[Cover],
    tree: Tree<'_>,
    day: NaiveDate,
) -> Vec<Event> {
    let standing = standing(above);
    events.retain(|event| !stands_for(&standing, &event.id, covers, tree, day));
    events
}

type Standing<'r> = BTreeSet<(&'r Key, &'r [Key])>;

fn standing(above: &[Incident]) -> Standing<'_> {
    above
        .iter()
        .filter(|record| record.status.is_open())
        .map(|record| (record.id.rule(), record.id.subject()))
        .collect()
}

fn stands_for(
    standing: &Standing<'_>,
    id: &AlertId,
    covers: &[Cover],
    tree: Tree<'_>,
    day: NaiveDate,
) -> bool {
    covers
        .iter()
        .filter(|cover| {
            let own = cover.covers.is_empty() && cover.rule == *id.rule();
            own || cover.covers.contains(id.rule())
        })
        .any(|cover| {
            let mut stands = standing.iter().filter(|(rule, _)| *rule == &cover.rule);
            stands.any(|(_, subject)| lies_below(id.subject(), subject, tree, day))
        })
}

fn lies_below(subject: &[Key], above: &[Key], tree: Tree<'_>, day: NaiveDate) -> bool {
    subject != above
        && subject.len() == above.len()
        && subject.iter().zip(above).all(|(member, above)| {
            member == above || tree.chain_of(member.as_str(), day).any(|up| up == above)
        })
}

/// What one recipient is told: their alerts, grouped by rule and by what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// The role; `None` for what has no recipient.
    pub to: Option<Key>,
    /// The groups, the gravest first.
    pub groups: Vec<Group>,
}

/// What happened to alerts of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The rule.
    pub rule: Key,
    /// What happened.
    pub what: What,
    /// The subject above all of theirs, where the digest is by the tree of subjects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<Vec<Key>>,
    /// The gravest of them.
    pub severity: Severity,
    /// The events, in the order in which they came.
    pub events: Vec<Event>,
}

/// Returns one list for each recipient, grouped by rule and by what happened: the gravest groups first, then in the order
/// of the rules' keys.
#[must_use]
pub fn digest(events: &[Event]) -> Vec<Digest> {
    gathered(events, |_| None)
}

/// Returns the same by the tree of subjects: what one rule says of several subjects below the same one is one group, so
/// that a manager of three teams gets three groups and not one heap.
///
/// Who is above whom is what the tree says of this day; a member without one above stands above itself.
#[must_use]
pub fn digest_by_tree(events: &[Event], tree: Tree<'_>, day: NaiveDate) -> Vec<Digest> {
    let above = |member: &Key| {
        tree.parent_key(member.as_str(), day)
            .unwrap_or(member)
            .clone()
    };
    gathered(events, |event| {
        Some(event.id.subject().iter().map(above).collect())
    })
}

fn gathered(events: &[Event], under: impl Fn(&Event) -> Option<Vec<Key>>) -> Vec<Digest> {
    type Groups<'e> = BTreeMap<(&'e Key, Option<Vec<Key>>, What), Vec<&'e Event>>;
    let mut recipients: BTreeMap<Option<&Key>, Groups<'_>> = BTreeMap::new();
    for event in events {
        let groups = recipients.entry(event.to.as_ref()).or_default();
        groups
            .entry((event.id.rule(), under(event), event.what))
            .or_default()
            .push(event);
    }
    recipients
        .into_iter()
        .map(|(to, groups)| {
            let mut groups: Vec<Group> = groups
                .into_iter()
                .map(|((rule, under, what), events)| Group {
                    rule: rule.clone(),
                    what,
                    under,
                    severity: events
                        .iter()
                        .map(|event| event.severity)
                        .max()
                        .unwrap_or_default(),
                    events: events.into_iter().cloned().collect(),
                })
                .collect();
            groups.sort_by_key(|group| std::cmp::Reverse(group.severity));
            Digest {
                to: to.cloned(),
                groups,
            }
        })
        .collect()
}
