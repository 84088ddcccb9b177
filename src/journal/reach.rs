//! How far back entries reach: the first day of which duties may be otherwise by each, which may be before its own.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::entry::{Content, Entry};
use super::journal::Journal;
use super::structure::about;
use crate::key::Key;

/// The first day of which duties may be otherwise by an entry, whatever others say of whom it names.
pub(super) fn since(entry: &Entry) -> NaiveDate {
    let day = entry.first_day();
    match entry.content() {
        Content::Record(record) => record.dates.values().copied().fold(day, NaiveDate::min),
        // All that fell to one falls to the other since ever.
        Content::Merge(_) => NaiveDate::MIN,
        _ => day,
    }
}

/// Whether an entry may reach further back than to its own day by what others say of whom it names.
pub(super) fn places(entry: &Entry) -> bool {
    matches!(entry.content(), Content::Join(_) | Content::Move(_))
}

/// A member of a dimension, by the name that it has in the model.
type Member<'e> = (usize, &'e Key);

/// Since when entries of structure say something of members, under whichever of their names and in whatever part: of the one that moves,
/// of the one under which it stands from then on, of a post and of who holds it. As of a day before one of them is there that is left
/// out, and once it is there it holds since its own day.
pub(super) struct Named<'e> {
    journal: &'e Journal,
    first: BTreeMap<Member<'e>, NaiveDate>,
    /// By member, the first day on which it is in something no more by the model: whatever places it later may fill what lies between.
    gaps: BTreeMap<Member<'e>, NaiveDate>,
}

impl<'e> Named<'e> {
    /// By these entries of structure.
    pub(super) fn of(journal: &'e Journal, entries: impl Iterator<Item = &'e Entry>) -> Self {
        let mut own = Self {
            journal,
            first: BTreeMap::new(),
            gaps: BTreeMap::new(),
        };
        let dimensions = journal.model.definition().dimensions.iter().enumerate();
        let hierarchies = dimensions.flat_map(|(at, own)| {
            let all = own.hierarchies.iter();
            all.map(move |hierarchy| (at, hierarchy))
        });
        for (dimension, hierarchy) in hierarchies {
            for link in &hierarchy.links {
                if let Some(to) = link.to {
                    let member = journal.model_key(dimension, &link.member);
                    earlier(&mut own.gaps, (dimension, member), to);
                }
            }
        }
        for entry in entries {
            let day = own.day(entry);
            for (dimension, name) in journal.placed_by(entry) {
                let member = journal.model_key(dimension, name);
                earlier(&mut own.first, (dimension, member), day);
            }
        }
        own
    }

    /// The first day of which duties may be otherwise by an entry: who joins is there for all that was said of them before, and is one of
    /// those whom records of before name.
    pub(super) fn since(&self, entry: &'e Entry) -> NaiveDate {
        let day = self.day(entry);
        let first = self.about(entry).and_then(|member| self.first.get(&member));
        let first = first.map_or(day, |first| day.min(*first));
        match entry.content() {
            Content::Join(own) if self.journal.is_recorded_before(own, entry.day()) => {
                NaiveDate::MIN
            }
            Content::Join(_) => first,
            // Of whom was merged, where the other one is no more.
            Content::Move(_) if first == NaiveDate::MIN => first,
            _ => day,
        }
    }

    /// The same by what the entry says of its member alone.
    fn day(&self, entry: &'e Entry) -> NaiveDate {
        let day = since(entry);
        let gap = self.about(entry).filter(|_| places(entry));
        let gap = gap.and_then(|member| self.gaps.get(&member));
        gap.map_or(day, |gap| day.min(*gap))
    }

    fn about(&self, entry: &'e Entry) -> Option<Member<'e>> {
        let (dimension, member) = about(entry)?;
        let dimension = self.journal.dimension(dimension)?;
        Some((dimension, self.journal.model_key(dimension, member)))
    }
}

fn earlier<'e>(all: &mut BTreeMap<Member<'e>, NaiveDate>, member: Member<'e>, day: NaiveDate) {
    let first = all.entry(member).or_insert(day);
    *first = day.min(*first);
}
