//! Targets that are written down, beside a slow reference: rewritten, late, void and void no more, for who joins later and for two who
//! turn out to be one, in books that are closed and reopened; opened again after every hand-over, and as they were known.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use proptest::prelude::*;
use quotaflow::journal::{Close, Content, Entry, EntryId, Journal, Snapshot};
use quotaflow::model::{Model, TargetsDef};
use quotaflow::panel::Panel;
use quotaflow::view::ViewError;
use serde_json::{Value, json};

use crate::cases;

const PEOPLE: [&str; 5] = ["ann", "bo", "ann-2", "cy", "unassigned"];
/// Who joins, who is merged, and into whom.
const JOINS: usize = 3;
const MERGED: usize = 2;
const INTO: usize = 0;
const MONTHS: [&str; 4] = ["2026-01", "2026-02", "2026-03", "2026-04"];
/// The day after each month, since the first of January.
const ENDS: [i64; 4] = [31, 59, 90, 120];

type Cells = BTreeMap<(usize, usize), i64>;

#[derive(Debug, Clone)]
enum Said {
    Write(i64, Cells),
    /// What was said so many entries of targets, merges and voids before.
    Void(usize),
    Join(i64),
    Merge(i64),
    /// Through the end of a month.
    Close(usize),
    Reopen(i64),
}

fn said() -> impl Strategy<Value = Said> {
    let cell = ((0..PEOPLE.len(), 0..MONTHS.len()), -3_i64..9);
    let cells = prop::collection::btree_map(
        cell.clone().prop_map(|(place, _)| place),
        cell.prop_map(|(_, amount)| amount),
        1..4,
    );
    prop_oneof![
        8 => (0_i64..130, cells).prop_map(|(day, cells)| Said::Write(day, cells)),
        3 => (0_usize..6).prop_map(Said::Void),
        1 => (0_i64..130).prop_map(Said::Join),
        1 => (0_i64..130).prop_map(Said::Merge),
        2 => (0_usize..3).prop_map(Said::Close),
        1 => (0_i64..100).prop_map(Said::Reopen),
    ]
}

fn date(day: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(day.unsigned_abs())
}

/// The day through which a hand-over is complete.
fn through(hand_over: usize) -> i64 {
    i64::try_from(hand_over).unwrap() * 20 + 25
}

fn known(hand_over: usize) -> NaiveDateTime {
    date(through(hand_over) + 1).and_time(NaiveTime::MIN)
}

fn model() -> Model {
    let members = ["ann", "bo", "ann-2"].map(|key| json!({"key": key, "level": "person"}));
    serde_json::from_value(json!({
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}], "members": members}],
        "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2028-01-01"},
        "unique_ids": ["s"],
        "metrics": [{"key": "visits", "formula": {"count": {"kinds": ["visit"]}}}],
        "views": [{"key": "months", "rows": [{"dimension": "person", "level": "person"}], "written": ["visits"],
                   "review": {"paces": [{"metric": "visits", "pacing": {"even": "calendar"}}]},
                   "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-05-01"}}]
    }))
    .unwrap()
}

/// An entry that was taken in.
struct Taken {
    id: String,
    hand_over: usize,
    said: Said,
    /// What a void is of.
    of: Option<String>,
}

fn entry(taken: &Taken) -> Entry {
    let id = EntryId::new("s", &taken.id).unwrap();
    match &taken.said {
        Said::Write(day, cells) => {
            let cells: Vec<Value> = cells
                .iter()
                .map(|((who, month), amount)| json!({"subject": [PEOPLE[*who]], "period": MONTHS[*month], "amount": amount}))
                .collect();
            let targets = json!({"view": "months", "metric": "visits", "cells": cells});
            let targets: TargetsDef = serde_json::from_value(targets).unwrap();
            Entry::new(id, date(*day), Content::Targets(targets))
        }
        Said::Void(_) => {
            let of = EntryId::new("s", taken.of.as_ref().unwrap()).unwrap();
            Entry::void(id, date(0), of)
        }
        Said::Join(day) => {
            Entry::join(id, date(*day), ("person", "person", PEOPLE[JOINS])).unwrap()
        }
        Said::Merge(day) => {
            Entry::merge(id, date(*day), ("person", PEOPLE[MERGED], PEOPLE[INTO])).unwrap()
        }
        Said::Close(month) => Entry::close(id, date(ENDS[*month] - 1), Close::Hard),
        Said::Reopen(day) => Entry::reopen(id, date(*day)).by("eva").because("a law"),
    }
}

