//! Whether what was written is what its entries led to, as far as these are still there: nothing else is believed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::{BooksDef, KeptDef, LeavesDef, StepDef, damaged};
use crate::alert::{AlertId, Incident, Monitor, Status};
use crate::calendar::Period;
use crate::journal::closing::{Books, number};
use crate::journal::day::{Day, DutyNotice};
use crate::journal::days::Days;
use crate::journal::decision::{Decision, DecisionDef};
use crate::journal::draft::Draft;
use crate::journal::entry::{Content, Entry};
use crate::journal::error::JournalError;
use crate::journal::hand_over::{Head, Taken};
use crate::journal::journal::{Journal, Kept, leaf_of, leaves_of_others};
use crate::journal::leaves::{Chunk, Leaves};
use crate::journal::pieces::Spot;
use crate::journal::reducer::fold;
use crate::journal::settle::Judgements;
use crate::journal::structure::{Step, is_step, is_structure};
use crate::journal::told::Told;
use crate::key::Key;
use crate::metric::{Addend, Single};
use crate::model::{Asked, Watched};
use crate::panel::{Column, Panel};
use crate::space::UNASSIGNED;

/// By rule and row, what people decided about alerts.
type Decisions<'e> = BTreeMap<(&'e Key, &'e [Key]), Vec<(&'e Entry, &'e DecisionDef)>>;

/// The last hand-over before the journal was of its model; none where it always was.
struct Earlier(Option<Taken>);

impl Earlier {
    /// Whether a day was told by another model.
    fn told(&self, day: NaiveDate) -> bool {
        self.0.is_some_and(|last| day <= last.complete_through)
    }

    /// Whether what became known then was told by another model.
    fn knew(&self, known: NaiveDateTime) -> bool {
        self.0.is_some_and(|last| known <= last.known)
    }
}

/// What is added up in each place of a leaf.
type Sums = BTreeMap<(u32, Addend), i128>;

impl Journal {
    /// Refuses what the entries did not lead to.
    pub(super) fn believed(&self) -> Result<(), JournalError> {
        self.chained()?;
        let through = self.complete_through().unwrap_or(self.go_live);
        let draft = Draft::new(self, through, &[], &BTreeSet::new());
        if let Some(at) = draft.judged_otherwise() {
            let id = self.entries[at as usize].entry.id();
            return Err(damaged::<Vec<KeptDef>>(format!(
                "`{id}` does not stand as the other entries have it"
            )));
        }
        self.stepped()?;
        self.learned()?;
        self.judged_books()?;
        self.folded(&draft)?;
        self.told_days()
    }

    /// Whether it was of another model once.
    fn was_moved(&self) -> bool {
        let mut all = self.entries.iter();
        all.any(|kept| matches!(kept.entry.content(), Content::Model(_)))
    }

    /// What was told by another model.
    fn earlier(&self) -> Earlier {
        let models = self
            .entries
            .iter()
            .filter_map(|kept| match kept.entry.content() {
                Content::Model(model) => Some((kept.hand_over as usize, model)),
                _ => None,
            });
        let models: Vec<_> = models.collect();
        let own = self.model.fingerprint();
        // Naming the model that there is changes nothing.
        let same = models.iter().rev().take_while(|(_, model)| **model == own);
        let since = same.last().map(|(at, _)| *at);
        let before = since.and_then(|at| self.taken.get(at.checked_sub(1)?));
        Earlier(before.copied())
    }

    /// The entries that were not supplied, in order.
    fn own(&self) -> impl Iterator<Item = (u32, &Kept)> {
        let all = (0_u32..).zip(&self.entries);
        all.filter(|(_, kept)| !kept.recalled)
    }

