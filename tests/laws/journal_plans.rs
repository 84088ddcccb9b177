//! Plans in a journal: random cascades, changes, joins, agreements, voids of all of these and of voids, closes and restarts, beside
//! sums by cell that are worked out anew from the entries that stand.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use proptest::prelude::*;
use quotaflow::journal::{Close, Entry, EntryId, Journal, JournalError, Rejection};
use quotaflow::panel::ColumnKey;
use quotaflow::plan::{Edit, Mode, Place, Plan, Spread, Verb};
use quotaflow::quantity::Ratio;
use rust_decimal::Decimal;
use serde_json::json;

use crate::journal::{date, model};

const PEOPLE: [&str; 6] = ["ann", "bo", "cy", "di", "ed", "fay"];
const DECEMBER: usize = 11;

/// What an entry says. Amounts are in steps that everybody shares without a rest.
#[derive(Debug, Clone)]
enum Said {
    Cascade(i64),
    Raise(usize, usize, i64),
    /// Who was hired gets so much in December.
    Join(usize, i64),
    Realign(Option<i64>),
    Agree(u64),
    Hire(usize),
    Void(usize),
    Close(NaiveDate),
    Reopen,
}

#[derive(Debug, Clone)]
enum Draw {
    Raise(usize, usize, i64),
    Join(usize, i64),
    Realign(Option<i64>),
    Agree(u64),
    Hire(usize),
    /// So many entries before, all at once.
    Voids(Vec<usize>),
    Close,
    Reopen,
}

fn draws() -> impl Strategy<Value = Vec<(Draw, bool)>> {
    let draw = prop_oneof![
        5 => (0_usize..6, 0_usize..12, 1_i64..5_000).prop_map(|(who, month, cents)| Draw::Raise(who, month, cents)),
        1 => (0_usize..3, DECEMBER..=DECEMBER, 1_i64..5_000).prop_map(|(who, month, cents)| Draw::Raise(who, month, cents)),
        1 => (3_usize..6, 1_i64..5_000).prop_map(|(who, cents)| Draw::Join(who, cents)),
        2 => prop::option::of(1_i64..9).prop_map(Draw::Realign),
        2 => (0_u64..6).prop_map(Draw::Agree),
        1 => (3_usize..6).prop_map(Draw::Hire),
        6 => prop::collection::vec(0_usize..6, 1..4).prop_map(Draw::Voids),
        1 => Just(Draw::Close),
        1 => Just(Draw::Reopen),
    ];
    prop::collection::vec((draw, any::<bool>()), 1..15)
}

type Cells = BTreeMap<(usize, usize), i64>;

/// A plan worked out from the entries that stand.
#[derive(Debug, Clone, Default)]
struct Worked {
    raw: Cells,
    total: i64,
    /// In order; nothing where it was cascaded anew.
    changes: Vec<Option<(usize, usize, i64, bool)>>,
    /// The first version since it was cascaded last.
    made: u64,
}

impl Worked {
    /// The cells of a version; none where a change is of a cell that is not there, or puts in whom it has.
    fn at(&self, version: usize) -> Option<Cells> {
        let mut cells = self.raw.clone();
        for (who, month, cents, joins) in self.changes[..version].iter().flatten() {
            if *joins {
                if cells.keys().any(|(own, _)| own == who) {
                    return None;
                }
                cells.insert((*who, *month), *cents);
            } else {
                *cells.get_mut(&(*who, *month))? += cents;
            }
        }
        Some(cells)
    }

    fn cells(&self) -> Option<Cells> {
        self.at(self.changes.len())
    }
}

#[derive(Debug, Clone, Default)]
struct Reference {
    said: Vec<(NaiveDate, Said)>,
    /// Who was there when something was cascaded first from a total: that is kept.
    there: BTreeMap<(usize, i64), Vec<usize>>,
    closed: Option<NaiveDate>,
    /// Of each agreement its numbers.
    agreed: BTreeMap<usize, Cells>,
    /// The targets of closed months as they were when these were closed.
    told: Cells,
}

impl Reference {
    fn stands(&self, at: usize) -> bool {
        let mut later = self.said.iter().enumerate().skip(at + 1);
        !later.any(|(other, (_, said))| {
            matches!(said, Said::Void(of) if *of == at) && self.stands(other)
        })
    }

