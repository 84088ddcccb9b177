//! How companies are drawn, so that nothing of them is refused.

use std::ops::{Range, RangeInclusive};

use proptest::prelude::*;

use super::company::{Company, Deed, Did, Recorded};

const TEAMS: [&str; 3] = ["north", "south", "west"];
const PEOPLE: [&str; 3] = ["ann", "bo", "cy"];
const HIRES: [&str; 3] = ["di", "ed", "fay"];
const CUSTOMERS: [&str; 3] = ["c1", "c2", "c3"];

/// Draws companies of so many years, each of up to six hand-overs of up to eleven deeds. They shrink to fewer of both.
///
/// Some deeds wait for others that come later or never, some are late by months, and some are of days to come.
pub fn companies(years: RangeInclusive<u32>) -> impl Strategy<Value = Company> {
    years.prop_flat_map(|years| {
        let last = i32::try_from(years)
            .unwrap_or(1)
            .saturating_mul(365)
            .saturating_add(65);
        let hand_overs = prop::collection::vec(prop::collection::vec(did(last), 0..12), 1..7);
        hand_overs.prop_map(move |drawn| company(drawn, years))
    })
}

/// Deeds in hand-overs, without what would be refused.
fn company(drawn: Vec<Vec<(i32, Did)>>, years: u32) -> Company {
    let all: Vec<(i32, Did)> = drawn.concat();
    let mut taken: Vec<Deed> = Vec::new();
    let mut number = 0;
    let mut hand_overs = Vec::with_capacity(drawn.len());
    for drawn in drawn {
        let mut own = Vec::new();
        for (day, what) in drawn {
            let what = referring(&all, day, what);
            let deed = Deed { number, day, what };
            number += 1;
            let so_far = Sofar {
                all: &all,
                taken: &taken,
                own: &own,
            };
            if so_far.takes(&deed) {
                taken.push(deed.clone());
                own.push(deed);
            }
        }
        hand_overs.push(own);
    }
    let home = [Some("north"), Some("south"), None];
    let people = PEOPLE.iter().zip(home);
    Company {
        teams: TEAMS.map(str::to_owned).to_vec(),
        people: people
            .map(|(person, team)| ((*person).to_owned(), team.map(str::to_owned)))
            .collect(),
        hand_overs,
        years,
    }
}

fn recorded(
    kind: &'static str,
    person: impl Strategy<Value = String>,
    cents: Range<i64>,
) -> impl Strategy<Value = Did> {
    let customer = prop::sample::select(&CUSTOMERS[..]);
    (person, customer, cents, 0..60).prop_map(move |(person, customer, cents, due)| {
        Did::Recorded(Recorded {
            kind,
            person,
            customer,
            cents,
            due,
        })
    })
}

fn did(last: i32) -> impl Strategy<Value = (i32, Did)> {
    let person = prop::sample::select([&PEOPLE[..], &HIRES[..]].concat()).prop_map(str::to_owned);
    let team = prop::sample::select(&TEAMS[..]).prop_map(str::to_owned);
    let merged = prop::sample::select(vec![(1, 0), (2, 0), (2, 1)]);
    let what = prop_oneof![
        6 => recorded("order", person.clone(), -500..5_000),
        2 => recorded("visit", person.clone(), 0..1),
        4 => recorded("invoice", person.clone(), 1..5_000),
        3 => recorded("payment", person.clone(), 1..5_000),
        4 => (0_usize..40, prop::option::weighted(0.7, 0_usize..40), 1_i64..3_000)
            .prop_map(|(to, by, cents)| Did::Applied(to, by, cents)),
        2 => (prop::sample::select(&HIRES[..]), prop::option::weighted(0.8, team.clone()))
            .prop_map(|(person, team)| Did::Hired(person.to_owned(), team)),
        3 => (person.clone(), team).prop_map(|(person, team)| Did::Moved(person, team)),
        1 => person.prop_map(Did::Left),
        1 => merged.prop_map(|(one, other)| Did::Merged(CUSTOMERS[one].to_owned(), CUSTOMERS[other].to_owned())),
        3 => (0_usize..40, prop::option::of(1_i64..1_500)).prop_map(|(of, part)| Did::Reversed(of, part)),
        2 => (0_usize..40).prop_map(Did::Voided),
    ];
    (0..=last, what)
}

/// The number of one of some deeds of the days up to one; of what never comes, where there is none.
fn chosen(all: &[(i32, Did)], day: i32, choice: usize, fits: impl Fn(&Did) -> bool) -> usize {
    let fits = |(_, (since, what)): &(usize, &(i32, Did))| *since <= day && fits(what);
    let found: Vec<usize> = all
        .iter()
        .enumerate()
        .filter(fits)
        .map(|(number, _)| number)
        .collect();
    let place = choice % (found.len() + 1);
    found.get(place).copied().unwrap_or(all.len() + choice)
}