    /// Hand-overs of which every entry is here lead from head to head.
    fn chained(&self) -> Result<(), JournalError> {
        let mut by: Vec<Vec<&Entry>> = vec![Vec::new(); self.taken.len()];
        let mut last = 0;
        for (_, kept) in self.own() {
            if kept.hand_over < last {
                return Err(damaged::<Vec<KeptDef>>("it is not in order"));
            }
            last = kept.hand_over;
            by[last as usize].push(&kept.entry);
        }
        let mut before = Head::default();
        for (at, (taken, own)) in self.taken.iter().zip(&by).enumerate() {
            let count = taken.head.entries - before.entries;
            let is_whole = own.len() as u64 == count;
            let may_lack = at < self.books.folded as usize;
            if own.len() as u64 > count || (!is_whole && !may_lack) {
                return Err(damaged::<Vec<KeptDef>>(
                    "it has other entries of a hand-over than were counted",
                ));
            }
            let link = || {
                before
                    .chain
                    .then(&(taken.known, taken.complete_through, own))
            };
            if is_whole && link() != taken.head.chain {
                return Err(damaged::<Vec<Taken>>(format!(
                    "the entries of the hand-over of {} do not lead to its head",
                    taken.known
                )));
            }
            before = taken.head;
        }
        let is_supplied = |kept: &&Kept| kept.recalled;
        let wrong = self.entries.iter().filter(is_supplied).any(|kept| {
            let is_behind = self.books.is_forgotten(kept.entry.day());
            let of_records = matches!(
                kept.entry.content(),
                Content::Record(_) | Content::Reverse(_) | Content::Apply(_) | Content::Void(_)
            );
            kept.hand_over > 0 || !is_behind || !of_records
        });
        if wrong {
            return Err(damaged::<Vec<KeptDef>>(
                "it says that an entry was supplied that was never forgotten",
            ));
        }
        Ok(())
    }

    /// There is a step for whatever began or ceased to be a part of the structure, of what is excused or of the targets that are written
    /// down.
    fn stepped(&self) -> Result<(), JournalError> {
        let is_excuse = |entry: &Entry| matches!(entry.content(), Content::Excuse(_));
        let is_written = |entry: &Entry| matches!(entry.content(), Content::Targets(_));
        self.stepped_by(&self.steps, is_structure)?;
        self.stepped_by(&self.targets, is_written)?;
        self.stepped_by(&self.excuses, is_excuse)
    }

    /// Entries of some sort begin and cease to stand where they, those whom they wait for, or voids say so.
    fn stepped_by(&self, steps: &[Step], is: impl Fn(&Entry) -> bool) -> Result<(), JournalError> {
        let wrong = |problem| Err(damaged::<Vec<StepDef>>(problem));
        let moving = self.hand_overs_with(|entry| {
            is_step(entry) || matches!(entry.content(), Content::Model(_))
        });
        let mut stands: BTreeMap<u32, bool> = BTreeMap::new();
        for step in steps {
            let before = stands.insert(step.number, step.stands).unwrap_or(false);
            let since = self.entries[step.number as usize].hand_over;
            if before == step.stands || step.hand_over < since || !moving.contains(&step.hand_over)
            {
                return wrong("an entry begins or ceases to stand where nothing says so");
            }
        }
        for (at, kept) in self.own() {
            let is_so = stands.get(&at).copied().unwrap_or(false);
            if is(&kept.entry) && is_so == self.withheld.contains_key(&at) {
                return wrong("an entry about it does not stand as the entries have it");
            }
        }
        Ok(())
    }

    /// The hand-overs with an entry of some sort, or with a void of one or of such a void.
    fn hand_overs_with(&self, is: impl Fn(&Entry) -> bool) -> BTreeSet<u32> {
        let moves = |kept: &Kept| {
            let mut of = kept.entry.as_ref();
            // No void leads back to itself.
            while let Content::Void(next) = of.content() {
                match self.find(next) {
                    Some(next) => of = next,
                    None => return false,
                }
            }
            is(of)
        };
        let moving = self.own().filter(|(_, kept)| moves(kept));
        moving.map(|(_, kept)| kept.hand_over).collect()
    }

    /// Whether what is kept of plans is of hand-overs that did something to them.
    pub(in crate::journal) fn may_move_plans(&self) -> BTreeSet<u32> {
        self.hand_overs_with(|entry| {
            let content = entry.content();
            matches!(
                content,
                Content::Plan(_) | Content::Join(_) | Content::Model(_)
            )
        })
    }

