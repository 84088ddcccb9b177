//! What became of duties: what falls to whom, beside how many records were counted.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Asking, Unread};
use crate::duty::{Counted, DutyCounts, DutyError, counted_columns};
use crate::journal::structure::{Stay, stays};
use crate::journal::told::Fixed;
use crate::key::Key;
use crate::model::{CommonDutyDef, NotShown, Owing, every_day};
use crate::panel::{Column, ColumnKey, Columns, Panel, RollUp};
use crate::quantity::{Rounding, divide};
use crate::space::{Dimension, Space, UNASSIGNED};

impl Asking<'_> {
    /// What became of each duty that the view shows.
    pub(super) fn duties(&self) -> Result<Vec<(usize, Vec<Counted>)>, Unread> {
        let shown = self.asked().duties.iter();
        shown.map(|at| Ok((*at, self.owed(*at)?))).collect()
    }

    /// What became of a duty, by who has it and due day: everything that stands open or was due by the as-of day.
    pub(in crate::journal) fn owed(&self, at: usize) -> Result<Vec<Counted>, Unread> {
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
        let due = self.due(own, &counts)?;
        let told = stays(&self.folds.steps, (self.hand_overs, self.as_of), who);
        let stays = Stay::all(people, told);
        let rows = counts.subjects();
        let column = counts
            .column(&ColumnKey::actual(own.definition.key.as_str()).map_err(DutyError::from)?)?;
        let mut all = Vec::new();
        for row in rows.ids() {
            let person = &rows.members(row)[0];
            for (day, times) in &due {
                let is_there = stays.get(person).is_none_or(|stay| stay.has(*day));
                if !is_there || !self.is_under(&own.definition, people, person, *day) {
                    continue;
                }
                let Some(window) = counts.periods().on(*day) else {
                    continue;
                };
                // Where nothing was recorded nothing was done, and a count has no other reason.
                let counted = column.answer(counts.cell(row, window)?).ratio().ok();
                let counted = counted
                    .and_then(|all| divide(all.numerator(), all.denominator(), Rounding::Floor));
                let done = i64::try_from(counted.unwrap_or(0)).unwrap_or(*times);
                let on_time = done.clamp(0, *times);
                let left = times - on_time;
                let (missing, not_yet_due) = if *day < self.as_of {
                    (left, 0)
                } else {
                    (0, left)
                };
                all.push(Counted {
                    person: person.clone(),
                    due: *day,
                    counts: DutyCounts {
                        on_time,
                        missing,
                        not_yet_due,
                        ..DutyCounts::default()
                    },
                });
            }
        }
        Ok(all)
    }

    /// How many are due on each day, of those windows that have begun by the as-of day and since the journal began.
    fn due(&self, own: &Owing, counts: &Panel) -> Result<BTreeMap<NaiveDate, i64>, Unread> {
        let mut due = BTreeMap::new();
        let begins = self.folds.go_live;
        let mut windows = counts
            .periods()
            .iter()
            .filter(|window| begins <= window.start && window.start <= self.as_of);
        let Some(first) = windows.next() else {
            return Ok(due);
        };
        let end = windows.next_back().unwrap_or_else(|| first.clone()).end;
        let every_day = every_day();
        let Some(working) = self.model.working_days().or(every_day.as_ref()) else {
            return Ok(due);
        };
        let cadence = &own.definition.cadence;
        let all = cadence.occurrences(first.start, end, working);
        let times = i64::from(own.definition.times.get());
        for one in all.map_err(DutyError::from)? {
            *due.entry(one.due).or_insert(0) += times;
        }
        Ok(due)
    }

    /// Whether a member stands below the one that a duty names, on the due day or by the structure that holds for all days.
    fn is_under(
        &self,
        duty: &CommonDutyDef,
        people: &Dimension,
        member: &Key,
        due: NaiveDate,
    ) -> bool {
        let Some(under) = &duty.under else {
            return true;
        };
        let day = self.as_it_is.unwrap_or(due);
        let hierarchies = people.definition().hierarchies.iter();
        let mut trees = hierarchies.filter_map(|own| people.tree(own.key.as_str()).ok());
        trees.any(|tree| {
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