    /// Whether the cascade was a mistake, so that everything else waits.
    fn is_gone(&self) -> bool {
        !self.said.is_empty() && !self.stands(0)
    }

    /// What is done to the plan, in order.
    fn deeds(&self) -> Vec<usize> {
        let is_deed = |at: &usize| {
            let said = &self.said[*at].1;
            let other = matches!(
                said,
                Said::Void(_) | Said::Hire(_) | Said::Close(_) | Said::Reopen
            );
            !other && self.stands(*at)
        };
        if self.is_gone() {
            return Vec::new();
        }
        (0..self.said.len()).filter(is_deed).collect()
    }

    fn split(&mut self, at: usize, total: i64) -> Cells {
        let hired = self.said.iter().filter_map(|(_, said)| match said {
            Said::Hire(who) => Some(*who),
            _ => None,
        });
        let now: Vec<usize> = (0..3).chain(hired).collect();
        let there = self.there.entry((at, total)).or_insert(now);
        let each = total / 12 / i64::try_from(there.len()).unwrap();
        let all = there
            .iter()
            .flat_map(|who| (0..12).map(move |month| (*who, month)));
        all.map(|cell| (cell, each)).collect()
    }

    /// The plan as of a day; none where something that stands cannot be done.
    fn worked(&mut self, by: NaiveDate) -> Option<Worked> {
        let mut own = Worked::default();
        for at in self.deeds() {
            let (day, said) = self.said[at].clone();
            if day > by {
                break;
            }
            match said {
                Said::Cascade(total) => {
                    own = Worked {
                        raw: self.split(at, total),
                        total,
                        ..Worked::default()
                    };
                }
                Said::Realign(total) => {
                    own.total = total.unwrap_or(own.total);
                    own.raw = self.split(at, own.total);
                    own.changes.push(None);
                    own.made = own.changes.len() as u64;
                }
                Said::Raise(who, month, cents) => {
                    own.changes.push(Some((who, month, cents, false)));
                }
                Said::Join(who, cents) => own.changes.push(Some((who, DECEMBER, cents, true))),
                _ => {}
            }
            own.cells()?;
        }
        Some(own)
    }

    fn is_closed(&self, month: usize) -> bool {
        let end = NaiveDate::from_ymd_opt(2026, u32::try_from(month).unwrap() + 1, 28).unwrap();
        self.closed.is_some_and(|closed| end <= closed)
    }

    fn of_closed(&self, cells: &Cells) -> Cells {
        let own = cells
            .iter()
            .filter(|((_, month), _)| self.is_closed(*month));
        own.map(|(cell, cents)| (*cell, *cents)).collect()
    }
}

fn id(at: usize) -> EntryId {
    EntryId::new("plan", &format!("{at:03}")).unwrap()
}

fn name(month: usize) -> String {
    format!("2026-{:02}", month + 1)
}

fn entry(at: usize, day: NaiveDate, said: &Said) -> Entry {
    let euros = |cents: i64| Decimal::new(cents, 2);
    let change = |edit: Edit| Entry::change(id(at), day, "year", [edit]).unwrap();
    let entry = match said {
        Said::Cascade(total) => Entry::cascade(id(at), day, "year", [("sales", euros(*total))]).unwrap(),
        Said::Realign(total) => {
            let total = total.map(|total| ("sales", euros(total)));
            Entry::realign(id(at), day, "year", total).unwrap()
        }
        Said::Raise(who, month, cents) => {
            let place = Place::whole().at("person", PEOPLE[*who]).unwrap();
            let place = place.at("month", &name(*month)).unwrap();
            let amount = euros(*cents).into();
            let spread = Spread::new("sales", place, Verb::Proportional { amount }).unwrap();
            change(Edit::Spread(spread.mode(Mode::Add)))
        }
        Said::Join(who, cents) => change(
            serde_json::from_value(json!({"join": {"measure": "sales", "at": {"person": PEOPLE[*who]},
                "from": "2026-12-01", "amount": euros(*cents).to_string(), "balance": "top", "new": {"below": "north"}}}))
            .unwrap(),
        ),
        Said::Agree(version) => Entry::agree(id(at), day, "year", *version).unwrap(),
        Said::Hire(who) => {
            let join = Entry::join(id(at), date(0), ("person", "person", PEOPLE[*who]));
            join.unwrap().under("north").unwrap()
        }
        Said::Void(of) => Entry::void(id(at), day, id(*of)),
        Said::Close(through) => Entry::close(id(at), *through, Close::Hard),
        Said::Reopen => Entry::reopen(id(at), date(0)),
    };
    entry.by("eva").because("agreed")
}