    /// Leaves name members who are or were there.
    fn learned(&self) -> Result<(), JournalError> {
        let space = self.model.schema().space();
        for ((of, dimension), names) in space.iter().enumerate().zip(self.leaves.names()) {
            let is_known = |name: &Key| {
                dimension.find(name.as_str()).is_some()
                    || self.identities.contains_key(&(of, name.clone()))
            };
            let once: BTreeSet<_> = names.iter().collect();
            if once.len() < names.len() {
                return Err(damaged::<LeavesDef>("it names a member twice"));
            }
            // Who waited in vain may be named by what is forgotten.
            let mut unknown = names.iter().filter(|name| !is_known(name));
            if let (Some(name), None) = (unknown.next(), self.books.forgotten) {
                let problem = format!("it names `{name}`, who never was in `{}`", dimension.key());
                return Err(damaged::<LeavesDef>(problem));
            }
        }
        Ok(())
    }

    /// The books are closed as entries closed and reopened them, and every view told what was closed then.
    fn judged_books(&self) -> Result<(), JournalError> {
        let wrong = |problem| Err(damaged::<BooksDef>(problem));
        let judges = |kept: &&(u32, &Kept)| {
            matches!(kept.1.entry.content(), Content::Close(_) | Content::Reopen)
        };
        let all: Vec<(u32, &Kept)> = self.own().filter(|own| judges(&own)).collect();
        // When one came to stand whose void is void is not known.
        if all
            .iter()
            .any(|(_, kept)| self.referring.contains_key(kept.entry.id()))
        {
            return Ok(());
        }
        let mut by: BTreeMap<u32, Judgements> = BTreeMap::new();
        for (_, kept) in all {
            by.entry(kept.hand_over).or_default().add(&kept.entry);
        }
        let mut found = Self::new(&self.model, self.go_live)?;
        let books = Arc::make_mut(&mut found.books);
        let mut events = Vec::new();
        for (at, own) in by {
            let through = self.taken[at as usize].complete_through;
            events.extend(own.replayed(&mut found.soft, books, (at + 1, through)));
        }
        let is = |books: &Books| {
            let through = (books.hard, books.forgotten);
            (through, books.folded, books.settled)
        };
        if self.was_moved() {
            is_closed(&mut found, &self.books);
        }
        if found.soft != self.soft || is(&found.books) != is(&self.books) {
            return wrong("it is not closed as the entries close it");
        }
        if self.was_moved() {
            return Ok(());
        }
        let cuts = self.model.cuts();
        let reach = i32::try_from(cuts.reach).unwrap_or(i32::MAX);
        let joined = found.books.forgotten.map(number);
        let joined = joined.map_or(0, |day| day.saturating_sub(reach).max(0));
        if self.books.joined != joined {
            return wrong("it joins other days than the close of the last of them does");
        }
        let is_start = |spot: &Spot| {
            let pieces = self.books.pieces(cuts);
            let is_behind = self
                .books
                .forgotten
                .is_some_and(|last| spot.start <= number(last));
            is_behind && pieces.start(spot.start) == spot.start
        };
        let singles = &self.books.singles;
        let spots = self.books.checksums.keys().chain(&self.books.fine);
        let spots = spots.chain(&singles.thinned).chain(singles.changed.keys());
        let mut spots = spots
            .chain(&singles.unsure)
            .chain(singles.recalled.values());
        if !spots.all(is_start) {
            return wrong("it has a piece that no cut of time makes");
        }
        let is_new = |id| !self.by_id.contains_key(id);
        if !singles.kept.keys().all(is_new) {
            return wrong("it keeps a record that is an entry");
        }
        let views = self.model.asked().iter().zip(&self.books.told);
        if !(self.books.told.is_empty() && events.is_empty())
            && (self.books.told.len() != self.model.asked().len()
                || !views.clone().all(|(asked, told)| {
                    let mut rows = told.rows();
                    told.is_of(asked, &events, self.books.hard) && rows.all(|row| self.is_row(row))
                }))
        {
            return wrong("a view has told what was not closed");
        }
        Ok(())
    }

