//! A planner of one's own, held to the laws of random companies; one mistake in it is found with a company of one deed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use proptest::test_runner::{Config, TestError, TestRunner};
use quotaflow::quantity::Ratio;
use quotaflow::testing::{
    Answers, Broken, Cell, Company, Deed, Did, Planner, companies, date, known, laws,
};

/// Knows people, their teams and orders; `FIRST` makes the mistake to ask for the team of the first day of a month.
#[derive(Clone)]
struct Own<const FIRST: bool> {
    people: Vec<(String, Option<String>)>,
    cents: i64,
    deeds: Vec<(NaiveDateTime, Deed)>,
}

impl<const FIRST: bool> Own<FIRST> {
    /// What was known by a time and was no mistake.
    fn seen(&self, by: Option<NaiveDateTime>) -> Vec<&(NaiveDateTime, Deed)> {
        let told = || {
            self.deeds
                .iter()
                .filter(move |(at, _)| by.is_none_or(|by| *at <= by))
        };
        let is_void = |deed: &Deed| told().any(|(_, other)| other.what == Did::Voided(deed.number));
        told().filter(|(_, deed)| !is_void(deed)).collect()
    }

    /// The team of a person on a day: what was told last of the last day up to then.
    fn team(&self, seen: &[&(NaiveDateTime, Deed)], person: &str, day: NaiveDate) -> String {
        let moves = seen.iter().filter_map(|(at, deed)| match &deed.what {
            Did::Hired(own, team) if own == person => {
                Some((deed.day, *at, deed.number, team.clone()))
            }
            Did::Moved(own, team) if own == person => {
                Some((deed.day, *at, deed.number, Some(team.clone())))
            }
            Did::Left(own) if own == person => Some((deed.day, *at, deed.number, None)),
            _ => None,
        });
        let first = self
            .people
            .iter()
            .find(|(own, _)| own == person)
            .and_then(|(_, team)| team.clone());
        let last = moves.filter(|(since, ..)| date(*since) <= day).max();
        last.map_or(first, |(.., team)| team)
            .unwrap_or_else(|| "nobody".to_owned())
    }
}

impl<const FIRST: bool> Planner for Own<FIRST> {
    fn new(company: &Company) -> Self {
        Self {
            people: company.people.clone(),
            cents: 0,
            deeds: Vec::new(),
        }
    }

    fn plan(&mut self, cents: i64) {
        self.cents = cents;
    }

    fn enter(&mut self, known: NaiveDateTime, deeds: &[Deed]) {
        self.deeds
            .extend(deeds.iter().cloned().map(|deed| (known, deed)));
    }

    fn reopened(&self) -> Self {
        self.clone()
    }

    /// The days of all people stand in one line, which is cut where each begins and ends.
    fn target(&self, person: &str, day: NaiveDate) -> i64 {
        let Some(at) = self
            .people
            .iter()
            .position(|(own, _)| own == person)
            .filter(|_| day.year() == 2026)
        else {
            return 0;
        };
        let day = i64::from(day.ordinal0()) + 365 * i64::try_from(at).unwrap_or(0);
        let days = 365 * i64::try_from(self.people.len()).unwrap_or(1);
        self.cents * (day + 1) / days - self.cents * day / days
    }

    fn answers(&self, as_of: NaiveDate, known_at: Option<NaiveDateTime>) -> Answers {
        let seen = self.seen(known_at);
        let mut found: BTreeMap<Cell, i64> = BTreeMap::new();
        let mut add = |row: String, day: NaiveDate, column: &str, more: i64| {
            let (level, period) = (
                "team".to_owned(),
                format!("{}-{:02}", day.year(), day.month()),
            );
            *found
                .entry(Cell {
                    level,
                    row,
                    period,
                    column: column.to_owned(),
                })
                .or_default() += more;
        };
        for (person, _) in &self.people {
            for day in (0..365).map(date) {
                let on = if FIRST {
                    day.with_day(1).unwrap_or(day)
                } else {
                    day
                };
                add(
                    self.team(&seen, person, on),
                    day,
                    "target",
                    self.target(person, day),
                );
            }
        }
        let orders = seen.iter().filter_map(|(_, deed)| match &deed.what {
            Did::Recorded(own) if own.kind == "order" => Some((deed, own)),
            _ => None,
        });
        for (deed, own) in orders.filter(|(deed, _)| date(deed.day) <= as_of) {
            let row = self.team(&seen, &own.person, date(deed.day));
            add(row.clone(), date(deed.day), "sales", own.cents);
            add(row.clone(), date(deed.day), "orders", 1);
            let mut left = own.cents;
            for (_, back) in seen.iter().filter(|(_, back)| date(back.day) <= as_of) {
                if let Did::Reversed(of, Some(part)) = back.what
                    && of == deed.number
                {
                    left -= part;
                    add(row.clone(), date(back.day), "sales", -part);
                }
            }
            for (_, back) in seen.iter().filter(|(_, back)| date(back.day) <= as_of) {
                if back.what == Did::Reversed(deed.number, None) {
                    add(row.clone(), date(back.day), "sales", -left);
                    add(row.clone(), date(back.day), "orders", -1);
                }
            }
        }
        found
            .into_iter()
            .map(|(cell, cents)| (cell, Ok(Ratio::from(cents))))
            .collect()
    }

    fn left_out(&self) -> BTreeSet<usize> {
        let seen: BTreeSet<usize> = self
            .seen(None)
            .iter()
            .map(|(_, deed)| deed.number)
            .collect();
        let all = self.deeds.iter().map(|(_, deed)| deed.number);
        all.filter(|number| !seen.contains(number)).collect()
    }
}

/// Holds a planner to all laws that are about what it answers.
fn held<P: Planner>(company: &Company) -> Result<(), Broken> {
    laws::mirror::<P>(company, 1_234_567)?;
    laws::restart::<P>(company, &[true, false, true], 1)?;
    laws::known_at::<P>(company, known(7).date())?;
    laws::saved_is_loaded::<P>(company, 1_234_567)?;
    laws::nothing_leaks::<P>(company)
}

fn main() -> Result<(), quotaflow::Error> {
    let mut runner = TestRunner::new(Config::with_cases(64));
    let fine = runner.run(&companies(1..=2), |company| {
        Ok(held::<Own<false>>(&company)?)
    });
    println!("by the team of the day: {fine:?}");
    assert!(fine.is_ok());
    let wrong = runner.run(&companies(1..=1), |company| {
        Ok(held::<Own<true>>(&company)?)
    });
    let Err(TestError::Fail(why, company)) = wrong else {
        return Err(quotaflow::Error::other("the mistake was not found"));
    };
    let deeds: Vec<&Deed> = company.hand_overs.iter().flatten().collect();
    println!("by the team of the first day: {why}, where {deeds:?}");
    assert_eq!(deeds.len(), 1);
    Ok(())
}
