//! What became of duties: what falls to whom, beside how many records were counted.

mod bearer;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::compiled::Extent;
use super::kept::{Owed, OwedOf};
use super::{Asking, Unread};
use crate::calendar::{DayRange, Period, WorkingDays};
use crate::duty::{Counted, DutyCounts, DutyError, counted_columns};
use crate::journal::entry::Content;
use crate::journal::structure::{Stays, standing};
use crate::journal::told::Fixed;
use crate::key::Key;
use crate::model::{Bearers, Due, NotShown, Owing, StayRule, is_at_or_above};
use crate::panel::{Column, ColumnKey, Columns, Panel, RollUp};
use crate::quantity::{QuantityError, Ratio, Rounding, divide};
use crate::space::{Dimension, MemberId, RowId, Space, Subjects, UNASSIGNED};
use bearer::Bearing;

/// How many records of some days there are.
type Window = (NaiveDate, NaiveDate, i64);

/// How much of what falls due was done, in time and late.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Done {
    on_time: i64,
    late: i64,
}

impl Asking<'_> {
    /// What became of each duty that the view shows: what was worked out last, while nothing that it is of has changed.
    pub(super) fn duties(&self) -> Result<Vec<(usize, Owed)>, Unread> {
        let (folds, mut all) = (self.folds, Vec::new());
        for at in &self.asked().duties {
            let extent = Extent::new(&folds.steps, self.hand_overs, self.as_of);
            let of = OwedOf {
                extent,
                books: Arc::clone(&folds.books),
                chunks: folds.chunks.clone(),
                excuses: Arc::clone(&folds.excuses),
                as_of: self.as_of,
            };
            let is_kept = self.is_kept();
            let known = folds.readings.owed(*at, &of).filter(|_| is_kept);
            let own = match known {
                Some(own) => own,
                None => self.owed(*at, NaiveDate::MIN)?.into(),
            };
            if is_kept {
                folds.readings.keep_owed(*at, of, &own);
            }
            all.push((*at, own));
        }
        Ok(all)
    }

    /// What became of a duty, by who has it and due day: everything that is due from a day on and stands open or was due by the as-of day.
    pub(in crate::journal) fn owed(
        &self,
        at: usize,
        from: NaiveDate,
    ) -> Result<Vec<Counted>, Unread> {
        let own = &self.model.duties()[at];
        let counts = Self {
            at: own.question,
            ..*self
        };
        let counts =
            counts
                .plain(&[], &Fixed::default(), |_| true)
                .map_err(|error| match error {
                    Unread::Limit(error) => NotShown::new(&own.definition.key, error).into(),
                    other => other,
                })?;
        let rows = counts.subjects();
        let column = counts
            .column(&ColumnKey::actual(own.definition.key.as_str()).map_err(DutyError::from)?)?;
        let dues = self.begun(own, from);
        let first = dues.first().map_or(NaiveDate::MAX, |one| one.opens);
        let mut all = Vec::new();
        for (row, mut dues) in self.fallen(own, dues, rows)? {
            // What is done of several of one day is done first of those that nobody is excused from.
            dues.sort_by_key(|one| (one.due.day, one.is_excused));
            let mut windows: Vec<Window> = Vec::new();
            let begun = |period: &Period| (first..=self.as_of).contains(&period.start);
            for period in counts.periods().iter().filter(begun) {
                // Where nothing was recorded nothing was done, and a count has no other reason.
                let counted = column.answer(counts.cell(row, period.id)?).ratio().ok();
                let counted = counted
                    .and_then(|all| divide(all.numerator(), all.denominator(), Rounding::Floor));
                let count = i64::try_from(counted.unwrap_or(0)).unwrap_or(i64::MAX);
                if let Some(last) = period.end.pred_opt().filter(|_| count > 0) {
                    windows.push((period.start, last, count));
                }
            }
            self.folds.readings.count(dues.len());
            let done = filled(&dues, &windows);
            let own = dues.into_iter().zip(done);
            let own = own.filter(|(one, _)| from <= one.due.day);
            let member = &rows.members(row)[0];
            all.extend(own.map(|(one, done)| Counted {
                person: member.clone(),
                due: one.due.day,
                on: one.on,
                counts: done.counts(&one, self.as_of),
                accountable: one.accountable,
            }));
        }
        Ok(all)
    }

    /// What of some days falls to whom of those who have a duty, by their rows.
    fn fallen(
        &self,
        own: &Owing,
        dues: &[Due],
        rows: &Subjects,
    ) -> Result<BTreeMap<RowId, Vec<Asked>>, Unread> {
        let schema = self.schema()?;
        let who = &own.definition.who.dimension;
        let people = schema.space().dimension(who.as_str())?;
        let model = self.model.schema().space().dimension(who.as_str())?;
        let seen = (self.hand_overs, self.as_of);
        let stays = Stays::new((model, people), &self.folds.steps, seen)?;
        let under = own.definition.under.as_ref();
        let under = under.and_then(|under| people.find(under.as_str()));
        let under = under.map(|under| people.key_of(under));
        let excuses = self.excuses(&own.definition.key, people);
        let posts = self.posts()?;
        let bearing = Bearing {
            owing: own,
            posts: posts.as_deref(),
            as_it_is: self.as_it_is,
        };
        let mut asked: BTreeMap<RowId, Vec<Asked>> = BTreeMap::new();
        for row in rows.ids() {
            let member = &rows.members(row)[0];
            let is_there = |day: NaiveDate| {
                stays.has(member, day)
                    && under.is_none_or(|under| {
                        self.stands_below(&stays, member, day, |above| above == under)
                    })
            };
            let is_excused = |member: &Key, due: NaiveDate, on: NaiveDate| {
                excuses.has(member, due)
                    || (!excuses.is_empty()
                        && self.stands_below(&stays, member, on, |above| excuses.has(above, due)))
            };
            for one in dues {
                let Some((due, on)) = falls(one, &bearing, member, is_there)? else {
                    continue;
                };
                let bearer = bearing.of(member, on);
                let is_own = is_excused(member, one.day, on);
                // What somebody is excused from falls to nobody else.
                let to = if is_own { member } else { bearer.member };
                let row = rows.find(std::slice::from_ref(to)).unwrap_or(row);
                // Who holds a post on the due day is known by then.
                let falls_to_nobody = bearer.is_excused && one.day <= self.as_of;
                let is_excused =
                    is_own || falls_to_nobody || (to != member && is_excused(to, one.day, on));
                let own = Asked::new(due, (on, bearer.accountable), is_excused);
                asked.entry(row).or_default().push(own);
            }
        }
        Ok(asked)
    }

    /// What has begun by the as-of day and since the journal began, from the first that plays a part in what is due from a day on.
    fn begun<'d>(&self, owing: &'d Owing, from: NaiveDate) -> &'d [Due] {
        let dues = &owing.dues;
        let first = dues.partition_point(|one| one.opens < self.folds.go_live);
        let end = dues.partition_point(|one| one.opens <= self.as_of);
        dues.get(first.max(owing.apart_before(from))..end)
            .unwrap_or_default()
    }

    /// Who is excused from a duty as of the day asked for.
    fn excuses<'p>(&self, duty: &Key, people: &'p Dimension) -> Excused<'p> {
        let standing = standing(&self.folds.excuses, self.hand_overs, Some(self.as_of));
        let own = standing.iter().filter_map(|entry| match entry.content() {
            Content::Excuse(own) if own.duty == *duty => {
                let member = people.find(own.member.as_str())?;
                Some((people.key_of(member), own.days))
            }
            _ => None,
        });
        Excused::new(own)
    }

    /// Whether a member stands below such a one on a due day, or by the structure that holds for all days.
    fn stands_below(
        &self,
        stays: &Stays<'_>,
        member: &Key,
        due: NaiveDate,
        is: impl Fn(&Key) -> bool,
    ) -> bool {
        match self.as_it_is {
            Some(on) => stays.is_below_by_now(member, on, is),
            None => stays.is_below(member, due, is),
        }
    }

    /// To which rows of the view that counts which falls to those who have a duty.
    fn rows_of<'s>(&self, owing: &'s Owing, space: &'s Space) -> Result<Rows<'s>, Unread> {
        let rows = &self.asked().definition.rows;
        let duty = &owing.definition;
        let posts = self.model.definition().posts.as_ref();
        let people = posts.filter(|_| owing.bearers == Bearers::Posts);
        let people = people.map(|posts| &posts.people);
        let Some(axis) = rows.first() else {
            let to = RollUp::Whole(&duty.key);
            return Ok(Rows { to, nobody: None });
        };
        let people = people.filter(|_| !is_at_or_above(axis, &duty.who, space));
        let who = people.unwrap_or(&duty.who);
        let dimension = space.dimension(who.dimension.as_str())?;
        let nobody = people.map(|_| dimension.key_of(MemberId::UNASSIGNED));
        let to = if axis == who {
            RollUp::Person
        } else {
            let (people, level) = (dimension, dimension.level(axis.level.as_str())?);
            match self.as_it_is {
                Some(on) => RollUp::LevelOn { people, level, on },
                None => RollUp::Level { people, level },
            }
        };
        Ok(Rows { to, nobody })
    }

    /// Whether something falls to nobody's row.
    pub(super) fn owes_nobody(&self, duties: &[(usize, Owed)]) -> Result<bool, Unread> {
        let schema = self.schema()?;
        for (at, all) in duties {
            let rows = self.rows_of(&self.model.duties()[*at], schema.space())?;
            let nobodys = |one: &Counted| {
                let subject = rows.to.subject(rows.who(one), one.on);
                subject.is_some_and(|subject| *subject == UNASSIGNED)
            };
            if all.iter().any(nobodys) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The columns of duties over the rows and periods of a panel.
    pub(super) fn duty_columns(
        &self,
        duties: &[(usize, Owed)],
        panel: &Panel,
    ) -> Result<Vec<Column>, Unread> {
        let mut columns = Vec::new();
        if duties.is_empty() {
            return Ok(columns);
        }
        let schema = self.schema()?;
        for (at, all) in duties {
            let owing = &self.model.duties()[*at];
            let rows = self.rows_of(owing, schema.space())?;
            let key = &owing.definition.key;
            let own = counted_columns(key, all, |one| rows.who(one), rows.to);
            columns.extend(own.columns(panel)?);
        }
        Ok(columns)
    }
}

/// To which rows of a view that counts which falls to those who have a duty.
struct Rows<'s> {
    to: RollUp<'s>,
    /// Who stands for nobody, where the rows are of people who are accountable for what falls to posts.
    nobody: Option<&'s Key>,
}

