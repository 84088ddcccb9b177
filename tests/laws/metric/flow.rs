//! Who is here is new, or was here before, or is back, or was with somebody else: at every level, whatever went before.

use crate::at::{PeriodAt, RowAt};
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodId, PeriodSet};
use quotaflow::ledger::{Ledger, Record, RecordKind, Schema};
use quotaflow::measure::Measures;
use quotaflow::metric::{Entities, First, Formula, Layout, MetricDef, Program, SeenBy, Selection};
use quotaflow::panel::{ColumnKey, Reason};
use quotaflow::quantity::Ratio;
use quotaflow::space::{Axis, DimensionDef, Space, Subjects, Unassigned};

const PEOPLE: [&str; 3] = ["ann", "bo", "cai"];
const CUSTOMERS: [&str; 4] = ["c1", "c2", "c3", "c4"];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn schema() -> Schema {
    let person = DimensionDef::flat("person", "person", PEOPLE).unwrap();
    let customer = DimensionDef::flat("customer", "customer", CUSTOMERS).unwrap();
    let order = RecordKind::new("order")
        .and_then(|kind| kind.of("person")?.of("customer"))
        .unwrap();
    let span = DayRange::new(day("2025-06-01"), day("2027-01-01")).unwrap();
    let space = Space::new(vec![person, customer]).unwrap();
    Schema::new(space, Measures::default(), vec![order], span).unwrap()
}

fn metrics(after: u16) -> Vec<MetricDef> {
    let orders = || Selection::of("order").unwrap();
    let of = || Entities::members("customer", orders()).unwrap();
    let (entity, scope) = (of().entity, SeenBy::Subject);
    let asked = [
        ("distinct", Formula::Distinct(of())),
        ("new", Formula::New(of())),
        ("taken_over", Formula::TakenOver(of())),
        (
            "retained",
            Formula::Retained {
                entity: entity.clone(),
                of: orders(),
                scope,
            },
        ),
        (
            "reactivated",
            Formula::Reactivated {
                entity: entity.clone(),
                of: orders(),
                after,
                scope,
            },
        ),
        (
            "previous",
            Formula::Previous {
                entity: entity.clone(),
                of: orders(),
                scope,
            },
        ),
        (
            "lost",
            Formula::Lost {
                entity: entity.clone(),
                of: orders(),
                seen_within: 1,
                absent_for: 1,
                scope,
                first: First::Zero,
            },
        ),
        (
            "dormant",
            Formula::Dormant {
                entity,
                of: orders(),
                periods: 2,
                scope,
            },
        ),
        ("orders", Formula::Count(orders())),
    ];
    let made = asked.map(|(key, formula)| MetricDef::new(key, formula).unwrap());
    made.to_vec()
}

/// The periods of a panel with as many before it as there were since the ledger began.
fn periods(grain: Grain, from: NaiveDate) -> (PeriodSet, PeriodSet) {
    let calendar = Calendar::gregorian();
    let panel = calendar.periods(grain, from, day("2026-07-01")).unwrap();
    let all = calendar
        .periods(grain, day("2025-01-01"), day("2026-07-01"))
        .unwrap();
    (panel, all)
}

type Seen = (usize, usize, NaiveDate);

fn ledger(seen: &[Seen]) -> Ledger {
    let mut ledger = Ledger::new("crm", schema()).unwrap();
    for (person, customer, on) in seen {
        let order = Record::new("order", *on)
            .of("person", PEOPLE[*person])
            .of("customer", CUSTOMERS[*customer]);
        ledger.enter(&[order]).unwrap();
    }
    ledger
}

fn subjects(schema: &Schema, is_whole: bool) -> Subjects {
    if is_whole {
        return Subjects::whole();
    }
    let axis = Axis::new("person", "person").unwrap();
    schema.space().subjects(&axis, Unassigned::Hidden).unwrap()
}