    /// Counts, sums and single records are those of the entries, wherever all of these are here.
    fn folded(&self, draft: &Draft<'_>) -> Result<(), JournalError> {
        let is_record = |kept: &Kept| matches!(kept.entry.content(), Content::Record(_));
        let records = (0_u32..).zip(&self.entries);
        let records = records
            .filter(|(_, kept)| is_record(kept))
            .map(|(at, _)| at);
        let records = records.filter(|at| !self.withheld.contains_key(at));
        let mut leaves = Arc::clone(&self.leaves);
        let (all, _) = fold(self, draft, &records.collect(), &mut leaves, &|_| false)?;
        if leaves.list().len() != self.leaves.list().len() {
            return Err(damaged::<LeavesDef>("it lacks one that a record names"));
        }
        let mut found = Sums::new();
        self.add(&mut found, &all);
        let mut kept = Sums::new();
        for chunk in &self.chunks {
            self.add(&mut kept, chunk);
        }
        for (leaf, addends) in self.books.folds.each() {
            let own: Vec<(u32, Addend)> = addends.map(|addend| (leaf, addend)).collect();
            self.add_each(&mut kept, &own);
        }
        for sums in [&mut found, &mut kept] {
            sums.retain(|_, sum| *sum != 0);
        }
        if found != kept || !self.is_added_since(draft, &mut leaves)? {
            return Err(damaged::<Vec<Chunk>>(
                "it adds up to other figures than the entries do",
            ));
        }
        self.kept_singly(&all)
    }

    /// Whether the hand-overs since the last close have added what their records add, but where records of before may have changed.
    fn is_added_since(
        &self,
        draft: &Draft<'_>,
        leaves: &mut Arc<Leaves>,
    ) -> Result<bool, JournalError> {
        let folded = self.books.folded;
        let is_new = |kept: &Kept| !kept.recalled && kept.hand_over >= folded;
        let mut new = BTreeSet::new();
        let mut loose: BTreeSet<(u32, i32)> = BTreeSet::new();
        for (at, kept) in (0_u32..).zip(&self.entries) {
            if !matches!(kept.entry.content(), Content::Record(_)) {
                continue;
            }
            if is_new(kept) {
                if !self.withheld.contains_key(&at) {
                    new.insert(at);
                }
                continue;
            }
            let Some(sifted) = draft.sifted(at) else {
                continue;
            };
            let credit = self.model.schema().compiled()[sifted.kind].credit;
            let others = leaves_of_others(&sifted, credit.unwrap_or(0), leaves);
            let own = leaf_of(&sifted, leaves)
                .into_iter()
                .chain(others.into_iter().flatten());
            loose.extend(own.map(|leaf| (leaf, number(kept.entry.day()))));
        }
        let (all, _) = fold(self, draft, &new, leaves, &|_| false)?;
        let since = (folded as usize).min(self.chunks.len());
        let (mut found, mut kept) = (Sums::new(), Sums::new());
        let chunks = self.chunks[since..].iter().map(Arc::as_ref);
        for (sums, chunk) in chunks.map(|chunk| (true, chunk)).chain([(false, &all)]) {
            let sums = if sums { &mut kept } else { &mut found };
            for (leaf, addends) in chunk.each() {
                let own = addends
                    .iter()
                    .filter(|addend| !loose.contains(&(leaf, addend.on)));
                for addend in own {
                    let place = Addend {
                        value: 0,
                        ..*addend
                    };
                    *sums.entry((leaf, place)).or_default() += i128::from(addend.value);
                }
            }
        }
        for sums in [&mut found, &mut kept] {
            sums.retain(|_, sum| *sum != 0);
        }
        Ok(found == kept)
    }

