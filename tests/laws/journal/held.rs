//! A journal as a planner that is held to the laws which hosts are given, with what it must keep besides.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use quotaflow::testing::{Answers, Cell, Company, Deed, Planner};

use super::*;

pub struct Held {
    company: Company,
    journal: Journal,
    taken: Vec<Vec<Entry>>,
    has_plan: bool,
}

impl Held {
    fn view(&self, name: &str, as_of: NaiveDate, known_at: Option<NaiveDateTime>) -> View {
        let view = self.journal.view(name).unwrap().as_of(as_of);
        match known_at {
            Some(time) => view.known_at(time),
            None => view,
        }
    }
}

impl Planner for Held {
    fn new(company: &Company) -> Self {
        Self {
            company: company.clone(),
            journal: Journal::new(&model(), date(0)).unwrap(),
            taken: Vec::new(),
            has_plan: false,
        }
    }

    /// Two people have more in a month by an entry of its own; then it is agreed.
    fn plan(&mut self, cents: i64) {
        let more = (1..=2).map(|at| {
            let place = Place::whole().at("person", PEOPLE[at]).unwrap();
            raised(
                at,
                1_001,
                place.at("month", &format!("2026-{at:02}")).unwrap(),
            )
        });
        let id = EntryId::new("plan", "agreed").unwrap();
        let agreed = Entry::agree(id, date(100), "year", 2).unwrap().by("eva");
        let entries: Vec<Entry> = std::iter::once(cascaded(cents - 2 * 1_001))
            .chain(more)
            .chain([agreed])
            .collect();
        let before = time(0) - Days::new(1);
        self.journal.enter(before, date(0), &entries).unwrap();
        quotaflow::assert_consistent!(self.journal.plan("year").unwrap());
        self.has_plan = true;
    }

    fn enter(&mut self, known: NaiveDateTime, deeds: &[Deed]) {
        let own = deeds.iter().map(|deed| entry(&self.company, deed));
        let plans = planned(self.taken.len());
        let mut entries: Vec<Entry> = own
            .chain(plans.into_iter().filter(|_| !self.has_plan))
            .collect();
        let first = entries.first().cloned();
        // What a source sends again, with what is new or without, changes nothing.
        let sent = self.taken.iter().flatten().step_by(2);
        let again: Vec<Entry> = sent.cloned().map(|again| again.by("again")).collect();
        self.taken.push(entries.clone());
        entries.extend(again);
        entries.extend(first);
        let through = known.date().min(date(LAST));
        let receipt = self.journal.enter(known, through, &entries).unwrap();
        assert_eq!(receipt.head, self.journal.head());
    }

    fn reopened(&self) -> Self {
        let night = serde_json::to_string(&self.journal.snapshot()).unwrap();
        let read: Snapshot = serde_json::from_str(&night).unwrap();
        let journal = Journal::open(&model(), read).unwrap();
        assert!(journal.records_read() == 0 || self.journal.records_read() == 0);
        assert_eq!(serde_json::to_string(&journal.snapshot()).unwrap(), night);
        Self {
            company: self.company.clone(),
            journal,
            taken: self.taken.clone(),
            has_plan: self.has_plan,
        }
    }

    fn target(&self, person: &str, day: NaiveDate) -> i64 {
        let month = day.format("%Y-%m").to_string();
        let plan = self.journal.plan("year").unwrap();
        let node = plan.frame().find(&[person, &month]).unwrap();
        let units = plan.amount("sales", node).unwrap().units();
        let start = day.with_day(1).unwrap();
        let days = DayRange::new(start, start + chrono::Months::new(1)).unwrap();
        let curve = DayCurve::by_calendar(days, units);
        curve.between(day, day + Days::new(1)).unwrap()
    }

    /// All columns of all views by the structure of each day and by that of one, and the bytes that they are written as.
    fn answers(&self, as_of: NaiveDate, known_at: Option<NaiveDateTime>) -> Answers {
        let mut found = Answers::new();
        let half = date(0) + (as_of - date(0)) / 2;
        for (name, structure) in VIEWS
            .iter()
            .flat_map(|name| [(name, None), (name, Some(half))])
        {
            let mut view = self.view(name, as_of, known_at);
            if let Some(day) = structure {
                view = view.as_it_is(day);
            }
            let panel = view.panel().unwrap();
            let level = format!("{name} {}", structure.map_or("as it was", |_| "as it is"));
            let cell = |row: &str, period: &str, column: &str| Cell {
                level: level.clone(),
                row: row.to_owned(),
                period: period.to_owned(),
                column: column.to_owned(),
            };
            for column in panel.columns() {
                let (column, key) = (column.key().to_string(), column.key());
                let (column, scale) = match column.as_str() {
                    "sales" => ("sales", 100),
                    "target:sales" => ("target", 100),
                    "attainment(sales)" => ("attainment", 1),
                    other => (other, 1),
                };
                for row in panel.subjects().ids() {
                    for period in panel.periods() {
                        let answer = panel.answer(key, row, period.id).unwrap().ratio();
                        let answer = answer.map(|own| own.checked_mul(Ratio::from(scale)).unwrap());
                        let label = panel.subjects().label(row);
                        found.insert(cell(&label, period.label.as_str(), column), answer);
                    }
                }
            }
            let written = serde_json::to_string(&panel).unwrap();
            let short = written.bytes().fold(7_i64, |hash, byte| {
                (hash ^ i64::from(byte)).wrapping_mul(1_099_511_628_211) >> 1
            });
            found.insert(cell("all", "all", "bytes"), Ok(Ratio::from(short)));
        }
        found
    }

    fn left_out(&self) -> BTreeSet<usize> {
        let waiting = self.journal.waiting();
        let own = waiting
            .iter()
            .map(|waiting| waiting.entry.id.as_str().parse().unwrap());
        let mut left_out: BTreeSet<usize> = own.collect();
        let known = known(&self.company, self.company.hand_overs.len());
        assert_eq!(left_out, known.waiting());
        let all = self.company.hand_overs.iter().flatten();
        left_out.extend(
            all.filter(|deed| known.is_voided(deed))
                .map(|deed| deed.number),
        );
        left_out
    }

    fn decisions(&self) -> BTreeMap<String, String> {
        let agreed = self.journal.agreed("year").into_iter();
        let told = agreed.map(|(version, id)| {
            let entry = self.journal.find(id).unwrap();
            let plan = self.journal.plan("year").unwrap();
            let led = plan.changes().take(usize::try_from(version).unwrap());
            (
                id.to_string(),
                format!(
                    "{version} {:?} {led:?}",
                    entry.author(),
                    led = led.collect::<Vec<_>>()
                ),
            )
        });
        told.collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn restart(company in companies(), cuts in prop::collection::vec(any::<bool>(), 6), turn in any::<usize>()) {
        laws::restart::<Held>(&company, &cuts, turn)?;
    }

    #[test]
    fn known_at(company in companies(), as_of in 0..=LAST) {
        laws::known_at::<Held>(&company, date(as_of))?;
    }

    #[test]
    fn nothing_leaks(company in companies()) {
        laws::nothing_leaks::<Held>(&company)?;
    }

    #[test]
    fn mirror(company in companies(), cents in 100_000_i64..50_000_000) {
        laws::mirror::<Held>(&company, cents)?;
    }

    #[test]
    fn saved_is_loaded(company in companies(), cents in 100_000_i64..50_000_000) {
        laws::saved_is_loaded::<Held>(&company, cents)?;
    }

    #[test]
    fn decisions_stay(company in companies(), cents in 100_000_i64..50_000_000) {
        laws::decisions_stay::<Held>(&company, cents)?;
    }
}