/// The company, told from what was taken in and nothing else.
#[derive(Default)]
struct Company {
    taken: Vec<Taken>,
    /// By closed month, on which day it was closed, by how many hand-overs, and what was told of each row.
    told: BTreeMap<usize, (i64, usize, BTreeMap<usize, i64>)>,
}

/// What a reading sees: so many hand-overs, as of a day, and by month all that so many hand-overs said.
#[derive(Clone, Copy)]
struct Sight {
    hand_overs: usize,
    as_of: i64,
    fixed: [usize; MONTHS.len()],
}

impl Company {
    fn first(&self, is: impl Fn(&Said) -> Option<i64>, hand_overs: usize) -> Option<(i64, usize)> {
        let all = self.taken.iter().filter(|own| own.hand_over < hand_overs);
        let mut found = all.filter_map(|own| Some((is(&own.said)?, own.hand_over)));
        found.next()
    }

    fn is_void(&self, id: &str, hand_overs: usize) -> bool {
        let all = self.taken.iter().filter(|own| own.hand_over < hand_overs);
        let mut voids = all.filter(|own| own.of.as_deref() == Some(id));
        voids.any(|own| !self.is_void(&own.id, hand_overs))
    }

    fn stands(&self, own: &Taken, hand_overs: usize) -> bool {
        let Said::Write(_, cells) = &own.said else {
            return false;
        };
        let joins = |said: &Said| match said {
            Said::Join(day) => Some(*day),
            _ => None,
        };
        let is_there = || self.first(joins, hand_overs).is_some();
        own.hand_over < hand_overs
            && !self.is_void(&own.id, hand_overs)
            && (cells.keys().all(|(who, _)| *who != JOINS) || is_there())
    }

    /// The merge that stands, with its day.
    fn merge(&self, hand_overs: usize) -> Option<(i64, &Taken)> {
        let mut all = self.taken.iter();
        all.find_map(|own| match own.said {
            Said::Merge(day) if self.is_merged(own, hand_overs) => Some((day, own)),
            _ => None,
        })
    }

    fn is_merged(&self, own: &Taken, hand_overs: usize) -> bool {
        own.hand_over < hand_overs && !self.is_void(&own.id, hand_overs)
    }

    /// By month and row, the targets.
    fn targets(&self, sight: Sight) -> BTreeMap<(usize, usize), i64> {
        let seen = sight.hand_overs;
        let merge = self.merge(seen).filter(|(day, _)| *day <= sight.as_of);
        // By day and order, since which hand-over it was there first and which since.
        let mut all: Vec<(i64, usize, usize, usize, &Cells)> = Vec::new();
        for (number, own) in self.taken.iter().enumerate() {
            let Said::Write(day, cells) = &own.said else {
                continue;
            };
            if !self.stands(own, seen) {
                continue;
            }
            let is_so: Vec<bool> = (0..=seen).map(|count| self.stands(own, count)).collect();
            let first = is_so.iter().position(|is| *is).unwrap() - 1;
            let since = is_so.iter().rposition(|is| !is).unwrap();
            all.push((*day, number, first, since, cells));
        }
        all.sort_unstable();
        let mut found = BTreeMap::new();
        for month in 0..MONTHS.len() {
            let counts = |day: i64, since: usize| day <= sight.as_of || since < sight.fixed[month];
            let mut live: Vec<(usize, usize, i64)> = Vec::new();
            for (day, number, first, since, cells) in &all {
                if !counts(*day, *since) {
                    continue;
                }
                let is_one =
                    merge.is_some_and(|(on, own)| on <= *day && self.is_merged(own, first + 1));
                let one = |who: usize| if is_one && who == MERGED { INTO } else { who };
                for ((who, of), amount) in cells.iter().filter(|((_, of), _)| *of == month) {
                    assert_eq!(*of, month);
                    live.retain(|(by, other, _)| by == number || one(*other) != one(*who));
                    live.push((*number, *who, *amount));
                }
            }
            for (_, who, amount) in live {
                let row = if merge.is_some() && who == MERGED {
                    INTO
                } else {
                    who
                };
                *found.entry((month, row)).or_default() += amount;
            }
        }
        found
    }