    /// Single records are those of the entries, and were so before something became of them.
    fn kept_singly(&self, all: &Chunk) -> Result<(), JournalError> {
        let latest = self.latest();
        let is_recalled = |at: u32| self.entries[at as usize].recalled;
        let wrong =
            || damaged::<Vec<Chunk>>("it keeps a record otherwise than the entries have it");
        for (at, _) in self.own() {
            if latest.get(&at).copied() != all.single(at).and_then(Option::as_ref) {
                return Err(wrong());
            }
        }
        let plain = |single: &Single| Single {
            course: crate::ledger::Course::default(),
            ..single.clone()
        };
        for (at, single) in self.chunks.iter().flat_map(|chunk| chunk.singles()) {
            let told = all.single(*at);
            let is_record = matches!(
                self.entries[*at as usize].entry.content(),
                Content::Record(_)
            );
            let is_so = match (told.and_then(Option::as_ref), single) {
                (Some(now), Some(then)) => plain(now) == plain(then),
                _ => true,
            };
            if !is_record || (!is_recalled(*at) && !is_so) {
                return Err(wrong());
            }
        }
        Ok(())
    }

    fn add(&self, to: &mut Sums, chunk: &Chunk) {
        for (leaf, addends) in chunk.each() {
            let own: Vec<(u32, Addend)> = addends.iter().map(|addend| (leaf, *addend)).collect();
            self.add_each(to, &own);
        }
    }

    /// Adds up what lies in pieces of which all entries are here, with days joined as they are.
    fn add_each(&self, to: &mut Sums, all: &[(u32, Addend)]) {
        let pieces = self.books.pieces(self.model.cuts());
        for (leaf, addend) in all {
            let start = pieces.start(addend.on);
            let spot = Spot { leaf: *leaf, start };
            if self.books.checksums.contains_key(&spot) || self.books.is_fine(spot) {
                continue;
            }
            let own = self.books.own_cuts(*leaf);
            let value = i128::from(addend.value);
            let joined = addend.joined(|day| pieces.own_day(own, day), |day| pieces.day(day));
            let place = Addend { value: 0, ..joined };
            *to.entry((*leaf, place)).or_default() += value;
        }
    }

    /// Days were told of rules that there are, when they were, and alerts stand as people decided.
    fn told_days(&self) -> Result<(), JournalError> {
        let wrong = |problem| Err(damaged::<Days>(problem));
        let days = &self.days;
        let standing = self.own().filter(|(at, _)| !self.withheld.contains_key(at));
        let (mut decisions, mut entered) = (Decisions::new(), BTreeSet::new());
        for (_, kept) in standing {
            if let Content::Decide(own) = kept.entry.content() {
                let about = (own.alert.rule(), own.alert.subject());
                decisions.entry(about).or_default().push((&kept.entry, own));
                entered.insert(kept.entry.id());
            }
        }
        if !days.waiting.iter().all(|id| entered.contains(id)) {
            return wrong("a decision waits that was not entered");
        }
        let earlier = self.earlier();
        let through = self.complete_through();
        let marks = days.marks.iter();
        for ((watched, monitor), marks) in
            self.model.watches().iter().zip(&days.monitors).zip(marks)
        {
            let told = through.max(watched.first_day(self.go_live).pred_opt());
            let all = marks.values().chain([monitor]);
            for incident in all.flat_map(Monitor::incidents) {
                self.stands_as_decided(watched, incident, (&decisions, &earlier))?;
            }
            let mut in_order = marks.iter();
            let is_then = monitor.day() == told;
            if !is_then || !in_order.all(|(day, mark)| mark.day() == Some(*day)) {
                return wrong("a watch stands on another day than the last one that was told");
            }
        }
        if !self.are_born() {
            return wrong("a watch came with a model of another day");
        }
        if days.from.is_some_and(|from| from < self.go_live) {
            return wrong("it begins before the journal does");
        }
        let all = days.told.iter();
        for (day, own) in all {
            if !self.is_told(*day, own, &earlier) {
                return wrong("a day was told of what is not watched, or at another time");
            }
        }
        if self.was_moved() {
            return Ok(());
        }
        self.duties_told_otherwise().map_or(Ok(()), wrong)
    }

    /// Whether watches came with a model as it is said: the next day was the first that they could tell.
    fn are_born(&self) -> bool {
        let models = self.entries.iter().filter_map(|kept| {
            let is_model = matches!(kept.entry.content(), Content::Model(_));
            let before = (kept.hand_over as usize).checked_sub(1)?;
            let next = self.taken.get(before)?.complete_through.succ_opt()?;
            is_model.then_some(next.max(self.go_live))
        });
        let days: BTreeSet<NaiveDate> = models.collect();
        let watches = self.model.watches().iter().map(|own| &own.definition.key);
        let watches: BTreeSet<&Key> = watches.collect();
        let mut born = self.days.born.iter();
        born.all(|(watch, day)| days.contains(day) && watches.contains(watch))
    }