fn is_of(what: &Did, kind: &str) -> bool {
    matches!(what, Did::Recorded(record) if record.kind == kind)
}

/// A deed with what it refers to among all of them.
fn referring(all: &[(i32, Did)], day: i32, what: Did) -> Did {
    match what {
        Did::Reversed(of, part) => {
            let fits = |what: &Did| match what {
                Did::Recorded(record) => part.is_none_or(|part| part <= record.cents),
                Did::Applied(..) => part.is_none(),
                _ => false,
            };
            Did::Reversed(chosen(all, day, of, fits), part)
        }
        Did::Applied(to, by, cents) => Did::Applied(
            chosen(all, day, to, |what| is_of(what, "invoice")),
            by.map(|by| chosen(all, day, by, |what| is_of(what, "payment"))),
            cents,
        ),
        Did::Voided(of) => Did::Voided(of % (all.len() + 1)),
        Did::Recorded(record) => {
            let due = day + record.due;
            Did::Recorded(Recorded { due, ..record })
        }
        other => other,
    }
}

/// All that is drawn, what of it was taken so far, and of that what is in this hand-over.
struct Sofar<'a> {
    all: &'a [(i32, Did)],
    taken: &'a [Deed],
    own: &'a [Deed],
}

impl Sofar<'_> {
    /// Whether a deed would not be refused, whatever of it comes when.
    fn takes(&self, deed: &Deed) -> bool {
        let mut taken = self.taken.iter().map(|other| &other.what);
        match &deed.what {
            // Never more than is open, and of nothing that is gone.
            Did::Applied(to, by, cents) => std::iter::once(to).chain(by).all(|of| {
                let is_gone =
                    |other: &Deed| other.what == Did::Reversed(*of, None) && other.day <= deed.day;
                let open = self.cents(*of).map_or(i64::MAX, |whole| {
                    whole - self.applied(*of) - self.reduced(*of)
                });
                *cents <= open && !self.taken.iter().any(is_gone)
            }),
            Did::Reversed(of, part) => self.takes_back(deed, *of, *part),
            // Of what came before, or of what is no void.
            Did::Voided(of) => {
                let is_void = matches!(self.all.get(*of), Some((_, Did::Voided(_))));
                *of != deed.number && (!is_void || *of < deed.number)
            }
            Did::Hired(person, _) => {
                !taken.any(|other| matches!(other, Did::Hired(own, _) if own == person))
            }
            Did::Merged(customer, _) => {
                !taken.any(|other| matches!(other, Did::Merged(own, _) if own == customer))
            }
            Did::Recorded(_) | Did::Moved(..) | Did::Left(_) => true,
        }
    }

    /// As a whole once, and in part never later nor more than there is; what it names may come later or never.
    fn takes_back(&self, deed: &Deed, of: usize, part: Option<i64>) -> bool {
        let others = self.taken.iter().filter_map(|other| match other.what {
            Did::Reversed(own, part) if own == of => Some((other.day, part)),
            _ => None,
        });
        let mut others = others.collect::<Vec<(i32, Option<i64>)>>().into_iter();
        let Some(part) = part else {
            // Within one hand-over it may be told before what is applied.
            let settles = |other: &&Deed| match other.what {
                Did::Applied(to, by, _) => to == of || by == Some(of),
                _ => false,
            };
            let mut settled = self.own.iter().filter(settles);
            return settled.all(|other| other.day < deed.day)
                && others.all(|(day, part)| part.is_some() && day <= deed.day);
        };
        let is_visit = self
            .all
            .get(of)
            .is_some_and(|(_, what)| is_of(what, "visit"));
        let cents = self.cents(of).filter(|_| !is_visit).unwrap_or(0);
        self.reduced(of) + self.applied(of) + part <= cents
            && others.all(|(day, part)| part.is_some() || deed.day <= day)
    }

    /// The amount of a record.
    fn cents(&self, of: usize) -> Option<i64> {
        match self.all.get(of) {
            Some((_, Did::Recorded(record))) => Some(record.cents),
            _ => None,
        }
    }

    /// What is applied to a record or by it.
    fn applied(&self, of: usize) -> i64 {
        let all = self.taken.iter().filter_map(|other| match other.what {
            Did::Applied(to, by, cents) if to == of || by == Some(of) => Some(cents),
            _ => None,
        });
        all.sum()
    }

    /// What is taken back of it in part.
    fn reduced(&self, of: usize) -> i64 {
        let all = self.taken.iter().filter_map(|other| match other.what {
            Did::Reversed(own, part) if own == of => part,
            _ => None,
        });
        all.sum()
    }
}
