//! The laws, each over a planner and a company: mirror, restart, known at, saved is loaded, decisions stay, nothing leaks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};

use super::company::{Company, Deed, Did, Recorded, date, known};
use super::error::Broken;
use super::planner::{Answers, Cell, Planner};
use crate::panel::Reason;
use crate::quantity::Ratio;

/// The last day on which anything happens in a company.
fn last(company: &Company) -> i32 {
    let years = i32::try_from(company.years).unwrap_or(1);
    years.saturating_mul(365).saturating_add(65)
}

/// The first answer that is another one.
fn same(law: &'static str, wanted: &Answers, found: &Answers) -> Result<(), Broken> {
    let cells = wanted.keys().chain(found.keys());
    let other = cells
        .filter(|cell| wanted.get(cell) != found.get(cell))
        .min();
    match other {
        None => Ok(()),
        Some(cell) => Err(Broken::Answer {
            law,
            cell: cell.clone(),
            wanted: wanted.get(cell).copied(),
            found: found.get(cell).copied(),
        }),
    }
}

/// If every day's sales are that day's target, sales are the target in every row and period of every level that has targets, whatever the
/// structure did and whenever that was told; and the targets of each of these levels add up to the plan.
///
/// # Errors
/// [`Broken::Answer`], [`Broken::Total`], [`Broken::Unanswered`].
pub fn mirror<P: Planner>(company: &Company, cents: i64) -> Result<(), Broken> {
    const LAW: &str = "mirror";
    let mut planner = P::new(company);
    planner.plan(cents);
    let mut sold: Vec<Deed> = Vec::new();
    for (person, _) in &company.people {
        for day in 0..365 {
            let cents = planner.target(person, date(day));
            if cents != 0 {
                let number = 1_000_000 + sold.len();
                let what = Did::Recorded(order(person, cents, day));
                sold.push(Deed { number, day, what });
            }
        }
    }
    let moves = company
        .hand_overs
        .iter()
        .flatten()
        .filter(|deed| matches!(deed.what, Did::Moved(..) | Did::Left(_) | Did::Hired(..)));
    let moves: Vec<Deed> = moves.cloned().collect();
    let (before, after) = moves.split_at(moves.len() / 2);
    planner.enter(known(1), before);
    planner.enter(known(7), &sold);
    planner.enter(known(8), after);
    let answers = planner.answers(date(last(company)), None);
    let planned = answers.keys().filter(|cell| cell.column == "target");
    let planned: BTreeSet<&str> = planned.map(|cell| cell.level.as_str()).collect();
    let held = answers
        .iter()
        .filter(|(cell, _)| planned.contains(cell.level.as_str()));
    for (cell, found) in held {
        let target = Cell {
            column: "target".to_owned(),
            ..cell.clone()
        };
        let target = answers.get(&target).copied().and_then(Result::ok);
        let target = target.unwrap_or(Ratio::ZERO);
        let wanted = match cell.column.as_str() {
            // Who has no target has sold nothing.
            "sales" if found.unwrap_or(Ratio::ZERO) != target => target,
            "attainment" if !target.is_zero() && *found != Ok(Ratio::ONE) => Ratio::ONE,
            _ => continue,
        };
        return Err(Broken::Answer {
            law: LAW,
            cell: cell.clone(),
            wanted: Some(Ok(wanted)),
            found: Some(*found),
        });
    }
    let targets = answers.iter().filter(|(cell, _)| cell.column == "target");
    for (cell, target) in targets {
        let sales = Cell {
            column: "sales".to_owned(),
            ..cell.clone()
        };
        if target.is_ok_and(|target| !target.is_zero()) && !answers.contains_key(&sales) {
            return Err(Broken::Answer {
                law: LAW,
                cell: sales,
                wanted: Some(*target),
                found: None,
            });
        }
    }
    totals(LAW, &answers, "target", Ratio::from(cents))
}

fn order(person: &str, cents: i64, due: i32) -> Recorded {
    Recorded {
        kind: "order",
        person: person.to_owned(),
        customer: "c1",
        cents,
        due,
    }
}

