//! Posts and the people who hold them.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Axis, Space, SpaceError};
use crate::key::{Key, unknown};
use crate::quantity::Ratio;

/// Who holds which post, as data: compile it with [`Posts::new`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostsDef {
    /// The level whose members are posts.
    pub posts: Axis,
    /// The level whose members are people.
    pub people: Axis,
    /// Who holds which post, from when to when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenures: Vec<TenureDef>,
}

/// One person in one post, from a day to the day before another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenureDef {
    /// The post.
    pub post: Key,
    /// Who holds it.
    pub person: Key,
    /// The first day; since ever where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The first day on which it no longer holds; for ever where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// The part of the post: above 0, at most 1. What nobody has stays with the post.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub part: Ratio,
    /// In what manner.
    #[serde(default, skip_serializing_if = "Tenure::is_regular")]
    pub tenure: Tenure,
}

fn whole() -> Ratio {
    Ratio::ONE
}

fn is_whole(part: &Ratio) -> bool {
    *part == Ratio::ONE
}

/// In what manner somebody holds a post.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Tenure {
    /// As their own. The default.
    #[default]
    Regular,
    /// In the place of somebody else: it counts for them, and is not their own post.
    Acting,
    /// The post stays theirs, but on these days nothing of it counts for them.
    Absent,
}

impl Tenure {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    fn is_regular(&self) -> bool {
        *self == Self::Regular
    }
}

impl TenureDef {
    /// Returns the tenure of a whole post at all times.
    ///
    /// # Errors
    /// [`SpaceError::Key`] if a name cannot be a key.
    pub fn always(post: &str, person: &str) -> Result<Self, SpaceError> {
        Ok(Self {
            post: Key::new(post)?,
            person: Key::new(person)?,
            from: None,
            to: None,
            part: Ratio::ONE,
            tenure: Tenure::Regular,
        })
    }

    /// Returns the tenure from this day on.
    #[must_use]
    pub fn since(mut self, day: NaiveDate) -> Self {
        self.from = Some(day);
        self
    }

    /// Returns the tenure until the day before this one.
    #[must_use]
    pub fn until(mut self, day: NaiveDate) -> Self {
        self.to = Some(day);
        self
    }

    /// Returns the tenure of this part of the post.
    #[must_use]
    pub fn part(mut self, part: Ratio) -> Self {
        self.part = part;
        self
    }

    /// Returns the tenure in this manner.
    #[must_use]
    pub fn as_tenure(mut self, tenure: Tenure) -> Self {
        self.tenure = tenure;
        self
    }
}

/// Posts, and who holds each of them on a day.
///
/// Targets, territories, customers and duties hang on posts, and people come and go: a hire fills a post and has what hangs on
/// it from the first day; a leaver leaves it behind. What several people hold counts for each by their part, exactly; what
/// nobody holds stays with the post.
///
/// ```
/// use quotaflow::quantity::Ratio;
/// use quotaflow::space::{Axis, DimensionDef, Posts, PostsDef, Space, TenureDef};
/// let space = Space::new(vec![
///     DimensionDef::flat("post", "post", ["north-1", "north-2"])?,
///     DimensionDef::flat("person", "person", ["ann", "bo"])?,
/// ])?;
/// let (posts, people) = (Axis::new("post", "post")?, Axis::new("person", "person")?);
/// let july = "2026-07-01".parse()?;
/// let tenures = vec![
///     TenureDef::always("north-1", "ann")?.until(july),
///     TenureDef::always("north-1", "bo")?.since(july).part(Ratio::percent(60)),
/// ];
/// let posts = Posts::new(&PostsDef { posts, people, tenures }, &space)?;
///
/// let june = "2026-06-30".parse()?;
/// assert_eq!(posts.holders("north-1", june)?.next().map(|holder| holder.person.as_str()), Some("ann"));
/// assert_eq!(posts.vacant_part("north-1", july)?, Ratio::percent(40));
/// assert_eq!(posts.vacant(june).map(|post| post.as_str()).collect::<Vec<_>>(), ["north-2"]);
/// assert_eq!(posts.without_post(june).map(|person| person.as_str()).collect::<Vec<_>>(), ["bo"]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Posts {
    level: Names,
    people: Names,
    /// By post: its tenures, in order of their first day, then as declared.
    by_post: Vec<Vec<Held>>,
    /// By person: the posts that they ever hold, ascending.
    by_person: Vec<Vec<usize>>,
    /// Whether everybody is a post of their own.
    own: bool,
}

