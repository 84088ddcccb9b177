//! Who holds which post: what the model says, and what entries said of it since.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::entry::{Content, EndDef, Entry};
use super::structure::Names;
use crate::key::Key;
use crate::quantity::Ratio;
use crate::space::{Axis, Posts, PostsDef, Space, SpaceError, Tenure, TenureDef};

/// Who is who among posts and people.
pub(super) struct Sides<'e> {
    pub(super) posts: Names<'e>,
    people: Names<'e>,
}

impl<'e> Sides<'e> {
    /// By a model and entries that stand.
    pub(super) fn of(
        definition: &PostsDef,
        model: &'e Space,
        entries: &[&'e Entry],
    ) -> Result<Self, SpaceError> {
        let dimension = |axis: &Axis| model.dimension(axis.dimension.as_str());
        let names = |dimension| Names::of(dimension, entries.iter().copied());
        Ok(Self {
            posts: names(dimension(&definition.posts)?),
            people: names(dimension(&definition.people)?),
        })
    }
}

/// The posts over a structure that the model has become by the entries that stand, in their order. Whom it does not have holds nothing;
/// who was merged into another one is that one, also as a leader and in reserve.
pub(crate) fn posts<'e>(
    definition: &'e PostsDef,
    (model, space): (&'e Space, &Space),
    entries: impl Iterator<Item = &'e Entry>,
) -> Result<Posts, SpaceError> {
    let entries: Vec<&Entry> = entries.collect();
    let sides = Sides::of(definition, model, &entries)?;
    let mut own = definition.clone();
    own.tenures = tenures(definition, &sides, &entries, None);
    let leads = definition.leads.iter();
    let (stay, moved): (Vec<_>, Vec<_>) = leads
        .map(|(above, post)| (above, sides.posts.one(above), sides.posts.one(post)))
        .partition(|(above, stays, _)| sides.posts.key(above) == *stays);
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
        .map(|who| sides.people.one(who).clone());
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

/// That somebody holds a post: from a day on, or until one; the latest that has begun holds.
#[derive(Clone, Copy)]
struct Claim<'e> {
    /// Under which names it was said.
    post: &'e Key,
    person: &'e Key,
    /// Since which day, and by which entry of all: what comes later of one first day holds.
    since: (i32, usize),
    end: i32,
    holds: (Ratio, Tenure),
}

/// From a day on somebody holds something no more.
#[derive(Clone, Copy)]
struct Ended<'e> {
    /// Under which names it was said: who left, or everybody, and what, or everything.
    post: Option<&'e Key>,
    person: Option<&'e Key>,
    day: NaiveDate,
    since: (i32, usize),
}

impl Ended<'_> {
    /// Whether it is said of what a claim is about: of names that were one on its day.
    fn is_of(&self, claim: &Claim<'_>, sides: &Sides<'_>) -> bool {
        let is_one = |names: &Names<'_>, own: Option<&Key>, other: &Key| {
            own.is_none_or(|own| names.on(own, self.day) == names.on(other, self.day))
        };
        is_one(&sides.posts, self.post, claim.post)
            && is_one(&sides.people, self.person, claim.person)
    }
}

/// By post, who holds it, in order of their first day.
pub(super) type Tenures = BTreeMap<Key, Vec<TenureDef>>;

/// Who holds which post, or one of them, by the model and by entries in their order.
pub(super) fn held(
    definition: &PostsDef,
    sides: &Sides<'_>,
    entries: &[&Entry],
    post: Option<&Key>,
) -> Tenures {
    let mut found = Tenures::new();
    for tenure in tenures(definition, sides, entries, post) {
        let own = found.entry(tenure.post.clone());
        own.or_default().push(tenure);
    }
    for held in found.values_mut() {
        held.sort_by_key(|one| one.from);
    }
    found
}

