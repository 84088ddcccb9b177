//! When somebody is there, and under which names: who was another one before is there as that one was.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Content, Names, Step, about, applied, standing};
use crate::key::Key;
use crate::space::{Dimension, LinkDef, SpaceError, Tree};

/// When the members of a dimension are there, as seen after so many hand-overs and as of a day.
pub(crate) struct Stays<'d> {
    now: &'d Dimension,
    /// By name; of whom nothing is said always is.
    each: BTreeMap<Key, Stay>,
    apart: Option<Apart>,
}

/// Where some are others by now: the dimension in which each name stands for itself.
struct Apart {
    by: Dimension,
    /// By member, all names that it has had, each with the day on which it became another one.
    names: BTreeMap<Key, Vec<(Key, NaiveDate)>>,
}

impl<'d> Stays<'d> {
    /// Those of a dimension of the model that has become another one by these entries.
    pub(crate) fn new(
        (model, now): (&Dimension, &'d Dimension),
        steps: &[Step],
        seen: (usize, NaiveDate),
    ) -> Result<Self, SpaceError> {
        let said = standing(steps, seen.0, Some(seen.1)).into_iter();
        let said = said.filter(|entry| about(entry).is_some_and(|(of, _)| of == now.key()));
        let (merges, places): (Vec<_>, Vec<_>) = said
            .filter(|entry| !matches!(entry.content(), Content::Rename(_)))
            .partition(|entry| matches!(entry.content(), Content::Merge(_)));
        let mut told: BTreeMap<&Key, BTreeMap<NaiveDate, bool>> = BTreeMap::new();
        for entry in &places {
            let Some((_, member)) = about(entry) else {
                continue;
            };
            let days = told.entry(member).or_default();
            if matches!(entry.content(), Content::Join(_)) {
                days.insert(NaiveDate::MIN, false);
            }
            days.insert(entry.day(), !matches!(entry.content(), Content::End(_)));
        }
        if merges.is_empty() {
            let (each, apart) = (Stay::all((model, now), told), None);
            return Ok(Self { now, each, apart });
        }
        let all = places.iter().chain(&merges);
        let known = Names::of(model, all.map(AsRef::as_ref));
        let definition = applied(model, &places);
        let apart = Dimension::new(definition.clone())?;
        let each = Stay::all((model, &apart), told);
        let mut stays = each.clone();
        let mut names: BTreeMap<Key, Vec<(Key, NaiveDate)>> = BTreeMap::new();
        for name in definition.members.iter().map(|member| &member.key) {
            let (mut last, mut since) = (name, NaiveDate::MIN);
            while let Some((next, day)) = known.next(last) {
                since = since.max(day);
                if let Some(later) = each.get(next) {
                    stays.entry(name.clone()).or_default().goes_on(later, since);
                }
                last = next;
            }
            let until = known.next(name).map_or(NaiveDate::MAX, |(_, day)| day);
            let all = names.entry(last.clone()).or_default();
            all.push((name.clone(), until));
        }
        let apart = Some(Apart { by: apart, names });
        Ok(Self {
            now,
            each: stays,
            apart,
        })
    }

    /// Whether a member is there on a day, under any of its names.
    pub(crate) fn has(&self, member: &Key, day: NaiveDate) -> bool {
        match self.names(member) {
            Some((_, names)) => names.iter().any(|(name, _)| self.is_there(name, day)),
            None => self.is_there(member, day),
        }
    }

    /// Whether such a one is above a member on a day: above any of the names that it had then and under which it was there.
    pub(crate) fn is_below(&self, member: &Key, day: NaiveDate, is: impl Fn(&Key) -> bool) -> bool {
        let Some((by, names)) = self.names(member) else {
            return self.is_below_by_now(member, day, is);
        };
        let is = |above: &Key| {
            let above = self.now.find(above.as_str());
            above.is_some_and(|above| is(self.now.key_of(above)))
        };
        let had = |(name, until): &&(Key, NaiveDate)| day < *until && self.is_there(name, day);
        let mut had = names.iter().filter(had);
        had.any(|(name, _)| is_above(by, name, day, is))
    }

    /// The same by what stands now, whatever names it had.
    pub(crate) fn is_below_by_now(
        &self,
        member: &Key,
        day: NaiveDate,
        is: impl Fn(&Key) -> bool,
    ) -> bool {
        is_above(self.now, member, day, is)
    }

    /// The names of a member who has had several.
    fn names(&self, member: &Key) -> Option<(&Dimension, &[(Key, NaiveDate)])> {
        let apart = self.apart.as_ref()?;
        let own = apart.names.get(member).filter(|own| own.len() > 1)?;
        Some((&apart.by, own))
    }

    fn is_there(&self, name: &Key, day: NaiveDate) -> bool {
        self.each.get(name).is_none_or(|stay| stay.has(day))
    }
}

/// Whether such a one is above a member on a day, in any hierarchy.
fn is_above(
    dimension: &Dimension,
    member: &Key,
    day: NaiveDate,
    is: impl Fn(&Key) -> bool,
) -> bool {
    let hierarchies = dimension.definition().hierarchies.iter();
    let mut trees = hierarchies.filter_map(|own| dimension.tree(own.key.as_str()).ok());
    trees.any(|tree: Tree<'_>| tree.chain_of(member.as_str(), day).any(&is))
}

/// When somebody is there under one name. Before anything was told of it: from the first day on which it is in something by the model
/// until it is in nothing for good. Since then: until it ended, or is in nothing for good.
#[derive(Debug, Clone, Default)]
struct Stay {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    told: BTreeMap<NaiveDate, bool>,
    until: Option<NaiveDate>,
}

impl Stay {
    /// Those of all members of whom a link or an entry says when they are there, by the model and by what it has become; all others
    /// always are.
    fn all(
        (model, now): (&Dimension, &Dimension),
        told: BTreeMap<&Key, BTreeMap<NaiveDate, bool>>,
    ) -> BTreeMap<Key, Self> {
        let mut all: BTreeMap<Key, Self> = BTreeMap::new();
        for (member, (from, to)) in spans(model) {
            let stay = all.entry(member.clone()).or_default();
            (stay.from, stay.to) = (from, to);
        }
        for (member, (_, until)) in spans(now) {
            all.entry(member.clone()).or_default().until = until;
        }
        for (name, told) in told {
            if let Some(member) = now.find(name.as_str()) {
                let stay = all.entry(now.key_of(member).clone()).or_default();
                stay.told.extend(told);
            }
        }
        all
    }

    /// It is that of another one from a day on: what is said of that one then is said of it.
    fn goes_on(&mut self, later: &Self, since: NaiveDate) {
        let told = later.told.range(since..);
        self.told
            .extend(told.map(|(day, is_there)| (*day, *is_there)));
        let end = |own: &mut Option<NaiveDate>, later: Option<NaiveDate>| {
            let later = later.filter(|to| since <= *to);
            *own = own.iter().copied().chain(later).min();
        };
        end(&mut self.to, later.to);
        end(&mut self.until, later.until);
    }

    fn has(&self, day: NaiveDate) -> bool {
        let (is_there, to) = match self.told.range(..=day).next_back() {
            Some((_, is_there)) => (*is_there, self.until),
            None => (self.from.is_none_or(|from| from <= day), self.to),
        };
        is_there && to.is_none_or(|to| day < to)
    }
}

/// From the first day on which a member is in something, since ever where there is none, until the first one from which on it is in nothing for good.
type SpanOf = (Option<NaiveDate>, Option<NaiveDate>);

/// Those of all members who are in something at some time.
fn spans(dimension: &Dimension) -> BTreeMap<&Key, SpanOf> {
    let mut links: BTreeMap<&Key, Vec<&LinkDef>> = BTreeMap::new();
    let hierarchies = dimension.definition().hierarchies.iter();
    for link in hierarchies.flat_map(|own| &own.links) {
        if let Some(member) = dimension.find(link.member.as_str()) {
            links
                .entry(dimension.key_of(member))
                .or_default()
                .push(link);
        }
    }
    let span = |own: Vec<&LinkDef>| {
        let is_open = own.iter().any(|link| link.to.is_none());
        let from = own.iter().map(|link| link.from).min().flatten();
        let to = own.iter().filter_map(|link| link.to).max();
        (from, to.filter(|_| !is_open))
    };
    links
        .into_iter()
        .map(|(member, own)| (member, span(own)))
        .collect()
}
