//! A journal as a planner that is held to the laws which hosts are given, with what it must keep besides.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use quotaflow::testing::{Answers, Cell, Company, Deed, Planner};

use super::*;

/// Nothing else is done.
const PLAIN: u8 = 0;
/// What is agreed on is changed again in each later hand-over.
const CHANGED: u8 = 1;
/// It is saved and loaded after each hand-over.
const SAVED: u8 = 2;

#[derive(Clone)]
pub struct Held<const HOW: u8> {
    company: Company,
    journal: Journal,
    has_plan: bool,
    /// The last hand-over of the company of which anything came.
    at: Option<usize>,
}

impl<const HOW: u8> Held<HOW> {
    fn view(&self, name: &str, as_of: NaiveDate, known_at: Option<NaiveDateTime>) -> View {
        let view = self.journal.view(name).unwrap().as_of(as_of);
        match known_at {
            Some(time) => view.known_at(time),
            None => view,
        }
    }

    /// What is sold beside a target says how much of it that is, or why there is none.
    fn says_why(panel: &Panel, as_of: NaiveDate) {
        let target = ColumnKey::target("sales").unwrap();
        if !panel.columns().iter().any(|column| *column.key() == target) {
            return;
        }
        for row in panel.subjects().ids() {
            for period in panel.periods().iter().filter(|own| own.start <= as_of) {
                let actual = exact(panel, "sales", row, period.id).unwrap();
                let target = panel.answer(&target, row, period.id).unwrap().ratio();
                let reached = exact(panel, "attainment(sales)", row, period.id);
                let wanted = match target {
                    Ok(target) if target.is_zero() => Err(Reason::NoBase),
                    Ok(target) => Ok(actual.checked_div(target).unwrap()),
                    Err(reason) => Err(reason),
                };
                assert_eq!(
                    reached,
                    wanted,
                    "{} {}",
                    panel.subjects().label(row),
                    period.label
                );
            }
        }
    }
}

/// What a panel is written as, with its rows and their cells in the order of their names: rows stand in the order in which their
/// members became known, which is another one where deeds come one by one.
fn in_order(panel: &Panel) -> String {
    let mut rows: Vec<(String, usize)> = panel.subjects().labels().zip(0..).collect();
    rows.sort_unstable();
    let by_name = |cells: &mut serde_json::Value| {
        let cells = cells.as_array_mut().unwrap();
        let runs = cells.chunks(rows.len().max(1));
        let sorted = runs.flat_map(|run| rows.iter().map(|(_, row)| run[*row].clone()));
        *cells = sorted.collect();
    };
    let mut written = serde_json::to_value(panel).unwrap();
    by_name(&mut written["subjects"]["rows"]);
    for column in written["columns"].as_array_mut().unwrap() {
        let column = column.as_object_mut().unwrap();
        column.get_mut("reasons").map(by_name);
        for (_, figures) in column["figures"].as_object_mut().unwrap() {
            let figures = figures.as_object_mut().unwrap().values_mut();
            figures.filter(|own| own.is_array()).for_each(by_name);
        }
    }
    written.to_string()
}

impl<const HOW: u8> Planner for Held<HOW> {
    fn new(company: &Company) -> Self {
        Self {
            company: company.clone(),
            journal: new(),
            has_plan: false,
            at: None,
        }
    }

    /// Up to three people have more in a month by an entry of its own; then it is agreed.
    fn plan(&mut self, cents: i64) {
        let count = cents % 4;
        let more = (1..=usize::try_from(count).unwrap()).map(|at| {
            let place = Place::whole().at("person", PEOPLE[at % 3]).unwrap();
            let place = place.at("month", &format!("2026-{at:02}")).unwrap();
            raised(&format!("more {at}"), 0, 1_001, place)
        });
        let id = EntryId::new("plan", "agreed").unwrap();
        let version = u64::try_from(count).unwrap();
        let agreed = Entry::agree(id, date(1), "year", version).unwrap();
        let entries: Vec<Entry> = std::iter::once(cascaded(cents - count * 1_001))
            .chain(more)
            .chain([agreed.by("eva")])
            .collect();
        let before = time(0) - Days::new(1);
        self.journal.enter(before, date(0), &entries).unwrap();
        quotaflow::assert_consistent!(self.journal.plan("year").unwrap());
        self.has_plan = true;
    }

    fn enter(&mut self, known: NaiveDateTime, deeds: &[Deed]) {
        let own = deeds.iter().map(|deed| entry(&self.company, deed));
        let at = usize::try_from((known - time(0)).num_days() / 50).unwrap();
        let is_first = self.at.replace(at) != Some(at);
        let mut plans = planned(at);
        // Who is known of when it is cascaded has targets: that is nobody of the first hand-over, however it comes.
        if at == 0 && is_first && !self.has_plan {
            let before = time(0) - Days::new(1);
            self.journal.enter(before, date(0), &plans).unwrap();
        }
        plans.retain(|_| is_first && at > 0 && (!self.has_plan || HOW == CHANGED));
        let entries: Vec<Entry> = own.chain(plans).collect();
        let through = known.date().min(date(LAST));
        let amounts = |journal: &Journal| {
            let plan = journal.plan("year").unwrap();
            plan.units("sales", "person").unwrap().to_vec()
        };
        let changed = (HOW == CHANGED && at > 0 && is_first).then(|| amounts(&self.journal));
        let receipt = self.journal.enter(known, through, &entries).unwrap();
        assert_eq!(receipt.head, self.journal.head());
        if let Some(before) = changed {
            assert_ne!(amounts(&self.journal), before);
        }
        if HOW == SAVED {
            *self = self.reopened();
        }
    }

