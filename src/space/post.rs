//! Posts and the people who hold them.

mod credited;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Axis, Dimension, MemberId, Space, SpaceError};
use crate::key::{Key, unknown};
use crate::quantity::{QuantityError, Ratio};

/// Who holds which post, as data: compile it with [`Posts::new`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostsDef {
    /// The level whose members are posts.
    pub posts: Axis,
    /// The level whose members are people.
    pub people: Axis,
    /// By a member above posts (a team, a region), the post that leads it: what nobody holds below stands with its holder, and is
    /// decided there.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::keys_once"
    )]
    pub leads: BTreeMap<Key, Key>,
    /// The member of the people in whose row stands what nobody holds; that of the leader when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Key>,
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
    /// The part of the post (of full time): above 0, at most 1, in no smaller parts than millionths.
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

impl PostsDef {
    /// Returns posts of one level and people of another, of which nobody holds anything yet.
    #[must_use]
    pub fn new(posts: Axis, people: Axis) -> Self {
        Self {
            posts,
            people,
            leads: BTreeMap::new(),
            reserve: None,
            tenures: Vec::new(),
        }
    }

    /// Returns the posts with somebody who holds one.
    #[must_use]
    pub fn held(mut self, tenure: TenureDef) -> Self {
        self.tenures.push(tenure);
        self
    }

    /// Returns the posts with one that leads a member above posts.
    ///
    /// # Errors
    /// [`SpaceError::Key`] if a name cannot be a key.
    pub fn led(mut self, team: &str, post: &str) -> Result<Self, SpaceError> {
        self.leads.insert(Key::new(team)?, Key::new(post)?);
        Ok(self)
    }

    /// Returns the posts with a member of the people in whose row stands what nobody holds.
    ///
    /// # Errors
    /// [`SpaceError::Key`] if the name cannot be a key.
    pub fn reserve(mut self, person: &str) -> Result<Self, SpaceError> {
        self.reserve = Some(Key::new(person)?);
        Ok(self)
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

    fn first(&self) -> i32 {
        self.from.map_or(i32::MIN, |day| day.num_days_from_ce())
    }

    fn end(&self) -> i32 {
        self.to.map_or(i32::MAX, |day| day.num_days_from_ce())
    }

    fn holds_on(&self, day: i32) -> bool {
        self.first() <= day && day < self.end()
    }

    fn counts_on(&self, day: i32) -> bool {
        self.holds_on(day) && self.tenure != Tenure::Absent
    }
}

/// Posts, and who holds each of them on a day. Both are known by their keys and by further names.
///
/// Targets, territories, customers and duties hang on posts, and people come and go: a hire fills a post and has what hangs on
/// it from the first day; a leaver leaves it behind. What several people hold counts for each by their part, exactly. What
/// nobody holds counts for the one who leads the team of the post, for the leader above where nobody does that either, or for a
/// named reserve: a person's days are those that are [`credited`](Self::credited) to them.
///
/// ```
/// use quotaflow::quantity::Ratio;
/// use quotaflow::space::{Axis, DimensionDef, Posts, PostsDef, Space, TenureDef};
/// let post = DimensionDef::new("post", &["team", "post"])?.member("team", "north")?;
/// let post = post.child("post", "lead", "north")?.child("post", "north-1", "north")?.child("post", "north-2", "north")?;
/// let space = Space::new(vec![post, DimensionDef::flat("person", "person", ["ann", "bo", "cai"])?])?;
/// let july = "2026-07-01".parse()?;
/// let definition = PostsDef::new(Axis::new("post", "post")?, Axis::new("person", "person")?)
///     .led("north", "lead")?
///     .held(TenureDef::always("lead", "cai")?)
///     .held(TenureDef::always("north-1", "ann")?.until(july))
///     .held(TenureDef::always("north-1", "bo")?.since(july).part(Ratio::percent(60)));
/// let posts = Posts::new(&definition, &space)?;
///
/// let june = "2026-06-30".parse()?;
/// assert_eq!(posts.holders("north-1", june)?.next().map(|held| held.person.as_str()), Some("ann"));
/// let credited: Vec<_> = posts.credited("north-1", july)?.map(|(who, part)| (who.as_str(), part)).collect();
/// assert_eq!(credited, [("bo", Ratio::percent(60)), ("cai", Ratio::percent(40))]);
/// assert_eq!(posts.decides("north-2", july)?.map(|who| who.as_str()), Some("cai"));
/// assert_eq!(posts.vacant(june).map(|post| post.as_str()).collect::<Vec<_>>(), ["north-2"]);
/// assert_eq!(posts.without_post(june).map(|person| person.as_str()).collect::<Vec<_>>(), ["bo"]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Posts {
    level: Names,
    people: Names,
    /// The name of who belongs to nobody.
    nobody: Key,
    /// By post: its tenures, in order of their first day, then of the people.
    by_post: Vec<Vec<TenureDef>>,
    /// By person: the posts that they ever hold, ascending.
    by_person: Vec<Vec<usize>>,
    /// By post, which one leads it, from a day on.
    leads: Vec<Dated<Option<usize>>>,
    /// By post, to whom its days count, from a day on.
    credited: BTreeMap<MemberId, Dated<Parts>>,
    /// By person, the one post that is their own, from a day on.
    own: BTreeMap<MemberId, Dated<MemberId>>,
}