    /// What is seen as of a day, with what was closed by then.
    fn sight(&self, hand_overs: usize, as_of: i64) -> Sight {
        let mut fixed = [0; MONTHS.len()];
        for (month, (day, count, _)) in &self.told {
            fixed[*month] = if *day <= as_of { *count } else { 0 };
        }
        Sight {
            hand_overs,
            as_of,
            fixed,
        }
    }

    /// Takes in what the last hand-over says of the books.
    fn judge(&mut self, hand_over: usize) {
        let own = self.taken.iter().filter(|own| own.hand_over == hand_over);
        let (mut reopened, mut closed): (Option<i64>, Option<usize>) = (None, None);
        for taken in own {
            match taken.said {
                Said::Reopen(day) => reopened = Some(reopened.map_or(day, |own| own.min(day))),
                Said::Close(month) => closed = closed.max(Some(month)),
                _ => {}
            }
        }
        let hard = |told: &BTreeMap<usize, _>| told.keys().next_back().map(|month| ENDS[*month]);
        if let Some(since) = reopened {
            self.told.retain(|month, _| ENDS[*month] <= since);
        }
        if let Some(month) =
            closed.filter(|month| hard(&self.told).is_none_or(|end| end < ENDS[*month]))
        {
            let day = ENDS[month] - 1;
            let mut sight = self.sight(hand_over + 1, day);
            for own in self.told.len()..=month {
                sight.fixed[own] = hand_over + 1;
            }
            let now = self.targets(sight);
            for own in self.told.len()..=month {
                let rows = now.iter().filter(|((of, _), _)| *of == own);
                // Whoever had not joined by then has no row.
                let rows = rows
                    .filter(|((_, row), _)| *row != JOINS || self.has_joined(hand_over + 1, day));
                let rows = rows.map(|((_, row), amount)| (*row, *amount)).collect();
                self.told.insert(own, (day, hand_over + 1, rows));
            }
        }
    }

    fn has_joined(&self, hand_overs: usize, as_of: i64) -> bool {
        let joins = |said: &Said| match said {
            Said::Join(day) => Some(*day),
            _ => None,
        };
        self.first(joins, hand_overs)
            .is_some_and(|(day, _)| day <= as_of)
    }

    /// The sum of all targets of the months that are closed, by whichever day they were written.
    fn closed(&self, hand_overs: usize, months: &BTreeSet<usize>) -> i64 {
        let all = self.targets(Sight {
            hand_overs,
            as_of: 1_000,
            fixed: [0; MONTHS.len()],
        });
        let own = all.iter().filter(|((month, _), _)| months.contains(month));
        own.map(|(_, amount)| *amount).sum()
    }
}

fn units(panel: &Panel, column: &str, who: usize, month: usize) -> Option<i64> {
    let answer = panel.get(column, [PEOPLE[who]], MONTHS[month]).ok()?;
    let ratio = answer.ratio().ok()?;
    Some(i64::try_from(ratio.numerator()).unwrap())
}

/// Every target of a panel is the one of the reference: what was told of closed months, with what was adjusted since.
fn is_as_told(
    company: &Company,
    panel: &Panel,
    (hand_overs, as_of): (usize, i64),
) -> Result<(), TestCaseError> {
    let now = company.targets(company.sight(hand_overs, as_of));
    for (month, label) in MONTHS.iter().enumerate() {
        let told = company.told.get(&month);
        let told = told.filter(|(day, ..)| *day <= as_of);
        for (who, name) in PEOPLE.iter().enumerate() {
            let is = now.get(&(month, who)).copied();
            let is = is.filter(|_| who != JOINS || company.has_joined(hand_overs, as_of));
            let cell = units(panel, "target:visits", who, month);
            let Some((.., rows)) = told else {
                prop_assert_eq!(cell, is, "{} {} as of {}", name, label, as_of);
                continue;
            };
            let was = rows.get(&who).copied();
            prop_assert_eq!(cell, was, "told of {} {} as of {}", name, label, as_of);
            let column = format!("adjustment of {label} (target of visits)");
            let adjusted: i64 = (0..MONTHS.len())
                .filter_map(|into| units(panel, &column, who, into))
                .sum();
            prop_assert_eq!(
                adjusted,
                is.unwrap_or(0) - was.unwrap_or(0),
                "{} {} as of {}",
                name,
                label,
                as_of
            );
        }
    }
    Ok(())
}