    fn reopened(&self) -> Self {
        let night = serde_json::to_string(&self.journal.snapshot()).unwrap();
        let read: Snapshot = serde_json::from_str(&night).unwrap();
        let journal = Journal::open(&model(), read).unwrap();
        assert!(journal.records_read() == 0 || self.journal.records_read() == 0);
        assert_eq!(serde_json::to_string(&journal.snapshot()).unwrap(), night);
        Self {
            journal,
            ..self.clone()
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
            Self::says_why(&panel, as_of);
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
            let short = in_order(&panel).bytes().fold(7_i64, |hash, byte| {
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
        let agreed = self.journal.agreed("year");
        assert_eq!(agreed.is_some(), self.has_plan);
        let told = agreed.into_iter().map(|(version, id)| {
            let entry = self.journal.find(id).unwrap();
            let plan = self.journal.plan("year").unwrap();
            let led = plan.changes().take(usize::try_from(version).unwrap());
            let led: Vec<_> = led.collect();
            let then = plan.as_of(version).unwrap();
            let amounts = ["person", "month"].map(|step| then.units("sales", step).unwrap());
            let author = entry.author();
            (
                id.to_string(),
                format!("{version} {author:?} {led:?} {amounts:?}"),
            )
        });
        told.collect()
    }
}

proptest! {
    #![proptest_config(crate::cases(48))]

    #[test]
    fn restart(company in companies(), cuts in prop::collection::vec(any::<bool>(), 6), turn in any::<usize>()) {
        laws::restart::<Held<PLAIN>>(&company, &cuts, turn)?;
    }

    #[test]
    fn known_at(company in companies(), as_of in 0..=LAST) {
        laws::known_at::<Held<PLAIN>>(&company, date(as_of))?;
    }

    #[test]
    fn nothing_leaks(company in companies()) {
        laws::nothing_leaks::<Held<PLAIN>>(&company)?;
    }

    #[test]
    fn mirror(company in companies(), cents in 100_000_i64..50_000_000, cut in any::<bool>()) {
        if cut {
            laws::mirror::<Held<SAVED>>(&company, cents)?;
        } else {
            laws::mirror::<Held<PLAIN>>(&company, cents)?;
        }
    }

    #[test]
    fn saved_is_loaded(company in companies(), cents in 100_000_i64..50_000_000) {
        laws::saved_is_loaded::<Held<PLAIN>>(&company, cents)?;
    }

    #[test]
    fn decisions_stay(company in companies(), cents in 100_000_i64..50_000_000) {
        laws::decisions_stay::<Held<CHANGED>>(&company, cents)?;
    }
}

proptest! {
    #![proptest_config(crate::cases(64))]

    /// In another order inside a hand-over, saved and loaded between, and with what was sent before sent again: the same head, the
    /// same that waits and the same bytes as of any day.
    #[test]
    fn what_is_sent_again_changes_nothing(
        company in companies(),
        as_of in 0..=LAST,
        cuts in prop::collection::vec(any::<bool>(), 6),
        seed in any::<u64>(),
    ) {
        let hand_overs = hand_overs(&company);
        let plain = whole(&hand_overs);
        let mut journal = new();
        for (at, hand_over) in hand_overs.iter().enumerate() {
            let mut entries = hand_over.entries.clone();
            let count = entries.len().max(1);
            entries.rotate_left(usize::try_from(seed).unwrap_or(7) % count);
            if seed % 3 == 0 {
                entries.reverse();
            }
            // With what is new or without.
            let sent = hand_overs[..at].iter().flat_map(|earlier| &earlier.entries);
            entries.extend(sent.step_by(2).cloned().map(|again| again.by("again")));
            entries.extend(hand_over.entries.first().cloned());
            let receipt = journal.enter(hand_over.known, hand_over.complete_through, &entries).unwrap();
            prop_assert_eq!(receipt.head, journal.head());
            if cuts.get(at) == Some(&true) {
                let night = serde_json::to_string(&journal.snapshot()).unwrap();
                let read: Snapshot = serde_json::from_str(&night).unwrap();
                journal = Journal::open(&model(), read).unwrap();
                prop_assert_eq!(serde_json::to_string(&journal.snapshot()).unwrap(), night);
            }
        }
        prop_assert_eq!(journal.head(), plain.head());
        prop_assert_eq!(journal.waiting(), plain.waiting());
        for structure in [None, Some(0), Some(as_of)] {
            prop_assert_eq!(answers(&journal, as_of, structure), answers(&plain, as_of, structure));
        }
    }
}