/// The members of a level.
#[derive(Debug, Clone, PartialEq)]
struct Names {
    axis: Axis,
    keys: Vec<Key>,
    by_key: BTreeMap<Key, usize>,
}

#[derive(Debug, Clone, PartialEq)]
struct Held {
    person: usize,
    from: i32,
    to: i32,
    part: Ratio,
    tenure: Tenure,
}

impl Held {
    fn holds_on(&self, day: i32) -> bool {
        self.from <= day && day < self.to
    }
}

/// One who holds a post on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder<'a> {
    /// Who.
    pub person: &'a Key,
    /// The part of the post.
    pub part: Ratio,
    /// In what manner.
    pub tenure: Tenure,
}

/// Days of a post through which the same people have the same parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostStretch<'a> {
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last one.
    pub to: NaiveDate,
    /// For whom the days count, in declared order, each once: nobody who is absent.
    pub parts: Vec<(&'a Key, Ratio)>,
    /// What counts for nobody and so for the post itself.
    pub vacant: Ratio,
}

impl Names {
    fn new(space: &Space, axis: &Axis) -> Result<Self, SpaceError> {
        let dimension = space.dimension(axis.dimension.as_str())?;
        let keys: Vec<Key> = dimension
            .members(axis.level.as_str())?
            .map(|member| dimension.key_of(member).clone())
            .collect();
        let by_key = keys.iter().cloned().zip(0..).collect();
        let axis = axis.clone();
        Ok(Self { axis, keys, by_key })
    }

    fn place(&self, key: &str) -> Result<usize, SpaceError> {
        self.by_key.get(key).copied().ok_or_else(|| {
            let (name, nearest, known) = unknown(key, self.keys.iter().map(Key::as_str));
            SpaceError::UnknownMember {
                dimension: self.axis.dimension.clone(),
                name,
                nearest,
                known,
            }
        })
    }
}

impl Posts {
    /// Checks who holds what.
    ///
    /// # Errors
    /// [`SpaceError::UnknownDimension`], [`SpaceError::UnknownLevel`], [`SpaceError::UnknownMember`] with the nearest known key;
    /// [`SpaceError::EmptyTenure`]; [`SpaceError::TenurePart`] for a part that is not above 0 and at most 1;
    /// [`SpaceError::TwoTenures`] where one person holds a post twice on the same day; [`SpaceError::PostOverfull`] with the
    /// day where those who are not absent hold more than the whole post.
    pub fn new(definition: &PostsDef, space: &Space) -> Result<Self, SpaceError> {
        let posts = Names::new(space, &definition.posts)?;
        let people = Names::new(space, &definition.people)?;
        let mut by_post = vec![Vec::new(); posts.keys.len()];
        for tenure in &definition.tenures {
            let post = posts.place(tenure.post.as_str())?;
            let held = Held {
                person: people.place(tenure.person.as_str())?,
                from: tenure.from.map_or(i32::MIN, |day| day.num_days_from_ce()),
                to: tenure.to.map_or(i32::MAX, |day| day.num_days_from_ce()),
                part: tenure.part,
                tenure: tenure.tenure,
            };
            if held.to <= held.from {
                return Err(SpaceError::EmptyTenure {
                    post: tenure.post.clone(),
                    person: tenure.person.clone(),
                });
            }
            if held.part <= Ratio::ZERO || held.part > Ratio::ONE {
                return Err(SpaceError::TenurePart {
                    post: tenure.post.clone(),
                    person: tenure.person.clone(),
                    part: held.part,
                });
            }
            by_post[post].push(held);
        }
        for (post, held) in by_post.iter_mut().enumerate() {
            held.sort_by_key(|one| (one.from, one.person));
            check(&posts.keys[post], held, &people)?;
        }
        let mut by_person = vec![Vec::new(); people.keys.len()];
        for (post, held) in by_post.iter().enumerate() {
            for one in held {
                if by_person[one.person].last() != Some(&post) {
                    by_person[one.person].push(post);
                }
            }
        }
        Ok(Self {
            level: posts,
            people,
            by_post,
            by_person,
            own: false,
        })
    }

