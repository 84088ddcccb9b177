//! The laws, each over a planner and a company: mirror, restart, known at, saved is loaded, decisions stay, nothing leaks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

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
/// [`Broken::Answer`], [`Broken::Total`].
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

/// At once, one by one, saved and loaded where `cuts` says so, and in another order within each hand-over, by which it is turned: the
/// same answers.
///
/// # Errors
/// [`Broken::Answer`].
pub fn restart<P: Planner>(company: &Company, cuts: &[bool], turn: usize) -> Result<(), Broken> {
    const LAW: &str = "restart";
    let (mut plain, mut other) = (P::new(company), P::new(company));
    for (at, deeds) in company.hand_overs.iter().enumerate() {
        plain.enter(known(at), deeds);
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
        let (wanted, found) = (
            plain.answers(date(day), None),
            other.answers(date(day), None),
        );
        same(LAW, &wanted, &found)?;
    }
    Ok(())
}

/// What was answered as known at a time is answered so whatever comes later.
///
/// # Errors
/// [`Broken::Answer`].
pub fn known_at<P: Planner>(company: &Company, as_of: NaiveDate) -> Result<(), Broken> {
    let mut planner = P::new(company);
    let mut told = Vec::new();
    for (at, deeds) in company.hand_overs.iter().enumerate() {
        planner.enter(known(at), deeds);
        told.push((known(at), planner.answers(as_of, None)));
    }
    for (time, wanted) in told {
        same("known at", &wanted, &planner.answers(as_of, Some(time)))?;
    }
    Ok(())
}

/// A plan is loaded as it was saved, and no hire, move or leaver changes anybody's target of a day.
///
/// # Errors
/// [`Broken::Target`].
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

/// What people decided is there, with its numbers, in every later state.
///
/// # Errors
/// [`Broken::Decision`].
pub fn decisions_stay<P: Planner>(company: &Company, cents: i64) -> Result<(), Broken> {
    let mut planner = P::new(company);
    planner.plan(cents);
    let mut decided = planner.decisions();
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

/// Every order that came in is in a row of each level, nobody's among them, or left out and named: counts and sums tie out.
///
/// # Errors
/// [`Broken::Total`].
pub fn nothing_leaks<P: Planner>(company: &Company) -> Result<(), Broken> {
    let mut planner = P::new(company);
    for (at, deeds) in company.hand_overs.iter().enumerate() {
        planner.enter(known(at), deeds);
    }
    let left_out = planner.left_out();
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

/// Whether a column adds up to a number at each level that has it.
fn totals(law: &'static str, answers: &Answers, column: &str, wanted: Ratio) -> Result<(), Broken> {
    let mut levels: BTreeMap<&str, Result<Ratio, Reason>> = BTreeMap::new();
    for (cell, answer) in answers.iter().filter(|(cell, _)| cell.column == column) {
        let sum = levels.entry(&cell.level).or_insert(Ok(Ratio::ZERO));
        let own = answer.unwrap_or(Ratio::ZERO);
        *sum = sum.and_then(|sum| sum.checked_add(own).map_err(|_| Reason::OutOfRange));
    }
    // What everybody plans and sells is never left out; other columns may be.
    if levels.is_empty() && !wanted.is_zero() && matches!(column, "sales" | "target") {
        levels.insert("every level", Ok(Ratio::ZERO));
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