fn told(plan: &Plan) -> Cells {
    let mut found = Cells::new();
    for (who, person) in PEOPLE.iter().enumerate() {
        for month in 0..12 {
            if let Ok(own) = plan.get("sales", [*person], &name(month)) {
                let text = own.to_string();
                let number: Decimal = text.trim_end_matches(" EUR").parse().unwrap();
                let cents = (number * Decimal::from(100)).to_string();
                found.insert((who, month), cents.trim_end_matches(".00").parse().unwrap());
            }
        }
    }
    found
}

fn day(hand_over: usize) -> NaiveDate {
    date(i32::try_from(hand_over).unwrap() * 20 + 1)
}

fn time(hand_over: usize) -> chrono::NaiveDateTime {
    (day(hand_over) + Days::new(1)).and_time(NaiveTime::MIN)
}

/// What a draw means beside what was said so far.
fn meant(draw: &Draw, own: &Reference, today: NaiveDate) -> Vec<Said> {
    match draw {
        Draw::Raise(..) | Draw::Join(..) | Draw::Realign(_) | Draw::Agree(_) if own.is_gone() => {
            Vec::new()
        }
        Draw::Raise(who, month, cents) => vec![Said::Raise(*who, *month, *cents)],
        Draw::Join(who, cents) => {
            let is_hired = own
                .said
                .iter()
                .any(|(_, said)| matches!(said, Said::Hire(other) if other == who));
            let hire = (!is_hired).then_some(Said::Hire(*who));
            hire.into_iter().chain([Said::Join(*who, *cents)]).collect()
        }
        Draw::Realign(total) => vec![Said::Realign(total.map(|total| total * 72_000))],
        Draw::Agree(version) => vec![Said::Agree(*version)],
        Draw::Hire(who) => {
            let is_hired = own
                .said
                .iter()
                .any(|(_, said)| matches!(said, Said::Hire(other) if other == who));
            if is_hired {
                Vec::new()
            } else {
                vec![Said::Hire(*who)]
            }
        }
        Draw::Voids(of) => {
            let can = |at: &usize| {
                !matches!(
                    own.said[*at].1,
                    Said::Hire(_) | Said::Close(_) | Said::Reopen
                )
            };
            let last = own.said.len() - 1;
            let mut of: Vec<usize> = of
                .iter()
                .filter_map(|back| last.checked_sub(*back))
                .filter(can)
                .collect();
            of.sort_unstable();
            of.dedup();
            of.into_iter().map(Said::Void).collect()
        }
        Draw::Close => {
            let through = today.with_day(1).unwrap().pred_opt().unwrap();
            let is_later = own.closed.is_none_or(|closed| closed < through);
            if is_later && through > date(0) {
                vec![Said::Close(through)]
            } else {
                Vec::new()
            }
        }
        Draw::Reopen if own.closed.is_some() => vec![Said::Reopen],
        Draw::Reopen => Vec::new(),
    }
}

/// Whether a refusal has a reason.
fn has_reason(before: &mut Reference, after: &mut Reference, said: &[Said]) -> bool {
    let far = date(10_000);
    let Some(was) = before.worked(far) else {
        return false;
    };
    match said.last() {
        Some(Said::Raise(who, month, _)) => {
            before.is_closed(*month) || !was.cells().unwrap().contains_key(&(*who, *month))
        }
        Some(Said::Join(..) | Said::Realign(_)) => {
            match after.worked(far).and_then(|own| own.cells()) {
                None => true,
                Some(now) => before.of_closed(&now) != before.of_closed(&was.cells().unwrap()),
            }
        }
        Some(Said::Agree(version)) => {
            *version < was.made || was.changes.len() < usize::try_from(*version).unwrap()
        }
        Some(Said::Void(_)) => {
            // Something that goes or comes back has something behind it, or moves what is closed.
            let (one, other) = (before.deeds(), after.deeds());
            let flipped = |at: &usize| one.contains(at) != other.contains(at);
            let first = (0..after.said.len()).find(flipped);
            let closed = after
                .worked(far)
                .and_then(|own| own.cells())
                .unwrap_or_default();
            first.is_some_and(|first| one.iter().any(|at| *at > first))
                || before.of_closed(&closed) != before.of_closed(&was.cells().unwrap_or_default())
        }
        _ => false,
    }
}

