//! Entry of what is said of records: applications, and what takes back a part of a record or an application.

use super::account::{Party, unfit};
use super::entry::{Fate, Pending, id, sequence};
use super::error::Refusal;
use super::later::{Later, Said, Spot};
use super::ledger::{Ledger, date};
use super::record::Record;
use super::table::Row;

impl Ledger {
    /// Where what was said stands, or will stand.
    pub(super) fn later_at(&self, id: &str, pending: &Pending) -> Option<usize> {
        let own = pending.later_ids.get(id);
        let own = own.map(|at| self.later.list.len() + at);
        own.or_else(|| self.later.ids.get(id).copied())
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
        self.keep(&later, pending);
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
        let missing = |id: &String| match self.later_at(id, pending) {
            Some(_) => Refusal::NotARecord { id: id.clone() },
            None => self.unknown_record(id, pending),
        };
        match (&record.applies, &record.reverses) {
            (Some(application), None) if is_bare && is_alone => {
                for id in application.names() {
                    let (_, row) = self.find_row(id, pending).ok_or_else(|| missing(id))?;
                    if row.reverses.is_some() {
                        return Err(Refusal::NotARecord { id: id.clone() });
                    }
                }
                if application.by.as_ref() == Some(&application.to) {
                    let of = application.to.clone();
                    return Err(Refusal::SettlesItself { of });
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
                        // A part of it was to be taken back.
                        (false, _) if record.kind.is_empty() => {
                            Err(Refusal::NotARecord { id: of.clone() })
                        }
                        (false, _) => Err(Refusal::ReversalWithContent),
                    };
                }
                let (spot, _) = self.find_row(of, pending).ok_or_else(|| missing(of))?;
                self.is_of_kind(spot.0, of, record)?;
                let amounts = record.amounts.clone();
                Ok(Said::Reduced { of: spot, amounts })
            }
            _ => Err(Refusal::ReversalWithContent),
        }
    }

    /// Refuses what says of another kind of record that it is of this one.
    pub(super) fn is_of_kind(&self, kind: usize, of: &str, record: &Record) -> Result<(), Refusal> {
        let kind = self.schema.compiled()[kind].key();
        if record.kind.is_empty() || kind.as_str() == record.kind {
            return Ok(());
        }
        Err(Refusal::OtherKind {
            id: of.to_owned(),
            kind: kind.clone(),
            given: record.kind.clone(),
        })
    }

    /// Refuses what does not fit what it names.
    fn fits(&self, record: &Record, later: &Later, pending: &mut Pending) -> Result<(), Refusal> {
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
            Said::Applied(application) => {
                let Some(named) = &record.applies else {
                    return Ok(());
                };
                let mut rows = Vec::with_capacity(2);
                for id in named.names() {
                    let Some((spot, row)) = self.find_row(id, pending) else {
                        return Ok(());
                    };
                    in_order(id, row.day)?;
                    self.open_account(spot, &row, pending);
                    rows.push((id, spot, row));
                }
                let next = self.later.list.len() + pending.later.len();
                let ends = self.ends(next, application, Some(pending));
                // What was taken back later on comes first in a written ledger: by then there may be no room.
                let is_over = pending.is_written && ends <= later.day;
                let days = (!is_over).then_some((later.day, ends));
                let parties = rows.iter().filter_map(|(name, spot, row)| {
                    Some(Party {
                        name,
                        booked: self.booked(spot.0, row),
                        account: pending.accounts.get(spot)?,
                    })
                });
                let mut parties = parties.collect::<Vec<_>>().into_iter();
                let unfit = parties
                    .next()
                    .and_then(|to| unfit(application, to, parties.next(), days));
                unfit.map_or(Ok(()), Err)
            }
            Said::Reduced { of, amounts } => {
                let id = reversed();
                let Some((_, row)) = self.find_row(&id, pending) else {
                    return Ok(());
                };
                in_order(&id, row.day)?;
                let gone = self.gone_since(*of, Some(pending));
                if row.reverses.is_some() || gone.is_some_and(|gone| gone < later.day) {
                    return Err(Refusal::AlreadyReversed { id });
                }
                self.open_account(*of, &row, pending);
                let unfit = pending.accounts.get(of).and_then(|account| {
                    account.unfit_part(&self.booked(of.0, &row), &id, later.day, amounts)
                });
                unfit.map_or(Ok(()), Err)
            }
            Said::Unapplied { of } => {
                let is_back = self.later.unapplied(*of).is_some();
                if is_back || pending.unapplied.contains_key(of) {
                    return Err(Refusal::AlreadyReversed { id: reversed() });
                }
                let of = self.later(*of, pending).map_or(later.day, |own| own.day);
                in_order(&reversed(), of)
            }
        }
    }

    /// Sees to it that there is an account of a record.
    fn open_account(&self, spot: Spot, row: &Row, pending: &mut Pending) {
        if !pending.accounts.contains_key(&spot) {
            let account = self.account(spot, row, Some(pending));
            pending.accounts.insert(spot, account);
        }
    }

    /// Keeps in the accounts what is said.
    fn keep(&self, later: &Later, pending: &mut Pending) {
        match &later.said {
            Said::Applied(application) => {
                let next = self.later.list.len() + pending.later.len();
                let ends = self.ends(next, application, Some(pending));
                for spot in application.names() {
                    let side = application.side_of(spot);
                    if let Some(account) = pending.accounts.get_mut(spot) {
                        account.apply(next, (application, side), (later.day, ends));
                    }
                    pending.naming.entry(*spot).or_default().push(next);
                }
            }
            Said::Reduced { of, amounts } => {
                let kind = &self.schema.compiled()[of.0];
                if let Some(account) = pending.accounts.get_mut(of) {
                    account.reduce(kind, later.day, amounts);
                }
            }
            Said::Unapplied { of } => {
                pending.unapplied.insert(*of, later.day);
                self.end(*of, later.day, pending);
            }
        }
    }

    /// Keeps in the accounts that an application holds no more from a day on.
    fn end(&self, application: usize, day: i32, pending: &mut Pending) {
        let later = self.later(application, pending);
        let Some(Said::Applied(own)) = later.map(|later| later.said.clone()) else {
            return;
        };
        for spot in own.names() {
            if let Some(account) = pending.accounts.get_mut(spot) {
                account.end(application, day);
            }
        }
    }

    /// Keeps in the accounts that a record is taken back as a whole.
    pub(super) fn keep_reversed(&self, spot: Spot, day: i32, pending: &mut Pending) {
        if let Some(account) = pending.accounts.get_mut(&spot) {
            account.reverse(day);
        }
        let now = pending.naming.get(&spot).into_iter().flatten().copied();
        let all: Vec<usize> = self.later.numbers(spot).chain(now).collect();
        for application in all {
            self.end(application, day, pending);
        }
    }

    /// The last day on which a part of a record is or will be taken back.
    pub(super) fn last_part(&self, spot: Spot, pending: &Pending) -> Option<i32> {
        if let Some(account) = pending.accounts.get(&spot) {
            return account.last_part();
        }
        let said = self.later.numbers(spot).map(|at| &self.later.list[at]);
        let parts = said.filter(|later| matches!(later.said, Said::Reduced { .. }));
        parts.map(|later| later.day).max()
    }
}
