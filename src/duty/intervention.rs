//! Leaders who step in so that a duty is done, and how often one has to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::columns::due;
use super::duty::{Duty, DutyReport, Obligation, Standing};
use super::error::DutyError;
use crate::key::{Key, Known};
use crate::measure::Direction;
use crate::panel::RollUp;
use crate::panel::{Column, ColumnBuilder, Columns, Panel, Reason};
use crate::space::RowId;

/// A leader stepped in: gave an order, made a call, did it in place of the one whose duty it is. It changes nothing of
/// what became of the obligation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intervention {
    /// The duty.
    pub duty: Key,
    /// Whose obligation it was.
    pub person: Key,
    /// With whom it is done, where the duty says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Key>,
    /// The due day of the obligation.
    pub due: NaiveDate,
    /// Who stepped in.
    pub leader: Key,
    /// On which day.
    pub day: NaiveDate,
    /// What for: a reminder, a decision, the work itself.
    pub reason: Key,
}

/// Gives how often duties needed a leader: `<name>.obligations` (that have to be met by now), `<name>.interventions` (times
/// that a leader stepped in, of all obligations known), `<name>.with_leader` (of the obligations, those in which one did) as
/// counts, and `<name>.leader_rate` (obligations with a leader, of all that have to be met by now).
///
/// The process is to move the work; how often it needs a leader is a figure of its own, as that of workflows
/// ([`process`](crate::process)) is. Everything belongs to the period of the obligation's due day. Where several equal
/// obligations are due on one day (three meetings by Friday), each intervention counts for another of them as long as there is one.
/// Whom none of the duties ever falls to is not applicable; the rate is not yet due where obligations stand but none of
/// them has to be met by now.
///
/// # Errors
/// [`DutyError::UnknownObligation`] for an intervention in an obligation that no report has, [`DutyError::OwnLeader`] for
/// one of the person whose obligation it is, [`DutyError::Key`], [`DutyError::Panel`].
pub fn intervention_columns(
    name: &Key,
    duties: &[(&Duty, &DutyReport)],
    interventions: &[Intervention],
    to: RollUp<'_>,
) -> impl Columns<Error = DutyError> {
    move |panel: &Panel| -> Result<Vec<Column>, DutyError> {
        let mut asked: BTreeMap<Asked<'_>, Counts> = BTreeMap::new();
        for (duty, report) in duties {
            for (obligation, standing) in &report.obligations {
                let counts = asked.entry(Asked::of(duty, obligation)).or_default();
                match standing {
                    Standing::NotYetDue => counts.to_come += 1,
                    Standing::OnTime { .. } | Standing::Late { .. } | Standing::Missing => {
                        counts.due += 1;
                    }
                    Standing::Excused => {}
                }
            }
        }
        for intervention in interventions {
            if intervention.leader == intervention.person {
                return Err(DutyError::OwnLeader {
                    duty: intervention.duty.clone(),
                    person: intervention.person.clone(),
                });
            }
            let wanted = Asked {
                duty: &intervention.duty,
                person: &intervention.person,
                with: intervention.with.as_ref(),
                due: intervention.due,
            };
            let Some(counts) = asked.get_mut(&wanted) else {
                return Err(wanted.unknown(&asked));
            };
            counts.interventions += 1;
        }
        let mut cells: Vec<Option<Counts>> = vec![None; panel.cells()];
        let subjects = panel.subjects().len().max(1);
        for (asked, counts) in &asked {
            // Whom a duty ever falls to has a figure in every period.
            let row = to.row(panel, Some(asked.person), asked.due);
            for cell in cells
                .iter_mut()
                .skip(row.map_or(usize::MAX, RowId::index))
                .step_by(subjects)
            {
                cell.get_or_insert_default();
            }
            let cell = to.cell(panel, asked.person, asked.due);
            if let Some(cell) = cell.and_then(|cell| cells.get_mut(cell)) {
                cell.get_or_insert_default().add(*counts);
            }
        }
        let named = ColumnBuilder::new(name, &cells);
        let count = |what: &str, of: fn(&Counts) -> i64| {
            named.counts(what, |cell| told(*cell).map(|counts| of(&counts)))
        };
        let rate = named.shares("leader_rate", |cell| {
            let counts = told(*cell)?;
            due(counts.with_leader, counts.due, counts.to_come)
        })?;
        let smaller = Direction::Smaller;
        Ok(vec![
            count("obligations", |counts| counts.due)?.better(Direction::Neutral),
            count("interventions", |counts| counts.interventions)?.better(smaller),
            count("with_leader", |counts| counts.with_leader)?.better(smaller),
            rate.better(smaller),
        ])
    }
}

fn told(cell: Option<Counts>) -> Result<Counts, Reason> {
    cell.ok_or(Reason::NotApplicable)
}

/// By what an intervention names an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Asked<'a> {
    duty: &'a Key,
    person: &'a Key,
    with: Option<&'a Key>,
    due: NaiveDate,
}

impl<'a> Asked<'a> {
    fn of(duty: &'a Duty, obligation: &'a Obligation) -> Self {
        Self {
            duty: &duty.definition().key,
            person: &obligation.person,
            with: obligation.with.as_ref(),
            due: obligation.due,
        }
    }

    /// Says which obligation is not there, and which due day of the same duty and person lies nearest.
    fn unknown(self, asked: &BTreeMap<Asked<'_>, Counts>) -> DutyError {
        let same = asked.keys().filter(|other| {
            other.duty == self.duty && other.person == self.person && other.with == self.with
        });
        let days: BTreeSet<NaiveDate> = same.map(|other| other.due).collect();
        let apart = |day: &&NaiveDate| ((**day - self.due).num_days().abs(), **day);
        DutyError::UnknownObligation {
            duty: self.duty.clone(),
            person: self.person.clone(),
            name: self.due.to_string(),
            nearest: days.iter().min_by_key(apart).map(NaiveDate::to_string),
            known: Known::new(days.iter().map(NaiveDate::to_string)),
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    due: i64,
    to_come: i64,
    interventions: i64,
    with_leader: i64,
}

impl Counts {
    /// Adds what is known of equal obligations.
    fn add(&mut self, equal: Self) {
        self.due += equal.due;
        self.to_come += equal.to_come;
        self.interventions += equal.interventions;
        self.with_leader += equal.interventions.min(equal.due);
    }
}
