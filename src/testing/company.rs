//! A company of a year or more, as what happened in it.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use rust_decimal::Decimal;

use crate::error::Error;
use crate::journal::{Entry, EntryId, HandOver};
use crate::ledger::Record;

/// Who is there at first, and what happened since, hand-over by hand-over. Nothing in it contradicts itself, whatever waits for
/// something that comes later or never.
#[derive(Debug, Clone)]
pub struct Company {
    /// The teams, none of which comes or goes.
    pub teams: Vec<String>,
    /// The people who are there from the start, and their teams.
    pub people: Vec<(String, Option<String>)>,
    /// What was handed over, in order of the times at which it was known ([`known`]).
    pub hand_overs: Vec<Vec<Deed>>,
    /// How many whole years it has from 2026 on; deeds reach some weeks into the next one.
    pub years: u32,
}

/// One thing that happened; others refer to it by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Its number in the company, the first being 0.
    pub number: usize,
    /// On which day it is effective, in days since 1 January 2026 ([`date`]).
    pub day: i32,
    /// What happened.
    pub what: Did,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// Something was recorded.
    Recorded(Recorded),
    /// So many cents of an invoice are settled, by a payment or written off.
    Applied(usize, Option<usize>, i64),
    /// A person, into a team or none.
    Hired(String, Option<String>),
    /// A person, into another team.
    Moved(String, String),
    /// A person, out of every team.
    Left(String),
    /// A customer turned out to be another one, which stays.
    Merged(String, String),
    /// A record is taken back as a whole, or so many cents of it; or an application.
    Reversed(usize, Option<i64>),
    /// A deed was a mistake.
    Voided(usize),
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// `order`, `visit`, `invoice` or `payment`.
    pub kind: &'static str,
    /// Whose it is. Of those who have not come it waits.
    pub person: String,
    /// The customer.
    pub customer: &'static str,
    /// Its amount; nothing says it of a visit.
    pub cents: i64,
    /// On which day an invoice falls due.
    pub due: i32,
}

/// Returns a day by its number, counted from 1 January 2026 as 0.
#[must_use]
pub fn date(day: i32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
    let days = Days::new(u64::from(day.unsigned_abs()));
    let found = if day < 0 {
        first.checked_sub_days(days)
    } else {
        first.checked_add_days(days)
    };
    found.unwrap_or(first)
}

/// Returns the document of a model of companies of so many years: figures of counts, sums, means, ratios and balances, a duty, a plan
/// `year` of `sales` over people and months, and views by team and person. It is JSON, for whatever a host reads JSON with.
#[must_use]
pub fn document(years: u32) -> String {
    let last = years.saturating_add(2026);
    // What is due, and what is asked of days after those of the deeds, lies inside too.
    let end = last.saturating_add(9);
    let document = include_str!("company.json").replace("{last}", &last.to_string());
    document.replace("{end}", &end.to_string())
}

/// Returns when a hand-over of a company was known: the first on 20 February 2026, the others every fifty days.
#[must_use]
pub fn known(hand_over: usize) -> NaiveDateTime {
    let at = i32::try_from(hand_over).unwrap_or(i32::MAX);
    date(at.saturating_mul(50).saturating_add(50)).and_time(NaiveTime::MIN)
}

impl Company {
    /// Returns what is handed over to a journal, each with the time at which it was known.
    ///
    /// # Errors
    /// None for a company that was drawn.
    pub fn hand_overs(&self) -> Result<Vec<HandOver>, Error> {
        let all = self.hand_overs.iter().enumerate();
        let all = all.map(|(at, deeds)| {
            let entries: Result<Vec<Entry>, Error> =
                deeds.iter().map(|deed| self.entry(deed)).collect();
            Ok(HandOver::new(known(at), known(at).date(), entries?))
        });
        all.collect()
    }

    /// Returns a deed as an entry of the source `s`, with its number as its id.
    ///
    /// # Errors
    /// None for a deed of a company that was drawn.
    pub fn entry(&self, deed: &Deed) -> Result<Entry, Error> {
        let (own, day) = (id(deed.number)?, date(deed.day));
        let entry = match &deed.what {
            Did::Recorded(own) => record(deed.number, day, own)?,
            Did::Applied(to, by, cents) => {
                let applied = Entry::apply(own, day, id(*to)?, Decimal::new(*cents, 2));
                match by {
                    Some(by) => applied.settled_by(id(*by)?)?,
                    None => applied,
                }
            }
            Did::Hired(person, team) => {
                let join = Entry::join(own, day, ("person", "person", person))?;
                match team {
                    Some(team) => join.under(team)?,
                    None => join,
                }
            }
            Did::Moved(person, team) => Entry::moving(own, day, ("person", person, team))?,
            Did::Left(person) => Entry::end(own, day, ("person", person))?,
            Did::Merged(customer, into) => Entry::merge(own, day, ("customer", customer, into))?,
            Did::Reversed(of, part) => {
                let back = Entry::reverse(own, day, id(*of)?);
                match part.zip(self.measure_of(*of)) {
                    Some((part, measure)) => back.only(measure, Decimal::new(part, 2))?,
                    None => back,
                }
            }
            Did::Voided(of) => Entry::void(own, day, id(*of)?),
        };
        Ok(entry)
    }

    fn measure_of(&self, number: usize) -> Option<&'static str> {
        let mut all = self.hand_overs.iter().flatten();
        match &all.find(|other| other.number == number)?.what {
            Did::Recorded(own) => own.measure(),
            _ => None,
        }
    }
}

impl Recorded {
    /// Returns the measure of its amount.
    #[must_use]
    pub fn measure(&self) -> Option<&'static str> {
        match self.kind {
            "order" => Some("sales"),
            "visit" => None,
            _ => Some("amount"),
        }
    }
}

fn id(number: usize) -> Result<EntryId, Error> {
    Ok(EntryId::new("s", &number.to_string())?)
}

fn record(number: usize, day: NaiveDate, own: &Recorded) -> Result<Entry, Error> {
    let mut record = Record::new(own.kind, day)
        .id(number.to_string())
        .sequence(number as u64)
        .of("person", &own.person)
        .of("customer", own.customer);
    if let Some(measure) = own.measure() {
        record = record.amount(measure, Decimal::new(own.cents, 2));
    }
    if own.kind == "invoice" {
        record = record.date("due", date(own.due));
    }
    Ok(Entry::record("s", record)?)
}