struct Company {
    journal: Journal,
    own: Reference,
    /// By hand-over, what was known then.
    known: Vec<Reference>,
}

impl Company {
    fn enter(&mut self, hand_over: usize, said: &[Said]) -> Result<(), TestCaseError> {
        let first = self.own.said.len();
        let today = day(hand_over);
        let entries = said
            .iter()
            .enumerate()
            .map(|(at, said)| entry(first + at, today, said));
        let entries: Vec<Entry> = entries.collect();
        let mut after = self.own.clone();
        after
            .said
            .extend(said.iter().map(|said| (today, said.clone())));
        let before = serde_json::to_string(&self.journal.snapshot()).unwrap();
        match self.journal.enter(time(hand_over), today, &entries) {
            Ok(_) => {}
            Err(error) => {
                let now = serde_json::to_string(&self.journal.snapshot()).unwrap();
                prop_assert_eq!(now, before, "what is refused changes nothing");
                let rejected = match error {
                    JournalError::Rejected { rejected } => rejected,
                    error => return Err(TestCaseError::fail(error.to_string())),
                };
                let is_done = rejected
                    .iter()
                    .any(|one| matches!(one.reason, Rejection::Done { .. }));
                prop_assert!(
                    !is_done && has_reason(&mut self.own, &mut after, said),
                    "{:?}: {:?}",
                    said,
                    rejected
                );
                self.journal.enter(time(hand_over), today, &[]).unwrap();
                return Ok(());
            }
        }
        let closed = self.own.closed;
        let was = self.own.worked(today).and_then(|own| own.cells());
        for said in said {
            match said {
                Said::Close(through) => {
                    let before = after.closed;
                    after.closed = Some(*through);
                    let now = after.worked(date(10_000)).and_then(|own| own.cells());
                    let mut new = after.of_closed(&now.unwrap_or_default());
                    let earlier = Reference {
                        closed: before,
                        ..Reference::default()
                    };
                    new.retain(|(_, month), _| !earlier.is_closed(*month));
                    after.told.extend(new);
                }
                Said::Reopen => {
                    after.closed = None;
                    after.told.clear();
                }
                _ => {}
            }
        }
        let worked = after
            .worked(date(10_000))
            .and_then(|own| Some((own.cells()?, own)));
        let Some((now, own)) = worked else {
            return Err(TestCaseError::fail(format!(
                "{said:?} was taken and cannot be done"
            )));
        };
        // Of what was not there nothing was told.
        if closed.is_some() && after.closed == closed && !self.own.is_gone() {
            prop_assert_eq!(
                self.own.of_closed(&now),
                self.own.of_closed(&was.unwrap_or_default()),
                "closed targets"
            );
        }
        if let [Said::Agree(version)] = said {
            let by = id(first);
            prop_assert_eq!(self.journal.agreed("year"), Some((*version, &by)));
            let version = usize::try_from(*version).unwrap();
            prop_assert!(version <= own.changes.len() && own.made <= version as u64);
            after.agreed.insert(first, own.at(version).unwrap());
        }
        self.own = after;
        Ok(())
    }

