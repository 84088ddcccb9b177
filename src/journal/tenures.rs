//! Who holds which post: what the model says, and what entries said of it since.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::entry::{Content, EndDef, Entry};
use crate::key::Key;
use crate::quantity::Ratio;
use crate::space::{Axis, Posts, PostsDef, Space, SpaceError, Tenure, TenureDef};

/// Under which name a member goes on: that of whom it was merged into, step by step.
pub(super) struct Merged<'e>(BTreeMap<(&'e Key, &'e Key), &'e Key>);

impl<'e> Merged<'e> {
    pub(super) fn of(entries: &[&'e Entry]) -> Self {
        let merged = entries.iter().filter_map(|entry| match entry.content() {
            Content::Merge(own) => Some(((&own.dimension, &own.member), &own.into)),
            _ => None,
        });
        Self(merged.collect())
    }

    pub(super) fn one<'k>(&self, dimension: &Key, member: &'k Key) -> &'k Key
    where
        'e: 'k,
    {
        let mut stays = member;
        // Circles are refused when they are entered.
        for _ in 0..self.0.len() {
            match self.0.get(&(dimension, stays)) {
                Some(into) => stays = into,
                None => break,
            }
        }
        stays
    }
}

/// The posts over a structure, by the entries that stand, in their order. Whom the structure does not have holds nothing; who was
/// merged into another one is that one, also as a leader and in reserve.
pub(crate) fn posts<'e>(
    definition: &PostsDef,
    space: &Space,
    entries: impl Iterator<Item = &'e Entry>,
) -> Result<Posts, SpaceError> {
    let entries: Vec<&Entry> = entries.collect();
    let merged = Merged::of(&entries);
    let mut own = definition.clone();
    own.tenures = tenures(definition, entries.iter().copied(), None);
    let (posts, people) = (&definition.posts.dimension, &definition.people.dimension);
    let leads = definition.leads.iter();
    let (stay, moved): (Vec<_>, Vec<_>) = leads
        .map(|(above, post)| (above, merged.one(posts, above), merged.one(posts, post)))
        .partition(|(above, stays, _)| above == stays);
    own.leads.clear();
    // Where a team that stays has a leader of its own, that one leads.
    for (_, above, post) in stay.into_iter().chain(moved) {
        own.leads
            .entry(above.clone())
            .or_insert_with(|| post.clone());
    }
    own.reserve = definition
        .reserve
        .as_ref()
        .map(|who| merged.one(people, who).clone());
    let is_there = |axis: &Axis, member: &Key| {
        let dimension = space.dimension(axis.dimension.as_str()).ok();
        dimension.is_some_and(|dimension| {
            let id = dimension.find(member.as_str());
            let level = id.and_then(|id| dimension.level_of(id));
            level.is_some() && level == dimension.level(axis.level.as_str()).ok()
        })
    };
    own.tenures
        .retain(|one| is_there(&own.posts, &one.post) && is_there(&own.people, &one.person));
    Posts::known(&own, space)
}

/// What somebody says of a post and a person: from a day on, or until one; the latest that has begun holds.
#[derive(Clone, Copy)]
struct Claim {
    first: i32,
    /// What comes later of one first day holds.
    number: usize,
    end: i32,
    /// With which part and how; none for who leaves.
    holds: Option<(Ratio, Tenure)>,
}

/// By post, who holds it, in order of their first day.
pub(super) type Tenures = BTreeMap<Key, Vec<TenureDef>>;

/// Who holds which post, or one of them, by the model and by entries in their order.
pub(super) fn held<'e>(
    definition: &'e PostsDef,
    entries: impl Iterator<Item = &'e Entry>,
    post: Option<&Key>,
) -> Tenures {
    let mut found = Tenures::new();
    for tenure in tenures(definition, entries, post) {
        let own = found.entry(tenure.post.clone());
        own.or_default().push(tenure);
    }
    for held in found.values_mut() {
        held.sort_by_key(|one| one.from);
    }
    found
}

/// From a day on, and by which entry of all, somebody holds something no more.
type Ended = (i32, usize);