/// What holds from a day on, in order of the days; the first holds since ever.
type Dated<T> = Vec<(i32, T)>;

/// People with their parts of a day of a post.
type Parts = Vec<(MemberId, Ratio)>;

/// The members of a level.
#[derive(Debug, Clone, PartialEq)]
struct Names {
    axis: Axis,
    keys: Vec<Key>,
    ids: Vec<MemberId>,
    /// By key and by further names.
    by_key: BTreeMap<Key, usize>,
}

impl Names {
    fn new(dimension: &Dimension, axis: &Axis) -> Result<Self, SpaceError> {
        let ids: Vec<MemberId> = dimension.members(axis.level.as_str())?.collect();
        let keys: Vec<Key> = ids.iter().map(|id| dimension.key_of(*id).clone()).collect();
        let names = ids.iter().zip(0..);
        let names = names.flat_map(|(id, at)| dimension.names_of(*id).map(move |name| (name, at)));
        let by_key = names.map(|(name, at)| (name.clone(), at)).collect();
        let axis = axis.clone();
        Ok(Self {
            axis,
            keys,
            ids,
            by_key,
        })
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
    /// As [`new`](Self::new), by what is known so far: a post of which more than the whole is held, because what ends some of it has
    /// not come yet, is shared by the parts.
    pub(crate) fn known(definition: &PostsDef, space: &Space) -> Result<Self, SpaceError> {
        Self::compiled(definition, space, |_, _| Ok(()))
    }

    /// Checks who holds what.
    ///
    /// # Errors
    /// [`SpaceError::UnknownDimension`], [`SpaceError::UnknownLevel`], [`SpaceError::UnknownMember`] with the nearest known key;
    /// [`SpaceError::EmptyTenure`]; [`SpaceError::TenurePart`] for a part that is not above 0 and at most 1, or in smaller parts than
    /// millionths; [`SpaceError::TwoTenures`] where one person holds a post twice on the same day; [`SpaceError::PostOverfull`] with
    /// the day where those who are not absent hold more than the whole post.
    pub fn new(definition: &PostsDef, space: &Space) -> Result<Self, SpaceError> {
        Self::compiled(definition, space, check)
    }

    fn compiled(
        definition: &PostsDef,
        space: &Space,
        check: impl Fn(&Key, &[TenureDef]) -> Result<(), SpaceError>,
    ) -> Result<Self, SpaceError> {
        let dimension = space.dimension(definition.posts.dimension.as_str())?;
        let posts = Names::new(dimension, &definition.posts)?;
        let people = space.dimension(definition.people.dimension.as_str())?;
        let nobody = people.key_of(MemberId::UNASSIGNED).clone();
        let people = Names::new(people, &definition.people)?;
        let mut by_post: Vec<Vec<TenureDef>> = vec![Vec::new(); posts.keys.len()];
        for tenure in &definition.tenures {
            let post = posts.place(tenure.post.as_str())?;
            let person = people.place(tenure.person.as_str())?;
            by_post[post].push(TenureDef {
                post: posts.keys[post].clone(),
                person: people.keys[person].clone(),
                ..tenure.clone()
            });
        }
        for (post, held) in by_post.iter_mut().enumerate() {
            held.sort_by_key(|one| (one.first(), people.by_key.get(&one.person).copied()));
            check(&posts.keys[post], held)?;
        }
        let mut by_person = vec![Vec::new(); people.keys.len()];
        for (post, held) in by_post.iter().enumerate() {
            for one in held {
                let own: &mut Vec<usize> = &mut by_person[people.place(one.person.as_str())?];
                if own.last() != Some(&post) {
                    own.push(post);
                }
            }
        }
        let leads = credited::leads(definition, dimension, &posts)?;
        let reserve = definition.reserve.as_ref();
        let reserve = reserve
            .map(|reserve| people.place(reserve.as_str()))
            .transpose()?;
        let mut own = Self {
            level: posts,
            people,
            nobody,
            by_post,
            by_person,
            leads,
            credited: BTreeMap::new(),
            own: BTreeMap::new(),
        };
        own.credited = own.all_credited(reserve);
        own.own = own.all_own();
        Ok(own)
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

    /// Returns everybody who holds a post on a day, those who are absent among them.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known post.
    pub fn holders(
        &self,
        post: &str,
        day: NaiveDate,
    ) -> Result<impl Iterator<Item = &TenureDef>, SpaceError> {
        let held = &self.by_post[self.level.place(post)?];
        let day = day.num_days_from_ce();
        Ok(held.iter().filter(move |one| one.holds_on(day)))
    }

    /// Returns for whom a day of a post counts, and with which part of it, the largest first, of equal ones the first declared: those
    /// who hold it and are not absent by their parts, and for what is left who leads its team or the reserve. The parts make up the
    /// whole; what counts for nobody is the part of `unassigned` and comes last.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known post.
    pub fn credited(
        &self,
        post: &str,
        day: NaiveDate,
    ) -> Result<impl Iterator<Item = (&Key, Ratio)>, SpaceError> {
        let post = self.level.ids[self.level.place(post)?];
        let parts = on(self.credited_of(post), day.num_days_from_ce());
        let parts = parts.map_or(&[][..], Vec::as_slice);
        Ok(parts
            .iter()
            .map(|(person, part)| (self.person(*person), *part)))
    }

    /// Returns the part of a post that counts for none of its holders on a day: what nobody holds, or only somebody who is absent.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known post.
    pub fn vacant_part(&self, post: &str, day: NaiveDate) -> Result<Ratio, SpaceError> {
        let held = &self.by_post[self.level.place(post)?];
        Ok(vacant(held, day.num_days_from_ce()))
    }

    /// Returns who decides on a day what comes to a post, approvals and escalations: of those who hold it and are not absent one who
    /// acts for somebody, else the one with the largest part, of equal ones the first declared; where there is none, who decides
    /// for the post that leads its team. Nobody where that ends nowhere.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known post.
    pub fn decides(&self, post: &str, day: NaiveDate) -> Result<Option<&Key>, SpaceError> {
        let mut at = Some(self.level.place(post)?);
        let day = day.num_days_from_ce();
        let mut asked = BTreeSet::new();
        while let Some(post) = at.filter(|post| asked.insert(*post)) {
            if let Some(first) = self.first_present(post, day) {
                return Ok(Some(first));
            }
            at = on(&self.leads[post], day).copied().flatten();
        }
        Ok(None)
    }

    /// Returns the posts that a person holds on a day, and how, in declared order of the posts.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known person.
    pub fn held_by(
        &self,
        person: &str,
        day: NaiveDate,
    ) -> Result<impl Iterator<Item = &TenureDef>, SpaceError> {
        let person = self.people.place(person)?;
        let day = day.num_days_from_ce();
        let key = &self.people.keys[person];
        let held = self.by_person[person].iter();
        let held = held.flat_map(|post| &self.by_post[*post]);
        Ok(held.filter(move |one| one.person == *key && one.holds_on(day)))
    }

    /// Returns the one post that is a person's own on a day, for which what only names the person counts; none where there is
    /// none but those in which they act, or where there are several.
    ///
    /// # Errors
    /// [`SpaceError::UnknownMember`] with the nearest known person.
    pub fn own_post(&self, person: &str, day: NaiveDate) -> Result<Option<&Key>, SpaceError> {
        let person = self.people.ids[self.people.place(person)?];
        let own = on(self.own_of(person), day.num_days_from_ce());
        let at = own.and_then(|own| self.level.ids.iter().position(|id| id == own));
        Ok(at.map(|at| &self.level.keys[at]))
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
        let people = self.people.keys.iter().zip(&self.by_person);
        people
            .filter(move |(person, posts)| {
                let mut held = posts.iter().flat_map(|post| &self.by_post[*post]);
                !held.any(|one| one.person == **person && one.holds_on(day))
            })
            .map(|(person, _)| person)
    }

    /// Of those who hold a post and are not absent the first who decides.
    fn first_present(&self, post: usize, day: i32) -> Option<&Key> {
        let held = self.by_post[post].iter().filter(|one| one.counts_on(day));
        let first = held.min_by_key(|one| {
            let declared = self.people.by_key.get(&one.person);
            (one.tenure != Tenure::Acting, Reverse(one.part), declared)
        });
        first.map(|one| &one.person)
    }

    /// Who decides on a day what comes to a post, of those who hold it and are not absent; nobody of a post that is not there.
    pub(crate) fn present(&self, post: &str, day: NaiveDate) -> Option<&Key> {
        self.first_present(self.level.place(post).ok()?, day.num_days_from_ce())
    }

    /// Who is absent from a post on a day, the largest part first, where nobody holds it as their own who is not.
    pub(crate) fn away(&self, post: &str, day: NaiveDate) -> Option<&Key> {
        let held = self.holders(post, day).ok()?;
        let (absent, others): (Vec<_>, Vec<_>) = held
            .filter(|one| one.tenure != Tenure::Acting)
            .partition(|one| one.tenure == Tenure::Absent);
        let declared = |one: &&&TenureDef| {
            let declared = self.people.by_key.get(&one.person);
            (Reverse(one.part), declared)
        };
        let first = absent.iter().min_by_key(declared);
        first.filter(|_| others.is_empty()).map(|one| &one.person)
    }

    /// Whether a person has posts of their own on a day, and is absent from all of them.
    pub(crate) fn is_absent(&self, person: &str, day: NaiveDate) -> bool {
        let own = self.held_by(person, day).into_iter().flatten();
        let mut own = own.filter(|one| one.tenure != Tenure::Acting).peekable();
        own.peek().is_some() && own.all(|one| one.tenure == Tenure::Absent)
    }

    /// Who acts on a day in the first of the posts from which a person is absent in which anybody does.
    pub(crate) fn deputy(&self, person: &str, day: NaiveDate) -> Option<&Key> {
        let held = self.held_by(person, day).ok()?;
        let mut away = held.filter(|one| one.tenure == Tenure::Absent);
        away.find_map(|own| {
            let post = own.post.as_str();
            let acting = self.holders(post, day).ok()?;
            let mut acting = acting.filter(|one| one.tenure == Tenure::Acting);
            // Whoever acts decides before all others.
            acting.next().and_then(|_| self.present(post, day))
        })
    }

    /// Which part of full time a person works on a day: the sum over the posts that they hold and are not absent from, those in which
    /// they act among them where that is asked.
    pub(crate) fn working_part(
        &self,
        person: &str,
        day: NaiveDate,
        acting: bool,
    ) -> Result<Ratio, QuantityError> {
        let held = self.held_by(person, day).into_iter().flatten();
        let mut held = held.filter(|one| match one.tenure {
            Tenure::Regular => true,
            Tenure::Acting => acting,
            Tenure::Absent => false,
        });
        held.try_fold(Ratio::ZERO, |sum, one| sum.checked_add(one.part))
    }

    /// To whom the days of a post count, from a day on, the first since ever; nobody is the unassigned member.
    pub(crate) fn credited_of(&self, post: MemberId) -> &[(i32, Vec<(MemberId, Ratio)>)] {
        self.credited.get(&post).map_or(&[], Vec::as_slice)
    }

    /// The one post that is a person's own, from a day on; the unassigned member where there is none.
    pub(crate) fn own_of(&self, person: MemberId) -> &[(i32, MemberId)] {
        self.own.get(&person).map_or(&[], Vec::as_slice)
    }

    fn person(&self, id: MemberId) -> &Key {
        let at = self.people.ids.binary_search(&id);
        at.map_or(&self.nobody, |at| &self.people.keys[at])
    }
}

/// What holds on a day of what holds from a day on.
pub(crate) fn on<T>(all: &[(i32, T)], day: i32) -> Option<&T> {
    let after = all.partition_point(|(from, _)| *from <= day);
    all.get(after.checked_sub(1)?).map(|(_, what)| what)
}

/// In which parts a post may be held at the finest, so that parts of parts stay exact.
const FINEST: i128 = 1_000_000;

/// What is left of the whole; nothing where the parts cannot be added up.
fn vacant(held: &[TenureDef], day: i32) -> Ratio {
    let mut present = held.iter().filter(|one| one.counts_on(day));
    let left = present.try_fold(Ratio::ONE, |left, one| left.checked_sub(one.part));
    left.unwrap_or(Ratio::ZERO).max(Ratio::ZERO)
}

/// Checks the tenures of one post, in order of their first day.
pub(crate) fn check(post: &Key, held: &[TenureDef]) -> Result<(), SpaceError> {
    for (at, one) in held.iter().enumerate() {
        if one.end() <= one.first() {
            return Err(SpaceError::EmptyTenure {
                post: post.clone(),
                person: one.person.clone(),
            });
        }
        let part = one.part;
        if part <= Ratio::ZERO || part > Ratio::ONE || part.denominator() > FINEST {
            return Err(SpaceError::TenurePart {
                post: post.clone(),
                person: one.person.clone(),
                part,
            });
        }
        let twice = held[at + 1..].iter().any(|other| {
            other.person == one.person && other.first() < one.end() && one.first() < other.end()
        });
        if twice {
            return Err(SpaceError::TwoTenures {
                post: post.clone(),
                person: one.person.clone(),
            });
        }
        // The sum grows only where a tenure begins.
        let present = || held.iter().filter(|other| other.counts_on(one.first()));
        let sum = present().try_fold(Ratio::ZERO, |sum, other| sum.checked_add(other.part));
        if sum.is_ok_and(|sum| sum <= Ratio::ONE) {
            continue;
        }
        return Err(SpaceError::PostOverfull {
            post: post.clone(),
            day: one.from,
            people: present().map(|other| other.person.clone()).collect(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