    /// Returns the posts of a company that declares none: everybody is a post of their own, at all times.
    ///
    /// # Errors
    /// [`SpaceError::UnknownDimension`], [`SpaceError::UnknownLevel`] with the nearest known key.
    pub fn of_people(people: &Axis, space: &Space) -> Result<Self, SpaceError> {
        let people = Names::new(space, people)?;
        let always = |person| Held {
            person,
            from: i32::MIN,
            to: i32::MAX,
            part: Ratio::ONE,
            tenure: Tenure::Regular,
        };
        let count = people.keys.len();
        Ok(Self {
            level: people.clone(),
            people,
            by_post: (0..count).map(|person| vec![always(person)]).collect(),
            by_person: (0..count).map(|person| vec![person]).collect(),
            own: true,
        })
    }

    /// Returns the level whose members are posts.
    #[must_use]
    pub fn posts(&self) -> &Axis {
        &self.level.axis
    }

    /// Returns the level whose members are people.
    #[must_use]
    pub fn people(&self) -> &Axis {
        &self.people.axis
    }

    /// Whether everybody is a post of their own, because none were declared.
    #[must_use]
    pub fn are_people(&self) -> bool {
        self.own
    }

    /// Returns everybody who holds a post on a day, those who are absent among them.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known post.
    pub fn holders(
        &self,
        post: &str,
        day: NaiveDate,
    ) -> Result<impl Iterator<Item = Holder<'_>>, SpaceError> {
        let held = &self.by_post[self.level.place(post)?];
        let day = day.num_days_from_ce();
        let found = held.iter().filter(move |one| one.holds_on(day));
        Ok(found.map(|one| Holder {
            person: &self.people.keys[one.person],
            part: one.part,
            tenure: one.tenure,
        }))
    }

    /// Returns the part of a post that counts for nobody on a day: what nobody holds, or only somebody who is absent.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known post.
    pub fn vacant_part(&self, post: &str, day: NaiveDate) -> Result<Ratio, SpaceError> {
        let held = &self.by_post[self.level.place(post)?];
        Ok(vacant(present(held, day.num_days_from_ce())))
    }

    /// Returns the posts that a person holds on a day, and how, in declared order of the posts.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known person.
    pub fn held_by(
        &self,
        person: &str,
        day: NaiveDate,
    ) -> Result<impl Iterator<Item = (&Key, Ratio, Tenure)>, SpaceError> {
        let person = self.people.place(person)?;
        let day = day.num_days_from_ce();
        let posts = self.by_person[person].iter();
        Ok(posts.flat_map(move |post| {
            let own = self.by_post[*post].iter();
            own.filter(move |one| one.person == person && one.holds_on(day))
                .map(|one| (&self.level.keys[*post], one.part, one.tenure))
        }))
    }

    /// Returns the one post that is a person's own on a day, for which what only names the person counts; none where there is
    /// none, or where there are several.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known person.
    pub fn own_post(&self, person: &str, day: NaiveDate) -> Result<Option<&Key>, SpaceError> {
        let mut own = self
            .held_by(person, day)?
            .filter(|(_, _, tenure)| *tenure != Tenure::Acting);
        Ok(own
            .next()
            .filter(|_| own.next().is_none())
            .map(|(post, ..)| post))
    }

    /// Returns the posts that nobody holds on a day, in declared order. A post of somebody who is absent is held.
    pub fn vacant(&self, day: NaiveDate) -> impl Iterator<Item = &Key> {
        let day = day.num_days_from_ce();
        let posts = self.level.keys.iter().zip(&self.by_post);
        posts
            .filter(move |(_, held)| !held.iter().any(|one| one.holds_on(day)))
            .map(|(post, _)| post)
    }

    /// Returns the people who hold no post on a day, in declared order.
    pub fn without_post(&self, day: NaiveDate) -> impl Iterator<Item = &Key> {
        let day = day.num_days_from_ce();
        let people = self.people.keys.iter().zip(&self.by_person).enumerate();
        people
            .filter(move |(person, (_, posts))| {
                let mut held = posts.iter().flat_map(|post| &self.by_post[*post]);
                !held.any(|one| one.person == *person && one.holds_on(day))
            })
            .map(|(_, (person, _))| person)
    }

    /// Cuts the days of a post, from one day to the day before another, wherever those for whom they count change: a target of
    /// the post is shared by these stretches, and so is what it sold.
    ///
    /// ```
    /// # use quotaflow::quantity::Ratio;
    /// # use quotaflow::space::{Axis, DimensionDef, Posts, PostsDef, Space, Tenure, TenureDef};
    /// # let space = Space::new(vec![
    /// #     DimensionDef::flat("post", "post", ["north-1"])?,
    /// #     DimensionDef::flat("person", "person", ["ann", "bo"])?,
    /// # ])?;
    /// # let (posts, people) = (Axis::new("post", "post")?, Axis::new("person", "person")?);
    /// let (away, back) = ("2026-03-09".parse()?, "2026-03-23".parse()?);
    /// let tenures = vec![
    ///     TenureDef::always("north-1", "ann")?.until(away),
    ///     TenureDef::always("north-1", "ann")?.since(away).until(back).as_tenure(Tenure::Absent),
    ///     TenureDef::always("north-1", "bo")?.since(away).until(back).as_tenure(Tenure::Acting),
    ///     TenureDef::always("north-1", "ann")?.since(back),
    /// ];
    /// let posts = Posts::new(&PostsDef { posts, people, tenures }, &space)?;
    /// let march = posts.stretches("north-1", "2026-03-01".parse()?, "2026-04-01".parse()?)?;
    /// let who: Vec<_> = march.iter().map(|days| days.parts[0].0.as_str()).collect();
    /// assert_eq!(who, ["ann", "bo", "ann"]);
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known post.
    pub fn stretches(
        &self,
        post: &str,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<PostStretch<'_>>, SpaceError> {
        let held = &self.by_post[self.level.place(post)?];
        let mut cuts: Vec<NaiveDate> = held
            .iter()
            .flat_map(|one| [one.from, one.to])
            .filter_map(NaiveDate::from_num_days_from_ce_opt)
            .filter(|day| from < *day && *day < to)
            .chain((from < to).then_some([from, to]).into_iter().flatten())
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut found: Vec<PostStretch<'_>> = Vec::new();
        for pair in cuts.windows(2) {
            let on = pair[0].num_days_from_ce();
            let mut parts: Vec<(usize, Ratio)> = present(held, on)
                .map(|one| (one.person, one.part))
                .collect();
            parts.sort_unstable_by_key(|(person, _)| *person);
            let parts: Vec<(&Key, Ratio)> = parts
                .into_iter()
                .map(|(person, part)| (&self.people.keys[person], part))
                .collect();
            if let Some(last) = found.last_mut().filter(|last| last.parts == parts) {
                last.to = pair[1];
                continue;
            }
            found.push(PostStretch {
                from: pair[0],
                to: pair[1],
                parts,
                vacant: vacant(present(held, on)),
            });
        }
        Ok(found)
    }
}