/// The view, or nothing where the journal of that time would have to be asked.
fn panel(journal: &Journal, as_of: i64, known_at: Option<usize>) -> Option<Panel> {
    let mut view = journal.view("months").unwrap().as_of(date(as_of));
    if let Some(hand_over) = known_at {
        view = view.known_at(known(hand_over));
    }
    match view.panel() {
        Err(ViewError::Needed { .. }) => None,
        panel => Some(panel.unwrap()),
    }
}

fn bytes(panel: Option<&Panel>) -> Option<String> {
    panel.map(|panel| serde_json::to_string(panel).unwrap())
}

fn holds(hand_overs: &[Vec<Said>], asked: i64) -> Result<(), TestCaseError> {
    let model = model();
    let mut journal = Journal::new(&model, date(0)).unwrap();
    let mut company = Company::default();
    let mut knew: Vec<Option<String>> = Vec::new();
    for (at, all) in hand_overs.iter().enumerate() {
        let heard = company.taken.iter();
        let heard = heard
            .filter(|own| matches!(own.said, Said::Void(_) | Said::Write(..) | Said::Merge(_)));
        let heard: Vec<String> = heard.map(|own| own.id.clone()).collect();
        let mut new = Vec::new();
        for (number, said) in all.iter().enumerate() {
            let mut of = None;
            let id = format!("{at}-{number:02}");
            if let Said::Void(back) = said {
                let Some(place) = heard.len().checked_sub(back + 1) else {
                    continue;
                };
                of = Some(heard[place].clone());
            }
            let (hand_over, said) = (at, said.clone());
            new.push(Taken {
                id,
                hand_over,
                said,
                of,
            });
        }
        let entries: Vec<Entry> = new.iter().map(entry).collect();
        let receipt = journal
            .enter_good(known(at), date(through(at)), &entries)
            .unwrap();
        let refused: BTreeSet<String> = receipt
            .rejected
            .iter()
            .map(|one| one.id.id.to_string())
            .collect();
        for one in &receipt.rejected {
            let is_closed = one
                .reason
                .to_string()
                .contains("told that period as closed");
            prop_assert!(!(is_closed && company.told.is_empty()), "{}", one.reason);
        }
        new.retain(|own| !refused.contains(&own.id));
        let has = |is: fn(&Said) -> bool| new.iter().any(|own| is(&own.said));
        // Whose merge is void has again what was written under the other name.
        let merged = company.merge(at).map(|(day, own)| (day, own.id.clone()));
        let moves = has(|said| matches!(said, Said::Join(_) | Said::Reopen(_)));
        company.taken.extend(new);
        let merge = company.merge(at + 1);
        let is_old = merge.is_some_and(|(_, own)| own.hand_over < at);
        let merge = merge.map(|(day, own)| (day, own.id.clone()));
        let moves = moves || merge != merged && (is_old || merged.is_some());
        // Nothing but who joins moves what is closed; whoever is merged takes it along.
        let months: BTreeSet<usize> = company.told.keys().copied().collect();
        if !moves {
            prop_assert_eq!(company.closed(at + 1, &months), company.closed(at, &months));
        }
        company.judge(at);
        for as_of in [through(at), asked, 200] {
            let now = panel(&journal, as_of, None).unwrap();
            is_as_told(&company, &now, (at + 1, as_of))?;
            let opened = serde_json::to_string(&journal.snapshot()).unwrap();
            let read = serde_json::from_str::<Snapshot>(&opened).unwrap();
            let again = Journal::open(&model, read).unwrap();
            prop_assert_eq!(serde_json::to_string(&again.snapshot()).unwrap(), opened);
            prop_assert_eq!(panel(&again, as_of, None), Some(now));
        }
        knew.push(bytes(panel(&journal, asked, None).as_ref()));
        for (then, told) in knew.iter().enumerate() {
            if let Some(now) = panel(&journal, asked, Some(then)) {
                let now = bytes(Some(&now));
                prop_assert_eq!(&now, told, "known with {}", then);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn written_targets_are_those_of_a_slow_reference_whatever_is_late_void_merged_or_closed(
        hand_overs in prop::collection::vec(prop::collection::vec(said(), 0..5), 1..6),
        asked in 0_i64..130,
    ) {
        holds(&hand_overs, asked)?;
    }
}