    /// Whether all of a row are or were there.
    fn is_row(&self, row: &[Key]) -> bool {
        row.iter().all(|member| {
            let mut dimensions = 0..self.model.schema().space().iter().len();
            *member == *UNASSIGNED
                || dimensions.any(|of| {
                    self.model_level(of, member.as_str()).is_some()
                        || self.identities.contains_key(&(of, member.clone()))
                })
        })
    }

    fn is_told(&self, day: NaiveDate, own: &Day, earlier: &Earlier) -> bool {
        // What came late stands on a day that may have brought nothing when it was told.
        let mut taken = self
            .taken
            .iter()
            .filter(|taken| day <= taken.complete_through);
        let is_then = match own.known {
            Some(known) if own.notices.is_empty() => taken.any(|taken| taken.known == known),
            known => taken.next().map(|taken| taken.known) == known,
        };
        let watches = self.model.watches();
        let is_earlier = earlier.told(day);
        let watched = |key: &Key| {
            watches
                .iter()
                .find(|watched| watched.definition.key == *key)
        };
        let notices = own.notices.iter().all(|notice| {
            let rules = watched(&notice.watch).map(|watched| &watched.rules);
            let is_same = notice.alert.as_ref().is_none_or(|alert| {
                *alert.rule() == notice.rule && alert.subject() == notice.subject.as_slice()
            });
            let is_then = notice.alert.as_ref().is_none_or(|alert| alert.day() <= day);
            let is_rule = || rules.is_some_and(|rules| rules.find(notice.rule.as_str()).is_some());
            // What began before may end after the change, because its row or rule is gone.
            let began = notice.alert.as_ref().map(AlertId::day);
            let is_earlier = is_earlier || began.is_some_and(|began| earlier.told(began));
            is_same && is_then && (is_earlier || (self.is_row(&notice.subject) && is_rule()))
        });
        let late = own.late.iter().all(|late| {
            let mut taken = self.taken.iter();
            let is_then =
                taken.any(|taken| taken.known == late.known && taken.complete_through == day);
            let mut rows = late.answers.iter().map(|own| own.row.as_slice());
            let is_watched = || watched(&late.watch).is_some();
            is_then
                && (earlier.knew(late.known) || (is_watched() && rows.all(|row| self.is_row(row))))
        });
        let is_duty = |key: &Key| {
            let mut duties = self.model.duties().iter();
            duties.any(|duty| duty.definition.key == *key)
        };
        let told_of = |notice: &DutyNotice| {
            let learned = notice.learned.is_none_or(|known| {
                let mut taken = self.taken.iter();
                taken.any(|taken| taken.known == known && taken.complete_through == day)
            });
            let is_earlier = is_earlier || notice.learned.is_some_and(|known| earlier.knew(known));
            let is_row = || self.is_row(std::slice::from_ref(&notice.member));
            learned && notice.due <= day && (is_earlier || (is_duty(&notice.duty) && is_row()))
        };
        let mut unwatched = own.unwatched.iter();
        own.day == day
            && own.duties.iter().all(told_of)
            && is_then
            && notices
            && late
            && unwatched
                .all(|own| is_earlier || watched(&own.watch).is_some() || is_duty(&own.watch))
    }