/// Hand-over by hand-over, deed by deed in order, and saved and loaded where `cuts` says so with another order within each hand-over, by
/// which it is turned: the same answers.
///
/// # Errors
/// [`Broken::Answer`], [`Broken::LeftOut`].
pub fn restart<P: Planner>(company: &Company, cuts: &[bool], turn: usize) -> Result<(), Broken> {
    const LAW: &str = "restart";
    let (mut plain, mut other) = (P::new(company), P::new(company));
    let mut single = P::new(company);
    for (at, deeds) in company.hand_overs.iter().enumerate() {
        plain.enter(known(at), deeds);
        // That nothing came is handed over too.
        if deeds.is_empty() {
            single.enter(known(at), deeds);
        }
        for (seconds, deed) in (0..).zip(deeds) {
            let time = known(at) + TimeDelta::seconds(seconds);
            single.enter(time, std::slice::from_ref(deed));
        }
        let mut turned = deeds.clone();
        turned.rotate_left(turn % deeds.len().max(1));
        if turn.is_multiple_of(3) {
            turned.reverse();
        }
        other.enter(known(at), &turned);
        if cuts.get(at) == Some(&true) {
            other = other.reopened();
        }
    }
    for day in [last(company) / 3, last(company)] {
        let wanted = plain.answers(date(day), None);
        answered(LAW, company, date(day), &wanted)?;
        same(LAW, &wanted, &single.answers(date(day), None))?;
        same(LAW, &wanted, &other.answers(date(day), None))?;
    }
    Ok(())
}

/// What was answered as known at a time is answered so whatever comes later.
///
/// # Errors
/// [`Broken::Answer`], [`Broken::LeftOut`].
pub fn known_at<P: Planner>(company: &Company, as_of: NaiveDate) -> Result<(), Broken> {
    let mut planner = P::new(company);
    let mut told = Vec::new();
    for (at, deeds) in company.hand_overs.iter().enumerate() {
        planner.enter(known(at), deeds);
        told.push((known(at), planner.answers(as_of, None)));
    }
    if let Some((_, all)) = told.last() {
        answered("known at", company, as_of, all)?;
    }
    for (time, wanted) in told {
        same("known at", &wanted, &planner.answers(as_of, Some(time)))?;
    }
    Ok(())
}

/// A plan is all that was to be split, is loaded as it was saved, and no hire, move or leaver changes anybody's target of a day.
///
/// # Errors
/// [`Broken::Target`], [`Broken::Total`].
pub fn saved_is_loaded<P: Planner>(company: &Company, cents: i64) -> Result<(), Broken> {
    let mut planner = P::new(company);
    planner.plan(cents);
    let all = |planner: &P| {
        let people = company.people.iter().map(|(person, _)| person);
        let days = people.flat_map(|person| (0..365).map(move |day| (person.clone(), date(day))));
        let targets = days.map(|(person, day)| {
            let target = planner.target(&person, day);
            ((person, day), target)
        });
        targets.collect::<BTreeMap<(String, NaiveDate), i64>>()
    };
    let agreed = all(&planner);
    let sum: i64 = agreed.values().sum();
    if sum != cents {
        return Err(Broken::Total {
            law: "saved is loaded",
            level: "person".to_owned(),
            column: "target".to_owned(),
            wanted: Ratio::from(cents),
            found: Ok(Ratio::from(sum)),
        });
    }
    for (at, deeds) in company.hand_overs.iter().enumerate() {
        planner.enter(known(at), deeds);
        planner = planner.reopened();
        for ((person, day), found) in all(&planner) {
            let place = (person, day);
            let wanted = agreed.get(&place).copied().unwrap_or(0);
            if wanted != found {
                return Err(Broken::Target {
                    law: "saved is loaded",
                    person: place.0,
                    day,
                    wanted,
                    found,
                });
            }
        }
    }
    Ok(())
}

/// What people decided, the plan to begin with, is there, with its numbers, in every later state.
///
/// # Errors
/// [`Broken::Decision`], [`Broken::Undecided`].
pub fn decisions_stay<P: Planner>(company: &Company, cents: i64) -> Result<(), Broken> {
    let mut planner = P::new(company);
    planner.plan(cents);
    let mut decided = planner.decisions();
    if decided.is_empty() {
        return Err(Broken::Undecided {
            law: "decisions stay",
        });
    }
    for (at, deeds) in company.hand_overs.iter().enumerate() {
        planner.enter(known(at), deeds);
        planner = planner.reopened();
        let now = planner.decisions();
        for (decision, wanted) in decided {
            let found = now.get(&decision).cloned();
            if found.as_ref() != Some(&wanted) {
                return Err(Broken::Decision {
                    law: "decisions stay",
                    decision,
                    wanted,
                    found,
                });
            }
        }
        decided = now;
    }
    Ok(())
}

