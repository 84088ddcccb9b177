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
    /// What was known by a time, was no mistake, and is understood: reversals are not, yet.
    fn seen(&self, by: Option<NaiveDateTime>) -> Vec<&(NaiveDateTime, Deed)> {
        let told = self.deeds.iter();
        let told: Vec<_> = told
            .filter(|(at, _)| by.is_none_or(|by| *at <= by))
            .collect();
        let is_fine =
            |deed: &Deed| !matches!(deed.what, Did::Reversed(..)) && !is_void(&told, deed);
        told.iter()
            .copied()
            .filter(|(_, deed)| is_fine(deed))
            .collect()
    }

    /// The team of a person on a day: what was told last of the last day up to then.
    fn team(&self, seen: &[&(NaiveDateTime, Deed)], person: &str, day: NaiveDate) -> String {
        let told = seen.iter().filter(|(_, deed)| date(deed.day) <= day);
        let told = told.filter_map(|(at, deed)| match &deed.what {
            Did::Hired(own, team) if own == person => {
                Some(((deed.day, at, deed.number), team.clone()))
            }
            Did::Moved(own, team) if own == person => {
                Some(((deed.day, at, deed.number), Some(team.clone())))
            }
            Did::Left(own) if own == person => Some(((deed.day, at, deed.number), None)),
            _ => None,
        });
        let own = self.people.iter().find(|(own, _)| own == person);
        let first = own.and_then(|(_, team)| team.clone());
        let team = told.max().map_or(first, |(_, team)| team);
        team.unwrap_or_else(|| "nobody".to_owned())
    }
}

/// Whether a deed was a mistake: another one says so, and was none itself.
fn is_void(told: &[&(NaiveDateTime, Deed)], deed: &Deed) -> bool {
    let mut voids = told
        .iter()
        .filter(|(_, own)| own.what == Did::Voided(deed.number));
    voids.any(|(_, own)| !is_void(told, own))
}

impl<const FIRST: bool> Planner for Own<FIRST> {
    fn new(company: &Company) -> Self {
        let (people, deeds) = (company.people.clone(), Vec::new());
        Self {
            people,
            cents: 0,
            deeds,
        }
    }

    fn plan(&mut self, cents: i64) {
        self.cents = cents;
    }

    fn enter(&mut self, known: NaiveDateTime, deeds: &[Deed]) {
        self.deeds
            .extend(deeds.iter().map(|deed| (known, deed.clone())));
    }

    fn reopened(&self) -> Self {
        self.clone()
    }

    /// The days of all people stand in one line, which is cut where each begins and ends.
    fn target(&self, person: &str, day: NaiveDate) -> i64 {
        let mut people = (0..).zip(&self.people);
        let own = people.find(|(_, (own, _))| own == person && day.year() == 2026);
        let day = own.map(|(at, _)| 365 * at + i64::from(day.ordinal0()));
        let days = 365 * i64::try_from(self.people.len()).unwrap();
        let through = |day: i64| self.cents * day / days;
        day.map_or(0, |day| through(day + 1) - through(day))
    }

    fn answers(&self, as_of: NaiveDate, known_at: Option<NaiveDateTime>) -> Answers {
        let (seen, mut found) = (self.seen(known_at), Answers::new());
        let mut add = |row: String, day: NaiveDate, column: &str, number: i64| {
            let (level, column) = ("team".to_owned(), column.to_owned());
            let period = format!("{}-{:02}", day.year(), day.month());
            let cell = found
                .entry(Cell {
                    level,
                    row,
                    period,
                    column,
                })
                .or_insert(Ok(Ratio::ZERO));
            *cell = cell.map(|sum| sum.checked_add(Ratio::from(number)).unwrap());
        };
        for (person, _) in &self.people {
            for day in (0..365).map(date) {
                let on = if FIRST { day.with_day(1).unwrap() } else { day };
                add(
                    self.team(&seen, person, on),
                    day,
                    "target",
                    self.target(person, day),
                );
            }
        }
        for (_, deed) in &seen {
            let day = date(deed.day);
            if let Did::Recorded(own) = &deed.what
                && own.kind == "order"
                && day <= as_of
            {
                let team = self.team(&seen, &own.person, day);
                add(team.clone(), day, "sales", own.cents);
                add(team, day, "orders", 1);
            }
        }
        found
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

    fn decisions(&self) -> BTreeMap<String, String> {
        let agreed = ("the plan of 2026".to_owned(), self.cents.to_string());
        BTreeMap::from([agreed])
    }
}

/// Holds a planner to all laws.
fn held<P: Planner>(company: &Company) -> Result<(), Broken> {
    laws::mirror::<P>(company, 1_234_567)?;
    laws::restart::<P>(company, &[true, false, true], 1)?;
    laws::known_at::<P>(company, known(7).date())?;
    laws::saved_is_loaded::<P>(company, 1_234_567)?;
    laws::decisions_stay::<P>(company, 1_234_567)?;
    laws::nothing_leaks::<P>(company)
}

fn main() -> Result<(), quotaflow::Error> {
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    let fine = TestRunner::new(config.clone()).run(&companies(1..=2), |company| {
        Ok(held::<Own<false>>(&company)?)
    });
    println!("by the team of each day: {fine:?}");
    assert!(fine.is_ok());
    let wrong = TestRunner::new(config).run(&companies(1..=1), |company| {
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
