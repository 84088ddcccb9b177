//! To whom the days of a post count: its holders, and for what nobody holds who leads its team, or a reserve.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{Dated, Names, Parts, Posts, PostsDef, Tenure, on, vacant};
use crate::key::{Key, unknown};
use crate::quantity::Ratio;
use crate::space::{Dimension, MemberId, SpaceError};

/// By post, the other post that leads the nearest member above it that has one, from a day on.
pub(super) fn leads(
    definition: &PostsDef,
    dimension: &Dimension,
    posts: &Names,
) -> Result<Vec<Dated<Option<usize>>>, SpaceError> {
    let mut by_team: BTreeMap<MemberId, usize> = BTreeMap::new();
    for (team, post) in &definition.leads {
        let id = dimension.find(team.as_str()).ok_or_else(|| {
            let teams = dimension.definition().members.iter();
            let (name, nearest, known) =
                unknown(team.as_str(), teams.map(|member| member.key.as_str()));
            SpaceError::UnknownMember {
                dimension: dimension.key().clone(),
                name,
                nearest,
                known,
            }
        })?;
        by_team.insert(id, posts.place(post.as_str())?);
    }
    if by_team.is_empty() {
        return Ok(vec![Vec::new(); posts.keys.len()]);
    }
    let hierarchies = dimension.definition().hierarchies.iter();
    let trees = hierarchies.map(|own| dimension.tree(own.key.as_str()));
    let trees = trees.collect::<Result<Vec<_>, _>>()?;
    let leader = |post: usize, start: i32| {
        let day = NaiveDate::from_num_days_from_ce_opt(start).unwrap_or(NaiveDate::MIN);
        let above = trees
            .iter()
            .flat_map(|tree| tree.chain(posts.ids[post], day));
        let mut leads = above.filter_map(|team| by_team.get(&team).copied());
        leads.find(|lead| *lead != post)
    };
    let all = (0..posts.keys.len()).map(|post| {
        let stretches = dimension.stretches(posts.ids[post]);
        let found = stretches.map(|(start, _)| (start, leader(post, start)));
        joined(found.collect())
    });
    Ok(all.collect())
}

/// What holds from a day on, without days from which on nothing changes; the first holds since ever.
fn joined<T: PartialEq>(mut all: Vec<(i32, T)>) -> Vec<(i32, T)> {
    all.dedup_by(|next, last| next.1 == last.1);
    if let Some(first) = all.first_mut() {
        first.0 = i32::MIN;
    }
    all
}

impl Posts {
    /// To whom the days of each post count.
    pub(super) fn all_credited(&self, reserve: Option<usize>) -> BTreeMap<MemberId, Dated<Parts>> {
        let posts = 0..self.level.keys.len();
        let all = posts.map(|post| (self.level.ids[post], self.credited_by_day(post, reserve)));
        all.collect()
    }

    fn credited_by_day(&self, post: usize, reserve: Option<usize>) -> Dated<Parts> {
        let mut days: BTreeSet<i32> = self.tenure_days(post).collect();
        days.insert(i32::MIN);
        let is_vacant = |day: &i32| !vacant(&self.by_post[post], *day).is_zero();
        if reserve.is_none() && days.iter().any(is_vacant) {
            for above in self.above(post) {
                days.extend(self.leads[above].iter().map(|(day, _)| *day));
                days.extend(self.tenure_days(above));
            }
        }
        let parts = days.into_iter().map(|day| {
            let mut parts = BTreeMap::new();
            self.share(post, (day, Ratio::ONE), reserve, &mut parts);
            // Nobody stands last, whatever their part.
            let nobody = parts.remove(&MemberId::UNASSIGNED);
            let mut parts: Vec<(MemberId, Ratio)> = parts.into_iter().collect();
            parts.sort_by_key(|(person, part)| (Reverse(*part), *person));
            parts.extend(nobody.map(|part| (MemberId::UNASSIGNED, part)));
            (day, parts)
        });
        joined(parts.collect())
    }

    fn tenure_days(&self, post: usize) -> impl Iterator<Item = i32> + '_ {
        let held = self.by_post[post].iter();
        let days = held.flat_map(|one| [one.first(), one.end()]);
        days.filter(|day| *day != i32::MAX)
    }

    /// The post, and all that may ever lead it or one that does.
    fn above(&self, post: usize) -> BTreeSet<usize> {
        let (mut found, mut next) = (BTreeSet::new(), vec![post]);
        while let Some(post) = next.pop() {
            if found.insert(post) {
                next.extend(self.leads[post].iter().filter_map(|(_, lead)| *lead));
            }
        }
        found
    }

    /// Adds for whom a part of a post counts on a day.
    fn share(
        &self,
        post: usize,
        (day, whole): (i32, Ratio),
        reserve: Option<usize>,
        parts: &mut BTreeMap<MemberId, Ratio>,
    ) {
        let (mut at, mut whole, mut asked) = (Some(post), whole, BTreeSet::new());
        while let Some(post) = at.filter(|post| asked.insert(*post)) {
            let mut left = whole;
            let present = || self.by_post[post].iter().filter(|one| one.counts_on(day));
            let sum = present().try_fold(Ratio::ZERO, |sum, one| sum.checked_add(one.part));
            let of = sum.unwrap_or(Ratio::ONE).max(Ratio::ONE);
            for one in present() {
                let Some(person) = self.people.by_key.get(&one.person) else {
                    continue;
                };
                // A part of parts beyond the range stays with what is left.
                let part = one.part.checked_div(of);
                let Ok(part) = part.and_then(|part| whole.checked_mul(part)) else {
                    continue;
                };
                let own = parts.entry(self.people.ids[*person]).or_default();
                if let (Ok(sum), Ok(rest)) = (own.checked_add(part), left.checked_sub(part)) {
                    (*own, left) = (sum, rest);
                }
            }
            whole = left;
            if whole.is_zero() || reserve.is_some() {
                break;
            }
            at = on(&self.leads[post], day).copied().flatten();
        }
        if !whole.is_zero() {
            let last = reserve.map_or(MemberId::UNASSIGNED, |person| self.people.ids[person]);
            let own = parts.entry(last).or_default();
            *own = own.checked_add(whole).unwrap_or(*own);
        }
        parts.retain(|_, part| !part.is_zero());
    }

    /// The one post that is each person's own.
    pub(super) fn all_own(&self) -> BTreeMap<MemberId, Dated<MemberId>> {
        let people = self.people.keys.iter().zip(&self.people.ids);
        let all = people
            .zip(&self.by_person)
            .map(|((person, id), posts)| (*id, self.own_by_day(person, posts)));
        all.collect()
    }

    fn own_by_day(&self, person: &Key, posts: &[usize]) -> Dated<MemberId> {
        let own: Vec<(usize, i32, i32)> = posts
            .iter()
            .flat_map(|post| self.by_post[*post].iter().map(move |one| (*post, one)))
            .filter(|(_, one)| one.person == *person && one.tenure != Tenure::Acting)
            .map(|(post, one)| (post, one.first(), one.end()))
            .collect();
        let mut days: BTreeSet<i32> = own
            .iter()
            .flat_map(|(_, first, end)| [*first, *end])
            .collect();
        days.insert(i32::MIN);
        days.remove(&i32::MAX);
        let found = days.into_iter().map(|day| {
            let mut held = own
                .iter()
                .filter(|(_, first, end)| *first <= day && day < *end);
            let one = held.next().filter(|_| held.next().is_none());
            let one = one.map_or(MemberId::UNASSIGNED, |(post, ..)| self.level.ids[*post]);
            (day, one)
        });
        joined(found.collect())
    }
}