    /// Whether an alert is of a rule and of days that were told, and whatever people did about it is an entry.
    fn stands_as_decided(
        &self,
        watched: &Watched,
        incident: &Incident,
        (decisions, earlier): (&Decisions<'_>, &Earlier),
    ) -> Result<(), JournalError> {
        let id = &incident.id;
        let wrong = |problem: &str| Err(damaged::<Days>(format!("the alert `{id}` {problem}")));
        // Whoever was told of under another model may be gone by now.
        let is_earlier = earlier.told(id.day());
        if !is_earlier && watched.rules.find(id.rule().as_str()).is_none() {
            return wrong("is of a rule that its watch does not have");
        }
        let axes = &self.model.asked()[watched.view].definition.rows;
        let is_row = || id.subject().len() == axes.len() && self.is_row(id.subject());
        if !is_earlier && !is_row() {
            return wrong("is of a row that its view does not have");
        }
        let own = decisions.get(&(id.rule(), id.subject()));
        let own = own.map_or(&[][..], Vec::as_slice);
        let at = |entry: &Entry| {
            let booked = entry.booked_at();
            booked.unwrap_or_else(|| entry.day().and_time(NaiveTime::MIN))
        };
        let is_taken = |by: &Key, when: NaiveDateTime| {
            own.iter().any(|(entry, decision)| {
                matches!(decision.decided, Decision::Acknowledged)
                    && decision.by == *by
                    && at(entry) == when
            })
        };
        let mut taken = incident.acknowledgements.iter();
        if !taken.all(|taken| is_taken(&taken.by, taken.at)) {
            return wrong("was taken by nobody who is said to have taken it");
        }
        let mut status = &incident.status;
        while let Status::Withdrawn { was, .. } = status {
            status = was;
        }
        let is_decided = match status {
            Status::Acknowledged { by, at } => is_taken(by, *at),
            Status::Snoozed { until } => own.iter().any(|(_, decision)| {
                matches!(&decision.decided, Decision::Snoozed { until: own } if own == until)
            }),
            _ => true,
        };
        let is_agreed = incident.corrective_action.as_ref().is_none_or(|action| {
            let agreed = own.iter().any(|(_, decision)| match &decision.decided {
                Decision::CorrectiveAction(own) => {
                    let same = (&own.action, &own.owner, own.deadline, own.check);
                    same == (&action.action, &action.owner, action.deadline, action.check)
                }
                _ => false,
            });
            let done = action.done.is_none_or(|day| {
                own.iter().any(|(entry, decision)| match &decision.decided {
                    Decision::CarriedOut => entry.day() == day,
                    Decision::CorrectiveAction(own) => own.done == Some(day),
                    _ => false,
                })
            });
            agreed && done
        });
        if is_decided && is_agreed {
            return Ok(());
        }
        wrong("stands otherwise than people decided")
    }
}

/// What a change of the model says of hand-overs is taken from the books.
fn is_closed(found: &mut Journal, books: &Books) {
    let own = Arc::make_mut(&mut found.books);
    (own.folded, own.settled) = (books.folded, books.settled);
}

impl Told {
    /// The rows of which anything was told.
    fn rows(&self) -> impl Iterator<Item = &[Key]> {
        let panels = self.events.iter().filter_map(|event| event.panel.as_ref());
        panels.flat_map(|panel| {
            panel
                .subjects()
                .ids()
                .map(|row| panel.subjects().members(row))
        })
    }

    /// Whether these events made it, and the periods that are over by the last closed day are those that are told.
    fn is_of(&self, asked: &Asked, events: &[(NaiveDate, u32)], hard: Option<NaiveDate>) -> bool {
        let over = |period: &Period| period.end.pred_opt() <= hard && hard.is_some();
        let closed = asked.periods.iter().filter(over);
        let panels = self.events.iter().filter_map(|event| event.panel.as_ref());
        let told = panels.clone().flat_map(|panel| panel.periods().iter());
        let same = |(one, other): (Period, Period)| {
            (one.label, one.start, one.end) == (other.label, other.start, other.end)
        };
        let events_are = self
            .events
            .iter()
            .map(|event| (event.day, event.hand_overs));
        let is_like = |panel: &Panel| {
            let mut own = panel.columns().iter().map(Column::key);
            let mut all = asked.columns.iter();
            own.all(|key| asked.columns.contains(key))
                && all.all(|key| panel.find(key).is_some())
                && panel.periods().key() == asked.periods.key()
                && panel.subjects().axes() == asked.definition.rows
        };
        events_are.eq(events.iter().copied())
            && closed.clone().count() == told.clone().count()
            && closed.zip(told).all(same)
            && panels.clone().all(is_like)
            && self.events.iter().all(|event| event.adjusts(asked))
    }
}
