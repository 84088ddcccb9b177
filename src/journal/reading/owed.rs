//! What became of duties: what falls to whom, matched with the records that were counted.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Asking, Unread};
use crate::duty::{Duty, DutyError, DutyReport, Obligation, Submission, duty_columns};
use crate::journal::structure::{Stay, stays};
use crate::key::Key;
use crate::model::{CommonDutyDef, Owing, every_day};
use crate::panel::{Column, ColumnKey, Columns, Panel, RollUp};
use crate::quantity::{Rounding, divide};
use crate::space::{Dimension, Space, UNASSIGNED};

/// A duty of those who have it, and what became of it.
#[derive(Debug, Clone)]
pub(in crate::journal) struct Owed {
    pub(in crate::journal) report: DutyReport,
    /// With everybody who has it; none where nobody has.
    duty: Option<Duty>,
}

impl Asking<'_> {
    /// What became of each duty that the view shows.
    pub(super) fn duties(&self) -> Result<Vec<(usize, Owed)>, Unread> {
        let shown = self.asked().duties.iter();
        shown.map(|at| Ok((*at, self.owed(*at)?))).collect()
    }

    /// What became of a duty: everything that stands open or was due by the as-of day.
    pub(in crate::journal) fn owed(&self, at: usize) -> Result<Owed, Unread> {
        let own = &self.model.duties()[at];
        let counts = Self {
            at: own.question,
            ..*self
        };
        let counts = counts.plain(&[], |_| true)?;
        let schema = self.schema()?;
        let people = schema
            .space()
            .dimension(own.definition.who.dimension.as_str())?;
        let mut told = DutyReport {
            obligations: Vec::new(),
            unasked: Vec::new(),
        };
        let who: Vec<Key> = counts
            .subjects()
            .ids()
            .map(|row| counts.subjects().members(row)[0].clone())
            .collect();
        let Some(duty) = (!who.is_empty()).then(|| own.of(who)).transpose()? else {
            return Ok(Owed {
                report: told,
                duty: None,
            });
        };
        let all = self.falls(own, &duty, (&counts, people))?;
        // Of one member and day all are alike, and no record counts for another day.
        for alike in all.chunk_by(|one, other| (&one.person, one.due) == (&other.person, other.due))
        {
            let done = self.done(alike, (&counts, &own.definition.key))?;
            let part = duty.report(alike, &done, self.as_of)?;
            told.obligations.extend(part.obligations);
        }
        Ok(Owed {
            report: told,
            duty: Some(duty),
        })
    }

    /// What falls to whom, of those windows that have begun by the as-of day and since the journal began.
    fn falls(
        &self,
        own: &Owing,
        duty: &Duty,
        (counts, people): (&Panel, &Dimension),
    ) -> Result<Vec<Obligation>, Unread> {
        let begins = self.folds.go_live;
        let mut windows = counts
            .periods()
            .iter()
            .filter(|window| begins <= window.start && window.start <= self.as_of);
        let Some(first) = windows.next() else {
            return Ok(Vec::new());
        };
        let end = windows.next_back().unwrap_or_else(|| first.clone()).end;
        let every_day = every_day();
        let Some(working) = self.model.working_days().or(every_day.as_ref()) else {
            return Ok(Vec::new());
        };
        let stays = stays(
            &self.folds.steps,
            (self.hand_overs, self.as_of),
            &own.definition.who.dimension,
        );
        let mut all = duty.obligations(first.start, end, working)?;
        let known: BTreeMap<&Key, Stay> = counts
            .subjects()
            .ids()
            .map(|row| &counts.subjects().members(row)[0])
            .map(|member| (member, Stay::of(people, member, stays.get(member))))
            .collect();
        let is_above = |member: &Key, day: NaiveDate| {
            let Some(under) = &own.definition.under else {
                return true;
            };
            let hierarchies = people.definition().hierarchies.iter();
            let mut trees = hierarchies.filter_map(|own| people.tree(own.key.as_str()).ok());
            trees.any(|tree| {
                tree.chain_of(member.as_str(), day)
                    .any(|above| above == under)
            })
        };
        all.retain(|one| {
            let day = one.due.min(self.as_of);
            known.get(&one.person).is_some_and(|stay| stay.has(day)) && is_above(&one.person, day)
        });
        all.sort();
        Ok(all)
    }

    /// As many records as were counted for some that are alike, and no more than these.
    fn done(
        &self,
        alike: &[Obligation],
        (counts, column): (&Panel, &Key),
    ) -> Result<Vec<Submission>, Unread> {
        let Some(one) = alike.first() else {
            return Ok(Vec::new());
        };
        let row = counts.subjects().find(std::slice::from_ref(&one.person));
        let window = counts.periods().on(one.due);
        let Some((row, window)) = row.zip(window) else {
            return Ok(Vec::new());
        };
        let counted =
            counts.column(&ColumnKey::actual(column.as_str()).map_err(DutyError::from)?)?;
        let counted = counted.answer(counts.cell(row, window)?).ratio();
        let counted = counted
            .ok()
            .and_then(|count| divide(count.numerator(), count.denominator(), Rounding::Floor));
        let counted = usize::try_from(counted.unwrap_or(0).max(0)).unwrap_or(usize::MAX);
        let each = (0..counted.min(alike.len())).map(|number| {
            Ok(Submission {
                day: one.due.min(self.as_of),
                person: one.person.clone(),
                id: Key::new(number.to_string()).map_err(DutyError::from)?,
                for_day: None,
                with: None,
            })
        });
        each.collect()
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
    pub(super) fn owes_nobody(&self, duties: &[(usize, Owed)]) -> Result<bool, Unread> {
        let schema = self.schema()?;
        for (at, owed) in duties {
            let to = self.roll_up(&self.model.duties()[*at].definition, schema.space())?;
            let mut all = owed.report.obligations.iter();
            if all.any(|(one, _)| {
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
        duties: &[(usize, Owed)],
        panel: &Panel,
    ) -> Result<Vec<Column>, Unread> {
        let mut columns = Vec::new();
        if duties.is_empty() {
            return Ok(columns);
        }
        let schema = self.schema()?;
        for (at, owed) in duties {
            let definition = &self.model.duties()[*at].definition;
            let to = self.roll_up(definition, schema.space())?;
            let all: Vec<(&Duty, &DutyReport)> =
                owed.duty.iter().map(|duty| (duty, &owed.report)).collect();
            columns.extend(duty_columns(&definition.key, &all, to).columns(panel)?);
        }
        Ok(columns)
    }
}