/// The slow and obvious way: the periods in which each customer was with each row.
fn expected(
    key: &str,
    seen: &[Seen],
    row: Option<usize>,
    all: &PeriodSet,
    at: usize,
    after: usize,
) -> usize {
    let own = |seen: &&Seen| row.is_none_or(|row| seen.0 == row);
    let mut found = 0;
    for customer in 0..CUSTOMERS.len() {
        let mut here: Vec<&Seen> = seen.iter().filter(|seen| seen.1 == customer).collect();
        // Ties go to the row that is declared first.
        here.sort_by_key(|seen| (seen.2, seen.0));
        let first = here.first().copied();
        let periods: BTreeSet<usize> = here
            .iter()
            .filter(|seen| own(seen))
            .filter_map(|seen| all.on(seen.2))
            .map(PeriodId::index)
            .collect();
        let was = |from: usize, to: usize| periods.range(from..to).next().is_some();
        let before = |count: usize| at.saturating_sub(count);
        let is_here = periods.contains(&at);
        let is_new = first
            .is_some_and(|first| own(&first) && all.on(first.2).map(PeriodId::index) == Some(at));
        found += usize::from(match key {
            "distinct" => is_here,
            "new" => is_new,
            "retained" => is_here && was(before(1), at),
            "previous" => was(before(1), at),
            "lost" => !is_here && was(before(1), at),
            "dormant" => !was(before(1), at + 1) && was(0, before(1)),
            "reactivated" => is_here && !was(before(after), at) && was(0, before(after)),
            "taken_over" => is_here && !is_new && !was(0, at),
            other => panic!("{other} has no reference"),
        });
    }
    found
}

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn distinct_is_new_and_retained_and_back_and_taken_over(
        seen in prop::collection::vec((0..PEOPLE.len(), 0..CUSTOMERS.len(), 0_u64..390), 0..24),
        grain in prop::sample::select(vec![Grain::Week, Grain::Month, Grain::Quarter]),
        from in prop::sample::select(vec!["2025-06-02", "2025-10-01", "2026-01-01", "2026-04-01"]),
        after in 1_u16..4,
    ) {
        let seen: Vec<Seen> = seen
            .into_iter()
            .map(|(person, customer, days)| (person, customer, day("2025-06-01") + Days::new(days)))
            .collect();
        let ledger = ledger(&seen);
        // A panel begins with a whole period.
        let start = Calendar::gregorian().containing(grain, day(from)).unwrap().start;
        let (panel_periods, all) = periods(grain, start);
        for is_whole in [true, false] {
            let subjects = subjects(ledger.schema(), is_whole);
            let layout = Layout::new(ledger.schema().clone(), subjects, panel_periods.clone());
            let program = Program::compile(&metrics(after), &layout).unwrap();
            let panel = program.panel(&program.fold(&ledger).unwrap()).unwrap();
            for subject in 0..panel.subjects().len() {
                for period in 0..panel_periods.len() {
                    let mut figures = BTreeMap::new();
                    for metric in metrics(after).iter().filter(|metric| metric.key != *"orders") {
                        let key = metric.key.as_str();
                        let answer = panel.answer(&ColumnKey::actual(key).unwrap(), panel.row_at(subject), panel.period_at(period)).unwrap();
                        let at = all.on(panel_periods.range(panel_periods.period_at(period)).unwrap().start()).unwrap().index();
                        let row = (!is_whole).then_some(subject);
                        let wanted = expected(key, &seen, row, &all, at, usize::from(after));
                        let wanted = Ratio::from(i64::try_from(wanted).unwrap());
                        prop_assert_eq!(answer.ratio(), Ok(wanted), "{} of {} in {} of {}", key, subject, period, grain);
                        let told = program.explain(&ledger, key, panel.row_at(subject), panel.period_at(period)).unwrap();
                        prop_assert_eq!(told.value, answer.ratio(), "{}", key);
                        figures.insert(key.to_owned(), wanted);
                    }
                    if after == 1 {
                        let parts = ["new", "retained", "reactivated", "taken_over"];
                        let sum = parts.iter().try_fold(Ratio::ZERO, |sum, key| sum.checked_add(figures[*key]));
                        prop_assert_eq!(sum.unwrap(), figures["distinct"]);
                    }
                }
            }
        }
    }

    #[test]
    fn figures_of_absence_answer_only_when_their_period_is_over(
        seen in prop::collection::vec((0..PEOPLE.len(), 0..CUSTOMERS.len(), 0_u64..390), 0..24),
        as_of in 200_u64..400,
    ) {
        let seen: Vec<Seen> = seen
            .into_iter()
            .map(|(person, customer, days)| (person, customer, day("2025-06-01") + Days::new(days)))
            .collect();
        let as_of = day("2025-06-01") + Days::new(as_of);
        let ledger = ledger(&seen);
        let (months, _) = periods(Grain::Month, day("2026-01-01"));
        let layout = Layout::new(ledger.schema().clone(), subjects(ledger.schema(), false), months.clone());
        let whole = Program::compile(&metrics(1), &layout).unwrap();
        let final_panel = whole.panel(&whole.fold(&ledger).unwrap()).unwrap();
        let program = Program::compile(&metrics(1), &layout.as_of_day(as_of)).unwrap();
        let panel = program.panel(&program.fold(&ledger).unwrap()).unwrap();
        for (period, range) in months.iter().enumerate() {
            let is_over = range.end.pred_opt().unwrap() <= as_of;
            for subject in 0..panel.subjects().len() {
                for key in ["lost", "retained", "dormant", "distinct", "new", "orders"] {
                    let column = ColumnKey::actual(key).unwrap();
                    let answer = panel.answer(&column, panel.row_at(subject), panel.period_at(period)).unwrap();
                    let settled = final_panel.answer(&column, final_panel.row_at(subject), final_panel.period_at(period)).unwrap();
                    let asks_for_absence = matches!(key, "lost" | "retained" | "dormant");
                    if range.start > as_of || (asks_for_absence && !is_over) {
                        prop_assert_eq!(answer.reason(), Some(Reason::NotYetDue), "{} in {} as of {}", key, range.label, as_of);
                    } else if is_over {
                        // Once over, it never changes.
                        prop_assert_eq!(answer.ratio(), settled.ratio(), "{} in {} as of {}", key, range.label, as_of);
                    } else {
                        prop_assert!(answer.ratio().is_ok());
                    }
                    let told = program.explain(&ledger, key, panel.row_at(subject), panel.period_at(period)).unwrap();
                    prop_assert_eq!(told.runs, range.start <= as_of && !is_over);
                }
            }
        }
    }
}
