//! Which new entries are refused because more than the whole of a post would be held.

use std::collections::BTreeSet;

use super::Draft;
use super::refuse::Flip;
use crate::journal::entry::{Content, Entry};
use crate::journal::error::{Misfit, Rejection};
use crate::journal::structure::identified;
use crate::journal::tenures::{Sides, Tenures, held};
use crate::key::Key;
use crate::space::{PostsDef, SpaceError, Tenure, check_tenures};

/// So many of what fills a post beyond the whole are tried one by one.
const TRIED: usize = 64;

/// The entries that stand about who holds which post, and which of all have come to stand or ceased to by what is taken in.
struct Holding<'d> {
    definition: &'d PostsDef,
    standing: BTreeSet<u32>,
    turned: Vec<u32>,
}

/// Whether an entry says who holds a post.
fn says_who_holds(definition: &PostsDef, entry: &Entry) -> bool {
    let of = [&definition.posts.dimension, &definition.people.dimension];
    match entry.content() {
        Content::Hold(_) | Content::Vacate(_) => true,
        Content::End(own) => of.contains(&&own.dimension),
        Content::Merge(own) => of.contains(&&own.dimension),
        _ => false,
    }
}

impl Draft<'_> {
    /// New entries by which, through others or alone, more than the whole of a post would be held: whatever comes to stand by them,
    /// or ceases to.
    pub(super) fn overfull(&self, flips: &[Flip]) -> Vec<(u32, Rejection)> {
        let Some(definition) = &self.journal.model.definition().posts else {
            return Vec::new();
        };
        let judged = self.status.iter().map(|(at, _)| at);
        let turned = judged.filter(|at| self.has_turned(*at));
        let turned = turned.filter(|at| says_who_holds(definition, self.entry(*at)));
        let turned: Vec<u32> = turned.collect();
        let model = self.new_model();
        if turned.is_empty() && model.is_none() {
            return Vec::new();
        }
        let known = self.journal.steps.iter().map(|step| step.number);
        // Who is who depends on who is there.
        let judged = self.status.iter().map(|(at, _)| at);
        let joined = judged.filter(|at| identified(self.entry(*at)).is_some());
        let all = known.chain(turned.iter().copied()).chain(joined);
        let all: BTreeSet<u32> = all.collect();
        let stood = all.iter().copied().filter(|at| self.journal.stood(*at));
        let standing = all.iter().copied().filter(|at| self.stands(*at));
        let holding = Holding {
            definition,
            standing: standing.collect(),
            turned,
        };
        let was = self.held(definition, &stood.collect(), None);
        let (mut found, mut misfits) = (Vec::new(), Vec::new());
        for (post, tenures) in self.held(definition, &holding.standing, None) {
            if model.is_none() && was.get(&post) == Some(&tenures) {
                continue;
            }
            let Err(error) = check_tenures(&post, &tenures) else {
                continue;
            };
            let blamed = self.blamed(&holding, &post);
            if blamed.is_empty() {
                misfits.push(Misfit::Space(error.clone()));
            }
            for at in blamed {
                let causes = self.causes(at, flips, &mut BTreeSet::new());
                if causes.is_empty() {
                    let id = self.entry(at).id().clone();
                    let reason = Box::new(error.clone().into());
                    misfits.push(Misfit::Entry { id, reason });
                }
                let of_each = causes.into_iter();
                found.extend(of_each.map(|cause| (cause, self.too_much(cause, at, &error))));
            }
        }
        if let Some((at, model)) = model
            && !misfits.is_empty()
        {
            let (model, all) = (*model, misfits);
            found.push((at, Rejection::Model { model, all }));
        }
        found
    }

    /// The new entry by which the journal goes on by another model.
    fn new_model(&self) -> Option<(u32, &crate::fingerprint::Fingerprint)> {
        let first = u32::try_from(self.journal.entries.len()).ok()?;
        let mut fresh = (first..).zip(&self.fresh);
        fresh.find_map(|(at, entry)| match entry.content() {
            Content::Model(model) => Some((at, model)),
            _ => None,
        })
    }

    fn has_turned(&self, at: u32) -> bool {
        self.stands(at) != self.journal.stood(at)
    }

    /// Who holds which post, or one of them, where these entries stand.
    fn held(&self, definition: &PostsDef, standing: &BTreeSet<u32>, post: Option<&Key>) -> Tenures {
        let entries: Vec<&Entry> = standing.iter().map(|at| self.entry(*at)).collect();
        let sides = self.sides(definition, &entries);
        sides.map_or_else(Tenures::new, |sides| {
            held(definition, &sides, &entries, post)
        })
    }

    /// Who is who among posts and people; a model has the dimensions of its posts.
    fn sides<'e>(&'e self, definition: &PostsDef, entries: &[&'e Entry]) -> Option<Sides<'e>> {
        let model = self.journal.model.schema().space();
        Sides::of(definition, model, entries).ok()
    }

    /// Of what has turned, what fills a post beyond the whole: the last ones without which it would not be, but for those of them that
    /// have room beside the others. Nothing where the post would be overfull without any of them.
    fn blamed(&self, holding: &Holding<'_>, post: &Key) -> BTreeSet<u32> {
        let filling = self.filling(holding, post);
        let is_overfull = |without: &[u32]| {
            let mut standing = holding.standing.clone();
            for at in without {
                if !standing.remove(at) {
                    standing.insert(*at);
                }
            }
            let held = self.held(holding.definition, &standing, Some(post));
            let own = held.get(post);
            own.is_some_and(|own| check_tenures(post, own).is_err())
        };
        if is_overfull(&filling) {
            return BTreeSet::new();
        }
        // Without those from `enough` on it is not overfull, and without those from `few` on it is.
        let (mut enough, mut few) = (0, filling.len());
        while few - enough > 1 {
            let middle = usize::midpoint(enough, few);
            if is_overfull(&filling[middle..]) {
                few = middle;
            } else {
                enough = middle;
            }
        }
        let mut blamed = filling[enough..].to_vec();
        // Once more, since what makes room may come after what needs it.
        for at in [&filling[enough..], &filling[enough..]].concat() {
            let others = blamed.iter().copied().filter(|other| *other != at);
            let others: Vec<u32> = others.collect();
            if blamed.len() <= TRIED && !is_overfull(&others) {
                blamed = others;
            }
        }
        blamed.into_iter().collect()
    }

    /// Of what has turned, that by which more of a post may be held.
    fn filling(&self, holding: &Holding<'_>, post: &Key) -> Vec<u32> {
        let dimension = &holding.definition.posts.dimension;
        let standing: Vec<&Entry> = holding.standing.iter().map(|at| self.entry(*at)).collect();
        let sides = self.sides(holding.definition, &standing);
        let mut turned = holding.turned.iter();
        let renames = turned.any(|at| match self.entry(*at).content() {
            Content::Merge(own) => own.dimension == *dimension,
            _ => false,
        });
        let is_post = |own: &Key| {
            let mut sides = sides.iter();
            sides.any(|sides| sides.posts.one(own) == post)
        };
        let is_of = |own: &Key| renames || is_post(own);
        let may_fill = |at: &u32| {
            let stands = self.stands(*at);
            match self.entry(*at).content() {
                Content::Hold(own) => is_of(&own.post) && !(stands && own.tenure == Tenure::Absent),
                Content::Vacate(own) => is_of(&own.post) && !stands,
                Content::End(_) => !stands,
                _ => true,
            }
        };
        holding.turned.iter().copied().filter(may_fill).collect()
    }

    /// The new entries by which one has come to stand, or stands no more.
    fn causes(&self, at: u32, flips: &[Flip], seen: &mut BTreeSet<u32>) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        if !seen.insert(at) {
            return found;
        }
        if self.row(at).is_some() {
            found.insert(at);
            return found;
        }
        let voids = flips.iter().filter(|flip| flip.of == at);
        found.extend(voids.map(|flip| flip.void));
        for (dimension, member) in self.waits_for(at) {
            let joins: Vec<u32> = self.joins_of(dimension, member).collect();
            for join in joins.into_iter().filter(|join| self.has_turned(*join)) {
                found.extend(self.causes(join, flips, seen));
            }
        }
        found
    }

    /// The members without whom an entry about structure does not stand.
    fn waits_for(&self, at: u32) -> Vec<(usize, &Key)> {
        let entry = self.entry(at);
        let named: Vec<(&Key, &Key)> = match entry.content() {
            Content::Join(own) => {
                let parents = own.parents.iter();
                parents
                    .map(|parent| (&own.dimension, &parent.member))
                    .collect()
            }
            Content::Merge(own) => vec![(&own.dimension, &own.member), (&own.dimension, &own.into)],
            Content::End(own) => vec![(&own.dimension, &own.member)],
            _ => {
                let own = self.journal.of_posts(entry).into_iter();
                own.map(|(axis, member)| (&axis.dimension, member))
                    .collect()
            }
        };
        let named = named.into_iter();
        named
            .filter_map(|(dimension, member)| Some((self.journal.dimension(dimension)?, member)))
            .collect()
    }

    /// Why a new entry is refused by which another one, or it, would fill a post beyond the whole.
    fn too_much(&self, cause: u32, at: u32, error: &SpaceError) -> Rejection {
        let reason: Rejection = error.clone().into();
        if cause == at || !self.stands(at) {
            return reason;
        }
        let (of, reason) = (self.entry(at).id().clone(), Box::new(reason));
        Rejection::Returns { of, reason }
    }
}