fn present(held: &[Held], day: i32) -> impl Iterator<Item = &Held> {
    let is_there = move |one: &&Held| one.holds_on(day) && one.tenure != Tenure::Absent;
    held.iter().filter(is_there)
}

/// What is left of the whole; nothing where the parts cannot be added up.
fn vacant<'a>(mut present: impl Iterator<Item = &'a Held>) -> Ratio {
    let left = present.try_fold(Ratio::ONE, |left, one| left.checked_sub(one.part));
    left.unwrap_or(Ratio::ZERO)
}

/// Checks the tenures of one post, in order of their first day.
fn check(post: &Key, held: &[Held], people: &Names) -> Result<(), SpaceError> {
    for (at, one) in held.iter().enumerate() {
        let twice = held[at + 1..]
            .iter()
            .find(|other| other.person == one.person && other.from < one.to && one.from < other.to);
        if twice.is_some() {
            return Err(SpaceError::TwoTenures {
                post: post.clone(),
                person: people.keys[one.person].clone(),
            });
        }
        // The sum grows only where a tenure begins.
        let sum =
            present(held, one.from).try_fold(Ratio::ZERO, |sum, other| sum.checked_add(other.part));
        if sum.is_ok_and(|sum| sum <= Ratio::ONE) {
            continue;
        }
        return Err(SpaceError::PostOverfull {
            post: post.clone(),
            day: NaiveDate::from_num_days_from_ce_opt(one.from),
            people: present(held, one.from)
                .map(|other| people.keys[other.person].clone())
                .collect(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
