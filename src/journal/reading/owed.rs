//! What became of duties: what falls to whom, beside how many records were counted.

use chrono::NaiveDate;

use super::{Asking, Unread};
use crate::duty::{Counted, DutyCounts, DutyError, counted_columns};
use crate::journal::structure::{Stay, stays};
use crate::journal::told::Fixed;
use crate::key::Key;
use crate::model::{CommonDutyDef, Due, NotShown};
use crate::panel::{Column, ColumnKey, Columns, Panel, RollUp};
use crate::quantity::{Rounding, divide};
use crate::space::{Dimension, Space, Tree, UNASSIGNED};

/// How many records of some days there are.
type Window = (NaiveDate, NaiveDate, i64);

/// How much of what falls due was done, in time and late.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Done {
    on_time: i64,
    late: i64,
}

impl Asking<'_> {
    /// What became of each duty that the view shows.
    pub(super) fn duties(&self) -> Result<Vec<(usize, Vec<Counted>)>, Unread> {
        let shown = self.asked().duties.iter();
        let owed = |at: &usize| Ok((*at, self.owed(*at, NaiveDate::MIN)?));
        shown.map(owed).collect()
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
                .plain(&[], Fixed::default(), |_| true)
                .map_err(|error| match error {
                    Unread::Limit(error) => NotShown::new(&own.definition.key, error).into(),
                    other => other,
                })?;
        let schema = self.schema()?;
        let who = &own.definition.who.dimension;
        let people = schema.space().dimension(who.as_str())?;
        let told = stays(&self.folds.steps, (self.hand_overs, self.as_of), who);
        let stays = Stay::all(people, told);
        let trees = trees(people);
        let rows = counts.subjects();
        let column = counts
            .column(&ColumnKey::actual(own.definition.key.as_str()).map_err(DutyError::from)?)?;
        let dues = self.begun(&own.dues);
        let periods = counts.periods();
        let begun = || periods.iter().filter(|period| period.start <= self.as_of);
        let mut all = Vec::new();
        for row in rows.ids() {
            let person = &rows.members(row)[0];
            let stay = stays.get(person);
            let falls = |one: &&Due| {
                stay.is_none_or(|stay| stay.has(one.due))
                    && self.is_under(&own.definition, &trees, person, one.due)
            };
            let dues: Vec<&Due> = dues.iter().filter(falls).collect();
            let mut windows: Vec<Window> = Vec::new();
            for period in begun() {
                // Where nothing was recorded nothing was done, and a count has no other reason.
                let counted = column.answer(counts.cell(row, period.id)?).ratio().ok();
                let counted = counted
                    .and_then(|all| divide(all.numerator(), all.denominator(), Rounding::Floor));
                let count = i64::try_from(counted.unwrap_or(0)).unwrap_or(i64::MAX);
                if let Some(last) = period.end.pred_opt().filter(|_| count > 0) {
                    windows.push((period.start, last, count));
                }
            }
            let done = filled(&dues, &windows);
            let own = dues.into_iter().zip(done);
            let own = own.filter(|(one, _)| from <= one.due);
            all.extend(own.map(|(one, done)| Counted {
                person: person.clone(),
                due: one.due,
                counts: done.counts(one, self.as_of),
            }));
        }
        Ok(all)
    }

    /// What has begun by the as-of day, and since the journal began.
    fn begun<'d>(&self, dues: &'d [Due]) -> &'d [Due] {
        let first = dues.partition_point(|one| one.opens < self.folds.go_live);
        let end = dues.partition_point(|one| one.opens <= self.as_of);
        dues.get(first..end).unwrap_or_default()
    }

    /// Whether a member stands below the one that a duty names, on the due day or by the structure that holds for all days.
    fn is_under(
        &self,
        duty: &CommonDutyDef,
        trees: &[Tree<'_>],
        member: &Key,
        due: NaiveDate,
    ) -> bool {
        let Some(under) = &duty.under else {
            return true;
        };
        let day = self.as_it_is.unwrap_or(due);
        trees.iter().any(|tree| {
            let mut above = tree.chain_of(member.as_str(), day);
            above.any(|above| above == under)
        })
    }

    /// To which rows of the view the days of those who have a duty count.
    fn roll_up<'s>(&self, duty: &'s CommonDutyDef, space: &'s Space) -> Result<RollUp<'s>, Unread> {
        let rows = &self.asked().definition.rows;
        Ok(match rows.first() {
            None => RollUp::Whole(&duty.key),
            Some(axis) if *axis == duty.who => RollUp::Person,
            Some(axis) => {
                let people = space.dimension(duty.who.dimension.as_str())?;
                let level = people.level(axis.level.as_str())?;
                match self.as_it_is {
                    Some(on) => RollUp::LevelOn { people, level, on },
                    None => RollUp::Level { people, level },
                }
            }
        })
    }

    /// Whether something falls to nobody's row.
    pub(super) fn owes_nobody(&self, duties: &[(usize, Vec<Counted>)]) -> Result<bool, Unread> {
        let schema = self.schema()?;
        for (at, all) in duties {
            let to = self.roll_up(&self.model.duties()[*at].definition, schema.space())?;
            if all.iter().any(|one| {
                to.subject(&one.person, one.due)
                    .is_some_and(|of| *of == UNASSIGNED)
            }) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The columns of duties over the rows and periods of a panel.
    pub(super) fn duty_columns(
        &self,
        duties: &[(usize, Vec<Counted>)],
        panel: &Panel,
    ) -> Result<Vec<Column>, Unread> {
        let mut columns = Vec::new();
        if duties.is_empty() {
            return Ok(columns);
        }
        let schema = self.schema()?;
        for (at, all) in duties {
            let definition = &self.model.duties()[*at].definition;
            let to = self.roll_up(definition, schema.space())?;
            columns.extend(counted_columns(&definition.key, all, to).columns(panel)?);
        }
        Ok(columns)
    }
}

/// Who is above whom, in every hierarchy.
fn trees(people: &Dimension) -> Vec<Tree<'_>> {
    let hierarchies = people.definition().hierarchies.iter();
    let trees = hierarchies.filter_map(|own| people.tree(own.key.as_str()).ok());
    trees.collect()
}

/// What was done of what falls to somebody: each record counts for the oldest that stands open and lacks something. Since none
/// closes before an older one, as few as possible are missing.
fn filled(dues: &[&Due], windows: &[Window]) -> Vec<Done> {
    let mut done = vec![Done::default(); dues.len()];
    let (mut open, mut next): (Vec<usize>, usize) = (Vec::new(), 0);
    for (first, last, count) in windows {
        while dues.get(next).is_some_and(|one| one.opens <= *first) {
            open.push(next);
            next += 1;
        }
        let mut left = *count;
        open.retain(|at| {
            let (one, done) = (dues[*at], &mut done[*at]);
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
    fn counts(self, one: &Due, as_of: NaiveDate) -> DutyCounts {
        let left = self.left(one);
        let (missing, not_yet_due) = if one.last < as_of {
            (left, 0)
        } else {
            (0, left)
        };
        DutyCounts {
            on_time: self.on_time,
            late: self.late,
            missing,
            not_yet_due,
            ..DutyCounts::default()
        }
    }
}