    /// Closed targets are as they were when they were closed, and what they are more by now stands apart.
    fn adds_up(&mut self) -> Result<(), TestCaseError> {
        let now = self.own.worked(date(10_000)).unwrap().cells().unwrap();
        let panel = self.journal.view("person_months").unwrap().panel().unwrap();
        let cents = |column: &str, who: usize, month: usize| {
            let told = panel
                .get(column, [PEOPLE[who]], &name(month))
                .ok()?
                .ratio()
                .ok()?;
            Some(told.numerator() * 100 / told.denominator())
        };
        for (who, month) in (0..PEOPLE.len()).flat_map(|who| (0..12).map(move |month| (who, month)))
        {
            if panel.subjects().find_member(PEOPLE[who]).is_none() {
                continue;
            }
            let cell = (who, month);
            let is = |cells: &Cells| cells.get(&cell).map(|cents| i128::from(*cents));
            let is_closed = self.own.is_closed(month);
            let wanted = if is_closed {
                is(&self.own.told)
            } else {
                is(&now)
            };
            prop_assert_eq!(cents("target:sales", who, month), wanted, "{:?}", cell);
            if !is_closed {
                continue;
            }
            let column = format!("adjustment of {} (target of sales)", name(month));
            let adjusted: i128 = (0..12).filter_map(|into| cents(&column, who, into)).sum();
            let more = is(&now).unwrap_or(0) - wanted.unwrap_or(0);
            prop_assert_eq!(adjusted, more, "{:?}", cell);
        }
        Ok(())
    }

    fn holds(&mut self) -> Result<(), TestCaseError> {
        let worked = self.own.worked(date(10_000)).unwrap();
        let Ok(plan) = self.journal.plan("year") else {
            prop_assert!(self.own.is_gone());
            return Ok(());
        };
        prop_assert_eq!(told(plan), worked.cells().unwrap());
        prop_assert!(plan.verify().is_empty());
        let Some((version, by)) = self.journal.agreed("year") else {
            return Ok(());
        };
        let at: usize = by.id.as_str().parse().unwrap();
        prop_assert!(self.own.stands(at), "{} was voided", by);
        prop_assert_eq!(
            &told(&plan.as_of(version).unwrap()),
            &self.own.agreed[&at],
            "what {} agreed to",
            by
        );
        Ok(())
    }
}

proptest! {
    #![proptest_config(crate::cases(64))]

    /// Every target is what the entries that stand come to when they are worked out anew, at any time and as of any day; what is
    /// refused has a reason and changes nothing; no closed target moves; an agreement is of the numbers that were agreed or is told
    /// no more; restarts change nothing.
    #[test]
    fn targets_are_what_the_entries_that_stand_come_to(
        drawn in draws(),
        total in 1_i64..9,
        (seen, as_of) in (0_usize..15, 0_usize..15),
    ) {
        let model = model();
        let journal = Journal::new(&model, date(0)).unwrap();
        let mut company = Company { journal, own: Reference::default(), known: Vec::new() };
        company.enter(0, &[Said::Cascade(total * 72_000)])?;
        company.known.push(company.own.clone());
        for (at, (draw, restart)) in drawn.iter().enumerate() {
            let said = meant(draw, &company.own, day(at + 1));
            company.enter(at + 1, &said)?;
            company.known.push(company.own.clone());
            company.holds()?;
            if *restart {
                let night = serde_json::to_string(&company.journal.snapshot()).unwrap();
                company.journal = Journal::open(&model, serde_json::from_str(&night).unwrap()).unwrap();
                prop_assert_eq!(serde_json::to_string(&company.journal.snapshot()).unwrap(), night);
                company.holds()?;
            }
        }
        company.adds_up()?;
        // What was closed is told apart from what a plan is.
        if company.own.said.iter().any(|(_, said)| matches!(said, Said::Close(_))) {
            return Ok(());
        }
        let seen = seen.min(drawn.len());
        let view = company.journal.view("person_months").unwrap().as_of(day(as_of)).known_at(time(seen));
        let panel = view.panel().unwrap();
        let wanted = company.known[seen].worked(day(as_of)).unwrap().cells().unwrap();
        for ((who, month), cents) in wanted {
            let row = panel.subjects().find_member(PEOPLE[who]).unwrap();
            let period = panel.periods().find(&name(month)).unwrap();
            let target = panel.answer(&ColumnKey::target("sales").unwrap(), row, period).unwrap().ratio();
            prop_assert_eq!(target, Ok(Ratio::new(i128::from(cents), 100).unwrap()), "{} {}", PEOPLE[who], name(month));
        }
    }
}