/// The tenures of the model, or those of one post, as entries in their order have changed them.
fn tenures<'e>(
    definition: &'e PostsDef,
    entries: impl Iterator<Item = &'e Entry>,
    only: Option<&Key>,
) -> Vec<TenureDef> {
    let entries: Vec<&Entry> = entries.collect();
    let merged = Merged::of(&entries);
    let of_post = |post: &'e Key| {
        let post = merged.one(&definition.posts.dimension, post);
        only.is_none_or(|only| only == post).then_some(post)
    };
    let of_person = |person: &'e Key| merged.one(&definition.people.dimension, person);
    let mut claims: BTreeMap<(&Key, &Key), Vec<Claim>> = BTreeMap::new();
    // Of a post who leaves it, everybody where nobody is named; and of whom whatever they hold ends.
    let mut left: BTreeMap<(&Key, Option<&Key>), Vec<Ended>> = BTreeMap::new();
    let mut gone: BTreeMap<&Key, Vec<Ended>> = BTreeMap::new();
    let claim = |tenure: &TenureDef, from: Option<NaiveDate>, number: usize| Claim {
        first: from.map_or(i32::MIN, |day| day.num_days_from_ce()),
        number,
        end: tenure.to.map_or(i32::MAX, |day| day.num_days_from_ce()),
        holds: Some((tenure.part, tenure.tenure)),
    };
    for tenure in &definition.tenures {
        if let Some(post) = of_post(&tenure.post) {
            let own = claims.entry((post, of_person(&tenure.person)));
            own.or_default().push(claim(tenure, tenure.from, 0));
        }
    }
    for (number, entry) in (1..).zip(entries.iter().copied()) {
        let day = entry.day();
        let end = (day.num_days_from_ce(), number);
        match entry.content() {
            Content::Hold(tenure) => {
                if let Some(post) = of_post(&tenure.post) {
                    let own = claims.entry((post, of_person(&tenure.person)));
                    own.or_default().push(claim(tenure, Some(day), number));
                }
            }
            Content::Vacate(own) => {
                if let Some(post) = of_post(&own.post) {
                    let place = (post, own.person.as_ref().map(of_person));
                    left.entry(place).or_default().push(end);
                }
            }
            Content::End(EndDef { dimension, member }) => {
                if *dimension == definition.people.dimension {
                    gone.entry(of_person(member)).or_default().push(end);
                }
                if *dimension == definition.posts.dimension
                    && let Some(post) = of_post(member)
                {
                    left.entry((post, None)).or_default().push(end);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for ((post, person), mut own) in claims {
        let ends = [left.get(&(post, None)), left.get(&(post, Some(person)))];
        let ends = ends.into_iter().chain([gone.get(person)]).flatten();
        own.extend(ends.flatten().map(|(first, number)| Claim {
            first: *first,
            number: *number,
            end: i32::MAX,
            holds: None,
        }));
        found.extend(pieces(own).into_iter().map(|(from, to, (part, tenure))| {
            let day = |number: i32| NaiveDate::from_num_days_from_ce_opt(number);
            TenureDef {
                post: post.clone(),
                person: person.clone(),
                from: day(from).filter(|_| from != i32::MIN),
                to: day(to).filter(|_| to != i32::MAX),
                part,
                tenure,
            }
        }));
    }
    found
}

/// What holds on which days, of claims about one post and person.
fn pieces(mut claims: Vec<Claim>) -> Vec<(i32, i32, (Ratio, Tenure))> {
    // Of two of one day and number, which are of the model, the one that comes later holds.
    claims.sort_by_key(|claim| (claim.first, claim.number));
    let bounds = claims.iter().flat_map(|claim| [claim.first, claim.end]);
    let bounds: BTreeSet<i32> = bounds.collect();
    let mut coming = claims.into_iter().peekable();
    // Those that have begun: the last one holds, unless it is over.
    let mut begun: Vec<Claim> = Vec::new();
    let mut found: Vec<(i32, i32, (Ratio, Tenure))> = Vec::new();
    for (from, to) in bounds.iter().zip(bounds.iter().skip(1)) {
        while let Some(next) = coming.next_if(|claim| claim.first <= *from) {
            begun.push(next);
        }
        while begun.pop_if(|claim| claim.end <= *from).is_some() {}
        let Some(holds) = begun.last().and_then(|claim| claim.holds) else {
            continue;
        };
        match found.last_mut() {
            Some(last) if last.1 == *from && last.2 == holds => last.1 = *to,
            _ => found.push((*from, *to, holds)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::EntryId;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn told(entries: &[Entry]) -> Vec<String> {
        let (post, person) = (Axis::new("post", "post"), Axis::new("person", "person"));
        let model = PostsDef::new(post.unwrap(), person.unwrap()).held(
            TenureDef::always("p", "ann")
                .unwrap()
                .until(day("2026-07-01")),
        );
        let all = tenures(&model, entries.iter(), None);
        let shown = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        all.iter()
            .map(|one| {
                let (from, to) = (shown(one.from), shown(one.to));
                format!("{} {from}..{to} {:?}", one.person, one.tenure)
            })
            .collect()
    }

    fn id(number: u32) -> EntryId {
        EntryId::new("hr", &number.to_string()).unwrap()
    }

    /// ann is there since ever; an absence lies over that, and what was so before is so again after it.
    #[test]
    fn after_a_stated_time_it_is_as_it_was_before() {
        let tenure = |who: &str| TenureDef::always("p", who).unwrap();
        let (away, back) = (day("2026-03-09"), day("2026-03-23"));
        let absent = Entry::hold(
            id(1),
            away,
            tenure("ann").until(back).as_tenure(Tenure::Absent),
        );
        assert_eq!(
            told(std::slice::from_ref(&absent)),
            [
                "ann ..2026-03-09 Regular",
                "ann 2026-03-09..2026-03-23 Absent",
                "ann 2026-03-23..2026-07-01 Regular"
            ]
        );
        // Who left within the absence is not back after it.
        let left = Entry::vacate(id(2), day("2026-03-16"), "p", Some("ann")).unwrap();
        assert_eq!(
            told(&[absent, left]),
            [
                "ann ..2026-03-09 Regular",
                "ann 2026-03-09..2026-03-16 Absent"
            ]
        );
    }

    #[test]
    fn the_later_of_two_entries_about_a_day_holds_and_the_end_of_a_person_or_post_is_that_of_their_tenures()
     {
        let tenure = |who: &str| TenureDef::always("p", who).unwrap();
        let (may, june) = (day("2026-05-01"), day("2026-06-01"));
        let half = Entry::hold(id(1), may, tenure("bo").part(Ratio::percent(50)));
        let third = Entry::hold(id(2), may, tenure("bo").as_tenure(Tenure::Acting));
        let gone = Entry::end(id(3), june, ("person", "bo")).unwrap();
        assert_eq!(
            told(&[half.clone(), third, gone]),
            [
                "ann ..2026-07-01 Regular",
                "bo 2026-05-01..2026-06-01 Acting"
            ]
        );
        let shut = Entry::end(id(3), june, ("post", "p")).unwrap();
        assert_eq!(
            told(&[half, shut]),
            [
                "ann ..2026-06-01 Regular",
                "bo 2026-05-01..2026-06-01 Regular"
            ]
        );
        let all = Entry::vacate(id(4), may, "p", None).unwrap();
        assert_eq!(told(&[all]), ["ann ..2026-05-01 Regular"]);
    }
}
