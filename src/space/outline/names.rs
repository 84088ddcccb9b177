//! The names of rows, and which of them are one member.

use std::collections::{BTreeMap, BTreeSet};

use super::{OutlineCause, OutlineMistake};
use crate::key::Key;

/// The names of a row on the way down, each with its level.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Path(Vec<(usize, String)>);

impl Path {
    pub(super) fn push(&mut self, level: usize, name: String) {
        self.0.push((level, name));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &String)> {
        self.0.iter().map(|(level, name)| (*level, name))
    }

    pub(super) fn last(&self) -> Option<(usize, &String)> {
        self.iter().last()
    }

    /// What it says at a level.
    pub(super) fn at(&self, level: usize) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| *own == level);
        found.map(|(_, name)| name.as_str())
    }

    /// Whether another one says the same above a level.
    pub(super) fn same_above(&self, other: &Self, level: usize) -> bool {
        let above = |path: &Self| path.0.iter().take_while(|(own, _)| *own < level).count();
        self.0[..above(self)] == other.0[..above(other)]
    }

    /// The way to one of its names.
    pub(super) fn upto(&self, at: usize) -> Self {
        Self(self.0.iter().take(at + 1).cloned().collect())
    }

    /// The way to the name above the last one.
    pub(super) fn above(&self) -> Option<Self> {
        let at = self.0.len().checked_sub(2)?;
        Some(self.upto(at))
    }

    fn joined(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|(_, name)| name.as_str()).collect();
        names.join(" / ")
    }
}

/// A name without blanks around it, and with one between its words; nor does the mark count with which some files begin.
pub(super) fn spaced(text: &str) -> String {
    let words = text.trim_start_matches('\u{feff}').split_whitespace();
    words.collect::<Vec<_>>().join(" ")
}

/// A way down, and the first row that has it.
struct Way {
    row: usize,
    key: Option<Key>,
}

/// All members that rows name, by the way down to each.
pub(super) struct Names<'p> {
    ways: BTreeMap<Path, Way>,
    /// In the order in which rows name them.
    order: Vec<Path>,
    /// By name, the ways that end with it.
    by_name: BTreeMap<&'p str, Vec<usize>>,
}

impl<'p> Names<'p> {
    pub(super) fn new(paths: &'p [Path]) -> Self {
        let (mut ways, mut order) = (BTreeMap::new(), Vec::new());
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (row, path) in paths.iter().enumerate() {
            for (at, (_, name)) in path.iter().enumerate() {
                let way = path.upto(at);
                if ways.contains_key(&way) {
                    continue;
                }
                by_name.entry(name).or_default().push(order.len());
                order.push(way.clone());
                ways.insert(way, Way { row, key: None });
            }
        }
        let mut own = Self {
            ways,
            order,
            by_name,
        };
        for way in &own.order {
            let Some((_, name)) = way.last() else {
                continue;
            };
            let is_one = own
                .by_name
                .get(name.as_str())
                .is_some_and(|all| all.len() == 1);
            let key = if is_one {
                Key::new(name)
            } else {
                Key::new(way.joined())
            };
            if let Some(known) = own.ways.get_mut(way) {
                known.key = key.ok();
            }
        }
        own
    }

    /// The members in order, each with its key.
    pub(super) fn each(&self) -> impl Iterator<Item = (&Path, &Key)> {
        self.order
            .iter()
            .filter_map(|way| Some((way, self.key(way)?)))
    }

    pub(super) fn key(&self, way: &Path) -> Option<&Key> {
        self.ways.get(way)?.key.as_ref()
    }

    /// Whether no row has a name at a level.
    pub(super) fn is_bare(&self, level: usize) -> bool {
        !self
            .order
            .iter()
            .any(|way| way.last().is_some_and(|(own, _)| own == level))
    }

    /// Members whose names differ by capitals alone.
    pub(super) fn alike(&self) -> Vec<Vec<Key>> {
        let mut all: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for name in self.by_name.keys() {
            all.entry(name.to_lowercase()).or_default().push(name);
        }
        let several = all.into_values().filter(|names| names.len() > 1);
        let members = several.map(|names| {
            let ways = names.iter().flat_map(|name| &self.by_name[name]);
            let mut ways: Vec<usize> = ways.copied().collect();
            ways.sort_unstable();
            let keys = ways.into_iter().map(|at| self.key(&self.order[at]));
            keys.flatten().cloned().collect()
        });
        members.collect()
    }

    fn row(&self, way: &Path) -> usize {
        self.ways.get(way).map_or(0, |way| way.row)
    }

    /// Refuses names that stand below two parents or at two levels. What stands below such a name is told where it is another one by
    /// itself.
    pub(super) fn refuse_doubled(&self, levels: &[Key], wrong: &mut Vec<OutlineMistake>) {
        for (name, all) in &self.by_name {
            let mut all = all.iter().map(|at| &self.order[*at]);
            let Some(first) = all.next() else { continue };
            let parent = |way: &Path| {
                way.above()
                    .and_then(|above| above.last().map(|(_, name)| name.clone()))
            };
            let Some((level, _)) = first.last() else {
                continue;
            };
            let mut told = BTreeSet::from([(level, parent(first))]);
            for way in all {
                let Some((own, _)) = way.last() else { continue };
                if !told.insert((own, parent(way))) {
                    continue;
                }
                let row = self.row(first) + 1;
                let cause = if own == level {
                    OutlineCause::TwoParents {
                        name: (*name).to_owned(),
                        parent: parent(way),
                        other: parent(first),
                        row,
                    }
                } else {
                    OutlineCause::TwoLevels {
                        name: (*name).to_owned(),
                        level: levels[level].clone(),
                        row,
                    }
                };
                wrong.push(OutlineMistake::new(
                    Some(self.row(way)),
                    (own, &levels[own]),
                    cause,
                ));
            }
        }
    }

    /// Refuses members that have one key although each has its path: a path may read like a name.
    pub(super) fn refuse_alike(&self, levels: &[Key], wrong: &mut Vec<OutlineMistake>) {
        let mut known: BTreeMap<&Key, &Path> = BTreeMap::new();
        for way in &self.order {
            let Some((level, name)) = way.last() else {
                continue;
            };
            let Some(key) = self.key(way) else {
                // A name that is no key by itself is told where it stands.
                if Key::new(name).is_ok()
                    && let Err(cause) = Key::new(way.joined())
                {
                    let place = (level, &levels[level]);
                    wrong.push(OutlineMistake::new(
                        Some(self.row(way)),
                        place,
                        cause.into(),
                    ));
                }
                continue;
            };
            if let Some(other) = known.insert(key, way) {
                let cause = OutlineCause::SameKey {
                    key: key.to_string(),
                    row: self.row(other) + 1,
                };
                wrong.push(OutlineMistake::new(
                    Some(self.row(way)),
                    (level, &levels[level]),
                    cause,
                ));
            }
        }
    }
}