/// The tenures of the model, or those of one post, as entries in their order have changed them.
fn tenures<'e>(
    definition: &'e PostsDef,
    sides: &Sides<'e>,
    entries: &[&'e Entry],
    only: Option<&Key>,
) -> Vec<TenureDef> {
    let of_post = |post: &'e Key| {
        let post = sides.posts.one(post);
        only.is_none_or(|only| only == post).then_some(post)
    };
    let of_person = |person: &'e Key| sides.people.one(person);
    let mut claims: BTreeMap<(&Key, &Key), Vec<Claim<'e>>> = BTreeMap::new();
    // Of a post who leaves it, everybody where nobody is named; and of whom whatever they hold ends.
    let mut left: BTreeMap<(&Key, Option<&Key>), Vec<Ended<'e>>> = BTreeMap::new();
    let mut gone: BTreeMap<&Key, Vec<Ended<'e>>> = BTreeMap::new();
    let mut claim = |tenure: &'e TenureDef, from: Option<NaiveDate>, number: usize| {
        if let Some(post) = of_post(&tenure.post) {
            let own = claims.entry((post, of_person(&tenure.person)));
            own.or_default().push(Claim {
                post: &tenure.post,
                person: &tenure.person,
                since: (from.map_or(i32::MIN, |day| day.num_days_from_ce()), number),
                end: tenure.to.map_or(i32::MAX, |day| day.num_days_from_ce()),
                holds: (tenure.part, tenure.tenure),
            });
        }
    };
    for tenure in &definition.tenures {
        claim(tenure, tenure.from, 0);
    }
    for (number, entry) in (1..).zip(entries.iter().copied()) {
        let day = entry.day();
        let ended = |post, person| Ended {
            post,
            person,
            day,
            since: (day.num_days_from_ce(), number),
        };
        match entry.content() {
            Content::Hold(tenure) => claim(tenure, Some(day), number),
            Content::Vacate(own) => {
                if let Some(post) = of_post(&own.post) {
                    let place = (post, own.person.as_ref().map(of_person));
                    let end = ended(Some(&own.post), own.person.as_ref());
                    left.entry(place).or_default().push(end);
                }
            }
            Content::End(EndDef { dimension, member }) => {
                if *dimension == definition.people.dimension {
                    let end = ended(None, Some(member));
                    gone.entry(of_person(member)).or_default().push(end);
                }
                if *dimension == definition.posts.dimension
                    && let Some(post) = of_post(member)
                {
                    let end = ended(Some(member), None);
                    left.entry((post, None)).or_default().push(end);
                }
            }
            _ => {}
        }
    }
    for ends in left.values_mut().chain(gone.values_mut()) {
        ends.sort_by_key(|ended| ended.since);
    }
    let mut found = Vec::new();
    for ((post, person), mut own) in claims {
        let ends = [left.get(&(post, None)), left.get(&(post, Some(person)))];
        let ends: Vec<_> = ends.into_iter().chain([gone.get(person)]).collect();
        for claim in &mut own {
            for ends in ends.iter().copied().flatten() {
                let after = ends.partition_point(|ended| ended.since < claim.since);
                let first = ends[after..].iter().find(|own| own.is_of(claim, sides));
                claim.end = first.map_or(claim.end, |first| claim.end.min(first.since.0));
            }
        }
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
fn pieces(mut claims: Vec<Claim<'_>>) -> Vec<(i32, i32, (Ratio, Tenure))> {
    // Of two of one day and number, which are of the model, the one that comes later holds.
    claims.sort_by_key(|claim| claim.since);
    let bounds = claims.iter().flat_map(|claim| [claim.since.0, claim.end]);
    let bounds: BTreeSet<i32> = bounds.collect();
    let mut coming = claims.into_iter().peekable();
    // Those that have begun: the last one holds, unless it is over.
    let mut begun: Vec<Claim<'_>> = Vec::new();
    let mut found: Vec<(i32, i32, (Ratio, Tenure))> = Vec::new();
    for (from, to) in bounds.iter().zip(bounds.iter().skip(1)) {
        while let Some(next) = coming.next_if(|claim| claim.since.0 <= *from) {
            begun.push(next);
        }
        while begun.pop_if(|claim| claim.end <= *from).is_some() {}
        let Some(holds) = begun.last().map(|claim| claim.holds) else {
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
        let flat = |key: &str, member: &[&str]| {
            crate::space::DimensionDef::flat(key, key, member.iter().copied()).unwrap()
        };
        let space = Space::new(vec![flat("post", &["p"]), flat("person", &["ann", "bo"])]);
        let (space, entries): (Space, Vec<&Entry>) = (space.unwrap(), entries.iter().collect());
        let sides = Sides::of(&model, &space, &entries).unwrap();
        let all = tenures(&model, &sides, &entries, None);
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