/// Every order that came in is in a row of each level, nobody's among them, or left out and named: counts and sums tie out. Only what
/// waits for somebody who never comes, and what a deed says was a mistake that was none itself, may be left out.
///
/// # Errors
/// [`Broken::Total`], [`Broken::LeftOut`], [`Broken::Unanswered`].
pub fn nothing_leaks<P: Planner>(company: &Company) -> Result<(), Broken> {
    let mut planner = P::new(company);
    for (at, deeds) in company.hand_overs.iter().enumerate() {
        planner.enter(known(at), deeds);
    }
    let left_out = planner.left_out();
    for (deed, _) in orders(company) {
        if left_out.contains(&deed.number) {
            return Err(Broken::LeftOut {
                law: "nothing leaks",
                deed: deed.clone(),
            });
        }
    }
    let taken = || {
        let all = company.hand_overs.iter().flatten();
        all.filter(|deed| !left_out.contains(&deed.number))
    };
    let (mut count, mut sum) = (0_i64, 0_i64);
    for deed in taken() {
        let Did::Recorded(own) = &deed.what else {
            continue;
        };
        let back = taken().filter_map(|other| match other.what {
            Did::Reversed(of, part) if of == deed.number => Some(part),
            _ => None,
        });
        let back: Vec<Option<i64>> = back.collect();
        // What is taken back as a whole is placed twice, once against itself.
        if own.kind == "order" && !back.contains(&None) {
            let parts: i64 = back.into_iter().flatten().sum();
            count += 1;
            sum += own.cents - parts;
        }
    }
    let answers = planner.answers(date(last(company)), None);
    totals("nothing leaks", &answers, "orders", Ratio::from(count))?;
    totals("nothing leaks", &answers, "sales", Ratio::from(sum))
}

/// The orders of those who are there or come, also of days before their first, which no deed says were mistakes.
fn orders(company: &Company) -> impl Iterator<Item = (&Deed, &Recorded)> {
    let all = || company.hand_overs.iter().flatten();
    let is_there = move |person: &String| {
        let mut people = company.people.iter();
        let hired = |deed: &Deed| matches!(&deed.what, Did::Hired(own, _) if own == person);
        people.any(|(own, _)| own == person)
            || all().any(|deed| hired(deed) && !is_void(company, deed))
    };
    all().filter_map(move |deed| match &deed.what {
        Did::Recorded(own) if own.kind == "order" => {
            let counts = !is_void(company, deed) && is_there(&own.person);
            counts.then_some((deed, own))
        }
        _ => None,
    })
}

/// Whether a deed was a mistake: another one says so, and was none itself.
fn is_void(company: &Company, deed: &Deed) -> bool {
    let mut all = company.hand_overs.iter().flatten();
    all.any(|other| {
        // What voids a void is told after it.
        let comes_later = !matches!(deed.what, Did::Voided(_)) || other.number > deed.number;
        other.what == Did::Voided(deed.number) && comes_later && !is_void(company, other)
    })
}

/// Whether something is answered of sales, where there are any up to a day that nobody took back.
fn answered(
    law: &'static str,
    company: &Company,
    as_of: NaiveDate,
    answers: &Answers,
) -> Result<(), Broken> {
    if answers.keys().any(|cell| cell.column == "sales") {
        return Ok(());
    }
    let is_back = |number: usize| {
        let mut all = company.hand_overs.iter().flatten();
        all.any(|other| matches!(other.what, Did::Reversed(of, _) if of == number))
    };
    let mut sold = orders(company)
        .filter(|(deed, own)| own.cents != 0 && date(deed.day) <= as_of && !is_back(deed.number));
    match sold.next() {
        Some((deed, _)) => Err(Broken::LeftOut {
            law,
            deed: deed.clone(),
        }),
        None => Ok(()),
    }
}

/// Whether a column adds up to a number at each level that has it, and is there where that is not zero.
fn totals(law: &'static str, answers: &Answers, column: &str, wanted: Ratio) -> Result<(), Broken> {
    let mut levels: BTreeMap<&str, Result<Ratio, Reason>> = BTreeMap::new();
    for (cell, answer) in answers.iter().filter(|(cell, _)| cell.column == column) {
        let sum = levels.entry(&cell.level).or_insert(Ok(Ratio::ZERO));
        let own = answer.unwrap_or(Ratio::ZERO);
        *sum = sum.and_then(|sum| sum.checked_add(own).map_err(|_| Reason::OutOfRange));
    }
    if levels.is_empty() && !wanted.is_zero() {
        return Err(Broken::Unanswered {
            law,
            column: column.to_owned(),
            wanted,
        });
    }
    for (level, found) in levels {
        if found != Ok(wanted) {
            return Err(Broken::Total {
                law,
                level: level.to_owned(),
                column: column.to_owned(),
                wanted,
                found,
            });
        }
    }
    Ok(())
}