impl Rows<'_> {
    fn who<'k>(&'k self, one: &'k Counted) -> &'k Key {
        match self.nobody {
            Some(nobody) => one.accountable.as_ref().unwrap_or(nobody),
            None => &one.person,
        }
    }
}

/// Who is excused from a duty: by member, from which due day on and before which one; in order, and apart from each other. So what
/// is asked for each of those who have it, and for each due day, is found however many excuses there are.
struct Excused<'p>(BTreeMap<&'p Key, Vec<(NaiveDate, NaiveDate)>>);

impl<'p> Excused<'p> {
    fn new(all: impl Iterator<Item = (&'p Key, DayRange)>) -> Self {
        let mut by: BTreeMap<&Key, Vec<(NaiveDate, NaiveDate)>> = BTreeMap::new();
        for (member, days) in all {
            by.entry(member)
                .or_default()
                .push((days.start(), days.end()));
        }
        for own in by.values_mut() {
            own.sort_unstable();
            own.dedup_by(|next, last| {
                let goes_on = next.0 <= last.1;
                if goes_on {
                    last.1 = last.1.max(next.1);
                }
                goes_on
            });
        }
        Self(by)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn has(&self, member: &Key, due: NaiveDate) -> bool {
        self.0.get(member).is_some_and(|own| {
            let begun = own.partition_point(|(from, _)| *from <= due);
            own[..begun].last().is_some_and(|(_, to)| due < *to)
        })
    }
}

/// What falls to somebody, and whether they are excused from it.
struct Asked {
    due: Due,
    /// The last day on which who has it is there.
    on: NaiveDate,
    /// Who is accountable for what falls to a post.
    accountable: Option<Key>,
    is_excused: bool,
}

impl Asked {
    fn new(mut due: Due, (on, accountable): (NaiveDate, Option<&Key>), is_excused: bool) -> Self {
        if is_excused {
            // Nothing is made up for what is excused: what is done later is done for the next.
            (due.last, due.until) = (due.day, due.day);
        }
        Self {
            due,
            on,
            accountable: accountable.cloned(),
            is_excused,
        }
    }
}

/// What falls to somebody, if anything does, by the days on which they are there, with the last of these.
fn falls(
    one: &Due,
    bearing: &Bearing<'_>,
    member: &Key,
    is_there: impl Fn(NaiveDate) -> bool,
) -> Result<Option<(Due, NaiveDate)>, DutyError> {
    let part = |day: NaiveDate| {
        if is_there(day) {
            bearing.part(member, day)
        } else {
            Ok(Ratio::ZERO)
        }
    };
    match bearing.owing.definition.stay {
        StayRule::DueDay => Ok(is_there(one.day).then_some((*one, one.day))),
        StayRule::ByDays | StayRule::ByParts => shared(one, &bearing.owing.working, part),
    }
}

/// As much as somebody has of the days, with the last day of which they have any.
fn shared(
    one: &Due,
    working: &WorkingDays,
    part: impl Fn(NaiveDate) -> Result<Ratio, QuantityError>,
) -> Result<Option<(Due, NaiveDate)>, DutyError> {
    // How many days there are, and how much of them somebody has: of those that are worked, and of all.
    let (mut worked, mut all) = ((0, Ratio::ZERO), (0, Ratio::ZERO));
    let mut last = None;
    for day in one.opens.iter_days().take_while(|day| *day <= one.day) {
        let own = part(day)?;
        last = if own.is_zero() { last } else { Some(day) };
        all = (all.0 + 1, all.1.checked_add(own)?);
        if working.is_working(day) {
            worked = (worked.0 + 1, worked.1.checked_add(own)?);
        }
    }
    let (of, own) = if worked.0 > 0 { worked } else { all };
    let whole = own.checked_mul(Ratio::from(one.times))?;
    let share = whole.checked_div(Ratio::from(of))?;
    let nearest = divide(
        share.numerator(),
        share.denominator(),
        Rounding::HalfAwayFromZero,
    );
    let times = nearest.and_then(|times| i64::try_from(times).ok());
    let times = times.ok_or(QuantityError::RatioOverflow)?;
    let last = last.filter(|_| times > 0);
    Ok(last.map(|last| (Due { times, ..*one }, last)))
}

/// What was done of what falls to somebody: each record counts for the oldest that stands open and lacks something. Since none
/// closes before an older one, as few as possible are missing.
fn filled(dues: &[Asked], windows: &[Window]) -> Vec<Done> {
    let mut done = vec![Done::default(); dues.len()];
    let (mut open, mut next): (Vec<usize>, usize) = (Vec::new(), 0);
    for (first, last, count) in windows {
        while dues.get(next).is_some_and(|one| one.due.opens <= *first) {
            open.push(next);
            next += 1;
        }
        let mut left = *count;
        open.retain(|at| {
            let (one, done) = (&dues[*at].due, &mut done[*at]);
            if one.until < *last {
                return false;
            }
            let taken = left.min(done.left(one));
            left -= taken;
            if *last <= one.last {
                done.on_time += taken;
            } else {
                done.late += taken;
            }
            done.left(one) > 0
        });
    }
    done
}

impl Done {
    fn left(self, one: &Due) -> i64 {
        one.times - self.on_time - self.late
    }

    /// What became of it as of a day.
    fn counts(self, one: &Asked, as_of: NaiveDate) -> DutyCounts {
        let mut counts = DutyCounts {
            on_time: self.on_time,
            late: self.late,
            ..DutyCounts::default()
        };
        let left = self.left(&one.due);
        if one.is_excused {
            counts.excused = left;
        } else if one.due.last < as_of {
            counts.missing = left;
        } else {
            counts.not_yet_due = left;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excuses_that_overlap_are_one_stretch_of_days_however_many_they_are() {
        let day = |number: u32| NaiveDate::from_yo_opt(2026, number).unwrap();
        let (ann, bo) = (Key::from_static("ann"), Key::from_static("bo"));
        let range = |from, to| DayRange::new(day(from), day(to)).unwrap();
        // Two hundred within a month, one beside them, one that touches it, one apart, in no order.
        let many = (1..=200)
            .rev()
            .map(|at| (&ann, range(1 + at % 25, 5 + at % 25)));
        let others = [
            (&ann, range(60, 61)),
            (&ann, range(29, 32)),
            (&bo, range(3, 4)),
        ];
        let all = Excused::new(many.chain(others));
        let spans = [(day(1), day(32)), (day(60), day(61))];
        assert_eq!(all.0[&ann], spans);
        for number in 1..100 {
            let wanted = [1..32, 60..61].iter().any(|days| days.contains(&number));
            assert_eq!(all.has(&ann, day(number)), wanted, "{number}");
            assert_eq!(all.has(&bo, day(number)), number == 3, "{number}");
        }
    }
}
