//! Entry of what is said of records: applications, and what takes back a part of a record or an application.

use std::collections::BTreeMap;

use super::application::ApplicationDef;
use super::entry::{Fate, Pending, id, sequence};
use super::error::Refusal;
use super::later::{Later, Said, Spot};
use super::ledger::{Ledger, date};
use super::record::Record;
use crate::quantity::Number;

impl Ledger {
    /// Where what was said stands, or will stand.
    pub(super) fn later_at(&self, id: &str, pending: &Pending) -> Option<usize> {
        let own = pending.later_ids.get(id);
        let own = own.map(|at| self.later.list.len() + at);
        own.or_else(|| self.later.ids.get(id).copied())
    }

    /// The day on which a record is or will be taken back as a whole, if it is; that of a reversal, which never stands, is its own.
    pub(super) fn gone_since(&self, (kind, at): Spot, pending: &Pending) -> Option<i32> {
        let row = u32::try_from(at).ok()?;
        let now = pending.reversed.get(&(kind, row)).copied();
        now.or_else(|| self.reversed_on((kind, at)))
    }

    /// What is or will be taken back of a record in part.
    pub(super) fn taken_back<'p>(
        &'p self,
        spot: Spot,
        pending: &'p Pending,
    ) -> Vec<(i32, &'p BTreeMap<String, Number>)> {
        let all = self.later.of(spot).chain(&pending.later);
        let parts = all.filter_map(|later| match &later.said {
            Said::Reduced { of, amounts } if *of == spot => Some((later.day, amounts)),
            _ => None,
        });
        parts.collect()
    }

    pub(super) fn check_later(
        &self,
        record: &Record,
        pending: &mut Pending,
    ) -> Result<Fate, Refusal> {
        let later = Later {
            day: self.day(record.day)?,
            sequence: sequence(record.sequence)?,
            id: id(record)?,
            said: self.resolved(record, pending)?,
        };
        if let Some(id) = &later.id {
            let known = self.later_at(id.as_str(), pending);
            if let Some(known) = known.and_then(|at| self.later(at, pending)) {
                return if *known == later {
                    Ok(Fate::Repeated)
                } else {
                    Err(Refusal::IdInUse)
                };
            }
            if self.find_row(id.as_str(), pending).is_some() {
                return Err(Refusal::IdInUse);
            }
        }
        self.fits(record, &later, pending)?;
        if let Some(id) = &later.id {
            pending.later_ids.insert(id.clone(), pending.later.len());
        }
        pending.later.push(later);
        Ok(Fate::Added)
    }

    fn later<'p>(&'p self, at: usize, pending: &'p Pending) -> Option<&'p Later> {
        let own = self.later.list.get(at);
        own.or_else(|| pending.later.get(at.checked_sub(self.later.list.len())?))
    }

    /// What a record says, about places in the ledger.
    fn resolved(&self, record: &Record, pending: &Pending) -> Result<Said, Refusal> {
        let is_bare = record.members.is_empty()
            && record.attributes.is_empty()
            && record.dates.is_empty()
            && record.currency.is_none()
            && record.credits.is_empty()
            && record.time.is_none();
        let is_alone = record.kind.is_empty() && record.amounts.is_empty();
        let missing = |id: &String| self.unknown_record(id, pending);
        match (&record.applies, &record.reverses) {
            (Some(application), None) if is_bare && is_alone => {
                for id in application.names() {
                    let (_, row) = self.find_row(id, pending).ok_or_else(|| missing(id))?;
                    if row.reverses.is_some() {
                        return Err(missing(id));
                    }
                }
                let place = |id: &String| self.find_row(id, pending).map(|(spot, _)| spot);
                let places = application.map(|id| place(id).unwrap_or_default());
                Ok(Said::Applied(places))
            }
            (None, Some(of)) if is_bare => {
                if let Some(at) = self.later_at(of, pending) {
                    let later = self.later(at, pending);
                    let applies = later.is_some_and(|own| matches!(own.said, Said::Applied(_)));
                    return match (is_alone, applies) {
                        (true, true) => Ok(Said::Unapplied { of: at }),
                        (true, false) => Err(Refusal::AlreadyReversed { id: of.clone() }),
                        (false, _) => Err(Refusal::ReversalWithContent),
                    };
                }
                let (spot, _) = self.find_row(of, pending).ok_or_else(|| missing(of))?;
                let kind = self.schema.compiled()[spot.0].key().as_str();
                if !record.kind.is_empty() && kind != record.kind {
                    return Err(missing(of));
                }
                let amounts = record.amounts.clone();
                Ok(Said::Reduced { of: spot, amounts })
            }
            _ => Err(Refusal::ReversalWithContent),
        }
    }

    /// Refuses what does not fit what it names.
    fn fits(&self, record: &Record, later: &Later, pending: &Pending) -> Result<(), Refusal> {
        let in_order = |id: &str, of: i32| {
            if later.day < of {
                return Err(Refusal::ReversedBefore {
                    day: record.day,
                    id: id.to_owned(),
                    of: date(of),
                });
            }
            Ok(())
        };
        let reversed = || record.reverses.clone().unwrap_or_default();
        match &later.said {
            Said::Applied(_) => {
                let Some(application) = &record.applies else {
                    return Ok(());
                };
                self.fits_item(application, pending, in_order)
            }
            Said::Reduced { of, amounts } => {
                let id = reversed();
                let Some((_, row)) = self.find_row(&id, pending) else {
                    return Ok(());
                };
                in_order(&id, row.day)?;
                let gone = self.gone_since(*of, pending);
                if row.reverses.is_some() || gone.is_some_and(|gone| gone < later.day) {
                    return Err(Refusal::AlreadyReversed { id });
                }
                let before = self.taken_back(*of, pending);
                let before: Vec<_> = before.into_iter().map(|(_, amounts)| amounts).collect();
                let unfit = self.booked(of.0, &row).unfit_part(&id, amounts, &before);
                unfit.map_or(Ok(()), Err)
            }
            Said::Unapplied { of } => {
                let now = pending.later.iter();
                let mut now = now.filter_map(|own| match own.said {
                    Said::Unapplied { of } => Some(of),
                    _ => None,
                });
                if self.later.unapplied(*of).is_some() || now.any(|own| own == *of) {
                    return Err(Refusal::AlreadyReversed { id: reversed() });
                }
                let of = self.later(*of, pending).map_or(later.day, |own| own.day);
                in_order(&reversed(), of)
            }
        }
    }

    fn fits_item(
        &self,
        application: &ApplicationDef,
        pending: &Pending,
        in_order: impl Fn(&str, i32) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let find = |id: &String| self.find_row(id, pending);
        for (id, (_, row)) in application.names().filter_map(|id| Some((id, find(id)?))) {
            in_order(id, row.day)?;
        }
        let Some(((kind, _), row)) = find(&application.to) else {
            return Ok(());
        };
        let unfit = self.booked(kind, &row).unfit(&application.to, application);
        unfit.map_or(Ok(()), Err)
    }
}
